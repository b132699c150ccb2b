//! What the table says of a batch: for each row and decision an outcome, or what is still open.

mod names;
mod tell;

use std::borrow::Cow;
use std::sync::{Arc, Mutex};

use lexport_runtime::{Kind, TableError};
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use serde_json::{Map, Value as Json};

use crate::cli::output::{self, placeless};
use crate::cli::schema::{self, fixed, guards, not_good_for};
use crate::diagnostic::{Code, Diagnostic};
use crate::diagram::{Costs, OwnedFused, OwnedTable, decide_columns};
use crate::ir::{Domain, InputId, Program, date_text};

use super::cells::{self, Cells};
use super::read::Batch;
use tell::Said;

/// Rows that a thread takes at a time.
const CHUNK: usize = 2048;

/// A table and what is needed to speak about it.
pub struct Answerer<'t> {
    /// The table.
    pub table: &'t OwnedTable,
    /// It with its levels fused, where that is not too large.
    fused: Option<OwnedFused>,
    /// Its inputs and decisions as a program without rules, for reading and writing values.
    pub schema: Program,
    /// Outcomes as text, for those decisions and outcomes that were met: a table may have many more.
    texts: Mutex<FxHashMap<(usize, u32), Arc<Said>>>,
    /// Inputs of which the table knows some members only, and those.
    guards: FxHashMap<usize, Vec<u32>>,
    /// By input: the one value that the table is for.
    fixed: Vec<Option<lexport_runtime::Value<'static>>>,
    /// What the columns behind the decisions are called: `because`, `open` and `ask`.
    extra: [String; 3],
}

/// What is said of a row: an index into the answers of the batch, since few differ.
pub struct Answers {
    /// By row.
    pub rows: Vec<u32>,
    /// Each different answer once.
    pub distinct: Vec<Answer>,
}

/// An answer, ready to be written.
#[derive(Debug)]
pub struct Answer {
    /// By decision; `None` where it is open, a gap or a conflict.
    pub cells: Vec<Option<String>>,
    /// The rules, each once.
    pub because: String,
    /// What is open, and gaps and conflicts.
    pub open: String,
    /// What to ask.
    pub ask: String,
    /// All of it, as JSON.
    pub json: Map<String, Json>,
}

/// What one decision comes to in one row.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Point {
    Settled(u32),
    Open { possible: Vec<u32>, ask: Vec<u32>, exact: bool },
}

/// What is said of a stretch of rows.
#[derive(Default)]
struct Chunk {
    /// By row: which of the different answers.
    rows: Vec<u32>,
    /// Those.
    distinct: Vec<Vec<Point>>,
    known: FxHashMap<Vec<Point>, u32>,
}

impl Chunk {
    fn add(&mut self, points: Vec<Point>) -> u32 {
        let next = self.distinct.len() as u32;
        match self.known.get(&points) {
            Some(index) => *index,
            None => {
                self.distinct.push(points.clone());
                self.known.insert(points, next);
                next
            }
        }
    }
}

/// The numbers of combinations of outcomes in a stretch of rows. Few combinations occur, so a row costs one look-up by a key of a word; where the
/// outcomes of all decisions do not fit into a word it costs one by all of them.
struct Told {
    bits: u32,
    by_key: FxHashMap<u64, u32>,
    by_all: FxHashMap<Vec<u32>, u32>,
    /// The last one: rows that are alike often stand together.
    last: Option<(u64, u32)>,
}

impl Told {
    fn new(table: &OwnedTable) -> Self {
        let each = usize::BITS - table.outcomes.len().leading_zeros();
        let bits = if each as usize * table.decisions.len() <= 64 { each } else { 0 };
        Told { bits, by_key: FxHashMap::default(), by_all: FxHashMap::default(), last: None }
    }

    fn number(&mut self, outcomes: &[Vec<u32>], at: usize, add: impl FnOnce(Vec<Point>) -> u32) -> u32 {
        let points = || outcomes.iter().map(|of| Point::Settled(of[at])).collect();
        if self.bits == 0 {
            let all: Vec<u32> = outcomes.iter().map(|of| of[at]).collect();
            return *self.by_all.entry(all).or_insert_with(|| add(points()));
        }
        let key = outcomes.iter().fold(0u64, |key, of| key << self.bits | u64::from(of[at]));
        if let Some((last, number)) = self.last
            && last == key
        {
            return number;
        }
        let number = *self.by_key.entry(key).or_insert_with(|| add(points()));
        self.last = Some((key, number));
        number
    }
}

/// Rows in which something is unknown, one by one.
struct Walk<'a, 't> {
    answerer: &'a Answerer<'t>,
    classes: Vec<u32>,
    marks: Vec<u64>,
}

impl<'a, 't> Walk<'a, 't> {
    fn new(answerer: &'a Answerer<'t>) -> Self {
        let table = answerer.table.as_table();
        Walk { answerer, classes: vec![0; table.classes_len()], marks: vec![0; table.marks_len()] }
    }

    fn points(&mut self, columns: &[Option<Cells>], row: usize) -> Result<Vec<Point>, (usize, TableError)> {
        let table = self.answerer.table.as_table();
        let sets: Vec<Vec<u64>> = columns
            .iter()
            .zip(&self.answerer.table.kinds)
            .map(|(cells, kind)| match (kind, cells) {
                (Kind::Set(_), Some(cells)) => cells.words.iter().map(|column| column[row].cast_unsigned()).collect(),
                _ => Vec::new(),
            })
            .collect();
        let mut values: Vec<lexport_runtime::Value<'_>> = Vec::with_capacity(columns.len());
        for (((cells, kind), set), fixed) in columns.iter().zip(&self.answerer.table.kinds).zip(&sets).zip(&self.answerer.fixed) {
            values.push(match cells.as_ref().filter(|cells| cells.is_known(row)) {
                // What the table is built for need not be said in every row.
                None => fixed.unwrap_or(lexport_runtime::Value::Unknown),
                Some(cells) => match kind {
                    Kind::Bool => lexport_runtime::Value::Bool(cells.words[0][row] != 0),
                    Kind::Enum(_) => lexport_runtime::Value::Member(cells.words[0][row] as u32),
                    Kind::Int(..) => lexport_runtime::Value::Int(cells.words[0][row]),
                    Kind::Set(_) => lexport_runtime::Value::Set(set),
                },
            });
        }
        table.classify(&values, &mut self.classes).map_err(|error| (row, error))?;
        let mut points = Vec::with_capacity(self.answerer.schema.decisions.len());
        for decision in 0..self.answerer.schema.decisions.len() as u32 {
            points.push(match table.decide(decision, &self.classes).map_err(|error| (row, error))? {
                Some(outcome) => Point::Settled(outcome),
                None => {
                    let open = table.open(decision, &values, &self.classes, &mut self.marks).map_err(|error| (row, error))?;
                    point(&open, &self.marks, table.outcomes.len(), columns.len())
                }
            });
        }
        Ok(points)
    }
}

impl<'t> Answerer<'t> {
    /// Prepares a table.
    pub fn new(table: &'t OwnedTable) -> Self {
        let schema = schema::program(table);
        let guards = guards(table);
        let fixed = fixed(&schema, &guards);
        let fused = OwnedFused::new(table, &Costs::default()).ok();
        let names = || schema.inputs.iter().map(|it| &it.name).chain(schema.decisions.iter().map(|it| &it.name));
        let extra = ["because", "open", "ask"].map(|name| output::untaken(name, |taken| names().any(|name| name == taken)));
        Answerer { table, fused, schema, texts: Mutex::default(), guards, fixed, extra }
    }

    /// The columns that the answer adds.
    pub fn added(&self) -> Vec<String> {
        let decisions = self.schema.decisions.iter().map(|decision| decision.name.clone());
        decisions.chain(self.extra.iter().cloned()).collect()
    }

    /// The answers for a batch.
    ///
    /// # Errors
    /// Every cell that does not fit, in order.
    pub fn answer(&self, batch: &Batch, name: &str) -> Result<Answers, Vec<Diagnostic>> {
        let inputs: Vec<Option<Result<Cells, Vec<cells::Wrong>>>> = (0..self.schema.inputs.len())
            .into_par_iter()
            .map(|index| {
                let column = batch.rows.column_by_name(&self.schema.inputs[index].name)?;
                let name = &self.schema.inputs[index].name;
                let literal = |row: usize| {
                    let object = batch.objects.as_ref().and_then(|objects| objects.get(row));
                    object.and_then(|object| object.get(name)).is_some_and(Json::is_number)
                };
                Some(
                    cells::read(&self.schema, InputId(index as u32), column, literal)
                        .and_then(|cells| self.guarded(index, cells)),
                )
            })
            .collect();
        let mut wrong: Vec<(usize, usize, Diagnostic)> = Vec::new();
        let mut columns: Vec<Option<Cells>> = Vec::new();
        for (index, cells) in inputs.into_iter().enumerate() {
            columns.push(match cells {
                None => None,
                Some(Ok(cells)) => Some(cells),
                Some(Err(all)) => {
                    let input = &self.schema.inputs[index].name;
                    wrong.extend(all.into_iter().map(|mut one| {
                        // A day, but not the one that the table was built for.
                        if let (Domain::Date { lo, hi }, Some(day)) = (&self.schema.inputs[index].domain, one.day)
                            && lo == hi
                        {
                            one.misfit = not_good_for(&date_text(day), &format!("`{}`", date_text(*lo)));
                        }
                        let title = format!("{name}:{}: `{input}`: {}", batch.lines[one.row], one.misfit.what);
                        let message = one.misfit.told(placeless(Code::BadData, title), &format!("`{input}`"));
                        let message = match one.again {
                            0 => message,
                            1 => message.note("it stands in one more row of what was read so far"),
                            more => message.note(format!("it stands in {more} more rows of what was read so far")),
                        };
                        (one.row, index, message)
                    }));
                    None
                }
            });
        }
        if !wrong.is_empty() {
            wrong.sort_by_key(|(row, index, _)| (*row, *index));
            return Err(wrong.into_iter().map(|(_, _, message)| message).collect());
        }
        let rows = batch.rows.num_rows();
        let chunks: Vec<Chunk> = (0..rows.div_ceil(CHUNK))
            .into_par_iter()
            .map(|chunk| self.chunk(&columns, chunk * CHUNK..((chunk + 1) * CHUNK).min(rows)))
            .collect::<Result<_, _>>()
            .map_err(|(row, error)| {
                vec![placeless(Code::BadTable, format!("{name}:{}: the table cannot be evaluated: {error:?}", batch.lines[row]))]
            })?;
        let mut answers = Answers { rows: Vec::with_capacity(rows), distinct: Vec::new() };
        let mut known: FxHashMap<Vec<Point>, u32> = FxHashMap::default();
        for chunk in chunks {
            let mut place = Vec::with_capacity(chunk.distinct.len());
            for points in chunk.distinct {
                let next = answers.distinct.len() as u32;
                place.push(*known.entry(points).or_insert_with_key(|points| {
                    answers.distinct.push(self.say(points));
                    next
                }));
            }
            answers.rows.extend(chunk.rows.into_iter().map(|at| place[at as usize]));
        }
        Ok(answers)
    }

    /// Refuses members that the table is not good for, each once.
    fn guarded(&self, input: usize, cells: Cells) -> Result<Cells, Vec<cells::Wrong>> {
        let Some(members) = self.guards.get(&input) else { return Ok(cells) };
        let Domain::Enum(id) = &self.schema.inputs[input].domain else { return Ok(cells) };
        let name = |member: u32| self.schema.enumeration(*id).members.get(member as usize).map_or("", |it| it.name.as_str());
        let good = members.iter().map(|member| format!("`{}`", name(*member))).collect::<Vec<_>>().join(", ");
        let mut said: Vec<u32> = Vec::new();
        let mut wrong: Vec<cells::Wrong> = Vec::new();
        for (row, word) in cells.words[0].iter().enumerate().filter(|(row, _)| cells.is_known(*row)) {
            let member = *word as u32;
            if members.contains(&member) {
                continue;
            }
            match said.iter().position(|other| *other == member) {
                Some(first) => wrong[first].again += 1,
                None => {
                    said.push(member);
                    wrong.push(cells::Wrong { row, day: None, misfit: not_good_for(name(member), &good), again: 0 });
                }
            }
        }
        if wrong.is_empty() { Ok(cells) } else { Err(wrong) }
    }

    /// The answers of a stretch of rows, each different one once.
    fn chunk(&self, columns: &[Option<Cells>], rows: std::ops::Range<usize>) -> Result<Chunk, (usize, TableError)> {
        let mut chunk = Chunk::default();
        let full: Option<Vec<bool>> = self.known(columns, rows.clone());
        let fused = self.fused.as_ref();
        let settled: Vec<usize> = match (&full, fused) {
            (_, None) => Vec::new(),
            (None, Some(_)) => rows.clone().collect(),
            (Some(full), Some(_)) => rows.clone().zip(full).filter_map(|(row, full)| full.then_some(row)).collect(),
        };
        let outcomes = match fused {
            Some(fused) if !settled.is_empty() => self.settled(fused, columns, rows.clone(), &settled)?,
            _ => Vec::new(),
        };
        let mut told = Told::new(self.table);
        let mut next = 0;
        let mut walk = Walk::new(self);
        for row in rows {
            let index = if settled.get(next) == Some(&row) {
                let index = told.number(&outcomes, next, |points| chunk.add(points));
                next += 1;
                index
            } else {
                let points = walk.points(columns, row)?;
                chunk.add(points)
            };
            chunk.rows.push(index);
        }
        Ok(chunk)
    }

    /// In which of the rows all is known; nothing if in all.
    fn known(&self, columns: &[Option<Cells>], rows: std::ops::Range<usize>) -> Option<Vec<bool>> {
        let mut full: Option<Vec<bool>> = None;
        for (cells, fixed) in columns.iter().zip(&self.fixed) {
            let known = match (cells, fixed) {
                (_, Some(_)) => continue,
                (None, None) => return Some(vec![false; rows.len()]),
                (Some(cells), None) => cells.known.as_ref(),
            };
            if let Some(known) = known {
                let full = full.get_or_insert_with(|| vec![true; rows.len()]);
                full.iter_mut().zip(&known[rows.clone()]).for_each(|(full, known)| *full &= known);
            }
        }
        full
    }

    /// By decision the outcomes of rows in which all is known, column by column.
    fn settled(
        &self,
        fused: &OwnedFused,
        columns: &[Option<Cells>],
        rows: std::ops::Range<usize>,
        settled: &[usize],
    ) -> Result<Vec<Vec<u32>>, (usize, TableError)> {
        let mut words: Vec<Cow<'_, [i64]>> = Vec::new();
        for ((cells, fixed), kind) in columns.iter().zip(&self.fixed).zip(&self.table.kinds) {
            let fixed = fixed.map(|value| match value {
                lexport_runtime::Value::Int(int) => int,
                lexport_runtime::Value::Member(member) => i64::from(member),
                _ => 0,
            });
            let width = match kind {
                Kind::Set(size) => size.div_ceil(64) as usize,
                _ => 1,
            };
            for at in 0..width {
                words.push(match (cells, fixed) {
                    (Some(cells), None) if settled.len() == rows.len() => Cow::Borrowed(&cells.words[at][rows.clone()]),
                    (Some(cells), fixed) => settled
                        .iter()
                        .map(|row| if cells.is_known(*row) { cells.words[at][*row] } else { fixed.unwrap_or(0) })
                        .collect(),
                    (None, fixed) => Cow::Owned(vec![fixed.unwrap_or(0); settled.len()]),
                });
            }
        }
        let words: Vec<&[i64]> = words.iter().map(|words| &**words).collect();
        let (fused, mut scratch) = (fused.as_fused(), vec![0; settled.len()]);
        (0..self.schema.decisions.len() as u32)
            .map(|decision| {
                let mut outcomes = vec![0; settled.len()];
                let done = decide_columns(&fused, decision, &words, &mut outcomes, &mut scratch);
                done.map_err(|(at, error)| (settled.get(at).copied().unwrap_or(0), error))?;
                Ok(outcomes)
            })
            .collect()
    }
}

fn point(open: &lexport_runtime::Open, marks: &[u64], outcomes: usize, inputs: usize) -> Point {
    let bits = |from: usize, count: usize| {
        (0..count as u32).filter(move |bit| marks.get(from + *bit as usize / 64).is_some_and(|word| word >> (bit % 64) & 1 == 1))
    };
    let possible: Vec<u32> = bits(0, outcomes).collect();
    if let [one] = possible.as_slice() {
        return Point::Settled(*one);
    }
    let first = open.ask;
    let rest = bits(outcomes.div_ceil(64), inputs).filter(|input| Some(*input) != first);
    Point::Open { possible, ask: first.into_iter().chain(rest).collect(), exact: open.exact }
}

/// Whether a decision is true or false.
pub fn is_flag(domain: &Domain) -> bool {
    *domain == Domain::Bool
}
