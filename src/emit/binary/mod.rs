//! The table as a file that is used where it lies: the layout of `docs/targets/binary.md`, its writer and its readers.
//!
//! In: a table, or the bytes of one. Out: those bytes; or a [`View`] of them, which gives a [`lexport_runtime::Table`] whose large arrays lie in the
//! bytes, or the whole table. Nothing is allocated by a number that a file only claims: all sizes are those of bytes that are there.

mod layout;
mod view;
mod whole;
mod write;

pub use layout::{MAGIC, VERSION};
pub use view::{Hot, View};
pub use whole::read_binary;
pub use write::binary;

/// Whether bytes begin as a table in binary form does; of fewer than eight bytes, as far as they go.
pub fn is_binary(bytes: &[u8]) -> bool {
    let shown = bytes.len().min(MAGIC.len());
    shown > 0 && bytes[..shown] == MAGIC[..shown]
}

#[cfg(test)]
mod tests;
