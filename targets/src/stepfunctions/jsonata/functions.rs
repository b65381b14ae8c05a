//! The functions of the language that JSONata can compute, each with its spelling.

use windlass_schemas::span::{Span, Spanned};
use windlass_schemas::types::Type;

use super::helpers::Helper;
use super::syntax::Binding;
use super::{Refusal, Term};

/// How one function is spelled, given its translated arguments.
type Spelling = fn(Vec<Term>) -> Term;

struct Function {
    name: &'static str,
    /// Fewest and most arguments.
    arguments: (usize, usize),
    spelling: Spelling,
}

const ANY: usize = usize::MAX;

/// Sorted by name.
static FUNCTIONS: &[Function] = &[
    Function { name: "abs", arguments: (1, 1), spelling: |a| numeric("abs", a) },
    Function { name: "ceil", arguments: (1, 1), spelling: |a| numeric("ceil", a) },
    Function { name: "coalesce", arguments: (1, ANY), spelling: coalesce },
    Function { name: "concat", arguments: (1, ANY), spelling: concat },
    Function { name: "contains", arguments: (2, 2), spelling: contains },
    Function { name: "floor", arguments: (1, 1), spelling: |a| numeric("floor", a) },
    Function { name: "join", arguments: (2, 2), spelling: join },
    Function {
        name: "jsondecode",
        arguments: (1, 1),
        spelling: |a| Term::call("parse", a.into_iter().map(Term::text_of).collect(), Type::Any).failing(),
    },
    Function {
        name: "jsonencode",
        arguments: (1, 1),
        spelling: |a| Term::call("json", a, Type::String).using(Helper::Json),
    },
    Function { name: "keys", arguments: (1, 1), spelling: keys },
    Function { name: "length", arguments: (1, 1), spelling: length },
    Function { name: "lower", arguments: (1, 1), spelling: |a| textual("lowercase", a) },
    Function { name: "max", arguments: (1, ANY), spelling: |a| extreme("max", a) },
    Function { name: "min", arguments: (1, ANY), spelling: |a| extreme("min", a) },
    Function { name: "split", arguments: (2, 2), spelling: split },
    Function { name: "tonumber", arguments: (1, 1), spelling: |a| first(a).number() },
    Function { name: "tostring", arguments: (1, 1), spelling: |a| first(a).text_of() },
    Function { name: "upper", arguments: (1, 1), spelling: |a| textual("uppercase", a) },
];

/// The call of `name`, or why there is none.
pub fn call(name: &Spanned<String>, arguments: Vec<Term>, span: Span) -> Result<Term, Refusal> {
    let Some(function) = FUNCTIONS.iter().find(|f| f.name == name.value) else {
        let known: Vec<String> = FUNCTIONS.iter().map(|f| format!("`{}`", f.name)).collect();
        return Err(Refusal {
            span: name.span,
            message: format!("`{}` cannot be computed while a workflow runs", name.value),
            help: format!("Step Functions can compute {}", known.join(", ")),
        });
    };
    let (fewest, most) = function.arguments;
    if arguments.len() < fewest || arguments.len() > most {
        return Err(Refusal {
            span,
            message: format!("`{}` does not take {} arguments", name.value, arguments.len()),
            help: if most == ANY { format!("give it at least {fewest}") } else { format!("give it {fewest}") },
        });
    }
    Ok((function.spelling)(arguments))
}

fn first(arguments: Vec<Term>) -> Term {
    arguments.into_iter().next().unwrap_or_else(|| Term::atom("null", Type::Null))
}

fn numeric(name: &str, arguments: Vec<Term>) -> Term {
    Term::call(name, arguments.into_iter().map(Term::number).collect(), Type::Number)
}

fn textual(name: &str, arguments: Vec<Term>) -> Term {
    Term::call(name, arguments.into_iter().map(Term::text_of).collect(), Type::String)
}

fn extreme(name: &str, arguments: Vec<Term>) -> Term {
    let numbers = Term::list(arguments.into_iter().map(Term::number).collect());
    Term::call(name, vec![numbers], Type::Number)
}

fn coalesce(arguments: Vec<Term>) -> Term {
    let mut rest = arguments.into_iter().rev();
    let last = rest.next().unwrap_or_else(|| Term::atom("null", Type::Null));
    rest.fold(last, |otherwise, value| {
        let differs = |other: Term| Term::binary(value.clone(), "!=", other, Binding::Comparison, Type::Bool);
        let mut test = differs(Term::atom("null", Type::Null));
        if matches!(value.ty, Type::String | Type::Any | Type::Optional(_)) {
            // An empty string is no value either.
            test = Term::binary(test, "and", differs(Term::atom("''", Type::String)), Binding::And, Type::Bool);
        }
        Term::conditional(test, value.present(), otherwise)
    })
}

fn concat(arguments: Vec<Term>) -> Term {
    let mut lists = arguments.into_iter().map(Term::array);
    let head = lists.next().unwrap_or_else(|| Term::list(Vec::new()));
    lists.fold(head, |a, b| {
        let element = match (&a.ty, &b.ty) {
            (Type::List(x, _), Type::List(y, _)) if x == y => (**x).clone(),
            _ => Type::Any,
        };
        Term::call("append", vec![a, b], Type::List(Box::new(element), None))
    })
}

/// Not `in`, which compares lists and objects by identity.
fn contains(arguments: Vec<Term>) -> Term {
    let mut arguments = arguments.into_iter();
    let (Some(list), Some(value)) = (arguments.next(), arguments.next()) else {
        return Term::atom("false", Type::Bool);
    };
    let mut test = Term::atom("function($x) { $x = ", Type::Any).and(&value);
    test.text.push_str(&format!("{} }}", value.within(Binding::Sum)));
    let found = Term::call("count", vec![Term::call("filter", vec![list.array(), test], Type::Any)], Type::Number);
    Term::binary(found, ">", Term::atom("0", Type::Number), Binding::Comparison, Type::Bool)
}

fn join(arguments: Vec<Term>) -> Term {
    let mut arguments = arguments.into_iter();
    let (Some(separator), Some(list)) = (arguments.next(), arguments.next()) else {
        return Term::atom("''", Type::String);
    };
    Term::call("join", vec![list.array(), separator.text_of()], Type::String).failing()
}

fn split(arguments: Vec<Term>) -> Term {
    let mut arguments = arguments.into_iter();
    let (Some(separator), Some(text)) = (arguments.next(), arguments.next()) else { return Term::list(Vec::new()) };
    Term::call("split", vec![text.text_of(), separator.text_of()], Type::List(Box::new(Type::String), None))
}

/// The brackets keep a list of one name, and of none, a list.
fn keys(arguments: Vec<Term>) -> Term {
    let sorted = Term::call("sort", vec![Term::call("keys", vec![first(arguments).object()], Type::Any)], Type::Any);
    let text = format!("[{}]", sorted.text);
    Term::atom(&text, Type::List(Box::new(Type::String), None)).and(&sorted)
}

fn length(arguments: Vec<Term>) -> Term {
    let of = first(arguments);
    match of.ty {
        Type::String => Term::call("length", vec![of], Type::Number),
        Type::List(..) => Term::call("count", vec![of], Type::Number),
        _ => Term::call("size", vec![of], Type::Number).using(Helper::Size).failing(),
    }
}
