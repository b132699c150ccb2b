//! `new`: a small regime that checks, tests and builds, as a place to begin.

use std::path::Path;

use crate::diagnostic::Code;

use super::args::NewArguments;
use super::output::{Exit, Outcome, cannot_write, placeless, replace, say, stop};

/// The files; `NAME` stands for the name of the regime.
const FILES: [(&str, &str); 4] = [
    ("regime.lxp", include_str!("new/regime.lxp")),
    ("cases.lxp", include_str!("new/cases.lxp")),
    ("README.md", include_str!("new/README.md")),
    ("shipment.json", include_str!("new/shipment.json")),
];

/// Runs the command.
pub fn run(arguments: &NewArguments) -> Outcome {
    let folder = &arguments.directory;
    let taken = |what: &str| {
        let title = format!("`{}` {what}: nothing is overwritten", folder.display());
        stop(placeless(Code::CannotWrite, title).help("choose another name"))
    };
    match std::fs::read_dir(folder).map(Iterator::count) {
        Ok(0) => {}
        Ok(_) => return Err(taken("exists and is not empty")),
        Err(_) if folder.exists() => return Err(taken("exists and is no folder")),
        Err(_) => {}
    }
    std::fs::create_dir_all(folder).map_err(|error| stop(cannot_write(folder, &error)))?;
    let name = name(folder);
    for (path, text) in FILES {
        replace(&folder.join(path), text.replace("NAME", &name).as_bytes())?;
    }
    let shown = quoted(&folder.display().to_string());
    let inside = |name: &str| quoted(&folder.join(name).display().to_string());
    let wrote = crate::words::say!("wrote a small regime to {path}", path = shown).in_language(super::output::language());
    say(&format!(
        "{wrote}\n\n  lexport check {shown}\n  lexport test {shown}\n  \
         lexport explain {shown} --case {}\n  lexport build {shown} --to json -o {}\n",
        inside("shipment.json"),
        inside("out")
    ));
    Ok(Exit::Fine)
}

/// A path as a shell reads it as one word.
fn quoted(path: &str) -> String {
    let plain = !path.is_empty() && path.chars().all(|c| c.is_alphanumeric() || "_-./:@%+,=\\".contains(c));
    if plain { path.to_owned() } else { format!("'{}'", path.replace('\'', "'\\''")) }
}

/// A name of the language, from that of the folder.
fn name(folder: &Path) -> String {
    let full = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let last = full.file_name().and_then(|name| name.to_str()).unwrap_or("");
    let plain: String = last.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect();
    let plain = plain.trim_matches('_');
    match plain.chars().next() {
        // A word of the language alone would not be a name.
        Some(first) if first.is_ascii_alphabetic() && plain.len() > 6 && plain.ends_with("regime") => plain.to_owned(),
        Some(first) if first.is_ascii_alphabetic() => format!("{plain}_regime"),
        _ => "my_regime".to_owned(),
    }
}
