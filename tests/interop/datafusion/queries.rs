//! Queries one by one: what is refused, and in which words; what is taken for unknown; how long rows take.

use std::fmt::Write as _;

use lexport::ir::Domain;

use super::super::consumer;
use super::super::subject::subjects;
use super::{ask, columns, function, is_there, line, typed};

/// Asks each query; its answer or refusal must contain what stands beside it.
fn told(cases: &[String], lines: &[(String, &str)]) {
    let Some(program) = is_there() else { return };
    let queries: Vec<&str> = lines.iter().map(|(query, _)| query.as_str()).collect();
    let found = ask(program, &["--errors"], cases, &queries.join("\n"));
    assert_eq!(found.lines().count(), lines.len(), "{found}");
    for ((query, expected), found) in lines.iter().zip(found.lines()) {
        assert!(found.contains(expected), "{query}\n  expected {expected}\n  found {found}");
    }
}

/// What is not in its domain is refused with its input, its value and what is allowed; a type that is not taken before anything is
/// run.
#[test]
fn datafusion_refuses() {
    let of = |field: &str, value: &str| format!("SELECT everything(named_struct('{field}', {value}))");
    let row = |field: &str, value: &str| {
        format!("SELECT everything_class(named_struct('{field}', it)) FROM (VALUES ({value})) AS t(it)")
    };
    let lines = [
        // Values, of literals and of rows.
        (of("destination", "'XX'"), "everything: `destination` is `XX`, and must be one of BR, CN, MO, NL, DE, select"),
        (row("destination", "'BR'), ('cn'"), "`destination` is `cn`, and must be one of BR, CN, MO, NL, DE, select; write `CN`"),
        (row("destination", "''"), "`destination` is ``, and must be"),
        (row("destination", "' CN'"), "`destination` is ` CN`, and must be"),
        (
            row("item", "arrow_cast('3A090', 'Dictionary(Int32, Utf8)')"),
            "`item` is `3A090`, and must be one of 3A090.a, 3A090.b, 4A090.a",
        ),
        (row("quantity", "-1"), "`quantity` is `-1`, and must be a whole number from 0 to 1000000000"),
        (row("quantity", "1000000001"), "`quantity` is `1000000001`, and must be"),
        (row("quantity", "1.5::decimal(3,1)"), "`quantity` is `1.5`, and must be a whole number"),
        (
            row("performance", "1.005::decimal(9,3)"),
            "`performance` is `1.005`, and must be a multiple of 0.01 from 0 to 1000000 TPP",
        ),
        (
            row("balance", "'99999999999999999999999999999999999999'::decimal(38,0)"),
            "`balance` is `99999999999999999999999999999999999999`",
        ),
        (row("balance", "'0.00000000000000000000000000000000000001'::decimal(38,38)"), "and must be a multiple of 0.001"),
        (row("date", "DATE '2022-10-06'"), "`date` is `2022-10-06`, and must be a day from 2022-10-07 to 2027-12-31"),
        (row("date", "TIMESTAMP '2024-03-01T00:00:01'"), "to 2027-12-31, at midnight"),
        (
            row("asked", "'{NAC, XXX}'"),
            "`asked` is `{NAC, XXX}`, and must be a list, or `{A, B}`, of names, each one of NAC, LPP, ACA, lambda",
        ),
        (row("asked", "'NAC'"), "`asked` is `NAC`, and must be a list"),
        (row("asked", "'{NAC,}'"), "`asked` is `{NAC,}`, and must be a list"),
        (row("asked", "make_array('NAC', NULL)"), "`asked` is `[NAC, ]`, and must be a list"),
        (row("asked", "make_array('nac')"), "`asked` is `[nac]`, and must be a list"),
        // Types.
        (of("performance", "1e0"), "the input `performance` is not taken from Float64: numbers are exact"),
        (of("performance", "1e0"), "CAST(… AS DECIMAL(9, 2))"),
        (
            of("quantity", "'1'"),
            "the input `quantity` is not taken from Utf8: it is a whole number or a DECIMAL; use CAST(… AS DECIMAL(10, 0))",
        ),
        (of("date", "'2024-03-01'"), "the input `date` is not taken from Utf8: it is a day; use CAST(… AS DATE)"),
        (
            of("date", "arrow_cast(DATE '2024-03-01', 'Timestamp(Second, Some(\"+01:00\"))')"),
            "which day it is hangs on the time zone",
        ),
        (of("datacenter", "1"), "the input `datacenter` is not taken from Int64: it is true or false"),
        (of("destination", "1"), "the input `destination` is not taken from Int64: it is a name, as text"),
        (of("asked", "make_array(1)"), "the input `asked` is not taken from List"),
        (of("destinatoin", "'CN'"), "there is no input `destinatoin`; the name is one of date, item, destination"),
        (of("Destination", "'CN'"), "there is no input `Destination`; the name is one of destination"),
        ("SELECT everything(1)".into(), "everything takes one struct of the inputs of everything by name"),
        ("SELECT everything_desk('CN')".into(), "everything_desk takes one struct"),
        ("SELECT everything()".into(), "Error during planning"),
        ("SELECT everything(named_struct('origin', 'BR'), 1)".into(), "Error during planning"),
        // The other reading, and another day than those of the table.
        (
            "SELECT one_reading(named_struct('reading', 'letter'))".into(),
            "one_reading: `reading` is `letter`, and must be enforced",
        ),
        ("SELECT one_reading(named_struct('date', DATE '2024-03-17'))".into(), "and must be a day from 2024-03-18 to 2024-06-26"),
    ];
    told(&["c0".into(), "x".into()], &lines);
}

/// What is absent is unknown, as NULL is; what is the same for each row is told once.
#[test]
fn datafusion_takes_what_is_there() {
    let lines = [
        ("SELECT everything(NULL)['desk']['status']", "answered: open"),
        ("SELECT everything(named_struct('origin', NULL))['desk']['status']", "answered: open"),
        // Of a NULL struct nothing is known, whatever stands below it: the table `odd` has a word there that is no member.
        ("SELECT array_has(everything(given)['desk']['possible'], 'no value') FROM odd", "answered: false / true"),
        // An entry of a dictionary that no row has is nobody's value: `odd` has one that is no member.
        ("SELECT everything(named_struct('origin', word))['desk']['status'] FROM odd", "answered: open / open"),
        ("SELECT everything_allowed(named_struct('quantity', 0, 'origin', 'BR'))", "answered: true"),
        ("SELECT everything(named_struct('quantity', 0))['allowed']['status']", "answered: decided"),
        ("SELECT everything_desk(named_struct('asked', make_array()))", "answered: \\N"),
        ("SELECT everything_desk(named_struct('asked', '{}'))", "answered: \\N"),
        ("SELECT everything_desk(named_struct('asked', '{ NAC ,LPP }'))", "answered: \\N"),
        // No rows.
        ("SELECT everything_desk(named_struct('origin', it)) FROM (VALUES ('BR')) AS t(it) WHERE it = 'NL'", "answered: "),
        ("SELECT everything(named_struct('origin', it)) FROM (VALUES ('BR')) AS t(it) WHERE it = 'NL'", "answered: "),
        // A table for one reading need not be told which.
        ("SELECT one_reading(NULL)['requirement']['ask'] = 'reading'", "answered: false"),
        (
            "SELECT one_reading(named_struct('reading', it, 'chip.datacenter', false, 'chip.tpp', 0))['classification'] = \
             one_reading(named_struct('chip.datacenter', false, 'chip.tpp', 0))['classification'] FROM (VALUES ('enforced'), (NULL)) AS t(it)",
            "answered: true / true",
        ),
        ("SELECT little_none_all(named_struct('class', true))", "answered: true"),
        ("SELECT little_flag(named_struct('double', true, 'while', true))['a']['possible']", "answered: x|y"),
        ("SELECT little_sums_d(named_struct('a', 1000000000000000000, 'b', 1000000000000000000))", "answered: true"),
    ];
    told(&["c0".into(), "x".into()], &lines.map(|(query, expected)| (query.to_owned(), expected)));
}

/// How long a row takes, on one core, from typed columns in memory.
#[test]
#[ignore = "a measurement: cargo test --release --test interop datafusion_takes_its_time -- --ignored --nocapture"]
fn datafusion_takes_its_time() {
    let Some(program) = is_there() else { return };
    for name in ["us-2023-11", "us-2025-01"] {
        let subject = subjects().iter().find(|subject| subject.name == name).expect("a subject");
        let known = subject.cases(consumer::cases());
        let mut cases = vec![columns(&subject.table)];
        cases.extend(known.iter().map(|case| line(subject, &case.values.iter().cloned().map(Some).collect::<Vec<_>>())));
        let mut queries = String::new();
        let function = function(&subject.table);
        let field = |number: usize| format!("'{}', c{number}", subject.table.inputs[number].name);
        let given: Vec<String> = (0..subject.table.inputs.len()).map(field).collect();
        let given = format!("named_struct({})", given.join(", "));
        for form in [0, 1] {
            let inputs = subject.table.inputs.iter().enumerate();
            let form = |of: &Domain| if matches!(of, Domain::Enum(_)) { form } else { 0 };
            let types = inputs.map(|(number, it)| format!("{} AS c{number}", typed(&it.domain, number, form(&it.domain))));
            let types = types.collect::<Vec<_>>().join(", ");
            for asked in [format!("{function}({given})"), format!("{function}_requirement({given})"), given.clone()] {
                let _ = writeln!(queries, "SELECT {types} FROM cases;SELECT {asked} FROM typed");
            }
        }
        let found = ask(program, &["--speed"], &cases, &queries);
        for (line, form) in found.lines().zip(["text", "text", "text", "dictionaries", "dictionaries", "dictionaries"]) {
            let short: String = line.split(&given).next().unwrap_or(line).chars().take(100).collect();
            eprintln!("{name}, {form}: {short}");
        }
    }
}
