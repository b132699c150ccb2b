//! The register of codes: one row each. Codes are retired, never removed or reused.
//!
//! 1xxx text and syntax · 2xxx names and modules · 3xxx types, units, dates, structure · 4xxx findings ·
//! 5xxx inputs of the commands (case files, data, tables).

use serde::{Serialize, Serializer};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Nothing goes on from here.
    Error,
    /// Almost surely a mistake.
    Warning,
    /// Worth knowing.
    Note,
}

impl Severity {
    /// `error`, `warning` or `note`.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

macro_rules! register {
    ($($name:ident = $number:literal, $severity:ident, $title:literal;)*) => {
        /// A kind of message. Its page is `docs/diagnostics/LX….md`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u16)]
        pub enum Code {
            $(#[doc = $title] $name = $number,)*
        }

        impl Code {
            /// All codes, rising.
            pub const ALL: &'static [Code] = &[$(Code::$name),*];

            /// The ordinary severity.
            pub fn severity(self) -> Severity {
                match self { $(Code::$name => Severity::$severity,)* }
            }

            /// What the kind is called.
            pub fn title(self) -> &'static str {
                match self { $(Code::$name => $title,)* }
            }
        }
    };
}

register! {
    UnknownCharacter = 1001, Error, "a character that the language does not use";
    UnfinishedText = 1002, Error, "a text without its closing quote";
    Syntax = 1003, Error, "something else was expected here";
    TooDeep = 1004, Error, "nested too deeply";
    LookAlike = 1005, Error, "a letter that only looks like the right one";
    BadDate = 1006, Error, "not a day of the calendar";
    BadNumber = 1007, Error, "not a number that can be written exactly";
    NotUtf8 = 1008, Error, "a file that is not UTF-8 text";
    TooLarge = 1009, Error, "a file that is too large";
    TooManyErrors = 1010, Error, "further errors are not shown";

    UnknownName = 2001, Error, "a name that nothing declares";
    DuplicateName = 2002, Error, "a name that is declared twice";
    CyclicDefinition = 2003, Error, "definitions that need each other";
    CyclicImport = 2004, Error, "files that use each other";
    MissingFile = 2005, Error, "a file that cannot be read";
    NoRegime = 2006, Error, "a regime without a `regime` line";
    TwoRegimes = 2007, Error, "two `regime` lines";
    BadCsv = 2008, Error, "a CSV file that does not fit its declaration";
    CyclicOverride = 2009, Error, "rules that override each other in a circle";
    CyclicDecision = 2010, Error, "decisions that need each other";
    WrongKind = 2011, Error, "a name of another kind";

    TypeMismatch = 3001, Error, "values of two kinds";
    UnitMismatch = 3002, Error, "two units that do not fit";
    OutOfRange = 3003, Error, "a value outside its declared range";
    OffGrid = 3004, Error, "a value between two steps";
    DivisionByZero = 3005, Error, "a division that may be by zero";
    WrongArguments = 3006, Error, "the wrong number of arguments";
    BadRange = 3007, Error, "a range that does not make sense";
    MissingValue = 3008, Error, "a part that is missing";
    NotOrdered = 3009, Error, "an order where there is none";
    BadPeriod = 3010, Error, "a period that ends before it begins";
    NoDateInput = 3011, Error, "a period in a regime without a date";
    BadCombination = 3012, Error, "a way to combine that does not fit the type";
    NotConstant = 3013, Error, "a value that must be known beforehand";
    NotDecided = 3014, Error, "arithmetic on a decision";
    TooBig = 3015, Error, "arithmetic beyond 120 bits";
    IncompatibleRegimes = 3016, Error, "regimes that cannot be compared";
    UnusedDeclaration = 3018, Warning, "a declaration that nothing uses";
    RepeatedAssignment = 3019, Error, "a value that is given twice";
    NoReadingInput = 3020, Warning, "a status that no reading asks for";
    BadAmendment = 3021, Error, "an act that cannot be carried out";
    BadCap = 3022, Error, "a cap that cannot be counted";
    Unencoded = 3023, Warning, "a paragraph that no rule encodes";
    BadChain = 3024, Error, "a chain that cannot be followed";
    BadProductRule = 3025, Error, "a product rule that lacks a limb";
    BadProcess = 3026, Error, "a process that cannot be run";
    DoubtfulProcess = 3027, Warning, "a process that may not say what is meant";

    Conflict = 4001, Error, "a conflict";
    Gap = 4002, Error, "a gap";
    DeadRule = 4003, Warning, "a dead rule";
    DeadAlternative = 4004, Warning, "a dead alternative";
    RedundantRule = 4005, Warning, "a redundant rule";
    Dangling = 4006, Warning, "a dangling reference";
    Cliff = 4007, Warning, "a cliff in a capability";
    TimeCliff = 4008, Warning, "a cliff in time";
    PropertyViolated = 4009, Error, "a property that does not hold";
    AcceptanceUnmatched = 4010, Warning, "an acceptance that matches nothing";
    AcceptanceExpired = 4011, Warning, "an acceptance that has expired";
    Overlap = 4012, Note, "rules that overlap";
    ScenarioFails = 4013, Error, "a scenario that fails";
    Internal = 4014, Error, "a mistake of Lexport itself";
    Impact = 4015, Note, "outcomes that change";
    Uncovered = 4016, Note, "a rule that no scenario reaches";
    SumOutOfRange = 4017, Error, "a sum outside its declared range";
    Vacuous = 4018, Warning, "a property of no case";
    Loophole = 4019, Error, "a way around the rules";

    BadCase = 5001, Error, "a case file that does not fit the regime";
    BadData = 5002, Error, "data that do not fit the table";
    BadTable = 5003, Error, "a table that cannot be trusted";
    BadArgument = 5004, Error, "an argument that does not fit";
    CannotWrite = 5005, Error, "a file that cannot be written";
    TableTooLarge = 5006, Error, "a table that grows too large";
    TableUnequal = 5007, Error, "a table that is not equal to its regime";
    BadSignature = 5008, Error, "a signature that does not fit";
    BadKey = 5009, Error, "a key that cannot be used";
    BadRows = 5010, Error, "a table that cannot be imported";
}

impl Code {
    /// `LX1001`.
    pub fn name(self) -> String {
        format!("LX{}", self as u16)
    }

    /// The code of a name.
    pub fn parse(name: &str) -> Option<Code> {
        Code::ALL.iter().copied().find(|code| code.name() == name)
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.name().serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_rise_and_read_back() {
        assert!(Code::ALL.windows(2).all(|pair| (pair[0] as u16) < (pair[1] as u16)));
        assert!(Code::ALL.iter().all(|code| Code::parse(&code.name()) == Some(*code)));
    }
}
