//! The drawing of a decision requirements graph: inputs below, decisions above what they require.
//!
//! Whose idea: layers by the longest way, edges of more than one layer led through places of their own, and places ordered so that few
//! edges cross (K. Sugiyama, S. Tagawa and M. Toda, 1981).

use std::collections::BTreeMap;

use super::model::Model;

/// A line of a drawing: from which box to which, by which points.
pub type Edge = (usize, usize, Vec<(i64, i64)>);

/// Width and height of a node, and the room between two.
const WIDTH: i64 = 190;
const HEIGHT: i64 = 60;
const ACROSS: i64 = 30;
const DOWN: i64 = 90;
/// The room that an edge has on its way through a layer.
const LANE: i64 = 16;
/// How often the layers are ordered again.
const SWEEPS: usize = 24;

/// A drawing.
pub(super) struct Drawing {
    /// The nodes, with left, top, width and height.
    pub shapes: Vec<(usize, [i64; 4])>,
    /// What is required, who requires it, and the points between.
    pub edges: Vec<Edge>,
}

/// A place in a layer: a node, or an edge on its way.
#[derive(Clone, Copy)]
struct Place {
    node: Option<usize>,
    layer: usize,
    x: i64,
}

/// Draws some nodes of a model, and what they require of each other.
pub(super) fn draw(model: &Model, nodes: &[usize]) -> Drawing {
    let at: BTreeMap<usize, usize> = nodes.iter().enumerate().map(|(at, node)| (*node, at)).collect();
    let mut layer = vec![0usize; nodes.len()];
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    for (above, node) in nodes.iter().enumerate() {
        for below in model.nodes[*node].requires.iter().filter_map(|required| at.get(required)) {
            layer[above] = layer[above].max(layer[*below] + 1);
            pairs.push((*below, above));
        }
    }
    // What is below a single decision moves up to it, inputs too: short edges.
    for below in (0..nodes.len()).rev() {
        let above = pairs.iter().filter(|(from, _)| *from == below).map(|(_, to)| layer[*to]).min();
        if let Some(above) = above
            && model.nodes[nodes[below]].logic.is_some()
        {
            layer[below] = above - 1;
        }
    }
    let mut places: Vec<Place> =
        (0..nodes.len()).map(|node| Place { node: Some(nodes[node]), layer: layer[node], x: 0 }).collect();
    // By edge the places that it goes through. Edges from one node go together as long as they can.
    let mut chains: Vec<Vec<usize>> = Vec::with_capacity(pairs.len());
    let mut lanes: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    for (below, above) in &pairs {
        let mut chain = vec![*below];
        for between in layer[*below] + 1..layer[*above] {
            chain.push(*lanes.entry((*below, between)).or_insert_with(|| {
                places.push(Place { node: None, layer: between, x: 0 });
                places.len() - 1
            }));
        }
        chain.push(*above);
        chains.push(chain);
    }
    let mut up: Vec<Vec<usize>> = vec![Vec::new(); places.len()];
    let mut down: Vec<Vec<usize>> = vec![Vec::new(); places.len()];
    for chain in &chains {
        for step in chain.windows(2) {
            if !up[step[0]].contains(&step[1]) {
                up[step[0]].push(step[1]);
                down[step[1]].push(step[0]);
            }
        }
    }
    let count = places.iter().map(|place| place.layer + 1).max().unwrap_or(0);
    let mut layers: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (number, place) in places.iter().enumerate() {
        layers[place.layer].push(number);
    }
    order(&mut layers, &up, &down);
    spread(&mut places, &layers, &up, &down);
    let top = |layer: usize| 40 + (count - 1 - layer) as i64 * (HEIGHT + DOWN);
    let width = |place: &Place| if place.node.is_some() { WIDTH } else { LANE };
    let shapes = places.iter().filter_map(|place| Some((place.node?, [place.x, top(place.layer), WIDTH, HEIGHT]))).collect();
    let edges = pairs
        .iter()
        .zip(&chains)
        .map(|((below, above), chain)| {
            let mut points = Vec::with_capacity(chain.len() * 2);
            for (step, number) in chain.iter().enumerate() {
                let place = &places[*number];
                let middle = place.x + width(place) / 2;
                let (upper, lower) = (top(place.layer), top(place.layer) + HEIGHT);
                match step {
                    0 => points.push((middle, upper)),
                    _ if step + 1 == chain.len() => points.push((middle, lower)),
                    _ => points.extend([(middle, lower), (middle, upper)]),
                }
            }
            (nodes[*below], nodes[*above], points)
        })
        .collect();
    Drawing { shapes, edges }
}

/// Orders each layer by the middle of its neighbours', back and forth, and keeps the order with the fewest crossings.
fn order(layers: &mut Vec<Vec<usize>>, up: &[Vec<usize>], down: &[Vec<usize>]) {
    let mut best = layers.clone();
    let mut fewest = crossings(layers, up);
    for sweep in 0..SWEEPS {
        let upwards = sweep % 2 == 0;
        let numbers: Vec<usize> =
            if upwards { (1..layers.len()).collect() } else { (0..layers.len().saturating_sub(1)).rev().collect() };
        for number in numbers {
            let (beside, neighbours) = if upwards { (number - 1, down) } else { (number + 1, up) };
            let rank: BTreeMap<usize, usize> = layers[beside].iter().enumerate().map(|(at, place)| (*place, at)).collect();
            let own: BTreeMap<usize, usize> = layers[number].iter().enumerate().map(|(at, place)| (*place, at)).collect();
            // Means as fractions over one denominator: sums are compared crosswise, without rounding.
            let key = |place: usize| {
                let ranks: Vec<usize> = neighbours[place].iter().filter_map(|other| rank.get(other)).copied().collect();
                if ranks.is_empty() { None } else { Some((ranks.iter().sum::<usize>(), ranks.len())) }
            };
            let mut movable: Vec<usize> = layers[number].iter().copied().filter(|place| key(*place).is_some()).collect();
            movable.sort_by(|one, other| {
                let ((a, m), (b, n)) = (key(*one).unwrap_or((0, 1)), key(*other).unwrap_or((0, 1)));
                (a * n).cmp(&(b * m)).then(own[one].cmp(&own[other]))
            });
            let mut movable = movable.into_iter();
            for place in &mut layers[number] {
                if key(*place).is_some()
                    && let Some(next) = movable.next()
                {
                    *place = next;
                }
            }
        }
        let now = crossings(layers, up);
        if now < fewest {
            fewest = now;
            best.clone_from(layers);
        }
    }
    *layers = best;
}

fn crossings(layers: &[Vec<usize>], up: &[Vec<usize>]) -> usize {
    let mut sum = 0;
    for two in layers.windows(2) {
        let rank: BTreeMap<usize, usize> = two[1].iter().enumerate().map(|(at, place)| (*place, at)).collect();
        let mut counted = vec![0usize; two[1].len()];
        for place in &two[0] {
            let mut ends: Vec<usize> = up[*place].iter().filter_map(|other| rank.get(other)).copied().collect();
            ends.sort_unstable();
            sum += ends.iter().map(|end| counted[end + 1..].iter().sum::<usize>()).sum::<usize>();
            ends.into_iter().for_each(|end| counted[end] += 1);
        }
    }
    sum
}

/// Gives each place its left edge: near the middle of its neighbours, in order, with room between.
fn spread(places: &mut [Place], layers: &[Vec<usize>], up: &[Vec<usize>], down: &[Vec<usize>]) {
    let width = |place: &Place| if place.node.is_some() { WIDTH } else { LANE };
    for layer in layers {
        let mut x = 0;
        for place in layer {
            places[*place].x = x;
            x += width(&places[*place]) + ACROSS;
        }
    }
    let widest =
        layers.iter().map(|layer| layer.last().map_or(0, |last| places[*last].x + width(&places[*last]))).max().unwrap_or(0);
    for layer in layers {
        let Some(last) = layer.last() else { continue };
        let shift = (widest - places[*last].x - width(&places[*last])) / 2;
        layer.iter().for_each(|place| places[*place].x += shift);
    }
    for sweep in 0..SWEEPS {
        let upwards = sweep % 2 == 0;
        let numbers: Vec<usize> = if upwards { (0..layers.len()).collect() } else { (0..layers.len()).rev().collect() };
        for number in numbers {
            let wanted: Vec<i64> = layers[number]
                .iter()
                .map(|place| {
                    let near = if upwards { &down[*place] } else { &up[*place] };
                    let near = if near.is_empty() { if upwards { &up[*place] } else { &down[*place] } } else { near };
                    let middles: Vec<i64> = near.iter().map(|other| places[*other].x + width(&places[*other]) / 2).collect();
                    if middles.is_empty() {
                        places[*place].x
                    } else {
                        middles.iter().sum::<i64>() / middles.len() as i64 - width(&places[*place]) / 2
                    }
                })
                .collect();
            settle(places, &layers[number], &wanted);
        }
    }
    let left = places.iter().map(|place| place.x).min().unwrap_or(0);
    places.iter_mut().for_each(|place| place.x += 40 - left);
}

/// The places of a layer as near to where they want to be as their order allows: runs that push each other share the difference.
fn settle(places: &mut [Place], layer: &[usize], wanted: &[i64]) {
    let width = |place: &Place| if place.node.is_some() { WIDTH } else { LANE };
    // A run: its first place, how many, where it starts, and the sum of what its places want of that.
    let mut runs: Vec<(usize, usize, i64, i64)> = Vec::new();
    let mut offsets = Vec::with_capacity(layer.len());
    let mut offset = 0;
    for place in layer {
        offsets.push(offset);
        offset += width(&places[*place]) + ACROSS;
    }
    for at in 0..layer.len() {
        let own = wanted[at] - offsets[at];
        runs.push((at, 1, own, own));
        while let [.., before, last] = runs[..]
            && before.2 >= last.2
        {
            runs.pop();
            let (count, sum) = (before.1 + last.1, before.3 + last.3);
            if let Some(run) = runs.last_mut() {
                *run = (before.0, count, sum / count as i64, sum);
            }
        }
    }
    for (first, count, start, _) in runs {
        for at in first..first + count {
            places[layer[at]].x = start + offsets[at];
        }
    }
}
