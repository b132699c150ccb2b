//! LANGUAGE 2: what it means to a lawyer. Nouns only, no passes.
//!
//! In: made by `elaborate`. Out: a [`Policy`], read by `lower` and by people (hover, reports). Names are resolved, units are
//! checked, definitions are expanded (and shared); groups still have their periods and provisions their timelines.
//!
//! DIVERGENCE from the first plan of the house: the model speaks of members, days and domains with the nouns of `ir` rather
//! than with a second copy of them.

mod condition;
mod policy;
mod process;
mod timed;

pub use condition::{Cond, CondKind, DecisionTest, Dims, Node, Num, NumKind, Rational, Relation, in_steps, node, tested, visit};
pub use policy::{
    Acceptance, Attribute, Authority, Cap, Carry, ChainNode, Claim, Decision, Expectation, Expected, InForce, Input, Link,
    Policy, Property, Regime, Rule, Scenario, Timeline, authority_property, license_property, move_property,
};
pub use process::{Goal, Process, ProcessStep};
pub use timed::{ALWAYS, TimedSet};
