//! Straight-line code: for each decision the classes of its tests, then its look-ups.

use std::fmt::Write;

use lexport_runtime::bits::{self, Even};
use lexport_runtime::{Kind, NONE};

use super::super::plan::{Boxes, Class, Jump, Place, Plan, Term, Way};
use super::array;
use super::names::{Names, int};
use crate::diagram::BitSets;

/// The type of an array's entries; the highest value stands for [`NONE`].
fn entry(array: &[u32]) -> (&'static str, u32) {
    let most = array.iter().copied().filter(|it| *it != NONE).max().unwrap_or(0);
    match if array.contains(&NONE) { most.saturating_add(1) } else { most } {
        0..=0xff => ("uint8_t", 0xff),
        0x100..=0xffff => ("uint16_t", 0xffff),
        _ => ("uint32_t", NONE),
    }
}

pub(super) fn decide(out: &mut String, plan: &Plan<'_>, names: &Names) {
    for (at, values) in plan.arrays.iter().enumerate() {
        let (of, none) = entry(values);
        let name = format!("{}_a{at}", names.prefix);
        array(out, of, &name, values.iter().map(|value| if *value == NONE { none } else { *value }.to_string()));
    }
    for (at, thresholds) in plan.searched.iter().enumerate() {
        array(out, "int64_t", &format!("{}_s{at}", names.prefix), thresholds.iter().map(|it| int(*it)));
    }
    if plan.tests.iter().any(|test| matches!(test, Class::Grid { .. } | Class::Even { .. }))
        || places(plan.paths.iter().map(|path| &path.way)).any(|place| matches!(place, Place::Even { .. }))
    {
        *out += &names.own(
            "\n/* A value, raised to the least or lowered to the greatest. */\n\
             static int64_t lexport_clamped(int64_t value, int64_t least, int64_t most)\n{\n\
             \x20   const int64_t raised = value < least ? least : value;\n    return raised > most ? most : raised;\n}\n",
        );
    }
    if plan.tests.iter().any(|test| matches!(test, Class::Search { .. })) {
        *out += &names.own(
            "\n/* How many thresholds a value reaches: as many rounds for any value. */\n\
             static uint32_t lexport_reached(const int64_t *thresholds, uint32_t count, int64_t value)\n{\n    uint32_t base = 0;\n\
             \x20   while (count > 1) {\n        const uint32_t half = count / 2;\n\
             \x20       base += thresholds[base + half - 1] <= value ? half : 0;\n        count -= half;\n    }\n\
             \x20   return base + (thresholds[base] <= value ? 1u : 0u);\n}\n",
        );
    }
    out.push('\n');
    check(out, plan, names);
    for (path, function) in plan.paths.iter().zip(&names.functions) {
        *out += &names.own(&format!("LEXPORT_API int32_t lexport_decide_{function}(const lexport_inputs *in)\n{{\n"));
        if let Way::Always(outcome) = path.way {
            *out += &format!("    (void)in;\n    return {outcome};\n}}\n\n");
        } else {
            classes(out, plan, names, &path.tests, &path.inputs, [&path.way]);
            *out += "    uint32_t at, state;\n";
            refuse(out, names);
            let outcome = look_ups(out, names, &path.way);
            *out += &format!("    return {outcome};\n}}\n\n");
        }
        *out += &names.own(&format!(
            "LEXPORT_API size_t lexport_batch_{function}(const lexport_inputs *in, size_t count, int32_t *outcomes)\n{{\n\
             \x20   size_t at, refused = 0;\n    for (at = 0; at < count; at++) {{\n\
             \x20       outcomes[at] = lexport_decide_{function}(&in[at]);\n        refused += outcomes[at] < 0 ? 1u : 0u;\n    }}\n\
             \x20   return refused;\n}}\n\n"
        ));
    }
    all(out, plan, names);
}

/// When an input is outside its domain; nothing if its type has no such value.
fn outside(plan: &Plan<'_>, names: &Names, input: u32) -> Option<String> {
    let field = format!("in->{}", names.fields[input as usize]);
    Some(match plan.table.kinds[input as usize] {
        Kind::Bool => format!("{field} > 1u"),
        Kind::Enum(size) => format!("{field} >= {size}u"),
        Kind::Set(size) if size % 64 != 0 => format!("{field}[{}] >> {} != 0", size / 64, size % 64),
        Kind::Set(_) | Kind::Int(i64::MIN, i64::MAX) => return None,
        Kind::Int(lo, hi) => {
            let (first, most) = (lo.cast_unsigned(), hi.wrapping_sub(lo).cast_unsigned());
            format!("(uint64_t){field} - UINT64_C({first}) > UINT64_C({most})")
        }
    })
}

/// A function that names the first input that is outside its domain, unknown ones left out.
fn check(out: &mut String, plan: &Plan<'_>, names: &Names) {
    *out += &names.own(
        "static uint8_t lexport_is_unknown(const uint8_t *unknown, uint32_t input)\n{\n\
         \x20   return unknown != NULL && unknown[input] != 0 ? 1 : 0;\n}\n\n\
         static int32_t lexport_check_known(const lexport_inputs *in, const uint8_t *unknown)\n{\n",
    );
    let mut any = false;
    for number in 0..plan.table.inputs.len() as u32 {
        let mut wrong: Vec<String> = outside(plan, names, number).into_iter().collect();
        for class in &plan.tests {
            if let Class::Member { input, array, guards: true } = class
                && *input == number
            {
                let (_, none) = entry(&plan.arrays[*array]);
                wrong.push(format!("{}_a{array}[in->{}] == {none}u", names.prefix, names.fields[number as usize]));
            }
        }
        wrong.dedup();
        if !wrong.is_empty() {
            any = true;
            let _ = writeln!(
                out,
                "    if (!{}_is_unknown(unknown, {number}) && ({})) {{\n        return -{};\n    }}",
                names.prefix,
                wrong.join(" || "),
                number + 1
            );
        }
    }
    if !any {
        *out += &names.own("    (void)in;\n    (void)unknown;\n    (void)lexport_is_unknown;\n");
    }
    *out += &names.own(
        "    return 0;\n}\n\nLEXPORT_API int32_t lexport_check(const lexport_inputs *in)\n{\n\
         \x20   return lexport_check_known(in, NULL);\n}\n\nLEXPORT_API int32_t lexport_bad_input(int32_t result)\n{\n\
         \x20   return result < 0 && result != LEXPORT_NO_DECISION ? -1 - result : -1;\n}\n\n",
    );
}

/// The places that bit sets are read at.
fn places<'p>(ways: impl IntoIterator<Item = &'p Way>) -> impl Iterator<Item = Place> {
    ways.into_iter().filter_map(|way| if let Way::Boxes(of) = way { Some(of.places()) } else { None }).flatten()
}

/// The values of inputs as `v0`, `v1`, …; the classes of tests as `t0`, `t1`, …; `bad` is 0 if every input is in its domain. `ways`: what is looked up
/// with them.
fn classes<'p>(
    out: &mut String,
    plan: &Plan<'_>,
    names: &Names,
    tests: &[u32],
    inputs: &[u32],
    ways: impl IntoIterator<Item = &'p Way>,
) {
    let mut read: Vec<u32> = Vec::new();
    for place in places(ways) {
        if let Place::Value { input, .. } | Place::Even { input, .. } = place {
            read.push(input);
        }
    }
    for test in tests {
        read.extend(super::super::plan::inputs(plan.table, plan.table.tests[*test as usize]));
    }
    for input in inputs {
        let field = format!("in->{}", names.fields[*input as usize]);
        if !read.contains(input) {
            continue;
        }
        match plan.table.kinds[*input as usize] {
            Kind::Bool => *out += &format!("    const uint32_t v{input} = {field};\n"),
            // A member that there is not may stand for the first one: the row is refused.
            Kind::Enum(size) => *out += &format!("    const uint32_t v{input} = {field} < {size}u ? {field} : 0u;\n"),
            Kind::Int(..) => *out += &format!("    const int64_t v{input} = {field};\n"),
            Kind::Set(_) => {}
        }
    }
    let mut bad: Vec<String> = inputs.iter().filter_map(|input| outside(plan, names, *input)).collect();
    for test in tests {
        *out += &format!("    const uint32_t t{test} = {};\n", class(plan, names, *test));
        if let Class::Member { array, guards: true, .. } = &plan.tests[*test as usize] {
            bad.push(format!("t{test} == {}u", entry(&plan.arrays[*array]).1));
        }
    }
    let bad = if bad.is_empty() {
        "0".to_owned()
    } else {
        bad.iter().map(|it| format!("(uint32_t)({it})")).collect::<Vec<_>>().join("\n        | ")
    };
    *out += &format!("    const uint32_t bad = {bad};\n");
}

fn class(plan: &Plan<'_>, names: &Names, test: u32) -> String {
    let prefix = &names.prefix;
    let counted = |array: &Option<usize>, count: String| match array {
        Some(array) => format!("{prefix}_a{array}[{count}]"),
        None => count,
    };
    match &plan.tests[test as usize] {
        Class::Flag { input } => format!("v{input}"),
        Class::Member { input, array, .. } => format!("{prefix}_a{array}[v{input}]"),
        Class::Direct { input, lo, array } => {
            let (at, count) = (format!("(uint64_t)v{input} - UINT64_C({})", lo.cast_unsigned()), plan.arrays[*array].len());
            format!("{prefix}_a{array}[{at} < {count}u ? (size_t)({at}) : 0u]")
        }
        Class::Count { input, thresholds, array } => {
            let count: Vec<String> = thresholds.iter().map(|at| format!("(uint32_t)(v{input} >= {})", int(*at))).collect();
            counted(array, if count.is_empty() { "0u".to_owned() } else { count.join(" + ") })
        }
        Class::Even { input, even, array } => format!("{prefix}_a{array}[{}]", in_width(prefix, &format!("v{input}"), even)),
        Class::Grid { input, first, end, shift, limits, classes, array } => {
            counted(array, in_grid(prefix, &format!("v{input}"), (*first, *end, *shift), [*classes, *limits]))
        }
        Class::Search { input, thresholds, array } => {
            let count = plan.searched[*thresholds].len();
            counted(array, format!("{prefix}_reached({prefix}_s{thresholds}, {count}, v{input})"))
        }
        Class::Has { input, member } => {
            format!("(uint32_t)(in->{}[{}] >> {} & 1u)", names.fields[*input as usize], member / 64, member % 64)
        }
        Class::Same { a, b } => format!("(uint32_t)(v{a} == v{b})"),
        Class::Sign { constant, terms, wide: false } => narrow_sign(*constant, terms),
        Class::Sign { constant, terms, wide: true } => wide_sign(prefix, *constant, terms),
    }
}

/// The width of evenly spaced thresholds that a value lies in: neither factor has more than 32 bits.
pub(super) fn in_width(prefix: &str, value: &str, even: &Even) -> String {
    let Even { first, end, twos, factor, shift, .. } = *even;
    let from =
        format!("((uint64_t){prefix}_clamped({value}, {}, {}) - UINT64_C({}))", int(first), int(end), first.cast_unsigned());
    format!("(({from} >> {twos}) * UINT64_C({factor}) >> {shift})")
}

/// The class of a value by a grid from `first` to `end` with cells of `1 << shift`.
pub(super) fn in_grid(prefix: &str, value: &str, (first, end, shift): (i64, i64, u32), [classes, limits]: [usize; 2]) -> String {
    let value = format!("{prefix}_clamped({value}, {}, {})", int(first), int(end));
    let cell = format!("(((uint64_t){value} - UINT64_C({})) >> {shift})", first.cast_unsigned());
    format!("({prefix}_a{classes}[{cell}] + (uint32_t)({value} >= {prefix}_s{limits}[{cell}]))")
}

/// Whether a sum is zero or more, in 64 bits. Unsigned, because rows that are refused may leave them.
fn narrow_sign(constant: i128, terms: &[Term]) -> String {
    let mut sum = format!("UINT64_C({})", constant as u64);
    for term in terms {
        let sign = if term.coefficient < 0 { '-' } else { '+' };
        sum += &format!(" {sign} UINT64_C({})", term.coefficient.unsigned_abs());
        term.factors.iter().for_each(|factor| sum += &format!(" * (uint64_t)v{factor}"));
    }
    format!("(uint32_t)(~({sum}) >> 63)")
}

/// A constant of 128 bits.
pub(super) fn wide(value: i128) -> (u64, u64) {
    ((value >> 64) as u64, value as u64)
}

fn wide_sign(prefix: &str, constant: i128, terms: &[Term]) -> String {
    let parts = |value: i128| {
        let (hi, lo) = wide(value);
        format!("{prefix}_wide_parts(UINT64_C({hi}), UINT64_C({lo}))")
    };
    let mut sum = parts(constant);
    for term in terms {
        let mut product = parts(term.coefficient);
        for factor in &term.factors {
            product = format!("{prefix}_wide_times({product}, {prefix}_wide_of(v{factor}))");
        }
        sum = format!("{prefix}_wide_plus({sum}, {product})");
    }
    format!("{prefix}_wide_not_negative({sum})")
}

fn refuse(out: &mut String, names: &Names) {
    *out += &names.own("    if (bad != 0) {\n        return lexport_check(in);\n    }\n");
}

/// The look-ups of a decision; what its outcome is afterwards.
fn look_ups(out: &mut String, names: &Names, way: &Way) -> String {
    match way {
        Way::Always(outcome) => return outcome.to_string(),
        Way::Jumps(all) => jumps(out, names, all),
        Way::Boxes(of) => boxes(out, names, of),
    }
    "(int32_t)state".to_owned()
}

/// Which boxes hold the case, and what they come to.
fn boxes(out: &mut String, names: &Names, of: &Boxes) {
    let prefix = &names.prefix;
    let place = |place: Place| match place {
        Place::Class(test) => format!("t{test}"),
        Place::Value { input, lo: 0 } => format!("(uint32_t)v{input}"),
        Place::Value { input, lo } => format!("(uint32_t)((uint64_t)v{input} - UINT64_C({}))", lo.cast_unsigned()),
        Place::Even { input, even } => format!("(uint32_t){}", in_width(prefix, &format!("v{input}"), &even)),
    };
    let bucket = match of.choosers {
        [None, None] => "0u".to_owned(),
        [Some(one), None] | [None, Some(one)] => place(one),
        [Some(one), Some(other)] => format!("{}u * {} + {}", of.second, place(one), place(other)),
    };
    let words = of
        .tests
        .iter()
        .map(|(test, at)| format!("(uint32_t){prefix}_a{}[{}u * at + {at}u + {}]", of.sets, of.stride, place(*test)));
    let words: Vec<String> = words.chain([format!("{}u", BitSets::ALL)]).collect();
    let [one, other] = bits::FACTORS;
    *out += &match of.buckets {
        Some(array) => format!("    at = {prefix}_a{array}[{bucket}];\n"),
        None => format!("    at = {bucket};\n"),
    };
    *out += &format!("    state = {};\n", words.join("\n        & "));
    *out += &format!("    state = (state | at << 16) * UINT32_C({one});\n    state ^= state >> 15;\n");
    *out += &format!("    at = {prefix}_a{}[state & {}u];\n", of.seeds, of.mask);
    *out += &format!("    at = ((state ^ at) * UINT32_C({other})) >> {};\n", of.shift);
    *out += &format!("    state = {prefix}_a{}[at];\n", of.slots);
}

fn jumps(out: &mut String, names: &Names, jumps: &[Jump]) {
    let prefix = &names.prefix;
    for (number, jump) in jumps.iter().enumerate() {
        let times = |(test, stride): &(u32, u32)| if *stride == 1 { format!("t{test}") } else { format!("{stride}u * t{test}") };
        let parts: Vec<String> = jump.parts.iter().map(times).collect();
        *out += &format!("    at = {};\n", parts.join(" + "));
        if let Some(columns) = jump.columns {
            *out += &format!("    at = {prefix}_a{columns}[at];\n");
        }
        let from = if number == 0 { "at" } else { "state + at" };
        *out += &format!("    state = {prefix}_a{}[{from}];\n", jump.next);
    }
}

/// By number, and all at once.
fn all(out: &mut String, plan: &Plan<'_>, names: &Names) {
    *out += &names
        .own("LEXPORT_API int32_t lexport_decide(uint32_t decision, const lexport_inputs *in)\n{\n    switch (decision) {\n");
    for (number, function) in names.functions.iter().enumerate() {
        *out += &names.own(&format!("    case {number}:\n        return lexport_decide_{function}(in);\n"));
    }
    *out += &names.own(
        "    default:\n        return LEXPORT_NO_DECISION;\n    }\n}\n\nLEXPORT_API int32_t lexport_decide_all(const lexport_inputs *in, \
         int32_t outcomes[LEXPORT_DECISION_COUNT])\n{\n",
    );
    let mut tests: Vec<u32> = plan.paths.iter().flat_map(|path| path.tests.iter().copied()).collect();
    tests.sort_unstable();
    tests.dedup();
    let every: Vec<u32> = (0..plan.table.inputs.len() as u32).collect();
    classes(out, plan, names, &tests, &every, plan.paths.iter().map(|path| &path.way));
    let looks = plan.paths.iter().any(|path| !matches!(path.way, Way::Always(_)));
    if looks {
        *out += "    uint32_t at, state;\n";
    }
    refuse(out, names);
    for (number, path) in plan.paths.iter().enumerate() {
        let outcome = look_ups(out, names, &path.way);
        *out += &format!("    outcomes[{number}] = {outcome};\n");
    }
    *out += "    return 0;\n}\n\n";
}
