//! Results as JUnit XML, for build servers: one suite for each regime, one case for each scenario, finding, proof and open
//! question. What stayed undecided is an error, not a success.

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use crate::diagnostic::Severity;
use crate::words::{Sentence, list, say};

use super::Checked;
use super::text::visible;

/// One case of a suite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// What was tried.
    pub name: String,
    /// What kind of thing it is.
    pub class: String,
    /// How it went.
    pub verdict: Verdict,
}

/// How a case went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Well.
    Passed,
    /// Not as it should: in a line, and in full.
    Failed(String, String),
    /// It could not be told.
    Undecided(String),
}

/// A suite of cases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suite {
    /// Its name.
    pub name: String,
    /// Its cases.
    pub cases: Vec<Case>,
}

/// The suites as one document.
pub fn document(suites: &[Suite]) -> String {
    write(suites).unwrap_or_default()
}

fn write(suites: &[Suite]) -> Result<String, std::io::Error> {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    writer.create_element("testsuites").with_attribute(("name", "lexport")).write_inner_content(|writer| {
        for suite in suites {
            let count = |what: fn(&Verdict) -> bool| suite.cases.iter().filter(|case| what(&case.verdict)).count().to_string();
            let failures = count(|verdict| matches!(verdict, Verdict::Failed(..)));
            let errors = count(|verdict| matches!(verdict, Verdict::Undecided(_)));
            let tests = suite.cases.len().to_string();
            let name = plain(&suite.name);
            let element = writer.create_element("testsuite").with_attributes([
                ("name", name.as_str()),
                ("tests", tests.as_str()),
                ("failures", failures.as_str()),
                ("errors", errors.as_str()),
            ]);
            if suite.cases.is_empty() {
                element.write_empty()?;
                continue;
            }
            element.write_inner_content(|writer| suite.cases.iter().try_for_each(|case| one(writer, case)))?;
        }
        Ok(())
    })?;
    let text = String::from_utf8(writer.into_inner()).map_err(std::io::Error::other)?;
    Ok(text + "\n")
}

fn one(writer: &mut Writer<Vec<u8>>, case: &Case) -> std::io::Result<()> {
    let (name, class) = (plain(&case.name), plain(&case.class));
    let element = writer.create_element("testcase").with_attributes([("name", name.as_str()), ("classname", class.as_str())]);
    match &case.verdict {
        Verdict::Passed => element.write_empty().map(|_| ()),
        Verdict::Failed(line, text) => element
            .write_inner_content(|writer| {
                let line = plain(line);
                writer
                    .create_element("failure")
                    .with_attribute(("message", line.as_str()))
                    .write_text_content(BytesText::new(&plain(text)))
                    .map(|_| ())
            })
            .map(|_| ()),
        Verdict::Undecided(text) => element
            .write_inner_content(|writer| {
                let text = plain(text);
                writer
                    .create_element("error")
                    .with_attributes([("type", "undecided"), ("message", text.as_str())])
                    .write_empty()
                    .map(|_| ())
            })
            .map(|_| ()),
    }
}

/// What XML can hold.
fn plain(text: &str) -> String {
    visible(text).chars().filter(|c| !matches!(c, '\u{FFFE}' | '\u{FFFF}')).collect()
}

/// A check as a suite. A finding below the denied severity passes.
pub fn suite(checked: &Checked<'_>, denied: Severity) -> Suite {
    let language = checked.language;
    let mut cases = Vec::new();
    for message in checked.messages {
        cases.push(Case {
            name: message.title.clone(),
            class: message.code.name(),
            verdict: if message.severity <= denied {
                Verdict::Failed(message.title.clone(), message.notes.join("\n"))
            } else {
                Verdict::Passed
            },
        });
    }
    if let Some(program) = checked.program {
        for finding in &checked.report.findings {
            let style = super::terminal::Style::default();
            let title = finding.title.in_language(language);
            cases.push(Case {
                name: title.clone(),
                class: finding.code.name(),
                verdict: if finding.severity <= denied {
                    Verdict::Failed(title, super::story::story(checked, program, finding, style))
                } else {
                    Verdict::Passed
                },
            });
        }
        for proof in &checked.report.proved {
            cases.push(Case {
                name: {
                    let by = if proof.only().is_some() { super::proof_words(proof) } else { Sentence::default() };
                    say!("{property}; {scope}{by}", property = proof.property, scope = proof.scope, by).in_language(language)
                },
                class: "proved".into(),
                verdict: Verdict::Passed,
            });
        }
        for one in &checked.report.undecided {
            let why = say!("{question}: {why}", question = one.question, why = list!("; ", &one.reasons)).in_language(language);
            let name = one.question.in_language(language);
            cases.push(Case { name, class: "undecided".into(), verdict: Verdict::Undecided(why) });
        }
    }
    Suite { name: checked.name().to_owned(), cases }
}
