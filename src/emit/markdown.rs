//! A decision table as Markdown, one page for all decisions.

use super::artifact::{Artifact, EmitError};
use super::rows::rows;
use super::text::identifier;
use crate::diagram::OwnedTable;
use crate::ir::date_text;

/// One page: what the table is good for, then each decision with a row for each box of cases.
///
/// # Errors
/// [`EmitError::TooManyRows`] beyond `limit` rows for one decision.
pub fn markdown(table: &OwnedTable, limit: usize) -> Result<Artifact, EmitError> {
    let mut out = format!("# {}\n\n", if table.title.is_empty() { &table.regime } else { &table.title });
    out += &format!("Regime `{}`, source `{}`.", table.regime, table.source);
    if !table.readings.is_empty() {
        out += &format!(" Readings: {}.", table.readings.join(", "));
    }
    if let Some((lo, hi)) = table.dates {
        out += &format!(" Dates: {} to {}.", date_text(lo), date_text(hi));
    }
    out += " Every case fits exactly one row of each table; an empty cell is no condition.\n";
    for (number, decision) in table.decisions.iter().enumerate() {
        let found = rows(table, number, limit)?;
        out += &format!("\n## {}\n\n", decision.name);
        if !decision.title.is_empty() {
            out += &format!("{}\n\n", decision.title);
        }
        let heads: Vec<&str> = found.columns.iter().map(String::as_str).chain([decision.name.as_str(), "rules"]).collect();
        line(&mut out, heads.iter().copied());
        line(&mut out, heads.iter().map(|_| "---"));
        for row in &found.rows {
            let rules = row.rules.join("; ");
            line(&mut out, row.conditions.iter().map(String::as_str).chain([row.outcome.as_str(), rules.as_str()]));
        }
    }
    Ok(Artifact::text(format!("{}.md", identifier(&table.regime)), out))
}

fn line<'f>(out: &mut String, cells: impl Iterator<Item = &'f str>) {
    out.push('|');
    for cell in cells {
        *out += &format!(" {} |", cell.replace('\\', "\\\\").replace('|', "\\|").replace(['\n', '\r'], " "));
    }
    out.push('\n');
}
