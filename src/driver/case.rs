//! Case files and `NAME=VALUE` arguments: JSON or words → [`Case`], with everything that is wrong said in one go.
//!
//! Members by name, days as ISO 8601, decimals exactly as written, sets as lists, a record by the name of a constant
//! (`"chip": "H100"`) or as an object of its fields; an attribute that is absent or `null` is unknown. Under the name of a link stands what is before the case:
//! names of nodes, or objects with the facts of one (`"owner": [{"is": "holding", "share": 40}]`).

mod chain;
mod number;

use std::collections::BTreeMap;
use std::ops::Range;

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{Case, Chained, Domain, InputId, MemberSet, Program, Value, date_day, date_text};
use crate::source::{FileId, Files, Span};

use super::json::{Entry, Given, entries};

/// The word for what is not known, as the value of an argument.
const UNKNOWN: &str = "unknown";

/// Constants of records: name, and the value of each field by its dotted suffix.
pub type Constants = [(String, Vec<(String, Value)>)];

/// Reads a case file. `path` is what messages call it.
///
/// # Errors
/// Every message, at its place in the text, which is added to `files`.
pub fn read_case(
    files: &mut Files,
    program: &Program,
    constants: &Constants,
    path: &str,
    text: &str,
) -> Result<Chained, Vec<Diagnostic>> {
    let Ok(file) = files.add(path, text) else {
        return Err(vec![Diagnostic::new(Code::TooLarge, format!("`{path}` is too large for a case file"), Span::NOWHERE, "")]);
    };
    match entries(text) {
        Ok(entries) => chain::read(program, constants, file, &entries),
        Err(error) => Err(vec![
            Diagnostic::new(Code::BadCase, "this is not a case file", span(file, &error.at), error.message)
                .note("A case file is one JSON object: attributes and their values. What is absent or null is unknown."),
        ]),
    }
}

/// Reads `NAME=VALUE` arguments.
///
/// # Errors
/// As [`read_case`]; places are in a text named `command line`.
pub fn read_arguments(
    files: &mut Files,
    program: &Program,
    constants: &Constants,
    arguments: &[String],
) -> Result<Chained, Vec<Diagnostic>> {
    let text = arguments.join("\n");
    let Ok(file) = files.add("command line", &text) else {
        return Err(vec![Diagnostic::new(Code::TooLarge, "too many arguments", Span::NOWHERE, "")]);
    };
    let (mut all, mut wrong, mut at) = (Vec::new(), Vec::new(), 0);
    for argument in arguments {
        match argument.split_once('=') {
            Some((name, value)) => {
                let value_at = at + name.len() + 1 + (value.len() - value.trim_start().len());
                let value = value.trim();
                let nothing = value.is_empty();
                if nothing {
                    let (name, here) = (name.trim(), span(file, &(at..at + argument.len())));
                    wrong.push(
                        Diagnostic::new(Code::BadCase, format!("nothing stands behind `{name}=`"), here, "here")
                            .help(format!("write its value, or `{name}=unknown` where it is not known")),
                    );
                }
                all.push(Entry {
                    name: name.trim().to_owned(),
                    name_at: at..at + name.len(),
                    value: if nothing || value == UNKNOWN { Given::Null } else { Given::Text(value.to_owned()) },
                    value_at: value_at..value_at + value.len(),
                });
            }
            None => wrong.push(
                Diagnostic::new(
                    Code::BadCase,
                    format!("`{argument}` is not NAME=VALUE"),
                    span(file, &(at..at + argument.len())),
                    "here",
                )
                .help("write an attribute, `=` and its value, like destination=MY or chip.tpp=15832"),
            ),
        }
        at += argument.len() + 1;
    }
    match chain::read(program, constants, file, &all) {
        Ok(case) if wrong.is_empty() => Ok(case),
        Ok(_) => Err(wrong),
        Err(more) => {
            wrong.extend(more);
            wrong.sort_by_key(Diagnostic::span);
            Err(wrong)
        }
    }
}

/// Whether `NAME=unknown` stands among arguments, for an attribute or for the record that it is a field of.
pub fn said_unknown(arguments: &[String], name: &str) -> bool {
    let of_it = |of: &str| name.strip_prefix(of).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    arguments.iter().filter_map(|one| one.split_once('=')).any(|(of, is)| is.trim() == UNKNOWN && of_it(of.trim()))
}

fn span(file: FileId, at: &Range<usize>) -> Span {
    Span::new(file, at.start as u32, at.end as u32)
}

/// The facts of a case or of a node.
fn fill(program: &Program, constants: &Constants, file: FileId, all: &[&Entry]) -> Result<Case, Vec<Diagnostic>> {
    let mut case = Case::unknown(program.inputs.len());
    let mut wrong = Vec::new();
    let mut seen: BTreeMap<&str, &Entry> = BTreeMap::new();
    // Records first: a field that is named on its own has the last word, wherever it stands.
    let (records, fields): (Vec<&Entry>, Vec<&Entry>) = all.iter().partition(|entry| program.find_input(&entry.name).is_none());
    for entry in records.into_iter().chain(fields) {
        if let Some(first) = seen.insert(&entry.name, entry) {
            wrong.push(
                Diagnostic::new(
                    Code::BadCase,
                    format!("`{}` is given twice", entry.name),
                    span(file, &entry.name_at),
                    "again here",
                )
                .also(span(file, &first.name_at), "first here"),
            );
            continue;
        }
        let Some(input) = program.find_input(&entry.name) else {
            match record(program, constants, file, entry) {
                Ok(values) => values.into_iter().for_each(|(input, value)| case.set(input, value)),
                Err(message) => wrong.push(message),
            }
            continue;
        };
        match value(program, input, &entry.value) {
            Ok(Some(value)) => case.set(input, value),
            Ok(None) => case.values[input.index()] = None,
            Err(why) => wrong.push(why.at(&entry.name, span(file, &entry.value_at))),
        }
    }
    if wrong.is_empty() {
        Ok(case)
    } else {
        wrong.sort_by_key(Diagnostic::span);
        Err(wrong)
    }
}

/// `"chip": "H100"`.
fn record(program: &Program, constants: &Constants, file: FileId, entry: &Entry) -> Result<Vec<(InputId, Value)>, Diagnostic> {
    let prefix = format!("{}.", entry.name);
    let fields: Vec<(InputId, &str)> =
        program.input_ids().filter_map(|input| Some((input, program.input(input).name.strip_prefix(&prefix)?))).collect();
    if fields.is_empty() {
        let names = program.inputs.iter().map(|input| input.name.as_str());
        let at = span(file, &entry.name_at);
        let title = format!("`{}` is not an attribute of {}", entry.name, program.regimes[0].name);
        let message = Diagnostic::new(Code::BadCase, title, at, "not an attribute");
        return Err(match nearest(&entry.name, names.clone()) {
            Some(near) => message.help(format!("did you mean `{near}`?")),
            None => message.note(format!("the attributes are {}", list(names, 40))),
        });
    }
    let fitting = |constant: &&(String, Vec<(String, Value)>)| {
        fields.iter().all(|(input, field)| {
            constant.1.iter().any(|(name, value)| name == field && fits(program, &program.input(*input).domain, value))
        })
    };
    let at = span(file, &entry.value_at);
    let names = || constants.iter().filter(fitting).map(|constant| constant.0.as_str());
    match &entry.value {
        Given::Null => Ok(Vec::new()),
        Given::Text(text) => match constants.iter().filter(fitting).find(|constant| constant.0 == *text) {
            Some(constant) => Ok(fields
                .iter()
                .filter_map(|(input, field)| Some((*input, constant.1.iter().find(|(name, _)| name == field)?.1.clone())))
                .collect()),
            None => {
                if let Some((_, given)) = constants.iter().find(|constant| constant.0 == *text) {
                    let lacks = fields.iter().filter(|(_, field)| given.iter().all(|(name, _)| name != field));
                    let title = match list(lacks.map(|(id, _)| program.input(*id).name.as_str()), 20) {
                        all if all.is_empty() => {
                            format!("a value of the constant `{text}` is outside of its field of `{}`", entry.name)
                        }
                        lacks => format!("the constant `{text}` is not all of `{}`: it does not say {lacks}", entry.name),
                    };
                    let message = Diagnostic::new(Code::BadCase, title, at, "does not fit this record");
                    return Err(message.help("give the fields one by one"));
                }
                let message = Diagnostic::new(
                    Code::BadCase,
                    format!("no constant is called `{text}`"),
                    at,
                    "not a constant for this record",
                );
                Err(match nearest(text, names()) {
                    Some(near) => message.help(format!("did you mean `{near}`?")),
                    None if names().next().is_some() => message.note(format!("the constants are {}", list(names(), 40))),
                    None => message.note(format!(
                        "give its fields: {}",
                        list(fields.iter().map(|(id, _)| program.input(*id).name.as_str()), 20)
                    )),
                })
            }
        },
        _ => Err(Diagnostic::new(Code::BadCase, format!("`{}` is a record", entry.name), at, "not a constant").help(format!(
            "name a constant, or give its fields: {}",
            list(fields.iter().map(|(id, _)| program.input(*id).name.as_str()), 20)
        ))),
    }
}

/// Whether a value lies in a domain.
pub fn fits(program: &Program, domain: &Domain, value: &Value) -> bool {
    match (domain, value) {
        (Domain::Bool, Value::Bool(_)) => true,
        (Domain::Enum(id), Value::Member(member)) => *member < program.enumeration(*id).size(),
        (Domain::Set(id), Value::Set(set)) => set.size() == program.enumeration(*id).size(),
        (Domain::Number(_) | Domain::Date { .. }, Value::Int(int)) => {
            domain.bounds().is_some_and(|(lo, hi)| lo <= *int && *int <= hi)
        }
        _ => false,
    }
}

/// Why a value does not fit its input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// What is wrong: `999 is above the greatest value`.
    pub what: String,
    /// What is allowed.
    pub allowed: String,
    /// What was perhaps meant.
    pub meant: Option<String>,
    /// What to do.
    pub help: Option<String>,
}

impl Misfit {
    fn at(self, name: &str, span: Span) -> Diagnostic {
        let title = format!("`{name}`: {}", self.what);
        self.told(Diagnostic::new(Code::BadCase, title, span, "does not fit"), &format!("`{name}`"))
    }

    /// Adds to a message what `name` is, and what to do.
    pub fn told(&self, message: Diagnostic, name: &str) -> Diagnostic {
        let message = message.note(format!("{name} is {}", self.allowed));
        let message = match &self.meant {
            Some(meant) => message.help(format!("did you mean `{meant}`?")),
            None => message,
        };
        match &self.help {
            Some(help) => message.help(help),
            None => message,
        }
    }
}

/// The value of an input, or `None` for unknown.
///
/// # Errors
/// [`Misfit`].
pub fn value(program: &Program, input: InputId, given: &Given) -> Result<Option<Value>, Misfit> {
    in_domain(program, &program.input(input).domain, given)
}

/// The value of a domain, or `None` for unknown.
fn in_domain(program: &Program, domain: &Domain, given: &Given) -> Result<Option<Value>, Misfit> {
    let misfit = |what: String| Misfit { what, allowed: allowed(program, domain), meant: None, help: None };
    let value = match (domain, given) {
        (_, Given::Null) => return Ok(None),
        (Domain::Bool, Given::Bool(value)) => Value::Bool(*value),
        (Domain::Bool, Given::Text(text)) if matches!(text.as_str(), "true" | "false") => Value::Bool(text == "true"),
        // As explanations write it.
        (Domain::Bool, Given::Text(text)) if matches!(text.as_str(), "yes" | "no") => Value::Bool(text == "yes"),
        (Domain::Enum(_), Given::Text(text)) => Value::Member(member(program, domain, text)?),
        (Domain::Set(id), Given::List(items)) => {
            let mut set = MemberSet::empty(program.enumeration(*id).size());
            for (item, _) in items {
                match item {
                    Given::Text(text) => set.insert(member(program, domain, text)?),
                    other => return Err(misfit(format!("{} is not a member", seen(other)))),
                }
            }
            Value::Set(set)
        }
        (Domain::Set(id), Given::Text(text)) => {
            let mut set = MemberSet::empty(program.enumeration(*id).size());
            let inner = text.trim().strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or(text);
            for name in inner.split(',').map(str::trim).filter(|name| !name.is_empty()) {
                set.insert(member(program, domain, name)?);
            }
            Value::Set(set)
        }
        (Domain::Number(number), Given::Number(text) | Given::Text(text)) => {
            match number::read(number, text, matches!(given, Given::Text(_))) {
                Ok(k) => Value::Int(k),
                Err((what, help)) => return Err(Misfit { help, ..misfit(what) }),
            }
        }
        (Domain::Date { lo, hi }, Given::Text(text)) => match date_day(text.trim()) {
            Some(day) if day < *lo || day > *hi => return Err(misfit(format!("{text} is outside its period"))),
            Some(day) => Value::Int(day),
            None if has_time(text.trim()) => {
                let help = "write the day alone; where it is another day than here, a time does not say which is meant";
                let what = format!("`{text}` has a time of day, where a day is asked");
                return Err(Misfit { help: Some(help.to_owned()), ..misfit(what) });
            }
            None => return Err(misfit(format!("`{text}` is not a day, written like 2025-01-13"))),
        },
        (_, other) => return Err(misfit(format!("{} does not fit", seen(other)))),
    };
    Ok(Some(value))
}

/// Whether a text is a day with a time of day behind it.
fn has_time(text: &str) -> bool {
    text.split_once(['T', ' '])
        .is_some_and(|(day, time)| date_day(day).is_some() && time.starts_with(|c: char| c.is_ascii_digit()))
}

fn seen(given: &Given) -> String {
    match given {
        Given::Null => "null".into(),
        Given::Bool(value) => value.to_string(),
        Given::Number(text) => format!("the number {text}"),
        Given::Text(text) => format!("`{text}`"),
        Given::List(_) => "a list".into(),
        Given::Object(_) => "an object".into(),
        Given::Nested => "a nested value".into(),
    }
}

fn member(program: &Program, domain: &Domain, text: &str) -> Result<u32, Misfit> {
    let (Domain::Enum(id) | Domain::Set(id)) = domain else {
        return Err(Misfit {
            what: format!("`{text}` is not a member"),
            allowed: allowed(program, domain),
            meant: None,
            help: None,
        });
    };
    let enumeration = program.enumeration(*id);
    if let Some(member) = enumeration.member(text) {
        return Ok(member);
    }
    let mut misfit = Misfit {
        what: format!("`{text}` is not one of its values"),
        allowed: allowed(program, domain),
        meant: enumeration
            .members
            .iter()
            .find(|member| member.label.eq_ignore_ascii_case(text) || member.name.eq_ignore_ascii_case(text))
            .map(|member| member.name.clone())
            .or_else(|| nearest(text, enumeration.members.iter().map(|member| member.name.as_str())).map(str::to_owned)),
        help: None,
    };
    let capitals = |text: &str, count| text.len() == count && text.bytes().all(|byte| byte.is_ascii_uppercase());
    if capitals(text, 3) && enumeration.members.iter().all(|member| capitals(&member.name, 2)) {
        misfit.help = Some("countries are written with two letters (ISO 3166-1 alpha-2)".to_owned());
    }
    if let Some(heading) = enumeration.headings.iter().find(|heading| heading.name == text) {
        let below: Vec<&str> = heading.members.iter().map(|member| enumeration.members[member as usize].name.as_str()).collect();
        misfit.what = format!("`{text}` is a heading, not a value");
        misfit.allowed = format!("one of {}", list(below.into_iter(), 12));
        misfit.meant = None;
    }
    Err(misfit)
}

/// What a domain allows, in words.
pub fn allowed(program: &Program, domain: &Domain) -> String {
    let members = |id| list(program.enumeration(id).members.iter().map(|member| member.name.as_str()), 12);
    match domain {
        Domain::Bool => "true or false".into(),
        Domain::Enum(id) => format!("one of {}", members(*id)),
        Domain::Set(id) => format!("a list of {}", members(*id)),
        Domain::Number(number) => {
            let unit = if number.unit.is_empty() { String::new() } else { format!(" {}", number.unit) };
            let step = number.step;
            let steps = if step.mantissa == 1 && step.scale == 0 {
                "a whole number".to_owned()
            } else {
                let one = crate::ir::NumberDomain { lo: 1, hi: 1, ..number.clone() };
                format!("a multiple of {}", one.text(1))
            };
            format!("{steps} from {} to {}{unit}", number.text(number.lo), number.text(number.hi))
        }
        Domain::Date { lo, hi } => format!("a day from {} to {}", date_text(*lo), date_text(*hi)),
    }
}

/// `A, B, C and 5 more`.
fn list<'a>(names: impl Iterator<Item = &'a str> + Clone, most: usize) -> String {
    let count = names.clone().count();
    let mut out = names.take(most).collect::<Vec<_>>().join(", ");
    if count > most {
        out.push_str(&format!(" and {} more", count - most));
    }
    out
}

/// The name that was perhaps meant. Of a short one only its case can be wrong: CHN is as near to CH as to CN.
pub fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let count = name.chars().count();
    let most = if count <= 3 { 0 } else { (count / 3).clamp(1, 3) };
    let lower = name.to_lowercase();
    names
        .map(|known| (strsim::osa_distance(&lower, &known.to_lowercase()), known))
        .filter(|(distance, known)| *distance <= most && *distance < known.chars().count())
        .min()
        .map(|(_, known)| known)
}

/// Whether a short name stands for an input: `dat` and `day` for `date`, `dest` for `destination`. Only names of three and four letters are looked
/// at so; `id` and `hq` are near to too much.
pub fn short_for(name: &str, input: &str) -> bool {
    let (name, input) = (name.to_lowercase(), input.to_lowercase());
    let count = name.chars().count();
    if !(3..=4).contains(&count) {
        return false;
    }
    let goes_on = |rest: &str| rest.starts_with(char::is_alphabetic);
    let begin = |text: &str| text.chars().take(2).collect::<String>();
    let distance = strsim::osa_distance(&name, &input);
    input.strip_prefix(&name).is_some_and(goes_on) || count == 3 && distance <= 2 && begin(&name) == begin(&input)
}

#[cfg(test)]
mod tests;
