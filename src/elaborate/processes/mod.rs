//! Processes: what is remembered becomes inputs, a step becomes a relation between these now and next.
//!
//! The guards are conditions like those of rules, so they ask the regime's own decisions. A variable that a step does not name
//! keeps its value. A number stays within its declared range: what would leave it stops at the end. Balances of caps are variables
//! too: at the start nothing is counted, `counts toward` counts, `is another` begins anew for who has the key of the cap, and where
//! time passes a window ends. Of a rolling window only the first day that still counts is remembered; once it has left, any part of
//! the balance may have left with it. What truly counts is among these possibilities, so what is proved with them is proved; a path
//! that is found is counted again, day by day.

mod balances;
mod doubts;
mod effects;
mod time;

use std::collections::BTreeMap;

use crate::diagnostic::Code;
use crate::ir::{Domain, InputId, Value, Window};
use crate::model::{Cond, CondKind, Goal, Input, Node, Num, NumKind, Process, ProcessStep, Rational, Relation, node, visit};
use crate::source::Span;
use crate::syntax::ast::{self, Claim, Effect, ItemKind};

use super::Elaborator;
use super::compare::choose;
use super::operand::{Env, Operand};
use super::scenarios::dotted;
use super::types::Ty;

/// Balances of one cap that are remembered, one for each member that a step can choose.
const MOST_BALANCES: usize = 32;

/// The step that is not written.
const TIME: &str = "time_passes";

/// How a step changes what is remembered.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Change {
    Is,
    Adds,
    Includes,
}

/// A cap as a variable.
struct Balance {
    /// In the policy.
    cap: usize,
    /// The variable: the balance itself, or that of one member.
    used: InputId,
    /// Of whom it is the balance, where enumerations say that: what is chosen in a step reads and counts its own.
    of: Vec<(InputId, u32)>,
    /// Of a rolling window: since when it is counted, and how much a step adds.
    since: Option<InputId>,
    added: Option<InputId>,
}

/// What must never be in a process.
#[derive(Clone)]
struct Asked {
    name: ast::Name,
    cite: Option<ast::Text>,
    shows: Option<ast::Name>,
    process: String,
    bad: ast::Expr,
}

/// A process while it is read.
struct Reading {
    env: Env,
    rigid: Vec<InputId>,
    variables: Vec<(InputId, InputId)>,
    balances: Vec<Balance>,
    date: Option<InputId>,
}

impl Reading {
    fn next(&self, now: InputId) -> Option<InputId> {
        self.variables.iter().find(|(of, _)| *of == now).map(|(_, next)| *next)
    }
}

impl Elaborator<'_> {
    /// The processes of the checked regime, and what must never be in them.
    pub(super) fn processes(&mut self) {
        let items: Vec<_> = self.items(0).collect();
        let mut asked: Vec<Asked> = Vec::new();
        for (_, item) in &items {
            let ItemKind::Prove(decl) = &item.kind else { continue };
            let Claim::NeverIn(process, bad) = &decl.claim else { continue };
            match self.scopes[0].processes.get(&process.node).copied() {
                None => {
                    let known = self.scopes[0].processes.keys().cloned().collect();
                    self.unknown("process", process, known);
                }
                Some((place, span)) => {
                    if matches!(&self.item(place).kind, ItemKind::Process(decl) if !decl.roles.is_empty()) {
                        let title = format!("`{}` is a pattern, and no process yet", process.node);
                        self.error(Code::BadProcess, title, process.span, "nobody plays its roles")
                            .also(span, "it is declared here")
                            .help(format!("say who plays them: process NAME is {} with ROLE is …", process.node));
                    }
                }
            }
            if let Some(scope) = &decl.scope {
                self.error(Code::BadProcess, "a claim about a process has no `where`", scope.span, "this cannot stand here")
                    .help("say where the process begins: start when …; or ask about less: never … and …");
            }
            let (name, cite) = (decl.name.clone(), decl.cite.clone());
            asked.push(Asked { name, cite, shows: decl.shows.clone(), process: process.node.clone(), bad: bad.clone() });
        }
        let mut claims: BTreeMap<String, Span> = items
            .iter()
            .filter_map(|(_, item)| match &item.kind {
                ItemKind::Prove(decl) => Some((decl.name.node.clone(), decl.name.span)),
                _ => None,
            })
            .collect();
        for (place, item) in &items {
            let cast;
            let decl = match &item.kind {
                ItemKind::Process(decl) if decl.roles.is_empty() => decl,
                ItemKind::Cast(decl) => {
                    let Some((pattern, _)) = self.scopes[0].processes.get(&decl.pattern.node).copied() else {
                        let is_pattern = |item: &ItemKind| matches!(item, ItemKind::Process(of) if !of.roles.is_empty());
                        let all = self.scopes[0].processes.iter();
                        let known = all.filter(|(_, (at, _))| is_pattern(&self.item(*at).kind)).map(|(name, _)| name.clone());
                        let known = known.collect();
                        if self.scopes[0].properties.contains_key(&decl.pattern.node) {
                            let title = format!("`{}` is a pattern of properties", decl.pattern.node);
                            self.error(Code::WrongKind, title, decl.pattern.span, "a process with roles is needed here")
                                .help(format!("prove {} is {} with …", decl.name.node, decl.pattern.node));
                        } else {
                            self.unknown("pattern", &decl.pattern, known)
                                .help("ready-made ones are in the library: use std/evasion");
                        }
                        continue;
                    };
                    let ItemKind::Process(pattern) = &self.item(pattern).kind else {
                        let title = format!("`{}` is no pattern", decl.pattern.node);
                        self.error(Code::BadProcess, title, decl.pattern.span, "a process with roles is needed");
                        continue;
                    };
                    let Some(made) = self.cast(decl, pattern) else { continue };
                    self.playing = pattern.name.span.file.map(|file| {
                        let words = |span: Span| self.words(&Env::of(0), span);
                        (file, decl.roles.iter().map(|(role, player)| (role.node.clone(), words(player.span))).collect())
                    });
                    cast = made;
                    &cast
                }
                _ => continue,
            };
            let mut goals: Vec<Asked> = asked.iter().filter(|one| one.process == decl.name.node).cloned().collect();
            if let Some(bad) = &decl.never {
                if let Some(first) = claims.insert(decl.name.node.clone(), decl.name.span) {
                    let title = format!("two claims are called `{}`", decl.name.node);
                    self.error(Code::DuplicateName, title, decl.name.span, "this process has a claim of its own")
                        .also(first, "and this one")
                        .help("call the claim, or the process, something else");
                }
                let (name, process) = (decl.name.clone(), decl.name.node.clone());
                goals.push(Asked { name, cite: decl.cite.clone(), shows: decl.shows.clone(), process, bad: bad.clone() });
            }
            if goals.is_empty() {
                self.playing = None;
                // What is inherited is there to be asked about, if somebody wants to.
                if !self.amended.history.get(place).is_some_and(|history| history.inherited) {
                    let title = format!("nothing is asked of the process `{}`", decl.name.node);
                    self.sink.push(
                        crate::diagnostic::Diagnostic::new(Code::UnusedDeclaration, title, decl.name.span, "it says nothing")
                            .help(format!("say what must never be: prove NAME : in {} never …", decl.name.node)),
                    );
                }
                continue;
            }
            let real = self.policy.inputs.len();
            let said = self.sink.said();
            let process = self.process(decl, &goals, real);
            self.played_here(said, decl.name.span);
            self.policy.inputs.truncate(real);
            self.policy.processes.extend(process);
        }
    }

    fn process(&mut self, decl: &ast::ProcessDecl, goals: &[Asked], real: usize) -> Option<Process> {
        let mut reading = self.variables(decl)?;
        let start = self.condition(&reading.env.clone(), &decl.start);
        let mut begins = Vec::new();
        for balance in &reading.balances {
            begins.push(equal(NumKind::Input(balance.used), Rational::from_integer(0), decl.start.span));
        }
        let mut steps = Vec::new();
        let mut names: BTreeMap<String, Span> = BTreeMap::new();
        for step in &decl.steps {
            if let Some(first) = names.insert(step.name.node.clone(), step.name.span) {
                let title = format!("the step `{}` stands twice", step.name.node);
                self.error(Code::DuplicateName, title, step.name.span, "again here").also(first, "first here");
            }
            steps.push(self.step(&mut reading, step));
        }
        if reading.date.is_some() {
            steps.push(Some(self.time_passes(&reading, decl)));
        }
        let mut found = Vec::new();
        for asked in goals {
            let condition = self.condition(&reading.env.clone(), &asked.bad);
            let cite = asked.cite.as_ref().map_or(String::new(), |cite| cite.node.clone());
            let own = self.own_balances(&reading, asked.name.span);
            let with = |bad: Cond| match own.is_empty() {
                true => bad,
                false => node(CondKind::And([bad].into_iter().chain(own).collect()), asked.name.span),
            };
            let (name, span) = (asked.name.node.clone(), asked.name.span);
            if let Some(bad) = &condition {
                self.chosen_by_none(&reading, bad, span);
            }
            let shows = self.shows(asked.shows.as_ref());
            found.push(condition.map(|bad| Goal { name, cite, shows, bad: with(bad), span }));
        }
        let start = start?;
        let steps = steps.into_iter().collect::<Option<Vec<_>>>()?;
        let goals = found.into_iter().collect::<Option<Vec<_>>>()?;
        let remembered =
            |input: InputId| reading.rigid.contains(&input) || reading.variables.iter().any(|(now, _)| *now == input);
        let mut free: Option<InputId> = None;
        let mut decided = false;
        visit(&start, |part| {
            decided |= matches!(part.kind, CondKind::Decided(..));
            inputs(part, |input| free = free.or((!remembered(input)).then_some(input)));
        });
        if decided {
            self.error(Code::BadProcess, "a start that asks a decision", decl.start.span, "no case has been put yet")
                .help("let the first step ask it");
            return None;
        }
        if let Some(input) = free {
            let name = self.policy.inputs[input.index()].name.clone();
            let title = format!("`{name}` is not remembered, so no process can start with it");
            self.error(Code::BadProcess, title, decl.start.span, "asked here")
                .note("a process starts with its state, and with what it keeps; the rest belongs to a step")
                .help(format!("keep it: process {} keeps {name}, …", decl.name.node));
            return None;
        }
        self.asks_no_decision(&reading, decl, &steps, &goals);
        let words = start.words.clone();
        begins.push(start);
        if !self.owned(&reading, decl, &steps) {
            return None;
        }
        let text = |text: &Option<ast::Text>| text.as_ref().map_or(String::new(), |text| text.node.clone());
        Some(Process {
            name: decl.name.node.clone(),
            title: text(&decl.title),
            cite: text(&decl.cite),
            inputs: self.policy.inputs[real..].to_vec(),
            rigid: reading.rigid,
            balances: reading
                .balances
                .iter()
                .map(|balance| (balance.used, self.policy.caps[balance.cap].window, balance.added))
                .collect(),
            variables: reading.variables,
            start: std::sync::Arc::new(Node { kind: CondKind::And(begins), span: decl.start.span, words }),
            steps,
            goals,
            span: decl.name.span,
        })
    }

    /// What is kept, what is remembered, and the next value of everything that is.
    fn variables(&mut self, decl: &ast::ProcessDecl) -> Option<Reading> {
        let mut reading = Reading { env: Env::of(0), rigid: Vec::new(), variables: Vec::new(), balances: Vec::new(), date: None };
        let mut good = true;
        for path in &decl.keeps {
            let expr = ast::Expr { kind: ast::ExprKind::Path(path.clone()), span: path.span };
            if self.operand(&reading.env.clone(), &expr, None).is_none() {
                good = false;
                continue;
            }
            let name = dotted(path);
            let kept: Vec<InputId> = self.inputs_below(&name);
            if kept.is_empty() {
                self.error(Code::BadProcess, format!("`{name}` is no input"), path.span, "only inputs can be kept");
                good = false;
            }
            reading.rigid.extend(kept);
        }
        if let Some(reading_input) = self.policy.reading {
            reading.rigid.push(reading_input);
        }
        match (decl.time, self.policy.date) {
            (Some(span), None) => {
                self.error(Code::NoDateInput, "time passes in a regime without a date", span, "nothing says which day it is")
                    .help("declare: input date : date from 2022-10-07 to 2027-12-31");
                good = false;
            }
            (Some(span), Some(date)) if reading.rigid.contains(&date) => {
                self.error(Code::BadProcess, "a day that passes and is kept", span, "one of the two is meant");
                good = false;
            }
            (Some(_), date) => reading.date = date,
            (None, Some(date)) => reading.rigid.push(date),
            (None, None) => {}
        }
        reading.rigid.sort_unstable();
        reading.rigid.dedup();
        let mut now: Vec<InputId> = reading.date.into_iter().collect();
        for (index, cap) in self.policy.caps.clone().iter().enumerate() {
            if cap.regime != 0 || reading.rigid.contains(&cap.used) {
                continue;
            }
            let Some(members) = self.members_of(index, &reading, decl) else {
                good = false;
                continue;
            };
            for of in members {
                let names: Vec<String> = of.iter().map(|(input, member)| self.member_name(*input, *member)).collect();
                let whose = if names.is_empty() { String::new() } else { format!("[{}]", names.join(", ")) };
                let used = if of.is_empty() {
                    cap.used
                } else {
                    let domain = self.policy.inputs[cap.used.index()].domain.clone();
                    self.remember(format!("{}.used{whose}", cap.name), domain, cap.span)
                };
                now.push(used);
                let rolling = matches!(cap.window, Window::Rolling(_));
                let since = reading.date.filter(|_| rolling).map(|date| {
                    let domain = self.policy.inputs[date.index()].domain.clone();
                    self.remember(format!("{}.since{whose}", cap.name), domain, cap.span)
                });
                now.extend(since);
                let added = match since.map(|_| self.one_entry(cap)) {
                    Some(None) => {
                        good = false;
                        continue;
                    }
                    Some(Some(domain)) => Some(self.remember(format!("{}.added{whose}", cap.name), domain, cap.span)),
                    None => None,
                };
                reading.balances.push(Balance { cap: index, used, of, since, added });
            }
        }
        for (name, ty) in &decl.state {
            if let Some(known) = self.scopes[0].values.get(&name.node) {
                let (place, what) = (known.span, known.meaning.name());
                self.error(Code::DuplicateName, format!("`{}` is declared twice", name.node), name.span, "as state here")
                    .also(place, format!("and here, as {what}"))
                    .help("give the state another name");
                good = false;
                continue;
            }
            if reading.env.locals.iter().any(|(local, _)| *local == name.node) {
                self.error(Code::DuplicateName, format!("`{}` is declared twice", name.node), name.span, "again here");
                good = false;
                continue;
            }
            let Some(found) = self.state_type(name, ty) else {
                good = false;
                continue;
            };
            let first = self.policy.inputs.len();
            self.flatten_state(&name.node, name.span, &found, &[]);
            now.extend((first..self.policy.inputs.len()).map(|index| InputId(index as u32)));
            let operand = match found {
                Ty::Record(record) => Operand::Record(record, name.node.clone()),
                _ => match self.input_of(&name.node) {
                    Some(input) => self.input_operand(input, name.span),
                    None => {
                        good = false;
                        continue;
                    }
                },
            };
            reading.env.locals.push((name.node.clone(), operand));
        }
        for now in now {
            let input = self.policy.inputs[now.index()].clone();
            let next = self.remember(format!("{}'", input.name), input.domain, input.span);
            reading.variables.push((now, next));
        }
        good.then_some(reading)
    }

    fn member_name(&self, input: InputId, member: u32) -> String {
        match self.policy.inputs[input.index()].domain {
            Domain::Enum(of) => self.policy.enums[of.index()].members[member as usize].name.clone(),
            _ => String::new(),
        }
    }

    /// The type of a variable: a type, or that of an input by its name.
    fn state_type(&mut self, name: &ast::Name, ty: &ast::Type) -> Option<Ty> {
        if let ast::TypeKind::Named(of) = &ty.kind
            && !self.scopes[0].types.contains_key(&of.node)
            && let Some(input) = self.input_of(&of.node)
        {
            return Some(Ty::Scalar(self.policy.inputs[input.index()].domain.clone()));
        }
        // A day is one of those that the regime knows.
        if let (ast::TypeKind::Date { range: None }, Some(date)) = (&ty.kind, self.policy.date) {
            return Some(Ty::Scalar(self.policy.inputs[date.index()].domain.clone()));
        }
        self.ty(0, &name.node, ty, true)
    }

    /// The inputs of a name: itself, or all of the record.
    fn inputs_below(&self, name: &str) -> Vec<InputId> {
        let below = |input: &Input| input.name == name || input.name.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'));
        let found = self.policy.inputs.iter().enumerate().filter(|(_, input)| below(input));
        found.map(|(index, _)| InputId(index as u32)).collect()
    }

    fn remember(&mut self, name: String, domain: Domain, span: Span) -> InputId {
        self.policy.inputs.push(Input::plain(name, domain, span));
        InputId(self.policy.inputs.len() as u32 - 1)
    }

    fn flatten_state(&mut self, name: &str, span: Span, ty: &Ty, preferred: &[Value]) {
        match ty {
            Ty::Record(record) => {
                for field in self.records[*record].fields.clone() {
                    self.flatten_state(&format!("{name}.{}", field.name), span, &field.ty, &field.preferred);
                }
            }
            Ty::Scalar(domain) => {
                let input = self.remember(name.to_owned(), domain.clone(), span);
                self.policy.inputs[input.index()].preferred = preferred.to_vec();
            }
            Ty::Number(_) => {}
        }
    }

    fn step(&mut self, reading: &mut Reading, decl: &ast::StepDecl) -> Option<ProcessStep> {
        let mut env = reading.env.clone();
        let guard = match &decl.when {
            Some(when) => self.condition(&env, when),
            None => Some(node(CondKind::Const(true), decl.span)),
        };
        if let Some(when) = &decl.when {
            env.positive = self.positive(&reading.env.clone(), when);
        }
        let mut set: BTreeMap<InputId, (Cond, Span)> = BTreeMap::new();
        let mut good = true;
        let (mut counts, mut renews, mut entries) = (Vec::new(), Vec::new(), Vec::new());
        let balances: Vec<InputId> = reading.balances.iter().map(|balance| balance.used).collect();
        for effect in &decl.then {
            let found = match effect {
                Effect::Is(path, value) if is_another(reading, path, value) => self.another(reading, &env, path),
                Effect::Is(path, value) => self.becomes(reading, &env, path, value, Change::Is),
                Effect::Adds(path, value) => self.becomes(reading, &env, path, value, Change::Adds),
                Effect::Includes(path, value) => self.becomes(reading, &env, path, value, Change::Includes),
                Effect::Counts(cap) => self.counts_toward(reading, cap),
            };
            let Some(found) = found else {
                good = false;
                continue;
            };
            for (input, condition, span) in found {
                let balance = balances.contains(&input);
                match effect {
                    Effect::Counts(_) if reading.balances.iter().any(|balance| balance.added == Some(input)) => {
                        entries.push((input, condition));
                        continue;
                    }
                    Effect::Counts(_) if balance => counts.push(input),
                    // Two names of one balance may be others at once: it begins anew once.
                    Effect::Is(path, value) if balance && is_another(reading, path, value) => {
                        if renews.contains(&input) {
                            continue;
                        }
                        renews.push(input);
                    }
                    _ => {}
                }
                if let Some((_, first)) = set.insert(input, (condition, span)) {
                    let name = self.policy.inputs[input.index()].name.clone();
                    let title = format!("one step says twice what `{name}` becomes");
                    self.error(Code::RepeatedAssignment, title, span, "again here").also(first, "first here");
                    good = false;
                }
            }
        }
        let mut effects: Vec<Cond> = Vec::new();
        for (now, next) in &reading.variables {
            effects.push(match set.remove(now) {
                Some((condition, _)) => condition,
                None => self.same(*now, *next, decl.span),
            });
        }
        let guard = guard?;
        self.follows_what_is_kept(reading, decl, &guard);
        effects.extend(self.own_balances(reading, decl.span));
        let text = |text: &Option<ast::Text>| text.as_ref().map_or(String::new(), |text| text.node.clone());
        let (name, title, cite) = (decl.name.node.clone(), text(&decl.title), text(&decl.cite));
        good.then_some(ProcessStep { name, title, cite, guard, effects, counts, renews, entries, span: decl.name.span })
    }
}

/// `PATH is another`, of what is no state: there `another` would be a member.
fn is_another(reading: &Reading, path: &ast::Path, value: &ast::Expr) -> bool {
    let state = reading.env.locals.iter().any(|(local, _)| *local == path.parts[0].node);
    let another = matches!(&value.kind, ast::ExprKind::Path(word) if word.parts.len() == 1 && word.parts[0].node == "another");
    another && !state
}

fn constant(value: i128, span: Span) -> Num {
    node(NumKind::Const(Rational::from_integer(value)), span)
}

fn equal(number: NumKind, value: Rational, span: Span) -> Cond {
    node(CondKind::Compare(Relation::Equal, node(number, span), node(NumKind::Const(value), span)), span)
}

/// Both hold, or neither.
fn both(a: &Cond, b: Cond, span: Span) -> Cond {
    let not = node(CondKind::Not(b.clone()), span);
    choose(a, b, not, span)
}

fn compare(relation: Relation, a: InputId, b: InputId, span: Span) -> Cond {
    node(CondKind::Compare(relation, node(NumKind::Input(a), span), node(NumKind::Input(b), span)), span)
}

/// What was counted on one day still counts on another, in a rolling window of so many days.
fn begins_within(since: InputId, then: &Num, days: u32, span: Span) -> Cond {
    let end = node(NumKind::Add(node(NumKind::Input(since), span), constant(i128::from(days), span)), span);
    node(CondKind::Compare(Relation::Less, then.clone(), end), span)
}

/// The next value is a number, or the end of the range that it would leave.
fn clamped(next: InputId, value: Num, (lo, hi): (i64, i64), size: Rational, span: Span) -> Cond {
    let bound = |k: i64| size * Rational::from_integer(i128::from(k));
    let next = NumKind::Input(next);
    let (least, most) = (node(NumKind::Const(bound(lo)), span), node(NumKind::Const(bound(hi)), span));
    let below = node(CondKind::Compare(Relation::Less, value.clone(), least), span);
    let above = node(CondKind::Compare(Relation::Less, most, value.clone()), span);
    let inside = node(CondKind::Compare(Relation::Equal, node(next.clone(), span), value), span);
    let rest = choose(&above, equal(next.clone(), bound(hi), span), inside, span);
    choose(&below, equal(next, bound(lo), span), rest, span)
}

/// The inputs that a part of a condition names itself.
fn inputs(part: &Cond, mut show: impl FnMut(InputId)) {
    match &part.kind {
        CondKind::Flag(input) | CondKind::In(input, _) | CondKind::Has(input, _) => show(*input),
        CondKind::Same(a, b) => {
            show(*a);
            show(*b);
        }
        CondKind::Compare(_, a, b) => {
            let mut numbers = vec![a, b];
            while let Some(number) = numbers.pop() {
                match &number.kind {
                    NumKind::Input(input) => show(*input),
                    NumKind::Const(_) => {}
                    NumKind::Add(a, b)
                    | NumKind::Subtract(a, b)
                    | NumKind::Multiply(a, b)
                    | NumKind::Divide(a, b)
                    | NumKind::If(_, a, b) => numbers.extend([a, b]),
                }
            }
        }
        CondKind::Const(_) | CondKind::Decided(..) | CondKind::Not(_) | CondKind::And(_) | CondKind::Or(_) => {}
    }
}
