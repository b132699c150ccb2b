//! Tests with a threshold moved by one step: what a misprint in a number, or `>` for `>=`, would make of a condition.

use std::collections::{BTreeMap, BTreeSet};

use num_integer::Integer;

use crate::ir::{BuildError, Builder, InputId, Poly, Program, Ranges, Term, TermId};

/// What a condition tests of inputs directly; tests of decisions and of other rules are theirs.
#[derive(Debug, Default)]
pub struct Tests {
    /// Of numbers and dates: where a range begins, or the first value after one.
    pub edges: BTreeSet<(InputId, i64)>,
    /// Arithmetic between inputs, in the order in which it was made.
    pub sums: BTreeSet<TermId>,
}

/// The tests in a term.
pub fn tests(program: &Program, term: TermId) -> Tests {
    let mut tests = Tests::default();
    let (mut todo, mut seen) = (vec![term], BTreeSet::new());
    while let Some(id) = todo.pop() {
        if !seen.insert(id) {
            continue;
        }
        match program.pool.get(id) {
            Term::Not(inner) => todo.push(*inner),
            Term::And(all) | Term::Or(all) => todo.extend(all),
            Term::Within { of, ranges } => {
                let (lo, hi) = program.input(*of).domain.bounds().unwrap_or((i64::MIN, i64::MAX));
                let ends = ranges.pairs().iter().flat_map(|(first, last)| [Some(*first), last.checked_add(1)]);
                tests.edges.extend(ends.flatten().filter(|edge| lo < *edge && *edge <= hi).map(|edge| (*of, edge)));
            }
            Term::AtLeastZero(_) => {
                tests.sums.insert(id);
            }
            _ => {}
        }
    }
    tests
}

/// Whether one of some ranges begins at a number, or ends before it.
fn has_edge(ranges: &Ranges, edge: i64) -> bool {
    ranges.pairs().iter().any(|(first, last)| *first == edge || last.checked_add(1) == Some(edge))
}

/// A term with an edge moved in each test of an input that has it: one up (`below` false), so that the value at the edge changes sides; or
/// one down, so that the value below it does.
///
/// # Errors
/// None for terms that a builder made.
pub fn edge_moved(program: &mut Program, term: TermId, of: InputId, edge: i64, below: bool) -> Result<TermId, BuildError> {
    let at = Ranges::closed(edge - i64::from(below), edge - i64::from(below));
    rewritten(program, term, &mut |build, one| match one {
        Term::Within { of: input, ranges } if *input == of && has_edge(ranges, edge) => {
            // The one value between the old threshold and the new changes sides.
            let outside = ranges.intersection(&at).is_empty();
            let changed = if outside { ranges.union(&at) } else { ranges.intersection(&at.complement_in(i64::MIN, i64::MAX)) };
            build.within(of, changed).map(Some)
        }
        _ => Ok(None),
    })
}

/// How a sum that is compared with 0 is moved.
#[derive(Debug)]
pub struct SumMoved {
    /// The term with the comparison moved by the least that can make a difference.
    pub term: TermId,
    /// The comparison as it is.
    pub holds: TermId,
    /// That one step of one input takes the sum across.
    pub near: TermId,
    /// The term with the comparison the other way.
    pub turned: TermId,
}

/// A term with a comparison of a sum moved: so that the least sum for which it holds fails (`below` false), or the greatest for which it fails holds.
///
/// # Errors
/// If the sum with another constant leaves the range of numbers.
pub fn sum_moved(program: &mut Program, term: TermId, sum: TermId, below: bool) -> Result<Option<SumMoved>, BuildError> {
    let Term::AtLeastZero(poly) = program.pool.get(sum).clone() else { return Ok(None) };
    // Sums lie so far apart.
    let apart = poly.monomials.iter().fold(0i128, |all, (_, coefficient)| all.gcd(coefficient)).max(1);
    let least = poly.constant.rem_euclid(apart);
    let by = if below { apart - least } else { -(least + 1) };
    let moved = poly.plus(&Poly::constant(by)).ok_or(BuildError::TooLarge)?;
    let mut crossing = Vec::new();
    for input in poly.inputs() {
        for step in [-1, 1] {
            let stepped = stepped(&poly, input, step).ok_or(BuildError::TooLarge)?;
            crossing.push(program.builder().at_least_zero(stepped)?);
        }
    }
    let mut build = program.builder();
    let there = build.at_least_zero(moved)?;
    let other = build.constant(below);
    let (near, holds) = if below {
        let fails = build.not(sum);
        let any = build.or(crossing);
        (build.and([fails, any]), fails)
    } else {
        let none: Vec<TermId> = crossing.into_iter().map(|one| build.not(one)).collect();
        let any = build.or(none);
        (build.and([sum, any]), sum)
    };
    let moved = replaced(program, term, sum, there)?;
    let turned = replaced(program, term, sum, other)?;
    Ok(Some(SumMoved { term: moved, holds, near, turned }))
}

/// A polynomial with an input one step farther on.
fn stepped(poly: &Poly, input: InputId, step: i128) -> Option<Poly> {
    let mut out = Poly::constant(poly.constant);
    for (factors, coefficient) in &poly.monomials {
        let mut product = Poly::constant(*coefficient);
        for factor in factors {
            let one = Poly::input(*factor);
            let one = if *factor == input { one.plus(&Poly::constant(step))? } else { one };
            product = product.times(&one)?;
        }
        out = out.plus(&product)?;
    }
    Some(out)
}

type Rewrite<'r> = &'r mut dyn FnMut(&mut Builder<'_>, &Term) -> Result<Option<TermId>, BuildError>;

/// A term with another in the place of one of its tests.
fn replaced(program: &mut Program, term: TermId, test: TermId, by: TermId) -> Result<TermId, BuildError> {
    let is = program.pool.get(test).clone();
    rewritten(program, term, &mut |_, one| Ok((*one == is).then_some(by)))
}

/// A term with some of its tests of inputs replaced. Terms are nested as deeply as their author nested them, which is limited.
fn rewritten(program: &mut Program, term: TermId, rewrite: Rewrite<'_>) -> Result<TermId, BuildError> {
    let mut done = BTreeMap::new();
    rewritten_in(program, term, rewrite, &mut done)
}

fn rewritten_in(
    program: &mut Program,
    term: TermId,
    rewrite: Rewrite<'_>,
    done: &mut BTreeMap<TermId, TermId>,
) -> Result<TermId, BuildError> {
    if let Some(made) = done.get(&term) {
        return Ok(*made);
    }
    let one = program.pool.get(term).clone();
    let made = match &one {
        Term::Not(inner) => {
            let inner = rewritten_in(program, *inner, rewrite, done)?;
            program.builder().not(inner)
        }
        Term::And(parts) | Term::Or(parts) => {
            let mut all = Vec::with_capacity(parts.len());
            for part in parts {
                all.push(rewritten_in(program, *part, rewrite, done)?);
            }
            let mut build = program.builder();
            if matches!(one, Term::And(_)) { build.and(all) } else { build.or(all) }
        }
        _ => rewrite(&mut program.builder(), &one)?.unwrap_or(term),
    };
    done.insert(term, made);
    Ok(made)
}
