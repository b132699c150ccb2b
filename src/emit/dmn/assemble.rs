//! The parts of a table as decisions of a DMN model.
//!
//! In: a table and its parts. Out: a [`Model`]: inputs, what stands between them and the tables, a decision for each part. A decision of
//! the regime answers with a record: its value, a status, and the rules that carried it.

use std::collections::BTreeSet;

use lexport_runtime::{Answer, Test};

use super::collect;
use super::feel::{self, Names};
use super::inputs::{self, Inputs, type_name};
use super::model::{Content, Input, Logic, Model, Node, Table, Type};
use super::part::{Adds, Column, Part, Row, Shape, What};
use super::test::slice;
use crate::diagram::OwnedTable;
use crate::emit::{EmitError, text};
use crate::ir::{Domain, date_text};

/// The model that is being put together.
pub(super) struct Assembler<'t> {
    table: &'t OwnedTable,
    parts: &'t [Part],
    /// The parts of the decisions of the regime.
    decisions: &'t [usize],
    model: Model,
    inputs: Inputs,
    names: Names,
    types: Names,
    /// By part: its node.
    nodes: Vec<usize>,
}

/// A column as FEEL, and the nodes that it needs.
struct Head {
    column: Input,
    needs: Vec<usize>,
}

impl Head {
    fn label(mut self, label: String) -> Head {
        self.column.label = label;
        self
    }
}

/// The model of a table that was taken apart.
pub(super) fn assemble(table: &OwnedTable, parts: &[Part], decisions: &[usize]) -> Result<Model, EmitError> {
    let mut model = Model { name: table.regime.clone(), description: description(table), ..Model::default() };
    let (mut names, mut types) = (Names::default(), Names::default());
    for name in ["tNames", "tChecks", "tStatus"] {
        types.unique(name);
    }
    // Decisions keep their names, whatever else would like to have them.
    let taken: Vec<String> = table.decisions.iter().map(|decision| names.unique(&feel::word(&decision.name))).collect();
    let used = parts.iter().flat_map(|part| match &part.shape {
        Shape::Rows { columns, .. } => columns.as_slice(),
        Shape::Collected { .. } => &[],
    });
    let used: BTreeSet<u32> =
        used.filter_map(|column| if let Column::Test(test) = column { Some(*test) } else { None }).collect();
    let inputs = Inputs::add(&mut model, table, &used, &mut names, &mut types);
    let mut it = Assembler { table, parts, decisions, model, inputs, names, types, nodes: Vec::new() };
    for part in parts {
        it.part(part, &taken)?;
    }
    Ok(it.model)
}

/// What the table is good for.
fn description(table: &OwnedTable) -> String {
    let mut out = String::new();
    if !table.title.is_empty() {
        out += &format!("{}\n", table.title);
    }
    out += &format!("Regime {}, source {}.", table.regime, table.source);
    if !table.readings.is_empty() {
        out += &format!(" Readings: {}.", table.readings.join(", "));
    }
    if let Some((lo, hi)) = table.dates {
        out += &format!(" Dates: {} to {}.", date_text(lo), date_text(hi));
    }
    out
}

impl Assembler<'_> {
    fn part(&mut self, part: &Part, decisions: &[String]) -> Result<(), EmitError> {
        let (name, kind, description, decision) = match &part.what {
            What::Outcome { decision } => {
                let it = &self.table.decisions[*decision];
                let kind = self.outcome_type(*decision, &decisions[*decision]);
                (decisions[*decision].clone(), kind, it.title.clone(), Some(*decision))
            }
            What::Carries { decisions: of, rule } => {
                let name = self.names.unique(&format!("{} by {}", decisions[of[0]], self.rule_word(*rule)));
                let carried: Vec<&str> = of.iter().map(|decision| decisions[*decision].as_str()).collect();
                let stricter =
                    matches!(&self.table.decisions[of[0]].domain, Domain::Enum(id) if self.table.enums[id.index()].ordered);
                let stricter = if stricter { " Where a stricter value is carried it does not matter." } else { "" };
                let description = format!("Whether {} carries {}.{stricter}", self.provision(*rule), carried.join(", "));
                (name, "boolean".to_owned(), description, None)
            }
            What::Group { subjects, of, labels } => {
                let whose = of.1.map_or_else(|| decisions[of.0].clone(), |rule| self.rule_word(rule));
                let base = if (1..=3).contains(&subjects.len()) {
                    subjects.iter().map(|one| feel::token(one)).collect::<Vec<_>>().join(" ")
                } else {
                    whose.clone()
                };
                let name = self.names.unique(&format!("{base} group"));
                let kind = self.type_name(&type_name(&name));
                self.model.types.push(Type::of(&kind, "string", Some(feel::strings(labels.iter().map(String::as_str)))));
                let none = if labels.iter().any(|label| label == "no") { " `no`: it cannot." } else { "" };
                let about = if subjects.is_empty() { String::new() } else { format!(" of {}", subjects.join(", ")) };
                let what = of.1.map_or_else(
                    || format!("what {whose} comes to"),
                    |_| format!("whether {whose} can carry {}", decisions[of.0]),
                );
                let description = format!("Which combinations{about} make a difference to {what}.{none}");
                (name, kind, description, None)
            }
        };
        let (logic, mut requires) = match &part.shape {
            Shape::Rows { columns, rows } => self.rows(part, &name, &kind, columns, rows)?,
            Shape::Collected { rules, without } => {
                let Some(decision) = decision else { return Err(EmitError::Malformed("a sum that is no decision".into())) };
                self.collected(decision, &kind, rules, *without)
            }
        };
        requires.sort_unstable();
        requires.dedup();
        self.nodes.push(self.model.nodes.len());
        self.model.nodes.push(Node { name, description, kind, logic: Some(logic), requires, decision });
        Ok(())
    }

    /// A rule as a word of a name.
    fn rule_word(&self, rule: u32) -> String {
        self.table.rules[rule as usize]
            .name
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .map(feel::token)
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// A rule with its provision.
    fn provision(&self, rule: u32) -> String {
        let rule = &self.table.rules[rule as usize];
        if rule.cite.is_empty() { rule.name.clone() } else { format!("{} [{}]", rule.name, rule.cite) }
    }

    /// A type name that is free.
    fn type_name(&mut self, name: &str) -> String {
        self.types.unique(name).replace(' ', "_")
    }

    /// The type of a decision's record.
    fn outcome_type(&mut self, decision: usize, name: &str) -> String {
        let value = match &self.table.decisions[decision].domain {
            Domain::Bool => "boolean".to_owned(),
            // A gap has no value: the type of the answer allows for none.
            Domain::Enum(id) => {
                let members = self.table.enums[id.index()].members.iter().map(|member| member.name.as_str());
                let answer = self.type_name(&format!("{}_answer", type_name(name)));
                self.model.types.push(Type::of(&answer, "string", Some(format!("{}, null", feel::strings(members)))));
                answer
            }
            Domain::Set(id) => {
                let list = self.type_name(&format!("{}_answer", type_name(name)));
                self.model.types.push(Type::list(&list, &self.inputs.members[id.index()]));
                list
            }
            Domain::Number(_) => "number".to_owned(),
            Domain::Date { .. } => "date".to_owned(),
        };
        if !self.model.types.iter().any(|one| one.name == "tStatus") {
            let all = feel::strings(["decided", "gap", "conflict", "outside"]);
            self.model.types.push(Type::of("tStatus", "string", Some(all)));
        }
        let mut record =
            vec![Type::of("value", &value, None), Type::of("status", "tStatus", None), Type::of("rules", "tNames", None)];
        if self.has_conflict(decision) {
            let values = self.type_name(&format!("{}_values", type_name(name)));
            self.model.types.push(Type::list(&values, &value));
            record.push(Type::of("values", &values, None));
        }
        let kind = self.type_name(&format!("{}_outcome", type_name(name)));
        self.model.types.push(Type { name: kind.clone(), content: Content::Record(record), collection: false });
        kind
    }

    fn has_conflict(&self, decision: usize) -> bool {
        let Shape::Rows { rows, .. } = &self.parts[self.decisions[decision]].shape else { return false };
        rows.iter().any(|row| matches!(self.table.outcomes[row.value as usize].answer, Answer::Conflict(_)))
    }

    /// A value of a decision.
    fn value(&self, decision: usize, answer: Answer) -> String {
        let domain = &self.table.decisions[decision].domain;
        match (domain, answer) {
            (_, Answer::Bool(flag)) => flag.to_string(),
            (Domain::Enum(id), Answer::Member(member)) => feel::string(&text::member_name(self.table, id.index(), member)),
            (Domain::Set(id), Answer::Set(_)) => {
                let names: Vec<String> = collect::members(self.table, answer)
                    .into_iter()
                    .map(|member| text::member_name(self.table, id.index(), member))
                    .collect();
                format!("[{}]", feel::strings(names.iter().map(String::as_str)))
            }
            (_, Answer::Int(steps)) => feel::point(domain, steps),
            _ => "null".to_owned(),
        }
    }

    /// Value, status, rules, and the values of a conflict.
    fn outcome(&self, decision: usize, outcome: u32) -> [String; 4] {
        let row = self.table.outcomes[outcome as usize];
        let names: Vec<&str> =
            slice(&self.table.carriers, row.rules).iter().map(|rule| self.table.rules[*rule as usize].name.as_str()).collect();
        let rules = format!("[{}]", feel::strings(names));
        let (status, values) = match row.answer {
            Answer::Gap => ("gap", "[]".to_owned()),
            Answer::Conflict(span) => {
                let values: Vec<String> =
                    slice(&self.table.disagreements, span).iter().map(|one| self.value(decision, *one)).collect();
                ("conflict", format!("[{}]", values.join(", ")))
            }
            _ => ("decided", "[]".to_owned()),
        };
        [self.value(decision, row.answer), feel::string(status), rules, values]
    }

    /// Whether no value is outside of its domain.
    fn inside(&self) -> Input {
        let expression = format!("count({}) = 0", self.model.nodes[self.inputs.outside].name);
        Input { label: "all values inside".into(), expression, kind: "boolean".into() }
    }

    fn head(&self, column: &Column) -> Result<Head, EmitError> {
        let name = |part: usize| self.model.nodes[self.nodes[part]].name.as_str();
        let head = |expression: String, kind: &str, needs: Vec<usize>| Head {
            column: Input { label: String::new(), expression, kind: kind.to_owned() },
            needs,
        };
        Ok(match column {
            Column::Test(number) => {
                let number = *number as usize;
                let needs = inputs::needs(&self.inputs, self.table, number);
                if let Some((node, kind, _)) = self.inputs.classes.get(&number) {
                    return Ok(head(self.model.nodes[*node].name.clone(), kind, needs));
                }
                if let Some(node) = self.inputs.same.get(&number) {
                    return Ok(head(self.model.nodes[*node].name.clone(), "boolean", needs));
                }
                let path = |input: usize| self.inputs.paths[input].clone();
                match self.table.tests[number] {
                    Test::Flag { input } | Test::Member { input, .. } | Test::Interval { input, .. } => {
                        head(path(input as usize), &self.inputs.types[input as usize], needs)
                    }
                    Test::Has { input, member } => {
                        let Domain::Set(id) = &self.table.inputs[input as usize].domain else {
                            return Err(EmitError::Malformed("a member of what is no set".into()));
                        };
                        let (path, member) = (path(input as usize), text::member_name(self.table, id.index(), member));
                        let quoted = feel::string(&member);
                        head(format!("if {path} = null then null else list contains({path}, {quoted})"), "boolean", needs)
                            .label(format!("{path} has {member}"))
                    }
                    ref test => head(feel::comparison(self.table, test, &path)?, "boolean", needs),
                }
            }
            Column::Part(part) => {
                head(name(*part).to_owned(), &self.model.nodes[self.nodes[*part]].kind, vec![self.nodes[*part]])
            }
            Column::Answer(part, _) => {
                let kind = match &self.table.decisions[self.decision_of(*part)].domain {
                    Domain::Bool => "boolean",
                    Domain::Enum(id) => &self.inputs.members[id.index()],
                    Domain::Date { .. } => "date",
                    _ => "number",
                };
                head(format!("{}.value", name(*part)), kind, vec![self.nodes[*part]])
            }
            Column::Has(part, member) => {
                let Domain::Set(id) = &self.table.decisions[self.decision_of(*part)].domain else {
                    return Err(EmitError::Malformed("a member of what is no set".into()));
                };
                let (value, member) = (format!("{}.value", name(*part)), text::member_name(self.table, id.index(), *member));
                let quoted = feel::string(&member);
                head(
                    format!("if {value} = null then null else list contains({value}, {quoted})"),
                    "boolean",
                    vec![self.nodes[*part]],
                )
                .label(format!("{} has {member}", name(*part)))
            }
            Column::Any(part) => {
                let value = format!("{}.value", name(*part));
                head(format!("if {value} = null then null else count({value}) > 0"), "boolean", vec![self.nodes[*part]])
                    .label(format!("{} has any", name(*part)))
            }
        })
    }

    fn decision_of(&self, part: usize) -> usize {
        match self.parts[part].what {
            What::Outcome { decision } => decision,
            _ => 0,
        }
    }

    fn cell(&self, column: &Column, classes: &[u32]) -> String {
        let truth = || if classes == [1] { "true" } else { "false" }.to_owned();
        let texts = |labels: &[String]| feel::strings(classes.iter().map(|class| labels[*class as usize].as_str()));
        match column {
            Column::Test(number) => {
                if let Some((_, _, labels)) = self.inputs.classes.get(&(*number as usize)) {
                    return texts(labels);
                }
                match self.table.tests[*number as usize] {
                    Test::Interval { input, thresholds, map, .. } => {
                        let pieces = feel::pieces(self.table, thresholds, map, classes);
                        feel::ranges(&self.table.inputs[input as usize].domain, &pieces)
                    }
                    Test::Member { input, map, .. } => {
                        let Domain::Enum(id) = &self.table.inputs[input as usize].domain else { return "-".to_owned() };
                        let map = slice(&self.table.maps, map);
                        let def = &self.table.enums[id.index()];
                        let members = def.members.iter().zip(map).filter(|(_, class)| classes.contains(class));
                        feel::strings(members.map(|(member, _)| member.name.as_str()))
                    }
                    _ => truth(),
                }
            }
            Column::Part(part) => match &self.parts[*part].what {
                What::Group { labels, .. } => texts(labels),
                _ => truth(),
            },
            Column::Answer(part, answers) => {
                let decision = self.decision_of(*part);
                let domain = &self.table.decisions[decision].domain;
                let steps: Option<Vec<i64>> =
                    answers.iter().map(|answer| if let Answer::Int(steps) = answer { Some(*steps) } else { None }).collect();
                match steps {
                    // Numbers rise: each answer stands for what is before the next.
                    Some(steps) => {
                        let mut pieces: Vec<(Option<i64>, Option<i64>)> = Vec::new();
                        for class in classes {
                            let at = *class as usize;
                            let from = (at > 0).then(|| steps[at]);
                            let to = steps.get(at + 1).copied();
                            match pieces.last_mut() {
                                Some(before) if before.1.is_some() && before.1 == from => before.1 = to,
                                _ => pieces.push((from, to)),
                            }
                        }
                        feel::ranges(domain, &pieces)
                    }
                    None => {
                        classes.iter().map(|class| self.value(decision, answers[*class as usize])).collect::<Vec<_>>().join(", ")
                    }
                }
            }
            Column::Has(..) | Column::Any(_) => truth(),
        }
    }

    /// A part as a decision table, and the nodes that it requires.
    fn rows(
        &self,
        part: &Part,
        name: &str,
        kind: &str,
        columns: &[Column],
        rows: &[Row],
    ) -> Result<(Logic, Vec<usize>), EmitError> {
        let heads: Vec<Head> = columns.iter().map(|column| self.head(column)).collect::<Result<_, _>>()?;
        let mut requires: Vec<usize> = heads.iter().flat_map(|head| head.needs.iter().copied()).collect();
        let mut inputs: Vec<Input> = heads.into_iter().map(|head| head.column).collect();
        let cells = |row: &Row| -> Vec<String> {
            row.cells
                .iter()
                .zip(columns)
                .map(|(cell, column)| cell.as_ref().map_or_else(|| "-".to_owned(), |classes| self.cell(column, classes)))
                .collect()
        };
        let mut rules: Vec<(Vec<String>, Vec<String>, String)> = Vec::with_capacity(rows.len() + 1);
        let (mut outputs, mut annotation) = (vec![(name.to_owned(), kind.to_owned())], None);
        match &part.what {
            What::Outcome { decision } => {
                requires.push(self.inputs.outside);
                inputs.insert(0, self.inside());
                outputs = vec![
                    ("value".to_owned(), self.component_type(kind, "value")),
                    ("status".to_owned(), "tStatus".to_owned()),
                    ("rules".to_owned(), "tNames".to_owned()),
                ];
                let conflicts = self.has_conflict(*decision);
                if conflicts {
                    outputs.push(("values".to_owned(), self.component_type(kind, "values")));
                }
                annotation = Some("provisions".to_owned());
                for row in rows {
                    let mut all = vec!["true".to_owned()];
                    all.extend(cells(row));
                    let outcome = self.outcome(*decision, row.value);
                    let rules_of = slice(&self.table.carriers, self.table.outcomes[row.value as usize].rules);
                    let notes: Vec<String> = rules_of.iter().map(|rule| self.provision(*rule)).collect();
                    rules.push((all, outcome[..outputs.len()].to_vec(), notes.join("; ")));
                }
                let mut all = vec!["-".to_owned(); inputs.len()];
                "false".clone_into(&mut all[0]);
                let outcome = ["null".to_owned(), feel::string("outside"), "[]".to_owned(), "[]".to_owned()];
                let note = format!("see {}", self.model.nodes[self.inputs.outside].name);
                rules.push((all, outcome[..outputs.len()].to_vec(), note));
            }
            What::Carries { .. } => {
                rules.extend(rows.iter().map(|row| (cells(row), vec![(row.value == 1).to_string()], String::new())));
            }
            What::Group { labels, .. } => {
                rules.extend(rows.iter().map(|row| (cells(row), vec![feel::string(&labels[row.value as usize])], String::new())));
            }
        }
        // A decision that is the same in every case has no column; a table must have one.
        if inputs.is_empty() {
            let value = rules.first().map_or_else(|| "null".to_owned(), |rule| rule.1[0].clone());
            return Ok((Logic::Text(value), requires));
        }
        Ok((Logic::Table(Table { inputs, outputs, annotation, rules }), requires))
    }

    fn component_type(&self, record: &str, component: &str) -> String {
        let found = self.model.types.iter().find(|one| one.name == record);
        let Some(Content::Record(all)) = found.map(|found| &found.content) else { return "Any".to_owned() };
        match all.iter().find(|one| one.name == component).map(|one| &one.content) {
            Some(Content::Of(base, _)) => base.clone(),
            _ => "Any".to_owned(),
        }
    }

    /// A decision that is what its rules add up to.
    fn collected(
        &mut self,
        decision: usize,
        kind: &str,
        rules: &[(u32, usize, Adds)],
        without: Option<u32>,
    ) -> (Logic, Vec<usize>) {
        let mut requires = vec![self.inputs.outside];
        let adds_kind = self.component_type(kind, "value");
        let columns: Vec<(String, String)> =
            [("rule", "string"), ("carries", "boolean"), ("adds", &adds_kind), ("provision", "string")]
                .map(|(name, kind)| (name.to_owned(), kind.to_owned()))
                .to_vec();
        let mut rows = Vec::with_capacity(rules.len());
        for (rule, part, adds) in rules {
            let node = self.nodes[*part];
            requires.push(node);
            let adds = match adds {
                Adds::Steps(steps) => feel::point(&self.table.decisions[decision].domain, *steps),
                Adds::Members(members) => {
                    let Domain::Set(id) = &self.table.decisions[decision].domain else { continue };
                    let names: Vec<String> =
                        members.iter().map(|member| text::member_name(self.table, id.index(), *member)).collect();
                    format!("[{}]", feel::strings(names.iter().map(String::as_str)))
                }
            };
            let it = &self.table.rules[*rule as usize];
            rows.push(vec![feel::string(&it.name), self.model.nodes[node].name.clone(), adds, feel::string(&it.cite)]);
        }
        let list = self.type_name(&format!("{}_rules", kind.trim_end_matches("_outcome")));
        let record = columns.iter().map(|(name, kind)| Type::of(name, kind, None)).collect();
        self.model.types.push(Type { name: list.clone(), content: Content::Record(record), collection: true });
        let without = without.map_or_else(
            || "null".to_owned(),
            |outcome| {
                let [value, status, rules, _] = self.outcome(decision, outcome);
                format!("{{value: {value}, status: {status}, rules: {rules}}}")
            },
        );
        let total = match &self.table.decisions[decision].domain {
            Domain::Set(id) => {
                let members = self.table.enums[id.index()].members.iter().map(|member| member.name.as_str());
                format!("[{}][list contains(flatten(carrying.adds), item)]", feel::strings(members))
            }
            _ => "sum(carrying.adds)".to_owned(),
        };
        let result = format!(
            "if count({}) > 0 then {{value: null, status: \"outside\", rules: []}}\n\
             else if list contains(all.carries, null) then null\n\
             else if count(carrying) = 0 then {without}\n\
             else {{value: {total}, status: \"decided\", rules: carrying.rule}}",
            self.model.nodes[self.inputs.outside].name
        );
        let steps = vec![
            ("all".to_owned(), list.clone(), Logic::Relation(columns, rows)),
            ("carrying".to_owned(), list, Logic::Text("all[carries = true]".to_owned())),
        ];
        (Logic::Context(steps, Box::new(Logic::Text(result))), requires)
    }
}
