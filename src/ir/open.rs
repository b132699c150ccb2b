//! Terms with what rules say left open: each question to a decision or a rule becomes an input of its own.
//!
//! In: a program and terms of it. Out: both again. A term that has no case then has none whatever the rules say (its atoms that ask them are
//! uninterpreted, and not even held against each other; so there may be cases where there is none).

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::copy::Copying;
use super::{BuildError, Domain, Input, InputId, Program, Term, TermId};

impl Program {
    /// These terms where what rules say is open.
    ///
    /// # Errors
    /// If the program was not made by a builder.
    pub fn open(&self, terms: &[TermId]) -> Result<(Program, Vec<TermId>), BuildError> {
        let mut open = self.clone();
        let mut memo = FxHashMap::default();
        let (mut seen, mut stack) = (BTreeSet::new(), terms.to_vec());
        while let Some(term) = stack.pop() {
            if !seen.insert(term) {
                continue;
            }
            match self.pool.get(term) {
                Term::Not(inner) | Term::Second(inner) => stack.push(*inner),
                Term::And(inner) | Term::Or(inner) => stack.extend(inner),
                Term::Applies(_) | Term::Effective(_) | Term::Outcome { .. } | Term::SameOutcome(..) => {
                    let input = InputId(open.inputs.len() as u32);
                    open.inputs.push(Input {
                        name: format!("said@{}", term.0),
                        domain: Domain::Bool,
                        preferred: Vec::new(),
                        capability: false,
                        regime: 0,
                        origin: super::OriginId::NOWHERE,
                    });
                    memo.insert(term, open.builder().flag(input)?);
                }
                _ => {}
            }
        }
        let mut copying = Copying::same(self, memo);
        let terms = terms.iter().map(|term| copying.term(&mut open, *term)).collect::<Result<_, _>>()?;
        Ok((open, terms))
    }
}
