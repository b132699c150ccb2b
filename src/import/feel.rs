//! FEEL as it stands in the cells of decision tables: simple unary tests and literals (DMN, "S-FEEL" and "FEEL").
//!
//! Anything that would have to be computed (a name, a call, arithmetic) is refused in its own words: Lexport does not guess.

use super::grid::{Atom, Condition, Exact, Literal, Plain};
use crate::ir::date_day;

/// Why a cell is not understood.
pub type Refusal = String;

/// A cell of an input column.
///
/// # Errors
/// What is not understood, in words.
pub fn unary_tests(text: &str) -> Result<Condition, Refusal> {
    let mut feel = Feel { rest: text, whole: text };
    let mut condition = Condition { text: text.trim().to_owned(), ..Condition::default() };
    feel.space();
    if feel.rest.trim() == "-" || feel.rest.is_empty() {
        return Ok(condition);
    }
    if feel.word("not") {
        feel.space();
        if !feel.sign("(") {
            return Err("`not` is written `not(…)`".to_owned());
        }
        condition.negated = true;
    }
    loop {
        condition.atoms.push(feel.test()?);
        if !feel.sign(",") {
            break;
        }
    }
    if condition.negated && !feel.sign(")") {
        return Err(feel.unread("`,` or `)`"));
    }
    feel.end()?;
    Ok(condition)
}

/// A cell of an output column, or a default: one literal; `None` if it is empty or `-`.
///
/// # Errors
/// As [`unary_tests`].
pub fn literal(text: &str) -> Result<Option<Literal>, Refusal> {
    let mut feel = Feel { rest: text, whole: text };
    feel.space();
    if feel.rest.is_empty() || feel.rest.trim() == "-" {
        return Ok(None);
    }
    let literal = feel.value()?;
    feel.end()?;
    Ok(Some(literal))
}

struct Feel<'t> {
    rest: &'t str,
    whole: &'t str,
}

/// One end of a range: the value, and whether it is included.
type End = (Literal, bool);

impl Feel<'_> {
    fn space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn sign(&mut self, sign: &str) -> bool {
        self.space();
        match self.rest.strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// A whole word.
    fn word(&mut self, word: &str) -> bool {
        self.space();
        match self.rest.strip_prefix(word) {
            Some(rest) if !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_') => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    fn end(&mut self) -> Result<(), Refusal> {
        self.space();
        if self.rest.is_empty() { Ok(()) } else { Err(self.unread("the end of the cell")) }
    }

    fn unread(&self, wanted: &str) -> Refusal {
        let rest: String = self.rest.trim_start().chars().take(40).collect();
        if rest.is_empty() {
            return format!("it ends where {wanted} should stand");
        }
        // What begins with a name is an expression, and that is the thing to say.
        if self.whole.trim_start().starts_with(|c: char| c.is_alphabetic() || c == '?')
            && rest.starts_with(['+', '*', '/', '(', '.'])
        {
            return format!(
                "`{rest}` is a part of an expression that would have to be computed; literals, comparisons, ranges, lists and `not(…)` are read"
            );
        }
        format!("`{rest}` stands where {wanted} should")
    }

    fn test(&mut self) -> Result<Atom, Refusal> {
        if self.sign("?") {
            let mut range = self.compared()?;
            while self.word("and") {
                if !self.sign("?") {
                    return Err(self.unread("`?`"));
                }
                range = both(range, self.compared()?)?;
            }
            return Ok(range);
        }
        self.space();
        if self.rest.starts_with(['<', '>', '=', '!']) {
            return self.compared();
        }
        if self.rest.starts_with(['[', '(', ']']) {
            return self.range();
        }
        self.value().map(Atom::Is)
    }

    /// A comparison sign and a literal.
    fn compared(&mut self) -> Result<Atom, Refusal> {
        let signs = ["<=", ">=", "!=", "<", ">", "="];
        let Some(sign) = signs.into_iter().find(|sign| self.sign(sign)) else {
            return Err(self.unread("a comparison"));
        };
        let value = self.value()?;
        Ok(match sign {
            "<" => Atom::Range { lo: None, hi: Some((value, false)) },
            "<=" => Atom::Range { lo: None, hi: Some((value, true)) },
            ">" => Atom::Range { lo: Some((value, false)), hi: None },
            ">=" => Atom::Range { lo: Some((value, true)), hi: None },
            "=" => Atom::Is(value),
            _ => return Err("`!=` is written `not(…)` in a cell".to_owned()),
        })
    }

    /// `[a..b]`; `(`, `]` and `)`, `[` leave their end out.
    fn range(&mut self) -> Result<Atom, Refusal> {
        let open = self.sign("[");
        if !open && !self.sign("(") && !self.sign("]") {
            return Err(self.unread("a range"));
        }
        let lo = self.value()?;
        if !self.sign("..") {
            return Err(self.unread("`..`"));
        }
        let hi = self.value()?;
        let closed = self.sign("]");
        if !closed && !self.sign(")") && !self.sign("[") {
            return Err(self.unread("`]` or `)`"));
        }
        Ok(Atom::Range { lo: Some((lo, open)), hi: Some((hi, closed)) })
    }

    fn value(&mut self) -> Result<Literal, Refusal> {
        self.space();
        let before = self.rest;
        let is = if self.rest.starts_with('"') {
            return self.quoted().map(Literal::text);
        } else if self.word("true") {
            Plain::Flag(true)
        } else if self.word("false") {
            Plain::Flag(false)
        } else if self.word("null") {
            return Err(
                "`null` asks whether a value is missing, and a missing value is none in Lexport: leave the row out".to_owned()
            );
        } else if self.sign("@") {
            self.day()?
        } else if self.word("date") && self.sign("(") {
            let day = self.day()?;
            if !self.sign(")") {
                return Err(self.unread("`)`"));
            }
            day
        } else if before.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '.')) {
            self.number()?
        } else {
            return Err(computed(before));
        };
        let text = before[..before.len() - self.rest.len()].trim().to_owned();
        Ok(Literal { text, is })
    }

    /// A day as a text, or as three numbers.
    fn day(&mut self) -> Result<Plain, Refusal> {
        self.space();
        let text = if self.rest.starts_with('"') {
            self.quoted()?
        } else {
            let end = self.rest.find(')').unwrap_or(self.rest.len());
            let (inside, rest) = self.rest.split_at(end);
            let parts: Vec<u32> = inside.split(',').map_while(|part| part.trim().parse().ok()).collect();
            let [year, month, day] = parts.as_slice() else { return Err(computed(self.whole)) };
            self.rest = rest;
            format!("{year:04}-{month:02}-{day:02}")
        };
        date_day(&text)
            .filter(|_| text.len() == 10)
            .map(Plain::Day)
            .ok_or_else(|| format!("\"{text}\" is no day of the calendar (2025-01-13); times and durations are not read"))
    }

    fn number(&mut self) -> Result<Plain, Refusal> {
        let mut end = usize::from(self.rest.starts_with('-'));
        let bytes = self.rest.as_bytes();
        while end < bytes.len() {
            let more = match bytes[end] {
                b'0'..=b'9' => true,
                // Two points are a range, not a decimal.
                b'.' => bytes.get(end + 1).is_some_and(u8::is_ascii_digit) && !self.rest[..end].contains('.'),
                b'e' | b'E' => bytes.get(end + 1).is_some_and(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'+')),
                b'-' | b'+' => matches!(bytes[end - 1], b'e' | b'E'),
                _ => false,
            };
            if !more {
                break;
            }
            end += 1;
        }
        let (text, rest) = self.rest.split_at(end);
        let number = Exact::parse(text).ok_or_else(|| format!("`{text}` is no number that can be kept exactly"))?;
        self.rest = rest;
        Ok(Plain::Number(number))
    }

    fn quoted(&mut self) -> Result<String, Refusal> {
        let mut out = String::new();
        let mut chars = self.rest.char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.rest = &self.rest[at + 1..];
                    return Ok(out);
                }
                '\\' => match chars.next().map(|(_, c)| c) {
                    Some('n') => out.push('\n'),
                    Some('r') => out.push('\r'),
                    Some('t') => out.push('\t'),
                    Some(c @ ('"' | '\\' | '\'')) => out.push(c),
                    Some('u') => {
                        let code: String = chars.by_ref().take(4).map(|(_, c)| c).collect();
                        let c = u32::from_str_radix(&code, 16).ok().and_then(char::from_u32);
                        out.push(c.ok_or_else(|| format!("`\\u{code}` is no character"))?);
                    }
                    _ => return Err("a text ends in `\\`, or has an escape that FEEL does not know".to_owned()),
                },
                c => out.push(c),
            }
        }
        Err("a text without its closing quote".to_owned())
    }
}

/// Two comparisons that must both hold, as one range.
fn both(one: Atom, other: Atom) -> Result<Atom, Refusal> {
    let pick = |a: Option<End>, b: Option<End>| if a.is_some() && b.is_some() { None } else { Some(a.or(b)) };
    if let (Atom::Range { lo: a, hi: b }, Atom::Range { lo: c, hi: d }) = (one, other)
        && let (Some(lo), Some(hi)) = (pick(a, c), pick(b, d))
    {
        return Ok(Atom::Range { lo, hi });
    }
    Err("`and` joins a lower and an upper bound, as in `? >= 5 and ? < 10`".to_owned())
}

fn computed(text: &str) -> Refusal {
    let text = text.trim();
    if text.is_empty() {
        return "it ends where a value should stand".to_owned();
    }
    let word: String = text.chars().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | ' ')).collect();
    let word = word.trim();
    let shown: String = text.chars().take(60).collect();
    if !word.is_empty() && word == text {
        return format!("`{shown}` is a name in FEEL, whose value would have to be computed; a text is written \"{shown}\"");
    }
    if !word.is_empty() && text[word.len()..].trim_start().starts_with('(') {
        return format!(
            "`{word}(…)` is a call in FEEL, which would have to be computed; only `date(\"…\")` and `not(…)` are read"
        );
    }
    format!("`{shown}` is neither a literal, a comparison, a range, a list nor `not(…)`")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        match unary_tests(text) {
            Err(why) => format!("refused: {why}"),
            Ok(condition) => {
                let end = |end: &Option<End>| {
                    end.as_ref()
                        .map_or("∞".to_owned(), |(value, closed)| format!("{}{}", value.text, if *closed { "" } else { "!" }))
                };
                let atoms: Vec<String> = condition
                    .atoms
                    .iter()
                    .map(|atom| match atom {
                        Atom::Is(value) => {
                            format!("{}:{:?}", value.text, value.is).replace("Number(Exact ", "(").replace(":Text", "")
                        }
                        Atom::Range { lo, hi } => format!("{}..{}", end(lo), end(hi)),
                        Atom::Has(..) => "has".to_owned(),
                    })
                    .collect();
                format!("{}{}", if condition.negated { "not " } else { "" }, atoms.join(" | "))
            }
        }
    }

    #[test]
    fn unary_tests_are_read() {
        assert_eq!(shown(" - "), "");
        assert_eq!(shown("<= 5"), "∞..5");
        assert_eq!(shown("> -0.5"), "-0.5!..∞");
        assert_eq!(shown("[1..2)"), "1..2!");
        assert_eq!(shown("]1..2["), "1!..2!");
        assert_eq!(shown("(1 .. 2]"), "1!..2");
        assert_eq!(shown("\"a\", \"b, c\""), "a | b, c");
        assert_eq!(shown("not(\"a\", \"b\")"), "not a | b");
        assert_eq!(shown("< 5, [10..20], 30"), "∞..5! | 10..20 | 30:({ digits: 30, scale: 0 })");
        assert_eq!(shown("? >= 5 and ? < 10"), "5..10!");
        assert_eq!(shown("true"), "true:Flag(true)");
        assert_eq!(shown("date(\"2025-01-13\")"), "date(\"2025-01-13\"):Day(20101)");
        assert_eq!(shown(">= @\"2025-01-13\""), "@\"2025-01-13\"..∞");
        assert_eq!(shown("date(2025, 1, 13)"), "date(2025, 1, 13):Day(20101)");
        assert_eq!(shown(r#""a\"\u0041""#), "a\"A");
    }

    proptest::proptest! {
        #[test]
        fn no_cell_is_a_panic(text in "[-0-9a-z≤é, ()\\[\\]\"./<>=?@\\\\]{0,24}|(not\\(|date\\(|\\?|and|<=|\\[|\\]|\"|\\\\|u|5|\\.\\.|,|-|e|é){0,10}|\\PC{0,12}") {
            let _ = unary_tests(&text);
            let _ = literal(&text);
        }
    }

    #[test]
    fn what_is_computed_is_refused_in_its_words() {
        for (text, says) in [
            ("Gold", "a text is written \"Gold\""),
            ("count(x)", "`count(…)` is a call"),
            ("< limit", "`limit` is a name"),
            ("5 + 3", "`+ 3` stands where the end"),
            ("null", "`null` asks"),
            ("not \"a\"", "`not(…)`"),
            ("[1..", "it ends where"),
            ("[1,2]", "`,2]` stands where `..` should"),
            ("date(\"2025-02-30\")", "no day of the calendar"),
            ("date and time(\"2025-01-13T00:00:00\")", "is a call"),
            ("duration(\"P1D\")", "is a call"),
            ("\"open", "closing quote"),
            ("? + 1 > 2", "would have to be computed"),
            ("\"a\" \"b\"", "stands where the end"),
            ("🦀", "neither a literal"),
        ] {
            let shown = shown(text);
            assert!(shown.starts_with("refused: ") && shown.contains(says), "{text}: {shown}");
        }
    }
}
