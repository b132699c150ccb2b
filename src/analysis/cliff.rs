//! Cliffs: an outcome that loosens as a capability grows, and an outcome that flips on a day that no provision names.

use std::collections::BTreeSet;

use crate::diagnostic::Code;
use crate::eval::Atoms;
use crate::ir::{DecisionId, InputId, Ranges, TermId, date_text};
use crate::words::{Sentence, say};

use super::finding::{Finding, Kind, Proof, Report, Witness};
use super::lab::Lab;
use super::method::{Question, Verdict};
use super::trial::{Seen, tried};

/// All cliffs of ordered decisions along inputs that are declared to be capabilities.
pub fn capability_cliffs(lab: &mut Lab<'_>, cases: &[Seen]) -> Report {
    let mut report = Report::default();
    let mut asked: Vec<(DecisionId, InputId, Question)> = Vec::new();
    for decision in lab.decisions() {
        if !lab.ordered_by_declaration(decision) {
            continue;
        }
        let inputs = Atoms::of_decision(&lab.program, decision).inputs;
        for input in inputs {
            let fixed = lab.options.fixed.iter().any(|(fixed, _)| *fixed == input);
            if fixed || !lab.program.input(input).capability {
                continue;
            }
            match lab.falls_in_second(decision, false) {
                Some(goal) => asked.push((decision, input, Question::two(goal, input, decision.0))),
                None => lab.undecided(loosens(lab, decision, input), Vec::new(), say!("too many totals"), &mut report),
            }
        }
    }
    let questions: Vec<Question> = asked.iter().map(|(_, _, question)| *question).collect();
    for ((decision, input, question), settled) in asked.into_iter().zip(tried(lab, &questions, cases)) {
        let property = loosens(lab, decision, input);
        lab.faults(&settled.faults, &property, &mut report);
        match settled.answer {
            Verdict::No => {
                let scope = lab.scope_of_pairs(input);
                report.proved.push(Proof { property, scope, evidence: settled.evidence, invariant: None, notes: Vec::new() });
            }
            Verdict::Unknown(why) => lab.undecided(property, Vec::new(), why, &mut report),
            Verdict::Yes(witness) => {
                let (name, of) = (lab.program.decision(decision).name.clone(), lab.program.input(input).name.clone());
                let title = say!("`{name}` becomes less strict as `{of}` grows", name, of);
                let mut finding = Finding::new(Code::Cliff, Kind::Cliff, title);
                finding.evidence = settled.evidence;
                finding.inputs = vec![input];
                finding.about = vec![name, of];
                pair(lab, &mut finding, question, &witness, decision);
                finding.origins.push(lab.program.input(input).origin);
                report.findings.push(finding);
            }
        }
    }
    report
}

fn loosens(lab: &Lab<'_>, decision: DecisionId, input: InputId) -> Sentence {
    let (name, of) = (&lab.program.decision(decision).name, &lab.program.input(input).name);
    say!("`{name}` never becomes less strict as `{of}` grows", name, of)
}

/// Puts a pair and the rules that carry its two outcomes into a finding.
pub(super) fn pair(lab: &Lab<'_>, finding: &mut Finding, question: Question, witness: &Witness, decision: DecisionId) {
    finding.decisions = vec![decision];
    lab.show(finding, question, witness, &[decision]);
    let rules: BTreeSet<_> = finding.came.iter().flat_map(|came| came.because.iter().copied()).collect();
    finding.origins = vec![lab.program.decision(decision).origin];
    finding.origins.extend(rules.iter().map(|rule| lab.program.rule(*rule).origin));
    finding.rules = rules.into_iter().collect();
}

/// All days on which a decision can flip though no provision names them.
pub fn time_cliffs(lab: &mut Lab<'_>) -> Report {
    let mut report = Report::default();
    let Some(date) = lab.program.date else { return report };
    if lab.options.fixed.iter().any(|(fixed, _)| *fixed == date) {
        return report;
    }
    let (lo, hi) = lab.program.input(date).domain.bounds().unwrap_or((0, -1));
    let named: BTreeSet<i64> = lab.program.date_edges.iter().filter(|edge| edge.named).map(|edge| edge.day).collect();
    let mut asked: Vec<(DecisionId, i64, Question)> = Vec::new();
    for decision in lab.decisions() {
        let atoms = Atoms::of_decision(&lab.program, decision);
        if !atoms.inputs.contains(&date) {
            continue;
        }
        let mut days: BTreeSet<i64> = atoms.edges(date).collect();
        days.extend(lab.program.date_edges.iter().map(|edge| edge.day));
        days.retain(|day| lo < *day && *day <= hi && !named.contains(day));
        let Some(differs) = lab.differs_in_second(decision) else {
            if !days.is_empty() {
                let name = lab.program.decision(decision).name.clone();
                lab.undecided(
                    say!("`{name}` flips only on days that something names", name),
                    vec![],
                    say!("too many totals"),
                    &mut report,
                );
            }
            continue;
        };
        for day in days {
            let Some(goal) = overnight(lab, date, day, differs) else { continue };
            asked.push((decision, day, Question::two(goal, date, decision.0)));
        }
    }
    let questions: Vec<Question> = asked.iter().map(|(_, _, question)| *question).collect();
    for ((decision, day, question), settled) in asked.into_iter().zip(lab.ask(&questions)) {
        let name = lab.program.decision(decision).name.clone();
        let on = date_text(day);
        let property = say!("`{name}` does not change on {on}", name, on);
        lab.faults(&settled.faults, &property, &mut report);
        match settled.answer {
            // Of days on which nothing happens nothing is said: they are many, and nobody asked.
            Verdict::No => {}
            Verdict::Unknown(why) => lab.undecided(property, Vec::new(), why, &mut report),
            Verdict::Yes(witness) => {
                let title = say!("`{name}` changes on {on}, a day that no provision names", name, on);
                let mut finding = Finding::new(Code::TimeCliff, Kind::Cliff, title);
                finding.evidence = settled.evidence;
                finding.inputs = vec![date];
                finding.about = vec![name, lab.program.input(date).name.clone(), on];
                pair(lab, &mut finding, question, &witness, decision);
                for edge in lab.program.date_edges.iter().filter(|edge| edge.day == day) {
                    finding.notes.push(say!("on that day: {what}", what = edge.what));
                    finding.origins.push(edge.origin);
                }
                report.findings.push(finding);
            }
        }
    }
    report
}

/// That something differs between the eve of a day and the day.
pub(super) fn overnight(lab: &mut Lab<'_>, date: InputId, day: i64, differs: TermId) -> Option<TermId> {
    between(lab, date, day - 1, day, differs)
}

/// That something differs between two values of a number or date.
pub(super) fn between(lab: &mut Lab<'_>, input: InputId, from: i64, to: i64, differs: TermId) -> Option<TermId> {
    let mut build = lab.program.builder();
    let before = build.within(input, Ranges::closed(from, from)).ok()?;
    let after = build.within(input, Ranges::closed(to, to)).ok()?;
    let after = build.second(after);
    Some(build.and([before, after, differs]))
}
