//! Declarations: a head, then clauses.

use super::amendment;
use super::chain;
use super::expression::*;
use super::is_wide;
use super::layout::{Doc, group, word};
use super::process;
use crate::syntax::ast::*;

/// A declaration.
pub fn item(item: &Item) -> Doc {
    of_kind(&item.kind)
}

/// A declaration of some kind.
pub fn of_kind(kind: &ItemKind) -> Doc {
    match kind {
        ItemKind::Regime(regime) => {
            let mut head = vec![word("regime "), titled(&regime.name, regime.title.as_ref())];
            if let Some(cite) = &regime.cite {
                head.extend([Doc::Line(0), word("cite "), text(cite)]);
            }
            if let Some(base) = &regime.amends {
                head.extend([Doc::Line(0), word("amends "), text(base)]);
            }
            clauses(Doc::Nest(2, Box::new(Doc::Fill(head))), status(&regime.status))
        }
        ItemKind::Use(import) if import.quoted => Doc::All(vec![word("use "), text(&import.path)]),
        ItemKind::Use(import) => Doc::All(vec![word("use "), name(&import.path)]),
        ItemKind::Compare(compare) => {
            Doc::All(vec![word("compare with "), text(&compare.path), word(" as "), name(&compare.name)])
        }
        ItemKind::UnitDecl(unit) => Doc::All(vec![word("unit "), titled(&unit.name, unit.title.as_ref())]),
        ItemKind::Enum(decl) => enumeration(decl),
        ItemKind::Attribute(decl) => attribute(decl),
        ItemKind::Group(decl) => {
            let mut head = vec![word("group "), name(&decl.name), word(" of "), name(&decl.of)];
            if let Some(cite) = &decl.cite {
                head.extend([word(" "), text(cite)]);
            }
            head.push(word(" ="));
            equals(Doc::All(head), set(&decl.set, 0))
        }
        ItemKind::Groups(decl) => Doc::All(vec![word("groups of "), name(&decl.of), word(" from csv "), text(&decl.path)]),
        ItemKind::Record(decl) => record(decl),
        ItemKind::Constant(decl) => {
            let mut head = vec![word("constant "), titled(&decl.name, decl.title.as_ref())];
            if let Some(mark) = &decl.mark {
                head.extend([word(" "), self::mark(mark)]);
            }
            head.extend([word(" : "), name(&decl.ty), word(" = "), braces(decl.fields.iter().map(assignment), ",")]);
            Doc::All(head)
        }
        ItemKind::Input(decl) => input(decl),
        ItemKind::Define(decl) => {
            let mut head = vec![word("define "), name(&decl.name)];
            if let Some(cite) = &decl.cite {
                head.extend([word(" "), text(cite), word(" ")]);
            }
            if !decl.params.is_empty() {
                let params = decl.params.iter().map(|(param, kind)| Doc::All(vec![name(param), word(" : "), ty(kind)]));
                head.extend([word("("), commas(params), word(")")]);
            }
            head.push(word(if decl.cite.is_some() && decl.params.is_empty() { "=" } else { " =" }));
            equals(Doc::All(head), expr(&decl.body, Chain::Padded))
        }
        ItemKind::Decision(decl) => decision(decl),
        ItemKind::Rule(decl) => rule(decl),
        ItemKind::Base(decl) => {
            let head = Doc::All(vec![word("base "), name(&decl.name), on(decl.on.as_ref())]);
            clauses(head, given(&decl.given))
        }
        ItemKind::Scenario(decl) => {
            let mut lines = given(&decl.given);
            lines.extend(decl.expect.iter().map(|expect| Doc::All(vec![word("expect "), self::expect(expect)])));
            clauses(story("scenario ", &decl.title, decl.cite.as_ref(), decl.on.as_ref()), lines)
        }
        ItemKind::ScenarioTable(decl) => table(decl),
        ItemKind::Accept(decl) => accept(decl),
        ItemKind::Prove(decl) | ItemKind::Property(decl) => prove(decl),
        ItemKind::Amendment(decl) => amendment::amendment(decl),
        ItemKind::Repeal(decl) => amendment::repeal(decl),
        ItemKind::Replace(decl) => amendment::replace(decl),
        ItemKind::Move(decl) => amendment::moved(decl),
        ItemKind::Rename(decl) => Doc::All(vec![word("rename "), name(&decl.from), word(" to "), name(&decl.to)]),
        ItemKind::Stay(decl) => amendment::stay(decl),
        ItemKind::Reinstate(decl) => amendment::reinstate(decl),
        ItemKind::Extend(decl) => amendment::extend(decl),
        ItemKind::Cap(decl) => amendment::cap(decl),
        ItemKind::Authority(decl) => amendment::authority(decl),
        ItemKind::Link(decl) => chain::link(decl),
        ItemKind::Along(decl) => chain::along(decl),
        ItemKind::Node(decl) => {
            clauses(Doc::All(vec![word("node "), titled(&decl.name, decl.title.as_ref())]), given(&decl.given))
        }
        ItemKind::Process(decl) => process::process(decl),
        ItemKind::Cast(decl) => process::cast("process ", decl),
        ItemKind::ProveCast(decl) => process::cast("prove ", decl),
        ItemKind::Titles(decl) => titles(decl),
    }
}

/// A head, and its clauses: all behind it, or each on a line of its own.
pub(super) fn clauses(head: Doc, clauses: Vec<Doc>) -> Doc {
    let mut lines = Vec::with_capacity(2 * clauses.len());
    for clause in clauses {
        lines.push(Doc::Line(0));
        lines.push(clause);
    }
    group(vec![head, Doc::Nest(2, Box::new(Doc::All(lines)))])
}

/// A head that ends in `=`, and what is behind it.
fn equals(head: Doc, body: Doc) -> Doc {
    group(vec![head, Doc::Nest(2, Box::new(Doc::All(vec![Doc::Line(0), body])))])
}

pub(super) fn listed(lead: &'static str, things: impl IntoIterator<Item = Doc>) -> Doc {
    Doc::All(vec![word(lead), commas(things)])
}

pub(super) fn names(lead: &'static str, list: &[Name]) -> Doc {
    listed(lead, list.iter().map(name))
}

fn enumeration(decl: &EnumDecl) -> Doc {
    let mut pieces = vec![word("enum "), titled(&decl.name, decl.title.as_ref()), word(" ")];
    match &decl.body {
        EnumBody::Listed { ordered, members } => pieces.push(members_in_braces(*ordered, members)),
        EnumBody::Csv { path, key, label } => {
            pieces.extend([word("from csv "), text(path), word(" key "), name(key)]);
            if let Some(label) = label {
                pieces.extend([word(" label "), name(label)]);
            }
        }
    }
    Doc::All(pieces)
}

fn attribute(decl: &AttributeDecl) -> Doc {
    let head = Doc::All(vec![word("attribute "), name(&decl.name), word(" of "), name(&decl.of), word(" : "), ty(&decl.ty)]);
    match &decl.source {
        AttributeSource::Csv { path, key, column } => {
            let source = vec![word("from csv "), text(path), word(" key "), name(key), word(" column "), name(column)];
            clauses(head, vec![Doc::All(source)])
        }
        AttributeSource::Listed(list) => Doc::All(vec![head, word(" = "), braces(list.iter().map(assignment), ",")]),
    }
}

fn record(decl: &RecordDecl) -> Doc {
    fields(Doc::All(vec![word("record "), titled(&decl.name, decl.title.as_ref())]), &decl.fields)
}

/// A title a line, where one line is not enough.
fn titles(decl: &TitlesDecl) -> Doc {
    let mut lines = Vec::with_capacity(5 * decl.titles.len());
    for (at, one) in decl.titles.iter().enumerate() {
        if at > 0 {
            lines.push(word(","));
        }
        lines.extend([Doc::Line(0), path(&one.of), word(" "), text(&one.title)]);
    }
    group(vec![
        word("titles "),
        name(&decl.language),
        word(" {"),
        Doc::Nest(2, Box::new(Doc::All(lines))),
        Doc::Line(0),
        word("}"),
    ])
}

/// A head, and fields in braces.
pub(super) fn fields(head: Doc, list: &[Field]) -> Doc {
    let heads: Vec<String> = list
        .iter()
        .map(|field| match &field.title {
            Some(title) => format!("{} {}", field.name.node, flat(&text(title))),
            None => field.name.node.clone(),
        })
        .collect();
    let widths: Vec<usize> = heads.iter().map(|head| head.chars().count()).collect();
    let widest = widths.iter().copied().max().unwrap_or(0);
    let mut fields = Vec::with_capacity(6 * list.len());
    for (at, field) in list.iter().enumerate() {
        if at > 0 {
            fields.push(word(","));
        }
        fields.push(Doc::Line(0));
        fields.push(titled(&field.name, field.title.as_ref()));
        if widest <= super::MOST_PAD {
            fields.push(Doc::IfBroken(spaces(widest - widths[at])));
        }
        fields.push(word(" : "));
        fields.push(ty(&field.ty));
        for option in options(&field.options) {
            fields.extend([word(" "), option]);
        }
    }
    group(vec![head, word(" {"), Doc::Nest(2, Box::new(Doc::All(fields))), Doc::Line(0), word("}")])
}

/// So many spaces, at most [`super::MOST_PAD`].
fn spaces(count: usize) -> &'static str {
    const SPACES: &str = "                                        ";
    SPACES.get(..count).unwrap_or(SPACES)
}

fn options(options: &[InputOption]) -> Vec<Doc> {
    options
        .iter()
        .map(|option| match option {
            InputOption::Capability(span) => Doc::Words("capability".to_owned(), *span),
            InputOption::Usually(values) => listed("usually ", values.iter().map(value)),
        })
        .collect()
}

fn names_of_input(decl: &InputDecl) -> Vec<Doc> {
    let mut head = vec![names("input ", &decl.names)];
    if let Some(title) = &decl.title {
        head.extend([word(" "), text(title)]);
    }
    head
}

/// An input up to its colon.
pub fn input_head(decl: &InputDecl) -> String {
    flat(&Doc::All(names_of_input(decl)))
}

fn input(decl: &InputDecl) -> Doc {
    let mut head = names_of_input(decl);
    head.extend([word(" : "), ty(&decl.ty)]);
    clauses(Doc::All(head), options(&decl.options))
}

fn decision(decl: &DecisionDecl) -> Doc {
    let head = Doc::All(vec![word("decision "), titled(&decl.name, decl.title.as_ref()), word(" : "), ty(&decl.ty)]);
    let span = decl.combine.span;
    let fixed = |words: &str| Doc::Words(words.to_owned(), span);
    let combine = match &decl.combine.node {
        Combine::ExactlyOne => fixed("exactly one"),
        Combine::Strictest => fixed("the strictest"),
        Combine::LeastStrict => fixed("the least strict"),
        Combine::Sum => fixed("the sum"),
        Combine::All => fixed("all"),
        Combine::First(list) => names("the first of ", list),
    };
    let mut lines = vec![Doc::All(vec![word("takes "), combine])];
    if let Some(otherwise) = &decl.otherwise {
        lines.push(Doc::All(vec![word("otherwise "), value(otherwise)]));
    }
    clauses(head, lines)
}

pub(super) fn mark(mark: &Mark) -> Doc {
    let kind = match mark.kind {
        MarkKind::Recalled => "recalled",
        MarkKind::Inferred => "inferred",
    };
    match &mark.note {
        Some(note) => Doc::All(vec![word(kind), word(" "), text(note)]),
        None => Doc::Words(kind.to_owned(), mark.span),
    }
}

fn rule(decl: &RuleDecl) -> Doc {
    let kind = match decl.kind {
        RuleKind::Rule if !decl.limbs.is_empty() => "product rule ",
        RuleKind::Rule => "rule ",
        RuleKind::Exception => "exception ",
        RuleKind::Restriction => "restriction ",
    };
    // What is long in a head goes on in the next line.
    let mut head = vec![Doc::All(vec![word(kind), name(&decl.name)])];
    for words in [&decl.cite, &decl.title].into_iter().flatten() {
        head.extend([Doc::Line(0), text(words)]);
    }
    if let Some(mark) = &decl.mark {
        head.extend([Doc::Line(0), self::mark(mark)]);
    }
    let mut lines = Vec::new();
    for clause in &decl.overrides {
        match clause.kind {
            OverrideKind::To => head.extend([Doc::Line(0), names("to ", &clause.rules)]),
            OverrideKind::Overrides => lines.push(names("overrides ", &clause.rules)),
            OverrideKind::Notwithstanding => lines.push(names("notwithstanding ", &clause.rules)),
            OverrideKind::SubjectTo => lines.push(names("subject to ", &clause.rules)),
            OverrideKind::MovedFrom => lines.push(names("moved from ", &clause.rules)),
            OverrideKind::Under => lines.push(names("under ", &clause.rules)),
        }
    }
    if let Some(when) = &decl.when {
        lines.push(Doc::All(vec![word("when "), expr(when, Chain::Hanging)]));
    }
    lines.extend(decl.limbs.iter().map(chain::limb));
    if !decl.license.is_empty() {
        lines.push(names("license ", &decl.license));
    }
    if !decl.then.is_empty() {
        let conclusions = decl.then.iter().map(|conclusion| {
            let verb = if conclusion.includes { " includes " } else { " is " };
            Doc::All(vec![name(&conclusion.decision), word(verb), value(&conclusion.value)])
        });
        lines.push(listed("then ", conclusions));
    }
    lines.extend(status(&decl.status));
    clauses(Doc::Nest(4, Box::new(Doc::Fill(head))), lines)
}

pub(super) fn status(lines: &[StatusItem]) -> Vec<Doc> {
    if lines.is_empty() {
        return Vec::new();
    }
    let mut pieces = Vec::with_capacity(2 * lines.len());
    for (at, line) in lines.iter().enumerate() {
        if at > 0 {
            pieces.push(Doc::Line(0));
        }
        let lead = match line.kind {
            StatusKind::Codified => "codified from ",
            StatusKind::Effective => "effective from ",
            StatusKind::Compliance => "compliance from ",
            StatusKind::Suspended => "suspended from ",
            StatusKind::NotEnforced => "not enforced from ",
            StatusKind::Enjoined => "enjoined from ",
            StatusKind::Repealed => "repealed from ",
            StatusKind::Until => "until ",
            StatusKind::Sunset => "sunset when ",
        };
        pieces.push(if line.kind == StatusKind::Sunset { sunset(line) } else { status_line(lead, line) });
    }
    vec![Doc::All(vec![word("status "), Doc::Align(Box::new(group(pieces)))])]
}

/// `sunset when …`
fn sunset(line: &StatusItem) -> Doc {
    let event = line.scope.as_ref().map_or_else(|| word(""), |event| Doc::Align(Box::new(expr(event, Chain::Flush))));
    let mut pieces = vec![word("sunset when "), event];
    if let Some(by) = &line.by {
        pieces.extend([word(" by "), text(by)]);
    }
    Doc::All(pieces)
}

/// One line of a timeline behind its first words.
pub(super) fn status_line(lead: &'static str, line: &StatusItem) -> Doc {
    let mut pieces = vec![word(lead), day(&line.from)];
    if let Some(until) = &line.until {
        pieces.extend([word(" until "), day(until)]);
    }
    if let Some(by) = &line.by {
        pieces.extend([word(" by "), text(by)]);
    }
    if let Some(scope) = &line.scope {
        pieces.extend([word(" where "), Doc::Align(Box::new(expr(scope, Chain::Flush)))]);
    }
    Doc::All(pieces)
}

fn on(base: Option<&Name>) -> Doc {
    match base {
        Some(base) => Doc::All(vec![word(" on "), name(base)]),
        None => Doc::All(Vec::new()),
    }
}

fn given(list: &[Assignment]) -> Vec<Doc> {
    if list.is_empty() { Vec::new() } else { vec![listed("given ", list.iter().map(assignment))] }
}

fn story(lead: &'static str, title: &Text, cite: Option<&Text>, base: Option<&Name>) -> Doc {
    let mut head = vec![word(lead), text(title)];
    if let Some(cite) = cite {
        head.extend([word(" "), text(cite)]);
    }
    head.push(on(base));
    Doc::All(head)
}

fn expect(expect: &Expect) -> Doc {
    let mut pieces = vec![name(&expect.decision), word(" ")];
    let valued = |lead: &'static str, outcome: &Value| Doc::All(vec![word(lead), value(outcome)]);
    pieces.push(match &expect.outcome {
        ExpectKind::Is(outcome) => valued("is ", outcome),
        ExpectKind::IsNot(outcome) => valued("is not ", outcome),
        ExpectKind::Includes(outcome) => valued("includes ", outcome),
        ExpectKind::AtLeast(outcome) => valued("at least ", outcome),
        ExpectKind::AtMost(outcome) => valued("at most ", outcome),
        ExpectKind::Open { possible, asking } => {
            let mut open = vec![word("open "), braces(possible.iter().map(value), ",")];
            if !asking.is_empty() {
                open.push(listed(" asking ", asking.iter().map(path)));
            }
            Doc::All(open)
        }
        ExpectKind::NoValue => word("has no value"),
        ExpectKind::Conflicts => word("conflicts"),
    });
    if !expect.because.is_empty() {
        pieces.push(names(" because ", &expect.because));
    }
    Doc::All(pieces)
}

fn cell(outcome: &ExpectKind) -> Doc {
    match outcome {
        ExpectKind::Is(outcome) => value(outcome),
        ExpectKind::Open { possible, .. } => Doc::All(vec![word("open "), braces(possible.iter().map(value), ",")]),
        ExpectKind::Conflicts => word("conflicts"),
        _ => word("has no value"),
    }
}

/// A table: its cells stand below each other if all its rows fit.
fn table(decl: &ScenarioTable) -> Doc {
    let inputs = |row: &TableRow| -> Vec<Doc> {
        row.values.iter().map(|given| given.as_ref().map_or_else(|| word("unknown"), value)).collect()
    };
    let mut grid: Vec<(Vec<Doc>, Vec<Doc>)> =
        vec![(decl.inputs.iter().map(path).collect(), decl.outputs.iter().map(name).collect())];
    grid.extend(decl.rows.iter().map(|row| (inputs(row), row.outcomes.iter().map(cell).collect())));
    let mut widths: Vec<usize> = Vec::new();
    let mut output_widths: Vec<usize> = Vec::new();
    for (left, right) in &grid {
        widen(&mut widths, left);
        widen(&mut output_widths, right);
    }
    let columns = widths.len() + output_widths.len();
    let wide = is_wide(10 + 2 * columns + widths.iter().chain(&output_widths).sum::<usize>());
    if wide {
        widths.clear();
        output_widths.clear();
    }
    let mut lines = given(&decl.given);
    for (at, (left, right)) in grid.into_iter().enumerate() {
        let row = at.checked_sub(1).map(|row| &decl.rows[row]);
        let more = row.is_some_and(|row| !row.because.is_empty() || row.note.is_some());
        // `table` is as wide as `row` and two spaces.
        let mut line = vec![word(if row.is_none() || wide { "" } else { "  " })];
        line.insert(0, word(if row.is_none() { "table " } else { "row " }));
        line.push(cells(left, &widths, true));
        line.push(word("=> "));
        line.push(cells(right, &output_widths, more));
        if let Some(row) = row {
            let mut tail = Vec::new();
            if !row.because.is_empty() {
                tail.push(names("because ", &row.because));
            }
            if let Some(note) = &row.note {
                if !tail.is_empty() {
                    tail.push(word(" "));
                }
                tail.push(text(note));
            }
            line.extend(tail);
        }
        lines.push(Doc::All(line));
    }
    let mut pieces = vec![story("scenarios ", &decl.title, decl.cite.as_ref(), decl.on.as_ref())];
    for line in lines {
        pieces.push(Doc::Hard);
        pieces.push(line);
    }
    Doc::Nest(2, Box::new(Doc::All(pieces)))
}

fn widen(widths: &mut Vec<usize>, cells: &[Doc]) {
    for (at, cell) in cells.iter().enumerate() {
        let width = flat(cell).chars().count();
        match widths.get_mut(at) {
            Some(widest) => *widest = width.max(*widest),
            None => widths.push(width),
        }
    }
}

/// The cells of a row; each but the last, or the last too, is as wide as its column and a space.
fn cells(cells: Vec<Doc>, widths: &[usize], pad_last: bool) -> Doc {
    let count = cells.len();
    let mut pieces = Vec::with_capacity(2 * count);
    for (at, cell) in cells.into_iter().enumerate() {
        let last = at + 1 == count;
        let width = flat(&cell).chars().count();
        pieces.push(cell);
        if !last {
            pieces.push(word(","));
        }
        if !last || pad_last {
            // A comma's width for the last one too.
            let pad = widths.get(at).map_or(0, |widest| widest.saturating_sub(width));
            pieces.push(word(" ".repeat(pad + 1)));
        }
    }
    Doc::All(pieces)
}

/// On one line.
fn flat(doc: &Doc) -> String {
    match doc {
        Doc::Words(words, _) => words.clone(),
        Doc::Line(_) | Doc::Hard => " ".to_owned(),
        Doc::IfBroken(_) => String::new(),
        Doc::All(pieces) | Doc::Fill(pieces) => pieces.iter().map(flat).collect(),
        Doc::Group(group) => flat(&group.content),
        Doc::Nest(_, inner) | Doc::Align(inner) => flat(inner),
    }
}

fn accept(decl: &AcceptDecl) -> Doc {
    let mut head = vec![word("accept "), name(&decl.code)];
    if !decl.rules.is_empty() {
        head.push(names(" in ", &decl.rules));
    }
    if !decl.about.is_empty() {
        head.push(listed(" about ", decl.about.iter().map(path)));
    }
    let mut reason = vec![word("because "), text(&decl.reason)];
    if let Some(until) = &decl.until {
        reason.extend([word(" until "), day(until)]);
    }
    clauses(Doc::All(head), vec![Doc::All(reason)])
}

fn prove(decl: &ProveDecl) -> Doc {
    let mut head = vec![word(if decl.roles.is_empty() { "prove " } else { "property " }), name(&decl.name)];
    if let Some(cite) = &decl.cite {
        head.extend([word(" "), text(cite)]);
    }
    if let Some(shows) = &decl.shows {
        head.extend([word(" as "), name(shows)]);
    }
    if !decl.roles.is_empty() {
        head.extend([word(" "), names("with ", &decl.roles)]);
    }
    head.push(word(" :"));
    let scope = decl.scope.as_ref().map(|scope| Doc::All(vec![word("where "), Doc::Align(Box::new(expr(scope, Chain::Flush)))]));
    let lines: Vec<Doc> = match &decl.claim {
        Claim::EveryCase(body) => {
            let body = Doc::All(vec![word("satisfies "), Doc::Align(Box::new(expr(body, Chain::Flush)))]);
            [Some(word("every case")), scope, Some(body)].into_iter().flatten().collect()
        }
        Claim::Monotone { decision, tightens, input } => {
            let verb = if *tightens { " never tightens as " } else { " never loosens as " };
            let claim = Doc::All(vec![path(decision), word(verb), path(input), word(" grows")]);
            [Some(claim), scope].into_iter().flatten().collect()
        }
        Claim::Tiers { decision, input, from, to } => {
            let claim = vec![
                path(decision),
                word(" never loosens from "),
                path(input),
                word(" in "),
                set(from, 0),
                word(" to "),
                set(to, 0),
            ];
            [Some(Doc::All(claim)), scope].into_iter().flatten().collect()
        }
        Claim::Blind { decision, input } => {
            let claim = Doc::All(vec![path(decision), word(" never depends on "), path(input)]);
            [Some(claim), scope].into_iter().flatten().collect()
        }
        Claim::Equals(a, b) => {
            let claim = Doc::All(vec![path(a), word(" equals "), path(b)]);
            [Some(claim), scope].into_iter().flatten().collect()
        }
        Claim::NeverIn(process, bad) => {
            let bad = Doc::All(vec![word("never "), Doc::Align(Box::new(expr(bad, Chain::Flush)))]);
            let claim = Doc::All(vec![word("in "), name(process)]);
            [Some(claim), scope, Some(bad)].into_iter().flatten().collect()
        }
        Claim::AtLeastAsStrict(a, b) => {
            let claim = Doc::All(vec![path(a), word(" is at least as strict as "), path(b)]);
            [Some(claim), scope].into_iter().flatten().collect()
        }
    };
    let mut claim = Vec::with_capacity(2 * lines.len());
    for line in lines {
        if !claim.is_empty() {
            claim.push(Doc::Line(0));
        }
        claim.push(line);
    }
    clauses(Doc::All(head), vec![Doc::Align(Box::new(group(claim)))])
}
