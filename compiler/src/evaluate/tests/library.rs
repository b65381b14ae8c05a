//! Functions where their values are not the question: what they bear with, what they cost, what marks they keep.

use std::collections::BTreeMap;

use windlass_schemas::diagnostic::Diagnostics;
use windlass_schemas::source::Sources;
use windlass_schemas::value::Value;

use super::super::{Inputs, evaluate};
use super::{findings, finds, last_x, show, shown};
use crate::modules::Folders;
use crate::parse::parse;

fn gives(expression: &str, expected: &str) {
    assert_eq!(last_x(&format!("p {{\n  x = {expression}\n}}\n")), expected, "{expression}");
}

/// `x` of the block `p`, and what is found, in a project with these files.
fn with_files(text: &str, files: &[(&str, &str)]) -> (Option<Value>, Vec<String>, usize) {
    let sources = Sources::default();
    let mut diags = Diagnostics::default();
    let file = sources.add("main.hcl", text);
    let bodies = vec![(file, parse(&sources, file, &mut diags))];
    let files: BTreeMap<String, Vec<u8>> =
        files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
    let evaluated = evaluate(&sources, &Folders::root(bodies), &Inputs::default(), &files, &mut diags);
    let found = diags.into_sorted().iter().map(|finding| show(finding, &sources)).collect();
    (evaluated.blocks.last().and_then(|block| block.get("x")).cloned(), found, sources.iter().count())
}

#[test]
fn an_attempt_hides_its_own_mistakes_only() {
    // That of a local is the local's.
    finds(
        "locals {\n  broken = 1 / 0\n}\np {\n  x = try(local.broken, \"default\")\n}\n",
        &["arithmetic: division by zero [0]this is zero"],
    );
    // In whichever order they are evaluated: a computed reference reaches the local only from inside of the attempt.
    let more: String = (0..40).map(|at| format!("  a{at} = 1\n")).collect();
    let text = format!(
        "service \"s\" {{\n  x = [for b in [bucket.b] : try(b.name, \"d\")]\n}}\nbucket \"b\" {{\n{more}  name = 1 / 0\n}}\n"
    );
    finds(&text, &["arithmetic: division by zero [0]this is zero"]);
    finds(
        "p {\n  x = try(nothing.here, 1)\n}\n",
        &[
            "undefined-reference: there is nothing named `nothing` [nothing] (a string is written in quotes: `\"nothing\"`; \
           a reference begins with `var`, `local`, `env`, `path`, `module`, `each`, `input`, `stage`, or a kind of block)",
        ],
    );
    let found = findings("p {\n  x = [can(upper([])), try(range(1e9), 1)]\n}\n");
    assert_eq!(found, ["limit: `range` would make a list of more than 1000000 elements [range(1e9)]"]);
    gives("[can(1 / 0), can(1), try(1 / 0, try([][0], 5))]", "[false, true, 5]");
    for later in ["try([for v in input.l : v], [])", "can(input.l[*].a)", "try(input.a, 1)"] {
        let found = findings(&format!("workflow \"w\" {{\n  x = {later}\n}}\n"));
        assert_eq!(found.len(), 1, "{later}: {found:?}");
        assert!(found[0].starts_with("known-later: "), "{later}: {found:?}");
    }
    // What is behind the first that works is not looked at.
    gives("try(1, 2 / 0)", "1");
}

#[test]
fn the_branch_not_taken_is_looked_at_for_its_type_and_its_names() {
    gives("true ? 1 : [][5]", "1");
    gives("false ? jsondecode(\"{\") : 1", "1");
    let found = findings("p {\n  x = true ? 1 : local.nope\n}\n");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("undefined-reference: there is no local value `nope`"), "{found:?}");
}

#[test]
fn sets_have_no_order() {
    gives("[for k, v in toset([\"b\", \"a\"]) : \"${k}${v}\"]", "[\"aa\", \"bb\"]");
    gives("toset([{ b = 1 }, { a = 1 }]) == toset([{ a = 1 }, { b = 1 }])", "true");
    let text = "variable \"v\" {\n  type    = set(number)\n  default = [10, 9, \"9\"]\n}\np {\n  x = [for k, v in var.v : k]\n}\n";
    assert_eq!(last_x(text), "[9, 10]");
    gives("tolist(toset([\"b\", \"a\"]))[0]", "\"a\"");
    let found = findings("p {\n  x = setunion([\"a\"], [\"b\"])[0]\n}\n");
    assert!(found[0].starts_with("invalid-operand: a set has no order, and so no indexes [0]"), "{found:?}");
}

#[test]
fn templates_are_read_and_parsed_once() {
    let text = "p {\n  x = [for n in range(100) : templatefile(\"./t.txt\", { n = n })]\n}\n";
    let (value, found, sources) = with_files(text, &[("t.txt", "<${n}>")]);
    assert_eq!(found, [""; 0]);
    assert!(value.is_some_and(|value| shown(&value).starts_with("[\"<0>\", \"<1>\", ")));
    assert_eq!(sources, 2);
    let text = "p {\n  x = [for n in range(3) : templatefile(\"t.txt\", { n = n })]\n}\n";
    let (_, found, _) = with_files(text, &[("t.txt", "line\n${n")]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("syntax: this `${` is never closed [${]"), "{found:?}");
}

#[test]
fn templates_know_only_what_they_are_given() {
    let text = "locals {\n  a = 1\n}\np {\n  x = templatefile(\"t.txt\", { name = \"x\" })\n}\n";
    for (template, says) in [
        ("${local.a}", "undefined-reference: the template has no variable `local` [local]"),
        ("${nam}", "undefined-reference: the template has no variable `nam` [nam]"),
        ("${templatefile(\"t.txt\", {})}", "invalid-operand: `templatefile` cannot be called inside a template"),
        ("${name.x}", "invalid-operand: a string has no attribute `x` [x]"),
    ] {
        let (_, found, _) = with_files(text, &[("t.txt", template)]);
        assert_eq!(found.len(), 1, "{template}: {found:?}");
        assert!(found[0].starts_with(says), "{template}: {found:?}");
        assert!(
            found[0].contains("[templatefile(\"t.txt\", { name = \"x\" })]the template is filled in here"),
            "{found:?}"
        );
    }
    let (value, found, _) = with_files(
        "p {\n  x = templatefile(\"t.txt\", { name = \"x\", l = [1, 2] })\n}\n",
        &[("t.txt", "%{ for name in l ~}\n${name} of ${upper(\"l\")}\n%{ endfor ~}\n\\n \"${name}\"")],
    );
    assert_eq!(found, [""; 0]);
    assert_eq!(value.map(|value| shown(&value)).as_deref(), Some("\"1 of L\\n2 of L\\n\\\\n \\\"x\\\"\""));
}

#[test]
fn paths_stay_in_the_project() {
    for path in ["/a", "../a", "a/../../a", "~/a", "C:/a", "\\\\a", "a\\u0000"] {
        let found = findings(&format!("p {{\n  x = file(\"{path}\")\n}}\n"));
        assert_eq!(found.len(), 1, "{path}: {found:?}");
        assert!(found[0].contains("paths are relative to the project's folder"), "{path}: {found:?}");
        assert!(!found[0].contains("cannot read"), "{path}: {found:?}");
    }
    let (value, found, _) = with_files("p {\n  x = file(\"a/../b/./c.txt\")\n}\n", &[("b/c.txt", "e\u{301}")]);
    assert_eq!(found, [""; 0]);
    assert_eq!(value.map(|value| shown(&value)).as_deref(), Some("\"é\""));
}

#[test]
fn file_sets_go_as_deep_as_the_pattern() {
    let files = [("a.txt", ""), ("d/b.txt", ""), ("d/e/c.txt", ""), ("d/e/.h.txt", ""), ("d/x.md", "")];
    for (pattern, expected) in [
        ("*.txt", "[\"a.txt\"]"),
        ("**/*.txt", "[\"a.txt\", \"d/b.txt\", \"d/e/.h.txt\", \"d/e/c.txt\"]"),
        ("d/*", "[\"d/b.txt\", \"d/x.md\"]"),
        ("d/**/[bc].txt", "[\"d/b.txt\", \"d/e/c.txt\"]"),
        ("{a,d/b}.txt", "[\"a.txt\", \"d/b.txt\"]"),
        ("none/*", "[]"),
    ] {
        let (value, found, _) = with_files(&format!("p {{\n  x = fileset(\".\", \"{pattern}\")\n}}\n"), &files);
        assert_eq!(found, [""; 0], "{pattern}");
        assert_eq!(value.map(|value| shown(&value)).as_deref(), Some(expected), "{pattern}");
    }
}

#[test]
fn without_counterpart_in_terraform() {
    for (expression, expected) in [
        ("cidrcontains(\"10.0.0.0/8\", \"10.1.2.3\")", "true"),
        ("cidrcontains(\"10.0.0.0/8\", \"10.1.0.0/16\")", "true"),
        ("cidrcontains(\"10.0.0.0/16\", \"10.0.0.0/8\")", "false"),
        ("cidrcontains(\"10.0.0.0/8\", \"11.0.0.1\")", "false"),
        ("cidrcontains(\"::/0\", \"10.0.0.1\")", "false"),
        ("cidrcontains(\"fd00::/8\", \"fd12::1\")", "true"),
        // As `gunzip` reads it.
        ("substr(base64gzip(\"hello\"), 0, 6)", "\"H4sIAA\""),
        (
            "yamldecode(\"a: 0o17\\nb: 0x1f\\nc: 1_000\\nd: 2026-01-02\")",
            "{a: 15, b: 31, c: \"1_000\", d: \"2026-01-02\"}",
        ),
    ] {
        gives(expression, expected);
    }
}

/// Each would take hours, or all memory, if nothing held it.
#[test]
fn bombs_of_functions() {
    let nested = (0..30).fold("a: &a0 [x, x]\\n".to_owned(), |text, at| {
        text + &format!("b{at}: &a{} [*a{at}, *a{at}, *a{at}, *a{at}]\\n", at + 1)
    });
    for (expression, says) in [
        (format!("yamldecode(\"{nested}\")"), "yamldecode"),
        (format!("yamldecode(\"{}\")", "[".repeat(5000)), "yamldecode"),
        (format!("jsondecode(\"{}\")", "[".repeat(5000)), "jsondecode"),
        ("setproduct(range(100), range(100), range(100), range(100))".to_owned(), "limit"),
        ("join(\"\", [for n in range(100000) : format(\"%1000d\", n)])".to_owned(), "limit"),
        ("indent(1000000, join(\"\", [for n in range(100) : \"\\n\"]))".to_owned(), "limit"),
        (
            "formatlist(join(\"\", [for n in range(100000) : \"%[1]t\"]), [for n in range(10000) : true])".to_owned(),
            "limit",
        ),
        ("regexall(\"(((a{1,50}){1,50}){1,50})\", \"a\")".to_owned(), "too large"),
        ("replace(join(\"\", [for n in range(100000) : \"a\"]), \"/a/\", join(\"\", range(1000)))".to_owned(), "limit"),
        ("[for n in range(100000) : regex(\"a\", \"a\")]".to_owned(), "limit"),
        ("timeadd(\"2020-01-01T00:00:00Z\", \"99999999999999h\")".to_owned(), "timeadd"),
        ("pow(10, 1e300)".to_owned(), "finite"),
        ("parseint(join(\"\", [for n in range(1000) : \"9\"]), 10)".to_owned(), "too large"),
    ] {
        let found = findings(&format!("p {{\n  x = {expression}\n}}\n"));
        assert_eq!(found.len(), 1, "{}: {found:?}", &expression[..expression.len().min(80)]);
        assert!(found[0].contains(says), "{}", &found[0][..found[0].len().min(200)]);
    }
}

/// Arguments of every kind and number give a value or a finding.
#[test]
fn no_call_panics() {
    let values = [
        "null",
        "true",
        "0",
        "-1",
        "1.5",
        "1e300",
        "9223372036854775807",
        "-9223372036854775808",
        "\"\"",
        "\"é\"",
        "\"/(/\"",
        "\"%s%[2]d%.3g\"",
        "\"2024-02-29T23:59:59.5+01:00\"",
        "\"10.0.0.0/8\"",
        "\"::/0\"",
        "\"-1h\"",
        "[]",
        "[1, \"a\", null]",
        "[[]]",
        "{}",
        "{ a = 1 }",
        "toset([\"a\"])",
        "bucket.b",
    ];
    for function in super::super::functions::all() {
        let mut text = "bucket \"b\" {}\np {\n  x = [\n".to_owned();
        for at in 0..values.len() * 12 {
            let args: Vec<_> = (0..at % 4).map(|n| values[(at * 7 + n * (at / 4 + 3)) % values.len()]).collect();
            text += &format!("    can({}({})),\n", function.name, args.join(", "));
        }
        text += "  ]\n}\n";
        findings(&text);
    }
}
