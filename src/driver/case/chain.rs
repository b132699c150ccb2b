//! What stands before a case, in case files: nodes by name or in place, with what is said of each link.

use std::collections::BTreeMap;

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{Before, Case, Chained, InputId, Node, OriginId, Program, Step, Value};
use crate::source::{FileId, Span};

use super::super::json::{Entry, Given};
use super::{Constants, fill, in_domain, nearest, span};

/// The key under which a case file names its own nodes.
const NODES: &str = "nodes";
/// The key of an earlier case that is a node with a name.
const IS: &str = "is";
/// What says that there is none, as in the language.
const NOTHING: &str = "nothing";

/// Reads a case with what stands before it.
pub fn read(program: &Program, constants: &Constants, file: FileId, all: &[Entry]) -> Result<Chained, Vec<Diagnostic>> {
    let mut reader = Reader {
        program,
        constants,
        file,
        nodes: program.nodes.clone(),
        names: BTreeMap::new(),
        met: Vec::new(),
        wrong: Vec::new(),
    };
    for (index, node) in program.nodes.iter().enumerate() {
        reader.names.insert(node.name.clone(), index as u32);
    }
    let own = if program.links.is_empty() { None } else { all.iter().find(|entry| entry.name == NODES) };
    if let Some(entry) = own {
        reader.own_nodes(entry);
    }
    let rest: Vec<&Entry> = all.iter().filter(|entry| own.is_none_or(|own| !std::ptr::eq(*entry, own))).collect();
    let (case, before) = reader.stand(&rest, "");
    reader.kept();
    if reader.wrong.is_empty() {
        Ok(Chained { case, before, nodes: reader.nodes })
    } else {
        reader.wrong.sort_by_key(Diagnostic::span);
        Err(reader.wrong)
    }
}

/// `"exporter": {"hq": "CN"}` is `"exporter.hq": "CN"`.
fn fields(entry: &Entry, record: &dyn Fn(&str) -> bool) -> Vec<Entry> {
    match &entry.value {
        Given::Object(inner) if record(&entry.name) && !inner.is_empty() => {
            let named = |one: &Entry| Entry { name: format!("{}.{}", entry.name, one.name), ..one.clone() };
            inner.iter().flat_map(|one| fields(&named(one), record)).collect()
        }
        _ => vec![entry.clone()],
    }
}

/// What a node without a name is called: `owner 2`, `owner 1 of holding`.
fn called(link: &str, number: usize, of: &str) -> String {
    if of.is_empty() { format!("{link} {number}") } else { format!("{link} {number} of {of}") }
}

struct Reader<'p> {
    program: &'p Program,
    constants: &'p Constants,
    file: FileId,
    nodes: Vec<Node>,
    names: BTreeMap<String, u32>,
    /// Links and the nodes at their far ends, with their places: a node may be filled after it is named.
    met: Vec<(usize, Vec<u32>, Span)>,
    wrong: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn at(&self, place: &std::ops::Range<usize>) -> Span {
        span(self.file, place)
    }

    fn say(&mut self, title: impl Into<String>, place: &std::ops::Range<usize>, label: &str, help: &str) {
        let message = Diagnostic::new(Code::BadCase, title, self.at(place), label);
        self.wrong.push(if help.is_empty() { message } else { message.help(help) });
    }

    /// `"nodes": { "holding": { … }, … }`: first all names, so that they can name each other.
    fn own_nodes(&mut self, entry: &Entry) {
        let Given::Object(list) = &entry.value else {
            let help = "write an object: { \"holding\": { \"party.hq\": \"CN\" } }";
            self.say("the nodes of a case are named", &entry.value_at, "not an object", help);
            return;
        };
        let first = self.nodes.len();
        for node in list {
            let index = self.nodes.len() as u32;
            if self.names.insert(node.name.clone(), index).is_some() {
                self.say(format!("there is already a node `{}`", node.name), &node.name_at, "again here", "give it another name");
            }
            if node.name == NOTHING {
                self.say(format!("`{NOTHING}` says that there is no node"), &node.name_at, "so no node can be called that", "");
            }
            let (given, before) = (Case::unknown(self.program.inputs.len()), Vec::new());
            let (name, title) = (node.name.clone(), String::new());
            self.nodes.push(Node { name, title, given, before, origin: OriginId::NOWHERE });
        }
        for (at, node) in list.iter().enumerate() {
            match &node.value {
                Given::Object(entries) => {
                    let (given, before) = self.stand(&entries.iter().collect::<Vec<_>>(), &node.name);
                    self.nodes[first + at].given = given;
                    self.nodes[first + at].before = before;
                }
                _ => self.say(format!("`{}` is a node", node.name), &node.value_at, "not an object of its facts", ""),
            }
        }
    }

    /// The facts of a case, and what stands before it.
    fn stand(&mut self, all: &[&Entry], of: &str) -> (Case, Vec<Before>) {
        let link_of = |name: &str| self.program.links.iter().position(|link| link.name == name);
        let record = |name: &str| {
            let below = format!("{name}.");
            let own = link_of(name).is_some() || self.program.find_input(name).is_some();
            !own && self.program.inputs.iter().any(|input| input.name.starts_with(&below))
        };
        let flat: Vec<Entry> = all.iter().flat_map(|entry| fields(entry, &record)).collect();
        let all: Vec<&Entry> = flat.iter().collect();
        let (links, facts): (Vec<&Entry>, Vec<&Entry>) = all.iter().partition(|entry| link_of(&entry.name).is_some());
        let case = match fill(self.program, self.constants, self.file, &facts) {
            Ok(case) => case,
            Err(messages) => {
                self.wrong.extend(messages);
                Case::unknown(self.program.inputs.len())
            }
        };
        let mut before: Vec<Before> = Vec::new();
        for entry in links {
            let Some(link) = self.program.links.iter().position(|link| link.name == entry.name) else { continue };
            if before.iter().any(|before| before.link == link as u32) {
                self.say(
                    format!("`{}` is given twice", entry.name),
                    &entry.name_at,
                    "again here",
                    "put all of them into one list",
                );
                continue;
            }
            if let Some(steps) = self.steps(link, entry, of) {
                self.once(link, entry, &case);
                self.met.push((link, steps.iter().map(|step| step.node).collect(), self.at(&entry.value_at)));
                before.push(Before { link: link as u32, steps });
            }
        }
        before.sort_by_key(|before| before.link);
        (case, before)
    }

    /// What stands before a case along one link; `None`: unknown.
    fn steps(&mut self, link: usize, entry: &Entry, of: &str) -> Option<Vec<Step>> {
        let with = vec![None; self.program.links[link].fields.len()];
        let mut steps = Vec::new();
        match &entry.value {
            Given::Null => return None,
            Given::Text(text) if text == NOTHING => {}
            Given::Text(text) if text.split(',').all(|name| name.trim().is_empty()) => {
                let help = "an empty list says that there is none, null that it is not known";
                self.say(format!("`{}` is an empty text", entry.name), &entry.value_at, "no node", help);
            }
            Given::Text(text) => {
                for name in text.split(',').map(str::trim).filter(|name| !name.is_empty()) {
                    steps.extend(self.named(name, &entry.value_at).map(|node| Step { node, with: with.clone() }));
                }
            }
            Given::List(list) => {
                for (at, (one, place)) in list.iter().enumerate() {
                    let called = || called(&entry.name, at + 1, of);
                    match one {
                        Given::Text(name) => steps.extend(self.named(name, place).map(|node| Step { node, with: with.clone() })),
                        Given::Object(entries) => steps.extend(self.step(link, entries, called())),
                        Given::Nested => {
                            let help = "name the nodes under `nodes`, and let them name each other";
                            self.say("nested too deeply, or a list in a list", place, "not a node", help);
                        }
                        _ => self.say(
                            format!("`{}` is a link", entry.name),
                            place,
                            "not a node",
                            "name a node, or give its facts as an object",
                        ),
                    }
                }
            }
            Given::Object(entries) => steps.extend(self.step(link, entries, called(&entry.name, 1, of))),
            _ => self.say(
                format!("`{}` is a link", entry.name),
                &entry.value_at,
                "not what stands before the case",
                "write a list of nodes, by name or as objects; an empty list says that there is none",
            ),
        }
        Some(steps)
    }

    fn named(&mut self, name: &str, place: &std::ops::Range<usize>) -> Option<u32> {
        if let Some(node) = self.names.get(name) {
            return Some(*node);
        }
        let message = Diagnostic::new(Code::BadCase, format!("there is no node `{name}`"), self.at(place), "not a node");
        let message = match nearest(name, self.names.keys().map(String::as_str)) {
            Some(near) => message.help(format!("did you mean `{near}`?")),
            None if name == NOTHING => message.help("an empty list says that there is none"),
            None => message.help(format!("name it under `{NODES}`, or give its facts in place")),
        };
        self.wrong.push(message);
        None
    }

    /// One earlier case: `{ "is": "holding", "share": 40 }`, or with its facts in place of a name.
    fn step(&mut self, link: usize, entries: &[Entry], called: String) -> Option<Step> {
        let fields = &self.program.links[link].fields;
        let mut with: Vec<Option<Value>> = vec![None; fields.len()];
        let mut named = None;
        let mut facts = Vec::new();
        for entry in entries {
            if entries.iter().filter(|other| other.name == entry.name).count() > 1 {
                self.say(format!("`{}` is given twice", entry.name), &entry.name_at, "once here", "leave one of them");
                return None;
            }
            if let Some(at) = fields.iter().position(|(field, _)| *field == entry.name) {
                match in_domain(self.program, &fields[at].1, &entry.value) {
                    Ok(value) => with[at] = value,
                    Err(misfit) => {
                        let place = self.at(&entry.value_at);
                        self.wrong.push(misfit.at(&entry.name, place));
                    }
                }
            } else if entry.name == IS {
                match &entry.value {
                    Given::Text(name) => named = Some(self.named(name, &entry.value_at)?),
                    _ => {
                        self.say("a node is named by a text", &entry.value_at, "not a name", "");
                        return None;
                    }
                }
            } else {
                facts.push(entry);
            }
        }
        let node = match (named, facts.first()) {
            (Some(_), Some(fact)) => {
                let title = format!("`{}` belongs to the node, not to the link", fact.name);
                self.say(title, &fact.name_at, "the node has a name", "give this fact where the node is declared");
                return None;
            }
            (Some(node), None) => node,
            (None, _) => {
                let (given, before) = self.stand(&facts, &called);
                self.nodes.push(Node { name: called, title: String::new(), given, before, origin: OriginId::NOWHERE });
                self.nodes.len() as u32 - 1
            }
        };
        Some(Step { node, with })
    }

    /// A fact that follows from what stands before a case cannot be given too.
    fn once(&mut self, link: usize, entry: &Entry, case: &Case) {
        let carries = self.program.carries.iter().filter(|carry| carry.link == link as u32);
        let twice: Option<InputId> = carries.map(|carry| carry.target).find(|target| case.get(*target).is_some());
        if let Some(target) = twice {
            let title = format!("`{}` is given, and follows from `{}`", self.program.input(target).name, entry.name);
            self.say(title, &entry.name_at, "from what stands here", "take one of the two away");
        }
    }

    /// What a link keeps cannot be given by the node at its far end.
    fn kept(&mut self) {
        for (link, nodes, place) in &self.met {
            let link = &self.program.links[*link];
            for node in nodes {
                let node = &self.nodes[*node as usize];
                if let Some(kept) = link.keeps.iter().find(|keep| node.given.get(**keep).is_some()) {
                    let input = &self.program.input(*kept).name;
                    let title = format!("`{input}` is kept along `{}`, and `{}` gives its own", link.name, node.name);
                    self.wrong.push(
                        Diagnostic::new(Code::BadCase, title, *place, "here")
                            .help("take it out of the node: it is that of the case before which the node stands"),
                    );
                }
            }
        }
    }
}
