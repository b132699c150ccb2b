//! What case files may say, and what is said about those that say something else.

use super::*;
use crate::diagnostic::Diagnostic;
use crate::ir::{Decimal, EnumDef, EnumId, Heading, Input, Member, NumberDomain, OriginId, Pool, Regime, VERSION};

fn program() -> Program {
    let input = |name: &str, domain| Input::plain(name, domain, OriginId::NOWHERE);
    let number = |unit: &str, scale, hi| {
        Domain::Number(NumberDomain { unit: unit.into(), step: Decimal { mantissa: 1, scale }, lo: 0, hi })
    };
    let member = |name: &str, label: &str| Member { name: name.into(), label: label.into() };
    Program {
        version: VERSION.into(),
        regimes: vec![Regime { name: "r".into(), title: String::new(), cite: String::new(), origin: OriginId::NOWHERE }],
        enums: vec![
            EnumDef {
                name: "Country".into(),
                members: vec![member("CN", "China"), member("MY", "Malaysia"), member("US", "United States")],
                ordered: false,
                headings: vec![],
            },
            EnumDef {
                name: "Item".into(),
                members: vec![member("3A090.a", ""), member("3A090.b", ""), member("EAR99", "")],
                ordered: false,
                headings: vec![Heading { name: "3A090".into(), members: MemberSet::of(3, [0, 1]) }],
            },
        ],
        inputs: vec![
            input("destination", Domain::Enum(EnumId(0))),
            input("date", Domain::Date { lo: 19000, hi: 21000 }),
            input("chip.tpp", number("TPP", 0, 100_000)),
            input("chip.density", number("TPP/mm2", 2, 100_000)),
            input("licensed", Domain::Bool),
            input("items", Domain::Set(EnumId(1))),
        ],
        decisions: vec![],
        rules: vec![],
        pool: Pool::default(),
        origins: vec![],
        caps: vec![],
        links: vec![],
        carries: vec![],
        nodes: vec![],
        processes: Vec::new(),
        properties: vec![],
        scenarios: vec![],
        acceptances: vec![],
        date_edges: vec![],
        words: std::collections::BTreeMap::new(),
        titles: Vec::new(),
        date: Some(InputId(1)),
        reading: None,
    }
}

fn constants() -> Vec<(String, Vec<(String, Value)>)> {
    let fields = |tpp, density| vec![("tpp".to_owned(), Value::Int(tpp)), ("density".to_owned(), Value::Int(density))];
    vec![("H100".into(), fields(15_832, 1944)), ("H20".into(), fields(2368, 290)), ("TOO_BIG".into(), fields(1_000_000, 1))]
}

fn read(text: &str) -> Result<Case, Vec<Diagnostic>> {
    read_case(&mut Files::default(), &program(), &constants(), "case.json", text).map(|read| read.case)
}

fn wrong(text: &str) -> String {
    let mut files = Files::default();
    let messages = read_case(&mut files, &program(), &constants(), "case.json", text).expect_err("wrong");
    messages
        .iter()
        .map(|message| {
            let span = message.span();
            let words = &text[span.start as usize..span.end as usize];
            let more: Vec<&str> =
                message.notes.iter().map(String::as_str).chain(message.fixes.iter().map(|fix| fix.message.as_str())).collect();
            format!("{} @ {words} | {}\n", message.title, more.join(" | "))
        })
        .collect()
}

#[test]
fn values_of_every_kind() {
    let case = read(
        r#"{"destination": "MY", "date": "2025-06-01", "chip.tpp": 15832, "chip.density": "5.92", "licensed": true,
            "items": ["EAR99", "3A090.a"]}"#,
    )
    .expect("fits");
    assert!(case.is_complete());
    assert_eq!(case.values[0], Some(Value::Member(1)));
    assert_eq!(case.values[1], Some(Value::Int(20240)));
    assert_eq!(case.values[3], Some(Value::Int(592)));
    assert_eq!(case.values[5], Some(Value::Set(MemberSet::of(3, [0, 2]))));
}

#[test]
fn absent_and_null_are_unknown() {
    let case = read(r#"{"destination": null}"#).expect("fits");
    assert_eq!(case, Case::unknown(6));
    assert_eq!(read("{}"), Ok(Case::unknown(6)));
}

#[test]
fn a_record_by_its_constant_and_a_field_after_it() {
    let case = read(r#"{"chip.density": 1, "chip": "H100"}"#).expect("fits");
    assert_eq!((case.int(InputId(2)), case.int(InputId(3))), (Some(15_832), Some(100)));
}

#[test]
fn everything_that_is_wrong_in_one_go() {
    insta::assert_snapshot!(wrong(
        r#"{
  "destinaton": "MY",
  "destination": "Malaysia",
  "destination": "CN",
  "date": "2025-02-30",
  "chip": "H10O",
  "chip.tpp": 1e400,
  "chip.density": 5.925,
  "licensed": "perhaps",
  "items": ["3A090", 7],
  "colour": {"a": []}
}"#
    ), @r#"
    `destinaton` is not an attribute of r @ "destinaton" | did you mean `destination`?
    `destination`: `Malaysia` is not one of its values @ "Malaysia" | `destination` is one of CN, MY, US | did you mean `MY`?
    `destination` is given twice @ "destination" | 
    `date`: `2025-02-30` is not a day, written like 2025-01-13 @ "2025-02-30" | `date` is a day from 2022-01-08 to 2027-07-01
    no constant is called `H10O` @ "H10O" | did you mean `H100`?
    `chip.tpp`: 1e400 is out of range @ 1e400 | `chip.tpp` is a whole number from 0 to 100000 TPP
    `chip.density`: 5.925 is between two steps @ 5.925 | `chip.density` is a multiple of 0.01 from 0 to 1000 TPP/mm2
    `licensed`: `perhaps` does not fit @ "perhaps" | `licensed` is true or false
    `items`: `3A090` is a heading, not a value @ ["3A090", 7] | `items` is one of 3A090.a, 3A090.b
    `colour` is not an attribute of r @ "colour" | the attributes are destination, date, chip.tpp, chip.density, licensed, items
    "#);
}

#[test]
fn what_is_no_case_file() {
    insta::assert_snapshot!(wrong("[1, 2]"), @"this is not a case file @ [ | A case file is one JSON object: attributes and their values. What is absent or null is unknown.");
    assert!(wrong(r#"{"chip.tpp": 100001}"#).contains("too large"));
    assert!(wrong(r#"{"chip.tpp": -1}"#).contains("too small"));
    assert!(wrong(r#"{"chip.tpp": true}"#).contains("does not fit"));
    assert!(wrong(r#"{"date": "2030-01-01"}"#).contains("outside its period"));
    assert!(wrong(r#"{"chip": "TOO_BIG"}"#).contains("a value of the constant `TOO_BIG` is outside"));
    assert!(wrong(r#"{"chip": 7}"#).contains("is a record"));
}

#[test]
fn a_record_can_be_an_object_of_its_fields() {
    let nested = read(r#"{"chip": {"tpp": 4800, "density": "5.92"}, "destination": "CN"}"#).expect("fits");
    let dotted = read(r#"{"chip.tpp": 4800, "chip.density": "5.92", "destination": "CN"}"#).expect("fits");
    assert_eq!(nested, dotted);
    assert!(wrong(r#"{"chip": {"tpq": 1}}"#).contains("chip.tpq"));
    assert!(wrong(r#"{"chip": {"tpp": 1}, "chip.tpp": 2}"#).contains("twice"));
}

#[test]
fn arguments_are_read_the_same_way() {
    let program = program();
    let arguments = |all: &[&str]| {
        let all: Vec<String> = all.iter().map(|one| (*one).to_owned()).collect();
        read_arguments(&mut Files::default(), &program, &constants(), &all).map(|read| read.case)
    };
    let case = arguments(&["chip=H20", "chip.tpp=4800 TPP", "destination=CN", "items={EAR99}", "date=unknown"]).expect("fits");
    assert_eq!(case.int(InputId(2)), Some(4800));
    assert_eq!(case.values[1], None);
    assert_eq!(case.values[5], Some(Value::Set(MemberSet::of(3, [2]))));
    let messages = arguments(&["destination", "chip.tpp=x", "destination=XX"]).expect_err("wrong");
    assert_eq!(messages.len(), 3);
    assert_eq!(arguments(&[" destination = CN "]).expect("fits"), arguments(&["destination=CN"]).expect("fits"));
    assert_eq!(arguments(&["destination=unknown "]).expect("fits").values[1], None);
    for (nothing, titles) in [("date=", 1), ("date= ", 1), ("dte=", 2)] {
        let messages = arguments(&[nothing]).expect_err("nothing is no value");
        assert_eq!(messages.len(), titles, "{messages:?}");
    }
}
