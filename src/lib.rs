//! Lexport.
pub mod source;
// pub mod diagnostic;
pub mod ir;
pub mod diagram;
// pub mod syntax;
