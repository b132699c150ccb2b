//! A question about a process, asked in a process of its own: a crash or a hang there is an answer here.
//!
//! In: a [`Task`] as one JSON document. Out: a [`Done`], likewise. `lexport worker` reads the one and writes the other; without a
//! program to start, the task is done in this process.

use std::io::{Read, Write};
use std::path::Path as FilePath;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::answer::Reason;
use super::context::alone;
use super::horn::{Induction, induction};
use super::measure::{Measured, measured};
use super::search::{Besides, Path, Searched, any, besides, search};
use super::session::Limits;
use crate::ir::{Fact, InputId, Process, Runs, Value};

/// How much memory a child may take, in MiB.
const MEMORY: &str = "6000";

/// How often a child is looked after.
const TICK: Duration = Duration::from_millis(5);

/// What is asked.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Task {
    /// The process.
    pub process: Process,
    /// Which of its goals.
    pub goal: usize,
    /// Inputs that are fixed throughout.
    pub fixed: Vec<(InputId, Value)>,
    /// Milliseconds that one solver may take.
    pub time: u64,
    /// Work that one solver may spend, in its own unit.
    pub work: u32,
    /// What is to be done.
    pub engine: Engine,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Engine {
    /// Look for a shortest run of a length in a range.
    Search {
        /// The least length.
        from: usize,
        /// The greatest.
        to: usize,
    },
    /// Look for any run of so many steps or fewer.
    Any {
        /// The greatest length.
        most: usize,
    },
    /// Look for an inductive invariant.
    Induction,
    /// Measure all runs of a length.
    Measure {
        /// The length.
        length: usize,
        /// Of which variables the most is wanted.
        numbers: Vec<InputId>,
    },
    /// Look for a run besides those that are known.
    Another {
        /// Its length.
        length: usize,
        /// What is known.
        but: Besides,
    },
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Done {
    /// A run.
    Path(Path),
    /// No run of so many steps or fewer.
    NoPath {
        /// The greatest length that was settled, if any was.
        upto: Option<usize>,
        /// Why not more, in the solver's words.
        why: Option<Reason>,
    },
    /// An invariant, not checked yet.
    Invariant(Fact),
    /// There is a run, which was not told.
    Reachable,
    /// How large it is.
    Measured(Measured),
    /// Not settled, and why.
    Unknown(Reason),
}

/// Whether all of a task was done: no limit was reached, and nobody ended it.
#[must_use]
pub fn is_settled(task: &Task, done: &Done) -> bool {
    match done {
        Done::Path(_) | Done::Invariant(_) | Done::Reachable => true,
        Done::NoPath { upto, why } => upto.is_some() && why.is_none(),
        Done::Measured(measured) => match &task.engine {
            Engine::Measure { numbers, .. } => {
                let has_days = task.process.world.date.is_some_and(|date| task.process.is_now(date));
                measured.most.len() == numbers.len() && measured.days.is_some() == has_days
            }
            _ => false,
        },
        Done::Unknown(_) => false,
    }
}

/// Does a task in this process.
#[must_use]
pub fn work(task: &Task, stop: &AtomicBool) -> Done {
    alone(|| done(task, stop))
}

fn done(task: &Task, stop: &AtomicBool) -> Done {
    let limits = Limits { time: Duration::from_millis(task.time), work: task.work };
    match &task.engine {
        Engine::Search { from, to } => {
            found(search(&task.process, task.goal, *from..=*to, Runs::Exact, &task.fixed, limits, stop))
        }
        Engine::Any { most } => found(any(&task.process, task.goal, *most, &task.fixed, limits)),
        Engine::Another { length, but } => found(besides(&task.process, task.goal, *length, but, &task.fixed, limits)),
        Engine::Induction => match induction(&task.process, task.goal, &task.fixed, limits) {
            Induction::Invariant(fact) => Done::Invariant(fact),
            Induction::Reachable => Done::Reachable,
            Induction::Unknown(why) => Done::Unknown(why),
        },
        Engine::Measure { length, numbers } => {
            Done::Measured(measured(&task.process, task.goal, *length, numbers, &task.fixed, limits))
        }
    }
}

fn found(searched: Searched) -> Done {
    match searched {
        Searched::Found(path) => Done::Path(path),
        Searched::None { upto, why } => Done::NoPath { upto, why },
    }
}

/// A worker's whole life: a task comes in, what came of it goes out.
///
/// # Errors
/// If the task cannot be read or the answer not be written.
pub fn serve(mut input: impl Read, mut output: impl Write) -> Result<(), String> {
    let mut text = String::new();
    input.read_to_string(&mut text).map_err(|error| error.to_string())?;
    let task: Task = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    z3::set_global_param("memory_max_size", MEMORY);
    let done = work(&task, &AtomicBool::new(false));
    serde_json::to_writer(&mut output, &done).map_err(|error| error.to_string())?;
    output.flush().map_err(|error| error.to_string())
}

/// Has a task done: in a child that runs this program with the argument `worker`, or in this process if there is none. When `stop`
/// is set the child is ended.
#[must_use]
pub fn delegated(program: Option<&FilePath>, task: &Task, stop: &AtomicBool) -> Done {
    match program {
        None => work(task, stop),
        Some(program) => child(program, task, stop).unwrap_or_else(Done::Unknown),
    }
}

fn child(program: &FilePath, task: &Task, stop: &AtomicBool) -> Result<Done, Reason> {
    let failed = |what: &str, error: &dyn std::fmt::Display| Reason::Worker(format!("{what}: {error}"));
    let text = serde_json::to_string(task).map_err(|error| failed("the task cannot be written", &error))?;
    let mut child = Command::new(program)
        .arg("worker")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| failed("it cannot be started", &error))?;
    let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
    // A thread for each end, so that neither waits for the other.
    let writer = std::thread::spawn(move || stdin.map(|mut stdin| stdin.write_all(text.as_bytes())));
    let reader = std::thread::spawn(move || {
        let mut said = String::new();
        stdout.map(|mut stdout| stdout.read_to_string(&mut said)).transpose().map(|_| said)
    });
    // The solver keeps its own limits; this is for one that does not. A search asks one solver for each length, each twice.
    let questions = match &task.engine {
        Engine::Search { from, to } => 2 * (to.saturating_sub(*from) as u64 + 1),
        Engine::Induction | Engine::Any { .. } | Engine::Another { .. } => 2,
        // What is not measured by then is not told.
        Engine::Measure { .. } => 2,
    };
    let end = Instant::now() + Duration::from_millis(task.time.saturating_mul(questions)) + Duration::from_secs(30);
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break Ok(status),
            Ok(None) if stop.load(Ordering::Relaxed) => break Err(Reason::Limit("it was no longer needed".into())),
            Ok(None) if Instant::now() > end => break Err(Reason::Worker("it did not end and was stopped".into())),
            Ok(None) => std::thread::sleep(TICK),
            Err(error) => break Err(failed("it was lost", &error)),
        }
    };
    if status.is_err() {
        // It may have ended by itself in between: then there is nothing to do.
        let _ = child.kill();
        let _ = child.wait();
    }
    let _ = writer.join();
    let said = reader.join();
    let status = status?;
    if !status.success() {
        return Err(Reason::Worker(format!("it ended with {status}")));
    }
    let said = said.ok().and_then(Result::ok).ok_or_else(|| Reason::Worker("its answer was lost".into()))?;
    serde_json::from_str(&said).map_err(|error| failed("its answer cannot be read", &error))
}
