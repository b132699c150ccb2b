//! The hidden sheet `Diagram`: what the nodes of the diagram come to for the case that is looked up, also where inputs are unknown.
//!
//! A row for each node, children above parents. A node whose test has a class is what its child of that class is. Otherwise it is what all its
//! children are, if they are the same; if they have the same answer but other rules, that answer; else it is open, and its test is to be
//! asked for. So an answer is given if, and only if, every way that is still possible leads to it (`Table::open` of the runtime).
//!
//! Numbers in these cells: `(answer + 1) · 2^20 + outcome + 1`; the same without an outcome if the rules are open; `-(test + 1)` if open.

use std::collections::BTreeMap;

use lexport_runtime::{Answer, HEAD, LEAF};
use rust_xlsxwriter::{Worksheet, XlsxError};

use super::layout::of_case;
use crate::diagram::OwnedTable;
use crate::emit::artifact::EmitError;

/// What an answer counts in a number of a node.
pub(super) const ANSWER: i64 = 1 << 20;

/// The most nodes: each is three formulas, which are all computed at each change of the case.
const NODES: usize = 200_000;
/// Values of one choice.
const CHOICE: usize = 24;
/// The longest formula of a spreadsheet, less what surrounds the children.
const FORMULA: usize = 8_000;

/// The formulas of the sheet, and what they come to.
pub(super) struct Nodes {
    /// By row: the test; value, least and greatest of the children.
    rows: Vec<(u32, [String; 3])>,
    /// By decision: a constant, or the cell of its root.
    pub roots: Vec<String>,
    /// By answer: an outcome that has it, counted from 1.
    pub represent: Vec<i64>,
}

/// Makes the formulas; `classes` are the cells of the classes.
pub(super) fn nodes(table: &OwnedTable, classes: &[String]) -> Result<Nodes, EmitError> {
    let (leaves, represent) = answers(table);
    let mut row_of: BTreeMap<u32, usize> = BTreeMap::new();
    let mut rows = Vec::new();
    let mut at = 0;
    let word = |word: u32, row_of: &BTreeMap<u32, usize>| {
        if word & LEAF != 0 {
            leaves.get((word & !HEAD) as usize).map(i64::to_string)
        } else {
            row_of.get(&word).map(|row| format!("B{}", row + 2))
        }
        .ok_or_else(|| EmitError::Malformed(format!("node {word} is not there")))
    };
    while let Some(head) = table.nodes.get(at) {
        let number = head & !HEAD;
        let malformed = || EmitError::Malformed(format!("node {at}"));
        let test = *table.tests.get(number as usize).ok_or_else(malformed)?;
        let many = super::ways(test);
        let children = table.nodes.get(at + 1..at + 1 + many).ok_or_else(malformed)?;
        let cells: Vec<String> = children.iter().map(|child| word(*child, &row_of)).collect::<Result<_, _>>()?;
        let mut distinct: Vec<&str> = Vec::new();
        for cell in &cells {
            if !distinct.contains(&cell.as_str()) {
                distinct.push(cell);
            }
        }
        let class = of_case(&classes[number as usize]);
        let row = rows.len() + 2;
        let open = -(i64::from(number) + 1);
        let all = format!(
            "IF(C{row}<0,{open},IF(C{row}=D{row},C{row},IF(INT(C{row}/{ANSWER})=INT(D{row}/{ANSWER}),INT(C{row}/{ANSWER})*{ANSWER},{open})))"
        );
        let value = format!("IF(ISNUMBER({class}),{},{all})", choose(&class, &cells));
        if value.len() > FORMULA || distinct.len() > 250 || rows.len() == NODES {
            return Err(EmitError::TooLarge(format!(
                "the diagram has more than {NODES} nodes, or a test of it more ways than a formula of a spreadsheet can name"
            )));
        }
        let list = distinct.join(",");
        rows.push((number, [value, format!("MIN({list})"), format!("MAX({list})")]));
        row_of.insert(at as u32, row - 2);
        at += 1 + many;
    }
    let root = |root: &u32| {
        let value = word(*root, &row_of)?;
        Ok(if *root & LEAF != 0 { value } else { format!("{}!{value}", super::layout::DIAGRAM) })
    };
    let roots = table.roots.iter().map(root).collect::<Result<_, EmitError>>()?;
    Ok(Nodes { rows, roots, represent })
}

/// The child of a class. LibreOffice takes at most 30 values in one choice.
fn choose(class: &str, cells: &[String]) -> String {
    let (mut out, mut shift, mut open) = (String::new(), 0, 0);
    for chunk in cells.chunks(CHOICE) {
        let index = if shift == 0 { format!("{class}+1") } else { format!("{class}-{}", shift - 1) };
        let here = format!("CHOOSE({index},{})", chunk.join(","));
        shift += chunk.len();
        if shift < cells.len() {
            out += &format!("IF({class}<{shift},{here},");
            open += 1;
        } else {
            out += &here;
        }
    }
    out + &")".repeat(open)
}

/// By outcome its number as a leaf; by answer an outcome that has it.
fn answers(table: &OwnedTable) -> (Vec<i64>, Vec<i64>) {
    let content = |answer: Answer| match answer {
        Answer::Gap => vec![0],
        Answer::Bool(value) => vec![1, i64::from(value)],
        Answer::Member(member) => vec![2, i64::from(member)],
        Answer::Int(int) => vec![3, int],
        Answer::Set(span) => {
            let words = table.as_table().set_words(span);
            std::iter::once(4).chain(words.iter().map(|word| word.cast_signed())).collect()
        }
        Answer::Conflict(_) => vec![5],
    };
    let mut number_of: BTreeMap<Vec<Vec<i64>>, i64> = BTreeMap::new();
    let mut represent = Vec::new();
    let mut leaves = Vec::new();
    for (outcome, row) in (1..).zip(&table.outcomes) {
        let key = match row.answer {
            Answer::Conflict(span) => {
                std::iter::once(vec![5]).chain(table.as_table().conflict_values(span).iter().map(|one| content(*one))).collect()
            }
            answer => vec![content(answer)],
        };
        let fresh = number_of.len() as i64;
        let number = *number_of.entry(key).or_insert(fresh);
        if number == fresh {
            represent.push(outcome);
        }
        leaves.push((number + 1) * ANSWER + outcome);
    }
    (leaves, represent)
}

impl Nodes {
    pub fn write(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        for (column, head) in ["test", "value", "least of the children", "greatest of the children"].iter().enumerate() {
            sheet.write_string(0, column as u16, *head)?;
        }
        for (row, (test, formulas)) in (1..).zip(&self.rows) {
            sheet.write_number(row, 0, *test)?;
            for (column, formula) in (1..).zip(formulas) {
                sheet.write_formula(row, column, formula.as_str())?;
            }
        }
        Ok(())
    }
}
