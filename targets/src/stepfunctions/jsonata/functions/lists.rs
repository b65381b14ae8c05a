//! Functions of lists, and those that choose.

use windlass_schemas::types::Type;

use super::super::helpers::Helper;
use super::super::syntax::Binding;
use super::strings::texts;
use super::{ANY, Call, Function, Spelled, Term, function, list_of, types};

pub(super) const FUNCTIONS: &[Function] = &[
    function("alltrue", 1, 1, |mut c| {
        let any_false = Term::binary(Term::atom("false", Type::Bool), "in", truths(c.list(0)), IN, Type::Bool);
        Ok(Term::call("not", vec![any_false], Type::Bool))
    }),
    function("anytrue", 1, 1, |mut c| Ok(is_in("true", truths(c.list(0))))),
    function("chunklist", 2, 2, |mut c| {
        let list = c.uniform(0)?;
        let ty = list_of(list_of(types::element(&list.ty)));
        Ok(Term::call("chunks", vec![list, c.natural(1)], ty).using(Helper::Chunks))
    }),
    function("coalesce", 1, ANY, coalesce),
    function("coalescelist", 1, ANY, |mut c| {
        let listed = |term: Term| match term.ty {
            Type::Null => term,
            Type::Optional(_) | Type::Any => term.once(|term| {
                let test = Term::equals(term.clone(), Term::null());
                Term::conditional(test, Term::null(), term.present().array())
            }),
            _ => term.array(),
        };
        let lists: Vec<Term> = (0..c.terms.len()).map(|at| listed(c.take(at))).collect();
        let ty = lists.iter().map(|list| list.ty.unwrapped().clone()).reduce(|a, b| types::joined(&a, &b));
        let cells = Term::list(lists);
        Ok(Term::helped(Helper::Filled, vec![cells], ty.unwrap_or(Type::Any)))
    }),
    function("compact", 1, 1, |mut c| {
        let list = c.list(0);
        let list = match types::element(&list.ty) {
            Type::String => list,
            ty => {
                let present = Term::atom("$one", ty.unwrapped().clone()).text_of();
                let text = format!("function($one) {{ $one != null ? {} }}", present.text);
                let function = Term::atom(&text, Type::Any).and(&present);
                Term::call("map", vec![list, function], Type::Any).collected(Type::String, None)
            }
        };
        let test = Term::atom("function($one) { $one != '' }", Type::Any);
        Ok(Term::call("filter", vec![list, test], Type::Any).collected(Type::String, None))
    }),
    function("concat", 1, ANY, concat),
    function("contains", 2, 2, |mut c| {
        let (list, value) = (c.list(0), c.take(1));
        let test = Term::equals(Term::atom("$one", types::element(&list.ty)), value);
        let function = Term::atom(&format!("function($one) {{ {} }}", test.text), Type::Any).and(&test);
        Ok(is_in("true", Term::call("map", vec![list, function], Type::Any)))
    }),
    function("distinct", 1, 1, |mut c| {
        let list = c.uniform(0)?;
        let element = types::element(&list.ty);
        Ok(Term::call("distinct", vec![list], Type::Any).collected(element, None))
    }),
    function("element", 2, 2, |mut c| {
        let list = c.list(0);
        let element = types::element(&list.ty);
        Ok(Term::helped(Helper::Around, vec![list, c.whole(1)], element))
    }),
    function("flatten", 1, 1, |mut c| {
        let list = c.list(0);
        let ty = list_of(leaf(&types::element(&list.ty)));
        Ok(Term::call("flat", vec![list], ty).using(Helper::Flat))
    }),
    function("index", 2, 2, |mut c| Ok(Term::helped(Helper::Position, vec![c.list(0), c.take(1)], Type::Number))),
    function("one", 1, 1, |mut c| {
        let list = c.list(0);
        let ty = types::joined(&types::element(&list.ty), &Type::Null);
        Ok(Term::helped(Helper::Only, vec![list], ty))
    }),
    function("range", 1, 3, range),
    function("reverse", 1, 1, |mut c| {
        let list = c.list(0);
        let ty = Type::List(Box::new(types::element(&list.ty)), types::length(&list.ty));
        Ok(Term::call("reverse", vec![list], ty))
    }),
    function("slice", 3, 3, |mut c| {
        let list = c.list(0);
        let length = c.known_whole(1).zip(c.known_whole(2)).and_then(|(from, to)| u64::try_from(to - from).ok());
        let ty = Type::List(Box::new(types::element(&list.ty)), length);
        Ok(Term::helped(Helper::Part, vec![list, c.natural(1), c.natural(2)], ty))
    }),
    function("sort", 1, 1, |mut c| {
        let list = texts(c.list(0));
        Ok(Term::call("sorted", vec![list], list_of(Type::String)).using(Helper::Sorted))
    }),
    function("tolist", 1, 1, |mut c| c.uniform(0)),
];

const IN: Binding = Binding::Comparison;

fn is_in(value: &str, list: Term) -> Term {
    Term::binary(Term::atom(value, Type::Bool), "in", list, IN, Type::Bool)
}

/// The elements as bools; null counts as false.
fn truths(list: Term) -> Term {
    match types::element(&list.ty) {
        Type::Bool => list,
        ty => {
            let one = Term::atom("$one", ty.clone());
            let truth = Term::atom("$one", ty.unwrapped().clone()).boolean();
            let value = match ty {
                Type::Any | Type::Null | Type::Optional(_) => {
                    Term::conditional(Term::equals(one, Term::null()), Term::atom("false", Type::Bool), truth)
                }
                _ => truth,
            };
            let function = Term::atom(&format!("function($one) {{ {} }}", value.text), Type::Any).and(&value);
            Term::call("map", vec![list, function], Type::Any)
        }
    }
}

/// The type of what is in lists in lists.
fn leaf(ty: &Type) -> Type {
    match ty {
        Type::List(..) | Type::Set(_) | Type::Tuple(_) => leaf(&types::element(ty)),
        Type::Optional(inner) if matches!(**inner, Type::List(..) | Type::Set(_) | Type::Tuple(_)) => Type::Any,
        other => other.clone(),
    }
}

fn coalesce(mut call: Call) -> Spelled {
    let terms: Vec<Term> = (0..call.terms.len()).map(|at| call.take(at)).collect();
    let ty = terms.iter().map(|term| term.ty.unwrapped().clone()).filter(|ty| *ty != Type::Null);
    let ty = ty.reduce(|a, b| types::joined(&a, &b)).unwrap_or(Type::Any);
    // The usual case: a default that is there.
    if let [value, default] = &terms[..]
        && !default.fails
        && (matches!(default.ty, Type::Number | Type::Bool) || call.known_text(1).is_some_and(|text| !text.is_empty()))
    {
        let chosen = value.clone().once(|value| {
            let mut test = Term::binary(value.clone(), "!=", Term::null(), IN, Type::Bool);
            if matches!(value.ty.unwrapped(), Type::String | Type::Any) {
                // An empty string is no value either.
                let filled = Term::binary(value.clone(), "!=", Term::text(""), IN, Type::Bool);
                test = Term::binary(test, "and", filled, Binding::And, Type::Bool);
            }
            Term::conditional(test, value.present(), default.clone())
        });
        return Ok(Term { ty, ..chosen });
    }
    Ok(Term::helped(Helper::First, vec![Term::list(terms)], ty))
}

fn concat(mut call: Call) -> Spelled {
    for at in 0..call.terms.len() {
        if call.terms.get(at).is_some_and(|term| matches!(term.ty.unwrapped(), Type::Set(_))) {
            return Err(call.refused(at, "a set has no order", "write `tolist(…)`"));
        }
    }
    let mut lists = (0..call.terms.len()).map(|at| call.list(at));
    let head = lists.next().unwrap_or_else(|| Term::list(Vec::new()));
    Ok(lists.fold(head, |a, b| {
        let element = match (types::length(&a.ty), types::length(&b.ty)) {
            (Some(0), _) => types::element(&b.ty),
            (_, Some(0)) => types::element(&a.ty),
            _ => types::joined(&types::element(&a.ty), &types::element(&b.ty)),
        };
        let length = types::length(&a.ty).zip(types::length(&b.ty)).map(|(a, b)| a + b);
        Term::call("append", vec![a, b], Type::List(Box::new(element), length))
    }))
}

fn range(mut call: Call) -> Spelled {
    let step = |from: &Term, to: &Term| {
        let down = Term::binary(to.clone(), "<", from.clone(), IN, Type::Bool);
        Term::conditional(down, Term::whole(-1), Term::whole(1))
    };
    let (from, to) = match call.terms.len() {
        1 => (Term::whole(0), call.number(0)),
        _ => (call.number(0), call.number(1)),
    };
    let by = if call.terms.len() == 3 { call.number(2) } else { step(&from, &to) };
    Ok(Term::helped(Helper::Numbers, vec![from, to, by], list_of(Type::Number)))
}
