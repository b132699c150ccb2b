//! CSV files → [`Sheet`]s. The sign between fields is the one of `,`, `;` and tabulators that the heading has most of.

use super::columns::Sheet;
use super::{CELL, ROWS, Wrong};

/// Reads a file; `path` names the sheet.
pub fn read(text: &str, path: &str, wrong: &mut Wrong) -> Option<Sheet> {
    let heading = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("");
    let count = |sign: u8| {
        let mut quoted = false;
        heading
            .bytes()
            .filter(|byte| {
                quoted ^= *byte == b'"';
                !quoted && *byte == sign
            })
            .count()
    };
    // Of equally many the comma.
    let sign = [b'\t', b';', b','].into_iter().max_by_key(|sign| count(*sign)).unwrap_or(b',');
    let mut reader = ::csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(sign).from_reader(text.as_bytes());
    let mut sheet = Sheet { name: super::name::stem(path).to_owned(), ..Sheet::default() };
    let mut width = None;
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                wrong.say(format!("broken CSV: {error}"));
                return None;
            }
        };
        let number = record.position().map_or(0, |position| position.line() as usize);
        if let Some(cell) = record.iter().find(|cell| cell.len() > CELL) {
            wrong.say(format!("row {number}: a cell has {} bytes; {CELL} are the most", cell.len()));
            return None;
        }
        let cells: Vec<String> = record.iter().map(str::to_owned).collect();
        let width = *width.get_or_insert(cells.len());
        // Cells beyond the heading or missing ones: which column is which would be a guess.
        if cells.len() != width && cells.iter().any(|cell| !cell.trim().is_empty()) {
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
