//! Whether a table is one: what the writers of module and wrapper may then rely on.
//!
//! `lexport_runtime::Table::check` looks at what evaluation needs; here also at what the names, domains and check vectors refer to.

use lexport_runtime::{Answer, Kind, Test};

use crate::diagram::OwnedTable;
use crate::emit::artifact::EmitError;
use crate::ir::{Domain, Value};

/// Fails at the first place that is not sound.
pub(super) fn check(table: &OwnedTable) -> Result<(), EmitError> {
    let wrong = |what: String| Err(EmitError::Malformed(what));
    if let Err(error) = table.as_table().check() {
        return wrong(format!("{error:?}"));
    }
    if table.inputs.len() != table.kinds.len() || table.decisions.len() != table.roots.len() {
        return wrong("inputs or decisions without a domain".into());
    }
    for (input, kind) in table.inputs.iter().zip(&table.kinds) {
        let of_domain = match &input.domain {
            Domain::Bool => Some(Kind::Bool),
            Domain::Enum(id) => table.enums.get(id.index()).map(|it| Kind::Enum(it.size())),
            Domain::Set(id) => table.enums.get(id.index()).map(|it| Kind::Set(it.size())),
            Domain::Number(number) => Some(Kind::Int(number.lo, number.hi)),
            Domain::Date { lo, hi } => Some(Kind::Int(*lo, *hi)),
        };
        if of_domain != Some(*kind) {
            return wrong(format!("the domain of input `{}` is not that of its values", input.name));
        }
        if matches!(kind, Kind::Int(lo, hi) if lo > hi) {
            return wrong(format!("input `{}` has no values", input.name));
        }
    }
    let names = table.inputs.iter().map(|it| &it.name).chain(table.decisions.iter().map(|it| &it.name));
    if let Some(name) = names.into_iter().find(|name| name.as_str() == "__proto__") {
        return wrong(format!("`{name}` cannot be the name of a property in JavaScript"));
    }
    for input in 0..table.inputs.len() {
        if table.inputs[..input].iter().any(|other| other.name == table.inputs[input].name) {
            return wrong(format!("two inputs have the name `{}`", table.inputs[input].name));
        }
    }
    for decision in 0..table.decisions.len() {
        let name = &table.decisions[decision].name;
        if table.decisions[..decision].iter().any(|other| other.name == *name) {
            return wrong(format!("two decisions have the name `{name}`"));
        }
    }
    if table.carriers.iter().any(|rule| *rule as usize >= table.rules.len()) {
        return wrong("an outcome names a rule that is not there".into());
    }
    for test in &table.tests {
        if let Test::Member { classes, .. } | Test::Interval { classes, .. } = test
            && *classes >= 1 << 30
        {
            return wrong("a test has more than 2^30 classes".into());
        }
    }
    let reached: Vec<_> = (0..table.decisions.len()).map(|number| super::wrapper::outcomes(table, number)).collect();
    for (decision, reached) in table.decisions.iter().zip(&reached) {
        for outcome in reached {
            let answer = table.outcomes[*outcome as usize].answer;
            if !answers(table, answer, &decision.domain) {
                return wrong(format!("outcome {outcome} is no value of decision `{}`", decision.name));
            }
        }
    }
    for (number, vector) in table.vectors.iter().enumerate() {
        let values = vector.values.len() == table.kinds.len()
            && vector.values.iter().zip(&table.kinds).all(|(value, kind)| match (value, kind) {
                (Value::Bool(_), Kind::Bool) => true,
                (Value::Member(member), Kind::Enum(size)) => member < size,
                (Value::Set(set), Kind::Set(size)) => set.size() == *size,
                (Value::Int(int), Kind::Int(lo, hi)) => lo <= int && int <= hi,
                _ => false,
            });
        let outcomes = vector.outcomes.len() == table.roots.len()
            && reached.iter().zip(&vector.outcomes).all(|(reached, outcome)| reached.contains(outcome));
        if !values || !outcomes {
            return wrong(format!("check vector {number} does not fit"));
        }
    }
    Ok(())
}

/// Whether an answer is one of a decision.
fn answers(table: &OwnedTable, answer: Answer, domain: &Domain) -> bool {
    let size = |of: &crate::ir::EnumId| table.enums.get(of.index()).map_or(0, crate::ir::EnumDef::size);
    match (answer, domain) {
        (Answer::Gap, _) | (Answer::Bool(_), Domain::Bool) | (Answer::Int(_), Domain::Number(_) | Domain::Date { .. }) => true,
        (Answer::Member(member), Domain::Enum(of)) => member < size(of),
        (Answer::Set(span), Domain::Set(of)) => {
            let words = table.as_table().set_words(span);
            let most = u64::from(size(of));
            (0u64..).zip(words).all(|(at, word)| *word == 0 || at * 64 + u64::from(63 - word.leading_zeros()) < most)
        }
        (Answer::Conflict(span), _) => {
            table.as_table().conflict_values(span).iter().all(|one| *one != Answer::Gap && answers(table, *one, domain))
        }
        _ => false,
    }
}
