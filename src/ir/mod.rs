//! LANGUAGE 3: guarded decisions over finite domains. The one thing that the three readings share.
//!
//! In: built by `lower` (or by hand, in tests, or by another front end) through [`Builder`]. Out: a [`Program`],
//! which `eval` runs, `diagram` tabulates and `smt` reasons about; serialisable, versioned ([`VERSION`]) and
//! described in `docs/semantics.md`. It knows no syntax: spans travel with it as plain data ([`Origin`]).
//!
//! Whose idea: default logic with an explicit priority (Brewka and Eiter, "Preferred answer sets for extended
//! logic programs", AIJ 109, 1999) cut down to acyclic overrides, as the law writes them ("notwithstanding").
//! DIVERGENCE: negation is only over decided things, so evaluation is a single pass and never a fixpoint.

mod build;
mod case;
mod chain;
mod copy;
mod digest;
mod domain;
mod fact;
mod members;
mod open;
mod origin;
mod poly;
mod process;
mod program;
mod put;
mod ranges;
mod slice;
mod standard;
mod term;
mod titles;

pub use build::{BuildError, Builder};
pub use case::{Bound, Case, Outcome, Value};
pub use chain::{Before, Carried, Carry, Chained, Link, Node, Source, Step};
pub use copy::{Runs, Unrolled};
pub use digest::{Digest, Digests};
pub use domain::{Decimal, Domain, EnumDef, Heading, Member, NumberDomain};
pub use fact::Fact;
pub use members::MemberSet;
pub use origin::{Origin, OriginId};
pub use poly::Poly;
pub use process::{Balance, Entry, Goal, Process, ProcessStep, Variable, calendar_periods};
pub use program::{
    Acceptance, Alternative, Cap, Combine, DateEdge, Decision, Direction, Expectation, Expected, Input, LimbKind, Program,
    Property, PropertyKind, Regime, Rule, RuleKind, Scenario, VERSION, Window, date_day, date_text,
};
pub use put::Put;
pub use ranges::Ranges;
pub use slice::Slices;
pub use standard::Standard;
pub use term::{OutcomeTest, Pool, Term};
pub use titles::{Title, Titled};

/// A typed index into one of the arenas of a [`Program`].
macro_rules! index {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u32);
        impl $name {
            /// Position in its arena.
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    )*};
}

index! {
    /// An enumeration: [`Program::enums`].
    EnumId;
    /// An input attribute: [`Program::inputs`].
    InputId;
    /// A decision: [`Program::decisions`].
    DecisionId;
    /// A rule: [`Program::rules`].
    RuleId;
    /// A term: [`Pool`].
    TermId;
}
