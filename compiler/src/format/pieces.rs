//! Tokens to pieces: tokens and comments, each with the spaces that are to stand before it.

use crate::parse::scan::{Kind, Token};

/// What a piece is to the layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Ident,
    Number,
    /// A whole quoted string.
    Text,
    /// Characters in a template.
    Literal,
    TemplateOpen,
    TemplateClose,
    /// `${` or `%{`
    SequenceOpen,
    SequenceEnd,
    Open,
    Close,
    /// Operators and punctuation.
    Sign,
    /// `/* … */`
    Comment,
    /// `# …` or `// …`, up to the end of its line.
    LineComment,
    Newline,
}

/// A token or comment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece<'a> {
    pub(super) form: Form,
    pub(super) text: &'a str,
    /// How many spaces stand before it.
    pub(super) spaces: usize,
}

impl Piece<'_> {
    /// What it adds to the brackets that are open.
    pub(super) fn opened(&self) -> isize {
        match self.form {
            Form::Open | Form::SequenceOpen => 1,
            Form::Close | Form::SequenceEnd => -1,
            _ => 0,
        }
    }
}

/// Cuts a text that parses into pieces; its last is the line end of its last line.
pub(super) fn pieces<'a>(text: &'a str, tokens: &[Token]) -> Vec<Piece<'a>> {
    let mut cut = Cut { text, pieces: Vec::with_capacity(tokens.len() + tokens.len() / 16) };
    let mut end = 0;
    for token in tokens {
        cut.comments(end, token.start as usize);
        cut.token(*token);
        end = token.end as usize;
    }
    cut.comments(end, text.len());
    cut.end();
    cut.pieces
}

struct Cut<'a> {
    text: &'a str,
    pieces: Vec<Piece<'a>>,
}

impl<'a> Cut<'a> {
    fn push(&mut self, form: Form, text: &'a str) {
        self.pieces.push(Piece { form, text, spaces: 0 });
    }

    /// Between two tokens stand white space and comments.
    fn comments(&mut self, start: usize, end: usize) {
        let mut rest = self.text.get(start..end).unwrap_or("");
        while let Some(at) = rest.find(['#', '/']) {
            rest = rest.get(at..).unwrap_or("");
            let block = rest.starts_with("/*");
            let length =
                if block { rest.get(2..).and_then(|r| r.find("*/")).map(|at| at + 4) } else { rest.find('\n') };
            let (comment, after) = rest.split_at(length.unwrap_or(rest.len()));
            self.push(if block { Form::Comment } else { Form::LineComment }, comment.trim_ascii_end());
            rest = after;
        }
    }

    fn token(&mut self, token: Token) {
        let text = self.text.get(token.start as usize..token.end as usize).unwrap_or("");
        let in_template = || matches!(self.pieces.last().map(|p| p.form), Some(Form::TemplateOpen | Form::SequenceEnd));
        let form = match token.kind {
            Kind::Ident => Form::Ident,
            Kind::Number => Form::Number,
            Kind::Text if in_template() => Form::Literal,
            Kind::Text => Form::Text,
            Kind::TemplateOpen => Form::TemplateOpen,
            Kind::TemplateClose => Form::TemplateClose,
            Kind::Interpolation | Kind::Directive => Form::SequenceOpen,
            Kind::SequenceEnd => Form::SequenceEnd,
            Kind::Newline => return self.newline(token.start as usize),
            Kind::Sign if matches!(text, "{" | "[" | "(") => Form::Open,
            Kind::Sign if matches!(text, "}" | "]" | ")") => Form::Close,
            Kind::Sign => Form::Sign,
        };
        self.push(form, text);
    }

    fn newline(&mut self, at: usize) {
        let crlf = at.checked_sub(1).and_then(|at| self.text.as_bytes().get(at)) == Some(&b'\r');
        self.push(Form::Newline, if crlf { "\r\n" } else { "\n" });
    }

    /// One line end behind the last line that says something.
    fn end(&mut self) {
        let style = self.pieces.iter().rev().find(|piece| piece.form == Form::Newline).map_or("\n", |piece| piece.text);
        while self.pieces.last().is_some_and(|piece| piece.form == Form::Newline) {
            self.pieces.pop();
        }
        if !self.pieces.is_empty() {
            self.push(Form::Newline, style);
        }
    }
}
