//! The texts of a regime with edits made, and beside them the same texts without: so that both are one compilation.

use std::collections::BTreeMap;

use crate::source::{LoadError, Loader};

/// The folder under which the unedited texts are found.
const BEFORE: &str = "before-the-repair";

/// A loader that answers edited texts, and under another folder what stood there before.
pub struct Overlay<'a> {
    inner: &'a dyn Loader,
    edited: BTreeMap<String, String>,
    absolute: bool,
}

impl<'a> Overlay<'a> {
    /// Over the texts of a path, with some of them edited.
    pub fn new(inner: &'a dyn Loader, path: &str, edited: BTreeMap<String, String>) -> Self {
        Overlay { inner, edited, absolute: path.starts_with('/') }
    }

    /// The path under which a path is found unedited.
    pub fn before(path: &str) -> String {
        format!("{BEFORE}/{}", path.trim_start_matches('/'))
    }

    fn original(&self, path: &str) -> Option<String> {
        let rest = path.strip_prefix(BEFORE)?.trim_start_matches('/');
        Some(if self.absolute { format!("/{rest}") } else { rest.to_owned() })
    }
}

impl Loader for Overlay<'_> {
    fn load(&self, path: &str) -> Result<String, LoadError> {
        match (self.original(path), self.edited.get(path)) {
            (Some(original), _) => self.inner.load(&original),
            (None, Some(text)) => Ok(text.clone()),
            (None, None) => self.inner.load(path),
        }
    }

    fn list(&self, folder: &str) -> Result<Option<Vec<String>>, LoadError> {
        match self.original(folder) {
            None => self.inner.list(folder),
            Some(original) => {
                let listed = self.inner.list(&original)?;
                Ok(listed.map(|files| files.iter().map(|file| Overlay::before(file)).collect()))
            }
        }
    }
}
