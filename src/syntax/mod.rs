//! LANGUAGE 1: what was written. In: text. Out: a tree with places, and messages; parsing does not fail.

pub mod ast;
