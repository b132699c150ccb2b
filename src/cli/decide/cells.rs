//! Arrow columns to the values of a table's input. Every distinct text is read once, of a dictionary every entry; numbers and days take a
//! short way. What cannot be read is refused: null is what the file calls null, nothing else.

use arrow::array::{AnyDictionaryArray, Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Date32Type, Decimal128Type, Int16Type, Int32Type, Int64Type, UInt32Type};
use rustc_hash::FxHashMap;
use serde_json::Value as Json;

use crate::driver::{Given, Misfit};
use crate::ir::{Domain, InputId, Program, Value, date_day};

use super::texts::{Unwritten, is_utc, texts};

/// The values of one input, by row, as words of a row of the runtime: what is looked up by column is never taken apart into single values.
#[derive(Debug)]
pub struct Cells {
    /// One column of words; of a set as many as it has words. Where a row is not known: 0.
    pub words: Vec<Vec<i64>>,
    /// Which rows are known; nothing if all are.
    pub known: Option<Vec<bool>>,
}

impl Cells {
    /// Whether a row is known.
    pub fn is_known(&self, row: usize) -> bool {
        self.known.as_ref().is_none_or(|known| known[row])
    }

    /// With a place for each row; rows that are not known have a 0.
    fn gathered(width: usize, rows: impl ExactSizeIterator<Item = Option<usize>>, distinct: &[i64]) -> Cells {
        let count = rows.len();
        let mut words = vec![Vec::with_capacity(count); width];
        let mut known: Option<Vec<bool>> = None;
        for (row, place) in rows.enumerate() {
            match place {
                Some(place) => {
                    for (at, column) in words.iter_mut().enumerate() {
                        column.push(distinct[place * width + at]);
                    }
                }
                None => words.iter_mut().for_each(|column| column.push(0)),
            }
            match (&mut known, place) {
                (Some(known), _) => known.push(place.is_some()),
                (None, None) => {
                    let mut fresh = vec![true; row];
                    fresh.push(false);
                    known = Some(fresh);
                }
                (None, Some(_)) => {}
            }
        }
        Cells { words, known }
    }
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
    /// In how many more rows of the batch the same stands.
    pub again: usize,
}

/// Reads a column. `literal` says of a row whether its text was a number of the file's form, which has one meaning only.
///
/// # Errors
/// Every cell that does not fit.
pub fn read(schema: &Program, input: InputId, column: &ArrayRef, literal: impl Fn(usize) -> bool) -> Result<Cells, Vec<Wrong>> {
    let domain = &schema.input(input).domain;
    if let Some(wrong) = zoned(schema, domain, column) {
        return Err(vec![wrong]);
    }
    if let Some(cells) = typed(domain, column).or_else(|| digits(domain, column)) {
        return Ok(cells);
    }
    if let Some(dictionary) = column.as_any_dictionary_opt()
        && let Some(cells) = by_entry(schema, input, dictionary)
    {
        return Ok(cells);
    }
    by_text(schema, input, column, literal)
}

/// The values of texts, each different one read once.
struct Texts<'s> {
    schema: &'s Program,
    input: InputId,
    width: usize,
    /// The words of each different value.
    distinct: Vec<i64>,
    read: usize,
}

impl<'s> Texts<'s> {
    fn new(schema: &'s Program, input: InputId) -> Self {
        let width = match &schema.input(input).domain {
            Domain::Set(id) => (schema.enumeration(*id).size() as usize).div_ceil(64),
            _ => 1,
        };
        Texts { schema, input, width, distinct: Vec::new(), read: 0 }
    }

    /// The place of the value of a text; nothing if it says that the value is not known.
    fn read(&mut self, text: &str, literal: bool) -> Result<Option<usize>, (Option<i64>, Misfit)> {
        let domain = &self.schema.input(self.input).domain;
        let plain = plain(domain, text).into_owned();
        if plain.is_empty() {
            return Ok(None);
        }
        let given = if literal { Given::Number(plain) } else { Given::Text(plain) };
        let value = crate::driver::value(self.schema, self.input, &given).map_err(|misfit| {
            let day = if let Given::Text(text) = &given { date_day(text) } else { None };
            (day, misfit)
        })?;
        match value {
            None => return Ok(None),
            Some(Value::Bool(value)) => self.distinct.push(i64::from(value)),
            Some(Value::Member(member)) => self.distinct.push(i64::from(member)),
            Some(Value::Int(int)) => self.distinct.push(int),
            Some(Value::Set(set)) => {
                let mut words: Vec<i64> = crate::diagram::set_words(&set).into_iter().map(u64::cast_signed).collect();
                words.resize(self.width, 0);
                self.distinct.extend(words);
            }
        }
        self.read += 1;
        Ok(Some(self.read - 1))
    }
}

/// A column of text, row by row.
fn by_text(schema: &Program, input: InputId, column: &ArrayRef, literal: impl Fn(usize) -> bool) -> Result<Cells, Vec<Wrong>> {
    let refused = |Unwritten { row, why }: Unwritten| {
        let allowed = crate::driver::allowed(schema, &schema.input(input).domain);
        vec![Wrong { row, day: None, misfit: Misfit { what: why, allowed, meant: None, help: None }, again: 0 }]
    };
    let texts = texts(column).map_err(refused)?;
    let numeric = matches!(schema.input(input).domain, Domain::Number(_));
    let typed = column.data_type().is_numeric();
    let mut values = Texts::new(schema, input);
    let mut places = Vec::with_capacity(texts.len());
    let mut known: FxHashMap<(&str, bool), Option<usize>> = FxHashMap::default();
    let mut wrong: Vec<Wrong> = Vec::new();
    let mut refused: FxHashMap<(&str, bool), usize> = FxHashMap::default();
    for row in 0..texts.len() {
        if texts.is_null(row) {
            places.push(None);
            continue;
        }
        let text = texts.value(row);
        let literal = numeric && (typed || literal(row));
        if let Some(place) = known.get(&(text, literal)) {
            places.push(*place);
            if let Some(first) = refused.get(&(text, literal)) {
                wrong[*first].again += 1;
            }
            continue;
        }
        let place = values.read(text, literal).unwrap_or_else(|(day, misfit)| {
            refused.insert((text, literal), wrong.len());
            wrong.push(Wrong { row, day, misfit, again: 0 });
            None
        });
        // A number or a date that never comes twice need not be remembered for ever.
        if known.len() < 65_536 {
            known.insert((text, literal), place);
        }
        places.push(place);
    }
    if wrong.is_empty() { Ok(Cells::gathered(values.width, places.into_iter(), &values.distinct)) } else { Err(wrong) }
}

/// A column with a dictionary of text: each entry is read once, and each row is a look-up. Nothing if an entry does not fit, which may well
/// stand in no row.
fn by_entry(schema: &Program, input: InputId, column: &dyn AnyDictionaryArray) -> Option<Cells> {
    let entries = column.values();
    if !matches!(entries.data_type(), DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View) {
        return None;
    }
    let texts = texts(entries).ok()?;
    let mut values = Texts::new(schema, input);
    let mut place_of = Vec::with_capacity(texts.len());
    for entry in 0..texts.len() {
        place_of.push(if texts.is_null(entry) { None } else { values.read(texts.value(entry), false).ok()? });
    }
    if place_of.is_empty() {
        return Some(Cells::gathered(values.width, (0..column.len()).map(|_| None), &values.distinct));
    }
    let (keys, nulls) = (column.normalized_keys(), column.nulls());
    let rows = keys.iter().enumerate().map(
        |(row, key)| {
            if nulls.is_some_and(|nulls| nulls.is_null(row)) { None } else { place_of[*key] }
        },
    );
    Some(Cells::gathered(values.width, rows, &values.distinct))
}

/// Text in the spelling of case files: `[A, B]` and `A;B` are sets too, a midnight is a day.
fn plain<'a>(domain: &Domain, text: &'a str) -> std::borrow::Cow<'a, str> {
    let text = text.trim();
    match domain {
        Domain::Set(_) => {
            // A list of JSON is one as it stands: what is no name in it, or has a comma, is none of several.
            if let Ok(items) = serde_json::from_str::<Vec<Json>>(text) {
                return names(&items).map_or(text.into(), |names| format!("{{{}}}", names.join(", ")).into());
            }
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

/// Columns whose type says what they are: Booleans, days, whole numbers, decimals. Nothing if one value does not fit, which is then found
/// and told from its text.
fn typed(domain: &Domain, column: &ArrayRef) -> Option<Cells> {
    match (domain, column.data_type()) {
        (Domain::Bool, DataType::Boolean) => whole(column.as_boolean().iter().map(|flag| flag.map(i64::from)), Some),
        (Domain::Date { lo, hi }, DataType::Date32) => {
            whole(column.as_primitive::<Date32Type>().iter().map(|day| day.map(i64::from)), |day| {
                (*lo <= day && day <= *hi).then_some(day)
            })
        }
        (Domain::Number(number), kind) => {
            // One of the column's units is `up / down` steps.
            let steps = |scale: i8| {
                let (mut up, mut down) = (1i128, i128::from(number.step.mantissa));
                let shift = i64::from(number.step.scale) - i64::from(scale);
                let power = 10i128.checked_pow(u32::try_from(shift.unsigned_abs()).ok()?)?;
                if shift >= 0 {
                    up = power
                } else {
                    down = down.checked_mul(power)?
                }
                Some(move |value: i128| {
                    let steps = value.checked_mul(up)?;
                    let whole = i64::try_from(steps / down).ok().filter(|_| steps % down == 0)?;
                    (number.lo <= whole && whole <= number.hi).then_some(whole)
                })
            };
            let wide = |value: Option<i64>| value.map(i128::from);
            match kind {
                DataType::Int64 => whole(column.as_primitive::<Int64Type>().iter().map(wide), steps(0)?),
                DataType::Int32 => whole(column.as_primitive::<Int32Type>().iter().map(|it| wide(it.map(i64::from))), steps(0)?),
                DataType::UInt32 => {
                    whole(column.as_primitive::<UInt32Type>().iter().map(|it| wide(it.map(i64::from))), steps(0)?)
                }
                DataType::Int16 => whole(column.as_primitive::<Int16Type>().iter().map(|it| wide(it.map(i64::from))), steps(0)?),
                DataType::Decimal128(_, scale) => whole(column.as_primitive::<Decimal128Type>().iter(), steps(*scale)?),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Values that are words already, if each of them is.
fn whole<T>(values: impl ExactSizeIterator<Item = Option<T>>, word: impl Fn(T) -> Option<i64>) -> Option<Cells> {
    let mut words = Vec::with_capacity(values.len());
    let mut known: Option<Vec<bool>> = None;
    for value in values {
        match value {
            Some(value) => {
                words.push(word(value)?);
                known.iter_mut().for_each(|known| known.push(true));
            }
            None => {
                known.get_or_insert_with(|| vec![true; words.len()]).push(false);
                words.push(0);
            }
        }
    }
    Some(Cells { words: vec![words], known })
}

/// Columns of text that are all short whole numbers: nothing is put into words.
fn digits(domain: &Domain, column: &ArrayRef) -> Option<Cells> {
    let Domain::Number(number) = domain else { return None };
    if number.step != crate::ir::Decimal::whole(1) || *column.data_type() != DataType::Utf8 {
        return None;
    }
    let texts = column.as_string::<i32>();
    whole(texts.iter(), |text| {
        // Longer ones, signs and spaces go the long way.
        let short = (1..=18).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|int| short && number.lo <= *int && *int <= number.hi)
    })
}

/// The names in a list of JSON; nothing if an item is none.
fn names(items: &[Json]) -> Option<Vec<String>> {
    let name = |item: &Json| match item {
        Json::String(text) if !text.trim().is_empty() && !text.contains([',', ';', '{', '}']) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        _ => None,
    };
    items.iter().map(name).collect()
}

/// A time with a zone, where a day is asked for: the day hangs on the zone.
fn zoned(schema: &Program, domain: &Domain, column: &ArrayRef) -> Option<Wrong> {
    let (Domain::Date { .. }, DataType::Timestamp(_, Some(zone))) = (domain, column.data_type()) else { return None };
    if is_utc(zone) {
        return None;
    }
    let row = (0..column.len()).find(|row| column.is_valid(*row))?;
    let misfit = Misfit {
        what: format!("the column has times in the zone {zone}, and which day they are hangs on the zone"),
        allowed: crate::driver::allowed(schema, domain),
        meant: None,
        help: Some("make it a column of days, in the zone that is meant".to_owned()),
    };
    Some(Wrong { row, day: None, misfit, again: 0 })
}
