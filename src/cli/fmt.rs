//! `fmt`: files in the canonical layout. A file with syntax errors is left as it is.

use std::path::Path;

use crate::diagnostic::{Code, Severity};
use crate::source::{DiskLoader, Files, LoadError, Loader};
use crate::syntax::{self, ast::Unit};

use super::args::FmtArguments;
use super::output::{self, Exit, Outcome, Stop, placeless, print, replace, show, stop};

/// Runs the command.
pub fn run(arguments: &FmtArguments) -> Outcome {
    output::stage("formatting");
    let mut exit = Exit::Fine;
    for path in &arguments.paths {
        for file in files(path)? {
            exit = exit.and(one(&file, arguments.check)?);
        }
    }
    Ok(exit)
}

/// The files that a path means.
fn files(path: &str) -> Result<Vec<String>, Stop> {
    match DiskLoader.list(path) {
        Ok(Some(files)) => Ok(files.into_iter().filter(|file| file.ends_with(".lxp")).collect()),
        Ok(None) if path.ends_with(".md") => {
            let message = placeless(Code::BadArgument, format!("`{path}`: the layout of a literate file is its author's"));
            Err(stop(message.help("format files that end in .lxp")))
        }
        Ok(None) => Ok(vec![path.to_owned()]),
        Err(error) => Err(unreadable(path, &error)),
    }
}

fn unreadable(path: &str, error: &LoadError) -> Stop {
    let (code, why) = match error {
        LoadError::Missing => (Code::MissingFile, "there is no such file or folder".to_owned()),
        LoadError::TooLarge(bytes) => (Code::TooLarge, format!("it has {bytes} bytes")),
        LoadError::NotUtf8(at) => (Code::NotUtf8, format!("byte {at} is not UTF-8")),
        LoadError::Io(words) => (Code::MissingFile, words.clone()),
    };
    stop(placeless(code, format!("cannot read `{path}`")).note(why))
}

fn one(path: &str, check: bool) -> Outcome {
    let text = DiskLoader.load(path).map_err(|error| unreadable(path, &error))?;
    let mut texts = Files::default();
    let Ok(file) = texts.add(path, &text) else {
        return Err(unreadable(path, &LoadError::TooLarge(text.len() as u64)));
    };
    let (unit, messages) = syntax::parse(file, &text);
    if messages.iter().any(|message| message.severity == Severity::Error) {
        show(&texts, &messages);
        return Ok(Exit::Input);
    }
    let printed = syntax::print(&unit, &text);
    if printed == text {
        return Ok(Exit::Fine);
    }
    if check {
        print(&format!("{path}\n"));
        return Ok(Exit::Findings);
    }
    // What was written must be what is read again; otherwise the file is worth more than its layout.
    let (again, messages) = syntax::parse(file, &printed);
    if !same(&again, &unit) || messages.iter().any(|message| message.severity == Severity::Error) {
        let message =
            placeless(Code::Internal, format!("`{path}` would not read the same after formatting: it is left as it is"));
        return Err(stop(message));
    }
    replace(Path::new(path), printed.as_bytes())?;
    Ok(Exit::Fine)
}

/// Whether two trees say the same, with the same comments; places may differ.
fn same(a: &Unit, b: &Unit) -> bool {
    let comments = |unit: &Unit| {
        let mut texts: Vec<String> = unit.comments.iter().map(|comment| comment.text.trim().to_owned()).collect();
        texts.sort_unstable();
        texts
    };
    told(a) == told(b) && comments(a) == comments(b)
}

/// A tree as text, without its places.
fn told(unit: &Unit) -> String {
    let debug = format!("{:?}", unit.items);
    let mut parts = debug.split("Span {");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(part.split_once('}').map_or("", |(_, rest)| rest));
    }
    out
}
