//! Lexport: a language for export regimes, a compiler, a checker and a generator of decision tables.
//!
//! The modules in floor order; arrows between them run down (`docs/architecture.md`, held by `tests/house.rs`).

// 1 the ground
pub mod cache;
pub mod signing;
pub mod source;
pub mod words;

// 2 the nouns
pub mod diagnostic;
pub mod ir;
pub mod model;

// 3 the passes and the three readings
pub mod diagram;
pub mod eval;
pub mod lower;
#[cfg(feature = "solver")]
pub mod smt;
pub mod syntax;

// 4 the judges and the scribes
pub mod analysis;
pub mod elaborate;
pub mod emit;

// 5 one compilation, one page
pub mod driver;
pub mod report;

// 6 a compilation made and judged many times; what others wrote, made into one
pub mod import;
pub mod repair;

// 7 the doors
pub mod cli;
