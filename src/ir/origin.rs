//! The way home: from a term or rule to the words that wrote it, as data.

use serde::{Deserialize, Serialize};

use crate::source::Span;

/// An index into [`super::Program::origins`]. Number 0 is "nowhere".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OriginId(pub u32);

impl OriginId {
    /// What no text wrote.
    pub const NOWHERE: OriginId = OriginId(0);
}

/// Where something was written, and in which words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The place.
    pub span: Span,
    /// The path of the file, for readers of the serialised form.
    pub file: String,
    /// The line, from 1; 0 for nowhere.
    pub line: u32,
    /// The words, shortened to a line.
    pub words: String,
}
