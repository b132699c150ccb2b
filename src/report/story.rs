//! Findings, proofs and what stayed open, as a person reads them: a finding is a story with a shipment in it.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::analysis::{By, Came, Finding, Gain, Proof, Undecided, Witness};
use crate::diagnostic::{Code, Diagnostic, Label, Severity};
use crate::eval::Atoms;
use crate::ir::{Case, InputId, OriginId, Program, PropertyKind, RuleId};
use crate::source::Span;

use super::Checked;
use super::explanation::shipment;
use super::terminal::{Style, diagnostics};
use super::text::{counted, thousands, visible, wrap};
use super::value;

/// How many classes of a finding are shown.
const CLASSES: usize = 6;

/// The whole report of one regime.
pub fn report(checked: &Checked<'_>, style: Style) -> String {
    let mut out = String::new();
    let Some(program) = checked.program else { return out };
    for finding in &checked.report.findings {
        out.push_str(&story(checked, program, finding, style));
    }
    let name = checked.name();
    if !checked.report.undecided.is_empty() {
        let _ = writeln!(out, "{name}: not decided");
        for one in &checked.report.undecided {
            out.push_str(&undecided(program, one, style));
        }
        out.push('\n');
    }
    if !checked.report.proved.is_empty() {
        let _ = writeln!(out, "{name}: proved");
        for one in &checked.report.proved {
            out.push_str(&proof(one, style));
        }
        out.push('\n');
    }
    let _ = writeln!(out, "{name}: {}", summary(checked));
    out
}

/// `2 errors, 1 warning, 3 notes; 12 proved; 1 not decided`.
pub fn summary(checked: &Checked<'_>) -> String {
    let severities = || {
        let said = checked.messages.iter().map(|message| message.severity);
        said.chain(checked.report.findings.iter().map(|finding| finding.severity))
    };
    let count = |severity: Severity| severities().filter(|one| *one == severity).count().to_string();
    let mut parts = Vec::new();
    for (severity, one, many) in
        [(Severity::Error, "error", "errors"), (Severity::Warning, "warning", "warnings"), (Severity::Note, "note", "notes")]
    {
        if count(severity) != "0" {
            parts.push(counted(&count(severity), one, many));
        }
    }
    let mut text = if parts.is_empty() { "nothing found".to_owned() } else { parts.join(", ") };
    let _ = write!(text, "; {} proved", checked.report.proved.len());
    if !checked.report.undecided.is_empty() {
        let _ = write!(text, "; {} not decided", checked.report.undecided.len());
    }
    text
}

/// A finding: its place in the source, and its story.
pub fn story(checked: &Checked<'_>, program: &Program, finding: &Finding, style: Style) -> String {
    let mut head = Diagnostic {
        code: finding.code,
        severity: finding.severity,
        title: finding.title.clone(),
        labels: labels(program, finding),
        notes: Vec::new(),
        fixes: Vec::new(),
    };
    head.labels.dedup();
    let mut head = diagnostics(checked.files, &[head], style);
    head.truncate(head.trim_end().len());
    head.push('\n');
    let mut out = String::new();
    let line = |out: &mut String, text: &str| {
        let _ = writeln!(out, "{}", wrap(text, style.width, "  ", "    "));
    };
    match &finding.witness {
        Some(Witness::Case(case)) => {
            line(&mut out, "For example:");
            out.push_str(&indented(&matters(program, finding, case)));
        }
        Some(Witness::Pair(first, second)) => {
            line(&mut out, "For example:");
            out.push_str(&indented(&pair(program, finding, first, second)));
        }
        None => {}
    }
    for (index, one) in finding.came.iter().enumerate() {
        let lead = match (&finding.witness, finding.shift.is_some()) {
            (Some(Witness::Pair(..)), _) if index < finding.came.len() / 2 => "in the first, ",
            (Some(Witness::Pair(..)), _) => "in the second, ",
            _ => "",
        };
        line(&mut out, &format!("{lead}{}", came(program, one)));
    }
    if let Some(shift) = &finding.shift {
        line(&mut out, &format!("before: {}", came(program, &shift.old)));
        line(&mut out, &format!("after: {}", came(program, &shift.new)));
        line(
            &mut out,
            match shift.gain {
                Gain::Looser => "These cases gain: what they meet becomes less strict.",
                Gain::Stricter => "These cases lose: what they meet becomes stricter.",
                Gain::Other => "These cases meet something else; neither is the stricter.",
            },
        );
    }
    if !finding.shadows.is_empty() {
        line(&mut out, &format!("Shadowed by {}.", rules(program, &finding.shadows)));
    }
    if let Some(count) = &finding.count {
        let mut text = format!("In {}", counted(&count.to_string(), "case", "cases"));
        if finding.classes.len() > 1 {
            let _ = write!(text, ", of {} kinds:", finding.classes.len());
        } else {
            text.push('.');
        }
        line(&mut out, &text);
    }
    if finding.classes.len() > 1 {
        for class in finding.classes.iter().take(CLASSES) {
            let count = class.count.as_ref().map_or_else(|| "?".to_owned(), |count| thousands(&count.to_string()));
            line(&mut out, &format!("  {count}: {}", rules(program, &class.rules)));
        }
        if finding.classes.len() > CLASSES {
            line(&mut out, &format!("  and {} more kinds (--format json lists them)", finding.classes.len() - CLASSES));
        }
    }
    for note in &finding.notes {
        line(&mut out, note);
    }
    for fix in &finding.fixes {
        line(&mut out, &format!("help: {fix}"));
    }
    if let Some(accepted) = &finding.accepted {
        line(&mut out, &format!("Accepted: {}", accepted.reason));
    }
    if !finding.evidence.is_empty() {
        line(&mut out, &format!("Evidence: {}.", super::evidence_words(&finding.evidence)));
    }
    out.push('\n');
    head + &visible(&out)
}

fn labels(program: &Program, finding: &Finding) -> Vec<Label> {
    let mut labels: Vec<Label> = Vec::new();
    let mut add = |origin: OriginId, message: String| {
        let span = program.origin(origin).span;
        if span != Span::NOWHERE && !labels.iter().any(|label| label.span == span) {
            labels.push(Label { span, message });
        }
    };
    for (index, origin) in finding.origins.iter().enumerate() {
        let rule = finding.rules.iter().chain(&finding.shadows).find(|rule| program.rule(**rule).origin == *origin);
        let message = match rule {
            Some(rule) => program.rule(*rule).cite.clone(),
            None if index == 0 => "here".to_owned(),
            None => String::new(),
        };
        add(*origin, message);
    }
    for rule in finding.rules.iter().chain(&finding.shadows).take(8) {
        let rule = program.rule(*rule);
        add(rule.origin, rule.cite.clone());
    }
    labels
}

fn rules(program: &Program, ids: &[RuleId]) -> String {
    if ids.is_empty() {
        return "no rule".to_owned();
    }
    ids.iter().map(|id| value::rule_words(program, *id)).collect::<Vec<_>>().join(", ")
}

fn came(program: &Program, came: &Came) -> String {
    let decision = program.decision(came.decision);
    let outcome = value::outcome_words(program, came.decision, &came.outcome);
    let placed = |ids: &[RuleId]| {
        let words = ids.iter().map(|id| {
            let place = value::rule_place(program, *id);
            let words = value::rule_words(program, *id);
            if place.is_empty() { words } else { format!("{words} ({place})") }
        });
        words.collect::<Vec<_>>().join(", ")
    };
    let because = match (came.because.as_slice(), came.freed_by.as_slice()) {
        ([], []) => "no rule speaks".to_owned(),
        ([], by) => format!("freed by {}", placed(by)),
        (some, _) => format!("because {}", placed(some)),
    };
    format!("{} {outcome}: {because}", decision.name)
}

/// The attributes on which the decisions of a finding depend, those that it is about first.
fn relevant(program: &Program, finding: &Finding) -> Vec<InputId> {
    let mut out: Vec<InputId> = finding.inputs.clone();
    let mut seen: BTreeSet<InputId> = out.iter().copied().collect();
    let rule_decisions = finding.rules.iter().flat_map(|rule| program.rule(*rule).conclusions.iter().map(|(of, _)| *of));
    let decisions: BTreeSet<_> = finding.decisions.iter().copied().chain(rule_decisions).collect();
    let mut found = BTreeSet::new();
    // A property tests inputs of its own.
    if finding.code == Code::PropertyViolated {
        for property in program.properties.iter().filter(|property| finding.about.contains(&property.name)) {
            if let PropertyKind::Never { violation } = property.kind {
                found.extend(Atoms::of_term(program, violation).inputs.iter().copied());
            }
        }
    }
    for decision in decisions {
        found.extend(Atoms::of_decision(program, decision).inputs.iter().copied());
    }
    out.extend(found.into_iter().filter(|input| seen.insert(*input)));
    out
}

fn matters(program: &Program, finding: &Finding, case: &Case) -> String {
    let first = relevant(program, finding);
    let rest: Vec<InputId> = program.input_ids().filter(|id| !first.contains(id)).collect();
    if first.is_empty() {
        return shipment(program, case, &rest);
    }
    let mut out = shipment(program, case, &first);
    let others: Vec<String> = rest
        .iter()
        .filter_map(|id| Some(format!("{} {}", program.input(*id).name, value::input_words(program, *id, case.get(*id)?))))
        .collect();
    if !others.is_empty() {
        let _ = writeln!(out, "  (and besides: {})", others.join(", "));
    }
    out
}

fn pair(program: &Program, finding: &Finding, first: &Case, second: &Case) -> String {
    let differ: Vec<InputId> = program.input_ids().filter(|id| first.get(*id) != second.get(*id)).collect();
    let words =
        |id: InputId, case: &Case| case.get(id).map_or("unknown".to_owned(), |known| value::input_words(program, id, known));
    let mut out = String::new();
    for id in &differ {
        let _ = writeln!(
            out,
            "  {}  {} in the first, {} in the second",
            program.input(*id).name,
            words(*id, first),
            words(*id, second)
        );
    }
    let same: Vec<InputId> = relevant(program, finding).into_iter().filter(|id| !differ.contains(id)).collect();
    if !same.is_empty() {
        let _ = writeln!(out, "  and in both");
        out.push_str(&shipment(program, first, &same));
    }
    out
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect()
}

fn proof(proof: &Proof, style: Style) -> String {
    let says = super::evidence_words(&proof.evidence);
    let by = match proof.evidence.as_slice() {
        [] => String::new(),
        _ if super::confirmed(&proof.evidence) => format!(" ({says})"),
        // One method alone is shown as one method alone.
        [one] if one.by != By::Interpreter => format!(" (by {} only: {})", super::by_words(one.by), one.says),
        _ => format!(" ({says})"),
    };
    let text = format!("{}; {}{by}", proof.property, proof.scope);
    wrap(&visible(&text), style.width, "  ", "    ") + "\n"
}

fn undecided(program: &Program, one: &Undecided, style: Style) -> String {
    let mut text = one.question.clone();
    if !one.rules.is_empty() {
        let _ = write!(text, " [{}]", rules(program, &one.rules));
    }
    if !one.reasons.is_empty() {
        let _ = write!(text, ": {}", one.reasons.join("; "));
    }
    wrap(&visible(&text), style.width, "  ", "    ") + "\n"
}
