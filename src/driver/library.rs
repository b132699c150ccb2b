//! The standard library, in the language itself, inside the binary.

use include_dir::{Dir, include_dir};

use crate::source::{LoadError, Loader};

static STD: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/src/std");

/// A loader that answers `std/…` from the binary and everything else from another loader.
pub struct Library<'a> {
    inner: &'a dyn Loader,
}

impl<'a> Library<'a> {
    /// The library over a loader.
    pub fn over(inner: &'a dyn Loader) -> Self {
        Library { inner }
    }
}

impl Loader for Library<'_> {
    fn load(&self, path: &str) -> Result<String, LoadError> {
        match path.strip_prefix("std/") {
            Some(name) => STD.get_file(name).and_then(|file| file.contents_utf8()).map(str::to_owned).ok_or(LoadError::Missing),
            None => self.inner.load(path),
        }
    }

    fn list(&self, folder: &str) -> Result<Option<Vec<String>>, LoadError> {
        self.inner.list(folder)
    }
}

/// The files of the library, by the path under which they are used, sorted.
pub fn library_files() -> Vec<(String, &'static str)> {
    let mut files: Vec<_> =
        STD.files().filter_map(|file| Some((format!("std/{}", file.path().to_str()?), file.contents_utf8()?))).collect();
    files.sort();
    files
}
