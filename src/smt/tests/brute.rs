//! The meaning once more, by enumeration, in the plainest code: what the solver's answers are held against.

use crate::ir::{
    Case, Combine, Decision, DecisionId, Domain, Input, InputId, MemberSet, Outcome, OutcomeTest, Program, Rule, RuleId, Term,
    TermId, Value,
};
use crate::smt::{Query, Witness};

/// One or two cases, read without a rule.
#[derive(Clone, Copy)]
pub(super) struct World<'w> {
    program: &'w Program,
    case: &'w Case,
    second: Option<&'w Case>,
    without: Option<RuleId>,
}

impl<'w> World<'w> {
    fn value(&self, of: InputId) -> &'w Value {
        self.case.get(of).unwrap()
    }
    fn int(&self, of: InputId) -> i64 {
        self.case.int(of).unwrap()
    }
    fn applies(&self, rule: RuleId) -> bool {
        self.without != Some(rule) && self.holds(self.program.rule(rule).applies)
    }
    fn effective(&self, rule: RuleId) -> bool {
        self.applies(rule) && !self.program.rule(rule).overridden_by.iter().any(|other| self.effective(*other))
    }

    fn outcome(&self, id: DecisionId) -> Outcome {
        let decision: &Decision = self.program.decision(id);
        let rules = decision.rules.iter().filter(|rule| self.effective(**rule));
        let values: Vec<Value> = rules.map(|rule| self.program.conclusion(*rule, id).unwrap().clone()).collect();
        let mut distinct = values.clone();
        distinct.sort();
        distinct.dedup();
        if values.is_empty() {
            return match (&decision.default, &decision.combine, &decision.domain) {
                (Some(value), _, _) => Outcome::Value(value.clone()),
                (None, Combine::All, Domain::Set(of)) => {
                    Outcome::Value(Value::Set(MemberSet::empty(self.program.enumeration(*of).size())))
                }
                _ => Outcome::Gap,
            };
        }
        Outcome::Value(match decision.combine {
            Combine::ExactlyOne if distinct.len() > 1 => return Outcome::Conflict(distinct),
            Combine::ExactlyOne | Combine::First => values[0].clone(),
            Combine::Strictest => distinct.last().unwrap().clone(),
            Combine::LeastStrict => distinct[0].clone(),
            Combine::Sum => Value::Int(values.iter().map(|value| if let Value::Int(k) = value { *k } else { 0 }).sum()),
            Combine::All => values
                .into_iter()
                .reduce(|a, b| match (a, b) {
                    (Value::Set(a), Value::Set(b)) => Value::Set(a.union(&b)),
                    _ => unreachable!(),
                })
                .unwrap(),
        })
    }

    pub(super) fn holds(&self, term: TermId) -> bool {
        match self.program.pool.get(term) {
            Term::True => true,
            Term::False => false,
            Term::Not(inner) => !self.holds(*inner),
            Term::And(inner) => inner.iter().all(|inner| self.holds(*inner)),
            Term::Or(inner) => inner.iter().any(|inner| self.holds(*inner)),
            Term::Flag(of) => *self.value(*of) == Value::Bool(true),
            Term::Member { of, set } => matches!(self.value(*of), Value::Member(member) if set.contains(*member)),
            Term::Same(a, b) => self.value(*a) == self.value(*b),
            Term::Has { of, member } => matches!(self.value(*of), Value::Set(set) if set.contains(*member)),
            Term::Within { of, ranges } => ranges.contains(self.int(*of)),
            Term::AtLeastZero(poly) => poly.value(|of| self.case.int(of)).unwrap() >= 0,
            Term::Applies(rule) => self.applies(*rule),
            Term::Effective(rule) => self.effective(*rule),
            Term::Outcome { decision, without, test } => {
                let world = World { without: without.or(self.without), ..*self };
                match (world.outcome(*decision), test) {
                    (Outcome::Gap, OutcomeTest::Gap) | (Outcome::Conflict(_), OutcomeTest::Conflict) => true,
                    (Outcome::Value(Value::Bool(value)), OutcomeTest::Members(set)) => set.contains(value.into()),
                    (Outcome::Value(Value::Member(member)), OutcomeTest::Members(set)) => set.contains(member),
                    (Outcome::Value(Value::Set(set)), OutcomeTest::Has(member)) => set.contains(*member),
                    (Outcome::Value(Value::Int(k)), OutcomeTest::Within(ranges)) => ranges.contains(k),
                    _ => false,
                }
            }
            Term::SameOutcome(a, b) => match (self.outcome(*a), self.outcome(*b)) {
                (Outcome::Conflict(_), Outcome::Conflict(_)) => true,
                (a, b) => a == b,
            },
            Term::Second(inner) => World { case: self.second.unwrap(), second: None, ..*self }.holds(*inner),
        }
    }
}

/// The values of a domain, in the order in which a witness prefers them.
fn values(program: &Program, input: &Input) -> Vec<Value> {
    let all: Vec<Value> = match &input.domain {
        Domain::Bool => vec![Value::Bool(false), Value::Bool(true)],
        Domain::Enum(id) => (0..program.enumeration(*id).size()).map(Value::Member).collect(),
        Domain::Set(id) => {
            let size = program.enumeration(*id).size();
            // The first member weighs most, as in the order of settling.
            (0..1u32 << size)
                .map(|bits| Value::Set(MemberSet::of(size, (0..size).filter(|m| bits >> (size - 1 - m) & 1 == 1))))
                .collect()
        }
        Domain::Number(number) => (number.lo..=number.hi).map(Value::Int).collect(),
        Domain::Date { lo, hi } => (*lo..=*hi).map(Value::Int).collect(),
    };
    let mut out: Vec<Value> = Vec::new();
    for value in input.preferred.iter().filter(|value| all.contains(value)).chain(&all) {
        if !out.contains(value) {
            out.push(value.clone());
        }
    }
    out
}

/// All cases, in the order of preference: of inputs in their order, the first value first.
pub(super) fn cases(program: &Program) -> Vec<Case> {
    let mut cases = vec![Case::unknown(program.inputs.len())];
    for of in program.input_ids() {
        let values = values(program, program.input(of));
        cases = cases
            .into_iter()
            .flat_map(|case| {
                values.iter().map(move |value| {
                    let mut case = case.clone();
                    case.set(of, value.clone());
                    case
                })
            })
            .collect();
    }
    cases
}

/// The first witness of a question, by trying everything.
pub(super) fn first(program: &Program, query: &Query, cases: &[Case]) -> Option<Witness> {
    let holds = |case: &Case, second: Option<&Case>| {
        let world = World { program, case, second, without: None };
        query.holding.iter().all(|term| world.holds(*term)) && !query.failing.iter().any(|term| world.holds(*term))
    };
    for case in cases.iter().filter(|case| query.fixed.iter().all(|(of, value)| case.get(*of) == Some(value))) {
        let Some(pair) = &query.pair else {
            if holds(case, None) {
                return Some(Witness { case: case.clone(), second: None });
            }
            continue;
        };
        // The value of the first case is tried before the preferred ones.
        let mut seconds = vec![case.clone()];
        for of in &pair.differing {
            let mut order = values(program, program.input(*of));
            let same = order.iter().position(|value| Some(value) == case.get(*of)).unwrap();
            let same = order.remove(same);
            order.insert(0, same);
            let with = |second: &Case, value: &Value| {
                let mut second = second.clone();
                second.set(*of, value.clone());
                second
            };
            seconds = seconds.iter().flat_map(|second| order.iter().map(move |value| with(second, value))).collect();
        }
        let rises = |second: &&Case| pair.rising.is_none_or(|of| case.get(of) < second.get(of));
        if let Some(second) = seconds.iter().filter(rises).find(|second| holds(case, Some(second))) {
            return Some(Witness { case: case.clone(), second: Some(second.clone()) });
        }
    }
    None
}

/// A program with nothing in it but inputs.
pub(super) fn program(enums: &[(&str, u32)], inputs: Vec<(&str, Domain, Vec<Value>)>) -> Program {
    use crate::ir::{EnumDef, Member, Origin, OriginId, Pool, VERSION};
    Program {
        version: VERSION.into(),
        regimes: Vec::new(),
        enums: enums
            .iter()
            .map(|(name, size)| EnumDef {
                name: (*name).into(),
                members: (0..*size).map(|m| Member { name: format!("{name}|{m}"), label: String::new() }).collect(),
                ordered: true,
                headings: Vec::new(),
            })
            .collect(),
        inputs: inputs
            .into_iter()
            .map(|(name, domain, preferred)| Input { preferred, ..Input::plain(name, domain, OriginId::NOWHERE) })
            .collect(),
        decisions: Vec::new(),
        rules: Vec::new(),
        pool: Pool::default(),
        origins: vec![Origin { span: crate::source::Span::NOWHERE, file: String::new(), line: 0, words: String::new() }],
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

/// A decision without rules.
pub(super) fn decide(program: &mut Program, domain: Domain, combine: Combine, default: Option<Value>) -> DecisionId {
    program.decisions.push(Decision {
        name: format!("d{}", program.decisions.len()),
        title: String::new(),
        domain,
        combine,
        default,
        rules: Vec::new(),
        regime: 0,
        origin: crate::ir::OriginId::NOWHERE,
    });
    DecisionId(program.decisions.len() as u32 - 1)
}

/// A rule.
pub(super) fn rule(program: &mut Program, applies: TermId, over: &[RuleId], conclusions: &[(DecisionId, Value)]) -> RuleId {
    let id = RuleId(program.rules.len() as u32);
    let yes = program.builder().constant(true);
    program.rules.push(Rule {
        family: None,
        name: format!("rule|{}", id.0),
        title: String::new(),
        cite: String::new(),
        kind: crate::ir::RuleKind::Rule,
        regime: 0,
        in_force: yes,
        condition: applies,
        applies,
        conclusions: conclusions.to_vec(),
        overridden_by: over.to_vec(),
        alternatives: Vec::new(),
        all_alternatives: true,
        limbs: Vec::new(),
        license: Vec::new(),
        mark: String::new(),
        origin: crate::ir::OriginId::NOWHERE,
    });
    for (decision, _) in conclusions {
        program.decisions[decision.index()].rules.push(id);
    }
    id
}
