//! Literate regimes: Markdown whose fenced `lxp` blocks are the regime.

/// The text with everything outside of `lxp` blocks replaced by spaces, so that every place stays where it is.
pub(super) fn blank(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut fence: Option<(usize, bool)> = None;
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim_start();
        let ticks = trimmed.bytes().take_while(|byte| *byte == b'`').count();
        let keep = match fence {
            None if ticks >= 3 => {
                let language = trimmed[ticks..].split_whitespace().next().unwrap_or("");
                fence = Some((ticks, language == "lxp"));
                false
            }
            Some((open, _)) if ticks >= open && trimmed.trim_end().len() == ticks => {
                fence = None;
                false
            }
            Some((_, code)) => code,
            None => false,
        };
        if keep {
            out.push_str(line);
        } else {
            out.extend(line.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::blank;

    #[test]
    fn places_do_not_move() {
        let text = "# Títle\n```lxp\nunit W\n```\n```rust\nunit X\n```\n";
        let blanked = blank(text);
        assert_eq!(blanked.len(), text.len());
        assert_eq!(blanked.trim(), "unit W");
        assert_eq!(blanked.find("unit W"), text.find("unit W"));
    }
}
