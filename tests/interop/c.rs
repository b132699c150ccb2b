//! The emitted header, compiled by the C compiler with warnings as errors and with sanitizers, in two files of one program.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use lexport::emit;

use super::agreement::{Agreement, skip};
use super::consumer;
use super::subject::{Subject, bit_sets, compare, subjects};

const STRICT: [&str; 8] = ["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror", "-O1"];
const SANITIZED: [&str; 4] = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer", "-g"];

fn compiler() -> Option<PathBuf> {
    ["gcc", "cc", "clang"].into_iter().find_map(consumer::find)
}

/// The names of a table, as its header has them.
fn prefix(subject: &Subject) -> String {
    subject.table.regime.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect()
}

/// A text about `lexport_…` about a table.
fn own(subject: &Subject, text: &str) -> String {
    let lower = prefix(subject);
    text.replace("LEXPORT_", &format!("{}_", lower.to_uppercase())).replace("lexport_", &format!("{lower}_"))
}

/// Whether the compiler has the sanitizers and what they make runs here.
fn sanitizers(compiler: &Path) -> bool {
    let folder = tempfile::tempdir().expect("a folder");
    let (file, run) = (folder.path().join("a.c"), folder.path().join("a"));
    std::fs::write(&file, "int main(void) { return 0; }\n").expect("a file");
    let made = Command::new(compiler).args(SANITIZED).arg(&file).arg("-o").arg(&run).output();
    made.is_ok_and(|made| made.status.success()) && Command::new(&run).output().is_ok_and(|ran| ran.status.success())
}

/// The driver and the table, each in a file of its own.
fn compile(subject: &Subject, folder: &Path) -> PathBuf {
    let compiler = compiler().expect("a C compiler");
    let artifact = emit::c(&subject.table).expect("a good table");
    assert_eq!(artifact.path, format!("{}.h", prefix(subject)));
    std::fs::write(folder.join("table.h"), artifact.bytes).expect("a file");
    let table =
        own(subject, "#define LEXPORT_IMPLEMENTATION\n#define LEXPORT_SELF_TEST\n#include \"table.h\"\n#include \"table.h\"\n");
    std::fs::write(folder.join("table.c"), &table).expect("a file");
    let driver = format!("#define LEXPORT_SELF_TEST\n{}", include_str!("driver.c"));
    std::fs::write(folder.join("driver.c"), own(subject, &driver)).expect("a file");
    let run = folder.join("run");
    let mut command = Command::new(&compiler);
    command.args(STRICT).arg("-o").arg(&run).arg(folder.join("driver.c")).arg(folder.join("table.c"));
    if sanitizers(&compiler) {
        command.args(SANITIZED);
    } else {
        skip("c", "the C compiler has no sanitizers");
    }
    consumer::run(&mut command);
    run
}

#[test]
fn c() {
    let Some(compiler) = compiler() else {
        skip("c", "there is no C compiler");
        return;
    };
    let version = consumer::version(Command::new(compiler).arg("--version"));
    for subject in subjects() {
        let folder = tempfile::tempdir().expect("a folder");
        let run = compile(subject, folder.path());
        let (known, open) = (subject.cases(consumer::cases()), subject.open_cases(consumer::cases() / 10));
        let requests: Vec<String> = known.iter().map(|case| case.request()).collect();
        let expected: Vec<String> = known.iter().map(|case| case.reply()).collect();
        let mut disagreements = compare(&requests, &expected, &consumer::ask(&mut Command::new(&run), &requests));
        let requests: Vec<String> = open.iter().map(|case| case.request()).collect();
        let expected: Vec<String> = open.iter().map(|case| case.reply()).collect();
        disagreements.extend(compare(&requests, &expected, &consumer::ask(Command::new(&run).arg("open"), &requests)));
        // Words and rules of every outcome that came up.
        let said = consumer::run(Command::new(&run).arg("meanings")).stdout;
        let said = String::from_utf8(said).expect("text");
        let said: BTreeSet<&str> = said.lines().collect();
        let reached: BTreeSet<(usize, u32)> =
            known.iter().flat_map(|case| case.outcomes.iter().copied().enumerate().collect::<Vec<_>>()).collect();
        for (decision, outcome) in reached {
            let text = subject.answer_text(decision, outcome);
            let line = format!("{decision}\t{outcome}\t{text}\t{}", subject.rules(outcome).join(";"));
            if !said.contains(line.as_str()) {
                disagreements.push(format!("it does not say: {line}"));
            }
        }
        let (cases, open) = (known.len(), open.len());
        Agreement { target: "c", consumer: &version, table: subject.name, cases, open, disagreements }.conclude();
    }
}

/// Bit sets and grids, which none of the other tables needs.
#[test]
fn c_of_bit_sets() {
    if compiler().is_none() {
        skip("c (bit sets)", "there is no C compiler");
        return;
    }
    let subject = bit_sets();
    let text = String::from_utf8(emit::c(&subject.table).expect("a good table").bytes).expect("text");
    let ways = ["| at << 16", ") * UINT64_C(", ") >= boxes_s"];
    assert!(ways.iter().all(|way| text.contains(way)), "no bit sets, no even thresholds or no grid");
    let folder = tempfile::tempdir().expect("a folder");
    let run = compile(&subject, folder.path());
    let known = subject.cases(consumer::cases());
    let requests: Vec<String> = known.iter().map(|case| case.request()).collect();
    let expected: Vec<String> = known.iter().map(|case| case.reply()).collect();
    assert_eq!(compare(&requests, &expected, &consumer::ask(&mut Command::new(&run), &requests)), Vec::<String>::new());
    let open = subject.open_cases(consumer::cases() / 10);
    let requests: Vec<String> = open.iter().map(|case| case.request()).collect();
    let expected: Vec<String> = open.iter().map(|case| case.reply()).collect();
    assert_eq!(compare(&requests, &expected, &consumer::ask(Command::new(&run).arg("open"), &requests)), Vec::<String>::new());
}

/// The header is C++ too, and may be one file's own.
#[test]
fn c_as_c_plus_plus() {
    let Some(compiler) = ["g++", "c++", "clang++"].into_iter().find_map(consumer::find) else {
        skip("c (C++)", "there is no C++ compiler");
        return;
    };
    let subject = &subjects()[0];
    let folder = tempfile::tempdir().expect("a folder");
    let artifact = emit::c(&subject.table).expect("a good table");
    std::fs::write(folder.path().join("table.h"), artifact.bytes).expect("a file");
    let main = "#define LEXPORT_STATIC\n#define LEXPORT_IMPLEMENTATION\n#define LEXPORT_SELF_TEST\n#include \"table.h\"\n\
                int main() { return lexport_self_test() == 0 ? 0 : 1; }\n";
    std::fs::write(folder.path().join("main.cpp"), own(subject, main)).expect("a file");
    let run = folder.path().join("run");
    let options = ["-std=c++11", "-Wall", "-Wextra", "-Werror", "-o"];
    consumer::run(Command::new(compiler).args(options).arg(&run).arg(folder.path().join("main.cpp")));
    consumer::run(&mut Command::new(&run));
}

/// What is outside its domain is refused, with the input; what a decision cannot hang on it does not look at.
#[test]
fn c_refuses_what_is_outside() {
    const MAIN: &str = r#"
#define EVERYTHING_IMPLEMENTATION
#include "table.h"
#include <stdio.h>
#include <string.h>

#define CHECK(it) do { if (!(it)) { fprintf(stderr, "%d: %s\n", __LINE__, #it); return 1; } } while (0)

int main(void)
{
    everything_inputs good, in;
    everything_left left;
    uint8_t unknown[EVERYTHING_INPUT_COUNT] = {0};
    int32_t all[EVERYTHING_DECISION_COUNT];
    memset(&good, 0, sizeof good);
    good.date = everything_day(2024, 2, 29);
    good.item = EVERYTHING_ITEM_EAR99;
    good.asked[0] = 3;
    CHECK(good.date == 19782);
    CHECK(everything_day(2023, 2, 29) == INT32_MIN && everything_day(1969, 12, 31) == -1 && everything_day(2027, 12, 31) == 21183);
    CHECK(everything_check(&good) == 0 && everything_decide_all(&good, all) == 0);

#define REFUSED(field, value, input, decision) \
    in = good; in.field = value; \
    CHECK(everything_bad_input(everything_decide_##decision(&in)) == EVERYTHING_INPUT_##input); \
    CHECK(everything_bad_input(everything_decide_all(&in, all)) == EVERYTHING_INPUT_##input); \
    CHECK(everything_bad_input(everything_check(&in)) == EVERYTHING_INPUT_##input); \
    CHECK(everything_bad_input(everything_open(0, &in, unknown, &left)) == EVERYTHING_INPUT_##input); \
    unknown[EVERYTHING_INPUT_##input] = 1; \
    CHECK(everything_open(0, &in, unknown, &left) == 0); \
    unknown[EVERYTHING_INPUT_##input] = 0

    REFUSED(date, 19271, DATE, desk);
    REFUSED(date, INT32_MAX, DATE, desk);
    REFUSED(item, 4, ITEM, class);
    REFUSED(item, 255, ITEM, class);
    REFUSED(destination, 6, DESTINATION, allowed);
    REFUSED(performance, -1, PERFORMANCE, class);
    REFUSED(performance, INT64_MIN, PERFORMANCE, duty);
    REFUSED(balance, INT64_MAX, BALANCE, duty);
    REFUSED(price, INT64_MAX, PRICE, allowed);
    REFUSED(quantity, 1000000001, QUANTITY, allowed);
    REFUSED(datacenter, 2, DATACENTER, usable);
    REFUSED(asked[0], 16, ASKED, usable);
    CHECK(everything_decide_class(&in) >= 0);

    CHECK(everything_put(&in, EVERYTHING_INPUT_DATACENTER, 256) == -1 - EVERYTHING_INPUT_DATACENTER);
    CHECK(everything_put(&in, EVERYTHING_INPUT_ITEM, -1) == -1 - EVERYTHING_INPUT_ITEM);
    CHECK(everything_put(&in, EVERYTHING_INPUT_ITEM, 256) == -1 - EVERYTHING_INPUT_ITEM);
    CHECK(everything_put(&in, EVERYTHING_INPUT_ASKED, 0) == -1 - EVERYTHING_INPUT_ASKED);
    CHECK(everything_put(&in, EVERYTHING_INPUT_COUNT, 0) == EVERYTHING_NO_INPUT);
    CHECK(in.item == good.item && everything_put(&in, EVERYTHING_INPUT_ITEM, 1) == 0 && in.item == 1);
    CHECK(everything_decide(EVERYTHING_DECISION_COUNT, &good) == EVERYTHING_NO_DECISION);
    CHECK(everything_open(EVERYTHING_DECISION_COUNT, &good, NULL, &left) == EVERYTHING_NO_DECISION);
    CHECK(everything_bad_input(0) == -1 && everything_bad_input(EVERYTHING_NO_DECISION) == -1);
    CHECK(everything_outcome_of(-1) == NULL && everything_outcome_of(EVERYTHING_OUTCOME_COUNT) == NULL);
    CHECK(everything_rule_of(EVERYTHING_RULE_COUNT) == NULL && everything_input_of(13) == NULL && everything_decision_of(6) == NULL);
    CHECK(everything_member_of(EVERYTHING_ENUM_COUNTRY, 6) == NULL && everything_member_of(EVERYTHING_ENUM_COUNT, 0) == NULL);
    CHECK(everything_member_number(EVERYTHING_ENUM_COUNTRY, "MO") == EVERYTHING_COUNTRY_MO);
    CHECK(everything_member_number(EVERYTHING_ENUM_COUNTRY, "M") == -1 && everything_member_number(EVERYTHING_ENUM_COUNT, "M") == -1);
    CHECK(strcmp(everything_member_of(EVERYTHING_ENUM_COUNTRY, EVERYTHING_COUNTRY_MO)->label, "Macau") == 0);
    CHECK(strcmp(everything_rule_of(0)->cite, "\302\247 2(a)") == 0);
    return 0;
}
"#;
    let Some(compiler) = compiler() else {
        skip("c", "there is no C compiler");
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let artifact = emit::c(&subjects()[0].table).expect("a good table");
    std::fs::write(folder.path().join("table.h"), artifact.bytes).expect("a file");
    std::fs::write(folder.path().join("main.c"), MAIN).expect("a file");
    let run = folder.path().join("run");
    let mut command = Command::new(&compiler);
    command.args(STRICT).arg("-o").arg(&run).arg(folder.path().join("main.c"));
    if sanitizers(&compiler) {
        command.args(SANITIZED);
    }
    consumer::run(&mut command);
    consumer::run(&mut Command::new(&run));
}

/// The table of a real regime for one reading and some days.
pub(super) fn of_one_reading() -> lexport::diagram::OwnedTable {
    use lexport::diagram::{Options, Specialise, build_table};
    let compilation = lexport::driver::Compilation::load(&lexport::source::DiskLoader, "policies/us-2023-11");
    let only = Specialise { reading: Some(1), dates: Some((19_800, 19_900)) };
    build_table(&compilation.program.expect("it compiles"), &only, &Options::default()).expect("a table")
}

/// A table for one reading refuses the others, and the days that it was not made for; the reading may be left unknown.
#[test]
fn c_of_one_reading() {
    const MAIN: &str = r#"
#define US_2023_11_IMPLEMENTATION
#define US_2023_11_SELF_TEST
#include "table.h"
#include <stdio.h>

#define CHECK(it) do { if (!(it)) { fprintf(stderr, "%d: %s\n", __LINE__, #it); return 1; } } while (0)

int main(void)
{
    us_2023_11_inputs in = {0};
    us_2023_11_left left;
    int32_t all[US_2023_11_DECISION_COUNT];
    uint8_t unknown[US_2023_11_INPUT_COUNT] = {0};
    CHECK(us_2023_11_self_test() == 0);
    in.quantity = 1;
    in.date = 19850;
    in.reading = US_2023_11_READING_ENFORCED;
    CHECK(us_2023_11_check(&in) == 0 && us_2023_11_decide_requirement(&in) >= 0);
    in.reading = US_2023_11_READING_LETTER;
    CHECK(us_2023_11_bad_input(us_2023_11_check(&in)) == US_2023_11_INPUT_READING);
    CHECK(us_2023_11_bad_input(us_2023_11_decide_requirement(&in)) == US_2023_11_INPUT_READING);
    CHECK(us_2023_11_bad_input(us_2023_11_decide_all(&in, all)) == US_2023_11_INPUT_READING);
    CHECK(us_2023_11_bad_input(us_2023_11_open(0, &in, NULL, &left)) == US_2023_11_INPUT_READING);
    unknown[US_2023_11_INPUT_READING] = 1;
    CHECK(us_2023_11_open(US_2023_11_DECISION_REQUIREMENT, &in, unknown, &left) == 0 && left.count == 1 && left.ask == -1);
    in.reading = US_2023_11_READING_ENFORCED;
    in.date = 19799;
    CHECK(us_2023_11_bad_input(us_2023_11_check(&in)) == US_2023_11_INPUT_DATE);
    return 0;
}
"#;
    let Some(compiler) = compiler() else {
        skip("c", "there is no C compiler");
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let artifact = emit::c(&of_one_reading()).expect("a good table");
    std::fs::write(folder.path().join("table.h"), artifact.bytes).expect("a file");
    std::fs::write(folder.path().join("main.c"), MAIN).expect("a file");
    let run = folder.path().join("run");
    consumer::run(Command::new(compiler).args(STRICT).arg("-o").arg(&run).arg(folder.path().join("main.c")));
    consumer::run(&mut Command::new(&run));
}

/// What a table does not have leaves nothing behind that a compiler warns of: no tests, no sets, no sums, no dates, no rules.
#[test]
fn code_of_little_tables_has_no_warnings() {
    use lexport::diagram::{Options, Specialise, build_table};
    const TEXTS: [&str; 4] = [
        "regime none cite \"x\"\ninput class : bool\ndecision all : bool takes exactly one otherwise true\n",
        "regime flag cite \"x\"\ninput double, while : bool\ndecision a : { x, y } takes exactly one\n\
         rule r \"1\" when double then a is x\nrule s \"2\" when while then a is y\n",
        "regime sums cite \"x\"\ninput a, b : count from 0 to 1_000_000_000_000_000_000\ndecision d : bool takes exactly one\n\
         rule r \"1\" when a * b >= 100 then d is true\n",
        "regime many cite \"x\"\ninput n : count from 0 to 1_000_000\ndecision d : { c0, c1, c2 } takes exactly one otherwise c0\n",
    ];
    let Some(compiler) = compiler() else {
        skip("c", "there is no C compiler");
        return;
    };
    for (number, text) in TEXTS.into_iter().enumerate() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut text = text.to_owned();
        if number == 3 {
            // So many thresholds that they are searched.
            for at in 0..40 {
                let (lo, hi) = (at * 20_000 + 7, at * 20_000 + 9_000);
                text += &format!("rule r{at} \"{at}\" when n >= {lo} and n < {hi} then d is c{}\n", 1 + at % 2);
            }
        }
        let path = folder.path().join("little.lxp");
        std::fs::write(&path, &text).expect("a file");
        let path = path.to_str().expect("a path");
        let compilation = lexport::driver::Compilation::load(&lexport::source::DiskLoader, path);
        let program = compilation.program.unwrap_or_else(|| panic!("{text}: {:#?}", compilation.messages));
        let table = build_table(&program, &Specialise::default(), &Options::default()).expect("a table");
        let subject = Subject { name: "little", table };
        std::fs::write(folder.path().join("table.h"), emit::c(&subject.table).expect("a good table").bytes).expect("a file");
        let main = "#define LEXPORT_IMPLEMENTATION\n#define LEXPORT_SELF_TEST\n#include \"table.h\"\n\
                    int main(void) { return lexport_self_test() == 0 ? 0 : 1; }\n";
        std::fs::write(folder.path().join("main.c"), own(&subject, main)).expect("a file");
        let run = folder.path().join("run");
        consumer::run(Command::new(&compiler).args(STRICT).arg("-o").arg(&run).arg(folder.path().join("main.c")));
        consumer::run(&mut Command::new(&run));
        std::fs::write(folder.path().join("table.rs"), emit::rust(&subject.table).expect("a good table").bytes).expect("a file");
        let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
        let options = ["--edition", "2024", "-D", "warnings", "--test", "-o"];
        let run = folder.path().join("tests");
        consumer::run(Command::new(rustc).args(options).arg(&run).arg(folder.path().join("table.rs")));
        consumer::run(&mut Command::new(&run));
    }
}

/// A table in which one word of the diagram was changed is noticed, by what is decided and by what is left open.
#[test]
fn an_altered_header_disagrees() {
    if compiler().is_none() {
        skip("c", "there is no C compiler");
        return;
    }
    let mut altered = Subject { name: "altered", table: subjects()[0].table.clone() };
    let (known, open) = (altered.cases(2_000), altered.open_cases(2_000));
    let outcomes = altered.table.outcomes.len() as u32;
    let leaf = altered.table.nodes.iter().position(|word| word & lexport_runtime::HEAD == lexport_runtime::LEAF).expect("a leaf");
    let word = altered.table.nodes[leaf] & !lexport_runtime::HEAD;
    altered.table.nodes[leaf] = lexport_runtime::LEAF | ((word + 1) % outcomes);
    // Against its check vectors it would not be written at all.
    assert!(emit::c(&altered.table).is_err());
    altered.table.vectors.clear();
    let folder = tempfile::tempdir().expect("a folder");
    let run = compile(&altered, folder.path());
    let requests: Vec<String> = known.iter().map(|case| case.request()).collect();
    let expected: Vec<String> = known.iter().map(|case| case.reply()).collect();
    assert!(!compare(&requests, &expected, &consumer::ask(&mut Command::new(&run), &requests)).is_empty());
    let requests: Vec<String> = open.iter().map(|case| case.request()).collect();
    let expected: Vec<String> = open.iter().map(|case| case.reply()).collect();
    assert!(!compare(&requests, &expected, &consumer::ask(Command::new(&run).arg("open"), &requests)).is_empty());
}

/// The program of the page does what the page says.
#[test]
fn the_page_of_c_is_so() {
    let Some(compiler) = compiler() else {
        skip("c", "there is no C compiler");
        return;
    };
    let (example, output) = page_example(include_str!("../../docs/targets/c.md"));
    let subject = subjects().iter().find(|subject| subject.name == "us-2023-11").expect("a subject");
    let folder = tempfile::tempdir().expect("a folder");
    let artifact = emit::c(&subject.table).expect("a good table");
    std::fs::write(folder.path().join(artifact.path), artifact.bytes).expect("a file");
    std::fs::write(folder.path().join("main.c"), example).expect("a file");
    let run = folder.path().join("run");
    consumer::run(Command::new(compiler).args(STRICT).arg("-o").arg(&run).arg(folder.path().join("main.c")));
    assert_eq!(String::from_utf8(consumer::run(&mut Command::new(run)).stdout).expect("text"), output);
}

/// The example of a page, and what it prints.
pub(super) fn page_example(page: &str) -> (&str, &str) {
    let block = |what: &str| {
        let (_, rest) = page.split_once(what).unwrap_or_else(|| panic!("no block {what:?}"));
        rest.split_once("```").expect("an end of it").0
    };
    (block(" example\n"), block("```text output\n"))
}
