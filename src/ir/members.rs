//! A set of members of one enumeration, as bits.

use serde::{Deserialize, Serialize};

/// A subset of `0..n`. Two sets over the same `n` are equal exactly if they have the same members.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MemberSet {
    size: u32,
    bits: Box<[u64]>,
}

impl MemberSet {
    /// The empty subset of `0..size`.
    pub fn empty(size: u32) -> Self {
        MemberSet { size, bits: vec![0; (size as usize).div_ceil(64)].into() }
    }

    /// All of `0..size`.
    pub fn full(size: u32) -> Self {
        Self::empty(size).complement()
    }

    /// A subset of `0..size`; members out of range are a bug of the caller.
    ///
    /// # Panics
    /// If a member is not below `size`.
    pub fn of(size: u32, members: impl IntoIterator<Item = u32>) -> Self {
        let mut set = Self::empty(size);
        for member in members {
            set.insert(member);
        }
        set
    }

    /// `n`, the size of the enumeration.
    pub fn size(&self) -> u32 {
        self.size
    }

    /// Adds a member.
    ///
    /// # Panics
    /// If it is not below the size.
    pub fn insert(&mut self, member: u32) {
        assert!(member < self.size, "member {member} of an enumeration of {}", self.size);
        self.bits[member as usize / 64] |= 1 << (member % 64);
    }

    /// Whether it is in.
    pub fn contains(&self, member: u32) -> bool {
        member < self.size && self.bits[member as usize / 64] >> (member % 64) & 1 == 1
    }

    /// How many are in.
    pub fn len(&self) -> u32 {
        self.bits.iter().map(|word| word.count_ones()).sum()
    }

    /// Whether none is in.
    pub fn is_empty(&self) -> bool {
        self.bits.iter().all(|word| *word == 0)
    }

    /// Whether all are in.
    pub fn is_full(&self) -> bool {
        self.len() == self.size
    }

    /// The members, rising.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.bits.iter().enumerate().flat_map(|(index, word)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                (rest != 0).then(|| {
                    let bit = rest.trailing_zeros();
                    rest &= rest - 1;
                    index as u32 * 64 + bit
                })
            })
        })
    }

    /// The lowest member.
    pub fn first(&self) -> Option<u32> {
        self.iter().next()
    }

    fn zip(&self, other: &Self, with: impl Fn(u64, u64) -> u64) -> Self {
        assert_eq!(self.size, other.size, "sets over different enumerations");
        MemberSet { size: self.size, bits: self.bits.iter().zip(other.bits.iter()).map(|(a, b)| with(*a, *b)).collect() }
    }

    /// In either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.zip(other, |a, b| a | b)
    }

    /// In both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        self.zip(other, |a, b| a & b)
    }

    /// In this and not in the other.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        self.zip(other, |a, b| a & !b)
    }

    /// Not in this.
    #[must_use]
    pub fn complement(&self) -> Self {
        let mut set = MemberSet { size: self.size, bits: self.bits.iter().map(|word| !word).collect() };
        let spare = self.size % 64;
        if spare != 0
            && let Some(last) = set.bits.last_mut()
        {
            *last &= (1 << spare) - 1;
        }
        set
    }

    /// Whether some member is in both.
    pub fn intersects(&self, other: &Self) -> bool {
        assert_eq!(self.size, other.size, "sets over different enumerations");
        self.bits.iter().zip(other.bits.iter()).any(|(a, b)| a & b != 0)
    }

    /// Whether every member of this is in the other.
    pub fn is_subset(&self, other: &Self) -> bool {
        self.difference(other).is_empty()
    }
}

/// Serialised as `{"size": n, "members": [..]}`.
#[derive(Serialize, Deserialize)]
struct Plain {
    size: u32,
    members: Vec<u32>,
}

impl Serialize for MemberSet {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Plain { size: self.size, members: self.iter().collect() }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for MemberSet {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let plain = Plain::deserialize(deserializer)?;
        if plain.size > 1 << 20 || plain.members.iter().any(|member| *member >= plain.size) {
            return Err(serde::de::Error::custom("a member outside its enumeration"));
        }
        Ok(MemberSet::of(plain.size, plain.members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complement_stays_inside() {
        for size in [0, 1, 63, 64, 65, 250] {
            assert_eq!(MemberSet::full(size).len(), size);
            assert!(MemberSet::full(size).complement().is_empty());
        }
    }

    #[test]
    fn iterates_in_order_across_words() {
        let set = MemberSet::of(200, [199, 0, 64, 63]);
        assert_eq!(set.iter().collect::<Vec<_>>(), [0, 63, 64, 199]);
    }
}
