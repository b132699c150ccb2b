//! Spreadsheets (Office Open XML, ECMA-376) → [`Sheet`]s, by the crate calamine.
//!
//! A merged cell is the same in every row that it covers. Numbers are kept to the 15 digits that a spreadsheet shows, because it stores a
//! binary fraction near them (0.1 + 0.2 is 0.3 to its user).

use std::io::{Cursor, Read as _};

use calamine::{Data, Reader as _, Xlsx};

use super::columns::Sheet;
use super::{CELL, ROWS, Wrong};

/// How many bytes a workbook may unfold to.
const UNFOLDED: u64 = 256 << 20;

/// Reads the sheets of a workbook that are not empty, or the one that is asked for.
pub fn read(bytes: &[u8], asked: Option<&str>, path: &str, wrong: &mut Wrong) -> Vec<Sheet> {
    if let Err(why) = unfolds(bytes) {
        wrong.file(why, "save it as .xlsx once more, or as CSV");
        return Vec::new();
    }
    let mut book = match Xlsx::new(Cursor::new(bytes)) {
        Ok(book) => book,
        Err(error) => {
            wrong.file(format!("it is no workbook that can be read: {error}"), "save it as .xlsx once more, or as CSV");
            return Vec::new();
        }
    };
    let names = book.sheet_names().to_vec();
    if let Some(name) = asked.filter(|name| !names.iter().any(|other| other == name)) {
        wrong.file(format!("it has no sheet `{name}`"), &format!("there are {}", names.join(", ")));
        return Vec::new();
    }
    let mut sheets = Vec::new();
    for name in names.iter().filter(|name| asked.is_none_or(|asked| asked == *name)) {
        let range = match book.worksheet_range(name) {
            Ok(range) => range,
            Err(error) => {
                wrong.file(format!("sheet `{name}`: {error}"), "save it as .xlsx once more, or as CSV");
                continue;
            }
        };
        let Some((top, left)) = range.start() else { continue };
        let merged = match book.merge_cells_by_sheet_name(name) {
            Ok(merged) => merged,
            Err(error) => {
                wrong.file(format!("sheet `{name}`: its merged cells cannot be read: {error}"), "undo the merging");
                continue;
            }
        };
        let stem = super::name::stem(path);
        let title = if names.len() == 1 { stem.to_owned() } else { name.clone() };
        wrong.table.clone_from(&title);
        let mut sheet = Sheet { name: title, ..Sheet::default() };
        for (at, cells) in range.rows().enumerate() {
            let number = top as usize + at + 1;
            let texts = cells.iter().enumerate().map(|(column, data)| {
                text(data).unwrap_or_else(|why| {
                    wrong.say(format!("sheet `{name}`, cell {}{number}: {why}", letters(left as usize + column)));
                    String::new()
                })
            });
            sheet.rows.push((number, texts.collect()));
            if sheet.rows.len() > ROWS {
                wrong.say(format!("sheet `{name}`: more than {ROWS} rows"));
                break;
            }
        }
        for region in merged {
            // The heading is not spread: a title over several columns is none of them.
            let whole = (
                region.start.0.max(top + 1)..=region.end.0.min(top + sheet.rows.len() as u32 - 1),
                region.start.1..=region.end.1,
            );
            let from = (region.start.0.checked_sub(top), region.start.1.checked_sub(left));
            let (Some(row), Some(column)) = from else { continue };
            let Some(words) = sheet.rows.get(row as usize).and_then(|(_, cells)| cells.get(column as usize)).cloned() else {
                continue;
            };
            for row in whole.0 {
                for column in whole.1.clone() {
                    let cell =
                        sheet.rows.get_mut((row - top) as usize).and_then(|(_, cells)| cells.get_mut((column - left) as usize));
                    if let Some(cell) = cell {
                        cell.clone_from(&words);
                    }
                }
            }
        }
        sheets.push(sheet);
    }
    if sheets.is_empty() && wrong.is_empty() {
        wrong.file("its sheets are empty".to_owned(), "a table has a heading and rows");
    }
    sheets
}

/// Whether a workbook unfolds to a size that can be held, whatever its directory says.
fn unfolds(bytes: &[u8]) -> Result<(), String> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|error| format!("it is no workbook (.xlsx): {error}"))?;
    let mut left = UNFOLDED;
    for at in 0..archive.len() {
        let file = archive.by_index(at).map_err(|error| format!("it is no workbook (.xlsx): {error}"))?;
        let read = std::io::copy(&mut file.take(left + 1), &mut std::io::sink());
        let read = read.map_err(|error| format!("it is no workbook (.xlsx): {error}"))?;
        left = left.checked_sub(read).ok_or_else(|| format!("it unfolds to more than {UNFOLDED} bytes"))?;
    }
    Ok(())
}

fn text(data: &Data) -> Result<String, String> {
    let text = match data {
        Data::Empty => String::new(),
        Data::String(text) | Data::DateTimeIso(text) => text.clone(),
        Data::Int(number) => number.to_string(),
        Data::Float(number) => shown(*number)?,
        Data::Bool(flag) => if *flag { "yes" } else { "no" }.to_owned(),
        Data::DateTime(day) if day.is_datetime() => {
            let (year, month, day, hour, minute, second, milli) = day.to_ymd_hms_milli();
            if (hour, minute, second, milli) != (0, 0, 0, 0) {
                return Err("a day with a time of day; only days are read".to_owned());
            }
            format!("{year:04}-{month:02}-{day:02}")
        }
        Data::DateTime(_) | Data::DurationIso(_) => return Err("a duration, which is not read".to_owned()),
        Data::Error(error) => return Err(format!("the spreadsheet shows {error} there")),
    };
    if text.len() > CELL { Err(format!("the cell has {} bytes; {CELL} are the most", text.len())) } else { Ok(text) }
}

/// A number as a spreadsheet shows it: 15 digits.
fn shown(number: f64) -> Result<String, String> {
    let digits = format!("{number:.14e}");
    let exact = super::grid::Exact::parse(&digits).ok_or_else(|| format!("{number} is no number that can be kept exactly"))?;
    let scale = exact.scale as usize;
    let text = format!("{:0>width$}", exact.digits.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = text.split_at(text.len() - scale);
    let sign = if exact.digits < 0 { "-" } else { "" };
    Ok(if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") })
}

/// The letters of a column, from 0.
fn letters(column: usize) -> String {
    let (mut out, mut left) = (String::new(), column + 1);
    while left > 0 {
        out.insert(0, char::from(b'A' + ((left - 1) % 26) as u8));
        left = (left - 1) / 26;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_what_the_spreadsheet_shows() {
        assert_eq!(shown(0.1 + 0.2).as_deref(), Ok("0.3"));
        assert_eq!(shown(-4800.0).as_deref(), Ok("-4800"));
        assert_eq!(shown(5.92).as_deref(), Ok("5.92"));
        assert_eq!(shown(0.0).as_deref(), Ok("0"));
        assert_eq!(shown(1e15).as_deref(), Ok("1000000000000000"));
        assert!(shown(f64::NAN).is_err());
        assert_eq!((letters(0), letters(25), letters(26), letters(701)), ("A".into(), "Z".into(), "AA".into(), "ZZ".into()));
    }
}
