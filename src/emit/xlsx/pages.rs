//! The sheets that are read: the rules with their citations, the rows of decisions, and how the workbook was made.

use std::collections::BTreeSet;

use rust_xlsxwriter::{Url, Worksheet};

use super::entries::{Entry, idle};
use super::style::Style;
use super::vectors::Vectors;
use crate::diagram::OwnedTable;
use crate::emit::artifact::EmitError;
use crate::emit::rows::{Rows, rows};
use crate::ir::date_text;

/// The longest text of a cell.
const TEXT: usize = 32_000;

/// Name, title and citation of every rule.
pub(super) fn rules(sheet: &mut Worksheet, table: &OwnedTable, style: &Style) -> Result<(), EmitError> {
    for (column, (head, width)) in (0..).zip([("Rule", 34.0), ("Title", 60.0), ("Citation", 60.0)]) {
        sheet.set_column_width(column, width)?;
        sheet.write_string_with_format(0, column, head, &style.head)?;
    }
    for (row, rule) in (1..).zip(&table.rules) {
        sheet.write_string_with_format(row, 0, &rule.name, &style.name)?;
        sheet.write_string_with_format(row, 1, &rule.title, &style.cell)?;
        sheet.write_string_with_format(row, 2, &rule.cite, &style.cell)?;
    }
    if !table.rules.is_empty() {
        sheet.autofilter(0, 0, table.rules.len() as u32, 2)?;
    }
    sheet.set_freeze_panes(1, 0)?.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
    Ok(())
}

/// The sheet of a decision: its name, and its rows or why there are none.
pub(super) type Sheet = (String, Result<Rows, String>);

/// By decision: the name of its sheet, and the rows, or why there is none.
pub(super) fn decision_tables(table: &OwnedTable, limit: usize) -> Result<Vec<Sheet>, EmitError> {
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let mut out = Vec::new();
    for (number, decision) in table.decisions.iter().enumerate() {
        let plain: String = decision.name.chars().map(|c| if "[]:*?/\\'".contains(c) { '_' } else { c }).take(24).collect();
        let mut name = format!("= {plain}");
        let mut count = 1;
        while !taken.insert(name.to_lowercase()) {
            count += 1;
            name = format!("= {plain} {count}");
        }
        let found = match rows(table, number, limit) {
            Ok(rows) if rows.rows.iter().any(|row| row.conditions.iter().any(|cell| cell.len() > TEXT)) => {
                Err("a condition is longer than a cell can be; --to csv writes it".to_owned())
            }
            Ok(rows) => Ok(rows),
            Err(EmitError::TooManyRows { limit, .. }) => {
                Err(format!("more than {limit} rows: too many to be read; the sheet Look up and --to csv have them all"))
            }
            Err(error) => return Err(error),
        };
        out.push((name, found));
    }
    Ok(out)
}

/// Which decisions have a sheet of rows.
pub(super) fn overview(sheet: &mut Worksheet, table: &OwnedTable, tables: &[Sheet], style: &Style) -> Result<(), EmitError> {
    for (column, (head, width)) in (0..).zip([("Decision", 30.0), ("Title", 60.0), ("Rows", 70.0)]) {
        sheet.set_column_width(column, width)?;
        sheet.write_string_with_format(0, column, head, &style.head)?;
    }
    for (row, (decision, (name, found))) in (1..).zip(table.decisions.iter().zip(tables)) {
        sheet.write_string_with_format(row, 0, &decision.name, &style.name)?;
        sheet.write_string_with_format(row, 1, &decision.title, &style.cell)?;
        match found {
            Ok(rows) => {
                let link = Url::new(format!("internal:'{name}'!A1")).set_text(format!("{} rows: sheet {name}", rows.rows.len()));
                sheet.write_url_with_format(row, 2, link, &style.cell)?;
            }
            Err(why) => {
                sheet.write_string_with_format(row, 2, why, &style.cell)?;
            }
        }
    }
    sheet.set_freeze_panes(1, 0)?.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
    Ok(())
}

/// The rows of a decision.
pub(super) fn decision(sheet: &mut Worksheet, rows: &Rows, style: &Style) -> Result<(), EmitError> {
    let note = "Every case fits exactly one row; an empty cell is no condition.";
    sheet.write_string_with_format(0, 0, note, &style.remark)?;
    let heads = rows.columns.iter().map(String::as_str).chain(["outcome", "rules"]);
    for (column, head) in (0u16..).zip(heads) {
        sheet.write_string_with_format(1, column, head, &style.head)?;
        let width = if usize::from(column) <= rows.columns.len() { 26.0 } else { 60.0 };
        sheet.set_column_width(column, width)?;
    }
    for (row, line) in (2..).zip(&rows.rows) {
        for (column, cell) in (0..).zip(&line.conditions) {
            sheet.write_string_with_format(row, column, cell, &style.cell)?;
        }
        let last = line.conditions.len() as u16;
        sheet.write_string_with_format(row, last, &line.outcome, &style.name)?;
        sheet.write_string_with_format(row, last + 1, line.cited(), &style.cell)?;
    }
    sheet.autofilter(1, 0, rows.rows.len() as u32 + 1, rows.columns.len() as u16 + 1)?;
    sheet.set_freeze_panes(2, 0)?.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
    Ok(())
}

/// Whose table it is, what it is good for, and how the workbook computes.
pub(super) fn about(
    sheet: &mut Worksheet,
    table: &OwnedTable,
    entries: &[Entry],
    vectors: &Vectors,
    style: &Style,
) -> Result<(), EmitError> {
    sheet.set_column_width(0, 26)?.set_column_width(1, 110)?;
    let dates = table.dates.map_or("no date".to_owned(), |(lo, hi)| format!("{} to {}", date_text(lo), date_text(hi)));
    let readings = if table.readings.is_empty() { "the only one".to_owned() } else { table.readings.join(", ") };
    let idle = idle(table, entries);
    let mut checks = format!("{} cases with the outcome of the table; the sheet calculates each anew.", vectors.len());
    if vectors.left_out > 0 {
        checks += &format!(" {} more have a day before 1900-03-01, which spreadsheets do not agree on.", vectors.left_out);
    }
    let lines = [
        ("Regime", table.regime.clone()),
        ("Title", table.title.clone()),
        ("Source", format!("BLAKE3 {}: of the program that the table was built from and proved equal to (lexport ir)", table.source)),
        ("Readings", readings),
        ("Dates", dates),
        ("Made by", format!("Lexport {}: lexport build --to xlsx", env!("CARGO_PKG_VERSION"))),
        ("Look up", "One case, by formula. Empty: unknown. A wrong value is told beside it, and then nothing is answered.".into()),
        ("Numbers", "Counted in whole steps of the input; more than fifteen digits must be entered as text, with a point.".into()),
        ("Inputs not asked", if idle.is_empty() { "none: an answer hangs on each input".into() } else { format!("no answer hangs on {}", idle.join(", ")) }),
        ("Check vectors", checks),
        ("Hidden: Calculation", "What was entered as numbers, classes of tests, steps of decisions: row 2 the case of Look up, then one row for each check vector.".into()),
        ("Hidden: Diagram", "What each node of the decision diagram comes to for the case of Look up, unknown inputs included.".into()),
        ("Hidden: Data", "Members, thresholds, classes, steps and what outcomes say: a list for each column.".into()),
        ("Protection", "The sheet Look up is protected, without a password, so that formulas are not lost by mistake.".into()),
    ];
    for (row, (head, text)) in (0..).zip(lines) {
        sheet.write_string_with_format(row, 0, head, &style.name)?;
        sheet.write_string_with_format(row, 1, text, &style.cell)?;
    }
    sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
    Ok(())
}
