//! Spreadsheets (Office Open XML, ECMA-376) → [`Sheet`]s, by the crate calamine.
//!
//! A merged cell is the same in every row that it covers. Numbers are kept to the 15 digits that a spreadsheet shows, because it stores a
//! binary fraction near them (0.1 + 0.2 is 0.3 to its user).

use std::io::{Cursor, Read as _};

use calamine::{Data, DataRef, Reader as _, Xlsx, XlsxError};

use super::columns::Sheet;
use super::{CELL, ROWS, SAID, Wrong};

/// How many bytes a workbook may unfold to.
const UNFOLDED: u64 = 256 << 20;
/// How many cells its sheets may have from the first to the last, empty ones too: each takes room.
const CELLS: u64 = 4_000_000;

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
    let mut room = Room { cells: CELLS, bytes: UNFOLDED };
    for name in names.iter().filter(|name| asked.is_none_or(|asked| asked == *name)) {
        let title = if names.len() == 1 { super::name::stem(path).to_owned() } else { name.clone() };
        wrong.table.clone_from(&title);
        match looked_over(&mut book, name) {
            Ok(Some(look)) => {
                for (row, column) in look.unvalued {
                    let cell = format!("{}{}", letters(column as usize), u64::from(row) + 1);
                    wrong.say(format!(
                        "sheet `{name}`, cell {cell}: a formula without its value: open the file in a spreadsheet and save it there"
                    ));
                }
                // Only now is room taken for all that lies between its first cell and its last.
                if look.rows > ROWS as u64 || !room.has(look.rows.saturating_mul(look.columns), 0) {
                    wrong.say(format!(
                        "sheet `{name}`: from its first cell to its last, {}, there are {} rows and {} columns; {ROWS} rows and {CELLS} cells are the most: delete what stands far away from the table",
                        look.last, look.rows, look.columns
                    ));
                    continue;
                }
            }
            Ok(None) => continue,
            Err(error) => {
                wrong.file(format!("sheet `{name}`: {error}"), "save it as .xlsx once more, or as CSV");
                continue;
            }
        }
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
        }
        for region in merged {
            let from = (region.start.0.checked_sub(top), region.start.1.checked_sub(left));
            let (Some(row), Some(column)) = from else { continue };
            let Some(words) = sheet.rows.get(row as usize).and_then(|(_, cells)| cells.get(column as usize)).cloned() else {
                continue;
            };
            // The heading is not spread: a title over several columns is none of them. Nothing is spread beyond the sheet.
            let (last, end) = (region.end.0.saturating_sub(top) as usize, region.end.1.saturating_sub(left) as usize);
            let width = range.width();
            let rows = sheet.rows.iter_mut().take(last.saturating_add(1)).skip((row as usize).max(1));
            let columns = column as usize..end.saturating_add(1).min(width);
            if !room.has((rows.len() * columns.len()) as u64, words.len() as u64) {
                wrong.say(format!(
                    "sheet `{name}`: its merged cells cover more than {CELLS} cells or {UNFOLDED} bytes of text: undo the merging"
                ));
                break;
            }
            for (_, cells) in rows {
                for cell in cells.get_mut(columns.clone()).into_iter().flatten() {
                    cell.clone_from(&words);
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

/// What is left of what a workbook may take.
struct Room {
    cells: u64,
    bytes: u64,
}

impl Room {
    /// Takes room for cells of so many bytes each; `false` if there is not enough.
    fn has(&mut self, cells: u64, each: u64) -> bool {
        let left = (self.cells.checked_sub(cells), cells.checked_mul(each).and_then(|bytes| self.bytes.checked_sub(bytes)));
        let (Some(cells), Some(bytes)) = left else { return false };
        (self.cells, self.bytes) = (cells, bytes);
        true
    }
}

/// What a sheet has, before any room is taken for it.
struct Look {
    rows: u64,
    columns: u64,
    /// The name of its last cell.
    last: String,
    /// Formulas whose value was never computed.
    unvalued: Vec<(u32, u32)>,
}

/// Goes over the cells of a sheet one by one. `None`: it is a drawing or another thing that is no sheet of cells.
fn looked_over(book: &mut Xlsx<Cursor<&[u8]>>, name: &str) -> Result<Option<Look>, XlsxError> {
    let mut reader = match book.worksheet_cells_reader(name) {
        Ok(reader) => reader,
        Err(XlsxError::NotAWorksheet(_)) => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut ends: Option<[(u32, u32); 2]> = None;
    let mut unvalued = Vec::new();
    while let Some(cell) = reader.next_cell_with_formula_metadata()? {
        let at = cell.pos;
        if !matches!(cell.value, DataRef::Empty) {
            let [from, to] = ends.unwrap_or([at, at]);
            ends = Some([(from.0.min(at.0), from.1.min(at.1)), (to.0.max(at.0), to.1.max(at.1))]);
        } else if cell.formula.is_some() && unvalued.len() <= SAID {
            unvalued.push(at);
        }
    }
    let of = |from: u32, to: u32| u64::from(to - from) + 1;
    let (rows, columns, last) = ends.map_or((0, 0, String::new()), |[from, to]| {
        (of(from.0, to.0), of(from.1, to.1), format!("{}{}", letters(to.1 as usize), u64::from(to.0) + 1))
    });
    Ok(Some(Look { rows, columns, last, unvalued }))
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
