//! Lexport's tables beside others on the same rules and requests: `make bench`.
//!
//! For `us-2025-01` and for 50, 500 and 5,000 generated rules over ten attributes: nanoseconds a decision, in random order, one behind the other, on its
//! own and with cold caches; a row in a batch by column, beside the time of merely reading the columns. Every answer that is timed is compared
//! with Lexport's first, and Lexport's with the rules themselves; a disagreement ends the run.
//!
//! `lexport-outside [--only WORD] [--page FILE]`: with `--only`, nothing but Lexport and the engines whose names have the word, and no page.

mod emitted;
mod explain;
mod machine;
mod others;
mod page;
mod plot;
mod regime;
mod rules;
mod tables;
mod timing;
mod words;

mod by_hand {
    //! What `build.rs` wrote.
    use crate::rules::Shipment;
    include!(concat!(env!("OUT_DIR"), "/by_hand.rs"));
}

use std::collections::HashMap;
use std::hint::black_box;
use std::path::PathBuf;
use std::time::Instant;

use emitted::emitted;
use lexport::emit::{self, Dialect};
use lexport::source::MemoryLoader;
use lexport_runtime::Answer;
use others::{Cedar, DuckDb, Engine, Query, Regorus, Zen, ask, case};
use page::{Line, Section};
use rules::{COUNTRIES, MODES, Regime, Shipment, USES, VALUES};
use serde_json::{Value, json};
use tables::{Tabled, columns, reading};
use timing::{Times, affordable, batch, time};

/// Requests that are asked one by one.
const REQUESTS: usize = 1 << 16;
/// Rows of a batch: more than the second level of caches holds.
const BATCH: usize = 1 << 18;
/// Rows of a batch of an expression that is gone through branch by branch, if there are many branches.
const FEW: usize = 1 << 14;

/// What of the others is measured.
struct Wanted {
    only: Option<String>,
}

impl Wanted {
    fn has(&self, name: &str) -> bool {
        self.only.as_ref().is_none_or(|word| name.to_lowercase().contains(&word.to_lowercase()))
    }
}

fn main() {
    let mut wanted = Wanted { only: None };
    let mut page = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/performance.md"));
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let value = arguments.next();
        match (argument.as_str(), value) {
            ("--only", Some(word)) => wanted.only = Some(word),
            ("--page", Some(file)) => page = file.into(),
            _ => panic!("lexport-outside [--only WORD] [--page FILE]"),
        }
    }
    let duckdb = wanted.has("duckdb").then(DuckDb::find);
    let mut text = machine::described(duckdb.as_ref().map_or("not asked", |duckdb| &duckdb.version)) + "\n\n";
    println!("{text}");
    let mut tell = |section: &Section| {
        let section = section.markdown();
        println!("{section}");
        text += &(section + "\n");
    };
    if let Some(duckdb) = duckdb.as_ref().filter(|_| wanted.has("us-2025-01") || wanted.only.is_none()) {
        tell(&regime::measure(duckdb));
    }
    let sections = [
        (50, by_hand::chain_50 as fn(&Shipment) -> u8, by_hand::match_50 as fn(&Shipment) -> u8),
        (500, by_hand::chain_500, by_hand::match_500),
        (5_000, by_hand::chain_5000, by_hand::match_5000),
    ]
    .map(|(count, chain, by_item)| {
        let section = measure(count, chain, by_item, &wanted, duckdb.as_ref());
        tell(&section);
        (count, section)
    });
    if wanted.only.is_none() {
        let sections: Vec<(usize, &[Line])> = sections.iter().map(|(count, section)| (*count, &section.lines[..])).collect();
        page::whole(&page.with_extension("svg"), &plot::svg(&sections));
        page::put(&page, &text);
    }
}

/// The ten attributes in the order of the table's inputs.
fn row(s: &Shipment) -> [i64; 10] {
    let [performance, bandwidth, worth] = s.amounts;
    let members =
        [i64::from(s.item), i64::from(s.destination), i64::from(s.headquarters), i64::from(s.mode), i64::from(s.purpose)];
    let [item, destination, headquarters, mode, purpose] = members;
    [item, destination, headquarters, mode, purpose, i64::from(s.datacenter), performance, bandwidth, worth, s.date]
}

fn measure(
    count: usize,
    chain: fn(&Shipment) -> u8,
    by_item: fn(&Shipment) -> u8,
    wanted: &Wanted,
    duckdb: Option<&DuckDb>,
) -> Section {
    let regime = Regime::generate(count, 1);
    let shipments = regime.shipments(BATCH, 5);
    let (requests, _) = shipments.split_at(REQUESTS);
    let loader = MemoryLoader { files: [("generated.lxp".to_owned(), words::lexport(&regime))].into() };
    let tabled = Tabled::of(&loader, "generated.lxp");
    let fused = tabled.fused.as_fused();
    let values: Vec<u8> = tabled
        .table
        .outcomes
        .iter()
        .map(|outcome| match outcome.answer {
            Answer::Member(member) => member as u8,
            other => panic!("no requirement: {other:?}"),
        })
        .collect();
    let rows: Vec<[i64; 10]> = shipments.iter().map(row).collect();
    let expected: Vec<u8> = requests.iter().map(|shipment| regime.decide(shipment)).collect();
    for ((shipment, row), expected) in requests.iter().zip(&rows).zip(&expected) {
        assert_eq!(values[fused.decide(0, row).expect("a row that fits") as usize], *expected, "Lexport: {shipment:?}");
        assert_eq!(chain(shipment), *expected, "the chain: {shipment:?}");
    }
    let all: Vec<u8> = shipments.iter().map(by_item).collect();
    assert_eq!(all[..REQUESTS], expected, "the match");

    let mut lines = Vec::new();
    let columns = columns(&rows);
    let single = tabled.single(&rows, REQUESTS, |fused, row| fused.decide(0, row).unwrap_or(0) as u8);
    let (outcomes, times) = tabled.batch(&[0], &columns);
    assert!(outcomes[0].iter().map(|outcome| values[*outcome as usize]).eq(all.iter().copied()), "Lexport's batch");
    let read = reading(&columns.iter().map(Vec::as_slice).collect::<Vec<_>>());
    let explained = explain::explained(&fused, 0, &single, times.median, read.median);
    let mut line = Line::new("Lexport's run-time").single(single).batch(times);
    (line.bytes, line.built) = (Some(tabled.fused.bytes()), Some(tabled.built));
    lines.push(line);
    lines.push(
        Line::new("the same, from names by std's hash map")
            .single(from_names(&tabled, &regime, requests, &rows, &expected, &values)),
    );
    lines.extend(emitted(&tabled.table, &rows, &outcomes[0], REQUESTS));
    lines.push(Line::new("reading the ten columns").batch(read));
    for (who, call) in [("conditions in order, by hand", chain), ("`match` on the item, by hand", by_item)] {
        if wanted.has(who) {
            let single = time(REQUESTS, |at| call(&shipments[at]));
            let batch = batch(BATCH, || {
                black_box(shipments.iter().map(|shipment| u32::from(call(shipment))).sum::<u32>());
            });
            lines.push(Line::new(who).single(single).batch(batch));
        }
    }
    other::<Zen>(&regime, requests, &expected, wanted, &mut lines);
    other::<Regorus>(&regime, requests, &expected, wanted, &mut lines);
    other::<Cedar>(&regime, requests, &expected, wanted, &mut lines);
    if let Some(duckdb) = duckdb.filter(|_| wanted.has("duckdb")) {
        in_duckdb(&regime, &tabled, duckdb, &shipments, &all, &mut lines);
    }
    let met: Vec<usize> = (0..VALUES.len()).map(|value| all.iter().filter(|one| usize::from(**one) == value).count()).collect();
    Section {
        name: format!("{count} rules over 10 attributes"),
        note: format!(
            "{} items, {} groups of countries; {} words of nodes, {} bytes in the binary form. {BATCH} rows, of which {} come to none, {} to a \
             notice, {} to a licence; the first {REQUESTS} are the single requests. Lexport's run-time and what is by hand get rows of \
             numbers, the others what they make of a request beforehand; the time a table is made in is without its proof.",
            regime.items.len(),
            regime.groups.len(),
            tabled.table.nodes.len(),
            tabled.file,
            met[0],
            met[1],
            met[2]
        ),
        lines,
        explained,
    }
}

/// Requests whose five names are texts, as the other engines get them.
fn from_names(
    tabled: &Tabled,
    regime: &Regime,
    requests: &[Shipment],
    rows: &[[i64; 10]],
    expected: &[u8],
    values: &[u8],
) -> Times {
    let numbered =
        |names: &mut dyn Iterator<Item = &str>| names.zip(0..).map(|(name, number)| (name.to_owned(), number)).collect();
    let countries: HashMap<String, i64> = numbered(&mut COUNTRIES.iter().copied());
    let maps: [HashMap<String, i64>; 5] = [
        numbered(&mut regime.items.iter().map(String::as_str)),
        countries.clone(),
        countries,
        numbered(&mut MODES.iter().copied()),
        numbered(&mut USES.iter().copied()),
    ];
    let named = |s: &Shipment| {
        let [destination, headquarters] = [s.destination, s.headquarters].map(|at| COUNTRIES[usize::from(at)]);
        let (mode, purpose) = (MODES[usize::from(s.mode)], USES[usize::from(s.purpose)]);
        [regime.items[usize::from(s.item)].as_str(), destination, headquarters, mode, purpose].map(str::to_owned)
    };
    let named: Vec<[String; 5]> = requests.iter().map(named).collect();
    let fused = tabled.fused.as_fused();
    let decide = |at: usize| {
        let mut row = rows[at];
        for ((word, name), map) in row.iter_mut().zip(&named[at]).zip(&maps) {
            *word = map.get(name).copied().unwrap_or(-1);
        }
        fused.decide(0, &row).map_or(u8::MAX, |outcome| values[outcome as usize])
    };
    assert!(expected.iter().enumerate().all(|(at, expected)| decide(at) == *expected), "Lexport, from names");
    time(REQUESTS, decide)
}

/// Another engine: its answers to all requests that are timed are compared first.
fn other<E: Engine>(regime: &Regime, requests: &[Shipment], expected: &[u8], wanted: &Wanted, lines: &mut Vec<Line>) {
    if !wanted.has(E::NAME) && !wanted.has(E::PACKAGE) {
        return;
    }
    let start = Instant::now();
    let mut engine = match E::read(regime) {
        Ok(engine) => engine,
        Err(why) => {
            lines.push(Line::new(format!("{} refuses the rules: {why}", E::NAME)));
            return;
        }
    };
    let built = 1e3 * start.elapsed().as_secs_f64();
    engine.hold(regime, requests);
    let count = affordable(requests.len(), |at| engine.decide(at));
    for (at, expected) in expected.iter().enumerate().take(count) {
        assert_eq!(engine.decide(at), *expected, "{}: {:?}", E::NAME, requests[at]);
    }
    let mut line = Line::new(E::NAME).single(time(count, |at| engine.decide(at)));
    line.built = Some(built);
    lines.push(line);
}

fn in_duckdb(regime: &Regime, tabled: &Tabled, duckdb: &DuckDb, shipments: &[Shipment], expected: &[u8], lines: &mut Vec<Line>) {
    let object = |(s, expected): (&Shipment, &u8)| -> Value {
        json!({
            "item": regime.items[usize::from(s.item)],
            "destination": COUNTRIES[usize::from(s.destination)],
            "headquarters": COUNTRIES[usize::from(s.headquarters)],
            "mode": MODES[usize::from(s.mode)],
            "use_of_it": USES[usize::from(s.purpose)],
            "datacenter": s.datacenter,
            "performance": s.amounts[0],
            "bandwidth": s.amounts[1],
            "worth": s.amounts[2],
            "date": words::day_text(s.date),
            "expected": expected,
        })
    };
    let cases: Vec<Value> = shipments.iter().zip(expected).map(object).collect();
    let script = emit::sql_for(&tabled.table, Dialect::DuckDb).expect("a script");
    let value = format!("list_position(['{}'], requirement) - 1", VALUES.join("', '"));
    let case = case(regime);
    let columns: Vec<String> = tabled.table.inputs.iter().map(|input| format!("max({})", input.name)).collect();
    let queries = [
        Query {
            name: "DuckDB, the emitted SQL, from Parquet",
            disagreements: Some(format!(
                "SELECT count(*) FROM generated.decide('{{rows}}') WHERE ({value}) IS DISTINCT FROM expected"
            )),
            query: "SELECT sum(\"requirement.outcome\") FROM generated.decide('{rows}')".into(),
            rows: BATCH,
        },
        Query {
            name: "DuckDB, `CASE`, from Parquet",
            disagreements: Some(format!("SELECT count(*) FROM {{rows}} WHERE ({case}) IS DISTINCT FROM expected")),
            query: format!("SELECT sum({case}) FROM {{rows}}"),
            rows: if regime.rules.len() > 1000 { FEW } else { BATCH },
        },
        Query {
            name: "DuckDB, the greatest value of each column, from Parquet",
            disagreements: None,
            query: format!("SELECT {} FROM {{rows}}", columns.join(", ")),
            rows: BATCH,
        },
    ];
    let told = ask(duckdb, "generated", &script.bytes, &cases, &[("expected", "INTEGER")], &queries);
    for (query, times) in queries.iter().zip(told.times) {
        let mut line = match times {
            Ok(times) => Line::new(query.name).batch(times),
            Err(why) => Line::new(format!("{}: {why}", query.name)),
        };
        line.rows = Some(query.rows).filter(|rows| *rows < BATCH);
        if query.name.contains("emitted") {
            (line.built, line.bytes) = (Some(told.loaded), Some(script.bytes.len()));
        }
        lines.push(line);
    }
}
