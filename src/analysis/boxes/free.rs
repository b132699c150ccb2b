//! What rows leave free: the gaps of a table, and whether rows cover another one.
//!
//! A part of the space that a row covers is settled, and so is one that no row meets. Any other is cut in two where the two sides have
//! the fewest rows together: `l·log l + r·log r`, what it costs to settle them if nothing is cut twice.

use num_bigint::BigUint;

use super::{Boxes, Overlaps, Region, Side};

/// The space that no row covers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gaps {
    /// Boxes that cannot be larger without meeting a row. They may meet each other; together they are all that is free.
    pub regions: Vec<Region>,
    /// How many cases that is.
    pub cases: BigUint,
    /// How many cases there are.
    pub of: BigUint,
}

/// What growing may cost for each part that may be looked at: of a table whose gaps are many and large it would else have no end.
const GROWING: u64 = 160;
/// What it costs on one axis, and once more, to see whether a part lies in a box, where a row on one axis costs 1.
const INSIDE: u64 = 2;

/// There are more parts to look at than the limit, or more work with them than is in proportion to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooTangled;

/// A part of the space: by axis the first and the last place.
type Part = Vec<(u32, u32)>;

/// By axis the places of a free box, as ranges.
type Free = Vec<Vec<(u32, u32)>>;

impl Boxes {
    /// All of the space that no row covers. `overlaps` are those of the same boxes; at most `limit` parts are looked at, and what is done
    /// with those that are free is in proportion to it.
    ///
    /// # Errors
    /// [`TooTangled`] beyond the limit.
    pub fn gaps(&self, overlaps: &Overlaps, limit: usize) -> Result<Gaps, TooTangled> {
        let whole: Part = self.places.iter().map(|places| (0, places.len() - 1)).collect();
        let mut free: Vec<Part> = Vec::new();
        let mut cut = Cutting { boxes: self, overlaps: Some(overlaps), limit, inside: None, spare: Vec::new(), seen: Vec::new() };
        cut.run(whole.clone(), self.alive.clone(), |part| {
            free.push(part.to_vec());
            false
        })?;
        let cases = free.iter().map(|part| self.cases(part)).sum();
        // Large parts first: what grows from them takes in most of the others.
        let mut order: Vec<(u128, usize)> =
            free.iter().enumerate().map(|(at, part)| (volume(part).unwrap_or(u128::MAX), at)).collect();
        order.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut grown: Vec<Free> = Vec::new();
        let mut left = (limit as u64).saturating_mul(GROWING);
        let mut spend = |cost: u64| {
            left = left.checked_sub(cost).ok_or(TooTangled)?;
            Ok(())
        };
        // By grown box and axis its first and its last place: what lies outside of these is seen without looking at the box.
        let (mut hulls, width): (Part, usize) = (Part::new(), self.places.len().max(1));
        for (_, at) in order {
            let part = &free[at];
            let inside = |all: &Free| {
                all.iter().zip(part).all(|(ranges, (lo, hi))| ranges.iter().any(|range| range.0 <= *lo && *hi <= range.1))
            };
            let near = |hull: &[(u32, u32)]| hull.iter().zip(part).all(|(hull, (lo, hi))| hull.0 <= *lo && *hi <= hull.1);
            let found = hulls.chunks(width).zip(&grown).position(|(hull, all)| near(hull) && inside(all));
            spend(INSIDE * ((width + 1) * found.map_or(grown.len(), |at| at + 1)) as u64)?;
            if found.is_none() {
                spend((self.alive.len() * self.places.len()) as u64)?;
                let large = self.grow(part);
                hulls.extend(large.iter().map(|ranges| (ranges[0].0, ranges[ranges.len() - 1].1)));
                grown.push(large);
            }
        }
        // In the order of the space, as a person would look for them.
        grown.sort_unstable();
        let regions = grown
            .into_iter()
            .map(|free| free.into_iter().zip(&self.places).map(|(ranges, places)| places.spans(ranges)).collect());
        Ok(Gaps { regions: regions.collect(), cases, of: self.cases(&whole) })
    }

    /// A case that a row has and none of the others; `None` if they cover it.
    ///
    /// # Errors
    /// [`TooTangled`] beyond the limit.
    pub fn uncovered(&self, row: usize, others: &[usize], limit: usize) -> Result<Option<Vec<i64>>, TooTangled> {
        let row = row as u32;
        let whole: Part = self.row(row).iter().map(|side| (side.lo, side.hi)).collect();
        if whole.iter().any(|(lo, hi)| lo > hi) {
            return Ok(None);
        }
        let others = others.iter().map(|other| *other as u32).filter(|other| self.meets_part(*other, &whole)).collect();
        let mut found = None;
        let mut cut = Cutting { boxes: self, overlaps: None, limit, inside: Some(row), spare: Vec::new(), seen: Vec::new() };
        cut.run(whole, others, |part| {
            let sides = self.row(row).iter().zip(part).zip(&self.places);
            found = sides
                .map(|((side, (lo, hi)), places)| {
                    let place = self.ranges(side).find(|(a, b)| a <= hi && lo <= b).map(|(a, _)| a.max(*lo))?;
                    Some(places.values[place as usize].first()?.0)
                })
                .collect();
            true
        })?;
        Ok(found)
    }

    fn meets_part(&self, row: u32, part: &[(u32, u32)]) -> bool {
        self.row(row).iter().zip(part).all(|(side, (lo, hi))| self.meets(side, *lo, *hi))
    }

    fn covers_part(&self, row: u32, part: &[(u32, u32)]) -> bool {
        self.row(row).iter().zip(part).all(|(side, (lo, hi))| self.covers(side, *lo, *hi))
    }

    fn cases(&self, part: &[(u32, u32)]) -> BigUint {
        let sizes = self.places.iter().zip(part).map(|(places, (lo, hi))| {
            let spans = places.values[*lo as usize..=*hi as usize].iter().flatten();
            spans.map(|(lo, hi)| u128::from(lo.abs_diff(*hi)) + 1).sum::<u128>()
        });
        let sizes: Vec<u128> = sizes.collect();
        match sizes.iter().try_fold(1u128, |product, size| product.checked_mul(*size)) {
            Some(product) => BigUint::from(product),
            None => sizes.into_iter().map(BigUint::from).product(),
        }
    }

    /// A free part as large as it can be, axis after axis.
    fn grow(&self, part: &[(u32, u32)]) -> Free {
        let mut free: Free = part.iter().map(|range| vec![*range]).collect();
        for axis in 0..free.len() {
            let elsewhere = |row: &u32| {
                let mut others = self.row(*row).iter().zip(&free).enumerate().filter(|(at, _)| *at != axis);
                others.all(|(_, (side, ranges))| ranges.iter().any(|(lo, hi)| self.meets(side, *lo, *hi)))
            };
            let blocking = || self.alive.iter().filter(|row| elsewhere(row)).flat_map(|row| self.ranges(&self.row(*row)[axis]));
            let most = self.places[axis].len() - 1;
            free[axis] = if self.places[axis].ordered {
                let (lo, hi) = part[axis];
                let (mut least, mut greatest) = (0, most);
                for (from, to) in blocking() {
                    if to < lo {
                        least = least.max(to + 1);
                    } else if from > hi {
                        greatest = greatest.min(from - 1);
                    }
                }
                vec![(least, greatest)]
            } else {
                let mut taken: Vec<(u32, u32)> = blocking().collect();
                taken.sort_unstable();
                let (mut ranges, mut next) = (Vec::new(), 0);
                for (from, to) in taken {
                    if next < from {
                        ranges.push((next, from - 1));
                    }
                    next = next.max(to + 1);
                }
                ranges.extend((next <= most).then_some((next, most)));
                ranges
            };
        }
        free
    }
}

/// How many places a part has, up to 128 bits.
fn volume(part: &[(u32, u32)]) -> Option<u128> {
    part.iter().try_fold(1u128, |product, (lo, hi)| product.checked_mul(u128::from(hi - lo + 1)))
}

/// `n·log n` in sixteenths of bits, nearly: between two powers of two it is a straight line.
fn weight(n: usize) -> u64 {
    let n = n as u64;
    let Some(log) = n.checked_ilog2() else { return 0 };
    n * (u64::from(log) * 16 + ((n << 4) >> log) - 16)
}

/// Cutting a space until every part is settled.
struct Cutting<'b> {
    boxes: &'b Boxes,
    /// Where they are known, rows that meet no other are counted rather than cut.
    overlaps: Option<&'b Overlaps>,
    limit: usize,
    /// Only what this row has is asked about.
    inside: Option<u32>,
    /// Room that is used again.
    spare: Vec<(u32, u32, u32)>,
    seen: Vec<bool>,
}

impl Cutting<'_> {
    /// Calls `free` for each part that no row meets, until it answers that this is enough.
    fn run(&mut self, whole: Part, rows: Vec<u32>, mut free: impl FnMut(&[(u32, u32)]) -> bool) -> Result<(), TooTangled> {
        let mut open = vec![(whole, rows)];
        let mut looked = 0;
        while let Some((part, rows)) = open.pop() {
            looked += 1;
            if looked > self.limit {
                return Err(TooTangled);
            }
            if self.inside.is_some_and(|row| !self.boxes.meets_part(row, &part)) {
                continue;
            }
            if rows.is_empty() {
                if free(&part) {
                    return Ok(());
                }
                continue;
            }
            if rows.iter().any(|row| self.boxes.covers_part(*row, &part)) || self.filled(&part, &rows) {
                continue;
            }
            // Some row meets the part and does not cover it, so it has an end inside.
            let Some((axis, at)) = self.cut(&part, &rows) else { return Err(TooTangled) };
            let (lo, hi) = part[axis];
            let side_of = |lo: u32, hi: u32| -> Vec<u32> {
                rows.iter().copied().filter(|row| self.boxes.meets(&self.boxes.row(*row)[axis], lo, hi)).collect()
            };
            let (below, above) = (side_of(lo, at - 1), side_of(at, hi));
            let mut lower = part.clone();
            lower[axis].1 = at - 1;
            let mut upper = part;
            upper[axis].0 = at;
            open.push((upper, above));
            open.push((lower, below));
        }
        Ok(())
    }

    /// Whether rows that do not meet each other fill a part: their volumes add up to its own.
    fn filled(&self, part: &[(u32, u32)], rows: &[u32]) -> bool {
        let Some(overlaps) = self.overlaps else { return false };
        if rows.iter().any(|row| overlaps.rows[*row as usize]) {
            return false;
        }
        let Some(whole) = volume(part) else { return false };
        let inside = |row: &u32| {
            let sides = self.boxes.row(*row).iter().zip(part);
            sides.fold(1u128, |product, (side, (lo, hi))| product * u128::from(self.within(side, *lo, *hi)))
        };
        // Parts of one whole that do not meet: the sum is at most the whole.
        rows.iter().map(inside).sum::<u128>() == whole
    }

    /// How many places of a side lie between two.
    fn within(&self, side: &Side, lo: u32, hi: u32) -> u32 {
        self.boxes.ranges(side).filter(|(a, b)| *a <= hi && lo <= *b).map(|(a, b)| b.min(hi) - a.max(lo) + 1).sum()
    }

    /// The axis and the place before which to cut.
    fn cut(&mut self, part: &[(u32, u32)], rows: &[u32]) -> Option<(usize, u32)> {
        let mut best: Option<(u64, usize, u32)> = None;
        for (axis, (lo, hi)) in part.iter().copied().enumerate().filter(|(_, (lo, hi))| lo < hi) {
            let ends = self.ends(axis, lo, hi, rows);
            // Rows that have begun before a place lie below it, those that have not ended there above; some do both.
            let (mut begun, mut ended) = (0, 0);
            for (place, begins, over) in &ends {
                ended += *over as usize;
                if *place > lo {
                    let cost = weight(begun) + weight(rows.len() - ended);
                    if best.is_none_or(|(least, ..)| cost < least) {
                        best = Some((cost, axis, *place));
                    }
                }
                begun += *begins as usize;
            }
            self.spare = ends;
        }
        best.map(|(_, axis, at)| (axis, at))
    }

    /// The places where rows begin or have ended, rising, with how many of them do; and where their first holes begin.
    fn ends(&mut self, axis: usize, lo: u32, hi: u32, rows: &[u32]) -> Vec<(u32, u32, u32)> {
        let mut ends = std::mem::take(&mut self.spare);
        ends.clear();
        let width = (hi - lo + 1) as usize;
        // Few places are counted one by one; of many only those where something happens are put in order.
        let dense = width <= 8 * rows.len();
        if dense {
            ends.extend((lo..=hi).map(|place| (place, 0, 0)));
        }
        let mut seen = std::mem::take(&mut self.seen);
        seen.clear();
        seen.resize(if dense { width } else { 0 }, false);
        let mut note = |place: u32, begins: u32, over: u32| {
            if dense {
                let at = (place - lo) as usize;
                ends[at].1 += begins;
                ends[at].2 += over;
                seen[at] = true;
            } else {
                ends.push((place, begins, over));
            }
        };
        for row in rows {
            let side = &self.boxes.row(*row)[axis];
            let (first, last, hole) = self.clipped(side, lo, hi);
            note(first, 1, 0);
            if last < hi {
                note(last + 1, 0, 1);
            }
            if let Some(hole) = hole {
                note(hole, 0, 0);
            }
        }
        if dense {
            let mut at = 0;
            ends.retain(|_| {
                at += 1;
                seen[at - 1]
            });
        } else {
            ends.sort_unstable();
            ends.dedup_by(|later, first| {
                let same = later.0 == first.0;
                if same {
                    first.1 += later.1;
                    first.2 += later.2;
                }
                same
            });
        }
        self.seen = seen;
        ends
    }

    /// The first and the last place of a side between two, and where its first hole begins.
    fn clipped(&self, side: &Side, lo: u32, hi: u32) -> (u32, u32, Option<u32>) {
        if side.pieces == super::WHOLE {
            return (side.lo.max(lo), side.hi.min(hi), None);
        }
        let pieces = &self.boxes.pieces[side.pieces as usize];
        let first = pieces.partition_point(|piece| piece.1 < lo);
        let last = pieces.partition_point(|piece| piece.0 <= hi) - 1;
        let hole = (first < last).then(|| pieces[first].1 + 1);
        (pieces[first].0.max(lo), pieces[last].1.min(hi), hole)
    }
}
