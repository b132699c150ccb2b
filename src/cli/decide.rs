//! `decide`: a table's answer for every row of a file, in batches, so that memory does not grow with the file.
//!
//! Columns are named by attribute path; what is not a table's input is carried along. The output has the columns of the input and
//! after them the decisions, `because` (the rules that carried them), `open` (what is still possible where inputs are unknown,
//! gaps and conflicts) and `ask` (the inputs that may still matter). A row that does not fit ends the command before the output
//! appears at its place; on standard output what was written before stays, and it is said how much.

mod answer;
mod cells;
mod read;
mod texts;
mod write;

use std::io::IsTerminal as _;
use std::path::Path;
use std::sync::mpsc::sync_channel;

use indicatif::{ProgressBar, ProgressStyle};

use crate::diagnostic::{Code, Diagnostic};

use super::args::{DecideArguments, Rows};
use super::input::threads;
use super::output::{self, Exit, Outcome, Stop, apart, placeless, stop, stop_all};
use super::table::{files, trusted};
use answer::{Answerer, Answers};
use read::{Batch, Names, Reader};
use write::Writer;

/// How many messages about rows are shown.
const SHOWN: usize = 20;

/// Runs the command.
pub fn run(arguments: &DecideArguments) -> Outcome {
    threads(arguments.jobs)?;
    output::stage("loading the table");
    let table = trusted(&arguments.table, arguments.signed_by.as_deref(), arguments.signature.as_deref())?;
    let answerer = Answerer::new(&table);
    output::stage("deciding");
    let input = arguments.input.clone().filter(|path| path.as_os_str() != "-");
    let output = arguments.output.clone().filter(|path| path.as_os_str() != "-");
    let from = form(arguments.from, input.as_deref(), "--from").map_err(stop)?;
    let to = form(arguments.to, output.as_deref(), "--to").map_err(stop)?;
    let mut reads = files(&arguments.table, arguments.signed_by.as_deref(), arguments.signature.as_deref());
    // What standard input is read from has a name too.
    reads.push(input.clone().unwrap_or_else(|| "/dev/stdin".into()));
    if let Some(output) = &output {
        apart(output, &reads)?;
    }
    let name = input.as_deref().map_or_else(|| "standard input".to_owned(), |path| path.display().to_string());
    let reader = Reader::open(input.as_deref(), &name, from, Names::of(&answerer.schema)).map_err(stop)?;
    let to = to.unwrap_or(reader.form());
    if to == Rows::Parquet && output.is_none() && std::io::stdout().is_terminal() {
        let message = placeless(Code::BadArgument, "Parquet is no text, and standard output is a terminal");
        return Err(stop(message.help("name a file with `--out`, or say `--to csv`")));
    }
    let bar = bar(input.as_deref());
    let place = Place { name: &name, path: output.as_deref(), form: to };
    let keep = arguments.keep.as_deref().map(|names| kept(names, &reader.header())).transpose()?;
    stream(&answerer, reader, keep.as_deref(), &place, &bar)?;
    bar.finish_and_clear();
    Ok(Exit::Fine)
}

/// What is read, where the answers go, in which form.
struct Place<'a> {
    name: &'a str,
    path: Option<&'a Path>,
    form: Rows,
}

/// Reading, deciding and writing at once, each a few batches ahead of the next at the most, so that memory does not grow with the file.
fn stream(
    answerer: &Answerer<'_>,
    mut reader: Reader,
    keep: Option<&[String]>,
    place: &Place<'_>,
    bar: &ProgressBar,
) -> Result<(), Stop> {
    const AHEAD: usize = 2;
    let carried = |batch: Batch| match keep {
        Some(names) => batch.keep(names),
        None => batch,
    };
    std::thread::scope(|scope| {
        let header = reader.header();
        let (read, batches) = sync_channel::<Result<(Batch, u64), Diagnostic>>(AHEAD);
        scope.spawn(move || {
            loop {
                let next = match reader.next() {
                    Ok(None) => return,
                    Ok(Some(batch)) => Ok((batch, reader.position())),
                    Err(error) => Err(error),
                };
                let failed = next.is_err();
                // Nobody listens any more if something else went wrong.
                if read.send(next).is_err() || failed {
                    return;
                }
            }
        });
        let (write, answered) = sync_channel::<(Batch, Answers)>(AHEAD);
        let (mut answered, mut writing) = (Some(answered), None);
        let (mut wrong, mut handed) = (Vec::new(), 0);
        for next in batches {
            let judged = next
                .map_err(|error| vec![error])
                .and_then(|(batch, position)| Ok((judged(answerer, &batch, place.name, writing.is_none())?, batch, position)));
            let (answers, batch, position) = match judged {
                Ok(judged) => judged,
                Err(messages) => {
                    wrong = messages;
                    break;
                }
            };
            let batch = carried(batch);
            if let Some(answered) = answered.take() {
                let mut writer = Writer::open(place.path, place.form, answerer, &batch, keep)?;
                writing = Some(scope.spawn(move || -> Result<Option<Writer>, Stop> {
                    for (batch, answers) in answered {
                        writer.batch(answerer, &batch, &answers)?;
                    }
                    Ok(Some(writer))
                }));
            }
            let rows = batch.lines.len();
            if write.send((batch, answers)).is_err() {
                // The writer has ended before its time, and says why.
                break;
            }
            handed += rows;
            bar.set_position(position);
        }
        drop(write);
        let written = match writing {
            Some(writing) => match writing.join() {
                Ok(written) => Some(written),
                Err(panic) => std::panic::resume_unwind(panic),
            },
            None => None,
        };
        if let Some(first) = wrong.first_mut() {
            // A file appears at its place whole or not at all; what went to standard output is gone.
            if place.path.is_none() && place.form != Rows::Parquet && handed > 0 {
                *first = first.clone().note(format!("{handed} rows before were written to standard output already"));
            }
            return Err(too_many(&wrong));
        }
        match written {
            Some(written) => written?.map_or(Ok(()), Writer::finish),
            // No rows: the answer is a file without rows, with the header where the form has one.
            None => Writer::open(place.path, place.form, answerer, &carried(Batch::empty(header)), keep)?.finish(),
        }
    })
}

/// The answers for a batch, or all that is wrong with it.
fn judged(answerer: &Answerer<'_>, batch: &Batch, name: &str, first: bool) -> Result<Answers, Vec<Diagnostic>> {
    let misspelt = answerer.misspelt(batch, name);
    if !misspelt.is_empty() {
        return Err(misspelt);
    }
    if first {
        output::show(&crate::source::Files::default(), &answerer.look_at(batch, name)?);
    }
    answerer.answer(batch, name)
}

/// The columns to carry along. A file that names its columns must have them; NDJSON brings its own with each row.
fn kept(names: &[String], header: &arrow::datatypes::Schema) -> Result<Vec<String>, Stop> {
    if names.iter().map(|name| name.trim()).eq(["none"]) {
        return Ok(Vec::new());
    }
    let has: Vec<&str> = header.fields().iter().map(|field| field.name().as_str()).collect();
    // What stands behind a comma may be set off from it.
    let names: Vec<&str> = names.iter().map(|name| if has.contains(&name.as_str()) { name } else { name.trim() }).collect();
    match names.iter().find(|name| !has.is_empty() && !has.contains(*name)) {
        None => Ok(names.into_iter().map(str::to_owned).collect()),
        Some(absent) => {
            let near = crate::driver::nearest(absent, has.iter().copied());
            let title = format!("`--keep {absent}`: the input has no such column");
            let help = near.map_or_else(|| format!("it has {}", has.join(", ")), |near| format!("do you mean `{near}`?"));
            Err(stop(placeless(Code::BadArgument, title).help(help)))
        }
    }
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
        (None, Some("xlsx" | "xlsm" | "xls" | "ods")) => {
            Err(placeless(Code::BadArgument, format!("`{}`: a spreadsheet is neither read nor written", path.display()))
                .help(if option == "--from" { read::SHEET } else { "write .csv, which a spreadsheet opens" }))
        }
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
