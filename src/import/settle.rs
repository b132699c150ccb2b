//! Types and domains of columns: [`Grid`] → [`Table`].
//!
//! What a regime that is given says of a name counts first, then what the file says, then what the cells show. A number or a day without
//! bounds reaches one step beyond what its rows name, on either side; texts without a list have one member more, for any other text.

mod domain;

use crate::analysis::boxes::Spans;
use crate::ir::{Decimal, Domain, Program, date_text};

use super::grid::{Atom, Condition, Exact, Grid, Head, Kind, Line, Literal, Plain, Policy};
use super::name::{Names, identifier};
use super::table::{Input, Member, Output, Row, Said, Table, Test, Values};
use super::{Asked, Wrong};

/// The member that stands for any other text.
pub const OTHER: &str = "any other value";

/// Gives the columns of a grid their types. `None`: something is wrong, which was said.
pub fn settle(grid: &Grid, path: &str, asked: &Asked<'_>, wrong: &mut Wrong) -> Option<Table> {
    let before = wrong.messages.len();
    if grid.rows.is_empty() {
        wrong.say("it has no rows".to_owned());
        return None;
    }
    if grid.policy.lists() || grid.policy == Policy::Count || grid.policy.overlaps() {
        refuse(grid, wrong);
    }
    let mut settling = Settling { grid, asked, wrong, names: Names::default() };
    // The name of a regime is no name of anything in it.
    let name = identifier(&grid.name);
    let (mut inputs, mut tests, mut unused) = (Vec::new(), Vec::new(), Vec::new());
    let mut seen: Vec<&str> = Vec::new();
    for head in &grid.inputs {
        if seen.contains(&head.name.as_str()) {
            continue;
        }
        seen.push(&head.name);
        // What two columns ask of one name must both hold.
        let columns: Vec<usize> = (0..grid.inputs.len()).filter(|at| grid.inputs[*at].name == head.name).collect();
        if grid.rows.iter().all(|row| columns.iter().all(|at| row.conditions.get(*at).is_none_or(Condition::is_any))) {
            unused.push(head.name.clone());
        } else if let Some((input, column)) = settling.input(head, &columns) {
            inputs.push(input);
            tests.push(column);
        }
    }
    let mut outputs = Vec::new();
    let mut said = Vec::new();
    for at in 0..grid.outputs.len() {
        if let Some((output, column)) = settling.output(at) {
            outputs.push(output);
            said.push(column);
        }
    }
    if wrong.messages[before..].iter().any(|(_, message)| message.severity == crate::diagnostic::Severity::Error) {
        return None;
    }
    let row = |(at, line): (usize, &Line)| Row {
        number: line.number,
        tests: tests.iter().map(|column: &Vec<Test>| column[at].clone()).collect(),
        said: said.iter().map(|column: &Vec<Vec<Said>>| column[at].clone()).collect(),
        cite: line.cite.clone(),
        title: line.title.clone(),
    };
    let rows = grid.rows.iter().enumerate().map(row).collect();
    Some(Table { title: grid.name.clone(), name, path: path.to_owned(), policy: grid.policy, inputs, outputs, rows, unused })
}

/// What a policy cannot have.
fn refuse(grid: &Grid, wrong: &mut Wrong) {
    let several = grid.outputs.len() > 1;
    if several && matches!(grid.policy, Policy::Sum | Policy::Min | Policy::Max | Policy::Count) {
        wrong.say(format!("{} has one output, and this table has {}", grid.policy.name(), grid.outputs.len()));
    }
    if several && grid.policy.lists() {
        wrong.say(format!(
            "{} over several outputs is a list of tuples, and a set of Lexport has members of one kind: import it with one output at a time",
            grid.policy.name()
        ));
    }
    if matches!(grid.policy, Policy::Priority | Policy::OutputOrder) {
        for head in grid.outputs.iter().filter(|head| head.allowed.as_ref().is_none_or(Condition::is_any)) {
            wrong.say(format!(
                "{} goes by the order of the output values, and `{}` has no list of them",
                grid.policy.name(),
                head.name
            ));
        }
    }
}

struct Settling<'g, 'a, 'w> {
    grid: &'g Grid,
    asked: &'a Asked<'a>,
    wrong: &'w mut Wrong,
    names: Names,
}

impl Settling<'_, '_, '_> {
    /// What is known of a name from a regime: of an input, or of a decision.
    fn known(&self, name: &str, decision: bool) -> Option<(&Program, String, Domain)> {
        let fits = |known: &str| known == name || known == identifier(name);
        self.asked.known.iter().find_map(|program| {
            let found = if decision {
                program.decisions.iter().find(|one| fits(&one.name)).map(|one| (one.name.clone(), one.domain.clone()))
            } else {
                program.inputs.iter().find(|one| fits(&one.name)).map(|one| (one.name.clone(), one.domain.clone()))
            };
            found.map(|(name, domain)| (*program, name, domain))
        })
    }

    fn input(&mut self, head: &Head, columns: &[usize]) -> Option<(Input, Vec<Test>)> {
        let cells: Vec<(usize, &Condition)> = self
            .grid
            .rows
            .iter()
            .flat_map(|row| columns.iter().filter_map(|at| Some((row.number, row.conditions.get(*at)?))))
            .collect();
        let (name, values, assumed, between) = match self.known(&head.name, false) {
            Some((program, name, domain)) => (name, values(program, &domain), (false, false), 1),
            None => {
                let (values, assumed, between) = self.values(head, &cells)?;
                let path: Vec<String> = head.name.split('.').map(identifier).collect();
                // A dotted path is a field of a record; a code with a point in it is a name.
                let name = if crate::syntax::is_plain_name(&head.name) || path.len() == 1 {
                    self.names.free(&head.name)
                } else {
                    path.join(".")
                };
                (name, values, assumed, between)
            }
        };
        self.names.take(&name);
        let title = if head.title.is_empty() && name != head.name { head.name.clone() } else { head.title.clone() };
        let input = Input { name, title, values, assumed, between };
        let mut tests = Vec::new();
        for row in &self.grid.rows {
            let mut test = Test::Any;
            for at in columns {
                if let Some(condition) = row.conditions.get(*at).filter(|condition| !condition.is_any()) {
                    test = joined(test, self.test(head, &input, row.number, condition));
                }
            }
            tests.push(test);
        }
        Some((input, tests))
    }

    /// A cell in the numbers of its column.
    fn test(&mut self, head: &Head, input: &Input, row: usize, condition: &Condition) -> Test {
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
                    let mut end = |end: &Option<(Literal, bool)>, free: i64, by: i64| match end {
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

    /// A literal as a number of its column.
    fn value(&mut self, head: &Head, values: &Values, row: usize, condition: &Condition, literal: &Literal) -> Option<i64> {
        let value = match (values, &literal.is) {
            (Values::Flag, Plain::Flag(flag)) => Some(i64::from(*flag)),
            (Values::Number { step, .. }, Plain::Number(exact)) => {
                let steps = exact.steps(step.scale.max(exact.scale));
                let one =
                    10i64.checked_pow(step.scale.max(exact.scale) - step.scale).and_then(|up| up.checked_mul(step.mantissa));
                match (steps, one) {
                    (Some(steps), Some(one)) if one > 0 && steps % one == 0 => Some(steps / one),
                    _ => {
                        self.wrong.cell(
                            row,
                            &head.name,
                            &condition.text,
                            &format!("`{}` lies between two steps of this column", literal.text),
                        );
                        return None;
                    }
                }
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

    fn misfit(&mut self, head: &Head, row: usize, condition: &Condition, literal: &Literal, why: &str) {
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

    fn output(&mut self, at: usize) -> Option<(Output, Vec<Vec<Said>>)> {
        let (grid, head) = (self.grid, &self.grid.outputs[at]);
        let cells: Vec<(usize, &Vec<Literal>)> =
            grid.rows.iter().filter_map(|row| Some((row.number, row.outputs.get(at)?))).collect();
        if grid.dense {
            for row in grid.rows.iter().filter(|row| row.outputs.iter().all(Vec::is_empty)) {
                self.wrong.cell(row.number, &head.name, "", "the row concludes nothing");
            }
        }
        let mut literals: Vec<&Literal> = cells.iter().flat_map(|(_, cell)| cell.iter()).chain(&head.default).collect();
        let (name, values) = match self.known(&head.name, true) {
            Some((program, name, domain)) => (name, values(program, &domain)),
            None => {
                let listed: Vec<&Literal> = head.allowed.iter().flat_map(Condition::literals).collect();
                let kind = head.kind.unwrap_or_else(|| shown(&literals));
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
                let values = if grid.policy == Policy::Count {
                    Values::Number { unit: String::new(), step: Decimal::whole(1), lo: 0, hi: grid.rows.len() as i64 }
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
        literals.clear();
        let mut column = Vec::new();
        for (number, cell) in cells {
            column.push(cell.iter().filter_map(|literal| self.said(head, &values, number, literal)).collect());
        }
        let default = head.default.as_ref().and_then(|literal| match self.said(head, &values, 0, literal) {
            Some(Said::One(value)) => Some(value),
            _ => None,
        });
        Some((Output { name, title, values, default }, column))
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
            self.wrong
                .say(format!("output `{}`: its numbers have more digits than can be kept exactly, or there are none", head.name));
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

/// What two columns ask of one name.
fn joined(a: Test, b: Test) -> Test {
    match (a, b) {
        (Test::Any, other) | (other, Test::Any) => other,
        (Test::Among(a), Test::Among(b)) => {
            let pairs = a.iter().flat_map(|(lo, hi)| b.iter().map(move |(from, to)| (*lo.max(from), *hi.min(to))));
            Test::Among(crate::ir::Ranges::from_pairs(pairs).pairs().to_vec())
        }
        (Test::Has(mut a), Test::Has(b)) => {
            a.extend(b);
            Test::Has(a)
        }
        (other, _) => other,
    }
}

fn number(literal: &Literal) -> Option<Exact> {
    if let Plain::Number(exact) = literal.is { Some(exact) } else { None }
}

/// What literals are together.
fn shown(literals: &[&Literal]) -> Kind {
    let all = |fits: fn(&Plain) -> bool| !literals.is_empty() && literals.iter().all(|literal| fits(&literal.is));
    if all(|is| matches!(is, Plain::Number(_))) {
        Kind::Number
    } else if all(|is| matches!(is, Plain::Day(_))) {
        Kind::Day
    } else if all(|is| matches!(is, Plain::Flag(_))) {
        Kind::Flag
    } else {
        Kind::Text
    }
}

/// A member for a text.
fn member(names: &mut Names, text: &str) -> Member {
    let name = names.free(text);
    let label = if name == text { String::new() } else { text.to_owned() };
    Member { name, label }
}

/// The member of a name or a label.
fn place(members: &[Member], text: &str) -> Option<u32> {
    let own = |member: &Member| if member.label.is_empty() { member.name == text } else { member.label == text };
    let found =
        members.iter().position(own).or_else(|| members.iter().position(|member| member.name == text && member.label != OTHER));
    found.map(|at| at as u32)
}

/// The texts between braces.
fn inside(set: &str) -> Vec<String> {
    let inside = set.trim_start_matches('{').trim_end_matches('}');
    inside.split(',').map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned).collect()
}

fn decimal_text(exact: Exact) -> String {
    let digits = format!("{:0>width$}", exact.digits.unsigned_abs(), width = exact.scale as usize + 1);
    let (whole, fraction) = digits.split_at(digits.len() - exact.scale as usize);
    let sign = if exact.digits < 0 { "-" } else { "" };
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

/// A literal without the marks of its kind: `date("2025-01-13")` is 2025-01-13.
fn plain_text(literal: &Literal) -> String {
    match literal.is {
        Plain::Day(day) => date_text(day),
        Plain::Number(exact) => decimal_text(exact),
        _ => literal.text.clone(),
    }
}

/// The values of a domain of a regime.
fn values(program: &Program, domain: &Domain) -> Values {
    let members = |of: &crate::ir::EnumId| {
        let all = &program.enumeration(*of).members;
        all.iter().map(|member| Member { name: member.name.clone(), label: member.label.clone() }).collect()
    };
    match domain {
        Domain::Bool => Values::Flag,
        Domain::Enum(of) => Values::Members { members: members(of), ordered: program.enumeration(*of).ordered },
        Domain::Set(of) => Values::Set { members: members(of) },
        Domain::Number(number) => Values::Number { unit: number.unit.clone(), step: number.step, lo: number.lo, hi: number.hi },
        Domain::Date { lo, hi } => Values::Days { lo: *lo, hi: *hi },
    }
}
