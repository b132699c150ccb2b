//! CSV files that declarations name, with the place of every cell.

use std::rc::Rc;

use crate::diagnostic::Code;
use crate::source::{FileId, LoadError, Span};
use crate::syntax::ast;

use super::Elaborator;
use super::message::{did_you_mean, list};

/// A CSV file with a header.
#[derive(Debug)]
pub(super) struct Table {
    file: FileId,
    header: Vec<String>,
    rows: Vec<Row>,
}

/// One line of it.
#[derive(Debug)]
pub(super) struct Row {
    cells: Vec<String>,
    /// The line.
    pub(super) span: Span,
}

impl Row {
    /// The text of a column, without spaces around it.
    pub(super) fn cell(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", |cell| cell.trim())
    }
}

impl Table {
    /// The names in its first line.
    pub(super) fn columns(&self) -> &[String] {
        &self.header
    }

    pub(super) fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The position of a column, if there is one.
    pub(super) fn find(&self, column: &str) -> Option<usize> {
        self.header.iter().position(|name| name == column)
    }
}

impl Elaborator<'_> {
    /// Reads a CSV file once.
    pub(super) fn csv(&mut self, module: usize, path: &ast::Text) -> Option<Rc<Table>> {
        let full = self.beside(module, &path.node);
        if let Some(known) = self.csv.get(&full) {
            return known.clone();
        }
        let table = self.read_csv(&full, path).map(Rc::new);
        self.csv.insert(full, table.clone());
        table
    }

    fn read_csv(&mut self, full: &str, path: &ast::Text) -> Option<Table> {
        let text = match self.loader.load(full) {
            Ok(text) => text,
            Err(error) => {
                let why = match &error {
                    LoadError::Missing => "there is no such file".to_owned(),
                    LoadError::TooLarge(bytes) => format!("it has {bytes} bytes; the limit is 64 MiB"),
                    LoadError::NotUtf8(at) => format!("byte {at} is not UTF-8"),
                    LoadError::Io(words) => words.clone(),
                };
                let code = match error {
                    LoadError::TooLarge(_) => Code::TooLarge,
                    LoadError::NotUtf8(_) => Code::NotUtf8,
                    _ => Code::MissingFile,
                };
                self.error(code, format!("cannot read `{full}`"), path.span, why);
                return None;
            }
        };
        let Ok(file) = self.files.add(full, &text) else {
            self.error(Code::TooLarge, format!("`{full}` is too large"), path.span, "more than 64 MiB");
            return None;
        };
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
        let header: Vec<String> = match reader.headers() {
            Ok(header) => header.iter().map(|name| name.trim().to_owned()).collect(),
            Err(error) => {
                self.error(Code::BadCsv, format!("`{full}` is not a CSV file"), path.span, error.to_string());
                return None;
            }
        };
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    self.error(Code::BadCsv, format!("`{full}` is not a CSV file"), path.span, error.to_string());
                    return None;
                }
            };
            let start = record.position().map_or(0, |position| position.byte()) as usize;
            let length = text[start..].find(['\r', '\n']).unwrap_or(text.len() - start);
            let span = Span::new(file, start as u32, (start + length) as u32);
            if record.len() != header.len() {
                let label = format!("{} cells under a header of {}", record.len(), header.len());
                self.error(Code::BadCsv, "a line with the wrong number of cells", span, label)
                    .also(path.span, "the file is named here");
                continue;
            }
            rows.push(Row { cells: record.iter().map(str::to_owned).collect(), span });
        }
        Some(Table { file, header, rows })
    }

    /// The position of a column, or an error.
    pub(super) fn column(&mut self, table: &Table, name: &str, asked: Span) -> Option<usize> {
        if let Some(position) = table.find(name) {
            return Some(position);
        }
        let guess = did_you_mean(name, table.header.iter().map(String::as_str)).map(str::to_owned);
        let columns = list(table.header.iter().map(String::as_str));
        let path = self.files.get(table.file).path.clone();
        let report = self
            .error(Code::BadCsv, format!("`{path}` has no column `{name}`"), asked, "this column is asked for")
            .also(Span::new(table.file, 0, 0), format!("it has {columns}"));
        if let Some(guess) = guess {
            report.help(format!("did you mean `{guess}`?"));
        }
        None
    }
}
