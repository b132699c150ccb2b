//! Many rows at once, column by column. What is called in the loops is inlined by force: a caller that is compiled for more than the least of processors
//! has them vectorised.

use super::{BLOCK, Bits, Chooser, Decision, INSIDE, NOWHERE, OFFSETS, half, hash, in_pairs, shift, slot};
use crate::{part, rank};

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
