//! A table as it was read: cells that are understood, columns that have no type yet. What DMN, CSV and spreadsheets have in common.

/// A table before its columns have types.
#[derive(Clone, Debug, Default)]
pub struct Grid {
    /// What the file calls it.
    pub name: String,
    /// How its rows combine.
    pub policy: Policy,
    /// Columns that say when a row applies.
    pub inputs: Vec<Head>,
    /// Columns that say what it concludes.
    pub outputs: Vec<Head>,
    /// The rows.
    pub rows: Vec<Line>,
    /// Whether a number may lie between any two that are written (DMN); else they are counted in the steps that the column shows.
    pub dense: bool,
}

/// A column.
#[derive(Clone, Debug, Default)]
pub struct Head {
    /// What it asks for or concludes, as the file says it.
    pub name: String,
    /// What it is called for people, if that is something else.
    pub title: String,
    /// What the file says about its type.
    pub kind: Option<Kind>,
    /// The values that the file says it can have.
    pub allowed: Option<Condition>,
    /// Of an output: its value where no row applies.
    pub default: Option<Literal>,
}

/// What a column's values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Texts, of which only equality is asked.
    Text,
    /// Numbers.
    Number,
    /// Whole numbers.
    Whole,
    /// Days.
    Day,
    /// Yes or no.
    Flag,
    /// Sets of texts.
    Set,
}

impl Kind {
    /// Its name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Text => "texts",
            Kind::Number => "numbers",
            Kind::Whole => "whole numbers",
            Kind::Day => "days",
            Kind::Flag => "yes or no",
            Kind::Set => "sets",
        }
    }
}

/// A row.
#[derive(Clone, Debug, Default)]
pub struct Line {
    /// Its number in the user's own file.
    pub number: usize,
    /// By input.
    pub conditions: Vec<Condition>,
    /// By output: nothing, a value, or values that contradict each other.
    pub outputs: Vec<Vec<Literal>>,
    /// The provision.
    pub cite: String,
    /// What else is written beside it.
    pub title: String,
}

/// What a cell asks: one of the atoms, or none of them. Without atoms: anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Condition {
    /// The cell as it stands in the file.
    pub text: String,
    /// Whether none of the atoms may hold.
    pub negated: bool,
    /// The alternatives.
    pub atoms: Vec<Atom>,
}

impl Condition {
    /// Whether it asks nothing.
    pub fn is_any(&self) -> bool {
        self.atoms.is_empty()
    }

    /// All literals in it.
    pub fn literals(&self) -> impl Iterator<Item = &Literal> {
        self.atoms.iter().flat_map(|atom| match atom {
            Atom::Is(literal) | Atom::Has(literal, _) => vec![literal],
            Atom::Range { lo, hi } => lo.iter().chain(hi).map(|end| &end.0).collect(),
        })
    }
}

/// One alternative.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Atom {
    /// This value.
    Is(Literal),
    /// Between two values; each end with whether it is included.
    Range {
        /// From here on.
        lo: Option<(Literal, bool)>,
        /// Up to here.
        hi: Option<(Literal, bool)>,
    },
    /// A set has a member, or has it not. Of these all must hold.
    Has(Literal, bool),
}

/// A value as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Literal {
    /// The words.
    pub text: String,
    /// What they are by themselves.
    pub is: Plain,
}

/// What words are by themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Plain {
    /// A text; in quotes it is nothing else.
    Text,
    /// A number.
    Number(Exact),
    /// A day, as days since 1970-01-01.
    Day(i64),
    /// A truth value.
    Flag(bool),
}

impl Literal {
    /// A text.
    pub fn text(text: impl Into<String>) -> Self {
        Literal { text: text.into(), is: Plain::Text }
    }
}

/// An exact decimal: `digits × 10^-scale`, without trailing zeros behind the point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Exact {
    /// The digits.
    pub digits: i128,
    /// How many of them stand behind the point.
    pub scale: u32,
}

impl Exact {
    /// Reads a decimal. `None`: not a number, or with more than 36 digits.
    pub fn parse(text: &str) -> Option<Exact> {
        let (negative, rest) = match text.strip_prefix(['-', '\u{2212}']) {
            Some(rest) => (true, rest.trim_start()),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (rest, exponent) = match rest.split_once(['e', 'E']) {
            Some((rest, exponent)) => (rest, exponent.parse::<i32>().ok().filter(|e| e.abs() <= 36)?),
            None => (rest, 0),
        };
        let (whole, fraction) = rest.split_once('.').unwrap_or((rest, ""));
        let all = format!("{whole}{fraction}");
        if all.is_empty()
            || all.len() > 36
            || !all.bytes().all(|byte| byte.is_ascii_digit())
            || (whole.is_empty() && fraction.is_empty())
        {
            return None;
        }
        let mut digits: i128 = all.parse().ok()?;
        let mut scale = fraction.len() as i32 - exponent;
        while scale > 0 && digits % 10 == 0 {
            digits /= 10;
            scale -= 1;
        }
        while scale < 0 {
            digits = digits.checked_mul(10)?;
            scale += 1;
        }
        Some(Exact { digits: if negative { -digits } else { digits }, scale: scale as u32 })
    }

    /// Which of two is the greater, whatever digits they have.
    pub fn compare(self, other: Exact) -> std::cmp::Ordering {
        let scale = self.scale.max(other.scale);
        let steps = |exact: Exact| num_bigint::BigInt::from(exact.digits) * num_bigint::BigInt::from(10).pow(scale - exact.scale);
        steps(self).cmp(&steps(other))
    }

    /// How many steps of `10^-scale` it is; `None` if it lies between two, or beyond 64 bits.
    pub fn steps(self, scale: u32) -> Option<i64> {
        let up = 10i128.checked_pow(scale.checked_sub(self.scale)?)?;
        i64::try_from(self.digits.checked_mul(up)?).ok()
    }
}

/// How the rows of a table combine (DMN, "Hit policy").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// One row applies.
    #[default]
    Unique,
    /// Rows that apply agree.
    Any,
    /// The row with the output that is listed first.
    Priority,
    /// The first row.
    First,
    /// All, in their order.
    RuleOrder,
    /// All, in the order of outputs.
    OutputOrder,
    /// All.
    Collect,
    /// Their sum.
    Sum,
    /// The least.
    Min,
    /// The greatest.
    Max,
    /// How many.
    Count,
}

impl Policy {
    /// Its name as in DMN.
    pub fn name(self) -> &'static str {
        match self {
            Policy::Unique => "UNIQUE",
            Policy::Any => "ANY",
            Policy::Priority => "PRIORITY",
            Policy::First => "FIRST",
            Policy::RuleOrder => "RULE ORDER",
            Policy::OutputOrder => "OUTPUT ORDER",
            Policy::Collect => "COLLECT",
            Policy::Sum => "COLLECT SUM",
            Policy::Min => "COLLECT MIN",
            Policy::Max => "COLLECT MAX",
            Policy::Count => "COLLECT COUNT",
        }
    }

    /// The policy of a name or of its letter.
    pub fn of(text: &str) -> Option<Policy> {
        let text = text.trim().to_ascii_uppercase().replace(['_', '-'], " ");
        Some(match text.as_str() {
            "U" | "UNIQUE" => Policy::Unique,
            "A" | "ANY" => Policy::Any,
            "P" | "PRIORITY" => Policy::Priority,
            "F" | "FIRST" => Policy::First,
            "R" | "RULE ORDER" => Policy::RuleOrder,
            "O" | "OUTPUT ORDER" => Policy::OutputOrder,
            "C" | "COLLECT" => Policy::Collect,
            "C+" | "SUM" | "COLLECT SUM" => Policy::Sum,
            "C<" | "MIN" | "COLLECT MIN" => Policy::Min,
            "C>" | "MAX" | "COLLECT MAX" => Policy::Max,
            "C#" | "COUNT" | "COLLECT COUNT" => Policy::Count,
            _ => return None,
        })
    }

    /// Whether the outcome is a set of what the rows conclude.
    pub fn lists(self) -> bool {
        matches!(self, Policy::RuleOrder | Policy::OutputOrder | Policy::Collect)
    }

    /// Whether rows may meet.
    pub fn overlaps(self) -> bool {
        !matches!(self, Policy::Unique | Policy::Any)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact() {
        let exact = |text: &str| Exact::parse(text).map(|exact| (exact.digits, exact.scale));
        assert_eq!(exact("5.920"), Some((592, 2)));
        assert_eq!(exact("-.5"), Some((-5, 1)));
        assert_eq!(exact("1e3"), Some((1000, 0)));
        assert_eq!(exact("1.5e-2"), Some((15, 3)));
        for wrong in ["", "-", ".", "1.2.3", "1,5", "x", "1e", "1e99", "0x10", "1_0"] {
            assert_eq!(exact(wrong), None, "{wrong}");
        }
        assert_eq!(Exact::parse("5.9").and_then(|exact| exact.steps(2)), Some(590));
        assert_eq!(Exact::parse("5.92").and_then(|exact| exact.steps(1)), None);
        let compare = |a: &str, b: &str| Exact::parse(a).zip(Exact::parse(b)).map(|(a, b)| a.compare(b));
        assert_eq!(compare("2.5", "2.49"), Some(std::cmp::Ordering::Greater));
        assert_eq!(compare("-1e36", "1e-36"), Some(std::cmp::Ordering::Less));
        assert_eq!(compare("5.0", "5"), Some(std::cmp::Ordering::Equal));
    }
}
