//! The sign of a polynomial by formula, exactly.
//!
//! In: monomials over inputs. Out: columns, and the formula of the class: 1 if the sum is 0 or more, 0 if it is less, `""` if unknown inputs
//! leave it open. Doubles are exact only while nothing leaves 2^48 (see `codes`); where the bounds of the inputs allow more, numbers are
//! carried in parts of six digits, as one does it by hand: products part by part, then what is over is carried on.

use super::codes::{BASE, Code, parts};
use super::layout::Columns;
use super::{LIMIT, part};
use crate::diagram::OwnedTable;
use crate::emit::artifact::EmitError;
use lexport_runtime::{Monomial, Span};

/// The least or the greatest value that an input can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Least,
    Most,
}

impl End {
    fn word(self) -> &'static str {
        match self {
            End::Least => "least",
            End::Most => "most",
        }
    }
}

/// One part of a number: a formula, and between what it lies.
#[derive(Clone, Debug)]
struct Part {
    formula: String,
    lo: i128,
    hi: i128,
}

/// A number in parts, the lowest first. All but the last are from 0 to 10^6 - 1.
type Parts = Vec<Part>;

/// The inputs of arithmetic, and the columns of their ends.
pub(super) struct Arithmetic<'t> {
    pub table: &'t OwnedTable,
    /// By input.
    pub codes: &'t [Option<Code>],
    /// By input and end: the columns, if they are there already.
    ends: std::collections::BTreeMap<(u32, bool), (String, Option<String>)>,
}

impl<'t> Arithmetic<'t> {
    pub fn new(table: &'t OwnedTable, codes: &'t [Option<Code>]) -> Self {
        Arithmetic { table, codes, ends: std::collections::BTreeMap::new() }
    }

    fn code(&self, input: u32) -> Result<&'t Code, EmitError> {
        let code = self.codes.get(input as usize).and_then(Option::as_ref);
        code.ok_or_else(|| EmitError::Malformed(format!("input {input} is not entered")))
    }

    fn bounds(&self, input: u32) -> (i64, i64) {
        self.table.inputs[input as usize].domain.bounds().unwrap_or((0, 0))
    }

    /// The columns of the least or greatest value that an input can have: its own, if it is known.
    fn end(&mut self, input: u32, end: End, columns: &mut Columns) -> Result<(String, Option<String>), EmitError> {
        if let Some(known) = self.ends.get(&(input, end == End::Most)) {
            return Ok(known.clone());
        }
        let (code, (lo, hi)) = (self.code(input)?, self.bounds(input));
        let bound = if end == End::Least { lo } else { hi };
        let head = format!("{}: {}", self.table.inputs[input as usize].name, end.word());
        let cell = &code.code;
        let made = if let Some(low) = &code.low {
            let (high_bound, low_bound) = parts(bound);
            let high = columns.add(format!("{head}, high"), format!("IF(ISNUMBER({cell}),{cell},{high_bound})"));
            let low = columns.add(format!("{head}, low"), format!("IF(ISNUMBER({cell}),{low},{low_bound})"));
            (high, Some(low))
        } else {
            (columns.add(head, format!("IF(ISNUMBER({cell}),{cell},{bound})")), None)
        };
        self.ends.insert((input, end == End::Most), made.clone());
        Ok(made)
    }

    /// The formula of the class of a test.
    pub fn class(&mut self, number: usize, monomials: Span, constant: i128, columns: &mut Columns) -> Result<String, EmitError> {
        let monomials = part(&self.table.monomials, monomials);
        let mut inputs: Vec<u32> =
            monomials.iter().flat_map(|monomial| part(&self.table.factors, monomial.factors)).copied().collect();
        inputs.sort_unstable();
        inputs.dedup();
        let known = |this: &Self| -> Result<String, EmitError> {
            let cells: Vec<String> =
                inputs.iter().map(|input| Ok(this.code(*input)?.code.clone())).collect::<Result<_, EmitError>>()?;
            Ok(format!("COUNT({})={}", cells.join(","), inputs.len()))
        };
        // A product falls as a factor grows where others are negative: its ends are then not those of its factors.
        let sharp = monomials.iter().all(|monomial| {
            let factors = part(&self.table.factors, monomial.factors);
            factors.len() < 2 || factors.iter().all(|input| self.bounds(*input).0 >= 0)
        });
        let direct = self.fits(monomials, constant, &inputs);
        let mut sums = Vec::new();
        for end in [End::Least, End::Most] {
            if end == End::Most && !sharp {
                break;
            }
            let head = format!("test {number}: {}", end.word());
            sums.push(if direct {
                let formula = self.direct(monomials, constant, end, columns)?;
                columns.add(head, formula)
            } else {
                self.in_parts(&head, monomials, constant, end, columns)?
            });
        }
        Ok(match sums.as_slice() {
            [least, most] => format!("IF({least}>=0,1,IF({most}<0,0,\"\"))"),
            [sum] => format!("IF({},IF({sum}>=0,1,0),\"\")", known(self)?),
            _ => "\"\"".into(),
        })
    }

    /// Whether every product and every sum stays below the limit, whatever the values.
    fn fits(&self, monomials: &[Monomial], constant: i128, inputs: &[u32]) -> bool {
        if inputs.iter().any(|input| self.codes[*input as usize].as_ref().is_none_or(|code| code.low.is_some())) {
            return false;
        }
        let size = |monomial: &Monomial| {
            let factors = part(&self.table.factors, monomial.factors).iter().map(|input| {
                let (lo, hi) = self.bounds(*input);
                u128::from(lo.unsigned_abs().max(hi.unsigned_abs())).max(1)
            });
            factors.fold(monomial.coefficient.unsigned_abs(), u128::saturating_mul)
        };
        let sum = monomials.iter().map(size).fold(constant.unsigned_abs(), u128::saturating_add);
        sum < LIMIT.unsigned_abs()
    }

    /// The end of a factor that makes its monomial least or greatest.
    fn turned(monomial: &Monomial, end: End) -> End {
        match (monomial.coefficient < 0, end) {
            (false, end) => end,
            (true, End::Least) => End::Most,
            (true, End::Most) => End::Least,
        }
    }

    fn direct(&mut self, monomials: &[Monomial], constant: i128, end: End, columns: &mut Columns) -> Result<String, EmitError> {
        let mut out = constant.to_string();
        for monomial in monomials {
            let end = Self::turned(monomial, end);
            out += if monomial.coefficient < 0 { "-" } else { "+" };
            out += &monomial.coefficient.unsigned_abs().to_string();
            for input in part(&self.table.factors, monomial.factors) {
                out += &format!("*{}", self.end(*input, end, columns)?.0);
            }
        }
        Ok(out)
    }

    /// The highest part of the sum: it has the sign of the whole.
    fn in_parts(
        &mut self,
        head: &str,
        monomials: &[Monomial],
        constant: i128,
        end: End,
        columns: &mut Columns,
    ) -> Result<String, EmitError> {
        let mut sum = constant_parts(constant);
        for (index, monomial) in monomials.iter().enumerate() {
            let turned = Self::turned(monomial, end);
            let mut product = constant_parts(monomial.coefficient);
            for (at, input) in part(&self.table.factors, monomial.factors).iter().enumerate() {
                let factor = self.factor(*input, turned, columns)?;
                product = carried(&format!("{head}, product {index}.{at}"), times(&product, &factor), columns)?;
            }
            sum = plus(&sum, &product);
        }
        let sum = carried(head, sum, columns)?;
        let top = sum.last().ok_or_else(|| EmitError::Malformed("a sum of nothing".into()))?;
        Ok(columns.add(format!("{head}, sign"), top.formula.clone()))
    }

    /// A factor in parts.
    fn factor(&mut self, input: u32, end: End, columns: &mut Columns) -> Result<Parts, EmitError> {
        let (lo, hi) = self.bounds(input);
        let head = format!("{}: {}", self.table.inputs[input as usize].name, end.word());
        let (cell, low) = self.end(input, end, columns)?;
        let one = |formula: String, lo: i64, hi: i64| Part { formula, lo: lo.into(), hi: hi.into() };
        match low {
            Some(low) => {
                let mut all = vec![one(low, 0, BASE - 1)];
                all.push(one(cell, lo.div_euclid(BASE), hi.div_euclid(BASE)));
                carried(&head, all, columns)
            }
            None => carried(&head, vec![one(cell, lo, hi)], columns),
        }
    }
}

/// A constant in parts, each of its sign.
fn constant_parts(constant: i128) -> Parts {
    let mut out = Parts::new();
    let mut rest = constant;
    loop {
        let low = rest % i128::from(BASE);
        out.push(Part { formula: if low < 0 { format!("({low})") } else { low.to_string() }, lo: low, hi: low });
        rest /= i128::from(BASE);
        if rest == 0 {
            return out;
        }
    }
}

fn sum_of(all: Vec<Part>) -> Part {
    let formulas: Vec<String> = all.iter().filter(|one| one.formula != "0").map(|one| one.formula.clone()).collect();
    let (lo, hi) = all.iter().fold((0, 0), |(lo, hi): (i128, i128), one| (lo.saturating_add(one.lo), hi.saturating_add(one.hi)));
    Part { formula: if formulas.is_empty() { "0".into() } else { formulas.join("+") }, lo, hi }
}

/// A product, not yet carried.
fn times(a: &Parts, b: &Parts) -> Parts {
    let mut sums: Vec<Vec<Part>> = vec![Vec::new(); a.len() + b.len() - 1];
    for (i, x) in a.iter().enumerate() {
        for (j, y) in b.iter().enumerate() {
            let corners = [(x.lo, y.lo), (x.lo, y.hi), (x.hi, y.lo), (x.hi, y.hi)].map(|(x, y)| x.saturating_mul(y));
            let formula = match (x.formula.as_str(), y.formula.as_str()) {
                ("0", _) | (_, "0") => "0".into(),
                ("1", other) | (other, "1") => other.to_owned(),
                (x, y) => format!("{x}*{y}"),
            };
            let (lo, hi) = corners.iter().fold((i128::MAX, i128::MIN), |(lo, hi), one| (lo.min(*one), hi.max(*one)));
            sums[i + j].push(Part { formula, lo, hi });
        }
    }
    sums.into_iter().map(sum_of).collect()
}

/// A sum, not yet carried.
fn plus(a: &Parts, b: &Parts) -> Parts {
    (0..a.len().max(b.len())).map(|at| sum_of([a.get(at), b.get(at)].into_iter().flatten().cloned().collect())).collect()
}

/// Carries what is over in each part on to the next one: all but the last are then from 0 to 10^6 - 1, the last within ±10^6.
fn carried(head: &str, parts: Parts, columns: &mut Columns) -> Result<Parts, EmitError> {
    let base = i128::from(BASE);
    let mut out = Parts::new();
    let mut carry: Option<Part> = None;
    let mut rest = parts.into_iter();
    loop {
        let next = rest.next();
        let last = rest.len() == 0;
        let here = match (next, carry.take()) {
            (None, None) => break,
            (one, over) => sum_of(one.into_iter().chain(over).collect()),
        };
        if here.lo.abs().max(here.hi.abs()) >= LIMIT {
            return Err(EmitError::TooWide(format!("{head}: a part of it exceeds 2^48")));
        }
        if last && here.lo >= -base && here.hi < base {
            out.push(cell(head, out.len(), here, columns));
            break;
        }
        if here.lo >= 0 && here.hi < base {
            let here = cell(head, out.len(), here, columns);
            out.push(here);
            if last {
                break;
            }
            continue;
        }
        let here = cell(head, out.len(), here, columns);
        let over = format!("INT({}/{BASE})", here.formula);
        carry = Some(Part { formula: over.clone(), lo: here.lo.div_euclid(base), hi: here.hi.div_euclid(base) });
        out.push(Part { formula: format!("({}-{BASE}*{over})", here.formula), lo: 0, hi: base - 1 });
    }
    Ok(out)
}

/// A part as a column of its own, unless it is one or a constant.
fn cell(head: &str, at: usize, part: Part, columns: &mut Columns) -> Part {
    if part.formula.contains(['+', '*', '(']) && part.lo != part.hi {
        Part { formula: columns.add(format!("{head}, part {at}"), part.formula), ..part }
    } else {
        part
    }
}
