//! Time and memory of `check` and of `build` on generated regimes of growing size: `cargo bench --bench scale`.
//!
//! `whole` is `check` as it would be without slices and index: every question is about all rules of its decision at once. `keep` is
//! `check` with a cache: the first time, again, and after an edit of one rule. A task that takes too long is ended, and said to be.
//!
//! Each size runs in a process of its own, so that the peak of memory is its own. Prints a table for `docs/performance.md`.

mod regime;

use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use lexport::analysis::{self, Options};
use lexport::cache::{Place, Store};
use lexport::diagram::{self, Specialise};
use lexport::driver::Compilation;
use lexport::source::MemoryLoader;

/// How long one task may take.
const LONGEST: Duration = Duration::from_secs(300);

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    match (arguments.next(), arguments.next()) {
        (Some(task), Some(rules)) => one(&task, rules.parse().expect("a number of rules")),
        _ => {
            println!("| rules | task | seconds | peak MiB | result |\n| --- | --- | --- | --- | --- |");
            for rules in ["100", "1000", "10000"] {
                for task in ["compile", "whole", "check", "keep", "build", "fuse"] {
                    print!("{}", alone(task, rules));
                }
            }
        }
    }
}

/// A task in a process of its own: its lines of the table.
fn alone(task: &str, rules: &str) -> String {
    let own = std::env::current_exe().expect("a path");
    let mut child =
        Command::new(own).args([task, rules]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let start = Instant::now();
    while child.try_wait().expect("a child").is_none() {
        if start.elapsed() > LONGEST {
            child.kill().expect("it can be ended");
            child.wait().expect("it ends");
            return format!("| {rules} | {task} | more than {} | | ended |\n", LONGEST.as_secs());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let output = child.wait_with_output().expect("it has ended");
    if output.status.success() {
        return String::from_utf8_lossy(&output.stdout).into_owned();
    }
    format!("| {rules} | {task} | failed | | {} |\n", String::from_utf8_lossy(&output.stderr).trim())
}

fn one(task: &str, rules: usize) {
    let text = regime::regime(rules, 1);
    if task == "keep" {
        return keep(rules, &text);
    }
    let loader = MemoryLoader { files: [("generated.lxp".to_owned(), text)].into() };
    let start = Instant::now();
    let compilation = Compilation::load(&loader, "generated.lxp");
    let program = compilation.program.expect("a generated regime compiles");
    let compiled = start.elapsed();
    let start = Instant::now();
    let (elapsed, result) = match task {
        "check" | "whole" => {
            let (direct, pairs) = if task == "whole" { (usize::MAX / 4, 0) } else { (200, 400_000) };
            let report = analysis::check(&program, &Options { direct, pairs, ..Options::default() });
            let (found, proved, open) = (report.findings.len(), report.proved.len(), report.undecided.len());
            (start.elapsed(), format!("{found} findings, {proved} proved, {open} undecided"))
        }
        "build" => match diagram::build_table(&program, &Specialise::default(), &diagram::Options::default()) {
            Ok(table) => {
                let built = start.elapsed();
                let proved = diagram::prove_equal(&program, &table, &diagram::Options::default());
                let words = table.nodes.len();
                let equal = proved.map_or_else(|fault| format!("{fault:?}"), |()| "equal".to_owned());
                (start.elapsed(), format!("{words} words, built in {:.2} s, {equal}", built.as_secs_f32()))
            }
            Err(error) => (start.elapsed(), error.to_string()),
        },
        "fuse" => match diagram::build_table(&program, &Specialise::default(), &diagram::Options::default()) {
            Ok(table) => {
                let start = Instant::now();
                let levels = diagram::fuse(&table, &diagram::Costs::default());
                let packed = levels.and_then(|levels| diagram::OwnedFused::pack(&table, &levels).map(|packed| (levels, packed)));
                let said = packed.map_or_else(
                    |error| error.to_string(),
                    |(levels, packed)| {
                        let steps: Vec<usize> = levels.decisions.iter().map(|one| one.steps.len()).collect();
                        format!("{} bytes, steps by decision: {steps:?}", packed.bytes())
                    },
                );
                (start.elapsed(), said)
            }
            Err(error) => (start.elapsed(), error.to_string()),
        },
        _ => (compiled, format!("{} terms", program.pool.len())),
    };
    println!("| {rules} | {task} | {:.3} | {} | {result} |", elapsed.as_secs_f32(), peak());
}

/// Checks with a store: all is new, nothing is new, one rule is.
fn keep(rules: usize, text: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let (records, key) = (folder.path().join("records"), folder.path().join("cache.key"));
    let at = text.rfind("then requirement is notice").expect("a rule to edit");
    let edited = format!("{}then requirement is license{}", &text[..at], &text[at + "then requirement is notice".len()..]);
    for (name, text) in [("cold", text), ("warm", text), ("after an edit of one rule", &edited)] {
        let loader = MemoryLoader { files: [("generated.lxp".to_owned(), text.to_owned())].into() };
        let program = Compilation::load(&loader, "generated.lxp").program.expect("a generated regime compiles");
        let start = Instant::now();
        let place = Place { folder: &records, key: &key, identity: b"scale" };
        let store = Arc::new(Store::open(place).expect("a store"));
        let options = Options { cache: Some(Arc::clone(&store)), ..Options::default() };
        let found = analysis::check(&program, &options).findings.len();
        let (hits, misses) = store.counts();
        drop((options, store));
        let elapsed = start.elapsed().as_secs_f32();
        println!("| {rules} | check, {name} | {elapsed:.3} | {} | {found} findings, {hits} kept, {misses} asked |", peak());
    }
}

/// The most memory this process has had, in MiB; empty where the system does not say.
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).map_or(String::new(), |kb| (kb / 1024).to_string())
}
