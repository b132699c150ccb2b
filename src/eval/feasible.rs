//! Whether whole numbers exist within intervals such that expressions over them lie within intervals: bounds are
//! narrowed as far as they go, then the widest input is halved. Exact when it answers; it gives up after a fixed number
//! of steps, and says so.

use crate::ir::{InputId, Poly};

/// How many boxes are looked at before giving up.
const STEPS: usize = 20_000;

/// How often one box is narrowed.
const ROUNDS: usize = 24;

/// An expression and its least and greatest value.
pub(super) type Bound = (Poly, i128, i128);

/// Whether there is a point in the box that meets all bounds; `None` if that was not found out.
pub(super) fn feasible(variables: Vec<(InputId, i64, i64)>, bounds: &[Bound]) -> Option<bool> {
    let mut stack = vec![variables];
    let mut steps = 0;
    let mut given_up = false;
    while let Some(mut variables) = stack.pop() {
        steps += 1;
        if steps > STEPS {
            return None;
        }
        let open = match narrow(&mut variables, bounds) {
            Narrowed::Empty => continue,
            Narrowed::Beyond => {
                given_up = true;
                continue;
            }
            Narrowed::Open(open) => open,
        };
        if open.is_empty() {
            return Some(true);
        }
        let of = |input: &InputId| open.iter().any(|bound| bound.inputs().contains(input));
        let widest = variables
            .iter()
            .enumerate()
            .filter(|(_, (input, lo, hi))| lo < hi && of(input))
            .max_by_key(|(index, (_, lo, hi))| (i128::from(*hi) - i128::from(*lo), usize::MAX - index))
            .map(|(index, _)| index);
        // A single point with a bound that is not known to hold: its arithmetic left 128 bits.
        let Some(widest) = widest else {
            given_up = true;
            continue;
        };
        let (input, lo, hi) = variables[widest];
        let middle = ((i128::from(lo) + i128::from(hi)).div_euclid(2)) as i64;
        let mut lower = variables.clone();
        lower[widest] = (input, lo, middle);
        variables[widest] = (input, middle + 1, hi);
        stack.push(variables);
        stack.push(lower);
    }
    if given_up { None } else { Some(false) }
}

enum Narrowed<'b> {
    Empty,
    Beyond,
    /// The expressions whose bounds do not hold throughout yet.
    Open(Vec<&'b Poly>),
}

fn narrow<'b>(variables: &mut [(InputId, i64, i64)], bounds: &'b [Bound]) -> Narrowed<'b> {
    let mut open = Vec::new();
    for _ in 0..ROUNDS {
        let mut changed = false;
        open.clear();
        for (poly, least, most) in bounds {
            let of =
                |input: InputId| variables.iter().find(|(other, ..)| *other == input).map_or((0, 0), |(_, lo, hi)| (*lo, *hi));
            let Some((lo, hi)) = poly.bounds(of) else { return Narrowed::Beyond };
            if lo > *most || hi < *least {
                return Narrowed::Empty;
            }
            if lo >= *least && hi <= *most {
                continue;
            }
            open.push(poly);
            for (inputs, coefficient) in &poly.monomials {
                // Only what stands alone in its monomial and nowhere else is narrowed; products are halved.
                let [input] = inputs.as_slice() else { continue };
                if poly.monomials.iter().filter(|(others, _)| others.contains(input)).count() > 1 {
                    continue;
                }
                let Some(at) = variables.iter().position(|(other, ..)| other == input) else { continue };
                let (_, from, to) = variables[at];
                let (a, b) = (i128::from(from) * coefficient, i128::from(to) * coefficient);
                let (own_lo, own_hi) = (a.min(b), a.max(b));
                // least - (rest at most) ≤ coefficient · input ≤ most - (rest at least)
                let least = least.saturating_sub(hi - own_hi);
                let most = most.saturating_sub(lo - own_lo);
                let (least, most) = if *coefficient > 0 {
                    (div_ceil(least, *coefficient), div_floor(most, *coefficient))
                } else {
                    (div_ceil(most, *coefficient), div_floor(least, *coefficient))
                };
                let (new_from, new_to) = (least.max(i128::from(from)), most.min(i128::from(to)));
                if new_from > new_to {
                    return Narrowed::Empty;
                }
                if (new_from, new_to) != (i128::from(from), i128::from(to)) {
                    variables[at] = (*input, new_from as i64, new_to as i64);
                    changed = true;
                    // The bounds of this expression are stale now; the next round takes it up again.
                    break;
                }
            }
        }
        if !changed {
            break;
        }
    }
    Narrowed::Open(open)
}

fn div_ceil(a: i128, b: i128) -> i128 {
    num_integer::Integer::div_ceil(&a, &b)
}

fn div_floor(a: i128, b: i128) -> i128 {
    num_integer::Integer::div_floor(&a, &b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn linear(coefficients: &[i128]) -> Poly {
        Poly { constant: 0, monomials: coefficients.iter().enumerate().map(|(i, c)| (vec![InputId(i as u32)], *c)).collect() }
    }

    fn big() -> Vec<(InputId, i64, i64)> {
        vec![(InputId(0), 0, 1_000_000), (InputId(1), 0, 1_000_000)]
    }

    #[test]
    fn finds_the_only_point_of_a_line() {
        // 2x - 592y = 1 has no whole solution; = 2 has.
        assert_eq!(feasible(big(), &[(linear(&[2, -592]), 2, 2)]), Some(true));
        // 3x + 5y = 7 within [0, 10]²: 3·4 - ..; by hand: y=2 gives -1, y=-1.. none but (x,y) = (−,−): none with y=0,1.
        let small = vec![(InputId(0), 0, 10), (InputId(1), 0, 10)];
        assert_eq!(feasible(small.clone(), &[(linear(&[3, 5]), 7, 7)]), Some(false));
        assert_eq!(feasible(small, &[(linear(&[3, 5]), 11, 11)]), Some(true));
    }

    #[test]
    fn a_product_is_halved_until_it_fits() {
        let product = Poly { constant: 0, monomials: vec![(vec![InputId(0), InputId(1)], 1)] };
        // 1009 is prime and x starts at 2, y too: none.
        let from_two = vec![(InputId(0), 2, 1000), (InputId(1), 2, 1000)];
        assert_eq!(feasible(from_two.clone(), &[(product.clone(), 1009, 1009)]), Some(false));
        assert_eq!(feasible(from_two, &[(product, 1007, 1007)]), Some(true)); // 19 · 53
    }

    #[test]
    fn gives_up_rather_than_guess() {
        // x² - 2y² = 0 has no whole solution from 1 on, and no bound argument shows it.
        let squares =
            Poly { constant: 0, monomials: vec![(vec![InputId(0), InputId(0)], 1), (vec![InputId(1), InputId(1)], -2)] };
        let wide = vec![(InputId(0), 1, 3_000_000_000), (InputId(1), 1, 3_000_000_000)];
        assert_eq!(feasible(wide, &[(squares, 0, 0)]), None);
    }
}
