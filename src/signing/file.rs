//! Keys in files: a private one is its owner's alone, and none is ever overwritten.

use std::fs::File;
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::{KeyError, PrivateKey, PublicKey};

/// The most bytes of a key file.
const MOST: u64 = 1 << 16;

/// Where the signature of a file stands: `FILE.sig`.
pub fn beside(path: &Path) -> PathBuf {
    with(path, ".sig")
}

/// Where the public half of a key is put: `FILE.pub`.
pub fn public_beside(path: &Path) -> PathBuf {
    with(path, ".pub")
}

fn with(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn told(error: &std::io::Error) -> KeyError {
    KeyError::File(error.to_string())
}

/// The text of a key file. What is no text is no key.
fn text(file: File) -> Result<String, KeyError> {
    let mut bytes = Vec::new();
    file.take(MOST + 1).read_to_end(&mut bytes).map_err(|error| told(&error))?;
    if bytes.len() as u64 > MOST {
        return Err(KeyError::Other);
    }
    String::from_utf8(bytes).map_err(|_| KeyError::Other)
}

/// Puts a file in its place if nothing stands there; a temporary file is its owner's alone from the beginning.
fn place(path: &Path, text: &str, public: bool) -> Result<(), KeyError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".key-").tempfile_in(folder).map_err(|error| told(&error))?;
    file.write_all(text.as_bytes()).and_then(|()| file.as_file().sync_all()).map_err(|error| told(&error))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = if public { 0o644 } else { 0o600 };
        let permissions = std::fs::Permissions::from_mode(mode);
        file.as_file().set_permissions(permissions).map_err(|error| told(&error))?;
    }
    let _ = public;
    match file.persist_noclobber(path) {
        Ok(_) => Ok(()),
        Err(error) if error.error.kind() == ErrorKind::AlreadyExists => Err(KeyError::Taken(path.display().to_string())),
        Err(error) => Err(told(&error.error)),
    }
}

impl PrivateKey {
    /// The key in a file.
    ///
    /// # Errors
    /// [`KeyError`]; also if others than its owner can read it.
    pub fn load(path: &Path) -> Result<PrivateKey, KeyError> {
        let file = File::open(path).map_err(|error| told(&error))?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt as _;
            let data = file.metadata().map_err(|error| told(&error))?;
            if data.is_file() && data.mode() & 0o077 != 0 {
                // A public key is no secret: say what it is rather than who can read it.
                return Err(if PublicKey::load(path).is_ok() { KeyError::Public } else { KeyError::Open });
            }
        }
        let mut text = text(file)?;
        let key = Self::of_pem(&text);
        // Best effort: what the text held is not left behind in memory.
        let length = text.len();
        text.clear();
        text.extend(std::iter::repeat_n('\0', length));
        std::hint::black_box(&text);
        key
    }

    /// Writes the key, readable for its owner only, and its public half as `FILE.pub`.
    ///
    /// # Errors
    /// [`KeyError`]: nothing that stands there is overwritten.
    pub fn save(&self, path: &Path) -> Result<(), KeyError> {
        let public = public_beside(path);
        for taken in [path, &public] {
            if taken.symlink_metadata().is_ok() {
                return Err(KeyError::Taken(taken.display().to_string()));
            }
        }
        place(path, &self.pem()?, false)?;
        place(&public, &self.public().pem()?, true)
    }
}

impl PublicKey {
    /// The key in a file.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn load(path: &Path) -> Result<PublicKey, KeyError> {
        let file = File::open(path).map_err(|error| told(&error))?;
        Self::of_pem(&text(file)?)
    }
}
