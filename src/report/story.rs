//! Findings, proofs and what stayed open, as a person reads them: a finding is a story with a shipment in it.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::analysis::{Came, Finding, Gain, MOST_CLASSES, Proof, Undecided, Witness, magnitude};
use crate::diagnostic::{Code, Diagnostic, Label, Severity};
use crate::eval::Atoms;
use crate::ir::{Case, InputId, OriginId, Program, PropertyKind, RuleId};
use crate::source::Span;
use crate::words::{Language, Sentence, list, say};

use super::Checked;
use super::explanation::shipment;
use super::terminal::{Style, diagnostics};
use super::text::{visible, wrap};
use super::value;

/// How many classes of a finding are shown.
const CLASSES: usize = 6;

/// The whole report of one regime.
pub fn report(checked: &Checked<'_>, style: Style) -> String {
    let mut out = String::new();
    let Some(program) = checked.program else { return out };
    let style = Style { language: checked.language, ..style };
    for finding in &checked.report.findings {
        out.push_str(&story(checked, program, finding, style));
    }
    let name = checked.name();
    if !checked.report.undecided.is_empty() {
        let _ = writeln!(out, "{}", say!("{name}: not decided", name).in_language(style.language));
        for one in &checked.report.undecided {
            out.push_str(&undecided(program, one, style));
        }
        out.push('\n');
    }
    if !checked.report.proved.is_empty() {
        let _ = writeln!(out, "{}", say!("{name}: proved", name).in_language(style.language));
        for one in &checked.report.proved {
            out.push_str(&proof(one, style));
        }
        out.push('\n');
    }
    let rows = crate::analysis::standard(program, checked.report);
    let unasked: Vec<_> = rows.iter().filter_map(|row| Some((row.standard, row.why.as_ref()?))).collect();
    if !unasked.is_empty() {
        let _ = writeln!(out, "{}", say!("{name}: not asked, of the twelve properties", name).in_language(style.language));
        for (one, why) in unasked {
            let line = say!("{property}: {why}", property = crate::analysis::standard_title(one), why = why.sentence())
                .in_language(style.language);
            let _ = writeln!(out, "{}", wrap(&visible(&line), style.width, "  ", "    "));
        }
        out.push('\n');
    }
    let whole = say!("{name}: {summary}", name, summary = summary(checked));
    let _ = writeln!(out, "{}", whole.in_language(style.language));
    out
}

/// `2 errors, 1 warning, 3 notes; 12 proved; 1 not decided`.
pub fn summary(checked: &Checked<'_>) -> Sentence {
    let severities = || {
        let said = checked.messages.iter().map(|message| message.severity);
        said.chain(checked.report.findings.iter().map(|finding| finding.severity))
    };
    let mut parts = Vec::new();
    for severity in [Severity::Error, Severity::Warning, Severity::Note] {
        let count = severities().filter(|one| *one == severity).count();
        if count == 0 {
            continue;
        }
        let count = Sentence::thousands(count.to_string());
        parts.push(match severity {
            Severity::Error => say!("{count} {count:error|errors}", count),
            Severity::Warning => say!("{count} {count:warning|warnings}", count),
            Severity::Note => say!("{count} {count:note|notes}", count),
        });
    }
    let found = if parts.is_empty() { say!("nothing found") } else { list!(", ", parts) };
    let (proved, open) = (checked.report.proved.len(), checked.report.undecided.len());
    match open {
        0 => say!("{found}; {proved} proved", found, proved),
        open => say!("{found}; {proved} proved; {open} not decided", found, proved, open),
    }
}

/// A finding: its place in the source, and its story.
pub fn story(checked: &Checked<'_>, program: &Program, finding: &Finding, style: Style) -> String {
    let language = checked.language;
    let style = Style { language, ..style };
    let mut head = Diagnostic {
        code: finding.code,
        severity: finding.severity,
        title: finding.title.in_language(language),
        labels: labels(program, finding, language),
        notes: Vec::new(),
        fixes: Vec::new(),
    };
    head.labels.dedup();
    let mut head = diagnostics(checked.files, &[head], style);
    head.truncate(head.trim_end().len());
    head.push('\n');
    let mut out = String::new();
    let line = |out: &mut String, said: Sentence| {
        let _ = writeln!(out, "{}", wrap(&said.in_language(language), style.width, "  ", "    "));
    };
    match &finding.witness {
        Some(Witness::Case(case)) => {
            line(&mut out, say!("For example:"));
            out.push_str(&indented(&matters(program, finding, case, language)));
        }
        Some(Witness::Pair(first, second)) => {
            line(&mut out, say!("For example:"));
            out.push_str(&indented(&pair(program, finding, first, second, language)));
        }
        Some(Witness::Trace(trace)) => {
            line(&mut out, say!("The way there:"));
            out.push_str(&indented(&super::path::story(program, trace, language, |one| came(program, one, language))));
        }
        None => {}
    }
    // Of a change, what was before and what is after is said below.
    let told = if finding.shift.is_some() { &[][..] } else { &finding.came };
    for (index, one) in told.iter().enumerate() {
        let came = came(program, one, language);
        let said = match &finding.witness {
            Some(Witness::Pair(..)) if index < finding.came.len() / 2 => say!("in the first, {came}", came),
            Some(Witness::Pair(..)) => say!("in the second, {came}", came),
            _ => came,
        };
        line(&mut out, said);
    }
    if let Some(shift) = &finding.shift {
        line(&mut out, say!("before: {came}", came = came(program, &shift.old, language)));
        line(&mut out, say!("after: {came}", came = came(program, &shift.new, language)));
        line(
            &mut out,
            match shift.gain {
                Gain::Looser => say!("These cases gain: what they meet becomes less strict."),
                Gain::Stricter => say!("These cases lose: what they meet becomes stricter."),
                Gain::Other => say!("These cases meet something else; neither is the stricter."),
            },
        );
    }
    if !finding.shadows.is_empty() {
        line(&mut out, say!("Shadowed by {rules}.", rules = rules(program, &finding.shadows)));
    }
    if let Some(count) = &finding.count {
        let (count, kinds) = (magnitude(count), finding.classes.len());
        line(
            &mut out,
            match kinds {
                0 | 1 => say!("In {count} {count:case|cases}.", count),
                // Beyond these nobody counts.
                kinds if kinds >= MOST_CLASSES => say!("In {count} {count:case|cases}, of {kinds} kinds or more:", count, kinds),
                kinds => say!("In {count} {count:case|cases}, of {kinds} kinds:", count, kinds),
            },
        );
    }
    if finding.classes.len() > 1 {
        for class in finding.classes.iter().take(CLASSES) {
            let count = class.count.as_ref().map_or_else(|| "?".into(), magnitude);
            let said = if finding.shift.is_some() {
                let (old, new) = class.rules.split_at(class.before);
                say!("{count}: before {old}; after {new}", count, old = rules(program, old), new = rules(program, new))
            } else {
                say!("{count}: {rules}", count, rules = rules(program, &class.rules))
            };
            line(&mut out, said);
        }
        if finding.classes.len() > CLASSES {
            let more = finding.classes.len() - CLASSES;
            line(
                &mut out,
                if finding.classes.len() >= MOST_CLASSES {
                    say!("and {more} more kinds that --format json lists, and perhaps others", more)
                } else {
                    say!("and {more} more {more:kind|kinds} (--format json lists them)", more)
                },
            );
        }
    }
    for note in &finding.notes {
        line(&mut out, note.clone());
    }
    for fix in &finding.fixes {
        line(&mut out, say!("help: {message}", message = fix));
    }
    if let Some(accepted) = &finding.accepted {
        line(&mut out, say!("Accepted: {reason}", reason = accepted.reason));
    }
    if !finding.evidence.is_empty() {
        line(&mut out, say!("Evidence: {evidence}.", evidence = super::evidence_words(&finding.evidence)));
    }
    out.push('\n');
    head + &visible(&out)
}

fn labels(program: &Program, finding: &Finding, language: Language) -> Vec<Label> {
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
            None if index == 0 => say!("here").in_language(language),
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

fn rules(program: &Program, ids: &[RuleId]) -> Sentence {
    if ids.is_empty() {
        return say!("no rule");
    }
    list!(", ", ids.iter().map(|id| value::rule_words(program, *id)))
}

fn came(program: &Program, came: &Came, language: Language) -> Sentence {
    let outcome = value::outcome_words(program, came.decision, &came.outcome, language);
    let placed = |ids: &[RuleId]| {
        let words = |id: &RuleId| {
            let place = value::rule_place(program, *id);
            let words = value::rule_words(program, *id);
            if place.is_empty() { words } else { format!("{words} ({place})") }
        };
        list!(", ", ids.iter().map(words))
    };
    let because = match (came.because.as_slice(), came.freed_by.as_slice()) {
        ([], []) => say!("no rule speaks"),
        ([], by) => say!("freed by {rules}", rules = placed(by)),
        (some, _) => say!("because {rules}", rules = placed(some)),
    };
    let name = value::decision_name(program, came.decision, language);
    say!("{name} {outcome}: {because}", name, outcome, because)
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

/// That nothing else matters.
fn whatever(others: usize, language: Language) -> String {
    if others == 0 {
        return String::new();
    }
    format!("  {}\n", say!("(whatever the other {others} {others:attribute is|attributes are})", others).in_language(language))
}

fn matters(program: &Program, finding: &Finding, case: &Case, language: Language) -> String {
    if !finding.suffices.is_empty() {
        let others = program.inputs.len() - finding.suffices.len();
        return shipment(program, case, &finding.suffices, language) + &whatever(others, language);
    }
    let first = relevant(program, finding);
    let rest: Vec<InputId> = program.input_ids().filter(|id| !first.contains(id)).collect();
    if first.is_empty() {
        return shipment(program, case, &rest, language);
    }
    let mut out = shipment(program, case, &first, language);
    let others: Vec<String> = rest
        .iter()
        .filter_map(|id| {
            Some(format!("{} {}", program.input(*id).name, value::input_words(program, *id, case.get(*id)?, language)))
        })
        .collect();
    if !others.is_empty() {
        let others = say!("(and besides: {others})", others = list!(", ", others));
        let _ = writeln!(out, "  {}", others.in_language(language));
    }
    out
}

fn pair(program: &Program, finding: &Finding, first: &Case, second: &Case, language: Language) -> String {
    let differ: Vec<InputId> = program.input_ids().filter(|id| first.get(*id) != second.get(*id)).collect();
    let words = |id: InputId, case: &Case| match case.get(id) {
        Some(known) => value::input_words(program, id, known, language),
        None => say!("unknown").in_language(language),
    };
    let mut out = String::new();
    for id in &differ {
        let both = say!("{one} in the first, {other} in the second", one = words(*id, first), other = words(*id, second));
        let _ = writeln!(out, "  {}  {}", value::input_name(program, *id, language), both.in_language(language));
    }
    let shown = if finding.suffices.is_empty() { relevant(program, finding) } else { finding.suffices.clone() };
    let same: Vec<InputId> = shown.into_iter().filter(|id| !differ.contains(id)).collect();
    if !same.is_empty() {
        let _ = writeln!(out, "  {}", say!("and in both").in_language(language));
        out.push_str(&shipment(program, first, &same, language));
    }
    if !finding.suffices.is_empty() {
        out.push_str(&whatever(program.inputs.len() - same.len() - differ.len(), language));
    }
    out
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect()
}

fn proof(proof: &Proof, style: Style) -> String {
    let by = super::proof_words(proof);
    let text = say!("{property}; {scope}{by}", property = proof.property, scope = proof.scope, by);
    let mut out = wrap(&visible(&text.in_language(style.language)), style.width, "  ", "    ") + "\n";
    let says = proof.invariant.as_ref().map(|invariant| say!("whatever happens: {invariant}", invariant));
    for said in says.iter().chain(&proof.notes) {
        out += &(wrap(&visible(&said.in_language(style.language)), style.width, "    ", "      ") + "\n");
    }
    out
}

fn undecided(program: &Program, one: &Undecided, style: Style) -> String {
    let mut question = one.question.clone();
    if !one.rules.is_empty() {
        question = say!("{question} [{rules}]", question, rules = rules(program, &one.rules));
    }
    if !one.reasons.is_empty() {
        question = say!("{question}: {why}", question, why = list!("; ", &one.reasons));
    }
    wrap(&visible(&question.in_language(style.language)), style.width, "  ", "    ") + "\n"
}
