//! The class of a test, as instructions.
//!
//! In: a test and the locals of its inputs, all known and of their domains. Out: the class times a stride on the stack. A few thresholds
//! are compared with one by one; a small domain is looked up at once; else a binary search with a fixed number of steps and no branch.

use lexport_runtime::{Kind, NONE, Span, Test};
use wasm_encoder::ValType;

use super::code::{Code, Values, memory};
use super::layout::{Array, Data, Row};
use super::sign::{Helpers, Polynomial};
use crate::diagram::OwnedTable;
use crate::emit::artifact::EmitError;

/// How many values a domain may have that is looked up at once.
const DIRECT: i128 = 4096;

/// How many thresholds are compared with one by one.
const FEW: usize = 6;

/// Writes tests.
pub(super) struct Tests<'t> {
    /// The table.
    pub table: &'t OwnedTable,
    /// Where inputs are.
    pub row: &'t Row,
    /// The arrays so far.
    pub data: Data,
    /// Functions for 128 bits.
    pub helpers: Helpers,
    /// The polynomials, by test.
    pub polynomials: Vec<Option<Polynomial>>,
}

/// The inputs of a test, in the order in which they are asked for.
pub(super) fn inputs(table: &OwnedTable, test: u32) -> Vec<u32> {
    match table.tests.get(test as usize) {
        None => Vec::new(),
        Some(Test::Flag { input } | Test::Member { input, .. } | Test::Interval { input, .. } | Test::Has { input, .. }) => {
            vec![*input]
        }
        Some(Test::Same { a, b }) => vec![*a, *b],
        Some(Test::AtLeastZero { monomials, .. }) => {
            let mut all = Vec::new();
            for monomial in part(&table.monomials, *monomials) {
                for input in part(&table.factors, monomial.factors) {
                    if !all.contains(input) {
                        all.push(*input);
                    }
                }
            }
            all
        }
    }
}

/// How many classes a test has.
pub(super) fn classes(test: Test) -> u32 {
    match test {
        Test::Member { classes, .. } | Test::Interval { classes, .. } => classes,
        _ => 2,
    }
}

/// A run of entries; nothing if it is not there.
pub(super) fn part<T>(all: &[T], span: Span) -> &[T] {
    let first = span.first as usize;
    first.checked_add(span.count as usize).and_then(|end| all.get(first..end)).unwrap_or(&[])
}

impl Tests<'_> {
    /// Pushes the class of a test times a stride.
    pub(super) fn class(&mut self, code: &mut Code, values: &Values, test: u32, stride: u32) -> Result<(), EmitError> {
        let counts = |class: &u32| if *class == NONE { 0 } else { class.wrapping_mul(stride) };
        match self.table.tests[test as usize] {
            Test::Flag { input } => {
                code.op().local_get(values.0[input as usize][0]);
                code.times(stride);
            }
            Test::Member { input, map, .. } => {
                let entries: Vec<u32> = part(&self.table.maps, map).iter().map(counts).collect();
                self.look_up(code, &entries, |code| {
                    code.op().local_get(values.0[input as usize][0]);
                })?;
            }
            Test::Interval { input, thresholds, map, .. } => {
                let entries: Vec<u32> = part(&self.table.maps, map).iter().map(counts).collect();
                self.ranked(code, values, input, thresholds, &entries)?;
            }
            Test::Has { input, member } => {
                let word = values.0[input as usize][member as usize / 64];
                code.op().local_get(word).i64_const(i64::from(member % 64)).i64_shr_u().i32_wrap_i64().i32_const(1).i32_and();
                code.times(stride);
            }
            Test::Same { a, b } => {
                code.op().local_get(values.0[a as usize][0]).local_get(values.0[b as usize][0]).i32_eq();
                code.times(stride);
            }
            Test::AtLeastZero { .. } => {
                match &self.polynomials[test as usize] {
                    Some(polynomial) => polynomial.known(code, self.row, values, self.helpers),
                    None => return Err(EmitError::Malformed(format!("test {test} has no polynomial"))),
                }
                code.times(stride);
            }
        }
        Ok(())
    }

    /// Pushes 1 if the table is not good for the value; nothing if it is good for every value.
    pub(super) fn refuses(&mut self, code: &mut Code, values: &Values, test: u32) -> Result<Option<u32>, EmitError> {
        let (input, map) = match self.table.tests[test as usize] {
            Test::Member { input, map, .. } | Test::Interval { input, map, .. } => (input, map),
            _ => return Ok(None),
        };
        let entries: Vec<u32> = part(&self.table.maps, map).iter().map(|class| u32::from(*class == NONE)).collect();
        if !entries.contains(&1) {
            return Ok(None);
        }
        if let Test::Interval { thresholds, .. } = self.table.tests[test as usize] {
            self.ranked(code, values, input, thresholds, &entries)?;
        } else {
            self.look_up(code, &entries, |code| {
                code.op().local_get(values.0[input as usize][0]);
            })?;
        }
        Ok(Some(input))
    }

    /// Pushes an entry; `index` pushes its number. No look-up if all are the same.
    fn look_up(&mut self, code: &mut Code, entries: &[u32], index: impl FnOnce(&mut Code)) -> Result<(), EmitError> {
        match entries.first() {
            Some(first) if entries.iter().any(|one| one != first) => {
                let array = self.data.narrow(entries)?;
                index(code);
                entry(code, array);
            }
            same => {
                code.op().i32_const(same.copied().unwrap_or(0).cast_signed());
            }
        }
        Ok(())
    }

    /// Pushes the entry at the number of thresholds that a value reaches.
    fn ranked(
        &mut self,
        code: &mut Code,
        values: &Values,
        input: u32,
        thresholds: Span,
        entries: &[u32],
    ) -> Result<(), EmitError> {
        let Some(Kind::Int(lo, hi)) = self.table.kinds.get(input as usize).copied() else {
            return Err(EmitError::Malformed(format!("input {input} is no number")));
        };
        let store = self.row.fields[input as usize].store;
        let (value, is_wide) = (values.0[input as usize][0], store.value() == ValType::I64);
        let rising = part(&self.table.thresholds, thresholds);
        // What divides no values of the domain is left out, and so is what divides nothing.
        let below = rising.partition_point(|at| *at <= lo);
        let inside = &rising[below..rising.partition_point(|at| *at <= hi)];
        let mut kept = Vec::new();
        let mut entry_of = vec![entries.get(below).copied().unwrap_or(0)];
        for (number, at) in inside.iter().enumerate() {
            let next = entries.get(below + number + 1).copied().unwrap_or(0);
            if entry_of.last() != Some(&next) {
                kept.push(*at);
                entry_of.push(next);
            }
        }
        let constant = |code: &mut Code, at: i64| {
            let mut op = code.op();
            if is_wide {
                op.i64_const(at)
            } else {
                op.i32_const(at as i32)
            };
        };
        let reaches = |code: &mut Code| {
            let mut op = code.op();
            if is_wide {
                op.i64_ge_s()
            } else {
                op.i32_ge_s()
            };
        };
        if kept.len() <= FEW {
            code.op().i32_const(entry_of[0].cast_signed());
            for (number, at) in kept.iter().enumerate() {
                code.op().local_get(value);
                constant(code, *at);
                reaches(code);
                let more = entry_of[number + 1].wrapping_sub(entry_of[number]).cast_signed();
                code.op().i32_const(more).i32_mul().i32_add();
            }
            return Ok(());
        }
        if i128::from(hi) - i128::from(lo) < DIRECT {
            let direct: Vec<u32> = (lo..=hi).map(|value| entry_of[kept.partition_point(|at| *at <= value)]).collect();
            return self.look_up(code, &direct, |code| {
                code.op().local_get(value);
                constant(code, lo);
                let mut op = code.op();
                if is_wide {
                    op.i64_sub().i32_wrap_i64()
                } else {
                    op.i32_sub()
                };
            });
        }
        let array = self.data.thresholds(&kept, store)?;
        let base = code.local(ValType::I32);
        code.op().i32_const(0).local_set(base);
        let mut size = kept.len() as u32;
        while size > 0 {
            let half = (size / 2).max(1);
            let probe = array.at + (half - 1) * array.width;
            code.op().local_get(base).i32_const((half * array.width).cast_signed()).i32_const(0);
            code.op().local_get(value).local_get(base);
            let mut op = code.op();
            if is_wide {
                op.i64_load(memory(probe, 3))
            } else {
                op.i32_load(memory(probe, 2))
            };
            reaches(code);
            code.op().select().i32_add().local_set(base);
            size = if size == 1 { 0 } else { size - half };
        }
        self.look_up(code, &entry_of, |code| {
            code.op().local_get(base).i32_const(array.shift()).i32_shr_u();
        })
    }
}

/// Replaces a number on the stack by the entry there.
pub(super) fn entry(code: &mut Code, array: Array) {
    let mut op = code.op();
    if array.width > 1 {
        op.i32_const(array.shift()).i32_shl();
    }
    match array.width {
        1 => op.i32_load8_u(memory(array.at, 0)),
        2 => op.i32_load16_u(memory(array.at, 1)),
        _ => op.i32_load(memory(array.at, 2)),
    };
}
