//! A question as plain data: which case, or which pair of cases, is looked for.
//!
//! In: terms of a program, all made beforehand by `ir::Builder`. Out: to [`super::Session::ask`] and [`super::script()`]. A question
//! is asked the way a property is refuted: it describes the violation, and `Holds` means that there is none. (After the
//! verification queries of cedar-symcc: a question is a value whose unsatisfiability is the answer.)

use crate::ir::{InputId, TermId, Value};

/// The violation that is looked for: a case in which everything here is so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Terms that hold.
    pub holding: Vec<TermId>,
    /// Terms that do not hold.
    pub failing: Vec<TermId>,
    /// Inputs whose value is given (in the first case; and so in the second, unless they may differ).
    pub fixed: Vec<(InputId, Value)>,
    /// If a pair of cases is looked for: how they may differ. Without it, no term may say `Second`.
    pub pair: Option<Pair>,
}

/// How two cases may differ. They are equal in every other input.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Pair {
    /// The inputs that may differ, rising. One that no term depends on has the same value in both.
    pub differing: Vec<InputId>,
    /// One of those that is less in the first case than in the second: numbers and dates by value, members by their
    /// order, false before true. Not of a set.
    pub rising: Option<InputId>,
}

impl Query {
    /// Is there no case in which the term holds?
    pub fn never(term: TermId) -> Self {
        Query { holding: vec![term], ..Query::default() }
    }

    /// Is there no pair of cases, equal but for these inputs, in which the term holds? (`Term::Second` reads a term in
    /// the second case.)
    pub fn never_in_pair(term: TermId, differing: impl IntoIterator<Item = InputId>) -> Self {
        let mut differing: Vec<InputId> = differing.into_iter().collect();
        differing.sort_unstable();
        differing.dedup();
        Query { holding: vec![term], pair: Some(Pair { differing, rising: None }), ..Query::default() }
    }

    /// And this term holds.
    #[must_use]
    pub fn and(mut self, term: TermId) -> Self {
        self.holding.push(term);
        self
    }

    /// And this term does not hold.
    #[must_use]
    pub fn and_not(mut self, term: TermId) -> Self {
        self.failing.push(term);
        self
    }

    /// And this input has this value.
    #[must_use]
    pub fn given(mut self, input: InputId, value: Value) -> Self {
        self.fixed.push((input, value));
        self
    }

    /// And this input, which may differ, is less in the first case.
    #[must_use]
    pub fn rising(mut self, input: InputId) -> Self {
        let pair = self.pair.get_or_insert_with(Pair::default);
        if let Err(place) = pair.differing.binary_search(&input) {
            pair.differing.insert(place, input);
        }
        pair.rising = Some(input);
        self
    }
}
