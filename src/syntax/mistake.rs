//! Common mistakes: each with its own words, and mostly with what was meant, so that reading goes on.

use std::borrow::Cow;

use super::build::Cx;
use super::expected::{Repair, Trouble, found};
use super::member_name;
use super::token::Token;
use super::unfinished;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

type Said<'text> = (Diagnostic, Option<Repair<'text>>);

/// The first known mistake that fits.
pub fn known<'text>(cx: &Cx, trouble: &Trouble<'_, 'text>) -> Option<Said<'text>> {
    number_with_comma(cx, trouble)
        .or_else(|| member_name::known(cx, trouble))
        .or_else(|| capital(cx, trouble))
        .or_else(|| other_word(cx, trouble))
        .or_else(|| algebra(cx, trouble))
        .or_else(|| other_sign(cx, trouble))
        .or_else(|| comparison_chain(cx, trouble))
        .or_else(|| quotes(cx, trouble))
        .or_else(|| missing_is(cx, trouble))
        .or_else(|| reserved(cx, trouble))
        .or_else(|| order_with_commas(cx, trouble))
        .or_else(|| missing_comma(cx, trouble))
        .or_else(|| no_target(cx, trouble))
        .or_else(|| unfinished::known(cx, trouble))
        .or_else(|| spelling(cx, trouble))
        .or_else(|| brackets(cx, trouble))
        .or_else(|| second_clause(cx, trouble))
        .or_else(|| comma_at_end(cx, trouble))
}

fn said(title: impl Into<String>, span: Span, label: impl Into<String>) -> Diagnostic {
    Diagnostic::new(Code::Syntax, title, span, label)
}

/// `5,92` and `26,900,000`.
fn number_with_comma<'text>(cx: &Cx, trouble: &Trouble<'_, 'text>) -> Option<Said<'text>> {
    let number = |at: usize| match trouble.get(at) {
        Some(Token::Number(digits)) => Some(digits),
        _ => None,
    };
    let joint = |at: usize| {
        trouble.get(at) == Some(&Token::Comma) && trouble.glued(at) && trouble.glued(at + 1) && number(at + 1).is_some()
    };
    // The comma may fit, and what follows the second number not.
    let comma =
        (0..=3).filter_map(|back| trouble.at.checked_sub(back)).find(|at| joint(*at) && number(at.wrapping_sub(1)).is_some())?;
    let mut first = comma - 1;
    while first >= 2 && joint(first - 1) && number(first - 2).is_some() {
        first -= 2;
    }
    let mut last = comma + 1;
    while joint(last + 1) {
        last += 2;
    }
    let groups: Vec<&str> = (first..=last).step_by(2).filter_map(|at| number(at).map(|digits| &**digits)).collect();
    let (whole, parts) = groups.split_first()?;
    let thousands = parts.iter().all(|part| part.split('.').next().is_some_and(|digits| digits.len() == 3)) && whole.len() <= 3;
    let span = trouble.span(cx, first).to(trouble.span(cx, last));
    let written = groups.join(",");
    let (message, meant) = if thousands {
        let meant = groups.join("_");
        let message = said(format!("{written} is written {meant}"), span, "a comma in a number")
            .note("`_` may stand between digits; a comma separates two values.")
            .replace(format!("write {meant}"), span, meant.clone());
        (message, meant)
    } else if parts.len() == 1 {
        // `1.000,50`: points between the thousands.
        let mut thousands = whole.split('.');
        let grouped = thousands.next().is_some_and(|first| first.len() <= 3) && thousands.all(|digits| digits.len() == 3);
        let meant = if grouped { format!("{}.{}", whole.replace('.', "_"), parts[0]) } else { groups.join(".") };
        let message = said(format!("{written} is written {meant}"), span, "a comma in a number")
            .note("A decimal point, not a comma: a comma separates two values.")
            .replace(format!("write {meant}"), span, meant.clone());
        (message, meant)
    } else {
        return None;
    };
    let place = (trouble.tokens[first].0, trouble.tokens[last].2);
    let repair = Repair { range: first..last + 1, tokens: vec![(place.0, Token::Number(Cow::Owned(meant)), place.1)] };
    Some((message, Some(repair)))
}

/// `Rule`, `When`, `AND`.
fn capital<'text>(cx: &Cx, trouble: &Trouble<'_, 'text>) -> Option<Said<'text>> {
    let small = |at: usize| match trouble.get(at) {
        Some(Token::Ident(name)) => Token::word(&name.to_ascii_lowercase()).map(|word| (at, name.clone(), word)),
        _ => None,
    };
    let here = small(trouble.at).filter(|(_, _, word)| word.spelling().is_some_and(|spelling| trouble.expects(spelling)));
    // `Not a`: the first word was read as a name, and the second does not fit.
    let before = || trouble.at.checked_sub(1).and_then(small).filter(|(_, _, word)| !word.names());
    let (at, name, word) = here.or_else(before)?;
    let meant = word.spelling()?;
    let span = trouble.span(cx, at);
    let message = said(format!("`{name}` is written `{meant}`"), span, "small letters")
        .note("The words of the language are written in small letters.")
        .replace(format!("write `{meant}`"), span, meant);
    Some((message, Some(trouble.replaced(at, word))))
}

/// Words that other languages, or English, have in this place.
fn other_word<'text>(cx: &Cx, trouble: &Trouble<'_, 'text>) -> Option<Said<'text>> {
    let span = trouble.span(cx, trouble.at);
    let swap = |written: &str, word: Token<'text>, note: &str| {
        let meant = word.spelling().unwrap_or_default();
        let message = said(format!("`{written}` is written `{meant}` here"), span, "another word").note(note).replace(
            format!("write `{meant}`"),
            span,
            meant,
        );
        Some((message, Some(trouble.replaced(trouble.at, word))))
    };
    let rule = matches!(trouble.get(trouble.start), Some(Token::Rule | Token::Exception | Token::Restriction));
    let compares = !matches!(trouble.get(trouble.start), Some(Token::Scenario | Token::Scenarios | Token::Cap));
    match trouble.get(trouble.at)? {
        Token::If if trouble.expects("when") => {
            swap("if", Token::When, "A rule has `when … then …`; `if … then … else …` is a value.")
        }
        Token::Where if trouble.expects("when") => swap("where", Token::When, "A rule has `when … then …`."),
        Token::When if trouble.expects("where") => swap("when", Token::Where, "A property holds in every case `where …`."),
        Token::Cite if trouble.expects("a text") && matches!(trouble.get(trouble.at + 1), Some(Token::Text(_))) => {
            let message = said("the citation stands in quotes, without the word `cite`", span, "not needed")
                .note("Only the `regime` line has the word, because its title comes first.")
                .replace("leave it out", span, "");
            Some((message, Some(trouble.removed(trouble.at))))
        }
        Token::In if trouble.back(1) == Some(&Token::Is) => {
            let is = trouble.span(cx, trouble.at - 1);
            let message = said("`is in` is written `in`", is, "not needed").replace("leave out `is`", is.to(span), "in");
            Some((message, Some(trouble.removed(trouble.at - 1))))
        }
        Token::In if trouble.back(1) == Some(&Token::Not) && trouble.back(2) == Some(&Token::Is) => {
            let is = trouble.span(cx, trouble.at - 2);
            let message =
                said("`is not in` is written `not in`", is, "not needed").replace("leave out `is`", is.to(span), "not in");
            Some((message, Some(trouble.removed(trouble.at - 2))))
        }
        Token::AtLeast if trouble.expects(">=") || compares => {
            swap("at least", Token::GreaterEqual, "`at least` belongs to expectations.")
        }
        Token::AtMost if trouble.expects("<=") || compares => {
            swap("at most", Token::LessEqual, "`at most` belongs to expectations.")
        }
        Token::Then if rule && trouble.expects("otherwise") => None,
        Token::Else if rule && trouble.expects("status") => {
            let message = said("a rule has no `else`", span, "belongs to `if`")
                .note("What holds without an effective rule is the decision's `otherwise`; a second case is a second rule.");
            Some((message, None))
        }
        Token::Ident(word) => match &**word {
            "unless" if trouble.expects("when") || trouble.expects("and") => {
                let message =
                    said("`unless` is written with `not`", span, "another word").help("write `when not (…)`, or `and not (…)`");
                Some((message, None))
            }
            "equal" | "are" | "be" if trouble.expects("is") => swap(word, Token::Is, "`is` compares and concludes."),
            "contains" if trouble.expects("has") => swap("contains", Token::Has, "A set `has` a member; a member is `in` a set."),
            "contains" | "include" if trouble.expects("includes") => {
                swap(word, Token::Includes, "A rule adds to a set with `includes`.")
            }
            "for" if trouble.expects("when") => swap("for", Token::When, "A rule has `when … then …`."),
            "to" | "until" => None,
            _ => None,
        },
        _ => None,
    }
}

/// `x in A + B` without brackets.
fn algebra<'text>(cx: &Cx, trouble: &Trouble<'_, 'text>) -> Option<Said<'text>> {
    let sign =
        trouble.get(trouble.at).filter(|token| matches!(token, Token::Plus | Token::Minus | Token::Ampersand))?.spelling()?;
    let mut before = trouble.at.checked_sub(1)?;
    while trouble.get(before).is_some_and(|token| token.names() || matches!(token, Token::Dot | Token::DoubleColon)) {
        before = before.checked_sub(1)?;
    }
    if trouble.get(before) != Some(&Token::In) {
        return None;
    }
    let message = said("an algebra of sets stands in brackets", trouble.span(cx, trouble.at), format!("`{sign}` joins sets"))
        .also(trouble.span(cx, before), "the set begins behind this")
        .help(format!("write `in (A {sign} B)`"));
    Some((message, None))
}

/// An exception to nothing.
fn no_target<'text>(cx: &Cx, trouble: &Trouble<'_, 'text>) -> Option<Said<'text>> {
    let (title, help) = match trouble.get(trouble.start)? {
        Token::Exception if trouble.expects("to") => {
            ("an exception says to which rules it is one", "write `to RULE` behind its citation and title")
        }
        Token::Restriction if trouble.expects("overrides") && !trouble.expects("when") => {
            ("a restriction says which rules it overrides", "write `overrides RULE` behind its citation and title")
        }
        _ => return None,
    };
    matches!(trouble.get(trouble.at), None | Some(Token::When | Token::Then | Token::Status))
        .then(|| (said(title, trouble.span(cx, trouble.at), "not said before this").help(help), None))
}

/// Signs in the place of words, and mistyped signs.
fn other_sign<'text>(cx: &Cx, trouble: &Trouble<'_, 'text>) -> Option<Said<'text>> {
    let span = trouble.span(cx, trouble.at);
    let swap = |token: Token<'text>, title: String| {
        let meant = token.spelling().unwrap_or_default();
        let message = said(title, span, "this sign").replace(format!("write `{meant}`"), span, meant);
        Some((message, Some(trouble.replaced(trouble.at, token))))
    };
    match trouble.get(trouble.at)? {
        Token::Arrow if trouble.expects(">=") => swap(Token::GreaterEqual, "`=>` is written `>=`".to_owned()),
        Token::GreaterEqual if trouble.expects("=>") => swap(Token::Arrow, "the inputs of a row end with `=>`".to_owned()),
        Token::Equal if trouble.expects("is") && !trouble.expects("=") => {
            swap(Token::Is, "a value is given with `is`, not with `=`".to_owned())
        }
        Token::Colon if trouble.expects("is") => swap(Token::Is, "a value is given with `is`, not with `:`".to_owned()),
        Token::Is if trouble.expects("=") && !trouble.expects("is") => {
            swap(Token::Equal, "`=` belongs here, not `is`".to_owned())
        }
        Token::Ampersand if trouble.expects("and") => {
            swap(Token::And, "`&` joins sets; conditions are joined by `and`".to_owned())
        }
        Token::Minus
            if trouble.expects("to") && matches!(trouble.back(1), Some(Token::Number(_) | Token::Unit(_) | Token::Date(_))) =>
        {
            swap(Token::To, "a range is written `from A to B`".to_owned())
        }
        Token::PercentSign if matches!(trouble.back(1), Some(Token::Unit(_))) => None,
        Token::Dot
            if trouble.expects("a number")
                && matches!(trouble.get(trouble.at + 1), Some(Token::Number(_)))
                && trouble.glued(trouble.at + 1) =>
        {
            let Some(Token::Number(digits)) = trouble.get(trouble.at + 1) else {
                return None;
            };
            let meant = format!("0.{digits}");
            let span = span.to(trouble.span(cx, trouble.at + 1));
            let message = said(format!("a number begins with a digit: {meant}"), span, "this number").replace(
                format!("write {meant}"),
                span,
                meant.clone(),
            );
            let repair = Repair {
                range: trouble.at..trouble.at + 2,
                tokens: vec![(span.start, Token::Number(Cow::Owned(meant)), span.end)],
            };
            Some((message, Some(repair)))
        }
        _ => None,
    }
}

/// `a < b < c`.
fn comparison_chain<'text>(cx: &Cx, trouble: &Trouble<'_, 'text>) -> Option<Said<'text>> {
    let compares = |token: &Token<'_>| {
        matches!(
            token,
            Token::Less | Token::LessEqual | Token::Greater | Token::GreaterEqual | Token::Equal | Token::NotEqual | Token::Is
        )
    };
    let here = trouble.get(trouble.at).filter(|token| compares(token))?;
    if !(trouble.expects("and") && trouble.expects("+")) {
        return None;
    }
    let first = (trouble.start..trouble.at).rev().find(|at| compares(&trouble.tokens[*at].1))?;
    let sign = here.spelling().unwrap_or_default();
    let message = said("comparisons do not chain", trouble.span(cx, trouble.at), "a second comparison")
        .also(trouble.span(cx, first), "the first one")
        .help(format!("write `a {} b and b {sign} c`", trouble.tokens[first].1.spelling().unwrap_or_default()));
    Some((message, None))
}

/// A day in quotes, a citation without.
fn quotes<'text>(cx: &Cx, trouble: &Trouble<'_, 'text>) -> Option<Said<'text>> {
    let span = trouble.span(cx, trouble.at);
    match trouble.get(trouble.at)? {
        Token::Text(text) if trouble.expects("a day") => {
            let is_day = text.len() == 10
                && text.char_indices().all(|(at, c)| if matches!(at, 4 | 7) { c == '-' } else { c.is_ascii_digit() });
            is_day.then(|| {
                let message = said("a day stands without quotes", span, "in quotes").replace(
                    format!("write {text}"),
                    span,
                    text.to_string(),
                );
                (message, Some(trouble.replaced(trouble.at, Token::Date(text.clone()))))
            })
        }
        Token::Number(_) | Token::Code(_) | Token::Date(_)
            if trouble.expects("a text") && !trouble.expects("a number") && !trouble.expects("a day") =>
        {
            Some((said("a citation or a title stands in quotes", span, "no quotes"), None))
        }
        _ => None,
    }
}

/// `requirement license`.
fn missing_is<'text>(cx: &Cx, trouble: &Trouble<'_, 'text>) -> Option<Said<'text>> {
    let clause = trouble.clause().and_then(|at| trouble.get(at));
    let listed = matches!(trouble.get(trouble.start), Some(Token::Constant | Token::Attribute | Token::Base));
    let concludes = matches!(clause, Some(Token::Then | Token::Given | Token::Expect)) || listed;
    let here = trouble.get(trouble.at)?;
    let value = here.names()
        || matches!(here, Token::Number(_) | Token::Date(_) | Token::True | Token::False | Token::LeftBrace | Token::Unknown);
    // `d like x`: a word too many, not one too few.
    let alone = !matches!(
        trouble.get(trouble.at + 1),
        Some(Token::Ident(_) | Token::Code(_) | Token::Group(_) | Token::Number(_) | Token::Date(_) | Token::Text(_))
    );
    if !(concludes && value && alone && trouble.expects("is") && trouble.back(1).is_some_and(Token::names))
        || trouble.expects("and")
        || here.declares()
    {
        return None;
    }
    let before = trouble.span(cx, trouble.at - 1);
    let gap = Span { start: before.end, ..before };
    let message = said("`is` is missing", trouble.span(cx, trouble.at), "the value")
        .also(before, "what it is the value of")
        .replace("write `is` between them", gap, " is");
    Some((message, Some(trouble.inserted(trouble.at, Token::Is))))
}

/// `hq : Country located : Country`.
fn missing_comma<'text>(cx: &Cx, trouble: &Trouble<'_, 'text>) -> Option<Said<'text>> {
    let here = trouble.get(trouble.at)?;
    if !trouble.expects(",") || here.declares() && trouble.open_brackets().is_empty() {
        return None;
    }
    let next = trouble.get(trouble.at + 1);
    let names_go_on = here.names() && matches!(next, Some(Token::Is | Token::Includes | Token::Dot));
    let in_brackets = (here.names() || matches!(here, Token::Number(_) | Token::Date(_))) && !trouble.open_brackets().is_empty();
    if !(names_go_on || in_brackets) {
        return None;
    }
    let before = trouble.span(cx, trouble.at - 1);
    let gap = Span { start: before.end, ..before };
    let message = said("a comma is missing", trouble.span(cx, trouble.at), "the next one")
        .also(before, "the comma belongs behind this")
        .replace("write a comma", gap, ",");
    Some((message, Some(trouble.inserted(trouble.at, Token::Comma))))
}

/// `wehn`, `othrwise`; and `usualy` behind a number, where a name is a unit.
fn spelling<'text>(cx: &Cx, trouble: &Trouble<'_, 'text>) -> Option<Said<'text>> {
    let (at, written) = match (trouble.get(trouble.at), trouble.back(1)) {
        (_, Some(Token::Unit(unit))) if !trouble.glued(trouble.at - 1) => (trouble.at - 1, unit),
        (Some(Token::Ident(written)), _) if !trouble.expects("a name") => (trouble.at, written),
        _ => return None,
    };
    let most = if written.len() < 5 { 1 } else { 2 };
    let meant = trouble
        .expected
        .iter()
        .filter_map(|name| Token::word(name.trim_matches('"')).and_then(|word| word.spelling()))
        .map(|word| (strsim::damerau_levenshtein(&written.to_ascii_lowercase(), word), word))
        .filter(|(distance, word)| *distance <= most && word.len() > 2)
        .min()?
        .1;
    let span = trouble.span(cx, at);
    let message = said(format!("`{written}` is not a word of the language"), span, "a slip of the pen?").replace(
        format!("perhaps `{meant}`"),
        span,
        meant,
    );
    Some((message, Some(trouble.replaced(at, Token::word(meant)?))))
}

/// Brackets that do not close, or that nothing opened.
fn brackets<'text>(cx: &Cx, trouble: &Trouble<'_, 'text>) -> Option<Said<'text>> {
    let open = trouble.open_brackets();
    let here = trouble.get(trouble.at);
    match (here, open.last()) {
        (Some(Token::RightParen | Token::RightBrace), None) => {
            let span = trouble.span(cx, trouble.at);
            let message = said(format!("{} closes nothing", found(trouble, trouble.at)), span, "nothing was opened").replace(
                "leave it out",
                span,
                "",
            );
            Some((message, Some(trouble.removed(trouble.at))))
        }
        (here, Some(open)) => {
            let round = trouble.get(*open) == Some(&Token::LeftParen);
            let (opened, closing, token) = if round { ("(", ")", Token::RightParen) } else { ("{", "}", Token::RightBrace) };
            let goes_on =
                here.is_none_or(|here| (!here.names() && here.spelling().is_some()) || trouble.first_on_line(trouble.at));
            if !goes_on || !trouble.expects(closing) || matches!(here, Some(Token::LeftParen | Token::LeftBrace)) {
                return None;
            }
            let other = matches!(here, Some(Token::RightParen | Token::RightBrace));
            let message = said(format!("`{opened}` is not closed"), trouble.span(cx, *open), "opened here")
                .also(trouble.span(cx, trouble.at), format!("`{closing}` belongs before this"));
            let repair = if other { trouble.replaced(trouble.at, token) } else { trouble.inserted(trouble.at, token) };
            Some((message, Some(repair)))
        }
        _ => None,
    }
}

/// A clause twice, or in the wrong order.
fn second_clause<'text>(cx: &Cx, trouble: &Trouble<'_, 'text>) -> Option<Said<'text>> {
    let here = trouble.get(trouble.at)?;
    let word = here.spelling()?;
    let in_brackets = !trouble.open_brackets().is_empty();
    if in_brackets
        || trouble.expects("a name")
        || !matches!(here, Token::When | Token::Then | Token::Status | Token::Given | Token::Otherwise | Token::Takes)
    {
        return None;
    }
    let earlier = (trouble.start..trouble.at).find(|at| trouble.tokens[*at].1 == *here);
    let span = trouble.span(cx, trouble.at);
    if let Some(earlier) = earlier {
        let message = said(format!("a second `{word}`"), span, "once more").also(trouble.span(cx, earlier), "the first one");
        let message = match here {
            Token::When => message.help("join the conditions with `and`, or write a second rule"),
            Token::Then | Token::Given => message.help(format!("write one `{word}`, with commas between its parts")),
            _ => message,
        };
        return Some((message, None));
    }
    let order = match trouble.get(trouble.start)? {
        Token::Rule | Token::Exception => "`when`, `then`, `status`",
        Token::Decision => "`takes`, `otherwise`",
        Token::Scenario => "`on`, `given`, `expect`",
        _ => return None,
    };
    let after = (trouble.start + 1..trouble.at)
        .any(|at| matches!(trouble.tokens[at].1, Token::Then | Token::Status | Token::Otherwise | Token::Expect));
    after.then(|| (said(format!("`{word}` comes too late"), span, "move this up").note(format!("The order is {order}.")), None))
}

/// `ordered { a, b }`.
fn order_with_commas<'text>(cx: &Cx, trouble: &Trouble<'_, 'text>) -> Option<Said<'text>> {
    if trouble.get(trouble.at) != Some(&Token::Comma) || !trouble.expects("<") {
        return None;
    }
    let open = *trouble.open_brackets().last()?;
    if trouble.get(open.checked_sub(1)?) != Some(&Token::Ordered) {
        return None;
    }
    let span = trouble.span(cx, trouble.at);
    let message = said("an order is written with `<`", span, "a comma separates members that have no order")
        .note("`ordered { low < high }`: the later is the stricter")
        .replace("write `<`", span, " <");
    Some((message, Some(trouble.replaced(trouble.at, Token::Less))))
}

/// A comma with nothing behind it.
fn comma_at_end<'text>(cx: &Cx, trouble: &Trouble<'_, 'text>) -> Option<Said<'text>> {
    if trouble.back(1) != Some(&Token::Comma)
        || !trouble.get(trouble.at).is_none_or(|here| !here.names() && here.spelling().is_some())
    {
        return None;
    }
    let comma = trouble.at - 1;
    let span = trouble.span(cx, comma);
    let message = said("nothing follows this comma", span, "one too many").replace("leave it out", span, "");
    Some((message, Some(trouble.removed(comma))))
}

/// A word of the language where a name must stand.
fn reserved<'text>(cx: &Cx, trouble: &Trouble<'_, 'text>) -> Option<Said<'text>> {
    let word = trouble.get(trouble.at)?.spelling().filter(|word| Token::NEVER_NAMES.contains(word))?;
    let declares = trouble.at == trouble.start + 1 || matches!(trouble.back(1), Some(Token::Comma | Token::LeftBrace));
    let follows = trouble.get(trouble.at + 1);
    let like_a_name = matches!(
        follows,
        Some(Token::Colon | Token::Text(_) | Token::Equal | Token::LeftBrace | Token::RightBrace | Token::Comma)
    );
    if !(trouble.expects("a name") && declares && like_a_name) {
        return None;
    }
    let span = trouble.span(cx, trouble.at);
    let message = said(format!("`{word}` is a word of the language and cannot be a name"), span, "choose another name");
    Some((message, Some(trouble.replaced(trouble.at, Token::Ident(Cow::Borrowed(word))))))
}
