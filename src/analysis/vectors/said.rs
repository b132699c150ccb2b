//! Obligations in words.

use crate::eval::term_text;
use crate::ir::{Domain, InputId, Program, RuleId, Value, date_text};
use crate::words::{Sentence, list, say};

use super::obligation::What;

/// What kind of obligation it is: the names are part of the output format.
pub fn kind(program: &Program, what: &What) -> &'static str {
    match what {
        What::Carries(..) | What::Matters(_) => "rule",
        What::Alternative(..) | What::Unlisted(_) => "alternative",
        What::Overridden(..) => "override",
        What::Edge { input, .. } if Some(*input) == program.date => "date",
        What::Edge { .. } | What::Sum { .. } => "threshold",
        What::Default(_) => "default",
        What::Gap(_) => "gap",
        What::Conflict(_) => "conflict",
        What::Reading(..) => "reading",
        What::Day(_) => "date",
    }
}

/// What has to be covered, in a phrase.
pub fn obligation_text(program: &Program, what: &What) -> Sentence {
    let name = |rule: &RuleId| say!("`{name}`", name = program.rule(*rule).name);
    let decision = |id: &crate::ir::DecisionId| say!("`{name}`", name = program.decision(*id).name);
    match what {
        What::Carries(rule, id) => say!("{rule} carries {decision}", rule = name(rule), decision = decision(id)),
        What::Matters(rule) => say!("{rule} makes a difference", rule = name(rule)),
        What::Alternative(rule, at) => {
            let side = &program.rule(*rule).alternatives[*at];
            let words = Sentence::source(&program.origin(side.origin).words);
            say!("{rule} applies by way of {words}", rule = name(rule), words)
        }
        What::Unlisted(rule) => say!("further alternatives of {rule}", rule = name(rule)),
        What::Overridden(rule, by) => say!("{by} overrides {rule}", by = name(by), rule = name(rule)),
        What::Edge { rule, input, edge, below } => {
            let at = value(program, *input, edge - i64::from(*below));
            let rule = name(rule);
            if Some(*input) == program.date {
                return match below {
                    true => say!("{day}, the last day before a change in {rule}", day = at, rule),
                    false => say!("{day}, the first day of a change in {rule}", day = at, rule),
                };
            }
            let input = say!("`{name}`", name = program.input(*input).name);
            match below {
                true => say!("{input} at {value}, just before a threshold of {rule}", input, value = at, rule),
                false => say!("{input} at {value}, where a threshold of {rule} begins", input, value = at, rule),
            }
        }
        What::Sum { rule, sum, below } => {
            let words = term_text(program, *sum, 2);
            if *below {
                say!("{words} just fails for {rule}", words, rule = name(rule))
            } else {
                say!("{words} just holds for {rule}", words, rule = name(rule))
            }
        }
        What::Default(id) => say!("no rule speaks to {decision}: the default stands", decision = decision(id)),
        What::Gap(id) => say!("no rule speaks to {decision}: it has no value", decision = decision(id)),
        What::Conflict(id) => say!("rules disagree about {decision}", decision = decision(id)),
        What::Reading(input, member) => {
            let reading = value(program, *input, i64::from(*member));
            say!("the reading {reading}", reading)
        }
        What::Day(day) => {
            let named = program.date_edges.iter().filter(|edge| edge.day == *day).take(2);
            let what = list!("; ", named.map(|edge| edge.what.clone()));
            say!("{day} ({what})", day = date_text(*day), what)
        }
    }
}

/// A value of an input: of an enumeration the number of the member.
fn value(program: &Program, input: InputId, k: i64) -> Sentence {
    let domain = &program.input(input).domain;
    match domain {
        Domain::Enum(_) => program.value_text(domain, &Value::Member(k as u32)).into(),
        Domain::Date { .. } => date_text(k).into(),
        Domain::Number(number) if !number.unit.is_empty() => {
            say!("{number} {unit}", number = Sentence::number(number.text(k)), unit = number.unit)
        }
        _ => Sentence::number(program.value_text(domain, &Value::Int(k))),
    }
}
