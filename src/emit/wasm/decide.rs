//! A decision in which all is known: straight-line code from the fused steps of `diagram::fuse`; and loops of it over a batch.
//!
//! In: the steps of a decision. Out: functions. `decide_D(row)` gives the number of the outcome, or −1 − i: input i is outside its domain,
//! or the table is not good for its value. `rows_D` and `columns_D` do the same for many cases.

use wasm_encoder::{BlockType, Function, ValType};

use super::class::{Tests, entry, inputs};
use super::code::{Code, Place, Values};
use super::layout::Space;
use crate::diagram::Fused;
use crate::emit::artifact::EmitError;

/// A function longer than this is not written: engines take too long to compile it, and would refuse it in the end.
pub(super) const LONGEST: usize = 1 << 18;

/// The same of its locals.
pub(super) const LOCALS: usize = 20_000;

/// A decision that is written out.
pub(super) struct Decision<'s> {
    fused: &'s Fused,
    number: usize,
    tests: Vec<u32>,
    /// The inputs that matter to it, rising.
    inputs: Vec<u32>,
}

impl<'s> Decision<'s> {
    /// From its steps.
    pub(super) fn new(tests: &Tests<'_>, fused: &'s Fused, number: usize) -> Self {
        let steps = &fused.decisions[number].steps;
        let of: Vec<u32> = steps.iter().flat_map(|step| step.parts.iter().map(|(test, _)| *test)).collect();
        let mut all: Vec<u32> = of.iter().flat_map(|test| inputs(tests.table, *test)).collect();
        all.sort_unstable();
        all.dedup();
        Decision { fused, number, tests: of, inputs: all }
    }

    /// `decide_D: row → outcome`.
    pub(super) fn of_row(&self, tests: &mut Tests<'_>) -> Result<Option<Function>, EmitError> {
        let mut code = Code::new(1);
        self.write(&mut code, tests, &Place::Row(0))?;
        Ok(finish(code))
    }

    /// `columns_D: (addresses of columns, count, out) → how many are refused`.
    pub(super) fn of_columns(&self, tests: &mut Tests<'_>) -> Result<Option<Function>, EmitError> {
        let (columns, count, out) = (0, 1, 2);
        let mut code = Code::new(3);
        let mut place = vec![None; tests.row.fields.len()];
        for input in &self.inputs {
            let address = code.local(ValType::I32);
            code.op().local_get(columns).i32_load(super::code::memory(4 * input, 2)).local_set(address);
            place[*input as usize] = Some(address);
        }
        let place = Place::Columns(place);
        repeat(&mut code, count, out, |code| {
            self.write(code, tests, &place)?;
            let Place::Columns(addresses) = &place else { return Ok(()) };
            for (address, field) in addresses.iter().zip(&tests.row.fields) {
                if let Some(address) = address {
                    let bytes = field.store.bytes().cast_signed();
                    code.op().local_get(*address).i32_const(bytes).i32_add().local_set(*address);
                }
            }
            Ok(())
        })?;
        Ok(finish(code))
    }

    /// Leaves the outcome, or what refuses, on the stack.
    fn write(&self, code: &mut Code, tests: &mut Tests<'_>, place: &Place) -> Result<(), EmitError> {
        code.op().block(BlockType::Result(ValType::I32));
        let mut values = Values::new(tests.row);
        code.load(tests.row, place, &self.inputs, &mut values);
        refuse(code, tests, &values, &self.inputs, &self.tests)?;
        let steps = &self.fused.decisions[self.number];
        let state = code.local(ValType::I32);
        for (number, step) in steps.steps.iter().enumerate() {
            if step.parts.is_empty() {
                code.op().i32_const(0);
            }
            for (at, (test, stride)) in step.parts.iter().enumerate() {
                tests.class(code, &values, *test, *stride)?;
                if at > 0 {
                    code.op().i32_add();
                }
            }
            if !step.columns.is_empty() {
                let columns = tests.data.narrow(&step.columns)?;
                entry(code, columns);
            }
            if number > 0 {
                code.op().local_get(state).i32_add();
            }
            let next = tests.data.narrow(&step.next)?;
            entry(code, next);
            if number + 1 < steps.steps.len() {
                code.op().local_set(state);
            }
        }
        if steps.steps.is_empty() {
            code.op().i32_const(steps.outcome.cast_signed());
        }
        code.op().end();
        Ok(())
    }
}

/// Leaves the block around with −1 − i if input i is outside its domain, or one of the tests is not good for it.
pub(super) fn refuse(
    code: &mut Code,
    tests: &mut Tests<'_>,
    values: &Values,
    of: &[u32],
    through: &[u32],
) -> Result<(), EmitError> {
    for input in of {
        let at = *input as usize;
        let from = code.size().0;
        code.op().i32_const(-1 - input.cast_signed());
        match code.outside(tests.table.kinds[at], tests.row.fields[at].store, &values.0[at]) {
            Some(()) => {
                code.op().br_if(0).drop();
            }
            None => code.forget(from),
        }
    }
    for test in through {
        let from = code.size().0;
        let input = inputs(tests.table, *test).first().copied().unwrap_or(0);
        code.op().i32_const(-1 - input.cast_signed());
        match tests.refuses(code, values, *test)? {
            Some(_) => {
                code.op().br_if(0).drop();
            }
            None => code.forget(from),
        }
    }
    Ok(())
}

/// `rows_D: (rows, count, out) → how many are refused`, by the function for one.
pub(super) fn of_rows(one: u32, bytes: u32) -> Result<Function, EmitError> {
    let (row, count, out) = (0, 1, 2);
    let mut code = Code::new(3);
    repeat(&mut code, count, out, |code| {
        code.op().local_get(row).call(one);
        code.op().local_get(row).i32_const(bytes.cast_signed()).i32_add().local_set(row);
        Ok(())
    })?;
    Ok(code.finish())
}

/// `columns_D` for a decision that is not written out: each case is put together as a row first.
pub(super) fn of_gathered(tests: &Tests<'_>, one: u32, space: &Space) -> Result<Function, EmitError> {
    let (columns, count, out) = (0, 1, 2);
    let mut code = Code::new(3);
    let number = code.local(ValType::I32);
    repeat(&mut code, count, out, |code| {
        for (input, field) in tests.row.fields.iter().enumerate() {
            let bytes = field.store.bytes();
            if bytes == 0 {
                continue;
            }
            code.op().i32_const((space.row + field.offset).cast_signed());
            code.op().local_get(columns).i32_load(super::code::memory(4 * input as u32, 2));
            code.op().local_get(number).i32_const(bytes.cast_signed()).i32_mul().i32_add();
            code.op().i32_const(bytes.cast_signed()).memory_copy(0, 0);
        }
        code.op().local_get(number).i32_const(1).i32_add().local_set(number);
        code.op().i32_const(space.row.cast_signed()).call(one);
        Ok(())
    })?;
    Ok(code.finish())
}

/// A loop that stores what `body` leaves, and counts what is refused.
fn repeat(code: &mut Code, count: u32, out: u32, body: impl FnOnce(&mut Code) -> Result<(), EmitError>) -> Result<(), EmitError> {
    let [refused, found] = [(); 2].map(|()| code.local(ValType::I32));
    code.op().block(BlockType::Empty).loop_(BlockType::Empty);
    code.op().local_get(count).i32_eqz().br_if(1);
    body(code)?;
    let mut op = code.op();
    op.local_set(found).local_get(out).local_get(found).i32_store(super::code::memory(0, 2));
    op.local_get(refused).local_get(found).i32_const(31).i32_shr_u().i32_add().local_set(refused);
    op.local_get(out).i32_const(4).i32_add().local_set(out);
    op.local_get(count).i32_const(1).i32_sub().local_set(count).br(0).end().end();
    op.local_get(refused);
    Ok(())
}

fn finish(code: Code) -> Option<Function> {
    let (bytes, locals) = code.size();
    (bytes <= LONGEST && locals <= LOCALS).then(|| code.finish())
}
