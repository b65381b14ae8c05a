//! What a condition says about null: where `stage.a != null` holds, `stage.a` has its outputs.

use windlass_schemas::expr::{BinaryOp, Expr, ExprKind, UnaryOp};
use windlass_schemas::value::{Value, ValueKind};

/// The user's words for a path of names, such as `stage.load.body` or `item.rows[0]`; `None` for anything else.
pub fn path(expr: &Expr) -> Option<String> {
    match &expr.kind {
        ExprKind::Input => Some("input".to_owned()),
        ExprKind::Item => Some("item".to_owned()),
        ExprKind::Error => Some("error".to_owned()),
        ExprKind::Event => Some("event".to_owned()),
        ExprKind::Stage(name) => Some(format!("stage.{}", name.value)),
        ExprKind::Variable(name) => Some(name.value.clone()),
        ExprKind::Field(of, name) => path(of).map(|of| format!("{of}.{}", name.value)),
        ExprKind::Index(of, index) => match &index.kind {
            ExprKind::Literal(Value { kind: ValueKind::Number(number), .. }) => {
                path(of).map(|of| format!("{of}[{number}]"))
            }
            _ => None,
        },
        _ => None,
    }
}

/// The paths that are not null when `condition` has this outcome.
pub fn known_if(condition: &Expr, outcome: bool) -> Vec<String> {
    match &condition.kind {
        ExprKind::Unary(UnaryOp::Not, inner) => known_if(inner, !outcome),
        // What differs from null, and what equals something that is not null.
        ExprKind::Binary(op @ (BinaryOp::Equal | BinaryOp::NotEqual), a, b) => {
            let equal = (*op == BinaryOp::Equal) == outcome;
            let compared = |one: &Expr, other: &Expr| match &other.kind {
                ExprKind::Literal(Value { kind: ValueKind::Null, .. }) => path(one).filter(|_| !equal),
                ExprKind::Literal(_) => path(one).filter(|_| equal),
                _ => None,
            };
            compared(a, b).into_iter().chain(compared(b, a)).collect()
        }
        ExprKind::Binary(op @ (BinaryOp::And | BinaryOp::Or), a, b) => {
            let (a, b) = (known_if(a, outcome), known_if(b, outcome));
            // Both sides have the outcome, or one of them, which is not known.
            match (*op == BinaryOp::And) == outcome {
                true => a.into_iter().chain(b).collect(),
                false => a.into_iter().filter(|path| b.contains(path)).collect(),
            }
        }
        _ => Vec::new(),
    }
}
