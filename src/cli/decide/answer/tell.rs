//! Outcomes in words: in cells, and as JSON.

use std::sync::Arc;

use indexmap::IndexSet;
use rustc_hash::FxHashSet;
use serde_json::{Map, Value as Json, json};

use crate::diagram::OwnedTable;
use crate::ir::{DecisionId, Outcome, Program};
use crate::report::value;

use super::{Answer, Answerer, Point};

/// An outcome, ready to be written.
#[derive(Clone, Debug)]
pub(super) struct Said {
    /// In a cell; `None` for a gap or a conflict.
    cell: Option<String>,
    /// In JSON.
    json: Json,
    /// What stands under `open`: of a gap or a conflict.
    special: Option<String>,
    /// The rules.
    rules: Vec<String>,
}

impl Answerer<'_> {
    /// An outcome as a decision says it.
    fn text(&self, decision: usize, outcome: u32) -> Arc<Said> {
        let mut texts = self.texts.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let make = || Arc::new(said(self.table, &self.schema, DecisionId(decision as u32), outcome));
        texts.entry((decision, outcome)).or_insert_with(make).clone()
    }

    /// The one thing that all these outcomes say, if they do, by the rules that carry each of them: what is unknown makes no
    /// difference then, whoever carries it.
    fn agreed(&self, decision: usize, possible: &[u32]) -> Option<Said> {
        let (first, rest) = possible.split_first()?;
        let mut said = Said::clone(&self.text(decision, *first));
        for other in rest.iter().map(|outcome| self.text(decision, *outcome)) {
            if other.json != said.json {
                return None;
            }
            let rules: FxHashSet<&String> = other.rules.iter().collect();
            said.rules.retain(|rule| rules.contains(rule));
        }
        Some(said)
    }

    pub(super) fn say(&self, points: &[Point]) -> Answer {
        // Each rule and each input once, in the order in which they come.
        let (mut because, mut ask) = (IndexSet::new(), IndexSet::<&str>::new());
        let (mut cells, mut open) = (Vec::new(), Vec::new());
        let (mut json, mut json_because, mut json_open) = (Map::new(), Map::new(), Map::new());
        for (index, point) in points.iter().enumerate() {
            let name = &self.schema.decisions[index].name;
            let settled = match point {
                Point::Settled(outcome) => Some(Said::clone(&self.text(index, *outcome))),
                Point::Open { possible, .. } => self.agreed(index, possible),
            };
            match (settled, point) {
                (Some(said), _) => {
                    cells.push(said.cell.clone());
                    json.insert(name.clone(), said.json.clone());
                    json_because.insert(name.clone(), said.rules.clone().into());
                    if let Some(special) = &said.special {
                        open.push(format!("{name}: {special}"));
                    }
                    because.extend(said.rules);
                }
                (None, Point::Settled(_)) => {}
                (None, Point::Open { possible, ask: inputs, exact }) => {
                    cells.push(None);
                    let all: Vec<Arc<Said>> = possible.iter().map(|outcome| self.text(index, *outcome)).collect();
                    let mut words: IndexSet<&str> = IndexSet::new();
                    let mut values: Vec<Json> = Vec::new();
                    for said in &all {
                        let word = said.cell.as_deref().or(said.special.as_deref()).unwrap_or("");
                        if words.insert(word) {
                            values.push(said.json.clone());
                        }
                    }
                    open.push(format!("{name}: {}{}", joined(&words, " | "), if *exact { "" } else { " (at most)" }));
                    let names: Vec<&str> = inputs.iter().map(|input| self.schema.inputs[*input as usize].name.as_str()).collect();
                    ask.extend(names.iter().copied());
                    let mut entry = json!({ "possible": values, "ask": names });
                    if !exact {
                        entry["complete"] = false.into();
                    }
                    json_open.insert(name.clone(), entry);
                }
            }
        }
        let [because_name, open_name, _] = &self.extra;
        json.insert(because_name.clone(), json_because.into());
        if !json_open.is_empty() {
            json.insert(open_name.clone(), json_open.into());
        }
        Answer { cells, because: joined(&because, " "), open: open.join("; "), ask: joined(&ask, " "), json }
    }
}

fn joined<S: AsRef<str>>(all: &IndexSet<S>, between: &str) -> String {
    all.iter().map(S::as_ref).collect::<Vec<_>>().join(between)
}

/// An outcome as a decision says it. (Outcomes of all decisions stand in one list; a table that was read comes to those of a decision's own kind.)
fn said(table: &OwnedTable, schema: &Program, decision: DecisionId, outcome: u32) -> Said {
    let domain = &schema.decision(decision).domain;
    let row = table.outcomes[outcome as usize];
    let outcome = table.outcome(row.answer, domain);
    let words = |value| schema.value_text(domain, value);
    let (cell, special) = match &outcome {
        Outcome::Value(value) => (Some(words(value)), None),
        Outcome::Gap => (None, Some("no value".to_owned())),
        Outcome::Conflict(values) => {
            let values: Vec<String> = values.iter().map(words).collect();
            (None, Some(format!("conflict of {}", values.join(" and "))))
        }
    };
    let rules = table.as_table().rules(row);
    let rules = rules.iter().filter_map(|rule| Some(table.rules.get(*rule as usize)?.name.clone())).collect();
    Said { cell, json: value::outcome(schema, decision, &outcome), special, rules }
}
