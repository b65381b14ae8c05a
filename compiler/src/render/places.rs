//! Offsets to lines and columns, after one walk over each text: reports may have a place for every few bytes of it.

use std::ops::Range;

use windlass_schemas::source::Sources;
use windlass_schemas::span::{FileId, Span};

/// A place for a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// From 1.
    pub line: usize,
    /// In characters (code points), from 1.
    pub column: usize,
    /// From 0.
    pub byte: usize,
}

/// Bytes between two counts of characters.
const STEP: usize = 128;

/// Bytes of a line that are shown before and after the place that a report is about.
const BEFORE: usize = 120;
const AFTER: usize = 480;
/// The same, on either side, where lines are drawn.
const LONG: usize = 2000;

struct Index<'a> {
    text: &'a str,
    /// The offset of every line.
    lines: Vec<usize>,
    /// How many characters begin before every `STEP`th byte.
    characters: Vec<usize>,
}

/// The indexes of all sources.
pub struct Places<'a> {
    indexes: Vec<Index<'a>>,
}

/// The lines around a place.
pub struct Excerpt<'a> {
    /// The text: whole lines, unless they are very long.
    pub text: &'a str,
    /// The line that it begins in.
    pub line: usize,
    /// The bytes of it that the place covers.
    pub range: Range<usize>,
}

/// Lines to draw.
pub struct Context<'a> {
    pub text: &'a str,
    /// The offset at which it begins, and its place.
    pub start: usize,
    pub point: Point,
    /// How many lines it touches.
    pub lines: usize,
}

impl<'a> Places<'a> {
    pub fn new(sources: &'a Sources) -> Self {
        Places { indexes: sources.iter().map(|(_, source)| Index::new(&source.text)).collect() }
    }

    fn index(&self, file: FileId) -> Option<&Index<'a>> {
        self.indexes.get(file.0 as usize)
    }

    /// Where a span begins and ends: the end is behind its last character.
    pub fn range(&self, span: Span) -> (Point, Point) {
        let nowhere = Point { line: 1, column: 1, byte: 0 };
        self.index(span.file).map_or((nowhere, nowhere), |index| {
            (index.point(span.start as usize), index.point(span.end.max(span.start) as usize))
        })
    }

    /// The text around a span: whole lines, and so many before and after it. `None` where the file has no such place.
    pub fn context(&self, span: Span, before: usize, after: usize) -> Option<Context<'a>> {
        self.index(span.file)?.context(span.start as usize..span.end.max(span.start) as usize, before, after)
    }

    /// The lines around a span.
    pub fn excerpt(&self, span: Span) -> Excerpt<'a> {
        match self.index(span.file) {
            Some(index) => index.excerpt(span.start as usize..span.end.max(span.start) as usize),
            None => Excerpt { text: "", line: 1, range: 0..0 },
        }
    }
}

impl<'a> Index<'a> {
    fn new(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        let lines =
            std::iter::once(0).chain(bytes.iter().enumerate().filter(|(_, b)| **b == b'\n').map(|(at, _)| at + 1));
        let mut sum = 0;
        let mut characters = vec![0];
        for chunk in bytes.chunks(STEP) {
            sum += starts(chunk);
            characters.push(sum);
        }
        Index { text, lines: lines.collect(), characters }
    }

    fn boundary(&self, offset: usize) -> usize {
        self.text.floor_char_boundary(offset)
    }

    /// How many characters begin before this offset.
    fn before(&self, offset: usize) -> usize {
        let whole = offset / STEP;
        let rest = self.text.as_bytes().get(whole * STEP..offset).unwrap_or_default();
        self.characters.get(whole).copied().unwrap_or_default() + starts(rest)
    }

    /// The line that holds this offset, from 1, and where it begins.
    fn line(&self, offset: usize) -> (usize, usize) {
        let line = self.lines.partition_point(|start| *start <= offset).max(1);
        (line, self.lines.get(line - 1).copied().unwrap_or_default())
    }

    fn point(&self, offset: usize) -> Point {
        let byte = self.boundary(offset);
        let (line, start) = self.line(byte);
        Point { line, column: self.before(byte) - self.before(start) + 1, byte }
    }

    fn context(&self, range: Range<usize>, before: usize, after: usize) -> Option<Context<'a>> {
        let (start, end) = (self.boundary(range.start), self.boundary(range.end));
        if range.end > self.text.len() {
            return None;
        }
        let start_of = |line: usize| self.lines.get(line).copied().unwrap_or(self.text.len());
        let first = (self.line(start).0 - 1).saturating_sub(before);
        let last = self.line(end.max(start + 1) - 1).0 - 1 + after;
        // Very long lines are cut: nobody reads megabytes on a terminal.
        let from = match before {
            0 => start,
            _ => start_of(first).max(self.boundary(start.saturating_sub(LONG))),
        };
        let to = start_of(last + 1).min(self.boundary(end + LONG)).max(from);
        let text = self.text.get(from..to)?;
        let lines = self.line(to.max(from + 1) - 1).0 + 1 - self.line(from).0;
        Some(Context { text, start: from, point: self.point(from), lines })
    }

    fn excerpt(&self, range: Range<usize>) -> Excerpt<'a> {
        let (start, end) = (self.boundary(range.start), self.boundary(range.end));
        let (line, line_start) = self.line(start);
        let last = self.line(end.max(start + 1) - 1).0;
        let line_end = self.lines.get(last).map_or(self.text.len(), |next| next - 1).max(end);
        let from = line_start.max(self.boundary(start.saturating_sub(BEFORE)));
        let to = line_end.min(self.boundary(start + AFTER)).max(from);
        let text = self.text.get(from..to).unwrap_or_default();
        let text = text.strip_suffix('\r').unwrap_or(text);
        Excerpt { text, line, range: (start - from).min(text.len())..(end - from).min(text.len()) }
    }
}

/// How many characters begin in these bytes.
fn starts(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
}
