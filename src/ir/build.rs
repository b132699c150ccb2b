//! The only way to make a term: checks sorts, folds constants, normalises. So every pass may assume well-formed terms,
//! and trivial questions answer themselves. (After the term factory of cedar-symcc.)

use super::{
    DecisionId, Domain, EnumDef, Input, InputId, MemberSet, OutcomeTest, Poly, Pool, Program, Ranges, RuleId, Term, TermId,
};

/// Why a term cannot be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BuildError {
    /// The input has another sort than the test needs.
    Sort(InputId),
    /// Two inputs are of different enumerations.
    DifferentEnums(InputId, InputId),
    /// A number that could leave 120 bits.
    TooLarge,
}

impl std::fmt::Display for BuildError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            BuildError::Sort(input) => write!(f, "input {} has another sort", input.0),
            BuildError::DifferentEnums(a, b) => write!(f, "inputs {} and {} are of different enumerations", a.0, b.0),
            BuildError::TooLarge => write!(f, "a number that could leave 120 bits"),
        }
    }
}

impl std::error::Error for BuildError {}

/// Makes terms in a pool. It borrows what it needs to check sorts, so that a program can be extended after it was built
/// (questions are terms too): see [`Program::builder`].
#[derive(Debug)]
pub struct Builder<'a> {
    /// The terms so far.
    pub pool: &'a mut Pool,
    inputs: &'a [Input],
    enums: &'a [EnumDef],
}

impl Program {
    /// A builder that adds terms to this program.
    pub fn builder(&mut self) -> Builder<'_> {
        Builder { pool: &mut self.pool, inputs: &self.inputs, enums: &self.enums }
    }
}

impl<'a> Builder<'a> {
    /// Values of intermediate results stay below this, so that no reading needs more than 128 bits.
    pub const LIMIT: i128 = 1 << 120;

    /// A builder over parts.
    pub fn new(pool: &'a mut Pool, inputs: &'a [Input], enums: &'a [EnumDef]) -> Self {
        Builder { pool, inputs, enums }
    }

    fn domain(&self, input: InputId) -> &Domain {
        &self.inputs[input.index()].domain
    }

    /// True or false.
    pub fn constant(&mut self, value: bool) -> TermId {
        self.pool.intern(if value { Term::True } else { Term::False })
    }

    /// Negation. Negated tests of one input become tests of the complement.
    pub fn not(&mut self, term: TermId) -> TermId {
        match self.pool.get(term).clone() {
            Term::True => self.constant(false),
            Term::False => self.constant(true),
            Term::Not(inner) => inner,
            Term::Member { of, set } => self.pool.intern(Term::Member { of, set: set.complement() }),
            Term::Within { of, ranges } => {
                let (lo, hi) = self.domain(of).bounds().unwrap_or((0, 0));
                self.pool.intern(Term::Within { of, ranges: ranges.complement_in(lo, hi) })
            }
            _ => self.pool.intern(Term::Not(term)),
        }
    }

    /// All hold. Tests of one input are merged.
    pub fn and(&mut self, terms: impl IntoIterator<Item = TermId>) -> TermId {
        self.junction(terms, true)
    }

    /// One holds. Tests of one input are merged.
    pub fn or(&mut self, terms: impl IntoIterator<Item = TermId>) -> TermId {
        self.junction(terms, false)
    }

    fn junction(&mut self, terms: impl IntoIterator<Item = TermId>, conjunction: bool) -> TermId {
        let mut flat = Vec::new();
        let mut members: Vec<(InputId, MemberSet)> = Vec::new();
        let mut within: Vec<(InputId, Ranges)> = Vec::new();
        let mut stack: Vec<TermId> = terms.into_iter().collect();
        stack.reverse();
        while let Some(term) = stack.pop() {
            match (self.pool.get(term), conjunction) {
                (Term::True, true) | (Term::False, false) => {}
                (Term::False, true) | (Term::True, false) => return self.constant(!conjunction),
                (Term::And(inner), true) | (Term::Or(inner), false) => stack.extend(inner.iter().rev().copied()),
                (Term::Member { of, set }, _) => match members.iter_mut().find(|(input, _)| input == of) {
                    Some((_, all)) => *all = if conjunction { all.intersection(set) } else { all.union(set) },
                    None => members.push((*of, set.clone())),
                },
                (Term::Within { of, ranges }, _) => match within.iter_mut().find(|(input, _)| input == of) {
                    Some((_, all)) => *all = if conjunction { all.intersection(ranges) } else { all.union(ranges) },
                    None => within.push((*of, ranges.clone())),
                },
                _ => flat.push(term),
            }
        }
        for (of, set) in members {
            flat.push(self.member_set(of, set));
        }
        for (of, ranges) in within {
            flat.push(self.within_unchecked(of, ranges));
        }
        let (neutral, absorbing) = (self.constant(conjunction), self.constant(!conjunction));
        flat.retain(|term| *term != neutral);
        flat.sort_unstable();
        flat.dedup();
        if flat.contains(&absorbing) {
            return absorbing;
        }
        if flat.iter().any(|term| matches!(self.pool.get(*term), Term::Not(inner) if flat.binary_search(inner).is_ok())) {
            return absorbing;
        }
        match flat.len() {
            0 => neutral,
            1 => flat[0],
            _ => self.pool.intern(if conjunction { Term::And(flat) } else { Term::Or(flat) }),
        }
    }

    /// If the first then the second.
    pub fn implies(&mut self, premise: TermId, conclusion: TermId) -> TermId {
        let not = self.not(premise);
        self.or([not, conclusion])
    }

    /// Both or neither.
    pub fn iff(&mut self, a: TermId, b: TermId) -> TermId {
        let both = self.and([a, b]);
        let (not_a, not_b) = (self.not(a), self.not(b));
        let neither = self.and([not_a, not_b]);
        self.or([both, neither])
    }

    /// A Boolean input.
    ///
    /// # Errors
    /// [`BuildError::Sort`] if it is not one.
    pub fn flag(&mut self, of: InputId) -> Result<TermId, BuildError> {
        match self.domain(of) {
            Domain::Bool => Ok(self.pool.intern(Term::Flag(of))),
            _ => Err(BuildError::Sort(of)),
        }
    }

    fn member_set(&mut self, of: InputId, set: MemberSet) -> TermId {
        if set.is_empty() {
            self.constant(false)
        } else if set.is_full() {
            self.constant(true)
        } else {
            self.pool.intern(Term::Member { of, set })
        }
    }

    /// An enumeration input is one of the members.
    ///
    /// # Errors
    /// [`BuildError::Sort`] if it is not of that enumeration's size.
    pub fn member(&mut self, of: InputId, set: MemberSet) -> Result<TermId, BuildError> {
        match self.domain(of) {
            Domain::Enum(id) if self.enums[id.index()].size() == set.size() => Ok(self.member_set(of, set)),
            _ => Err(BuildError::Sort(of)),
        }
    }

    /// Two inputs have the same member.
    ///
    /// # Errors
    /// [`BuildError`] if they are not of one enumeration.
    pub fn same(&mut self, a: InputId, b: InputId) -> Result<TermId, BuildError> {
        match (self.domain(a), self.domain(b)) {
            (Domain::Enum(x), Domain::Enum(y)) if x == y => {
                if a == b {
                    return Ok(self.constant(true));
                }
                Ok(self.pool.intern(Term::Same(a.min(b), a.max(b))))
            }
            (Domain::Enum(_), Domain::Enum(_)) => Err(BuildError::DifferentEnums(a, b)),
            (Domain::Enum(_), _) => Err(BuildError::Sort(b)),
            _ => Err(BuildError::Sort(a)),
        }
    }

    /// A set input contains a member.
    ///
    /// # Errors
    /// [`BuildError::Sort`] if it is not a set, or the member is out of range.
    pub fn has(&mut self, of: InputId, member: u32) -> Result<TermId, BuildError> {
        match self.domain(of) {
            Domain::Set(id) if member < self.enums[id.index()].size() => Ok(self.pool.intern(Term::Has { of, member })),
            _ => Err(BuildError::Sort(of)),
        }
    }

    fn within_unchecked(&mut self, of: InputId, ranges: Ranges) -> TermId {
        let (lo, hi) = self.domain(of).bounds().unwrap_or((0, -1));
        let ranges = ranges.intersection(&Ranges::closed(lo, hi));
        if ranges.is_empty() {
            self.constant(false)
        } else if ranges.pairs() == [(lo, hi)] {
            self.constant(true)
        } else {
            self.pool.intern(Term::Within { of, ranges })
        }
    }

    /// A number (in steps) or date lies in ranges; what is outside its domain is dropped.
    ///
    /// # Errors
    /// [`BuildError::Sort`] if it is neither a number nor a date.
    pub fn within(&mut self, of: InputId, ranges: Ranges) -> Result<TermId, BuildError> {
        if self.domain(of).bounds().is_none() {
            return Err(BuildError::Sort(of));
        }
        Ok(self.within_unchecked(of, ranges))
    }

    /// The polynomial is 0 or more. One input alone becomes a range.
    ///
    /// # Errors
    /// [`BuildError::Sort`] for an input without arithmetic; [`BuildError::TooLarge`] if the value could leave
    /// [`Builder::LIMIT`].
    pub fn at_least_zero(&mut self, poly: Poly) -> Result<TermId, BuildError> {
        for input in poly.inputs() {
            if self.domain(input).bounds().is_none() {
                return Err(BuildError::Sort(input));
            }
        }
        let bounds = poly.bounds(|input| self.domain(input).bounds().unwrap_or((0, 0)));
        let (lo, hi) = bounds.ok_or(BuildError::TooLarge)?;
        if lo <= -Self::LIMIT || hi >= Self::LIMIT {
            return Err(BuildError::TooLarge);
        }
        if lo >= 0 {
            return Ok(self.constant(true));
        }
        if hi < 0 {
            return Ok(self.constant(false));
        }
        if let [(inputs, coefficient)] = poly.monomials.as_slice()
            && let [input] = inputs.as_slice()
        {
            let (lo, hi) = self.domain(*input).bounds().unwrap_or((0, 0));
            // c·k + d ≥ 0: k ≥ ⌈-d/c⌉ for c > 0, k ≤ ⌊d/-c⌋ for c < 0.
            let ranges = if *coefficient > 0 {
                let least = num_integer::Integer::div_ceil(&-poly.constant, coefficient);
                Ranges::closed(clamp(least, lo, hi), hi)
            } else {
                let most = num_integer::Integer::div_floor(&poly.constant, &-coefficient);
                Ranges::closed(lo, clamp(most, lo, hi))
            };
            return Ok(self.within_unchecked(*input, ranges));
        }
        Ok(self.pool.intern(Term::AtLeastZero(poly)))
    }

    /// The polynomial is 0.
    ///
    /// # Errors
    /// As [`Builder::at_least_zero`].
    pub fn zero(&mut self, poly: &Poly) -> Result<TermId, BuildError> {
        let negative = poly.times_constant(-1).ok_or(BuildError::TooLarge)?;
        let (least, most) = (self.at_least_zero(poly.clone())?, self.at_least_zero(negative)?);
        Ok(self.and([least, most]))
    }

    /// The rule's period and condition are met.
    pub fn applies(&mut self, rule: RuleId) -> TermId {
        self.pool.intern(Term::Applies(rule))
    }

    /// The rule is effective.
    pub fn effective(&mut self, rule: RuleId) -> TermId {
        self.pool.intern(Term::Effective(rule))
    }

    /// A test of a decision's outcome.
    pub fn outcome(&mut self, decision: DecisionId, test: OutcomeTest) -> TermId {
        self.pool.intern(Term::Outcome { decision, without: None, test })
    }

    /// A test of a decision's outcome, with a rule taken out of the program.
    pub fn outcome_without(&mut self, decision: DecisionId, without: RuleId, test: OutcomeTest) -> TermId {
        self.pool.intern(Term::Outcome { decision, without: Some(without), test })
    }

    /// Two decisions come to the same. The caller has checked that their sorts agree.
    pub fn same_outcome(&mut self, a: DecisionId, b: DecisionId) -> TermId {
        if a == b {
            return self.constant(true);
        }
        self.pool.intern(Term::SameOutcome(a.min(b), a.max(b)))
    }

    /// The term, read in the second case of a pair.
    pub fn second(&mut self, term: TermId) -> TermId {
        match self.pool.get(term) {
            Term::True | Term::False => term,
            _ => self.pool.intern(Term::Second(term)),
        }
    }
}

/// A bound clamped to just outside the domain, so that an empty range stays empty.
fn clamp(bound: i128, lo: i64, hi: i64) -> i64 {
    let (lo, hi) = (i128::from(lo) - 1, i128::from(hi) + 1);
    i64::try_from(bound.clamp(lo, hi)).unwrap_or(if bound < 0 { i64::MIN } else { i64::MAX })
}
