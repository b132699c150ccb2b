//! The module `fast` of the emitted Rust: rows as a type of their own, and a function for each decision in straight-line code.
//!
//! In: a [`Plan`]. Out: text of Rust that needs no more than `core`, has no `unsafe` and cannot panic: every look-up is checked, though
//! none can fail.

use std::collections::BTreeSet;
use std::fmt::Write;

use lexport_runtime::bits::{self, Even};
use lexport_runtime::{Kind, NONE};

use super::super::domain::described;
use super::super::plan::{Boxes, Class, Jump, Place, Plan, Term, Way};
use super::super::text::{constants, identifier};
use super::{KEYWORDS, comment, module_name};
use crate::diagram::BitSets;
use crate::ir::Domain;

/// The names of a row.
struct Names {
    /// By input.
    fields: Vec<String>,
    /// By enumeration; empty where no input has a member of it.
    types: Vec<String>,
    /// By decision.
    functions: Vec<String>,
}

/// The module.
pub(super) fn fast(out: &mut String, plan: &Plan<'_>) {
    let names = Names::new(plan);
    *out += "/// Straight-line code for cases in which all is known: a row as a type of its own, and a function for each decision. It answers\n\
             /// as `TABLE` does. A function looks at the inputs that its decision can hang on, and refuses what is outside their domains.\n\
             #[allow(dead_code, reason = \"a program uses what it needs\")]\npub mod fast {\n    use super::runtime::{TableError, Value};\n\n";
    let mut inner = String::new();
    enumerations(&mut inner, plan, &names);
    row(&mut inner, plan, &names);
    decisions(&mut inner, plan, &names);
    arrays(&mut inner, plan);
    for line in inner.trim_end().lines() {
        *out += if line.is_empty() { "" } else { "    " };
        *out += line;
        out.push('\n');
    }
    *out += "}\n\n";
}

/// The test of it: the check vectors.
pub(super) fn test(out: &mut String, plan: &Plan<'_>) {
    let names = Names::new(plan);
    *out += "    #[test]\n    fn fast_code_answers_the_check_vectors() {\n        for (values, outcomes) in VECTORS {\n\
             \x20           let row = super::fast::Row::from_values(values).unwrap();\n\
             \x20           assert_eq!(row.check(), Ok(()));\n\
             \x20           assert_eq!(super::fast::all(&row).as_ref().map(|all| &all[..]), Ok(*outcomes), \"{values:?}\");\n";
    for (at, function) in names.functions.iter().enumerate() {
        let _ = writeln!(out, "            assert_eq!(super::fast::{function}(&row), Ok(outcomes[{at}]), \"{{values:?}}\");");
    }
    *out += "        }\n    }\n";
}

impl Names {
    fn new(plan: &Plan<'_>) -> Names {
        let table = plan.table;
        let mut taken: BTreeSet<String> = ["Row", "Self", "TableError", "Value"].map(str::to_owned).into();
        let of_inputs = |at: usize| table.inputs.iter().any(|it| matches!(&it.domain, Domain::Enum(id) if id.index() == at));
        let types = (0..table.enums.len()).map(|at| {
            if !of_inputs(at) {
                return String::new();
            }
            let base = camel(&table.enums[at].name);
            let mut unique = base.clone();
            let mut number = 1;
            while !taken.insert(unique.clone()) {
                number += 1;
                unique = format!("{base}{number}");
            }
            unique
        });
        let types = types.collect();
        let fields = constants(table.inputs.iter().map(|it| it.name.as_str())).iter().map(|it| module_name(it)).collect();
        // `all` is taken.
        let decisions = ["all"].into_iter().chain(table.decisions.iter().map(|it| it.name.as_str()));
        let functions = constants(decisions).iter().skip(1).map(|it| module_name(it)).collect();
        Names { fields, types, functions }
    }
}

/// `data_center.validated` as `DataCenterValidated`.
fn camel(name: &str) -> String {
    let mut out = String::new();
    for word in identifier(name).split('_').filter(|word| !word.is_empty()) {
        let mut letters = word.chars();
        out.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        out.push_str(letters.as_str());
    }
    if out.is_empty() || out.starts_with(|c: char| c.is_ascii_digit()) || KEYWORDS.contains(&out.as_str()) {
        out.insert_str(0, "Of");
    }
    out
}

/// The narrowest type of so many values.
fn narrow(most: u32) -> &'static str {
    match most {
        0..=0xff => "u8",
        0x100..=0xffff => "u16",
        _ => "u32",
    }
}

/// The type of an array's entries; the highest value stands for [`NONE`].
fn entry(array: &[u32]) -> &'static str {
    let most = array.iter().copied().filter(|it| *it != NONE).max().unwrap_or(0);
    narrow(if array.contains(&NONE) { most.saturating_add(1) } else { most })
}

fn enumerations(out: &mut String, plan: &Plan<'_>, names: &Names) {
    for (def, name) in plan.table.enums.iter().zip(&names.types).filter(|(_, name)| !name.is_empty()) {
        let repr = narrow(def.size().saturating_sub(1));
        *out += &format!(
            "/// A member of {}.\n#[allow(non_camel_case_types, reason = \"names are those of the regime\")]\n#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]\n#[repr({repr})]\n\
             pub enum {name} {{\n",
            comment(&def.name)
        );
        let variants = constants(def.members.iter().map(|member| member.name.as_str()));
        for (member, variant) in def.members.iter().zip(&variants) {
            let label = if member.label.is_empty() { &member.name } else { &member.label };
            *out += &format!("    /// {}\n    {variant},\n", comment(label));
        }
        *out += &format!(
            "}}\n\nimpl {name} {{\n    /// All members, by number.\n    pub fn all() -> &'static [{name}] {{\n        static ALL: \
             [{name}; {}] = [\n",
            variants.len()
        );
        for line in variants.chunks(8) {
            let line: Vec<String> = line.iter().map(|variant| format!("{name}::{variant}")).collect();
            *out += &format!("            {},\n", line.join(", "));
        }
        *out += &format!(
            "        ];\n        &ALL\n    }}\n\n    /// The member of a number.\n    pub fn from_number(number: u32) -> Option<{name}> \
             {{\n        Self::all().get(number as usize).copied()\n    }}\n\n    /// Its number.\n    pub const fn number(self) -> u32 \
             {{\n        self as u32\n    }}\n}}\n\n"
        );
    }
}

fn row(out: &mut String, plan: &Plan<'_>, names: &Names) {
    let table = plan.table;
    let inputs = || table.inputs.iter().zip(&table.kinds).zip(&names.fields).enumerate();
    *out += "/// A case in which all is known.\n#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]\npub struct Row {\n";
    for (_, ((input, kind), field)) in inputs() {
        let of = match (kind, &input.domain) {
            (Kind::Enum(_), Domain::Enum(id)) => names.types[id.index()].clone(),
            (Kind::Set(size), _) => format!("[u64; {}]", size.div_ceil(64)),
            (Kind::Int(..), _) => "i64".to_owned(),
            _ => "bool".to_owned(),
        };
        let mut words = described(table, &input.domain);
        if matches!(kind, Kind::Set(_)) {
            words += "; member `m` is bit `m % 64` of word `m / 64`";
        }
        *out += &format!("    /// {}: {}.\n    pub {field}: {of},\n", comment(&input.name), comment(&words));
    }
    *out += "}\n\nimpl Row {\n    /// The row of values as `TABLE` takes them; what is unknown or outside its domain is refused.\n    ///\n\
             \x20   /// # Errors\n    /// [`TableError::Inputs`] and [`TableError::Input`].\n\
             \x20   pub fn from_values(values: &[Value<'_>]) -> Result<Row, TableError> {\n";
    *out += &format!(
        "        if values.len() != {} {{\n            return Err(TableError::Inputs);\n        }}\n",
        table.inputs.len()
    );
    *out += "        let row = Row {\n";
    for (number, ((input, kind), field)) in inputs() {
        let refused = format!("return Err(TableError::Input({number}))");
        let found = match (kind, &input.domain) {
            (Kind::Enum(_), Domain::Enum(id)) => format!(
                "match values.get({number}) {{\n                Some(Value::Member(member)) => match {}::from_number(*member) {{\n\
                 \x20                   Some(member) => member,\n                    None => {refused},\n                }},\n",
                names.types[id.index()]
            ),
            (Kind::Set(size), _) => {
                let count = size.div_ceil(64);
                format!(
                    "match values.get({number}) {{\n                Some(Value::Set(words)) => {{\n\
                     \x20                   if words.iter().skip({count}).any(|word| *word != 0) {{\n                        {refused};\n\
                     \x20                   }}\n                    let mut set = [0; {count}];\n\
                     \x20                   set.iter_mut().zip(*words).for_each(|(word, from)| *word = *from);\n\
                     \x20                   set\n                }}\n"
                )
            }
            (Kind::Int(..), _) => format!("match values.get({number}) {{\n                Some(Value::Int(int)) => *int,\n"),
            _ => format!("match values.get({number}) {{\n                Some(Value::Bool(flag)) => *flag,\n"),
        };
        *out += &format!("            {field}: {found}                _ => {refused},\n            }},\n");
    }
    *out += "        };\n        row.check()?;\n        Ok(row)\n    }\n\n    /// Whether every input is in its domain, and the table good \
             for it.\n    ///\n    /// # Errors\n    /// [`TableError::Input`] with the first that is not.\n    pub fn check(&self) -> \
             Result<(), TableError> {\n";
    for (number, _) in table.inputs.iter().enumerate() {
        let mut wrong: Vec<String> = outside(plan, names, "self", number as u32).into_iter().collect();
        for class in &plan.tests {
            if let Class::Member { input, array, guards: true } = class
                && *input as usize == number
            {
                let none = format!("{}::MAX", entry(&plan.arrays[*array]));
                wrong.push(format!("A{array}.get(self.{} as usize).is_none_or(|class| *class == {none})", names.fields[number]));
            }
        }
        wrong.dedup();
        if !wrong.is_empty() {
            *out += &format!(
                "        if {} {{\n            return Err(TableError::Input({number}));\n        }}\n",
                wrong.join(" || ")
            );
        }
    }
    *out += "        Ok(())\n    }\n}\n\n";
}

/// When an input is outside its domain; nothing if its type has no such value.
fn outside(plan: &Plan<'_>, names: &Names, row: &str, input: u32) -> Option<String> {
    let field = &names.fields[input as usize];
    match plan.table.kinds[input as usize] {
        Kind::Int(i64::MIN, i64::MAX) => None,
        Kind::Int(lo, hi) => Some(format!("!({lo}..={hi}).contains(&{row}.{field})")),
        Kind::Set(size) if size % 64 != 0 => Some(format!("{row}.{field}[{}] >> {} != 0", size / 64, size % 64)),
        Kind::Bool | Kind::Enum(_) | Kind::Set(_) => None,
    }
}

fn decisions(out: &mut String, plan: &Plan<'_>, names: &Names) {
    *out += "/// The error of a row that was refused.\n#[cold]\n#[inline(never)]\nfn refused(row: &Row) -> TableError {\n\
             \x20   row.check().err().unwrap_or(TableError::Inputs)\n}\n\n";
    for (path, (decision, function)) in plan.paths.iter().zip(plan.table.decisions.iter().zip(&names.functions)) {
        *out += &format!(
            "/// The outcome of {}: {}. A number in `TABLE.outcomes`.\n",
            comment(&decision.name),
            comment(if decision.title.is_empty() { "a decision" } else { &decision.title })
        );
        *out += "///\n/// # Errors\n/// [`TableError::Input`] if an input that the decision can hang on is outside its domain.\n";
        let row = if matches!(path.way, Way::Always(_)) { "_row" } else { "row" };
        *out += &format!("pub fn {function}({row}: &Row) -> Result<u32, TableError> {{\n");
        classes(out, plan, names, &path.tests, &path.inputs);
        let outcome = look_ups(out, plan, names, &path.way);
        *out += &format!("    Ok({outcome})\n}}\n\n");
    }
    let mut tests: Vec<u32> = plan.paths.iter().flat_map(|path| path.tests.iter().copied()).collect();
    tests.sort_unstable();
    tests.dedup();
    *out += &format!(
        "/// The outcomes of all decisions, in the order of `decision`; what they have in common is found once.\n///\n/// # Errors\n\
         /// [`TableError::Input`] if an input is outside its domain.\npub fn all(row: &Row) -> Result<[u32; {}], TableError> {{\n",
        plan.paths.len()
    );
    let every: Vec<u32> = (0..plan.table.inputs.len() as u32).collect();
    let begin = out.len();
    classes(out, plan, names, &tests, &every);
    if !out[begin..].contains("row") {
        *out += "    let _ = row;\n";
    }
    for (at, path) in plan.paths.iter().enumerate() {
        let outcome = look_ups(out, plan, names, &path.way);
        *out += &format!("    let outcome_{at} = {outcome};\n");
    }
    let all: Vec<String> = (0..plan.paths.len()).map(|at| format!("outcome_{at}")).collect();
    *out += &format!("    Ok([{}])\n}}\n\n", all.join(", "));
    *out += &format!(
        "/// The functions of the decisions, by number.\npub static DECISIONS: [fn(&Row) -> Result<u32, TableError>; {}] = [{}];\n\n",
        names.functions.len(),
        names.functions.join(", ")
    );
}

/// The classes of tests as `t0`, `t1`, …, and a return where an input is outside its domain.
fn classes(out: &mut String, plan: &Plan<'_>, names: &Names, tests: &[u32], inputs: &[u32]) {
    let mut outside: Vec<String> = inputs.iter().filter_map(|input| outside(plan, names, "row", *input)).collect();
    if outside.len() > 1 {
        outside.iter_mut().filter(|it| !it.starts_with('!')).for_each(|it| *it = format!("({it})"));
    }
    let guards = |test: &u32| matches!(plan.tests[*test as usize], Class::Member { guards: true, .. });
    let guarded = tests.iter().any(guards);
    if !outside.is_empty() || guarded {
        let first = if outside.is_empty() { "false".to_owned() } else { outside.join("\n        | ") };
        *out += &format!("    let {}bad = {first};\n", if guarded { "mut " } else { "" });
    }
    let malformed = |test: u32| format!("return Err(TableError::Test({test}))");
    for test in tests {
        let field = |input: u32| format!("row.{}", names.fields[input as usize]);
        let get = |array: usize, at: &str| {
            format!("match A{array}.get({at}) {{\n        Some(class) => *class,\n        None => {},\n    }}", malformed(*test))
        };
        let counted = |array: Option<usize>, count: String| match array {
            Some(array) => format!("usize::from({})", get(array, &count)),
            None => count,
        };
        let class = match &plan.tests[*test as usize] {
            Class::Flag { input } => format!("usize::from({})", field(*input)),
            Class::Member { input, array, guards } => {
                let found = get(*array, &format!("{} as usize", field(*input)));
                if *guards {
                    *out += &format!("    let class = {found};\n    bad |= class == {}::MAX;\n", entry(&plan.arrays[*array]));
                    "class as usize".to_owned()
                } else {
                    format!("({found}) as usize")
                }
            }
            Class::Direct { input, lo, array } => {
                // Outside of the domain any entry will do: the row is refused below.
                let at = format!("{}.wrapping_sub({lo}) as usize", field(*input));
                format!("A{array}.get({at}).copied().unwrap_or(0) as usize")
            }
            Class::Count { input, thresholds, array } => {
                let reached = |at: &i64| format!("usize::from({} >= {at})", field(*input));
                let count: Vec<String> = thresholds.iter().map(reached).collect();
                counted(*array, if count.is_empty() { "0".to_owned() } else { count.join(" + ") })
            }
            Class::Even { input, even, array } => {
                *out += &format!("    let width = {};\n", width(&field(*input), even));
                format!("({}) as usize", get(*array, "width"))
            }
            Class::Grid { input, first, end, shift, limits, classes, array } => {
                *out += &format!(
                    "    let value = {}.clamp({first}, {end});\n    let cell = (value.wrapping_sub({first}).cast_unsigned() >> {shift}) as usize;\n",
                    field(*input)
                );
                let reached = format!("usize::from(S{limits}.get(cell).is_some_and(|limit| value >= *limit))");
                counted(*array, format!("A{classes}.get(cell).map_or(0, |class| *class as usize) + {reached}"))
            }
            Class::Search { input, thresholds, array } => {
                counted(*array, format!("S{thresholds}.partition_point(|at| *at <= {})", field(*input)))
            }
            Class::Has { input, member } => {
                format!("({}[{}] >> {} & 1) as usize", field(*input), member / 64, member % 64)
            }
            Class::Same { a, b } => format!("usize::from({} == {})", field(*a), field(*b)),
            Class::Sign { constant, terms, wide } => sign(*constant, terms, *wide, &field),
        };
        *out += &format!("    let t{test} = {class};\n");
    }
    if !outside.is_empty() || guarded {
        *out += "    if bad {\n        return Err(refused(row));\n    }\n";
    }
}

/// The width of evenly spaced thresholds that a value lies in: neither factor has more than 32 bits.
fn width(value: &str, even: &Even) -> String {
    let Even { first, end, twos, factor, shift, .. } = even;
    format!(
        "(u64::from(({value}.clamp({first}, {end}).wrapping_sub({first}).cast_unsigned() >> {twos}) as u32) * {factor} >> {shift}) as usize"
    )
}

/// Whether a sum is zero or more. It stays within its bits for all values of the domains; others are refused afterwards.
fn sign(constant: i128, terms: &[Term], wide: bool, field: &impl Fn(u32) -> String) -> String {
    let of = if wide { "i128" } else { "i64" };
    let mut sum = format!("({constant}_{of})");
    for term in terms {
        let mut product = format!("({}_{of})", term.coefficient);
        for factor in &term.factors {
            let value = if wide { format!("i128::from({})", field(*factor)) } else { field(*factor) };
            product += &format!(".wrapping_mul({value})");
        }
        sum += &format!(".wrapping_add({product})");
    }
    format!("usize::from({sum} >= 0)")
}

/// The look-ups of a decision; where its outcome is afterwards.
fn look_ups(out: &mut String, plan: &Plan<'_>, names: &Names, way: &Way) -> String {
    match way {
        Way::Always(outcome) => return outcome.to_string(),
        Way::Jumps(all) => jumps(out, all),
        Way::Boxes(of) => boxes(out, plan, names, of),
    }
    "state as u32".to_owned()
}

/// Which boxes hold the case, and what they come to.
fn boxes(out: &mut String, plan: &Plan<'_>, names: &Names, of: &Boxes) {
    let place = |place: Place| {
        let field = |input: u32| format!("row.{}", names.fields[input as usize]);
        match place {
            Place::Class(test) => format!("t{test}"),
            Place::Value { input, lo } => match plan.table.kinds[input as usize] {
                Kind::Bool => format!("usize::from({})", field(input)),
                Kind::Int(..) if lo != 0 => format!("{}.wrapping_sub({lo}) as usize", field(input)),
                _ => format!("{} as usize", field(input)),
            },
            Place::Even { input, even } => width(&field(input), &even),
        }
    };
    let get = |array: usize, at: &str| {
        format!(
            "match A{array}.get({at}) {{\n        Some(it) => u32::from(*it),\n        None => return Err(TableError::Inputs),\n    }}"
        )
    };
    let bucket = match of.choosers {
        [None, None] => "0".to_owned(),
        [Some(one), None] | [None, Some(one)] => place(one),
        [Some(one), Some(other)] => format!("{} * ({}) + ({})", of.second, place(one), place(other)),
    };
    *out += &match of.buckets {
        Some(array) => format!("    let bucket = {};\n", get(array, &bucket)),
        None => format!("    let chosen = {bucket};\n    let bucket = chosen as u32;\n"),
    };
    *out += &format!("    let first = {} * bucket as usize;\n", of.stride);
    // A slice once, so that one check is enough for all words of a bucket.
    let all = entry(&plan.arrays[of.sets]);
    *out += &format!(
        "    let words: &[{all}; {}] = match A{}.get(first..first + {}).and_then(|words| words.try_into().ok()) {{\n\
         \x20       Some(words) => words,\n        None => return Err(TableError::Inputs),\n    }};\n",
        of.stride, of.sets, of.stride
    );
    let mut words: Vec<String> = of
        .tests
        .iter()
        .map(|(test, at)| format!("words.get({at} + ({})).map_or(0, |it| u32::from(*it))", place(*test)))
        .collect();
    words.push(BitSets::ALL.to_string());
    *out += &format!("    let boxes = {};\n", words.join("\n        & "));
    let [one, other] = bits::FACTORS;
    *out += &format!("    let hash = (boxes | bucket << 16).wrapping_mul({one});\n    let hash = hash ^ hash >> 15;\n");
    *out += &format!("    let seed = {};\n", get(of.seeds, &format!("(hash & {}) as usize", of.mask)));
    *out += &format!("    let slot = (hash ^ seed).wrapping_mul({other}) >> {};\n", of.shift);
    *out += &format!("    let state = {};\n", get(of.slots, "slot as usize"));
}

/// Look-ups that wait for one another, which leave `state`.
fn jumps(out: &mut String, jumps: &[Jump]) {
    for (at, jump) in jumps.iter().enumerate() {
        let times = |(test, stride): &(u32, u32)| if *stride == 1 { format!("t{test}") } else { format!("{stride} * t{test}") };
        let parts: Vec<String> = jump.parts.iter().map(times).collect();
        *out += &format!("    let at = {};\n", parts.join(" + "));
        let get = |array: usize, at: &str| {
            format!(
                "match A{array}.get({at}) {{\n        Some(at) => *at as usize,\n        None => return Err(TableError::Inputs),\n    }}"
            )
        };
        if let Some(columns) = jump.columns {
            *out += &format!("    let at = {};\n", get(columns, "at"));
        }
        *out += &format!("    let state = {};\n", get(jump.next, if at == 0 { "at" } else { "state + at" }));
    }
}

fn arrays(out: &mut String, plan: &Plan<'_>) {
    for (at, array) in plan.arrays.iter().enumerate() {
        let of = entry(array);
        let none = |value: &u32| if *value == NONE { format!("{of}::MAX") } else { value.to_string() };
        *out += &format!("static A{at}: [{of}; {}] = [\n", array.len());
        for line in array.chunks(24) {
            *out += &format!("    {},\n", line.iter().map(none).collect::<Vec<_>>().join(", "));
        }
        *out += "];\n";
    }
    for (at, thresholds) in plan.searched.iter().enumerate() {
        let list: Vec<String> = thresholds.iter().map(i64::to_string).collect();
        *out += &format!("static S{at}: [i64; {}] = [{}];\n", thresholds.len(), list.join(", "));
    }
}
