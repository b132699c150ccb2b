//! Lexport.
pub mod source;
pub mod diagnostic;
pub mod ir;
pub mod model;
pub mod syntax;
pub mod elaborate;
pub mod lower;
#[cfg(feature = "solver")]
pub mod smt;
pub mod driver;
