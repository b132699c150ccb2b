//! Exact arithmetic between inputs: a polynomial with whole coefficients over the steps of number and date inputs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::InputId;

/// `constant + Σ coefficient · (product of inputs)`. Monomials are sorted, their inputs are sorted and not empty, and no
/// coefficient is 0: two are equal exactly if they are the same polynomial.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Default)]
pub struct Poly {
    /// The constant term.
    pub constant: i128,
    /// The monomials: the inputs that are multiplied (one more than once for a power), and the coefficient.
    pub monomials: Vec<(Vec<InputId>, i128)>,
}

impl Poly {
    /// A number.
    pub fn constant(constant: i128) -> Self {
        Poly { constant, monomials: Vec::new() }
    }

    /// An input, in steps.
    pub fn input(input: InputId) -> Self {
        Poly { constant: 0, monomials: vec![(vec![input], 1)] }
    }

    fn from_map(constant: i128, map: BTreeMap<Vec<InputId>, i128>) -> Self {
        Poly { constant, monomials: map.into_iter().filter(|(_, coefficient)| *coefficient != 0).collect() }
    }

    /// Sum; `None` beyond 128 bits.
    pub fn plus(&self, other: &Self) -> Option<Self> {
        let mut map: BTreeMap<Vec<InputId>, i128> = self.monomials.iter().cloned().collect();
        for (inputs, coefficient) in &other.monomials {
            let slot = map.entry(inputs.clone()).or_insert(0);
            *slot = slot.checked_add(*coefficient)?;
        }
        Some(Self::from_map(self.constant.checked_add(other.constant)?, map))
    }

    /// Product with a number; `None` beyond 128 bits.
    pub fn times_constant(&self, factor: i128) -> Option<Self> {
        let mut map = BTreeMap::new();
        for (inputs, coefficient) in &self.monomials {
            map.insert(inputs.clone(), coefficient.checked_mul(factor)?);
        }
        Some(Self::from_map(self.constant.checked_mul(factor)?, map))
    }

    /// Product; `None` beyond 128 bits.
    pub fn times(&self, other: &Self) -> Option<Self> {
        let mut map: BTreeMap<Vec<InputId>, i128> = BTreeMap::new();
        let mut constant: i128 = 0;
        let one = (Vec::new(), self.constant);
        for (a, x) in self.monomials.iter().chain([&one]) {
            let two = (Vec::new(), other.constant);
            for (b, y) in other.monomials.iter().chain([&two]) {
                let product = x.checked_mul(*y)?;
                let mut inputs: Vec<InputId> = a.iter().chain(b).copied().collect();
                inputs.sort_unstable();
                if inputs.is_empty() {
                    constant = constant.checked_add(product)?;
                } else {
                    let slot = map.entry(inputs).or_insert(0);
                    *slot = slot.checked_add(product)?;
                }
            }
        }
        Some(Self::from_map(constant, map))
    }

    /// The inputs that occur, rising.
    pub fn inputs(&self) -> Vec<InputId> {
        let mut inputs: Vec<InputId> = self.monomials.iter().flat_map(|(inputs, _)| inputs.iter().copied()).collect();
        inputs.sort_unstable();
        inputs.dedup();
        inputs
    }

    /// Whether no two inputs are multiplied.
    pub fn is_linear(&self) -> bool {
        self.monomials.iter().all(|(inputs, _)| inputs.len() == 1)
    }

    /// The value, given each input's; `None` beyond 128 bits or where an input has no value.
    pub fn value(&self, of: impl Fn(InputId) -> Option<i64>) -> Option<i128> {
        let mut total = self.constant;
        for (inputs, coefficient) in &self.monomials {
            let mut product = *coefficient;
            for input in inputs {
                product = product.checked_mul(i128::from(of(*input)?))?;
            }
            total = total.checked_add(product)?;
        }
        Some(total)
    }

    /// Least and greatest value over a box of inputs (each from `lo` to `hi`), each monomial taken by itself; so the
    /// true range lies within. `None` beyond 128 bits.
    pub fn bounds(&self, of: impl Fn(InputId) -> (i64, i64)) -> Option<(i128, i128)> {
        let (mut lo, mut hi) = (self.constant, self.constant);
        for (inputs, coefficient) in &self.monomials {
            let (mut a, mut b) = (*coefficient, *coefficient);
            for input in inputs {
                let (c, d) = of(*input);
                let corners = [
                    a.checked_mul(i128::from(c))?,
                    a.checked_mul(i128::from(d))?,
                    b.checked_mul(i128::from(c))?,
                    b.checked_mul(i128::from(d))?,
                ];
                a = *corners.iter().min()?;
                b = *corners.iter().max()?;
            }
            lo = lo.checked_add(a)?;
            hi = hi.checked_add(b)?;
        }
        Some((lo, hi))
    }
}
