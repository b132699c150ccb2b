//! One compilation, each stage computed at most once.

mod case;
mod json;

pub use case::{Constants, Misfit, allowed, nearest, read_arguments, read_case, value};
pub use json::{Entry, Given, JsonError, entries};
