//! A decision table as CSV (RFC 4180), one file for each decision, for spreadsheets and reviewers.

use super::artifact::{Artifact, EmitError};
use super::rows::rows;
use super::text::identifier;
use crate::diagram::OwnedTable;

/// One file for each decision: the columns are conditions (empty: anything), the outcome, and the rules with their
/// citations. Exactly one row fits any case.
///
/// # Errors
/// [`EmitError::TooManyRows`] beyond `limit` rows for one decision.
pub fn csv(table: &OwnedTable, limit: usize) -> Result<Vec<Artifact>, EmitError> {
    let mut artifacts = Vec::new();
    for (number, decision) in table.decisions.iter().enumerate() {
        let found = rows(table, number, limit)?;
        let mut out = String::new();
        let heads = found.columns.iter().map(String::as_str).chain([decision.name.as_str(), "rules"]);
        line(&mut out, heads);
        for row in &found.rows {
            let rules = row.rules.join("; ");
            line(&mut out, row.conditions.iter().map(String::as_str).chain([row.outcome.as_str(), rules.as_str()]));
        }
        let path = format!("{}.{}.csv", identifier(&table.regime), identifier(&decision.name));
        artifacts.push(Artifact::text(path, out));
    }
    Ok(artifacts)
}

fn line<'f>(out: &mut String, fields: impl Iterator<Item = &'f str>) {
    for (index, field) in fields.enumerate() {
        if index > 0 {
            out.push(',');
        }
        // A leading sign would make a spreadsheet compute the cell.
        let guard = if field.starts_with(['=', '+', '-', '@']) { " " } else { "" };
        if !guard.is_empty() || field.contains([',', '"', '\n', '\r']) {
            *out += &format!("\"{guard}{}\"", field.replace('"', "\"\""));
        } else {
            out.push_str(field);
        }
    }
    out.push_str("\r\n");
}
