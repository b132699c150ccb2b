//! DuckDB, on one thread, from Parquet: the script that `build --to sql` writes, and the rules as one `CASE`. It runs in the Python of the consumers
//! (`tests/interop/install/duckdb.sh`); `ask_duckdb.py` beside this package drives it.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::rules::{MODES, Regime, USES, VALUES};
use crate::timing::Spread;
use crate::words::{day_text, names};

/// Where DuckDB is.
pub struct DuckDb {
    /// The Python that has it.
    pub python: PathBuf,
    /// Its version.
    pub version: String,
}

/// What is asked, how it is checked before, and of which rows.
pub struct Query {
    /// How its line is called.
    pub name: &'static str,
    /// Counts rows whose answer is another than Lexport's. `{rows}` is the relation.
    pub disagreements: Option<String>,
    /// What is timed.
    pub query: String,
    /// How many rows at the most.
    pub rows: usize,
}

/// What came of it.
pub struct Told {
    /// Nanoseconds a row, of each query, or why it has none.
    pub times: Vec<Result<Spread, String>>,
    /// Milliseconds for the script of the table.
    pub loaded: f64,
}

impl DuckDb {
    /// Where it was installed.
    pub fn find() -> DuckDb {
        let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.consumers/python/bin/python");
        let version = Command::new(&python).args(["-c", "import duckdb; print(duckdb.__version__)"]).output();
        let version = version.ok().filter(|output| output.status.success());
        let version = version.expect("DuckDB for Python: run tests/interop/install/duckdb.sh, as `make bench` does");
        DuckDb { python, version: String::from_utf8_lossy(&version.stdout).trim().to_owned() }
    }
}

/// Asks queries of cases, which are objects of the inputs with what else the queries need under the names of `more`.
pub fn ask(duckdb: &DuckDb, schema: &str, script: &[u8], cases: &[Value], more: &[(&str, &str)], queries: &[Query]) -> Told {
    let folder = tempfile::tempdir().expect("a folder");
    let lines: Vec<String> = cases.iter().map(Value::to_string).collect();
    let (cases, job, sql) = (folder.path().join("cases"), folder.path().join("job"), folder.path().join("script"));
    std::fs::write(&cases, lines.join("\n")).expect("a file");
    std::fs::write(&sql, script).expect("a file");
    let more: serde_json::Map<String, Value> = more.iter().map(|(name, kind)| ((*name).to_owned(), (*kind).into())).collect();
    let of = |query: &Query| json!({"name": query.name, "disagreements": query.disagreements, "query": query.query, "rows": query.rows.min(lines.len())});
    let text = json!({
        "schema": schema, "script": sql, "cases": cases, "more": more, "folder": folder.path(),
        "queries": queries.iter().map(of).collect::<Vec<_>>(),
    });
    std::fs::write(&job, text.to_string()).expect("a file");
    let driver = Path::new(env!("CARGO_MANIFEST_DIR")).join("ask_duckdb.py");
    let output = Command::new(&duckdb.python).arg(driver).arg(&job).output().expect("Python");
    assert!(output.status.success(), "DuckDB:\n{}", String::from_utf8_lossy(&output.stderr));
    let told: Value = serde_json::from_slice(&output.stdout).expect("what the driver prints");
    let times = told["times"].as_array().expect("times").iter().map(|passes| match passes.as_str() {
        Some(why) => Err(why.to_owned()),
        None => {
            let passes = passes.as_array().expect("passes").iter();
            Ok(Spread::of(passes.map(|pass| pass.as_f64().expect("a number")).collect()))
        }
    });
    Told { times: times.collect(), loaded: told["loaded"].as_f64().expect("a number") }
}

/// The rules as one `CASE`, a branch for each in their order.
pub fn case(regime: &Regime) -> String {
    let any_of = |names: &[&str]| names.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ");
    let mut out = String::from("CASE");
    for rule in &regime.rules {
        let mut parts = vec![format!("item IN ({})", any_of(&regime.items_of(rule)))];
        parts.push(format!("destination IN ({})", any_of(&regime.group(rule.destination))));
        parts.extend(rule.headquarters.map(|group| format!("headquarters IN ({})", any_of(&regime.group(group)))));
        if !rule.modes.is_empty() {
            parts.push(format!("mode IN ({})", any_of(&names(&rule.modes, &MODES))));
        }
        if !rule.purposes.is_empty() {
            parts.push(format!("use_of_it IN ({})", any_of(&names(&rule.purposes, &USES))));
        }
        parts.extend(rule.datacenter.map(|asked| if asked { "datacenter".to_owned() } else { "NOT datacenter".to_owned() }));
        parts.extend(rule.performance.map(|least| format!("performance >= {least}")));
        parts.extend(rule.bandwidth.map(|below| format!("bandwidth < {below}")));
        parts.extend(rule.worth.map(|least| format!("worth >= {least}")));
        parts.extend(rule.from.map(|day| format!("date >= DATE '{}'", day_text(day))));
        out += &format!(" WHEN {} THEN {}", parts.join(" AND "), rule.requires);
    }
    debug_assert_eq!(VALUES[0], "none");
    out + " ELSE 0 END"
}
