//! What stands before a case: which of the earlier cases count, and for what.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use crate::eval::{Counted, Station};
use crate::ir::{Bound, Carried, Carry, Case, Node, Program, Value};

use crate::words::{Language, Sentence, Word, list, say};

use super::terminal::Style;
use super::text::wrap;
use super::value;

/// The chain as text: for each case what was asked of those before it, the case itself first.
pub fn text(program: &Program, nodes: &[Node], case: &Case, stations: &[Station], style: Style) -> String {
    let (language, width) = (style.language, style.width);
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
        for (link, node) in steps(program, station) {
            let said = told(program, nodes, station, link, node, language);
            let _ = writeln!(out, "{}", wrap(&said.in_language(language), width, "  ", "    "));
        }
    }
    let open: BTreeSet<u32> =
        stations.iter().flat_map(|station| &station.counted).filter(|one| unknown(program, one)).map(|one| one.node).collect();
    if !open.is_empty() {
        let nodes = list!(", ", " and ", open.iter().map(|node| called(nodes, *node)));
        let said = say!("ask for what is unknown of {nodes}", nodes);
        let _ = writeln!(out, "{}", wrap(&said.in_language(language), width, "", "  "));
    }
    out
}

/// The earlier cases of a station, in order: by which link, and which.
fn steps(program: &Program, station: &Station) -> Vec<(u32, u32)> {
    let mut steps: Vec<(u32, u32)> = Vec::new();
    for counted in &station.counted {
        let step = (program.carries[counted.carry].link, counted.node);
        if !steps.contains(&step) {
            steps.push(step);
        }
    }
    steps
}

/// What an earlier case counts toward, and what it may.
fn told(program: &Program, nodes: &[Node], station: &Station, link: u32, node: u32, language: Language) -> Sentence {
    let own = || station.counted.iter().filter(move |one| program.carries[one.carry].link == link && one.node == node);
    let toward = |counts: Option<bool>| {
        let mut said: Vec<Sentence> = Vec::new();
        for one in own().filter(|one| one.counts == counts) {
            let carry = &program.carries[one.carry];
            let target = program.input(carry.target);
            let name = &target.name;
            let adds = one
                .adds
                .as_ref()
                .map(|adds| value::words(program, &target.domain, &member_as_set(program, carry, adds), language));
            let next = match adds {
                // What adds nothing is not worth saying.
                Some(_) if is_nothing(one) => continue,
                Some(adds) => say!("{name} ({adds})", name, adds),
                None if matches!(carry.what, Carried::Holds) => say!("{name}", name),
                None => say!("{name} (it is not known how much)", name),
            };
            if !said.contains(&next) {
                said.push(next);
            }
        }
        (!said.is_empty()).then(|| list!(", ", said))
    };
    let declared = &program.links[link as usize];
    let link = if declared.cite.is_empty() { declared.name.clone() } else { format!("{} [{}]", declared.name, declared.cite) };
    // The same case can stand there several times: four dies of one kind.
    let first = own().next().map(|one| one.carry);
    let times = own().filter(|one| Some(one.carry) == first).count();
    let called = called(nodes, node);
    let node = if times > 1 { say!("{called} ({times} times)", called, times) } else { called.word() };
    match (toward(Some(true)), toward(None)) {
        (None, None) => say!("{link} {node}: does not count", link, node),
        (Some(counts), None) => say!("{link} {node}: counts toward {counts}", link, node, counts),
        (None, Some(may)) => {
            say!("{link} {node}: may count toward {may}: that depends on what is unknown of it", link, node, may)
        }
        (Some(counts), Some(may)) => say!(
            "{link} {node}: counts toward {counts}, and may count toward {may}: that depends on what is unknown of it",
            link,
            node,
            counts,
            may
        ),
    }
}

/// Whether it is not known if it counts, or what it adds.
fn unknown(program: &Program, counted: &Counted) -> bool {
    let adds = !matches!(program.carries[counted.carry].what, Carried::Holds);
    counted.counts.is_none() || counted.counts == Some(true) && adds && counted.adds.is_none()
}

fn is_nothing(counted: &Counted) -> bool {
    match &counted.adds {
        Some(Value::Set(set)) => set.is_empty(),
        Some(Value::Int(0)) => true,
        _ => false,
    }
}

/// What is certain of inputs that are not known: `{"owned": {"least": 30, "most": 70}}`.
pub fn bounds(program: &Program, case: &Case) -> Json {
    let one = |(input, bound): (&crate::ir::InputId, &Bound)| {
        let declared = program.input(*input);
        let json = |of: Value| value::json(program, &declared.domain, &of);
        let (least, most) = match bound {
            Bound::Range(lo, hi) => (json(Value::Int(*lo)), json(Value::Int(*hi))),
            Bound::Set(certain, possible) => (json(Value::Set(certain.clone())), json(Value::Set(possible.clone()))),
        };
        (declared.name.clone(), json!({ "least": least, "most": most }))
    };
    Json::Object(case.bounds.iter().map(one).collect())
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
