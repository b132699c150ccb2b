//! What an interview says to a person: a question with its reason and its choices, and what decisions come to.
//!
//! Names and titles come from a file that somebody made: what a terminal would obey is made visible.

use crate::cli::output;
use crate::ir::{DecisionId, Domain, EnumDef, InputId, NumberDomain, Outcome, date_text};
use crate::report::text::{visible, wrap};
use crate::report::value::{decided_words, outcome_words};
use crate::words::{Language, Sentence, list, say};

use super::interview::{Interview, Question, Standing};

/// As many members are shown unasked.
const FEW: usize = 12;
/// As many rules, or answers, are shown of each list.
const SOME: usize = 6;

/// How lines are written.
#[derive(Clone, Copy, Debug)]
pub struct Hand {
    /// In which language.
    pub language: Language,
    /// How long they may be.
    pub width: usize,
}

impl Hand {
    /// That of the terminal.
    pub fn of_terminal() -> Hand {
        let style = output::style_out();
        Hand { language: style.language, width: style.width }
    }

    /// A sentence on lines of its own.
    pub fn line(self, indent: &str, said: &Sentence) -> String {
        let text = said.in_language(self.language);
        wrap(&visible(&text), self.width, indent, indent) + "\n"
    }

    /// One item of a list.
    fn item(self, text: &str) -> String {
        wrap(&visible(text), self.width, "     ", "       ") + "\n"
    }
}

/// The first words.
pub fn opening(interview: &Interview<'_>, hand: Hand) -> String {
    let table = interview.table;
    let name = if table.title.is_empty() { table.regime.clone() } else { format!("{}: {}", table.regime, table.title) };
    let how =
        say!("Answer with a value. `?` lists the values, `unknown` passes on, `back` takes the last answer back, `quit` ends.");
    hand.line("", &Sentence::from(name)) + &hand.line("", &how)
}

/// A question, why it is asked, and what may be said.
pub fn question(interview: &Interview<'_>, question: &Question, number: usize, hand: Hand) -> String {
    let input = interview.schema.input(InputId(question.input));
    let decision = interview.schema.decision(DecisionId(question.decision));
    let title = if input.title.is_empty() { String::new() } else { format!(": {}", input.title) };
    let mut out = format!("\n{}", hand.line("", &Sentence::from(format!("{number}. {}{title}", input.name))));
    out += &hand.line("   ", &choices(interview, question.input));
    let answers = some(question.possible.iter().map(|outcome| answer(interview, question.decision, *outcome, hand)));
    let (name, count) = (&decision.name, question.possible.len());
    out += &hand.line(
        "   ",
        &match question.exact {
            true => {
                say!("asked because `{name}` hangs on it: {count} answers are still possible ({answers})", name, count, answers)
            }
            false => say!(
                "asked because `{name}` hangs on it: at most {count} answers are still possible ({answers})",
                name,
                count,
                answers
            ),
        },
    );
    match question.rules.as_deref() {
        None | Some([]) => {
            let count = question.together.len();
            out += &hand.line("   ", &say!("with other answers it decides about {count} {count:provision|provisions}:", count));
            out + &rules(interview, &question.together, SOME, hand)
        }
        Some(ruled) => {
            let count = ruled.len();
            out += &hand.line("   ", &say!("an answer can rule out {count} {count:provision|provisions}:", count));
            out + &rules(interview, ruled, SOME, hand)
        }
    }
}

/// What may be said of an input.
pub fn choices(interview: &Interview<'_>, input: u32) -> Sentence {
    match &interview.schema.input(InputId(input)).domain {
        Domain::Bool => say!("yes or no"),
        Domain::Enum(of) => {
            let members = interview.schema.enumeration(*of).members.iter().map(|member| member.name.as_str());
            match members.len() {
                count if count > FEW => say!(
                    "one of {count}: {few} and {more} more; `?` lists them, `? WORD` looks for one",
                    count,
                    few = list!(", ", members.take(FEW / 2)),
                    more = count - FEW / 2
                ),
                _ => say!("one of {all}", all = list!(", ", " or ", members)),
            }
        }
        Domain::Set(of) => {
            let members = interview.schema.enumeration(*of).members.iter().map(|member| member.name.as_str());
            let (count, none) = (members.len(), "{}");
            let few = list!(", ", members.take(FEW));
            match count {
                count if count > FEW => say!(
                    "any of {count}, with commas between them: {few} and {more} more; {none} if none",
                    count,
                    few,
                    more = count - FEW,
                    none
                ),
                _ => say!("any of {few}, with commas between them; {none} if none", few, none),
            }
        }
        Domain::Number(number) => {
            // As one would type it: without signs between thousands, in any language.
            let (lo, hi) = (number.text(number.lo), number.text(number.hi));
            let unit = if number.unit.is_empty() { String::new() } else { format!(" {}", number.unit) };
            if number.step.mantissa == 1 && number.step.scale == 0 {
                say!("a whole number from {lo} to {hi}{unit}", lo, hi, unit)
            } else {
                let step = NumberDomain { lo: 1, hi: 1, ..number.clone() }.text(1);
                say!("a number from {lo} to {hi}{unit}, in steps of {step}", lo, hi, unit, step)
            }
        }
        Domain::Date { lo, hi } => say!("a day from {first} to {last}", first = date_text(*lo), last = date_text(*hi)),
    }
}

/// All that may be said of an input, or what of it has a word in its name.
pub fn members(interview: &Interview<'_>, input: u32, word: &str, hand: Hand) -> String {
    let (Domain::Enum(of) | Domain::Set(of)) = &interview.schema.input(InputId(input)).domain else {
        return hand.line("   ", &choices(interview, input));
    };
    let enumeration = interview.schema.enumeration(*of);
    let word = word.to_lowercase();
    let has = |text: &str| text.to_lowercase().contains(&word);
    let found = enumeration.members.iter().filter(|member| has(&member.name) || has(&member.label));
    let found: Vec<String> = found.map(|member| labelled(&member.name, &member.label)).collect();
    if found.is_empty() {
        return hand.line("   ", &say!("none of {count} has `{word}` in its name", count = enumeration.members.len(), word));
    }
    hand.line("   ", &list!(", ", found))
}

fn labelled(name: &str, label: &str) -> String {
    if label.is_empty() || label == name { name.to_owned() } else { format!("{name} ({label})") }
}

/// Members that a text which is none may stand for, the likeliest first.
pub fn near(enumeration: &EnumDef, text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let mut found: Vec<String> = Vec::new();
    let mut add = |name: &str| {
        let known = enumeration.members.iter().find(|member| member.name == name);
        if let Some(member) = known.map(|member| labelled(&member.name, &member.label))
            && !found.contains(&member)
        {
            found.push(member);
        }
    };
    let members = || enumeration.members.iter();
    members()
        .filter(|member| member.name.to_lowercase() == lower || member.label.to_lowercase() == lower)
        .for_each(|one| add(&one.name));
    if let Some(near) = crate::driver::nearest(text, members().map(|member| member.name.as_str())) {
        add(near);
    }
    if let Some(near) = crate::driver::nearest(text, members().map(|member| member.label.as_str()))
        && let Some(member) = members().find(|member| member.label == near)
    {
        add(&member.name);
    }
    if lower.chars().count() > 3 {
        members().filter(|member| member.label.to_lowercase().contains(&lower)).for_each(|one| add(&one.name));
    }
    found.truncate(SOME);
    found
}

/// What a decision comes to, and by which rules.
pub fn standing(interview: &Interview<'_>, decision: u32, standing: &Standing, hand: Hand) -> String {
    let id = DecisionId(decision);
    let declared = interview.schema.decision(id);
    let mut out = String::from("\n");
    let [settled] = standing.possible.as_slice() else {
        let name = &declared.name;
        let answers = some(standing.possible.iter().map(|outcome| answer(interview, decision, *outcome, hand)));
        out += &hand.line(
            "",
            &match standing.exact {
                true => say!("{name} is open: {answers}", name, answers),
                false => say!("{name} is open, at most: {answers}", name, answers),
            },
        );
        let names = standing.hangs_on.iter().map(|input| interview.schema.input(InputId(*input)).name.as_str());
        return out + &hand.line("   ", &say!("it hangs on {inputs}", inputs = list!(", ", " and ", names)));
    };
    let outcome = outcome(interview, decision, *settled);
    let said = outcome_words(&interview.schema, id, &outcome, hand.language);
    out += &hand.line("", &Sentence::from(format!("{} {said}", declared.name)));
    out += &rules(interview, &standing.carried, usize::MAX, hand);
    let why = match (&outcome, standing.carried.is_empty(), standing.perhaps.is_empty()) {
        (_, _, false) => {
            say!("It comes to this whatever the unknown attributes are, though not always by the same rule.")
        }
        (Outcome::Gap, true, true) => say!("No rule speaks to this case, and nothing is declared for that."),
        (_, true, true) => say!("No rule speaks to this case; this is the declared default."),
        (_, false, true) => return out,
    };
    out += &hand.line("   ", &why);
    out + &rules(interview, &standing.perhaps, SOME, hand)
}

/// An outcome of a decision.
pub fn outcome(interview: &Interview<'_>, decision: u32, outcome: u32) -> Outcome {
    let domain = &interview.schema.decision(DecisionId(decision)).domain;
    let row = interview.table.outcomes.get(outcome as usize);
    row.map_or(Outcome::Gap, |row| interview.table.outcome(row.answer, domain))
}

/// An answer, to stand in a list.
fn answer(interview: &Interview<'_>, decision: u32, of: u32, hand: Hand) -> Sentence {
    let domain = &interview.schema.decision(DecisionId(decision)).domain;
    let words = |value| decided_words(&interview.schema, domain, value, hand.language);
    match outcome(interview, decision, of) {
        Outcome::Value(value) => words(&value).into(),
        Outcome::Gap => say!("no value"),
        Outcome::Conflict(values) => say!("a conflict of {values}", values = list!(" and ", values.iter().map(words))),
    }
}

/// The first of some, and how many more there are.
fn some(all: impl ExactSizeIterator<Item = Sentence>) -> Sentence {
    let count = all.len();
    let first = list!(", ", all.take(SOME));
    match count.checked_sub(SOME).filter(|more| *more > 0) {
        Some(more) => say!("{first} and {more} more", first, more),
        None => first,
    }
}

fn rules(interview: &Interview<'_>, rules: &[u32], most: usize, hand: Hand) -> String {
    let mut out = String::new();
    for rule in rules.iter().take(most).filter_map(|rule| interview.table.rules.get(*rule as usize)) {
        let cite = if rule.cite.is_empty() { String::new() } else { format!(" [{}]", rule.cite) };
        let title = if rule.title.is_empty() { String::new() } else { format!(" {}", rule.title) };
        out += &hand.item(&format!("{}{cite}{title}", rule.name));
    }
    match rules.len().checked_sub(most).filter(|more| *more > 0) {
        Some(more) => out + &hand.line("     ", &say!("and {more} more", more)),
        None => out,
    }
}
