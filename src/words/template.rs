//! Templates taken apart: text, places (`{name}`) and choices by a number (`{count:case|cases}`).

/// A part of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Stands as it is.
    Text(&'a str),
    /// Here stands what has this name.
    Place(&'a str),
    /// One text if what has this name counts as one, else the other.
    Count { of: &'a str, one: &'a str, many: &'a str },
}

/// The parts of a template, in order.
pub(super) fn pieces(template: &str) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        if !before.is_empty() {
            out.push(Piece::Text(before));
        }
        let (place, after) = after.split_once('}').unwrap_or((after, ""));
        out.push(match place.split_once(':') {
            None => Piece::Place(place),
            Some((of, choice)) => {
                let (one, many) = choice.split_once('|').unwrap_or((choice, choice));
                Piece::Count { of, one, many }
            }
        });
        rest = after;
    }
    if !rest.is_empty() {
        out.push(Piece::Text(rest));
    }
    out
}

/// The names of the places of a template, each once, sorted.
pub fn placeholders(template: &str) -> Vec<&str> {
    let mut names: Vec<&str> = pieces(template)
        .into_iter()
        .filter_map(|piece| match piece {
            Piece::Text(_) => None,
            Piece::Place(name) | Piece::Count { of: name, .. } => Some(name),
        })
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_text_places_and_choices() {
        let count = Piece::Count { of: "n", one: "case", many: "cases" };
        assert_eq!(
            pieces("in {n} {n:case|cases}."),
            [Piece::Text("in "), Piece::Place("n"), Piece::Text(" "), count, Piece::Text(".")]
        );
        assert_eq!(placeholders("{b} {a} {b:x|y}"), ["a", "b"]);
        assert!(placeholders("none").is_empty());
    }
}
