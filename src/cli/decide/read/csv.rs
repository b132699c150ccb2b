//! CSV, whose first row names the columns.

use std::io::BufReader;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringBuilder};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use crate::diagnostic::Diagnostic;
use crate::source::{RowError, Rows};

use super::{Batch, Counted, LONGEST, ROWS, bad, too_long, twice};

/// Rows with commas between their cells.
pub(super) struct Csv {
    text: Rows<BufReader<Counted>>,
    header: SchemaRef,
}

impl Csv {
    /// Reads the header.
    ///
    /// # Errors
    /// If there is none that names columns.
    pub fn open(name: &str, reader: BufReader<Counted>) -> Result<Csv, Diagnostic> {
        let mut text = Rows::new(reader, b',', LONGEST);
        let Some(line) = text.next_row().map_err(|why| said(name, &why))? else {
            return Err(bad(format!("{name} is empty")).help("the first line of a CSV file names its columns"));
        };
        let mut fields: Vec<Field> = Vec::new();
        for index in 0..text.count() {
            let column = std::str::from_utf8(text.cell(index))
                .map_err(|_| bad(format!("{name}:{line}: the name of column {} is not UTF-8 text", index + 1)))?;
            if let (1, Some(separator)) = (text.count(), column.bytes().find(|c| matches!(c, b';' | b'\t'))) {
                return Err(separated(name, line, separator));
            }
            fields.push(Field::new(column.trim(), DataType::Utf8, true));
        }
        let header = Arc::new(Schema::new(fields));
        match twice(&header) {
            Some(column) => Err(bad(format!("{name}:{line}: the column `{column}` stands twice"))),
            None => Ok(Csv { text, header: header.clone() }),
        }
    }

    /// The columns.
    pub fn header(&self) -> SchemaRef {
        self.header.clone()
    }

    /// The next rows.
    ///
    /// # Errors
    /// Where a row has no place in the columns, or a cell is no text.
    pub fn batch(&mut self, name: &str) -> Result<Option<Batch>, Diagnostic> {
        let columns = self.header.fields().len();
        let mut builders: Vec<StringBuilder> = (0..columns).map(|_| StringBuilder::new()).collect();
        let mut lines = Vec::new();
        while lines.len() < ROWS {
            let Some(line) = self.text.next_row().map_err(|why| said(name, &why))? else { break };
            let found = self.text.count();
            if found != columns {
                let text = format!("{name}:{line}: {found} cells where the header has {columns}");
                return Err(bad(text).help("a cell with a comma in it stands in double quotes"));
            }
            for (index, builder) in builders.iter_mut().enumerate() {
                match std::str::from_utf8(self.text.cell(index)) {
                    Ok("") => builder.append_null(),
                    Ok(text) => builder.append_value(text),
                    Err(_) => {
                        let column = self.header.field(index).name();
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
        let rows = RecordBatch::try_new(self.header.clone(), arrays).map_err(|error| bad(format!("{name}: {error}")))?;
        Ok(Some(Batch { rows, lines, objects: None, given: None, declared: self.header.clone(), more: false }))
    }
}

fn separated(name: &str, line: u64, by: u8) -> Diagnostic {
    let by = if by == b';' { "`;`" } else { "tabs" };
    bad(format!("{name}:{line}: the file seems to be separated by {by}; Lexport reads commas"))
        .help("save it with commas between the cells")
}

fn said(name: &str, why: &RowError) -> Diagnostic {
    match why {
        RowError::Reader { line, error } => bad(format!("{name}:{line}: {error}")),
        RowError::TooLong { line } => too_long(name, *line),
        RowError::Open { line } => bad(format!("{name}:{line}: the quotation mark that opens here is never closed"))
            .help("all rows behind it would be one cell: close it, or leave it out"),
        RowError::Behind { opened: 1, after, number: 0, .. } if after.starts_with([';', '\t']) => {
            separated(name, 1, after.as_bytes()[0])
        }
        RowError::Behind { opened, line, .. } => {
            let text = format!("{name}:{opened}: the quotation mark that opens here closes before its cell ends");
            let text = if line == opened { text } else { format!("{text}, in line {line}") };
            bad(text).help("a cell in quotation marks ends with the second; one inside of it is written twice")
        }
    }
}
