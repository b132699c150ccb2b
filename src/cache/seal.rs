//! The secret, and the seal that it makes.
//!
//! In: a file of 32 random bytes that only its owner can read, and what this build is. Out: a seal for any record. Without the
//! secret no record can be made that is believed; a record of another build has another seal.

use std::fs::File;
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
    let file = opened(path)?;
    guarded(path, &file)?;
    let mut bytes = Vec::with_capacity(SECRET + 1);
    file.take(SECRET as u64 + 1).read_to_end(&mut bytes)?;
    bytes.try_into().map_err(|_| Error::new(ErrorKind::InvalidData, "the key is no key"))
}

/// Makes the secret beside its place first, so that two at once end with the same one.
fn make(path: &Path) -> Result<(), Error> {
    let folder = folder(path);
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

/// The file itself: no link, and without waiting for whoever is at the other end of a pipe.
#[cfg(unix)]
fn opened(path: &Path) -> Result<File, Error> {
    use rustix::fs::OFlags;
    let flags = i32::try_from((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits()).map_err(Error::other)?;
    std::os::unix::fs::OpenOptionsExt::custom_flags(File::options().read(true), flags).open(path)
}

#[cfg(not(unix))]
fn opened(path: &Path) -> Result<File, Error> {
    File::open(path)
}

/// Refuses a key that somebody else may know or may put there: it must be a plain file of this user's, for him alone, in a folder of his
/// into which nobody else can write.
#[cfg(unix)]
fn guarded(path: &Path, file: &File) -> Result<(), Error> {
    use std::os::unix::fs::MetadataExt as _;
    let refused = |why: &str| Err(Error::new(ErrorKind::PermissionDenied, why.to_owned()));
    let (own, data) = (rustix::process::geteuid().as_raw(), file.metadata()?);
    if !data.is_file() {
        return refused("the key is no file");
    }
    if data.uid() != own || data.mode() & 0o077 != 0 {
        return refused("the key is not this user's alone");
    }
    let folder = std::fs::metadata(folder(path))?;
    if folder.uid() != own || folder.mode() & 0o022 != 0 {
        return refused("others can write into the folder of the key");
    }
    Ok(())
}

#[cfg(not(unix))]
fn guarded(_: &Path, file: &File) -> Result<(), Error> {
    if file.metadata()?.is_file() { Ok(()) } else { Err(Error::new(ErrorKind::PermissionDenied, "the key is no file")) }
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
