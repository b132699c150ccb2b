//! A decision table as a workbook that answers by formula: a sheet on which a lawyer enters a case, the rules with their citations, the
//! readable rows, and the check vectors, which the same formulas calculate anew.
//!
//! In: a table and its fused steps. Out: one `.xlsx` file, for Excel and LibreOffice: classic functions only, no macros. What a cell cannot
//! hold exactly is carried in parts or refused; see `docs/targets/xlsx.md`.

mod calculation;
mod codes;
mod data;
mod entries;
mod exact;
mod layout;
mod look_up;
mod nodes;
mod pages;
mod style;
mod vectors;

use lexport_runtime::{Span, Test};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, Worksheet, XlsxError};

use super::artifact::{Artifact, EmitError};
use super::text::{self, identifier};
use crate::diagram::{Costs, OwnedTable, fuse};
use data::{Cell, Data, List};

/// Below this every whole number and every difference of two is exact in a cell, and told apart by comparison: LibreOffice takes numbers for
/// equal that differ by less than 2^-48 of them, Excel those that agree in fifteen digits.
const LIMIT: i128 = 1 << 48;

/// Rows of a decision that are shown as a table to be read.
const READABLE: usize = 5_000;

impl From<XlsxError> for EmitError {
    fn from(error: XlsxError) -> Self {
        EmitError::Malformed(format!("the workbook cannot be written: {error}"))
    }
}

fn part<T>(all: &[T], span: Span) -> &[T] {
    &all[span.first as usize..(span.first + span.count) as usize]
}

/// The number of classes of a test.
fn ways(test: Test) -> usize {
    match test {
        Test::Member { classes, .. } | Test::Interval { classes, .. } => classes as usize,
        _ => 2,
    }
}

/// What outcomes say: lists in `data`, by outcome.
struct Said {
    /// By decision.
    answers: Vec<List>,
    /// By decision: answer and rules, as the check vectors compare them.
    whole: Vec<List>,
    rules: List,
    cites: List,
    /// By answer an outcome that has it.
    represent: List,
}

/// An answer with its unit.
fn answer(table: &OwnedTable, decision: usize, outcome: usize) -> String {
    let domain = &table.decisions[decision].domain;
    let answer = text::outcome(table, domain, &table.outcome(table.outcomes[outcome].answer, domain));
    match domain {
        crate::ir::Domain::Number(number) if !number.unit.is_empty() && !answer.starts_with('(') => {
            format!("{answer} {}", number.unit)
        }
        _ => answer,
    }
}

/// The names of the rules of an outcome, and their citations, line by line.
fn carried(table: &OwnedTable, outcome: usize) -> (String, String) {
    let row = table.outcomes[outcome];
    let rules: Vec<_> = table.as_table().rules(row).iter().filter_map(|rule| table.rules.get(*rule as usize)).collect();
    if rules.is_empty() {
        let gap = row.answer == lexport_runtime::Answer::Gap;
        let said = if gap { "no rule speaks, and there is no default" } else { "the default: no rule speaks" };
        return (said.into(), String::new());
    }
    let names: Vec<&str> = rules.iter().map(|rule| rule.name.as_str()).collect();
    let mut cites: Vec<&str> = rules.iter().map(|rule| rule.cite.as_str()).filter(|cite| !cite.is_empty()).collect();
    cites.dedup();
    (names.join("; "), cites.join("; "))
}

/// What the check vectors compare of an outcome: answer and rules.
fn whole(table: &OwnedTable, decision: usize, outcome: usize) -> String {
    format!("{} | {}", answer(table, decision, outcome), carried(table, outcome).0)
}

fn said(table: &OwnedTable, represent: &[i64], data: &mut Data) -> Said {
    let outcomes = 0..table.outcomes.len();
    let by_decision = |data: &mut Data, head: &str, of: &dyn Fn(usize, usize) -> String| {
        let decisions = table.decisions.iter().enumerate();
        decisions
            .map(|(at, decision)| {
                let cells = outcomes.clone().map(|outcome| Cell::Text(of(at, outcome))).collect();
                data.list(&format!("{} {head}", decision.name), cells)
            })
            .collect()
    };
    let answers = by_decision(data, "answers", &|decision, outcome| answer(table, decision, outcome));
    let whole = by_decision(data, "answers and rules", &|decision, outcome| whole(table, decision, outcome));
    let carried: Vec<(String, String)> = outcomes.clone().map(|outcome| carried(table, outcome)).collect();
    let rules = data.list("rules of outcomes", carried.iter().map(|(rules, _)| Cell::text(rules)).collect());
    let cites = data.list("citations of outcomes", carried.iter().map(|(_, cites)| Cell::text(cites)).collect());
    let represent = data.numbers("an outcome of each answer", represent.iter().copied());
    Said { answers, whole, rules, cites, represent }
}

/// A new sheet. Its formulas have no result, so a program computes them when it opens the file, whatever it is set to.
fn add<'b>(book: &'b mut Workbook, name: &str) -> Result<&'b mut Worksheet, EmitError> {
    Ok(book.add_worksheet().set_name(name)?.set_formula_result_default(""))
}

/// The workbook `NAME.xlsx`.
///
/// # Errors
/// [`EmitError::TooWide`] or [`EmitError::TooLarge`] for what a spreadsheet cannot compute; [`EmitError::Malformed`].
pub fn xlsx(table: &OwnedTable) -> Result<Artifact, EmitError> {
    table.as_table().check().map_err(|error| EmitError::Malformed(format!("{error:?}")))?;
    let fused = fuse(table, &Costs::default()).map_err(|error| EmitError::TooLarge(error.to_string()))?;
    let entries = entries::entries(table);
    let mut data = Data::default();
    let calculation = calculation::calculation(table, &fused, &entries, &mut data)?;
    let nodes = nodes::nodes(table, &calculation.classes)?;
    let said = said(table, &nodes.represent, &mut data);
    let style = style::Style::new();
    let mut book = Workbook::new();
    let made = ExcelDateTime::from_ymd(2000, 1, 1)?;
    let title = if table.title.is_empty() { &table.regime } else { &table.title };
    book.set_properties(
        &DocProperties::new().set_title(title).set_author("Lexport").set_subject(&table.source).set_creation_datetime(&made),
    );
    let vectors = vectors::Vectors::new(table, &entries);
    look_up::write(add(&mut book, layout::LOOK_UP)?, table, &entries, &calculation, &said, &style)?;
    pages::rules(add(&mut book, "Rules")?, table, &style)?;
    let tables = pages::decision_tables(table, READABLE)?;
    pages::overview(add(&mut book, "Decision tables")?, table, &tables, &style)?;
    for readable in tables.iter().filter_map(|(name, rows)| rows.as_ref().ok().map(|rows| (name, rows))) {
        pages::decision(add(&mut book, readable.0)?, readable.1, &style)?;
    }
    vectors.write(add(&mut book, layout::VECTORS)?, table, &entries, &calculation, &said, &style)?;
    pages::about(add(&mut book, "About")?, table, &entries, &vectors, &style)?;
    vectors.calculate(add(&mut book, layout::CALCULATION)?.set_hidden(true), &entries, &calculation, &nodes, &said)?;
    nodes.write(add(&mut book, layout::DIAGRAM)?.set_hidden(true))?;
    data.write(add(&mut book, data::SHEET)?.set_hidden(true))?;
    Ok(Artifact { path: format!("{}.xlsx", identifier(&table.regime)), bytes: book.save_to_buffer()? })
}
