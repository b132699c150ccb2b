//! Tables at the edges of what is read: what is expected comes from DMN 1.5 ("Hit policy", "Unary tests", "defaultOutputEntry"), from RFC
//! 4180, or from arithmetic that is done here once more.

use lexport::eval;
use lexport::import::{self, Asked, Found, Judged, Table};
use lexport::ir::{Case, Program, Value};

use super::support::Place;
use super::{program, words};

const MODEL: &str = "https://www.omg.org/spec/DMN/20230324/MODEL/";

/// What a file comes to: its tables and the titles of its warnings, or of its errors.
fn read(file: &str, text: &str, asked: &Asked<'_>) -> Result<(Found, Vec<String>), Vec<String>> {
    let titles = |all: &[lexport::diagnostic::Diagnostic]| all.iter().map(|one| one.title.clone()).collect::<Vec<_>>();
    match import::read(file, text.as_bytes(), asked) {
        Ok(found) => {
            let warnings = titles(&found.warnings);
            Ok((found, warnings))
        }
        Err(wrong) => Err(titles(&wrong)),
    }
}

/// The one table of a file with its regime, and what is said of it.
fn judged(file: &str, text: &str, asked: &Asked<'_>) -> (Table, String, Program, Judged) {
    let (found, _) = read(file, text, asked).unwrap_or_else(|wrong| panic!("{wrong:#?}\n{text}"));
    let table = found.tables.into_iter().next().expect("a table");
    let text = import::written(&table).unwrap_or_else(|why| panic!("{why}"));
    let program = program(&text);
    let judged = import::judge(&table, &program).unwrap_or_else(|why| panic!("{why}\n{text}"));
    assert!(judged.faults.is_empty(), "{:?}\n{text}", judged.faults);
    (table, text, program, judged)
}

/// A DMN file with one table.
fn dmn(policy: &str, columns: &str, rows: &[(&[&str], &[&str])]) -> String {
    let cells = |name: &str, all: &[&str]| {
        let cell = |text: &&str| format!("<{name}><text>{}</text></{name}>", text.replace('<', "&lt;").replace('>', "&gt;"));
        all.iter().map(cell).collect::<String>()
    };
    let rows: String = rows
        .iter()
        .map(|(asked, said)| format!("<rule>{}{}</rule>", cells("inputEntry", asked), cells("outputEntry", said)))
        .collect();
    format!(
        "<definitions xmlns=\"{MODEL}\"><decision name=\"d\"><decisionTable {policy}>{columns}{rows}</decisionTable></decision></definitions>"
    )
}

fn input(name: &str, kind: &str, values: &str) -> String {
    let values = if values.is_empty() { String::new() } else { format!("<inputValues><text>{values}</text></inputValues>") };
    format!("<input><inputExpression typeRef=\"{kind}\"><text>{name}</text></inputExpression>{values}</input>")
}

fn has(all: &[String], words: &str) -> bool {
    all.iter().any(|one| one.contains(words))
}

/// What comes out in a case with one input.
fn comes(program: &Program, value: Value) -> String {
    let mut case = Case::unknown(program.inputs.len());
    let input = program.input_ids().next().expect("an input");
    case.set(input, value);
    let decided = &eval::decide(program, &case).expect("a case")[0];
    let id = program.find_decision(&program.decisions[0].name).expect("the decision");
    lexport::report::value::outcome_words(program, id, &decided.outcome, lexport::words::Language::English).to_string()
}

/// Whether a number meets a cell.
type Meets = Box<dyn Fn(f64) -> bool>;

#[test]
fn ends_of_ranges_lie_between_the_numbers_that_are_allowed() {
    let members = [1.0, 2.0, 3.5, 5.0];
    let ends = [0.0, 1.0, 1.5, 2.0, 2.75, 3.5, 5.0, 9.0];
    let mut cells: Vec<(String, Meets)> = Vec::new();
    for end in ends {
        cells.push((format!("< {end}"), Box::new(move |n| n < end)));
        cells.push((format!("<= {end}"), Box::new(move |n| n <= end)));
        cells.push((format!("> {end}"), Box::new(move |n| n > end)));
        cells.push((format!(">= {end}"), Box::new(move |n| n >= end)));
        cells.push((format!("not(> {end})"), Box::new(move |n| n <= end)));
        cells.push((format!("not(<= {end})"), Box::new(move |n| n > end)));
        for to in ends.into_iter().filter(|to| *to >= end) {
            cells.push((format!("[{end}..{to}]"), Box::new(move |n| end <= n && n <= to)));
            cells.push((format!("({end}..{to})"), Box::new(move |n| end < n && n < to)));
            cells.push((format!("not([{end}..{to}))"), Box::new(move |n| n < end || to <= n)));
        }
    }
    let columns = format!("{}<output name=\"d\" typeRef=\"boolean\"/>", input("n", "number", "1, 2, 3.5, 5"));
    for (cell, meets) in cells {
        // What cannot be met by any, or is by all, is said elsewhere.
        let met: Vec<bool> = members.iter().map(|n| meets(*n)).collect();
        if !met.contains(&true) || !met.contains(&false) {
            continue;
        }
        let (_, text, program, _) = judged("t.dmn", &dmn("", &columns, &[(&[&cell], &["true"])]), &Asked::default());
        for (at, met) in met.iter().enumerate() {
            let comes = comes(&program, Value::Member(at as u32));
            assert_eq!(!comes.contains("no value"), *met, "{cell} of {}: {comes}\n{text}", members[at]);
        }
    }
}

#[test]
fn ends_of_ranges_that_are_no_member_are_errors() {
    let known = program(
        "regime known\ninput level : ordered { low < middle < high }\ndecision d : bool takes exactly one otherwise false\n",
    );
    let asked = Asked { known: vec![&known], ..Asked::default() };
    let (_, text, ..) = judged("t.csv", "level,d\n>= middle,yes\n", &asked);
    assert!(text.contains("level is not low"), "{text}");
    let wrong = read("t.csv", "level,d\n>= huge,yes\n", &asked).expect_err("no member");
    assert!(has(&wrong, "row 2, column `level`: `>= huge`: `huge` is none of the values of this column"), "{wrong:?}");
    // A value that is only asked for is met by nobody, and that is a warning with the words of the cell.
    let (_, warnings) = read("t.csv", "level,d\nhuge,yes\nlow,no\n", &asked).expect("a table");
    assert!(has(&warnings, "`huge` is none of the values"), "{warnings:?}");
    let (.., judged) = judged("t.csv", "level,d\nhuge,yes\nlow,no\n", &asked);
    assert!(words(&judged).contains(&"2!".to_owned()));
    let empty = judged.findings.iter().find(|one| one.rows == [2]).expect("the row");
    assert_eq!(empty.evidence.to_string(), "what it asks of column `level` has no value: `huge`");
}

#[test]
fn priority_goes_by_the_list_of_the_file() {
    let known = program(
        "regime known\ninput n : count from 0 to 9\ndecision need : ordered { none < notice < license } takes the strictest otherwise none\n",
    );
    let asked = Asked { known: vec![&known], ..Asked::default() };
    let table = |values: &str| {
        let output =
            format!("<output name=\"need\" typeRef=\"string\"><outputValues><text>{values}</text></outputValues></output>");
        dmn(
            "hitPolicy=\"PRIORITY\"",
            &format!("{}{output}", input("n", "number", "")),
            &[(&["-"], &["\"license\""]), (&["> 5"], &["\"notice\""]), (&["> 7"], &["\"none\""])],
        )
    };
    for (values, takes, at_9, found) in [
        ("\"license\", \"notice\", \"none\"", "takes the strictest", "license", vec!["2<1", "3<1"]),
        ("\"notice\", \"license\", \"none\"", "takes the first of row_2, row_1, row_3", "notice", vec!["3<1"]),
        ("\"none\", \"notice\", \"license\"", "takes the first of row_3, row_2, row_1", "none", vec![]),
        // What is not listed comes last, in the order of the rows.
        ("\"none\"", "takes the first of row_3, row_1, row_2", "none", vec!["2<1"]),
    ] {
        let (_, text, program, judged) = judged("t.dmn", &table(values), &asked);
        assert!(text.contains(takes), "{values}\n{text}");
        let comes = comes(&program, Value::Int(9));
        assert!(comes.contains(at_9), "{values}: {comes}");
        assert_eq!(words(&judged), found, "{values}");
    }
}

#[test]
fn a_row_that_only_a_late_pair_hides_is_found() {
    // 500 rows that all meet are 124,750 pairs, and the one that matters is the last of them.
    let mut text = "n,d\n".to_owned();
    (0..498).for_each(|_| text += "<= 10,a\n");
    text += "-,b\n-,c\n";
    let (.., judged) = judged("t.csv", &text, &Asked { policy: import::Policy::of("F"), ..Asked::default() });
    assert_eq!(judged.overlaps, 500 * 499 / 2);
    assert!(judged.undecided.is_empty());
    assert!(words(&judged).contains(&"501<500".to_owned()));
}

#[test]
fn defaults_of_lists_and_counts_are_kept() {
    let columns = |default: &str| {
        format!(
            "{}<output name=\"d\" typeRef=\"string\"><outputValues><text>\"a\", \"b\"</text></outputValues><defaultOutputEntry><text>{default}</text></defaultOutputEntry></output>",
            input("n", "number", "[0..9]")
        )
    };
    for policy in ["hitPolicy=\"COLLECT\"", "hitPolicy=\"RULE ORDER\"", "hitPolicy=\"OUTPUT ORDER\""] {
        let (_, text, program, _) =
            judged("t.dmn", &dmn(policy, &columns("\"b\""), &[(&["> 5"], &["\"a\""])]), &Asked::default());
        assert!(text.contains("otherwise { b }"), "{policy}\n{text}");
        // Counted in tenths: DMN has numbers between any two.
        assert!(comes(&program, Value::Int(10)).contains('b') && comes(&program, Value::Int(90)).contains('a'));
    }
    let counts = |default: &str| {
        let columns =
            columns(default).replace("string", "number").replace("<outputValues><text>\"a\", \"b\"</text></outputValues>", "");
        dmn("hitPolicy=\"COLLECT\" aggregation=\"COUNT\"", &columns, &[(&["> 5"], &["1"])])
    };
    let (_, text, program, _) = judged("t.dmn", &counts("7"), &Asked::default());
    assert!(text.contains("count from 0 to 7 takes the sum") && text.contains("otherwise 7"), "{text}");
    assert!(comes(&program, Value::Int(10)).contains('7') && comes(&program, Value::Int(90)).contains('1'));
    for wrong in ["-1", "2.5"] {
        let said = read("t.dmn", &counts(wrong), &Asked::default()).expect_err("no number of rows");
        assert!(has(&said, "the default of column `d`") && has(&said, "whole number"), "{said:?}");
    }
}

#[test]
fn an_empty_cell_leaves_its_output_to_other_rows() {
    let first = Asked { policy: import::Policy::of("F"), ..Asked::default() };
    // Of `a` row 2 has what row 4 says; of `b` row 3 has it. Row 5 says `a` where nobody else does.
    let text = "n,,a,b\n<= 5,,x,\n-,,,y\n<= 3,,z,w\n> 5,,z,\n";
    let (_, regime, _, found) = judged("t.csv", text, &first);
    assert!(regime.contains("takes the first of row_2, row_4, row_5"), "{regime}");
    assert!(regime.contains("takes the first of row_3, row_4"), "{regime}");
    assert_eq!(words(&found), ["4<2,3"]);
    // An output that nobody concludes has no values.
    let wrong = read("t.csv", "n,,a,b\n1,,x,\n2,,y,\n", &first).expect_err("no value");
    assert!(has(&wrong, "output `b`: no row concludes it"), "{wrong:?}");
    // Rows that meet and conclude different outputs do not say the same.
    let (.., found) = judged("t.csv", "n,,a,b\n1,,x,\n1,,,y\n2,,x,y\n", &Asked::default());
    let titles: Vec<String> = found.findings.iter().map(|one| one.title.to_string()).collect();
    assert!(has(&titles, "rows 2 and 3 overlap, and conclude no output in common"), "{titles:?}");
}

#[test]
fn a_table_that_asks_nothing_is_refused() {
    let wrong = read("t.csv", "a,b,c\n-,,x\n*,any,y\n", &Asked::default()).expect_err("nothing to find");
    assert_eq!(wrong.len(), 1, "{wrong:?}");
    assert!(has(&wrong, "no row asks anything"));
}

#[test]
fn tables_of_dmn_that_are_not_read_are_named() {
    let table =
        dmn("", &format!("{}<output name=\"d\" typeRef=\"number\"/>", input("n", "number", "[0..9]")), &[(&["-"], &["1"])])
            .replace("<text>-</text>", "<text>[0..9]</text>")
            .replace(
                "<rule>",
                "<rule><inputEntry><text>[0..9]</text></inputEntry><outputEntry><text>1</text></outputEntry></rule><!--",
            )
            .replace("</rule></decisionTable>", "--></decisionTable>");
    let place = Place::new();
    let other = "<businessKnowledgeModel name=\"Tax\"><encapsulatedLogic><decisionTable/></encapsulatedLogic></businessKnowledgeModel>\
        <decision name=\"e\"><context><contextEntry><variable name=\"inner\"/><decisionTable/></contextEntry></context></decision>";
    place.put("plain.dmn", table.as_bytes());
    let plain = place.run("import plain.dmn");
    assert!(matches!(plain.code, Some(0 | 2)), "{}", plain.all());
    let columns = format!("{}<output name=\"d\" typeRef=\"number\"/>", input("n", "integer", "[0..9]"));
    let whole = dmn("", &columns, &[(&["&lt;= 5".replace("&lt;", "<").as_str()], &["1"]), (&["> 5"], &["2"])]);
    place.put("whole.dmn", whole.as_bytes());
    assert_eq!(place.run("import whole.dmn").code, Some(0));
    let both = whole.replace("</definitions>", &format!("{other}</definitions>"));
    place.put("both.dmn", both.as_bytes());
    let ran = place.run("import both.dmn");
    assert_eq!(ran.code, Some(3), "{}", ran.all());
    for said in ["businessKnowledgeModel `Tax`", "decision `e`, contextEntry `inner`", "is not read"] {
        assert!(ran.err.contains(said), "{said}: {}", ran.all());
    }
    assert_eq!(place.run("import both.dmn --decision d").code, Some(0));
    let wrong = read("t.dmn", &format!("<definitions xmlns=\"{MODEL}\">{other}</definitions>"), &Asked::default());
    assert!(has(&wrong.expect_err("none is read"), "businessKnowledgeModel `Tax`"));
    // What another namespace calls a table is none, and what stands below is not looked at.
    let columns = format!("{}<output name=\"d\" typeRef=\"number\"/>", input("n", "integer", "[0..9]"));
    let foreign = dmn("", &columns, &[(&["<= 5"], &["1"]), (&["> 5"], &["2"])])
        .replace("<decisionTable ", "<decisionTable xmlns:t=\"http://example.org/tool\" ")
        .replace("</decisionTable>", "<t:rule><inputEntry><text>5</text></inputEntry></t:rule><t:decisionTable/><t:x><decisionTable/></t:x></decisionTable>")
        .replace("<rule>", "<t:rule/><rule>");
    let (found, warnings) = read("t.dmn", &foreign, &Asked::default()).expect("a table");
    assert_eq!((found.tables[0].rows.len(), found.unread, warnings.len()), (2, false, 0), "{warnings:?}");
    // The same with the prefix on DMN's own elements.
    let prefixed = dmn("", &columns, &[(&["<= 5"], &["1"]), (&["> 5"], &["2"])])
        .replace("</", "\u{1}")
        .replace('<', "<m:")
        .replace('\u{1}', "</m:")
        .replace("xmlns=", "xmlns:m=");
    assert_eq!(read("t.dmn", &prefixed, &Asked::default()).expect("a table").0.tables[0].rows.len(), 2);
}

#[test]
fn a_letter_above_numbers_that_do_not_count_is_doubted() {
    let (found, warnings) = read("t.csv", "C,Region,Fee\n20,north,1\n30,south,2\n", &Asked::default()).expect("a table");
    assert_eq!(found.tables[0].policy.name(), "COLLECT");
    assert!(has(&warnings, "head it `in: C`"), "{warnings:?}");
    let (found, warnings) = read("t.csv", "in: C,Region,Fee\n20,north,1\n30,south,2\n", &Asked::default()).expect("a table");
    assert_eq!((found.tables[0].policy.name(), found.tables[0].inputs.len(), warnings.len()), ("UNIQUE", 2, 0));
    assert!(read("t.csv", "C,Region,Fee\n1,north,1\n2,south,2\n", &Asked::default()).expect("a table").1.is_empty());
}

#[test]
fn rows_are_cited_by_the_lines_of_the_file() {
    let (.., judged) =
        judged("t.csv", "Fees of 2025\r\n\r\nn,d\r\n<= 5,a\r\n\r\n\"> 5\",\"b\r\nb\"\r\n>= 9,c\r\n", &Asked::default());
    assert_eq!(words(&judged), ["6+8"]);
    let wrong = read("t.csv", "n,d\r\n1,a\r\n\r\n2,\"b\r\n3,c\r\n", &Asked::default()).expect_err("an open quote");
    assert!(wrong.len() == 1 && has(&wrong, "line 4: a quote opens there"), "{wrong:?}");
}

#[test]
fn texts_among_numbers_are_named() {
    let (_, warnings) =
        read("t.csv", "n,Fee\n1,\"4,90\"\n2,5 EUR\n3,nine\n4,30%\n5,2\n6,3\n7,4\n8,5\n", &Asked::default()).expect("a table");
    for (row, said) in [(2, "write `4.90`"), (3, "write `5`"), (4, "write a number"), (5, "write `30`")] {
        assert!(
            warnings.iter().any(|one| one.contains(&format!("row {row}, column `Fee`")) && one.contains(said)),
            "{warnings:?}"
        );
    }
    assert_eq!(warnings.len(), 4, "{warnings:?}");
    let (_, warnings) = read("t.csv", "since,d\n2025-01-13,a\n2025-02-13,b\n45292,c\n", &Asked::default()).expect("a table");
    assert!(warnings.len() == 1 && has(&warnings, "row 4, column `since`: `45292` is no day"), "{warnings:?}");
    // Codes are texts that happen to begin with digits.
    assert!(read("t.csv", "item,d\n3A090,a\n4A090,b\n5,c\n", &Asked::default()).expect("a table").1.is_empty());
    // Where `;` stands between cells a point can stand in thousands, and a comma always can.
    for (text, says) in
        [("n;Fee\n1;1.500\n", "write `1500` if"), ("n;Fee\n1.500;1\n", "`1.5000` if"), ("n,Fee\n1,\"1,500\"\n", "two ways")]
    {
        let wrong = read("t.csv", text, &Asked::default()).expect_err("two ways");
        assert!(has(&wrong, says), "{text}: {wrong:?}");
    }
    for fine in ["n;Fee\n1;1.50\n2;0.125\n3;2.1250\n", "n,Fee\n1,1.500\n2,2\n"] {
        assert!(read("t.csv", fine, &Asked::default()).expect("numbers").1.is_empty(), "{fine}");
    }
}

#[test]
fn the_cell_that_is_odd_is_blamed_and_nothing_that_follows() {
    for odd in ["abc", "5 kg", "N/A", "yes"] {
        let wrong = read("t.csv", &format!("n,d\n<= 5,a\n6..9,b\n{odd},c\n>= 10,d\n"), &Asked::default()).expect_err("no number");
        assert_eq!(wrong.len(), 1, "{wrong:?}");
        assert!(has(&wrong, &format!("row 4, column `n`: `{odd}`")), "{wrong:?}");
    }
    let wrong = read("t.csv", "n,d\n<= 2025-01-01,a\n12,b\n", &Asked::default()).expect_err("no day");
    assert!(wrong.len() == 1 && has(&wrong, "row 3, column `n`: `12`"), "{wrong:?}");
    let columns = format!("{}<output name=\"d\" typeRef=\"number\"/>", input("n", "number", ""));
    let wrong = read("t.dmn", &dmn("", &columns, &[(&["> 5"], &["x + 1"])]), &Asked::default()).expect_err("an expression");
    assert_eq!(wrong.len(), 1, "{wrong:?}");
    let wrong = read("t.csv", "n,d\n1,2,3\n", &Asked::default()).expect_err("a cell too many");
    assert_eq!(wrong.len(), 1, "{wrong:?}");
}

#[test]
fn types_for_columns_that_are_not_there() {
    let place = Place::new();
    place.put("t.csv", b"Weight,d\n<= 5,a\n> 5,b\n");
    for (domain, says) in [
        ("Nope=bool", "the columns are Weight"),
        ("Wieght=count from 0 to 9", "did you mean `Weight`?"),
        ("d=bool", "is concluded"),
    ] {
        let ran = place.run_with(&["import", "t.csv", "--domain", domain], b"");
        assert_eq!(ran.code, Some(2), "{}", ran.all());
        assert!(ran.err.contains(says), "{}", ran.all());
    }
    assert_eq!(place.run_with(&["import", "t.csv", "--domain", "Weight=count from 0 to 9"], b"").code, Some(0));
    let known = program("regime known\ninput Wieght : count from 0 to 9\ndecision d : bool takes exactly one otherwise false\n");
    let (_, warnings) =
        read("t.csv", "Weight,e\n<= 5,a\n> 5,b\n", &Asked { known: vec![&known], ..Asked::default() }).expect("a table");
    assert!(has(&warnings, "no column is an input of the regime"), "{warnings:?}");
    assert!(has(&warnings, "column `Weight` is no input") && has(&warnings, "did you mean `Wieght`?"), "{warnings:?}");
}

/// A workbook with one sheet: its cells, and what stands behind them.
fn workbook(cells: &str, behind: &str) -> Vec<u8> {
    use std::io::Write as _;
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006";
    let parts = [
        (
            "[Content_Types].xml",
            format!(
                "<Types xmlns=\"{package}/content-types\"><Default Extension=\"xml\" ContentType=\"application/xml\"/></Types>"
            ),
        ),
        (
            "_rels/.rels",
            format!(
                "<Relationships xmlns=\"{package}/relationships\"><Relationship Id=\"r1\" Type=\"{office}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships xmlns=\"{package}/relationships\"><Relationship Id=\"r1\" Type=\"{office}/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{main}\" xmlns:r=\"{office}\"><sheets><sheet name=\"S\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
            ),
        ),
        ("xl/worksheets/sheet1.xml", format!("<worksheet xmlns=\"{main}\"><sheetData>{cells}</sheetData>{behind}</worksheet>")),
    ];
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in parts {
        let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
        zip.start_file(name, options).expect("a file");
        zip.write_all(text.as_bytes()).expect("its text");
    }
    zip.finish().expect("an archive").into_inner()
}

fn cell(name: &str, text: &str) -> String {
    format!("<c r=\"{name}\" t=\"inlineStr\"><is><t>{}</t></is></c>", text.replace('<', "&lt;"))
}

#[test]
fn workbooks_that_would_take_too_much() {
    let sheet = |bytes: &[u8]| {
        import::read("t.xlsx", bytes, &Asked::default())
            .map(|found| found.tables.len())
            .map_err(|wrong| wrong.iter().map(|one| one.title.clone()).collect::<Vec<_>>())
    };
    let row = |number: u32, cells: &[(&str, &str)]| {
        let cells: String = cells.iter().map(|(name, text)| cell(name, text)).collect();
        format!("<row r=\"{number}\">{cells}</row>")
    };
    let table = format!(
        "{}{}{}",
        row(1, &[("A1", "n"), ("B1", "d")]),
        row(2, &[("A2", "<= 5"), ("B2", "a")]),
        row(3, &[("A3", "> 5"), ("B3", "b")])
    );
    assert_eq!(sheet(&workbook(&table, "")), Ok(1));
    let far = format!("{table}{}", row(1_048_576, &[("XFD1048576", "x")]));
    let wrong = sheet(&workbook(&far, "")).expect_err("too far");
    assert!(has(&wrong, "XFD1048576") && has(&wrong, "delete what stands far away"), "{wrong:?}");
    // Cells that are only coloured are none.
    let coloured = format!("{table}<row r=\"1048576\"><c r=\"XFD1048576\" s=\"0\"/></row>");
    assert_eq!(sheet(&workbook(&coloured, "")), Ok(1));
    // A merged cell ends where the sheet does.
    let merged = |range: &str, times: usize| {
        let one = format!("<mergeCell ref=\"{range}\"/>");
        format!("<mergeCells count=\"{times}\">{}</mergeCells>", one.repeat(times))
    };
    assert_eq!(sheet(&workbook(&table, &merged("B2:XFD1048576", 1))), Ok(1));
    let long: String =
        (4..20_000).map(|at| row(at, &[(format!("A{at}").as_str(), "7"), (format!("B{at}").as_str(), "b")])).collect();
    let wrong = sheet(&workbook(&format!("{table}{long}"), &merged("A2:B19999", 200))).expect_err("too many");
    assert!(has(&wrong, "its merged cells cover more"), "{wrong:?}");
    // A formula that nobody has computed has no value, also where the whole row has none.
    let formula = format!("{table}<row r=\"4\"><c r=\"A4\"><f>2*3</f></c></row>");
    let wrong = sheet(&workbook(&formula, "")).expect_err("no value");
    assert!(wrong.len() == 1 && has(&wrong, "cell A4: a formula without its value"), "{wrong:?}");
    let formula =
        format!("{table}<row r=\"4\"><c r=\"A4\"><f>2*3</f><v>6</v></c><c r=\"B4\" t=\"str\"><f>\"b\"</f><v>b</v></c></row>");
    assert_eq!(sheet(&workbook(&formula, "")), Ok(1));
}

#[test]
fn what_is_concluded_and_not_listed_is_warned_of() {
    let output =
        "<output name=\"need\" typeRef=\"string\"><outputValues><text>\"none\", \"notice\"</text></outputValues></output>";
    let columns = format!("{}{output}", input("n", "number", "[0..9]"));
    let rows = |second: &'static str| dmn("", &columns, &[(&["<= 5"], &["\"none\""]), (&["> 5"], &[second])]);
    let (_, warnings) = read("t.dmn", &rows("\"notices\""), &Asked::default()).expect("a table");
    assert!(has(&warnings, "row 2, output `need`: `notices` is not among its output values: none, notice"), "{warnings:?}");
    let (_, warnings) = read("t.dmn", &rows("\"notice\""), &Asked::default()).expect("a table");
    assert!(warnings.is_empty(), "{warnings:?}");
}
