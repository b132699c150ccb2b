//! Values into a case by number, for programs that read cases from elsewhere: what does not fit is refused before it is narrowed.

use lexport_runtime::Kind;

use super::interface::field_type;
use super::names::{Names, int};
use crate::diagram::OwnedTable;

pub(super) fn put(out: &mut String, table: &OwnedTable, names: &Names) {
    *out += &names
        .own("LEXPORT_API int32_t lexport_put(lexport_inputs *in, uint32_t input, int64_t value)\n{\n    switch (input) {\n");
    let inputs = || table.inputs.iter().zip(&table.kinds).zip(&names.fields).enumerate();
    for (number, ((input, kind), field)) in inputs() {
        let (lo, hi) = match kind {
            Kind::Bool => (0, 1),
            Kind::Enum(size) => (0, i64::from(*size) - 1),
            Kind::Int(lo, hi) => (*lo, *hi),
            Kind::Set(_) => continue,
        };
        *out += &format!("    case {number}:\n");
        // A comparison that is always false is a mistake to some compilers.
        let below = (lo != i64::MIN).then(|| format!("value < {}", int(lo)));
        let above = (hi != i64::MAX).then(|| format!("value > {}", int(hi)));
        let outside: Vec<String> = below.into_iter().chain(above).collect();
        if !outside.is_empty() {
            *out += &format!("        if ({}) {{\n            break;\n        }}\n", outside.join(" || "));
        }
        let (_, of, _) = field_type(*kind, &input.domain);
        *out += &format!("        in->{field} = ({of})value;\n        return 0;\n");
    }
    *out += &names.own(
        "    default:\n        break;\n    }\n    (void)in;\n    (void)value;\n\
         \x20   return (uint64_t)input + 1u <= LEXPORT_INPUT_COUNT ? -1 - (int32_t)input : LEXPORT_NO_INPUT;\n}\n\n\
         LEXPORT_API int32_t lexport_put_set(lexport_inputs *in, uint32_t input, const uint64_t *words, uint32_t count)\n{\n\
         \x20   uint64_t *to = NULL;\n    uint32_t at, size = 0;\n    switch (input) {\n",
    );
    for (number, ((_, kind), field)) in inputs() {
        if let Kind::Set(size) = kind {
            *out += &format!("    case {number}:\n        to = in->{field};\n        size = {size};\n        break;\n");
        }
    }
    *out += &names.own(
        "    default:\n        (void)in;\n\
         \x20       return (uint64_t)input + 1u <= LEXPORT_INPUT_COUNT ? -1 - (int32_t)input : LEXPORT_NO_INPUT;\n    }\n\
         \x20   for (at = 0; at < count; at++) {\n        const uint32_t held = at < size / 64 ? 64 : at == size / 64 ? size % 64 : 0;\n\
         \x20       if (held < 64 && words[at] >> held != 0) {\n            return -1 - (int32_t)input;\n        }\n    }\n\
         \x20   for (at = 0; at < (size + 63) / 64; at++) {\n        to[at] = at < count ? words[at] : 0;\n    }\n    return 0;\n}\n\n",
    );
}
