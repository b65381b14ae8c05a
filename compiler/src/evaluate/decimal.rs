//! Arithmetic in decimal, as one reads it: `0.1 + 0.2` is `0.3`. Two numbers go in, the float nearest to the exact
//! result comes out.

use windlass_schemas::expr::BinaryOp;
use windlass_schemas::value::Number;

/// Whole numbers up to here are exact as floats.
const EXACT: u128 = 1 << 53;

/// `A op B`; `None` where the digits are too many.
pub(super) fn compute(op: BinaryOp, a: Number, b: Number) -> Option<f64> {
    let ((a, a_scale), (b, b_scale)) = (scaled(a)?, scaled(b)?);
    let scale = a_scale.max(b_scale);
    // With the same number of digits behind the point, both are whole.
    let (x, y) = (widened(a, scale - a_scale)?, widened(b, scale - b_scale)?);
    match op {
        BinaryOp::Add => unscaled(x.checked_add(y)?, scale),
        BinaryOp::Subtract => unscaled(x.checked_sub(y)?, scale),
        BinaryOp::Multiply => unscaled(a.checked_mul(b)?, a_scale + b_scale),
        BinaryOp::Modulo => unscaled(x.checked_rem(y)?, scale),
        BinaryOp::Divide if x.unsigned_abs() <= EXACT && y.unsigned_abs() <= EXACT => Some(x as f64 / y as f64),
        _ => None,
    }
}

/// The number without its point, and how many digits were behind that.
fn scaled(number: Number) -> Option<(i128, u32)> {
    let x = match number {
        Number::Int(n) => return Some((i128::from(n), 0)),
        Number::Float(x) => x,
    };
    // The fewest digits that tell the number apart: `1.25e-3`.
    let text = format!("{x:e}");
    let (digits, power) = text.split_once('e')?;
    let behind = digits.split_once('.').map_or(0, |(_, behind)| behind.len());
    let whole: i128 = digits.replace('.', "").parse().ok()?;
    let power = power.parse::<i64>().ok()? - i64::try_from(behind).ok()?;
    match u32::try_from(power) {
        Ok(power) => Some((widened(whole, power)?, 0)),
        Err(_) => Some((whole, u32::try_from(-power).ok()?)),
    }
}

fn widened(whole: i128, digits: u32) -> Option<i128> {
    whole.checked_mul(10i128.checked_pow(digits)?)
}

fn unscaled(whole: i128, scale: u32) -> Option<f64> {
    format!("{whole}e-{scale}").parse().ok()
}
