//! What an emitter makes: a path and bytes. Only `cli` writes it to a disk.

/// A file to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// Relative to the output folder, with `/`.
    pub path: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

impl Artifact {
    /// A text file.
    pub fn text(path: impl Into<String>, text: String) -> Self {
        Artifact { path: path.into(), bytes: text.into_bytes() }
    }
}

/// Why something is not emitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EmitError {
    /// A decision has more rows than the limit: it is a table for machines only.
    TooManyRows {
        /// The decision.
        decision: String,
        /// The limit.
        limit: usize,
    },
    /// A number needs more digits than the target can carry.
    TooWide(String),
    /// A name that the words of the target cannot tell from what stands around it.
    Name(String),
    /// The target has no words for something: what, and because of what.
    Inexpressible(String),
    /// The table is malformed.
    Malformed(String),
    /// The target cannot carry a table so large; what of it.
    TooLarge(String),
}

impl std::fmt::Display for EmitError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            EmitError::TooManyRows { decision, limit } => write!(f, "decision {decision} has more than {limit} rows"),
            EmitError::TooWide(what) | EmitError::Inexpressible(what) => f.write_str(what),
            EmitError::Name(name) => {
                write!(f, "the name `{name}` has a space or a sign that separates names in a cell")
            }
            EmitError::Malformed(what) => write!(f, "the table is malformed: {what}"),
            EmitError::TooLarge(what) => write!(f, "the table is too large for this target: {what}"),
        }
    }
}

impl std::error::Error for EmitError {}
