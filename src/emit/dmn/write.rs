//! A model as XML: DMN 1.5, or the same under the names of DMN 1.3, with its drawings.

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::model::{Content, Logic, Model, Node, Table, Type};
use super::place::{Drawing, draw};

/// A version of DMN: the names of its languages. What is written here means the same in both.
#[derive(Clone, Copy, Debug)]
pub(super) struct Version {
    model: &'static str,
    feel: &'static str,
    drawing: &'static str,
}

/// DMN 1.5.
pub(super) const V1_5: Version = Version {
    model: "https://www.omg.org/spec/DMN/20230324/MODEL/",
    feel: "https://www.omg.org/spec/DMN/20230324/FEEL/",
    drawing: "https://www.omg.org/spec/DMN/20230324/DMNDI/",
};

/// DMN 1.3.
pub(super) const V1_3: Version = Version {
    model: "https://www.omg.org/spec/DMN/20191111/MODEL/",
    feel: "https://www.omg.org/spec/DMN/20191111/FEEL/",
    drawing: "https://www.omg.org/spec/DMN/20191111/DMNDI/",
};

type Xml = Writer<Vec<u8>>;
type Written = std::io::Result<()>;

/// The model as a document.
pub(super) fn write(model: &Model, version: Version, namespace: &str, program: &str) -> std::io::Result<Vec<u8>> {
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 2);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let name = legal(&model.name);
    xml.create_element("definitions")
        .with_attributes([
            ("xmlns", version.model),
            ("xmlns:dmndi", version.drawing),
            ("xmlns:dc", "http://www.omg.org/spec/DMN/20180521/DC/"),
            ("xmlns:di", "http://www.omg.org/spec/DMN/20180521/DI/"),
            // Widths of columns, which DMN has no words for; dmn-js reads them, others pass them over.
            ("xmlns:biodi", "http://bpmn.io/schema/dmn/biodi/2.0"),
            ("id", "definitions"),
            ("name", name.as_str()),
            ("namespace", namespace),
            ("expressionLanguage", version.feel),
            ("typeLanguage", version.feel),
            ("exporter", "Lexport"),
            ("exporterVersion", program),
        ])
        .write_inner_content(|xml| {
            text(xml, "description", &model.description)?;
            for one in &model.types {
                item(xml, "itemDefinition", one)?;
            }
            for (number, node) in model.nodes.iter().enumerate() {
                node_element(xml, model, number, node)?;
            }
            drawings(xml, model)
        })?;
    let mut bytes = xml.into_inner();
    bytes.push(b'\n');
    Ok(bytes)
}

/// Without what XML cannot hold.
fn legal(text: &str) -> String {
    let good = |c: char| matches!(c, '\t' | '\n') || (c >= ' ' && !matches!(c, '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}'));
    text.chars().map(|c| if good(c) { c } else { ' ' }).collect()
}

fn text(xml: &mut Xml, element: &str, content: &str) -> Written {
    if content.is_empty() {
        return Ok(());
    }
    xml.create_element(element).write_text_content(BytesText::new(&legal(content))).map(|_| ())
}

fn expression(xml: &mut Xml, element: &str, content: &str) -> Written {
    xml.create_element(element).write_inner_content(|xml| text(xml, "text", content)).map(|_| ())
}

fn item(xml: &mut Xml, element: &str, one: &Type) -> Written {
    let mut start = xml.create_element(element).with_attribute(("name", one.name.as_str()));
    if one.collection {
        start = start.with_attribute(("isCollection", "true"));
    }
    start
        .write_inner_content(|xml| match &one.content {
            Content::Of(base, allowed) => {
                text(xml, "typeRef", base)?;
                match allowed {
                    Some(allowed) => expression(xml, "allowedValues", allowed),
                    None => Ok(()),
                }
            }
            Content::Record(all) => all.iter().try_for_each(|one| item(xml, "itemComponent", one)),
        })
        .map(|_| ())
}

fn node_id(number: usize) -> String {
    format!("node_{number}")
}

fn edge_id(from: usize, to: usize) -> String {
    format!("needs_{to}_{from}")
}

fn node_element(xml: &mut Xml, model: &Model, number: usize, node: &Node) -> Written {
    let (id, variable) = (node_id(number), format!("value_{number}"));
    let element = if node.logic.is_some() { "decision" } else { "inputData" };
    xml.create_element(element)
        .with_attributes([("id", id.as_str()), ("name", node.name.as_str())])
        .write_inner_content(|xml| {
            text(xml, "description", &node.description)?;
            xml.create_element("variable")
                .with_attributes([("id", variable.as_str()), ("name", node.name.as_str()), ("typeRef", node.kind.as_str())])
                .write_empty()?;
            for required in &node.requires {
                let element = if model.nodes[*required].logic.is_some() { "requiredDecision" } else { "requiredInput" };
                xml.create_element("informationRequirement")
                    .with_attribute(("id", edge_id(*required, number).as_str()))
                    .write_inner_content(|xml| {
                        xml.create_element(element)
                            .with_attribute(("href", format!("#{}", node_id(*required)).as_str()))
                            .write_empty()
                            .map(|_| ())
                    })?;
            }
            match &node.logic {
                Some(logic) => logic_element(xml, &format!("logic_{number}"), logic),
                None => Ok(()),
            }
        })
        .map(|_| ())
}

fn logic_element(xml: &mut Xml, id: &str, logic: &Logic) -> Written {
    match logic {
        Logic::Text(content) => {
            let start = xml.create_element("literalExpression").with_attribute(("id", id));
            start.write_inner_content(|xml| text(xml, "text", content)).map(|_| ())
        }
        Logic::Table(table) => table_element(xml, id, table),
        Logic::Context(entries, result) => xml
            .create_element("context")
            .with_attribute(("id", id))
            .write_inner_content(|xml| {
                for (number, (name, kind, logic)) in entries.iter().enumerate() {
                    let entry = format!("{id}_{number}");
                    xml.create_element("contextEntry").with_attribute(("id", entry.as_str())).write_inner_content(|xml| {
                        xml.create_element("variable")
                            .with_attributes([("name", name.as_str()), ("typeRef", kind.as_str())])
                            .write_empty()?;
                        logic_element(xml, &format!("{entry}_logic"), logic)
                    })?;
                }
                let entry = format!("{id}_result");
                xml.create_element("contextEntry")
                    .with_attribute(("id", entry.as_str()))
                    .write_inner_content(|xml| logic_element(xml, &format!("{entry}_logic"), result))
                    .map(|_| ())
            })
            .map(|_| ()),
        Logic::Relation(columns, rows) => xml
            .create_element("relation")
            .with_attribute(("id", id))
            .write_inner_content(|xml| {
                for (number, (name, kind)) in columns.iter().enumerate() {
                    let column = format!("{id}_column_{number}");
                    xml.create_element("column")
                        .with_attributes([("id", column.as_str()), ("name", name.as_str()), ("typeRef", kind.as_str())])
                        .write_empty()?;
                }
                for (number, row) in rows.iter().enumerate() {
                    let row_id = format!("{id}_row_{number}");
                    xml.create_element("row").with_attribute(("id", row_id.as_str())).write_inner_content(|xml| {
                        for (column, cell) in row.iter().enumerate() {
                            logic_element(xml, &format!("{row_id}_{column}"), &Logic::Text(cell.clone()))?;
                        }
                        Ok(())
                    })?;
                }
                Ok(())
            })
            .map(|_| ()),
    }
}

fn table_element(xml: &mut Xml, id: &str, table: &Table) -> Written {
    xml.create_element("decisionTable")
        .with_attributes([("id", id), ("hitPolicy", "UNIQUE"), ("preferredOrientation", "Rule-as-Row")])
        .write_inner_content(|xml| {
            for (number, column) in table.inputs.iter().enumerate() {
                let input = format!("{id}_input_{number}");
                let longest = table.rules.iter().map(|rule| rule.0[number].chars().count()).max().unwrap_or(0);
                let width = width(longest);
                let mut start =
                    xml.create_element("input").with_attributes([("id", input.as_str()), ("biodi:width", width.as_str())]);
                if !column.label.is_empty() {
                    start = start.with_attribute(("label", column.label.as_str()));
                }
                start.write_inner_content(|xml| {
                    let expression = format!("{input}_expression");
                    xml.create_element("inputExpression")
                        .with_attributes([("id", expression.as_str()), ("typeRef", column.kind.as_str())])
                        .write_inner_content(|xml| text(xml, "text", &column.expression))
                        .map(|_| ())
                })?;
            }
            for (number, (name, kind)) in table.outputs.iter().enumerate() {
                let output = format!("{id}_output_{number}");
                let longest = table.rules.iter().map(|rule| rule.1[number].chars().count()).max().unwrap_or(0);
                let width = width(longest.max(name.chars().count()));
                let start =
                    xml.create_element("output").with_attributes([("id", output.as_str()), ("biodi:width", width.as_str())]);
                // The single output of a table has the name and the type of its decision.
                if table.outputs.len() > 1 {
                    start.with_attributes([("name", name.as_str()), ("typeRef", kind.as_str())]).write_empty()?;
                } else {
                    start.with_attribute(("label", name.as_str())).write_empty()?;
                }
            }
            if let Some(name) = &table.annotation {
                xml.create_element("annotation").with_attribute(("name", name.as_str())).write_empty()?;
            }
            for (number, (cells, values, note)) in table.rules.iter().enumerate() {
                let rule = format!("{id}_rule_{number}");
                xml.create_element("rule").with_attribute(("id", rule.as_str())).write_inner_content(|xml| {
                    // Some tools show the one, some the other.
                    text(xml, "description", note)?;
                    let parts =
                        cells.iter().map(|cell| ("inputEntry", cell)).chain(values.iter().map(|value| ("outputEntry", value)));
                    for (part, (element, content)) in parts.enumerate() {
                        let start = xml.create_element(element).with_attribute(("id", format!("{rule}_{part}").as_str()));
                        start.write_inner_content(|xml| text(xml, "text", content))?;
                    }
                    if table.annotation.is_some() {
                        xml.create_element("annotationEntry").write_inner_content(|xml| {
                            xml.create_element("text").write_text_content(BytesText::new(&legal(note))).map(|_| ())
                        })?;
                    }
                    Ok(())
                })?;
            }
            Ok(())
        })
        .map(|_| ())
}

/// The width of a column, in points: short texts on one line, long ones on some.
fn width(characters: usize) -> String {
    (characters * 8 + 24).clamp(80, if characters > 200 { 480 } else { 220 }).to_string()
}

/// A drawing of the whole, then one for each decision: itself and what it comes from, down to other decisions of the regime.
fn drawings(xml: &mut Xml, model: &Model) -> Written {
    let all: Vec<usize> = (0..model.nodes.len()).collect();
    let mut drawings = vec![(model.name.clone(), draw(model, &all))];
    for (number, node) in model.nodes.iter().enumerate().filter(|(_, node)| node.decision.is_some()) {
        let mut some = vec![number];
        let mut next = 0;
        while let Some(at) = some.get(next).copied() {
            next += 1;
            if at == number || model.nodes[at].decision.is_none() {
                let more: Vec<usize> = model.nodes[at].requires.iter().copied().filter(|one| !some.contains(one)).collect();
                some.extend(more);
            }
        }
        some.sort_unstable();
        if some.len() < all.len() {
            drawings.push((node.name.clone(), draw(model, &some)));
        }
    }
    xml.create_element("dmndi:DMNDI")
        .write_inner_content(|xml| {
            for (number, (name, drawing)) in drawings.iter().enumerate() {
                diagram(xml, number, name, drawing)?;
            }
            Ok(())
        })
        .map(|_| ())
}

fn diagram(xml: &mut Xml, number: usize, name: &str, drawing: &Drawing) -> Written {
    let (id, name) = (format!("drawing_{number}"), legal(name));
    xml.create_element("dmndi:DMNDiagram")
        .with_attributes([("id", id.as_str()), ("name", name.as_str())])
        .write_inner_content(|xml| {
            for (node, bounds) in &drawing.shapes {
                let (shape, node) = (format!("{id}_{}", node_id(*node)), node_id(*node));
                xml.create_element("dmndi:DMNShape")
                    .with_attributes([("id", shape.as_str()), ("dmnElementRef", node.as_str())])
                    .write_inner_content(|xml| {
                        let [x, y, width, height] = bounds.map(|one| one.to_string());
                        xml.create_element("dc:Bounds")
                            .with_attributes([
                                ("x", x.as_str()),
                                ("y", y.as_str()),
                                ("width", width.as_str()),
                                ("height", height.as_str()),
                            ])
                            .write_empty()
                            .map(|_| ())
                    })?;
            }
            for (from, to, points) in &drawing.edges {
                let (edge, of) = (format!("{id}_{}", edge_id(*from, *to)), edge_id(*from, *to));
                xml.create_element("dmndi:DMNEdge")
                    .with_attributes([("id", edge.as_str()), ("dmnElementRef", of.as_str())])
                    .write_inner_content(|xml| {
                        for (x, y) in points {
                            xml.create_element("di:waypoint")
                                .with_attributes([("x", x.to_string().as_str()), ("y", y.to_string().as_str())])
                                .write_empty()?;
                        }
                        Ok(())
                    })?;
            }
            Ok(())
        })
        .map(|_| ())
}
