//! Rows out: the columns of the input, then those of the answer, as CSV, NDJSON or Parquet.

use std::io::{BufWriter, Seek as _, Write};
use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array as _, ArrayRef, BooleanArray, DictionaryArray, Int32Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Int32Type, Schema, SchemaRef};
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::arrow::{ArrowWriter, add_encoded_arrow_schema_to_metadata};
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use rustc_hash::FxHashMap;
use serde_json::{Map, Number, Value};

use crate::cli::args::Rows;
use crate::cli::output::{Exit, Stop, Whole, cannot_write, placeless, stop};
use crate::diagnostic::Code;

use super::answer::{Answer, Answerer, Answers, is_flag};
use super::read::Batch;
use super::texts::{Unwritten, texts};

/// Writes batches.
pub struct Writer {
    form: Form,
    header: SchemaRef,
    /// The file that appears at its place at the end; without one it goes to standard output.
    whole: Option<Whole>,
    /// A Parquet file on its way to standard output.
    aside: Option<std::fs::File>,
    path: std::path::PathBuf,
}

enum Form {
    Csv(Box<csv::Writer<Box<dyn Write + Send>>>),
    Ndjson(BufWriter<Box<dyn Write + Send>>),
    Parquet(Box<ArrowWriter<std::fs::File>>, SchemaRef),
}

impl Writer {
    /// Begins to write.
    pub fn open(
        path: Option<&Path>,
        form: Rows,
        answerer: &Answerer<'_>,
        first: &Batch,
        keep: Option<&[String]>,
    ) -> Result<Writer, Stop> {
        let shown = path.unwrap_or(Path::new("standard output"));
        let fail = |error: std::io::Error| stop(cannot_write(shown, &error));
        let mut whole = path.map(Whole::begin).transpose()?;
        let (header, declared) = columns(first, answerer, keep);
        let mut aside = None;
        let target: Option<std::fs::File> = whole.as_mut().map(|whole| whole.file().try_clone()).transpose().map_err(fail)?;
        let stream = |target: Option<std::fs::File>| -> Box<dyn Write + Send> {
            match target {
                Some(file) => Box::new(BufWriter::with_capacity(1 << 18, file)),
                None => Box::new(BufWriter::with_capacity(1 << 16, std::io::stdout())),
            }
        };
        let form = match form {
            Rows::Csv => {
                let mut writer = csv::Writer::from_writer(stream(target));
                let names = header.fields().iter().map(|field| field.name().clone()).chain(answerer.added());
                writer.write_record(names).map_err(|error| failed(shown, of_csv(error)))?;
                Form::Csv(Box::new(writer))
            }
            Rows::Ndjson => Form::Ndjson(BufWriter::new(stream(target))),
            Rows::Parquet => {
                let file = match target {
                    Some(file) => file,
                    // Parquet ends with its index, and standard output cannot be half a file.
                    None => {
                        let file = tempfile::tempfile().map_err(fail)?;
                        aside = Some(file.try_clone().map_err(fail)?);
                        file
                    }
                };
                let with_answers = |fields: &SchemaRef, text: &DataType| {
                    let mut fields: Vec<Arc<Field>> = fields.fields().iter().cloned().collect();
                    for (index, name) in answerer.added().into_iter().enumerate() {
                        let flag = answerer.schema.decisions.get(index).is_some_and(|decision| is_flag(&decision.domain));
                        let kind = if flag { DataType::Boolean } else { text.clone() };
                        fields.push(Arc::new(Field::new(name, kind, true)));
                    }
                    Arc::new(Schema::new(fields))
                };
                // Answers are few and repeat: they are handed over as dictionaries, and declared as the texts that they are.
                let schema = with_answers(&header, &dictionary());
                let mut properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
                add_encoded_arrow_schema_to_metadata(&with_answers(&declared, &DataType::Utf8), &mut properties);
                let options = ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true);
                let writer = ArrowWriter::try_new_with_options(file, schema.clone(), options)
                    .map_err(|error| fail(std::io::Error::other(error)))?;
                Form::Parquet(Box::new(writer), schema)
            }
        };
        Ok(Writer { form, header, whole, aside, path: shown.to_owned() })
    }

    /// Writes a batch.
    pub fn batch(&mut self, answerer: &Answerer<'_>, batch: &Batch, answers: &Answers) -> Result<(), Stop> {
        let rows = if matches!(self.form, Form::Ndjson(_)) { batch.rows.clone() } else { self.aligned(batch)? };
        let path = self.path.clone();
        let result = match &mut self.form {
            Form::Csv(writer) => csv_rows(writer, &written(&rows, batch)?, answers),
            Form::Ndjson(writer) => {
                let columns = if batch.objects.is_some() { Vec::new() } else { written(&rows, batch)? };
                ndjson_rows(writer, batch, &columns, answers)
            }
            Form::Parquet(writer, schema) => parquet_rows(writer, schema, answerer, &rows, answers),
        };
        result.map_err(|error| failed(&path, error))
    }

    /// The columns of the first batch; NDJSON may bring others later, for which there is no place any more.
    fn aligned(&self, batch: &Batch) -> Result<RecordBatch, Stop> {
        let schema = batch.schema();
        if schema == self.header {
            return Ok(batch.rows.clone());
        }
        let known = |name: &str| self.header.field_with_name(name).is_ok();
        if let Some(new) = schema.fields().iter().find(|field| !known(field.name())) {
            let column = batch.rows.column_by_name(new.name());
            let row = column.and_then(|column| (0..column.len()).find(|row| column.is_valid(*row))).unwrap_or(0);
            let title = format!(
                "the attribute `{}` first appears in line {}, after the columns were written",
                new.name(),
                batch.lines[row]
            );
            return Err(stop(placeless(Code::BadData, title).help("write NDJSON, where each row has its own attributes")));
        }
        let count = batch.rows.num_rows();
        let arrays = self.header.fields().iter().map(|field| {
            batch.rows.column_by_name(field.name()).cloned().unwrap_or_else(|| Arc::new(StringArray::new_null(count)) as ArrayRef)
        });
        RecordBatch::try_new(self.header.clone(), arrays.collect())
            .map_err(|error| stop(placeless(Code::BadData, error.to_string())))
    }

    /// Ends the file and puts it in its place.
    pub fn finish(self) -> Result<(), Stop> {
        let path = self.path;
        let fail = |error: std::io::Error| failed(&path, error);
        match self.form {
            Form::Csv(writer) => writer
                .into_inner()
                .map_err(|error| std::io::Error::new(error.error().kind(), error.to_string()))
                .and_then(|mut inner| inner.flush())
                .map_err(fail)?,
            Form::Ndjson(mut writer) => writer.flush().map_err(fail)?,
            Form::Parquet(writer, _) => {
                writer.close().map_err(|error| fail(std::io::Error::other(error)))?;
            }
        }
        if let Some(mut file) = self.aside {
            file.rewind().and_then(|()| std::io::copy(&mut file, &mut std::io::stdout().lock()).map(|_| ())).map_err(fail)?;
        }
        self.whole.map_or(Ok(()), Whole::finish)
    }
}

/// A reader that went away (`| head`) is no error, but there is nothing more to do.
fn failed(path: &Path, error: std::io::Error) -> Stop {
    if error.kind() == std::io::ErrorKind::BrokenPipe { Stop { exit: Exit::Fine } } else { stop(cannot_write(path, &error)) }
}

/// What the system said, so that a reader that went away is known.
fn of_csv(error: csv::Error) -> std::io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => std::io::Error::other(format!("{other:?}")),
    }
}

/// The columns of a batch, and how they are declared. Where more rows follow that may bring inputs which no row had so far, each input has a column, or
/// each column that is asked for.
fn columns(first: &Batch, answerer: &Answerer<'_>, keep: Option<&[String]>) -> (SchemaRef, SchemaRef) {
    if !first.more {
        return (first.schema(), first.declared.clone());
    }
    let mut fields: Vec<Arc<Field>> = first.schema().fields().iter().cloned().collect();
    let all = || answerer.schema.inputs.iter().map(|input| input.name.as_str()).collect();
    let names: Vec<&str> = keep.map_or_else(all, |names| names.iter().map(String::as_str).collect());
    for name in names {
        if fields.iter().all(|field| field.name() != name) {
            fields.push(Arc::new(Field::new(name, DataType::Utf8, true)));
        }
    }
    let header = Arc::new(Schema::new(fields));
    (header.clone(), header)
}

/// The columns as text.
fn written(rows: &RecordBatch, batch: &Batch) -> Result<Vec<StringArray>, Stop> {
    let text = |(field, column): (&Arc<Field>, &ArrayRef)| {
        texts(column).map_err(|Unwritten { row, why }| {
            let title = format!("row {}: `{}` cannot be carried along: {why}", batch.lines[row], field.name());
            let help = "leave the column out: name those to carry along with `--keep`; or write Parquet, which has its type";
            stop(placeless(Code::BadData, title).help(help))
        })
    };
    rows.schema().fields().iter().zip(rows.columns()).map(text).collect()
}

fn csv_rows(writer: &mut csv::Writer<Box<dyn Write + Send>>, columns: &[StringArray], answers: &Answers) -> std::io::Result<()> {
    for (row, answer) in answers.rows.iter().enumerate() {
        let answer = &answers.distinct[*answer as usize];
        for column in columns {
            writer.write_field(if column.is_null(row) { "" } else { column.value(row) }).map_err(of_csv)?;
        }
        for cell in &answer.cells {
            writer.write_field(cell.as_deref().unwrap_or("")).map_err(of_csv)?;
        }
        for text in [&answer.because, &answer.open, &answer.ask] {
            writer.write_field(text).map_err(of_csv)?;
        }
        writer.write_record(None::<&[u8]>).map_err(of_csv)?;
    }
    Ok(())
}

fn ndjson_rows(
    writer: &mut BufWriter<Box<dyn Write + Send>>,
    batch: &Batch,
    columns: &[StringArray],
    answers: &Answers,
) -> std::io::Result<()> {
    let schema = batch.schema();
    let plain = |field: &Field| field.data_type().is_numeric() || *field.data_type() == DataType::Boolean;
    let columns: Vec<(&str, &StringArray, bool)> =
        schema.fields().iter().zip(columns).map(|(field, texts)| (field.name().as_str(), texts, plain(field))).collect();
    let objects = batch.given.as_ref().or(batch.objects.as_ref());
    for (row, answer) in answers.rows.iter().enumerate() {
        let mut object = match objects {
            Some(objects) => objects[row].clone(),
            None => {
                columns.iter().map(|(name, texts, plain)| ((*name).to_owned(), scalar(texts, row, *plain))).collect::<Map<_, _>>()
            }
        };
        let answer = &answers.distinct[*answer as usize];
        object.extend(answer.json.iter().map(|(name, value)| (name.clone(), value.clone())));
        serde_json::to_writer(&mut *writer, &object)?;
        writer.write_all(b"\n")?;
    }
    Ok(())
}

fn scalar(texts: &StringArray, row: usize, plain: bool) -> Value {
    if texts.is_null(row) {
        return Value::Null;
    }
    let text = texts.value(row);
    match text {
        "true" if plain => Value::Bool(true),
        "false" if plain => Value::Bool(false),
        _ if plain => text.parse::<Number>().map_or_else(|_| Value::String(text.to_owned()), Value::Number),
        _ => Value::String(text.to_owned()),
    }
}

fn parquet_rows(
    writer: &mut ArrowWriter<std::fs::File>,
    schema: &SchemaRef,
    answerer: &Answerer<'_>,
    rows: &RecordBatch,
    answers: &Answers,
) -> std::io::Result<()> {
    let mut columns: Vec<ArrayRef> = rows.columns().to_vec();
    for (index, decision) in answerer.schema.decisions.iter().enumerate() {
        let cells = answers.distinct.iter().map(|answer| answer.cells[index].as_deref());
        columns.push(if is_flag(&decision.domain) {
            let cells: Vec<Option<bool>> = cells.map(|cell| cell.map(|text| text == "true")).collect();
            Arc::new(answers.rows.iter().map(|answer| cells[*answer as usize]).collect::<BooleanArray>())
        } else {
            repeated(cells, &answers.rows)?
        });
    }
    let texts: [fn(&Answer) -> &str; 3] = [|answer| &answer.because, |answer| &answer.open, |answer| &answer.ask];
    for of in texts {
        let texts = answers.distinct.iter().map(|answer| Some(of(answer)).filter(|text| !text.is_empty()));
        columns.push(repeated(texts, &answers.rows)?);
    }
    let batch = RecordBatch::try_new(schema.clone(), columns).map_err(std::io::Error::other)?;
    writer.write(&batch).map_err(std::io::Error::other)
}

fn dictionary() -> DataType {
    DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
}

/// A column of texts that repeat: each different one once, and by row its number.
fn repeated<'a>(texts: impl Iterator<Item = Option<&'a str>>, rows: &[u32]) -> std::io::Result<ArrayRef> {
    let mut number: FxHashMap<&str, i32> = FxHashMap::default();
    let mut distinct: Vec<&str> = Vec::new();
    let of_answer: Vec<Option<i32>> = texts
        .map(|text| {
            text.map(|text| {
                *number.entry(text).or_insert_with(|| {
                    distinct.push(text);
                    distinct.len() as i32 - 1
                })
            })
        })
        .collect();
    let keys: Int32Array = rows.iter().map(|answer| of_answer[*answer as usize]).collect();
    let values = Arc::new(StringArray::from(distinct));
    let column = DictionaryArray::<Int32Type>::try_new(keys, values).map_err(std::io::Error::other)?;
    Ok(Arc::new(column))
}
