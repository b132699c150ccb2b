//! `ask`: a person is asked what a table still has to know, the most telling first, and told what follows and by which provisions.
//!
//! In: a table; answers, line by line. Out: the conversation on standard output, or one document there and the conversation on standard error. Status 0:
//! every decision is settled; 3: one stays open, because something is not known or the answers end.

mod document;
mod interview;
mod told;

use std::io::{BufRead as _, IsTerminal as _, Read as _};

use lexport_runtime::TableError;

use crate::diagnostic::Code;
use crate::diagram::OwnedTable;
use crate::driver::{nearest, read_arguments};
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
    let talk = Talk { hand: Hand::of_terminal(), aside: arguments.format == PlainFormat::Json };
    let standings = converse(&mut interview, &talk).map_err(|error| unusable(&table, error))?;
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
        let unknown =
            |one: &String| one.split_once('=').is_some_and(|(of, is)| of.trim() == name && matches!(is, "" | "unknown"));
        let said = match read.case.get(input) {
            Some(value) => {
                if let Some(misfit) = interview.unfit(input.0, value) {
                    let title = format!("`--set {name}`: {}", misfit.what);
                    return Err(stop(misfit.told(placeless(Code::BadArgument, title), &format!("`{name}`"))));
                }
                Said::Known(value.clone())
            }
            None if values.iter().any(unknown) => Said::Skipped,
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
}

impl Talk {
    fn say(&self, text: &str) {
        if self.aside { output::say(text) } else { output::print(text) }
    }

    fn line(&self, said: &Sentence) {
        self.say(&self.hand.line("   ", said));
    }

    /// The next line of standard input, without what is around it; nothing at its end.
    fn hear(&self) -> Option<String> {
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
        let text = String::from_utf8_lossy(&bytes).trim().to_owned();
        if !stdin.is_terminal() {
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
fn converse(interview: &mut Interview<'_>, talk: &Talk) -> Result<Vec<(u32, Standing)>, TableError> {
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
        let Some(question) = next else { break };
        talk.say(&told::question(interview, &question, interview.asked.len() + 1, talk.hand));
        let Some(said) = answer(interview, question.input, talk) else {
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

/// What a person does with a question.
enum Turn {
    Said(Said),
    Back,
}

/// Hears an answer; asks again until it is one.
fn answer(interview: &Interview<'_>, input: u32, talk: &Talk) -> Option<Turn> {
    loop {
        talk.say("> ");
        let text = talk.hear()?;
        let domain = &interview.schema.input(InputId(input)).domain;
        // A member that is called like a command is meant; commands have a form that no member has.
        let members = if let Domain::Enum(of) = domain { interview.schema.enumeration(*of).member(&text) } else { None };
        match text.as_str() {
            _ if members.is_some() => {}
            "" | "?" => {
                talk.say(&told::members(interview, input, "", talk.hand));
                continue;
            }
            "unknown" | "inconnu" | "/unknown" => return Some(Turn::Said(Said::Skipped)),
            "back" | "retour" | "/back" => return Some(Turn::Back),
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
            Ok(value) => return Some(Turn::Said(Said::Known(value))),
            Err(misfit) => refused(interview, input, &text, &misfit, talk),
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
