//! What stands before a case: which of the earlier cases count, and for what.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use crate::eval::{Counted, Station};
use crate::ir::{Bound, Carried, Carry, Case, Node, Program, Value};

use crate::words::{Language, Sentence, say};

use super::value;

/// The chain as text: for each case what was asked of those before it, the case itself first.
pub fn text(program: &Program, nodes: &[Node], case: &Case, stations: &[Station], language: Language) -> String {
    let mut out = String::new();
    for (input, bound) in &case.bounds {
        let declared = program.input(*input);
        let words = |of: Value| value::words(program, &declared.domain, &of, language);
        let (least, most) = match bound {
            Bound::Range(lo, hi) => {
                let (first, last) = declared.domain.bounds().unwrap_or((*lo, *hi));
                (words(Value::Int(*lo.max(&first))), words(Value::Int(*hi.min(&last))))
            }
            Bound::Set(certain, possible) => (words(Value::Set(certain.clone())), words(Value::Set(possible.clone()))),
        };
        let said = say!("{name} is not known: at least {least}, at most {most}", name = declared.name, least, most);
        let _ = writeln!(out, "  {}", said.in_language(language));
    }
    for station in stations.iter().filter(|station| !station.counted.is_empty()) {
        let head = match station.node {
            None => say!("what stands before the case"),
            Some(node) => say!("what stands before {node}", node = called(nodes, node)),
        };
        let _ = writeln!(out, "\n{}", head.in_language(language));
        for counted in &station.counted {
            let _ = writeln!(out, "  {}", told(program, nodes, counted, language).in_language(language));
        }
    }
    out
}

fn told(program: &Program, nodes: &[Node], counted: &Counted, language: Language) -> Sentence {
    let carry = &program.carries[counted.carry];
    let link = &program.links[carry.link as usize];
    let target = program.input(carry.target);
    let link = if link.cite.is_empty() { link.name.clone() } else { format!("{} [{}]", link.name, link.cite) };
    let (name, node) = (&target.name, called(nodes, counted.node));
    let adds =
        counted.adds.as_ref().map(|adds| value::words(program, &target.domain, &member_as_set(program, carry, adds), language));
    match (counted.counts, adds) {
        (Some(true), None) => say!("{link} {node}: counts toward {name}", link, node, name),
        (Some(true), Some(adds)) => say!("{link} {node}: counts toward {name} with {adds}", link, node, name, adds),
        (Some(false), _) => say!("{link} {node}: does not count toward {name}", link, node, name),
        (None, None) => say!("{link} {node}: may count toward {name}: that depends on what is unknown", link, node, name),
        (None, Some(adds)) => {
            say!("{link} {node}: may count toward {name} with {adds}: that depends on what is unknown", link, node, name, adds)
        }
    }
}

/// The same as data: `[{"before": NODE or null, "counted": [{"link", "node", "toward", "counts", "adds"}]}]`.
pub fn json(program: &Program, nodes: &[Node], stations: &[Station]) -> Json {
    let one = |counted: &Counted| {
        let carry = &program.carries[counted.carry];
        let domain = &program.input(carry.target).domain;
        let adds = counted.adds.as_ref().map(|adds| value::json(program, domain, &member_as_set(program, carry, adds)));
        json!({
            "link": program.links[carry.link as usize].name,
            "node": nodes[counted.node as usize].name,
            "toward": program.input(carry.target).name,
            "counts": counted.counts,
            "adds": adds,
        })
    };
    stations
        .iter()
        .filter(|station| !station.counted.is_empty())
        .map(|station| {
            let before = station.node.map(|node| nodes[node as usize].name.clone());
            json!({ "before": before, "counted": station.counted.iter().map(one).collect::<Vec<_>>() })
        })
        .collect()
}

fn called(nodes: &[Node], node: u32) -> String {
    let node = &nodes[node as usize];
    if node.title.is_empty() { node.name.clone() } else { format!("{} ({})", node.name, node.title) }
}

/// A single member as the set that it adds.
fn member_as_set(program: &Program, carry: &Carry, adds: &Value) -> Value {
    match (carry.what, &program.input(carry.target).domain, adds) {
        (Carried::Includes(_), crate::ir::Domain::Set(of), Value::Member(member)) => {
            Value::Set(crate::ir::MemberSet::of(program.enumeration(*of).size(), [*member]))
        }
        _ => adds.clone(),
    }
}
