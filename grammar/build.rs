//! Build script: the parser from `lexport.lalrpop`. Out: `OUT_DIR/lexport.rs`.

use std::process::ExitCode;

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=grammar");
    match parser() {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            println!("cargo::error={sentence}");
            ExitCode::FAILURE
        }
    }
}

/// Generates the parser.
fn parser() -> Result<(), String> {
    lalrpop::Configuration::new()
        .process_dir("grammar")
        .map_err(|error| format!("the grammar does not compile: {error}"))
}
