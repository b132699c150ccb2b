//! Emitted programs are compiled and run: the check vectors are their tests, so the answers are those of the table.

use std::process::Command;

use lexport::diagram::{Options, Specialise, build_table};
use lexport::emit::{EmitError, csv, datafusion, json, markdown, read_json, rust};
use lexport::ir::{
    Combine, Decimal, Decision, DecisionId, Domain, EnumDef, EnumId, Input, InputId, Member, MemberSet, NumberDomain, Origin,
    OriginId, Poly, Pool, Program, Ranges, Regime, Rule, RuleId, RuleKind, TermId, VERSION, Value,
};
use lexport::source::Span;

fn enumeration(name: &str, members: &[&str]) -> EnumDef {
    let members = members.iter().map(|name| Member { name: (*name).into(), label: String::new() }).collect();
    EnumDef { name: name.into(), members, ordered: true, headings: Vec::new() }
}

fn decision(name: &str, domain: Domain, combine: Combine, default: Option<Value>, rules: &[u32]) -> Decision {
    let rules = rules.iter().copied().map(RuleId).collect();
    Decision { name: name.into(), title: String::new(), domain, combine, default, rules, regime: 0, origin: OriginId(0) }
}

/// A small regime with every kind of input, arithmetic, an exception and a conflict.
fn program() -> Program {
    let number =
        |unit: &str, hi| Domain::Number(NumberDomain { unit: unit.into(), step: Decimal { mantissa: 1, scale: 2 }, lo: 0, hi });
    let inputs = [
        ("destination", Domain::Enum(EnumId(0))),
        ("end_user.hq", Domain::Enum(EnumId(0))),
        ("chip.tpp", number("TPP", 3_000_000)),
        ("chip.die_area", number("mm2", 100_000)),
        ("date", Domain::Date { lo: 20_000, hi: 21_000 }),
        ("chip.datacenter", Domain::Bool),
        ("exceptions", Domain::Set(EnumId(2))),
    ];
    let origin = Origin { span: Span::NOWHERE, file: String::new(), line: 0, words: String::new() };
    let mut program = Program {
        version: VERSION.into(),
        regimes: vec![Regime { name: "us-test".into(), title: "A | \"test\"".into(), cite: String::new(), origin: OriginId(0) }],
        enums: vec![
            enumeration("Country", &["BR", "CN", "MO", "NL", "DE"]),
            enumeration("Requirement", &["none", "notice", "license"]),
            enumeration("Exception", &["NAC", "LPP"]),
        ],
        inputs: inputs
            .into_iter()
            .map(|(name, domain)| Input {
                name: name.into(),
                title: String::new(),
                domain,
                preferred: Vec::new(),
                capability: false,
                regime: 0,
                origin: OriginId(0),
            })
            .collect(),
        decisions: Vec::new(),
        rules: Vec::new(),
        pool: Pool::default(),
        origins: vec![origin],
        caps: Vec::new(),
        links: Vec::new(),
        carries: Vec::new(),
        nodes: Vec::new(),
        processes: Vec::new(),
        properties: Vec::new(),
        scenarios: Vec::new(),
        acceptances: Vec::new(),
        date_edges: Vec::new(),
        words: Default::default(),
        titles: Vec::new(),
        date: Some(InputId(4)),
        reading: None,
    };
    let mut build = program.builder();
    let bad = build.member(InputId(0), MemberSet::of(5, [1, 2])).unwrap();
    let big = build.within(InputId(2), Ranges::closed(480_000, 3_000_000)).unwrap();
    let medium = build.within(InputId(2), Ranges::closed(160_000, 3_000_000)).unwrap();
    let density = Poly::input(InputId(2)).times_constant(100).unwrap();
    let density = density.plus(&Poly::input(InputId(3)).times_constant(-592).unwrap()).unwrap();
    let dense = build.at_least_zero(density).unwrap();
    let dense = build.and([medium, dense]);
    let class = build.or([big, dense]);
    let since = build.within(InputId(4), Ranges::closed(20_500, 21_000)).unwrap();
    let home = build.same(InputId(0), InputId(1)).unwrap();
    let datacenter = build.flag(InputId(5)).unwrap();
    let lpp = build.has(InputId(6), 1).unwrap();
    let licence = build.and([class, since]);
    let not_bad = build.not(bad);
    let exception = build.and([not_bad, lpp]);
    let always = build.constant(true);
    let mut rule = |name: &str, applies: TermId, concludes: Vec<(u32, Value)>, over: &[u32]| {
        program.rules.push(Rule {
            name: name.into(),
            title: String::new(),
            cite: "15 CFR 742.6(a)(6), \"x\" | y".into(),
            family: None,
            kind: RuleKind::Rule,
            regime: 0,
            in_force: always,
            condition: applies,
            applies,
            conclusions: concludes.into_iter().map(|(decision, value)| (DecisionId(decision), value)).collect(),
            overridden_by: over.iter().copied().map(RuleId).collect(),
            alternatives: Vec::new(),
            all_alternatives: true,
            limbs: Vec::new(),
            license: Vec::new(),
            mark: String::new(),
            origin: OriginId(0),
        });
    };
    rule("license", licence, vec![(0, Value::Member(2))], &[1]);
    rule("lpp", exception, vec![(0, Value::Member(1)), (1, Value::Set(MemberSet::of(2, [1])))], &[]);
    rule("home", home, vec![(2, Value::Int(5))], &[]);
    rule("datacenter", datacenter, vec![(2, Value::Int(-1)), (1, Value::Set(MemberSet::of(2, [0])))], &[]);
    let percent = number("%", 100);
    program.decisions = vec![
        decision("requirement", Domain::Enum(EnumId(1)), Combine::Strictest, Some(Value::Member(0)), &[0, 1]),
        decision("usable", Domain::Set(EnumId(2)), Combine::All, None, &[1, 3]),
        decision("duty", percent, Combine::ExactlyOne, None, &[2, 3]),
    ];
    program
}

#[test]
fn emitted_rust_compiles_alone_and_passes_its_check_vectors() {
    let table = build_table(&program(), &Specialise::default(), &Options::default()).unwrap();
    assert!(table.vectors.len() > 10);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("table.rs");
    std::fs::write(&file, rust(&table).unwrap().bytes).unwrap();
    let run = folder.path().join("run");
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    let compile = |more: &[&str], out: &std::path::Path| {
        let command =
            Command::new(&rustc).args(["--edition", "2024", "-D", "warnings"]).args(more).arg(&file).arg("-o").arg(out).output();
        let output = command.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    compile(&["--test"], &run);
    compile(&["--crate-type", "lib"], &folder.path().join("libtable.rlib"));
    let output = Command::new(&run).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(String::from_utf8_lossy(&output.stdout).contains("3 passed"));
}

#[test]
fn readable_tables_say_what_the_table_says() {
    let table = build_table(&program(), &Specialise::default(), &Options::default()).unwrap();
    let page = String::from_utf8(markdown(&table, 1000).unwrap().0.bytes).unwrap();
    assert!(page.contains("| 4800 to 29999.99") || page.contains("≥ 4800"), "{page}");
    assert!(page.contains("(conflict: -0.01, 0.05)"), "{page}");
    assert!(page.contains("license \\[15 CFR 742.6(a)(6), \"x\" \\| y\\]"), "{page}");
    let files = csv(&table, 1000).unwrap();
    assert_eq!((files.artifacts.len(), files.refused.len()), (5, 0));
    let mut reader = ::csv::Reader::from_reader(files.artifacts[4].bytes.as_slice());
    assert_eq!(reader.headers().unwrap().iter().next_back(), Some("citations"));
    assert_eq!(reader.records().map(Result::unwrap).count(), 4);
    // What has too many rows is refused alone, by name, and told in the file of decisions.
    let some = csv(&table, 4).unwrap();
    assert!(!some.refused.is_empty() && some.artifacts.len() + some.refused.len() == 5);
    let told = String::from_utf8(some.artifacts[1].bytes.clone()).unwrap();
    assert!(told.contains("has more than 4 rows"), "{told}");
    assert!(String::from_utf8(markdown(&table, 2).unwrap().0.bytes).unwrap().contains("Not shown: more than 2 rows"));
    assert_eq!(read_json(&json(&table).unwrap().bytes).as_ref(), Ok(&table));
}

/// What needs no DataFusion compiles without it; the functions themselves are compiled in `interop.rs`.
#[test]
fn functions_of_datafusion_hold_the_rust_table_and_what_it_says() {
    let table = build_table(&program(), &Specialise::default(), &Options::default()).unwrap();
    let artifact = datafusion(&table).unwrap();
    assert_eq!(artifact, datafusion(&table).unwrap(), "the same table, the same bytes");
    assert_eq!(artifact.path, "us_test_datafusion.rs");
    let text = String::from_utf8(artifact.bytes).unwrap();
    let (_, inner) = text.split_once("pub mod table {\n").unwrap();
    let plain = String::from_utf8(rust(&table).unwrap().bytes).unwrap();
    for (line, inner) in plain.lines().zip(inner.lines()) {
        assert_eq!(line, inner.strip_prefix("    ").unwrap_or(inner));
    }
    for said in [
        "function: \"us_test_requirement\"",
        // A conflict in the words of `lexport decide`, and its values.
        r#"text: "conflict of -0.01 and 0.05", parts: &["-0.01", "0.05"]"#,
        r#"text: "{LPP}", parts: &["LPP"]"#,
        r#"text: "no value", parts: &[]"#,
        // The inputs with what is allowed, and the decimal that holds each.
        r#"name: "chip.tpp", takes: Takes::Number { mantissa: 1, scale: 2, cast: "DECIMAL(7, 2)" }, allowed: "a multiple of 0.01 from 0 to 30000 TPP""#,
        r#"allowed: "one of BR, CN, MO, NL, DE""#,
        r#"allowed: "a day from 2024-10-04 to 2027-07-01""#,
    ] {
        assert!(text.contains(said), "{said}");
    }
    let begin = text.find("\n/// The table, as").unwrap();
    let end = text[..text.find("\nmod argument").unwrap()].rfind('\n').unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("table.rs");
    std::fs::write(&file, &text[begin..end]).unwrap();
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    let run = folder.path().join("run");
    let output = Command::new(&rustc).args(["--edition", "2024", "--test", "-o"]).arg(&run).arg(&file).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let output = Command::new(&run).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains("3 passed"), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn functions_of_datafusion_do_not_round() {
    let mut table = build_table(&program(), &Specialise::default(), &Options::default()).unwrap();
    let Domain::Number(number) = &mut table.inputs[2].domain else { panic!("a number") };
    number.step.scale = 39;
    let refused = datafusion(&table);
    assert!(matches!(&refused, Err(EmitError::TooWide(what)) if what.contains("chip.tpp")), "{refused:?}");
}
