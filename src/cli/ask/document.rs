//! An interview as `lexport.interview/1`: docs/ask.md, docs/schemas/interview.schema.json.

use serde_json::{Map, Value as Json, json};

use crate::ir::{DecisionId, InputId};
use crate::report::value;

use super::interview::{Interview, Said, Standing};
use super::told::outcome;

/// The version of the document.
pub const SCHEMA: &str = "lexport.interview/1";

/// The document. `given` are the inputs that were answered beforehand, `standings` what each decision comes to.
pub fn document(interview: &Interview<'_>, given: &[u32], standings: &[(u32, Standing)]) -> Json {
    let name = |input: u32| interview.schema.input(InputId(input)).name.clone();
    let known: Map<String, Json> = given.iter().map(|input| (name(*input), said(interview, *input))).collect();
    let questions: Vec<Json> = (interview.asked.iter())
        .map(|question| {
            let mut out = json!({
                "input": name(question.input),
                "value": said(interview, question.input),
                "decision": interview.schema.decision(DecisionId(question.decision)).name,
                "possible": answers(interview, question.decision, &question.possible),
            });
            if !question.together.is_empty() {
                out["together"] = rules(interview, &question.together);
            }
            if let Some(ruled) = &question.rules {
                out["rules"] = rules(interview, ruled);
            }
            if !question.exact {
                out["complete"] = false.into();
            }
            out
        })
        .collect();
    let (mut decisions, mut because, mut perhaps, mut open) = (Map::new(), Map::new(), Map::new(), Map::new());
    for (decision, standing) in standings {
        let title = interview.schema.decision(DecisionId(*decision)).name.clone();
        if let [settled] = standing.possible.as_slice() {
            let outcome = outcome(interview, *decision, *settled);
            decisions.insert(title.clone(), value::outcome(&interview.schema, DecisionId(*decision), &outcome));
            because.insert(title.clone(), rules(interview, &standing.carried));
            if !standing.perhaps.is_empty() {
                perhaps.insert(title, rules(interview, &standing.perhaps));
            }
        } else {
            let ask: Vec<String> = standing.hangs_on.iter().map(|input| name(*input)).collect();
            let mut out = json!({ "possible": answers(interview, *decision, &standing.possible), "ask": ask });
            if !standing.exact {
                out["complete"] = false.into();
            }
            open.insert(title, out);
        }
    }
    json!({
        "schema": SCHEMA,
        "regime": interview.table.regime,
        "source": interview.table.source,
        "given": known,
        "questions": questions,
        "decisions": decisions,
        "because": because,
        "perhaps": perhaps,
        "open": open,
    })
}

fn said(interview: &Interview<'_>, input: u32) -> Json {
    match interview.said(input) {
        Some(Said::Known(value)) => value::json(&interview.schema, &interview.schema.input(InputId(input)).domain, value),
        _ => Json::Null,
    }
}

fn answers(interview: &Interview<'_>, decision: u32, outcomes: &[u32]) -> Vec<Json> {
    let answer = |of: &u32| value::outcome(&interview.schema, DecisionId(decision), &outcome(interview, decision, *of));
    outcomes.iter().map(answer).collect()
}

fn rules(interview: &Interview<'_>, rules: &[u32]) -> Json {
    let all = rules.iter().filter_map(|rule| interview.table.rules.get(*rule as usize));
    all.map(|rule| json!({ "rule": rule.name, "title": rule.title, "cite": rule.cite })).collect()
}
