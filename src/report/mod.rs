//! Results for people and for their tools.
//!
//! In: diagnostics, findings, explanations. Out: text for a terminal, JSON, SARIF, JUnit, as strings; `cli` writes them. Equal input
//! gives equal output, byte for byte.

pub mod explanation;
pub mod terminal;
pub mod text;
pub mod value;
