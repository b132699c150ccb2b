//! gen
#[path = "../benches/regime.rs"]
mod regime;
fn main() { print!("{}", regime::regime(std::env::args().nth(1).unwrap().parse().unwrap(), 1)); }
