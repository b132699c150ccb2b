//! What stands before a case: which of the earlier cases count, and for what.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use crate::eval::{Counted, Station};
use crate::ir::{Bound, Carried, Carry, Case, Node, Program, Value};

use super::value;

/// The chain as text: for each case what was asked of those before it, the case itself first.
pub fn text(program: &Program, nodes: &[Node], case: &Case, stations: &[Station]) -> String {
    let mut out = String::new();
    for (input, bound) in &case.bounds {
        let declared = program.input(*input);
        let words = |of: Value| value::words(program, &declared.domain, &of);
        let (from, to) = match bound {
            Bound::Range(lo, hi) => {
                let (least, most) = declared.domain.bounds().unwrap_or((*lo, *hi));
                (words(Value::Int(*lo.max(&least))), words(Value::Int(*hi.min(&most))))
            }
            Bound::Set(certain, possible) => (words(Value::Set(certain.clone())), words(Value::Set(possible.clone()))),
        };
        let _ = writeln!(out, "  {} is not known: at least {from}, at most {to}", declared.name);
    }
    for station in stations.iter().filter(|station| !station.counted.is_empty()) {
        let of = station.node.map_or_else(|| "the case".to_owned(), |node| called(nodes, node));
        let _ = writeln!(out, "\nwhat stands before {of}");
        for counted in &station.counted {
            let carry = &program.carries[counted.carry];
            let link = &program.links[carry.link as usize];
            let target = &program.input(carry.target).name;
            let adds = counted.adds.as_ref().map_or_else(String::new, |adds| {
                format!(
                    " with {}",
                    value::words(program, &program.input(carry.target).domain, &member_as_set(program, carry, adds))
                )
            });
            let says = match counted.counts {
                Some(true) => format!("counts toward {target}{adds}"),
                Some(false) => format!("does not count toward {target}"),
                None => format!("may count toward {target}{adds}: that depends on what is unknown"),
            };
            let cite = if link.cite.is_empty() { String::new() } else { format!(" [{}]", link.cite) };
            let _ = writeln!(out, "  {}{cite} {}: {says}", link.name, called(nodes, counted.node));
        }
    }
    out
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
