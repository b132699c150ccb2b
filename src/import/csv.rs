//! CSV files (RFC 4180) → [`Sheet`]s. The sign between fields is the one of `,`, `;` and tabulators that the heading has most of.
//!
//! Each row has the number of the line on which it begins. DIVERGENCE: a quote that is never closed, or that closes before its cell ends, is
//! refused: what follows it would be read as something that nobody wrote.

use super::columns::Sheet;
use super::{CELL, ROWS, Wrong};

/// Reads a file; `path` names the sheet.
pub fn read(text: &str, path: &str, wrong: &mut Wrong) -> Option<Sheet> {
    let sign = sign(text);
    let mut sheet = Sheet { name: super::name::stem(path).to_owned(), semicolons: sign == ';', ..Sheet::default() };
    let mut width: Option<usize> = None;
    for record in (Records { rest: text, line: 1, sign }) {
        let (number, cells) = match record {
            Ok(record) => record,
            Err(why) => {
                wrong.say(why);
                return None;
            }
        };
        if let Some(cell) = cells.iter().find(|cell| cell.len() > CELL) {
            wrong.say(format!("row {number}: a cell has {} bytes; {CELL} are the most", cell.len()));
            return None;
        }
        // Lines of one cell above the heading are titles, which `columns` passes over.
        if width.is_none() && cells.len() > 1 {
            width = Some(cells.len());
        }
        // Cells beyond the heading or missing ones: which column is which would be a guess.
        if let Some(width) = width
            && cells.len() != width
            && cells.iter().any(|cell| !cell.trim().is_empty())
        {
            wrong.say(format!("row {number} has {} cells, the heading {width}", cells.len()));
            continue;
        }
        sheet.rows.push((number, cells));
        if sheet.rows.len() > ROWS {
            wrong.say(format!("more than {ROWS} rows"));
            return None;
        }
    }
    Some(sheet)
}

/// The sign that the first line with any has most of, outside of quotes; of equally many the comma.
fn sign(text: &str) -> char {
    let signs = [',', ';', '\t'];
    let (mut counts, mut quoted) = ([0usize; 3], false);
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            '\n' | '\r' if !quoted && counts != [0; 3] => break,
            c if !quoted => signs.iter().zip(&mut counts).filter(|(sign, _)| **sign == c).for_each(|(_, count)| *count += 1),
            _ => {}
        }
    }
    // Of equals `max_by_key` takes the last.
    signs.into_iter().zip(counts).rev().max_by_key(|(_, count)| *count).map_or(',', |(sign, _)| sign)
}

/// The records of a text, each with the line on which it begins; empty lines are none.
struct Records<'t> {
    rest: &'t str,
    line: usize,
    sign: char,
}

impl Iterator for Records<'_> {
    type Item = Result<(usize, Vec<String>), String>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.line_end() {}
        if self.rest.is_empty() {
            return None;
        }
        let begun = self.line;
        let mut cells = Vec::new();
        loop {
            match self.cell() {
                Ok(cell) => cells.push(cell),
                Err(why) => return Some(Err(why)),
            }
            match self.rest.strip_prefix(self.sign) {
                Some(rest) => self.rest = rest,
                None => {
                    self.line_end();
                    return Some(Ok((begun, cells)));
                }
            }
        }
    }
}

impl<'t> Records<'t> {
    /// Passes over the end of a line, if there is one here.
    fn line_end(&mut self) -> bool {
        let rest = self.rest.strip_prefix("\r\n").or_else(|| self.rest.strip_prefix(['\n', '\r']));
        self.line += usize::from(rest.is_some());
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// A cell, up to the sign or the end of the line that ends it.
    fn cell(&mut self) -> Result<String, String> {
        let Some(inside) = self.rest.strip_prefix('"') else {
            return Ok(self.up_to_the_end().to_owned());
        };
        let opened = self.line;
        let mut cell = String::new();
        self.rest = inside;
        loop {
            let Some((words, after)) = self.rest.split_once('"') else {
                return Err(format!(
                    "line {opened}: a quote opens there and is never closed; a quote that is meant is written twice, `\"\"`"
                ));
            };
            cell.push_str(words);
            self.line += lines(words);
            self.rest = after;
            match after.strip_prefix('"') {
                Some(rest) => {
                    cell.push('"');
                    self.rest = rest;
                }
                None => break,
            }
        }
        let after = self.up_to_the_end();
        if after.trim().is_empty() {
            return Ok(cell);
        }
        let shown = |text: &str| text.trim().chars().take(40).collect::<String>();
        Err(format!(
            "line {}: `{}` stands behind the closing quote of \"{}\": quotes hold a whole cell, and one that is meant is written twice, `\"\"`",
            self.line,
            shown(after),
            shown(&cell)
        ))
    }

    fn up_to_the_end(&mut self) -> &'t str {
        let end = self.rest.find([self.sign, '\n', '\r']).unwrap_or(self.rest.len());
        let (cell, rest) = self.rest.split_at(end);
        self.rest = rest;
        cell
    }
}

/// How many lines end in a text.
fn lines(text: &str) -> usize {
    let alone = text.bytes().zip(text.bytes().skip(1).chain([0])).filter(|(one, next)| *one == b'\r' && *next != b'\n').count();
    alone + text.bytes().filter(|byte| *byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Result<Vec<(usize, Vec<String>)>, String> {
        let mut wrong = Wrong::default();
        let sheet = read(text, "t.csv", &mut wrong);
        match wrong.messages.first() {
            Some((_, message)) => Err(message.title.clone()),
            None => Ok(sheet.map(|sheet| sheet.rows).unwrap_or_default()),
        }
    }

    #[test]
    fn rows_have_the_numbers_of_their_lines() {
        let numbers = |text: &str| rows(text).map(|rows| rows.into_iter().map(|(number, _)| number).collect::<Vec<_>>());
        assert_eq!(numbers("a,b\n1,2\n3,4\n"), Ok(vec![1, 2, 3]));
        assert_eq!(numbers("a,b\r\n1,2\r\n3,4\r\n"), Ok(vec![1, 2, 3]));
        assert_eq!(numbers("\n\na,b\n\n1,2\n\r\n\n3,4"), Ok(vec![3, 5, 8]));
        assert_eq!(numbers("a,b\n1,\"x\ny\r\nz\"\n3,4\n"), Ok(vec![1, 2, 5]));
        assert_eq!(numbers("\"Weight\n(kg)\";b\n1;2\n"), Ok(vec![1, 3]));
        assert_eq!(numbers("a,b\r1,2\r3,4\r"), Ok(vec![1, 2, 3]));
    }

    #[test]
    fn quotes_hold_whole_cells() {
        let cells = |text: &str| rows(text).map(|rows| rows[0].1.clone());
        let texts = |all: &[&str]| Ok(all.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>());
        assert_eq!(cells("\"a, b\",\"say \"\"so\"\"\",12\" pipe,\n"), texts(&["a, b", "say \"so\"", "12\" pipe", ""]));
        assert_eq!(cells("\"a\" ,b"), texts(&["a", "b"]));
        for (text, says) in [
            ("a,b\n\n1,\"open\n2,3\n", "line 3: a quote opens there and is never closed"),
            ("a,b\n\"co\"in,3\n", "line 2: `in` stands behind the closing quote of \"co\""),
            ("a,b\n\"12\" coins,3\n", "line 2: `coins` stands behind the closing quote of \"12\""),
            ("a,b\n1,2,3\n", "row 2 has 3 cells, the heading 2"),
        ] {
            assert!(rows(text).is_err_and(|why| why.contains(says)), "{text}: {:?}", rows(text));
        }
    }

    #[test]
    fn the_sign_is_the_one_of_the_heading() {
        assert_eq!(
            (sign("a,b\n"), sign("a;b,c;d\n"), sign("Fees\n\na\tb\n"), sign("\"a;b\",c\n"), sign("a")),
            (',', ';', '\t', ',', ',')
        );
    }

    proptest::proptest! {
        /// What another writer of CSV writes is read as it was.
        #[test]
        fn what_is_written_is_read(cells in proptest::collection::vec(proptest::collection::vec("[a\",\n ;é]{0,4}", 3), 1..5)) {
            let mut writer = ::csv::Writer::from_writer(Vec::new());
            let head = ["h", "h", "h"];
            writer.write_record(head).expect("a record");
            cells.iter().for_each(|row| writer.write_record(row).expect("a record"));
            let text = String::from_utf8(writer.into_inner().expect("bytes")).expect("UTF-8");
            let read = rows(&text).expect("CSV").into_iter().skip(1).map(|(_, cells)| cells).collect::<Vec<_>>();
            proptest::prop_assert_eq!(read, cells);
        }
    }
}
