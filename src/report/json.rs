//! Findings as one JSON document, `lexport.findings/1` (`docs/schemas/findings.schema.json`).

use serde_json::{Map, Value as Json, json};

use crate::analysis::{Came, Class, Evidence, Finding, Gain, Kind, Proof, StandardRow, Undecided, Witness};
use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{OriginId, Program};
use crate::source::{Files, Span};
use crate::words::{Language, Sentence};

use super::Checked;
use super::value;

/// The version of the document.
pub const SCHEMA: &str = "lexport.findings/1";

/// Everything about the checked regimes as one document.
pub fn findings(all: &[Checked<'_>]) -> Json {
    let (mut findings, mut proved, mut undecided, mut messages) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut standard = Vec::new();
    for checked in all {
        let language = checked.language;
        let name = checked.name();
        for message in checked.messages {
            match finding_of(message, checked.files) {
                Some(mut finding) => {
                    finding["regime"] = name.into();
                    findings.push(finding);
                }
                None => messages.push(message_json(message, checked.files)),
            }
        }
        let Some(program) = checked.program else { continue };
        for one in &checked.report.findings {
            let mut json = finding(program, one, language);
            json["regime"] = name.into();
            findings.push(json);
        }
        proved.extend(checked.report.proved.iter().map(|one| proof(one, name, language)));
        standard.extend(crate::analysis::standard(program, checked.report).iter().map(|row| of_twelve(row, name, language)));
        undecided.extend(checked.report.undecided.iter().map(|one| open(program, one, name, language)));
    }
    let names: Vec<&str> = all.iter().map(Checked::name).collect();
    let reading = all.first().map_or("", |checked| checked.reading);
    json!({
        "schema": SCHEMA,
        "regime": match names.as_slice() { [one] => Json::from(*one), _ => Json::from(names) },
        "reading": if reading.is_empty() { Json::Null } else { reading.into() },
        "findings": findings,
        "proved": proved,
        "undecided": undecided,
        "standard": standard,
        "messages": messages,
    })
}

/// The name of a kind in the document.
pub fn kind(kind: Kind) -> &'static str {
    match kind {
        // An overlap is what a conflict is under `strictest`; an acceptance of nothing is a reference to nothing.
        Kind::Conflict | Kind::Overlap => "conflict",
        Kind::Dangling | Kind::Acceptance => "dangling",
        Kind::Gap => "gap",
        Kind::Dead => "dead",
        Kind::Redundant => "redundant",
        Kind::Cliff => "cliff",
        Kind::Property => "property",
        Kind::Scenario => "scenario",
        Kind::Loophole => "loophole",
        Kind::Impact => "impact",
        Kind::Internal => "internal",
    }
}

/// What the compiler itself can tell is a finding too.
fn finding_of(message: &Diagnostic, files: &Files) -> Option<Json> {
    let kind = match message.code {
        Code::Dangling => "dangling",
        Code::DeadRule | Code::DeadAlternative => "dead",
        Code::Gap => "gap",
        Code::Conflict => "conflict",
        Code::AcceptanceUnmatched | Code::AcceptanceExpired => "dangling",
        Code::ScenarioFails => "scenario",
        _ => return None,
    };
    let mut out = json!({
        "code": message.code.name(),
        "kind": kind,
        "severity": message.severity.name(),
        "title": message.title,
        "rules": [],
        "witness": null,
        "evidence": [],
        "fix": message.fixes.iter().map(|fix| Json::from(fix.message.clone())).collect::<Vec<_>>(),
        "notes": message.notes,
    });
    out["place"] = place(files, message.span());
    Some(out)
}

fn message_json(message: &Diagnostic, files: &Files) -> Json {
    let labels: Vec<Json> = message
        .labels
        .iter()
        .filter(|label| label.span.file.is_some())
        .map(|label| {
            let mut out = place(files, label.span);
            out["message"] = label.message.clone().into();
            out
        })
        .collect();
    let fixes: Vec<Json> = message
        .fixes
        .iter()
        .map(|fix| {
            let mut out = json!({ "message": fix.message });
            if let Some((span, text)) = &fix.edit {
                out["replace"] = place(files, *span);
                out["with"] = text.clone().into();
            }
            out
        })
        .collect();
    json!({
        "code": message.code.name(),
        "severity": message.severity.name(),
        "title": message.title,
        "labels": labels,
        "notes": message.notes,
        "fix": fixes,
    })
}

fn place(files: &Files, span: Span) -> Json {
    let Some(id) = span.file else { return json!({ "file": null }) };
    let file = files.get(id);
    let (line, column) = file.lines.position(&file.text, span.start);
    let (end_line, end_column) = file.lines.position(&file.text, span.end);
    json!({ "file": &*file.path, "line": line, "column": column, "end_line": end_line, "end_column": end_column })
}

fn origin(program: &Program, id: OriginId) -> Json {
    let origin = program.origin(id);
    json!({ "file": origin.file, "line": origin.line, "words": origin.words })
}

/// A finding.
pub fn finding(program: &Program, finding: &Finding, language: Language) -> Json {
    let rules = |ids: &[crate::ir::RuleId]| -> Vec<Json> { ids.iter().map(|id| value::rule(program, *id)).collect() };
    let mut out = json!({
        "code": finding.code.name(),
        "kind": kind(finding.kind),
        "severity": finding.severity.name(),
        "title": finding.title.in_language(language),
        "rules": rules(&finding.rules),
        "witness": finding.witness.as_ref().map(|witness| self::witness(program, witness)),
        "evidence": evidence(&finding.evidence, language),
        "fix": said(&finding.fixes, language),
        "notes": said(&finding.notes, language),
    });
    if !finding.shadows.is_empty() {
        out["shadowed_by"] = rules(&finding.shadows).into();
    }
    if !finding.decisions.is_empty() {
        let names = finding.decisions.iter().map(|id| Json::from(program.decision(*id).name.clone()));
        out["decisions"] = names.collect();
    }
    if !finding.inputs.is_empty() {
        out["inputs"] = finding.inputs.iter().map(|id| Json::from(program.input(*id).name.clone())).collect();
    }
    if !finding.about.is_empty() {
        out["about"] = finding.about.clone().into();
    }
    if !finding.origins.is_empty() {
        out["places"] = finding.origins.iter().map(|id| origin(program, *id)).collect();
    }
    if !finding.came.is_empty() {
        out["came"] = finding.came.iter().map(|one| came(program, one)).collect();
    }
    if let Some(shift) = &finding.shift {
        let gain = match shift.gain {
            Gain::Looser => "looser",
            Gain::Stricter => "stricter",
            Gain::Other => "other",
        };
        out["shift"] = json!({ "old": came(program, &shift.old), "new": came(program, &shift.new), "gain": gain });
    }
    if !finding.suffices.is_empty() {
        out["suffices"] = finding.suffices.iter().map(|id| Json::from(program.input(*id).name.clone())).collect();
    }
    if let Some(count) = &finding.count {
        out["cases"] = count.to_string().into();
    }
    if !finding.classes.is_empty() {
        out["classes"] = finding.classes.iter().map(|one| class(program, one)).collect();
    }
    if let Some(accepted) = &finding.accepted {
        out["accepted"] = accepted.reason.clone().into();
    }
    out
}

fn class(program: &Program, class: &Class) -> Json {
    json!({
        "before": class.before,
        "rules": class.rules.iter().map(|id| program.rule(*id).name.clone()).collect::<Vec<_>>(),
        "cases": class.count.as_ref().map(ToString::to_string),
        "witness": class.witness.as_ref().map(|case| json!({ "case": value::case(program, case) })),
    })
}

fn came(program: &Program, came: &Came) -> Json {
    json!({
        "decision": program.decision(came.decision).name,
        "outcome": value::outcome(program, came.decision, &came.outcome),
        "because": came.because.iter().map(|id| program.rule(*id).name.clone()).collect::<Vec<_>>(),
    })
}

fn witness(program: &Program, witness: &Witness) -> Json {
    match witness {
        Witness::Case(case) => json!({ "case": value::case(program, case) }),
        Witness::Pair(first, second) => {
            json!({ "trace": [value::case(program, first), value::case(program, second)] })
        }
        Witness::Trace(trace) => super::path::json(program, trace, |one| came(program, one)),
    }
}

pub(super) fn evidence(all: &[Evidence], language: Language) -> Json {
    let of = |one: &Evidence| {
        let mut out = json!({ "by": one.by, "says": one.says.in_language(language) });
        if one.silent {
            out["silent"] = true.into();
        }
        out
    };
    all.iter().map(of).collect()
}

fn said(sentences: &[Sentence], language: Language) -> Vec<String> {
    sentences.iter().map(|sentence| sentence.in_language(language)).collect()
}

/// One of the twelve properties: the claims that show it, what is looked at without one, or why nothing was asked.
fn of_twelve(row: &StandardRow, regime: &str, language: Language) -> Json {
    let claims: Vec<Json> = row.claims.iter().map(|one| json!({ "claim": one.claim, "came": one.came })).collect();
    let mut json = json!({ "regime": regime, "property": row.standard.name(), "claims": claims });
    if let Some((what, came)) = &row.itself {
        json["itself"] = json!({ "what": what.in_language(language), "came": came });
    }
    if let Some(why) = &row.why {
        json["why"] = why.sentence().in_language(language).into();
    }
    json
}

fn proof(proof: &Proof, regime: &str, language: Language) -> Json {
    let mut out = Map::new();
    out.insert("property".into(), proof.property.in_language(language).into());
    out.insert("scope".into(), proof.scope.in_language(language).into());
    out.insert("evidence".into(), evidence(&proof.evidence, language));
    out.insert("confirmed".into(), super::confirmed(&proof.evidence).into());
    out.insert("regime".into(), regime.into());
    if let Some(invariant) = &proof.invariant {
        out.insert("invariant".into(), invariant.in_language(language).into());
    }
    if proof.invariant.is_some() || !proof.notes.is_empty() {
        out.insert("notes".into(), said(&proof.notes, language).into());
    }
    Json::Object(out)
}

fn open(program: &Program, undecided: &Undecided, regime: &str, language: Language) -> Json {
    json!({
        "question": undecided.question.in_language(language),
        "rules": undecided.rules.iter().map(|id| value::rule(program, *id)).collect::<Vec<_>>(),
        "reasons": said(&undecided.reasons, language),
        "regime": regime,
    })
}
