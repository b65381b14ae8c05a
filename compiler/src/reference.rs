//! The generated parts of the language's reference in `schemas/reference`, from the declarations.
//!
//! A part stands in a page between `<!-- generated: NAME -->` and `<!-- end -->`; the rest of the page is written by hand.

use std::fmt::Write;

use windlass_schemas::codes::CODES;
use windlass_schemas::declare::{BlockDecl, Occurs, Presence};
use windlass_schemas::diagnostic::Severity;
use windlass_schemas::spec::language::LANGUAGE;
use windlass_schemas::spec::measures::MEASURES;
use windlass_schemas::spec::{BLOCKS, VERBS};
use windlass_targets::stepfunctions::jsonata;

use crate::evaluate::functions;

/// The part of this name, as Markdown. `None` when there is none.
pub fn part(name: &str) -> Option<String> {
    match name {
        "language" => Some(LANGUAGE.iter().map(|block| described(block, 3)).collect()),
        "blocks" => Some(BLOCKS.iter().map(|block| described(block, 3)).collect()),
        "stages" => Some(stages()),
        "measurements" => Some(measurements()),
        "functions" => Some(all_functions()),
        "codes" => Some(codes()),
        _ => None,
    }
}

fn names(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// In a table, a line between columns would end the cell.
fn cell(text: &str) -> String {
    text.trim().replace('|', "\\|")
}

fn described(block: &BlockDecl, depth: usize) -> String {
    let mut text = String::new();
    describe(block, depth, &mut text);
    text
}

fn describe(block: &BlockDecl, depth: usize, text: &mut String) {
    let labels: String = block.labels.iter().map(|label| format!(" \"{}\"", label.to_uppercase())).collect();
    let _ = write!(text, "\n{} `{}{labels}`\n\n{}\n", "#".repeat(depth), block.kind, block.doc.trim());
    if !block.attributes.is_empty() || block.repeatable {
        text.push_str("\n| attribute | takes | without it | |\n|---|---|---|---|\n");
    }
    if block.repeatable {
        let doc = "Makes an instance of the block for each element; see [structure](structure.md).";
        let _ = writeln!(text, "| `for_each` | a map, or a list or set of strings |  | {doc} |");
    }
    for attribute in block.attributes {
        let without = match attribute.presence {
            Presence::Required => "an error".to_owned(),
            Presence::Optional => String::new(),
            Presence::Default(value) => format!("`{value}`"),
        };
        let (takes, doc) = (cell(attribute.takes), cell(attribute.doc));
        let _ = writeln!(text, "| `{}` | {takes} | {without} | {doc} |", attribute.name);
    }
    if !block.blocks.is_empty() {
        let listed = block.blocks.iter().map(|child| {
            let often = match child.occurs {
                Occurs::Once => "once",
                Occurs::AtMostOnce => "at most once",
                Occurs::Many => "any number of times",
            };
            format!("`{}` ({often})", child.block.kind)
        });
        let _ = write!(text, "\nBlocks in it: {}.\n", listed.collect::<Vec<_>>().join(", "));
    }
    for child in block.blocks {
        describe(child.block, depth + 1, text);
    }
}

fn stages() -> String {
    let mut text = "| verb | needs | may have |\n|---|---|---|\n".to_owned();
    for verb in VERBS {
        let _ = writeln!(text, "| `{}` | {} | {} |", verb.name, names(verb.needs), names(verb.takes));
    }
    text
}

fn measurements() -> String {
    let mut text = "| measurement | compared with |\n|---|---|\n".to_owned();
    for measure in MEASURES {
        let _ = writeln!(text, "| `{}.NAME.{}` | {} |", measure.block, measure.path, measure.unit.takes());
    }
    text
}

fn all_functions() -> String {
    let mut text = String::new();
    let later = jsonata::functions::names();
    for group in functions::GROUPS {
        let _ = writeln!(text, "## {}\n\n| function | gives | in a workflow |\n|---|---|---|", group.title);
        for function in group.functions {
            let carried = if later.contains(&function.name) { "yes" } else { "" };
            let _ = writeln!(text, "| `{}` | {} | {carried} |", cell(&function.signature()), cell(function.doc));
        }
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text + "\n"
}

fn codes() -> String {
    let mut text = "| code | | means |\n|---|---|---|\n".to_owned();
    for code in CODES {
        let severity = match code.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let _ = writeln!(text, "| [`{0}`](../src/codes/{0}.md) | {severity} | {1} |", code.name, cell(&code.summary()));
    }
    text
}
