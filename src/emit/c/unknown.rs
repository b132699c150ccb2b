//! What unknown inputs leave open: the diagram itself, the classes of tests where they have one, and the search over both.

use lexport_runtime::{Kind, Test};

use super::super::plan::{Class, Plan, class_count, inputs};
use super::decide::{in_grid, in_width, wide};
use super::names::{Names, int};
use super::{array, rows};

pub(super) fn unknown(out: &mut String, plan: &Plan<'_>, names: &Names) {
    let (table, prefix) = (plan.table, &names.prefix);
    array(out, "uint32_t", &format!("{prefix}_roots"), table.roots.iter().map(u32::to_string));
    array(out, "uint32_t", &format!("{prefix}_nodes"), table.nodes.iter().map(u32::to_string));
    let mut read = Vec::new();
    let mut tests = Vec::new();
    for test in &table.tests {
        let own = inputs(table, *test);
        let free = matches!(test, Test::Same { .. } | Test::AtLeastZero { .. });
        tests.push(format!("{}, {}, {}, {}", class_count(*test), read.len(), own.len(), u8::from(free)));
        read.extend(own);
    }
    *out += &names.own(
        "\n/* Of a test: its classes, the inputs that it reads (in lexport_read), and whether its classes are not all the cases that there are. */\n\
         typedef struct lexport_test {\n    uint32_t classes;\n    uint32_t first;\n    uint32_t count;\n    uint32_t free;\n\
         } lexport_test;\n\n#define LEXPORT_UNSETTLED UINT32_MAX\n\n",
    );
    if tests.is_empty() {
        tests.push("0, 0, 0, 0".to_owned());
    }
    rows(out, &format!("{prefix}_test"), &format!("{prefix}_tests"), &tests);
    array(out, "uint32_t", &format!("{prefix}_read"), read.iter().map(u32::to_string));
    out.push('\n');
    signs(out, plan, names);
    *out += &names.own(
        "/* The class of every test, of values that are in their domains. */\n\
         static void lexport_classify(const lexport_inputs *in, const uint8_t *unknown, uint32_t *classes)\n{\n",
    );
    if plan.tests.is_empty() {
        *out += "    (void)in;\n    (void)unknown;\n    classes[0] = 0;\n";
    }
    let mut first = 0;
    for (number, class) in plan.tests.iter().enumerate() {
        let unsettled = |input: &u32| format!("{prefix}_is_unknown(unknown, {input})");
        if let Class::Sign { constant, terms, .. } = class {
            let (hi, lo) = wide(*constant);
            *out += &format!(
                "    classes[{number}] = {prefix}_sign({first}, {}, {prefix}_wide_parts(UINT64_C({hi}), UINT64_C({lo})), in, unknown);\n",
                terms.len()
            );
            first += terms.len();
            continue;
        }
        let without = match class {
            // A guard refuses other values; there is only one thing that the input can be.
            Class::Member { .. } if class_count(table.tests[number]) == 1 => "0".to_owned(),
            _ => names.own("LEXPORT_UNSETTLED"),
        };
        let open: Vec<String> = inputs(table, table.tests[number]).iter().map(unsettled).collect();
        *out += &format!("    classes[{number}] = {} ? {without} : {};\n", open.join(" || "), known(plan, names, class));
    }
    *out += "}\n\n";
    *out += &names.own(include_str!("open.h"));
    out.push('\n');
}

/// The class of a test that is no sum, of good values.
fn known(plan: &Plan<'_>, names: &Names, class: &Class) -> String {
    let prefix = &names.prefix;
    let field = |input: &u32| format!("in->{}", names.fields[*input as usize]);
    let counted = |array: &Option<usize>, count: String| match array {
        Some(array) => format!("{prefix}_a{array}[{count}]"),
        None => count,
    };
    match class {
        Class::Flag { input } => field(input),
        Class::Member { input, array, .. } => format!("{prefix}_a{array}[{}]", field(input)),
        Class::Direct { input, lo, array } => {
            format!("{prefix}_a{array}[(size_t)((uint64_t){} - UINT64_C({}))]", field(input), lo.cast_unsigned())
        }
        Class::Count { input, thresholds, array } => {
            let all: Vec<String> = thresholds.iter().map(|at| format!("(uint32_t)({} >= {})", field(input), int(*at))).collect();
            counted(array, if all.is_empty() { "0u".to_owned() } else { format!("({})", all.join(" + ")) })
        }
        Class::Even { input, even, array } => format!("{prefix}_a{array}[{}]", in_width(prefix, &field(input), even)),
        Class::Grid { input, first, end, shift, limits, classes, array } => {
            counted(array, in_grid(prefix, &field(input), (*first, *end, *shift), [*classes, *limits]))
        }
        Class::Search { input, thresholds, array } => {
            let many = plan.searched[*thresholds].len();
            counted(array, format!("{prefix}_reached({prefix}_s{thresholds}, {many}, {})", field(input)))
        }
        Class::Has { input, member } => format!("(uint32_t)({}[{}] >> {} & 1u)", field(input), member / 64, member % 64),
        Class::Same { a, b } => format!("(uint32_t)({} == {})", field(a), field(b)),
        Class::Sign { .. } => String::new(),
    }
}

/// The sums, for ranges of their values.
fn signs(out: &mut String, plan: &Plan<'_>, names: &Names) {
    let (table, prefix) = (plan.table, &names.prefix);
    let (mut terms, mut factors) = (Vec::new(), Vec::new());
    for class in &plan.tests {
        if let Class::Sign { terms: all, .. } = class {
            for term in all {
                let (hi, lo) = wide(term.coefficient);
                terms.push(format!("UINT64_C({hi}), UINT64_C({lo}), {}, {}", factors.len(), term.factors.len()));
                factors.extend(term.factors.iter().copied());
            }
        }
    }
    if !plan.tests.iter().any(|class| matches!(class, Class::Sign { .. })) {
        return;
    }
    *out += &names.own(
        "/* A coefficient, in halves, times inputs (in lexport_factors). */\ntypedef struct lexport_term {\n    uint64_t hi;\n\
         \x20   uint64_t lo;\n    uint32_t first;\n    uint32_t count;\n} lexport_term;\n\n",
    );
    if terms.is_empty() {
        terms.push("0, 0, 0, 0".to_owned());
    }
    rows(out, &format!("{prefix}_term"), &format!("{prefix}_terms"), &terms);
    array(out, "uint32_t", &format!("{prefix}_factors"), factors.iter().map(u32::to_string));
    *out += &names.own(
        "\n/* The least and the greatest value that a number can have. */\nstatic void lexport_number_range(const lexport_inputs *in, \
         const uint8_t *unknown, uint32_t input, lexport_wide *ends)\n{\n    int64_t lo = 0, hi = 0;\n    switch (input) {\n",
    );
    let mut used = factors;
    used.sort_unstable();
    used.dedup();
    for input in used {
        let Kind::Int(lo, hi) = table.kinds[input as usize] else { continue };
        *out += &format!(
            "    case {input}:\n        lo = {};\n        hi = {};\n        if (!{prefix}_is_unknown(unknown, {input})) {{\n\
             \x20           lo = in->{field};\n            hi = lo;\n        }}\n        break;\n",
            int(lo),
            int(hi),
            field = names.fields[input as usize]
        );
    }
    *out += &names.own(
        "    default:\n        break;\n    }\n    ends[0] = lexport_wide_of(lo);\n    ends[1] = lexport_wide_of(hi);\n}\n\n",
    );
    *out += &names.own(include_str!("range.h"));
    out.push('\n');
}
