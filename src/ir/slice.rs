//! Digests of slices: what some terms lead to, as it stands, with all inputs. Where two slices have one digest there is nothing by which
//! a reading could tell them apart but the numbers of terms, rules and decisions, and these stand in the same order.
//!
//! In: terms. Out: 256 bits. Where [`super::Digests`] says that two questions have the same answer, this says more: that whoever goes
//! through both in the order in which they stand finds the same case.

use rustc_hash::FxHashMap;

use super::digest::{Digest, Text, combine};
use super::{DecisionId, InputId, Program, RuleId, Term, TermId, Value};

/// Digests of slices of one program as it is now.
#[derive(Debug)]
pub struct Slices<'p> {
    program: &'p Program,
    inputs: Digest,
}

/// Each of some ids and its place among them; equal exactly where the order is.
type Places<Id> = FxHashMap<Id, u64>;

fn places<Id: Copy + Ord + std::hash::Hash>(mut ids: Vec<Id>) -> (Vec<Id>, Places<Id>) {
    ids.sort_unstable();
    let places = ids.iter().copied().zip(0..).collect();
    (ids, places)
}

impl<'p> Slices<'p> {
    /// Of a program.
    pub fn new(program: &'p Program) -> Self {
        let mut text = Text::new(b'I');
        text.number(program.inputs.len() as u64);
        for input in &program.inputs {
            text.exact_domain(program, &input.domain).number(input.preferred.len() as u64);
            for value in &input.preferred {
                text.value(value);
            }
        }
        Slices { program, inputs: text.digest() }
    }

    /// The digest of what terms lead to, with what is fixed and which inputs differ. `None` for terms that are not of this program.
    pub fn digest(&self, roots: &[(TermId, Option<InputId>)], fixed: &[(InputId, Value)]) -> Option<Digest> {
        let program = self.program;
        let ((terms, term_at), (rules, rule_at), (decisions, decision_at)) = self.below(roots)?;
        let mut text = Text::new(b'S');
        text.digest_of(&self.inputs).number(roots.len() as u64);
        for (root, pair) in roots {
            text.number(term_at[root]).flag(pair.is_some()).number(pair.map_or(0, |input| u64::from(input.0)));
        }
        text.number(fixed.len() as u64);
        for (input, value) in fixed {
            text.number(u64::from(input.0)).value(value);
        }
        text.number(terms.len() as u64);
        for id in terms {
            let input = |of: &InputId| u64::from(of.0);
            match program.pool.get(id) {
                Term::True => text.number(1),
                Term::False => text.number(2),
                Term::Not(inner) => text.number(3).number(term_at[inner]),
                Term::And(all) => text.number(4).numbers(all.iter().map(|one| term_at[one])),
                Term::Or(all) => text.number(5).numbers(all.iter().map(|one| term_at[one])),
                Term::Flag(of) => text.number(6).number(input(of)),
                Term::Member { of, set } => text.number(7).number(input(of)).members(set),
                Term::Same(a, b) => text.number(8).number(input(a)).number(input(b)),
                Term::Has { of, member } => text.number(9).number(input(of)).number(u64::from(*member)),
                Term::Within { of, ranges } => text.number(10).number(input(of)).ranges(ranges.pairs()),
                Term::AtLeastZero(poly) => {
                    text.number(11).long(poly.constant).number(poly.monomials.len() as u64);
                    for (factors, coefficient) in &poly.monomials {
                        text.long(*coefficient).numbers(factors.iter().map(input));
                    }
                    &mut text
                }
                Term::Applies(rule) => text.number(12).number(rule_at[rule]),
                Term::Effective(rule) => text.number(13).number(rule_at[rule]),
                Term::Outcome { decision, without, test } => {
                    // A rule that nothing here leads to is as good as none.
                    let without = without.and_then(|rule| rule_at.get(&rule));
                    text.number(14).number(decision_at[decision]).flag(without.is_some());
                    text.number(without.copied().unwrap_or(0)).test(test)
                }
                Term::SameOutcome(a, b) => text.number(15).number(decision_at[a]).number(decision_at[b]),
                Term::Second(inner) => text.number(16).number(term_at[inner]),
            };
        }
        text.number(rules.len() as u64);
        for id in rules {
            let rule = program.rule(id);
            text.number(term_at[&rule.applies]).numbers(rule.overridden_by.iter().map(|other| rule_at[other]));
        }
        text.number(decisions.len() as u64);
        for id in decisions {
            let decision = program.decision(id);
            text.number(combine(&decision.combine)).exact_domain(program, &decision.domain).flag(decision.default.is_some());
            if let Some(value) = &decision.default {
                text.value(value);
            }
            text.number(decision.rules.len() as u64);
            for rule in &decision.rules {
                let value = program.conclusion(*rule, id);
                text.number(rule_at[rule]).flag(value.is_some());
                if let Some(value) = value {
                    text.value(value);
                }
            }
        }
        Some(text.digest())
    }

    /// The digest of all terms of the program and of what they lead to, each by its number.
    pub fn whole(&self, fixed: &[(InputId, Value)]) -> Option<Digest> {
        let roots: Vec<_> = self.program.pool.iter().map(|(id, _)| (id, None)).collect();
        self.digest(&roots, fixed)
    }

    /// All terms, rules and decisions that terms lead to.
    #[expect(clippy::type_complexity, reason = "three of one kind")]
    fn below(
        &self,
        roots: &[(TermId, Option<InputId>)],
    ) -> Option<((Vec<TermId>, Places<TermId>), (Vec<RuleId>, Places<RuleId>), (Vec<DecisionId>, Places<DecisionId>))> {
        let program = self.program;
        let (mut terms, mut rules, mut decisions) = (Places::default(), Places::default(), Places::default());
        let mut stack: Vec<TermId> = roots.iter().map(|(root, _)| *root).collect();
        let mut more: Vec<RuleId> = Vec::new();
        let mut asked: Vec<DecisionId> = Vec::new();
        loop {
            if let Some(term) = stack.pop() {
                if term.index() >= program.pool.len() {
                    return None;
                }
                if terms.insert(term, 0).is_some() {
                    continue;
                }
                match program.pool.get(term) {
                    Term::Not(inner) | Term::Second(inner) => stack.push(*inner),
                    Term::And(all) | Term::Or(all) => stack.extend(all),
                    Term::Applies(rule) | Term::Effective(rule) => more.push(*rule),
                    Term::Outcome { decision, .. } => asked.push(*decision),
                    Term::SameOutcome(a, b) => asked.extend([*a, *b]),
                    _ => {}
                }
            } else if let Some(rule) = more.pop() {
                if rules.insert(rule, 0).is_none() {
                    let rule = program.rules.get(rule.index())?;
                    stack.push(rule.applies);
                    more.extend(&rule.overridden_by);
                }
            } else if let Some(decision) = asked.pop() {
                if decisions.insert(decision, 0).is_none() {
                    more.extend(&program.decisions.get(decision.index())?.rules);
                }
            } else {
                return Some((
                    places(terms.into_keys().collect()),
                    places(rules.into_keys().collect()),
                    places(decisions.into_keys().collect()),
                ));
            }
        }
    }
}
