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
pub(crate) const BLOCK: usize = 512;

/// Offsets into [`Bits::pairs`] are smaller than this, so that a machine word with a sign holds them.
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

/// Evenly spaced thresholds: all of them stand some widths behind the first, as round figures do. Which width a value lies in is a division by a
/// constant (T. Granlund and P. Montgomery, "Division by invariant integers using multiplication", PLDI 1994), in 64 bits of which neither factor has
/// more than 32.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Even {
    /// Where the first width begins, one before the first threshold; what is less belongs to it too.
    pub first: i64,
    /// The last threshold, where the last width begins; what is more belongs to it too.
    pub end: i64,
    /// How many powers of two a width has.
    pub twos: u32,
    /// Times this, and shifted, is divided by what is left of a width.
    pub factor: u32,
    /// By how much the product is shifted.
    pub shift: u32,
    /// How many widths there are, two at the least.
    pub widths: u32,
}

/// A test whose thresholds stand evenly. Its class is the number of the width that the value lies in; the last class is all that is outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByEven {
    /// The thresholds.
    pub even: Even,
    /// The least value.
    pub lo: i64,
    /// The greatest value less the least.
    pub span: u64,
    /// The place in the row.
    pub word: u32,
    /// Where its words begin among those of a bucket.
    pub at: u32,
}

/// A test whose class is found through a grid over the values, each cell so narrow that at most one threshold lies in it. The last class is all
/// that is outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByGrid {
    /// The least value.
    pub lo: i64,
    /// The greatest value less the least.
    pub span: u64,
    /// Where the first cell begins; what is less belongs to it.
    pub first: i64,
    /// Where the last cell begins; what is more belongs to it.
    pub end: i64,
    /// In [`Bits::cells`].
    pub cells: Span,
    /// How wide a cell is, as a power of two.
    pub shift: u32,
    /// The class of what is outside.
    pub outside: u32,
    /// The place in the row.
    pub word: u32,
    /// Where its words begin among those of a bucket.
    pub at: u32,
}

/// A cell of a grid: how far from its beginning on its class is the next one, and its class.
#[inline]
pub const fn cell(limit: u64, class: u16) -> u64 {
    limit << 16 | class as u64
}

/// The limit of a cell without a threshold: no cell is so wide.
pub const NO_LIMIT: u64 = u64::MAX >> 16;

/// Cells are narrower than two to this.
pub const WIDEST: u32 = 48;

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
    /// By evenly spaced thresholds.
    Even(ByEven),
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
    /// In [`Bits::buckets`]: by class of the first chooser and of the second the bucket; [`NOWHERE`] outside. Of one chooser, nothing, if each class has
    /// a bucket of its own.
    pub buckets: Span,
    /// In [`Bits::values`].
    pub values: Span,
    /// In [`Bits::evens`].
    pub evens: Span,
    /// In [`Bits::grids`].
    pub grids: Span,
    /// In [`Bits::ranks`].
    pub ranks: Span,
    /// In [`Bits::sets`]: bucket after bucket, test after test, class after class the boxes; it begins with an even one.
    pub sets: Span,
    /// How many words a bucket has.
    pub stride: u32,
    /// In [`Bits::seeds`]: the displacements in pairs, a power of two of these.
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
    /// Tests by evenly spaced thresholds.
    pub evens: &'a [ByEven],
    /// Tests through grids.
    pub grids: &'a [ByGrid],
    /// Tests by thresholds.
    pub ranks: &'a [ByRank],
    /// Buckets of choosers.
    pub buckets: &'a [u32],
    /// Cells of grids, as [`cell`] makes them.
    pub cells: &'a [u64],
    /// Thresholds.
    pub thresholds: &'a [i64],
    /// The boxes.
    pub sets: &'a [u16],
    /// The same in pairs, the first in the low half: a processor gathers many words of this size at once.
    pub pairs: &'a [u32],
    /// Displacements in pairs, the first in the low half.
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

impl Even {
    /// The width that a value lies in.
    #[inline(always)]
    pub fn width_of(&self, value: i64) -> u32 {
        let from = value.max(self.first).min(self.end).wrapping_sub(self.first).cast_unsigned() >> (self.twos & 63);
        (u64::from(from as u32).wrapping_mul(self.factor.into()) >> (self.shift & 63)) as u32
    }
}

impl ByEven {
    #[inline(always)]
    fn class(&self, value: i64) -> u32 {
        let width = self.even.width_of(value);
        if value.wrapping_sub(self.lo).cast_unsigned() <= self.span { width } else { self.even.widths }
    }
}

impl ByGrid {
    #[inline(always)]
    fn class(&self, cells: &[u64], value: i64) -> u32 {
        let from = value.max(self.first).min(self.end).wrapping_sub(self.first).cast_unsigned();
        let cell = cells.get((from >> (self.shift & 63)) as usize & (OFFSETS as usize - 1)).copied().unwrap_or(0);
        let reached = from & !(u64::MAX << (self.shift & 63)) >= cell >> 16;
        let class = (cell as u32 & 0xffff).wrapping_add(u32::from(reached));
        if value.wrapping_sub(self.lo).cast_unsigned() <= self.span { class } else { self.outside }
    }

    #[inline]
    fn cells<'a>(&self, bits: &Bits<'a>) -> Option<&'a [u64]> {
        part(bits.cells, self.cells)
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
            Chooser::Even(one) => Some(one.word),
            Chooser::Grid(one) => Some(one.word),
            Chooser::Rank(one) => Some(one.word),
        }
    }

    #[inline]
    fn class(&self, bits: &Bits<'_>, value: impl Fn(u32) -> Option<i64>) -> Option<u32> {
        Some(match self {
            Chooser::None => 0,
            Chooser::Value(one) => one.class(value(one.word)?),
            Chooser::Even(one) => one.class(value(one.word)?),
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
        if decision.buckets.count == 0 {
            return Some(class);
        }
        part(self.buckets, decision.buckets)?.get(class as usize).copied()
    }

    #[inline]
    fn row(&self, decision: &Decision, value: impl Fn(u32) -> Option<i64>) -> Option<u32> {
        let bucket = self.bucket(decision, &value)?;
        let first = (decision.sets.first as usize).checked_add((bucket as usize).checked_mul(decision.stride as usize)?)?;
        let sets = self.sets.get(first..first.checked_add(decision.stride as usize)?)?;
        let mut boxes = u16::MAX;
        for one in part(self.values, decision.values)? {
            let class = one.class(value(one.word)?);
            boxes &= sets.get((one.at as usize).checked_add(class as usize)?)?;
        }
        for one in part(self.evens, decision.evens)? {
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
        let at = hash & seeds(decision).wrapping_sub(1);
        let seed = half(*part(self.seeds, decision.seeds)?.get(at as usize / 2)?, at);
        let place = slot(hash, seed, shift(decision));
        part(self.slots, decision.slots)?.get(place as usize).copied()
    }

    /// The place of the first word that the table is not good for.
    #[cold]
    fn outside(&self, decision: &Decision, value: impl Fn(u32) -> Option<i64>) -> Option<u32> {
        let first = decision.choosers[0].class(self, &value)?;
        let second = decision.choosers[1].class(self, &value)?;
        let row = Span { first: first.checked_mul(decision.second)?, count: decision.second };
        let mut bucket = row.first.checked_add(second)?;
        if decision.buckets.count > 0 {
            let buckets = part(self.buckets, decision.buckets)?;
            if part(buckets, row)?.iter().all(|bucket| *bucket == NOWHERE) {
                return decision.choosers[0].word();
            }
            bucket = *buckets.get(bucket as usize)?;
            if bucket == NOWHERE {
                return decision.choosers[1].word();
            }
        }
        let begins = decision.sets.first.checked_add(bucket.checked_mul(decision.stride)?)?;
        let sets = part(self.sets, Span { first: begins, count: decision.stride })?;
        if decision.buckets.count == 0 && sets.iter().all(|word| word & INSIDE == 0) {
            return decision.choosers[0].word();
        }
        let is_outside = |at: u32, class: u32| sets.get(at.checked_add(class)? as usize).map(|word| word & INSIDE == 0);
        for one in part(self.values, decision.values)? {
            if is_outside(one.at, one.class(value(one.word)?))? {
                return Some(one.word);
            }
        }
        for one in part(self.evens, decision.evens)? {
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
                Chooser::Even(one) => count_up(buckets, count, Some(column(one.word)?), |value| one.class(value)),
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
        if decision.buckets.count == 0 {
            boxes.fill(u16::MAX.into());
        } else {
            choose(buckets, boxes, part(self.buckets, decision.buckets)?);
        }
        let (sets, stride) = (part(self.pairs, in_pairs(decision))?, decision.stride);
        for one in part(self.values, decision.values)?.iter().copied() {
            meet(boxes, buckets, column(one.word)?, sets, (stride, one.at), |value| one.class(value));
        }
        for one in part(self.evens, decision.evens)?.iter().copied() {
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
        // Boxes are half a word from the beginning, so the other half of the pair does not matter.
        *boxes &= sets.get((offset >> 1) as usize).copied().unwrap_or(0) >> (16 * (offset & 1));
    }
}

/// Boxes to outcomes; whether each has one. There is a power of two of displacements, so none is missing. What there is not is the greatest number, and
/// what was met is told behind the loop: with a flag of its own in the loop it was not vectorised where it is inlined.
#[inline(always)]
fn name(boxes: &mut [u32], buckets: &[u32], seeds: &[u32], slots: &[u32], shift: u32) -> bool {
    let (mask, mut most) = ((2 * seeds.len() as u32).wrapping_sub(1), 0);
    for (outcome, bucket) in boxes.iter_mut().zip(buckets) {
        let hash = hash(*bucket, *outcome);
        let at = hash & mask;
        let seed = seeds.get((at >> 1) as usize).copied().unwrap_or(0);
        let slot = slots.get((slot(hash, half(seed, at), shift) & (OFFSETS - 1)) as usize);
        *outcome = slot.copied().unwrap_or(u32::MAX);
        most = most.max(*outcome);
    }
    most < u32::MAX && seeds.len().is_power_of_two()
}

/// That one of a pair of half words that stands at this place.
#[inline]
const fn half(pair: u32, at: u32) -> u32 {
    pair >> (16 * (at & 1)) & 0xffff
}

/// How many displacements there are.
#[inline]
const fn seeds(decision: &Decision) -> u32 {
    decision.seeds.count.wrapping_mul(2)
}

/// The sets of a decision in [`Bits::pairs`].
#[inline]
const fn in_pairs(decision: &Decision) -> Span {
    Span { first: decision.sets.first / 2, count: decision.sets.count.div_ceil(2) }
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
        good(
            stride > 0
                && decision.sets.first.is_multiple_of(2)
                && decision.sets.count >= stride
                && decision.sets.count.is_multiple_of(stride)
                && decision.sets.count < OFFSETS,
        )?;
        let (sets, pairs) = (part(self.sets, decision.sets)?, part(self.pairs, in_pairs(decision))?);
        good(
            sets.iter()
                .zip(0u32..)
                .all(|(word, at)| pairs.get(at as usize / 2).is_some_and(|pair| half(*pair, at) == u32::from(*word))),
        )?;
        let buckets = part(self.buckets, decision.buckets)?;
        let (count, last) = (u64::from(decision.buckets.count), decision.sets.count / stride - 1);
        good(last < 1 << 16)?;
        if buckets.is_empty() {
            // What is outside is told by the words of its bucket, so there must be one that is read.
            let read = [decision.values, decision.evens, decision.grids, decision.ranks].iter().any(|span| span.count > 0);
            good(decision.second == 1 && *second == Chooser::None && first.word().is_some() && read)?;
            self.check_chooser(first, u64::from(last) + 1)?;
        } else {
            good(decision.second > 0 && count.is_multiple_of(u64::from(decision.second)) && count < u64::from(OFFSETS))?;
            self.check_chooser(first, count / u64::from(decision.second))?;
            self.check_chooser(second, decision.second.into())?;
            good(first.word().is_some() || !buckets.contains(&NOWHERE))?;
            good(buckets.iter().all(|bucket| *bucket == NOWHERE || *bucket <= last))?;
        }
        let fits = |at: u32, classes: u64| good(u64::from(at).checked_add(classes)? <= stride.into());
        for one in part(self.values, decision.values)? {
            good(one.word < words)?;
            fits(one.at, one.values.checked_add(1)?)?;
        }
        for one in part(self.evens, decision.evens)? {
            good(one.word < words)?;
            fits(one.at, check_even(&one.even)?)?;
        }
        for one in part(self.grids, decision.grids)? {
            good(one.word < words)?;
            fits(one.at, self.check_grid(one)?)?;
        }
        for one in part(self.ranks, decision.ranks)? {
            good(one.word < words && one.thresholds(self).is_some())?;
            fits(one.at, u64::from(one.thresholds.count) + 1)?;
        }
        good(
            decision.seeds.count.is_power_of_two()
                && decision.seeds.count < OFFSETS / 2
                && decision.slots.count.is_power_of_two()
                && decision.slots.count > 1,
        )?;
        part(self.seeds, decision.seeds)?;
        good(part(self.slots, decision.slots)?.iter().all(|outcome| *outcome < outcomes))
    }

    fn check_chooser(&self, chooser: &Chooser, classes: u64) -> Option<()> {
        let there = match chooser {
            Chooser::None => 1,
            Chooser::Value(one) => one.values.checked_add(1)?,
            Chooser::Even(one) => check_even(&one.even)?,
            Chooser::Grid(one) => self.check_grid(one)?,
            Chooser::Rank(one) => one.thresholds(self)?.len() as u64 + 1,
        };
        (there == classes).then_some(())
    }

    /// How many classes a grid has.
    fn check_grid(&self, one: &ByGrid) -> Option<u64> {
        let cells = one.cells(self)?;
        let last = one.end.checked_sub(one.first).filter(|last| *last >= 0)?.cast_unsigned() >> (one.shift & 63);
        (one.shift < WIDEST && last < (cells.len() as u64).min(OFFSETS.into())).then_some(())?;
        let next = |cell: &u64| (cell & 0xffff) + u64::from(cell >> 16 < NO_LIMIT);
        cells.iter().map(next).max().map(|most| (most + 1).max(u64::from(one.outside) + 1))
    }
}

/// How many classes a test by evenly spaced thresholds has.
fn check_even(one: &Even) -> Option<u64> {
    let from = one.end.checked_sub(one.first).filter(|from| *from >= 0)?.cast_unsigned() >> (one.twos & 63);
    (one.twos < 64 && one.shift < 64 && from <= u32::MAX.into()).then_some(())?;
    let last = from.checked_mul(one.factor.into())? >> one.shift;
    (last < one.widths.into()).then_some(u64::from(one.widths) + 1)
}
