//! Rows in: CSV, NDJSON and Parquet as batches of Arrow columns. Text stays text here; `cells` reads it.

mod columns;
mod csv;
mod ndjson;
mod parquet;

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::datatypes::{Schema, SchemaRef};
use rustc_hash::FxHashSet;
use serde_json::{Map, Value};

use crate::cli::args::Rows;
use crate::cli::output::placeless;
use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{Domain, Program};

/// Rows of a batch.
const ROWS: usize = 32_768;
/// Bytes that one row may have.
const LONGEST: usize = 64 << 20;

/// What is known of the columns before they are read.
#[derive(Debug)]
pub struct Names {
    /// Inputs whose texts are of few kinds, so that a file that keeps them as a dictionary need not be spelt out. Numbers and the rest of an
    /// order do not repeat.
    few: FxHashSet<String>,
    /// What stands before a point in the path of an input: a value that has parts of its own may stand there.
    records: FxHashSet<String>,
}

impl Names {
    /// Those of a table.
    pub fn of(schema: &Program) -> Names {
        let repeats = |domain: &Domain| matches!(domain, Domain::Enum(_) | Domain::Set(_) | Domain::Bool);
        let few = schema.inputs.iter().filter(|input| repeats(&input.domain)).map(|input| input.name.clone());
        let records = schema
            .inputs
            .iter()
            .flat_map(|input| input.name.match_indices('.').map(|(at, _)| input.name[..at].to_owned()).collect::<Vec<_>>());
        Names { few: few.collect(), records: records.collect() }
    }
}

/// Some rows.
pub struct Batch {
    /// Their columns.
    pub rows: RecordBatch,
    /// The line (of a file of lines) or row of each, from 1.
    pub lines: Vec<u64>,
    /// The objects that the rows were, of NDJSON: parts of records by their paths.
    pub objects: Option<Vec<Map<String, Value>>>,
    /// The objects as they were written, where a record in one has parts.
    pub given: Option<Vec<Map<String, Value>>>,
    /// The columns as the file declares them: texts of few kinds come as dictionaries, whatever the file says.
    pub declared: SchemaRef,
    /// Whether more rows follow that may have other columns.
    pub more: bool,
}

impl Batch {
    /// No rows.
    pub fn empty(header: SchemaRef) -> Batch {
        let rows = RecordBatch::new_empty(header.clone());
        Batch { rows, lines: Vec::new(), objects: None, given: None, declared: header, more: false }
    }

    /// The same rows with some of their columns only, in the order of the input.
    pub fn keep(self, names: &[String]) -> Batch {
        // Of an object as it was written also the record is meant that has a wanted part, and of a wanted record all its parts.
        let below = |record: &str, part: &str| part.strip_prefix(record).is_some_and(|rest| rest.starts_with('.'));
        let nested = self.given.is_some();
        let wanted = |name: &str| names.iter().any(|one| one == name || nested && below(one, name));
        let holds = |name: &str| names.iter().any(|one| one == name || below(name, one));
        let places = |schema: &Schema| -> Vec<usize> {
            schema.fields().iter().enumerate().filter(|(_, field)| wanted(field.name())).map(|(index, _)| index).collect()
        };
        let project = |schema: &Schema| -> SchemaRef {
            let fields: Vec<_> = schema.fields().iter().filter(|field| wanted(field.name())).cloned().collect();
            Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()))
        };
        let columns: Vec<ArrayRef> = places(&self.rows.schema()).into_iter().map(|at| self.rows.column(at).clone()).collect();
        // Rows without columns still are so many rows.
        let count = RecordBatchOptions::new().with_row_count(Some(self.rows.num_rows()));
        let rows = RecordBatch::try_new_with_options(project(&self.rows.schema()), columns, &count);
        let of = |objects: Option<Vec<Map<String, Value>>>, wanted: &dyn Fn(&str) -> bool| {
            let kept = |object: Map<String, Value>| object.into_iter().filter(|(name, _)| wanted(name)).collect();
            objects.map(|objects| objects.into_iter().map(kept).collect())
        };
        Batch {
            rows: rows.expect("columns of one batch are of one length"),
            lines: self.lines,
            objects: of(self.objects, &wanted),
            given: of(self.given, &holds),
            declared: project(&self.declared),
            more: self.more,
        }
    }

    /// The columns.
    pub fn schema(&self) -> SchemaRef {
        self.rows.schema()
    }
}

/// Reads batches.
pub struct Reader {
    name: String,
    form: Form,
    header: SchemaRef,
    read: Arc<AtomicU64>,
}

enum Form {
    Csv(csv::Csv),
    Ndjson(Box<ndjson::Ndjson>),
    Parquet(Box<parquet::Parquet>),
}

/// Counts bytes.
struct Counted {
    inner: Box<dyn Read + Send>,
    read: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

fn bad(text: String) -> Diagnostic {
    placeless(Code::BadData, text)
}

fn too_long(name: &str, line: u64) -> Diagnostic {
    bad(format!("{name}:{line}: a row of more than 64 MiB (is a quotation mark left open?)"))
}

impl Reader {
    /// Opens a file, or standard input, whose form shows in its first byte if it was not said.
    ///
    /// # Errors
    /// If it cannot be opened, or has no header.
    pub fn open(path: Option<&Path>, name: &str, form: Option<Rows>, names: Names) -> Result<Reader, Diagnostic> {
        let unreadable =
            |error: &dyn std::fmt::Display| placeless(Code::MissingFile, format!("cannot read `{name}`")).note(error.to_string());
        let read = Arc::new(AtomicU64::new(0));
        if let (Some(path), Some(Rows::Parquet)) = (path, form) {
            if path.is_dir() {
                return Err(unreadable(&"it is a folder"));
            }
            return Self::parquet(File::open(path).map_err(|error| unreadable(&error))?, name, read, &names);
        }
        let inner: Box<dyn Read + Send> = match path {
            Some(path) if path.is_dir() => return Err(unreadable(&"it is a folder")),
            Some(path) => Box::new(File::open(path).map_err(|error| unreadable(&error))?),
            None => Box::new(std::io::stdin()),
        };
        let mut reader = BufReader::with_capacity(1 << 16, Counted { inner, read: read.clone() });
        let first = reader.fill_buf().map_err(|error| unreadable(&error))?;
        let form = form.unwrap_or_else(|| if path.is_some() { Rows::Csv } else { sniffed(first) });
        if form == Rows::Parquet {
            // Parquet is read from its end, so a stream is put aside first.
            let mut file = tempfile::tempfile().map_err(|error| unreadable(&error))?;
            let aside = std::io::copy(&mut reader, &mut file).and_then(|_| std::io::Seek::rewind(&mut file));
            aside.map_err(|error| unreadable(&error))?;
            return Self::parquet(file, name, read, &names);
        }
        if let Some(foreign) = foreign(first) {
            return Err(bad(format!("{name}: {}", foreign.0)).help(foreign.1));
        }
        let (form, header) = match form {
            Rows::Csv => {
                let csv = csv::Csv::open(name, reader)?;
                let header = csv.header();
                (Form::Csv(csv), header)
            }
            _ => (Form::Ndjson(Box::new(ndjson::Ndjson::new(reader, names))), Arc::new(Schema::empty())),
        };
        Ok(Reader { name: name.to_owned(), form, header, read })
    }

    fn parquet(file: File, name: &str, read: Arc<AtomicU64>, names: &Names) -> Result<Reader, Diagnostic> {
        let parquet = parquet::Parquet::open(file, name, names)?;
        Ok(Reader { name: name.to_owned(), header: parquet.header(), form: Form::Parquet(Box::new(parquet)), read })
    }

    /// In which form the rows are.
    pub fn form(&self) -> Rows {
        match self.form {
            Form::Csv(_) => Rows::Csv,
            Form::Ndjson(_) => Rows::Ndjson,
            Form::Parquet(_) => Rows::Parquet,
        }
    }

    /// The columns, as far as they are known before the first row.
    pub fn header(&self) -> SchemaRef {
        self.header.clone()
    }

    /// Bytes read so far.
    pub fn position(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// The next rows.
    ///
    /// # Errors
    /// Where the form of the file is broken.
    pub fn next(&mut self) -> Result<Option<Batch>, Diagnostic> {
        match &mut self.form {
            Form::Csv(csv) => csv.batch(&self.name),
            Form::Ndjson(ndjson) => ndjson.batch(&self.name),
            Form::Parquet(parquet) => {
                let batch = parquet.batch(&self.name)?;
                if let Some(batch) = &batch {
                    self.read.fetch_add(batch.rows.get_array_memory_size() as u64, Ordering::Relaxed);
                }
                Ok(batch)
            }
        }
    }
}

/// The form of a stream, by how it begins.
fn sniffed(bytes: &[u8]) -> Rows {
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
    match text.first() {
        _ if bytes.starts_with(b"PAR1") => Rows::Parquet,
        // A list of objects too: what is wrong with it is then said of JSON.
        Some(b'{' | b'[') => Rows::Ndjson,
        _ => Rows::Csv,
    }
}

/// What is no text in UTF-8, by how it begins, and what to do.
fn foreign(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    let begins = |with: &[&[u8]]| with.iter().any(|with| bytes.starts_with(with));
    if begins(&[b"PK\x03\x04", b"\xD0\xCF\x11\xE0"]) {
        return Some(("this is a spreadsheet or an archive, not rows of text", SHEET));
    }
    // Letters of Latin script have an empty byte beside them in UTF-16.
    if begins(&[b"\xFF\xFE", b"\xFE\xFF"]) || bytes.iter().take(4).any(|byte| *byte == 0) {
        let how = "save it as UTF-8 (in a spreadsheet: \"CSV UTF-8\"), or: iconv -f UTF-16 -t UTF-8 FILE > NEW";
        return Some(("the text is UTF-16, and must be UTF-8", how));
    }
    None
}

/// What to do with a spreadsheet.
pub const SHEET: &str = "save the sheet as \"CSV UTF-8\", with commas between the cells";

/// Two columns of one name: of two values neither may be dropped without a word.
fn twice(schema: &Schema) -> Option<&str> {
    let mut seen = FxHashSet::default();
    schema.fields().iter().map(|field| field.name().as_str()).find(|name| !seen.insert(*name))
}
