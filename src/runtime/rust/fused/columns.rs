//! Many rows at once, column by column: test after test over a block of rows, so that a loop has one kind of test, no branch on the data,
//! and what it reads and writes as arguments. What is called in those loops that can be vectorised is inlined by force, so that a caller that is
//! compiled for more than the least of processors has them so.

use core::ops::Range as Rows;

use super::{COUNTED, Fused, OUTSIDE, Step, Sum};
use crate::bits::{BLOCK, OFFSETS, half};
use crate::{TableError, part, rank};

impl Fused<'_> {
    /// The outcomes of a decision for many rows, column by column: one slice for each word of a row, all as long as `outcomes` and `scratch`.
    ///
    /// # Errors
    /// The first row that the table is not good for, and why; row 0 if the columns do not fit; a row that shows it, or the first of its block, if the table is malformed.
    #[inline(always)]
    pub fn decide_columns(
        &self,
        decision: u32,
        columns: &[&[i64]],
        outcomes: &mut [u32],
        scratch: &mut [u32],
    ) -> Result<(), (usize, TableError)> {
        let malformed = TableError::Decision(decision);
        let (steps, begins) = *self.decisions.get(decision as usize).ok_or((0, malformed))?;
        let rows = outcomes.len();
        if columns.len() != self.row as usize || columns.iter().any(|column| column.len() != rows) || scratch.len() != rows {
            return Err((0, TableError::Inputs));
        }
        if let Some(of_boxes) = self.by_boxes(decision) {
            let done = self.boxes.decide_columns(of_boxes, columns, outcomes, scratch);
            return done.map_err(|(row, word)| (row, word.and_then(|word| self.input(word)).unwrap_or(malformed)));
        }
        let steps = part(self.steps, steps).ok_or((0, malformed))?;
        for (at, (states, sums)) in outcomes.chunks_mut(BLOCK).zip(scratch.chunks_mut(BLOCK)).enumerate() {
            let rows = at * BLOCK..at * BLOCK + states.len();
            states.fill(begins);
            for step in steps {
                if self.advance(step, columns, &rows, states, sums).is_none() {
                    let (row, error) = self.first_outside(steps, begins, columns, rows);
                    return Err((row, error.unwrap_or(malformed)));
                }
            }
        }
        Ok(())
    }

    #[cold]
    fn first_outside(
        &self,
        steps: &[Step],
        begins: u32,
        columns: &[&[i64]],
        mut rows: Rows<usize>,
    ) -> (usize, Option<TableError>) {
        let first = rows.start;
        let outside = |row: usize| {
            let value = |word: u32| columns.get(word as usize)?.get(row).copied();
            Some((row, self.walk(steps, begins, value).err()?))
        };
        rows.find_map(outside).unwrap_or((first, None))
    }

    /// One step of a block of rows; nothing if the table is not good for one of them.
    #[inline(always)]
    fn advance(&self, step: &Step, columns: &[&[i64]], rows: &Rows<usize>, states: &mut [u32], sums: &mut [u32]) -> Option<()> {
        self.combinations(step, columns, rows, sums)?;
        if sums.iter().fold(0, |most, sum| most.max(*sum)) >= step.combinations {
            return None;
        }
        if step.columns.count > 0 {
            narrow(sums, part(self.columns, step.columns).filter(|pairs| step.combinations as usize <= 2 * pairs.len())?);
        }
        go_on(states, sums, part(self.next, step.next)?).then_some(())
    }

    /// The numbers of combinations, row by row.
    #[inline(always)]
    fn combinations(&self, step: &Step, columns: &[&[i64]], rows: &Rows<usize>, sums: &mut [u32]) -> Option<()> {
        let column = |word: u32| columns.get(word as usize)?.get(rows.clone());
        sums.fill(0);
        for one in part(self.flags, step.flags)?.iter().copied() {
            add(sums, column(one.word)?, |value| one.counts(value));
        }
        for one in part(self.direct, step.direct)?.iter().copied() {
            let map = part(self.maps, one.map)?;
            // The place as a number of 31 bits: so many words are gathered at once, and no map is longer.
            let counts = |value| map.get((one.place(value) as u32 & (OFFSETS - 1)) as usize).copied().unwrap_or(OUTSIDE);
            add(sums, column(one.word)?, counts);
        }
        for one in part(self.ranks, step.ranks)? {
            let (thresholds, map) = self.mapped(one)?;
            if thresholds.len() <= COUNTED {
                let (values, mut reached) = (column(one.word)?, [0; BLOCK]);
                thresholds.iter().for_each(|at| count(&mut reached, values, *at, 1));
                add_mapped(sums, &reached, map);
            } else {
                add(sums, column(one.word)?, |value| map.get(rank(thresholds, value)).copied().unwrap_or(OUTSIDE));
            }
        }
        for one in part(self.bits, step.bits)?.iter().copied() {
            add(sums, column(one.word)?, |value| one.counts(value));
        }
        for one in part(self.same, step.same)?.iter().copied() {
            let (a, b) = (column(one.a)?, column(one.b)?);
            for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
                *sum = sum.wrapping_add(one.counts(*a, *b));
            }
        }
        for one in part(self.ranges, step.ranges)?.iter().copied() {
            for (sum, value) in sums.iter_mut().zip(column(one.word)?) {
                *sum |= one.counts(*value);
            }
        }
        for one in part(self.sums, step.sums)? {
            let mut totals = [0; BLOCK];
            let totals = totals.get_mut(..sums.len())?;
            self.total(one, column, totals)?;
            for at in part(self.thresholds, one.thresholds)? {
                count(sums, totals, *at, one.stride);
            }
        }
        for one in part(self.signs, step.signs)? {
            for (row, sum) in rows.clone().zip(sums.iter_mut()) {
                let value = |word: u32| columns.get(word as usize)?.get(row).copied();
                *sum = sum.wrapping_add(match self.sign(one, value)? {
                    Some(sign) => one.stride * u32::from(sign),
                    None => OUTSIDE,
                });
            }
        }
        Some(())
    }

    #[inline(always)]
    fn total<'c>(&self, sum: &Sum, column: impl Fn(u32) -> Option<&'c [i64]>, totals: &mut [i64]) -> Option<()> {
        for term in part(self.terms, sum.terms)? {
            add_term(totals, column(term.word)?, term.coefficient);
        }
        for product in part(self.products, sum.products)? {
            add_product(totals, column(product.a)?, column(product.b)?, product.coefficient);
        }
        Some(())
    }
}

#[inline(always)]
fn add(sums: &mut [u32], column: &[i64], counts: impl Fn(i64) -> u32) {
    for (sum, value) in sums.iter_mut().zip(column) {
        *sum = sum.wrapping_add(counts(*value));
    }
}

#[inline(always)]
fn add_mapped(sums: &mut [u32], classes: &[u32], map: &[u32]) {
    for (sum, class) in sums.iter_mut().zip(classes) {
        *sum = sum.wrapping_add(map.get((class & (OFFSETS - 1)) as usize).copied().unwrap_or(OUTSIDE));
    }
}

/// Adds `stride` where a threshold is reached.
#[inline(always)]
fn count(sums: &mut [u32], values: &[i64], threshold: i64, stride: u32) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum = sum.wrapping_add(if threshold <= *value { stride } else { 0 });
    }
}

#[inline(always)]
fn add_term(totals: &mut [i64], column: &[i64], coefficient: i64) {
    for (total, value) in totals.iter_mut().zip(column) {
        *total = total.wrapping_add(coefficient.wrapping_mul(*value));
    }
}

#[inline(always)]
fn add_product(totals: &mut [i64], a: &[i64], b: &[i64], coefficient: i64) {
    for (total, (a, b)) in totals.iter_mut().zip(a.iter().zip(b)) {
        *total = total.wrapping_add(coefficient.wrapping_mul(a.wrapping_mul(*b)));
    }
}

/// Combinations to their columns: each has one.
#[inline(always)]
fn narrow(sums: &mut [u32], column_of: &[u32]) {
    for sum in sums {
        let pair = column_of.get(((*sum & (OFFSETS - 1)) >> 1) as usize);
        *sum = half(pair.copied().unwrap_or(0), *sum);
    }
}

/// To the next states; whether each is there. None has the greatest number.
#[inline(always)]
fn go_on(states: &mut [u32], columns: &[u32], next: &[u32]) -> bool {
    let mut most = 0;
    for (state, column) in states.iter_mut().zip(columns) {
        let at = next.get((state.wrapping_add(*column) & (OFFSETS - 1)) as usize);
        *state = at.copied().unwrap_or(u32::MAX);
        most = most.max(*state);
    }
    most < u32::MAX
}
