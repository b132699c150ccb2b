//! The words of the language. In: text. Out: raw tokens; `lexer.rs` joins and mends them.

use std::borrow::Cow;

use logos::Logos;

/// Tokens without content, each with its spelling: logos reads the first two lists, the third is joined from several words.
macro_rules! tokens {
    (
        words { $($word:ident = $spelling:tt,)* }
        signs { $($sign:ident = $glyph:tt,)* }
        phrases { $($phrase:ident = $phrasing:tt,)* }
    ) => {
        /// A token.
        #[derive(Logos, Clone, Debug, PartialEq)]
        #[logos(skip r"[ \t\r\n\x0C]+")]
        pub enum Token<'text> {
            $(#[doc = concat!("`", $spelling, "`")] #[token($spelling)] $word,)*
            $(#[doc = concat!("`", $glyph, "`")] #[token($glyph)] $sign,)*
            $(#[doc = concat!("`", $phrasing, "`")] $phrase,)*

            /// A name that is not a word of the language.
            #[regex("[A-Za-z][A-Za-z0-9_]*", |lex| Cow::Borrowed(lex.slice()))]
            Ident(Cow<'text, str>),
            /// `3A090`, `3A090.a`
            #[regex(r"[0-9][A-Z][0-9][0-9][0-9](\.[A-Za-z0-9]+)*", |lex| Cow::Borrowed(lex.slice()), priority = 60)]
            Code(Cow<'text, str>),
            /// `D:5`
            #[regex("[A-Z]:[0-9]+", |lex| Cow::Borrowed(lex.slice()))]
            Group(Cow<'text, str>),
            /// `26_900_000`, `5.92`, `1e26`
            #[regex(r"[0-9]+(_[0-9]+)*(\.[0-9]+(_[0-9]+)*)?(e[+-]?[0-9]+)?", |lex| Cow::Borrowed(lex.slice()), priority = 50)]
            Number(Cow<'text, str>),
            /// The unit behind a number, and behind `number of`: `TPP/mm2`, `%`.
            Unit(Cow<'text, str>),
            /// `2025-01-13`
            #[regex("[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]", |lex| Cow::Borrowed(lex.slice()), priority = 60)]
            Date(Cow<'text, str>),
            /// A text, with its escapes, without its quotes.
            #[regex(r#""([^"\\\n]|\\[^\n])*""#, |lex| { let whole = lex.slice(); Cow::Borrowed(&whole[1..whole.len() - 1]) })]
            Text(Cow<'text, str>),
            /// `-- …`
            #[regex("--[^\n]*", allow_greedy = true)]
            Comment,
            /// What recovery puts in the place of a condition that could not be read.
            Bad,
            /// Where nesting went too far; nothing reads it.
            TooDeep,

            // What other languages write: the lexer says so, and goes on with what was meant.
            /// `==`
            #[token("==")]
            DoubleEquals,
            /// `&&`
            #[token("&&")]
            DoubleAmpersand,
            /// `||`
            #[token("||")]
            DoubleBar,
            /// `!`
            #[token("!")]
            Bang,
            /// `;`
            #[token(";")]
            Semicolon,
            /// `<>`
            #[token("<>")]
            Unequal,
            /// `=<`
            #[token("=<")]
            EqualLess,
            /// `'text'`
            #[regex("'[^'\n]*'")]
            SingleQuoted,
            /// `// …` or `# …`
            #[regex("(//|#)[^\n]*", allow_greedy = true)]
            OtherComment,
            /// `4800TPP`, `0x1F`, `1E26`, `1__0`
            #[regex(r"[0-9][0-9_]*(\.[0-9][0-9_]*)?[A-Za-z_][A-Za-z0-9_]*", priority = 40)]
            Glued,
            /// `11/17/2023`, `17.11.2023`, `2023/11/17`, `2023-1-7`
            #[regex("[0-9][0-9]?[/.][0-9][0-9]?[/.][0-9][0-9][0-9][0-9]", priority = 55)]
            #[regex("[0-9][0-9][0-9][0-9]/[0-9][0-9]?/[0-9][0-9]?", priority = 55)]
            #[regex("[0-9][0-9][0-9][0-9]-[0-9][0-9]?-[0-9][0-9]?", priority = 55)]
            OtherDate,
            /// A text whose closing quote is missing.
            #[regex(r#""([^"\\\n]|\\[^\n])*\\?"#, priority = 1)]
            OpenText,
        }

        impl Token<'_> {
            /// The words of the language, the phrases left out.
            pub const WORDS: &'static [&'static str] = &[$($spelling),*];

            /// How it is spelled, where that does not vary.
            pub fn spelling(&self) -> Option<&'static str> {
                match self {
                    $(Token::$word => Some($spelling),)*
                    $(Token::$sign => Some($glyph),)*
                    $(Token::$phrase => Some($phrasing),)*
                    _ => None,
                }
            }
        }

        impl<'text> Token<'text> {
            /// The word of the language with this spelling.
            pub fn word(spelling: &str) -> Option<Token<'text>> {
                match spelling { $($spelling => Some(Token::$word),)* _ => None }
            }
        }
    };
}

impl Token<'_> {
    /// Whether it may stand where a name is expected: `Soft` and its like in the grammar.
    pub fn names(&self) -> bool {
        match self {
            Token::Ident(_) | Token::Code(_) | Token::Group(_) => true,
            token => token.spelling().is_some_and(|word| Self::WORDS.contains(&word) && !Self::NEVER_NAMES.contains(&word)),
        }
    }

    /// Whether a declaration begins with it.
    pub fn declares(&self) -> bool {
        matches!(
            self,
            Token::Regime
                | Token::Use
                | Token::CompareWith
                | Token::UnitWord
                | Token::Enum
                | Token::Attribute
                | Token::GroupWord
                | Token::Groups
                | Token::Record
                | Token::Constant
                | Token::Input
                | Token::Define
                | Token::Decision
                | Token::Rule
                | Token::Exception
                | Token::Restriction
                | Token::Base
                | Token::Scenario
                | Token::Scenarios
                | Token::Accept
                | Token::Prove
                | Token::Amendment
                | Token::Repeal
                | Token::Replace
                | Token::Move
                | Token::Rename
                | Token::Stay
                | Token::Reinstate
                | Token::Extend
                | Token::Cap
                | Token::Authority
                | Token::Product
                | Token::Link
                | Token::Along
                | Token::Node
                | Token::Process
                | Token::Property
                | Token::Titles
        )
    }

    /// Words that are never names.
    pub const NEVER_NAMES: &'static [&'static str] = &[
        "and",
        "because",
        "conflicts",
        "else",
        "every",
        "expect",
        "false",
        "given",
        "has",
        "if",
        "implies",
        "in",
        "includes",
        "is",
        "moved",
        "not",
        "notwithstanding",
        "or",
        "otherwise",
        "overrides",
        "satisfies",
        "some",
        "takes",
        "then",
        "true",
        "unknown",
        "when",
        "where",
        "within",
    ];
}

tokens! {
    words {
        Regime = "regime", Use = "use", UnitWord = "unit", Enum = "enum", Attribute = "attribute",
        GroupWord = "group", Groups = "groups", Record = "record", Constant = "constant", Input = "input", Define = "define",
        Decision = "decision", Rule = "rule", Exception = "exception", Restriction = "restriction", Base = "base",
        Scenario = "scenario", Scenarios = "scenarios", Accept = "accept", Prove = "prove",
        Amendment = "amendment", Repeal = "repeal", Replace = "replace", Move = "move", Rename = "rename", Stay = "stay",
        Reinstate = "reinstate", Extend = "extend", Cap = "cap", Amends = "amends", Counts = "counts", Per = "per",
        Enjoined = "enjoined", Authority = "authority", Under = "under", Moved = "moved", Within = "within", For = "for",
        About = "about", All = "all", And = "and", As = "as", Asking = "asking", Because = "because", Bool = "bool",
        By = "by", Capability = "capability", Case = "case", Cite = "cite", Codified = "codified", Column = "column",
        Compliance = "compliance", Conflicts = "conflicts", Count = "count", DateWord = "date", Effective = "effective",
        Else = "else", Equals = "equals", Every = "every", Expect = "expect", False = "false", From = "from",
        Given = "given", Grows = "grows", Has = "has", If = "if", Implies = "implies", In = "in", Includes = "includes",
        Inferred = "inferred", Is = "is", Key = "key", LabelWord = "label", Money = "money", Not = "not",
        Notwithstanding = "notwithstanding", NumberWord = "number", Of = "of", On = "on", Open = "open", Or = "or",
        Ordered = "ordered", Otherwise = "otherwise", Overrides = "overrides", Percent = "percent", Recalled = "recalled",
        Repealed = "repealed", Row = "row", Satisfies = "satisfies", Set = "set", Some = "some", Status = "status",
        Step = "step", Suspended = "suspended", Table = "table", Titles = "titles", Takes = "takes", Then = "then", To = "to", True = "true",
        Reported = "reported", Sunset = "sunset", Product = "product", Scope = "scope", Reach = "reach", Knowing = "knowing", License = "license", Link = "link",
        Keeps = "keeps", Along = "along", Adds = "adds", Node = "node", With = "with",
        Process = "process", Property = "property", State = "state", Start = "start", Never = "never",
        Unknown = "unknown", Until = "until", Usually = "usually", When = "when", Where = "where",
    }
    signs {
        Arrow = "=>", Equal = "=", NotEqual = "!=", LessEqual = "<=", GreaterEqual = ">=", Less = "<", Greater = ">",
        Plus = "+", Minus = "-", Star = "*", Slash = "/", Ampersand = "&", Comma = ",", DoubleColon = "::", Colon = ":",
        Dot = ".", LeftBrace = "{", RightBrace = "}", LeftParen = "(", RightParen = ")", PercentSign = "%",
    }
    phrases {
        AtLeast = "at least", AtMost = "at most", CompareWith = "compare with", ExactlyOne = "exactly one",
        FromCsv = "from csv", HasNoValue = "has no value", IsAtLeastAsStrictAs = "is at least as strict as",
        NeverLoosensAs = "never loosens as", NeverTightensAs = "never tightens as", NeverLoosensFrom = "never loosens from", NeverDependsOn = "never depends on", NotEnforced = "not enforced",
        SubjectTo = "subject to", CalendarYear = "calendar year",
        CalendarQuarter = "calendar quarter", InAny = "in any", InstalledBase = "installed base", TheFirstOf = "the first of", TheLeastStrict = "the least strict",
        TheStrictest = "the strictest", TheSum = "the sum",
        TimePasses = "time passes", CountsToward = "counts toward",
    }
}
