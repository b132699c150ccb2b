//! Test vectors: a small set of cases that covers what a regime says, with what must come out.
//!
//! ```text
//! rules ─▶ obligations ─▶ questions (diagram, Z3) ─▶ cases ─▶ judged by eval ─▶ cover ─▶ vectors
//!            └── a trigger, and what hangs on it: the same case with the rule turned over
//! ```
//!
//! In: a program and its table. Out: [`Vectors`]: each obligation with what has become of it, each vector with the outcomes that the
//! interpreter gives, held against the table. Nothing is rendered here; `docs/vectors.md` says what the words mean.
//!
//! Whose idea: an obligation is a fault that a case tells from the regime (mutation analysis, DeMillo, Lipton and Sayward 1978), for
//! conditions as in MC/DC (Chilenski and Miller 1994): a part counts as tested where it alone changes the outcome.

mod cover;
mod judge;
mod matter;
mod moved;
mod obligation;
mod plain;
mod said;
mod seek;

#[cfg(test)]
mod tests;

use rayon::prelude::*;

use crate::diagram::OwnedTable;
use crate::eval::Decided;
use crate::ir::{BuildError, Case, DecisionId, InputId, Program};
use crate::words::say;

pub use obligation::{Met, Obligation, Strength, What};
pub use said::{kind, obligation_text};

use super::Options;
use judge::Judge;
use obligation::{Judged, obligations};
use seek::{Said, seek};

/// A case and what must come out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vector {
    /// A value for every input.
    pub case: Case,
    /// Inputs that settle all outcomes and their rules, whatever the others are; none of them can be left out. By the table.
    pub matter: Vec<InputId>,
    /// What each of [`Vectors::decisions`] comes to, by the interpreter.
    pub decided: Vec<Decided>,
    /// What it shows, as places in [`Vectors::obligations`], rising.
    pub covers: Vec<usize>,
}

/// Test vectors of the first regime of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vectors {
    /// The decisions, in the order of the program.
    pub decisions: Vec<DecisionId>,
    /// What has to be covered.
    pub obligations: Vec<Obligation>,
    /// The cases: in the order of the first obligation that each covers.
    pub vectors: Vec<Vector>,
    /// The first vector on which the table says something else, and of which decision.
    pub differs: Option<(usize, DecisionId)>,
}

/// Test vectors of the first regime, within the scope of the options; `table` is its table within the same scope.
///
/// # Errors
/// [`BuildError`] if a comparison cannot be moved by a step because its numbers leave their range.
pub fn vectors(program: &Program, table: &OwnedTable, options: &Options) -> Result<Vectors, BuildError> {
    let mut extended = program.clone();
    let fixed: Vec<InputId> = options.fixed.iter().map(|(input, _)| *input).collect();
    let judged = obligations(&mut extended, &fixed)?;
    options.tell(&say!("cases for {count} obligations", count = judged.len()));
    let sought = seek(&extended, &judged, options);
    let mut cases = sought.cases.clone();
    cases.retain(|case| options.fixed.iter().all(|(input, value)| case.get(*input) == Some(value)));
    cases.sort();
    cases.dedup();
    options.tell(&say!("the fewest of {count} cases", count = cases.len()));
    // A case outside of the domains shows nothing.
    let levels: Vec<Vec<Option<usize>>> = cases
        .par_iter()
        .map_init(|| Judge::new(&extended, &judged), |judge, case| judge.levels(case).unwrap_or_default())
        .collect();
    let best: Vec<Option<usize>> =
        (0..judged.len()).map(|at| levels.iter().filter_map(|of| of.get(at).copied().flatten()).min()).collect();
    let shows = |of: &Vec<Option<usize>>| -> Vec<usize> {
        (0..of.len()).filter(|at| of[*at].is_some() && of[*at] == best[*at]).collect()
    };
    let sets: Vec<Vec<usize>> = levels.iter().map(shows).collect();
    let cost: Vec<usize> = cases.iter().map(|case| plain::oddity(program, case)).collect();
    let mut kept = cover::cover(&sets, judged.len(), &cost);
    kept.sort_by_key(|at| (sets[*at].first().copied(), *at));
    let judge = Judge::new(&extended, &judged);
    let mut matter = matter::Matter::new(program, table);
    let mut vectors = Vec::with_capacity(kept.len());
    let mut differs = None;
    for at in kept {
        let Ok(decided) = judge.decided(&cases[at]) else { continue };
        if differs.is_none() {
            differs = matter.differs(&cases[at], &decided).map(|decision| (vectors.len(), decision));
        }
        let matter = matter.of(&cases[at]);
        vectors.push(Vector { case: cases[at].clone(), matter, decided, covers: sets[at].clone() });
    }
    let obligations = judged.iter().enumerate().map(|(at, one)| {
        let by = (0..vectors.len()).filter(|vector| vectors[*vector].covers.binary_search(&at).is_ok()).collect();
        let said = sought.said.get(&at).map_or(&[][..], Vec::as_slice);
        Obligation { what: one.what, met: met(one, best[at], said), vectors: by }
    });
    let decisions = program.decision_ids().filter(|id| program.decision(*id).regime == 0).collect();
    Ok(Vectors { decisions, obligations: obligations.collect(), vectors, differs })
}

/// What has become of an obligation.
fn met(one: &Judged, best: Option<usize>, said: &[Said]) -> Met {
    match (best, one.what, said.last()) {
        (Some(level), ..) => {
            let (trigger, strength) = one.levels[level];
            let exact = !matches!(one.what, What::Sum { .. }) || trigger == 0;
            let most = said.len() >= level && said[..level].iter().all(|said| matches!(said, Said::No(_)));
            Met::Covered { strength, exact, most }
        }
        // No rule tests this day: the program itself is the proof.
        (None, What::Day(_), _) => Met::Impossible(Vec::new()),
        (None, What::Unlisted(_), _) => Met::NotFound(say!("a condition can have more alternatives than anyone lists")),
        // A sum just below a threshold, and one as near as its steps come: the last levels of both say whether there is any.
        (None, what, Some(Said::No(evidence))) => match said {
            [.., Said::Open(why), Said::No(_)] if matches!(what, What::Sum { .. }) => Met::NotFound(why.clone()),
            _ => Met::Impossible(evidence.clone()),
        },
        (None, _, Some(Said::Open(why))) => Met::NotFound(why.clone()),
        (None, ..) => Met::NotFound(say!("the case that was found shows something else")),
    }
}
