//! Columns: which of them are inputs, and which were meant to be.

use rustc_hash::FxHashMap;

use crate::cli::output::placeless;
use crate::diagnostic::{Code, Diagnostic};
use crate::driver::{nearest, short_for};

use super::Answerer;
use crate::cli::decide::read::Batch;

/// How many inputs a name that is none may stand for.
const NEAR: usize = 16;

impl Answerer<'_> {
    /// What there is to say about the columns of the data.
    ///
    /// # Errors
    /// If no column is an input, one is misspelt, or one is called as the output calls its own.
    pub fn look_at(&self, batch: &Batch, name: &str) -> Result<Vec<Diagnostic>, Vec<Diagnostic>> {
        let columns = batch.schema();
        let names: Vec<&str> = columns.fields().iter().map(|field| field.name().as_str()).collect();
        let ours = self.added();
        if let Some(taken) = names.iter().find(|name| ours.iter().any(|added| added == *name)) {
            let title = format!("{name}: the column `{taken}` has the name of one that the answer adds");
            return Err(vec![placeless(Code::BadData, title).help(format!("rename it, for example to `expected_{taken}`"))]);
        }
        if batch.objects.is_none() {
            let near = names.iter().filter_map(|column| Some((*column, self.meant(column, |input| !names.contains(&input))?)));
            let wrong: Vec<Diagnostic> =
                near.map(|(column, near)| misspelt(format!("{name}: the column `{column}`"), column, near)).collect();
            if !wrong.is_empty() {
                return Err(wrong);
            }
        }
        let inputs = || self.schema.inputs.iter().map(|input| input.name.as_str());
        if !names.iter().any(|name| inputs().any(|input| input == *name)) {
            let all = inputs().collect::<Vec<_>>().join(", ");
            return Err(vec![
                placeless(Code::BadData, format!("{name}: no column is an input of the table"))
                    .note(format!("its inputs are {all}")),
            ]);
        }
        let missing: Vec<&str> = inputs()
            .zip(&self.fixed)
            .filter(|(input, fixed)| fixed.is_none() && !names.contains(input))
            .map(|(input, _)| input)
            .collect();
        if missing.is_empty() {
            return Ok(Vec::new());
        }
        let missing = missing.join(", ");
        let title = match (&batch.objects, batch.more) {
            (None, _) => format!("{name}: no column for {missing}: unknown in every row"),
            (Some(_), false) => format!("{name}: no row has {missing}: unknown in every row"),
            // Rows that were not read yet may have it.
            (Some(_), true) => format!("{name}: none of the first {} rows has {missing}: unknown there", batch.lines.len()),
        };
        let mut note = placeless(Code::BadData, title);
        note.severity = crate::diagnostic::Severity::Note;
        Ok(vec![note])
    }

    /// Keys of single rows that are no input but look like one that the row lacks. Each is said once.
    pub fn misspelt(&self, batch: &Batch, name: &str) -> Vec<Diagnostic> {
        let mut wrong = Vec::new();
        // By key: the inputs that it may stand for, and whether it was said.
        let mut strange: FxHashMap<&str, (Vec<&str>, bool)> = FxHashMap::default();
        for (object, line) in batch.objects.iter().flatten().zip(&batch.lines) {
            for (key, value) in object {
                // A record of which nothing is known.
                if value.is_null() && self.schema.inputs.iter().any(|input| is_below(key, &input.name)) {
                    continue;
                }
                let key = key.as_str();
                let (near, said) = strange.entry(key).or_insert_with(|| {
                    let parts = if value.is_object() { self.parts(key) } else { Vec::new() };
                    (self.near(key).into_iter().chain(parts).collect(), false)
                });
                if let Some(near) = near.iter().find(|near| !object.contains_key(**near))
                    && !std::mem::replace(said, true)
                {
                    wrong.push(misspelt(format!("{name}:{line}: `{key}`"), key, near));
                }
            }
        }
        wrong
    }

    /// The inputs that a name which is none may stand for, the nearest first.
    fn near(&self, name: &str) -> Vec<&str> {
        if self.schema.inputs.iter().any(|input| input.name == name) {
            return Vec::new();
        }
        // What the table is built for need not be said.
        let open = self.schema.inputs.iter().zip(&self.fixed).filter(|(_, fixed)| fixed.is_none());
        let mut left: Vec<&str> = open.map(|(input, _)| input.name.as_str()).collect();
        // The name of a record whose parts are inputs, and what is shortened.
        let mut near: Vec<&str> = left
            .iter()
            .copied()
            .filter(|input| is_below(name, input) || short_for(name, input) || goes_on(name, input))
            .collect();
        left.retain(|input| !near.contains(input));
        while near.len() < NEAR
            && let Some(next) = nearest(name, left.iter().copied())
        {
            left.retain(|other| *other != next);
            near.push(next);
        }
        near
    }

    /// The parts of the record whose name is near to this one.
    fn parts(&self, name: &str) -> Vec<&str> {
        let inputs = || self.schema.inputs.iter().map(|input| input.name.as_str());
        let records = inputs().filter_map(|input| Some(input.split_once('.')?.0)).filter(|record| *record != name);
        let near = nearest(name, records);
        inputs().filter(|input| near.is_some_and(|record| is_below(record, input))).collect()
    }

    fn meant(&self, name: &str, lacks: impl Fn(&str) -> bool) -> Option<&str> {
        self.near(name).into_iter().find(|near| lacks(near))
    }
}

/// Whether an input is a part of what has this name.
fn is_below(record: &str, input: &str) -> bool {
    input.strip_prefix(record).is_some_and(|rest| rest.starts_with('.'))
}

/// Whether a name is that of an input with something behind it: `quantity (pieces)`, `price EUR`.
fn goes_on(name: &str, input: &str) -> bool {
    name.strip_prefix(input).is_some_and(|rest| rest.starts_with([' ', '(', '[']))
}

fn misspelt(subject: String, name: &str, near: &str) -> Diagnostic {
    placeless(Code::BadData, format!("{subject} is no input of the table"))
        .note(format!("`{near}` is missing, and would be unknown: the answer would be about another case"))
        .help(format!("did you mean `{near}`? if `{name}` is something else, give `{near}` too, empty where it is not known"))
}
