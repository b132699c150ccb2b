//! Spark SQL: temporary views over a view of the user's rows.
//!
//! `NAME` answers the rows of `NAME_input`, which must be there when the script runs; `NAME_check` answers the check vectors. Look-ups are
//! indices into array literals, which the optimizer folds into objects of the generated code; the names of members are found by
//! broadcast joins. Only rows with unknown inputs walk the diagram, with higher-order functions. No line but the last of a statement
//! ends with `;`. Spark's inference of filters from constraints is switched off for the session: its work doubles with each column that is
//! made of others.

use super::dialect::Dialect;
use super::machine::{self, Machine};
use super::outcome::{class_column, combination, kinds, outcomes, vectors};
use super::{
    INTERNAL, PROBLEM, SqlError, VECTOR, answer_columns, commas, comment, diagram, expression, head, is_free, outcomes_table,
};
use crate::diagram::OwnedTable;
use crate::emit::text::identifier;
use crate::ir::Domain;
use lexport_runtime::Test;

const DIALECT: Dialect = Dialect::Spark;

fn ident(name: &str) -> String {
    DIALECT.ident(name)
}

/// A name of the script's own.
fn own(name: &str) -> String {
    ident(&format!("{INTERNAL}{name}"))
}

/// The script.
pub(crate) fn script(table: &OwnedTable, machines: &[Machine]) -> Result<String, SqlError> {
    let writing = Writing { table, machines, name: identifier(&table.regime) };
    let mut out = head(table, DIALECT);
    let name = comment(&writing.name);
    out += &format!(
        "--\n-- CREATE OR REPLACE TEMPORARY VIEW {name}_input AS SELECT … FROM shipments;   -- first: the columns of {name}_vectors, and more\n\
         -- SELECT * FROM {name};          -- after this script: those rows with their answers\n\
         -- SELECT * FROM {name}_check;    -- no rows: the check vectors come out as they must\n\n\
         -- Without this a filter on the answers keeps Spark's optimizer busy for minutes.\n\
         SET spark.sql.constraintPropagation.enabled = false;\n\n"
    );
    writing.outcomes(&mut out)?;
    writing.members(&mut out);
    writing.vectors(&mut out)?;
    writing.decide(&mut out, "", "_input")?;
    writing.decide(&mut out, "_answered_vectors", "_vectors")?;
    writing.check(&mut out);
    Ok(out)
}

struct Writing<'t> {
    table: &'t OwnedTable,
    machines: &'t [Machine],
    name: String,
}

impl Writing<'_> {
    /// The quoted name of a view.
    fn view(&self, name: &str) -> String {
        ident(&format!("{}{name}", self.name))
    }

    fn create(&self, out: &mut String, name: &str, query: &str) {
        *out += &format!("CREATE OR REPLACE TEMPORARY VIEW {} AS\n{query};\n\n", self.view(name));
    }

    fn outcomes(&self, out: &mut String) -> Result<(), SqlError> {
        let text = |text: &str| DIALECT.text(text);
        let rules = self.table.rules.iter().map(|it| format!("({}, {}, {})", text(&it.name), text(&it.title), text(&it.cite)));
        let rules: Vec<String> = rules.collect();
        if !rules.is_empty() {
            let query = format!("SELECT * FROM VALUES\n  {}\n  AS t(rule, title, cite)", rules.join(",\n  "));
            self.create(out, "_rules", &query);
        }
        for (number, decision) in self.table.decisions.iter().enumerate() {
            let rows = outcomes(DIALECT, self.table, self.machines, number)?
                .rows
                .into_iter()
                .map(|row| format!("({}, '{}', {}, {}, {})", row.outcome, row.status, row.value, row.conflict, row.rules));
            let rows: Vec<String> = rows.collect();
            let query =
                format!("SELECT * FROM VALUES\n  {}\n  AS t(outcome, status, value, conflict, rules)", rows.join(",\n  "));
            self.create(out, &format!("_{}", outcomes_table(&decision.name)), &query);
        }
        Ok(())
    }

    fn members(&self, out: &mut String) {
        for input in 0..self.table.inputs.len() {
            if matches!(self.table.inputs[input].domain, Domain::Enum(_)) {
                let rows = expression::members(self.table, input).into_iter();
                let rows: Vec<String> = rows.map(|(member, name)| format!("({}, {member})", DIALECT.text(&name))).collect();
                let query = format!("SELECT * FROM VALUES\n  {}\n  AS t(name, member)", rows.join(", "));
                self.create(out, &format!("_members_{input}"), &query);
            }
        }
    }

    fn vectors(&self, out: &mut String) -> Result<(), SqlError> {
        let kinds = kinds(DIALECT, self.table)?;
        let columns = self
            .table
            .inputs
            .iter()
            .zip(&kinds)
            .enumerate()
            .map(|(number, (input, kind))| format!("CAST(t.c{number} AS {kind}) AS {}", ident(&input.name)));
        let columns: Vec<String> = columns.collect();
        let names: String = (0..self.table.inputs.len()).map(|number| format!(", c{number}")).collect();
        let mut rows = vectors(DIALECT, self.table)?;
        let none = rows.is_empty();
        if none {
            let nulls = ", NULL".repeat(self.table.inputs.len());
            rows.push(format!("(0{nulls})"));
        }
        let query = format!(
            "SELECT t.v AS {}, {}\nFROM VALUES\n  {}\n  AS t(v{names})\nWHERE t.v > 0",
            ident(VECTOR),
            columns.join(", "),
            rows.join(",\n  ")
        );
        self.create(out, "_vectors", &query);
        let decisions = self.table.decisions.len();
        let rows = self.table.vectors.iter().enumerate();
        let mut rows: Vec<String> =
            rows.map(|(number, vector)| format!("({}, {})", number + 1, DIALECT.numbers(&vector.outcomes))).collect();
        if none {
            rows.push(format!("(0, {})", DIALECT.numbers(&vec![0; decisions])));
        }
        let query = format!(
            "SELECT t.v AS {}, t.expected\nFROM VALUES\n  {}\n  AS t(v, expected)\nWHERE t.v > 0",
            ident(VECTOR),
            rows.join(",\n  ")
        );
        self.create(out, "_expected", &query);
        Ok(())
    }

    fn decide(&self, out: &mut String, name: &str, source: &str) -> Result<(), SqlError> {
        let table = self.table;
        let raw = |input: usize| format!("i.{}", ident(&table.inputs[input].name));
        let own_value = |input: usize| own(&format!("v{input}"));
        // Values.
        let (mut values, mut joins, mut added) = (Vec::new(), String::new(), Vec::new());
        for input in 0..table.inputs.len() {
            let value = if matches!(table.inputs[input].domain, Domain::Enum(_)) {
                let members = self.view(&format!("_members_{input}"));
                joins += &format!("\n        LEFT JOIN {members} AS m{input} ON m{input}.name = {}", raw(input));
                format!("m{input}.member")
            } else {
                expression::value(DIALECT, table, input, &raw(input))?
            };
            values.push(format!("{value} AS {}", own_value(input)));
            added.push(own_value(input));
        }
        // Classes.
        let value = |input: u32| format!("v.{}", own_value(input as usize));
        let columns: Vec<(Option<String>, String)> = (0..table.inputs.len())
            .map(|input| (Some(format!("v.{}", ident(&table.inputs[input].name))), value(input as u32)))
            .collect();
        let mut classes = vec![format!("{} AS {}", expression::problem(DIALECT, table, &columns), own(PROBLEM))];
        added.push(own(PROBLEM));
        for (number, test) in table.tests.iter().enumerate() {
            if expression::counts(test) {
                let class = expression::class(DIALECT, table, number, &value, true)?;
                classes.push(format!("{class} AS {}", ident(&class_column(number))));
                added.push(ident(&class_column(number)));
            }
        }
        // Answers of machines; what unknown inputs leave; outcomes.
        let (mut found, mut unsettled, mut settled) = (Vec::new(), Vec::new(), Vec::new());
        let rest = own("left");
        added.push(rest.clone());
        let mut results = vec![String::new(); table.decisions.len()];
        for (m, machine) in self.machines.iter().enumerate() {
            let answer = own(&format!("a{}", m + 1));
            found.push(format!("CASE WHEN c.{} IS NULL THEN {} END AS {answer}", own(PROBLEM), self.state(machine)));
            unsettled.push(format!("s.{answer} IS NULL"));
            added.push(answer.clone());
            for (place, decision) in machine.decisions.iter().enumerate() {
                let outcome = own(&format!("n{decision}"));
                let outcomes: Vec<u32> = machine.answers.iter().map(|answer| answer[place]).collect();
                let known = DIALECT.entry(&DIALECT.numbers(&outcomes), &format!("o.{answer}"));
                settled.push(format!(
                    "coalesce({known}, CASE WHEN size(o.{rest}[{decision}].front) = 1 THEN -1 - o.{rest}[{decision}].front[0] END) AS {outcome}"
                ));
                added.push(outcome);
                results[*decision] = self.result(*decision)?;
            }
        }
        results.push(format!("r.{} AS {}", own(PROBLEM), ident(PROBLEM)));
        for (name, numbers) in self.constants() {
            values.push(format!("{} AS {}", DIALECT.integers(&numbers), own(name)));
            added.push(own(name));
        }
        let unsettled = if unsettled.is_empty() { "false".to_owned() } else { unsettled.join(" OR ") };
        let open = [format!("CASE WHEN s.{} IS NULL AND ({unsettled}) THEN {} END AS {rest}", own(PROBLEM), self.left())];
        let all = |more: &[String]| more.iter().map(|one| format!(",\n      {one}")).collect::<String>();
        let query = format!(
            "SELECT r.* EXCEPT ({}),\n  {}\nFROM (\n  SELECT o.*{}\n  FROM (\n    SELECT s.*{}\n    FROM (\n      SELECT c.*{}\n      FROM (\n\
             \x20       SELECT v.*{}\n        FROM (\n        SELECT i.*{}\n        FROM {} AS i{joins}\n        ) AS v\n      ) AS c\n    ) AS s\n  ) AS o\n) AS r",
            added.join(", "),
            results.join(",\n  "),
            all(&settled),
            all(&open),
            all(&found),
            all(&classes),
            all(&values),
            self.view(source),
        );
        self.create(out, name, &query);
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

    /// The diagram: by node its test, and where its children begin; the children, a node or for an outcome `o` `-1 - o`; by test its
    /// number of classes.
    fn constants(&self) -> [(&'static str, String); 4] {
        let diagram = diagram(self.table);
        let mut first = Vec::with_capacity(diagram.tests.len());
        let mut next = 0;
        for test in &diagram.tests {
            first.push(next);
            next += machine::classes(self.table.tests[*test]);
        }
        let counts = self.table.tests.iter().map(|test| machine::classes(*test));
        [
            ("tests", commas(diagram.tests)),
            ("first", commas(first)),
            ("children", commas(diagram.children)),
            ("counts", commas(counts)),
        ]
    }

    /// What unknown inputs leave of each decision: test by test, the nodes that can be stood at, the test to ask for, and whether there
    /// may be fewer outcomes.
    fn left(&self) -> String {
        let table = self.table;
        let class = |(number, test): (usize, &Test)| match expression::counts(test) {
            true => format!("s.{}", ident(&class_column(number))),
            false => "0".to_owned(),
        };
        let classes: Vec<String> = table.tests.iter().enumerate().map(class).collect();
        let free: Vec<String> = table.tests.iter().map(|test| is_free(test).to_string()).collect();
        let roots = diagram(table).roots;
        let kind = "STRUCT<front: ARRAY<INT>, ask: INT, free: BOOLEAN>";
        let constant = |name: &str, at: &str| format!("s.{}[{at}]", own(name));
        let here = format!("(n >= 0 AND {} = t.test)", constant("tests", "greatest(n, 0)"));
        let first = constant("first", "greatest(n, 0)");
        format!(
            "transform(array({}), root -> aggregate(\n        \
             transform(CAST(array({}) AS ARRAY<INT>), (c, k) -> named_struct('test', k, 'class', c)),\n        \
             CAST(named_struct('front', array(root), 'ask', NULL, 'free', false) AS {kind}),\n        \
             (w, t) -> CASE WHEN exists(w.front, n -> {here}) THEN CAST(named_struct(\n          \
             'front', array_distinct(flatten(transform(w.front, n -> CASE WHEN NOT {here} THEN array(n)\n            \
             WHEN t.class IS NULL THEN slice(s.{}, {first} + 1, {})\n            \
             ELSE array({}) END))),\n          \
             'ask', coalesce(w.ask, CASE WHEN t.class IS NULL THEN t.test END),\n          \
             'free', w.free OR (t.class IS NULL AND CAST(array({}) AS ARRAY<BOOLEAN>)[t.test])) AS {kind}) ELSE w END))",
            commas(roots),
            classes.join(", "),
            own("children"),
            constant("counts", "t.test"),
            constant("children", &format!("{first} + t.class")),
            free.join(", ")
        )
    }

    /// The columns of a decision from the number of its outcome, or from what unknown inputs leave.
    fn result(&self, decision: usize) -> Result<String, SqlError> {
        let found = outcomes(DIALECT, self.table, self.machines, decision)?;
        let most = found.rows.iter().map(|row| row.outcome).max().unwrap_or(0) as usize;
        // By the number of an outcome its place among those of the decision.
        let mut places = vec![0u32; most + 1];
        for (place, row) in found.rows.iter().enumerate() {
            places[row.outcome as usize] = place as u32;
        }
        let rest = format!("r.{}[{decision}]", own("left"));
        let number = format!("r.{}", own(&format!("n{decision}")));
        let place = DIALECT.entry(&DIALECT.numbers(&places), &number);
        let pick = |kind: &str, what: &dyn Fn(&super::outcome::Row) -> String| {
            let all: Vec<String> = found.rows.iter().map(what).collect();
            format!("CAST(array({}) AS ARRAY<{kind}>)[{place}]", all.join(", "))
        };
        let several = format!("size({rest}.front) > 1");
        let raw = |input: u32| format!("r.{}", ident(&self.table.inputs[input as usize].name));
        let first = expression::ask(DIALECT, self.table, &format!("{rest}.ask"), &raw);
        let [value, status, rules, outcome, possible, ask] =
            answer_columns(&self.table.decisions[decision].name).map(|column| ident(&column));
        Ok(format!(
            "{} AS {value},\n  CASE WHEN {several} THEN CASE WHEN {rest}.free THEN 'open at most' ELSE 'open' END ELSE {} END AS {status},\n  \
             {} AS {rules},\n  {number} AS {outcome},\n  \
             CASE WHEN {several} THEN array_sort(transform({rest}.front, n -> -1 - n)) END AS {possible},\n  \
             CASE WHEN {several} THEN {first} END AS {ask}",
            pick(&found.kind, &|row| row.value.clone()),
            pick("STRING", &|row| format!("'{}'", row.status)),
            pick("ARRAY<STRING>", &|row| row.rules.clone()),
        ))
    }

    fn check(&self, out: &mut String) {
        let outcome = |decision: &crate::diagram::TableDecision| format!("r.{}", ident(&answer_columns(&decision.name)[3]));
        let found: Vec<String> = self.table.decisions.iter().map(outcome).collect();
        let found = format!("array({})", found.join(", "));
        let (vector, problem) = (ident(VECTOR), ident(PROBLEM));
        let query = format!(
            "SELECT e.{vector}, e.expected, {found} AS found, r.{problem}\nFROM {} AS e LEFT JOIN {} AS r ON r.{vector} = e.{vector}\n\
             WHERE r.{problem} IS NOT NULL OR NOT ({found} <=> e.expected)",
            self.view("_expected"),
            self.view("_answered_vectors")
        );
        self.create(out, "_check", &query);
    }
}
