//! The reference of the language, from the declarations in `schemas/src/spec`.

use std::fmt::Write;

use windlass_schemas::declare::{BlockDecl, Occurs, Presence};
use windlass_schemas::spec::measures::MEASURES;
use windlass_schemas::spec::{BLOCKS, VERBS};

const HEAD: &str = include_str!("reference.md");

/// The reference as Markdown: an introduction, then every block with its attributes.
pub fn reference() -> String {
    let mut text = HEAD.to_owned();
    for block in BLOCKS {
        describe(block, 2, &mut text);
    }
    text += "\n## Stages\n\nA stage has exactly one verb, and what that needs:\n\n| verb | needs | may have |\n|---|---|---|\n";
    for verb in VERBS {
        let _ = writeln!(text, "| `{}` | {} | {} |", verb.name, names(verb.needs), names(verb.takes));
    }
    text += "\nBesides: `when`, `timeout` and `retry`.\n";
    text +=
        "\n## Measurements\n\nAn alert compares them with thresholds.\n\n| measurement | compared with |\n|---|---|\n";
    for measure in MEASURES {
        let _ = writeln!(text, "| `{}.NAME.{}` | {} |", measure.block, measure.path, measure.unit.takes());
    }
    text
}

fn names(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// The declaration's words, of which each line of the source begins with a space.
fn words(doc: &str) -> &str {
    doc.trim()
}

fn describe(block: &BlockDecl, depth: usize, text: &mut String) {
    let labels: String = block.labels.iter().map(|label| format!(" \"{}\"", label.to_uppercase())).collect();
    let _ = write!(text, "\n{} `{}{labels}`\n\n{}\n", "#".repeat(depth), block.kind, words(block.doc));
    if !block.attributes.is_empty() {
        text.push_str("\n| attribute | takes | without it | |\n|---|---|---|---|\n");
    }
    for attribute in block.attributes {
        let without = match attribute.presence {
            Presence::Required => "an error".to_owned(),
            Presence::Optional => String::new(),
            Presence::Default(value) => format!("`{value}`"),
        };
        let (takes, doc) = (attribute.takes.replace('|', "\\|"), words(attribute.doc).replace('|', "\\|"));
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
