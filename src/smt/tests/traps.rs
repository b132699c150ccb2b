//! The traps of the solver and its bindings, each as a question that would come out wrong if the room fell into it.

use std::time::{Duration, Instant};

use super::brute::{decide, program, rule};
use crate::ir::{
    Combine, Decimal, Domain, EnumId, InputId, MemberSet, NumberDomain, OutcomeTest, Poly, Program, Ranges, RuleId, Value,
};
use crate::smt::{Answer, Limits, Query, Reason, Session, Verdict, script};

fn ask(program: &Program, query: &Query) -> Answer {
    Session::new(program, Limits::default()).expect("the pinned solver").ask(query)
}

fn number(lo: i64, hi: i64) -> Domain {
    Domain::Number(NumberDomain { unit: String::new(), step: Decimal::whole(1), lo, hi })
}

/// A logic that does not cover the sorts says `sat` here (z3 under `QF_UF`: "an element of {a, b} that is neither").
#[test]
fn a_member_is_one_of_the_members() {
    for size in [1, 2, 3, 5, 250] {
        let mut program = program(&[("e", size)], vec![("x", Domain::Enum(EnumId(0)), Vec::new())]);
        let mut none = program.builder().constant(true);
        for member in 0..size {
            let is = program.builder().member(InputId(0), MemberSet::of(size, [member])).unwrap();
            let is_not = program.builder().not(is);
            let second = program.builder().second(is_not);
            none = program.builder().and([none, second]);
        }
        // Asked in the second case, where the factory cannot fold the conjunction away.
        assert_eq!(ask(&program, &Query::never_in_pair(none, [InputId(0)])), Answer::Holds, "{size} members");
    }
}

/// `3 < x + y < 4` has no whole solution: `sat` under `QF_BV` if it were given integers.
#[test]
fn whole_numbers_have_no_between() {
    let mut program = program(&[], vec![("x", number(0, 9), Vec::new()), ("y", number(0, 9), Vec::new())]);
    let double = |of| Poly::input(of).times_constant(2).unwrap();
    let sum = double(InputId(0)).plus(&double(InputId(1))).unwrap();
    let odd = program.builder().zero(&sum.plus(&Poly::constant(-7)).unwrap()).unwrap();
    let even = program.builder().zero(&sum.plus(&Poly::constant(-8)).unwrap()).unwrap();
    assert_eq!(ask(&program, &Query::never(odd)), Answer::Holds);
    let Answer::Fails(witness) = ask(&program, &Query::never(even)) else { panic!("8 is even") };
    assert_eq!(witness.case.values, [Some(Value::Int(0)), Some(Value::Int(4))]);
}

/// The whole range of 64 bits neither wraps nor overflows, alone and in sums and products.
#[test]
fn wide_numbers_do_not_wrap() {
    let mut program = program(&[], vec![("x", number(i64::MIN, i64::MAX), Vec::new()), ("y", number(-1, 1 << 50), Vec::new())]);
    let (x, y) = (InputId(0), InputId(1));
    let top = program.builder().within(x, Ranges::closed(i64::MAX - 1, i64::MAX)).unwrap();
    let Answer::Fails(witness) = ask(&program, &Query::never(top)) else { panic!("it is in the domain") };
    assert_eq!(witness.case.int(x), Some(i64::MAX - 1));
    let sum = Poly::input(x).plus(&Poly::input(y)).unwrap().plus(&Poly::constant(-i128::from(i64::MAX) - (1 << 50))).unwrap();
    let most = program.builder().at_least_zero(sum.clone()).unwrap();
    let Answer::Fails(witness) = ask(&program, &Query::never(most)) else { panic!("both at their greatest") };
    assert_eq!((witness.case.int(x), witness.case.int(y)), (Some(i64::MAX), Some(1 << 50)));
    let beyond = sum.plus(&Poly::constant(-1)).unwrap();
    let beyond = program.builder().at_least_zero(beyond).unwrap();
    assert_eq!(ask(&program, &Query::never(beyond)), Answer::Holds);
}

/// The same rule twice in a question: with one tracker for two assertions, Z3 drops one and says `sat`.
#[test]
fn a_term_may_be_asked_twice() {
    let mut program = program(&[], vec![("x", number(0, 9), Vec::new())]);
    let high = program.builder().within(InputId(0), Ranges::closed(4, 9)).unwrap();
    let low = program.builder().within(InputId(0), Ranges::closed(0, 1)).unwrap();
    let query = Query::never(high).and(low).and(high).and(low);
    assert_eq!(ask(&program, &query), Answer::Holds);
    let mut session = Session::new(&program, Limits::default()).unwrap();
    for _ in 0..3 {
        assert_eq!(session.possible(&Query::never(high).and(low)), Verdict::Never);
        assert_eq!(session.possible(&Query::never(high)), Verdict::Possible);
    }
}

/// Names that would clash, end a quoted symbol, or stop a C string.
#[test]
fn names_cannot_confuse() {
    for name in ["x", "a|b", "\\", "nul\0nul", "(assert false)", "", "i0"] {
        let mut program =
            program(&[("e", 2)], vec![(name, Domain::Bool, Vec::new()), (name, Domain::Enum(EnumId(0)), Vec::new())]);
        let flag = program.builder().flag(InputId(0)).unwrap();
        let member = program.builder().member(InputId(1), MemberSet::of(2, [1])).unwrap();
        let Answer::Fails(witness) = ask(&program, &Query::never(flag).and(member)) else { panic!("{name:?}") };
        assert_eq!(witness.case.values, [Some(Value::Bool(true)), Some(Value::Member(1))]);
        let text = script(&program, &Query::never(flag)).unwrap();
        assert!(!text.contains('\0') && text.matches('|').count().is_multiple_of(2), "{text}");
    }
}

/// An input without a value leaves no case, also where the question is about another.
#[test]
fn an_empty_domain_has_no_case() {
    let mut program = program(&[("none", 0)], vec![("x", Domain::Bool, Vec::new()), ("y", Domain::Enum(EnumId(0)), Vec::new())]);
    let yes = program.builder().flag(InputId(0)).unwrap();
    assert_eq!(ask(&program, &Query::never(yes)), Answer::Holds);
    assert!(script(&program, &Query::never(yes)).unwrap().contains("(assert false)"));
}

/// What is not a question is not an answer.
#[test]
fn malformed_questions_are_unknown() {
    let mut program = program(&[], vec![("x", Domain::Bool, Vec::new())]);
    let yes = program.builder().flag(InputId(0)).unwrap();
    let second = program.builder().second(yes);
    let malformed = |answer: Answer| matches!(answer, Answer::Unknown(Reason::Malformed(_)));
    assert!(malformed(ask(&program, &Query::never(second))));
    assert!(malformed(ask(&program, &Query::never(crate::ir::TermId(99)))));
    assert!(malformed(ask(&program, &Query::never(yes).given(InputId(0), Value::Int(3)))));
    assert!(malformed(ask(&program, &Query::never(yes).given(InputId(9), Value::Int(3)))));
    // Two rules that override each other.
    let (a, b) = (RuleId(0), RuleId(1));
    rule(&mut program, yes, &[b], &[]);
    rule(&mut program, yes, &[a], &[]);
    let effective = program.builder().effective(a);
    assert!(malformed(ask(&program, &Query::never(effective))));
    assert!(script(&program, &Query::never(effective)).is_err());
}

/// A panic on the way is an answer, and the session goes on.
#[test]
fn a_panic_is_an_answer() {
    let mut program = program(&[], vec![("x", Domain::Bool, Vec::new())]);
    let yes = program.builder().flag(InputId(0)).unwrap();
    let absent = program.builder().applies(RuleId(7));
    let mut session = Session::new(&program, Limits::default()).unwrap();
    assert!(matches!(session.ask(&Query::never(absent)), Answer::Unknown(Reason::Panicked(_))));
    assert!(matches!(session.ask(&Query::never(yes)), Answer::Fails(_)));
}

/// A question beyond the limits is not a pass.
#[test]
fn limits_give_unknown() {
    let mut program = program(&[], ["a", "b", "c", "d"].into_iter().map(|name| (name, number(2, 1 << 40), Vec::new())).collect());
    let of = |index| Poly::input(InputId(index));
    let left = of(0).times(&of(1)).unwrap();
    let right = of(2).times(&of(3)).unwrap().plus(&Poly::constant(1_000_003)).unwrap();
    let equal = program.builder().zero(&left.plus(&right.times_constant(-1).unwrap()).unwrap()).unwrap();
    let more = program.builder().at_least_zero(of(0).plus(&of(3).times_constant(-7).unwrap()).unwrap()).unwrap();
    let limits = Limits { time: Duration::from_secs(5), work: 2_000 };
    let mut session = Session::new(&program, limits).unwrap();
    let start = Instant::now();
    let answer = session.ask(&Query::never(equal).and(more));
    assert!(matches!(answer, Answer::Unknown(Reason::Limit(_))), "{answer:?}");
    assert!(start.elapsed() < Duration::from_secs(20));
}

/// A deep program costs no stack.
#[test]
fn depth_is_no_danger() {
    let mut program = program(&[], vec![("x", Domain::Bool, Vec::new()), ("y", Domain::Bool, Vec::new())]);
    let (x, y) = (program.builder().flag(InputId(0)).unwrap(), program.builder().flag(InputId(1)).unwrap());
    let mut last = rule(&mut program, x, &[], &[]);
    for index in 0..20_000 {
        last = rule(&mut program, if index % 2 == 0 { y } else { x }, &[last], &[]);
    }
    let effective = program.builder().effective(last);
    let answer = std::thread::Builder::new()
        .stack_size(1 << 20)
        .spawn(move || ask(&program, &Query::never(effective)))
        .unwrap()
        .join()
        .unwrap();
    // With only x, every second rule applies and none overrides it in between.
    assert!(matches!(answer, Answer::Fails(_)), "{answer:?}");
}

/// The witness is the familiar one: preferred values, else boundary values.
#[test]
fn witnesses_are_realistic() {
    let mut program = program(
        &[("country", 200)],
        vec![
            ("place", Domain::Enum(EnumId(0)), vec![Value::Member(150), Value::Member(40)]),
            ("tpp", number(0, 1_000_000), Vec::new()),
            ("quantity", number(1, 1_000_000), vec![Value::Int(8)]),
            ("mode", Domain::Enum(EnumId(0)), vec![Value::Member(3)]),
        ],
    );
    let listed = program.builder().member(InputId(0), MemberSet::of(200, 10..60)).unwrap();
    let strong = program.builder().within(InputId(1), Ranges::closed(4800, 1_000_000)).unwrap();
    let many = Poly::input(InputId(1)).times(&Poly::input(InputId(2))).unwrap().plus(&Poly::constant(-50_000)).unwrap();
    let many = program.builder().at_least_zero(many).unwrap();
    let Answer::Fails(witness) = ask(&program, &Query::never(listed).and(strong).and(many)) else { panic!("there is one") };
    let values: Vec<Value> = witness.case.values.into_iter().flatten().collect();
    // The least tpp comes first, and is enough with a greater quantity than the preferred 8.
    assert_eq!(values, [Value::Member(40), Value::Int(4800), Value::Int(11), Value::Member(3)]);
}

/// Ten thousand pairs of rules over 200 countries and a date, in one session. Printed with `--nocapture`.
#[test]
fn many_small_questions() {
    let mut program = program(
        &[("country", 200), ("outcome", 2)],
        vec![
            ("place", Domain::Enum(EnumId(0)), Vec::new()),
            ("hq", Domain::Enum(EnumId(0)), Vec::new()),
            ("tpp", number(0, 20_000), Vec::new()),
            ("date", Domain::Date { lo: 18_000, hi: 22_000 }, Vec::new()),
        ],
    );
    let decision = decide(&mut program, Domain::Enum(EnumId(1)), Combine::ExactlyOne, None);
    let mut rules: Vec<RuleId> = Vec::new();
    for index in 0..142_u32 {
        let start = i64::from(index);
        let mut builder = program.builder();
        let place = builder.member(InputId(0), MemberSet::of(200, (0..200).filter(|m| m * 7 % (index + 3) < 4))).unwrap();
        let hq = builder.member(InputId(1), MemberSet::of(200, (0..200).filter(|m| (m + index) % 5 != 0))).unwrap();
        let tpp = builder.within(InputId(2), Ranges::closed(start * 100, start * 100 + 3000)).unwrap();
        let date = builder.within(InputId(3), Ranges::closed(18_000 + start * 9, 22_000)).unwrap();
        let applies = builder.and([place, hq, tpp, date]);
        let over: Vec<RuleId> = rules.iter().copied().filter(|other| (other.0 + index) % 29 == 0).collect();
        rules.push(rule(&mut program, applies, &over, &[(decision, Value::Member(index % 2))]));
    }
    let mut queries = Vec::new();
    for a in &rules {
        for b in rules.iter().filter(|b| *b < a) {
            let (a, b) = (program.builder().effective(*a), program.builder().effective(*b));
            queries.push(Query::never(a).and(b));
        }
    }
    let conflict = program.builder().outcome(decision, OutcomeTest::Conflict);
    let mut session = Session::new(&program, Limits::default()).unwrap();
    let start = Instant::now();
    let verdicts = session.possible_all(&queries);
    let possible = verdicts.iter().filter(|verdict| **verdict == Verdict::Possible).count();
    let asked = start.elapsed();
    let start = Instant::now();
    let failing = queries.iter().step_by(10).filter(|query| matches!(session.ask(query), Answer::Fails(_))).count();
    let witnessed = start.elapsed();
    let start = Instant::now();
    assert!(matches!(session.ask(&Query::never(conflict)), Answer::Fails(_)));
    println!(
        "{} verdicts ({possible} possible) in {asked:?}; {} answers ({failing} cases) in {witnessed:?}; whole conflict in {:?}",
        queries.len(),
        queries.len() / 10,
        start.elapsed()
    );
    assert!(possible > 0 && possible < queries.len());
}
