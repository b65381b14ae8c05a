//! Which bracket is wrong, in an item whose brackets don't pair: the indentation of lines tells what was meant.

use std::ops::Range;

use windlass_schemas::codes::SYNTAX;
use windlass_schemas::diagnostic::Diagnostic;
use windlass_schemas::span::{FileId, Span};

use super::scan::{Kind, Token};

/// What is open at a token.
#[derive(Clone, Copy)]
struct Open {
    at: usize,
    /// `}`, `]` or `)`; a template sequence is closed by its own kind of token.
    close: &'static str,
}

pub(super) struct Brackets<'a> {
    pub(super) text: &'a str,
    pub(super) tokens: &'a [Token],
    pub(super) file: FileId,
}

/// What closes a template sequence.
const SEQUENCE: &str = "";

impl<'a> Brackets<'a> {
    /// Whether every brace of these tokens has its counterpart.
    pub(super) fn pair(&self, region: Range<usize>) -> bool {
        // What opened each: a brace, or a template sequence.
        let mut open: Vec<bool> = Vec::new();
        for token in self.tokens.get(region).unwrap_or_default() {
            let sign = || self.text.as_bytes().get(token.start as usize);
            match token.kind {
                Kind::Interpolation | Kind::Directive => open.push(false),
                Kind::SequenceEnd if open.pop() != Some(false) => return false,
                Kind::Sign if sign() == Some(&b'{') => open.push(true),
                Kind::Sign if sign() == Some(&b'}') && open.pop() != Some(true) => return false,
                _ => {}
            }
        }
        open.is_empty()
    }

    /// The finding about the first bracket of an item that does not fit.
    pub(super) fn blame(&self, region: Range<usize>) -> Option<Diagnostic> {
        let mut open: Vec<Open> = Vec::new();
        for at in region {
            if let Some(close) = self.closes(at) {
                open.push(Open { at, close });
                continue;
            }
            let Some(close) = self.closing(at) else { continue };
            let Some(last) = open.last().copied() else { return Some(self.stray(at)) };
            if last.close != close {
                let known = open.iter().rev().take_while(|open| open.close != SEQUENCE).any(|open| open.close == close);
                return Some(if known { self.unclosed(last.at) } else { self.wrong(last, at) });
            }
            if self.alone(at) {
                // A closing bracket on a line of its own stands as far right as the line that opened it.
                match self.indent(at).cmp(&self.indent(last.at)) {
                    std::cmp::Ordering::Less => return Some(self.unclosed(last.at)),
                    std::cmp::Ordering::Greater => return Some(self.stray(at)),
                    std::cmp::Ordering::Equal => {}
                }
            }
            open.pop();
        }
        open.last().map(|last| self.unclosed(last.at))
    }

    pub(super) fn text_of(&self, at: usize) -> &'a str {
        self.tokens.get(at).and_then(|t| self.text.get(t.start as usize..t.end as usize)).unwrap_or_default()
    }

    fn span(&self, at: usize) -> Span {
        let (start, end) = self.tokens.get(at).map_or((0, 0), |token| (token.start as usize, token.end as usize));
        Span::new(self.file, start..end)
    }

    /// What closes the bracket that this token opens.
    fn closes(&self, at: usize) -> Option<&'static str> {
        match (self.tokens.get(at)?.kind, self.text_of(at)) {
            (Kind::Interpolation | Kind::Directive, _) => Some(SEQUENCE),
            (Kind::Sign, "{") => Some("}"),
            (Kind::Sign, "[") => Some("]"),
            (Kind::Sign, "(") => Some(")"),
            _ => None,
        }
    }

    fn closing(&self, at: usize) -> Option<&'static str> {
        match (self.tokens.get(at)?.kind, self.text_of(at)) {
            (Kind::SequenceEnd, _) => Some(SEQUENCE),
            (Kind::Sign, "}") => Some("}"),
            (Kind::Sign, "]") => Some("]"),
            (Kind::Sign, ")") => Some(")"),
            _ => None,
        }
    }

    fn alone(&self, at: usize) -> bool {
        at.checked_sub(1).and_then(|before| self.tokens.get(before)).is_none_or(|token| token.kind == Kind::Newline)
    }

    /// The number of blanks that begin the line of a token.
    fn indent(&self, at: usize) -> usize {
        let start = self.tokens.get(at).map_or(0, |t| t.start as usize);
        let before = self.text.get(..start).unwrap_or_default();
        let line = self.text.get(before.rfind('\n').map_or(0, |n| n + 1)..).unwrap_or_default();
        line.len() - line.trim_start_matches([' ', '\t']).len()
    }

    fn stray(&self, at: usize) -> Diagnostic {
        Diagnostic::at(&SYNTAX, self.span(at), format!("this `{}` closes nothing", self.text_of(at)))
    }

    fn wrong(&self, open: Open, at: usize) -> Diagnostic {
        let message = format!("expected `{}`, found `{}`", open.close, self.text_of(at));
        Diagnostic::at(&SYNTAX, self.span(at), message).label(self.span(open.at), "opened here")
    }

    fn unclosed(&self, at: usize) -> Diagnostic {
        let before = at.checked_sub(1).and_then(|before| self.tokens.get(before)).map(|token| token.kind);
        if self.text_of(at) == "{" && matches!(before, Some(Kind::Ident | Kind::Text | Kind::TemplateClose)) {
            return Diagnostic::at(&SYNTAX, self.span(at), "this block is never closed")
                .help("close it with `}` on a line of its own");
        }
        Diagnostic::at(&SYNTAX, self.span(at), format!("this `{}` is never closed", self.text_of(at)))
    }
}
