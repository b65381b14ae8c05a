//! `for_each`, modules, renames, sensitive values, and values from outside.

use std::collections::BTreeMap;

use windlass_schemas::diagnostic::Diagnostics;
use windlass_schemas::source::Sources;

use super::{show, shown};
use crate::evaluate::{Evaluated, Given, Inputs, evaluate};
use crate::modules::load;

/// Evaluates files by path: those without `/` are the project's own. Gives what was evaluated, and the findings.
fn evaluated(files: &[(&str, &str)], variables: &[Given]) -> (Evaluated, Vec<String>) {
    let sources = Sources::default();
    let mut diags = Diagnostics::default();
    for (path, text) in files.iter().filter(|(path, _)| !path.contains('/')) {
        sources.add(*path, *text);
    }
    let beside: BTreeMap<String, Vec<u8>> =
        files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
    let folders = load(&sources, &beside, &mut diags);
    let evaluated = evaluate(&sources, &folders, &Inputs { environment: None, variables }, &beside, &mut diags);
    let found = diags.into_sorted();
    let found = found.iter().map(|finding| {
        let values: String = finding.values.iter().map(|(name, value)| format!(" {name}={value}")).collect();
        show(finding, &sources) + &values
    });
    (evaluated, found.collect())
}

/// Every block as `kind label attribute=value …`.
#[track_caller]
fn blocks(files: &[(&str, &str)]) -> Vec<String> {
    let (evaluated, found) = evaluated(files, &[]);
    assert_eq!(found, Vec::<String>::new());
    let block = |block: &windlass_schemas::block::Block| {
        let labels = block.labels.iter().map(|label| format!(" {}", label.value));
        let attributes = block.attributes.iter().map(|a| format!(" {}={}", a.name.value, shown(&a.value)));
        format!("{}{}", block.kind.value, labels.chain(attributes).collect::<String>())
    };
    evaluated.blocks.iter().map(block).collect()
}

/// The attribute `x` of the block `p`.
#[track_caller]
fn x(files: &[(&str, &str)], variables: &[Given]) -> String {
    let (evaluated, found) = evaluated(files, variables);
    assert_eq!(found, Vec::<String>::new());
    let block = evaluated.blocks.iter().find(|block| block.kind.value == "p").expect("a block");
    shown(block.get("x").expect("an attribute"))
}

#[test]
fn instances_in_the_order_of_their_keys() {
    let text = "bucket \"b\" {\n  for_each = { us = 1, eu = 2 }\n  name = \"${each.key}-${each.value}\"\n}\n";
    assert_eq!(blocks(&[("a.hcl", text)]), ["bucket b-eu name=\"eu-2\"", "bucket b-us name=\"us-1\""]);
    // The keys of those that stay do not change.
    let text = "bucket \"b\" {\n  for_each = [\"us\"]\n  name = \"${each.key}-${each.value}\"\n}\n";
    assert_eq!(blocks(&[("a.hcl", text)]), ["bucket b-us name=\"us-us\""]);
    assert_eq!(blocks(&[("a.hcl", "bucket \"b\" {\n  for_each = {}\n  name = each.key\n}\n")]), [""; 0]);
}

#[test]
fn instances_are_referred_to_by_key() {
    let buckets = "bucket \"b\" {\n  for_each = local.keys\n  name = \"n-${each.key}\"\n}\nlocals {\n  keys = [\"eu\", \"us\"]\n  k = \"us\"\n}\n";
    let gives = |expr: &str, expected: &str| {
        assert_eq!(x(&[("a.hcl", buckets), ("b.hcl", &format!("p {{\n  x = {expr}\n}}\n"))], &[]), expected, "{expr}");
    };
    gives("bucket.b[\"eu\"].uri", "\"s3://n-eu\"");
    gives("bucket.b[local.k].name", "\"n-us\"");
    gives("bucket.b.us.name", "\"n-us\"");
    gives("{ for k, b in bucket.b : k => b.name }", "{eu: \"n-eu\", us: \"n-us\"}");
    gives("[for k in local.keys : bucket.b[k].uri]", "[\"s3://n-eu\", \"s3://n-us\"]");
    gives("values(bucket.b)[*].name", "[\"n-eu\", \"n-us\"]");
    gives("keys(bucket.b)", "[\"eu\", \"us\"]");
    // In the order of their references, whichever is written first.
    let chain = "bucket \"a\" {\n  for_each = bucket.b\n  name = \"copy-${each.value.name}\"\n}\nbucket \"b\" {\n  for_each = [\"x\"]\n  name = \"b-${each.key}\"\n}\n";
    assert_eq!(blocks(&[("a.hcl", chain)]), ["bucket a-x name=\"copy-b-x\"", "bucket b-x name=\"b-x\""]);
}

#[test]
fn blocks_within_are_repeated_too() {
    let text = "model \"m\" {\n  version \"v\" {\n    for_each = { \"1.0\" = \"a\", \"2.0\" = \"b\" }\n    file = \"${each.value}.onnx\"\n  }\n  serve = \"v-1.0\"\n}\n";
    let (evaluated, found) = evaluated(&[("a.hcl", text)], &[]);
    assert_eq!(found, Vec::<String>::new());
    let versions = evaluated.blocks[0].blocks.iter();
    let versions: Vec<String> = versions
        .map(|block| format!("{} {}", block.labels[0].value, shown(block.get("file").expect("a file"))))
        .collect();
    assert_eq!(versions, ["v-1.0 \"a.onnx\"", "v-2.0 \"b.onnx\""]);
}

const MODULE: &str = "variable \"name\" {\n  type = string\n}\nvariable \"from\" {\n  default = null\n}\nlocals {\n  full = \"${var.name}-x\"\n}\nbucket \"b\" {\n  name = local.full\n}\noutput \"bucket\" {\n  value = bucket.b\n}\noutput \"from\" {\n  value = var.from == null ? \"none\" : var.from.uri\n}\n";

#[test]
fn a_module_gives_its_blocks_under_its_name() {
    let main = "module \"m\" {\n  source = \"./mod\"\n  name = \"one\"\n}\nlocals {\n  full = 1\n}\nbucket \"b\" {\n  name = \"own\"\n}\n";
    assert_eq!(
        blocks(&[("a.hcl", main), ("mod/a.hcl", MODULE)]),
        ["bucket m-b name=\"one-x\"", "bucket b name=\"own\""]
    );
    let nested = "module \"inner\" {\n  for_each = [\"k\"]\n  source = \"../mod\"\n  name = each.key\n}\n";
    let main = "module \"m\" {\n  source = \"./outer\"\n}\n";
    let files = [("a.hcl", main), ("outer/a.hcl", nested), ("mod/a.hcl", MODULE)];
    assert_eq!(blocks(&files), ["bucket m-inner-k-b name=\"k-x\""]);
}

#[test]
fn values_pass_through_variables_and_outputs() {
    let main = "module \"m\" {\n  for_each = { a = \"one\", b = \"two\" }\n  source = \"./mod\"\n  name = each.value\n}\nmodule \"n\" {\n  source = \"./mod\"\n  name = module.m[\"b\"].bucket.name\n  from = module.m[\"a\"].bucket\n}\nmodule \"o\" {\n  source = \"./mod\"\n  name = \"o\"\n  from = bucket.own[\"k\"]\n}\nbucket \"own\" {\n  for_each = [\"k\"]\n  name = \"own-${each.key}\"\n}\n";
    let gives = |expr: &str, expected: &str| {
        let files = [("a.hcl", main), ("b.hcl", &format!("p {{\n  x = {expr}\n}}\n")), ("mod/a.hcl", MODULE)];
        assert_eq!(x(&files, &[]), expected, "{expr}");
    };
    gives("module.m[\"a\"].bucket.uri", "\"s3://one-x\"");
    gives("module.n.from", "\"s3://one-x\"");
    gives("module.n.bucket.name", "\"two-x-x\"");
    gives("module.o.from", "\"s3://own-k\"");
    gives("[for k, m in module.m : m.bucket.name]", "[\"one-x\", \"two-x\"]");
    gives("module.m[\"a\"].bucket", "@bucket.m-a-b");
    // One folder, many uses: each is evaluated for itself.
    let path = "output \"here\" {\n  value = \"${path.module} of ${path.root} in ${env.name}\"\n}\n";
    let main = "module \"m\" {\n  source = \"./a/../mod/\"\n}\np {\n  x = module.m.here\n}\n";
    assert_eq!(x(&[("a.hcl", main), ("mod/a.hcl", path)], &[]), "\"mod of . in default\"");
}

#[test]
fn renames_are_kept_with_the_names_that_are_emitted() {
    let main = "module \"m\" {\n  for_each = [\"k\"]\n  source = \"./mod\"\n}\nbucket \"c\" {\n  for_each = [\"eu\"]\n  name = \"c\"\n}\nmoved {\n  from = bucket.old\n  to = bucket.c[\"eu\"]\n}\nmoved {\n  from = module.gone\n  to = module.m[\"k\"]\n}\n";
    let module = "bucket \"b\" {\n  name = \"b\"\n}\nmoved {\n  from = bucket.a\n  to = bucket.b\n}\n";
    let (evaluated, found) = evaluated(&[("a.hcl", main), ("mod/a.hcl", module)], &[]);
    assert_eq!(found, Vec::<String>::new());
    let moved = evaluated.moved.iter();
    let moved: Vec<String> = moved
        .map(|moved| format!("{} -> {}: {} -> {}", *moved.from, *moved.to, moved.from.name(), moved.to.name()))
        .collect();
    assert_eq!(
        moved,
        [
            "bucket.old -> bucket.c[\"eu\"]: old -> c-eu",
            "module.gone -> module.m[\"k\"]: gone -> m-k",
            "module.m[\"k\"].bucket.a -> module.m[\"k\"].bucket.b: m-k-a -> m-k-b"
        ]
    );
}

#[test]
fn findings_in_a_loop_say_for_which_values() {
    let finds = |text: &str, expected: &[&str]| assert_eq!(evaluated(&[("a.hcl", text)], &[]).1, expected);
    finds(
        "locals {\n  x = { for k, v in { a = 1, b = \"two\" } : k => v + 1 }\n}\n",
        &["invalid-operand: `+` needs a number, found the string \"two\" [v] v=\"two\" k=\"b\""],
    );
    finds(
        "bucket \"b\" {\n  for_each = { eu = [1], us = [] }\n  name = each.value[0]\n}\n",
        &["invalid-operand: the list has no element `[0]` [0] (the list is empty) each.key=\"us\" each.value=[]"],
    );
    // One mistake is told once, with the values of the first round.
    finds(
        "locals {\n  x = [for v in [\"a\", \"b\"] : v + 1]\n}\n",
        &["invalid-operand: `+` needs a number, found the string \"a\" [v] v=\"a\""],
    );
}

/// Whether `x` is sensitive, with `var.s` a sensitive string and `var.o` an object that holds it.
fn sensitive(expr: &str) -> bool {
    let text = format!(
        "variable \"s\" {{\n  default = \"1\"\n  sensitive = true\n}}\nlocals {{\n  o = {{ s = var.s, open = \"a\" }}\n  l = [var.s, \"a\"]\n}}\np {{\n  x = {expr}\n}}\n"
    );
    let (evaluated, found) = evaluated(&[("a.hcl", &text)], &[]);
    assert_eq!(found, Vec::<String>::new(), "{expr}");
    evaluated.blocks[0].get("x").expect("an attribute").is_sensitive()
}

#[test]
fn what_is_made_of_a_sensitive_value_is_sensitive() {
    for expr in [
        "var.s",
        "\"a-${var.s}\"",
        "var.s + 1",
        "-var.s",
        "var.s == \"2\"",
        "upper(var.s)",
        "local.o",
        "local.o.s",
        "local.l[0]",
        "local.l[*]",
        "[for v in local.l : upper(v)]",
        "{ for k, v in local.o : k => v }",
        "{ (var.s) = 1 }",
        "var.s == \"1\" ? \"a\" : \"b\"",
        "jsonencode(local.o)",
        "[for v in [1] : v if var.s == \"1\"]",
        "\"%{ if var.s == \"1\" }a%{ endif }\"",
        "sensitive(1)",
        "merge(local.o, {})",
        "{ a = 1, \"1\" = 2 }[var.s]",
        "false || var.s == \"1\"",
        "var.s == \"2\" && true",
        "<<-EOT\n  ${var.s}\n  EOT\n",
        "join(\",\", local.l)",
        "[for v in sensitive([1]) : v]",
        "sensitive({ a = 1 }).a",
        "\"%{ for v in local.l }${v}%{ endfor }\"",
    ] {
        assert!(sensitive(expr), "{expr}");
    }
    for expr in [
        "local.o.open",
        "local.l[1]",
        "nonsensitive(var.s)",
        "issensitive(var.s)",
        "true || var.s == \"1\"",
        "lookup(local.o, \"open\", \"b\")",
        "merge(local.o, {}).open",
        "[for k, v in local.o : k]",
        "1 + 1",
    ] {
        assert!(!sensitive(expr), "{expr}");
    }
}

fn text(name: &str, value: &str) -> Given {
    Given::Text { name: name.to_owned(), value: value.to_owned(), origin: format!("--var {name}") }
}

fn file(text: &str) -> Given {
    Given::File { name: "values.hcl".to_owned(), text: text.to_owned() }
}

#[test]
fn the_last_value_from_outside_wins() {
    let spec = "variable \"v\" {\n  type = string\n  default = \"default\"\n}\nenvironment \"e\" {\n  variables = { v = \"environment\" }\n}\np {\n  x = var.v\n}\n";
    let gives = |given: &[Given], expected: &str| assert_eq!(x(&[("a.hcl", spec)], given), format!("{expected:?}"));
    gives(&[], "environment");
    gives(&[text("v", "text")], "text");
    gives(&[text("v", "text"), file("v = \"file\"\n")], "file");
    gives(&[file("v = \"file\"\n"), text("v", "text")], "text");
    // A string is taken as it is, whatever it looks like.
    gives(&[text("v", "[1, \"${x}\"]")], "[1, \"${x}\"]");
}

#[test]
fn a_text_from_outside_is_read_as_its_variable_asks() {
    let gives = |ty: &str, value: &str, expected: &str| {
        let spec = format!("variable \"v\" {{\n  {ty}\n}}\np {{\n  x = var.v\n}}\n");
        assert_eq!(x(&[("a.hcl", &spec)], &[text("v", value)]), expected, "{ty} {value}");
    };
    gives("", "a b", "\"a b\"");
    gives("type = number", "12", "12");
    gives("type = bool", "true", "true");
    gives("type = list(number)", "[1, \"2\", 3 + 4]", "[1, 2, 7]");
    gives("type = map(string)", "{ a = 1, b = upper(\"x\") }", "{a: \"1\", b: \"X\"}");
    gives("type = object({ a = number, b = optional(string, \"b\") })", "{ a = \"1\" }", "{a: 1, b: \"b\"}");
    gives("type = set(string)", "[\"b\", \"a\", \"b\"]", "[\"a\", \"b\"]");
    gives("type = tuple([string, object({ n = optional(number, 5) })])", "[1, {}]", "[\"1\", {n: 5}]");
    let finds = |declared: &str, given: &[Given], expected: &[&str]| {
        let spec = format!("variable \"v\" {{\n{declared}}}\n");
        assert_eq!(evaluated(&[("a.hcl", &spec)], given).1, expected);
    };
    finds(
        "  type = number\n",
        &[text("v", "many")],
        &["wrong-type: the variable `v` is of the type `number`, found a string [many]"],
    );
    finds(
        "  type = list(string)\n",
        &[text("v", "a, b")],
        &[
            "invalid-value: the value of `v` is not an expression: expected the end of the line, found `,` [,] (write a list as `[\"a\", \"b\"]`, an object as `{ a = 1 }`, and a string in quotes)",
        ],
    );
    finds(
        "  default = 1\n",
        &[text("w", "1"), file("v = 2\nvv = 1\n")],
        &[
            "undefined-reference: there is no variable `w` [w] (declared: `v`)",
            "undefined-reference: there is no variable `vv` [vv] (did you mean `v`?)",
        ],
    );
    finds(
        "  default = 1\n",
        &[file("v {\n}\n")],
        &["unknown-block: a file of values has no blocks [v] (write one line for each variable: `name = value`)"],
    );
    // What is sensitive is in no finding, nor in a text that a finding could draw.
    finds(
        "  type = number\n  sensitive = true\n",
        &[text("v", "tok-1")],
        &["wrong-type: the variable `v` is of the type `number`, found a string [(sensitive value)]"],
    );
    finds(
        "  type = list(number)\n  sensitive = true\n",
        &[text("v", "[tok-1")],
        &[
            "invalid-value: the value of `v` is not an expression [(sensitive value)] (write a list as `[\"a\", \"b\"]`, an object as `{ a = 1 }`, and a string in quotes)",
        ],
    );
    finds(
        "  type = list(number)\n  sensitive = true\n",
        &[text("v", "[\"tok-1\"]")],
        &["wrong-type: an element of the variable `v` is of the type `number`, found a string [(sensitive value)]"],
    );
}

#[test]
fn a_large_object_is_looked_up_by_its_keys() {
    let keys: String = (0..2000).map(|at| format!("    k{at} = {at}\n")).collect();
    let uses: String = (0..2000).map(|at| format!("  x{at} = local.all.k{at} + local.all[\"k{at}\"]\n")).collect();
    let loops = "p {\n  x = [for o in [{ a = local.all }, { a = merge(local.all, { k7 = 1 }) }] : o.a.k7]\n}\n";
    let text = format!("locals {{\n  all = {{\n{keys}  }}\n{uses}}}\n{loops}");
    assert_eq!(x(&[("a.hcl", &text)], &[]), "[7, 1]");
    let (_, found) = evaluated(&[("a.hcl", &text.replace("o.a.k7", "o.a.k2000"))], &[]);
    assert!(found[0].starts_with("unknown-attribute: the object has no attribute `k2000` [k2000]"), "{}", found[0]);
}

#[test]
fn a_large_object_is_read_as_a_small_one() {
    let whole = |entries: &[String], before: &str, after: &str| {
        let text =
            format!("locals {{\n  all ={before}{{{}{after}}}\n}}\np {{\n  x = local.all\n}}\n", entries.concat());
        x(&[("a.hcl", &text)], &[])
    };
    // Every way to write an entry, where parts may be cut and where they may not.
    let ways: [fn(usize) -> String; 9] = [
        |at| format!("\n    k{at} = {at}"),
        |at| format!("\n    k{at} : {at},"),
        |at| format!("\n    k{at} = {at} # a comment"),
        |at| format!("\nk{at} = \"v{at}\""),
        |at| format!("\n  k{at} = <<EOT\nline {at}\nEOT"),
        |at| format!("\n  \"k{at}\" = [{{ a = 1, b = {at} }}, [{at}]]"),
        |at| format!("\n    (\"k{at}\") = {{\n      deep = {at}\n    }}"),
        |at| format!("\n\n\n    k{at} = \"${{{at}}} # no comment\""),
        |at| format!("\r\n    k{at} = null /* c */"),
    ];
    for (number, way) in ways.iter().enumerate() {
        let entries: Vec<String> = (0..1500).map(way).collect();
        let small: Vec<String> = entries.chunks(100).map(|part| whole(part, " ", "\n")).collect();
        let expected = small.iter().map(|part| &part[1..part.len() - 1]).collect::<Vec<_>>().join(", ");
        for (before, after) in [(" ", "\n"), (" ", "\n  "), ("", "\n"), (" ", " # c\n"), (" ", ",\n")] {
            if after.starts_with(',') && number == 1
                || after == " # c\n" && number == 4
                || after.starts_with(',') && [2, 4].contains(&number)
            {
                continue;
            }
            let got = whole(&entries, before, after);
            assert!(got == format!("{{{expected}}}"), "way {number}, {before:?}, {after:?}");
        }
    }
    // A mistake stands where it was made.
    let entries: String =
        (0..1500).map(|at| format!("    k{at} = {}\n", if at == 700 { "nope" } else { "1" })).collect();
    let (_, found) = evaluated(&[("a.hcl", &format!("locals {{\n  all = {{\n{entries}  }}\n}}\n"))], &[]);
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("undefined-reference: there is nothing named `nope` [nope]"), "{}", found[0]);
}
