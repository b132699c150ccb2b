//! A decision table as CSV (RFC 4180): one file for each decision, one of the inputs and one of the decisions, for spreadsheets, reviewers
//! and programs. The contract is `docs/targets/csv.md`; a reader can be written from it alone.

use std::collections::BTreeSet;

use super::artifact::{Artifact, EmitError};
use super::rows::{Rows, rows};
use super::text::{self, identifier};
use crate::diagram::OwnedTable;
use crate::ir::{Domain, NumberDomain, date_text};

/// What was written, and of which decisions not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Readable {
    /// The files; what is refused is told in them too.
    pub artifacts: Vec<Artifact>,
    /// A reason for each decision whose rows are not written.
    pub refused: Vec<EmitError>,
}

/// `REGIME.inputs.csv`, `REGIME.decisions.csv`, and a file for each decision: the columns are conditions (empty: anything), the outcome,
/// the rules, their citations. Exactly one row fits any case. A decision with more than `limit` rows has no file; the others have.
///
/// # Errors
/// [`EmitError::Name`] for names that a cell cannot tell apart; [`EmitError::Malformed`].
pub fn csv(table: &OwnedTable, limit: usize) -> Result<Readable, EmitError> {
    names(table)?;
    let mut artifacts = vec![inputs(table)];
    let mut refused = Vec::new();
    let mut about = String::new();
    line(&mut about, &["decision", "title", "type", "unit", "file", "rows", "refused"].map(String::from));
    let mut taken: BTreeSet<String> = ["inputs", "decisions"].map(String::from).into();
    for (number, decision) in table.decisions.iter().enumerate() {
        let (kind, unit, ..) = domain(table, &decision.domain);
        let told = [decision.name.clone(), decision.title.clone(), kind, unit];
        let more = match rows(table, number, limit) {
            Ok(found) => {
                let path = format!("{}.{}.csv", identifier(&table.regime), unique(&mut taken, &decision.name));
                let count = found.rows.len().to_string();
                artifacts.push(Artifact::text(path.clone(), file(&found)));
                [path, count, String::new()]
            }
            Err(error @ EmitError::TooManyRows { .. }) => {
                let why = error.to_string();
                refused.push(error);
                [String::new(), String::new(), why]
            }
            Err(error) => return Err(error),
        };
        line(&mut about, &told.into_iter().chain(more).collect::<Vec<_>>());
    }
    artifacts.insert(1, Artifact::text(format!("{}.decisions.csv", identifier(&table.regime)), about));
    Ok(Readable { artifacts, refused })
}

/// A part of a file name that no other has, whatever the case of letters.
fn unique(taken: &mut BTreeSet<String>, name: &str) -> String {
    let base = identifier(name);
    let (mut out, mut number) = (base.clone(), 1);
    while !taken.insert(out.to_lowercase()) {
        number += 1;
        out = format!("{base}_{number}");
    }
    out
}

fn file(found: &Rows) -> String {
    let mut out = String::new();
    let heads = found.columns.iter().map(String::as_str).chain(["outcome", "rules", "citations"]);
    line(&mut out, &heads.map(str::to_owned).collect::<Vec<_>>());
    for row in &found.rows {
        let rules: Vec<&str> = row.rules.iter().map(|(name, _)| name.as_str()).collect();
        let cites: Vec<&str> = row.rules.iter().map(|(_, cite)| cite.as_str()).filter(|cite| !cite.is_empty()).collect();
        let last = [row.outcome.clone(), rules.join("; "), cites.join("; ")];
        line(&mut out, &row.conditions.iter().cloned().chain(last).collect::<Vec<_>>());
    }
    out
}

/// Cells list names with commas and put words before them.
fn names(table: &OwnedTable) -> Result<(), EmitError> {
    let members = table.enums.iter().flat_map(|def| def.members.iter().map(|member| &member.name));
    let inputs = table.inputs.iter().map(|input| &input.name);
    let all = members.chain(inputs).chain(table.rules.iter().map(|rule| &rule.name));
    for name in all {
        if name.is_empty() || name.contains(|c: char| c.is_whitespace() || ",;{}·".contains(c)) {
            return Err(EmitError::Name(name.clone()));
        }
    }
    Ok(())
}

/// Type, unit, step, least, greatest, members.
fn domain(table: &OwnedTable, domain: &Domain) -> (String, String, String, String, String, String) {
    let none = String::new;
    let members = |of: usize| {
        let names: Vec<String> = (0..table.enums[of].size()).map(|member| text::member_name(table, of, member)).collect();
        names.join(", ")
    };
    match domain {
        Domain::Bool => ("bool".into(), none(), none(), none(), none(), none()),
        Domain::Enum(id) => ("member".into(), none(), none(), none(), none(), members(id.index())),
        Domain::Set(id) => ("set".into(), none(), none(), none(), none(), members(id.index())),
        Domain::Number(number) => {
            let step = NumberDomain::text(number, 1);
            ("number".into(), number.unit.clone(), step, number.text(number.lo), number.text(number.hi), none())
        }
        Domain::Date { lo, hi } => ("date".into(), none(), none(), date_text(*lo), date_text(*hi), none()),
    }
}

fn inputs(table: &OwnedTable) -> Artifact {
    let mut out = String::new();
    line(&mut out, &["input", "type", "unit", "step", "least", "greatest", "members"].map(String::from));
    for input in &table.inputs {
        let (kind, unit, step, least, greatest, members) = domain(table, &input.domain);
        line(&mut out, &[input.name.clone(), kind, unit, step, least, greatest, members]);
    }
    Artifact::text(format!("{}.inputs.csv", identifier(&table.regime)), out)
}

fn line(out: &mut String, fields: &[String]) {
    for (index, field) in fields.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        // A leading sign would make a spreadsheet compute the cell.
        let guard = if field.starts_with(['=', '+', '-', '@', '\t', '\r']) { " " } else { "" };
        if !guard.is_empty() || field.contains([',', '"', '\n', '\r']) {
            *out += &format!("\"{guard}{}\"", field.replace('"', "\"\""));
        } else {
            out.push_str(field);
        }
    }
    out.push_str("\r\n");
}
