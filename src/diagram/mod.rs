//! READING 2: the same meaning as a table.
//!
//! In: a [`crate::ir::Program`], or a slice of one. Out: exact answers by decision diagrams ([`Diagram`]), which rules can
//! meet at all ([`Overlap`]), and tables for the runtime ([`build_table`]). It knows neither the interpreter nor the solver:
//! each is the other's test.
//!
//! Whose idea: ordered multi-valued decision diagrams (Bryant 1986; Kam, Villa, Brayton and Sangiovanni-Vincentelli 1998)
//! over classes of values, as packet classifiers have them (Gupta and McKeown 1999). DIVERGENCE: arithmetic between inputs
//! is a Boolean variable per inequality, and what no numbers satisfy is excluded when a path is judged, not in the diagram.

mod answer;
mod bits;
mod build;
mod classes;
mod columns;
mod fused;
mod layout;
pub mod linear;
mod node;
mod outcome;
mod overlap;
mod prove;
mod residual;
mod table;
mod telling;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
pub(crate) mod tests;
mod theory;

pub use answer::{Answer, Region};
pub use bits::{BitSets, Grid, Index};
pub(crate) use bits::{by_width, dividing, evenly};
pub use build::{Diagram, DiagramError, Options, reasons};
pub use classes::Allowed;
pub use columns::decide_columns;
pub(crate) use fused::part;
pub use fused::{Costs, FuseError, Fused, OwnedFused, Step, Steps, forms, fuse};
pub use layout::Order;
pub use overlap::{Overlap, RuleBox, Side};
pub use prove::{TableFault, prove_equal, runtime_value};
pub use residual::{Leaves, Residual, read_by};
pub use table::{
    CheckVector, OwnedTable, Specialise, TableBuildError, TableDecision, TableInput, TableRule, build_table, program_hash,
    set_words,
};
pub use telling::most_telling_first;
