//! Lexport.
pub mod source;
pub mod diagnostic;
pub mod ir;
pub mod syntax;
pub mod report;
pub mod driver;
