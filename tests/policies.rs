//! The regimes of `policies/`: every scenario comes out as the law says, and what the checker says of a regime today is a
//! snapshot beside this file, so that a change of law or of Lexport shows. The verdict on each finding is in the regime's README.

use std::fmt::Write as _;

use lexport::analysis::{self, By, Options};
use lexport::driver::Compilation;
use lexport::source::DiskLoader;

fn regime(path: &str, at_least: usize) {
    let compilation = Compilation::load(&DiskLoader, path);
    let program = compilation.program.as_ref().unwrap_or_else(|| panic!("{path}: {:#?}", compilation.messages));
    let run = analysis::scenarios(program);
    assert!(run.findings.is_empty(), "{path}: {:#?}", run.findings);
    assert!(program.scenarios.len() >= at_least, "{path} has {} scenarios", program.scenarios.len());
    assert!(program.scenarios.iter().all(|scenario| !scenario.cite.is_empty()), "every scenario names its paragraph");
    let report = analysis::check(program, &Options::default());
    assert!(report.undecided.is_empty(), "{path}: {:#?}", report.undecided);
    let mut out = String::new();
    for finding in &report.findings {
        let accepted = if finding.accepted.is_some() { " (accepted)" } else { "" };
        let _ = writeln!(out, "{} {}: {}{accepted}", finding.severity.name(), finding.code, finding.title);
    }
    for proof in &report.proved {
        if cfg!(feature = "solver") && !proof.evidence.iter().any(|one| one.by == By::Interpreter) {
            let methods: Vec<By> = proof.evidence.iter().map(|one| one.by).collect();
            assert!(methods.contains(&By::Z3) && methods.contains(&By::Diagram), "{}: {methods:?}", proof.property);
        }
        let _ = writeln!(out, "proved: {}; {}", proof.property, proof.scope);
    }
    insta::assert_snapshot!(path.replace("policies/", ""), out);
}

#[test]
fn us_2022_10() {
    regime("policies/us-2022-10", 60);
}

#[test]
fn us_2023_11() {
    regime("policies/us-2023-11", 60);
}
