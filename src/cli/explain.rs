//! `explain`: the decisions in one case with the chain of rules, or the page of a code.

use include_dir::{Dir, include_dir};

use crate::diagnostic::Code;
use crate::driver::{read_arguments, read_case};
use crate::eval::{explain, why_not};
use crate::ir::Case;
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
    let mut case = Case::unknown(program.inputs.len());
    let mut wrong = Vec::new();
    if let Some(path) = &arguments.case {
        let text = text(path)?;
        let path = if path == "-" { "standard input" } else { path };
        match read_case(&mut compilation.files, &program, constants, path, &text) {
            Ok(read) => case = read,
            Err(messages) => wrong.extend(messages),
        }
    }
    if !arguments.values.is_empty() {
        match read_arguments(&mut compilation.files, &program, constants, &arguments.values) {
            Ok(more) => {
                for (to, from) in case.values.iter_mut().zip(more.values) {
                    *to = from.or(to.take());
                }
            }
            Err(messages) => wrong.extend(messages),
        }
    }
    if !wrong.is_empty() {
        return Err(stop_all(&compilation.files, &wrong));
    }
    output::stage("explaining");
    let answers: Vec<Answer> = program
        .decision_ids()
        .filter(|id| program.decision(*id).regime == 0)
        .map(|id| Answer { explanation: explain(&program, &case, id), why_not: why_not(&program, &case, id).ok() })
        .collect();
    output::print(&match arguments.format {
        PlainFormat::Text => explanation::text(&program, &case, &answers, output::style_out()),
        PlainFormat::Json => format!("{:#}\n", explanation::json(&program, &case, &answers, output::language_for_tools())),
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
