//! The part of the grammar that reads expressions.

use std::borrow::Cow;
use std::collections::BTreeMap;

use windlass_schemas::codes::SYNTAX;
use windlass_schemas::diagnostic::Diagnostic;
use windlass_schemas::expr::{BinaryOp, UnaryOp};

use super::grammar::{GivenUp, Grammar, MAX_OPERATORS, Step, duplicate};
use super::literals;
use super::scan::{Kind, Token};
use super::tree::{
    Binary, Call, Conditional, Entry, Expression, ExpressionKind, Extent, For, Key, Loop, Name, Step as Taken,
    StepKind, Traversal, Unary,
};

/// Operators that bind tighter have a higher rank; those of one rank are taken from the left.
fn operator(sign: &str) -> Option<(BinaryOp, usize)> {
    Some(match sign {
        "||" => (BinaryOp::Or, 1),
        "&&" => (BinaryOp::And, 2),
        "==" => (BinaryOp::Equal, 3),
        "!=" => (BinaryOp::NotEqual, 3),
        "<" => (BinaryOp::Less, 4),
        "<=" => (BinaryOp::LessOrEqual, 4),
        ">" => (BinaryOp::Greater, 4),
        ">=" => (BinaryOp::GreaterOrEqual, 4),
        "+" => (BinaryOp::Add, 5),
        "-" => (BinaryOp::Subtract, 5),
        "*" => (BinaryOp::Multiply, 6),
        "/" => (BinaryOp::Divide, 6),
        "%" => (BinaryOp::Modulo, 6),
        _ => return None,
    })
}

/// A chain of operators that is being read.
struct Chain<'w> {
    /// Its first token.
    start: usize,
    /// So far.
    operators: usize,
    lines: bool,
    what: &'w str,
}

impl<'a> Grammar<'a> {
    /// One expression; inside brackets (`lines`) it may go on over line ends.
    pub(super) fn expression(&mut self, lines: bool, what: &str) -> Step<Expression> {
        let around = std::mem::take(&mut self.operators);
        let mut chain = Chain { start: self.at, operators: 0, lines, what };
        let first = self.operand(lines, what)?;
        let mut whole = self.chain(first, 0, &mut chain)?;
        self.operators += chain.operators;
        if self.sign() == "?" {
            let question = self.at;
            self.enter(question)?;
            self.at += 1;
            let then = self.expression(lines, "a value")?;
            if lines {
                self.skip_newlines();
            }
            if self.sign() != ":" {
                return self.expected_with("`:`", Some("a conditional is written `condition ? value : other`"));
            }
            self.at += 1;
            let other = self.expression(lines, "a value")?;
            self.leave();
            let span = whole.span.to(other.span);
            let kind = ExpressionKind::Conditional(Box::new(Conditional { condition: whole, then, other }));
            whole = Expression { kind, span };
        }
        self.operators = self.operators.max(around);
        Ok(whole)
    }

    /// What operators of a higher rank than `rank` make of an operand and those behind it.
    fn chain(&mut self, mut left: Expression, rank: usize, chain: &mut Chain) -> Step<Expression> {
        loop {
            if chain.lines {
                self.skip_newlines();
            }
            let Some((op, own)) = operator(self.sign()).filter(|(_, own)| *own > rank) else { return Ok(left) };
            chain.operators += 1;
            self.holds(chain)?;
            self.at += 1;
            let next = self.operand(chain.lines, chain.what)?;
            self.holds(chain)?;
            let right = self.chain(next, own, chain)?;
            let span = left.span.to(right.span);
            left = Expression { kind: ExpressionKind::Binary(Box::new(Binary { op, left, right })), span };
        }
    }

    /// Whether a chain is short enough, with those in its operands.
    fn holds(&mut self, chain: &Chain) -> Step {
        match self.tokens.get(chain.start).copied() {
            Some(token) if chain.operators + self.operators > MAX_OPERATORS => {
                let message = format!("this chain has more than {MAX_OPERATORS} operators");
                self.limit(token, message, "name parts of it in `locals` and refer to them")
            }
            _ => Ok(()),
        }
    }

    /// Signs before it, a term, and what is taken from it with `.` and `[ ]`.
    fn operand(&mut self, lines: bool, what: &str) -> Step<Expression> {
        let depth = self.depth;
        let mut signs: Vec<(UnaryOp, u32)> = Vec::new();
        loop {
            if lines {
                self.skip_newlines();
            }
            let op = match self.sign() {
                "-" => UnaryOp::Negate,
                "!" => UnaryOp::Not,
                _ => break,
            };
            self.enter(self.at)?;
            signs.extend(self.token().map(|token| (op, token.start)));
            self.at += 1;
        }
        let first = self.token();
        let base = self.term(what)?;
        let steps = self.steps(lines)?;
        self.depth = depth;
        // A number has its sign, so that the lowest one can be written.
        if let (Some(Token { kind: Kind::Number, .. }), Some((UnaryOp::Negate, start))) = (first, signs.last().copied())
            && steps.is_empty()
        {
            signs.pop();
            let number = literals::number(first.map_or("", |token| self.text_of(token)), true);
            let span = Extent { start, ..base.span };
            return Ok(signed(Expression { kind: ExpressionKind::Number(number), span }, signs));
        }
        let Some(last) = steps.last() else { return Ok(signed(base, signs)) };
        let span = base.span.to(last.span);
        let kind = ExpressionKind::Traversal(Box::new(Traversal { base, steps: steps.into() }));
        Ok(signed(Expression { kind, span }, signs))
    }

    /// What is taken from a term.
    fn steps(&mut self, lines: bool) -> Step<Vec<Taken>> {
        let mut steps = Vec::new();
        loop {
            let line = self.at;
            if lines {
                self.skip_newlines();
            }
            let start = self.token().map_or(0, |token| token.start);
            match self.sign() {
                "." => {
                    self.at += 1;
                    let kind = match (self.token(), self.sign()) {
                        (Some(token @ Token { kind: Kind::Ident, .. }), _) => StepKind::Attribute(self.name(token)),
                        (Some(token @ Token { kind: Kind::Number, .. }), _) => {
                            self.legacy_indexes(token, start, &mut steps)?;
                            continue;
                        }
                        (_, "*") => StepKind::AttributeSplat,
                        _ => return self.expected("a name"),
                    };
                    self.at += 1;
                    steps.push(Taken { kind, span: self.since(start) });
                }
                "[" => {
                    let opener = self.at;
                    self.enter(opener)?;
                    self.at += 1;
                    self.skip_newlines();
                    let kind = if self.sign() == "*" {
                        self.at += 1;
                        StepKind::Splat
                    } else {
                        StepKind::Index(self.expression(true, "an index")?)
                    };
                    self.close(opener, "]", "`]`")?;
                    self.leave();
                    steps.push(Taken { kind, span: self.since(start) });
                }
                _ => {
                    self.at = line;
                    return Ok(steps);
                }
            }
        }
    }

    /// `.0`, or two of them, which look like one number: `.0.1`.
    fn legacy_indexes(&mut self, token: Token, dot: u32, steps: &mut Vec<Taken>) -> Step {
        let mut start = token.start;
        for digits in self.text_of(token).split('.') {
            let place = Extent { start, end: start + digits.len() as u32 };
            let Ok(index) = digits.parse() else { return self.expected("a name or an index") };
            let before = steps.last().map_or(dot, |last: &Taken| last.span.end.max(dot));
            steps.push(Taken { kind: StepKind::LegacyIndex(index, place), span: Extent { start: before, ..place } });
            start = place.end + 1;
        }
        self.at += 1;
        Ok(())
    }

    fn term(&mut self, what: &str) -> Step<Expression> {
        let Some(token) = self.token() else { return self.expected(what) };
        let kind = match (token.kind, self.sign()) {
            (Kind::Number, _) => {
                self.at += 1;
                ExpressionKind::Number(literals::number(self.text_of(token), false))
            }
            (Kind::Text, _) => {
                self.at += 1;
                ExpressionKind::String(self.name(token).text)
            }
            (Kind::TemplateOpen, _) => return self.template(),
            (Kind::Ident, _) => self.word_or_call(token)?,
            (_, "(") => {
                let opener = self.at;
                self.enter(opener)?;
                self.at += 1;
                let inner = self.expression(true, "a value")?;
                self.close(opener, ")", "`)`")?;
                self.leave();
                ExpressionKind::Parentheses(Box::new(inner))
            }
            (_, "[") => self.list()?,
            (_, "{") => self.object()?,
            (_, "=") => return self.expected_with(what, Some("`==` compares, `=` gives a value to a name")),
            _ => return self.expected(what),
        };
        Ok(Expression { kind, span: self.since(token.start) })
    }

    /// A name alone, one of the words that are values, or a call.
    fn word_or_call(&mut self, token: Token) -> Step<ExpressionKind> {
        let mut name = token;
        self.at += 1;
        while self.sign() == "::" {
            self.at += 1;
            match self.token() {
                Some(part @ Token { kind: Kind::Ident, .. }) => name = part,
                _ => return self.expected("the name of a function"),
            }
            self.at += 1;
        }
        let namespaced = name.start != token.start;
        if self.sign() == "(" {
            let opener = self.at;
            self.enter(opener)?;
            self.at += 1;
            self.skip_newlines();
            let (arguments, expands) = self.elements(")", "an argument")?;
            self.close(opener, ")", if expands { "`)`" } else { "`,` or `)`" })?;
            self.leave();
            let call = Call { name: self.name(name), namespaced, arguments: arguments.into(), expands };
            return Ok(ExpressionKind::Call(Box::new(call)));
        }
        if namespaced {
            return self.expected_with("`(`", Some("only functions have namespaces"));
        }
        Ok(match self.text_of(token) {
            "null" => ExpressionKind::Null,
            "true" => ExpressionKind::Bool(true),
            "false" => ExpressionKind::Bool(false),
            name => ExpressionKind::Variable(name.into()),
        })
    }

    /// The closing bracket, or the news that there is none.
    fn close(&mut self, opener: usize, close: &str, what: &str) -> Step {
        self.skip_newlines();
        if self.sign() == close {
            self.at += 1;
            return Ok(());
        }
        let Some(open) = self.tokens.get(opener).copied() else { return Err(GivenUp) };
        // A closing bracket of another kind, the end, or a line that can only be the next statement.
        let foreign = matches!(self.sign(), "}" | "]" | ")") || self.kind() == Some(Kind::SequenceEnd);
        let next_line = self.at > 0 && self.tokens.get(self.at - 1).is_some_and(|t| t.kind == Kind::Newline);
        let statement = next_line && self.kind() == Some(Kind::Ident) && matches!(self.sign_at(self.at + 1), "=" | "{");
        if self.token().is_none() || foreign || statement {
            let mut diagnostic =
                Diagnostic::at(&SYNTAX, self.span(open), format!("this `{}` is never closed", self.text_of(open)));
            if let Some(token) = self.token() {
                diagnostic = diagnostic.label(self.span(token), format!("expected `{close}` before this"));
            }
            return self.fail(diagnostic);
        }
        let found = self.describe();
        let Some(token) = self.token() else { return Err(GivenUp) };
        let diagnostic = Diagnostic::at(&SYNTAX, self.span(token), format!("expected {what}, found {found}"))
            .label(self.span(open), "opened here");
        self.fail(diagnostic)
    }

    fn list(&mut self) -> Step<ExpressionKind> {
        let opener = self.at;
        self.enter(opener)?;
        self.at += 1;
        self.skip_newlines();
        let kind = if self.word() == "for" && self.begins_for() {
            ExpressionKind::For(Box::new(self.for_clauses(false)?))
        } else {
            ExpressionKind::List(self.elements("]", "an element")?.0.into())
        };
        self.close(opener, "]", "`,` or `]`")?;
        self.leave();
        Ok(kind)
    }

    /// Elements of a list, or arguments of a call, and whether the last is a list of them: `...`.
    fn elements(&mut self, close: &str, what: &str) -> Step<(Vec<Expression>, bool)> {
        let mut elements = Vec::new();
        while self.sign() != close && self.token().is_some() && !self.foreign_close(close) {
            elements.push(self.expression(true, what)?);
            self.skip_newlines();
            match self.sign() {
                "," => self.at += 1,
                "..." if close == ")" => {
                    self.at += 1;
                    return Ok((elements, true));
                }
                _ => break,
            }
            self.skip_newlines();
        }
        Ok((elements, false))
    }

    fn foreign_close(&self, close: &str) -> bool {
        let sign = self.sign();
        sign != close && matches!(sign, "}" | "]" | ")")
    }

    fn begins_for(&self) -> bool {
        let behind = self.tokens.get(self.at + 1..self.end).unwrap_or_default();
        behind.iter().find(|token| token.kind != Kind::Newline).is_some_and(|token| token.kind == Kind::Ident)
    }

    fn object(&mut self) -> Step<ExpressionKind> {
        let opener = self.at;
        self.enter(opener)?;
        self.at += 1;
        self.skip_newlines();
        if self.word() == "for" && self.begins_for() {
            let made = self.for_clauses(true)?;
            self.close(opener, "}", "`}`")?;
            self.leave();
            return Ok(ExpressionKind::For(Box::new(made)));
        }
        let mut entries = Vec::new();
        let mut keys: BTreeMap<Cow<'a, str>, Extent> = BTreeMap::new();
        while self.sign() != "}" && self.token().is_some() && !self.foreign_close("}") {
            let key = self.key()?;
            if let Some((name, place)) = self.said(&key) {
                if let Some(before) = keys.get(&name) {
                    let diagnostic = duplicate("key", &name, place.of(self.file), before.of(self.file));
                    return self.fail(diagnostic);
                }
                keys.insert(name, place);
            }
            match self.sign() {
                "=" | ":" => self.at += 1,
                _ => return self.expected_with("`=`", Some("an entry of an object is written `key = value`")),
            }
            let value = self.expression(false, "a value")?;
            entries.push(Entry { key, value });
            match (self.kind(), self.sign()) {
                (_, ",") | (Some(Kind::Newline), _) => self.at += 1,
                _ => break,
            }
            self.skip_newlines();
        }
        self.close(opener, "}", "`,`, a new line or `}`")?;
        self.leave();
        Ok(ExpressionKind::Object(entries.into()))
    }

    /// A word stands for itself as a key; anything else is an expression.
    fn key(&mut self) -> Step<Key> {
        let Expression { kind, span } = self.expression(false, "a key")?;
        Ok(match kind {
            ExpressionKind::Variable(text) | ExpressionKind::String(text) => Key::Plain(Name { text, span }),
            ExpressionKind::Null => Key::Plain(Name { text: "null".into(), span }),
            ExpressionKind::Bool(value) => Key::Plain(Name { text: value.to_string().into(), span }),
            kind => Key::Computed(Expression { kind, span }),
        })
    }

    /// What a key says, where that is known, and its place.
    fn said(&self, key: &Key) -> Option<(Cow<'a, str>, Extent)> {
        let (text, span) = match key {
            Key::Plain(name) => (Some(&name.text), name.span),
            Key::Computed(Expression { kind: ExpressionKind::Number(_), span }) => (None, *span),
            Key::Computed(_) => return None,
        };
        let written = literals::inside(self.text.get(span.start as usize..span.end as usize)?);
        let text = text.filter(|text| ***text != *written);
        Some((text.map_or(Cow::Borrowed(written), |text| Cow::Owned(text.to_string())), span))
    }

    /// `for a, b in c : d`, and what may follow.
    fn for_clauses(&mut self, object: bool) -> Step<For> {
        self.at += 1;
        let over = self.loop_over()?;
        self.skip_newlines();
        if self.sign() != ":" {
            return self.expected_with("`:`", Some("a `for` is written `[for x in list : x.name]`"));
        }
        self.at += 1;
        let mut value = self.expression(true, "a value")?;
        self.skip_newlines();
        let mut key = None;
        let mut groups = false;
        if object {
            if self.sign() != "=>" {
                return self
                    .expected_with("`=>`", Some("a `for` of an object is written `{for x in list : x.name => x}`"));
            }
            self.at += 1;
            key = Some(std::mem::replace(&mut value, self.expression(true, "a value")?));
            self.skip_newlines();
            groups = self.sign() == "...";
            if groups {
                self.at += 1;
                self.skip_newlines();
            }
        }
        let mut condition = None;
        if self.word() == "if" {
            self.at += 1;
            condition = Some(self.expression(true, "a condition")?);
        }
        Ok(For { over, key, value, groups, condition })
    }

    /// `a in c`, or `a, b in c`.
    pub(super) fn loop_over(&mut self) -> Step<Loop> {
        let mut names = Vec::with_capacity(2);
        for more in [true, false] {
            self.skip_newlines();
            match self.token() {
                Some(token @ Token { kind: Kind::Ident, .. }) => names.push(self.name(token)),
                _ => return self.expected("the name of a loop variable"),
            }
            self.at += 1;
            self.skip_newlines();
            if !more || self.sign() != "," {
                break;
            }
            self.at += 1;
        }
        if self.word() != "in" {
            return self.expected_with("`in`", Some("a `for` is written `[for x in list : x.name]`"));
        }
        self.at += 1;
        let collection = self.expression(true, "a list or an object")?;
        let Some(value) = names.pop() else { return Err(GivenUp) };
        Ok(Loop { key: names.pop(), value, collection })
    }
}

/// An operand with the signs before it, the innermost last.
fn signed(operand: Expression, signs: Vec<(UnaryOp, u32)>) -> Expression {
    signs.into_iter().rev().fold(operand, |operand, (op, start)| {
        let span = Extent { start, ..operand.span };
        Expression { kind: ExpressionKind::Unary(Box::new(Unary { op, operand })), span }
    })
}
