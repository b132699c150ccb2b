//! A real regime: `policies/us-2025-01`. There is no chain by hand of it, and it is not translated for engines that know neither its dates,
//! its readings nor its arithmetic; what is compared is the table, in Lexport's run-time and in DuckDB, and reading the columns.

use lexport::emit::{self, Dialect};
use lexport::ir::{Domain, Value, date_text};
use lexport::source::DiskLoader;
use lexport_runtime::fused::Fused;
use serde_json::json;

use crate::emitted::emitted;
use crate::explain;
use crate::others::{DuckDb, Query, ask};
use crate::page::{Line, Section};
use crate::rules::Numbers;
use crate::tables::{Tabled, columns, reading};

const REQUESTS: usize = 1 << 16;

/// Its lines.
pub fn measure(duckdb: &DuckDb) -> Section {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/us-2025-01");
    let tabled = Tabled::of(&DiskLoader, path);
    let table = &tabled.table;
    let decisions: Vec<u32> = (0..table.decisions.len() as u32).collect();
    let main = table.decisions.iter().position(|one| one.name == "requirement").expect("a decision") as u32;
    let cases = cases(&tabled);
    let rows: Vec<Vec<i64>> = cases.iter().map(|case| tabled.row(case)).collect();
    let fused = tabled.fused.as_fused();
    let expected: Vec<Vec<u32>> =
        decisions.iter().map(|one| cases.iter().map(|case| tabled.walk(*one, case)).collect()).collect();
    for (decision, expected) in decisions.iter().zip(&expected) {
        for (row, expected) in rows.iter().zip(expected) {
            assert_eq!(fused.decide(*decision, row), Ok(*expected));
        }
    }
    let met: std::collections::BTreeSet<u32> = expected[main as usize].iter().copied().collect();
    let columns = columns(&rows);
    let mut lines = Vec::new();
    let name = |what: &str| format!("Lexport's run-time, {what}");
    let one = tabled.single(&rows, REQUESTS, |fused, row| fused.decide(main, row).unwrap_or(0) as u8);
    let (outcomes, batch) = tabled.batch(&[main], &columns);
    assert_eq!(outcomes[0], expected[main as usize]);
    let read = tabled.words_of(main);
    let only: Vec<&[i64]> = read.iter().map(|at| &columns[*at][..]).collect();
    let read = reading(&only);
    let explained = explain::explained(&fused, main, &one, batch.median, read.median);
    let mut line = Line::new(name("`requirement`")).single(one).batch(batch);
    (line.bytes, line.built) = (Some(tabled.fused.bytes()), Some(tabled.built));
    lines.push(line);
    lines.extend(emitted(table, &rows, &outcomes[0], REQUESTS));
    lines.push(Line::new(format!("reading its {} columns", only.len())).batch(read));
    let whole =
        |fused: &Fused<'_>, row: &Vec<i64>| decisions.iter().map(|one| fused.decide(*one, row).unwrap_or(0)).sum::<u32>() as u8;
    let all = tabled.single(&rows, REQUESTS, whole);
    let (outcomes, batch) = tabled.batch(&decisions, &columns);
    assert_eq!(outcomes, expected);
    lines.push(Line::new(name(&format!("all {} decisions", decisions.len()))).single(all).batch(batch));
    let read: std::collections::BTreeSet<usize> = decisions.iter().flat_map(|one| tabled.words_of(*one)).collect();
    let only: Vec<&[i64]> = read.iter().map(|at| &columns[*at][..]).collect();
    lines.push(Line::new(format!("reading their {} columns", only.len())).batch(reading(&only)));
    lines.push(in_duckdb(&tabled, duckdb, &cases, &expected));
    Section {
        name: "us-2025-01".into(),
        note: format!(
            "{} rules, {} inputs, {} decisions; the table has {} words of nodes, {} bytes in its binary form. {} requests: check vectors, \
             mixed, which meet {} outcomes of `requirement`. There is no chain by hand of it, and it is not translated for the other engines.",
            table.rules.len(),
            table.inputs.len(),
            decisions.len(),
            table.nodes.len(),
            tabled.file,
            REQUESTS,
            met.len()
        ),
        lines,
        explained,
    }
}

/// Check vectors, which stand on both sides of every threshold, each with some inputs from others.
fn cases(tabled: &Tabled) -> Vec<Vec<Value>> {
    let vectors = &tabled.table.vectors;
    let mut numbers = Numbers::new(11);
    (0..REQUESTS)
        .map(|_| {
            let mut case = vectors[numbers.below(vectors.len() as u64) as usize].values.clone();
            for _ in 0..numbers.below(4) {
                let (other, at) = (numbers.below(vectors.len() as u64) as usize, numbers.below(case.len() as u64) as usize);
                case[at] = vectors[other].values[at].clone();
            }
            case
        })
        .collect()
}

fn in_duckdb(tabled: &Tabled, duckdb: &DuckDb, cases: &[Vec<Value>], expected: &[Vec<u32>]) -> Line {
    let table = &tabled.table;
    let text = |domain: &Domain, value: &Value| match (domain, value) {
        (_, Value::Bool(flag)) => json!(flag),
        (Domain::Enum(of), Value::Member(member)) => json!(table.enums[of.index()].members[*member as usize].name),
        (Domain::Set(of), Value::Set(set)) => {
            set.iter().map(|member| json!(table.enums[of.index()].members[member as usize].name)).collect()
        }
        (Domain::Number(number), Value::Int(steps)) => json!(number.text(*steps)),
        (_, Value::Int(day)) => json!(date_text(*day)),
        other => panic!("no value of its domain: {other:?}"),
    };
    let objects: Vec<serde_json::Value> = cases
        .iter()
        .enumerate()
        .map(|(row, case)| {
            let inputs = table.inputs.iter().zip(case).map(|(input, value)| (input.name.clone(), text(&input.domain, value)));
            let outcomes = expected.iter().enumerate().map(|(at, outcomes)| (format!("expected {at}"), json!(outcomes[row])));
            inputs.chain(outcomes).collect::<serde_json::Map<_, _>>().into()
        })
        .collect();
    let script = emit::sql_for(table, Dialect::DuckDb).expect("a script");
    let schema = table.regime.clone();
    let names: Vec<String> = (0..expected.len()).map(|at| format!("expected {at}")).collect();
    let more: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "INTEGER")).collect();
    let outcome = |at: usize| format!("\"{}.outcome\"", table.decisions[at].name);
    let wrong: Vec<String> =
        (0..expected.len()).map(|at| format!("{} IS DISTINCT FROM \"expected {at}\"", outcome(at))).collect();
    let sums: Vec<String> = (0..expected.len()).map(|at| format!("sum({})", outcome(at))).collect();
    let query = Query {
        name: "DuckDB, the emitted SQL, all decisions",
        disagreements: Some(format!("SELECT count(*) FROM {schema}.decide('{{rows}}') WHERE {}", wrong.join(" OR "))),
        query: format!("SELECT {} FROM {schema}.decide('{{rows}}')", sums.join(", ")),
        rows: REQUESTS,
    };
    let told = ask(duckdb, &schema, &script.bytes, &objects, &more, &[query]);
    let mut line = Line::new("DuckDB, the emitted SQL, all decisions").batch(told.times[0].clone().expect("DuckDB's time"));
    line.built = Some(told.loaded);
    line.bytes = Some(script.bytes.len());
    line
}
