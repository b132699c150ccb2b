//! FEEL: names, values, comparisons and cells in the expression language of DMN (chapter 10 of the specification).
//!
//! Everything is written so that an unknown input (`null`) is neither in a cell nor outside of it: no `not(…)`, no comparison of two
//! things of which one may be `null`.

use std::collections::BTreeSet;

use lexport_runtime::{Monomial, Span, Test};

use super::test::slice;
use crate::diagram::OwnedTable;
use crate::emit::EmitError;
use crate::ir::{Domain, NumberDomain, date_text};

/// Words that begin or join expressions, and functions that expressions here call: a name in a model would hide them. Engines build
/// date literals from the function `date`, so an input of that name has to be called otherwise.
const RESERVED: [&str; 31] = [
    "and",
    "between",
    "count",
    "date",
    "distinct",
    "duration",
    "else",
    "every",
    "external",
    "false",
    "flatten",
    "for",
    "function",
    "if",
    "in",
    "instance",
    "list",
    "modulo",
    "not",
    "null",
    "of",
    "or",
    "return",
    "satisfies",
    "some",
    "sum",
    "then",
    "true",
    "one",
    "checks",
    "all",
];

/// A name of letters, digits and `_`, none of the reserved words.
pub(super) fn word(text: &str) -> String {
    let mut out: String = text.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    if out.is_empty() || out.starts_with(|c: char| c.is_ascii_digit()) {
        out.insert(0, '_');
    }
    if RESERVED.contains(&out.as_str()) {
        out.push('_');
    }
    out
}

/// A word of a name of several: only what joins expressions is kept out.
pub(super) fn token(text: &str) -> String {
    let plain = word(text);
    let free =
        ["all", "checks", "count", "date", "distinct", "duration", "flatten", "list", "modulo", "one", "sum"].contains(&text);
    if free { text.to_owned() } else { plain }
}

/// Names that are all different.
#[derive(Default)]
pub(super) struct Names(BTreeSet<String>);

impl Names {
    /// The name, or the first of `name 2`, `name 3` … that is free.
    pub fn unique(&mut self, name: &str) -> String {
        let mut unique = name.to_owned();
        let mut number = 1;
        while !self.0.insert(unique.clone()) {
            number += 1;
            unique = format!("{name} {number}");
        }
        unique
    }
}

/// A string literal.
pub(super) fn string(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out + "\""
}

/// String literals with commas between.
pub(super) fn strings<'s>(all: impl IntoIterator<Item = &'s str>) -> String {
    all.into_iter().map(string).collect::<Vec<_>>().join(", ")
}

/// A date literal.
pub(super) fn date(day: i64) -> String {
    format!("date(\"{}\")", date_text(day))
}

/// A value of a number or a date.
pub(super) fn point(domain: &Domain, value: i64) -> String {
    match domain {
        Domain::Number(number) => number.text(value),
        _ => date(value),
    }
}

/// The step of a number as decimal text.
pub(super) fn step(number: &NumberDomain) -> String {
    number.text(1)
}

/// A cell for these ranges, each from a value to the one before the other: half open, so that rows meet without a gap between them.
pub(super) fn ranges(domain: &Domain, pieces: &[(Option<i64>, Option<i64>)]) -> String {
    let cell = |(from, to): &(Option<i64>, Option<i64>)| match (from, to) {
        (None, None) => "-".to_owned(),
        (None, Some(to)) => format!("< {}", point(domain, *to)),
        (Some(from), None) => format!(">= {}", point(domain, *from)),
        (Some(from), Some(to)) => format!("[{}..{})", point(domain, *from), point(domain, *to)),
    };
    pieces.iter().map(cell).collect::<Vec<_>>().join(", ")
}

/// The ranges of some classes of an interval test, neighbours joined.
pub(super) fn pieces(table: &OwnedTable, thresholds: Span, map: Span, classes: &[u32]) -> Vec<(Option<i64>, Option<i64>)> {
    let thresholds = slice(&table.thresholds, thresholds);
    let mut out: Vec<(Option<i64>, Option<i64>)> = Vec::new();
    for (piece, class) in slice(&table.maps, map).iter().enumerate() {
        if classes.contains(class) {
            let from = piece.checked_sub(1).and_then(|before| thresholds.get(before)).copied();
            let to = thresholds.get(piece).copied();
            match out.last_mut() {
                Some(before) if before.1.is_some() && before.1 == from => before.1 = to,
                _ => out.push((from, to)),
            }
        }
    }
    out
}

/// A product of numbers with its coefficient, a decimal.
struct Term {
    mantissa: i128,
    factors: Vec<usize>,
}

/// Numbers of DMN have 34 digits (IEEE 754 decimal128): every product and sum must have no more.
const DIGITS: i128 = 10i128.pow(34);

/// A comparison of numbers, or of dates by the days between them: `chip.tpp >= 5.92 * chip.die_area`.
///
/// # Errors
/// [`EmitError::Inexpressible`] if FEEL numbers are too short for it.
pub(super) fn comparison(table: &OwnedTable, test: &Test, path: &dyn Fn(usize) -> String) -> Result<String, EmitError> {
    let Test::AtLeastZero { monomials, constant } = test else { return Ok(String::new()) };
    let monomials = slice(&table.monomials, *monomials);
    let long = || {
        let inputs: Vec<&str> =
            super::test::inputs(table, test).into_iter().map(|input| table.inputs[input].name.as_str()).collect();
        EmitError::Inexpressible(format!(
            "the comparison of {} needs numbers of more than the 34 digits that FEEL has",
            inputs.join(", ")
        ))
    };
    if let Some(days) = days_between(table, monomials, *constant, path) {
        return Ok(days);
    }
    let (terms, constant, scale) = decimal(table, monomials, *constant).ok_or_else(long)?;
    if !is_exact(table, &terms, constant).unwrap_or(false) {
        return Err(long());
    }
    let factor = |input: &usize| match table.inputs[*input].domain {
        Domain::Date { .. } => format!("(({} - date(\"1970-01-01\")) / duration(\"P1D\"))", path(*input)),
        _ => path(*input),
    };
    let product = |term: &Term| {
        let mut factors = vec![text(term.mantissa.unsigned_abs(), scale)];
        if factors[0] == "1" {
            factors.clear();
        }
        factors.extend(term.factors.iter().map(factor));
        factors.join(" * ")
    };
    let mut left: Vec<String> = terms.iter().filter(|term| term.mantissa > 0).map(product).collect();
    let mut right: Vec<String> = terms.iter().filter(|term| term.mantissa < 0).map(product).collect();
    let side = |terms: &mut Vec<String>, constant: u128| {
        if constant > 0 || terms.is_empty() {
            terms.push(text(constant, scale));
        }
        terms.join(" + ")
    };
    let numbers = [constant.max(0).unsigned_abs(), constant.min(0).unsigned_abs()];
    Ok(if left.is_empty() {
        format!("{} <= {}", side(&mut right, numbers[1]), side(&mut left, numbers[0]))
    } else {
        format!("{} >= {}", side(&mut left, numbers[0]), side(&mut right, numbers[1]))
    })
}

/// A comparison of the days between two dates with a number.
fn days_between(table: &OwnedTable, monomials: &[Monomial], constant: i128, path: &dyn Fn(usize) -> String) -> Option<String> {
    let [one, other] = monomials else { return None };
    let of = |monomial: &Monomial| match slice(&table.factors, monomial.factors) {
        [input] if matches!(table.inputs[*input as usize].domain, Domain::Date { .. }) => Some(*input as usize),
        _ => None,
    };
    let (later, earlier) = match (one.coefficient, other.coefficient) {
        (1, -1) => (of(one)?, of(other)?),
        (-1, 1) => (of(other)?, of(one)?),
        _ => return None,
    };
    let sign = if constant > 0 { "-" } else { "" };
    Some(format!("{} - {} >= duration(\"{sign}P{}D\")", path(later), path(earlier), constant.unsigned_abs()))
}

/// The polynomial over values in units instead of steps, its coefficients as decimals with so many places behind the point.
fn decimal(table: &OwnedTable, monomials: &[Monomial], constant: i128) -> Option<(Vec<Term>, i128, u32)> {
    let steps = |input: u32| match &table.inputs[input as usize].domain {
        Domain::Number(number) => (i128::from(number.step.mantissa), number.step.scale),
        _ => (1, 0),
    };
    // k steps are k·mantissa·10^-scale: a product of steps is a product of values times 10^(Σ scales) / Π mantissas.
    let mut parts: Vec<(i128, i128, u32, Vec<usize>)> = Vec::new();
    let mut common = 1i128;
    for monomial in monomials {
        let (mut mantissa, mut scale) = (1i128, 0u32);
        let factors = slice(&table.factors, monomial.factors);
        for input in factors {
            let (one, more) = steps(*input);
            mantissa = mantissa.checked_mul(one)?;
            scale += more;
        }
        common = num_integer::lcm(common, mantissa);
        parts.push((monomial.coefficient, mantissa, scale, factors.iter().map(|input| *input as usize).collect()));
    }
    let mut terms = Vec::with_capacity(parts.len());
    for (coefficient, mantissa, scale, factors) in parts {
        let whole = coefficient.checked_mul(common / mantissa)?.checked_mul(10i128.checked_pow(scale)?)?;
        terms.push(Term { mantissa: whole, factors });
    }
    let mut constant = constant.checked_mul(common)?;
    let divisor = terms.iter().fold(constant, |divisor, term| num_integer::gcd(divisor, term.mantissa)).max(1);
    terms.iter_mut().for_each(|term| term.mantissa /= divisor);
    constant /= divisor;
    // The first coefficient becomes 1 where that leaves decimals: 25 a ≥ 148 b is a ≥ 5.92 b.
    let lead = terms.first().map_or(1, |term| term.mantissa.unsigned_abs()).cast_signed();
    let (mut left, mut twos, mut fives) = (lead.max(1), 0u32, 0u32);
    while left % 2 == 0 {
        (left, twos) = (left / 2, twos + 1);
    }
    while left % 5 == 0 {
        (left, fives) = (left / 5, fives + 1);
    }
    let scale = if left == 1 { twos.max(fives) } else { 0 };
    if scale > 0 {
        let times = 10i128.checked_pow(scale)? / lead;
        for term in &mut terms {
            term.mantissa = term.mantissa.checked_mul(times)?;
        }
        constant = constant.checked_mul(times)?;
    }
    Some((terms, constant, scale))
}

/// Whether nothing on the way has more than 34 digits: on the finest scale of any product, the sum of all that is added.
fn is_exact(table: &OwnedTable, terms: &[Term], constant: i128) -> Option<bool> {
    let digits = |input: usize| match &table.inputs[input].domain {
        Domain::Number(number) => number.step.scale,
        _ => 0,
    };
    let finest = terms.iter().map(|term| term.factors.iter().map(|input| digits(*input)).sum::<u32>()).max().unwrap_or(0);
    let mut sum = constant.checked_abs()?.checked_mul(10i128.checked_pow(finest)?)?;
    for term in terms {
        let mut most = term.mantissa.checked_abs()?;
        let mut scale = 0;
        for input in &term.factors {
            let domain = &table.inputs[*input].domain;
            let (lo, hi) = domain.bounds()?;
            let mantissa = if let Domain::Number(number) = domain { i128::from(number.step.mantissa) } else { 1 };
            most = most.checked_mul(i128::from(lo).abs().max(i128::from(hi).abs()).checked_mul(mantissa)?)?;
            scale += digits(*input);
        }
        sum = sum.checked_add(most.checked_mul(10i128.checked_pow(finest - scale)?)?)?;
    }
    Some(sum < DIGITS)
}

/// A decimal with so many places behind the point, without zeros at its end.
fn text(mantissa: u128, scale: u32) -> String {
    let digits = format!("{mantissa:0>width$}", width = scale as usize + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale as usize);
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_hide_nothing() {
        assert_eq!(["date", "3A090.a", "import", "for", ""].map(word), ["date_", "_3A090_a", "import", "for_", "_"]);
        let mut names = Names::default();
        assert_eq!(["a", "a", "a"].map(|name| names.unique(name)), ["a", "a 2", "a 3"]);
    }

    #[test]
    fn strings_are_quoted() {
        assert_eq!(string("a \"b\" \\ ü"), "\"a \\\"b\\\" \\\\ ü\"");
    }

    #[test]
    fn decimals_have_no_needless_zeros() {
        assert_eq!([text(592, 2), text(500, 2), text(0, 3), text(5, 3)], ["5.92", "5", "0", "0.005"]);
    }
}
