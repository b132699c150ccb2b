//! The emitted wheel: asked one case after another by plain Python, from the wheel as it is; installed by pip and asked by pytest in every
//! kind of frame; shipped to the workers of Spark.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use lexport::emit::{self, Artifact};
use lexport::ir::Domain;

use super::agreement::{Agreement, skip};
use super::consumer;
use super::subject::{Left, Subject, compare, subjects};

/// Our files of Python.
fn script(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/python").join(name)
}

/// The wheel of a subject, made once for all tests.
fn wheel(subject: &Subject) -> Artifact {
    static MADE: Mutex<BTreeMap<&str, Artifact>> = Mutex::new(BTreeMap::new());
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    made.entry(subject.name).or_insert_with(|| emit::python(&subject.table).expect("a wheel")).clone()
}

/// A subject as a folder.
struct Folder<'s> {
    subject: &'s Subject,
    folder: tempfile::TempDir,
    wheel: std::path::PathBuf,
    module: String,
}

impl<'s> Folder<'s> {
    fn new(subject: &'s Subject) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let artifact = wheel(subject);
        let wheel = folder.path().join(&artifact.path);
        std::fs::write(&wheel, &artifact.bytes).expect("a file");
        let module = artifact.path.split('-').next().expect("a name").to_owned();
        Folder { subject, folder, wheel, module }
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).expect("a file");
    }

    /// A case in words.
    fn words(&self, values: &[Option<lexport::ir::Value>]) -> String {
        let inputs = &self.subject.table.inputs;
        let texts: Vec<Option<String>> = values
            .iter()
            .zip(inputs)
            .map(|(value, input)| value.as_ref().map(|value| self.subject.value_text(&input.domain, value)))
            .collect();
        serde_json::to_string(&texts).expect("text")
    }

    /// Known cases, then open ones: in words, and what must come out.
    fn cases(&self, known: usize, open: usize) -> (Vec<String>, Vec<String>, usize) {
        let (known, open) = (self.subject.cases(known), self.subject.open_cases(open));
        let mut words: Vec<String> =
            known.iter().map(|case| self.words(&case.values.iter().cloned().map(Some).collect::<Vec<_>>())).collect();
        let mut expected: Vec<String> = known.iter().map(|case| case.reply()).collect();
        words.extend(open.iter().map(|case| self.words(&case.values)));
        expected.extend(open.iter().map(|case| case.answers.iter().map(field).collect::<Vec<_>>().join(" ")));
        (words, expected, known.len())
    }

    /// What the tests of pytest read.
    fn fill(&self, words: &[String], expected: &[String]) {
        let table = &self.subject.table;
        self.write("module", &self.module);
        self.write("cases.ndjson", &(words.join("\n") + "\n"));
        self.write("expected.txt", &(expected.join("\n") + "\n"));
        let inputs: Vec<(&str, &str, u32, u32)> = table
            .inputs
            .iter()
            .map(|input| match &input.domain {
                Domain::Bool => (input.name.as_str(), "bool", 0, 0),
                Domain::Enum(of) => (input.name.as_str(), "enum", 0, table.enums[of.index()].size()),
                Domain::Set(of) => (input.name.as_str(), "set", 0, table.enums[of.index()].size()),
                Domain::Number(number) => (input.name.as_str(), "number", number.step.scale, 0),
                Domain::Date { .. } => (input.name.as_str(), "date", 0, 0),
            })
            .collect();
        self.write("inputs.json", &serde_json::to_string(&inputs).expect("text"));
        let mut meanings: Vec<serde_json::Map<String, serde_json::Value>> = vec![Default::default(); table.decisions.len()];
        for line in expected {
            for (decision, field) in line.split(' ').enumerate() {
                if let Ok(outcome) = field.parse::<u32>()
                    && !meanings[decision].contains_key(field)
                {
                    let meaning = (self.subject.answer_text(decision, outcome), self.subject.rules(outcome));
                    meanings[decision].insert(field.to_owned(), serde_json::to_value(meaning).expect("text"));
                }
            }
        }
        self.write("meanings.json", &serde_json::to_string(&meanings).expect("text"));
    }

    /// Asks plain Python, with the wheel on its path.
    fn plain(&self, requests: &[String]) -> String {
        let mut python = Command::new("python3");
        python.args(["-S", "-E"]).arg("-c").arg(format!(
            "import sys; sys.path.insert(0, {wheel:?}); sys.argv = ['plain.py', {module:?}, 'open']; exec(open({script:?}).read())",
            wheel = self.wheel.to_str().expect("a path"),
            module = self.module,
            script = script("plain.py").to_str().expect("a path"),
        ));
        consumer::ask(&mut python, requests)
    }

    /// Installs the wheel into a folder of its own.
    fn install(&self, python: &Path) -> std::path::PathBuf {
        let site = self.folder.path().join("site");
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-index", "--no-deps", "--target"];
        consumer::run(Command::new(python).args(pip).arg(&site).arg(&self.wheel));
        site
    }
}

/// What the package says of a decision: the outcome where but one is left, else what is open.
fn field(left: &Left) -> String {
    match left.possible.as_slice() {
        [one] => one.to_string(),
        possible => {
            let possible = possible.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
            let ask = left.ask.map_or("-".to_owned(), |ask| ask.to_string());
            format!("{possible}/{ask}/{}", u8::from(left.exact))
        }
    }
}

/// In a plain test the two small tables: to fuse the levels of the others takes a debug build minutes.
fn asked() -> impl Iterator<Item = &'static Subject> {
    let only = std::env::var("LEXPORT_INTEROP_TABLE").ok();
    subjects()
        .iter()
        .filter(|subject| consumer::all() || matches!(subject.name, "everything" | "us-2023-11"))
        .filter(move |subject| only.as_ref().is_none_or(|only| only == subject.name))
}

#[test]
fn plain_python() {
    let version = consumer::version(Command::new("python3").arg("--version"));
    for subject in asked() {
        let folder = Folder::new(subject);
        let (words, expected, known) = folder.cases(consumer::cases(), consumer::cases() / 10);
        let disagreements = compare(&words, &expected, &folder.plain(&words));
        let open = words.len() - known;
        let table = subject.name;
        Agreement { target: "python", consumer: &version, table, cases: known, open, disagreements }.conclude();
        let said =
            consumer::run(Command::new("python3").args(["-m", &folder.module, "--self-test"]).env("PYTHONPATH", &folder.wheel));
        assert!(String::from_utf8_lossy(&said.stdout).contains("check vectors"), "{said:?}");
    }
}

/// A table in which one word of the diagram was changed is noticed: the comparison can fail.
#[test]
fn an_altered_table_disagrees() {
    let subject = subjects().iter().find(|subject| subject.name == "everything").expect("a subject");
    let mut altered = Subject { name: "altered", table: subject.table.clone() };
    let outcomes = altered.table.outcomes.len() as u32;
    let leaf = altered.table.nodes.iter().position(|word| word & lexport_runtime::HEAD == lexport_runtime::LEAF).expect("a leaf");
    let word = altered.table.nodes[leaf] & !lexport_runtime::HEAD;
    altered.table.nodes[leaf] = lexport_runtime::LEAF | ((word + 1) % outcomes);
    let (words, expected, _) = Folder::new(subject).cases(2_000, 0);
    let found = Folder::new(&altered).plain(&words);
    assert!(!compare(&words, &expected, &found).is_empty());
}

/// A package of which a file was changed after it was built is refused as soon as it is imported.
#[test]
fn an_altered_file_is_refused() {
    let subject = subjects().iter().find(|subject| subject.name == "everything").expect("a subject");
    let folder = Folder::new(subject);
    let unpacked = folder.folder.path().join("unpacked");
    consumer::run(Command::new("python3").args(["-m", "zipfile", "-e"]).arg(&folder.wheel).arg(&unpacked));
    let import = || {
        let mut python = Command::new("python3");
        python.args(["-c", "import everything"]).env("PYTHONPATH", &unpacked).output().expect("Python")
    };
    assert!(import().status.success());
    for file in ["table.json", "steps.json"] {
        let path = unpacked.join("everything").join(file);
        let before = std::fs::read_to_string(&path).expect("text");
        // White space means nothing to JSON, but the file is another.
        std::fs::write(&path, format!("{before} ")).expect("a file");
        let output = import();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(&format!("TableAltered: everything/{file}")), "{said}");
        std::fs::write(&path, before).expect("a file");
    }
}

/// The command line of the package answers rows as `lexport decide` does, byte by byte; what it refuses, that refuses too.
#[test]
fn its_command_answers_as_decide() {
    for subject in asked() {
        let folder = Folder::new(subject);
        let (words, _, _) = folder.cases(500, 500);
        let rows = rows(subject, &words);
        let table = folder.folder.path().join("table.json");
        std::fs::write(&table, emit::json(&subject.table).expect("a table").bytes).expect("a file");
        for form in ["csv", "ndjson"] {
            let rows = if form == "csv" { &rows.0 } else { &rows.1 };
            let mut decide = Command::new(env!("CARGO_BIN_EXE_lexport"));
            decide.arg("decide").arg(&table).args(["--from", form, "--to", form]);
            let expected = consumer::ask(&mut decide, rows);
            let mut package = Command::new("python3");
            package.args(["-m", &folder.module, "--from", form]).env("PYTHONPATH", &folder.wheel);
            let found = consumer::ask(&mut package, rows);
            let (expected, found): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), found.lines().collect());
            for (line, (expected, found)) in expected.iter().zip(&found).enumerate() {
                assert_eq!(expected, found, "{} as {form}, line {}", subject.name, line + 1);
            }
            assert_eq!(expected.len(), found.len());
        }
    }
}

/// What is no JSON object, both refuse: Python's `NaN`, a key that stands twice, a list.
#[test]
fn what_is_no_json_is_refused() {
    let folder = Folder::new(&subjects()[0]);
    let table = folder.folder.path().join("table.json");
    std::fs::write(&table, emit::json(&subjects()[0].table).expect("a table").bytes).expect("a file");
    let accepts = |command: &mut Command, line: &str| {
        let file = folder.folder.path().join("line");
        std::fs::write(&file, line).expect("a file");
        let output = command.stdin(std::fs::File::open(&file).expect("the file")).output().expect("it runs");
        output.status.success()
    };
    let input = &subjects()[0].table.inputs[0].name;
    for (rest, good) in [("1}", true), ("NaN}", false), ("-Infinity}", false), ("1,\"note\":2}", false), ("1}]", false)] {
        let line = format!("{{\"{input}\":null,\"note\":{rest}");
        let mut decide = Command::new(env!("CARGO_BIN_EXE_lexport"));
        decide.arg("decide").arg(&table).args(["--from", "ndjson"]);
        let mut package = Command::new("python3");
        package.args(["-m", &folder.module, "--from", "ndjson"]).env("PYTHONPATH", &folder.wheel);
        assert_eq!((accepts(&mut decide, &line), accepts(&mut package, &line)), (good, good), "{line}");
    }
}

/// Cases as CSV and as NDJSON.
fn rows(subject: &Subject, words: &[String]) -> (Vec<String>, Vec<String>) {
    let quoted = |text: &str| if text.contains(',') { format!("\"{text}\"") } else { text.to_owned() };
    let names: Vec<&str> = subject.table.inputs.iter().map(|input| input.name.as_str()).collect();
    let mut csv = vec![format!("{},note", names.join(","))];
    let mut ndjson = Vec::new();
    for (number, line) in words.iter().enumerate() {
        let texts: Vec<Option<String>> = serde_json::from_str(line).expect("text");
        let cells: Vec<String> = texts.iter().map(|text| quoted(text.as_deref().unwrap_or(""))).collect();
        csv.push(format!("{},{number}", cells.join(",")));
        let mut object = serde_json::Map::new();
        for (name, text) in names.iter().zip(&texts) {
            object.insert((*name).to_owned(), text.clone().map_or(serde_json::Value::Null, serde_json::Value::String));
        }
        object.insert("note".into(), number.into());
        // What is only carried along stays as it is written.
        let numbers = ["1e2", "1E400", "-0.0", "1.50", "1e-7", "12345678901234567890.5", "2E+3", "7"];
        let object = serde_json::Value::Object(object).to_string();
        ndjson.push(format!(
            "{},\"carried\":{}}}",
            object.strip_suffix('}').expect("an object"),
            numbers[number % numbers.len()]
        ));
    }
    (csv, ndjson)
}

/// The installed wheel, asked by pytest in every kind of frame.
#[test]
fn frames() {
    if consumer::all() {
        in_frames("python (frames)", &consumer::home().join("python/bin/python"), "python.sh");
    }
}

/// The same with the oldest libraries that the wheel says it works with.
#[test]
fn frames_of_the_oldest_versions() {
    if consumer::all() {
        in_frames("python (frames, oldest)", &consumer::home().join("python-oldest/bin/python"), "python-oldest.sh");
    }
}

fn in_frames(target: &str, python: &Path, install: &str) {
    let versions = "import numpy, pandas, polars, pyarrow as pa, pytest; \
                    print(f'numpy {numpy.__version__}, pandas {pandas.__version__}, polars {polars.__version__}, pyarrow {pa.__version__}')";
    let found = Command::new(python).args(["-c", versions]).output();
    let Some(found) = found.ok().filter(|output| output.status.success()) else {
        return skip(target, &format!("no pandas, polars, pyarrow and pytest (tests/interop/install/{install})"));
    };
    let version = String::from_utf8_lossy(&found.stdout).trim().to_owned();
    for subject in asked() {
        let folder = Folder::new(subject);
        let (words, expected, known) = folder.cases(consumer::cases(), consumer::cases() / 10);
        folder.fill(&words, &expected);
        let site = folder.install(python);
        let mut pytest = Command::new(python);
        pytest.args(["-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-W", "error::RuntimeWarning"]);
        pytest.arg(script("test_frames.py"));
        // What is wrong with values is said of the one table that has all kinds of them.
        if subject.name == "everything" && install == "python.sh" {
            pytest.arg(script("test_values.py"));
        }
        pytest.env("PYTHONPATH", &site).env("LEXPORT_SUBJECT", folder.folder.path()).env("PYTHONDONTWRITEBYTECODE", "1");
        let output = pytest.output().expect("pytest");
        let told = std::fs::read_to_string(folder.folder.path().join("disagreements.txt")).unwrap_or_default();
        let disagreements: Vec<String> = told.lines().map(str::to_owned).collect();
        assert!(output.status.success() || !disagreements.is_empty(), "{}", String::from_utf8_lossy(&output.stdout));
        let (cases, open) = (known, words.len() - known);
        Agreement { target, consumer: &version, table: subject.name, cases, open, disagreements }.conclude();
    }
}

/// The source of the runtime, read by a type checker and a linter.
#[test]
fn the_source_is_typed() {
    if !consumer::all() {
        return;
    }
    let Some(python) = consumer::python("mypy") else {
        return skip("python (types)", "no mypy in .consumers/python (tests/interop/install/python.sh)");
    };
    let folder = Folder::new(&subjects()[0]);
    let site = folder.install(&python);
    let package = site.join(&folder.module);
    consumer::run(
        Command::new(&python)
            .args(["-m", "mypy", "--cache-dir=/dev/null", "--config-file"])
            .arg(script("mypy.ini"))
            .arg(&package),
    );
    let runtime = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/runtime/python");
    for what in [["check", "--no-cache"], ["format", "--check"]] {
        let mut ruff = Command::new(&python);
        consumer::run(
            ruff.args(["-m", "ruff"]).args(what).arg("--config").arg(script("ruff.toml")).args([&runtime, &script("")]),
        );
    }
}

/// The wheel in the workers of Spark.
#[test]
fn spark() {
    const TARGET: &str = "python (Spark workers)";
    if !consumer::all() {
        return;
    }
    let Some(python) = consumer::python("pyspark, pandas, pyarrow") else {
        return skip(TARGET, "no pyspark in .consumers/python (tests/interop/install/spark.sh)");
    };
    let Some(_java) = consumer::find("java") else { return skip(TARGET, "no java on the path") };
    let versions = "import pyspark, pyarrow as pa; print(f'Spark {pyspark.__version__}, pyarrow {pa.__version__}')";
    let version = consumer::version(Command::new(&python).args(["-c", versions]));
    for subject in asked() {
        let folder = Folder::new(subject);
        let (words, expected, known) = folder.cases(consumer::cases(), consumer::cases() / 10);
        folder.fill(&words, &expected);
        let mut workers = Command::new(&python);
        workers.arg(script("workers.py")).arg(&folder.wheel).arg(folder.folder.path());
        let output = consumer::run(workers.env("PYSPARK_PYTHON", &python).env("PYTHONDONTWRITEBYTECODE", "1"));
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut disagreements: Vec<String> = said.lines().map(str::to_owned).collect();
        assert_eq!(disagreements.pop(), Some(format!("done {}", words.len())), "{said}");
        let (cases, open) = (known, words.len() - known);
        Agreement { target: TARGET, consumer: &version, table: subject.name, cases, open, disagreements }.conclude();
    }
}
