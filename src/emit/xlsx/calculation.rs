//! The columns of the hidden sheet `Calculation`: a case in a row, from what was entered to the number of each outcome.
//!
//! What is entered becomes a number (`codes`), numbers become classes of tests, classes index the fused steps of each decision
//! (`diagram::fuse`): combination = Σ stride · class, then column, then the next state. An unknown class leaves the outcome empty; for the
//! case that is looked up the sheet `Diagram` then says what is still possible.

use lexport_runtime::{NONE, Test};

use super::codes::{self, Code, Names};
use super::data::{Cell, Data};
use super::entries::{Entry, Of};
use super::exact::Arithmetic;
use super::layout::{Columns, ROW, quoted};
use super::part;
use crate::diagram::{Fused, OwnedTable};
use crate::emit::artifact::EmitError;

/// The columns, and where what is in them.
pub(super) struct Calculation {
    pub columns: Columns,
    /// By entry.
    pub codes: Vec<Code>,
    /// By entry: the lists of its enumeration.
    pub names: Vec<Option<Names>>,
    /// By test: the cell of its class.
    pub classes: Vec<String>,
    /// How many values are wrong.
    pub wrong: String,
    /// By decision: the cell of its outcome, counted from 0.
    pub outcomes: Vec<String>,
    /// By test: the formula of the name of the entry to ask for first.
    pub asks: Vec<String>,
}

/// Makes the columns.
pub(super) fn calculation(
    table: &OwnedTable,
    fused: &Fused,
    entries: &[Entry],
    data: &mut Data,
) -> Result<Calculation, EmitError> {
    let mut columns = Columns::default();
    let raws: Vec<String> = entries.iter().map(|entry| columns.add(format!("{}: entered", entry.name), "")).collect();
    let names: Vec<Option<Names>> = entries
        .iter()
        .map(|entry| if let Of::Member(of) = entry.of { Some(codes::names(table, data, of)) } else { None })
        .collect();
    let mut found = Vec::new();
    for ((entry, raw), names) in entries.iter().zip(&raws).zip(&names) {
        found.push(codes::number(entry, raw, *names, &mut columns)?);
    }
    // Codes stand side by side, so that what is wrong can be counted.
    let first_code = columns.columns.len();
    let mut all = Vec::new();
    for ((entry, raw), (formula, low, scaled)) in entries.iter().zip(raws).zip(found) {
        let code = columns.add(format!("{}: number", entry.name), formula);
        all.push(Code { raw, code, low, scaled });
    }
    let mut of_input: Vec<Option<Code>> = vec![None; table.inputs.len()];
    for (entry, code) in entries.iter().zip(&all) {
        if !matches!(entry.of, Of::Has(_)) {
            of_input[entry.input as usize] = Some(code.clone());
        }
    }
    let mut arithmetic = Arithmetic::new(table, &of_input);
    let mut formulas = Vec::new();
    let mut asks = Vec::new();
    for (number, test) in table.tests.iter().enumerate() {
        formulas.push(match test {
            Test::AtLeastZero { monomials, constant } => arithmetic.class(number, *monomials, *constant, &mut columns)?,
            test => class(test, entries, &all, &of_input, table, data)?,
        });
        asks.push(ask(table, test, entries, &all));
    }
    let first_class = columns.columns.len();
    let classes: Vec<String> =
        formulas.into_iter().enumerate().map(|(number, formula)| columns.add(format!("test {number}: class"), formula)).collect();
    let count = |first: usize, many: usize| {
        if many == 0 { "0".to_owned() } else { format!("COUNTIF({},\"!\")", Columns::run(first, many)) }
    };
    let wrong = format!("{}+{}", count(first_code, all.len()), count(first_class, classes.len()));
    let wrong = columns.add("wrong values", wrong);
    let outcomes = table
        .decisions
        .iter()
        .zip(&fused.decisions)
        .map(|(decision, steps)| {
            let mut state: Option<String> = None;
            for (at, step) in steps.steps.iter().enumerate() {
                let cells: Vec<&str> = step.parts.iter().map(|(test, _)| classes[*test as usize].as_str()).collect();
                let digits: Vec<String> = step
                    .parts
                    .iter()
                    .map(|(test, stride)| match stride {
                        1 => classes[*test as usize].clone(),
                        stride => format!("{stride}*{}", classes[*test as usize]),
                    })
                    .collect();
                let mut column = digits.join("+");
                if !step.columns.is_empty() {
                    let list =
                        data.numbers(&format!("{} columns {at}", decision.name), step.columns.iter().map(|c| i64::from(*c)));
                    column = list.at(&format!("1+{column}"));
                }
                let next = data.numbers(&format!("{} next {at}", decision.name), step.next.iter().map(|next| i64::from(*next)));
                let known = format!("COUNT({})<{}", cells.join(","), cells.len());
                let (known, index) = match &state {
                    Some(state) => (format!("OR({known},{state}=\"\")"), format!("1+{state}+{column}")),
                    None => (format!("OR({known},{wrong}>0)"), format!("1+{column}")),
                };
                state = Some(
                    columns.add(format!("{}: state {}", decision.name, at + 1), format!("IF({known},\"\",{})", next.at(&index))),
                );
            }
            state.unwrap_or_else(|| {
                columns.add(format!("{}: outcome", decision.name), format!("IF({wrong}>0,\"\",{})", steps.outcome))
            })
        })
        .collect();
    Ok(Calculation { columns, codes: all, names, classes, wrong, outcomes, asks })
}

fn map(table: &OwnedTable, map: lexport_runtime::Span) -> Vec<Cell> {
    let class = |class: &u32| if *class == NONE { Cell::text("!") } else { Cell::Number(i64::from(*class)) };
    part(&table.maps, map).iter().map(class).collect()
}

/// The formula of the class of a test that is no arithmetic.
fn class(
    test: &Test,
    entries: &[Entry],
    codes: &[Code],
    of_input: &[Option<Code>],
    table: &OwnedTable,
    data: &mut Data,
) -> Result<String, EmitError> {
    let input_code = |input: u32| {
        let code = of_input.get(input as usize).and_then(Option::as_ref);
        code.ok_or_else(|| EmitError::Malformed(format!("input {input} is not entered")))
    };
    // Without a value a test has no class; but a guard, which only refuses, has one.
    let otherwise = |cell: &str, guard: bool| if guard { format!("IF({cell}=\"\",0,{cell})") } else { cell.to_owned() };
    Ok(match test {
        Test::Flag { input } => input_code(*input)?.code.clone(),
        Test::Has { input, member } => {
            let at = entries.iter().position(|entry| entry.input == *input && entry.of == Of::Has(*member));
            let at = at.ok_or_else(|| EmitError::Malformed(format!("member {member} of input {input} is not entered")))?;
            codes[at].code.clone()
        }
        Test::Member { input, classes, map: span } => {
            let cell = &input_code(*input)?.code;
            let list = data.list(&format!("{} classes", table.inputs[*input as usize].name), map(table, *span));
            format!("IF(ISNUMBER({cell}),{},{})", list.at(&format!("{cell}+1")), otherwise(cell, *classes == 1))
        }
        Test::Interval { input, classes, thresholds, map: span } => {
            let (code, name) = (input_code(*input)?, &table.inputs[*input as usize].name);
            let cell = &code.code;
            let limits = part(&table.thresholds, *thresholds);
            let list = data.list(&format!("{name} classes"), map(table, *span));
            let reached = match (limits.first(), &code.low) {
                (None, _) => "0".to_owned(),
                (Some(first), None) => {
                    let range = data.numbers(&format!("{name} thresholds"), limits.iter().copied()).range();
                    format!("IF({cell}<{first},0,MATCH({cell},{range},1))")
                }
                (Some(_), Some(low)) => {
                    let highs = limits.iter().map(|limit| codes::parts(*limit).0);
                    let highs = data.numbers(&format!("{name} thresholds, high"), highs).range();
                    let lows = limits.iter().map(|limit| codes::parts(*limit).1);
                    let lows = data.numbers(&format!("{name} thresholds, low"), lows).range();
                    format!("SUMPRODUCT(({highs}<{cell})+({highs}={cell})*({lows}<={low}))")
                }
            };
            format!("IF(ISNUMBER({cell}),{},{})", list.at(&format!("1+{reached}")), otherwise(cell, *classes == 1))
        }
        Test::Same { a, b } => {
            let (a, b) = (&input_code(*a)?.code, &input_code(*b)?.code);
            format!("IF(COUNT({a},{b})=2,IF({a}={b},1,0),\"\")")
        }
        Test::AtLeastZero { .. } => return Err(EmitError::Malformed("arithmetic has columns of its own".into())),
    })
}

/// The name of the first unknown entry of a test.
fn ask(table: &OwnedTable, test: &Test, entries: &[Entry], codes: &[Code]) -> String {
    let inputs: Vec<(u32, Option<u32>)> = match test {
        Test::Flag { input } | Test::Member { input, .. } | Test::Interval { input, .. } => vec![(*input, None)],
        Test::Has { input, member } => vec![(*input, Some(*member))],
        Test::Same { a, b } => vec![(*a, None), (*b, None)],
        Test::AtLeastZero { monomials, .. } => {
            let monomials = part(&table.monomials, *monomials).iter();
            monomials.flat_map(|one| part(&table.factors, one.factors)).map(|input| (*input, None)).collect()
        }
    };
    let mut seen = Vec::new();
    for one in inputs {
        if !seen.contains(&one) {
            seen.push(one);
        }
    }
    let mut out = String::from("\"\"");
    for (input, member) in seen.into_iter().rev() {
        let of = |entry: &Entry| entry.input == input && member.is_none_or(|member| entry.of == Of::Has(member));
        if let Some(at) = entries.iter().position(of) {
            out = format!("IF({}=\"\",{},{out})", codes[at].raw, quoted(&entries[at].name));
        }
    }
    out
}

/// How the cell of an entry is read into a row: an empty cell stays empty.
pub(super) fn entered(cell: &str) -> String {
    format!("IF({cell}=\"\",\"\",{cell})").replace(ROW, "")
}
