//! The argument, column by column: a word or more for each row and input, and which are known. What is not in its domain is told with
//! its input; what is dictionary-encoded is looked up once for each entry.

use std::ops::Range;
use std::sync::LazyLock;

use datafusion::arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, AsArray, LargeStringArray, StringArray, StringViewArray, StructArray,
};
use datafusion::arrow::buffer::NullBuffer;
use datafusion::arrow::datatypes::{
    DataType, Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type, Int8Type, Int16Type, Int32Type, Int64Type,
    TimeUnit, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type,
    UInt16Type, UInt32Type, UInt64Type,
};
use datafusion::arrow::util::display::array_value_to_string;
use datafusion::common::{HashMap, Result, exec_datafusion_err, internal_datafusion_err};

use super::meaning::{Input, Takes};
use super::regime::{CHOICES, INPUTS, NAME};
use super::table::TABLE;
use super::table::runtime::{Kind, Value};

/// The numbers of members, by name.
static NUMBERS: LazyLock<Vec<HashMap<&'static str, u32>>> =
    LazyLock::new(|| CHOICES.iter().map(|names| names.iter().copied().zip(0..).collect()).collect());

/// No member.
const NO_MEMBER: u32 = u32::MAX;

/// An input in every row.
#[derive(Debug)]
struct Column {
    /// For each row `stride` words: a Boolean as 0 or 1, a member's number, a number in steps or a day as the bits of an `i64`, the bits of a
    /// set.
    words: Vec<u64>,
    stride: usize,
    /// In which rows it is known; none: in all.
    known: Option<NullBuffer>,
    /// The rows whose values are not in the domain, rising.
    wrong: Vec<usize>,
}

/// The inputs in every row.
#[derive(Debug)]
pub struct Columns {
    rows: usize,
    /// By input; none if it is unknown in every row.
    columns: Vec<Option<Column>>,
    /// The argument's columns, to name a value.
    given: Vec<Option<ArrayRef>>,
    /// In which rows all inputs are known; none: in all.
    complete: Option<NullBuffer>,
}

impl Columns {
    /// Reads an argument.
    ///
    /// # Errors
    /// If a value is not in the domain of its input: the first in order of rows.
    pub fn read(argument: &ArrayRef) -> Result<Columns> {
        let rows = argument.len();
        let given = |name: &str| argument.as_struct_opt().and_then(|all: &StructArray| all.column_by_name(name)).cloned();
        let mut out = Columns { rows, columns: Vec::new(), given: Vec::new(), complete: None };
        for (input, kind) in INPUTS.iter().zip(TABLE.inputs) {
            let array = given(input.name).filter(|array| *array.data_type() != DataType::Null);
            let column = match &array {
                Some(array) => Some(read(input, *kind, array, argument.nulls())?),
                None => input.fixed.map(|word| Column { words: vec![word; rows], stride: 1, known: None, wrong: Vec::new() }),
            };
            out.columns.push(column);
            out.given.push(array);
        }
        let first = |(number, column): (usize, &Option<Column>)| Some((*column.as_ref()?.wrong.first()?, number));
        if let Some((row, number)) = out.columns.iter().enumerate().filter_map(first).min() {
            return Err(out.refused(row, number));
        }
        let known = out.columns.iter().map(|column| column.as_ref().map(|column| column.known.as_ref()));
        out.complete = known.fold(None, |all, one| match one {
            Some(known) => NullBuffer::union(all.as_ref(), known),
            None => Some(NullBuffer::new_null(rows)),
        });
        Ok(out)
    }

    /// The error of a value that is not allowed.
    pub fn refused(&self, row: usize, number: usize) -> datafusion::error::DataFusionError {
        let (Some(input), array) = (INPUTS.get(number), self.given.get(number).and_then(Option::as_ref)) else {
            return internal_datafusion_err!("{NAME}: there is no input {number}");
        };
        let value = array.map_or(Ok("unknown".to_owned()), |array| array_value_to_string(array, row));
        let value = value.unwrap_or_else(|error| error.to_string());
        let midnight = match array.map(|array| array.data_type()) {
            Some(DataType::Timestamp(..) | DataType::Date64) => ", at midnight",
            _ => "",
        };
        let meant = match input.takes {
            Takes::Member(choice) => CHOICES[choice].iter().find(|name| name.eq_ignore_ascii_case(value.trim())),
            _ => None,
        };
        let meant = meant.filter(|name| **name != value).map_or(String::new(), |name| format!("; write `{name}`"));
        exec_datafusion_err!("{NAME}: `{}` is `{value}`, and must be {}{midnight}{meant}", input.name, input.allowed)
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Whether all inputs are known in a row.
    pub fn is_complete(&self, row: usize) -> bool {
        self.complete.as_ref().is_none_or(|known| known.is_valid(row))
    }

    /// The values of a row.
    pub fn fill<'c>(&'c self, row: usize, values: &mut [Value<'c>]) {
        for ((value, column), kind) in values.iter_mut().zip(&self.columns).zip(TABLE.inputs) {
            *value = match column {
                Some(column) if column.known.as_ref().is_none_or(|known| known.is_valid(row)) => {
                    let word = column.words[row * column.stride];
                    match kind {
                        Kind::Bool => Value::Bool(word != 0),
                        Kind::Enum(_) => Value::Member(word as u32),
                        Kind::Int(..) => Value::Int(word.cast_signed()),
                        Kind::Set(_) => Value::Set(&column.words[row * column.stride..(row + 1) * column.stride]),
                    }
                }
                _ => Value::Unknown,
            };
        }
    }
}

/// A column of an input; `outer` are the rows in which there is an argument at all.
fn read(input: &Input, kind: Kind, array: &ArrayRef, outer: Option<&NullBuffer>) -> Result<Column> {
    let known = NullBuffer::union(array.logical_nulls().as_ref(), outer).filter(|known| known.null_count() > 0);
    let mut column = match array.as_any_dictionary_opt() {
        None => plain(input, kind, array, known)?,
        Some(dictionary) if dictionary.values().is_empty() => {
            let none = plain(input, kind, dictionary.values(), None)?;
            Column { words: vec![0; array.len() * none.stride], known: Some(NullBuffer::new_null(array.len())), ..none }
        }
        Some(dictionary) => {
            let entries = plain(input, kind, dictionary.values(), dictionary.values().logical_nulls())?;
            let mut bad = vec![false; dictionary.values().len()];
            entries.wrong.iter().for_each(|entry| bad[*entry] = true);
            let keys = dictionary.normalized_keys();
            let mut words = Vec::with_capacity(keys.len() * entries.stride);
            for key in &keys {
                words.extend_from_slice(&entries.words[key * entries.stride..(key + 1) * entries.stride]);
            }
            let is_wrong = |row: &usize| bad[keys[*row]] && known.as_ref().is_none_or(|known| known.is_valid(*row));
            let wrong = if entries.wrong.is_empty() { Vec::new() } else { (0..keys.len()).filter(is_wrong).collect() };
            Column { words, stride: entries.stride, known, wrong }
        }
    };
    if let Some(word) = input.fixed
        && let Some(known) = column.known.take()
    {
        // There is only one thing that it can be.
        (0..known.len()).filter(|row| known.is_null(*row)).for_each(|row| column.words[row] = word);
    }
    Ok(column)
}

/// A column that is not dictionary-encoded.
fn plain(input: &Input, kind: Kind, array: &dyn Array, known: Option<NullBuffer>) -> Result<Column> {
    use DataType as T;
    let unfit = || internal_datafusion_err!("{NAME}: `{}` cannot be read from {}", input.name, array.data_type());
    let rows = array.len();
    Ok(match (input.takes, array.data_type()) {
        (Takes::Flag, T::Boolean) => {
            let flags = array.as_boolean();
            each(rows, known, |row| Some(u64::from(flags.value(row))))
        }
        (Takes::Member(choice), _) => {
            let texts = Texts::of(array).ok_or_else(unfit)?;
            let mut finder = Finder::new(choice);
            each(rows, known, |row| {
                let member = finder.find(texts.get(row));
                (member != NO_MEMBER && !input.refused.contains(&member)).then_some(u64::from(member))
            })
        }
        (Takes::Set(choice), T::List(_)) => {
            let lists = array.as_list::<i32>();
            let range = |row: usize| lists.value_offsets()[row] as usize..lists.value_offsets()[row + 1] as usize;
            lists_of(choice, rows, known, lists.values(), range).ok_or_else(unfit)?
        }
        (Takes::Set(choice), T::LargeList(_)) => {
            let lists = array.as_list::<i64>();
            let range = |row: usize| lists.value_offsets()[row] as usize..lists.value_offsets()[row + 1] as usize;
            lists_of(choice, rows, known, lists.values(), range).ok_or_else(unfit)?
        }
        (Takes::Set(choice), T::FixedSizeList(..)) => {
            let lists = array.as_fixed_size_list();
            let size = lists.value_length() as usize;
            lists_of(choice, rows, known, lists.values(), |row| row * size..(row + 1) * size).ok_or_else(unfit)?
        }
        (Takes::Set(choice), _) => {
            let texts = Texts::of(array).ok_or_else(unfit)?;
            let mut finder = Finder::new(choice);
            sets(choice, rows, known, |row, add| match listed(texts.get(row)) {
                Some("") => true,
                Some(names) => names.split(',').all(|name| add(finder.find(name.trim()))),
                None => false,
            })
        }
        (Takes::Number { mantissa, scale, .. }, of) => {
            let grid = |given: i32| Grid::new(mantissa, scale, given, kind);
            match of {
                T::Int8 => whole::<Int8Type>(array, known, grid(0)),
                T::Int16 => whole::<Int16Type>(array, known, grid(0)),
                T::Int32 => whole::<Int32Type>(array, known, grid(0)),
                T::Int64 => whole::<Int64Type>(array, known, grid(0)),
                T::UInt8 => whole::<UInt8Type>(array, known, grid(0)),
                T::UInt16 => whole::<UInt16Type>(array, known, grid(0)),
                T::UInt32 => whole::<UInt32Type>(array, known, grid(0)),
                T::UInt64 => whole::<UInt64Type>(array, known, grid(0)),
                T::Decimal32(_, given) => whole::<Decimal32Type>(array, known, grid(i32::from(*given))),
                T::Decimal64(_, given) => whole::<Decimal64Type>(array, known, grid(i32::from(*given))),
                T::Decimal128(_, given) => whole::<Decimal128Type>(array, known, grid(i32::from(*given))),
                _ => return Err(unfit()),
            }
        }
        (Takes::Day, of) => {
            // A day is a number too, of so many units of a timestamp.
            let days = |units: i64| Grid::new(units, 0, 0, kind);
            match of {
                T::Date32 => whole::<Date32Type>(array, known, days(1)),
                T::Date64 => whole::<Date64Type>(array, known, days(86_400_000)),
                T::Timestamp(TimeUnit::Second, _) => whole::<TimestampSecondType>(array, known, days(86_400)),
                T::Timestamp(TimeUnit::Millisecond, _) => whole::<TimestampMillisecondType>(array, known, days(86_400_000)),
                T::Timestamp(TimeUnit::Microsecond, _) => whole::<TimestampMicrosecondType>(array, known, days(86_400_000_000)),
                T::Timestamp(TimeUnit::Nanosecond, _) => whole::<TimestampNanosecondType>(array, known, days(86_400_000_000_000)),
                _ => return Err(unfit()),
            }
        }
        (Takes::Flag, _) => return Err(unfit()),
    })
}

/// A word for each row in which the input is known; none: the value is wrong.
fn each(rows: usize, known: Option<NullBuffer>, mut word: impl FnMut(usize) -> Option<u64>) -> Column {
    let mut column = Column { words: vec![0; rows], stride: 1, known: None, wrong: Vec::new() };
    for (row, place) in column.words.iter_mut().enumerate() {
        if known.as_ref().is_none_or(|known| known.is_valid(row)) {
            match word(row) {
                Some(word) => *place = word,
                None => column.wrong.push(row),
            }
        }
    }
    Column { known, ..column }
}

/// How numbers become steps: a value `v` is `v × times / over` steps.
struct Grid {
    /// None: beyond 128 bits.
    times: Option<i128>,
    over: Option<i128>,
    domain: Range<i128>,
}

impl Grid {
    /// From numbers with `given` digits behind the point to steps of `mantissa × 10^-scale`.
    fn new(mantissa: i64, scale: u32, given: i32, kind: Kind) -> Grid {
        let shift = i64::from(scale) - i64::from(given);
        let power = |by: i64| 10_i128.checked_pow(u32::try_from(by.max(0)).unwrap_or(u32::MAX));
        let (lo, hi) = if let Kind::Int(lo, hi) = kind { (lo, hi) } else { (0, -1) };
        Grid {
            times: power(shift),
            over: power(-shift).and_then(|over| over.checked_mul(i128::from(mantissa))),
            domain: i128::from(lo)..i128::from(hi) + 1,
        }
    }

    /// The steps of a number that is on one, in the domain. What leaves 128 bits on the way leaves every domain, whose ends have 64.
    #[inline]
    fn steps(&self, value: i128) -> Option<u64> {
        let steps = match (self.times, self.over) {
            _ if value == 0 => 0,
            (Some(1), Some(1)) => value,
            (Some(times), Some(over)) => {
                let value = value.checked_mul(times)?;
                match (i64::try_from(value), i64::try_from(over)) {
                    _ if over == 1 => value,
                    // Divided in 64 bits where that will do: several times as fast.
                    (Ok(value), Ok(over)) => i128::from((value % over == 0).then(|| value / over)?),
                    _ => (value % over == 0).then(|| value / over)?,
                }
            }
            _ => return None,
        };
        self.domain.contains(&steps).then_some((steps as i64).cast_unsigned())
    }
}

fn whole<T: ArrowPrimitiveType<Native: Into<i128>>>(array: &dyn Array, known: Option<NullBuffer>, grid: Grid) -> Column {
    let values = array.as_primitive::<T>().values();
    each(values.len(), known, |row| grid.steps(values[row].into()))
}

/// Texts of any layout.
enum Texts<'a> {
    Small(&'a StringArray),
    Large(&'a LargeStringArray),
    View(&'a StringViewArray),
}

impl<'a> Texts<'a> {
    fn of(array: &'a dyn Array) -> Option<Texts<'a>> {
        match array.data_type() {
            DataType::Utf8 => array.as_string_opt().map(Texts::Small),
            DataType::LargeUtf8 => array.as_string_opt().map(Texts::Large),
            DataType::Utf8View => array.as_string_view_opt().map(Texts::View),
            _ => None,
        }
    }

    #[inline]
    fn get(&self, row: usize) -> &'a str {
        match self {
            Texts::Small(all) => all.value(row),
            Texts::Large(all) => all.value(row),
            Texts::View(all) => all.value(row),
        }
    }
}

/// Finds members by name; the same name again without a search.
struct Finder<'a> {
    numbers: &'static HashMap<&'static str, u32>,
    last: Option<(&'a str, u32)>,
}

impl<'a> Finder<'a> {
    fn new(choice: usize) -> Self {
        Finder { numbers: &NUMBERS[choice], last: None }
    }

    #[inline]
    fn find(&mut self, name: &'a str) -> u32 {
        match self.last {
            Some((last, member)) if last == name => member,
            _ => {
                let member = self.numbers.get(name).copied().unwrap_or(NO_MEMBER);
                self.last = Some((name, member));
                member
            }
        }
    }
}

/// What stands between the braces of `{A, B}`.
fn listed(text: &str) -> Option<&str> {
    text.trim().strip_prefix('{')?.strip_suffix('}').map(str::trim)
}

/// Sets of members: `members` hands those of a row to its second argument, until that says that one is none; it tells whether all were
/// members.
fn sets(
    choice: usize,
    rows: usize,
    known: Option<NullBuffer>,
    mut members: impl FnMut(usize, &mut dyn FnMut(u32) -> bool) -> bool,
) -> Column {
    let stride = CHOICES[choice].len().div_ceil(64).max(1);
    let mut column = Column { words: vec![0; rows * stride], stride, known: None, wrong: Vec::new() };
    for (row, words) in column.words.chunks_mut(stride).enumerate() {
        let mut add = |member: u32| {
            let word = words.get_mut(member as usize / 64);
            let found = member != NO_MEMBER && word.is_some();
            word.into_iter().for_each(|word| *word |= 1 << (member % 64));
            found
        };
        if known.as_ref().is_none_or(|known| known.is_valid(row)) && !members(row, &mut add) {
            column.wrong.push(row);
        }
    }
    Column { known, ..column }
}

/// Sets as lists of texts; NULL is no member.
fn lists_of(
    choice: usize,
    rows: usize,
    known: Option<NullBuffer>,
    values: &ArrayRef,
    range: impl Fn(usize) -> Range<usize>,
) -> Option<Column> {
    let members = if *values.data_type() == DataType::Null { vec![NO_MEMBER; values.len()] } else { members(choice, values)? };
    Some(sets(choice, rows, known, |row, add| members[range(row)].iter().all(|member| add(*member))))
}

/// The member that each text is.
fn members(choice: usize, array: &ArrayRef) -> Option<Vec<u32>> {
    if let Some(dictionary) = array.as_any_dictionary_opt() {
        if dictionary.values().is_empty() {
            return Some(vec![NO_MEMBER; array.len()]);
        }
        let entries = members(choice, dictionary.values())?;
        let keys = dictionary.normalized_keys().into_iter().enumerate();
        return Some(keys.map(|(row, key)| if dictionary.keys().is_valid(row) { entries[key] } else { NO_MEMBER }).collect());
    }
    let texts = Texts::of(array)?;
    let mut finder = Finder::new(choice);
    Some((0..array.len()).map(|row| if array.is_valid(row) { finder.find(texts.get(row)) } else { NO_MEMBER }).collect())
}
