//! zen: a decision table of its own JSON form, first hit, compiled and indexed (`Decision::compile`).

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use serde_json::{Value, json};
use zen_engine::Decision;
use zen_engine::model::GraphContent;
use zen_expression::variable::Variable;

use super::Engine;
use crate::rules::{COUNTRIES, MODES, Regime, Rule, Shipment, USES};

/// The decision and the requests.
pub struct Zen {
    decision: Decision,
    requests: Vec<Variable>,
}

const COLUMNS: [&str; 10] =
    ["item", "destination", "headquarters", "mode", "purpose", "datacenter", "performance", "bandwidth", "worth", "date"];

fn any_of<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ")
}

/// A row: what is not asked stays empty, which is how zen says that anything will do.
fn row(regime: &Regime, number: usize, rule: &Rule) -> Value {
    let group = |number: usize| any_of(regime.groups[number].iter().map(|member| COUNTRIES[usize::from(*member)]));
    let members = |asked: &[u8], names: &[&'static str]| any_of(asked.iter().map(|one| names[usize::from(*one)]));
    let cells = [
        any_of(regime.items_of(rule)),
        group(rule.destination),
        rule.headquarters.map_or(String::new(), group),
        members(&rule.modes, &MODES),
        members(&rule.purposes, &USES),
        rule.datacenter.map_or(String::new(), |asked| asked.to_string()),
        rule.performance.map_or(String::new(), |least| format!(">= {least}")),
        rule.bandwidth.map_or(String::new(), |below| format!("< {below}")),
        rule.worth.map_or(String::new(), |least| format!(">= {least}")),
        rule.from.map_or(String::new(), |day| format!(">= {day}")),
    ];
    let mut row = json!({"_id": format!("r{number}"), "out": rule.requires.to_string()});
    for (column, cell) in COLUMNS.into_iter().zip(cells) {
        row[column] = cell.into();
    }
    row
}

fn request(regime: &Regime, s: &Shipment) -> Variable {
    Variable::from(json!({
        "item": regime.items[usize::from(s.item)],
        "destination": COUNTRIES[usize::from(s.destination)],
        "headquarters": COUNTRIES[usize::from(s.headquarters)],
        "mode": MODES[usize::from(s.mode)],
        "purpose": USES[usize::from(s.purpose)],
        "datacenter": s.datacenter,
        "performance": s.amounts[0],
        "bandwidth": s.amounts[1],
        "worth": s.amounts[2],
        "date": s.date,
    }))
}

impl Engine for Zen {
    const NAME: &'static str = "zen (compiled, indexed)";
    const PACKAGE: &'static str = "zen-engine";

    fn read(regime: &Regime) -> Result<Self, String> {
        let rules: Vec<Value> = regime.rules.iter().enumerate().map(|(number, rule)| row(regime, number, rule)).collect();
        let inputs = COLUMNS.map(|column| json!({"id": column, "name": column, "field": column}));
        let table = json!({
            "hitPolicy": "first",
            "inputs": inputs,
            "outputs": [{"id": "out", "name": "requirement", "field": "requirement"}],
            "rules": rules,
        });
        let graph = json!({
            "nodes": [
                {"id": "in", "name": "in", "type": "inputNode"},
                {"id": "table", "name": "table", "type": "decisionTableNode", "content": table},
                {"id": "end", "name": "end", "type": "outputNode"},
            ],
            "edges": [
                {"id": "one", "sourceId": "in", "targetId": "table"},
                {"id": "two", "sourceId": "table", "targetId": "end"},
            ],
        });
        let content: GraphContent = serde_json::from_value(graph).expect("a decision that zen reads");
        let mut decision = Decision::from(Arc::new(content));
        decision.compile();
        Ok(Zen { decision, requests: Vec::new() })
    }

    fn hold(&mut self, regime: &Regime, shipments: &[Shipment]) {
        self.requests = shipments.iter().map(|shipment| request(regime, shipment)).collect();
    }

    fn decide(&mut self, number: usize) -> u8 {
        let answer = pin!(self.decision.evaluate(self.requests[number].clone()));
        // Nothing in the table waits for anything, so one look settles it, and no run-time of its own is paid for.
        let Poll::Ready(answer) = Future::poll(answer, &mut Context::from_waker(Waker::noop())) else {
            panic!("zen waits for something");
        };
        let answer = answer.expect("an answer");
        match answer.result.dot("requirement").and_then(|value| value.as_number()) {
            None => 0,
            Some(number) => u8::try_from(number).expect("one of three"),
        }
    }
}
