//! The part of the grammar that reads templates: quoted strings, heredocs, and files that are one.

use windlass_schemas::codes::SYNTAX;
use windlass_schemas::diagnostic::Diagnostic;

use super::grammar::{GivenUp, Grammar, Step};
use super::literals;
use super::scan::{Kind, Token};
use super::tree::{Expression, ExpressionKind, ForPart, Form, IfPart, Loop, Part, Template, Trim};

impl Grammar<'_> {
    /// The parts of a string or heredoc, up to its end; directives must pair.
    pub(super) fn template(&mut self) -> Step<Expression> {
        let Some(opener) = self.token() else { return Err(GivenUp) };
        let form = match self.text_of(opener) {
            "\"" => Form::Quoted,
            written if written.starts_with("<<-") => Form::Indented,
            _ => Form::Heredoc,
        };
        self.at += 1;
        let mut open: Vec<Open> = Vec::new();
        let mut parts: Vec<Part> = Vec::new();
        let depth = self.depth;
        while let Some(token) = self.token() {
            match token.kind {
                Kind::TemplateClose => {
                    self.at += 1;
                    self.depth = depth;
                    if let Some(open) = open.last() {
                        let diagnostic =
                            Diagnostic::at(&SYNTAX, self.span(open.token), "this directive is never closed")
                                .help(format!("close it with `%{{ {} }}`", open.end()));
                        return self.fail(diagnostic);
                    }
                    let span = self.since(opener.start);
                    return Ok(Expression { kind: whole(form, parts), span });
                }
                Kind::Interpolation => {
                    self.enter(self.at)?;
                    self.at += 1;
                    let value = self.expression(true, "a value")?;
                    let trim = self.sequence_end(token)?;
                    self.leave();
                    parts.push(Part::Interpolation(value, trim));
                }
                Kind::Directive => {
                    self.at += 1;
                    self.directive(token, &mut open, &mut parts)?;
                }
                _ => {
                    let written = self.text_of(token);
                    let text = if form == Form::Quoted { literals::quoted(written) } else { literals::plain(written) };
                    parts.push(Part::Literal(text, self.extent(token)));
                    self.at += 1;
                }
            }
        }
        Err(GivenUp)
    }

    fn directive(&mut self, token: Token, open: &mut Vec<Open>, parts: &mut Vec<Part>) -> Step {
        self.skip_newlines();
        let word = self.word();
        let last = open.last().map_or("", Open::end);
        match word {
            "if" => {
                self.at += 1;
                self.enter(self.at)?;
                let condition = self.expression(true, "a condition")?;
                let begin = self.sequence_end(token)?;
                let before = std::mem::take(parts);
                open.push(Open { token, before, directive: Directive::If { condition, begin, then: None } });
            }
            "for" => {
                self.at += 1;
                self.enter(self.at)?;
                let over = self.loop_over()?;
                let begin = self.sequence_end(token)?;
                let before = std::mem::take(parts);
                open.push(Open { token, before, directive: Directive::For { over, begin } });
            }
            "else" if last == "endif" => {
                if open.last().is_some_and(Open::has_else) {
                    return self.fail_here("this `if` has an `else` already");
                }
                self.at += 1;
                let trim = self.sequence_end(token)?;
                if let Some(Open { directive: Directive::If { then, .. }, .. }) = open.last_mut() {
                    *then = Some((std::mem::take(parts), trim));
                }
            }
            "endif" | "endfor" if last == word => {
                self.leave();
                self.at += 1;
                let end = self.sequence_end(token)?;
                if let Some(open) = open.pop() {
                    open.close(parts, end);
                }
            }
            "else" | "endif" | "endfor" => {
                let needs = if word == "endfor" { "for" } else { "if" };
                return self.fail_here(&format!("this `{word}` has no `%{{ {needs} … }}` before it"));
            }
            _ => {
                return self.expected_with(
                    "`if`, `else`, `endif`, `for` or `endfor`",
                    Some("`%{` begins a directive; write `%%{` for the characters themselves"),
                );
            }
        }
        Ok(())
    }

    /// The end of a sequence, and what its two ends trim.
    fn sequence_end(&mut self, opener: Token) -> Step<Trim> {
        self.skip_newlines();
        let Some(token) = self.token() else { return Err(GivenUp) };
        if token.kind == Kind::SequenceEnd {
            self.at += 1;
            let (before, behind) = (self.text_of(opener).ends_with('~'), self.text_of(token).starts_with('~'));
            return Ok(Trim { before, behind });
        }
        let found = self.describe();
        let sign = self.text_of(opener);
        let diagnostic = Diagnostic::at(&SYNTAX, self.span(token), format!("expected `}}`, found {found}"))
            .label(self.span(opener), "opened here")
            .help(format!("write `{}{sign}` for the characters themselves", sign.get(..1).unwrap_or("")));
        self.fail(diagnostic)
    }
}

/// A template; one in quotes that has no sequences is a string.
fn whole(form: Form, mut parts: Vec<Part>) -> ExpressionKind {
    match parts.as_mut_slice() {
        [] if form == Form::Quoted => ExpressionKind::String("".into()),
        [Part::Literal(text, _)] if form == Form::Quoted => ExpressionKind::String(std::mem::take(text)),
        _ => ExpressionKind::Template(Box::new(Template { form, parts: parts.into() })),
    }
}

/// A directive whose end has not been read.
struct Open {
    /// What opens it.
    token: Token,
    /// The parts before it.
    before: Vec<Part>,
    directive: Directive,
}

enum Directive {
    If { condition: Expression, begin: Trim, then: Option<(Vec<Part>, Trim)> },
    For { over: Loop, begin: Trim },
}

impl Open {
    /// The word that closes it.
    fn end(&self) -> &'static str {
        match self.directive {
            Directive::If { .. } => "endif",
            Directive::For { .. } => "endfor",
        }
    }

    fn has_else(&self) -> bool {
        matches!(self.directive, Directive::If { then: Some(_), .. })
    }

    /// Puts the whole directive behind the parts before it; `parts` are its last ones.
    fn close(self, parts: &mut Vec<Part>, end: Trim) {
        let last = std::mem::replace(parts, self.before).into_boxed_slice();
        parts.push(match self.directive {
            Directive::For { over, begin } => Part::For(Box::new(ForPart { over, body: last, begin, end })),
            Directive::If { condition, begin, then } => {
                let (then, other, middle) = match then {
                    Some((then, middle)) => (then.into(), last, Some(middle)),
                    None => (last, Box::default(), None),
                };
                Part::If(Box::new(IfPart { condition, then, other, begin, middle, end }))
            }
        });
    }
}
