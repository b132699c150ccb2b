//! Cells of spreadsheets as people write them: `>= 5`, `5 or more`, `5..10`, `[5..10)`, `5 to 10`, `a, b`, `not a`, `yes`, `2025-01-13`, `-`.
//!
//! It also reads what `lexport build --to csv` writes (`≥ 5`, `= 5 or ≥ 9`, `has A, without B`). What may be read in two ways is
//! refused (`5-10`, `1,500`).

use super::grid::{Atom, Condition, Exact, Literal, Plain};
use crate::ir::date_day;

/// Words for anything.
const ANY: [&str; 6] = ["", "-", "–", "—", "*", "any"];

/// A cell of an input column.
///
/// # Errors
/// What is not understood, in words.
pub fn condition(text: &str) -> Result<Condition, String> {
    let cell = text.trim();
    let mut condition = Condition { text: cell.to_owned(), ..Condition::default() };
    if ANY.contains(&cell.to_lowercase().as_str()) {
        return Ok(condition);
    }
    let mut rest = cell;
    if let Some(after) = lower_prefix(cell, "not") {
        let inside = after.trim_start().strip_prefix('(').and_then(|inside| inside.trim_end().strip_suffix(')'));
        if inside.is_some() || after.starts_with(char::is_whitespace) {
            condition.negated = true;
            rest = inside.unwrap_or(after).trim();
        }
    }
    for part in parts(rest)? {
        condition.atoms.push(atom(part)?);
    }
    let sets = condition.atoms.iter().filter(|atom| matches!(atom, Atom::Has(..))).count();
    if sets > 0 && (sets < condition.atoms.len() || condition.negated) {
        return Err("`has` and `without` stand with nothing else".to_owned());
    }
    Ok(condition)
}

/// A cell of an output column: a value, nothing (`(gap)`, empty), or several values that contradict each other
/// (`(conflict: a, b)`, as `lexport build --to csv` writes).
///
/// # Errors
/// As [`condition`].
pub fn output(text: &str) -> Result<Vec<Literal>, String> {
    let cell = text.trim();
    if matches!(cell, "" | "-" | "(gap)") {
        return Ok(Vec::new());
    }
    let several = cell.strip_prefix("(conflict:").and_then(|rest| rest.strip_suffix(')'));
    match several {
        Some(several) => parts(several)?.into_iter().map(literal).collect(),
        None => literal(cell).map(|literal| vec![literal]),
    }
}

/// What stands behind a word, in any case of letters, if the cell begins with it.
fn lower_prefix<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let head = text.get(..word.len())?;
    head.eq_ignore_ascii_case(word).then(|| &text[word.len()..])
}

/// The alternatives: between `,`, `;`, line ends and `or`, outside of quotes, brackets and braces.
fn parts(text: &str) -> Result<Vec<&str>, String> {
    let (mut out, mut begin, mut quoted, mut depth) = (Vec::new(), 0, false, 0u32);
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        // Only where a sign of one byte stands: elsewhere a character may go on.
        let fresh = || text[begin..at].trim().is_empty();
        let mut width = 0;
        match bytes[at] {
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            // A range begins with a bracket and has two points in it.
            b'[' | b'(' | b']' if fresh() && text[at..].contains("..") => {
                let Some(end) = text[at + 1..].find([']', ')', '[']) else {
                    return Err(format!("`{}` has no closing bracket", &text[at..]));
                };
                at += end + 1;
            }
            b',' | b';' | b'\n' if depth == 0 => width = 1,
            b' ' if depth == 0
                && lower_prefix(&text[at..], " or ").is_some_and(|rest| open_end(&text[begin..at], rest).is_none()) =>
            {
                width = 4;
            }
            _ => {}
        }
        if width > 0 {
            let digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
            if bytes[at] == b',' && digit(at.checked_sub(1)) && digit(Some(at + 1)) {
                return Err(format!(
                    "`{text}` may be read in two ways, as a list and as one number: write `, ` or `;` between values, no sign in thousands, and a point before decimals"
                ));
            }
            out.push(text[begin..at].trim());
            begin = at + width;
            at = begin;
        } else {
            at += 1;
        }
    }
    out.push(text[begin..].trim());
    if quoted {
        return Err(format!("`{text}` has a text without its closing quote"));
    }
    // A comma at the end is nothing more; between two it is a mistake.
    if out.len() > 1 && out.last().is_some_and(|last| last.is_empty()) {
        out.pop();
    }
    // `5 kg or more`, `= 5 or more`: a bound that is not understood must not become two values.
    let number = |part: &str| part.starts_with(|c: char| c.is_ascii_digit() || "=<>≤≥([-".contains(c));
    if let Some(pair) = out.windows(2).find(|pair| number(pair[0]) && beyond(first_word(pair[1])).is_some()) {
        let figures = pair[0].trim_start_matches(|c: char| !c.is_ascii_digit());
        let figures = &figures[..figures.find(|c: char| !c.is_ascii_digit() && !".-".contains(c)).unwrap_or(figures.len())];
        return Err(format!(
            "`{text}`: write a bound as `>= {figures}` or `<= {figures}`, the unit in the heading, and a text in quotes"
        ));
    }
    if out.iter().any(|part| part.is_empty()) {
        return Err(format!("`{text}` has nothing between two separators"));
    }
    Ok(out)
}

/// The sign and the value of `5 or more`: what stands before ` or ` is a number or a day, and behind it a word for all beyond. `upper or lower` are
/// two texts.
fn open_end(before: &str, behind: &str) -> Option<(&'static str, Literal)> {
    let behind = behind.trim_start();
    let word = first_word(behind);
    let rest = &behind[word.len()..];
    let ends = rest.trim_start().is_empty() || rest.trim_start().starts_with([',', ';']) || rest.starts_with('\n');
    if !ends && lower_prefix(rest, " or ").is_none() {
        return None;
    }
    let sign = beyond(word)?;
    let value = literal(before.trim()).ok()?;
    matches!(value.is, Plain::Number(_) | Plain::Day(_)).then_some((sign, value))
}

/// The letters that a text begins with.
fn first_word(text: &str) -> &str {
    &text[..text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len())]
}

/// The sign that a word for all beyond stands for.
fn beyond(word: &str) -> Option<&'static str> {
    let is = |words: &[&str]| words.iter().any(|one| one.eq_ignore_ascii_case(word));
    if is(&["more", "above", "over", "higher", "greater", "later", "after"]) {
        Some(">=")
    } else if is(&["less", "fewer", "below", "under", "lower", "earlier", "before"]) {
        Some("<=")
    } else {
        None
    }
}

/// `5 or more`, `2025-01-13 or later`.
fn ended(text: &str) -> Option<Atom> {
    let mut signs = text.match_indices(' ').map(|(at, _)| text.split_at(at));
    let (sign, value) = signs.find_map(|(before, rest)| open_end(before, lower_prefix(rest, " or ")?))?;
    Some(match sign {
        ">=" => Atom::Range { lo: Some((value, true)), hi: None },
        _ => Atom::Range { lo: None, hi: Some((value, true)) },
    })
}

fn atom(text: &str) -> Result<Atom, String> {
    let word = |word: &str| lower_prefix(text, word).filter(|rest| rest.starts_with(char::is_whitespace));
    for (name, has) in [("has", true), ("without", false)] {
        if let Some(rest) = word(name) {
            return Ok(Atom::Has(literal(rest.trim())?, has));
        }
    }
    if let Some(range) = compared(text)? {
        return Ok(range);
    }
    if let Some(range) = ended(text) {
        return Ok(range);
    }
    if let Some(inside) = text.strip_prefix(['[', '(', ']']).filter(|inside| inside.contains("..")) {
        let Some(last) = inside.chars().last().filter(|last| matches!(last, ']' | ')' | '[')) else {
            return Err(format!("`{text}` has no closing bracket"));
        };
        let (lo, hi) = inside[..inside.len() - 1].split_once("..").unwrap_or_default();
        let lo = (literal(lo.trim())?, text.starts_with('['));
        return Ok(Atom::Range { lo: Some(lo), hi: Some((literal(hi.trim())?, last == ']')) });
    }
    let between = word("between").and_then(|rest| rest.trim().split_once(" and "));
    let from = word("from").map(str::trim).and_then(|rest| rest.split_once(" to "));
    let ends = between.or(from).or_else(|| text.split_once(" to ")).or_else(|| text.split_once(".."));
    if let Some((lo, hi)) = ends.filter(|_| !text.starts_with('"')) {
        let (lo, hi) = (literal(lo.trim())?, literal(hi.trim())?);
        // `Trinidad to Tobago` is no range: ranges have numbers or days at their ends.
        if lo.is != Plain::Text && hi.is != Plain::Text {
            return Ok(Atom::Range { lo: Some((lo, true)), hi: Some((hi, true)) });
        }
    }
    bound_in_words(text)?;
    literal(text).map(Atom::Is)
}

/// A comparison, or two that are joined by `and`.
fn compared(text: &str) -> Result<Option<Atom>, String> {
    let Some(first) = comparison(text.split(" and ").next().unwrap_or(text))? else { return Ok(None) };
    let Some((_, second)) = text.split_once(" and ") else { return Ok(Some(first)) };
    let joined = match (first, comparison(second.trim())?) {
        (Atom::Range { lo: Some(lo), hi: None }, Some(Atom::Range { lo: None, hi: Some(hi) }))
        | (Atom::Range { lo: None, hi: Some(hi) }, Some(Atom::Range { lo: Some(lo), hi: None })) => {
            Atom::Range { lo: Some(lo), hi: Some(hi) }
        }
        _ => return Err(format!("`{text}`: `and` joins a lower and an upper bound, as in `>= 5 and < 10`")),
    };
    Ok(Some(joined))
}

fn comparison(text: &str) -> Result<Option<Atom>, String> {
    let signs = ["<=", "=<", "≤", ">=", "=>", "≥", "<>", "!=", "≠", "<", ">", "==", "="];
    let words = [("at least", ">="), ("at most", "<="), ("more than", ">"), ("less than", "<")];
    let sign = signs.into_iter().find_map(|sign| Some((sign, text.strip_prefix(sign)?)));
    let word = words.into_iter().find_map(|(word, sign)| Some((sign, lower_prefix(text, word)?)));
    let Some((sign, rest)) = sign.or(word) else { return Ok(None) };
    let value = literal(rest.trim())?;
    Ok(Some(match sign {
        "<=" | "=<" | "≤" => Atom::Range { lo: None, hi: Some((value, true)) },
        ">=" | "=>" | "≥" => Atom::Range { lo: Some((value, true)), hi: None },
        "<" => Atom::Range { lo: None, hi: Some((value, false)) },
        ">" => Atom::Range { lo: Some((value, false)), hi: None },
        "=" | "==" => Atom::Is(value),
        _ => return Err(format!("`{text}`: write `not {}`", rest.trim())),
    }))
}

fn literal(text: &str) -> Result<Literal, String> {
    if let Some(inside) = text.strip_prefix('"') {
        return match inside.strip_suffix('"') {
            Some(inside) if !inside.contains('"') => Ok(Literal::text(inside)),
            _ => Err(format!("`{text}` has a quote in the middle")),
        };
    }
    if text.is_empty() {
        return Err("a value is missing".to_owned());
    }
    let is = if let Some(number) = Exact::parse(text).filter(|_| !is_code(text)) {
        Plain::Number(number)
    } else if let Some(day) = date_day(text).filter(|_| text.len() == 10) {
        Plain::Day(day)
    } else {
        match text.to_lowercase().as_str() {
            "yes" | "true" => Plain::Flag(true),
            "no" | "false" => Plain::Flag(false),
            _ => {
                doubtful(text)?;
                Plain::Text
            }
        }
    };
    Ok(Literal { text: text.to_owned(), is })
}

/// Whether a number is written as codes are, with a zero first: `0101` is a heading of a tariff and not 101.
pub(super) fn is_code(text: &str) -> bool {
    let mut digits = text.trim_start_matches(['-', '+']).bytes();
    digits.next() == Some(b'0') && digits.next().is_some_and(|second| second.is_ascii_digit())
}

/// Words before a number or a day that make a bound of it, and which of those that are understood they stand for is not sure.
const BOUNDS: [&str; 22] = [
    "min",
    "max",
    "minimum",
    "maximum",
    "up to",
    "from",
    "until",
    "till",
    "to",
    "since",
    "before",
    "after",
    "under",
    "over",
    "above",
    "below",
    "exceeding",
    "no more than",
    "not more than",
    "no less than",
    "not less than",
    "as of",
];

/// What is said like a bound, and in words that are not understood.
fn bound_in_words(text: &str) -> Result<(), String> {
    let figures = |rest: &str| rest.trim_start().starts_with(|c: char| c.is_ascii_digit());
    let bound = BOUNDS
        .iter()
        .filter_map(|word| lower_prefix(text, word))
        .any(|rest| rest.starts_with(char::is_whitespace) && figures(rest));
    if bound || text.strip_suffix('+').is_some_and(|number| Exact::parse(number.trim()).is_some()) {
        return Err(format!("`{text}`: write a bound as `>= 5`, `< 5` or `5..10`, and a text in quotes"));
    }
    Ok(())
}

/// What looks like a number or a day and may be read in two ways.
fn doubtful(text: &str) -> Result<(), String> {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<&str> = text.split(['/', '.', '-']).map(str::trim).collect();
    if parts.len() == 3 && parts.iter().all(|part| digits(part)) {
        return Err(format!("`{text}`: a day is written 2025-01-13, and must be one of the calendar"));
    }
    let mut groups = text.trim_start_matches('-').split(',');
    if text.contains(',')
        && groups.next().is_some_and(|first| first.len() <= 3 && digits(first))
        && groups.all(|group| group.len() == 3 && digits(group))
    {
        return Err(format!(
            "`{text}` may be read in two ways: write no sign in thousands, a point before decimals, and a text in quotes"
        ));
    }
    let ends: Vec<&str> = text.split(['-', '–', '—']).map(str::trim).collect();
    if let [lo, hi] = ends.as_slice()
        && Exact::parse(lo).is_some()
        && Exact::parse(hi).is_some()
    {
        return Err(format!("`{text}` may be read in two ways: write the range as `{lo}..{hi}`, and a text in quotes"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let end = |end: &Option<(Literal, bool)>| {
            end.as_ref().map_or("∞".to_owned(), |(value, closed)| format!("{}{}", value.text, if *closed { "" } else { "!" }))
        };
        match condition(text) {
            Err(why) => format!("refused: {why}"),
            Ok(condition) => {
                let atoms: Vec<String> = condition
                    .atoms
                    .iter()
                    .map(|atom| match atom {
                        Atom::Is(value) => value.text.clone(),
                        Atom::Range { lo, hi } => format!("{}..{}", end(lo), end(hi)),
                        Atom::Has(value, has) => format!("{}{}", if *has { '+' } else { '-' }, value.text),
                    })
                    .collect();
                format!("{}{}", if condition.negated { "not " } else { "" }, atoms.join(" | "))
            }
        }
    }

    #[test]
    fn cells_are_read_as_people_mean_them() {
        for (text, means) in [
            ("", ""),
            (" - ", ""),
            ("Any", ""),
            (">= 5", "5..∞"),
            ("≤ 4799.99", "∞..4799.99"),
            ("< 5", "∞..5!"),
            ("5..10", "5..10"),
            ("[5..10)", "5..10!"),
            ("(5 .. 10]", "5!..10"),
            ("5 to 10", "5..10"),
            ("between 5 and 10", "5..10"),
            (">= 5 and < 10", "5..10!"),
            ("at least 5", "5..∞"),
            ("5 or more", "5..∞"),
            ("5 Or Fewer, 12 or above or 9", "∞..5 | 12..∞ | 9"),
            ("5 OR More Or 9", "5..∞ | 9"),
            ("2025-01-13 or later", "2025-01-13..∞"),
            ("upper or lower", "upper | lower"),
            ("0101, 0102", "0101 | 0102"),
            ("before noon", "before noon"),
            ("\"up to 5\"", "up to 5"),
            ("\"5 or more\"", "5 or more"),
            ("= 5 or 7 to 9 or ≥ 12", "5 | 7..9 | 12..∞"),
            ("a, b", "a | b"),
            ("a; b\nc", "a | b | c"),
            ("not a, b", "not a | b"),
            ("not(a)", "not a"),
            ("notice", "notice"),
            ("\"a, b\", c", "a, b | c"),
            ("has A, without B", "+A | -B"),
            ("2025-01-13", "2025-01-13"),
            ("2025-01-13 to 2025-02-01", "2025-01-13..2025-02-01"),
            ("D:5, 3A090.a", "D:5 | 3A090.a"),
            ("[-5..-1]", "-5..-1"),
            ("Trinidad to Tobago", "Trinidad to Tobago"),
        ] {
            assert_eq!(shown(text), means, "{text}");
        }
    }

    #[test]
    fn what_may_be_read_in_two_ways_is_refused() {
        for (text, says) in [
            ("5-10", "`5..10`"),
            ("1,500", "two ways"),
            ("31/12/2024", "2025-01-13"),
            ("2025-02-30", "calendar"),
            ("a,,b", "nothing between"),
            ("\"a", "closing quote"),
            (">=", "missing"),
            ("<> 5", "`not 5`"),
            ("[5..10", "closing bracket"),
            (">= 5 and >= 6", "a lower and an upper"),
            ("has A, B", "nothing else"),
            ("5 kg or more", "`>= 5`"),
            ("on or after 2025-01-13", "a bound"),
            ("min 5", "a bound"),
            ("No more than 7", "a bound"),
            ("under 5, over 9", "a bound"),
            ("10+", "a bound"),
            ("= 5 or more", "a bound"),
            ("5 or more years", "a bound"),
        ] {
            let shown = shown(text);
            assert!(shown.starts_with("refused: ") && shown.contains(says), "{text}: {shown}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_cell_is_a_panic(text in "[-0-9a-zA-Z≤≥≠é, ;()\\[\\]{}\"./<>=\n]{0,24}|(not |between |from |has |≥ |\\[|\\(|5| to |\\.\\.|or | or | or more| and |,|\"|é){0,8}|\\PC{0,12}") {
            let _ = condition(&text);
            let _ = output(&text);
        }
    }

    #[test]
    fn outputs_are_values_nothing_or_a_conflict() {
        let texts = |text: &str| output(text).map(|all| all.into_iter().map(|one| one.text).collect::<Vec<_>>());
        assert_eq!(texts("license"), Ok(vec!["license".to_owned()]));
        assert_eq!(texts("(gap)"), Ok(Vec::new()));
        assert_eq!(texts("(conflict: a, b)"), Ok(vec!["a".to_owned(), "b".to_owned()]));
        assert_eq!(texts("{A, B}"), Ok(vec!["{A, B}".to_owned()]));
    }
}
