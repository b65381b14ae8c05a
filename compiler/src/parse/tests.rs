use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::source::Sources;

use super::*;

/// Parses and gives the findings as `code: message [underlined] (label [underlined])`, and the names of the blocks.
fn check(text: &str) -> (Vec<String>, String) {
    let (found, body, sources) = parsed(text);
    let show = |d: &Diagnostic| {
        let mut line = format!("{}: {}", d.code.name, d.message);
        for label in &d.labels {
            line += &format!(
                " [{}]{}",
                sources.slice(label.span).escape_default().to_string().replace("\\\"", "\"").replace("\\'", "'"),
                label.text
            );
        }
        line
    };
    let names: Vec<_> = body
        .blocks
        .iter()
        .map(|b| format!("{}.{}({})", b.kind.as_str(), b.labels.first().map_or("", |l| l.as_str()), length(&b.body)))
        .collect();
    (found.iter().map(show).collect(), names.join(" "))
}

fn length(body: &Body) -> usize {
    body.attributes.len() + body.blocks.len()
}

fn parsed(text: &str) -> (Vec<Diagnostic>, Body, Sources) {
    let sources = Sources::default();
    let file = sources.add("main.hcl", text);
    let mut diags = Diagnostics::default();
    let body = parse(&sources, file, &mut diags);
    (diags.into_sorted(), body, sources)
}

#[track_caller]
fn finds(text: &str, expected: &[&str]) {
    let (found, _) = check(text);
    assert_eq!(found, expected, "in:\n{text}");
}

#[test]
fn reads_what_is_right() {
    let text = r#"
project "p" { owner = "me" } # a comment
locals {
  /* another */
  a = [1, 2,
    3]
  b = { a = 1, "b" : 2, (var.c) = 3
    d = 4 }
  c = "x ${upper("y ${"z"}")} $${not} %%{either}"
  d = <<-EOT
    # not a comment "
    ${var.a} %{ if true ~} yes %{ else } no %{ endif }
    %{ for x in [1] }${x}%{ endfor }
    EOT
  e = a ? b : c[*].d.0.e
  f = [for k, v in { a = 1 } : "${k}" if v > 1]
  g = { for x in [1] : x => x... if true }
  h = f(1, [2]...)
  i = (
    1 +
    2
  )
  j = -1.5e3 % !true
  k = "${
    var.a
  }"
}
service risk "two" {}
"#;
    let (found, names) = check(text);
    assert_eq!(found, [""; 0]);
    assert_eq!(names, "project.p(1) locals.(11) service.risk(0)");
    assert_eq!(check(&text.replace('\n', "\r\n")).0, [""; 0]);
    assert_eq!(check("").0, [""; 0]);
}

#[test]
fn characters() {
    finds("a = \"x\nb = 1\n", &["syntax: this string is never closed [\"]"]);
    finds("service \"risk {\n  a = 1\n}\n", &["syntax: this string is never closed [\"]"]);
    finds("a = \"${b\"\nc = 1\n", &["syntax: this `${` is never closed [${]"]);
    finds("p {\n  a = \"x${b\n}\nq {}\n", &["syntax: this `${` is never closed [${]"]);
    finds("a = \"\\q\"\n", &["syntax: `\\q` is not an escape sequence [\\\\q]"]);
    finds("a = \"\\ud800 \\u00e9\"\n", &["syntax: `\\u` is not an escape sequence [\\\\u]"]);
    finds("a = \"b\0c\"\n", &["syntax: a control character (U+0000) has no place in a spec [\\u{0}]"]);
    finds(
        "\u{7}\0\0\na {}\n",
        &[
            "syntax: a control character (U+0007) has no place in a spec [\\u{7}]",
            "syntax: a control character (U+0000) has no place in a spec [\\u{0}\\u{0}]",
        ],
    );
    finds("a = 10m\n", &["syntax: `10m` is not a number [10m]"]);
    finds("a = 'b'\n", &["syntax: the character `'` has no meaning here [']"]);
    finds(
        "a = “b”\n",
        &[
            "syntax: the character `“` has no meaning here [\\u{201c}]",
            "syntax: the character `”` has no meaning here [\\u{201d}]",
        ],
    );
    finds("a {}\n/* b\n", &["syntax: this comment is never closed [/*]"]);
    finds("a = <<EOT\nb\n", &["syntax: this heredoc is never closed [<<EOT]"]);
    finds("a = <<\n", &["syntax: a heredoc begins with `<<` or `<<-`, a name, and the end of the line [<<]"]);
    finds("a² = 1\n", &["syntax: the character `²` has no meaning here [\\u{b2}]"]);
    finds("e\u{301} = 1\n", &[]);
    finds("a = b & c\n", &["syntax: the character `&` has no meaning here [&]"]);
}

#[test]
fn statements() {
    finds("a =\nb = 1\n", &["syntax: expected a value after `=` [=]"]);
    finds("a = ]\n", &["syntax: expected a value, found `]` []]"]);
    finds("a = 1 2\n", &["syntax: expected the end of the line, found `2` [2]"]);
    finds("\"a\" = 1\n", &["syntax: expected a name, found \"a\" [\"a\"]"]);
    finds("a: 1\n", &["syntax: expected `=`, found `:` [:]"]);
    finds("a.b = 1\n", &["syntax: expected `=` or `{`, found `.` [.]"]);
    finds("a\n", &["syntax: expected `=` or `{` after `a` [a]"]);
    finds("a \"b\"\n", &["syntax: expected `{` to open the block `a` after `\"b\"` [\"b\"]"]);
    finds("a { b = 1, c = 2 }\n", &["syntax: expected `}`, found `,` [,]"]);
    finds("a { b {} }\n", &["syntax: expected a new line after `{`, found `b` [b]"]);
    finds(
        "a {\n  b = 1 }\nc = ]\n",
        &["syntax: expected the end of the line, found `}` [}]", "syntax: expected a value, found `]` []]"],
    );
    assert_eq!(check("a \"b\" {\n  c = 1 }\n").1, "a.b(1)");
    assert_eq!(check("a \"\\q\" {\n  c = \"\\q\"\n}\nb {\n}\n").1, "b.(0)");
    finds("a {\n  b {\n  }}\n", &["syntax: expected the end of the line, found `}` [}]"]);
    finds("a = b::c\n", &["syntax: expected `(` after `c` [c]"]);
    finds("a = b.1e5\n", &["syntax: expected a name or an index, found `1e5` [1e5]"]);
    finds(
        "a = b.99999999999999999999\n",
        &["syntax: expected a name or an index, found `99999999999999999999` [99999999999999999999]"],
    );
    finds("a \"${b}\" {\n}\n", &["syntax: the label of a block is a plain string [\"]"]);
    finds("= 1\n", &["syntax: expected an attribute or a block, found `=` [=]"]);
    finds("a = 1 +\n", &["syntax: expected a value after `+` [+]"]);
    finds("a = b ? c\n", &["syntax: expected `:` after `c` [c]"]);
    finds("a = b.\n", &["syntax: expected a name after `.` [.]"]);
    finds("a = 1\nb = 2\na = 3\n", &["duplicate-name: the attribute `a` is given twice [a] [a]given here first"]);
    finds("a = { b = 1, \"b\" = 2 }\n", &["duplicate-name: the key `b` is given twice [\"b\"] [b]given here first"]);
}

#[test]
fn brackets() {
    finds("a = [1, 2\nb = 3\n", &["syntax: this `[` is never closed [[] [b]expected `]` before this"]);
    finds("a = [1 2]\n", &["syntax: expected `,` or `]`, found `2` [2] [[]opened here"]);
    finds("a = (1\n", &["syntax: this `(` is never closed [(]"]);
    finds("a = [1)\n", &["syntax: this `[` is never closed [[] [)]expected `]` before this"]);
    finds("a = { b = 1 c = 2 }\n", &["syntax: expected `,`, a new line or `}`, found `c` [c] [{]opened here"]);
    finds("a = { b 1 }\n", &["syntax: expected `=`, found `1` [1]"]);
    finds(
        "p {\n  a = f(1\n}\nq {\n  b = ]\n}\n",
        &[
            "syntax: this `(` is never closed [(] [}]expected `)` before this",
            "syntax: expected a value, found `]` []]",
        ],
    );
    finds("a = \"${b c}\"\n", &["syntax: expected `}`, found `c` [c] [${]opened here"]);
    finds("a = \"%{ if b }\"\n", &["syntax: this directive is never closed [%{]"]);
    finds("a = \"%{ endif }\"\n", &["syntax: this `endif` has no `%{ if … }` before it [endif]"]);
    finds("a = f(b..., c)\n", &["syntax: expected `)`, found `,` [,] [(]opened here"]);
    finds("a = \"%{ if b }%{ else }%{ else }%{ endif }\"\n", &["syntax: this `if` has an `else` already [else]"]);
    finds(
        "a = { b = 1, \"\\u0062\" = 2 }\n",
        &["duplicate-name: the key `b` is given twice [\"\\\\u0062\"] [b]given here first"],
    );
    finds("a = [for x : x]\n", &["syntax: expected `in`, found `:` [:]"]);
    finds("a = {for x in y : x}\n", &["syntax: expected `=>`, found `}` [}]"]);
}

#[test]
fn blocks_that_do_not_close() {
    let text = "a \"one\" {\n  b {\n    c = 1\n\n}\nd \"two\" {\n  e = 1\n}\n";
    let (found, names) = check(text);
    assert_eq!(found, ["syntax: this block is never closed [{]"]);
    // The inner block is the one without a brace: the brace that follows stands at the margin.
    assert_eq!(parsed(text).0[0].labels[0].span.start, 14);
    assert_eq!(names, "a.one(0) d.two(1)", "the header stays, for others refer to it");
    finds(
        "a {\n}\n}\nb {\n  c =\n}\n",
        &["syntax: this `}` closes nothing [}]", "syntax: expected a value after `=` [=]"],
    );
    finds("a {", &["syntax: this block is never closed [{]"]);
    finds("a {\nb {\n}\n", &["syntax: this block is never closed [{]"]);
}

#[test]
fn independent_errors_are_each_reported_once() {
    let text = "a \"one\" {\n  x =\n  y = 1\n  z = [1 2]\n}\nb \"two\" {\n  s = <<EOT\nc \"no\" {\nEOT\n  t = \"open\n}\nd \"three\" {\n  u = 3\n";
    let (found, names) = check(text);
    assert_eq!(
        found,
        [
            "syntax: expected a value after `=` [=]",
            "syntax: expected `,` or `]`, found `2` [2] [[]opened here",
            "syntax: this string is never closed [\"]",
            "syntax: this block is never closed [{]",
        ]
    );
    assert_eq!(names, "a.one(1) b.two(1) d.three(0)");
}

#[test]
fn limits() {
    for (open, close) in
        [("[", "]"), ("(", ")"), ("{a=", "}"), ("f(", ")"), ("\"${", "}\""), ("-", ""), ("a ? b : ", ""), ("a[", "]")]
    {
        for close in [close, ""] {
            let text = format!("p {{\n  a = {}1{}\n}}\nq {{}}\n", open.repeat(100_000), close.repeat(100_000));
            let (found, _) = check(&text);
            assert_eq!(found.len(), 1, "{open} {close}: {found:?}");
            // An unclosed string says so; it ends with its line.
            assert!(
                open.contains('"') && close.is_empty()
                    || found[0].starts_with("limit: this is nested more than 60 levels deep"),
                "{open} {close}: {}",
                found[0]
            );
        }
    }
    for text in ["a {\n".repeat(100_000) + &"}\n".repeat(100_000), "a {\n".repeat(100_000)] {
        let (found, _) = check(&text);
        assert_eq!(found, ["limit: this is nested more than 60 levels deep [{]"]);
    }
    let deep = format!("a = {}1{}\n", "[".repeat(59), "]".repeat(59));
    finds(&deep, &[]);
    finds(&format!("a = 1{}\n", " + 1".repeat(128)), &[]);
    let (found, _) = check(&format!("a = 1{}\n", " + 1".repeat(100_000)));
    assert_eq!(found, ["limit: this chain has more than 128 operators [1]"]);
    let nested = format!("a = 1{} + (1{})\n", " + 1".repeat(90), " + 1".repeat(90));
    assert!(check(&nested).0[0].starts_with("limit: this chain has more than 128 operators"), "{:?}", check(&nested).0);
    let keys: String = (0..100_000).map(|i| format!("k{i} = {i}\n")).collect();
    finds(&format!("a = {{\n{keys}}}\n"), &[]);
}

const SPEC: &str = r#"
project "fraud" { owner = "risk" }
locals {
  names = [for n in ["a", "b"] : upper(n) if n != "é"]
  text = <<-EOT
    hello ${env.name} %{ if true ~} x %{ endif }
  EOT
}
service "risk" {
  image = "${var.registry}/risk:${"nested ${1 + 2}"}" # comment
  scaling {
    min = local.x[0].y
    max = { a = 1, "b" = -2 }["a"]
    target "cpu" { utilization = "70%" }
  }
}
"#;

#[test]
fn cut_anywhere_there_is_no_panic() {
    for end in (0..SPEC.len()).filter(|end| SPEC.is_char_boundary(*end)) {
        let (found, ..) = parsed(&SPEC[..end]);
        assert!(found.len() < 3, "{end}: {found:?}");
        let (left, right) = SPEC.split_at(end);
        let mut right = right.chars();
        right.next();
        parsed(&format!("{left}{}", right.as_str()));
        parsed(&format!("{left}\"{}", right.as_str()));
    }
}

#[test]
fn soup_does_not_panic() {
    let pieces = [
        "\"", "${", "%{", "}", "{", "[", "]", "(", ")", "\n", " ", "a", "é", "=", "==", "?", ":", ".", "*", "<<EOT\n",
        "EOT", "for ", "in ", "if ", "endif", "1", "1.5e", "-", "!", "#", "/*", "*/", "\\", "~}", "\0", "=>", "...",
        ",",
    ];
    let mut state = 12345u64;
    for _ in 0..3000 {
        let mut text = String::new();
        for _ in 0..40 {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            text += pieces[(state >> 33) as usize % pieces.len()];
        }
        parsed(&text);
    }
}

#[test]
fn a_file_that_is_no_spec_is_told_in_few_words() {
    let (found, _) = check(&"a = ]\n".repeat(60));
    assert_eq!(found.len(), 51);
    assert!(found.iter().any(|f| f == "syntax: `main.hcl` has 10 more syntax errors"), "{found:?}");
}

#[test]
fn line_ends_in_brackets_mean_nothing() {
    for expression in [
        "[for e in a + # more\n b : e]",
        "[for\n e in a : e]",
        "{\nfor e in a == # more\n b : e => e }",
        "(!\n# more\n a)",
        "f(- // more\r\n a, <<E\nx\nE\n, b)",
        "\"${a ? - # more\n b : !\n\n c}\"",
        "\"${\n a\n}-${\n b\n}\"",
        "(!\"${a}\"\n== -\n1)",
        "\"${\n-\"a\"}b${\nc}\"",
        "{ a = [1] == b # more\n (c) = <<E\n(\nE\n (d) = [for e in {\n a = (-\n1) + c\n (b) = 2 } : e],\n\n (e) = f(1) == b\n\n (g) = !{\n}\n}",
        "[-\n1, { b = 1\n c = f(-\n1)\n d = 2 }]",
    ] {
        let (found, body, _) = parsed(&format!("a = {expression}\nb = 1\n"));
        assert!(found.is_empty() && length(&body) == 2, "{expression}: {found:?}");
    }
    finds("a /* b */ \"c\" /*\n*/ {\n d /* e\n */ = 1\n}\n", &[]);
    // A broken item beside such a line is the only fault.
    finds("a {\n b = ]\n}\nc {\n d = (-\n1)\n}\n", &["syntax: expected a value, found `]` []]"]);
}

#[test]
fn an_empty_heredoc_ends_with_its_own_delimiter() {
    let (found, body, _) = parsed("a = <<E\nE\nb = f(<<-E\n  E\n, 1)\nc = <<E\nx\nE\n");
    assert!(found.is_empty() && length(&body) == 3, "{body:?}");
}
