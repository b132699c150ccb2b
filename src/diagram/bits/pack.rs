//! Plans of bit sets, packed: as the runtime reads them, and as code is printed from them.

use lexport_runtime::bits::{self, ByEven, ByGrid, ByRank, ByValue, Chooser, INSIDE, NOWHERE};
use lexport_runtime::{Kind, Span, Test};

use super::super::fused::{Budget, classes, span};
use super::super::table::OwnedTable;
use super::place::{Grid, Index, Places, dividing};
use super::{BUCKETS, Plan};

/// A decision as bit sets by places: what a value's place is takes no look-up, or is the class of its test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BitSets {
    /// The tests that choose the bucket.
    pub choosers: [Option<(u32, Index)>; 2],
    /// How many places the second of them has; 1 without.
    pub second: u32,
    /// By place of the first chooser, then of the second, the bucket. Of one chooser, nothing, if each place has a bucket of its own.
    pub buckets: Vec<u32>,
    /// The tests whose words are met, each with where its words begin among those of a bucket.
    pub tests: Vec<(u32, Index, u32)>,
    /// How many words a bucket has.
    pub stride: u32,
    /// Bucket after bucket, test after test, place after place the boxes; without tests one word.
    pub sets: Vec<u32>,
    /// Displacements by the last bits of [`bits::hash`], a power of two of them.
    pub seeds: Vec<u32>,
    /// Outcomes by [`bits::slot`], a power of two of them, two at the least.
    pub slots: Vec<u32>,
}

impl BitSets {
    /// How many bytes the arrays have, about.
    pub fn bytes(&self) -> usize {
        2 * (self.sets.len() + self.seeds.len()) + 4 * (self.buckets.len() + self.slots.len())
    }

    /// The boxes of a case before any test is met.
    pub const ALL: u32 = (INSIDE - 1) as u32;

    /// Of a decision; nothing if it is none, or would be too large.
    pub(in super::super) fn of(table: &OwnedTable, root: u32, left: &Budget) -> Option<BitSets> {
        let plan = Plan::of(table, root, left)?;
        let places = Places::of(table, &plan.tests, plan.sets.len(), true)?;
        let mut choosers = Vec::new();
        for chooser in plan.choosers.iter().flatten() {
            choosers.extend(Places::of(table, &[*chooser], usize::MAX, true)?.into_iter().map(|(_, one)| one));
        }
        let known =
            |at: usize| choosers.get(at).map_or_else(|| vec![Some(0)], |one| one.classes.iter().copied().map(Some).collect());
        let (first, second): (Vec<Option<u32>>, Vec<Option<u32>>) = (known(0), known(1));
        let (buckets, rows) = plan.spread(table, &first, &second);
        let mut stride = 0;
        let tests = places.iter().map(|(_, one)| {
            let at = stride;
            stride += one.classes.len() as u32;
            (one.test, one.index, at)
        });
        let tests: Vec<(u32, Index, u32)> = tests.collect();
        let mut sets = Vec::new();
        for row in rows.iter().flatten() {
            for (at, one) in &places {
                sets.extend(one.classes.iter().map(|class| plan.sets[*row as usize][*at][*class as usize]));
            }
            if places.is_empty() {
                sets.push(BitSets::ALL);
            }
        }
        let keys = plan.keys(&rows, |boxes| boxes & BitSets::ALL);
        let (seeds, slots) = displaced(&keys)?;
        let mut choosers = choosers.into_iter().map(|one| (one.test, one.index));
        Some(BitSets {
            choosers: [choosers.next(), choosers.next()],
            second: second.len() as u32,
            buckets,
            tests,
            stride: stride.max(1),
            sets,
            seeds,
            slots,
        })
    }
}

impl Plan {
    /// By class of the first chooser and of the second the bucket, and by bucket the one of the plan that it is. Nothing by class if each class of one
    /// chooser is a bucket: where few are the same, that is a look-up less. What is outside is [`NOWHERE`], or a bucket that is none.
    fn spread(&self, table: &OwnedTable, first: &[Option<u32>], second: &[Option<u32>]) -> (Vec<u32>, Vec<Option<u32>>) {
        let others = self.choosers[1].map_or(1, |test| classes(table.tests[test as usize]));
        let bucket = |one: u32, other: u32| self.buckets[(one * others + other) as usize];
        let few = 4 * first.len() <= 5 * self.sets.len() + 4 && first.len() <= BUCKETS;
        // What is outside of the chooser's domain is told by the last class alone, and by words that are read.
        let told = first.iter().rev().skip(1).all(Option::is_some) && !self.tests.is_empty();
        if let [Some(_), None] = self.choosers
            && few
            && told
        {
            return (Vec::new(), first.iter().map(|class| class.map(|class| bucket(class, 0))).collect());
        }
        let of_class = first
            .iter()
            .flat_map(|one| second.iter().map(|other| one.zip(*other).map_or(NOWHERE, |(one, other)| bucket(one, other))));
        (of_class.collect(), (0..self.sets.len() as u32).map(Some).collect())
    }

    /// The hashes of all combinations of buckets and boxes, and their outcomes. `rows` is by bucket the one of the plan.
    fn keys(&self, rows: &[Option<u32>], word: impl Fn(u32) -> u32) -> Vec<(u32, u32)> {
        let mut keys = Vec::with_capacity(self.outcomes.len());
        for (bucket, row) in (0..).zip(rows) {
            let Some(row) = row else { continue };
            // They stand bucket by bucket.
            let from = self.outcomes.partition_point(|(bucket, ..)| bucket < row);
            let own = self.outcomes[from..].iter().take_while(|(bucket, ..)| bucket == row);
            keys.extend(own.map(|(_, boxes, outcome)| (bits::hash(bucket, word(*boxes)), *outcome)));
        }
        keys
    }
}

/// The decisions of a table that are bit sets, packed.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct OwnedBits {
    pub(super) decisions: Vec<bits::Decision>,
    pub(super) values: Vec<ByValue>,
    pub(super) evens: Vec<ByEven>,
    pub(super) grids: Vec<ByGrid>,
    pub(super) ranks: Vec<ByRank>,
    pub(super) buckets: Vec<u32>,
    pub(super) cells: Vec<u64>,
    pub(super) thresholds: Vec<i64>,
    pub(super) sets: Vec<u16>,
    pub(super) pairs: Vec<u32>,
    pub(super) seeds: Vec<u32>,
    pub(super) slots: Vec<u32>,
}

/// How a test is read, and by class the class that it has in the table; none outside.
struct Reading {
    chooser: Chooser,
    classes: Vec<Option<u32>>,
}

impl OwnedBits {
    /// As the runtime reads them.
    pub fn as_bits(&self) -> bits::Bits<'_> {
        bits::Bits {
            decisions: &self.decisions,
            values: &self.values,
            evens: &self.evens,
            grids: &self.grids,
            ranks: &self.ranks,
            buckets: &self.buckets,
            cells: &self.cells,
            thresholds: &self.thresholds,
            sets: &self.sets,
            pairs: &self.pairs,
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
            + of(&self.values)
            + of(&self.evens)
            + of(&self.grids)
            + of(&self.ranks)
            + of(&self.buckets)
            + of(&self.cells)
            + of(&self.thresholds)
            + of(&self.sets)
            + of(&self.pairs)
            + of(&self.seeds)
            + of(&self.slots)
    }

    /// Packs a plan; its number. `words` is where each input begins in a row.
    pub fn add(&mut self, table: &OwnedTable, words: &[u32], plan: &Plan) -> Option<u32> {
        let mut choosers = Vec::new();
        for chooser in plan.choosers {
            choosers.push(match chooser {
                Some(test) => {
                    let (_, places) = Places::of(table, &[test], usize::MAX, false)?.pop()?;
                    self.reading(table, words, places, 0)?
                }
                None => Reading { chooser: Chooser::None, classes: vec![Some(0)] },
            });
        }
        let [first, second] = <[Reading; 2]>::try_from(choosers).ok()?;
        let (of_classes, rows) = plan.spread(table, &first.classes, &second.classes);
        let (mut readings, mut stride) = (Vec::new(), 0);
        let begins = [self.values.len(), self.evens.len(), self.grids.len(), self.ranks.len()];
        for (place, places) in Places::of(table, &plan.tests, plan.sets.len(), false)? {
            // A test whose classes are all alike in every bucket tells nothing, but still what is outside of its domain.
            let reading = self.reading(table, words, places, stride)?;
            stride += u32::try_from(reading.classes.len()).ok()?;
            match reading.chooser {
                Chooser::None => {}
                Chooser::Value(one) => self.values.push(one),
                Chooser::Even(one) => self.evens.push(one),
                Chooser::Grid(one) => self.grids.push(one),
                Chooser::Rank(one) => self.ranks.push(one),
            }
            readings.push((place, reading));
        }
        let ends = [self.values.len(), self.evens.len(), self.grids.len(), self.ranks.len()];
        let [values, evens, grids, ranks] =
            std::array::from_fn(|at| Span { first: begins[at] as u32, count: (ends[at] - begins[at]) as u32 });
        let mut all: Vec<u16> = Vec::new();
        for row in &rows {
            for (at, reading) in &readings {
                let word = |class: &Option<u32>| {
                    row.zip(*class).map_or(0, |(row, class)| plan.sets[row as usize][*at][class as usize] as u16 | INSIDE)
                };
                all.extend(reading.classes.iter().map(word));
            }
            // Where no test is left, a bucket has one word that nothing reads.
            all.extend(readings.is_empty().then_some(INSIDE));
        }
        let sets = span(&mut self.sets, all);
        // What comes next begins with a pair of its own.
        if self.sets.len() % 2 == 1 {
            self.sets.push(0);
        }
        self.pairs.extend(self.sets[sets.first as usize..].chunks(2).map(pair));
        let (seeds, slots) = displaced(&plan.keys(&rows, |boxes| boxes & BitSets::ALL | u32::from(INSIDE)))?;
        let decision = bits::Decision {
            choosers: [first.chooser, second.chooser],
            second: u32::try_from(second.classes.len()).ok()?,
            buckets: span(&mut self.buckets, of_classes),
            values,
            evens,
            grids,
            ranks,
            sets,
            stride: stride.max(1),
            seeds: span(&mut self.seeds, seeds.chunks(2).map(pair)),
            slots: span(&mut self.slots, slots),
        };
        self.decisions.push(decision);
        Some(self.decisions.len() as u32 - 1)
    }

    /// How a test is read whose words begin at `at`.
    fn reading(&mut self, table: &OwnedTable, words: &[u32], places: Places, at: u32) -> Option<Reading> {
        let Places { test, index, classes } = places;
        let test = *table.tests.get(test as usize)?;
        let (Test::Flag { input } | Test::Member { input, .. } | Test::Interval { input, .. }) = test else { return None };
        let word = *words.get(input as usize)?;
        let inside = classes.iter().copied().map(Some);
        if let Index::Value { lo } = index {
            let one = ByValue { lo, values: classes.len() as u64, word, at };
            return Some(Reading { chooser: Chooser::Value(one), classes: inside.chain([None]).collect() });
        }
        let Kind::Int(lo, hi) = *table.kinds.get(input as usize)? else { return None };
        let span_of = hi.checked_sub(lo)?.cast_unsigned();
        if let Index::Even(even) = index {
            let one = ByEven { even, lo, span: span_of, word, at };
            return Some(Reading { chooser: Chooser::Even(one), classes: inside.chain([None]).collect() });
        }
        let (thresholds, of) = dividing(table, test)?;
        let inner = of.into_iter().map(Some);
        if let Some(Grid { first, end, shift, limits, classes }) = Grid::of(&thresholds).filter(|grid| grid.shift < bits::WIDEST)
        {
            let mut begins = first;
            let mut cells = Vec::with_capacity(limits.len());
            for (limit, class) in limits.iter().zip(&classes) {
                let limit = if *limit == i64::MAX { bits::NO_LIMIT } else { limit.checked_sub(begins)?.cast_unsigned() };
                cells.push(bits::cell(limit, u16::try_from(*class).ok()?));
                begins = begins.wrapping_add(1 << shift);
            }
            let (cells, outside) = (span(&mut self.cells, cells), thresholds.len() as u32 + 1);
            let one = ByGrid { lo, span: span_of, first, end, cells, shift, outside, word, at };
            return Some(Reading { chooser: Chooser::Grid(one), classes: inner.chain([None]).collect() });
        }
        let behind = hi.checked_add(1).filter(|behind| *behind < i64::MAX)?;
        let ends = [lo].into_iter().chain(thresholds).chain([behind]);
        let one = ByRank { thresholds: span(&mut self.thresholds, ends), word, at };
        Some(Reading { chooser: Chooser::Rank(one), classes: [None].into_iter().chain(inner).chain([None]).collect() })
    }
}

/// Two half words, the first in the low half.
pub(in super::super) fn pair<T: Copy + Into<u32>>(two: &[T]) -> u32 {
    let [one, other] = [two.first(), two.get(1)].map(|it| it.map_or(0, |it| (*it).into()));
    one | other << 16
}

/// A perfect hash of keys, by displacement: keys that share a seed are placed together, the most crowded seeds first.
fn displaced(keys: &[(u32, u32)]) -> Option<(Vec<u32>, Vec<u32>)> {
    let seeds = (keys.len() / 3).next_power_of_two().max(2);
    let mut slots = (keys.len() + keys.len() / 4).next_power_of_two().max(2);
    let mut crowds: Vec<Vec<(u32, u32)>> = vec![Vec::new(); seeds];
    for key in keys {
        crowds[key.0 as usize & (seeds - 1)].push(*key);
    }
    let mut order: Vec<usize> = (0..seeds).collect();
    order.sort_by_key(|seed| std::cmp::Reverse(crowds[*seed].len()));
    for _ in 0..3 {
        let mut taken = vec![false; slots];
        let mut out = (vec![0u32; seeds], vec![keys.first().map_or(0, |key| key.1); slots]);
        let mut chosen: Vec<usize> = Vec::new();
        let placed = order.iter().all(|at| {
            let crowd = &crowds[*at];
            (0..=u32::from(u16::MAX)).any(|seed| {
                chosen.clear();
                for (hash, _) in crowd {
                    let slot = bits::slot(*hash, seed, 32 - slots.trailing_zeros()) as usize;
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
