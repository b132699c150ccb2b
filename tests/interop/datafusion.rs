//! The emitted functions, compiled into a program that asks DataFusion in SQL: values, rules, what unknown inputs leave, from columns of
//! every type that is taken; values and types that are refused; the program of the page.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use lexport::diagram::OwnedTable;
use lexport::emit;
use lexport::ir::{Domain, Outcome, Value};

use super::agreement::{Agreement, skip};
use super::consumer;
use super::subject::{Left, Subject, compare, subjects};

#[path = "datafusion/queries.rs"]
mod queries;

/// Beside the program: the files emitted from the subjects, from an altered table, and from one for one reading.
struct Program {
    asked: PathBuf,
    page: PathBuf,
    version: String,
}

/// The first subject with one word of its diagram changed, and no check vectors that would tell.
fn altered() -> Subject {
    let mut table = subjects()[0].table.clone();
    let outcomes = table.outcomes.len() as u32;
    let leaf = table.nodes.iter().position(|word| word & lexport_runtime::HEAD == lexport_runtime::LEAF).expect("a leaf");
    let word = table.nodes[leaf] & !lexport_runtime::HEAD;
    table.nodes[leaf] = lexport_runtime::LEAF | ((word + 1) % outcomes);
    // Against its check vectors it would not be written at all.
    assert!(emit::datafusion(&table).is_err());
    table.vectors.clear();
    table.regime = "altered".to_owned();
    Subject { name: "altered", table }
}

/// Tables without sets, dates, numbers, rules: what they do not have leaves nothing behind that a compiler warns of.
fn little() -> Vec<OwnedTable> {
    use lexport::diagram::{Options, Specialise, build_table};
    const TEXTS: [&str; 3] = [
        "regime little_none cite \"x\"\ninput class : bool\ndecision all : bool takes exactly one otherwise true\n",
        "regime little_flag cite \"x\"\ninput double, while : bool\ndecision a : { x, y } takes exactly one\n\
         rule r \"1\" when double then a is x\nrule s \"2\" when while then a is y\n",
        "regime little_sums cite \"x\"\ninput a, b : count from 0 to 1_000_000_000_000_000_000\ndecision d : bool takes exactly one\n\
         rule r \"1\" when a * b >= 100 then d is true\n",
    ];
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("little.lxp");
    let table = |text: &str| {
        std::fs::write(&path, text).expect("a file");
        let compilation = lexport::driver::Compilation::load(&lexport::source::DiskLoader, path.to_str().expect("a path"));
        let program = compilation.program.unwrap_or_else(|| panic!("{text}: {:#?}", compilation.messages));
        build_table(&program, &Specialise::default(), &Options::default()).expect("a table")
    };
    TEXTS.map(table).into()
}

/// The program, built once; nothing if DataFusion is not there, which is told.
fn program() -> Option<&'static Program> {
    static BUILT: OnceLock<Option<Program>> = OnceLock::new();
    let home = consumer::home().join("datafusion");
    BUILT.get_or_init(|| (consumer::all() && home.join("stamp").is_file()).then(|| build(&home))).as_ref()
}

fn build(home: &Path) -> Program {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/datafusion");
    let mut one_reading = super::c::of_one_reading();
    one_reading.regime = "one_reading".to_owned();
    let mut tables: Vec<OwnedTable> = subjects().iter().map(|subject| subject.table.clone()).collect();
    tables.extend([altered().table, one_reading]);
    tables.extend(little());
    let mut modules = String::new();
    let mut register = String::new();
    for table in &tables {
        let artifact = emit::datafusion(table).expect("a good table");
        write(&home.join(&artifact.path), &artifact.bytes);
        let module = artifact.path.strip_suffix(".rs").expect("a module");
        let _ = writeln!(modules, "#[path = {:?}]\nmod {module};", artifact.path);
        let _ = writeln!(register, "    {module}::register(context)?;");
    }
    let text = format!(
        "//! The emitted files.\n{modules}\n/// Registers all functions.\npub fn register(context: &datafusion::prelude::SessionContext) \
         -> datafusion::error::Result<()> {{\n{register}    Ok(())\n}}\n"
    );
    write(&home.join("tables.rs"), text.as_bytes());
    write(&home.join("main.rs"), &std::fs::read(source.join("main.rs")).expect("a file"));
    let (example, _) = super::c::page_example(include_str!("../../docs/targets/datafusion.md"));
    write(&home.join("page.rs"), example.as_bytes());
    let mut cargo = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".into()));
    cargo.args(["build", "--quiet", "--locked", "--offline", "--manifest-path"]).arg(home.join("Cargo.toml"));
    // Other flags would build all of DataFusion anew.
    for name in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_INCREMENTAL"] {
        cargo.env_remove(name);
    }
    consumer::run(cargo.env("CARGO_TARGET_DIR", home.join("target")));
    let lock = std::fs::read_to_string(home.join("Cargo.lock")).expect("a file");
    let (_, version) = lock.split_once("name = \"datafusion\"\nversion = \"").expect("its version");
    Program {
        asked: home.join("target/debug/asked"),
        page: home.join("target/debug/page"),
        version: format!("DataFusion {}", version.split('"').next().expect("a version")),
    }
}

/// Writes what is not so already: what is the same is not compiled again.
fn write(path: &Path, bytes: &[u8]) {
    if std::fs::read(path).ok().as_deref() != Some(bytes) {
        std::fs::write(path, bytes).expect("a file");
    }
}

fn is_there() -> Option<&'static Program> {
    let found = program();
    if found.is_none() {
        skip("datafusion", "there is no DataFusion built by tests/interop/install/datafusion.sh");
    }
    found
}

/// NULL in a file.
const NULL: &str = "\\N";

/// A case as a line: a text for each input, and for each set a list too.
fn line(subject: &Subject, values: &[Option<Value>]) -> String {
    let inputs = || values.iter().zip(&subject.table.inputs);
    let texts = inputs().map(|(value, input)| match value {
        Some(value) => subject.value_text(&input.domain, value),
        None => NULL.to_owned(),
    });
    let lists = inputs().filter(|(_, input)| matches!(input.domain, Domain::Set(_))).map(|(value, input)| match value {
        Some(value) => cell(subject, &input.domain, value),
        None => NULL.to_owned(),
    });
    texts.chain(lists).collect::<Vec<_>>().join("\t")
}

/// The names of the columns: `c0`, `c1`, … and for sets `c2[]` too.
fn columns(table: &OwnedTable) -> String {
    let lists = table.inputs.iter().enumerate().filter(|(_, input)| matches!(input.domain, Domain::Set(_)));
    let lists = lists.map(|(number, _)| format!("c{number}[]"));
    (0..table.inputs.len()).map(|number| format!("c{number}")).chain(lists).collect::<Vec<_>>().join("\t")
}

/// A value as the program writes it.
fn cell(subject: &Subject, domain: &Domain, value: &Value) -> String {
    match (domain, value) {
        (Domain::Set(of), Value::Set(set)) => {
            let names = set.iter().map(|member| subject.table.enums[of.index()].members[member as usize].name.as_str());
            names.collect::<Vec<_>>().join("|")
        }
        _ => subject.value_text(domain, value),
    }
}

/// What an outcome of a decision is in words, its value, and the values of a conflict.
fn words(subject: &Subject, decision: usize, outcome: u32) -> (String, String, Option<String>) {
    let table = &subject.table;
    let domain = &table.decisions[decision].domain;
    match table.outcome(table.outcomes[outcome as usize].answer, domain) {
        Outcome::Gap => ("no value".to_owned(), NULL.to_owned(), None),
        Outcome::Value(value) => (subject.value_text(domain, &value), cell(subject, domain, &value), None),
        Outcome::Conflict(all) => {
            let all: Vec<String> = all.iter().map(|value| subject.value_text(domain, value)).collect();
            (format!("conflict of {}", all.join(" and ")), NULL.to_owned(), Some(all.join("|")))
        }
    }
}

/// What must be said of a decision: value, rules, status, possible, complete, ask; and the value once more, by its own function.
fn said(subject: &Subject, decision: usize, left: &Left) -> String {
    let mut possible: Vec<String> = Vec::new();
    for outcome in &left.possible {
        let (text, ..) = words(subject, decision, *outcome);
        if !possible.contains(&text) {
            possible.push(text);
        }
    }
    if possible.len() > 1 {
        let ask = left.ask.map_or(NULL, |input| subject.table.inputs[input as usize].name.as_str());
        return format!("{NULL}\t{NULL}\topen\t{}\t{}\t{ask}\t{NULL}", possible.join("|"), left.exact);
    }
    // Whoever carries it, what is unknown makes no difference: named are the rules that carry it in any case.
    let mut rules = subject.rules(left.possible[0]);
    rules.retain(|rule| left.possible.iter().all(|outcome| subject.rules(*outcome).contains(rule)));
    let (text, value, conflict) = words(subject, decision, left.possible[0]);
    let status = match (&conflict, text.as_str()) {
        (Some(_), _) => "conflict",
        (None, "no value") => "gap",
        _ => "decided",
    };
    format!("{value}\t{}\t{status}\t{}\ttrue\t{NULL}\t{value}", rules.join("|"), conflict.as_deref().unwrap_or(NULL))
}

/// How many forms there are in which inputs are given.
const FORMS: usize = 5;

/// An input of a type that it is taken from, made of its column of text.
fn typed(domain: &Domain, number: usize, form: usize) -> String {
    let column = format!("c{number}");
    let cast = |of: &str| format!("arrow_cast({column}, '{of}')");
    match domain {
        Domain::Enum(_) => match form {
            0 => column,
            1 => cast("Dictionary(Int32, Utf8)"),
            2 => cast("Utf8View"),
            3 => cast("LargeUtf8"),
            _ => cast("Dictionary(UInt16, LargeUtf8)"),
        },
        Domain::Set(_) => match form {
            0 => column,
            1 => format!("\"{column}[]\""),
            2 => format!("arrow_cast(\"{column}[]\", 'LargeList(Utf8)')"),
            3 => cast("Dictionary(Int32, Utf8)"),
            _ => cast("Utf8View"),
        },
        Domain::Bool => format!("CAST({column} AS BOOLEAN)"),
        Domain::Date { .. } => {
            let day = format!("CAST({column} AS DATE)");
            match form {
                0 | 1 => day,
                2 => format!("CAST({day} AS TIMESTAMP)"),
                3 => format!("arrow_cast({day}, 'Timestamp(Second, None)')"),
                _ => format!("arrow_cast({day}, 'Date64')"),
            }
        }
        Domain::Number(step) => {
            let scale = step.step.scale;
            let most = [step.lo, step.hi].map(|steps| (i128::from(steps) * i128::from(step.step.mantissa)).unsigned_abs());
            let digits = most.into_iter().max().and_then(u128::checked_ilog10).unwrap_or(0) + 1;
            let decimal = format!("CAST({column} AS DECIMAL(38, {scale}))");
            match form {
                1 if scale == 0 => format!("CAST({column} AS BIGINT)"),
                2 if scale == 0 && digits < 10 => format!("CAST({column} AS INT)"),
                3 if scale == 0 && step.lo >= 0 => format!("CAST({column} AS BIGINT UNSIGNED)"),
                1 => format!("CAST({column} AS DECIMAL(38, {}))", scale + 3),
                2 if digits <= 18 => format!("arrow_cast({decimal}, 'Decimal64(18, {scale})')"),
                3 if digits <= 9 => format!("arrow_cast({decimal}, 'Decimal32(9, {scale})')"),
                4 => format!("arrow_cast({decimal}, 'Dictionary(Int32, Decimal128(38, {scale}))')"),
                _ => decimal,
            }
        }
    }
}

/// The argument of the functions.
fn argument(table: &OwnedTable, pass: usize) -> String {
    let field = |number: usize| {
        let input = &table.inputs[number];
        format!("'{}', {}", input.name.replace('\'', "''"), typed(&input.domain, number, (number + pass) % FORMS))
    };
    // In any order.
    let count = table.inputs.len();
    let fields: Vec<String> = (0..count).map(|at| field((at + pass) % count)).collect();
    format!("named_struct({})", fields.join(", "))
}

/// The function of a regime, and those of its decisions.
fn function(table: &OwnedTable) -> String {
    table.regime.to_ascii_lowercase().replace('-', "_")
}

fn query(table: &OwnedTable, pass: usize) -> String {
    let function = function(table);
    let mut asked = format!("SELECT number, {function}(given) AS answer");
    let mut told = "SELECT number".to_owned();
    for (number, decision) in table.decisions.iter().enumerate() {
        let name = &decision.name;
        let _ = write!(asked, ", {function}_{}(given) AS v{number}", name.to_ascii_lowercase().replace('.', "_"));
        for part in ["value", "rules", "status", "possible", "complete", "ask"] {
            let _ = write!(told, ", answer['{name}']['{part}'] AS {part}{number}");
        }
        let _ = write!(told, ", v{number}");
    }
    format!(
        "WITH made AS (SELECT number, {} AS given FROM cases), answered AS ({asked} FROM made) {told}, '.' AS stop FROM answered",
        argument(table, pass)
    )
}

/// What a program answers to queries over cases.
fn ask(program: &Program, mode: &[&str], cases: &[String], query: &str) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let (file, queries) = (folder.path().join("cases"), folder.path().join("queries"));
    std::fs::write(&file, cases.join("\n") + "\n").expect("a file");
    std::fs::write(&queries, query).expect("a file");
    let output = consumer::run(Command::new(&program.asked).args(mode).arg(&file).arg(&queries));
    String::from_utf8(output.stdout).expect("text")
}

/// Where the answers of a table to cases are not those of the subject.
fn disagreements(
    program: &Program,
    subject: &Subject,
    table: &OwnedTable,
    known: usize,
    open: usize,
) -> (Vec<String>, usize, usize) {
    let (known, open) = (subject.cases(known), subject.open_cases(open));
    let settled = |outcome: &u32| Left { possible: vec![*outcome], ask: None, exact: true };
    let mut cases: Vec<String> = Vec::new();
    let mut expected: Vec<String> = Vec::new();
    let mut add = |values: &[Option<Value>], answers: Vec<Left>| {
        let said = answers.iter().enumerate().map(|(decision, left)| said(subject, decision, left));
        cases.push(line(subject, values));
        // The last column ends a line whose last field is empty.
        expected.push(said.collect::<Vec<_>>().join("\t") + "\t.");
    };
    for case in &known {
        add(&case.values.iter().cloned().map(Some).collect::<Vec<_>>(), case.outcomes.iter().map(settled).collect());
    }
    open.iter().for_each(|case| add(&case.values, case.answers.clone()));
    // Each case once, in one of the passes: so every type is asked of every input.
    let mut out = Vec::new();
    for pass in 0..FORMS {
        let of_pass = |all: &[String]| all.iter().skip(pass).step_by(FORMS).cloned().collect::<Vec<_>>();
        let requests = of_pass(&cases);
        if requests.is_empty() {
            continue;
        }
        let numbered = of_pass(&expected).into_iter().enumerate().map(|(number, said)| format!("{number}\t{said}"));
        let numbered: Vec<String> = numbered.collect();
        let mut file = vec![columns(table)];
        file.extend(requests.iter().cloned());
        out.extend(compare(&requests, &numbered, &ask(program, &[], &file, &query(table, pass))));
    }
    (out, known.len(), open.len())
}

#[test]
fn datafusion() {
    let Some(program) = is_there() else { return };
    for subject in subjects() {
        let (disagreements, cases, open) =
            disagreements(program, subject, &subject.table, consumer::cases(), consumer::cases() / 10);
        Agreement { target: "datafusion", consumer: &program.version, table: subject.name, cases, open, disagreements }
            .conclude();
    }
}

/// A table in which one word of the diagram was changed is noticed: the comparison can fail.
#[test]
fn an_altered_function_disagrees() {
    let Some(program) = is_there() else { return };
    let (wrong, ..) = disagreements(program, &subjects()[0], &altered().table, 2_000, 0);
    assert!(!wrong.is_empty() && wrong.iter().all(|one| one.contains("expected ")), "{wrong:?}");
}

/// The program of the page does what the page says.
#[test]
fn the_page_of_datafusion_is_so() {
    let Some(program) = is_there() else { return };
    let (_, output) = super::c::page_example(include_str!("../../docs/targets/datafusion.md"));
    assert_eq!(String::from_utf8(consumer::run(&mut Command::new(&program.page)).stdout).expect("text"), output);
}
