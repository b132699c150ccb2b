//! Lexport.
pub mod source;
pub mod diagnostic;
pub mod ir;
pub mod model;
pub mod eval;
pub mod diagram;
#[cfg(feature = "solver")]
pub mod smt;
pub mod syntax;
pub mod elaborate;
pub mod lower;
