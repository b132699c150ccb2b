//! Loopholes: runs of individually permitted steps into what a regime forbids; and proofs that there is none, of any length.
//!
//! Short runs are looked for first. Then an invariant is looked for beside longer runs, whichever answers first ends the other; both
//! answers cannot be had, so which one comes does not depend on the machine's mood, except where a limit is reached. A run is
//! replayed by the interpreter, step by step. An invariant is put to plain questions that know nothing of where it came from.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use crate::diagnostic::Code;
use crate::eval::{Atoms, term_text};
use crate::ir::{Goal, InputId, Process, Program, Term, TermId};
use crate::words::{Sentence, list, say};

use super::Options;
use super::certificate::Check;
use super::finding::{By, Claimed, Evidence, Finding, Kind, Proof, Report, Standing, Trace, Witness};
use super::lab::Lab;
use super::method::{Question, Settled, Verdict, methods_agree, settle};
use super::prover::{Prover, Sought};
use super::run::{Replay, replayed, trace};
use super::size;

/// How long runs are before anything else is tried.
const SHORT: usize = 3;

/// How many times as far a search goes on when it is known that there is a run.
const FARTHER: usize = 4;

/// How deep an invariant is written out.
const WRITTEN: usize = 6;

/// Conjuncts of an invariant that are tried without.
const TRIED: usize = 64;

/// Everything that must never be, in every process of the program.
pub fn loopholes(lab: &Lab<'_>) -> Report {
    let program = &lab.program;
    let all: Vec<(usize, usize)> = (0..program.processes.len())
        .flat_map(|process| (0..program.processes[process].goals.len()).map(move |goal| (process, goal)))
        .collect();
    let reports: Vec<Report> = all.par_iter().map(|(process, goal)| Asking::new(lab, *process, *goal).report()).collect();
    let mut report = Report::default();
    for one in reports {
        report.absorb(one);
    }
    report
}

/// What is said of a proof that asks nothing of the rules.
pub fn whatever() -> Sentence {
    say!("it holds whatever the rules say: no decision is needed for it")
}

/// One thing that must never be.
struct Asking<'l> {
    lab: &'l Lab<'l>,
    at: usize,
    goal_at: usize,
    process: &'l Process,
    goal: &'l Goal,
    name: Sentence,
}

/// An invariant and who says that it is one.
struct Certified {
    invariant: Sentence,
    notes: Vec<Sentence>,
    evidence: Vec<Evidence>,
    /// No step can change anything, whatever the rules say.
    idle: bool,
}

impl<'l> Asking<'l> {
    fn new(lab: &'l Lab<'l>, at: usize, goal_at: usize) -> Self {
        let process = &lab.program.processes[at];
        let goal = &process.goals[goal_at];
        Asking { lab, at, goal_at, process, goal, name: say!("`{name}`", name = goal.name) }
    }

    fn options(&self) -> &Options {
        self.lab.options
    }

    fn report(&self) -> Report {
        let mut report = self.answered();
        if let Some(shows) = self.goal.shows {
            let came = match (report.findings.iter().any(|finding| finding.code == Code::Loophole), report.proved.is_empty()) {
                (true, _) => Standing::Fails,
                (false, false) if report.undecided.is_empty() => {
                    if report.proved.iter().any(|proof| proof.notes.contains(&whatever())) {
                        Standing::WithoutRules
                    } else if report.proved.iter().all(|proof| methods_agree(self.options(), &proof.evidence)) {
                        Standing::Holds
                    } else {
                        Standing::OneMethod
                    }
                }
                (false, true) if report.findings.iter().any(|finding| finding.code == Code::Vacuous) => Standing::Empty,
                (false, _) => Standing::Open,
            };
            report.claims.push(Claimed { shows, claim: self.goal.name.clone(), came });
        }
        report
    }

    fn answered(&self) -> Report {
        self.options().tell(&self.question());
        let mut report = Report::default();
        if self.vacuous(&mut report) {
            return report;
        }
        if let Some(cap) = self.foreign_balance() {
            let why = say!("it asks about `{cap}`, a cap of a compared regime, whose balance no process follows", cap);
            self.lab.undecided(self.question(), Vec::new(), why, &mut report);
            return report;
        }
        let prover = Prover::new(self.process, self.goal_at, self.options());
        let none = AtomicBool::new(false);
        match prover.search(0, SHORT.min(self.options().depth), &none) {
            Sought::Found(path) => return self.found(&path, None, &mut report).map_or(report.clone(), |()| report),
            Sought::Nothing { upto, why: Some(why) } => {
                // A length that is beyond the solver now is not tried again; an invariant may still be found.
                let invariant = self.invariant(&prover.induction(&none), &mut report);
                self.conclude(invariant, upto, Some(why), &mut report);
                return report;
            }
            Sought::Nothing { why: None, .. } => {}
        }
        if let Some(certified) = self.itself(&mut report) {
            self.conclude(Ok(certified), None, None, &mut report);
            return report;
        }
        let (stop_search, stop_induction) = (AtomicBool::new(false), AtomicBool::new(false));
        // An invariant that is kept is at hand before a search has begun.
        let kept = prover.kept_invariant();
        stop_search.store(kept.is_some(), Ordering::Relaxed);
        let (searched, induced) = if let Some(kept) = kept {
            (Sought::Nothing { upto: None, why: None }, kept)
        } else {
            std::thread::scope(|scope| {
                let induction = scope.spawn(|| {
                    let induced = prover.induction(&stop_induction);
                    if matches!(induced, super::prover::Induced::Invariant(_)) {
                        stop_search.store(true, Ordering::Relaxed);
                    }
                    induced
                });
                let searched = prover.search(SHORT.min(self.options().depth) + 1, self.options().depth, &stop_search);
                if matches!(searched, Sought::Found(_)) {
                    stop_induction.store(true, Ordering::Relaxed);
                }
                let induced = induction.join().unwrap_or_else(|_| super::prover::Induced::Unknown(say!("it panicked")));
                (searched, induced)
            })
        };
        match searched {
            Sought::Found(path) => {
                let _ = self.found(&path, None, &mut report);
            }
            // There may be one, so it is worth going on: for any, since the shortest are many questions.
            Sought::Nothing { upto, why } if matches!(induced, super::prover::Induced::Reachable) && self.options().beyond => {
                let depth = self.options().depth;
                let any = match prover.any(depth.saturating_mul(2)) {
                    Sought::Found(path) => Sought::Found(path),
                    Sought::Nothing { .. } => prover.any(depth.saturating_mul(FARTHER)),
                };
                match any {
                    Sought::Found(path) if path.taken.len() <= upto.map_or(0, |upto| upto + 1) => {
                        let _ = self.found(&path, None, &mut report);
                    }
                    Sought::Found(path) => {
                        let _ = self.found(&path, Some(upto.unwrap_or(0)), &mut report);
                    }
                    Sought::Nothing { .. } => {
                        let invariant = self.invariant(&induced, &mut report);
                        self.conclude(invariant, upto, why, &mut report);
                    }
                }
            }
            Sought::Nothing { upto, why } => {
                let invariant = self.invariant(&induced, &mut report);
                // A search that was ended for an invariant that did not hold is taken up again: how far it had come is chance.
                if invariant.is_err() && stop_search.load(Ordering::Relaxed) {
                    match prover.search(SHORT.min(self.options().depth) + 1, self.options().depth, &none) {
                        Sought::Found(path) => {
                            let _ = self.found(&path, None, &mut report);
                        }
                        Sought::Nothing { upto, why } => self.conclude(invariant, upto, why, &mut report),
                    }
                    return report;
                }
                self.conclude(invariant, upto, why, &mut report);
            }
        }
        report
    }

    /// A cap of a compared regime on whose balance a step or the claim depends: it is chosen freely, or shared with another cap.
    fn foreign_balance(&self) -> Option<&str> {
        let world = &self.process.world;
        let terms = self.process.steps.iter().map(|step| step.relation).chain([self.goal.bad]);
        let mut read = BTreeSet::new();
        for term in terms {
            // What the checked regime itself asks about its own caps is followed.
            for decision in Atoms::of_term(world, term).decisions {
                if world.decision(decision).regime > 0 {
                    read.extend(Atoms::of_decision(world, decision).inputs);
                }
            }
        }
        world.caps.iter().find(|cap| cap.regime > 0 && read.contains(&cap.used)).map(|cap| cap.name.as_str())
    }

    /// Whether the claim is about nothing: no process begins, or nothing can be what must never be.
    fn vacuous(&self, report: &mut Report) -> bool {
        let ask = |term: TermId| settle(&self.process.world, &[Question::one(term, 0)], self.options()).remove(0);
        let (start, bad) = (ask(self.process.start), ask(self.goal.bad));
        let mut nothing = false;
        let never = |settled: &Settled| self.lab.agreed(settled);
        for (settled, note) in [
            (&start, say!("the process begins nowhere: no state is as its `start` says, in {scope}", scope = self.lab.scope())),
            (&bad, say!("no state whatever is what must never be, in {scope}, reached or not", scope = self.lab.scope())),
        ] {
            self.lab.faults(&settled.faults, &self.name, report);
            if never(settled) {
                nothing = true;
                let mut finding = self.about_nothing(settled.evidence.clone());
                finding.notes.push(note);
                report.findings.push(finding);
            }
        }
        nothing
    }

    /// The claim says nothing.
    fn about_nothing(&self, evidence: Vec<Evidence>) -> Finding {
        let title = say!("the claim {name} is about nothing", name = self.name);
        let mut finding = Finding::new(Code::Vacuous, Kind::Property, title);
        self.lab.narrow(&mut finding);
        finding.about = vec![self.goal.name.clone()];
        finding.origins = vec![self.goal.origin, self.process.origin];
        finding.evidence = evidence;
        finding
    }

    /// A path was found: a finding if the interpreter can walk it.
    fn found(&self, path: &super::prover::Path, shorter: Option<usize>, report: &mut Report) -> Option<()> {
        match replayed(self.process, self.goal, path, &self.options().fixed) {
            Replay::Real => {}
            Replay::Loose(cap) => {
                let why = say!(
                    "a path of {count} {count:step|steps} was found in which `{cap}` counts less than it would, day by day; whether there is one that is real is open",
                    count = path.taken.len(),
                    cap
                );
                self.lab.undecided(self.question(), Vec::new(), why, report);
                return None;
            }
            Replay::Wrong(what) => {
                let fault = super::method::Fault { what: say!("a path does not replay: {what}", what), witness: None };
                self.lab.faults(&[fault], &self.question(), report);
                self.lab.undecided(self.question(), Vec::new(), say!("the path that was found does not replay"), report);
                return None;
            }
        }
        let count = path.taken.len();
        let title = match count {
            0 => say!("{name} does not hold where `{process}` begins", name = self.name, process = self.process.name),
            _ => say!(
                "{name} does not hold: {count} permitted {count:step leads|steps lead} there, in `{process}`",
                name = self.name,
                count,
                process = self.process.name
            ),
        };
        let uncounted = self.uncounted();
        // A cap toward which nothing counts never binds: that is the process's doing, not the law's.
        let title = match uncounted.is_empty() {
            true => title,
            false => say!("{title}, where its caps stay empty", title),
        };
        let prover = Prover::new(self.process, self.goal_at, self.options());
        let mut trace: Trace = trace(self.process, self.at, self.goal_at, path);
        // Of a path that need not be shortest nothing is measured but what stops it.
        if shorter.is_none() && self.options().measures {
            trace.size = size::size(self.process, self.goal, &prover, &trace, path, self.options());
        }
        if self.options().measures {
            trace.size.stops = size::stops(self.process, self.goal_at, &trace, self.options());
        }
        let mut finding = Finding::new(Code::Loophole, Kind::Loophole, title);
        finding.about = vec![self.goal.name.clone()];
        let mut origins = vec![self.goal.origin];
        for taken in &trace.taken {
            origins.push(self.process.steps[taken.step as usize].origin);
        }
        let mut rules: Vec<_> =
            trace.taken.iter().flat_map(|taken| taken.came.iter().flat_map(|came| came.because.clone())).collect();
        rules.sort_unstable();
        rules.dedup();
        origins.extend(rules.iter().map(|rule| self.lab.program.rule(*rule).origin));
        origins.dedup();
        finding.origins = origins;
        finding.rules = rules;
        finding.notes.push(match (count, shorter) {
            (0, _) => say!("no step is needed"),
            (_, Some(upto)) => say!("there may be a shorter way, of more than {upto} {upto:step|steps}", upto),
            (_, None) => say!("there is no shorter way: all of fewer steps were looked at"),
        });
        if !self.goal.cite.is_empty() {
            finding.notes.push(say!("it rests on {cite}", cite = self.goal.cite));
        }
        finding.notes.extend(uncounted);
        finding.fixes.push(match count {
            0 => say!("what `start` says must not already be what must never be"),
            _ => say!("`lexport repair PATH {claim}` looks for changes of the text that close it", claim = self.goal.name),
        });
        finding.evidence = vec![
            Evidence::new(By::Z3, say!("found this path")),
            Evidence::new(By::Interpreter, say!("replayed it, step by step")),
        ];
        finding.witness = Some(Witness::Trace(Box::new(trace)));
        report.findings.push(finding);
        Some(())
    }

    /// Caps that are asked about and toward which no step counts.
    fn uncounted(&self) -> Vec<Sentence> {
        let world = &self.process.world;
        let mut read = BTreeSet::new();
        for term in self.process.steps.iter().map(|step| step.guard).chain([self.goal.bad]) {
            read.extend(Atoms::of_term(world, term).inputs);
        }
        let counted = |used: InputId| self.process.steps.iter().any(|step| step.counts.contains(&used));
        let idle =
            world.caps.iter().filter(|cap| self.process.is_now(cap.used) && read.contains(&cap.used) && !counted(cap.used));
        idle.map(|cap| say!("no step counts toward `{cap}`, so its balance stays 0", cap = cap.name)).collect()
    }

    fn question(&self) -> Sentence {
        say!("{name} in `{process}`, for every number of steps", name = self.name, process = self.process.name)
    }

    fn conclude(&self, invariant: Result<Certified, Sentence>, upto: Option<usize>, why: Option<Sentence>, report: &mut Report) {
        match invariant {
            Ok(certified) if certified.idle => {
                let mut finding = self.about_nothing(certified.evidence);
                finding.notes.push(say!(
                    "no step of `{process}` can ever change anything, whatever the rules say, in {scope}",
                    process = self.process.name,
                    scope = self.lab.scope()
                ));
                finding.notes.extend(certified.notes);
                finding.fixes.push(say!("look at what `start` says (or plays the role of it) beside what each step asks"));
                report.findings.push(finding);
            }
            Ok(certified) => report.proved.push(Proof {
                property: say!(
                    "{name} in `{process}`, whatever the number of steps",
                    name = self.name,
                    process = self.process.name
                ),
                scope: self.lab.scope(),
                evidence: certified.evidence,
                invariant: Some(certified.invariant),
                notes: certified.notes,
            }),
            Err(reason) => {
                let mut reasons = vec![match upto {
                    Some(upto) => say!("no path of up to {upto} {upto:step|steps}", upto),
                    None => say!("not even paths of no step were settled"),
                }];
                reasons.extend(why.map(|why| say!("longer ones: {why}", why)));
                reasons.push(reason);
                report.undecided.push(super::finding::Undecided { question: self.question(), rules: Vec::new(), reasons });
            }
        }
    }

    /// An invariant that was told, in the fewest parts, put to the plain questions.
    fn invariant(&self, induced: &super::prover::Induced, report: &mut Report) -> Result<Certified, Sentence> {
        use super::prover::Induced;
        let fact = match induced {
            Induced::Invariant(fact) => fact,
            Induced::Reachable => {
                return Err(say!(
                    "there may be a longer path; or only one that counts rolling windows loosely, or takes one party for two, which is none"
                ));
            }
            Induced::Unknown(why) => return Err(say!("no invariant was found: {why}", why)),
        };
        let mut check = Check::new(self.process, self.goal, self.options());
        let wrong = |error: crate::ir::BuildError| say!("the invariant does not fit: {what}", what = error.to_string());
        let term = fact.term(&mut check.world).map_err(wrong)?;
        let mut parts = check.kept();
        match check.world.pool.get(term) {
            Term::And(more) => parts.extend(more),
            _ => parts.push(term),
        }
        // What is needless is left out; from the end, because later parts were added for rarer cases.
        if (2..=TRIED).contains(&parts.len()) {
            for at in (0..parts.len()).rev() {
                let mut fewer = parts.clone();
                fewer.remove(at);
                let candidate = check.world.builder().and(fewer.clone());
                if self.passes(&mut check, candidate) {
                    parts = fewer;
                }
            }
        }
        let term = check.world.builder().and(parts);
        self.certified(check, term, report)
    }

    /// Whether a candidate passes the plain questions, as the last method says alone.
    fn passes(&self, check: &mut Check<'_>, candidate: TermId) -> bool {
        let mut quick = self.options().clone();
        quick.confirm = None;
        quick.methods.drain(..quick.methods.len().saturating_sub(1));
        check.questions(candidate).is_ok_and(|questions| {
            settle(&check.world, &questions, &quick).iter().all(|one| one.answer == Verdict::No && one.faults.is_empty())
        })
    }

    /// The claim itself, with what the start says of what is kept, where that is an invariant: nobody can say it better. Only if it is about the state and what is kept, and asks
    /// only decisions that depend on what is kept.
    fn itself(&self, report: &mut Report) -> Option<Certified> {
        let world = &self.process.world;
        let own = |input: &InputId| self.process.is_now(*input) || self.process.rigid.contains(input);
        let read = Atoms::of_term(world, self.goal.bad);
        let decided = read.decisions.iter().flat_map(|decision| Atoms::of_decision(world, *decision).inputs);
        if !read.inputs.iter().all(own) || !decided.into_iter().all(|input| self.process.rigid.contains(&input)) {
            return None;
        }
        let mut check = Check::new(self.process, self.goal, self.options());
        // What the start says of what is kept stays so.
        let begins = match world.pool.get(self.process.start) {
            Term::And(parts) => parts.clone(),
            _ => vec![self.process.start],
        };
        let kept = |term: &TermId| Atoms::of_term(world, *term).inputs.iter().all(|input| self.process.rigid.contains(input));
        let mut parts: Vec<TermId> = begins.into_iter().filter(kept).collect();
        let mut build = check.world.builder();
        parts.push(build.not(self.goal.bad));
        let never = build.and(parts);
        if self.passes(&mut check, never) { self.certified(check, never, report).ok() } else { None }
    }

    /// An invariant that every method confirms, in words.
    fn certified(&self, mut check: Check<'_>, term: TermId, report: &mut Report) -> Result<Certified, Sentence> {
        let wrong = |error: crate::ir::BuildError| say!("the invariant does not fit: {what}", what = error.to_string());
        let questions = check.questions(term).map_err(wrong)?;
        let settled = settle(&check.world, &questions, self.options());
        for one in &settled {
            self.lab.faults(&one.faults, &self.question(), report);
            match &one.answer {
                Verdict::No => {}
                Verdict::Yes(_) => return Err(say!("what was taken for an invariant is none")),
                Verdict::Unknown(why) => return Err(say!("an invariant was found and not confirmed: {why}", why)),
            }
        }
        let text = term_text(&check.world, term, WRITTEN);
        let (mut evidence, mut silent) = (Vec::new(), Vec::new());
        for method in &self.options().methods {
            let by = method.by();
            let said = |one: &&Settled| one.faults.is_empty() && one.evidence.iter().any(|evidence| evidence.is_of(by));
            match settled.iter().find(|one| !said(one)) {
                None => {
                    evidence.push(Evidence::new(by, say!("it holds at the start, every step keeps it, and it excludes this")))
                }
                Some(open) => silent.extend(open.evidence.iter().filter(|one| one.by == by && one.silent).cloned()),
            }
        }
        if self.options().confirm.is_some() && !evidence.is_empty() {
            let said = |one: &Settled| one.evidence.iter().any(|evidence| evidence.is_of(By::Second));
            evidence.push(if settled.iter().all(said) {
                Evidence::new(By::Second, say!("it holds at the start, every step keeps it, and it excludes this"))
            } else {
                Evidence::silent(By::Second, say!("did not say so of each step"))
            });
        }
        if evidence.is_empty() {
            return Err(say!("an invariant was found and no method confirmed all of it"));
        }
        evidence.extend(silent);
        let mut notes = self.uncounted();
        let taken = check.taken(term);
        let never = self.none_of(&check.world, &taken);
        let names = list!(", ", never.iter().map(|at| say!("`{name}`", name = self.process.steps[*at].name)));
        if !never.is_empty() {
            notes.push(say!("never taken: {steps}", steps = names));
        }
        let changes = check.changes(term).map_err(wrong)?;
        // What the rules forbid is a proof; what nobody could do, whatever they said, is about nothing.
        let opened = |questions: &[Question]| check.open(questions).map_or(0, |(open, them)| self.none_of(&open, &them).len());
        let free = opened(&questions) == questions.len();
        let idle = free && opened(&changes) == changes.len();
        if free && !idle {
            notes.push(whatever());
        }
        Ok(Certified { invariant: text, notes, evidence, idle })
    }

    /// The questions of which all methods say that they have no case.
    fn none_of(&self, world: &Program, questions: &[Question]) -> BTreeSet<usize> {
        let settled = settle(world, questions, self.options());
        (0..).zip(&settled).filter(|(_, one)| self.lab.agreed(one)).map(|(at, _)| at).collect()
    }
}
