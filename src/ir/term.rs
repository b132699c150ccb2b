//! Boolean terms, hash-consed: each is stored once, and equal terms have equal ids.

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::{DecisionId, InputId, MemberSet, Poly, Ranges, RuleId, TermId};

/// A Boolean term over the inputs, rules and decisions of a program. Made only by [`super::Builder`], which keeps the
/// invariants named at each form.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Term {
    /// True.
    True,
    /// False.
    False,
    /// Negation; never of `True`, `False` or another negation.
    Not(TermId),
    /// All hold; at least two, none of them an `And`, sorted, no doubles.
    And(Vec<TermId>),
    /// One holds; at least two, none of them an `Or`, sorted, no doubles.
    Or(Vec<TermId>),
    /// A `Bool` input is true.
    Flag(InputId),
    /// An `Enum` input is one of the members; neither none nor all.
    Member {
        /// The input.
        of: InputId,
        /// The members.
        set: MemberSet,
    },
    /// Two inputs of one enumeration have the same member; the lower id stands first.
    Same(InputId, InputId),
    /// A `Set` input contains a member.
    Has {
        /// The input.
        of: InputId,
        /// The member.
        member: u32,
    },
    /// A `Number` (in steps) or `Date` input lies in ranges; neither none nor all of its domain.
    Within {
        /// The input.
        of: InputId,
        /// The ranges.
        ranges: Ranges,
    },
    /// The polynomial is 0 or more; it has at least two different inputs, or a product.
    AtLeastZero(Poly),
    /// The rule's period and condition are met ([`super::Rule::applies`]).
    Applies(RuleId),
    /// The rule applies and no rule that overrides it is effective.
    Effective(RuleId),
    /// What a decision comes to.
    Outcome {
        /// The decision.
        decision: DecisionId,
        /// Computed as if this rule were not in the program at all.
        without: Option<RuleId>,
        /// The test.
        test: OutcomeTest,
    },
    /// Two decisions of one sort come to the same: the same value, or both to a gap, or both to a conflict.
    SameOutcome(DecisionId, DecisionId),
    /// In a question about two cases: the term, read in the second. Not nested, and not in a program.
    Second(TermId),
}

/// A test of the outcome of a decision. A gap and a conflict are no value: they meet none of the tests of values.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeTest {
    /// No effective rule and no default.
    Gap,
    /// `ExactlyOne`, and effective rules disagree.
    Conflict,
    /// The value is one of these members (of a `Bool` decision: 0 is false, 1 is true).
    Members(MemberSet),
    /// The value, a set, has this member.
    Has(u32),
    /// The value, a number in steps, is in these ranges.
    Within(Ranges),
}

/// The terms of a program.
#[derive(Clone, Debug, Default)]
pub struct Pool {
    terms: Vec<Term>,
    ids: FxHashMap<Term, TermId>,
}

impl Pool {
    /// The term behind an id.
    pub fn get(&self, id: TermId) -> &Term {
        &self.terms[id.index()]
    }

    /// How many terms there are.
    pub fn len(&self) -> usize {
        self.terms.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Stores a term as it is; only [`super::Builder`] and deserialisation do.
    pub(super) fn intern(&mut self, term: Term) -> TermId {
        if let Some(id) = self.ids.get(&term) {
            return *id;
        }
        let id = TermId(self.terms.len() as u32);
        self.terms.push(term.clone());
        self.ids.insert(term, id);
        id
    }

    /// All terms; each refers only to earlier ones.
    pub fn iter(&self) -> impl Iterator<Item = (TermId, &Term)> {
        self.terms.iter().enumerate().map(|(index, term)| (TermId(index as u32), term))
    }
}

impl Serialize for Pool {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.terms.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Pool {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let terms = Vec::<Term>::deserialize(deserializer)?;
        let ids = terms.iter().enumerate().map(|(index, term)| (term.clone(), TermId(index as u32))).collect();
        Ok(Pool { terms, ids })
    }
}
