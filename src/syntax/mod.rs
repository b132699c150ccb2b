//! LANGUAGE 1: what was written. In: text. Out: a tree with places, and messages; parsing does not fail.

pub mod ast;
mod build;
mod lexer;
mod look_alike;
mod message;
mod parser;
mod token;

pub use parser::parse;
