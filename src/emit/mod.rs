//! Results for machines: a table of `diagram` as files, one target each; no target imports another, but the wheel of
//! `python` carries the JSON, and `datafusion` the Rust.
//!
//! In: an [`crate::diagram::OwnedTable`]. Out: [`Artifact`]s, which `cli` writes. `json` is the contract that all other tools
//! can read (`docs/tables.md`); `binary` says the same in the form that is mapped; what the others say is what the table says.

mod admit;
mod artifact;
pub mod binary;
mod c;
mod csv;
mod datafusion;
mod dmn;
mod domain;
mod json;
mod markdown;
mod plan;
mod python;
mod refusal;
mod rows;
mod rust;
mod sql;
mod text;
mod wasm;
mod xlsx;

pub use artifact::{Artifact, EmitError};
pub use binary::{binary, is_binary, read_binary};
pub use c::c;
pub use csv::{Readable, csv};
pub use datafusion::datafusion;
pub use dmn::dmn;
pub use json::{SCHEMA, json, read_json};
pub use markdown::markdown;
pub use python::python;
pub use refusal::ReadError;
pub use rust::rust;
pub use sql::{Dialect, SqlError, sql, sql_for};
pub use wasm::wasm;
pub use xlsx::xlsx;
