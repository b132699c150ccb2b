//! What to say where the grammar stopped: what stands there, what belongs there, in the words of the reader; and, where it is clear
//! what was meant, how to go on. `mistake.rs` knows the common mistakes, this file the rest.

use std::ops::Range;

use super::build::Cx;
use super::lexer::Placed;
use super::mistake;
use super::token::Token;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// Where the grammar stopped in a declaration that is read alone.
pub struct Trouble<'a, 'text> {
    /// The text.
    pub text: &'text str,
    /// All tokens.
    pub tokens: &'a [Placed<'text>],
    /// The first token of the declaration.
    pub start: usize,
    /// The token that did not fit; `end` if there is none.
    pub at: usize,
    /// Behind the last token of the declaration.
    pub end: usize,
    /// What the grammar would have read, as it names its tokens.
    pub expected: &'a [String],
}

/// Tokens in the place of others.
pub struct Repair<'text> {
    /// Which are replaced.
    pub range: Range<usize>,
    /// By what.
    pub tokens: Vec<Placed<'text>>,
}

impl<'text> Trouble<'_, 'text> {
    /// Whether the grammar would have read this.
    pub fn expects(&self, what: &str) -> bool {
        self.expected.iter().any(|name| name.trim_matches('"') == what)
    }

    /// Whether the declaration may end here. (`compare with` begins one, and is no name.)
    pub fn ends(&self) -> bool {
        self.expects("compare with")
    }

    /// A token of the declaration.
    pub fn get(&self, at: usize) -> Option<&Token<'text>> {
        (self.start..self.end).contains(&at).then(|| &self.tokens[at].1)
    }

    /// The token so many before the one that did not fit.
    pub fn back(&self, count: usize) -> Option<&Token<'text>> {
        self.get(self.at.checked_sub(count)?)
    }

    /// Where a token stands; behind the last one at the end.
    pub fn span(&self, cx: &Cx, at: usize) -> Span {
        match self.tokens.get(at) {
            Some((start, _, end)) if at < self.end => cx.span(*start, *end),
            _ => {
                let behind = self.tokens[self.start..self.end].last().map_or(0, |last| last.2);
                cx.span(behind, behind)
            }
        }
    }

    /// Whether two neighbours touch.
    pub fn glued(&self, at: usize) -> bool {
        at > self.start && at < self.end && self.tokens[at - 1].2 == self.tokens[at].0
    }

    /// Whether a token is the first of its line.
    pub fn first_on_line(&self, at: usize) -> bool {
        at > 0
            && at < self.end
            && self.text.get(self.tokens[at - 1].2 as usize..self.tokens[at].0 as usize).is_some_and(|gap| gap.contains('\n'))
    }

    /// The clause that the token that did not fit stands in: its first word.
    pub fn clause(&self) -> Option<usize> {
        (self.start + 1..self.at.min(self.end)).rev().find(|at| is_clause(&self.tokens[*at].1))
    }

    /// Brackets that are open where the grammar stopped.
    pub fn open_brackets(&self) -> Vec<usize> {
        let mut open = Vec::new();
        for at in self.start..self.at.min(self.end) {
            match self.tokens[at].1 {
                Token::LeftParen | Token::LeftBrace => open.push(at),
                Token::RightParen | Token::RightBrace => {
                    open.pop();
                }
                _ => {}
            }
        }
        open
    }

    /// One token in the place of one.
    pub fn replaced(&self, at: usize, token: Token<'text>) -> Repair<'text> {
        let (start, _, end) = self.tokens[at];
        Repair { range: at..at + 1, tokens: vec![(start, token, end)] }
    }

    /// A token before another; its place is just behind the one before it.
    pub fn inserted(&self, at: usize, token: Token<'text>) -> Repair<'text> {
        let place = self.tokens[..at].last().map_or(0, |before| before.2);
        Repair { range: at..at, tokens: vec![(place, token, place)] }
    }

    /// A token less.
    pub fn removed(&self, at: usize) -> Repair<'text> {
        Repair { range: at..at + 1, tokens: Vec::new() }
    }
}

fn is_clause(token: &Token<'_>) -> bool {
    matches!(
        token,
        Token::When
            | Token::Then
            | Token::Status
            | Token::Given
            | Token::Expect
            | Token::Takes
            | Token::Otherwise
            | Token::Table
            | Token::Row
            | Token::Overrides
            | Token::Notwithstanding
            | Token::Because
            | Token::Scope
            | Token::Reach
            | Token::Knowing
    )
}

/// What to say, and how to go on if that is clear.
pub fn explain<'text>(cx: &Cx, trouble: &Trouble<'_, 'text>) -> (Diagnostic, Option<Repair<'text>>) {
    mistake::known(cx, trouble).unwrap_or_else(|| (unexpected(cx, trouble), None))
}

/// The general message.
fn unexpected(cx: &Cx, trouble: &Trouble<'_, '_>) -> Diagnostic {
    let found = found(trouble, trouble.at);
    let wanted = wanted(trouble);
    let title = match &*wanted {
        "" => format!("{found} does not fit here"),
        wanted => format!("{wanted} should stand here"),
    };
    let label = if trouble.at >= trouble.end {
        "here it ends".to_owned()
    } else if wanted.is_empty() {
        String::new()
    } else {
        format!("not {found}")
    };
    let mut message = Diagnostic::new(Code::Syntax, title, trouble.span(cx, trouble.at), label);
    if let Some(open) = trouble.open_brackets().last() {
        message = message.also(trouble.span(cx, *open), "opened here");
    }
    match trouble.get(trouble.start).and_then(form) {
        Some(form) => message.note(format!("The form is: {form}")),
        None => message,
    }
}

/// A token as one speaks of it.
pub fn found(trouble: &Trouble<'_, '_>, at: usize) -> String {
    let Some((start, token, end)) = trouble.tokens.get(at).filter(|_| at < trouble.end) else {
        return "the end of the declaration".to_owned();
    };
    let written = trouble.text.get(*start as usize..*end as usize).unwrap_or_default();
    let shown: String =
        if written.chars().count() > 40 { written.chars().take(39).chain(['…']).collect() } else { written.to_owned() };
    match token {
        Token::Text(_) => format!("the text {shown}"),
        Token::Number(_) => format!("the number {shown}"),
        Token::Date(_) => format!("the day {shown}"),
        Token::Unit(_) => format!("the unit `{shown}`"),
        Token::Ident(_) | Token::Code(_) | Token::Group(_) => format!("the name `{shown}`"),
        _ => format!("`{shown}`"),
    }
}

/// What belongs where the grammar stopped.
fn wanted(trouble: &Trouble<'_, '_>) -> String {
    let expects = |what: &str| trouble.expects(what);
    let mut parts: Vec<String> = Vec::new();
    if expects("has no value") && expects("at least") {
        return OUTCOME.to_owned();
    }
    let names = expects("a name");
    let mut rest = true;
    if expects("if") && names {
        parts.push(expression(trouble).to_owned());
        rest = false;
    } else if expects("bool") && expects("{") && !expects("a number") && !expects("(") {
        parts.push(
            "a type (`bool`, `date`, `count`, `percent`, `money`, `number of …`, `set of …`, a name, or members in braces)"
                .to_owned(),
        );
        rest = false;
    } else if names && (expects("a number") || expects("true")) {
        parts.push("a value".to_owned());
    } else if names {
        parts.push(a_name(trouble).to_owned());
    }
    let ends = trouble.ends() && !names;
    if rest {
        if expects("a text") {
            parts.push(a_text(trouble).to_owned());
        }
        if expects("a day") && !names {
            parts.push("a day (as in 2025-01-13)".to_owned());
        }
        if expects("a number") && !names {
            parts.push("a number".to_owned());
        }
        if expects("+") && expects("and") {
            parts.push("an operator (`and`, `or`, `is`, `in` …)".to_owned());
        } else if expects("and") {
            parts.push("`and`, `or`".to_owned());
        }
        for name in trouble.expected {
            let name = name.trim_matches('"');
            let sign = !name.starts_with(|c: char| c.is_ascii_alphabetic());
            let operator = expects("and") && (OPERATORS.contains(&name) || (sign && !matches!(name, "," | ")" | "}")));
            let declares = Token::word(name).is_some_and(|word| word.declares()) || name == "compare with";
            let soft = names && Token::word(name).is_some_and(|word| word.names());
            let shown_already = name.starts_with("a ") || (names && matches!(name, "true" | "false" | "-" | "{" | "unknown"));
            // Marks may stand almost anywhere in a head: they would only hide what must.
            let aside = matches!(name, "bad" | "recalled" | "inferred");
            if operator || soft || shown_already || aside || (declares && ends) || (sign && names && matches!(name, "." | "::")) {
                continue;
            }
            if !matches!(name, "." | "::") || trouble.expected.len() < 4 {
                parts.push(format!("`{name}`"));
            }
        }
        if ends && trouble.at > trouble.start {
            parts.push("the next declaration".to_owned());
        } else if ends {
            return "a declaration".to_owned();
        }
    }
    parts.dedup();
    if parts.len() > 6 {
        parts.truncate(6);
        return format!("{} …", parts.join(", "));
    }
    match parts.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

const OUTCOME: &str = "what must come out (`is V`, `is not V`, `includes V`, `at least V`, `at most V`, `open { V, V }`, `has no value`, \
                       `conflicts`)";

const OPERATORS: &[&str] = &["and", "or", "implies", "is", "in", "not", "has"];

/// What an expression is called here.
fn expression(trouble: &Trouble<'_, '_>) -> &'static str {
    match trouble.back(1) {
        Some(
            Token::When | Token::And | Token::Or | Token::Not | Token::Implies | Token::If | Token::Where | Token::Satisfies,
        ) => "a condition",
        Some(Token::Then | Token::Else) => "an expression",
        Some(Token::Equal) if trouble.get(trouble.start) == Some(&Token::Define) => "an expression",
        _ => "a value",
    }
}

/// What a name is called here.
fn a_name(trouble: &Trouble<'_, '_>) -> &'static str {
    let head = trouble.get(trouble.start);
    if trouble.at == trouble.start + 1 {
        return match head {
            Some(Token::Rule) => "a name for the rule, then its citation in quotes,",
            Some(Token::Exception) => "a name for the exception, then its citation in quotes,",
            Some(Token::Restriction) => "a name for the restriction, then its citation in quotes,",
            Some(Token::Decision) => "a name for the decision",
            Some(Token::Define) => "a name for what is defined",
            Some(Token::Input) => "a name for the input",
            Some(Token::Use) => "a module (`std/countries`) or a file in quotes",
            Some(Token::Accept) => "the code of a finding (`LX4003`)",
            _ => "a name",
        };
    }
    match trouble.back(1) {
        Some(Token::To | Token::Overrides | Token::Notwithstanding | Token::SubjectTo | Token::Because) => "the name of a rule",
        Some(Token::Then | Token::Expect | Token::Arrow) => "the name of a decision",
        Some(Token::Given | Token::Table | Token::Asking) => "the name of an input",
        Some(Token::On) => "the name of a base",
        Some(Token::Key | Token::Column | Token::LabelWord) => "the name of a column",
        Some(Token::Of) => "the name of an enumeration",
        Some(Token::In) => "a group, a heading or members in braces",
        _ => "a name",
    }
}

/// What a text is called here.
fn a_text(trouble: &Trouble<'_, '_>) -> &'static str {
    match trouble.back(1) {
        Some(Token::FromCsv | Token::CompareWith | Token::Use) => "a file in quotes",
        Some(Token::Cite) => "a citation in quotes",
        Some(Token::Because) => "a reason in quotes",
        Some(Token::Scenario | Token::Scenarios) => "a title in quotes",
        _ => "a text in quotes",
    }
}

/// How a declaration is written.
fn form(head: &Token<'_>) -> Option<&'static str> {
    Some(match head {
        Token::Regime => "regime NAME \"title\" cite \"…\" status …",
        Token::Use => "use std/countries, or use \"./parties\"",
        Token::CompareWith => "compare with \"../us-2022-10\" as old",
        Token::UnitWord => "unit NAME \"title\"",
        Token::Enum => "enum NAME { a, b }, or enum NAME ordered { a < b }, or enum NAME from csv \"file\" key COLUMN",
        Token::Attribute => {
            "attribute NAME of ENUM : TYPE = { MEMBER is VALUE, … }, or … from csv \"file\" key COLUMN column COLUMN"
        }
        Token::GroupWord => "group NAME of ENUM \"cite\" = A + B - { MEMBER, … }",
        Token::Groups => "groups of ENUM from csv \"file\"",
        Token::Record => "record NAME \"title\" { FIELD : TYPE, … }",
        Token::Constant => "constant NAME \"title\" : RECORD = { FIELD is VALUE, … }",
        Token::Input => "input NAME, … \"title\" : TYPE usually VALUE, …",
        Token::Define => "define NAME \"cite\" (a : TYPE, …) = EXPRESSION",
        Token::Decision => "decision NAME \"title\" : TYPE takes … otherwise VALUE",
        Token::Rule => "rule NAME \"cite\" \"title\" when CONDITION then DECISION is VALUE, … status …",
        Token::Exception => "exception NAME \"cite\" \"title\" to RULE, … when CONDITION then DECISION is VALUE, … status …",
        Token::Restriction => "restriction NAME \"cite\" \"title\" overrides RULE, … when CONDITION status …",
        Token::Base => "base NAME on OTHER given INPUT is VALUE, …",
        Token::Scenario => "scenario \"title\" \"cite\" on BASE given INPUT is VALUE, … expect DECISION is VALUE because RULE",
        Token::Scenarios => "scenarios \"title\" on BASE given … table INPUT, … => DECISION, … row VALUE, … => VALUE, …",
        Token::Product => {
            "product rule NAME \"cite\" scope E by technology E by plant E by contents E reach E knowing E license RULE, … then DECISION is VALUE, …"
        }
        Token::Link => "link NAME \"cite\" \"title\" (FIELD : TYPE, …) keeps INPUT, …",
        Token::Along => "along LINK when CONDITION then INPUT includes PATH, INPUT adds PATH, INPUT is true",
        Token::Node => "node NAME \"title\" given INPUT is VALUE, LINK is NODE with FIELD VALUE, …",
        Token::Process => {
            "process NAME \"cite\" \"title\" is PATTERN keeps INPUT, … with ROLE is E, …; or process NAME with ROLE, … keeps INPUT, … time passes state NAME : TYPE start when E step NAME when E then NAME is E, NAME adds E, NAME includes E, counts toward CAP, INPUT is another never E"
        }
        Token::Cap => {
            "cap NAME \"cite\" counts E when CONDITION per INPUT, … per calendar year at most E; or per calendar quarter, in any N days, from DAY to DAY"
        }
        Token::Accept => "accept CODE in RULE, … about NAME, … because \"reason\" until DAY",
        Token::Prove => {
            "prove NAME \"cite\" : CLAIM, as in every case satisfies …, DECISION never loosens as INPUT grows, DECISION never depends on INPUT, DECISION never loosens from INPUT in SET to SET, or in PROCESS never …; or prove NAME \"cite\" is PATTERN with ROLE is E, …"
        }
        Token::Property => "property NAME \"title\" with ROLE, … : CLAIM",
        _ => return None,
    })
}

/// Leaves out the clause that could not be read, so that the rest of the declaration is.
pub fn leave_out<'text>(trouble: &Trouble<'_, 'text>) -> Option<Repair<'text>> {
    let (start, end) = (trouble.start, trouble.end);
    let head = trouble.get(start)?;
    let starts_at = |at: usize| {
        let token = &trouble.tokens[at].1;
        let then_of_if = *token == Token::Then && {
            let from = trouble.clause().unwrap_or(start).min(at);
            let count = |word: &Token<'_>| trouble.tokens[from..at].iter().filter(|token| token.1 == *word).count();
            count(&Token::If) > count(&Token::Then)
        };
        is_clause(token) && *token != Token::Because && !then_of_if && (trouble.first_on_line(at) || !token.names())
    };
    let next = (trouble.at + 1..end).find(|at| starts_at(*at)).unwrap_or(end);
    let here =
        if trouble.at < end && starts_at(trouble.at) && trouble.back(1) != Some(&Token::When) { Some(trouble.at) } else { None };
    // A clause that begins where it may not belongs to nothing; one that has nothing in it ends where the next begins.
    let (clause, next) = match here {
        Some(at) if trouble.clause().is_some_and(|clause| clause + 1 < at) && !is_incomplete(trouble) => (at, next),
        Some(at) => (trouble.clause()?, at),
        None => (
            (start + 1..trouble.at.min(end)).rev().find(|at| starts_at(*at)).or_else(|| {
                (*head == Token::Define).then(|| (start + 1..trouble.at).find(|at| trouble.tokens[*at].1 == Token::Equal))?
            })?,
            next,
        ),
    };
    let bad = |from: usize| {
        let place = trouble.tokens[from].2;
        let (left, right) = trouble
            .tokens
            .get(from + 1)
            .filter(|_| from + 1 < next)
            .map_or((place, place), |first| (first.0, trouble.tokens[next - 1].2));
        Repair { range: from + 1..next, tokens: vec![(left, Token::Bad, right)] }
    };
    match (&trouble.tokens[clause].1, head) {
        (Token::When, _) if clause != trouble.at => Some(bad(clause)),
        (Token::Equal, Token::Define) => Some(bad(clause)),
        (Token::Then | Token::Status | Token::When, Token::Rule | Token::Exception)
        | (Token::Status, Token::Restriction | Token::Regime)
        | (Token::When, Token::Restriction)
        | (Token::Given, Token::Scenario | Token::Scenarios)
        | (Token::Otherwise, Token::Decision) => Some(Repair { range: clause..next, tokens: Vec::new() }),
        // Of several expectations or rows the others stay.
        (word @ (Token::Expect | Token::Row), Token::Scenario | Token::Scenarios) => {
            let others = (start..clause).chain(next..end).any(|at| trouble.tokens[at].1 == *word);
            others.then(|| Repair { range: clause..next, tokens: Vec::new() })
        }
        _ => None,
    }
}

/// Whether something must still come where the grammar stopped.
fn is_incomplete(trouble: &Trouble<'_, '_>) -> bool {
    !trouble.ends()
}
