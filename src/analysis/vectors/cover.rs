//! A small set of cases that shows all that any case shows: greedy, then without what the rest makes superfluous.
//!
//! Whose idea: the greedy cover of Chvátal 1979, at most a logarithm away from the least; then irredundant as in test suite reduction
//! (Harrold, Gupta and Soffa 1993). The least cover itself is not looked for.

/// Which of some sets to keep, so that together they have all that all have, and none can be left out. `sets` hold numbers below `size`,
/// rising; of equally good ones the one with the lesser `cost` is taken, then the first. Rising.
pub fn cover(sets: &[Vec<usize>], size: usize, cost: &[usize]) -> Vec<usize> {
    let mut open = vec![false; size];
    sets.iter().flatten().for_each(|one| open[*one] = true);
    let mut left = open.iter().filter(|open| **open).count();
    let mut chosen = Vec::new();
    while left > 0 {
        let gain = |at: usize| sets[at].iter().filter(|one| open[**one]).count();
        let best = (0..sets.len()).max_by_key(|at| (gain(*at), std::cmp::Reverse((cost[*at], *at))));
        let Some(best) = best.filter(|at| gain(*at) > 0) else { break };
        left -= gain(best);
        sets[best].iter().for_each(|one| open[*one] = false);
        chosen.push(best);
    }
    // The first ones were taken when everything was open: what they had may have come again since.
    let mut times = vec![0usize; size];
    chosen.iter().flat_map(|at| &sets[*at]).for_each(|one| times[*one] += 1);
    let mut kept = Vec::new();
    for at in chosen {
        if sets[at].iter().all(|one| times[*one] > 1) {
            sets[at].iter().for_each(|one| times[*one] -= 1);
        } else {
            kept.push(at);
        }
    }
    kept.sort_unstable();
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lost_and_nothing_is_left_over() {
        // Greedy takes the set in the middle first, and it is superfluous in the end.
        let sets = vec![vec![0, 1, 2], vec![1, 2, 3, 4], vec![3, 4, 5], vec![0], Vec::new()];
        let kept = cover(&sets, 7, &[0; 5]);
        assert_eq!(kept, [0, 2]);
        for seed in 0..200u64 {
            let mut random = crate::eval::sample::Random(seed);
            let sets: Vec<Vec<usize>> = (0..12).map(|_| (0..20).filter(|_| random.one_in(4)).collect()).collect();
            let kept = cover(&sets, 20, &[0; 12]);
            let has = |which: &[usize], one: usize| which.iter().any(|at| sets[*at].contains(&one));
            let all: Vec<usize> = (0..12).collect();
            assert!((0..20).all(|one| has(&all, one) == has(&kept, one)));
            for out in &kept {
                let rest: Vec<usize> = kept.iter().copied().filter(|at| at != out).collect();
                assert!((0..20).any(|one| has(&kept, one) && !has(&rest, one)), "{out} can be left out");
            }
        }
    }
}
