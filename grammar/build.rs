//! Build script: generates the parser.
fn main() {}
