//! What is emitted, to the character: readable, and with helpers only where types do not say enough. What is refused, and where.

use windlass_schemas::expr::{BinaryOp, Expr, ExprKind, For};
use windlass_schemas::plan::{Input, Verb, Workflow};
use windlass_schemas::span::Spanned;
use windlass_schemas::types::Type;
use windlass_schemas::value::{Number, Value, ValueKind};

use super::super::scope::Scope;
use super::{Term, functions, patterns, template, translate};
use crate::fixture as f;

fn scope() -> Scope {
    let input = |name: &str, ty| Input { name: name.to_owned(), ty, default: None, origin: f::at(1) };
    let list = |ty| Type::List(Box::new(ty), None);
    let row = Type::Object(vec![("id".into(), Type::String), ("x".into(), list(Type::Number))]);
    let stage = f::stage("v", Verb::Read { bucket: "data".into(), key: f::text("k") });
    let workflow = Workflow {
        inputs: vec![
            input("s", Type::String),
            input("n", Type::Number),
            input("l", list(Type::Number)),
            input("rows", list(row)),
            input("m", Type::Map(Box::new(Type::String))),
            input("o", Type::Optional(Box::new(Type::Number))),
            input("a", Type::Any),
        ],
        output: Some(f::stage_ref("v")),
        ..f::workflow("w", vec![stage])
    };
    Scope::new(&workflow).over(Term::atom("$item", Type::Object(vec![("id".into(), Type::String)])))
}

fn variable(name: &str) -> Expr {
    f::expr(ExprKind::Variable(Spanned::new(name.to_owned(), f::at(1))))
}

fn each(variable: &str, over: Expr, value: Expr) -> For {
    let variable = variable.to_owned();
    For { key_variable: None, variable, over, condition: None, key: None, value, groups: false }
}

fn made(of: For) -> Expr {
    f::expr(ExprKind::For(Box::new(of)))
}

/// The text behind the helpers' definitions.
fn text(expr: &Expr) -> String {
    translate(expr, &scope()).unwrap_or_else(|refusal| panic!("{refusal:?}")).text
}

#[test]
fn loops_read_as_they_were_written() {
    let one = || f::number(1.0);
    let more = || f::binary(BinaryOp::Greater, variable("v"), one());
    let plus = |name: &str| f::binary(BinaryOp::Add, variable(name), one());
    let cases = [
        // `v` is a stage.
        (made(each("v", f::input("l"), plus("v"))), "[$map($input.l, function($v_) { $v_ + 1 })[]]"),
        (made(each("n", f::input("l"), plus("n"))), "[$map($input.l, function($n) { $n + 1 })[]]"),
        (made(each("sum", f::input("l"), plus("sum"))), "[$map($input.l, function($sum_) { $sum_ + 1 })[]]"),
        (
            made(For { condition: Some(more()), ..each("v", f::input("l"), variable("v")) }),
            "[$map($input.l, function($v_) { $v_ > 1 ? $v_ })[]]",
        ),
        (
            made(For {
                key_variable: Some("k".into()),
                ..each("e", f::input("m"), f::template(vec![variable("k"), variable("e")]))
            }),
            "[$map($pairs($input.m), function($pair) { ($k := $pair.key; $e := $pair.value; $k & $e) })[]]",
        ),
        (
            made(For {
                key: Some(f::field(variable("r"), "id")),
                ..each("r", f::input("rows"), f::field(variable("r"), "x"))
            }),
            "$united([$map($input.rows, function($r) { {$r.id: $r.x} })[]])",
        ),
        (
            made(For {
                key: Some(f::field(variable("r"), "id")),
                groups: true,
                ..each("r", f::input("rows"), variable("r"))
            }),
            "$grouped([$map($input.rows, function($r) { {'key': $r.id, 'value': $r} })[]])",
        ),
        (
            made(each("r", f::input("rows"), made(each("x", f::field(variable("r"), "x"), variable("x"))))),
            "[$map($input.rows, function($r) { [$map($r.x, function($x_) { $x_ })[]] })[]]",
        ),
        (f::expr(ExprKind::Elements(Box::new(f::input("rows")))), "$input.rows"),
        (f::expr(ExprKind::Elements(Box::new(f::input("s")))), "[$input.s]"),
        (f::expr(ExprKind::Elements(Box::new(f::input("o")))), "$elements($input.o)"),
    ];
    for (expr, expected) in cases {
        assert_eq!(text(&expr), expected);
    }
}

#[test]
fn functions_of_known_types_need_no_helpers() {
    let c = f::call;
    let cases = [
        (c("startswith", vec![f::input("s"), f::text("ab")]), "$substring($input.s, 0, 2) = 'ab'"),
        (c("endswith", vec![f::input("s"), f::text(".é")]), "$substring($input.s, -2) = '.é'"),
        (c("replace", vec![f::input("s"), f::text("a"), f::text("$1")]), "$replace($input.s, 'a', '$1')"),
        (
            c("replace", vec![f::input("s"), f::text("/([a-z])\\./"), f::text("<$1>")]),
            "$replace($input.s, /([a-z])\\./, function($one) { '<' & $one.groups[0] & '>' })",
        ),
        (
            c("join", vec![f::text(","), f::input("l")]),
            "$join([$map($input.l, function($one) { $digits($one) })[]], ',')",
        ),
        (c("coalesce", vec![f::input("o"), f::number(1.0)]), "$input.o != null ? $input.o : 1"),
        (c("contains", vec![f::input("l"), f::number(1.0)]), "true in $map($input.l, function($one) { $one = 1 })"),
        (
            c("format", vec![f::text("%s-%03d"), f::input("s"), f::input("n")]),
            "$input.s & '-' & $padded($integer($input.n), 3)",
        ),
        (c("length", vec![f::input("l")]), "$count($input.l)"),
        (c("substr", vec![f::input("s"), f::number(0.0), f::number(3.0)]), "$substring($input.s, 0, 3)"),
        (f::field(f::expr(ExprKind::Item), "id"), "$item.id"),
    ];
    for (expr, expected) in cases {
        assert_eq!(text(&expr), expected);
    }
}

#[test]
fn long_ranges_stay_short() {
    let numbers =
        |from: i64, to: i64| (from..to).map(|n| Value::new(ValueKind::Number(Number::Int(n)), f::at(1))).collect();
    let list = |from, to| f::expr(ExprKind::Literal(Value::new(ValueKind::List(numbers(from, to)), f::at(1))));
    assert_eq!(template(&list(0, 10_000), &scope()), Ok("{% [0..9999] %}".into()));
    assert_eq!(template(&list(-3, 100), &scope()), Ok("{% [-3..99] %}".into()));
    assert_eq!(template(&list(0, 3), &scope()), Ok(serde_json::json!([0, 1, 2])));
}

#[test]
fn what_has_no_equal_in_jsonata_is_refused() {
    let c = f::call;
    let s = || f::input("s");
    for (expr, message) in [
        (c("title", vec![s()]), "`title` cannot be computed while a workflow runs"),
        (c("sha256", vec![s()]), "`sha256` cannot be computed while a workflow runs"),
        (c("try", vec![s()]), "`try` cannot be computed while a workflow runs"),
        (c("regex", vec![s(), s()]), "`regex`: the pattern must be known when compiling"),
        (
            c("format", vec![f::text("%.2f"), f::input("n")]),
            "`format`: this format cannot be filled in while a workflow runs",
        ),
        (c("format", vec![f::text("%s%s"), s()]), "`format`: the format asks for value 2, and 1 are given"),
        (c("format", vec![f::text("x"), s()]), "`format`: the format asks for 0 values, and 1 are given"),
        (c("parseint", vec![s(), f::number(16.0)]), "`parseint`: only decimals are read while a workflow runs"),
        (
            c("distinct", vec![f::input("a")]),
            "`distinct`: the type of the elements is not known, so a conversion to one type cannot be ruled out",
        ),
        (f::expr(ExprKind::Error), "`error` is not known here"),
        (f::expr(ExprKind::Event), "`event` is not known here"),
        (variable("q"), "this variable is not known here"),
    ] {
        assert_eq!(translate(&expr, &scope()).map_err(|refusal| refusal.message).err().as_deref(), Some(message));
    }
    let help = translate(&c("title", vec![s()]), &scope()).map_err(|refusal| refusal.help).err().unwrap_or_default();
    for name in functions::names() {
        assert!(help.contains(&format!("`{name}`")), "{name}");
    }
}

#[test]
fn patterns_mean_the_same_or_are_refused() {
    for (pattern, emitted) in [
        ("a.c", "/a(?:[\\ud800-\\udbff][\\udc00-\\udfff]|[^\\n\\ud800-\\udfff])c/"),
        ("^\\d{2,3}$", "/^[0-9]{2,3}(?![\\s\\S])/"),
        ("[(\\]/-]+?", "/[\\(\\]\\/\\-]+?/"),
        ("(?P<a>x)(?:y|z)", "/(x)(?:y|z)/"),
        ("\\\\$%{", ""),
        ("😀+", "/(?:😀)+/"),
    ] {
        assert_eq!(patterns::read(pattern).map(|read| read.literal()).unwrap_or_default(), emitted, "{pattern}");
    }
    for pattern in [
        "a*",
        "^",
        "(?i)a",
        "\\bx",
        "\\pL",
        "(a)+",
        "(a*)+b",
        "a**",
        "[[:alpha:]]",
        "(",
        ")",
        "[a",
        "a{2",
        "(?=a)b",
        "(?P<a>x)(y)",
        "[😀]",
        "x\\",
    ] {
        assert!(patterns::read(pattern).is_err(), "{pattern}");
    }
}
