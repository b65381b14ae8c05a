//! Text to tokens, in one linear walk that knows strings, templates, heredocs and comments.
//!
//! It never gives up: a fault becomes a diagnostic and scanning goes on where the author most likely meant it to. A
//! quoted string ends with its line; so does a `${` in a quoted string when the next line begins a new attribute or
//! block, for there the author has forgotten the `}`.

use windlass_schemas::codes::SYNTAX;
use windlass_schemas::diagnostic::Diagnostic;
use windlass_schemas::span::{FileId, Span};

/// What a token is; its text is the bytes from `start` to `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A name.
    Ident,
    /// A number.
    Number,
    /// A quoted string without templates, quotes and all; or a literal part of a template.
    Text,
    /// The `"` or `<<EOT` that opens a template.
    TemplateOpen,
    /// What closes it.
    TemplateClose,
    /// `${`
    Interpolation,
    /// `%{`
    Directive,
    /// The `}` of either.
    SequenceEnd,
    /// The end of a line; comments are no tokens.
    Newline,
    /// `{ } [ ] ( )`, operators and punctuation.
    Sign,
}

/// A piece of the text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) start: u32,
    pub(crate) end: u32,
}

/// The tokens of a file, and what was wrong with its characters.
pub(crate) struct Scan {
    pub(crate) tokens: Vec<Token>,
    /// In the order of their places.
    pub(crate) faults: Vec<Diagnostic>,
}

/// What is open at a point of the text.
#[derive(Clone, Copy)]
enum Open {
    Bracket(u8),
    /// `${` or `%{` at this offset; true when a quoted string holds it.
    Sequence(usize, bool),
    /// The opening quote.
    Quote(usize),
    /// The introducer, and the range of the delimiter.
    Heredoc(usize, usize, usize),
    /// The whole text is a template.
    Whole,
}

struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    file: FileId,
    open: Vec<Open>,
    /// Where the line at hand begins.
    line: usize,
    /// The last character that was reported as one without meaning, with its line.
    stray: Option<(char, usize)>,
    /// The other side of a merge that was not finished.
    skipped: Option<(usize, usize)>,
    scan: Scan,
}

/// Cuts `text` into tokens.
pub(crate) fn scan(text: &str, file: FileId) -> Scan {
    Scanner::new(text, file).run()
}

/// Cuts a text that is one template into tokens.
pub(crate) fn scan_template(text: &str, file: FileId) -> Scan {
    let mut scanner = Scanner::new(text, file);
    scanner.open.push(Open::Whole);
    scanner.push(Kind::TemplateOpen, 0, 0);
    scanner.run()
}

/// Names are those of Unicode's annex 31, and may hold `-`.
fn begins_name(c: char) -> bool {
    c == '_' || unicode_ident::is_xid_start(c)
}

fn continues_name(c: char) -> bool {
    c == '-' || unicode_ident::is_xid_continue(c)
}

/// The punctuation of more than one byte, longest first.
const LONG_SIGNS: [&str; 9] = ["...", "==", "!=", "<=", ">=", "&&", "||", "=>", "::"];

impl<'a> Scanner<'a> {
    fn new(text: &'a str, file: FileId) -> Self {
        let scan = Scan { tokens: Vec::with_capacity(text.len() / 4), faults: Vec::new() };
        Scanner {
            text,
            bytes: text.as_bytes(),
            at: 0,
            file,
            open: Vec::new(),
            line: 0,
            stray: None,
            skipped: None,
            scan,
        }
    }

    fn run(mut self) -> Scan {
        while self.at < self.bytes.len() {
            match self.open.last() {
                Some(Open::Quote(start)) => self.quoted(*start),
                Some(Open::Heredoc(start, from, to)) => self.heredoc(*start, *from, *to),
                Some(Open::Whole) => self.whole(),
                _ => self.plain(),
            }
        }
        self.close_all();
        self.scan
    }

    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn push(&mut self, kind: Kind, start: usize, end: usize) {
        self.scan.tokens.push(Token { kind, start: start as u32, end: end as u32 });
        self.at = end;
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, start..end)
    }

    fn fault(&mut self, start: usize, end: usize, message: impl Into<String>) -> &mut Diagnostic {
        let fault = Diagnostic::at(&SYNTAX, self.span(start, end), message);
        self.scan.faults.push(fault);
        let last = self.scan.faults.len() - 1;
        &mut self.scan.faults[last]
    }

    /// Where the line of `at` ends, before its line break.
    fn line_end(&self, at: usize) -> usize {
        self.bytes.get(at..).and_then(|b| b.iter().position(|b| *b == b'\n')).map_or(self.bytes.len(), |n| at + n)
    }

    /// Where the spaces and tabs at `at` end.
    fn blank_end(&self, at: usize) -> usize {
        let blank = |byte: &u8| matches!(byte, b' ' | b'\t');
        self.bytes.get(at..).and_then(|b| b.iter().position(|b| !blank(b))).map_or(self.bytes.len(), |n| at + n)
    }

    /// The marks that `git merge` leaves where both sides have changed. What the first side wrote is read; the rest is
    /// left out. False when there is none here.
    fn conflict(&mut self) -> bool {
        let start = self.at;
        if start != self.line || !self.rest().starts_with("<<<<<<<") {
            return false;
        }
        let end = self.line_end(start);
        self.fault(start, end, "a merge was not finished here").help =
            Some("choose between what stands before and after `=======`, and remove the marks".to_owned());
        // One search for all marks without a counterpart.
        if self.skipped.is_none() {
            let find = |from: usize, mark: &str| Some(from + self.text.get(from..)?.find(mark)? + 1);
            let other = find(end, "\n=======");
            let close = other.and_then(|other| find(other, "\n>>>>>>>")).map(|close| self.line_end(close));
            self.skipped = Some((other.unwrap_or(usize::MAX), close.unwrap_or(self.bytes.len())));
        }
        self.at = end;
        true
    }

    /// Outside strings: code, comments and the inside of `${ }`.
    fn plain(&mut self) {
        let start = self.at;
        if let Some((from, to)) = self.skipped
            && from == start
        {
            self.skipped = None;
            self.at = to;
            return;
        }
        if self.conflict() {
            return;
        }
        match self.byte(start) {
            b' ' | b'\t' => self.at = self.blank_end(start),
            b'\r' if self.byte(start + 1) == b'\n' => self.at += 1,
            b'\n' => self.newline(),
            b'#' => self.at = self.line_end(start),
            b'/' if self.byte(start + 1) == b'/' => self.at = self.line_end(start),
            b'/' if self.byte(start + 1) == b'*' => self.comment(),
            b'"' => self.begin_string(),
            b'<' if self.byte(start + 1) == b'<' => self.begin_heredoc(),
            b'0'..=b'9' => self.number(),
            open @ (b'{' | b'[' | b'(') => {
                self.open.push(Open::Bracket(open));
                self.push(Kind::Sign, start, start + 1);
            }
            b'~' if self.byte(start + 1) == b'}' && self.in_sequence() => self.close(b'}', start, start + 2),
            close @ (b'}' | b']' | b')') => self.close(close, start, start + 1),
            byte if byte < 0x20 || byte == 0x7f => {
                let mut end = start + 1;
                while self.byte(end) == byte && end < self.bytes.len() {
                    end += 1;
                }
                self.control(start, end);
                self.at = end;
            }
            _ => self.word_or_sign(),
        }
    }

    fn word_or_sign(&mut self) {
        let start = self.at;
        // Nearly all names are plain letters, which need no looking up.
        if matches!(self.byte(start), b'a'..=b'z' | b'A'..=b'Z' | b'_') {
            let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
            let length = self.bytes.get(start..).and_then(|bytes| bytes.iter().position(|byte| !plain(byte)));
            let end = length.map_or(self.bytes.len(), |length| start + length);
            if self.byte(end).is_ascii() {
                return self.push(Kind::Ident, start, end);
            }
        }
        let first = self.rest().chars().next().unwrap_or(' ');
        if begins_name(first) {
            let length = self.rest().find(|c: char| !continues_name(c));
            let end = length.map_or(self.bytes.len(), |n| start + n);
            return self.push(Kind::Ident, start, end);
        }
        if let Some(sign) = LONG_SIGNS.iter().find(|sign| self.rest().starts_with(**sign)) {
            return self.push(Kind::Sign, start, start + sign.len());
        }
        let end = start + first.len_utf8();
        if !first.is_ascii() || matches!(first, '\'' | '`' | '@' | '$' | ';' | '\\' | '^' | '&' | '|' | '~') {
            let help = match first {
                '\'' | '`' | '\u{2018}'..='\u{201f}' => {
                    Some("strings are written between straight double quotes: `\"`")
                }
                '&' => Some("the logical operator is `&&`"),
                '|' => Some("the logical operator is `||`"),
                ';' => Some("attributes end with the line"),
                '$' => Some("references are written bare, as in `var.name`; `${…}` belongs inside a string"),
                '\u{a0}' => Some("this is a no-break space: replace it with a plain one"),
                _ => None,
            };
            // One report for a run of such characters, and for all of one kind in a line: a quote is missing before them.
            let end = self.rest().find(|c: char| c != first).map_or(self.bytes.len(), |n| start + n);
            if self.stray.replace((first, self.line)) != Some((first, self.line)) {
                let shown =
                    if first == '\'' || first == '\\' { first.to_string() } else { first.escape_debug().to_string() };
                let message = format!("the character `{shown}` has no meaning here");
                let fault = self.fault(start, end, message);
                fault.help = help.map(str::to_owned);
            }
            return self.push(Kind::Sign, start, end);
        }
        self.push(Kind::Sign, start, end);
    }

    fn number(&mut self) {
        let start = self.at;
        let digits = |mut at: usize| {
            while self.byte(at).is_ascii_digit() {
                at += 1;
            }
            at
        };
        let mut end = digits(start);
        if self.byte(end) == b'.' && self.byte(end + 1).is_ascii_digit() {
            end = digits(end + 1);
        }
        if matches!(self.byte(end), b'e' | b'E') {
            let sign = usize::from(matches!(self.byte(end + 1), b'+' | b'-'));
            if self.byte(end + 1 + sign).is_ascii_digit() {
                end = digits(end + 1 + sign);
            }
        }
        // `10m`, `0x1f`, `5_000`: one fault for the whole word, not a puzzle about its second half.
        let tail = self.text.get(end..).unwrap_or("");
        let word = tail.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(tail.len());
        if word > 0 {
            let written = self.text.get(start..end + word).unwrap_or("").to_owned();
            self.fault(start, end + word, format!("`{written}` is not a number")).help =
                Some(format!("numbers are decimal; quantities with units are strings, as in `\"{written}\"`"));
            end += word;
        }
        self.push(Kind::Number, start, end);
    }

    fn comment(&mut self) {
        let start = self.at;
        // The star that opens it does not close it: `/*/`.
        match self.rest().get(2..).and_then(|rest| rest.find("*/")) {
            Some(length) => self.at += length + 4,
            None => {
                self.fault(start, start + 2, "this comment is never closed").help =
                    Some("close it with `*/`".to_owned());
                self.at = self.bytes.len();
            }
        }
    }

    fn control(&mut self, start: usize, end: usize) {
        let byte = self.byte(start);
        let message = format!("a control character (U+{byte:04X}) has no place in a spec");
        self.fault(start, end, message).help =
            Some("in a string, write it as an escape: `\\n`, `\\t`, `\\u0007`".to_owned());
    }

    fn in_sequence(&self) -> bool {
        matches!(self.open.last(), Some(Open::Sequence(..)))
    }

    fn newline(&mut self) {
        let start = self.at;
        self.line = start + 1;
        self.push(Kind::Newline, start, start + 1);
        if let Some(Open::Sequence(opener, true)) = self.open.last().copied()
            && self.line_begins_a_statement()
        {
            self.sequence_never_closed(opener);
            self.leave_quotes(start);
        }
    }

    /// Ends every quoted string that is open on this line, at `place`, with all that is open in it: one forgotten quote
    /// or brace is one mistake.
    fn leave_quotes(&mut self, place: usize) {
        let heredoc =
            self.open.iter().rposition(|open| matches!(open, Open::Heredoc(..) | Open::Whole)).map_or(0, |at| at + 1);
        let inner = self.open.get(heredoc..).unwrap_or_default();
        let Some(first) = inner.iter().position(|open| matches!(open, Open::Quote(_))) else { return };
        let at = self.at;
        while self.open.len() > heredoc + first {
            match self.open.pop() {
                Some(Open::Quote(_)) => self.push(Kind::TemplateClose, place, place),
                Some(Open::Sequence(..)) => self.push(Kind::SequenceEnd, place, place),
                _ => {}
            }
        }
        self.at = at;
    }

    fn sequence_never_closed(&mut self, opener: usize) {
        let sign = self.text.get(opener..opener + 2).unwrap_or("${").to_owned();
        self.fault(opener, opener + 2, format!("this `{sign}` is never closed")).help =
            Some(format!("close it with `}}`, or write `{}{sign}` for the characters themselves", &sign[..1]));
    }

    /// Whether the line at hand can be read only as a new attribute or block, or as the end of one.
    fn line_begins_a_statement(&self) -> bool {
        let line = self.text.get(self.at..self.line_end(self.at)).unwrap_or("").trim();
        if let Some(after) = line.strip_prefix('}') {
            // `}-${` may go on with the string.
            let after = after.trim_start_matches([' ', '\t', '\r', ')', ']', '}', ',']);
            return !after.contains('"') && (after.is_empty() || after.starts_with('#') || after.starts_with("//"));
        }
        let word = line.find(|c: char| !continues_name(c)).unwrap_or(line.len());
        let (name, after) = line.split_at(word);
        let after = after.trim_start();
        let attribute = after.starts_with('=') && !after.starts_with("==") && !after.starts_with("=>");
        let template = after.ends_with("${") || after.ends_with("%{");
        let block = after.ends_with('{') && !template && (after.starts_with('"') || after.starts_with('{'));
        name.starts_with(begins_name) && (attribute || block)
    }

    fn close(&mut self, close: u8, start: usize, end: usize) {
        let opener = match close {
            b'}' => b'{',
            b']' => b'[',
            _ => b'(',
        };
        // Find what it closes, within the innermost template sequence; unclosed brackets on the way are dropped (the
        // grammar reports them).
        let mut kind = Kind::Sign;
        while let Some(open) = self.open.last() {
            match open {
                Open::Bracket(found) if *found == opener => {
                    self.open.pop();
                    break;
                }
                Open::Sequence(..) if close == b'}' => {
                    self.open.pop();
                    kind = Kind::SequenceEnd;
                    break;
                }
                Open::Bracket(_) if close == b'}' => self.open.pop(),
                _ => break,
            };
        }
        self.push(kind, start, end);
    }

    /// A plain string becomes one token; one with templates in it is opened and scanned part by part.
    fn begin_string(&mut self) {
        let start = self.at;
        let mut at = start + 1;
        loop {
            match self.byte(at) {
                b'"' => {
                    self.escapes(start + 1, at);
                    return self.push(Kind::Text, start, at + 1);
                }
                b'\\' if at + 1 < self.bytes.len() && self.byte(at + 1) != b'\n' => at += 2,
                // Control characters, templates, line ends and the end of the text are for the careful path.
                0..0x20 | 0x7f => break,
                b'$' | b'%' if self.byte(at + 1) == b'{' => break,
                _ => at += 1,
            }
        }
        self.open.push(Open::Quote(start));
        self.push(Kind::TemplateOpen, start, start + 1);
    }

    /// Reports what follows a backslash and means nothing.
    fn escapes(&mut self, start: usize, end: usize) {
        let mut at = start;
        while at < end {
            if self.byte(at) != b'\\' {
                at += 1;
                continue;
            }
            let hex = |n: usize| {
                self.text
                    .get(at + 2..at + 2 + n)
                    .filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))
                    .and_then(|digits| u32::from_str_radix(digits, 16).ok())
                    .and_then(char::from_u32)
                    .is_some()
            };
            let length = match self.byte(at + 1) {
                b'n' | b'r' | b't' | b'"' | b'\\' => 2,
                b'u' if hex(4) => 6,
                b'U' if hex(8) => 10,
                letter => {
                    let next = self.text.get(at + 1..).and_then(|t| t.chars().next()).map_or(0, char::len_utf8);
                    let stop = (at + 1 + next).min(end);
                    let written = self.text.get(at..stop).unwrap_or("\\").to_owned();
                    self.fault(at, stop, format!("`{written}` is not an escape sequence")).help = Some(match letter {
                        b'u' => "write four hexadecimal digits after it, as in `\\u00e9`".to_owned(),
                        b'U' => "write eight hexadecimal digits after it, as in `\\U0001f600`".to_owned(),
                        _ => "use `\\n`, `\\r`, `\\t`, `\\\"`, `\\\\`, `\\uNNNN` or `\\UNNNNNNNN`; a backslash itself is `\\\\`"
                            .to_owned(),
                    });
                    stop.max(at + 1) - at
                }
            };
            at += length;
        }
    }

    /// Inside a quoted string that holds templates, or that is broken.
    fn quoted(&mut self, opener: usize) {
        let start = self.at;
        let mut at = start;
        let end = self.bytes.len();
        while at < end {
            match self.byte(at) {
                b'"' => {
                    self.literal(start, at);
                    self.open.pop();
                    return self.push(Kind::TemplateClose, at, at + 1);
                }
                b'\\' if at + 1 < end && self.byte(at + 1) != b'\n' => at += 2,
                b'\n' => return self.unterminated(opener, start, at),
                b'\r' if self.byte(at + 1) == b'\n' => return self.unterminated(opener, start, at),
                b'\t' => at += 1,
                0..0x20 | 0x7f => {
                    self.control(at, at + 1);
                    at += 1;
                }
                sign @ (b'$' | b'%') if self.byte(at + 1) == sign && self.byte(at + 2) == b'{' => at += 3,
                b'$' | b'%' if self.byte(at + 1) == b'{' => {
                    self.literal(start, at);
                    return self.begin_sequence(at, true);
                }
                _ => at += 1,
            }
        }
        self.unterminated(opener, start, end.min(at));
    }

    fn literal(&mut self, start: usize, end: usize) {
        if start < end {
            self.escapes(start, end);
            self.push(Kind::Text, start, end);
        }
    }

    fn begin_sequence(&mut self, at: usize, quoted: bool) {
        let kind = if self.byte(at) == b'$' { Kind::Interpolation } else { Kind::Directive };
        self.open.push(Open::Sequence(at, quoted));
        self.push(kind, at, at + 2 + usize::from(self.byte(at + 2) == b'~'));
    }

    /// The line ended inside the string. A bracket at the end of the line was most likely meant as one.
    fn unterminated(&mut self, opener: usize, start: usize, end: usize) {
        let line = self.text.get(start..end).unwrap_or("").trim_end();
        let mut stop = start + line.len();
        if line.ends_with(['{', '[', '(']) {
            stop -= 1;
        }
        match self.open.iter().rev().nth(1) {
            // `"${name"`: the quote was meant as the closing one.
            Some(Open::Sequence(sequence, true)) if stop == opener + 1 => self.sequence_never_closed(*sequence),
            _ => {
                self.fault(opener, opener + 1, "this string is never closed").help =
                    Some("a quoted string ends on its own line; for several lines use a heredoc: `<<-EOT`".to_owned());
            }
        }
        self.at = stop;
        if start < stop {
            self.push(Kind::Text, start, stop);
        }
        self.leave_quotes(stop);
    }

    fn begin_heredoc(&mut self) {
        let start = self.at;
        let from = start + 2 + usize::from(self.byte(start + 2) == b'-');
        let line = self.text.get(from..self.line_end(from)).unwrap_or("");
        let word = line.find(|c: char| !continues_name(c)).unwrap_or(line.len());
        let to = from + word;
        let (delimiter, after) = line.split_at(word);
        if delimiter.is_empty() || !delimiter.starts_with(begins_name) || !after.trim_end().is_empty() {
            self.fault(
                start,
                to.max(start + 2),
                "a heredoc begins with `<<` or `<<-`, a name, and the end of the line",
            )
            .help = Some("write `<<-EOT`, then the text, then `EOT` on a line of its own".to_owned());
            let line_end = self.line_end(from);
            return self.push(Kind::Text, start, line_end);
        }
        if !matches!(after, "" | "\r") {
            let end = to + after.trim_end_matches('\r').len();
            self.fault(to, end, "white space follows the name of this heredoc").help = Some("remove it".to_owned());
        }
        self.open.push(Open::Heredoc(start, from, to));
        let body = (self.line_end(to) + 1).min(self.bytes.len());
        self.push(Kind::TemplateOpen, start, body);
    }

    /// Inside a heredoc, at the start of a line or behind a template sequence.
    fn heredoc(&mut self, opener: usize, from: usize, to: usize) {
        let delimiter = self.text.get(from..to).unwrap_or("");
        let start = self.at;
        let mut at = start;
        let end = self.bytes.len();
        while at < end {
            if at == 0 || self.byte(at - 1) == b'\n' {
                let line = self.text.get(at..self.line_end(at)).unwrap_or("");
                let word = line.trim_start_matches([' ', '\t']);
                let indent = line.len() - word.len();
                if word.strip_prefix(delimiter).is_some_and(|after| !after.starts_with(continues_name)) {
                    if start < at {
                        self.push(Kind::Text, start, at);
                    }
                    self.open.pop();
                    return self.push(Kind::TemplateClose, at, at + indent + to - from);
                }
            }
            match self.template_text(start, at) {
                Some(next) => at = next,
                None => return,
            }
        }
        let delimiter = delimiter.to_owned();
        self.fault(opener, to, "this heredoc is never closed").help =
            Some(format!("write `{delimiter}` on a line of its own after the text"));
        self.open.pop();
        self.push(Kind::Text, start, end);
        self.push(Kind::TemplateClose, end, end);
    }

    /// A text that is one template, at its start or behind a template sequence.
    fn whole(&mut self) {
        let start = self.at;
        let mut at = start;
        while at < self.bytes.len() {
            match self.template_text(start, at) {
                Some(next) => at = next,
                None => return,
            }
        }
        self.push(Kind::Text, start, at);
    }

    /// The next place in a text that began at `start`; `None` when a sequence ends it.
    fn template_text(&mut self, start: usize, at: usize) -> Option<usize> {
        match self.byte(at) {
            sign @ (b'$' | b'%') if self.byte(at + 1) == sign && self.byte(at + 2) == b'{' => return Some(at + 3),
            b'$' | b'%' if self.byte(at + 1) == b'{' => {
                if start < at {
                    self.push(Kind::Text, start, at);
                }
                self.begin_sequence(at, false);
                return None;
            }
            b'\t' | b'\n' => {}
            b'\r' if self.byte(at + 1) == b'\n' => {}
            0..0x20 | 0x7f => self.control(at, at + 1),
            _ => {}
        }
        Some(at + 1)
    }

    /// The text is over: templates that are still open are reported here, brackets by the grammar.
    fn close_all(&mut self) {
        let end = self.bytes.len();
        let mut told = false;
        while let Some(open) = self.open.pop() {
            match open {
                Open::Bracket(_) => {}
                Open::Whole => self.push(Kind::TemplateClose, end, end),
                Open::Sequence(at, _) => {
                    if !std::mem::replace(&mut told, true) {
                        self.sequence_never_closed(at);
                    }
                    self.push(Kind::SequenceEnd, end, end);
                }
                Open::Quote(at) => {
                    if !std::mem::replace(&mut told, true) {
                        self.fault(at, at + 1, "this string is never closed");
                    }
                    self.push(Kind::TemplateClose, end, end);
                }
                Open::Heredoc(at, _, to) => {
                    if !std::mem::replace(&mut told, true) {
                        self.fault(at, to, "this heredoc is never closed");
                    }
                    self.push(Kind::TemplateClose, end, end);
                }
            }
        }
        self.scan.faults.sort_by_key(|fault| fault.labels.first().map_or(0, |l| l.span.start));
    }
}
