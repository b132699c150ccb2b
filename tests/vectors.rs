//! Test vectors of real regimes: they run through a built table and come out as they say; and misprints in the law's own text do not pass.

mod support;

use std::collections::{BTreeMap, BTreeSet};

use lexport::driver::Compilation;
use lexport::eval::decide;
use lexport::ir::{Case, Program, Value as IrValue};
use lexport::source::{DiskLoader, LoadError, Loader};
use serde_json::Value;
use support::Place;

/// A regime with every kind of input and of outcome.
const ALL: &str = "regime all \"All\"\nenum Country { CN, DE, US }\nenum Reading { letter, enforced }\n\
    input date : date from 2024-01-01 to 2025-12-31\ninput reading : Reading\n\
    input a, b : Country\ninput goods : set of { X, Y }\ninput quantity : count from 1 to 100\ninput price : money from 1 to 1000\n\
    input police : bool\ndecision licence : bool takes exactly one\ndecision kinds : set of { A, B } takes all\n\
    decision fee : count from 0 to 20 takes the sum otherwise 0\n\
    rule worth \"1(a)\" when quantity * price > 5_000 USD and a is not b then licence is true, kinds includes A, fee is 3\n\
    rule police \"1(b)\" when police and (a is not DE or quantity >= 50) then licence is false, fee is 5\n\
    rule x \"1(c)\" when goods has X then licence is true\n  status effective from 2025-01-13\n  not enforced from 2025-05-13\n\
    restriction small \"2\" overrides worth when quantity < 10\n";

fn regime(name: &str) -> String {
    format!("{}/policies/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn document(place: &Place, path: &str, more: &str) -> Value {
    let ran = place.run(&format!("vectors {path} --format json{more}"));
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    serde_json::from_str(&ran.out).expect("JSON")
}

fn list<'v>(value: &'v Value, name: &str) -> &'v Vec<Value> {
    value[name].as_array().unwrap_or_else(|| panic!("{name}: {value}"))
}

/// Names in any order.
fn names(value: &Value) -> BTreeSet<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// The vectors of a regime, run as rows of its table in both forms.
fn run_through_the_table(place: &Place, path: &str, table: &str, scope: &str) {
    let built = place.run(&format!("build {path} --to json -o out{scope}"));
    assert!(built.code == Some(0) || built.code == Some(3), "{}", built.all());
    let document = document(place, path, scope);
    let vectors = list(&document, "vectors");
    assert!(!vectors.is_empty());
    let rows: String = vectors.iter().map(|vector| format!("{}\n", vector["inputs"])).collect();
    place.put("rows.ndjson", rows.as_bytes());
    let ran = place.run(&format!("decide out/{table}.table.json --in rows.ndjson --out answers.ndjson"));
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    let answers = place.read("answers.ndjson");
    assert_eq!(answers.lines().count(), vectors.len());
    for (vector, line) in vectors.iter().zip(answers.lines()) {
        let answer: Value = serde_json::from_str(line).expect("JSON");
        assert!(answer.get("open").is_none(), "all is known: {line}");
        for (decision, expected) in vector["expect"].as_object().expect("decisions") {
            assert_eq!(&answer[decision], expected, "{decision} of {vector}");
            assert_eq!(names(&answer["because"][decision]), names(&vector["because"][decision]), "{decision} of {vector}");
        }
    }
    // What matters settles the answer alone.
    let known: String = vectors
        .iter()
        .map(|vector| {
            let known: BTreeMap<&str, &Value> =
                names(&vector["matter"]).into_iter().map(|name| (name, &vector["inputs"][name])).collect();
            // A row needs an attribute.
            let first = vector["inputs"].as_object().and_then(|all| all.keys().next()).expect("an input");
            let mut row = serde_json::to_value(&known).expect("JSON");
            if known.is_empty() {
                row[first] = Value::Null;
            }
            format!("{row}\n")
        })
        .collect();
    place.put("known.ndjson", known.as_bytes());
    let ran = place.run(&format!("decide out/{table}.table.json --in known.ndjson --out settled.ndjson"));
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    for (vector, line) in vectors.iter().zip(place.read("settled.ndjson").lines()) {
        let answer: Value = serde_json::from_str(line).expect("JSON");
        for (decision, expected) in vector["expect"].as_object().expect("decisions") {
            assert_eq!(answer.get(decision), Some(expected), "{decision} of {vector} by {line}");
        }
    }
    let written = place.run(&format!("vectors {path} --format csv -o rows.csv{scope}"));
    assert_eq!(written.code, Some(0), "{}", written.all());
    assert!(written.err.contains("test vectors cover"), "{}", written.err);
    let ran = place.run(&format!("decide out/{table}.table.json --in rows.csv --out answers.csv"));
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    let text = place.read("answers.csv");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let head = reader.headers().expect("a header").clone();
    let column = |name: &str| head.iter().position(|one| one == name).unwrap_or_else(|| panic!("no column {name} in {head:?}"));
    let mut count = 0;
    for row in reader.records() {
        let row = row.expect("a row");
        for decision in list(&document, "decisions").iter().filter_map(Value::as_str) {
            assert_eq!(&row[column(decision)], &row[column(&format!("expected_{decision}"))], "{row:?}");
        }
        let words = |name: &str| row[column(name)].split(' ').map(str::to_owned).collect::<BTreeSet<_>>();
        assert_eq!(words("because"), words("expected_because"), "{row:?}");
        assert_eq!(row[column("open")], row[column("expected_open")], "{row:?}");
        count += 1;
    }
    assert_eq!(count, vectors.len());
}

#[test]
fn vectors_come_out_of_a_table_as_they_say() {
    let place = Place::with(&[("all.lxp", ALL)]);
    run_through_the_table(&place, "all.lxp", "all", "");
    run_through_the_table(&place, "all.lxp", "all", " --reading enforced");
    run_through_the_table(&place, "all.lxp", "all", " --on 2025-02-01");
}

#[test]
fn vectors_of_a_real_regime_come_out_of_its_table() {
    let place = Place::new();
    run_through_the_table(&place, &regime("us-2023-11"), "us_2023_11", "");
}

#[test]
fn none_can_be_left_out_and_every_run_says_the_same() {
    let place = Place::with(&[("all.lxp", ALL)]);
    let document = document(&place, "all.lxp", "");
    let obligations = list(&document, "obligations");
    let mut needed = BTreeSet::new();
    for one in obligations {
        let by = list(one, "vectors");
        assert_eq!(by.is_empty(), one["status"] != "covered", "{one}");
        if let [only] = by.as_slice() {
            needed.insert(only.as_u64().expect("a number"));
        }
        for vector in by {
            let at = vector.as_u64().expect("a number") as usize - 1;
            assert!(list(&document["vectors"][at], "covers").contains(&one["id"]), "both lists say the same");
        }
    }
    let all: BTreeSet<u64> = (1..=list(&document, "vectors").len() as u64).collect();
    assert_eq!(needed, all, "each vector is the only one that shows something");
    for format in ["text", "json", "csv", "markdown"] {
        let one = place.run(&format!("vectors all.lxp --format {format} --jobs 1"));
        let two = place.run(&format!("vectors all.lxp --format {format} --jobs 2"));
        assert_eq!(one.out, two.out, "{format}");
        assert!(!one.out.is_empty());
    }
}

#[test]
fn both_sides_of_thresholds_and_days_stand_in_the_vectors() {
    let place = Place::with(&[("all.lxp", ALL)]);
    let document = document(&place, "all.lxp", "");
    // By the text of the regime: quantity < 10, quantity >= 50, the days of `x`; 5,000 is met by quantity and price together.
    let wanted = [
        ("small", "quantity", "9", "below"),
        ("small", "quantity", "10", "from"),
        ("police", "quantity", "49", "below"),
        ("police", "quantity", "50", "from"),
        ("x", "date", "\"2025-01-12\"", "below"),
        ("x", "date", "\"2025-01-13\"", "from"),
        ("x", "date", "\"2025-05-12\"", "below"),
        ("x", "date", "\"2025-05-13\"", "from"),
    ];
    for (rule, input, value, side) in wanted {
        let value: Value = serde_json::from_str(value).expect("JSON");
        let one = list(&document, "obligations")
            .iter()
            .find(|one| one["rule"] == rule && one["input"] == input && one["value"] == value && one["side"] == side)
            .unwrap_or_else(|| panic!("no {rule} {input} {value} {side}"));
        assert_eq!(one["strength"], "decides", "{one}");
        for vector in list(one, "vectors") {
            let vector = &document["vectors"][vector.as_u64().expect("a number") as usize - 1];
            assert_eq!(vector["inputs"][input], value, "{one}");
        }
    }
    let sums: Vec<&Value> =
        list(&document, "obligations").iter().filter(|one| one["kind"] == "threshold" && one["input"].is_null()).collect();
    assert_eq!(sums.len(), 2);
    // Which products there are: of whole pieces, and prices from 1 to 1,000 dollars in cents.
    let product =
        |cents: u64| (1..=100).any(|pieces| cents.is_multiple_of(pieces) && (100..=100_000).contains(&(cents / pieces)));
    assert!(product(500_000) && !product(500_001), "more than 5,000 by one cent is no product");
    for one in sums {
        let below = one["side"] == "below";
        assert_eq!((&one["strength"], &one["exact"]), (&Value::from("decides"), &Value::from(below)), "{one}");
        let at = list(one, "vectors")[0].as_u64().expect("a number") as usize - 1;
        let inputs = &document["vectors"][at]["inputs"];
        let text = inputs["price"].to_string();
        let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
        let price = format!("{whole}{part:0<2}").parse::<u64>().expect("a number");
        let pieces = inputs["quantity"].as_u64().expect("a count");
        if below {
            assert_eq!(pieces * price, 500_000, "{inputs}");
        } else {
            assert!(pieces * price > 500_000, "{inputs}");
            assert!((pieces - 1) * price <= 500_000 || pieces * (price - 1) <= 500_000, "one step leads across: {inputs}");
        }
    }
    assert!(list(&document, "obligations").iter().any(|one| one["kind"] == "conflict" && one["status"] == "covered"));
    assert!(list(&document, "obligations").iter().any(|one| one["kind"] == "gap" && one["status"] == "covered"));
    let readings = list(&document, "obligations").iter().filter(|one| one["kind"] == "reading" && one["strength"] == "decides");
    assert_eq!(readings.count(), 2);
}

#[test]
fn what_cannot_be_covered_is_named() {
    let text = "regime dead\ninput quantity : count from 1 to 100\ninput date : date from 2024-01-01 to 2024-12-31\n\
        decision licence : bool takes exactly one otherwise false\n\
        rule many when quantity > 50 then licence is true\nrule none when quantity > 50 and quantity < 20 then licence is true\n\
        rule again when quantity > 60 then licence is true\n";
    let place = Place::with(&[("dead.lxp", text)]);
    let document = document(&place, "dead.lxp", "");
    let of = |rule: &str| {
        list(&document, "obligations")
            .iter()
            .find(|one| one["rule"] == rule && one["decision"] == "licence")
            .cloned()
            .expect("a rule")
    };
    assert_eq!(of("none")["status"], "impossible");
    assert!(!list(&of("none"), "evidence").is_empty());
    // What it says another says too.
    assert_eq!((&of("again")["strength"], &of("again")["most"]), (&Value::from("carries"), &Value::from(true)));
    assert_eq!(of("many")["strength"], "decides");
    let ran = place.run("vectors dead.lxp");
    assert!(ran.out.contains("Cannot be covered"), "{}", ran.out);
    assert!(ran.out.contains("`none` carries `licence`"), "{}", ran.out);
    for (line, said) in [
        ("vectors dead.lxp --reading enforced", "one reading"),
        ("vectors dead.lxp --on 2025-01-01", "--on"),
        ("vectors nowhere.lxp", "nowhere.lxp"),
        ("vectors dead.lxp --format yaml", "yaml"),
    ] {
        let ran = place.run(line);
        assert_eq!(ran.code, Some(2), "{}", ran.all());
        assert!(ran.err.contains(said), "{}", ran.err);
    }
}

/// The texts of this machine with one edited.
struct Edited {
    path: String,
    text: String,
}

impl Loader for Edited {
    fn load(&self, path: &str) -> Result<String, LoadError> {
        if path == self.path { Ok(self.text.clone()) } else { DiskLoader.load(path) }
    }

    fn list(&self, folder: &str) -> Result<Option<Vec<String>>, LoadError> {
        DiskLoader.list(folder)
    }
}

/// Numbers of a text that stand after a comparison, each one step off; rules without their exceptions; sides of an `or` taken away.
fn misprints(text: &str) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for sign in [">= ", "< "] {
        for (at, _) in text.match_indices(sign) {
            let from = at + sign.len();
            let digits = text[from..].find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(0);
            let number = &text[from..from + digits];
            // A comment is no law.
            let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
            if number.is_empty() || text[line..at].contains("--") {
                continue;
            }
            let (whole, part) = number.split_once('.').unwrap_or((number, ""));
            let k: i64 = format!("{whole}{part}").parse().expect("digits");
            for to in [k - 1, k + 1].into_iter().filter(|to| *to >= 0) {
                let digits = format!("{to:0>width$}", width = part.len() + 1);
                let (whole, part) = digits.split_at(digits.len() - part.len());
                let moved = if part.is_empty() { whole.to_owned() } else { format!("{whole}.{part}") };
                let edited = format!("{}{moved}{}", &text[..from], &text[from + number.len()..]);
                all.push((format!("{sign}{number} as {moved}"), edited));
            }
        }
    }
    for (at, _) in text.match_indices(" from 20") {
        let from = at + " from ".len();
        let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
        let Some(day) = text.get(from..from + 10).and_then(lexport::ir::date_day) else { continue };
        if text[line..at].contains("--") {
            continue;
        }
        for to in [day - 1, day + 1] {
            let moved = lexport::ir::date_text(to);
            all.push((format!("from {moved}"), format!("{}{moved}{}", &text[..from], &text[from + 10..])));
        }
    }
    for (at, _) in text.match_indices(" or ") {
        let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
        if text[line..at].contains("--") || text[line..at].matches('"').count() % 2 == 1 {
            continue;
        }
        // One side is never met.
        all.push((
            format!("and for or: {}", text[line..].lines().next().unwrap_or("")),
            format!("{} and {}", &text[..at], &text[at + 4..]),
        ));
    }
    for (at, _) in
        text.match_indices("\nrestriction ").chain(text.match_indices("\nexception ")).chain(text.match_indices("\nrule "))
    {
        let end = text[at + 1..].find("\n\n").map_or(text.len(), |end| at + 1 + end);
        let name = text[at + 1..].split_whitespace().take(2).collect::<Vec<_>>().join(" ");
        all.push((format!("without {name}"), format!("{}{}", &text[..at], &text[end..])));
    }
    all
}

/// A case by the names of another program's inputs, decisions and members.
fn outcomes(program: &Program, case: &Value) -> Option<BTreeMap<String, Value>> {
    let mut given = Case::unknown(program.inputs.len());
    for input in program.input_ids() {
        let declared = program.input(input);
        let value = case.get(&declared.name)?;
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let read = match value {
            Value::Bool(value) => Some(IrValue::Bool(*value)),
            _ => lexport::driver::value(program, input, &lexport::driver::Given::Text(text)).ok().flatten(),
        };
        given.set(input, read?);
    }
    let decided = decide(program, &given).ok()?;
    let own = program.decision_ids().filter(|id| program.decision(*id).regime == 0);
    Some(
        own.map(|id| {
            (program.decision(id).name.clone(), lexport::report::value::outcome(program, id, &decided[id.index()].outcome))
        })
        .collect(),
    )
}

/// What no vector tells because no case does. Beyond 4800, and beyond a density of 5.92, a circuit is in 3A090.a, which prevails over 3A090.b: so it
/// does not matter how far b.1 and b.2 reach there. And what b.1 lacks below 5.92, b.2 has.
/// That a text is codified binds nobody: both readings wait until it is effective.
const EQUIVALENT: [&str; 6] = [
    "classification: < 4800 as 4801",
    "classification: < 5.92 as 5.91",
    "classification: < 5.92 as 5.93",
    "classification: < 5.92 as 5.93",
    "regime: from 2023-10-24",
    "regime: from 2023-10-26",
];

/// Whether a program says the same of circuits around these thresholds: each area of a hundredth that gives a density near 5.92.
fn alike_around_the_thresholds(program: &Program, mutant: &Program, vector: &Value) -> bool {
    [1599, 1600, 2399, 2400, 4799, 4800, 4801].into_iter().all(|performance: i64| {
        (performance * 10_000 / 594..=performance * 10_000 / 590).all(|area| {
            [true, false].into_iter().all(|datacenter| {
                let mut case = vector.clone();
                case["chip.tpp"] = performance.into();
                case["chip.die_area"] = format!("{}.{:02}", area / 100, area % 100).into();
                case["chip.datacenter"] = datacenter.into();
                outcomes(program, &case).is_some() && outcomes(program, &case) == outcomes(mutant, &case)
            })
        })
    })
}

/// Misprints in the chapters of the rule of November 2023: numbers and days one step off, `and` for `or`, a rule left out. Each is told by a vector.
#[test]
fn misprints_in_the_law_are_told() {
    let place = Place::new();
    let path = regime("us-2023-11");
    let document = document(&place, &path, "");
    let vectors = list(&document, "vectors");
    let law = Compilation::load(&DiskLoader, &path).program.expect("it compiles");
    let (mut told, mut survived) = (0, Vec::new());
    for chapter in ["classification", "requirement", "exceptions", "corrections", "review", "regime"] {
        let file = format!("{path}/{chapter}.lxp");
        let text = std::fs::read_to_string(&file).expect("a chapter");
        for (what, edited) in misprints(&text) {
            let compilation = Compilation::load(&Edited { path: file.clone(), text: edited }, &path);
            if compilation.failed() {
                // A rule that another names cannot be left out.
                continue;
            }
            let mutant = compilation.program.expect("it compiles");
            let differs = |vector: &&Value| {
                let now = outcomes(&mutant, &vector["inputs"]).expect("the same inputs");
                vector["expect"].as_object().expect("decisions").iter().any(|(name, expected)| now.get(name) != Some(expected))
            };
            if vectors.iter().any(|vector| differs(&vector)) {
                told += 1;
                continue;
            }
            if chapter == "regime" {
                let meaning = |of: &Program| serde_json::to_string(&(&of.pool, &of.rules, &of.decisions)).expect("JSON");
                assert_eq!(meaning(&law), meaning(&mutant), "{what}");
            } else if EQUIVALENT.contains(&format!("{chapter}: {what}").as_str()) {
                let base =
                    &vectors.iter().find(|vector| vector["expect"]["classification"] == "3A090.b").expect("one of b")["inputs"];
                assert!(alike_around_the_thresholds(&law, &mutant, base), "{what}");
            }
            survived.push(format!("{chapter}: {what}"));
        }
    }
    assert_eq!(survived, EQUIVALENT, "{told} are told");
    assert!(told >= 25, "{told}");
}
