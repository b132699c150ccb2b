//! What is written: all that is carried along, under names of its own, and never over a file that is read.

use std::process::{Command, Stdio};
use std::sync::Arc;

use arrow::array::{ArrayRef, BinaryArray, StringArray, TimestampMillisecondArray};

use super::parquet_bytes;
use super::support::Place;
use super::whole::{demo, says};

#[test]
fn what_is_carried_along_is_not_lost() {
    let place = demo();
    let times = TimestampMillisecondArray::from(vec![Some(1_736_780_645_000), None]).with_timezone("Europe/Paris");
    let worth: ArrayRef = Arc::new(StringArray::from(vec!["5", "6"]));
    let columns = vec![("worth", worth.clone()), ("seen", Arc::new(times) as ArrayRef)];
    place.put("rows.parquet", &parquet_bytes(columns));
    // 15:04:05 in Paris in January.
    let ran = place.run("decide out --in rows.parquet --to csv");
    assert!(ran.out.lines().nth(1).is_some_and(|row| row.starts_with("5,2025-01-13T15:04:05Z,")), "{}", ran.all());
    assert!(ran.out.lines().nth(2).is_some_and(|row| row.starts_with("6,,")), "{}", ran.all());
    let ran = place.run("decide out --in rows.parquet --to ndjson");
    assert!(ran.out.starts_with(r#"{"worth":"5","seen":"2025-01-13T15:04:05Z""#), "{}", ran.all());
    let raw: ArrayRef = Arc::new(BinaryArray::from(vec![&b"text"[..], b"\xff"]));
    place.put("rows.parquet", &parquet_bytes(vec![("worth", worth), ("raw", raw)]));
    for to in ["csv", "ndjson"] {
        says(&place.run(&format!("decide out --in rows.parquet --out answers.{to}")), 2, &["row 2: `raw`", "`--keep`"]);
        assert_eq!(place.run(&format!("decide out --in rows.parquet --out answers.{to} --keep worth")).code, Some(0));
    }
    let ran = place.run("decide out --in rows.parquet --out answers.parquet");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
}

/// A decision `open` and an input `ask` are a table's own. (`because` is a word of the language.)
#[test]
fn added_columns_have_names_that_are_free() {
    let regime = "regime names\ninput ask, reason : bool\ninput vector, expected_open : bool\ndecision open : bool takes exactly one\n\
        rule a \"1\" when ask and reason and vector then open is true\nrule b \"2\" when not ask and expected_open then open is false\n";
    let place = Place::with(&[("names.lxp", regime)]);
    assert_eq!(place.run("build names.lxp --to json -o out").code, Some(0));
    let rows = "ask,reason,vector,expected_open\ntrue,true,true,true\n,true,true,true\n";
    let ran = place.run_with(&["decide", "out"], rows.as_bytes());
    assert_eq!(
        ran.out,
        "ask,reason,vector,expected_open,open,because,lexport.open,lexport.ask\n\
         true,true,true,true,true,a,,\n,true,true,true,,,open: false | true,ask\n",
        "{}",
        ran.err
    );
    let ran = place.run_with(&["decide", "out", "--to", "ndjson"], rows.as_bytes());
    let lines: Vec<serde_json::Value> = ran.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!((&lines[0]["open"], &lines[0]["because"]["open"][0]), (&true.into(), &"a".into()), "{}", ran.out);
    assert_eq!(lines[1]["lexport.open"]["open"]["ask"][0], "ask", "{}", ran.out);
    // Rows with what is expected have each name once, and run through the table.
    let ran = place.run("vectors names.lxp --format csv -o vectors.csv");
    assert!(ran.code == Some(0) || ran.code == Some(3), "{}", ran.all());
    let head = place.read("vectors.csv").lines().next().expect("a header").to_owned();
    let mut names: Vec<&str> = head.split(',').collect();
    assert!(["lexport.vector", "vector", "expected_open", "ask", "reason"].iter().all(|name| names.contains(name)), "{head}");
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), head.split(',').count(), "{head}");
    let ran = place.run("decide out --in vectors.csv --out answers.csv");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
}

/// Rows of NDJSON may bring an input late.
#[test]
fn inputs_that_come_late_have_a_column() {
    let place = demo();
    let mut rows = "{\"worth\": 5, \"order\": 1}\n".repeat(40_000);
    rows += "{\"worth\": 5, \"date\": \"2025-01-13\"}\n";
    place.put("rows.ndjson", rows.as_bytes());
    for form in ["csv", "parquet"] {
        let ran = place.run(&format!("decide out --in rows.ndjson --out answers.{form}"));
        assert_eq!(ran.code, Some(0), "{}", ran.all());
        assert!(!ran.err.contains("every row"), "a later row has it: {}", ran.err);
    }
    let text = place.read("answers.csv");
    let head: Vec<&str> = text.lines().next().expect("a header").split(',').collect();
    let at = head.iter().position(|name| *name == "date").expect("a column");
    assert_eq!(text.lines().last().and_then(|row| row.split(',').nth(at)), Some("2025-01-13"));
    assert_eq!(text.lines().count(), 40_002);
    // A file that is short has the columns that it has.
    let ran = place.run_with(&["decide", "out", "--to", "csv"], b"{\"worth\": 5, \"order\": 1}\n");
    assert!(ran.out.starts_with("worth,order,duty,") && ran.err.contains("unknown in every row"), "{}", ran.all());
    let ran = place.run("decide out --in rows.ndjson --out answers.csv --keep order");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    assert!(place.read("answers.csv").starts_with("order,duty,"));
}

/// On standard output stays what was written before; in a file nothing is written.
#[test]
fn it_is_said_how_many_rows_were_written() {
    let place = demo();
    let rows = format!("worth\n{}many\n", "5\n".repeat(100_000));
    place.put("rows.csv", rows.as_bytes());
    let ran = place.run("decide out --in rows.csv");
    let written = ran.out.lines().count() - 1;
    assert!(written > 0 && written < 100_000, "{written}");
    says(&ran, 2, &["rows.csv:100002", &format!("{written} rows before were written")]);
    let ran = place.run("decide out --in rows.csv --out answers.csv");
    says(&ran, 2, &["rows.csv:100002"]);
    assert!(!ran.err.contains("were written") && !place.path().join("answers.csv").exists(), "{}", ran.err);
}

/// `| head` ends quietly, in each form.
#[test]
fn a_reader_that_goes_away_is_no_error() {
    let place = demo();
    place.put("rows.csv", format!("worth,note\n{}", "5,a note that fills the pipe\n".repeat(100_000)).as_bytes());
    for form in ["csv", "ndjson", "parquet"] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_lexport"))
            .args(["decide", "out", "--in", "rows.csv", "--to", form])
            .current_dir(place.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut out = child.stdout.take().expect("standard output");
        std::io::Read::read_exact(&mut out, &mut [0; 16]).expect("some bytes");
        drop(out);
        let ended = child.wait_with_output().expect("the program ends");
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(ended.status.success() && !said.contains("error"), "{form}: {}: {said}", ended.status);
    }
}

#[test]
fn names_to_keep_may_be_set_off_from_commas() {
    let place = demo();
    let ran = place.run_with(&["decide", "out", "--keep", "a, b"], b"a,b,c,worth\n1,2,3,5\n");
    assert!(ran.out.starts_with("a,b,duty,"), "{}", ran.all());
}

/// No command writes over a file that it reads, by whatever name.
#[test]
fn what_is_read_is_not_written_over() {
    let place = demo();
    let table = place.read("out/demo.table.json");
    place.put("rows.csv", b"worth\n5\n");
    let law = format!("# The law\n\n```lxp\n{}```\n", super::whole::REGIME);
    place.put("law/demo.md", law.as_bytes());
    place.put("law/key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    #[cfg(unix)]
    for (of, link) in [("rows.csv", "soft.csv"), ("demo.lxp", "soft.lxp")] {
        std::os::unix::fs::symlink(place.path().join(of), place.path().join(link)).expect("a link");
    }
    std::fs::hard_link(place.path().join("rows.csv"), place.path().join("hard.csv")).expect("a link");
    let mut lines = vec![
        "decide out --in rows.csv --out out/demo.table.json --to csv",
        "decide out --in rows.csv --out ./out/../rows.csv",
        "decide out --in rows.csv --out hard.csv",
        "vectors demo.lxp -o demo.lxp",
        "build law/demo.md --to markdown -o law",
        "vectors demo.lxp -o law/key",
    ];
    if cfg!(unix) {
        lines.extend(["decide out --in rows.csv --out soft.csv", "vectors demo.lxp -o soft.lxp"]);
    }
    for line in lines {
        let ran = place.run(line);
        assert_eq!(ran.code, Some(2), "{line}: {}", ran.all());
        assert!(
            ran.err.contains("is both what is read and what is written") || ran.err.contains("is a key"),
            "{line}: {}",
            ran.all()
        );
        assert_eq!((place.read("out/demo.table.json"), place.read("rows.csv").as_str()), (table.clone(), "worth\n5\n"), "{line}");
        assert_eq!((place.read("demo.lxp").as_str(), place.read("law/demo.md")), (super::whole::REGIME, law.clone()), "{line}");
        assert!(place.read("law/key").starts_with("-----BEGIN"), "{line}");
    }
    #[cfg(target_os = "linux")]
    {
        let rows = std::fs::File::open(place.path().join("rows.csv")).expect("a file");
        let mut decide = Command::new(env!("CARGO_BIN_EXE_lexport"));
        decide.args(["decide", "out", "--out", "rows.csv"]).current_dir(place.path()).stdin(rows);
        let ran = decide.output().expect("it runs");
        assert_eq!(ran.status.code(), Some(2), "standard input is read from it");
        assert_eq!(place.read("rows.csv"), "worth\n5\n");
    }
}
