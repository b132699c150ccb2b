//! What was answered once, kept on disk under a digest of the question, and believed only under a seal.
//!
//! In: a digest and bytes. Out: the same bytes for the same digest, in this run or a later one; or nothing. It knows no questions and
//! no answers. Whatever is wrong with what lies on the disk (cut short, altered, moved, written by another build or with another
//! key), the answer is nothing, and whoever wanted to know asks anew.
//!
//! ```text
//! secret (outside of the folder) ─┐
//! identity of the build ──────────┴▶ key of the seal ─▶ record: length · digest · bytes · seal(digest, bytes)
//! ```
//!
//! Whose idea: records that carry their own authentication, after git's object names and Bazel's action cache; the seal is BLAKE3 keyed
//! with a secret (O'Connor, Aumasson, Neves, Wilcox-O'Hearn 2020), because a digest alone anyone can compute.

mod seal;
mod segment;
mod store;

#[cfg(test)]
mod tests;

pub use seal::Digest;
pub use store::{Place, Store};
