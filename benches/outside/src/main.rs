//! Lexport's tables beside the same rules written by hand, on the same requests: `cargo run --release` in this folder.
//!
//! For 50, 500 and 5,000 rules over ten attributes: nanoseconds a decision, one behind the other in random order, with warm and with cold caches; in
//! a batch by column, beside the time of merely reading the columns. Every answer that is timed is compared with the rules first.

mod rules;
mod timing;
mod words;

mod by_hand {
    //! What `build.rs` wrote.
    use crate::rules::Shipment;
    include!(concat!(env!("OUT_DIR"), "/by_hand.rs"));
}

use std::hint::black_box;
use std::time::Instant;

use lexport::diagram::{Costs, Options, OwnedFused, OwnedTable, Specialise, build_table};
use lexport::driver::Compilation;
use lexport::source::MemoryLoader;
use lexport_runtime::Answer;
use rules::{Regime, Shipment};

/// Requests of each size.
const REQUESTS: usize = 1 << 16;
/// Rows that are decided at a time in a batch.
const ROWS: usize = 1 << 12;

fn main() {
    println!("| rules | who | single, warm (ns) | single, cold (ns) | batch (ns a row) |\n| ---: | --- | ---: | ---: | ---: |");
    measure(50, by_hand::chain_50, by_hand::match_50);
    measure(500, by_hand::chain_500, by_hand::match_500);
    measure(5_000, by_hand::chain_5000, by_hand::match_5000);
}

/// The ten attributes in the order of the table's inputs.
fn row(s: &Shipment) -> [i64; 10] {
    let [performance, bandwidth, worth] = s.amounts;
    let members =
        [i64::from(s.item), i64::from(s.destination), i64::from(s.headquarters), i64::from(s.mode), i64::from(s.purpose)];
    let [item, destination, headquarters, mode, purpose] = members;
    [item, destination, headquarters, mode, purpose, i64::from(s.datacenter), performance, bandwidth, worth, s.date]
}

fn value(table: &OwnedTable, outcome: u32) -> u8 {
    match table.outcomes[outcome as usize].answer {
        Answer::Member(member) => member as u8,
        other => panic!("no requirement: {other:?}"),
    }
}

fn measure(count: usize, chain: fn(&Shipment) -> u8, by_item: fn(&Shipment) -> u8) {
    let regime = Regime::generate(count, 1);
    let shipments = regime.shipments(REQUESTS, 5);
    let loader = MemoryLoader { files: [("generated.lxp".to_owned(), words::lexport(&regime))].into() };
    let program = Compilation::load(&loader, "generated.lxp").program.expect("the generated regime compiles");
    let start = Instant::now();
    let options = Options { node_limit: 1 << 26, ..Options::default() };
    let table = build_table(&program, &Specialise::default(), &options).expect("a table");
    let built = start.elapsed();
    let start = Instant::now();
    let packed = OwnedFused::new(&table, &Costs::default()).expect("a table that can be fused");
    eprintln!(
        "{count} rules: {} words built in {:.2} s, fused in {:.2} s to {} bytes",
        table.nodes.len(),
        built.as_secs_f64(),
        start.elapsed().as_secs_f64(),
        packed.bytes()
    );
    let fused = packed.as_fused();
    let rows: Vec<[i64; 10]> = shipments.iter().map(row).collect();
    for (shipment, row) in shipments.iter().zip(&rows) {
        let expected = regime.decide(shipment);
        assert_eq!(chain(shipment), expected);
        assert_eq!(by_item(shipment), expected);
        assert_eq!(value(&table, fused.decide(0, row).expect("a row that fits")), expected, "{shipment:?}");
    }
    let line = |who: &str, times: timing::Times, batch: f64| {
        println!("| {count} | {who} | {:.1} | {:.0} | {batch:.1} |", times.warm, times.cold);
    };
    let by_hand = |call: fn(&Shipment) -> u8| {
        let times = timing::time(REQUESTS, |at| call(&shipments[at]));
        let batch = timing::batch(REQUESTS, || {
            black_box(shipments.iter().map(|shipment| u32::from(call(shipment))).sum::<u32>());
        });
        (times, batch)
    };
    let (times, batch) = by_hand(chain);
    line("conditions in order, by hand", times, batch);
    let (times, batch) = by_hand(by_item);
    line("`match` on the item, by hand", times, batch);
    let times = timing::time(REQUESTS, |at| fused.decide(0, &rows[at]).unwrap_or(0) as u8);
    let columns: Vec<Vec<i64>> = (0..10).map(|at| rows.iter().map(|row| row[at]).collect()).collect();
    let (mut outcomes, mut scratch) = (vec![0; ROWS], vec![0; ROWS]);
    let batch = timing::batch(REQUESTS, || {
        for from in (0..REQUESTS).step_by(ROWS) {
            let columns: Vec<&[i64]> = columns.iter().map(|column| &column[from..from + ROWS]).collect();
            fused.decide_columns(0, &columns, &mut outcomes, &mut scratch).expect("rows that fit");
            black_box(&outcomes);
        }
    });
    line("Lexport's runtime", times, batch);
    let reading = timing::batch(REQUESTS, || {
        black_box(columns.iter().flatten().fold(0i64, |sum, value| sum.wrapping_add(*value)));
    });
    println!("| {count} | reading the columns | – | – | {reading:.1} |");
}
