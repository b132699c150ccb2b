//! DuckDB: a schema with small tables and the table macro `decide('relation')`.
//!
//! Look-ups are joins with small tables whose keys are dense: DuckDB makes arrays of them, and a join costs about 20 ns a row, whatever it
//! brings along. (An index into a list literal copies the list for every 2048 rows.) Rows in which all is known and rows in which something is
//! not are two branches, so that the many pay nothing for the few; of the latter, rows with the same classes are walked once.

use super::dialect::Dialect;
use super::machine::{self, Machine};
use super::outcome::{class_column, combination, kinds, outcomes, vectors};
use super::{INTERNAL, PROBLEM, SqlError, VECTOR, answer_columns, commas, diagram, expression, head, is_free, outcomes_table};
use crate::diagram::OwnedTable;
use crate::emit::text::identifier;
use crate::ir::Domain;
use lexport_runtime::Test;

const DIALECT: Dialect = Dialect::DuckDb;

fn ident(name: &str) -> String {
    DIALECT.ident(name)
}

/// A name of the script's own.
fn own(name: &str) -> String {
    ident(&format!("{INTERNAL}{name}"))
}

/// Whole numbers, given with commas, a row each.
fn list(values: String) -> String {
    format!("unnest({})", DIALECT.integers(&values))
}

/// The numbers from 0 up to `count`, a row each.
fn numbered(count: usize) -> String {
    format!("CAST(unnest(range({count})) AS INTEGER)")
}

/// The script.
pub(crate) fn script(table: &OwnedTable, machines: &[Machine]) -> Result<String, SqlError> {
    let writing = Writing { table, machines, schema: ident(&identifier(&table.regime)) };
    let schema = &writing.schema;
    let mut out = head(table, DIALECT);
    out += &format!(
        "--\n-- SELECT * FROM {schema}.decide('shipments');   -- a table or view with the columns of {schema}.vectors\n\
         -- SELECT * FROM {schema}.\"check\";               -- no rows: the check vectors come out as they must\n\n\
         BEGIN TRANSACTION;\nCREATE SCHEMA IF NOT EXISTS {schema};\n\n"
    );
    writing.outcomes(&mut out)?;
    writing.members(&mut out);
    writing.steps(&mut out);
    writing.diagram(&mut out);
    writing.vectors(&mut out)?;
    writing.decide(&mut out)?;
    writing.check(&mut out);
    out += "COMMIT;\n";
    Ok(out)
}

struct Writing<'t> {
    table: &'t OwnedTable,
    machines: &'t [Machine],
    schema: String,
}

impl Writing<'_> {
    fn create(&self, out: &mut String, name: &str, query: &str) {
        *out += &format!("CREATE OR REPLACE TABLE {}.{} AS\n{query};\n\n", self.schema, ident(name));
    }

    /// Columns of whole numbers, from expressions that say them in their order.
    fn columns(&self, out: &mut String, name: &str, columns: &[(&str, String)]) {
        let column = |(name, values): &(&str, String)| format!("{values} AS {}", ident(name));
        let query = format!("SELECT {}", columns.iter().map(column).collect::<Vec<_>>().join(",\n  "));
        self.create(out, name, &query);
    }

    fn outcomes(&self, out: &mut String) -> Result<(), SqlError> {
        let text = |text: &str| DIALECT.text(text);
        let rules = self.table.rules.iter().map(|it| format!("({}, {}, {})", text(&it.name), text(&it.title), text(&it.cite)));
        let rules: Vec<String> = rules.collect();
        if !rules.is_empty() {
            let query = format!("SELECT * FROM (VALUES\n  {}\n) AS t(rule, title, cite)", rules.join(",\n  "));
            self.create(out, "rules", &query);
        }
        for (number, decision) in self.table.decisions.iter().enumerate() {
            let rows = outcomes(DIALECT, self.table, self.machines, number)?
                .rows
                .into_iter()
                .map(|row| format!("({}, '{}', {}, {}, {})", row.outcome, row.status, row.value, row.conflict, row.rules));
            let rows: Vec<String> = rows.collect();
            let query =
                format!("SELECT * FROM (VALUES\n  {}\n) AS t(outcome, status, value, conflict, rules)", rows.join(",\n  "));
            self.create(out, &outcomes_table(&decision.name), &query);
        }
        Ok(())
    }

    fn inputs_of_members(&self) -> impl Iterator<Item = usize> {
        (0..self.table.inputs.len()).filter(|input| matches!(self.table.inputs[*input].domain, Domain::Enum(_)))
    }

    /// The tests on the member of an input whose class is not always the same.
    fn member_tests(&self, of: usize) -> Vec<(usize, Vec<u32>)> {
        let tests = self.table.tests.iter().enumerate().filter(|(_, test)| expression::counts(test));
        tests
            .filter_map(|(number, test)| match test {
                Test::Member { input, map, .. } if *input as usize == of => {
                    Some((number, expression::part(&self.table.maps, *map).to_vec()))
                }
                _ => None,
            })
            .collect()
    }

    fn members(&self, out: &mut String) {
        for input in self.inputs_of_members() {
            let tests = self.member_tests(input);
            let rows = expression::members(self.table, input).into_iter().map(|(member, name)| {
                let classes: String = tests.iter().map(|(_, map)| format!(", {}", map[member as usize])).collect();
                format!("({}, {member}{classes})", DIALECT.text(&name))
            });
            let rows: Vec<String> = rows.collect();
            let columns: String = tests.iter().map(|(test, _)| format!(", c{test}")).collect();
            let query = format!("SELECT * FROM (VALUES\n  {}\n) AS t(name, member{columns})", rows.join(", "));
            self.create(out, &format!("members_{input}"), &query);
        }
    }

    fn steps(&self, out: &mut String) {
        for (m, machine) in self.machines.iter().enumerate() {
            for (s, step) in machine.steps.iter().enumerate() {
                let name = |what: &str| format!("{what}_{}_{}", m + 1, s + 1);
                if !step.columns.is_empty() {
                    let columns = [("k", numbered(step.columns.len())), ("col", list(commas(&step.columns)))];
                    self.columns(out, &name("columns"), &columns);
                }
                let columns = [("k", numbered(step.next.len())), ("next", list(commas(&step.next)))];
                self.columns(out, &name("step"), &columns);
            }
            let mut select = String::from("SELECT t.answer");
            let mut lists = format!("{} AS answer", numbered(machine.answers.len()));
            let mut joins = String::new();
            for (place, decision) in machine.decisions.iter().enumerate() {
                let values = commas(machine.answers.iter().map(|answer| answer[place]));
                lists += &format!(",\n    {} AS o{decision}", list(values));
                let name = &self.table.decisions[*decision].name;
                let [value, status, rules, outcome, ..] = answer_columns(name).map(|column| ident(&column));
                select += &format!(
                    ",\n  d{decision}.value AS {value}, d{decision}.status AS {status}, d{decision}.rules AS {rules}, \
                     d{decision}.outcome AS {outcome}"
                );
                let from = ident(&outcomes_table(name));
                joins += &format!("\n  JOIN {}.{from} AS d{decision} ON d{decision}.outcome = t.o{decision}", self.schema);
            }
            let query = format!("{select}\nFROM (\n  SELECT {lists}\n) AS t{joins}");
            self.create(out, &format!("answers_{}", m + 1), &query);
        }
    }

    fn diagram(&self, out: &mut String) {
        let diagram = diagram(self.table);
        let tests = self.table.tests.iter().enumerate();
        let tests: Vec<String> =
            tests.map(|(number, test)| format!("({number}, {}, {})", machine::classes(*test), u8::from(is_free(test)))).collect();
        // Without nodes there is nothing to walk, but the macro names the table.
        let tests = if tests.is_empty() { vec!["(0, 0, 0)".to_owned()] } else { tests };
        let query = format!(
            "WITH t AS (SELECT * FROM (VALUES {}) AS t(test, classes, free)),\n\
             h AS (SELECT {} AS at, {} AS test),\n\
             n AS (SELECT h.at, t.*, sum(t.classes) OVER (ORDER BY h.at) - t.classes AS first FROM h JOIN t ON t.test = h.test),\n\
             c AS (SELECT {} AS i, {} AS child)\n\
             SELECT n.at, n.test, CAST(c.i - n.first AS INTEGER) AS class, c.child, n.free\n\
             FROM (SELECT n.*, unnest(range(n.classes)) AS class FROM n) AS n JOIN c ON c.i = n.first + n.class ORDER BY c.i",
            tests.join(", "),
            numbered(diagram.tests.len()),
            list(commas(diagram.tests)),
            numbered(diagram.children.len()),
            list(commas(diagram.children))
        );
        self.create(out, "nodes", &query);
        let roots = ("root", list(commas(&diagram.roots)));
        self.columns(out, "decisions", &[("decision", numbered(diagram.roots.len())), roots]);
    }

    fn vectors(&self, out: &mut String) -> Result<(), SqlError> {
        let kinds = kinds(DIALECT, self.table)?;
        let inputs = self.table.inputs.iter().zip(&kinds).map(|(input, kind)| format!("{} {kind}", ident(&input.name)));
        let inputs: Vec<String> = [format!("{} INTEGER", ident(VECTOR))].into_iter().chain(inputs).collect();
        let (schema, rows) = (&self.schema, vectors(DIALECT, self.table)?);
        *out += &format!("CREATE OR REPLACE TABLE {schema}.vectors (\n  {}\n);\n", inputs.join(",\n  "));
        if !rows.is_empty() {
            *out += &format!("INSERT INTO {schema}.vectors VALUES\n  {};\n", rows.join(",\n  "));
        }
        out.push('\n');
        let decisions: Vec<String> = (0..self.table.decisions.len()).map(|decision| format!("d{decision}")).collect();
        let mut columns = vec![(VECTOR, format!("1 + {}", numbered(self.table.vectors.len())))];
        for (number, name) in decisions.iter().enumerate() {
            columns.push((name, list(commas(self.table.vectors.iter().map(|vector| vector.outcomes[number])))));
        }
        self.columns(out, "expected", &columns);
        Ok(())
    }

    fn value(input: usize) -> String {
        own(&format!("v{input}"))
    }

    /// The inputs on which some answer hangs.
    fn asked(&self) -> Vec<usize> {
        let mut inputs: Vec<usize> = Vec::new();
        for test in self.table.tests.iter().filter(|test| expression::counts(test)) {
            match test {
                Test::Flag { input } | Test::Member { input, .. } | Test::Interval { input, .. } | Test::Has { input, .. } => {
                    inputs.push(*input as usize);
                }
                Test::Same { a, b } => inputs.extend([*a as usize, *b as usize]),
                Test::AtLeastZero { monomials, .. } => {
                    for monomial in expression::part(&self.table.monomials, *monomials) {
                        let factors = expression::part(&self.table.factors, monomial.factors);
                        inputs.extend(factors.iter().map(|input| *input as usize));
                    }
                }
            }
        }
        inputs.sort_unstable();
        inputs.dedup();
        inputs
    }

    /// Rows with the classes of all tests: of those in which all is known that answers hang on, or of the others.
    fn classes(&self, source: &str, open: bool) -> Result<String, SqlError> {
        let (table, schema) = (self.table, &self.schema);
        let raw = |input: usize| format!("s.{}", ident(&table.inputs[input].name));
        let (mut values, mut joins) = (Vec::new(), String::new());
        for input in 0..table.inputs.len() {
            let value = if matches!(table.inputs[input].domain, Domain::Enum(_)) {
                let alias = own(&format!("m{input}"));
                joins += &format!("\n    LEFT JOIN {schema}.members_{input} AS {alias} ON {alias}.name = {}", raw(input));
                for (test, _) in self.member_tests(input) {
                    values.push(format!("{alias}.c{test} AS {}", ident(&class_column(test))));
                }
                format!("{alias}.member")
            } else {
                expression::value(DIALECT, table, input, &raw(input))?
            };
            values.push(format!("{value} AS {}", Self::value(input)));
        }
        let values: String = values.iter().map(|value| format!(",\n      {value}")).collect();
        let hanging = self.asked();
        let asked: Vec<String> = hanging.iter().copied().map(raw).collect();
        let which = match (asked.is_empty(), open) {
            (true, open) => (!open).to_string(),
            (_, false) => asked.iter().map(|raw| format!("{raw} IS NOT NULL")).collect::<Vec<_>>().join(" AND "),
            (_, true) => asked.iter().map(|raw| format!("{raw} IS NULL")).collect::<Vec<_>>().join(" OR "),
        };
        let value = |input: u32| format!("v.{}", Self::value(input as usize));
        let columns = (0..table.inputs.len())
            .map(|input| {
                let unknown = open || !hanging.contains(&input);
                (unknown.then(|| format!("v.{}", ident(&table.inputs[input].name))), value(input as u32))
            })
            .collect::<Vec<_>>();
        let mut classes = vec![format!("{} AS {}", expression::problem(DIALECT, table, &columns), own(PROBLEM))];
        for (number, test) in table.tests.iter().enumerate() {
            if expression::counts(test) && !matches!(test, Test::Member { .. }) {
                let class = expression::class(DIALECT, table, number, &value, open)?;
                classes.push(format!("{class} AS {}", ident(&class_column(number))));
            }
        }
        let classes: String = classes.iter().map(|class| format!(",\n    {class}")).collect();
        Ok(format!(
            "SELECT v.*{classes}\n  FROM (\n    SELECT s.*{values}\n    FROM query_table({source}) AS s{joins}\n    WHERE {which}\n  ) AS v"
        ))
    }

    /// All columns of the script's own that [`Writing::classes`] adds.
    fn added(&self) -> Vec<String> {
        let tests = self.table.tests.iter().enumerate().filter(|(_, test)| expression::counts(test));
        let tests = tests.map(|(number, _)| ident(&class_column(number)));
        let values = (0..self.table.inputs.len()).map(Self::value);
        values.chain(tests).chain([own(PROBLEM)]).collect()
    }

    /// The name of the macro's parameter: a column of that name would be replaced by what is given for it.
    fn parameter(&self) -> String {
        let mut name = "source".to_owned();
        let answers = self.table.decisions.iter().flat_map(|decision| answer_columns(&decision.name));
        let taken: Vec<String> =
            self.table.inputs.iter().map(|input| input.name.to_lowercase()).chain(answers.map(|it| it.to_lowercase())).collect();
        while taken.contains(&name) {
            name.push('_');
        }
        name
    }

    fn decide(&self, out: &mut String) -> Result<(), SqlError> {
        let source = self.parameter();
        let (schema, table) = (&self.schema, self.table);
        let added = self.added().join(", ");
        // Rows in which all is known.
        let mut joins = String::new();
        let mut answers = vec![String::new(); table.decisions.len()];
        for (m, machine) in self.machines.iter().enumerate() {
            let at = |what: &str, s: usize| format!("{what}_{}_{}", m + 1, s + 1);
            let mut state = "0".to_owned();
            for (s, step) in machine.steps.iter().enumerate() {
                let mut column = format!("({})", combination(DIALECT, table, &step.parts, "c."));
                if !step.columns.is_empty() {
                    let name = at("columns", s);
                    let alias = own(&name);
                    joins += &format!("\nLEFT JOIN {schema}.{name} AS {alias} ON {alias}.k = {column}");
                    column = format!("{alias}.col");
                }
                let name = at("step", s);
                let alias = own(&name);
                let key = if s == 0 { column } else { format!("{state} * {} + {column}", step.width) };
                joins += &format!("\nLEFT JOIN {schema}.{name} AS {alias} ON {alias}.k = {key}");
                state = format!("{alias}.next");
            }
            let alias = own(&format!("answers_{}", m + 1));
            joins += &format!(
                "\nLEFT JOIN {schema}.answers_{} AS {alias} ON {alias}.answer = CASE WHEN c.{} IS NULL THEN {state} END",
                m + 1,
                own(PROBLEM)
            );
            for decision in &machine.decisions {
                let [value, status, rules, outcome, possible, ask] =
                    answer_columns(&table.decisions[*decision].name).map(|column| ident(&column));
                answers[*decision] = format!(
                    "{alias}.{value}, {alias}.{status}, {alias}.{rules}, {alias}.{outcome}, \
                     CAST(NULL AS INTEGER[]) AS {possible}, CAST(NULL AS VARCHAR) AS {ask}"
                );
            }
        }
        let problem = format!("c.{} AS {}", own(PROBLEM), ident(PROBLEM));
        let known = format!(
            "SELECT c.* EXCLUDE ({added}),\n  {},\n  {problem}\nFROM (\n  {}\n) AS c{joins}",
            answers.join(",\n  "),
            self.classes(&source, false)?
        );
        // The others.
        let class = |(number, test): (usize, &Test)| match expression::counts(test) {
            true => format!("coalesce({}, -1)", ident(&class_column(number))),
            false => "0".to_owned(),
        };
        let classes: Vec<String> = table.tests.iter().enumerate().map(class).collect();
        let (rows, asked, walk, left) = (own("rows"), own("asked"), own("walk"), own("left"));
        let key = own("classes");
        let mut joins = format!("\nLEFT JOIN {asked} AS q ON q.classes = c.{key} AND c.{} IS NULL", own(PROBLEM));
        let mut answers = Vec::new();
        for (number, decision) in table.decisions.iter().enumerate() {
            let (open, said) = (own(&format!("open_{number}")), own(&format!("said_{number}")));
            joins += &format!(
                "\nLEFT JOIN {left} AS {open} ON {open}.id = q.id AND {open}.decision = {number}\n\
                 LEFT JOIN {schema}.{} AS {said} ON {said}.outcome = CASE WHEN len({open}.possible) = 1 THEN {open}.possible[1] END",
                ident(&outcomes_table(&decision.name))
            );
            let [value, status, rules, outcome, possible, ask] = answer_columns(&decision.name).map(|column| ident(&column));
            let raw = |input: u32| format!("c.{}", ident(&table.inputs[input as usize].name));
            let first = expression::ask(DIALECT, table, &format!("{open}.ask"), &raw);
            let several = format!("len({open}.possible) > 1");
            answers.push(format!(
                "{said}.value AS {value},\n    CASE WHEN {several} THEN CASE WHEN {open}.free THEN 'open at most' ELSE 'open' END \
                 ELSE {said}.status END AS {status},\n    {said}.rules AS {rules}, {said}.outcome AS {outcome},\n    \
                 CASE WHEN {several} THEN {open}.possible END AS {possible},\n    CASE WHEN {several} THEN {first} END AS {ask}"
            ));
        }
        let open =
            format!("SELECT c.* EXCLUDE ({added}, {key}),\n  {},\n  {problem}\nFROM {rows} AS c{joins}", answers.join(",\n  "));
        let unknown = "q.classes[1 + n.test] = -1";
        *out += &format!(
            "CREATE OR REPLACE MACRO {schema}.decide({source}) AS TABLE\nWITH RECURSIVE {rows} AS MATERIALIZED (\n  \
             SELECT w.*, [{}] AS {key}\n  FROM (\n  {}\n  ) AS w\n),\n\
             {asked} AS MATERIALIZED (\n  SELECT row_number() OVER () AS id, d.classes\n  FROM (SELECT DISTINCT c.{key} AS classes \
             FROM {rows} AS c WHERE c.{} IS NULL) AS d\n),\n\
             {walk} AS (\n  SELECT q.id, d.decision, d.root AS at FROM {asked} AS q, {schema}.decisions AS d\n  UNION\n  \
             SELECT w.id, w.decision, n.child\n  FROM {walk} AS w JOIN {asked} AS q ON q.id = w.id\n    \
             JOIN {schema}.nodes AS n ON n.at = w.at AND (q.classes[1 + n.test] = n.class OR {unknown})\n),\n\
             {left} AS MATERIALIZED (\n  SELECT w.id, w.decision, list(-1 - w.at ORDER BY w.at DESC) FILTER (w.at < 0) AS possible,\n    \
             min(n.test) FILTER ({unknown}) AS ask, coalesce(bool_or(n.free = 1 AND {unknown}), false) AS free\n  \
             FROM {walk} AS w JOIN {asked} AS q ON q.id = w.id LEFT JOIN {schema}.nodes AS n ON n.at = w.at AND n.class = 0\n  \
             GROUP BY w.id, w.decision\n)\n{known}\nUNION ALL\n{open};\n\n",
            classes.join(", "),
            self.classes(&source, true)?,
            own(PROBLEM),
        );
        Ok(())
    }

    fn check(&self, out: &mut String) {
        let schema = &self.schema;
        let expected: Vec<String> = (0..self.table.decisions.len()).map(|decision| format!("e.d{decision}")).collect();
        let outcome = |decision: &crate::diagram::TableDecision| format!("r.{}", ident(&answer_columns(&decision.name)[3]));
        let found: Vec<String> = self.table.decisions.iter().map(outcome).collect();
        let (expected, found) = (format!("[{}]", expected.join(", ")), format!("[{}]", found.join(", ")));
        let (vector, problem) = (ident(VECTOR), ident(PROBLEM));
        *out += &format!(
            "CREATE OR REPLACE VIEW {schema}.\"check\" AS\nSELECT e.{vector}, {expected} AS expected, {found} AS found, r.{problem}\n\
             FROM {schema}.expected AS e LEFT JOIN {schema}.decide({}) AS r ON r.{vector} = e.{vector}\n\
             WHERE r.{problem} IS NOT NULL OR {found} IS DISTINCT FROM {expected};\n",
            DIALECT.text(&format!("{schema}.vectors"))
        );
    }
}
