//! How commands write, end, and fail: results to standard output, everything else to standard error, files beside their place
//! first and then moved.

use std::io::{IsTerminal, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::sync::{Mutex, OnceLock};

use crate::diagnostic::{Code, Diagnostic};
use crate::report::terminal::{self, Style};
use crate::source::{Files, Span};
use crate::words::Language;

use super::args::Lang;

/// How a command ends, worst last but one: what is undecided counts only if nothing worse happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Nothing at or above the denied level.
    Fine,
    /// Findings.
    Findings,
    /// The input could not be used.
    Input,
    /// Something stayed undecided.
    Undecided,
}

impl Exit {
    /// The worse of two: unusable input, then findings, then undecided.
    pub fn and(self, other: Exit) -> Exit {
        let rank = |exit: Exit| match exit {
            Exit::Fine => 0,
            Exit::Undecided => 1,
            Exit::Findings => 2,
            Exit::Input => 3,
        };
        if rank(self) >= rank(other) { self } else { other }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(match exit {
            Exit::Fine => 0,
            Exit::Findings => 1,
            Exit::Input => 2,
            Exit::Undecided => 3,
        })
    }
}

/// A command that cannot go on. What there is to say has been said.
#[derive(Clone, Copy, Debug)]
pub struct Stop {
    /// How it ends.
    pub exit: Exit,
}

/// What a command comes to.
pub type Outcome = Result<Exit, Stop>;

static ASKED: OnceLock<Option<Language>> = OnceLock::new();

/// Chooses the language of all that is written, if one is asked for.
pub fn speak(lang: Option<Lang>) {
    let asked = lang.map(|lang| match lang {
        Lang::En => Language::English,
        Lang::Fr => Language::French,
    });
    let _ = ASKED.set(asked);
}

/// The language that was asked for on the command line.
fn asked() -> Option<Language> {
    ASKED.get().copied().flatten()
}

/// The language of what people read: the one that is asked for, else that of the locale.
pub fn language() -> Language {
    asked().unwrap_or_else(locale)
}

/// The language of sentences in documents for tools: it does not depend on the surroundings.
pub fn language_for_tools() -> Language {
    asked().unwrap_or_default()
}

/// The language of the locale: of these the first that is set counts, as everywhere.
fn locale() -> Language {
    let set = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(|name| std::env::var(name).ok());
    set.filter(|value| !value.is_empty()).map(|value| Language::of_tag(&value)).next().flatten().unwrap_or_default()
}

/// How to write to standard error.
pub fn error_style() -> Style {
    style(std::io::stderr().is_terminal())
}

/// How to write to standard output.
pub fn style_out() -> Style {
    style(std::io::stdout().is_terminal())
}

fn style(terminal: bool) -> Style {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let width = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok()).unwrap_or(100);
    Style { color: terminal && !refused, width: width.clamp(50, 140), language: language() }
}

/// Why some result did not come to standard output.
static LOST: Mutex<Option<std::io::Error>> = Mutex::new(None);

/// Writes a result to standard output. A reader that went away (`| head`) is no error; another is told when the command ends.
pub fn print(text: &str) {
    print_with(|out| out.write_all(text.as_bytes()));
}

/// The same for what is not one text.
pub fn print_with(write: impl FnOnce(&mut dyn std::io::Write) -> std::io::Result<()>) {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let written = write(&mut out).and_then(|()| out.flush());
    if let Err(error) = written
        && error.kind() != std::io::ErrorKind::BrokenPipe
        && let Ok(mut lost) = LOST.lock()
    {
        lost.get_or_insert(error);
    }
}

/// How a command ends whose results may not all have come to standard output.
pub fn end(exit: Exit) -> Exit {
    match LOST.lock().ok().and_then(|mut lost| lost.take()) {
        Some(error) => stop(cannot_write(Path::new("standard output"), &error)).exit,
        None => exit,
    }
}

/// Says something on standard error.
pub fn say(text: &str) {
    let mut out = std::io::stderr().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Shows diagnostics on standard error.
pub fn show(files: &Files, messages: &[Diagnostic]) {
    say(&terminal::diagnostics(files, messages, error_style()));
}

/// Ends a command with one message.
pub fn stop(message: Diagnostic) -> Stop {
    stop_all(&Files::default(), &[message])
}

/// Ends a command with messages.
pub fn stop_all(files: &Files, messages: &[Diagnostic]) -> Stop {
    show(files, messages);
    Stop { exit: Exit::Input }
}

/// A message without a place.
pub fn placeless(code: Code, title: impl Into<String>) -> Diagnostic {
    Diagnostic::new(code, title, Span::NOWHERE, "")
}

/// Why a path cannot be written, as a message.
pub fn cannot_write(path: &Path, error: &std::io::Error) -> Diagnostic {
    placeless(Code::CannotWrite, format!("cannot write `{}`", path.display())).note(error.to_string())
}

/// A file that appears at its place only when it is whole.
pub struct Whole {
    file: tempfile::NamedTempFile,
    path: std::path::PathBuf,
}

impl Whole {
    /// Begins a file.
    ///
    /// # Errors
    /// [`Stop`] if its folder cannot be written to.
    pub fn begin(path: &Path) -> Result<Whole, Stop> {
        let refuse = |why: String| stop(placeless(Code::CannotWrite, format!("cannot write `{}`: {why}", path.display())));
        // What a link points to is written, not the link.
        let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        match std::fs::metadata(&target) {
            Ok(there) if there.is_dir() => return Err(refuse("it is a folder".into())),
            Ok(there) if !there.is_file() => return Err(refuse("it is a device or a pipe, not a file".into())),
            _ => {}
        }
        let folder = match target.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        if let Some(file) = folder.ancestors().find(|folder| folder.is_file()) {
            return Err(refuse(format!("`{}` is a file, where a folder is needed", file.display())));
        }
        let begun =
            std::fs::create_dir_all(folder).and_then(|()| tempfile::Builder::new().prefix(".lexport-").tempfile_in(folder));
        match begun {
            Ok(file) => Ok(Whole { file, path: target }),
            Err(error) => Err(stop(cannot_write(path, &error))),
        }
    }

    /// Where to write.
    pub fn file(&mut self) -> &mut std::fs::File {
        self.file.as_file_mut()
    }

    /// Puts the file in its place, with the permissions that an ordinary new file has or the old file had.
    ///
    /// # Errors
    /// [`Stop`] if it cannot be moved there.
    pub fn finish(self) -> Result<(), Stop> {
        permissions(&self.file, &self.path);
        let path = self.path;
        match self.file.persist(&path) {
            Ok(_) => Ok(()),
            Err(error) => Err(stop(cannot_write(&path, &error.error))),
        }
    }
}

#[cfg(unix)]
fn permissions(file: &tempfile::NamedTempFile, path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(path).map_or(0o644, |old| old.permissions().mode());
    let _ = file.as_file().set_permissions(std::fs::Permissions::from_mode(mode));
}

#[cfg(not(unix))]
fn permissions(_: &tempfile::NamedTempFile, _: &Path) {}

/// Refuses to write where a command reads: over its own source, over data or a table. Nor is a key ever written over, whoever reads it.
///
/// # Errors
/// [`Stop`] if the place is one of the files that are read, under whatever name, or holds a key.
pub fn apart<P: AsRef<Path>>(path: &Path, reads: &[P]) -> Result<(), Stop> {
    if reads.iter().any(|read| same(read.as_ref(), path)) {
        let title = format!("`{}` is both what is read and what is written", path.display());
        return Err(stop(placeless(Code::BadArgument, title).help("write to another file, or into another folder")));
    }
    if holds_key(path) {
        let title = format!("`{}` is a key, and no key is written over", path.display());
        return Err(stop(
            placeless(Code::CannotWrite, title).help("write to another file; if nobody needs the key any more, remove it"),
        ));
    }
    Ok(())
}

/// Whether two paths are one file on the disk; a terminal may well be read and written.
fn same(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(a), Ok(b)) => a.is_file() && (a == b || same_node(&a, &b)),
        _ => false,
    }
}

#[cfg(unix)]
fn same_node(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    match (std::fs::metadata(one), std::fs::metadata(other)) {
        (Ok(one), Ok(other)) => (one.dev(), one.ino()) == (other.dev(), other.ino()),
        _ => false,
    }
}

#[cfg(not(unix))]
fn same_node(_: &Path, _: &Path) -> bool {
    false
}

/// Whether there is a key in the form in which `keygen` and OpenSSL write one.
fn holds_key(path: &Path) -> bool {
    let mut begin = Vec::new();
    let read = path.is_file()
        && std::fs::File::open(path)
            .and_then(|file| std::io::Read::read_to_end(&mut std::io::Read::take(file, 64), &mut begin))
            .is_ok();
    let first = begin.split(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii();
    read && first.starts_with(b"-----BEGIN ") && first.ends_with(b"KEY-----")
}

/// A name that is not taken: itself, or with `lexport.` before it.
pub fn untaken(name: &str, taken: impl Fn(&str) -> bool) -> String {
    let mut name = name.to_owned();
    while taken(&name) {
        name.insert_str(0, "lexport.");
    }
    name
}

/// Writes a whole file. `reads`: the files that the command has read.
///
/// # Errors
/// [`Stop`] if it cannot be written; what stood there before is then unharmed.
pub fn write<P: AsRef<Path>>(path: &Path, bytes: &[u8], reads: &[P]) -> Result<(), Stop> {
    apart(path, reads)?;
    replace(path, bytes)
}

/// Writes a whole file, which may be one that was read: what is asked for is to change it.
///
/// # Errors
/// As [`write()`].
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), Stop> {
    let mut whole = Whole::begin(path)?;
    if let Err(error) = whole.file().write_all(bytes) {
        return Err(stop(cannot_write(path, &error)));
    }
    whole.finish()
}

static STAGE: Mutex<&'static str> = Mutex::new("reading the command line");

/// Says what is being done, for the report of a bug.
pub fn stage(what: &'static str) {
    if let Ok(mut stage) = STAGE.lock() {
        *stage = what;
    }
}

/// Makes a panic a report of a bug that says what to do.
pub fn catch_panics() {
    std::panic::set_hook(Box::new(|info| {
        let what = info
            .payload()
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| info.payload().downcast_ref::<String>().cloned())
            .unwrap_or_else(|| "something went wrong".to_owned());
        let place = info.location().map(|place| format!("at {}:{}", place.file(), place.line())).unwrap_or_default();
        let stage = STAGE.lock().map_or("an unknown stage", |stage| *stage);
        let stage = format!("while {stage} {place}");
        say(&terminal::bug(env!("CARGO_PKG_VERSION"), &what, &stage, error_style()));
    }));
}

/// The day it is, as days since 1970-01-01, for acceptances that end. `SOURCE_DATE_EPOCH` fixes it, as for other tools.
pub fn today() -> Option<i64> {
    let fixed = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|text| text.parse::<i64>().ok());
    let seconds = fixed.or_else(|| {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).ok()?;
        i64::try_from(since.as_secs()).ok()
    })?;
    Some(seconds.div_euclid(86_400))
}
