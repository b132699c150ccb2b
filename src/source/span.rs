//! A place in a source text: 12 bytes, or nowhere.

use serde::{Deserialize, Serialize};

use super::FileId;

/// A half-open byte range in one file. `file` is `None` for things that no text wrote (built-in names).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    /// The file, or `None` for nowhere.
    pub file: Option<FileId>,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The place of things that no text wrote.
    pub const NOWHERE: Span = Span { file: None, start: 0, end: 0 };

    /// A range of bytes in a file.
    pub fn new(file: FileId, start: u32, end: u32) -> Self {
        Span { file: Some(file), start, end }
    }

    /// The smallest span that covers both; a span in another file is ignored.
    #[must_use]
    pub fn to(self, other: Span) -> Span {
        match (self.file, other.file) {
            (None, _) => other,
            (Some(a), Some(b)) if a == b => {
                Span { file: Some(a), start: self.start.min(other.start), end: self.end.max(other.end) }
            }
            _ => self,
        }
    }
}

/// A node with its place. Comparing two nodes compares what they say, not where they stand.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Spanned<T> {
    /// What was written.
    pub node: T,
    /// Where.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// Joins a node and its place.
    pub fn new(node: T, span: Span) -> Self {
        Spanned { node, span }
    }
}

impl<T: PartialEq> PartialEq for Spanned<T> {
    fn eq(&self, other: &Self) -> bool {
        self.node == other.node
    }
}

impl<T: Eq> Eq for Spanned<T> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_twelve_bytes() {
        assert_eq!(std::mem::size_of::<Span>(), 12);
    }
}
