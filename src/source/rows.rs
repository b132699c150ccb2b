//! CSV (RFC 4180) → rows of cells, whichever sign stands between them, a row at a time.
//!
//! Lines are counted as an editor counts them, and end as they end anywhere: `\n`, `\r\n` or `\r`. Empty lines are no rows. DIVERGENCE: a quotation mark that
//! is never closed, or that closes before its cell ends, is an error; what follows it would be read as something that nobody wrote, or
//! not at all.

use std::io::{BufRead, Error};
use std::ops::Range;

use memchr::{memchr, memchr2, memchr3};

/// Rows of cells.
#[derive(Debug)]
pub struct Rows<R> {
    reader: R,
    sign: u8,
    longest: usize,
    spaces: bool,
    /// The line that was read last.
    line: u64,
    /// It, with its end.
    raw: Vec<u8>,
    /// The cells of a row, one after the other.
    cells: Vec<u8>,
    /// Where each of them stands.
    places: Vec<Range<usize>>,
}

/// Why no row could be read.
#[derive(Debug)]
pub enum RowError {
    /// The reader says so.
    Reader {
        /// The line.
        line: u64,
        /// Its reason.
        error: Error,
    },
    /// The row is longer than is allowed.
    TooLong {
        /// The line.
        line: u64,
    },
    /// A quotation mark is never closed.
    Open {
        /// The line in which it opens.
        line: u64,
    },
    /// Something stands behind a closing quotation mark.
    Behind {
        /// The line in which the cell begins.
        opened: u64,
        /// The line in which it closes.
        line: u64,
        /// What the quotation marks hold.
        cell: String,
        /// What stands behind them, up to the end of the cell.
        after: String,
        /// The number of the cell in its row, from 0 on.
        number: usize,
    },
}

impl<R: BufRead> Rows<R> {
    /// The rows of a reader. `sign` stands between the cells; `longest` is the most bytes of a row.
    pub fn new(reader: R, sign: u8, longest: usize) -> Rows<R> {
        Rows { reader, sign, longest, spaces: false, line: 0, raw: Vec::new(), cells: Vec::new(), places: Vec::new() }
    }

    /// The same, but spaces may stand behind a closing quotation mark: they are passed over.
    pub fn with_spaces(self) -> Rows<R> {
        Rows { spaces: true, ..self }
    }

    /// How many cells the row has.
    pub fn count(&self) -> usize {
        self.places.len()
    }

    /// A cell of the row, without its quotation marks.
    pub fn cell(&self, number: usize) -> &[u8] {
        self.places.get(number).map_or(&[], |place| &self.cells[place.clone()])
    }

    /// Goes on to the next row; the line on which it begins, or nothing at the end.
    ///
    /// # Errors
    /// [`RowError`]. What follows is not to be trusted then.
    pub fn next_row(&mut self) -> Result<Option<u64>, RowError> {
        self.cells.clear();
        self.places.clear();
        loop {
            if !self.next_line()? {
                return Ok(None);
            }
            if !matches!(self.raw.first(), None | Some(b'\n' | b'\r')) {
                break;
            }
        }
        let (line, mut at) = (self.line, 0);
        loop {
            let from = self.cells.len();
            if self.raw.get(at) == Some(&b'"') {
                at = self.quoted(at + 1)?;
            } else {
                let end = self.end_of_cell(at);
                self.cells.extend_from_slice(&self.raw[at..end]);
                at = end;
            }
            self.places.push(from..self.cells.len());
            if self.raw.get(at) != Some(&self.sign) {
                return Ok(Some(line));
            }
            at += 1;
        }
    }

    fn end_of_cell(&self, from: usize) -> usize {
        memchr3(self.sign, b'\n', b'\r', &self.raw[from..]).map_or(self.raw.len(), |count| from + count)
    }

    /// The next line with its end; false at the end of the file.
    fn next_line(&mut self) -> Result<bool, RowError> {
        self.raw.clear();
        let line = self.line + 1;
        let fail = |error: Error| RowError::Reader { line, error };
        loop {
            let buffer = self.reader.fill_buf().map_err(fail)?;
            if buffer.is_empty() {
                break;
            }
            let end = memchr2(b'\n', b'\r', buffer);
            let count = end.map_or(buffer.len(), |end| end + 1);
            self.raw.extend_from_slice(&buffer[..count]);
            self.reader.consume(count);
            if self.raw.len() + self.cells.len() > self.longest {
                return Err(RowError::TooLong { line });
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
        self.line = line;
        if line == 1 && self.raw.starts_with(b"\xEF\xBB\xBF") {
            self.raw.drain(..3);
        }
        Ok(true)
    }

    /// Reads a cell behind the quotation mark that opens it; where it ends.
    fn quoted(&mut self, mut at: usize) -> Result<usize, RowError> {
        let (opened, from) = (self.line, self.cells.len());
        loop {
            let Some(count) = memchr(b'"', &self.raw[at..]) else {
                self.cells.extend_from_slice(&self.raw[at..]);
                if !self.next_line()? {
                    return Err(RowError::Open { line: opened });
                }
                at = 0;
                continue;
            };
            self.cells.extend_from_slice(&self.raw[at..at + count]);
            at += count + 1;
            if self.raw.get(at) == Some(&b'"') {
                self.cells.push(b'"');
                at += 1;
                continue;
            }
            let end = self.end_of_cell(at);
            let after = String::from_utf8_lossy(&self.raw[at..end]);
            if after.is_empty() || self.spaces && after.trim_matches(' ').is_empty() {
                return Ok(end);
            }
            return Err(RowError::Behind {
                opened,
                line: self.line,
                cell: String::from_utf8_lossy(&self.cells[from..]).into_owned(),
                after: after.into_owned(),
                number: self.places.len(),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All rows, each with its line.
    fn rows(text: &str, sign: u8) -> Result<Vec<(u64, Vec<String>)>, RowError> {
        // Three bytes at a time, so that the reader's pieces end anywhere.
        let mut rows = Rows::new(std::io::BufReader::with_capacity(3, text.as_bytes()), sign, 1 << 10).with_spaces();
        let mut all = Vec::new();
        while let Some(line) = rows.next_row()? {
            let cells = (0..rows.count()).map(|at| String::from_utf8_lossy(rows.cell(at)).into_owned()).collect();
            all.push((line, cells));
        }
        Ok(all)
    }

    #[test]
    fn rows_have_the_numbers_of_their_lines() {
        let numbers = |text: &str| -> Vec<u64> { rows(text, b',').expect("rows").into_iter().map(|(line, _)| line).collect() };
        assert_eq!(numbers("a,b\n1,2\n3,4\n"), [1, 2, 3]);
        assert_eq!(numbers("a,b\r\n1,2\r\n3,4\r\n"), [1, 2, 3]);
        assert_eq!(numbers("\n\na,b\n\n1,2\n\r\n\n3,4"), [3, 5, 8]);
        assert_eq!(numbers("a,b\n1,\"x\ny\r\nz\"\n3,4\n"), [1, 2, 5]);
        assert_eq!(numbers("a,b\r1,2\r3,4\r"), [1, 2, 3]);
    }

    #[test]
    fn quotes_hold_whole_cells() {
        let cells = |text: &str| rows(text, b',').expect("rows").remove(0).1;
        assert_eq!(cells("\u{feff}\"a, b\",\"say \"\"so\"\"\",12\" pipe,\n"), ["a, b", "say \"so\"", "12\" pipe", ""]);
        assert_eq!(cells("\"a\" ,b"), ["a", "b"]);
        let mut strict = Rows::new("\"a\" ,b".as_bytes(), b',', 1 << 10);
        assert!(matches!(strict.next_row(), Err(RowError::Behind { line: 1, .. })));
        assert!(matches!(rows("a,b\n\n1,\"open\n2,3\n", b','), Err(RowError::Open { line: 3 })));
        let behind = rows("a,b\nc,\"x\n12\" coins,3\n", b',');
        assert!(
            matches!(&behind, Err(RowError::Behind { opened: 2, line: 3, cell, after, number: 1 }) if cell == "x\n12" && after == " coins"),
            "{behind:?}"
        );
    }

    #[test]
    fn a_row_without_an_end_is_refused() {
        assert!(matches!(rows(&"a".repeat(2000), b','), Err(RowError::TooLong { line: 1 })));
        assert!(matches!(rows(&format!("a\n\"{}", "a\n".repeat(1000)), b','), Err(RowError::TooLong { .. })));
    }

    proptest::proptest! {
        /// What another writer of CSV writes is read as it was, whichever sign it puts between cells.
        #[test]
        fn what_is_written_is_read(
            cells in proptest::collection::vec(proptest::collection::vec("[a\",\n\r;\t é]{0,4}", 3), 1..5),
            sign in proptest::sample::select(vec![b',', b';', b'\t']),
        ) {
            let mut writer = ::csv::WriterBuilder::new().delimiter(sign).from_writer(Vec::new());
            cells.iter().for_each(|row| writer.write_record(row).expect("a record"));
            let text = String::from_utf8(writer.into_inner().expect("bytes")).expect("UTF-8");
            let read: Vec<Vec<String>> = rows(&text, sign).expect("CSV").into_iter().map(|(_, cells)| cells).collect();
            proptest::prop_assert_eq!(read, cells);
        }
    }
}
