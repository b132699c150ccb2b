//! Repairs: what is offered for findings whose remedy is known from the law, and that what is offered holds when it is made.
//!
//! The expected change is what the law did, or what a lawyer would do first; nothing here is copied from what the program said.

use std::collections::BTreeMap;
use std::path::Path;

use lexport::analysis::{Options, check};
use lexport::diagnostic::Code;
use lexport::driver::Compilation;
use lexport::repair::{Repair, Trouble, edited, repair};
use lexport::source::{DiskLoader, Loader, MemoryLoader};

/// Makes a repair, and checks the whole regime again.
fn made(loader: &dyn Loader, path: &str, claim: &str, repair: &Repair) {
    let edits: Vec<_> = repair.edits.iter().collect();
    let text = loader.load(path).expect("a text");
    assert!(repair.edits.iter().all(|edit| edit.path == path));
    let text = edited(&text, &edits).expect("edits that fit");
    let compilation = Compilation::load(&MemoryLoader { files: BTreeMap::from([("r.lxp".to_owned(), text)]) }, "r.lxp");
    assert!(!compilation.failed(), "{:#?}", compilation.messages);
    let program = compilation.program.expect("a program");
    let report = check(&program, &Options::default());
    let about = report.findings.iter().filter(|one| one.about.iter().any(|name| name == claim));
    let about: Vec<_> = about.filter(|one| one.code != Code::AcceptanceUnmatched).map(|one| one.title.to_string()).collect();
    assert!(about.is_empty(), "{claim}: {about:?}");
}

fn offered(loader: &dyn Loader, path: &str, claim: &str) -> Vec<Repair> {
    let all = repair(loader, path, &[claim.to_owned()], &Options::default()).expect("a regime with that finding");
    assert_eq!((all.repaired.len(), all.open.len()), (1, 0));
    for one in &all.repaired[0].repairs {
        made(loader, path, claim, one);
    }
    all.repaired.into_iter().next().expect("one").repairs
}

fn catalogue(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/loopholes").join(name).join("before.lxp").display().to_string()
}

#[test]
fn the_catalogue_is_mended_as_the_law_was() {
    // 90 FR 4544 with what the property asks for: per ultimate parent, over any 365 days.
    let found = offered(&DiskLoader, &catalogue("p19-cap-splitting"), "no_3000_at_the_turn_of_the_year");
    let texts: Vec<&str> = found[0].edits.iter().map(|edit| edit.with.as_str()).collect();
    assert_eq!(texts, ["ultimate_parent", "in any 365 days"]);
    // A release to a resident elsewhere who is still a citizen: any citizenship counts.
    let found = offered(&DiskLoader, &catalogue("p18-second-passport"), "nothing_for_a_citizen");
    assert!(found[0].what.to_string().contains("not resident"), "{}", found[0].what);
    // The guidance of 2026-05-31: the limb that was moved had never ceased to be enforced.
    let found = offered(&DiskLoader, &catalogue("p11-lost-in-a-move"), "worldwide_keeps_headquarters");
    assert!(found[0].what.to_string().contains("stays in force"), "{}", found[0].what);
    // 734.4(a)(8): no de minimis level for tools with a U.S.-origin circuit for Macau and D:5.
    let found = offered(&DiskLoader, &catalogue("p08-de-minimis-dilution"), "price_alone_decides_nothing");
    assert!(found[0].edits[0].with.contains("kind is tool and us_circuit and destination in D5M"), "{:?}", found[0].edits);
}

const BOUNDED: &str = "regime bounded \"B\"\n\
    input amount : count from 0 to 100\ninput ours : bool\n\
    enum Need ordered { free < license }\n\
    decision need \"Need\" : Need takes the strictest otherwise free\n\
    rule large \"1\" when amount >= 50 and ours then need is license\n\
    prove from_thirty \"1\" : every case where amount >= 30 and ours satisfies need is license\n";

/// The bound that must move moves exactly as far as it must.
#[test]
fn a_bound_is_moved_no_farther_than_it_must_be() {
    let loader = MemoryLoader { files: BTreeMap::from([("b.lxp".to_owned(), BOUNDED.to_owned())]) };
    let found = offered(&loader, "b.lxp", "from_thirty");
    let edit = &found[0].edits[0];
    assert_eq!((&BOUNDED[edit.range.clone()], edit.with.as_str()), ("50", "30"));
    // 20 amounts times one: need rises from free to license in those cases and in no other.
    assert_eq!(found[0].changed.as_ref().map(ToString::to_string).as_deref(), Some("20"));
}

const CLASH: &str = "regime clash \"C\"\n\
    input a, b : bool\n\
    enum Answer { open_, shut, unsaid }\n\
    decision open \"Open\" : Answer takes exactly one otherwise unsaid\n\
    rule yes \"1\" when a then open is open_\n\
    rule no \"2\" when b then open is shut\n";

#[test]
fn a_conflict_is_settled_by_a_priority_either_way() {
    let loader = MemoryLoader { files: BTreeMap::from([("c.lxp".to_owned(), CLASH.to_owned())]) };
    let found = offered(&loader, "c.lxp", "open");
    let texts: Vec<&str> = found.iter().map(|one| one.edits[0].with.trim()).collect();
    assert_eq!(texts.len(), 2, "{texts:?}");
    assert!(texts.contains(&"overrides no") && texts.contains(&"overrides yes"), "{texts:?}");
}

#[test]
fn what_is_not_found_is_not_repaired() {
    let loader = MemoryLoader { files: BTreeMap::from([("c.lxp".to_owned(), CLASH.to_owned())]) };
    match repair(&loader, "c.lxp", &["shut".to_owned()], &Options::default()) {
        Err(Trouble::NoSuchName(name, known)) => assert_eq!((name.as_str(), known), ("shut", vec!["open".to_owned()])),
        other => panic!("{other:?}"),
    }
    let claim = format!("{CLASH}\nprove something : every case where a and not b satisfies open is open_\n");
    let loader = MemoryLoader { files: BTreeMap::from([("c.lxp".to_owned(), claim)]) };
    match repair(&loader, "c.lxp", &["something".to_owned()], &Options::default()) {
        Err(Trouble::NoSuchFinding { name, settled, known }) => {
            assert_eq!((name.as_str(), settled, known), ("something", true, vec!["open".to_owned()]));
        }
        other => panic!("{other:?}"),
    }
}

/// Edits that put a conflict or a gap in the place of the finding are no repairs, though a conflict and a gap of the decision exist.
#[test]
fn a_finding_is_not_replaced_by_another() {
    let text = "regime h \"H\"\ninput a, b, c, e : bool\nenum Answer { open_, shut, unsaid }\n\
        decision open \"Open\" : Answer takes exactly one otherwise unsaid\n\
        rule yes \"1\" when a then open is open_\nrule no \"2\" when a and b then open is shut\n\
        rule third \"3\" when c and not a then open is shut\n\
        prove p \"1\" : every case where c and not b satisfies open is not open_\n";
    let loader = MemoryLoader { files: BTreeMap::from([("h.lxp".to_owned(), text.to_owned())]) };
    let all = offered(&loader, "h.lxp", "p");
    assert!(!all.is_empty(), "nothing is offered, so nothing is looked at");
    for one in all {
        let impact: Vec<String> = one.impact.iter().map(ToString::to_string).collect();
        assert!(impact.iter().all(|line| !line.contains("to a conflict")), "{}: {impact:?}", one.what);
    }
}

/// Of two conflicts about one decision each can be settled by itself.
#[test]
fn conflicts_of_one_decision_are_told_apart() {
    let text = "regime c \"C\"\ninput a, b, d, e : bool\nenum Answer { open_, shut, unsaid }\n\
        decision open \"Open\" : Answer takes exactly one otherwise unsaid\n\
        rule one \"1\" when a and b and not d and not e then open is open_\nrule two \"2\" when a and not d and not e then open is shut\n\
        rule three \"3\" when d and e and not a and not b then open is open_\nrule four \"4\" when d and not a and not b then open is shut\n";
    let loader = MemoryLoader { files: BTreeMap::from([("c.lxp".to_owned(), text.to_owned())]) };
    let found = repair(&loader, "c.lxp", &[], &Options::default()).expect("two conflicts");
    assert_eq!(found.repaired.len(), 2);
    for one in &found.repaired {
        assert!(!one.repairs.is_empty(), "{one:?}");
    }
}

/// A path beyond the depth is repaired as one within it is.
#[test]
fn long_ways_are_closed_too() {
    let text = "regime d \"D\"\ninput x : count from 1 to 10\nenum Need ordered { free < license }\n\
        decision need \"N\" : Need takes the strictest otherwise free\nrule r \"1\" when x >= 5 then need is license\n\
        process deep \"x\"\n  state got : count from 0 to 100\n  start when got = 0\n\
        step order when need is free then got adds 1\n  never got >= 20\n";
    let loader = MemoryLoader { files: BTreeMap::from([("d.lxp".to_owned(), text.to_owned())]) };
    let found = repair(&loader, "d.lxp", &[], &Options::default()).expect("a way of twenty steps or more");
    assert_eq!(found.repaired.iter().map(|one| one.claim.as_str()).collect::<Vec<_>>(), ["deep"]);
    assert!(found.repaired[0].tried > 0 && !found.repaired[0].repairs.is_empty(), "{:#?}", found.repaired);
}

/// What a process asks by a name is part of its claim, also where the name is a code of the control list.
#[test]
fn a_definition_that_the_process_asks_is_not_moved() {
    let text = "regime codes\ninput amount, other : count from 0 to 100\ndefine 3A090.a = amount >= 50\n\
        decision requirement : ordered { none < license } takes the strictest otherwise none\n\
        rule r when 3A090.a and other >= 10 then requirement is license\n\
        process walk\n  state done : bool\n  start when not done\n\
        step go when requirement is none then done is 3A090.a and other >= 20 or 3A090.a and amount <= 90\n\
        prove never_done : in walk never done\n";
    let loader = MemoryLoader { files: BTreeMap::from([("c.lxp".to_owned(), text.to_owned())]) };
    let all = offered(&loader, "c.lxp", "never_done");
    assert!(!all.is_empty(), "nothing is offered, so nothing is looked at");
    assert!(all.iter().all(|one| !one.what.to_string().starts_with("in `3A090.a`")), "{all:#?}");
}
