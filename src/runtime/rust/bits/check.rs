//! Whether the arrays of a decision hold together: afterwards it fails only for values that the table is not good for.

use super::{Bits, ByGrid, Chooser, Decision, Even, NO_LIMIT, NOWHERE, OFFSETS, WIDEST, half, in_pairs};
use crate::part;

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
