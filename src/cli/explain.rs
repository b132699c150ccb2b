//! `explain`: the decisions in one case with the chain of rules, or the page of a code.

use include_dir::{Dir, include_dir};

use crate::diagnostic::Code;
use crate::driver::{read_arguments, read_case, said_unknown};
use crate::eval::{explain, fault_text, resolve, why_not_but};
use crate::ir::{Case, Chained, InputId};
use crate::report::chain;
use crate::report::explanation::{self, Answer};

use super::args::{ExplainArguments, PlainFormat};
use super::input::compile;
use super::output::{self, Exit, Outcome, placeless, stop, stop_all};

/// One page for every code.
static PAGES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/docs/diagnostics");

/// Runs the command.
pub fn run(arguments: &ExplainArguments) -> Outcome {
    if let Some(page) = page(&arguments.path) {
        output::print(page);
        return Ok(Exit::Fine);
    }
    if is_code(&arguments.path) {
        let codes = Code::ALL.iter().map(|code| code.name()).collect::<Vec<_>>();
        let near = crate::driver::nearest(&arguments.path, codes.iter().map(String::as_str));
        let message = placeless(Code::BadArgument, format!("there is no code `{}`", arguments.path));
        return Err(stop(match near {
            Some(near) => message.help(format!("did you mean {near}?")),
            None => message,
        }));
    }
    let (mut compilation, program) = compile(&arguments.path)?;
    output::stage("reading the case");
    let policy = compilation.policy.take();
    let constants = policy.as_ref().map_or(&[][..], |policy| &policy.constants);
    let mut given = Chained { case: Case::unknown(program.inputs.len()), before: Vec::new(), nodes: program.nodes.clone() };
    let mut wrong = Vec::new();
    if let Some(path) = &arguments.case {
        let text = text(path)?;
        let path = if path == "-" { "standard input" } else { path };
        match read_case(&mut compilation.files, &program, constants, path, &text) {
            Ok(read) => given = read,
            Err(messages) => wrong.extend(messages),
        }
    }
    if !arguments.values.is_empty() {
        match read_arguments(&mut compilation.files, &program, constants, &arguments.values) {
            Ok(more) => {
                // What is said to be unknown there is not known, whatever the file says; of a record, but for the fields that are given beside it.
                for input in program.input_ids().filter(|input| said_unknown(&arguments.values, &program.input(*input).name)) {
                    given.case.values[input.index()] = None;
                }
                given.before.retain(|before| !said_unknown(&arguments.values, &program.links[before.link as usize].name));
                for (to, from) in given.case.values.iter_mut().zip(more.case.values) {
                    *to = from.or(to.take());
                }
                given.before.retain(|before| more.before.iter().all(|other| other.link != before.link));
                given.before.extend(more.before);
            }
            Err(messages) => wrong.extend(messages),
        }
    }
    if !wrong.is_empty() {
        return Err(stop_all(&compilation.files, &wrong));
    }
    if let Some((input, link)) = given.given_twice(&program) {
        let (input, link) = (&program.input(input).name, &program.links[link as usize].name);
        let title = format!("`{input}` is given, and follows from `{link}`");
        return Err(stop(placeless(Code::BadCase, title).help("take one of the two away")));
    }
    output::stage("explaining");
    let resolved = resolve(&program, &given.case, &given.before, &given.nodes);
    if !resolved.faults.is_empty() {
        let faults =
            resolved.faults.iter().map(|fault| placeless(Code::BadCase, fault_text(&program, &given.nodes, fault).to_string()));
        return Err(stop_all(&compilation.files, &faults.collect::<Vec<_>>()));
    }
    let case = resolved.case.clone();
    // What follows from a chain can neither be asked for nor changed by itself.
    let said = |link: u32| given.before.iter().any(|before| before.link == link);
    let follows: Vec<InputId> = program.carries.iter().filter(|carry| said(carry.link)).map(|carry| carry.target).collect();
    let kept = given.before.iter().flat_map(|before| program.links[before.link as usize].keeps.iter().copied());
    let fixed: Vec<InputId> = follows.iter().copied().chain(kept).collect();
    let answer = |id| {
        let why_not = why_not_but(&program, &case, id, &fixed).ok();
        let mut answer = Answer { explanation: explain(&program, &case, id), why_not };
        answer.explanation.possible.ask.retain(|input| !follows.contains(input));
        answer
    };
    let answers: Vec<Answer> = program.decision_ids().filter(|id| program.decision(*id).regime == 0).map(answer).collect();
    output::print(&match arguments.format {
        PlainFormat::Text => {
            let style = output::style_out();
            let before = chain::text(&program, &given.nodes, &case, &resolved.stations, style);
            explanation::text(&program, &case, &before, &answers, style)
        }
        PlainFormat::Json => {
            let mut document = explanation::json(&program, &case, &answers, output::language_for_tools());
            if !resolved.stations.is_empty() {
                document["chain"] = chain::json(&program, &given.nodes, &resolved.stations);
                document["between"] = chain::bounds(&program, &case);
            }
            format!("{document:#}\n")
        }
    });
    Ok(Exit::Fine)
}

/// The page of a code.
pub fn page(code: &str) -> Option<&'static str> {
    let code = Code::parse(&code.to_ascii_uppercase())?;
    PAGES.get_file(format!("{code}.md"))?.contents_utf8()
}

fn is_code(text: &str) -> bool {
    let upper = text.to_ascii_uppercase();
    upper.strip_prefix("LX").is_some_and(|digits| digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

fn text(path: &str) -> Result<String, super::output::Stop> {
    let bytes = if path == "-" {
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut std::io::stdin().lock(), &mut bytes).map(|_| bytes)
    } else {
        std::fs::read(path)
    };
    match bytes.map(String::from_utf8) {
        Ok(Ok(text)) => Ok(text),
        Ok(Err(error)) => {
            let at = error.utf8_error().valid_up_to();
            Err(stop(
                placeless(Code::NotUtf8, format!("`{path}` is not UTF-8 text"))
                    .note(format!("byte {at} is the first that is wrong")),
            ))
        }
        Err(error) => Err(stop(placeless(Code::MissingFile, format!("cannot read `{path}`")).note(error.to_string()))),
    }
}
