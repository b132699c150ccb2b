//! Nothing in the data is lost without a word: what `docs/decide.md` says is unknown is unknown, and whatever else cannot be read is refused. What must
//! come out is what the rows say to whoever reads them.

use std::sync::Arc;

use arrow::array::{
    Array as _, ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, ListArray, ListBuilder, RecordBatch,
    StringArray, StringBuilder, StructArray, TimestampMillisecondArray,
};
use arrow::buffer::NullBuffer;
use arrow::datatypes::{DataType, Field, Schema};
use parquet::file::properties::WriterProperties;

use super::parquet_bytes;
use super::support::{Place, Ran};

/// Each rule by one input, so that the answer says what was read.
pub const REGIME: &str = "regime demo\nunit EUR\nrecord Maker { living : bool, known : bool }\n\
    input date : date from 2024-01-01 to 2025-12-31\ninput maker : Maker\ninput marks : set of { stolen, found }\n\
    input worth : number of EUR from 0 to 10_000 step 0.01\n\
    decision duty : set of { A, B, C, D, E } takes all\n\
    rule living \"1\" when maker.living then duty includes A\nrule late \"2\" when date >= 2025-01-13 then duty includes B\n\
    rule stolen \"3\" when marks has stolen then duty includes C\nrule dear \"4\" when worth > 100 EUR then duty includes D\n\
    rule known \"5\" when maker.known then duty includes E\n";

/// Its table in `out`.
pub fn demo() -> Place {
    let place = Place::with(&[("demo.lxp", REGIME)]);
    let ran = place.run("build demo.lxp --to json -o out");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    place
}

/// The command says all this, whatever the width of lines.
pub fn says(ran: &Ran, code: i32, words: &[&str]) {
    assert_eq!(ran.code, Some(code), "{}", ran.all());
    let said = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
    for word in words {
        assert!(said.contains(word), "it does not say {word:?}:\n{}", ran.all());
    }
}

/// Rows of a file are refused, and nothing is written.
fn refused(place: &Place, file: &str, rows: &[u8], words: &[&str]) {
    place.put(file, rows);
    says(&place.run(&format!("decide out --in {file} --out answers.csv")), 2, words);
    assert!(!place.path().join("answers.csv").exists(), "{file}");
}

const HEAD: &str = "maker.living,maker.known,date,marks,worth,note\n";

#[test]
fn quotation_marks_swallow_nothing() {
    let place = demo();
    let row = "true,true,2025-01-13,{stolen},5";
    for (rows, line) in [
        // Never closed; closed by the next one, which stands in the midst of a cell.
        (format!("{HEAD}{row},\"a\n{row},b\n{row},c\n"), "rows.csv:2:"),
        (format!("{HEAD}{row},a\n\n{row},\"b\n{row},c\n{row},\"d\"\n"), "rows.csv:4:"),
        (format!("{HEAD}{row},\"co\"in\n"), "rows.csv:2:"),
        (format!("{HEAD}{row},\"co\" \n"), "rows.csv:2:"),
    ] {
        refused(&place, "rows.csv", rows.as_bytes(), &["LX5002", line, "the quotation mark that opens here"]);
        refused(&place, "rows.csv", rows.replace('\n', "\r\n").as_bytes(), &["LX5002", line]);
    }
    // As RFC 4180 has it: marks written twice, commas and ends of lines in a cell; a mark in a cell that does not begin with one.
    let cells = ["\"a \"\"b\"\", c\"", "\"two\nlines\"", "5\" pipe", "\"\""];
    let rows = cells.map(|cell| format!("{row},{cell}\n")).concat();
    let ran = place.run_with(&["decide", "out", "--keep", "note"], format!("{HEAD}{rows}").as_bytes());
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    let mut reader = csv::Reader::from_reader(ran.out.as_bytes());
    let notes: Vec<String> = reader.records().map(|row| row.expect("a row")[0].to_owned()).collect();
    assert_eq!(notes, ["a \"b\", c", "two\nlines", "5\" pipe", ""]);
}

/// The line that an editor shows, whatever ends the lines and however many are empty.
#[test]
fn lines_are_those_of_the_file() {
    let place = demo();
    let rows = "date,note\n2025-01-13,\n\n\n2025-01-14,\"a\nb\"\nnever,\n";
    for end in ["\n", "\r\n", "\r"] {
        refused(&place, "rows.csv", rows.replace('\n', end).as_bytes(), &["rows.csv:7: `date`: `never`"]);
        refused(&place, "rows.csv", format!("\u{FEFF}{}", rows.replace('\n', end)).as_bytes(), &["rows.csv:7:"]);
    }
}

#[test]
fn files_of_another_kind_are_told() {
    let place = demo();
    let wide: Vec<u8> = "\u{FEFF}date\n2025-01-13\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    refused(&place, "rows.csv", &wide, &["LX5002", "UTF-16", "UTF-8"]);
    refused(&place, "rows.ndjson", &wide[2..], &["UTF-16"]);
    refused(&place, "rows.csv", b"PK\x03\x04\x14\x00", &["spreadsheet", "CSV UTF-8"]);
    refused(&place, "rows.xlsx", b"PK\x03\x04\x14\x00", &["LX5004", "spreadsheet", "CSV UTF-8"]);
}

#[test]
fn records_are_read_as_in_case_files() {
    let place = demo();
    let rest = r#""date": "2025-01-13", "marks": ["stolen"], "worth": 100"#;
    for row in [
        format!(r#"{{"maker": {{"living": true, "known": false}}, {rest}}}"#),
        format!(r#"{{"maker.living": true, "maker": {{"known": false}}, {rest}}}"#),
        format!(r#"{{"maker.living": true, "maker.known": false, {rest}}}"#),
    ] {
        let ran = place.run_with(&["decide", "out"], row.as_bytes());
        assert_eq!(ran.code, Some(0), "{}", ran.all());
        assert!(ran.out.contains(r#""duty":["A","B","C"]"#), "{}", ran.all());
        // What was given comes out as it was.
        let (given, answer): (serde_json::Value, serde_json::Value) =
            (serde_json::from_str(&row).expect("JSON"), serde_json::from_str(&ran.out).expect("JSON"));
        for (key, value) in given.as_object().expect("an object") {
            assert_eq!(&answer[key], value, "{}", ran.out);
        }
        place.put("case.json", row.as_bytes());
        let explained = place.run("explain demo.lxp --case case.json");
        assert!(explained.out.contains("{A, B, C}") || explained.out.contains("A, B and C"), "{}", explained.all());
    }
    for (row, words) in [
        (r#"{"maker.living": true, "maker": {"living": false}}"#, vec!["rows.ndjson:1", "`maker.living` is given twice"]),
        (r#"{"maker": {"living": false}, "maker.living": true}"#, vec!["`maker.living` is given twice"]),
        (r#"{"maker": {"living": false, "living": true}}"#, vec!["`maker.living` is given twice"]),
        (r#"{"maker": {"livng": false, "known": true}}"#, vec!["`maker.livng`", "did you mean `maker.living`?"]),
        (r#"{"makers": {"living": false}, "worth": 5}"#, vec!["`makers`", "did you mean `maker.living`?"]),
        (r#"{"maker": "Rembrandt", "worth": 5}"#, vec!["`maker`", "maker.living"]),
        (r#"{"maker": 5}"#, vec!["`maker` is a record"]),
        (r#"{"marks": ["stolen", null]}"#, vec!["rows.ndjson:1", "`marks`"]),
        (r#"{"marks": ["stolen,found"]}"#, vec!["rows.ndjson:1", "`marks`"]),
        (r#"{"worth": {"a": 1}}"#, vec!["rows.ndjson:1", "`worth`"]),
    ] {
        refused(&place, "rows.ndjson", row.as_bytes(), &words);
    }
    // Nothing is known of it: that is no mistake.
    let ran = place.run_with(&["decide", "out"], br#"{"maker": null, "worth": 5}"#);
    assert_eq!(ran.code, Some(0), "{}", ran.all());
}

/// The other columns, in which all is known.
fn with(column: &str, array: ArrayRef) -> Vec<(&str, ArrayRef)> {
    let rows = array.len();
    let mut columns: Vec<(&str, ArrayRef)> = vec![
        ("date", Arc::new(Date32Array::from(vec![20_101; rows]))),
        ("maker.living", Arc::new(BooleanArray::from(vec![true; rows]))),
        ("maker.known", Arc::new(BooleanArray::from(vec![false; rows]))),
        ("marks", Arc::new(StringArray::from(vec!["{stolen}"; rows]))),
        ("worth", Arc::new(Decimal128Array::from(vec![500; rows]).with_precision_and_scale(10, 2).expect("a scale"))),
    ];
    columns.retain(|(name, _)| *name != column && !name.starts_with(&format!("{column}.")));
    columns.push((column, array));
    columns
}

fn marks(rows: &[Option<&[Option<&str>]>]) -> ListArray {
    let mut builder = ListBuilder::new(StringBuilder::new());
    for row in rows {
        match row {
            Some(items) => builder.append_value(items.iter().copied()),
            None => builder.append(false),
        }
    }
    builder.finish()
}

#[test]
fn what_cannot_be_read_is_never_unknown() {
    let place = demo();
    let midnight = 20_101 * 86_400_000;
    let time =
        |zone: &str, at: i64| -> ArrayRef { Arc::new(TimestampMillisecondArray::from(vec![None, Some(at)]).with_timezone(zone)) };
    let date = ["LX5002", "rows.parquet:2: `date`"];
    for zone in ["Europe/Paris", "America/New_York", "+02:00"] {
        refused(
            &place,
            "rows.parquet",
            &parquet_bytes(with("date", time(zone, midnight))),
            &[&date[..], &[zone, "column of days"]].concat(),
        );
    }
    refused(
        &place,
        "rows.parquet",
        &parquet_bytes(with("date", time("UTC", midnight + 1_000))),
        &[&date[..], &["has a time of day"]].concat(),
    );
    let bytes: ArrayRef = Arc::new(BinaryArray::from(vec![&b"{stolen}"[..], b"\xff"]));
    refused(&place, "rows.parquet", &parquet_bytes(with("marks", bytes)), &["rows.parquet:2: `marks`", "no UTF-8"]);
    let listed: ArrayRef = Arc::new(marks(&[Some(&[Some("stolen")]), Some(&[Some("stolen"), None])]));
    refused(&place, "rows.parquet", &parquet_bytes(with("marks", listed)), &["rows.parquet:2: `marks`"]);
    // A midnight of UTC is a day there; a list without nulls is a set; what the file calls null is unknown.
    place.put("rows.parquet", &parquet_bytes(with("date", time("UTC", midnight))));
    let ran = place.run("decide out --in rows.parquet --to csv --keep none");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    let lines: Vec<&str> = ran.out.lines().skip(1).collect();
    assert!(lines[0].ends_with("date") && lines[1].starts_with("\"{A, B, C}\""), "{}", ran.out);
    place.put("rows.parquet", &parquet_bytes(with("marks", Arc::new(marks(&[Some(&[Some("stolen")]), Some(&[]), None])))));
    let ran = place.run("decide out --in rows.parquet --to csv --keep none");
    let lines: Vec<&str> = ran.out.lines().skip(1).collect();
    assert!(
        lines[0].starts_with("\"{A, B, C}\"") && lines[1].starts_with("\"{A, B}\"") && lines[2].ends_with("marks"),
        "{}",
        ran.all()
    );
}

#[test]
fn structures_of_parquet_are_records() {
    let place = demo();
    let fields = ["living", "known"].map(|name| Arc::new(Field::new(name, DataType::Boolean, true)));
    let of = |values: [bool; 3]| -> ArrayRef { Arc::new(BooleanArray::from(values.to_vec())) };
    let nulls = NullBuffer::from(vec![true, true, false]);
    let maker = StructArray::new(fields.to_vec().into(), vec![of([true, false, true]), of([false; 3])], Some(nulls));
    place.put("rows.parquet", &parquet_bytes(with("maker", Arc::new(maker))));
    let ran = place.run("decide out --in rows.parquet --to csv --keep none");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    let lines: Vec<&str> = ran.out.lines().skip(1).collect();
    assert!(lines[0].starts_with("\"{A, B, C}\"") && lines[1].starts_with("\"{B, C}\""), "{}", ran.out);
    assert!(lines[2].starts_with(',') && lines[2].contains("maker.living"), "a record that is null is unknown: {}", ran.out);
}

#[test]
fn two_columns_of_one_name_are_refused() {
    let place = demo();
    let column = |text: &str| -> ArrayRef { Arc::new(StringArray::from(vec![text])) };
    let schema = Arc::new(Schema::new(vec![Field::new("date", DataType::Utf8, true), Field::new("date", DataType::Utf8, true)]));
    let batch = RecordBatch::try_new(schema.clone(), vec![column("2025-01-13"), column("2024-01-13")]).expect("rows");
    let mut bytes = Vec::new();
    let mut writer = parquet::arrow::ArrowWriter::try_new(&mut bytes, schema, None).expect("a writer");
    writer.write(&batch).expect("written");
    writer.close().expect("closed");
    refused(&place, "rows.parquet", &bytes, &["LX5002", "`date` stands twice"]);
}

#[test]
fn columns_that_are_nearly_inputs_are_told() {
    let place = demo();
    for (column, input) in [("dat", "date"), ("day", "date"), ("Dates", "date"), ("mark", "marks"), ("wort", "worth")] {
        let near = format!("did you mean `{input}`?");
        refused(&place, "rows.csv", format!("maker.known,{column}\ntrue,\n").as_bytes(), &[&format!("`{column}`"), &near]);
    }
    // Others are not; nor is one that is near to a column that there is.
    for column in ["id", "no", "maker", "value", "who"] {
        let rows = format!("date,maker.known,maker.living,{column}\n2025-01-13,true,true,1\n");
        let ran = place.run_with(&["decide", "out"], rows.as_bytes());
        assert_eq!(ran.code, Some(0), "{column}: {}", ran.all());
    }
    let ran = place.run_with(&["decide", "out"], b"date,day\n2025-01-13,Monday\n");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
}

#[test]
fn numbers_are_written_as_the_language_writes_them() {
    let place = demo();
    for (text, fits) in [
        ("1_500", true),
        ("1500.5", true),
        ("1.500", true),
        ("_1500", false),
        ("1500_", false),
        ("1__500", false),
        ("5.", false),
        ("1_.5", false),
    ] {
        place.put("rows.csv", format!("worth\n{text}\n").as_bytes());
        let ran = place.run("decide out --in rows.csv");
        says(&ran, if fits { 0 } else { 2 }, if fits { &[] } else { &["is not a number"] });
    }
}

/// So many rows in row groups of so many at the most: what a row must come to is its number.
fn numbered(rows: usize, group: usize) -> Vec<u8> {
    let flags = |is: fn(usize) -> bool| -> ArrayRef { Arc::new((0..rows).map(|row| Some(is(row))).collect::<BooleanArray>()) };
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("note", Arc::new(StringArray::from_iter_values((0..rows).map(|row| format!("n{row}"))))),
        ("maker.living", flags(|row| row % 2 == 1)),
        ("maker.known", flags(|row| row / 2 % 2 == 1)),
        ("date", Arc::new(Date32Array::from_iter_values((0..rows).map(|row| if row / 4 % 2 == 1 { 20_101 } else { 20_100 })))),
        ("marks", Arc::new(StringArray::from_iter_values((0..rows).map(|row| if row / 8 % 2 == 1 { "{stolen}" } else { "{}" })))),
        ("worth", Arc::new(StringArray::from_iter_values((0..rows).map(|row| if row / 16 % 2 == 1 { "100.01" } else { "100" })))),
    ];
    let batch = RecordBatch::try_from_iter(columns).expect("rows");
    let groups = WriterProperties::builder().set_max_row_group_row_count(Some(group)).build();
    let mut bytes = Vec::new();
    let mut writer = parquet::arrow::ArrowWriter::try_new(&mut bytes, batch.schema(), Some(groups)).expect("a writer");
    writer.write(&batch).expect("written");
    writer.close().expect("closed");
    bytes
}

/// The bits of a row's number are what it must come to: rule by rule as in [`REGIME`].
fn answer(row: usize) -> String {
    let all = [(0, "A"), (2, "B"), (3, "C"), (4, "D"), (1, "E")];
    let is: Vec<&str> = all.into_iter().filter(|(bit, _)| row >> bit & 1 == 1).map(|(_, name)| name).collect();
    format!("{{{}}}", is.join(", "))
}

#[test]
fn row_groups_and_threads_change_nothing() {
    let place = demo();
    for (rows, group) in [(70_000, 1 << 20), (70_000, 33_000), (700, 7), (1, 1), (0, 1)] {
        place.put("rows.parquet", &numbered(rows, group));
        for jobs in [1, 2, 5, 64] {
            let ran = place.run(&format!("decide out --in rows.parquet --to csv --keep note --jobs {jobs}"));
            assert_eq!(ran.code, Some(0), "{}", ran.all());
            let mut reader = csv::Reader::from_reader(ran.out.as_bytes());
            let read: Vec<(String, String)> = reader
                .records()
                .map(|record| record.map(|record| (record[0].to_owned(), record[1].to_owned())).expect("a row"))
                .collect();
            let expected: Vec<(String, String)> = (0..rows).map(|row| (format!("n{row}"), answer(row))).collect();
            assert!(read == expected, "{rows} rows in groups of {group}, {jobs} jobs");
        }
    }
}

#[test]
fn a_parquet_file_that_is_broken_in_the_midst_is_refused_whole() {
    let place = demo();
    let good = numbered(70_000, 20_000);
    // The end says where everything stands, and it stands there no more.
    for at in [good.len() / 3, good.len() / 2, good.len() * 3 / 4] {
        let mut bad = good.clone();
        bad[at..at + 4000].fill(0xff);
        for jobs in [1, 3] {
            place.put("rows.parquet", &bad);
            let ran = place.run(&format!("decide out --in rows.parquet --out answers.csv --jobs {jobs}"));
            says(&ran, 2, &["LX5002", "rows.parquet: after row "]);
            assert!(!place.path().join("answers.csv").exists(), "{at}");
        }
    }
    // Where pages have checksums (pyarrow's `write_page_checksum`), one figure of a text is enough.
    let checked = include_bytes!("checked.parquet");
    place.put("checked.parquet", checked);
    let ran = place.run("decide out --in checked.parquet --to csv --keep note");
    assert!(ran.code == Some(0) && ran.out.contains("\nn7,"), "{}", ran.all());
    let mut bad = checked.to_vec();
    let at = bad.windows(2).position(|bytes| bytes == b"n7").expect("the text of the last row");
    bad[at + 1] = b'6';
    refused(&place, "rows.parquet", &bad, &["LX5002", "CRC checksum mismatch"]);
    let cut = [&good[..1000], &good[good.len() - 8..]].concat();
    refused(&place, "rows.parquet", &cut, &["LX5002", "is not a Parquet file"]);
}

#[test]
fn a_wrong_value_says_how_often_it_stands() {
    let place = demo();
    let rows: String = (0..40).map(|row| if row % 2 == 0 { "true,never\n" } else { "perhaps,2025-01-13\n" }).collect();
    refused(
        &place,
        "rows.csv",
        format!("maker.living,date\n{rows}").as_bytes(),
        &["rows.csv:2: `date`", "rows.csv:3: `maker.living`", "it stands in 19 more rows of what was read so far"],
    );
    // A heading with something behind the name of an input is taken for it.
    refused(&place, "rows.csv", b"maker.living,worth (EUR)\ntrue,5\n", &["`worth (EUR)`", "did you mean `worth`?"]);
}
