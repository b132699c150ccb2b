//! Where everything lies in the module's memory: the row of a case, the arrays of the table, the working space, the block of a batch.
//!
//! In: the kinds of inputs, arrays. Out: offsets. Equal arrays are kept once; every entry is as narrow as its largest value allows.

use lexport_runtime::Kind;
use rustc_hash::FxHashMap;
use wasm_encoder::ValType;

use crate::emit::artifact::EmitError;

/// How the value of an input is stored, little-endian.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Store {
    /// A Boolean, or the number of a member of 256 at the most.
    U8,
    /// The number of a member of 65,536 at the most.
    U16,
    /// A number or date whose domain lies within 32 bits; a member of more.
    I32,
    /// Another number.
    I64,
    /// A set: so many words of 64 bits.
    Set(u32),
}

impl Store {
    fn of(kind: Kind) -> Store {
        match kind {
            Kind::Bool => Store::U8,
            Kind::Enum(size) if size <= 1 << 8 => Store::U8,
            Kind::Enum(size) if size <= 1 << 16 => Store::U16,
            Kind::Enum(_) => Store::I32,
            Kind::Int(lo, hi) if i32::try_from(lo).is_ok() && i32::try_from(hi).is_ok() => Store::I32,
            Kind::Int(..) => Store::I64,
            Kind::Set(size) => Store::Set(size.div_ceil(64)),
        }
    }

    /// How many bytes one value has.
    pub(super) fn bytes(self) -> u32 {
        match self {
            Store::U8 => 1,
            Store::U16 => 2,
            Store::I32 => 4,
            Store::I64 => 8,
            Store::Set(words) => 8 * words,
        }
    }

    /// How many locals hold it.
    pub(super) fn words(self) -> u32 {
        if let Store::Set(words) = self { words } else { 1 }
    }

    /// The type of such a local.
    pub(super) fn value(self) -> ValType {
        if matches!(self, Store::I64 | Store::Set(_)) { ValType::I64 } else { ValType::I32 }
    }

    /// The largest number that it holds.
    pub(super) fn most(self) -> u64 {
        match self {
            Store::U8 => u64::from(u8::MAX),
            Store::U16 => u64::from(u16::MAX),
            Store::I32 => u64::from(u32::MAX),
            Store::I64 | Store::Set(_) => u64::MAX,
        }
    }
}

/// Where an input lies in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Field {
    /// From the start of the row.
    pub offset: u32,
    /// How.
    pub store: Store,
}

/// The row of a case: the inputs in their order, each at a multiple of its width.
pub(super) struct Row {
    /// By input.
    pub fields: Vec<Field>,
    /// From one row to the next: a multiple of eight.
    pub bytes: u32,
}

/// How many inputs a case has at the most: engines refuse functions of more than 50,000 locals.
const MOST_INPUTS: usize = 8192;

impl Row {
    /// For inputs of these kinds.
    pub(super) fn new(kinds: &[Kind]) -> Result<Row, EmitError> {
        let mut at = 0u64;
        let mut fields = Vec::with_capacity(kinds.len());
        for kind in kinds {
            let store = Store::of(*kind);
            let align = u64::from(store.bytes().clamp(1, 8));
            at = at.next_multiple_of(align);
            fields.push(Field { offset: at as u32, store });
            at += u64::from(store.bytes());
            if at > 1 << 16 || fields.len() > MOST_INPUTS {
                return Err(EmitError::TooLarge(format!("a case has more than 2^16 bytes or {MOST_INPUTS} inputs")));
            }
        }
        Ok(Row { fields, bytes: at.next_multiple_of(8).max(8) as u32 })
    }
}

/// An array in the memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Array {
    /// Its address.
    pub at: u32,
    /// The width of an entry: 1, 2, 4 or 8 bytes.
    pub width: u32,
}

impl Array {
    /// The logarithm of the width.
    pub(super) fn shift(self) -> i32 {
        self.width.trailing_zeros().cast_signed()
    }
}

/// The arrays of the table, one behind the other.
pub(super) struct Data {
    /// The address of the first.
    pub base: u32,
    /// Their bytes.
    pub bytes: Vec<u8>,
    known: FxHashMap<Vec<u8>, u32>,
}

impl Data {
    /// None yet, behind the working space.
    pub(super) fn new(space: &Space) -> Self {
        Data { base: space.end, bytes: Vec::new(), known: FxHashMap::default() }
    }

    fn place(&mut self, bytes: Vec<u8>, width: u32) -> Result<Array, EmitError> {
        // What is known may lie where a narrower entry may.
        if let Some(at) = self.known.get(&bytes).filter(|at| **at % width == 0) {
            return Ok(Array { at: *at, width });
        }
        let from = self.bytes.len().next_multiple_of(width as usize);
        if from + bytes.len() > 1 << 30 {
            return Err(EmitError::TooLarge("its arrays have more than 2^30 bytes".into()));
        }
        self.bytes.resize(from, 0);
        self.bytes.extend_from_slice(&bytes);
        let at = self.base + from as u32;
        self.known.insert(bytes, at);
        Ok(Array { at, width })
    }

    /// Numbers, as narrow as they all allow.
    pub(super) fn narrow(&mut self, all: &[u32]) -> Result<Array, EmitError> {
        match all.iter().copied().max().unwrap_or(0) {
            0..=0xff => self.place(all.iter().map(|one| *one as u8).collect(), 1),
            0x100..=0xffff => self.place(all.iter().flat_map(|one| (*one as u16).to_le_bytes()).collect(), 2),
            _ => self.words(all),
        }
    }

    /// Numbers of four bytes.
    pub(super) fn words(&mut self, all: &[u32]) -> Result<Array, EmitError> {
        self.place(all.iter().flat_map(|one| one.to_le_bytes()).collect(), 4)
    }

    /// Thresholds: of four bytes for what is stored in four, else of eight.
    pub(super) fn thresholds(&mut self, all: &[i64], store: Store) -> Result<Array, EmitError> {
        if store == Store::I64 {
            self.place(all.iter().flat_map(|one| one.to_le_bytes()).collect(), 8)
        } else {
            self.place(all.iter().flat_map(|one| (*one as i32).to_le_bytes()).collect(), 4)
        }
    }
}

/// How many rows a block of a batch has at the most.
const ROWS: u32 = 4096;

/// How many bytes the rows of a block have at the most, if that leaves eight of them.
const BLOCK: u32 = 1 << 18;

/// The working space, before the arrays: addresses.
#[derive(Clone, Copy, Debug)]
pub(super) struct Space {
    /// The row of one case.
    pub row: u32,
    /// By input a byte: 1 if it is not known.
    pub unknown: u32,
    /// By test four bytes: its class, or −1.
    pub classes: u32,
    /// By outcome a bit: whether it is possible.
    pub possible: u32,
    /// By input a byte: 1 if the answer may hang on it.
    pub hangs: u32,
    /// Four bytes: the input to ask for first, or −1.
    pub ask: u32,
    /// Four bytes: whether each possible outcome is reached.
    pub exact: u32,
    /// By word of nodes a bit.
    pub seen: u32,
    /// By input four bytes: where its column begins.
    pub columns: u32,
    /// Rows, or columns, of a batch.
    pub block: u32,
    /// How many rows it takes.
    pub rows: u32,
    /// By row four bytes: its outcome.
    pub out: u32,
    /// Where the arrays begin.
    pub end: u32,
}

impl Space {
    /// For a table. `counts`: inputs, tests, outcomes, words of nodes.
    pub(super) fn new(row: &Row, counts: [usize; 4]) -> Result<Space, EmitError> {
        let [inputs, tests, outcomes, nodes] = counts.map(|count| count as u64);
        let mut at = 0u64;
        let mut take = |bytes: u64| {
            at = at.next_multiple_of(8);
            let here = at;
            at = at.saturating_add(bytes);
            here
        };
        let rows = (BLOCK / row.bytes).clamp(8, ROWS) / 8 * 8;
        let of_row = take(u64::from(row.bytes));
        let unknown = take(inputs);
        let classes = take(4 * tests);
        let possible = take(8 * outcomes.div_ceil(64));
        let hangs = take(inputs);
        let ask = take(4);
        let exact = take(4);
        let seen = take(8 * nodes.div_ceil(64));
        let columns = take(4 * inputs);
        let block = take(u64::from(row.bytes) * u64::from(rows));
        let out = take(4 * u64::from(rows));
        let end = at.next_multiple_of(8);
        if end > 1 << 30 {
            return Err(EmitError::TooLarge("it needs more than 2^30 bytes of working space".into()));
        }
        let [row, unknown, classes, possible, hangs, ask, exact, seen, columns, block, out] =
            [of_row, unknown, classes, possible, hangs, ask, exact, seen, columns, block, out].map(|at| at as u32);
        Ok(Space { row, unknown, classes, possible, hangs, ask, exact, seen, columns, block, rows, out, end: end as u32 })
    }
}
