//! What unknown inputs leave open: the classes of all tests, the walk, and the pass over the diagram, as `lexport_runtime::Table::open`.
//!
//! In: the row, and which inputs of it are unknown, in the working space. Out: functions that leave the outcomes still possible, what to
//! ask first, what else the answer may hang on, and whether the list is exact, in the working space.

use lexport_runtime::{HEAD, Kind, NONE, Test};
use wasm_encoder::{BlockType, Function, ValType};

use super::class::{Tests, classes, inputs, part};
use super::code::{Code, Place, Values, memory};
use super::decide::{LOCALS, LONGEST, refuse};
use super::layout::{Array, Space};
use crate::emit::artifact::EmitError;

/// In the number of classes of a test: without a class of its own, what is found may be too much.
const INEXACT: u32 = 1 << 31;

/// Engines refuse functions of more than 7,654,321 bytes.
const MOST_BYTES: usize = 7 << 20;

/// The arrays that the pass reads.
pub(super) struct Diagram {
    nodes: Array,
    roots: Array,
    /// By test its classes, with [`INEXACT`].
    classes: Array,
    /// By test where its inputs begin in the next, and behind the last where they end.
    firsts: Array,
    inputs: Array,
    largest: u32,
}

impl Diagram {
    /// Places them.
    pub(super) fn new(tests: &mut Tests<'_>) -> Result<Diagram, EmitError> {
        let table = tests.table;
        let of_test = |test: &Test| {
            let inexact = matches!(test, Test::Same { .. } | Test::AtLeastZero { .. });
            classes(*test) | if inexact { INEXACT } else { 0 }
        };
        let (mut firsts, mut all) = (vec![0], Vec::new());
        for test in 0..table.tests.len() as u32 {
            all.extend(inputs(table, test));
            firsts.push(all.len() as u32);
        }
        Ok(Diagram {
            nodes: tests.data.words(&table.nodes)?,
            roots: tests.data.words(&table.roots)?,
            classes: tests.data.words(&table.tests.iter().map(of_test).collect::<Vec<_>>())?,
            firsts: tests.data.words(&firsts)?,
            inputs: tests.data.words(&all)?,
            largest: table.nodes.len() as u32,
        })
    }
}

/// `row → 0 or −1 − i`: whether every known input is of its domain, and the table good for it.
pub(super) fn check(tests: &mut Tests<'_>, space: &Space) -> Result<Function, EmitError> {
    let mut through = vec![Vec::new(); tests.table.kinds.len()];
    for (number, test) in tests.table.tests.iter().enumerate() {
        if let Test::Member { input, map, .. } | Test::Interval { input, map, .. } = *test
            && part(&tests.table.maps, map).contains(&NONE)
        {
            through[input as usize].push(number as u32);
        }
    }
    let mut code = Code::new(1);
    let found = code.local(ValType::I32);
    code.op().block(BlockType::Result(ValType::I32));
    for (input, through) in (0u32..).zip(&through) {
        // A block in a block: known, and refused.
        code.op().block(BlockType::Result(ValType::I32));
        code.op().i32_const(0);
        code.op().i32_const(0).i32_load8_u(memory(space.unknown + input, 0)).br_if(0).drop();
        let mut values = Values::new(tests.row);
        code.load(tests.row, &Place::Row(0), &[input], &mut values);
        refuse(&mut code, tests, &values, &[input], through)?;
        code.op().i32_const(0).end();
        code.op().local_tee(found).local_get(found).br_if(0).drop();
    }
    code.op().i32_const(0).end();
    Ok(code.finish())
}

/// `row → nothing`, for as many tests as one function may have: stores their classes. Also how many that were.
pub(super) fn classify(tests: &mut Tests<'_>, space: &Space, from: u32) -> Result<(Function, u32), EmitError> {
    let mut code = Code::new(1);
    let mut values = Values::new(tests.row);
    let mut to = from;
    let all = tests.table.tests.len() as u32;
    while to < all && (to == from || (code.size().0 < LONGEST / 8 && code.size().1 < LOCALS / 8)) {
        code.op().i32_const((space.classes + 4 * to).cast_signed());
        class(&mut code, tests, space, to, &mut values)?;
        code.op().i32_store(memory(0, 2));
        to += 1;
    }
    if code.size().0 > MOST_BYTES || code.size().1 > 2 * LOCALS {
        return Err(EmitError::TooLarge(format!("test {} is longer than a function may be", to - 1)));
    }
    Ok((code.finish(), to))
}

/// Pushes the class of a test, or −1.
fn class(code: &mut Code, tests: &mut Tests<'_>, space: &Space, test: u32, values: &mut Values) -> Result<(), EmitError> {
    let of = inputs(tests.table, test);
    // What lies in the place of an unknown input is loaded, and not used.
    code.load(tests.row, &Place::Row(0), &of, values);
    if let Test::AtLeastZero { .. } = tests.table.tests[test as usize] {
        let mut bounds = |code: &mut Code, input: u32, most: bool| {
            let (lo, hi) = match tests.table.kinds[input as usize] {
                Kind::Int(lo, hi) => (lo, hi),
                _ => (0, 0),
            };
            code.op().i64_const(if most { hi } else { lo });
            code.wide(tests.row.fields[input as usize].store, values.0[input as usize][0]);
            code.op().i32_const(0).i32_load8_u(memory(space.unknown + input, 0)).select();
        };
        return match &tests.polynomials[test as usize] {
            Some(polynomial) => {
                polynomial.unknown(code, &mut bounds, tests.helpers);
                Ok(())
            }
            None => Err(EmitError::Malformed(format!("test {test} has no polynomial"))),
        };
    }
    let guard = matches!(tests.table.tests[test as usize], Test::Member { classes: 1, .. });
    for (number, input) in of.iter().enumerate() {
        code.op().i32_const(0).i32_load8_u(memory(space.unknown + input, 0));
        if number > 0 {
            code.op().i32_or();
        }
    }
    // A guard refuses other values; there is only one thing that the input can be.
    code.op().if_(BlockType::Result(ValType::I32)).i32_const(if guard { 0 } else { -1 }).else_();
    tests.class(code, values, test, 1)?;
    code.op().end();
    Ok(())
}

/// `row → 0 or −1 − i`: checks the known inputs and finds all classes.
pub(super) fn classify_all(check: u32, parts: &[u32]) -> Function {
    let mut code = Code::new(1);
    let found = code.local(ValType::I32);
    code.op().local_get(0).call(check).local_tee(found).if_(BlockType::Empty).local_get(found).return_().end();
    for part in parts {
        code.op().local_get(0).call(*part);
    }
    code.op().i32_const(0);
    code.finish()
}

/// `row → outcome`, or −1 − i, of a decision that is not written out: by its classes, node by node. All is known.
pub(super) fn walk(classify: u32, diagram: &Diagram, space: &Space, decision: u32) -> Function {
    let (row, head) = (0, HEAD.cast_signed());
    let mut code = Code::new(1);
    let at = code.local(ValType::I32);
    let mut op = code.op();
    let unknown = space.classes - space.unknown;
    op.i32_const(space.unknown.cast_signed()).i32_const(0).i32_const(unknown.cast_signed()).memory_fill(0);
    op.local_get(row).call(classify).local_tee(at).if_(BlockType::Empty).local_get(at).return_().end();
    op.i32_const(0).i32_load(memory(diagram.roots.at + 4 * decision, 2)).local_set(at);
    op.block(BlockType::Empty).loop_(BlockType::Empty);
    op.local_get(at).i32_const(0).i32_lt_s().br_if(1);
    // at = nodes[at + 1 + classes[test]]
    op.local_get(at).i32_const(2).i32_shl().i32_load(memory(diagram.nodes.at, 2)).i32_const(!head).i32_and();
    op.i32_const(2).i32_shl().i32_load(memory(space.classes, 2));
    op.local_get(at).i32_add().i32_const(2).i32_shl().i32_load(memory(diagram.nodes.at + 4, 2)).local_set(at);
    op.br(0).end().end();
    op.local_get(at).i32_const(!head).i32_and();
    code.finish()
}

/// `decision → how many outcomes are possible`, after `classify`; the rest is in the working space. No decision has so high a number: −1.
pub(super) fn open(diagram: &Diagram, space: &Space, counts: [u32; 3]) -> Function {
    let [inputs, outcomes, decisions] = counts;
    let decision = 0;
    let mut code = Code::new(1);
    let [word, at, test, child, last, asked, exact, count, meta] = [(); 9].map(|()| code.local(ValType::I32));
    let bits = code.local(ValType::I64);
    let address = |local: u32, code: &mut Code| {
        code.op().local_get(local).i32_const(2).i32_shl();
    };
    code.op().local_get(decision).i32_const(decisions.cast_signed()).i32_ge_u();
    code.op().if_(BlockType::Empty).i32_const(-1).return_().end();
    code.op().i32_const(space.possible.cast_signed()).i32_const(0);
    code.op().i32_const((8 * outcomes.div_ceil(64)).cast_signed()).memory_fill(0);
    code.op().i32_const(space.hangs.cast_signed()).i32_const(0).i32_const(inputs.cast_signed()).memory_fill(0);
    code.op().i32_const(1).local_set(exact).i32_const(-1).local_set(asked);
    address(decision, &mut code);
    code.op().i32_load(memory(diagram.roots.at, 2)).local_set(child);
    mark(&mut code, space, child, count);
    code.op().i32_const((diagram.largest.saturating_sub(1) / 64).cast_signed()).local_set(word);
    // Children stand at lower offsets, so one pass downwards meets every node after all its parents.
    code.op().loop_(BlockType::Empty);
    code.op().block(BlockType::Empty).loop_(BlockType::Empty);
    let seen = |code: &mut Code| {
        code.op().local_get(word).i32_const(3).i32_shl();
    };
    if diagram.largest > 0 {
        seen(&mut code);
        code.op().i64_load(memory(space.seen, 3)).local_tee(bits).i64_eqz().br_if(1);
        code.op().i64_const(63).local_get(bits).i64_clz().i64_sub().i32_wrap_i64().local_set(at);
        seen(&mut code);
        code.op().local_get(bits).i64_const(1).local_get(at).i64_extend_i32_u().i64_shl().i64_xor();
        code.op().i64_store(memory(space.seen, 3));
        code.op().local_get(word).i32_const(6).i32_shl().local_get(at).i32_add().local_set(at);
        address(at, &mut code);
        code.op().i32_load(memory(diagram.nodes.at, 2)).i32_const(!HEAD.cast_signed()).i32_and().local_set(test);
        // child = the first child, last = the one behind the last child.
        address(test, &mut code);
        code.op().i32_load(memory(space.classes, 2)).local_tee(child).i32_const(0).i32_lt_s();
        code.op().if_(BlockType::Empty);
        address(test, &mut code);
        code.op().i32_load(memory(diagram.classes.at, 2)).local_tee(meta).i32_const(0).i32_ge_s();
        code.op().local_get(exact).i32_and().local_set(exact);
        code.op().local_get(test).local_get(asked).local_get(test).local_get(asked).i32_lt_u().select().local_set(asked);
        hangs(&mut code, diagram, space, test, child, last);
        code.op().local_get(at).i32_const(1).i32_add().local_tee(child);
        code.op().local_get(meta).i32_const((!INEXACT).cast_signed()).i32_and().i32_add().local_set(last);
        code.op().else_();
        code.op().local_get(child).local_get(at).i32_add().i32_const(1).i32_add().local_tee(child);
        code.op().i32_const(1).i32_add().local_set(last).end();
        let next = meta;
        code.op().block(BlockType::Empty).loop_(BlockType::Empty);
        code.op().local_get(child).local_get(last).i32_ge_u().br_if(1);
        address(child, &mut code);
        code.op().i32_load(memory(diagram.nodes.at, 2)).local_set(next);
        mark(&mut code, space, next, count);
        code.op().local_get(child).i32_const(1).i32_add().local_set(child).br(0).end().end();
        code.op().br(0);
    }
    code.op().end().end();
    code.op().local_get(word).i32_const(1).i32_sub().local_tee(word).i32_const(0).i32_ge_s().br_if(0).end();
    code.op().i32_const(0).local_get(exact).i32_store(memory(space.exact, 2));
    // The first unknown input of the test to ask for.
    code.op().i32_const(0).i32_const(-1).i32_store(memory(space.ask, 2));
    code.op().local_get(asked).i32_const(-1).i32_ne().if_(BlockType::Empty);
    address(asked, &mut code);
    code.op().i32_load(memory(diagram.firsts.at, 2)).local_set(child);
    code.op().block(BlockType::Empty).loop_(BlockType::Empty);
    code.op().local_get(child);
    address(asked, &mut code);
    code.op().i32_load(memory(diagram.firsts.at + 4, 2)).i32_ge_u().br_if(1);
    address(child, &mut code);
    code.op().i32_load(memory(diagram.inputs.at, 2)).local_tee(at).i32_load8_u(memory(space.unknown, 0));
    code.op().if_(BlockType::Empty).i32_const(0).local_get(at).i32_store(memory(space.ask, 2)).br(2).end();
    code.op().local_get(child).i32_const(1).i32_add().local_set(child).br(0).end().end();
    code.op().end();
    code.op().local_get(count);
    code.finish()
}

/// Marks a child: an outcome as possible, and counts it if it is new; a node as seen.
fn mark(code: &mut Code, space: &Space, child: u32, count: u32) {
    let old = code.local(ValType::I64);
    let index = code.local(ValType::I32);
    let mut op = code.op();
    let bit = |op: &mut wasm_encoder::InstructionSink<'_>| {
        op.i64_const(1).local_get(index).i32_const(63).i32_and().i64_extend_i32_u().i64_shl();
    };
    op.local_get(child).i32_const(!HEAD.cast_signed()).i32_and().local_set(index);
    op.local_get(child).i32_const(0).i32_lt_s().if_(BlockType::Empty);
    for base in [space.possible, space.seen] {
        op.local_get(index).i32_const(6).i32_shr_u().i32_const(3).i32_shl();
        op.local_get(index).i32_const(6).i32_shr_u().i32_const(3).i32_shl().i64_load(memory(base, 3)).local_tee(old);
        bit(&mut op);
        op.i64_or().i64_store(memory(base, 3));
        if base == space.possible {
            op.local_get(old);
            bit(&mut op);
            op.i64_and().i64_eqz().local_get(count).i32_add().local_set(count).else_();
        }
    }
    op.end();
}

/// Marks the unknown inputs of a test as what the answer may hang on.
fn hangs(code: &mut Code, diagram: &Diagram, space: &Space, test: u32, at: u32, input: u32) {
    let mut op = code.op();
    op.local_get(test).i32_const(2).i32_shl().i32_load(memory(diagram.firsts.at, 2)).local_set(at);
    op.block(BlockType::Empty).loop_(BlockType::Empty);
    op.local_get(at).local_get(test).i32_const(2).i32_shl().i32_load(memory(diagram.firsts.at + 4, 2)).i32_ge_u().br_if(1);
    op.local_get(at).i32_const(2).i32_shl().i32_load(memory(diagram.inputs.at, 2)).local_tee(input);
    op.local_get(input).i32_load8_u(memory(space.unknown, 0)).local_get(input).i32_load8_u(memory(space.hangs, 0)).i32_or();
    op.i32_store8(memory(space.hangs, 0));
    op.local_get(at).i32_const(1).i32_add().local_set(at).br(0).end().end();
}
