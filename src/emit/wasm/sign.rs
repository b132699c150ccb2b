//! The sign of a polynomial, exactly: in 64 bits where its domain shows that nothing leaves them, else in 128.
//!
//! In: a test and the values of its inputs. Out: instructions. Where an input may be unknown, the range of the polynomial over the
//! domain of what is unknown is found from the corners of each product, as `lexport_runtime` does. 128-bit products are put together
//! from halves (D. Knuth, The Art of Computer Programming 2, 4.3.1, algorithm M).

use lexport_runtime::{Kind, Monomial, Span};
use wasm_encoder::{Function, ValType};

use super::code::{Code, Values};
use super::layout::Row;
use crate::diagram::{OwnedTable, part};
use crate::emit::artifact::EmitError;

/// A polynomial with the ranges that its parts have.
pub(super) struct Polynomial {
    constant: i128,
    products: Vec<Product>,
    /// Whether every part of it stays within 64 bits.
    pub(super) narrow: bool,
}

struct Product {
    coefficient: i128,
    factors: Vec<(u32, i64, i64)>,
    /// How many factors may be multiplied within 64 bits; `None`: the coefficient leaves them by itself.
    narrow: Option<usize>,
}

/// The numbers of functions that 128 bits need.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Helpers {
    /// `(low, high, factor) → (low, high)`.
    pub multiply: u32,
    /// `(least, most, a, b) → (least, most)`, in 64 bits.
    pub span: u32,
    /// The same in 128 bits.
    pub wide_span: u32,
}

fn fits(value: i128) -> bool {
    i64::try_from(value).is_ok()
}

impl Polynomial {
    /// The polynomial of a test. Fails if it leaves 128 bits for some values of their domains.
    pub(super) fn new(table: &OwnedTable, test: usize, monomials: Span, constant: i128) -> Result<Polynomial, EmitError> {
        let too_large = || EmitError::TooLarge(format!("the polynomial of test {test} leaves 128 bits"));
        let malformed = || EmitError::Malformed(format!("test {test} refers to what is not there"));
        let (mut least, mut most) = (constant, constant);
        let mut narrow = fits(constant);
        let mut products = Vec::new();
        for monomial in part(&table.monomials, monomials).ok_or_else(malformed)? {
            let Monomial { coefficient, factors } = *monomial;
            let (mut lo, mut hi) = (coefficient, coefficient);
            let mut product = Product { coefficient, factors: Vec::new(), narrow: fits(coefficient).then_some(0) };
            for (number, input) in part(&table.factors, factors).ok_or_else(malformed)?.iter().enumerate() {
                let Some(Kind::Int(a, b)) = table.kinds.get(*input as usize).copied() else { return Err(malformed()) };
                let (mut low, mut high) = (i128::MAX, i128::MIN);
                for (x, y) in [(lo, a), (lo, b), (hi, a), (hi, b)] {
                    let corner = x.checked_mul(i128::from(y)).ok_or_else(too_large)?;
                    (low, high) = (low.min(corner), high.max(corner));
                }
                (lo, hi) = (low, high);
                if product.narrow == Some(number) && fits(lo) && fits(hi) {
                    product.narrow = Some(number + 1);
                }
                product.factors.push((*input, a, b));
            }
            narrow &= product.narrow == Some(product.factors.len());
            least = least.checked_add(lo).ok_or_else(too_large)?;
            most = most.checked_add(hi).ok_or_else(too_large)?;
            narrow &= fits(least) && fits(most);
            products.push(product);
        }
        Ok(Polynomial { constant, products, narrow })
    }

    /// Pushes 1 if it is zero or more, else 0; all inputs are known.
    pub(super) fn known(&self, code: &mut Code, row: &Row, values: &Values, helpers: Helpers) {
        let load = |code: &mut Code, input: u32| code.wide(row.fields[input as usize].store, values.0[input as usize][0]);
        if self.narrow {
            code.op().i64_const(self.constant as i64);
            for product in &self.products {
                code.op().i64_const(product.coefficient as i64);
                for (input, ..) in &product.factors {
                    load(code, *input);
                    code.op().i64_mul();
                }
                code.op().i64_add();
            }
            code.op().i64_const(0).i64_ge_s();
            return;
        }
        let [low, high, part_low, part_high] = [(); 4].map(|()| code.local(ValType::I64));
        code.op().i64_const(self.constant as i64).local_set(low).i64_const((self.constant >> 64) as i64).local_set(high);
        for product in &self.products {
            let narrow = product.narrow.unwrap_or(0);
            code.op().i64_const(product.coefficient as i64);
            for (input, ..) in &product.factors[..narrow] {
                load(code, *input);
                code.op().i64_mul();
            }
            code.op().local_set(part_low);
            if product.narrow.is_some() {
                code.op().local_get(part_low).i64_const(63).i64_shr_s().local_set(part_high);
            } else {
                code.op().i64_const((product.coefficient >> 64) as i64).local_set(part_high);
            }
            for (input, ..) in &product.factors[narrow..] {
                code.op().local_get(part_low).local_get(part_high);
                load(code, *input);
                code.op().call(helpers.multiply).local_set(part_high).local_set(part_low);
            }
            add(code, (low, high), (part_low, part_high));
        }
        code.op().local_get(high).i64_const(0).i64_ge_s();
    }

    /// Pushes 1 if it is zero or more, 0 if it is less, −1 if that hangs on what is unknown. `bounds` pushes the least (`false`) or
    /// most (`true`) that an input can be.
    pub(super) fn unknown(&self, code: &mut Code, bounds: &mut dyn FnMut(&mut Code, u32, bool), helpers: Helpers) {
        let (least_high, most_high);
        if self.narrow {
            let [least, most, lo, hi] = [(); 4].map(|()| code.local(ValType::I64));
            (least_high, most_high) = (least, most);
            code.op().i64_const(self.constant as i64).local_tee(least).local_set(most);
            for product in &self.products {
                code.op().i64_const(product.coefficient as i64).local_tee(lo).local_set(hi);
                for (input, ..) in &product.factors {
                    code.op().local_get(lo).local_get(hi);
                    bounds(code, *input, false);
                    bounds(code, *input, true);
                    code.op().call(helpers.span).local_set(hi).local_set(lo);
                }
                code.op().local_get(least).local_get(lo).i64_add().local_set(least);
                code.op().local_get(most).local_get(hi).i64_add().local_set(most);
            }
        } else {
            let both = |code: &mut Code| (code.local(ValType::I64), code.local(ValType::I64));
            let (least, most, lo, hi) = (both(code), both(code), both(code), both(code));
            (least_high, most_high) = (least.1, most.1);
            let set = |code: &mut Code, value: i128, (low, high): (u32, u32)| {
                code.op().i64_const(value as i64).local_set(low).i64_const((value >> 64) as i64).local_set(high);
            };
            set(code, self.constant, least);
            set(code, self.constant, most);
            for product in &self.products {
                set(code, product.coefficient, lo);
                set(code, product.coefficient, hi);
                for (input, ..) in &product.factors {
                    code.op().local_get(lo.0).local_get(lo.1).local_get(hi.0).local_get(hi.1);
                    bounds(code, *input, false);
                    bounds(code, *input, true);
                    code.op().call(helpers.wide_span).local_set(hi.1).local_set(hi.0).local_set(lo.1).local_set(lo.0);
                }
                add(code, least, lo);
                add(code, most, hi);
            }
        }
        code.op().i32_const(1).i32_const(0).i32_const(-1).local_get(most_high).i64_const(0).i64_lt_s().select();
        code.op().local_get(least_high).i64_const(0).i64_ge_s().select();
    }
}

/// Adds a 128-bit number to another.
fn add(code: &mut Code, to: (u32, u32), more: (u32, u32)) {
    let mut op = code.op();
    op.local_get(to.0).local_get(more.0).i64_add().local_tee(to.0);
    op.local_get(more.0).i64_lt_u().i64_extend_i32_u();
    op.local_get(to.1).i64_add().local_get(more.1).i64_add().local_set(to.1);
}

/// `(low, high, factor) → (low, high)`: a 128-bit number times a 64-bit one, both signed, modulo 2¹²⁸.
pub(super) fn multiply() -> Function {
    let (low, high, factor) = (0, 1, 2);
    let mut code = Code::new(3);
    let [middle, cross] = [(); 2].map(|()| code.local(ValType::I64));
    const HALF: i64 = 0xffff_ffff;
    let lower = |code: &mut Code, of: u32| {
        code.op().local_get(of).i64_const(HALF).i64_and();
    };
    let upper = |code: &mut Code, of: u32| {
        code.op().local_get(of).i64_const(32).i64_shr_u();
    };
    code.op().local_get(low).local_get(factor).i64_mul();
    // middle = upper(low)·lower(factor) + the upper half of lower·lower
    upper(&mut code, low);
    lower(&mut code, factor);
    code.op().i64_mul();
    lower(&mut code, low);
    lower(&mut code, factor);
    code.op().i64_mul().i64_const(32).i64_shr_u().i64_add().local_set(middle);
    // cross = lower(low)·upper(factor) + the lower half of that
    lower(&mut code, low);
    upper(&mut code, factor);
    code.op().i64_mul();
    lower(&mut code, middle);
    code.op().i64_add().local_set(cross);
    upper(&mut code, low);
    upper(&mut code, factor);
    code.op().i64_mul();
    upper(&mut code, middle);
    code.op().i64_add();
    upper(&mut code, cross);
    code.op().i64_add();
    // The upper words: of a negative factor all bits are set.
    code.op().local_get(low).local_get(factor).i64_const(63).i64_shr_s().i64_mul().i64_add();
    code.op().local_get(high).local_get(factor).i64_mul().i64_add();
    code.finish()
}

/// `(least, most, a, b) → (least, most)` of the products of what lies between the first two and what lies between the last two.
pub(super) fn span() -> Function {
    let mut code = Code::new(4);
    let [least, most, corner] = [(); 3].map(|()| code.local(ValType::I64));
    for (number, (x, y)) in [(0, 2), (0, 3), (1, 2), (1, 3)].into_iter().enumerate() {
        code.op().local_get(x).local_get(y).i64_mul().local_set(corner);
        for (end, less) in [(least, true), (most, false)] {
            let mut op = code.op();
            op.local_get(corner);
            if number > 0 {
                op.local_get(end).local_get(corner).local_get(end);
                if less {
                    op.i64_lt_s()
                } else {
                    op.i64_gt_s()
                };
                op.select();
            }
            op.local_set(end);
        }
    }
    code.op().local_get(least).local_get(most);
    code.finish()
}

/// As [`span`], in 128 bits: `(least, most, a, b) → (least, most)`, each of the first two and of the results in two words.
pub(super) fn wide_span(multiply: u32) -> Function {
    let mut code = Code::new(6);
    let [least_low, least_high, most_low, most_high, low, high] = [(); 6].map(|()| code.local(ValType::I64));
    let smaller = code.local(ValType::I32);
    for (number, (x, y)) in [(0, 4), (0, 5), (2, 4), (2, 5)].into_iter().enumerate() {
        code.op().local_get(x).local_get(x + 1).local_get(y).call(multiply).local_set(high).local_set(low);
        for (end, less) in [((least_low, least_high), true), ((most_low, most_high), false)] {
            let mut op = code.op();
            if number == 0 {
                op.local_get(low).local_set(end.0).local_get(high).local_set(end.1);
                continue;
            }
            let (one, other) = if less { ((low, high), end) } else { (end, (low, high)) };
            // one < other: by the upper words, or by the lower ones where those are equal.
            op.local_get(one.0).local_get(other.0).i64_lt_u();
            op.local_get(one.1).local_get(other.1).i64_lt_s();
            op.local_get(one.1).local_get(other.1).i64_eq().select().local_set(smaller);
            op.local_get(low).local_get(end.0).local_get(smaller).select().local_set(end.0);
            op.local_get(high).local_get(end.1).local_get(smaller).select().local_set(end.1);
        }
    }
    code.op().local_get(least_low).local_get(least_high).local_get(most_low).local_get(most_high);
    code.finish()
}
