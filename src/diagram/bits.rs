//! A decision as bit sets, where it is one: boxes that tell its outcomes apart, met value by value.
//!
//! In: the diagram of a packed decision. Out: a [`Plan`]. The first test chooses a bucket, whose sub-diagram is looked at alone. For each rule that
//! carries an outcome there, each test tells the classes in which the rule can still carry one: a box around the cases in which it does. Whether the
//! boxes that hold a case tell its outcome is not taken for granted. All combinations of boxes and nodes are gone through, test by test;
//! if one combination of boxes comes to two outcomes, there is no plan, and the decision stays with its steps ([`super::fused`]). So a plan
//! says the same as the diagram, by construction.

use lexport_runtime::bits::{self, Cell, NOWHERE, Place, Reading};
use lexport_runtime::{Kind, LEAF, NONE, Span, Test};
use rustc_hash::{FxHashMap, FxHashSet};

use super::fused::{Budget, DIRECT, classes, span};
use super::table::OwnedTable;

/// The most boxes of a bucket.
const BOXES: usize = 32;
/// The most combinations of boxes and nodes that stand beside each other in a bucket.
const COMBINATIONS: usize = 1 << 15;
/// The most combinations of all buckets together.
const KEYS: usize = 1 << 21;
/// The most words of boxes.
const WORDS: usize = 1 << 24;
/// More words of nodes than this are a large diagram.
const LARGE: usize = 1 << 20;
/// The most cells of a grid.
const CELLS: u64 = 1 << 12;

/// A decision as bit sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The test that chooses the bucket.
    chooser: Option<u32>,
    /// By class of the chooser.
    buckets: Vec<u32>,
    /// The other tests.
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
        for chooser in [None].into_iter().chain(choosers.into_iter().map(Some)) {
            if let Some(plan) = Plan::with(table, root, chooser, &tests, left)
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

    fn with(table: &OwnedTable, root: u32, chooser: Option<u32>, tests: &[u32], left: &Budget) -> Option<Plan> {
        let tests: Vec<u32> = tests.iter().copied().filter(|test| Some(*test) != chooser).collect();
        let mut plan = Plan { chooser, buckets: Vec::new(), tests, sets: Vec::new(), outcomes: Vec::new() };
        let words: usize = plan.tests.iter().map(|test| classes(table.tests[*test as usize]) as usize).sum();
        let count = chooser.map_or(1, |test| classes(table.tests[test as usize]));
        let mut number: FxHashMap<Boxes, u32> = FxHashMap::default();
        let mut all = 0;
        for class in 0..count {
            let fixed = chooser.map(|test| (test, class));
            let boxes = Bucket::new(View { table, fixed, left }, root, &plan.tests)?.boxes()?;
            let fresh = number.len() as u32;
            let bucket = *number.entry(boxes).or_insert_with_key(|boxes| {
                all += boxes.outcomes.len();
                fresh
            });
            plan.buckets.push(bucket);
            if all > KEYS || words.saturating_mul(number.len()) > WORDS {
                return None;
            }
        }
        let mut buckets: Vec<(Boxes, u32)> = number.into_iter().collect();
        buckets.sort_unstable_by_key(|(_, bucket)| *bucket);
        for (boxes, bucket) in buckets {
            plan.sets.push(boxes.sets);
            plan.outcomes.extend(boxes.outcomes.into_iter().map(|(boxes, outcome)| (bucket, boxes, outcome)));
        }
        Some(plan)
    }

    /// What the arrays of the plan take, about.
    fn bytes(&self) -> usize {
        let sets: usize = self.sets.iter().flatten().map(Vec::len).sum();
        2 * sets + 6 * self.outcomes.len()
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

/// Whether a test reads one word and refuses none of its values.
fn is_reading(table: &OwnedTable, test: u32) -> bool {
    match table.tests.get(test as usize) {
        Some(Test::Flag { .. }) => true,
        Some(Test::Member { map, .. } | Test::Interval { map, .. }) => {
            let map = table.maps.get(map.first as usize..(map.first + map.count) as usize);
            map.is_some_and(|map| map.iter().all(|class| *class != NONE))
        }
        _ => false,
    }
}

fn test_of(table: &OwnedTable, node: u32) -> Option<u32> {
    table.nodes.get(node as usize).map(|head| head & !lexport_runtime::HEAD)
}

fn children(table: &OwnedTable, node: u32) -> Option<&[u32]> {
    let test = table.tests.get(test_of(table, node)? as usize)?;
    table.nodes.get(node as usize + 1..node as usize + 1 + classes(*test) as usize)
}

/// A diagram, of which one test may be known to have one class.
#[derive(Clone, Copy)]
struct View<'t> {
    table: &'t OwnedTable,
    fixed: Option<(u32, u32)>,
    left: &'t Budget,
}

impl View<'_> {
    /// Where a word leads if the test that is known is passed over.
    fn resolve(&self, word: u32) -> Option<u32> {
        match self.fixed {
            Some((test, class)) if word & LEAF == 0 && test_of(self.table, word)? == test => {
                children(self.table, word)?.get(class as usize).copied()
            }
            _ => Some(word),
        }
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
    let nodes = View { table, fixed: None, left }.nodes_below(word)?;
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

/// The decisions of a table that are bit sets, packed.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct OwnedBits {
    decisions: Vec<bits::Decision>,
    readings: Vec<Reading>,
    buckets: Vec<u32>,
    cells: Vec<Cell>,
    thresholds: Vec<i64>,
    narrow: Vec<u16>,
    wide: Vec<u32>,
    seeds: Vec<u16>,
    slots: Vec<u32>,
}

impl OwnedBits {
    /// As the runtime reads them.
    pub fn as_bits(&self) -> bits::Bits<'_> {
        bits::Bits {
            decisions: &self.decisions,
            readings: &self.readings,
            buckets: &self.buckets,
            cells: &self.cells,
            thresholds: &self.thresholds,
            narrow: &self.narrow,
            wide: &self.wide,
            seeds: &self.seeds,
            slots: &self.slots,
        }
    }

    /// How many bytes the arrays have.
    pub fn bytes(&self) -> usize {
        fn of<T>(all: &[T]) -> usize {
            std::mem::size_of_val(all)
        }
        of(&self.decisions)
            + of(&self.readings)
            + of(&self.buckets)
            + of(&self.cells)
            + of(&self.thresholds)
            + of(&self.narrow)
            + of(&self.wide)
            + of(&self.seeds)
            + of(&self.slots)
    }

    /// Packs a plan; its number. `words` is where each input begins in a row.
    pub fn add(&mut self, table: &OwnedTable, words: &[u32], plan: &Plan) -> Option<u32> {
        let all = plan.outcomes.iter().fold(0u32, |all, (_, boxes, _)| if *boxes == u32::MAX { all } else { all | boxes });
        let wide = all > u32::from(u16::MAX);
        let mut buckets = Span::default();
        let chooser = match plan.chooser {
            None => None,
            Some(test) => {
                let (reading, class_of) = self.reading(table, words, test)?;
                let of_class = class_of.iter().map(|class| plan.buckets.get(*class as usize).copied().unwrap_or(NOWHERE));
                buckets = span(&mut self.buckets, of_class);
                self.readings.push(reading);
                Some(self.readings.len() as u32 - 1)
            }
        };
        let first = self.readings.len() as u32;
        for (at, test) in plan.tests.iter().enumerate() {
            // A test whose classes are all alike in every bucket tells nothing, but still what is outside of its domain.
            let (mut reading, class_of) = self.reading(table, words, *test)?;
            let boxes = plan.sets.iter().flat_map(|sets| class_of.iter().map(move |class| sets[at][*class as usize]));
            if wide {
                reading.sets = span(&mut self.wide, boxes).first;
            } else {
                reading.sets = span(&mut self.narrow, boxes.map(|boxes| boxes as u16)).first;
            }
            self.readings.push(reading);
        }
        let readings = Span { first, count: plan.tests.len() as u32 };
        let start = if wide { u32::MAX } else { u32::from(u16::MAX) };
        let keys: Vec<(u64, u32)> =
            plan.outcomes.iter().map(|(bucket, boxes, outcome)| (bits::hash(*bucket, boxes & start), *outcome)).collect();
        let (seeds, slots) = displaced(&keys)?;
        let decision = bits::Decision {
            wide,
            chooser,
            buckets,
            readings,
            seeds: span(&mut self.seeds, seeds),
            slots: span(&mut self.slots, slots),
        };
        self.decisions.push(decision);
        Some(self.decisions.len() as u32 - 1)
    }

    /// How a test is read, and by place of a value its class.
    fn reading(&mut self, table: &OwnedTable, words: &[u32], test: u32) -> Option<(Reading, Vec<u32>)> {
        let map = |map: Span| table.maps.get(map.first as usize..(map.first + map.count) as usize);
        let direct = |input: u32, lo: i64, class_of: Vec<u32>| {
            let (last, classes) = (class_of.len().checked_sub(1)? as u64, class_of.len() as u32);
            let word = *words.get(input as usize)?;
            Some((Reading { word, lo, last, classes, place: Place::Value, sets: 0 }, class_of))
        };
        match *table.tests.get(test as usize)? {
            Test::Flag { input } => direct(input, 0, vec![0, 1]),
            Test::Member { input, map: of, .. } => direct(input, 0, map(of)?.to_vec()),
            Test::Interval { input, thresholds, map: of, .. } => {
                let Kind::Int(lo, hi) = *table.kinds.get(input as usize)? else { return None };
                let rising = table.thresholds.get(thresholds.first as usize..(thresholds.first + thresholds.count) as usize)?;
                let of = map(of)?;
                let last = hi.checked_sub(lo)?.cast_unsigned();
                if last < DIRECT.cast_unsigned() {
                    return direct(input, lo, (lo..=hi).map(|value| of[rising.partition_point(|at| *at <= value)]).collect());
                }
                // What divides no values of the domain is left out.
                let below = rising.partition_point(|at| *at <= lo);
                let inside: Vec<i64> = rising.iter().copied().filter(|at| lo < *at && *at <= hi).collect();
                let class_of: Vec<u32> = of.iter().copied().skip(below).take(inside.len() + 1).collect();
                let place = match self.grid(lo, last, &inside) {
                    Some(place) => place,
                    None => Place::Rank(span(&mut self.thresholds, inside)),
                };
                let (word, classes) = (*words.get(input as usize)?, class_of.len() as u32);
                Some((Reading { word, lo, last, classes, place, sets: 0 }, class_of))
            }
            _ => None,
        }
    }

    /// The widest cells of which none has two thresholds, if they are few enough.
    fn grid(&mut self, lo: i64, last: u64, thresholds: &[i64]) -> Option<Place> {
        let cell = |at: i64, shift: u32| at.wrapping_sub(lo).cast_unsigned() >> shift;
        let shift =
            (0..63).rev().find(|shift| thresholds.windows(2).all(|pair| cell(pair[0], *shift) != cell(pair[1], *shift)))?;
        let count = (last >> shift) + 1;
        if count > CELLS {
            return None;
        }
        let cells = (0..count).map(|number| {
            let before = thresholds.partition_point(|at| cell(*at, shift) < number);
            let threshold = thresholds.get(before).copied().filter(|at| cell(*at, shift) == number);
            Cell { threshold: threshold.unwrap_or(i64::MAX), class: before as u32 }
        });
        Some(Place::Grid { shift, cells: span(&mut self.cells, cells) })
    }
}

/// A perfect hash of keys, by displacement: keys that share a seed are placed together, the most crowded seeds first.
fn displaced(keys: &[(u64, u32)]) -> Option<(Vec<u16>, Vec<u32>)> {
    let seeds = (keys.len() / 3).next_power_of_two();
    let mut slots = (keys.len() + keys.len() / 4).next_power_of_two();
    let mut crowds: Vec<Vec<(u64, u32)>> = vec![Vec::new(); seeds];
    for key in keys {
        crowds[key.0 as usize & (seeds - 1)].push(*key);
    }
    let mut order: Vec<usize> = (0..seeds).collect();
    order.sort_by_key(|seed| std::cmp::Reverse(crowds[*seed].len()));
    for _ in 0..3 {
        let mut taken = vec![false; slots];
        let mut out = (vec![0u16; seeds], vec![keys.first().map_or(0, |key| key.1); slots]);
        let mut chosen: Vec<usize> = Vec::new();
        let placed = order.iter().all(|at| {
            let crowd = &crowds[*at];
            (0..=u16::MAX).any(|seed| {
                chosen.clear();
                for (hash, _) in crowd {
                    let slot = bits::slot(*hash, seed, slots.trailing_zeros());
                    if taken[slot] || chosen.contains(&slot) {
                        return false;
                    }
                    chosen.push(slot);
                }
                out.0[*at] = seed;
                for (slot, (_, outcome)) in chosen.iter().zip(crowd) {
                    taken[*slot] = true;
                    out.1[*slot] = *outcome;
                }
                true
            })
        });
        if placed {
            return Some(out);
        }
        slots *= 2;
    }
    None
}

#[cfg(test)]
mod tests;
