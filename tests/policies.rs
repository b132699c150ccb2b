//! The regimes of `policies/`: every scenario comes out as the law says, and what the checker says of a regime today is a
//! snapshot beside this file, so that a change of law or of Lexport shows. The verdict on each finding is in the regime's README.

use std::fmt::Write as _;

use lexport::analysis::{self, By, Options};
use lexport::driver::Compilation;
use lexport::source::DiskLoader;

/// What only one method proves, and is shown so: orders along an input that a cap multiplies with another.
const ONE_METHOD: [(&str, &str); 1] =
    [("policies/bill-overwatch", "`requirement` never becomes less strict as `chip.tpp` grows")];

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
            let both = methods.contains(&By::Z3) && methods.contains(&By::Diagram);
            let known = ONE_METHOD.contains(&(path, proof.property.as_str()));
            assert_eq!(both, !known, "{path}: {}: {methods:?}", proof.property);
        }
        let _ = writeln!(out, "proved: {}; {}", proof.property, proof.scope);
    }
    insta::assert_snapshot!(path.replace("policies/", ""), out);
}

macro_rules! regimes {
    ($($name:ident $path:literal $at_least:literal,)*) => {
        $(
            #[test]
            fn $name() {
                regime(concat!("policies/", $path), $at_least);
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
    action_plan_2025 "action-plan-2025" 25,
    bilateral_2025 "bilateral-2025" 25,
    bill_chip_security "bill-chip-security" 25,
    bill_overwatch "bill-overwatch" 25,
    bill_remote_access "bill-remote-access" 25,
    bill_safe_chips "bill-safe-chips" 25,
    cn_mofcom_61 "cn-mofcom-61" 25,
    us_2022_10 "us-2022-10" 60,
    us_2023_11 "us-2023-11" 60,
    us_affiliates "us-affiliates" 25,
    us_model_weights "us-model-weights" 25,
    us_tariffs "us-tariffs" 25,
}
