use super::{compile, last_x, shown};

#[track_caller]
fn gives(expression: &str, expected: &str) {
    let text = format!(
        "locals {{\n  l = [1, 2, 3]\n  o = {{ b = 2, a = 1 }}\n  d = [{{ n = \"x\", v = [1] }}, {{ n = \"y\", v = [2] }}]\n  no = null\n}}\np {{\n  x = {expression}\n}}\n"
    );
    assert_eq!(last_x(&text), expected, "{expression}");
}

#[test]
fn operators() {
    for (expression, expected) in [
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("7 / 2", "3.5"),
        ("8 / 2", "4"),
        ("7 % 3", "1"),
        ("-7 % 3", "-1"),
        ("7 % -3", "1"),
        ("5.5 % 2", "1.5"),
        ("2 - -1", "3"),
        ("- (1 + 1)", "-2"),
        ("\"1\" + 1", "2"),
        ("\"1.50\" * \"2\"", "3"),
        ("1.0", "1"),
        ("1.10", "1.1"),
        ("1e3", "1000"),
        ("0.1", "0.1"),
        ("9223372036854775807", "9223372036854775807"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("9223372036854775807 + 1", "9223372036854775808"),
        ("100000000000000000000", "100000000000000000000"),
        ("9007199254740993 - 1", "9007199254740992"),
        ("1 == 1.0", "true"),
        ("\"1\" == 1", "false"),
        ("null == null", "true"),
        ("[1, 2] == [1, 2]", "true"),
        ("[1, 2] == [2, 1]", "false"),
        ("{ a = 1, b = 2 } == local.o", "true"),
        ("1 != 2", "true"),
        ("2 > 1 && 1 >= 1 && 1 < 2 && 1 <= 1", "true"),
        ("\"10\" > 9", "true"),
        ("true && \"true\"", "true"),
        ("!\"false\"", "true"),
        ("!false || false", "true"),
        ("false && local.l[9]", "false"),
        ("true || 1 / 0", "true"),
        ("true ? 1 : local.l[9]", "1"),
        ("false ? 1 / 0 : \"b\"", "\"b\""),
        ("\"true\" ? 1 : 2", "1"),
        ("true ? false ? 1 : 2 : 3", "2"),
        ("1 + 2 == 3 ? \"yes\" : \"no\"", "\"yes\""),
        ("-5", "-5"),
        ("0 * -1", "0"),
        ("1 == 2 || 3 == 3", "true"),
    ] {
        gives(expression, expected);
    }
}

#[test]
fn access_and_loops() {
    for (expression, expected) in [
        ("local.l[0]", "1"),
        ("local.l[\"1\"]", "2"),
        ("local.l.2", "3"),
        ("local.o.a", "1"),
        ("local.o[\"b\"]", "2"),
        ("local.d[1].v[0]", "2"),
        ("local.d[*].n", "[\"x\", \"y\"]"),
        ("local.d.*.n", "[\"x\", \"y\"]"),
        ("local.d[*].v[0]", "[1, 2]"),
        ("local.d.*.v[0]", "[1]"),
        ("local.no[*]", "[]"),
        ("\"a\"[*]", "[\"a\"]"),
        ("local.o[*].a", "[1]"),
        ("{ a = { b = 1 } }.a.b", "1"),
        ("[for v in local.l : v * 2]", "[2, 4, 6]"),
        ("[for i, v in local.l : i * v]", "[0, 2, 6]"),
        ("[for k, v in local.o : \"${k}${v}\"]", "[\"a1\", \"b2\"]"),
        ("[for v in local.l : v if v != 2]", "[1, 3]"),
        ("{for k, v in local.o : v => k}", "{1: \"a\", 2: \"b\"}"),
        ("{for v in local.l : v % 2 == 0 ? \"even\" : \"odd\" => v...}", "{odd: [1, 3], even: [2]}"),
        ("[for a in [1, 2] : [for b in [10, 20] : a + b]]", "[[11, 21], [12, 22]]"),
        ("[for local in [{ l = 5 }] : local.l]", "[5]"),
        ("[for service in [{ name = \"s\" }] : service.name]", "[\"s\"]"),
        ("{ \"a\" = 1, (\"b\") = 2, \"c${1}\" = 3, 4 = 5 }", "{a: 1, b: 2, c1: 3, 4: 5}"),
        ("{ a : 1 }", "{a: 1}"),
    ] {
        gives(expression, expected);
    }
}

#[test]
fn templates() {
    for (expression, expected) in [
        ("\"a${1}b${true}c\"", "\"a1btruec\""),
        ("\"${local.l}\"", "[1, 2, 3]"),
        ("\"${1}\"", "1"),
        ("\"${1}${2}\"", "\"12\""),
        ("\"$${x} %%{y} $5 100%\"", "\"${x} %{y} $5 100%\""),
        ("\"\\u00e9\\n\\\"\"", "\"é\\n\\\"\""),
        ("\"a ${~ 1 ~} b\"", "\"a1b\""),
        ("\"%{ if true }yes%{ else }no%{ endif }\"", "\"yes\""),
        ("\"%{ if false }yes%{ endif }\"", "\"\""),
        ("\"%{ if true }\\\"a\\tb\\\"%{ endif }\"", "\"\\\"a\\tb\\\"\""),
        ("- /* a sign */ 9223372036854775808", "-9223372036854775808"),
        ("\"%{ for v in local.l }${v},%{ endfor }\"", "\"1,2,3,\""),
        ("\"%{ for k, v in local.o ~} ${k}=${v} %{~ endfor }\"", "\"a=1b=2\""),
        ("\"${1.0} ${1e3} ${0.25}\"", "\"1 1000 0.25\""),
        ("<<EOT\nhello\n  ${1}\nEOT", "\"hello\\n  1\\n\""),
        ("<<-EOT\n    a\n      b\n\n    c\n    EOT", "\"a\\n  b\\n\\nc\\n\""),
        (
            "<<-EOT\n    %{ for v in local.l ~}\n    v${v}\n    %{ endfor ~}\n    end\n    EOT",
            "\"    v1\\n    v2\\n    v3\\n    end\\n\"",
        ),
        ("<<-EOT\n    ${1}\n      two\n    EOT", "\"1\\n  two\\n\""),
        ("<<EOT\n%{ if true ~}\nx\n%{ endif ~}\nEOT", "\"x\\n\""),
        ("<<EOT\n$${a} \"quoted\" \\n\nEOT", "\"${a} \\\"quoted\\\" \\\\n\\n\""),
        ("<<EOT\nEOT", "\"\""),
    ] {
        gives(expression, expected);
    }
}

#[test]
fn functions() {
    for (expression, expected) in [
        ("upper(\"aé\")", "\"AÉ\""),
        ("upper(5)", "\"5\""),
        ("lower(\"ABC\")", "\"abc\""),
        ("length([1, 2])", "2"),
        ("length(\"héllo\")", "5"),
        ("length({ a = 1 })", "1"),
        ("join(\", \", [\"a\", 1, true])", "\"a, 1, true\""),
        ("split(\",\", \"a,b,,c\")", "[\"a\", \"b\", \"\", \"c\"]"),
        ("split(\"\", \"ab\")", "[\"a\", \"b\"]"),
        (
            "format(\"%s-%03d %5.2f|%-4s|%q %t %%\", \"a\", 7, 3.14159, \"b\", \"c\", true)",
            "\"a-007  3.14|b   |\\\"c\\\" true %\"",
        ),
        ("format(\"%v %v\", [1, \"a\"], 1.5)", "\"[1,\\\"a\\\"] 1.5\""),
        ("concat([1], [2, 3], [])", "[1, 2, 3]"),
        ("merge({ a = 1, b = 1 }, null, { b = 2 })", "{a: 1, b: 2}"),
        ("lookup(local.o, \"a\", 0)", "1"),
        ("lookup(local.o, \"z\", 0)", "0"),
        ("contains(local.l, 2)", "true"),
        ("contains([\"1\"], 1)", "false"),
        ("keys(local.o)", "[\"a\", \"b\"]"),
        ("values(local.o)", "[1, 2]"),
        ("tostring(1.5)", "\"1.5\""),
        ("tonumber(\"1e2\")", "100"),
        ("tobool(\"true\")", "true"),
        ("tonumber(null)", "null"),
        ("min(3, 1, 2)", "1"),
        ("max(local.l...)", "3"),
        ("abs(-2.5)", "2.5"),
        ("ceil(1.2)", "2"),
        ("floor(-1.2)", "-2"),
        ("replace(\"a-b-c\", \"-\", \"_\")", "\"a_b_c\""),
        ("trimspace(\"  a \")", "\"a\""),
        ("jsonencode({ b = [1, null], a = \"x\" })", "\"{\\\"a\\\":\\\"x\\\",\\\"b\\\":[1,null]}\""),
        ("jsondecode(\"{\\\"a\\\": [1, 2.5]}\").a[1]", "2.5"),
        ("coalesce(null, \"\", \"x\")", "\"x\""),
        ("range(3)", "[0, 1, 2]"),
        ("range(1, 4)", "[1, 2, 3]"),
        ("range(4, 1)", "[4, 3, 2]"),
        ("range(0, 1, 0.5)", "[0, 0.5]"),
        ("toset([\"b\", \"a\", \"b\"])", "[\"a\", \"b\"]"),
        ("distinct([3, 1, 3])", "[3, 1]"),
        ("flatten([1, [2, [3]], []])", "[1, 2, 3]"),
        ("sort([\"b\", \"a\"])", "[\"a\", \"b\"]"),
    ] {
        gives(expression, expected);
    }
    let names: Vec<_> = super::super::functions::all().map(|f| f.name).collect();
    let unique: std::collections::BTreeSet<_> = names.iter().collect();
    assert_eq!(names.len(), unique.len());
    for function in super::super::functions::all() {
        assert!(function.doc.ends_with('.') && !function.params.is_empty(), "{}", function.name);
    }
}

#[test]
fn variables_locals_environments() {
    let text = r#"
variable "a" { type = string }
variable "n" {
  type        = number
  default     = "3"
  description = "how many"
}
variable "o" {
  type    = object({ x = list(number), y = optional(string) })
  default = { x = ["1", 2] }
}
variable "m" {
  type    = map(bool)
  default = { k = "true" }
}
variable "any" { default = [1, "a"] }
environment "one" {
  variables = { a = 5, n = 4 }
}
environment "two" {}
p { x = [var.a, var.n, var.o, var.m, var.any, env.name] }
"#;
    let (evaluated, found, _) = compile(&[text], Some("one"));
    assert!(found.is_empty(), "{found:?}");
    assert_eq!(
        evaluated.blocks[0].get("x").map(shown).as_deref(),
        Some(r#"["5", 4, {x: [1, 2], y: null}, {k: true}, [1, "a"], "one"]"#)
    );
    assert_eq!(evaluated.environment.as_deref(), Some("one"));
    assert_eq!(evaluated.environments.len(), 2);
    assert_eq!(last_x("environment \"only\" {}\np { x = env.name }\n"), "\"only\"");
    assert_eq!(last_x("p { x = env.name }\n"), "\"default\"");
    let (evaluated, found, _) =
        compile(&["locals { a = local.b + 1 }\n", "p { x = local.a }\nlocals { b = 1 }\n"], None);
    assert!(found.is_empty());
    assert_eq!(evaluated.blocks[0].get("x").map(shown).as_deref(), Some("2"));
}

#[test]
fn references() {
    let text = "bucket \"data\" {\n  name = \"b-${local.n}\"\n}\nlocals {\n  n = 1\n  bs = [bucket.data, bucket.data]\n}\nservice risk {}\np {\n  x = [bucket.data, bucket.data.uri, bucket[\"data\"].name, local.bs[0].uri, [for b in local.bs : b.name], service.risk == service.risk, local.bs[*].uri]\n}\n";
    assert_eq!(
        last_x(text),
        r#"[@bucket.data, "s3://b-1", "b-1", "s3://b-1", ["b-1", "b-1"], true, ["s3://b-1", "s3://b-1"]]"#
    );
}
