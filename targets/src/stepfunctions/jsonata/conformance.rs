//! Emitted expressions in the engines that others wrote, on concrete values.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value as Json, json};
use windlass_schemas::expr::{BinaryOp, Expr, ExprKind, UnaryOp};
use windlass_schemas::plan::{InferInput, Input, Verb, Workflow};
use windlass_schemas::tensor::{DataType, Dim};
use windlass_schemas::types::Type;

use super::super::scope::Scope;
use super::super::{input as start, tensor};
use super::template;
use crate::fixture as f;

struct Engine {
    name: &'static str,
    command: Command,
}

/// The engines that are installed. One that is not is named loudly, and is a failure where conformance is required.
#[allow(clippy::disallowed_methods, reason = "a test looks for the tools that it runs")]
fn engines() -> Vec<Engine> {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.tools");
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/stepfunctions/jsonata");
    let modules = tools.join("node/node_modules");
    let python = tools.join("python/run/bin/python");
    let mut found = Vec::new();
    if modules.join("jsonata").is_dir() {
        let mut command = Command::new("node");
        command.arg(here.join("evaluate.cjs")).env("NODE_PATH", modules);
        found.push(Engine { name: "jsonata (npm)", command });
    }
    if python.is_file() {
        let mut command = Command::new(python);
        command.arg(here.join("evaluate.py"));
        found.push(Engine { name: "jsonata-python", command });
    }
    if found.len() < 2 {
        let required = std::env::var("WINDLASS_CONFORMANCE").is_ok_and(|v| v == "require");
        assert!(!required, "npm's jsonata and jsonata-python must be in .tools");
        // Not `eprintln!`, which the test harness keeps to itself.
        let told = writeln!(std::io::stderr(), "SKIPPED: npm's jsonata or jsonata-python is not in .tools");
        told.expect("the standard error is open");
    }
    found
}

/// What is expected: a value, or that the evaluation fails.
type Expected = Option<Json>;

fn run(cases: &[(String, Json, Json, Expected)]) {
    let request: Vec<Json> = cases
        .iter()
        .map(|(_, template, variables, _)| json!({ "template": template, "variables": variables }))
        .collect();
    for mut engine in engines() {
        let mut child = engine.command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the engine starts");
        child.stdin.take().expect("piped").write_all(json!(request).to_string().as_bytes()).expect("it reads");
        let output = child.wait_with_output().expect("it ends");
        let results: Vec<BTreeMap<String, Json>> =
            serde_json::from_slice(&output.stdout).expect("it answers with a list");
        assert_eq!(results.len(), cases.len());
        let wrong: Vec<String> = cases
            .iter()
            .zip(&results)
            .filter(|((_, _, _, expected), result)| match (expected, result.get("value")) {
                (Some(expected), Some(value)) => !same(expected, value),
                (None, None) => false,
                _ => true,
            })
            .map(|((what, template, _, expected), result)| {
                format!("{what}\n  expected {expected:?}\n  got {result:?}\n  from {template}")
            })
            .collect();
        assert!(wrong.is_empty(), "{}: {} of {} differ\n{}", engine.name, wrong.len(), cases.len(), wrong.join("\n"));
    }
}

/// 1 and 1.0 are one number.
fn same(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Number(a), Json::Number(b)) => a.as_f64() == b.as_f64(),
        (Json::Array(a), Json::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(k, v)| b.get(k).is_some_and(|w| same(v, w)))
        }
        _ => a == b,
    }
}

/// A workflow with inputs of every kind, and a stage `load` whose body is not typed.
fn workflow() -> Workflow {
    let input = |name: &str, ty| Input { name: name.to_owned(), ty, default: None, origin: f::at(1) };
    Workflow {
        inputs: vec![
            input("s", Type::String),
            input("n", Type::Number),
            input("b", Type::Bool),
            input("l", Type::List(Box::new(Type::Number), None)),
            input("m", Type::Map(Box::new(Type::String))),
            input("o", Type::Object(vec![("and".into(), Type::Number), ("x-y".into(), Type::String)])),
            input("a", Type::Any),
        ],
        // A stage that nobody reads has no variable.
        output: Some(f::stage_ref("load")),
        ..f::workflow("w", vec![f::stage("load", Verb::Read { bucket: "data".into(), key: f::text("k") })])
    }
}

fn values() -> Json {
    json!({
        "input": {
            "s": "it's", "n": 7, "b": true, "l": [1, 2, 3], "m": { "k": "v" },
            "o": { "and": 1, "x-y": "z" }, "a": null,
        },
        "load": { "body": {
            "one": [5], "nested": [[5]], "rows": [{ "x": 1 }], "empty": [], "nothing": null, "text": "t", "half": 0.1,
            "deep": { "er": [[1, 2], [3, 4]] }, "none": {}, "big": 1700000000000001_i64, "yes": true, "digits": "12",
        } },
    })
}

fn body(name: &str) -> Expr {
    f::field(f::field(f::stage_ref("load"), "body"), name)
}

fn not(e: Expr) -> Expr {
    f::expr(ExprKind::Unary(UnaryOp::Not, Box::new(e)))
}

fn negative(e: Expr) -> Expr {
    f::expr(ExprKind::Unary(UnaryOp::Negate, Box::new(e)))
}

fn conditional(a: Expr, b: Expr, c: Expr) -> Expr {
    f::expr(ExprKind::Conditional(Box::new(a), Box::new(b), Box::new(c)))
}

/// `expr` as it stands in an argument, and inside a template and a list, where nothing must get lost.
fn check(cases: Vec<(&str, Expr, Expected)>) {
    let scope = Scope::new(&workflow());
    let mut all = Vec::new();
    for (what, expr, expected) in cases {
        let wrapped = conditional(f::input("b"), f::list(vec![expr.clone(), f::null()]), f::null());
        let alone = template(&expr, &scope).expect(what);
        let inside = template(&wrapped, &scope).expect(what);
        all.push((what.to_owned(), alone, values(), expected.clone()));
        all.push((format!("{what}, in a list"), inside, values(), expected.map(|value| json!([value, null]))));
    }
    run(&all);
}

#[test]
fn access() {
    let at = |of, i: f64| f::index(of, f::number(i));
    check(vec![
        ("a field of an input", f::input("s"), Some(json!("it's"))),
        ("the whole input", f::field(f::expr(ExprKind::Input), "n"), Some(json!(7))),
        ("a field with a keyword's name", f::field(f::input("o"), "and"), Some(json!(1))),
        ("a field with a dash", f::field(f::input("o"), "x-y"), Some(json!("z"))),
        ("a key of a map", f::field(f::input("m"), "k"), Some(json!("v"))),
        ("no key of a map", f::field(f::input("m"), "q"), None),
        ("a list of one", body("one"), Some(json!([5]))),
        ("its element", at(body("one"), 0.0), Some(json!(5))),
        ("a list of a list", body("nested"), Some(json!([[5]]))),
        ("its list", at(body("nested"), 0.0), Some(json!([5]))),
        ("its list's element", at(at(body("nested"), 0.0), 0.0), Some(json!(5))),
        ("an empty list", body("empty"), Some(json!([]))),
        ("null", body("nothing"), Some(Json::Null)),
        ("an empty object", body("none"), Some(json!({}))),
        ("a missing field", body("missing"), None),
        ("a field of a list", f::field(body("rows"), "x"), None),
        ("a field of null", f::field(body("nothing"), "x"), None),
        ("a field of a string", f::field(body("text"), "x"), None),
        ("past the end", at(body("one"), 1.0), None),
        ("below 0", at(body("one"), -1.0), None),
        ("a broken index", at(body("one"), 0.5), None),
        ("an element of a scalar", at(body("text"), 0.0), None),
        ("deep", at(at(f::field(body("deep"), "er"), 1.0), 0.0), Some(json!(3))),
        (
            "an index that is known later",
            f::index(f::input("l"), f::binary(BinaryOp::Subtract, f::input("n"), f::number(5.0))),
            Some(json!(3)),
        ),
        ("a key that is known later", f::index(f::field(f::stage_ref("load"), "body"), f::input("s")), None),
        ("by a value of any kind", f::index(body("none"), body("text")), None),
    ]);
}

#[test]
fn operators() {
    use BinaryOp::*;
    let bin = f::binary;
    let n = f::number;
    check(vec![
        ("sum and product", bin(Multiply, bin(Add, f::input("n"), n(1.0)), n(2.0)), Some(json!(16))),
        ("minus a difference", bin(Subtract, n(1.0), bin(Subtract, n(2.0), f::input("n"))), Some(json!(6))),
        ("minus a negative", bin(Subtract, f::input("n"), n(-1.0)), Some(json!(8))),
        ("negated", negative(bin(Add, f::input("n"), n(1.0))), Some(json!(-8))),
        ("remainder of a negative", bin(Modulo, negative(f::input("n")), n(3.0)), Some(json!(-1))),
        ("division", bin(Divide, f::input("n"), n(2.0)), Some(json!(3.5))),
        ("division by zero", bin(Divide, f::input("n"), n(0.0)), None),
        ("remainder by zero", bin(Modulo, f::input("n"), n(0.0)), None),
        ("a string that spells a number", bin(Add, body("digits"), n(1.0)), Some(json!(13))),
        ("a sum with null", bin(Add, body("nothing"), n(1.0)), None),
        ("comparison of strings", bin(Less, f::input("s"), body("text")), None),
        ("comparison of a bool", bin(Less, body("yes"), n(2.0)), None),
        ("equality without conversion", bin(Equal, body("digits"), n(12.0)), Some(json!(false))),
        ("equality of lists", bin(Equal, body("one"), f::list(vec![n(5.0)])), Some(json!(true))),
        ("a list is not its element", bin(Equal, body("one"), n(5.0)), Some(json!(false))),
        (
            "equality of objects",
            bin(Equal, f::index(body("rows"), n(0.0)), f::object(vec![("x", n(1.0))])),
            Some(json!(true)),
        ),
        ("null is null", bin(Equal, body("nothing"), f::null()), Some(json!(true))),
        ("a missing field is not equal to anything", bin(NotEqual, body("missing"), f::null()), None),
        ("and of or", bin(And, bin(Or, f::input("b"), not(f::input("b"))), f::input("b")), Some(json!(true))),
        (
            "the right side is not looked at",
            bin(And, not(f::input("b")), bin(Equal, body("missing"), n(1.0))),
            Some(json!(false)),
        ),
        ("nor is it after or", bin(Or, f::input("b"), bin(Equal, body("missing"), n(1.0))), Some(json!(true))),
        ("a number is no bool", not(body("half")), None),
        ("conditional", conditional(bin(Greater, f::input("n"), n(3.0)), f::text("a"), f::text("b")), Some(json!("a"))),
        ("a condition that is no bool", conditional(body("text"), n(1.0), n(2.0)), None),
        (
            "lists of lists",
            f::list(vec![f::list(vec![f::input("n")]), body("one"), f::input("l")]),
            Some(json!([[7], [5], [1, 2, 3]])),
        ),
        (
            "objects",
            f::object(vec![("a", body("nothing")), ("it's", body("one"))]),
            Some(json!({ "a": null, "it's": [5] })),
        ),
    ]);
}

#[test]
fn templates_and_functions() {
    let n = f::number;
    let t = f::template;
    let c = f::call;
    check(vec![
        (
            "text",
            t(vec![f::text("a \"b\" {% $$ ${x} %} \n \\ "), f::input("s")]),
            Some(json!("a \"b\" {% $$ ${x} %} \n \\ it's")),
        ),
        ("a known string", f::text("{% $states.input %}"), Some(json!("{% $states.input %}"))),
        ("whole numbers and bools", t(vec![f::input("n"), f::text(" "), f::input("b")]), Some(json!("7 true"))),
        ("one part", t(vec![f::input("n")]), Some(json!("7"))),
        ("sixteen digits", t(vec![body("big")]), Some(json!("1700000000000001"))),
        ("a sum of tenths", t(vec![f::binary(BinaryOp::Add, body("half"), n(0.2))]), Some(json!("0.3"))),
        ("small", t(vec![f::binary(BinaryOp::Divide, body("half"), n(10_000_000.0))]), Some(json!("0.00000001"))),
        ("null in a template", t(vec![f::text("x"), body("nothing")]), None),
        ("a list in a template", t(vec![f::text("x"), body("one")]), None),
        ("missing in a template", t(vec![f::text("x"), body("missing")]), None),
        ("upper", c("upper", vec![f::input("s")]), Some(json!("IT'S"))),
        ("lower", c("lower", vec![f::text("ABC")]), Some(json!("abc"))),
        ("length of a list of one", c("length", vec![body("one")]), Some(json!(1))),
        ("length of an empty list", c("length", vec![body("empty")]), Some(json!(0))),
        ("length of an object", c("length", vec![f::input("m")]), Some(json!(1))),
        ("length of an empty object", c("length", vec![body("none")]), Some(json!(0))),
        ("length of a string", c("length", vec![f::input("s")]), Some(json!(4))),
        ("length of a number", c("length", vec![body("half")]), None),
        ("join", c("join", vec![f::text("-"), c("split", vec![f::text(","), f::text("a,b")])]), Some(json!("a-b"))),
        ("split of nothing", c("split", vec![f::text(","), f::text("")]), Some(json!([""]))),
        ("contains", c("contains", vec![body("nested"), f::list(vec![n(5.0)])]), Some(json!(true))),
        ("contains not", c("contains", vec![f::input("l"), n(9.0)]), Some(json!(false))),
        ("keys of one", c("keys", vec![f::input("m")]), Some(json!(["k"]))),
        ("keys of none", c("keys", vec![body("none")]), Some(json!([]))),
        ("concat", c("concat", vec![body("one"), body("nested"), body("empty")]), Some(json!([5, [5]]))),
        ("min", c("min", vec![f::input("n"), n(3.0)]), Some(json!(3))),
        ("max of one", c("max", vec![f::input("n")]), Some(json!(7))),
        ("abs", c("abs", vec![negative(f::input("n"))]), Some(json!(7))),
        ("ceil and floor", c("ceil", vec![c("floor", vec![body("half")])]), Some(json!(0))),
        ("jsonencode a string", c("jsonencode", vec![body("text")]), Some(json!("\"t\""))),
        ("jsonencode a list of one", c("jsonencode", vec![body("one")]), Some(json!("[5]"))),
        ("jsondecode", c("jsondecode", vec![f::text("{\"a\": [1]}")]), Some(json!({ "a": [1] }))),
        ("tostring", c("tostring", vec![f::input("n")]), Some(json!("7"))),
        ("tonumber", c("tonumber", vec![f::text("1.5")]), Some(json!(1.5))),
        ("coalesce", c("coalesce", vec![body("nothing"), body("one"), n(1.0)]), Some(json!([5]))),
        ("coalesce past an empty string", c("coalesce", vec![f::text(""), body("text")]), Some(json!("t"))),
        ("coalesce of zero", c("coalesce", vec![n(0.0), n(1.0)]), Some(json!(0))),
    ]);
}

#[test]
fn numbers_print_with_fifteen_digits() {
    let scope = Scope::new(&workflow());
    let expr = f::template(vec![f::input("n")]);
    let mut bits = 88_172_645_463_325_252_u64;
    let cases: Vec<_> = (0..200)
        .map(|i| {
            bits ^= bits << 13;
            bits ^= bits >> 7;
            bits ^= bits << 17;
            let share = (bits >> 11) as f64 / (1_u64 << 53) as f64;
            // Floats of 32 bits, as models give them; then doubles of all sizes.
            let x = if i % 2 == 0 { f64::from(share as f32) } else { share * 10_f64.powi(i % 9 - 4) };
            let variables = json!({ "input": { "n": x } });
            let rounded: f64 = format!("{x:.14e}").parse().expect("a number");
            (format!("{x}"), template(&expr, &scope).expect("a template"), variables, Some(json!(format!("{rounded}"))))
        })
        .collect();
    run(&cases);
}

#[test]
fn answers_are_folded_by_their_shape() {
    let any = || f::variable("");
    let fixed = Dim::Fixed;
    let shapes = [
        (vec![], vec![], json!([4]), json!(4)),
        (vec![any()], vec![1], json!([4]), json!([4])),
        (vec![any()], vec![3], json!([4, 5, 6]), json!([4, 5, 6])),
        (vec![any(), fixed(2)], vec![1, 2], json!([4, 5]), json!([[4, 5]])),
        (vec![fixed(1), fixed(2)], vec![1, 2], json!([4, 5]), json!([[4, 5]])),
        (vec![any(), fixed(1)], vec![1, 1], json!([4]), json!([[4]])),
        (vec![any(), fixed(1)], vec![3, 1], json!([4, 5, 6]), json!([[4], [5], [6]])),
        (vec![any(), any()], vec![2, 2], json!([4, 5, 6, 7]), json!([[4, 5], [6, 7]])),
        (vec![any(), fixed(2)], vec![0, 2], json!([]), json!([])),
        (vec![any(), any(), any()], vec![1, 1, 1], json!([4]), json!([[[4]]])),
        (vec![any(), any(), any()], vec![1, 2, 1], json!([4, 5]), json!([[[4], [5]]])),
        (vec![any(), any(), any()], vec![2, 1, 2], json!([4, 5, 6, 7]), json!([[[4, 5]], [[6, 7]]])),
        (vec![fixed(1), any(), fixed(2)], vec![1, 2, 2], json!([4, 5, 6, 7]), json!([[[4, 5], [6, 7]]])),
        (
            vec![any(), fixed(2), fixed(2)],
            vec![2, 2, 2],
            json!([1, 2, 3, 4, 5, 6, 7, 8]),
            json!([[[1, 2], [3, 4]], [[5, 6], [7, 8]]]),
        ),
    ];
    let cases: Vec<_> = shapes
        .into_iter()
        .map(|(dims, shape, data, expected)| {
            let tensor = f::tensor("it's", DataType::Fp32, dims);
            let outputs = json!([{ "name": "other", "shape": [1], "data": [9] }, { "name": "it's", "shape": shape, "data": data }]);
            let states = json!({ "states": { "result": { "ResponseBody": { "outputs": outputs } } } });
            (format!("{tensor} {shape:?}"), tensor::response(&tensor, &BTreeMap::new()), states, Some(expected))
        })
        .collect();
    run(&cases);
}

#[test]
fn requests_say_their_shape() {
    let scope = Scope::new(&workflow());
    let case = |what: &str, dims: Vec<Dim>, value: Expr, shape: Json, data: Json| {
        let input = InferInput { tensor: f::tensor("x", DataType::Fp32, dims), value };
        let expected = json!({ "name": "x", "shape": shape, "datatype": "FP32", "data": data });
        (what.to_owned(), tensor::request(&input, &scope).expect(what), values(), Some(expected))
    };
    let any = || f::variable("N");
    run(&[
        case("one row", vec![any(), Dim::Fixed(1)], f::list(vec![body("one")]), json!([1, 1]), json!([[5]])),
        case(
            "rows of any number",
            vec![any(), any()],
            f::field(body("deep"), "er"),
            json!([2, 2]),
            json!([[1, 2], [3, 4]]),
        ),
        case("a list of a list of one", vec![any(), any()], body("nested"), json!([1, 1]), json!([[5]])),
        case("a list", vec![any()], f::input("l"), json!([3]), json!([1, 2, 3])),
        case("a scalar", vec![], f::input("n"), json!([]), json!([7])),
    ]);
}

#[test]
fn inputs_are_looked_at() {
    let types = [
        (Type::String, json!("x"), json!(1)),
        (Type::Number, json!(1), json!("1")),
        (Type::Bool, json!(false), Json::Null),
        (Type::List(Box::new(Type::Number), None), json!([1]), json!(["1"])),
        (Type::List(Box::new(Type::Number), None), json!([]), json!(1)),
        (Type::List(Box::new(Type::List(Box::new(Type::Number), None)), Some(1)), json!([[1, 2]]), json!([1])),
        (Type::Map(Box::new(Type::String)), json!({ "a": "b" }), json!({ "a": 1 })),
        (Type::Map(Box::new(Type::String)), json!({}), json!([])),
        (Type::Object(vec![("a-b".into(), Type::Number)]), json!({ "a-b": 1 }), json!({})),
        (Type::Optional(Box::new(Type::String)), Json::Null, json!(1)),
        (Type::Any, Json::Null, Json::Null),
    ];
    let mut cases = Vec::new();
    for (ty, good, bad) in types {
        let required = ty != Type::Any;
        let optional = matches!(ty, Type::Optional(_));
        let what = ty.to_string();
        let input = Input { name: "x-y".into(), ty, default: None, origin: f::at(1) };
        let workflow = Workflow { inputs: vec![input], ..f::workflow("w", Vec::new()) };
        let states = json!(start::states(&workflow, "next").into_iter().map(|(_, s)| json!(s)).collect::<Vec<_>>());
        let condition = states[0]["Choices"][1]["Condition"].clone();
        let with = |value: &Json| json!({ "states": { "input": { "x-y": value } } });
        cases.push((format!("{what} good"), condition.clone(), with(&good), Some(json!(false))));
        if required {
            cases.push((format!("{what} bad"), condition.clone(), with(&bad), Some(json!(true))));
        }
        cases.push((
            format!("{what} missing"),
            condition,
            json!({ "states": { "input": {} } }),
            Some(json!(!optional)),
        ));
    }
    run(&cases);
}
