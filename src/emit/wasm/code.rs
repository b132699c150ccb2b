//! The body of a function while it is written, and the values of inputs in it.
//!
//! In: where the inputs are (a row, or a column each). Out: instructions that load each value into a local once, and that refuse what is
//! outside its domain. (WebAssembly Core Specification 2.0; the bytes are made by `wasm-encoder`.)

use lexport_runtime::Kind;
use wasm_encoder::{Function, InstructionSink, MemArg, ValType};

use super::layout::{Row, Store};

/// The body of a function.
pub(super) struct Code {
    bytes: Vec<u8>,
    parameters: u32,
    locals: Vec<ValType>,
}

/// Where the values of inputs are read from.
pub(super) enum Place {
    /// A row; the local has its address.
    Row(u32),
    /// A column each; the locals have the addresses of the present value, none for inputs that are not looked at.
    Columns(Vec<Option<u32>>),
}

/// The locals that hold the values of inputs: one each, of sets one for each word; none of inputs that are not looked at.
pub(super) struct Values(pub Vec<Vec<u32>>);

impl Values {
    /// None yet.
    pub(super) fn new(row: &Row) -> Self {
        Values(vec![Vec::new(); row.fields.len()])
    }
}

/// An access to memory at a fixed distance from the address on the stack.
pub(super) fn memory(offset: u32, align: u32) -> MemArg {
    MemArg { offset: u64::from(offset), align, target: wasm_encoder::MemArgTarget::Memory(0), ordering: None }
}

impl Code {
    /// An empty body.
    pub(super) fn new(parameters: u32) -> Self {
        Code { bytes: Vec::new(), parameters, locals: Vec::new() }
    }

    /// A new local.
    pub(super) fn local(&mut self, kind: ValType) -> u32 {
        self.locals.push(kind);
        self.parameters + self.locals.len() as u32 - 1
    }

    /// Where instructions go.
    pub(super) fn op(&mut self) -> InstructionSink<'_> {
        InstructionSink::new(&mut self.bytes)
    }

    /// How long it is so far, and how many locals it has.
    pub(super) fn size(&self) -> (usize, usize) {
        (self.bytes.len(), self.locals.len())
    }

    /// Forgets all but so many bytes: what they would have asked is never so.
    pub(super) fn forget(&mut self, but: usize) {
        self.bytes.truncate(but);
    }

    /// The function.
    pub(super) fn finish(mut self) -> Function {
        self.op().end();
        let mut function = Function::new_with_locals_types(self.locals);
        function.raw(self.bytes);
        function
    }

    /// Loads the values of inputs into locals, those that are not there yet.
    pub(super) fn load(&mut self, row: &Row, place: &Place, inputs: &[u32], values: &mut Values) {
        for input in inputs {
            if !values.0[*input as usize].is_empty() {
                continue;
            }
            let field = row.fields[*input as usize];
            let (address, offset) = match place {
                Place::Row(address) => (*address, field.offset),
                Place::Columns(addresses) => match addresses[*input as usize] {
                    Some(address) => (address, 0),
                    None => continue,
                },
            };
            for word in 0..field.store.words() {
                let local = self.local(field.store.value());
                let mut op = self.op();
                op.local_get(address);
                match field.store {
                    Store::U8 => op.i32_load8_u(memory(offset, 0)),
                    Store::U16 => op.i32_load16_u(memory(offset, 1)),
                    Store::I32 => op.i32_load(memory(offset, 2)),
                    Store::I64 | Store::Set(_) => op.i64_load(memory(offset + 8 * word, 3)),
                };
                op.local_set(local);
                values.0[*input as usize].push(local);
            }
        }
    }

    /// What is true (an `i32` on the stack) if the value of an input is outside its domain; `None` if no value can be.
    pub(super) fn outside(&mut self, kind: Kind, store: Store, locals: &[u32]) -> Option<()> {
        let value = *locals.first()?;
        match (kind, store) {
            (Kind::Bool, _) => {
                self.op().local_get(value).i32_const(1).i32_gt_u();
            }
            (Kind::Enum(size), _) => {
                if u64::from(size) > store.most() {
                    return None;
                }
                self.op().local_get(value).i32_const(size.cast_signed()).i32_ge_u();
            }
            (Kind::Int(lo, hi), Store::I64) => {
                let wide = hi.wrapping_sub(lo);
                if wide == -1 {
                    return None;
                }
                self.op().local_get(value).i64_const(lo).i64_sub().i64_const(wide).i64_gt_u();
            }
            (Kind::Int(lo, hi), _) => {
                let wide = (hi as i32).wrapping_sub(lo as i32);
                if wide == -1 {
                    return None;
                }
                self.op().local_get(value).i32_const(lo as i32).i32_sub().i32_const(wide).i32_gt_u();
            }
            (Kind::Set(size), _) => {
                let used = size % 64;
                let last = *locals.last()?;
                if used == 0 {
                    return None;
                }
                let beyond = (u64::MAX << used).cast_signed();
                self.op().local_get(last).i64_const(beyond).i64_and().i64_const(0).i64_ne();
            }
        }
        Some(())
    }

    /// Pushes a number as an `i64`.
    pub(super) fn wide(&mut self, store: Store, local: u32) {
        self.op().local_get(local);
        if store != Store::I64 {
            self.op().i64_extend_i32_s();
        }
    }

    /// Multiplies the `i32` on the stack.
    pub(super) fn times(&mut self, factor: u32) {
        if factor.is_power_of_two() {
            if factor > 1 {
                self.op().i32_const(factor.trailing_zeros().cast_signed()).i32_shl();
            }
        } else {
            self.op().i32_const(factor.cast_signed()).i32_mul();
        }
    }
}
