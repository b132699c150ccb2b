//! How long one call takes: in random order, with everything in the caches and with nothing in them.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// Nanoseconds: the median of several passes, and between which two the middle half of them lies.
#[derive(Clone, Copy, Debug)]
pub struct Spread {
    /// The median.
    pub median: f64,
    /// A quarter of the passes took less.
    pub low: f64,
    /// A quarter of the passes took more.
    pub high: f64,
}

impl Spread {
    /// Of so many passes.
    pub fn of(mut all: Vec<f64>) -> Spread {
        all.sort_by(f64::total_cmp);
        let at = |part: usize| all[(all.len() - 1) * part / 4];
        Spread { median: at(2), low: at(1), high: at(3) }
    }
}

/// So many times what is timed is put into memory anew: where its pages come to lie changes how long it takes, in a virtual machine by half.
pub const PLACED: usize = 5;

impl Spread {
    /// Of the medians of several placements.
    pub fn across(all: &[Spread]) -> Spread {
        Spread::of(all.iter().map(|one| one.median).collect())
    }
}

/// Nanoseconds a decision.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// One call behind the other, all requests again and again.
    pub warm: Spread,
    /// The same, but which request comes next waits for the answer before it: what one decision takes for itself.
    pub alone: Spread,
    /// Single calls, each after the caches were filled with something else.
    pub cold: Spread,
    /// How many requests were asked.
    pub requests: usize,
}

impl Times {
    /// Of the medians of several placements, of which there is one at the least.
    pub fn across(all: &[Times]) -> Times {
        let of = |part: fn(&Times) -> Spread| Spread::across(&all.iter().map(part).collect::<Vec<_>>());
        Times { warm: of(|one| one.warm), alone: of(|one| one.alone), cold: of(|one| one.cold), requests: all[0].requests }
    }
}

const PASSES: usize = 21;
/// How long a pass should take at the most.
const PASS: f64 = 40e6;
/// Larger than the first and the second level of caches of any machine.
const OTHER: usize = 64 << 20;

/// How many of so many requests can be asked in a pass.
pub fn affordable(requests: usize, mut call: impl FnMut(usize) -> u8) -> usize {
    let (start, mut looked) = (Instant::now(), 0);
    while looked < requests && start.elapsed() < Duration::from_millis(200) {
        black_box(call(looked));
        looked += 1;
    }
    let each = start.elapsed().as_nanos() as f64 / looked.max(1) as f64;
    ((PASS / each) as usize).clamp(16, requests)
}

/// Times a decision. `call` takes the number of a request and gives what came out; requests are random, each pass asks the same.
pub fn time(requests: usize, mut call: impl FnMut(usize) -> u8) -> Times {
    let count = affordable(requests, &mut call);
    let pass = |run: &mut dyn FnMut()| {
        let start = Instant::now();
        run();
        start.elapsed().as_nanos() as f64 / count as f64
    };
    let (mut warm, mut alone) = (Vec::new(), Vec::new());
    let nothing = black_box(0usize);
    for _ in 0..PASSES {
        warm.push(pass(&mut || {
            for request in 0..count {
                black_box(call(black_box(request)));
            }
        }));
        alone.push(pass(&mut || {
            let mut answer = 0;
            for request in 0..count {
                answer = call(request + (usize::from(answer) & nothing));
            }
            black_box(answer);
        }));
    }
    Times { warm: Spread::of(warm), alone: Spread::of(alone), cold: cold(count, call), requests: count }
}

fn cold(requests: usize, mut call: impl FnMut(usize) -> u8) -> Spread {
    let mut other = vec![1u8; OTHER];
    let overhead = Spread::of((0..1000).map(|_| Instant::now().elapsed().as_nanos() as f64).collect()).median;
    let singles = (0..101).map(|round: usize| {
        for place in other.iter_mut().step_by(64) {
            *place = place.wrapping_add(1);
        }
        black_box(&other);
        let request = round * 7_919 % requests;
        let start = Instant::now();
        black_box(call(black_box(request)));
        start.elapsed().as_nanos() as f64 - overhead
    });
    Spread::of(singles.collect())
}

/// The times of a batch, in nanoseconds a row.
pub fn batch(rows: usize, mut run: impl FnMut()) -> Spread {
    let pass = |_| {
        let start = Instant::now();
        run();
        start.elapsed().as_nanos() as f64 / rows as f64
    };
    Spread::of((0..PASSES).map(pass).collect())
}
