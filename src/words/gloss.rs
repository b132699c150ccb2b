//! A condition as its author wrote it, read in French: word by word, because those words of the language that are never names mean
//! one thing only. Names, signs and days stay.

use super::{Language, number_text};

/// The French of a word of the language.
fn word(english: &str) -> Option<&'static str> {
    Some(match english {
        "and" => "et",
        "or" => "ou",
        "not" => "non",
        "in" => "dans",
        "is" => "est",
        "has" => "comprend",
        "implies" => "implique",
        "if" => "si",
        "then" => "alors",
        "else" => "sinon",
        "some" => "un certain",
        "every" => "chaque",
        "satisfies" => "vérifie",
        "where" => "où",
        "unknown" => "inconnu",
        "true" => "vrai",
        "false" => "faux",
        _ => return None,
    })
}

/// The French of two words of the language that belong together.
fn pair(first: &str, second: &str) -> Option<&'static str> {
    match (first, second) {
        ("not", "in") => Some("hors de"),
        ("is", "not") => Some("n’est pas"),
        ("within", "cap") => Some("dans la limite de"),
        _ => None,
    }
}

fn is_part(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.' | ':' | '-' | '@')
}

/// Splits off a run of characters that are, or are not, part of a word.
fn run(text: &str, of_word: bool) -> (&str, &str) {
    text.split_at(text.find(|c| is_part(c) != of_word).unwrap_or(text.len()))
}

/// The condition in French.
pub(super) fn in_french(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut rest = text;
    while !rest.is_empty() {
        let (between, after) = run(rest, false);
        out.push_str(between);
        let (first, after) = run(after, true);
        let (gap, behind) = run(after, false);
        let (second, last) = run(behind, true);
        match pair(first, second).filter(|_| gap == " ") {
            Some(both) => {
                out.push_str(both);
                rest = last;
            }
            None => {
                let digits = first.replace('_', "");
                let number =
                    first.starts_with(|c: char| c.is_ascii_digit()).then(|| number_text(&digits, false, Language::French));
                // What begins like a number and is none (`3A090.a`, a day) comes back as it was.
                match number.filter(|number| *number != digits || *digits != *first) {
                    Some(number) => out.push_str(&number),
                    None => out.push_str(word(first).unwrap_or(first)),
                }
                rest = after;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_are_never_names_are_read_in_french() {
        for (source, french) in [
            ("destination not in D5M and not for_HQ5M", "destination hors de D5M et non for_HQ5M"),
            (
                "(mode is not export) or chip.tpp >= 26_900_000 TPP",
                "(mode n’est pas export) ou chip.tpp >= 26\u{202f}900\u{202f}000 TPP",
            ),
            ("item is 3A090.a and date >= 2025-01-13", "item est 3A090.a et date >= 2025-01-13"),
            ("c.tpp / c.die_area >= 5.92 TPP/mm2", "c.tpp / c.die_area >= 5,92 TPP/mm2"),
            ("some p in (consignee, end_user) satisfies HQ5M(p)", "un certain p dans (consignee, end_user) vérifie HQ5M(p)"),
            ("exception and within cap lpp", "exception et dans la limite de lpp"),
            ("", ""),
        ] {
            assert_eq!(in_french(source), french);
        }
    }
}
