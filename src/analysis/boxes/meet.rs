//! Which rows meet: for each row the others that it meets on every axis, as bits, sixty-four others at a time.

use rustc_hash::FxHashMap;

use super::{Boxes, Side, WHOLE};

/// Rows that are looked at together: their bits stay in the cache, and for any number of rows they fit into memory.
const BLOCK: usize = 4096;

/// Pairs of rows that meet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overlaps {
    /// The pairs, rising, the lesser row first; the first ones, if there are more than was asked for.
    pub pairs: Vec<(usize, usize)>,
    /// How many there are.
    pub count: u64,
    /// By row, whether it meets another.
    pub rows: Vec<bool>,
}

impl Boxes {
    /// All pairs of rows that some case meets both of; the first `most` of them are listed, all are counted.
    pub fn overlaps(&self, most: usize) -> Overlaps {
        let mut found = Overlaps { rows: vec![false; self.rows], ..Overlaps::default() };
        // From here on rows are numbered among those that are alive.
        let words = self.alive.len().div_ceil(64);
        let sorted: Vec<Sorted> = (0..self.places.len()).map(|axis| Sorted::new(self, axis)).collect();
        for first in (0..self.alive.len()).step_by(BLOCK) {
            let block = first..(first + BLOCK).min(self.alive.len());
            let mut bits = vec![u64::MAX; block.len() * words];
            for sorted in &sorted {
                sorted.narrow(self, block.start, words, &mut bits);
            }
            for (at, bits) in bits.chunks(words).enumerate() {
                let row = first + at;
                for (word, bits) in bits.iter().enumerate().skip(row / 64) {
                    // Each pair is seen from its lesser row.
                    let mut left = if word == row / 64 { *bits & (u64::MAX << (row % 64) << 1) } else { *bits };
                    if word + 1 == words && !self.alive.len().is_multiple_of(64) {
                        left &= !(u64::MAX << (self.alive.len() % 64));
                    }
                    found.count += u64::from(left.count_ones());
                    while left != 0 {
                        let other = word * 64 + left.trailing_zeros() as usize;
                        left &= left - 1;
                        let pair = (self.alive[row] as usize, self.alive[other] as usize);
                        found.rows[pair.0] = true;
                        found.rows[pair.1] = true;
                        if found.pairs.len() < most {
                            found.pairs.push(pair);
                        }
                    }
                }
            }
        }
        found
    }
}

/// The rows on one axis, in the order of their ends.
struct Sorted {
    by_lo: Vec<(u32, u32)>,
    by_hi: Vec<(u32, u32)>,
    /// Rows by what they allow, where some have holes.
    alike: Option<FxHashMap<Side, Vec<u32>>>,
}

impl Sorted {
    fn new(boxes: &Boxes, axis: usize) -> Sorted {
        let side = |row: &u32| boxes.row(*row)[axis];
        let numbered = || boxes.alive.iter().zip(0u32..);
        let mut sorted = Sorted { by_lo: Vec::new(), by_hi: Vec::new(), alike: None };
        if boxes.alive.iter().any(|row| side(row).pieces != WHOLE) {
            let mut alike: FxHashMap<Side, Vec<u32>> = FxHashMap::default();
            numbered().for_each(|(row, number)| alike.entry(side(row)).or_default().push(number));
            sorted.alike = Some(alike);
            return sorted;
        }
        sorted.by_lo = numbered().map(|(row, number)| (side(row).lo, number)).collect();
        sorted.by_hi = numbered().map(|(row, number)| (side(row).hi, number)).collect();
        sorted.by_lo.sort_unstable();
        sorted.by_hi.sort_unstable();
        sorted
    }

    /// Takes from each row of a block the others that it does not meet on this axis.
    fn narrow(&self, boxes: &Boxes, first: usize, words: usize, bits: &mut [u64]) {
        let count = bits.len() / words.max(1);
        let block = first as u32..(first + count) as u32;
        let mut and = |row: u32, with: &[u64]| {
            let at = (row as usize - first) * words;
            // What comes before a row is seen from there.
            let from = row as usize / 64;
            for (bits, with) in bits[at + from..at + words].iter_mut().zip(&with[from..]) {
                *bits &= with;
            }
        };
        if let Some(alike) = &self.alike {
            for (side, rows) in alike {
                let rows = || rows.iter().copied().filter(|row| block.contains(row));
                if rows().next().is_none() {
                    continue;
                }
                let mut met = vec![0u64; words];
                for (_, others) in alike.iter().filter(|(other, _)| boxes.ranges(other).any(|(lo, hi)| boxes.meets(side, lo, hi)))
                {
                    others.iter().for_each(|other| met[*other as usize / 64] |= 1 << (other % 64));
                }
                rows().for_each(|row| and(row, &met));
            }
            return;
        }
        // Two ranges meet if each begins before the other ends: one sweep up for the beginnings, one down for the ends.
        let mut begun = vec![0u64; words];
        let mut next = self.by_lo.iter().peekable();
        for (hi, row) in self.by_hi.iter().filter(|(_, row)| block.contains(row)) {
            while let Some((_, other)) = next.next_if(|(lo, _)| lo <= hi) {
                begun[*other as usize / 64] |= 1 << (other % 64);
            }
            and(*row, &begun);
        }
        let mut not_over = vec![0u64; words];
        let mut next = self.by_hi.iter().rev().peekable();
        for (lo, row) in self.by_lo.iter().rev().filter(|(_, row)| block.contains(row)) {
            while let Some((_, other)) = next.next_if(|(hi, _)| hi >= lo) {
                not_over[*other as usize / 64] |= 1 << (other % 64);
            }
            and(*row, &not_over);
        }
    }
}
