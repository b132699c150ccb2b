//! Tables that people have, made into regimes: decision tables of DMN files, of CSV files and of spreadsheets.
//!
//! ```text
//! DMN  ─▶ feel ─┐
//! CSV  ─▶ cell ─┼─▶ Grid ─▶ settle: types, domains ─▶ Table ─▶ write ─▶ text of a regime ─▶ (driver) program
//! xlsx ─▶ cell ─┘                                        └─▶ judge: analysis::boxes, each finding replayed by eval in that program
//! ```
//!
//! In: bytes. Out: [`Table`]s, the text of a regime for each of them, and [`Judged`] findings with the row numbers of the user's own file. The
//! regime is what is judged: a finding counts only if the interpreter sees it there.

mod cell;
mod columns;
mod csv;
mod dmn;
mod feel;
mod grid;
mod judge;
mod name;
mod settle;
mod table;
mod workbook;
mod write;

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::Program;
use crate::source::Span;

pub use grid::Policy;
pub use judge::{Finding, Judged, Kind, judge};
pub use table::{Output, Row, Table, Values};
pub use write::written;

/// The longest cell, in bytes: what a spreadsheet allows, and some.
const CELL: usize = 64 * 1024;
/// The most rows of a table.
const ROWS: usize = 200_000;
/// How many things that are wrong are said at once.
const SAID: usize = 40;

/// What is to be read, and how.
#[derive(Clone, Debug, Default)]
pub struct Asked<'a> {
    /// Of several tables this one.
    pub decision: Option<&'a str>,
    /// Of several sheets this one.
    pub sheet: Option<&'a str>,
    /// The columns that are concluded: their names, or how many there are at the end.
    pub outputs: &'a [String],
    /// The columns that are remarks.
    pub notes: &'a [String],
    /// How rows combine, where the file does not say it.
    pub policy: Option<Policy>,
    /// Whether the words of a column are all that there are.
    pub closed: bool,
    /// Inputs and decisions whose types are known.
    pub known: Vec<&'a Program>,
    /// Inputs whose types are stated one by one ([`stated`]): what it was called, and its program. They go before what is known.
    pub stated: Vec<(&'a str, &'a Program)>,
}

/// What was read.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The tables, in the order of the file.
    pub tables: Vec<Table>,
    /// What is to be known about them.
    pub warnings: Vec<Diagnostic>,
    /// Whether the file has tables that are not read, so that something about it stays open; the warnings name them.
    pub unread: bool,
}

/// Reads the tables of a file. `path` is what it is called; the ending says what it is.
///
/// # Errors
/// Everything that is wrong with it.
pub fn read(path: &str, bytes: &[u8], asked: &Asked<'_>) -> Result<Found, Vec<Diagnostic>> {
    let mut wrong = Wrong { path: path.to_owned(), ..Wrong::default() };
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
    let grids = match ending.as_str() {
        "dmn" | "xml" => {
            only_for(&mut wrong, "--sheet", asked.sheet.is_some(), "spreadsheets");
            only_for(
                &mut wrong,
                "--outputs",
                !asked.outputs.is_empty(),
                "CSV files and spreadsheets: a DMN file says what its columns are",
            );
            only_for(
                &mut wrong,
                "--notes",
                !asked.notes.is_empty(),
                "CSV files and spreadsheets: a DMN file says what its columns are",
            );
            only_for(&mut wrong, "--policy", asked.policy.is_some(), "CSV files and spreadsheets: a DMN file says it");
            text(bytes, &mut wrong).map(|text| dmn::read(text, &mut wrong))
        }
        "csv" | "tsv" | "txt" => {
            only_for(&mut wrong, "--sheet", asked.sheet.is_some(), "spreadsheets");
            let sheet = text(bytes, &mut wrong).and_then(|text| csv::read(text, path, &mut wrong));
            sheet.map(|sheet| columns::grids(vec![sheet], asked, &mut wrong))
        }
        "xlsx" | "xlsm" => Some(columns::grids(workbook::read(bytes, asked.sheet, path, &mut wrong), asked, &mut wrong)),
        _ => {
            wrong.file(
                format!("the ending `.{ending}` says nothing that is read"),
                "tables are read from .dmn, .csv, .tsv, .xlsx and .xlsm",
            );
            None
        }
    };
    let mut grids = grids.unwrap_or_default();
    if let Some(name) = asked.decision {
        let names: Vec<String> = grids.iter().map(|grid| grid.name.clone()).collect();
        if !names.is_empty() {
            grids.retain(|grid| grid.name == name);
            wrong.messages.retain(|(table, _)| table.is_empty() || table == name);
            wrong.unread = false;
            if grids.is_empty() {
                let near = crate::driver::nearest(name, names.iter().map(String::as_str));
                let help =
                    near.map_or_else(|| format!("there are {}", names.join(", ")), |near| format!("did you mean `{near}`?"));
                wrong.file(format!("it has no table `{name}`"), &help);
            }
        }
    }
    let mut tables = Vec::new();
    for grid in &grids {
        wrong.table.clone_from(&grid.name);
        tables.extend(settle::settle(grid, path, asked, &mut wrong));
    }
    settle::unmet(&grids, asked, &mut wrong);
    let unread = wrong.unread;
    wrong.done().map(|warnings| Found { tables, warnings, unread })
}

fn only_for(wrong: &mut Wrong, option: &str, given: bool, whom: &str) {
    if given {
        wrong
            .messages
            .push((String::new(), Diagnostic::new(Code::BadArgument, format!("`{option}` is for {whom}"), Span::NOWHERE, "")));
    }
}

fn text<'b>(bytes: &'b [u8], wrong: &mut Wrong) -> Option<&'b str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text.strip_prefix('\u{feff}').unwrap_or(text)),
        Err(error) => {
            let title = format!("`{}`: byte {} is not UTF-8", wrong.path, error.valid_up_to());
            let message = Diagnostic::new(Code::NotUtf8, title, Span::NOWHERE, "");
            wrong.messages.push((String::new(), message.help("save the file as UTF-8 (in a spreadsheet: \"CSV UTF-8\")")));
            None
        }
    }
}

/// The citation and the title that remarks beside a row come to: those under a heading that names a source, and the others.
fn annotations<'a>(remarks: impl Iterator<Item = (&'a str, &'a str)>) -> (String, String) {
    let (mut cite, mut title) = (Vec::new(), Vec::new());
    for (head, words) in remarks {
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        if !words.is_empty() {
            if columns::is_citation(head) { cite.push(words) } else { title.push(words) }
        }
    }
    (cite.join("; "), title.join("; "))
}

/// The text of a regime that states nothing but the type of one name.
pub fn stated(name: &str, of: &str) -> String {
    let units: std::collections::BTreeSet<&str> = of
        .split("number of ")
        .nth(1)
        .and_then(|rest| rest.split_whitespace().next())
        .into_iter()
        .flat_map(|unit| unit.split(['/', '*', '·']))
        .filter(|unit| !matches!(*unit, "" | "%" | "USD" | "1"))
        .collect();
    let units: String = units.into_iter().map(|unit| format!("unit {unit}\n")).collect();
    format!("regime stated\n{units}input {} : {of}\n", name::identifier(name))
}

/// Everything that is wrong with a file.
#[derive(Debug, Default)]
struct Wrong {
    path: String,
    /// The table that is being read; empty before the first.
    table: String,
    messages: Vec<(String, Diagnostic)>,
    /// Whether the file has tables that are not read.
    unread: bool,
}

impl Wrong {
    /// Whether something is wrong with the table, or with the file: then what is missing from it may only follow from that.
    fn failed(&self) -> bool {
        let error = |message: &Diagnostic| message.severity == crate::diagnostic::Severity::Error;
        self.messages.iter().any(|(table, message)| (table.is_empty() || *table == self.table) && error(message))
    }

    fn is_empty(&self) -> bool {
        !self.messages.iter().any(|(_, message)| message.severity == crate::diagnostic::Severity::Error)
    }

    fn message(&self, what: &str) -> Diagnostic {
        Diagnostic::new(Code::BadRows, format!("`{}`: {what}", self.path), Span::NOWHERE, "")
    }

    /// About the file as a whole.
    fn file(&mut self, what: String, help: &str) {
        let message = self.message(&what).help(help);
        self.messages.push((String::new(), message));
    }

    /// About the table.
    fn say(&mut self, what: String) {
        let what = if self.table.is_empty() { what } else { format!("table `{}`: {what}", self.table) };
        let message = self.message(&what);
        self.messages.push((self.table.clone(), message));
    }

    /// About a cell: its row, its column, its words. The default of a column stands in row 0.
    fn cell(&mut self, row: usize, column: &str, words: &str, why: &str) {
        let shown: String = words.trim().chars().take(80).collect();
        let place = if row == 0 { format!("the default of column `{column}`") } else { format!("row {row}, column `{column}`") };
        self.say(format!("{place}: `{shown}`: {why}"));
    }

    /// Something to know, after which reading goes on.
    fn warn(&mut self, what: String) {
        let what = if self.table.is_empty() { what } else { format!("table `{}`: {what}", self.table) };
        let mut message = self.message(&what);
        message.severity = crate::diagnostic::Severity::Warning;
        self.messages.push((self.table.clone(), message));
    }

    fn done(self) -> Result<Vec<Diagnostic>, Vec<Diagnostic>> {
        let fine = self.is_empty();
        let mut seen = std::collections::BTreeSet::new();
        let all = self.messages.into_iter().map(|(_, message)| message);
        let mut all: Vec<Diagnostic> = all.filter(|message| seen.insert(message.title.clone())).collect();
        if fine {
            return Ok(all);
        }
        if all.len() > SAID {
            let more = all.len() - SAID;
            all.truncate(SAID);
            all.push(Diagnostic::new(Code::BadRows, format!("{more} more of this file are not shown"), Span::NOWHERE, ""));
        }
        Err(all)
    }
}
