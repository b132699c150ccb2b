//! A finding as a diagnostic: its place, the places of the others it is about, and what it says, in English words.

use crate::diagnostic::{Diagnostic, Fix, Label};
use crate::ir::{Case, OriginId, Outcome, Program, RuleId};
use crate::source::Span;
use crate::words::list;

use super::finding::{Came, Evidence, Finding, Proof, Report, Undecided, Witness};
use super::method::name;

/// Places shown beside the first.
const LABELS: usize = 12;

/// All findings of a report as diagnostics, in the report's order.
pub fn messages(program: &Program, report: &Report) -> Vec<Diagnostic> {
    report.findings.iter().map(|finding| message(program, finding)).collect()
}

/// A finding as a diagnostic.
pub fn message(program: &Program, finding: &Finding) -> Diagnostic {
    let mut notes = Vec::new();
    match &finding.witness {
        Some(Witness::Case(case)) => notes.push(format!("for example: {}", case_text(program, case, None))),
        Some(Witness::Pair(first, second)) => {
            notes.push(format!("for example: {}", case_text(program, first, None)));
            notes.push(format!("and then: {}", case_text(program, second, Some(first))));
        }
        Some(Witness::Trace(trace)) => {
            let process = &program.processes[trace.process];
            for taken in &trace.taken {
                let step = &process.steps[taken.step as usize];
                notes.push(format!("{}: {}", step.name, case_text(&process.world, &taken.case, None)));
            }
            notes.push(format!("and there: {}", case_text(&process.world, &trace.last, None)));
        }
        None => {}
    }
    notes.extend(finding.came.iter().map(|came| came_text(program, came)));
    if let Some(count) = &finding.count {
        notes.push(format!("this is so in {count} cases"));
    }
    notes.extend(finding.notes.iter().map(ToString::to_string));
    if let Some(accepted) = &finding.accepted {
        notes.push(format!("accepted: {}", accepted.reason));
    }
    if !finding.evidence.is_empty() {
        notes.push(evidence_text(&finding.evidence));
    }
    let mut labels: Vec<Label> = finding.origins.iter().take(LABELS).map(|id| label(program, finding, *id)).collect();
    labels.dedup();
    if labels.is_empty() {
        labels.push(Label { span: Span::NOWHERE, message: String::new() });
    }
    Diagnostic {
        code: finding.code,
        severity: finding.severity,
        title: finding.title.to_string(),
        labels,
        notes,
        fixes: finding.fixes.iter().map(|fix| Fix { message: fix.to_string(), edit: None }).collect(),
    }
}

fn label(program: &Program, finding: &Finding, id: OriginId) -> Label {
    let here = |rule: &&RuleId| program.rule(**rule).origin == id;
    let message = match finding.rules.iter().find(here) {
        Some(rule) => cited(program, *rule),
        None => match finding.shadows.iter().find(here) {
            Some(rule) => format!("because of this: {}", cited(program, *rule)),
            None => String::new(),
        },
    };
    Label { span: program.origin(id).span, message }
}

/// A rule by its provision, or by its name if it cites none.
fn cited(program: &Program, rule: RuleId) -> String {
    let rule = program.rule(rule);
    if rule.cite.is_empty() { format!("`{}`", rule.name) } else { format!("`{}`, {}", rule.name, rule.cite) }
}

/// A case in one line; of a second case of a pair only what differs from the first.
pub fn case_text(program: &Program, case: &Case, but: Option<&Case>) -> String {
    let given: Vec<String> = program
        .input_ids()
        .filter(|input| but.is_none_or(|first| first.get(*input) != case.get(*input)))
        .filter_map(|input| {
            let declared = program.input(input);
            Some(format!("{} = {}", declared.name, program.value_text(&declared.domain, case.get(input)?)))
        })
        .collect();
    given.join(", ")
}

fn came_text(program: &Program, came: &Came) -> String {
    let decision = program.decision(came.decision);
    let text = match &came.outcome {
        Outcome::Value(value) => format!("`{}` is {}", decision.name, program.value_text(&decision.domain, value)),
        Outcome::Gap => format!("`{}` has no value", decision.name),
        Outcome::Conflict(values) => {
            let values: Vec<String> = values.iter().map(|value| program.value_text(&decision.domain, value)).collect();
            format!("`{}` is {}", decision.name, values.join(" and also "))
        }
    };
    if came.because.is_empty() {
        let by: Vec<String> = came.freed_by.iter().map(|rule| cited(program, *rule)).collect();
        return if by.is_empty() { text } else { format!("{text}, freed by {}", by.join("; ")) };
    }
    let rules: Vec<String> = came.because.iter().map(|rule| cited(program, *rule)).collect();
    format!("{text}, because of {}", rules.join("; "))
}

/// Evidence in one line: `the diagram: no case; Z3: no case`.
pub fn evidence_text(evidence: &[Evidence]) -> String {
    evidence.iter().map(|one| format!("{}: {}", name(one.by), one.says)).collect::<Vec<_>>().join("; ")
}

/// A proof in one line: by both methods, or by which one only.
pub fn proof_text(proof: &Proof) -> String {
    let how = match proof.only() {
        Some(by) => format!("proved by {} only", name(by)),
        None => "proved".to_owned(),
    };
    format!("{how}: {}, for {} ({})", proof.property, proof.scope, evidence_text(&proof.evidence))
}

/// An open question in one line.
pub fn undecided_text(undecided: &Undecided) -> String {
    format!("undecided: {} ({})", undecided.question, list!("; ", &undecided.reasons))
}
