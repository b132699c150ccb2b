//! The append-only list of source texts.

use std::num::NonZeroU32;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::LineIndex;

/// Names one text of a [`Files`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FileId(NonZeroU32);

impl FileId {
    /// Position in [`Files`], from 0.
    pub fn index(self) -> usize {
        self.0.get() as usize - 1
    }

    /// The id of the text at a position.
    ///
    /// # Panics
    /// If there are `u32::MAX` texts or more.
    pub fn from_index(index: usize) -> Self {
        let number = u32::try_from(index + 1).expect("fewer than 2^32 source texts");
        FileId(NonZeroU32::MIN.saturating_add(number - 1))
    }
}

/// One text, as it was read.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// The path as a person would write it (relative where it was given so; `std/…` for the built-in library).
    pub path: Arc<str>,
    /// The text.
    pub text: Arc<str>,
    /// Where its lines begin.
    pub lines: Arc<LineIndex>,
}

/// A text that is longer than a [`super::Span`] can point into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge;

/// The texts of one compilation. Texts are added, never changed or removed, so a [`FileId`] stays good.
#[derive(Clone, Debug, Default)]
pub struct Files {
    files: Vec<SourceFile>,
}

impl Files {
    /// The largest text that is read, in bytes. Spans could address 4 GiB; no regime comes near this.
    pub const MAX_BYTES: usize = 64 * 1024 * 1024;

    /// Adds a text.
    ///
    /// # Errors
    /// [`TooLarge`] if the text is longer than [`Files::MAX_BYTES`].
    pub fn add(&mut self, path: &str, text: &str) -> Result<FileId, TooLarge> {
        if text.len() > Self::MAX_BYTES {
            return Err(TooLarge);
        }
        let id = FileId::from_index(self.files.len());
        self.files.push(SourceFile { path: path.into(), text: text.into(), lines: Arc::new(LineIndex::new(text)) });
        Ok(id)
    }

    /// The text behind an id of this list.
    pub fn get(&self, id: FileId) -> &SourceFile {
        &self.files[id.index()]
    }

    /// All texts, in the order they were added.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files.iter().enumerate().map(|(index, file)| (FileId::from_index(index), file))
    }

    /// The text already read under a path.
    pub fn find(&self, path: &str) -> Option<FileId> {
        self.iter().find(|(_, file)| &*file.path == path).map(|(id, _)| id)
    }
}
