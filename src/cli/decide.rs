//! `decide`: a table's answer for every row of a file, in batches, so that memory does not grow with the file.
//!
//! Columns are named by attribute path; what is not a table's input is carried along. The output has the columns of the input and
//! after them the decisions, `because` (the rules that carried them), `open` (what is still possible where inputs are unknown,
//! gaps and conflicts) and `ask` (the inputs that would settle it). A row that does not fit ends the command before the output
//! appears at its place.

mod answer;
mod cells;
mod read;
mod write;

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressStyle};

use crate::diagnostic::{Code, Diagnostic};

use super::args::{DecideArguments, Rows};
use super::input::threads;
use super::output::{self, Exit, Outcome, Stop, placeless, stop, stop_all};
use answer::Answerer;
use read::Reader;
use write::Writer;

/// How many messages about rows are shown.
const SHOWN: usize = 20;

/// Runs the command.
pub fn run(arguments: &DecideArguments) -> Outcome {
    threads(arguments.jobs)?;
    output::stage("loading the table");
    let table = table(&arguments.table)?;
    let answerer = Answerer::new(&table);
    output::stage("deciding");
    let input = arguments.input.clone().filter(|path| path.as_os_str() != "-");
    let output = arguments.output.clone().filter(|path| path.as_os_str() != "-");
    let from = form(arguments.from, input.as_deref(), "--from").map_err(stop)?;
    let to = form(arguments.to, output.as_deref(), "--to").map_err(stop)?;
    if let (Some(input), Some(output)) = (&input, &output)
        && same(input, output)
    {
        let title = format!("`{}` is both what is read and what is written", output.display());
        return Err(stop(placeless(Code::BadArgument, title).help("give the answers a file of their own with `--out`")));
    }
    let name = input.as_deref().map_or_else(|| "standard input".to_owned(), |path| path.display().to_string());
    let mut reader = Reader::open(input.as_deref(), &name, from).map_err(stop)?;
    let to = to.unwrap_or(reader.form());
    let mut writer = None;
    let bar = bar(input.as_deref());
    let mut known = false;
    while let Some(batch) = reader.next().map_err(stop)? {
        let misspelt = answerer.misspelt(&batch, &name);
        if !misspelt.is_empty() {
            return Err(too_many(&misspelt));
        }
        if !known {
            known = true;
            let notes = answerer.look_at(&batch, &name).map_err(|wrong| too_many(&wrong))?;
            output::show(&crate::source::Files::default(), &notes);
        }
        let answers = answerer.answer(&batch, &name).map_err(|wrong| too_many(&wrong))?;
        let writer = match &mut writer {
            Some(writer) => writer,
            None => writer.insert(Writer::open(output.as_deref(), to, &answerer, &batch)?),
        };
        writer.batch(&answerer, &batch, &answers)?;
        bar.set_position(reader.position());
    }
    match writer {
        Some(writer) => writer.finish()?,
        // No rows: the answer is a file without rows, with the header where the form has one.
        None => Writer::open(output.as_deref(), to, &answerer, &read::Batch::empty(reader.header()))?.finish()?,
    }
    bar.finish_and_clear();
    Ok(Exit::Fine)
}

fn too_many(wrong: &[Diagnostic]) -> Stop {
    let mut shown: Vec<Diagnostic> = wrong.iter().take(SHOWN).cloned().collect();
    if wrong.len() > SHOWN {
        let more = format!("{} more do not fit in what was read so far", wrong.len() - SHOWN);
        shown.push(placeless(Code::BadData, more));
    }
    stop_all(&crate::source::Files::default(), &shown)
}

/// The form of a file, as asked for or by its name; for standard streams only as asked for.
fn form(asked: Option<Rows>, path: Option<&Path>, option: &str) -> Result<Option<Rows>, Diagnostic> {
    let Some(path) = path else { return Ok(asked) };
    let ending = path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
    match (asked, ending.as_deref()) {
        (Some(asked), _) => Ok(Some(asked)),
        (None, Some("csv")) => Ok(Some(Rows::Csv)),
        (None, Some("ndjson" | "jsonl")) => Ok(Some(Rows::Ndjson)),
        (None, Some("parquet")) => Ok(Some(Rows::Parquet)),
        (None, _) => {
            Err(placeless(Code::BadArgument, format!("`{}`: its name does not say in which form it is", path.display()))
                .help(format!("end the name with .csv, .ndjson or .parquet, or say `{option} csv`")))
        }
    }
}

fn bar(path: Option<&Path>) -> ProgressBar {
    let size = path.and_then(|path| std::fs::metadata(path).ok()).map(|data| data.len());
    match size {
        Some(size) if std::io::stderr().is_terminal() => {
            let bar = ProgressBar::new(size);
            if let Ok(style) = ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes} {eta}") {
                bar.set_style(style);
            }
            bar
        }
        _ => ProgressBar::hidden(),
    }
}

/// Reads a table, which then proves itself.
fn table(path: &Path) -> Result<crate::diagram::OwnedTable, Stop> {
    let path = &single(path)?;
    let shown = path.display();
    let bytes = std::fs::read(path)
        .map_err(|error| stop(placeless(Code::MissingFile, format!("cannot read `{shown}`")).note(error.to_string())))?;
    let refuse = |why: String| {
        let message = placeless(Code::BadTable, format!("`{shown}` cannot be used as a table")).note(why);
        let source = path.extension().is_some_and(|ending| ending == "lxp" || ending == "md") || path.is_dir();
        stop(if source { message.help(format!("build it first: lexport build {shown} --to json -o DIR")) } else { message })
    };
    crate::emit::read_json(&bytes).map_err(|error| refuse(error.to_string()))
}

/// The one table in a folder that `build` wrote; of a file that file.
fn single(path: &Path) -> Result<PathBuf, Stop> {
    let Ok(entries) = std::fs::read_dir(path) else { return Ok(path.to_owned()) };
    let files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    let mut tables: Vec<&PathBuf> =
        files.iter().filter(|path| path.to_str().is_some_and(|path| path.ends_with(".table.json"))).collect();
    tables.sort();
    let shown = path.display();
    Err(stop(match tables.as_slice() {
        [one] => return Ok((*one).clone()),
        [] => {
            let regime = files.iter().any(|path| path.extension().is_some_and(|ending| ending == "lxp"));
            let message = placeless(Code::BadTable, format!("`{shown}`: no table in this folder"));
            message.help(match regime {
                true => format!("build it first: lexport build {shown} --to json -o DIR"),
                false => format!("`lexport build REGIME --to json -o {shown}` writes one"),
            })
        }
        several => {
            let names: Vec<String> = several.iter().map(|path| path.display().to_string()).collect();
            placeless(Code::BadTable, format!("`{shown}`: {} tables in this folder", several.len()))
                .help(format!("name one of them: {}", names.join(", ")))
        }
    }))
}

/// Whether two paths are one file on the disk; a terminal may well be read and written.
fn same(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other && one.is_file(),
        _ => false,
    }
}
