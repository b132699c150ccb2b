//! The hidden sheet `Data`: lists, a column each, that formulas look up.
//!
//! In: numbers and texts. Out: references to them. A list that is too long for a column runs over several.

use std::collections::BTreeMap;

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::layout::letters;

/// The name of the sheet.
pub(super) const SHEET: &str = "Data";

/// Rows of a column that are used; a sheet has 1,048,576.
const ROWS: usize = 1_000_000;

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cell {
    /// A whole number below 2^53.
    Number(i64),
    Text(String),
}

impl Cell {
    pub fn text(text: impl Into<String>) -> Cell {
        Cell::Text(text.into())
    }
}

/// Where a list stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct List {
    column: usize,
    len: usize,
}

impl List {
    /// All of it; only for lists that are one column.
    pub fn range(self) -> String {
        let column = letters(self.column);
        format!("{SHEET}!${column}$2:${column}${}", self.len + 1)
    }

    /// The entry at a formula that counts from 1.
    pub fn at(self, index: &str) -> String {
        if self.len <= ROWS {
            return format!("INDEX({},{index})", self.range());
        }
        let (first, last) = (letters(self.column), letters(self.column + (self.len - 1) / ROWS));
        let column = format!("INT(({index}-1)/{ROWS})");
        format!("INDEX({SHEET}!${first}$2:${last}${},{index}-{ROWS}*{column},{column}+1)", ROWS + 1)
    }
}

/// The lists of a workbook.
#[derive(Debug, Default)]
pub(super) struct Data {
    lists: Vec<(usize, String, Vec<Cell>)>,
    known: BTreeMap<Vec<Cell>, List>,
    columns: usize,
}

impl Data {
    /// Adds a list, or finds the one that is there already.
    pub fn list(&mut self, head: &str, cells: Vec<Cell>) -> List {
        if let Some(list) = self.known.get(&cells) {
            return *list;
        }
        let list = List { column: self.columns, len: cells.len() };
        self.columns += cells.len().div_ceil(ROWS).max(1);
        self.known.insert(cells.clone(), list);
        self.lists.push((list.column, head.to_owned(), cells));
        list
    }

    pub fn numbers(&mut self, head: &str, numbers: impl IntoIterator<Item = i64>) -> List {
        self.list(head, numbers.into_iter().map(Cell::Number).collect())
    }

    pub fn write(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        for (column, head, cells) in &self.lists {
            for (at, cell) in cells.iter().enumerate() {
                let (row, column) = ((at % ROWS) as u32 + 1, (column + at / ROWS) as u16);
                match cell {
                    #[expect(clippy::cast_precision_loss, reason = "whole numbers below 2^53")]
                    Cell::Number(number) => sheet.write_number(row, column, *number as f64)?,
                    Cell::Text(text) => sheet.write_string(row, column, text)?,
                };
            }
            sheet.write_string(0, *column as u16, head)?;
        }
        Ok(())
    }
}
