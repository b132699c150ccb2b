//! A set of whole numbers as sorted, disjoint, non-adjacent closed ranges.

use serde::{Deserialize, Serialize};

/// Closed ranges `[lo, hi]`, rising, with a gap of at least one number between neighbours. So two are equal exactly
/// if they hold the same numbers.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Default)]
pub struct Ranges(Vec<(i64, i64)>);

impl Ranges {
    /// No number.
    pub fn empty() -> Self {
        Ranges(Vec::new())
    }

    /// The numbers from `lo` to `hi`, both included; none if `lo > hi`.
    pub fn closed(lo: i64, hi: i64) -> Self {
        if lo > hi { Ranges(Vec::new()) } else { Ranges(vec![(lo, hi)]) }
    }

    /// The union of closed ranges in any order.
    pub fn from_pairs(pairs: impl IntoIterator<Item = (i64, i64)>) -> Self {
        let mut pairs: Vec<(i64, i64)> = pairs.into_iter().filter(|(lo, hi)| lo <= hi).collect();
        pairs.sort_unstable();
        let mut out: Vec<(i64, i64)> = Vec::with_capacity(pairs.len());
        for (lo, hi) in pairs {
            match out.last_mut() {
                Some(last) if lo <= last.1.saturating_add(1) => last.1 = last.1.max(hi),
                _ => out.push((lo, hi)),
            }
        }
        Ranges(out)
    }

    /// The ranges, rising.
    pub fn pairs(&self) -> &[(i64, i64)] {
        &self.0
    }

    /// Whether no number is in.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the number is in.
    pub fn contains(&self, number: i64) -> bool {
        let at = self.0.partition_point(|(lo, _)| *lo <= number);
        at > 0 && self.0[at - 1].1 >= number
    }

    /// The lowest number.
    pub fn first(&self) -> Option<i64> {
        self.0.first().map(|(lo, _)| *lo)
    }

    /// The highest number.
    pub fn last(&self) -> Option<i64> {
        self.0.last().map(|(_, hi)| *hi)
    }

    /// How many numbers are in.
    pub fn count(&self) -> u128 {
        self.0.iter().map(|(lo, hi)| (i128::from(*hi) - i128::from(*lo) + 1) as u128).sum()
    }

    /// In either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self::from_pairs(self.0.iter().chain(&other.0).copied())
    }

    /// In both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let (mut a, mut b) = (0, 0);
        let mut out = Vec::new();
        while let (Some(x), Some(y)) = (self.0.get(a), other.0.get(b)) {
            let (lo, hi) = (x.0.max(y.0), x.1.min(y.1));
            if lo <= hi {
                out.push((lo, hi));
            }
            if x.1 < y.1 { a += 1 } else { b += 1 }
        }
        Ranges(out)
    }

    /// The numbers of `[lo, hi]` that are not in this.
    #[must_use]
    pub fn complement_in(&self, lo: i64, hi: i64) -> Self {
        let mut out = Vec::new();
        let mut next = i128::from(lo);
        for (a, b) in &self.0 {
            if i128::from(*a) > next {
                out.push((next as i64, (i128::from(*a) - 1).min(i128::from(hi)) as i64));
            }
            next = next.max(i128::from(*b) + 1);
        }
        if next <= i128::from(hi) {
            out.push((next as i64, hi));
        }
        Self::from_pairs(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn small() -> impl Strategy<Value = Ranges> {
        proptest::collection::vec((-9i64..9, -9i64..9), 0..5).prop_map(Ranges::from_pairs)
    }

    proptest! {
        #[test]
        fn ranges_are_sets(a in small(), b in small(), x in -9i64..9) {
            prop_assert_eq!(a.union(&b).contains(x), a.contains(x) || b.contains(x));
            prop_assert_eq!(a.intersection(&b).contains(x), a.contains(x) && b.contains(x));
            prop_assert_eq!(a.complement_in(-9, 8).contains(x), !a.contains(x));
            prop_assert_eq!(a.count(), (-9i64..=9).filter(|n| a.contains(*n)).count() as u128);
        }
    }
}
