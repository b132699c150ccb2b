//! Rows in: CSV, NDJSON and Parquet as batches of Arrow columns. Text stays text here; `cells` reads it.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek as _};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions, StringArray, StringBuilder};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};

use crate::cli::args::Rows;
use crate::cli::output::placeless;
use crate::diagnostic::{Code, Diagnostic};

/// Rows of a batch.
const ROWS: usize = 32_768;
/// Bytes that one row may have.
const LONGEST: u64 = 64 << 20;

/// Some rows.
pub struct Batch {
    /// Their columns.
    pub rows: RecordBatch,
    /// The line (of a file of lines) or row of each, from 1.
    pub lines: Vec<u64>,
    /// The objects that the rows were, of NDJSON.
    pub objects: Option<Vec<Map<String, Value>>>,
    /// The columns as the file declares them: texts of few kinds come as dictionaries, whatever the file says.
    pub declared: SchemaRef,
}

impl Batch {
    /// No rows.
    pub fn empty(header: SchemaRef) -> Batch {
        Batch { rows: RecordBatch::new_empty(header.clone()), lines: Vec::new(), objects: None, declared: header }
    }

    /// The same rows with some of their columns only, in the order of the input.
    pub fn keep(self, names: &[String]) -> Batch {
        let wanted = |name: &str| names.iter().any(|one| one == name);
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
        let objects = self.objects.map(|objects| {
            let kept = |object: Map<String, Value>| object.into_iter().filter(|(name, _)| wanted(name)).collect();
            objects.into_iter().map(kept).collect()
        });
        Batch {
            rows: rows.expect("columns of one batch are of one length"),
            lines: self.lines,
            objects,
            declared: project(&self.declared),
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
    Csv { reader: Box<csv::Reader<Counted>>, record: csv::ByteRecord, budget: Arc<AtomicU64> },
    Ndjson { reader: BufReader<Counted>, line: u64 },
    Parquet { reader: Box<ParquetRecordBatchReader>, row: u64 },
}

/// Counts bytes, and refuses to go on without end for one row.
struct Counted {
    inner: Box<dyn Read + Send>,
    read: Arc<AtomicU64>,
    budget: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        if self.budget.load(Ordering::Relaxed) < count as u64 {
            return Err(std::io::Error::other("a row of more than 64 MiB (is a quotation mark left open?)"));
        }
        self.budget.fetch_sub(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

fn bad(text: String) -> Diagnostic {
    placeless(Code::BadData, text)
}

impl Reader {
    /// Opens a file, or standard input, whose form shows in its first byte if it was not said. `few` says of a column's name whether its texts
    /// are of few kinds, so that a file that keeps them as a dictionary need not be spelt out.
    ///
    /// # Errors
    /// If it cannot be opened, or has no header.
    pub fn open(path: Option<&Path>, name: &str, form: Option<Rows>, few: &dyn Fn(&str) -> bool) -> Result<Reader, Diagnostic> {
        let unreadable =
            |error: &dyn std::fmt::Display| placeless(Code::MissingFile, format!("cannot read `{name}`")).note(error.to_string());
        let (read, budget) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(LONGEST)));
        let open = |path: Option<&Path>| -> std::io::Result<(Box<dyn Read + Send>, Rows)> {
            Ok(match path {
                Some(path) if path.is_dir() => return Err(std::io::Error::other("it is a folder")),
                Some(path) => (Box::new(File::open(path)?), form.unwrap_or(Rows::Csv)),
                None => {
                    let mut stdin = BufReader::new(std::io::stdin());
                    let form = match form {
                        Some(form) => form,
                        None => sniffed(stdin.fill_buf()?),
                    };
                    (Box::new(stdin), form)
                }
            })
        };
        let (mut inner, form) = open(path).map_err(|error| unreadable(&error))?;
        if form == Rows::Parquet && path.is_none() {
            // Parquet is read from its end, so a stream is put aside first.
            let mut file = tempfile::tempfile().map_err(|error| unreadable(&error))?;
            std::io::copy(&mut inner, &mut file).and_then(|_| file.rewind()).map_err(|error| unreadable(&error))?;
            return Self::parquet(file, name, read, few);
        }
        if form == Rows::Parquet
            && let Some(path) = path
        {
            return Self::parquet(File::open(path).map_err(|error| unreadable(&error))?, name, read, few);
        }
        let counted = Counted { inner, read: read.clone(), budget: budget.clone() };
        let mut header = Arc::new(Schema::empty());
        let form = match form {
            Rows::Csv => {
                let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(counted);
                let names = reader.byte_headers().map_err(|error| bad(format!("{name}: {error}")))?.clone();
                header = csv_header(name, &names)?;
                Form::Csv { reader: Box::new(reader), record: csv::ByteRecord::new(), budget }
            }
            _ => Form::Ndjson { reader: BufReader::with_capacity(1 << 16, counted), line: 0 },
        };
        Ok(Reader { name: name.to_owned(), form, header, read })
    }

    fn parquet(file: File, name: &str, read: Arc<AtomicU64>, few: &dyn Fn(&str) -> bool) -> Result<Reader, Diagnostic> {
        let open = || -> parquet::errors::Result<(SchemaRef, ParquetRecordBatchReader)> {
            let plain = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new())?;
            let header = plain.schema().clone();
            let fields = header.fields().iter().map(|field| match field.data_type() {
                DataType::Utf8 if few(field.name()) => {
                    let dictionary = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
                    Arc::new(field.as_ref().clone().with_data_type(dictionary))
                }
                _ => field.clone(),
            });
            let fields: Vec<_> = fields.collect();
            let wanted = Arc::new(Schema::new_with_metadata(fields, header.metadata().clone()));
            let wanted = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new().with_schema(wanted)).unwrap_or(plain);
            let file = file.try_clone().map_err(|error| parquet::errors::ParquetError::External(Box::new(error)))?;
            let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, wanted).with_batch_size(ROWS).build()?;
            Ok((header, reader))
        };
        let (header, reader) = open().map_err(|error| bad(format!("{name} is not a Parquet file: {error}")))?;
        Ok(Reader { name: name.to_owned(), form: Form::Parquet { reader: Box::new(reader), row: 0 }, header, read })
    }

    /// In which form the rows are.
    pub fn form(&self) -> Rows {
        match self.form {
            Form::Csv { .. } => Rows::Csv,
            Form::Ndjson { .. } => Rows::Ndjson,
            Form::Parquet { .. } => Rows::Parquet,
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
            Form::Csv { reader, record, budget } => csv_batch(&self.name, &self.header, reader, record, budget),
            Form::Ndjson { reader, line } => ndjson_batch(&self.name, reader, line),
            Form::Parquet { reader, row } => match reader.next() {
                None => Ok(None),
                Some(Ok(rows)) => {
                    let count = rows.num_rows() as u64;
                    let lines = (*row + 1..=*row + count).collect();
                    *row += count;
                    self.read.fetch_add(rows.get_array_memory_size() as u64, Ordering::Relaxed);
                    Ok(Some(Batch { rows, lines, objects: None, declared: self.header.clone() }))
                }
                Some(Err(error)) => Err(bad(format!("{}: after row {row}: {error}", self.name))),
            },
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

fn csv_header(name: &str, names: &csv::ByteRecord) -> Result<SchemaRef, Diagnostic> {
    let mut fields: Vec<Field> = Vec::new();
    for (index, bytes) in names.iter().enumerate() {
        let text = std::str::from_utf8(bytes)
            .map_err(|_| bad(format!("{name}:1: the name of column {} is not UTF-8 text", index + 1)))?;
        if let (1, Some(separator)) = (names.len(), text.chars().find(|c| matches!(c, ';' | '\t'))) {
            let by = if separator == ';' { "`;`" } else { "tabs" };
            return Err(bad(format!("{name}:1: the file seems to be separated by {by}; Lexport reads commas"))
                .help("save it with commas between the cells"));
        }
        let text = text.trim_start_matches('\u{FEFF}').trim();
        if fields.iter().any(|field| field.name() == text) {
            return Err(bad(format!("{name}:1: the column `{text}` stands twice")));
        }
        fields.push(Field::new(text, DataType::Utf8, true));
    }
    if fields.is_empty() {
        return Err(bad(format!("{name} is empty")).help("the first line of a CSV file names its columns"));
    }
    Ok(Arc::new(Schema::new(fields)))
}

fn csv_batch(
    name: &str,
    header: &SchemaRef,
    reader: &mut csv::Reader<Counted>,
    record: &mut csv::ByteRecord,
    budget: &AtomicU64,
) -> Result<Option<Batch>, Diagnostic> {
    let columns = header.fields().len();
    let mut builders: Vec<StringBuilder> = (0..columns).map(|_| StringBuilder::new()).collect();
    let mut lines = Vec::new();
    while lines.len() < ROWS {
        budget.store(LONGEST, Ordering::Relaxed);
        let line = reader.position().line();
        match reader.read_byte_record(record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => return Err(bad(format!("{name}:{line}: {error}"))),
        }
        let line = record.position().map_or(line, csv::Position::line);
        if record.len() != columns {
            let text = format!("{name}:{line}: {} cells where the header has {columns}", record.len());
            return Err(bad(text).help("a cell with a comma in it stands in double quotes"));
        }
        for (index, (builder, cell)) in builders.iter_mut().zip(record.iter()).enumerate() {
            match std::str::from_utf8(cell) {
                Ok("") => builder.append_null(),
                Ok(text) => builder.append_value(text),
                Err(_) => {
                    let column = header.field(index).name();
                    return Err(bad(format!("{name}:{line}: `{column}`: the cell is not UTF-8 text")));
                }
            }
        }
        lines.push(line);
    }
    if lines.is_empty() {
        return Ok(None);
    }
    let arrays: Vec<ArrayRef> = builders.into_iter().map(|mut builder| Arc::new(builder.finish()) as ArrayRef).collect();
    let rows = RecordBatch::try_new(header.clone(), arrays).map_err(|error| bad(format!("{name}: {error}")))?;
    Ok(Some(Batch { rows, lines, objects: None, declared: header.clone() }))
}

fn ndjson_batch(name: &str, reader: &mut BufReader<Counted>, line: &mut u64) -> Result<Option<Batch>, Diagnostic> {
    let (mut lines, mut objects) = (Vec::new(), Vec::new());
    let mut bytes = Vec::new();
    while lines.len() < ROWS {
        bytes.clear();
        reader.get_mut().budget.store(LONGEST, Ordering::Relaxed);
        let count = reader
            .by_ref()
            .take(LONGEST)
            .read_until(b'\n', &mut bytes)
            .map_err(|error| bad(format!("{name}:{}: {error}", *line + 1)))?;
        if count == 0 {
            break;
        }
        *line += 1;
        let text = std::str::from_utf8(&bytes).map_err(|_| bad(format!("{name}:{line}: the line is not UTF-8 text")))?;
        let text = if *line == 1 { text.trim_start_matches('\u{FEFF}') } else { text };
        if text.trim().is_empty() {
            continue;
        }
        let Row(object) = serde_json::from_str(text).map_err(|error| {
            let what = error.to_string();
            let what = what.rsplit_once(" at line ").map_or(what.as_str(), |(what, _)| what);
            let start = text.trim_start();
            if start.starts_with('[') {
                let column = text.chars().count() - start.chars().count() + 1;
                return bad(format!("{name}:{line}:{column}: a list, not one JSON object"))
                    .help("write one object on each line, without `[` and `]` around them");
            }
            // Of a value of another kind the reader knows no column.
            bad(format!("{name}:{line}:{}: not one JSON object: {what}", error.column().max(1)))
                .help("write one object on each line")
        })?;
        lines.push(*line);
        objects.push(object);
    }
    if lines.is_empty() {
        return Ok(None);
    }
    let mut names: indexmap::IndexSet<&str, rustc_hash::FxBuildHasher> = indexmap::IndexSet::default();
    for object in &objects {
        names.extend(object.keys().map(String::as_str));
    }
    let mut fields = Vec::new();
    let mut arrays: Vec<ArrayRef> = Vec::new();
    for column in &names {
        fields.push(Field::new(*column, DataType::Utf8, true));
        let cells: StringArray = objects.iter().map(|object| object.get(*column).and_then(cell)).collect();
        arrays.push(Arc::new(cells));
    }
    let options = arrow::array::RecordBatchOptions::new().with_row_count(Some(lines.len()));
    let rows = RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), arrays, &options)
        .map_err(|error| bad(format!("{name}: {error}")))?;
    let declared = rows.schema();
    Ok(Some(Batch { rows, lines, objects: Some(objects), declared }))
}

/// A JSON object in which no key stands twice: of two values neither may be dropped without a word.
struct Row(Map<String, Value>);

impl<'de> Deserialize<'de> for Row {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Keys;
        impl<'de> Visitor<'de> for Keys {
            type Value = Row;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Row, A::Error> {
                let mut row = Map::new();
                while let Some((key, value)) = entries.next_entry::<String, Value>()? {
                    if row.contains_key(&key) {
                        return Err(serde::de::Error::custom(format!("`{key}` is given twice")));
                    }
                    row.insert(key, value);
                }
                Ok(Row(row))
            }
        }
        from.deserialize_map(Keys)
    }
}

/// A JSON value as a cell of text; a list of texts as `{A, B}`.
fn cell(value: &Value) -> Option<String> {
    Some(match value {
        Value::Null => return None,
        Value::String(text) => text.clone(),
        // A text with a comma is no member, and must not be read as two.
        Value::Array(items) if items.iter().all(|item| item.as_str().is_some_and(|text| !text.contains([',', '{', '}']))) => {
            let names: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            format!("{{{}}}", names.join(", "))
        }
        other => other.to_string(),
    })
}
