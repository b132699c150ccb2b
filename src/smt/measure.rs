//! How large a loophole is: of all runs of one length, the most of a number at their end, and the fewest days they take.
//!
//! In: a process, what must never be, and a length of which there is a run. Out: plain numbers. Each answer is the limit of a
//! series of yes-or-no questions, so it is exact, or it is not given.

use serde::{Deserialize, Serialize};

use super::answer::Verdict;
use super::query::Query;
use super::session::{Limits, Session};
use crate::ir::{InputId, Poly, Process, Program, Ranges, Runs, TermId, Unrolled, Value};

/// What all runs of one length have in common.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    /// The greatest value at the end, of number variables.
    pub most: Vec<(InputId, i64)>,
    /// The fewest days that pass.
    pub days: Option<i64>,
}

/// Measures all runs of a length. `numbers` are variables of which the most is wanted.
#[must_use]
pub fn measured(
    process: &Process,
    goal: usize,
    length: usize,
    numbers: &[InputId],
    fixed: &[(InputId, Value)],
    limits: Limits,
) -> Measured {
    let mut out = Measured::default();
    let Some(goal) = process.goals.get(goal) else { return out };
    let Ok(unrolled) = process.unrolled(goal, length, Runs::Exact) else { return out };
    let mut asking = Asking { unrolled, limits, given: Vec::new() };
    for (input, value) in fixed {
        for copy in &asking.unrolled.inputs {
            let of = copy[input.index()];
            if of.index() < asking.unrolled.program.inputs.len() && !asking.given.iter().any(|(known, _)| *known == of) {
                asking.given.push((of, value.clone()));
            }
        }
    }
    for number in numbers {
        let at = asking.unrolled.inputs[length][number.index()];
        if let Some(most) = asking.most(at) {
            out.most.push((*number, most));
        }
    }
    if let Some(date) = process.world.date.filter(|date| process.is_now(*date)) {
        let (first, last) = (asking.unrolled.inputs[0][date.index()], asking.unrolled.inputs[length][date.index()]);
        out.days = asking.fewest(first, last);
    }
    out
}

/// How much more work the second asking of a question may cost.
const PATIENCE: u32 = 4;

struct Asking {
    unrolled: Unrolled,
    limits: Limits,
    given: Vec<(InputId, Value)>,
}

impl Asking {
    fn query(&self, and: TermId) -> Query {
        let query = Query::never(self.unrolled.run).and(and);
        self.given.iter().fold(query, |query, (input, value)| query.given(*input, value.clone()))
    }

    /// Whether there is a run in which terms hold, for each; `None` where that is not settled. Terms are made first, because a
    /// session needs them all to be there.
    fn possible(&self, terms: &[TermId]) -> Option<Vec<bool>> {
        let mut session = Session::new(&self.unrolled.program, self.limits).ok()?;
        terms
            .iter()
            .map(|term| match session.possible(&self.query(*term)) {
                Verdict::Possible => Some(true),
                Verdict::Never => Some(false),
                // One hard question among thirty easy ones is worth more work; and a limit that is met by chance is met less often.
                Verdict::Unknown(_) => {
                    let limits = Limits { work: self.limits.work.saturating_mul(PATIENCE), ..self.limits };
                    match Session::new(&self.unrolled.program, limits).ok()?.possible(&self.query(*term)) {
                        Verdict::Possible => Some(true),
                        Verdict::Never => Some(false),
                        Verdict::Unknown(_) => None,
                    }
                }
            })
            .collect()
    }

    fn program(&mut self) -> &mut Program {
        &mut self.unrolled.program
    }

    /// The least of a range for which something is possible that stays possible above.
    fn least(&mut self, mut lo: i64, mut hi: i64, mut term: impl FnMut(&mut Program, i64) -> Option<TermId>) -> Option<i64> {
        while lo < hi {
            let middle = lo + (hi - lo) / 2;
            let asked = term(self.program(), middle)?;
            if self.possible(&[asked])?[0] { hi = middle } else { lo = middle + 1 }
        }
        Some(lo)
    }

    fn most(&mut self, input: InputId) -> Option<i64> {
        let (lo, hi) = self.unrolled.program.input(input).domain.bounds()?;
        // Mirrored: the least by which it falls short of the end.
        let short = self.least(0, hi.checked_sub(lo)?, |program, short| {
            program.builder().within(input, Ranges::closed(hi - short, hi)).ok()
        })?;
        Some(hi - short)
    }

    fn fewest(&mut self, first: InputId, last: InputId) -> Option<i64> {
        let (lo, hi) = self.unrolled.program.input(first).domain.bounds()?;
        self.least(0, hi - lo, |program, days| {
            let passed = Poly::input(first).plus(&Poly::input(last).times_constant(-1)?)?;
            program.builder().at_least_zero(passed.plus(&Poly::constant(i128::from(days)))?).ok()
        })
    }
}
