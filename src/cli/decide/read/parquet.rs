//! Parquet: columns with types. A structure under the name of a record comes apart into columns with the paths of its parts.

use std::fs::File;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray as _, RecordBatch, RecordBatchOptions, make_array};
use arrow::buffer::NullBuffer;
use arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef};
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::errors::ParquetError;

use crate::diagnostic::Diagnostic;

use super::columns::Columns;
use super::{Batch, Names, bad, twice};

/// Rows of a Parquet file.
pub(super) struct Parquet {
    columns: Columns,
    /// The columns, apart.
    header: SchemaRef,
    /// How many rows were read.
    row: u64,
    /// Columns that come apart.
    records: Vec<String>,
}

impl Parquet {
    /// Reads the columns.
    ///
    /// # Errors
    /// If it is no Parquet file, or has a name twice.
    pub fn open(file: File, name: &str, names: &Names) -> Result<Parquet, Diagnostic> {
        let open = || -> parquet::errors::Result<(SchemaRef, Columns)> {
            let plain = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new())?;
            let header = plain.schema().clone();
            let fields = header.fields().iter().map(|field| match field.data_type() {
                DataType::Utf8 if names.few.contains(field.name()) => {
                    let dictionary = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
                    Arc::new(field.as_ref().clone().with_data_type(dictionary))
                }
                _ => field.clone(),
            });
            let fields: Vec<_> = fields.collect();
            let wanted = Arc::new(Schema::new_with_metadata(fields, header.metadata().clone()));
            let wanted = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new().with_schema(wanted)).unwrap_or(plain);
            Ok((header, Columns::decode(file, &wanted, rayon::current_num_threads())?))
        };
        let (header, columns) = open().map_err(|error| match error {
            ParquetError::External(error) if error.is::<std::io::Error>() => bad(format!("{name} cannot be read: {error}")),
            error => bad(format!("{name} is not a Parquet file: {error}")),
        })?;
        let mut fields: Vec<FieldRef> = Vec::new();
        let mut records = Vec::new();
        for field in header.fields() {
            apart(field, names, &mut fields, &mut records);
        }
        let header = Arc::new(Schema::new_with_metadata(fields, header.metadata().clone()));
        match twice(&header) {
            Some(column) => Err(bad(format!("{name}: the column `{column}` stands twice"))),
            None => Ok(Parquet { columns, header, row: 0, records }),
        }
    }

    /// The columns.
    pub fn header(&self) -> SchemaRef {
        self.header.clone()
    }

    /// The next rows.
    ///
    /// # Errors
    /// Where the file is broken.
    pub fn batch(&mut self, name: &str) -> Result<Option<Batch>, Diagnostic> {
        let rows = match self.columns.next() {
            Ok(None) => return Ok(None),
            Ok(Some(rows)) => rows,
            Err(error) => return Err(bad(format!("{name}: after row {}: {error}", self.row))),
        };
        let count = rows.num_rows();
        let lines = (self.row + 1..=self.row + count as u64).collect();
        self.row += count as u64;
        let rows = if self.records.is_empty() {
            rows
        } else {
            let (mut fields, mut columns) = (Vec::new(), Vec::new());
            for (field, column) in rows.schema().fields().iter().zip(rows.columns()) {
                self.parts(field.clone(), column.clone(), &mut fields, &mut columns);
            }
            let options = RecordBatchOptions::new().with_row_count(Some(count));
            RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, &options)
                .map_err(|error| bad(format!("{name}: {error}")))?
        };
        Ok(Some(Batch { rows, lines, objects: None, given: None, declared: self.header.clone(), more: false }))
    }

    /// The columns that a column comes apart into; where the whole is not known, no part is.
    fn parts(&self, field: FieldRef, column: ArrayRef, fields: &mut Vec<FieldRef>, columns: &mut Vec<ArrayRef>) {
        let (DataType::Struct(parts), true) = (field.data_type(), self.records.contains(field.name())) else {
            fields.push(field);
            columns.push(column);
            return;
        };
        for (part, inner) in parts.iter().zip(column.as_struct().columns()) {
            let nulls = NullBuffer::union(column.nulls(), inner.nulls());
            let known = inner.to_data().into_builder().nulls(nulls).build().map(make_array);
            self.parts(under(field.name(), part), known.unwrap_or_else(|_| inner.clone()), fields, columns);
        }
    }
}

/// The columns that a column comes apart into, as far as it has parts that the table asks for.
fn apart(field: &FieldRef, names: &Names, fields: &mut Vec<FieldRef>, records: &mut Vec<String>) {
    match field.data_type() {
        DataType::Struct(parts) if names.records.contains(field.name()) => {
            records.push(field.name().clone());
            for part in parts {
                apart(&under(field.name(), part), names, fields, records);
            }
        }
        _ => fields.push(field.clone()),
    }
}

/// A part, by its path. Where the whole may be missing, it may be.
fn under(whole: &str, part: &FieldRef) -> FieldRef {
    let named: Field = part.as_ref().clone().with_name(format!("{whole}.{}", part.name())).with_nullable(true);
    Arc::new(named)
}
