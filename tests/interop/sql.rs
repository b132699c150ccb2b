//! The emitted SQL, in DuckDB, in a PostgreSQL server of its own, and in Spark's local mode: values, rules, what unknown inputs leave, and
//! values that are refused.

use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use lexport::diagram::OwnedTable;
use lexport::emit::{self, Dialect};
use lexport::ir::{Domain, Value, date_text};

use super::agreement::{Agreement, skip};
use super::consumer;
use super::subject::{Known, Left, Opened, Subject, subjects};

/// A dialect with who runs it.
struct Engine {
    dialect: Dialect,
    target: &'static str,
    driver: &'static str,
    python: PathBuf,
}

/// Why an engine is not there, or the engine.
fn engine(dialect: Dialect) -> Result<Engine, (&'static str, String)> {
    let absent = |target, why: &str| Err((target, why.to_owned()));
    let (target, driver, package) = match dialect {
        Dialect::PostgreSql => ("sql (PostgreSQL)", "on_postgresql.py", ""),
        Dialect::DuckDb => ("sql (DuckDB)", "on_duckdb.py", "duckdb"),
        Dialect::Spark => ("sql (Spark)", "on_spark.py", "pyspark"),
    };
    if !consumer::all() {
        return absent(target, "not asked for");
    }
    if dialect == Dialect::Spark && consumer::find("java").is_none() {
        return absent(target, "there is no Java");
    }
    let python = if package.is_empty() { consumer::find("python3") } else { consumer::python(package) };
    let Some(python) = python else { return absent(target, &format!("there is no Python with {package}")) };
    let server = || std::fs::read_dir("/usr/lib/postgresql").is_ok() || consumer::find("pg_ctl").is_some();
    if dialect == Dialect::PostgreSql && !server() {
        return absent(target, "there is no PostgreSQL server");
    }
    Ok(Engine { dialect, target, driver, python })
}

/// What is asked of a table, in files, since a hundred thousand cases of all tables are more than a small machine has room for: cases as JSON
/// objects, numbered from 0, and what must come of them.
struct Asked<'s> {
    subject: &'s Subject,
    /// Number columns are declared wider than the inputs, so that what is between two steps arrives.
    wide: bool,
    /// The beginning of the names of its files.
    base: PathBuf,
    cases: BufWriter<File>,
    expected: BufWriter<File>,
    count: usize,
}

impl<'s> Asked<'s> {
    fn new(subject: &'s Subject, folder: &Path) -> Self {
        let base = folder.join(subject.name);
        let file = |ending| BufWriter::new(File::create(base.with_extension(ending)).expect("a file"));
        Asked { subject, wide: false, cases: file("cases"), expected: file("expected"), base, count: 0 }
    }

    fn file(&self, ending: &str) -> PathBuf {
        self.base.with_extension(ending)
    }

    fn ask(&mut self, values: &[Option<serde_json::Value>], problem: Option<&str>, answers: &[serde_json::Value]) {
        let mut case = serde_json::Map::new();
        case.insert("check vector".into(), self.count.into());
        for (value, input) in values.iter().zip(&self.subject.table.inputs) {
            case.insert(input.name.clone(), value.clone().unwrap_or(serde_json::Value::Null));
        }
        writeln!(self.cases, "{}", serde_json::Value::from(case)).expect("a line");
        writeln!(self.expected, "{}", serde_json::json!([self.count, problem, answers])).expect("a line");
        self.count += 1;
    }

    fn known(&mut self, case: &Known) {
        let answers = case.outcomes.iter().enumerate().map(|(decision, outcome)| answer(self.subject, decision, *outcome));
        let answers: Vec<_> = answers.collect();
        let values = case.values.iter().zip(&self.subject.table.inputs);
        let values: Vec<_> = values.map(|(value, input)| Some(json(self.subject, &input.domain, value))).collect();
        self.ask(&values, None, &answers);
    }

    fn open(&mut self, case: &Opened) {
        let answers = case.answers.iter().enumerate().map(|(decision, left)| rest(self.subject, decision, left));
        let answers: Vec<_> = answers.collect();
        let values = case.values.iter().zip(&self.subject.table.inputs);
        let values: Vec<_> =
            values.map(|(value, input)| value.as_ref().map(|value| json(self.subject, &input.domain, value))).collect();
        self.ask(&values, None, &answers);
    }

    /// A good case in which one value, then two, are not in their domains.
    fn bad(&mut self, good: &[Value]) {
        let table = &self.subject.table;
        let none = vec![serde_json::json!([null, null, null, null, null, null]); table.decisions.len()];
        let good: Vec<_> =
            good.iter().zip(&table.inputs).map(|(value, it)| Some(json(self.subject, &it.domain, value))).collect();
        let mut last: Option<(usize, serde_json::Value)> = None;
        for (number, input) in table.inputs.iter().enumerate() {
            for value in outside(table, &input.domain) {
                let mut values = good.clone();
                values[number] = Some(value.clone());
                self.ask(&values, Some(&input.name), &none);
                if let Some((other, value)) = last.clone().filter(|(other, _)| *other != number) {
                    values[other] = Some(value);
                    self.ask(&values, Some(&format!("{}, {}", table.inputs[other].name, input.name)), &none);
                }
                // What is wrong is told even if all else is unknown.
                let mut values = vec![None; values.len()];
                values[number] = Some(value.clone());
                self.ask(&values, Some(&input.name), &none);
                last = Some((number, value));
            }
        }
    }
}

/// Values that are of the right kind and not in a domain.
fn outside(table: &OwnedTable, domain: &Domain) -> Vec<serde_json::Value> {
    match domain {
        Domain::Bool => Vec::new(),
        Domain::Enum(of) => {
            let name = &table.enums[of.index()].members[0].name;
            vec!["no such member".into(), "".into(), format!("{name} ").into(), name.to_lowercase().into(), "'; --".into()]
                .into_iter()
                .filter(|name: &serde_json::Value| {
                    table.enums[of.index()].members.iter().all(|member| Some(member.name.as_str()) != name.as_str())
                })
                .collect()
        }
        Domain::Set(of) => {
            let name = &table.enums[of.index()].members[0].name;
            vec![serde_json::json!(["no such member"]), serde_json::json!([name, "x"]), serde_json::json!([name, null])]
        }
        Domain::Date { lo, hi } => vec![date_text(lo - 1).into(), date_text(hi + 1).into()],
        Domain::Number(number) => {
            let mut between = number.clone();
            between.step.mantissa *= 5;
            between.step.scale += 1;
            vec![number.text(number.lo - 1).into(), number.text(number.hi + 1).into(), between.text(number.lo * 2 + 1).into()]
        }
    }
}

/// A value as a case file has it; numbers as texts, so that nobody rounds them.
fn json(subject: &Subject, domain: &Domain, value: &Value) -> serde_json::Value {
    match (domain, value) {
        (_, Value::Bool(flag)) => (*flag).into(),
        (Domain::Set(of), Value::Set(set)) => {
            set.iter().map(|member| subject.table.enums[of.index()].members[member as usize].name.clone()).collect()
        }
        (domain, value) => subject.value_text(domain, value).into(),
    }
}

/// What a row must say of a decision: outcome, status, value, rules, outcomes that are possible, what to ask.
fn answer(subject: &Subject, decision: usize, outcome: u32) -> serde_json::Value {
    let table = &subject.table;
    let domain = &table.decisions[decision].domain;
    let (status, value) = match table.outcome(table.outcomes[outcome as usize].answer, domain) {
        lexport::ir::Outcome::Gap => ("gap", serde_json::Value::Null),
        lexport::ir::Outcome::Conflict(_) => ("conflict", serde_json::Value::Null),
        lexport::ir::Outcome::Value(value) => match json(subject, domain, &value) {
            serde_json::Value::Bool(flag) => ("value", flag.to_string().into()),
            value => ("value", value),
        },
    };
    serde_json::json!([outcome, status, value, subject.rules(outcome), null, null])
}

fn rest(subject: &Subject, decision: usize, left: &Left) -> serde_json::Value {
    if let [settled] = left.possible[..] {
        return answer(subject, decision, settled);
    }
    let status = if left.exact { "open" } else { "open at most" };
    let ask = left.ask.map(|input| &subject.table.inputs[input as usize].name);
    serde_json::json!([null, status, null, null, left.possible, ask])
}

/// Has an engine answer all that is asked; its version. An error of a script is one of the test.
fn answers(engine: &Engine, asked: &mut [Asked<'_>], folder: &Path) -> String {
    let mut jobs = Vec::new();
    for asked in asked {
        asked.cases.flush().and_then(|()| asked.expected.flush()).expect("whole files");
        let table = &asked.subject.table;
        let script = emit::sql_for(table, engine.dialect).expect("a script");
        std::fs::write(asked.file("sql"), &script.bytes).expect("a file");
        let sets: Vec<bool> = table.decisions.iter().map(|it| matches!(it.domain, Domain::Set(_))).collect();
        jobs.push(serde_json::json!({
            "name": table.regime, "script": asked.file("sql"), "cases": asked.file("cases"), "out": asked.file("out"),
            "folder": folder, "wide": asked.wide, "sets": sets,
            "inputs": table.inputs.iter().map(|it| &it.name).collect::<Vec<_>>(),
            "decisions": table.decisions.iter().map(|it| &it.name).collect::<Vec<_>>(),
        }));
    }
    let file = folder.join("jobs.json");
    std::fs::write(&file, serde_json::Value::from(jobs).to_string()).expect("a file");
    let driver = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/sql").join(engine.driver);
    let said = consumer::run(Command::new(&engine.python).arg(driver).arg(&file));
    String::from_utf8_lossy(&said.stdout).trim().to_owned()
}

/// Where answers are not what they must be; the first line says how many check vectors the script's own check found wrong.
fn disagreements(asked: &Asked<'_>) -> Vec<String> {
    let lines =
        |ending: &str| BufReader::new(File::open(asked.file(ending)).expect("a file")).lines().map(|line| line.expect("text"));
    let mut out = Vec::new();
    let mut rows = lines("out");
    let check = rows.next().expect("a first line");
    if check != r#"{"wrong": 0}"# {
        out.push(format!("its own check: {check}"));
    }
    let mut found: Vec<Option<String>> = vec![None; asked.count];
    for row in rows {
        let mut row: serde_json::Value = serde_json::from_str(&row).expect("JSON");
        plain_numbers(asked.subject, &mut row);
        match row[0].as_u64().and_then(|number| found.get_mut(number as usize)) {
            Some(place @ None) => *place = Some(row.to_string()),
            _ => out.push(format!("a row twice, or one that was not asked for: {row}")),
        }
    }
    for ((case, expected), found) in lines("cases").zip(lines("expected")).zip(found) {
        if found.as_ref() != Some(&expected) {
            out.push(format!("{case}: expected {expected}, found {}", found.as_deref().unwrap_or("nothing")));
        }
    }
    out
}

/// Numbers without the zeros that a type brings: `12.50` is `12.5`.
fn plain_numbers(subject: &Subject, row: &mut serde_json::Value) {
    for (decision, answer) in subject.table.decisions.iter().zip(row[2].as_array_mut().into_iter().flatten()) {
        if let (Domain::Number(number), Some(text)) = (&decision.domain, answer[2].as_str())
            && let Some(steps) = number.parse(text)
        {
            answer[2] = number.text(steps).into();
        }
    }
}

/// All tables in one engine.
fn agree(dialect: Dialect) {
    let engine = match engine(dialect) {
        Ok(engine) => engine,
        Err((target, why)) => return skip(target, &why),
    };
    let folder = tempfile::tempdir().expect("a folder");
    open_folder(folder.path());
    let mut asked = Vec::new();
    let mut sizes = Vec::new();
    for subject in subjects() {
        let mut all = Asked::new(subject, folder.path());
        subject.cases(consumer::cases()).iter().for_each(|case| all.known(case));
        let known = all.count;
        subject.open_cases(consumer::cases() / 10).iter().for_each(|case| all.open(case));
        sizes.push((known, all.count - known));
        asked.push(all);
    }
    let version = answers(&engine, &mut asked, folder.path());
    for (asked, (cases, open)) in asked.iter().zip(sizes) {
        let disagreements = disagreements(asked);
        let consumer = format!("{} {version}", dialect.name());
        Agreement { target: engine.target, consumer: &consumer, table: asked.subject.name, cases, open, disagreements }
            .conclude();
    }
}

/// Values outside their domains are named and have no answers, whatever else is in the row.
fn refuse(dialect: Dialect) {
    let Ok(engine) = engine(dialect) else { return };
    let folder = tempfile::tempdir().expect("a folder");
    open_folder(folder.path());
    let asked = subjects().iter().map(|subject| {
        let mut all = Asked::new(subject, folder.path());
        all.wide = true;
        let good = &subject.table.vectors[0];
        all.known(&Known { values: good.values.clone(), outcomes: good.outcomes.clone() });
        all.bad(&good.values);
        all
    });
    let mut asked: Vec<Asked<'_>> = asked.collect();
    answers(&engine, &mut asked, folder.path());
    for asked in &asked {
        let wrong = disagreements(asked);
        assert!(wrong.is_empty(), "{} of {}: {:#?}", wrong.len(), asked.subject.name, &wrong[..wrong.len().min(3)]);
    }
}

/// Lets a server that runs as another user read what is in a folder.
fn open_folder(folder: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).expect("a folder of ours");
    }
    let _ = folder;
}

#[test]
fn duckdb() {
    agree(Dialect::DuckDb);
}

#[test]
fn postgresql() {
    agree(Dialect::PostgreSql);
}

#[test]
fn spark() {
    agree(Dialect::Spark);
}

#[test]
fn duckdb_refuses() {
    refuse(Dialect::DuckDb);
}

#[test]
fn postgresql_refuses() {
    refuse(Dialect::PostgreSql);
}

#[test]
fn spark_refuses() {
    refuse(Dialect::Spark);
}

/// A table in which one word of the diagram was changed is noticed, by the comparison and by the script's own check.
#[test]
fn an_altered_table_disagrees() {
    let Ok(engine) = engine(Dialect::DuckDb) else { return };
    let good = &subjects()[0];
    let mut altered = Subject { name: "altered", table: good.table.clone() };
    let outcomes = altered.table.outcomes.len() as u32;
    let leaf = altered.table.nodes.iter().position(|word| word & lexport_runtime::HEAD == lexport_runtime::LEAF).expect("a leaf");
    let word = altered.table.nodes[leaf] & !lexport_runtime::HEAD;
    altered.table.nodes[leaf] = lexport_runtime::LEAF | ((word + 1) % outcomes);
    let folder = tempfile::tempdir().expect("a folder");
    let mut asked = [Asked::new(&altered, folder.path())];
    good.cases(2_000).iter().for_each(|case| asked[0].known(case));
    answers(&engine, &mut asked, folder.path());
    let wrong = disagreements(&asked[0]);
    assert!(wrong.len() > 1 && wrong[0].starts_with("its own check"), "{wrong:?}");
}
