//! Processes that are deliberately hard: 250 countries with allocations in a rolling window, a chain of ten levels, ten caps at once, shells
//! without number. What they come to is held here; `make hard` prints the times.

use lexport::analysis::{Options, Proof, Report, check};
use lexport::diagnostic::Severity;
use lexport::driver::Compilation;
use lexport::source::DiskLoader;

fn checked(name: &str) -> Report {
    let path = format!("{}/tests/hard/{name}.lxp", env!("CARGO_MANIFEST_DIR"));
    let compilation = Compilation::load(&DiskLoader, &path);
    let program = compilation.program.unwrap_or_else(|| panic!("{path}: {:#?}", compilation.messages));
    // A smaller diagram than usual: where it gives up, it gives up soon.
    let report = check(&program, &Options { nodes: 1 << 20, ..Options::default() });
    assert!(report.undecided.is_empty(), "{name}: {:#?}", report.undecided);
    let worse: Vec<String> =
        report.findings.iter().filter(|one| one.severity < Severity::Note).map(|one| one.title.to_string()).collect();
    assert!(worse.is_empty(), "{name}: {worse:?}");
    report
}

/// The claims that are proved for every number of steps, by so many methods.
fn proved_by(report: &Report, methods: usize) -> Vec<String> {
    let said = |proof: &Proof| proof.evidence.iter().filter(|one| !one.silent).count();
    let proofs = report.proved.iter().filter(|proof| proof.invariant.is_some() && said(proof) == methods);
    proofs.map(|proof| proof.property.to_string().split('`').nth(1).unwrap_or_default().to_owned()).collect()
}

#[test]
fn two_hundred_and_fifty_countries() {
    assert_eq!(proved_by(&checked("diversion-250"), 2), ["no_heap_in_tier_2", "nothing_in_tier_3"]);
}

#[test]
fn a_chain_of_ten_levels() {
    let report = checked("chain-10");
    assert_eq!(proved_by(&report, 2), ["nothing_for_the_listed"]);
    assert!(report.findings.iter().any(|finding| finding.accepted.is_some()), "it can be made, in ten steps");
}

#[test]
fn ten_caps_at_once() {
    assert_eq!(proved_by(&checked("caps-10"), 1), ["caps_hold"]);
}

#[test]
fn shells_without_number() {
    let report = checked("shells");
    assert_eq!(proved_by(&report, 2), ["no_heap_then"]);
    assert!(report.findings.iter().any(|finding| finding.accepted.is_some()), "five shells are enough, as it stands");
}
