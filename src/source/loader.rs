//! The one window through which texts come in: from disk, from memory, later from an editor's buffer.

use std::collections::BTreeMap;
use std::path::Path;

/// Why a text could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoadError {
    /// There is no such file.
    Missing,
    /// The file is larger than the limit, in bytes.
    TooLarge(u64),
    /// The bytes are not UTF-8; the offset of the first one that is wrong.
    NotUtf8(usize),
    /// The operating system refused, in its words.
    Io(String),
}

/// Reads texts and lists folders. Paths use `/`.
pub trait Loader: Send + Sync {
    /// The text of a file.
    ///
    /// # Errors
    /// See [`LoadError`].
    fn load(&self, path: &str) -> Result<String, LoadError>;

    /// The files below a folder, as paths that start with the folder, sorted; `None` if it is not a folder.
    ///
    /// # Errors
    /// See [`LoadError`].
    fn list(&self, folder: &str) -> Result<Option<Vec<String>>, LoadError>;
}

/// The files of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct DiskLoader;

impl Loader for DiskLoader {
    fn load(&self, path: &str) -> Result<String, LoadError> {
        let io = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::NotFound => LoadError::Missing,
            _ => LoadError::Io(error.to_string()),
        };
        let size = std::fs::metadata(path).map_err(io)?.len();
        if size > super::Files::MAX_BYTES as u64 {
            return Err(LoadError::TooLarge(size));
        }
        let bytes = std::fs::read(path).map_err(io)?;
        String::from_utf8(bytes).map_err(|error| LoadError::NotUtf8(error.utf8_error().valid_up_to()))
    }

    fn list(&self, folder: &str) -> Result<Option<Vec<String>>, LoadError> {
        fn walk(folder: &Path, out: &mut Vec<String>) -> std::io::Result<()> {
            for entry in std::fs::read_dir(folder)? {
                let entry = entry?;
                let kind = entry.file_type()?;
                if kind.is_dir() {
                    walk(&entry.path(), out)?;
                } else if let Some(path) = entry.path().to_str() {
                    out.push(path.replace('\\', "/"));
                }
            }
            Ok(())
        }
        if !Path::new(folder).is_dir() {
            return Ok(None);
        }
        let mut out = Vec::new();
        walk(Path::new(folder), &mut out).map_err(|error| LoadError::Io(error.to_string()))?;
        out.sort();
        Ok(Some(out))
    }
}

/// Texts held in memory, for tests and for embedding.
#[derive(Clone, Debug, Default)]
pub struct MemoryLoader {
    /// Path to text.
    pub files: BTreeMap<String, String>,
}

impl Loader for MemoryLoader {
    fn load(&self, path: &str) -> Result<String, LoadError> {
        self.files.get(path).cloned().ok_or(LoadError::Missing)
    }

    fn list(&self, folder: &str) -> Result<Option<Vec<String>>, LoadError> {
        let prefix = format!("{}/", folder.trim_end_matches('/'));
        let below: Vec<String> = self.files.keys().filter(|path| path.starts_with(&prefix)).cloned().collect();
        Ok((!below.is_empty()).then_some(below))
    }
}
