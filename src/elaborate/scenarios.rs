//! Values, scenarios, acceptances.

use std::collections::BTreeMap;

use crate::diagnostic::Code;
use crate::ir::{DecisionId, Domain, InputId, MemberSet, Ranges, Step, Value};
use crate::model::{
    Acceptance, DecisionTest, Expectation, Expected, Scenario, authority_property, license_property, move_property,
};
use crate::source::Span;
use crate::syntax::ast::{self, ExpectKind, ItemKind};

use super::Elaborator;
use super::operand::{Env, Operand};

/// What is given: known values by input, `None` where a value was taken away; and what stands before the case.
#[derive(Clone, Debug, Default)]
pub(super) struct Given {
    pub(super) values: BTreeMap<InputId, Option<Value>>,
    /// By link; `None` where it was taken away.
    pub(super) before: BTreeMap<u32, Option<(Vec<Step>, Span)>>,
}

impl Elaborator<'_> {
    /// A value that is written out, in a domain.
    pub(super) fn value(&mut self, regime: usize, value: &ast::Value, domain: &Domain) -> Option<Value> {
        let span = span_of(value);
        let found = match (domain, value) {
            (Domain::Bool, ast::Value::Bool(value)) => Some(Value::Bool(value.node)),
            (Domain::Enum(of), ast::Value::Path(path)) if path.parts.len() == 1 => {
                return self.member(*of, &path.parts[0]).map(Value::Member);
            }
            (Domain::Set(of), ast::Value::Set(names, _)) => {
                let mut set = MemberSet::empty(self.policy.enums[of.index()].size());
                let members: Vec<_> = names.iter().map(|name| self.member(*of, name)).collect();
                for member in members {
                    set.insert(member?);
                }
                return Some(Value::Set(set));
            }
            (Domain::Number(number), ast::Value::Number(literal)) => {
                return self.steps(regime, literal, number).map(Value::Int);
            }
            (Domain::Date { lo, hi }, ast::Value::Date(text)) => {
                let day = self.day(text)?;
                if day < *lo || day > *hi {
                    let (lo, hi) = (crate::ir::date_text(*lo), crate::ir::date_text(*hi));
                    self.error(
                        Code::OutOfRange,
                        format!("{} is outside its range", text.node),
                        text.span,
                        format!("allowed: {lo} to {hi}"),
                    );
                    return None;
                }
                return Some(Value::Int(day));
            }
            (domain, ast::Value::Path(path)) if path.regime.is_none() => {
                // A definition that stands for a value: a named threshold.
                let expected = match domain {
                    Domain::Enum(of) => Some(*of),
                    _ => None,
                };
                let expr = ast::Expr { kind: ast::ExprKind::Path(path.clone()), span: path.span };
                let operand = self.operand(&Env::of(regime), &expr, expected)?;
                self.constant_value(&operand, domain)
            }
            _ => None,
        };
        if found.is_none() {
            let wanted = self.domain_in_words(domain);
            self.error(Code::TypeMismatch, "a value of another kind", span, format!("{wanted} is needed"));
        }
        found
    }

    fn constant_value(&self, operand: &Operand, domain: &Domain) -> Option<Value> {
        use crate::model::{CondKind, NumKind, in_steps};
        match (operand, domain) {
            (Operand::Member(of, member), Domain::Enum(domain)) if of == domain => Some(Value::Member(*member)),
            (Operand::Bool(condition), Domain::Bool) => match condition.kind {
                CondKind::Const(value) => Some(Value::Bool(value)),
                _ => None,
            },
            (Operand::Number(number, _), Domain::Number(grid)) => match &number.kind {
                NumKind::Const(value) => {
                    let steps = in_steps(value, grid.step)?;
                    let k = steps.is_integer().then(|| i64::try_from(steps.to_integer()).ok())??;
                    (grid.lo..=grid.hi).contains(&k).then_some(Value::Int(k))
                }
                _ => None,
            },
            (Operand::Number(number, dims), Domain::Date { lo, hi }) if dims.is_date() => match &number.kind {
                NumKind::Const(value) => {
                    let day = i64::try_from(value.to_integer()).ok()?;
                    (*lo..=*hi).contains(&day).then_some(Value::Int(day))
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// A domain in words.
    pub(super) fn domain_in_words(&self, domain: &Domain) -> String {
        match domain {
            Domain::Bool => "`true` or `false`".into(),
            Domain::Enum(of) => format!("one {}", self.policy.enums[of.index()].name),
            Domain::Set(of) => format!("a set of {} in braces", self.policy.enums[of.index()].name),
            Domain::Number(number) if number.unit.is_empty() => "a number".into(),
            Domain::Number(number) => format!("a number of {}", number.unit),
            Domain::Date { .. } => "a day".into(),
        }
    }

    /// An input by its path, or an error.
    pub(super) fn input(&mut self, path: &ast::Path) -> Option<InputId> {
        let name = dotted(path);
        if let Some(input) = self.input_of(&name) {
            return Some(input);
        }
        let declared = self.scopes[0].values.get(&path.parts[0].node).is_some_and(|d| {
            // The balance of a cap is an input too.
            matches!(d.meaning, super::scope::Meaning::Input | super::scope::Meaning::Cap)
        });
        if declared
            && self.sink.has_errors()
            && !self.policy.inputs.iter().any(|input| input.name.split('.').next() == name.split('.').next())
        {
            // Its declaration was refused, and that was said.
            return None;
        }
        let known: Vec<String> = self.policy.inputs.iter().map(|input| input.name.clone()).collect();
        self.unknown("input", &ast::Name::new(name, path.span), known);
        None
    }

    pub(super) fn assign(&mut self, given: &mut Given, assignments: &[ast::Assignment]) {
        let mut own: BTreeMap<InputId, Span> = BTreeMap::new();
        let mut links: BTreeMap<u32, bool> = BTreeMap::new();
        for assignment in assignments {
            let name = dotted(&assignment.path);
            if let Some(link) = self.policy.links.iter().position(|link| link.name == name) {
                self.assign_link(given, &mut links, link, assignment);
                continue;
            }
            if let Some((field, _)) = assignment.with.first() {
                self.error(
                    Code::WrongKind,
                    format!("`{name}` is not a link"),
                    assignment.path.span,
                    "only links have something `with` them",
                )
                .also(field.span, "so this belongs to nothing");
                continue;
            }
            let prefix = format!("{name}.");
            let below: Vec<(InputId, String)> = self
                .policy
                .inputs
                .iter()
                .enumerate()
                .filter_map(|(index, input)| Some((InputId(index as u32), input.name.strip_prefix(&prefix)?.to_owned())))
                .collect();
            if self.input_of(&name).is_none() && !below.is_empty() {
                self.assign_record(given, assignment, &below);
                continue;
            }
            let Some(input) = self.input(&assignment.path) else { continue };
            if let Some(first) = own.insert(input, assignment.path.span) {
                self.error(Code::RepeatedAssignment, format!("`{name}` is given twice"), assignment.path.span, "again here")
                    .also(first, "first here");
            }
            let domain = self.policy.inputs[input.index()].domain.clone();
            match &assignment.value {
                None => {
                    given.values.insert(input, None);
                }
                Some(value) => {
                    if let Some(value) = self.value(0, value, &domain) {
                        given.values.insert(input, Some(value));
                    }
                }
            }
        }
    }

    fn assign_record(&mut self, given: &mut Given, assignment: &ast::Assignment, below: &[(InputId, String)]) {
        let Some(value) = &assignment.value else {
            given.values.extend(below.iter().map(|(input, _)| (*input, None)));
            return;
        };
        let constant = match value {
            ast::Value::Path(path) if path.parts.len() == 1 && path.regime.is_none() => {
                let name = &path.parts[0];
                let found = self.constants.iter().position(|c| c.regime == 0 && c.name == name.node);
                if found.is_none() {
                    let known = self.constants.iter().filter(|c| c.regime == 0).map(|c| c.name.clone()).collect();
                    self.unknown("constant", name, known);
                }
                found
            }
            _ => {
                self.error(Code::TypeMismatch, "a whole record needs a constant", span_of(value), "not the name of one");
                None
            }
        };
        let Some(constant) = constant else { return };
        let fields = self.constants[constant].fields.clone();
        for (field, value) in &fields {
            if let Some((input, _)) = below.iter().find(|(_, suffix)| suffix == field) {
                given.values.insert(*input, Some(value.clone()));
            } else {
                let name = self.constants[constant].name.clone();
                let what = dotted(&assignment.path);
                self.error(
                    Code::TypeMismatch,
                    format!("`{name}` does not fit `{what}`"),
                    assignment.path.span,
                    format!("`{what}` has no `{field}`"),
                );
                return;
            }
        }
    }

    fn base(&mut self, name: &ast::Name, seen: &mut Vec<String>) -> Given {
        if seen.contains(&name.node) {
            self.error(Code::CyclicDefinition, format!("the base `{}` starts from itself", name.node), name.span, "in a circle");
            return Given::default();
        }
        seen.push(name.node.clone());
        let Some((item, _)) = self.scopes[0].bases.get(&name.node).copied() else {
            let known = self.scopes[0].bases.keys().cloned().collect();
            self.unknown("base", name, known);
            return Given::default();
        };
        let ItemKind::Base(decl) = &self.item(item).kind else { return Given::default() };
        let mut given = match &decl.on {
            Some(on) => self.base(on, seen),
            None => Given::default(),
        };
        self.assign(&mut given, &decl.given);
        given
    }

    /// The scenarios of the checked regime.
    pub(super) fn all_scenarios(&mut self) {
        let items: Vec<_> = self.items(0).collect();
        for (_, node) in items {
            match &node.kind {
                ItemKind::Scenario(decl) => self.scenario(decl),
                ItemKind::ScenarioTable(table) => self.table(table),
                ItemKind::Base(decl) => {
                    self.base(&decl.name, &mut Vec::new());
                }
                _ => {}
            }
        }
    }

    fn start(&mut self, on: Option<&ast::Name>, assignments: &[ast::Assignment]) -> Given {
        let mut given = on.map_or_else(Given::default, |on| self.base(on, &mut Vec::new()));
        self.assign(&mut given, assignments);
        given
    }

    fn scenario(&mut self, decl: &ast::ScenarioDecl) {
        let given = self.start(decl.on.as_ref(), &decl.given);
        let mut expect = Vec::new();
        for one in &decl.expect {
            let because = self.because(&one.because);
            let Some(decision) = self.decision_of(0, &one.decision) else { continue };
            if let Some(expected) = self.expected(decision, &one.outcome, one.span) {
                expect.push(Expectation { decision, expected, because, span: one.span });
            }
        }
        if decl.expect.is_empty() {
            self.error(Code::MissingValue, "a scenario that expects nothing", decl.title.span, "nothing could fail")
                .help("say what must come out: expect DECISION is VALUE because RULE");
        }
        self.push_scenario(decl.title.node.clone(), decl.cite.as_ref(), given, expect, decl.title.span);
    }

    fn push_scenario(&mut self, name: String, cite: Option<&ast::Text>, given: Given, expect: Vec<Expectation>, span: Span) {
        let (given, before) = self.settled(given);
        let cite = cite.map_or(String::new(), |cite| cite.node.clone());
        self.policy.scenarios.push(Scenario { name, cite, given, before, expect, span });
    }

    /// For each name the versions of its rule.
    fn because(&mut self, names: &[ast::Name]) -> Vec<Vec<crate::ir::RuleId>> {
        let versions = names.iter().map(|name| self.rules_of(0, name));
        versions.filter(|versions| !versions.is_empty()).collect()
    }

    fn table(&mut self, table: &ast::ScenarioTable) {
        let given = self.start(table.on.as_ref(), &table.given);
        let outputs: Vec<_> = table.outputs.iter().map(|name| self.decision_of(0, name)).collect();
        for row in &table.rows {
            if row.values.len() != table.inputs.len() || row.outcomes.len() != outputs.len() {
                let label = format!("{} values => {} outcomes", row.values.len(), row.outcomes.len());
                self.error(Code::WrongArguments, "a row that does not fit its table", row.span, label).note(format!(
                    "the table has {} => {}",
                    table.inputs.len(),
                    outputs.len()
                ));
                continue;
            }
            let assignments: Vec<ast::Assignment> = table
                .inputs
                .iter()
                .zip(&row.values)
                .map(|(path, value)| {
                    let span = value.as_ref().map_or(row.span, span_of);
                    let path = ast::Path { span, ..path.clone() };
                    ast::Assignment { path, value: value.clone(), with: Vec::new() }
                })
                .collect();
            let mut own = given.clone();
            self.assign(&mut own, &assignments);
            let because = self.because(&row.because);
            let mut expect = Vec::new();
            for (index, (decision, outcome)) in outputs.iter().zip(&row.outcomes).enumerate() {
                let Some(decision) = decision else { continue };
                if let Some(expected) = self.expected(*decision, outcome, row.span) {
                    let because = if index == 0 { because.clone() } else { Vec::new() };
                    expect.push(Expectation { decision: *decision, expected, because, span: row.span });
                }
            }
            let cells: Vec<String> = row.values.iter().map(|value| self.cell(value.as_ref())).collect();
            let name = format!("{}: {}", table.title.node, cells.join(", "));
            // A note is the paragraph of the row, or a remark on it.
            let cites: Vec<&str> = [&table.cite, &row.note].into_iter().flatten().map(|cite| cite.node.as_str()).collect();
            let cite = ast::Text::new(cites.join("; "), row.span);
            self.push_scenario(name, Some(&cite), own, expect, row.span);
        }
    }

    fn cell(&self, value: Option<&ast::Value>) -> String {
        let Some(value) = value else { return "unknown".into() };
        let span = span_of(value);
        let text = span.file.map(|file| self.files.get(file).text.clone());
        text.and_then(|text| text.get(span.start as usize..span.end as usize).map(str::to_owned)).unwrap_or_default()
    }

    fn expected(&mut self, decision: DecisionId, outcome: &ExpectKind, span: Span) -> Option<Expected> {
        let domain = self.policy.decisions[decision.index()].domain.clone();
        let test = |test| Some(Expected::Test(test));
        match outcome {
            ExpectKind::NoValue => Some(Expected::Gap),
            ExpectKind::Conflicts => Some(Expected::Conflict),
            ExpectKind::Open { possible, asking } => {
                let possible: Vec<_> = possible.iter().map(|value| self.value(0, value, &domain)).collect();
                let mut possible = possible.into_iter().collect::<Option<Vec<_>>>()?;
                possible.sort();
                possible.dedup();
                if possible.len() < 2 {
                    self.error(Code::MissingValue, "open between fewer than two values", span, "that would be settled");
                    return None;
                }
                let asking: Vec<_> = asking.iter().map(|path| self.input(path)).collect();
                Some(Expected::Open { possible, asking: asking.into_iter().collect::<Option<_>>()? })
            }
            ExpectKind::Includes(value) => match (&domain, value) {
                (Domain::Set(of), ast::Value::Path(path)) if path.parts.len() == 1 => {
                    test(DecisionTest::Has(self.member(*of, &path.parts[0])?))
                }
                _ => {
                    self.error(Code::TypeMismatch, "this decision includes nothing", span, "`includes` is for sets");
                    None
                }
            },
            ExpectKind::Is(value) => {
                let value = self.value(0, value, &domain)?;
                match self.exactly(&domain, &value) {
                    Some(found) => test(found),
                    None => Some(Expected::Set(value)),
                }
            }
            ExpectKind::IsNot(value) => {
                let value = self.value(0, value, &domain)?;
                match self.exactly(&domain, &value) {
                    Some(DecisionTest::Members(set)) => test(DecisionTest::Members(set.complement())),
                    Some(DecisionTest::Within(ranges)) => {
                        test(DecisionTest::Within(ranges.complement_in(i64::MIN / 2, i64::MAX / 2)))
                    }
                    _ => {
                        self.error(
                            Code::TypeMismatch,
                            "`is not` does not fit a set",
                            span,
                            "say what it is, or what it includes",
                        );
                        None
                    }
                }
            }
            ExpectKind::AtLeast(value) | ExpectKind::AtMost(value) => {
                let least = matches!(outcome, ExpectKind::AtLeast(_));
                match (&domain, self.value(0, value, &domain)?) {
                    (Domain::Enum(of), Value::Member(member)) if self.policy.enums[of.index()].ordered => {
                        let size = self.policy.enums[of.index()].size();
                        let range = if least { member..size } else { 0..member + 1 };
                        test(DecisionTest::Members(MemberSet::of(size, range)))
                    }
                    (Domain::Number(_), Value::Int(k)) => {
                        let (lo, hi) = if least { (k, i64::MAX / 2) } else { (i64::MIN / 2, k) };
                        test(DecisionTest::Within(Ranges::closed(lo, hi)))
                    }
                    _ => {
                        self.error(Code::NotOrdered, "this decision has no order", span, "`at least` and `at most` need one");
                        None
                    }
                }
            }
        }
    }

    fn exactly(&self, domain: &Domain, value: &Value) -> Option<DecisionTest> {
        match (domain, value) {
            (Domain::Bool, Value::Bool(value)) => Some(DecisionTest::Members(MemberSet::of(2, [u32::from(*value)]))),
            (Domain::Enum(of), Value::Member(member)) => {
                Some(DecisionTest::Members(MemberSet::of(self.policy.enums[of.index()].size(), [*member])))
            }
            (Domain::Number(_), Value::Int(k)) => Some(DecisionTest::Within(Ranges::closed(*k, *k))),
            _ => None,
        }
    }

    /// The names of the properties of licence sections, those of rules that take one over included.
    fn license_properties(&self) -> Vec<String> {
        let mut sections: Vec<crate::ir::RuleId> = self.policy.rules.iter().flat_map(|rule| rule.license.clone()).collect();
        let mut at = 0;
        while at < sections.len() {
            let over = self.policy.moves.iter().filter(|(old, ..)| *old == sections[at]).map(|(_, new, _)| *new);
            let over: Vec<_> = over.filter(|new| !sections.contains(new)).collect();
            sections.extend(over);
            at += 1;
        }
        let name = |section: &crate::ir::RuleId| {
            let rule = &self.policy.rules[section.index()];
            license_property(rule.family.as_ref().unwrap_or(&rule.name))
        };
        sections.iter().map(name).collect()
    }

    /// The acceptances of the checked regime.
    pub(super) fn acceptances(&mut self) {
        let items: Vec<_> = self.items(0).collect();
        for (_, node) in items {
            let ItemKind::Accept(decl) = &node.kind else { continue };
            let code = &decl.code;
            if !Code::parse(&code.node).is_some_and(|code| (4000..5000).contains(&(code as u16))) {
                self.error(
                    Code::UnknownName,
                    format!("`{}` is not the code of a finding", code.node),
                    code.span,
                    "findings are LX4001 and so on",
                );
                continue;
            }
            if decl.rules.is_empty() && decl.about.is_empty() {
                self.error(
                    Code::MissingValue,
                    format!("an acceptance of every {}", code.node),
                    code.span,
                    "it would silence findings that nobody has seen",
                )
                .help("say which: `in RULE, …` or `about NAME, …`");
                continue;
            }
            let rules = self.because(&decl.rules).concat();
            let mut about = Vec::new();
            for path in &decl.about {
                let name = dotted(path);
                let known: Vec<String> = self
                    .policy
                    .inputs
                    .iter()
                    .map(|input| input.name.clone())
                    .chain(self.policy.decisions.iter().map(|decision| decision.name.clone()))
                    .chain(self.policy.properties.iter().map(|property| property.name.clone()))
                    .chain(self.policy.processes.iter().flat_map(|process| process.goals.iter().map(|goal| goal.name.clone())))
                    .chain(self.license_properties())
                    .chain(self.policy.authorities.iter().map(|authority| authority_property(&authority.name)))
                    .chain(self.policy.moves.iter().map(|(old, new, _)| {
                        let name = |rule: &crate::ir::RuleId| &self.policy.rules[rule.index()].name;
                        move_property(name(new), name(old))
                    }))
                    .collect();
                if known.contains(&name) {
                    about.push(name);
                } else {
                    self.unknown("decision, input or property", &ast::Name::new(name, path.span), known);
                }
            }
            let until = match decl.until.as_ref().map(|day| self.day(day).ok_or(())).transpose() {
                Ok(until) => until,
                Err(()) => continue,
            };
            let reason = decl.reason.node.clone();
            self.policy.acceptances.push(Acceptance { code: code.node.clone(), rules, about, reason, until, span: node.span });
        }
    }
}

pub(super) fn dotted(path: &ast::Path) -> String {
    let parts: Vec<&str> = path.parts.iter().map(|part| part.node.as_str()).collect();
    parts.join(".")
}

pub(super) fn span_of(value: &ast::Value) -> Span {
    match value {
        ast::Value::Path(path) => path.span,
        ast::Value::Number(literal) => literal.span,
        ast::Value::Date(text) => text.span,
        ast::Value::Bool(value) => value.span,
        ast::Value::Set(_, span) => *span,
    }
}
