//! The bytes of a table for the commands that take one: in either form, mapped where that is safe, signed where that is asked for.
//!
//! Whatever form it has, it is known by its first bytes. A table whose signature is asked for is read into memory once, so that what was checked is
//! what is used.

use std::fs::File;
use std::io::Read;
use std::ops::Deref;
use std::path::{Path, PathBuf};

use memmap2::Mmap;

use crate::diagnostic::{Code, Diagnostic};
use crate::diagram::OwnedTable;
use crate::emit::{is_binary, read_binary, read_json};
use crate::signing::{KeyError, PublicKey, beside};

use super::output::{Stop, placeless, stop};

/// The most that is read of what is no file (a pipe), and so does not say how much it is.
const STREAM: u64 = 1 << 28;

/// How tables are called in a folder.
const ENDINGS: [&str; 2] = [".table.json", ".lxt"];

/// A table that was not read yet.
pub struct Given {
    /// Its path.
    pub path: PathBuf,
    /// Its bytes.
    pub bytes: Bytes,
}

/// Bytes of a file.
pub enum Bytes {
    /// Where the system keeps it.
    Mapped(Mmap),
    /// In memory of our own.
    Read(Vec<u8>),
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Bytes::Mapped(map) => map,
            Bytes::Read(bytes) => bytes,
        }
    }
}

impl Given {
    /// The file of a table, or the one table in a folder that `build` wrote. `keep`: its bytes must not change any more, whoever writes to the file.
    ///
    /// # Errors
    /// [`Stop`] if it cannot be read, or if the folder has none or several.
    pub fn open(path: &Path, keep: bool) -> Result<Given, Stop> {
        let path = single(path)?;
        let bytes = bytes(&path, keep).map_err(|error| {
            stop(placeless(Code::MissingFile, format!("cannot read `{}`", path.display())).note(error.to_string()))
        })?;
        Ok(Given { path, bytes })
    }

    /// The table, which proves itself.
    ///
    /// # Errors
    /// [`Stop`] if it is none that can be trusted.
    pub fn table(&self) -> Result<OwnedTable, Stop> {
        let read = if is_binary(&self.bytes) { read_binary(&self.bytes) } else { read_json(&self.bytes) };
        read.map_err(|error| {
            let shown = self.path.display();
            let message = placeless(Code::BadTable, format!("`{shown}` cannot be used as a table")).note(error.to_string());
            let source = self.path.extension().is_some_and(|ending| ending == "lxp" || ending == "md");
            stop(if source { message.help(format!("build it first: lexport build {shown} --to json -o DIR")) } else { message })
        })
    }

    /// Holds the bytes against a signature: that in a file, or the one beside the table.
    ///
    /// # Errors
    /// [`Stop`] if there is none, or if it is not that of the key.
    pub fn signed_by(&self, key: &PublicKey, signature: Option<&Path>) -> Result<(), Stop> {
        let shown = self.path.display();
        let path = signature.map_or_else(|| beside(&self.path), Path::to_owned);
        let mut found = Vec::new();
        let read = File::open(&path).and_then(|file| file.take(1 << 16).read_to_end(&mut found));
        if let Err(error) = read {
            let title = format!("`{shown}` is not signed: cannot read `{}`", path.display());
            let help = format!("ask who made the table for its signature, or sign it yourself: lexport sign {shown} --key FILE");
            return Err(stop(placeless(Code::BadSignature, title).note(error.to_string()).help(help)));
        }
        key.verify(&self.bytes, &found).map_err(|error| {
            let title = format!("`{}` is no signature of `{shown}` by this key", path.display());
            let message = placeless(Code::BadSignature, title).note(error.to_string());
            stop(message.note(format!("the key is {}", key.name())))
        })
    }
}

/// The table at a path, if it is signed where that is asked for.
///
/// # Errors
/// [`Stop`] if there is none that can be trusted.
pub fn trusted(path: &Path, signed_by: Option<&Path>, signature: Option<&Path>) -> Result<OwnedTable, Stop> {
    let key = signed_by.map(public_key).transpose()?;
    let given = Given::open(path, key.is_some())?;
    if let Some(key) = key {
        given.signed_by(&key, signature)?;
    }
    given.table()
}

/// The files that [`trusted`] reads.
pub fn files(path: &Path, signed_by: Option<&Path>, signature: Option<&Path>) -> Vec<PathBuf> {
    // A folder without its one table was refused before.
    let table = found(path).ok().and_then(|tables| tables.into_iter().next()).unwrap_or_else(|| path.to_owned());
    let signature = signed_by.map(|_| signature.map_or_else(|| beside(&table), Path::to_owned));
    [Some(table), signed_by.map(Path::to_owned), signature].into_iter().flatten().collect()
}

/// A public key, or why there is none.
pub fn public_key(path: &Path) -> Result<PublicKey, Stop> {
    PublicKey::load(path).map_err(|error| stop(bad_key(path, &error)))
}

/// Why a key cannot be used, and what to do.
pub fn bad_key(path: &Path, error: &KeyError) -> Diagnostic {
    let shown = path.display();
    let message = placeless(Code::BadKey, format!("`{shown}` cannot be used as a key")).note(error.to_string());
    match error {
        KeyError::File(_) | KeyError::Taken(_) => message,
        KeyError::Open => message.help(format!("chmod 600 {shown}, or make a new one if somebody may have read it")),
        KeyError::Private => message.help("`lexport keygen` wrote the public one beside it, as FILE.pub"),
        KeyError::Public => message.help("the private one is the file without .pub"),
        KeyError::Locked => message.help(format!("take the passphrase off: openssl pkey -in {shown} -out NEW")),
        KeyError::Other => message.help("`lexport keygen FILE` makes a pair of keys; so does openssl genpkey -algorithm ED25519"),
    }
}

/// The bytes of a file: of a table in binary form where they lie, unless somebody may change them meanwhile.
fn bytes(path: &Path, keep: bool) -> std::io::Result<Bytes> {
    let mut file = File::open(path)?;
    let data = file.metadata()?;
    let mut bytes = Vec::new();
    if !data.is_file() {
        file.take(STREAM + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > STREAM {
            return Err(std::io::Error::other("it does not end where a table would; give a file"));
        }
        return Ok(Bytes::Read(bytes));
    }
    (&mut file).take(8).read_to_end(&mut bytes)?;
    if !keep && is_binary(&bytes) && bytes.len() == 8 {
        return Ok(Bytes::Mapped(map(&file)?));
    }
    file.read_to_end(&mut bytes)?;
    Ok(Bytes::Read(bytes))
}

#[expect(
    unsafe_code,
    reason = "there is no safe way to map a file: somebody else may write to it. Lexport moves whole files to their places and never writes into \
              one; the bytes are held against their hashes and then copied into the table, and no reader of them trusts a number that it has not checked"
)]
fn map(file: &File) -> std::io::Result<Mmap> {
    // SAFETY: the file is not written to while the mapping lives, see above.
    unsafe { Mmap::map(file) }
}

/// The tables in a folder.
fn found(path: &Path) -> std::io::Result<Vec<PathBuf>> {
    let named = |path: &PathBuf| path.to_str().is_some_and(|path| ENDINGS.iter().any(|ending| path.ends_with(ending)));
    let mut tables: Vec<PathBuf> = std::fs::read_dir(path)?.flatten().map(|entry| entry.path()).filter(named).collect();
    tables.sort();
    Ok(tables)
}

/// The one table in a folder that `build` wrote; of a file that file.
fn single(path: &Path) -> Result<PathBuf, Stop> {
    let Ok(tables) = found(path) else { return Ok(path.to_owned()) };
    let shown = path.display();
    Err(stop(match tables.as_slice() {
        [one] => return Ok(one.clone()),
        [] => {
            let mut files = std::fs::read_dir(path).into_iter().flatten().flatten();
            let regime = files.any(|file| file.path().extension().is_some_and(|ending| ending == "lxp"));
            let message = placeless(Code::BadTable, format!("`{shown}`: no table in this folder"));
            message.help(match regime {
                true => format!("build it first: lexport build {shown} --to json -o DIR"),
                false => format!("`lexport build REGIME --to json -o {shown}` writes one"),
            })
        }
        several => {
            let names: Vec<String> = several.iter().map(|path| path.display().to_string()).collect();
            placeless(Code::BadTable, format!("`{shown}`: {} tables in this folder", several.len()))
                .help(format!("name one of them: {}", names.join(", ")))
        }
    }))
}
