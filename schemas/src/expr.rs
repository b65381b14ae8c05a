//! Expressions whose value is known only later: in a running workflow, or in the monitoring system.
//!
//! What is known when compiling has been folded into [`ExprKind::Literal`]. An expression carries the meaning of HCL;
//! each target spells it in its own language and hides where that language means something else.

use crate::span::{Span, Spanned};
use crate::value::{Reference, Value};

/// An expression and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands.
    pub span: Span,
}

/// What a deferred expression can be.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// Known when compiling, with all its parts.
    Literal(Value),
    /// `input`, the workflow's input as an object; a field of it follows as [`ExprKind::Field`].
    Input,
    /// `stage.NAME`, an object of the stage's outputs.
    Stage(Spanned<String>),
    /// `item`, the element that a stage with `for_each` or `distribute` runs for.
    Item,
    /// `error`, what the stage failed with that this one handles: an object of `name` and `cause`.
    Error,
    /// `event`, what started an execution, in the input of a trigger.
    Event,
    /// A loop variable of a [`ExprKind::For`] around it.
    Variable(Spanned<String>),
    /// A measurement of a block, such as `service.risk.latency.p99`: the block, then the path.
    Metric(Spanned<Reference>, Vec<Spanned<String>>),
    /// `OF.NAME`, or `OF["NAME"]` with a known key.
    Field(Box<Expr>, Spanned<String>),
    /// `OF[INDEX]`.
    Index(Box<Expr>, Box<Expr>),
    /// `-X` or `!X`.
    Unary(UnaryOp, Box<Expr>),
    /// `A op B`.
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// `CONDITION ? A : B`.
    Conditional(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `"…${…}…"`: the parts, to be converted to strings and joined.
    Template(Vec<Expr>),
    /// `[A, B]`.
    List(Vec<Expr>),
    /// `{ k = A }`, keys known when compiling.
    Object(Vec<(Spanned<String>, Expr)>),
    /// `name(A, B)`.
    Call(Spanned<String>, Vec<Expr>),
    /// `[for …]`, `{for …}`, and splats.
    For(Box<For>),
    /// What a splat goes over: a list as it is, null as no element, anything else as the only one.
    Elements(Box<Expr>),
}

/// An expression for every element of a list, or every field of an object in the order of the names.
#[derive(Clone, Debug, PartialEq)]
pub struct For {
    /// The variable that holds the index or the name.
    pub key_variable: Option<String>,
    /// The variable that holds the element.
    pub variable: String,
    /// What it goes over.
    pub over: Expr,
    /// Elements for which this is false are left out.
    pub condition: Option<Expr>,
    /// The key of the entry that it makes; `None`: it makes a list.
    pub key: Option<Expr>,
    /// The element, or the entry's value.
    pub value: Expr,
    /// With a key: the values of one key are a list, and a key may come twice.
    pub groups: bool,
}

/// Operators with one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOp {
    /// `-`
    Negate,
    /// `!`
    Not,
}

/// Operators with two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOp {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Modulo,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `&&`
    And,
    /// `||`
    Or,
}

impl BinaryOp {
    /// The operator as HCL spells it.
    pub fn symbol(self) -> &'static str {
        match self {
            BinaryOp::Add => "+",
            BinaryOp::Subtract => "-",
            BinaryOp::Multiply => "*",
            BinaryOp::Divide => "/",
            BinaryOp::Modulo => "%",
            BinaryOp::Equal => "==",
            BinaryOp::NotEqual => "!=",
            BinaryOp::Less => "<",
            BinaryOp::LessOrEqual => "<=",
            BinaryOp::Greater => ">",
            BinaryOp::GreaterOrEqual => ">=",
            BinaryOp::And => "&&",
            BinaryOp::Or => "||",
        }
    }
}

impl Expr {
    /// An expression of this kind at `span`.
    pub fn new(kind: ExprKind, span: Span) -> Self {
        Expr { kind, span }
    }

    /// The direct parts of the expression, in the order written.
    pub fn parts(&self) -> Vec<&Expr> {
        match &self.kind {
            ExprKind::Literal(_)
            | ExprKind::Input
            | ExprKind::Stage(_)
            | ExprKind::Item
            | ExprKind::Error
            | ExprKind::Event
            | ExprKind::Variable(_)
            | ExprKind::Metric(..) => Vec::new(),
            ExprKind::Field(of, _) | ExprKind::Unary(_, of) | ExprKind::Elements(of) => vec![of],
            ExprKind::Index(a, b) | ExprKind::Binary(_, a, b) => vec![a, b],
            ExprKind::Conditional(a, b, c) => vec![a, b, c],
            ExprKind::Template(parts) | ExprKind::List(parts) | ExprKind::Call(_, parts) => parts.iter().collect(),
            ExprKind::Object(entries) => entries.iter().map(|(_, e)| e).collect(),
            ExprKind::For(of) => {
                let For { over, condition, key, value, .. } = &**of;
                [over].into_iter().chain(key).chain([value]).chain(condition).collect()
            }
        }
    }

    /// Calls `f` with this expression and everything in it, outermost first.
    pub fn walk<'a>(&'a self, f: &mut impl FnMut(&'a Expr)) {
        f(self);
        for part in self.parts() {
            part.walk(f);
        }
    }
}
