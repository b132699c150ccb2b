//! Questions to a diagram: is there a case, which, how many, and which rules apply where.
//!
//! A search goes block by block (see [`super::layout`]); what it finds on the way through a cluster is judged by
//! [`super::theory`], so that no case is reported that no values make, and a "no" is a proof.

use std::collections::BTreeMap;

use num_bigint::BigUint;
use num_traits::{One, Zero};
use rustc_hash::{FxHashMap, FxHashSet};

use super::build::{Diagram, DiagramError};
use super::classes::{Allowed, member_value};
use super::layout::LevelKind;
use super::node::{FALSE, Node, TRUE, is_terminal};
use super::outcome::Label;
use super::theory::{Feasible, Path};
use crate::ir::{Case, Domain, InputId, MemberSet, Outcome, RuleId, TermId, Value};
use crate::words::{Sentence, say};

/// Whether something exists; `W` is a witness.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer<W = Case> {
    /// Nowhere in the declared domains: a proof.
    No,
    /// This one.
    Yes(W),
    /// Not decided, and why.
    Unknown(Sentence),
}

/// The cases in which exactly these rules of a slice apply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// The rules, rising.
    pub applying: Vec<RuleId>,
    /// How many cases; `None` if not counted.
    pub count: Option<BigUint>,
    /// One of them; `Unknown` if it is open whether there is one.
    pub witness: Answer,
}

/// Why an answer is not known.
/// Why a question about pairs of inputs may stay open.
pub(super) fn undecided() -> Sentence {
    say!("arithmetic between inputs was not decided")
}

/// A complete way through the blocks: of each block the path and, for clusters, the values.
type Way = Vec<(usize, Path, Vec<i64>)>;

struct Search<'a, 'p> {
    diagram: &'a Diagram<'p>,
    /// From here no sure case is reached.
    dead: FxHashSet<(usize, Node)>,
    way: Way,
    unsure: bool,
    steps: usize,
}

impl Diagram<'_> {
    /// Whether the term holds in some case.
    ///
    /// # Errors
    /// See [`DiagramError`].
    pub fn exists(&mut self, goal: TermId) -> Result<Answer, DiagramError> {
        let root = self.term(goal)?;
        Ok(match self.search(root)? {
            Answer::Yes(way) => Answer::Yes(self.case(&way, false)),
            Answer::No => Answer::No,
            Answer::Unknown(why) => Answer::Unknown(why),
        })
    }

    /// Whether there are two cases, equal but for the input [`super::Options::pair`], which is less in the first (false
    /// before true, members in their order), such that the goal holds; [`crate::ir::Term::Second`] reads the second.
    ///
    /// # Errors
    /// See [`DiagramError`]; [`DiagramError::NoSecond`] if the diagram is not for pairs.
    pub fn exists_pair(&mut self, goal: TermId) -> Result<Answer<(Case, Case)>, DiagramError> {
        if self.layout.pair.is_none() {
            return Err(DiagramError::NoSecond(goal));
        }
        let root = self.term(goal)?;
        Ok(match self.search(root)? {
            Answer::Yes(way) => Answer::Yes((self.case(&way, false), self.case(&way, true))),
            Answer::No => Answer::No,
            Answer::Unknown(why) => Answer::Unknown(why),
        })
    }

    /// In how many cases the term holds, exactly; `None` if it hangs on arithmetic that is decided but not counted
    /// (products, or three and more inputs tied together).
    ///
    /// # Errors
    /// See [`DiagramError`].
    pub fn count(&mut self, goal: TermId) -> Result<Option<BigUint>, DiagramError> {
        let root = self.term(goal)?;
        Ok(self.sweep(root)?.remove(&TRUE).unwrap_or_else(|| Some(BigUint::zero())))
    }

    /// How many cases there are.
    pub fn total(&self) -> BigUint {
        self.layout.blocks.iter().fold(self.layout.untested.clone(), |total, block| total * &block.size)
    }

    /// The partition of the cases in which `care` holds by the set of rules that apply, each with a count and a witness;
    /// regions that are proved empty are left out. In the order of their sets of rules.
    ///
    /// # Errors
    /// See [`DiagramError`].
    pub fn applies_partition(&mut self, rules: &[RuleId], care: TermId) -> Result<Vec<Region>, DiagramError> {
        let terms: Vec<(RuleId, TermId)> = rules.iter().map(|rule| (*rule, self.program.rule(*rule).applies)).collect();
        self.partition(&terms, care)
    }

    /// As [`Diagram::applies_partition`], by which of any terms hold, each under the name of a rule.
    ///
    /// # Errors
    /// See [`DiagramError`].
    pub fn partition(&mut self, terms: &[(RuleId, TermId)], care: TermId) -> Result<Vec<Region>, DiagramError> {
        let care = self.term(care)?;
        let mut spoken = Vec::with_capacity(terms.len());
        for (rule, term) in terms {
            let node = self.term(*term)?;
            let label = self.labels.intern(Label { outcome: Outcome::Gap, rules: vec![*rule], rank: 0 });
            let tag = self.store.fresh_tag();
            let within = self.store.and(node, care)?;
            spoken.push(self.store.map(tag, within, &mut |end| if end == TRUE { label } else { FALSE })?);
        }
        let tag = self.store.fresh_tag();
        let labels = &mut self.labels;
        let merged = self.store.fold(spoken, FALSE, |store, a, b| {
            store.apply(tag, a, b, &mut |x, y| {
                Ok(match (x, y) {
                    (FALSE, other) | (other, FALSE) => Some(other),
                    _ if x == y => Some(x),
                    _ => (is_terminal(x) && is_terminal(y)).then(|| labels.union(x, y)),
                })
            })
        })?;
        // Outside of what is cared for the terminal is true, which no set of rules is.
        let tag = self.store.fresh_tag();
        let root = self.store.apply(tag, care, merged, &mut |care, set| {
            Ok(match care {
                FALSE => Some(TRUE),
                TRUE => Some(set),
                _ => None,
            })
        })?;
        let mut counts = self.sweep(root)?;
        let mut regions = Vec::new();
        for (terminal, witness) in self.witnesses(root)? {
            if terminal != TRUE {
                let applying = self.labels.rules(terminal).to_vec();
                regions.push(Region { applying, count: counts.remove(&terminal).flatten(), witness });
            }
        }
        regions.sort_by(|a, b| a.applying.cmp(&b.applying));
        Ok(regions)
    }

    /// For every terminal that cases lead to, one of them, in a single pass. Blocks share no input, so any way to a node is
    /// as good as any other: the first is kept, and a sure one replaces one that is not.
    pub(crate) fn witnesses(&self, root: Node) -> Result<Vec<(Node, Answer)>, DiagramError> {
        struct Step {
            node: Node,
            from: Option<(usize, Path, Vec<i64>)>,
            block: usize,
            sure: bool,
        }
        let blocks = &self.layout.blocks;
        let mut steps = vec![Step { node: root, from: None, block: 0, sure: true }];
        let mut at: FxHashMap<Node, usize> = FxHashMap::default();
        let mut open: Vec<Vec<usize>> = vec![Vec::new(); blocks.len() + 1];
        at.insert(root, 0);
        open[self.layout.block_of(self.store.level(root))].push(0);
        let mut effort = 0;
        for block in 0..blocks.len() {
            // All ways into a block come from blocks before it, so its list is complete.
            for from in std::mem::take(&mut open[block]) {
                let (node, sure) = (steps[from].node, steps[from].sure);
                self.paths(block, node, &mut |next, path| {
                    effort += 1;
                    if effort > self.step_limit {
                        return Err(DiagramError::Steps(self.step_limit));
                    }
                    let known = at.get(&next).copied();
                    if known.is_some_and(|step| steps[step].sure) {
                        return Ok(false);
                    }
                    let (values, feasible) = match blocks[block].cluster.as_ref().map(|cluster| cluster.find(path)) {
                        None => (Vec::new(), true),
                        Some(Feasible::No) => return Ok(false),
                        Some(Feasible::Yes(values)) => (values, true),
                        Some(Feasible::Unknown) => (Vec::new(), false),
                    };
                    effort += blocks[block].cluster.as_ref().map_or(0, super::theory::Cluster::effort);
                    let step = Step { node: next, from: Some((from, path.clone(), values)), block, sure: sure && feasible };
                    match known {
                        Some(at) if step.sure => steps[at] = step,
                        Some(_) => {}
                        None => {
                            at.insert(next, steps.len());
                            open[self.layout.block_of(self.store.level(next))].push(steps.len());
                            steps.push(step);
                        }
                    }
                    Ok(false)
                })?;
            }
        }
        let mut found = Vec::new();
        for end in &open[blocks.len()] {
            let mut step = &steps[*end];
            let (terminal, sure) = (step.node, step.sure);
            let mut way: Way = Vec::new();
            while let Some((from, path, values)) = &step.from {
                way.push((step.block, path.clone(), values.clone()));
                step = &steps[*from];
            }
            found.push((terminal, if sure { Answer::Yes(self.case(&way, false)) } else { Answer::Unknown(undecided()) }));
        }
        Ok(found)
    }

    fn search(&self, root: Node) -> Result<Answer<Way>, DiagramError> {
        let mut search = Search { diagram: self, dead: FxHashSet::default(), way: Vec::new(), unsure: false, steps: 0 };
        Ok(if search.from(0, root)? {
            Answer::Yes(search.way)
        } else if search.unsure {
            Answer::Unknown(undecided())
        } else {
            Answer::No
        })
    }

    /// For every terminal that some path leads to, the number of cases; those with no case are left out.
    pub(crate) fn sweep(&self, root: Node) -> Result<BTreeMap<Node, Option<BigUint>>, DiagramError> {
        let blocks = &self.layout.blocks;
        let skip = |from: usize, to: usize| -> BigUint { blocks[from..to].iter().map(|block| &block.size).product() };
        let start = self.layout.block_of(self.store.level(root));
        let mut open: BTreeMap<(usize, Node), Option<BigUint>> = BTreeMap::new();
        open.insert((start, root), Some(&self.layout.untested * skip(0, start)));
        let mut steps = 0;
        let mut ends = BTreeMap::new();
        while let Some(((block, node), weight)) = open.pop_first() {
            if block == blocks.len() {
                ends.insert(node, weight);
                continue;
            }
            self.paths(block, node, &mut |next, path| {
                steps += 1;
                if steps > self.step_limit {
                    return Err(DiagramError::Steps(self.step_limit));
                }
                let count = match &blocks[block].cluster {
                    Some(cluster) => cluster.count(path),
                    None => Some(path.allowed.first().map_or_else(BigUint::one, Allowed::count)),
                };
                if count.as_ref().is_some_and(Zero::is_zero) {
                    return Ok(false);
                }
                let to = self.layout.block_of(self.store.level(next));
                let more = weight.as_ref().zip(count).map(|(weight, count)| weight * count * skip(block + 1, to));
                match open.get_mut(&(to, next)) {
                    Some(slot) => *slot = slot.take().zip(more).map(|(a, b)| a + b),
                    None => {
                        open.insert((to, next), more);
                    }
                }
                Ok(false)
            })?;
        }
        Ok(ends)
    }

    /// Visits the paths from a node through its block (classes with one child are taken together), those first whose
    /// values a witness prefers, until `visit` is content. Paths that classes alone refute are left out.
    pub(crate) fn paths(
        &self,
        block: usize,
        node: Node,
        visit: &mut dyn FnMut(Node, &Path) -> Result<bool, DiagramError>,
    ) -> Result<bool, DiagramError> {
        let at = &self.layout.blocks[block];
        let mut path = match &at.cluster {
            Some(cluster) => cluster.open_path(),
            None => match self.layout.levels[at.first as usize].kind {
                LevelKind::Class(column) => Path { allowed: vec![self.layout.columns[column].domain.clone()], truth: Vec::new() },
                _ => Path { allowed: Vec::new(), truth: vec![None] },
            },
        };
        self.paths_below(block, node, &mut path, visit)
    }

    fn paths_below(
        &self,
        block: usize,
        node: Node,
        path: &mut Path,
        visit: &mut dyn FnMut(Node, &Path) -> Result<bool, DiagramError>,
    ) -> Result<bool, DiagramError> {
        let level = self.store.level(node);
        if self.layout.block_of(level) != block {
            return visit(node, path);
        }
        let cluster = self.layout.blocks[block].cluster.as_ref();
        match self.layout.levels[level as usize].kind {
            LevelKind::Class(column) => {
                let classes = &self.layout.columns[column].classes;
                let mut ways: Vec<(Node, Allowed)> = Vec::new();
                for (child, class) in self.store.children(node).iter().zip(classes) {
                    match ways.iter_mut().find(|(to, _)| to == child) {
                        Some((_, all)) => *all = all.union(class),
                        None => ways.push((*child, class.clone())),
                    }
                }
                let preferred = &self.program.input(self.layout.columns[column].input).preferred;
                ways.sort_by_cached_key(|(_, all)| preferred.iter().position(|value| all.contains(value)).unwrap_or(usize::MAX));
                let local = cluster.and_then(|c| c.columns.iter().position(|c| *c == column)).unwrap_or(0);
                for (child, all) in ways {
                    let before = std::mem::replace(&mut path.allowed[local], all);
                    let content = self.paths_below(block, child, path, visit)?;
                    path.allowed[local] = before;
                    if content {
                        return Ok(true);
                    }
                }
            }
            kind => {
                let atom = if let LevelKind::Atom(atom) = kind { atom } else { 0 };
                let forced = cluster.and_then(|cluster| cluster.forced(path, atom));
                // A set without a member is the smaller witness; of an atom, what it says is the more telling one.
                for truth in if cluster.is_some() { [true, false] } else { [false, true] } {
                    if forced.is_some_and(|forced| forced != truth) {
                        continue;
                    }
                    let child = self.store.children(node)[usize::from(truth)];
                    path.truth[atom] = Some(truth);
                    let content = self.paths_below(block, child, path, visit)?;
                    path.truth[atom] = None;
                    if content {
                        return Ok(true);
                    }
                }
            }
        }
        Ok(false)
    }

    /// The case of a way through the blocks.
    fn case(&self, way: &Way, second: bool) -> Case {
        let program = self.program;
        let mut case = Case::unknown(program.inputs.len());
        for (index, input) in program.inputs.iter().enumerate() {
            let value = match (&input.domain, &self.layout.domains[index]) {
                (Domain::Set(id), _) => Some(Value::Set(MemberSet::empty(program.enumeration(*id).size()))),
                (domain, Some(allowed)) => allowed.pick(domain, &input.preferred),
                _ => None,
            };
            case.values[index] = value;
        }
        for (block, path, values) in way {
            let block = &self.layout.blocks[*block];
            match &block.cluster {
                Some(cluster) => {
                    for (column, value) in cluster.columns.iter().zip(values) {
                        let column = &self.layout.columns[*column];
                        if !column.second || second {
                            let value = self.value(column.input, *value);
                            case.set(column.input, value);
                        }
                    }
                    // The second case differs in one input; its column may stand before that of the first case.
                    if let Some((_, at)) = cluster.less.filter(|_| second) {
                        let input = self.layout.columns[cluster.columns[at]].input;
                        case.set(input, self.value(input, values[at]));
                    }
                }
                None if block.first < block.end => match self.layout.levels[block.first as usize].kind {
                    LevelKind::Class(column) => {
                        let input = self.layout.columns[column].input;
                        let declared = program.input(input);
                        if let Some(value) = path.allowed[0].pick(&declared.domain, &declared.preferred) {
                            case.set(input, value);
                        }
                    }
                    LevelKind::Has(input, member) if path.truth.first() == Some(&Some(true)) => {
                        if let Some(Value::Set(set)) = &mut case.values[input.index()] {
                            set.insert(member);
                        }
                    }
                    _ => {}
                },
                None => {}
            }
        }
        case
    }

    fn value(&self, input: InputId, number: i64) -> Value {
        match &self.program.input(input).domain {
            Domain::Number(_) | Domain::Date { .. } => Value::Int(number),
            domain => member_value(domain, number as u32),
        }
    }
}

impl Search<'_, '_> {
    /// Whether true is reached from a node at the beginning of a block; `way` is then extended by how.
    fn from(&mut self, block: usize, node: Node) -> Result<bool, DiagramError> {
        if node == FALSE || self.dead.contains(&(block, node)) {
            return Ok(false);
        }
        let diagram = self.diagram;
        let Some(at) = diagram.layout.blocks.get(block) else { return Ok(node == TRUE) };
        let cluster = at.cluster.as_ref();
        if diagram.layout.block_of(diagram.store.level(node)) != block && cluster.is_none_or(|c| c.less.is_none()) {
            return self.from(block + 1, node);
        }
        let mut this = &mut *self;
        let found = diagram.paths(block, node, &mut |next, path| {
            this.steps += 1;
            if this.steps > diagram.step_limit {
                return Err(DiagramError::Steps(diagram.step_limit));
            }
            if next == FALSE || this.dead.contains(&(block + 1, next)) {
                return Ok(false);
            }
            let (values, sure) = match cluster.map(|cluster| cluster.find(path)) {
                None => (Vec::new(), true),
                Some(Feasible::No) => {
                    this.steps += cluster.map_or(0, super::theory::Cluster::effort);
                    return Ok(false);
                }
                Some(Feasible::Yes(values)) => (values, true),
                Some(Feasible::Unknown) => (Vec::new(), false),
            };
            this.steps += cluster.map_or(0, super::theory::Cluster::effort);
            let length = this.way.len();
            this.way.push((block, path.clone(), values));
            let found = this.from(block + 1, next)?;
            this.unsure |= found && !sure;
            if !found || !sure {
                this.way.truncate(length);
            }
            Ok(found && sure)
        })?;
        this = self;
        if !found {
            this.dead.insert((block, node));
        }
        Ok(found)
    }
}
