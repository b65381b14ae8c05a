//! The syntax tree: what a text says, each part with its bytes, and nothing of its layout.
//!
//! A large spec makes many nodes, so they are small: children lie in boxed slices, places count bytes of the file that
//! the reader of the tree knows.

use windlass_schemas::expr::{BinaryOp, UnaryOp};
use windlass_schemas::span::{FileId, Span};
use windlass_schemas::value::Number;

/// A half-open range of bytes in the file that the tree was made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Extent {
    /// The same bytes, said of a file.
    pub fn of(self, file: FileId) -> Span {
        Span { file, start: self.start, end: self.end }
    }

    /// From the start of `self` to the end of `other`, which stands later.
    pub fn to(self, other: Extent) -> Self {
        Extent { start: self.start, end: other.end }
    }
}

/// A word, or a string without templates in the place of one: what it says, escapes resolved.
#[derive(Clone, Debug)]
pub struct Name {
    /// What it says.
    pub text: Box<str>,
    /// Its place; with the quotes, where it has some.
    pub span: Extent,
}

impl Name {
    /// What it says.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// A file, or what stands in the braces of a block.
#[derive(Clone, Debug, Default)]
pub struct Body {
    /// In the order written; no name twice.
    pub attributes: Box<[Attribute]>,
    /// In the order written.
    pub blocks: Box<[Block]>,
}

impl Body {
    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.attributes.is_empty() && self.blocks.is_empty()
    }

    /// The attribute of this name.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name.as_str() == name)
    }
}

/// `name = value`
#[derive(Clone, Debug)]
pub struct Attribute {
    /// Its name.
    pub name: Name,
    /// Its value.
    pub value: Expression,
}

/// `kind "label" { … }`
#[derive(Clone, Debug)]
pub struct Block {
    /// The word that says what the block is.
    pub kind: Name,
    /// Its labels, quoted or bare.
    pub labels: Box<[Name]>,
    /// What it holds.
    pub body: Body,
    /// From its kind to its closing brace.
    pub span: Extent,
}

/// An expression and its place.
#[derive(Clone, Debug)]
pub struct Expression {
    /// What it is.
    pub kind: ExpressionKind,
    /// Its place, without white space around it.
    pub span: Extent,
}

/// What an expression can be.
#[derive(Clone, Debug)]
pub enum ExpressionKind {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, with the sign directly before it; `None` when it cannot be held.
    Number(Option<Number>),
    /// A quoted string without templates, escapes resolved.
    String(Box<str>),
    /// A quoted string with templates, or a heredoc.
    Template(Box<Template>),
    /// `[a, b]`
    List(Box<[Expression]>),
    /// `{ a = b }`
    Object(Box<[Entry]>),
    /// `[for …]` or `{for …}`
    For(Box<For>),
    /// `(a)`
    Parentheses(Box<Expression>),
    /// A name alone.
    Variable(Box<str>),
    /// What is taken from something: `a.b[c]`.
    Traversal(Box<Traversal>),
    /// `f(a, b)`
    Call(Box<Call>),
    /// `-a` or `!a`
    Unary(Box<Unary>),
    /// `a + b`
    Binary(Box<Binary>),
    /// `a ? b : c`
    Conditional(Box<Conditional>),
}

/// An entry of an object.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its key.
    pub key: Key,
    /// Its value.
    pub value: Expression,
}

/// The key of an object's entry.
#[derive(Clone, Debug)]
pub enum Key {
    /// A word, which stands for itself, or a string without templates.
    Plain(Name),
    /// Anything else: its value is the key.
    Computed(Expression),
}

/// What a loop goes over, and the names that it gives to each element.
#[derive(Clone, Debug)]
pub struct Loop {
    /// The first of two names: that of the key or index.
    pub key: Option<Name>,
    /// The name of the element.
    pub value: Name,
    /// What it goes over.
    pub collection: Expression,
}

/// `[for x in y : z if w]` or `{for x in y : k => z... if w}`
#[derive(Clone, Debug)]
pub struct For {
    /// Its names and collection.
    pub over: Loop,
    /// What makes an object of it.
    pub key: Option<Expression>,
    /// What it makes of an element.
    pub value: Expression,
    /// `...`: the values of a key become a list.
    pub groups: bool,
    /// Elements for which this does not hold are left out.
    pub condition: Option<Expression>,
}

/// Something, and what is taken from it, step by step.
#[derive(Clone, Debug)]
pub struct Traversal {
    /// Where it begins.
    pub base: Expression,
    /// At least one.
    pub steps: Box<[Step]>,
}

/// One step of a traversal.
#[derive(Clone, Debug)]
pub struct Step {
    /// What is taken.
    pub kind: StepKind,
    /// With the dot or the brackets.
    pub span: Extent,
}

/// What a step of a traversal takes.
#[derive(Clone, Debug)]
pub enum StepKind {
    /// `.name`
    Attribute(Name),
    /// `[index]`
    Index(Expression),
    /// `.0`, and the place of the digits.
    LegacyIndex(u64, Extent),
    /// `.*`: the attributes behind it are taken from every element.
    AttributeSplat,
    /// `[*]`: all behind it is taken from every element.
    Splat,
}

impl Step {
    /// The place of what is taken, without dot and brackets; a splat has nothing else.
    pub fn place(&self) -> Extent {
        match &self.kind {
            StepKind::Attribute(name) => name.span,
            StepKind::Index(index) => index.span,
            StepKind::LegacyIndex(_, digits) => *digits,
            StepKind::AttributeSplat | StepKind::Splat => self.span,
        }
    }
}

/// A call of a function.
#[derive(Clone, Debug)]
pub struct Call {
    /// The function's name; of `a::b` the last part.
    pub name: Name,
    /// Whether something stands before it, as in `a::b()`.
    pub namespaced: bool,
    /// The arguments.
    pub arguments: Box<[Expression]>,
    /// `...`: the last argument is a list of arguments.
    pub expands: bool,
}

/// An operator before its operand.
#[derive(Clone, Debug)]
pub struct Unary {
    /// The operator.
    pub op: UnaryOp,
    /// What it is applied to.
    pub operand: Expression,
}

/// An operator between its operands.
#[derive(Clone, Debug)]
pub struct Binary {
    /// The operator.
    pub op: BinaryOp,
    /// The operand before it.
    pub left: Expression,
    /// The one behind it.
    pub right: Expression,
}

/// `condition ? then : other`
#[derive(Clone, Debug)]
pub struct Conditional {
    /// What decides.
    pub condition: Expression,
    /// The result where it holds.
    pub then: Expression,
    /// The result where it does not.
    pub other: Expression,
}

/// A text with templates in it.
#[derive(Clone, Debug)]
pub struct Template {
    /// How it is written.
    pub form: Form,
    /// Its parts from left to right.
    pub parts: Box<[Part]>,
}

/// How a template is written, which says how its white space is trimmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// In quotes.
    Quoted,
    /// As a heredoc, or as a file of its own.
    Heredoc,
    /// As a heredoc with `<<-`, which loses its indentation.
    Indented,
}

/// A part of a template.
#[derive(Clone, Debug)]
pub enum Part {
    /// Text, escapes resolved; and the place of what is written.
    Literal(Box<str>, Extent),
    /// `${value}`
    Interpolation(Expression, Trim),
    /// `%{if}` up to `%{endif}`
    If(Box<IfPart>),
    /// `%{for}` up to `%{endfor}`
    For(Box<ForPart>),
}

/// Whether a sequence takes white space off the text around it, with `~`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trim {
    /// `${~` or `%{~`
    pub before: bool,
    /// `~}`
    pub behind: bool,
}

/// `%{if condition}then%{else}other%{endif}`
#[derive(Clone, Debug)]
pub struct IfPart {
    /// What decides.
    pub condition: Expression,
    /// The parts where it holds.
    pub then: Box<[Part]>,
    /// Those where it does not.
    pub other: Box<[Part]>,
    /// Of `%{if}`.
    pub begin: Trim,
    /// Of `%{else}`, where there is one.
    pub middle: Option<Trim>,
    /// Of `%{endif}`.
    pub end: Trim,
}

/// `%{for key, value in collection}body%{endfor}`
#[derive(Clone, Debug)]
pub struct ForPart {
    /// Its names and collection.
    pub over: Loop,
    /// The parts for every element.
    pub body: Box<[Part]>,
    /// Of `%{for}`.
    pub begin: Trim,
    /// Of `%{endfor}`.
    pub end: Trim,
}

const _: () = assert!(size_of::<Expression>() <= 32 && size_of::<Attribute>() <= 56);
