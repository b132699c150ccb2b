//! Functions of the classes of a table's tests, as reduced ordered diagrams in which some values do not matter.
//!
//! In: a packed diagram. Out: functions that are equal exactly if their numbers are, and what taking them apart needs: a function where
//! another one has a given value, the smallest form of one whose other values do not matter, and which combinations of some tests
//! make no difference to it.
//!
//! Whose idea: choosing what does not matter by matching siblings (T. Shiple, R. Hojati, A. Sangiovanni-Vincentelli and R. Brayton,
//! "Heuristic minimization of BDDs using don't cares", DAC 1994); classes of combinations as columns that are equal (R. Ashenhurst,
//! "The decomposition of switching functions", 1957).

use std::collections::BTreeSet;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::diagram::OwnedTable;

/// A function: a node of its [`Store`], or [`LEAF`] with a value.
pub(super) type Function = u32;

/// The rest is a value.
pub(super) const LEAF: Function = 1 << 31;

/// It does not matter, or no case comes here.
pub(super) const ANY: Function = u32::MAX;

/// The level of the table's first test. What is put in front has lower levels.
pub(super) const TESTS: u32 = 1 << 20;

/// Where functions live.
#[derive(Default)]
pub(super) struct Store {
    nodes: Vec<(u32, Box<[Function]>)>,
    unique: FxHashMap<(u32, Box<[Function]>), Function>,
    merged: FxHashMap<(Function, Function), Option<Function>>,
    given: FxHashMap<(Function, Function, Function), Function>,
    fixed: FxHashMap<(Function, u32, u32), Function>,
    least: FxHashMap<Function, Function>,
    rows: FxHashMap<Function, u64>,
    supports: FxHashMap<Function, std::rc::Rc<BTreeSet<u32>>>,
}

/// Combinations of some tests, grouped by whether they make a difference to a function.
pub(super) struct Grouping {
    /// From the tests to the number of the group.
    pub groups: Function,
    /// What the function is in each of them.
    pub then: Vec<Function>,
}

impl Store {
    /// A node, unless all its children are the same.
    pub fn node(&mut self, level: u32, children: Vec<Function>) -> Function {
        if children.iter().all(|child| *child == children[0]) {
            return children[0];
        }
        let key = (level, children.into_boxed_slice());
        if let Some(found) = self.unique.get(&key) {
            return *found;
        }
        let fresh = self.nodes.len() as Function;
        self.nodes.push(key.clone());
        self.unique.insert(key, fresh);
        fresh
    }

    /// The level of a node; a value stands below all of them.
    pub fn level(&self, function: Function) -> u32 {
        if function & LEAF == 0 { self.nodes[function as usize].0 } else { u32::MAX }
    }

    /// The children of a node, by class.
    pub fn children(&self, function: Function) -> &[Function] {
        if function & LEAF == 0 { &self.nodes[function as usize].1 } else { &[] }
    }

    /// A decision of a table; `value` says what an outcome counts as.
    pub fn import(&mut self, table: &OwnedTable, root: u32, value: impl Fn(u32) -> Function) -> Function {
        let mut known: FxHashMap<u32, Function> = FxHashMap::default();
        // Children stand at lower offsets, so that rising offsets know theirs; only those below the root are asked for.
        let mut reached = BTreeSet::new();
        let mut stack = vec![root];
        while let Some(word) = stack.pop() {
            if word & lexport_runtime::LEAF == 0 && reached.insert(word) {
                stack.extend_from_slice(super::test::children(table, word));
            }
        }
        for word in reached {
            let children = super::test::children(table, word)
                .iter()
                .map(|child| match known.get(child) {
                    Some(function) => *function,
                    None => value(child & !lexport_runtime::HEAD),
                })
                .collect();
            let test = table.nodes[word as usize] & !lexport_runtime::HEAD;
            let function = self.node(TESTS + test, children);
            known.insert(word, function);
        }
        known.get(&root).copied().unwrap_or_else(|| value(root & !lexport_runtime::HEAD))
    }

    /// What a function is below a level, for each class there: itself if it does not ask.
    fn split(&self, function: Function, level: u32, class: usize) -> Function {
        if self.level(function) == level { self.children(function)[class] } else { function }
    }

    /// One function that agrees with both where they matter, if there is one.
    fn merge(&mut self, a: Function, b: Function) -> Option<Function> {
        if a == b || b == ANY {
            return Some(a);
        }
        if a == ANY {
            return Some(b);
        }
        if a & LEAF != 0 && b & LEAF != 0 {
            return None;
        }
        let key = (a.min(b), a.max(b));
        if let Some(found) = self.merged.get(&key) {
            return *found;
        }
        let level = self.level(a).min(self.level(b));
        let count = self.children(if self.level(a) == level { a } else { b }).len();
        let mut children = Vec::with_capacity(count);
        let mut merged = None;
        for class in 0..count {
            match self.merge(self.split(a, level, class), self.split(b, level, class)) {
                Some(child) => children.push(child),
                None => break,
            }
        }
        if children.len() == count {
            merged = Some(self.node(level, children));
        }
        self.merged.insert(key, merged);
        merged
    }

    /// A small function that agrees with it where it matters. From the top: children that can be one are made one before anything
    /// below them is decided.
    pub fn least(&mut self, function: Function) -> Function {
        if function & LEAF != 0 {
            return function;
        }
        if let Some(found) = self.least.get(&function) {
            return *found;
        }
        let children = self.children(function).to_vec();
        let mut groups: Vec<Function> = Vec::new();
        let mut group_of = Vec::with_capacity(children.len());
        // What stands in front was asked so that its answers are told apart.
        let front = self.level(function) < TESTS;
        for child in children {
            let merged =
                (0..if front { 0 } else { groups.len() }).find_map(|at| self.merge(groups[at], child).map(|one| (at, one)));
            match merged {
                Some((at, one)) => {
                    groups[at] = one;
                    group_of.push(at);
                }
                None => {
                    group_of.push(groups.len());
                    groups.push(child);
                }
            }
        }
        for group in &mut groups {
            *group = self.least(*group);
        }
        // Where no case comes, it may as well be as beside: no row of its own, and no gap.
        if let Some(beside) = groups.iter().copied().find(|group| *group != ANY) {
            groups.iter_mut().filter(|group| **group == ANY).for_each(|group| *group = beside);
        }
        let level = self.level(function);
        let least = self.node(level, group_of.into_iter().map(|at| groups[at]).collect());
        self.least.insert(function, least);
        least
    }

    /// The function where another one has a value; elsewhere it does not matter.
    pub fn given(&mut self, function: Function, other: Function, value: Function) -> Function {
        if function == ANY {
            return ANY;
        }
        if other & LEAF != 0 {
            return if other == value { function } else { ANY };
        }
        if let Some(found) = self.given.get(&(function, other, value)) {
            return *found;
        }
        let level = self.level(function).min(self.level(other));
        let count = self.children(if self.level(function) == level { function } else { other }).len();
        let children = (0..count)
            .map(|class| self.given(self.split(function, level, class), self.split(other, level, class), value))
            .collect();
        let given = self.node(level, children);
        self.given.insert((function, other, value), given);
        given
    }

    /// The function in one class of a test.
    fn fixed(&mut self, function: Function, level: u32, class: u32) -> Function {
        let own = self.level(function);
        if own > level {
            return function;
        }
        if own == level {
            return self.children(function)[class as usize];
        }
        if let Some(found) = self.fixed.get(&(function, level, class)) {
            return *found;
        }
        let children = self.children(function).to_vec();
        let children = children.into_iter().map(|child| self.fixed(child, level, class)).collect();
        let fixed = self.node(own, children);
        self.fixed.insert((function, level, class), fixed);
        fixed
    }

    /// The groups of the combinations of some levels (rising), each with its number of classes; nothing if there are more than `most`.
    pub fn grouped(&mut self, function: Function, levels: &[(u32, u32)], most: usize) -> Option<Grouping> {
        let mut then = Vec::new();
        let mut known = FxHashMap::default();
        let groups = self.group(function, levels, most, &mut then, &mut known)?;
        Some(Grouping { groups: self.least(groups), then })
    }

    fn group(
        &mut self,
        function: Function,
        levels: &[(u32, u32)],
        most: usize,
        then: &mut Vec<Function>,
        known: &mut FxHashMap<(Function, usize), Function>,
    ) -> Option<Function> {
        if function == ANY {
            return Some(ANY);
        }
        let support = self.support(function);
        let first = levels.iter().position(|(level, _)| support.contains(level));
        let Some(first) = first else {
            let at = then.iter().position(|one| *one == function).unwrap_or(then.len());
            if at == then.len() {
                then.push(function);
            }
            return (then.len() <= most).then_some(LEAF | at as Function);
        };
        let key = (function, levels.len() - first);
        if let Some(found) = known.get(&key) {
            return Some(*found);
        }
        // As many ways as this have no few groups.
        if known.len() > STATES {
            return None;
        }
        let (level, classes) = levels[first];
        let mut children = Vec::with_capacity(classes as usize);
        for class in 0..classes {
            let below = self.fixed(function, level, class);
            children.push(self.group(below, &levels[first + 1..], most, then, known)?);
        }
        let node = self.node(level, children);
        known.insert(key, node);
        Some(node)
    }

    /// What it is as a function of the tests, if what stands in front of them is known as such.
    pub fn without_front(&mut self, function: Function, front: &dyn Fn(u32) -> Option<(Function, Vec<u32>)>) -> Option<Function> {
        let mut known = FxHashMap::default();
        self.inline(function, front, &mut known)
    }

    fn inline(
        &mut self,
        function: Function,
        front: &dyn Fn(u32) -> Option<(Function, Vec<u32>)>,
        known: &mut FxHashMap<Function, Function>,
    ) -> Option<Function> {
        // Values too, and what stands below: no level there is in front.
        if self.level(function) >= TESTS {
            return Some(function);
        }
        if let Some(found) = known.get(&function) {
            return Some(*found);
        }
        let (other, values) = front(self.level(function))?;
        let children = self.children(function).to_vec();
        let children = children.into_iter().map(|child| self.inline(child, front, known)).collect::<Option<Vec<_>>>()?;
        let inlined = self.choose(other, &values, children, &mut FxHashMap::default());
        known.insert(function, inlined);
        Some(inlined)
    }

    /// Of some functions the one that another function names by its values.
    fn choose(
        &mut self,
        which: Function,
        values: &[u32],
        of: Vec<Function>,
        known: &mut FxHashMap<(Function, Vec<Function>), Function>,
    ) -> Function {
        if which & LEAF != 0 {
            let at = values.iter().position(|value| LEAF | value == which);
            return at.map_or(ANY, |at| of[at]);
        }
        if of.iter().all(|one| *one == of[0]) {
            return of[0];
        }
        let key = (which, of);
        if let Some(found) = known.get(&key) {
            return *found;
        }
        let (_, of) = &key;
        let level = of.iter().map(|one| self.level(*one)).fold(self.level(which), u32::min);
        let asks = std::iter::once(&which).chain(of).find(|one| self.level(**one) == level);
        let count = asks.map_or(0, |one| self.children(*one).len());
        let children = (0..count)
            .map(|class| {
                let below = of.iter().map(|one| self.split(*one, level, class)).collect();
                self.choose(self.split(which, level, class), values, below, known)
            })
            .collect();
        let node = self.node(level, children);
        known.insert(key, node);
        node
    }

    /// How many rows a table of it has: the ways to a value, with classes that lead on alike as one.
    pub fn rows(&mut self, function: Function) -> u64 {
        if function & LEAF != 0 {
            return u64::from(function != ANY);
        }
        if let Some(found) = self.rows.get(&function) {
            return *found;
        }
        let mut children = self.children(function).to_vec();
        children.sort_unstable();
        children.dedup();
        let rows = children.into_iter().fold(0u64, |sum, child| sum.saturating_add(self.rows(child)));
        self.rows.insert(function, rows);
        rows
    }

    /// The levels that it asks for.
    pub fn support(&mut self, function: Function) -> std::rc::Rc<BTreeSet<u32>> {
        if let Some(found) = self.supports.get(&function) {
            return found.clone();
        }
        let mut levels = BTreeSet::new();
        self.visit(function, |level, _| {
            levels.insert(level);
        });
        let levels = std::rc::Rc::new(levels);
        self.supports.insert(function, levels.clone());
        levels
    }

    /// The values that it comes to.
    pub fn values(&self, function: Function) -> BTreeSet<u32> {
        let mut values = BTreeSet::new();
        let mut note = |child: Function| {
            if child & LEAF != 0 && child != ANY {
                values.insert(child & !LEAF);
            }
        };
        note(function);
        self.visit(function, |_, children| children.iter().for_each(|child| note(*child)));
        values
    }

    fn visit(&self, function: Function, mut each: impl FnMut(u32, &[Function])) {
        let mut seen = FxHashSet::default();
        let mut stack = vec![function];
        while let Some(at) = stack.pop() {
            if at & LEAF == 0 && seen.insert(at) {
                let (level, children) = &self.nodes[at as usize];
                each(*level, children);
                stack.extend_from_slice(children);
            }
        }
    }
}

/// Functions on the way to groups.
const STATES: usize = 20_000;
