//! Where the time of a decision goes: the look-ups that wait for one another, how large what they look into is, and what the cost model that chose them
//! expects of them.

use std::fmt::Write as _;

use lexport::diagram::Costs;
use lexport_runtime::Span;
use lexport_runtime::bits::Chooser;
use lexport_runtime::fused::{BY_STEPS, Fused};

use crate::machine;
use crate::page::nanoseconds;
use crate::timing::Times;

/// Look-ups that wait for one another, each into so many bytes, and how many loads wait for none of them.
struct Way {
    said: String,
    waiting: Vec<usize>,
    aside: usize,
    /// The look-ups of a row into the table, values of the row apart: how many go into an array of so many bytes.
    looks: Vec<(usize, usize)>,
}

fn part<T>(all: &[T], span: Span) -> &[T] {
    &all[span.first as usize..][..span.count as usize]
}

fn by_boxes(fused: &Fused<'_>, number: u32) -> Way {
    let bits = &fused.boxes;
    let decision = &bits.decisions[number as usize];
    let [direct, even, grids, searched] =
        [decision.values, decision.evens, decision.grids, decision.ranks].map(|span| span.count as usize);
    let choosers = decision.choosers.iter().filter(|chooser| chooser.word().is_some()).count();
    let of_class = part(bits.buckets, decision.buckets);
    // One more is that of what is outside, where each class has a bucket of its own.
    let buckets = decision.sets.count / decision.stride - u32::from(of_class.is_empty() && choosers > 0);
    let sets = 2 * decision.sets.count as usize;
    let (seeds, slots) = (4 * decision.seeds.count as usize, 4 * decision.slots.count as usize);
    let mut waiting = vec![sets, seeds, slots];
    let readings = direct + even + grids + searched;
    let mut said = format!(
        "bit sets: {readings} columns say which of 15 boxes at the most a value lies in ({direct} looked up directly, {even} by arithmetic, {grids} through a \
         grid, {searched} searched), in {}, of which a decision reads from the {} of one bucket",
        bytes(sets),
        bytes(2 * decision.stride as usize)
    );
    if choosers > 0 {
        let chosen = if choosers == 1 { "one more column chooses" } else { "two columns choose" };
        let _ = write!(said, "; {chosen} one of {buckets} buckets");
        if !of_class.is_empty() {
            waiting.insert(0, 4 * of_class.len());
            let _ = write!(said, " by {}", bytes(4 * of_class.len()));
        }
    }
    let _ = write!(said, "; a perfect hash names the outcome, in {} and {}", bytes(seeds), bytes(slots));
    let chosen_by = decision.choosers.iter().filter_map(|chooser| match chooser {
        Chooser::Grid(one) => Some(one),
        _ => None,
    });
    let cells: Vec<usize> =
        part(bits.grids, decision.grids).iter().chain(chosen_by).map(|one| 8 * one.cells.count as usize).collect();
    let mut looks: Vec<(usize, usize)> = vec![(readings, sets), (1, seeds), (1, slots)];
    looks.push((usize::from(!of_class.is_empty()), 4 * of_class.len()));
    looks.extend(cells.iter().map(|bytes| (1, *bytes)));
    // Each column is a load itself, a grid one more; of the sets one load stands in the chain.
    Way { said, waiting, aside: (2 * readings + cells.len() + choosers).saturating_sub(1), looks }
}

fn by_steps(fused: &Fused<'_>, decision: u32) -> Way {
    let (steps, _) = fused.decisions[decision as usize];
    let mut way = Way { said: String::new(), waiting: Vec::new(), aside: 0, looks: Vec::new() };
    let steps = part(fused.steps, steps);
    let mut parts = Vec::new();
    for step in steps {
        let sums = part(fused.sums, step.sums);
        let terms: u32 = sums.iter().map(|sum| sum.terms.count + 2 * sum.products.count).sum();
        let spans = [step.flags, step.direct, step.ranks, step.bits, step.same, step.sums, step.signs];
        let tests: u32 = spans.iter().map(|span| span.count).sum();
        way.aside += (2 * tests + terms) as usize + usize::from(step.columns.count > 0);
        way.waiting.push(4 * step.next.count as usize);
        let direct = part(fused.direct, step.direct);
        way.looks.extend(direct.iter().map(|one| (1, 4 * one.map.count as usize)));
        let ranks = part(fused.ranks, step.ranks);
        way.looks.extend(ranks.iter().map(|one| (1, 4 * (one.thresholds.count as usize + 1))));
        way.looks.push((usize::from(step.columns.count > 0), 4 * step.columns.count as usize));
        way.looks.push((1, 4 * step.next.count as usize));
        parts.push(format!(
            "{tests} tests, {} and {}",
            bytes(4 * step.columns.count as usize),
            bytes(4 * step.next.count as usize)
        ));
    }
    way.said = format!(
        "{} steps that wait for one another, each a look-up among columns of combinations, where these are not all columns of their own, and one among states: {}",
        steps.len(),
        parts.join("; ")
    );
    way
}

fn bytes(count: usize) -> String {
    if count < 10_000 { format!("{count} bytes") } else { format!("{} kB", count / 1000) }
}

/// In a sentence: how a decision is made, what the cost model expects of the look-ups that wait for one another, and what was measured.
pub fn explained(fused: &Fused<'_>, decision: u32, measured: &Times, batch: f64, reading: f64) -> String {
    let way = match fused.by_boxes[decision as usize] {
        BY_STEPS => by_steps(fused, decision),
        number => by_boxes(fused, number),
    };
    let costs = Costs::default();
    let load = |size: &usize| costs.load.iter().find(|(most, _)| size <= most).map_or(0, |(_, cost)| *cost);
    let waiting = way.waiting.iter().map(load).sum::<u64>() as f64 / 100.0;
    let aside = (costs.aside * way.aside as u64) as f64 / 100.0;
    let giga = machine::gigahertz();
    let looks: usize = way.looks.iter().map(|(count, _)| count).sum();
    let far: usize = way.looks.iter().filter(|(_, bytes)| *bytes > costs.load[0].0).map(|(count, _)| count).sum();
    let together = (costs.aside * looks as u64) as f64 / 100.0;
    format!(
        "Where the time goes: {}. The cost model expects {waiting:.0} cycles of the {} look-ups that wait for one another and {aside:.0} of the {} loads beside them, \
         {} at {giga:.2} GHz if nothing overlaps; measured {} on its own, and {} one behind the other, where the next decision begins before the last has ended. \
         In a batch the columns take {} a row to be read and {} to be decided: {:.2} of the speed of reading. Beside its values a row needs {looks} look-ups into the \
         table, searches and polynomials apart, {far} of them into arrays of more than {}; the cost model expects {together:.0} cycles of them where none waits for \
         another and all is in the nearest cache, {}. Arithmetic, and what the nearest cache does not hold, come on top.",
        way.said,
        way.waiting.len(),
        way.aside,
        nanoseconds((waiting + aside) / giga),
        nanoseconds(measured.alone.median),
        nanoseconds(measured.warm.median),
        nanoseconds(reading),
        nanoseconds(batch),
        reading / batch,
        bytes(costs.load[0].0),
        nanoseconds(together / giga)
    )
}
