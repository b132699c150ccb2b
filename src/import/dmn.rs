//! DMN files: XML → decision tables ([`Grid`]). DMN 1.1 to 1.5 (OMG formal/2024-01-01 and before it), told by their namespaces.
//!
//! The XML comes from strangers: a document type declaration is refused, with it all entities but the five of XML itself, and nesting and cells have limits.
//! DIVERGENCE: only decision tables are read. What a table's input expression says must be a name; anything else would have to be computed.

use std::collections::BTreeMap;

use quick_xml::NsReader;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;

use super::feel;
use super::grid::{Condition, Grid, Head, Kind, Line, Policy};
use super::{CELL, Wrong};

/// The namespaces of the versions.
const VERSIONS: [(&str, &str); 5] = [
    ("http://www.omg.org/spec/DMN/20151101/dmn.xsd", "1.1"),
    ("http://www.omg.org/spec/DMN/20180521/MODEL/", "1.2"),
    ("https://www.omg.org/spec/DMN/20191111/MODEL/", "1.3"),
    ("https://www.omg.org/spec/DMN/20211108/MODEL/", "1.4"),
    ("https://www.omg.org/spec/DMN/20230324/MODEL/", "1.5"),
];
/// How deep elements may stand in each other.
const DEPTH: usize = 64;

/// An element. Only what stands in the namespace of the outermost one is kept: extensions of tools have names of their own.
#[derive(Debug, Default)]
struct Element {
    name: String,
    attributes: BTreeMap<String, String>,
    text: String,
    children: Vec<Element>,
}

impl Element {
    fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str).filter(|text| !text.trim().is_empty())
    }

    fn all<'e>(&'e self, name: &'static str) -> impl Iterator<Item = &'e Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    fn child(&self, name: &'static str) -> Option<&Element> {
        self.all(name).next()
    }

    /// The content of its `text` child.
    fn words(&self) -> &str {
        self.child("text").map_or("", |text| text.text.trim())
    }
}

/// All decision tables of a file, in its order.
pub fn read(text: &str, wrong: &mut Wrong) -> Vec<Grid> {
    let root = match tree(text) {
        Ok(root) => root,
        Err(why) => {
            wrong.file(why, "a DMN file is XML whose outermost element is `definitions`");
            return Vec::new();
        }
    };
    let types = root.all("itemDefinition").filter_map(|item| Some((item.attribute("name")?, item))).collect();
    let file = File { root: &root, types };
    let mut grids = Vec::new();
    for decision in root.all("decision") {
        if let Some(table) = decision.child("decisionTable") {
            grids.push(file.table(decision, table, wrong));
        }
    }
    let mut elsewhere = Vec::new();
    unread(&root, &mut Vec::new(), &mut elsewhere);
    if grids.is_empty() && wrong.is_empty() {
        let help = "what is read is a `decision` with a `decisionTable` of its own, not inside of another expression";
        let what = match elsewhere.first() {
            None => "it has no decision table".to_owned(),
            Some(_) => format!("it has no decision table that is read, only those of {}", elsewhere.join("; ")),
        };
        wrong.file(what, help);
        return grids;
    }
    wrong.table.clear();
    for place in elsewhere {
        wrong.unread = true;
        wrong.warn(format!(
            "the decision table of {place} is not read: what is read is a `decision` with a `decisionTable` of its own"
        ));
    }
    grids
}

/// Where the decision tables are that do not stand for themselves in a decision: in functions, contexts and other expressions.
fn unread<'e>(element: &'e Element, path: &mut Vec<&'e Element>, out: &mut Vec<String>) {
    let own = path.len() == 2 && path[1].name == "decision";
    if element.name == "decisionTable" && !own {
        let place = |of: &&Element| {
            let name = of.attribute("name").or_else(|| of.child("variable")?.attribute("name"))?;
            Some(format!("{} `{}`", of.name, name.trim()))
        };
        let places: Vec<String> = path.iter().skip(1).filter_map(place).collect();
        let place = if places.is_empty() { path.last().map_or(String::new(), |of| of.name.clone()) } else { places.join(", ") };
        out.push(place);
    }
    path.push(element);
    element.children.iter().for_each(|child| unread(child, path, out));
    path.pop();
}

fn tree(text: &str) -> Result<Element, String> {
    let mut reader = NsReader::from_str(text);
    let mut open: Vec<Element> = Vec::new();
    let mut space = String::new();
    // How many elements of another namespace are open.
    let mut foreign = 0;
    loop {
        let at = |reader: &NsReader<&[u8]>| {
            let before = &text.as_bytes()[..(reader.buffer_position() as usize).min(text.len())];
            before.iter().filter(|byte| **byte == b'\n').count() + 1
        };
        let (of, event) = match reader.read_resolved_event() {
            Ok((of, event)) => (owned(&of), event),
            Err(error) => return Err(format!("line {}: broken XML: {error}", at(&reader))),
        };
        match event {
            Event::Start(start) => {
                if open.len() + foreign == DEPTH {
                    return Err(format!("line {}: more than {DEPTH} elements stand in each other", at(&reader)));
                }
                let element = element(&start).map_err(|why| format!("line {}: {why}", at(&reader)))?;
                if open.is_empty() {
                    space = rooted(&element, of)?;
                } else if foreign > 0 || of.as_ref() != Some(&space) {
                    foreign += 1;
                    continue;
                }
                open.push(element);
            }
            Event::Empty(start) => {
                let element = element(&start).map_err(|why| format!("line {}: {why}", at(&reader)))?;
                match open.last_mut() {
                    Some(parent) if foreign == 0 && of.as_ref() == Some(&space) => parent.children.push(element),
                    Some(_) => {}
                    None => {
                        rooted(&element, of)?;
                        return Ok(element);
                    }
                }
            }
            Event::End(_) if foreign > 0 => foreign -= 1,
            Event::End(_) => {
                let Some(done) = open.pop() else {
                    return Err(format!("line {}: an element ends that never began", at(&reader)));
                };
                match open.last_mut() {
                    Some(parent) => parent.children.push(done),
                    None => return Ok(done),
                }
            }
            Event::Text(_) | Event::CData(_) if foreign > 0 => {}
            Event::Text(words) => {
                put(&mut open, &words);
            }
            Event::CData(words) => {
                put(&mut open, &words);
            }
            Event::GeneralRef(entity) => {
                let name = entity.to_string();
                let resolved = match name.as_str() {
                    "lt" => Some('<'),
                    "gt" => Some('>'),
                    "amp" => Some('&'),
                    "quot" => Some('"'),
                    "apos" => Some('\''),
                    _ => entity.resolve_char_ref().ok().flatten(),
                };
                let Some(c) = resolved else {
                    return Err(format!(
                        "line {}: the entity `&{name};` is none of XML's own, and no other is read",
                        at(&reader)
                    ));
                };
                if foreign == 0 {
                    put(&mut open, c.encode_utf8(&mut [0; 4]));
                }
            }
            Event::DocType(_) => {
                return Err(format!(
                    "line {}: a document type declaration (`<!DOCTYPE`): a DMN file has none, and it is not read",
                    at(&reader)
                ));
            }
            Event::Eof => {
                let name = open.last().map_or("definitions", |element| element.name.as_str());
                return Err(format!("the file ends before `{name}` does"));
            }
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
        }
    }
}

fn put(open: &mut [Element], words: &str) {
    if let Some(last) = open.last_mut() {
        last.text.push_str(words);
    }
}

fn element(start: &BytesStart<'_>) -> Result<Element, String> {
    let name = start.local_name().as_ref().to_owned();
    let mut attributes = BTreeMap::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| format!("broken XML: {error}"))?;
        let key = attribute.key.as_ref().to_owned();
        let value = attribute
            .normalized_value(quick_xml::XmlVersion::Explicit1_0)
            .map_err(|error| format!("broken XML: {error}"))?
            .into_owned();
        attributes.insert(key, value);
    }
    Ok(Element { name, attributes, ..Element::default() })
}

/// A namespace that outlives the event; `None` if there is none, or its prefix is not declared.
fn owned(of: &ResolveResult<'_>) -> Option<String> {
    if let ResolveResult::Bound(space) = of { Some(space.0.to_owned()) } else { None }
}

/// The namespace of the outermost element, which must be DMN of a version that is known.
fn rooted(element: &Element, space: Option<String>) -> Result<String, String> {
    let space = space.unwrap_or_default();
    if element.name == "definitions" && VERSIONS.iter().any(|(known, _)| *known == space) {
        return Ok(space);
    }
    let versions: Vec<&str> = VERSIONS.iter().map(|(_, version)| *version).collect();
    Err(format!(
        "its outermost element is `{}` of the namespace \"{space}\": DMN {} are read, whose outermost element is `definitions`",
        element.name,
        versions.join(", ")
    ))
}

struct File<'e> {
    root: &'e Element,
    types: BTreeMap<&'e str, &'e Element>,
}

impl File<'_> {
    fn table(&self, decision: &Element, table: &Element, wrong: &mut Wrong) -> Grid {
        let name = decision.attribute("name").or(decision.attribute("id")).unwrap_or("decision").trim().to_owned();
        wrong.table = name.clone();
        let mut grid = Grid { name, dense: true, policy: policy(table, wrong), ..Grid::default() };
        for (at, input) in table.all("input").enumerate() {
            grid.inputs.push(self.input(at, input, wrong));
        }
        let outputs: Vec<&Element> = table.all("output").collect();
        for output in &outputs {
            grid.outputs.push(self.output(decision, output, outputs.len(), wrong));
        }
        if grid.outputs.is_empty() {
            wrong.say("it has no output column".to_owned());
        }
        let notes: Vec<&str> = table.all("annotation").map(|note| note.attribute("name").unwrap_or("")).collect();
        for (at, rule) in table.all("rule").enumerate() {
            let number = at + 1;
            let mut line = Line { number, ..Line::default() };
            let (asked, said): (Vec<_>, Vec<_>) = (rule.all("inputEntry").collect(), rule.all("outputEntry").collect());
            if asked.len() != grid.inputs.len() || said.len() != grid.outputs.len() {
                wrong.say(format!(
                    "row {number} has {} input and {} output entries, the table {} and {} columns",
                    asked.len(),
                    said.len(),
                    grid.inputs.len(),
                    grid.outputs.len()
                ));
                continue;
            }
            for (entry, head) in asked.iter().zip(&grid.inputs) {
                line.conditions.push(cell(entry.words(), feel::unary_tests, wrong, number, &head.name));
            }
            for (entry, head) in said.iter().zip(&grid.outputs) {
                let value = cell(entry.words(), feel::literal, wrong, number, &head.name);
                line.outputs.push(value.into_iter().collect());
            }
            let written: Vec<&str> = rule.all("annotationEntry").map(Element::words).collect();
            let own = rule.child("description").map_or("", |words| words.text.trim());
            let named = written.iter().enumerate().map(|(at, words)| (notes.get(at).copied().unwrap_or(""), *words));
            (line.cite, line.title) = super::annotations(named.chain([("", own)]));
            grid.rows.push(line);
        }
        grid
    }

    fn input(&self, at: usize, input: &Element, wrong: &mut Wrong) -> Head {
        let expression = input.child("inputExpression");
        let label = input.attribute("label").unwrap_or("").trim().to_owned();
        let words = expression.map_or("", Element::words);
        let name = if words.is_empty() { label.clone() } else { words.split_whitespace().collect::<Vec<_>>().join(" ") };
        if name.is_empty() {
            wrong.say(format!("input column {} has neither an expression nor a label", at + 1));
        } else if !words.is_empty() && !self.is_name(&name) {
            wrong.say(format!(
                "input column {}: the expression `{name}` would have to be computed; only names and paths of names are read",
                at + 1
            ));
        }
        let own = expression.and_then(|expression| expression.attribute("typeRef"));
        let declared = own.or_else(|| self.declared(&name));
        let (kind, mut allowed) = self.kind(declared, &name, wrong);
        if let Some(values) = input.child("inputValues") {
            allowed = Some(self.values(values, &name, wrong));
        }
        Head { title: if label == name { String::new() } else { label }, name, kind, allowed, default: None }
    }

    fn output(&self, decision: &Element, output: &Element, count: usize, wrong: &mut Wrong) -> Head {
        let variable = decision.child("variable");
        let own = output.attribute("name").or(output.attribute("label"));
        let of_decision = variable.and_then(|variable| variable.attribute("name")).or(decision.attribute("name"));
        // Of one output the name is optional: it is then the decision's.
        let name = if count == 1 { own.or(of_decision) } else { own };
        let name = name.unwrap_or_else(|| {
            wrong.say("of several output columns one has no name".to_owned());
            "output"
        });
        let name = name.trim().to_owned();
        let declared =
            output.attribute("typeRef").or(variable.filter(|_| count == 1).and_then(|variable| variable.attribute("typeRef")));
        let (kind, mut allowed) = self.kind(declared, &name, wrong);
        if let Some(values) = output.child("outputValues") {
            allowed = Some(self.values(values, &name, wrong));
        }
        let default = output.child("defaultOutputEntry").and_then(|entry| match feel::literal(entry.words()) {
            Ok(value) => value,
            Err(why) => {
                wrong.say(format!("the default of `{name}`: {why}"));
                None
            }
        });
        let label = output.attribute("label").unwrap_or("").trim().to_owned();
        Head { title: if label == name { String::new() } else { label }, name, kind, allowed, default }
    }

    /// A name or a path of names: one that is declared, or words without anything that computes.
    fn is_name(&self, words: &str) -> bool {
        let declared = |element: &Element| element.attribute("name") == Some(words);
        let known = ["inputData", "decision"].into_iter().flat_map(|kind| self.root.all(kind)).any(declared);
        let computes = [
            "and",
            "or",
            "if",
            "then",
            "else",
            "for",
            "in",
            "return",
            "some",
            "every",
            "satisfies",
            "between",
            "instance",
            "function",
            "not",
            "null",
            "true",
            "false",
        ];
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | ' ' | '.' | '\'' | '’');
        known
            || (words.chars().all(plain)
                && words.starts_with(|c: char| c.is_alphabetic() || c == '_')
                && !words.contains("..")
                && !words.ends_with('.')
                && !words.split([' ', '.']).any(|word| computes.contains(&word)))
    }

    /// The type of a name or path, by its input data or decision.
    fn declared(&self, path: &str) -> Option<&str> {
        let named = |element: &&Element, name: &str| {
            element.attribute("name") == Some(name)
                || element.child("variable").and_then(|variable| variable.attribute("name")) == Some(name)
        };
        let find = |name: &str| {
            let found = ["inputData", "decision"]
                .into_iter()
                .flat_map(|kind| self.root.all(kind))
                .find(|element| named(element, name))?;
            found.child("variable")?.attribute("typeRef")
        };
        if let Some(found) = find(path) {
            return Some(found);
        }
        let mut steps = path.split('.').map(str::trim);
        let mut at = find(steps.next()?)?;
        for step in steps {
            let of = self.types.get(at)?;
            at = component_type(of.all("itemComponent").find(|component| component.attribute("name") == Some(step))?)?;
        }
        Some(at)
    }

    /// What a type means, through item definitions; and the values that they allow.
    fn kind(&self, declared: Option<&str>, column: &str, wrong: &mut Wrong) -> (Option<Kind>, Option<Condition>) {
        let (mut allowed, mut at) = (None, declared);
        for _ in 0..=self.types.len() {
            let Some(name) = at.map(|name| name.trim().trim_start_matches("feel:")) else { return (None, allowed) };
            let Some(item) = self.types.get(name) else {
                let kind = match name.to_ascii_lowercase().as_str() {
                    "string" => Kind::Text,
                    "number" | "double" | "decimal" | "float" => Kind::Number,
                    "integer" | "int" | "long" | "short" | "byte" => Kind::Whole,
                    "boolean" => Kind::Flag,
                    "date" => Kind::Day,
                    "any" => return (None, allowed),
                    _ => {
                        wrong.say(format!("column `{column}`: the type `{name}` is not read; string, number, boolean, date and item definitions of them are"));
                        return (None, None);
                    }
                };
                return (Some(kind), allowed);
            };
            if item.attribute("isCollection") == Some("true") || item.child("itemComponent").is_some() {
                wrong.say(format!("column `{column}`: the type `{name}` is a list or a structure, and a column has one value"));
                return (None, None);
            }
            if let Some(values) = item.child("allowedValues").filter(|_| allowed.is_none()) {
                allowed = Some(self.values(values, column, wrong));
            }
            at = component_type(item);
        }
        wrong.say(format!("column `{column}`: its type is defined by itself"));
        (None, None)
    }

    fn values(&self, values: &Element, column: &str, wrong: &mut Wrong) -> Condition {
        feel::unary_tests(values.words()).unwrap_or_else(|why| {
            wrong.say(format!("the values of column `{column}`: {why}"));
            Condition::default()
        })
    }
}

/// The type that an item definition or a component refers to.
fn component_type(item: &Element) -> Option<&str> {
    item.child("typeRef").map(|reference| reference.text.trim()).filter(|text| !text.is_empty()).or(item.attribute("typeRef"))
}

/// Reads a cell; what is wrong is said with its row, its column and its words.
fn cell<T: Default>(text: &str, read: impl Fn(&str) -> Result<T, String>, wrong: &mut Wrong, row: usize, column: &str) -> T {
    if text.len() > CELL {
        wrong.cell(
            row,
            column,
            &text.chars().take(20).collect::<String>(),
            &format!("the cell has {} bytes; {CELL} are the most", text.len()),
        );
        return T::default();
    }
    read(text).unwrap_or_else(|why| {
        wrong.cell(row, column, text, &why);
        T::default()
    })
}

fn policy(table: &Element, wrong: &mut Wrong) -> Policy {
    let name = table.attribute("hitPolicy").unwrap_or("UNIQUE");
    let Some(policy) = Policy::of(name) else {
        wrong.say(format!("the hit policy `{name}` is none of DMN's"));
        return Policy::Unique;
    };
    match (policy, table.attribute("aggregation")) {
        (Policy::Collect, Some("SUM")) => Policy::Sum,
        (Policy::Collect, Some("MIN")) => Policy::Min,
        (Policy::Collect, Some("MAX")) => Policy::Max,
        (Policy::Collect, Some("COUNT")) => Policy::Count,
        (Policy::Collect, None) => Policy::Collect,
        (Policy::Collect, Some(other)) => {
            wrong.say(format!("the aggregation `{other}` is none of DMN's"));
            policy
        }
        (_, Some(_)) => {
            wrong.say(format!("only COLLECT has an aggregation, and this table is {}", policy.name()));
            policy
        }
        (policy, None) => policy,
    }
}
