//! What an alert watches is measured, and is compared with a threshold in its own unit.

use windlass_schemas::codes;
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::expr::{BinaryOp, Expr, ExprKind};
use windlass_schemas::plan::{Comparison, Condition, Metric, Quantity};
use windlass_schemas::span::Spanned;
use windlass_schemas::spec::Alert;
use windlass_schemas::spec::measures::{MEASURES, MeasureDecl, Unit};
use windlass_schemas::suggest::did_you_mean;
use windlass_schemas::units::{Bytes, Duration, Percent};
use windlass_schemas::value::{Reference, Value, ValueKind};

const FORM: &str =
    "write measurements compared with thresholds, joined by `&&` or `||`, as in `service.NAME.errors.rate > 0.01`";

/// The alert's condition; `None` when something about it was reported.
pub fn condition(alert: &Alert, diags: &mut Diagnostics) -> Option<Condition> {
    let hold = &alert.r#for;
    if hold.value.0 == 0 || !hold.value.0.is_multiple_of(60_000) {
        let message = format!("`{}` is not a number of whole minutes", hold.value);
        diags.push(Diagnostic::at(&codes::INVALID_VALUE, hold.span, message).help("write \"1m\", \"5m\" or more"));
    }
    if alert.notify.value.is_empty() {
        let diagnostic = Diagnostic::at(&codes::INVALID_VALUE, alert.notify.span, "the alert tells nobody")
            .help("name a channel: `notify = [channel.NAME]`");
        diags.push(diagnostic);
    }
    let channels = &alert.notify.value;
    if let Some((_, twice)) = channels.iter().enumerate().find(|(at, channel)| channels[..*at].contains(channel)) {
        let message = format!("the channel `{}` is told twice", twice.0);
        diags.push(Diagnostic::at(&codes::DUPLICATE_NAME, alert.notify.span, message).help("name it once"));
    }
    read(&alert.when.value.0, diags)
}

fn read(expr: &Expr, diags: &mut Diagnostics) -> Option<Condition> {
    match &expr.kind {
        ExprKind::Binary(op @ (BinaryOp::And | BinaryOp::Or), _, _) => {
            let mut operands = Vec::new();
            operands_of(*op, expr, &mut operands);
            // All are read, so that all errors are found.
            let conditions: Vec<_> = operands.into_iter().map(|operand| read(operand, diags)).collect();
            let conditions = conditions.into_iter().collect::<Option<Vec<_>>>()?;
            Some(if *op == BinaryOp::And { Condition::All(conditions) } else { Condition::Any(conditions) })
        }
        ExprKind::Binary(op, left, right) => match (comparison(*op), &left.kind, &right.kind) {
            (Some(comparison), ExprKind::Metric(of, path), ExprKind::Literal(threshold)) => {
                compare(of, path, comparison, threshold, diags)
            }
            (Some(comparison), ExprKind::Literal(threshold), ExprKind::Metric(of, path)) => {
                compare(of, path, flipped(comparison), threshold, diags)
            }
            (None, ..) => refuse(expr, &format!("`{}` is no comparison that an alarm can make", op.symbol()), diags),
            _ => refuse(expr, "this does not compare a measurement with a threshold", diags),
        },
        ExprKind::Metric(..) => refuse(expr, "a measurement alone is no condition", diags),
        ExprKind::Literal(_) => refuse(expr, "this is known when compiling: it watches nothing", diags),
        _ => refuse(expr, "this can't be watched", diags),
    }
}

fn operands_of<'a>(op: BinaryOp, expr: &'a Expr, operands: &mut Vec<&'a Expr>) {
    match &expr.kind {
        ExprKind::Binary(inner, left, right) if *inner == op => {
            operands_of(op, left, operands);
            operands_of(op, right, operands);
        }
        _ => operands.push(expr),
    }
}

fn refuse(expr: &Expr, message: &str, diags: &mut Diagnostics) -> Option<Condition> {
    diags.push(Diagnostic::at(&codes::UNSUPPORTED_EXPRESSION, expr.span, message).help(FORM));
    None
}

fn comparison(op: BinaryOp) -> Option<Comparison> {
    Some(match op {
        BinaryOp::Greater => Comparison::Greater,
        BinaryOp::GreaterOrEqual => Comparison::GreaterOrEqual,
        BinaryOp::Less => Comparison::Less,
        BinaryOp::LessOrEqual => Comparison::LessOrEqual,
        _ => return None,
    })
}

fn flipped(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterOrEqual => Comparison::LessOrEqual,
        Comparison::Less => Comparison::Greater,
        Comparison::LessOrEqual => Comparison::GreaterOrEqual,
    }
}

fn compare(
    of: &Spanned<Reference>,
    path: &[Spanned<String>],
    comparison: Comparison,
    threshold: &Value,
    diags: &mut Diagnostics,
) -> Option<Condition> {
    let decl = measure(of, path, diags)?;
    let threshold = quantity(decl, threshold, diags)?;
    let metric = Metric { subject: of.name.clone(), measure: decl.measure };
    Some(Condition::Compare { metric, comparison, threshold })
}

fn measure(of: &Spanned<Reference>, path: &[Spanned<String>], diags: &mut Diagnostics) -> Option<&'static MeasureDecl> {
    let written = path.iter().map(|step| step.value.as_str()).collect::<Vec<_>>().join(".");
    let of_kind = || MEASURES.iter().filter(|decl| decl.block == of.block);
    if let Some(decl) = of_kind().find(|decl| decl.path == written) {
        return Some(decl);
    }
    // The first part that no measurement has in this place is the one that is wrong.
    let fits = |decl: &&MeasureDecl, parts: usize| {
        let mut known = decl.path.split('.');
        path.iter().take(parts).all(|part| known.next() == Some(part.value.as_str()))
    };
    let right = (0..path.len()).take_while(|at| of_kind().any(|decl| fits(&decl, at + 1))).count();
    let near: Vec<&MeasureDecl> = of_kind().filter(|decl| fits(decl, right)).collect();
    let (span, meant) = match (path.get(right), path.first(), path.last()) {
        (Some(wrong), ..) => {
            (wrong.span, did_you_mean(wrong, near.iter().filter_map(|decl| decl.path.split('.').nth(right))))
        }
        (None, Some(first), Some(last)) => (first.span.to(last.span), None),
        _ => (of.span, None),
    };
    let paths: Vec<&str> = near.iter().map(|decl| decl.path).collect();
    let help = meant
        .or_else(|| did_you_mean(&written, of_kind().map(|decl| decl.path)))
        .unwrap_or_else(|| format!("a {} has `{}`", of.block, paths.join("`, `")));
    let message = match path {
        [] => format!("`{}` alone is no measurement", of.value),
        _ => format!("`{}` has no measurement `{written}`", of.value),
    };
    diags.push(Diagnostic::at(&codes::UNDEFINED_REFERENCE, span, message).help(help));
    None
}

/// The threshold in the unit of the measure.
fn quantity(decl: &MeasureDecl, threshold: &Value, diags: &mut Diagnostics) -> Option<Quantity> {
    let takes = decl.unit.takes();
    let refuse = |code, message: String| {
        Diagnostic::at(code, threshold.span, message).help(format!("`{}` is compared with {takes}", decl.path))
    };
    let read = match (decl.unit, &threshold.kind) {
        (_, ValueKind::Unknown) => return None,
        (Unit::Time, ValueKind::String(text)) => text.parse::<Duration>().map(Quantity::Time),
        (Unit::Memory, ValueKind::String(text)) => text.parse::<Bytes>().map(Quantity::Memory),
        (Unit::Ratio, ValueKind::String(text)) => {
            text.parse::<Percent>().map(|percent| Quantity::Ratio(percent.0 as f64 / 10_000.0))
        }
        (Unit::Ratio, ValueKind::Number(number)) => Ok(Quantity::Ratio(number.as_f64())),
        (Unit::PerSecond, ValueKind::Number(number)) => Ok(Quantity::PerSecond(number.as_f64())),
        (Unit::Count, ValueKind::Number(number)) => Ok(Quantity::Count(number.as_f64())),
        _ => {
            diags.push(refuse(&codes::WRONG_TYPE, format!("the threshold is {}", threshold.describe())));
            return None;
        }
    };
    let in_range = read.and_then(|quantity| match quantity {
        Quantity::Ratio(share) if !(0.0..=1.0).contains(&share) => Err(format!("a share of {share} is never reached")),
        Quantity::PerSecond(number) | Quantity::Count(number) if number < 0.0 => {
            Err(format!("{number} events are never reached"))
        }
        quantity => Ok(quantity),
    });
    match in_range {
        Ok(quantity) => Some(quantity),
        Err(message) => {
            diags.push(refuse(&codes::INVALID_VALUE, message));
            None
        }
    }
}
