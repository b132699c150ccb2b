//! The command line as data; below all commands, so that no command imports the dispatcher.

mod vectors;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use vectors::{VectorFormat, VectorsArguments};

/// Export regimes as programs: check them, prove things about them, turn them into tables.
#[derive(Debug, Parser)]
#[command(name = "lexport", version, about, max_term_width = 110)]
pub struct Arguments {
    /// The language of messages; without it that of the locale, and English in documents for tools
    #[arg(long, global = true, value_enum, value_name = "en|fr", hide_possible_values = true)]
    pub lang: Option<Lang>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// A language that messages are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Lang {
    /// English.
    En,
    /// French.
    Fr,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Find conflicts, gaps, dead rules, cliffs; prove the properties; run the scenarios
    Check(CheckArguments),
    /// Which of the twelve properties hold in each reading, and what breaks those that fail, as one page
    Properties(PropertiesArguments),
    /// Changes of the text that remove a finding and as little else as can be, each checked before it is offered
    Repair(RepairArguments),
    /// Run the scenarios, with the coverage of rules and of each condition's alternatives
    Test(TestArguments),
    /// The decision in one case, the chain of rules, the citations, what was close; or the page of a code (LX4003)
    Explain(ExplainArguments),
    /// The cases whose outcome changes between two regimes, two dates or two readings
    Diff(DiffArguments),
    /// Turn a regime into a table that is proved equal to it
    Build(BuildArguments),
    /// A small set of cases that covers every rule, alternative, threshold and date, with what must come out
    Vectors(VectorsArguments),
    /// Answer every row of a file with a table
    Decide(DecideArguments),
    /// Ask a person what a table still has to know, most telling first, and say what follows by which provisions
    Ask(AskArguments),
    /// Make a pair of keys for signing tables
    Keygen(KeygenArguments),
    /// Sign a table, so that others can know who made it
    Sign(SignArguments),
    /// Check who signed a table
    Verify(VerifyArguments),
    /// Turn a DMN, CSV or xlsx table into a regime; its overlaps, gaps and dead rows, by its own row numbers
    Import(ImportArguments),
    /// The regime's intermediate representation as JSON
    Ir(PathArguments),
    /// The problems that are put to the solver, as SMT-LIB 2
    Smt(SmtArguments),
    /// Write files in the canonical layout
    Fmt(FmtArguments),
    /// A small regime that checks, tests and builds
    New(NewArguments),
    /// Answer one question about a process; `check` starts it
    #[command(hide = true)]
    Worker,
}

/// How results are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// One JSON document.
    Json,
    /// SARIF 2.1.0, for code hosts and editors.
    Sarif,
    /// JUnit XML, for build servers.
    Junit,
}

/// The two formats of commands that find nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum PlainFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON document.
    Json,
}

/// The severity from which on a finding fails the command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Deny {
    /// Only errors.
    Error,
    /// Errors and warnings.
    #[default]
    Warning,
    /// Everything.
    Note,
}

/// Where answers are kept.
#[derive(Debug, Args)]
pub struct KeptArguments {
    /// Where answers are kept from one check to the next; without it, in the user's cache folder
    #[arg(long, value_name = "DIR", conflicts_with = "no_cache")]
    pub cache: Option<PathBuf>,
    /// Ask everything anew, and keep nothing
    #[arg(long)]
    pub no_cache: bool,
}

/// `check`.
#[derive(Debug, Args)]
pub struct CheckArguments {
    /// A `.lxp` file, a literate `.md` file or a regime's folder
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<String>,
    /// Only this reading (`letter`, `enforced`)
    #[arg(long, value_name = "R")]
    pub reading: Option<String>,
    /// Only this day
    #[arg(long, value_name = "DATE")]
    pub on: Option<String>,
    /// How results are written
    #[arg(long, value_enum, default_value_t, value_name = "text|json|sarif|junit", hide_possible_values = true)]
    pub format: Format,
    /// The severity from which on a finding fails the command
    #[arg(long, value_enum, default_value_t, value_name = "error|warning|note", hide_possible_values = true)]
    pub deny: Deny,
    /// Seconds for each question; what is not answered by then is undecided
    #[arg(long, value_name = "S", default_value_t = 60)]
    pub timeout: u64,
    /// Up to how many steps the shortest path of a process is looked for
    #[arg(long, value_name = "N", default_value_t = 12)]
    pub depth: usize,
    /// Have a second solver answer every proof once more, as SMT-LIB 2 text
    #[arg(long, value_name = "PROGRAM", num_args = 0..=1, default_missing_value = "cvc5")]
    pub confirm: Option<std::path::PathBuf>,
    #[command(flatten)]
    pub kept: KeptArguments,
    /// Threads; the output does not depend on it
    #[arg(long, value_name = "N")]
    pub jobs: Option<usize>,
    /// Dump a stage instead: files, tree, model, ir
    #[arg(long, hide = true, value_name = "STAGE")]
    pub stage: Option<String>,
}

/// `properties`.
#[derive(Debug, Args)]
pub struct PropertiesArguments {
    /// `.lxp` files, literate `.md` files or folders of regimes
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<String>,
    /// Where to write; without it, standard output
    #[arg(short, long = "out", value_name = "FILE.md")]
    pub output: Option<PathBuf>,
    /// Seconds for each question; what is not answered by then is open
    #[arg(long, value_name = "S", default_value_t = 60)]
    pub timeout: u64,
    /// Up to how many steps the shortest path of a process is looked for
    #[arg(long, value_name = "N", default_value_t = 12)]
    pub depth: usize,
    #[command(flatten)]
    pub kept: KeptArguments,
    /// Threads; the output does not depend on it
    #[arg(long, value_name = "N")]
    pub jobs: Option<usize>,
}

/// `repair`.
#[derive(Debug, Args)]
pub struct RepairArguments {
    /// A `.lxp` file, a literate `.md` file or a regime's folder
    #[arg(value_name = "PATH")]
    pub path: String,
    /// Claims that do not hold, or decisions with a conflict; without them, all that nobody accepts
    #[arg(value_name = "CLAIM")]
    pub claims: Vec<String>,
    /// Write this one of the changes that are offered into the files
    #[arg(long, value_name = "NUMBER")]
    pub apply: Option<usize>,
    /// How results are written
    #[arg(long, value_enum, default_value_t, value_name = "text|json", hide_possible_values = true)]
    pub format: PlainFormat,
    /// Seconds for each question
    #[arg(long, value_name = "S", default_value_t = 60)]
    pub timeout: u64,
    /// Up to how many steps the shortest path of a process is looked for
    #[arg(long, value_name = "N", default_value_t = 12)]
    pub depth: usize,
    #[command(flatten)]
    pub kept: KeptArguments,
    /// Threads; the output does not depend on it
    #[arg(long, value_name = "N")]
    pub jobs: Option<usize>,
}

/// `test`.
#[derive(Debug, Args)]
pub struct TestArguments {
    /// A `.lxp` file, a literate `.md` file or a regime's folder
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<String>,
    /// How results are written
    #[arg(long, value_enum, default_value_t, value_name = "text|json|junit", hide_possible_values = true)]
    pub format: Format,
}

/// `explain`.
#[derive(Debug, Args)]
pub struct ExplainArguments {
    /// A `.lxp` file, a literate `.md` file or a regime's folder; or a code such as LX4003
    #[arg(value_name = "PATH")]
    pub path: String,
    /// A case file; `-` reads standard input
    #[arg(long, value_name = "FILE.json")]
    pub case: Option<String>,
    /// Attributes of the case, like destination=MY chip.tpp=15832 or chip=H100
    #[arg(value_name = "NAME=VALUE")]
    pub values: Vec<String>,
    /// How results are written
    #[arg(long, value_enum, default_value_t, value_name = "text|json", hide_possible_values = true)]
    pub format: PlainFormat,
}

/// `diff`.
#[derive(Debug, Args)]
pub struct DiffArguments {
    /// The old regime and the new one, or one regime
    #[arg(required = true, num_args = 1..=2, value_name = "PATH")]
    pub paths: Vec<String>,
    /// Compare one regime on two days
    #[arg(long, num_args = 2, value_names = ["DATE", "DATE"], conflicts_with = "readings")]
    pub between: Vec<String>,
    /// Compare one regime in two readings
    #[arg(long, num_args = 2, value_names = ["R", "R"])]
    pub readings: Vec<String>,
    /// How results are written
    #[arg(long, value_enum, default_value_t, value_name = "text|json|sarif|junit", hide_possible_values = true)]
    pub format: Format,
    /// The severity from which on a finding fails the command
    #[arg(long, value_enum, default_value_t, value_name = "error|warning|note", hide_possible_values = true)]
    pub deny: Deny,
    /// Seconds for each question
    #[arg(long, value_name = "S", default_value_t = 60)]
    pub timeout: u64,
    /// Threads; the output does not depend on it
    #[arg(long, value_name = "N")]
    pub jobs: Option<usize>,
}

/// What a table can be turned into. Hidden: what the command line promises and this version refuses, with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Target {
    Json,
    Rust,
    C,
    Wasm,
    Sql,
    Dmn,
    Xlsx,
    Csv,
    Python,
    Markdown,
    Binary,
    Datafusion,
}

/// `build`.
#[derive(Debug, Args)]
pub struct BuildArguments {
    /// A `.lxp` file, a literate `.md` file or a regime's folder
    #[arg(value_name = "PATH")]
    pub path: String,
    /// What to write
    #[arg(long, value_enum, required = true, value_delimiter = ',')]
    pub to: Vec<Target>,
    /// Where to write it
    #[arg(short, long = "out", value_name = "DIR")]
    pub output: PathBuf,
    /// Only this reading
    #[arg(long, value_name = "R")]
    pub reading: Option<String>,
    /// Only this day
    #[arg(long, value_name = "DATE")]
    pub on: Option<String>,
    /// Seconds for each question of the proof
    #[arg(long, value_name = "S", default_value_t = 60)]
    pub timeout: u64,
    /// Threads; the output does not depend on it
    #[arg(long, value_name = "N")]
    pub jobs: Option<usize>,
}

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Rows {
    /// Comma-separated values with a header.
    Csv,
    /// One JSON object per line.
    #[value(alias = "jsonl")]
    Ndjson,
    /// Apache Parquet.
    Parquet,
}

/// `decide`.
#[derive(Debug, Args)]
pub struct DecideArguments {
    /// A table that `build --to json` or `--to binary` wrote
    #[arg(value_name = "TABLE")]
    pub table: PathBuf,
    /// Refuse the table unless it is signed with this key
    #[arg(long, value_name = "PUBLICKEY")]
    pub signed_by: Option<PathBuf>,
    /// Where the signature is, if not at TABLE.sig
    #[arg(long, value_name = "FILE", requires = "signed_by")]
    pub signature: Option<PathBuf>,
    /// Rows to answer; without it, or with `-`, standard input
    #[arg(long = "in", value_name = "FILE.(csv|ndjson|parquet)")]
    pub input: Option<PathBuf>,
    /// Where to write; without it, or with `-`, standard output
    #[arg(long = "out", value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// The form of the input where its name does not say so
    #[arg(long, value_enum, value_name = "csv|ndjson|parquet", hide_possible_values = true)]
    pub from: Option<Rows>,
    /// The form of the output where its name does not say so
    #[arg(long, value_enum, value_name = "csv|ndjson|parquet", hide_possible_values = true)]
    pub to: Option<Rows>,
    /// Columns to carry along in front of the answers, with commas between them; `none` for none. Without it all are
    #[arg(long, value_name = "COLUMN,…", value_delimiter = ',')]
    pub keep: Option<Vec<String>>,
    /// Threads; the order of the output is that of the input in any case
    #[arg(long, value_name = "N")]
    pub jobs: Option<usize>,
}

/// `ask`.
#[derive(Debug, Args)]
pub struct AskArguments {
    /// A table that `build --to json` or `--to binary` wrote
    #[arg(value_name = "TABLE")]
    pub table: PathBuf,
    /// Refuse the table unless it is signed with this key
    #[arg(long, value_name = "PUBLICKEY")]
    pub signed_by: Option<PathBuf>,
    /// Where the signature is, if not at TABLE.sig
    #[arg(long, value_name = "FILE", requires = "signed_by")]
    pub signature: Option<PathBuf>,
    /// Only this decision; without it, all of them, one after the other
    #[arg(long, value_name = "NAME")]
    pub decision: Option<String>,
    /// What is known beforehand, like destination=MY
    #[arg(long = "set", value_name = "NAME=VALUE")]
    pub values: Vec<String>,
    /// How the outcome is written; with json, the questions go to standard error
    #[arg(long, value_enum, default_value_t, value_name = "text|json", hide_possible_values = true)]
    pub format: PlainFormat,
}

/// `keygen`.
#[derive(Debug, Args)]
pub struct KeygenArguments {
    /// Where to write the private key; the public one is written to FILE.pub
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// `sign`.
#[derive(Debug, Args)]
pub struct SignArguments {
    /// A table that `build --to json` or `--to binary` wrote
    #[arg(value_name = "TABLE")]
    pub table: PathBuf,
    /// The private key
    #[arg(long, value_name = "FILE")]
    pub key: PathBuf,
    /// Where to write the signature, if not to TABLE.sig
    #[arg(short, long = "out", value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// `verify`.
#[derive(Debug, Args)]
pub struct VerifyArguments {
    /// A table with its signature
    #[arg(value_name = "TABLE")]
    pub table: PathBuf,
    /// The public key
    #[arg(long, value_name = "PUBLICKEY")]
    pub key: PathBuf,
    /// Where the signature is, if not at TABLE.sig
    #[arg(long, value_name = "FILE")]
    pub signature: Option<PathBuf>,
}

/// `import`.
#[derive(Debug, Args)]
pub struct ImportArguments {
    /// A DMN file, a CSV file or a spreadsheet
    #[arg(value_name = "FILE.(dmn|csv|xlsx)")]
    pub file: String,
    /// Where to write the regime: a file, or a folder that gets one for each table; without it, nothing is written
    #[arg(short, long = "out", value_name = "OUT.lxp|DIR")]
    pub output: Option<PathBuf>,
    /// Write over what is there
    #[arg(long)]
    pub force: bool,
    /// Of several decision tables this one
    #[arg(long, value_name = "NAME")]
    pub decision: Option<String>,
    /// Of several sheets this one
    #[arg(long, value_name = "NAME")]
    pub sheet: Option<String>,
    /// The columns that are concluded: their headings, or how many there are at the end
    #[arg(long, value_name = "NAME,...|N", value_delimiter = ',')]
    pub outputs: Vec<String>,
    /// The columns that are remarks: their headings
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    pub notes: Vec<String>,
    /// How rows combine, where the file does not say it: U, A, P, F, R, O, C, C+, C<, C>, C#
    #[arg(long, value_name = "P")]
    pub policy: Option<String>,
    /// A column's type, as `age=count from 0 to 150`
    #[arg(long, value_name = "NAME=TYPE")]
    pub domain: Vec<String>,
    /// A regime that declares inputs and decisions of these names
    #[arg(long, value_name = "PATH")]
    pub with: Option<String>,
    /// The texts of a column are all that it can have
    #[arg(long)]
    pub closed: bool,
    /// How results are written
    #[arg(long, value_enum, default_value_t, value_name = "text|json", hide_possible_values = true)]
    pub format: PlainFormat,
    /// The severity from which on a finding fails the command
    #[arg(long, value_enum, default_value_t, value_name = "error|warning|note", hide_possible_values = true)]
    pub deny: Deny,
    /// Say on standard error how long it took
    #[arg(long)]
    pub times: bool,
}

/// A path alone.
#[derive(Debug, Args)]
pub struct PathArguments {
    /// A `.lxp` file, a literate `.md` file or a regime's folder
    #[arg(value_name = "PATH")]
    pub path: String,
}

/// `smt`.
#[derive(Debug, Args)]
pub struct SmtArguments {
    /// A `.lxp` file, a literate `.md` file or a regime's folder
    #[arg(value_name = "PATH")]
    pub path: String,
    /// Write one file per problem instead of all to standard output
    #[arg(short, long = "out", value_name = "DIR")]
    pub output: Option<PathBuf>,
}

/// `fmt`.
#[derive(Debug, Args)]
pub struct FmtArguments {
    /// Files, or folders whose `.lxp` files are meant
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<String>,
    /// Write nothing; list the files that differ and fail if there is one
    #[arg(long)]
    pub check: bool,
}

/// `new`.
#[derive(Debug, Args)]
pub struct NewArguments {
    /// The folder to make
    #[arg(value_name = "DIR")]
    pub directory: PathBuf,
}
