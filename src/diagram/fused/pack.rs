//! Fused levels in the arrays of the runtime.

use std::collections::BTreeMap;

use lexport_runtime::fused;
use lexport_runtime::{Kind, Monomial, NONE, Span, Test};

use super::{Budget, Costs, FuseError, Fused, Fusing, Steps, part};
use crate::diagram::bits::{OwnedBits, Pages, Plan, pair};
use crate::diagram::table::OwnedTable;

/// By place in the row the least and the greatest value of a number.
type HangOn = BTreeMap<u32, (i64, i64)>;

/// Where sums stand among [`OwnedFused::lengths`].
const SUMS: usize = 6;

/// How many values a number may have that is looked up directly, and where its thresholds would be searched otherwise.
pub(in crate::diagram) const DIRECT: i64 = 256;
const WIDE: i64 = 4096;

/// Whether a number is looked up directly, by its domain and the entries of its map; its thresholds and the ends of its domain are one more.
pub(super) fn is_direct(lo: i64, hi: i64, entries: u32) -> bool {
    let most = if entries as usize >= fused::COUNTED { WIDE } else { DIRECT };
    hi.checked_sub(lo).is_some_and(|values| values < most)
}

/// A table with its levels fused, as the runtime reads it.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct OwnedFused {
    pub(super) kinds: Vec<Kind>,
    pub(super) words: Vec<u32>,
    pub(super) row: u32,
    pub(super) flags: Vec<fused::Flag>,
    pub(super) direct: Vec<fused::Direct>,
    pub(super) ranks: Vec<fused::Rank>,
    pub(super) bits: Vec<fused::Bit>,
    pub(super) same: Vec<fused::Same>,
    pub(super) ranges: Vec<fused::Range>,
    pub(super) sums: Vec<fused::Sum>,
    pub(super) terms: Vec<fused::Term>,
    pub(super) products: Vec<fused::Product>,
    pub(super) signs: Vec<fused::Sign>,
    pub(super) maps: Vec<u32>,
    pub(super) thresholds: Vec<i64>,
    pub(super) monomials: Vec<Monomial>,
    pub(super) factors: Vec<u32>,
    pub(super) steps: Vec<fused::Step>,
    pub(super) columns: Vec<u32>,
    pub(super) next: Vec<u32>,
    pub(super) decisions: Vec<(Span, u32)>,
    pub(super) boxes: OwnedBits,
    /// What of `boxes` is large.
    pub(super) pages: Option<Pages>,
    pub(super) by_boxes: Vec<u32>,
    pub(super) outcomes: u32,
}

impl OwnedFused {
    /// A table as it is evaluated fastest: decisions that are bit sets as those, the others with their levels fused.
    ///
    /// # Errors
    /// [`FuseError`].
    pub fn new(table: &OwnedTable, costs: &Costs) -> Result<OwnedFused, FuseError> {
        // What is spent in vain on bit sets is not missing for steps.
        let (left, sets) = (Budget::of(table), Budget::of(table));
        let plans: Vec<Option<Plan>> = table.roots.iter().map(|root| Plan::of(table, *root, &sets)).collect();
        let decisions = table.roots.iter().zip(&plans).map(|(root, plan)| match plan {
            Some(_) => Ok(Steps { steps: Vec::new(), outcome: 0 }),
            None => Fusing::new(table, *root, &left)?.steps(costs),
        });
        let levels = Fused { decisions: decisions.collect::<Result<_, _>>()? };
        let mut out = OwnedFused::pack(table, &levels)?;
        out.by_boxes = plans
            .iter()
            .map(|plan| plan.as_ref().and_then(|plan| out.boxes.add(table, &out.words, plan)).unwrap_or(fused::BY_STEPS))
            .collect();
        if plans.iter().zip(&out.by_boxes).any(|(plan, number)| plan.is_some() && *number == fused::BY_STEPS) {
            return Err(FuseError::TooLarge);
        }
        out.pages = Pages::of(&mut out.boxes);
        out.as_fused().check().map_err(|_| FuseError::Malformed)?;
        Ok(out)
    }

    /// The fused levels of a table, packed.
    ///
    /// # Errors
    /// If the table refers to what is not there, or a step has too many tests.
    pub fn pack(table: &OwnedTable, levels: &Fused) -> Result<OwnedFused, FuseError> {
        let mut out = OwnedFused {
            kinds: table.kinds.clone(),
            monomials: table.monomials.clone(),
            factors: table.factors.clone(),
            outcomes: table.outcomes.len() as u32,
            ..OwnedFused::default()
        };
        for kind in &table.kinds {
            out.words.push(out.row);
            out.row += match kind {
                Kind::Set(size) => size.div_ceil(64),
                _ => 1,
            };
        }
        for decision in &levels.decisions {
            let first = out.steps.len() as u32;
            for step in &decision.steps {
                if step.parts.len() > fused::MOST as usize {
                    return Err(FuseError::TooLarge);
                }
                let begins = out.lengths();
                let mut hang_on = HangOn::new();
                for (test, stride) in &step.parts {
                    let test = *table.tests.get(*test as usize).ok_or(FuseError::Malformed)?;
                    out.test(table, test, *stride, begins, &mut hang_on).ok_or(FuseError::Malformed)?;
                }
                out.ranges.extend(hang_on.into_iter().map(|(word, (lo, hi))| fused::Range { lo, hi, word }));
                let ends = out.lengths();
                let [flags, direct, ranks, bits, same, ranges, sums, signs] =
                    std::array::from_fn(|at| Span { first: begins[at], count: ends[at] - begins[at] });
                let columns = step.columns.chunks(2).map(pair);
                let step = fused::Step {
                    flags,
                    direct,
                    ranks,
                    bits,
                    same,
                    ranges,
                    sums,
                    signs,
                    columns: span(&mut out.columns, columns),
                    combinations: step.combinations,
                    next: span(&mut out.next, step.next.iter().copied()),
                    width: step.width,
                };
                out.steps.push(step);
            }
            let steps = Span { first, count: out.steps.len() as u32 - first };
            out.decisions.push((steps, if decision.steps.is_empty() { decision.outcome } else { 0 }));
        }
        out.as_fused().check().map_err(|_| FuseError::Malformed)?;
        Ok(out)
    }

    /// The decisions that are bit sets.
    #[cfg(test)]
    pub(in crate::diagram) fn boxes(&self) -> &OwnedBits {
        &self.boxes
    }

    fn lengths(&self) -> [u32; 8] {
        let tests = [
            self.flags.len(),
            self.direct.len(),
            self.ranks.len(),
            self.bits.len(),
            self.same.len(),
            self.ranges.len(),
            self.sums.len(),
            self.signs.len(),
        ];
        tests.map(|length| length as u32)
    }

    /// What a test adds to the step that begins there, if one of its classes counts so much; what sums hang on comes into `hang_on`.
    fn test(&mut self, table: &OwnedTable, test: Test, stride: u32, begins: [u32; 8], hang_on: &mut HangOn) -> Option<()> {
        let counts = |class: &u32| if *class == NONE { fused::OUTSIDE } else { class * stride };
        let word = |input: u32| self.words.get(input as usize).copied();
        match test {
            Test::Flag { input } => {
                self.flags.push(fused::Flag { word: word(input)?, stride });
            }
            Test::Member { input, map, .. } => {
                let word = word(input)?;
                let map = span(&mut self.maps, part(&table.maps, map)?.iter().map(counts).chain([fused::OUTSIDE]));
                self.direct.push(fused::Direct { lo: 0, word, map });
            }
            Test::Interval { input, thresholds, map, .. } => {
                let word = word(input)?;
                let Kind::Int(lo, hi) = *self.kinds.get(input as usize)? else { return None };
                let rising = part(&table.thresholds, thresholds)?;
                let map = part(&table.maps, map)?;
                if is_direct(lo, hi, map.len() as u32) {
                    let class = |value: i64| counts(&map[rising.partition_point(|at| *at <= value)]);
                    let map = span(&mut self.maps, (lo..=hi).map(class).chain([fused::OUTSIDE]));
                    self.direct.push(fused::Direct { lo, word, map });
                } else {
                    // What divides no values of the domain is left out.
                    let inside: Vec<i64> = rising.iter().copied().filter(|at| lo < *at && *at <= hi).collect();
                    let below = rising.partition_point(|at| *at <= lo);
                    let classes = map.iter().skip(below).take(inside.len() + 1).map(counts);
                    let map = span(&mut self.maps, [fused::OUTSIDE].into_iter().chain(classes).chain([fused::OUTSIDE])).first;
                    let ends = [lo].into_iter().chain(inside).chain([hi.checked_add(1)?]);
                    self.ranks.push(fused::Rank { word, thresholds: span(&mut self.thresholds, ends), map });
                }
            }
            Test::Has { input, member } => {
                let word = word(input)? + member / 64;
                self.bits.push(fused::Bit { word, bit: member % 64, stride });
            }
            Test::Same { a, b } => {
                let Kind::Enum(size) = *self.kinds.get(a as usize)? else { return None };
                let (a, b) = (word(a)?, word(b)?);
                self.same.push(fused::Same { a, b, size, stride });
            }
            Test::AtLeastZero { monomials, constant } => match self.sum(monomials, constant) {
                Some((terms, products, words)) => {
                    hang_on.extend(words);
                    let threshold = i64::try_from(constant.checked_neg()?).ok()?;
                    let at = span(&mut self.thresholds, [threshold]);
                    let ours = self.sums.get(begins[SUMS] as usize..)?;
                    let goes_on = ours.last().is_some_and(|last| {
                        (last.stride, last.thresholds.first + last.thresholds.count) == (stride, at.first)
                            && part(&self.terms, last.terms) == Some(&terms)
                            && part(&self.products, last.products) == Some(&products)
                    });
                    if goes_on {
                        self.sums.last_mut()?.thresholds.count += 1;
                    } else {
                        let (terms, products) = (span(&mut self.terms, terms), span(&mut self.products, products));
                        self.sums.push(fused::Sum { terms, products, thresholds: at, stride });
                    }
                }
                None => self.signs.push(fused::Sign { constant, monomials, stride }),
            },
        }
        Some(())
    }

    /// The terms of one and of two numbers of a sum for which 64 bits are enough, and what it hangs on.
    fn sum(&self, monomials: Span, constant: i128) -> Option<(Vec<fused::Term>, Vec<fused::Product>, HangOn)> {
        let (mut terms, mut products, mut hang_on) = (Vec::new(), Vec::new(), HangOn::new());
        let mut greatest = constant.checked_abs()?;
        for monomial in part(&self.monomials, monomials)? {
            let mut product = monomial.coefficient.checked_abs()?;
            let mut words = Vec::new();
            for input in part(&self.factors, monomial.factors)? {
                let Kind::Int(lo, hi) = *self.kinds.get(*input as usize)? else { return None };
                let word = *self.words.get(*input as usize)?;
                product = product.checked_mul(i128::from(lo).abs().max(i128::from(hi).abs()))?;
                hang_on.insert(word, (lo, hi));
                words.push(word);
            }
            greatest = greatest.checked_add(product)?;
            let coefficient = i64::try_from(monomial.coefficient).ok()?;
            match *words.as_slice() {
                [word] => terms.push(fused::Term { coefficient, word }),
                [a, b] => products.push(fused::Product { coefficient, a, b }),
                _ => return None,
            }
        }
        (greatest < 1 << 62).then_some((terms, products, hang_on))
    }

    /// The table as the runtime reads it.
    pub fn as_fused(&self) -> fused::Fused<'_> {
        fused::Fused {
            inputs: &self.kinds,
            words: &self.words,
            row: self.row,
            flags: &self.flags,
            direct: &self.direct,
            ranks: &self.ranks,
            bits: &self.bits,
            same: &self.same,
            ranges: &self.ranges,
            sums: &self.sums,
            terms: &self.terms,
            products: &self.products,
            signs: &self.signs,
            maps: &self.maps,
            thresholds: &self.thresholds,
            monomials: &self.monomials,
            factors: &self.factors,
            steps: &self.steps,
            columns: &self.columns,
            next: &self.next,
            decisions: &self.decisions,
            boxes: match &self.pages {
                Some(pages) => pages.with(self.boxes.as_bits()),
                None => self.boxes.as_bits(),
            },
            by_boxes: &self.by_boxes,
            outcomes: self.outcomes,
        }
    }

    /// How many bytes the arrays have.
    pub fn bytes(&self) -> usize {
        fn of<T>(all: &[T]) -> usize {
            std::mem::size_of_val(all)
        }
        of(&self.kinds)
            + of(&self.words)
            + of(&self.flags)
            + of(&self.direct)
            + of(&self.ranks)
            + of(&self.bits)
            + of(&self.same)
            + of(&self.ranges)
            + of(&self.sums)
            + of(&self.terms)
            + of(&self.products)
            + of(&self.signs)
            + of(&self.maps)
            + of(&self.thresholds)
            + of(&self.monomials)
            + of(&self.factors)
            + of(&self.steps)
            + of(&self.columns)
            + of(&self.next)
            + of(&self.decisions)
            + of(&self.by_boxes)
            + self.boxes.bytes()
            + self.pages.as_ref().map_or(0, Pages::bytes)
    }

    /// A row of words for values, one for each input; nothing if one is not known.
    pub fn row(&self, values: &[lexport_runtime::Value<'_>]) -> Option<Vec<i64>> {
        use lexport_runtime::Value;
        let mut row = Vec::with_capacity(self.row as usize);
        for (value, kind) in values.iter().zip(&self.kinds) {
            match (value, kind) {
                (Value::Bool(flag), Kind::Bool) => row.push(i64::from(*flag)),
                (Value::Member(member), Kind::Enum(_)) => row.push(i64::from(*member)),
                (Value::Int(int), Kind::Int(..)) => row.push(*int),
                (Value::Set(words), Kind::Set(size)) => {
                    row.extend((0..size.div_ceil(64) as usize).map(|at| words.get(at).copied().unwrap_or(0).cast_signed()));
                }
                _ => return None,
            }
        }
        (row.len() == self.row as usize).then_some(row)
    }
}

pub(in crate::diagram) fn span<T>(all: &mut Vec<T>, more: impl IntoIterator<Item = T>) -> Span {
    let first = all.len();
    all.extend(more);
    Span { first: first as u32, count: (all.len() - first) as u32 }
}
