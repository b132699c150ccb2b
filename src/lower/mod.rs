//! Model to IR: periods become ranges of days, numbers whole steps, comparisons polynomials.
//!
//! In: a [`Policy`]. Out: a [`Program`], or the messages that say what cannot be lowered. Rules keep their overrides in the IR
//! (each reading resolves them in its own way), so that the three readings check each other there too.

mod authorities;
mod chains;
mod conditions;
mod moves;
mod order;
mod processes;

use std::collections::btree_map::Entry;

use crate::diagnostic::Diagnostic;
use crate::ir::{self, Case, DecisionId, InputId, Origin, OriginId, OutcomeTest, Program};
use crate::model::{Claim, Cond, DecisionTest, Expected, InForce, Policy, Timeline};
use crate::source::{Files, Span};
use crate::words::Sentence;

use conditions::Conditions;

/// Makes a program of a policy.
pub fn lower(policy: &Policy, files: &Files) -> Result<Program, Vec<Diagnostic>> {
    let order = order::decisions(policy);
    let mut program = Program {
        version: ir::VERSION.to_owned(),
        regimes: Vec::new(),
        enums: policy.enums.clone(),
        inputs: Vec::new(),
        decisions: Vec::new(),
        rules: Vec::new(),
        pool: ir::Pool::default(),
        origins: Vec::new(),
        caps: Vec::new(),
        links: Vec::new(),
        carries: Vec::new(),
        nodes: Vec::new(),
        processes: Vec::new(),
        properties: Vec::new(),
        scenarios: Vec::new(),
        acceptances: Vec::new(),
        date_edges: Vec::new(),
        date: policy.date,
        reading: policy.reading,
        words: std::collections::BTreeMap::new(),
        titles: Vec::new(),
    };
    let mut origins = Origins { files, list: Vec::new(), known: rustc_hash::FxHashMap::default() };
    origins.id(Span::NOWHERE);
    for input in &policy.inputs {
        program.inputs.push(ir::Input {
            name: input.name.clone(),
            title: input.title.clone(),
            domain: input.domain.clone(),
            preferred: input.preferred.clone(),
            capability: input.capability,
            regime: input.regime,
            origin: origins.id(input.span),
        });
    }
    for regime in &policy.regimes {
        program.regimes.push(ir::Regime {
            name: regime.name.clone(),
            title: regime.title.clone(),
            cite: regime.cite.clone(),
            origin: origins.id(regime.span),
        });
    }
    for cap in &policy.caps {
        program.caps.push(ir::Cap {
            name: cap.name.clone(),
            title: cap.title.clone(),
            cite: cap.cite.clone(),
            used: cap.used,
            counts: cap.counts.clone(),
            keys: cap.keys.clone(),
            reporters: cap.reporters.clone(),
            window: cap.window,
            installed: cap.installed,
            regime: cap.regime,
            origin: origins.id(cap.span),
        });
    }
    let mut lowering = Lowering { policy, order: &order, origins, messages: Vec::new() };
    lowering.rules(&mut program);
    lowering.decisions(&mut program);
    lowering.properties(&mut program);
    lowering.moves(&mut program);
    lowering.authorities(&mut program);
    lowering.licenses(&mut program);
    lowering.chains(&mut program);
    lowering.scenarios(&mut program);
    lowering.date_edges(&mut program);
    lowering.titles(&mut program);
    lowering.processes(&mut program);
    for process in &mut program.processes {
        process.world.origins.clone_from(&lowering.origins.list);
    }
    program.origins = lowering.origins.list;
    if lowering.messages.is_empty() { Ok(program) } else { Err(lowering.messages) }
}

struct Origins<'a> {
    files: &'a Files,
    list: Vec<Origin>,
    known: rustc_hash::FxHashMap<Span, OriginId>,
}

impl Origins<'_> {
    fn id(&mut self, span: Span) -> OriginId {
        if let Some(id) = self.known.get(&span) {
            return *id;
        }
        let (mut file, mut line, mut words) = (String::new(), 0, String::new());
        if let Some(id) = span.file {
            let source = self.files.get(id);
            file = source.path.to_string();
            line = source.lines.position(&source.text, span.start).0;
            let text = source.text.get(span.start as usize..span.end as usize).unwrap_or("");
            let mut short: Vec<&str> = text.split_whitespace().take(40).collect();
            if text.split_whitespace().nth(40).is_some() {
                short.push("…");
            }
            words = short.join(" ");
        }
        let id = OriginId(self.list.len() as u32);
        self.list.push(Origin { span, file, line, words });
        self.known.insert(span, id);
        id
    }
}

struct Lowering<'a> {
    policy: &'a Policy,
    order: &'a order::Order,
    origins: Origins<'a>,
    messages: Vec<Diagnostic>,
}

impl Lowering<'_> {
    fn decision(&self, old: DecisionId) -> DecisionId {
        self.order.new[old.index()]
    }

    /// The titles, under the new numbers of decisions, sorted as they are looked up.
    fn titles(&self, program: &mut Program) {
        program.titles = self.policy.titles.clone();
        for title in &mut program.titles {
            if let ir::Titled::Decision(id) = &mut title.of {
                *id = self.decision(*id);
            }
        }
        program.titles.sort();
    }

    /// Keeps the messages, and the words of the terms that were made.
    fn finish(&mut self, program: &mut Program, conditions: Conditions<'_>) {
        self.messages.extend(conditions.messages);
        for (term, (span, words)) in conditions.words {
            if let Entry::Vacant(free) = program.words.entry(term) {
                let origin = self.origins.id(span);
                let words = words.map_or_else(|| self.origins.list[origin.0 as usize].words.clone(), |words| words.to_string());
                free.insert(words);
            }
        }
    }

    fn rules(&mut self, program: &mut Program) {
        let policy = self.policy;
        let mut conditions = Conditions::new(policy, self.order);
        // What stands around a rule's own condition: its period, and for an exception that a rule it excepts applies.
        let mut whole: Vec<Option<ir::TermId>> = vec![None; policy.rules.len()];
        let mut around: Vec<Option<ir::TermId>> = vec![None; policy.rules.len()];
        let mut stack: Vec<usize> = (0..policy.rules.len()).rev().collect();
        while let Some(&index) = stack.last() {
            let rule = &policy.rules[index];
            // Elaboration has shown that overrides, and so exceptions, have no circle.
            let open: Vec<usize> = rule.exception_to.iter().map(|to| to.index()).filter(|to| whole[*to].is_none()).collect();
            if whole[index].is_some() || open.is_empty() {
                stack.pop();
            } else {
                stack.extend(open);
                continue;
            }
            if whole[index].is_none() {
                let mut builder = program.builder();
                let excepted = if rule.exception_to.is_empty() {
                    builder.constant(true)
                } else {
                    builder.or(rule.exception_to.iter().filter_map(|to| whole[to.index()]))
                };
                let own = conditions.term(&mut builder, &rule.condition);
                let in_force = in_force(&mut builder, policy, &mut conditions, &rule.timeline);
                whole[index] = Some(builder.and([in_force, excepted, own]));
                around[index] = Some(excepted);
            }
        }
        for (index, rule) in policy.rules.iter().enumerate() {
            let mut builder = program.builder();
            let always = builder.constant(true);
            let excepted = around[index].unwrap_or(always);
            let in_force = in_force(&mut builder, policy, &mut conditions, &rule.timeline);
            let own = conditions.term(&mut builder, &rule.condition);
            let condition = builder.and([excepted, own]);
            let applies = builder.and([in_force, condition]);
            let (found, all_alternatives) = conditions.alternatives(&mut builder, &rule.condition);
            let mut alternatives = Vec::new();
            for side in found {
                let applies = builder.and([in_force, excepted, side.alone]);
                let origin = self.origins.id(side.span);
                alternatives.push(ir::Alternative { applies, junction: side.junction, within: side.within, origin });
            }
            let limbs = rule.limbs.iter().map(|(kind, limb)| (*kind, conditions.term(&mut builder, limb))).collect();
            program.rules.push(ir::Rule {
                name: rule.name.clone(),
                title: rule.title.clone(),
                cite: rule.cite.clone(),
                family: rule.family.clone(),
                kind: rule.kind,
                regime: rule.regime,
                in_force,
                condition,
                applies,
                conclusions: rule.conclusions.iter().map(|(of, value)| (self.decision(*of), value.clone())).collect(),
                overridden_by: rule.overridden_by.clone(),
                alternatives,
                all_alternatives,
                limbs,
                license: rule.license.clone(),
                mark: rule.mark.clone(),
                origin: self.origins.id(rule.span),
            });
        }
        self.finish(program, conditions);
    }

    fn decisions(&mut self, program: &mut Program) {
        for old in &self.order.old {
            let decision = &self.policy.decisions[old.index()];
            let id = self.decision(*old);
            let rules = if decision.order.is_empty() {
                let concluding =
                    program.rules.iter().enumerate().filter(|(_, rule)| rule.conclusions.iter().any(|(of, _)| *of == id));
                concluding.map(|(index, _)| ir::RuleId(index as u32)).collect()
            } else {
                decision.order.clone()
            };
            program.decisions.push(ir::Decision {
                name: decision.name.clone(),
                title: decision.title.clone(),
                domain: decision.domain.clone(),
                combine: decision.combine.clone(),
                default: decision.default.clone(),
                rules,
                regime: decision.regime,
                origin: self.origins.id(decision.span),
            });
        }
    }

    fn properties(&mut self, program: &mut Program) {
        let mut conditions = Conditions::new(self.policy, self.order);
        for property in &self.policy.properties {
            let decisions = program.decisions.clone();
            let mut builder = program.builder();
            let scope = match &property.scope {
                Some(scope) => conditions.term(&mut builder, scope),
                None => builder.constant(true),
            };
            let kind = match &property.claim {
                Claim::EveryCase(holds) => {
                    let holds = conditions.term(&mut builder, holds);
                    let fails = builder.not(holds);
                    ir::PropertyKind::Never { violation: builder.and([scope, fails]) }
                }
                Claim::Monotone { decision, input, never } => {
                    ir::PropertyKind::Monotone { decision: self.order.new[decision.index()], input: *input, never: *never }
                }
                Claim::Tiers { decision, input, from, to } => {
                    let (from, to) = (conditions.term(&mut builder, from), conditions.term(&mut builder, to));
                    ir::PropertyKind::Tiers { decision: self.order.new[decision.index()], input: *input, from, to }
                }
                Claim::Blind { decision, input } => {
                    ir::PropertyKind::Blind { decision: self.order.new[decision.index()], input: *input }
                }
                Claim::Equals(a, b) => {
                    let (a, b) = (self.order.new[a.index()], self.order.new[b.index()]);
                    let same = builder.same_outcome(a, b);
                    let differ = builder.not(same);
                    ir::PropertyKind::Never { violation: builder.and([scope, differ]) }
                }
                Claim::AtLeastAsStrict(a, b) => {
                    let (a, b) = (self.order.new[a.index()], self.order.new[b.index()]);
                    let size = match &decisions[a.index()].domain {
                        ir::Domain::Enum(of) => self.policy.enums[of.index()].size(),
                        _ => 2,
                    };
                    let mut violations = Vec::new();
                    for value in 0..size {
                        let exactly = OutcomeTest::Members(ir::MemberSet::of(size, [value]));
                        let at_least = OutcomeTest::Members(ir::MemberSet::of(size, value..size));
                        let (required, met) = (builder.outcome(b, exactly), builder.outcome(a, at_least));
                        let unmet = builder.not(met);
                        violations.push(builder.and([required, unmet]));
                    }
                    let violation = builder.or(violations);
                    ir::PropertyKind::Never { violation: builder.and([scope, violation]) }
                }
            };
            let origin = self.origins.id(property.span);
            let (name, cite) = (property.name.clone(), property.cite.clone());
            program.properties.push(ir::Property { name, cite, shows: property.shows, kind, scope, origin });
        }
        self.finish(program, conditions);
    }

    fn scenarios(&mut self, program: &mut Program) {
        for scenario in &self.policy.scenarios {
            let mut given = Case::unknown(program.inputs.len());
            for (input, value) in &scenario.given {
                given.set(*input, value.clone());
            }
            let mut expect = Vec::new();
            for one in &scenario.expect {
                let expected = match &one.expected {
                    Expected::Test(test) => ir::Expected::Test(match test {
                        DecisionTest::Members(set) => OutcomeTest::Members(set.clone()),
                        DecisionTest::Has(member) => OutcomeTest::Has(*member),
                        DecisionTest::Within(ranges) => OutcomeTest::Within(ranges.clone()),
                        DecisionTest::Same(_) => continue,
                    }),
                    Expected::Set(value) => ir::Expected::Set(value.clone()),
                    Expected::Open { possible, asking } => {
                        ir::Expected::Open { possible: possible.clone(), asking: asking.clone() }
                    }
                    Expected::Gap => ir::Expected::Test(OutcomeTest::Gap),
                    Expected::Conflict => ir::Expected::Test(OutcomeTest::Conflict),
                };
                let decision = self.decision(one.decision);
                let origin = self.origins.id(one.span);
                expect.push(ir::Expectation { decision, expected, because: one.because.clone(), origin });
            }
            let origin = self.origins.id(scenario.span);
            program.scenarios.push(ir::Scenario {
                name: scenario.name.clone(),
                cite: scenario.cite.clone(),
                given,
                before: scenario.before.clone(),
                expect,
                origin,
            });
        }
        for one in &self.policy.acceptances {
            program.acceptances.push(ir::Acceptance {
                code: one.code.clone(),
                rules: one.rules.clone(),
                about: one.about.clone(),
                reason: one.reason.clone(),
                until: one.until,
                origin: self.origins.id(one.span),
            });
        }
    }

    fn date_edges(&mut self, program: &mut Program) {
        let Some(date) = program.date else { return };
        let Some((lo, hi)) = program.input(date).domain.bounds() else { return };
        let mut edges: Vec<(i64, Sentence, bool, Span)> = self.policy.membership_edges.clone();
        for rule in &self.policy.rules {
            edges.extend(rule.timeline.edges.iter().map(|(day, what, span)| (*day, what.as_str().into(), true, *span)));
            let scopes = rule.timeline.lifted.iter().map(|(_, scope)| scope);
            let parts = scopes.chain(&rule.timeline.sunset).chain([&rule.condition]);
            for (day, span) in parts.flat_map(|part| conditions::dates_named(part, date)) {
                edges.push((day, format!("a condition of rule {} names it", rule.name).into(), true, span));
            }
        }
        edges.retain(|(day, ..)| *day > lo && *day <= hi);
        edges.sort();
        edges.dedup();
        program.date_edges = edges
            .into_iter()
            .map(|(day, what, named, span)| ir::DateEdge { day, what, named, origin: self.origins.id(span) })
            .collect();
    }
}

/// The days on which a provision is in force, by reading, and not after an event that ends it.
fn in_force(builder: &mut ir::Builder<'_>, policy: &Policy, conditions: &mut Conditions<'_>, timeline: &Timeline) -> ir::TermId {
    in_force_on(builder, policy, conditions, (&timeline.letter, &timeline.enforced), timeline)
}

/// The same, on other days.
fn in_force_on(
    builder: &mut ir::Builder<'_>,
    policy: &Policy,
    conditions: &mut Conditions<'_>,
    days: (&InForce, &InForce),
    timeline: &Timeline,
) -> ir::TermId {
    let mut all = vec![on_days(builder, policy, conditions, days, &timeline.lifted)];
    for event in &timeline.sunset {
        let ended = conditions.term(builder, event);
        all.push(builder.not(ended));
    }
    builder.and(all)
}

fn on_days(
    builder: &mut ir::Builder<'_>,
    policy: &Policy,
    conditions: &mut Conditions<'_>,
    (letter, enforced): (&InForce, &InForce),
    lifted: &[(ir::Ranges, Cond)],
) -> ir::TermId {
    let Some(date) = policy.date else { return builder.constant(true) };
    let on = |builder: &mut ir::Builder<'_>, days: &InForce| match days {
        InForce::Always => builder.constant(true),
        InForce::On(ranges) => builder.within(date, ranges.clone()).unwrap_or_else(|_| builder.constant(true)),
    };
    let letter = on(builder, letter);
    let mut enforced = on(builder, enforced);
    for (days, scope) in lifted {
        let then = on(builder, &InForce::On(days.clone()));
        let scope = conditions.term(builder, scope);
        let lifted = builder.and([then, scope]);
        let binds = builder.not(lifted);
        enforced = builder.and([enforced, binds]);
    }
    let reading = policy.reading.and_then(|input| reading_members(policy, input));
    match reading {
        Some((input, size, enforced_member)) if letter != enforced => {
            let set = ir::MemberSet::of(size, [enforced_member]);
            let (Ok(is_enforced), Ok(is_letter)) = (builder.member(input, set.clone()), builder.member(input, set.complement()))
            else {
                return letter;
            };
            let (a, b) = (builder.and([is_letter, letter]), builder.and([is_enforced, enforced]));
            builder.or([a, b])
        }
        _ => letter,
    }
}

/// The reading's input, the size of its enumeration, and its member `enforced`.
fn reading_members(policy: &Policy, input: InputId) -> Option<(InputId, u32, u32)> {
    match &policy.inputs[input.index()].domain {
        ir::Domain::Enum(of) => {
            let def = &policy.enums[of.index()];
            Some((input, def.size(), def.member("enforced")?))
        }
        _ => None,
    }
}
