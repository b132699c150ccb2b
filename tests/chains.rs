//! Chains of ownership and of production: each case is a regime with its expected outcomes beside it (`chains/*.lxp`); what makes no
//! sense (`chains/refused`); and random chains of owners against a count that is made here.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use lexport::analysis::{self, Options};
use lexport::diagnostic::{Code, Severity};
use lexport::driver::{Compilation, read_case};
use lexport::eval::{Fault, always, possible, resolve};
use lexport::ir::{Before, Case, Node, OriginId, Outcome, Program, Step, Value};
use lexport::source::{DiskLoader, Files};
use proptest::prelude::*;

fn program(path: &str) -> Program {
    let compilation = Compilation::load(&DiskLoader, path);
    compilation.program.unwrap_or_else(|| panic!("{path}: {:#?}", compilation.messages))
}

#[test]
fn what_stands_before_a_case_counts_as_the_law_says() {
    insta::glob!("chains/*.lxp", |path| {
        let path = path.to_string_lossy();
        let program = program(&path);
        let run = analysis::scenarios(&program);
        assert!(run.findings.iter().all(|finding| finding.code != Code::ScenarioFails), "{path}: {:#?}", run.findings);
        let report = analysis::check(&program, &Options::default());
        assert!(report.undecided.is_empty(), "{path}: {:#?}", report.undecided);
        assert!(report.findings.iter().all(|finding| finding.severity > Severity::Error), "{path}: {:#?}", report.findings);
    });
}

#[test]
fn what_makes_no_sense_is_refused() {
    let mut told = String::new();
    insta::glob!("chains/refused/*.lxp", |path| {
        let compilation = Compilation::load(&DiskLoader, &path.to_string_lossy());
        assert!(compilation.program.is_none(), "{}", path.display());
        let name = path.file_stem().expect("a name").to_string_lossy();
        for message in compilation.messages.iter().filter(|message| message.severity == Severity::Error) {
            let _ = writeln!(told, "{name}: {} {}", message.code, message.title);
        }
    });
    insta::assert_snapshot!(told);
}

#[test]
fn case_files_say_what_stands_before_a_case() {
    let program = program("tests/chains/ownership.lxp");
    let read = |text: &str| {
        let mut files = Files::default();
        read_case(&mut files, &program, &[], "case.json", text)
    };
    let restricted = |text: &str| {
        let chained = read(text).unwrap_or_else(|messages| panic!("{text}: {messages:#?}"));
        let resolved = resolve(&program, &chained.case, &chained.before, &chained.nodes);
        assert!(resolved.faults.is_empty(), "{text}: {:?}", resolved.faults);
        let decision = program.find_decision("restricted").expect("declared");
        match possible(&program, &resolved.case, decision).settled() {
            Some(Outcome::Value(Value::Bool(yes))) => Some(*yes),
            _ => None,
        }
    };
    // 60 % of a holding of which a listed company has 60 %, named, in place, and from the regime.
    let named = r#"{"standing": "none", "owner": [{"is": "holding", "share": 60}],
        "nodes": {"holding": {"standing": "none", "owner": [{"is": "huawei", "share": "60%"}]}}}"#;
    let in_place =
        r#"{"standing": "none", "owner": [{"share": 60, "standing": "none", "owner": [{"is": "huawei", "share": 60}]}]}"#;
    assert_eq!((restricted(named), restricted(in_place)), (Some(true), Some(true)));
    assert_eq!(restricted(r#"{"standing": "none", "owner": []}"#), Some(false));
    assert_eq!(restricted(r#"{"standing": "none", "owner": null}"#), None);
    assert_eq!(restricted(r#"{"standing": "none", "owned": 50}"#), Some(true));
    let mut told = String::new();
    for wrong in [
        r#"{"owner": [{"is": "huawey", "share": 60}]}"#,
        r#"{"owner": [{"is": "huawei", "share": 160}]}"#,
        r#"{"owner": [{"is": "huawei", "standing": "none"}]}"#,
        r#"{"owner": 5}"#,
        r#"{"owner": [["huawei"]]}"#,
        r#"{"owned": 5, "owner": ["huawei"]}"#,
        r#"{"owner": [], "nodes": {"huawei": {}}}"#,
        r#"{"nodes": ["huawei"]}"#,
        r#"{"owner": [{"shar": 5}]}"#,
    ] {
        for message in read(wrong).expect_err(wrong) {
            let _ = writeln!(told, "{wrong}\n  {} {}", message.code, message.title);
        }
    }
    insta::assert_snapshot!(told);
}

#[test]
fn a_circle_without_a_least_solution_is_said() {
    let program = program("tests/chains/paradox");
    let chained = read_case(
        &mut Files::default(),
        &program,
        &[],
        "case.json",
        r#"{"owner": ["liar"], "nodes": {"liar": {"owner": ["liar"]}}}"#,
    )
    .expect("fits");
    let resolved = resolve(&program, &chained.case, &chained.before, &chained.nodes);
    assert!(matches!(resolved.faults.as_slice(), [Fault::Circle(circle)] if circle.len() == 1), "{:?}", resolved.faults);
}

#[test]
fn a_total_that_counts_itself_is_said() {
    let program = program("tests/chains/endless");
    let ring = r#"{"part": ["ring"], "nodes": {"ring": {"part": ["ring"], "own": 1}}}"#;
    let chained = read_case(&mut Files::default(), &program, &[], "case.json", ring).expect("fits");
    let resolved = resolve(&program, &chained.case, &chained.before, &chained.nodes);
    assert!(matches!(resolved.faults.as_slice(), [Fault::OutOfRange { .. }, ..]), "{:?}", resolved.faults);
}

/// Who owns how much of whom, and who is listed (`None`: not known).
#[derive(Clone, Debug)]
struct Owners {
    listed: Vec<Option<bool>>,
    /// Owner, owned, percent.
    shares: Vec<(usize, usize, i64)>,
}

fn owners() -> impl Strategy<Value = Owners> {
    (2usize..7).prop_flat_map(|count| {
        let listed = prop::collection::vec(prop_oneof![4 => Just(Some(false)), 2 => Just(Some(true)), 1 => Just(None)], count);
        let shares =
            prop::collection::vec((0..count, 0..count, prop::sample::select(vec![10i64, 20, 25, 30, 49, 50, 51, 60])), 0..10);
        (listed, shares).prop_map(|(listed, mut shares)| {
            // No more than the whole of anybody.
            let mut sold: BTreeMap<usize, i64> = BTreeMap::new();
            shares.retain(|(_, owned, percent)| {
                let total = sold.entry(*owned).or_default();
                let fits = *total + percent <= 100;
                *total += if fits { *percent } else { 0 };
                fits
            });
            Owners { listed, shares }
        })
    })
}

/// The rule, counted in the plainest way: restricted are the listed, and again and again whoever is owned by half or more.
fn counted(listed: &[bool], shares: &[(usize, usize, i64)]) -> Vec<bool> {
    let mut restricted = listed.to_vec();
    loop {
        let caught = (0..listed.len()).find(|party| {
            let held: i64 =
                shares.iter().filter(|(owner, owned, _)| owned == party && restricted[*owner]).map(|(.., share)| share).sum();
            !restricted[*party] && held >= 50
        });
        match caught {
            Some(party) => restricted[party] = true,
            None => return restricted,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn owners_are_counted_as_the_rule_says(owners in owners()) {
        let program = program("tests/chains/ownership.lxp");
        let standing = program.find_input("standing").expect("declared");
        let decision = program.find_decision("restricted").expect("declared");
        let node = |party: usize| {
            let mut given = Case::unknown(program.inputs.len());
            if let Some(listed) = owners.listed[party] {
                given.set(standing, Value::Member(u32::from(listed)));
            }
            let of = owners.shares.iter().filter(|(_, owned, _)| *owned == party);
            let steps = of.map(|(owner, _, share)| Step { node: *owner as u32, with: vec![Some(Value::Int(share * 100))] }).collect();
            Node { name: format!("p{party}"), title: String::new(), given, before: vec![Before { link: 0, steps }], origin: OriginId::NOWHERE }
        };
        let nodes: Vec<Node> = (0..owners.listed.len()).map(node).collect();
        // Every way to fill in who is listed.
        let open: Vec<usize> = (0..owners.listed.len()).filter(|party| owners.listed[*party].is_none()).collect();
        let worlds: Vec<Vec<bool>> = (0..1u32 << open.len())
            .map(|bits| {
                let listed: Vec<bool> = (0..owners.listed.len())
                    .map(|party| owners.listed[party].unwrap_or_else(|| {
                        let at = open.iter().position(|one| *one == party).expect("open");
                        bits >> at & 1 == 1
                    }))
                    .collect();
                counted(&listed, &owners.shares)
            })
            .collect();
        for (party, node) in nodes.iter().enumerate() {
            let resolved = resolve(&program, &node.given, &node.before, &nodes);
            prop_assert!(resolved.faults.is_empty(), "{:?}", resolved.faults);
            let answer = possible(&program, &resolved.case, decision);
            let mut expected: Vec<Outcome> = worlds.iter().map(|world| Outcome::Value(Value::Bool(world[party]))).collect();
            expected.sort();
            expected.dedup();
            // What comes out in some world is never excluded; where nothing is open, it is the answer.
            prop_assert!(expected.iter().all(|outcome| answer.outcomes.contains(outcome)), "p{party}: {expected:?} {:?}", answer.outcomes);
            if open.is_empty() {
                prop_assert_eq!(&answer.outcomes, &expected);
            }
            let half = program.rules.iter().find(|rule| rule.name == "half").expect("declared").applies;
            prop_assert!(!open.is_empty() || always(&program, &resolved.case, half).is_some());
        }
    }
}

/// What is not so is found, and not called proved.
#[test]
fn a_licence_without_jurisdiction_is_found() {
    insta::glob!("chains/refuted/*.lxp", |path| {
        let path = path.to_string_lossy();
        let report = analysis::check(&program(&path), &Options::default());
        let violated: Vec<String> = report
            .findings
            .iter()
            .filter(|finding| finding.code == Code::PropertyViolated)
            .map(|finding| finding.about.join(","))
            .filter(|name| name.ends_with("_needs_jurisdiction"))
            .collect();
        assert_eq!(violated.len(), 1, "{path}: {violated:?} {:#?}", report.proved);
        assert!(["lic_needs_jurisdiction", "lic8_needs_jurisdiction"].contains(&violated[0].as_str()), "{path}: {violated:?}");
    });
}

/// A dead section proves nothing, and that is said.
#[test]
fn a_licence_that_is_never_asked_for_is_no_proof() {
    let text = "regime dead\ninput us, to_cn : bool\ndecision subject : bool takes exactly one otherwise false\n\
        decision l : ordered { no < yes } takes the strictest otherwise no\n\
        product rule k by technology us reach to_cn license lic then subject is true\nrule lic when us and not us then l is yes\n";
    let mut loader = lexport::source::MemoryLoader::default();
    loader.files.insert("dead.lxp".into(), text.into());
    let program = Compilation::load(&loader, "dead.lxp").program.expect("compiles");
    let report = analysis::check(&program, &Options::default());
    assert!(report.findings.iter().any(|finding| finding.code == Code::Vacuous), "{report:#?}");
    assert!(report.proved.iter().all(|proof| !proof.property.to_string().contains("lic_needs_jurisdiction")), "{report:#?}");
}

/// Of two cases that differ in what a chain keeps, a proof says what it takes to be the same.
#[test]
fn a_claim_about_two_cases_says_what_it_holds_fixed() {
    let text = "regime pairs\ninput level : count from 0 to 5\ninput part_of, freed : bool\n\
        decision req : ordered { none < license } takes the strictest otherwise none\n\
        rule lic when level >= 1 and not freed then req is license\nlink p keeps level\n\
        along p when part_of and level >= 3 then freed is true\nprove m : req never loosens as level grows\n";
    let mut loader = lexport::source::MemoryLoader::default();
    loader.files.insert("pairs.lxp".into(), text.into());
    let program = Compilation::load(&loader, "pairs.lxp").program.expect("compiles");
    let report = analysis::check(&program, &Options::default());
    let proof = report.proved.iter().find(|proof| proof.property == "`m`").expect("proved for pairs of cases");
    assert!(proof.scope.to_string().ends_with("with what follows from chains the same in both (`freed`)"), "{}", proof.scope);
}

/// What counts may ask about the link: those terms are about inputs that no case has.
#[test]
fn two_days_are_compared_where_what_counts_asks_about_the_link() {
    let text = "regime days\ninput date : date from 2025-01-01 to 2025-12-31\ninput owned : percent from 0 to 100\n\
        decision restricted : bool takes exactly one otherwise false\n\
        rule half when owned >= 50% then restricted is true status effective from 2025-06-01\n\
        link owner (share : percent from 1 to 100)\nalong owner when share >= 30% then owned adds share\n";
    let mut loader = lexport::source::MemoryLoader::default();
    loader.files.insert("days.lxp".into(), text.into());
    let program = Compilation::load(&loader, "days.lxp").program.expect("compiles");
    let date = program.date.expect("declared");
    let day = |text: &str| Value::Int(lexport::ir::date_day(text).expect("a day"));
    let report = analysis::diff_between(&program, date, &day("2025-05-31"), &day("2025-06-01"), &Options::default());
    assert_eq!(report.findings.len(), 1, "{report:#?}");
    assert_eq!(report.findings[0].count, Some(51u32.into()));
}

/// With something unknown in it a circle is open, and only without it contradicts itself.
#[test]
fn what_is_unknown_can_settle_a_circle() {
    let text = "regime p\ninput owned, w : bool\ndecision free : bool takes exactly one otherwise true\n\
        rule not_free when owned and not w then free is false\nlink owner\nalong owner when free then owned is true\n\
        node open given owner is open\nnode settled given w is true, owner is settled\nnode liar given w is false, owner is liar\n";
    let mut loader = lexport::source::MemoryLoader::default();
    loader.files.insert("p.lxp".into(), text.into());
    let program = Compilation::load(&loader, "p.lxp").program.expect("compiles");
    let ask = |node: &str| {
        let text = format!("{{\"owner\": [\"{node}\"]}}");
        let chained = read_case(&mut Files::default(), &program, &[], "case.json", &text).expect("fits");
        let resolved = resolve(&program, &chained.case, &chained.before, &chained.nodes);
        (resolved.faults.len(), resolved.case.get(program.find_input("owned").expect("declared")).cloned())
    };
    assert_eq!(ask("open"), (0, None));
    assert_eq!(ask("settled"), (0, Some(Value::Bool(true))));
    assert_eq!(ask("liar"), (1, None));
}
