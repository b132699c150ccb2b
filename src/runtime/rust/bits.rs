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

mod check;
mod columns;

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

/// That one of a pair of half words that stands at this place.
#[inline]
pub(crate) const fn half(pair: u32, at: u32) -> u32 {
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
