//! The manual of each command, as a test: what it prints, what it writes, how it ends.

mod support;

use std::sync::Arc;

use arrow::array::{Array, AsArray, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use support::Place;

/// A regime with a conflict, a dead rule and a property that does not hold.
const FAULTY: &str = r#"regime faulty "A regime with faults" cite "Order 2"

enum Country { CN "China", DE "Germany", US "United States" }

input destination : Country usually CN
input quantity    : count from 1 to 100 usually 10

decision licence "Licence requirement" : bool takes exactly one otherwise false

rule many "Order 2, section 1" when quantity > 10 then licence is true
rule allies "Order 2, section 2" when destination is DE then licence is false
rule none "Order 2, section 3" when quantity > 50 and quantity < 20 then licence is true

prove large_need_one "Order 2" : every case where quantity >= 10 satisfies licence
"#;

fn started() -> Place {
    let place = Place::new();
    let ran = place.run("new my");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    place
}

#[test]
fn new_makes_a_regime_that_checks_tests_and_builds() {
    let place = started();
    let ran = place.run("check my");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    assert!(ran.out.contains("proved"), "{}", ran.all());
    let ran = place.run("test my");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    assert!(ran.out.contains("6 of 6 scenarios pass; they reach 3 of 3 rules"), "{}", ran.all());
    let ran = place.run("explain my --case my/shipment.json");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    let ran = place.run("build my --to json,csv,markdown,rust -o out");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    let ran = place.run("fmt --check my");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
}

#[test]
fn new_overwrites_nothing() {
    let place = started();
    let before = place.read("my/regime.lxp");
    place.put("my/regime.lxp", format!("{before}-- mine\n").as_bytes());
    let ran = place.run("new my");
    assert_eq!(ran.code, Some(2), "{}", ran.all());
    assert!(place.read("my/regime.lxp").ends_with("-- mine\n"));
    place.put("file", b"");
    assert_eq!(place.run("new file").code, Some(2));
    let ran = place.run_with(&["new", "in quotes/it's"], b"");
    assert!(ran.err.contains(r"lexport check 'in quotes/it'\''s'"), "{}", ran.all());
    for name in ["rule", "1st", "a b", "Ä"] {
        assert_eq!(place.run_with(&["new", name], b"").code, Some(0));
        let ran = place.run_with(&["check", name], b"");
        assert_eq!(ran.code, Some(0), "{name}: {}", ran.all());
    }
}

#[test]
fn check_tells_stories_and_fails() {
    let place = Place::with(&[("faulty.lxp", FAULTY)]);
    let ran = place.run("check faulty.lxp");
    assert_eq!(ran.code, Some(1), "{}", ran.all());
    for words in ["LX4001", "LX4003", "LX4009", "Order 2, section 1", "faulty.lxp:10", "destination  DE (Germany)", "quantity"] {
        assert!(ran.out.contains(words), "it does not say {words:?}\n{}", ran.all());
    }
}

#[test]
fn the_denied_level_decides() {
    let place = Place::with(&[(
        "a.lxp",
        "regime a\ninput quantity : count from 1 to 100\ndecision licence : bool takes exactly one otherwise false\n\
         define unused = quantity > 3\nrule many when quantity > 10 then licence is true\n",
    )]);
    assert_eq!(place.run("check a.lxp").code, Some(1));
    assert_eq!(place.run("check a.lxp --deny warning").code, Some(1));
    assert_eq!(place.run("check a.lxp --deny error").code, Some(0));
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let place = Place::with(&[("faulty.lxp", FAULTY)]);
    for format in ["text", "json", "sarif", "junit"] {
        let once = place.run(&format!("check faulty.lxp --format {format} --jobs 1"));
        let again = place.run(&format!("check faulty.lxp --format {format} --jobs 4"));
        assert_eq!(once.out, again.out);
        assert!(!once.out.is_empty());
    }
}

#[test]
fn several_regimes_in_one_go() {
    let place = Place::with(&[("faulty.lxp", FAULTY), ("broken.lxp", "regime broken rule\n")]);
    let ran = place.run("check faulty.lxp broken.lxp --format json");
    assert_eq!(ran.code, Some(2), "{}", ran.all());
    let document: serde_json::Value = serde_json::from_str(&ran.out).expect("one document");
    assert_eq!(document["regime"], serde_json::json!(["faulty", "broken.lxp"]));
    assert!(document["findings"].as_array().is_some_and(|all| !all.is_empty()));
    assert!(document["messages"].as_array().is_some_and(|all| !all.is_empty()));
}

#[test]
fn test_shows_what_was_expected_and_what_came() {
    let place = started();
    let cases =
        place.read("my/cases.lxp").replace("expect requirement is none", "expect requirement is license because restricted");
    place.put("my/cases.lxp", cases.as_bytes());
    let ran = place.run("test my");
    assert_eq!(ran.code, Some(1), "{}", ran.all());
    for words in ["LX4013", "a gaming card", "license", "none", "4 of 6 scenarios pass"] {
        assert!(ran.out.contains(words), "it does not say {words:?}\n{}", ran.all());
    }
    let ran = place.run("test my --format junit");
    assert!(ran.out.contains("failures=\"2\"") && ran.out.contains("tests=\"6\""), "{}", ran.all());
    assert_eq!(ran.code, Some(1));
    let ran = place.run("test my --format json");
    let document: serde_json::Value = serde_json::from_str(&ran.out).expect("one document");
    assert_eq!(document["coverage"]["passed"], 4);
}

#[test]
fn explain_answers_in_words_and_as_json() {
    let place = started();
    let ran = place.run("explain my destination=CN performance=15832 quantity=1000");
    for words in ["requirement is license", "restricted [Order 1, section 2(b)]", "samples", "What would change it"] {
        assert!(ran.out.contains(words), "it does not say {words:?}\n{}", ran.all());
    }
    let ran = place.run("explain my destination=CN performance=15832 --format json");
    let document: serde_json::Value = serde_json::from_str(&ran.out).expect("one document");
    assert_eq!(document["decisions"], serde_json::json!({}));
    assert_eq!(document["open"]["requirement"]["ask"], serde_json::json!(["quantity"]));
    assert_eq!(document["open"]["requirement"]["possible"], serde_json::json!(["notice", "license"]));
    let case = br#"{"destination": "CN", "performance": "15832", "quantity": 3, "date": null}"#;
    let ran = place.run_with(&["explain", "my", "--case", "-", "--format", "json"], case);
    assert_eq!(ran.code, Some(2), "{}", ran.all());
    let case = br#"{"destination": "CN", "performance": "15832", "quantity": 3}"#;
    let ran = place.run_with(&["explain", "my", "--case", "-", "--format", "json"], case);
    let document: serde_json::Value = serde_json::from_str(&ran.out).expect("one document");
    assert_eq!(document["decisions"]["requirement"], "notice");
    let because = document["because"]["requirement"].as_array().expect("rules");
    assert!(because.contains(&serde_json::json!({"rule": "samples", "cite": "Order 1, section 3"})), "{}", ran.out);
}

#[test]
fn diff_shows_who_gains_and_who_loses() {
    let place = started();
    for file in ["regime.lxp", "cases.lxp"] {
        let text = place.read(&format!("my/{file}")).replace("quantity <= 3", "quantity <= 30");
        place.put(&format!("changed/{file}"), text.as_bytes());
    }
    let ran = place.run("diff my changed --format json --deny note");
    assert_eq!(ran.code, Some(1), "{}", ran.all());
    let document: serde_json::Value = serde_json::from_str(&ran.out).expect("one document");
    let findings = document["findings"].as_array().expect("findings");
    assert_eq!(findings.len(), 1, "{}", ran.out);
    assert_eq!(findings[0]["kind"], "impact");
    assert_eq!(findings[0]["shift"]["gain"], "looser");
    // 27 quantities, 5 countries, performances from 4800 to 100000.
    assert_eq!(findings[0]["cases"], (27 * 5 * 95_201).to_string());
    let back = place.run("diff changed my --format json --deny note");
    let document: serde_json::Value = serde_json::from_str(&back.out).expect("one document");
    assert_eq!(document["findings"][0]["shift"]["gain"], "stricter");
    let ran = place.run("diff my my");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    let ran = place.run("diff my changed");
    assert!(ran.out.contains("These cases gain"), "{}", ran.all());
}

#[test]
fn diff_between_two_days() {
    let regime = "regime timed\ninput date : date from 2024-01-01 to 2025-12-31\ninput quantity : count from 1 to 100\n\
                  decision licence : bool takes exactly one otherwise false\n\
                  rule many when quantity > 10 then licence is true\n  status effective from 2025-01-13\n";
    let place = Place::with(&[("a.lxp", regime)]);
    let ran = place.run("diff a.lxp --between 2025-01-12 2025-01-13 --format json --deny note");
    assert_eq!(ran.code, Some(1), "{}", ran.all());
    let document: serde_json::Value = serde_json::from_str(&ran.out).expect("one document");
    assert_eq!(document["findings"][0]["kind"], "impact", "{}", ran.out);
    let ran = place.run("diff a.lxp --between 2024-01-12 2025-01-12");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    let ran = place.run("diff a.lxp --between 2020-01-12 2025-01-12");
    assert_eq!(ran.code, Some(2), "{}", ran.all());
    let ran = place.run("diff a.lxp --readings letter enforced");
    assert_eq!(ran.code, Some(2), "{}", ran.all());
}

fn built() -> Place {
    let place = started();
    let ran = place.run("build my --to json -o out");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    place
}

const ROWS: &str = "order,destination,performance,quantity\n1,CN,15832,1000\n2,CN,15832,3\n3,DE,15832,1\n4,DE,300,1\n5,CN,15832,\n6,CN,4799.0,7\n";

#[test]
fn a_compared_regime_adds_nothing_to_the_table() {
    let old = "regime old\nenum Country { CN, MY }\ninput quantity : count from 1 to 100\ninput destination : Country\ninput samples : bool\n\
        decision licence : bool takes exactly one otherwise false\nrule many when quantity > 10 and not samples then licence is true\n";
    let new = "regime new\ncompare with \"old.lxp\" as old\nenum Country { CN, MY }\ninput quantity : count from 1 to 100\ninput destination : Country\n\
        decision licence : bool takes exactly one otherwise false\nrule many when quantity > 20 then licence is true\n\
        prove looser : every case where licence satisfies old::licence or quantity > 10\n";
    let place = Place::with(&[("old.lxp", old), ("new.lxp", new)]);
    let ran = place.run("build new.lxp --to json -o out");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    let table: serde_json::Value = serde_json::from_str(&place.read("out/new.table.json")).expect("JSON");
    let inputs: Vec<&str> =
        table["table"]["inputs"].as_array().expect("inputs").iter().filter_map(|input| input["name"].as_str()).collect();
    assert_eq!(inputs, ["quantity", "destination"]);
    let ran = place.run_with(&["decide", "out/new.table.json"], b"quantity,destination\n21,CN\n20,CN\n");
    assert!(ran.out.contains("21,CN,true") && ran.out.contains("20,CN,false"), "{}", ran.all());
    assert_eq!(place.run("check new.lxp").code, Some(0));
    // Each with its own, but the same, enumeration.
    let ran = place.run("diff old.lxp new.lxp");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
}

#[test]
fn decide_answers_every_row_in_order() {
    let place = built();
    place.put("orders.csv", ROWS.as_bytes());
    let ran = place.run("decide out --in orders.csv --out answers.csv");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    assert_eq!(
        place.read("answers.csv"),
        "order,destination,performance,quantity,requirement,because,open,ask\n\
         1,CN,15832,1000,license,restricted,,\n\
         2,CN,15832,3,notice,powerful samples,,\n\
         3,DE,15832,1,notice,powerful,,\n\
         4,DE,300,1,none,,,\n\
         5,CN,15832,,,,requirement: notice | license,quantity\n\
         6,CN,4799.0,7,notice,powerful,,\n"
    );
    let ran = place.run_with(&["decide", "out/my_regime.table.json"], ROWS.as_bytes());
    assert_eq!(ran.out, place.read("answers.csv"), "{}", ran.err);
}

#[test]
fn decide_speaks_json_lines() {
    let place = built();
    let rows = "{\"destination\":\"CN\",\"performance\":15832,\"quantity\":1000,\"note\":{\"a\":1.50}}\n\n{\"destination\":\"CN\",\"performance\":\"15832\"}\n";
    let ran = place.run_with(&["decide", "out"], rows.as_bytes());
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    assert_eq!(
        ran.out,
        "{\"destination\":\"CN\",\"performance\":15832,\"quantity\":1000,\"note\":{\"a\":1.50},\"requirement\":\"license\",\
         \"because\":{\"requirement\":[\"restricted\"]}}\n\
         {\"destination\":\"CN\",\"performance\":\"15832\",\"because\":{},\"open\":{\"requirement\":{\"possible\":[\"notice\",\"license\"],\
         \"ask\":[\"quantity\"]}}}\n"
    );
}

#[test]
fn decide_reads_and_writes_parquet() {
    let place = built();
    let schema = Arc::new(Schema::new(vec![
        Field::new("destination", DataType::Utf8, true),
        Field::new("performance", DataType::Int64, true),
        Field::new("quantity", DataType::Int64, true),
    ]));
    let rows = RecordBatch::try_new(
        schema.clone(),
        vec![
            Arc::new(StringArray::from(vec!["CN", "CN", "DE"])),
            Arc::new(Int64Array::from(vec![15_832, 15_832, 300])),
            Arc::new(Int64Array::from(vec![Some(1000), None, Some(1)])),
        ],
    )
    .expect("a batch");
    let mut bytes = Vec::new();
    let mut writer = parquet::arrow::ArrowWriter::try_new(&mut bytes, schema, None).expect("a writer");
    writer.write(&rows).expect("written");
    writer.close().expect("closed");
    place.put("orders.parquet", &bytes);
    let ran = place.run("decide out --in orders.parquet --out answers.parquet");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    let file = std::fs::File::open(place.path().join("answers.parquet")).expect("answers");
    let mut reader = parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(file)
        .and_then(|builder| builder.build())
        .expect("a Parquet file");
    let answers = reader.next().expect("a batch").expect("a batch that can be read");
    let requirement = answers.column_by_name("requirement").expect("the decision").as_string::<i32>();
    assert_eq!((requirement.value(0), requirement.is_null(1), requirement.value(2)), ("license", true, "none"));
    assert_eq!(answers.column_by_name("ask").expect("ask").as_string::<i32>().value(1), "quantity");
    // The same rows as a stream, and the same answers in another form.
    let ran = place.run_with(&["decide", "out", "--to", "csv"], &bytes);
    assert_eq!(
        ran.out,
        "destination,performance,quantity,requirement,because,open,ask\nCN,15832,1000,license,restricted,,\n\
         CN,15832,,,,requirement: notice | license,quantity\nDE,300,1,none,,,\n",
        "{}",
        ran.err
    );
}

#[test]
fn decide_goes_through_many_rows_whatever_the_threads() {
    let place = built();
    let mut rows = String::from("destination,performance,quantity\n");
    for row in 0..100_000 {
        rows.push_str(&format!("{},{},{}\n", ["CN", "DE", "US", "RU"][row % 4], row, row % 7 + 1));
    }
    place.put("orders.csv", rows.as_bytes());
    let one = place.run("decide out --in orders.csv --out one.csv --jobs 1");
    let four = place.run("decide out --in orders.csv --out four.csv --jobs 4");
    assert_eq!((one.code, four.code), (Some(0), Some(0)), "{}", one.all());
    let answers = place.read("one.csv");
    assert_eq!(answers, place.read("four.csv"));
    assert_eq!(answers.lines().count(), 100_001);
    assert!(answers.lines().zip(rows.lines()).all(|(answer, row)| answer.starts_with(row)));
}

#[test]
fn decide_says_what_columns_are_missing() {
    let place = built();
    let ran = place.run_with(&["decide", "out"], b"destination,performance\nCN,15832\n");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    assert!(ran.err.contains("no column for quantity: unknown in every row"), "{}", ran.all());
}

#[test]
fn ir_is_one_json_document() {
    let place = started();
    let ran = place.run("ir my");
    let document: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!(document["version"], "lexport.ir/1");
    let again: lexport::ir::Program = serde_json::from_str(&ran.out).expect("a program");
    assert_eq!(serde_json::to_value(&again).expect("JSON"), document);
}

#[cfg(feature = "solver")]
#[test]
fn smt_is_a_script_for_another_solver() {
    let place = started();
    let ran = place.run("smt my");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    assert!(ran.out.matches("(check-sat)").count() >= 4, "{}", ran.out);
    let ran = place.run("smt my -o problems");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    assert!(place.path().join("problems/dead_samples.smt2").exists());
}

#[test]
fn fmt_lists_what_differs_and_mends_it() {
    let place = Place::with(&[("a.lxp", "regime   a -- a comment\ninput x:bool\n")]);
    let ran = place.run("fmt --check a.lxp");
    assert_eq!((ran.code, ran.out.trim()), (Some(1), "a.lxp"), "{}", ran.all());
    assert_eq!(place.run("fmt a.lxp").code, Some(0));
    assert!(place.read("a.lxp").contains("-- a comment"));
    assert_eq!(place.run("fmt --check a.lxp").code, Some(0));
    place.put("b.lxp", b"regime b rule\n");
    let ran = place.run("fmt b.lxp");
    assert_eq!(ran.code, Some(2), "{}", ran.all());
    assert_eq!(place.read("b.lxp"), "regime b rule\n");
}

#[test]
fn help_is_help_and_not_an_error() {
    let place = Place::new();
    let ran = place.run("--help");
    assert_eq!(ran.code, Some(0));
    for command in ["check", "test", "explain", "diff", "build", "decide", "keygen", "sign", "verify", "ir", "smt", "fmt", "new"]
    {
        assert!(ran.out.contains(&format!("\n  {command} ")), "{command}\n{}", ran.out);
        assert_eq!(place.run(&format!("{command} --help")).code, Some(0));
    }
    assert_eq!(place.run("--version").out, format!("lexport {}\n", env!("CARGO_PKG_VERSION")));
}

const RESALE: &str = "regime resale
enum Country { US, MY, CN }
enum Mode { export, reexport }
input mode : Mode
input origin, destination : Country
decision licence : bool takes exactly one otherwise false
rule to_china \"§ 1\" when mode is export and destination is CN then licence is true
process diversion
  state holder : Country
  start when holder is US
  step ship \"a shipment\"
    when mode is export and origin is US and holder is US and not licence
    then holder is destination
  step resell \"a resale\"
    when mode is reexport and origin is not US and holder is origin and not licence
    then holder is destination
prove no_diversion \"§ 1\" : in diversion never holder is CN
";

#[test]
fn a_loophole_is_told_step_by_step_in_every_format() {
    let place = Place::new();
    place.put("resale.lxp", RESALE.as_bytes());
    let ran = place.run("check resale.lxp");
    assert_eq!(ran.code, Some(1), "{}", ran.all());
    for words in ["2 permitted steps lead there", "step 1: `ship`, a shipment", "holder becomes CN", "there is no shorter way"] {
        assert!(ran.out.contains(words), "{words}: {}", ran.all());
    }
    let json = place.run("check resale.lxp --format json");
    for words in ["\"kind\": \"loophole\"", "\"step\": \"resell\"", "\"becomes\": {"] {
        assert!(json.out.contains(words), "{words}: {}", json.all());
    }
    assert!(place.run("check resale.lxp --format sarif").out.contains("by way of"));
    let sarif: serde_json::Value = serde_json::from_str(&place.run("check resale.lxp --format sarif").out).expect("JSON");
    let flow = &sarif["runs"][0]["results"][0]["codeFlows"][0]["threadFlows"][0]["locations"];
    let said: Vec<&str> =
        flow.as_array().expect("steps").iter().filter_map(|one| one["location"]["message"]["text"].as_str()).collect();
    assert!(said.first().is_some_and(|text| text.starts_with("step 1: `ship` with")), "{said:?}");
    assert!(said.last().is_some_and(|text| text.starts_with("and there it is:")), "{said:?}");
    assert_eq!(
        place.run("check resale.lxp --jobs 1 --format json").out,
        place.run("check resale.lxp --jobs 4 --format json").out
    );
}

/// What a second solver says counts: it confirms, or it is a contradiction, and silence is neither.
#[test]
fn a_second_solver_confirms_or_contradicts() {
    let place = Place::new();
    place.put("resale.lxp", RESALE.replace("mode is export and destination", "destination").as_bytes());
    let solver = |answer: &str| {
        // It knows what is false; of everything else it says what it is told to.
        let text = format!("#!/bin/sh\nif grep -q '^(assert false)$'; then echo unsat; else echo {answer}; fi\n");
        place.put("solver", text.as_bytes());
        let run = std::process::Command::new("chmod").arg("+x").arg(place.path().join("solver")).status();
        assert!(run.is_ok_and(|status| status.success()));
        place.run("check resale.lxp --confirm ./solver")
    };
    let agrees = solver("unsat");
    assert_eq!(agrees.code, Some(0), "{}", agrees.all());
    assert!(agrees.out.contains("the second solver"), "{}", agrees.all());
    let contradicts = solver("sat");
    assert!(contradicts.out.contains("LX4014"), "{}", contradicts.all());
    let silent = solver("unknown");
    assert_eq!(silent.code, Some(0), "{}", silent.all());
    assert!(silent.out.contains("did not say"), "{}", silent.all());
    let nobody = place.run("check resale.lxp --confirm ./nobody");
    assert_eq!(nobody.code, Some(2), "{}", nobody.all());
    assert!(nobody.err.contains("LX5004"), "{}", nobody.all());
}

#[test]
fn a_claim_about_a_process_is_written_as_clauses() {
    let place = Place::new();
    place.put("resale.lxp", RESALE.as_bytes());
    let ran = place.run("smt resale.lxp -o out");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    let text = place.read("out/never_no_diversion.smt2");
    assert!(text.contains("(set-logic HORN)") && text.contains("; step resell"), "{text}");
}

/// One claim of each kind: proved, accepted, refuted in one reading and about nothing in the other.
const ANSWERED: &str = r#"regime answered "Answers"
use std/trade
use std/evasion

enum Need ordered { free < license }
input reading : Reading
input amount : count from 0 to 9 capability
input ours, whole : bool
decision need "Need" : Need takes the strictest otherwise free
rule large "1" when amount >= 5 then need is license
rule ours "2" when ours and reading is letter and not whole then need is license

prove by_amount "1" : need never loosens as amount grows
prove whole_or_not "2" as closed_under_assembly : need never depends on whole where reading is letter
accept LX4009 about whole_or_not because "2: the whole is free"
process parts "1" is assembly with total is amount, amount is amount, nothing is 0, limit is 9, facts is true, permitted is need is free and ours
"#;

#[test]
fn properties_are_one_page_for_all_readings() {
    let place = Place::new();
    place.put("answered.lxp", ANSWERED.as_bytes());
    let ran = place.run("properties answered.lxp -o page.md");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    insta::assert_snapshot!(place.read("page.md"));
    let ran = place.run("properties answered.lxp nowhere.lxp");
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{}", ran.all());
}

#[test]
fn repair_offers_what_helps_and_writes_what_is_chosen() {
    let place = Place::new();
    let text = "regime b \"B\"\ninput amount : count from 0 to 100\ninput ours : bool\nenum Need ordered { free < license }\n\
                decision need \"Need\" : Need takes the strictest otherwise free\n\
                rule large \"1\" when amount >= 50 and ours then need is license\n\
                prove from_thirty \"1\" : every case where amount >= 30 and ours satisfies need is license\n";
    place.put("b.lxp", text.as_bytes());
    let ran = place.run("repair b.lxp");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    insta::assert_snapshot!(ran.out);
    let ran = place.run("repair b.lxp from_thirty --format json");
    let json: serde_json::Value = serde_json::from_str(&ran.out).expect("one document");
    assert_eq!(json["claims"][0]["repairs"][0]["edits"][0]["with"], "30");
    for wrong in ["repair b.lxp from_forty", "repair b.lxp from_thirty --apply 99", "repair nowhere"] {
        let ran = place.run(wrong);
        assert_eq!(ran.code, Some(2), "{wrong}: {}", ran.all());
        assert_eq!(place.read("b.lxp"), text);
    }
    let ran = place.run("repair b.lxp from_thirty --apply 1");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    assert_eq!(place.read("b.lxp"), text.replace("50", "30"));
    assert_eq!(place.run("check b.lxp").code, Some(0));
    let ran = place.run("repair b.lxp");
    assert!(ran.out.contains("there is nothing that `repair` looks at"), "{}", ran.all());
}

#[test]
fn import_makes_a_regime_of_a_table() {
    let place = Place::with(&[(
        "fees.csv",
        "destination,quantity,licence,provision\nCN,> 10,yes,Order 1\nCN,1..10,no,Order 2\nnot CN,-,no,Order 3\nUS,> 100,yes,Order 4\n",
    )]);
    let ran = place.run_with(&["import", "fees.csv", "-o", "fees.lxp", "--domain", "quantity=count from 1 to 1000"], b"");
    assert_eq!(ran.code, Some(1), "{}", ran.all());
    for words in ["rows 4 and 5 overlap", "destination is US and quantity >= 101", "1 overlap", "wrote fees.lxp"] {
        assert!(ran.out.contains(words), "it does not say {words:?}\n{}", ran.all());
    }
    // The regime is one like any other, and `check` says the same of it.
    let ran = place.run("check fees.lxp");
    assert_eq!(ran.code, Some(1), "{}", ran.all());
    assert!(ran.out.contains("LX4001") && ran.out.contains("row_4") && ran.out.contains("Order 4"), "{}", ran.all());
    assert!(!ran.out.contains("LX4002"), "{}", ran.all());
    let ran = place.run("explain fees.lxp destination=CN quantity=11");
    assert!(ran.out.contains("row_2") && ran.out.contains("Order 1"), "{}", ran.all());
    // Without the last row nothing is found.
    let text = place.read("fees.csv");
    place.put("fees.csv", text.replace("US,> 100,yes,Order 4\n", "").as_bytes());
    let ran =
        place.run_with(&["import", "fees.csv", "-o", "fees.lxp", "--force", "--domain", "quantity=count from 1 to 1000"], b"");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    assert!(ran.out.contains("nothing found"), "{}", ran.all());
    let ran = place.run_where(&[], &["import", "fees.csv", "--lang", "fr"], b"");
    assert!(ran.out.contains("lacune"), "{}", ran.all());
}

/// A record of which nothing is known, but for a field that is given beside it, in any order; and over what the file says.
#[test]
fn a_record_that_is_unknown_keeps_the_fields_that_are_given() {
    let place = Place::new();
    place.put(
        "lots.lxp",
        b"regime lots\nrecord Lot { mass : count from 0 to 20, sealed : bool }\ninput lot : Lot\nconstant TEN : Lot = { mass is 10 }\n\
          decision licence : bool takes exactly one otherwise false\nrule heavy when lot.mass >= 11 then licence is true\n",
    );
    place.put("case.json", br#"{ "lot.mass": 12, "lot.sealed": true }"#);
    let said = |options: &str| {
        let ran = place.run(&format!("explain lots.lxp {options} --format json"));
        assert_eq!(ran.code, Some(0), "{}", ran.all());
        serde_json::from_str::<serde_json::Value>(&ran.out).expect("JSON")["decisions"].clone()
    };
    let known = said("lot.mass=12");
    assert_eq!(known, serde_json::json!({ "licence": true }));
    assert_eq!(said("lot.mass=12 lot=unknown"), known);
    assert_eq!(said("lot=unknown lot.mass=12"), known);
    assert_eq!(said("--case case.json lot=unknown lot.mass=12"), known);
    assert_eq!(said("--case case.json lot=unknown"), serde_json::json!({}));
    let ran = place.run("explain lots.lxp lot=TEN");
    assert!(ran.code == Some(2) && ran.err.contains("it does not say lot.sealed"), "{}", ran.all());
}

/// A full disk behind standard output ends each command with status 2; a device stays one, and what a link points to is written.
#[cfg(target_os = "linux")]
#[test]
fn what_cannot_be_written_is_said() {
    let place = started();
    for command in [["check", "my"], ["test", "my"], ["ir", "my"], ["vectors", "my"], ["explain", "LX4002"]] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("the device");
        let program = std::process::Command::new(env!("CARGO_BIN_EXE_lexport"));
        let ran = { program }.args(command).current_dir(place.path()).stdout(full).output().expect("it runs");
        let said = String::from_utf8_lossy(&ran.stderr);
        assert_eq!(ran.status.code(), Some(2), "{command:?}: {said}");
        assert!(said.contains("cannot write `standard output`"), "{command:?}: {said}");
    }
    std::os::unix::fs::symlink("vectors.csv", place.path().join("link.csv")).expect("a link");
    place.put("vectors.csv", b"old");
    assert_eq!(place.run("vectors my -o link.csv").code, Some(0));
    assert_ne!(place.read("vectors.csv"), "old");
    assert!(place.path().join("link.csv").is_symlink());
    let ran = place.run("vectors my -o /dev/null");
    assert!(ran.code == Some(2) && ran.err.contains("a device or a pipe"), "{}", ran.all());
    let ran = place.run("vectors my -o vectors.csv/more.csv");
    assert!(ran.code == Some(2) && ran.err.contains("is a file, where a folder is needed"), "{}", ran.all());
}
