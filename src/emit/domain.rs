//! Domains in words, for the comments of emitted code, and the decimals that hold their numbers.

use crate::diagram::OwnedTable;
use crate::ir::{Domain, NumberDomain, date_text};

/// What a value of a domain is, and how it is counted: `0 to 1000000 TPP, in steps of 0.01 (so 0 to 100000000)`.
pub(crate) fn described(table: &OwnedTable, domain: &Domain) -> String {
    let name = |id: &crate::ir::EnumId| table.enums.get(id.index()).map_or("?", |def| def.name.as_str());
    match domain {
        Domain::Bool => "true or false".to_owned(),
        Domain::Enum(id) => format!("a member of {}", name(id)),
        Domain::Set(id) => format!("a set of members of {}", name(id)),
        Domain::Date { lo, hi } => {
            format!("a day from {} to {}, as days since 1970-01-01 ({lo} to {hi})", date_text(*lo), date_text(*hi))
        }
        Domain::Number(number) => {
            let one = NumberDomain { lo: 1, hi: 1, ..number.clone() }.text(1);
            let unit = if number.unit.is_empty() { String::new() } else { format!(" {}", number.unit) };
            let (lo, hi) = (number.text(number.lo), number.text(number.hi));
            if one == "1" {
                format!("{lo} to {hi}{unit}")
            } else {
                format!("{lo} to {hi}{unit}, counted in steps of {one}{unit} ({} to {})", number.lo, number.hi)
            }
        }
    }
}

/// The enumerations of which an input or a decision has members.
pub(crate) fn used_enumerations(table: &OwnedTable) -> Vec<usize> {
    let domains = || table.inputs.iter().map(|it| &it.domain).chain(table.decisions.iter().map(|it| &it.domain));
    (0..table.enums.len())
        .filter(|at| domains().any(|domain| matches!(domain, Domain::Enum(id) | Domain::Set(id) if id.index() == *at)))
        .collect()
}

/// How many digits a decimal has that holds the values of a domain and these numbers of steps; and how many of them behind the point.
/// Nothing beyond 38.
pub(crate) fn decimal(number: &NumberDomain, steps: &[i64]) -> Option<(u32, u32)> {
    let scale = number.step.scale;
    let size = |steps: i64| i128::from(steps).unsigned_abs() * i128::from(number.step.mantissa).unsigned_abs();
    let most = [number.lo, number.hi].into_iter().chain(steps.iter().copied()).map(size).max().unwrap_or(0);
    let digits = (most.checked_ilog10().unwrap_or(0) + 1).max(scale).max(1);
    (digits <= 38).then_some((digits, scale))
}
