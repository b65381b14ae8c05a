//! Source text to a syntax tree, with every syntax error of the file in one run.
//!
//! The text is [scanned](scan), and one descent over its [grammar] makes the [tree] and the findings. What is broken is
//! left out of the tree. A block that is broken keeps its header, so that what refers to it by name still finds it.

mod brackets;
mod grammar;
mod literals;
mod phrases;
pub(crate) mod scan;
mod templates;
#[cfg(test)]
mod tests;
pub mod tree;

use std::ops::Range;

use windlass_schemas::codes::{EMPTY_SPEC, LIMIT, SYNTAX};
use windlass_schemas::declare::BlockDecl;
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::source::Sources;
use windlass_schemas::span::{FileId, Span};
use windlass_schemas::spec::BLOCKS;
use windlass_schemas::spec::language::LANGUAGE;

use brackets::Brackets;
use scan::{Kind, Token};
use tree::{Block, Body, Expression, Extent, Name};

/// Findings of one file that are worth reading; a binary file has many more.
const MAX_FINDINGS: usize = 50;

/// Parses every file. A spec that says nothing is reported, too.
pub fn parse_all(sources: &Sources, diags: &mut Diagnostics) -> Vec<(FileId, Body)> {
    let before = diags.len();
    let bodies: Vec<_> = sources.iter().map(|(file, _)| (file, parse(sources, file, diags))).collect();
    if diags.len() == before
        && let Some((first, _)) = bodies.first()
        && bodies.iter().all(|(_, body)| body.is_empty())
    {
        let diagnostic = Diagnostic::at(&EMPTY_SPEC, Span::new(*first, 0..0), "the spec says nothing")
            .help("a spec begins with `project \"NAME\" {}`");
        diags.push(diagnostic);
    }
    bodies
}

/// Parses one file. What is broken is reported and left out of the result.
pub fn parse(sources: &Sources, file: FileId, diags: &mut Diagnostics) -> Body {
    let text = sources.get(file).text.as_str();
    let scan::Scan { tokens, faults } = scan::scan(text, file);
    let places = places(&faults);
    let mut found = faults;

    let items = items(text, &tokens);
    let findings = grammar::read(text, &tokens, 0..tokens.len(), &places, file);
    let limited = findings.diagnostics.iter().any(|d| d.code == &LIMIT);
    let brackets = Brackets { text, tokens: &tokens, file };
    let each_pairs = items.iter().all(|item| brackets.pair(item.clone()));
    let pairs = each_pairs || (brackets.pair(0..tokens.len()) && !nested(&items, &brackets));
    let unpaired = findings.unclosed || findings.stray || !pairs;
    let mut body = findings.body;
    if unpaired && !limited {
        // Judge each item that begins at the margin by itself.
        let (mut attributes, mut blocks) = (Vec::new(), Vec::new());
        for item in &items {
            let findings = grammar::read(text, &tokens, item.clone(), &places, file);
            if brackets.pair(item.clone()) {
                found.extend(findings.diagnostics);
                attributes.extend(findings.body.attributes);
                blocks.extend(findings.body.blocks);
                continue;
            }
            // What is wrong first explains the rest, which may be read in another way than it was meant.
            if !faulty(text, &tokens, item, &places) {
                let first = findings.diagnostics.into_iter().filter(|finding| !about_braces(finding));
                let all = brackets.blame(item.clone()).into_iter().chain(first);
                found.extend(all.min_by_key(|finding| finding.labels.first().map(|label| label.span.start)));
            }
            blocks.extend(header(text, &tokens, item));
        }
        body = Body { attributes: attributes.into(), blocks: blocks.into() };
    } else {
        found.extend(findings.diagnostics);
    }
    report(&sources.get(file).name, text, found, diags);
    body
}

/// Parses a file that is one template. `None` when it is broken, which has been reported.
pub fn parse_template(sources: &Sources, file: FileId, diags: &mut Diagnostics) -> Option<Expression> {
    let text = sources.get(file).text.as_str();
    let scan::Scan { tokens, faults } = scan::scan_template(text, file);
    let (template, found) = grammar::read_template(text, &tokens, file);
    // The characters explain what is wrong with the grammar.
    let found = if faults.is_empty() { found } else { faults };
    let template = template.filter(|_| found.is_empty());
    report(&sources.get(file).name, text, found, diags);
    template
}

fn places(faults: &[Diagnostic]) -> Vec<usize> {
    faults.iter().filter_map(|fault| fault.labels.first()).map(|label| label.span.start as usize).collect()
}

/// Hands on what was found in a text, in its order, and no more than is worth reading.
fn report(name: &str, text: &str, mut found: Vec<Diagnostic>, diags: &mut Diagnostics) {
    found.sort_by_key(|finding| finding.labels.first().map_or(0, |label| label.span.start));
    if found.len() <= MAX_FINDINGS {
        explained(text, &mut found);
    }
    if found.len() > MAX_FINDINGS {
        let message = format!("`{name}` has {} more syntax errors", found.len() - MAX_FINDINGS);
        found.truncate(MAX_FINDINGS);
        found.push(Diagnostic::nowhere(&SYNTAX, message));
    }
    found.into_iter().for_each(|finding| diags.push(finding));
}

/// Whether a block of the top begins inside of another, so that the brackets of both can't be right. What else begins
/// at the margin may stand in a block all the same: nobody has to indent.
fn nested(items: &[Range<usize>], brackets: &Brackets) -> bool {
    let top = |item: &Range<usize>| {
        let mut known = LANGUAGE.iter().chain(BLOCKS);
        brackets.text_of(item.start + 1) != "=" && known.any(|block| block.kind == brackets.text_of(item.start))
    };
    items.iter().zip(items.iter().skip(1)).any(|(item, next)| top(next) && !brackets.pair(item.clone()))
}

/// Whether a finding is about a brace: another part of the item may have made it the wrong one.
fn about_braces(finding: &Diagnostic) -> bool {
    finding.message.starts_with("this block ") || finding.message.ends_with("closes nothing")
}

/// The bytes from an item to the next one.
fn reach(text: &str, tokens: &[Token], item: &Range<usize>) -> Range<usize> {
    let start = |at: usize| tokens.get(at).map_or(text.len(), |token| token.start as usize);
    start(item.start)..start(item.end)
}

/// Whether a fault in the characters stands in the item, or between it and the next one.
fn faulty(text: &str, tokens: &[Token], item: &Range<usize>, places: &[usize]) -> bool {
    let Range { start, end } = reach(text, tokens, item);
    places.partition_point(|place| *place < start) < places.partition_point(|place| *place < end)
}

/// Where something is never closed, another fault in that line tells why: a quote or bracket is missing there.
fn explained(text: &str, found: &mut Vec<Diagnostic>) {
    let line = |finding: &Diagnostic| {
        let start = finding.labels.first().map_or(0, |label| label.span.start as usize);
        text.get(..start).and_then(|before| before.rfind('\n'))
    };
    let open = |finding: &Diagnostic| finding.message.ends_with("is never closed");
    let others: Vec<_> = found.iter().filter(|finding| !open(finding)).map(line).collect();
    found.retain(|finding| !open(finding) || !others.contains(&line(finding)));
}

/// The tokens of each item: from the name of a block at the margin to the next one. The names of blocks that stand in
/// others begin none, as their lines may stand at the margin, too.
fn items(text: &str, tokens: &[Token]) -> Vec<Range<usize>> {
    let word = |token: &Token| text.get(token.start as usize..token.end as usize).unwrap_or_default();
    let top = || LANGUAGE.iter().chain(BLOCKS);
    let inner = |name: &str| top().any(|block| is_inside(block, name));
    let known = |name: &str| top().any(|block| block.kind == name) && !inner(name);
    let mut starts = vec![0];
    let mut templates = 0usize;
    for (at, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::TemplateOpen => templates += 1,
            Kind::TemplateClose => templates = templates.saturating_sub(1),
            Kind::Ident if templates == 0 && at > 0 && margin(text, token.start as usize) => {
                let begins = match tokens.get(at + 1).map(|next| (next.kind, word(next))) {
                    // `output` is a block of a module, with a label, and an attribute of a workflow.
                    Some((Kind::Text | Kind::TemplateOpen | Kind::Ident, _)) => {
                        top().any(|block| block.kind == word(token)) || !inner(word(token))
                    }
                    Some((Kind::Sign, "{" | "[" | "(")) => !inner(word(token)),
                    Some((Kind::Sign, "=")) => known(word(token)),
                    // The only type of block that stands alone, should its brace be missing.
                    _ => word(token) == "locals",
                };
                if begins {
                    starts.push(at);
                }
            }
            _ => {}
        }
    }
    let ends = starts.iter().skip(1).copied().chain([tokens.len()]);
    starts.iter().copied().zip(ends).map(|(start, end)| start..end).collect()
}

/// Whether a block or an attribute of this name stands in the block, at any depth.
fn is_inside(block: &BlockDecl, name: &str) -> bool {
    block.attributes.iter().any(|attribute| attribute.name == name)
        || block.blocks.iter().any(|child| child.block.kind == name || is_inside(child.block, name))
}

fn margin(text: &str, offset: usize) -> bool {
    offset == 0 || text.as_bytes().get(offset - 1) == Some(&b'\n')
}

/// An item that is broken, as an empty block, where it begins with a whole header.
fn header(text: &str, tokens: &[Token], item: &Range<usize>) -> Option<Block> {
    let name = |token: &Token| {
        let written = text.get(token.start as usize..token.end as usize).unwrap_or_default();
        let text = if token.kind == Kind::Text { literals::quoted(literals::inside(written)) } else { written.into() };
        Name { text, span: Extent { start: token.start, end: token.end } }
    };
    let mut words = tokens.get(item.clone())?.iter();
    let kind = words.next().filter(|token| token.kind == Kind::Ident).map(name)?;
    let mut labels = Vec::new();
    for token in words {
        match token.kind {
            Kind::Ident | Kind::Text => labels.push(name(token)),
            Kind::Sign if text.get(token.start as usize..token.end as usize) == Some("{") => {
                let Range { start, end } = reach(text, tokens, item);
                let span = Extent { start: start as u32, end: end as u32 };
                return Some(Block { kind, labels: labels.into(), body: Body::default(), span });
            }
            _ => return None,
        }
    }
    None
}
