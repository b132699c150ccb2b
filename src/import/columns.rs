//! Which column is what, in a table that does not say so itself: rows of texts → [`Grid`]. `docs/import.md` has the convention.

use super::cell;
use super::grid::{Grid, Head, Line, Literal, Plain, Policy};
use super::{Asked, Wrong};

/// Rows of texts, with their numbers in the user's file.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    /// What it is called.
    pub name: String,
    /// The rows, also the empty ones.
    pub rows: Vec<(usize, Vec<String>)>,
    /// Whether `;` stands between its cells: then a comma stands before decimals for many, and a point in thousands.
    pub semicolons: bool,
}

/// What a column is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Input,
    Output,
    Note,
    /// The number of a row, or nothing at all.
    Aside,
}

/// Headings under which a source is cited.
const CITATIONS: [&str; 13] = [
    "article",
    "citation",
    "citations",
    "cite",
    "law",
    "legal basis",
    "paragraph",
    "provision",
    "reference",
    "references",
    "rules",
    "section",
    "source",
];
/// Headings under which remarks stand.
const NOTES: [&str; 12] = [
    "annotation",
    "annotations",
    "comment",
    "comments",
    "description",
    "explanation",
    "note",
    "notes",
    "reason",
    "remark",
    "remarks",
    "why",
];
/// Headings of the numbers of rows.
const NUMBERS: [&str; 6] = ["#", "no", "no.", "nr", "nr.", "row"];

/// Whether a heading names a source.
pub fn is_citation(head: &str) -> bool {
    CITATIONS.contains(&head.trim().to_lowercase().as_str())
}

/// The tables of sheets.
pub fn grids(sheets: Vec<Sheet>, asked: &Asked<'_>, wrong: &mut Wrong) -> Vec<Grid> {
    sheets.into_iter().filter_map(|sheet| grid(sheet, asked, wrong)).collect()
}

fn grid(sheet: Sheet, asked: &Asked<'_>, wrong: &mut Wrong) -> Option<Grid> {
    wrong.table.clone_from(&sheet.name);
    let filled = |cells: &[String]| cells.iter().filter(|cell| !cell.trim().is_empty()).count();
    let mut rows = sheet.rows.into_iter().filter(|(_, cells)| filled(cells) > 0).peekable();
    // A line with one cell above a wider one is a title.
    let mut heading = rows.next();
    while let Some((_, cells)) = &heading
        && filled(cells) == 1
        && rows.peek().is_some_and(|(_, next)| filled(next) > 1)
    {
        heading = rows.next();
    }
    let Some((_, heading)) = heading else {
        wrong.say("it is empty: a table has a heading and rows".to_owned());
        return None;
    };
    let rows: Vec<(usize, Vec<String>)> = rows.collect();
    let mut heads: Vec<String> = heading.iter().map(|head| head.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    // What `lexport build --to csv` writes: the decision is in the name of the file, REGIME.DECISION.csv.
    if let [.., outcome, rules, citations] = heads.as_mut_slice()
        && [&*outcome, &*rules, &*citations] == ["outcome", "rules", "citations"]
        && let Some((_, decision)) = sheet.name.split_once('.')
    {
        decision.clone_into(outcome);
    }
    let mut policy = asked.policy;
    // DMN's own layout has the letter of the hit policy in the corner, above the numbers of the rows. A column may be called `A`
    // as well: then there are no numbers below it.
    let numbered = rows.iter().all(|(_, cells)| cells.first().is_some_and(|cell| cell.trim().parse::<u32>().is_ok()));
    let corner = heads.first().filter(|head| numbered && heads.len() > 2 && **head == head.to_uppercase());
    if let Some(found) = corner.and_then(|head| Policy::of(head)) {
        if policy.is_some_and(|asked| asked != found) {
            wrong.say(format!("its corner says {}, and `--policy` something else", found.name()));
        }
        policy = Some(found);
        let head = std::mem::replace(&mut heads[0], "#".to_owned());
        let counted =
            rows.iter().zip(1u32..).all(|((_, cells), at)| cells.first().is_some_and(|cell| cell.trim().parse() == Ok(at)));
        if !counted {
            wrong.warn(format!(
                "its first column is headed `{head}` and has numbers: it was taken as the hit policy {} above the numbers of the rows; if it is a column, head it `in: {head}`",
                found.name()
            ));
        }
    }
    let roles = roles(&mut heads, &rows, asked, wrong)?;
    twice(&heads, &roles, wrong)?;
    // What `lexport build --to csv` writes of arithmetic and of two inputs that are the same: no column of values.
    for (at, head) in heads.iter().enumerate().filter(|(at, _)| roles[*at] == Role::Input) {
        let sides = head.split_once(" = ").filter(|(a, b)| [a, b].iter().all(|side| !side.contains(' ')));
        if head.starts_with("in steps: ") || sides.is_some() {
            wrong.say(format!(
                "column {}: `{head}` compares inputs with each other; a box has a range for each input by itself, so such a table is not imported",
                at + 1
            ));
        }
    }
    let of = |role: Role| roles.iter().enumerate().filter(move |(_, one)| **one == role).map(|(at, _)| at);
    let head = |at: usize| Head { name: heads[at].clone(), ..Head::default() };
    let mut grid = Grid {
        name: sheet.name.clone(),
        policy: policy.unwrap_or_default(),
        inputs: of(Role::Input).map(head).collect(),
        outputs: of(Role::Output).map(head).collect(),
        ..Grid::default()
    };
    for (number, cells) in rows {
        let cell = |at: usize| cells.get(at).map_or("", String::as_str);
        let mut line = Line { number, ..Line::default() };
        for at in of(Role::Input) {
            let read =
                cell::condition(cell(at)).and_then(|read| thousands(sheet.semicolons, read.literals()).map(|()| read.clone()));
            line.conditions.push(read.unwrap_or_else(|why| {
                wrong.cell(number, &heads[at], cell(at), &why);
                super::grid::Condition::default()
            }));
        }
        for at in of(Role::Output) {
            let read = cell::output(cell(at)).and_then(|read| thousands(sheet.semicolons, read.iter()).map(|()| read.clone()));
            line.outputs.push(read.unwrap_or_else(|why| {
                wrong.cell(number, &heads[at], cell(at), &why);
                Vec::new()
            }));
        }
        (line.cite, line.title) = super::annotations(of(Role::Note).map(|at| (heads[at].as_str(), cell(at))));
        grid.rows.push(line);
    }
    Some(grid)
}

/// Two columns of one name: which of them is meant would be a guess.
fn twice(heads: &[String], roles: &[Role], wrong: &mut Wrong) -> Option<()> {
    let columns: Vec<usize> = (0..heads.len()).filter(|at| matches!(roles[*at], Role::Input | Role::Output)).collect();
    let mut fine = Some(());
    for (place, at) in columns.iter().enumerate() {
        if let Some(first) = columns[..place].iter().find(|first| heads[**first] == heads[*at]) {
            wrong.say(format!("columns {} and {} are both headed `{}`: head them differently", first + 1, at + 1, heads[*at]));
            fine = None;
        }
    }
    fine
}

/// Where `;` stands between cells, `1.500` is one and a half to some and fifteen hundred to others.
fn thousands<'l>(semicolons: bool, mut literals: impl Iterator<Item = &'l Literal>) -> Result<(), String> {
    let doubtful = |literal: &&Literal| {
        let text = literal.text.trim_start_matches(['-', '+', '\u{2212}']);
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        matches!(literal.is, Plain::Number(_))
            && text.split_once('.').is_some_and(|(whole, fraction)| {
                (1..=3).contains(&whole.len())
                    && !whole.starts_with('0')
                    && fraction.len() == 3
                    && digits(whole)
                    && digits(fraction)
            })
    };
    match literals.find(doubtful).filter(|_| semicolons) {
        None => Ok(()),
        Some(literal) => {
            let text = &literal.text;
            Err(format!(
                "`{text}` may be read in two ways where `;` stands between cells: write `{}` if the point stands in thousands, and `{text}0` if it stands before decimals",
                text.replace('.', "")
            ))
        }
    }
}

fn roles(heads: &mut [String], rows: &[(usize, Vec<String>)], asked: &Asked<'_>, wrong: &mut Wrong) -> Option<Vec<Role>> {
    let empty = |at: usize| rows.iter().all(|(_, cells)| cells.get(at).is_none_or(|cell| cell.trim().is_empty()));
    let mut roles: Vec<Option<Role>> = vec![None; heads.len()];
    for at in 0..heads.len() {
        if heads[at].is_empty() && empty(at) {
            roles[at] = Some(Role::Aside);
        } else if heads[at].is_empty() {
            wrong.say(format!("column {} has no heading", at + 1));
            return None;
        } else if at == 0 && NUMBERS.contains(&heads[at].to_lowercase().as_str()) {
            roles[at] = Some(Role::Aside);
        }
    }
    let gaps: Vec<usize> = (0..heads.len()).filter(|at| heads[*at].is_empty()).collect();
    // What is said on the command line, then in the heading.
    let mut given = false;
    for (names, role) in [(asked.outputs, Role::Output), (asked.notes, Role::Note)] {
        if let (Role::Output, [count]) = (role, names)
            && let Ok(count) = count.parse::<usize>()
        {
            given = true;
            let free: Vec<usize> = (0..heads.len()).filter(|at| roles[*at].is_none() && !is_remark(&heads[*at])).collect();
            if count == 0 || count >= free.len() {
                wrong.say(format!(
                    "`--outputs {count}`: it has {} columns that are no remarks, and at least one is an input",
                    free.len()
                ));
                return None;
            }
            free[free.len() - count..].iter().for_each(|at| roles[*at] = Some(Role::Output));
            continue;
        }
        for name in names {
            given |= role == Role::Output;
            let Some(at) = heads.iter().position(|head| head == name) else {
                let near = crate::driver::nearest(name, heads.iter().map(String::as_str));
                let help = near
                    .map_or_else(|| format!("the columns are {}", heads.join(", ")), |near| format!("did you mean `{near}`?"));
                wrong.file(format!("table `{}` has no column `{name}`", wrong.table), &help);
                return None;
            };
            roles[at] = Some(role);
        }
    }
    let marks = [
        ("in", Role::Input),
        ("input", Role::Input),
        ("out", Role::Output),
        ("output", Role::Output),
        ("note", Role::Note),
        ("cite", Role::Note),
    ];
    let mut marked = false;
    for (at, head) in heads.iter_mut().enumerate() {
        let found = head.split_once(':').and_then(|(mark, rest)| {
            let (_, role) = marks.iter().find(|(name, _)| mark.trim().eq_ignore_ascii_case(name))?;
            Some((mark.trim().to_lowercase(), rest.trim().to_owned(), *role))
        });
        if let Some((mark, rest, role)) = found.filter(|(_, rest, _)| !rest.is_empty()) {
            marked |= role == Role::Output;
            roles[at].get_or_insert(role);
            // What is cited is known by its heading.
            *head = if mark == "cite" { mark } else { rest };
        }
    }
    if !given && !marked {
        // An empty column stands between what is asked and what is concluded, and another before remarks.
        let between: Vec<usize> = gaps
            .into_iter()
            .filter(|at| (0..*at).any(|at| roles[at].is_none()) && (*at + 1..heads.len()).any(|at| roles[at].is_none()))
            .collect();
        if let Some(first) = between.first() {
            let second = between.iter().find(|at| (*first..**at).any(|at| roles[at].is_none()));
            for (at, role) in roles.iter_mut().enumerate().filter(|(_, role)| role.is_none()) {
                *role = Some(if at < *first {
                    Role::Input
                } else if second.is_none_or(|second| at < *second) {
                    Role::Output
                } else {
                    Role::Note
                });
            }
        }
    }
    // Remarks stand at the end; before them the last column is concluded.
    let mut last = (0..heads.len()).rev().filter(|at| roles[*at].is_none()).collect::<Vec<_>>().into_iter().peekable();
    while let Some(at) = last.next_if(|at| is_remark(&heads[*at])) {
        roles[at] = Some(Role::Note);
    }
    if !roles.contains(&Some(Role::Output))
        && let Some(at) = last.next()
    {
        roles[at] = Some(Role::Output);
    }
    let roles: Vec<Role> = roles.into_iter().map(|role| role.unwrap_or(Role::Input)).collect();
    for (role, what) in [(Role::Input, "asked for"), (Role::Output, "concluded")] {
        if !roles.contains(&role) {
            wrong.file(
                format!("table `{}` has no column that is {what}", wrong.table),
                "head its columns `in: …` and `out: …`, leave an empty column between what is asked and what is concluded, or say `--outputs NAME,…`",
            );
            return None;
        }
    }
    Some(roles)
}

fn is_remark(head: &str) -> bool {
    is_citation(head) || NOTES.contains(&head.trim().to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, asked: &Asked<'_>) -> String {
        let rows = text.lines().enumerate().map(|(at, line)| (at + 1, line.split('|').map(str::to_owned).collect())).collect();
        let mut wrong = Wrong::default();
        let found = grid(Sheet { name: "t".to_owned(), rows, semicolons: false }, asked, &mut wrong);
        let names = |heads: &[Head]| heads.iter().map(|head| head.name.clone()).collect::<Vec<_>>().join(",");
        found.map_or_else(
            || wrong.messages.iter().map(|(_, message)| message.title.clone()).collect(),
            |grid| {
                let row = grid.rows.first().map(|row| format!(" {}[{}]{}", row.number, row.cite, row.title)).unwrap_or_default();
                format!("{} -> {} {}{row}", names(&grid.inputs), names(&grid.outputs), grid.policy.name())
            },
        )
    }

    #[test]
    fn columns_are_told_apart() {
        let plain = Asked::default();
        assert_eq!(shown("a|b|c\n1|2|3", &plain), "a,b -> c UNIQUE 2[]");
        assert_eq!(shown("a|b|c|rules\n1|2|3|x [12]", &plain), "a,b -> c UNIQUE 2[x [12]]");
        assert_eq!(shown("a||c|d||why\n1||3|4||so", &plain), "a -> c,d UNIQUE 2[]so");
        assert_eq!(shown("in: a|out: b|out: c|note: d\n1|2|3|4", &plain), "a -> b,c UNIQUE 2[]4");
        assert_eq!(shown("F|a|b|Citation\n1|2|3|12(a)", &plain), "a -> b FIRST 2[12(a)]");
        assert_eq!(shown("#|a|b\n1|2|3", &plain), "a -> b UNIQUE 2[]");
        assert_eq!(shown("Duties of 2025||\na|b|c\n1|2|3", &plain), "a,b -> c UNIQUE 3[]");
        let two = ["2".to_owned()];
        assert_eq!(shown("a|b|c|note\n1|2|3|4", &Asked { outputs: &two, ..plain.clone() }), "a -> b,c UNIQUE 2[]4");
        let named = ["a".to_owned()];
        assert_eq!(shown("a|b|c\n1|2|3", &Asked { outputs: &named, ..plain.clone() }), "b,c -> a UNIQUE 2[]");
        assert!(shown("a||c\n1|2|3", &plain).contains("column 2 has no heading"));
        assert!(shown("a\n1", &plain).contains("no column that is asked for"));
        assert!(shown("a|a|Fee\n1|2|3", &plain).contains("columns 1 and 2 are both headed `a`"));
        assert!(shown("a|Fee|Fee\n1|2|3", &plain).contains("columns 2 and 3 are both headed `Fee`"));
        assert_eq!(shown("a|b|note|note\n1|2|3|4", &plain), "a -> b UNIQUE 2[]3; 4");
        assert!(shown("a|b\n1|2", &Asked { outputs: &["x".to_owned()], ..plain }).contains("no column `x`"));
    }
}
