//! The inputs of a table as input data of DMN: `chip.tpp` is a component of the record `chip`. Their types, and the decisions that stand
//! between inputs and tables: classes of members, and whether two are the same.

use std::collections::{BTreeMap, BTreeSet};

use lexport_runtime::{NONE, Test};

use super::domains;
use super::feel::{self, Names};
use super::model::{Content, Input, Logic, Model, Node, Table, Type};
use super::test::{self, slice};
use crate::diagram::{OwnedTable, TableInput};
use crate::ir::{Domain, EnumDef};

/// An enumeration with no more members is written out in every cell; one with more has classes with names.
pub(super) const SHORT: u32 = 12;
/// Members that the name of a class lists.
const LISTED: usize = 3;

/// Where the inputs are in the model.
pub(super) struct Inputs {
    /// By input: its expression.
    pub paths: Vec<String>,
    /// By input: its node.
    pub nodes: Vec<usize>,
    /// By input: its type.
    pub types: Vec<String>,
    /// By enumeration: the type of a member.
    pub members: Vec<String>,
    /// By test that has classes with names: its node, its type, and the names.
    pub classes: BTreeMap<usize, (usize, String, Vec<String>)>,
    /// By test of two that are the same: its node.
    pub same: BTreeMap<usize, usize>,
    /// The node that lists the inputs whose values are outside of their domains.
    pub outside: usize,
}

/// The name of a type: `t` and the name, with `_`.
pub(super) fn type_name(name: &str) -> String {
    format!("t{}", feel::word(name).trim_start_matches('_'))
}

impl Inputs {
    /// Adds types and nodes for the inputs of a table, and what stands between them and the tests that are used.
    pub fn add(model: &mut Model, table: &OwnedTable, used: &BTreeSet<u32>, names: &mut Names, types: &mut Names) -> Inputs {
        let mut it = Inputs {
            paths: Vec::new(),
            nodes: Vec::new(),
            types: Vec::new(),
            members: Vec::new(),
            classes: BTreeMap::new(),
            same: BTreeMap::new(),
            outside: 0,
        };
        for def in &table.enums {
            let name = types.unique(&type_name(&def.name)).replace(' ', "_");
            let allowed = feel::strings(def.members.iter().map(|member| member.name.as_str()));
            model.types.push(Type::of(&name, "string", Some(allowed).filter(|allowed| !allowed.is_empty())));
            it.members.push(name);
        }
        it.records(model, table, names, types);
        it.outside = domains::add(model, table, &it, names, types);
        for (number, one) in table.tests.iter().enumerate().filter(|(number, _)| used.contains(&(*number as u32))) {
            match *one {
                Test::Member { input, .. } if !is_short(table, input as usize) => it.classify(model, table, number, names, types),
                Test::Same { a, b } => {
                    let (one, other) = (&it.paths[a as usize], &it.paths[b as usize]);
                    let name = names.unique(&format!("{} same as {}", one.replace('.', " "), other.replace('.', " ")));
                    let text = format!("if {one} = null or {other} = null then null else {one} = {other}");
                    let mut requires = vec![it.nodes[a as usize], it.nodes[b as usize]];
                    requires.sort_unstable();
                    requires.dedup();
                    let description =
                        format!("Whether {} and {} are the same.", table.inputs[a as usize].name, table.inputs[b as usize].name);
                    it.same.insert(number, model.nodes.len());
                    let logic = Some(Logic::Text(text));
                    model.nodes.push(Node { name, description, kind: "boolean".into(), logic, requires, decision: None });
                }
                _ => {}
            }
        }
        it
    }

    /// Records and single inputs.
    fn records(&mut self, model: &mut Model, table: &OwnedTable, names: &mut Names, types: &mut Names) {
        let parts: Vec<Vec<String>> = table.inputs.iter().map(|input| input.name.split('.').map(feel::word).collect()).collect();
        let all: BTreeSet<&Vec<String>> = parts.iter().collect();
        // A name that is both a value and a record, or that two inputs have, stands alone.
        let alone = |path: &Vec<String>| {
            path.len() < 2
                || (1..path.len()).any(|to| all.contains(&path[..to].to_vec()))
                || parts.iter().filter(|other| *other == path).count() > 1
                || parts.iter().any(|other| other.len() > path.len() && other[..path.len()] == path[..])
        };
        let mut records: BTreeMap<String, usize> = BTreeMap::new();
        for (input, path) in parts.iter().enumerate() {
            let domain = &table.inputs[input].domain;
            let name = types.unique(&type_name(&table.inputs[input].name)).replace(' ', "_");
            let kind = match domain {
                Domain::Bool => "boolean".to_owned(),
                Domain::Enum(id) => self.members[id.index()].clone(),
                Domain::Set(id) => {
                    model.types.push(Type::list(&name, &self.members[id.index()]));
                    name
                }
                Domain::Number(number) => {
                    let allowed = format!("[{}..{}]", number.text(number.lo), number.text(number.hi));
                    model.types.push(Type::of(&name, "number", Some(allowed)));
                    name
                }
                Domain::Date { lo, hi } => {
                    model.types.push(Type::of(&name, "date", Some(format!("[{}..{}]", feel::date(*lo), feel::date(*hi)))));
                    name
                }
            };
            self.types.push(kind.clone());
            if alone(path) {
                let name = names.unique(&path.join("_"));
                self.paths.push(name.clone());
                self.nodes.push(model.nodes.len());
                let description = describe(table, input);
                model.nodes.push(Node { name, description, kind, logic: None, requires: Vec::new(), decision: None });
                continue;
            }
            let node = *records.entry(path[0].clone()).or_insert_with(|| {
                let name = names.unique(&path[0]);
                let kind = types.unique(&type_name(&path[0])).replace(' ', "_");
                model.nodes.push(Node {
                    name,
                    description: String::new(),
                    kind,
                    logic: None,
                    requires: Vec::new(),
                    decision: None,
                });
                model.nodes.len() - 1
            });
            let record = &mut model.nodes[node];
            if !record.description.is_empty() {
                record.description.push('\n');
            }
            record.description += &describe(table, input);
            self.paths.push(format!("{}.{}", record.name, path[1..].join(".")));
            self.nodes.push(node);
        }
        for (first, node) in records {
            let members: Vec<(Vec<String>, String)> = parts
                .iter()
                .enumerate()
                .filter(|(input, path)| path[0] == first && self.nodes[*input] == node)
                .map(|(input, path)| (path[1..].to_vec(), self.types[input].clone()))
                .collect();
            let mut record = component(&first, &members);
            record.name = model.nodes[node].kind.clone();
            model.types.push(record);
        }
    }

    /// The decision that names the class of a member.
    fn classify(&mut self, model: &mut Model, table: &OwnedTable, number: usize, names: &mut Names, types: &mut Names) {
        let Test::Member { input, classes, map } = table.tests[number] else { return };
        let Domain::Enum(id) = &table.inputs[input as usize].domain else { return };
        let def = &table.enums[id.index()];
        let map = slice(&table.maps, map);
        let inside =
            |class: u32| (0..map.len() as u32).filter(move |member| map[*member as usize] == class).collect::<Vec<u32>>();
        let members: Vec<Vec<u32>> = (0..classes).map(inside).collect();
        // The largest class is all others; not where the table is good for some members only.
        let rest = (0..members.len()).max_by_key(|class| (members[*class].len(), std::cmp::Reverse(*class)));
        let rest = rest.filter(|class| !map.contains(&NONE) && members[*class].len() > LISTED);
        let mut labels = Names::default();
        let labels: Vec<String> = members
            .iter()
            .enumerate()
            .map(|(class, members)| {
                labels.unique(&if rest == Some(class) { "any other".to_owned() } else { label(def, members) })
            })
            .collect();
        let path = &self.paths[input as usize];
        let name = names.unique(&format!("{} class", path.replace('.', " ")));
        let kind = types.unique(&type_name(&name)).replace(' ', "_");
        model.types.push(Type::of(&kind, "string", Some(feel::strings(labels.iter().map(String::as_str)))));
        let mut rules = Vec::new();
        for class in (0..members.len()).filter(|class| rest != Some(*class)).chain(rest) {
            let inside = members[class].iter().map(|member| &def.members[*member as usize]);
            let known: Vec<&str> = inside.clone().map(|member| member.label.as_str()).filter(|label| !label.is_empty()).collect();
            let note = if known.len() <= 2 * LISTED { known.join(", ") } else { format!("{} members", members[class].len()) };
            rules.push((
                vec![feel::strings(inside.map(|member| member.name.as_str()))],
                vec![feel::string(&labels[class])],
                note,
            ));
        }
        let logic = Some(Logic::Table(Table {
            inputs: vec![Input { label: String::new(), expression: path.clone(), kind: self.types[input as usize].clone() }],
            outputs: vec![(name.clone(), kind.clone())],
            annotation: Some("members".into()),
            rules,
        }));
        let description = format!("Which members of {} make no difference to any rule.", def.name);
        let requires = vec![self.nodes[input as usize]];
        self.classes.insert(number, (model.nodes.len(), kind.clone(), labels));
        model.nodes.push(Node { name, description, kind, logic, requires, decision: None });
    }
}

/// Whether members of an input are written out.
pub(super) fn is_short(table: &OwnedTable, input: usize) -> bool {
    matches!(&table.inputs[input].domain, Domain::Enum(id) if table.enums[id.index()].size() <= SHORT)
}

/// The name of a class of members: a heading with these members, or the members themselves.
fn label(def: &EnumDef, members: &[u32]) -> String {
    if let Some(heading) = def.headings.iter().find(|heading| heading.members.iter().eq(members.iter().copied())) {
        return heading.name.clone();
    }
    let names: Vec<&str> = members.iter().take(LISTED).map(|member| def.members[*member as usize].name.as_str()).collect();
    let more = members.len() - names.len();
    if more == 0 { names.join(", ") } else { format!("{} and {more} more", names.join(", ")) }
}

/// An input in words.
fn describe(table: &OwnedTable, input: usize) -> String {
    let TableInput { name, title, .. } = &table.inputs[input];
    let name = if title.is_empty() { name.clone() } else { format!("{name} ({title})") };
    match &table.inputs[input].domain {
        Domain::Bool => format!("{name}: yes or no"),
        Domain::Enum(id) => format!("{name}: a member of {}", table.enums[id.index()].name),
        Domain::Set(id) => format!("{name}: members of {}", table.enums[id.index()].name),
        Domain::Number(number) => {
            let unit = if number.unit.is_empty() { String::new() } else { format!(" {}", number.unit) };
            format!("{name}: {} to {}{unit}, in steps of {}", number.text(number.lo), number.text(number.hi), feel::step(number))
        }
        Domain::Date { lo, hi } => format!("{name}: {} to {}", crate::ir::date_text(*lo), crate::ir::date_text(*hi)),
    }
}

/// A record of components, records below it included.
fn component(name: &str, members: &[(Vec<String>, String)]) -> Type {
    let mut content: Vec<Type> = Vec::new();
    let mut done: BTreeSet<&str> = BTreeSet::new();
    for (path, kind) in members {
        let first = path[0].as_str();
        if path.len() == 1 {
            content.push(Type::of(first, kind, None));
        } else if done.insert(first) {
            let below: Vec<(Vec<String>, String)> = members
                .iter()
                .filter(|(path, _)| path[0] == first)
                .map(|(path, kind)| (path[1..].to_vec(), kind.clone()))
                .collect();
            content.push(component(first, &below));
        }
    }
    Type { name: name.to_owned(), content: Content::Record(content), collection: false }
}

/// The nodes that a test needs.
pub(super) fn needs(inputs: &Inputs, table: &OwnedTable, number: usize) -> Vec<usize> {
    if let Some((node, _, _)) = inputs.classes.get(&number) {
        return vec![*node];
    }
    if let Some(node) = inputs.same.get(&number) {
        return vec![*node];
    }
    test::inputs(table, &table.tests[number]).into_iter().map(|input| inputs.nodes[input]).collect()
}
