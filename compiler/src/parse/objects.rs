//! Large objects, cut into parts: hcl-edit compares each new key of an object with all that it has.
//!
//! `{ … }` becomes `[{ … },{ … }]` in the text that hcl-edit reads, written into the white space at its brackets and
//! between its entries, so that no offset changes. Evaluation knows such a list by what stands in its place in the
//! user's text: no `[`.

use std::borrow::Cow;

use super::scan::{Kind, Token};

/// Entries of a part, where there is room to cut behind so many.
const PART: usize = 256;

/// A brace that may open an object, and where its entries begin.
struct Open {
    /// Its token; `None` for other brackets, and for objects that are read in another way than as values.
    brace: Option<usize>,
    entries: Vec<usize>,
}

/// Cuts the large objects of a text that is sound.
pub(super) fn cut(tokens: &[Token], text: &mut Cow<str>) {
    let edits = Cutter { text, tokens }.edits();
    if edits.is_empty() {
        return;
    }
    let mut bytes = std::mem::take(text).into_owned().into_bytes();
    for (at, byte) in edits {
        if let Some(place) = bytes.get_mut(at) {
            *place = byte;
        }
    }
    // One-byte characters were replaced by one-byte characters.
    *text = Cow::Owned(String::from_utf8(bytes).unwrap_or_default());
}

struct Cutter<'a> {
    text: &'a str,
    tokens: &'a [Token],
}

impl Cutter<'_> {
    fn edits(&self) -> Vec<(usize, u8)> {
        let mut edits = Vec::new();
        let mut open: Vec<Open> = Vec::new();
        let mut fresh = false;
        for (at, token) in self.tokens.iter().enumerate() {
            let word = self.word(at);
            if let Some(top) = open.last_mut()
                && top.brace.is_some()
                && fresh
                && token.kind == Kind::Ident
                && matches!(self.word(at + 1), "=" | ":")
            {
                top.entries.push(at);
            }
            fresh = token.kind == Kind::Newline || matches!(word, "{" | ",");
            match (token.kind, word) {
                (Kind::Sign, "{") => open.push(Open { brace: self.value(at).then_some(at), entries: Vec::new() }),
                (Kind::Sign, "[" | "(") | (Kind::TemplateOpen | Kind::Interpolation | Kind::Directive, _) => {
                    open.push(Open { brace: None, entries: Vec::new() });
                }
                (Kind::Sign, "}" | "]" | ")") | (Kind::TemplateClose | Kind::SequenceEnd, _) => {
                    if let Some(Open { brace: Some(brace), entries }) = open.pop()
                        && entries.len() > 2 * PART
                    {
                        edits.extend(self.parts(brace, &entries, at));
                    }
                }
                _ => {}
            }
        }
        edits
    }

    /// Whether a brace opens an object that is a value: behind `=`, and no loop. The values of an environment are read
    /// entry by entry.
    fn value(&self, at: usize) -> bool {
        let before = |back: usize| at.checked_sub(back).map_or("", |at| self.word(at));
        let mut inside = (at + 1..self.tokens.len()).filter(|at| self.kind(*at) != Some(Kind::Newline));
        let for_object = inside.next().is_some_and(|at| self.word(at) == "for")
            && inside.next().is_some_and(|at| self.kind(at) == Some(Kind::Ident));
        before(1) == "=" && before(2) != "variables" && !for_object
    }

    /// What to write where, to cut the object between `brace` and `end`. Empty where there is no room.
    fn parts(&self, brace: usize, entries: &[usize], end: usize) -> Vec<(usize, u8)> {
        let (Some(start), Some(close)) = (self.start(brace), self.start(end)) else { return Vec::new() };
        if start.checked_sub(1).is_none_or(|before| self.byte(before) != b' ') || !self.room(end, 1) {
            return Vec::new();
        }
        let mut edits = vec![(start - 1, b'['), (close - 1, b'}'), (close, b']')];
        let mut last = 0;
        for (number, entry) in entries.iter().enumerate() {
            if number - last >= PART && self.room(*entry, 3) {
                let at = self.start(*entry).unwrap_or_default();
                edits.extend([(at - 3, b'}'), (at - 2, b','), (at - 1, b'{')]);
                last = number;
            }
        }
        edits
    }

    /// Whether so many bytes of white space before a token can be written over. A line end that ends a comment or a
    /// heredoc can't.
    fn room(&self, at: usize, wanted: usize) -> bool {
        let Some(start) = self.start(at) else { return false };
        let Some(from) = start.checked_sub(wanted) else { return false };
        let Some(bytes) = self.text.as_bytes().get(from..start) else { return false };
        if bytes.iter().all(|byte| matches!(byte, b' ' | b'\t')) {
            return true;
        }
        let before = (0..at).rev().find(|at| self.kind(*at) != Some(Kind::Newline) && self.word(*at) != ",");
        let Some(before) = before.and_then(|before| self.tokens.get(before)) else { return false };
        let gap = self.text.as_bytes().get(before.end as usize..start).unwrap_or_default();
        before.kind != Kind::TemplateClose
            && bytes.iter().all(u8::is_ascii_whitespace)
            && gap.iter().all(|byte| byte.is_ascii_whitespace() || *byte == b',')
    }

    fn word(&self, at: usize) -> &str {
        let token = self.tokens.get(at);
        token.and_then(|token| self.text.get(token.start as usize..token.end as usize)).unwrap_or_default()
    }

    fn kind(&self, at: usize) -> Option<Kind> {
        self.tokens.get(at).map(|token| token.kind)
    }

    fn start(&self, at: usize) -> Option<usize> {
        self.tokens.get(at).map(|token| token.start as usize)
    }

    fn byte(&self, at: usize) -> u8 {
        self.text.as_bytes().get(at).copied().unwrap_or_default()
    }
}
