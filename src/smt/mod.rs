//! READING 3: the solver. The only folder that names Z3.
//!
//! In: a program and questions about it ([`Query`]). Out: [`Answer`]s: no such case, this case, or not settled; and the same question as
//! SMT-LIB text for another solver ([`script()`]). It speaks in cases and terms and knows nothing of sources, findings or
//! the other readings; whoever asks replays the witness with the interpreter.
//!
//! ```text
//! query ─▶ session ─▶ cone ─▶ encode + outcome + sorts ─▶ Z3 ─▶ decode + witness ─▶ answer
//!    └───▶ script (prints the question on its own, sharing nothing with encode)
//! ```
//!
//! Whose idea: queries and the pair of encoder and decoder after cedar-symcc; slicing to the cone of influence is
//! as old as model checking (Clarke, Grumberg and Peled, "Model Checking", 1999, section 13).

mod answer;
mod clauses;
mod cone;
mod confirm;
mod context;
mod decode;
mod encode;
mod horn;
mod invariant;
mod live;
mod measure;
mod outcome;
mod query;
mod script;
mod search;
mod session;
mod sorts;
#[cfg(test)]
mod tests;
mod witness;
pub mod worker;

pub use answer::{Answer, Reason, Verdict, Witness};
pub use clauses::clauses;
pub use confirm::{Second, confirmed};
pub use context::alone;
pub use horn::{Induction, induction};
pub use measure::{Measured, measured};
pub use query::{Pair, Query};
pub use script::script;
pub use search::{Besides, Path, Searched, search};
pub use session::{Limits, Session, WrongSolver, version};
