//! The same table with its levels fused: a decision is a few look-ups, one behind the other, whatever the number of tests.
//!
//! A row of words comes in: each input has its place ([`Fused::words`]), a Boolean as 0 or 1, a member as its number, a number in steps, a set
//! as its bits. Everything must be known; what is not is for [`crate::Table::open`]. Call [`Fused::check`] once.
//!
//! In a step each test adds what its class counts to the number of a combination; what the table is not good for adds [`OUTSIDE`], so that
//! one comparison finds it. The combination names a column, and the state and the column name the next state. No branch hangs on the
//! data but that one. A sum that is compared with several constants is made once.

use crate::bits::{Bits, half};
use crate::{Kind, Monomial, Span, TableError, part};

mod check;
mod columns;

/// What a value counts that the table is not good for: more than there are combinations.
pub const OUTSIDE: u32 = 1 << 20;

/// The most tests of a step, its ranges apart: so many times [`OUTSIDE`] is still a word.
pub const MOST: u32 = 1 << 10;

/// A Boolean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flag {
    /// The place in the row.
    pub word: u32,
    /// What it counts.
    pub stride: u32,
}

/// A map that is read at `word - lo`; its last entry stands for all that is outside of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Direct {
    /// The least value.
    pub lo: i64,
    /// The place in the row.
    pub word: u32,
    /// In [`Fused::maps`], the entry for what is outside included.
    pub map: Span,
}

/// A map that is read at the number of thresholds that the word reaches; the first and the last entry are outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rank {
    /// The place in the row.
    pub word: u32,
    /// In [`Fused::thresholds`], rising: the least value, what divides the classes, one more than the greatest value.
    pub thresholds: Span,
    /// Where it begins in [`Fused::maps`]; it has one entry more than there are thresholds.
    pub map: u32,
}

/// A bit of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bit {
    /// The place in the row.
    pub word: u32,
    /// Which bit.
    pub bit: u32,
    /// What it counts.
    pub stride: u32,
}

/// Whether two words are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Same {
    /// The place of the one.
    pub a: u32,
    /// The place of the other.
    pub b: u32,
    /// How many members they have.
    pub size: u32,
    /// What it counts.
    pub stride: u32,
}

/// A number that sums hang on, and its domain: counted as [`OUTSIDE`] beyond it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// The least value.
    pub lo: i64,
    /// The greatest value.
    pub hi: i64,
    /// The place in the row.
    pub word: u32,
}

/// How many thresholds `Σ terms + Σ products` reaches, where 64 bits are enough for it while its numbers are in their domains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sum {
    /// In [`Fused::terms`].
    pub terms: Span,
    /// In [`Fused::products`].
    pub products: Span,
    /// In [`Fused::thresholds`], in any order.
    pub thresholds: Span,
    /// What each threshold counts.
    pub stride: u32,
}

/// A coefficient times a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    /// The coefficient.
    pub coefficient: i64,
    /// The place in the row.
    pub word: u32,
}

/// A coefficient times two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Product {
    /// The coefficient.
    pub coefficient: i64,
    /// The place of the one.
    pub a: u32,
    /// The place of the other.
    pub b: u32,
}

/// Whether `constant + Σ monomials` is 0 or more, in 128 bits: what is no [`Sum`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sign {
    /// The constant.
    pub constant: i128,
    /// In [`Fused::monomials`].
    pub monomials: Span,
    /// What it counts.
    pub stride: u32,
}

/// One look-up that waits for the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// In [`Fused::flags`].
    pub flags: Span,
    /// In [`Fused::direct`].
    pub direct: Span,
    /// In [`Fused::ranks`].
    pub ranks: Span,
    /// In [`Fused::bits`].
    pub bits: Span,
    /// In [`Fused::same`].
    pub same: Span,
    /// In [`Fused::ranges`]: what its sums hang on, by place.
    pub ranges: Span,
    /// In [`Fused::sums`].
    pub sums: Span,
    /// In [`Fused::signs`].
    pub signs: Span,
    /// In [`Fused::columns`]: by combination its column, in pairs; nothing where each has its own.
    pub columns: Span,
    /// How many combinations there are.
    pub combinations: u32,
    /// In [`Fused::next`]: at the state and the column the next state, times the width of the next step; at the end the outcome.
    pub next: Span,
    /// How many columns a state has.
    pub width: u32,
}

/// A table with its levels fused, borrowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fused<'a> {
    /// The inputs.
    pub inputs: &'a [Kind],
    /// Where in a row each input begins.
    pub words: &'a [u32],
    /// How many words a row has.
    pub row: u32,
    /// Booleans.
    pub flags: &'a [Flag],
    /// Maps that are read directly.
    pub direct: &'a [Direct],
    /// Maps that are read by thresholds.
    pub ranks: &'a [Rank],
    /// Bits of sets.
    pub bits: &'a [Bit],
    /// Equal members.
    pub same: &'a [Same],
    /// Domains of what sums hang on.
    pub ranges: &'a [Range],
    /// Sums.
    pub sums: &'a [Sum],
    /// Their terms of one number.
    pub terms: &'a [Term],
    /// Their terms of two numbers.
    pub products: &'a [Product],
    /// Signs of other polynomials.
    pub signs: &'a [Sign],
    /// What classes count.
    pub maps: &'a [u32],
    /// Thresholds of numbers and of sums.
    pub thresholds: &'a [i64],
    /// Monomials.
    pub monomials: &'a [Monomial],
    /// Inputs of monomials.
    pub factors: &'a [u32],
    /// Steps, decision after decision.
    pub steps: &'a [Step],
    /// Columns of combinations in pairs, the first in the low half: a processor gathers many words of this size at once.
    pub columns: &'a [u32],
    /// States.
    pub next: &'a [u32],
    /// By decision its steps and where it begins: of one without steps that is the outcome.
    pub decisions: &'a [(Span, u32)],
    /// Decisions that are bit sets.
    pub boxes: Bits<'a>,
    /// By decision its number in `boxes`, or [`BY_STEPS`].
    pub by_boxes: &'a [u32],
    /// How many outcomes there are.
    pub outcomes: u32,
}

/// The decision goes by its steps.
pub const BY_STEPS: u32 = u32::MAX;

impl Fused<'_> {
    /// The outcome (a number in [`crate::Table::outcomes`]) of a decision.
    ///
    /// # Errors
    /// For a row of another length, a value that the table is not good for, a decision that is not there, or a malformed table.
    #[inline]
    pub fn decide(&self, decision: u32, row: &[i64]) -> Result<u32, TableError> {
        let malformed = TableError::Decision(decision);
        let (steps, begins) = *self.decisions.get(decision as usize).ok_or(malformed)?;
        if row.len() != self.row as usize {
            return Err(TableError::Inputs);
        }
        if let Some(of_boxes) = self.by_boxes(decision) {
            return self.boxes.decide(of_boxes, row).map_err(|word| word.and_then(|word| self.input(word)).unwrap_or(malformed));
        }
        let steps = part(self.steps, steps).ok_or(malformed)?;
        self.walk(steps, begins, |word| row.get(word as usize).copied()).map_err(|error| error.unwrap_or(malformed))
    }

    #[inline]
    fn by_boxes(&self, decision: u32) -> Option<&crate::bits::Decision> {
        let number = *self.by_boxes.get(decision as usize)?;
        self.boxes.decisions.get(number as usize)
    }

    /// Step by step to the outcome; no error is one of a malformed table.
    #[inline(always)]
    fn walk(&self, steps: &[Step], begins: u32, value: impl Fn(u32) -> Option<i64> + Copy) -> Result<u32, Option<TableError>> {
        let mut state = begins;
        for step in steps {
            let combination = self.combination(step, value).ok_or(None)?;
            if combination >= step.combinations {
                return Err(self.outside(step, value));
            }
            let column = if step.columns.count == 0 {
                combination
            } else {
                half(*part(self.columns, step.columns).ok_or(None)?.get(combination as usize / 2).ok_or(None)?, combination)
            };
            state = *part(self.next, step.next).ok_or(None)?.get(state.wrapping_add(column) as usize).ok_or(None)?;
        }
        Ok(state)
    }

    /// The number of a combination; too great a one if the table is not good for a value.
    #[inline(always)]
    fn combination(&self, step: &Step, value: impl Fn(u32) -> Option<i64> + Copy) -> Option<u32> {
        let mut sum = 0u32;
        for one in part(self.flags, step.flags)? {
            sum = sum.wrapping_add(one.counts(value(one.word)?));
        }
        for one in part(self.direct, step.direct)? {
            let map = part(self.maps, one.map)?;
            sum = sum.wrapping_add(*map.get(one.place(value(one.word)?))?);
        }
        for one in part(self.ranks, step.ranks)? {
            let (thresholds, map) = self.mapped(one)?;
            sum = sum.wrapping_add(*map.get(reached(thresholds, value(one.word)?))?);
        }
        for one in part(self.bits, step.bits)? {
            sum = sum.wrapping_add(one.counts(value(one.word)?));
        }
        for one in part(self.same, step.same)? {
            sum = sum.wrapping_add(one.counts(value(one.a)?, value(one.b)?));
        }
        let mut outside = 0;
        for one in part(self.ranges, step.ranges)? {
            outside |= one.counts(value(one.word)?);
        }
        sum = sum.wrapping_add(outside);
        for one in part(self.sums, step.sums)? {
            let mut total = 0i64;
            for term in part(self.terms, one.terms)? {
                total = total.wrapping_add(term.coefficient.wrapping_mul(value(term.word)?));
            }
            for term in part(self.products, one.products)? {
                let product = value(term.a)?.wrapping_mul(value(term.b)?);
                total = total.wrapping_add(term.coefficient.wrapping_mul(product));
            }
            let reached: u32 = part(self.thresholds, one.thresholds)?.iter().map(|at| u32::from(*at <= total)).sum();
            sum = sum.wrapping_add(one.stride.wrapping_mul(reached));
        }
        for one in part(self.signs, step.signs)? {
            sum = sum.wrapping_add(match self.sign(one, value)? {
                Some(sign) => one.stride * u32::from(sign),
                None => OUTSIDE,
            });
        }
        Some(sum)
    }

    /// The thresholds of a test and its map.
    #[inline(always)]
    fn mapped(&self, one: &Rank) -> Option<(&[i64], &[u32])> {
        let map = Span { first: one.map, count: one.thresholds.count.checked_add(1)? };
        Some((part(self.thresholds, one.thresholds)?, part(self.maps, map)?))
    }

    /// Whether a polynomial is 0 or more; nothing if a value is outside of its range.
    fn sign(&self, one: &Sign, value: impl Fn(u32) -> Option<i64>) -> Option<Option<bool>> {
        let mut sum = one.constant;
        for monomial in part(self.monomials, one.monomials)? {
            let mut product = monomial.coefficient;
            for input in part(self.factors, monomial.factors)? {
                let value = value(*self.words.get(*input as usize)?)?;
                match self.inputs.get(*input as usize)? {
                    Kind::Int(lo, hi) if *lo <= value && value <= *hi => product = product.checked_mul(i128::from(value))?,
                    _ => return Some(None),
                }
            }
            sum = sum.checked_add(product)?;
        }
        Some(Some(sum >= 0))
    }

    /// The input that this word is of.
    fn at(&self, word: u32) -> Option<usize> {
        let behind = self.words.partition_point(|first| *first <= word);
        behind.checked_sub(1).filter(|_| word < self.row)
    }

    /// That the input whose words begin here has a value which the table is not good for.
    fn input(&self, word: u32) -> Option<TableError> {
        self.at(word).map(|at| TableError::Input(at as u32))
    }

    /// The first input whose value the table is not good for.
    #[cold]
    fn outside(&self, step: &Step, value: impl Fn(u32) -> Option<i64>) -> Option<TableError> {
        for one in part(self.flags, step.flags)? {
            if one.counts(value(one.word)?) == OUTSIDE {
                return self.input(one.word);
            }
        }
        for one in part(self.direct, step.direct)? {
            if *part(self.maps, one.map)?.get(one.place(value(one.word)?))? == OUTSIDE {
                return self.input(one.word);
            }
        }
        for one in part(self.ranks, step.ranks)? {
            let (thresholds, map) = self.mapped(one)?;
            if *map.get(reached(thresholds, value(one.word)?))? == OUTSIDE {
                return self.input(one.word);
            }
        }
        for one in part(self.same, step.same)? {
            for word in [one.a, one.b] {
                if value(word)?.cast_unsigned() >= u64::from(one.size) {
                    return self.input(word);
                }
            }
        }
        for one in part(self.ranges, step.ranges)? {
            if one.counts(value(one.word)?) == OUTSIDE {
                return self.input(one.word);
            }
        }
        for one in part(self.signs, step.signs)? {
            for monomial in part(self.monomials, one.monomials)? {
                for of in part(self.factors, monomial.factors)? {
                    let word = *self.words.get(*of as usize)?;
                    let known = value(word)?;
                    if !matches!(self.inputs.get(*of as usize)?, Kind::Int(lo, hi) if *lo <= known && known <= *hi) {
                        return self.input(word);
                    }
                }
            }
        }
        None
    }
}

impl Flag {
    #[inline(always)]
    fn counts(&self, value: i64) -> u32 {
        if value.cast_unsigned() <= 1 { self.stride.wrapping_mul(value as u32) } else { OUTSIDE }
    }
}

impl Direct {
    /// Where in its map.
    #[inline(always)]
    fn place(&self, value: i64) -> usize {
        value.wrapping_sub(self.lo).cast_unsigned().min(u64::from(self.map.count.wrapping_sub(1))) as usize
    }
}

impl Bit {
    #[inline(always)]
    fn counts(&self, value: i64) -> u32 {
        self.stride.wrapping_mul((value >> (self.bit & 63) & 1) as u32)
    }
}

impl Same {
    #[inline(always)]
    fn counts(&self, a: i64, b: i64) -> u32 {
        let size = u64::from(self.size);
        if a.cast_unsigned() < size && b.cast_unsigned() < size { self.stride.wrapping_mul(u32::from(a == b)) } else { OUTSIDE }
    }
}

impl Range {
    #[inline(always)]
    fn counts(&self, value: i64) -> u32 {
        if self.lo <= value && value <= self.hi { 0 } else { OUTSIDE }
    }
}

/// So many thresholds are counted; more are searched. Neither branches on the value.
pub const COUNTED: usize = 12;

/// How many thresholds a value reaches.
#[inline(always)]
fn reached(thresholds: &[i64], value: i64) -> usize {
    if thresholds.len() <= COUNTED {
        return thresholds.iter().map(|at| usize::from(*at <= value)).sum();
    }
    crate::rank(thresholds, value)
}
