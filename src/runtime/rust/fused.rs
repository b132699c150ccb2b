//! The same table with its levels fused: a decision is a few look-ups, one behind the other, whatever the number of tests.
//!
//! A row of words comes in: each input has its place ([`Fused::words`]), a Boolean as 0 or 1, a member as its number, a number in steps, a set
//! as its bits. Everything must be known; what is not is for [`crate::Table::open`]. Call [`Fused::check`] once.
//!
//! In a step each test adds what its class counts to the number of a combination; what the table is not good for adds [`OUTSIDE`], so that
//! one comparison finds it. The combination names a column, and the state and the column name the next state. No branch hangs on the
//! data but that one.

use crate::bits::Bits;
use crate::{Kind, Monomial, Span, TableError, part};

/// What a value counts that the table is not good for: more than there are combinations.
pub const OUTSIDE: u32 = 1 << 20;

/// The most tests of a step: so many times [`OUTSIDE`] is still a word.
pub const MOST: u32 = 1 << 10;

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

/// Whether `constant + Σ monomials` is 0 or more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sign {
    /// The constant.
    pub constant: i128,
    /// In [`Fused::monomials`].
    pub monomials: Span,
    /// What it counts.
    pub stride: u32,
    /// Whether 64 bits are enough for all values of the inputs.
    pub narrow: bool,
}

/// Whether `constant + Σ coefficient · word` is 0 or more, where 64 bits are enough for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Linear {
    /// The constant.
    pub constant: i64,
    /// In [`Fused::terms`].
    pub terms: Span,
    /// What it counts.
    pub stride: u32,
}

/// A number of a linear test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    /// Its coefficient.
    pub coefficient: i64,
    /// The least value.
    pub lo: i64,
    /// The greatest value.
    pub hi: i64,
    /// The place in the row.
    pub word: u32,
}

/// One look-up that waits for the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// In [`Fused::direct`].
    pub direct: Span,
    /// In [`Fused::ranks`].
    pub ranks: Span,
    /// In [`Fused::bits`].
    pub bits: Span,
    /// In [`Fused::same`].
    pub same: Span,
    /// In [`Fused::linear`].
    pub linear: Span,
    /// In [`Fused::signs`].
    pub signs: Span,
    /// In [`Fused::columns`]: by combination its column; nothing where each has its own.
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
    /// Maps that are read directly.
    pub direct: &'a [Direct],
    /// Maps that are read by thresholds.
    pub ranks: &'a [Rank],
    /// Bits of sets.
    pub bits: &'a [Bit],
    /// Equal members.
    pub same: &'a [Same],
    /// Linear tests.
    pub linear: &'a [Linear],
    /// Their numbers.
    pub terms: &'a [Term],
    /// Signs of other polynomials.
    pub signs: &'a [Sign],
    /// What classes count.
    pub maps: &'a [u32],
    /// Thresholds.
    pub thresholds: &'a [i64],
    /// Monomials.
    pub monomials: &'a [Monomial],
    /// Inputs of monomials.
    pub factors: &'a [u32],
    /// Steps, decision after decision.
    pub steps: &'a [Step],
    /// Columns of combinations.
    pub columns: &'a [u16],
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
        let (steps, mut state) = *self.decisions.get(decision as usize).ok_or(malformed)?;
        if row.len() != self.row as usize {
            return Err(TableError::Inputs);
        }
        if let Some(of_boxes) = self.by_boxes(decision) {
            return self.boxes.decide(of_boxes, row).map_err(|word| word.and_then(|word| self.input(word)).unwrap_or(malformed));
        }
        for step in part(self.steps, steps).ok_or(malformed)? {
            let combination = self.combination(step, row).ok_or(malformed)?;
            if combination >= step.combinations {
                return Err(self.outside(step, |word| row.get(word as usize).copied()).unwrap_or(malformed));
            }
            let column = if step.columns.count == 0 {
                combination
            } else {
                u32::from(*self.columns.get(step.columns.first as usize + combination as usize).ok_or(malformed)?)
            };
            state = *self.next.get(step.next.first as usize + state as usize + column as usize).ok_or(malformed)?;
        }
        Ok(state)
    }

    /// The outcomes of a decision for many rows, column by column: one slice for each word of a row, all as long as `outcomes` and `scratch`.
    ///
    /// # Errors
    /// The first row that the table is not good for, and why; row 0 if the columns do not fit, or the table is malformed.
    #[inline(always)]
    pub fn decide_columns(
        &self,
        decision: u32,
        columns: &[&[i64]],
        outcomes: &mut [u32],
        scratch: &mut [u32],
    ) -> Result<(), (usize, TableError)> {
        let malformed = (0, TableError::Decision(decision));
        let (steps, begins) = *self.decisions.get(decision as usize).ok_or(malformed)?;
        let rows = outcomes.len();
        if columns.len() != self.row as usize || columns.iter().any(|column| column.len() != rows) || scratch.len() != rows {
            return Err((0, TableError::Inputs));
        }
        if let Some(of_boxes) = self.by_boxes(decision) {
            let done = self.boxes.decide_columns(of_boxes, columns, outcomes, scratch);
            return done.map_err(|(row, word)| (row, word.and_then(|word| self.input(word)).unwrap_or(malformed.1)));
        }
        outcomes.fill(begins);
        for step in part(self.steps, steps).ok_or(malformed)? {
            self.combinations(step, columns, scratch).ok_or(malformed)?;
            if let Some(row) = scratch.iter().position(|combination| *combination >= step.combinations) {
                return Err((
                    row,
                    self.outside(step, |word| columns.get(word as usize)?.get(row).copied())
                        .unwrap_or(TableError::Decision(decision)),
                ));
            }
            let next = part(self.next, step.next).ok_or(malformed)?;
            if step.columns.count == 0 {
                for (state, combination) in outcomes.iter_mut().zip(scratch.iter()) {
                    *state = *next.get((*state + *combination) as usize).ok_or(malformed)?;
                }
            } else {
                let column_of = part(self.columns, step.columns).ok_or(malformed)?;
                for (state, combination) in outcomes.iter_mut().zip(scratch.iter()) {
                    let column = *column_of.get(*combination as usize).ok_or(malformed)?;
                    *state = *next.get((*state + u32::from(column)) as usize).ok_or(malformed)?;
                }
            }
        }
        Ok(())
    }

    #[inline]
    fn by_boxes(&self, decision: u32) -> Option<&crate::bits::Decision> {
        let number = *self.by_boxes.get(decision as usize)?;
        self.boxes.decisions.get(number as usize)
    }

    /// That the input whose words begin here has a value which the table is not good for.
    fn input(&self, word: u32) -> Option<TableError> {
        let at = self.words.iter().position(|first| *first == word)?;
        Some(TableError::Input(at as u32))
    }

    /// The numbers of combinations, row by row.
    #[inline(always)]
    fn combinations(&self, step: &Step, columns: &[&[i64]], sums: &mut [u32]) -> Option<()> {
        sums.fill(0);
        for one in part(self.direct, step.direct)? {
            let (map, column) = (part(self.maps, one.map)?, *columns.get(one.word as usize)?);
            let last = map.len().checked_sub(1)?;
            for (sum, value) in sums.iter_mut().zip(column) {
                let offset = (value.wrapping_sub(one.lo) as u64).min(last as u64) as usize;
                *sum = sum.wrapping_add(*map.get(offset)?);
            }
        }
        for one in part(self.ranks, step.ranks)? {
            let (thresholds, column) = (part(self.thresholds, one.thresholds)?, *columns.get(one.word as usize)?);
            let map = part(self.maps, Span { first: one.map, count: one.thresholds.count.checked_add(1)? })?;
            for (sum, value) in sums.iter_mut().zip(column) {
                *sum = sum.wrapping_add(*map.get(reached(thresholds, *value))?);
            }
        }
        for one in part(self.bits, step.bits)? {
            for (sum, value) in sums.iter_mut().zip(*columns.get(one.word as usize)?) {
                *sum = sum.wrapping_add(one.stride * (value >> (one.bit & 63) & 1) as u32);
            }
        }
        for one in part(self.same, step.same)? {
            let (a, b) = (*columns.get(one.a as usize)?, *columns.get(one.b as usize)?);
            for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
                let inside = (*a as u64) < u64::from(one.size) && (*b as u64) < u64::from(one.size);
                *sum = sum.wrapping_add(if inside { one.stride * u32::from(a == b) } else { OUTSIDE });
            }
        }
        for one in part(self.linear, step.linear)? {
            let terms = part(self.terms, one.terms)?;
            for (row, sum) in sums.iter_mut().enumerate() {
                let value = |word: u32| columns.get(word as usize)?.get(row).copied();
                *sum = sum.wrapping_add(linear(one, terms, value)?);
            }
        }
        for one in part(self.signs, step.signs)? {
            for (row, sum) in sums.iter_mut().enumerate() {
                let value = |word: u32| columns.get(word as usize)?.get(row).copied();
                *sum = sum.wrapping_add(match self.sign(one, value)? {
                    Some(sign) => one.stride * u32::from(sign),
                    None => OUTSIDE,
                });
            }
        }
        Some(())
    }

    /// The number of a combination; too great a one if the table is not good for a value.
    #[inline]
    fn combination(&self, step: &Step, row: &[i64]) -> Option<u32> {
        let mut sum = 0u32;
        for one in part(self.direct, step.direct)? {
            let offset = (row.get(one.word as usize)?.wrapping_sub(one.lo) as u64).min(u64::from(one.map.count.wrapping_sub(1)));
            sum = sum.wrapping_add(*self.maps.get(one.map.first as usize + offset as usize)?);
        }
        for one in part(self.ranks, step.ranks)? {
            let value = *row.get(one.word as usize)?;
            let reached = reached(part(self.thresholds, one.thresholds)?, value);
            sum = sum.wrapping_add(*self.maps.get(one.map as usize + reached)?);
        }
        for one in part(self.bits, step.bits)? {
            sum = sum.wrapping_add(one.stride * (row.get(one.word as usize)? >> (one.bit & 63) & 1) as u32);
        }
        for one in part(self.same, step.same)? {
            let (a, b) = (*row.get(one.a as usize)?, *row.get(one.b as usize)?);
            let inside = (a as u64) < u64::from(one.size) && (b as u64) < u64::from(one.size);
            sum = sum.wrapping_add(if inside { one.stride * u32::from(a == b) } else { OUTSIDE });
        }
        for one in part(self.linear, step.linear)? {
            let terms = part(self.terms, one.terms)?;
            sum = sum.wrapping_add(linear(one, terms, |word| row.get(word as usize).copied())?);
        }
        for one in part(self.signs, step.signs)? {
            sum = sum.wrapping_add(match self.sign(one, |word| row.get(word as usize).copied())? {
                Some(sign) => one.stride * u32::from(sign),
                None => OUTSIDE,
            });
        }
        Some(sum)
    }

    /// Whether a polynomial is 0 or more; nothing if a value is outside of its range.
    #[inline]
    fn sign(&self, one: &Sign, value: impl Fn(u32) -> Option<i64>) -> Option<Option<bool>> {
        let (mut narrow, mut wide) = (one.constant as i64, one.constant);
        for monomial in part(self.monomials, one.monomials)? {
            let (mut short, mut long) = (monomial.coefficient as i64, monomial.coefficient);
            for input in part(self.factors, monomial.factors)? {
                let value = value(*self.words.get(*input as usize)?)?;
                match self.inputs.get(*input as usize)? {
                    Kind::Int(lo, hi) if *lo <= value && value <= *hi => {}
                    _ => return Some(None),
                }
                if one.narrow {
                    short = short.wrapping_mul(value);
                } else {
                    long = long.checked_mul(i128::from(value))?;
                }
            }
            if one.narrow {
                narrow = narrow.wrapping_add(short);
            } else {
                wide = wide.checked_add(long)?;
            }
        }
        Some(Some(if one.narrow { narrow >= 0 } else { wide >= 0 }))
    }

    /// The first input whose value the table is not good for.
    #[cold]
    fn outside(&self, step: &Step, value: impl Fn(u32) -> Option<i64>) -> Option<TableError> {
        let input = |word: u32| self.input(word);
        for one in part(self.direct, step.direct)? {
            let offset = (value(one.word)?.wrapping_sub(one.lo) as u64).min(u64::from(one.map.count.wrapping_sub(1)));
            if *self.maps.get(one.map.first as usize + offset as usize)? == OUTSIDE {
                return input(one.word);
            }
        }
        for one in part(self.ranks, step.ranks)? {
            let reached = reached(part(self.thresholds, one.thresholds)?, value(one.word)?);
            if *self.maps.get(one.map as usize + reached)? == OUTSIDE {
                return input(one.word);
            }
        }
        for one in part(self.same, step.same)? {
            for word in [one.a, one.b] {
                if value(word)? as u64 >= u64::from(one.size) {
                    return input(word);
                }
            }
        }
        for one in part(self.linear, step.linear)? {
            for term in part(self.terms, one.terms)? {
                let known = value(term.word)?;
                if known < term.lo || known > term.hi {
                    return input(term.word);
                }
            }
        }
        for one in part(self.signs, step.signs)? {
            for monomial in part(self.monomials, one.monomials)? {
                for of in part(self.factors, monomial.factors)? {
                    let word = *self.words.get(*of as usize)?;
                    let known = value(word)?;
                    if !matches!(self.inputs.get(*of as usize)?, Kind::Int(lo, hi) if *lo <= known && known <= *hi) {
                        return input(word);
                    }
                }
            }
        }
        None
    }

    /// Whether the table is well-formed: afterwards no decision fails but for wrong values.
    ///
    /// # Errors
    /// The first decision that is not.
    pub fn check(&self) -> Result<(), TableError> {
        for (at, (steps, begins)) in self.decisions.iter().enumerate() {
            let sound =
                self.by_boxes(at as u32).is_none_or(|decision| self.boxes.check(decision, self.outcomes, self.row).is_some());
            if !sound || self.check_decision(*steps, *begins).is_none() {
                return Err(TableError::Decision(at as u32));
            }
        }
        Ok(())
    }

    fn check_decision(&self, steps: Span, begins: u32) -> Option<()> {
        let steps = part(self.steps, steps)?;
        if steps.is_empty() {
            return good(begins < self.outcomes);
        }
        good(begins == 0)?;
        for (at, step) in steps.iter().enumerate() {
            let most = self.check_tests(step)?;
            good(most < u64::from(step.combinations) && step.combinations < OUTSIDE)?;
            if step.columns.count == 0 {
                good(step.combinations == step.width)?;
            } else {
                good(step.columns.count == step.combinations)?;
                good(part(self.columns, step.columns)?.iter().all(|column| u32::from(*column) < step.width))?;
            }
            good(step.width > 0 && step.next.count > 0 && step.next.count % step.width == 0)?;
            let next = part(self.next, step.next)?;
            match steps.get(at + 1) {
                None => good(next.iter().all(|outcome| *outcome < self.outcomes))?,
                Some(below) => {
                    let states = below.next.count;
                    good(below.width > 0 && next.iter().all(|state| *state < states && state % below.width == 0))?;
                }
            }
        }
        Some(())
    }

    /// The greatest number of a combination of good values.
    fn check_tests(&self, step: &Step) -> Option<u64> {
        let kind = |word: u32| {
            let at = self.words.iter().position(|first| *first == word)?;
            self.inputs.get(at).copied().filter(|_| word < self.row)
        };
        let count = |span: Span| u64::from(span.count);
        let arithmetic = count(step.linear) + count(step.signs);
        let tests = count(step.direct) + count(step.ranks) + count(step.bits) + count(step.same) + arithmetic;
        good(tests <= u64::from(MOST))?;
        let counts = |map: &[u32]| {
            let inside = map.iter().copied().filter(|counts| *counts != OUTSIDE);
            inside.clone().all(|counts| counts < OUTSIDE).then(|| u64::from(inside.fold(0, u32::max)))
        };
        let mut most = 0u64;
        for one in part(self.direct, step.direct)? {
            let values = match kind(one.word)? {
                Kind::Bool if one.lo == 0 => 2,
                Kind::Enum(size) if one.lo == 0 => i64::from(size),
                Kind::Int(lo, hi) if one.lo == lo => hi.checked_sub(lo)?.checked_add(1)?,
                _ => return None,
            };
            let map = part(self.maps, one.map)?;
            good(values.checked_add(1)? == i64::from(one.map.count) && map.last() == Some(&OUTSIDE))?;
            most += counts(map)?;
        }
        for one in part(self.ranks, step.ranks)? {
            let thresholds = part(self.thresholds, one.thresholds)?;
            let map = part(self.maps, Span { first: one.map, count: one.thresholds.count.checked_add(1)? })?;
            let Kind::Int(lo, hi) = kind(one.word)? else { return None };
            good(thresholds.iter().zip(thresholds.iter().skip(1)).all(|(one, next)| one < next))?;
            good(thresholds.first() == Some(&lo) && thresholds.last() == Some(&hi.checked_add(1)?))?;
            good(map.first() == Some(&OUTSIDE) && map.last() == Some(&OUTSIDE))?;
            most += counts(map)?;
        }
        for one in part(self.bits, step.bits)? {
            good(one.word < self.row && one.bit < 64 && one.stride < OUTSIDE)?;
            most += u64::from(one.stride);
        }
        for one in part(self.same, step.same)? {
            good(kind(one.a)? == Kind::Enum(one.size) && kind(one.b)? == Kind::Enum(one.size) && one.stride < OUTSIDE)?;
            most += u64::from(one.stride);
        }
        for one in part(self.linear, step.linear)? {
            let mut sum = i128::from(one.constant).abs();
            for term in part(self.terms, one.terms)? {
                good(kind(term.word)? == Kind::Int(term.lo, term.hi))?;
                let most = i128::from(term.lo).abs().max(i128::from(term.hi).abs());
                sum = sum.checked_add(i128::from(term.coefficient).abs().checked_mul(most)?)?;
            }
            good(one.stride < OUTSIDE && sum < 1 << 62)?;
            most += u64::from(one.stride);
        }
        for one in part(self.signs, step.signs)? {
            good(one.stride < OUTSIDE && (!one.narrow || self.is_narrow(one)?))?;
            for monomial in part(self.monomials, one.monomials)? {
                for input in part(self.factors, monomial.factors)? {
                    good(matches!(kind(*self.words.get(*input as usize)?)?, Kind::Int(..)))?;
                }
            }
            most += u64::from(one.stride);
        }
        Some(most)
    }

    /// Whether 64 bits are enough for a polynomial.
    pub fn is_narrow(&self, one: &Sign) -> Option<bool> {
        let mut sum = one.constant.checked_abs()?;
        for monomial in part(self.monomials, one.monomials)? {
            let mut product = monomial.coefficient.checked_abs()?;
            for input in part(self.factors, monomial.factors)? {
                let Kind::Int(lo, hi) = *self.inputs.get(*input as usize)? else { return None };
                let Some(more) = product.checked_mul(i128::from(lo).abs().max(i128::from(hi).abs())) else { return Some(false) };
                product = more.max(product);
            }
            let Some(more) = sum.checked_add(product) else { return Some(false) };
            sum = more;
        }
        Some(sum < 1 << 62)
    }
}

/// What a linear test counts.
#[inline]
fn linear(one: &Linear, terms: &[Term], value: impl Fn(u32) -> Option<i64>) -> Option<u32> {
    let (mut sum, mut inside) = (one.constant, true);
    for term in terms {
        let value = value(term.word)?;
        inside &= term.lo <= value && value <= term.hi;
        sum = sum.wrapping_add(term.coefficient.wrapping_mul(value));
    }
    Some(if inside { one.stride * u32::from(sum >= 0) } else { OUTSIDE })
}

fn good(holds: bool) -> Option<()> {
    holds.then_some(())
}

/// How many thresholds a value reaches: few are counted, more are searched; neither branches on the value.
#[inline]
fn reached(thresholds: &[i64], value: i64) -> usize {
    if thresholds.len() <= 12 {
        return thresholds.iter().map(|at| usize::from(*at <= value)).sum();
    }
    crate::rank(thresholds, value)
}
