//! `decide` says the same of the same rows, whatever the form of the file and the types of its columns: text, whole numbers, decimals, days,
//! dictionaries; with unknown cells and without.

#[path = "agree/numbers.rs"]
mod numbers;
mod support;
#[path = "decide/whole.rs"]
mod whole;
#[path = "decide/written.rs"]
mod written;

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Int32Array, Int64Array, RecordBatch, StringArray,
    TimestampMillisecondArray,
};
use arrow::datatypes::{DataType, Int32Type};
use numbers::Numbers;
use support::Place;

const REGIME: &str = include_str!("interop/everything.lxp");

/// Rows as text, by input.
fn rows(count: usize, unknown: u64) -> Vec<(&'static str, Vec<Option<String>>)> {
    let mut numbers = Numbers::new(3);
    let mut column = |name: &'static str, text: &dyn Fn(&mut Numbers) -> String| {
        let cells = (0..count)
            .map(|_| {
                let cell = text(&mut numbers);
                (!numbers.chance(unknown)).then_some(cell)
            })
            .collect();
        (name, cells)
    };
    let one_of =
        |all: &'static [&'static str]| move |numbers: &mut Numbers| all[numbers.below(all.len() as u64) as usize].to_owned();
    let hundredths = |most: u64| {
        move |numbers: &mut Numbers| format!("{}.{:02}", numbers.below(most), [0, 0, 50, 99][numbers.below(4) as usize])
    };
    let countries = one_of(&["BR", "CN", "MO", "NL", "DE", "select"]);
    vec![
        column("date", &|numbers| lexport::ir::date_text(19_272 + numbers.below(1900) as i64)),
        column("item", &one_of(&["3A090.a", "3A090.b", "4A090.a", "EAR99"])),
        column("destination", &countries),
        column("origin", &countries),
        column("headquarters", &countries),
        column("performance", &hundredths(9_000)),
        column("area", &hundredths(900)),
        column("price", &hundredths(90_000_000)),
        column("quantity", &|numbers| numbers.below(1_000_000).to_string()),
        column("balance", &|numbers| format!("{}.125", numbers.below(30_000) as i64 - 15_000)),
        column("datacenter", &one_of(&["true", "false"])),
        column("import", &one_of(&["true", "false"])),
        column("asked", &one_of(&["{}", "{NAC}", "{LPP, ACA}", "{NAC, LPP, ACA, lambda}"])),
    ]
}

fn csv_text(columns: &[(&str, Vec<Option<String>>)]) -> String {
    let mut out = columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(",") + "\n";
    for row in 0..columns[0].1.len() {
        let cells: Vec<String> =
            columns.iter().map(|(_, cells)| format!("\"{}\"", cells[row].as_deref().unwrap_or(""))).collect();
        out += &(cells.join(",") + "\n");
    }
    out
}

fn parquet_bytes(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    let batch =
        RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, column)| (name, column, true))).expect("rows");
    let mut bytes = Vec::new();
    let mut writer = parquet::arrow::ArrowWriter::try_new(&mut bytes, batch.schema(), None).expect("a writer");
    writer.write(&batch).expect("written");
    writer.close().expect("closed");
    bytes
}

/// A column in the type that a careful exporter would give it.
fn typed(name: &str, cells: &[Option<String>]) -> ArrayRef {
    let scaled = |text: &String, scale: usize| {
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        format!("{whole}{part:0<scale$}").parse::<i128>().expect("a number")
    };
    let decimals = |scale: usize| -> ArrayRef {
        let values: Decimal128Array = cells.iter().map(|cell| cell.as_ref().map(|text| scaled(text, scale))).collect();
        Arc::new(values.with_precision_and_scale(38, scale as i8).expect("a scale"))
    };
    let texts = || cells.iter().map(Option::as_deref);
    match name {
        "date" => {
            Arc::new(texts().map(|day| day.map(|day| lexport::ir::date_day(day).expect("a day") as i32)).collect::<Date32Array>())
        }
        "destination" | "item" => Arc::new(texts().collect::<DictionaryArray<Int32Type>>()),
        // More digits than a step has, and fewer.
        "performance" => decimals(5),
        "area" => decimals(2),
        "balance" => decimals(3),
        "price" => decimals(4),
        "quantity" => {
            Arc::new(texts().map(|cell| cell.map(|text| text.parse::<i32>().expect("a number"))).collect::<Int32Array>())
        }
        "datacenter" => Arc::new(texts().map(|cell| cell.map(|text| text == "true")).collect::<BooleanArray>()),
        _ => Arc::new(texts().collect::<StringArray>()),
    }
}

fn built() -> Place {
    let place = Place::with(&[("everything.lxp", REGIME)]);
    let ran = place.run("build everything.lxp --to json -o out");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    place
}

/// The columns that the answer added, as lines.
fn answers(place: &Place, command: &str, added: usize) -> Vec<String> {
    let ran = place.run(command);
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    let text = place.read("answers.csv");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.records().map(|record| record.expect("a row").iter().skip(added).collect::<Vec<_>>().join("|")).collect()
}

#[test]
fn columns_of_every_type_are_read_alike() {
    for unknown in [0, 15] {
        let place = built();
        let columns = rows(4_000, unknown);
        place.put("rows.csv", csv_text(&columns).as_bytes());
        let text: Vec<(&str, ArrayRef)> = columns
            .iter()
            .map(|(name, cells)| (*name, Arc::new(cells.iter().map(Option::as_deref).collect::<StringArray>()) as ArrayRef))
            .collect();
        place.put("text.parquet", &parquet_bytes(text));
        place.put("typed.parquet", &parquet_bytes(columns.iter().map(|(name, cells)| (*name, typed(name, cells))).collect()));
        let expected = answers(&place, "decide out --in rows.csv --out answers.csv", columns.len());
        assert_eq!(expected.len(), 4_000);
        let different: std::collections::BTreeSet<&String> = expected.iter().collect();
        assert!(different.len() > 50, "{} different answers", different.len());
        assert_eq!(expected.iter().any(|line| !line.ends_with('|')), unknown > 0, "what to ask is told where something is open");
        for file in ["text.parquet", "typed.parquet"] {
            let found = answers(&place, &format!("decide out --in {file} --out answers.csv"), columns.len());
            assert!(found == expected, "{file}: {:?}", found.iter().zip(&expected).find(|(found, expected)| found != expected));
        }
    }
}

#[test]
fn values_that_no_step_reaches_are_told_by_their_row() {
    let place = built();
    let columns = rows(50, 0);
    let mut typed: Vec<(&str, ArrayRef)> = columns.iter().map(|(name, cells)| (*name, typed(name, cells))).collect();
    let mut worse = typed.clone();
    // Of a step of 0.01: 12.345.
    let mut decimals = vec![1_000i128; 50];
    decimals[17] = 12_345;
    typed[6].1 = Arc::new(Decimal128Array::from(decimals).with_precision_and_scale(38, 3).expect("a scale"));
    place.put("rows.parquet", &parquet_bytes(typed));
    let ran = place.run("decide out --in rows.parquet --out answers.csv");
    assert_eq!(ran.code, Some(2), "{}", ran.all());
    assert!(ran.err.contains("rows.parquet:18") && ran.err.contains("area") && ran.err.contains("12.345"), "{}", ran.err);
    assert!(!place.path().join("answers.csv").exists(), "nothing half-done");
    // More than there may be, and a member that is none in a dictionary.
    worse[8].1 = Arc::new(Int64Array::from_iter_values((0..50).map(|row| if row == 3 { 2_000_000_000 } else { row })));
    let texts: DictionaryArray<Int32Type> = (0..50).map(|row| Some(if row == 5 { "Atlantis" } else { "CN" })).collect();
    worse[2].1 = Arc::new(texts);
    place.put("rows.parquet", &parquet_bytes(worse));
    let ran = place.run("decide out --in rows.parquet --out answers.csv");
    assert_eq!(ran.code, Some(2), "{}", ran.all());
    assert!(
        ran.err.contains("rows.parquet:4") && ran.err.contains("rows.parquet:6") && ran.err.contains("Atlantis"),
        "{}",
        ran.err
    );
}

#[test]
fn an_answer_in_parquet_declares_the_columns_as_they_were() {
    let place = built();
    let columns = rows(100, 10);
    place.put("rows.parquet", &parquet_bytes(columns.iter().map(|(name, cells)| (*name, typed(name, cells))).collect()));
    let ran = place.run("decide out --in rows.parquet --out answers.parquet");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    let schema = |file: &str| {
        let file = std::fs::File::open(place.path().join(file)).expect("a file");
        parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(file).expect("Parquet").schema().clone()
    };
    let (before, after) = (schema("rows.parquet"), schema("answers.parquet"));
    for field in before.fields() {
        assert_eq!(after.field_with_name(field.name()).expect("it is carried along").data_type(), field.data_type());
    }
    assert_eq!(after.field_with_name("requirement").expect("an answer").data_type(), &DataType::Utf8);
}

/// What is carried along is the same in every form, and the answers do not depend on it.
#[test]
fn only_the_columns_that_are_kept_are_carried_along() {
    let place = built();
    let columns = rows(300, 10);
    place.put("rows.csv", csv_text(&columns).as_bytes());
    place.put("rows.parquet", &parquet_bytes(columns.iter().map(|(name, cells)| (*name, typed(name, cells))).collect()));
    let all = answers(&place, "decide out --in rows.csv --out answers.csv", columns.len());
    for file in ["rows.csv", "rows.parquet"] {
        for (keep, names) in
            [("none", vec![]), ("quantity", vec!["quantity"]), ("quantity,destination", vec!["destination", "quantity"])]
        {
            let found = answers(&place, &format!("decide out --in {file} --out answers.csv --keep {keep}"), names.len());
            assert!(found == all, "{file}, {keep}");
            let text = place.read("answers.csv");
            let header: Vec<&str> = text.lines().next().expect("a header").split(',').collect();
            // In the order of the input.
            assert_eq!(&header[..names.len()], names.as_slice(), "{file}, {keep}");
            assert_eq!(header[names.len()], "class", "{file}, {keep}");
        }
    }
    let ran = place.run("decide out --in rows.parquet --out answers.parquet --keep none");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    let line = r#"{"order": 7, "date": "2024-01-01", "destination": "CN"}"#;
    place.put("rows.ndjson", line.as_bytes());
    let ran = place.run("decide out --in rows.ndjson --keep order");
    assert!(ran.out.starts_with(r#"{"order":7,""#), "{}", ran.all());
    let ran = place.run("decide out --in rows.csv --keep quantty");
    assert_eq!(ran.code, Some(2), "{}", ran.all());
    assert!(ran.err.contains("`--keep quantty`") && ran.err.contains("`quantity`"), "{}", ran.err);
}

/// A day is a day: a timestamp is one at midnight, and no time of day is cut off.
#[test]
fn a_time_of_day_is_refused() {
    let place = built();
    for (text, fits) in [
        ("2024-01-01", true),
        ("20240101", true),
        ("2024-01-01T00:00:00", true),
        ("2024-01-01 00:00:00", true),
        ("2024-01-01T00:00:01", false),
        ("2024-01-01T23:00", false),
        ("2024-01-01T00:00:00Z", true),
        ("2024-01-01T00:00:00-05:00", false),
    ] {
        place.put("rows.ndjson", format!(r#"{{"date": "{text}", "destination": "CN"}}"#).as_bytes());
        let ran = place.run("decide out --in rows.ndjson");
        assert_eq!(ran.code, Some(if fits { 0 } else { 2 }), "{text}: {}", ran.all());
        assert!(fits || ran.err.contains(text), "{}", ran.err);
    }
    let times = |second: i64| -> ArrayRef {
        Arc::new(TimestampMillisecondArray::from_iter_values((0..20).map(|row| (19_700 + row) * 86_400_000 + second * 1_000)))
    };
    for (second, code) in [(0, 0), (1, 2)] {
        let mut columns: Vec<(&str, ArrayRef)> = rows(20, 0).iter().map(|(name, cells)| (*name, typed(name, cells))).collect();
        columns[0].1 = times(second);
        place.put("rows.parquet", &parquet_bytes(columns));
        let ran = place.run("decide out --in rows.parquet --out answers.csv");
        assert_eq!(ran.code, Some(code), "{}", ran.all());
    }
}
