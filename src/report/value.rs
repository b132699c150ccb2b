//! Values, cases and outcomes in words and as JSON. Numbers are written exactly.

use serde_json::{Map, Number, Value as Json, json};

use crate::ir::{Case, DecisionId, Domain, InputId, Outcome, Program, RuleId, Titled, Value};
use crate::words::{Language, Sentence, list, number_text, say};

/// A value as case files write it.
pub fn json(program: &Program, domain: &Domain, value: &Value) -> Json {
    match (domain, value) {
        (_, Value::Bool(value)) => Json::Bool(*value),
        (Domain::Set(id), Value::Set(set)) => {
            let members = &program.enumeration(*id).members;
            set.iter().map(|member| Json::String(members[member as usize].name.clone())).collect()
        }
        (Domain::Number(number), Value::Int(k)) => {
            let text = number.text(*k);
            text.parse::<Number>().map_or(Json::String(text), Json::Number)
        }
        _ => Json::String(program.value_text(domain, value)),
    }
}

/// The known attributes of a case, in the order of the program.
pub fn case(program: &Program, case: &Case) -> Json {
    let known = program.input_ids().filter_map(|id| {
        let input = program.input(id);
        Some((input.name.clone(), json(program, &input.domain, case.get(id)?)))
    });
    Json::Object(known.collect())
}

/// An outcome: a value, `null` for a gap, `{"conflict": [...]}`.
pub fn outcome(program: &Program, decision: DecisionId, outcome: &Outcome) -> Json {
    let domain = &program.decision(decision).domain;
    match outcome {
        Outcome::Value(value) => json(program, domain, value),
        Outcome::Gap => Json::Null,
        Outcome::Conflict(values) => {
            let values: Vec<Json> = values.iter().map(|value| json(program, domain, value)).collect();
            json!({ "conflict": values })
        }
    }
}

/// A rule as reports name it.
pub fn rule(program: &Program, id: RuleId) -> Json {
    let rule = program.rule(id);
    let origin = program.origin(rule.origin);
    let mut out = Map::new();
    out.insert("id".into(), rule.name.clone().into());
    out.insert("cite".into(), rule.cite.clone().into());
    out.insert("file".into(), origin.file.clone().into());
    out.insert("line".into(), origin.line.into());
    Json::Object(out)
}

/// The value of an input in words, with its unit and a member's label.
pub fn input_words(program: &Program, input: InputId, value: &Value, language: Language) -> String {
    words(program, &program.input(input).domain, value, language)
}

/// A value in words, with its unit and a member's label.
pub fn words(program: &Program, domain: &Domain, value: &Value, language: Language) -> String {
    let text = program.value_text(domain, value);
    match (domain, value) {
        (Domain::Enum(id), Value::Member(member)) => {
            let titled = program.title(Titled::Member(*id, *member), language);
            let label = titled.unwrap_or(&program.enumeration(*id).members[*member as usize].label);
            if label.is_empty() || label == text { text } else { format!("{text} ({label})") }
        }
        (Domain::Number(number), _) if number.unit == "%" => {
            say!("{number}%", number = Sentence::number(text)).in_language(language)
        }
        (Domain::Number(number), _) if !number.unit.is_empty() => {
            say!("{number} {unit}", number = grouped(&text, language), unit = number.unit).in_language(language)
        }
        (Domain::Number(_), _) => grouped(&text, language),
        (Domain::Bool, Value::Bool(true)) => say!("yes").in_language(language),
        (Domain::Bool, Value::Bool(false)) => say!("no").in_language(language),
        _ => text,
    }
}

/// A decimal with thousands separated where that helps.
fn grouped(text: &str, language: Language) -> String {
    let whole = text.split('.').next().unwrap_or(text);
    number_text(text, whole.len() > 4, language)
}

/// An outcome in words, to stand after the decision's name: `is license`, `has no value`.
pub fn outcome_words(program: &Program, decision: DecisionId, outcome: &Outcome, language: Language) -> String {
    let domain = &program.decision(decision).domain;
    let said = match outcome {
        Outcome::Value(value) => say!("is {value}", value = decided_words(program, domain, value, language)),
        Outcome::Gap => say!("has no value"),
        Outcome::Conflict(values) if values.is_empty() => say!("is in conflict"),
        Outcome::Conflict(values) => {
            let values = list!(" and ", values.iter().map(|value| decided_words(program, domain, value, language)));
            say!("is in conflict: {values}", values)
        }
    };
    said.in_language(language)
}

/// A decision's value in words: `true` stays `true`.
pub fn decided_words(program: &Program, domain: &Domain, value: &Value, language: Language) -> String {
    match (domain, value) {
        (Domain::Bool, Value::Bool(true)) => say!("true").in_language(language),
        (Domain::Bool, Value::Bool(false)) => say!("false").in_language(language),
        (Domain::Set(_), Value::Set(set)) if set.is_empty() => say!("empty").in_language(language),
        _ => words(program, domain, value, language),
    }
}

/// The name of something, with the title that the source gives it in the language of the reader.
pub fn name_words(program: &Program, of: Titled, name: &str, language: Language) -> String {
    program.title(of, language).map_or_else(|| name.to_owned(), |title| format!("{name} ({title})"))
}

/// The name of an input, for a reader.
pub fn input_name(program: &Program, input: InputId, language: Language) -> String {
    name_words(program, Titled::Input(input), &program.input(input).name, language)
}

/// The name of a decision, for a reader.
pub fn decision_name(program: &Program, decision: DecisionId, language: Language) -> String {
    name_words(program, Titled::Decision(decision), &program.decision(decision).name, language)
}

/// The name of a rule with its citation: `place (742.6(a)(6)(iii))`.
pub fn rule_words(program: &Program, id: RuleId) -> String {
    let rule = program.rule(id);
    if rule.cite.is_empty() { rule.name.clone() } else { format!("{} [{}]", rule.name, rule.cite) }
}

/// The place of a rule: `regime.lxp:12`; empty for nowhere.
pub fn rule_place(program: &Program, id: RuleId) -> String {
    let origin = program.origin(program.rule(id).origin);
    if origin.line == 0 { String::new() } else { format!("{}:{}", origin.file, origin.line) }
}
