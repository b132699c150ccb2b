//! PostgreSQL: a schema with small tables and the function `decide(…)`, with an argument for each input.
//!
//! The function is one query in SQL, so the planner puts it in the place of the call: nothing is called row by row. Look-ups are indices into array
//! literals, which PostgreSQL parses once and reads without copying; one join brings the answers. `OFFSET 0` keeps a column from being
//! computed again wherever it is used. Only rows with unknown inputs call a function that walks the diagram.

use super::dialect::Dialect;
use super::machine::{self, Machine};
use super::outcome::{class_column, combination, kinds, outcomes, vectors};
use super::{INTERNAL, PROBLEM, SqlError, VECTOR, answer_columns, commas, diagram, expression, head, is_free, outcomes_table};
use crate::diagram::OwnedTable;
use crate::emit::text::identifier;

const DIALECT: Dialect = Dialect::PostgreSql;

/// The most arguments of a function (`FUNC_MAX_ARGS`).
const ARGUMENTS: usize = 100;

fn ident(name: &str) -> String {
    DIALECT.ident(name)
}

/// A name of the script's own.
fn own(name: &str) -> String {
    ident(&format!("{INTERNAL}{name}"))
}

/// Whole numbers, given with commas, as a set.
fn list(values: &str) -> String {
    format!("unnest({}) WITH ORDINALITY", DIALECT.integers(values))
}

/// The script.
pub(crate) fn script(table: &OwnedTable, machines: &[Machine]) -> Result<String, SqlError> {
    if table.inputs.len() > ARGUMENTS {
        return Err(SqlError::Inputs { dialect: DIALECT, inputs: table.inputs.len(), most: ARGUMENTS });
    }
    let writing = Writing { table, machines, schema: ident(&identifier(&table.regime)) };
    let schema = &writing.schema;
    let first = table.inputs.first().map_or_else(|| "…".to_owned(), |input| ident(&input.name));
    let mut out = head(table, DIALECT);
    out += &format!(
        "--\n-- SELECT s.*, d.* FROM shipments AS s, {schema}.decide({first} => s.{first}, …) AS d;   -- an input left out is unknown\n\
         -- SELECT * FROM {schema}.\"check\";   -- no rows: the check vectors come out as they must\n\n\
         BEGIN;\nSET LOCAL client_min_messages = warning;\nSET LOCAL standard_conforming_strings = on;\n\
         CREATE SCHEMA IF NOT EXISTS {schema};\nDROP VIEW IF EXISTS {schema}.\"check\";\n\
         DROP FUNCTION IF EXISTS {schema}.decide;\nDROP FUNCTION IF EXISTS {schema}.\"left\";\n\n"
    );
    writing.outcomes(&mut out)?;
    writing.answers(&mut out);
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
    fn create(&self, out: &mut String, name: &str, query: &str, key: &str) {
        let (schema, name) = (&self.schema, ident(name));
        *out += &format!("DROP TABLE IF EXISTS {schema}.{name};\nCREATE TABLE {schema}.{name} AS\n{query};\n");
        if !key.is_empty() {
            *out += &format!("ALTER TABLE {schema}.{name} ADD PRIMARY KEY ({key});\n");
        }
        *out += &format!("ANALYZE {schema}.{name};\n\n");
    }

    fn outcomes(&self, out: &mut String) -> Result<(), SqlError> {
        let text = |text: &str| DIALECT.text(text);
        let rules = self.table.rules.iter().map(|it| format!("({}, {}, {})", text(&it.name), text(&it.title), text(&it.cite)));
        let rules: Vec<String> = rules.collect();
        if !rules.is_empty() {
            let query = format!("SELECT * FROM (VALUES\n  {}\n) AS t(rule, title, cite)", rules.join(",\n  "));
            self.create(out, "rules", &query, "");
        }
        for (number, decision) in self.table.decisions.iter().enumerate() {
            let found = outcomes(DIALECT, self.table, self.machines, number)?;
            let rows = found
                .rows
                .into_iter()
                .map(|row| format!("({}, '{}'::text, {}, {}, {})", row.outcome, row.status, row.value, row.conflict, row.rules));
            let rows: Vec<String> = rows.collect();
            let query = format!(
                "SELECT outcome, status, value::{} AS value, conflict, rules FROM (VALUES\n  {}\n) \
                 AS t(outcome, status, value, conflict, rules)",
                found.kind,
                rows.join(",\n  ")
            );
            self.create(out, &outcomes_table(&decision.name), &query, "outcome");
        }
        Ok(())
    }

    fn answers(&self, out: &mut String) {
        for (m, machine) in self.machines.iter().enumerate() {
            let mut select = String::from("SELECT (t.n - 1)::int4 AS answer");
            let (mut lists, mut names, mut joins) = (Vec::new(), String::new(), String::new());
            for (place, decision) in machine.decisions.iter().enumerate() {
                let values = commas(machine.answers.iter().map(|answer| answer[place]));
                lists.push(DIALECT.integers(&values));
                names += &format!("o{decision}, ");
                let name = &self.table.decisions[*decision].name;
                let [value, status, rules, outcome, ..] = answer_columns(name).map(|column| ident(&column));
                select += &format!(
                    ",\n  d{decision}.value AS {value}, d{decision}.status AS {status}, d{decision}.rules AS {rules}, \
                     d{decision}.outcome AS {outcome}"
                );
                let from = ident(&outcomes_table(name));
                joins += &format!("\n  JOIN {}.{from} AS d{decision} ON d{decision}.outcome = t.o{decision}", self.schema);
            }
            let query = format!("{select}\nFROM unnest(\n  {}\n) WITH ORDINALITY AS t({names}n){joins}", lists.join(",\n  "));
            self.create(out, &format!("answers_{}", m + 1), &query, "answer");
        }
    }

    /// The diagram as a table, and the function that says what unknown inputs leave of a decision: the number of the test to
    /// ask for, whether there may be fewer outcomes than listed, and the outcomes.
    fn diagram(&self, out: &mut String) {
        let schema = &self.schema;
        let diagram = diagram(self.table);
        let tests = self.table.tests.iter().enumerate();
        let tests: Vec<String> =
            tests.map(|(number, test)| format!("({number}, {}, {})", machine::classes(*test), is_free(test))).collect();
        let tests = if tests.is_empty() { vec!["(0, 0, false)".to_owned()] } else { tests };
        let query = format!(
            "WITH t(test, classes, free) AS (VALUES {}),\n\
             h(test, n) AS (SELECT * FROM {}),\n\
             n AS (SELECT h.n - 1 AS at, t.*, sum(t.classes) OVER (ORDER BY h.n) - t.classes AS first FROM h JOIN t ON t.test = h.test),\n\
             c(child, i) AS (SELECT * FROM {})\n\
             SELECT n.at::int4 AS at, n.test, k.class, c.child, n.free\n\
             FROM n CROSS JOIN LATERAL generate_series(0, n.classes - 1) AS k(class) JOIN c ON c.i = n.first + k.class + 1",
            tests.join(", "),
            list(&commas(diagram.tests)),
            list(&commas(diagram.children))
        );
        self.create(out, "nodes", &query, "at, class");
        let query = format!("SELECT (t.n - 1)::int4 AS decision, t.root FROM {} AS t(root, n)", list(&commas(diagram.roots)));
        self.create(out, "decisions", &query, "decision");
        *out += &format!(
            "CREATE FUNCTION {schema}.\"left\"(decision int4, classes int4[]) RETURNS int4[] LANGUAGE sql STABLE PARALLEL SAFE AS $lexport$\n\
             WITH RECURSIVE walk(at) AS (\n  SELECT d.root FROM {schema}.decisions AS d WHERE d.decision = $1\n  UNION\n  \
             SELECT n.child FROM walk AS w JOIN {schema}.nodes AS n ON n.at = w.at AND ($2[1 + n.test] IS NULL OR $2[1 + n.test] = n.class)\n)\n\
             SELECT ARRAY[min(n.test) FILTER (WHERE $2[1 + n.test] IS NULL),\n  \
             coalesce(max(n.free::int4) FILTER (WHERE $2[1 + n.test] IS NULL), 0)]\n  \
             || array_agg(-1 - w.at ORDER BY w.at DESC) FILTER (WHERE w.at < 0)\n\
             FROM walk AS w LEFT JOIN {schema}.nodes AS n ON n.at = w.at AND n.class = 0\n$lexport$;\n\n"
        );
    }

    fn vectors(&self, out: &mut String) -> Result<(), SqlError> {
        let kinds = kinds(DIALECT, self.table)?;
        let inputs = self.table.inputs.iter().zip(&kinds).map(|(input, kind)| format!("{} {kind}", ident(&input.name)));
        let inputs: Vec<String> = [format!("{} int4", ident(VECTOR))].into_iter().chain(inputs).collect();
        let (schema, rows) = (&self.schema, vectors(DIALECT, self.table)?);
        *out +=
            &format!("DROP TABLE IF EXISTS {schema}.vectors;\nCREATE TABLE {schema}.vectors (\n  {}\n);\n", inputs.join(",\n  "));
        if !rows.is_empty() {
            *out += &format!("INSERT INTO {schema}.vectors VALUES\n  {};\n", rows.join(",\n  "));
        }
        out.push('\n');
        let count = self.table.decisions.len();
        let lists = (0..count)
            .map(|decision| DIALECT.integers(&commas(self.table.vectors.iter().map(|vector| vector.outcomes[decision]))));
        let lists: Vec<String> = lists.collect();
        let names: String = (0..count).map(|decision| format!("d{decision}, ")).collect();
        let query = if lists.is_empty() {
            format!("SELECT n AS {} FROM generate_series(1, {}) AS t(n)", ident(VECTOR), self.table.vectors.len())
        } else {
            format!(
                "SELECT {names}n AS {} FROM unnest(\n  {}\n) WITH ORDINALITY AS t({names}n)",
                ident(VECTOR),
                lists.join(",\n  ")
            )
        };
        self.create(out, "expected", &query, "");
        Ok(())
    }

    fn decide(&self, out: &mut String) -> Result<(), SqlError> {
        let (schema, table) = (&self.schema, self.table);
        let kinds = kinds(DIALECT, table)?;
        let arguments: Vec<String> =
            table.inputs.iter().zip(&kinds).map(|(input, kind)| format!("{} {kind} DEFAULT NULL", ident(&input.name))).collect();
        let raw = |input: usize| format!("${}", input + 1);
        let mut values = Vec::new();
        for input in 0..table.inputs.len() {
            let value = expression::value(DIALECT, table, input, &raw(input))?;
            values.push(format!("{value} AS {}", own(&format!("v{input}"))));
        }
        let value = |input: u32| format!("v.{}", own(&format!("v{input}")));
        let columns: Vec<(Option<String>, String)> =
            (0..table.inputs.len()).map(|input| (Some(raw(input)), value(input as u32))).collect();
        let mut classes = vec![format!("{} AS {}", expression::problem(DIALECT, table, &columns), own(PROBLEM))];
        for number in 0..table.tests.len() {
            let class = expression::class(DIALECT, table, number, &value, true)?;
            classes.push(format!("{class} AS {}", ident(&class_column(number))));
        }
        let numbers: Vec<String> = (0..table.tests.len()).map(|test| format!("s.{}", ident(&class_column(test)))).collect();
        let (mut found, mut open, mut joins) = (Vec::new(), Vec::new(), String::new());
        let mut results = vec![String::new(); table.decisions.len()];
        for (m, machine) in self.machines.iter().enumerate() {
            let answer = own(&format!("a{}", m + 1));
            found.push(format!("CASE WHEN c.{} IS NULL THEN {} END AS {answer}", own(PROBLEM), self.state(machine)));
            // One answer is looked up, not a table hashed for each row: that is what the planner takes a plain join for.
            joins += &format!(
                "\nLEFT JOIN LATERAL (SELECT * FROM {schema}.answers_{} AS t WHERE t.answer = r.{answer} OFFSET 0) AS a{} ON true",
                m + 1,
                m + 1
            );
            for decision in &machine.decisions {
                let rest = own(&format!("o{decision}"));
                open.push(format!(
                    "CASE WHEN s.{answer} IS NULL AND s.{} IS NULL THEN {schema}.\"left\"({decision}, ARRAY[{}]::int4[]) END AS {rest}",
                    own(PROBLEM),
                    numbers.join(", ")
                ));
                results[*decision] = self.result(*decision, &format!("a{}", m + 1), &format!("r.{rest}"));
            }
        }
        let names = table.decisions.iter().enumerate().map(|(number, decision)| {
            let kind = outcomes(DIALECT, table, self.machines, number)?.kind;
            let kinds = [kind.as_str(), "text", "text[]", "int4", "int4[]", "text"];
            let columns = answer_columns(&decision.name).into_iter().zip(kinds);
            Ok(columns.map(|(column, kind)| format!("{} {kind}", ident(&column))).collect::<Vec<_>>().join(", "))
        });
        let mut names: Vec<String> = names.collect::<Result<_, SqlError>>()?;
        names.push(format!("{} text", ident(PROBLEM)));
        results.push(format!("r.{}", own(PROBLEM)));
        let all = |more: &[String]| more.iter().map(|one| format!(",\n      {one}")).collect::<String>();
        let body = format!(
            "SELECT\n  {}\nFROM (\n  SELECT s.*{}\n  FROM (\n    SELECT c.*{}\n    FROM (\n      SELECT {}\n      FROM (\n      SELECT \
             {}\n      OFFSET 0\n      ) AS v OFFSET 0\n    ) AS c OFFSET 0\n  ) AS s OFFSET 0\n) AS r{joins}",
            results.join(",\n  "),
            all(&open),
            all(&found),
            classes.join(",\n      "),
            if values.is_empty() { "1 AS one".to_owned() } else { values.join(",\n      ") },
        );
        let mut tag = "$lexport$".to_owned();
        while body.contains(&tag) {
            tag.insert(1, 'x');
        }
        *out += &format!(
            "CREATE FUNCTION {schema}.decide(\n  {}\n) RETURNS TABLE (\n  {}\n) LANGUAGE sql STABLE PARALLEL SAFE ROWS 1 AS {tag}\n{body}\n\
             {tag};\n\n",
            arguments.join(",\n  "),
            names.join(",\n  ")
        );
        Ok(())
    }

    /// The answer of a machine from the classes.
    fn state(&self, machine: &Machine) -> String {
        let mut state = "0".to_owned();
        for (s, step) in machine.steps.iter().enumerate() {
            let mut column = format!("({})", combination(DIALECT, self.table, &step.parts, "c."));
            if !step.columns.is_empty() {
                column = DIALECT.entry(&DIALECT.numbers(&step.columns), &column);
            }
            let index = if s == 0 { column } else { format!("{} * {state} + {column}", step.width) };
            state = DIALECT.entry(&DIALECT.numbers(&step.next), &index);
        }
        state
    }

    /// The columns of a decision: from the answers, or else from what unknown inputs leave.
    fn result(&self, decision: usize, answer: &str, rest: &str) -> String {
        let name = &self.table.decisions[decision].name;
        let from = ident(&outcomes_table(name));
        let settled = format!("CASE WHEN cardinality({rest}) = 3 THEN {rest}[3] END");
        let said = |what: &str| format!("(SELECT o.{what} FROM {}.{from} AS o WHERE o.outcome = {settled})", self.schema);
        let [value, status, rules, outcome, ..] = answer_columns(name).map(|column| format!("{answer}.{}", ident(&column)));
        let several = format!("cardinality({rest}) > 3");
        let first = expression::ask(DIALECT, self.table, &format!("{rest}[1]"), &|input| format!("${}", input + 1));
        format!(
            "coalesce({value}, {}),\n  \
             coalesce({status}, CASE WHEN {several} THEN CASE {rest}[2] WHEN 1 THEN 'open at most' ELSE 'open' END END, {}),\n  \
             coalesce({rules}, {}),\n  coalesce({outcome}, {settled}),\n  CASE WHEN {several} THEN {rest}[3:] END,\n  \
             CASE WHEN {several} THEN {first} END",
            said("value"),
            said("status"),
            said("rules")
        )
    }

    fn check(&self, out: &mut String) {
        let schema = &self.schema;
        let expected: Vec<String> = (0..self.table.decisions.len()).map(|decision| format!("e.d{decision}")).collect();
        let outcome = |decision: &crate::diagram::TableDecision| format!("r.{}", ident(&answer_columns(&decision.name)[3]));
        let found: Vec<String> = self.table.decisions.iter().map(outcome).collect();
        let (expected, found) =
            (format!("ARRAY[{}]::int4[]", expected.join(", ")), format!("ARRAY[{}]::int4[]", found.join(", ")));
        let (vector, problem) = (ident(VECTOR), ident(PROBLEM));
        let arguments: Vec<String> = self.table.inputs.iter().map(|input| format!("v.{}", ident(&input.name))).collect();
        *out += &format!(
            "CREATE VIEW {schema}.\"check\" AS\nSELECT e.{vector}, {expected} AS expected, {found} AS found, r.{problem}\n\
             FROM {schema}.expected AS e LEFT JOIN {schema}.vectors AS v ON v.{vector} = e.{vector}\n\
             LEFT JOIN LATERAL {schema}.decide({}) AS r ON true\n\
             WHERE r.{problem} IS NOT NULL OR {found} IS DISTINCT FROM {expected};\n",
            arguments.join(", ")
        );
    }
}
