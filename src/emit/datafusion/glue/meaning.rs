//! What is said of a regime's inputs and decisions: the types of the tables in `regime`.

/// An input.
#[derive(Debug)]
pub struct Input {
    /// Its name: that of a field of the argument.
    pub name: &'static str,
    /// What it is.
    pub takes: Takes,
    /// Which values it may have, in words.
    pub allowed: &'static str,
    /// Members that the table was not made for.
    pub refused: &'static [u32],
    /// The only value that it may have; then it need not be told. A word, as in `Column`.
    pub fixed: Option<u64>,
}

/// What an input is.
#[derive(Clone, Copy, Debug)]
pub enum Takes {
    /// True or false.
    Flag,
    /// A member of `CHOICES[_]`.
    Member(usize),
    /// A set of members of `CHOICES[_]`.
    Set(usize),
    /// A number in steps of `mantissa × 10^-scale`.
    Number {
        /// The digits of the step.
        mantissa: i64,
        /// How many of them stand behind the point.
        scale: u32,
        /// The type that holds every value.
        cast: &'static str,
    },
    /// A day.
    Day,
}

/// A decision.
#[derive(Debug)]
pub struct Decision {
    /// Its name: that of a field of what is returned.
    pub name: &'static str,
    /// The function that returns its value.
    pub function: &'static str,
    /// Its title.
    pub title: &'static str,
    /// What it gives.
    pub gives: Gives,
    /// What it may come to, by rising number.
    pub outcomes: &'static [Says],
}

/// What a decision gives.
#[derive(Clone, Copy, Debug)]
pub enum Gives {
    /// True or false.
    Flag,
    /// A member's name.
    Text,
    /// A list of members' names.
    Set,
    /// A number in steps of `mantissa × 10^-scale`, as `DECIMAL(digits, scale)`.
    Number {
        /// The digits of the step.
        mantissa: i64,
        /// How many digits there may be.
        digits: u8,
        /// How many of them stand behind the point.
        scale: i8,
    },
    /// A day.
    Day,
}

/// What an outcome says.
#[derive(Debug)]
pub struct Says {
    /// Its number in `TABLE.outcomes`.
    pub outcome: u32,
    /// The value in words, `no value`, or `conflict of …`.
    pub text: &'static str,
    /// The members of a set; of a conflict the values in words.
    pub parts: &'static [&'static str],
}
