//! What agreed with what: one record for each target, consumer and table, which `agreement.py` collects into a page.

use std::fmt::Write as _;
use std::path::PathBuf;

use super::consumer;

/// A comparison that was carried out.
pub struct Agreement<'a> {
    /// What was emitted: `c`, `sql (DuckDB)`.
    pub target: &'a str,
    /// Who ran it, with version.
    pub consumer: &'a str,
    /// The name of the subject.
    pub table: &'a str,
    /// How many cases in which all is known, check vectors included.
    pub cases: usize,
    /// How many with unknown inputs; none where the target cannot carry them.
    pub open: usize,
    /// Every disagreement, told; the first few are printed.
    pub disagreements: Vec<String>,
}

fn folder() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("interop");
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

fn record(target: &str, table: &str, line: &serde_json::Value) {
    let name: String = format!("{target}.{table}").chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    std::fs::write(folder().join(format!("{name}.json")), line.to_string()).expect("a record");
}

impl Agreement<'_> {
    /// Records it, and fails if anything disagreed or nothing was asked.
    pub fn conclude(self) {
        record(
            self.target,
            self.table,
            &serde_json::json!({
                "target": self.target, "consumer": self.consumer, "table": self.table, "cases": self.cases,
                "open": self.open, "disagreements": self.disagreements.len(),
            }),
        );
        let mut said = String::new();
        for one in self.disagreements.iter().take(5) {
            let _ = writeln!(said, "  {one}");
        }
        assert!(self.disagreements.is_empty(), "{} of {}:\n{said}", self.target, self.table);
        assert!(self.cases > 0, "{} of {}: no case was asked", self.target, self.table);
        eprintln!(
            "{}: {} agrees on {}, {} cases and {} open ones",
            self.target, self.consumer, self.table, self.cases, self.open
        );
    }
}

/// Says that a consumer is absent: neither a pass nor a failure. Where it was not asked for, nothing is recorded.
pub fn skip(target: &str, why: &str) {
    if consumer::all() {
        eprintln!("skipped: {target}: {why}");
        record(target, "skipped", &serde_json::json!({ "target": target, "skipped": why }));
    }
}
