//! What a cell asks, in the numbers of its column.

use crate::analysis::boxes::Spans;
use crate::import::grid::{Atom, Condition, Exact, Head, Kind, Literal, Plain};
use crate::import::table::{Input, Member, Test, Values};
use crate::ir::Decimal;

use super::{Settling, decimal_text, place};

/// The end of a range: a literal, and whether it is included.
type End = Option<(Literal, bool)>;

impl Settling<'_, '_, '_> {
    /// A cell in the numbers of its column.
    pub(super) fn test(&mut self, head: &Head, input: &Input, row: usize, condition: &Condition) -> Test {
        let (lo, hi) = input.values.bounds();
        if let Values::Set { members } = &input.values {
            let mut has = Vec::new();
            for atom in &condition.atoms {
                match atom {
                    Atom::Has(literal, with) => match place(members, &literal.text) {
                        Some(member) => has.push((member, *with)),
                        None => self.misfit(head, row, condition, literal, "is no member of this set"),
                    },
                    _ => {
                        self.wrong.cell(row, &head.name, &condition.text, "of a set it is asked what it has: `has A, without B`")
                    }
                }
            }
            return Test::Has(has);
        }
        let mut spans = Spans::new();
        for atom in &condition.atoms {
            match atom {
                Atom::Is(literal) => {
                    // A text that the column cannot have is met by nobody; `any other` is not meant by it.
                    if let Some(value) = self.value(head, &input.values, row, condition, literal) {
                        spans.push((value, value));
                    }
                }
                Atom::Range { lo: from, hi: to } => {
                    let ordered = !matches!(&input.values, Values::Flag | Values::Members { ordered: false, .. });
                    if !ordered {
                        self.wrong.cell(
                            row,
                            &head.name,
                            &condition.text,
                            "it compares, and the values of this column have no order",
                        );
                        return Test::Any;
                    }
                    if let Values::Members { members, .. } = &input.values {
                        let ends = (
                            self.end_among(head, members, row, condition, from, true),
                            self.end_among(head, members, row, condition, to, false),
                        );
                        if let (Some(from), Some(to)) = ends {
                            spans.push((from, to));
                        }
                        continue;
                    }
                    let mut end = |end: &End, free: i64, by: i64| match end {
                        None => Some(free),
                        Some((literal, closed)) => {
                            Some(self.value(head, &input.values, row, condition, literal)? + if *closed { 0 } else { by })
                        }
                    };
                    if let (Some(from), Some(to)) = (end(from, lo, 1), end(to, hi, -1)) {
                        spans.push((from, to));
                    }
                }
                Atom::Has(..) => {
                    self.wrong.cell(row, &head.name, &condition.text, "`has` asks of a set, and this column is none")
                }
            }
        }
        spans.retain(|(from, to)| from <= to && *from <= hi && lo <= *to);
        let mut spans: Spans =
            crate::ir::Ranges::from_pairs(spans.into_iter().map(|(from, to)| (from.max(lo), to.min(hi)))).pairs().to_vec();
        if condition.negated {
            let (mut rest, mut next) = (Spans::new(), lo);
            for (from, to) in spans {
                rest.extend((next < from).then(|| (next, from - 1)));
                next = to + 1;
            }
            rest.extend((next <= hi).then_some((next, hi)));
            spans = rest;
        }
        if spans == [(lo, hi)] { Test::Any } else { Test::Among(spans) }
    }

    /// The first or the last member of a range. Between numbers that are members lie others, at which a range can end as well.
    fn end_among(
        &mut self,
        head: &Head,
        members: &[Member],
        row: usize,
        condition: &Condition,
        end: &End,
        lower: bool,
    ) -> Option<i64> {
        let last = members.len() as i64 - 1;
        let Some((literal, closed)) = end else { return Some(if lower { 0 } else { last }) };
        if let (Plain::Number(exact), Some(numbers)) = (&literal.is, rising(members)) {
            let below = numbers.partition_point(|number| match number.compare(*exact) {
                std::cmp::Ordering::Less => true,
                // Of the member at the end itself: it lies before the first one of `> 5`, and `<= 5` still has it.
                std::cmp::Ordering::Equal => lower != *closed,
                std::cmp::Ordering::Greater => false,
            });
            return Some(below as i64 - i64::from(!lower));
        }
        let text = if let Plain::Number(exact) = literal.is { decimal_text(exact) } else { literal.text.clone() };
        let Some(found) = place(members, &text).or_else(|| place(members, &literal.text)) else {
            self.misfit(head, row, condition, literal, "is none of the values of this column, so nothing lies above or below it");
            return None;
        };
        let by = match (closed, lower) {
            (true, _) => 0,
            (false, true) => 1,
            (false, false) => -1,
        };
        Some(i64::from(found) + by)
    }

    /// A literal as a number of its column.
    pub(super) fn value(
        &mut self,
        head: &Head,
        values: &Values,
        row: usize,
        condition: &Condition,
        literal: &Literal,
    ) -> Option<i64> {
        let value = match (values, &literal.is) {
            (Values::Flag, Plain::Flag(flag)) => Some(i64::from(*flag)),
            (Values::Number { step, .. }, Plain::Number(exact)) => {
                let found = in_steps(*step, *exact);
                if found.is_none() {
                    self.misfit(head, row, condition, literal, "lies between two steps of this column");
                    return None;
                }
                found
            }
            (Values::Days { .. }, Plain::Day(day)) => Some(*day),
            (Values::Members { members, .. }, is) => {
                // In FEEL the text "5" and the number 5 are two things; in a cell they are one.
                let text = if let Plain::Number(exact) = is { decimal_text(*exact) } else { literal.text.clone() };
                let strict = self.grid.dense && head.kind == Some(Kind::Text) && *is != Plain::Text;
                let found = if strict { None } else { place(members, &text).or_else(|| place(members, &literal.text)) };
                if found.is_none() && !strict {
                    self.stranger(head, row, condition, &text, members);
                    return None;
                }
                found.map(i64::from)
            }
            _ => None,
        };
        if value.is_none() {
            let has = match values {
                Values::Flag => "yes or no",
                Values::Number { .. } => "numbers",
                Values::Days { .. } => "days",
                _ => "texts",
            };
            self.misfit(head, row, condition, literal, &format!("does not fit: this column has {has}"));
        }
        value
    }

    pub(super) fn misfit(&mut self, head: &Head, row: usize, condition: &Condition, literal: &Literal, why: &str) {
        self.wrong.cell(row, &head.name, &condition.text, &format!("`{}` {why}", literal.text));
    }

    fn stranger(&mut self, head: &Head, row: usize, condition: &Condition, text: &str, members: &[Member]) {
        let all =
            || members.iter().map(|member| if member.label.is_empty() { member.name.as_str() } else { member.label.as_str() });
        let meant = crate::driver::nearest(text, all()).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        self.wrong.warn(format!(
            "row {row}, column `{}`: `{}`: `{text}` is none of the values of this column{meant}",
            head.name, condition.text
        ));
    }
}

/// A number in steps; `None` if it lies between two.
pub(super) fn in_steps(step: Decimal, exact: Exact) -> Option<i64> {
    let scale = step.scale.max(exact.scale);
    let one = 10i64.checked_pow(scale - step.scale)?.checked_mul(step.mantissa).filter(|one| *one > 0)?;
    exact.steps(scale).filter(|steps| steps % one == 0).map(|steps| steps / one)
}

/// Members as numbers, if all of them are and each is greater than the one before it.
fn rising(members: &[Member]) -> Option<Vec<Exact>> {
    let text = |member: &Member| if member.label.is_empty() { member.name.clone() } else { member.label.clone() };
    let numbers: Option<Vec<Exact>> = members.iter().map(|member| Exact::parse(&text(member))).collect();
    numbers.filter(|all| all.is_sorted_by(|a, b| a.compare(*b) == std::cmp::Ordering::Less))
}
