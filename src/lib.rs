//! Lexport.
pub mod source;
pub mod diagnostic;
pub mod ir;
pub mod model;
pub mod syntax;
pub mod elaborate;
pub mod lower;
pub mod eval;
pub mod diagram;
pub mod emit;
pub mod driver;
pub mod analysis;
pub mod report;
pub mod cli;
