//! The finite domains of inputs, and enumerations.

use serde::{Deserialize, Serialize};

use super::{EnumId, MemberSet};

/// An exact decimal: `mantissa × 10^-scale`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Decimal {
    /// The digits.
    pub mantissa: i64,
    /// How many of them stand behind the point.
    pub scale: u32,
}

impl Decimal {
    /// A whole number.
    pub const fn whole(mantissa: i64) -> Self {
        Decimal { mantissa, scale: 0 }
    }
}

/// A number in a unit, in exact steps: the value is `k × step` with `lo ≤ k ≤ hi`. Everything after the IR
/// computes with `k`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct NumberDomain {
    /// The unit as people write it (`TPP`, `TPP/mm2`, `%`, `USD`, empty for a plain count).
    pub unit: String,
    /// The size of one step, in the unit.
    pub step: Decimal,
    /// Least `k`.
    pub lo: i64,
    /// Greatest `k`.
    pub hi: i64,
}

impl NumberDomain {
    /// The value of `k` steps as decimal text without a unit, exactly, without trailing zeros.
    pub fn text(&self, k: i64) -> String {
        let value = i128::from(k) * i128::from(self.step.mantissa);
        let digits = value.unsigned_abs().to_string();
        let scale = self.step.scale as usize;
        let digits = format!("{digits:0>width$}", width = scale + 1);
        let (whole, fraction) = digits.split_at(digits.len() - scale);
        let fraction = fraction.trim_end_matches('0');
        let sign = if value < 0 { "-" } else { "" };
        if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
    }

    /// The number of steps of a decimal text, if it is a number on the grid (`None`: not a number, or between two
    /// steps, or beyond 64 bits). The range is not checked.
    pub fn parse(&self, text: &str) -> Option<i64> {
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (text, exponent) = match text.split_once(['e', 'E']) {
            Some((digits, exponent)) => (digits, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits: String = whole.chars().chain(fraction.chars()).filter(|c| *c != '_').collect();
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let mut mantissa: i128 = digits
            .trim_start_matches('0')
            .parse()
            .or_else(|error| if digits.bytes().all(|byte| byte == b'0') { Ok(0) } else { Err(error) })
            .ok()?;
        let fraction_digits = fraction.bytes().filter(|byte| *byte != b'_').count() as i64;
        let shift = i64::from(exponent) - fraction_digits + i64::from(self.step.scale);
        for _ in 0..shift.unsigned_abs().min(60) {
            if mantissa == 0 {
                break;
            }
            if shift > 0 {
                mantissa = mantissa.checked_mul(10)?;
            } else if mantissa % 10 == 0 {
                mantissa /= 10;
            } else {
                return None;
            }
        }
        if mantissa != 0 && shift.unsigned_abs() > 60 {
            return None;
        }
        let step = i128::from(self.step.mantissa);
        if step <= 0 || mantissa % step != 0 {
            return None;
        }
        let k = mantissa / step;
        i64::try_from(if negative { -k } else { k }).ok()
    }
}

/// What values an input can take. Every domain is finite.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Domain {
    /// True or false.
    Bool,
    /// One member.
    Enum(EnumId),
    /// Any subset of the members.
    Set(EnumId),
    /// A number in steps.
    Number(NumberDomain),
    /// A day, as days since 1970-01-01 (proleptic Gregorian), from `lo` to `hi`.
    Date {
        /// First day.
        lo: i64,
        /// Last day.
        hi: i64,
    },
}

impl Domain {
    /// Least and greatest value of a number or date.
    pub fn bounds(&self) -> Option<(i64, i64)> {
        match self {
            Domain::Number(number) => Some((number.lo, number.hi)),
            Domain::Date { lo, hi } => Some((*lo, *hi)),
            _ => None,
        }
    }
}

/// One member of an enumeration.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Member {
    /// The name in source and in case files (`CN`, `3A090.a`).
    pub name: String,
    /// The name for people (`China`); empty if there is none.
    pub label: String,
}

/// A heading of a code hierarchy (`3A090` over `3A090.a` and `3A090.b`): a name for a set of members, not a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Heading {
    /// Its name.
    pub name: String,
    /// The members below it.
    pub members: MemberSet,
}

/// A closed enumeration.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct EnumDef {
    /// Its name; an enumeration declared in place has the name of its decision or input.
    pub name: String,
    /// The members; in an ordered enumeration later is stricter.
    pub members: Vec<Member>,
    /// Whether the order of members means something.
    pub ordered: bool,
    /// Headings.
    pub headings: Vec<Heading>,
}

impl EnumDef {
    /// How many members.
    pub fn size(&self) -> u32 {
        self.members.len() as u32
    }

    /// The name of the one member whose label begins with a text of four letters or more, or is it.
    pub fn by_label(&self, text: &str) -> Option<&str> {
        let text = text.to_lowercase();
        if let Some(member) = self.members.iter().find(|member| member.label.to_lowercase() == text) {
            return Some(&member.name);
        }
        let mut found =
            self.members.iter().filter(|member| text.chars().count() >= 4 && member.label.to_lowercase().starts_with(&text));
        match (found.next(), found.next()) {
            (Some(one), None) => Some(&one.name),
            _ => None,
        }
    }

    /// The member of a name.
    pub fn member(&self, name: &str) -> Option<u32> {
        self.members.iter().position(|member| member.name == name).map(|index| index as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(mantissa: i64, scale: u32) -> NumberDomain {
        NumberDomain { unit: "TPP".into(), step: Decimal { mantissa, scale }, lo: 0, hi: 1000 }
    }

    #[test]
    fn decimals_are_exact_both_ways() {
        let hundredths = number(1, 2);
        assert_eq!(hundredths.parse("5.92"), Some(592));
        assert_eq!(hundredths.parse("5.920"), Some(592));
        assert_eq!(hundredths.parse("5.925"), None);
        assert_eq!(hundredths.parse("4_800"), Some(480_000));
        assert_eq!(hundredths.parse("1e3"), Some(100_000));
        assert_eq!(hundredths.parse("-0.5"), Some(-50));
        assert_eq!(hundredths.parse("1e400"), None);
        assert_eq!(hundredths.parse("0e400"), Some(0));
        assert_eq!(hundredths.parse("x"), None);
        assert_eq!(hundredths.parse(""), None);
        assert_eq!(hundredths.text(592), "5.92");
        assert_eq!(hundredths.text(-50), "-0.5");
        assert_eq!(hundredths.text(480_000), "4800");
        let quarters = number(25, 2);
        assert_eq!(quarters.parse("0.75"), Some(3));
        assert_eq!(quarters.parse("0.8"), None);
        assert_eq!(quarters.text(3), "0.75");
    }
}
