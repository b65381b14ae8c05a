//! The JSON Schema of a spec in HCL's JSON syntax, from the declarations in `schemas/src/spec`.
//!
//! It is for editors and generators, and refuses less than the compiler does: any string may hold a template, whose value
//! is not known here.

use serde_json::{Map, Value, json};
use windlass_schemas::declare::{AttributeDecl, BlockDecl, ChildDecl, Occurs, Presence, Shape};
use windlass_schemas::spec::language::LANGUAGE;
use windlass_schemas::spec::{BLOCKS, VERBS};

/// The JSON Schema, draft 2020-12, as a file.
pub fn schema() -> String {
    let mut defs = Map::new();
    defs.insert(
        "expression".to_owned(),
        json!({ "description": "An expression, as a template: `${var.name}`.", "type": "string", "pattern": "[$%]\\{" }),
    );
    let mut properties = Map::new();
    for block in LANGUAGE.iter().chain(BLOCKS) {
        define(block, &mut defs);
        properties.insert(block.kind.to_owned(), blocks(block, Occurs::Many));
    }
    // The project and the platform are asked for by a check over all files: one file of a spec may lack them.
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A spec of windlass",
        "description": "In the JSON syntax of HCL. Generated from windlass's declarations.",
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
        "$defs": defs,
    });
    format!("{schema:#}\n")
}

/// Adds the bodies of a block and of those in it to the definitions.
fn define(block: &BlockDecl, defs: &mut Map<String, Value>) {
    let mut properties = Map::new();
    let mut required = Vec::new();
    if block.repeatable {
        let doc = "A map or a set of strings: an instance of the block is made for each element.";
        properties.insert("for_each".to_owned(), json!({ "description": doc }));
    }
    for attribute in block.attributes {
        properties.insert(attribute.name.to_owned(), value(attribute));
        if attribute.presence == Presence::Required {
            required.push(attribute.name);
        }
    }
    for ChildDecl { block, occurs } in block.blocks {
        define(block, defs);
        properties.insert(block.kind.to_owned(), blocks(block, *occurs));
        if *occurs == Occurs::Once {
            required.push(block.kind);
        }
    }
    let mut body = json!({
        "description": block.doc.trim(),
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": block.open,
    });
    if block.kind == "stage" {
        let needs = VERBS.iter().map(|verb| [&[verb.name], verb.needs].concat());
        body["oneOf"] = needs.map(|names| json!({ "required": names })).collect();
    }
    defs.insert(block.kind.to_owned(), body);
}

/// Where blocks of one type stand: by their labels, if they have any.
fn blocks(block: &BlockDecl, occurs: Occurs) -> Value {
    let body = json!({ "$ref": format!("#/$defs/{}", block.kind) });
    let one = match occurs {
        Occurs::Many => json!({ "anyOf": [body, { "type": "array", "items": body }] }),
        Occurs::Once | Occurs::AtMostOnce => {
            json!({ "anyOf": [body, { "type": "array", "items": body, "maxItems": 1 }] })
        }
    };
    let labels = |inner: Value, _: &&str| {
        let named = json!({ "type": "object", "propertyNames": text(block.label), "additionalProperties": inner });
        json!({ "anyOf": [named, { "type": "array", "items": named }] })
    };
    block.labels.iter().rev().fold(one, labels)
}

/// The value of an attribute: as its type says, or an expression.
fn value(attribute: &AttributeDecl) -> Value {
    let mut value = json!({ "description": format!("{} It takes {}.", attribute.doc.trim(), attribute.takes) });
    if let Presence::Default(default) = attribute.presence {
        value["default"] = serde_json::from_str(default).unwrap_or_else(|_| default.into());
    }
    if let Some(mut choices) = choices(attribute.shape) {
        if attribute.presence != Presence::Required {
            choices.push(json!({ "type": "null" }));
        }
        value["anyOf"] = choices.into();
    }
    value
}

/// The forms that a value may have; `None` where it may have any.
fn choices(shape: Shape) -> Option<Vec<Value>> {
    let expression = || json!({ "$ref": "#/$defs/expression" });
    let numeric = |kind: &str| json!({ "type": "string", "pattern": format!("^{kind}$") });
    Some(match shape {
        Shape::Any => return None,
        Shape::Text => vec![text(shape)],
        Shape::Pattern(_) | Shape::Choice(_) => vec![text(shape), expression()],
        Shape::Bool => vec![json!({ "type": "boolean" }), json!({ "enum": ["true", "false"] }), expression()],
        Shape::Number(least, most) => vec![
            json!({ "type": "number", "minimum": least, "maximum": most }),
            numeric("[0-9]+(\\.[0-9]+)?"),
            expression(),
        ],
        Shape::Whole(least, most) => {
            vec![json!({ "type": "integer", "minimum": least, "maximum": most }), numeric("[0-9]+"), expression()]
        }
        Shape::NumberOr(pattern) => {
            vec![json!({ "type": "number" }), json!({ "type": "string", "pattern": pattern }), expression()]
        }
        Shape::List(item) => {
            let items = choices(*item).map_or(json!(true), |choices| json!({ "anyOf": choices }));
            vec![json!({ "type": "array", "items": items }), expression()]
        }
        Shape::Object => vec![json!({ "type": "object" }), expression()],
        Shape::Reference => vec![expression()],
    })
}

fn text(shape: Shape) -> Value {
    match shape {
        Shape::Pattern(pattern) => json!({ "type": "string", "pattern": pattern }),
        Shape::Choice(choices) => json!({ "enum": choices }),
        _ => json!({ "type": "string" }),
    }
}
