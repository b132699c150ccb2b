//! Identifiers of C for what a table names: all behind the regime's name, all different, none a word of C or C++.

use std::collections::BTreeSet;

use super::super::text::identifier;
use crate::diagram::OwnedTable;

/// The names that the header gives.
pub(super) struct Names {
    /// Before every lower-case name.
    pub prefix: String,
    /// Before every upper-case name.
    pub upper: String,
    /// Members of the struct, by input.
    pub fields: Vec<String>,
    /// Enumerators, by input.
    pub inputs: Vec<String>,
    /// Enumerators, by decision.
    pub decisions: Vec<String>,
    /// By decision: what follows `decide_` and `batch_`.
    pub functions: Vec<String>,
    /// Enumerators, by enumeration (all of the table).
    pub enumerations: Vec<String>,
    /// Enumerators, by enumeration and member.
    pub members: Vec<Vec<String>>,
}

/// Words of C99, C11, C23 and C++ up to 2023, and macros that compilers define in lower case.
const WORDS: &str = "
    alignas alignof and and_eq asm auto bitand bitor bool break case catch char char8_t char16_t char32_t class compl
    concept const const_cast consteval constexpr constinit continue co_await co_return co_yield decltype default delete do
    double dynamic_cast else enum explicit export extern false far final float for friend goto huge i386 if inline int
    interface linux long mutable namespace near new noexcept not not_eq nullptr operator or or_eq override pascal private
    protected public register reinterpret_cast requires restrict return short signed sizeof small static static_assert
    static_cast struct switch template this thread_local throw true try typedef typeid typename typeof typeof_unqual union
    unix unsigned using virtual void volatile vax wchar_t while xor xor_eq errno stdin stdout stderr signal major minor
    assert offsetof environ pixel vector complex
";

/// Upper-case names that the header has in any case.
const FIXED: &str = "
    H API STATIC IMPLEMENTATION IMPLEMENTED SELF_TEST REGIME TITLE SOURCE READINGS FIRST_DAY LAST_DAY INPUT_COUNT
    DECISION_COUNT OUTCOME_COUNT RULE_COUNT ENUM_COUNT NO_DECISION NO_INPUT UNSETTLED ANSWER_GAP ANSWER_CONFLICT
    ANSWER_BOOL ANSWER_MEMBER ANSWER_SET ANSWER_NUMBER KIND_BOOL KIND_MEMBER KIND_SET KIND_NUMBER KIND_DATE INPUT_NONE
    BAD_INPUT VECTOR_COUNT TEST_COUNT
";

/// An identifier without two underscores in a row, which C++ keeps for itself.
fn plain(name: &str) -> String {
    let mut out = String::new();
    for c in identifier(name).chars() {
        if c != '_' || !out.ends_with('_') {
            out.push(c);
        }
    }
    out
}

/// The name of a member of a struct.
fn member(name: &str) -> String {
    let name = plain(name).to_ascii_lowercase();
    if WORDS.split_whitespace().any(|word| word == name) { name + "_" } else { name }
}

fn unique(taken: &mut BTreeSet<String>, base: String) -> String {
    let mut out = base.clone();
    let mut number = 1;
    while !taken.insert(out.clone()) {
        number += 1;
        out = format!("{base}_{number}");
    }
    out
}

impl Names {
    pub(super) fn new(table: &OwnedTable) -> Names {
        let mut prefix = plain(&table.regime).to_ascii_lowercase();
        // Names that begin with an underscore belong to the implementation.
        if prefix.starts_with('_') {
            prefix.insert_str(0, "regime");
        }
        let prefix = prefix.trim_end_matches('_').to_owned();
        let upper = prefix.to_ascii_uppercase();
        let mut taken: BTreeSet<String> = FIXED.split_whitespace().map(|name| format!("{upper}_{name}")).collect();
        let mut constant = |parts: &[&str]| {
            let name = plain(&format!("{upper}_{}", parts.join("_"))).to_ascii_uppercase();
            unique(&mut taken, name.trim_end_matches('_').to_owned())
        };
        let inputs = table.inputs.iter().map(|it| constant(&["INPUT", &it.name])).collect();
        let decisions = table.decisions.iter().map(|it| constant(&["DECISION", &it.name])).collect();
        let enumerations = table.enums.iter().map(|it| constant(&["ENUM", &it.name])).collect();
        let members = table.enums.iter();
        let members = members.map(|def| def.members.iter().map(|it| constant(&[&def.name, &it.name])).collect()).collect();
        let mut taken = BTreeSet::new();
        let fields = table.inputs.iter().map(|it| unique(&mut taken, member(&it.name))).collect();
        // `decide_all` is taken.
        let mut taken: BTreeSet<String> = ["all".to_owned()].into();
        let functions = table.decisions.iter().map(|it| unique(&mut taken, plain(&it.name).to_ascii_lowercase())).collect();
        Names { prefix, upper, fields, inputs, decisions, functions, enumerations, members }
    }

    /// A text of C in which `lexport_` and `LEXPORT_` stand for the prefixes.
    pub(super) fn own(&self, text: &str) -> String {
        text.replace("LEXPORT_", &format!("{}_", self.upper)).replace("lexport_", &format!("{}_", self.prefix))
    }
}

/// A text inside of a comment.
pub(super) fn comment(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    text.replace("*/", "* /").replace("/*", "/ *").replace("??", "? ?")
}

/// A text as a literal: bytes that every compiler reads alike, whatever the source character set; no trigraphs.
pub(super) fn literal(text: &str) -> String {
    let mut out = String::from("\"");
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' | b'?' => {
                out.push('\\');
                out.push(char::from(byte));
            }
            b' '..=b'~' => out.push(char::from(byte)),
            // Three digits always: what follows cannot be read as one more.
            _ => out += &format!("\\{byte:03o}"),
        }
    }
    out + "\""
}

/// A number of 64 bits.
pub(super) fn int(value: i64) -> String {
    if value == i64::MIN { "(-INT64_C(9223372036854775807) - 1)".to_owned() } else { format!("INT64_C({value})") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_names_are_safe() {
        assert_eq!(literal("a\"b\\?ü\n1"), "\"a\\\"b\\\\\\?\\303\\274\\0121\"");
        assert_eq!(comment("a */ b ??/ /*"), "a * / b ? ?/ / *");
        assert_eq!(plain("a..b--c"), "a_b_c");
        assert_eq!(int(i64::MIN), "(-INT64_C(9223372036854775807) - 1)");
        let mut taken = BTreeSet::new();
        assert_eq!(
            ["class", "Class", "chip.tpp"].map(|name| unique(&mut taken, member(name))),
            ["class_", "class__2", "chip_tpp"]
        );
    }
}
