//! Arrow columns to the values of a table's input. Every distinct text is read once; whole numbers take a short way.

use arrow::array::{Array, ArrayRef, AsArray, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int32Type, Int64Type};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use rustc_hash::FxHashMap;

use crate::driver::{Given, Misfit};
use crate::ir::{Domain, InputId, Program, Value, date_day};

/// The values of one input, by row.
#[derive(Debug)]
pub struct Cells {
    /// `None`: not known.
    pub values: Vec<Option<Cell>>,
    /// The words of sets, `width` of them for each.
    pub words: Vec<u64>,
    /// How many words a set has.
    pub width: usize,
}

/// A value, or for a set where its words begin.
#[derive(Clone, Copy, Debug)]
pub enum Cell {
    /// Of a Boolean.
    Bool(bool),
    /// Of an enumeration.
    Member(u32),
    /// Of a number or a date.
    Int(i64),
    /// Of a set: an offset into the words.
    Set(u32),
}

/// A cell that does not fit.
#[derive(Debug)]
pub struct Wrong {
    /// Its row in the batch.
    pub row: usize,
    /// The day that it is, if it is one.
    pub day: Option<i64>,
    /// Why.
    pub misfit: Misfit,
}

impl Cells {
    /// The value at a row, as the runtime takes it.
    pub fn value(&self, row: usize) -> lexport_runtime::Value<'_> {
        match self.values.get(row).copied().flatten() {
            None => lexport_runtime::Value::Unknown,
            Some(Cell::Bool(value)) => lexport_runtime::Value::Bool(value),
            Some(Cell::Member(member)) => lexport_runtime::Value::Member(member),
            Some(Cell::Int(int)) => lexport_runtime::Value::Int(int),
            Some(Cell::Set(at)) => {
                lexport_runtime::Value::Set(self.words.get(at as usize..at as usize + self.width).unwrap_or(&[]))
            }
        }
    }
}

/// Reads a column. `literal` says of a row whether its text was a number of the file's form, which has one meaning only.
///
/// # Errors
/// Every cell that does not fit.
pub fn read(schema: &Program, input: InputId, column: &ArrayRef, literal: impl Fn(usize) -> bool) -> Result<Cells, Vec<Wrong>> {
    let domain = &schema.input(input).domain;
    if let Some(cells) = whole_numbers(domain, column) {
        return Ok(cells);
    }
    let texts = texts(column);
    let mut cells = Cells { values: Vec::with_capacity(texts.len()), words: Vec::new(), width: 1 };
    let numeric = matches!(domain, Domain::Number(_));
    let typed = column.data_type().is_numeric();
    let mut known: FxHashMap<(&str, bool), Option<Cell>> = FxHashMap::default();
    let mut wrong = Vec::new();
    for row in 0..texts.len() {
        if texts.is_null(row) || texts.value(row).trim().is_empty() {
            cells.values.push(None);
            continue;
        }
        let text = texts.value(row);
        let literal = numeric && (typed || literal(row));
        if let Some(cell) = known.get(&(text, literal)) {
            cells.values.push(*cell);
            continue;
        }
        let plain = plain(domain, text).into_owned();
        let given = if literal { Given::Number(plain) } else { Given::Text(plain) };
        let cell = match crate::driver::value(schema, input, &given) {
            Ok(value) => value.map(|value| match value {
                Value::Bool(value) => Cell::Bool(value),
                Value::Member(member) => Cell::Member(member),
                Value::Int(int) => Cell::Int(int),
                Value::Set(set) => {
                    let words = crate::diagram::set_words(&set);
                    let at = cells.words.len() as u32;
                    cells.width = words.len();
                    cells.words.extend(words);
                    Cell::Set(at)
                }
            }),
            Err(misfit) => {
                let day = if let Given::Text(text) = &given { date_day(text) } else { None };
                wrong.push(Wrong { row, day, misfit });
                None
            }
        };
        // A number or a date that never comes twice need not be remembered for ever.
        if known.len() < 65_536 {
            known.insert((text, literal), cell);
        }
        cells.values.push(cell);
    }
    if wrong.is_empty() { Ok(cells) } else { Err(wrong) }
}

/// Text in the spelling of case files: `[A, B]` and `A;B` are sets too, a midnight is a day.
fn plain<'a>(domain: &Domain, text: &'a str) -> std::borrow::Cow<'a, str> {
    let text = text.trim();
    match domain {
        Domain::Set(_) => {
            let inner = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
            if inner.contains([';', '"']) { inner.replace(';', ",").replace('"', "").into() } else { inner.into() }
        }
        Domain::Date { .. } => match text.split_once(['T', ' ']) {
            Some((day, time)) if time.trim_end_matches('Z').chars().all(|c| matches!(c, '0' | ':' | '.')) => day.into(),
            _ => text.into(),
        },
        Domain::Bool => match text {
            "TRUE" | "True" => "true".into(),
            "FALSE" | "False" => "false".into(),
            _ => text.into(),
        },
        _ => text.into(),
    }
}

/// Columns of whole numbers whose values all fit: nothing is put into words.
fn whole_numbers(domain: &Domain, column: &ArrayRef) -> Option<Cells> {
    let Domain::Number(number) = domain else { return None };
    if number.step != crate::ir::Decimal::whole(1) {
        return None;
    }
    let fit = |int: i64| (number.lo <= int && int <= number.hi).then_some(Cell::Int(int));
    let mut values = Vec::with_capacity(column.len());
    match column.data_type() {
        DataType::Int64 => {
            for int in column.as_primitive::<Int64Type>() {
                values.push(int.map(|int| fit(int).ok_or(())).transpose().ok()?);
            }
        }
        DataType::Int32 => {
            for int in column.as_primitive::<Int32Type>() {
                values.push(int.map(|int| fit(i64::from(int)).ok_or(())).transpose().ok()?);
            }
        }
        DataType::Utf8 => {
            for text in column.as_string::<i32>() {
                values.push(match text {
                    None => None,
                    // Longer ones, signs and spaces go the long way.
                    Some(text) if (1..=18).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()) => {
                        Some(fit(text.parse().ok()?)?)
                    }
                    Some(_) => return None,
                });
            }
        }
        _ => return None,
    }
    Some(Cells { values, words: Vec::new(), width: 1 })
}

/// A column as text.
pub fn texts(column: &ArrayRef) -> StringArray {
    if let Some(texts) = column.as_string_opt::<i32>() {
        return texts.clone();
    }
    if !column.data_type().is_nested()
        && let Ok(cast) = cast(column, &DataType::Utf8)
        && let Some(texts) = cast.as_string_opt::<i32>()
    {
        return texts.clone();
    }
    let options = FormatOptions::default();
    match ArrayFormatter::try_new(column, &options) {
        Ok(formatter) => (0..column.len()).map(|row| column.is_valid(row).then(|| formatter.value(row).to_string())).collect(),
        Err(_) => StringArray::new_null(column.len()),
    }
}
