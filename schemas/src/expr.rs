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
            ExprKind::Literal(_) | ExprKind::Input | ExprKind::Stage(_) | ExprKind::Metric(..) => Vec::new(),
            ExprKind::Field(of, _) | ExprKind::Unary(_, of) => vec![of],
            ExprKind::Index(a, b) | ExprKind::Binary(_, a, b) => vec![a, b],
            ExprKind::Conditional(a, b, c) => vec![a, b, c],
            ExprKind::Template(parts) | ExprKind::List(parts) | ExprKind::Call(_, parts) => parts.iter().collect(),
            ExprKind::Object(entries) => entries.iter().map(|(_, e)| e).collect(),
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
