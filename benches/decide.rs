//! One decision and a batch of them: the table of `us-2023-11` beside the same rules written by hand.
//!
//! The hand-written chain is what an integrator would write from the legal text: integers, bit sets for the country groups (as of
//! one day, which favours it), conditions in the order of the text. Both must give the same answers on every case that is measured,
//! or the benchmark refuses to run.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use lexport::diagram::{Costs, Options, OwnedFused, OwnedTable, Specialise, build_table, fuse};
use lexport::driver::Compilation;
use lexport::ir::{Domain, Program};
use lexport::source::DiskLoader;
use lexport_runtime::{Answer, Value};

/// 2024-06-03: the corrections of April 2024 are in force.
const DAY: i64 = 19_877;
const ROWS: usize = 1 << 16;

/// A shipment as a program of an integrator would hold it.
#[derive(Clone, Copy, Debug, Default)]
struct Shipment {
    date: i64,
    mode: u8,
    destination: u8,
    tpp: i64,
    die_area: i64,
    datacenter: bool,
    parties: [[u8; 2]; 2],
}

#[derive(Clone, Copy, Debug, Default)]
struct Set([u64; 4]);

impl Set {
    fn has(self, member: u8) -> bool {
        self.0[usize::from(member >> 6)] >> (member & 63) & 1 == 1
    }
}

/// The rules by hand.
struct Chain {
    d5m: Set,
    g145: Set,
    united_states: Set,
    part_746: Set,
    area_per_unit: i64,
}

const EXPORT: u8 = 0;
const REEXPORT: u8 = 1;
const TRANSFER: u8 = 2;

impl Chain {
    /// 0 none, 1 3A090.b, 2 3A090.a.
    fn classification(&self, s: &Shipment) -> u8 {
        if s.date < 19_678 {
            return 0;
        }
        if !s.datacenter && s.tpp < 4800 {
            return 0;
        }
        // Densities in hundredths: tpp / (area / unit) >= d is 100 · tpp · unit >= 100 · d · area.
        let scaled = 100 * s.tpp * self.area_per_unit;
        if s.tpp >= 4800 || s.tpp >= 1600 && s.die_area > 0 && scaled >= 592 * s.die_area {
            return 2;
        }
        if s.die_area > 0
            && scaled < 592 * s.die_area
            && (s.tpp >= 2400 && scaled >= 160 * s.die_area || s.tpp >= 1600 && scaled >= 320 * s.die_area)
        {
            return 1;
        }
        0
    }

    /// 0 none, 1 exception, 2 notice, 3 license.
    fn requirement(&self, s: &Shipment) -> u8 {
        let class = self.classification(s);
        if class == 0 || s.mode > TRANSFER {
            return 0;
        }
        let hq = s.parties.iter().any(|party| self.d5m.has(party[0]) || self.d5m.has(party[1]));
        let by_place = self.g145.has(s.destination);
        let by_hq = !by_place && !self.united_states.has(s.destination) && hq;
        if !by_place && !by_hq {
            return 0;
        }
        let eligible = !(s.datacenter && class == 2);
        if !eligible || self.part_746.has(s.destination) {
            return 3;
        }
        let d5m = self.d5m.has(s.destination);
        if matches!(s.mode, EXPORT | REEXPORT) && (by_place && d5m || hq) {
            return 2;
        }
        let until_april = s.date <= 19_816;
        if until_april && (matches!(s.mode, EXPORT | REEXPORT) && by_place && !d5m && !hq || s.mode == TRANSFER && by_place) {
            return 1;
        }
        if by_place && !until_april && (if d5m { s.mode == TRANSFER } else { !hq }) {
            return 1;
        }
        3
    }
}

struct Bench {
    table: OwnedTable,
    chain: Chain,
    shipments: Vec<Shipment>,
    rows: Vec<Vec<Value<'static>>>,
    requirement: u32,
}

fn groups(program: &Program, names: &[&str]) -> Set {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/std/country-groups.csv")).expect("the groups");
    let day = |cell: &str| lexport::ir::date_day(cell);
    let mut set = Set::default();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.splitn(5, ',').collect();
        let current = day(cells[2]).is_none_or(|from| from <= DAY) && day(cells[3]).is_none_or(|until| until >= DAY);
        if names.contains(&cells[0]) && current {
            add(program, &mut set, cells[1]);
        }
    }
    set
}

fn add(program: &Program, set: &mut Set, country: &str) {
    let countries = program.enums.iter().find(|one| one.name == "Country").expect("countries");
    let member = countries.member(country).expect("a country") as usize;
    set.0[member / 64] |= 1 << (member % 64);
}

fn listed(program: &Program, names: &[&str]) -> Set {
    let mut set = Set::default();
    names.iter().for_each(|name| add(program, &mut set, name));
    set
}

fn prepare() -> Bench {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/policies/us-2023-11");
    let program = Compilation::load(&DiskLoader, path).program.expect("the regime compiles");
    let table = build_table(&program, &Specialise::default(), &Options::default()).expect("a table");
    let join = |a: Set, b: Set| Set(std::array::from_fn(|at| a.0[at] | b.0[at]));
    let minus = |a: Set, b: Set| Set(std::array::from_fn(|at| a.0[at] & !b.0[at]));
    let macau = listed(&program, &["MO"]);
    let input = |name: &str| program.find_input(name).expect("an input");
    let per_unit = per_unit(&program.input(input("chip.die_area")).domain);
    let chain = Chain {
        d5m: join(groups(&program, &["D:5"]), macau),
        g145: join(minus(groups(&program, &["D:1", "D:4", "D:5"]), groups(&program, &["A:5", "A:6"])), macau),
        united_states: listed(&program, &["US", "AS", "GU", "MP", "PR", "UM", "VI"]),
        part_746: listed(&program, &["CU", "IR", "KP", "SY", "RU", "BY"]),
        area_per_unit: per_unit,
    };
    let countries = program.enums.iter().find(|one| one.name == "Country").expect("countries").size() as u64;
    let mut state = 0x1234_5678_9abc_def0u64;
    let mut roll = move |sides: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % sides
    };
    let favourite = ["CN", "DE", "VN", "US", "MY", "AE"].map(|name| {
        program.enums.iter().find(|one| one.name == "Country").and_then(|one| one.member(name)).expect("a country") as u8
    });
    let mut country = move || if roll(2) == 0 { favourite[roll(6) as usize] } else { roll(countries) as u8 };
    let mut state = 0x0fed_cba9_8765_4321u64;
    let mut roll = move |sides: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % sides
    };
    let mut shipments = Vec::with_capacity(ROWS);
    for _ in 0..ROWS {
        shipments.push(Shipment {
            date: DAY,
            mode: roll(3) as u8,
            destination: country(),
            tpp: roll(8000) as i64,
            die_area: roll(900 * per_unit as u64) as i64,
            datacenter: roll(2) == 0,
            parties: [[country(), country()], [country(), country()]],
        });
    }
    let rows: Vec<Vec<Value<'static>>> = shipments.iter().map(|shipment| values(&table, shipment)).collect();
    let requirement = table.decisions.iter().position(|one| one.name == "requirement").expect("a decision") as u32;
    let bench = Bench { table, chain, shipments, rows, requirement };
    let runtime = bench.table.as_table();
    runtime.check().expect("a table that can be trusted");
    for (shipment, row) in bench.shipments.iter().zip(&bench.rows) {
        let outcome = runtime.look_up(requirement, row).expect("a row that fits").expect("all is known");
        let answer = runtime.outcomes[outcome as usize].answer;
        assert_eq!(answer, Answer::Member(u32::from(bench.chain.requirement(shipment))), "{shipment:?}");
    }
    bench
}

/// How many steps are one unit.
fn per_unit(domain: &Domain) -> i64 {
    match domain {
        Domain::Number(number) => 10i64.pow(number.step.scale) / number.step.mantissa,
        _ => 1,
    }
}

fn values(table: &OwnedTable, s: &Shipment) -> Vec<Value<'static>> {
    table
        .inputs
        .iter()
        .map(|input| match input.name.as_str() {
            "date" => Value::Int(s.date),
            "mode" => Value::Member(u32::from(s.mode)),
            "destination" => Value::Member(u32::from(s.destination)),
            "chip.tpp" => Value::Int(s.tpp * per_unit(&input.domain)),
            "chip.die_area" => Value::Int(s.die_area),
            "chip.datacenter" => Value::Bool(s.datacenter),
            "consignee.hq" => Value::Member(u32::from(s.parties[0][0])),
            "consignee.parent_hq" => Value::Member(u32::from(s.parties[0][1])),
            "end_user.hq" => Value::Member(u32::from(s.parties[1][0])),
            "end_user.parent_hq" => Value::Member(u32::from(s.parties[1][1])),
            _ => match &input.domain {
                Domain::Bool => Value::Bool(false),
                Domain::Enum(_) => Value::Member(0),
                Domain::Set(_) => Value::Set(&[]),
                Domain::Number(number) => Value::Int(number.lo),
                Domain::Date { lo, .. } => Value::Int(*lo),
            },
        })
        .collect()
}

fn decide(criterion: &mut Criterion) {
    let bench = prepare();
    let table = bench.table.as_table();
    let levels = fuse(&bench.table, &Costs::default()).expect("it can be fused");
    let fused = OwnedFused::pack(&bench.table, &levels).expect("it can be packed");
    // One behind the other, as a batch has them.
    let words: Vec<i64> = bench.rows.iter().flat_map(|row| fused.row(row).expect("known")).collect();
    let wide = words.len() / ROWS;
    for (row, words) in bench.rows.iter().zip(words.chunks(wide)) {
        for decision in 0..bench.table.decisions.len() as u32 {
            assert_eq!(
                table.look_up(decision, row).expect("fits").expect("known"),
                fused.as_fused().decide(decision, words).expect("fits")
            );
        }
    }
    let mut next = 0;
    let mut turn = move || {
        next = (next + 1) % ROWS;
        next
    };
    let mut single = criterion.benchmark_group("one requirement");
    single.throughput(Throughput::Elements(1));
    single.bench_function("if-chain", |b| {
        b.iter_batched(&mut turn, |at| bench.chain.requirement(black_box(&bench.shipments[at])), BatchSize::SmallInput);
    });
    single.bench_function("table", |b| {
        b.iter_batched(&mut turn, |at| table.look_up(bench.requirement, black_box(&bench.rows[at])), BatchSize::SmallInput);
    });
    let fused = fused.as_fused();
    single.bench_function("fused", |b| {
        let row = |at: usize| &words[at * wide..(at + 1) * wide];
        b.iter_batched(&mut turn, |at| fused.decide(bench.requirement, black_box(row(at))), BatchSize::SmallInput);
    });
    single.finish();
    let mut batch = criterion.benchmark_group("a batch of requirements");
    batch.throughput(Throughput::Elements(ROWS as u64));
    batch.bench_function("reading the rows", |b| {
        b.iter(|| {
            let mut sum = 0i64;
            for row in black_box(&bench.rows) {
                for value in row {
                    sum = sum.wrapping_add(match value {
                        Value::Int(int) => *int,
                        Value::Member(member) => i64::from(*member),
                        Value::Bool(flag) => i64::from(*flag),
                        _ => 0,
                    });
                }
            }
            sum
        });
    });
    batch.bench_function("if-chain", |b| {
        b.iter(|| black_box(&bench.shipments).iter().map(|shipment| u32::from(bench.chain.requirement(shipment))).sum::<u32>());
    });
    batch.bench_function("table", |b| {
        b.iter(|| {
            black_box(&bench.rows)
                .iter()
                .map(|row| table.look_up(bench.requirement, row).ok().flatten().unwrap_or(0))
                .fold(0u32, u32::wrapping_add)
        });
    });
    batch.bench_function("fused", |b| {
        b.iter(|| {
            let rows = black_box(&words).chunks_exact(wide);
            rows.map(|row| fused.decide(bench.requirement, row).unwrap_or(0)).fold(0u32, u32::wrapping_add)
        });
    });
    batch.bench_function("table, all decisions", |b| {
        let mut classes = vec![0; table.classes_len()];
        b.iter(|| {
            let mut sum = 0u32;
            for row in black_box(&bench.rows) {
                if table.classify(row, &mut classes).is_ok() {
                    for decision in 0..bench.table.decisions.len() as u32 {
                        sum = sum.wrapping_add(table.decide(decision, &classes).ok().flatten().unwrap_or(0));
                    }
                }
            }
            sum
        });
    });
    batch.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = decide
}
criterion_main!(benches);
