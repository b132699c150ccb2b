//! The store of nodes: ordered, reduced, multi-valued, with any number of terminals.
//!
//! In: levels with their arities. Out: node ids such that two diagrams over the same levels are the same function exactly
//! if their ids are equal. Whose idea: R. E. Bryant, "Graph-based algorithms for Boolean function manipulation" (IEEE
//! Trans. Computers C-35, 1986) for the unique table and memoised apply; T. Kam, T. Villa, R. Brayton and A.
//! Sangiovanni-Vincentelli, "Multi-valued decision diagrams: theory and applications" (1998) for more than two children.

use std::hash::Hasher;

use rustc_hash::{FxHashMap, FxHasher};

use super::DiagramError;

/// A node or, with the highest bit set, a terminal.
pub(crate) type Node = u32;

/// Marks terminals.
const TERMINAL: u32 = 1 << 31;
/// The terminal false; in diagrams of labels: no label.
pub(crate) const FALSE: Node = TERMINAL;
/// The terminal true.
pub(crate) const TRUE: Node = TERMINAL | 1;

/// Memo tags of the fixed operations; folds over labels take tags from [`Store::fresh_tag`].
const AND: u32 = 0;
const OR: u32 = 1;
const NOT: u32 = 2;
const FIRST_FREE: u32 = 3;

/// The terminal of a label.
pub(crate) fn label(index: usize) -> Node {
    TERMINAL | (index as u32 + 2)
}

/// The label of a terminal, if it is one.
pub(crate) fn label_index(node: Node) -> Option<usize> {
    (node > TRUE).then(|| (node - TRUE - 1) as usize)
}

/// Whether it is a terminal.
pub(crate) fn is_terminal(node: Node) -> bool {
    node & TERMINAL != 0
}

/// All nodes of one [`super::Diagram`].
#[derive(Debug)]
pub(crate) struct Store {
    arity: Vec<u32>,
    level: Vec<u32>,
    start: Vec<u32>,
    children: Vec<Node>,
    /// Open addressing over node ids; `u32::MAX` is free. Its length is a power of two.
    table: Vec<u32>,
    memo: FxHashMap<(u32, Node, Node), Node>,
    next_tag: u32,
    limit: usize,
}

impl Store {
    /// A store over levels of these arities, which refuses to hold more than `limit` words of children.
    pub fn new(arity: Vec<u32>, limit: usize) -> Self {
        Store {
            arity,
            level: Vec::new(),
            start: Vec::new(),
            children: Vec::new(),
            table: vec![u32::MAX; 1024],
            memo: FxHashMap::default(),
            next_tag: FIRST_FREE,
            limit: limit.min(TERMINAL as usize - 1),
        }
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.level.len()
    }

    /// Changes the limit on words.
    pub fn set_limit(&mut self, limit: usize) {
        self.limit = limit.min(TERMINAL as usize - 1);
    }

    /// How many words of children there are.
    pub fn words(&self) -> usize {
        self.children.len()
    }

    /// The level of a node; terminals stand below every level.
    pub fn level(&self, node: Node) -> u32 {
        if is_terminal(node) { u32::MAX } else { self.level[node as usize] }
    }

    /// The number of children at a level.
    pub fn arity(&self, level: u32) -> u32 {
        self.arity[level as usize]
    }

    /// The children of a node, by class; empty for a terminal.
    pub fn children(&self, node: Node) -> &[Node] {
        if is_terminal(node) {
            return &[];
        }
        let start = self.start[node as usize] as usize;
        &self.children[start..start + self.arity[self.level[node as usize] as usize] as usize]
    }

    /// A memo tag that no other operation uses.
    pub fn fresh_tag(&mut self) -> u32 {
        self.next_tag += 1;
        self.next_tag - 1
    }

    fn hash(level: u32, children: &[Node]) -> usize {
        let mut hasher = FxHasher::default();
        hasher.write_u32(level);
        for child in children {
            hasher.write_u32(*child);
        }
        // The multiplication of FxHash leaves the low bits weak.
        let hash = hasher.finish();
        (hash ^ (hash >> 29)) as usize
    }

    /// The node with these children, one for each class of the level; itself reduced.
    pub fn make(&mut self, level: u32, children: &[Node]) -> Result<Node, DiagramError> {
        debug_assert_eq!(children.len(), self.arity[level as usize] as usize);
        if children.iter().all(|child| *child == children[0]) {
            return Ok(children[0]);
        }
        let mask = self.table.len() - 1;
        let mut at = Self::hash(level, children) & mask;
        loop {
            match self.table[at] {
                u32::MAX => break,
                node if self.level[node as usize] == level && self.children(node) == children => return Ok(node),
                _ => at = (at + 1) & mask,
            }
        }
        if self.children.len() + children.len() > self.limit {
            return Err(DiagramError::Nodes(self.limit));
        }
        let node = self.level.len() as u32;
        self.level.push(level);
        self.start.push(self.children.len() as u32);
        self.children.extend_from_slice(children);
        self.table[at] = node;
        if self.level.len() * 2 > self.table.len() {
            self.grow();
        }
        Ok(node)
    }

    fn grow(&mut self) {
        let size = self.table.len() * 2;
        self.table.clear();
        self.table.resize(size, u32::MAX);
        for node in 0..self.level.len() as u32 {
            let mut at = Self::hash(self.level[node as usize], self.children(node)) & (size - 1);
            while self.table[at] != u32::MAX {
                at = (at + 1) & (size - 1);
            }
            self.table[at] = node;
        }
    }

    /// Combines two diagrams. `leaf` answers for pairs that need no look inside, at least for every pair of terminals.
    pub fn apply(
        &mut self,
        tag: u32,
        a: Node,
        b: Node,
        leaf: &mut impl FnMut(Node, Node) -> Result<Option<Node>, DiagramError>,
    ) -> Result<Node, DiagramError> {
        if let Some(node) = leaf(a, b)? {
            return Ok(node);
        }
        if let Some(node) = self.memo.get(&(tag, a, b)) {
            return Ok(*node);
        }
        let (level_a, level_b) = (self.level(a), self.level(b));
        let level = level_a.min(level_b);
        let arity = self.arity(level) as usize;
        let mut children: Vec<Node> = Vec::with_capacity(arity);
        let mut last = None;
        for class in 0..arity {
            let x = if level_a == level { self.children(a)[class] } else { a };
            let y = if level_b == level { self.children(b)[class] } else { b };
            let child = match last {
                Some((pair, child)) if pair == (x, y) => child,
                _ => self.apply(tag, x, y, leaf)?,
            };
            last = Some(((x, y), child));
            children.push(child);
        }
        let node = self.make(level, &children)?;
        self.memo.insert((tag, a, b), node);
        // The memo is bounded as the nodes are: a fold may touch far more pairs than it keeps nodes.
        if self.memo.len() > self.limit {
            return Err(DiagramError::Nodes(self.limit));
        }
        Ok(node)
    }

    /// Both.
    pub fn and(&mut self, a: Node, b: Node) -> Result<Node, DiagramError> {
        let (a, b) = (a.min(b), a.max(b));
        self.apply(AND, a, b, &mut |x, y| {
            Ok(match (x, y) {
                (FALSE, _) | (_, FALSE) => Some(FALSE),
                (TRUE, other) | (other, TRUE) => Some(other),
                _ => (x == y).then_some(x),
            })
        })
    }

    /// Either.
    pub fn or(&mut self, a: Node, b: Node) -> Result<Node, DiagramError> {
        let (a, b) = (a.min(b), a.max(b));
        self.apply(OR, a, b, &mut |x, y| {
            Ok(match (x, y) {
                (TRUE, _) | (_, TRUE) => Some(TRUE),
                (FALSE, other) | (other, FALSE) => Some(other),
                _ => (x == y).then_some(x),
            })
        })
    }

    /// Neither more nor less than not.
    pub fn not(&mut self, a: Node) -> Result<Node, DiagramError> {
        self.map(NOT, a, &mut |terminal| if terminal == FALSE { TRUE } else { FALSE })
    }

    /// Replaces terminals.
    pub fn map(&mut self, tag: u32, a: Node, to: &mut impl FnMut(Node) -> Node) -> Result<Node, DiagramError> {
        if is_terminal(a) {
            return Ok(to(a));
        }
        if let Some(node) = self.memo.get(&(tag, a, a)) {
            return Ok(*node);
        }
        let level = self.level(a);
        let mut children = Vec::with_capacity(self.arity(level) as usize);
        for class in 0..self.arity(level) as usize {
            let child = self.children(a)[class];
            children.push(match class.checked_sub(1) {
                Some(before) if self.children(a)[before] == child => children[before],
                _ => self.map(tag, child, to)?,
            });
        }
        let node = self.make(level, &children)?;
        self.memo.insert((tag, a, a), node);
        Ok(node)
    }

    /// Merges many diagrams in a balanced way: neighbours first, so that operands grow together and no long, fat
    /// accumulator is copied once for each of thousands.
    pub fn fold(
        &mut self,
        mut nodes: Vec<Node>,
        empty: Node,
        mut merge: impl FnMut(&mut Self, Node, Node) -> Result<Node, DiagramError>,
    ) -> Result<Node, DiagramError> {
        while nodes.len() > 1 {
            let mut next = Vec::with_capacity(nodes.len().div_ceil(2));
            for pair in nodes.chunks(2) {
                next.push(match pair {
                    [a, b] => merge(self, *a, *b)?,
                    _ => pair[0],
                });
            }
            nodes = next;
        }
        Ok(nodes.first().copied().unwrap_or(empty))
    }

    /// All of many.
    pub fn all(&mut self, mut nodes: Vec<Node>) -> Result<Node, DiagramError> {
        // Deep tests first: a product of diagrams that do not share levels is then a mere stacking.
        nodes.sort_unstable_by_key(|node| (std::cmp::Reverse(self.level(*node)), *node));
        nodes.dedup();
        self.fold(nodes, TRUE, Self::and)
    }

    /// One of many.
    pub fn any(&mut self, mut nodes: Vec<Node>) -> Result<Node, DiagramError> {
        nodes.sort_unstable_by_key(|node| (std::cmp::Reverse(self.level(*node)), *node));
        nodes.dedup();
        self.fold(nodes, FALSE, Self::or)
    }
}
