//! Small things about text for people: wrapping, characters that must not reach a terminal.

/// Whether a line may end here: not at a no-break space.
fn breaks(c: char) -> bool {
    c.is_whitespace() && !matches!(c, '\u{a0}' | '\u{202f}')
}

/// Wraps a paragraph at words. Words that are longer than a line stay whole. `first` stands before the first line and
/// `rest` before the others; both count.
pub fn wrap(text: &str, width: usize, first: &str, rest: &str) -> String {
    let mut out = String::new();
    for (number, paragraph) in text.lines().enumerate() {
        if number > 0 {
            out.push('\n');
        }
        let lead = if number == 0 { first } else { rest };
        out.push_str(lead);
        let mut column = lead.chars().count();
        let mut fresh = true;
        for word in paragraph.split(breaks).filter(|word| !word.is_empty()) {
            let length = word.chars().count();
            if !fresh && column + 1 + length > width {
                out.push('\n');
                out.push_str(rest);
                column = rest.chars().count();
                fresh = true;
            }
            if !fresh {
                out.push(' ');
                column += 1;
            }
            out.push_str(word);
            column += length;
            fresh = false;
        }
    }
    out
}

/// Whether a character would do something to a terminal, or reorder what is read, instead of being seen.
fn is_unseen(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t')
        || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200E}' | '\u{200F}' | '\u{061C}')
}

/// The text with every character that is not seen replaced by one that is, of the same length in bytes, so that places
/// in the text stay right.
pub fn visible(text: &str) -> std::borrow::Cow<'_, str> {
    if !text.contains(is_unseen) {
        return text.into();
    }
    text.chars()
        .map(|c| match c.len_utf8() {
            _ if !is_unseen(c) => c,
            1 => '?',
            2 => '¿',
            _ => '\u{FFFD}',
        })
        .collect::<String>()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrapping_keeps_words_and_indents() {
        assert_eq!(wrap("aa bb cc dd", 8, "- ", "  "), "- aa bb\n  cc dd");
        assert_eq!(wrap("aaaaaaaaaaaa b", 4, "", ""), "aaaaaaaaaaaa\nb");
        assert_eq!(wrap("a\nb", 4, "", ">"), "a\n>b");
        assert_eq!(wrap("a b\u{a0}:", 4, "", ""), "a\nb\u{a0}:");
    }

    #[test]
    fn escapes_do_not_reach_the_terminal_and_places_stay() {
        let text = "a\u{1b}[31mb\u{202E}c\u{9b}d";
        let seen = visible(text);
        assert_eq!(seen.len(), text.len());
        assert_eq!(&*seen, "a?[31mb\u{FFFD}c¿d");
    }
}
