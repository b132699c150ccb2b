//! Collects messages, sorts them by place, drops doubles.

use super::{Diagnostic, Label, Severity};
use crate::source::{FileId, Span};

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

    /// How many messages there are.
    pub fn said(&self) -> usize {
        self.messages.len()
    }

    /// Of the messages from some number on, those about words of one file are said about others, which brought it about; the words
    /// themselves come second.
    pub fn brought_about(&mut self, from: usize, file: FileId, by: Span, because: &str) {
        for message in self.messages.iter_mut().skip(from).filter(|message| message.span().file == Some(file)) {
            message.labels.insert(0, Label { span: by, message: because.to_owned() });
        }
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
