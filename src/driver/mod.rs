//! One compilation: from a path to a program, each stage once.
//!
//! In: a path and a [`Loader`]. Out: a [`Compilation`]: the texts, the messages, and as many stages as could be reached.
//! It neither prints nor writes.

mod case;
mod json;
mod library;
mod literate;
mod load;

pub use case::{Constants, Misfit, allowed, fits, nearest, read_arguments, read_case, said_unknown, short_for, value};
pub use json::{Entry, Given, JsonError, entries};
pub use library::{Library, library_files};

use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::elaborate::{Sources, elaborate};
use crate::ir::Program;
use crate::lower::lower;
use crate::model::Policy;
use crate::source::{Files, Loader, Span};
use crate::syntax::{MAX_ERRORS, too_many};

/// The stages of one compilation.
#[derive(Debug, Default)]
pub struct Compilation {
    /// All texts that were read.
    pub files: Files,
    /// What was said, by place.
    pub messages: Vec<Diagnostic>,
    /// The parsed files.
    pub sources: Sources,
    /// The model, if there was no error before it.
    pub policy: Option<Policy>,
    /// The program, if there was no error at all.
    pub program: Option<Program>,
}

impl Compilation {
    /// Compiles a regime: a `.lxp` file, a literate `.md` file, or a folder.
    pub fn load(loader: &dyn Loader, path: &str) -> Compilation {
        Self::compile(loader, path, None)
    }

    /// Compiles two regimes into one program, to compare them: the first regime of the program is the new one, the second
    /// the old one, whose decisions and rules have the prefix `old::` (`previous::` where the new one uses `old` itself).
    pub fn load_pair(loader: &dyn Loader, new: &str, old: &str) -> Compilation {
        Self::compile(loader, new, Some(old))
    }

    fn compile(loader: &dyn Loader, path: &str, old: Option<&str>) -> Compilation {
        let loader = Library::over(loader);
        let mut compilation = Compilation::default();
        let (sources, mut messages) = load::sources(&loader, &mut compilation.files, path, old);
        // Without one of two regimes nothing can be compared, and every message would say so in other words.
        let read = sources.regimes.iter().filter(|regime| regime.span == Span::NOWHERE && !regime.modules.is_empty());
        if read.count() < 1 + usize::from(old.is_some()) {
            compilation.sources = sources;
            compilation.messages = few(messages);
            return compilation;
        }
        let alone = load::read_alone(&loader, &sources, path);
        if let Some(part) = alone.as_ref().filter(|part| part.no_regime) {
            // Everything else that would be said follows from this.
            messages.push(part.message(&sources));
            compilation.sources = sources;
            compilation.messages = few(messages);
            return compilation;
        }
        let readable = !messages.iter().any(|message| message.severity == Severity::Error);
        if !sources.regimes.is_empty() {
            let (policy, mut more) = elaborate(&sources, &mut compilation.files, &loader);
            // Two regimes in one folder declare much twice, which is not what has to be mended.
            if more.iter().any(|message| message.code == Code::TwoRegimes) {
                more.retain(|message| message.code == Code::TwoRegimes);
            }
            // After a syntax error a missing name is perhaps only in the part that could not be read.
            messages.extend(more.into_iter().filter(|message| readable || !follows_from_syntax(message)));
            let unknown = messages.iter().any(|message| message.code == Code::UnknownName);
            messages.extend(alone.filter(|_| unknown).map(|part| part.message(&sources)));
            compilation.policy = policy.filter(|_| readable);
        }
        compilation.sources = sources;
        if let Some(policy) = &compilation.policy {
            match lower(policy, &compilation.files) {
                Ok(program) => compilation.program = Some(program),
                Err(more) => messages.extend(more),
            }
        }
        compilation.messages = few(messages);
        compilation
    }

    /// Whether an error was said.
    pub fn failed(&self) -> bool {
        self.messages.iter().any(|message| message.severity == Severity::Error)
    }
}

/// Messages by place, each once; of many errors the first ones.
fn few(mut messages: Vec<Diagnostic>) -> Vec<Diagnostic> {
    messages.sort_by(|a, b| (a.span(), a.code, &a.title).cmp(&(b.span(), b.code, &b.title)));
    messages.dedup();
    let is_error = |message: &Diagnostic| message.severity == Severity::Error && message.code != Code::TooManyErrors;
    let Some((beyond, first)) = messages.iter().enumerate().filter(|(_, message)| is_error(message)).nth(MAX_ERRORS) else {
        return messages;
    };
    let rest = too_many(first.span());
    messages.truncate(beyond);
    messages.retain(|message| message.code != Code::TooManyErrors);
    messages.push(rest);
    messages
}

/// Messages that a syntax error elsewhere may have caused.
fn follows_from_syntax(message: &Diagnostic) -> bool {
    matches!(
        message.code,
        Code::UnknownName | Code::NoRegime | Code::MissingValue | Code::UnusedDeclaration | Code::Dangling | Code::NoDateInput
    )
}
