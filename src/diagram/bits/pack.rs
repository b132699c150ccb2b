//! Plans of bit sets, packed: as the runtime reads them, and as code is printed from them.

use lexport_runtime::bits::{self, ByGrid, ByRank, ByValue, Chooser, INSIDE, NOWHERE};
use lexport_runtime::{Kind, Span, Test};

use super::super::fused::{Budget, DIRECT, classes, span};
use super::super::table::OwnedTable;
use super::Plan;

/// The most cells of a grid.
const CELLS: i64 = 1 << 12;

/// A decision as bit sets by the classes of its tests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BitSets {
    /// The tests that choose the bucket.
    pub choosers: [Option<u32>; 2],
    /// How many classes the second of them has; 1 without.
    pub second: u32,
    /// By class of the first chooser, then of the second, the bucket.
    pub buckets: Vec<u32>,
    /// The tests whose words are met, each with where its words begin among those of a bucket.
    pub tests: Vec<(u32, u32)>,
    /// How many words a bucket has.
    pub stride: u32,
    /// Bucket after bucket, test after test, class after class the boxes; without tests one word.
    pub sets: Vec<u32>,
    /// Displacements by the last bits of [`bits::hash`], a power of two of them.
    pub seeds: Vec<u32>,
    /// Outcomes by [`bits::slot`], a power of two of them, two at the least.
    pub slots: Vec<u32>,
}

impl BitSets {
    /// How many bytes the arrays have, about.
    pub fn bytes(&self) -> usize {
        2 * self.sets.len() + 4 * (self.buckets.len() + self.seeds.len() + self.slots.len())
    }

    /// The boxes of a case before any test is met.
    pub const ALL: u32 = (INSIDE - 1) as u32;

    /// Of a decision; nothing if it is none, or would be too large.
    pub(in super::super) fn of(table: &OwnedTable, root: u32, left: &Budget) -> Option<BitSets> {
        let plan = Plan::of(table, root, left)?;
        let wide = |test: u32| classes(table.tests[test as usize]);
        let mut stride = 0;
        let mut begins = |test: &u32| {
            let at = stride;
            stride += wide(*test);
            (*test, at)
        };
        let tests = plan.tests.iter().map(&mut begins).collect();
        let key = |(bucket, boxes, outcome): &(u32, u32, u32)| (bits::hash(*bucket, boxes & BitSets::ALL), *outcome);
        let (seeds, slots) = displaced(&plan.outcomes.iter().map(key).collect::<Vec<_>>())?;
        Some(BitSets {
            choosers: plan.choosers,
            second: plan.choosers[1].map_or(1, wide),
            buckets: plan.buckets.clone(),
            tests,
            stride: stride.max(1),
            sets: if plan.tests.is_empty() {
                vec![BitSets::ALL; plan.sets.len()]
            } else {
                plan.sets.iter().flatten().flatten().copied().collect()
            },
            seeds,
            slots,
        })
    }
}

/// The decisions of a table that are bit sets, packed.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct OwnedBits {
    pub(super) decisions: Vec<bits::Decision>,
    pub(super) values: Vec<ByValue>,
    pub(super) grids: Vec<ByGrid>,
    pub(super) ranks: Vec<ByRank>,
    pub(super) buckets: Vec<u32>,
    pub(super) limits: Vec<i64>,
    pub(super) classes: Vec<u32>,
    pub(super) thresholds: Vec<i64>,
    pub(super) narrow: Vec<u16>,
    pub(super) wide: Vec<u32>,
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
            grids: &self.grids,
            ranks: &self.ranks,
            buckets: &self.buckets,
            limits: &self.limits,
            classes: &self.classes,
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
            + of(&self.values)
            + of(&self.grids)
            + of(&self.ranks)
            + of(&self.buckets)
            + of(&self.limits)
            + of(&self.classes)
            + of(&self.thresholds)
            + of(&self.narrow)
            + of(&self.wide)
            + of(&self.seeds)
            + of(&self.slots)
    }

    /// Packs a plan; its number. `words` is where each input begins in a row.
    pub fn add(&mut self, table: &OwnedTable, words: &[u32], plan: &Plan) -> Option<u32> {
        let alone = || Reading { chooser: Chooser::None, classes: vec![Some(0)] };
        let mut choosers = Vec::new();
        for chooser in plan.choosers {
            choosers.push(chooser.map_or_else(|| Some(alone()), |test| self.reading(table, words, test, 0))?);
        }
        let [first, second] = <[Reading; 2]>::try_from(choosers).ok()?;
        let others = plan.choosers[1].map_or(1, |test| classes(table.tests[test as usize]));
        let mut of_classes = Vec::with_capacity(first.classes.len() * second.classes.len());
        for one in &first.classes {
            for other in &second.classes {
                let bucket = one.zip(*other).map(|(one, other)| plan.buckets[(one * others + other) as usize]);
                of_classes.push(bucket.unwrap_or(NOWHERE));
            }
        }
        let (mut readings, mut stride) = (Vec::new(), 0);
        let begins = [self.values.len(), self.grids.len(), self.ranks.len()];
        for test in &plan.tests {
            // A test whose classes are all alike in every bucket tells nothing, but still what is outside of its domain.
            let reading = self.reading(table, words, *test, stride)?;
            stride += u32::try_from(reading.classes.len()).ok()?;
            match reading.chooser {
                Chooser::None => {}
                Chooser::Value(one) => self.values.push(one),
                Chooser::Grid(one) => self.grids.push(one),
                Chooser::Rank(one) => self.ranks.push(one),
            }
            readings.push(reading);
        }
        let ends = [self.values.len(), self.grids.len(), self.ranks.len()];
        let [values, grids, ranks] =
            std::array::from_fn(|at| Span { first: begins[at] as u32, count: (ends[at] - begins[at]) as u32 });
        // Where no test is left, a bucket has one word that nothing reads.
        let words_of = |sets: &Vec<Vec<u32>>| {
            let words = readings.iter().zip(sets).flat_map(|(reading, set)| {
                reading.classes.iter().map(move |class| class.map_or(0, |class| set[class as usize] as u16 | INSIDE))
            });
            words.chain(readings.is_empty().then_some(INSIDE)).collect::<Vec<u16>>()
        };
        let narrow: Vec<u16> = plan.sets.iter().flat_map(words_of).collect();
        // One array as long as the other, so that one span names both.
        let sets = span(&mut self.narrow, narrow.iter().copied());
        self.wide.extend(narrow.iter().map(|boxes| u32::from(*boxes)));
        let inside = |boxes: u32| boxes & BitSets::ALL | u32::from(INSIDE);
        let key = |(bucket, boxes, outcome): &(u32, u32, u32)| (bits::hash(*bucket, inside(*boxes)), *outcome);
        let keys: Vec<(u32, u32)> = plan.outcomes.iter().map(key).collect();
        let (seeds, slots) = displaced(&keys)?;
        let decision = bits::Decision {
            choosers: [first.chooser, second.chooser],
            second: u32::try_from(second.classes.len()).ok()?,
            buckets: span(&mut self.buckets, of_classes),
            values,
            grids,
            ranks,
            sets,
            stride: stride.max(1),
            seeds: span(&mut self.seeds, seeds),
            slots: span(&mut self.slots, slots),
        };
        self.decisions.push(decision);
        Some(self.decisions.len() as u32 - 1)
    }

    /// How a test is read whose words begin at `at`.
    fn reading(&mut self, table: &OwnedTable, words: &[u32], test: u32, at: u32) -> Option<Reading> {
        let map = |map: Span| table.maps.get(map.first as usize..(map.first + map.count) as usize);
        let by_value = |input: u32, lo: i64, class_of: Vec<u32>| {
            let one = ByValue { lo, values: class_of.len() as u64, word: *words.get(input as usize)?, at };
            let classes = class_of.into_iter().map(Some).chain([None]).collect();
            Some(Reading { chooser: Chooser::Value(one), classes })
        };
        match *table.tests.get(test as usize)? {
            Test::Flag { input } => by_value(input, 0, vec![0, 1]),
            Test::Member { input, map: of, .. } => by_value(input, 0, map(of)?.to_vec()),
            Test::Interval { input, thresholds, map: of, .. } => {
                let Kind::Int(lo, hi) = *table.kinds.get(input as usize)? else { return None };
                let rising = table.thresholds.get(thresholds.first as usize..(thresholds.first + thresholds.count) as usize)?;
                let of = map(of)?;
                if hi.checked_sub(lo)? < DIRECT {
                    let class = |value: i64| of[rising.partition_point(|at| *at <= value)];
                    return by_value(input, lo, (lo..=hi).map(class).collect());
                }
                // What divides no values of the domain is left out. The greatest number of all is no threshold.
                let below = rising.partition_point(|at| *at <= lo);
                let inside: Vec<i64> = rising.iter().copied().filter(|at| lo < *at && *at <= hi).collect();
                let behind = hi.checked_add(1).filter(|behind| *behind < i64::MAX)?;
                let inner = of.iter().copied().skip(below).take(inside.len() + 1).map(Some);
                let classes = [None].into_iter().chain(inner).chain([None]).collect();
                let word = *words.get(input as usize)?;
                let chooser = match Grid::of(lo, &inside, behind) {
                    Some(Grid { first, end, shift, limits, classes }) => {
                        // One array as long as the other, so that one span names both.
                        self.classes.extend(classes);
                        let cells = span(&mut self.limits, limits);
                        Chooser::Grid(ByGrid { first, end, cells, shift, word, at })
                    }
                    None => {
                        let ends = [lo].into_iter().chain(inside).chain([behind]);
                        Chooser::Rank(ByRank { thresholds: span(&mut self.thresholds, ends), word, at })
                    }
                };
                Some(Reading { chooser, classes })
            }
            _ => None,
        }
    }
}

/// A grid over the values of a number: each cell is so narrow that at most one threshold lies in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grid {
    /// Where the first cell begins; what is less belongs to it too.
    pub first: i64,
    /// Where the last cell begins; what is more belongs to it too.
    pub end: i64,
    /// How wide a cell is, as a power of two.
    pub shift: u32,
    /// The threshold in each cell; the greatest number if there is none.
    pub limits: Vec<i64>,
    /// The class of what lies below the threshold of each cell: how many of `lo`, the thresholds and `behind` it reaches.
    pub classes: Vec<u32>,
}

impl Grid {
    /// Of the widest cells that there can be; nothing if they are too many. The values go from `lo` to one less than `behind`; the thresholds rise
    /// between them.
    pub fn of(lo: i64, thresholds: &[i64], behind: i64) -> Option<Grid> {
        let (least, most) = (*thresholds.first().unwrap_or(&behind), *thresholds.last().unwrap_or(&behind));
        let wide = |at: i64| i128::from(at);
        // From one cell before the first threshold to the end of the cell of the last, or so that the last cell begins with `behind`.
        let fits = |shift: u32| {
            let cell = 1i128 << shift;
            let around = ((wide(most) - wide(least)) >> shift) + i128::from(!thresholds.is_empty());
            let whole = (wide(behind) - wide(least) + cell - 1) >> shift;
            let ends = [(wide(least) - cell, wide(least) + around * cell), (wide(behind) - (whole + 1) * cell, wide(behind))];
            ends.into_iter().find_map(|(first, end)| {
                let number = |at: i64| (wide(at) - first) >> shift;
                let apart = thresholds.windows(2).all(|pair| number(pair[0]) != number(pair[1]));
                // What is below `lo` has a cell of its own.
                let below = first + cell >= wide(lo);
                let few = (end - first) >> shift < i128::from(CELLS);
                let (first, end) = (i64::try_from(first).ok()?, i64::try_from(end).ok()?);
                (apart && below && few && end <= behind && end.checked_sub(first).is_some()).then_some((first, end, shift))
            })
        };
        let (first, end, shift) = (0..62).rev().find_map(fits)?;
        let last = end.checked_sub(first)?.cast_unsigned() >> shift;
        // The first cell has what is below all thresholds, and `lo`; the last what is beyond the cell of the last threshold, and `behind`.
        let cells = (0..=last).map(|number| {
            if number == 0 {
                return (lo, 0);
            }
            let cell = |at: &i64| at.wrapping_sub(first).cast_unsigned() >> shift;
            let before = thresholds.partition_point(|at| cell(at) < number);
            let limit = if number == last { Some(behind) } else { thresholds.get(before).copied() };
            let within = limit.filter(|at| number == last || cell(at) == number);
            (within.unwrap_or(i64::MAX), 1 + before as u32)
        });
        let (limits, classes) = cells.unzip();
        Some(Grid { first, end, shift, limits, classes })
    }
}

/// A perfect hash of keys, by displacement: keys that share a seed are placed together, the most crowded seeds first.
fn displaced(keys: &[(u32, u32)]) -> Option<(Vec<u32>, Vec<u32>)> {
    let seeds = (keys.len() / 3).next_power_of_two();
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
                // Displacements far from one another, so that all bits of the hash are met.
                let seed = seed.wrapping_mul(0x9e37_79b1);
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Each value has the class that counting has, also beyond the ends, however the thresholds lie.
    fn hold(lo: i64, thresholds: &[i64], behind: i64) -> Option<usize> {
        let grid = Grid::of(lo, thresholds, behind)?;
        let all: Vec<i64> = [lo].into_iter().chain(thresholds.iter().copied()).chain([behind]).collect();
        let near = all.iter().flat_map(|at| [at.saturating_sub(1), *at, at.saturating_add(1)]);
        let cells = [grid.first, grid.end].into_iter().flat_map(|at| [at.saturating_sub(1), at, at.saturating_add(1)]);
        for value in near.chain(cells).chain([i64::MIN, i64::MIN + 1, i64::MAX, 0, -1]) {
            let cell = (value.clamp(grid.first, grid.end).wrapping_sub(grid.first).cast_unsigned() >> grid.shift) as usize;
            let class = grid.classes[cell] + u32::from(value >= grid.limits[cell]);
            let counted = all.iter().filter(|at| **at <= value).count() as u32;
            assert_eq!(class, counted, "{value} in {lo}, {thresholds:?}, {behind}: {grid:?}");
        }
        Some(grid.limits.len())
    }

    #[test]
    fn a_grid_has_the_classes_of_counting() {
        assert_eq!(hold(0, &[], 1 << 40), Some(2));
        assert_eq!(hold(0, &[40, 300, 5000], 5001).map(|cells| cells < 64), Some(true));
        assert_eq!(hold(0, &[1000, 2000, 3000], 1 << 50).map(|cells| cells < 8), Some(true));
        assert_eq!(hold(i64::MIN, &[0], i64::MAX - 1), Some(3));
        // Two that touch, and one that is far: too fine.
        assert_eq!(hold(0, &[1, 2, 1 << 40], 1 << 41), None);
    }

    proptest::proptest! {
        #[test]
        fn a_grid_has_the_classes_of_counting_wherever_thresholds_lie(
            lo in -5000i64..5000,
            steps in proptest::collection::vec(1i64..3000, 1..12),
            scale in 0u32..40,
        ) {
            let mut at = lo;
            let mut rising: Vec<i64> = steps.iter().map(|step| { at += step << scale; at }).collect();
            let behind = rising.pop().expect("one at the least");
            hold(lo, &rising, behind);
        }
    }
}
