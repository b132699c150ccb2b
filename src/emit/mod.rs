//! Results for machines: a table of `diagram` as files, one target each; no target imports another.
//!
//! In: an [`crate::diagram::OwnedTable`]. Out: [`Artifact`]s, which `cli` writes. `json` is the contract that all other tools
//! can read (`docs/tables.md`); what the others say is what the table says.

mod artifact;
mod csv;
mod json;
mod markdown;
mod rows;
mod rust;
mod text;

pub use artifact::{Artifact, EmitError};
pub use csv::csv;
pub use json::{ReadError, SCHEMA, json, read_json};
pub use markdown::markdown;
pub use rust::rust;
