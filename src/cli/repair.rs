//! `repair`: changes of the text that remove findings, each checked before it is offered.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value as Json, json};

use crate::analysis::Options;
use crate::diagnostic::Code;
use crate::repair::{Edit, Outcome as Found, Refused, Repair, Trouble, edited, repair};
use crate::source::{DiskLoader, Loader};
use crate::words::{Language, say};

use super::args::{PlainFormat, RepairArguments};
use super::input::threads;
use super::kept::Opening;
use super::output::{self, Exit, Outcome, placeless, replace, stop, stop_all};
use super::waiting::Waiting;

/// Runs the command.
pub fn run(arguments: &RepairArguments) -> Outcome {
    threads(arguments.jobs)?;
    let path = absolute(&arguments.path);
    let waiting = Waiting::begin();
    let options = Options {
        listener: Some(waiting.listener()),
        today: output::today(),
        seconds: arguments.timeout,
        depth: arguments.depth,
        worker: super::kept::program(),
        cache: Opening::begin(&arguments.kept).end(),
        ..Options::default()
    };
    output::stage("looking for changes");
    let found = repair(&DiskLoader, &path, &arguments.claims, &options);
    drop(waiting);
    let found = found.map_err(|trouble| match trouble {
        Trouble::Broken(compilation) => stop_all(&compilation.files, &compilation.messages),
        Trouble::NoSuchName(name, known) => {
            let message = placeless(Code::UnknownName, format!("there is no claim and no decision `{name}`"));
            let near = crate::driver::nearest(&name, known.iter().map(String::as_str));
            stop(match near {
                Some(near) => message.help(format!("did you mean `{near}`?")),
                None => message.note(format!("there are {}", known.join(", "))),
            })
        }
        Trouble::NoSuchFinding { name, settled, known } => {
            let title = if settled {
                format!("there is nothing to repair about `{name}`: what is claimed holds, or no conflict is found")
            } else {
                format!("nothing is found about `{name}`, and not everything about it was settled")
            };
            let message = placeless(Code::BadArgument, title);
            stop(match known.as_slice() {
                [] => message.note("`check` finds no conflict, no property that does not hold and no way around"),
                known => message.note(format!("there is something about {}", known.join(", "))),
            })
        }
    })?;
    let language = output::language();
    match arguments.format {
        PlainFormat::Text => output::print(&story(&found, language)),
        PlainFormat::Json => output::print(&format!("{:#}\n", document(&found))),
    }
    if let Some(number) = arguments.apply {
        let mut offered = found.repaired.iter().flat_map(|one| &one.repairs);
        let count = offered.clone().count();
        let Some(chosen) = number.checked_sub(1).and_then(|at| offered.nth(at)) else {
            let title = format!("`--apply {number}`: {count} {} offered", if count == 1 { "change is" } else { "changes are" });
            return Err(stop(placeless(Code::BadArgument, title)));
        };
        apply(chosen)?;
        let (number, what) = (number.to_string(), chosen.what.clone());
        output::say(&format!("{}\n", say!("written: number {number}, {what}", number, what).in_language(language)));
    }
    let left = found.repaired.iter().any(|one| one.repairs.is_empty());
    Ok(match (left, found.open.is_empty()) {
        (true, _) => Exit::Findings,
        (false, false) => Exit::Undecided,
        (false, true) => Exit::Fine,
    })
}

/// A path from the root: what stood there before the edits is found below a folder, from which no path may climb.
fn absolute(path: &str) -> String {
    std::path::absolute(path).map_or_else(|_| path.to_owned(), |whole| whole.to_string_lossy().into_owned())
}

/// A path as seen from here.
fn from_here(path: &str) -> String {
    let here = std::env::current_dir().ok();
    let below = here.and_then(|here| Path::new(path).strip_prefix(here).ok().map(|rest| rest.to_string_lossy().into_owned()));
    below.unwrap_or_else(|| path.to_owned())
}

fn apply(repair: &Repair) -> Result<(), output::Stop> {
    let mut paths: Vec<&str> = repair.edits.iter().map(|edit| edit.path.as_str()).collect();
    paths.dedup();
    for path in paths {
        let edits: Vec<&Edit> = repair.edits.iter().filter(|edit| edit.path == path).collect();
        let text = DiskLoader.load(path).ok().and_then(|text| edited(&text, &edits));
        let Some(text) = text else {
            return Err(stop(
                placeless(Code::CannotWrite, format!("`{path}` has changed since it was read")).help("run `repair` again"),
            ));
        };
        replace(std::path::Path::new(path), text.as_bytes())?;
    }
    Ok(())
}

/// The whole answer as text.
fn story(found: &Found, language: Language) -> String {
    let mut out = String::new();
    if found.repaired.is_empty() && found.open.is_empty() {
        let said = say!("no conflict, no property that does not hold, no way around: there is nothing that `repair` looks at");
        return format!("{}\n", said.in_language(language));
    }
    for question in &found.open {
        let _ = writeln!(out, "{}", say!("not decided: {question}", question = question.clone()).in_language(language));
    }
    let mut number = 0;
    for one in &found.repaired {
        let (claim, offered, tried) = (one.claim.as_str(), one.repairs.len(), one.tried);
        let head = match offered {
            0 if tried == 0 => {
                say!(
                    "`{claim}`: nothing to try: no rule or cap of this law's own text is asked there (what it replaces or amends is not changed)",
                    claim
                )
            }
            0 => say!(
                "`{claim}`: none of {tried} {tried:change|changes} that were tried removes it and nothing else",
                claim,
                tried
            ),
            _ => say!(
                "`{claim}`: {offered} {offered:change removes|changes remove} it, of {tried} that were tried",
                claim,
                offered,
                tried
            ),
        };
        let _ = writeln!(out, "{}\n", head.in_language(language));
        for refused in &one.refused {
            let (what, why) = (refused.what.clone(), refused.why.clone());
            let _ = writeln!(out, "   {}", say!("not offered: {what} ({why})", what, why).in_language(language));
        }
        if !one.refused.is_empty() {
            out.push('\n');
        }
        for repair in &one.repairs {
            number += 1;
            let _ = writeln!(out, "{number}. {}", repair.what.in_language(language));
            for edit in &repair.edits {
                out.push_str(&lines(edit));
            }
            if repair.impact.is_empty() {
                let _ = writeln!(out, "   {}", say!("no other outcome changes").in_language(language));
            }
            for change in &repair.impact {
                let _ = writeln!(out, "   {}", change.in_language(language));
            }
            out.push('\n');
        }
    }
    out
}

/// The lines that an edit touches, before and after.
fn lines(edit: &Edit) -> String {
    let Ok(text) = DiskLoader.load(&edit.path) else { return String::new() };
    let start = text[..edit.range.start].rfind('\n').map_or(0, |at| at + 1);
    let end = text[edit.range.end..].find('\n').map_or(text.len(), |at| edit.range.end + at);
    let number = text[..start].matches('\n').count() + 1;
    let old = &text[start..end];
    let new = format!("{}{}{}", &text[start..edit.range.start], edit.with, &text[edit.range.end..end]);
    let mut out = format!("   {}:{number}\n", from_here(&edit.path));
    let lines = |text: &str| -> Vec<String> { text.lines().map(|line| line.trim_end().to_owned()).collect() };
    let (old, new) = (lines(old), lines(&new));
    let same = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    for (sign, lines) in [('-', &old[same..]), ('+', &new[same..])] {
        for line in lines.iter().filter(|line| !line.trim().is_empty()) {
            let _ = writeln!(out, "   {sign} {line}");
        }
    }
    out
}

fn document(found: &Found) -> Json {
    let of = |repair: &Repair| {
        let edits: Vec<Json> = repair
            .edits
            .iter()
            .map(|edit| json!({ "file": from_here(&edit.path), "start": edit.range.start, "end": edit.range.end, "with": edit.with }))
            .collect();
        let impact: Vec<String> = repair.impact.iter().map(ToString::to_string).collect();
        json!({
            "what": repair.what.to_string(),
            "edits": edits,
            "changed": repair.changed.as_ref().map(ToString::to_string),
            "impact": impact,
        })
    };
    let refused = |one: &Refused| json!({ "what": one.what.to_string(), "why": one.why.to_string() });
    let claims: Vec<Json> = found
        .repaired
        .iter()
        .map(|one| {
            json!({
                "claim": one.claim,
                "tried": one.tried,
                "repairs": one.repairs.iter().map(of).collect::<Vec<_>>(),
                "refused": one.refused.iter().map(refused).collect::<Vec<_>>(),
            })
        })
        .collect();
    let open: Vec<String> = found.open.iter().map(ToString::to_string).collect();
    json!({ "schema": "lexport.repairs/1", "claims": claims, "undecided": open })
}
