//! The plot: nanoseconds a decision over the number of rules, both on logarithmic scales; beside it a row in a batch.

use std::fmt::Write as _;

use crate::page::Line;

const COLOURS: [&str; 12] = [
    "#0b57d0", "#5f6368", "#9aa0a6", "#c5221f", "#e8710a", "#188038", "#9334e6", "#b06000", "#000000", "#12939a", "#d01884",
    "#bcbd22",
];
const WIDTH: f64 = 380.0;
const HEIGHT: f64 = 330.0;

/// A panel: by name, the number of rules and the nanoseconds.
struct Panel {
    title: &'static str,
    series: Vec<(String, Vec<(f64, f64)>)>,
}

/// The plot of sections by number of rules, as SVG. `colour` of a name is the same in both panels.
pub fn svg(sections: &[(usize, &[Line])]) -> String {
    let panel = |title, of: fn(&Line) -> Option<f64>| {
        let mut series: Vec<(String, Vec<(f64, f64)>)> = Vec::new();
        for (rules, lines) in sections {
            for line in *lines {
                let Some(time) = of(line) else { continue };
                let point = (*rules as f64, time);
                match series.iter_mut().find(|(who, _)| *who == line.who) {
                    Some((_, points)) => points.push(point),
                    None => series.push((line.who.clone(), vec![point])),
                }
            }
        }
        Panel { title, series }
    };
    let panels = [
        panel("one decision, warm", |line| line.single.map(|times| times.warm.median)),
        panel("a row in a batch", |line| line.batch.map(|batch| batch.median)),
    ];
    let mut names: Vec<&str> = Vec::new();
    for (who, _) in panels.iter().flat_map(|panel| &panel.series) {
        if !names.contains(&who.as_str()) {
            names.push(who);
        }
    }
    let (width, height) = (2.0 * (WIDTH + 90.0), HEIGHT + 70.0 + 18.0 * names.len().div_ceil(2) as f64);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
    );
    for (at, panel) in panels.iter().enumerate() {
        panel.draw(&mut out, 65.0 + at as f64 * (WIDTH + 90.0), 30.0, &names);
    }
    for (at, name) in names.iter().enumerate() {
        let (x, y) = (65.0 + (at % 2) as f64 * (WIDTH + 90.0), HEIGHT + 75.0 + 18.0 * (at / 2) as f64);
        let colour = COLOURS[at % COLOURS.len()];
        let name = name.replace('&', "&amp;").replace('<', "&lt;");
        let _ = writeln!(
            out,
            "<rect x=\"{x:.0}\" y=\"{:.0}\" width=\"14\" height=\"4\" fill=\"{colour}\"/><text x=\"{:.0}\" y=\"{y:.0}\">{name}</text>",
            y - 6.0,
            x + 20.0
        );
    }
    out + "</svg>\n"
}

impl Panel {
    fn draw(&self, out: &mut String, left: f64, top: f64, names: &[&str]) {
        let points = || self.series.iter().flat_map(|(_, points)| points);
        let (least, most) = points().fold((f64::MAX, f64::MIN), |(least, most), (_, y)| (least.min(*y), most.max(*y)));
        let (from, to) = (least.log10().floor(), most.log10().ceil());
        let (first, last) = points().fold((f64::MAX, f64::MIN), |(first, last), (x, _)| (first.min(*x), last.max(*x)));
        let x = |rules: f64| left + WIDTH * (0.05 + 0.9 * (rules / first).log10() / (last / first).log10());
        let y = |time: f64| top + HEIGHT * (1.0 - (time.log10() - from) / (to - from));
        let _ = writeln!(out, "<text x=\"{left:.0}\" y=\"{:.0}\" font-weight=\"bold\">{}</text>", top - 10.0, self.title);
        for power in from as i32..=to as i32 {
            let (time, label) =
                (10f64.powi(power), ["1 ns", "10 ns", "100 ns", "1 µs", "10 µs", "100 µs", "1 ms", "10 ms", "100 ms"]);
            let label = label.get(power.max(0) as usize).filter(|_| power >= 0).copied().unwrap_or("0.1 ns");
            let at = y(time);
            let _ = writeln!(
                out,
                "<line x1=\"{left:.0}\" x2=\"{:.0}\" y1=\"{at:.1}\" y2=\"{at:.1}\" stroke=\"#dadce0\"/>\
                 <text x=\"{:.0}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>",
                left + WIDTH,
                left - 6.0,
                at + 4.0
            );
        }
        let mut rules: Vec<f64> = points().map(|(x, _)| *x).collect();
        rules.sort_by(f64::total_cmp);
        rules.dedup();
        for rules in rules {
            let at = x(rules);
            let _ = writeln!(
                out,
                "<text x=\"{at:.0}\" y=\"{:.0}\" text-anchor=\"middle\">{rules:.0} rules</text>",
                top + HEIGHT + 18.0
            );
        }
        for (who, points) in &self.series {
            let colour = COLOURS[names.iter().position(|name| name == who).unwrap_or(0) % COLOURS.len()];
            let path: Vec<String> = points.iter().map(|(rules, time)| format!("{:.1},{:.1}", x(*rules), y(*time))).collect();
            let _ =
                writeln!(out, "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>", path.join(" "));
            for point in path {
                let (x, y) = point.split_once(',').unwrap_or(("0", "0"));
                let _ = writeln!(out, "<circle cx=\"{x}\" cy=\"{y}\" r=\"3\" fill=\"{colour}\"/>");
            }
        }
    }
}
