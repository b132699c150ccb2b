//! Whatever bytes come in: a clear message at the right place, exit code 2, no panic, bounded time.

mod support;

use std::time::{Duration, Instant};

use support::{Place, Ran};

const REGIME: &str = "regime demo\n\nenum Country { CN, MY, US }\n\ninput destination : Country\ninput quantity : count from 1 to 100\n\n\
                      decision licence : bool takes exactly one otherwise false\n\n\
                      rule many when quantity > 10 and destination is CN then licence is true\n";

/// The command fails as it should, says this, and does not take long.
fn refused(place: &Place, line: &str, says: &[&str]) -> Ran {
    let begun = Instant::now();
    let ran = place.run(line);
    assert!(begun.elapsed() < Duration::from_secs(60), "{line} took {:?}", begun.elapsed());
    told(&ran, says);
    ran
}

fn told(ran: &Ran, says: &[&str]) {
    assert_eq!(ran.code, Some(2), "{}", ran.all());
    assert!(!ran.err.contains("mistake of Lexport"), "{}", ran.all());
    assert!(!ran.err.contains("panicked"), "{}", ran.all());
    for words in says {
        assert!(ran.err.contains(words), "it does not say {words:?}:\n{}", ran.all());
    }
    assert!(ran.err.len() < 200_000, "{} bytes of messages", ran.err.len());
}

#[test]
fn bytes_that_are_no_text() {
    let place = Place::new();
    place.put("a.lxp", b"regime demo \"\xff\xfe\"\n");
    refused(&place, "check a.lxp", &["LX1008", "a.lxp"]);
    place.put("b.lxp", &(0..=255u8).cycle().take(100_000).collect::<Vec<_>>());
    refused(&place, "check b.lxp", &["LX1008"]);
}

#[test]
fn a_hundred_thousand_parentheses() {
    let place = Place::new();
    let text = REGIME.replace("quantity > 10 and", &format!("{}quantity > 10{} and", "(".repeat(100_000), ")".repeat(100_000)));
    place.put("a.lxp", text.as_bytes());
    refused(&place, "check a.lxp", &["LX1004", "a.lxp:10:"]);
    place.put("b.lxp", format!("regime demo {}", "(".repeat(100_000)).as_bytes());
    refused(&place, "check b.lxp", &["b.lxp:1:"]);
    for (name, nested) in [("not", "not "), ("minus", "-"), ("if", "if true then "), ("brace", "{ ")] {
        let text = REGIME.replace("quantity > 10", &format!("{}quantity > 10", nested.repeat(100_000)));
        place.put(&format!("{name}.lxp"), text.as_bytes());
        refused(&place, &format!("check {name}.lxp"), &[&format!("{name}.lxp:10:")]);
    }
}

#[test]
fn a_file_beyond_the_limit() {
    let place = Place::new();
    place.put("a.lxp", &vec![b'-'; 64 * 1024 * 1024 + 1]);
    refused(&place, "check a.lxp", &["LX1009"]);
}

#[test]
fn numbers_beyond_any_range() {
    let place = Place::new();
    for (name, number) in
        [("a", "1e400"), ("b", "99999999999999999999999999999999999999999999"), ("c", "1e999999999999999999999")]
    {
        let file = format!("{name}.lxp");
        place.put(&file, REGIME.replace("100\n", &format!("{number}\n")).as_bytes());
        refused(&place, &format!("check {file}"), &[&format!("{file}:6:")]);
        place.put(&file, REGIME.replace("> 10", &format!("> {number}")).as_bytes());
        let ran = place.run(&format!("check {file}"));
        assert!(ran.code != Some(101) && !ran.err.contains("mistake of Lexport"), "{}", ran.all());
    }
}

#[test]
fn letters_that_only_look_right() {
    let place = Place::with(&[("a.lxp", &REGIME.replace("destination is CN", "destin\u{430}tion is CN"))]);
    refused(&place, "check a.lxp", &["LX1005", "a.lxp:10:"]);
    place.put("b.lxp", REGIME.replace("destination is CN", "destination is \u{421}N").as_bytes());
    refused(&place, "check b.lxp", &["LX1005", "b.lxp:10:"]);
}

#[test]
fn a_csv_file_that_does_not_fit() {
    let regime = REGIME.replace("enum Country { CN, MY, US }", "enum Country from csv \"c.csv\" key iso2 label name");
    for (csv, says) in [
        ("code,name\nCN,China\n", vec!["LX2008", "iso2"]),
        ("iso2,name\nCN,China\nUS\n", vec!["LX2008", "c.csv:3"]),
        ("iso2,name\nCN,China\nCN,China\n", vec!["c.csv:3"]),
        ("", vec!["LX2008"]),
    ] {
        let place = Place::with(&[("a.lxp", &regime), ("c.csv", csv)]);
        refused(&place, "check a.lxp", &says);
    }
    let place = Place::with(&[("a.lxp", &regime)]);
    refused(&place, "check a.lxp", &["LX2005", "c.csv", "a.lxp:3:"]);
    place.put("c.csv", b"iso2,name\nCN,\xff\n");
    refused(&place, "check a.lxp", &["c.csv"]);
}

#[test]
fn files_that_use_each_other() {
    let place =
        Place::with(&[("a.lxp", &format!("{REGIME}use \"./b\"\n")), ("b.lxp", "use \"./c\"\n"), ("c.lxp", "use \"./b\"\n")]);
    refused(&place, "check a.lxp", &["LX2004", "c.lxp:1:"]);
    place.put("a.lxp", format!("{REGIME}use \"./a\"\n").as_bytes());
    refused(&place, "check a.lxp", &["LX2004"]);
}

#[test]
fn no_regime_and_no_file() {
    let place = Place::with(&[("text.txt", "hello")]);
    refused(&place, "check nowhere.lxp", &["LX2005", "nowhere.lxp"]);
    refused(&place, "check .", &["LX2006"]);
    place.put("empty.lxp", b"");
    refused(&place, "check empty.lxp", &["LX2006"]);
    for command in ["test", "ir", "smt"] {
        refused(&place, &format!("{command} nowhere.lxp"), &[]);
    }
    refused(&place, "explain nowhere.lxp destination=CN", &["LX2005"]);
    refused(&place, "diff nowhere.lxp nowhere2.lxp", &["LX2005"]);
    refused(&place, "build nowhere.lxp --to json -o out", &["LX2005"]);
    refused(&place, "fmt nowhere.lxp", &["LX2005"]);
    assert!(!place.path().join("out").exists());
}

#[test]
fn one_file_of_a_folder() {
    let place = Place::with(&[
        ("demo/regime.lxp", REGIME),
        ("demo/cases/cases.lxp", "scenario \"few\" given destination is CN, quantity is 5 expect licence is false\n"),
    ]);
    let ran = refused(&place, "check demo/cases/cases.lxp", &["LX2006", "one file of a regime", "give the folder: `demo`"]);
    assert_eq!(ran.err.matches("error[").count(), 1, "{}", ran.all());
    assert_eq!(place.run("check demo").code, Some(0));
    // With its `regime` line a file stands alone, unless it names what it has not.
    assert_eq!(place.run("check demo/regime.lxp").code, Some(0));
    place.put("demo/groups.lxp", b"group FAR of Country = { CN }\n");
    place.put("demo/regime.lxp", REGIME.replace("is CN", "in FAR").as_bytes());
    refused(&place, "check demo/regime.lxp", &["LX2001", "FAR", "was read alone", "give the folder: `demo`"]);
    assert_eq!(place.run("check demo").code, Some(0));
}

#[test]
fn more_alternatives_than_are_looked_at() {
    let sides: Vec<String> = (1..=1_100).map(|k| format!("quantity is {k}")).collect();
    let text = REGIME.replace("1 to 100", "1 to 10_000").replace("quantity > 10", &format!("({})", sides.join(" or ")));
    let place = Place::with(&[("a.lxp", &text)]);
    let ran = place.run("check a.lxp");
    assert_eq!(ran.code, Some(3), "{}", ran.all());
    assert!(ran.out.contains("alternatives; those beyond were not looked at"), "{}", ran.all());
    assert!(!ran.out.contains("every rule, and every alternative"), "{}", ran.all());
}

#[test]
fn arguments_that_do_not_fit() {
    let place = Place::with(&[("a.lxp", REGIME)]);
    refused(&place, "check a.lxp --on 2025-01-13", &["LX5004"]);
    refused(&place, "check a.lxp --reading enforced", &["LX5004"]);
    refused(&place, "check a.lxp --jobs 0", &["LX5004"]);
    refused(&place, "check", &["PATH"]);
    refused(&place, "check a.lxp --colour", &["--colour"]);
    refused(&place, "frobnicate", &["frobnicate"]);
    refused(&place, "diff a.lxp", &["LX5004"]);
    refused(&place, "build a.lxp --to cobol -o out", &["cobol"]);
    refused(&place, "explain a.lxp --case nowhere.json", &["nowhere.json"]);
    refused(&place, "explain a.lxp quantity=1000 destination=XX colour=red", &["quantity", "XX", "colour"]);
}

#[test]
fn case_files_that_do_not_fit() {
    let place = Place::with(&[("a.lxp", REGIME)]);
    for (case, says) in [
        ("[]", vec!["LX5001", "case.json:1:1"]),
        ("{\"quantity\": 0}", vec!["case.json:1:14"]),
        ("{\"quantity\": 1e999999}", vec!["case.json:1:14"]),
        ("{\"quantity\": 10.5}", vec!["between two steps"]),
        ("{\n  \"destinaton\": \"CN\"\n}", vec!["case.json:2:3", "destination"]),
        ("{\"destination\": \"China\", \"quantity\": \"many\"}", vec!["China", "many"]),
        ("{\"destination\": {\"a\": 1}}", vec!["case.json:1:17"]),
        ("{\"destination\": \"CN\"", vec!["LX5001"]),
        ("", vec!["LX5001"]),
    ] {
        place.put("case.json", case.as_bytes());
        refused(&place, "explain a.lxp --case case.json", &says);
    }
    place.put("case.json", b"{\"destination\": \"\xff\"}");
    refused(&place, "explain a.lxp --case case.json", &["LX1008"]);
    place.put("case.json", format!("{{\"quantity\": {}", "[".repeat(100_000)).as_bytes());
    refused(&place, "explain a.lxp --case case.json", &["LX5001"]);
}

#[test]
fn rows_that_do_not_fit() {
    let place = Place::with(&[("a.lxp", REGIME)]);
    assert_eq!(place.run("build a.lxp --to json -o out").code, Some(0));
    place.put("answers.csv", b"what stood here before\n");
    for (rows, says) in [
        ("destination,quantity\nCN,5\nXX,5\n", vec!["LX5002", "rows.csv:3", "destination", "XX", "CN, MY, US"]),
        ("destination,quantity\nCN,many\n", vec!["rows.csv:2", "quantity", "many", "1 to 100"]),
        ("destination,quantity\nCN,5\nCN\n", vec!["rows.csv:3"]),
        ("destination,quantity\nCN,\"5\nCN,6\n", vec!["rows.csv:"]),
        ("colour\nred\n", vec!["destination", "quantity"]),
        ("destination,destination\nCN,CN\n", vec!["twice"]),
        ("destination,licence\nCN,true\n", vec!["licence"]),
        ("", vec!["LX5002"]),
        // A column that is most likely an input, misspelt: the answers would be about other cases.
        ("destination,quantty\nCN,5\n", vec!["LX5002", "the column `quantty`", "did you mean `quantity`?"]),
        ("Destination,QUANTITY\nCN,5\n", vec!["did you mean `destination`?", "did you mean `quantity`?"]),
        ("destination;quantity\nCN;5\n", vec!["rows.csv:1", "separated by `;`"]),
        ("destination\tquantity\nCN\t5\n", vec!["rows.csv:1", "separated by tabs"]),
        // Sixty and sixty thousand look alike.
        ("destination,quantity\nCN,60.000\n", vec!["rows.csv:2", "`60.000` may mean 60 or 60000"]),
        ("destination,quantity\nCN,5 kg\n", vec!["`5 kg` has a unit"]),
        ("destination,quantity\nCN,\"15,832\"\n", vec!["write 15832 (or 15_832)"]),
        ("destination,quantity\nCHN,5\n", vec!["two letters (ISO 3166-1 alpha-2)"]),
    ] {
        place.put("rows.csv", rows.as_bytes());
        refused(&place, "decide out/demo.table.json --in rows.csv --out answers.csv", &says);
        assert_eq!(place.read("answers.csv"), "what stood here before\n", "{rows}");
    }
    for (rows, says) in [
        ("{\"destination\": \"CN\"}\n{\"destination\": \"XX\"}\n", vec!["rows.ndjson:2", "XX"]),
        ("{\"destination\": \"CN\"}\n [1]\n", vec!["rows.ndjson:2:2", "without `[` and `]`"]),
        (
            "{\"destination\": \"CN\", \"quantity\": 50}\n{\"destination\": \"CN\", \"quantty\": 50}\n",
            vec!["rows.ndjson:2: `quantty`", "did you mean `quantity`?"],
        ),
        ("{\"destination\": \"CN\", \"quantity\": \"60.000\"}\n", vec!["rows.ndjson:1", "60 or 60000"]),
        ("{\"destination\": \"CN\"\n", vec!["rows.ndjson:1"]),
        ("{\"destination\": \"CN\", \"quantity\": 5, \"quantity\": 50}\n", vec!["rows.ndjson:1", "`quantity` is given twice"]),
    ] {
        place.put("rows.ndjson", rows.as_bytes());
        refused(&place, "decide out/demo.table.json --in rows.ndjson --out answers.ndjson", &says);
        assert!(!place.path().join("answers.ndjson").exists());
    }
    // A number of JSON has one meaning.
    place.put("rows.ndjson", b"{\"destination\": \"CN\", \"quantity\": 60.000}\n");
    let ran = place.run("decide out/demo.table.json --in rows.ndjson");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    place.put("rows.parquet", b"PAR1 and nothing more");
    refused(&place, "decide out/demo.table.json --in rows.parquet --out answers.csv", &["rows.parquet"]);
    refused(&place, "decide out/demo.table.json --in nowhere.csv --out answers.csv", &["nowhere.csv"]);
    refused(&place, "decide a.lxp --in rows.csv --out answers.csv", &["LX5003", "build"]);
    refused(&place, "decide . --in rows.csv --out answers.csv", &["LX5003", "no table in this folder"]);
    place.put("out/other.table.json", b"{}");
    refused(&place, "decide out --in rows.csv", &["LX5003", "2 tables", "out/demo.table.json, out/other.table.json"]);
    place.put("rows.csv", b"destination\nCN\n");
    refused(&place, "decide out/demo.table.json --in rows.csv --out ./rows.csv", &["LX5004", "rows.csv"]);
    assert_eq!(place.read("rows.csv"), "destination\nCN\n");
}

#[test]
fn rows_that_a_table_for_one_day_and_reading_is_not_for() {
    let regime = "regime demo\n\nuse std/trade\n\ninput date : date from 2025-01-01 to 2026-12-31\ninput reading : Reading\n\
                  input quantity : count from 1 to 100\n\ndecision licence : bool takes exactly one otherwise false\n\n\
                  rule many when quantity > 10 and reading is letter and date >= 2025-06-01 then licence is true\n";
    let place = Place::with(&[("a.lxp", regime), ("rows.csv", "quantity\n50\n")]);
    let ran = place.run("build a.lxp --to json --on 2025-07-01 --reading letter -o out");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    let ran = place.run("decide out --in rows.csv");
    assert_eq!(
        (ran.code, ran.out.as_str(), ran.err.as_str()),
        (Some(0), "quantity,licence,because,open,ask\n50,true,many,,\n", "")
    );
    place.put("rows.csv", b"date,reading,quantity\n2025-07-02,letter,50\n2025-07-01,enforced,50\n");
    let good = ["rows.csv:2: `date`: `2025-07-02`", "good for `2025-07-01` only", "rows.csv:3: `reading`: `enforced`"];
    refused(&place, "decide out --in rows.csv --out answers.csv", &good);
    assert!(!place.path().join("answers.csv").exists());
}

#[test]
fn one_mistake_is_said_once() {
    let place = Place::with(&[("two/a.lxp", REGIME), ("two/b.lxp", REGIME), ("one/a.lxp", REGIME)]);
    let ran = refused(&place, "check two", &["LX2007"]);
    assert_eq!(ran.err.matches("error[").count(), 1, "{}", ran.all());
    let ran = refused(&place, "diff one nowhere", &["LX2005", "nowhere"]);
    assert_eq!(ran.err.matches("LX").count(), 1, "{}", ran.all());
    for file in 0..100 {
        place.put(&format!("many/{file}.lxp"), "rule x when then\n".repeat(60).as_bytes());
    }
    let ran = refused(&place, "check many", &["LX1010"]);
    assert_eq!(ran.err.matches("error[").count(), 51, "{}", ran.all());
}

#[test]
fn tables_that_were_altered() {
    let place = Place::with(&[("a.lxp", REGIME), ("rows.csv", "destination\nCN\n")]);
    assert_eq!(place.run("build a.lxp --to json -o out").code, Some(0));
    let table = place.read("out/demo.table.json");
    for (what, by) in [("\"demo\"", "\"other\""), ("lexport.table/2", "lexport.table/1"), ("{", "")] {
        assert!(table.contains(what));
        place.put("bad.json", table.replacen(what, by, 1).as_bytes());
        refused(&place, "decide bad.json --in rows.csv", &["LX5003"]);
    }
    let half = &table[..table.len() / 2];
    place.put("bad.json", half.as_bytes());
    refused(&place, "decide bad.json --in rows.csv", &["LX5003"]);
}

#[test]
fn escapes_in_a_source_do_not_reach_the_terminal() {
    let place = Place::with(&[("a.lxp", "regime demo\n\u{1b}[31m rule \u{202e}x\n")]);
    let ran = refused(&place, "check a.lxp", &["a.lxp:2:"]);
    assert!(!ran.all().contains(['\u{1b}', '\u{202e}']), "{:?}", ran.all());
}

#[test]
fn nothing_but_noise() {
    let place = Place::new();
    let words =
        ["regime", "rule", "when", "(", ")", "{", "}", "\"", "--", "3A090", "1e", "..", "is", "not", "<", "é", "\0", "\r\n"];
    let mut state = 7u64;
    for round in 0..40 {
        let mut text = String::new();
        for _ in 0..400 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            text.push_str(words[(state >> 33) as usize % words.len()]);
            text.push(' ');
        }
        place.put("noise.lxp", text.as_bytes());
        let ran = place.run("check noise.lxp");
        assert_eq!(ran.code, Some(2), "round {round}: {}", ran.all());
        assert!(!ran.err.contains("mistake of Lexport"), "round {round}: {}\n{text}", ran.all());
    }
}

/// What compiling a text says: title and helps of each message.
fn compiled(text: &str) -> Vec<String> {
    let loader = lexport::source::MemoryLoader { files: [("it.lxp".to_owned(), text.to_owned())].into() };
    let said = lexport::driver::Compilation::load(&loader, "it.lxp").messages;
    let whole = |one: &lexport::diagnostic::Diagnostic| {
        let helps: Vec<&str> = one.fixes.iter().map(|fix| fix.message.as_str()).collect();
        format!("{} {} {}", one.title, one.notes.join(" "), helps.join(" "))
    };
    said.iter().map(whole).collect()
}

/// Whether some message has both of two texts.
fn says(told: &[String], title: &str, help: &str) {
    assert!(told.iter().any(|one| one.contains(title) && one.contains(help)), "{title}: {told:#?}");
}

#[test]
fn a_limit_below_zero_and_a_sum_of_days_are_refused() {
    let told = compiled(
        "regime limits\nunit kg \"kilograms\"\ninput date : date from 2026-01-01 to 2026-12-31\n\
         input weight : number of kg from 0 to 10\ncap yearly counts weight per calendar year at most -5 kg\n\
         decision requirement : ordered { none < license } takes the strictest otherwise none\n\
         define late = date + 2026-01-01 > 2026-05-01\n\
         rule strict when late and not within cap yearly then requirement is license\n",
    );
    says(&told, "a limit that can be below 0", "a total begins at 0");
    says(&told, "two days cannot be added", "a number of days");
}

#[test]
fn a_pattern_without_its_library_is_told_where_it_is() {
    let told = compiled(
        "regime patterns\ninput flag : bool\n\
         decision requirement : ordered { none < license } takes the strictest otherwise none\n\
         rule strict when flag then requirement is license\n\
         process own\n  state done : bool\n  start when not done\n  step do when requirement is none then done is true\n\
         process resale is diversion with facts is true\n\
         prove more is monotone with facts is true\n\
         property mine with facts : every case where facts satisfies requirement is none\n\
         process other is mine with facts is true\n",
    );
    says(&told, "there is no pattern `diversion`", "use std/evasion");
    assert!(!told.iter().any(|one| one.contains("known here: `own`")), "it has no roles: {told:#?}");
    says(&told, "there is no property with roles `monotone`", "use std/properties");
    says(&told, "`mine` is a pattern of properties", "prove other is mine with …");
}

#[test]
fn words_that_break_off_are_pointed_at() {
    let head = "regime caps\nenum Country { A, B }\ninput place : Country\ninput price : count from 0 to 9\n\
                decision licence : ordered { none < required } takes the strictest otherwise none\n\
                rule strict when price > 5 then licence is required\n";
    let told = |line: &str| compiled(&format!("{head}{line}\n"));
    says(&told("prove p : licence never depends from price"), "`never depends` goes on with `on`", "write `never depends on`");
    says(&told("prove p : licence never relaxes as price grows"), "`never` goes on with `depends on` or `loosens as`", "");
    says(&told("cap c \"1\" counts price at most 5 per place"), "`per` comes before `at most`", "The order is");
    says(&told("cap c \"1\" counts price per place in a calendar year at most 5"), "other words", "per calendar year");
    says(&told("cap c \"1\" counts price per year at most 5"), "other words", "write per calendar year");
    says(&told("rule more when not within c then licence is required"), "`within` is followed by `cap`", "within cap");
}

#[test]
fn a_role_is_played_by_what_fits_it() {
    let head = "regime roles\nuse std/evasion\nenum Country { HOME, A, BAD }\ninput origin, destination : Country\n\
                decision licence : ordered { none < required } takes the strictest otherwise none\n\
                rule strict when destination is BAD then licence is required\n";
    let told = |shows: &str, home: &str| {
        compiled(&format!(
            "{head}process resale {shows} is diversion with from is origin, to is destination, facts is true,\n\
             permitted is licence is none, home is {home}, barred is {{ BAD }}, controlled is true\n"
        ))
    };
    assert!(told("", "HOME").is_empty());
    assert!(told("as no_permitted_path", "HOME").is_empty());
    says(&told("as no_backfill", "HOME"), "`diversion` shows no_permitted_path, and not no_backfill", "leave out");
    says(&told("", "{ HOME }"), "one value is needed here", "behind `in`");
}

#[test]
fn what_does_not_fit_a_pattern_is_said_where_it_is_played() {
    let text = "regime stocks\nuse std/evasion\nenum Country { HOME, BAD }\ninput place : Country\ninput weight : count from 0 to 9\n\
                input date : date from 2026-01-01 to 2026-12-31\n\
                decision licence : ordered { none < required } takes the strictest otherwise none\n\
                rule strict when place is BAD then licence is required\n\
                process stock is stockpiling with total is place, amount is weight, nothing is 0, most is 5, facts is true,\n\
                permitted is licence is none\n";
    let loader = lexport::source::MemoryLoader { files: [("it.lxp".to_owned(), text.to_owned())].into() };
    let compilation = lexport::driver::Compilation::load(&loader, "it.lxp");
    assert!(compilation.failed());
    for message in &compilation.messages {
        let place = message.span();
        let file = compilation.files.get(place.file.expect("a file"));
        assert_eq!(&*file.path, "it.lxp", "{message:#?}");
        assert_eq!(&file.text[place.start as usize..place.end as usize], "stock", "{message:#?}");
    }
}

/// What is no table to import: a clear message, the same exit code, no panic.
fn not_imported(file: &str, bytes: &[u8], options: &str, says: &[&str]) {
    let place = Place::new();
    place.put(file, bytes);
    refused(&place, &format!("import {file} {options}"), says);
    refused(&place, &format!("import {file} {options} -o out"), says);
    assert!(!place.path().join("out").exists(), "{file}: something was written");
}

fn dmn(table: &str) -> String {
    format!(
        "<definitions xmlns=\"https://www.omg.org/spec/DMN/20191111/MODEL/\"><decision name=\"d\"><decisionTable>{table}</decisionTable></decision></definitions>"
    )
}

fn dmn_cell(kind: &str, cell: &str) -> String {
    dmn(&format!(
        "<input><inputExpression typeRef=\"{kind}\"><text>x</text></inputExpression></input><output name=\"y\" typeRef=\"number\"/>\
         <rule><inputEntry><text>{cell}</text></inputEntry><outputEntry><text>1</text></outputEntry></rule>"
    ))
}

#[test]
fn dmn_that_is_none() {
    not_imported("a.dmn", b"", "", &["LX5010", "the file ends"]);
    not_imported("a.dmn", b"<definitions", "", &["LX5010", "line 1"]);
    not_imported("a.dmn", b"<html><body/></html>", "", &["LX5010", "`html`"]);
    not_imported("a.dmn", b"<definitions xmlns=\"http://example.org\"></definitions>", "", &["LX5010", "http://example.org"]);
    let open = dmn("").replace("</decisionTable>", "");
    not_imported("a.dmn", open.as_bytes(), "", &["LX5010", "line 1: broken XML"]);
    not_imported("a.dmn", b"<definitions xmlns=\"https://www.omg.org/spec/DMN/20191111/MODEL/\"/>", "", &["no decision table"]);
    not_imported("a.dmn", &[0xff, 0xfe, b'<', 0], "", &["LX1008"]);
    let deep = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
    not_imported("a.dmn", dmn(&deep).as_bytes(), "", &["stand in each other"]);
    not_imported("a.dmn", dmn_cell("string", "\"a\"").as_bytes(), "--decision e", &["no table `e`", "there are d"]);
    not_imported("a.dmn", dmn_cell("string", "\"a\"").as_bytes(), "--outputs y", &["LX5004", "--outputs"]);
}

#[test]
fn dmn_that_reads_other_files_or_grows() {
    let laughs = "<!DOCTYPE lolz [<!ENTITY lol \"lol\"><!ENTITY lol2 \"&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;\">]>";
    not_imported(
        "a.dmn",
        format!("{laughs}{}", dmn_cell("string", "&lol2;")).as_bytes(),
        "",
        &["LX5010", "document type declaration"],
    );
    let outside = "<!DOCTYPE d [<!ENTITY secret SYSTEM \"file:///etc/passwd\">]>";
    not_imported("a.dmn", format!("{outside}{}", dmn_cell("string", "&secret;")).as_bytes(), "", &["document type declaration"]);
    not_imported("a.dmn", dmn_cell("string", "&secret;").as_bytes(), "", &["the entity `&secret;`"]);
    not_imported(
        "a.dmn",
        dmn_cell("string", "\"a\"").replace("name=\"d\"", "name=\"&secret;\"").as_bytes(),
        "",
        &["LX5010", "line 1"],
    );
    not_imported(
        "a.dmn",
        dmn_cell("string", &format!("\"{}\"", "a".repeat(1_000_000))).as_bytes(),
        "",
        &["row 1", "1000002 bytes"],
    );
    not_imported("a.dmn", &vec![b' '; 64 * 1024 * 1024 + 1], "", &["LX1009"]);
}

#[test]
fn feel_that_would_have_to_be_computed() {
    for (kind, cell, says) in [
        ("string", "Gold", "a text is written \"Gold\""),
        ("number", "&lt; limit", "`limit` is a name"),
        ("number", "5 + 3", "`+ 3` stands where"),
        ("number", "null", "a missing value"),
        ("number", "\"5\"", "this column has numbers"),
        ("string", "5", "this column has texts"),
        ("date", "date(\"2025-02-30\")", "no day of the calendar"),
        ("string", "&lt; \"b\"", "no order"),
        ("number", "[1..", "it ends where"),
        ("dateTime", "-", "the type `dateTime` is not read"),
        ("number", "1e99", "no number that can be kept exactly"),
        ("number", "1234567890123456789012345", "more digits than can be kept"),
    ] {
        not_imported("a.dmn", dmn_cell(kind, cell).as_bytes(), "", &["LX5010", says, "`x`"]);
    }
    let computed = dmn_cell("number", "5").replace("<text>x</text>", "<text>x * 2</text>");
    not_imported("a.dmn", computed.as_bytes(), "", &["`x * 2` would have to be computed"]);
    let missing = dmn_cell("number", "5").replace("<outputEntry><text>1</text></outputEntry>", "");
    not_imported("a.dmn", missing.as_bytes(), "", &["row 1 has 1 input and 0 output entries"]);
    let unlisted = dmn_cell("number", "5").replace("<decisionTable>", "<decisionTable hitPolicy=\"PRIORITY\">");
    not_imported("a.dmn", unlisted.as_bytes(), "", &["order of the output values", "`y`"]);
    let policy = dmn_cell("number", "5").replace("<decisionTable>", "<decisionTable hitPolicy=\"SOMETIMES\">");
    not_imported("a.dmn", policy.as_bytes(), "", &["`SOMETIMES`"]);
    let total = dmn_cell("number", "5")
        .replace("<decisionTable>", "<decisionTable hitPolicy=\"COLLECT\" aggregation=\"SUM\">")
        .replace("<text>1</text>", "<text>\"one\"</text>");
    not_imported("a.dmn", total.as_bytes(), "", &["this column has numbers"]);
}

#[test]
fn csv_and_spreadsheets_that_are_no_tables() {
    for (text, says) in [
        ("", "it is empty"),
        ("a,b\n", "no rows"),
        ("a\n1\n", "asked for"),
        ("a,b\n1,2,3\n", "row 2 has 3 cells, the heading 2"),
        ("a,b\n\"1,500\",x\n", "two ways"),
        ("a,b\n5-10,x\n", "`5..10`"),
        ("a,b\n1/2/2025,x\n", "2025-01-13"),
        ("a,b\n>= 5,x\nhigh,y\n", "no order"),
        ("a,b\nCN,x\n\u{421}N,y\n", "look the same"),
        ("a,,b\n1,2,3\n", "column 2 has no heading"),
        ("a = b,c\nyes,1\n", "compares inputs with each other"),
        ("a,b\n99999999999999999999999999,x\n", "more digits"),
    ] {
        not_imported("a.csv", text.as_bytes(), "", &["LX5010", says]);
    }
    not_imported("a.csv", b"a,b\n\xff,x\n", "", &["LX1008", "UTF-8"]);
    not_imported("a.csv", format!("a,b\n{},x\n", "y".repeat(1_000_000)).as_bytes(), "", &["row 2", "1000000 bytes"]);
    not_imported("a.csv", &vec![b'a'; 100 << 20], "", &["LX1009"]);
    not_imported("a.csv", b"a,b\n1,2\n", "--outputs c", &["no column `c`"]);
    not_imported("a.csv", b"a,b\n1,2\n", "--policy X", &["LX5004", "`--policy X`"]);
    not_imported("a.csv", b"a,b\n1,2\n", "--sheet s", &["LX5004", "--sheet"]);
    not_imported("a.xlsx", b"", "", &["LX5010", "no workbook"]);
    not_imported("a.xlsx", b"PK\x03\x04 and nothing more", "", &["no workbook"]);
    not_imported("a.doc", b"x", "", &["LX5010", "`.doc`"]);
    let workbook = std::fs::read(format!("{}/tests/import/duties.xlsx", env!("CARGO_MANIFEST_DIR"))).expect("a workbook");
    not_imported("a.xlsx", &workbook, "--sheet Other", &["no sheet `Other`", "Duties"]);
    not_imported("a.xlsx", &workbook[..workbook.len() / 2], "", &["no workbook"]);
    // Whatever is wrong with a workbook, it is said.
    let place = Place::new();
    for at in (0..workbook.len()).step_by(211) {
        let mut damaged = workbook.clone();
        damaged[at] ^= 0x55;
        place.put("b.xlsx", &damaged);
        let ran = place.run("import b.xlsx");
        assert!(matches!(ran.code, Some(0..=2)) && !ran.err.contains("mistake of Lexport"), "{at}: {}", ran.all());
    }
}

#[test]
fn a_workbook_that_unfolds_without_end() {
    use std::io::Write as _;
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    zip.start_file("xl/worksheets/sheet1.xml", options).expect("a file");
    let zeros = vec![b'0'; 1 << 20];
    (0..300).for_each(|_| zip.write_all(&zeros).expect("zeros"));
    let bytes = zip.finish().expect("an archive").into_inner();
    assert!(bytes.len() < 1 << 20);
    not_imported("a.xlsx", &bytes, "", &["unfolds to more than"]);
}
