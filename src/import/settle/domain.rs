//! The domain of a column that no regime knows, from what the file says and what the cells show.

use crate::import::grid::{Atom, Condition, Exact, Head, Kind, Literal, Plain};
use crate::import::name::Names;
use crate::import::table::{Member, Values};
use crate::ir::Decimal;

use super::{OTHER, Settling, decimal_text, member, number, shown};

impl Settling<'_, '_, '_> {
    /// The values of a column that no regime knows.
    pub(super) fn values(&mut self, head: &Head, cells: &[(usize, &Condition)]) -> Option<(Values, (bool, bool), i64)> {
        let literals: Vec<&Literal> = cells.iter().flat_map(|(_, cell)| cell.literals()).collect();
        let sets = cells.iter().any(|(_, cell)| cell.atoms.iter().any(|atom| matches!(atom, Atom::Has(..))));
        let allowed = head.allowed.as_ref().filter(|allowed| !allowed.is_any());
        if allowed.is_some_and(|allowed| allowed.negated) {
            self.wrong.say(format!("the values of column `{}` say what it has not; only what it has is read", head.name));
            return None;
        }
        let listed: Vec<&Literal> = allowed.into_iter().flat_map(Condition::literals).collect();
        let kind = head.kind.unwrap_or_else(|| if sets { Kind::Set } else { shown(&[literals.as_slice(), &listed].concat()) });
        let fits = |literal: &Literal| match kind {
            Kind::Number | Kind::Whole => matches!(literal.is, Plain::Number(_)),
            Kind::Day => matches!(literal.is, Plain::Day(_)),
            Kind::Flag | Kind::Text | Kind::Set => true,
        };
        if let Some((row, cell, odd)) =
            cells.iter().find_map(|(row, cell)| Some((*row, *cell, cell.literals().find(|one| !fits(one))?)))
        {
            self.misfit(head, row, cell, odd, &format!("does not fit: this column has {}", kind.name()));
            return None;
        }
        if kind == Kind::Text && head.kind.is_none() && !self.compared(head, cells)? {
            let all = cells.iter().flat_map(|(row, cell)| cell.literals().map(move |literal| (*row, literal)));
            self.mixed(head, kind, &all.collect::<Vec<_>>());
        }
        match kind {
            Kind::Flag => Some((Values::Flag, (false, false), 1)),
            Kind::Text | Kind::Set => {
                let closed = self.asked.closed || allowed.is_some() || kind == Kind::Set;
                let all = if allowed.is_some() { listed } else { literals };
                let members = self.members(head, all.into_iter(), !closed);
                let values =
                    if kind == Kind::Set { Values::Set { members } } else { Values::Members { members, ordered: false } };
                Some((values, (false, false), 1))
            }
            Kind::Number | Kind::Whole => {
                let is_list = allowed.is_some_and(|allowed| allowed.atoms.iter().all(|atom| matches!(atom, Atom::Is(_))));
                if is_list {
                    // Numbers of which only these occur are members that have an order.
                    let mut numbers: Vec<Exact> = listed.iter().filter_map(|literal| number(literal)).collect();
                    numbers.sort_by(|a, b| a.compare(*b));
                    numbers.dedup();
                    let texts: Vec<Literal> = numbers.iter().map(|number| Literal::text(decimal_text(*number))).collect();
                    let members = self.members(head, texts.iter(), false);
                    return Some((Values::Members { members, ordered: true }, (false, false), 1));
                }
                self.numbers(head, kind, &literals, allowed)
            }
            Kind::Day => {
                let days: Vec<i64> = literals
                    .iter()
                    .chain(&listed)
                    .filter_map(|literal| if let Plain::Day(day) = literal.is { Some(day) } else { None })
                    .collect();
                let (lo, hi, assumed) =
                    self.range(head, allowed, &days, |literal| if let Plain::Day(day) = literal.is { Some(day) } else { None })?;
                Some((Values::Days { lo, hi }, assumed, 1))
            }
        }
    }

    /// Whether a column that looks like texts is compared; `None` if numbers or days are, and some of its cells are neither: then those
    /// are what is wrong with it.
    fn compared(&mut self, head: &Head, cells: &[(usize, &Condition)]) -> Option<bool> {
        let ranges = cells.iter().flat_map(|(_, cell)| &cell.atoms).filter_map(|atom| match atom {
            Atom::Range { lo, hi } => Some(lo.iter().chain(hi)),
            _ => None,
        });
        let ends: Vec<&Plain> = ranges.flatten().map(|(literal, _)| &literal.is).collect();
        let days = ends.iter().filter(|is| matches!(is, Plain::Day(_))).count();
        let numbers = ends.iter().filter(|is| matches!(is, Plain::Number(_))).count();
        if days + numbers == 0 {
            return Some(!ends.is_empty());
        }
        let (what, fits): (_, fn(&Plain) -> bool) = if days > numbers {
            ("day", |is| matches!(is, Plain::Day(_)))
        } else {
            ("number", |is| matches!(is, Plain::Number(_)))
        };
        let mut odd = false;
        for (row, cell) in cells {
            for literal in cell.literals().filter(|literal| !fits(&literal.is)) {
                odd = true;
                let why = format!("is no {what}, and this column compares {what}s: there is no order between the two");
                self.misfit(head, *row, cell, literal, &why);
            }
        }
        if odd { None } else { Some(true) }
    }

    pub(super) fn numbers(
        &mut self,
        head: &Head,
        kind: Kind,
        literals: &[&Literal],
        allowed: Option<&Condition>,
    ) -> Option<(Values, (bool, bool), i64)> {
        let listed: Vec<&Literal> = allowed.into_iter().flat_map(Condition::literals).collect();
        let all: Vec<Exact> = literals.iter().chain(&listed).filter_map(|literal| number(literal)).collect();
        let written = all.iter().map(|number| number.scale).max().unwrap_or(0);
        // Between two numbers of DMN lies another: one digit more than is written.
        let dense = self.grid.dense && kind == Kind::Number;
        let scale = written + u32::from(dense);
        let steps: Vec<i64> = all.iter().filter_map(|number| number.steps(scale)).collect();
        if steps.len() < all.len() || steps.iter().any(|k| k.unsigned_abs() > 1 << 60) {
            self.wrong.say(format!("column `{}`: its numbers have more digits than can be kept exactly", head.name));
            return None;
        }
        let (lo, hi, assumed) = self.range(head, allowed, &steps, |literal| number(literal)?.steps(scale))?;
        let values = Values::Number { unit: String::new(), step: Decimal { mantissa: 1, scale }, lo, hi };
        Some((values, assumed, if dense { 10 } else { 1 }))
    }

    /// The ends of a column of numbers or days, and which of them are assumed.
    pub(super) fn range(
        &mut self,
        head: &Head,
        allowed: Option<&Condition>,
        named: &[i64],
        read: impl Fn(&Literal) -> Option<i64>,
    ) -> Option<(i64, i64, (bool, bool))> {
        let (Some(least), Some(most)) = (named.iter().min(), named.iter().max()) else {
            self.wrong.say(format!("column `{}`: nothing in it says which values there are", head.name));
            return None;
        };
        let (mut lo, mut hi, mut assumed) = (least - 1, most + 1, (true, true));
        match allowed.map(|allowed| (allowed.negated, allowed.atoms.as_slice())) {
            None => {}
            Some((false, [Atom::Range { lo: from, hi: to }])) => {
                if let Some((literal, closed)) = from {
                    (lo, assumed.0) = (read(literal)? + i64::from(!closed), false);
                }
                if let Some((literal, closed)) = to {
                    (hi, assumed.1) = (read(literal)? - i64::from(!closed), false);
                }
            }
            Some(_) => {
                self.wrong.say(format!("the values of column `{}` are neither one range nor a list", head.name));
                return None;
            }
        }
        if lo > hi {
            self.wrong.say(format!("column `{}` has no values: its range ends before it begins", head.name));
            return None;
        }
        Some((lo, hi, assumed))
    }

    /// Texts as members, in the order in which they come; with one more for any other text.
    pub(super) fn members<'l>(&mut self, head: &Head, literals: impl Iterator<Item = &'l Literal>, open: bool) -> Vec<Member> {
        let mut texts: Vec<&str> = Vec::new();
        let mut seen: rustc_hash::FxHashMap<String, &str> = rustc_hash::FxHashMap::default();
        let mut known: rustc_hash::FxHashSet<&str> = rustc_hash::FxHashSet::default();
        for literal in literals {
            if !known.insert(&literal.text) {
                continue;
            }
            texts.push(&literal.text);
            let look = crate::syntax::look(&literal.text);
            let plain = look.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
            if let Some(other) = seen.insert(plain, &literal.text) {
                if look == crate::syntax::look(other) {
                    self.wrong.say(format!(
                        "column `{}`: `{other}` and `{}` look the same and are different letters",
                        head.name, literal.text
                    ));
                } else {
                    self.wrong.warn(format!(
                        "column `{}`: `{other}` and `{}` are two values; are both meant?",
                        head.name, literal.text
                    ));
                }
            }
        }
        let mut names = Names::default();
        let mut members: Vec<Member> = texts.iter().map(|text| member(&mut names, text)).collect();
        if open {
            members.push(Member { name: names.free("other"), label: OTHER.to_owned() });
        }
        members
    }
}
