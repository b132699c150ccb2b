//! NDJSON: an object on each line. A record may be an object with its parts, as in a case file, or each part a key of its own; not both.

use std::io::{BufRead as _, BufReader, Read as _};
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use serde::de::{Deserialize as _, DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::diagnostic::Diagnostic;

use super::{Batch, Counted, LONGEST, Names, ROWS, bad, too_long};

/// Objects, one on each line.
pub(super) struct Ndjson {
    reader: BufReader<Counted>,
    line: u64,
    names: Names,
}

impl Ndjson {
    /// From its beginning.
    pub fn new(reader: BufReader<Counted>, names: Names) -> Ndjson {
        Ndjson { reader, line: 0, names }
    }

    /// The next rows.
    ///
    /// # Errors
    /// Where a line is not one object.
    pub fn batch(&mut self, name: &str) -> Result<Option<Batch>, Diagnostic> {
        let (mut lines, mut objects, mut given) = (Vec::new(), Vec::new(), Vec::new());
        let mut bytes = Vec::new();
        while lines.len() < ROWS {
            bytes.clear();
            let next = self.line + 1;
            let count = (&mut self.reader).take(LONGEST as u64 + 1).read_until(b'\n', &mut bytes);
            if count.map_err(|error| bad(format!("{name}:{next}: {error}")))? == 0 {
                break;
            }
            if bytes.len() > LONGEST {
                return Err(too_long(name, next));
            }
            self.line = next;
            let text = std::str::from_utf8(&bytes).map_err(|_| bad(format!("{name}:{next}: the line is not UTF-8 text")))?;
            let text = if next == 1 { text.trim_start_matches('\u{FEFF}') } else { text };
            if text.trim().is_empty() {
                continue;
            }
            let row = self.row(text).map_err(|error| strange(name, next, text, &error))?;
            if let Some(whole) = row.given {
                // The rows before had no records with parts: they are as they were written.
                given.extend(objects[given.len()..].iter().cloned());
                given.push(whole);
            }
            lines.push(next);
            objects.push(row.flat);
        }
        if lines.is_empty() {
            return Ok(None);
        }
        let more = !self.reader.fill_buf().map_err(|error| bad(format!("{name}:{}: {error}", self.line + 1)))?.is_empty();
        let given = (!given.is_empty()).then(|| {
            given.extend(objects[given.len()..].iter().cloned());
            given
        });
        let mut names: indexmap::IndexSet<&str, rustc_hash::FxBuildHasher> = indexmap::IndexSet::default();
        for object in &objects {
            names.extend(object.keys().map(String::as_str));
        }
        let mut fields = Vec::new();
        let mut arrays: Vec<ArrayRef> = Vec::new();
        for column in &names {
            fields.push(Field::new(*column, DataType::Utf8, true));
            let cells: StringArray = objects.iter().map(|object| object.get(*column).and_then(cell)).collect();
            arrays.push(Arc::new(cells));
        }
        let options = RecordBatchOptions::new().with_row_count(Some(lines.len()));
        let rows = RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), arrays, &options)
            .map_err(|error| bad(format!("{name}: {error}")))?;
        let declared = rows.schema();
        Ok(Some(Batch { rows, lines, objects: Some(objects), given, declared, more }))
    }

    fn row(&self, text: &str) -> serde_json::Result<Row> {
        let mut from = serde_json::Deserializer::from_str(text);
        let row = Object { names: &self.names }.deserialize(&mut from)?;
        from.end()?;
        Ok(row)
    }
}

/// Why a line is no row.
fn strange(name: &str, line: u64, text: &str, error: &serde_json::Error) -> Diagnostic {
    let what = error.to_string();
    let what = what.rsplit_once(" at line ").map_or(what.as_str(), |(what, _)| what);
    let start = text.trim_start();
    if start.starts_with('[') {
        let column = text.chars().count() - start.chars().count() + 1;
        return bad(format!("{name}:{line}:{column}: a list, not one JSON object"))
            .help("write one object on each line, without `[` and `]` around them");
    }
    // Of a value of another kind the reader knows no column.
    bad(format!("{name}:{line}:{}: not one JSON object: {what}", error.column().max(1))).help("write one object on each line")
}

/// A row in which no key stands twice: of two values neither may be dropped without a word.
struct Row {
    /// By path.
    flat: Map<String, Value>,
    /// As it was written, where a record in it has parts.
    given: Option<Map<String, Value>>,
}

/// Reads a row.
struct Object<'n> {
    names: &'n Names,
}

impl<'de> DeserializeSeed<'de> for Object<'_> {
    type Value = Row;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Row, D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Object<'_> {
    type Value = Row;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Row, A::Error> {
        let (mut flat, mut given): (Map<String, Value>, Option<Map<String, Value>>) = (Map::new(), None);
        while let Some(key) = entries.next_key::<String>()? {
            if !self.names.records.contains(&key) {
                let value: Value = entries.next_value()?;
                if let Some(given) = &mut given {
                    given.insert(key.clone(), value.clone());
                }
                put(&mut flat, key, value)?;
                continue;
            }
            let whole = given.get_or_insert_with(|| flat.clone());
            if whole.contains_key(&key) {
                return Err(A::Error::custom(format!("`{key}` is given twice")));
            }
            let value = entries.next_value_seed(Part { path: key.clone(), names: self.names, flat: &mut flat })?;
            whole.insert(key, value);
        }
        Ok(Row { flat, given })
    }
}

fn put<E: serde::de::Error>(flat: &mut Map<String, Value>, key: String, value: Value) -> Result<(), E> {
    if flat.contains_key(&key) {
        return Err(E::custom(format!("`{key}` is given twice")));
    }
    flat.insert(key, value);
    Ok(())
}

/// Reads what stands under the name of a record, or of a part of one: into `flat` by its path, and as it is.
struct Part<'a> {
    path: String,
    names: &'a Names,
    flat: &'a mut Map<String, Value>,
}

impl<'de> DeserializeSeed<'de> for Part<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        if self.names.records.contains(&self.path) {
            return from.deserialize_any(self);
        }
        let value = Value::deserialize(from)?;
        put(self.flat, self.path, value.clone())?;
        Ok(value)
    }
}

impl Part<'_> {
    fn number<E: serde::de::Error>(&self) -> E {
        E::custom(format!("`{}` is a record, not a number", self.path))
    }

    /// What is no object has no parts; what is missing is found when the row is looked at.
    fn single<E: serde::de::Error>(self, value: Value) -> Result<Value, E> {
        put(self.flat, self.path, value.clone())?;
        Ok(value)
    }
}

impl<'de> Visitor<'de> for Part<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "an object with the parts of `{}`", self.path)
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Value, E> {
        self.single(Value::Null)
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<Value, E> {
        self.single(value.into())
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Value, E> {
        self.single(value.into())
    }

    fn visit_u64<E: serde::de::Error>(self, _: u64) -> Result<Value, E> {
        Err(self.number())
    }

    fn visit_i64<E: serde::de::Error>(self, _: i64) -> Result<Value, E> {
        Err(self.number())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut all: Vec<Value> = Vec::new();
        while let Some(item) = items.next_element()? {
            all.push(item);
        }
        self.single(all.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut whole = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            // A number of any length comes as an object with one key of the reader's own.
            if key.starts_with("$serde_json::private") {
                return Err(self.number());
            }
            let path = format!("{}.{key}", self.path);
            if whole.contains_key(&key) {
                return Err(A::Error::custom(format!("`{path}` is given twice")));
            }
            let value = entries.next_value_seed(Part { path, names: self.names, flat: self.flat })?;
            whole.insert(key, value);
        }
        Ok(Value::Object(whole))
    }
}

/// A JSON value as a cell of text; a list of texts as `{A, B}`.
fn cell(value: &Value) -> Option<String> {
    Some(match value {
        Value::Null => return None,
        Value::String(text) => text.clone(),
        // A text with a comma is no member, and must not be read as two.
        Value::Array(items) if items.iter().all(|item| item.as_str().is_some_and(|text| !text.contains([',', '{', '}']))) => {
            let names: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            format!("{{{}}}", names.join(", "))
        }
        other => other.to_string(),
    })
}
