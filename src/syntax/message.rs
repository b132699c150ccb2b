//! What can be said about a text before it is understood: its characters, words and lists. `expected.rs` says what is missing.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The most errors shown for one file, and for all files of a regime; then LX1010.
pub const MAX_ERRORS: usize = 50;

/// The deepest nesting of brackets, `not`, `if` and the like: far beyond what a person reads, within what all passes can walk.
pub const MAX_DEPTH: usize = 200;

/// LX1001
pub fn unknown_character(span: Span, character: char) -> Diagnostic {
    let shown = match character {
        '\0'..=' ' | '\x7F' | '\u{80}'..='\u{9F}' => {
            format!("the control character U+{:04X}", character as u32)
        }
        c => format!("`{c}`"),
    };
    let message = Diagnostic::new(Code::UnknownCharacter, format!("{shown} is not used in the language"), span, "outside a text");
    match character {
        '[' | ']' => message.help("lists stand in braces: `{ a, b }`"),
        '\'' => message.help("a text stands between double quotes: \"…\""),
        c if c.is_alphabetic() => {
            message.help("names are written with the letters a to z, digits and `_`; a text in quotes may hold any letter")
        }
        _ => message,
    }
}

/// LX1005, for a sign or a space
pub fn look_alike(span: Span, character: char, meant: &str, what: &str) -> Diagnostic {
    let shown = if character.is_whitespace() || matches!(character, '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' | '\u{AD}')
    {
        format!("U+{:04X}", character as u32)
    } else {
        format!("`{character}` (U+{:04X})", character as u32)
    };
    Diagnostic::new(Code::LookAlike, format!("{shown} only looks like {what}"), span, "this character").replace(
        format!("write {what}"),
        span,
        meant,
    )
}

/// LX1005, for a word
pub fn look_alike_word(span: Span, character: char, letter: char, meant: &str) -> Diagnostic {
    let kind = if letter.is_ascii_digit() { "digit" } else { "letter" };
    let title = format!("`{character}` (U+{:04X}) only looks like the {kind} `{letter}`", character as u32);
    Diagnostic::new(Code::LookAlike, title, span, "in this word").replace(format!("write `{meant}`"), span, meant)
}

/// LX1005, for the quotes of a text
pub fn curly_quotes(span: Span, quote: char, inside: &str) -> Diagnostic {
    let title = format!("a text stands between straight double quotes, not `{quote}` (U+{:04X})", quote as u32);
    Diagnostic::new(Code::LookAlike, title, span, "the quotes of this text").replace(
        "write straight double quotes",
        span,
        format!("\"{}\"", inside.replace('\\', "\\\\")),
    )
}

/// LX1002
pub fn open_text(span: Span) -> Diagnostic {
    Diagnostic::new(Code::UnfinishedText, "this text has no closing quote", span, "begins here")
        .note("A text ends on the line on which it begins.")
        .help("close it with `\"`; inside a text a quote is written `\\\"`")
}

/// LX1003, for `\n` and the like in a text
pub fn escape(span: Span, character: char) -> Diagnostic {
    Diagnostic::new(Code::Syntax, format!("`\\{character}` means nothing in a text"), span, "here").replace(
        "for a backslash itself write two",
        span,
        format!("\\\\{character}"),
    )
}

/// LX1003
pub fn single_quotes(span: Span, inside: &str) -> Diagnostic {
    let meant = format!("\"{}\"", inside.replace('\\', "\\\\").replace('"', "\\\""));
    Diagnostic::new(Code::Syntax, "a text stands between double quotes", span, "single quotes").replace(
        "write double quotes",
        span,
        meant,
    )
}

/// LX1003, for `&&` and its kin
pub fn other_sign(span: Span, written: &str, meant: &str) -> Diagnostic {
    let message =
        Diagnostic::new(Code::Syntax, format!("`{written}` is written `{meant}` here"), span, "a sign of other languages")
            .replace(format!("write `{meant}`"), span, spaced(meant, written));
    match written {
        "==" => message.note("`is` and `=` mean the same."),
        "<>" => message.note("`is not` and `!=` mean the same."),
        _ => message,
    }
}

/// `!a` needs a space when it becomes a word.
fn spaced(meant: &str, written: &str) -> String {
    if written == "!" { format!("{meant} ") } else { meant.to_owned() }
}

/// LX1003
pub fn semicolon(span: Span) -> Diagnostic {
    Diagnostic::new(Code::Syntax, "nothing ends with a semicolon", span, "not needed")
        .note("A declaration ends where the next one begins.")
        .replace("leave it out", span, "")
}

/// LX1003, for `//` and `#`
pub fn other_comment(span: Span, written: &str) -> Diagnostic {
    Diagnostic::new(Code::Syntax, format!("a comment begins with `--`, not with `{written}`"), span, "a comment?").replace(
        "write `--`",
        span,
        "--",
    )
}

/// LX1006
pub fn no_such_day(span: Span, written: &str, nearest: &str) -> Diagnostic {
    Diagnostic::new(Code::BadDate, format!("the calendar has no {written}"), span, "no such day")
        .note("A day is written year-month-day, as in 2025-01-13.")
        .help(format!("the nearest day before it is {nearest}"))
}

/// LX1006
pub fn other_date(span: Span, written: &str, days: &[String], certain: bool) -> Diagnostic {
    let message =
        Diagnostic::new(Code::BadDate, format!("a day is written year-month-day, not {written}"), span, "as in 2025-01-13");
    match days {
        [day, ..] if certain => message.replace(format!("write {day}"), span, day.clone()),
        [day, other, ..] => message.help(format!("write {day} if the month comes first here, or {other} if the day does")),
        _ => message,
    }
}

/// LX1007
pub fn hexadecimal(span: Span, written: &str) -> Diagnostic {
    let digits = written.get(2..).unwrap_or("").replace('_', "");
    let radix = match written.as_bytes().get(1) {
        Some(b'b') => 2,
        Some(b'o') => 8,
        _ => 16,
    };
    let message = Diagnostic::new(Code::BadNumber, "numbers are written in decimal digits", span, "not decimal");
    match u128::from_str_radix(&digits, radix) {
        Ok(value) => message.replace(format!("write {value}"), span, value.to_string()),
        Err(_) => message,
    }
}

/// LX1007, for `1E26` and `1__0`
pub fn number_spelled(span: Span, written: &str, meant: &str) -> Diagnostic {
    Diagnostic::new(Code::BadNumber, format!("`{written}` is not how a number is written"), span, "this number")
        .note("`_` may stand between two digits; a power of ten is written as in 1e26.")
        .replace(format!("write `{meant}`"), span, meant)
}

/// LX1003
pub fn code_spelled(span: Span, written: &str) -> Diagnostic {
    Diagnostic::new(Code::Syntax, format!("`{written}` is not a control-list code"), span, "a code?")
        .note("A code is a digit, a capital and three digits, then parts behind dots: `3A090`, `3A090.a`, `5A992.z.1`.")
}

/// LX1003
pub fn glued_unit(span: Span, number: &str, unit: &str) -> Diagnostic {
    Diagnostic::new(Code::Syntax, format!("a space belongs between {number} and its unit"), span, "number and unit in one")
        .replace(format!("write `{number} {unit}`"), span, format!("{number} {unit}"))
}

/// LX1003
pub fn field_without_type(span: Span) -> Diagnostic {
    Diagnostic::new(Code::Syntax, "a field needs a type", span, "no type")
        .note("A field is written `hq : Country`; fields are separated by commas.")
}

/// LX1003
pub fn stray_by(span: Span) -> Diagnostic {
    Diagnostic::new(Code::Syntax, "`by` says who suspends or does not enforce", span, "belongs to no such line")
        .note("It stands at the end: `suspended from D until D by \"…\"` or `not enforced from D by \"…\"`.")
}

/// LX1003
pub fn stray_where(span: Span) -> Diagnostic {
    Diagnostic::new(Code::Syntax, "`where` says for which cases a line of a timeline holds", span, "belongs to no such line")
        .note("It stands at the end of a line that takes force away: `not enforced from D by \"…\" where …`, and so with `suspended` and `enjoined`.")
        .help("what holds for all days of a rule belongs into its `when`")
}

/// LX1003
pub fn second_window(span: Span) -> Diagnostic {
    Diagnostic::new(Code::Syntax, "a cap counts over one time", span, "the second")
        .note("`per calendar year`, `per calendar quarter`, `in any N days`, `from D to D`, or nothing for ever.")
        .help("write a second cap for a second limit")
}

/// LX1003
pub fn expected_decision(span: Span) -> Diagnostic {
    Diagnostic::new(Code::Syntax, "an expectation is about a decision of this regime", span, "a name without dots")
}

/// LX1003
pub fn expectation_without_outcome(span: Span) -> Diagnostic {
    Diagnostic::new(Code::Syntax, "an expectation says what must come out", span, "is what?").note(
        "Write `is V`, `is not V`, `includes V`, `at least V`, `at most V`, `open { V, V }`, `has no value` or `conflicts`.",
    )
}

/// LX1003
pub fn late_when(span: Span) -> Diagnostic {
    Diagnostic::new(Code::Syntax, "`when` comes before `then`", span, "move this up")
        .note("A rule says first when it applies, then what it concludes: `when … then … status …`.")
}

/// LX1003
pub fn unknown_route(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(Code::Syntax, format!("there is no route `{name}` into a product rule"), span, "not a route")
        .note("An item is caught `by technology` (it is the direct product of it), `by plant` (such a plant made it) or `by contents` (it contains what such a plant made).")
}

/// LX3019
pub fn second_end(span: Span, first: Span) -> Diagnostic {
    Diagnostic::new(Code::RepeatedAssignment, "an end that is given twice", span, "again here").also(first, "first here")
}

/// LX1003
pub fn mixed_domain(span: Span) -> Diagnostic {
    Diagnostic::new(Code::Syntax, "either a list of names or one set", span, "both are mixed here")
        .note("`some p in (consignee, end_user)` runs over inputs, `every x in (D:5 + A:6)` over the members of a set.")
}

/// LX1004
pub fn too_deep(span: Span) -> Diagnostic {
    Diagnostic::new(Code::TooDeep, format!("nested more than {MAX_DEPTH} deep"), span, "here it becomes too deep")
        .help("give a part of it a name with `define`")
}

/// LX1009
pub fn too_large(span: Span, limit: usize) -> Diagnostic {
    let title = format!("more than {limit} words and signs in one file");
    Diagnostic::new(Code::TooLarge, title, span, "nothing is read from here on").help("spread it over several files")
}

/// LX1010
pub fn too_many(span: Span) -> Diagnostic {
    let title = format!("more than {MAX_ERRORS} errors; further ones are not shown");
    Diagnostic::new(Code::TooManyErrors, title, span, "the first of them").help("mend those above first")
}
