//! The file that `lexport build --to rust` writes, compiled by rustc and timed in a program of its own.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use lexport::diagram::OwnedTable;
use lexport::emit;

use crate::page::Line;
use crate::timing::{PLACED, Spread, Times};

const PROGRAM: &str = include_str!("../emitted/main.rs");
const TIMING: &str = include_str!("timing.rs");

/// The line of a table whose decision is called `requirement`; `requests` of the rows are asked one by one. Nothing if the table has no such file.
pub fn emitted(table: &OwnedTable, rows: &[impl AsRef<[i64]>], outcomes: &[u32], requests: usize) -> Option<Line> {
    let text = emit::rust(table).ok()?;
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let write = |name: &str, bytes: &[u8]| std::fs::write(at(name), bytes).expect("a file");
    write("table.rs", &text.bytes);
    write("main.rs", PROGRAM.as_bytes());
    write("timing.rs", TIMING.as_bytes());
    write("rows", &rows.iter().flat_map(|row| row.as_ref()).flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>());
    write("outcomes", &outcomes.iter().flat_map(|outcome| outcome.to_le_bytes()).collect::<Vec<u8>>());
    let start = Instant::now();
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let options = ["--edition", "2024", "-C", "opt-level=3", "-o"];
    run(Command::new(rustc).args(options).arg(at("program")).arg(at("main.rs")));
    let built = 1e3 * start.elapsed().as_secs_f64();
    let placed = || {
        let told = run(Command::new(at("program")).arg(at("rows")).arg(at("outcomes")));
        let times: Vec<Spread> = told.lines().map(spread).collect();
        let [warm, alone, cold, batch] = times[..] else { panic!("what the program prints: {told}") };
        (Times { warm, alone, cold, requests: requests.min(rows.len()) }, batch)
    };
    let (times, batches): (Vec<Times>, Vec<Spread>) = std::iter::repeat_with(placed).take(PLACED).unzip();
    let (times, batch) = (Times::across(&times), Spread::across(&batches));
    let mut line = Line::new("Lexport's emitted Rust").single(times).batch(batch);
    (line.built, line.bytes) = (Some(built), Some(size(&at("program"))));
    Some(line)
}

fn run(command: &mut Command) -> String {
    let output = command.output().expect("a program");
    assert!(output.status.success(), "{command:?}:\n{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn spread(line: &str) -> Spread {
    let numbers: Vec<f64> = line.split(' ').map(|number| number.parse().expect("a number")).collect();
    let [median, low, high] = numbers[..] else { panic!("three numbers: {line}") };
    Spread { median, low, high }
}

fn size(program: &Path) -> usize {
    std::fs::metadata(program).map_or(0, |about| about.len() as usize)
}
