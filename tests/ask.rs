//! `ask`: interviews with the rules of November 2023, line by line. What must be asked and what follows is taken from the law (88 FR 73458 as its folder
//! quotes it); the snapshots show how it is told, and were read.

mod support;

use std::sync::OnceLock;

use lexport::diagram::{Options, Specialise, build_table};
use lexport::driver::Compilation;
use lexport::source::{DiskLoader, MemoryLoader};
use serde_json::Value;
use support::{Place, Ran};

/// A small regime with an input of every kind.
const DEMO: &str = "regime demo \"Demonstration\"\nenum Country { CN \"China\", DE \"Germany\", US \"United States\", MO \"Macao\" }\nenum Kind { known, back }\n\
    input date : date from 2024-01-01 to 2025-12-31\ninput destination \"where it goes\" : Country\ninput goods : set of { X, Y }\ninput kind : Kind\n\
    input price : number of USD from 0 to 1_000 step 0.5\ninput quantity : count from 1 to 100\ninput police : bool\n\
    decision licence \"Whether a licence is needed\" : ordered { none < notice < license } takes the strictest otherwise none\n\
    decision kinds : set of { A, B } takes all\ndecision fee : count from 0 to 20 takes exactly one\n\
    rule large \"Art. 1\" \"large orders\" when price >= 500.5 USD and goods has X then licence is license\n\
    rule place \"Art. 2\" \"some destinations\" when destination in { CN, MO } and date >= 2025-01-13 then licence is notice\n\
    rule police \"Art. 3\" \"police goods\" when police and kind is back then kinds includes A\n\
    rule few \"Art. 4\" when quantity < 3 then fee is 1\nrule many \"Art. 4\" when quantity > 50 then fee is 9\n";

fn json(table: Option<lexport::ir::Program>) -> Vec<u8> {
    let program = table.expect("a regime that compiles");
    let table = build_table(&program, &Specialise::default(), &Options::default()).expect("a table");
    lexport::emit::json(&table).expect("a document").bytes
}

/// The rules of November 2023 in a folder.
fn law() -> Place {
    static TABLE: OnceLock<Vec<u8>> = OnceLock::new();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/policies/us-2023-11");
    let place = Place::new();
    place.put("law.table.json", TABLE.get_or_init(|| json(Compilation::load(&DiskLoader, path).program)));
    place
}

fn demo() -> Place {
    let loader = MemoryLoader { files: [("demo.lxp".to_owned(), DEMO.to_owned())].into() };
    let compilation = Compilation::load(&loader, "demo.lxp");
    assert!(compilation.program.is_some(), "{:#?}", compilation.messages);
    let place = Place::new();
    place.put("demo.table.json", &json(compilation.program));
    place
}

/// An interview with somebody who types these lines at a terminal. The terminal would show what is typed; here it is put in.
#[cfg(unix)]
fn typed(place: &Place, options: &str, lines: &str) -> Ran {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    use std::process::{Command, Stdio};

    use rustix::fs::OFlags;
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
    grantpt(&terminal).and_then(|()| unlockpt(&terminal)).expect("it is ours");
    let name = ptsname(&terminal, Vec::new()).expect("its name").into_string().expect("a path");
    let mut open = std::fs::OpenOptions::new();
    open.read(true).write(true).custom_flags(OFlags::NOCTTY.bits().cast_signed());
    let stdin = open.open(name).expect("its other end");
    let mut terminal = std::fs::File::from(terminal);
    // Behind the lines the sign that nothing more is typed.
    terminal.write_all(lines.as_bytes()).and_then(|()| terminal.write_all(b"\x04")).expect("it is typed");
    let output = Command::new(env!("CARGO_BIN_EXE_lexport"))
        .arg("ask")
        .arg(table_of(place))
        .args(options.split_whitespace())
        .current_dir(place.path())
        .env_clear()
        .envs([("NO_COLOR", "1"), ("COLUMNS", "100")])
        .stdin(Stdio::from(stdin))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .output()
        .expect("the program runs");
    let out = String::from_utf8(output.stdout).expect("UTF-8");
    let mut parts = out.split("\n> ");
    let mut shown = parts.next().expect("a text").to_owned();
    let mut said = lines.lines();
    for part in parts {
        shown += &format!("\n> {}{part}", said.next().map(|line| format!("{line}\n")).unwrap_or_default());
    }
    Ran { code: output.status.code(), out: shown, err: String::from_utf8(output.stderr).expect("UTF-8") }
}

/// The inputs that were asked for, in order.
fn asked(ran: &Ran) -> Vec<String> {
    let numbered = |line: &str| {
        line.split_once(". ")
            .filter(|(number, _)| number.parse::<u32>().is_ok())
            .map(|(_, name)| name.split(':').next().unwrap_or(name).to_owned())
    };
    ran.out.lines().filter_map(numbered).collect()
}

fn table_of(place: &Place) -> &'static str {
    if place.path().join("law.table.json").exists() { "law.table.json" } else { "demo.table.json" }
}

fn ask(place: &Place, options: &str, lines: &str) -> Ran {
    let arguments: Vec<&str> = ["ask", table_of(place)].into_iter().chain(options.split_whitespace()).collect();
    place.run_with(&arguments, lines.as_bytes())
}

/// Answers each question as it comes, from what somebody knows.
fn answered(place: &Place, options: &str, knows: &[(&str, &str)]) -> (Ran, Vec<String>) {
    let mut lines = String::new();
    for _ in 0..30 {
        let ran = ask(place, options, &lines);
        assert!(!ran.err.contains("mistake of Lexport"), "{}", ran.all());
        let names = asked(&ran);
        if lines.lines().count() == names.len() {
            return (ran, names);
        }
        let last = names.last().expect("a question");
        let (_, value) =
            knows.iter().find(|(name, _)| name == last).unwrap_or_else(|| panic!("`{last}` is asked\n{}", ran.all()));
        lines += &format!("{value}\n");
    }
    panic!("it does not end");
}

fn says(ran: &Ran, all: &[&str]) {
    let said = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in all {
        assert!(said.contains(words), "it does not say {words:?}:\n{}", ran.all());
    }
}

/// 742.6(a)(6)(iii) turns on the destination; where that is China, nobody's headquarters matter (744.23(a)(3)(i) is for other destinations), and the
/// review policy follows from the destination as well (742.6(b)(10)). The interconnect test ended on 2023-11-17.
#[test]
fn a_shipment_to_china_is_not_asked_about_headquarters() {
    let knows = [("chip.tpp", "5000"), ("chip.datacenter", "yes"), ("chip.die_area", "800"), ("mode", "export")];
    let (ran, names) = answered(&law(), "--set date=2024-06-03 --set destination=CN", &knows);
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    assert!(!names.iter().any(|name| name.contains("hq") || name == "chip.interconnect"), "{names:?}");
    says(
        &ran,
        &[
            "classification is 3A090.a",
            "par_a [ECCN 3A090.a] the most capable circuits",
            "requirement is license place [742.6(a)(6)(iii)] licence by destination",
            "exceptions is empty",
            "review is denial presumption_of_denial [742.6(b)(10), 744.23(d)(1)]",
        ],
    );
}

/// Under 1600 TPP no limb of 3A090 is met: nothing is left to ask.
#[test]
fn nothing_is_asked_about_what_is_not_controlled() {
    let ran = ask(&law(), "--set date=2024-06-03 --set chip.tpp=1000", "");
    assert_eq!((ran.code, asked(&ran).len()), (Some(0), 0), "{}", ran.all());
    says(&ran, &["classification is none", "requirement is none", "review has no value"]);
}

/// 744.23(a)(3)(i): outside the listed destinations the headquarters of the ultimate consignee or of the end user, or of a parent, decide. One of them in
/// China is enough, and who was not asked about then need not be.
#[test]
fn one_headquarters_in_china_is_enough() {
    let knows = [
        ("chip.tpp", "5000"),
        ("chip.datacenter", "yes"),
        ("chip.die_area", "800"),
        ("mode", "export"),
        ("consignee.hq", "CN"),
        ("consignee.parent_hq", "CN"),
        ("end_user.hq", "CN"),
        ("end_user.parent_hq", "CN"),
    ];
    let options = "--set date=2024-06-03 --set destination=MY";
    let (ran, names) = answered(&law(), options, &knows);
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    assert_eq!(names.iter().filter(|name| name.contains("hq")).count(), 1, "{names:?}");
    says(&ran, &["requirement is license headquarters [744.23(a)(3)(i)]", "review is denial"]);
    // All four elsewhere: all four have to be asked about, and no licence is needed.
    let elsewhere = knows.map(|(name, value)| (name, if value == "CN" { "DE" } else { value }));
    let (ran, names) = answered(&law(), options, &elsewhere);
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    assert_eq!(names.iter().filter(|name| name.contains("hq")).count(), 4, "{names:?}");
    says(&ran, &["requirement is none", "review has no value"]);
}

/// What is not known stays open, with what is possible and what it hangs on; so it is when answers end. (NAC asks for notice of exports and reexports to
/// China, ACA carries transfers inside it, and what is neither of these moves nothing: 740.8(a), 742.6(a)(6).)
#[test]
fn what_stays_open_is_told() {
    let place = law();
    let options = "--set date=2024-06-03 --set destination=CN --set chip.tpp=5000 --decision requirement";
    let ran = ask(&place, options, "");
    assert_eq!(ran.code, Some(3), "{}", ran.all());
    says(&ran, &["no more answers", "requirement is open: none, exception, notice, license", "it hangs on"]);
    let (ran, _) = answered(&place, options, &[("mode", "unknown"), ("chip.datacenter", "yes")]);
    assert_eq!(ran.code, Some(3), "{}", ran.all());
    says(&ran, &["requirement is open: none, license", "it hangs on mode"]);
    assert_eq!(asked(&ran).iter().filter(|name| *name == "mode").count(), 1, "asked once");
}

#[test]
fn the_transcript_of_a_real_interview() {
    let lines = "5000\nexport\nyes\n";
    let ran = ask(&law(), "--set date=2024-06-03 --set destination=CN", lines);
    insta::assert_snapshot!("ask_china", ran.all());
    let french = law().run_where(
        &[("LC_ALL", "fr_FR.UTF-8")],
        &["ask", "law.table.json", "--set", "date=2024-06-03", "--set", "destination=CN"],
        lines.as_bytes(),
    );
    assert!(french.out.contains("demandé parce que"), "{}", french.all());
}

/// The transcript of `docs/ask.md` is one: its answers, typed at a terminal, give its text.
#[cfg(unix)]
#[test]
fn the_page_shows_what_happens() {
    let page = include_str!("../docs/ask.md");
    let transcript = page.split("```text\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a transcript");
    let answers: String = transcript.lines().filter_map(|line| Some(line.strip_prefix("> ")?.to_owned() + "\n")).collect();
    let ran = typed(&law(), "--set date=2024-06-03", &answers);
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), transcript), "{}", ran.err);
    says(&ran, &["requirement is license headquarters [744.23(a)(3)(i)]"]);
    assert!(!transcript.contains("end_user"), "the consignee's parent is enough");
}

#[cfg(unix)]
#[test]
fn wrong_answers_are_asked_again() {
    let place = demo();
    let ran = typed(&place, "--set date=2025-06-01 --set goods=Y --decision licence", "Chin\nGermany\ncn\nCN\n");
    assert_eq!((ran.code, asked(&ran)), (Some(0), vec!["destination".to_owned()]), "{}", ran.all());
    says(
        &ran,
        &["`Chin` is no value of `destination`", "did you mean CN (China)?", "did you mean DE (Germany)?", "licence is notice"],
    );
    let ran = typed(
        &place,
        "--set date=2025-06-01 --set destination=US --set goods=X --decision licence",
        "12,000\n600.3\n2000\nmany\n600 EUR\n600.5\n",
    );
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    says(
        &ran,
        &[
            "`12,000` is not a number",
            "600.3 is between two steps",
            "2000 is too large",
            "from 0 to 1000 USD, in steps of 0.5",
            "licence is license large [Art. 1] large orders",
        ],
    );
    let ran = typed(&place, "--set destination=CN --set goods=Y --decision licence", "2025-13-01\n2031-01-01\n2025-01-12\n");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    says(
        &ran,
        &[
            "`2025-13-01` is not a day",
            "2031-01-01 is outside its period",
            "a day from 2024-01-01 to 2025-12-31",
            "licence is none",
            "this is the declared default",
        ],
    );
    insta::assert_snapshot!("ask_wrong", ran.all());
}

/// From a file each line answers one question: nothing behind a line that does not fit may be read as the answer to another question.
#[test]
fn an_answers_file_that_does_not_fit_ends_the_interview() {
    let place = demo();
    let options = "--set date=2025-06-01 --set goods=X --decision licence";
    let told = |lines: &str, words: &[&str]| {
        let ran = ask(&place, options, lines);
        let said = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(ran.code, Some(2), "{lines:?}: {}", ran.all());
        assert!(words.iter().all(|word| said.contains(word)), "{lines:?}: {}", ran.all());
        assert!(!ran.out.contains("licence is"), "no outcome is said: {}", ran.out);
    };
    told("5000\n600\nCN\n", &["LX5002", "standard input:1:", "`5000` is no answer for `price`", "too large"]);
    told("?\n\n200\nFrance\nCN\n", &["standard input:4:", "`France` is no answer for `destination`"]);
    // Left over: they were written for other questions.
    let ran = ask(&place, options, "600\n\n");
    assert_eq!(ran.code, Some(0), "an empty line is no answer: {}", ran.all());
    let ran = ask(&place, options, "600\nCN\n");
    assert_eq!(ran.code, Some(2), "{}", ran.all());
    assert!(ran.err.contains("standard input:2: `CN` answers no question"), "{}", ran.all());
    let ran = place.run_with(&["ask", "demo.table.json", "--format", "json", "--decision", "fee"], b"2\n2\n");
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "no document: {}", ran.err);
    // What an editor puts before a text in UTF-8 is no part of the answer.
    let ran = ask(&place, options, "\u{FEFF}600\n");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
}

#[test]
fn commands_are_understood_however_they_are_written() {
    let place = demo();
    let options = "--set date=2025-06-01 --set goods=X --decision licence";
    let ran = ask(&place, options, "HELP\n200\nBACK\nUnknown\n");
    assert_eq!((ran.code, asked(&ran).len()), (Some(3), 4), "{}", ran.all());
    says(&ran, &["the answer for `price` is taken back", "no more answers"]);
    for quit in ["quit", "Exit", "/quit", "quitter"] {
        let ran = ask(&place, options, &format!("200\n{quit}\n"));
        assert_eq!(ran.code, Some(3), "{}", ran.all());
        says(&ran, &["no more answers", "licence is open"]);
    }
}

/// A member may be called like a command: then the member is meant, and the command has a form of its own.
#[test]
fn members_that_are_called_like_commands() {
    let place = demo();
    let options = "--set police=true --decision kinds";
    let ran = ask(&place, options, "back\n");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    says(&ran, &["kinds is {A} police [Art. 3] police goods"]);
    let ran = ask(&place, options, "/back\n/unknown\n");
    assert_eq!(ran.code, Some(3), "{}", ran.all());
    says(&ran, &["there is no answer to take back", "kinds is open", "it hangs on kind"]);
}

#[test]
fn answers_are_taken_back_and_choices_listed() {
    let place = demo();
    let ran = ask(&place, "--decision fee", "back\n\n?\n2\n");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    says(&ran, &["there is no answer to take back", "a whole number from 1 to 100", "fee is 1 few [Art. 4]"]);
    // Nobody speaks to three to fifty.
    says(&ask(&place, "--decision fee", "20\n"), &["fee has no value", "nothing is declared for that"]);
    let ran = ask(&place, "--set date=2025-06-01 --set goods=X --decision licence", "200\nback\n1000\n");
    assert_eq!(
        (ran.code, asked(&ran)),
        (Some(0), ["price", "destination", "price"].map(str::to_owned).to_vec()),
        "{}",
        ran.all()
    );
    says(&ran, &["is taken back", "licence is license"]);
    // Of many members a few are shown; the others are looked for by what they are called.
    let options = "--set date=2024-06-03 --set chip.tpp=5000 --set mode=export --set chip.datacenter=yes --decision requirement";
    let ran = ask(&law(), options, "? emir\n? zzz\nCN\n");
    assert_eq!((ran.code, asked(&ran)), (Some(0), vec!["destination".to_owned()]), "{}", ran.all());
    says(&ran, &["AE (United Arab Emirates)", "has `zzz` in its name", "requirement is license"]);
}

/// Of a record that is unknown no field is asked for; of one that nobody spoke of each is.
#[test]
fn a_record_that_is_unknown_is_unknown_field_by_field() {
    let options = "--set date=2024-06-03 --decision classification";
    let chip = |ran: &Ran| asked(ran).iter().any(|name| name.starts_with("chip."));
    assert!(chip(&ask(&law(), options, "")));
    let ran = ask(&law(), &format!("{options} --set chip=unknown"), "");
    assert!(ran.code == Some(3) && !chip(&ran), "{}", ran.all());
}

#[test]
fn the_document_says_the_same() {
    let place = law();
    let ran = ask(&place, "--set date=2024-06-03 --set destination=CN --format json", "5000\nexport\nyes\n");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    assert!(ran.err.contains("asked because"), "the conversation is on standard error");
    let document: Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!(document["schema"], "lexport.interview/1");
    assert_eq!(document["given"]["destination"], "CN");
    assert_eq!(document["decisions"]["requirement"], "license");
    assert_eq!(document["decisions"]["review"], "denial");
    assert_eq!(document["because"]["requirement"][0]["cite"], "742.6(a)(6)(iii)");
    assert_eq!(document["open"].as_object().map(serde_json::Map::len), Some(0));
    let questions = document["questions"].as_array().expect("questions");
    assert_eq!(questions.len(), asked(&Ran { code: None, out: ran.err.clone(), err: String::new() }).len());
    assert_eq!((&questions[0]["input"], &questions[0]["value"]), (&"chip.tpp".into(), &5000.into()));
}

/// A table that is written as binary is asked about in the same words, and the order for forms is in the JSON.
#[test]
fn the_order_is_in_the_table() {
    let place = law();
    let table = lexport::emit::read_json(&std::fs::read(place.path().join("law.table.json")).expect("bytes")).expect("a table");
    place.put("law.lxt", &lexport::emit::binary(&table).expect("a file").bytes);
    let line = ["ask", "law.lxt", "--decision", "classification"];
    assert_eq!(place.run_with(&line, b"900\n").out, ask(&place, "--decision classification", "900\n").out);
    let document: Value = serde_json::from_str(&place.read("law.table.json")).expect("JSON");
    let order: Vec<String> = document["table"]["decisions"][0]["ask"]
        .as_array()
        .expect("an order")
        .iter()
        .map(|input| {
            document["table"]["inputs"][input.as_u64().expect("a number") as usize]["name"].as_str().expect("a name").to_owned()
        })
        .collect();
    assert_eq!(asked(&ask(&place, "--decision classification", "")), order[..1]);
    // The classification turns on the item and on the day, on nothing else.
    let mut sorted = order.clone();
    sorted.sort();
    assert_eq!(sorted, ["chip.datacenter", "chip.die_area", "chip.interconnect", "chip.tpp", "date"]);
}

#[test]
fn what_cannot_be_used_is_refused() {
    let place = demo();
    let refused = |options: &str, words: &[&str]| {
        let ran = ask(&place, options, "");
        let said = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(ran.code, Some(2), "{}", ran.all());
        assert!(words.iter().all(|word| said.contains(word)), "{}", ran.all());
    };
    refused("--decision license", &["LX5004", "no such decision", "did you mean `licence`?"]);
    refused("--set destinaton=CN", &["LX5001", "did you mean `destination`?"]);
    refused("--set destination=CM", &["LX5001", "`CM` is not one of its values"]);
    refused("--set destination", &["LX5001", "is not NAME=VALUE"]);
    refused("--set date=", &["LX5001", "nothing stands behind `date=`", "`date=unknown`"]);
    refused("--signed-by nobody.pub", &["LX5009"]);
    let old = place.read("demo.table.json").replace("lexport.table/2", "lexport.table/1");
    place.put("old.json", old.as_bytes());
    let ran = place.run("ask old.json");
    assert_eq!(ran.code, Some(2), "{}", ran.all());
    assert!(ran.err.contains("LX5003") && ran.err.contains("lexport.table/1"), "{}", ran.all());
    // Whatever is typed: bytes that are no text, a line without end, nothing but noise.
    let mut noise = vec![0xff, 0xfe, b'\n'];
    noise.extend(std::iter::repeat_n(b'x', 300_000));
    noise.extend(b"\n\x1b[31m\n");
    let ran = place.run_with(&["ask", "demo.table.json", "--decision", "fee"], &noise);
    assert_eq!(ran.code, Some(2), "{}", ran.err);
    let noise = &noise[3..];
    for noise in [noise, &noise[300_001..]] {
        let ran = place.run_with(&["ask", "demo.table.json", "--decision", "fee"], noise);
        assert_eq!((ran.code, asked(&ran).len()), (Some(2), 1), "{}", ran.err);
        assert!(!ran.all().contains('\u{1b}') && ran.all().len() < 10_000, "{:?}", ran.out);
    }
}

/// Who is asked reads what an input is: its title, of a field that of the whole before it.
#[test]
fn titles_of_inputs_are_told() {
    let text = "regime titles\nrecord Party { seat \"where it sits\" : bool, listed : bool }\n\
        input plain : bool\ninput owner, other \"the owner\" : Party\ninput weight \"what it weighs\" : count from 0 to 9\n\
        decision d : bool takes exactly one otherwise false\n\
        rule r \"1\" when plain and owner.seat and other.seat and owner.listed and other.listed and weight > 3 then d is true\n";
    let loader = MemoryLoader { files: [("titles.lxp".to_owned(), text.to_owned())].into() };
    let compilation = Compilation::load(&loader, "titles.lxp");
    let table = lexport::emit::read_json(&json(compilation.program)).expect("a table");
    let titles: Vec<(&str, &str)> = table.inputs.iter().map(|input| (&input.name[..], &input.title[..])).collect();
    let expected = [
        ("plain", ""),
        ("owner.seat", "the owner: where it sits"),
        ("owner.listed", "the owner"),
        ("other.seat", "the owner: where it sits"),
        ("other.listed", "the owner"),
        ("weight", "what it weighs"),
    ];
    assert_eq!(titles, expected);
    let binary = lexport::emit::binary(&table).expect("a file");
    assert_eq!(lexport::emit::read_binary(&binary.bytes).expect("a table").inputs, table.inputs);
    let place = Place::new();
    place.put("demo.table.json", &lexport::emit::json(&table).expect("a document").bytes);
    let ran = ask(&place, "--set plain=yes", "");
    says(&ran, &["1. owner.seat: the owner: where it sits yes or no"]);
}
