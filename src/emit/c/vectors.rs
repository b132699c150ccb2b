//! The check vectors, and the function that asks them.

use lexport_runtime::Kind;

use super::interface::struct_order;
use super::names::{Names, int};
use super::rows;
use crate::diagram::{OwnedTable, set_words};
use crate::ir::Value;

pub(super) fn vectors(out: &mut String, table: &OwnedTable, names: &Names) {
    if table.vectors.is_empty() {
        *out +=
            &names.own("#ifdef LEXPORT_SELF_TEST\nLEXPORT_API uint32_t lexport_self_test(void)\n{\n    return 0;\n}\n#endif\n\n");
        return;
    }
    let order = struct_order(table);
    let value = |at: &usize, value: &Value| match value {
        Value::Bool(flag) => u8::from(*flag).to_string(),
        Value::Member(member) => member.to_string(),
        Value::Int(number) => int(*number),
        Value::Set(set) => {
            let mut words = set_words(set);
            if let Kind::Set(size) = table.kinds[*at] {
                words.resize((size.div_ceil(64) as usize).max(1), 0);
            }
            let words: Vec<String> = words.iter().map(|word| format!("UINT64_C({word})")).collect();
            format!("{{{}}}", words.join(", "))
        }
    };
    let all: Vec<String> = table
        .vectors
        .iter()
        .map(|vector| {
            let values: Vec<String> = order.iter().map(|at| value(at, &vector.values[*at])).collect();
            let outcomes: Vec<String> = vector.outcomes.iter().map(u32::to_string).collect();
            format!("{{{}}}, {{{}}}", values.join(", "), outcomes.join(", "))
        })
        .collect();
    *out += &names.own(
        "#ifdef LEXPORT_SELF_TEST\ntypedef struct lexport_vector {\n    lexport_inputs in;\n\
         \x20   int32_t outcomes[LEXPORT_DECISION_COUNT];\n} lexport_vector;\n\n",
    );
    rows(out, &format!("{}_vector", names.prefix), &format!("{}_vectors", names.prefix), &all);
    *out += &names.own(include_str!("vectors.h"));
}
