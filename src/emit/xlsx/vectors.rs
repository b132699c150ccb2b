//! The sheet `Check vectors`, and the rows of the hidden sheet `Calculation`: the case that is looked up, then each check vector.

use rust_xlsxwriter::{ConditionalFormatFormula, Formula, Worksheet};

use super::calculation::{Calculation, entered};
use super::entries::{EPOCH, Entered, Entry};
use super::layout::{CALCULATION, FIRST_ENTRY, FIRST_VECTOR, LOOK_UP, VECTOR_ENTRIES, in_row, letters};
use super::nodes::{ANSWER, Nodes};
use super::style::Style;
use super::{Said, whole};
use crate::diagram::OwnedTable;
use crate::emit::artifact::EmitError;

/// The check vectors that cells can have.
pub(super) struct Vectors {
    /// By vector: what is entered, and the outcomes.
    rows: Vec<(Vec<Entered>, Vec<u32>)>,
    /// How many have a day that a spreadsheet does not know.
    pub left_out: usize,
}

/// Behind the columns of each row, in the row of the look-up alone: what each test asks for, then for each decision what the diagram comes to,
/// and the outcome that is shown, counted from 1.
fn first_own(calculation: &Calculation) -> usize {
    calculation.columns.columns.len()
}

/// The names to ask for, by test.
pub(super) fn asks_range(calculation: &Calculation, table: &OwnedTable) -> String {
    let first = first_own(calculation);
    format!("{CALCULATION}!${}$2:${}$2", letters(first), letters(first + table.tests.len().max(1) - 1))
}

fn value_column(calculation: &Calculation, decision: usize) -> usize {
    first_own(calculation) + calculation.asks.len().max(1) + 2 * decision
}

/// What the diagram comes to.
pub(super) fn value_cell(calculation: &Calculation, decision: usize) -> String {
    format!("{CALCULATION}!${}$2", letters(value_column(calculation, decision)))
}

/// The outcome that is shown, counted from 1.
pub(super) fn pick_cell(calculation: &Calculation, decision: usize) -> String {
    format!("{CALCULATION}!${}$2", letters(value_column(calculation, decision) + 1))
}

impl Vectors {
    pub fn new(table: &OwnedTable, entries: &[Entry]) -> Self {
        let rows: Vec<_> = table
            .vectors
            .iter()
            .filter_map(|vector| {
                let entered = entries.iter().map(|entry| entry.entered(table, &vector.values[entry.input as usize]));
                Some((entered.collect::<Option<Vec<_>>>()?, vector.outcomes.clone()))
            })
            .collect();
        Vectors { left_out: table.vectors.len() - rows.len(), rows }
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// The sheet for people.
    pub fn write(
        &self,
        sheet: &mut Worksheet,
        table: &OwnedTable,
        entries: &[Entry],
        calculation: &Calculation,
        said: &Said,
        style: &Style,
    ) -> Result<(), EmitError> {
        if self.rows.len() as u32 >= 1_048_576 - FIRST_VECTOR {
            return Err(EmitError::TooLarge(format!("there are {} check vectors", self.rows.len())));
        }
        let (first, last) = (FIRST_VECTOR + 1, FIRST_VECTOR + self.rows.len().max(1) as u32);
        sheet.write_string_with_format(0, 0, "Check vectors", &style.title)?;
        #[expect(clippy::cast_precision_loss, reason = "fewer than 2^20")]
        sheet.write_number_with_format(0, VECTOR_ENTRIES, self.rows.len() as f64, &style.answer)?;
        sheet.write_string_with_format(1, 0, "Differences", &style.title)?;
        // Counted so that what is not calculated, or in error, is a difference.
        let differences = format!("ROWS($B${first}:$B${last})-COUNTIF($B${first}:$B${last},\"agrees\")");
        let differences = if self.rows.is_empty() { "0".to_owned() } else { differences };
        sheet.write_formula_with_format(1, VECTOR_ENTRIES, Formula::new(differences), &style.answer)?;
        let heads = ["number", "mark"].into_iter().map(str::to_owned);
        let heads = heads.chain(entries.iter().map(|entry| entry.name.clone()));
        let heads = heads.chain(
            table
                .decisions
                .iter()
                .flat_map(|decision| ["expected", "calculated"].map(|what| format!("{}: {what}", decision.name))),
        );
        for (column, head) in (0..).zip(heads) {
            sheet.write_string_with_format(FIRST_VECTOR - 1, column, head, &style.head)?;
            let width = if column < 2 {
                9.0
            } else if column < VECTOR_ENTRIES + entries.len() as u16 {
                16.0
            } else {
                34.0
            };
            sheet.set_column_width(column, width)?;
        }
        let own = VECTOR_ENTRIES + entries.len() as u16;
        for (at, (entered, outcomes)) in self.rows.iter().enumerate() {
            let (row, line) = (FIRST_VECTOR + at as u32, at + 3);
            sheet.write_number(row, 0, at as u32 + 1)?;
            let mut agree = Vec::new();
            for (column, entered) in (VECTOR_ENTRIES..).zip(entered) {
                enter(sheet, row, column, entered, style)?;
            }
            for (decision, outcome) in outcomes.iter().enumerate() {
                let column = own + 2 * decision as u16;
                sheet.write_string(row, column, whole(table, decision, *outcome as usize))?;
                let found = in_row(&calculation.outcomes[decision], line).replace('$', "");
                let found = format!("{CALCULATION}!{found}");
                let calculated =
                    format!("IF(ISNUMBER({found}),{},\"not calculated\")", said.whole[decision].at(&format!("{found}+1")));
                sheet.write_formula(row, column + 1, Formula::new(calculated))?;
                let (one, other) = (letters(column as usize), letters(column as usize + 1));
                agree.push(format!("EXACT({one}{0},{other}{0})", row + 1));
            }
            let mark = if agree.is_empty() {
                "\"agrees\"".into()
            } else {
                format!("IF(AND({}),\"agrees\",\"DIFFERS\")", agree.join(","))
            };
            sheet.write_formula(row, 1, Formula::new(mark))?;
        }
        let differs = ConditionalFormatFormula::new().set_rule(format!("$B{first}=\"DIFFERS\"").as_str()).set_format(&style.bad);
        sheet.add_conditional_format(FIRST_VECTOR, 0, last - 1, 1, &differs)?;
        sheet.set_freeze_panes(FIRST_VECTOR, VECTOR_ENTRIES)?;
        Ok(())
    }

    /// The hidden rows.
    pub fn calculate(
        &self,
        sheet: &mut Worksheet,
        entries: &[Entry],
        calculation: &Calculation,
        nodes: &Nodes,
        said: &Said,
    ) -> Result<(), EmitError> {
        let columns = &calculation.columns.columns;
        let own = first_own(calculation);
        let width = value_column(calculation, nodes.roots.len());
        if width > 16_384 {
            return Err(EmitError::TooLarge(format!("a case needs {width} columns, a sheet has 16,384")));
        }
        for (column, (head, formula)) in (0u16..).zip(columns) {
            sheet.write_string(0, column, head)?;
            for row in 1..=self.rows.len() as u32 + 1 {
                let formula = match usize::from(column) {
                    entry if entry < entries.len() => entered(&if row == 1 {
                        format!("'{LOOK_UP}'!C{}", FIRST_ENTRY as usize + entry + 1)
                    } else {
                        format!(
                            "'{}'!{}{}",
                            super::layout::VECTORS,
                            letters(entry + VECTOR_ENTRIES as usize),
                            row - 1 + FIRST_VECTOR
                        )
                    }),
                    _ => in_row(formula, row as usize + 1),
                };
                if formula.len() > 8_000 {
                    return Err(EmitError::TooLarge(format!("the formula of `{head}` is longer than a cell allows")));
                }
                sheet.write_formula(row, column, formula.as_str())?;
            }
        }
        for (column, (test, ask)) in (own as u16..).zip(calculation.asks.iter().enumerate()) {
            sheet.write_string(0, column, format!("test {test}: ask for"))?;
            sheet.write_formula(1, column, in_row(ask, 2).as_str())?;
        }
        for (decision, root) in nodes.roots.iter().enumerate() {
            let column = value_column(calculation, decision) as u16;
            sheet.write_string(0, column, format!("decision {decision}: diagram"))?;
            sheet.write_formula(1, column, root.as_str())?;
            sheet.write_string(0, column + 1, format!("decision {decision}: shown"))?;
            let value = value_cell(calculation, decision);
            let outcome = format!("{value}-INT({value}/{ANSWER})*{ANSWER}");
            let one = said.represent.at(&format!("INT({value}/{ANSWER})"));
            let pick = format!("IF({value}<0,1,IF({outcome}>0,{outcome},{one}))");
            sheet.write_formula(1, column + 1, pick.as_str())?;
        }
        Ok(())
    }
}

fn enter(sheet: &mut Worksheet, row: u32, column: u16, entered: &Entered, style: &Style) -> Result<(), EmitError> {
    match entered {
        Entered::Text(text) => sheet.write_string(row, column, text)?,
        Entered::Number(text) => {
            // The nearest double: a cell with these digits.
            let number: f64 = text.parse().map_err(|_| EmitError::Malformed(format!("{text} is not a number")))?;
            sheet.write_number(row, column, number)?
        }
        #[expect(clippy::cast_precision_loss, reason = "a day of four-digit years")]
        Entered::Day(day) => sheet.write_number_with_format(row, column, (day + EPOCH) as f64, &style.date)?,
    };
    Ok(())
}
