//! Source text to hcl-edit's tree, with every syntax error of the file in one run.
//!
//! The text is [scanned](scan), its [grammar] is checked, and what is broken is blanked with spaces, so that hcl-edit
//! parses the rest at the offsets of the original. A block that is broken keeps its header, so that what refers to it
//! by name still finds it.

mod brackets;
mod grammar;
mod objects;
mod phrases;
pub(crate) mod scan;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::ops::Range;

use hcl::edit::expr::Expression;
use hcl::edit::parser::{Error, parse_body, parse_template as parse_whole};
use hcl::edit::structure::Body;
use hcl::edit::template::Template;
use windlass_schemas::codes::{EMPTY_SPEC, LIMIT, SYNTAX};
use windlass_schemas::declare::BlockDecl;
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::source::Sources;
use windlass_schemas::span::{FileId, Span};
use windlass_schemas::spec::BLOCKS;
use windlass_schemas::spec::language::LANGUAGE;

use brackets::Brackets;
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
    let brackets = Brackets { text, tokens: &tokens, file };
    let unpaired = findings.unclosed || findings.stray || !brackets.pair(0..tokens.len()) || nested(&items, &brackets);
    if unpaired && !limited {
        // Judge each item that begins at the margin by itself.
        for item in &items {
            let findings = grammar::check(text, &tokens, item.clone(), &places, file);
            if brackets.pair(item.clone()) {
                found.extend(findings.diagnostics);
                blanks.extend(findings.broken.into_iter().map(Blank::whole));
                continue;
            }
            // What is wrong first explains the rest, which may be read in another way than it was meant.
            if !faulty(text, &tokens, item, &places) {
                let first = findings.diagnostics.into_iter().filter(|finding| !about_braces(finding));
                let all = brackets.blame(item.clone()).into_iter().chain(first);
                found.extend(all.min_by_key(|finding| finding.labels.first().map(|label| label.span.start)));
            }
            blanks.push(Blank { range: reach(text, &tokens, item), header: header(text, &tokens, item), end: None });
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

/// Parses a file that is one template. `None` when it is broken, which has been reported.
pub fn parse_template(sources: &Sources, file: FileId, diags: &mut Diagnostics) -> Option<Template> {
    let text = sources.get(file).text.as_str();
    // As a heredoc, it is checked like every other text.
    let longest = text.split(|c| c != '_').map(str::len).max().unwrap_or(0);
    let mark = "TEMPLATE".to_owned() + &"_".repeat(longest + 1);
    let before = format!("template = <<{mark}\n");
    let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    let scratch = Sources::default();
    let wrapped = scratch.add("", format!("{before}{text}{end}{mark}\n"));
    let mut found = Diagnostics::default();
    parse(&scratch, wrapped, &mut found);
    let broken = found.failed();
    for mut finding in found.into_sorted() {
        for label in &mut finding.labels {
            let place = |at: u32| (at as usize).saturating_sub(before.len()).min(text.len());
            label.span = Span::new(file, place(label.span.start)..place(label.span.end));
        }
        diags.push(finding);
    }
    if broken {
        return None;
    }
    parse_whole(text).map_err(|error| diags.push(unforeseen(text, &error, file))).ok()
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

/// Bytes to leave out; an item whose header is to stay has the offset of its `{`.
struct Blank {
    range: Range<usize>,
    header: Option<usize>,
    /// What becomes of a line end at its end; others stay.
    end: Option<u8>,
}

impl Blank {
    fn whole(range: Range<usize>) -> Self {
        Blank { range, header: None, end: None }
    }
}

/// Runs hcl-edit over the text without its broken parts. Should it still find a fault, it may be a comment or a line end
/// in brackets, which it does not always take as HCL does; and then the item around it goes too.
fn build(
    text: &str,
    tokens: &[Token],
    items: &[Range<usize>],
    blanks: Vec<Blank>,
    file: FileId,
    found: &mut Vec<Diagnostic>,
) -> Body {
    let mut broken = !blanks.is_empty();
    let sound = || {
        let mut rest = if blanks.is_empty() { Cow::Borrowed(text) } else { Cow::Owned(blanked(text, &blanks)) };
        for pair in tokens.windows(2) {
            // For hcl-edit, a heredoc without a line ends with the next one of its name.
            if let [open, close] = pair
                && (open.kind, close.kind) == (Kind::TemplateOpen, Kind::TemplateClose)
                && let Some(heredoc) = rest.get(open.start as usize..close.end as usize).filter(|t| t.starts_with("<<"))
            {
                let empty = format!("{:1$}", "\"\"", heredoc.len());
                rest.to_mut().replace_range(open.start as usize..close.end as usize, &empty);
            }
        }
        rest
    };
    let mut rest = sound();
    if !broken {
        objects::cut(tokens, &mut rest);
    }
    let mut joined = false;
    for _ in 0..=MAX_FINDINGS {
        match parse_body(&rest) {
            Ok(mut body) => {
                trim(&mut body);
                return body;
            }
            Err(_) if !std::mem::replace(&mut joined, true) => {
                // Where something is broken, no bracket is open from one item to the next.
                let whole = 0..tokens.len();
                let regions = if broken { items } else { std::slice::from_ref(&whole) };
                rest = Cow::Owned(blanked(&sound(), &lines_in_brackets(text, tokens, regions)));
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

/// Comments, and line ends in brackets: those between the items of an object become commas, and the others mean nothing.
fn lines_in_brackets(text: &str, tokens: &[Token], items: &[Range<usize>]) -> Vec<Blank> {
    let mut blanks = Vec::new();
    for item in items {
        // What a line end becomes in each thing that is open.
        let mut open = Vec::new();
        let mut last: Option<&Token> = None;
        for (at, token) in tokens.iter().enumerate().take(item.end).skip(item.start) {
            let sign = |token: &Token| text.get(token.start as usize..token.end as usize).unwrap_or("");
            let gap = last.map_or(0, |last| last.end as usize)..token.start as usize;
            if text.get(gap.clone()).is_some_and(|gap| gap.contains("/*")) {
                blanks.push(Blank { range: gap, header: None, end: Some(b' ') });
            }
            match (token.kind, sign(token)) {
                (Kind::Sign, "(" | "[") | (Kind::Interpolation | Kind::Directive, _) => open.push(b' '),
                (Kind::Sign, "{") => {
                    let body = open.last().is_none_or(|end| *end == b'\n')
                        && last.is_some_and(|last| !matches!(last.kind, Kind::Sign | Kind::Newline));
                    let mut inside = tokens.iter().skip(at + 1).filter(|token| token.kind != Kind::Newline);
                    let for_object = inside.next().is_some_and(|token| sign(token) == "for")
                        && inside.next().is_some_and(|token| token.kind == Kind::Ident);
                    open.push(if body { b'\n' } else { [b',', b' '][usize::from(for_object)] });
                }
                (Kind::TemplateOpen, _) => open.push(b'\n'),
                (Kind::Sign, ")" | "]" | "}") | (Kind::SequenceEnd | Kind::TemplateClose, _) => {
                    open.pop();
                }
                (Kind::Newline, _) => {
                    let end = open.last().copied().unwrap_or(b'\n');
                    let heredoc = |last: &Token| last.kind == Kind::TemplateClose && sign(last) != "\"";
                    let item = |last: &Token| last.kind != Kind::Newline && !matches!(sign(last), "{" | ",");
                    // What closes a heredoc stands alone on its line.
                    let goes = |last: &&Token| end != b'\n' && !heredoc(last) && (end == b' ' || item(last));
                    if let Some(last) = last.filter(goes) {
                        let range = last.end as usize..token.end as usize;
                        blanks.push(Blank { range, header: None, end: Some(end) });
                    }
                }
                _ => {}
            }
            last = Some(token);
        }
    }
    blanks
}

/// A body of so few parts is made anew: hcl-edit sets aside four places of 600 bytes in each, and adding a part looks at
/// all that are there.
const SMALL: usize = 8;

/// Gives memory back that hcl-edit has set aside.
fn trim(body: &mut Body) {
    for mut structure in body {
        if let Some(block) = structure.as_block_mut() {
            block.labels.shrink_to_fit();
            trim(&mut block.body);
            let count = block.body.len();
            if count <= SMALL && !count.is_power_of_two() || count < 4 {
                let mut exact = Body::with_capacity(count);
                std::mem::take(&mut block.body).into_iter().for_each(|part| exact.push(part));
                block.body = exact;
            }
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
            if *byte != b'\n' || blank.end.is_some() {
                *byte = b' ';
            }
        }
        if let (Some(byte), Some(place)) = (blank.end, bytes.get_mut(end - 1)) {
            *place = byte;
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
