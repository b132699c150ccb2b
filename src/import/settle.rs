//! Types and domains of columns: [`Grid`] → [`Table`].
//!
//! What a regime that is given says of a name counts first, then what the file says, then what the cells show. A number or a day without
//! bounds reaches one step beyond what its rows name, on either side; texts without a list have one member more, for any other text.

mod ask;
mod conclude;
mod domain;
mod mixed;

use crate::ir::{Domain, Program, date_text};

use super::grid::{Atom, Condition, Exact, Grid, Head, Kind, Line, Literal, Plain, Policy};
use super::name::{Names, identifier};
use super::table::{Input, Member, Row, Said, Table, Test, Values};
use super::{Asked, Wrong};

/// The member that stands for any other text.
pub const OTHER: &str = "any other value";

/// Gives the columns of a grid their types. `None`: something is wrong, which was said.
pub fn settle(grid: &Grid, path: &str, asked: &Asked<'_>, wrong: &mut Wrong) -> Option<Table> {
    let before = wrong.messages.len();
    // What could not be read is missing here, and what only follows from that is not said.
    let broken = wrong.failed();
    if grid.rows.is_empty() {
        if !broken {
            wrong.say("it has no rows".to_owned());
        }
        return None;
    }
    if grid.policy.lists() || grid.policy == Policy::Count || grid.policy.overlaps() {
        refuse(grid, wrong);
    }
    let mut settling = Settling { grid, asked, wrong, names: Names::default(), broken };
    // The name of a regime is no name of anything in it.
    let name = identifier(&grid.name);
    let (mut inputs, mut tests, mut unused, mut asked_by) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
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
            if inputs.iter().any(|other: &Input| other.name == input.name) {
                settling
                    .wrong
                    .say(format!("two of its columns are `{}` in the regime that is known: head them differently", input.name));
            }
            inputs.push(input);
            tests.push(column);
            asked_by.push(columns);
        }
    }
    if inputs.is_empty() && !settling.wrong.failed() {
        settling.wrong.say(
            "no row asks anything: each applies to every case, so there is nothing to find; fill in what tells the rows apart (`-` and an empty cell mean anything)".to_owned(),
        );
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
    // The words of a cell that asks for no value that there is: they say best what is wrong with it.
    let nothing = |at: usize, line: &Line| {
        let empty = tests.iter().zip(&asked_by).filter(|(column, _)| !column[at].is_met());
        let words = empty.map(|(_, columns)| {
            let cells = columns.iter().filter_map(|column| line.conditions.get(*column)).filter(|cell| !cell.is_any());
            let name = columns.first().map_or(String::new(), |column| grid.inputs[*column].name.clone());
            (name, cells.map(|cell| cell.text.as_str()).collect::<Vec<_>>().join("; "))
        });
        words.collect()
    };
    let row = |(at, line): (usize, &Line)| Row {
        number: line.number,
        nothing: nothing(at, line),
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
        // A range has no order of its own, and what is not allowed no place in one.
        let listed = |allowed: &Condition| {
            !allowed.is_any() && !allowed.negated && allowed.atoms.iter().all(|atom| matches!(atom, Atom::Is(_)))
        };
        for head in grid.outputs.iter().filter(|head| !head.allowed.as_ref().is_some_and(listed)) {
            wrong.say(format!(
                "{} goes by the order of the output values, and `{}` has no list of them",
                grid.policy.name(),
                head.name
            ));
        }
    }
}

/// Whether a column is what a regime knows under a name.
fn fits(known: &str, column: &str) -> bool {
    known == column || known == identifier(column)
}

/// Types that are given and that no column has: they were meant for one.
pub fn unmet(grids: &[Grid], asked: &Asked<'_>, wrong: &mut Wrong) {
    wrong.table.clear();
    let heads = || grids.iter().flat_map(|grid| &grid.inputs);
    for (called, program) in asked.stated.iter().filter(|_| !grids.is_empty()) {
        if program.inputs.iter().any(|input| heads().any(|head| fits(&input.name, &head.name))) {
            continue;
        }
        let help = if grids.iter().flat_map(|grid| &grid.outputs).any(|head| head.name == *called) {
            format!(
                "`{called}` is concluded, and `--domain` states the type of what is asked for; `--with` takes a regime with its decision"
            )
        } else {
            crate::driver::nearest(called, heads().map(|head| head.name.as_str())).map_or_else(
                || format!("the columns are {}", heads().map(|head| head.name.as_str()).collect::<Vec<_>>().join(", ")),
                |near| format!("did you mean `{near}`?"),
            )
        };
        wrong.file(format!("`--domain {called}`: no column that is asked for is called so"), &help);
    }
    for program in asked.known.iter().filter(|_| !grids.is_empty()) {
        let taken = |name: &str| heads().any(|head| fits(name, &head.name));
        let free = || program.inputs.iter().map(|input| input.name.as_str()).filter(|name| !taken(name));
        if program.inputs.iter().all(|input| !taken(&input.name)) {
            wrong.warn(
                "no column is an input of the regime that is given with `--with`: their types are not taken from it".to_owned(),
            );
        }
        let stated =
            |head: &Head| asked.stated.iter().flat_map(|(_, one)| &one.inputs).any(|input| fits(&input.name, &head.name));
        for head in heads().filter(|head| !stated(head) && !program.inputs.iter().any(|input| fits(&input.name, &head.name))) {
            if let Some(near) =
                crate::driver::nearest(&head.name, free()).or(crate::driver::nearest(&identifier(&head.name), free()))
            {
                wrong.warn(format!(
                    "column `{}` is no input of the regime that is given with `--with`; did you mean `{near}`?",
                    head.name
                ));
            }
        }
    }
}

struct Settling<'g, 'a, 'w> {
    grid: &'g Grid,
    asked: &'a Asked<'a>,
    wrong: &'w mut Wrong,
    names: Names,
    /// Whether something of this table could not be read.
    broken: bool,
}

impl Settling<'_, '_, '_> {
    /// What is known of a name from a regime: of an input, or of a decision.
    fn known(&self, name: &str, decision: bool) -> Option<(&Program, String, Domain)> {
        let fits = |known: &str| fits(known, name);
        self.asked.stated.iter().map(|(_, program)| program).chain(&self.asked.known).find_map(|program| {
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
