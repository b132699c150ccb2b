//! Classes of values: the coarsest partition of a domain that a set of tests cannot look inside of.
//!
//! In: the domain of an input and the value sets of the tests on it. Out: classes, each a set of values. It is the first
//! step of recursive flow classification (P. Gupta and N. McKeown, "Packet classification on multiple fields", SIGCOMM
//! 1999): look at which class a value is in, never at the value.

use num_bigint::BigUint;

use crate::ir::{Domain, MemberSet, Program, Ranges, Value};

/// A set of values of one input that is not a set: members (of an enumeration; of a Boolean 0 is false and 1 true) or whole
/// numbers.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Allowed {
    /// Members.
    Members(MemberSet),
    /// Numbers, in steps or days.
    Ranges(Ranges),
}

impl Allowed {
    /// All of a domain; `None` for sets, which are tested member by member.
    pub fn all(program: &Program, domain: &Domain) -> Option<Self> {
        Some(match domain {
            Domain::Bool => Allowed::Members(MemberSet::full(2)),
            Domain::Enum(id) => Allowed::Members(MemberSet::full(program.enumeration(*id).size())),
            Domain::Set(_) => return None,
            Domain::Number(number) => Allowed::Ranges(Ranges::closed(number.lo, number.hi)),
            Domain::Date { lo, hi } => Allowed::Ranges(Ranges::closed(*lo, *hi)),
        })
    }

    /// How many values.
    pub fn count(&self) -> BigUint {
        match self {
            Allowed::Members(set) => set.len().into(),
            Allowed::Ranges(ranges) => ranges.count().into(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        match self {
            Allowed::Members(set) => set.is_empty(),
            Allowed::Ranges(ranges) => ranges.is_empty(),
        }
    }

    /// In both. Of one kind, which the sorts of terms see to.
    pub fn intersection(&self, other: &Self) -> Self {
        match (self, other) {
            (Allowed::Members(a), Allowed::Members(b)) if a.size() == b.size() => Allowed::Members(a.intersection(b)),
            (Allowed::Ranges(a), Allowed::Ranges(b)) => Allowed::Ranges(a.intersection(b)),
            _ => Allowed::Ranges(Ranges::empty()),
        }
    }

    /// In either.
    pub fn union(&self, other: &Self) -> Self {
        match (self, other) {
            (Allowed::Members(a), Allowed::Members(b)) if a.size() == b.size() => Allowed::Members(a.union(b)),
            (Allowed::Ranges(a), Allowed::Ranges(b)) => Allowed::Ranges(a.union(b)),
            _ => self.clone(),
        }
    }

    /// Whether some value is in both.
    pub fn intersects(&self, other: &Self) -> bool {
        match (self, other) {
            (Allowed::Members(a), Allowed::Members(b)) if a.size() == b.size() => a.intersects(b),
            (Allowed::Ranges(a), Allowed::Ranges(b)) => {
                let (mut i, mut j) = (0, 0);
                while let (Some(x), Some(y)) = (a.pairs().get(i), b.pairs().get(j)) {
                    if x.0.max(y.0) <= x.1.min(y.1) {
                        return true;
                    }
                    if x.1 < y.1 { i += 1 } else { j += 1 }
                }
                false
            }
            _ => false,
        }
    }

    /// Whether a value is in.
    pub fn contains(&self, value: &Value) -> bool {
        match (self, value) {
            (Allowed::Members(set), Value::Member(member)) => set.contains(*member),
            (Allowed::Members(set), Value::Bool(value)) => set.contains(u32::from(*value)),
            (Allowed::Ranges(ranges), Value::Int(int)) => ranges.contains(*int),
            _ => false,
        }
    }

    /// The value that a witness shows: the first preferred one, else the lowest (a boundary of its class).
    pub fn pick(&self, domain: &Domain, preferred: &[Value]) -> Option<Value> {
        if let Some(value) = preferred.iter().find(|value| self.contains(value)) {
            return Some(value.clone());
        }
        match self {
            Allowed::Members(set) => set.first().map(|member| member_value(domain, member)),
            Allowed::Ranges(ranges) => ranges.first().map(Value::Int),
        }
    }

    /// Least and greatest number (of a member: its number).
    pub fn hull(&self) -> (i64, i64) {
        match self {
            Allowed::Members(set) => (set.first().unwrap_or(0).into(), set.iter().last().unwrap_or(0).into()),
            Allowed::Ranges(ranges) => (ranges.first().unwrap_or(0), ranges.last().unwrap_or(0)),
        }
    }
}

/// A member as a value of its domain.
pub fn member_value(domain: &Domain, member: u32) -> Value {
    if matches!(domain, Domain::Bool) { Value::Bool(member == 1) } else { Value::Member(member) }
}

/// Splits elements `0..n` by tests, each a list of the elements in it: the class of every element, numbered in the order of
/// their first elements. Takes time linear in the tests.
fn refine(n: usize, tests: impl IntoIterator<Item = Vec<usize>>) -> (Vec<u32>, u32) {
    let mut class = vec![0u32; n];
    let mut fresh: Vec<Option<(usize, u32)>> = vec![None];
    for (stamp, test) in tests.into_iter().enumerate() {
        for element in test {
            let old = class[element] as usize;
            let new = match fresh[old] {
                Some((at, new)) if at == stamp => new,
                _ => {
                    let new = fresh.len() as u32;
                    fresh[old] = Some((stamp, new));
                    fresh.push(None);
                    new
                }
            };
            class[element] = new;
        }
    }
    let mut number = vec![u32::MAX; fresh.len()];
    let mut count = 0;
    for class in &mut class {
        let slot = &mut number[*class as usize];
        if *slot == u32::MAX {
            *slot = count;
            count += 1;
        }
        *class = *slot;
    }
    (class, count)
}

/// The classes of the values in `domain` that none of the tests can look inside of; in the order of their lowest values.
pub fn classes(domain: &Allowed, tests: &[Allowed]) -> Vec<Allowed> {
    match domain {
        Allowed::Members(all) => {
            let members: Vec<u32> = all.iter().collect();
            let tests = tests.iter().map(|test| match test {
                Allowed::Members(set) => (0..members.len()).filter(|at| set.contains(members[*at])).collect(),
                Allowed::Ranges(_) => Vec::new(),
            });
            let (class, count) = refine(members.len(), tests);
            let mut out = vec![MemberSet::empty(all.size()); count as usize];
            for (member, class) in members.iter().zip(class) {
                out[class as usize].insert(*member);
            }
            out.into_iter().map(Allowed::Members).collect()
        }
        Allowed::Ranges(all) => {
            // Elementary intervals: between two neighbouring bounds no test begins or ends.
            let mut starts: Vec<i64> = all.pairs().iter().map(|(lo, _)| *lo).collect();
            for test in tests {
                let Allowed::Ranges(ranges) = test else { continue };
                for (lo, hi) in ranges.pairs() {
                    starts.push(*lo);
                    starts.extend(hi.checked_add(1));
                }
            }
            starts.retain(|start| all.contains(*start));
            starts.sort_unstable();
            starts.dedup();
            let tests = tests.iter().map(|test| {
                let mut inside = Vec::new();
                if let Allowed::Ranges(ranges) = test {
                    for (lo, hi) in ranges.pairs() {
                        let first = starts.partition_point(|start| start < lo);
                        inside.extend(first..starts.partition_point(|start| start <= hi));
                    }
                }
                inside
            });
            let (class, count) = refine(starts.len(), tests);
            let mut out: Vec<Vec<(i64, i64)>> = vec![Vec::new(); count as usize];
            for (at, class) in class.into_iter().enumerate() {
                let start = starts[at];
                let next = starts.get(at + 1).map_or(i64::MAX, |next| next - 1);
                let piece = all.intersection(&Ranges::closed(start, next));
                out[class as usize].extend_from_slice(piece.pairs());
            }
            out.into_iter().map(|pairs| Allowed::Ranges(Ranges::from_pairs(pairs))).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn classes_are_the_coarsest_partition(
            tests in proptest::collection::vec(proptest::collection::vec((0i64..30, 0i64..9), 0..4), 0..4),
        ) {
            let domain = Allowed::Ranges(Ranges::from_pairs([(2, 12), (15, 28)]));
            let tests: Vec<Ranges> =
                tests.into_iter().map(|t| Ranges::from_pairs(t.into_iter().map(|(lo, n)| (lo, lo + n)))).collect();
            let all: Vec<Allowed> = tests.iter().cloned().map(Allowed::Ranges).collect();
            let classes = classes(&domain, &all);
            let class_of = |x| classes.iter().position(|class| class.contains(&Value::Int(x)));
            for x in 0..31 {
                prop_assert_eq!(class_of(x).is_some(), domain.contains(&Value::Int(x)));
                for y in 0..31 {
                    if let (Some(a), Some(b)) = (class_of(x), class_of(y)) {
                        prop_assert_eq!(a == b, tests.iter().all(|test| test.contains(x) == test.contains(y)));
                    }
                }
            }
        }
    }
}
