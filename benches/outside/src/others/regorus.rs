//! regorus: Rego, compiled once to the instructions of its virtual machine. Sets of members stand in the data, where they are looked up by key.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::num::NonZeroUsize;

use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::vm::RegoVM;
use regorus::utils::limits::PolicyLengthConfig;
use regorus::{Engine as Rego, Rc, Value};

use super::Engine;
use crate::rules::{COUNTRIES, MODES, Regime, Rule, Shipment, USES};

/// The machine with the program, and the requests.
pub struct Regorus {
    machine: RegoVM,
    requests: Vec<Value>,
}

const ENTRY: &str = "data.regime.requirement";

/// The rules in Rego's words, and the sets that they name.
struct Text {
    rules: String,
    sets: BTreeMap<String, Vec<String>>,
}

impl Text {
    fn of(regime: &Regime) -> Text {
        let head = "package regime\n\nimport rego.v1\n\ndefault requirement := 0\n\nrequirement := 2 if license\n\nelse := 1 if notice\n";
        let mut text = Text { rules: head.to_owned(), sets: BTreeMap::new() };
        for (number, members) in regime.groups.iter().enumerate() {
            let names = members.iter().map(|member| COUNTRIES[usize::from(*member)].to_owned()).collect();
            text.sets.insert(format!("g{number}"), names);
        }
        for rule in &regime.rules {
            text.rule(regime, rule);
        }
        text
    }

    fn rule(&mut self, regime: &Regime, rule: &Rule) {
        let mut lines = Vec::new();
        let items: Vec<String> = regime.items_of(rule).into_iter().map(str::to_owned).collect();
        match &items[..] {
            [one] => lines.push(format!("input.item == \"{one}\"")),
            _ => {
                let name = format!("i{}to{}", rule.items.0, rule.items.1);
                lines.push(format!("data.sets.{name}[input.item]"));
                self.sets.insert(name, items);
            }
        }
        lines.push(format!("data.sets.g{}[input.destination]", rule.destination));
        lines.extend(rule.headquarters.map(|group| format!("data.sets.g{group}[input.headquarters]")));
        lines.extend(self.members("mode", &rule.modes, &MODES));
        lines.extend(self.members("purpose", &rule.purposes, &USES));
        lines.extend(rule.datacenter.map(|asked| format!("input.datacenter == {asked}")));
        lines.extend(rule.performance.map(|least| format!("input.performance >= {least}")));
        lines.extend(rule.bandwidth.map(|below| format!("input.bandwidth < {below}")));
        lines.extend(rule.worth.map(|least| format!("input.worth >= {least}")));
        lines.extend(rule.from.map(|day| format!("input.date >= {day}")));
        let head = if rule.requires == 2 { "license" } else { "notice" };
        let _ = write!(self.rules, "\n{head} if {{\n\t{}\n}}\n", lines.join("\n\t"));
    }

    fn members(&mut self, attribute: &str, asked: &[u8], names: &[&str]) -> Option<String> {
        match asked {
            [] => None,
            [one] => Some(format!("input.{attribute} == \"{}\"", names[usize::from(*one)])),
            several => {
                let set = format!("{attribute}{}", several.iter().map(u8::to_string).collect::<Vec<_>>().join("and"));
                let line = format!("data.sets.{set}[input.{attribute}]");
                self.sets.insert(set, several.iter().map(|one| names[usize::from(*one)].to_owned()).collect());
                Some(line)
            }
        }
    }
}

fn object(pairs: impl IntoIterator<Item = (String, Value)>) -> Value {
    Value::from(pairs.into_iter().map(|(name, value)| (Value::from(name), value)).collect::<BTreeMap<Value, Value>>())
}

fn request(regime: &Regime, s: &Shipment) -> Value {
    let [performance, bandwidth, worth] = s.amounts.map(Value::from);
    let pairs = [
        ("item", Value::from(regime.items[usize::from(s.item)].as_str())),
        ("destination", Value::from(COUNTRIES[usize::from(s.destination)])),
        ("headquarters", Value::from(COUNTRIES[usize::from(s.headquarters)])),
        ("mode", Value::from(MODES[usize::from(s.mode)])),
        ("purpose", Value::from(USES[usize::from(s.purpose)])),
        ("datacenter", Value::from(s.datacenter)),
        ("performance", performance),
        ("bandwidth", bandwidth),
        ("worth", worth),
        ("date", Value::from(s.date)),
    ];
    object(pairs.map(|(name, value)| (name.to_owned(), value)))
}

impl Engine for Regorus {
    const NAME: &'static str = "regorus (its machine)";
    const PACKAGE: &'static str = "regorus";

    fn read(regime: &Regime) -> Result<Self, String> {
        let text = Text::of(regime);
        let set = |members: Vec<String>| object(members.into_iter().map(|member| (member, Value::from(true))));
        let sets = object(text.sets.into_iter().map(|(name, members)| (name, set(members))));
        let data = object([("sets".to_owned(), sets)]);
        let mut engine = Rego::new();
        // Five thousand rules are longer than what it reads unasked.
        let (max_file_bytes, max_lines) = (NonZeroUsize::MAX, NonZeroUsize::MAX);
        engine.set_policy_length_config(PolicyLengthConfig { max_file_bytes, max_lines, ..PolicyLengthConfig::default() });
        engine.add_policy("regime.rego".to_owned(), text.rules).expect("a policy that regorus reads");
        engine.add_data(data.clone()).expect("data");
        let policy = engine.compile_with_entrypoint(&Rc::from(ENTRY)).expect("a policy that compiles");
        let program = Compiler::compile_from_policy(&policy, &[ENTRY]).map_err(|error| error.to_string())?;
        let mut machine = RegoVM::new_with_policy(policy);
        machine.load_program(program);
        machine.set_data(data).expect("data");
        // Five thousand rules take more instructions than it allows unasked.
        machine.set_max_instructions(usize::MAX);
        Ok(Regorus { machine, requests: Vec::new() })
    }

    fn hold(&mut self, regime: &Regime, shipments: &[Shipment]) {
        self.requests = shipments.iter().map(|shipment| request(regime, shipment)).collect();
    }

    fn decide(&mut self, number: usize) -> u8 {
        self.machine.set_input(self.requests[number].clone());
        let answer = self.machine.execute_entry_point_by_index(0).expect("an answer");
        answer.as_u64().expect("a number") as u8
    }
}
