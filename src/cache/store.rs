//! The store: segments in memory, an index over them, and what this process adds.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use super::seal::{Digest, Seal, secret};
use super::segment::{self, Record};

/// How many bytes all segments may have together; beyond, those are dropped that were not used for the longest time.
const MOST: u64 = 256 << 20;

/// So many segments of one build are joined into one.
const JOINED: usize = 24;

/// Records that wait are written once they have so many bytes.
const WAITING: usize = 1 << 12;

/// Where a store is, and what it is bound to.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The folder of the records.
    pub folder: &'a Path,
    /// The file of the secret; not in that folder, because who can write records must not be able to seal them.
    pub key: &'a Path,
    /// What the answers depend on besides the question: which program answers, with which solver.
    pub identity: &'a [u8],
}

/// Records by digest.
pub struct Store {
    folder: PathBuf,
    seal: Seal,
    inner: Mutex<Inner>,
    hits: AtomicUsize,
    misses: AtomicUsize,
}

#[derive(Default)]
struct Inner {
    segments: Vec<Segment>,
    /// Which segment has the record, and where it begins.
    index: HashMap<Digest, (usize, usize)>,
    /// What this process has added and not written yet; the segments' last.
    waiting: Vec<u8>,
    file: Option<File>,
    /// Nothing can be written.
    closed: bool,
}

struct Segment {
    path: Option<PathBuf>,
    bytes: Vec<u8>,
    used: bool,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl Store {
    /// The store in a folder; it is made if there is none.
    ///
    /// # Errors
    /// If there is no secret and none can be made, or it is no secret any more; or if the folder cannot be made.
    pub fn open(place: Place<'_>) -> Result<Store, Error> {
        segment::private_folder(place.folder)?;
        let key = secret(place.key)?;
        let within = |path: &Path| path.canonicalize().ok();
        if within(place.key).zip(within(place.folder)).is_none_or(|(key, folder)| key.starts_with(folder)) {
            return Err(Error::new(ErrorKind::InvalidInput, "the key lies in the folder that it is to guard"));
        }
        let seal = Seal::new(&key, place.identity);
        let mut inner = Inner::default();
        let tag = seal.tag();
        let mut room = MOST;
        let mut all = segment::found(place.folder);
        // The last that was begun comes first: what it says was put there instead of what others say.
        all.sort_by(|a, b| b.path.cmp(&a.path));
        for found in all {
            let own = found.path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&tag));
            if !own || found.size > room {
                continue;
            }
            let Some(bytes) = segment::read(&found.path, room) else { continue };
            room -= bytes.len() as u64;
            let (number, mut at) = (inner.segments.len(), 0);
            while let Some((record, next)) = segment::record(&bytes, at) {
                // Within a segment the last record counts.
                let place = inner.index.entry(record.digest).or_insert((number, at));
                if place.0 == number {
                    *place = (number, at);
                }
                at = next;
            }
            inner.segments.push(Segment { path: Some(found.path), bytes, used: false });
        }
        inner.segments.push(Segment { path: None, bytes: Vec::new(), used: false });
        let (hits, misses) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Ok(Store { folder: place.folder.to_owned(), seal, inner: Mutex::new(inner), hits, misses })
    }

    /// What is kept under a digest, if it is as this build has written it.
    pub fn get(&self, digest: &Digest) -> Option<Vec<u8>> {
        let found = self.sealed(digest);
        let count = if found.is_some() { &self.hits } else { &self.misses };
        count.fetch_add(1, Ordering::Relaxed);
        found
    }

    fn sealed(&self, digest: &Digest) -> Option<Vec<u8>> {
        let mut inner = self.inner();
        let (number, at) = *inner.index.get(digest)?;
        let segment = &mut inner.segments[number];
        let (Record { digest: found, bytes, seal }, _) = segment::record(&segment.bytes, at)?;
        if found != *digest || !self.seal.fits(digest, bytes, &seal) {
            return None;
        }
        let bytes = bytes.to_vec();
        segment.used = true;
        Some(bytes)
    }

    /// Keeps something under a digest, instead of what is there.
    pub fn put(&self, digest: &Digest, bytes: &[u8]) {
        if self.sealed(digest).is_some_and(|kept| kept == bytes) {
            return;
        }
        let seal = self.seal.of(digest, bytes);
        let mut inner = self.inner();
        let inner = &mut *inner;
        let number = inner.segments.len() - 1;
        let own = &mut inner.segments[number];
        let at = own.bytes.len();
        segment::push(&mut own.bytes, digest, bytes, seal.as_bytes());
        inner.waiting.extend_from_slice(&own.bytes[at..]);
        inner.index.insert(*digest, (number, at));
        if inner.waiting.len() > WAITING {
            self.write(inner);
        }
    }

    /// Writes what waits. That it cannot be written is no reason to end a check: then it is not kept.
    pub fn flush(&self) {
        self.write(&mut self.inner());
    }

    fn write(&self, inner: &mut Inner) {
        let waiting = std::mem::take(&mut inner.waiting);
        if waiting.is_empty() || inner.closed {
            return;
        }
        if inner.file.is_none() {
            match segment::begin(&self.folder, &self.seal.tag()) {
                Ok((file, path)) => {
                    inner.file = Some(file);
                    if let Some(own) = inner.segments.last_mut() {
                        own.path = Some(path);
                    }
                }
                Err(_) => inner.closed = true,
            }
        }
        if let Some(file) = &mut inner.file
            && segment::extend(file, &waiting).is_err()
        {
            // What stands there now may end in half a record; nothing may follow it.
            inner.file = None;
            inner.closed = true;
        }
    }

    /// How many digests were found, and how many were not.
    pub fn counts(&self) -> (usize, usize) {
        (self.hits.load(Ordering::Relaxed), self.misses.load(Ordering::Relaxed))
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        // Whoever panicked with it was not in the middle of a change that matters: records are checked when they are read.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Joins many small segments into one, notes which were of use, and drops what has not been for the longest time.
    fn tidy(&self, inner: &mut Inner) {
        let now = SystemTime::now();
        let named = inner.segments.iter().filter(|segment| segment.path.is_some()).count();
        if named > JOINED && !inner.closed {
            self.join(inner);
        } else {
            for path in inner.segments.iter().filter(|segment| segment.used).filter_map(|segment| segment.path.as_ref()) {
                let _ = File::options().append(true).open(path).and_then(|file| file.set_modified(now));
            }
        }
        let mut room = MOST;
        for found in segment::found(&self.folder) {
            match room.checked_sub(found.size) {
                Some(left) => room = left,
                None => drop(std::fs::remove_file(&found.path)),
            }
        }
    }

    fn join(&self, inner: &mut Inner) {
        let mut all = Vec::new();
        for (number, segment) in inner.segments.iter().enumerate() {
            let mut at = 0;
            while let Some((record, next)) = segment::record(&segment.bytes, at) {
                // The last of several, and only what is believed.
                if inner.index.get(&record.digest) == Some(&(number, at))
                    && self.seal.fits(&record.digest, record.bytes, &record.seal)
                {
                    segment::push(&mut all, &record.digest, record.bytes, &record.seal);
                }
                at = next;
            }
        }
        let Ok((mut file, path)) = segment::begin(&self.folder, &self.seal.tag()) else { return };
        if segment::extend(&mut file, &all).is_err() {
            drop(std::fs::remove_file(path));
            return;
        }
        // What another process adds to one of these from now on is lost; it is asked again.
        for path in inner.segments.iter().filter_map(|segment| segment.path.as_ref()) {
            let _ = std::fs::remove_file(path);
        }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        let mut inner = self.inner();
        self.write(&mut inner);
        self.tidy(&mut inner);
    }
}
