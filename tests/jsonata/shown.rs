//! An expression as a spec would write it.

use windlass_schemas::expr::{Expr, ExprKind, UnaryOp};
use windlass_schemas::value::{Value, ValueKind};

pub fn hcl(expr: &Expr) -> String {
    let all = |parts: &[Expr]| parts.iter().map(hcl).collect::<Vec<_>>().join(", ");
    match &expr.kind {
        ExprKind::Literal(value) => literal(value),
        ExprKind::Input => "input".to_owned(),
        ExprKind::Stage(name) => format!("stage.{}", name.value),
        ExprKind::Item => "item".to_owned(),
        ExprKind::Error => "error".to_owned(),
        ExprKind::Event => "event".to_owned(),
        ExprKind::Variable(name) => name.value.clone(),
        ExprKind::Metric(block, _) => block.value.to_string(),
        ExprKind::Field(of, name) => format!("{}.{}", hcl(of), name.value),
        ExprKind::Index(of, at) => format!("{}[{}]", hcl(of), hcl(at)),
        ExprKind::Unary(UnaryOp::Negate, of) => format!("-{}", hcl(of)),
        ExprKind::Unary(UnaryOp::Not, of) => format!("!{}", hcl(of)),
        ExprKind::Binary(op, a, b) => format!("({} {} {})", hcl(a), op.symbol(), hcl(b)),
        ExprKind::Conditional(test, then, other) => format!("({} ? {} : {})", hcl(test), hcl(then), hcl(other)),
        ExprKind::Template(parts) => {
            let part = |part: &Expr| match &part.kind {
                ExprKind::Literal(Value { kind: ValueKind::String(text), .. }) => text.replace("${", "$${"),
                _ => format!("${{{}}}", hcl(part)),
            };
            format!("\"{}\"", parts.iter().map(part).collect::<String>())
        }
        ExprKind::List(items) => format!("[{}]", all(items)),
        ExprKind::Object(entries) => {
            let entry = |(key, value): &(_, Expr)| {
                let key: &windlass_schemas::span::Spanned<String> = key;
                format!("{:?} = {}", key.value, hcl(value))
            };
            format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
        ExprKind::Call(name, args) => format!("{}({})", name.value, all(args)),
        ExprKind::Elements(of) => format!("{}[*]", hcl(of)),
        ExprKind::For(of) => {
            let names = match &of.key_variable {
                Some(key) => format!("{key}, {}", of.variable),
                None => of.variable.clone(),
            };
            let condition = of.condition.as_ref().map(|test| format!(" if {}", hcl(test))).unwrap_or_default();
            let (over, value) = (hcl(&of.over), hcl(&of.value));
            match &of.key {
                None => format!("[for {names} in {over} : {value}{condition}]"),
                Some(key) => {
                    let dots = if of.groups { "..." } else { "" };
                    format!("{{for {names} in {over} : {} => {value}{dots}{condition}}}", hcl(key))
                }
            }
        }
    }
}

fn literal(value: &Value) -> String {
    let inner = |items: &[Value]| items.iter().map(literal).collect::<Vec<_>>().join(", ");
    match &value.kind {
        ValueKind::List(items) => format!("[{}]", inner(items)),
        ValueKind::String(text) => format!("{text:?}"),
        _ => value.shown(),
    }
}
