//! All that is printed as JSON, against the schemas that promise its shape; SARIF against the official one.

mod support;

use serde_json::Value;
use support::Place;

const REGIMES: [(&str, &str); 5] = [
    (
        "faulty.lxp",
        "regime faulty\nenum Country { CN, DE, US }\ninput destination : Country\ninput quantity : count from 1 to 100 capability\n\
         group NOBODY of Country = { CN } & { DE }\n\
         decision licence : bool takes exactly one otherwise false\ndecision kinds : set of { A, B } takes all\n\
         decision level : ordered { low < high } takes the strictest\n\
         rule many when quantity > 10 and destination not in NOBODY then licence is true, kinds includes A\n\
         rule allies when destination is DE then licence is false, level is high\n\
         rule none when quantity > 50 and quantity < 20 then licence is true\n\
         rule mid when quantity > 3 and quantity < 30 then level is high\n\
         prove large : every case where quantity >= 10 satisfies licence\nprove small : every case where quantity < 5 satisfies not licence\n\
         scenario \"fails\" given quantity is 5 expect licence is true\n",
    ),
    (
        "broken.lxp",
        "regime broken\ninput x : bool\ndecision d : bool takes exactly one otherwise false\nrule r when y then d is true\n",
    ),
    ("nothing.lxp", ""),
    (
        "timed.lxp",
        "regime timed\ninput date : date from 2024-01-01 to 2025-12-31\ninput quantity : count from 1 to 100\n\
         decision licence : bool takes exactly one otherwise false\n\
         rule many when quantity > 10 then licence is true\n  status effective from 2025-01-13\n",
    ),
    ("ownership.lxp", include_str!("chains/ownership.lxp")),
];

fn schema(path: &str) -> jsonschema::Validator {
    let path = format!("{}/{path}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let mut schema: Value = serde_json::from_str(&text).expect("a schema is JSON");
    // The official SARIF schema has a pattern with a bracket that nothing opens, which not every engine of regular
    // expressions takes. It is that of `language`, which we do not write.
    for of in ["run", "toolComponent"] {
        if let Some(language) = schema.pointer_mut(&format!("/definitions/{of}/properties/language")) {
            language.as_object_mut().expect("an object").remove("pattern");
        }
    }
    jsonschema::validator_for(&schema).expect("a schema")
}

fn hold(schema: &jsonschema::Validator, what: &str, text: &str) {
    let document: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{what}: {error}\n{text}"));
    let wrong: Vec<String> =
        schema.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).take(10).collect();
    assert!(wrong.is_empty(), "{what}\n{}\n{text}", wrong.join("\n"));
}

#[test]
fn findings_are_as_promised() {
    let place = Place::with(&REGIMES);
    let schema = schema("docs/schemas/findings.schema.json");
    for (file, _) in REGIMES {
        hold(&schema, file, &place.run(&format!("check {file} --format json")).out);
    }
    for file in ["before", "after"] {
        let path = format!("{}/tests/loopholes/p12-shell-affiliates/{file}.lxp", env!("CARGO_MANIFEST_DIR"));
        hold(&schema, file, &place.run(&format!("check {path} --format json")).out);
    }
    hold(&schema, "several", &place.run("check faulty.lxp timed.lxp broken.lxp --format json").out);
    hold(&schema, "test", &place.run("test faulty.lxp timed.lxp --format json").out);
    hold(&schema, "diff", &place.run("diff timed.lxp --between 2025-01-12 2025-01-13 --format json").out);
}

#[test]
fn imports_are_as_promised() {
    let place = Place::new();
    let schema = schema("docs/schemas/import.schema.json");
    for file in ["unique.dmn", "any.dmn", "first.dmn", "priority.dmn", "collect.dmn", "shipping.csv", "tiers.csv", "duties.xlsx"]
    {
        let path = format!("{}/tests/import/{file}", env!("CARGO_MANIFEST_DIR"));
        hold(&schema, file, &place.run(&format!("import {path} --format json")).out);
    }
    place.put("t.csv", b"a,n,d,note\nx,< 5,\"(conflict: p, q)\",\nX,>= 5,(gap),\nx,< 3,p,\n");
    let ran = place.run("import t.csv --format json -o out.lxp");
    hold(&schema, "t.csv", &ran.out);
    let document: Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!(document["tables"][0]["written"], "out.lxp", "{}", ran.all());
    assert!(document["messages"].as_array().is_some_and(|all| !all.is_empty()), "{}", ran.all());
}

#[test]
fn vectors_are_as_promised() {
    let place = Place::with(&REGIMES);
    let schema = schema("docs/schemas/vectors.schema.json");
    for line in ["faulty.lxp", "timed.lxp", "timed.lxp --on 2025-01-13", "ownership.lxp"] {
        let ran = place.run(&format!("vectors {line} --format json"));
        assert_eq!(ran.code, Some(0), "{}", ran.all());
        hold(&schema, line, &ran.out);
    }
    let text = place.run("vectors faulty.lxp --format json").out;
    for what in ["impossible", "conflict", "alternative", "threshold", "null", "[]"] {
        assert!(text.contains(what), "no {what} in {text}");
    }
    let mut more: Value = serde_json::from_str(&text).expect("JSON");
    more["vectors"][0]["more"] = Value::Bool(true);
    assert!(!schema.is_valid(&more), "an unknown field is refused");
}

#[test]
fn sarif_is_sarif() {
    let place = Place::with(&REGIMES);
    let schema = schema("tests/schemas/sarif-2.1.0.schema.json");
    for (file, _) in REGIMES {
        hold(&schema, file, &place.run(&format!("check {file} --format sarif")).out);
    }
    hold(&schema, "several", &place.run("check faulty.lxp timed.lxp broken.lxp --format sarif").out);
}

#[test]
fn explanations_are_as_promised() {
    let place = Place::with(&REGIMES);
    let schema = schema("docs/schemas/explanation.schema.json");
    for case in ["quantity=20 destination=DE", "quantity=20", "", "destination=CN quantity=1"] {
        hold(&schema, case, &place.run(&format!("explain faulty.lxp {case} --format json")).out);
    }
    for case in ["standing=none owner=minority,stranger", "standing=none owner=half_listed", "owner=nothing"] {
        hold(&schema, case, &place.run(&format!("explain ownership.lxp {case} --format json")).out);
    }
}

#[test]
fn case_files_are_as_promised() {
    let schema = schema("docs/schemas/case.schema.json");
    hold(&schema, "new", include_str!("../src/cli/new/shipment.json"));
    hold(
        &schema,
        "chain",
        r#"{"owner": ["a", {"is": "b", "share": 1}, {"x": true, "owner": []}], "nodes": {"a": {}, "b": {"owner": ["a"]}}}"#,
    );
    hold(&schema, "kinds", r#"{"a": 1.50, "b": "X", "c": ["X"], "d": null, "e": true}"#);
    let document: Value = serde_json::from_str(r#"{"a": [[1]]}"#).expect("JSON");
    assert!(!schema.is_valid(&document));
    hold(&schema, "record", r#"{"a": {"b": 1, "c": {"d": "X"}}}"#);
}

#[test]
fn tables_are_as_promised() {
    // Every kind of input, test and answer.
    let all = "regime all\nenum Country { CN, DE, US }\ninput date : date from 2024-01-01 to 2025-12-31\n\
        input a, b : Country\ninput goods : set of { X, Y }\ninput quantity : count from 1 to 100\ninput price : money from 1 to 1000\n\
        input police : bool\ndecision licence : bool takes exactly one\ndecision kinds : set of { A, B } takes all\n\
        decision fee : count from 0 to 20 takes the sum otherwise 0\n\
        rule worth when quantity * price > 5_000 USD and a is not b then licence is true, kinds includes A, fee is 3\n\
        rule police when police and a is not DE then licence is false, fee is 5\nrule x when goods has X and date >= 2025-01-13 then licence is true\n";
    let place = Place::with(&[("all.lxp", all), REGIMES[3]]);
    let schema = schema("docs/schemas/table.schema.json");
    for (file, name) in [("all.lxp", "all"), ("timed.lxp", "timed")] {
        let built = place.run(&format!("build {file} --to json -o out"));
        assert_eq!(built.code, Some(0), "{}", built.err);
        hold(&schema, file, &place.read(&format!("out/{name}.table.json")));
    }
    let text = place.read("out/all.table.json");
    for kind in ["flag", "member", "interval", "has", "same", "at_least_zero", "conflict", "gap"] {
        assert!(text.contains(&format!("\"{kind}\"")), "no {kind} in the table");
    }
    let mut more: Value = serde_json::from_str(&text).expect("JSON");
    more["table"]["more"] = Value::Bool(true);
    assert!(!schema.is_valid(&more), "an unknown field is refused");
}

#[test]
fn interviews_are_as_promised() {
    let place = Place::with(&[REGIMES[0], REGIMES[3]]);
    let schema = schema("docs/schemas/interview.schema.json");
    for (file, name, known) in [("faulty.lxp", "faulty", "--set destination=DE"), ("timed.lxp", "timed", "--set date=2025-02-01")]
    {
        let built = place.run(&format!("build {file} --to json -o out"));
        assert!(matches!(built.code, Some(0 | 3)), "{}", built.all());
        for (options, lines) in [(known, "20\n"), ("--set quantity=20", "unknown\n"), ("--set quantity=unknown", ""), ("", "")] {
            let table = format!("out/{name}.table.json");
            let arguments: Vec<&str> =
                ["ask", &table, "--format", "json"].into_iter().chain(options.split_whitespace()).collect();
            hold(&schema, lines, &place.run_with(&arguments, lines.as_bytes()).out);
        }
    }
    let ran = place.run_with(&["ask", "out/faulty.table.json", "--format", "json", "--set", "destination=DE"], b"20\n");
    let mut document: Value = serde_json::from_str(&ran.out).expect("JSON");
    // Two rules that contradict each other: `many` and `allies`.
    assert_eq!(document["decisions"]["licence"]["conflict"], serde_json::json!([false, true]), "{}", ran.all());
    document["more"] = Value::Bool(true);
    assert!(!schema.is_valid(&document), "an unknown field is refused");
}

#[test]
fn junit_is_well_formed() {
    let place = Place::with(&REGIMES);
    for (file, _) in REGIMES {
        let ran = place.run(&format!("check {file} --format junit"));
        let mut reader = quick_xml::Reader::from_str(&ran.out);
        let mut depth = 0;
        loop {
            match reader.read_event() {
                Ok(quick_xml::events::Event::Start(_)) => depth += 1,
                Ok(quick_xml::events::Event::End(_)) => depth -= 1,
                Ok(quick_xml::events::Event::Eof) => break,
                Ok(_) => {}
                Err(error) => panic!("{file}: {error}\n{}", ran.out),
            }
        }
        assert_eq!(depth, 0);
    }
}
