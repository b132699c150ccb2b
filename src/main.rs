//! The program `lexport`: everything happens in [`lexport::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    lexport::cli::main()
}
