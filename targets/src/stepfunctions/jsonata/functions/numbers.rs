//! Functions of numbers, and conversions to numbers and bools.

use windlass_schemas::types::Type;

use super::super::helpers::Helper;
use super::strings::unless_null;
use super::{ANY, Call, Function, Spelled, Term, function, types};

pub(super) const FUNCTIONS: &[Function] = &[
    function("abs", 1, 1, |c| numeric("abs", c)),
    function("ceil", 1, 1, |c| numeric("ceil", c)),
    function("floor", 1, 1, |c| numeric("floor", c)),
    function("max", 1, ANY, |c| extreme("max", c)),
    function("min", 1, ANY, |c| extreme("min", c)),
    function("parseint", 2, 2, |mut c| match c.known_whole(1) {
        Some(10) => Ok(Term::helped(Helper::Decimal, vec![c.text(0)], Type::Number)),
        _ => Err(c.refused(1, "only decimals are read while a workflow runs", "write `10` for the base")),
    }),
    function("pow", 2, 2, |mut c| Ok(Term::helped(Helper::Raised, vec![c.number(0), c.number(1)], Type::Number))),
    function("signum", 1, 1, |mut c| Ok(Term::helped(Helper::Sign, vec![c.number(0)], Type::Number))),
    function("sum", 1, 1, sum),
    function("tobool", 1, 1, |mut c| Ok(unless_null(c.take(0), Term::boolean))),
    function("tonumber", 1, 1, |mut c| Ok(unless_null(c.take(0), Term::number))),
];

fn numeric(name: &str, mut call: Call) -> Spelled {
    Ok(Term::call(name, vec![call.number(0)], Type::Number))
}

fn extreme(name: &str, mut call: Call) -> Spelled {
    let numbers = (0..call.terms.len()).map(|at| call.number(at)).collect();
    Ok(Term::call(name, vec![Term::list(numbers)], Type::Number))
}

fn sum(mut call: Call) -> Spelled {
    let list = call.list(0);
    let length = types::length(&list.ty);
    let list = match types::element(&list.ty) {
        Type::Number => list,
        ty => {
            let one = Term::atom("$one", ty).number();
            let function = Term::atom(&format!("function($one) {{ {} }}", one.text), Type::Any).and(&one);
            Term::call("map", vec![list, function], Type::Any).collected(Type::Number, length)
        }
    };
    Ok(match length {
        Some(1..) => Term::call("sum", vec![list], Type::Number),
        _ => Term::helped(Helper::Total, vec![list], Type::Number),
    })
}
