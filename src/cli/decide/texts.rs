//! Arrow columns as text: for what is read by its text, and for what is carried along into a form of text. What has no text is told, and never
//! becomes an empty cell.

use arrow::array::{Array, ArrayRef, AsArray, StringArray, make_array};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use serde_json::Value as Json;

/// A value that has no text.
#[derive(Debug)]
pub struct Unwritten {
    /// Its row in the batch.
    pub row: usize,
    /// Why.
    pub why: String,
}

/// Whether a time zone is that of the instants themselves.
pub fn is_utc(zone: &str) -> bool {
    matches!(zone, "UTC" | "Etc/UTC" | "utc" | "Z" | "+00:00" | "+0000" | "+00")
}

/// A column as text. Times with a zone are written as the instants that they are, in UTC; lists as JSON.
///
/// # Errors
/// The first value that has no text.
pub fn texts(column: &ArrayRef) -> Result<StringArray, Unwritten> {
    if let Some(texts) = column.as_string_opt::<i32>() {
        return Ok(texts.clone());
    }
    if let Some(lists) = lists(column) {
        return lists;
    }
    let column = &instants(column);
    let nulls = column.logical_nulls();
    let known = |row: &usize| nulls.as_ref().is_none_or(|nulls| nulls.is_valid(*row));
    let unwritten = |row: usize| {
        let why = match column.data_type() {
            DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => {
                "the bytes are no UTF-8 text".to_owned()
            }
            kind => format!("a value of type {kind} has no text"),
        };
        Unwritten { row, why }
    };
    if !column.data_type().is_nested()
        && let Ok(cast) = cast(column, &DataType::Utf8)
        && let Some(texts) = cast.as_string_opt::<i32>()
    {
        // What cannot be cast comes out as null.
        return match (0..texts.len()).find(|row| texts.is_null(*row) && known(row)) {
            Some(row) => Err(unwritten(row)),
            None => Ok(texts.clone()),
        };
    }
    let options = FormatOptions::default();
    let formatter = ArrayFormatter::try_new(column, &options);
    let rows = (0..column.len()).map(|row| match &formatter {
        _ if !known(&row) => Ok(None),
        Ok(formatter) => formatter.value(row).try_to_string().map(Some).map_err(|_| unwritten(row)),
        Err(_) => Err(unwritten(row)),
    });
    rows.collect()
}

/// Times with a zone under that of the instants: a table of zones is not needed then.
fn instants(column: &ArrayRef) -> ArrayRef {
    let DataType::Timestamp(unit, Some(_)) = column.data_type() else { return column.clone() };
    let kind = DataType::Timestamp(*unit, Some("+00:00".into()));
    let built = column.to_data().into_builder().data_type(kind).build();
    built.map_or_else(|_| column.clone(), make_array)
}

/// Lists of texts as JSON, in which a null is a null.
fn lists(column: &ArrayRef) -> Option<Result<StringArray, Unwritten>> {
    let row_of = |row: usize| match column.data_type() {
        DataType::List(_) => Some(column.as_list::<i32>().value(row)),
        DataType::LargeList(_) => Some(column.as_list::<i64>().value(row)),
        DataType::FixedSizeList(..) => Some(column.as_fixed_size_list().value(row)),
        _ => None,
    };
    let (DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _)) = column.data_type() else {
        return None;
    };
    let text = |kind: &DataType| matches!(kind, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View);
    if !text(item.data_type()) && !matches!(item.data_type(), DataType::Dictionary(_, of) if text(of)) {
        return None;
    }
    let json = |row: usize| -> Result<Option<String>, Unwritten> {
        if column.is_null(row) {
            return Ok(None);
        }
        let Some(items) = row_of(row) else { return Ok(None) };
        let items = texts(&items).map_err(|inner| Unwritten { row, ..inner })?;
        Ok(Some(items.iter().map(Json::from).collect::<Json>().to_string()))
    };
    Some((0..column.len()).map(json).collect())
}
