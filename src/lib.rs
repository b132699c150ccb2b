//! Lexport.
pub mod source;
pub mod diagnostic;
pub mod ir;
pub mod eval;
pub mod syntax;
