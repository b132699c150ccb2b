//! A statement about inputs as plain data, outside of any pool: what one process tells another.

use serde::{Deserialize, Serialize};

use super::{BuildError, InputId, MemberSet, Poly, Program, TermId};

/// A statement about the inputs of a program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// Always, or never.
    Constant(bool),
    /// It is not so.
    Not(Box<Fact>),
    /// All are so.
    All(Vec<Fact>),
    /// One is so.
    Any(Vec<Fact>),
    /// A Boolean input is true.
    Flag(InputId),
    /// An enumeration input is one of these members.
    Member(InputId, MemberSet),
    /// Two enumeration inputs are the same member.
    Same(InputId, InputId),
    /// A set input has a member.
    Has(InputId, u32),
    /// A sum of number inputs, in their steps, is at least zero.
    AtLeastZero(Poly),
}

impl Fact {
    /// The term that says so.
    ///
    /// # Errors
    /// If it does not fit the program.
    pub fn term(&self, program: &mut Program) -> Result<TermId, BuildError> {
        let parts = |parts: &[Fact], program: &mut Program| -> Result<Vec<TermId>, BuildError> {
            parts.iter().map(|part| part.term(program)).collect()
        };
        Ok(match self {
            Fact::Constant(value) => program.builder().constant(*value),
            Fact::Not(inner) => {
                let inner = inner.term(program)?;
                program.builder().not(inner)
            }
            Fact::All(all) => {
                let all = parts(all, program)?;
                program.builder().and(all)
            }
            Fact::Any(any) => {
                let any = parts(any, program)?;
                program.builder().or(any)
            }
            Fact::Flag(of) => program.builder().flag(*of)?,
            Fact::Member(of, set) => program.builder().member(*of, set.clone())?,
            Fact::Same(a, b) => program.builder().same(*a, *b)?,
            Fact::Has(of, member) => program.builder().has(*of, *member)?,
            Fact::AtLeastZero(poly) => program.builder().at_least_zero(poly.clone())?,
        })
    }
}
