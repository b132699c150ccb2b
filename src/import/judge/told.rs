//! Each finding in words, with a case that the interpreter replays in the imported regime.

use crate::analysis::boxes::{Boxes, Region};
use crate::diagnostic::{Code, Severity};
use crate::eval::Eval;
use crate::ir::{Case, DecisionId, InputId, MemberSet, Outcome, Value};
use crate::words::{Sentence, list, say};

use crate::import::grid::Policy;
use crate::import::table::{Said, Values};
use crate::import::write::{among, shown_text};

use super::{Finding, Judge, Kind, Side, ordinary};

impl Judge<'_> {
    /// Rows that conclude two values at once.
    pub(super) fn contradictions(&mut self) {
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
    pub(super) fn overlap(&mut self, boxes: &Boxes, a: usize, b: usize) {
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
            // With empty cells two rows may have no output in common.
            None if one.said.iter().zip(&other.said).all(|(one, other)| one.is_empty() || other.is_empty()) => (
                Code::Overlap,
                say!("rows {one} and {other} overlap, and conclude no output in common", one = numbers[0], other = numbers[1]),
            ),
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

    pub(super) fn gap(&mut self, outputs: &[usize], region: &Region) {
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

    pub(super) fn mask(&mut self, row: usize, by: &[usize], boxes: &Boxes) {
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
        let concluded = (0..self.table.outputs.len()).filter(|output| !self.table.rows[row].said[*output].is_empty()).collect();
        self.shown(
            Kind::Masked,
            Code::DeadRule,
            Severity::Warning,
            title,
            vec![row],
            numbers,
            concluded,
            &region,
            |eval, judge, concluded| {
                let rules = &judge.rules[row];
                // In a case of one that decides instead: the row applies, and carries nothing of what it concludes.
                rules.iter().all(|rule| eval.applies(*rule))
                    && concluded.iter().all(|output| {
                        let because = eval.decide(judge.decisions[*output]).because.clone();
                        let same = by_rows.iter().any(|other| judge.table.rows[*other].said == judge.table.rows[row].said);
                        !because.is_empty() && (same && !listed || !because.iter().any(|rule| rules.contains(rule)))
                    })
            },
        );
    }

    /// Adds a finding, if the interpreter sees it in a case of its region.
    #[expect(clippy::too_many_arguments, reason = "the parts of one finding, each named where it is called")]
    pub(super) fn shown(
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
    pub(super) fn words(&self, region: &Region) -> Vec<(InputId, String)> {
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
    pub(super) fn case(&self, region: &Region) -> Option<Case> {
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

    pub(super) fn said_text(&self, output: usize, said: &Said) -> String {
        let values = &self.table.outputs[output].values;
        match said {
            Said::One(value) => shown_text(values, *value),
            Said::Set(set) => {
                format!("{{{}}}", set.iter().map(|member| shown_text(values, i64::from(*member))).collect::<Vec<_>>().join(", "))
            }
        }
    }
}
