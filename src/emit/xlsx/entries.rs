//! What is entered of a case, cell by cell: each input that a test asks about; of a set, each member that one asks about.

use std::collections::BTreeSet;

use lexport_runtime::Test;

use super::super::text::{self, member_name};
use super::{LIMIT, part};
use crate::diagram::OwnedTable;
use crate::ir::{Domain, NumberDomain, Value, date_text};

/// A spreadsheet counts days from 1899-12-30; before this day programs do not agree how.
const FIRST_DAY: i64 = -25_508;
/// 9999-12-31.
const LAST_DAY: i64 = 2_932_896;
/// From so many steps on a wide number is entered as text: programs keep fifteen digits of what is typed and drop the others in silence.
const DIGITS: u64 = 1_000_000_000_000_000;
/// What a spreadsheet adds to a day since 1970-01-01.
pub(super) const EPOCH: i64 = 25_569;

/// What a cell takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Of {
    /// yes or no.
    Flag,
    /// A member of an enumeration.
    Member(usize),
    /// yes or no: whether the set has this member.
    Has(u32),
    /// A number in its unit.
    Number(NumberDomain),
    /// A day of a spreadsheet.
    Date(i64, i64),
}

/// A cell in which something of a case is entered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub input: u32,
    /// `chip.tpp`; `asked has LPP` for a member of a set.
    pub name: String,
    pub of: Of,
}

/// What a check vector has in an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Entered {
    Text(String),
    /// A number as decimal text of at most fifteen digits: a cell holds it exactly.
    Number(String),
    /// A day since 1970-01-01.
    Day(i64),
}

/// The entries, in the order of the inputs.
pub(super) fn entries(table: &OwnedTable) -> Vec<Entry> {
    let mut asked: BTreeSet<u32> = BTreeSet::new();
    let mut members: BTreeSet<(u32, u32)> = BTreeSet::new();
    for test in &table.tests {
        match test {
            Test::Flag { input } | Test::Member { input, .. } | Test::Interval { input, .. } => {
                asked.insert(*input);
            }
            Test::Has { input, member } => {
                members.insert((*input, *member));
            }
            Test::Same { a, b } => asked.extend([*a, *b]),
            Test::AtLeastZero { monomials, .. } => {
                for monomial in part(&table.monomials, *monomials) {
                    asked.extend(part(&table.factors, monomial.factors));
                }
            }
        }
    }
    let mut out = Vec::new();
    for (number, input) in (0u32..).zip(&table.inputs) {
        let name = input.name.clone();
        let of = match &input.domain {
            Domain::Set(id) => {
                let of_input = members.iter().filter(|(of, _)| *of == number);
                out.extend(of_input.map(|(_, member)| Entry {
                    input: number,
                    name: format!("{name} has {}", member_name(table, id.index(), *member)),
                    of: Of::Has(*member),
                }));
                continue;
            }
            _ if !asked.contains(&number) => continue,
            Domain::Bool => Of::Flag,
            Domain::Enum(id) => Of::Member(id.index()),
            Domain::Number(number) => Of::Number(number.clone()),
            Domain::Date { lo, hi } => Of::Date((*lo).max(FIRST_DAY), (*hi).min(LAST_DAY)),
        };
        out.push(Entry { input: number, name, of });
    }
    out
}

/// The inputs that no test asks about: no answer hangs on them.
pub(super) fn idle<'t>(table: &'t OwnedTable, entries: &[Entry]) -> Vec<&'t str> {
    let inputs = (0u32..).zip(&table.inputs);
    inputs
        .filter(|(number, _)| entries.iter().all(|entry| entry.input != *number))
        .map(|(_, input)| input.name.as_str())
        .collect()
}

/// The least and the greatest number of smallest decimal units: steps times the mantissa of a step.
pub(super) fn scaled(number: &NumberDomain) -> (i128, i128) {
    let mantissa = i128::from(number.step.mantissa);
    (i128::from(number.lo) * mantissa, i128::from(number.hi) * mantissa)
}

/// Whether a number needs more than a cell can hold without doubt.
pub(super) fn wide(number: &NumberDomain) -> bool {
    let (lo, hi) = scaled(number);
    lo.abs().max(hi.abs()) >= LIMIT
}

impl Entry {
    /// What it is and what is expected, for people.
    pub fn hint(&self, table: &OwnedTable) -> String {
        let title = &table.inputs[self.input as usize].title;
        let expected = self.expected(table);
        if title.is_empty() { expected } else { format!("{title}; {expected}") }
    }

    fn expected(&self, table: &OwnedTable) -> String {
        match &self.of {
            Of::Flag | Of::Has(_) => "yes or no".into(),
            Of::Member(of) => format!("one of {}", table.enums[*of].members.len()),
            Of::Number(number) => {
                let unit = if number.unit.is_empty() { String::new() } else { format!(" {}", number.unit) };
                let step = NumberDomain { lo: 1, hi: 1, ..number.clone() }.text(1);
                let step = if step == "1" { String::new() } else { format!(", steps of {step}") };
                format!("{} to {}{unit}{step}", number.text(number.lo), number.text(number.hi))
            }
            Of::Date(lo, hi) => format!("{} to {}", date_text(*lo), date_text(*hi)),
        }
    }

    /// A value as it is entered; nothing if a cell cannot have it (a day before 1900-03-01).
    pub fn entered(&self, table: &OwnedTable, value: &Value) -> Option<Entered> {
        let yes = |yes: bool| Some(Entered::Text(if yes { "yes" } else { "no" }.into()));
        match (&self.of, value) {
            (Of::Flag, Value::Bool(value)) => yes(*value),
            (Of::Has(member), Value::Set(set)) => yes(set.contains(*member)),
            (Of::Date(lo, hi), Value::Int(day)) => (lo <= day && day <= hi).then_some(Entered::Day(*day)),
            (Of::Number(number), Value::Int(steps)) => {
                let (text, exact) = (number.text(*steps), !wide(number) || steps.unsigned_abs() < DIGITS);
                Some(if exact { Entered::Number(text) } else { Entered::Text(text) })
            }
            (_, value) => Some(Entered::Text(text::value(table, &table.inputs[self.input as usize].domain, value))),
        }
    }
}
