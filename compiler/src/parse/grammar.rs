//! Tokens to a tree and findings: what the text says, and what is wrong with its shape.
//!
//! The descent never stops at a fault: it says what was expected at which token, leaves the statement out of the tree,
//! and goes on with the next one. It holds the limits that keep whoever walks the tree off the end of the stack.

use std::collections::BTreeMap;
use std::ops::Range;

use windlass_schemas::codes::{Code, DUPLICATE_NAME, LIMIT, SYNTAX};
use windlass_schemas::diagnostic::Diagnostic;
use windlass_schemas::span::{FileId, Span};

use super::literals;
use super::scan::{Kind, Token};
use super::tree::{Attribute, Block, Body, Expression, Extent, Name};

/// Blocks, brackets, conditionals and templates in each other.
pub(super) const MAX_NESTING: usize = 60;
/// Operators of a chain and of the chains in its operands: each is a level of the tree.
pub(super) const MAX_OPERATORS: usize = 128;

/// What the grammar found.
#[derive(Default)]
pub(super) struct Findings {
    pub(super) diagnostics: Vec<Diagnostic>,
    /// What is sound.
    pub(super) body: Body,
    /// A brace too many.
    pub(super) stray: bool,
    /// A block is never closed: what follows it in the region cannot be told apart.
    pub(super) unclosed: bool,
}

/// Marks that a finding has been written down and the statement is given up.
pub(super) struct GivenUp;

pub(super) type Step<T = ()> = Result<T, GivenUp>;

pub(super) struct Grammar<'a> {
    pub(super) text: &'a str,
    pub(super) tokens: &'a [Token],
    pub(super) file: FileId,
    /// The token at hand, and one past the last of this region.
    pub(super) at: usize,
    pub(super) end: usize,
    pub(super) depth: usize,
    /// Places of faults in the characters: the statement around one is broken already.
    faults: &'a [usize],
    /// Where the last statement that is broken begins.
    broken: Option<u32>,
    /// Operators on the longest way down the tree of what was read last.
    pub(super) operators: usize,
    found: Findings,
}

/// What a body is made of.
enum Statement {
    Attribute(Attribute),
    Block(Block),
    /// It has been read to its end, and a fault of its characters is in it.
    Broken,
}

/// Reads the statements between two tokens.
pub(super) fn read(text: &str, tokens: &[Token], region: Range<usize>, faults: &[usize], file: FileId) -> Findings {
    let mut grammar = Grammar::new(text, tokens, region, faults, file);
    let body = grammar.body(None);
    Findings { body, ..grammar.found }
}

/// Reads tokens that are one template; `None` when it is broken.
pub(super) fn read_template(text: &str, tokens: &[Token], file: FileId) -> (Option<Expression>, Vec<Diagnostic>) {
    let mut grammar = Grammar::new(text, tokens, 0..tokens.len(), &[], file);
    let template = grammar.template().ok();
    (template, grammar.found.diagnostics)
}

impl<'a> Grammar<'a> {
    fn new(text: &'a str, tokens: &'a [Token], region: Range<usize>, faults: &'a [usize], file: FileId) -> Self {
        let Range { start: at, end } = region;
        let found = Findings::default();
        Grammar { text, tokens, file, at, end, depth: 0, faults, broken: None, operators: 0, found }
    }

    // Looking at tokens.

    pub(super) fn token(&self) -> Option<Token> {
        self.tokens.get(self.at).filter(|_| self.at < self.end).copied()
    }

    pub(super) fn text_of(&self, token: Token) -> &'a str {
        self.text.get(token.start as usize..token.end as usize).unwrap_or("")
    }

    pub(super) fn kind(&self) -> Option<Kind> {
        self.token().map(|t| t.kind)
    }

    /// The sign at hand, or "" when it is something else.
    pub(super) fn sign(&self) -> &'a str {
        self.token().filter(|t| t.kind == Kind::Sign).map_or("", |t| self.text_of(t))
    }

    pub(super) fn word(&self) -> &'a str {
        self.token().filter(|t| t.kind == Kind::Ident).map_or("", |t| self.text_of(t))
    }

    pub(super) fn sign_at(&self, at: usize) -> &'a str {
        self.tokens.get(at).filter(|t| at < self.end && t.kind == Kind::Sign).map_or("", |t| self.text_of(*t))
    }

    pub(super) fn skip_newlines(&mut self) {
        while self.kind() == Some(Kind::Newline) {
            self.at += 1;
        }
    }

    pub(super) fn span(&self, token: Token) -> Span {
        Span::new(self.file, token.start as usize..token.end as usize)
    }

    /// What a user calls the token at hand.
    pub(super) fn describe(&self) -> String {
        match self.token() {
            None => "the end of the file".to_owned(),
            Some(token) => match token.kind {
                Kind::Newline => "the end of the line".to_owned(),
                Kind::Text | Kind::TemplateOpen if self.text_of(token).starts_with("<<") => "a heredoc".to_owned(),
                Kind::Text | Kind::TemplateOpen => "a string".to_owned(),
                _ => format!("`{}`", self.text_of(token)),
            },
        }
    }

    // Making nodes.

    /// The bytes of a token.
    pub(super) fn extent(&self, token: Token) -> Extent {
        Extent { start: token.start, end: token.end }
    }

    /// From `start` to the end of the token before the one at hand.
    pub(super) fn since(&self, start: u32) -> Extent {
        let last = self.at.checked_sub(1).and_then(|at| self.tokens.get(at));
        Extent { start, end: last.map_or(start, |token| token.end) }
    }

    /// A name, or a string without templates.
    pub(super) fn name(&self, token: Token) -> Name {
        let text = match token.kind {
            Kind::Text => literals::quoted(literals::inside(self.text_of(token))),
            _ => self.text_of(token).into(),
        };
        Name { text, span: self.extent(token) }
    }

    /// Whether a fault in the characters stands in these bytes.
    fn faulty(&self, bytes: Extent) -> bool {
        let before = |place: u32| self.faults.partition_point(|at| *at < place as usize);
        before(bytes.start) < before(bytes.end)
    }

    // Reporting.

    fn report(&mut self, diagnostic: Diagnostic) {
        self.found.diagnostics.push(diagnostic);
    }

    pub(super) fn fail<T>(&mut self, diagnostic: Diagnostic) -> Step<T> {
        self.report(diagnostic);
        Err(GivenUp)
    }

    /// Something else was expected: at the token at hand, or, at the end of a line, behind the token before it.
    pub(super) fn expected<T>(&mut self, what: &str) -> Step<T> {
        self.expected_with(what, None)
    }

    pub(super) fn expected_with<T>(&mut self, what: &str, help: Option<&str>) -> Step<T> {
        let before = self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).copied();
        let at_end = matches!(self.kind(), None | Some(Kind::Newline));
        let diagnostic = match (before, self.token()) {
            (Some(before), _) if at_end && before.kind != Kind::Newline => {
                let message = match before.kind {
                    Kind::TemplateClose => format!("expected {what} after this string"),
                    _ => format!("expected {what} after `{}`", self.text_of(before).trim_end()),
                };
                Diagnostic::at(&SYNTAX, self.span(before), message)
            }
            (_, Some(token)) => {
                Diagnostic::at(&SYNTAX, self.span(token), format!("expected {what}, found {}", self.describe()))
            }
            (_, None) => {
                let end = self.text.len();
                Diagnostic::at(
                    &SYNTAX,
                    Span::new(self.file, end..end),
                    format!("expected {what}, found {}", self.describe()),
                )
            }
        };
        self.fail(diagnostic.maybe_help(help.map(str::to_owned)))
    }

    pub(super) fn limit<T>(&mut self, token: Token, message: String, help: &str) -> Step<T> {
        let diagnostic = Diagnostic::at(&LIMIT, self.span(token), message).help(help);
        self.fail(diagnostic)
    }

    pub(super) fn enter(&mut self, opener: usize) -> Step {
        self.depth += 1;
        if self.depth <= MAX_NESTING {
            return Ok(());
        }
        match self.tokens.get(opener).copied() {
            Some(token) => self.limit(
                token,
                format!("this is nested more than {MAX_NESTING} levels deep"),
                "name inner parts in `locals` and refer to them",
            ),
            None => Err(GivenUp),
        }
    }

    pub(super) fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    // Bodies and statements.

    /// Statements up to the closing brace of the block that `opener` opens, or to the end of the region.
    fn body(&mut self, opener: Option<usize>) -> Body {
        let mut names: BTreeMap<&'a str, Token> = BTreeMap::new();
        let (mut attributes, mut blocks) = (Vec::new(), Vec::new());
        let mut nameless = false;
        loop {
            self.skip_newlines();
            match self.token() {
                None => break,
                Some(_) if opener.is_some() && self.sign() == "}" => break,
                Some(token) => {
                    let reported = self.found.diagnostics.len();
                    match self.statement(&mut names) {
                        Statement::Attribute(attribute) => attributes.push(attribute),
                        Statement::Block(block) => blocks.push(block),
                        Statement::Broken => {}
                    }
                    // Lines that begin with no name, one after the other, are the rest of one statement.
                    let follows = std::mem::replace(&mut nameless, token.kind != Kind::Ident && self.sign() != "}");
                    if follows && nameless && !self.found.stray {
                        self.found.diagnostics.truncate(reported);
                    }
                }
            }
            if self.found.unclosed {
                break;
            }
        }
        Body { attributes: attributes.into(), blocks: blocks.into() }
    }

    fn statement(&mut self, names: &mut BTreeMap<&'a str, Token>) -> Statement {
        let start = self.at;
        let depth = self.depth;
        let reported = self.found.diagnostics.len();
        self.operators = 0;
        let result = self.attribute_or_block(names).and_then(|statement| match self.kind() {
            None | Some(Kind::Newline) => Ok(statement),
            Some(_) if self.sign() == "}" && depth > 0 => {
                // What stands before it is whole.
                let help = "the brace that closes a block of several lines stands on a line of its own";
                let _: Step = self.expected_with("the end of the line", Some(help));
                Ok(statement)
            }
            Some(_) if self.sign() == "}" => self.stray_brace(),
            Some(_) => self.expected_with("the end of the line", self.another_language()),
        });
        self.depth = depth;
        if result.is_err() {
            self.skip_statement(start);
        }
        let Some(first) = self.tokens.get(start) else { return Statement::Broken };
        let bytes = Extent { end: self.since(first.start).end.max(first.end), ..self.extent(*first) };
        let faulty = self.faulty(bytes);
        if faulty && matches!(result, Err(_) | Ok(Statement::Attribute(_))) {
            // The characters explain it already.
            self.found.diagnostics.truncate(reported);
        }
        // A block around a broken statement is as sound as its header.
        let inner = self.broken.is_some_and(|start| start >= bytes.start);
        match result {
            Ok(statement) if !faulty || (inner && !matches!(statement, Statement::Broken)) => statement,
            _ => {
                self.broken = Some(bytes.start);
                Statement::Broken
            }
        }
    }

    /// What was meant by a word or sign that ends an expression in another language, and not here.
    fn another_language(&self) -> Option<&'static str> {
        let before = self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).copied();
        let word = before.filter(|token| token.kind == Kind::Ident).map_or("", |token| self.text_of(token));
        match (word, self.word(), self.sign()) {
            ("if", ..) | (_, "if" | "then" | "else", _) => Some("a conditional is written `condition ? value : other`"),
            ("not", ..) => Some("the logical operators are `!`, `&&` and `||`"),
            (_, "and" | "or", _) => Some("the logical operators are `!`, `&&` and `||`"),
            (.., ",") => Some("attributes end with the line"),
            (_, _, _) if before.is_some_and(|token| token.kind == Kind::Text) && !self.word().is_empty() => {
                Some("in a string, `\"` is written `\\\"`")
            }
            _ => None,
        }
    }

    fn stray_brace<T>(&mut self) -> Step<T> {
        self.found.stray = true;
        self.fail_here("this `}` closes nothing")
    }

    pub(super) fn fail_here<T>(&mut self, message: &str) -> Step<T> {
        match self.token() {
            Some(token) => {
                let diagnostic = Diagnostic::at(&SYNTAX, self.span(token), message);
                self.fail(diagnostic)
            }
            None => self.expected("something"),
        }
    }

    /// Goes behind a broken statement: to the end of its line, or of the last bracket that it opens, but not over the
    /// closing brace of the block around it.
    fn skip_statement(&mut self, start: usize) {
        let furthest = self.at;
        let mut open: Vec<&str> = Vec::new();
        let mut templates = 0usize;
        self.at = start;
        while let Some(token) = self.token() {
            match token.kind {
                Kind::TemplateOpen => templates += 1,
                Kind::TemplateClose => templates = templates.saturating_sub(1),
                Kind::Newline if open.is_empty() && templates == 0 && self.at >= furthest => return,
                Kind::Sign => match self.text_of(token) {
                    bracket @ ("{" | "[" | "(") => open.push(bracket),
                    close @ ("}" | "]" | ")") => {
                        let opener = match close {
                            "}" => "{",
                            "]" => "[",
                            _ => "(",
                        };
                        match open.iter().rposition(|o| *o == opener) {
                            Some(found) => open.truncate(found),
                            // It closes the block around this statement.
                            None if close == "}" && self.depth > 0 && self.at > start => return,
                            None => {}
                        }
                    }
                    _ => {}
                },
                _ => {}
            }
            self.at += 1;
        }
    }

    fn attribute_or_block(&mut self, names: &mut BTreeMap<&'a str, Token>) -> Step<Statement> {
        let Some(name) = self.token() else { return Ok(Statement::Broken) };
        if name.kind != Kind::Ident {
            return match (name.kind, self.sign()) {
                (Kind::Text, _) if matches!(self.sign_at(self.at + 1), "=" | ":") => {
                    let written = self.text_of(name);
                    let diagnostic =
                        Diagnostic::at(&SYNTAX, self.span(name), format!("expected a name, found {written}")).help(
                            format!(
                                "the name of an attribute is written without quotes: `{}`",
                                written.trim_matches('"')
                            ),
                        );
                    self.fail(diagnostic)
                }
                (_, "}") => self.stray_brace(),
                _ => self.expected("an attribute or a block"),
            };
        }
        self.at += 1;
        match (self.kind(), self.sign()) {
            (_, "=") => {
                self.at += 1;
                let value = self.expression(false, "a value")?;
                self.unique(names, name)?;
                Ok(Statement::Attribute(Attribute { name: self.name(name), value }))
            }
            (_, "{") | (Some(Kind::Text | Kind::Ident | Kind::TemplateOpen), _) => self.block(name),
            (_, ":") => self.expected_with("`=`", Some("an attribute is written `name = value`")),
            (_, "==") => self.expected_with("`=`", Some("one `=` gives a value; two compare")),
            (_, "." | "[" | "(") => {
                self.expected_with("`=` or `{`", Some("an expression stands to the right of `name =`"))
            }
            _ => self.expected_with(
                "`=` or `{`",
                Some("an attribute is written `name = value`, a block `name \"label\" { … }`"),
            ),
        }
    }

    fn unique(&mut self, names: &mut BTreeMap<&'a str, Token>, name: Token) -> Step {
        let written = self.text_of(name);
        match names.get(written) {
            None => {
                names.insert(written, name);
                Ok(())
            }
            Some(first) => {
                let diagnostic = duplicate("attribute", written, self.span(name), self.span(*first));
                self.fail(diagnostic)
            }
        }
    }

    fn block(&mut self, name: Token) -> Step<Statement> {
        let mut labels = Vec::new();
        loop {
            match (self.token(), self.sign()) {
                (Some(label @ Token { kind: Kind::Text | Kind::Ident, .. }), _) => {
                    labels.push(self.name(label));
                    self.at += 1;
                }
                (Some(Token { kind: Kind::TemplateOpen, start, .. }), _) => {
                    if self.faults.binary_search(&(start as usize)).is_err() {
                        return self.fail_here("the label of a block is a plain string");
                    }
                    // An unclosed label: its text and end follow, and the `{` behind it if there was one.
                    while self.kind().is_some_and(|kind| kind != Kind::TemplateClose) {
                        self.at += 1;
                    }
                    self.at += 1;
                }
                (_, "{") => break,
                (_, "=") => {
                    return self.expected_with("`{`", Some("an attribute has one name; a block has labels and braces"));
                }
                _ => {
                    let what = format!("`{{` to open the block `{}`", self.text_of(name));
                    return self.expected_with(&what, None);
                }
            }
        }
        let opener = self.at;
        self.enter(opener)?;
        let broken = self.faulty(self.since(name.start));
        self.at += 1;
        let mut body = Body::default();
        if self.kind() == Some(Kind::Newline) {
            body = self.body(Some(opener));
            if self.found.unclosed {
                return Err(GivenUp);
            }
        } else if self.sign() != "}" && self.token().is_some() {
            body.attributes = self.one_line_body()?.into_iter().collect();
        }
        if self.sign() == "}" {
            self.at += 1;
            self.leave();
            if broken {
                return Ok(Statement::Broken);
            }
            let span = self.since(name.start);
            return Ok(Statement::Block(Block { kind: self.name(name), labels: labels.into(), body, span }));
        }
        self.found.unclosed = true;
        if self.found.diagnostics.last().is_some_and(|d| d.code == &LIMIT) {
            // It was left in the middle, so its end was not looked at.
            return Err(GivenUp);
        }
        match self.tokens.get(opener).copied() {
            Some(token) => {
                let diagnostic = Diagnostic::at(&SYNTAX, self.span(token), "this block is never closed")
                    .help("close it with `}` on a line of its own");
                self.fail(diagnostic)
            }
            None => Err(GivenUp),
        }
    }

    /// `{ name = value }`: HCL allows one attribute, and no block, between braces on one line.
    fn one_line_body(&mut self) -> Step<Option<Attribute>> {
        let start = self.at;
        let mut attribute = None;
        if self.kind() == Some(Kind::Ident)
            && self.sign_at(self.at + 1) == "="
            && let Statement::Attribute(only) = self.attribute_or_block(&mut BTreeMap::new())?
        {
            attribute = Some(only);
        }
        match self.sign() {
            "}" => Ok(attribute),
            "," => {
                let help = "a block on one line holds one attribute; put each on a line of its own";
                self.expected_with("`}`", Some(help))
            }
            _ if self.at == start => {
                self.expected_with("a new line after `{`", Some("a block on one line holds one attribute"))
            }
            _ => self.expected("`}`"),
        }
    }
}

/// The same name twice in one place.
pub(super) fn duplicate(what: &str, name: &str, second: Span, first: Span) -> Diagnostic {
    let code: &'static Code = &DUPLICATE_NAME;
    Diagnostic::at(code, second, format!("the {what} `{name}` is given twice"))
        .label(first, "given here first")
        .help("remove one of them")
}
