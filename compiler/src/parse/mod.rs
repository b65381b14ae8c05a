//! Source text to hcl-edit's tree, with every syntax error of the file in one run.
//!
//! The text is [scanned](scan), its [grammar] is checked, and what is broken is blanked with spaces, so that hcl-edit
//! parses the rest at the offsets of the original. A block that is broken keeps its header, so that what refers to it
//! by name still finds it.

mod grammar;
mod phrases;
mod scan;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::ops::Range;

use hcl::edit::expr::Expression;
use hcl::edit::parser::{Error, parse_body};
use hcl::edit::structure::Body;
use windlass_schemas::codes::{EMPTY_SPEC, LIMIT, SYNTAX};
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::source::Sources;
use windlass_schemas::span::{FileId, Span};

use scan::{Kind, Token};

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
    let scan::Scan { tokens, faults, gaps } = scan::scan(text, file);
    let places: Vec<usize> =
        faults.iter().filter_map(|f| f.labels.first()).map(|label| label.span.start as usize).collect();
    let mut found = faults;
    let mut blanks: Vec<Blank> = gaps.into_iter().map(Blank::whole).collect();

    let items = items(text, &tokens);
    let findings = grammar::check(text, &tokens, 0..tokens.len(), &places, file);
    let limited = findings.diagnostics.iter().any(|d| d.code == &LIMIT);
    if (findings.unclosed || findings.stray) && !limited {
        // The braces don't pair: judge each item that begins at the margin by itself.
        for item in &items {
            let mut findings = grammar::check(text, &tokens, item.clone(), &places, file);
            // After another fault, a brace too many is its consequence: the one that should open its block is missing.
            let unopened = findings.stray && (findings.diagnostics.len() > 1 || faulty(&tokens, item, &places));
            if unopened {
                findings.diagnostics.truncate(1);
            }
            found.extend(findings.diagnostics);
            match bytes(&tokens, item) {
                Some(range) if findings.unclosed || unopened => {
                    blanks.push(Blank { range, header: header(text, &tokens, item) });
                }
                _ => blanks.extend(findings.broken.into_iter().map(Blank::whole)),
            }
        }
    } else {
        found.extend(findings.diagnostics);
        blanks.extend(findings.broken.into_iter().map(Blank::whole));
    }

    let body = build(text, &tokens, &items, blanks, file, &mut found);
    found.sort_by_key(|finding| finding.labels.first().map_or(0, |label| label.span.start));
    if found.len() <= MAX_FINDINGS {
        explained(text, &mut found);
    }
    if found.len() > MAX_FINDINGS {
        let name = &sources.get(file).name;
        let message = format!("`{name}` has {} more syntax errors", found.len() - MAX_FINDINGS);
        found.truncate(MAX_FINDINGS);
        found.push(Diagnostic::nowhere(&SYNTAX, message));
    }
    found.into_iter().for_each(|finding| diags.push(finding));
    body
}

/// Whether a fault in the characters stands in the item.
fn faulty(tokens: &[Token], item: &Range<usize>, places: &[usize]) -> bool {
    bytes(tokens, item).is_some_and(|range| places.iter().any(|place| range.contains(place)))
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

/// Bytes to leave out; an item whose header is to stay has the offset of its `{`.
struct Blank {
    range: Range<usize>,
    header: Option<usize>,
}

impl Blank {
    fn whole(range: Range<usize>) -> Self {
        Blank { range, header: None }
    }
}

/// Runs hcl-edit over the text without its broken parts. Should it still find a fault, the item around it goes too.
fn build(
    text: &str,
    tokens: &[Token],
    items: &[Range<usize>],
    blanks: Vec<Blank>,
    file: FileId,
    found: &mut Vec<Diagnostic>,
) -> Body {
    let mut broken = !blanks.is_empty();
    let mut rest = if broken { Cow::Owned(blanked(text, &blanks)) } else { Cow::Borrowed(text) };
    for _ in 0..MAX_FINDINGS {
        match parse_body(&rest) {
            Ok(mut body) => {
                trim(&mut body);
                return body;
            }
            Err(error) => {
                let offset = error.location().offset();
                let item = items.iter().filter_map(|item| bytes(tokens, item)).find(|r| r.contains(&offset));
                let range = item.unwrap_or(0..text.len());
                // What is left out already explains most faults; one of a whole text is news.
                if !broken
                    || !found.iter().any(|f| f.labels.first().is_some_and(|l| range.contains(&(l.span.start as usize))))
                {
                    found.push(unforeseen(text, &error, file));
                }
                broken = true;
                let emptied = rest.get(range.clone()).is_some_and(|part| part.trim().is_empty());
                let range = if emptied { 0..text.len() } else { range };
                rest = Cow::Owned(blanked(&rest, &[Blank::whole(range)]));
            }
        }
    }
    Body::new()
}

/// Gives memory back: hcl-edit sets aside four places for every list of labels and every reference.
fn trim(body: &mut Body) {
    for mut structure in body {
        if let Some(block) = structure.as_block_mut() {
            block.labels.shrink_to_fit();
            trim(&mut block.body);
        } else if let Some(mut attribute) = structure.as_attribute_mut()
            && let Expression::Traversal(traversal) = attribute.value_mut()
        {
            traversal.operators.shrink_to_fit();
        }
    }
}

/// A fault that only hcl-edit sees.
fn unforeseen(text: &str, error: &Error, file: FileId) -> Diagnostic {
    let start = error.location().offset().min(text.len());
    let length = text.get(start..).and_then(|t| t.chars().next()).map_or(0, char::len_utf8);
    let span = Span::new(file, start..start + length);
    let message = error.message();
    if message.contains("nested levels") {
        return Diagnostic::at(&LIMIT, span, format!("this is nested more than {} levels deep", grammar::MAX_NESTING))
            .help("name inner parts in `locals` and refer to them");
    }
    if message.contains("chained binary operators") {
        return Diagnostic::at(&LIMIT, span, format!("this chain has more than {} operators", grammar::MAX_OPERATORS))
            .help("name parts of it in `locals` and refer to them");
    }
    let detail = message.split_once("expected").map_or("", |(_, expected)| expected.trim());
    match detail {
        "" => Diagnostic::at(&SYNTAX, span, "this cannot be read as HCL"),
        detail => Diagnostic::at(&SYNTAX, span, format!("this cannot be read as HCL: expected {detail}")),
    }
}

/// `text` with spaces in the place of what is broken; every other byte keeps its offset.
fn blanked(text: &str, blanks: &[Blank]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for blank in blanks {
        let Range { start, end } = blank.range.clone();
        let end = end.min(bytes.len());
        // `kind "label" {`, a line end, the closing brace, a line end.
        let kept = blank.header.filter(|brace| brace + 3 < end);
        let from = kept.map_or(start, |brace| brace + 1);
        for byte in bytes.get_mut(from..end).into_iter().flatten() {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
        if kept.is_some() {
            for (at, byte) in [(from, b'\n'), (end - 2, b'}'), (end - 1, b'\n')] {
                if let Some(place) = bytes.get_mut(at) {
                    *place = byte;
                }
            }
        }
    }
    // Whole characters were replaced by ASCII, so this is UTF-8 still.
    String::from_utf8(bytes).unwrap_or_default()
}

/// The tokens of each item: from a name at the margin that begins a block (or attribute) to the next one.
fn items(text: &str, tokens: &[Token]) -> Vec<Range<usize>> {
    let mut starts = vec![0];
    let mut templates = 0usize;
    for (at, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::TemplateOpen => templates += 1,
            Kind::TemplateClose => templates = templates.saturating_sub(1),
            Kind::Ident if templates == 0 && at > 0 && margin(text, token.start as usize) => {
                let next =
                    tokens.get(at + 1).map(|t| (t.kind, text.get(t.start as usize..t.end as usize).unwrap_or("")));
                // The only type of block that stands alone, should its brace be missing.
                let locals = text.get(token.start as usize..token.end as usize) == Some("locals");
                if locals
                    || matches!(
                        next,
                        Some((Kind::Text | Kind::TemplateOpen | Kind::Ident, _) | (Kind::Sign, "{" | "="))
                    )
                {
                    starts.push(at);
                }
            }
            _ => {}
        }
    }
    let ends = starts.iter().skip(1).copied().chain([tokens.len()]);
    starts.iter().copied().zip(ends).map(|(start, end)| start..end).collect()
}

fn margin(text: &str, offset: usize) -> bool {
    offset == 0 || text.as_bytes().get(offset - 1) == Some(&b'\n')
}

fn bytes(tokens: &[Token], item: &Range<usize>) -> Option<Range<usize>> {
    let first = tokens.get(item.start)?;
    let last = tokens.get(item.end.checked_sub(1)?)?;
    Some(first.start as usize..last.end as usize)
}

/// The offset of the `{` of an item that begins with a whole header.
fn header(text: &str, tokens: &[Token], item: &Range<usize>) -> Option<usize> {
    let mut tokens = tokens.get(item.clone())?.iter();
    if tokens.next()?.kind != Kind::Ident {
        return None;
    }
    for token in tokens {
        match token.kind {
            Kind::Ident | Kind::Text => {}
            Kind::Sign if text.get(token.start as usize..token.end as usize) == Some("{") => {
                return Some(token.start as usize);
            }
            _ => return None,
        }
    }
    None
}
