//! The sheet `Look up`: a case is entered on the left, the answers stand on the right.

use rust_xlsxwriter::{
    ConditionalFormatFormula, DataValidation, DataValidationErrorStyle, DataValidationRule, Formula, Worksheet,
};

use super::calculation::Calculation;
use super::entries::{EPOCH, Entry, Of};
use super::layout::{FIRST_ENTRY, VECTORS, of_case, quoted};
use super::style::Style;
use super::{Said, part};
use crate::diagram::OwnedTable;
use crate::emit::artifact::EmitError;
use crate::ir::date_text;
use lexport_runtime::{NONE, Test};

/// Columns, from 0.
const NAME: u16 = 1;
const ENTRY: u16 = 2;
const HINT: u16 = 3;
const REMARK: u16 = 4;
const DECISION: u16 = 6;
const ANSWER: u16 = 7;
const RULES: u16 = 8;
const CITES: u16 = 9;
/// How high a row is, in points, and how many of them an answer has at the most.
const HEIGHT: f64 = 15.0;
const LINES: u32 = 8;

pub(super) fn write(
    sheet: &mut Worksheet,
    table: &OwnedTable,
    entries: &[Entry],
    calculation: &Calculation,
    said: &Said,
    style: &Style,
) -> Result<(), EmitError> {
    for (column, width) in [(0, 2.0), (NAME, 26.0), (ENTRY, 24.0), (HINT, 30.0), (REMARK, 27.0), (5, 2.0)] {
        sheet.set_column_width(column, width)?;
    }
    for (column, width) in [(DECISION, 24.0), (ANSWER, 24.0), (RULES, 34.0), (CITES, 34.0)] {
        sheet.set_column_width(column, width)?;
    }
    head(sheet, table, style)?;
    for (row, (entry, number)) in (FIRST_ENTRY..).zip(entries.iter().zip(0..)) {
        sheet.set_row_height(row, HEIGHT)?;
        let format = if matches!(entry.of, Of::Date(..)) { &style.entry_date } else { &style.entry };
        sheet.write_string_with_format(row, NAME, &entry.name, &style.name)?;
        sheet.write_blank(row, ENTRY, format)?;
        sheet.write_string_with_format(row, HINT, entry.hint(table), &style.remark)?;
        let remark = remark(table, entry, number, calculation);
        sheet.write_formula_with_format(row, REMARK, Formula::new(remark), &style.remark)?;
        sheet.add_data_validation(row, ENTRY, row, ENTRY, &validation(entry, number, calculation))?;
        let bad = format!("{}=\"!\"", of_case(&calculation.codes[number].code));
        let bad = ConditionalFormatFormula::new().set_rule(bad.as_str()).set_format(&style.bad);
        sheet.add_conditional_format(row, ENTRY, row, REMARK, &bad)?;
    }
    answers(sheet, table, entries.len() as u32, calculation, said, style)?;
    sheet.set_freeze_panes(FIRST_ENTRY, 0)?.set_screen_gridlines(false).set_landscape().set_paper_size(9);
    sheet.set_margins(0.4, 0.4, 0.5, 0.6, 0.3, 0.3);
    sheet.set_print_fit_to_pages(1, 0).set_footer("&L&F&R&P / &N").set_repeat_rows(FIRST_ENTRY - 1, FIRST_ENTRY - 1)?;
    sheet.set_selection(FIRST_ENTRY, ENTRY, FIRST_ENTRY, ENTRY)?.set_active(true).protect();
    Ok(())
}

fn head(sheet: &mut Worksheet, table: &OwnedTable, style: &Style) -> Result<(), EmitError> {
    let title = if table.title.is_empty() { &table.regime } else { &table.title };
    sheet.set_row_height(0, 24)?.write_string_with_format(0, NAME, title, &style.title)?;
    let mut good = format!("Regime {}", table.regime);
    if !table.readings.is_empty() {
        good += &format!(" · readings: {}", table.readings.join(", "));
    }
    if let Some((lo, hi)) = table.dates {
        good += &format!(" · good from {} to {}", date_text(lo), date_text(hi));
    }
    sheet.write_string_with_format(1, NAME, good, &style.remark)?;
    let how = "Enter the case in the yellow cells. A cell that is left empty is unknown: an answer is given only where it does not \
               hang on it, otherwise the cell to fill in next is named.";
    sheet.write_string_with_format(2, NAME, how, &style.remark)?;
    let checked = format!(
        "IF('{VECTORS}'!$C$2=0,\"Check vectors: all \"&'{VECTORS}'!$C$1&\" agree\",\"Check vectors: \"&'{VECTORS}'!$C$2&\" DIFFER: do not use this workbook\")"
    );
    sheet.write_formula_with_format(3, NAME, Formula::new(checked), &style.remark)?;
    for (column, head) in [
        (NAME, "Input"),
        (ENTRY, "Value"),
        (HINT, "What is expected"),
        (REMARK, "Remark"),
        (DECISION, "Decision"),
        (ANSWER, "Answer"),
        (RULES, "Carried by"),
        (CITES, "Citation"),
    ] {
        sheet.write_string_with_format(FIRST_ENTRY - 1, column, head, &style.head)?;
    }
    sheet.set_row_height(FIRST_ENTRY - 1, 20)?;
    Ok(())
}

/// What is wrong with a value, or what it means.
fn remark(table: &OwnedTable, entry: &Entry, number: usize, calculation: &Calculation) -> String {
    let code = &calculation.codes[number];
    let (raw, cell) = (of_case(&code.raw), of_case(&code.code));
    let wrong = match &entry.of {
        Of::Flag | Of::Has(_) => quoted("wrong: neither yes nor no"),
        Of::Member(_) => quoted("wrong: not in the list"),
        Of::Date(lo, hi) => format!(
            "IF(ISNUMBER({raw}),IF(INT({raw})<>{raw},\"wrong: has a time of day\",{}),\"wrong: not a date\")",
            quoted(&format!("wrong: not from {} to {}", date_text(*lo), date_text(*hi)))
        ),
        Of::Number(domain) => {
            let outside = quoted(&format!("wrong: not from {} to {}", domain.text(domain.lo), domain.text(domain.hi)));
            let between = quoted(&format!("wrong: between two steps of {}", domain.text(1)));
            match &code.scaled {
                Some(units) => {
                    let (lo, hi) = super::entries::scaled(domain);
                    let units = of_case(units);
                    format!(
                        "IF(ISNUMBER({raw}),IF(ISNUMBER({units}),IF(OR({units}<{lo},{units}>{hi}),{outside},{between}),{outside}),\"wrong: not a number\")"
                    )
                }
                None => quoted("wrong: not a number of this range and step; if it is long, enter it as text ('1234.5)"),
            }
        }
    };
    let right = match calculation.names[number] {
        // An empty label is an empty cell, which would count as 0.
        Some(names) => format!("{}&\"\"", names.labels.at(&format!("{cell}+1"))),
        None => "\"\"".into(),
    };
    // A value that the table is not good for: another reading, another day.
    let refusing = table.tests.iter().enumerate().filter(|(_, test)| match test {
        Test::Member { input, map, .. } | Test::Interval { input, map, .. } => {
            *input == entry.input && part(&table.maps, *map).contains(&NONE)
        }
        _ => false,
    });
    let refused: Vec<String> = refusing.map(|(at, _)| format!("ISTEXT({})", of_case(&calculation.classes[at]))).collect();
    let right = if refused.is_empty() {
        right
    } else {
        format!("IF(OR({}),\"wrong: this table is not good for it\",{right})", refused.join(","))
    };
    format!("IF({raw}=\"\",\"unknown\",IF({cell}=\"!\",{wrong},{right}))")
}

fn validation(entry: &Entry, number: usize, calculation: &Calculation) -> DataValidation {
    let validation = DataValidation::new().set_error_style(DataValidationErrorStyle::Stop);
    let decimal = |text: String| Formula::new(text);
    match &entry.of {
        Of::Flag | Of::Has(_) => match validation.clone().allow_list_strings(&["yes", "no"]) {
            Ok(list) => list,
            Err(_) => validation,
        },
        // A name without its label is right too, so what is typed is not stopped here.
        Of::Member(_) => match calculation.names[number] {
            Some(names) => validation.allow_list_formula(Formula::new(names.choices.range())).show_error_message(false),
            None => validation,
        },
        Of::Date(lo, hi) => validation.allow_decimal_number_formula(DataValidationRule::Between(
            decimal((lo + EPOCH).to_string()),
            decimal((hi + EPOCH).to_string()),
        )),
        Of::Number(domain) if !super::entries::wide(domain) => {
            let (lo, hi) = (decimal(domain.text(domain.lo)), decimal(domain.text(domain.hi)));
            validation.allow_decimal_number_formula(DataValidationRule::Between(lo, hi))
        }
        Of::Number(_) => validation.allow_any_value(),
    }
}

fn answers(
    sheet: &mut Worksheet,
    table: &OwnedTable,
    entries: u32,
    calculation: &Calculation,
    said: &Said,
    style: &Style,
) -> Result<(), EmitError> {
    let decisions = table.decisions.len().max(1) as u32;
    let lines = (entries / decisions).clamp(3, LINES);
    let wrong = of_case(&calculation.wrong);
    for (number, decision) in table.decisions.iter().enumerate() {
        let (first, last) = (FIRST_ENTRY + number as u32 * lines, FIRST_ENTRY + (number as u32 + 1) * lines - 1);
        let value = super::vectors::value_cell(calculation, number);
        let pick = super::vectors::pick_cell(calculation, number);
        let ask = super::vectors::asks_range(calculation, table);
        let outcome = of_case(&calculation.outcomes[number]);
        let altered = format!("IF(ISNUMBER({outcome}),{pick}<>{outcome}+1,FALSE)");
        let answer = format!(
            "IF({wrong}>0,\"no answer: a value is wrong\",IF({value}<0,\"open: needs \"&INDEX({ask},1,-{value}),\
             IF({altered},\"no answer: this workbook was altered\",{})))",
            said.answers[number].at(&pick)
        );
        let whole = format!("{value}-INT({value}/{0})*{0}", super::nodes::ANSWER);
        let carried = |list: super::List, open: &str| {
            format!("IF(OR({wrong}>0,{value}<0),\"\",IF({whole}=0,{},{}&\"\"))", quoted(open), list.at(&pick))
        };
        let rules = carried(said.rules, "the answer is settled; which rules carry it hangs on what is unknown");
        let cites = carried(said.cites, "");
        let name =
            if decision.title.is_empty() { decision.name.clone() } else { format!("{}\n{}", decision.name, decision.title) };
        sheet.merge_range(first, DECISION, last, DECISION, &name, &style.name)?;
        for (column, formula, format) in
            [(ANSWER, answer, &style.answer), (RULES, rules, &style.cell), (CITES, cites, &style.cell)]
        {
            sheet.merge_range(first, column, last, column, "", format)?;
            sheet.write_formula_with_format(first, column, Formula::new(formula), format)?;
        }
        let bad = ConditionalFormatFormula::new().set_rule(format!("{wrong}>0").as_str()).set_format(&style.bad);
        let open = ConditionalFormatFormula::new().set_rule(format!("{value}<0").as_str()).set_format(&style.open);
        sheet.add_conditional_format(first, ANSWER, last, ANSWER, &bad)?;
        sheet.add_conditional_format(first, ANSWER, last, ANSWER, &open)?;
        for row in first.max(FIRST_ENTRY + entries)..=last {
            sheet.set_row_height(row, HEIGHT)?;
        }
    }
    Ok(())
}
