//! try
fn main() {
    let path = std::env::args().nth(1).unwrap();
    let t = std::time::Instant::now();
    let c = lexport::driver::Compilation::load(&lexport::source::DiskLoader, &path);
    for m in &c.messages {
        let s = m.span();
        let place = s.file.map(|f| { let file = c.files.get(f); let (l, col) = file.lines.position(&file.text, s.start); format!("{}:{l}:{col}", file.path) }).unwrap_or_default();
        println!("{} {:?} {place}: {} — {} {:?} {:?}", m.code, m.severity, m.title, m.labels[0].message, m.notes, m.fixes.iter().map(|f|&f.message).collect::<Vec<_>>());
    }
    if let Some(p) = &c.program { println!("ok: {} inputs {} decisions {} rules {} terms {} scenarios {} properties {} edges; {:?}", p.inputs.len(), p.decisions.len(), p.rules.len(), p.pool.len(), p.scenarios.len(), p.properties.len(), p.date_edges.len(), t.elapsed()); }
    if std::env::args().nth(2).is_some() { println!("{}", serde_json::to_string(&c.program).unwrap()); }
}
