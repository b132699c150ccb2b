//! Names and values in the words of other languages.

use std::collections::BTreeSet;

use crate::diagram::OwnedTable;
use crate::ir::{Domain, Outcome, Value, date_text};

/// An identifier of letters, digits and `_` that does not begin with a digit: other characters become `_`.
pub(crate) fn identifier(name: &str) -> String {
    let mut out: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    if out.is_empty() || out.starts_with(|c: char| c.is_ascii_digit()) {
        out.insert(0, '_');
    }
    out
}

/// Upper-case identifiers for names, all different, in their order: a second `A_B` becomes `A_B_2`.
pub(crate) fn constants<'n>(names: impl IntoIterator<Item = &'n str>) -> Vec<String> {
    let mut taken = BTreeSet::new();
    let mut out = Vec::new();
    for name in names {
        let base = identifier(name).to_ascii_uppercase();
        let mut unique = base.clone();
        let mut number = 1;
        while !taken.insert(unique.clone()) {
            number += 1;
            unique = format!("{base}_{number}");
        }
        out.push(unique);
    }
    out
}

/// A value in the words of case files.
pub(crate) fn value(table: &OwnedTable, domain: &Domain, value: &Value) -> String {
    match (domain, value) {
        (Domain::Enum(id), Value::Member(member)) => member_name(table, id.index(), *member),
        (Domain::Set(id), Value::Set(set)) => {
            let names: Vec<String> = set.iter().map(|member| member_name(table, id.index(), member)).collect();
            format!("{{{}}}", names.join(", "))
        }
        (Domain::Number(number), Value::Int(k)) => number.text(*k),
        (Domain::Date { .. }, Value::Int(day)) => date_text(*day),
        (_, Value::Bool(value)) => value.to_string(),
        (_, Value::Int(k)) => k.to_string(),
        (_, other) => format!("{other:?}"),
    }
}

/// The name of a member.
pub(crate) fn member_name(table: &OwnedTable, enumeration: usize, member: u32) -> String {
    let found = table.enums.get(enumeration).and_then(|def| def.members.get(member as usize));
    found.map_or_else(|| member.to_string(), |member| member.name.clone())
}

/// An outcome in words: a value, `(gap)`, or `(conflict: a, b)`.
pub(crate) fn outcome(table: &OwnedTable, domain: &Domain, outcome: &Outcome) -> String {
    match outcome {
        Outcome::Value(it) => value(table, domain, it),
        Outcome::Gap => "(gap)".to_owned(),
        Outcome::Conflict(all) => {
            let all: Vec<String> = all.iter().map(|it| value(table, domain, it)).collect();
            format!("(conflict: {})", all.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_safe_and_unique() {
        assert_eq!(identifier("3A090.a"), "_3A090_a");
        assert_eq!(constants(["a.b", "a-b", "A_B", ""]), ["A_B", "A_B_2", "A_B_3", "_"]);
    }
}
