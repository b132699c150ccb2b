//! The ways of evasion of the standard library, each in two small regimes of another country: one in which it is found, and one whose law
//! closes it.

use std::path::PathBuf;

use lexport::analysis::{By, Options, Report, check};
use lexport::diagnostic::{Code, Severity};
use lexport::driver::Compilation;
use lexport::source::DiskLoader;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn checked(pattern: &str, which: &str) -> Report {
    let path = root().join(format!("tests/evasion/{pattern}-{which}.lxp")).display().to_string();
    let compilation = Compilation::load(&DiskLoader, &path);
    let said = compilation.messages.iter().filter(|message| message.severity < Severity::Note);
    assert_eq!(said.count(), 0, "{path}: {:#?}", compilation.messages);
    let report = check(&compilation.program.expect("a program"), &Options::default());
    assert!(report.undecided.is_empty(), "{path}: {:#?}", report.undecided);
    report
}

/// The patterns that the library declares.
fn patterns() -> Vec<String> {
    let text = std::fs::read_to_string(root().join("src/std/evasion.lxp")).expect("readable");
    let named = text.lines().filter_map(|line| line.strip_prefix("process ")?.split_whitespace().next());
    named.map(str::to_owned).collect()
}

#[test]
fn each_pattern_is_found_and_is_closed() {
    let patterns = patterns();
    assert!(patterns.len() >= 10, "{patterns:?}");
    for pattern in patterns {
        let found = checked(&pattern, "found");
        let codes: Vec<Code> = found.findings.iter().filter(|one| one.severity < Severity::Note).map(|one| one.code).collect();
        assert_eq!(codes, [Code::Loophole], "{pattern}");
        let proved = checked(&pattern, "proved");
        let worse: Vec<Code> = proved.findings.iter().filter(|one| one.severity < Severity::Note).map(|one| one.code).collect();
        assert_eq!(worse, [], "{pattern}");
        let proof = proved.proved.iter().find(|proof| proof.invariant.is_some()).unwrap_or_else(|| panic!("{pattern}: no proof"));
        let by: Vec<By> = proof.evidence.iter().map(|one| one.by).collect();
        assert_eq!(by, [By::Diagram, By::Z3], "{pattern}");
    }
}
