//! Texts and places in them: the ground floor, which imports nothing.
//!
//! In: bytes of a file, through a [`Loader`]. Out: [`Files`], an append-only list of texts, and [`Span`]s
//! into them. Everything above points at source text only through these two. Tables that people keep are [`Rows`].

mod file;
mod lines;
mod loader;
mod rows;
mod span;

pub use file::{FileId, Files, SourceFile, TooLarge};
pub use lines::LineIndex;
pub use loader::{DiskLoader, LoadError, Loader, MemoryLoader};
pub use rows::{RowError, Rows};
pub use span::{Span, Spanned};
