//! A decision as bit sets: which of the boxes that tell its outcomes apart hold a case, and what they come to together.
//!
//! One test chooses a *bucket*: a part of the table in which few boxes matter. In it each value of each other input says in one word which
//! boxes it lies in; the words of all inputs, met with *and*, are the boxes that hold the case. A perfect hash of bucket and boxes names the
//! outcome. Nothing is walked, no load but three waits for another, and no branch hangs on the data.
//!
//! Bit vectors of rules: T. Lakshman and D. Stiliadis, "High-speed policy-based packet forwarding using efficient multi-dimensional range
//! matching", SIGCOMM 1998. The perfect hash: D. Belazzougui, F. Botelho and M. Dietzfelbinger, "Hash, displace, and compress", ESA 2009.

use crate::{Span, part, rank};

/// How the place of a value among the classes of a test is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The value itself, from `lo` on: each has a class.
    Value,
    /// A grid over the values, each cell so narrow that at most one threshold lies in it: `value - lo` shifted right so often is the number of a cell
    /// in [`Bits::cells`].
    Grid {
        /// How often.
        shift: u32,
        /// In [`Bits::cells`].
        cells: Span,
    },
    /// The number of thresholds that it reaches, in [`Bits::thresholds`], rising.
    Rank(Span),
}

/// A cell of a grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The threshold in it; the greatest number if there is none.
    pub threshold: i64,
    /// The class of what lies below the threshold; what reaches it has the next.
    pub class: u32,
}

/// A test on one word of the row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The place in the row.
    pub word: u32,
    /// The least value.
    pub lo: i64,
    /// How many values there are, less one.
    pub last: u64,
    /// How many classes there are.
    pub classes: u32,
    /// How the class is found.
    pub place: Place,
    /// Where its boxes begin in [`Bits::narrow`] or [`Bits::wide`]: for each bucket one word for each class.
    pub sets: u32,
}

/// A decision as bit sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether boxes are words of [`Bits::wide`].
    pub wide: bool,
    /// In [`Bits::readings`]: what chooses the bucket (its `sets` are not used); none if there is one bucket only.
    pub chooser: Option<u32>,
    /// In [`Bits::buckets`]: by class of the chooser the bucket; [`NOWHERE`] if the table is not good for it.
    pub buckets: Span,
    /// In [`Bits::readings`].
    pub readings: Span,
    /// In [`Bits::seeds`]: the displacements, a power of two of them.
    pub seeds: Span,
    /// In [`Bits::slots`]: the outcomes, a power of two of them.
    pub slots: Span,
}

/// No bucket.
pub const NOWHERE: u32 = u32::MAX;

/// The decisions of a table that are bit sets, borrowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bits<'a> {
    /// The decisions.
    pub decisions: &'a [Decision],
    /// Tests.
    pub readings: &'a [Reading],
    /// Buckets of choosers.
    pub buckets: &'a [u32],
    /// Cells of grids.
    pub cells: &'a [Cell],
    /// Thresholds.
    pub thresholds: &'a [i64],
    /// Boxes by bucket and class, where no bucket has more than sixteen.
    pub narrow: &'a [u16],
    /// Boxes by bucket and class, where no bucket has more than thirty-two.
    pub wide: &'a [u32],
    /// Displacements.
    pub seeds: &'a [u16],
    /// Outcomes.
    pub slots: &'a [u32],
}

/// The hash of a bucket and its boxes.
#[inline]
pub const fn hash(bucket: u32, boxes: u32) -> u64 {
    let key = (boxes as u64 | (bucket as u64) << 32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (key ^ key >> 32).wrapping_mul(0xd6e8_feb8_6659_fd93)
}

/// The slot of a hash under a displacement, of `1 << bits` slots.
#[inline]
pub const fn slot(hash: u64, seed: u16, bits: u32) -> usize {
    let mixed = (hash ^ (seed as u64).wrapping_mul(0xa076_1d64_78bd_642f)).wrapping_mul(0xe703_7ed1_a0b4_28db);
    if bits == 0 { 0 } else { (mixed >> (64 - bits)) as usize }
}

impl Reading {
    /// How far a value is from the least, and whether it is too far.
    #[inline]
    fn offset(&self, value: i64) -> (u64, bool) {
        let offset = value.wrapping_sub(self.lo).cast_unsigned();
        (offset.min(self.last), offset > self.last)
    }

    /// The class of a value, given how far it is from the least.
    #[inline]
    fn class(&self, bits: &Bits<'_>, value: i64, offset: u64) -> Option<u32> {
        Some(match self.place {
            Place::Value => offset as u32,
            Place::Grid { shift, cells } => {
                let cell = part(bits.cells, cells)?.get((offset >> (shift & 63)) as usize)?;
                cell.class.wrapping_add(u32::from(value >= cell.threshold))
            }
            Place::Rank(thresholds) => rank(part(bits.thresholds, thresholds)?, value) as u32,
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
        let (bucket, boxes, outside) = if decision.wide {
            self.boxes(decision, row, self.wide, u32::MAX, |one, other| one & other)
        } else {
            self.boxes(decision, row, self.narrow, u16::MAX, |one, other| one & other)
                .map(|(bucket, boxes, outside)| (bucket, u32::from(boxes), outside))
        }
        .ok_or(None)?;
        if outside || bucket == NOWHERE {
            return Err(self.outside(decision, |word| row.get(word as usize).copied()));
        }
        self.outcome(decision, bucket, boxes).ok_or(None)
    }

    #[inline]
    fn boxes<T: Copy>(
        &self,
        decision: &Decision,
        row: &[i64],
        sets: &[T],
        all: T,
        both: impl Fn(T, T) -> T,
    ) -> Option<(u32, T, bool)> {
        let (mut bucket, mut outside, mut boxes) = (0, false, all);
        if let Some(chooser) = decision.chooser {
            let chooser = self.readings.get(chooser as usize)?;
            let value = *row.get(chooser.word as usize)?;
            let (offset, far) = chooser.offset(value);
            outside |= far;
            bucket = *part(self.buckets, decision.buckets)?.get(chooser.class(self, value, offset)? as usize)?;
            if bucket == NOWHERE {
                return Some((NOWHERE, all, true));
            }
        }
        for reading in part(self.readings, decision.readings)? {
            let value = *row.get(reading.word as usize)?;
            let (offset, far) = reading.offset(value);
            outside |= far;
            let class = reading.class(self, value, offset)?;
            let at = reading.sets as usize + bucket as usize * reading.classes as usize + class as usize;
            boxes = both(boxes, *sets.get(at)?);
        }
        Some((bucket, boxes, outside))
    }

    #[inline]
    fn outcome(&self, decision: &Decision, bucket: u32, boxes: u32) -> Option<u32> {
        let hash = hash(bucket, boxes);
        let seed =
            *self.seeds.get(decision.seeds.first as usize + (hash as usize & (decision.seeds.count as usize).wrapping_sub(1)))?;
        let place = slot(hash, seed, decision.slots.count.trailing_zeros());
        self.slots.get(decision.slots.first as usize + place).copied()
    }

    /// The place of the first word that the table is not good for.
    #[cold]
    fn outside(&self, decision: &Decision, value: impl Fn(u32) -> Option<i64>) -> Option<u32> {
        let chooser = decision.chooser.and_then(|chooser| self.readings.get(chooser as usize));
        if let Some(chooser) = chooser {
            let known = value(chooser.word)?;
            let (offset, far) = chooser.offset(known);
            let bucket =
                chooser.class(self, known, offset).and_then(|class| part(self.buckets, decision.buckets)?.get(class as usize));
            if far || bucket.is_none_or(|bucket| *bucket == NOWHERE) {
                return Some(chooser.word);
            }
        }
        for reading in part(self.readings, decision.readings)? {
            if reading.offset(value(reading.word)?).1 {
                return Some(reading.word);
            }
        }
        None
    }

    /// The outcomes of a decision for many rows, column by column: one slice for each word of a row, all as long as `outcomes` and `scratch`.
    ///
    /// # Errors
    /// The first row with a value that the table is not good for, and the place of the value in the row; no place if the arrays are malformed.
    pub fn decide_columns(
        &self,
        decision: &Decision,
        columns: &[&[i64]],
        outcomes: &mut [u32],
        scratch: &mut [u32],
    ) -> Result<(), (usize, Option<u32>)> {
        let outside = self.column_boxes(decision, columns, outcomes, scratch).ok_or((0, None))?;
        if outside {
            for row in 0..outcomes.len() {
                if let Some(word) = self.outside(decision, |word| columns.get(word as usize)?.get(row).copied()) {
                    return Err((row, Some(word)));
                }
            }
            return Err((0, None));
        }
        for (outcome, bucket) in outcomes.iter_mut().zip(scratch) {
            *outcome = self.outcome(decision, *bucket, *outcome).ok_or((0, None))?;
        }
        Ok(())
    }

    /// Boxes and buckets of rows; whether some value is outside.
    fn column_boxes(&self, decision: &Decision, columns: &[&[i64]], boxes: &mut [u32], buckets: &mut [u32]) -> Option<bool> {
        let mut outside = false;
        boxes.fill(u32::MAX);
        buckets.fill(0);
        if let Some(chooser) = decision.chooser {
            let chooser = self.readings.get(chooser as usize)?;
            let of_class = part(self.buckets, decision.buckets)?;
            for (bucket, value) in buckets.iter_mut().zip(*columns.get(chooser.word as usize)?) {
                let (offset, far) = chooser.offset(*value);
                *bucket = *of_class.get(chooser.class(self, *value, offset)? as usize)?;
                outside |= far | (*bucket == NOWHERE);
            }
            if outside {
                return Some(true);
            }
        }
        for reading in part(self.readings, decision.readings)? {
            let column = *columns.get(reading.word as usize)?;
            outside |= if decision.wide {
                self.column(reading, column, boxes, buckets, self.wide)?
            } else {
                self.column(reading, column, boxes, buckets, self.narrow)?
            };
        }
        Some(outside)
    }

    /// Meets the boxes of rows with those of a column. The way to the class is chosen once for all rows.
    fn column<T: Copy + Into<u32>>(
        &self,
        reading: &Reading,
        column: &[i64],
        boxes: &mut [u32],
        buckets: &[u32],
        sets: &[T],
    ) -> Option<bool> {
        let sets = sets.get(reading.sets as usize..)?;
        let wide = reading.classes as usize;
        let mut outside = false;
        let rows = boxes.iter_mut().zip(buckets).zip(column);
        match reading.place {
            Place::Value => {
                for ((boxes, bucket), value) in rows {
                    let (offset, far) = reading.offset(*value);
                    outside |= far;
                    *boxes &= (*sets.get(*bucket as usize * wide + offset as usize)?).into();
                }
            }
            Place::Grid { shift, cells } => {
                let cells = part(self.cells, cells)?;
                for ((boxes, bucket), value) in rows {
                    let (offset, far) = reading.offset(*value);
                    outside |= far;
                    let cell = cells.get((offset >> (shift & 63)) as usize)?;
                    let class = cell.class as usize + usize::from(*value >= cell.threshold);
                    *boxes &= (*sets.get(*bucket as usize * wide + class)?).into();
                }
            }
            Place::Rank(thresholds) => {
                let thresholds = part(self.thresholds, thresholds)?;
                for ((boxes, bucket), value) in rows {
                    outside |= reading.offset(*value).1;
                    *boxes &= (*sets.get(*bucket as usize * wide + rank(thresholds, *value))?).into();
                }
            }
        }
        Some(outside)
    }
}

/// Whether the arrays of a decision hold together: afterwards it fails only for values that the table is not good for.
impl Bits<'_> {
    /// Checks a decision; `outcomes` is how many outcomes there are, `words` how many words a row has.
    pub fn check(&self, decision: &Decision, outcomes: u32, words: u32) -> Option<()> {
        let good = |holds: bool| holds.then_some(());
        let mut buckets = 1;
        if let Some(chooser) = decision.chooser {
            let chooser = self.readings.get(chooser as usize)?;
            self.check_place(chooser, words)?;
            let of_class = part(self.buckets, decision.buckets)?;
            good(of_class.len() == chooser.classes as usize)?;
            let inside = of_class.iter().filter(|bucket| **bucket != NOWHERE);
            buckets = inside.max().map_or(0, |last| u64::from(*last) + 1);
        }
        let sets = if decision.wide { self.wide.len() } else { self.narrow.len() };
        for reading in part(self.readings, decision.readings)? {
            self.check_place(reading, words)?;
            let end = u64::from(reading.sets).checked_add(buckets.checked_mul(u64::from(reading.classes))?)?;
            good(end <= sets as u64)?;
        }
        good(decision.seeds.count.is_power_of_two() && decision.slots.count.is_power_of_two())?;
        part(self.seeds, decision.seeds)?;
        good(part(self.slots, decision.slots)?.iter().all(|outcome| *outcome < outcomes))
    }

    fn check_place(&self, reading: &Reading, words: u32) -> Option<()> {
        let good = |holds: bool| holds.then_some(());
        let greatest = reading.lo.checked_add(i64::try_from(reading.last).ok()?)?;
        // Beyond the greatest number no threshold could stand.
        good(reading.word < words && greatest < i64::MAX)?;
        match reading.place {
            Place::Value => good(reading.last < u64::from(reading.classes)),
            Place::Grid { shift, cells } => {
                good(shift < 64)?;
                let cells = part(self.cells, cells)?;
                good(cells.len() as u64 > reading.last >> shift)?;
                good(cells.iter().all(|cell| {
                    cell.class
                        .checked_add(1)
                        .is_some_and(|next| next < reading.classes || next == reading.classes && cell.threshold == i64::MAX)
                }))
            }
            Place::Rank(thresholds) => good(thresholds.count < reading.classes && part(self.thresholds, thresholds).is_some()),
        }
    }
}
