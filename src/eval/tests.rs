//! The interpreter against programs worked out by hand; the answers to unknown cases against all their completions.

use std::collections::BTreeSet;

use super::sample::{AREA, DATE, FLAG, HQ, LEVELS, PLACE, Random, Small, TAGS, TPP, completions, number, random, zero};
use super::*;
use crate::ir::{
    Case, Combine, DecisionId, Domain, EnumId, MemberSet, Outcome, OutcomeTest, Poly, Program, RuleId, RuleKind, Value,
};

const NONE: u32 = 0;
const NOTICE: u32 = 1;
const LICENSE: u32 = 2;

fn level(member: u32) -> Outcome {
    Outcome::Value(Value::Member(member))
}

fn decided(program: &Program, case: &Case, decision: DecisionId) -> Decided {
    Eval::new(program, case).expect("a good case").decide(decision).clone()
}

/// Two rules, always and under a flag, with two values.
fn two(combine: Combine, values: [Value; 2], domain: Domain, default: Option<Value>) -> (Program, DecisionId) {
    let mut small = Small::new();
    let decision = small.decision("d", domain, combine, default);
    let (in_aa, flag) = (small.in_place(&[0]), small.flag());
    let [a, b] = values;
    small.rule("a", in_aa, &[(decision, a)]);
    small.rule("b", flag, &[(decision, b)]);
    (small.program, decision)
}

/// Outcome and rules without any, with the first, and with both rules effective.
fn three(program: &Program, decision: DecisionId) -> [(Outcome, Vec<u32>); 3] {
    let mut case = zero(program);
    let run = |case: &Case| {
        let decided = decided(program, case, decision);
        (decided.outcome, decided.because.iter().map(|rule| rule.0).collect())
    };
    let first = run(&case);
    case.set(FLAG, Value::Bool(true));
    let both = run(&case);
    case.set(FLAG, Value::Bool(false));
    case.set(PLACE, Value::Member(1));
    [run(&case), first, both]
}

#[test]
fn exactly_one_is_a_gap_a_value_or_a_conflict() {
    let levels = Domain::Enum(LEVELS);
    let values = [Value::Member(LICENSE), Value::Member(NOTICE)];
    let (program, decision) = two(Combine::ExactlyOne, values.clone(), levels.clone(), None);
    let conflict = Outcome::Conflict(vec![Value::Member(NOTICE), Value::Member(LICENSE)]);
    assert_eq!(three(&program, decision), [(Outcome::Gap, vec![]), (level(LICENSE), vec![0]), (conflict, vec![0, 1])]);
    // Agreement is no conflict, and both carry it.
    let agreeing = [values[0].clone(), values[0].clone()];
    let (program, decision) = two(Combine::ExactlyOne, agreeing, levels, None);
    assert_eq!(three(&program, decision)[2], (level(LICENSE), vec![0, 1]));
}

#[test]
fn strictest_and_least_strict_are_carried_by_the_winners() {
    let levels = Domain::Enum(LEVELS);
    let values = [Value::Member(NOTICE), Value::Member(LICENSE)];
    let (program, decision) = two(Combine::Strictest, values.clone(), levels.clone(), Some(Value::Member(NONE)));
    assert_eq!(three(&program, decision), [(level(NONE), vec![]), (level(NOTICE), vec![0]), (level(LICENSE), vec![1])]);
    let (program, decision) = two(Combine::LeastStrict, values, levels, None);
    assert_eq!(three(&program, decision), [(Outcome::Gap, vec![]), (level(NOTICE), vec![0]), (level(NOTICE), vec![0])]);
    // Of a Boolean true is the stricter.
    let bools = [Value::Bool(false), Value::Bool(true)];
    let (program, decision) = two(Combine::Strictest, bools, Domain::Bool, None);
    assert_eq!(three(&program, decision)[2], (Outcome::Value(Value::Bool(true)), vec![1]));
}

#[test]
fn first_follows_the_order_of_the_decision() {
    let values = [Value::Member(NOTICE), Value::Member(LICENSE)];
    let (mut program, decision) = two(Combine::First, values, Domain::Enum(LEVELS), None);
    assert_eq!(three(&program, decision)[2], (level(NOTICE), vec![0]));
    program.decisions[0].rules.reverse();
    assert_eq!(three(&program, decision)[2], (level(LICENSE), vec![1]));
}

#[test]
fn sums_add_and_sets_unite() {
    let int = |k| Outcome::Value(Value::Int(k));
    let (program, decision) = two(Combine::Sum, [Value::Int(25), Value::Int(10)], number(0, 100), None);
    assert_eq!(three(&program, decision), [(Outcome::Gap, vec![]), (int(25), vec![0]), (int(35), vec![0, 1])]);
    let set = |members: &[u32]| Value::Set(MemberSet::of(2, members.iter().copied()));
    let (program, decision) = two(Combine::All, [set(&[0]), set(&[1])], Domain::Set(EnumId(2)), None);
    let value = |members: &[u32]| Outcome::Value(set(members));
    assert_eq!(three(&program, decision), [(value(&[]), vec![]), (value(&[0]), vec![0]), (value(&[0, 1]), vec![0, 1])]);
}

#[test]
fn sums_are_exact_and_stop_at_the_ends() {
    let (program, decision) = two(Combine::Sum, [Value::Int(i64::MAX), Value::Int(i64::MAX)], number(0, 1), None);
    assert_eq!(three(&program, decision)[2].0, Outcome::Value(Value::Int(i64::MAX)));
}

/// c defeats b defeats a, each under its own condition: a is always, b in AA or BB, c under the flag.
fn override_chain() -> (Program, DecisionId) {
    let mut small = Small::new();
    let d = small.levels("d", Combine::ExactlyOne, None);
    let (always, aa_bb, flag) = (small.always(), small.in_place(&[0, 1]), small.flag());
    let a = small.rule("a", always, &[(d, Value::Member(LICENSE))]);
    let b = small.rule("b", aa_bb, &[(d, Value::Member(NONE))]);
    let c = small.rule("c", flag, &[]);
    small.overrides(b, a);
    small.overrides(c, b);
    small.program.rules[b.index()].kind = RuleKind::Exception;
    (small.program, d)
}

#[test]
fn a_defeated_rule_defeats_nobody() {
    let (program, d) = override_chain();
    let mut case = zero(&program);
    assert_eq!(decided(&program, &case, d), Decided { outcome: level(NONE), because: vec![RuleId(1)] });
    // The restriction defeats the exception, so the rule is back.
    case.set(FLAG, Value::Bool(true));
    assert_eq!(decided(&program, &case, d), Decided { outcome: level(LICENSE), because: vec![RuleId(0)] });
}

#[test]
fn a_long_chain_of_overrides_does_not_need_the_stack() {
    let mut small = Small::new();
    let d = small.levels("d", Combine::ExactlyOne, None);
    let always = small.always();
    for index in 0..100_001u32 {
        small.rule("r", always, &[(d, Value::Member(NONE))]);
        if index > 0 {
            small.overrides(RuleId(index), RuleId(index - 1));
        }
    }
    let case = zero(&small.program);
    // The last is effective, and so is every second one before it.
    assert_eq!(decided(&small.program, &case, d).because.len(), 50_001);
    assert_eq!(possible(&small.program, &Case::unknown(7), d).outcomes, [level(NONE)]);
}

#[test]
fn decisions_depend_on_decisions() {
    let mut small = Small::new();
    let class = small.levels("class", Combine::Strictest, Some(NONE));
    let need = small.levels("need", Combine::Strictest, Some(NONE));
    let big = small.between(TPP, 2, 3);
    small.rule("big", big, &[(class, Value::Member(LICENSE))]);
    let classed = small.build().outcome(class, OutcomeTest::Members(MemberSet::of(3, [LICENSE])));
    let in_cc = small.in_place(&[2]);
    let both = small.build().and([classed, in_cc]);
    small.rule("need", both, &[(need, Value::Member(NOTICE))]);
    let mut case = zero(&small.program);
    case.set(PLACE, Value::Member(2));
    assert_eq!(decided(&small.program, &case, need).outcome, level(NONE));
    case.set(TPP, Value::Int(2));
    assert_eq!(decided(&small.program, &case, need).outcome, level(NOTICE));
    let why = explain(&small.program, &case, need);
    assert_eq!(why.chain, [(class, vec![RuleId(0)]), (need, vec![RuleId(1)])]);
    assert_eq!(why.ground, Ground::Said);
}

#[test]
fn without_takes_a_rule_out_of_everything() {
    let (mut program, d) = override_chain();
    // Without b its victim a is effective; without c nothing changes where the flag is off.
    let licensed = OutcomeTest::Members(MemberSet::of(3, [LICENSE]));
    let without_b = program.builder().outcome_without(d, RuleId(1), licensed.clone());
    let without_c = program.builder().outcome_without(d, RuleId(2), licensed.clone());
    let with = program.builder().outcome(d, licensed);
    let case = zero(&program);
    let mut eval = Eval::new(&program, &case).expect("a good case");
    assert!(eval.holds(without_b));
    assert!(!eval.holds(without_c));
    assert!(!eval.holds(with));
}

#[test]
fn the_second_case_is_read_where_it_is_asked_for() {
    let (mut program, d) = override_chain();
    let licensed = program.builder().outcome(d, OutcomeTest::Members(MemberSet::of(3, [LICENSE])));
    let second = program.builder().second(licensed);
    let differ = {
        let mut build = program.builder();
        let not = build.not(licensed);
        build.and([not, second])
    };
    let first = zero(&program);
    let mut other = first.clone();
    other.set(PLACE, Value::Member(2));
    assert!(Eval::pair(&program, &first, &other).expect("good cases").holds(differ));
    assert!(!Eval::pair(&program, &other, &first).expect("good cases").holds(differ));
}

#[test]
fn a_case_outside_its_domains_is_refused() {
    let (program, _) = override_chain();
    let mut case = zero(&program);
    case.set(TPP, Value::Int(4));
    assert_eq!(decide(&program, &case), Err(BadCase(TPP)));
    assert_eq!(decide(&program, &Case::unknown(7)), Err(BadCase(PLACE)));
    assert_eq!(decide(&program, &Case::unknown(0)), Err(BadCase(PLACE)));
}

#[test]
fn explains_what_failed_and_who_defeated_whom() {
    let (program, d) = override_chain();
    let mut case = zero(&program);
    let why = explain(&program, &case, d);
    assert_eq!(why.rules[0].status, Status::Defeated(vec![RuleId(1)]));
    assert_eq!(why.rules[1].defeats, [RuleId(0)]);
    assert!(why.rules[1].carries);
    assert!(matches!(&why.rules[2].status, Status::NotMet(failed) if term_text(&program, failed[0].term, 2) == "flag"));
    // In CC the exception is not met, and that is why the licence stands.
    case.set(PLACE, Value::Member(2));
    assert_eq!(explain(&program, &case, d).ground, Ground::NoExceptionMet(vec![RuleId(1)]));
    // The way out is AA (or BB, the same class), by the exception b; it takes one change.
    let out = why_not(&program, &case, d).expect("a good case");
    let change =
        Change { set: vec![(PLACE, Value::Member(0))], outcome: level(NONE), meets: vec![RuleId(1)], leaves: vec![RuleId(0)] };
    assert_eq!(out, WhyNot { changes: vec![change], complete: true });
    // With the flag as well, the restriction must go too: two changes.
    case.set(FLAG, Value::Bool(true));
    let out = why_not(&program, &case, d).expect("a good case");
    assert_eq!(out.changes.len(), 1);
    assert_eq!(out.changes[0].set, [(PLACE, Value::Member(0)), (FLAG, Value::Bool(false))]);
}

#[test]
fn silence_is_not_a_permission_and_a_period_is_named() {
    let mut small = Small::new();
    let d = small.levels("d", Combine::Strictest, Some(NONE));
    let (later, always) = (small.between(DATE, 1, 2), small.always());
    small.rule_in("later", later, always, &[(d, Value::Member(LICENSE))]);
    let case = zero(&small.program);
    let why = explain(&small.program, &case, d);
    assert_eq!((why.ground, &why.rules[0].status), (Ground::Silent, &Status::NotInForce));
    // The nearest day on which it would be otherwise is the first of the period.
    let out = why_not(&small.program, &case, d).expect("a good case");
    assert_eq!(out.changes[0].set, [(DATE, Value::Int(1))]);
}

#[test]
fn a_density_threshold_moves_to_the_nearest_whole_number() {
    let mut small = Small::new();
    let d = small.levels("d", Combine::Strictest, Some(NONE));
    // 2·tpp ≥ 3·area, at area 2: tpp ≥ 3.
    let density = Poly::input(TPP).times_constant(2).and_then(|p| p.plus(&Poly::input(AREA).times_constant(-3)?));
    let dense = small.build().at_least_zero(density.expect("small")).expect("numbers");
    small.rule("dense", dense, &[(d, Value::Member(LICENSE))]);
    let mut case = zero(&small.program);
    case.set(AREA, Value::Int(2));
    let out = why_not(&small.program, &case, d).expect("a good case");
    let sets: Vec<_> = out.changes.iter().map(|change| change.set.clone()).collect();
    assert_eq!(sets, [vec![(TPP, Value::Int(3))], vec![(AREA, Value::Int(0))]]);
    assert_eq!(term_text(&small.program, dense, 1), "3·area <= 2·tpp");
}

/// What all completions say, each conflict without its values unless it is the only outcome.
fn brute(program: &Program, case: &Case, decision: DecisionId) -> (BTreeSet<Outcome>, Vec<RuleId>) {
    let all: Vec<Decided> = completions(program, case).iter().map(|case| decided(program, case, decision)).collect();
    let plain = |outcome: &Outcome| match outcome {
        Outcome::Conflict(_) => Outcome::Conflict(Vec::new()),
        other => other.clone(),
    };
    let outcomes = all.iter().map(|one| plain(&one.outcome)).collect();
    let carried = all[0].because.iter().copied().filter(|rule| all.iter().all(|one| one.because.contains(rule)));
    (outcomes, carried.collect())
}

/// For random programs and random unknown inputs. `spoil` changes an answer, to show that the comparison can fail.
fn unknown_agrees(seeds: std::ops::Range<u64>, spoil: impl Fn(&mut Possible)) -> bool {
    for seed in seeds {
        let program = random(seed);
        let mut random = Random(seed ^ 0x5eed);
        for _ in 0..3 {
            let mut case = zero(&program);
            for input in program.input_ids() {
                let values = super::sample::values(&program, input);
                case.set(input, values[random.below(values.len() as u64) as usize].clone());
                if random.one_in(2) {
                    case.values[input.index()] = None;
                }
            }
            for (decision, mut answer) in program.decision_ids().zip(possible_all(&program, &case)) {
                spoil(&mut answer);
                let (outcomes, because) = brute(&program, &case, decision);
                let plain: BTreeSet<Outcome> = answer
                    .outcomes
                    .iter()
                    .map(|outcome| match outcome {
                        Outcome::Conflict(_) => Outcome::Conflict(Vec::new()),
                        other => other.clone(),
                    })
                    .collect();
                let settled = outcomes.len() == 1;
                if !answer.exact || plain != outcomes || (settled && answer.because != because) {
                    return false;
                }
                // Whoever is asked is unknown; and what is open can be settled by the inputs asked for.
                if answer.ask.iter().any(|input| case.get(*input).is_some()) || answer.ask.is_empty() != settled {
                    return false;
                }
            }
        }
    }
    true
}

#[test]
fn unknown_cases_are_exactly_what_their_completions_say() {
    assert!(unknown_agrees(0..200, |_| {}));
}

#[test]
fn the_comparison_can_fail() {
    assert!(!unknown_agrees(0..20, |answer| {
        answer.outcomes.pop();
    }));
    assert!(!unknown_agrees(0..20, |answer| answer.because.clear()));
}

#[test]
fn the_inputs_asked_for_settle_it() {
    for seed in 0..30 {
        let program = random(seed);
        for decision in program.decision_ids() {
            let answer = possible(&program, &Case::unknown(program.inputs.len()), decision);
            for case in completions(&program, &Case::unknown(program.inputs.len())).iter().step_by(97) {
                // Only what was asked for is answered.
                let mut known = Case::unknown(program.inputs.len());
                for input in &answer.ask {
                    known.values[input.index()] = case.values[input.index()].clone();
                }
                assert!(possible(&program, &known, decision).settled().is_some(), "seed {seed}");
            }
        }
    }
}

#[test]
fn unknown_explanations_agree_with_all_completions() {
    for seed in 0..30 {
        let program = random(seed);
        let mut case = zero(&program);
        case.values[TPP.index()] = None;
        case.values[HQ.index()] = None;
        case.values[TAGS.index()] = None;
        for decision in program.decision_ids() {
            for report in explain(&program, &case, decision).rules {
                let mut seen = BTreeSet::new();
                for case in completions(&program, &case) {
                    let mut eval = Eval::new(&program, &case).expect("a good case");
                    seen.insert((eval.applies(report.rule), eval.effective(report.rule)));
                }
                match report.status {
                    Status::NotInForce | Status::NotMet(_) => assert_eq!(seen, BTreeSet::from([(false, false)])),
                    Status::Effective => assert_eq!(seen, BTreeSet::from([(true, true)])),
                    Status::Defeated(_) => assert_eq!(seen, BTreeSet::from([(true, false)])),
                    Status::Open => {}
                }
            }
        }
    }
}

#[test]
fn eight_unknown_inputs_are_answered_in_milliseconds() {
    // 24 rules over 15 inputs of realistic sizes, eight of them unknown.
    let mut small = Small::new();
    let mut random = Random(7);
    let country = {
        let member = |index| crate::ir::Member { name: format!("c{index}"), label: String::new() };
        crate::ir::EnumDef { name: "C".into(), members: (0..250).map(member).collect(), ordered: false, headings: vec![] }
    };
    small.program.enums.push(country);
    let new = |name: String, domain| crate::ir::Input::plain(name, domain, crate::ir::OriginId::NOWHERE);
    for index in 0..5 {
        small.program.inputs.push(new(format!("country{index}"), Domain::Enum(EnumId(3))));
    }
    for index in 0..3 {
        small.program.inputs.push(new(format!("number{index}"), number(0, 100_000)));
    }
    let d = small.levels("d", Combine::Strictest, Some(NONE));
    for index in 0..24 {
        let mut parts = Vec::new();
        for input in 7..12 {
            if random.one_in(3) {
                let set = MemberSet::of(250, (0..250).filter(|_| random.one_in(4)));
                parts.push(small.build().member(crate::ir::InputId(input), set).expect("a country"));
            }
        }
        for input in 12..15 {
            if random.one_in(3) {
                let lo = random.below(100_000) as i64;
                parts.push(small.between(crate::ir::InputId(input), lo, 100_000));
            }
        }
        if random.one_in(3) {
            let (x, y) = (Poly::input(crate::ir::InputId(12)), Poly::input(crate::ir::InputId(13)));
            let density = x.times_constant(100).and_then(|x| x.plus(&y.times_constant(-(100 + index * 37))?));
            parts.push(small.build().at_least_zero(density.expect("small")).expect("numbers"));
        }
        if parts.len() < 2 {
            continue;
        }
        let condition = small.build().and(parts);
        small.rule("r", condition, &[(d, Value::Member(index as u32 % 3))]);
    }
    let mut case = zero(&small.program);
    for input in 7..15 {
        case.values[input] = None;
    }
    let start = std::time::Instant::now();
    let answer = possible(&small.program, &case, d);
    let took = start.elapsed();
    assert!(answer.exact);
    assert_eq!(answer.outcomes.len(), 3);
    // A tenth of this when optimised; the machine may be busy.
    assert!(took.as_secs() < 20, "{took:?}");
    println!("eight unknown: {took:?}, ask {:?}", answer.ask);
}
