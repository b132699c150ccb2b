//! What outcomes say, as typed literals: values, who carried them, what disagrees.

use std::collections::BTreeSet;

use super::dialect::Dialect;
use super::machine::Machine;
use super::{SqlError, expression};
use crate::diagram::OwnedTable;
use crate::emit::text;
use crate::ir::{Domain, Outcome, Value};

/// The outcomes of a decision.
pub(crate) struct Outcomes {
    /// The type of their values.
    pub kind: String,
    /// One row for each, rising.
    pub rows: Vec<Row>,
}

/// What one outcome says, as expressions.
pub(crate) struct Row {
    /// Its number.
    pub outcome: u32,
    /// `value`, `gap` or `conflict`.
    pub status: &'static str,
    /// Its value; NULL for a gap and a conflict.
    pub value: String,
    /// The values that disagree, in words.
    pub conflict: String,
    /// The names of the rules that carried it.
    pub rules: String,
}

/// The outcomes that a decision may have.
pub(crate) fn outcomes(
    dialect: Dialect,
    table: &OwnedTable,
    machines: &[Machine],
    decision: usize,
) -> Result<Outcomes, SqlError> {
    let mut numbers = BTreeSet::new();
    for machine in machines {
        if let Some(place) = machine.decisions.iter().position(|it| *it == decision) {
            numbers.extend(machine.answers.iter().map(|answer| answer[place]));
        }
    }
    let domain = &table.decisions[decision].domain;
    let found: Vec<(u32, Outcome)> =
        numbers.into_iter().map(|number| (number, table.outcome(table.outcomes[number as usize].answer, domain))).collect();
    let steps: Vec<i64> = found
        .iter()
        .filter_map(|(_, outcome)| if let Outcome::Value(Value::Int(steps)) = outcome { Some(*steps) } else { None })
        .collect();
    let kind =
        dialect.of(domain, &steps).ok_or_else(|| SqlError::Digits { dialect, column: table.decisions[decision].name.clone() })?;
    let rows = found.into_iter().map(|(number, outcome)| {
        let rules = table.as_table();
        let rules = rules.rules(table.outcomes[number as usize]).iter().filter_map(|rule| table.rules.get(*rule as usize));
        let (status, value, conflict) = match &outcome {
            Outcome::Value(value) => ("value", literal(dialect, table, domain, value, &kind), Vec::new()),
            Outcome::Gap => ("gap", format!("CAST(NULL AS {kind})"), Vec::new()),
            Outcome::Conflict(all) => {
                let all = all.iter().map(|one| text::value(table, domain, one)).collect();
                ("conflict", format!("CAST(NULL AS {kind})"), all)
            }
        };
        Row {
            outcome: number,
            status,
            value,
            conflict: dialect.texts(conflict.iter().map(String::as_str)),
            rules: dialect.texts(rules.map(|rule| rule.name.as_str())),
        }
    });
    Ok(Outcomes { rows: rows.collect(), kind })
}

/// A value of an input or decision, as a literal of a type.
pub(crate) fn literal(dialect: Dialect, table: &OwnedTable, domain: &Domain, value: &Value, kind: &str) -> String {
    match (domain, value) {
        (Domain::Bool, Value::Bool(value)) => value.to_string(),
        (Domain::Date { .. }, Value::Int(day)) => dialect.date(*day),
        (Domain::Number(number), Value::Int(steps)) => format!("CAST({} AS {kind})", dialect.text(&number.text(*steps))),
        (Domain::Set(of), Value::Set(set)) => {
            let names: Vec<String> = set.iter().map(|member| text::member_name(table, of.index(), member)).collect();
            dialect.texts(names.iter().map(String::as_str))
        }
        (_, value) => dialect.text(&text::value(table, domain, value)),
    }
}

/// The check vectors as rows: their number, then the values of the inputs.
pub(crate) fn vectors(dialect: Dialect, table: &OwnedTable) -> Result<Vec<String>, SqlError> {
    let kinds: Vec<String> = kinds(dialect, table)?;
    let row = |(number, vector): (usize, &crate::diagram::CheckVector)| {
        let values = vector.values.iter().zip(&table.inputs).zip(&kinds);
        let values: Vec<String> =
            values.map(|((value, input), kind)| literal(dialect, table, &input.domain, value, kind)).collect();
        format!("({}, {})", number + 1, values.join(", "))
    };
    Ok(table.vectors.iter().enumerate().map(row).collect())
}

/// The types of the inputs.
pub(crate) fn kinds(dialect: Dialect, table: &OwnedTable) -> Result<Vec<String>, SqlError> {
    let kind = |input: &crate::diagram::TableInput| {
        dialect.of(&input.domain, &[]).ok_or_else(|| SqlError::Digits { dialect, column: input.name.clone() })
    };
    table.inputs.iter().map(kind).collect()
}

/// For each test that classes of combinations are made of, the name of the column of its class.
pub(crate) fn class_column(test: usize) -> String {
    format!("{}c{test}", super::INTERNAL)
}

/// The number of a combination of a step.
pub(crate) fn combination(dialect: Dialect, table: &OwnedTable, parts: &[(usize, usize)], of: &str) -> String {
    let counted = parts.iter().filter(|(test, _)| expression::counts(&table.tests[*test]));
    let terms: Vec<String> = counted
        .map(|(test, stride)| {
            let column = format!("{of}{}", dialect.ident(&class_column(*test)));
            if *stride == 1 { column } else { format!("{stride} * {column}") }
        })
        .collect();
    if terms.is_empty() { "0".to_owned() } else { terms.join(" + ") }
}
