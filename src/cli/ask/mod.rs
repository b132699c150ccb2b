//! `ask`: a person is asked what a table still has to know, the most telling first, and told what follows and by which provisions.
//!
//! In: a table; answers, line by line. Out: the conversation on standard output, or one document there and the conversation on standard error. Status 0:
//! every decision is settled; 3: one stays open, because something is not known or the answers end; 2: an answer from a file is none, or has no
//! question.

mod document;
mod interview;
mod told;

use std::io::{BufRead as _, IsTerminal as _, Read as _};

use lexport_runtime::TableError;

use crate::diagnostic::Code;
use crate::diagram::OwnedTable;
use crate::driver::{nearest, read_arguments, said_unknown};
use crate::ir::{Domain, InputId, Program};
use crate::report::text::visible;
use crate::source::Files;
use crate::words::{Sentence, list, say};

use super::args::{AskArguments, PlainFormat};
use super::output::{self, Exit, Outcome, Stop, placeless, stop, stop_all};
use super::table::trusted;
use interview::{Interview, Said, Standing};
use told::Hand;

/// As much is said again of what somebody typed.
const SHOWN: usize = 100;

/// The longest line that is read as an answer, in bytes.
const LINE: u64 = 1 << 16;

/// Runs the command.
pub fn run(arguments: &AskArguments) -> Outcome {
    output::stage("loading the table");
    let table = trusted(&arguments.table, arguments.signed_by.as_deref(), arguments.signature.as_deref())?;
    let mut interview = Interview::new(&table, decisions(&table, arguments.decision.as_deref())?);
    let given = known(&mut interview, &arguments.values)?;
    output::stage("asking");
    let mut talk = Talk {
        hand: Hand::of_terminal(),
        aside: arguments.format == PlainFormat::Json,
        person: std::io::stdin().is_terminal(),
        line: 0,
    };
    let standings = match converse(&mut interview, &mut talk) {
        Ok(standings) => standings,
        Err(Ended::Table(error)) => return Err(unusable(&table, error)),
        Err(Ended::Answer(stop)) => return Err(stop),
    };
    if talk.aside {
        output::print(&format!("{:#}\n", document::document(&interview, &given, &standings)));
    }
    let settled = standings.iter().all(|(_, standing)| standing.possible.len() == 1);
    Ok(if settled { Exit::Fine } else { Exit::Undecided })
}

fn unusable(table: &OwnedTable, error: TableError) -> Stop {
    stop(placeless(Code::BadTable, format!("the table of {} cannot be evaluated: {error:?}", table.regime)))
}

/// The decisions to ask about.
fn decisions(table: &OwnedTable, asked: Option<&str>) -> Result<Vec<u32>, Stop> {
    let Some(name) = asked else { return Ok((0..table.decisions.len() as u32).collect()) };
    let names = || table.decisions.iter().map(|decision| decision.name.as_str());
    if let Some(at) = names().position(|other| other == name) {
        return Ok(vec![at as u32]);
    }
    let message = placeless(Code::BadArgument, format!("`--decision {name}`: the table has no such decision"))
        .note(format!("its decisions are {}", names().collect::<Vec<_>>().join(", ")));
    Err(stop(match nearest(name, names()) {
        Some(near) => message.help(format!("did you mean `{near}`?")),
        None => message,
    }))
}

/// Puts in what is known beforehand; the inputs of which something is.
fn known(interview: &mut Interview<'_>, values: &[String]) -> Result<Vec<u32>, Stop> {
    let mut files = Files::default();
    let read = read_arguments(&mut files, &interview.schema, &[], values).map_err(|wrong| stop_all(&files, &wrong))?;
    let mut given = Vec::new();
    for input in interview.schema.input_ids() {
        let name = interview.schema.input(input).name.clone();
        let said = match read.case.get(input) {
            Some(value) => {
                if let Some(misfit) = interview.unfit(input.0, value) {
                    let title = format!("`--set {name}`: {}", misfit.what);
                    return Err(stop(misfit.told(placeless(Code::BadArgument, title), &format!("`{name}`"))));
                }
                Said::Known(value.clone())
            }
            None if said_unknown(values, &name) => Said::Skipped,
            None => continue,
        };
        interview.put(input.0, Some(said));
        given.push(input.0);
    }
    Ok(given)
}

/// Where the conversation is held.
struct Talk {
    hand: Hand,
    /// On standard error, because standard output is for the document.
    aside: bool,
    /// Whether somebody is there who can correct an answer. From a file the next line is the answer to the next question, and an answer that is
    /// passed over would shift all that follow.
    person: bool,
    /// How many lines were heard.
    line: u64,
}

/// Why an interview does not come to its end.
enum Ended {
    Table(TableError),
    Answer(Stop),
}

impl From<TableError> for Ended {
    fn from(error: TableError) -> Ended {
        Ended::Table(error)
    }
}

impl Talk {
    fn say(&self, text: &str) {
        if self.aside { output::say(text) } else { output::print(text) }
    }

    fn line(&self, said: &Sentence) {
        self.say(&self.hand.line("   ", said));
    }

    /// The next line of standard input, without what is around it; nothing at its end.
    fn hear(&mut self) -> Option<String> {
        let (mut stdin, mut bytes) = (std::io::stdin().lock(), Vec::new());
        let read = (&mut stdin).take(LINE).read_until(b'\n', &mut bytes);
        if !matches!(read, Ok(count) if count > 0) {
            return None;
        }
        // What is longer than any answer is passed over to its end, not read as several.
        while bytes.len() as u64 == LINE && !bytes.ends_with(b"\n") {
            let mut more = Vec::new();
            match (&mut stdin).take(LINE).read_until(b'\n', &mut more) {
                Ok(count) if count as u64 == LINE && !more.ends_with(b"\n") => {}
                _ => break,
            }
        }
        self.line += 1;
        let text = String::from_utf8_lossy(&bytes);
        let text = if self.line == 1 { text.trim_start_matches('\u{FEFF}') } else { &text };
        let text = text.trim().to_owned();
        if !self.person {
            self.say(&format!("{}\n", visible(&brief(&text))));
        }
        Some(text)
    }
}

/// The beginning of a text that somebody typed.
fn brief(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// Asks until nothing is left to ask, or nobody answers; what the decisions come to.
fn converse(interview: &mut Interview<'_>, talk: &mut Talk) -> Result<Vec<(u32, Standing)>, Ended> {
    talk.say(&told::opening(interview, talk.hand));
    let mut told = 0;
    loop {
        let next = interview.next()?;
        let until = next.as_ref().map_or(interview.decisions.len(), |question| {
            interview.decisions.iter().position(|decision| *decision == question.decision).unwrap_or(0)
        });
        // Whoever goes back is told again what follows.
        told = told.min(until);
        for decision in &interview.decisions[told..until] {
            talk.say(&told::standing(interview, *decision, &interview.standing(*decision)?, talk.hand));
        }
        told = until;
        let Some(question) = next else {
            left_over(talk)?;
            break;
        };
        talk.say(&told::question(interview, &question, interview.asked.len() + 1, talk.hand));
        let turn = answer(interview, question.input, talk)?;
        let Some(said) = turn else {
            talk.say("\n");
            talk.line(&say!("no more answers"));
            for decision in &interview.decisions[told..] {
                talk.say(&told::standing(interview, *decision, &interview.standing(*decision)?, talk.hand));
            }
            break;
        };
        match said {
            Turn::Said(said) => interview.answer(question, said),
            Turn::Back => {
                let back = interview.back();
                match back.map(|input| interview.schema.input(InputId(input)).name.clone()) {
                    Some(name) => talk.line(&say!("the answer for `{name}` is taken back", name)),
                    None => talk.line(&say!("there is no answer to take back")),
                }
            }
        }
    }
    interview.decisions.iter().map(|decision| Ok((*decision, interview.standing(*decision)?))).collect()
}

/// Answers in a file that nobody asks for were written for other questions.
fn left_over(talk: &mut Talk) -> Result<(), Ended> {
    while !talk.person
        && let Some(text) = talk.hear()
    {
        if !text.is_empty() {
            let title = format!("standard input:{}: `{}` answers no question: nothing is left to ask", talk.line, brief(&text));
            let help = "see which questions were asked, and leave out the answers to others";
            return Err(Ended::Answer(stop(placeless(Code::BadData, title).help(help))));
        }
    }
    Ok(())
}

/// What a person does with a question.
enum Turn {
    Said(Said),
    Back,
}

/// Hears an answer; asks a person again until it is one. Nothing if there are no more.
fn answer(interview: &Interview<'_>, input: u32, talk: &mut Talk) -> Result<Option<Turn>, Ended> {
    loop {
        talk.say("> ");
        let Some(text) = talk.hear() else { return Ok(None) };
        let domain = &interview.schema.input(InputId(input)).domain;
        // A member that is called like a command is meant; commands have a form that no member has.
        let member = match domain {
            Domain::Enum(of) | Domain::Set(of) => {
                interview.schema.enumeration(*of).members.iter().any(|member| member.name.eq_ignore_ascii_case(&text))
            }
            _ => false,
        };
        match text.to_lowercase().as_str() {
            _ if member => {}
            "" | "?" | "help" | "aide" | "/help" => {
                talk.say(&told::members(interview, input, "", talk.hand));
                continue;
            }
            "unknown" | "inconnu" | "/unknown" => return Ok(Some(Turn::Said(Said::Skipped))),
            "back" | "retour" | "/back" => return Ok(Some(Turn::Back)),
            "quit" | "exit" | "quitter" | "/quit" => return Ok(None),
            _ => {
                if let Some(word) = text.strip_prefix('?') {
                    talk.say(&told::members(interview, input, word.trim(), talk.hand));
                    continue;
                }
            }
        }
        let plain = match (domain, text.to_lowercase().as_str()) {
            (Domain::Bool, "y" | "o" | "oui" | "yes") => "yes",
            (Domain::Bool, "n" | "non" | "no") => "no",
            _ => text.as_str(),
        };
        match interview.read(input, plain) {
            Ok(value) => return Ok(Some(Turn::Said(Said::Known(value)))),
            Err(misfit) => {
                refused(interview, input, &text, &misfit, talk);
                if !talk.person {
                    let name = &interview.schema.input(InputId(input)).name;
                    let title = format!("standard input:{}: `{}` is no answer for `{name}`", talk.line, brief(&text));
                    let message = placeless(Code::BadData, title).note(brief(&misfit.what));
                    let help = "answers from a file stand for one question each; correct the line, or answer at a terminal";
                    return Err(Ended::Answer(stop(message.help(help))));
                }
            }
        }
    }
}

/// Says why an answer is none, and what may be meant.
fn refused(interview: &Interview<'_>, input: u32, text: &str, misfit: &crate::driver::Misfit, talk: &Talk) {
    let schema: &Program = &interview.schema;
    let declared = schema.input(InputId(input));
    if let Domain::Enum(of) | Domain::Set(of) = &declared.domain {
        let enumeration = schema.enumeration(*of);
        let inner = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or(text);
        let several = matches!(declared.domain, Domain::Set(_));
        let items = inner.split(',').map(str::trim).filter(|_| several).chain((!several).then_some(text));
        let strange = items
            .filter(|item| enumeration.member(item).is_none())
            .find(|item| enumeration.headings.iter().all(|heading| heading.name != **item));
        if let Some(strange) = strange {
            let said = brief(strange);
            talk.line(&say!("`{said}` is no value of `{name}`", said, name = declared.name));
            let near = told::near(enumeration, strange);
            if !near.is_empty() {
                talk.line(&say!("did you mean {near}?", near = list!(", ", " or ", near)));
            }
            talk.line(&told::choices(interview, input));
            return;
        }
    }
    talk.line(&Sentence::from(brief(&misfit.what)));
    if let Some(help) = &misfit.help {
        talk.line(&Sentence::from(brief(help)));
    }
    talk.line(&told::choices(interview, input));
}
