//! What is returned: for each decision what each of its outcomes says, as a column that is made once; a row of an answer is a row of it.

use std::sync::{Arc, LazyLock};

use datafusion::arrow::array::{
    Array, ArrayRef, BooleanBuilder, Date32Builder, Decimal128Builder, ListBuilder, StringViewBuilder, StructArray, UInt32Array,
};
use datafusion::arrow::compute::{concat, take};
use datafusion::arrow::datatypes::{DataType, Field, Fields};
use datafusion::common::{Result, internal_datafusion_err};

use super::meaning::{Decision, Gives, Says};
use super::regime::{DECISIONS, INPUTS, NAME};
use super::table::runtime::{Answer, Open};
use super::table::{RULES, TABLE};

/// What an outcome of another decision is in [`Said::places`].
const NOWHERE: u32 = u32::MAX;

/// What a decision can say, while all that matters is known.
#[derive(Debug)]
struct Said {
    /// A row for each of its outcomes.
    rows: ArrayRef,
    /// By outcome of the table the row.
    places: Vec<u32>,
}

static SAID: LazyLock<Vec<Said>> = LazyLock::new(|| DECISIONS.iter().map(Said::new).collect());

/// What unknown inputs leave of a decision.
#[derive(Debug)]
pub struct Left {
    /// What may come out still, in words, each once; if it is one, the decision is settled.
    possible: Vec<&'static Says>,
    /// The rules that carry whatever comes out.
    rules: Vec<&'static str>,
    /// Whether all of it does come out in some case.
    complete: bool,
    /// The input to ask for first.
    ask: Option<&'static str>,
}

/// The type of a decision's value.
pub fn value_type(decision: &Decision) -> DataType {
    match decision.gives {
        Gives::Flag => DataType::Boolean,
        Gives::Text => DataType::Utf8View,
        Gives::Set => texts_type(),
        Gives::Number { digits, scale, .. } => DataType::Decimal128(digits, scale),
        Gives::Day => DataType::Date32,
    }
}

fn texts_type() -> DataType {
    DataType::List(Arc::new(Field::new_list_field(DataType::Utf8View, true)))
}

/// The fields of what a decision says.
fn fields(decision: &Decision) -> Fields {
    Fields::from(vec![
        Field::new("value", value_type(decision), true),
        Field::new("rules", texts_type(), true),
        Field::new("status", DataType::Utf8View, false),
        Field::new("possible", texts_type(), true),
        Field::new("complete", DataType::Boolean, false),
        Field::new("ask", DataType::Utf8View, true),
    ])
}

/// The fields of what all decisions say.
pub fn all_fields() -> Fields {
    DECISIONS.iter().map(|decision| Field::new(decision.name, DataType::Struct(fields(decision)), false)).collect()
}

/// The row of an outcome among those of a decision.
///
/// # Errors
/// If it is none of them, which no table that Lexport built comes to.
pub fn places(decision: usize) -> impl Fn(u32) -> Result<u32> {
    let places = SAID.get(decision).map_or(&[][..], |said| &said.places);
    move |outcome| match places.get(outcome as usize) {
        Some(place) if *place != NOWHERE => Ok(*place),
        _ => Err(internal_datafusion_err!("{NAME}: outcome {outcome} is none of decision {decision}")),
    }
}

/// How many rows a decision has for its outcomes; behind them come those of [`Left`].
pub fn settled_rows(decision: usize) -> usize {
    DECISIONS.get(decision).map_or(0, |decision| decision.outcomes.len())
}

/// What a decision says, row by row: at `rows`, of its outcomes and of what is left. Only its value, if nothing else is asked for.
///
/// # Errors
/// Those of Arrow.
pub fn answers(decision: usize, rows: Vec<u32>, left: &[Left], only_value: bool) -> Result<ArrayRef> {
    let (Some(said), Some(of)) = (SAID.get(decision), DECISIONS.get(decision)) else {
        return Err(internal_datafusion_err!("{NAME}: there is no decision {decision}"));
    };
    let mut from = part(&said.rows, only_value);
    if !left.is_empty() {
        let mut builder = Builder::new(of);
        left.iter().for_each(|left| builder.left(left));
        from = concat(&[&from, &part(&builder.finish(), only_value)])?;
    }
    Ok(take(&from, &UInt32Array::from(rows), None)?)
}

/// The column of values, or all.
fn part(rows: &ArrayRef, only_value: bool) -> ArrayRef {
    match rows.as_any().downcast_ref::<StructArray>() {
        Some(all) if only_value => Arc::clone(all.column(0)),
        _ => Arc::clone(rows),
    }
}

impl Said {
    fn new(decision: &Decision) -> Said {
        let mut builder = Builder::new(decision);
        let mut places = vec![NOWHERE; TABLE.outcomes.len()];
        for (row, says) in (0..).zip(decision.outcomes) {
            builder.settled(says, rules(says).as_slice());
            places[says.outcome as usize] = row;
        }
        Said { rows: builder.finish(), places }
    }
}

/// The names of the rules that carry an outcome.
fn rules(says: &Says) -> Vec<&'static str> {
    let outcome = TABLE.outcomes[says.outcome as usize];
    TABLE.rules(outcome).iter().map(|rule| RULES[*rule as usize].0).collect()
}

impl Left {
    /// What `TABLE.open` left: `marks` is its scratch space.
    pub fn new(decision: usize, open: &Open, marks: &[u64]) -> Left {
        let mut possible: Vec<&'static Says> = Vec::new();
        let mut carried: Option<Vec<&'static str>> = None;
        for says in DECISIONS.get(decision).map_or(&[][..], |decision| decision.outcomes) {
            if marks[says.outcome as usize / 64] >> (says.outcome % 64) & 1 == 0 {
                continue;
            }
            let rules = rules(says);
            match &mut carried {
                Some(carried) => carried.retain(|rule| rules.contains(rule)),
                None => carried = Some(rules),
            }
            if possible.iter().all(|other| other.text != says.text) {
                possible.push(says);
            }
        }
        let ask = open.ask.and_then(|input| INPUTS.get(input as usize)).map(|input| input.name);
        Left { possible, rules: carried.unwrap_or_default(), complete: open.exact, ask }
    }
}

/// A column of values.
#[derive(Debug)]
enum Values {
    Flag(BooleanBuilder),
    Text(StringViewBuilder),
    Set(ListBuilder<StringViewBuilder>),
    /// With the digits of the step.
    Number(Decimal128Builder, i64),
    Day(Date32Builder),
}

/// Rows of what a decision says.
struct Builder<'d> {
    decision: &'d Decision,
    values: Values,
    rules: ListBuilder<StringViewBuilder>,
    status: StringViewBuilder,
    possible: ListBuilder<StringViewBuilder>,
    complete: BooleanBuilder,
    ask: StringViewBuilder,
}

fn texts() -> ListBuilder<StringViewBuilder> {
    ListBuilder::new(StringViewBuilder::new().with_deduplicate_strings())
}

fn list<'t>(builder: &mut ListBuilder<StringViewBuilder>, texts: Option<impl IntoIterator<Item = &'t str>>) {
    builder.append_option(texts.map(|texts| texts.into_iter().map(Some)));
}

impl<'d> Builder<'d> {
    fn new(decision: &'d Decision) -> Self {
        let values = match decision.gives {
            Gives::Flag => Values::Flag(BooleanBuilder::new()),
            Gives::Text => Values::Text(StringViewBuilder::new().with_deduplicate_strings()),
            Gives::Set => Values::Set(texts()),
            Gives::Number { mantissa, .. } => {
                Values::Number(Decimal128Builder::new().with_data_type(value_type(decision)), mantissa)
            }
            Gives::Day => Values::Day(Date32Builder::new()),
        };
        let (status, ask) = (StringViewBuilder::new(), StringViewBuilder::new());
        Builder { decision, values, rules: texts(), status, possible: texts(), complete: BooleanBuilder::new(), ask }
    }

    /// The value of an outcome; NULL if it has none.
    fn value(&mut self, says: Option<&Says>) {
        let answer = says.and_then(|says| TABLE.outcomes.get(says.outcome as usize)).map(|outcome| outcome.answer);
        let number = if let Some(Answer::Int(number)) = answer { Some(number) } else { None };
        match &mut self.values {
            Values::Flag(builder) => builder.append_option(if let Some(Answer::Bool(flag)) = answer { Some(flag) } else { None }),
            Values::Text(builder) => {
                builder.append_option(says.filter(|_| matches!(answer, Some(Answer::Member(_)))).map(|says| says.text));
            }
            Values::Set(builder) => {
                let says = says.filter(|_| matches!(answer, Some(Answer::Set(_))));
                list(builder, says.map(|says| says.parts.iter().copied()));
            }
            Values::Number(builder, mantissa) => {
                builder.append_option(number.map(|steps| i128::from(steps) * i128::from(*mantissa)));
            }
            Values::Day(builder) => builder.append_option(number.and_then(|day| i32::try_from(day).ok())),
        }
    }

    fn settled(&mut self, says: &Says, rules: &[&'static str]) {
        self.value(Some(says));
        list(&mut self.rules, Some(rules.iter().copied()));
        let (status, conflict) = match TABLE.outcomes[says.outcome as usize].answer {
            Answer::Gap => ("gap", None),
            Answer::Conflict(_) => ("conflict", Some(says.parts.iter().copied())),
            _ => ("decided", None),
        };
        self.status.append_value(status);
        list(&mut self.possible, conflict);
        self.complete.append_value(true);
        self.ask.append_null();
    }

    fn left(&mut self, left: &Left) {
        if let [says] = left.possible[..] {
            return self.settled(says, &left.rules);
        }
        self.value(None);
        list(&mut self.rules, None::<[&str; 0]>);
        self.status.append_value("open");
        list(&mut self.possible, Some(left.possible.iter().map(|says| says.text)));
        self.complete.append_value(left.complete);
        self.ask.append_option(left.ask);
    }

    fn finish(mut self) -> ArrayRef {
        let values: ArrayRef = match &mut self.values {
            Values::Flag(builder) => Arc::new(builder.finish()),
            Values::Text(builder) => Arc::new(builder.finish()),
            Values::Set(builder) => Arc::new(builder.finish()),
            Values::Number(builder, _) => Arc::new(builder.finish()),
            Values::Day(builder) => Arc::new(builder.finish()),
        };
        Arc::new(StructArray::new(
            fields(self.decision),
            vec![
                values,
                Arc::new(self.rules.finish()),
                Arc::new(self.status.finish()),
                Arc::new(self.possible.finish()),
                Arc::new(self.complete.finish()),
                Arc::new(self.ask.finish()),
            ],
            None,
        ))
    }
}
