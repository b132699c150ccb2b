//! Questions about policies, and the evidence for every answer.
//!
//! In: a [`Program`]. Out: a [`Report`] of findings, each with a case that the interpreter has replayed; of proofs, each with
//! the methods that agree on it; and of what stayed open. Nothing is rendered here.
//!
//! ```text
//! question (a term) ─▶ method: diagram ─▶ a case? ─▶ replay (eval) ─▶ witness (made realistic) ─▶ finding
//!                             └─▶ none? ─▶ method: Z3 ─▶ none? ─▶ proof by both, or claim that something never is
//! ```
//!
//! Whose idea: a check is a named violation whose unsatisfiability is the answer, after cedar-symcc; that two deciders which
//! share no code must agree before "proved" is said, after translation validation (Pnueli, Siegel, Singerman 1998).

mod accept;
mod amended;
pub mod boxes;
mod certificate;
mod cliff;
mod conflict;
mod dead;
mod finding;
mod gap;
mod impact;
mod kept;
mod lab;
mod local;
mod loophole;
mod message;
mod method;
mod overlap;
mod property;
mod prover;
mod recount;
mod redundant;
mod replay;
mod run;
mod scenario;
mod size;
mod specialise;
mod standard;
mod tabled;
mod told;
mod trial;
pub mod vectors;
mod witness;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::cache::Store;
use crate::diagnostic::Code;
use crate::ir::{InputId, Program, Standard, Value};
use crate::words::{Sentence, say};

pub use finding::{
    Accepted, By, Came, Claimed, Class, Evidence, Finding, Gain, Kind, Proof, Report, Shift, Size, Standing, Stop, Taken, Trace,
    Undecided, Witness, magnitude,
};
pub use lab::CLASSES as MOST_CLASSES;
pub use message::{case_text, evidence_text, message, messages, proof_text, undecided_text};
pub use method::{Keeping, Method, Question, Verdict, first, methods, methods_agree};
pub use property::violations;
pub use recount::recounted;
pub use replay::replays;
pub use scenario::{Coverage, Failure, Run, Tested, scenarios};
pub use standard::{Row as StandardRow, Unasked, standard, title as standard_title};
pub use tabled::{Tabled, tabled};

use lab::Lab;
use overlap::Overlaps;

/// Limits, scope and methods of a check.
#[derive(Clone)]
pub struct Options {
    /// Inputs whose value is fixed: a day, a reading. Findings and proofs are about these cases only.
    pub fixed: Vec<(InputId, Value)>,
    /// The day after which acceptances have expired, as days since 1970-01-01; without it none has.
    pub today: Option<i64>,
    /// How many seconds the solver may take for one question.
    pub seconds: u64,
    /// How much work it may spend on one question, in its own unit; this binds before the time on an idle machine.
    pub work: u32,
    /// How large one diagram may grow, in words.
    pub nodes: usize,
    /// How many paths one question to a diagram may take.
    pub steps: usize,
    /// Up to how many rules questions are asked of a whole decision at once; beyond, of the rules that can meet.
    pub direct: usize,
    /// Up to how many pairs of rules of one decision are asked about two by two; beyond, the decision as a whole.
    pub pairs: usize,
    /// Whether a loophole is measured: how large it is, and what would close it.
    pub measures: bool,
    /// Whether a path that is known to exist is looked for beyond the depth.
    pub beyond: bool,
    /// How many steps the longest run has that is looked for.
    pub depth: usize,
    /// The program that answers to `worker`, to be started for questions about processes; without it they are asked in this process.
    pub worker: Option<std::path::PathBuf>,
    /// A program that answers the questions of proofs as SMT-LIB 2 text once more; without it nobody does.
    pub confirm: Option<std::path::PathBuf>,
    /// Where answers are kept from one check to the next; without it everything is asked.
    pub cache: Option<Arc<Store>>,
    /// Who is told what is being asked, while it is: a person who waits. It changes no answer.
    pub listener: Option<Listener>,
    /// Who is asked: a witness is believed from any of them (after the replay), a proof needs all.
    pub methods: Vec<Arc<dyn Method>>,
}

/// Somebody who is told what is being asked.
pub type Listener = Arc<dyn Fn(&Sentence) + Send + Sync>;

impl Options {
    /// Tells what is being asked.
    fn tell(&self, what: &Sentence) {
        if let Some(listener) = &self.listener {
            listener(what);
        }
    }
}

impl Default for Options {
    fn default() -> Self {
        Options {
            fixed: Vec::new(),
            today: None,
            seconds: 20,
            work: 30_000_000,
            nodes: 1 << 24,
            steps: 1 << 20,
            direct: 200,
            pairs: 400_000,
            measures: true,
            beyond: true,
            depth: 12,
            worker: None,
            confirm: None,
            cache: None,
            listener: None,
            methods: methods(),
        }
    }
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let methods: Vec<By> = self.methods.iter().map(|method| method.by()).collect();
        f.debug_struct("Options").field("fixed", &self.fixed).field("methods", &methods).finish_non_exhaustive()
    }
}

/// Everything that can be found out about the first regime of a program: conflicts, gaps, dead and redundant rules, cliffs,
/// properties, and whether the scenarios come out as they say.
pub fn check(program: &Program, options: &Options) -> Report {
    let mut lab = Lab::new(program, options);
    options.tell(&say!("conflicts, and rules that can do nothing"));
    let overlaps = Overlaps::new(&lab.program, &lab.rules(), options.direct);
    let mut report = conflict::conflicts(&mut lab, &overlaps);
    let (dead, alive) = dead::dead(&mut lab);
    report.absorb(dead);
    let unsettled = |report: &mut Report, before: usize, standard: &[Standard]| {
        if report.undecided.len() > before {
            report.open.extend(standard);
        }
    };
    unsettled(&mut report, 0, &[Standard::ConsistentAndLive]);
    // In a small program asking costs less than trying.
    let mut cases = Vec::new();
    if program.rules.len() > options.direct {
        cases.push((None, trial::ordinary(program, options)));
        cases.extend(alive.iter().map(|(rule, witness)| (Some(*rule), method::first(witness).clone())));
    }
    options.tell(&say!("gaps"));
    let before = report.undecided.len();
    report.absorb(gap::gaps(&mut lab, &cases));
    report.absorb(gap::sums(&mut lab, &cases));
    unsettled(&mut report, before, &[Standard::ConsistentAndLive, Standard::NoGapInTime]);
    options.tell(&say!("rules that change nothing"));
    report.absorb(redundant::redundant(&mut lab, &overlaps, &alive));
    options.tell(&say!("cliffs"));
    let before = report.undecided.len();
    report.absorb(cliff::capability_cliffs(&mut lab, &cases));
    unsettled(&mut report, before, &[Standard::Monotone]);
    let before = report.undecided.len();
    report.absorb(cliff::time_cliffs(&mut lab));
    unsettled(&mut report, before, &[Standard::NoGapInTime]);
    options.tell(&say!("properties"));
    report.absorb(property::properties(&mut lab));
    report.absorb(loophole::loopholes(&lab));
    // What no scenario reaches is for `test` to say.
    let tested = scenario::scenarios(program).findings;
    report.findings.extend(tested.into_iter().filter(|finding| finding.code == Code::ScenarioFails));
    // Within a narrower scope a finding may be absent that an acceptance is about.
    accept::accept(program, &mut report, options.today, options.fixed.is_empty());
    standard::accepted(&mut report);
    report.whole = true;
    report.sort();
    report
}

/// One claim of a program: a property or what a process must never come to. Nothing else is looked at.
pub fn claim(program: &Program, name: &str, options: &Options) -> Report {
    let mut program = program.clone();
    program.properties.retain(|property| property.name == name);
    program.processes.retain_mut(|process| {
        process.goals.retain(|goal| goal.name == name);
        !process.goals.is_empty()
    });
    let mut lab = Lab::new(&program, options);
    let mut report = property::properties(&mut lab);
    report.absorb(loophole::loopholes(&lab));
    report.sort();
    report
}

/// What changes from one regime of a program to another, by their places in [`Program::regimes`].
pub fn diff(program: &Program, old: u32, new: u32, options: &Options) -> Report {
    let mut report = impact::between_regimes(&mut Lab::new(program, options), old, new);
    report.sort();
    report
}

/// What changes in the first regime from one value of an input to another: between two days, or two readings.
pub fn diff_between(program: &Program, input: InputId, from: &Value, to: &Value, options: &Options) -> Report {
    let mut report = impact::between_values(program, input, from, to, options);
    report.sort();
    report
}
