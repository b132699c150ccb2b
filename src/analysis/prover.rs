//! Who looks for runs and for invariants: the solver, in child processes where there is a program to start.

use std::sync::atomic::AtomicBool;

#[cfg(feature = "solver")]
use crate::ir::Value;
use crate::ir::{Case, Fact, InputId, MemberSet, Process};
use crate::words::Sentence;
#[cfg(not(feature = "solver"))]
use crate::words::say;

use super::Options;

/// A run: which step is taken in which case, and the case in which it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// The steps.
    pub taken: Vec<(u32, Case)>,
    /// The end.
    pub last: Case,
}

/// How large a loophole is, as far as that was found.
#[derive(Default)]
pub struct Measured {
    /// The greatest value at the end, of number variables.
    pub most: Vec<(InputId, i64)>,
    /// The fewest days that pass.
    pub days: Option<i64>,
}

/// What a search for a run says.
#[cfg_attr(not(feature = "solver"), expect(dead_code, reason = "without the solver nobody looks"))]
pub enum Sought {
    /// A shortest one.
    Found(Path),
    /// There is none of so many steps or fewer; and why longer ones were not looked at, if they should have been.
    Nothing {
        /// The greatest length that was settled, if any was.
        upto: Option<usize>,
        /// Why not more.
        why: Option<Sentence>,
    },
}

/// What a search for an invariant says.
#[cfg_attr(not(feature = "solver"), expect(dead_code, reason = "without the solver nobody looks"))]
pub enum Induced {
    /// This may be one.
    Invariant(Fact),
    /// There is none, because there is a run.
    Reachable,
    /// Not settled, and why.
    Unknown(Sentence),
}

/// Asks about one goal of one process.
pub struct Prover<'p> {
    #[cfg(feature = "solver")]
    task: crate::smt::worker::Task,
    #[cfg(feature = "solver")]
    options: &'p Options,
    #[cfg(not(feature = "solver"))]
    nobody: std::marker::PhantomData<&'p Process>,
}

#[cfg(feature = "solver")]
impl<'p> Prover<'p> {
    /// A prover within the limits and the scope of a check.
    pub fn new(process: &Process, goal: usize, options: &'p Options) -> Self {
        use crate::smt::worker::{Engine, Task};
        let mut fixed = options.fixed.clone();
        let known: Vec<_> = fixed.iter().map(|(input, _)| *input).collect();
        fixed.extend(process.pinned().into_iter().filter(|(input, _)| !known.contains(input)));
        Prover {
            task: Task {
                process: asked(process, goal, &fixed),
                goal: 0,
                fixed,
                time: options.seconds.saturating_mul(1000),
                work: options.work,
                engine: Engine::Induction,
            },
            options,
        }
    }

    /// Has a task done, or takes what came of it before. Nothing that a limit has ended is kept, and nothing that was ended because it
    /// was no longer needed.
    fn done(&self, task: &crate::smt::worker::Task, stop: &AtomicBool) -> crate::smt::worker::Done {
        use crate::smt::worker::{delegated, is_settled};
        let kept = self.kept(task);
        if let Some((_, Some(done))) = kept {
            return done;
        }
        let done = delegated(self.options.worker.as_deref(), task, stop);
        if let Some((key, _)) = kept
            && let Some(store) = &self.options.cache
            && is_settled(task, &done)
            && let Ok(bytes) = serde_json::to_vec(&done)
        {
            store.put(&key, &bytes);
            // It may have taken minutes; the check may yet be interrupted.
            store.flush();
        }
        done
    }

    /// Under which key it is kept what comes of a task, and what has come of it before.
    fn kept(&self, task: &crate::smt::worker::Task) -> Option<(crate::cache::Digest, Option<crate::smt::worker::Done>)> {
        let store = self.options.cache.as_ref()?;
        let key = key(task)?;
        let done = store.get(&key).and_then(|kept| serde_json::from_slice(&kept).ok());
        Some((key, done.filter(|done| crate::smt::worker::is_settled(task, done))))
    }

    /// Looks for a shortest run of a length in a range.
    pub fn search(&self, from: usize, to: usize, stop: &AtomicBool) -> Sought {
        use crate::smt::worker::{Done, Engine};
        if from > to {
            return Sought::Nothing { upto: Some(to), why: None };
        }
        let mut task = self.task.clone();
        task.engine = Engine::Search { from, to };
        match self.done(&task, stop) {
            Done::Path(path) => Sought::Found(Path { taken: path.taken, last: path.last }),
            Done::NoPath { upto, why } => Sought::Nothing { upto, why: why.map(|why| why.sentence()) },
            Done::Unknown(why) => Sought::Nothing { upto: from.checked_sub(1), why: Some(why.sentence()) },
            Done::Invariant(_) | Done::Reachable | Done::Measured(_) => Sought::Nothing {
                upto: from.checked_sub(1),
                why: Some(crate::words::say!("the child process answered something else")),
            },
        }
    }

    /// Looks for any run of so many steps or fewer, with more patience: it is known that there may be one.
    pub fn any(&self, most: usize) -> Sought {
        use crate::smt::worker::{Done, Engine};
        let mut task = self.task.clone();
        task.engine = Engine::Any { most };
        (task.time, task.work) = (task.time.saturating_mul(3), task.work.saturating_mul(4));
        match self.done(&task, &AtomicBool::new(false)) {
            Done::Path(path) => Sought::Found(Path { taken: path.taken, last: path.last }),
            Done::NoPath { upto, why } => Sought::Nothing { upto, why: why.map(|why| why.sentence()) },
            Done::Unknown(why) => Sought::Nothing { upto: None, why: Some(why.sentence()) },
            _ => Sought::Nothing { upto: None, why: Some(crate::words::say!("the child process answered something else")) },
        }
    }

    /// Measures all runs of a length; nothing where that does not come to an end.
    pub fn measure(&self, length: usize, numbers: &[InputId]) -> Measured {
        use crate::smt::worker::{Done, Engine};
        let mut task = self.task.clone();
        task.engine = Engine::Measure { length, numbers: numbers.to_vec() };
        // Many small questions; one that is not small is not worth the wait.
        task.work /= 10;
        match self.done(&task, &AtomicBool::new(false)) {
            Done::Measured(found) => Measured { most: found.most, days: found.days },
            _ => Measured::default(),
        }
    }

    /// Looks for a run of a length in which an enumeration is not, before a step, a member that is known.
    pub fn besides(&self, length: usize, at: usize, input: InputId, known: &MemberSet) -> Sought {
        use crate::smt::Besides;
        use crate::smt::worker::{Done, Engine};
        let mut task = self.task.clone();
        task.engine = Engine::Another { length, but: Besides { at, input, known: known.clone() } };
        task.work /= 10;
        match self.done(&task, &AtomicBool::new(false)) {
            Done::Path(path) => Sought::Found(Path { taken: path.taken, last: path.last }),
            Done::NoPath { upto, why } => Sought::Nothing { upto, why: why.map(|why| why.sentence()) },
            Done::Unknown(why) => Sought::Nothing { upto: None, why: Some(why.sentence()) },
            _ => Sought::Nothing { upto: None, why: Some(crate::words::say!("the child process answered something else")) },
        }
    }

    /// What is asked when an invariant is looked for: one question instead of many.
    fn inductive(&self) -> crate::smt::worker::Task {
        let mut task = self.task.clone();
        (task.time, task.work) = (task.time.saturating_mul(3), task.work.saturating_mul(10));
        task
    }

    /// An invariant that was found before.
    pub fn kept_invariant(&self) -> Option<Induced> {
        use crate::smt::worker::Done;
        match self.kept(&self.inductive())?.1? {
            Done::Invariant(fact) => Some(Induced::Invariant(fact)),
            _ => None,
        }
    }

    /// Looks for an invariant.
    pub fn induction(&self, stop: &AtomicBool) -> Induced {
        use crate::smt::worker::Done;
        match self.done(&self.inductive(), stop) {
            Done::Invariant(fact) => Induced::Invariant(fact),
            Done::Reachable => Induced::Reachable,
            Done::Unknown(why) => Induced::Unknown(why.sentence()),
            Done::Path(_) | Done::NoPath { .. } | Done::Measured(_) => {
                Induced::Unknown(crate::words::say!("the child process answered something else"))
            }
        }
    }
}

/// What is asked about one goal: no other goal, nothing that only people read, and what has one value all the way is put in. All of it
/// lies under the key of what is kept, because what a solver finds first depends on all terms of its program and on their order.
#[cfg(feature = "solver")]
fn asked(process: &Process, goal: usize, fixed: &[(InputId, Value)]) -> Process {
    let mut asked = process.clone();
    asked.goals = process.goals.get(goal).cloned().into_iter().collect();
    let put = asked.with(fixed);
    put.unwrap_or(asked).without_words()
}

/// The content of a task.
#[cfg(feature = "solver")]
fn key(task: &crate::smt::worker::Task) -> Option<crate::cache::Digest> {
    let text = serde_json::to_vec(task).ok()?;
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"task\0").update(&text);
    Some(*hasher.finalize().as_bytes())
}

#[cfg(not(feature = "solver"))]
impl<'p> Prover<'p> {
    /// A prover that this build does not have.
    pub fn new(_: &Process, _: usize, _: &'p Options) -> Self {
        Prover { nobody: std::marker::PhantomData }
    }

    /// Nothing is looked for.
    pub fn search(&self, from: usize, _: usize, _: &AtomicBool) -> Sought {
        Sought::Nothing { upto: from.checked_sub(1), why: Some(say!("this build has no solver")) }
    }

    /// None.
    pub fn kept_invariant(&self) -> Option<Induced> {
        None
    }

    /// Nothing is looked for.
    pub fn any(&self, _: usize) -> Sought {
        Sought::Nothing { upto: None, why: Some(say!("this build has no solver")) }
    }

    /// Nothing is looked for.
    pub fn besides(&self, _: usize, _: usize, _: InputId, _: &MemberSet) -> Sought {
        Sought::Nothing { upto: None, why: Some(say!("this build has no solver")) }
    }

    /// Nothing is measured.
    pub fn measure(&self, _: usize, _: &[InputId]) -> Measured {
        Measured::default()
    }

    /// Nothing is looked for.
    pub fn induction(&self, _: &AtomicBool) -> Induced {
        Induced::Unknown(say!("this build has no solver"))
    }
}
