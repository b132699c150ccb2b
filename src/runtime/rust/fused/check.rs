//! Whether fused levels hold together.

use super::{Fused, MOST, OUTSIDE, Product, Range, Sign, Step, Sum};
use crate::bits::{OFFSETS, half};
use crate::{Kind, Span, TableError, part};

impl Fused<'_> {
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
                good(step.columns.count == step.combinations.div_ceil(2))?;
                let pairs = part(self.columns, step.columns)?;
                good(pairs.iter().all(|pair| half(*pair, 0) < step.width && half(*pair, 1) < step.width))?;
            }
            good(step.width > 0 && step.next.count > 0 && step.next.count % step.width == 0 && step.next.count < OFFSETS)?;
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

    fn kind(&self, word: u32) -> Option<Kind> {
        self.inputs.get(self.at(word)?).copied()
    }

    /// The greatest number of a combination of good values.
    fn check_tests(&self, step: &Step) -> Option<u64> {
        let spans = [step.flags, step.direct, step.ranks, step.bits, step.same, step.ranges, step.sums, step.signs]
            .map(|span| span.count);
        good(spans.into_iter().map(u64::from).sum::<u64>() <= u64::from(MOST))?;
        let counts = |map: &[u32]| {
            let inside = map.iter().copied().filter(|counts| *counts != OUTSIDE);
            inside.clone().all(|counts| counts < OUTSIDE).then(|| u64::from(inside.fold(0, u32::max)))
        };
        let mut most = 0u64;
        for one in part(self.flags, step.flags)? {
            good(self.kind(one.word)? == Kind::Bool && one.stride < OUTSIDE)?;
            most += u64::from(one.stride);
        }
        for one in part(self.direct, step.direct)? {
            let values = match self.kind(one.word)? {
                Kind::Enum(size) if one.lo == 0 => i64::from(size),
                Kind::Int(lo, hi) if one.lo == lo => hi.checked_sub(lo)?.checked_add(1)?,
                _ => return None,
            };
            let map = part(self.maps, one.map)?;
            good(values.checked_add(1)? == i64::from(one.map.count) && one.map.count < OFFSETS && map.last() == Some(&OUTSIDE))?;
            most += counts(map)?;
        }
        for one in part(self.ranks, step.ranks)? {
            let (thresholds, map) = self.mapped(one)?;
            let Kind::Int(lo, hi) = self.kind(one.word)? else { return None };
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
            good(self.kind(one.a)? == Kind::Enum(one.size) && self.kind(one.b)? == Kind::Enum(one.size) && one.stride < OUTSIDE)?;
            most += u64::from(one.stride);
        }
        let ranges = part(self.ranges, step.ranges)?;
        good(ranges.iter().zip(ranges.iter().skip(1)).all(|(one, next)| one.word < next.word))?;
        for one in ranges {
            good(self.kind(one.word)? == Kind::Int(one.lo, one.hi))?;
        }
        for one in part(self.sums, step.sums)? {
            let counted = u64::from(one.thresholds.count) * u64::from(one.stride);
            good(counted < u64::from(OUTSIDE) && part(self.thresholds, one.thresholds).is_some())?;
            good(self.greatest(ranges, one)? < 1 << 62)?;
            most += counted;
        }
        for one in part(self.signs, step.signs)? {
            good(one.stride < OUTSIDE && self.fits(one).is_some())?;
            most += u64::from(one.stride);
        }
        Some(most)
    }

    /// Whether 128 bits are enough for a sign.
    fn fits(&self, sign: &Sign) -> Option<i128> {
        let mut all = sign.constant.checked_abs()?;
        for monomial in part(self.monomials, sign.monomials)? {
            let mut product = monomial.coefficient.checked_abs()?;
            for input in part(self.factors, monomial.factors)? {
                let Kind::Int(lo, hi) = self.kind(*self.words.get(*input as usize)?)? else { return None };
                product = product.checked_mul(i128::from(lo).abs().max(i128::from(hi).abs()).max(1))?;
            }
            all = all.checked_add(product)?;
        }
        Some(all)
    }

    /// More than which a sum, and what is added up for it, never is, whatever its sign.
    fn greatest(&self, ranges: &[Range], sum: &Sum) -> Option<i128> {
        let most = |word: u32| {
            let one = ranges.get(ranges.binary_search_by_key(&word, |one| one.word).ok()?)?;
            Some(i128::from(one.lo).abs().max(i128::from(one.hi).abs()))
        };
        let mut all = 0i128;
        for term in part(self.terms, sum.terms)? {
            all = all.checked_add(i128::from(term.coefficient).abs().checked_mul(most(term.word)?)?)?;
        }
        for Product { coefficient, a, b } in part(self.products, sum.products)? {
            let product = most(*a)?.checked_mul(most(*b)?)?;
            all = all.checked_add(i128::from(*coefficient).abs().checked_mul(product)?)?;
        }
        Some(all)
    }
}

fn good(holds: bool) -> Option<()> {
    holds.then_some(())
}
