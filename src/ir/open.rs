//! Terms with what rules say left open: each question to a decision or a rule is about inputs of its own.
//!
//! In: a program and terms of it. Out: both again. A term that has no case then has none whatever the rules say. A decision has one outcome,
//! as it has in every case; which rules carry it, and how two decisions compare, is not held against that, so there may be cases where
//! there are none.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::copy::Copying;
use super::{
    BuildError, Decimal, DecisionId, Domain, Input, InputId, MemberSet, NumberDomain, OriginId, OutcomeTest, Program, Ranges,
    RuleId, Term, TermId,
};

/// An outcome that is anything: whether there is a value (0 none, 1 a conflict, 2 one), and the value.
#[derive(Clone, Copy)]
struct Anything {
    status: InputId,
    value: InputId,
}

impl Program {
    /// These terms where what rules say is open.
    ///
    /// # Errors
    /// If the program was not made by a builder.
    pub fn open(&self, terms: &[TermId]) -> Result<(Program, Vec<TermId>), BuildError> {
        let mut open = self.clone();
        let mut memo = FxHashMap::default();
        let mut outcomes: FxHashMap<(DecisionId, Option<RuleId>), Anything> = FxHashMap::default();
        let (mut seen, mut stack) = (BTreeSet::new(), terms.to_vec());
        while let Some(term) = stack.pop() {
            if !seen.insert(term) {
                continue;
            }
            match self.pool.get(term) {
                Term::Not(inner) | Term::Second(inner) => stack.push(*inner),
                Term::And(inner) | Term::Or(inner) => stack.extend(inner),
                Term::Outcome { decision, without, test } => {
                    let anything = *outcomes.entry((*decision, *without)).or_insert_with(|| {
                        let name = format!("{}@{}", self.decision(*decision).name, outcomes_name(*without));
                        let what = NumberDomain { unit: String::new(), step: Decimal::whole(1), lo: 0, hi: 2 };
                        let status = anew(&mut open, format!("{name}.status"), Domain::Number(what));
                        let value = anew(&mut open, name, self.decision(*decision).domain.clone());
                        Anything { status, value }
                    });
                    let said = anything.says(&mut open, test)?;
                    memo.insert(term, said);
                }
                Term::Applies(_) | Term::Effective(_) | Term::SameOutcome(..) => {
                    let input = anew(&mut open, format!("said@{}", term.0), Domain::Bool);
                    memo.insert(term, open.builder().flag(input)?);
                }
                _ => {}
            }
        }
        let mut copying = Copying::same(self, memo);
        let terms = terms.iter().map(|term| copying.term(&mut open, *term)).collect::<Result<_, _>>()?;
        Ok((open, terms))
    }
}

fn outcomes_name(without: Option<RuleId>) -> String {
    without.map_or_else(String::new, |rule| rule.0.to_string())
}

/// Another input.
fn anew(program: &mut Program, name: String, domain: Domain) -> InputId {
    let input = InputId(program.inputs.len() as u32);
    program.inputs.push(Input::plain(name, domain, OriginId::NOWHERE));
    input
}

impl Anything {
    /// What a test says of it.
    fn says(self, program: &mut Program, test: &OutcomeTest) -> Result<TermId, BuildError> {
        let domain = program.input(self.value).domain.clone();
        let mut build = program.builder();
        let is = |status: i64| Ranges::closed(status, status);
        let value = match test {
            OutcomeTest::Gap => return build.within(self.status, is(0)),
            OutcomeTest::Conflict => return build.within(self.status, is(1)),
            OutcomeTest::Members(set) if domain == Domain::Bool => {
                let flag = build.flag(self.value)?;
                let not = build.not(flag);
                let either = [(0, not), (1, flag)].into_iter().filter(|(member, _)| set.contains(*member)).map(|(_, term)| term);
                build.or(either)
            }
            OutcomeTest::Members(set) => build.member(self.value, MemberSet::clone(set))?,
            OutcomeTest::Has(member) => build.has(self.value, *member)?,
            OutcomeTest::Within(ranges) => build.within(self.value, ranges.clone())?,
        };
        let there = build.within(self.status, is(2))?;
        Ok(build.and([there, value]))
    }
}
