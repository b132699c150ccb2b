//! Sets of members that change over time (a country leaves a group).

use std::collections::BTreeMap;

use crate::ir::{MemberSet, Ranges};

/// All days.
pub const ALWAYS: (i64, i64) = (i64::MIN / 4, i64::MAX / 4);

/// For each member the days on which it is in.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TimedSet {
    size: u32,
    days: BTreeMap<u32, Ranges>,
}

impl TimedSet {
    /// Nobody, ever; of an enumeration of that size.
    pub fn empty(size: u32) -> Self {
        TimedSet { size, days: BTreeMap::new() }
    }

    /// These members, always.
    pub fn always(set: &MemberSet) -> Self {
        let days = set.iter().map(|member| (member, Ranges::closed(ALWAYS.0, ALWAYS.1))).collect();
        TimedSet { size: set.size(), days }
    }

    /// Adds a member for a period.
    pub fn add(&mut self, member: u32, from: Option<i64>, until: Option<i64>) {
        let period = Ranges::closed(from.unwrap_or(ALWAYS.0), until.unwrap_or(ALWAYS.1));
        let days = self.days.entry(member).or_insert_with(Ranges::empty);
        *days = days.union(&period);
    }

    fn zip(&self, other: &Self, with: impl Fn(&Ranges, &Ranges) -> Ranges) -> Self {
        let none = Ranges::empty();
        let mut days = BTreeMap::new();
        for member in self.days.keys().chain(other.days.keys()) {
            let both = with(self.days.get(member).unwrap_or(&none), other.days.get(member).unwrap_or(&none));
            if !both.is_empty() {
                days.insert(*member, both);
            }
        }
        TimedSet { size: self.size, days }
    }

    /// In either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.zip(other, Ranges::union)
    }

    /// In both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        self.zip(other, Ranges::intersection)
    }

    /// In this and not in the other.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        self.zip(other, |a, b| a.intersection(&b.complement_in(ALWAYS.0, ALWAYS.1)))
    }

    /// How many members the enumeration has.
    pub fn size(&self) -> u32 {
        self.size
    }

    /// Whether no member is ever in.
    pub fn is_empty(&self) -> bool {
        self.days.is_empty()
    }

    /// The members that are in on some day of `[lo, hi]`, grouped by the days (within it) on which they are; `None` stands for all
    /// of `[lo, hi]`. Sorted.
    pub fn periods(&self, lo: i64, hi: i64) -> Vec<(Option<Ranges>, MemberSet)> {
        let whole = Ranges::closed(lo, hi);
        let mut groups: BTreeMap<Option<Ranges>, MemberSet> = BTreeMap::new();
        for (member, days) in &self.days {
            let within = days.intersection(&whole);
            if within.is_empty() {
                continue;
            }
            let key = (within != whole).then_some(within);
            groups.entry(key).or_insert_with(|| MemberSet::empty(self.size)).insert(*member);
        }
        groups.into_iter().collect()
    }

    /// The members that are in on every day.
    pub fn constant(&self) -> Option<MemberSet> {
        let always = Ranges::closed(ALWAYS.0, ALWAYS.1);
        self.days.values().all(|days| *days == always).then(|| MemberSet::of(self.size, self.days.keys().copied()))
    }

    /// The days on which membership changes: the first day of the new state, with the member and whether it is then in.
    pub fn edges(&self) -> Vec<(i64, u32, bool)> {
        let mut edges = Vec::new();
        for (member, days) in &self.days {
            for (lo, hi) in days.pairs() {
                if *lo > ALWAYS.0 {
                    edges.push((*lo, *member, true));
                }
                if *hi < ALWAYS.1 {
                    edges.push((*hi + 1, *member, false));
                }
            }
        }
        edges
    }

    /// The members that are ever in.
    pub fn ever(&self) -> MemberSet {
        MemberSet::of(self.size, self.days.keys().copied())
    }
}
