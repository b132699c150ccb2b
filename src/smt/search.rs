//! Runs of few steps: the shortest one into what must never be, length by length.
//!
//! In: a process and what must never be. Out: the cases of a run, or up to which length there is none. All runs of one length are one
//! question about one case (`ir/copy.rs`), so this is the session's work (after Biere, Cimatti, Clarke and Zhu, "Symbolic model
//! checking without BDDs", 1999).

use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Serialize};

use super::answer::{Answer, Reason};
use super::query::Query;
use super::session::{Limits, Session};
use crate::ir::{Case, InputId, MemberSet, Process, Runs, Value};

/// A run: which step is taken in which case of the process's world, and the case in which it ends.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Path {
    /// The steps: which of [`Process::steps`], and the case (state, transaction, next state).
    pub taken: Vec<(u32, Case)>,
    /// The state that must never be, with the case that goes with it.
    pub last: Case,
}

/// What a search says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Searched {
    /// The first of the shortest runs.
    Found(Path),
    /// There is none of so many steps or fewer. `None`: not even of no step at all is it known.
    None {
        /// The greatest length that was settled.
        upto: Option<usize>,
        /// Why the search ended there, if it did not end where it was told to.
        why: Option<Reason>,
    },
}

/// Looks for any run of so many steps or fewer, which need not be a shortest one: that is one question, where a shortest one is many.
#[must_use]
pub fn any(process: &Process, goal: usize, length: usize, fixed: &[(InputId, Value)], limits: Limits) -> Searched {
    one(of_length(process, goal, length, Runs::OrFewer, None, fixed, limits), length)
}

/// A member that an enumeration must not be before a step (or at the end: the length itself).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Besides {
    /// Before which step.
    pub at: usize,
    /// The enumeration.
    pub input: InputId,
    /// What it must not be.
    pub known: MemberSet,
}

/// Looks for any run of exactly so many steps besides those that are known.
#[must_use]
pub fn besides(
    process: &Process,
    goal: usize,
    length: usize,
    but: &Besides,
    fixed: &[(InputId, Value)],
    limits: Limits,
) -> Searched {
    one(of_length(process, goal, length, Runs::Exact, Some(but), fixed, limits), length)
}

fn one(found: Result<Option<Path>, Reason>, length: usize) -> Searched {
    match found {
        Ok(Some(path)) => Searched::Found(path),
        Ok(None) => Searched::None { upto: Some(length), why: None },
        Err(why) => Searched::None { upto: None, why: Some(why) },
    }
}

/// Looks for a shortest run of a length in a range; inputs that are fixed are so in every step.
#[must_use]
pub fn search(
    process: &Process,
    goal: usize,
    lengths: std::ops::RangeInclusive<usize>,
    runs: Runs,
    fixed: &[(InputId, Value)],
    limits: Limits,
    stop: &AtomicBool,
) -> Searched {
    let mut upto = lengths.start().checked_sub(1);
    for length in lengths {
        if stop.load(Ordering::Relaxed) {
            return Searched::None { upto, why: Some(Reason::Limit("it was no longer needed".into())) };
        }
        match of_length(process, goal, length, runs, None, fixed, limits) {
            Ok(Some(path)) => return Searched::Found(path),
            Ok(None) => upto = Some(length),
            Err(why) => return Searched::None { upto, why: Some(why) },
        }
    }
    Searched::None { upto, why: None }
}

fn of_length(
    process: &Process,
    goal: usize,
    length: usize,
    runs: Runs,
    but: Option<&Besides>,
    fixed: &[(InputId, Value)],
    limits: Limits,
) -> Result<Option<Path>, Reason> {
    let malformed = |text: String| Reason::Malformed(text);
    let goal = process.goals.get(goal).ok_or_else(|| malformed("no such goal".into()))?;
    let mut unrolled = process.unrolled(goal, length, runs).map_err(|error| malformed(error.to_string()))?;
    let mut query = Query::never(unrolled.run);
    if let Some(but) = but {
        let of = *unrolled
            .inputs
            .get(but.at)
            .and_then(|copy| copy.get(but.input.index()))
            .ok_or_else(|| malformed("no such step".into()))?;
        let other = unrolled.program.builder().member(of, but.known.complement());
        query = query.and(other.map_err(|error| malformed(error.to_string()))?);
    }
    for (input, value) in fixed {
        for copy in &unrolled.inputs {
            let of = copy[input.index()];
            if of.index() < unrolled.program.inputs.len() && !query.fixed.iter().any(|(known, _)| *known == of) {
                query = query.given(of, value.clone());
            }
        }
    }
    let mut session = Session::new(&unrolled.program, limits).map_err(|error| Reason::Solver(error.to_string()))?;
    match session.ask(&query) {
        Answer::Holds => Ok(None),
        Answer::Unknown(why) => Err(why),
        Answer::Fails(witness) => {
            let run = unrolled.run_of(process, &witness.case).ok_or_else(|| Reason::Solver("a run was lost".into()))?;
            Ok(Some(Path { taken: run.0, last: run.1 }))
        }
    }
}
