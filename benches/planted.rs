//! Tables with known overlaps and gaps, the way the literature on the analysis of decision tables makes them (Calvanese, Dumas,
//! Laurson, Maggi, Montali, Teinemaa, Information Systems 78, 2018): a whole space is split again and again, so that the table
//! has neither; then some rows are widened into their neighbours and some are taken out. Shared by benchmarks and tests.

use lexport::analysis::boxes::{Axis, Region};

/// A table, and what was planted.
#[derive(Clone, Debug)]
pub struct Planted {
    pub axes: Vec<Axis>,
    pub rows: Vec<Region>,
    /// The pairs of rows that meet, rising, counted one by one.
    pub pairs: Vec<(usize, usize)>,
    /// The rows that were taken out; no row was widened into one of them.
    pub gaps: Vec<Region>,
}

/// A stream of numbers that is the same everywhere (xorshift64*, Vigna 2016).
pub struct Numbers(u64);

impl Numbers {
    pub fn new(seed: u64) -> Numbers {
        Numbers(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below another.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) % limit
    }
}

fn meet(a: &Region, b: &Region) -> bool {
    a.iter().zip(b).all(|(a, b)| a[0].0 <= b[0].1 && b[0].0 <= a[0].1)
}

/// A table of so many rows and columns in which one row in twenty was widened and one in twenty taken out.
pub fn planted(rows: usize, columns: usize, seed: u64) -> Planted {
    let mut numbers = Numbers::new(seed);
    let axes = vec![Axis { least: 0, most: 999_999, ordered: true }; columns];
    let taken = rows / 20;
    let mut all: Vec<Region> = vec![axes.iter().map(|axis| vec![(axis.least, axis.most)]).collect()];
    while all.len() < rows + taken {
        let at = numbers.below(all.len() as u64) as usize;
        let axis = numbers.below(columns as u64) as usize;
        let (lo, hi) = all[at][axis][0];
        if lo == hi {
            continue;
        }
        let cut = lo + numbers.below((hi - lo) as u64) as i64;
        let mut other = all[at].clone();
        all[at][axis][0].1 = cut;
        other[axis][0].0 = cut + 1;
        all.push(other);
    }
    let mut gaps = Vec::new();
    for _ in 0..taken {
        let at = numbers.below(all.len() as u64) as usize;
        gaps.push(all.swap_remove(at));
    }
    let mut widened = 0;
    let mut tries = 0;
    while widened < rows / 20 && tries < 100 * rows {
        tries += 1;
        let at = numbers.below(all.len() as u64) as usize;
        let axis = numbers.below(columns as u64) as usize;
        let mut wide = all[at].clone();
        let (lo, hi) = wide[axis][0];
        let by = 1 + numbers.below(((hi - lo) as u64 / 2).max(1)) as i64;
        wide[axis][0] = ((lo - by).max(axes[axis].least), (hi + by).min(axes[axis].most));
        if wide != all[at] && !gaps.iter().any(|gap| meet(gap, &wide)) {
            all[at] = wide;
            widened += 1;
        }
    }
    let mut pairs = Vec::new();
    for a in 0..all.len() {
        pairs.extend((a + 1..all.len()).filter(|b| meet(&all[a], &all[*b])).map(|b| (a, b)));
    }
    Planted { axes, rows: all, pairs, gaps }
}

/// How many cases the gaps have.
#[allow(dead_code, reason = "benchmarks only show it in words")]
pub fn free_cases(planted: &Planted) -> num_bigint::BigUint {
    let size = |gap: &Region| -> num_bigint::BigUint {
        gap.iter().map(|spans| num_bigint::BigUint::from((spans[0].1 - spans[0].0 + 1) as u64)).product()
    };
    planted.gaps.iter().map(size).sum()
}
