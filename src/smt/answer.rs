//! What comes back: three values, none of which can be ignored or taken for another.
//!
//! In: what Z3 said. Out: to `analysis`, which replays every witness before it believes it. `Unknown` is an answer like the others:
//! there is no conversion to `bool`, and none is to be written.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ir::Case;
use crate::words::{Sentence, say};

/// The answer to a [`super::Query`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "an answer that nobody reads is a finding that nobody sees"]
pub enum Answer {
    /// There is no such case within the declared domains.
    Holds,
    /// There is, and this is one: complete, within the domains, and the same one for the same question.
    Fails(Box<Witness>),
    /// Not settled. Never a pass.
    Unknown(Reason),
}

/// Whether there is a case, without the case. Cheaper than [`Answer`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "an answer that nobody reads is a finding that nobody sees"]
pub enum Verdict {
    /// There is none.
    Never,
    /// There is one.
    Possible,
    /// Not settled.
    Unknown(Reason),
}

/// The case, or the two cases, that a question found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// The case; of a pair the first.
    pub case: Case,
    /// The second of a pair.
    pub second: Option<Case>,
}

/// Why a question was not settled.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Time, work or memory ran out, or the method does not cover the arithmetic; in Z3's words.
    Limit(String),
    /// The question is not one: a term out of place, a cycle between rules.
    Malformed(String),
    /// Z3 reported an error, or its model does not read back. A bug, of Lexport or of Z3.
    Solver(String),
    /// Something panicked on the way. A bug of Lexport.
    Panicked(String),
    /// The child that should have answered did not.
    Worker(String),
}

impl Reason {
    /// It in words.
    pub fn sentence(&self) -> Sentence {
        match self {
            Reason::Limit(text) => say!("the solver gave up ({text})", text),
            Reason::Malformed(text) => say!("the question is malformed ({text}); this is a bug in Lexport", text),
            Reason::Solver(text) => say!("the solver reported an error ({text}); this is a bug in Lexport or in Z3", text),
            Reason::Worker(text) => say!("the child process that was to answer failed ({text})", text),
            Reason::Panicked(text) => say!("the question panicked ({text}); this is a bug in Lexport", text),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sentence().fmt(f)
    }
}
