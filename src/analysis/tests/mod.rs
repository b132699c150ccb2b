//! The analyses against the interpreter run over every case of small domains, and against programs reasoned out by hand.

mod kept;
mod put;
#[cfg(feature = "solver")]
mod tables;
mod versions;

use std::collections::{BTreeMap, BTreeSet};

use num_bigint::BigUint;

use super::*;
use crate::diagnostic::{Code, Severity};
use crate::eval::sample::{self, DATE, FLAG, Small, TPP, completions, random, zero};
use crate::eval::{Decided, Eval, same};
use crate::ir::{
    Acceptance, Alternative, Case, Combine, DateEdge, DecisionId, Direction, Expectation, Expected, MemberSet, OriginId, Outcome,
    OutcomeTest, Program, Property, PropertyKind, RuleId, RuleKind, Scenario, TermId, Value,
};

const NONE: u32 = 0;
const NOTICE: u32 = 1;
const LICENSE: u32 = 2;

fn level(member: u32) -> Value {
    Value::Member(member)
}

/// The two ways to ask: of whole decisions, and of rules that can meet.
fn ways() -> [Options; 2] {
    [Options::default(), Options { direct: 0, ..Options::default() }]
}

fn of_code(report: &Report, code: Code) -> Vec<&Finding> {
    report.findings.iter().filter(|finding| finding.code == code).collect()
}

fn count(n: u64) -> Option<BigUint> {
    Some(BigUint::from(n))
}

/// What the interpreter says in every case.
struct Brute {
    conflicts: BTreeSet<(DecisionId, Vec<RuleId>, u64)>,
    gaps: BTreeMap<DecisionId, u64>,
    dead: BTreeSet<RuleId>,
    dead_sides: BTreeSet<(RuleId, usize)>,
    redundant: BTreeSet<RuleId>,
}

fn brute(program: &Program) -> Brute {
    let cases = completions(program, &Case::unknown(program.inputs.len()));
    let mut gaps = BTreeMap::new();
    let mut alive: BTreeSet<RuleId> = BTreeSet::new();
    let mut sides: BTreeSet<(RuleId, usize)> = BTreeSet::new();
    let mut matters: BTreeSet<RuleId> = BTreeSet::new();
    let mut together: Vec<BTreeSet<RuleId>> = Vec::new();
    for case in &cases {
        let mut eval = Eval::new(program, case).expect("a good case");
        let effective: BTreeSet<RuleId> = program.rule_ids().filter(|rule| eval.effective(*rule)).collect();
        for rule in &effective {
            for (at, side) in program.rule(*rule).alternatives.iter().enumerate() {
                if eval.holds(side.applies) {
                    sides.insert((*rule, at));
                }
            }
        }
        for id in program.decision_ids() {
            let with: Decided = eval.decide(id).clone();
            if with.outcome == Outcome::Gap {
                *gaps.entry(id).or_insert(0) += 1;
            }
            for rule in program.rule_ids() {
                if !same(&with.outcome, &eval.decide_without(id, rule).outcome) {
                    matters.insert(rule);
                }
            }
        }
        alive.extend(effective.iter().copied());
        together.push(effective);
    }
    let mut conflicts = BTreeSet::new();
    for id in program.decision_ids().filter(|id| program.decision(*id).combine == Combine::ExactlyOne) {
        let value = |rule: RuleId| program.conclusion(rule, id);
        for a in 0..3 {
            for b in a + 1..3 {
                let (a, b) = (level(a), level(b));
                // Groups of rules that clash over these two values, joined where they share one.
                let mut groups: Vec<BTreeSet<RuleId>> = Vec::new();
                for effective in &together {
                    let of = |v: &Value| effective.iter().copied().filter(|rule| value(*rule) == Some(v)).collect::<Vec<_>>();
                    let (left, right) = (of(&a), of(&b));
                    if left.is_empty() || right.is_empty() {
                        continue;
                    }
                    let mut group: BTreeSet<RuleId> = left.into_iter().chain(right).collect();
                    groups.retain(|other| {
                        let joined = !other.is_disjoint(&group);
                        if joined {
                            group.extend(other.iter().copied());
                        }
                        !joined
                    });
                    groups.push(group);
                }
                for group in groups {
                    let clash = |effective: &&BTreeSet<RuleId>| {
                        let has = |v: &Value| group.iter().any(|rule| effective.contains(rule) && value(*rule) == Some(v));
                        has(&a) && has(&b)
                    };
                    let count = together.iter().filter(clash).count() as u64;
                    conflicts.insert((id, group.into_iter().collect(), count));
                }
            }
        }
    }
    let dead: BTreeSet<RuleId> = program.rule_ids().filter(|rule| !alive.contains(rule)).collect();
    let all_sides = program
        .rule_ids()
        .flat_map(|rule| (0..program.rule(rule).alternatives.len()).map(move |at| (rule, at)).collect::<Vec<_>>());
    Brute {
        conflicts,
        gaps,
        dead_sides: all_sides.filter(|(rule, at)| !dead.contains(rule) && !sides.contains(&(*rule, *at))).collect(),
        redundant: program.rule_ids().filter(|rule| alive.contains(rule) && !matters.contains(rule)).collect(),
        dead,
    }
}

/// Whether a report says exactly what the interpreter says in every case.
fn agrees(program: &Program, report: &Report, brute: &Brute) -> Result<(), String> {
    let expect = |what: &str, holds: bool| if holds { Ok(()) } else { Err(what.to_owned()) };
    expect("undecided", report.undecided.is_empty())?;
    expect("internal", of_code(report, Code::Internal).is_empty())?;
    let found: BTreeSet<(DecisionId, Vec<RuleId>, u64)> = of_code(report, Code::Conflict)
        .iter()
        .map(|f| (f.decisions[0], f.rules.clone(), f.count.clone().and_then(|n| n.try_into().ok()).unwrap_or(0)))
        .collect();
    expect("conflicts", found == brute.conflicts)?;
    let gaps: BTreeMap<DecisionId, u64> = of_code(report, Code::Gap)
        .iter()
        .map(|f| (f.decisions[0], f.count.clone().and_then(|n| n.try_into().ok()).unwrap_or(0)))
        .collect();
    expect("gaps", gaps == brute.gaps)?;
    let rules = |code| of_code(report, code).iter().map(|f| f.rules[0]).collect::<BTreeSet<RuleId>>();
    expect("dead", rules(Code::DeadRule) == brute.dead)?;
    expect("redundant", rules(Code::RedundantRule) == brute.redundant)?;
    let sides = of_code(report, Code::DeadAlternative).len();
    expect("alternatives", sides == brute.dead_sides.len())?;
    // What was proved is so.
    for proof in &report.proved {
        let about = |id: &DecisionId| proof.property.to_string().contains(&format!("`{}`", program.decision(*id).name));
        let Some(id) = program.decision_ids().find(about) else { continue };
        if proof.property.to_string().contains("conflict") {
            expect("proved no conflict", !brute.conflicts.iter().any(|(other, ..)| *other == id))?;
        }
        if proof.property.to_string().contains("has a value") {
            expect("proved no gap", !brute.gaps.contains_key(&id))?;
        }
    }
    // Each class lies within its finding, and the classes add up to it.
    for finding in &report.findings {
        if let (false, Some(count)) = (finding.classes.is_empty(), &finding.count) {
            let sum: BigUint = finding.classes.iter().filter_map(|class| class.count.clone()).sum();
            expect("classes", sum == *count)?;
        }
    }
    Ok(())
}

#[test]
fn findings_are_exactly_what_every_case_says() {
    for seed in 0..40 {
        let program = random(seed);
        let brute = brute(&program);
        for (way, options) in ways().iter().enumerate() {
            let report = check(&program, options);
            if let Err(what) = agrees(&program, &report, &brute) {
                panic!("seed {seed}, way {way}: {what}\n{report:#?}\n{:#?}", program.rules);
            }
        }
    }
}

#[test]
fn rules_that_all_meet_are_asked_about_as_a_whole() {
    for seed in 0..40 {
        let program = random(seed);
        let brute = brute(&program);
        let report = check(&program, &Options { direct: 0, pairs: 0, ..Options::default() });
        for id in program.decision_ids().filter(|id| program.decision(*id).combine == Combine::ExactlyOne) {
            let expected = brute.conflicts.iter().any(|(decision, ..)| *decision == id);
            let found: Vec<_> =
                of_code(&report, Code::Conflict).into_iter().filter(|finding| finding.decisions == [id]).collect();
            assert_eq!(found.len(), usize::from(expected), "seed {seed} {id:?}");
            let name = format!("`{}` is never in conflict", program.decision(id).name);
            assert_eq!(report.proved.iter().any(|proof| proof.property == name.as_str()), !expected, "seed {seed} {id:?}");
        }
    }
}

#[test]
fn a_count_is_over_the_inputs_of_its_own_regime() {
    let (mut small, _) = clash();
    let cases = of_code(&check(&small.program, &Options::default()), Code::Conflict)[0].count.clone();
    let mut regime = small.program.regimes[0].clone();
    regime.name = "other".into();
    small.program.regimes.push(regime);
    for domain in [sample::number(0, 6), crate::ir::Domain::Set(crate::ir::EnumId(2)), crate::ir::Domain::Bool] {
        let name = format!("other{}", small.program.inputs.len());
        let input = crate::ir::Input { name, domain, regime: 1, ..small.program.inputs[0].clone() };
        small.program.inputs.push(crate::ir::Input { preferred: Vec::new(), ..input });
    }
    let report = check(&small.program, &Options::default());
    assert_eq!(of_code(&report, Code::Conflict)[0].count, cases);
    let classes = &of_code(&report, Code::Conflict)[0].classes;
    assert_eq!(classes.iter().filter_map(|class| class.count.clone()).sum::<BigUint>(), cases.expect("a count"));
    let both = diff(&small.program, 0, 0, &Options::default());
    assert!(both.findings.is_empty());
}

#[test]
fn the_comparison_can_fail() {
    // A report about one program does not pass for another whose first rule concludes something else, or applies less.
    let (mut caught, mut changed) = (0, 0);
    for seed in 0..24 {
        let program = random(seed);
        let report = check(&program, &Options::default());
        let mut other = program.clone();
        let never = other.builder().constant(false);
        other.rules[0].applies = never;
        other.rules[0].condition = never;
        let brute = brute(&other);
        if !brute.dead.contains(&RuleId(0)) || agrees(&other, &report, &brute).is_err() {
            caught += 1;
        }
        changed += usize::from(!self::brute(&program).dead.contains(&RuleId(0)));
    }
    assert!(caught >= changed && changed > 10, "{caught} of {changed}");
}

/// `a` says license in AA and BB, `b` says none in BB and CC.
fn clash() -> (Small, DecisionId) {
    let mut small = Small::new();
    let d = small.levels("need", Combine::ExactlyOne, Some(NONE));
    let (left, right) = (small.in_place(&[0, 1]), small.in_place(&[1, 2]));
    small.rule("a", left, &[(d, level(LICENSE))]);
    small.rule("b", right, &[(d, level(NONE))]);
    (small, d)
}

#[test]
fn a_conflict_is_one_finding_with_its_rules_and_cases() {
    let (mut small, d) = clash();
    // Two more that say none, in BB: the same cause.
    for name in ["c", "e"] {
        let here = small.in_place(&[1]);
        small.rule(name, here, &[(d, level(NONE))]);
    }
    for options in ways() {
        let report = check(&small.program, &options);
        let found = of_code(&report, Code::Conflict);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].rules, (0..4).map(RuleId).collect::<Vec<_>>());
        // BB, and everything else as it likes: 2,592 / 3.
        assert_eq!(found[0].count, count(864));
        assert_eq!(found[0].severity, Severity::Error);
        let Some(Witness::Case(case)) = &found[0].witness else { panic!("no witness") };
        // The first of everything, except for the place.
        let mut expected = zero(&small.program);
        expected.set(sample::PLACE, Value::Member(1));
        assert_eq!(*case, expected);
        assert_eq!(found[0].came[0].outcome, Outcome::Conflict(vec![level(NONE), level(LICENSE)]));
    }
}

#[test]
fn an_override_settles_a_conflict_and_both_methods_prove_it() {
    let (mut small, _) = clash();
    small.overrides(RuleId(1), RuleId(0));
    for options in ways() {
        let report = check(&small.program, &options);
        assert!(of_code(&report, Code::Conflict).is_empty());
        let proof = report.proved.iter().find(|proof| proof.property.to_string().contains("conflict")).expect("a proof");
        assert_eq!(proof.evidence.len(), options.methods.len());
    }
}

#[test]
fn preferred_values_make_a_witness_familiar() {
    let (mut small, _) = clash();
    small.program.inputs[TPP.index()].preferred = vec![Value::Int(2)];
    small.program.inputs[sample::HQ.index()].preferred = vec![Value::Member(2), Value::Member(0)];
    let report = check(&small.program, &Options::default());
    let Some(Witness::Case(case)) = &of_code(&report, Code::Conflict)[0].witness else { panic!("no witness") };
    assert_eq!(case.int(TPP), Some(2));
    assert_eq!(case.get(sample::HQ), Some(&Value::Member(2)));
}

#[test]
fn a_gap_of_one_day_says_which() {
    let mut small = Small::new();
    let d = small.levels("need", Combine::ExactlyOne, None);
    for (name, day) in [("a", 0), ("b", 2)] {
        let (on, always) = (small.between(DATE, day, day), small.always());
        small.rule_in(name, on, always, &[(d, level(NOTICE))]);
    }
    let report = check(&small.program, &Options::default());
    let found = of_code(&report, Code::Gap);
    // Day 1 of three: a third of all cases.
    assert_eq!(found[0].count, count(864));
    assert_eq!(found[0].notes, ["only where date is 1970-01-02"]);
}

#[test]
fn a_dead_rule_names_the_least_that_shadows_it() {
    let mut small = Small::new();
    let d = small.levels("need", Combine::ExactlyOne, Some(NONE));
    let (aa, bb, both, flag) = (small.in_place(&[0]), small.in_place(&[1]), small.in_place(&[0, 1]), small.flag());
    let victim = small.rule("victim", both, &[(d, level(NOTICE))]);
    for (name, when) in [("flagged", flag), ("in_aa", aa), ("in_bb", bb)] {
        let by = small.rule(name, when, &[(d, level(LICENSE))]);
        small.overrides(by, victim);
    }
    // One with a period and a condition that never meet.
    let (first_day, later) = (small.between(DATE, 0, 0), small.between(DATE, 1, 2));
    small.rule_in("late", first_day, later, &[(d, level(NOTICE))]);
    for options in ways() {
        let report = check(&small.program, &options);
        let found = of_code(&report, Code::DeadRule);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].rules, [victim]);
        // The flagged one is not needed to shadow it.
        assert_eq!(found[0].shadows, [RuleId(2), RuleId(3)]);
        assert_eq!(found[1].notes, ["its condition is not met on any day of its period"]);
        assert_eq!(found[0].evidence.len(), options.methods.len());
    }
}

#[test]
fn a_dead_alternative_is_found_inside_a_living_rule() {
    let mut small = Small::new();
    let d = small.levels("need", Combine::Strictest, Some(NONE));
    let (aa, bb) = (small.in_place(&[0]), small.in_place(&[1]));
    let either = small.build().or([aa, bb]);
    let rule = small.rule("rule", either, &[(d, level(LICENSE))]);
    for applies in [aa, bb] {
        small.program.rules[rule.index()].alternatives.push(Alternative {
            applies,
            junction: 0,
            within: None,
            origin: OriginId::NOWHERE,
        });
    }
    let exception = small.rule("exception", bb, &[(d, level(NONE))]);
    small.program.rules[exception.index()].kind = RuleKind::Exception;
    small.overrides(exception, rule);
    let report = check(&small.program, &Options::default());
    let found = of_code(&report, Code::DeadAlternative);
    assert_eq!(found.len(), 1);
    assert!(found[0].title.to_string().starts_with("alternative 2 "), "{}", found[0].title);
    assert_eq!(found[0].shadows, [exception]);
}

#[test]
fn a_redundant_rule_is_one_that_others_repeat() {
    let mut small = Small::new();
    let d = small.levels("need", Combine::Strictest, Some(NONE));
    let (aa, both) = (small.in_place(&[0]), small.in_place(&[0, 1]));
    small.rule("wide", both, &[(d, level(LICENSE))]);
    small.rule("narrow", aa, &[(d, level(NOTICE))]);
    for options in ways() {
        let report = check(&small.program, &options);
        let found = of_code(&report, Code::RedundantRule);
        assert_eq!(found.len(), 1);
        // Wherever narrow applies, wide says the stricter; and without wide BB would be free.
        assert_eq!(found[0].rules, [RuleId(1)]);
        assert_eq!(found[0].shadows, [RuleId(0)]);
        // Strictest: their overlap is a note.
        let notes = of_code(&report, Code::Overlap);
        assert_eq!((notes.len(), notes[0].severity), (1, Severity::Note));
    }
}

/// License from tpp 1 to 2, nothing above: a cliff.
fn with_cliff() -> Small {
    let mut small = Small::new();
    let d = small.levels("need", Combine::Strictest, Some(NONE));
    let middle = small.between(TPP, 1, 2);
    small.rule("middle", middle, &[(d, level(LICENSE))]);
    small.program.inputs[TPP.index()].capability = true;
    small
}

#[test]
fn a_cliff_is_shown_at_its_edge() {
    let small = with_cliff();
    let report = check(&small.program, &Options::default());
    let found = of_code(&report, Code::Cliff);
    assert_eq!(found.len(), 1);
    let Some(Witness::Pair(first, second)) = &found[0].witness else { panic!("no pair") };
    assert_eq!((first.int(TPP), second.int(TPP)), (Some(2), Some(3)));
    assert_eq!(found[0].rules, [RuleId(0)]);
}

#[test]
fn a_day_that_nothing_names_is_a_cliff_in_time() {
    let mut small = Small::new();
    let d = small.levels("need", Combine::Strictest, Some(NONE));
    let (later, always) = (small.between(DATE, 1, 2), small.always());
    small.rule_in("later", later, always, &[(d, level(LICENSE))]);
    let report = check(&small.program, &Options::default());
    let found = of_code(&report, Code::TimeCliff);
    assert_eq!(found.len(), 1);
    assert!(found[0].title.to_string().contains("1970-01-02"));
    small.program.date_edges.push(DateEdge { day: 1, what: "later".into(), named: true, origin: OriginId::NOWHERE });
    let report = check(&small.program, &Options::default());
    assert!(of_code(&report, Code::TimeCliff).is_empty());
}

#[test]
fn properties_are_proved_or_refuted() {
    let mut small = with_cliff();
    let d = DecisionId(0);
    let licensed = small.build().outcome(d, OutcomeTest::Members(MemberSet::of(3, [LICENSE])));
    let low = small.between(TPP, 0, 0);
    let always = small.always();
    let never_low = small.build().and([licensed, low]);
    let (below, one) = (small.between(TPP, 0, 2), small.between(TPP, 1, 1));
    let nothing = small.build().constant(false);
    let within = |name: &str, kind, scope| Property {
        name: name.into(),
        cite: String::new(),
        shows: None,
        kind,
        scope,
        origin: OriginId::NOWHERE,
    };
    let property = |name: &str, kind| within(name, kind, always);
    small.program.properties = vec![
        property("never_low", PropertyKind::Never { violation: never_low }),
        property("never", PropertyKind::Never { violation: licensed }),
        property("up", PropertyKind::Monotone { decision: d, input: TPP, never: Direction::Loosens }),
        // Below 3 it never loosens.
        within("up_below", PropertyKind::Monotone { decision: d, input: TPP, never: Direction::Loosens }, below),
        // No two cases that differ in tpp both have tpp 1.
        within("of_no_pair", PropertyKind::Monotone { decision: d, input: TPP, never: Direction::Loosens }, one),
        // Of no case everything is true, which is worth nothing.
        within("of_nothing", PropertyKind::Never { violation: nothing }, nothing),
    ];
    let report = check(&small.program, &Options::default());
    let about: Vec<_> = of_code(&report, Code::Vacuous).iter().map(|finding| finding.about.clone()).collect();
    assert_eq!(about, [["of_no_pair"], ["of_nothing"]]);
    assert!(report.proved.iter().all(|proof| !proof.property.to_string().starts_with("`of_no")));
    let violated: Vec<&str> = of_code(&report, Code::PropertyViolated).iter().map(|finding| finding.about[0].as_str()).collect();
    assert_eq!(violated, ["never", "up"]);
    assert_eq!(of_code(&report, Code::PropertyViolated)[0].count, count(1296)); // two of four values of tpp
    for name in ["`never_low`", "`up_below`"] {
        let proof = report.proved.iter().find(|proof| proof.property == name).expect("a proof");
        assert_eq!(proof.evidence.len(), Options::default().methods.len());
    }
}

#[test]
fn a_scope_narrows_findings_and_proofs() {
    let (small, _) = clash();
    let fixed = Options { fixed: vec![(sample::PLACE, Value::Member(0))], ..Options::default() };
    let report = check(&small.program, &fixed);
    assert!(of_code(&report, Code::Conflict).is_empty());
    assert!(report.proved.iter().any(|proof| proof.scope.to_string().contains("place is AA")));
    let fixed = Options { fixed: vec![(FLAG, Value::Bool(true))], ..Options::default() };
    assert_eq!(of_code(&check(&small.program, &fixed), Code::Conflict)[0].count, count(432)); // half of 864
}

#[test]
fn acceptances_make_notes_and_are_findings_when_they_no_longer_fit() {
    let (mut small, _) = clash();
    let acceptance = |code: Code, rules: Vec<RuleId>, until| Acceptance {
        code: code.name(),
        rules,
        about: Vec::new(),
        reason: "known".into(),
        until,
        origin: OriginId::NOWHERE,
    };
    let both = vec![RuleId(0), RuleId(1)];
    small.program.acceptances = vec![acceptance(Code::Conflict, both.clone(), Some(10)), acceptance(Code::Gap, Vec::new(), None)];
    let report = check(&small.program, &Options { today: Some(10), ..Options::default() });
    assert_eq!(of_code(&report, Code::Conflict)[0].severity, Severity::Note);
    assert_eq!(of_code(&report, Code::AcceptanceUnmatched).len(), 1);
    // A day later it has expired.
    let report = check(&small.program, &Options { today: Some(11), ..Options::default() });
    assert_eq!(of_code(&report, Code::Conflict)[0].severity, Severity::Error);
    assert_eq!(of_code(&report, Code::AcceptanceExpired).len(), 1);
    // It does not cover a finding with one rule more.
    small.program.acceptances = vec![acceptance(Code::Conflict, vec![RuleId(0)], None)];
    let report = check(&small.program, &Options::default());
    assert_eq!(of_code(&report, Code::Conflict)[0].severity, Severity::Error);
    assert_eq!(of_code(&report, Code::AcceptanceUnmatched).len(), 1);
}

#[test]
fn scenarios_are_run_also_with_unknown_inputs() {
    let mut small = with_cliff();
    let d = DecisionId(0);
    let mut known = zero(&small.program);
    known.set(TPP, Value::Int(1));
    let mut unknown = known.clone();
    unknown.values[TPP.index()] = None;
    let is = |member| Expected::Test(OutcomeTest::Members(MemberSet::of(3, [member])));
    let open = |values: &[u32], asking| Expected::Open { possible: values.iter().copied().map(level).collect(), asking };
    let scenario = |given: &Case, expected: Expected, because: Vec<RuleId>| Scenario {
        name: "s".into(),
        cite: String::new(),
        given: given.clone(),
        before: Vec::new(),
        expect: vec![Expectation {
            decision: d,
            expected,
            because: because.into_iter().map(|rule| vec![rule]).collect(),
            origin: OriginId::NOWHERE,
        }],
        origin: OriginId::NOWHERE,
    };
    small.program.scenarios = vec![
        scenario(&known, is(LICENSE), vec![RuleId(0)]),
        scenario(&known, is(NONE), vec![]),
        scenario(&unknown, open(&[NONE, LICENSE], vec![TPP]), vec![]),
        scenario(&unknown, open(&[NONE, NOTICE], vec![]), vec![]),
        scenario(&unknown, open(&[NONE, LICENSE], vec![FLAG]), vec![]),
        scenario(&unknown, is(LICENSE), vec![]),
        scenario(&zero(&small.program), is(NONE), vec![RuleId(0)]),
    ];
    let tested = scenarios(&small.program);
    let failed: Vec<usize> = tested.runs.iter().filter(|run| !run.failures.is_empty()).map(|run| run.scenario).collect();
    assert_eq!(failed, [1, 3, 4, 5, 6]);
    assert_eq!(tested.runs[5].failures[0].said, "`need` should be license and is open: none or license; it depends on `tpp`");
    assert_eq!(tested.coverage, Coverage { of_rules: 1, ..Coverage::default() });
    assert_eq!(of_code(&check(&small.program, &Options::default()), Code::ScenarioFails).len(), 5);
}

#[test]
fn cliffs_agree_with_every_pair() {
    for seed in 0..25 {
        let mut program = random(seed);
        program.inputs[TPP.index()].capability = true;
        let report = check(&program, &Options::default());
        for id in program.decision_ids() {
            // Only where the source says which value is stricter: an ordered enumeration, or a way to combine that takes the strictest.
            let decision = program.decision(id);
            let strict = matches!(decision.combine, Combine::Strictest | Combine::LeastStrict);
            let ordered = match &decision.domain {
                crate::ir::Domain::Enum(of) => program.enumeration(*of).ordered,
                crate::ir::Domain::Set(_) => false,
                _ => strict,
            };
            if !ordered {
                assert!(!of_code(&report, Code::Cliff).iter().any(|finding| finding.decisions == [id]));
                continue;
            }
            let mut falls = false;
            for case in completions(&program, &Case::unknown(program.inputs.len())) {
                let value = |case: &Case| match Eval::new(&program, case).expect("good").decide(id).outcome.clone() {
                    Outcome::Value(value) => Some(value),
                    _ => None,
                };
                let k = case.int(TPP).unwrap_or(0);
                for more in k + 1..=3 {
                    let mut grown = case.clone();
                    grown.set(TPP, Value::Int(more));
                    falls |= matches!((value(&case), value(&grown)), (Some(a), Some(b)) if a > b);
                }
            }
            let found = of_code(&report, Code::Cliff).iter().any(|finding| finding.decisions == [id]);
            assert_eq!(found, falls, "seed {seed} {id:?}");
        }
    }
}

#[test]
fn cliffs_in_time_agree_with_every_two_days() {
    let mut flips = 0;
    for seed in 0..60 {
        let program = random(seed);
        let report = check(&program, &Options::default());
        for id in program.decision_ids() {
            let mut expected = false;
            for case in completions(&program, &Case::unknown(program.inputs.len())) {
                let mut next = case.clone();
                next.set(DATE, Value::Int(case.int(DATE).unwrap_or(0) + 1));
                let said = |case: &Case| Eval::new(&program, case).ok().map(|mut eval| eval.decide(id).outcome.clone());
                if let (Some(a), Some(b)) = (said(&case), said(&next)) {
                    expected |= !same(&a, &b);
                }
            }
            flips += usize::from(expected);
            // In these programs no provision names a day.
            let found = of_code(&report, Code::TimeCliff).iter().any(|finding| finding.decisions == [id]);
            assert_eq!(found, expected, "seed {seed} {id:?}");
        }
    }
    assert!(flips > 20, "{flips}");
}

#[test]
fn within_a_scope_nothing_is_called_a_defect_for_ever() {
    let mut small = Small::new();
    let d = small.levels("need", Combine::Strictest, Some(NONE));
    let (later, aa, always) = (small.between(DATE, 1, 2), small.in_place(&[0]), small.always());
    small.rule_in("always", always, aa, &[(d, level(NOTICE))]);
    small.rule_in("stricter", later, aa, &[(d, level(LICENSE))]);
    assert!(of_code(&check(&small.program, &Options::default()), Code::RedundantRule).is_empty());
    let on = Options { fixed: vec![(DATE, Value::Int(1))], ..Options::default() };
    let report = check(&small.program, &on);
    let found = of_code(&report, Code::RedundantRule);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].severity, Severity::Note);
    assert!(found[0].notes.iter().any(|note| note.to_string().starts_with("asked of")), "{:?}", found[0].notes);
}

/// A method that lies in one way or another.
struct Liar(Verdict);

impl Method for Liar {
    fn by(&self) -> By {
        By::Z3
    }
    fn ask_together(&self, _: &Program, questions: &[Question], _: &Options) -> Vec<Verdict> {
        vec![self.0.clone(); questions.len()]
    }
}

#[test]
fn a_lie_is_a_bug_and_not_a_finding() {
    let (small, _) = clash();
    let lying = |lie: Verdict, first: bool| {
        let honest: std::sync::Arc<dyn Method> = std::sync::Arc::new(super::method::Diagrams);
        let liar: std::sync::Arc<dyn Method> = std::sync::Arc::new(Liar(lie));
        Options { methods: if first { vec![liar, honest] } else { vec![honest, liar] }, ..Options::default() }
    };
    // "No case" where there is one: contradicted by the other.
    let report = check(&small.program, &lying(Verdict::No, true));
    assert!(!of_code(&report, Code::Internal).is_empty());
    assert_eq!(of_code(&report, Code::Conflict).len(), 1);
    // A case that does not show it: not believed, and said to be a bug.
    let invented = Verdict::Yes(Witness::Case(zero(&small.program)));
    let report = check(&small.program, &lying(invented, true));
    assert!(!of_code(&report, Code::Internal).is_empty());
    assert_eq!(of_code(&report, Code::Conflict).len(), 1);
    // Silence of one: a proof by the other only, and a claim that a rule is dead is not made.
    let mut small = clash().0;
    small.overrides(RuleId(1), RuleId(0));
    let never = small.build().constant(false);
    let d = DecisionId(0);
    small.rule("never", never, &[(d, level(NOTICE))]);
    let report = check(&small.program, &lying(Verdict::Unknown("tired".into()), false));
    let proof = report.proved.iter().find(|proof| proof.property.to_string().contains("conflict")).expect("a proof");
    assert_eq!(proof_text(proof).split(':').next(), Some("proved by the diagram only"));
    assert!(of_code(&report, Code::DeadRule).is_empty());
    assert!(report.undecided.iter().any(|open| open.rules == [RuleId(2)]));
}

#[test]
fn the_report_does_not_depend_on_the_number_of_threads() {
    let with = |threads: usize, program: &Program| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(|| check(program, &Options::default()))
    };
    for seed in 0..20 {
        let program = random(seed);
        assert_eq!(with(1, &program), with(4, &program), "seed {seed}");
    }
}

#[test]
fn findings_become_messages_that_name_the_provision() {
    let (mut small, _) = clash();
    small.program.rules[0].cite = "15 CFR 742.6(a)".into();
    let report = check(&small.program, &Options::default());
    let said = messages(&small.program, &report);
    let conflict = said.iter().find(|message| message.code == Code::Conflict).expect("a message");
    assert!(conflict.notes[0].starts_with("for example: place = BB, hq = AA, flag = false"), "{:?}", conflict.notes);
    assert!(conflict.notes[1].contains("15 CFR 742.6(a)"), "{:?}", conflict.notes);
    let _: TermId = small.always();
}
