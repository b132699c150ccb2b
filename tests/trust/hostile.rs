//! Tables whose hashes fit and whose content is made to cost more than it is worth. Each is read, and asked one row, within time and memory in proportion to
//! its length. `LEXPORT_HOSTILE_KB=8192` makes them larger; what they cost is printed. (In a build for development the fusing of levels is slow, of any table: there
//! they are small.)

use std::fmt::Write as _;
use std::process::Command;
use std::time::{Duration, Instant};

use lexport::emit::{ReadError, read_json};

use super::support::Place;
use super::told;

/// A document with a hash that fits.
fn sealed(body: &str) -> Vec<u8> {
    let hash = blake3::hash(body.as_bytes()).to_hex();
    format!("{{\"schema\":\"lexport.table/2\",\"hash\":\"{hash}\",\"table\":{body}}}").into_bytes()
}

/// The parts of a table that are not as of a small one.
#[derive(Default)]
struct Parts {
    enums: String,
    inputs: String,
    decisions: String,
    rules: String,
    tests: String,
    nodes: String,
    outcomes: String,
    vectors: String,
}

const INPUT: &str = "{\"name\":\"flag\",\"title\":\"\",\"domain\":\"bool\"}";

impl Parts {
    /// A regime with one input, `flag`, and what was put together.
    fn sealed(&self) -> Vec<u8> {
        let inputs = if self.inputs.is_empty() { INPUT.to_owned() } else { format!("{INPUT},{}", self.inputs) };
        let or = |part: &str, other: &str| if part.is_empty() { other.to_owned() } else { part.to_owned() };
        let outcomes = or(&self.outcomes, "{\"answer\":\"gap\",\"rules\":[]}");
        let decisions = or(&self.decisions, &decision(0, 1 << 31));
        sealed(&format!(
            "{{\"regime\":\"hostile\",\"title\":\"\",\"source\":\"\",\"readings\":[],\"dates\":null,\"enums\":[{}],\"inputs\":[{inputs}],\
             \"decisions\":[{decisions}],\"rules\":[{}],\"tests\":[{}],\"nodes\":[{}],\"outcomes\":[{outcomes}],\"vectors\":[{}]}}",
            self.enums, self.rules, self.tests, self.nodes, self.vectors
        ))
    }
}

fn decision(number: usize, root: u32) -> String {
    format!("{{\"name\":\"d{number}\",\"title\":\"\",\"domain\":\"bool\",\"root\":{root},\"ask\":[0]}}")
}

/// So many, with commas.
fn list(count: usize, each: impl Fn(usize) -> String) -> String {
    let mut out = String::new();
    for number in 0..count {
        let _ = write!(out, "{}{}", if number == 0 { "" } else { "," }, each(number));
    }
    out
}

fn enumeration(members: usize, headings: &str) -> String {
    let members = list(members, |member| format!("{{\"name\":\"m{member}\",\"label\":\"\"}}"));
    format!("{{\"name\":\"E\",\"members\":[{members}],\"ordered\":false,\"headings\":[{headings}]}}")
}

const HEAD: u32 = 3 << 30;
const LEAF: u32 = 1 << 31;

/// A chain of nodes over `count` flags: each goes on to the one below it, or to an outcome.
fn chain(count: usize, test: &str, outcome: impl Fn(usize) -> usize) -> Parts {
    let below = |node: usize| if node == 0 { LEAF } else { 3 * (node as u32 - 1) };
    let nodes =
        list(count, |node| format!("{},{},{}", HEAD | (count - 1 - node) as u32, LEAF | outcome(node) as u32, below(node)));
    Parts { tests: list(count, |_| test.to_owned()), nodes, decisions: decision(0, below(count)), ..Parts::default() }
}

fn truth(number: usize) -> String {
    format!("{{\"answer\":{{\"bool\":{}}},\"rules\":[]}}", number.is_multiple_of(2))
}

/// By name a table of about so many bytes.
fn families(size: usize) -> Vec<(&'static str, Vec<u8>)> {
    let flag = "{\"flag\":{\"input\":0}}";
    let (two, third) = (truth(0) + "," + &truth(1), size / 3);
    let sets = "{\"name\":\"set\",\"title\":\"\",\"domain\":{\"set\":0}}";
    let guard = "{\"name\":\"e\",\"title\":\"\",\"domain\":{\"enum\":0}}";
    let guards = |count: usize| {
        let nodes = list(count, |node| {
            format!("{},{}", HEAD | (count - 1 - node) as u32, if node == 0 { LEAF } else { 2 * (node as u32 - 1) })
        });
        let tests = list(count, |_| "{\"member\":{\"input\":1,\"classes\":1,\"map\":[0]}}".to_owned());
        let decisions = decision(0, 2 * (count as u32 - 1));
        Parts { inputs: guard.into(), enums: enumeration(1, ""), tests, nodes, decisions, ..Parts::default() }
    };
    let number = "{\"name\":\"n\",\"title\":\"\",\"domain\":{\"number\":{\"unit\":\"\",\"step\":{\"mantissa\":1,\"scale\":0},\"lo\":0,\"hi\":9}}}";
    vec![
        (
            "many inputs",
            Parts {
                inputs: list(size / 45, |at| format!("{{\"name\":\"order_idx{at}\",\"title\":\"\",\"domain\":\"bool\"}}")),
                ..Parts::default()
            },
        ),
        ("everything to ask for", {
            let count = size / 45;
            let asked = list(count, |at| (at + 1).to_string());
            Parts {
                inputs: list(count, |at| format!("{{\"name\":\"order_idx{at}\",\"title\":\"\",\"domain\":\"bool\"}}")),
                decisions: decision(0, 1 << 31).replace("[0]", &format!("[{asked}]")),
                ..Parts::default()
            }
        }),
        ("a chain of guards", guards(size / 70)),
        ("a deep chain", chain(size / 50, flag, |_| 0)),
        ("an outcome for each node", Parts { outcomes: list(size / 80, truth), ..chain(size / 80, flag, |node| node) }),
        ("many decisions of one diagram", {
            let parts = chain(third / 50, flag, |_| 0);
            let root = 3 * (third as u32 / 50 - 1);
            Parts { decisions: list(2 * third / 60, |at| decision(at, root)), outcomes: two.clone(), ..parts }
        }),
        (
            "many decisions and many outcomes",
            Parts {
                decisions: list(size / 120, |at| decision(at, LEAF | (at as u32 % 7))),
                outcomes: list(size / 80, truth),
                ..Parts::default()
            },
        ),
        ("many decisions of one large test", {
            let members = third / 30;
            let map = list(members, |member| (member % 2).to_string());
            let test = format!("{{\"member\":{{\"input\":1,\"classes\":2,\"map\":[{map}]}}}}");
            let nodes = format!("{HEAD},{LEAF},{}", LEAF | 1);
            let decisions = list(third / 60, |at| decision(at, 0));
            Parts {
                inputs: guard.into(),
                enums: enumeration(members, ""),
                tests: test,
                nodes,
                decisions,
                outcomes: two.clone(),
                ..Parts::default()
            }
        }),
        (
            "check vectors of empty sets",
            Parts {
                inputs: sets.into(),
                enums: enumeration(third / 30, ""),
                vectors: list(third / 45, |_| {
                    format!(
                        "{{\"values\":[{{\"bool\":true}},{{\"set\":{{\"size\":{},\"members\":[]}}}}],\"outcomes\":[0]}}",
                        third / 30
                    )
                }),
                ..Parts::default()
            },
        ),
        (
            "empty headings",
            Parts {
                enums: enumeration(
                    third / 30,
                    &list(third / 50, |_| format!("{{\"name\":\"\",\"members\":{{\"size\":{},\"members\":[]}}}}", third / 30)),
                ),
                ..Parts::default()
            },
        ),
        (
            "answers of empty sets",
            Parts {
                outcomes: list(size / 65, |_| {
                    "{\"answer\":{\"set\":{\"size\":4294967232,\"members\":[]}},\"rules\":[]}".to_owned()
                }),
                ..Parts::default()
            },
        ),
        (
            "many inputs of a large set",
            Parts {
                enums: enumeration(third / 30, ""),
                inputs: list(third / 45, |at| format!("{{\"name\":\"s{at}\",\"title\":\"\",\"domain\":{{\"set\":0}}}}")),
                ..Parts::default()
            },
        ),
        (
            "an outcome of many rules",
            Parts {
                rules: list(size / 50, |at| format!("{{\"name\":\"rule{at}\",\"title\":\"\",\"cite\":\"\"}}")),
                outcomes: format!("{{\"answer\":{{\"bool\":true}},\"rules\":[{}]}}", list(size / 50, |at| at.to_string())),
                ..Parts::default()
            },
        ),
        ("check vectors of a deep chain", {
            let vector = "{\"values\":[{\"bool\":true}],\"outcomes\":[0]}";
            Parts {
                vectors: list(size / 2 / 45, |_| vector.to_owned()),
                outcomes: two.clone(),
                ..chain(size / 2 / 50, flag, |_| 0)
            }
        }),
        ("check vectors of a large polynomial", {
            let monomials = list(third / 40, |_| "{\"coefficient\":\"1\",\"factors\":[1]}".to_owned());
            let vector = "{\"values\":[{\"bool\":true},{\"int\":3}],\"outcomes\":[1]}";
            Parts {
                inputs: number.into(),
                tests: format!("{{\"at_least_zero\":{{\"constant\":\"0\",\"monomials\":[{monomials}]}}}}"),
                nodes: format!("{HEAD},{LEAF},{}", LEAF | 1),
                decisions: decision(0, 0),
                outcomes: two,
                vectors: list(third / 50, |_| vector.to_owned()),
                ..Parts::default()
            }
        }),
        (
            "a name of all the bytes",
            Parts { rules: format!("{{\"name\":\"{}\",\"title\":\"\",\"cite\":\"\"}}", "x".repeat(size)), ..Parts::default() },
        ),
        ("one name for all inputs", Parts { inputs: list(size / 45, |_| INPUT.to_owned()), ..Parts::default() }),
    ]
    .into_iter()
    .map(|(name, parts)| (name, parts.sealed()))
    .collect()
}

/// Runs `decide` with a limit of its memory. (The address space, which is more than what it takes.)
fn decide(place: &Place, table: &str, megabytes: usize) -> (Option<i32>, String, Duration) {
    let line = format!("ulimit -v {}; exec \"$0\" decide {table} --in rows.csv --out answers.csv --jobs 1", megabytes << 10);
    let begun = Instant::now();
    let output = Command::new("sh")
        .args(["-c", &line, env!("CARGO_BIN_EXE_lexport")])
        .current_dir(place.path())
        .env("NO_COLOR", "1")
        .output()
        .expect("a shell");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned(), begun.elapsed())
}

#[test]
fn asking_is_bounded() {
    let largest = std::env::var("LEXPORT_HOSTILE_KB").ok().and_then(|text| text.parse().ok()).unwrap_or(8usize);
    let place = Place::with(&[("rows.csv", "order_id,flag\n7,true\n")]);
    let mut good = 0;
    for kilobytes in [largest / 8, largest / 4, largest / 2, largest] {
        for (name, bytes) in families(kilobytes << 10) {
            place.put("table", &bytes);
            // The program, its stack, what fusing one decision may take, and so many bytes for each of the table's.
            let (code, said, took) = decide(&place, "table", 900 + kilobytes * 100 / 1024);
            let shown = &said[..said.len().min(2000)];
            println!("{name}: {} bytes: exit {code:?}, {took:.1?}", bytes.len());
            assert!(matches!(code, Some(0 | 2)), "{name}, {kilobytes} kB: {code:?}\n{shown}");
            assert!(!said.contains("mistake of Lexport") && said.len() < 5_000_000, "{name}: {shown}");
            assert!(took < Duration::from_secs(30 + kilobytes as u64), "{name}, {kilobytes} kB: {took:?}");
            good += usize::from(code == Some(0));
        }
    }
    assert!(good > 20, "most of them are tables: only {good} were");
}

/// What no reader takes, from how many bytes on, and why: sets that would unfold to more than the file is worth; inputs of one name.
const REFUSED: [(&str, usize, &str); 4] = [
    ("answers of empty sets", 0, "its sets are too large for its length"),
    ("check vectors of empty sets", 2 << 20, "its sets are too large for its length"),
    ("empty headings", 2 << 20, "its sets are too large for its length"),
    ("one name for all inputs", 0, "twice"),
];

/// Reading alone, of larger ones: twice the bytes take about twice the time, and not four times.
#[test]
fn reading_is_in_proportion() {
    for (small, large) in families(512 << 10).into_iter().zip(families(4 << 20)) {
        let time = |bytes: &[u8]| {
            let begun = Instant::now();
            let read = read_json(bytes);
            let took = begun.elapsed();
            // What is refused by surprise would have measured nothing.
            let expected = REFUSED.iter().find(|(name, from, _)| *name == small.0 && bytes.len() >= *from).map(|(.., why)| *why);
            assert_eq!(
                read.as_ref().err().map(ToString::to_string).is_some_and(|said| said.contains(expected.unwrap_or(""))),
                expected.is_some(),
                "{}: {:?}",
                small.0,
                read.as_ref().err()
            );
            // The same as bytes, where it is a table.
            let binary = read.as_ref().ok().map(|table| lexport::emit::binary(table).expect("a file").bytes);
            let begun = Instant::now();
            let same = binary.is_none_or(|bytes| lexport::emit::read_binary(&bytes).is_ok_and(|back| Ok(back) == read));
            assert!(same, "{}", small.0);
            (took, begun.elapsed())
        };
        let ((little, _), (much, binary)) = (time(&small.1), time(&large.1));
        println!(
            "{}: {} bytes {little:.1?}, {} bytes {much:.1?}, binary and compared {binary:.1?}",
            small.0,
            small.1.len(),
            large.1.len()
        );
        // Eight times as long: a square would be 64 times. What is spent is mostly parsing; the machine may be busy.
        assert!(much < little * 32 + Duration::from_secs(5), "{}: {little:?}, {much:?}", small.0);
        assert!(binary < Duration::from_secs(60), "{}: {binary:?}", small.0);
    }
}

#[test]
fn nesting_is_not_followed() {
    let deep = |open: &str, close: &str, count: usize| open.repeat(count) + "\"gap\"" + &close.repeat(count);
    let answer = deep("{\"conflict\":[", "]}", 100_000);
    let body = Parts { outcomes: format!("{{\"answer\":{answer},\"rules\":[]}}"), ..Parts::default() };
    assert!(matches!(read_json(&body.sealed()), Err(ReadError::Shape(_))));
    let body =
        Parts { outcomes: format!("{{\"answer\":{},\"rules\":[]}}", deep("{\"conflict\":[", "]}", 2)), ..Parts::default() };
    let read = read_json(&body.sealed());
    assert_eq!(read, Err(ReadError::Malformed("a conflict inside a conflict".into())));
}

#[test]
fn a_hundred_million_brackets() {
    let place = Place::with(&[("rows.csv", "flag\ntrue\n")]);
    for (name, begin) in
        [("list", ""), ("unknown", "{\"a\":"), ("table", "{\"schema\":\"lexport.table/2\",\"hash\":\"\",\"table\":")]
    {
        let mut bytes = begin.as_bytes().to_vec();
        bytes.resize(100 << 20, b'[');
        place.put(name, &bytes);
        let begun = Instant::now();
        told(&place.run(&format!("decide {name} --in rows.csv")), &["LX5003"]);
        assert!(begun.elapsed() < Duration::from_secs(60), "{name}: {:?}", begun.elapsed());
    }
    let mut bytes = super::binary();
    bytes.truncate(16);
    bytes.resize(100 << 20, b'[');
    place.put("binary", &bytes);
    told(&place.run("decide binary --in rows.csv"), &["LX5003", "cut short"]);
    bytes[16..24].copy_from_slice(&(100u64 << 20).to_le_bytes());
    place.put("binary", &bytes);
    told(&place.run("decide binary --in rows.csv"), &["LX5003", "altered"]);
}

/// What a message says of a file has an end.
#[test]
fn messages_are_short() {
    let place = Place::with(&[("rows.csv", "flag\ntrue\n")]);
    let long = "x".repeat(1 << 20);
    place.put("schema", format!("{{\"schema\":\"{long}\"}}").as_bytes());
    told(&place.run("decide schema --in rows.csv"), &["a table of version \"xxx"]);
    place.put("field", format!("{{\"schema\":\"lexport.table/2\",\"{long}\":1}}").as_bytes());
    told(&place.run("decide field --in rows.csv"), &["not a table", "unknown field"]);
    let twice = Parts {
        inputs: format!(
            "{{\"name\":\"{long}\",\"title\":\"\",\"domain\":\"bool\"}},{{\"name\":\"{long}\",\"title\":\"\",\"domain\":\"bool\"}}"
        ),
        ..Parts::default()
    };
    place.put("twice", &twice.sealed());
    told(&place.run("decide twice --in rows.csv"), &["malformed", "the name \"xxx"]);
}

mod noise {
    use lexport::emit::{read_binary, read_json};
    use proptest::prelude::*;

    use super::super::{binary, json};

    proptest! {
        #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_bytes_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            prop_assert!(read_json(&bytes).is_err());
            prop_assert!(read_binary(&bytes).is_err());
        }

        /// A number of the document is another one, and the hash fits: refused, or a sound table.
        #[test]
        fn other_numbers(at in any::<prop::sample::Index>(), number in prop::sample::select(vec!["0", "1", "2", "63", "64", "4294967295", "2147483648", "3221225472", "-1", "9223372036854775807", "null", "\"gap\"", "[]", "{}"])) {
            let text = String::from_utf8(json()).unwrap();
            let (_, body) = text.split_once("\"table\":").unwrap();
            let body = &body[..body.len() - 2];
            let starts: Vec<usize> = (1..body.len()).filter(|at| body.as_bytes()[*at].is_ascii_digit() && !body.as_bytes()[at - 1].is_ascii_alphanumeric()).collect();
            let first = *at.get(&starts);
            let rest = body[first..].trim_start_matches(|c: char| c.is_ascii_digit());
            let changed = format!("{}{number}{rest}", &body[..first]);
            if let Ok(table) = read_json(&super::sealed(&changed)) {
                prop_assert_eq!(table.as_table().check(), Ok(()));
                prop_assert_eq!(read_binary(&lexport::emit::binary(&table).unwrap().bytes).unwrap(), table);
            }
        }

        /// Pieces of two tables behind each other.
        #[test]
        fn pieces(cuts in proptest::collection::vec(any::<prop::sample::Index>(), 2..6)) {
            for whole in [json(), binary()] {
                let mut bytes = Vec::new();
                for pair in cuts.windows(2) {
                    let (a, b) = (pair[0].index(whole.len()), pair[1].index(whole.len()));
                    bytes.extend_from_slice(&whole[a.min(b)..a.max(b)]);
                }
                if bytes != whole {
                    prop_assert!(read_json(&bytes).is_err() && read_binary(&bytes).is_err());
                }
            }
        }
    }
}
