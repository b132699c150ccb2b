//! Where things stand in the workbook: the names of its sheets, references to cells, the columns of a row of formulas.
//!
//! A formula of a row is written once, with [`ROW`] for the number of the row, and stands in every row alike.

/// Stands for the number of the row in a formula; no formula has it otherwise.
pub(super) const ROW: char = '\u{e000}';

/// The sheet on which a case is entered.
pub(super) const LOOK_UP: &str = "Look up";
/// The sheet of check vectors.
pub(super) const VECTORS: &str = "Check vectors";
/// The hidden sheet of formulas: row 2 is the case of [`LOOK_UP`], each further row one of [`VECTORS`].
pub(super) const CALCULATION: &str = "Calculation";
/// The hidden sheet of the nodes of the diagram.
pub(super) const DIAGRAM: &str = "Diagram";

/// The first row (from 0) of entries on the sheet [`LOOK_UP`].
pub(super) const FIRST_ENTRY: u32 = 6;
/// The first row (from 0) of the sheet [`VECTORS`].
pub(super) const FIRST_VECTOR: u32 = 4;
/// The column (from 0) of the first entry on the sheet [`VECTORS`].
pub(super) const VECTOR_ENTRIES: u16 = 2;

/// The letters of a column, from 0: `A`, `Z`, `AA`.
pub(super) fn letters(column: usize) -> String {
    let mut out = String::new();
    let mut rest = column + 1;
    while rest > 0 {
        out.insert(0, char::from(b'A' + ((rest - 1) % 26) as u8));
        rest = (rest - 1) / 26;
    }
    out
}

/// A text as a literal of a formula.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// The columns of the sheet [`CALCULATION`].
#[derive(Debug, Default)]
pub(super) struct Columns {
    /// Head and formula; nothing where each row has its own.
    pub columns: Vec<(String, String)>,
}

impl Columns {
    /// Adds a column; how its cell in the same row is called.
    pub fn add(&mut self, head: impl Into<String>, formula: impl Into<String>) -> String {
        let at = format!("${}{ROW}", letters(self.columns.len()));
        self.columns.push((head.into(), formula.into()));
        at
    }

    /// The cells of a run of columns in the same row.
    pub fn run(first: usize, count: usize) -> String {
        format!("${}{ROW}:${}{ROW}", letters(first), letters(first + count.max(1) - 1))
    }
}

/// A formula of the sheet [`CALCULATION`], in a row of it that is counted from 1.
pub(super) fn in_row(formula: &str, row: usize) -> String {
    formula.replace(ROW, &row.to_string())
}

/// A cell of [`CALCULATION`], seen from another sheet, for the case of [`LOOK_UP`].
pub(super) fn of_case(cell: &str) -> String {
    let place: String = cell.replace(ROW, "$2");
    format!("{CALCULATION}!{place}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_letters() {
        assert_eq!([0, 25, 26, 701, 702, 16_383].map(letters), ["A", "Z", "AA", "ZZ", "AAA", "XFD"]);
        assert_eq!(of_case("$AB\u{e000}"), "Calculation!$AB$2");
    }
}
