//! Collects messages, sorts them by place, drops doubles.

use super::{Diagnostic, Severity};

/// The messages of a compilation so far.
#[derive(Clone, Debug, Default)]
pub struct Sink {
    messages: Vec<Diagnostic>,
}

impl Sink {
    /// Adds a message.
    pub fn push(&mut self, message: Diagnostic) {
        self.messages.push(message);
    }

    /// Whether an error was said.
    pub fn has_errors(&self) -> bool {
        self.messages.iter().any(|message| message.severity == Severity::Error)
    }

    /// How many errors were said.
    pub fn errors(&self) -> usize {
        self.messages.iter().filter(|message| message.severity == Severity::Error).count()
    }

    /// The messages by place, without doubles.
    pub fn into_sorted(mut self) -> Vec<Diagnostic> {
        self.messages.sort_by(|a, b| (a.span(), a.code, &a.title).cmp(&(b.span(), b.code, &b.title)));
        self.messages.dedup();
        self.messages
    }
}

impl Extend<Diagnostic> for Sink {
    fn extend<T: IntoIterator<Item = Diagnostic>>(&mut self, messages: T) {
        self.messages.extend(messages);
    }
}
