//! All overlaps and all gaps of tables made as the literature makes them; each is checked before it is timed.
//!
//! `cargo bench --bench import` prints the table of `docs/import.md`.

#[path = "planted.rs"]
mod planted;

use std::hint::black_box;
use std::time::{Duration, Instant};

use lexport::analysis::boxes::Boxes;
use planted::planted;

const SIZES: [(usize, usize); 6] = [(500, 3), (1_492, 3), (1_506, 5), (502, 7), (1_496, 7), (10_000, 7)];

fn main() {
    println!(
        "{:>7} {:>7} {:>8} {:>6} {:>10} {:>10} {:>10}",
        "rows", "columns", "overlaps", "gaps", "read ms", "pairs ms", "all ms"
    );
    for (rows, columns) in SIZES {
        let table = planted(rows, columns, 7);
        let mut best = [Duration::MAX; 3];
        let mut shown = (0, 0);
        let begun = Instant::now();
        let mut rounds = 0;
        while rounds < 3 || (rounds < 50 && begun.elapsed() < Duration::from_secs(3)) {
            rounds += 1;
            let start = Instant::now();
            let boxes = Boxes::new(black_box(&table.axes), black_box(&table.rows));
            let read = start.elapsed();
            let overlaps = boxes.overlaps(usize::MAX);
            let pairs = start.elapsed();
            let gaps = boxes.gaps(&overlaps, usize::MAX).expect("no limit");
            let all = start.elapsed();
            assert_eq!(overlaps.pairs, table.pairs);
            assert_eq!(gaps.cases, planted::free_cases(&table));
            shown = (overlaps.count, gaps.regions.len());
            for (best, new) in best.iter_mut().zip([read, pairs - read, all]) {
                *best = (*best).min(new);
            }
        }
        let [read, pairs, all] = best.map(|time| format!("{}.{:02}", time.as_micros() / 1000, time.as_micros() % 1000 / 10));
        println!("{rows:>7} {columns:>7} {:>8} {:>6} {read:>10} {pairs:>10} {all:>10}", shown.0, shown.1);
    }
}
