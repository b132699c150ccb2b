//! Columns that are concluded: their values, and what each row says.

use crate::import::grid::{Atom, Condition, Exact, Head, Kind, Literal, Plain, Policy};
use crate::import::table::{Output, Said, Values};
use crate::ir::Decimal;

use super::ask::in_steps;
use super::{Settling, inside, number, place, plain_text, shown, values};

impl Settling<'_, '_, '_> {
    pub(super) fn output(&mut self, at: usize) -> Option<(Output, Vec<Vec<Said>>)> {
        let (grid, head) = (self.grid, &self.grid.outputs[at]);
        let cells: Vec<(usize, &Vec<Literal>)> =
            grid.rows.iter().filter_map(|row| Some((row.number, row.outputs.get(at)?))).collect();
        if grid.dense && at == 0 && !self.broken {
            for row in grid.rows.iter().filter(|row| row.outputs.iter().all(Vec::is_empty)) {
                self.wrong.cell(row.number, &head.name, "", "the row concludes nothing");
            }
        }
        let counts = grid.policy == Policy::Count;
        if cells.iter().all(|(_, cell)| cell.is_empty()) {
            if !self.broken {
                self.wrong.say(format!("output `{}`: no row concludes it", head.name));
            }
            return None;
        }
        let literals: Vec<&Literal> = cells.iter().flat_map(|(_, cell)| cell.iter()).chain(&head.default).collect();
        let listed: Vec<&Literal> = head.allowed.iter().flat_map(Condition::literals).collect();
        self.unlisted(head, &cells);
        let fallback = if counts { Some(self.counted(head)?) } else { None };
        let (name, values) = match self.known(&head.name, true) {
            Some((program, name, domain)) => (name, values(program, &domain)),
            None => {
                let kind = head.kind.unwrap_or_else(|| shown(&literals));
                if head.kind.is_none() && !counts {
                    let all = cells.iter().flat_map(|(row, cell)| cell.iter().map(move |literal| (*row, literal)));
                    self.mixed(head, kind, &all.collect::<Vec<_>>());
                }
                let numeric = matches!(grid.policy, Policy::Sum | Policy::Min | Policy::Max);
                let number = matches!(kind, Kind::Number | Kind::Whole);
                if numeric && !number {
                    self.wrong.say(format!(
                        "{} computes with numbers, and `{}` has {}",
                        grid.policy.name(),
                        head.name,
                        kind.name()
                    ));
                    return None;
                }
                if let Some(odd) = literals.iter().find(|literal| number && !matches!(literal.is, Plain::Number(_))) {
                    self.wrong.say(format!("output `{}`: `{}` does not fit: this column has numbers", head.name, odd.text));
                    return None;
                }
                let by_list = matches!(grid.policy, Policy::Priority | Policy::OutputOrder);
                let sets =
                    |literal: &Literal| literal.is == Plain::Text && literal.text.starts_with('{') && literal.text.ends_with('}');
                let values = if let Some(fallback) = fallback {
                    let hi = fallback.max(grid.rows.len() as i64);
                    Values::Number { unit: String::new(), step: Decimal::whole(1), lo: 0, hi }
                } else if number && !grid.policy.lists() && !by_list {
                    self.concluded(head, &literals)?
                } else if !grid.dense && !literals.is_empty() && literals.iter().all(|literal| sets(literal)) {
                    let inside: Vec<Literal> = literals.iter().flat_map(|set| inside(&set.text)).map(Literal::text).collect();
                    let members = self.members(head, inside.iter(), false);
                    Values::Set { members }
                } else if kind == Kind::Flag && !grid.policy.lists() && !by_list {
                    Values::Flag
                } else {
                    let texts: Vec<Literal> = listed
                        .iter()
                        .copied()
                        .chain(literals.iter().copied())
                        .map(|literal| Literal::text(plain_text(literal)))
                        .collect();
                    let mut members = self.members(head, texts.iter(), false);
                    if grid.policy.lists() {
                        Values::Set { members }
                    } else {
                        // What is listed first has the highest priority, and the strictest member of an ordered list is its last.
                        let ordered = grid.policy == Policy::Priority && grid.outputs.len() == 1;
                        if ordered {
                            members.reverse();
                        }
                        Values::Members { members, ordered }
                    }
                };
                let name = self.names.free(&head.name);
                (name, values)
            }
        };
        self.names.take(&name);
        let title = if head.title.is_empty() && name != head.name { head.name.clone() } else { head.title.clone() };
        if let Some(why) = unfit(grid.policy, &values) {
            self.wrong.say(format!("output `{}`: {why}", head.name));
            return None;
        }
        let mut order = Vec::new();
        if grid.policy == Policy::Priority {
            let mut known = rustc_hash::FxHashSet::default();
            order.extend(
                listed.iter().chain(&literals).filter_map(|literal| ranked(&values, literal)).filter(|k| known.insert(*k)),
            );
        }
        let mut column = Vec::new();
        for (number, cell) in cells {
            column.push(cell.iter().filter_map(|literal| self.said(head, &values, number, literal)).collect());
        }
        let default = match (fallback, &head.default) {
            (Some(count), _) => {
                let (lo, hi) = values.bounds();
                if count < lo || hi < count {
                    self.wrong.cell(0, &head.name, &count.to_string(), "it lies outside of the range of this column");
                }
                Some(Said::One(count))
            }
            (None, Some(literal)) => self.said(head, &values, 0, literal),
            (None, None) => None,
        };
        Some((Output { name, title, values, default, order }, column))
    }

    /// Warns of what is concluded and not among the output values that the file lists: a misprint would be a value of its own.
    fn unlisted(&mut self, head: &Head, cells: &[(usize, &Vec<Literal>)]) {
        let Some(allowed) = head.allowed.as_ref().filter(|allowed| !allowed.is_any() && !allowed.negated) else { return };
        let is = |atom: &Atom| if let Atom::Is(literal) = atom { Some(plain_text(literal)) } else { None };
        let Some(listed) = allowed.atoms.iter().map(is).collect::<Option<Vec<_>>>() else { return };
        let mut told = rustc_hash::FxHashSet::default();
        for (row, literal) in cells.iter().flat_map(|(row, cell)| cell.iter().map(move |literal| (row, literal))) {
            let said = plain_text(literal);
            if !listed.contains(&said) && told.insert(said.clone()) {
                self.wrong.warn(format!(
                    "row {row}, output `{}`: `{said}` is not among its output values: {}",
                    head.name,
                    listed.join(", ")
                ));
            }
        }
    }

    /// What COUNT comes to where no row applies: the default, which must then be a number of rows, else none.
    fn counted(&mut self, head: &Head) -> Option<i64> {
        let Some(literal) = &head.default else { return Some(0) };
        let count = number(literal).and_then(|exact| exact.steps(0)).filter(|count| *count >= 0);
        if count.is_none() {
            self.wrong.cell(0, &head.name, &literal.text, "COLLECT COUNT comes to a whole number that is not below 0");
        }
        count
    }

    /// The values of a column of numbers that are concluded: from the least to the greatest that can come out.
    fn concluded(&mut self, head: &Head, literals: &[&Literal]) -> Option<Values> {
        let numbers: Vec<Exact> = literals.iter().filter_map(|literal| number(literal)).collect();
        let scale = numbers.iter().map(|number| number.scale).max().unwrap_or(0);
        let steps: Option<Vec<i64>> = numbers.iter().map(|number| number.steps(scale)).collect();
        let sum =
            |steps: &[i64], sign: i64| steps.iter().filter(|k| k.signum() == sign).try_fold(0i64, |sum, k| sum.checked_add(*k));
        let ends = steps.and_then(|steps| match self.grid.policy {
            Policy::Sum => Some((sum(&steps, -1)?, sum(&steps, 1)?)),
            _ => Some((*steps.iter().min()?, *steps.iter().max()?)),
        });
        let Some((lo, hi)) = ends else {
            self.wrong.say(format!("output `{}`: its numbers have more digits than can be kept exactly", head.name));
            return None;
        };
        Some(Values::Number { unit: String::new(), step: Decimal { mantissa: 1, scale }, lo, hi })
    }

    /// A literal that is concluded, in the numbers of its column.
    fn said(&mut self, head: &Head, values: &Values, row: usize, literal: &Literal) -> Option<Said> {
        if self.grid.policy == Policy::Count {
            return Some(Said::One(1));
        }
        let whole = Condition { text: literal.text.clone(), ..Condition::default() };
        if let Values::Set { members } = values {
            let all = if literal.text.starts_with('{') { inside(&literal.text) } else { vec![plain_text(literal)] };
            let mut set = Vec::new();
            for text in all {
                match place(members, &text) {
                    Some(member) => set.push(member),
                    None => self.wrong.cell(row, &head.name, &literal.text, &format!("`{text}` is no member of this set")),
                }
            }
            set.sort_unstable();
            set.dedup();
            return Some(Said::Set(set));
        }
        if let Values::Members { members, .. } = values {
            let found = place(members, &plain_text(literal)).or_else(|| place(members, &literal.text));
            if found.is_none() {
                self.wrong.cell(row, &head.name, &literal.text, "it is none of the values of this column");
            }
            return found.map(|member| Said::One(i64::from(member)));
        }
        let value = self.value(head, values, row, &whole, literal)?;
        let (lo, hi) = values.bounds();
        if value < lo || hi < value {
            self.wrong.cell(row, &head.name, &literal.text, "it lies outside of the range of this column");
            return None;
        }
        Some(Said::One(value))
    }
}

/// Why a policy has no use for values: what a regime that is given says of them goes first, and it need not fit.
fn unfit(policy: Policy, values: &Values) -> Option<String> {
    let name = policy.name();
    let number = matches!(values, Values::Number { .. });
    let ordered = number || matches!(values, Values::Members { ordered: true, .. } | Values::Flag);
    let set = matches!(values, Values::Set { .. });
    match policy {
        Policy::Unique | Policy::Any => None,
        Policy::First | Policy::Priority if set => {
            Some(format!("its values are sets, which are joined when they are imported, and {name} takes one of them"))
        }
        Policy::First | Policy::Priority => None,
        Policy::Sum | Policy::Count if !number => Some(format!("{name} comes to a number, and it has none")),
        Policy::Min | Policy::Max if !ordered => Some(format!("{name} goes by an order, and its values have none")),
        policy if policy.lists() && !set => Some(format!("{name} comes to a set, and it is none in the regime that is given")),
        _ => None,
    }
}

/// The number of a literal in the order of priorities, where nothing needs to be said of it.
fn ranked(values: &Values, literal: &Literal) -> Option<i64> {
    match (values, &literal.is) {
        (Values::Members { members, .. }, _) => {
            place(members, &plain_text(literal)).or_else(|| place(members, &literal.text)).map(i64::from)
        }
        (Values::Flag, Plain::Flag(flag)) => Some(i64::from(*flag)),
        (Values::Days { .. }, Plain::Day(day)) => Some(*day),
        (Values::Number { step, .. }, Plain::Number(exact)) => in_steps(*step, *exact),
        _ => None,
    }
}
