//! Columns in which texts stand among numbers or days: `4,90` below `4.90`, `5 EUR`, `Total`. One such cell makes texts of all.

use crate::import::cell::is_code;
use crate::import::grid::{Exact, Head, Kind, Literal, Plain};

use super::Settling;

/// How many of them are named.
const NAMED: usize = 10;

impl Settling<'_, '_, '_> {
    /// Warns of the cells that make texts of a column, if most of it are numbers or days. FEEL says itself what is a text.
    pub(super) fn mixed(&mut self, head: &Head, kind: Kind, cells: &[(usize, &Literal)]) {
        if kind != Kind::Text || self.grid.dense {
            return;
        }
        let count = |fits: fn(&Literal) -> bool| cells.iter().filter(|(_, literal)| fits(literal)).count();
        let numbers = count(|literal| matches!(literal.is, Plain::Number(_)) || with_comma(&literal.text).is_some());
        let days = count(|literal| matches!(literal.is, Plain::Day(_)));
        let is_day = days > numbers;
        if 2 * numbers.max(days) < cells.len() {
            return;
        }
        // A number in quotes is meant to be a text.
        let odd = |literal: &Literal| match literal.is {
            Plain::Number(_) => is_day,
            Plain::Day(_) => !is_day,
            _ => is_day || Exact::parse(&literal.text).is_none(),
        };
        let odd: Vec<_> = cells.iter().filter(|(_, literal)| odd(literal)).collect();
        for (row, literal) in odd.iter().take(NAMED) {
            let what = if is_day { "day" } else { "number" };
            let write = match (is_day, meant(&literal.text)) {
                (true, _) => "write it like 2025-01-13".to_owned(),
                (false, Some(number)) => format!("write `{number}`"),
                (false, None) => "write a number, like 4.90, or take the row out".to_owned(),
            };
            self.wrong.warn(format!(
                "row {row}, column `{}`: `{}` is no {what}, and most of this column are: {what}s and texts stand in one column, so all are read as texts; {write}",
                head.name, literal.text
            ));
        }
        if odd.len() > NAMED {
            self.wrong.warn(format!("column `{}`: {} more such cells", head.name, odd.len() - NAMED));
        }
    }
}

/// A number with a comma before its decimals, as it is written here: `4,90` is `4.90`, `1.234,5` is `1234.5`.
fn with_comma(text: &str) -> Option<String> {
    let (whole, fraction) = text.trim().split_once(',')?;
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let mut groups = whole.trim_start_matches(['-', '\u{2212}']).split('.');
    let first = groups.next()?;
    let grouped = groups.all(|group| group.len() == 3 && digits(group));
    (digits(first) && grouped && digits(fraction)).then(|| format!("{}.{fraction}", whole.replace('.', "")))
}

/// The number that somebody meant with a unit or a sign beside it, or with a comma.
fn meant(text: &str) -> Option<String> {
    let bare = text.trim_matches(|c: char| !c.is_ascii_digit() && c != '-');
    let number = if Exact::parse(bare).is_some() { bare.to_owned() } else { with_comma(bare)? };
    let number = if is_code(&number) { number.trim_start_matches('0').to_owned() } else { number };
    // `Nr. 5 of 6` is no number with a unit.
    let beside = text.replacen(bare, "", 1);
    (!beside.contains(|c: char| c.is_ascii_digit())).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::meant;

    #[test]
    fn what_was_meant_is_said() {
        for (text, number) in [
            ("4,90", Some("4.90")),
            ("1.234,50", Some("1234.50")),
            ("5 EUR", Some("5")),
            ("€ 5.20", Some("5.20")),
            ("30%", Some("30")),
            ("-3,5 %", Some("-3.5")),
            ("nine", None),
            ("Total", None),
            ("5 of 6", None),
        ] {
            assert_eq!(meant(text).as_deref(), number, "{text}");
        }
    }
}
