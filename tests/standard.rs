//! The twelve properties: claims about pairs of cases against all pairs, on random small regimes; which of the twelve a claim shows; and
//! what is said of those that nobody asked.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use lexport::analysis::{Options, Standing, check, standard};
use lexport::driver::Compilation;
use lexport::ir::Standard;
use lexport::source::MemoryLoader;
use proptest::collection::vec;
use proptest::prelude::*;

const PLACES: [&str; 4] = ["a", "b", "c", "d"];
const ANSWERS: [&str; 3] = ["none", "notice", "license"];

/// `rule when place in PLACES and flag is FLAG and amount >= AMOUNT then requirement is ANSWER`
#[derive(Clone, Debug)]
struct Rule {
    places: Vec<bool>,
    flag: Option<bool>,
    amount: i64,
    answer: usize,
}

fn rule() -> impl Strategy<Value = Rule> {
    (vec(any::<bool>(), 4), proptest::option::of(any::<bool>()), 0i64..4, 1usize..3)
        .prop_map(|(places, flag, amount, answer)| Rule { places, flag, amount, answer })
}

fn set(places: &[bool]) -> String {
    let members: Vec<&str> = PLACES.iter().zip(places).filter(|(_, there)| **there).map(|(name, _)| *name).collect();
    format!("{{ {} }}", members.join(", "))
}

/// The strictest of the rules that apply; by hand.
fn answer(rules: &[Rule], place: usize, flag: bool, amount: i64) -> usize {
    let applies = |rule: &&Rule| rule.places[place] && rule.flag.is_none_or(|wanted| wanted == flag) && amount >= rule.amount;
    rules.iter().filter(applies).map(|rule| rule.answer).max().unwrap_or(0)
}

fn source(rules: &[Rule], lax: &[bool], strict: &[bool], least: i64) -> String {
    let mut text = String::from(
        "regime r \"R\"\nuse std/properties\nenum Place { a, b, c, d }\nenum Answer ordered { none < notice < license }\n\
         input place : Place\ninput flag : bool\ninput amount : count from 0 to 3\n\
         decision requirement : Answer takes the strictest otherwise none\n",
    );
    let _ = writeln!(text, "group LAX of Place = {}\ngroup STRICT of Place = {}", set(lax), set(strict));
    for (at, rule) in rules.iter().enumerate() {
        let flag = rule.flag.map_or(String::new(), |flag| format!(" and {}flag", if flag { "" } else { "not " }));
        let (places, least, answer) = (set(&rule.places), rule.amount, ANSWERS[rule.answer]);
        let _ = writeln!(text, "rule r{at} when place in {places}{flag} and amount >= {least} then requirement is {answer}");
    }
    let _ = writeln!(
        text,
        "prove tiers is tier_order with treatment is requirement, place is place, laxer is LAX, stricter is STRICT, facts is amount >= {least}\n\
         prove back : requirement never loosens from place in STRICT to LAX where flag\n\
         prove by_place as parent_blind : requirement never depends on place where amount >= {least}\n\
         prove by_flag is price_proof with subject is requirement, price is flag, facts is place in LAX\n\
         prove by_amount as jurisdiction_total : requirement never depends on amount where not flag",
    );
    text
}

/// Of each claim: whether two cases that differ in its one input break it; `None` where it is about no pair.
fn by_hand(rules: &[Rule], lax: &[bool], strict: &[bool], least: i64) -> Vec<(&'static str, Option<bool>)> {
    let cases =
        || (0..4).flat_map(|place| [false, true].map(|flag| (place, flag))).flat_map(|(p, f)| (0..4).map(move |a| (p, f, a)));
    let mut out = vec![("tiers", None), ("back", None), ("by_place", None), ("by_flag", None), ("by_amount", None)];
    for x in cases() {
        for y in cases() {
            let ((p, f, a), (q, g, b)) = (x, y);
            let (one, other) = (answer(rules, p, f, a), answer(rules, q, g, b));
            let places = f == g && a == b && p != q;
            let mut see = |at: usize, about: bool, breaks: bool| {
                if about {
                    let seen: &mut Option<bool> = &mut out[at].1;
                    *seen = Some(seen.unwrap_or(false) || breaks);
                }
            };
            see(0, places && a >= least && lax[p] && strict[q], other < one);
            see(1, places && f && strict[p] && lax[q], other < one);
            see(2, places && a >= least, one != other);
            see(3, p == q && a == b && f != g && lax[p], one != other);
            see(4, p == q && f == g && a != b && !f, one != other);
        }
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pairs_are_judged_as_by_hand(
        rules in vec(rule(), 1..4),
        lax in vec(any::<bool>(), 4),
        strict in vec(any::<bool>(), 4),
        least in 0i64..4,
    ) {
        let loader = MemoryLoader { files: BTreeMap::from([("r.lxp".to_owned(), source(&rules, &lax, &strict, least))]) };
        let compilation = Compilation::load(&loader, "r.lxp");
        prop_assert!(!compilation.failed(), "{:#?}", compilation.messages);
        let program = compilation.program.expect("a program");
        let report = check(&program, &Options::default());
        for (name, breaks) in by_hand(&rules, &lax, &strict, least) {
            let claim = report.claims.iter().find(|claim| claim.claim == name).expect("a claim");
            let expected = match breaks {
                None => Standing::Empty,
                Some(true) => Standing::Fails,
                Some(false) => Standing::Holds,
            };
            prop_assert_eq!(claim.came, expected, "{}", name);
        }
        // Both methods stand behind what is proved.
        for proof in &report.proved {
            prop_assert!(proof.evidence.iter().all(|one| !one.silent), "{:?}", proof);
        }
    }
}

fn rows(source: &str) -> Vec<(Standard, Vec<String>, bool, Option<String>)> {
    let loader = MemoryLoader { files: BTreeMap::from([("r.lxp".to_owned(), source.to_owned())]) };
    let compilation = Compilation::load(&loader, "r.lxp");
    assert!(!compilation.failed(), "{:#?}", compilation.messages);
    let program = compilation.program.expect("a program");
    let report = check(&program, &Options::default());
    standard(&program, &report)
        .into_iter()
        .map(|row| {
            let claims = row.claims.iter().map(|one| format!("{}: {:?}", one.claim, one.came)).collect();
            (row.standard, claims, row.itself.is_some(), row.why.map(|why| why.sentence().to_string()))
        })
        .collect()
}

#[test]
fn what_nobody_asked_is_said_with_the_reason() {
    let bare = "regime r \"R\"\nenum Answer ordered { none < license }\ninput amount : count from 0 to 3\n\
                decision requirement : Answer takes the strictest otherwise none\n\
                rule a when amount >= 2 then requirement is license\n";
    let rows_of_bare = rows(bare);
    let asked: Vec<Standard> = rows_of_bare.iter().filter(|row| row.3.is_none()).map(|row| row.0).collect();
    assert_eq!(asked, [Standard::ConsistentAndLive]);
    let why = |of: Standard| rows_of_bare.iter().find(|row| row.0 == of).and_then(|row| row.3.clone()).expect("a reason");
    assert_eq!(why(Standard::CapCannotBeSplit), "the regime has no cap");
    assert_eq!(why(Standard::AmendmentRefines), "it is compared with no other regime");
    assert_eq!(why(Standard::NoGapInTime), "the regime knows no days");
    assert!(why(Standard::NoBackfill).contains("`backfill`"));

    let more = format!("{bare}prove more : requirement never loosens as amount grows\n");
    let rows_of_more = rows(&more);
    let monotone = rows_of_more.iter().find(|row| row.0 == Standard::Monotone).expect("a row");
    assert_eq!((monotone.1.as_slice(), &monotone.3), (&["more: Holds".to_owned()][..], &None));

    let less = format!(
        "{bare}prove less : requirement never tightens as amount grows\naccept LX4009 about less because \"an example\"\n\
         input held : bool\nprocess hold as no_permitted_path state had : bool start when not had\n\
         step take when held and requirement is none then had is true never had\n"
    );
    let rows_of_less = rows(&less);
    let of = |standard: Standard| rows_of_less.iter().find(|row| row.0 == standard).expect("a row").1.clone();
    assert_eq!(of(Standard::Monotone), ["less: Accepted"]);
    assert_eq!(of(Standard::NoPermittedPath), ["hold: Fails"]);
}

/// What is written for another solver says what the check says: of sums, and of values that only a default gives.
#[test]
fn the_problems_as_text_say_the_same() {
    use lexport::smt::{Query, alone, script};
    use z3::{SatResult, Solver};
    let text = "regime s \"S\"\ninput more, flag : bool\ninput n : count from 0 to 9\n\
        decision duty \"D\" : percent from 0 to 100 takes the sum otherwise 0%\n\
        rule a \"1\" when more then duty is 10%\nrule b \"2\" when flag and more then duty is 5%\n\
        decision rate \"R\" : percent from 0 to 100 takes exactly one otherwise 50%\nrule c \"3\" when n >= 5 then rate is 10%\n\
        prove by_flag : duty never depends on flag where more\nprove without : duty never depends on flag where not more\n\
        prove by_n : rate never loosens as n grows\nprove small : rate never depends on n where n < 5\n\
        prove twice : duty never tightens as n grows\n";
    let loader = MemoryLoader { files: BTreeMap::from([("s.lxp".to_owned(), text.to_owned())]) };
    let compilation = Compilation::load(&loader, "s.lxp");
    assert!(!compilation.failed(), "{:#?}", compilation.messages);
    let mut program = compilation.program.expect("a program");
    let report = check(&program, &Options::default());
    let goals = lexport::analysis::violations(&mut program);
    let mut answers = Vec::new();
    for (property, goal) in program.properties.iter().zip(goals) {
        let input = property.kind.pair().expect("about pairs");
        let query = Query::never_in_pair(goal.expect("few totals"), [input]).rising(input);
        let text = script(&program, &query).expect("a script");
        let answer = alone(|| {
            let solver = Solver::new();
            solver.from_string(text.as_str());
            (solver.get_assertions().is_empty(), solver.check())
        });
        let fails = report.findings.iter().any(|one| one.about.contains(&property.name));
        assert_eq!(answer, (false, if fails { SatResult::Sat } else { SatResult::Unsat }), "{}", property.name);
        answers.push(fails);
    }
    assert_eq!(answers, [true, false, true, false, false]);
}

/// `docs/patterns.md` names every ready-made process and property, in the order of the source, with its roles and what it shows.
#[test]
fn the_page_of_patterns_is_that_of_the_source() {
    let page = include_str!("../docs/patterns.md");
    let roles_told: BTreeSet<&str> = section(page, "## What the roles are")
        .filter_map(|row| row.split('|').nth(1))
        .flat_map(|cell| cell.split(',').map(|name| name.trim().trim_matches('`')))
        .collect();
    let mut used = BTreeSet::new();
    for (kind, source, heading) in [
        ("process", include_str!("../src/std/evasion.lxp"), "## Processes"),
        ("property", include_str!("../src/std/properties.lxp"), "## Properties"),
    ] {
        let mut rows = BTreeSet::new();
        for row in section(page, heading) {
            let cells: Vec<&str> = row.split('|').map(str::trim).filter(|cell| !cell.is_empty()).collect();
            let (shows, roles) = (cells[cells.len() - 2], cells[cells.len() - 1]);
            rows.insert(format!("{} {} {}", cells[0], shows, roles).replace('`', ""));
        }
        let mut declared = BTreeSet::new();
        let plain: Vec<&str> = source.lines().filter(|line| !line.starts_with("--")).collect();
        let text = plain.join(" ");
        for one in text.split(&format!("{kind} ")).skip(1).filter(|one| one.contains(" as ")) {
            let name = one.split_whitespace().next().expect("a name");
            let (_, rest) = one.split_once("\" as ").or_else(|| one.split_once(" as ")).expect("what it shows");
            let (shows, rest) = rest.trim().split_once("with").expect("roles");
            let end = ["state", "keeps", "time", " :"].iter().filter_map(|end| rest.find(end)).min().expect("an end");
            let roles: Vec<&str> = rest[..end].split(',').map(str::trim).collect();
            used.extend(roles.iter().map(|role| (*role).to_owned()));
            declared.insert(format!("{name} {} {}", shows.trim(), roles.join(", ")));
        }
        assert!(declared.len() >= 10);
        assert_eq!(rows, declared);
    }
    let told: BTreeSet<String> =
        roles_told.into_iter().filter(|name| *name != "role" && !name.starts_with('-')).map(str::to_owned).collect();
    assert_eq!(told, used, "what the roles are");
}

/// The rows of the table below a heading, without its head.
fn section<'p>(page: &'p str, heading: &str) -> impl Iterator<Item = &'p str> {
    let from = page.find(heading).expect("the heading");
    let rest = &page[from + heading.len()..];
    let end = rest.find("\n## ").unwrap_or(rest.len());
    rest[..end].lines().filter(|line| line.starts_with('|')).skip(2)
}
