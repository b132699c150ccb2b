//! Rows of a decision table as boxes: which overlap, what none covers, which are covered by others. Exact, and without a solver.
//!
//! In: [`Axis`]es (the columns: whole numbers from `least` to `most`, where a member, a step of a number or a day is one of them) and
//! rows, each a list of ranges for every axis. Out: all pairs of rows that meet ([`Boxes::overlaps`]), all of the space that no
//! row covers as boxes that cannot be larger ([`Boxes::gaps`]), and whether rows cover another one ([`Boxes::uncovered`]).
//!
//! Every value of an axis falls into one of finitely many *places* (between two neighbouring ends of ranges; of an axis without order:
//! the members that no row tells apart), and only places are computed with.
//!
//! Whose idea: overlaps and missing rows of a decision table as geometry, Calvanese, Dumas, Laurson, Maggi, Montali, Teinemaa, "Semantics
//! and analysis of DMN decision tables", BPM 2016. DIVERGENCE: they sweep the columns in their order, and what is split by one column
//! is looked at once for every part of it; here the space is cut where the fewest rows are cut, as packet classifiers do it (Gupta
//! and McKeown, "Packet classification using hierarchical intelligent cuttings", Hot Interconnects 1999), and a part in which the
//! rows are disjoint is settled by its volume.

mod free;
mod meet;
mod places;

#[cfg(test)]
mod tests;

pub use free::{Gaps, TooTangled};
pub use meet::Overlaps;

use places::Places;

/// A column: the whole numbers that it can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Axis {
    /// The least value.
    pub least: i64,
    /// The greatest value.
    pub most: i64,
    /// Whether neighbours belong together (numbers, days) or are only different (members).
    pub ordered: bool,
}

/// Rising ranges with both ends included, which do not touch.
pub type Spans = Vec<(i64, i64)>;

/// A part of the space: by axis what it has there.
pub type Region = Vec<Spans>;

/// The ends of a row on an axis, as places; where it has holes between them, which pieces it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Side {
    lo: u32,
    hi: u32,
    /// In [`Boxes::pieces`]; [`WHOLE`] without holes.
    pieces: u32,
}

/// No holes.
const WHOLE: u32 = u32::MAX;

/// Rows of a table, ready to be asked about.
#[derive(Clone, Debug)]
pub struct Boxes {
    places: Vec<Places>,
    /// By row, then by axis.
    sides: Vec<Side>,
    /// The pieces of sides with holes, each kind once.
    pieces: Vec<Vec<(u32, u32)>>,
    /// Rows that some case meets, rising.
    alive: Vec<u32>,
    rows: usize,
}

impl Boxes {
    /// Reads rows: for each axis the ranges that a row allows there. What lies outside of the axis is cut off.
    pub fn new(axes: &[Axis], rows: &[Region]) -> Boxes {
        let mut sides = vec![Side { lo: 1, hi: 0, pieces: WHOLE }; rows.len() * axes.len()];
        let (mut places, mut pieces) = (Vec::with_capacity(axes.len()), Vec::new());
        for (at, axis) in axes.iter().enumerate() {
            let column: Vec<&[(i64, i64)]> = rows.iter().map(|row| row[at].as_slice()).collect();
            let (found, ranges) = Places::of(axis, &column);
            let mut known = rustc_hash::FxHashMap::default();
            for (row, mut ranges) in ranges.into_iter().enumerate() {
                let (Some(first), Some(last)) = (ranges.first(), ranges.last()) else { continue };
                let mut side = Side { lo: first.0, hi: last.1, pieces: WHOLE };
                if ranges.len() > 1 {
                    ranges.shrink_to_fit();
                    side.pieces = *known.entry(ranges).or_insert_with_key(|ranges| {
                        pieces.push(ranges.clone());
                        pieces.len() as u32 - 1
                    });
                }
                sides[row * axes.len() + at] = side;
            }
            places.push(found);
        }
        let width = axes.len();
        let is_alive = |row: &u32| sides[*row as usize * width..][..width].iter().all(|side| side.lo <= side.hi);
        let alive = (0..rows.len() as u32).filter(is_alive).collect();
        Boxes { places, sides, pieces, alive, rows: rows.len() }
    }

    /// The rows that no case at all meets.
    pub fn empty(&self) -> Vec<usize> {
        (0..self.rows).filter(|row| self.alive.binary_search(&(*row as u32)).is_err()).collect()
    }

    /// What two rows have in common; `None` if nothing.
    pub fn common(&self, a: usize, b: usize) -> Option<Region> {
        let mut out = Region::with_capacity(self.places.len());
        for (axis, (one, other)) in self.row(a as u32).iter().zip(self.row(b as u32)).enumerate() {
            let mut both = Vec::new();
            for (lo, hi) in self.ranges(one) {
                both.extend(self.ranges(other).filter(|(a, b)| *a <= hi && lo <= *b).map(|(a, b)| (a.max(lo), b.min(hi))));
            }
            if both.is_empty() {
                return None;
            }
            out.push(self.places[axis].spans(both));
        }
        Some(out)
    }

    fn row(&self, row: u32) -> &[Side] {
        &self.sides[row as usize * self.places.len()..][..self.places.len()]
    }

    /// The pieces of a side.
    fn ranges<'s>(&'s self, side: &'s Side) -> impl Iterator<Item = (u32, u32)> + 's {
        let whole = (side.pieces == WHOLE && side.lo <= side.hi).then_some((side.lo, side.hi));
        let pieces = if side.pieces == WHOLE { &[][..] } else { &self.pieces[side.pieces as usize] };
        whole.into_iter().chain(pieces.iter().copied())
    }

    /// Whether a side has a place between two, both included.
    fn meets(&self, side: &Side, lo: u32, hi: u32) -> bool {
        side.lo <= hi
            && lo <= side.hi
            && (side.pieces == WHOLE || {
                let pieces = &self.pieces[side.pieces as usize];
                let next = pieces.partition_point(|piece| piece.1 < lo);
                pieces.get(next).is_some_and(|piece| piece.0 <= hi)
            })
    }

    /// Whether a side has every place between two, both included.
    fn covers(&self, side: &Side, lo: u32, hi: u32) -> bool {
        side.lo <= lo
            && hi <= side.hi
            && (side.pieces == WHOLE || {
                let pieces = &self.pieces[side.pieces as usize];
                let next = pieces.partition_point(|piece| piece.1 < lo);
                pieces.get(next).is_some_and(|piece| piece.0 <= lo && hi <= piece.1)
            })
    }
}
