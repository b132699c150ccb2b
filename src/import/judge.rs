//! What is to be said of a table: its boxes by `analysis::boxes`, and each finding replayed by the interpreter in the imported regime.
//!
//! A finding that the interpreter does not see is not shown: it is reported as a mistake of Lexport ([`Judged::faults`]).

mod told;

use num_bigint::BigUint;

use crate::analysis::boxes::{Axis, Boxes, Region, Spans};
use crate::diagnostic::{Code, Severity};
use crate::ir::{Case, DecisionId, InputId, Outcome, Program, RuleId};
use crate::words::{Sentence, list, say};

use super::grid::Policy;
use super::table::{Input, Said, Table, Test, Values};

/// How many parts of the space are looked at for one question.
const PARTS: usize = 4_000_000;
/// How many overlaps are listed.
const PAIRS: usize = 100_000;
/// How many are looked at where rows may meet: each pair can be what hides a row.
const MEETINGS: usize = 5_000_000;

/// What a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Rows that may not meet do.
    Overlap,
    /// No row has these cases.
    Gap,
    /// Whenever the row applies, others decide.
    Masked,
    /// No case meets the row.
    Empty,
}

/// Something about a table.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What it is.
    pub kind: Kind,
    /// Its code.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// One line.
    pub title: Sentence,
    /// The rows that it is about, by their numbers in the user's file.
    pub rows: Vec<usize>,
    /// Of a masked row: the rows that decide instead.
    pub by: Vec<usize>,
    /// The rules of those rows.
    pub rules: Vec<RuleId>,
    /// The decisions that it is about.
    pub decisions: Vec<DecisionId>,
    /// Where: a condition for each column that is bounded there, in the language.
    pub region: Vec<(InputId, String)>,
    /// A case.
    pub case: Option<Case>,
    /// What the interpreter says in that case.
    pub came: Vec<(DecisionId, Outcome)>,
    /// What was found, and how.
    pub evidence: Sentence,
}

/// Everything about a table.
#[derive(Clone, Debug, Default)]
pub struct Judged {
    /// The findings: overlaps, gaps, masked rows, empty rows.
    pub findings: Vec<Finding>,
    /// How many pairs of rows meet, also where they may.
    pub overlaps: u64,
    /// How many cases no row has.
    pub free: BigUint,
    /// How many cases there are.
    pub cases: BigUint,
    /// What was not settled.
    pub undecided: Vec<Sentence>,
    /// What the interpreter does not see: mistakes of Lexport.
    pub faults: Vec<String>,
    /// How long the boxes took, and the replay.
    pub times: [std::time::Duration; 2],
}

/// What an axis of the space is.
#[derive(Clone, Copy)]
enum Side {
    /// The values of an input.
    Whole(usize),
    /// Whether a set has a member.
    Has(usize, u32),
}

struct Judge<'t> {
    table: &'t Table,
    program: &'t Program,
    inputs: Vec<InputId>,
    decisions: Vec<DecisionId>,
    /// By row.
    rules: Vec<Vec<RuleId>>,
    sides: Vec<Side>,
    axes: Vec<Axis>,
    out: Judged,
}

/// Finds all there is to find. `program` is what the text of the table compiles to.
///
/// # Errors
/// Words, if the program is not that of the table: a mistake of Lexport.
pub fn judge(table: &Table, program: &Program) -> Result<Judged, String> {
    let begun = std::time::Instant::now();
    let mut sides = Vec::new();
    let mut axes = Vec::new();
    let mut inputs = Vec::new();
    for (at, input) in table.inputs.iter().enumerate() {
        inputs.push(program.find_input(&input.name).ok_or_else(|| format!("the regime has no input `{}`", input.name))?);
        let (least, most) = input.values.bounds();
        if let Values::Set { members } = &input.values {
            sides.extend((0..members.len() as u32).map(|member| Side::Has(at, member)));
            axes.extend(members.iter().map(|_| Axis { least, most, ordered: false }));
        } else {
            sides.push(Side::Whole(at));
            axes.push(Axis {
                least,
                most,
                ordered: matches!(
                    input.values,
                    Values::Number { .. } | Values::Days { .. } | Values::Members { ordered: true, .. }
                ),
            });
        }
    }
    let decisions = table
        .outputs
        .iter()
        .map(|output| program.find_decision(&output.name).ok_or_else(|| format!("the regime has no decision `{}`", output.name)));
    let decisions = decisions.collect::<Result<Vec<_>, _>>()?;
    let mut named: rustc_hash::FxHashMap<&str, RuleId> = rustc_hash::FxHashMap::default();
    program.rule_ids().for_each(|rule| {
        named.insert(program.rule(rule).name.as_str(), rule);
    });
    let rules = table
        .rows
        .iter()
        .map(|row| table.rules(row).iter().filter_map(|name| named.get(name.as_str()).copied()).collect())
        .collect();
    let mut judge = Judge { table, program, inputs, decisions, rules, sides, axes, out: Judged::default() };
    let rows: Vec<Region> = table.rows.iter().map(|row| judge.region(&row.tests)).collect();
    let boxes = Boxes::new(&judge.axes, &rows);
    let decide = matches!(table.policy, Policy::First | Policy::Priority | Policy::Min | Policy::Max);
    let overlaps = boxes.overlaps(if decide { MEETINGS } else { PAIRS });
    judge.out.overlaps = overlaps.count;
    let gaps = judge.gaps(&rows, &boxes, &overlaps);
    let masked = if decide { judge.masked(&boxes, &overlaps) } else { Vec::new() };
    judge.out.times[0] = begun.elapsed();
    let begun = std::time::Instant::now();
    judge.contradictions();
    if !table.policy.overlaps() {
        for (a, b) in &overlaps.pairs {
            judge.overlap(&boxes, *a, *b);
        }
        if overlaps.count > overlaps.pairs.len() as u64 {
            let more = Sentence::thousands((overlaps.count - overlaps.pairs.len() as u64).to_string());
            judge.out.undecided.push(say!("{more} more pairs of rows overlap and are not listed", more));
        }
    }
    for (outputs, region) in gaps {
        judge.gap(&outputs, &region);
    }
    for (row, by) in masked {
        judge.mask(row, &by, &boxes);
    }
    for row in boxes.empty() {
        let number = table.rows[row].number;
        judge.out.findings.push(Finding {
            kind: Kind::Empty,
            code: Code::DeadRule,
            severity: Severity::Warning,
            title: say!("row {number} is met by no case", number),
            rows: vec![number],
            by: Vec::new(),
            rules: Vec::new(),
            decisions: Vec::new(),
            region: Vec::new(),
            case: None,
            came: Vec::new(),
            evidence: match table.rows[row].nothing.first() {
                Some((column, cell)) => say!("what it asks of column `{column}` has no value: `{cell}`", column, cell),
                None => say!("what it asks of one column has no value"),
            },
        });
    }
    judge.out.times[1] = begun.elapsed();
    Ok(judge.out)
}

impl Judge<'_> {
    /// What a row has of each axis.
    fn region(&self, tests: &[Test]) -> Region {
        let of = |(side, axis): (&Side, &Axis)| match *side {
            Side::Whole(input) => match &tests[input] {
                Test::Among(spans) => spans.clone(),
                _ => vec![(axis.least, axis.most)],
            },
            Side::Has(input, member) => match &tests[input] {
                Test::Has(has) => {
                    let asks = |with: bool| has.contains(&(member, with));
                    let allowed = [(0, !asks(true)), (1, !asks(false))].into_iter().filter(|(_, allowed)| *allowed);
                    let mut spans: Spans = allowed.map(|(value, _)| (value, value)).collect();
                    if spans.len() == 2 {
                        spans = vec![(0, 1)];
                    }
                    spans
                }
                _ => vec![(0, 1)],
            },
        };
        self.sides.iter().zip(&self.axes).map(of).collect()
    }

    /// What a decision can be without: the outputs that may have a gap, by the rows that conclude them.
    fn gaps(&mut self, rows: &[Region], boxes: &Boxes, overlaps: &crate::analysis::boxes::Overlaps) -> Vec<(Vec<usize>, Region)> {
        let may = |output: &usize| {
            let output = &self.table.outputs[*output];
            output.default.is_none() && !matches!(output.values, Values::Set { .. }) && self.table.policy != Policy::Count
        };
        let mut groups: Vec<(Vec<usize>, Vec<usize>)> = Vec::new();
        for output in (0..self.table.outputs.len()).filter(may) {
            let concluding: Vec<usize> = (0..rows.len()).filter(|row| !self.table.rows[*row].said[output].is_empty()).collect();
            match groups.iter_mut().find(|(_, rows)| *rows == concluding) {
                Some((outputs, _)) => outputs.push(output),
                None => groups.push((vec![output], concluding)),
            }
        }
        let mut out = Vec::new();
        for (outputs, concluding) in groups {
            let found = if concluding.len() == rows.len() {
                boxes.gaps(overlaps, PARTS)
            } else {
                let some: Vec<Region> = concluding.iter().map(|row| rows[*row].clone()).collect();
                let boxes = Boxes::new(&self.axes, &some);
                boxes.gaps(&boxes.overlaps(0), PARTS)
            };
            match found {
                Ok(gaps) => {
                    self.out.free = gaps.cases.max(std::mem::take(&mut self.out.free));
                    self.out.cases = gaps.of;
                    out.extend(gaps.regions.into_iter().map(|region| (outputs.clone(), region)));
                }
                Err(_) => {
                    let names = list!(", ", outputs.iter().map(|output| self.table.outputs[*output].name.as_str()));
                    self.out
                        .undecided
                        .push(say!("gaps of {names}: too many parts of the table would have to be looked at", names));
                }
            }
        }
        out
    }

    /// Rows that never decide, with those that do instead. A row decides if it does so for one of the outputs that it concludes; what
    /// another row prevails over is only what that one concludes as well.
    fn masked(&mut self, boxes: &Boxes, overlaps: &crate::analysis::boxes::Overlaps) -> Vec<(usize, Vec<usize>)> {
        let (policy, table) = (self.table.policy, self.table);
        let mut place = vec![0; table.rows.len()];
        table.preferred().into_iter().enumerate().for_each(|(at, row)| place[row] = at);
        let value = |row: usize| match table.rows[row].said.first().and_then(|said| said.first()) {
            Some(Said::One(value)) => Some(*value),
            _ => None,
        };
        let wins = |winner: usize, row: usize| match (policy, value(winner), value(row)) {
            (Policy::Min, Some(a), Some(b)) => a < b || (a == b && winner < row),
            (Policy::Max, Some(a), Some(b)) => a > b || (a == b && winner < row),
            (Policy::Min | Policy::Max, ..) => false,
            _ => place[winner] < place[row],
        };
        let mut met: Vec<Vec<u32>> = vec![Vec::new(); table.rows.len()];
        for (a, b) in &overlaps.pairs {
            if wins(*a, *b) {
                met[*b].push(*a as u32);
            } else if wins(*b, *a) {
                met[*a].push(*b as u32);
            }
        }
        let mut out = Vec::new();
        let mut open = Vec::new();
        for (row, winners) in met.iter().enumerate().filter(|(_, winners)| !winners.is_empty()) {
            let concludes = |row: usize, output: usize| !table.rows[row].said[output].is_empty();
            let outputs: Vec<usize> = (0..table.outputs.len()).filter(|output| concludes(row, *output)).collect();
            let mut groups: Vec<Vec<usize>> = Vec::new();
            for output in outputs {
                let group: Vec<usize> =
                    winners.iter().map(|winner| *winner as usize).filter(|one| concludes(*one, output)).collect();
                if !groups.contains(&group) {
                    groups.push(group);
                }
            }
            let covered: Result<Vec<Option<Vec<usize>>>, _> = groups.iter().map(|group| covering(boxes, row, group)).collect();
            match covered.map(|all| all.into_iter().collect::<Option<Vec<_>>>()) {
                Ok(Some(all)) if !all.is_empty() => {
                    let mut by = all.concat();
                    by.sort_unstable();
                    by.dedup();
                    out.push((row, by));
                }
                Ok(_) => {}
                Err(_) => open.push(table.rows[row].number),
            }
        }
        for number in open {
            self.out
                .undecided
                .push(say!("whether row {number} ever decides: too many parts of the table would have to be looked at", number));
        }
        if overlaps.count > overlaps.pairs.len() as u64 {
            let (looked, pairs) = (overlaps.pairs.len(), overlaps.count);
            let thousands = |count: String| Sentence::thousands(count);
            self.out.undecided.push(say!(
                "whether other rows ever decide: {pairs} pairs of rows meet, and {looked} of them were looked at",
                pairs = thousands(pairs.to_string()),
                looked = thousands(looked.to_string())
            ));
        }
        out
    }
}

/// Of some rows those that cover another one, as few as can be: one alone if there is one, else without those that are not needed.
/// `None` if they do not cover it.
fn covering(boxes: &Boxes, row: usize, winners: &[usize]) -> Result<Option<Vec<usize>>, crate::analysis::boxes::TooTangled> {
    if winners.is_empty() || boxes.uncovered(row, winners, PARTS)?.is_some() {
        return Ok(None);
    }
    let alone = winners.iter().find(|winner| boxes.uncovered(row, &[**winner], PARTS) == Ok(None));
    let mut by = alone.map_or_else(|| winners.to_vec(), |one| vec![*one]);
    for winner in winners.iter().rev().filter(|_| (2..=64).contains(&winners.len())) {
        let fewer: Vec<usize> = by.iter().copied().filter(|other| other != winner).collect();
        if fewer.len() < by.len() && !fewer.is_empty() && boxes.uncovered(row, &fewer, PARTS) == Ok(None) {
            by = fewer;
        }
    }
    Ok(Some(by))
}

/// The most ordinary value of a range: its least, unless that is assumed; of numbers between two that can be written, one that is written.
fn ordinary(input: &Input, lo: i64, hi: i64) -> i64 {
    let (least, _) = input.values.bounds();
    let from = if lo == least && input.assumed.0 && lo < hi { hi } else { lo };
    let up = from + (input.between - from.rem_euclid(input.between)) % input.between;
    let down = from - from.rem_euclid(input.between);
    if up <= hi {
        up
    } else if down >= lo {
        down
    } else {
        from
    }
}
