//! A decision table as Markdown, one page for all decisions.

use super::artifact::{Artifact, EmitError};
use super::rows::rows;
use super::text::identifier;
use crate::diagram::OwnedTable;
use crate::ir::date_text;

/// One page: what the table is good for, then each decision with a row for each box of cases. A decision with more than `limit` rows is
/// named with that reason in place of its rows.
///
/// # Errors
/// [`EmitError::Malformed`].
pub fn markdown(table: &OwnedTable, limit: usize) -> Result<(Artifact, Vec<EmitError>), EmitError> {
    let mut out = format!("# {}\n\n", words(if table.title.is_empty() { &table.regime } else { &table.title }));
    out += &format!("Regime `{}`, source `{}`.", table.regime, table.source);
    if !table.readings.is_empty() {
        out += &format!(" Readings: {}.", words(&table.readings.join(", ")));
    }
    if let Some((lo, hi)) = table.dates {
        out += &format!(" Dates: {} to {}.", date_text(lo), date_text(hi));
    }
    out += " Every case fits exactly one row of each table; an empty cell is no condition.\n";
    let mut refused = Vec::new();
    for (number, decision) in table.decisions.iter().enumerate() {
        out += &format!("\n## {}\n\n", words(&decision.name));
        if !decision.title.is_empty() {
            out += &format!("{}\n\n", words(&decision.title));
        }
        let found = match rows(table, number, limit) {
            Ok(found) => found,
            Err(error @ EmitError::TooManyRows { .. }) => {
                out += &format!("Not shown: more than {limit} rows.\n");
                refused.push(error);
                continue;
            }
            Err(error) => return Err(error),
        };
        let heads: Vec<&str> = found.columns.iter().map(String::as_str).chain([decision.name.as_str(), "rules"]).collect();
        line(&mut out, heads.iter().map(|head| words(head)));
        line(&mut out, heads.iter().map(|_| "---".to_owned()));
        for row in &found.rows {
            let last = [row.outcome.clone(), row.cited()];
            line(&mut out, row.conditions.iter().chain(&last).map(|cell| words(cell)));
        }
    }
    Ok((Artifact::text(format!("{}.md", identifier(&table.regime)), out), refused))
}

fn line(out: &mut String, cells: impl Iterator<Item = String>) {
    out.push('|');
    for cell in cells {
        *out += &format!(" {cell} |");
    }
    out.push('\n');
}

/// Text as it is to be read: nothing of it is a mark of Markdown or HTML.
fn words(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '\n' | '\r' => out.push(' '),
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '\\' | '|' | '*' | '_' | '`' | '[' | ']' | '#' | '~' | '$' => out.extend(['\\', c]),
            // At the beginning these would be a list or a heading; `1.` needs a paragraph of its own, which a cell is not.
            '+' | '-' if out.is_empty() => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}
