//! Where answers are kept from one check to the next, and what binds them to this program.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use crate::cache::{Place, Store};

use super::args::KeptArguments;
use super::output;

/// A store that is being opened while something else is done: the program reads itself for it.
pub struct Opening(Option<JoinHandle<Option<Store>>>);

impl Opening {
    /// Begins.
    pub fn begin(arguments: &KeptArguments) -> Opening {
        if arguments.no_cache {
            return Opening(None);
        }
        let asked = arguments.cache.clone();
        Opening(Some(std::thread::spawn(move || opened(asked.as_deref()))))
    }

    /// The store, if there is one.
    pub fn end(self) -> Option<Arc<Store>> {
        self.0?.join().ok().flatten().map(Arc::new)
    }
}

/// The store in a folder that was asked for, or in the user's. What does not work there is worth a word only if it was asked for:
/// the check is the same without.
fn opened(asked: Option<&Path>) -> Option<Store> {
    let folder = match asked {
        Some(folder) => folder.to_owned(),
        None => home("XDG_CACHE_HOME", ".cache")?.join("lexport"),
    };
    let opened = || {
        if folder.exists() && !folder.is_dir() {
            return Err("it is a file, and no folder".to_owned());
        }
        let key = home("XDG_STATE_HOME", ".local/state").ok_or("there is no home folder for its key")?.join("lexport/cache.key");
        let identity = identity().ok_or("this program cannot read itself")?;
        Store::open(Place { folder: &folder, key: &key, identity: &identity }).map_err(|error| error.to_string())
    };
    match opened() {
        Ok(store) => Some(store),
        Err(why) => {
            if asked.is_some() {
                output::say(&format!("note: nothing is kept in `{}`: {why}\n", folder.display()));
            }
            None
        }
    }
}

/// A folder of the user, as the XDG base directory specification has it: a relative path does not count.
fn home(variable: &str, otherwise: &str) -> Option<PathBuf> {
    let path = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    path(variable).or_else(|| Some(path("HOME")?.join(otherwise)))
}

/// This very program, also where another one has taken its place on the disk since it began: what its children say is kept under its seal.
pub fn program() -> Option<PathBuf> {
    let itself = Path::new("/proc/self/exe");
    if cfg!(target_os = "linux") && itself.exists() { Some(itself.to_owned()) } else { std::env::current_exe().ok() }
}

/// Which program this is, by its own bytes, and with which solver it runs. So no build believes another one.
fn identity() -> Option<Vec<u8>> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(std::fs::File::open(program()?).ok()?).ok()?;
    let mut identity = env!("CARGO_PKG_VERSION").as_bytes().to_vec();
    identity.push(0);
    identity.extend_from_slice(hasher.finalize().as_bytes());
    identity.extend_from_slice(&solver()?);
    Some(identity)
}

/// The version of the solver, and where it is a library of its own and the system says which, the bytes of that.
#[cfg(feature = "solver")]
fn solver() -> Option<Vec<u8>> {
    let mut identity = crate::smt::version().as_bytes().to_vec();
    for path in mapped() {
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(std::fs::File::open(path).ok()?).ok()?;
        identity.extend_from_slice(hasher.finalize().as_bytes());
    }
    Some(identity)
}

#[cfg(not(feature = "solver"))]
fn solver() -> Option<Vec<u8>> {
    Some(Vec::new())
}

/// The files of Z3 in the memory of this program: by `proc_pid_maps(5)` the sixth word.
#[cfg(all(feature = "solver", target_os = "linux"))]
fn mapped() -> std::collections::BTreeSet<PathBuf> {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap_or_default();
    let library = |line: &str| {
        let path = Path::new(line.splitn(6, ' ').nth(5)?.trim_start());
        path.file_name()?.to_str()?.starts_with("libz3").then(|| path.to_owned())
    };
    maps.lines().filter_map(library).collect()
}

#[cfg(all(feature = "solver", not(target_os = "linux")))]
fn mapped() -> std::collections::BTreeSet<PathBuf> {
    std::collections::BTreeSet::new()
}
