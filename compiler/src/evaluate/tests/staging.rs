use windlass_schemas::block::Block;
use windlass_schemas::expr::Expr;
use windlass_schemas::source::Sources;
use windlass_schemas::value::{Value, ValueKind};

use super::super::run::{RuntimeScope, run};
use super::{compile, findings, show, shown};

fn workflow(expression: &str) -> String {
    format!(
        "service \"risk\" {{\n  a = 1\n}}\nlocals {{\n  l = [10, 20]\n  m = service.risk.errors.rate\n}}\nworkflow \"w\" {{\n  stage \"s\" {{\n    x = {expression}\n  }}\n}}\n"
    )
}

fn stage(expression: &str) -> (Block, Sources) {
    let (evaluated, found, sources) = compile(&[&workflow(expression)], None);
    let found: Vec<_> = found.iter().map(|f| show(f, &sources)).collect();
    assert_eq!(found, [""; 0], "{expression}");
    let block = evaluated.blocks.last().and_then(|w| w.blocks.first()).cloned().expect("a stage");
    (block, sources)
}

#[track_caller]
fn defers(expression: &str, expected: &str) {
    let (stage, _) = stage(expression);
    assert_eq!(stage.get("x").map(shown).as_deref(), Some(expected), "{expression}");
}

#[test]
fn known_parts_are_folded() {
    for (expression, expected) in [
        ("input.id", "‹input.id›"),
        ("input[\"id\"]", "‹input.id›"),
        ("input", "‹input›"),
        ("stage.load.body[0].x", "‹stage.load.body[0].x›"),
        ("stage.load.out[1 + 1]", "‹stage.load.out[2]›"),
        ("local.l[input.n]", "‹[10, 20][input.n]›"),
        ("\"a${1}b${input.id}c${\"d\"}\"", "‹t(\"a1b\", input.id, \"cd\")›"),
        ("\"${input.id}\"", "‹input.id›"),
        ("\"x${\"y${input.id}\"}\"", "‹t(\"x\", \"y\", input.id)›"),
        ("[1 + 1, input.a]", "[2, ‹input.a›]"),
        ("{ a = 1, b = stage.s.x }", "{a: 1, b: ‹stage.s.x›}"),
        ("[1, input.a][0]", "1"),
        ("1 + 2 + input.n", "‹(3 + input.n)›"),
        ("input.n > 0.8 && true", "‹((input.n > 0.8) && true)›"),
        ("false && input.b", "false"),
        ("true || input.b", "true"),
        ("true ? input.a : 1 / 0", "‹input.a›"),
        ("input.a ? 1 : [2]", "‹(input.a ? 1 : [2])›"),
        ("!input.a", "‹Not(input.a)›"),
        ("-input.n", "‹Negate(input.n)›"),
        ("upper(input.a)", "‹upper(input.a)›"),
        ("length([input.a, upper(\"b\")])", "‹length([input.a, \"B\"])›"),
        ("local.m > 1", "‹(service.risk!errors.rate > 1)›"),
        ("service.risk.latency.p99", "‹service.risk!latency.p99›"),
        ("workflow.w.failures.rate", "‹workflow.w!failures.rate›"),
        ("\"%{ if input.a }x${input.b}%{ else }y%{ endif }!\"", "‹t((input.a ? t(\"x\", input.b) : \"y\"), \"!\")›"),
        ("[for v in local.l : v + input.n]", "[‹(10 + input.n)›, ‹(20 + input.n)›]"),
        ("[input.a] == [1]", "‹([input.a] == [1])›"),
    ] {
        defers(expression, expected);
    }
}

#[test]
fn every_part_has_its_place() {
    let (stage, sources) = stage("\"a${input.id}\" == upper(stage.load.x) ? 1 : local.l[input.n]");
    let Some(ValueKind::Deferred(expr)) = stage.get("x").map(|v| &v.kind) else { panic!("not deferred") };
    let mut places = Vec::new();
    expr.walk(&mut |e| places.push(sources.slice(e.span)));
    assert_eq!(
        places,
        [
            "\"a${input.id}\" == upper(stage.load.x) ? 1 : local.l[input.n]",
            "\"a${input.id}\" == upper(stage.load.x)",
            "\"a${input.id}\"",
            "a",
            "input.id",
            "input",
            "upper(stage.load.x)",
            "stage.load.x",
            "stage.load",
            "1",
            "local.l[input.n]",
            "local.l",
            "input.n",
            "input",
        ]
    );
}

#[test]
fn what_must_be_known_now() {
    for (expression, expected) in [
        (
            "{ (input.k) = 1 }",
            "known-later: the key of an object must be known when compiling [(input.k)]known only when the workflow runs, or in the monitoring system",
        ),
        (
            "max(input.l...)",
            "known-later: how many arguments `...` gives must be known when compiling [input.l]known only when the workflow runs, or in the monitoring system",
        ),
    ] {
        assert_eq!(findings(&workflow(expression)), [expected], "{expression}");
    }
}

#[test]
fn loops_over_what_is_known_later_become_expressions() {
    for (expression, expected) in [
        ("[for v in input.l : v]", "‹for(v in input.l: $v)›"),
        ("[for i, v in input.l : v.x + i + 1 if v.ok]", "‹for(i, v in input.l: (($v.x + $i) + 1) if $v.ok)›"),
        ("{ for v in input.l : v.k => v.n... }", "‹for(v in input.l: $v.k => $v.n...)›"),
        ("{ for v in input.l : 1 => 1 + 1 }", "‹for(v in input.l: \"1\" => 2)›"),
        ("input.l[*]", "‹each(input.l)›"),
        ("input.l[*].a[0]", "‹for(each in each(input.l): $each.a[0])›"),
        ("input.l.*.a[0]", "‹for(each in each(input.l): $each.a)[0]›"),
        ("input.l[*].m[*].n", "‹for(each in each(input.l): for(each_2 in each($each.m): $each_2.n))›"),
        ("item.key", "‹item.key›"),
        ("[error.name, event]", "[‹error.name›, ‹event›]"),
        // What is known is unrolled, as far as conditions and keys are.
        ("[for v in [1, 2] : v if input.a]", "‹for(v in [1, 2]: $v if input.a)›"),
        ("{ for v in [1, 2] : input.k => v }", "‹for(v in [1, 2]: input.k => $v)›"),
        ("[for v in input.l : v if 1 > 2]", "‹for(v in input.l: $v if false)›"),
        ("[for v in input.l : v if 1 < 2]", "‹for(v in input.l: $v)›"),
        ("[for v in input.l : [for w in local.l : v + w]]", "‹for(v in input.l: [($v + 10), ($v + 20)])›"),
        // The elements of a set are their own keys.
        ("[for k, v in toset([\"a\"]) : k if input.a]", "‹for(v in [\"a\"]: $v if input.a)›"),
        // No variable hides another.
        ("[for v in input.l : [for v in v.m : v]]", "‹for(v in input.l: for(v_2 in $v.m: $v_2))›"),
        (
            "[for x in input.l : [for p in [x.a] : [for x in p : [x, p]]]]",
            "‹for(x in input.l: [for(x_2 in $x.a: [$x_2, $x.a])])›",
        ),
        ("[for each in input.l : each.m[*].n]", "‹for(each in input.l: for(each_2 in each($each.m): $each_2.n))›"),
    ] {
        defers(expression, expected);
    }
}

#[test]
fn loops_keep_marks_and_the_budget() {
    for expression in [
        "[for v in sensitive([1]) : v if input.a]",
        "[for v in [1] : v if input.a == sensitive(1)]",
        "[for v in input.l : sensitive(1)]",
        "[for v in sensitive([{ a = 1 }]) : v.a if input.a][0]",
    ] {
        let (stage, _) = stage(expression);
        assert!(stage.get("x").is_some_and(Value::is_sensitive), "{expression}");
    }
    let (stage, _) = stage("[for v in [1] : v if input.a]");
    assert!(!stage.get("x").is_some_and(Value::is_sensitive));
    let found = findings(&workflow("[for v in input.l : range(2000000)]"));
    assert!(found.iter().any(|found| found.starts_with("limit:")), "{found:?}");
    // One mistake in a body is one finding.
    assert_eq!(findings(&workflow("[for v in input.l : v + nothing]")).len(), 1);
}

#[test]
fn inputs_have_types() {
    let (evaluated, found, _) =
        compile(&["workflow \"w\" {\n  input \"a\" {\n    type = list(object({ id = string }))\n  }\n}\n"], None);
    assert!(found.is_empty(), "{found:?}");
    let input = &evaluated.blocks[0].blocks[0];
    assert_eq!(input.get("type").map(shown).as_deref(), Some("<list(object({ id = string }))>"));
}

/// The same expression with its inputs known when compiling, and run later on the same inputs.
#[test]
fn running_later_gives_what_folding_gives() {
    let input = "{ n = 7, s = \"héllo\", b = true, l = [1, 2, 3], o = { k = \"v\" }, nothing = null, \
        rows = [{ id = \"a\", tags = [\"x\", \"y\"] }, { id = \"b\", tags = [\"z\"] }] }";
    for expression in [
        "I.n + 1",
        "I.n % 4 * 2.5",
        "-I.n",
        "!I.b",
        "I.l[I.l[0]]",
        "I.o.k",
        "I.o[\"k\"]",
        "I.b && I.n > 3",
        "I.b || I.zzz",
        "\"<${I.s}:${I.n}>\"",
        "upper(I.s)",
        "length(I.l) == 3 ? I.s : I.nope",
        "[I.n, 1]",
        "{ a = I.n, b = \"x\" }",
        "join(\"-\", concat(I.l, [4]))",
        "jsonencode(I.o)",
        "\"%{ if I.b }${I.n}%{ else }no%{ endif }\"",
        "I.s == \"héllo\"",
        "format(\"%05.1f\", I.n)",
        "I.n / 2",
        "I.l == [1, 2, 3]",
        "[for k, v in I.o : \"${k}=${v}\"]",
        "[for i, x in I.l : x * i if x > 1]",
        "{for i, x in I.l : \"k${i}\" => x if x > 1}",
        "{for x in I.l : (x % 2 == 0 ? \"even\" : \"odd\") => x...}",
        "[for x in I.l : [for y in I.l : x + y if y < x]]",
        "[for x in [1, 2] : [for x in I.l : x]]",
        "I.rows[*].id",
        "I.rows[*].tags[0]",
        "I.o[*].k",
        "I.nothing[*].id",
        "[for r in I.rows : [for t in r.tags : \"${r.id}/${t}\"]]",
        "coalesce(I.nothing, \"\", I.s)",
        "reverse(I.l)",
    ] {
        let now = last(&format!(
            "locals {{\n  i = {input}\n}}\nworkflow \"w\" {{\n  x = {}\n}}\n",
            expression.replace("I.", "local.i.")
        ));
        let later = last(&format!("workflow \"w\" {{\n  x = {}\n}}\n", expression.replace("I.", "input.")));
        let scope =
            RuntimeScope { input: Some(last(&format!("p {{\n  x = {input}\n}}\n"))), ..RuntimeScope::default() };
        let value =
            run(&Expr::from(later), &scope).unwrap_or_else(|finding| panic!("{expression}: {}", finding.message));
        assert_eq!(shown(&value), shown(&now), "{expression}");
    }
    let later = last("workflow \"w\" {\n  x = 1 / input.n\n}\n");
    let scope = RuntimeScope { input: Some(last("p {\n  x = { n = 0 }\n}\n")), ..RuntimeScope::default() };
    assert_eq!(run(&Expr::from(later), &scope).map_err(|f| f.message).err().as_deref(), Some("division by zero"));
}

#[test]
fn what_fails_in_a_running_workflow_is_told_at_its_place() {
    for (expression, place, message) in [
        ("[for x in input.l : 10 / x]", "x", "division by zero"),
        ("[for x in input.n : x]", "input.n", "a `for` goes over a list or an object, found a number"),
        ("[for x in input.l : x if input.n]", "input.n", "a condition needs true or false, found a number"),
        ("{for x in input.l : \"k\" => x}", "\"k\"", "two elements have the key `k`"),
        ("[for x in input.l : x.id]", "id", "a number has no attribute `id`"),
        ("input.l[*].id", "id", "a number has no attribute `id`"),
        ("\"l: ${input.l}\"", "input.l", "a template needs a string, found a list"),
        (
            "sum([for x in input.l : x if x > 9])",
            "[for x in input.l : x if x > 9]",
            "`sum`: the list is empty, and has no sum",
        ),
        (
            "coalesce(input.nothing, \"\")",
            "coalesce(input.nothing, \"\")",
            "`coalesce`: every value is null or an empty string",
        ),
    ] {
        let (stage, sources) = stage(expression);
        let later = stage.get("x").cloned().expect("an attribute");
        let input = last("p {\n  x = { n = 1, l = [1, 0], nothing = null }\n}\n");
        let scope = RuntimeScope { input: Some(input), ..RuntimeScope::default() };
        let finding = run(&Expr::from(later), &scope).expect_err(expression);
        assert_eq!(finding.message, message, "{expression}");
        assert_eq!(finding.labels.first().map(|label| sources.slice(label.span)), Some(place), "{expression}");
    }
}

fn last(text: &str) -> Value {
    let (evaluated, found, sources) = compile(&[text], None);
    let found: Vec<_> = found.iter().map(|f| show(f, &sources)).collect();
    assert_eq!(found, [""; 0], "in:\n{text}");
    evaluated.blocks.last().and_then(|b| b.get("x")).cloned().expect("an attribute")
}
