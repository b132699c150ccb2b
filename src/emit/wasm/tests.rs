//! Modules of random tables: valid, and run by an interpreter they answer as the runtime does. Altered tables never panic.

use lexport_runtime::{Answer, HEAD, Kind, LEAF, Monomial, NONE, Outcome, Span, Test, Value};
use wasmi::{Engine, Instance, Module, Store, Val};

use super::layout::{Row, Store as Kept};
use super::wasm;
use crate::diagram::{OwnedTable, TableDecision, TableInput, TableRule};
use crate::emit::artifact::EmitError;
use crate::ir::{Decimal, Domain, EnumDef, EnumId, Member, NumberDomain};

/// Numbers by chance. (G. Marsaglia, "Xorshift RNGs", 2003.)
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, sides: u64) -> u64 {
        self.next() % sides.max(1)
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as u64) as usize]
    }

    fn between(&mut self, lo: i64, hi: i64) -> i64 {
        let wide = (i128::from(hi) - i128::from(lo) + 1) as u128;
        (i128::from(lo) + (u128::from(self.next()) % wide) as i128) as i64
    }
}

fn enumeration(size: u32) -> EnumDef {
    let members = (0..size).map(|member| Member { name: format!("m{member}"), label: String::new() }).collect();
    EnumDef { name: format!("of{size}"), members, ordered: false, headings: Vec::new() }
}

/// A table with anything in it, whether or not a regime could come to it.
fn table(dice: &mut Dice) -> OwnedTable {
    let sizes = [1, 2, 3, 5, 64, 65, 130, 256, 257, 65_536, 65_537];
    // The large ones seldom: each of their names is written.
    let sizes = if dice.below(16) == 0 { &sizes[..] } else { &sizes[..9] };
    let of_enum = if sizes.len() > 9 { &[3, 9, 10, 10][..] } else { &[0, 1, 2, 3, 3, 3, 5, 7, 8][..] };
    let enums: Vec<EnumDef> = sizes.iter().map(|size| enumeration(*size)).collect();
    let bounds = [
        (0, 1),
        (-3, 200),
        (0, 90_000_000),
        (-5, 5_000),
        (i64::from(i32::MIN), i64::from(i32::MAX)),
        (-1, i64::from(i32::MAX) + 1),
        (0, 9_000_000_000_000_000),
        (i64::MIN, i64::MAX),
        (i64::MAX - 3, i64::MAX),
        (7, 7),
    ];
    let domains: Vec<Domain> = (0..2 + dice.below(9))
        .map(|_| match dice.below(6) {
            0 => Domain::Bool,
            1 | 2 => Domain::Enum(EnumId(dice.of(of_enum))),
            3 => Domain::Set(EnumId(dice.of(&[0, 2, 4, 5, 6]))),
            _ => {
                let (lo, hi) = dice.of(&bounds);
                Domain::Number(NumberDomain { unit: "u".into(), step: Decimal { mantissa: 1, scale: 2 }, lo, hi })
            }
        })
        .collect();
    let kinds: Vec<Kind> = domains
        .iter()
        .map(|domain| match domain {
            Domain::Bool => Kind::Bool,
            Domain::Enum(id) => Kind::Enum(sizes[id.index()]),
            Domain::Set(id) => Kind::Set(sizes[id.index()]),
            Domain::Number(it) => Kind::Int(it.lo, it.hi),
            Domain::Date { lo, hi } => Kind::Int(*lo, *hi),
        })
        .collect();
    let mut table = OwnedTable {
        regime: "chance".into(),
        title: "made */ by </script> chance".into(),
        source: String::new(),
        readings: Vec::new(),
        dates: None,
        enums,
        inputs: domains
            .into_iter()
            .enumerate()
            .map(|(number, domain)| TableInput { name: format!("in.{number}"), title: String::new(), domain })
            .collect(),
        decisions: Vec::new(),
        rules: (0..4).map(|at| TableRule { name: format!("r{at}"), title: "\"\u{2028}".into(), cite: "§".into() }).collect(),
        kinds,
        tests: Vec::new(),
        maps: Vec::new(),
        thresholds: Vec::new(),
        monomials: Vec::new(),
        factors: Vec::new(),
        roots: Vec::new(),
        nodes: Vec::new(),
        outcomes: Vec::new(),
        disagreements: Vec::new(),
        words: Vec::new(),
        carriers: vec![0, 1, 2, 3],
        vectors: Vec::new(),
    };
    for _ in 0..2 + dice.below(12) {
        add_test(&mut table, dice);
    }
    for number in 0..3 + dice.below(70) as u32 {
        let answer = if number == 0 { Answer::Gap } else { Answer::Int(i64::from(number)) };
        table.outcomes.push(Outcome { answer, rules: Span { first: 0, count: number % 5 } });
    }
    // Of each test some nodes, those of later tests first: children stand at lower offsets.
    let mut heads: Vec<(u32, u32)> = Vec::new();
    for test in (0..table.tests.len() as u32).rev() {
        let below: Vec<u32> = heads.iter().filter(|(_, of)| *of > test).map(|(at, _)| *at).collect();
        for _ in 0..1 + dice.below(3) {
            let at = table.nodes.len() as u32;
            table.nodes.push(HEAD | test);
            for _ in 0..super::class::classes(table.tests[test as usize]) {
                let leaf = LEAF | dice.below(table.outcomes.len() as u64) as u32;
                let child = if below.is_empty() || dice.below(4) == 0 { leaf } else { dice.of(&below) };
                table.nodes.push(child);
            }
            heads.push((at, test));
        }
    }
    for number in 0..1 + dice.below(3) {
        let root = if dice.below(8) == 0 { LEAF } else { dice.of(&heads[heads.len() / 2..]).0 };
        table.roots.push(root);
        let domain = Domain::Number(NumberDomain { unit: String::new(), step: Decimal::whole(1), lo: 0, hi: 100 });
        table.decisions.push(TableDecision { name: format!("d{number}"), title: String::new(), domain, ask: Vec::new() });
    }
    table
}

fn span<T>(all: &mut Vec<T>, more: impl IntoIterator<Item = T>) -> Span {
    let first = all.len() as u32;
    all.extend(more);
    Span { first, count: all.len() as u32 - first }
}

fn add_test(table: &mut OwnedTable, dice: &mut Dice) {
    let numbers: Vec<u32> =
        (0u32..).zip(&table.kinds).filter(|(_, kind)| matches!(kind, Kind::Int(..))).map(|(at, _)| at).collect();
    let input = dice.below(table.kinds.len() as u64) as u32;
    let test = match table.kinds[input as usize] {
        Kind::Int(..) if dice.below(2) == 0 => {
            let mut monomials = Vec::new();
            for _ in 0..1 + dice.below(3) {
                let factors: Vec<u32> = (0..dice.of(&[0, 1, 1, 2, 2, 3])).map(|_| dice.of(&numbers)).collect();
                // With two numbers of 64 bits 592 is too much for 128, now and then.
                let coefficient = match factors.len() {
                    0 => dice.of(&[1i128, -592, 1 << 40, -(1 << 70), 7 << 62]),
                    1 => dice.of(&[1, -3, 1 << 40, -(1 << 60)]),
                    _ => dice.of(&[1, -1, 1, -1, -592]),
                };
                monomials.push(Monomial { coefficient, factors: span(&mut table.factors, factors) });
            }
            let constant = dice.of(&[0, 1, -5, 10_000, i128::from(i64::MAX) + 5, -(1i128 << 100)]);
            Test::AtLeastZero { monomials: span(&mut table.monomials, monomials), constant }
        }
        Kind::Bool => Test::Flag { input },
        Kind::Set(size) => Test::Has { input, member: dice.below(u64::from(size)) as u32 },
        Kind::Enum(size) => {
            let other = (0u32..).zip(&table.kinds).find(|(at, kind)| *at != input && **kind == Kind::Enum(size));
            match other {
                Some((other, _)) if dice.below(2) == 0 => Test::Same { a: input.min(other), b: input.max(other) },
                _ => {
                    let classes = 1 + dice.below(4) as u32;
                    let none = dice.below(4) == 0;
                    let class = |dice: &mut Dice| {
                        if none && dice.below(5) == 0 { NONE } else { dice.below(u64::from(classes)) as u32 }
                    };
                    let map: Vec<u32> = (0..size).map(|_| class(dice)).collect();
                    Test::Member { input, classes, map: span(&mut table.maps, map) }
                }
            }
        }
        Kind::Int(lo, hi) => {
            let count = dice.of(&[0, 1, 3, 9, 40]);
            let mut thresholds: Vec<i64> = (0..count).map(|_| dice.between(lo, hi)).collect();
            // Also thresholds beyond the domain, and on its edges.
            thresholds.extend([lo, hi, lo.saturating_sub(2), hi.saturating_add(2)].iter().filter(|_| dice.below(3) == 0));
            thresholds.sort_unstable();
            thresholds.dedup();
            let classes = 1 + dice.below(5) as u32;
            let none = dice.below(6) == 0;
            let class = |dice: &mut Dice| {
                if none && dice.below(6) == 0 { NONE } else { dice.below(u64::from(classes)) as u32 }
            };
            let map: Vec<u32> = (0..=thresholds.len()).map(|_| class(dice)).collect();
            Test::Interval {
                input,
                classes,
                thresholds: span(&mut table.thresholds, thresholds),
                map: span(&mut table.maps, map),
            }
        }
    };
    table.tests.push(test);
}

/// A value by chance, seldom outside of its domain: what `Value` says, and the bytes of the row.
fn value(dice: &mut Dice, kind: Kind, store: Kept, edges: &[i64]) -> (Option<i64>, Vec<u64>, Vec<u8>) {
    let outside = dice.below(60) == 0;
    match kind {
        Kind::Bool => {
            let flag = if outside { 2 } else { dice.below(2) };
            (Some(flag as i64), Vec::new(), vec![flag as u8])
        }
        Kind::Enum(size) => {
            let most = (store.most() + 1).min(u64::from(size) + u64::from(outside));
            let member = if outside { most - 1 } else { dice.below(u64::from(size)) };
            (Some(member as i64), Vec::new(), member.to_le_bytes()[..store.bytes() as usize].to_vec())
        }
        Kind::Set(size) => {
            let mut words: Vec<u64> = (0..size.div_ceil(64)).map(|_| dice.next()).collect();
            if let Some(last) = words.last_mut().filter(|_| size % 64 > 0 && !outside) {
                *last &= (1 << (size % 64)) - 1;
            }
            let bytes = words.iter().flat_map(|word| word.to_le_bytes()).collect();
            (None, words, bytes)
        }
        Kind::Int(lo, hi) => {
            let int = match dice.below(6) {
                _ if outside => {
                    if dice.below(2) == 0 {
                        lo.saturating_sub(1)
                    } else {
                        hi.saturating_add(1)
                    }
                }
                0 => lo,
                1 => hi,
                2 if !edges.is_empty() => (dice.of(edges).saturating_sub(1)).clamp(lo, hi),
                3 if !edges.is_empty() => dice.of(edges).clamp(lo, hi),
                _ => dice.between(lo, hi),
            };
            // Narrow storage cannot say what is beyond it.
            let int = if store == Kept::I32 { i64::from(int as i32) } else { int };
            (Some(int), Vec::new(), int.to_le_bytes()[..store.bytes() as usize].to_vec())
        }
    }
}

struct Running {
    store: Store<()>,
    instance: Instance,
}

impl Running {
    fn new(bytes: &[u8]) -> Running {
        wasmparser::Validator::new().validate_all(bytes).expect("a valid module");
        let engine = Engine::default();
        let module = Module::new(&engine, bytes).expect("a module");
        assert_eq!(module.imports().count(), 0);
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).expect("an instance");
        Running { store, instance }
    }

    fn at(&self, name: &str) -> usize {
        match self.instance.get_global(&self.store, name).expect("a global").get(&self.store) {
            Val::I32(at) => at.cast_unsigned() as usize,
            other => panic!("{other:?}"),
        }
    }

    fn memory(&mut self) -> &mut [u8] {
        self.instance.get_memory(&self.store, "memory").expect("a memory").data_mut(&mut self.store)
    }

    fn word(&mut self, at: usize) -> i32 {
        i32::from_le_bytes(self.memory()[at..at + 4].try_into().expect("four bytes"))
    }

    fn call(&mut self, name: &str, of: usize) -> i32 {
        let function = self.instance.get_typed_func::<i32, i32>(&self.store, name).expect("a function");
        function.call(&mut self.store, of as i32).expect("it does not trap")
    }

    fn batch(&mut self, name: &str, from: usize, count: usize, out: usize) -> i32 {
        let function = self.instance.get_typed_func::<(i32, i32, i32), i32>(&self.store, name).expect("a function");
        function.call(&mut self.store, (from as i32, count as i32, out as i32)).expect("it does not trap")
    }
}

#[test]
fn modules_answer_as_the_runtime_does() {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let (mut settled, mut left_open, mut refused, mut too_large) = (0, 0, 0, 0);
    for _ in 0..160 {
        let table = table(&mut dice);
        table.as_table().check().expect("a good table");
        let artifacts = match wasm(&table) {
            Ok(artifacts) => artifacts,
            Err(EmitError::TooLarge(what)) => {
                assert!(what.contains("leaves 128 bits"), "{what}");
                too_large += 1;
                continue;
            }
            Err(other) => panic!("{other}"),
        };
        assert_eq!(Ok(&artifacts), wasm(&table).as_ref(), "the same bytes");
        let row = Row::new(&table.kinds).expect("a row");
        let mut running = Running::new(&artifacts[0].bytes);
        let edges: Vec<Vec<i64>> = (0..table.kinds.len() as u32)
            .map(|of| {
                let here = table.tests.iter().filter_map(|test| match test {
                    Test::Interval { input, thresholds, .. } if *input == of => {
                        Some(&table.thresholds[thresholds.first as usize..(thresholds.first + thresholds.count) as usize])
                    }
                    _ => None,
                });
                here.flatten().copied().collect()
            })
            .collect();
        let mut known_rows: Vec<Vec<u8>> = Vec::new();
        for _ in 0..40 {
            let drawn: Vec<_> = table
                .kinds
                .iter()
                .zip(&row.fields)
                .zip(&edges)
                .map(|((kind, field), edges)| value(&mut dice, *kind, field.store, edges))
                .collect();
            let percent = dice.of(&[0, 0, 20, 60]);
            let unknown: Vec<bool> = drawn.iter().map(|_| dice.below(100) < percent).collect();
            let mut bytes = vec![0; row.bytes as usize];
            let mut outside = None;
            let values: Vec<Value<'_>> = drawn
                .iter()
                .zip(&table.kinds)
                .zip(&row.fields)
                .zip(&unknown)
                .enumerate()
                .map(|(number, ((((int, words, raw), kind), field), unknown))| {
                    bytes[field.offset as usize..][..raw.len()].copy_from_slice(raw);
                    match (kind, int) {
                        _ if *unknown => Value::Unknown,
                        (Kind::Bool, Some(2)) => {
                            outside = outside.or(Some(number as i32));
                            Value::Unknown
                        }
                        (Kind::Bool, Some(flag)) => Value::Bool(*flag == 1),
                        (Kind::Enum(_), Some(member)) => Value::Member(*member as u32),
                        (_, Some(int)) => Value::Int(*int),
                        (_, None) => Value::Set(words),
                    }
                })
                .collect();
            let (at, marks) = (running.at("row"), running.at("unknown"));
            running.memory()[at..at + bytes.len()].copy_from_slice(&bytes);
            for (number, unknown) in unknown.iter().enumerate() {
                running.memory()[marks + number] = u8::from(*unknown);
            }
            let found = running.call("classify", at);
            let reference = table.as_table();
            let (mut classes, mut bits) = (vec![0; reference.classes_len()], vec![0; reference.marks_len()]);
            let expected = reference.classify(&values, &mut classes);
            if outside.is_some() || expected.is_err() {
                assert!(found < 0, "{expected:?} {outside:?}: {values:?}");
                refused += 1;
                continue;
            }
            assert_eq!(found, 0, "{values:?}");
            for decision in 0..table.roots.len() as u32 {
                let open = reference.open(decision, &values, &classes, &mut bits).expect("a good table");
                assert_eq!(running.call("open", decision as usize), open.possible as i32);
                let possible = running.at("possible");
                let words = table.outcomes.len().div_ceil(64);
                let raw: Vec<u8> = bits[..words].iter().flat_map(|word| word.to_le_bytes()).collect();
                assert_eq!(running.memory()[possible..possible + raw.len()], raw);
                let (ask, exact, hangs) = (running.at("ask"), running.at("exact"), running.at("hangs"));
                assert_eq!(running.word(ask), open.ask.map_or(-1, u32::cast_signed));
                assert_eq!(running.word(exact), i32::from(open.exact));
                for input in 0..table.kinds.len() {
                    let asked = bits[words + input / 64] >> (input % 64) & 1;
                    assert_eq!(u64::from(running.memory()[hangs + input]), asked);
                }
                left_open += usize::from(open.possible > 1);
                if let (false, Some(outcome)) = (unknown.contains(&true), reference.decide(decision, &classes).expect("good")) {
                    assert_eq!(running.call(&format!("decide_{decision}"), at), outcome.cast_signed());
                    settled += 1;
                }
            }
            if !unknown.contains(&true) {
                known_rows.push(bytes);
            }
        }
        batches(&table, &row, &mut running, &known_rows);
    }
    assert!(settled > 1_000 && left_open > 500 && refused > 500, "{settled} {left_open} {refused}");
    assert!(too_large > 0, "polynomials beyond 128 bits are told");
}

/// Rows and columns of a batch come to what each case comes to by itself.
fn batches(table: &OwnedTable, row: &Row, running: &mut Running, rows: &[Vec<u8>]) {
    let (block, out, columns, most) = (running.at("block"), running.at("out"), running.at("columns"), running.at("block_rows"));
    let rows = &rows[..rows.len().min(most)];
    let at = running.at("row");
    for decision in 0..table.roots.len() {
        let alone: Vec<i32> = rows
            .iter()
            .map(|bytes| {
                running.memory()[at..at + bytes.len()].copy_from_slice(bytes);
                running.call(&format!("decide_{decision}"), at)
            })
            .collect();
        let refused = alone.iter().filter(|outcome| **outcome < 0).count() as i32;
        for (number, bytes) in rows.iter().enumerate() {
            let place = block + number * bytes.len();
            running.memory()[place..place + bytes.len()].copy_from_slice(bytes);
        }
        assert_eq!(running.batch(&format!("rows_{decision}"), block, rows.len(), out), refused);
        let found: Vec<i32> = (0..rows.len()).map(|number| running.word(out + 4 * number)).collect();
        assert_eq!(found, alone);
        for (input, field) in row.fields.iter().enumerate() {
            let (from, bytes) = (field.offset as usize, field.store.bytes() as usize);
            let start = running.word(columns + 4 * input).cast_unsigned() as usize;
            assert_eq!(start, block + from * most);
            for (number, row) in rows.iter().enumerate() {
                let place = start + number * bytes;
                running.memory()[place..place + bytes].copy_from_slice(&row[from..from + bytes]);
            }
        }
        assert_eq!(running.batch(&format!("columns_{decision}"), columns, rows.len(), out), refused);
        let found: Vec<i32> = (0..rows.len()).map(|number| running.word(out + 4 * number)).collect();
        assert_eq!(found, alone);
    }
}

/// Whatever stands in a table, it is written or refused; what is written is valid.
#[test]
fn altered_tables_never_panic() {
    let mut dice = Dice(0x2545_f491_4f6c_dd1d);
    let (mut written, mut refused) = (0, 0);
    for round in 0..400 {
        let mut table = table(&mut dice);
        for _ in 0..1 + dice.below(2) {
            alter(&mut table, &mut dice);
        }
        match wasm(&table) {
            Ok(artifacts) => {
                written += 1;
                if round % 8 == 0 {
                    wasmparser::Validator::new().validate_all(&artifacts[0].bytes).expect("a valid module");
                }
            }
            Err(_) => refused += 1,
        }
    }
    assert!(written > 20 && refused > 20, "{written} {refused}");
}

fn alter(table: &mut OwnedTable, dice: &mut Dice) {
    let word = dice.of(&[0, 1, 2, 63, 64, 1 << 30, NONE, LEAF, HEAD, HEAD | 1, LEAF | 2, 1_000_000]);
    let span = Span { first: dice.below(5) as u32, count: word };
    let pick = |dice: &mut Dice, length: usize| dice.below(length as u64) as usize;
    match dice.below(16) {
        0 if !table.nodes.is_empty() => {
            let at = pick(dice, table.nodes.len());
            table.nodes[at] = word;
        }
        1 => {
            let at = pick(dice, table.roots.len());
            table.roots[at] = word;
        }
        2 if !table.maps.is_empty() => {
            let at = pick(dice, table.maps.len());
            table.maps[at] = word;
        }
        3 if !table.thresholds.is_empty() => {
            let at = pick(dice, table.thresholds.len());
            table.thresholds[at] = dice.of(&[i64::MIN, i64::MAX, 0]);
        }
        4 if !table.factors.is_empty() => {
            let at = pick(dice, table.factors.len());
            table.factors[at] = word;
        }
        5 if !table.monomials.is_empty() => {
            let at = pick(dice, table.monomials.len());
            table.monomials[at] =
                Monomial { coefficient: dice.of(&[i128::MIN, i128::MAX, 0]), factors: table.monomials[at].factors };
        }
        6 => {
            let at = pick(dice, table.kinds.len());
            table.kinds[at] = dice.of(&[Kind::Bool, Kind::Enum(0), Kind::Set(u32::MAX), Kind::Int(5, -5), Kind::Enum(u32::MAX)]);
        }
        7 => {
            let at = pick(dice, table.tests.len());
            table.tests[at] = dice.of(&[
                Test::AtLeastZero { monomials: span, constant: i128::MAX },
                Test::Member { input: 0, classes: word, map: span },
                Test::Interval { input: 1, classes: word, thresholds: span, map: span },
                Test::Has { input: word, member: word },
                Test::Same { a: word, b: 0 },
                Test::Flag { input: word },
            ]);
        }
        8 => {
            let at = pick(dice, table.outcomes.len());
            let answers =
                [Answer::Set(span), Answer::Conflict(span), Answer::Member(word), Answer::Bool(true), Answer::Int(i64::MIN)];
            table.outcomes[at] = Outcome { answer: dice.of(&answers), rules: span };
        }
        9 => table.carriers.push(word),
        10 => {
            table.rules.pop();
        }
        11 => {
            table.inputs.pop();
        }
        12 => {
            table.decisions.pop();
        }
        13 => table.enums.truncate(3),
        14 => {
            let at = pick(dice, table.inputs.len());
            table.inputs[at].name = dice.of(&["__proto__", "in.0", "", "\"\n*/"]).into();
        }
        _ => table.vectors.push(crate::diagram::CheckVector { values: Vec::new(), outcomes: vec![word] }),
    }
}
