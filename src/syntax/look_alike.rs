//! Characters that look like those of the language: from word processors, other scripts, and input methods.

/// What a character looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meant {
    /// A letter, a digit or `_`.
    Letter(char),
    /// A double quote.
    Quote,
    /// A space, or nothing at all.
    Space,
    /// A long dash: mostly the `--` of a comment.
    Dashes,
    /// A sign.
    Sign(&'static str),
}

/// Letters of Cyrillic and Greek that are drawn like Latin ones (after Unicode's `confusables.txt`, UTS #39).
const LETTERS: &[(char, char)] = &[
    ('а', 'a'),
    ('в', 'b'),
    ('с', 'c'),
    ('ԁ', 'd'),
    ('е', 'e'),
    ('һ', 'h'),
    ('і', 'i'),
    ('ј', 'j'),
    ('к', 'k'),
    ('ӏ', 'l'),
    ('м', 'm'),
    ('п', 'n'),
    ('о', 'o'),
    ('р', 'p'),
    ('ԛ', 'q'),
    ('г', 'r'),
    ('ѕ', 's'),
    ('т', 't'),
    ('у', 'y'),
    ('ѵ', 'v'),
    ('ԝ', 'w'),
    ('х', 'x'),
    ('А', 'A'),
    ('В', 'B'),
    ('С', 'C'),
    ('Е', 'E'),
    ('Ԍ', 'G'),
    ('Н', 'H'),
    ('І', 'I'),
    ('Ј', 'J'),
    ('К', 'K'),
    ('М', 'M'),
    ('О', 'O'),
    ('Р', 'P'),
    ('Ѕ', 'S'),
    ('Т', 'T'),
    ('Х', 'X'),
    ('У', 'Y'),
    ('α', 'a'),
    ('ι', 'i'),
    ('κ', 'k'),
    ('ν', 'v'),
    ('ο', 'o'),
    ('ρ', 'p'),
    ('υ', 'u'),
    ('χ', 'x'),
    ('Α', 'A'),
    ('Β', 'B'),
    ('Ε', 'E'),
    ('Ζ', 'Z'),
    ('Η', 'H'),
    ('Ι', 'I'),
    ('Κ', 'K'),
    ('Μ', 'M'),
    ('Ν', 'N'),
    ('Ο', 'O'),
    ('Ρ', 'P'),
    ('Τ', 'T'),
    ('Υ', 'Y'),
    ('Χ', 'X'),
    ('ı', 'i'),
    ('ſ', 's'),
];

const SIGNS: &[(char, &str)] = &[
    ('–', "-"),
    ('‐', "-"),
    ('‑', "-"),
    ('‒', "-"),
    ('−', "-"),
    ('≥', ">="),
    ('⩾', ">="),
    ('≤', "<="),
    ('⩽', "<="),
    ('≠', "!="),
    ('×', "*"),
    ('·', "*"),
    ('∗', "*"),
    ('÷', "/"),
    ('⁄', "/"),
    ('∕', "/"),
    ('⇒', "=>"),
    ('→', "=>"),
    ('∧', "and"),
    ('∨', "or"),
    ('¬', "not"),
    ('∈', "in"),
    ('∪', "+"),
    ('∩', "&"),
    ('∶', ":"),
    ('‚', ","),
];

/// What a character looks like, if it is not of the language itself.
pub fn meant(c: char) -> Option<Meant> {
    if c.is_ascii() {
        return None;
    }
    if is_quote(c) {
        return Some(Meant::Quote);
    }
    if is_wide_space(c) || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' | '\u{AD}') {
        return Some(Meant::Space);
    }
    if matches!(c, '—' | '―' | '⸺') {
        return Some(Meant::Dashes);
    }
    if let Some((_, sign)) = SIGNS.iter().find(|(sign, _)| *sign == c) {
        return Some(Meant::Sign(sign));
    }
    if let Some((_, letter)) = LETTERS.iter().find(|(letter, _)| *letter == c) {
        return Some(Meant::Letter(*letter));
    }
    // Fullwidth forms, as East Asian input methods give them.
    if matches!(c, '\u{FF01}'..='\u{FF5E}') {
        let plain = char::from_u32(c as u32 - 0xFEE0)?;
        if plain.is_ascii_alphanumeric() || plain == '_' {
            return Some(Meant::Letter(plain));
        }
        return WIDE_SIGNS.iter().find(|sign| sign.starts_with(plain)).map(|sign| Meant::Sign(sign));
    }
    None
}

const WIDE_SIGNS: &[&str] = &["=", "<", ">", "+", "-", "*", "/", "&", ",", ":", ".", "{", "}", "(", ")", "%", ";", "!"];

/// Curly, low and angular quotes.
pub fn is_quote(c: char) -> bool {
    matches!(c, '“' | '”' | '„' | '‟' | '«' | '»' | '″' | '‘' | '’' | '\u{FF02}')
}

/// A space that takes room.
pub fn is_wide_space(c: char) -> bool {
    matches!(
        c,
        '\u{A0}' | '\u{1680}' | '\u{2000}'
            ..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}
