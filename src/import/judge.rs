//! What is to be said of a table: its boxes by `analysis::boxes`, and each finding replayed by the interpreter in the imported regime.
//!
//! A finding that the interpreter does not see is not shown: it is reported as a mistake of Lexport ([`Judged::faults`]).

use num_bigint::BigUint;

use crate::analysis::boxes::{Axis, Boxes, Region, Spans};
use crate::diagnostic::{Code, Severity};
use crate::eval::Eval;
use crate::ir::{Case, DecisionId, InputId, MemberSet, Outcome, Program, RuleId, Value};
use crate::words::{Sentence, list, say};

use super::grid::Policy;
use super::table::{Input, Said, Table, Test, Values};
use super::write::{among, shown_text};

/// How many parts of the space are looked at for one question.
const PARTS: usize = 4_000_000;
/// How many overlaps are listed.
const PAIRS: usize = 100_000;

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
    let overlaps = boxes.overlaps(PAIRS);
    judge.out.overlaps = overlaps.count;
    let gaps = judge.gaps(&rows, &boxes, &overlaps);
    let masked = judge.masked(&boxes, &overlaps);
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
            evidence: say!("what it asks of one column has no value"),
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
                    let parts = Sentence::thousands(PARTS.to_string());
                    let names = list!(", ", outputs.iter().map(|output| self.table.outputs[*output].name.as_str()));
                    self.out.undecided.push(say!(
                        "gaps of {names}: more than {parts} parts of the table would have to be looked at",
                        names,
                        parts
                    ));
                }
            }
        }
        out
    }

    /// Rows that never decide, with those that do instead.
    fn masked(&mut self, boxes: &Boxes, overlaps: &crate::analysis::boxes::Overlaps) -> Vec<(usize, Vec<usize>)> {
        let policy = self.table.policy;
        if !matches!(policy, Policy::First | Policy::Priority | Policy::Min | Policy::Max) {
            return Vec::new();
        }
        let mut place = vec![0; self.table.rows.len()];
        self.table.preferred().into_iter().enumerate().for_each(|(at, row)| place[row] = at);
        let value = |row: usize| match self.table.rows[row].said.first().and_then(|said| said.first()) {
            Some(Said::One(value)) => Some(*value),
            _ => None,
        };
        let wins = |winner: usize, row: usize| match (policy, value(winner), value(row)) {
            (Policy::Min, Some(a), Some(b)) => a < b || (a == b && winner < row),
            (Policy::Max, Some(a), Some(b)) => a > b || (a == b && winner < row),
            (Policy::Min | Policy::Max, ..) => false,
            _ => place[winner] < place[row],
        };
        let mut met: Vec<Vec<usize>> = vec![Vec::new(); self.table.rows.len()];
        for (a, b) in &overlaps.pairs {
            if wins(*a, *b) {
                met[*b].push(*a);
            } else if wins(*b, *a) {
                met[*a].push(*b);
            }
        }
        let mut out = Vec::new();
        let mut open = Vec::new();
        for (row, winners) in met.iter().enumerate().filter(|(_, winners)| !winners.is_empty()) {
            match boxes.uncovered(row, winners, PARTS) {
                Ok(Some(_)) => {}
                Ok(None) => {
                    // As few as can be: one alone if there is one, else without those that are not needed.
                    let alone = winners.iter().find(|winner| boxes.uncovered(row, &[**winner], PARTS) == Ok(None));
                    let mut by = alone.map_or_else(|| winners.clone(), |one| vec![*one]);
                    for winner in winners.iter().rev().filter(|_| (2..=64).contains(&winners.len())) {
                        let fewer: Vec<usize> = by.iter().copied().filter(|other| other != winner).collect();
                        if fewer.len() < by.len() && !fewer.is_empty() && boxes.uncovered(row, &fewer, PARTS) == Ok(None) {
                            by = fewer;
                        }
                    }
                    by.sort_unstable();
                    out.push((row, by));
                }
                Err(_) => open.push(self.table.rows[row].number),
            }
        }
        for number in open {
            self.out
                .undecided
                .push(say!("whether row {number} ever decides: too many parts of the table would have to be looked at", number));
        }
        out
    }

    /// Rows that conclude two values at once.
    fn contradictions(&mut self) {
        for at in 0..self.table.rows.len() {
            let row = &self.table.rows[at];
            if row.said.iter().all(|said| said.len() < 2) {
                continue;
            }
            let outputs: Vec<usize> = (0..row.said.len()).filter(|output| row.said[*output].len() > 1).collect();
            let number = row.number;
            let says =
                list!(" and ", row.said[outputs[0]].iter().map(|said| self.said_text(outputs[0], said)).collect::<Vec<_>>());
            let name = self.table.outputs[outputs[0]].name.as_str();
            let title = say!("row {number} contradicts itself: `{name}` is {says}", number, name, says);
            let region = self.region(&row.tests);
            self.shown(
                Kind::Overlap,
                Code::Conflict,
                Severity::Error,
                title,
                vec![at],
                Vec::new(),
                outputs,
                &region,
                |eval, judge, outputs| {
                    outputs.iter().all(|output| matches!(eval.decide(judge.decisions[*output]).outcome, Outcome::Conflict(_)))
                },
            );
        }
    }

    /// Two rows that may not meet, or may only if they agree.
    fn overlap(&mut self, boxes: &Boxes, a: usize, b: usize) {
        let Some(region) = boxes.common(a, b) else { return };
        let (one, other) = (&self.table.rows[a], &self.table.rows[b]);
        let differ: Vec<usize> = (0..self.table.outputs.len())
            .filter(|output| {
                !one.said[*output].is_empty() && !other.said[*output].is_empty() && one.said[*output] != other.said[*output]
            })
            .collect();
        let numbers = [one.number, other.number];
        let sets = |output: &usize| matches!(self.table.outputs[*output].values, Values::Set { .. });
        let (code, title) = match differ.first() {
            None if self.table.policy == Policy::Any => return,
            None => {
                (Code::Overlap, say!("rows {one} and {other} overlap, and say the same", one = numbers[0], other = numbers[1]))
            }
            Some(output) => {
                let says = |row: usize| {
                    list!(
                        " and ",
                        self.table.rows[row].said[*output].iter().map(|said| self.said_text(*output, said)).collect::<Vec<_>>()
                    )
                };
                let (first, second) = (says(a), says(b));
                let name = self.table.outputs[*output].name.as_str();
                let title = say!(
                    "rows {one} and {other} overlap: `{name}` is {first} and {second}",
                    one = numbers[0],
                    other = numbers[1],
                    name,
                    first,
                    second
                );
                (Code::Conflict, title)
            }
        };
        let conflicts: Vec<usize> = differ.iter().copied().filter(|output| !sets(output)).collect();
        let outputs = if differ.is_empty() { (0..self.table.outputs.len()).collect() } else { differ };
        self.shown(Kind::Overlap, code, Severity::Error, title, vec![a, b], Vec::new(), outputs, &region, |eval, judge, _| {
            let applies = [a, b].iter().all(|row| judge.rules[*row].iter().all(|rule| eval.applies(*rule)));
            applies
                && conflicts.iter().all(|output| matches!(eval.decide(judge.decisions[*output]).outcome, Outcome::Conflict(_)))
        });
    }

    fn gap(&mut self, outputs: &[usize], region: &Region) {
        let names = list!(", ", outputs.iter().map(|output| format!("`{}`", self.table.outputs[*output].name)));
        let title = say!("no row has these cases: {names} without a value", names);
        self.shown(
            Kind::Gap,
            Code::Gap,
            Severity::Error,
            title,
            Vec::new(),
            Vec::new(),
            outputs.to_vec(),
            region,
            |eval, judge, outputs| outputs.iter().all(|output| eval.decide(judge.decisions[*output]).outcome == Outcome::Gap),
        );
    }

    fn mask(&mut self, row: usize, by: &[usize], boxes: &Boxes) {
        let number = self.table.rows[row].number;
        let numbers: Vec<usize> = by.iter().map(|other| self.table.rows[*other].number).collect();
        let others = list!(", ", " and ", numbers.iter());
        let count = numbers.len();
        let title = say!(
            "row {number} never decides: wherever it applies, {count:row|rows} {others} {count:prevails|prevail}",
            number,
            count,
            others
        );
        let Some(region) = by.first().and_then(|first| boxes.common(row, *first)) else { return };
        let by_rows = by.to_vec();
        let listed = self.table.by_place();
        self.shown(
            Kind::Masked,
            Code::DeadRule,
            Severity::Warning,
            title,
            vec![row],
            numbers,
            (0..self.table.outputs.len()).collect(),
            &region,
            |eval, judge, _| {
                let rules = &judge.rules[row];
                // In a case of each that decides instead: the row applies, and does not carry what comes out.
                rules.iter().all(|rule| eval.applies(*rule))
                    && judge.decisions.iter().all(|decision| {
                        let because = eval.decide(*decision).because.clone();
                        let same = by_rows.iter().any(|other| judge.table.rows[*other].said == judge.table.rows[row].said);
                        !because.is_empty() && (same && !listed || !because.iter().any(|rule| rules.contains(rule)))
                    })
            },
        );
    }

    /// Adds a finding, if the interpreter sees it in a case of its region.
    #[expect(clippy::too_many_arguments, reason = "the parts of one finding, each named where it is called")]
    fn shown(
        &mut self,
        kind: Kind,
        code: Code,
        severity: Severity,
        title: Sentence,
        rows: Vec<usize>,
        by: Vec<usize>,
        outputs: Vec<usize>,
        region: &Region,
        sees: impl Fn(&mut Eval<'_>, &Self, &[usize]) -> bool,
    ) {
        let Some(case) = self.case(region) else {
            self.out.faults.push(title.to_string());
            return;
        };
        let Ok(mut eval) = Eval::new(self.program, &case) else {
            self.out.faults.push(title.to_string());
            return;
        };
        if !sees(&mut eval, self, &outputs) {
            self.out.faults.push(title.to_string());
            return;
        }
        let decisions: Vec<DecisionId> = outputs.iter().map(|output| self.decisions[*output]).collect();
        let came = decisions.iter().map(|decision| (*decision, eval.decide(*decision).outcome.clone())).collect();
        let finding = Finding {
            kind,
            code,
            severity,
            title,
            rules: rows.iter().flat_map(|row| self.rules[*row].clone()).collect(),
            rows: rows.iter().map(|row| self.table.rows[*row].number).collect(),
            by,
            decisions,
            region: self.words(region),
            case: Some(case),
            came,
            evidence: say!("boxes: exact; the interpreter: replayed this case in the regime"),
        };
        self.out.findings.push(finding);
    }

    /// A region in the words of the language, column by column.
    fn words(&self, region: &Region) -> Vec<(InputId, String)> {
        let mut out = Vec::new();
        for ((side, axis), spans) in self.sides.iter().zip(&self.axes).zip(region) {
            if spans.as_slice() == [(axis.least, axis.most)] {
                continue;
            }
            match *side {
                Side::Whole(input) => out.push((self.inputs[input], among(&self.table.inputs[input], spans))),
                Side::Has(input, member) => {
                    let of = &self.table.inputs[input];
                    let not = if spans.as_slice() == [(1, 1)] { "" } else { "not " };
                    out.push((self.inputs[input], format!("{not}{} has {}", of.name, shown_text(&of.values, i64::from(member)))));
                }
            }
        }
        out
    }

    /// A case of a region, as ordinary as can be: nothing that is only assumed where there is something else.
    fn case(&self, region: &Region) -> Option<Case> {
        let mut case = Case::unknown(self.program.inputs.len());
        let mut sets: Vec<(usize, Vec<u32>)> = Vec::new();
        for (side, spans) in self.sides.iter().zip(region) {
            let (lo, hi) = *spans.first()?;
            match *side {
                Side::Has(input, member) => {
                    if sets.last().is_none_or(|(last, _)| *last != input) {
                        sets.push((input, Vec::new()));
                    }
                    if lo == 1 {
                        sets.last_mut()?.1.push(member);
                    }
                }
                Side::Whole(input) => {
                    let of = &self.table.inputs[input];
                    let value = ordinary(of, lo, hi);
                    let value = match of.values {
                        Values::Flag => Value::Bool(value == 1),
                        Values::Members { .. } | Values::Set { .. } => Value::Member(u32::try_from(value).ok()?),
                        Values::Number { .. } | Values::Days { .. } => Value::Int(value),
                    };
                    case.set(self.inputs[input], value);
                }
            }
        }
        for (input, members) in sets {
            let Values::Set { members: all } = &self.table.inputs[input].values else { return None };
            let mut set = MemberSet::empty(all.len() as u32);
            members.into_iter().for_each(|member| set.insert(member));
            case.set(self.inputs[input], Value::Set(set));
        }
        Some(case)
    }

    fn said_text(&self, output: usize, said: &Said) -> String {
        let values = &self.table.outputs[output].values;
        match said {
            Said::One(value) => shown_text(values, *value),
            Said::Set(set) => {
                format!("{{{}}}", set.iter().map(|member| shown_text(values, i64::from(*member))).collect::<Vec<_>>().join(", "))
            }
        }
    }
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
