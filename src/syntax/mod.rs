//! LANGUAGE 1: what was written. In: text. Out: a tree with places, and messages; parsing does not fail.

pub mod ast;
mod build;
mod depth;
mod expected;
mod lexer;
mod look_alike;
mod message;
mod mistake;
mod parser;
mod phrase;
mod print;
mod spelled;
mod token;
mod unfinished;

pub use message::{MAX_ERRORS, too_many};
pub use parser::parse;
pub use print::{expression_text, path_text, print};
