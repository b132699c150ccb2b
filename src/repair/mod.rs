//! The smallest change of the text that removes a finding.
//!
//! In: a regime and a claim that does not hold. Out: edits of its text, each compiled, checked and compared before it is offered. Where an
//! edit comes from is guesswork (`candidate.rs`); that it helps is not: with it the claim is proved by every method, nothing is found
//! that was not found before, and what it changes beside the claim is counted by `diff` (`trial.rs`). The drafter chooses.
//!
//! Whose idea: candidates from templates, validated by the whole checker, after Le Goues, Pradel and Roychoudhury, "Automated program
//! repair", CACM 62(12), 2019; a bound is moved no farther than it must be, by bisection over proofs.

mod bound;
mod candidate;
mod overlay;
mod trial;

use std::ops::Range;

use num_bigint::BigUint;
use rayon::prelude::*;

use crate::analysis::{self, Finding, Report};
use crate::diagnostic::Code;
use crate::driver::Compilation;
use crate::ir::Program;
use crate::source::Loader;
use crate::words::{Sentence, say};

/// A replacement in one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The file, as it was loaded.
    pub path: String,
    /// Which bytes of it.
    pub range: Range<usize>,
    /// What stands there instead.
    pub with: String,
}

/// An edit with which a claim holds.
#[derive(Clone, Debug)]
pub struct Repair {
    /// What it does, in words.
    pub what: Sentence,
    /// The edits, by place; those of one file do not touch.
    pub edits: Vec<Edit>,
    /// In how many cases an outcome changes, over all decisions; `None` if that could not be counted.
    pub changed: Option<BigUint>,
    /// What changes, decision by decision; a note is among them where the comparison is not complete.
    pub impact: Vec<Sentence>,
}

/// What came of one claim.
#[derive(Clone, Debug)]
pub struct Repaired {
    /// The claim, or what conflicts.
    pub claim: String,
    /// The edits with which it holds, those first that change fewest outcomes.
    pub repairs: Vec<Repair>,
    /// How many were tried.
    pub tried: usize,
    /// Edits with which it holds, and something else does not: where few or none are offered.
    pub refused: Vec<Refused>,
}

/// An edit that is not offered, although the claim holds with it.
#[derive(Clone, Debug)]
pub struct Refused {
    /// What it does, in words.
    pub what: Sentence,
    /// What is amiss with it.
    pub why: Sentence,
}

/// How many edits are offered for one claim.
const OFFERED: usize = 5;

/// Fewer offers than this, and it is said what else was near.
const FEW: usize = 2;

/// How many of those are told.
const TOLD: usize = 3;

/// How much less work than a check one question of a trial may cost.
const HASTE: u32 = 60;

/// Candidates that go into the trial.
const TRIED: usize = 120;

/// Why nothing can be repaired.
#[derive(Debug)]
pub enum Trouble {
    /// The regime does not compile.
    Broken(Box<Compilation>),
    /// It has no claim and no decision of such a name; those that it has.
    NoSuchName(String, Vec<String>),
    /// Of this one nothing is found that does not hold (whether it was settled); of these something is.
    NoSuchFinding {
        /// What was asked for.
        name: String,
        /// Whether all about it was settled.
        settled: bool,
        /// What has a finding.
        known: Vec<String>,
    },
}

/// The name by which a finding is asked to be repaired.
fn named(finding: &Finding) -> Option<&str> {
    matches!(finding.code, Code::Loophole | Code::PropertyViolated | Code::Conflict)
        .then(|| finding.about.first().map(String::as_str))
        .flatten()
}

/// What came of all of them.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Finding by finding.
    pub repaired: Vec<Repaired>,
    /// What stayed open, so that nobody knows whether there is something to repair.
    pub open: Vec<Sentence>,
}

/// Looks for edits that remove findings: of the claims that are named (accepted ones too), or of all that nobody accepts.
///
/// # Errors
/// See [`Trouble`].
pub fn repair(loader: &dyn Loader, path: &str, claims: &[String], options: &analysis::Options) -> Result<Outcome, Trouble> {
    let compilation = Compilation::load(loader, path);
    let Some(program) = compilation.program.as_ref().filter(|_| !compilation.failed()) else {
        return Err(Trouble::Broken(Box::new(compilation)));
    };
    let goals = program.processes.iter().flat_map(|process| process.goals.iter().map(|goal| &goal.name));
    let names = program.properties.iter().map(|property| &property.name).chain(goals);
    let names: Vec<&String> = names.chain(program.decisions.iter().map(|decision| &decision.name)).collect();
    if let Some(unknown) = claims.iter().find(|claim| !names.contains(claim)) {
        return Err(Trouble::NoSuchName(unknown.clone(), names.into_iter().cloned().collect()));
    }
    let mut quick = options.clone();
    // How large a loophole is does not matter to what closes it.
    quick.measures = false;
    let report = analysis::check(program, &quick);
    let asked = |finding: &&Finding| match claims {
        [] => finding.accepted.is_none(),
        _ => named(finding).is_some_and(|name| claims.iter().any(|claim| claim == name)),
    };
    let wanted: Vec<&Finding> = report.findings.iter().filter(|one| named(one).is_some()).filter(asked).collect();
    let open: Vec<Sentence> = report.undecided.iter().map(|one| one.question.clone()).collect();
    if let Some(missing) = claims.iter().find(|claim| !wanted.iter().any(|one| named(one) == Some(claim.as_str()))) {
        let mut known: Vec<String> = report.findings.iter().filter_map(named).map(str::to_owned).collect();
        known.sort();
        known.dedup();
        let quoted = format!("`{missing}`");
        let settled = !open.iter().any(|question| question.to_string().contains(&quoted));
        return Err(Trouble::NoSuchFinding { name: missing.clone(), settled, known });
    }
    // Many trials: one that is hard is not worth the wait.
    quick.work /= HASTE;
    quick.beyond = false;
    let trial = trial::Trial { loader, path, compilation: &compilation, program, before: &report, options: &quick };
    let repaired = wanted.into_iter().map(|finding| one(&trial, program, finding)).collect();
    Ok(Outcome { repaired, open })
}

fn one(trial: &trial::Trial<'_>, program: &Program, finding: &Finding) -> Repaired {
    let claim = named(finding).unwrap_or_default().to_owned();
    let mut candidates = candidate::candidates(trial.compilation, program, finding);
    candidates.truncate(TRIED);
    let tried = candidates.len();
    let answers: Vec<Result<Repair, trial::Refusal>> =
        candidates.into_par_iter().map(|candidate| trial.of(finding, candidate)).collect();
    let (mut repairs, mut refused) = (Vec::new(), Vec::new());
    for (order, answer) in answers.into_iter().enumerate() {
        match answer {
            Ok(repair) => repairs.push((order, repair)),
            Err(trial::Refusal::Spoils(one)) => refused.push(one),
            Err(trial::Refusal::Fails) => {}
        }
    }
    // Fewest changes first; what could not be counted last; of equals the shorter, and what is tried first.
    repairs.sort_by_key(|(order, one)| (one.changed.is_none(), one.changed.clone(), one.edits.len(), *order));
    let mut offered: Vec<Repair> = Vec::new();
    for (_, one) in repairs {
        // What does all that another does, and more.
        let more = offered.iter().any(|other| other.edits.iter().all(|edit| one.edits.contains(edit)));
        if !more {
            offered.push(one);
        }
    }
    let mut repairs = offered;
    repairs.truncate(OFFERED);
    refused.truncate(if repairs.len() < FEW { TOLD } else { 0 });
    Repaired { claim, repairs, tried, refused }
}

/// A text with edits made.
#[must_use]
pub fn edited(text: &str, edits: &[&Edit]) -> Option<String> {
    let mut edits: Vec<&&Edit> = edits.iter().collect();
    edits.sort_by_key(|edit| edit.range.start);
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        out.push_str(text.get(at..edit.range.start)?);
        out.push_str(&edit.with);
        at = edit.range.end;
    }
    out.push_str(text.get(at..)?);
    Some(out)
}

/// Whether two findings, each of its program, are one: of a conflict the rules belong to it.
fn same((a, of_a): (&Finding, &Program), (b, of_b): (&Finding, &Program)) -> bool {
    let rules = |finding: &Finding, program: &Program| -> Vec<String> {
        finding.rules.iter().map(|rule| program.rule(*rule).name.clone()).collect()
    };
    a.code == b.code && a.about == b.about && (a.code != Code::Conflict || rules(a, of_a) == rules(b, of_b))
}

/// Whether something is found with an edit that was not found before it, or in more cases. What says that the finding is so (a scenario,
/// an acceptance) has to go with it, and overlaps where the strictest wins are no fault.
fn worse<'f>(after: (&'f Report, &Program), before: (&Report, &Program)) -> Option<&'f Finding> {
    let fault =
        |one: &&Finding| !matches!(one.code, Code::ScenarioFails | Code::AcceptanceUnmatched | Code::Overlap | Code::Uncovered);
    after.0.findings.iter().filter(fault).find(|one| {
        match before.0.findings.iter().find(|known| same((*one, after.1), (known, before.1))) {
            None => one.accepted.is_none() || matches!(one.code, Code::Gap | Code::Conflict),
            // In so many cases before: in more now is new. What could not be counted before may have been anything.
            Some(known) => match (&one.count, &known.count) {
                (Some(now), Some(then)) => now > then,
                (None, Some(_)) => true,
                (_, None) => matches!(one.code, Code::Gap | Code::Conflict),
            },
        }
    })
}

/// That nothing can be said about what an edit changes.
fn uncounted() -> Sentence {
    say!("what it changes could not be counted in full")
}
