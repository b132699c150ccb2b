//! Inputs and tests as SQL expressions: a value that is in its domain, the class of a test.
//!
//! An expression is NULL where the input is unknown. A value outside its domain is NULL too, and [`problem`] names its input;
//! the row then has no answers. So no expression ever sees a number that would overflow.

use lexport_runtime::{Monomial, NONE, Span, Test};

use super::SqlError;
use super::dialect::Dialect;
use crate::diagram::OwnedTable;
use crate::emit::domain::decimal;
use crate::emit::text::member_name;
use crate::ir::{Domain, NumberDomain};

/// A part of one of the table's arrays.
pub(crate) fn part<T>(all: &[T], span: Span) -> &[T] {
    all.get(span.first as usize..(span.first + span.count) as usize).unwrap_or(&[])
}

/// The members that an input may be: those of its enumeration that no test refuses.
pub(crate) fn members(table: &OwnedTable, input: usize) -> Vec<(u32, String)> {
    let (Domain::Enum(of) | Domain::Set(of)) = &table.inputs[input].domain else { return Vec::new() };
    let size = table.enums.get(of.index()).map_or(0, crate::ir::EnumDef::size);
    let refused = |member: u32| {
        table.tests.iter().any(|test| match test {
            Test::Member { input: on, map, .. } => {
                *on as usize == input && part(&table.maps, *map).get(member as usize) == Some(&NONE)
            }
            _ => false,
        })
    };
    (0..size).filter(|member| !refused(*member)).map(|member| (member, member_name(table, of.index(), member))).collect()
}

/// The value of an input for further use, from the expression that reads it: 0 or 1 for a Boolean, steps for a number, days for a date,
/// the set itself. NULL if it is unknown or not in its domain. Members are found so in PostgreSQL only; in the others, by a join.
pub(crate) fn value(dialect: Dialect, table: &OwnedTable, input: usize, raw: &str) -> Result<String, SqlError> {
    Ok(match &table.inputs[input].domain {
        Domain::Bool => match dialect {
            Dialect::PostgreSql => format!("{raw}::int4"),
            Dialect::DuckDb => format!("CASE WHEN typeof({raw}) = 'BOOLEAN' THEN CAST({raw} AS INTEGER) END"),
            Dialect::Spark => format!("CASE WHEN typeof({raw}) = 'boolean' THEN CAST({raw} AS INT) END"),
        },
        Domain::Enum(_) => member(&members(table, input), raw),
        Domain::Number(number) => steps(dialect, &table.inputs[input].name, number, raw)?,
        Domain::Date { lo, hi } => {
            let (lo, hi, zero) = (dialect.date(*lo), dialect.date(*hi), dialect.date(0));
            match dialect {
                Dialect::PostgreSql => format!("CASE WHEN {raw} BETWEEN {lo} AND {hi} THEN {raw} - {zero} END"),
                Dialect::DuckDb => format!(
                    "CASE WHEN typeof({raw}) = 'DATE' AND {raw} BETWEEN {lo} AND {hi} THEN CAST({raw} AS DATE) - {zero} END"
                ),
                Dialect::Spark => {
                    format!("CASE WHEN typeof({raw}) = 'date' AND {raw} BETWEEN {lo} AND {hi} THEN datediff({raw}, {zero}) END")
                }
            }
        }
        Domain::Set(_) => {
            let names = members(table, input);
            let names = dialect.texts(names.iter().map(|(_, name)| name.as_str()));
            match dialect {
                Dialect::PostgreSql => format!("CASE WHEN {raw} <@ {names} THEN {raw} END"),
                Dialect::DuckDb => {
                    format!("CASE WHEN list_has_all({names}, {raw}) AND list_count({raw}) = len({raw}) THEN {raw} END")
                }
                Dialect::Spark => format!("CASE WHEN size(array_except({raw}, {names})) = 0 THEN {raw} END"),
            }
        }
    })
}

/// The number of a member by its name, in PostgreSQL: a look-up in an object of JSON is a binary search by bytes, whatever the collation of
/// the column, and a single step of the plan (a search by `CASE` has thousands, which PostgreSQL would compile for a minute).
fn member(members: &[(u32, String)], raw: &str) -> String {
    let names: serde_json::Map<String, serde_json::Value> =
        members.iter().map(|(member, name)| (name.clone(), (*member).into())).collect();
    format!("({}::jsonb ->> {raw})::int4", Dialect::PostgreSql.text(&serde_json::Value::from(names).to_string()))
}

/// A number in steps: of an exact type, on the grid, in its range.
fn steps(dialect: Dialect, name: &str, number: &NumberDomain, raw: &str) -> Result<String, SqlError> {
    let (digits, scale) = decimal(number, &[]).ok_or_else(|| SqlError::Digits { dialect, column: name.to_owned() })?;
    // On the way to steps there are as many digits more as there are behind the point.
    if dialect != Dialect::PostgreSql && digits + scale + 1 > 38 {
        return Err(SqlError::Digits { dialect, column: name.to_owned() });
    }
    let (lo, hi) = (number.text(number.lo), number.text(number.hi));
    let (one, size, long) = (10u128.pow(scale), number.step.mantissa, dialect.long());
    let whole = |value: String| if size == 1 { value } else { format!("({value}) / {size}") };
    Ok(match dialect {
        Dialect::PostgreSql => {
            let grid = if size == 1 {
                format!("trunc({raw}, {scale}) = {raw}")
            } else {
                format!("trunc({raw}, {scale}) = {raw} AND ({raw} * {one}) % {size} = 0")
            };
            let value = whole(format!("{raw} * {one}"));
            format!("CASE WHEN {raw} BETWEEN {lo} AND {hi} AND {grid} THEN ({value})::{long} END")
        }
        Dialect::DuckDb => {
            let exact = "'^(DECIMAL\\([0-9]+,([0-9]|1[0-8])\\)|U?(TINYINT|SMALLINT|INTEGER|BIGINT)|HUGEINT)$'";
            let read = format!("TRY_CAST({raw} AS DECIMAL({digits}, {scale}))");
            let room = digits + scale + 1;
            let units = if scale == 0 { read.clone() } else { format!("CAST({read} AS DECIMAL({room}, {scale})) * {one}") };
            let units = format!("CAST({units} AS {})", if digits > 18 { "HUGEINT" } else { long });
            let grid = if size == 1 { String::new() } else { format!(" AND {units} % {size} = 0") };
            let value = if size == 1 { units } else { format!("{units} // {size}") };
            let value = if digits > 18 { format!("CAST({value} AS {long})") } else { value };
            format!(
                "CASE WHEN regexp_matches(typeof({raw}), {exact}) AND {read} = {raw} AND {read} BETWEEN {lo} AND {hi}{grid} \
                 THEN {value} END"
            )
        }
        Dialect::Spark => {
            let exact = "'^(decimal[(][0-9]+,([0-9]|1[0-8])[)]|tinyint|smallint|int|bigint)\\u0024'";
            let read = format!("try_cast({raw} AS DECIMAL({digits}, {scale}))");
            let units = format!("CAST({read} * {one} AS DECIMAL({digits}, 0))");
            let grid = if size == 1 { String::new() } else { format!(" AND {units} % {size} = 0") };
            let value = if size == 1 { units } else { format!("{units} / {size}") };
            let (lo, hi) = (format!("{lo}BD"), format!("{hi}BD"));
            format!(
                "CASE WHEN typeof({raw}) RLIKE {exact} AND {read} = {raw} AND {read} BETWEEN {lo} AND {hi}{grid} \
                 THEN CAST({value} AS {long}) END"
            )
        }
    })
}

/// Whether the class of a test is not always the same.
pub(crate) fn counts(test: &Test) -> bool {
    !matches!(test, Test::Member { classes: 1, .. } | Test::Interval { classes: 1, .. })
}

/// The class of a test, from the values of inputs. `open`: inputs may be unknown; then a polynomial has a class all the same if its sign
/// is the same for all values that they may have.
pub(crate) fn class(
    dialect: Dialect,
    table: &OwnedTable,
    test: usize,
    value: &dyn Fn(u32) -> String,
    open: bool,
) -> Result<String, SqlError> {
    let int = if dialect == Dialect::DuckDb { "INTEGER" } else { "INT" };
    Ok(match table.tests[test] {
        // A guard's input is in its domain, or the row is refused.
        Test::Member { classes: 1, .. } => "0".to_owned(),
        Test::Flag { input } => value(input),
        Test::Member { input, map, .. } => {
            let map: Vec<u32> = part(&table.maps, map).iter().map(|class| if *class == NONE { 0 } else { *class }).collect();
            dialect.entry(&dialect.numbers(&map), &value(input))
        }
        Test::Interval { input, thresholds, map, .. } => {
            let (thresholds, map) = (part(&table.thresholds, thresholds), part(&table.maps, map));
            if map.contains(&NONE) {
                return Err(SqlError::Malformed(format!("test {test} has an interval without a class")));
            }
            let (lo, hi) = table.inputs[input as usize].domain.bounds().unwrap_or((i64::MIN, i64::MAX));
            // What divides no values of the domain is left out.
            let below = thresholds.partition_point(|at| *at <= lo);
            let inside = thresholds.partition_point(|at| *at <= hi);
            let value = value(input);
            let tree = interval(&thresholds[below..inside.max(below)], &map[below..], &value);
            format!("CASE WHEN {value} IS NOT NULL THEN {tree} END")
        }
        Test::Has { input, member } => {
            let Domain::Set(of) = &table.inputs[input as usize].domain else { return Ok("0".to_owned()) };
            let name = dialect.text(&member_name(table, of.index(), member));
            let value = value(input);
            match dialect {
                Dialect::PostgreSql => format!("({name} COLLATE \"C\" = ANY ({value}))::int4"),
                Dialect::DuckDb => format!("CAST(list_contains({value}, {name}) AS {int})"),
                Dialect::Spark => format!("CAST(array_contains({value}, {name}) AS {int})"),
            }
        }
        Test::Same { a, b } => format!("CAST({} = {} AS {int})", value(a), value(b)),
        Test::AtLeastZero { monomials, constant } => {
            let sum = Sum { dialect, table, constant, monomials: part(&table.monomials, monomials), value };
            let long = sum.number_type(test)?;
            let known = format!("CAST({} >= 0 AS {int})", sum.exactly(long));
            if open {
                let (least, most) = sum.range(long);
                format!("coalesce({known}, CASE WHEN {least} >= 0 THEN 1 WHEN {most} < 0 THEN 0 END)")
            } else {
                known
            }
        }
    })
}

/// A class by rising thresholds: binary search.
fn interval(thresholds: &[i64], map: &[u32], value: &str) -> String {
    let first = map.first().copied().unwrap_or(0);
    if map.iter().take(thresholds.len() + 1).all(|class| *class == first) {
        return first.to_string();
    }
    if thresholds.len() <= 3 {
        let one = |(at, class): (&i64, &u32)| format!(" WHEN {value} >= {at} THEN {class}");
        let rising: Vec<String> = thresholds.iter().zip(&map[1..]).map(one).collect();
        return format!("CASE{} ELSE {first} END", rising.into_iter().rev().collect::<String>());
    }
    let half = thresholds.len() / 2;
    let (low, high) = (interval(&thresholds[..half], map, value), interval(&thresholds[half + 1..], &map[half + 1..], value));
    format!("CASE WHEN {value} < {} THEN {low} ELSE {high} END", thresholds[half])
}

/// A polynomial.
struct Sum<'a> {
    dialect: Dialect,
    table: &'a OwnedTable,
    constant: i128,
    monomials: &'a [Monomial],
    value: &'a dyn Fn(u32) -> String,
}

impl Sum<'_> {
    fn factors(&self, monomial: &Monomial) -> &[u32] {
        part(&self.table.factors, monomial.factors)
    }

    fn bounds(&self, input: u32) -> (i64, i64) {
        self.table.inputs[input as usize].domain.bounds().unwrap_or((0, 0))
    }

    /// The type in which nothing on the way to the sum overflows.
    fn number_type(&self, test: usize) -> Result<&'static str, SqlError> {
        let mut most = Some(self.constant.unsigned_abs());
        for monomial in self.monomials {
            let size = self.factors(monomial).iter().try_fold(monomial.coefficient.unsigned_abs(), |size, input| {
                let (lo, hi) = self.bounds(*input);
                size.checked_mul(u128::from(lo.unsigned_abs().max(hi.unsigned_abs()).max(1)))
            });
            most = most.zip(size).and_then(|(most, size)| most.checked_add(size));
        }
        match (most, self.dialect.widest()) {
            (Some(most), _) if most <= i64::MAX as u128 => Ok(self.dialect.long()),
            (_, None) => Ok(self.dialect.wide()),
            (Some(most), Some(widest)) if most <= widest => Ok(self.dialect.wide()),
            _ => Err(SqlError::Wide { dialect: self.dialect, condition: super::condition(self.table, test) }),
        }
    }

    fn literal(&self, number: i128) -> String {
        if number < 0 { format!("({number})") } else { number.to_string() }
    }

    fn exactly(&self, long: &str) -> String {
        let mut out = self.literal(self.constant);
        for monomial in self.monomials {
            out += &format!(" + {}", self.literal(monomial.coefficient));
            for input in self.factors(monomial) {
                out += &format!(" * CAST({} AS {long})", (self.value)(*input));
            }
        }
        out
    }

    /// The least and the greatest that the sum can be while unknown inputs range over their domains, factor by factor.
    fn range(&self, long: &str) -> (String, String) {
        let (mut least, mut most) = (self.literal(self.constant), self.literal(self.constant));
        for monomial in self.monomials {
            let mut signs = (monomial.coefficient >= 0, monomial.coefficient <= 0);
            let (mut lo, mut hi) = (self.literal(monomial.coefficient), self.literal(monomial.coefficient));
            for (place, input) in self.factors(monomial).iter().enumerate() {
                let (from, to) = self.bounds(*input);
                let value = (self.value)(*input);
                let end = |end: i64| format!("coalesce(CAST({value} AS {long}), {})", self.literal(end.into()));
                let (a, b) = (end(from), end(to));
                let times = |one: &str, other: &str| format!("{one} * {other}");
                // A product is least and greatest at ends; which, the signs say where they are known.
                (lo, hi) = match signs {
                    (true, _) if place == 0 || from >= 0 => (times(&lo, &a), times(&hi, &b)),
                    (_, true) if place == 0 || from >= 0 => (times(&lo, &b), times(&hi, &a)),
                    _ => {
                        let corners = [times(&lo, &a), times(&lo, &b), times(&hi, &a), times(&hi, &b)].join(", ");
                        (format!("least({corners})"), format!("greatest({corners})"))
                    }
                };
                signs = match (signs, from >= 0, to <= 0) {
                    ((true, _), true, _) | ((_, true), _, true) => (true, false),
                    ((true, _), _, true) | ((_, true), true, _) => (false, true),
                    _ => (false, false),
                };
            }
            least += &format!(" + {lo}");
            most += &format!(" + {hi}");
        }
        (least, most)
    }
}

/// The names of the inputs whose values are not in their domains, with commas; NULL if there is none. By input: the expression that reads
/// it, if it may be unknown, and its value.
pub(crate) fn problem(dialect: Dialect, table: &OwnedTable, columns: &[(Option<String>, String)]) -> String {
    let bad = columns.iter().map(|(raw, value)| match raw {
        Some(raw) => format!("{raw} IS NOT NULL AND {value} IS NULL"),
        None => format!("{value} IS NULL"),
    });
    let bad: Vec<String> = bad.collect();
    if bad.is_empty() {
        return format!("CAST(NULL AS {})", dialect.string());
    }
    let names = bad
        .iter()
        .zip(&table.inputs)
        .map(|(bad, input)| format!("CASE WHEN {bad} THEN {} ELSE '' END", dialect.text(&format!(", {}", input.name))));
    let any = bad.iter().map(|bad| format!("({bad})")).collect::<Vec<_>>().join(" OR ");
    format!("CASE WHEN {any} THEN substr({}, 3) END", names.collect::<Vec<_>>().join(" || "))
}

/// The unknown input to ask for first, from the number of the test whose class it leaves open. By input: the expression that reads it.
pub(crate) fn ask(dialect: Dialect, table: &OwnedTable, test: &str, raw: &dyn Fn(u32) -> String) -> String {
    let name = |input: u32| dialect.text(&table.inputs[input as usize].name);
    let mut single = Vec::new();
    let mut several = String::new();
    for (number, one) in table.tests.iter().enumerate() {
        let inputs: Vec<u32> = match one {
            Test::Flag { input } | Test::Member { input, .. } | Test::Interval { input, .. } | Test::Has { input, .. } => {
                vec![*input]
            }
            Test::Same { a, b } => vec![*a, *b],
            Test::AtLeastZero { monomials, .. } => {
                let all = part(&table.monomials, *monomials).iter();
                all.flat_map(|monomial| part(&table.factors, monomial.factors)).copied().collect()
            }
        };
        let (Some(last), rest) = (inputs.last(), &inputs[..inputs.len().saturating_sub(1)]) else { continue };
        single.push((number, name(*last)));
        if !rest.is_empty() {
            let mut seen = Vec::new();
            let mut whens = String::new();
            for input in rest {
                if !seen.contains(input) {
                    seen.push(*input);
                    whens += &format!(" WHEN {} IS NULL THEN {}", raw(*input), name(*input));
                }
            }
            several += &format!(" WHEN {number} THEN CASE{whens} ELSE {} END", name(*last));
            single.pop();
        }
    }
    let single: String = single.into_iter().map(|(number, name)| format!(" WHEN {number} THEN {name}")).collect();
    if single.is_empty() && several.is_empty() {
        return format!("CAST(NULL AS {})", dialect.string());
    }
    format!("CASE {test}{several}{single} END")
}
