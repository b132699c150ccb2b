//! For tests: random small programs over every kind of input, and the plainest evaluator that can check a diagram.

use crate::ir::{
    Builder, Case, Combine, Decimal, Decision, DecisionId, Domain, EnumDef, EnumId, Input, InputId, Member, MemberSet,
    NumberDomain, Origin, OriginId, Outcome, OutcomeTest, Poly, Program, Ranges, Regime, Rule, RuleId, RuleKind, Term, TermId,
    VERSION, Value,
};
use crate::source::Span;

/// A generator of numbers (Marsaglia's xorshift): the same seed, the same program.
pub(crate) struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Dice(seed ^ 0x9e37_79b9_7f4a_7c15 | 1)
    }

    pub fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % sides.max(1)
    }
}

fn enumeration(name: &str, n: u32) -> EnumDef {
    let members = (0..n).map(|m| Member { name: format!("{name}{m}"), label: String::new() }).collect();
    EnumDef { name: name.into(), members, ordered: true, headings: Vec::new() }
}

pub(crate) fn empty_program(enums: Vec<EnumDef>, inputs: Vec<(&str, Domain)>) -> Program {
    let origin = Origin { span: Span::NOWHERE, file: String::new(), line: 0, words: String::new() };
    Program {
        version: VERSION.into(),
        regimes: vec![Regime {
            name: "test".into(),
            title: "A \"test\", really".into(),
            cite: String::new(),
            origin: OriginId(0),
        }],
        enums,
        inputs: inputs.into_iter().map(|(name, domain)| Input::plain(name, domain, OriginId(0))).collect(),
        decisions: Vec::new(),
        rules: Vec::new(),
        pool: Default::default(),
        origins: vec![origin],
        caps: Vec::new(),
        links: Vec::new(),
        carries: Vec::new(),
        nodes: Vec::new(),
        processes: Vec::new(),
        properties: Vec::new(),
        scenarios: Vec::new(),
        acceptances: Vec::new(),
        date_edges: Vec::new(),
        words: Default::default(),
        titles: Vec::new(),
        date: None,
        reading: None,
    }
}

pub(crate) fn number(lo: i64, hi: i64) -> Domain {
    Domain::Number(NumberDomain { unit: "TPP".into(), step: Decimal { mantissa: 5, scale: 1 }, lo, hi })
}

pub(crate) fn add_decision(
    program: &mut Program,
    name: &str,
    domain: Domain,
    combine: Combine,
    default: Option<Value>,
) -> DecisionId {
    let title = String::new();
    let decision =
        Decision { name: name.into(), title, domain, combine, default, rules: Vec::new(), regime: 0, origin: OriginId(0) };
    program.decisions.push(decision);
    DecisionId(program.decisions.len() as u32 - 1)
}

pub(crate) fn add_rule(
    program: &mut Program,
    name: &str,
    applies: TermId,
    concludes: Option<(DecisionId, Value)>,
    over: Vec<RuleId>,
) -> RuleId {
    let always = program.builder().constant(true);
    let id = RuleId(program.rules.len() as u32);
    if let Some((decision, _)) = &concludes {
        program.decisions[decision.index()].rules.push(id);
    }
    program.rules.push(Rule {
        family: None,
        name: name.into(),
        title: String::new(),
        cite: format!("§ {name}, \"(a)\""),
        kind: if concludes.is_some() { RuleKind::Rule } else { RuleKind::Restriction },
        regime: 0,
        in_force: always,
        condition: applies,
        applies,
        conclusions: concludes.into_iter().collect(),
        overridden_by: over,
        alternatives: Vec::new(),
        all_alternatives: true,
        limbs: Vec::new(),
        license: Vec::new(),
        mark: String::new(),
        origin: OriginId(0),
    });
    id
}

/// A test of some inputs.
pub(crate) fn random_term(
    dice: &mut Dice,
    build: &mut Builder<'_>,
    inputs: &[Input],
    depth: u32,
    before: &[DecisionId],
    rules: u32,
) -> TermId {
    if depth > 0 && dice.roll(3) > 0 {
        let parts: Vec<TermId> =
            (0..2 + dice.roll(2)).map(|_| random_term(dice, build, inputs, depth - 1, before, rules)).collect();
        return match dice.roll(5) {
            0 | 1 => build.and(parts),
            2 | 3 => build.or(parts),
            _ => build.not(parts[0]),
        };
    }
    if rules > 0 && dice.roll(9) == 0 {
        let rule = RuleId(dice.roll(rules.into()) as u32);
        return if dice.roll(2) == 0 { build.applies(rule) } else { build.effective(rule) };
    }
    if !before.is_empty() && dice.roll(5) == 0 {
        let decision = before[dice.roll(before.len() as u64) as usize];
        let test = match dice.roll(5) {
            0 => OutcomeTest::Gap,
            1 => OutcomeTest::Conflict,
            2 => OutcomeTest::Has(1),
            3 => OutcomeTest::Within(Ranges::closed(0, 3)),
            _ => OutcomeTest::Members(MemberSet::of(3, [0, 2])),
        };
        return match dice.roll(4) {
            0 if rules > 0 => build.outcome_without(decision, RuleId(dice.roll(rules.into()) as u32), test),
            1 => {
                let other = before[dice.roll(before.len() as u64) as usize];
                build.same_outcome(decision, other)
            }
            _ => build.outcome(decision, test),
        };
    }
    let of = InputId(dice.roll(inputs.len() as u64) as u32);
    let other = InputId(dice.roll(inputs.len() as u64) as u32);
    let made = match &inputs[of.index()].domain {
        Domain::Bool => build.flag(of),
        Domain::Enum(_) if dice.roll(3) == 0 => build.same(of, other),
        Domain::Enum(id) => {
            let n = if id.0 == 0 { 3 } else { 2 };
            let set = (0..n).filter(|_| dice.roll(2) == 0).collect::<Vec<_>>();
            build.member(of, MemberSet::of(n, set))
        }
        Domain::Set(_) => build.has(of, dice.roll(3) as u32),
        Domain::Number(_) | Domain::Date { .. } if dice.roll(2) == 0 && inputs[other.index()].domain.bounds().is_some() => {
            let (a, b) = (Poly::input(of), Poly::input(other));
            let mut coefficient = || dice.roll(7) as i128 - 3;
            let (p, q, c) = (coefficient(), coefficient(), coefficient() * 3);
            let poly = a.times_constant(p).and_then(|x| x.plus(&b.times_constant(q)?)).and_then(|x| x.plus(&Poly::constant(c)));
            let product = if dice.roll(6) == 0 { a.times(&b) } else { None };
            build.at_least_zero(product.and_then(|x| x.plus(poly.as_ref()?)).or(poly).unwrap_or_default())
        }
        domain => {
            let (lo, hi) = domain.bounds().unwrap_or((0, 0));
            let at = lo + dice.roll((hi - lo + 1) as u64) as i64;
            let end = at + dice.roll(3) as i64;
            build.within(of, Ranges::from_pairs([(at, end), (end + 3, end + 3)]))
        }
    };
    made.unwrap_or_else(|_| build.constant(true))
}

/// A program of up to six inputs and a few thousand cases.
pub(crate) fn random_program(seed: u64) -> Program {
    let dice = &mut Dice::new(seed);
    let enums = vec![enumeration("E", 3), enumeration("R", 2)];
    let (e, r) = (EnumId(0), EnumId(1));
    let mut inputs = vec![("reading", Domain::Enum(r)), ("date", Domain::Date { lo: 100, hi: 103 })];
    for name in ["a", "b", "c", "d"] {
        let lo = dice.roll(5) as i64 - 2;
        inputs.push((
            name,
            match dice.roll(6) {
                0 => Domain::Bool,
                1 | 2 => Domain::Enum(e),
                3 => Domain::Set(e),
                _ => number(lo, lo + 2 + dice.roll(4) as i64),
            },
        ));
    }
    let mut program = empty_program(enums, inputs);
    program.reading = Some(InputId(0));
    program.date = Some(InputId(1));
    let mut before = Vec::new();
    for stage in 0..1 + dice.roll(3) {
        let (domain, combine) = match dice.roll(8) {
            0 => (Domain::Bool, Combine::ExactlyOne),
            1 => (Domain::Enum(e), Combine::ExactlyOne),
            2 => (Domain::Enum(e), Combine::Strictest),
            3 => (Domain::Enum(e), Combine::LeastStrict),
            4 => (number(0, 20), Combine::Sum),
            5 => (Domain::Set(e), Combine::All),
            6 => (number(0, 20), Combine::ExactlyOne),
            _ => (Domain::Enum(e), Combine::First),
        };
        let value = |dice: &mut Dice| match &domain {
            Domain::Bool => Value::Bool(dice.roll(2) == 0),
            Domain::Set(_) => Value::Set(MemberSet::of(3, (0..3).filter(|_| dice.roll(2) == 0).collect::<Vec<_>>())),
            Domain::Number(_) => Value::Int(dice.roll(4) as i64),
            _ => Value::Member(dice.roll(3) as u32),
        };
        let default = (dice.roll(2) == 0).then(|| value(dice));
        let decision = add_decision(&mut program, &format!("d{stage}"), domain.clone(), combine, default);
        let earlier = program.rules.len() as u32;
        for number in 0..2 + dice.roll(4) {
            let inputs = program.inputs.clone();
            let applies = random_term(dice, &mut program.builder(), &inputs, 2, &before, earlier);
            let concludes = (dice.roll(5) > 0).then(|| (decision, value(dice)));
            let over = (0..program.rules.len() as u32).filter(|_| dice.roll(5) == 0).map(RuleId).collect();
            add_rule(&mut program, &format!("r{stage}_{number}"), applies, concludes, over);
        }
        before.push(decision);
    }
    program
}

/// Every complete case.
pub(crate) fn all_cases(program: &Program) -> Vec<Case> {
    let mut cases = vec![Case::unknown(program.inputs.len())];
    for input in program.input_ids() {
        let values: Vec<Value> = match &program.input(input).domain {
            Domain::Bool => vec![Value::Bool(false), Value::Bool(true)],
            Domain::Enum(id) => (0..program.enumeration(*id).size()).map(Value::Member).collect(),
            Domain::Set(id) => {
                let n = program.enumeration(*id).size();
                (0..1u32 << n).map(|bits| Value::Set(MemberSet::of(n, (0..n).filter(|m| bits >> m & 1 == 1)))).collect()
            }
            domain => {
                let (lo, hi) = domain.bounds().unwrap_or((0, 0));
                (lo..=hi).map(Value::Int).collect()
            }
        };
        cases = cases
            .into_iter()
            .flat_map(|case| {
                values.iter().map(move |value| {
                    let mut case = case.clone();
                    case.set(input, value.clone());
                    case
                })
            })
            .collect();
    }
    cases
}

/// The meaning, word for word from the documentation of the IR; `cases` are the first and the second case.
pub(crate) struct Plain<'a> {
    pub program: &'a Program,
    pub cases: [&'a Case; 2],
    pub without: Vec<RuleId>,
}

impl Plain<'_> {
    pub fn term(&self, term: TermId) -> bool {
        let case = self.cases[0];
        match self.program.pool.get(term) {
            Term::True => true,
            Term::False => false,
            Term::Not(inner) => !self.term(*inner),
            Term::And(all) => all.iter().all(|term| self.term(*term)),
            Term::Or(all) => all.iter().any(|term| self.term(*term)),
            Term::Flag(of) => case.get(*of) == Some(&Value::Bool(true)),
            Term::Member { of, set } => matches!(case.get(*of), Some(Value::Member(m)) if set.contains(*m)),
            Term::Same(a, b) => case.get(*a) == case.get(*b),
            Term::Has { of, member } => matches!(case.get(*of), Some(Value::Set(set)) if set.contains(*member)),
            Term::Within { of, ranges } => case.int(*of).is_some_and(|int| ranges.contains(int)),
            Term::AtLeastZero(poly) => poly.value(|input| case.int(input)).is_some_and(|value| value >= 0),
            Term::Applies(rule) => self.applies(*rule),
            Term::Effective(rule) => self.effective(*rule),
            Term::Outcome { decision, without, test } => {
                let without = self.without.iter().chain(without).copied().collect();
                let outcome = Plain { program: self.program, cases: self.cases, without }.outcome(*decision).0;
                match (outcome, test) {
                    (Outcome::Gap, OutcomeTest::Gap) | (Outcome::Conflict(_), OutcomeTest::Conflict) => true,
                    (Outcome::Value(Value::Bool(b)), OutcomeTest::Members(set)) => set.contains(b.into()),
                    (Outcome::Value(Value::Member(m)), OutcomeTest::Members(set)) => set.contains(m),
                    (Outcome::Value(Value::Set(set)), OutcomeTest::Has(m)) => set.contains(*m),
                    (Outcome::Value(Value::Int(int)), OutcomeTest::Within(ranges)) => ranges.contains(int),
                    _ => false,
                }
            }
            Term::SameOutcome(a, b) => match (self.outcome(*a).0, self.outcome(*b).0) {
                (Outcome::Conflict(_), Outcome::Conflict(_)) => true,
                (a, b) => a == b,
            },
            Term::Second(inner) => {
                let cases = [self.cases[1], self.cases[1]];
                Plain { program: self.program, cases, without: self.without.clone() }.term(*inner)
            }
        }
    }

    pub fn applies(&self, rule: RuleId) -> bool {
        !self.without.contains(&rule) && self.term(self.program.rule(rule).applies)
    }

    pub fn effective(&self, rule: RuleId) -> bool {
        self.applies(rule) && !self.program.rule(rule).overridden_by.iter().any(|over| self.effective(*over))
    }

    /// The outcome and the rules that carry it.
    pub fn outcome(&self, decision: DecisionId) -> (Outcome, Vec<RuleId>) {
        let declared = self.program.decision(decision);
        let spoken: Vec<(RuleId, Value)> = declared
            .rules
            .iter()
            .filter(|rule| self.effective(**rule))
            .filter_map(|rule| Some((*rule, self.program.conclusion(*rule, decision)?.clone())))
            .collect();
        let Some((first, value)) = spoken.first().cloned() else {
            let none = match (&declared.default, &declared.combine) {
                (Some(value), _) => Outcome::Value(value.clone()),
                (None, Combine::All) => Outcome::Value(Value::Set(MemberSet::empty(3))),
                _ => Outcome::Gap,
            };
            return (none, Vec::new());
        };
        let mut values: Vec<Value> = spoken.iter().map(|(_, value)| value.clone()).collect();
        values.sort();
        let carrying = |value: &Value| {
            let mut rules: Vec<RuleId> = spoken.iter().filter(|(_, v)| v == value).map(|(rule, _)| *rule).collect();
            rules.sort();
            rules
        };
        let mut everyone: Vec<RuleId> = spoken.iter().map(|(rule, _)| *rule).collect();
        everyone.sort();
        match declared.combine {
            Combine::First => (Outcome::Value(value), vec![first]),
            Combine::Strictest => (Outcome::Value(values[values.len() - 1].clone()), carrying(&values[values.len() - 1])),
            Combine::LeastStrict => (Outcome::Value(values[0].clone()), carrying(&values[0])),
            Combine::Sum => {
                let sum = values.iter().map(|v| if let Value::Int(int) = v { *int } else { 0 }).sum();
                (Outcome::Value(Value::Int(sum)), everyone)
            }
            Combine::All => {
                let union =
                    values.iter().fold(MemberSet::empty(3), |all, v| if let Value::Set(s) = v { all.union(s) } else { all });
                (Outcome::Value(Value::Set(union)), everyone)
            }
            Combine::ExactlyOne => {
                values.dedup();
                let outcome = if values.len() == 1 { Outcome::Value(values[0].clone()) } else { Outcome::Conflict(values) };
                (outcome, everyone)
            }
        }
    }
}

pub(crate) fn plain<'a>(program: &'a Program, case: &'a Case) -> Plain<'a> {
    Plain { program, cases: [case, case], without: Vec::new() }
}
