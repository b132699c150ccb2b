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
        let by: Vec<By> = proof.evidence.iter().filter(|one| !one.silent).map(|one| one.by).collect();
        assert_eq!(by, [By::Diagram, By::Z3], "{pattern}");
    }
}

fn reported(text: &str) -> Report {
    let loader = lexport::source::MemoryLoader { files: [("it.lxp".to_owned(), text.to_owned())].into() };
    let compilation = Compilation::load(&loader, "it.lxp");
    let said = compilation.messages.iter().filter(|message| message.severity < Severity::Note);
    assert_eq!(said.count(), 0, "{:#?}", compilation.messages);
    check(&compilation.program.expect("a program"), &Options::default())
}

/// Goods leave HOME for A or BAD; to BAD by licence only.
fn diversion(rule: &str, from: &str, permitted: &str) -> Report {
    reported(&format!(
        "regime norland\nuse std/evasion\nenum Country {{ HOME, A, BAD }}\n\
         input origin : Country\ninput destination : Country\n\
         decision licence : ordered {{ none < required }} takes the strictest otherwise none\n\
         rule strict when {rule} then licence is required\n\
         process resale is diversion with from is {from}, to is destination, facts is true, permitted is {permitted},\n\
         home is HOME, barred is {{ BAD }}, controlled is true\n"
    ))
}

#[test]
fn a_process_in_which_nobody_can_do_anything_proves_nothing() {
    // Goods that must be at home and elsewhere before they are shipped: whatever the law says.
    let slip = diversion("destination is BAD", "origin", "licence is none and origin is not HOME and holder is HOME");
    let codes: Vec<Code> = slip.findings.iter().map(|one| one.code).collect();
    assert_eq!(codes, [Code::Vacuous]);
    assert!(slip.proved.iter().all(|proof| proof.invariant.is_none()), "{:#?}", slip.proved);
    // A law that permits nothing is one.
    let embargo = diversion("destination in { HOME, A, BAD }", "origin", "licence is none");
    let proof = embargo.proved.iter().find(|proof| proof.invariant.is_some()).expect("a proof");
    assert_eq!(proof.notes.iter().map(ToString::to_string).collect::<Vec<_>>(), ["never taken: `ship`"]);
    // A decision has one outcome: no law permits and refuses at once.
    let both = diversion("destination is BAD", "origin", "licence is none and licence is required");
    assert_eq!(both.findings.iter().map(|one| one.code).collect::<Vec<_>>(), [Code::Vacuous]);
    // A law that permits something, and not this: no word about either.
    let law = diversion("destination is BAD", "origin", "licence is none");
    let proof = law.proved.iter().find(|proof| proof.invariant.is_some()).expect("a proof");
    assert!(proof.notes.is_empty(), "{proof:#?}");
}

#[test]
fn a_claim_that_asks_nothing_of_the_rules_is_told_so() {
    let whatever = "it holds whatever the rules say: no decision is needed for it";
    let notes = |report: &Report, name: &str| -> Vec<String> {
        let named = report.proved.iter().find(|proof| proof.property.to_string().starts_with(&format!("`{name}`")));
        named.expect("proved").notes.iter().map(ToString::to_string).collect()
    };
    let idle = diversion("destination is BAD", "origin", "licence is none and destination is not BAD");
    assert_eq!(notes(&idle, "resale"), [whatever]);
    let plain = reported(
        "regime norland\nenum Country { HOME, A, BAD }\ninput destination : Country\n\
         decision licence : ordered { none < required } takes the strictest otherwise none\n\
         rule strict when destination is BAD then licence is required\n\
         prove real : every case where destination is BAD satisfies licence is required\n\
         prove hollow : every case where destination is BAD satisfies licence is required or destination is not A\n",
    );
    assert!(notes(&plain, "real").is_empty());
    assert_eq!(notes(&plain, "hollow"), [whatever]);
}

#[test]
fn what_a_rule_bars_by_an_effect_is_a_proof() {
    // Papers are waived for what needs a licence and is small; nothing small needs one.
    let law = |least: u32| {
        reported(&format!(
            "regime waivers\ninput amount : count from 0 to 9\n\
             decision requirement : ordered {{ none < license }} takes the strictest otherwise none\n\
             rule large when amount >= {least} then requirement is license\n\
             process walk\n  state waived : bool\n  state shipped : bool\n  start when not waived and not shipped\n\
             step file then waived is amount <= 4 and requirement is license\n\
             step ship when waived then shipped is true\n\
             prove never_shipped : in walk never shipped\n"
        ))
    };
    let proof = law(5).proved.into_iter().find(|proof| proof.invariant.is_some()).expect("a proof");
    assert_eq!(proof.notes.iter().map(ToString::to_string).collect::<Vec<_>>(), ["never taken: `ship`"]);
    assert_eq!(law(4).findings.iter().map(|one| one.code).collect::<Vec<_>>(), [Code::Loophole]);
}

/// A law with one that it is compared with.
fn compared(new: &str, old: &str) -> Report {
    let files = [("new.lxp".to_owned(), new.to_owned()), ("old.lxp".to_owned(), old.to_owned())].into();
    let compilation = Compilation::load(&lexport::source::MemoryLoader { files }, "new.lxp");
    check(&compilation.program.unwrap_or_else(|| panic!("{:#?}", compilation.messages)), &Options::default())
}

const CAPPED: &str = "input weight : count from 0 to 1000\ninput buyer : { shop, shed }\n\
                      decision requirement : ordered { none < license } takes the strictest otherwise none\n\
                      rule base \"1\" when not within cap small then requirement is license\n";

#[test]
fn a_cap_that_two_laws_count_differently_is_not_settled_by_single_cases() {
    let old = |counts: &str| format!("regime old\n{CAPPED}cap small counts {counts} at most 500\n");
    let new = format!(
        "regime new\n{CAPPED}cap small counts weight per buyer at most 500\ncompare with \"./old.lxp\" as old\n\
         prove refines \"1\" : requirement is at least as strict as old::requirement\n"
    );
    let proved = |report: &Report| report.proved.iter().any(|proof| proof.property.to_string().starts_with("`refines`"));
    let same = compared(&new, &old("weight per buyer"));
    assert!(proved(&same) && same.undecided.is_empty(), "{:#?}", same.undecided);
    for counts in ["weight", "weight per buyer per calendar year", "weight when buyer is shop per buyer"] {
        let dated = if counts.contains("year") { "input date : date from 2026-01-01 to 2027-12-31\n" } else { "" };
        let (new, old) = (format!("{new}{dated}"), format!("{}{dated}", old(counts)));
        let other = compared(&new, &old);
        assert!(!proved(&other), "{counts}: it is proved");
        let open = other
            .undecided
            .iter()
            .any(|one| one.reasons.iter().any(|why| why.to_string().starts_with("for equal balances only")));
        assert!(open || !other.findings.is_empty(), "{counts}: {other:#?}");
    }
}

#[test]
fn a_compared_cap_in_an_effect_is_left_undecided() {
    let old = "regime old\ninput amount : count from 1 to 60\ncap yearly counts amount at most 20\n\
               decision licence : bool takes exactly one otherwise false\nrule above when not within cap yearly then licence is true\n";
    let new = "regime new\ncompare with \"./old.lxp\" as old\ninput amount : count from 1 to 60\n\
               decision licence : bool takes exactly one otherwise false\nrule above when amount > 10 then licence is true\n\
               process ship\n  state mark : bool\n  start when not mark\n\
               step export when not licence then mark is old::licence is true\nprove never_mark : in ship never mark\n";
    let report = compared(new, old);
    assert!(report.findings.iter().all(|one| one.code != Code::Loophole), "{:#?}", report.findings);
    assert_eq!(report.undecided.len(), 1);
}
