//! What a value must be to be one that the table is good for: the decision that lists the inputs whose values are not.
//!
//! An engine need not check the types of inputs, and a row that fits says nothing of inputs that it does not look at. So every decision of
//! the regime asks this one first.

use std::collections::BTreeMap;

use lexport_runtime::{NONE, Test};

use super::feel::{self, Names};
use super::inputs::{Inputs, SHORT};
use super::model::{Content, Logic, Model, Node, Type};
use super::test::slice;
use crate::diagram::OwnedTable;
use crate::ir::{Domain, EnumDef, EnumId};

/// The lists of members that are decisions of their own, because they are long.
struct Lists<'m> {
    model: &'m mut Model,
    names: &'m mut Names,
    types: &'m mut Names,
    inputs: &'m Inputs,
    /// By enumeration: the node.
    long: BTreeMap<usize, usize>,
    requires: Vec<usize>,
}

impl Lists<'_> {
    /// All members of an enumeration, as an expression.
    fn all(&mut self, id: EnumId, def: &EnumDef) -> String {
        let list = format!("[{}]", feel::strings(def.members.iter().map(|member| member.name.as_str())));
        if def.size() <= SHORT {
            return list;
        }
        let node = match self.long.get(&id.index()) {
            Some(node) => *node,
            None => {
                let member = &self.inputs.members[id.index()];
                let kind = self.types.unique(&format!("{member}_list")).replace(' ', "_");
                self.model.types.push(Type::list(&kind, member));
                let node = self.model.nodes.len();
                self.model.nodes.push(Node {
                    name: self.names.unique(&format!("all {}", feel::token(&def.name))),
                    description: format!("The members of {}.", def.name),
                    kind,
                    logic: Some(Logic::Text(list)),
                    requires: Vec::new(),
                    decision: None,
                });
                self.long.insert(id.index(), node);
                node
            }
        };
        self.requires.push(node);
        self.model.nodes[node].name.clone()
    }
}

/// Adds the decision; its node.
pub(super) fn add(model: &mut Model, table: &OwnedTable, inputs: &Inputs, names: &mut Names, types: &mut Names) -> usize {
    let mut lists = Lists { model, names, types, inputs, long: BTreeMap::new(), requires: inputs.nodes.clone() };
    let mut rows = Vec::new();
    for (input, path) in inputs.paths.iter().enumerate() {
        let domain = &table.inputs[input].domain;
        let mut fits = match domain {
            Domain::Bool => format!("{path} instance of boolean"),
            Domain::Enum(id) => format!("list contains({}, {path})", lists.all(*id, &table.enums[id.index()])),
            Domain::Set(id) => {
                format!("every one in {path} satisfies list contains({}, one)", lists.all(*id, &table.enums[id.index()]))
            }
            Domain::Number(number) => {
                let (lo, hi) = (number.text(number.lo), number.text(number.hi));
                format!("{path} >= {lo} and {path} <= {hi} and modulo({path}, {}) = 0", feel::step(number))
            }
            Domain::Date { lo, hi } => format!("{path} >= {} and {path} <= {}", feel::date(*lo), feel::date(*hi)),
        };
        for only in table.tests.iter().filter_map(|test| only(table, input, path, test)) {
            fits = format!("{fits} and {only}");
        }
        rows.push(vec![feel::string(&table.inputs[input].name), format!("if {path} = null then true else {fits}")]);
    }
    let mut requires = lists.requires;
    requires.sort_unstable();
    requires.dedup();
    model.types.push(Type::list("tNames", "string"));
    let columns = [("input", "string"), ("fits", "boolean")].map(|(name, kind)| (name.to_owned(), kind.to_owned())).to_vec();
    let record = columns.iter().map(|(name, kind)| Type::of(name, kind, None)).collect();
    model.types.push(Type { name: "tChecks".into(), content: Content::Record(record), collection: true });
    let checks = ("checks".to_owned(), "tChecks".to_owned(), Logic::Relation(columns, rows));
    let result = Logic::Text("checks[if fits = true then false else true].input".into());
    model.nodes.push(Node {
        name: names.unique("values outside"),
        description: "The inputs whose values are outside of their domains, or between two steps. No decision answers while there are any. \
                      An input that is not known is in its domain."
            .into(),
        kind: "tNames".into(),
        logic: Some(Logic::Context(vec![checks], Box::new(result))),
        requires,
        decision: None,
    });
    model.nodes.len() - 1
}

/// What a test adds to the domain of an input, where the table is good for some of its values only (one reading, some dates).
fn only(table: &OwnedTable, input: usize, path: &str, test: &Test) -> Option<String> {
    match *test {
        Test::Member { input: of, map, .. } if of as usize == input => {
            let Domain::Enum(id) = &table.inputs[input].domain else { return None };
            let map = slice(&table.maps, map);
            let members = table.enums[id.index()].members.iter().zip(map).filter(|(_, class)| **class != NONE);
            map.contains(&NONE)
                .then(|| format!("list contains([{}], {path})", feel::strings(members.map(|(member, _)| member.name.as_str()))))
        }
        Test::Interval { input: of, thresholds, map, classes } if of as usize == input => {
            let domain = &table.inputs[input].domain;
            let good: Vec<u32> = (0..classes).collect();
            let range = |(from, to): &(Option<i64>, Option<i64>)| {
                let from = from.map(|from| format!("{path} >= {}", feel::point(domain, from)));
                let to = to.map(|to| format!("{path} < {}", feel::point(domain, to)));
                [from, to].into_iter().flatten().collect::<Vec<_>>().join(" and ")
            };
            let pieces: Vec<String> = feel::pieces(table, thresholds, map, &good).iter().map(range).collect();
            slice(&table.maps, map).contains(&NONE).then(|| format!("({})", pieces.join(" or ")))
        }
        _ => None,
    }
}
