//! What stands before a case, followed to the end: the least fixpoint over the chain that is given.
//!
//! Every node is a case of the same program, seen from the case before which it stands (what a link keeps comes from there). Nodes are
//! visited from the far end. Of every input that follows two things are known: what certainly counts, and all that may count. They are
//! one where nothing that matters is unknown, and else leave an interval ([`Bound`]), over which everything further is evaluated.
//!
//! Nodes in a circle (owners of each other) are counted from nothing until nothing changes (Kleene, "Introduction to
//! Metamathematics", 1952, section 66), by turns: what certainly counts, given all that may; all that may count, given what certainly
//! does. For rules in which more owners never mean less this is the least fixpoint at once; where one thing keeps another from
//! counting it is the well-founded model (Van Gelder, "The alternating fixpoint of logic programs with negation", PODS 1989).
//! A circle that stays open though nothing is unknown in it contradicts itself, or can be read in two ways; that is said.

use std::collections::BTreeMap;

use crate::ir::{Before, Bound, Carried, Carry, Case, Domain, InputId, MemberSet, Node, Outcome, Program, Source, Value};
use crate::words::{Sentence, list, say};

use super::unknown::{always, possible};

/// Rounds in a circle before it counts as one that does not settle.
const ROUNDS: usize = 10_000;
/// Turns between what certainly counts and what may.
const TURNS: usize = 1_000;

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
    /// In this circle of nodes, counting one thing makes another not count, so that it has no answer, or two.
    Circle(Vec<u32>),
    /// In this circle of nodes a total grows without end.
    Endless(Vec<u32>),
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
type Follows = BTreeMap<InputId, Between>;

/// What certainly counts, and all that may (`None`: anything).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Between {
    least: Value,
    most: Option<Value>,
}

struct Chain<'c> {
    /// The program, whose inputs end with the fields of its links.
    program: &'c Program,
    /// The first of these inputs, by link.
    fields: Vec<usize>,
    places: Vec<Place<'c>>,
    /// What follows, by place.
    follows: Vec<Follows>,
    faults: Vec<Fault>,
}

/// What an earlier case adds.
#[derive(Clone, Debug)]
struct Adds {
    /// At least this; `None`: perhaps nothing.
    least: Option<Value>,
    /// At most this.
    most: Most,
}

/// All that may be added.
#[derive(Clone, Debug)]
enum Most {
    Nothing,
    Value(Value),
    Anything,
}

impl Adds {
    fn exactly(value: Value) -> Self {
        Adds { least: Some(value.clone()), most: Most::Value(value) }
    }

    /// The value, if it is known.
    fn known(&self) -> Option<&Value> {
        match (&self.least, &self.most) {
            (Some(least), Most::Value(most)) if least == most => Some(least),
            _ => None,
        }
    }
}

/// Follows what stands before a case.
pub fn resolve(program: &Program, case: &Case, before: &[Before], nodes: &[Node]) -> Resolved {
    if before.is_empty() {
        return Resolved { case: case.clone(), stations: Vec::new(), faults: Vec::new() };
    }
    let (own, fields) = with_fields(program);
    let places = places(&own, case, before, nodes);
    let follows = vec![Follows::new(); places.len()];
    let mut chain = Chain { program: &own, fields, places, follows, faults: Vec::new() };
    for group in groups(&chain.places) {
        chain.group(&group);
    }
    let stations: Vec<Station> = (0..chain.places.len()).map(|place| chain.station(place)).collect();
    let resolved = chain.case(0, program.inputs.len());
    chain.faults.sort();
    chain.faults.dedup();
    Resolved { case: resolved, stations, faults: chain.faults }
}

/// The program with the fields of its links as further inputs: what counts along a link may ask about them.
fn with_fields(program: &Program) -> (Program, Vec<usize>) {
    let mut own = program.clone();
    let mut first = Vec::new();
    for link in &program.links {
        first.push(own.inputs.len());
        own.inputs.extend(link.inputs());
    }
    (own, first)
}

/// Every node as often as it is seen in a different light, the case itself first.
fn places<'c>(program: &Program, case: &Case, before: &'c [Before], nodes: &'c [Node]) -> Vec<Place<'c>> {
    let mut known: BTreeMap<Key, usize> = BTreeMap::new();
    let mut facts = case.clone();
    facts.values.resize(program.inputs.len(), None);
    let mut places = vec![Place { node: None, facts, before, earlier: Vec::new() }];
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
                    facts.values.resize(program.inputs.len(), None);
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
    /// The facts of a place with what follows there; so many inputs of it.
    fn case(&self, place: usize, inputs: usize) -> Case {
        let mut case = self.places[place].facts.clone();
        for (input, between) in &self.follows[place] {
            let (value, bound) = self.known(*input, between);
            case.values[input.index()] = value;
            if let Some(bound) = bound {
                case.bounds.insert(*input, bound);
            }
        }
        case.values.truncate(inputs);
        case
    }

    /// The value of an input that follows, or what it lies between.
    fn known(&self, input: InputId, between: &Between) -> (Option<Value>, Option<Bound>) {
        let domain = &self.program.input(input).domain;
        match (&between.least, &between.most) {
            (least, Some(most)) if least == most => (Some(least.clone()), None),
            (Value::Bool(true), _) => (Some(Value::Bool(true)), None),
            (Value::Int(lo), Some(Value::Int(hi))) => (None, Some(Bound::Range(*lo, *hi))),
            (Value::Int(lo), _) => match domain.bounds() {
                Some((_, hi)) if hi == *lo => (Some(Value::Int(*lo)), None),
                Some((_, hi)) => (None, Some(Bound::Range(*lo, hi))),
                None => (None, None),
            },
            (Value::Set(all), Some(Value::Set(most))) => (None, Some(Bound::Set(all.clone(), most.clone()))),
            (Value::Set(all), _) => {
                let any = MemberSet::full(all.size());
                if *all == any { (Some(Value::Set(any)), None) } else { (None, Some(Bound::Set(all.clone(), any))) }
            }
            _ => (None, None),
        }
    }

    fn group(&mut self, group: &[usize]) {
        let first = group[0];
        let circular = group.len() > 1 || self.places[first].earlier.iter().flatten().any(|to| *to == first);
        if circular {
            self.circle(group);
        } else {
            self.follows[first] = self.follow(first);
        }
        for place in group {
            self.ranges(*place);
        }
    }

    /// What follows in a circle.
    fn circle(&mut self, group: &[usize]) {
        for place in group {
            let nothing = |input: &InputId| Between { least: self.nothing(*input), most: None };
            self.follows[*place] = self.targets(*place).iter().map(|input| (*input, nothing(input))).collect();
        }
        for _ in 0..TURNS {
            let before: Vec<Follows> = group.iter().map(|place| self.follows[*place].clone()).collect();
            // What certainly counts, given all that may.
            let certain = self.grown(group, |own, next| Between { least: next.least.clone(), most: own.most.clone() });
            // All that may count, given what certainly does: from there upwards.
            for place in group {
                self.follows[*place].values_mut().for_each(|between| between.most = Some(between.least.clone()));
            }
            let may = self.grown(group, |own, next| Between { least: own.least.clone(), most: next.most.clone() });
            if !certain || !may {
                return self.unsettled(group, Fault::Endless);
            }
            if group.iter().zip(&before).all(|(place, before)| self.follows[*place] == *before) {
                break;
            }
        }
        let open = group.iter().any(|place| self.follows[*place].values().any(|one| one.most.as_ref() != Some(&one.least)));
        if open && self.contradicts(group) {
            self.unsettled(group, Fault::Circle);
        }
    }

    /// Lets the values of a circle grow until nothing changes; whether that came to an end.
    fn grown(&mut self, group: &[usize], take: impl Fn(&Between, &Between) -> Between) -> bool {
        for _ in 0..ROUNDS {
            let mut changed = false;
            let next: Vec<Follows> = group.iter().map(|place| self.follow(*place)).collect();
            for (place, next) in group.iter().zip(next) {
                for (input, own) in &mut self.follows[*place] {
                    let taken = take(own, &next[input]);
                    changed |= taken != *own;
                    *own = taken;
                }
            }
            if !changed {
                return true;
            }
        }
        false
    }

    /// Whether a circle is open though nothing unknown matters in it: with the least of every value, and with the most, every
    /// earlier case certainly counts or does not.
    fn contradicts(&mut self, group: &[usize]) -> bool {
        let found: Vec<Follows> = group.iter().map(|place| self.follows[*place].clone()).collect();
        let mut settled = true;
        for most in [false, true] {
            for (place, found) in group.iter().zip(&found) {
                let one = |between: &Between| match (&between.most, most) {
                    (Some(value), true) => value.clone(),
                    _ => between.least.clone(),
                };
                let exactly = |between: &Between| Between { least: one(between), most: Some(one(between)) };
                self.follows[*place] = found.iter().map(|(input, between)| (*input, exactly(between))).collect();
            }
            settled &= group.iter().all(|place| self.follow(*place).values().all(|one| one.most.as_ref() == Some(&one.least)));
        }
        for (place, found) in group.iter().zip(found) {
            self.follows[*place] = found;
        }
        settled
    }

    /// Nothing is known of a circle without a solution.
    fn unsettled(&mut self, group: &[usize], fault: impl Fn(Vec<u32>) -> Fault) {
        for place in group {
            let nothing = |input: InputId| (input, Between { least: self.nothing(input), most: None });
            self.follows[*place] = self.targets(*place).into_iter().map(nothing).collect();
        }
        let mut nodes: Vec<u32> = group.iter().filter_map(|place| self.places[*place].node).collect();
        // One node can be seen from several cases.
        nodes.sort_unstable();
        nodes.dedup();
        self.faults.push(fault(nodes));
    }

    /// A total that certainly leaves its range is a fault.
    fn ranges(&mut self, place: usize) {
        for target in self.targets(place) {
            let domain = &self.program.input(target).domain;
            if let (Some((_, hi)), (least, _)) = (domain.bounds(), self.totals(place, target))
                && matches!(domain, Domain::Number(_))
                && least.sum > i128::from(hi)
            {
                self.faults.push(Fault::OutOfRange { input: target, node: self.places[place].node, total: least.sum });
            }
        }
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
    fn follow(&self, place: usize) -> Follows {
        let between = |target: InputId| {
            let (least, most) = self.totals(place, target);
            let hi = self.program.input(target).domain.bounds().map_or(i64::MAX, |(_, hi)| hi);
            (target, Between { least: least.value(hi), most: most.map(|most| most.value(hi)) })
        };
        self.targets(place).into_iter().map(between).collect()
    }

    /// What certainly adds up for an input, and all that may; `None`: anything.
    fn totals(&self, place: usize, target: InputId) -> (Total, Option<Total>) {
        let nothing = self.nothing(target);
        let (mut least, mut most) = (Total::of(&nothing), Some(Total::of(&nothing)));
        for (index, carry) in self.program.carries.iter().enumerate().filter(|(_, carry)| carry.target == target) {
            let Some(at) = self.places[place].before.iter().position(|before| before.link == carry.link) else {
                // Of a link of which nothing is said, anything may count.
                most = None;
                continue;
            };
            for step in 0..self.places[place].earlier[at].len() {
                let (counts, adds) = self.asked(place, index, at, step);
                if counts == Some(true) {
                    adds.least.iter().for_each(|adds| least.grow(adds));
                }
                if counts != Some(false) {
                    match (&mut most, adds.most) {
                        (Some(most), Most::Value(adds)) => most.grow(&adds),
                        (_, Most::Nothing) => {}
                        (_, _) => most = None,
                    }
                }
            }
        }
        (least, most)
    }

    /// Whether an earlier case counts, and what it adds, in steps of the target.
    fn asked(&self, place: usize, carry: usize, before: usize, step: usize) -> (Option<bool>, Adds) {
        let carry = &self.program.carries[carry];
        let mut case = self.case(self.places[place].earlier[before][step], self.program.inputs.len());
        let said = &self.places[place].before[before].steps[step].with;
        let first = self.fields[carry.link as usize];
        for (field, value) in said.iter().enumerate() {
            case.values[first + field].clone_from(value);
        }
        let counts = always(self.program, &case, carry.counts);
        let adds = match carry.what {
            Carried::Holds => Adds::exactly(Value::Bool(true)),
            Carried::Includes(source) => self.source(&case, first, source),
            Carried::Adds(source, factor) => {
                let adds = self.source(&case, first, source);
                let times = |value: &Value| match value {
                    Value::Int(k) => k.checked_mul(factor).map(Value::Int),
                    _ => None,
                };
                let most = match &adds.most {
                    Most::Value(value) => times(value).map_or(Most::Anything, Most::Value),
                    other => other.clone(),
                };
                Adds { least: adds.least.as_ref().and_then(times), most }
            }
        };
        (counts, adds)
    }

    /// What a source comes to: a member stands as the set of it.
    fn source(&self, case: &Case, first: usize, source: Source) -> Adds {
        let input = match source {
            Source::Input(input) => input,
            Source::Field(field) => InputId((first + field as usize) as u32),
            Source::Decision(id) => {
                let answer = possible(self.program, case, id);
                return if answer.exact {
                    among(self.program, &answer.outcomes, &self.program.decision(id).domain)
                } else {
                    ANYTHING
                };
            }
        };
        let domain = &self.program.input(input).domain;
        if let Some(value) = case.get(input) {
            return Adds::exactly(self.as_set(domain, value));
        }
        match (domain, case.bounds.get(&input)) {
            (_, Some(Bound::Range(lo, hi))) => Adds { least: Some(Value::Int(*lo)), most: Most::Value(Value::Int(*hi)) },
            (_, Some(Bound::Set(certain, possible))) => {
                Adds { least: Some(Value::Set(certain.clone())), most: Most::Value(Value::Set(possible.clone())) }
            }
            (Domain::Set(of) | Domain::Enum(of), None) => {
                Adds { least: None, most: Most::Value(Value::Set(MemberSet::full(self.program.enumeration(*of).size()))) }
            }
            (domain, None) => match domain.bounds() {
                Some((lo, hi)) => Adds { least: Some(Value::Int(lo)), most: Most::Value(Value::Int(hi)) },
                None => ANYTHING,
            },
        }
    }

    fn as_set(&self, domain: &Domain, value: &Value) -> Value {
        match (domain, value) {
            (Domain::Enum(of), Value::Member(member)) => {
                Value::Set(MemberSet::of(self.program.enumeration(*of).size(), [*member]))
            }
            _ => value.clone(),
        }
    }

    fn station(&self, place: usize) -> Station {
        let mut counted = Vec::new();
        for (index, carry) in self.program.carries.iter().enumerate() {
            let Some(at) = self.places[place].before.iter().position(|before| before.link == carry.link) else { continue };
            for (step, to) in self.places[place].earlier[at].iter().enumerate() {
                let Some(node) = self.places[*to].node else { continue };
                let (counts, adds) = self.asked(place, index, at, step);
                let adds = if carry.what == Carried::Holds { None } else { adds.known().cloned() };
                counted.push(Counted { carry: index, node, counts, adds });
            }
        }
        let inputs = self.fields.first().copied().unwrap_or(self.program.inputs.len());
        Station { node: self.places[place].node, case: self.case(place, inputs), counted }
    }
}

const ANYTHING: Adds = Adds { least: None, most: Most::Anything };

/// What the outcomes of a decision have in common, and all of them. One without a value adds nothing; of a conflict nothing is known.
fn among(program: &Program, outcomes: &[Outcome], domain: &Domain) -> Adds {
    let mut all: Option<Adds> = None;
    for outcome in outcomes {
        let next = match (outcome, domain) {
            (Outcome::Value(Value::Member(member)), Domain::Enum(of)) => {
                Adds::exactly(Value::Set(MemberSet::of(program.enumeration(*of).size(), [*member])))
            }
            (Outcome::Value(value), _) => Adds::exactly(value.clone()),
            (Outcome::Gap, _) => Adds { least: None, most: Most::Nothing },
            (Outcome::Conflict(_), _) => return ANYTHING,
        };
        all = Some(match all {
            None => next,
            Some(before) => Adds { least: common(before.least, next.least), most: either(before.most, next.most) },
        });
    }
    all.unwrap_or(ANYTHING)
}

fn common(a: Option<Value>, b: Option<Value>) -> Option<Value> {
    match (a?, b?) {
        (Value::Set(a), Value::Set(b)) => {
            Some(Value::Set(MemberSet::of(a.size(), a.iter().filter(|member| b.contains(*member)))))
        }
        (Value::Int(a), Value::Int(b)) => Some(Value::Int(a.min(b))),
        _ => None,
    }
}

fn either(a: Most, b: Most) -> Most {
    match (a, b) {
        (Most::Nothing, other) | (other, Most::Nothing) => other,
        (Most::Value(Value::Set(a)), Most::Value(Value::Set(b))) => Most::Value(Value::Set(a.union(&b))),
        (Most::Value(Value::Int(a)), Most::Value(Value::Int(b))) => Most::Value(Value::Int(a.max(b))),
        _ => Most::Anything,
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

    /// The total, at most the greatest value of its range.
    fn value(&self, hi: i64) -> Value {
        match &self.value {
            Value::Int(_) => Value::Int(i64::try_from(self.sum).map_or(hi, |sum| sum.min(hi))),
            value => value.clone(),
        }
    }
}

/// What could not be followed, in a sentence.
pub fn fault_text(program: &Program, nodes: &[Node], fault: &Fault) -> Sentence {
    match fault {
        Fault::Circle(circle) => {
            let nodes = list!(", ", circle.iter().map(|node| say!("`{node}`", node = nodes[*node as usize].name)));
            say!("the circle of {nodes} has no one answer: what counts there makes that something does not count", nodes)
        }
        Fault::Endless(circle) => {
            let nodes = list!(", ", circle.iter().map(|node| say!("`{node}`", node = nodes[*node as usize].name)));
            say!("the circle of {nodes} does not settle: it counts itself again and again", nodes)
        }
        Fault::OutOfRange { input, node, total } => {
            let declared = program.input(*input);
            let unit = match &declared.domain {
                Domain::Number(number) if number.unit == "%" => "%".to_owned(),
                Domain::Number(number) if !number.unit.is_empty() => format!(" {}", number.unit),
                _ => String::new(),
            };
            let text = |k: i64| format!("{}{unit}", program.value_text(&declared.domain, &Value::Int(k)));
            let (lo, hi) = declared.domain.bounds().unwrap_or((0, 0));
            let (name, least, most) = (&declared.name, text(lo), text(hi));
            let total = i64::try_from(*total).map_or_else(|_| total.to_string(), text);
            match node {
                None => say!("`{name}` adds up to {total}, and its range is {least} to {most}", name, total, least, most),
                Some(node) => {
                    let node = &nodes[*node as usize].name;
                    say!(
                        "`{name}` of `{node}` adds up to {total}, and its range is {least} to {most}",
                        name,
                        node,
                        total,
                        least,
                        most
                    )
                }
            }
        }
    }
}
