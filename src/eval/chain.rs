//! What stands before a case, followed to the end: the least fixpoint over the chain that is given.
//!
//! Every node is a case of the same program, seen from the case before which it stands (what a link keeps comes from there). Nodes are
//! visited from the far end; nodes in a circle (owners of each other) are counted again and again, from nothing, until
//! nothing changes (Kleene, "Introduction to Metamathematics", 1952, section 66: the first recursion theorem).
//!
//! What is unknown stays unknown: a link of which nothing is said, a fact of a node, a share. Two counts are made, of what certainly
//! counts and of what may count; an input is known where both agree, and lies between them elsewhere ([`Bound`]). A circle in
//! which counting one thing makes another not count has no least fixpoint: nothing follows from it, and that is said.

use std::collections::BTreeMap;

use crate::ir::{Before, Bound, Carried, Carry, Case, Domain, InputId, MemberSet, Node, Outcome, Program, Source, Value};

use crate::words::{Sentence, list, say};

use super::unknown::{always, possible};

/// Rounds in a circle before it counts as one that does not settle.
const ROUNDS: usize = 10_000;

/// A case with what follows from what stands before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// The case, with the inputs that follow.
    pub case: Case,
    /// What was looked at, the case itself first.
    pub stations: Vec<Station>,
    /// What could not be followed.
    pub faults: Vec<Fault>,
}

/// A case of the chain with what counts in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Station {
    /// Which node; `None` for the case itself.
    pub node: Option<u32>,
    /// Its facts, with what follows from what stands before it.
    pub case: Case,
    /// What was asked of each earlier case.
    pub counted: Vec<Counted>,
}

/// Whether an earlier case counts, and for what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Which of [`Program::carries`].
    pub carry: usize,
    /// The earlier case.
    pub node: u32,
    /// Whether it counts; `None`: it depends on what is unknown.
    pub counts: Option<bool>,
    /// What it adds; `None` if that is unknown, and for what only holds.
    pub adds: Option<Value>,
}

/// Why a chain could not be followed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// In this circle of nodes, counting one thing makes another not count, or it does not settle.
    Circle(Vec<u32>),
    /// A total leaves the range of its input.
    OutOfRange {
        /// The input.
        input: InputId,
        /// Where; `None`: in the case itself.
        node: Option<u32>,
        /// The total, in steps.
        total: i128,
    },
}

/// A node seen from a case: the inputs that the links on the way keep, with their values there.
type Key = (Option<u32>, Vec<(InputId, Option<Value>)>);

struct Place<'c> {
    node: Option<u32>,
    /// Its own facts and what is kept.
    facts: Case,
    before: &'c [Before],
    /// For each step of `before`, in order: the place of the earlier case.
    earlier: Vec<Vec<usize>>,
}

/// The inputs that follow, with what is known of them.
type Follows = BTreeMap<InputId, Known>;

/// What is known of an input: its value, or what it lies between, or neither.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Known {
    value: Option<Value>,
    bound: Option<Bound>,
}

impl Known {
    /// What certainly counts, and all that may: `None` for anything.
    fn between(least: Value, most: Option<Value>) -> Self {
        match (least, most) {
            (least, Some(most)) if least == most => Known { value: Some(least), bound: None },
            (Value::Bool(true), _) => Known { value: Some(Value::Bool(true)), bound: None },
            (Value::Int(lo), Some(Value::Int(hi))) => Known { value: None, bound: Some(Bound::Range(lo, hi)) },
            (Value::Int(lo), _) => Known { value: None, bound: Some(Bound::Range(lo, i64::MAX)) },
            (Value::Set(all), Some(Value::Set(most))) => Known { value: None, bound: Some(Bound::Set(all, most)) },
            (Value::Set(all), _) => {
                let any = MemberSet::of(all.size(), 0..all.size());
                if all == any {
                    Known { value: Some(Value::Set(all)), bound: None }
                } else {
                    Known { value: None, bound: Some(Bound::Set(all, any)) }
                }
            }
            _ => Known::default(),
        }
    }
}

struct Chain<'c> {
    program: &'c Program,
    places: Vec<Place<'c>>,
    /// The inputs that follow, by place.
    follows: Vec<Follows>,
    faults: Vec<Fault>,
}

/// Which of the unknown counts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Both: known if they agree.
    Exact,
    /// Only what certainly counts.
    Least,
    /// All that may count.
    Most,
}

/// Follows what stands before a case.
pub fn resolve(program: &Program, case: &Case, before: &[Before], nodes: &[Node]) -> Resolved {
    if before.is_empty() {
        return Resolved { case: case.clone(), stations: Vec::new(), faults: Vec::new() };
    }
    let places = places(program, case, before, nodes);
    let follows = vec![BTreeMap::new(); places.len()];
    let mut chain = Chain { program, places, follows, faults: Vec::new() };
    for group in groups(&chain.places) {
        chain.group(&group);
    }
    let stations = (0..chain.places.len()).map(|place| chain.station(place)).collect();
    let resolved = chain.case(0);
    chain.faults.sort();
    chain.faults.dedup();
    Resolved { case: resolved, stations, faults: chain.faults }
}

/// Every node as often as it is seen in a different light, the case itself first.
fn places<'c>(program: &Program, case: &Case, before: &'c [Before], nodes: &'c [Node]) -> Vec<Place<'c>> {
    let mut known: BTreeMap<Key, usize> = BTreeMap::new();
    let mut places = vec![Place { node: None, facts: case.clone(), before, earlier: Vec::new() }];
    let mut at = 0;
    while at < places.len() {
        let mut earlier = Vec::new();
        for one in places[at].before {
            let keeps = &program.links[one.link as usize].keeps;
            let mut to = Vec::new();
            for step in &one.steps {
                let kept: Vec<(InputId, Option<Value>)> =
                    keeps.iter().map(|input| (*input, places[at].facts.get(*input).cloned())).collect();
                let key: Key = (Some(step.node), kept.clone());
                let place = *known.entry(key).or_insert_with(|| {
                    let node = &nodes[step.node as usize];
                    let mut facts = node.given.clone();
                    for (input, value) in kept {
                        facts.values[input.index()] = value;
                    }
                    places.push(Place { node: Some(step.node), facts, before: &node.before, earlier: Vec::new() });
                    places.len() - 1
                });
                to.push(place);
            }
            earlier.push(to);
        }
        places[at].earlier = earlier;
        at += 1;
    }
    places
}

/// The strongly connected groups of places, those that others rest on first (Tarjan, SIAM J. Comput. 1, 1972), without recursion.
fn groups(places: &[Place<'_>]) -> Vec<Vec<usize>> {
    let next: Vec<Vec<usize>> = places.iter().map(|place| place.earlier.iter().flatten().copied().collect()).collect();
    let (mut index, mut low) = (vec![usize::MAX; places.len()], vec![0; places.len()]);
    let mut on_stack = vec![false; places.len()];
    let (mut stack, mut out, mut count) = (Vec::new(), Vec::new(), 0);
    for root in 0..places.len() {
        if index[root] != usize::MAX {
            continue;
        }
        let mut work = vec![(root, 0usize)];
        while let Some((place, child)) = work.pop() {
            if child == 0 {
                (index[place], low[place]) = (count, count);
                count += 1;
                stack.push(place);
                on_stack[place] = true;
            }
            if let Some(to) = next[place].get(child).copied() {
                work.push((place, child + 1));
                if index[to] == usize::MAX {
                    work.push((to, 0));
                } else if on_stack[to] {
                    low[place] = low[place].min(index[to]);
                }
                continue;
            }
            if low[place] == index[place] {
                let mut group = Vec::new();
                while let Some(member) = stack.pop() {
                    on_stack[member] = false;
                    group.push(member);
                    if member == place {
                        break;
                    }
                }
                group.sort_unstable();
                out.push(group);
            }
            if let Some((parent, _)) = work.last() {
                low[*parent] = low[*parent].min(low[place]);
            }
        }
    }
    out
}

impl Chain<'_> {
    /// The facts of a place with what follows there.
    fn case(&self, place: usize) -> Case {
        let mut case = self.places[place].facts.clone();
        for (input, known) in &self.follows[place] {
            case.values[input.index()].clone_from(&known.value);
            if let Some(bound) = &known.bound {
                case.bounds.insert(*input, bound.clone());
            }
        }
        case
    }

    fn group(&mut self, group: &[usize]) {
        let first = group[0];
        let circular = group.len() > 1 || self.places[first].earlier.iter().flatten().any(|to| *to == first);
        if !circular {
            self.follows[first] = self.follow(first, Mode::Exact);
            return;
        }
        let (least, most) = (self.fixpoint(group, Mode::Least), self.fixpoint(group, Mode::Most));
        let (Some(least), Some(most)) = (least, most) else {
            self.unsettled(group);
            return;
        };
        for ((place, least), most) in group.iter().zip(least).zip(most) {
            let both = least.into_iter().map(|(input, known)| {
                let most = most.get(&input).and_then(|known| known.value.clone());
                (input, known.value.map_or_else(Known::default, |least| Known::between(least, most)))
            });
            self.follows[*place] = both.collect();
        }
        // What is known must follow again with the rest unknown.
        for place in group {
            let again = self.follow(*place, Mode::Exact);
            let differs = again.iter().any(|(input, known)| {
                let before = self.follows[*place].get(input).and_then(|known| known.value.as_ref());
                known.value.is_some() && before.is_some() && known.value.as_ref() != before
            });
            if differs {
                self.unsettled(group);
                return;
            }
        }
    }

    /// Nothing follows from a circle that does not settle.
    fn unsettled(&mut self, group: &[usize]) {
        for place in group {
            self.follows[*place] = self.targets(*place).into_iter().map(|input| (input, Known::default())).collect();
        }
        self.faults.push(Fault::Circle(group.iter().filter_map(|place| self.places[*place].node).collect()));
    }

    /// The values of a circle, counted from nothing until nothing changes; `None` if something falls, or it goes on and on.
    fn fixpoint(&mut self, group: &[usize], mode: Mode) -> Option<Vec<Follows>> {
        for place in group {
            let known = |input| Known { value: Some(self.nothing(input)), bound: None };
            self.follows[*place] = self.targets(*place).into_iter().map(|input| (input, known(input))).collect();
        }
        for _ in 0..ROUNDS {
            let mut changed = false;
            let next: Vec<Follows> = group.iter().map(|place| self.follow(*place, mode)).collect();
            for (place, next) in group.iter().zip(next) {
                for (input, known) in &next {
                    let before = self.follows[*place].get(input).and_then(|known| known.value.as_ref());
                    match (before, &known.value) {
                        (Some(old), Some(new)) if !rises(old, new) => return None,
                        (None, Some(_)) => return None,
                        _ => {}
                    }
                }
                changed |= self.follows[*place] != next;
                self.follows[*place] = next;
            }
            if !changed {
                return Some(group.iter().map(|place| self.follows[*place].clone()).collect());
            }
        }
        None
    }

    /// The inputs that follow in a place: those for which something is said to stand before it.
    fn targets(&self, place: usize) -> Vec<InputId> {
        let said = |carry: &&Carry| self.places[place].before.iter().any(|before| before.link == carry.link);
        let mut all: Vec<InputId> = self.program.carries.iter().filter(said).map(|carry| carry.target).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    fn nothing(&self, input: InputId) -> Value {
        match &self.program.input(input).domain {
            Domain::Set(of) => Value::Set(MemberSet::empty(self.program.enumeration(*of).size())),
            Domain::Bool => Value::Bool(false),
            _ => Value::Int(0),
        }
    }

    /// What follows in a place from the places before it, as they stand.
    fn follow(&mut self, place: usize, mode: Mode) -> Follows {
        self.targets(place).into_iter().map(|input| (input, self.total(place, input, mode))).collect()
    }

    fn total(&mut self, place: usize, target: InputId, mode: Mode) -> Known {
        let program = self.program;
        let nothing = self.nothing(target);
        // What certainly counts, and all that may; `None`: anything.
        let (mut least, mut most) = (Total::of(&nothing), Some(Total::of(&nothing)));
        for (index, carry) in program.carries.iter().enumerate().filter(|(_, carry)| carry.target == target) {
            let Some(at) = self.places[place].before.iter().position(|before| before.link == carry.link) else {
                // Of a link of which nothing is said, anything may count.
                most = None;
                continue;
            };
            for step in 0..self.places[place].earlier[at].len() {
                let (counts, adds) = self.asked(place, index, at, step);
                let adds = if carry.what == Carried::Holds { Some(Value::Bool(true)) } else { adds };
                if counts == Some(true) {
                    adds.iter().for_each(|adds| least.grow(adds));
                }
                if counts != Some(false) {
                    match (&mut most, &adds) {
                        (Some(most), Some(adds)) => most.grow(adds),
                        _ => most = None,
                    }
                }
            }
        }
        let (lo, hi) = program.input(target).domain.bounds().unwrap_or((i64::MIN, i64::MAX));
        let Some(least) = least.value(lo, hi) else {
            // What only may count cannot be too much, so only what certainly counts is asked.
            if mode != Mode::Most {
                self.faults.push(Fault::OutOfRange { input: target, node: self.places[place].node, total: least.sum });
            }
            return Known::default();
        };
        let most = most.and_then(|most| most.value(lo, hi));
        match mode {
            Mode::Exact => match Known::between(least, most) {
                Known { bound: Some(Bound::Range(from, to)), value } => {
                    Known { value, bound: Some(Bound::Range(from, to.min(hi))) }
                }
                known => known,
            },
            Mode::Least => Known { value: Some(least), bound: None },
            Mode::Most => Known { value: most, bound: None },
        }
    }

    /// Whether an earlier case counts, and what it adds, in steps of the target.
    fn asked(&self, place: usize, carry: usize, before: usize, step: usize) -> (Option<bool>, Option<Value>) {
        let carry = &self.program.carries[carry];
        let case = self.case(self.places[place].earlier[before][step]);
        let counts = always(self.program, &case, carry.counts);
        let said = &self.places[place].before[before].steps[step].with;
        let value = |source: Source| match source {
            Source::Input(input) => case.get(input).cloned(),
            Source::Field(field) => said.get(field as usize).cloned().flatten(),
            Source::Decision(id) => match possible(self.program, &case, id).settled() {
                Some(Outcome::Value(value)) => Some(value.clone()),
                _ => None,
            },
        };
        let adds = match carry.what {
            Carried::Includes(source) => value(source),
            Carried::Adds(source, factor) => match value(source) {
                Some(Value::Int(k)) => k.checked_mul(factor).map(Value::Int),
                _ => None,
            },
            Carried::Holds => None,
        };
        (counts, adds)
    }

    fn station(&self, place: usize) -> Station {
        let mut counted = Vec::new();
        for (index, carry) in self.program.carries.iter().enumerate() {
            let Some(at) = self.places[place].before.iter().position(|before| before.link == carry.link) else { continue };
            for (step, to) in self.places[place].earlier[at].iter().enumerate() {
                let Some(node) = self.places[*to].node else { continue };
                let (counts, adds) = self.asked(place, index, at, step);
                counted.push(Counted { carry: index, node, counts, adds });
            }
        }
        Station { node: self.places[place].node, case: self.case(place), counted }
    }
}

/// What adds up.
struct Total {
    value: Value,
    sum: i128,
}

impl Total {
    fn of(nothing: &Value) -> Self {
        Total { value: nothing.clone(), sum: 0 }
    }

    fn grow(&mut self, by: &Value) {
        match (&mut self.value, by) {
            (Value::Set(all), Value::Set(more)) => more.iter().for_each(|member| all.insert(member)),
            (Value::Set(all), Value::Member(member)) => all.insert(*member),
            (Value::Bool(holds), Value::Bool(true)) => *holds = true,
            (_, Value::Int(more)) => self.sum += i128::from(*more),
            _ => {}
        }
    }

    /// The total, if it lies in its range.
    fn value(&self, lo: i64, hi: i64) -> Option<Value> {
        match &self.value {
            Value::Int(_) => i64::try_from(self.sum).ok().filter(|sum| (lo..=hi).contains(sum)).map(Value::Int),
            value => Some(value.clone()),
        }
    }
}

/// What could not be followed, in a sentence.
pub fn fault_text(program: &Program, nodes: &[Node], fault: &Fault) -> Sentence {
    match fault {
        Fault::Circle(circle) => {
            let nodes = list!(", ", circle.iter().map(|node| say!("`{node}`", node = nodes[*node as usize].name)));
            say!("the circle of {nodes} does not settle: what counts there makes that it does not count", nodes)
        }
        Fault::OutOfRange { input, node, total } => {
            let declared = program.input(*input);
            let text = |k: i64| program.value_text(&declared.domain, &Value::Int(k));
            let (lo, hi) = declared.domain.bounds().unwrap_or((0, 0));
            let (name, least, most) = (&declared.name, text(lo), text(hi));
            let total = i64::try_from(*total).map_or_else(|_| total.to_string(), text);
            match node {
                None => say!("`{name}` adds up to {total}, and its range is {least} to {most}", name, total, least, most),
                Some(node) => {
                    let node = &nodes[*node as usize].name;
                    say!("`{name}` of `{node}` adds up to {total}, and its range is {least} to {most}", name, node, total, least, most)
                }
            }
        }
    }
}

/// Whether a value is no less than another.
fn rises(old: &Value, new: &Value) -> bool {
    match (old, new) {
        (Value::Bool(old), Value::Bool(new)) => old <= new,
        (Value::Set(old), Value::Set(new)) => old.iter().all(|member| new.contains(member)),
        (Value::Int(old), Value::Int(new)) => old <= new,
        _ => true,
    }
}
