//! Reads the JSON of a case file, keeping places: one object of scalars, lists, and objects for what stands before a case. Numbers
//! stay text, so nothing is rounded; what is nested deeper than anybody writes is skipped without recursion, so no depth harms.

use std::ops::Range;

/// A value of a case file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    /// `null`: not known.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as written.
    Number(String),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<(Given, Range<usize>)>),
    /// An object: a node of a chain.
    Object(Vec<Entry>),
    /// A list inside a list, or what is nested too deeply.
    Nested,
}

/// A name and its value, with their places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name.
    pub name: String,
    /// Where the name stands.
    pub name_at: Range<usize>,
    /// The value.
    pub value: Given,
    /// Where the value stands.
    pub value_at: Range<usize>,
}

/// Why a text is not a case file, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonError {
    /// Where.
    pub at: Range<usize>,
    /// What was expected.
    pub message: String,
}

/// The entries of one JSON object.
///
/// # Errors
/// [`JsonError`] at the first place that is not JSON, or if it is no object.
pub fn entries(text: &str) -> Result<Vec<Entry>, JsonError> {
    let start = if text.starts_with('\u{FEFF}') { '\u{FEFF}'.len_utf8() } else { 0 };
    let mut reader = Reader { text, at: start, depth: 0 };
    reader.space();
    let out = reader.object()?;
    reader.space();
    if reader.at < text.len() {
        return Err(reader.error("the end of the file: a case file holds one object"));
    }
    Ok(out)
}

/// How deep objects are read: an item made with what was made with…
const MAX_DEPTH: usize = 256;

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn error(&self, expected: &str) -> JsonError {
        let length = self.text[self.at..].chars().next().map_or(0, char::len_utf8);
        JsonError { at: self.at..self.at + length, message: format!("expected {expected}") }
    }

    fn expect(&mut self, byte: u8, what: &str) -> Result<(), JsonError> {
        if self.peek() == Some(byte) {
            self.at += 1;
            Ok(())
        } else {
            Err(self.error(what))
        }
    }

    fn object(&mut self) -> Result<Vec<Entry>, JsonError> {
        self.expect(b'{', "an object of attributes, `{ \"destination\": \"MY\", … }`")?;
        self.depth += 1;
        let mut out = Vec::new();
        self.space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            self.depth -= 1;
            return Ok(out);
        }
        loop {
            self.space();
            let from = self.at;
            if self.peek() != Some(b'"') {
                return Err(self.error("an attribute's name in double quotes"));
            }
            let name = self.string()?;
            let name_at = from..self.at;
            self.space();
            self.expect(b':', "`:`")?;
            self.space();
            let from = self.at;
            let value = self.value(true)?;
            out.push(Entry { name, name_at, value, value_at: from..self.at });
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    self.depth -= 1;
                    return Ok(out);
                }
                _ => return Err(self.error("`,` or `}`")),
            }
        }
    }

    fn value(&mut self, outer: bool) -> Result<Given, JsonError> {
        match self.peek() {
            Some(b'"') => self.string().map(Given::Text),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b'[') if outer => self.list(),
            Some(b'{') if self.depth < MAX_DEPTH => self.object().map(Given::Object),
            Some(b'{' | b'[') => self.skip(),
            _ => {
                let word = self.text[self.at..].split(|c: char| !c.is_alphanumeric()).next().unwrap_or("");
                let given = match word {
                    "null" => Given::Null,
                    "true" => Given::Bool(true),
                    "false" => Given::Bool(false),
                    _ => return Err(self.error("a value: a text in double quotes, a number, true, false, null or a list")),
                };
                self.at += word.len();
                Ok(given)
            }
        }
    }

    fn list(&mut self) -> Result<Given, JsonError> {
        self.at += 1;
        let mut out = Vec::new();
        self.space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Given::List(out));
        }
        loop {
            self.space();
            let from = self.at;
            let value = self.value(false)?;
            out.push((value, from..self.at));
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(Given::List(out));
                }
                _ => return Err(self.error("`,` or `]`")),
            }
        }
    }

    /// Passes over a nested value: brackets are counted, not followed.
    fn skip(&mut self) -> Result<Given, JsonError> {
        let mut depth = 0usize;
        loop {
            match self.peek() {
                Some(b'{' | b'[') => {
                    depth += 1;
                    self.at += 1;
                }
                Some(b'}' | b']') => {
                    depth -= 1;
                    self.at += 1;
                    if depth == 0 {
                        return Ok(Given::Nested);
                    }
                }
                Some(b'"') => {
                    self.string()?;
                }
                Some(_) => self.at += self.text[self.at..].chars().next().map_or(1, char::len_utf8),
                None => return Err(self.error("a closing bracket")),
            }
        }
    }

    fn number(&mut self) -> Result<Given, JsonError> {
        let from = self.at;
        while matches!(self.peek(), Some(b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9')) {
            self.at += 1;
        }
        let text = &self.text[from..self.at];
        let body = text.strip_prefix('-').unwrap_or(text);
        let (mantissa, exponent) = body.split_once(['e', 'E']).map_or((body, None), |(m, e)| (m, Some(e)));
        let (whole, fraction) = mantissa.split_once('.').map_or((mantissa, None), |(w, f)| (w, Some(f)));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let fine = digits(whole)
            && (whole == "0" || !whole.starts_with('0'))
            && fraction.is_none_or(digits)
            && exponent.is_none_or(|exponent| digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)));
        if fine {
            Ok(Given::Number(text.to_owned()))
        } else {
            Err(JsonError { at: from..self.at, message: "expected a number as JSON writes it, like 15832 or 5.92".into() })
        }
    }

    fn string(&mut self) -> Result<String, JsonError> {
        let from = self.at;
        self.at += 1;
        let mut out = String::new();
        loop {
            let Some(c) = self.text[self.at..].chars().next() else {
                return Err(JsonError { at: from..self.at, message: "expected a closing quote".into() });
            };
            match c {
                '"' => {
                    self.at += 1;
                    return Ok(out);
                }
                '\\' => out.push(self.escape()?),
                c if c < ' ' => return Err(self.error("a closing quote on this line (JSON texts have no line breaks)")),
                c => {
                    out.push(c);
                    self.at += c.len_utf8();
                }
            }
        }
    }

    fn escape(&mut self) -> Result<char, JsonError> {
        let from = self.at;
        let wrong = |at: usize| JsonError { at: from..at, message: "expected an escape that JSON knows".into() };
        let letter = self.text.as_bytes().get(self.at + 1).copied();
        self.at += 2;
        Ok(match letter {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let first = self.hex().ok_or_else(|| wrong(from + 2))?;
                let number = if (0xD800..0xDC00).contains(&first) {
                    let low = self
                        .text
                        .get(self.at..)
                        .and_then(|rest| rest.strip_prefix("\\u"))
                        .and_then(|_| {
                            self.at += 2;
                            self.hex()
                        })
                        .filter(|low| (0xDC00..0xE000).contains(low))
                        .ok_or_else(|| wrong(from + 2))?;
                    0x10000 + ((first - 0xD800) << 10) + (low - 0xDC00)
                } else {
                    first
                };
                char::from_u32(number).ok_or_else(|| wrong(from + 2))?
            }
            _ => return Err(wrong(from + 1)),
        })
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        let number = digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16).ok())??;
        self.at += 4;
        Some(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_what_case_files_hold() {
        let text = r#"{ "a.b": 1e26, "c": ["X", "Y"], "d": null, "e": "é\n\u00e9\ud83d\ude00", "f": {"g": [1, "}"]} }"#;
        let all = entries(text).expect("well formed");
        assert_eq!(all[0].value, Given::Number("1e26".into()));
        assert_eq!(&text[all[0].value_at.clone()], "1e26");
        assert!(matches!(&all[1].value, Given::List(list) if list.len() == 2));
        assert_eq!(all[3].value, Given::Text("é\né😀".into()));
        assert!(matches!(&all[4].value, Given::Object(inner) if inner.len() == 1));
    }

    fn read(given: &Given) -> bool {
        match given {
            Given::Nested => false,
            Given::List(list) => list.iter().all(|(one, _)| read(one)),
            Given::Object(all) => all.iter().all(|entry| read(&entry.value)),
            _ => true,
        }
    }

    #[test]
    fn depth_does_no_harm() {
        let text = format!("{}1{}", "{\"a\":".repeat(200_000), "}".repeat(200_000));
        assert!(entries(&text).is_ok());
        let text = format!("{{\"a\": {}", "[".repeat(1_000_000));
        assert!(entries(&text).is_err());
        let text = format!("{{\"a\": {}{}}}", "[".repeat(1_000_000), "]".repeat(1_000_000));
        assert!(entries(&text).is_ok());
    }

    #[test]
    fn says_where() {
        for (text, at) in [("[1]", 0), ("{\"a\" 1}", 5), ("{\"a\": 01}", 6), ("{\"a\": 1} x", 9), ("{\"a\": \"x}", 6), ("", 0)] {
            assert_eq!(entries(text).expect_err(text).at.start, at, "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_breaks_it(text in "\\PC*") {
            let _ = entries(&text);
            let _ = entries(&format!("{{\"a\": {text}"));
        }

        #[test]
        fn accepts_only_json(text in "[\\[\\]{}\",:0-9a-z\\\\ .e+-]{0,24}") {
            // What is nested is refused later, so its inside is not read.
            if entries(&text).is_ok_and(|all| all.iter().all(|entry| read(&entry.value))) {
                prop_assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok(), "{}", text);
            }
        }
    }
}
