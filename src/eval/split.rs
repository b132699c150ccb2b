//! Splitting on one question about unknown inputs: which questions the guards depend on, what answers tell them apart,
//! and what the guards become after an answer.

use std::collections::{BTreeMap, BTreeSet};

use num_integer::Integer;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::ir::{Domain, InputId, MemberSet, Poly, Ranges, Term, TermId};

use super::residual::{Residual, substituted};

/// A question whose answers settle tests: an input, a member of a set input, or the value of an expression over several
/// inputs (a polynomial without constant, divided by its common factor, first coefficient positive).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Question {
    Input(InputId),
    Has(InputId, u32),
    Form(Poly),
}

/// An answer: everything in it answers all tests alike.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Answer {
    Bool(bool),
    Members(MemberSet),
    Numbers(Ranges),
    /// One number, put into the polynomials too.
    Number(i64),
    /// The value of a form, from and to.
    Form(i128, i128),
}

/// A polynomial test as a test of a form: the form, and its least (`true`) or greatest (`false`) value that passes.
pub(super) fn form_of(poly: &Poly) -> (Poly, bool, i128) {
    let factor = poly.monomials.iter().fold(0i128, |all, (_, coefficient)| all.gcd(coefficient)).max(1);
    let rising = poly.monomials.first().is_some_and(|(_, coefficient)| *coefficient > 0);
    let divisor = if rising { factor } else { -factor };
    let monomials = poly.monomials.iter().map(|(inputs, c)| (inputs.clone(), c / divisor)).collect();
    let form = Poly { constant: 0, monomials };
    // constant ± factor·form ≥ 0
    if rising {
        (form, true, Integer::div_ceil(&-poly.constant, &factor))
    } else {
        (form, false, Integer::div_floor(&poly.constant, &factor))
    }
}

/// The terms below these, themselves included, rising.
pub(super) fn reachable(residual: &Residual<'_>, roots: impl Iterator<Item = TermId>) -> Vec<TermId> {
    let mut todo: Vec<TermId> = roots.collect();
    let mut seen = FxHashSet::default();
    while let Some(term) = todo.pop() {
        if seen.insert(term) {
            match residual.pool.get(term) {
                Term::Not(inner) => todo.push(*inner),
                Term::And(all) | Term::Or(all) => todo.extend(all),
                _ => {}
            }
        }
    }
    let mut all: Vec<TermId> = seen.into_iter().collect();
    all.sort_unstable();
    all
}

/// What the tests among some terms ask, with how many tests ask it.
#[derive(Debug, Default)]
pub(super) struct Questions {
    pub(super) count: BTreeMap<Question, usize>,
    /// Inputs that occur in a form: their answers constrain each other.
    pub(super) coupled: BTreeSet<InputId>,
    sets: BTreeMap<InputId, BTreeSet<MemberSet>>,
    ranges: BTreeMap<InputId, BTreeSet<Ranges>>,
    cuts: BTreeMap<Poly, BTreeSet<i128>>,
    same: BTreeSet<(InputId, InputId)>,
}

impl Questions {
    pub(super) fn among(residual: &Residual<'_>, terms: &[TermId]) -> Self {
        let mut all = Questions::default();
        let mut ask = |question: Question| *all.count.entry(question).or_insert(0) += 1;
        for term in terms {
            match residual.pool.get(*term) {
                Term::Flag(of) => ask(Question::Input(*of)),
                Term::Member { of, set } => {
                    ask(Question::Input(*of));
                    all.sets.entry(*of).or_default().insert(set.clone());
                }
                Term::Same(a, b) => {
                    ask(Question::Input(*a));
                    ask(Question::Input(*b));
                    all.same.insert((*a, *b));
                }
                Term::Has { of, member } => ask(Question::Has(*of, *member)),
                Term::Within { of, ranges } => {
                    ask(Question::Input(*of));
                    all.ranges.entry(*of).or_default().insert(ranges.clone());
                }
                Term::AtLeastZero(poly) => {
                    let (form, least, bound) = form_of(poly);
                    all.coupled.extend(form.inputs());
                    ask(Question::Form(form.clone()));
                    // A cut stands before the first value of the upper side.
                    all.cuts.entry(form).or_default().insert(if least { bound } else { bound + 1 });
                }
                _ => {}
            }
        }
        all
    }

    /// The inputs that are asked about, rising.
    pub(super) fn inputs(&self) -> BTreeSet<InputId> {
        let direct = self.count.keys().filter_map(|question| match question {
            Question::Input(of) | Question::Has(of, _) => Some(*of),
            Question::Form(_) => None,
        });
        direct.chain(self.coupled.iter().copied()).collect()
    }

    /// Whether an input stands in one test with another unknown one.
    pub(super) fn is_entangled(&self, input: InputId) -> bool {
        self.coupled.contains(&input) || self.same.iter().any(|(a, b)| *a == input || *b == input)
    }

    /// The members of set inputs that are asked about.
    pub(super) fn members_of(&self, input: InputId) -> Vec<u32> {
        self.count
            .keys()
            .filter_map(|q| match q {
                Question::Has(of, member) if *of == input => Some(*member),
                _ => None,
            })
            .collect()
    }

    /// The answers to a question: a partition of what it can be, such that each part answers every test alike. (For an
    /// enumeration that is compared with another unknown input, one member of each part stands for the part: members
    /// that no test tells apart can be exchanged for each other in all inputs at once.)
    pub(super) fn answers(&self, residual: &Residual<'_>, question: &Question) -> Vec<Answer> {
        match question {
            Question::Has(..) => vec![Answer::Bool(true), Answer::Bool(false)],
            Question::Form(form) => {
                let domains = |input: InputId| residual.domain(input).bounds().unwrap_or((0, 0));
                // Without bounds in 128 bits the ends are open; the search for a point sees to the rest.
                let (lo, hi) = form.bounds(domains).unwrap_or((i128::MIN, i128::MAX));
                let mut cuts: Vec<i128> = self.cuts.get(form).into_iter().flatten().copied().collect();
                cuts.retain(|cut| lo < *cut && *cut <= hi);
                let starts = [lo].into_iter().chain(cuts.iter().copied());
                let ends = cuts.iter().map(|cut| cut - 1).chain([hi]);
                starts.zip(ends).map(|(lo, hi)| Answer::Form(lo, hi)).collect()
            }
            Question::Input(of) => match residual.domain(*of) {
                Domain::Bool => vec![Answer::Bool(true), Answer::Bool(false)],
                Domain::Enum(id) => self.members(*of, residual.program.enumeration(*id).size()),
                Domain::Number(_) | Domain::Date { .. } => self.numbers(residual, *of),
                Domain::Set(_) => Vec::new(),
            },
        }
    }

    fn members(&self, of: InputId, size: u32) -> Vec<Answer> {
        // All inputs that are compared with this one, directly or through others.
        let mut group = BTreeSet::from([of]);
        loop {
            let before = group.len();
            for (a, b) in &self.same {
                if group.contains(a) || group.contains(b) {
                    group.extend([*a, *b]);
                }
            }
            if group.len() == before {
                break;
            }
        }
        let tests: BTreeSet<&MemberSet> = group.iter().filter_map(|input| self.sets.get(input)).flatten().collect();
        let mut parts: BTreeMap<Vec<bool>, Vec<u32>> = BTreeMap::new();
        for member in 0..size {
            parts.entry(tests.iter().map(|set| set.contains(member)).collect()).or_default().push(member);
        }
        let mut parts: Vec<Vec<u32>> = parts.into_values().collect();
        parts.sort();
        let alone = group.len() == 1;
        parts
            .into_iter()
            .map(|part| Answer::Members(MemberSet::of(size, if alone { part } else { part[..1].to_vec() })))
            .collect()
    }

    fn numbers(&self, residual: &Residual<'_>, of: InputId) -> Vec<Answer> {
        let Some((lo, hi)) = residual.domain(of).bounds() else { return Vec::new() };
        let tests: Vec<&Ranges> = self.ranges.get(&of).into_iter().flatten().collect();
        let mut starts = BTreeSet::from([lo]);
        for (a, b) in tests.iter().flat_map(|ranges| ranges.pairs()) {
            starts.insert(*a);
            if let Some(next) = b.checked_add(1) {
                starts.insert(next);
            }
        }
        starts.retain(|start| lo <= *start && *start <= hi);
        let starts: Vec<i64> = starts.into_iter().collect();
        let mut parts: BTreeMap<Vec<bool>, Vec<(i64, i64)>> = BTreeMap::new();
        for (index, start) in starts.iter().enumerate() {
            let end = starts.get(index + 1).map_or(hi, |next| next - 1);
            let mut key: Vec<bool> = tests.iter().map(|ranges| ranges.contains(*start)).collect();
            if self.coupled.contains(&of) {
                // Forms need intervals: the bits of the position keep them apart.
                key.extend((0..usize::BITS).rev().map(|bit| index >> bit & 1 == 1));
            }
            parts.entry(key).or_default().push((*start, end));
        }
        let mut parts: Vec<Ranges> = parts.into_values().map(Ranges::from_pairs).collect();
        parts.sort();
        parts.into_iter().map(Answer::Numbers).collect()
    }
}

/// Replaces tests by their answers, remembering what became of each term.
pub(super) struct Restrict<'a> {
    question: &'a Question,
    answer: &'a Answer,
    memo: FxHashMap<TermId, TermId>,
}

impl<'a> Restrict<'a> {
    /// What terms become after an answer; `terms` are all that are reachable, rising.
    pub(super) fn all(
        residual: &mut Residual<'_>,
        terms: &[TermId],
        question: &'a Question,
        answer: &'a Answer,
    ) -> FxHashMap<TermId, TermId> {
        let mut restrict = Restrict { question, answer, memo: FxHashMap::default() };
        for term in terms {
            let to = restrict.one(residual, *term);
            restrict.memo.insert(*term, to);
        }
        restrict.memo
    }

    fn one(&self, residual: &mut Residual<'_>, term: TermId) -> TermId {
        let constant = |residual: &mut Residual<'_>, holds: bool| residual.build().constant(holds);
        match (residual.pool.get(term).clone(), self.question, self.answer) {
            (Term::Not(inner), ..) if self.memo[&inner] != inner => {
                let inner = self.memo[&inner];
                residual.build().not(inner)
            }
            (Term::And(all), ..) if all.iter().any(|one| self.memo[one] != *one) => {
                let all: Vec<TermId> = all.iter().map(|one| self.memo[one]).collect();
                residual.build().and(all)
            }
            (Term::Or(all), ..) if all.iter().any(|one| self.memo[one] != *one) => {
                let all: Vec<TermId> = all.iter().map(|one| self.memo[one]).collect();
                residual.build().or(all)
            }
            (Term::Flag(of), Question::Input(asked), Answer::Bool(value)) if of == *asked => constant(residual, *value),
            (Term::Has { of, member }, Question::Has(asked, which), Answer::Bool(value)) if of == *asked && member == *which => {
                constant(residual, *value)
            }
            (Term::Member { of, set }, Question::Input(asked), Answer::Members(part)) if of == *asked => {
                if part.is_subset(&set) {
                    constant(residual, true)
                } else if !part.intersects(&set) {
                    constant(residual, false)
                } else {
                    term
                }
            }
            (Term::Same(a, b), Question::Input(asked), Answer::Members(part)) if a == *asked || b == *asked => {
                let other = if a == *asked { b } else { a };
                if part.len() == 1 { residual.build().member(other, part.clone()).unwrap_or(term) } else { term }
            }
            (Term::Within { of, ranges }, Question::Input(asked), Answer::Numbers(part)) if of == *asked => match part.first() {
                Some(one) => constant(residual, ranges.contains(one)),
                None => term,
            },
            (Term::Within { of, ranges }, Question::Input(asked), Answer::Number(number)) if of == *asked => {
                constant(residual, ranges.contains(*number))
            }
            (Term::AtLeastZero(poly), Question::Input(asked), Answer::Number(number)) if poly.inputs().contains(asked) => {
                let put = substituted(&poly, |input| (input == *asked).then_some(*number));
                put.and_then(|poly| residual.build().at_least_zero(poly).ok()).unwrap_or_else(|| {
                    residual.broken = true;
                    term
                })
            }
            (Term::AtLeastZero(poly), Question::Form(asked), Answer::Form(lo, _)) => {
                let (form, least, bound) = form_of(&poly);
                if form != *asked {
                    return term;
                }
                constant(residual, if least { *lo >= bound } else { *lo <= bound })
            }
            _ => term,
        }
    }
}
