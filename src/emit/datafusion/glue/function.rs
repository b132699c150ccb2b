//! The functions: one that answers all decisions, and one for the value of each.

use std::sync::{Arc, LazyLock};

use datafusion::arrow::array::{ArrayRef, StructArray};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{HashMap, Result, ScalarValue, internal_datafusion_err, plan_err};
use datafusion::error::DataFusionError;
use datafusion::execution::FunctionRegistry;
use datafusion::logical_expr::{
    ColumnarValue, DocSection, Documentation, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
    Volatility,
};
use datafusion::prelude::SessionContext;

use super::answers::{Left, all_fields, answers, places, settled_rows, value_type};
use super::argument::fits;
use super::columns::Columns;
use super::regime::{COUNT, DECISIONS, INPUTS, NAME, TITLE};
use super::table::runtime::{TableError, Value};
use super::table::{TABLE, fast};

/// One of the functions.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Function {
    /// The decision whose value it returns; none: it answers all.
    decision: Option<usize>,
    signature: Signature,
}

static DOCUMENTATION: LazyLock<Vec<Documentation>> =
    LazyLock::new(|| (0..DECISIONS.len()).map(Some).chain([None]).map(documentation).collect());

/// The functions: first that of all decisions.
pub fn functions() -> Vec<ScalarUDF> {
    let decisions = (0..DECISIONS.len()).map(Some);
    let function = |decision| Function { decision, signature: Signature::any(1, Volatility::Immutable) };
    [None].into_iter().chain(decisions).map(|decision| ScalarUDF::new_from_impl(function(decision))).collect()
}

/// Registers the functions.
///
/// # Errors
/// If there is another function of such a name: it would be hidden. Then none is registered.
pub fn register(context: &SessionContext) -> Result<()> {
    for function in functions() {
        let name = function.name();
        let other = context.udf(name).is_ok_and(|other| *other != function);
        if other || context.udaf(name).is_ok() || context.udwf(name).is_ok() {
            return plan_err!("there is another function `{name}`, which that of the decision table would hide");
        }
    }
    functions().into_iter().for_each(|function| context.register_udf(function));
    Ok(())
}

impl ScalarUDFImpl for Function {
    fn name(&self) -> &str {
        self.decision.map_or(NAME, |decision| DECISIONS[decision].function)
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.decision.map_or_else(|| DataType::Struct(all_fields()), |decision| value_type(&DECISIONS[decision])))
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        let [argument] = args.arg_fields else { return plan_err!("{} takes one struct of inputs", self.name()) };
        fits(self.name(), argument.data_type())?;
        Ok(Arc::new(Field::new(self.name(), self.return_type(&[])?, self.decision.is_some())))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        match args.args.as_slice() {
            [ColumnarValue::Array(rows)] => Ok(ColumnarValue::Array(self.answer(rows)?)),
            [ColumnarValue::Scalar(row)] => {
                Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&self.answer(&row.to_array()?)?, 0)?))
            }
            _ => plan_err!("{} takes one struct of inputs", self.name()),
        }
    }

    fn documentation(&self) -> Option<&Documentation> {
        DOCUMENTATION.get(self.decision.unwrap_or(DECISIONS.len()))
    }
}

impl Function {
    fn answer(&self, argument: &ArrayRef) -> Result<ArrayRef> {
        let columns = Columns::read(argument)?;
        let evaluation = Evaluation::new(&columns, self.decision)?;
        let only_value = self.decision.is_some();
        let mut out = evaluation.decisions.into_iter().map(|it| answers(it.number, it.rows, &it.left, only_value));
        if only_value {
            return out.next().unwrap_or_else(|| Err(internal_datafusion_err!("{NAME}: there is no such decision")));
        }
        let columns = out.collect::<Result<Vec<ArrayRef>>>()?;
        Ok(Arc::new(StructArray::try_new_with_length(all_fields(), columns, None, argument.len())?))
    }
}

/// What a decision comes to in each row.
struct Evaluated {
    number: usize,
    /// For each row that of what the decision says, as [`answers`] takes it.
    rows: Vec<u32>,
    /// What is left of it where something is unknown.
    left: Vec<Left>,
}

/// What decisions come to in each row.
struct Evaluation {
    decisions: Vec<Evaluated>,
    /// The classes of tests, then the bits of unknown inputs: which rows of `decisions` such a case has.
    seen: HashMap<Box<[u32]>, Box<[u32]>>,
    /// Scratch space: such a key.
    key: Vec<u32>,
    /// Scratch space of `TABLE.open`.
    marks: Vec<u64>,
}

impl Evaluation {
    fn new(columns: &Columns, only: Option<usize>) -> Result<Evaluation> {
        let numbers = only.map_or(0..DECISIONS.len(), |only| only..only + 1);
        let new = |number| Evaluated { number, rows: Vec::with_capacity(columns.rows()), left: Vec::new() };
        let mut out = Evaluation {
            decisions: numbers.map(new).collect(),
            seen: HashMap::new(),
            key: vec![0; TABLE.classes_len() + TABLE.inputs.len().div_ceil(32)],
            marks: vec![0; TABLE.marks_len()],
        };
        let places: Vec<_> = out.decisions.iter().map(|decision| places(decision.number)).collect();
        let mut values = vec![Value::Unknown; TABLE.inputs.len()];
        for row in 0..columns.rows() {
            columns.fill(row, &mut values);
            if !columns.is_complete(row) {
                out.unknown(&values, &places).map_err(|error| error.in_row(columns, row))?;
                continue;
            }
            let outcomes = fast::Row::from_values(&values).and_then(|known| match only {
                Some(only) => fast::DECISIONS[only](&known).map(|outcome| [outcome; COUNT]),
                None => fast::all(&known),
            });
            let outcomes = outcomes.map_err(|error| Fault::Table(error).in_row(columns, row))?;
            for ((decision, place), outcome) in out.decisions.iter_mut().zip(&places).zip(outcomes) {
                decision.rows.push(place(outcome)?);
            }
        }
        Ok(out)
    }

    /// A row in which something is unknown.
    fn unknown(&mut self, values: &[Value<'_>], places: &[impl Fn(u32) -> Result<u32>]) -> Result<(), Fault> {
        let (classes, unknown) = self.key.split_at_mut(TABLE.classes_len());
        TABLE.classify(values, classes)?;
        unknown.fill(0);
        for (input, _) in values.iter().enumerate().filter(|(_, value)| **value == Value::Unknown) {
            unknown[input / 32] |= 1 << (input % 32);
        }
        if let Some(rows) = self.seen.get(self.key.as_slice()) {
            self.decisions.iter_mut().zip(rows).for_each(|(decision, row)| decision.rows.push(*row));
            return Ok(());
        }
        let classes = &self.key[..TABLE.classes_len()];
        let mut rows = Vec::with_capacity(self.decisions.len());
        for (decision, place) in self.decisions.iter_mut().zip(places) {
            let number = decision.number as u32;
            let row = match TABLE.decide(number, classes)? {
                Some(outcome) => place(outcome)?,
                None => {
                    let open = TABLE.open(number, values, classes, &mut self.marks)?;
                    decision.left.push(Left::new(decision.number, &open, &self.marks));
                    (settled_rows(decision.number) + decision.left.len() - 1) as u32
                }
            };
            decision.rows.push(row);
            rows.push(row);
        }
        self.seen.insert(self.key.as_slice().into(), rows.into());
        Ok(())
    }
}

/// What went wrong in a row.
enum Fault {
    Table(TableError),
    Other(DataFusionError),
}

impl From<TableError> for Fault {
    fn from(error: TableError) -> Fault {
        Fault::Table(error)
    }
}

impl From<DataFusionError> for Fault {
    fn from(error: DataFusionError) -> Fault {
        Fault::Other(error)
    }
}

impl Fault {
    #[cold]
    fn in_row(self, columns: &Columns, row: usize) -> DataFusionError {
        match self {
            Fault::Table(TableError::Input(input)) => columns.refused(row, input as usize),
            Fault::Table(error) => internal_datafusion_err!("{NAME}: {error:?}"),
            Fault::Other(error) => error,
        }
    }
}

fn documentation(decision: Option<usize>) -> Documentation {
    let section = DocSection { include: true, label: "Decision tables", description: None };
    let (name, description) = match decision.map(|decision| &DECISIONS[decision]) {
        Some(decision) => {
            let title = if decision.title.is_empty() { decision.name } else { decision.title };
            let text = "The value alone: NULL where it is open, where no rule speaks, and where rules disagree";
            (decision.function, format!("{TITLE}: {title}. {text}; {NAME} tells which."))
        }
        None => {
            let text = "For each decision the value, the rules that carried it, and what unknown inputs leave open";
            (NAME, format!("{TITLE}. {text}."))
        }
    };
    let first = INPUTS.first().map_or("input", |input| input.name);
    let mut builder = Documentation::builder(section, description, format!("{name}(named_struct('{first}', …))"))
        .with_argument("inputs", "A struct of the inputs by name; what is absent or NULL is unknown.");
    for input in INPUTS {
        builder = builder.with_argument(input.name, input.allowed);
    }
    builder.build()
}
