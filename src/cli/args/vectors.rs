//! The arguments of `vectors`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// How test vectors are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum VectorFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON document.
    Json,
    /// A row for each, which `decide` takes as it is.
    Csv,
    /// A page.
    Markdown,
}

/// `vectors`.
#[derive(Debug, Args)]
pub struct VectorsArguments {
    /// A `.lxp` file, a literate `.md` file or a regime's folder
    #[arg(value_name = "PATH")]
    pub path: String,
    /// How they are written
    #[arg(long, value_enum, default_value_t, value_name = "text|json|csv|markdown", hide_possible_values = true)]
    pub format: VectorFormat,
    /// Where to write; without it, standard output
    #[arg(short, long = "out", value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Only this reading
    #[arg(long, value_name = "R")]
    pub reading: Option<String>,
    /// Only this day
    #[arg(long, value_name = "DATE")]
    pub on: Option<String>,
    /// Seconds for each question
    #[arg(long, value_name = "S", default_value_t = 60)]
    pub timeout: u64,
    /// Threads; the output does not depend on it
    #[arg(long, value_name = "N")]
    pub jobs: Option<usize>,
}
