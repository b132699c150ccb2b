//! Findings as SARIF 2.1.0, for code hosts and editors. Proofs are results of kind `pass`, and what stayed undecided of kind
//! `open`: neither is left out.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use crate::analysis::{Finding, Witness};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::ir::{OriginId, Program};
use crate::source::{Files, Span};
use crate::words::{list, say};

use super::{Checked, value};

/// The version of the tool goes in; one log comes out.
pub fn log(all: &[Checked<'_>], version: &str) -> Json {
    let mut rules: BTreeMap<Code, usize> = BTreeMap::new();
    for checked in all {
        for message in checked.messages {
            rules.insert(message.code, 0);
        }
        for finding in &checked.report.findings {
            rules.insert(finding.code, 0);
        }
    }
    for (number, index) in rules.values_mut().enumerate() {
        *index = number;
    }
    let mut results = Vec::new();
    for checked in all {
        results.extend(checked.messages.iter().map(|message| said(checked.files, message, &rules)));
        if let Some(program) = checked.program {
            results.extend(checked.report.findings.iter().map(|finding| found(checked, program, finding, &rules)));
            results.extend(checked.report.proved.iter().map(|proof| {
                let by = super::proof_words(proof);
                let text = say!("proved: {property}; {scope}{by}", property = proof.property, scope = proof.scope, by);
                json!({ "kind": "pass", "level": "none", "message": { "text": text.in_language(checked.language) } })
            }));
            results.extend(checked.report.undecided.iter().map(|one| {
                let text = say!("not decided: {question}: {why}", question = one.question, why = list!("; ", &one.reasons));
                json!({ "kind": "open", "level": "none", "message": { "text": text.in_language(checked.language) } })
            }));
        }
    }
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "lexport",
                "version": version,
                "informationUri": "https://github.com/lexport/lexport",
                "rules": rules.keys().map(|code| json!({
                    "id": code.name(),
                    "shortDescription": { "text": code.title() },
                    "helpUri": format!("https://github.com/lexport/lexport/blob/main/docs/diagnostics/{code}.md"),
                    "defaultConfiguration": { "level": level(code.severity()) },
                })).collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn said(files: &Files, message: &Diagnostic, rules: &BTreeMap<Code, usize>) -> Json {
    let mut text = message.title.clone();
    for note in &message.notes {
        text.push_str(". ");
        text.push_str(note);
    }
    let mut places = message.labels.iter().filter_map(|label| location(files, label.span, &label.message));
    let mut out = json!({
        "ruleId": message.code.name(),
        "ruleIndex": rules.get(&message.code),
        "level": level(message.severity),
        "message": { "text": text },
        "locations": places.next().into_iter().collect::<Vec<_>>(),
    });
    let related: Vec<Json> = places.collect();
    if !related.is_empty() {
        out["relatedLocations"] = related.into();
    }
    let fixes: Vec<Json> = message
        .fixes
        .iter()
        .filter_map(|fix| {
            let (span, with) = fix.edit.as_ref()?;
            let file = files.get(span.file?);
            Some(json!({
                "description": { "text": fix.message },
                "artifactChanges": [{
                    "artifactLocation": { "uri": uri(&file.path) },
                    "replacements": [{ "deletedRegion": region(files, *span)?, "insertedContent": { "text": with } }],
                }],
            }))
        })
        .collect();
    if !fixes.is_empty() {
        out["fixes"] = fixes.into();
    }
    out
}

fn found(checked: &Checked<'_>, program: &Program, finding: &Finding, rules: &BTreeMap<Code, usize>) -> Json {
    let language = checked.language;
    let mut text = finding.title.in_language(language);
    if let Some(Witness::Case(case)) = &finding.witness {
        let values: Vec<String> = program
            .input_ids()
            .filter_map(|id| {
                Some(format!("{} {}", program.input(id).name, value::input_words(program, id, case.get(id)?, language)))
            })
            .collect();
        text.push_str(&say!(". For example: {case}", case = list!(", ", values)).in_language(language));
    }
    if let Some(Witness::Trace(trace)) = &finding.witness {
        text.push_str(&format!(", {}", super::path::line(program, trace, language).in_language(language)));
    }
    for note in &finding.notes {
        text.push_str(&format!(". {}", note.in_language(language)));
    }
    let mut origins: Vec<OriginId> = finding.origins.clone();
    origins.extend(finding.rules.iter().map(|rule| program.rule(*rule).origin));
    let mut seen = Vec::new();
    origins.retain(|origin| {
        let fresh = !seen.contains(origin);
        seen.push(*origin);
        fresh
    });
    let mut places = origins.iter().filter_map(|id| location(checked.files, program.origin(*id).span, ""));
    let mut out = json!({
        "ruleId": finding.code.name(),
        "ruleIndex": rules.get(&finding.code),
        "level": level(finding.severity),
        "message": { "text": text },
        "locations": places.next().into_iter().collect::<Vec<_>>(),
        "properties": {
            "kind": super::json::kind(finding.kind),
            "regime": checked.name(),
            "rules": finding.rules.iter().map(|id| program.rule(*id).name.clone()).collect::<Vec<_>>(),
            "evidence": super::evidence_words(&finding.evidence).in_language(language),
        },
    });
    let related: Vec<Json> = places.collect();
    if !related.is_empty() {
        out["relatedLocations"] = related.into();
    }
    if let Some(Witness::Trace(trace)) = &finding.witness {
        let at = |(origin, said): (OriginId, String)| {
            let span = program.origin(origin).span;
            // The library is no file that anybody could open: who uses its pattern is.
            let library = span.file.is_some_and(|file| checked.files.get(file).path.starts_with("std/"));
            let span = if library { program.origin(program.processes[trace.process].origin).span } else { span };
            let location = location(checked.files, span, &said)?;
            Some(json!({ "location": location }))
        };
        let steps: Vec<Json> = super::path::flow(program, trace, language).into_iter().filter_map(at).collect();
        if !steps.is_empty() {
            out["codeFlows"] = json!([{ "threadFlows": [{ "locations": steps }] }]);
        }
    }
    if let Some(accepted) = &finding.accepted {
        out["suppressions"] = json!([{ "kind": "inSource", "justification": accepted.reason }]);
    }
    out
}

fn location(files: &Files, span: Span, message: &str) -> Option<Json> {
    let file = files.get(span.file?);
    let mut out = json!({
        "physicalLocation": { "artifactLocation": { "uri": uri(&file.path) }, "region": region(files, span)? },
    });
    if !message.is_empty() {
        out["message"] = json!({ "text": message });
    }
    Some(out)
}

fn region(files: &Files, span: Span) -> Option<Json> {
    let file = files.get(span.file?);
    let (line, column) = file.lines.position(&file.text, span.start);
    let (end_line, end_column) = file.lines.position(&file.text, span.end);
    Some(json!({ "startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column }))
}

/// A path as a relative reference: what is not plain is percent-encoded.
fn uri(path: &str) -> String {
    let mut out = String::new();
    if path.starts_with('/') {
        out.push_str("file://");
    }
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b'~' => out.push(char::from(byte)),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
