//! Random programs and questions, each answer held against enumeration: verdict, witness, and the script.

use std::process::Command;

use proptest::prelude::*;

use super::brute::{cases, decide, first, program, rule};
use crate::ir::{
    Combine, Decimal, DecisionId, Domain, EnumId, InputId, MemberSet, NumberDomain, OutcomeTest, Poly, Program, Ranges, RuleId,
    TermId, Value,
};
use crate::smt::{Answer, Limits, Query, Session, Verdict, script};

/// A stream of choices: xorshift, so that a failure is one number.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % sides
    }
    fn set(&mut self, size: u32) -> MemberSet {
        let members: Vec<u32> = (0..size).filter(|_| self.roll(2) == 0).collect();
        MemberSet::of(size, members)
    }
    fn ranges(&mut self) -> Ranges {
        Ranges::from_pairs((0..=self.roll(2)).map(|_| {
            let lo = self.roll(16) as i64 - 4;
            (lo, lo + self.roll(5) as i64)
        }))
    }
}

const FLAG: InputId = InputId(0);
const PLACE: InputId = InputId(1);
const HOME: InputId = InputId(2);
const MARKS: InputId = InputId(3);
const POWER: InputId = InputId(4);
const COUNT: InputId = InputId(5);
const DAY: InputId = InputId(6);

fn number(lo: i64, hi: i64) -> Domain {
    Domain::Number(NumberDomain { unit: String::new(), step: Decimal::whole(1), lo, hi })
}

fn inputs(dice: &mut Dice) -> Program {
    let prefer = |dice: &mut Dice, value: Value| if dice.roll(2) == 0 { vec![value] } else { Vec::new() };
    let flag = prefer(dice, Value::Bool(true));
    let place = prefer(dice, Value::Member(2));
    let marks = MemberSet::of(2, [1]);
    let power = prefer(dice, Value::Int(3));
    program(
        &[("country", 4), ("mark", 2)],
        vec![
            ("flag", Domain::Bool, flag),
            ("place", Domain::Enum(EnumId(0)), place),
            ("ho|me", Domain::Enum(EnumId(0)), Vec::new()),
            ("marks", Domain::Set(EnumId(1)), prefer(dice, Value::Set(marks))),
            ("power", number(-2, 4), power),
            ("count", number(0, 3), vec![Value::Int(99), Value::Int(1)]),
            ("day", Domain::Date { lo: 10, hi: 12 }, Vec::new()),
        ],
    )
}

fn poly(dice: &mut Dice) -> Poly {
    let mut poly = Poly::constant(dice.roll(13) as i128 - 6);
    for of in [POWER, COUNT, DAY] {
        let factor = dice.roll(7) as i128 - 3;
        poly = poly.plus(&Poly::input(of).times_constant(factor).unwrap()).unwrap();
    }
    if dice.roll(3) == 0 {
        let product = Poly::input(POWER).times(&Poly::input(COUNT)).unwrap();
        poly = poly.plus(&product.times_constant(dice.roll(5) as i128 - 2).unwrap()).unwrap();
    }
    poly
}

fn outcome_test(program: &Program, dice: &mut Dice, of: DecisionId) -> OutcomeTest {
    match (dice.roll(5), &program.decision(of).domain) {
        (0, _) => OutcomeTest::Gap,
        (1, _) => OutcomeTest::Conflict,
        (_, Domain::Bool) => OutcomeTest::Members(dice.set(2)),
        (_, Domain::Enum(id)) => OutcomeTest::Members(dice.set(program.enumeration(*id).size())),
        (_, Domain::Set(id)) => OutcomeTest::Has(dice.roll(program.enumeration(*id).size() as usize) as u32),
        _ => OutcomeTest::Within(dice.ranges()),
    }
}

/// A term over inputs, the first `rules` rules and the first `decisions` decisions.
fn term(program: &mut Program, dice: &mut Dice, depth: usize, rules: usize, decisions: usize, question: bool) -> TermId {
    let sides = if depth == 0 { 8 } else { 14 };
    match dice.roll(sides) {
        0 => program.builder().flag(FLAG).unwrap(),
        1 => {
            let of = if dice.roll(2) == 0 { PLACE } else { HOME };
            let set = dice.set(4);
            program.builder().member(of, set).unwrap()
        }
        2 => program.builder().same(PLACE, HOME).unwrap(),
        3 => program.builder().has(MARKS, dice.roll(2) as u32).unwrap(),
        4 | 5 => {
            let of = [POWER, COUNT, DAY][dice.roll(3)];
            let shift = if of == DAY { 10 } else { 0 };
            let ranges = Ranges::from_pairs(dice.ranges().pairs().iter().map(|(a, b)| (a + shift, b + shift)));
            program.builder().within(of, ranges).unwrap()
        }
        6 if dice.roll(2) == 0 => {
            let poly = poly(dice);
            program.builder().at_least_zero(poly).unwrap()
        }
        6 | 7 if rules > 0 && dice.roll(2) == 0 => {
            let of = RuleId(dice.roll(rules) as u32);
            if dice.roll(3) == 0 { program.builder().applies(of) } else { program.builder().effective(of) }
        }
        6 | 7 if decisions > 0 => {
            let of = DecisionId(dice.roll(decisions) as u32);
            let test = outcome_test(program, dice, of);
            if question && dice.roll(3) == 0 && rules > 0 {
                let without = RuleId(dice.roll(rules) as u32);
                return program.builder().outcome_without(of, without, test);
            }
            let other = DecisionId(dice.roll(decisions) as u32);
            if dice.roll(3) == 0 && program.decision(of).domain == program.decision(other).domain {
                return program.builder().same_outcome(of, other);
            }
            program.builder().outcome(of, test)
        }
        6 | 7 => program.builder().flag(FLAG).unwrap(),
        8 => {
            let inner = term(program, dice, depth - 1, rules, decisions, question);
            program.builder().not(inner)
        }
        side => {
            let parts: Vec<TermId> =
                (0..2 + dice.roll(2)).map(|_| term(program, dice, depth - 1, rules, decisions, question)).collect();
            if side % 2 == 0 { program.builder().and(parts) } else { program.builder().or(parts) }
        }
    }
}

fn value(program: &Program, dice: &mut Dice, domain: &Domain) -> Value {
    match domain {
        Domain::Bool => Value::Bool(dice.roll(2) == 0),
        Domain::Enum(id) => Value::Member(dice.roll(program.enumeration(*id).size() as usize) as u32),
        Domain::Set(id) => Value::Set(dice.set(program.enumeration(*id).size())),
        _ => Value::Int(dice.roll(9) as i64 - 3),
    }
}

fn random_program(dice: &mut Dice) -> Program {
    let mut program = inputs(dice);
    for index in 0..3 {
        let (domain, combines) = match dice.roll(4) {
            0 => (Domain::Bool, vec![Combine::ExactlyOne, Combine::Strictest, Combine::First]),
            1 => (Domain::Enum(EnumId(0)), vec![Combine::ExactlyOne, Combine::Strictest, Combine::LeastStrict, Combine::First]),
            2 => (Domain::Set(EnumId(1)), vec![Combine::All, Combine::ExactlyOne, Combine::First]),
            _ => (number(-9, 20), vec![Combine::Sum, Combine::Sum, Combine::Strictest, Combine::First, Combine::ExactlyOne]),
        };
        let default = (dice.roll(2) == 0).then(|| value(&program, dice, &domain));
        let combine = combines[dice.roll(combines.len())].clone();
        let id = decide(&mut program, domain.clone(), combine, default);
        for _ in 0..1 + dice.roll(4) {
            let known = program.rules.len();
            let applies = term(&mut program, dice, 2, known, index, false);
            let mut over: Vec<RuleId> = (0..known).filter(|_| dice.roll(4) == 0).map(|rule| RuleId(rule as u32)).collect();
            over.dedup();
            let value = value(&program, dice, &domain);
            let conclusions = if dice.roll(6) == 0 { Vec::new() } else { vec![(id, value)] };
            rule(&mut program, applies, &over, &conclusions);
        }
    }
    program
}

/// What the wheel's own program says of scripts, if it is there: one word for each.
fn second_opinion(scripts: &[String]) -> Option<Vec<String>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/.solver/bin/z3");
    if !std::path::Path::new(path).exists() {
        return None;
    }
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    std::fs::write(file.path(), scripts.join("(reset)\n")).expect("it is written");
    let output = Command::new(path).arg("-smt2").arg("-T:60").arg(file.path()).output().expect("the solver's program runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let fault = text.lines().find(|line| line.contains("error") && !line.contains("model is not available"));
    assert_eq!(fault, None, "{}", scripts.join("\n"));
    Some(text.lines().filter(|line| ["sat", "unsat", "unknown"].contains(line)).map(str::to_owned).collect())
}

fn agree(seed: u64, with_script: bool) -> Result<(), TestCaseError> {
    let mut dice = Dice(seed | 1);
    for _ in 0..20 {
        dice.roll(2);
    }
    let mut program = random_program(&mut dice);
    let mut questions = Vec::new();
    for index in 0..6 {
        let rules = program.rules.len();
        let goal = term(&mut program, &mut dice, 3, rules, 3, true);
        let scope = term(&mut program, &mut dice, 1, rules, 3, true);
        let mut query = Query::never(goal);
        if index >= 3 {
            let other = term(&mut program, &mut dice, 3, rules, 3, true);
            let other = program.builder().second(other);
            let both = program.builder().and([goal, other]);
            let of = InputId(dice.roll(7) as u32);
            query = Query::never_in_pair(both, [of]);
            if index == 4 && of != MARKS {
                query = query.rising(of);
            }
        }
        query = if dice.roll(2) == 0 { query.and(scope) } else { query.and_not(scope) };
        if dice.roll(3) == 0 {
            let of = InputId(dice.roll(7) as u32);
            let domain = program.input(of).domain.clone();
            let given = value(&program, &mut dice, &domain);
            query = query.given(of, given);
        }
        questions.push(query);
    }
    let cases = cases(&program);
    let mut session = Session::new(&program, Limits::default()).expect("the pinned solver");
    let mut expectations = Vec::new();
    for query in &questions {
        let expected = first(&program, query, &cases);
        match (&expected, session.ask(query)) {
            (None, Answer::Holds) => {}
            (Some(expected), Answer::Fails(found)) => prop_assert_eq!(expected, found.as_ref(), "{:?}", query),
            (expected, answer) => prop_assert!(false, "{query:?}: expected {expected:?}, got {answer:?}"),
        }
        let verdict = if expected.is_some() { Verdict::Possible } else { Verdict::Never };
        prop_assert_eq!(session.possible(query), verdict);
        expectations.push(if expected.is_some() { "sat" } else { "unsat" });
    }
    if with_script {
        let scripts: Vec<String> = questions.iter().map(|query| script(&program, query).expect("a question")).collect();
        if let Some(said) = second_opinion(&scripts) {
            prop_assert_eq!(said, expectations, "{}", scripts.join("\n"));
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 160, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn answers_are_those_of_enumeration(seed in any::<u64>()) {
        agree(seed, false)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn scripts_ask_the_same_question(seed in any::<u64>()) {
        agree(seed, true)?;
    }
}

/// What is asked before, and in which session, does not change a witness.
#[test]
fn the_same_question_has_the_same_witness() {
    let mut dice = Dice(77);
    let mut program = random_program(&mut dice);
    let rules = program.rules.len();
    let queries: Vec<Query> = (0..20).map(|_| Query::never(term(&mut program, &mut dice, 3, rules, 3, true))).collect();
    let ask_all = |queries: Vec<&Query>| -> Vec<Answer> {
        let mut session = Session::new(&program, Limits::default()).expect("the pinned solver");
        queries.into_iter().map(|query| session.ask(query)).collect()
    };
    let forwards = ask_all(queries.iter().collect());
    let mut backwards = ask_all(queries.iter().rev().collect());
    backwards.reverse();
    assert_eq!(forwards, backwards);
    assert!(forwards.iter().any(|answer| matches!(answer, Answer::Fails(_))));
}
