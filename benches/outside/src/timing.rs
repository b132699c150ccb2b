//! How long one call takes: in random order, with everything in the caches and with nothing in them.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// Nanoseconds a decision.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// The median of several passes over all requests.
    pub warm: f64,
    /// The median of single calls, each after the caches were filled with something else.
    pub cold: f64,
}

/// Times a decision. `call` takes the number of a request and gives what came out; requests come in random order, each pass the same.
pub fn time(requests: usize, mut call: impl FnMut(usize) -> u8) -> Times {
    // A first look tells how many can be asked in a pass.
    let start = Instant::now();
    let mut looked = 0;
    while looked < requests && start.elapsed() < Duration::from_millis(30) {
        black_box(call(looked));
        looked += 1;
    }
    let each = start.elapsed().as_nanos() as f64 / looked.max(1) as f64;
    let count = ((40e6 / each) as usize).clamp(8, requests);
    let repeats = ((20e6 / (each * count as f64)) as usize).clamp(1, 50);
    let passes: Vec<f64> = (0..15)
        .map(|_| {
            let start = Instant::now();
            for _ in 0..repeats {
                for request in 0..count {
                    black_box(call(black_box(request)));
                }
            }
            start.elapsed().as_nanos() as f64 / (repeats * count) as f64
        })
        .collect();
    Times { warm: median(passes), cold: cold(requests, call) }
}

fn cold(requests: usize, mut call: impl FnMut(usize) -> u8) -> f64 {
    let mut other = vec![1u8; 96 << 20];
    let overhead = median((0..200).map(|_| Instant::now().elapsed().as_nanos() as f64).collect());
    let singles = (0..60)
        .map(|round: usize| {
            for place in other.iter_mut().step_by(64) {
                *place = place.wrapping_add(1);
            }
            black_box(&other);
            let request = round * 7_919 % requests;
            let start = Instant::now();
            black_box(call(black_box(request)));
            start.elapsed().as_nanos() as f64 - overhead
        })
        .collect();
    median(singles)
}

/// The shortest time of a batch, in nanoseconds a row: what else the machine does only ever adds.
pub fn batch(rows: usize, mut run: impl FnMut()) -> f64 {
    let passes = (0..12).map(|_| {
        let start = Instant::now();
        run();
        start.elapsed().as_nanos() as f64 / rows as f64
    });
    passes.fold(f64::MAX, f64::min)
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}
