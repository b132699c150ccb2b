//! Segments: files of records, each written by one process and only ever extended.
//!
//! A record is its length, the digest, the bytes, the seal. A file that was cut short ends with its last whole record; one in which
//! a length was altered ends there, because what follows no longer has a seal that fits.

use std::fs::{File, OpenOptions};
use std::io::{Error, ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::seal::Digest;

/// The length, the digest and the seal.
const FRAME: usize = 4 + 32 + 32;

/// How the names of segments end.
const ENDING: &str = ".records";

/// Whether a file is called like a segment: a tag and a number, of 16 digits each. Nothing else in the folder is ours.
fn is_segment(path: &Path) -> bool {
    let digits = |text: &str| text.len() == 16 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let name = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(ENDING));
    name.and_then(|name| name.split_once('-')).is_some_and(|(tag, number)| digits(tag) && digits(number))
}

/// A segment that lies in the folder.
pub(super) struct Found {
    pub path: PathBuf,
    pub size: u64,
    pub used: SystemTime,
}

/// The plain files in a folder that are called like segments, the latest used first.
pub(super) fn found(folder: &Path) -> Vec<Found> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut all: Vec<Found> = entries
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            // Not through a link: it may lead to something that has no end.
            let data = path.symlink_metadata().ok().filter(std::fs::Metadata::is_file)?;
            is_segment(&path).then(|| Found { size: data.len(), used: data.modified().unwrap_or(SystemTime::UNIX_EPOCH), path })
        })
        .collect();
    all.sort_by(|a, b| b.used.cmp(&a.used).then_with(|| a.path.cmp(&b.path)));
    all
}

/// The bytes of a segment, up to so many.
pub(super) fn read(path: &Path, most: u64) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(most).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// One record as it lies in a segment; nobody has looked at its seal yet.
pub(super) struct Record<'b> {
    pub digest: Digest,
    pub bytes: &'b [u8],
    pub seal: Digest,
}

/// The whole record that begins at a place, and where the next one does.
pub(super) fn record(segment: &[u8], at: usize) -> Option<(Record<'_>, usize)> {
    let rest = segment.get(at..)?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let (digest, rest) = rest.split_first_chunk::<32>()?;
    let length = u32::from_le_bytes(*length) as usize;
    let (bytes, rest) = rest.split_at_checked(length)?;
    let (seal, _) = rest.split_first_chunk::<32>()?;
    Some((Record { digest: *digest, bytes, seal: *seal }, at + FRAME + length))
}

/// Appends a record.
pub(super) fn push(segment: &mut Vec<u8>, digest: &Digest, bytes: &[u8], seal: &Digest) {
    let Ok(length) = u32::try_from(bytes.len()) else { return };
    segment.extend_from_slice(&length.to_le_bytes());
    segment.extend_from_slice(digest);
    segment.extend_from_slice(bytes);
    segment.extend_from_slice(seal);
}

/// A new segment, whose name nobody else has, and which stands behind all that were begun before.
pub(super) fn begin(folder: &Path, tag: &str) -> Result<(File, PathBuf), Error> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let mut number = u64::try_from(now.as_nanos()).unwrap_or(u64::MAX);
    let mut options = OpenOptions::new();
    options.append(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    loop {
        let path = folder.join(format!("{tag}-{number:016x}{ENDING}"));
        match options.open(&path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => number = number.wrapping_add(1),
            file => return Ok((file?, path)),
        }
    }
}

/// Appends whole records in one piece.
pub(super) fn extend(file: &mut File, records: &[u8]) -> Result<(), Error> {
    file.write_all(records)
}

/// A folder that others cannot look into, if it has to be made.
pub(super) fn private_folder(folder: &Path) -> Result<(), Error> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
