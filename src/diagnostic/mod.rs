//! What can be said about a place: plain data, no renderer.
//!
//! Each phase owns its messages (`message.rs` there); the numbers live in one register, [`Code`]. `report` renders.

mod code;
mod sink;

pub use code::{Code, Severity};
pub use sink::Sink;

use serde::Serialize;

use crate::source::Span;

/// One thing said about a source text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// Which kind.
    pub code: Code,
    /// How bad it is, here.
    pub severity: Severity,
    /// What: one line, no full stop.
    pub title: String,
    /// Where, and because of what: the first label is the place itself.
    pub labels: Vec<Label>,
    /// More sentences.
    pub notes: Vec<String>,
    /// What to do, as an edit where there is one.
    pub fixes: Vec<Fix>,
}

/// Words in a source text, and what is the matter with them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Label {
    /// The words.
    pub span: Span,
    /// A few words about them; may be empty.
    pub message: String,
}

/// Something to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fix {
    /// In words.
    pub message: String,
    /// As an edit: replace these words by this text.
    pub edit: Option<(Span, String)>,
}

impl Diagnostic {
    /// A message with the severity of its code and its place.
    pub fn new(code: Code, title: impl Into<String>, span: Span, label: impl Into<String>) -> Self {
        Diagnostic {
            code,
            severity: code.severity(),
            title: title.into(),
            labels: vec![Label { span, message: label.into() }],
            notes: Vec::new(),
            fixes: Vec::new(),
        }
    }

    /// Adds a second place.
    #[must_use]
    pub fn also(mut self, span: Span, label: impl Into<String>) -> Self {
        self.labels.push(Label { span, message: label.into() });
        self
    }

    /// Adds a sentence.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Adds advice.
    #[must_use]
    pub fn help(mut self, message: impl Into<String>) -> Self {
        self.fixes.push(Fix { message: message.into(), edit: None });
        self
    }

    /// Adds an edit.
    #[must_use]
    pub fn replace(mut self, message: impl Into<String>, span: Span, with: impl Into<String>) -> Self {
        self.fixes.push(Fix { message: message.into(), edit: Some((span, with.into())) });
        self
    }

    /// The place.
    pub fn span(&self) -> Span {
        self.labels.first().map_or(Span::NOWHERE, |label| label.span)
    }
}
