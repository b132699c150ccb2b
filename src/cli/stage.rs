//! The hidden `check --stage`: any language of the compiler as a dump, for its developers.

use crate::diagnostic::Code;
use crate::driver::Compilation;
use crate::source::DiskLoader;

use super::output::{self, Exit, Outcome, placeless, stop};

/// Dumps a stage of each regime.
pub fn dump(stage: &str, paths: &[String]) -> Outcome {
    let mut exit = Exit::Fine;
    for path in paths {
        let compilation = Compilation::load(&DiskLoader, path);
        output::show(&compilation.files, &compilation.messages);
        if compilation.failed() {
            exit = Exit::Input;
        }
        output::print(&match stage {
            "files" => compilation.files.iter().map(|(_, file)| format!("{}\n", file.path)).collect(),
            "tree" => format!("{:#?}\n", compilation.sources.modules),
            "model" => format!("{:#?}\n", compilation.policy),
            "ir" => format!("{:#?}\n", compilation.program),
            other => {
                let message = placeless(Code::BadArgument, format!("there is no stage `{other}`"));
                return Err(stop(message.note("the stages are files, tree, model, ir")));
            }
        });
    }
    Ok(exit)
}
