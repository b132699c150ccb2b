//! The type of the argument: which fields it may have, and of which types.

use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Result, plan_err};

use super::meaning::Takes;
use super::regime::{INPUTS, NAME};

/// Whether an argument is a struct of inputs, each of a type that it is taken from.
pub fn fits(function: &str, argument: &DataType) -> Result<()> {
    let fields = match argument {
        DataType::Null => return Ok(()),
        DataType::Struct(fields) => fields,
        other => {
            let first = INPUTS.first().map_or("input", |input| input.name);
            return plan_err!(
                "{function} takes one struct of the inputs of {NAME} by name, as named_struct('{first}', …), and not {other}"
            );
        }
    };
    for (number, field) in fields.iter().enumerate() {
        let name = field.name();
        let Some(input) = INPUTS.iter().find(|input| input.name == name) else {
            let plain = |name: &str| name.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
            let near: Vec<&str> = INPUTS.iter().map(|input| input.name).filter(|one| plain(one) == plain(name)).collect();
            let all = INPUTS.iter().map(|input| input.name);
            let names = if near.is_empty() { all.collect() } else { near };
            return plan_err!("{function}: there is no input `{name}`; the name is one of {}", names.join(", "));
        };
        if fields.iter().take(number).any(|other| other.name() == name) {
            return plan_err!("{function}: the input `{name}` is given twice");
        }
        if !is_taken(input.takes, field.data_type()) {
            let of = field.data_type();
            return plan_err!("{function}: the input `{name}` is not taken from {of}: {}", taken_from(input.takes, of));
        }
    }
    Ok(())
}

fn is_text(of: &DataType) -> bool {
    matches!(of, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

fn is_taken(takes: Takes, of: &DataType) -> bool {
    use DataType as T;
    match (takes, of) {
        (_, T::Null) => true,
        (_, T::Dictionary(_, entries)) => !matches!(**entries, T::Dictionary(..)) && is_taken(takes, entries),
        (Takes::Set(_), T::List(field) | T::LargeList(field) | T::FixedSizeList(field, _)) => match field.data_type() {
            T::Dictionary(_, entries) => is_text(entries),
            of => is_text(of) || *of == T::Null,
        },
        (Takes::Member(_) | Takes::Set(_), of) => is_text(of),
        (Takes::Flag, of) => *of == T::Boolean,
        (Takes::Number { .. }, of) => of.is_integer() || matches!(of, T::Decimal32(..) | T::Decimal64(..) | T::Decimal128(..)),
        (Takes::Day, of) => matches!(of, T::Date32 | T::Date64 | T::Timestamp(_, None)),
    }
}

/// What to do about a type that is not taken.
fn taken_from(takes: Takes, of: &DataType) -> String {
    match takes {
        Takes::Flag => "it is true or false, a BOOLEAN".to_owned(),
        Takes::Member(_) => "it is a name, as text".to_owned(),
        Takes::Set(_) => "it is a list of names, as make_array('A', 'B'), or one text, as '{A, B}'".to_owned(),
        Takes::Number { cast, .. } if of.is_floating() => {
            format!(
                "numbers are exact, and this one is not; use CAST(… AS {cast}), or SET datafusion.sql_parser.parse_float_as_decimal = true for literals"
            )
        }
        Takes::Number { cast, .. } => format!("it is a whole number or a DECIMAL; use CAST(… AS {cast})"),
        Takes::Day if matches!(of, DataType::Timestamp(..)) => {
            "which day it is hangs on the time zone; use CAST(… AS DATE) where that is settled".to_owned()
        }
        Takes::Day => "it is a day; use CAST(… AS DATE)".to_owned(),
    }
}
