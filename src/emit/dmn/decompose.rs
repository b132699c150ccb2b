//! A table taken apart into small ones that a person can read, exactly.
//!
//! In: a packed table. Out: [`Part`]s. A decision whose diagram has few rows is one table. Another is told by its rules: for each a table
//! of when it carries the decision, and a last one that says which rules come to which outcome. A table that is still too large is
//! made smaller by asking what is known already (an earlier decision, another rule), or by a group: a table of its own for some tests,
//! of whose combinations only a few groups make a difference.
//!
//! Every step keeps the function: nothing is sampled, and nothing is assumed of the regime but its table. The tables are those that
//! resubstitution and functional decomposition find in logic synthesis (R. Ashenhurst 1957; R. Brayton and others, "MIS", 1987).

use std::collections::BTreeMap;

use lexport_runtime::Answer;

use super::collect;
use super::function::{ANY, Function, LEAF, Store, TESTS};
use super::part::{Column, Part, Row, Shape, What};
use super::test;
use crate::diagram::OwnedTable;
use crate::emit::EmitError;
use crate::ir::Domain;

/// A table of more rows is taken apart.
const ROWS: u64 = 48;
/// A table of more rows than this is not written.
const MOST_ROWS: usize = 2_000;
/// Below this nothing is gained by asking what is known.
const FEW: u64 = 6;
/// How many groups a group table may have.
const GROUPS: usize = 8;
/// How many where nothing else helps.
const STATES: usize = 24;

/// So many members of a set at most are asked for together.
const TOGETHER: usize = 4;

/// Something that columns can ask for, as a function of the tests.
struct Known {
    ask: Ask,
    function: Function,
    /// By class, the value of the function.
    values: Vec<u32>,
}

/// How something that is known is asked for.
#[derive(Clone)]
enum Ask {
    /// By one column.
    One(Column),
    /// By the columns of some others that are known, which together tell its value: the members of a set.
    All(Vec<usize>),
}

/// What stands in front of the tests.
struct Front {
    column: Column,
    classes: u32,
    /// What is known of it, if it is a function of the tests.
    known: Option<usize>,
}

/// The table that is being taken apart.
pub(super) struct Decomposer<'t> {
    table: &'t OwnedTable,
    store: Store,
    subjects: Vec<String>,
    context: Vec<bool>,
    parts: Vec<Part>,
    known: Vec<Known>,
    /// By function: the part that it is.
    part_of: BTreeMap<Function, usize>,
    /// By what was asked for, as far as it matters: the part that is it.
    mark_of: BTreeMap<Function, usize>,
    /// What stands in front of the tests, by level.
    front: BTreeMap<u32, Front>,
}

/// The parts of a table, each behind those that it asks; by decision its part.
pub(super) fn decompose(table: &OwnedTable) -> Result<(Vec<Part>, Vec<usize>), EmitError> {
    let mut it = Decomposer {
        table,
        store: Store::default(),
        subjects: test::subjects(table),
        context: table.tests.iter().map(|one| test::is_context(table, one)).collect(),
        parts: Vec::new(),
        known: Vec::new(),
        part_of: BTreeMap::new(),
        mark_of: BTreeMap::new(),
        front: BTreeMap::new(),
    };
    let decisions = (0..table.decisions.len()).map(|decision| it.decision(decision)).collect::<Result<_, _>>()?;
    Ok((it.parts, decisions))
}

impl Decomposer<'_> {
    /// The part of a decision.
    fn decision(&mut self, decision: usize) -> Result<usize, EmitError> {
        let root = self.table.roots[decision];
        let whole = self.store.import(self.table, root, |outcome| LEAF | outcome);
        let outcomes: Vec<u32> = self.store.values(whole).into_iter().collect();
        let shape = if self.store.rows(whole) <= ROWS {
            self.shape(whole, (decision, None))?.0
        } else {
            let rules = collect::rules(self.table, &outcomes);
            match collect::Marks::new(self.table, decision, &outcomes, rules) {
                Some(marks) => self.by_rules(decision, &outcomes, &marks)?,
                // Outcomes that their rules do not tell apart.
                None => self.shape(whole, (decision, None))?.0,
            }
        };
        let part = self.parts.len();
        self.parts.push(Part { what: What::Outcome { decision }, shape });
        self.know_decision(decision, part, &outcomes);
        Ok(part)
    }

    /// A decision by the rules that carry it.
    fn by_rules(&mut self, decision: usize, outcomes: &[u32], marks: &collect::Marks) -> Result<Shape, EmitError> {
        let mut parts = Vec::with_capacity(marks.rules.len());
        let mut order: Vec<(u64, usize, Function)> = Vec::new();
        for at in 0..marks.rules.len() {
            let value = |outcome: u32| match marks.wanted(self.table, outcome, at) {
                Some(carried) => LEAF | u32::from(carried),
                None => ANY,
            };
            let function = self.store.import(self.table, self.table.roots[decision], value);
            let least = self.store.least(function);
            order.push((self.store.rows(least), at, function));
        }
        // The simplest first: the others may ask them.
        order.sort_unstable();
        for (_, at, function) in order {
            parts.push((at, self.mark(decision, marks.rules[at], function)?));
        }
        parts.sort_unstable();
        let parts: Vec<usize> = parts.into_iter().map(|(_, part)| part).collect();
        if let Some(shape) = marks.collected(self.table, decision, outcomes, &parts) {
            return Ok(shape);
        }
        Ok(marks.rows(self.table, outcomes, &parts))
    }

    /// The part that says whether a rule carries a decision.
    fn mark(&mut self, decision: usize, rule: u32, function: Function) -> Result<usize, EmitError> {
        if let Some(part) = self.mark_of.get(&function).copied()
            && let What::Carries { decisions, rule: of } = &mut self.parts[part].what
            && *of == rule
        {
            decisions.push(decision);
            return Ok(part);
        }
        let (shape, chosen) = self.shape(function, (decision, Some(rule)))?;
        let part = self.parts.len();
        self.parts.push(Part { what: What::Carries { decisions: vec![decision], rule }, shape });
        self.mark_of.entry(function).or_insert(part);
        if let Some(chosen) = chosen {
            self.known.push(Known { ask: Ask::One(Column::Part(part)), function: chosen, values: vec![0, 1] });
        }
        Ok(part)
    }

    /// What others may ask of a decision.
    fn know_decision(&mut self, decision: usize, part: usize, outcomes: &[u32]) {
        let answer = |outcome: u32| self.table.outcomes[outcome as usize].answer;
        // A gap or a conflict has no value that could be asked for.
        if outcomes.iter().any(|outcome| matches!(answer(*outcome), Answer::Gap | Answer::Conflict(_))) {
            return;
        }
        let root = self.table.roots[decision];
        let mut known = |ask: Ask, value: &dyn Fn(Answer) -> u32| {
            let function = self.store.import(self.table, root, |outcome| LEAF | value(answer(outcome)));
            let values: Vec<u32> = self.store.values(function).into_iter().collect();
            let told = values.len() > 1;
            if told {
                self.known.push(Known { ask, function, values });
            }
            told.then(|| self.known.len() - 1)
        };
        if let Domain::Set(id) = &self.table.decisions[decision].domain {
            let words = |answer: Answer| match answer {
                Answer::Set(span) => test::slice(&self.table.words, span),
                _ => &[],
            };
            known(Ask::One(Column::Any(part)), &|answer| u32::from(words(answer).iter().any(|word| *word != 0)));
            let mut members = Vec::new();
            for member in 0..self.table.enums[id.index()].size() {
                let has = |answer| words(answer).get(member as usize / 64).is_some_and(|word| word >> (member % 64) & 1 == 1);
                members.extend(known(Ask::One(Column::Has(part, member)), &|answer| u32::from(has(answer))));
            }
            let mut sets: Vec<&[u64]> = outcomes.iter().map(|outcome| words(answer(*outcome))).collect();
            sets.sort_unstable();
            sets.dedup();
            if (2..=TOGETHER).contains(&members.len()) {
                known(Ask::All(members), &|answer| sets.binary_search(&words(answer)).unwrap_or_default() as u32);
            }
        } else {
            let mut answers: Vec<Answer> = Vec::new();
            for outcome in outcomes {
                if !answers.contains(&answer(*outcome)) {
                    answers.push(answer(*outcome));
                }
            }
            answers.sort_by_key(|answer| match answer {
                Answer::Bool(flag) => i64::from(*flag),
                Answer::Member(member) => i64::from(*member),
                Answer::Int(steps) => *steps,
                _ => i64::MAX,
            });
            let at = |one: Answer| answers.iter().position(|answer| *answer == one).unwrap_or_default() as u32;
            known(Ask::One(Column::Answer(part, answers.clone())), &at);
        }
    }

    /// A function as a table, with whatever tables that needs before it; and the function of the tests that the table is, where the
    /// one that was asked for left it free.
    fn shape(&mut self, function: Function, of: (usize, Option<u32>)) -> Result<(Shape, Option<Function>), EmitError> {
        // What does not matter is chosen late: each question makes more of it.
        let mut function = function;
        loop {
            let rows = self.least_rows(function);
            if rows <= FEW {
                break;
            }
            match self.ask(function, rows) {
                Some(better) => function = better,
                None => break,
            }
        }
        let mut function = self.store.least(function);
        let front = |level: u32| {
            let known = &self.known[self.front.get(&level)?.known?];
            Some((known.function, known.values.clone()))
        };
        let chosen = self.store.without_front(function, &front);
        while self.store.rows(function) > ROWS {
            match self.group(function, of)? {
                Some(better) => function = better,
                None => break,
            }
        }
        Ok((self.rows(function, of)?, chosen))
    }

    fn least_rows(&mut self, function: Function) -> u64 {
        let least = self.store.least(function);
        self.store.rows(least)
    }

    /// A new level in front of all others.
    fn put_in_front(&mut self, column: Column, then: Vec<Function>, known: Option<usize>) -> Function {
        let level = TESTS - 1 - self.front.len() as u32;
        self.front.insert(level, Front { column, classes: then.len() as u32, known });
        self.store.node(level, then)
    }

    /// By value of something that is known, what is left of a function.
    fn after(&mut self, function: Function, known: usize) -> Vec<Function> {
        let (other, values) = (self.known[known].function, self.known[known].values.clone());
        values.iter().map(|value| self.store.given(function, other, LEAF | value)).collect()
    }

    /// What a function of so many rows becomes if it asks first for something that is known; nothing if that saves too little.
    fn ask(&mut self, function: Function, rows: u64) -> Option<Function> {
        let support = self.store.support(function);
        let mut best: Option<(u64, usize, usize)> = None;
        for at in 0..self.known.len() {
            if self.store.support(self.known[at].function).is_disjoint(&support) {
                continue;
            }
            let mut then = self.after(function, at);
            then.iter_mut().for_each(|one| *one = self.store.least(*one));
            then.sort_unstable();
            then.dedup();
            let cost = then.iter().fold(0u64, |sum, one| sum.saturating_add(self.store.rows(*one)));
            let key = (cost, self.known[at].values.len());
            if best.is_none_or(|(known, classes, _)| key < (known, classes)) {
                best = Some((cost, self.known[at].values.len(), at));
            }
        }
        let (_, _, at) = best?;
        let columns = match &self.known[at].ask {
            Ask::One(column) => vec![(column.clone(), at)],
            Ask::All(members) => members
                .iter()
                .filter_map(|member| match &self.known[*member].ask {
                    Ask::One(column) => Some((column.clone(), *member)),
                    Ask::All(_) => None,
                })
                .collect(),
        };
        let mut better = function;
        for (column, known) in columns {
            let then = self.after(better, known);
            if then.iter().filter(|one| **one != ANY).count() > 1 {
                better = self.put_in_front(column, then, Some(known));
            }
        }
        // A question has to save a quarter.
        (self.least_rows(better).saturating_mul(4) <= rows.saturating_mul(3)).then_some(better)
    }

    /// The number of classes at a level.
    fn classes(&self, level: u32) -> u32 {
        match self.front.get(&level) {
            Some(front) => front.classes,
            None => test::classes(&self.table.tests[(level - TESTS) as usize]),
        }
    }

    /// Which levels may be one group: those about a subject or two, with what most rules hang on or without it; and the first so many.
    fn candidates(&mut self, function: Function) -> Vec<(Vec<u32>, usize)> {
        let support = self.store.support(function);
        let tests: Vec<u32> = support.iter().copied().filter(|level| *level >= TESTS).collect();
        let of = |level: &u32| (level - TESTS) as usize;
        let mut subjects: Vec<&String> =
            tests.iter().filter(|level| !self.context[of(level)]).map(|level| &self.subjects[of(level)]).collect();
        subjects.sort_unstable();
        subjects.dedup();
        let mut out: Vec<(Vec<u32>, usize)> = Vec::new();
        for (at, one) in subjects.iter().enumerate() {
            for other in &subjects[at..] {
                for context in [false, true] {
                    let inside = |level: &&u32| {
                        let subject = &self.subjects[of(level)];
                        if self.context[of(level)] { context } else { subject == *one || subject == *other }
                    };
                    out.push((tests.iter().filter(inside).copied().collect(), GROUPS));
                }
            }
        }
        let levels: Vec<u32> = support.iter().copied().collect();
        out.extend((2..levels.len()).map(|to| (levels[..to].to_vec(), STATES)));
        out.retain(|(levels, _)| levels.len() > 1 && levels.len() < support.len());
        out.sort();
        out.dedup_by(|one, other| one.0 == other.0);
        out
    }

    /// What a function becomes if some of its tests are told by a table of their own; nothing if that would not help.
    fn group(&mut self, function: Function, of: (usize, Option<u32>)) -> Result<Option<Function>, EmitError> {
        let rows = self.store.rows(function);
        let mut best: Option<(u64, Vec<u32>, super::function::Grouping)> = None;
        for (levels, most) in self.candidates(function) {
            let with: Vec<(u32, u32)> = levels.iter().map(|level| (*level, self.classes(*level))).collect();
            let Some(grouping) = self.store.grouped(function, &with, most) else { continue };
            let inside = self.store.rows(grouping.groups);
            let left = grouping.then.iter().fold(0u64, |sum, one| sum.saturating_add(self.store.rows(*one)));
            if grouping.then.len() < 2 || inside >= rows || left >= rows {
                continue;
            }
            let cost = inside.saturating_add(left);
            if best.as_ref().is_none_or(|(known, _, _)| cost < *known) {
                best = Some((cost, levels, grouping));
            }
        }
        let Some((_, levels, grouping)) = best else { return Ok(None) };
        let values: Vec<u32> = (0..grouping.then.len() as u32).collect();
        let part = match self.part_of.get(&grouping.groups) {
            Some(part) => *part,
            None => {
                let (shape, _) = self.shape(grouping.groups, of)?;
                let mut subjects: Vec<String> = levels
                    .iter()
                    .filter(|level| **level >= TESTS)
                    .map(|level| self.subjects[(level - TESTS) as usize].clone())
                    .collect();
                subjects.sort_unstable();
                subjects.dedup();
                let part = self.parts.len();
                let labels = labels(&grouping.then, of.1.is_some());
                self.parts.push(Part { what: What::Group { subjects, of, labels }, shape });
                self.part_of.insert(grouping.groups, part);
                if levels.iter().all(|level| *level >= TESTS) {
                    self.known.push(Known { ask: Ask::One(Column::Part(part)), function: grouping.groups, values });
                }
                part
            }
        };
        Ok(Some(self.put_in_front(Column::Part(part), grouping.then, None)))
    }

    /// The rows of a function: one for each way to a value.
    fn rows(&mut self, function: Function, of: (usize, Option<u32>)) -> Result<Shape, EmitError> {
        let levels: Vec<u32> = self.store.support(function).iter().copied().collect();
        let columns = levels
            .iter()
            .map(|level| self.front.get(level).map_or(Column::Test(level.wrapping_sub(TESTS)), |front| front.column.clone()))
            .collect();
        let mut rows = Vec::new();
        let mut path = vec![None; levels.len()];
        if self.store.rows(function) > MOST_ROWS as u64 {
            let decision = self.table.decisions[of.0].name.clone();
            return Err(EmitError::TooManyRows { decision, limit: MOST_ROWS });
        }
        self.walk(function, &levels, &mut path, &mut rows);
        contract(&mut rows, levels.len());
        for (column, level) in levels.iter().enumerate() {
            let all = self.classes(*level) as usize;
            for row in &mut rows {
                row.cells[column] = row.cells[column].take().filter(|classes| classes.len() < all);
            }
        }
        Ok(Shape::Rows { columns, rows })
    }

    fn walk(&self, function: Function, levels: &[u32], path: &mut Vec<Option<Vec<u32>>>, rows: &mut Vec<Row>) {
        if function == ANY {
            return;
        }
        if function & LEAF != 0 {
            rows.push(Row { cells: path.clone(), value: function & !LEAF });
            return;
        }
        let level = self.store.level(function);
        let Ok(column) = levels.binary_search(&level) else { return };
        let mut ways: Vec<(Function, Vec<u32>)> = Vec::new();
        for (class, child) in self.store.children(function).iter().enumerate() {
            match ways.iter_mut().find(|(to, _)| to == child) {
                Some((_, classes)) => classes.push(class as u32),
                None => ways.push((*child, vec![class as u32])),
            }
        }
        for (child, classes) in ways {
            path[column] = Some(classes);
            self.walk(child, levels, path, rows);
        }
        path[column] = None;
    }
}

/// Rows that differ in one column alone become one, until there are none.
fn contract(rows: &mut Vec<Row>, columns: usize) {
    loop {
        let before = rows.len();
        for column in 0..columns {
            let mut at = 0;
            while at < rows.len() {
                let mut other = at + 1;
                while other < rows.len() {
                    let (one, two) = (&rows[at], &rows[other]);
                    let same =
                        one.value == two.value && (0..columns).all(|cell| cell == column || one.cells[cell] == two.cells[cell]);
                    if same && let (Some(classes), Some(more)) = (&one.cells[column], &two.cells[column]) {
                        let mut all: Vec<u32> = classes.iter().chain(more).copied().collect();
                        all.sort_unstable();
                        rows[at].cells[column] = Some(all);
                        rows.remove(other);
                    } else {
                        other += 1;
                    }
                }
                at += 1;
            }
        }
        if rows.len() == before {
            return;
        }
    }
}

/// The names of groups: `no` where the rule cannot carry the decision, `yes` for the only other one, else letters.
fn labels(then: &[Function], rule: bool) -> Vec<String> {
    let never = |function: &Function| rule && *function == LEAF;
    let others = then.iter().filter(|one| !never(one)).count();
    let mut letters = 0u32;
    then.iter()
        .map(|function| {
            if never(function) {
                return "no".to_owned();
            }
            if others == 1 && then.len() == 2 {
                return "yes".to_owned();
            }
            letters += 1;
            // A to Z, then A2 to Z2.
            let letter = char::from(b'A' + ((letters - 1) % 26) as u8);
            let round = (letters - 1) / 26;
            if round == 0 { letter.to_string() } else { format!("{letter}{}", round + 1) }
        })
        .collect()
}
