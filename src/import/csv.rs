//! CSV files → [`Sheet`]s. The sign between fields is the one of `,`, `;` and tabulators that the heading has most of. Each row has the number of the
//! line on which it begins.

use super::columns::Sheet;
use super::{CELL, ROWS, Wrong};
use crate::source::{RowError, Rows};

/// Reads a file; `path` names the sheet.
pub fn read(text: &str, path: &str, wrong: &mut Wrong) -> Option<Sheet> {
    let sign = sign(text);
    let mut sheet = Sheet { name: super::name::stem(path).to_owned(), semicolons: sign == ';', ..Sheet::default() };
    let mut width: Option<usize> = None;
    let mut rows = Rows::new(text.as_bytes(), sign as u8, usize::MAX).with_spaces();
    loop {
        let number = match rows.next_row() {
            Ok(Some(line)) => line as usize,
            Ok(None) => break,
            Err(why) => {
                wrong.say(said(&why));
                return None;
            }
        };
        let cells: Vec<String> = (0..rows.count()).map(|at| String::from_utf8_lossy(rows.cell(at)).into_owned()).collect();
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

fn said(why: &RowError) -> String {
    let shown = |text: &str| text.trim().chars().take(40).collect::<String>();
    match why {
        RowError::Reader { line, error } => format!("line {line}: {error}"),
        RowError::TooLong { line } => format!("line {line}: the row is too long"),
        RowError::Open { line } => {
            format!("line {line}: a quote opens there and is never closed; a quote that is meant is written twice, `\"\"`")
        }
        RowError::Behind { line, cell, after, .. } => format!(
            "line {line}: `{}` stands behind the closing quote of \"{}\": quotes hold a whole cell, and one that is meant is written twice, `\"\"`",
            shown(after),
            shown(cell)
        ),
    }
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
    fn what_is_wrong_is_said_with_its_line() {
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
}
