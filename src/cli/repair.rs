//! `repair`: changes of the text that remove findings, each checked before it is offered.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use crate::analysis::Options;
use crate::diagnostic::Code;
use crate::repair::{Edit, Repair, Repaired, Trouble, edited, repair};
use crate::source::{DiskLoader, Loader};
use crate::words::{Language, say};

use super::args::{PlainFormat, RepairArguments};
use super::input::threads;
use super::output::{self, Exit, Outcome, placeless, stop, stop_all, write};

/// Runs the command.
pub fn run(arguments: &RepairArguments) -> Outcome {
    threads(arguments.jobs)?;
    let path = absolute(&arguments.path);
    let options = Options {
        today: output::today(),
        seconds: arguments.timeout,
        depth: arguments.depth,
        worker: std::env::current_exe().ok(),
        ..Options::default()
    };
    output::stage("looking for changes");
    let all = repair(&DiskLoader, &path, &arguments.claims, &options).map_err(|trouble| match trouble {
        Trouble::Broken(compilation) => stop_all(&compilation.files, &compilation.messages),
        Trouble::NoSuchFinding(name, known) => {
            let message = placeless(Code::UnknownName, format!("nothing is found about `{name}` that could be repaired"));
            stop(match known.as_slice() {
                [] => message.note("`check` finds no conflict, no property that does not hold and no way around"),
                known => message.note(format!("there is something about {}", known.join(", "))),
            })
        }
    })?;
    let language = output::language();
    match arguments.format {
        PlainFormat::Text => output::print(&story(&all, language)),
        PlainFormat::Json => output::print(&format!("{:#}\n", document(&all))),
    }
    if let Some(number) = arguments.apply {
        let [one] = all.as_slice() else {
            return Err(stop(
                placeless(Code::BadArgument, "`--apply` needs one finding")
                    .help("name the claim: lexport repair PATH CLAIM --apply 1"),
            ));
        };
        let Some(chosen) = number.checked_sub(1).and_then(|at| one.repairs.get(at)) else {
            let title = format!("`--apply {number}`: {} changes are offered", one.repairs.len());
            return Err(stop(placeless(Code::BadArgument, title)));
        };
        apply(chosen)?;
    }
    let left = all.iter().any(|one| one.repairs.is_empty());
    Ok(if left { Exit::Findings } else { Exit::Fine })
}

/// A path that leads upward, from the root: what stood there before the edits is found below a folder.
fn absolute(path: &str) -> String {
    match std::path::absolute(path) {
        Ok(whole) if path.starts_with("..") => whole.to_string_lossy().into_owned(),
        _ => path.to_owned(),
    }
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
        write(std::path::Path::new(path), text.as_bytes())?;
    }
    Ok(())
}

/// The whole answer as text.
fn story(all: &[Repaired], language: Language) -> String {
    let mut out = String::new();
    if all.is_empty() {
        return format!("{}\n", say!("there is nothing to repair").in_language(language));
    }
    for one in all {
        let (claim, offered, tried) = (one.claim.as_str(), one.repairs.len(), one.tried);
        let head = match offered {
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
        for (number, repair) in one.repairs.iter().enumerate() {
            let _ = writeln!(out, "{}. {}", number + 1, repair.what.in_language(language));
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
    let mut out = format!("   {}:{number}\n", edit.path);
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let same = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    for (sign, lines) in [('-', &old[same..]), ('+', &new[same..])] {
        for line in lines.iter().filter(|line| !line.trim().is_empty()) {
            let _ = writeln!(out, "   {sign} {}", line.trim_end());
        }
    }
    out
}

fn document(all: &[Repaired]) -> Json {
    let of = |repair: &Repair| {
        let edits: Vec<Json> = repair
            .edits
            .iter()
            .map(|edit| json!({ "file": edit.path, "start": edit.range.start, "end": edit.range.end, "with": edit.with }))
            .collect();
        let impact: Vec<String> = repair.impact.iter().map(ToString::to_string).collect();
        json!({
            "what": repair.what.to_string(),
            "edits": edits,
            "changed": repair.changed.as_ref().map(ToString::to_string),
            "impact": impact,
        })
    };
    let claims: Vec<Json> = all
        .iter()
        .map(|one| json!({ "claim": one.claim, "tried": one.tried, "repairs": one.repairs.iter().map(of).collect::<Vec<_>>() }))
        .collect();
    json!({ "schema": "lexport.repairs/1", "claims": claims })
}
