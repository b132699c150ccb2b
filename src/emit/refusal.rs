//! Why bytes are not a table: the words that the readers of all forms share.

use std::fmt::{Display, Formatter, Result};

/// How much is shown of what a file says, so that no file chooses the length of a message.
const SHOWN: usize = 200;

/// Why bytes are not a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadError {
    /// The bytes end too early; what is there.
    Cut(String),
    /// They have not the right shape; where and what.
    Shape(String),
    /// A table of another version.
    Schema(String),
    /// A hash is not that of its content.
    Hash,
    /// It refers to what is not there, contradicts itself, or is malformed.
    Malformed(String),
}

impl Display for ReadError {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            ReadError::Cut(what) => write!(f, "the table is cut short: {}", brief(what)),
            ReadError::Shape(what) => write!(f, "not a table: {}", brief(what)),
            ReadError::Schema(version) => {
                let (json, binary) = (super::json::SCHEMA, format!("binary {}", super::binary::VERSION));
                write!(f, "a table of version {:?}; this reader knows {json:?} and {binary:?}", brief(version))
            }
            ReadError::Hash => write!(f, "the table was altered: its hash does not fit its content"),
            ReadError::Malformed(what) => write!(f, "the table is malformed: {}", brief(what)),
        }
    }
}

impl std::error::Error for ReadError {}

/// The beginning of a text.
fn brief(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
