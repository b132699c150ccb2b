//! The emitted DMN model, in the engine of Apache KIE, in its validation with the analysis of decision tables, and in dmn-js.
//!
//! The driver (`dmn/src/Driver.java`) gets inputs under their paths, as a caller would set them, and answers with value, status and rules
//! of each decision.

use std::path::{Path, PathBuf};
use std::process::Command;

use lexport::diagram::{Options, OwnedTable, Specialise, build_table};
use lexport::driver::Compilation;
use lexport::emit;
use lexport::ir::{Domain, Value};
use lexport::source::DiskLoader;

use super::agreement::{Agreement, skip};
use super::consumer;
use super::subject::{Known, Opened, Subject, subjects};

const KIE: &str = "Apache KIE DMN 10.2.0";

/// The command of the driver, if it is installed.
fn driver() -> Option<Command> {
    let home = consumer::home().join("kie");
    if !home.join("stamp").is_file() || consumer::find("java").is_none() {
        return None;
    }
    let mut command = Command::new("java");
    command
        .args(["-Xmx2g", "-cp"])
        .arg(format!("{}:{}", home.join("classes").display(), home.join("lib/*").display()))
        .arg("Driver");
    Some(command)
}

/// The same, where all consumers are asked for; told if it is not there.
fn asked() -> Option<Command> {
    let found = driver().filter(|_| consumer::all());
    if found.is_none() {
        skip("dmn", "there is no KIE installed by tests/interop/install/kie.sh");
    }
    found
}

fn emitted(subject: &Subject, folder: &Path) -> PathBuf {
    let files = emit::dmn(&subject.table).expect("a model");
    for file in &files {
        std::fs::write(folder.join(&file.path), &file.bytes).expect("a file");
    }
    folder.join(&files[0].path)
}

/// Names that FEEL keeps for itself have a `_` behind them in the model.
fn path(name: &str) -> String {
    name.split('.').map(|part| if part == "date" { "date_" } else { part }).collect::<Vec<_>>().join(".")
}

fn field(subject: &Subject, domain: &Domain, value: Option<&Value>) -> String {
    let Some(value) = value else { return "?".to_owned() };
    let text = subject.value_text(domain, value);
    match domain {
        Domain::Bool => format!("B{text}"),
        Domain::Enum(_) => format!("M{text}"),
        Domain::Number(_) => format!("N{text}"),
        Domain::Date { .. } => format!("D{text}"),
        Domain::Set(id) => {
            let Value::Set(set) = value else { panic!("a set") };
            let members = &subject.table.enums[id.index()].members;
            let names: String = set.iter().map(|member| format!("{}|", members[member as usize].name)).collect();
            format!("S{names}")
        }
    }
}

/// What the driver is asked: the heads, and a line for each case.
fn questions(subject: &Subject, cases: impl Iterator<Item = Vec<Option<Value>>>) -> Vec<String> {
    let table = &subject.table;
    let paths: Vec<String> = table.inputs.iter().map(|input| path(&input.name)).collect();
    let decisions: Vec<&str> = table.decisions.iter().map(|decision| decision.name.as_str()).collect();
    let line = |values: Vec<Option<Value>>| {
        let fields: Vec<String> =
            table.inputs.iter().zip(&values).map(|(input, value)| field(subject, &input.domain, value.as_ref())).collect();
        fields.join("\t")
    };
    [paths.join("\t"), decisions.join("\t")].into_iter().chain(cases.map(line)).collect()
}

/// What the driver has to say of an outcome.
fn answer(subject: &Subject, decision: usize, outcome: u32) -> String {
    let text = subject.answer_text(decision, outcome);
    let rules = subject.rules(outcome).join("|");
    let list = |text: &str| text.split(", ").filter(|one| !one.is_empty()).collect::<Vec<_>>().join("|");
    match text.strip_prefix("(conflict: ").and_then(|rest| rest.strip_suffix(')')) {
        Some(values) => format!("conflict;null;{rules};{}", list(values)),
        None if text == "(gap)" => format!("gap;null;{rules};"),
        None => {
            let value = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).map_or(text.clone(), list);
            format!("decided;{value};{rules};")
        }
    }
}

fn ask(mut driver: Command, file: &Path, questions: &[String]) -> Vec<String> {
    let said = consumer::ask(driver.arg("ask").arg(file), questions);
    said.lines().map(str::to_owned).collect()
}

/// What a case with everything known must bring.
fn expected(subject: &Subject, outcomes: &[u32]) -> String {
    let answers: Vec<String> =
        outcomes.iter().enumerate().map(|(decision, outcome)| answer(subject, decision, *outcome)).collect();
    answers.join("\t")
}

/// Asks KIE about known and open cases; the disagreements, and how many answers there were to open ones.
fn disagreements(subject: &Subject, driver: Command, known: &[Known], open: &[Opened]) -> (Vec<String>, usize) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = emitted(subject, folder.path());
    let cases = known.iter().map(|case| case.values.iter().cloned().map(Some).collect());
    let questions = questions(subject, cases.chain(open.iter().map(|case| case.values.clone())));
    let found = ask(driver, &file, &questions);
    let mut out = Vec::new();
    if found.len() != known.len() + open.len() {
        out.push(format!("{} cases were asked, {} answers came", known.len() + open.len(), found.len()));
    }
    for ((case, question), found) in known.iter().zip(&questions[2..]).zip(&found) {
        let expected = expected(subject, &case.outcomes);
        if expected != *found {
            out.push(format!("{question}: expected {expected}, found {found}"));
        }
    }
    // Where something is unknown: nothing, or what it is in all cases that are still possible.
    let mut settled = 0;
    for ((case, question), found) in open.iter().zip(&questions[2 + known.len()..]).zip(found.iter().skip(known.len())) {
        for (decision, (left, found)) in case.answers.iter().zip(found.split('\t')).enumerate() {
            if found != "null" {
                settled += 1;
                if left.possible.iter().any(|outcome| answer(subject, decision, *outcome) != found) {
                    out.push(format!("{question}: {found} is only one of {}", left.possible.len()));
                }
            }
        }
    }
    (out, settled)
}

#[test]
fn dmn() {
    if !consumer::all() {
        return;
    }
    for subject in subjects() {
        let Some(driver) = driver() else { return skip("dmn", "KIE is not installed (tests/interop/install/kie.sh)") };
        let known = subject.cases(consumer::cases());
        let open = subject.open_cases(consumer::cases() / 10);
        let (disagreements, settled) = disagreements(subject, driver, &known, &open);
        assert!(settled > 0 || !disagreements.is_empty(), "{}: no case with unknown inputs was settled", subject.name);
        let sure: usize = open.iter().flat_map(|case| &case.answers).filter(|left| left.possible.len() == 1).count();
        eprintln!("dmn: {}: {settled} of {sure} answers that unknown inputs leave no doubt of were given", subject.name);
        let (cases, open) = (known.len(), open.len());
        Agreement { target: "dmn", consumer: KIE, table: subject.name, cases, open, disagreements }.conclude();
    }
}

/// Comparisons of dates, which FEEL makes of durations.
#[test]
fn days_between_dates() {
    let Some(driver) = asked() else { return };
    let subject = Subject { name: "dates", table: built("tests/interop/dmn/dates.lxp", &Specialise::default()) };
    let text = String::from_utf8(emit::dmn(&subject.table).expect("a model")[0].bytes.clone()).expect("text");
    assert!(text.contains("duration(&quot;-P10D&quot;)") && text.contains(") / duration(&quot;P1D&quot;)"), "{text}");
    let (disagreements, settled) = disagreements(&subject, driver, &subject.cases(2_000), &subject.open_cases(200));
    assert!(disagreements.is_empty() && settled > 0, "{:#?}", &disagreements[..disagreements.len().min(5)]);
}

/// A table in which one word of the diagram was changed is noticed: the comparison can fail.
#[test]
fn an_altered_table_disagrees() {
    let Some(driver) = asked() else { return };
    let whole = &subjects()[0];
    let mut altered = Subject { name: "altered", table: whole.table.clone() };
    let leaf = altered.table.nodes.iter().position(|word| word & lexport_runtime::HEAD == lexport_runtime::LEAF).expect("a leaf");
    let word = altered.table.nodes[leaf] & !lexport_runtime::HEAD;
    // An outcome that the same decision can have: any other would not be one of its values.
    let alike = |outcome: u32| altered.table.nodes.contains(&(lexport_runtime::LEAF | outcome));
    let other = (0..altered.table.outcomes.len() as u32).find(|outcome| *outcome != word && alike(*outcome)).expect("another");
    altered.table.nodes[leaf] = lexport_runtime::LEAF | other;
    let known = whole.cases(500);
    let (disagreements, _) = disagreements(&altered, driver, &known, &[]);
    assert!(!disagreements.is_empty());
}

fn built(path: &str, only: &Specialise) -> OwnedTable {
    let compilation = Compilation::load(&DiskLoader, path);
    let program = compilation.program.unwrap_or_else(|| panic!("{path}: {:#?}", compilation.messages));
    build_table(&program, only, &Options::default()).expect("a table")
}

/// Whether no decision answered a line.
fn nothing(found: &str) -> bool {
    found.split('\t').all(|answer| answer == "null" || answer.starts_with("outside;null;;"))
}

/// A value that no input may have brings no answer, whatever it is wrong in.
#[test]
fn values_outside_bring_no_answer() {
    let Some(driver) = asked() else { return };
    let subject = &subjects()[0];
    let table = &subject.table;
    let wrong = |domain: &Domain| match domain {
        Domain::Bool => vec!["Mtrue", "N1"],
        Domain::Enum(_) => vec!["Mnobody", "M", "N1", "Btrue"],
        Domain::Set(_) => vec!["Snobody|", "SLPP|nobody|", "MLPPP"],
        Domain::Number(_) => vec!["N-10000000000000000000", "N10000000000000000000", "N0.0001", "Mseven", "Btrue"],
        Domain::Date { .. } => vec!["D1999-12-31", "D2199-12-31", "Msoon", "N20000"],
    };
    let mut lines = Vec::new();
    for case in subject.cases(0).iter().step_by(7) {
        let line = questions(subject, std::iter::once(case.values.iter().cloned().map(Some).collect())).remove(2);
        let fields: Vec<&str> = line.split('\t').collect();
        for (input, it) in table.inputs.iter().enumerate() {
            for value in wrong(&it.domain) {
                let mut fields = fields.clone();
                fields[input] = value;
                lines.push(fields.join("\t"));
            }
        }
    }
    let heads = questions(subject, std::iter::empty());
    let folder = tempfile::tempdir().expect("a folder");
    let file = emitted(subject, folder.path());
    let asked: Vec<String> = heads.into_iter().chain(lines.iter().cloned()).collect();
    let found = ask(driver, &file, &asked);
    assert_eq!(found.len(), lines.len());
    assert!(found.iter().any(|found| found.starts_with("outside;")));
    for (line, found) in lines.iter().zip(&found) {
        assert!(nothing(found), "{line}: {found}");
    }
}

/// A table for one reading answers for that alone; the reading itself may be left unknown.
#[test]
fn a_table_for_one_reading_refuses_the_others() {
    let Some(driver) = asked() else { return };
    let subject = Subject { name: "letter", table: built("policies/us-2023-11", &Specialise { reading: Some(0), dates: None }) };
    let reading = subject.table.inputs.iter().position(|input| input.name == "reading").expect("a reading");
    let (mut lines, mut wanted) = (questions(&subject, std::iter::empty()), Vec::new());
    for vector in &subject.table.vectors {
        let mut values: Vec<Option<Value>> = vector.values.iter().cloned().map(Some).collect();
        for (other, answers) in [(Some(Value::Member(0)), true), (None, true), (Some(Value::Member(1)), false)] {
            values[reading] = other;
            lines.push(questions(&subject, std::iter::once(values.clone())).remove(2));
            wanted.push(answers.then(|| expected(&subject, &vector.outcomes)));
        }
    }
    let folder = tempfile::tempdir().expect("a folder");
    let found = ask(driver, &emitted(&subject, folder.path()), &lines);
    assert_eq!(found.len(), wanted.len());
    for ((line, found), wanted) in lines[2..].iter().zip(&found).zip(&wanted) {
        match wanted {
            Some(wanted) => assert_eq!(found, wanted, "{line}"),
            None => assert!(nothing(found), "{line}: {found}"),
        }
    }
}

/// The validation of KIE: schema, model, and the analysis of decision tables, which looks for gaps and overlaps by a method of its own.
#[test]
fn validation_finds_nothing() {
    if !consumer::all() {
        return;
    }
    for subject in subjects() {
        let Some(mut driver) = driver() else { return skip("dmn (KIE validation)", "KIE is not installed") };
        let folder = tempfile::tempdir().expect("a folder");
        let file = emitted(subject, folder.path());
        let model = std::fs::read_to_string(&file).expect("a file");
        let output = consumer::run(driver.arg("validate").arg(&file));
        let said = String::from_utf8(output.stdout).expect("text");
        let lines: Vec<Vec<&str>> = said.lines().map(|line| line.splitn(3, '\t').collect()).collect();
        // What it thinks could be shorter is no fault: `-` instead of a row less.
        let style = ["DECISION_TABLE_CONTRACTION_RULE", "DECISION_TABLE_2NDNFVIOLATION", "DECISION_TABLE_ANALYSIS_EMPTY"];
        let faults: Vec<&Vec<&str>> = lines.iter().filter(|line| !style.contains(&line[1])).collect();
        assert!(faults.is_empty(), "{}: {faults:#?}", subject.name);
        // Of each table it says something, or that it has nothing to say.
        let tables = model.matches("<decisionTable ").count();
        let id = |text: &str| {
            text.split("logic_").nth(1).map(|rest| rest.chars().take_while(char::is_ascii_digit).collect::<String>())
        };
        let empty = lines.iter().filter(|line| line[1] == "DECISION_TABLE_ANALYSIS_EMPTY").count();
        let others: std::collections::BTreeSet<String> =
            lines.iter().filter(|line| line[1] != "DECISION_TABLE_ANALYSIS_EMPTY").filter_map(|line| id(line[2])).collect();
        assert_eq!(empty + others.len(), tables, "{}: {said}", subject.name);
        eprintln!("dmn: the validation of {KIE} finds no gap and no overlap in the {tables} tables of {}", subject.name);
    }
}

/// dmn-js opens the model without a warning, each decision in a view of its own, and draws all of it.
#[test]
fn dmn_js_opens_it() {
    if !consumer::all() {
        return;
    }
    let home = consumer::home().join("dmn-js/node_modules/dmn-js/dist");
    let target = "dmn (dmn-js)";
    if !home.is_dir() {
        return skip(target, "dmn-js is not installed (tests/interop/install/dmn-js.sh)");
    }
    let Some(chromium) = consumer::find("chromium") else { return skip(target, "there is no chromium") };
    for (subject, shown) in subjects().iter().zip([Some("requirement"), None, Some("duty_232 by steel_25"), None]) {
        let folder = tempfile::tempdir().expect("a folder");
        let file = emitted(subject, folder.path()).with_extension("1_3.dmn");
        let model = std::fs::read_to_string(&file).expect("a file");
        let page = folder.path().join("view.html");
        std::fs::write(&page, view(&home, &model, shown)).expect("a page");
        let run = |what: &str| {
            let profile = folder.path().join("profile");
            let mut command = Command::new(&chromium);
            command.args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]);
            command.args(["--disable-background-networking", "--disable-component-update", "--disable-sync"]);
            command.arg(format!("--user-data-dir={}", profile.display()));
            command.args(["--window-size=2400,1300", "--virtual-time-budget=600000", what]);
            consumer::run(command.arg(format!("file://{}", page.display())))
        };
        let dom = String::from_utf8(run("--dump-dom").stdout).expect("text");
        let report = dom.split("<pre id=\"report\">").nth(1).and_then(|rest| rest.split("</pre>").next()).expect("a report");
        let report = report.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
        let report: serde_json::Value = serde_json::from_str(&report).unwrap_or_else(|error| panic!("{error}: {report}"));
        assert_eq!(report["warnings"], serde_json::json!([]), "{}", subject.name);
        assert_eq!(report["failures"], serde_json::json!([]), "{}", subject.name);
        // Contexts are shown by newer tools only; dmn-js draws them and has no view for them.
        let contexts = model.matches("<context ").count();
        let decisions = model.matches("<decision ").count();
        let views = report["views"].as_array().expect("views").len() - 1;
        assert_eq!(views + contexts, decisions, "{}: {report}", subject.name);
        for name in subject.table.decisions.iter().map(|decision| decision.name.as_str()) {
            assert!(model.contains(&format!("name=\"{name}\"")), "{name}");
        }
        let inputs = model.matches("<inputData ").count();
        assert_eq!(report["shapes"], serde_json::json!(decisions + inputs), "{}", subject.name);
        assert_eq!(report["edges"], serde_json::json!(model.matches("<informationRequirement ").count()), "{}", subject.name);
        let picture = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("interop-dmn-{}.png", subject.name));
        run(&format!("--screenshot={}", picture.display()));
        let bytes = std::fs::read(&picture).expect("a picture");
        assert!(bytes.starts_with(b"\x89PNG") && bytes.len() > 10_000, "{}", picture.display());
        eprintln!(
            "dmn: dmn-js 17.10.2 opens {}: {views} views, {} nodes; {}",
            subject.name,
            decisions + inputs,
            picture.display()
        );
    }
}

/// A page that shows a model in dmn-js.
fn view(home: &Path, model: &str, shown: Option<&str>) -> String {
    let styles: String =
        ["diagram-js", "dmn-js-shared", "dmn-js-drd", "dmn-js-decision-table", "dmn-js-literal-expression", "dmn-font/css/dmn"]
            .iter()
            .map(|style| format!("<link rel=\"stylesheet\" href=\"file://{}/assets/{style}.css\">", home.display()))
            .collect();
    // Nothing in the text of a model ends the script that it stands in.
    let text = |value: serde_json::Value| value.to_string().replace('<', "\\u003c");
    let script =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/dmn/view.js")).expect("a script");
    format!(
        "<!doctype html><html><head><meta charset=\"utf-8\">{styles}\
         <style>html, body, #canvas {{ height: 100%; margin: 0 }} #report {{ display: none }}</style></head>\
         <body><div id=\"canvas\"></div><pre id=\"report\"></pre>\
         <script src=\"file://{}/dmn-navigated-viewer.production.min.js\"></script>\
         <script>const MODEL = {}; const SHOWN = {};</script><script>{script}</script></body></html>",
        home.display(),
        text(serde_json::json!(model)),
        text(serde_json::json!(shown)),
    )
}
