//! Which variables a diagram has, and in which order.
//!
//! In: a program and the terms that will be asked about. Out: columns (inputs with their classes), levels (what a node
//! tests) and blocks (runs of levels that arithmetic ties together). Order, after the heuristics for ordered diagrams of
//! S. Malik et al. (ICCAD 1988) and what packet classifiers do: blocks by how often their inputs are tested, the most
//! tested first ([`Order::Frequent`]), or by their number of classes, the fewest first ([`Order::Narrow`]), or as declared;
//! inside a block the same, and each arithmetic atom directly below the last of its inputs, where it is most nearly
//! decided. Tables try all three and keep the smallest.

use std::collections::{BTreeMap, BTreeSet};

use num_bigint::BigUint;
use num_traits::One;
use rustc_hash::{FxHashMap, FxHashSet};

use super::DiagramError;
use super::classes::{Allowed, classes};
use super::theory::{Atom, Cluster, Known};
use crate::ir::{DecisionId, Domain, InputId, MemberSet, Poly, Program, RuleId, Term, TermId, Value};

/// How the variables are ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Order {
    /// The most tested inputs first.
    #[default]
    Frequent,
    /// The inputs with the fewest classes first.
    Narrow,
    /// As the program declares them.
    Declared,
}

/// An input, or (in questions about pairs) the input as the second case has it.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub input: InputId,
    pub second: bool,
    /// All values it may take.
    pub domain: Allowed,
    /// The classes of them.
    pub classes: Vec<Allowed>,
}

/// What the nodes of a level test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LevelKind {
    /// The class of a column.
    Class(usize),
    /// Whether a set input has a member.
    Has(InputId, u32),
    /// The atom of the cluster of the level's block.
    Atom(usize),
}

/// One level of the diagram.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Level {
    pub kind: LevelKind,
    pub block: usize,
}

/// A run of levels that are counted together.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    /// The first of its levels; its levels end where the next block begins.
    pub first: u32,
    pub end: u32,
    /// The tied columns and their atoms, if it is more than a single test.
    pub cluster: Option<Cluster>,
    /// The number of points of its inputs.
    pub size: BigUint,
}

/// A linear or polynomial atom, or a same-member test, over columns; the key of its level.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum AtomKey {
    /// At least 0; inputs stand for columns, the first coefficient is positive, the coefficients have no common divisor.
    Poly(Poly),
    /// The same member; the lower column first.
    Same(usize, usize),
}

#[derive(Debug)]
pub(crate) struct Layout {
    pub columns: Vec<Column>,
    pub levels: Vec<Level>,
    pub blocks: Vec<Block>,
    pub level_of_column: Vec<Option<u32>>,
    pub column_of: FxHashMap<(InputId, bool), usize>,
    pub level_of_has: FxHashMap<(InputId, u32), u32>,
    pub level_of_atom: FxHashMap<AtomKey, u32>,
    /// For every input the values it may take; `None` for a set.
    pub domains: Vec<Option<Allowed>>,
    /// The number of points of all that has no level.
    pub untested: BigUint,
    /// The input that differs, in questions about pairs.
    pub pair: Option<InputId>,
}

/// What is tested below some terms.
#[derive(Default)]
pub(crate) struct Tests {
    pub unary: BTreeMap<InputId, Vec<Allowed>>,
    pub has: BTreeSet<(InputId, u32)>,
    pub same: BTreeSet<(InputId, InputId)>,
    pub polys: BTreeSet<(u32, Poly)>,
    pub frequency: BTreeMap<InputId, usize>,
    /// Whether some term reads the second case.
    pub second: bool,
}

impl Tests {
    /// Everything that is reachable from terms, through rules and decisions.
    pub fn below(program: &Program, roots: &[TermId]) -> Tests {
        let mut tests = Tests::default();
        let (mut terms, mut rules, mut decisions) = (FxHashSet::default(), FxHashSet::default(), FxHashSet::default());
        let mut unary_seen: FxHashSet<TermId> = FxHashSet::default();
        let mut stack: Vec<TermId> = roots.to_vec();
        let mut rule_stack: Vec<RuleId> = Vec::new();
        let mut decision_stack: Vec<DecisionId> = Vec::new();
        loop {
            if let Some(term) = stack.pop() {
                if !terms.insert(term) {
                    continue;
                }
                let mut touch = |input: InputId| *tests.frequency.entry(input).or_insert(0) += 1;
                match program.pool.get(term) {
                    Term::True | Term::False => {}
                    Term::Not(inner) => stack.push(*inner),
                    Term::Second(inner) => {
                        tests.second = true;
                        stack.push(*inner);
                    }
                    Term::And(all) | Term::Or(all) => stack.extend(all.iter().copied()),
                    Term::Flag(of) => {
                        touch(*of);
                        tests.unary.entry(*of).or_default().push(Allowed::Members(MemberSet::of(2, [1])));
                    }
                    Term::Member { of, set } => {
                        touch(*of);
                        if unary_seen.insert(term) {
                            tests.unary.entry(*of).or_default().push(Allowed::Members(set.clone()));
                        }
                    }
                    Term::Within { of, ranges } => {
                        touch(*of);
                        if unary_seen.insert(term) {
                            tests.unary.entry(*of).or_default().push(Allowed::Ranges(ranges.clone()));
                        }
                    }
                    Term::Same(a, b) => {
                        touch(*a);
                        touch(*b);
                        tests.same.insert((*a, *b));
                    }
                    Term::Has { of, member } => {
                        touch(*of);
                        tests.has.insert((*of, *member));
                    }
                    Term::AtLeastZero(poly) => {
                        let inputs = poly.inputs();
                        let last = inputs.iter().map(|input| input.0).max().unwrap_or(0);
                        inputs.into_iter().for_each(&mut touch);
                        tests.polys.insert((last, poly.clone()));
                    }
                    Term::Applies(rule) | Term::Effective(rule) => rule_stack.push(*rule),
                    Term::Outcome { decision, .. } => decision_stack.push(*decision),
                    Term::SameOutcome(a, b) => decision_stack.extend([*a, *b]),
                }
            } else if let Some(rule) = rule_stack.pop() {
                if rules.insert(rule) {
                    stack.push(program.rule(rule).applies);
                    rule_stack.extend(program.rule(rule).overridden_by.iter().copied());
                }
            } else if let Some(decision) = decision_stack.pop() {
                if decisions.insert(decision) {
                    rule_stack.extend(program.decision(decision).rules.iter().copied());
                }
            } else {
                return tests;
            }
        }
    }
}

/// The polynomial over columns as the key of an atom, and whether the term is the negation of the atom.
pub(crate) fn poly_key(poly: &Poly, column: impl Fn(InputId) -> Option<usize>) -> Option<(AtomKey, bool)> {
    let mut out = Poly::constant(poly.constant);
    for (inputs, coefficient) in &poly.monomials {
        let mut mapped: Vec<InputId> = Vec::with_capacity(inputs.len());
        for input in inputs {
            mapped.push(InputId(column(*input)? as u32));
        }
        mapped.sort_unstable();
        out = out.plus(&Poly { constant: 0, monomials: vec![(mapped, *coefficient)] })?;
    }
    let negate = out.monomials.first().is_some_and(|(_, coefficient)| *coefficient < 0);
    if negate {
        // Not (p ≥ 0) is -p - 1 ≥ 0 over whole numbers.
        out = out.times_constant(-1)?.plus(&Poly::constant(-1))?;
    }
    let divisor = out.monomials.iter().fold(0i128, |divisor, (_, c)| num_integer::Integer::gcd(&divisor, c));
    if divisor > 1 {
        out.constant = num_integer::Integer::div_floor(&out.constant, &divisor);
        for (_, coefficient) in &mut out.monomials {
            *coefficient /= divisor;
        }
    }
    Some((AtomKey::Poly(out), negate))
}

fn root(parent: &mut [usize], mut at: usize) -> usize {
    while parent[at] != at {
        parent[at] = parent[parent[at]];
        at = parent[at];
    }
    at
}

impl Layout {
    /// The layout for questions about the tests; `domains` are the values that each input may take, by input; `given` are
    /// classes to use in place of the coarsest ones.
    pub fn new(
        program: &Program,
        tests: &Tests,
        order: Order,
        domains: Vec<Option<Allowed>>,
        pair: Option<InputId>,
        given: Option<&BTreeMap<InputId, Vec<Allowed>>>,
    ) -> Result<Layout, DiagramError> {
        let mut layout = Layout {
            columns: Vec::new(),
            levels: Vec::new(),
            blocks: Vec::new(),
            level_of_column: Vec::new(),
            column_of: FxHashMap::default(),
            level_of_has: FxHashMap::default(),
            level_of_atom: FxHashMap::default(),
            domains,
            untested: BigUint::one(),
            pair,
        };
        let mut in_atoms: BTreeSet<InputId> = tests.same.iter().flat_map(|(a, b)| [*a, *b]).collect();
        in_atoms.extend(tests.polys.iter().flat_map(|(_, poly)| poly.inputs()));
        in_atoms.extend(pair);
        for input in program.input_ids() {
            let Some(domain) = layout.domains[input.index()].clone() else { continue };
            if domain.is_empty() {
                return Err(DiagramError::EmptyDomain(input));
            }
            let unary = tests.unary.get(&input).map_or(&[][..], Vec::as_slice);
            let parts = match given.and_then(|given| given.get(&input)) {
                Some(parts) => parts.clone(),
                None => classes(&domain, unary),
            };
            if parts.len() < 2 && !in_atoms.contains(&input) {
                layout.untested *= domain.count();
                continue;
            }
            for second in [false, true] {
                if !second || pair == Some(input) {
                    layout.column_of.insert((input, second), layout.columns.len());
                    let (domain, classes) = (domain.clone(), parts.clone());
                    layout.columns.push(Column { input, second, domain, classes });
                }
            }
        }
        layout.level_of_column = vec![None; layout.columns.len()];
        for (index, input) in program.inputs.iter().enumerate() {
            if let Domain::Set(id) = &input.domain {
                let id = *id;
                let input = InputId(index as u32);
                let tested = tests.has.range((input, 0)..=(input, u32::MAX)).count();
                layout.untested <<= program.enumeration(id).size() as usize - tested;
            }
        }
        layout.place(program, tests, order)?;
        Ok(layout)
    }

    fn place(&mut self, program: &Program, tests: &Tests, order: Order) -> Result<(), DiagramError> {
        let mut atoms: BTreeSet<AtomKey> = BTreeSet::new();
        for second in [false, true] {
            if second && self.pair.is_none() {
                break;
            }
            for (_, poly) in &tests.polys {
                let (key, _) = poly_key(poly, |input| self.column(input, second)).ok_or(DiagramError::Overflow)?;
                atoms.insert(key);
            }
            for (a, b) in &tests.same {
                if let (Some(a), Some(b)) = (self.column(*a, second), self.column(*b, second)) {
                    atoms.insert(AtomKey::Same(a.min(b), a.max(b)));
                }
            }
        }
        let columns_of = |key: &AtomKey| -> Vec<usize> {
            match key {
                AtomKey::Poly(poly) => poly.inputs().into_iter().map(InputId::index).collect(),
                AtomKey::Same(a, b) => vec![*a, *b],
            }
        };
        let mut parent: Vec<usize> = (0..self.columns.len()).collect();
        let mut join = |a: usize, b: usize| {
            let (a, b) = (root(&mut parent, a), root(&mut parent, b));
            parent[a.max(b)] = a.min(b);
        };
        for key in &atoms {
            let columns = columns_of(key);
            columns.iter().for_each(|column| join(columns[0], *column));
        }
        let less = self.pair.and_then(|input| Some((self.column(input, false)?, self.column(input, true)?)));
        if let Some((a, b)) = less {
            join(a, b);
        }
        let rank = |input: InputId, arity: usize| -> (usize, usize, u32) {
            let frequency = tests.frequency.get(&input).copied().unwrap_or(0);
            match order {
                Order::Frequent => (usize::MAX - frequency, arity, input.0),
                Order::Narrow => (arity, usize::MAX - frequency, input.0),
                Order::Declared => (0, 0, input.0),
            }
        };
        // Blocks in the order of their best column; a set's members are blocks of their own.
        let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for column in 0..self.columns.len() {
            groups.entry(root(&mut parent, column)).or_default().push(column);
        }
        enum Item {
            Columns(Vec<usize>),
            Has(InputId, u32),
        }
        let mut items: Vec<((usize, usize, u32), u32, Item)> = Vec::new();
        for (_, mut columns) in groups {
            let key = |column: &usize| rank(self.columns[*column].input, self.columns[*column].classes.len());
            columns.sort_by_key(|column| (key(column), *column));
            items.push((key(&columns[0]), 0, Item::Columns(columns)));
        }
        for (input, member) in &tests.has {
            items.push((rank(*input, 2), *member, Item::Has(*input, *member)));
        }
        items.sort_by_key(|(key, member, _)| (*key, *member));
        for (_, _, item) in items {
            let block = self.blocks.len();
            let first = self.levels.len() as u32;
            let (cluster, size) = match item {
                Item::Has(input, member) => {
                    self.level_of_has.insert((input, member), first);
                    self.levels.push(Level { kind: LevelKind::Has(input, member), block });
                    (None, BigUint::from(2u32))
                }
                Item::Columns(columns) => {
                    let mine: Vec<&AtomKey> = atoms.iter().filter(|key| columns.contains(&columns_of(key)[0])).collect();
                    let mut ordered: Vec<&AtomKey> = Vec::new();
                    for (at, column) in columns.iter().enumerate() {
                        if self.columns[*column].classes.len() > 1 {
                            self.level_of_column[*column] = Some(self.levels.len() as u32);
                            self.levels.push(Level { kind: LevelKind::Class(*column), block });
                        }
                        for key in &mine {
                            let of = columns_of(key);
                            if of.contains(column) && of.iter().all(|one| columns[..=at].contains(one)) {
                                self.level_of_atom.insert((*key).clone(), self.levels.len() as u32);
                                self.levels.push(Level { kind: LevelKind::Atom(ordered.len()), block });
                                ordered.push(key);
                            }
                        }
                    }
                    let size = columns.iter().map(|column| self.columns[*column].domain.count()).product();
                    let local = |column: usize| columns.iter().position(|one| *one == column).unwrap_or(0);
                    let less = less.filter(|(a, _)| columns.contains(a)).map(|(a, b)| (local(a), local(b)));
                    let tied = columns.len() > 1 || !ordered.is_empty();
                    let cluster = tied.then(|| Cluster {
                        atoms: ordered.iter().map(|key| Atom::new(key, local)).collect(),
                        domains: columns.iter().map(|column| self.columns[*column].domain.clone()).collect(),
                        preferred: columns.iter().map(|column| self.preferred(program, *column)).collect(),
                        columns: columns.clone(),
                        less,
                        known: Known::default(),
                    });
                    (cluster, size)
                }
            };
            let end = self.levels.len() as u32;
            self.blocks.push(Block { first, end, cluster, size });
        }
        Ok(())
    }

    fn preferred(&self, program: &Program, column: usize) -> Vec<Value> {
        program.input(self.columns[column].input).preferred.clone()
    }

    /// The column of an input in the first or second case.
    pub fn column(&self, input: InputId, second: bool) -> Option<usize> {
        self.column_of.get(&(input, second && self.pair == Some(input))).copied()
    }

    /// The number of children at a level.
    pub fn arity(&self, level: u32) -> u32 {
        match self.levels[level as usize].kind {
            LevelKind::Class(column) => self.columns[column].classes.len() as u32,
            _ => 2,
        }
    }

    /// The block of a level; all blocks are before that of terminals.
    pub fn block_of(&self, level: u32) -> usize {
        self.levels.get(level as usize).map_or(self.blocks.len(), |level| level.block)
    }
}
