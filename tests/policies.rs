//! The regimes of `policies/`: every scenario comes out as the law says, and what the checker says of a regime today is a
//! snapshot beside this file, so that a change of law or of Lexport shows. The verdict on each finding is in the regime's README.

use std::fmt::Write as _;

use lexport::analysis::{self, By, Options};
use lexport::diagnostic::Code;
use lexport::driver::Compilation;
use lexport::source::DiskLoader;

/// The cases of a regime come out as the law says; its program.
fn cases(path: &str, at_least: usize) -> lexport::ir::Program {
    let compilation = Compilation::load(&DiskLoader, path);
    let program = compilation.program.unwrap_or_else(|| panic!("{path}: {:#?}", compilation.messages));
    let run = analysis::scenarios(&program);
    // What no case reaches is a note; whether that may be is for the regime's README.
    let fails: Vec<_> = run.findings.iter().filter(|finding| finding.code == Code::ScenarioFails).collect();
    assert!(fails.is_empty(), "{path}: {fails:#?}");
    assert!(program.scenarios.len() >= at_least, "{path} has {} scenarios", program.scenarios.len());
    assert!(program.scenarios.iter().all(|scenario| !scenario.cite.is_empty()), "every scenario names its paragraph");
    program
}

fn regime(path: &str, at_least: usize) {
    let program = &cases(path, at_least);
    let report = analysis::check(program, &Options::default());
    assert!(report.undecided.is_empty(), "{path}: {:#?}", report.undecided);
    let mut out = String::new();
    for finding in &report.findings {
        let accepted = if finding.accepted.is_some() { " (accepted)" } else { "" };
        let _ = writeln!(out, "{} {}: {}{accepted}", finding.severity.name(), finding.code, finding.title);
    }
    for proof in &report.proved {
        if cfg!(feature = "solver") && !proof.evidence.iter().any(|one| one.by == By::Interpreter) {
            let methods: Vec<By> = proof.evidence.iter().filter(|one| !one.silent).map(|one| one.by).collect();
            let both = methods.contains(&By::Z3) && methods.contains(&By::Diagram);
            assert!(both, "{path}: {}: {methods:?}", proof.property);
        }
        let _ = writeln!(out, "proved: {}; {}", proof.property, proof.scope);
    }
    insta::assert_snapshot!(path.replace("policies/", ""), out);
}

/// What is checked for minutes is checked by `make corpus`, and here only run.
fn only_cases(path: &str, at_least: usize) {
    cases(path, at_least);
}

macro_rules! regimes {
    ($($name:ident $how:ident $path:literal $at_least:literal,)*) => {
        $(
            #[test]
            fn $name() {
                $how(concat!("policies/", $path), $at_least);
            }
        )*

        #[test]
        fn every_folder_is_tested() {
            let mut folders: Vec<String> = std::fs::read_dir("policies")
                .expect("readable")
                .map(|entry| entry.expect("readable"))
                .filter(|entry| entry.path().is_dir())
                .map(|entry| entry.file_name().to_string_lossy().into_owned())
                .collect();
            folders.sort();
            assert_eq!(folders, [$($path),*]);
        }
    };
}

regimes! {
    action_plan_2025 only_cases "action-plan-2025" 25,
    bilateral_2025 regime "bilateral-2025" 25,
    bill_chip_security only_cases "bill-chip-security" 25,
    bill_overwatch only_cases "bill-overwatch" 25,
    bill_remote_access only_cases "bill-remote-access" 25,
    bill_safe_chips only_cases "bill-safe-chips" 25,
    cn_mofcom_61 regime "cn-mofcom-61" 25,
    us_2022_10 regime "us-2022-10" 60,
    us_2023_11 regime "us-2023-11" 60,
    us_2025_01 only_cases "us-2025-01" 40,
    us_2026_01 only_cases "us-2026-01" 40,
    us_2026_07 only_cases "us-2026-07" 40,
    us_affiliates regime "us-affiliates" 25,
    us_fdp only_cases "us-fdp" 40,
    us_foundry only_cases "us-foundry" 40,
    us_model_weights only_cases "us-model-weights" 25,
    us_tariffs regime "us-tariffs" 25,
}
