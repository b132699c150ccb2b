//! The columns of a Parquet file, decoded side by side: that takes longer than deciding, and a column is decoded without the others. Each thread has a share
//! of them, all come to the same rows in as many batches, and these are put together again in their order.

use std::fs::File;
use std::io::{BufReader, Read, Seek as _, SeekFrom};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::datatypes::{FieldRef, Schema};
use arrow::error::ArrowError;
use bytes::Bytes;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::errors::{ParquetError, Result};
use parquet::file::reader::{ChunkReader, Length};

use super::ROWS;

/// Batches that a thread may be ahead.
const AHEAD: usize = 2;

/// What a thread says: rows, that there are no more, or what is wrong.
type Said = std::result::Result<Option<RecordBatch>, ArrowError>;

/// A share of the columns, and who decodes it.
struct Share {
    /// The columns, by number, rising.
    columns: Vec<usize>,
    batches: Receiver<Said>,
}

/// The rows of a file.
pub(super) struct Columns {
    shares: Vec<Share>,
    /// How many columns there are.
    count: usize,
}

impl Columns {
    /// Decodes a file of which this is known on so many threads at the most. They end when nobody listens any more.
    ///
    /// # Errors
    /// If the file does not hold what it says; if there is no thread to be had.
    pub fn decode(file: File, metadata: &ArrowReaderMetadata, threads: usize) -> Result<Columns> {
        let shared = Shared { length: file.metadata()?.len(), file: Arc::new(Mutex::new(file)) };
        let schema = metadata.parquet_schema();
        let count = schema.root_schema().get_fields().len();
        let begin = |columns: Vec<usize>| {
            let (say, batches) = sync_channel(AHEAD);
            let mask = ProjectionMask::roots(schema, columns.iter().copied());
            let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(shared.clone(), metadata.clone());
            let reader = builder.with_batch_size(ROWS).with_projection(mask).build()?;
            std::thread::Builder::new().name("columns".to_owned()).spawn(move || hand_on(reader, &say))?;
            Ok(Share { columns, batches })
        };
        let shares = shares(metadata, count, threads).into_iter().map(begin).collect::<Result<_>>()?;
        Ok(Columns { shares, count })
    }

    /// The next rows.
    ///
    /// # Errors
    /// Where the file is broken.
    pub fn next(&mut self) -> std::result::Result<Option<RecordBatch>, ArrowError> {
        let mut batches = Vec::with_capacity(self.shares.len());
        for share in &self.shares {
            // Who says nothing any more before the end has panicked.
            batches.push(share.batches.recv().unwrap_or_else(|_| Err(broken("a column cannot be decoded")))?);
        }
        let Some(first) = batches[0].as_ref() else {
            return match batches.iter().any(Option::is_some) {
                true => Err(broken(UNEVEN)),
                false => Ok(None),
            };
        };
        let rows = first.num_rows();
        let mut columns: Vec<Option<(FieldRef, ArrayRef)>> = vec![None; self.count];
        for (share, batch) in self.shares.iter().zip(&batches) {
            let batch = batch.as_ref().filter(|batch| batch.num_rows() == rows).ok_or_else(|| broken(UNEVEN))?;
            for (column, (field, array)) in share.columns.iter().zip(batch.schema_ref().fields().iter().zip(batch.columns())) {
                columns[*column] = Some((field.clone(), array.clone()));
            }
        }
        let (fields, columns): (Vec<FieldRef>, Vec<ArrayRef>) = columns.into_iter().flatten().unzip();
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, &options).map(Some)
    }
}

const UNEVEN: &str = "its columns do not have as many rows as one another";

fn broken(why: &str) -> ArrowError {
    ArrowError::ParquetError(why.to_owned())
}

/// The columns in so many shares at the most that are about as long to decode: the largest first, each to whom has least.
fn shares(metadata: &ArrowReaderMetadata, count: usize, threads: usize) -> Vec<Vec<usize>> {
    let mut sizes: Vec<(i64, usize)> = (0..count).map(|column| (0, column)).collect();
    for group in metadata.metadata().row_groups() {
        for (leaf, chunk) in group.columns().iter().enumerate() {
            let root = metadata.parquet_schema().get_column_root_idx(leaf);
            sizes[root].0 = sizes[root].0.saturating_add(chunk.uncompressed_size());
        }
    }
    sizes.sort_by_key(|(size, column)| (std::cmp::Reverse(*size), *column));
    let mut shares: Vec<(i64, Vec<usize>)> = vec![(0, Vec::new()); threads.clamp(1, count.max(1))];
    for (size, column) in sizes {
        if let Some(least) = shares.iter_mut().min_by_key(|(all, columns)| (*all, columns.len())) {
            least.0 = least.0.saturating_add(size);
            least.1.push(column);
        }
    }
    let rising = |(_, mut columns): (i64, Vec<usize>)| {
        columns.sort_unstable();
        columns
    };
    shares.into_iter().map(rising).collect()
}

fn hand_on(reader: ParquetRecordBatchReader, say: &SyncSender<Said>) {
    for rows in reader {
        let last = rows.is_err();
        // Nobody listens any more if something else went wrong.
        if say.send(rows.map(Some)).is_err() || last {
            return;
        }
    }
    let _ = say.send(Ok(None));
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
