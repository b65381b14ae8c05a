//! The part of the grammar that makes expressions and templates.

use std::collections::BTreeMap;

use windlass_schemas::codes::SYNTAX;
use windlass_schemas::diagnostic::Diagnostic;

use super::grammar::{GivenUp, Grammar, MAX_KEYS, MAX_OPERATORS, Step, duplicate};
use super::scan::{Kind, Token};

impl<'a> Grammar<'a> {
    /// One expression; inside brackets (`lines`) it may go on over line ends.
    pub(super) fn expression(&mut self, lines: bool, what: &str) -> Step {
        let start = self.at;
        let mut operators = 0;
        loop {
            self.operand(lines, what)?;
            if lines {
                self.skip_newlines();
            }
            match self.sign() {
                "+" | "-" | "*" | "/" | "%" | "==" | "!=" | "<" | "<=" | ">" | ">=" | "&&" | "||" => {
                    operators += 1;
                    if operators > MAX_OPERATORS
                        && let Some(token) = self.tokens.get(start).copied()
                    {
                        let message = format!("this chain has more than {MAX_OPERATORS} operators");
                        return self.limit(token, message, "name parts of it in `locals` and refer to them");
                    }
                    self.at += 1;
                }
                _ => break,
            }
        }
        if self.sign() == "?" {
            let question = self.at;
            self.enter(question)?;
            self.at += 1;
            self.expression(lines, "a value")?;
            if lines {
                self.skip_newlines();
            }
            if self.sign() != ":" {
                return self.expected_with("`:`", Some("a conditional is written `condition ? value : other`"));
            }
            self.at += 1;
            self.expression(lines, "a value")?;
            self.leave();
        }
        Ok(())
    }

    /// Signs before it, a term, and what is taken from it with `.` and `[ ]`.
    fn operand(&mut self, lines: bool, what: &str) -> Step {
        let depth = self.depth;
        loop {
            if lines {
                self.skip_newlines();
            }
            match self.sign() {
                "-" | "!" => {
                    self.enter(self.at)?;
                    self.at += 1;
                }
                _ => break,
            }
        }
        self.term(what)?;
        loop {
            let line = self.at;
            if lines {
                self.skip_newlines();
            }
            match self.sign() {
                "." => {
                    self.at += 1;
                    match (self.kind(), self.sign()) {
                        (Some(Kind::Ident | Kind::Number), _) | (_, "*") => self.at += 1,
                        _ => return self.expected("a name"),
                    }
                }
                "[" => {
                    let opener = self.at;
                    self.enter(opener)?;
                    self.at += 1;
                    self.skip_newlines();
                    if self.sign() == "*" {
                        self.at += 1;
                    } else {
                        self.expression(true, "an index")?;
                    }
                    self.close(opener, "]", "`]`")?;
                    self.leave();
                }
                _ => {
                    self.at = line;
                    break;
                }
            }
        }
        self.depth = depth;
        Ok(())
    }

    fn term(&mut self, what: &str) -> Step {
        let Some(token) = self.token() else { return self.expected(what) };
        match (token.kind, self.sign()) {
            (Kind::Number | Kind::Text, _) => self.at += 1,
            (Kind::TemplateOpen, _) => return self.template(),
            (Kind::Ident, _) => {
                self.at += 1;
                while self.sign() == "::" {
                    self.at += 1;
                    match self.kind() {
                        Some(Kind::Ident) => self.at += 1,
                        _ => return self.expected("the name of a function"),
                    }
                }
                if self.sign() == "(" {
                    return self.list(")", "an argument");
                }
            }
            (_, "(") => {
                let opener = self.at;
                self.enter(opener)?;
                self.at += 1;
                self.expression(true, "a value")?;
                self.close(opener, ")", "`)`")?;
                self.leave();
            }
            (_, "[") => return self.list("]", "an element"),
            (_, "{") => return self.object(),
            (_, "=") => return self.expected_with(what, Some("`==` compares, `=` gives a value to a name")),
            _ => return self.expected(what),
        }
        Ok(())
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

    /// Elements of a list, or arguments of a call.
    fn list(&mut self, close: &str, what: &str) -> Step {
        let opener = self.at;
        self.enter(opener)?;
        self.at += 1;
        self.skip_newlines();
        if close == "]" && self.word() == "for" && self.begins_for() {
            self.for_clauses(false)?;
        } else {
            while self.sign() != close && self.token().is_some() && !self.foreign_close(close) {
                self.expression(true, what)?;
                self.skip_newlines();
                match self.sign() {
                    "," => self.at += 1,
                    "..." if close == ")" => self.at += 1,
                    _ => break,
                }
                self.skip_newlines();
            }
        }
        self.close(opener, close, &format!("`,` or `{close}`"))?;
        self.leave();
        Ok(())
    }

    fn foreign_close(&self, close: &str) -> bool {
        let sign = self.sign();
        sign != close && matches!(sign, "}" | "]" | ")")
    }

    fn begins_for(&self) -> bool {
        let behind = self.tokens.get(self.at + 1..self.end).unwrap_or_default();
        behind.iter().find(|token| token.kind != Kind::Newline).is_some_and(|token| token.kind == Kind::Ident)
    }

    fn object(&mut self) -> Step {
        let opener = self.at;
        self.enter(opener)?;
        self.at += 1;
        self.skip_newlines();
        if self.word() == "for" && self.begins_for() {
            self.for_clauses(true)?;
            self.close(opener, "}", "`}`")?;
            self.leave();
            return Ok(());
        }
        let mut keys: BTreeMap<&'a str, Token> = BTreeMap::new();
        let mut count = 0usize;
        while self.sign() != "}" && self.token().is_some() && !self.foreign_close("}") {
            let key = self.token();
            let simple = matches!(self.kind(), Some(Kind::Ident | Kind::Text | Kind::Number));
            let first = self.at;
            self.expression(false, "a key")?;
            if let Some(token) = key.filter(|_| simple && self.at == first + 1) {
                let name = self.text_of(token).trim_matches('"');
                if let Some(first) = keys.insert(name, token) {
                    let diagnostic = duplicate("key", name, self.span(token), self.span(first));
                    return self.fail(diagnostic);
                }
            }
            count += 1;
            if count == MAX_KEYS + 1
                && let Some(token) = self.tokens.get(opener).copied()
            {
                let message = format!("this object has more than {MAX_KEYS} keys");
                return self.limit(
                    token,
                    message,
                    "split it into several objects, and join them with `merge` if need be",
                );
            }
            match self.sign() {
                "=" | ":" => self.at += 1,
                _ => return self.expected_with("`=`", Some("an entry of an object is written `key = value`")),
            }
            self.expression(false, "a value")?;
            match (self.kind(), self.sign()) {
                (_, ",") | (Some(Kind::Newline), _) => self.at += 1,
                _ => break,
            }
            self.skip_newlines();
        }
        self.close(opener, "}", "`,`, a new line or `}`")?;
        self.leave();
        Ok(())
    }

    /// `for a, b in c : d`, and what may follow.
    fn for_clauses(&mut self, object: bool) -> Step {
        self.at += 1;
        self.variables()?;
        self.expression(true, "a list or an object")?;
        self.skip_newlines();
        if self.sign() != ":" {
            return self.expected_with("`:`", Some("a `for` is written `[for x in list : x.name]`"));
        }
        self.at += 1;
        self.expression(true, "a value")?;
        self.skip_newlines();
        if object {
            if self.sign() != "=>" {
                return self
                    .expected_with("`=>`", Some("a `for` of an object is written `{for x in list : x.name => x}`"));
            }
            self.at += 1;
            self.expression(true, "a value")?;
            self.skip_newlines();
            if self.sign() == "..." {
                self.at += 1;
                self.skip_newlines();
            }
        }
        if self.word() == "if" {
            self.at += 1;
            self.expression(true, "a condition")?;
        }
        Ok(())
    }

    /// `a in`, or `a, b in`.
    fn variables(&mut self) -> Step {
        for more in [true, false] {
            self.skip_newlines();
            match self.kind() {
                Some(Kind::Ident) => self.at += 1,
                _ => return self.expected("the name of a loop variable"),
            }
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
        Ok(())
    }

    // Templates.

    /// The parts of a string or heredoc, up to its end; directives must pair.
    fn template(&mut self) -> Step {
        self.at += 1;
        let mut open: Vec<(Token, &'static str)> = Vec::new();
        let depth = self.depth;
        while let Some(token) = self.token() {
            match token.kind {
                Kind::TemplateClose => {
                    self.at += 1;
                    self.depth = depth;
                    let Some((token, end)) = open.last() else { return Ok(()) };
                    let diagnostic = Diagnostic::at(&SYNTAX, self.span(*token), "this directive is never closed")
                        .help(format!("close it with `%{{ {end} }}`"));
                    return self.fail(diagnostic);
                }
                Kind::Interpolation => {
                    self.enter(self.at)?;
                    self.at += 1;
                    self.expression(true, "a value")?;
                    self.sequence_end(token)?;
                    self.leave();
                }
                Kind::Directive => {
                    self.at += 1;
                    self.directive(token, &mut open)?;
                    self.sequence_end(token)?;
                }
                _ => self.at += 1,
            }
        }
        Err(GivenUp)
    }

    fn directive(&mut self, token: Token, open: &mut Vec<(Token, &'static str)>) -> Step {
        self.skip_newlines();
        let word = self.word();
        match word {
            "if" => {
                self.at += 1;
                self.enter(self.at)?;
                open.push((token, "endif"));
                self.expression(true, "a condition")
            }
            "for" => {
                self.at += 1;
                self.enter(self.at)?;
                open.push((token, "endfor"));
                self.variables()?;
                self.expression(true, "a list or an object")
            }
            "else" if open.last().is_some_and(|(_, end)| *end == "endif") => {
                self.at += 1;
                Ok(())
            }
            "endif" | "endfor" if open.last().is_some_and(|(_, end)| *end == word) => {
                open.pop();
                self.leave();
                self.at += 1;
                Ok(())
            }
            "else" | "endif" | "endfor" => {
                let needs = if word == "endfor" { "for" } else { "if" };
                self.fail_here(&format!("this `{word}` has no `%{{ {needs} … }}` before it"))
            }
            _ => self.expected_with(
                "`if`, `else`, `endif`, `for` or `endfor`",
                Some("`%{` begins a directive; write `%%{` for the characters themselves"),
            ),
        }
    }

    fn sequence_end(&mut self, opener: Token) -> Step {
        self.skip_newlines();
        if self.kind() == Some(Kind::SequenceEnd) {
            self.at += 1;
            return Ok(());
        }
        let found = self.describe();
        let Some(token) = self.token() else { return Err(GivenUp) };
        let sign = self.text_of(opener);
        let diagnostic = Diagnostic::at(&SYNTAX, self.span(token), format!("expected `}}`, found {found}"))
            .label(self.span(opener), "opened here")
            .help(format!("write `{}{sign}` for the characters themselves", sign.get(..1).unwrap_or("")));
        self.fail(diagnostic)
    }
}
