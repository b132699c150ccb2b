//! What is left of a decision when some inputs are known: its diagram without the tests that are answered, reduced again.
//!
//! In: a table, a decision, values, of which some are unknown. Out: a [`Residual`]. The walk of `docs/tables.md` ("Unknown inputs") meets every test on
//! its way, also one whose children have become the same function; here equal functions are one node (Bryant 1986), so that a test stands here only
//! if some combination of classes of the others makes a difference of it. DIVERGENCE from the diagrams of the builder: tests are taken to be free of
//! each other, as the walk takes them.

use lexport_runtime::{Answer, HEAD, LEAF, NONE, Span, Table, TableError, Test, Value};
use rustc_hash::FxHashMap;

use super::table::OwnedTable;

/// How many nodes are looked at to tell what the answers to one question leave.
const LOOKS: usize = 1 << 25;

/// What its leaves are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaves {
    /// Answers: outcomes that say the same are one, whoever carries them. It stands under the lowest of their numbers.
    Answers,
    /// Outcomes: the answer and the rules that carry it.
    Outcomes,
}

/// A reduced diagram. A word is a leaf ([`LEAF`] with an outcome) or the number of a node; children stand before their parents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Residual {
    pub(super) arena: Arena,
    pub(super) root: u32,
}

/// Nodes, each function once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Arena {
    tests: Vec<u32>,
    first: Vec<u32>,
    children: Vec<u32>,
    known: FxHashMap<u64, Vec<u32>>,
}

impl Arena {
    /// The node with these children; itself reduced.
    pub fn make(&mut self, test: u32, children: &[u32]) -> u32 {
        if let Some((one, rest)) = children.split_first()
            && rest.iter().all(|other| other == one)
        {
            return *one;
        }
        let key = hash(test, children);
        let same = |node: &&u32| self.tests[**node as usize] == test && self.children(**node) == children;
        if let Some(node) = self.known.get(&key).and_then(|all| all.iter().find(same)) {
            return *node;
        }
        let node = self.tests.len() as u32;
        self.tests.push(test);
        self.first.push(self.children.len() as u32);
        self.children.extend_from_slice(children);
        self.known.entry(key).or_default().push(node);
        node
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.tests.len()
    }

    /// How many words of children there are.
    pub fn words(&self) -> usize {
        self.children.len()
    }

    /// The test of a node; a leaf stands below all of them.
    pub fn test(&self, word: u32) -> u32 {
        if word & LEAF == 0 { self.tests[word as usize] } else { NONE }
    }

    /// The children of a node, by class; none of a leaf.
    pub fn children(&self, word: u32) -> &[u32] {
        if word & LEAF != 0 {
            return &[];
        }
        let last = self.first.get(word as usize + 1).map_or(self.children.len(), |next| *next as usize);
        &self.children[self.first[word as usize] as usize..last]
    }

    /// The nodes and leaves that a walk may come to if it goes on where `way` says, rising; the root included.
    pub fn reached(&self, root: u32, way: impl Fn(u32) -> Option<u32>) -> Vec<u32> {
        let (mut seen, mut stack, mut out) = (rustc_hash::FxHashSet::default(), vec![root], Vec::new());
        while let Some(word) = stack.pop() {
            if !seen.insert(word) {
                continue;
            }
            out.push(word);
            let children = self.children(word);
            match way(self.test(word)) {
                Some(class) => stack.extend(children.get(class as usize)),
                None => stack.extend_from_slice(children),
            }
        }
        out.sort_unstable();
        out
    }
}

fn hash(test: u32, children: &[u32]) -> u64 {
    use std::hash::Hasher as _;
    let mut hasher = rustc_hash::FxHasher::default();
    hasher.write_u32(test);
    children.iter().for_each(|child| hasher.write_u32(*child));
    hasher.finish()
}

impl Residual {
    /// What is left of a decision.
    ///
    /// # Errors
    /// For a value that the table is not good for, or a decision that is not there.
    pub fn new(table: &OwnedTable, decision: u32, values: &[Value<'_>], leaves: Leaves) -> Result<Residual, TableError> {
        let packed = table.as_table();
        let mut classes = vec![NONE; packed.classes_len()];
        packed.classify(values, &mut classes)?;
        let root = *table.roots.get(decision as usize).ok_or(TableError::Decision(decision))?;
        // Children stand at lower offsets: one pass down to find what is met, one up to make it anew.
        let mut met = vec![false; table.nodes.len()];
        let mut offsets = Vec::new();
        if root & LEAF == 0 {
            *met.get_mut(root as usize).ok_or(TableError::Node(root))? = true;
        }
        for at in (0..met.len().min(if root & LEAF == 0 { root as usize + 1 } else { 0 })).rev() {
            if !met[at] {
                continue;
            }
            offsets.push(at as u32);
            for child in ways(&packed, &classes, at as u32)?.iter().filter(|child| **child & LEAF == 0) {
                *met.get_mut(*child as usize).ok_or(TableError::Node(at as u32))? = true;
            }
        }
        let same = if leaves == Leaves::Answers { same_answers(table) } else { Vec::new() };
        let mut arena = Arena::default();
        let mut word_of: FxHashMap<u32, u32> = FxHashMap::default();
        let end = |word: u32| LEAF | same.get((word & !HEAD) as usize).copied().unwrap_or(word & !HEAD);
        let mut children = Vec::new();
        for at in offsets.into_iter().rev() {
            let malformed = TableError::Node(at);
            children.clear();
            for child in ways(&packed, &classes, at)? {
                children.push(match child & LEAF {
                    0 => *word_of.get(child).ok_or(malformed)?,
                    _ => end(*child),
                });
            }
            let word = arena.make(table.nodes[at as usize] & !HEAD, &children);
            word_of.insert(at, word);
        }
        let root = if root & LEAF == 0 { *word_of.get(&root).ok_or(TableError::Node(root))? } else { end(root) };
        Ok(Residual { arena, root })
    }

    /// The outcomes that stand at its leaves, rising: one alone, and the decision is settled.
    pub fn outcomes(&self) -> Vec<u32> {
        self.outcomes_by(|_| None)
    }

    fn outcomes_by(&self, way: impl Fn(u32) -> Option<u32>) -> Vec<u32> {
        self.arena.reached(self.root, way).into_iter().filter(|word| word & LEAF != 0).map(|word| word & !HEAD).collect()
    }

    /// The tests that are left, rising.
    pub fn tests(&self) -> Vec<u32> {
        let nodes = self.arena.reached(self.root, |_| None).into_iter().filter(|word| word & LEAF == 0);
        let mut tests: Vec<u32> = nodes.map(|node| self.arena.test(node)).collect();
        tests.sort_unstable();
        tests.dedup();
        tests
    }

    /// The unknown inputs that the tests which are left read, rising: what the leaf still hangs on.
    pub fn inputs(&self, table: &OwnedTable, values: &[Value<'_>]) -> Vec<u32> {
        let mut inputs: Vec<u32> = self.tests().into_iter().flat_map(|test| read_by(table, test)).collect();
        inputs.sort_unstable();
        inputs.dedup();
        inputs.retain(|input| values.get(*input as usize) == Some(&Value::Unknown));
        inputs
    }

    /// Whether each leaf is reached in some case, and each test that is left makes a difference in one; else arithmetic and same-member tests were
    /// taken to be free (as for [`lexport_runtime::Open::exact`]).
    pub fn exact(&self, table: &OwnedTable) -> bool {
        let free = |test: u32| matches!(table.tests[test as usize], Test::Same { .. } | Test::AtLeastZero { .. });
        !self.tests().into_iter().any(free)
    }

    /// The outcomes that are left below the tests that read an input, rising.
    pub fn outcomes_below(&self, table: &OwnedTable, input: u32) -> Vec<u32> {
        let reads: Vec<u32> = self.tests().into_iter().filter(|test| read_by(table, *test).contains(&input)).collect();
        // Children before parents, so backwards it goes down.
        let (mut below, mut out) = (rustc_hash::FxHashSet::default(), Vec::new());
        for node in self.arena.reached(self.root, |_| None).into_iter().rev().filter(|word| word & LEAF == 0) {
            if !below.contains(&node) && reads.binary_search(&self.arena.test(node)).is_err() {
                continue;
            }
            for child in self.arena.children(node) {
                if below.insert(*child) && child & LEAF != 0 {
                    out.push(child & !HEAD);
                }
            }
        }
        out.sort_unstable();
        out
    }

    /// The outcomes that are left, for each class of each test that reads an input: what an answer to the question for that input leaves. Nothing
    /// where there are so many classes that looking would take long.
    pub fn outcomes_after(&self, table: &OwnedTable, input: u32) -> Option<Vec<Vec<u32>>> {
        let tests = self.tests().into_iter().filter(|test| read_by(table, *test).contains(&input));
        let by = |test: u32| (0..classes(table.tests[test as usize])).map(move |class| (test, class));
        let ways: Vec<(u32, u32)> = tests.flat_map(by).collect();
        if ways.len().saturating_mul(self.arena.len()) > LOOKS {
            return None;
        }
        Some(ways.into_iter().map(|(test, class)| self.outcomes_by(|other| (other == test).then_some(class))).collect())
    }
}

/// The children of a node that a walk may go on to.
fn ways<'t>(table: &Table<'t>, known: &[u32], at: u32) -> Result<&'t [u32], TableError> {
    let malformed = TableError::Node(at);
    let test = table.nodes.get(at as usize).ok_or(malformed)? & !HEAD;
    let count = classes(*table.tests.get(test as usize).ok_or(malformed)?) as usize;
    let children = table.nodes.get(at as usize + 1..at as usize + 1 + count).ok_or(malformed)?;
    match known.get(test as usize).copied().filter(|class| *class != NONE) {
        Some(class) => children.get(class as usize..class as usize + 1).ok_or(malformed),
        None => Ok(children),
    }
}

/// How many classes a test has.
pub(super) fn classes(test: Test) -> u32 {
    match test {
        Test::Member { classes, .. } | Test::Interval { classes, .. } => classes,
        _ => 2,
    }
}

/// The inputs that a test reads, in the order in which it names them.
pub fn read_by(table: &OwnedTable, test: u32) -> Vec<u32> {
    let part = |span: Span| span.first as usize..span.first as usize + span.count as usize;
    match table.tests.get(test as usize) {
        None => Vec::new(),
        Some(Test::Flag { input } | Test::Member { input, .. } | Test::Interval { input, .. } | Test::Has { input, .. }) => {
            vec![*input]
        }
        Some(Test::Same { a, b }) => vec![*a, *b],
        Some(Test::AtLeastZero { monomials, .. }) => {
            let all = table.monomials.get(part(*monomials)).unwrap_or(&[]).iter();
            all.flat_map(|monomial| table.factors.get(part(monomial.factors)).unwrap_or(&[])).copied().collect()
        }
    }
}

/// By outcome the first one that has the same answer.
fn same_answers(table: &OwnedTable) -> Vec<u32> {
    #[derive(PartialEq, Eq, Hash)]
    enum Said<'t> {
        Plain(u32, i64),
        Set(&'t [u64]),
        Several(Vec<Said<'t>>),
    }
    fn said<'t>(table: &Table<'t>, answer: Answer) -> Said<'t> {
        match answer {
            Answer::Gap => Said::Plain(0, 0),
            Answer::Bool(value) => Said::Plain(1, i64::from(value)),
            Answer::Member(member) => Said::Plain(2, i64::from(member)),
            Answer::Int(int) => Said::Plain(3, int),
            Answer::Set(span) => Said::Set(table.set_words(span)),
            Answer::Conflict(span) => Said::Several(table.conflict_values(span).iter().map(|one| said(table, *one)).collect()),
        }
    }
    let packed = table.as_table();
    let mut first: FxHashMap<Said<'_>, u32> = FxHashMap::default();
    let numbered = (0u32..).zip(&table.outcomes);
    numbered.map(|(number, outcome)| *first.entry(said(&packed, outcome.answer)).or_insert(number)).collect()
}
