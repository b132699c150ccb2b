//! CSV as RFC 4180 has it, and nothing else: a quotation mark that stays open, or closes in the midst of a cell, would take rows or letters away
//! without a word. Lines are counted as an editor counts them.

use std::io::{BufRead, BufReader};
use std::ops::Range;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringBuilder};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use crate::diagnostic::Diagnostic;

use super::{Batch, Counted, LONGEST, ROWS, bad, too_long, twice};

/// Rows with commas between their cells.
pub(super) struct Csv {
    text: Text,
    header: SchemaRef,
}

/// A file of such rows.
struct Text {
    reader: BufReader<Counted>,
    /// The line that was read last.
    line: u64,
    /// It, with its end.
    raw: Vec<u8>,
    /// The cells of a row, one after the other.
    cells: Vec<u8>,
    /// Where each of them stands.
    places: Vec<Range<usize>>,
}

impl Csv {
    /// Reads the header.
    ///
    /// # Errors
    /// If there is none that names columns.
    pub fn open(name: &str, reader: BufReader<Counted>) -> Result<Csv, Diagnostic> {
        let mut text = Text { reader, line: 0, raw: Vec::new(), cells: Vec::new(), places: Vec::new() };
        let Some(line) = text.row(name)? else {
            return Err(bad(format!("{name} is empty")).help("the first line of a CSV file names its columns"));
        };
        let mut fields: Vec<Field> = Vec::new();
        for index in 0..text.places.len() {
            let column = std::str::from_utf8(text.cell(index))
                .map_err(|_| bad(format!("{name}:{line}: the name of column {} is not UTF-8 text", index + 1)))?;
            if let (1, Some(separator)) = (text.places.len(), column.bytes().find(|c| matches!(c, b';' | b'\t'))) {
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
            let Some(line) = self.text.row(name)? else { break };
            let found = self.text.places.len();
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

impl Text {
    fn cell(&self, index: usize) -> &[u8] {
        &self.cells[self.places[index].clone()]
    }

    /// The next line with its end, whichever of the three it has; false at the end of the file.
    fn next(&mut self, name: &str) -> Result<bool, Diagnostic> {
        self.raw.clear();
        let at = self.line + 1;
        let fail = |error: std::io::Error| bad(format!("{name}:{at}: {error}"));
        loop {
            let buffer = self.reader.fill_buf().map_err(fail)?;
            if buffer.is_empty() {
                break;
            }
            let end = buffer.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let count = end.map_or(buffer.len(), |end| end + 1);
            self.raw.extend_from_slice(&buffer[..count]);
            self.reader.consume(count);
            if self.raw.len() + self.cells.len() > LONGEST {
                return Err(too_long(name, at));
            }
            if end.is_none() {
                continue;
            }
            if self.raw.ends_with(b"\r") && self.reader.fill_buf().map_err(fail)?.first() == Some(&b'\n') {
                self.raw.push(b'\n');
                self.reader.consume(1);
            }
            break;
        }
        if self.raw.is_empty() {
            return Ok(false);
        }
        self.line = at;
        if at == 1 && self.raw.starts_with(b"\xEF\xBB\xBF") {
            self.raw.drain(..3);
        }
        Ok(true)
    }

    /// Takes a row apart; the line on which it begins, or nothing at the end of the file. Empty lines are no rows.
    fn row(&mut self, name: &str) -> Result<Option<u64>, Diagnostic> {
        self.cells.clear();
        self.places.clear();
        loop {
            if !self.next(name)? {
                return Ok(None);
            }
            if !self.raw.iter().all(|byte| matches!(byte, b'\n' | b'\r')) {
                break;
            }
        }
        let (line, mut at) = (self.line, 0);
        loop {
            let from = self.cells.len();
            if self.raw.get(at) == Some(&b'"') {
                at = self.quoted(name, at + 1)?;
            } else {
                let rest = &self.raw[at..];
                let count = rest.iter().position(|byte| matches!(byte, b',' | b'\n' | b'\r')).unwrap_or(rest.len());
                self.cells.extend_from_slice(&rest[..count]);
                at += count;
            }
            self.places.push(from..self.cells.len());
            if self.raw.get(at) != Some(&b',') {
                return Ok(Some(line));
            }
            at += 1;
        }
    }

    /// Reads a cell behind the quotation mark that opens it; where it ends.
    fn quoted(&mut self, name: &str, mut at: usize) -> Result<usize, Diagnostic> {
        let opened = self.line;
        loop {
            let rest = &self.raw[at..];
            let Some(mark) = rest.iter().position(|byte| *byte == b'"') else {
                self.cells.extend_from_slice(rest);
                if !self.next(name)? {
                    let text = format!("{name}:{opened}: the quotation mark that opens here is never closed");
                    return Err(bad(text).help("all rows behind it would be one cell: close it, or leave it out"));
                }
                at = 0;
                continue;
            };
            self.cells.extend_from_slice(&rest[..mark]);
            at += mark + 1;
            match self.raw.get(at) {
                Some(b'"') => {
                    self.cells.push(b'"');
                    at += 1;
                }
                None | Some(b',' | b'\n' | b'\r') => return Ok(at),
                Some(by @ (b';' | b'\t')) if opened == 1 && self.places.is_empty() => return Err(separated(name, opened, *by)),
                Some(_) => {
                    let text = format!("{name}:{opened}: the quotation mark that opens here closes before its cell ends");
                    let text = if self.line == opened { text } else { format!("{text}, in line {}", self.line) };
                    return Err(
                        bad(text).help("a cell in quotation marks ends with the second; one inside of it is written twice")
                    );
                }
            }
        }
    }
}
