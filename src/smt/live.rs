//! A solver that lives on between questions: what it has been told, and when to start it anew.
//!
//! In: places and their definitions. Out: a literal for each root, to be assumed. Everything asserted is either a definition or a
//! domain, so it holds whatever is asked later; what a question claims is only ever assumed.

use rustc_hash::{FxHashMap, FxHashSet};
use z3::Solver;
use z3::ast::{Ast, Bool};

use super::answer::Reason;
use super::cone::At;
use super::encode::{Copy, Encoder};
use super::session::{Checked, asserted, checked};
use crate::ir::InputId;

/// A solver and what it knows.
pub(super) struct Live {
    pub solver: Solver,
    told: FxHashSet<At>,
    literals: FxHashMap<At, Bool>,
    domains: FxHashSet<(InputId, Copy)>,
    /// Definitions it holds.
    weight: usize,
    /// Sum of the weights at each check: a check costs in proportion to what the solver holds, needed or not.
    carried: usize,
}

impl Live {
    pub fn new(solver: Solver) -> Self {
        Live {
            solver,
            told: FxHashSet::default(),
            literals: FxHashMap::default(),
            domains: FxHashSet::default(),
            weight: 0,
            carried: 0,
        }
    }

    /// Whether starting anew has become cheaper than carrying everything on. (Renting until it has cost as much as buying
    /// is never more than twice as dear as the best choice. The factor is measured: telling a definition costs about as
    /// much as carrying it through 400 checks. So the solver of a program of ten thousand rules stays small.)
    pub fn is_stale(&self) -> bool {
        self.carried > 400 * self.weight + 10_000
    }

    /// Tells the definitions at and below a place, as far as they are new.
    pub fn tell_definitions(&mut self, encoder: &Encoder<'_>, root: At) -> Result<(), Reason> {
        let places = encoder.graph.post_order(root, |at| self.told.contains(at)).map_err(Reason::Malformed)?;
        for at in places {
            if let Some(definition) = encoder.definition(at) {
                asserted(&self.solver, definition).map_err(Reason::Solver)?;
                self.weight += 1;
            }
            self.told.insert(at);
        }
        Ok(())
    }

    /// Tells what a place means; the literal that stands for it.
    pub fn tell(&mut self, encoder: &Encoder<'_>, root: At, term: &Bool) -> Result<Bool, Reason> {
        if let Some(literal) = self.literals.get(&root) {
            return Ok(literal.clone());
        }
        self.tell_definitions(encoder, root)?;
        let literal = if term.num_children() == 0 && term.as_bool().is_none() {
            term.clone() // A constant already.
        } else {
            let literal = Bool::new_const(format!("q{}", self.literals.len()));
            asserted(&self.solver, &literal.iff(term)).map_err(Reason::Solver)?;
            self.weight += 1;
            literal
        };
        self.literals.insert(root, literal.clone());
        Ok(literal)
    }

    /// Tells that a variable stays within its domain. Every domain has a value, so this holds whatever is asked.
    pub fn tell_domain(&mut self, of: InputId, copy: Copy, domain: &Bool) -> Result<(), Reason> {
        if self.domains.insert((of, copy)) {
            asserted(&self.solver, domain).map_err(Reason::Solver)?;
        }
        Ok(())
    }

    /// Checks, with the question as assumptions.
    pub fn check(&mut self, assumptions: &[Bool]) -> Result<Checked, Reason> {
        self.carried += self.weight;
        checked(&self.solver, assumptions).map_err(Reason::Solver)
    }
}
