//! Names of columns and values as names of the language.

use std::collections::BTreeSet;

use crate::syntax;

/// The name of a file without its folders and its ending.
pub fn stem(path: &str) -> &str {
    let file = path.rsplit(['/', '\\']).next().unwrap_or(path);
    file.rsplit_once('.').map_or(file, |(stem, _)| if stem.is_empty() { file } else { stem })
}

/// Names that are taken.
#[derive(Clone, Debug, Default)]
pub struct Names(BTreeSet<String>);

impl Names {
    /// A free name for some words: what can be read of them in letters, digits and `_`. A second `a_b` becomes `a_b_2`.
    pub fn free(&mut self, words: &str) -> String {
        let base = identifier(words);
        let mut name = base.clone();
        let mut number = 1;
        while self.0.contains(&name) {
            number += 1;
            name = format!("{base}_{number}");
        }
        self.0.insert(name.clone());
        name
    }

    /// Takes a name as it is.
    pub fn take(&mut self, name: &str) {
        self.0.insert(name.to_owned());
    }
}

/// Words as a name of the language.
pub fn identifier(words: &str) -> String {
    if syntax::is_plain_name(words) {
        return words.to_owned();
    }
    let mut out = String::new();
    for c in words.chars() {
        match plain(c) {
            Some(letters) => out.push_str(letters),
            None if c.is_ascii_alphanumeric() => out.push(c),
            None if c == '+' => out.push_str("plus"),
            None if c == '%' => out.push_str("percent"),
            None if out.is_empty() || out.ends_with('_') => {}
            None => out.push('_'),
        }
    }
    out.truncate(60);
    let out = out.trim_end_matches('_');
    let name = if out.starts_with(|c: char| c.is_ascii_alphabetic()) {
        out.to_owned()
    } else {
        format!("v{}{out}", if out.is_empty() { "alue" } else { "" })
    };
    // A word of the language is none of its names.
    if syntax::is_plain_name(&name) { name } else { format!("{name}_") }
}

/// A letter of European languages as it is written without its marks.
fn plain(c: char) -> Option<&'static str> {
    Some(match c {
        'à' | 'á' | 'â' | 'ã' | 'å' | 'ą' | 'ā' => "a",
        'ä' | 'æ' => "ae",
        'ç' | 'ć' | 'č' => "c",
        'ď' | 'đ' => "d",
        'è' | 'é' | 'ê' | 'ë' | 'ę' | 'ě' | 'ē' => "e",
        'ì' | 'í' | 'î' | 'ï' | 'ī' => "i",
        'ł' => "l",
        'ñ' | 'ń' | 'ň' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ø' => "o",
        'ö' | 'œ' => "oe",
        'ř' => "r",
        'ś' | 'š' | 'ş' => "s",
        'ß' => "ss",
        'ť' => "t",
        'ù' | 'ú' | 'û' | 'ů' | 'ū' => "u",
        'ü' => "ue",
        'ý' | 'ÿ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        'À' | 'Á' | 'Â' | 'Ã' | 'Å' => "A",
        'Ä' | 'Æ' => "Ae",
        'Ç' | 'Č' => "C",
        'È' | 'É' | 'Ê' | 'Ë' => "E",
        'Ì' | 'Í' | 'Î' | 'Ï' => "I",
        'Ñ' => "N",
        'Ò' | 'Ó' | 'Ô' | 'Õ' | 'Ø' => "O",
        'Ö' | 'Œ' => "Oe",
        'Ù' | 'Ú' | 'Û' => "U",
        'Ü' => "Ue",
        'Š' => "S",
        'Ž' => "Z",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_names() {
        for (words, name) in [
            ("Applicant Age", "Applicant_Age"),
            ("D:5", "D:5"),
            ("3A090.a", "3A090.a"),
            ("Größe (kg)", "Groesse_kg"),
            ("rule", "rule_"),
            ("5 years", "v5_years"),
            ("", "value"),
            ("日本", "value"),
            ("A+", "Aplus"),
        ] {
            assert_eq!(identifier(words), name, "{words}");
        }
        let mut names = Names::default();
        assert_eq!((names.free("a b"), names.free("a-b")), ("a_b".into(), "a_b_2".into()));
        assert_eq!(stem("x/y/shipping.v2.csv"), "shipping.v2");
    }
}
