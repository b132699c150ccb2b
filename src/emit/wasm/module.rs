//! The module: functions, memory, exports, arrays, and a section that says whose table it is.
//!
//! In: a sound table. Out: the bytes of a module without imports, and what the wrapper must know of it.

use lexport_runtime::Test;
use wasm_encoder::{
    CodeSection, ConstExpr, CustomSection, DataSection, ExportKind, ExportSection, Function, FunctionSection, GlobalSection,
    GlobalType, MemorySection, MemoryType, Module, Section, TypeSection, ValType,
};

use super::class::Tests;
use super::decide::{Decision, of_gathered, of_rows};
use super::layout::{Data, Row, Space};
use super::open::{self, Diagram};
use super::sign::{self, Helpers, Polynomial};
use crate::diagram::{Costs, FuseError, OwnedTable, fuse};
use crate::emit::artifact::EmitError;

/// The version of what the exports mean.
pub(super) const SCHEMA: &str = "lexport.wasm/1";

/// The section that says whose table it is.
const SECTION: &str = "lexport.table";

/// A module.
pub(super) struct Built {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What its section says: a wrapper works with no other.
    pub identity: String,
    /// Where inputs are in a row.
    pub row: Row,
}

/// Types of functions: parameters and results.
const TYPES: [(&[ValType], &[ValType]); 6] = {
    const I: ValType = ValType::I32;
    const L: ValType = ValType::I64;
    [(&[I], &[I]), (&[I], &[]), (&[I, I, I], &[I]), (&[L, L, L], &[L, L]), (&[L; 4], &[L, L]), (&[L; 6], &[L; 4])]
};
const ROW_TO_NUMBER: u32 = 0;
const ROW_TO_NOTHING: u32 = 1;
const BATCH: u32 = 2;
const MULTIPLY: u32 = 3;
const SPAN: u32 = 4;
const WIDE_SPAN: u32 = 5;

#[derive(Default)]
struct Functions {
    types: FunctionSection,
    bodies: CodeSection,
    exports: ExportSection,
}

impl Functions {
    fn add(&mut self, kind: u32, body: &Function) -> u32 {
        let number = self.types.len();
        self.types.function(kind);
        self.bodies.function(body);
        number
    }

    fn export(&mut self, name: &str, number: u32) {
        self.exports.export(name, ExportKind::Func, number);
    }
}

/// Builds it. `hash` is that of the table's contract.
pub(super) fn build(table: &OwnedTable, hash: &str) -> Result<Built, EmitError> {
    let row = Row::new(&table.kinds)?;
    let counts = [table.kinds.len(), table.tests.len(), table.outcomes.len(), table.nodes.len()];
    let space = Space::new(&row, counts)?;
    let polynomials = (0..).zip(&table.tests).map(|(number, test)| match test {
        Test::AtLeastZero { monomials, constant } => Polynomial::new(table, number, *monomials, *constant).map(Some),
        _ => Ok(None),
    });
    let polynomials: Vec<Option<Polynomial>> = polynomials.collect::<Result<_, _>>()?;
    let mut functions = Functions::default();
    let mut helpers = Helpers::default();
    // Only where they are needed.
    if polynomials.iter().flatten().any(|polynomial| polynomial.narrow) {
        helpers.span = functions.add(SPAN, &sign::span());
    }
    if polynomials.iter().flatten().any(|polynomial| !polynomial.narrow) {
        helpers.multiply = functions.add(MULTIPLY, &sign::multiply());
        helpers.wide_span = functions.add(WIDE_SPAN, &sign::wide_span(helpers.multiply));
    }
    let mut tests = Tests { table, row: &row, data: Data::new(&space), helpers, polynomials };
    let diagram = Diagram::new(&mut tests)?;
    let check = functions.add(ROW_TO_NUMBER, &open::check(&mut tests, &space)?);
    let mut parts = Vec::new();
    let mut from = 0;
    while (from as usize) < table.tests.len() {
        let (body, to) = open::classify(&mut tests, &space, from)?;
        parts.push(functions.add(ROW_TO_NOTHING, &body));
        from = to;
    }
    let classify = functions.add(ROW_TO_NUMBER, &open::classify_all(check, &parts));
    let decisions = table.roots.len() as u32;
    let counts = [table.kinds.len() as u32, table.outcomes.len() as u32, decisions];
    let open = functions.add(ROW_TO_NUMBER, &open::open(&diagram, &space, counts));
    functions.export("check", check);
    functions.export("classify", classify);
    functions.export("open", open);
    let fused = match fuse(table, &Costs::default()) {
        Ok(fused) => Some(fused),
        // Then each decision goes from node to node.
        Err(FuseError::TooLarge | FuseError::TooLong) => None,
        Err(error @ FuseError::Malformed) => return Err(EmitError::Malformed(error.to_string())),
    };
    for number in 0..decisions {
        let decision = fused.as_ref().map(|fused| Decision::new(&tests, fused, number as usize));
        let mut written = (None, None);
        if let Some(decision) = &decision {
            written = (decision.of_row(&mut tests)?, decision.of_columns(&mut tests)?);
        }
        let one = written.0.unwrap_or_else(|| open::walk(classify, &diagram, &space, number));
        let one = functions.add(ROW_TO_NUMBER, &one);
        let rows = functions.add(BATCH, &of_rows(one, row.bytes)?);
        let columns = match written.1 {
            Some(columns) => columns,
            None => of_gathered(&tests, one, &space)?,
        };
        let columns = functions.add(BATCH, &columns);
        functions.export(&format!("decide_{number}"), one);
        functions.export(&format!("rows_{number}"), rows);
        functions.export(&format!("columns_{number}"), columns);
    }
    let data = tests.data;
    let (bytes, identity) = assemble(functions, &space, &row, &data, hash)?;
    Ok(Built { bytes, identity, row })
}

/// Puts the sections together.
fn assemble(mut functions: Functions, space: &Space, row: &Row, data: &Data, hash: &str) -> Result<(Vec<u8>, String), EmitError> {
    let end = u64::from(data.base) + data.bytes.len() as u64;
    let pages = end.div_ceil(1 << 16).max(1);
    let mut types = TypeSection::new();
    for (parameters, results) in TYPES {
        types.ty().function(parameters.iter().copied(), results.iter().copied());
    }
    let mut memories = MemorySection::new();
    let kind = MemoryType { minimum: pages, maximum: None, memory64: false, shared: false, page_size_log2: None };
    memories.memory(kind);
    functions.exports.export("memory", ExportKind::Memory, 0);
    let mut globals = GlobalSection::new();
    let addresses = [
        ("row", space.row),
        ("row_bytes", row.bytes),
        ("unknown", space.unknown),
        ("possible", space.possible),
        ("hangs", space.hangs),
        ("ask", space.ask),
        ("exact", space.exact),
        ("columns", space.columns),
        ("block", space.block),
        ("block_rows", space.rows),
        ("out", space.out),
        ("end", end.min(u64::from(u32::MAX)) as u32),
    ];
    for (number, (name, address)) in (0..).zip(addresses) {
        let kind = GlobalType { val_type: ValType::I32, mutable: false, shared: false };
        globals.global(kind, &ConstExpr::i32_const(address.cast_signed()));
        functions.exports.export(name, ExportKind::Global, number);
    }
    // Where each column of a block begins, unless the caller says otherwise.
    let starts: Vec<u8> = row.fields.iter().flat_map(|field| (space.block + field.offset * space.rows).to_le_bytes()).collect();
    let mut arrays = DataSection::new();
    let mut segment = |at: u32, bytes: &[u8]| {
        // An array that begins with zeros need not say so; memory is zero.
        if bytes.iter().any(|byte| *byte != 0) {
            arrays.active(0, &ConstExpr::i32_const(at.cast_signed()), bytes.iter().copied());
        }
    };
    segment(space.columns, &starts);
    segment(data.base, &data.bytes);
    let mut module = Module::new();
    let sections: [&dyn Section; 7] =
        [&types, &functions.types, &memories, &globals, &functions.exports, &functions.bodies, &arrays];
    for section in sections {
        module.section(&Part(section));
    }
    // The hash of the module without this section: code and layout are bound as well as the table.
    let own = blake3::hash(module.as_slice()).to_hex().to_string();
    let identity = serde_json::json!({ "schema": SCHEMA, "table": hash, "module": own }).to_string();
    module.section(&CustomSection { name: SECTION.into(), data: identity.as_bytes().into() });
    Ok((module.finish(), identity))
}

/// A section behind a reference.
struct Part<'a>(&'a dyn Section);

impl wasm_encoder::Encode for Part<'_> {
    fn encode(&self, sink: &mut Vec<u8>) {
        self.0.encode(sink);
    }
}

impl Section for Part<'_> {
    fn id(&self) -> u8 {
        self.0.id()
    }
}
