//! The table as SQL: a script for each of PostgreSQL, DuckDB and Spark, with the check vectors as a query that returns no rows.
//!
//! In: an `OwnedTable`. Out: one file for each dialect. All say the same: inputs become the classes of tests (`expression`), classes
//! become the answers of all decisions by a few look-ups (`machine`), and where an input is unknown the diagram itself is walked with sets
//! of nodes, so that a row says which outcomes are still possible. `postgresql`, `duckdb` and `spark` put that into the form that
//! is fastest and easiest to use there. The page is `docs/targets/sql.md`.

mod dialect;
mod duckdb;
mod expression;
mod machine;
mod outcome;
mod postgresql;
mod spark;

use std::collections::BTreeMap;

use lexport_runtime::{HEAD, LEAF, Test};
use rustc_hash::FxHashMap;

pub use dialect::Dialect;
use machine::Machine;

use super::artifact::Artifact;
use super::rows::tie;
use super::text::identifier;
use crate::diagram::OwnedTable;

/// Why a table is not written in a dialect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SqlError {
    /// Two columns whose names the dialect does not tell apart.
    Columns {
        /// The dialect.
        dialect: Dialect,
        /// The one and the other.
        columns: (String, String),
    },
    /// A name that the dialect would cut off or cannot hold.
    Name {
        /// The dialect.
        dialect: Dialect,
        /// The name.
        name: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// More inputs than a function may have arguments.
    Inputs {
        /// The dialect.
        dialect: Dialect,
        /// How many there are.
        inputs: usize,
        /// How many there may be.
        most: usize,
    },
    /// A number that has more digits than a decimal of the dialect.
    Digits {
        /// The dialect.
        dialect: Dialect,
        /// The input or decision.
        column: String,
    },
    /// Arithmetic beyond the whole numbers of the dialect.
    Wide {
        /// The dialect.
        dialect: Dialect,
        /// The condition.
        condition: String,
    },
    /// The table is malformed.
    Malformed(String),
}

impl std::fmt::Display for SqlError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            SqlError::Columns { dialect, columns: (one, other) } => {
                write!(f, "{} does not tell the columns `{one}` and `{other}` apart", dialect.name())
            }
            SqlError::Name { dialect, name, why } => write!(f, "{} cannot have the name `{name}`: {why}", dialect.name()),
            SqlError::Inputs { dialect, inputs, most } => {
                write!(f, "a function of {} has at most {most} arguments, and there are {inputs} inputs", dialect.name())
            }
            SqlError::Digits { dialect, column } => {
                write!(f, "`{column}` has more digits than a decimal of {} holds exactly", dialect.name())
            }
            SqlError::Wide { dialect, condition } => {
                write!(f, "{} cannot compute `{condition}` exactly: it leaves its largest whole numbers", dialect.name())
            }
            SqlError::Malformed(what) => write!(f, "the table is malformed: {what}"),
        }
    }
}

impl std::error::Error for SqlError {}

/// A script for each dialect.
///
/// # Errors
/// [`SqlError`]: nothing is written that is not exact, or whose names would mean something else.
pub fn sql(table: &OwnedTable) -> Result<Vec<Artifact>, SqlError> {
    let machines = plan(table)?;
    Dialect::ALL.iter().map(|dialect| script(table, &machines, *dialect)).collect()
}

/// The script for one dialect.
///
/// # Errors
/// As [`sql`].
pub fn sql_for(table: &OwnedTable, dialect: Dialect) -> Result<Artifact, SqlError> {
    script(table, &plan(table)?, dialect)
}

fn plan(table: &OwnedTable) -> Result<Vec<Machine>, SqlError> {
    table.as_table().check().map_err(|error| SqlError::Malformed(format!("{error:?}")))?;
    Ok(machine::machines(table))
}

fn script(table: &OwnedTable, machines: &[Machine], dialect: Dialect) -> Result<Artifact, SqlError> {
    check_names(table, dialect)?;
    let text = match dialect {
        Dialect::PostgreSql => postgresql::script(table, machines)?,
        Dialect::DuckDb => duckdb::script(table, machines)?,
        Dialect::Spark => spark::script(table, machines)?,
    };
    Ok(Artifact::text(format!("{}.{}.sql", identifier(&table.regime), dialect.file()), text))
}

/// The column that numbers check vectors.
const VECTOR: &str = "check vector";

/// What a row says of each decision, after the name of the decision.
const ANSWER: [&str; 6] = ["", ".status", ".rules", ".outcome", ".possible", ".ask"];

/// The columns of answers to one decision.
fn answer_columns(decision: &str) -> [String; 6] {
    ANSWER.map(|part| format!("{decision}{part}"))
}

/// The column that names the inputs whose values are not in their domains.
const PROBLEM: &str = "problem";

/// The most bytes of a name of PostgreSQL, which cuts off the rest.
const NAME: usize = 63;

fn check_names(table: &OwnedTable, dialect: Dialect) -> Result<(), SqlError> {
    let answers = table.decisions.iter().flat_map(|decision| answer_columns(&decision.name));
    let columns = table.inputs.iter().map(|input| input.name.clone()).chain(answers).chain([PROBLEM, VECTOR].map(str::to_owned));
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    for column in columns {
        let refuse = |why| Err(SqlError::Name { dialect, name: column.clone(), why });
        if column.chars().any(char::is_control) {
            return refuse("it has characters that do not show");
        }
        if dialect == Dialect::PostgreSql && column.len() > NAME {
            return refuse("names of PostgreSQL have at most 63 bytes");
        }
        if column.starts_with(INTERNAL) {
            return refuse("names with this beginning are the script's own");
        }
        let key = if dialect == Dialect::PostgreSql { column.clone() } else { column.to_lowercase() };
        if let Some(other) = known.insert(key, column.clone()) {
            return Err(SqlError::Columns { dialect, columns: (other, column) });
        }
    }
    let schema = identifier(&table.regime);
    let tables = table.decisions.iter().map(|decision| outcomes_table(&decision.name));
    if let Some(name) = [schema].into_iter().chain(tables).find(|name| dialect == Dialect::PostgreSql && name.len() > NAME) {
        return Err(SqlError::Name { dialect, name, why: "names of PostgreSQL have at most 63 bytes" });
    }
    let members = table.enums.iter().flat_map(|def| def.members.iter().map(|member| &member.name));
    let rules = table.rules.iter().flat_map(|rule| [&rule.name, &rule.title, &rule.cite]);
    if let Some(text) = members.chain(rules).find(|text| dialect == Dialect::PostgreSql && text.contains('\0')) {
        let name = text.replace('\0', "\\0");
        return Err(SqlError::Name { dialect, name, why: "texts of PostgreSQL have no character 0" });
    }
    Ok(())
}

/// With what the names of columns begin that are not for users.
const INTERNAL: &str = "lexport ";

fn outcomes_table(decision: &str) -> String {
    format!("outcomes_{decision}")
}

/// An arithmetic or same-member test in words.
fn condition(table: &OwnedTable, test: usize) -> String {
    tie(table, &table.tests[test])
}

/// One line of a comment: line ends would end the comment.
fn comment(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Who made the script, of what.
fn head(table: &OwnedTable, dialect: Dialect) -> String {
    let mut out = format!(
        "-- Decision table of {} for {}, made by Lexport. Do not edit: build it anew.\n",
        comment(&table.regime),
        dialect.name()
    );
    out += &format!("-- {}\n-- Source: {}\n", comment(&table.title), comment(&table.source));
    if !table.readings.is_empty() {
        out += &format!("-- Readings: {}\n", comment(&table.readings.join(", ")));
    }
    if let Some((lo, hi)) = table.dates {
        out += &format!("-- Dates: {} to {}\n", crate::ir::date_text(lo), crate::ir::date_text(hi));
    }
    out
}

/// The diagram with its nodes numbered from 0. An outcome `o` is `-1 - o`.
struct Diagram {
    /// By node its test.
    tests: Vec<usize>,
    /// Node by node, for each class of its test what is behind.
    children: Vec<i64>,
    /// By decision where it starts.
    roots: Vec<i64>,
}

fn diagram(table: &OwnedTable) -> Diagram {
    let mut number_of = FxHashMap::default();
    let mut out = Diagram { tests: Vec::new(), children: Vec::new(), roots: Vec::new() };
    let mut at = 0;
    while let Some(head) = table.nodes.get(at) {
        number_of.insert(at as u32, out.tests.len() as i64);
        let test = (head & !HEAD) as usize;
        let behind = at + 1 + machine::classes(table.tests[test]);
        // Children stand at lower offsets: they are numbered already.
        out.children.extend(table.nodes[at + 1..behind].iter().map(|child| place(*child, &number_of)));
        out.tests.push(test);
        at = behind;
    }
    out.roots = table.roots.iter().map(|root| place(*root, &number_of)).collect();
    out
}

fn place(word: u32, number_of: &FxHashMap<u32, i64>) -> i64 {
    if word & LEAF == 0 { number_of.get(&word).copied().unwrap_or(i64::MAX) } else { -1 - i64::from(word & !HEAD) }
}

/// Whether the outcomes behind a test without a class may be too many: values that settle it may contradict others.
fn is_free(test: &Test) -> bool {
    matches!(test, Test::Same { .. } | Test::AtLeastZero { .. })
}

/// Numbers with commas.
fn commas<T: ToString>(all: impl IntoIterator<Item = T>) -> String {
    all.into_iter().map(|one| one.to_string()).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests;
