//! A decision as bit sets: which of the boxes that tell its outcomes apart hold a case, and what they come to together.
//!
//! One test, or two, choose a *bucket*: a part of the table in which few boxes matter. In it each class of each other test says in one word which
//! boxes it lies in; the words of all tests, met with *and*, are the boxes that hold the case. A perfect hash of bucket and boxes names the
//! outcome. Nothing is walked, no load but four waits for another, and no branch hangs on the data.
//!
//! The highest bit of a word is no box: it says that the value is inside of its domain, so the same *and* finds what is outside.
//!
//! Bit vectors of rules: T. Lakshman and D. Stiliadis, "High-speed policy-based packet forwarding using efficient multi-dimensional range
//! matching", SIGCOMM 1998. The perfect hash: D. Belazzougui, F. Botelho and M. Dietzfelbinger, "Hash, displace, and compress", ESA 2009.

use crate::{Span, part, rank};

/// The bit of a word that says that a value is inside of its domain.
pub const INSIDE: u16 = 1 << 15;

/// The bucket of what is outside.
pub const NOWHERE: u32 = u32::MAX;

/// How many rows of a batch are decided column by column before the next ones are: as many as stay in the nearest cache.
pub(crate) const BLOCK: usize = 1024;

/// Offsets into [`Bits::wide`] are smaller than this, so that a machine word with a sign holds them.
pub(crate) const OFFSETS: u32 = 1 << 31;

/// A test whose class is the value itself, from `lo` on; the last class is all that is outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByValue {
    /// The least value.
    pub lo: i64,
    /// How many values there are.
    pub values: u64,
    /// The place in the row.
    pub word: u32,
    /// Where its words begin among those of a bucket.
    pub at: u32,
}

/// A test whose class is found through a grid over the values, each cell so narrow that at most one threshold lies in it. The first and the last class are outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByGrid {
    /// Where the first cell begins; what is less belongs to it.
    pub first: i64,
    /// Where the last cell begins; what is more belongs to it.
    pub end: i64,
    /// In [`Bits::limits`] and [`Bits::classes`].
    pub cells: Span,
    /// How wide a cell is, as a power of two.
    pub shift: u32,
    /// The place in the row.
    pub word: u32,
    /// Where its words begin among those of a bucket.
    pub at: u32,
}

/// A test whose class is the number of thresholds that the value reaches. The first and the last class are outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByRank {
    /// In [`Bits::thresholds`], rising: the least value, what divides the classes, one more than the greatest value.
    pub thresholds: Span,
    /// The place in the row.
    pub word: u32,
    /// Where its words begin among those of a bucket.
    pub at: u32,
}

/// A test that chooses a bucket; `at` is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chooser {
    /// There is none: its one class is 0.
    None,
    /// By the value.
    Value(ByValue),
    /// Through a grid.
    Grid(ByGrid),
    /// By thresholds.
    Rank(ByRank),
}

/// A decision as bit sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What chooses the bucket.
    pub choosers: [Chooser; 2],
    /// How many classes the second chooser has.
    pub second: u32,
    /// In [`Bits::buckets`]: by class of the first chooser and of the second the bucket; [`NOWHERE`] outside.
    pub buckets: Span,
    /// In [`Bits::values`].
    pub values: Span,
    /// In [`Bits::grids`].
    pub grids: Span,
    /// In [`Bits::ranks`].
    pub ranks: Span,
    /// In [`Bits::narrow`] and [`Bits::wide`]: bucket after bucket, test after test, class after class the boxes.
    pub sets: Span,
    /// How many words a bucket has.
    pub stride: u32,
    /// In [`Bits::seeds`]: the displacements, a power of two of them.
    pub seeds: Span,
    /// In [`Bits::slots`]: the outcomes, a power of two of them, two at the least.
    pub slots: Span,
}

/// The decisions of a table that are bit sets, borrowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bits<'a> {
    /// The decisions.
    pub decisions: &'a [Decision],
    /// Tests by value.
    pub values: &'a [ByValue],
    /// Tests through grids.
    pub grids: &'a [ByGrid],
    /// Tests by thresholds.
    pub ranks: &'a [ByRank],
    /// Buckets of choosers.
    pub buckets: &'a [u32],
    /// Of each cell of a grid the threshold in it; the greatest number if there is none.
    pub limits: &'a [i64],
    /// Of each cell of a grid the class of what lies below the threshold; what reaches it has the next.
    pub classes: &'a [u32],
    /// Thresholds.
    pub thresholds: &'a [i64],
    /// The boxes, in half the memory: for one row at a time.
    pub narrow: &'a [u16],
    /// The same, in words that a processor gathers many of at once: for columns.
    pub wide: &'a [u32],
    /// Displacements.
    pub seeds: &'a [u32],
    /// Outcomes.
    pub slots: &'a [u32],
}

/// What keys are multiplied by: in the hash, and in the slot.
pub const FACTORS: [u32; 2] = [0x9e37_79b9, 0x85eb_ca6b];

/// The hash of a bucket, less than 65,536, and its boxes: no two have the same.
#[inline]
pub const fn hash(bucket: u32, boxes: u32) -> u32 {
    let key = (boxes | bucket << 16).wrapping_mul(FACTORS[0]);
    key ^ key >> 15
}

/// The slot of a hash under a displacement, among `1 << (32 - shift)` slots.
#[inline]
pub const fn slot(hash: u32, seed: u32, shift: u32) -> u32 {
    (hash ^ seed).wrapping_mul(FACTORS[1]) >> (shift & 31)
}

impl ByValue {
    #[inline(always)]
    fn class(&self, value: i64) -> u32 {
        value.wrapping_sub(self.lo).cast_unsigned().min(self.values) as u32
    }
}

/// The cells of a grid: thresholds and classes, as many of these as of those.
type Cells<'a> = (&'a [i64], &'a [u32]);

impl ByGrid {
    #[inline(always)]
    fn class(&self, (limits, classes): Cells<'_>, value: i64) -> u32 {
        let cell = value.max(self.first).min(self.end).wrapping_sub(self.first).cast_unsigned() >> (self.shift & 63);
        let cell = (cell as u32 & (OFFSETS - 1)) as usize;
        let limit = limits.get(cell).copied().unwrap_or(i64::MAX);
        classes.get(cell).copied().unwrap_or(0).wrapping_add(u32::from(value >= limit))
    }

    #[inline]
    fn cells<'a>(&self, bits: &Bits<'a>) -> Option<Cells<'a>> {
        Some((part(bits.limits, self.cells)?, part(bits.classes, self.cells)?))
    }
}

impl ByRank {
    #[inline]
    fn thresholds<'a>(&self, bits: &Bits<'a>) -> Option<&'a [i64]> {
        part(bits.thresholds, self.thresholds)
    }
}

impl Chooser {
    /// The place in the row.
    pub fn word(&self) -> Option<u32> {
        match self {
            Chooser::None => None,
            Chooser::Value(one) => Some(one.word),
            Chooser::Grid(one) => Some(one.word),
            Chooser::Rank(one) => Some(one.word),
        }
    }

    #[inline]
    fn class(&self, bits: &Bits<'_>, value: impl Fn(u32) -> Option<i64>) -> Option<u32> {
        Some(match self {
            Chooser::None => 0,
            Chooser::Value(one) => one.class(value(one.word)?),
            Chooser::Grid(one) => one.class(one.cells(bits)?, value(one.word)?),
            Chooser::Rank(one) => rank(one.thresholds(bits)?, value(one.word)?) as u32,
        })
    }
}

impl Bits<'_> {
    /// The outcome of a decision for a row of words in which everything is known.
    ///
    /// # Errors
    /// The place in the row of a value that the table is not good for; nothing if the arrays are malformed.
    #[inline]
    pub fn decide(&self, decision: &Decision, row: &[i64]) -> Result<u32, Option<u32>> {
        let value = |word: u32| row.get(word as usize).copied();
        match self.row(decision, value) {
            Some(outcome) => Ok(outcome),
            None => Err(self.outside(decision, value)),
        }
    }

    #[inline]
    fn bucket(&self, decision: &Decision, value: impl Fn(u32) -> Option<i64>) -> Option<u32> {
        let [first, second] = &decision.choosers;
        let (first, second) = (first.class(self, &value)?, second.class(self, value)?);
        let class = first.wrapping_mul(decision.second).wrapping_add(second);
        part(self.buckets, decision.buckets)?.get(class as usize).copied()
    }

    #[inline]
    fn row(&self, decision: &Decision, value: impl Fn(u32) -> Option<i64>) -> Option<u32> {
        let bucket = self.bucket(decision, &value)?;
        let first = (decision.sets.first as usize).checked_add((bucket as usize).checked_mul(decision.stride as usize)?)?;
        let sets = self.narrow.get(first..first.checked_add(decision.stride as usize)?)?;
        let mut boxes = u16::MAX;
        for one in part(self.values, decision.values)? {
            let class = one.class(value(one.word)?);
            boxes &= sets.get((one.at as usize).checked_add(class as usize)?)?;
        }
        for one in part(self.grids, decision.grids)? {
            let class = one.class(one.cells(self)?, value(one.word)?);
            boxes &= sets.get((one.at as usize).checked_add(class as usize)?)?;
        }
        for one in part(self.ranks, decision.ranks)? {
            let class = rank(one.thresholds(self)?, value(one.word)?);
            boxes &= sets.get((one.at as usize).checked_add(class)?)?;
        }
        if boxes & INSIDE == 0 {
            return None;
        }
        let hash = hash(bucket, boxes.into());
        let seed = part(self.seeds, decision.seeds)?.get((hash & decision.seeds.count.wrapping_sub(1)) as usize)?;
        let place = slot(hash, *seed, shift(decision));
        part(self.slots, decision.slots)?.get(place as usize).copied()
    }

    /// The place of the first word that the table is not good for.
    #[cold]
    fn outside(&self, decision: &Decision, value: impl Fn(u32) -> Option<i64>) -> Option<u32> {
        let first = decision.choosers[0].class(self, &value)?;
        let second = decision.choosers[1].class(self, &value)?;
        let buckets = part(self.buckets, decision.buckets)?;
        let row = Span { first: first.checked_mul(decision.second)?, count: decision.second };
        if part(buckets, row)?.iter().all(|bucket| *bucket == NOWHERE) {
            return decision.choosers[0].word();
        }
        let bucket = *buckets.get(row.first.checked_add(second)? as usize)?;
        if bucket == NOWHERE {
            return decision.choosers[1].word();
        }
        let begins = decision.sets.first.checked_add(bucket.checked_mul(decision.stride)?)?;
        let sets = part(self.narrow, Span { first: begins, count: decision.stride })?;
        let is_outside = |at: u32, class: u32| sets.get(at.checked_add(class)? as usize).map(|word| word & INSIDE == 0);
        for one in part(self.values, decision.values)? {
            if is_outside(one.at, one.class(value(one.word)?))? {
                return Some(one.word);
            }
        }
        for one in part(self.grids, decision.grids)? {
            if is_outside(one.at, one.class(one.cells(self)?, value(one.word)?))? {
                return Some(one.word);
            }
        }
        for one in part(self.ranks, decision.ranks)? {
            if is_outside(one.at, rank(one.thresholds(self)?, value(one.word)?) as u32)? {
                return Some(one.word);
            }
        }
        None
    }
}

/// By column. What is called in the loops is inlined by force: a caller that is compiled for more than the least of processors has them vectorised.
impl Bits<'_> {
    /// The outcomes of a decision for many rows, column by column: one slice for each word of a row, all as long as `outcomes` and `scratch`.
    ///
    /// # Errors
    /// The first row with a value that the table is not good for, and the place of the value in the row; no place if the arrays are malformed.
    #[inline(always)]
    pub fn decide_columns(
        &self,
        decision: &Decision,
        columns: &[&[i64]],
        outcomes: &mut [u32],
        scratch: &mut [u32],
    ) -> Result<(), (usize, Option<u32>)> {
        for (at, (outcomes, scratch)) in outcomes.chunks_mut(BLOCK).zip(scratch.chunks_mut(BLOCK)).enumerate() {
            let from = at * BLOCK;
            if self.block(decision, columns, from, outcomes, scratch).is_none() {
                return Err(self.first_outside(decision, columns, from, outcomes.len()));
            }
        }
        Ok(())
    }

    #[cold]
    fn first_outside(&self, decision: &Decision, columns: &[&[i64]], from: usize, rows: usize) -> (usize, Option<u32>) {
        for row in from..from + rows {
            let value = |word: u32| columns.get(word as usize)?.get(row).copied();
            if self.row(decision, value).is_none() {
                return (row, self.outside(decision, value));
            }
        }
        (from, None)
    }

    #[inline(always)]
    fn block(&self, decision: &Decision, columns: &[&[i64]], from: usize, boxes: &mut [u32], buckets: &mut [u32]) -> Option<()> {
        let rows = from..from.checked_add(boxes.len())?;
        let column = |word: u32| columns.get(word as usize)?.get(rows.clone());
        buckets.fill(0);
        let count = decision.second;
        for chooser in decision.choosers {
            match chooser {
                Chooser::None => count_up(buckets, count, None, |_| 0),
                Chooser::Value(one) => count_up(buckets, count, Some(column(one.word)?), |value| one.class(value)),
                Chooser::Grid(one) => {
                    let cells = one.cells(self)?;
                    count_up(buckets, count, Some(column(one.word)?), |value| one.class(cells, value));
                }
                Chooser::Rank(one) => {
                    let thresholds = one.thresholds(self)?;
                    count_up(buckets, count, Some(column(one.word)?), |value| rank(thresholds, value) as u32);
                }
            }
        }
        choose(buckets, boxes, part(self.buckets, decision.buckets)?);
        let (sets, stride) = (part(self.wide, decision.sets)?, decision.stride);
        for one in part(self.values, decision.values)?.iter().copied() {
            meet(boxes, buckets, column(one.word)?, sets, (stride, one.at), |value| one.class(value));
        }
        for one in part(self.grids, decision.grids)?.iter().copied() {
            let cells = one.cells(self)?;
            meet(boxes, buckets, column(one.word)?, sets, (stride, one.at), |value| one.class(cells, value));
        }
        for one in part(self.ranks, decision.ranks)? {
            let thresholds = one.thresholds(self)?;
            meet(boxes, buckets, column(one.word)?, sets, (stride, one.at), |value| rank(thresholds, value) as u32);
        }
        if boxes.iter().fold(u32::MAX, |all, boxes| all & boxes) & u32::from(INSIDE) == 0 {
            return None;
        }
        let (seeds, slots) = (part(self.seeds, decision.seeds)?, part(self.slots, decision.slots)?);
        name(boxes, buckets, seeds, slots, shift(decision)).then_some(())
    }
}

// Each loop has what it reads and writes as arguments, so that the compiler knows that they are apart.

/// One more digit of the numbers of classes.
#[inline(always)]
fn count_up(numbers: &mut [u32], count: u32, column: Option<&[i64]>, class: impl Fn(i64) -> u32) {
    match column {
        None => numbers.iter_mut().for_each(|number| *number = number.wrapping_mul(count)),
        Some(column) => {
            for (number, value) in numbers.iter_mut().zip(column) {
                *number = number.wrapping_mul(count).wrapping_add(class(*value));
            }
        }
    }
}

/// Classes to buckets; the boxes to begin with, none where there is no bucket.
#[inline(always)]
fn choose(buckets: &mut [u32], boxes: &mut [u32], of_class: &[u32]) {
    for (bucket, boxes) in buckets.iter_mut().zip(boxes) {
        *bucket = of_class.get((*bucket & (OFFSETS - 1)) as usize).copied().unwrap_or(NOWHERE);
        *boxes = if *bucket == NOWHERE { 0 } else { u32::from(u16::MAX) };
    }
}

/// Meets the boxes of rows with those of a column. Nowhere the offset is anything, and the boxes are none already.
#[inline(always)]
fn meet(boxes: &mut [u32], buckets: &[u32], column: &[i64], sets: &[u32], (stride, at): (u32, u32), class: impl Fn(i64) -> u32) {
    for ((boxes, bucket), value) in boxes.iter_mut().zip(buckets).zip(column) {
        let offset = bucket.wrapping_mul(stride).wrapping_add(at).wrapping_add(class(*value));
        *boxes &= sets.get((offset & (OFFSETS - 1)) as usize).copied().unwrap_or(0);
    }
}

/// Boxes to outcomes; whether each has one.
#[inline(always)]
fn name(boxes: &mut [u32], buckets: &[u32], seeds: &[u32], slots: &[u32], shift: u32) -> bool {
    let (mask, mut good) = (seeds.len() as u32 - u32::from(!seeds.is_empty()), true);
    for (outcome, bucket) in boxes.iter_mut().zip(buckets) {
        let hash = hash(*bucket, *outcome);
        let seed = seeds.get((hash & mask & (OFFSETS - 1)) as usize);
        let slot = slots.get((slot(hash, seed.copied().unwrap_or(0), shift) & (OFFSETS - 1)) as usize);
        good &= seed.is_some() & slot.is_some();
        *outcome = slot.copied().unwrap_or(0);
    }
    good
}

/// How far a hash is shifted to be a slot.
#[inline]
const fn shift(decision: &Decision) -> u32 {
    32 - decision.slots.count.trailing_zeros()
}

/// Whether the arrays of a decision hold together: afterwards it fails only for values that the table is not good for.
impl Bits<'_> {
    /// Checks a decision; `outcomes` is how many outcomes there are, `words` how many words a row has.
    pub fn check(&self, decision: &Decision, outcomes: u32, words: u32) -> Option<()> {
        let good = |holds: bool| holds.then_some(());
        let [first, second] = &decision.choosers;
        for chooser in [first, second] {
            good(chooser.word().is_none_or(|word| word < words))?;
        }
        let stride = decision.stride;
        let buckets = part(self.buckets, decision.buckets)?;
        let count = u64::from(decision.buckets.count);
        good(decision.second > 0 && count.is_multiple_of(u64::from(decision.second)) && count < u64::from(OFFSETS))?;
        self.check_chooser(first, count / u64::from(decision.second))?;
        self.check_chooser(second, decision.second.into())?;
        let (narrow, wide) = (part(self.narrow, decision.sets)?, part(self.wide, decision.sets)?);
        good(
            stride > 0
                && decision.sets.count >= stride
                && decision.sets.count.is_multiple_of(stride)
                && decision.sets.count < OFFSETS,
        )?;
        good(first.word().is_some() || !buckets.contains(&NOWHERE))?;
        let inside = buckets.iter().filter(|bucket| **bucket != NOWHERE);
        good(inside.max().is_none_or(|last| *last < decision.sets.count / stride && *last < 1 << 16))?;
        good(narrow.iter().zip(wide).all(|(narrow, wide)| u32::from(*narrow) == *wide))?;
        let fits = |at: u32, classes: u64| good(u64::from(at).checked_add(classes)? <= stride.into());
        for one in part(self.values, decision.values)? {
            good(one.word < words)?;
            fits(one.at, one.values.checked_add(1)?)?;
        }
        for one in part(self.grids, decision.grids)? {
            good(one.word < words)?;
            fits(one.at, self.check_grid(one)?)?;
        }
        for one in part(self.ranks, decision.ranks)? {
            good(one.word < words && one.thresholds(self).is_some())?;
            fits(one.at, u64::from(one.thresholds.count) + 1)?;
        }
        good(decision.seeds.count.is_power_of_two() && decision.slots.count.is_power_of_two() && decision.slots.count > 1)?;
        part(self.seeds, decision.seeds)?;
        good(part(self.slots, decision.slots)?.iter().all(|outcome| *outcome < outcomes))
    }

    fn check_chooser(&self, chooser: &Chooser, classes: u64) -> Option<()> {
        let there = match chooser {
            Chooser::None => 1,
            Chooser::Value(one) => one.values.checked_add(1)?,
            Chooser::Grid(one) => self.check_grid(one)?,
            Chooser::Rank(one) => one.thresholds(self)?.len() as u64 + 1,
        };
        (there == classes).then_some(())
    }

    /// How many classes a grid has.
    fn check_grid(&self, one: &ByGrid) -> Option<u64> {
        let (limits, classes) = one.cells(self)?;
        let last = one.end.checked_sub(one.first).filter(|last| *last >= 0)?.cast_unsigned() >> (one.shift & 63);
        (one.shift < 64 && last < (limits.len() as u64).min(OFFSETS.into())).then_some(())?;
        let next = |(limit, class): (&i64, &u32)| u64::from(*class) + u64::from(*limit < i64::MAX);
        limits.iter().zip(classes).map(next).max().map(|most| most + 1)
    }
}
