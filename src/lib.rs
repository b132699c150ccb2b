//! Lexport.
pub mod source;
// pub mod diagnostic;
pub mod ir;
pub mod diagram;
pub mod emit;
// pub mod syntax;
