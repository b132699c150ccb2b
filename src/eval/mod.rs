//! READING 1: the meaning, in the plainest code of the house. What the other two readings are held against.
//!
//! In: a [`Program`](crate::ir::Program) and a case. Out: the outcome of each decision and the rules that carried it
//! ([`Eval`], [`decide()`]); for a case with unknown inputs exactly the outcomes that are still possible and what to ask
//! next ([`possible`]); the reasons ([`explain`]) and what would have to be otherwise ([`why_not`]). It imports nothing
//! but `ir`: a disagreement with `diagram` or `smt` is never a shared mistake.
//!
//! Whose idea: default logic with explicit priorities, see [`crate::ir`]; three-valued answers after Kleene, but exact
//! (supervaluation, van Fraassen 1966): "A or not A" is true even where A is unknown.

mod atoms;
mod chain;
mod changes;
mod decide;
mod feasible;
mod guards;
mod residual;
mod split;
mod term;
mod unknown;
mod why;
mod words;

#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
mod tests;

pub use atoms::Atoms;
pub use chain::{Counted, Fault, Resolved, Station, fault_text, resolve};
pub use changes::{Change, WhyNot, why_not, why_not_but};
pub use decide::{Decided, combine, decide, passes, same};
pub use term::{BadCase, Eval, fits};
pub use unknown::{Possible, always, certain, possible, possible_all};
pub use why::{Explanation, Failed, Ground, RuleReport, Status, explain};
pub use words::term_text;
