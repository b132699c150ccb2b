//! Runs of a process, as a person follows them: where it begins, each step with its shipment, what it changes, where it ends.

use std::fmt::Write as _;

use serde_json::{Map, Value as Json, json};

use crate::analysis::{Came, Taken, Trace};
use crate::eval::Atoms;
use crate::ir::{Case, Domain, InputId, OriginId, Process, ProcessStep, Program, Value};
use crate::words::{Language, Sentence, list, say};

use super::explanation::shipment;
use super::value;

/// The variables of a process that its author knows of: not the first day that a rolling window counts.
fn shown(process: &Process) -> impl Iterator<Item = InputId> + '_ {
    let world = &process.world;
    let hidden = |input: InputId| {
        let name = world.input(input).name.as_str();
        name.split_once(".since").is_some_and(|(cap, rest)| {
            (rest.is_empty() || rest.starts_with('[')) && world.caps.iter().any(|known| known.name == cap)
        })
    };
    process.variables.iter().map(|variable| variable.now).filter(move |input| !hidden(*input))
}

/// A run as text; what decisions came to is told by `came`.
pub fn story(program: &Program, trace: &Trace, language: Language, came: impl Fn(&Came) -> Sentence) -> String {
    let process = &program.processes[trace.process];
    let world = &process.world;
    let mut out = String::new();
    let line = |out: &mut String, said: Sentence| {
        let _ = writeln!(out, "{}", said.in_language(language));
    };
    let first = trace.taken.first().map_or(&trace.last, |taken| &taken.case);
    let matters = |inputs: &mut Vec<InputId>| {
        let mut read = Atoms::of_term(world, process.start).inputs;
        for step in &process.steps {
            read.extend(Atoms::of_term(world, step.guard).inputs);
        }
        read.extend(Atoms::of_term(world, process.goals[trace.goal].bad).inputs);
        inputs.retain(|input| read.contains(input));
    };
    let mut kept = process.rigid.clone();
    matters(&mut kept);
    if !kept.is_empty() {
        line(&mut out, say!("throughout:"));
        out.push_str(&shipment(world, first, &kept, language));
    }
    let state: Vec<InputId> = shown(process).collect();
    line(&mut out, say!("it begins with:"));
    out.push_str(&shipment(world, first, &state, language));
    for (at, taken) in trace.taken.iter().enumerate() {
        let step = &process.steps[taken.step as usize];
        let cases = || [step.title.as_str(), step.cite.as_str()].into_iter().filter(|text| !text.is_empty());
        let name = match cases().count() {
            0 => say!("`{name}`", name = step.name),
            _ => say!("`{name}`, {more}", name = step.name, more = list!(", ", cases().map(Sentence::from))),
        };
        line(&mut out, say!("step {number}: {name}", number = at + 1, name));
        out.push_str(&shipment(world, &taken.case, &chosen(process, step), language));
        for one in &taken.came {
            line(&mut out, say!("  {came}", came = came(one)));
        }
        let after = trace.taken.get(at + 1).map_or(&trace.last, |next| &next.case);
        for input in state.iter().filter(|input| taken.case.get(**input) != after.get(**input)) {
            let (name, value) = (value::input_name(world, *input, language), words(world, *input, after, language));
            let number = matches!(world.input(*input).domain, Domain::Number(_)).then(|| after.int(*input)).flatten();
            let end = number.is_some_and(|now| world.input(*input).domain.bounds().is_some_and(|(_, hi)| now == hi));
            line(
                &mut out,
                match end {
                    true => say!("  {name} becomes {value}, the end of its range", name, value),
                    false => say!("  {name} becomes {value}", name, value),
                },
            );
        }
    }
    line(&mut out, say!("and there it is:"));
    let mut end: Vec<InputId> = Atoms::of_term(world, process.goals[trace.goal].bad).inputs.into_iter().collect();
    end.retain(|input| !process.is_next(*input));
    out.push_str(&shipment(world, &trace.last, &end, language));
    for one in &trace.came {
        line(&mut out, say!("  {came}", came = came(one)));
    }
    sizes(&mut out, process, trace, language);
    out
}

/// What is chosen in a step and matters to it.
fn chosen(process: &Process, step: &ProcessStep) -> Vec<InputId> {
    let world = &process.world;
    let read = Atoms::of_term(world, step.relation).inputs;
    // What a cap counts per is told where it counts, though nothing else may ask about it.
    let read_by_cap = world.caps.iter().filter(|_| !step.counts.is_empty()).flat_map(|cap| cap.keys.iter());
    let who = read_by_cap.filter_map(|key| world.input_ids().find(|input| world.input(*input).name == *key));
    let mut chosen: Vec<InputId> = read.into_iter().chain(who).filter(|input| process.is_chosen(*input)).collect();
    chosen.sort_unstable();
    chosen.dedup();
    chosen
}

/// A run as the places in the text that it passes, each with what is done there.
pub fn flow(program: &Program, trace: &Trace, language: Language) -> Vec<(OriginId, String)> {
    let process = &program.processes[trace.process];
    let world = &process.world;
    let step = |(number, taken): (usize, &Taken)| {
        let step = &process.steps[taken.step as usize];
        let with = |input: &InputId| {
            Some(say!(
                "{name} {value}",
                name = value::input_name(world, *input, language),
                value = value::input_words(world, *input, taken.case.get(*input)?, language)
            ))
        };
        let with: Vec<Sentence> = chosen(process, step).iter().filter_map(with).collect();
        let said = match with.len() {
            0 => say!("step {number}: {name}", number, name = say!("`{name}`", name = step.name)),
            _ => say!("step {number}: `{name}` with {values}", number, name = step.name, values = list!(", ", with)),
        };
        (step.origin, said.in_language(language))
    };
    let mut out: Vec<(OriginId, String)> = (1..).zip(&trace.taken).map(step).collect();
    let goal = &process.goals[trace.goal];
    out.push((goal.origin, say!("and there it is: `{claim}` does not hold", claim = goal.name).in_language(language)));
    out
}

/// How many members are listed by name.
const LISTED: usize = 12;

/// How large the loophole is.
fn sizes(out: &mut String, process: &Process, trace: &Trace, language: Language) {
    let world = &process.world;
    let mut line = |said: Sentence| {
        let _ = writeln!(out, "{}", said.in_language(language));
    };
    for (input, steps, most) in &trace.size.most {
        let name = value::input_name(world, *input, language);
        let value = value::input_words(world, *input, &Value::Int(*most), language);
        let end = world.input(*input).domain.bounds().is_some_and(|(_, hi)| hi == *most);
        line(match end {
            true => say!("in {steps} {steps:step|steps}, {name} goes up to the end of its range, {value}", steps, name, value),
            false => say!("in {steps} {steps:step|steps}, {name} goes up to {value}", steps, name, value),
        });
    }
    if let Some(days) = trace.size.days {
        line(match days {
            0 => say!("all of it on one day"),
            _ => say!("it takes {days} {days:day|days} at the least", days = Sentence::thousands(days.to_string())),
        });
    }
    for (at, input, members) in &trace.size.ways {
        let name = value::input_name(world, *input, language);
        let Domain::Enum(id) = world.input(*input).domain else { continue };
        let all = &world.enumeration(id).members;
        let mut names: Vec<Sentence> = members
            .iter()
            .take(LISTED)
            .filter_map(|member| all.get(member as usize))
            .map(|one| Sentence::from(one.name.as_str()))
            .collect();
        if members.len() as usize > names.len() {
            names.push(say!("… {more} more", more = members.len() as usize - names.len()));
        }
        let names = list!(", ", names);
        line(match *at {
            0 => say!("it works with {name}: {names}", name, names),
            _ => say!("after step {at} {name} can be: {names}", at, name, names),
        });
    }
    for stop in &trace.size.stops {
        let rule = value::rule_words(world, stop.rule);
        line(match (stop.binds, stop.proved) {
            (true, true) => say!("if {rule} were in force, this could not be (proved for every number of steps)", rule),
            (true, false) => say!("if {rule} were in force, there would be no path of the length that was looked at", rule),
            (false, true) => say!("without {rule}, this could not be (proved for every number of steps)", rule),
            (false, false) => say!("without {rule}, there would be no path of the length that was looked at", rule),
        });
    }
}

fn words(world: &Program, input: InputId, case: &Case, language: Language) -> String {
    case.get(input).map_or_else(String::new, |known| value::input_words(world, input, known, language))
}

/// A run on one line.
pub fn line(program: &Program, trace: &Trace, language: Language) -> Sentence {
    let process = &program.processes[trace.process];
    let steps = trace.taken.iter().map(|taken| {
        let step = &process.steps[taken.step as usize];
        let after: Vec<Sentence> = process
            .variables
            .iter()
            .filter(|variable| taken.case.get(variable.now) != taken.case.get(variable.next))
            .map(|variable| {
                let name = value::input_name(&process.world, variable.now, language);
                say!("{name} becomes {value}", name, value = words(&process.world, variable.next, &taken.case, language))
            })
            .collect();
        match after.len() {
            0 => say!("`{name}`", name = step.name),
            _ => say!("`{name}` ({changes})", name = step.name, changes = list!(", ", after)),
        }
    });
    say!("by way of {steps}", steps = list!("; ", steps))
}

/// A run as JSON: the steps, each with its case and what it changes, and the case at the end.
pub fn json(program: &Program, trace: &Trace, came: impl Fn(&Came) -> Json) -> Json {
    let process = &program.processes[trace.process];
    let world = &process.world;
    let case = |case: &Case| {
        let mut known = case.clone();
        for variable in &process.variables {
            known.forget(variable.next);
        }
        process.balances.iter().filter_map(|balance| balance.added).for_each(|added| known.forget(added));
        value::case(world, &known)
    };
    let mut steps: Vec<Json> = Vec::new();
    for (at, taken) in trace.taken.iter().enumerate() {
        let after = trace.taken.get(at + 1).map_or(&trace.last, |next| &next.case);
        let mut becomes = Map::new();
        for input in shown(process).filter(|input| taken.case.get(*input) != after.get(*input)) {
            if let Some(known) = after.get(input) {
                becomes.insert(world.input(input).name.clone(), value::json(world, &world.input(input).domain, known));
            }
        }
        steps.push(json!({
            "step": process.steps[taken.step as usize].name,
            "case": case(&taken.case),
            "came": taken.came.iter().map(&came).collect::<Vec<_>>(),
            "becomes": becomes,
        }));
    }
    steps.push(json!({ "case": case(&trace.last), "came": trace.came.iter().map(&came).collect::<Vec<_>>() }));
    let most = trace.size.most.iter().map(|(input, steps, most)| {
        let declared = world.input(*input);
        json!({ "input": declared.name, "steps": steps, "most": value::json(world, &declared.domain, &Value::Int(*most)) })
    });
    let ways = trace.size.ways.iter().map(|(at, input, members)| {
        let Domain::Enum(id) = world.input(*input).domain else { return Json::Null };
        let all = &world.enumeration(id).members;
        let names: Vec<&str> =
            members.iter().filter_map(|member| all.get(member as usize)).map(|one| one.name.as_str()).collect();
        json!({ "input": world.input(*input).name, "after": at, "members": names })
    });
    let stops = trace.size.stops.iter().map(|stop| {
        json!({ "rule": value::rule(world, stop.rule), "by": if stop.binds { "binding" } else { "falling away" }, "proved": stop.proved })
    });
    json!({
        "process": process.name,
        "trace": steps,
        "size": {
            "most": most.collect::<Vec<_>>(),
            "days": trace.size.days,
            "ways": ways.collect::<Vec<_>>(),
            "stops": stops.collect::<Vec<_>>(),
        },
    })
}
