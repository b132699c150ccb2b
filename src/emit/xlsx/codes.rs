//! From what is entered to numbers: the columns that read a cell of a case. A cell that is empty is unknown (`""`), one that is wrong is
//! marked (`"!"`), and everything behind them is a whole number.
//!
//! A spreadsheet computes with doubles and compares them by fifteen digits, so nothing here leaves 2^48; numbers of more digits are
//! entered as text and carried in two parts, steps = high · 10^6 + low with 0 ≤ low < 10^6.

use super::data::{Cell, Data, List};
use super::entries::{EPOCH, Entry, Of, scaled, wide};
use super::layout::{Columns, quoted};
use crate::diagram::OwnedTable;
use crate::emit::artifact::EmitError;
use crate::ir::NumberDomain;

/// What one part of a number counts.
pub(super) const BASE: i64 = 1_000_000;

/// The names of an enumeration, as formulas look them up.
#[derive(Clone, Copy, Debug)]
pub(super) struct Names {
    /// As in case files.
    pub names: List,
    /// With the label: what the drop-down offers.
    pub choices: List,
    /// The labels.
    pub labels: List,
    numbers: List,
}

/// The cells of an entry in a row.
#[derive(Clone, Debug)]
pub(super) struct Code {
    /// What was entered.
    pub raw: String,
    /// The number (a member's, the steps, the day), `""` or `"!"`; of a wide number the high part.
    pub code: String,
    /// Of a wide number the low part.
    pub low: Option<String>,
    /// Of a narrow number: what was entered in smallest decimal units, or not a number.
    pub scaled: Option<String>,
}

/// The names of an enumeration: lists in `data`.
pub(super) fn names(table: &OwnedTable, data: &mut Data, of: usize) -> Names {
    let def = &table.enums[of];
    let names: Vec<&str> = def.members.iter().map(|member| member.name.as_str()).collect();
    let choice = |(name, label): (&str, &str)| {
        let choice = if label.is_empty() { name.to_owned() } else { format!("{name} – {label}") };
        if choice != name && names.contains(&choice.as_str()) { name.to_owned() } else { choice }
    };
    let labels: Vec<&str> = def.members.iter().map(|member| member.label.as_str()).collect();
    let choices: Vec<String> = names.iter().copied().zip(labels.iter().copied()).map(choice).collect();
    Names {
        names: data.list(&format!("{} names", def.name), names.iter().map(|name| Cell::text(*name)).collect()),
        choices: data.list(&format!("{} choices", def.name), choices.into_iter().map(Cell::Text).collect()),
        labels: data.list(&format!("{} labels", def.name), labels.iter().map(|label| Cell::text(*label)).collect()),
        numbers: data.numbers("numbers", 1..=names.len() as i64),
    }
}

/// Ten to a power, as a formula has it.
fn power(scale: u32) -> String {
    format!("1{}", "0".repeat(scale as usize))
}

/// The columns that find the number of an entry, except the last one: its formula, which the caller places beside the others.
pub(super) fn number(
    entry: &Entry,
    raw: &str,
    names: Option<Names>,
    columns: &mut Columns,
) -> Result<(String, Option<String>, Option<String>), EmitError> {
    let name = &entry.name;
    Ok(match &entry.of {
        Of::Flag | Of::Has(_) => {
            let is = |word: &str, other: &str| {
                format!("OR(EXACT(LOWER(TRIM({raw})),{}),EXACT(LOWER(TRIM({raw})),{}))", quoted(word), quoted(other))
            };
            let text = format!("IF({},1,IF({},0,\"!\"))", is("yes", "true"), is("no", "false"));
            (format!("IF(ISLOGICAL({raw}),IF({raw},1,0),IF({raw}=\"\",\"\",{text}))"), None, None)
        }
        Of::Member(_) => {
            let Names { names, choices, numbers, .. } =
                names.ok_or_else(|| EmitError::Malformed(format!("{name} has no enumeration")))?;
            let (names, choices, numbers) = (names.range(), choices.range(), numbers.range());
            let place = columns.add(
                format!("{name}: place"),
                format!("IF({raw}=\"\",0,SUMPRODUCT(((EXACT({names},{raw})+EXACT({choices},{raw}))>0)*{numbers}))"),
            );
            (format!("IF({raw}=\"\",\"\",IF({place}=0,\"!\",{place}-1))"), None, None)
        }
        Of::Date(lo, hi) => {
            let (lo, hi) = (lo + EPOCH, hi + EPOCH);
            let wrong = format!("OR({raw}<{lo},{raw}>{hi},INT({raw})<>{raw})");
            (format!("IF(ISNUMBER({raw}),IF({wrong},\"!\",{raw}-{EPOCH}),IF({raw}=\"\",\"\",\"!\"))"), None, None)
        }
        Of::Number(number) if wide(number) => wide_number(name, number, raw, columns)?,
        Of::Number(number) => {
            let (power, mantissa, (lo, hi)) = (power(number.step.scale), number.step.mantissa, scaled(number));
            let units = columns.add(
                format!("{name}: decimal units"),
                format!(
                    "IF(ISNUMBER({raw}),IF(ABS({raw})>300000000000000,\"!\",ROUND({raw}*{power},0)),IF({raw}=\"\",\"\",\"!\"))"
                ),
            );
            let off_grid = format!("ABS({raw}*{power}-{units})>ABS({units})*1E-15");
            let (off_grid, steps) = if mantissa == 1 {
                (off_grid, units.clone())
            } else {
                (format!("{off_grid},INT({units}/{mantissa})*{mantissa}<>{units}"), format!("{units}/{mantissa}"))
            };
            let wrong = format!("OR({units}<{lo},{units}>{hi},{off_grid})");
            (format!("IF(ISNUMBER({units}),IF({wrong},\"!\",{steps}),{units})"), None, Some(units))
        }
    })
}

/// Reads the digits of a number that a cell cannot hold: as a number with at most fifteen of them, or as text.
fn wide_number(
    name: &str,
    number: &NumberDomain,
    raw: &str,
    columns: &mut Columns,
) -> Result<(String, Option<String>, Option<String>), EmitError> {
    let (scale, (lo, hi)) = (number.step.scale, scaled(number));
    if number.step.mantissa != 1 || lo.abs().max(hi.abs()) >= super::LIMIT * i128::from(BASE) {
        return Err(EmitError::TooWide(format!(
            "input {name} goes from {} to {} in steps of {}: a spreadsheet cannot count these exactly",
            number.text(number.lo),
            number.text(number.hi),
            number.text(1)
        )));
    }
    let power = power(scale);
    let text = columns.add(
        format!("{name}: without sign"),
        format!("IF(ISNUMBER({raw}),\"\",IF(LEFT(TRIM({raw}),1)=\"-\",MID(TRIM({raw}),2,99),TRIM({raw})))"),
    );
    let point = columns.add(format!("{name}: point"), format!("FIND(\".\",{text}&\".\")"));
    let from_number = format!(
        "IF(ABS({raw})>1000000000000000,\"!\",IF(AND(ABS({raw}*{power})<1000000000000000,\
         ABS({raw}*{power}-ROUND({raw}*{power},0))<=ABS({raw}*{power})*1E-15),TEXT(ABS(ROUND({raw}*{power},0)),\"0\"),\"!\"))"
    );
    let from_text = format!(
        "IF(OR({point}=1,LEN({text})-{point}>{scale}),\"!\",LEFT({text},{point}-1)&MID({text},{point}+1,99)\
         &REPT(\"0\",{scale}-MAX(0,LEN({text})-{point})))"
    );
    let digits =
        columns.add(format!("{name}: digits"), format!("IF({raw}=\"\",\"\",IF(ISNUMBER({raw}),{from_number},{from_text}))"));
    let rest = ('0'..='9').fold(digits.clone(), |text, digit| format!("SUBSTITUTE({text},\"{digit}\",\"\")"));
    let good = columns.add(format!("{name}: digits only"), format!("AND(LEN({digits})>0,LEN({digits})<22,LEN({rest})=0)"));
    let padded = format!("RIGHT(\"{}\"&{digits},21)", "0".repeat(21));
    let above = columns.add(format!("{name}: size, high"), format!("IF({good},VALUE(LEFT({padded},15)),0)"));
    let below = columns.add(format!("{name}: size, low"), format!("IF({good},VALUE(RIGHT({padded},6)),0)"));
    let negative = columns.add(format!("{name}: negative"), format!("IF(ISNUMBER({raw}),{raw}<0,LEFT(TRIM({raw}),1)=\"-\")"));
    let high = columns.add(format!("{name}: high"), format!("IF({negative},IF({below}>0,-{above}-1,-{above}),{above})"));
    let low = columns.add(format!("{name}: low"), format!("IF(AND({negative},{below}>0),{BASE}-{below},{below})"));
    let ((least, least_low), (most, most_low)) = (parts(number.lo), parts(number.hi));
    let outside = format!(
        "OR(NOT({good}),{high}<{least},AND({high}={least},{low}<{least_low}),{high}>{most},AND({high}={most},{low}>{most_low}))"
    );
    Ok((format!("IF({raw}=\"\",\"\",IF({outside},\"!\",{high}))"), Some(low), None))
}

/// The high and the low part of a number of steps.
pub(super) fn parts(steps: i64) -> (i64, i64) {
    (steps.div_euclid(BASE), steps.rem_euclid(BASE))
}
