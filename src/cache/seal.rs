//! The secret, and the seal that it makes.
//!
//! In: a file of 32 random bytes that only its owner can read, and what this build is. Out: a seal for any record. Without the
//! secret no record can be made that is believed; a record of another build has another seal.

use std::io::{Error, ErrorKind, Read as _, Write as _};
use std::path::Path;

/// A digest of 256 bits.
pub type Digest = [u8; 32];

/// How many bytes the secret has.
const SECRET: usize = 32;

/// Makes seals and checks them.
pub(super) struct Seal(Digest);

impl Seal {
    /// The seal of a secret and of a build.
    pub fn new(secret: &Digest, identity: &[u8]) -> Self {
        let mut hasher = blake3::Hasher::new_keyed(secret);
        hasher.update(b"lexport cache 1\0").update(identity);
        Seal(*hasher.finalize().as_bytes())
    }

    /// The seal of a record. The digest has a fixed length, so no two records are the same bytes.
    pub fn of(&self, digest: &Digest, bytes: &[u8]) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        hasher.update(digest).update(bytes);
        hasher.finalize()
    }

    /// Whether a record was made with this secret by this build. (The comparison takes the same time whatever differs.)
    pub fn fits(&self, digest: &Digest, bytes: &[u8], seal: &Digest) -> bool {
        self.of(digest, bytes) == blake3::Hash::from_bytes(*seal)
    }

    /// A name for the records of this build; it gives nothing away and nothing rests on it.
    pub fn tag(&self) -> String {
        let name = blake3::keyed_hash(&self.0, b"the name of the segments").to_hex();
        name[..16].to_owned()
    }
}

/// The secret in a file; made there if there is none yet.
///
/// # Errors
/// If it cannot be read or made, if others can read it, or if it is no secret.
pub(super) fn secret(path: &Path) -> Result<Digest, Error> {
    match read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            make(path)?;
            read(path)
        }
        read => read,
    }
}

fn read(path: &Path) -> Result<Digest, Error> {
    let file = std::fs::File::open(path)?;
    if is_open_to_others(&file)? {
        return Err(Error::new(ErrorKind::PermissionDenied, "others can read or write the key"));
    }
    let mut bytes = Vec::with_capacity(SECRET + 1);
    file.take(SECRET as u64 + 1).read_to_end(&mut bytes)?;
    bytes.try_into().map_err(|_| Error::new(ErrorKind::InvalidData, "the key is no key"))
}

/// Makes the secret beside its place first, so that two at once end with the same one.
fn make(path: &Path) -> Result<(), Error> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    super::segment::private_folder(folder)?;
    let mut bytes = [0; SECRET];
    getrandom::fill(&mut bytes).map_err(|error| Error::other(error.to_string()))?;
    // A temporary file is its owner's alone from the beginning.
    let mut file = tempfile::Builder::new().prefix(".key-").tempfile_in(folder)?;
    file.write_all(&bytes)?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        Err(error) if error.error.kind() != ErrorKind::AlreadyExists => Err(error.error),
        _ => Ok(()),
    }
}

#[cfg(unix)]
fn is_open_to_others(file: &std::fs::File) -> Result<bool, Error> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(file.metadata()?.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_open_to_others(_: &std::fs::File) -> Result<bool, Error> {
    Ok(false)
}
