//! Names, texts and numbers as each dialect writes them. Whatever they contain, they stay what they are.

use crate::emit::domain::decimal;
use crate::ir::{Domain, date_text};

/// A database's own SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dialect {
    /// PostgreSQL, 14 and later.
    PostgreSql,
    /// DuckDB, 1.3 and later.
    DuckDb,
    /// Spark SQL, 4.0 and later.
    Spark,
}

impl Dialect {
    /// All of them.
    pub const ALL: [Dialect; 3] = [Dialect::PostgreSql, Dialect::DuckDb, Dialect::Spark];

    /// As its makers write it.
    pub fn name(self) -> &'static str {
        match self {
            Dialect::PostgreSql => "PostgreSQL",
            Dialect::DuckDb => "DuckDB",
            Dialect::Spark => "Spark",
        }
    }

    /// In the name of a file.
    pub(crate) fn file(self) -> &'static str {
        match self {
            Dialect::PostgreSql => "postgresql",
            Dialect::DuckDb => "duckdb",
            Dialect::Spark => "spark",
        }
    }

    /// A quoted identifier.
    pub(crate) fn ident(self, name: &str) -> String {
        match self {
            Dialect::Spark => format!("`{}`", name.replace('`', "``")),
            _ => format!("\"{}\"", name.replace('"', "\"\"")),
        }
    }

    /// A text literal; on one line, so that a line that ends with `;` ends a statement.
    pub(crate) fn text(self, text: &str) -> String {
        match self {
            Dialect::PostgreSql if text.chars().any(|c| c == '\\' || c.is_control()) => {
                let escape = |c: char| match c {
                    '\'' => "''".to_owned(),
                    '\\' => "\\\\".to_owned(),
                    c if c.is_control() => format!("\\u{:04X}", c as u32),
                    c => c.to_string(),
                };
                format!("E'{}'", text.chars().map(escape).collect::<String>())
            }
            Dialect::DuckDb if text.chars().any(char::is_control) => {
                let mut pieces = Vec::new();
                let mut plain = String::new();
                for c in text.chars() {
                    if c.is_control() {
                        pieces.push(format!("'{}'", std::mem::take(&mut plain)));
                        pieces.push(format!("chr({})", c as u32));
                    } else {
                        plain += &if c == '\'' { "''".to_owned() } else { c.to_string() };
                    }
                }
                pieces.push(format!("'{plain}'"));
                format!("({})", pieces.join(" || "))
            }
            Dialect::PostgreSql | Dialect::DuckDb => format!("'{}'", text.replace('\'', "''")),
            Dialect::Spark => {
                let escape = |c: char| match c {
                    '\'' => "\\'".to_owned(),
                    '\\' => "\\\\".to_owned(),
                    // `${name}` is replaced before a statement is read.
                    c if c == '$' || c.is_control() => format!("\\u{:04x}", c as u32),
                    c => c.to_string(),
                };
                format!("'{}'", text.chars().map(escape).collect::<String>())
            }
        }
    }

    /// An array of texts.
    pub(crate) fn texts<'t>(self, all: impl IntoIterator<Item = &'t str>) -> String {
        let all: Vec<String> = all.into_iter().map(|one| self.text(one)).collect();
        let all = all.join(", ");
        match self {
            Dialect::PostgreSql => format!("ARRAY[{all}]::text[]"),
            Dialect::DuckDb => format!("CAST([{all}] AS VARCHAR[])"),
            Dialect::Spark => format!("CAST(array({all}) AS ARRAY<STRING>)"),
        }
    }

    /// An array of whole numbers.
    pub(crate) fn numbers(self, all: &[u32]) -> String {
        let all: Vec<String> = all.iter().map(u32::to_string).collect();
        self.integers(&all.join(","))
    }

    /// An array of whole numbers, given with commas.
    pub(crate) fn integers(self, all: &str) -> String {
        match self {
            Dialect::PostgreSql => format!("'{{{all}}}'::int4[]"),
            Dialect::DuckDb if all.is_empty() => "CAST([] AS INTEGER[])".to_owned(),
            Dialect::DuckDb => format!("CAST(string_split('{all}', ',') AS INTEGER[])"),
            Dialect::Spark if all.is_empty() => "CAST(array() AS ARRAY<INT>)".to_owned(),
            Dialect::Spark => format!("CAST(split('{all}', ',') AS ARRAY<INT>)"),
        }
    }

    /// The entry of such an array at an index that counts from 0.
    pub(crate) fn entry(self, array: &str, index: &str) -> String {
        match self {
            Dialect::PostgreSql => format!("({array})[1 + {index}]"),
            Dialect::DuckDb => format!("({array})[1 + ({index})]"),
            Dialect::Spark => format!("({array})[{index}]"),
        }
    }

    /// A date literal.
    pub(crate) fn date(self, day: i64) -> String {
        format!("DATE '{}'", date_text(day))
    }

    /// The type of 64 bits.
    pub(crate) fn long(self) -> &'static str {
        match self {
            Dialect::PostgreSql => "int8",
            _ => "BIGINT",
        }
    }

    /// The type for what 64 bits do not hold.
    pub(crate) fn wide(self) -> &'static str {
        match self {
            Dialect::PostgreSql => "numeric",
            Dialect::DuckDb => "HUGEINT",
            Dialect::Spark => "DECIMAL(38, 0)",
        }
    }

    /// The greatest whole number that the wide type holds exactly; none: there is no limit.
    pub(crate) fn widest(self) -> Option<u128> {
        match self {
            Dialect::PostgreSql => None,
            Dialect::DuckDb => Some(i128::MAX as u128),
            Dialect::Spark => Some(10u128.pow(38) - 1),
        }
    }

    /// A text type.
    pub(crate) fn string(self) -> &'static str {
        match self {
            Dialect::PostgreSql => "text",
            Dialect::DuckDb => "VARCHAR",
            Dialect::Spark => "STRING",
        }
    }

    /// The type of an array.
    pub(crate) fn array_of(self, one: &str) -> String {
        match self {
            Dialect::Spark => format!("ARRAY<{one}>"),
            _ => format!("{one}[]"),
        }
    }

    /// The type of the values of a domain, so wide that these whole numbers of steps fit too.
    pub(crate) fn of(self, domain: &Domain, steps: &[i64]) -> Option<String> {
        Some(match domain {
            Domain::Bool => "BOOLEAN".to_owned(),
            Domain::Enum(_) => self.string().to_owned(),
            Domain::Set(_) => self.array_of(self.string()),
            Domain::Date { .. } => "DATE".to_owned(),
            Domain::Number(_) if self == Dialect::PostgreSql => "numeric".to_owned(),
            Domain::Number(number) => {
                let (digits, scale) = decimal(number, steps)?;
                format!("DECIMAL({digits}, {scale})")
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Dialect;

    #[test]
    fn names_and_texts_stay_what_they_are() {
        let odd = "a\"b'c`d\\e${f}\ng\u{fc}";
        let said = Dialect::ALL.map(|dialect| [dialect.ident(odd), dialect.text(odd)]);
        let [postgresql, duckdb, spark] = said;
        assert_eq!(postgresql, ["\"a\"\"b'c`d\\e${f}\ng\u{fc}\"", "E'a\"b''c`d\\\\e${f}\\u000Ag\u{fc}'"]);
        assert_eq!(duckdb[1], "('a\"b''c`d\\e${f}' || chr(10) || 'g\u{fc}')");
        assert_eq!(spark, ["`a\"b'c``d\\e${f}\ng\u{fc}`", "'a\"b\\'c`d\\\\e\\u0024{f}\\u000ag\u{fc}'"]);
    }
}
