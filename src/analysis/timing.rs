//! How long checks take on regimes of any size: `cargo test analysis::timing -- --ignored --nocapture`.

use std::time::Instant;

use super::*;
use crate::driver::Compilation;
use crate::source::{DiskLoader, MemoryLoader};

#[path = "../../benches/regime.rs"]
mod regime;

fn show(name: &str, program: &Program) {
    let options = Options::default();
    let start = Instant::now();
    let mut lab = Lab::new(program, &options);
    let overlaps = Overlaps::new(&lab.program, &lab.rules(), options.direct);
    let pairs: usize = lab.rules().iter().map(|rule| overlaps.of(*rule).len()).sum();
    println!("{name}: {} rules, {} pairs may meet, {:?}", program.rules.len(), pairs / 2, start.elapsed());
    let time = |what: &str, start: Instant, report: &Report| {
        let (f, p, u) = (report.findings.len(), report.proved.len(), report.undecided.len());
        println!("  {what}: {:?}, {f} found, {p} proved, {u} open", start.elapsed());
    };
    let all = Instant::now();
    let start = Instant::now();
    time("conflict", start, &conflict::conflicts(&mut lab, &overlaps));
    let start = Instant::now();
    let (dead, alive) = dead::dead(&mut lab);
    time("dead", start, &dead);
    let mut cases = vec![(None, trial::ordinary(program, &options))];
    cases.extend(alive.iter().map(|(rule, witness)| (Some(*rule), method::first(witness).clone())));
    if program.rules.len() <= options.direct {
        cases.clear();
    }
    let start = Instant::now();
    time("gap", start, &gap::gaps(&mut lab, &cases));
    let start = Instant::now();
    time("redundant", start, &redundant::redundant(&mut lab, &overlaps, &alive));
    let start = Instant::now();
    time("cliffs", start, &cliff::capability_cliffs(&mut lab, &cases));
    let start = Instant::now();
    time("time cliffs", start, &cliff::time_cliffs(&mut lab));
    let start = Instant::now();
    time("properties", start, &property::properties(&mut lab));
    let start = Instant::now();
    println!("  scenarios: {:?}, {} found", start.elapsed(), scenario::scenarios(program).findings.len());
    println!("  all: {:?}", all.elapsed());
}

#[test]
#[ignore = "takes its time, and tells rather than tests"]
fn tell() {
    for folder in ["policies/us-2022-10", "policies/us-2023-11"] {
        let compilation = Compilation::load(&DiskLoader, folder);
        match &compilation.program {
            Some(program) => {
                show(folder, program);
                let report = check(program, &Options::default());
                for message in messages(program, &report) {
                    println!("{} {:?} {}", message.code, message.severity, message.title);
                    message.notes.iter().for_each(|note| println!("    {note}"));
                }
                report.proved.iter().for_each(|proof| println!("{}", proof_text(proof)));
                report.undecided.iter().for_each(|one| println!("{}", undecided_text(one)));
            }
            None => println!("{folder}: {:#?}", compilation.messages.iter().take(5).collect::<Vec<_>>()),
        }
    }
    let sizes = std::env::var("SIZES").unwrap_or_else(|_| "100 1000".into());
    for size in sizes.split_whitespace().filter_map(|size| size.parse().ok()) {
        let files = [("generated.lxp".to_owned(), regime::regime(size, 1))];
        let loader = MemoryLoader { files: files.into_iter().collect() };
        let compilation = Compilation::load(&loader, "generated.lxp");
        match &compilation.program {
            Some(program) => {
                show("generated", program);
                // The questions that cannot be cut to a few rules: is something always said, does it ever loosen?
                let mut hard = program.clone();
                hard.decisions.iter_mut().for_each(|decision| decision.default = None);
                if let Some(input) = hard.find_input("performance") {
                    hard.inputs[input.index()].capability = true;
                }
                show("generated, without defaults, performance a capability", &hard);
                // An amendment: every hundredth rule is gone, and nothing else changes.
                let twice = specialise::twice(program, crate::ir::InputId(0), &Value::Int(19_000), &Value::Int(19_000));
                if let Some(mut twice) = twice {
                    let never = twice.program.builder().constant(false);
                    let n = program.rules.len();
                    for at in (n..2 * n).step_by(100) {
                        twice.program.rules[at].applies = never;
                        twice.program.rules[at].condition = never;
                    }
                    let differing = amended::amended(&twice.program, 0, twice.copy);
                    let options = Options::default();
                    let mut lab = Lab::new(&twice.program, &options);
                    let parts = amended::parts(&mut lab, &differing, 0, twice.copy);
                    let near: Vec<usize> = parts.iter().map(|part| part.near.len()).collect();
                    println!("  amended: {} rules, {} decisions, near {near:?}", differing.rules.len(), differing.decisions.len());
                    let start = Instant::now();
                    let report = diff(&twice.program, 0, twice.copy, &Options::default());
                    println!("  an amendment: {:?}, {} found, {} proved, {} open", start.elapsed(), report.findings.len(),
                        report.proved.len(), report.undecided.len());
                }
            }
            None => println!("{size}: {:#?}", compilation.messages.iter().take(5).collect::<Vec<_>>()),
        }
    }
}
