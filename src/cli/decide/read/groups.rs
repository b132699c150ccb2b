//! Row groups of a Parquet file, read side by side and handed on in their order: decoding takes longer than deciding, and a row group is decoded without
//! the others.

use std::fs::File;
use std::io::{BufReader, Read, Seek as _, SeekFrom};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::RecordBatch;
use bytes::Bytes;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ParquetRecordBatchReaderBuilder};
use parquet::errors::{ParquetError, Result};
use parquet::file::reader::{ChunkReader, Length};

use super::ROWS;

/// Batches that a thread may be ahead.
const AHEAD: usize = 2;

/// What a thread says: rows, the end of its row group, or what is wrong with it.
type Said = Result<Option<RecordBatch>>;

/// The rows of a file, group after group.
pub(super) struct Groups {
    /// The threads in turn: each reads every so-many-eth row group.
    threads: Vec<Receiver<Said>>,
    /// Whose turn it is.
    turn: usize,
    /// How many row groups are left.
    left: usize,
}

impl Groups {
    /// Reads a file of which this is known on so many threads at the most. They end when nobody listens any more.
    pub fn read(file: File, metadata: &ArrowReaderMetadata, threads: usize) -> Result<Groups> {
        let left = metadata.metadata().num_row_groups();
        let shared = Shared { length: file.metadata()?.len(), file: Arc::new(Mutex::new(file)) };
        let many = threads.min(left);
        let begin = |first: usize| {
            let (say, said) = sync_channel(AHEAD);
            let (shared, metadata) = (shared.clone(), metadata.clone());
            let groups = (first..left).step_by(many);
            let thread = std::thread::Builder::new().name("row groups".to_owned());
            thread.spawn(move || read(&shared, &metadata, groups, &say)).map(|_| said)
        };
        let threads = (0..many).map(begin).collect::<std::io::Result<Vec<_>>>()?;
        Ok(Groups { threads, turn: 0, left })
    }

    /// The next rows.
    ///
    /// # Errors
    /// Where the file is broken.
    pub fn next(&mut self) -> Result<Option<RecordBatch>> {
        while self.left > 0 {
            // A thread that says nothing more before its end has panicked.
            let said =
                self.threads[self.turn].recv().map_err(|_| ParquetError::General("a row group cannot be read".to_owned()))?;
            if let Some(rows) = said? {
                return Ok(Some(rows));
            }
            self.left -= 1;
            self.turn = (self.turn + 1) % self.threads.len();
        }
        Ok(None)
    }
}

fn read(shared: &Shared, metadata: &ArrowReaderMetadata, groups: impl Iterator<Item = usize>, say: &SyncSender<Said>) {
    for group in groups {
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(shared.clone(), metadata.clone());
        let reader = match builder.with_batch_size(ROWS).with_row_groups(vec![group]).build() {
            Ok(reader) => reader,
            Err(error) => {
                let _ = say.send(Err(error));
                return;
            }
        };
        for rows in reader {
            let (said, broken) = match rows {
                Ok(rows) => (Ok(Some(rows)), false),
                Err(error) => (Err(error.into()), true),
            };
            // Nobody listens any more if something else went wrong.
            if say.send(said).is_err() || broken {
                return;
            }
        }
        if say.send(Ok(None)).is_err() {
            return;
        }
    }
}

/// A file that several threads read at places of their own: opened once, so that all read the same file, whatever stands under its name later.
#[derive(Clone)]
struct Shared {
    file: Arc<Mutex<File>>,
    length: u64,
}

impl Shared {
    fn at(&self, place: u64, read: impl FnOnce(&mut File) -> std::io::Result<usize>) -> std::io::Result<usize> {
        // A thread that panicked in reading leaves no more than another place, and each reader goes to its own.
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(place))?;
        read(&mut file)
    }
}

impl Length for Shared {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for Shared {
    type T = BufReader<Place>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        Ok(BufReader::new(Place { shared: self.clone(), place: start }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        // What the file says of itself may be wrong: no more is allocated than it has.
        if self.length.checked_sub(start).is_none_or(|left| (length as u64) > left) {
            return Err(ParquetError::EOF(format!("{length} bytes from {start} on, and the file has {}", self.length)));
        }
        let mut bytes = vec![0; length];
        self.at(start, |file| file.read_exact(&mut bytes).map(|()| length))?;
        Ok(bytes.into())
    }
}

/// A place in a file, from which on it is read.
struct Place {
    shared: Shared,
    place: u64,
}

impl Read for Place {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.shared.at(self.place, |file| file.read(buffer))?;
        self.place += count as u64;
        Ok(count)
    }
}
