//! Amendments: each case is a regime with its expected outcomes beside it (`amendments/*.lxp`, `amendments/*/top`), and what may
//! stand behind a path.

use std::fmt::Write as _;

use lexport::analysis::{self, Options, Witness};
use lexport::diagnostic::{Code, Severity};
use lexport::driver::Compilation;
use lexport::ir::Program;
use lexport::source::DiskLoader;

fn load(path: &str) -> Compilation {
    Compilation::load(&DiskLoader, path)
}

fn program(path: &str) -> Program {
    let compilation = load(path);
    compilation.program.unwrap_or_else(|| panic!("{path}: {:#?}", compilation.messages))
}

/// The scenarios hold, and the findings are as told.
fn case(path: &str) -> String {
    let program = program(path);
    let run = analysis::scenarios(&program);
    assert!(!program.scenarios.is_empty(), "{path} expects something");
    assert!(run.findings.iter().all(|finding| finding.code != Code::ScenarioFails), "{path}: {:#?}", run.findings);
    let report = analysis::check(&program, &Options::default());
    assert!(report.undecided.is_empty(), "{path}: {:#?}", report.undecided);
    let mut out = String::new();
    for rule in &program.rules {
        let _ = writeln!(out, "rule {} [{}]", rule.name, rule.cite);
    }
    for finding in &report.findings {
        let _ = writeln!(out, "{} {}: {}", finding.severity.name(), finding.code, finding.title);
        let case = match &finding.witness {
            Some(Witness::Case(case) | Witness::Pair(case, _)) => Some(case),
            Some(Witness::Trace(trace)) => Some(&trace.last),
            None => None,
        };
        let date = program.date.and_then(|date| case?.values[date.index()].clone());
        if let Some(lexport::ir::Value::Int(day)) = date {
            let _ = writeln!(out, "  on {}", lexport::ir::date_text(day));
        }
    }
    for proof in &report.proved {
        let _ = writeln!(out, "proved: {}", proof.property);
    }
    out
}

#[test]
fn acts_do_what_they_say() {
    insta::glob!("amendments/*.lxp", |path| {
        insta::assert_snapshot!(case(&path.to_string_lossy()));
    });
}

/// What is not so is found, and not called proved.
#[test]
fn what_is_not_so_is_not_proved() {
    insta::glob!("amendments/refuted/*.lxp", |path| {
        let program = program(&path.to_string_lossy());
        let report = analysis::check(&program, &Options::default());
        let violated = report.findings.iter().any(|finding| finding.code == Code::PropertyViolated);
        assert!(violated, "{}: {:#?}", path.display(), report.proved);
    });
}

#[test]
fn what_makes_no_sense_is_refused() {
    let mut told = String::new();
    insta::glob!("amendments/refused/*.lxp", |path| {
        let compilation = load(&path.to_string_lossy());
        assert!(compilation.program.is_none(), "{}", path.display());
        let name = path.file_stem().expect("a name").to_string_lossy();
        for message in compilation.messages.iter().filter(|message| message.severity == Severity::Error) {
            let _ = writeln!(told, "{name}: {} {}", message.code, message.title);
        }
    });
    insta::assert_snapshot!("refused", told);
}

#[test]
fn values_that_vary_and_what_they_rest_on() {
    insta::glob!("tariffs/*.lxp", |path| {
        insta::assert_snapshot!(case(&path.to_string_lossy()));
    });
}

#[test]
fn laws_on_top_of_each_other() {
    insta::assert_snapshot!("chain", case("tests/amendments/chain/top"));
    insta::assert_snapshot!("words", case("tests/amendments/words/top"));
}

/// The names of the rules that are left, and the regime's.
fn left(path: &str) -> (String, Vec<String>) {
    let program = program(path);
    (program.regimes[0].name.clone(), program.rules.iter().map(|rule| rule.name.clone()).collect())
}

#[test]
fn a_path_says_which_amendments_count() {
    let rules = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let top = "tests/amendments/chain/top";
    assert_eq!(left(top), ("third".into(), rules(&["place@first", "place", "vietnam"])));
    // What was known on a day: the act that is codified, not yet that of the next year.
    assert_eq!(left(&format!("{top}@2025-05-01")), ("second@2025-05-01".into(), rules(&["place@first", "place", "vietnam"])));
    assert_eq!(left(&format!("{top}@2025-04-30")), ("second@2025-04-30".into(), rules(&["place@first", "place"])));
    assert_eq!(left(&format!("{top}@2025-01-12")), ("first@2025-01-12".into(), rules(&["place"])));
    assert_eq!(left(&format!("{top}@-third@-relief")), ("second@-third@-relief".into(), rules(&["place@first", "place"])));
    assert_eq!(left(&format!("{top}@-third@-second")), ("first@-third@-second".into(), rules(&["place"])));
}

#[test]
fn switching_an_amendment_off_gives_back_what_stood_before() {
    let (with, without) = ("tests/amendments/chain/middle@-relief", "tests/amendments/chain/middle@2025-04-30");
    let pair = Compilation::load_pair(&DiskLoader, with, without).program.expect("both compile");
    let report = analysis::diff(&pair, 0, 1, &Options::default());
    assert!(report.findings.is_empty(), "{:#?}", report.findings);
    let pair = Compilation::load_pair(&DiskLoader, "tests/amendments/chain/middle", without).program.expect("both compile");
    let report = analysis::diff(&pair, 0, 1, &Options::default());
    assert!(!report.findings.is_empty(), "the relief changes something");
}

#[test]
fn what_stands_behind_a_path_is_checked() {
    let message = |path: &str| load(path).messages.first().map(|message| message.title.clone()).unwrap_or_default();
    let top = "tests/amendments/chain/top";
    assert_eq!(message(&format!("{top}@-relife")), "there is no amendment `relife` to leave out");
    assert_eq!(message(&format!("{top}@2025-13-01")), format!("`{top}@2025-13-01` does not say which amendments count"));
    assert_eq!(
        message(&format!("{top}@2025-01-01@2026-01-01")),
        format!("`{top}@2025-01-01@2026-01-01` does not say which amendments count")
    );
}

#[test]
fn a_decision_with_more_values_is_compared_with_what_it_was() {
    let (base, more) = ("tests/amendments/extended/base", "tests/amendments/extended/more");
    let pair = Compilation::load_pair(&DiskLoader, base, more).program.expect("both compile");
    let report = analysis::diff(&pair, 0, 1, &Options::default());
    assert!(report.undecided.is_empty(), "{:#?}", report.undecided);
    let titles: Vec<String> = report.findings.iter().map(|finding| finding.title.to_string()).collect();
    assert_eq!(titles, ["`terms` gains three"]);
    // From 8 to 10.
    assert_eq!(report.findings[0].count, Some(3u32.into()));
}

#[test]
fn a_law_can_amend_another_without_some_of_its_amendments() {
    let rules = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    assert_eq!(left("tests/amendments/cut/top"), ("draft".into(), rules(&["place", "third"])));
    let place = program("tests/amendments/cut/top").rules[0].in_force;
    assert!(matches!(program("tests/amendments/cut/top").pool.get(place), lexport::ir::Term::True), "the relief does not end it");
    assert_eq!(left("tests/amendments/cut/base").1, rules(&["other", "place"]));
}

#[test]
fn of_many_numbers_it_is_said_which_way_they_go() {
    let (base, top) = ("tests/amendments/rates/base", "tests/amendments/rates/top");
    let pair = Compilation::load_pair(&DiskLoader, base, top).program.expect("both compile");
    let report = analysis::diff(&pair, 0, 1, &Options::default());
    let told: Vec<_> = report.findings.iter().map(|one| (one.title.to_string(), one.count.clone().expect("counted"))).collect();
    // Of 61 × 61 pairs in 61 nothing changes; it rises in half of the others.
    assert_eq!(told, [("`fee` rises".to_owned(), 1830u32.into()), ("`fee` falls".to_owned(), 1830u32.into())]);
    // Both numbers are needed for it, and nothing else there is.
    assert!(report.findings.iter().all(|one| one.suffices.len() == 2), "{:#?}", report.findings);
}

#[test]
fn what_one_day_leaves_open_is_refused_wherever_it_stands() {
    let told = load("tests/amendments/twice/top").messages;
    assert!(told.iter().any(|message| message.code == Code::BadAmendment), "{told:#?}");
}

#[test]
fn every_rule_that_takes_over_must_keep_it() {
    let program = program("tests/amendments/moved/top");
    let mut names: Vec<&str> = program.properties.iter().map(|property| property.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["n1_keeps_a", "n2_keeps_a"]);
    let report = analysis::check(&program, &Options::default());
    let refuted: Vec<String> = report.findings.iter().map(|finding| finding.about.join(", ")).collect();
    // 3 percent of its own are less than 10, whatever the other adds.
    assert!(refuted.contains(&"n2_keeps_a".to_owned()) && !refuted.contains(&"n1_keeps_a".to_owned()), "{refuted:?}");
}

#[test]
fn a_cut_of_the_base_leaves_ones_own_acts_alone() {
    let rules = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let mut names = left("tests/amendments/cut-name/top").1;
    names.sort();
    assert_eq!(names, rules(&["a", "c"]));
}

#[test]
fn a_regime_line_in_the_file_of_an_act_is_that_of_the_law() {
    let rules = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    assert_eq!(left("tests/amendments/header/top@-act"), ("header@-act".into(), rules(&["a"])));
    assert_eq!(left("tests/amendments/header/top@2024-12-31").1, rules(&["a"]));
}

#[test]
fn a_cap_gets_other_limits_from_the_day_of_the_act() {
    insta::assert_snapshot!("cap", case("tests/amendments/cap/top"));
}
