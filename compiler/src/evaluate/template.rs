//! Strings with `${ }` and `%{ }` in them, quoted or as heredocs.
//!
//! HashiCorp's rules for white space work on *tokens*: a literal in a quoted string is one, in a heredoc each line is
//! one. `~` trims the neighbouring token, and `<<-` takes the smallest indentation off every line, also inside
//! directives. The literals are cut and trimmed here.

use std::borrow::Cow;

use windlass_schemas::codes::LIMIT;
use windlass_schemas::diagnostic::Diagnostic;
use windlass_schemas::expr::{Expr, ExprKind};
use windlass_schemas::span::Span;
use windlass_schemas::value::{Value, ValueKind};

use super::convert::{normalized, to_text};
use super::expression::{Evaluator, Scope};
use super::limits::MAX_STRING;
use super::loops::Names;
use super::operate::Operand;
use crate::parse::tree::{Expression, Extent, Form, Loop, Name, Part, Template, Trim};

/// A template with its white space settled.
enum Piece<'e> {
    Text(String, Extent),
    Value(&'e Expression),
    If(&'e Expression, Vec<Piece<'e>>, Vec<Piece<'e>>),
    For(&'e Loop, Vec<Piece<'e>>),
}

/// A step through the template from left to right.
enum Flat {
    /// The tokens of a literal.
    Text(Vec<String>),
    /// A sequence.
    Mark(Trim),
}

/// The pieces of a template.
fn pieces(template: &Template) -> Vec<Piece<'_>> {
    let mut flat = Vec::new();
    flatten(&template.parts, template.form, &mut flat);
    trim(&mut flat);
    if template.form == Form::Indented {
        unindent(&mut flat);
    }
    let mut texts = flat.into_iter().filter_map(|step| match step {
        Flat::Text(tokens) => Some(tokens.concat()),
        Flat::Mark(_) => None,
    });
    build(&template.parts, &mut texts)
}

fn flatten(parts: &[Part], form: Form, out: &mut Vec<Flat>) {
    for part in parts {
        match part {
            Part::Literal(text, _) => out.push(Flat::Text(match form {
                Form::Quoted => vec![text.to_string()],
                _ => text.split_inclusive('\n').map(str::to_owned).collect(),
            })),
            Part::Interpolation(_, trim) => out.push(Flat::Mark(*trim)),
            Part::If(node) => {
                out.push(Flat::Mark(node.begin));
                flatten(&node.then, form, out);
                out.extend(node.middle.map(Flat::Mark));
                flatten(&node.other, form, out);
                out.push(Flat::Mark(node.end));
            }
            Part::For(node) => {
                out.push(Flat::Mark(node.begin));
                flatten(&node.body, form, out);
                out.push(Flat::Mark(node.end));
            }
        }
    }
}

/// `~`: the token before or behind loses its white space on that side.
fn trim(flat: &mut [Flat]) {
    for at in 0..flat.len() {
        let Some(Flat::Mark(Trim { before, behind })) = flat.get(at) else { continue };
        let (before, behind) = (*before, *behind);
        if before
            && let Some(Flat::Text(tokens)) = at.checked_sub(1).and_then(|at| flat.get_mut(at))
            && let Some(token) = tokens.last_mut()
        {
            token.truncate(token.trim_end().len());
        }
        if behind
            && let Some(Flat::Text(tokens)) = flat.get_mut(at + 1)
            && let Some(token) = tokens.first_mut()
        {
            *token = token.trim_start().to_owned();
        }
    }
}

/// `<<-`: every line loses as many blanks as the least indented one has; blank lines don't count.
fn unindent(flat: &mut [Flat]) {
    let blanks = |token: &str| token.chars().take_while(|c| c.is_whitespace()).count();
    let mut least = usize::MAX;
    let mut newline = true;
    for step in flat.iter() {
        match step {
            Flat::Mark(_) => {
                if std::mem::take(&mut newline) {
                    least = 0;
                }
            }
            Flat::Text(tokens) => {
                for token in tokens {
                    let blank = token.trim_start().is_empty() && token.ends_with('\n');
                    if std::mem::take(&mut newline) && !blank {
                        least = least.min(blanks(token));
                    }
                    newline = token.ends_with('\n');
                }
            }
        }
    }
    let mut newline = true;
    for step in flat {
        match step {
            Flat::Mark(_) => newline = false,
            Flat::Text(tokens) => {
                for token in tokens {
                    let blank = token.trim_start().is_empty() && token.ends_with('\n');
                    if std::mem::take(&mut newline) && !blank {
                        *token = token.chars().skip(least).collect();
                    }
                    newline = token.ends_with('\n');
                }
            }
        }
    }
}

fn build<'e>(parts: &'e [Part], texts: &mut dyn Iterator<Item = String>) -> Vec<Piece<'e>> {
    let piece = |part: &'e Part| match part {
        Part::Literal(_, place) => Piece::Text(texts.next().unwrap_or_default(), *place),
        Part::Interpolation(value, _) => Piece::Value(value),
        Part::If(node) => {
            let then = build(&node.then, texts);
            Piece::If(&node.condition, then, build(&node.other, texts))
        }
        Part::For(node) => Piece::For(&node.over, build(&node.body, texts)),
    };
    parts.iter().map(piece).collect()
}

/// A template under evaluation: text, and between it what is known only later.
pub(super) struct Text {
    parts: Vec<Expr>,
    text: String,
    /// From the first byte of `text` to the last.
    place: Option<Span>,
    /// An error has been reported about a part.
    unknown: bool,
    /// Something sensitive is in it.
    sensitive: bool,
}

impl Text {
    fn new() -> Self {
        Text { parts: Vec::new(), text: String::new(), place: None, unknown: false, sensitive: false }
    }

    fn at(&mut self, span: Span) {
        self.place = Some(self.place.map_or(span, |place| place.to(span)));
    }

    fn flush(&mut self) {
        if let Some(span) = self.place.take()
            && !self.text.is_empty()
        {
            let text = std::mem::take(&mut self.text);
            self.parts.push(Expr::new(ExprKind::Literal(Value::new(ValueKind::String(text), span)), span));
        }
    }

    fn later(&mut self, expr: Expr) {
        self.flush();
        match expr.kind {
            // A template in a template is one.
            ExprKind::Template(parts) => self.parts.extend(parts),
            _ => self.parts.push(expr),
        }
    }

    fn finish(mut self, span: Span) -> Value {
        if self.unknown {
            return Value::new(ValueKind::Unknown, span);
        }
        if self.parts.is_empty() {
            return Value::new(ValueKind::String(normalized(self.text)), span).marked(self.sensitive);
        }
        self.flush();
        let kind = ValueKind::Deferred(Box::new(Expr::new(ExprKind::Template(self.parts), span)));
        Value::new(kind, span).marked(self.sensitive)
    }
}

impl<'a> Evaluator<'a> {
    /// A quoted string with templates in it, or a heredoc.
    pub(super) fn template<'s>(&'s self, template: &'s Template, span: Span, scope: &Scope<'s>) -> Cow<'s, Value> {
        if let (Form::Quoted, [Part::Interpolation(value, _)]) = (template.form, &*template.parts) {
            // `"${x}"` is x itself, of whatever type.
            return self.eval(value, scope);
        }
        let pieces = pieces(template);
        let mut text = Text::new();
        self.fill(&pieces, &mut text, span, scope);
        Cow::Owned(text.finish(span))
    }

    fn fill<'s>(&'s self, pieces: &[Piece<'s>], out: &mut Text, span: Span, scope: &Scope<'s>) {
        for piece in pieces {
            if self.budget.spent() {
                out.unknown = true;
                return;
            }
            match piece {
                Piece::Text(text, place) => self.append(text, place.of(scope.file), out),
                Piece::Value(expr) => {
                    let place = self.span(expr, scope);
                    let value = self.eval(expr, scope);
                    self.append_value(&value, place, out);
                }
                Piece::If(condition, then, other) => match self.watched(condition, scope, out) {
                    Ok(Some(holds)) => self.fill(if holds { then } else { other }, out, span, scope),
                    Ok(None) => out.unknown = true,
                    Err(condition) => {
                        let branch = |pieces| {
                            let mut text = Text::new();
                            self.fill(pieces, &mut text, span, scope);
                            text.finish(span)
                        };
                        let (then, other) = (branch(then), branch(other));
                        out.sensitive |= self.any_sensitive([&then, &other]);
                        if then.is_unknown() || other.is_unknown() {
                            out.unknown = true;
                        } else {
                            let place = condition.span;
                            let kind = ExprKind::Conditional(condition, Box::new(then.into()), Box::new(other.into()));
                            out.later(Expr::new(kind, place));
                        }
                    }
                },
                Piece::For(intro, body) => {
                    let collection = self.eval(&intro.collection, scope);
                    out.sensitive |= self.shared.marks.get() && collection.sensitive;
                    let place = self.span(&intro.collection, scope);
                    let key = intro.key.as_ref().map(Name::as_str);
                    let names = Names { key, value: intro.value.as_str(), place };
                    let done = self.each(&names, &collection, scope, |scope| {
                        self.fill(body, out, span, scope);
                        true
                    });
                    if !done {
                        out.unknown = true;
                    }
                }
            }
        }
    }

    fn append(&self, text: &str, place: Span, out: &mut Text) {
        if out.text.len() + text.len() > MAX_STRING {
            if !std::mem::replace(&mut out.unknown, true) {
                self.report(Diagnostic::at(&LIMIT, place, "this makes a string of more than 16 MiB"));
            }
            return;
        }
        out.at(place);
        out.text.push_str(text);
    }

    fn watched<'s>(
        &'s self,
        condition: &'s Expression,
        scope: &Scope<'s>,
        out: &mut Text,
    ) -> Result<Option<bool>, Box<Expr>> {
        let (holds, sensitive) = self.marked_condition(condition, scope);
        out.sensitive |= sensitive;
        holds
    }

    fn append_value(&self, value: &Value, place: Span, out: &mut Text) {
        out.sensitive |= self.any_sensitive([value]);
        match &value.kind {
            ValueKind::Unknown => out.unknown = true,
            ValueKind::Deferred(expr) => out.later((**expr).clone()),
            _ => match to_text(Operand::new(value, place), "a template") {
                Ok(text) => self.append(&text, place, out),
                Err(finding) => {
                    self.fail_with(*finding, &[value], place);
                    out.unknown = true;
                }
            },
        }
    }
}
