//! A decision as bit sets, where it is one: boxes that tell its outcomes apart, met value by value.
//!
//! In: the diagram of a packed decision. Out: a [`Plan`]. One test chooses a bucket, whose sub-diagram is looked at alone; where too many rules matter in
//! one, a second test divides it. For each rule that carries an outcome there, each test tells the classes in which the rule can still carry one: a box around the cases in which it does. Whether the
//! boxes that hold a case tell its outcome is not taken for granted. All combinations of boxes and nodes are gone through, test by test;
//! if one combination of boxes comes to two outcomes, there is no plan, and the decision stays with its steps ([`super::fused`]). So a plan
//! says the same as the diagram, by construction.

mod pack;
mod pages;
mod place;

use lexport_runtime::{Kind, LEAF, NONE, Test};
use rustc_hash::{FxHashMap, FxHashSet};

pub(super) use pack::pair;
pub use pack::{BitSets, OwnedBits};
pub use pages::Pages;
pub use place::{Grid, Index, by_width, dividing, evenly};

use super::fused::{Budget, DIRECT, classes};
use super::table::OwnedTable;

/// The most boxes of a bucket: a word has a bit for each, and one for what is inside of its domain.
const BOXES: usize = 15;
/// The most buckets: [`lexport_runtime::bits::hash`] has so much room for their number.
const BUCKETS: usize = 1 << 16;
/// The most combinations of boxes and nodes that stand beside each other in a bucket.
const COMBINATIONS: usize = 1 << 15;
/// The most combinations of all buckets together.
const KEYS: usize = 1 << 21;
/// The most words of boxes.
const WORDS: usize = 1 << 24;
/// More words of nodes than this are a large diagram.
const LARGE: usize = 1 << 20;

/// A decision as bit sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The tests that choose the bucket.
    choosers: [Option<u32>; 2],
    /// By class of the first chooser, then of the second.
    buckets: Vec<u32>,
    /// The tests whose words are met.
    tests: Vec<u32>,
    /// By bucket, test and class: the boxes that have this class.
    sets: Vec<Vec<Vec<u32>>>,
    /// Buckets and boxes, and what they come to.
    outcomes: Vec<(u32, u32, u32)>,
}

impl Plan {
    /// The plan of a decision; nothing if it is none, or would be too large.
    pub(super) fn of(table: &OwnedTable, root: u32, left: &Budget) -> Option<Plan> {
        let tests = tests_below(table, root, left)?;
        if root & LEAF != 0 || !tests.iter().all(|test| is_reading(table, *test)) {
            return None;
        }
        // The more classes a test has, the fewer boxes matter in each of them.
        let mut choosers: Vec<u32> = tests.clone();
        choosers.sort_by_key(|test| std::cmp::Reverse(classes(table.tests[*test as usize])));
        let mut best: Option<Plan> = None;
        let one = [None].into_iter().chain(choosers.iter().copied().map(Some)).map(|chooser| (chooser, false));
        // Two choosers are one look-up more.
        let two = choosers.iter().map(|chooser| (Some(*chooser), true));
        for (chooser, twice) in one.chain(two) {
            if twice && best.is_some() {
                break;
            }
            if let Some(plan) = Plan::with(table, root, chooser, twice, &tests, left)
                && best.as_ref().is_none_or(|best| plan.bytes() < best.bytes())
            {
                best = Some(plan);
            }
            // Of a large diagram the first plan is good enough: each takes a look at all of its nodes, bucket by bucket.
            if best.is_some() && table.nodes.len() > LARGE {
                break;
            }
        }
        best
    }

    fn with(table: &OwnedTable, root: u32, chooser: Option<u32>, twice: bool, tests: &[u32], left: &Budget) -> Option<Plan> {
        let tests: Vec<u32> = tests.iter().copied().filter(|test| Some(*test) != chooser).collect();
        let wide = |test: u32| classes(table.tests[test as usize]);
        let boxes = |fixed: &[(u32, u32)]| Bucket::new(View { table, fixed, left }, root, &tests)?.boxes();
        let first = |class: u32| chooser.map(|test| (test, class));
        let mut all = Buckets { words: tests.iter().map(|test| places(table, *test)).sum(), ..Buckets::default() };
        let mut whole: Vec<Option<u32>> = Vec::new();
        for class in 0..chooser.map_or(1, wide) {
            whole.push(match boxes(first(class).as_slice()) {
                Some(boxes) => Some(all.number(boxes)?),
                None if twice => None,
                None => return None,
            });
        }
        let crowded: Vec<(u32, u32)> =
            (0..).zip(&whole).filter(|(_, one)| one.is_none()).filter_map(|(at, _)| first(at)).collect();
        let (mut second, mut parts) = (None, Vec::new());
        if whole.iter().any(Option::is_none) {
            let mut candidates = tests.clone();
            candidates.sort_by_key(|test| wide(*test));
            let (buckets, keys) = (all.numbers.len(), all.keys);
            (second, parts) = candidates.into_iter().find_map(|test| {
                let fixed = crowded.iter().flat_map(|one| (0..wide(test)).map(move |class| [*one, (test, class)]));
                let fits = places(table, chooser?).saturating_mul(places(table, test)) <= WORDS;
                let parts: Option<Vec<u32>> = fits.then(|| fixed.map(|fixed| all.number(boxes(&fixed)?)).collect()).flatten();
                if parts.is_none() {
                    all.forget(buckets, keys);
                }
                Some((Some(test), parts?))
            })?;
        }
        let (mut parts, others) = (parts.into_iter(), second.map_or(1, wide) as usize);
        let mut buckets = Vec::with_capacity(whole.len() * others);
        for one in whole {
            match one {
                Some(bucket) => buckets.extend(std::iter::repeat_n(bucket, others)),
                None => buckets.extend(parts.by_ref().take(others)),
            }
        }
        let mut plan = Plan { choosers: [chooser, second], buckets, tests, sets: Vec::new(), outcomes: Vec::new() };
        let mut numbered: Vec<(Boxes, u32)> = all.numbers.into_iter().collect();
        numbered.sort_unstable_by_key(|(_, bucket)| *bucket);
        for (boxes, bucket) in numbered {
            plan.sets.push(boxes.sets);
            plan.outcomes.extend(boxes.outcomes.into_iter().map(|(boxes, outcome)| (bucket, boxes, outcome)));
        }
        Some(plan)
    }

    /// What the arrays of the plan take, about.
    fn bytes(&self) -> usize {
        let sets: usize = self.sets.iter().flatten().map(Vec::len).sum();
        2 * sets + 6 * self.outcomes.len() + 4 * self.buckets.len()
    }
}

/// What the boxes of a bucket are, and what they come to.
#[derive(PartialEq, Eq, Hash)]
struct Boxes {
    /// By test and class the boxes.
    sets: Vec<Vec<u32>>,
    /// Each combination of boxes that occurs, and its outcome, rising.
    outcomes: Vec<(u32, u32)>,
}

/// The buckets so far; those that are the same are one.
#[derive(Default)]
struct Buckets {
    numbers: FxHashMap<Boxes, u32>,
    /// How many combinations of boxes they have together.
    keys: usize,
    /// How many words each has.
    words: usize,
}

impl Buckets {
    /// The number of a bucket; nothing if it is one too many.
    fn number(&mut self, boxes: Boxes) -> Option<u32> {
        let (keys, fresh) = (boxes.outcomes.len(), self.numbers.len());
        let number = *self.numbers.entry(boxes).or_insert(fresh as u32);
        if number as usize == fresh {
            self.keys += keys;
        }
        let small = self.keys <= KEYS && self.words.saturating_mul(self.numbers.len()) <= WORDS && self.numbers.len() <= BUCKETS;
        small.then_some(number)
    }

    /// Forgets all but so many buckets with so many keys.
    fn forget(&mut self, buckets: usize, keys: usize) {
        self.numbers.retain(|_, number| (*number as usize) < buckets);
        self.keys = keys;
    }
}

/// How many places the values of a test have when it is packed, or more.
fn places(table: &OwnedTable, test: u32) -> usize {
    match table.tests.get(test as usize) {
        Some(Test::Member { map, .. }) => map.count as usize + 1,
        Some(Test::Interval { map, .. }) => 2 * map.count as usize + DIRECT as usize + 2,
        _ => 3,
    }
}

/// Whether a test reads one word and refuses none of its values.
fn is_reading(table: &OwnedTable, test: u32) -> bool {
    let map = match table.tests.get(test as usize) {
        Some(Test::Flag { .. }) => return true,
        Some(Test::Member { map, .. }) => *map,
        // Of a domain that ends with the greatest number no threshold could stand behind it.
        Some(Test::Interval { input, map, .. }) => match table.kinds.get(*input as usize) {
            Some(Kind::Int(lo, hi)) if *hi < i64::MAX - 1 && hi.checked_sub(*lo).is_some() => *map,
            _ => return false,
        },
        _ => return false,
    };
    let map = table.maps.get(map.first as usize..(map.first + map.count) as usize);
    map.is_some_and(|map| map.iter().all(|class| *class != NONE))
}

fn test_of(table: &OwnedTable, node: u32) -> Option<u32> {
    table.nodes.get(node as usize).map(|head| head & !lexport_runtime::HEAD)
}

fn children(table: &OwnedTable, node: u32) -> Option<&[u32]> {
    let test = table.tests.get(test_of(table, node)? as usize)?;
    table.nodes.get(node as usize + 1..node as usize + 1 + classes(*test) as usize)
}

/// A diagram, of which some tests are known to have one class.
#[derive(Clone, Copy)]
struct View<'t> {
    table: &'t OwnedTable,
    fixed: &'t [(u32, u32)],
    left: &'t Budget,
}

impl View<'_> {
    /// Where a word leads if the tests that are known are passed over.
    fn resolve(&self, mut word: u32) -> Option<u32> {
        while word & LEAF == 0 {
            let test = test_of(self.table, word)?;
            let Some((_, class)) = self.fixed.iter().find(|(fixed, _)| *fixed == test) else { break };
            word = *children(self.table, word)?.get(*class as usize)?;
        }
        Some(word)
    }

    fn children(&self, node: u32) -> Option<Vec<u32>> {
        let all = children(self.table, node)?;
        self.left.spend(all.len() + 1)?;
        all.iter().map(|child| self.resolve(*child)).collect()
    }

    /// The nodes below a word, itself included, parents before children: children stand at lower offsets.
    fn nodes_below(&self, word: u32) -> Option<Vec<u32>> {
        let mut seen = FxHashSet::default();
        let mut stack = vec![word];
        while let Some(word) = stack.pop() {
            if word & LEAF == 0 && seen.insert(word) {
                stack.extend(self.children(word)?);
            }
        }
        let mut nodes: Vec<u32> = seen.into_iter().collect();
        nodes.sort_unstable_by(|a, b| b.cmp(a));
        Some(nodes)
    }
}

fn tests_below(table: &OwnedTable, word: u32, left: &Budget) -> Option<Vec<u32>> {
    let nodes = View { table, fixed: &[], left }.nodes_below(word)?;
    let mut tests: Vec<u32> = nodes.into_iter().map(|node| test_of(table, node)).collect::<Option<_>>()?;
    tests.sort_unstable();
    tests.dedup();
    Some(tests)
}

/// The sub-diagram of a bucket.
struct Bucket<'t> {
    table: &'t OwnedTable,
    view: View<'t>,
    entry: u32,
    nodes: Vec<u32>,
    tests: &'t [u32],
    place: FxHashMap<u32, usize>,
    /// By word the rules that can still carry an outcome below it, as a set of local numbers.
    below: FxHashMap<u32, u32>,
}

impl<'t> Bucket<'t> {
    fn new(view: View<'t>, root: u32, tests: &'t [u32]) -> Option<Self> {
        let table = view.table;
        let entry = view.resolve(root)?;
        let nodes = view.nodes_below(entry)?;
        let place = tests.iter().enumerate().map(|(at, test)| (*test, at)).collect();
        let mut bucket = Bucket { table, view, entry, nodes, tests, place, below: FxHashMap::default() };
        let mut local: FxHashMap<u32, u32> = FxHashMap::default();
        let ends = bucket.nodes.iter().map(|node| view.children(*node)).collect::<Option<Vec<_>>>()?;
        let ends: Vec<u32> = ends.concat().into_iter().chain([entry]).filter(|word| word & LEAF != 0).collect();
        for end in ends {
            if bucket.below.contains_key(&end) {
                continue;
            }
            let outcome = table.outcomes.get((end & !LEAF) as usize)?;
            let mut rules = 0;
            for rule in table.as_table().rules(*outcome) {
                let next = local.len() as u32;
                let number = *local.entry(*rule).or_insert(next);
                if number as usize >= BOXES {
                    return None;
                }
                rules |= 1 << number;
            }
            bucket.below.insert(end, rules);
        }
        for node in bucket.nodes.iter().rev() {
            let rules =
                view.children(*node)?.iter().map(|child| bucket.below.get(child)).try_fold(0, |all, one| Some(all | one?))?;
            bucket.below.insert(*node, rules);
        }
        Some(bucket)
    }

    fn place_of(&self, word: u32) -> Option<usize> {
        if word & LEAF != 0 { Some(self.tests.len()) } else { self.place.get(&test_of(self.table, word)?).copied() }
    }

    /// The boxes, if each combination of them that occurs comes to one outcome.
    fn boxes(&self) -> Option<Boxes> {
        let wide = |test: &u32| classes(self.table.tests[*test as usize]) as usize;
        let mut sets: Vec<Vec<u32>> = self.tests.iter().map(|test| vec![0; wide(test)]).collect();
        // From which test on a word is entered: at the tests before its own that it skips, every class is as good.
        let mut entered: FxHashMap<u32, usize> = FxHashMap::default();
        entered.insert(self.entry, 0);
        for node in &self.nodes {
            let place = self.place_of(*node)?;
            for (class, child) in self.view.children(*node)?.iter().enumerate() {
                sets[place][class] |= self.below.get(child)?;
                let first = entered.entry(*child).or_insert(place + 1);
                *first = (*first).min(place + 1);
            }
        }
        for (word, first) in &entered {
            let rules = *self.below.get(word)?;
            self.view.left.spend(sets[*first..self.place_of(*word)?].iter().map(Vec::len).sum())?;
            for set in &mut sets[*first..self.place_of(*word)?] {
                set.iter_mut().for_each(|boxes| *boxes |= rules);
            }
        }
        let mut beside: Vec<(u32, u32)> = vec![(u32::MAX, self.entry)];
        for (place, set) in sets.iter().enumerate() {
            let mut different = set.clone();
            different.sort_unstable();
            different.dedup();
            let mut next: FxHashSet<(u32, u32)> = FxHashSet::default();
            self.view.left.spend(beside.len().saturating_mul(different.len()) + set.len())?;
            for (boxes, word) in beside {
                if self.place_of(word)? == place {
                    let below = self.view.children(word)?.into_iter().zip(set);
                    next.extend(below.map(|(child, with)| (boxes & with, child)));
                } else {
                    next.extend(different.iter().map(|with| (boxes & with, word)));
                }
                if next.len() > COMBINATIONS {
                    return None;
                }
            }
            beside = next.into_iter().collect();
        }
        beside.sort_unstable();
        let unique = beside.windows(2).all(|pair| pair[0].0 != pair[1].0);
        let outcomes = beside.into_iter().map(|(boxes, word)| (boxes, word & !LEAF)).collect();
        unique.then_some(Boxes { sets, outcomes })
    }
}

#[cfg(test)]
mod tests;
