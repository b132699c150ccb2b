//! Diagram to table: the decisions of a regime, packed for `lexport-runtime`.
//!
//! In: a program. Out: an [`OwnedTable`]: the packed arrays, and what a reader must know of them (whose regime, which
//! reading, which dates, which inputs, which rules) with check vectors. [`super::prove_equal`] holds a table against the
//! program again, whoever made it.

use lexport_runtime::{Answer as Packed, HEAD, Kind, LEAF, Monomial, NONE, Outcome as Row, Span, Table, TableError, Test};
use rustc_hash::FxHashMap;

use super::answer::Answer;
use super::build::{Diagram, DiagramError, Options};
use super::classes::Allowed;
use super::layout::{AtomKey, LevelKind, Order};
use super::node::{FALSE, Node, TRUE, is_terminal};
use super::telling::most_telling_first;
use crate::ir::{Case, DecisionId, Domain, EnumDef, InputId, MemberSet, Outcome, Program, Ranges, Value};

/// A fixed reading, a range of dates: the table is good for no other.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Specialise {
    /// The member of [`Program::reading`].
    pub reading: Option<u32>,
    /// First and last day of [`Program::date`].
    pub dates: Option<(i64, i64)>,
}

/// An input of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableInput {
    /// Its name.
    pub name: String,
    /// Its title; may be empty.
    pub title: String,
    /// What it can be (in a table for some dates only: those).
    pub domain: Domain,
}

/// A decision of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableDecision {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Its values.
    pub domain: Domain,
    /// The inputs that its answer can hang on, by number, the most telling first ([`super::most_telling_first`]).
    pub ask: Vec<u32>,
}

/// A rule that outcomes may name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableRule {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// The provision.
    pub cite: String,
}

/// A case and what must come out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckVector {
    /// By input.
    pub values: Vec<Value>,
    /// By decision: a number in [`OwnedTable::outcomes`].
    pub outcomes: Vec<u32>,
}

/// A table that owns its arrays; see [`lexport_runtime::Table`] for their meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnedTable {
    /// The name of the regime.
    pub regime: String,
    /// Its title.
    pub title: String,
    /// The hash of the program it was built from: BLAKE3 of its JSON, in hexadecimal.
    pub source: String,
    /// The readings it is good for, by name; empty if the regime has but one.
    pub readings: Vec<String>,
    /// The days it is good for, if the regime has a date.
    pub dates: Option<(i64, i64)>,
    /// Enumerations, for the domains.
    pub enums: Vec<EnumDef>,
    /// Inputs.
    pub inputs: Vec<TableInput>,
    /// Decisions, by root.
    pub decisions: Vec<TableDecision>,
    /// Rules, by number.
    pub rules: Vec<TableRule>,
    /// Domains of the inputs.
    pub kinds: Vec<Kind>,
    /// Tests.
    pub tests: Vec<Test>,
    /// Classes.
    pub maps: Vec<u32>,
    /// Thresholds.
    pub thresholds: Vec<i64>,
    /// Monomials.
    pub monomials: Vec<Monomial>,
    /// Inputs of monomials.
    pub factors: Vec<u32>,
    /// Roots.
    pub roots: Vec<u32>,
    /// Nodes.
    pub nodes: Vec<u32>,
    /// Outcomes.
    pub outcomes: Vec<Row>,
    /// Values of conflicts.
    pub disagreements: Vec<Packed>,
    /// Words of sets.
    pub words: Vec<u64>,
    /// Rules of outcomes.
    pub carriers: Vec<u32>,
    /// Check vectors.
    pub vectors: Vec<CheckVector>,
}

/// Why there is no table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TableBuildError {
    /// No variable order keeps the diagrams within the limits.
    Diagram(DiagramError),
    /// The table would have more than 2³⁰ words.
    TooLarge,
    /// The program cannot be serialised, so it has no hash.
    Hash(String),
    /// The program has no such reading or date.
    Specialise,
    /// What was built cannot be walked.
    Table(TableError),
}

impl std::fmt::Display for TableBuildError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            TableBuildError::Diagram(error) => write!(f, "no table: {error}"),
            TableBuildError::TooLarge => write!(f, "no table: it would have more than 2^30 words"),
            TableBuildError::Hash(error) => write!(f, "no table: the program has no hash ({error})"),
            TableBuildError::Table(error) => write!(f, "no table: what was built cannot be walked ({error:?})"),
            TableBuildError::Specialise => write!(f, "no table: the regime has no such reading or dates"),
        }
    }
}

impl std::error::Error for TableBuildError {}

impl From<DiagramError> for TableBuildError {
    fn from(error: DiagramError) -> Self {
        TableBuildError::Diagram(error)
    }
}

/// The hash that ties a table to its program.
///
/// # Errors
/// If the program cannot be serialised.
pub fn program_hash(program: &Program) -> Result<String, TableBuildError> {
    let bytes = serde_json::to_vec(program).map_err(|error| TableBuildError::Hash(error.to_string()))?;
    Ok(blake3::hash(&bytes).to_hex().to_string())
}

/// The table of all decisions of the first regime. `options.order`, `restrict` and `pair` are not used: every order is
/// tried and the smallest table kept.
///
/// # Errors
/// [`TableBuildError`]; there is never a table that covers less than it says.
pub fn build_table(program: &Program, only: &Specialise, options: &Options) -> Result<OwnedTable, TableBuildError> {
    let restrict = restrictions(program, only)?;
    let decisions: Vec<DecisionId> = program.decision_ids().filter(|decision| program.decision(*decision).regime == 0).collect();
    let roots = decisions.iter().flat_map(|decision| &program.decision(*decision).rules);
    let roots: Vec<_> = roots
        .flat_map(|rule| std::iter::once(*rule).chain(program.rule(*rule).overridden_by.iter().copied()))
        .map(|rule| program.rule(rule).applies)
        .collect();
    // Overriding rules may be overridden in turn by rules that conclude nothing: take every rule of the regime.
    let rest = program.rules.iter().filter(|rule| rule.regime == 0).map(|rule| rule.applies);
    let roots: Vec<_> = roots.into_iter().chain(rest).collect();
    let mut best: Option<(usize, Diagram<'_>, Vec<Node>)> = None;
    let mut failure = None;
    for order in [Order::Frequent, Order::Narrow, Order::Declared] {
        // Another order is worth no more than a few times the work of the best so far.
        let worth = best.as_ref().map_or(usize::MAX, |(_, diagram, _)| diagram.store.words().saturating_mul(4).max(1 << 16));
        let node_limit = options.node_limit.min(worth);
        let options = Options { order, restrict: restrict.clone(), pair: None, node_limit, ..options.clone() };
        let built = Diagram::build(program, &roots, &options).and_then(|mut diagram| {
            let roots: Result<Vec<Node>, _> = decisions.iter().map(|decision| diagram.carried(*decision)).collect();
            roots.map(|roots| (diagram, roots))
        });
        match built {
            Ok((diagram, roots)) => {
                let size = diagram.reachable(&roots).iter().map(|node| diagram.store.children(*node).len() + 1).sum();
                if best.as_ref().is_none_or(|(least, _, _)| size < *least) {
                    best = Some((size, diagram, roots));
                }
            }
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    let Some((size, mut diagram, roots)) = best else {
        return Err(failure.unwrap_or(DiagramError::Nodes(options.node_limit)).into());
    };
    diagram.store.set_limit(options.node_limit);
    if size + 2 * roots.len() * restrict.len() >= 1 << 30 {
        return Err(TableBuildError::TooLarge);
    }
    let mut table = describe(program, &decisions, &restrict)?;
    let mut pack = Pack { table: &mut table, diagram: &diagram, outcome_of: FxHashMap::default() };
    pack.tests_and_nodes(&roots, &restrict);
    let outcome_of = pack.outcome_of;
    own_inputs(program, &mut table);
    table.vectors = vectors(&mut diagram, &roots, &outcome_of, &table)?;
    for vector in &mut table.vectors {
        vector.values.truncate(table.inputs.len());
    }
    for decision in 0..table.decisions.len() {
        table.decisions[decision].ask = most_telling_first(&table, decision as u32, options.node_limit)?;
    }
    Ok(table)
}

fn restrictions(program: &Program, only: &Specialise) -> Result<Vec<(InputId, Allowed)>, TableBuildError> {
    let mut restrict = Vec::new();
    if let Some(member) = only.reading {
        let reading = program.reading.ok_or(TableBuildError::Specialise)?;
        match &program.input(reading).domain {
            Domain::Enum(id) if member < program.enumeration(*id).size() => {
                let set = MemberSet::of(program.enumeration(*id).size(), [member]);
                restrict.push((reading, Allowed::Members(set)));
            }
            _ => return Err(TableBuildError::Specialise),
        }
    }
    if let Some((lo, hi)) = only.dates {
        let date = program.date.ok_or(TableBuildError::Specialise)?;
        let (first, last) = program.input(date).domain.bounds().ok_or(TableBuildError::Specialise)?;
        if lo.max(first) > hi.min(last) {
            return Err(TableBuildError::Specialise);
        }
        restrict.push((date, Allowed::Ranges(Ranges::closed(lo.max(first), hi.min(last)))));
    }
    Ok(restrict)
}

/// Leaves out the inputs that only a compared regime has. They stand last, so no number changes.
fn own_inputs(program: &Program, table: &mut OwnedTable) {
    let own = program.inputs.iter().rposition(|input| input.regime == 0).map_or(0, |last| last + 1);
    let tested = table.tests.iter().map(|test| match test {
        Test::Flag { input } | Test::Member { input, .. } | Test::Interval { input, .. } | Test::Has { input, .. } => *input + 1,
        Test::Same { a, b } => a.max(b) + 1,
        Test::AtLeastZero { .. } => 0,
    });
    let tested = tested.chain(table.factors.iter().map(|input| input + 1)).max().unwrap_or(0);
    let kept = own.max(tested as usize);
    table.inputs.truncate(kept);
    table.kinds.truncate(kept);
}

/// A table with everything but tests, nodes and outcomes.
fn describe(program: &Program, decisions: &[DecisionId], restrict: &[(InputId, Allowed)]) -> Result<OwnedTable, TableBuildError> {
    let mut inputs: Vec<TableInput> = program
        .inputs
        .iter()
        .map(|input| TableInput { name: input.name.clone(), title: input.title.clone(), domain: input.domain.clone() })
        .collect();
    let mut readings: Vec<String> = match program.reading.map(|input| &program.input(input).domain) {
        Some(Domain::Enum(id)) => program.enumeration(*id).members.iter().map(|member| member.name.clone()).collect(),
        _ => Vec::new(),
    };
    for (input, allowed) in restrict {
        match (allowed, &mut inputs[input.index()].domain) {
            (Allowed::Ranges(ranges), Domain::Date { lo, hi }) => {
                (*lo, *hi) = (ranges.first().unwrap_or(*lo), ranges.last().unwrap_or(*hi));
            }
            (Allowed::Members(set), _) => {
                let mut at = 0;
                readings.retain(|_| {
                    at += 1;
                    set.contains(at - 1)
                });
            }
            _ => {}
        }
    }
    let kinds = inputs.iter().map(|input| kind(program, &input.domain)).collect();
    let regime = program.regimes.first();
    Ok(OwnedTable {
        regime: regime.map(|regime| regime.name.clone()).unwrap_or_default(),
        title: regime.map(|regime| regime.title.clone()).unwrap_or_default(),
        source: program_hash(program)?,
        readings,
        dates: program.date.and_then(|date| inputs[date.index()].domain.bounds()),
        enums: program.enums.clone(),
        inputs,
        decisions: decisions
            .iter()
            .map(|id| program.decision(*id))
            .map(|it| TableDecision {
                name: it.name.clone(),
                title: it.title.clone(),
                domain: it.domain.clone(),
                ask: Vec::new(),
            })
            .collect(),
        rules: program
            .rules
            .iter()
            .map(|it| TableRule { name: it.name.clone(), title: it.title.clone(), cite: it.cite.clone() })
            .collect(),
        kinds,
        tests: Vec::new(),
        maps: Vec::new(),
        thresholds: Vec::new(),
        monomials: Vec::new(),
        factors: Vec::new(),
        roots: Vec::new(),
        nodes: Vec::new(),
        outcomes: Vec::new(),
        disagreements: Vec::new(),
        words: Vec::new(),
        carriers: Vec::new(),
        vectors: Vec::new(),
    })
}

pub(crate) fn kind(program: &Program, domain: &Domain) -> Kind {
    match domain {
        Domain::Bool => Kind::Bool,
        Domain::Enum(id) => Kind::Enum(program.enumeration(*id).size()),
        Domain::Set(id) => Kind::Set(program.enumeration(*id).size()),
        Domain::Number(number) => Kind::Int(number.lo, number.hi),
        Domain::Date { lo, hi } => Kind::Int(*lo, *hi),
    }
}

impl OwnedTable {
    /// The table as the runtime reads it.
    pub fn as_table(&self) -> Table<'_> {
        Table {
            inputs: &self.kinds,
            tests: &self.tests,
            maps: &self.maps,
            thresholds: &self.thresholds,
            monomials: &self.monomials,
            factors: &self.factors,
            roots: &self.roots,
            nodes: &self.nodes,
            outcomes: &self.outcomes,
            disagreements: &self.disagreements,
            words: &self.words,
            carriers: &self.carriers,
        }
    }

    /// An answer of the table as a value of the IR.
    pub fn outcome(&self, answer: Packed, domain: &Domain) -> Outcome {
        match answer {
            Packed::Gap => Outcome::Gap,
            Packed::Conflict(span) => Outcome::Conflict(
                self.as_table().conflict_values(span).iter().filter_map(|one| self.plain(*one, domain)).collect(),
            ),
            plain => self.plain(plain, domain).map_or(Outcome::Gap, Outcome::Value),
        }
    }

    fn plain(&self, answer: Packed, domain: &Domain) -> Option<Value> {
        Some(match answer {
            Packed::Gap | Packed::Conflict(_) => return None,
            Packed::Bool(value) => Value::Bool(value),
            Packed::Member(member) => Value::Member(member),
            Packed::Int(int) => Value::Int(int),
            Packed::Set(span) => {
                let Domain::Set(id) = domain else { return None };
                let size = self.enums.get(id.index())?.size();
                let words = self.as_table().set_words(span);
                let has = |member: &u32| words.get(*member as usize / 64).is_some_and(|word| word >> (member % 64) & 1 == 1);
                Value::Set(MemberSet::of(size, (0..size).filter(has)))
            }
        })
    }
}

/// The words of a set, as the runtime has them.
pub fn set_words(set: &MemberSet) -> Vec<u64> {
    let mut words = vec![0; (set.size() as usize).div_ceil(64)];
    for member in set.iter() {
        words[member as usize / 64] |= 1 << (member % 64);
    }
    words
}

impl Diagram<'_> {
    /// All nodes below some roots, without terminals, those of lower levels first: children before parents.
    pub(crate) fn reachable(&self, roots: &[Node]) -> Vec<Node> {
        let mut seen = rustc_hash::FxHashSet::default();
        let mut stack: Vec<Node> = roots.to_vec();
        let mut nodes = Vec::new();
        while let Some(node) = stack.pop() {
            if !is_terminal(node) && seen.insert(node) {
                nodes.push(node);
                stack.extend_from_slice(self.store.children(node));
            }
        }
        nodes.sort_unstable_by_key(|node| (std::cmp::Reverse(self.store.level(*node)), *node));
        nodes
    }

    /// The terminal that a complete case comes to.
    pub(crate) fn terminal_of(&self, root: Node, case: &Case) -> Option<Node> {
        let mut at = root;
        while !is_terminal(at) {
            let level = self.layout.levels[self.store.level(at) as usize];
            let class = match level.kind {
                LevelKind::Class(column) => {
                    let column = &self.layout.columns[column];
                    let value = case.get(column.input)?;
                    column.classes.iter().position(|class| class.contains(value))?
                }
                LevelKind::Has(input, member) => match case.get(input)? {
                    Value::Set(set) => usize::from(set.contains(member)),
                    _ => return None,
                },
                LevelKind::Atom(_) => {
                    let key = self.layout.level_of_atom.iter().find(|(_, at_level)| **at_level == self.store.level(at));
                    usize::from(match key?.0 {
                        AtomKey::Same(a, b) => {
                            case.get(self.layout.columns[*a].input)? == case.get(self.layout.columns[*b].input)?
                        }
                        AtomKey::Poly(poly) => poly.value(|column| case.int(self.layout.columns[column.index()].input))? >= 0,
                    })
                }
            };
            at = self.store.children(at)[class];
        }
        Some(at)
    }
}

struct Pack<'t, 'd, 'p> {
    table: &'t mut OwnedTable,
    diagram: &'d Diagram<'p>,
    outcome_of: FxHashMap<Node, u32>,
}

fn span<T>(all: &mut Vec<T>, more: impl IntoIterator<Item = T>) -> Span {
    let first = all.len();
    all.extend(more);
    Span { first: first as u32, count: (all.len() - first) as u32 }
}

impl Pack<'_, '_, '_> {
    fn tests_and_nodes(&mut self, roots: &[Node], restrict: &[(InputId, Allowed)]) {
        let diagram = self.diagram;
        // Guards: a table for one reading refuses the others, before anything else is looked at.
        let mut guards = Vec::new();
        for (input, allowed) in restrict {
            if let Allowed::Members(set) = allowed {
                let map = (0..set.size()).map(|member| if set.contains(member) { 0 } else { NONE });
                let map = span(&mut self.table.maps, map);
                guards.push(self.table.tests.len() as u32);
                self.table.tests.push(Test::Member { input: input.0, classes: 1, map });
            }
        }
        let nodes = diagram.reachable(roots);
        let mut test_of_level: FxHashMap<u32, u32> = FxHashMap::default();
        let levels: std::collections::BTreeSet<u32> = nodes.iter().map(|node| diagram.store.level(*node)).collect();
        for level in levels {
            test_of_level.insert(level, self.table.tests.len() as u32);
            let test = self.test(level);
            self.table.tests.push(test);
        }
        let mut word_of: FxHashMap<Node, u32> = FxHashMap::default();
        let mut ends: Vec<Node> = nodes
            .iter()
            .flat_map(|node| diagram.store.children(*node))
            .chain(roots)
            .copied()
            .filter(|n| is_terminal(*n))
            .collect();
        ends.sort_unstable();
        ends.dedup();
        ends.sort_by(|a, b| diagram.labels.get(*a).cmp(&diagram.labels.get(*b)));
        for end in ends {
            let outcome = self.outcome(end);
            self.outcome_of.insert(end, outcome);
            word_of.insert(end, LEAF | outcome);
        }
        for node in nodes {
            let at = self.table.nodes.len() as u32;
            self.table.nodes.push(HEAD | test_of_level[&diagram.store.level(node)]);
            for child in diagram.store.children(node) {
                self.table.nodes.push(word_of[child]);
            }
            word_of.insert(node, at);
        }
        for root in roots {
            let mut word = word_of[root];
            for guard in guards.iter().rev() {
                let at = self.table.nodes.len() as u32;
                self.table.nodes.extend([HEAD | guard, word]);
                word = at;
            }
            self.table.roots.push(word);
        }
    }

    fn test(&mut self, level: u32) -> Test {
        let layout = &self.diagram.layout;
        let input_of = |column: usize| layout.columns[column].input.0;
        match layout.levels[level as usize].kind {
            LevelKind::Has(input, member) => Test::Has { input: input.0, member },
            LevelKind::Class(column) => {
                let column = &layout.columns[column];
                let (input, classes) = (column.input.0, column.classes.len() as u32);
                match self.table.kinds[column.input.index()] {
                    Kind::Enum(size) => {
                        let class = |member| {
                            let at = column.classes.iter().position(|class| class.contains(&Value::Member(member)));
                            at.map_or(NONE, |at| at as u32)
                        };
                        Test::Member { input, classes, map: span(&mut self.table.maps, (0..size).map(class)) }
                    }
                    Kind::Int(..) => {
                        let mut pieces: Vec<(i64, u32)> = Vec::new();
                        for (class, allowed) in column.classes.iter().enumerate() {
                            if let Allowed::Ranges(ranges) = allowed {
                                pieces.extend(ranges.pairs().iter().map(|(lo, _)| (*lo, class as u32)));
                            }
                        }
                        pieces.sort_unstable();
                        let thresholds = pieces.iter().skip(1).map(|(lo, _)| *lo);
                        let thresholds = span(&mut self.table.thresholds, thresholds);
                        let map = span(&mut self.table.maps, pieces.iter().map(|(_, class)| *class));
                        Test::Interval { input, classes, thresholds, map }
                    }
                    // Classes stand in the order of their lowest values: false, true.
                    Kind::Bool | Kind::Set(_) => Test::Flag { input },
                }
            }
            LevelKind::Atom(_) => match layout.level_of_atom.iter().find(|(_, at)| **at == level).map(|(key, _)| key) {
                Some(AtomKey::Same(a, b)) => {
                    let (a, b) = (input_of(*a), input_of(*b));
                    Test::Same { a: a.min(b), b: a.max(b) }
                }
                Some(AtomKey::Poly(poly)) => {
                    let mut monomials = Vec::new();
                    for (columns, coefficient) in &poly.monomials {
                        let mut inputs: Vec<u32> = columns.iter().map(|column| input_of(column.index())).collect();
                        inputs.sort_unstable();
                        let factors = span(&mut self.table.factors, inputs);
                        monomials.push(Monomial { coefficient: *coefficient, factors });
                    }
                    let constant = poly.constant;
                    Test::AtLeastZero { monomials: span(&mut self.table.monomials, monomials), constant }
                }
                None => Test::AtLeastZero { monomials: Span::default(), constant: 0 },
            },
        }
    }

    fn outcome(&mut self, end: Node) -> u32 {
        let number = self.table.outcomes.len() as u32;
        let label = self.diagram.labels.get(end);
        let rules = label.map_or(&[][..], |label| &label.rules);
        let rules = span(&mut self.table.carriers, rules.iter().map(|rule| rule.0));
        let answer = match label.map(|label| &label.outcome) {
            None | Some(Outcome::Gap) => Packed::Gap,
            Some(Outcome::Value(value)) => self.answer(value),
            Some(Outcome::Conflict(values)) => {
                let values: Vec<Packed> = values.iter().map(|value| self.answer(value)).collect();
                Packed::Conflict(span(&mut self.table.disagreements, values))
            }
        };
        self.table.outcomes.push(Row { answer, rules });
        number
    }

    fn answer(&mut self, value: &Value) -> Packed {
        match value {
            Value::Bool(value) => Packed::Bool(*value),
            Value::Member(member) => Packed::Member(*member),
            Value::Int(int) => Packed::Int(*int),
            Value::Set(set) => Packed::Set(span(&mut self.table.words, set_words(set))),
        }
    }
}

/// One case for every outcome that has one, both sides of every threshold, both sides of every atom.
fn vectors(
    diagram: &mut Diagram<'_>,
    roots: &[Node],
    outcome_of: &FxHashMap<Node, u32>,
    table: &OwnedTable,
) -> Result<Vec<CheckVector>, DiagramError> {
    let mut cases: Vec<Case> = Vec::new();
    for root in roots {
        let mut found = diagram.witnesses(*root)?;
        found.sort_unstable_by_key(|(end, _)| outcome_of.get(end).copied());
        cases.extend(found.into_iter().filter_map(|(_, answer)| if let Answer::Yes(case) = answer { Some(case) } else { None }));
    }
    for level in 0..diagram.layout.levels.len() as u32 {
        if matches!(diagram.layout.levels[level as usize].kind, LevelKind::Atom(_)) {
            let atom = diagram.store.make(level, &[FALSE, TRUE])?;
            for (_, answer) in diagram.witnesses(atom)? {
                if let Answer::Yes(case) = answer {
                    cases.push(case);
                }
            }
        }
    }
    let bases: Vec<Case> = cases.first().into_iter().chain(cases.last()).cloned().collect();
    for test in &table.tests {
        let Test::Interval { input, thresholds, .. } = test else { continue };
        for at in &table.thresholds[thresholds.first as usize..(thresholds.first + thresholds.count) as usize] {
            for base in &bases {
                for value in [at - 1, *at] {
                    let mut case = base.clone();
                    case.set(InputId(*input), Value::Int(value));
                    cases.push(case);
                }
            }
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    cases.retain(|case| seen.insert(case.clone()));
    let mut vectors = Vec::with_capacity(cases.len());
    for case in cases {
        let ends = roots.iter().map(|root| diagram.terminal_of(*root, &case));
        let outcomes: Option<Vec<u32>> = ends.map(|end| end.and_then(|end| outcome_of.get(&end).copied())).collect();
        let values: Option<Vec<Value>> = case.values.into_iter().collect();
        if let (Some(outcomes), Some(values)) = (outcomes, values) {
            vectors.push(CheckVector { values, outcomes });
        }
    }
    Ok(vectors)
}
