use std::fmt::Write as _;

use super::{compile, findings, finds, last_x};

#[test]
fn long_chains_of_locals() {
    let mut text = String::from("locals {\n  l0 = 1\n");
    for at in 1..10_000 {
        let _ = writeln!(text, "  l{at} = local.l{} + 1", at - 1);
    }
    text += "}\np {\n  x = local.l9999\n}\n";
    assert_eq!(last_x(&text), "10000");
    // From the last to the first, and closed to a ring.
    let mut text = String::from("locals {\n");
    for at in 0..10_000 {
        let _ = writeln!(text, "  l{at} = local.l{}", (at + 1) % 10_000);
    }
    text += "}\n";
    let found = findings(&text);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].starts_with("cycle: the value of `local.l0` depends on itself: `local.l0` -> `local.l1`"),
        "{}",
        found[0]
    );
    assert!(found[0].contains("… 9992 more"), "{}", found[0]);
}

#[test]
fn deep_values() {
    for (open, close) in [("[", "]"), ("{ a = ", " }")] {
        let mut text = String::from("locals {\n  l0 = 1\n");
        for at in 1..1000 {
            let _ = writeln!(text, "  l{at} = {open}local.l{}{close}", at - 1);
        }
        text += "}\n";
        let found = findings(&text);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("limit: this value is nested more than 256 levels deep"), "{}", found[0]);
    }
    let mut text = String::from("service \"s\" {}\nlocals {\n  l0 = service.s.a.b\n");
    for at in 1..1000 {
        let _ = writeln!(text, "  l{at} = local.l{} + 1", at - 1);
    }
    text += "}\n";
    assert_eq!(findings(&text).len(), 1);
}

#[test]
fn bombs() {
    let double = |first: &str, next: &dyn Fn(usize) -> String| {
        let mut text = format!("service \"s\" {{}}\nlocals {{\n  l0 = {first}\n");
        for at in 1..40 {
            let _ = writeln!(text, "  l{at} = {}", next(at - 1));
        }
        text + "}\n"
    };
    let found = findings(&double("\"aaaaaaaa\"", &|n| format!("\"${{local.l{n}}}${{local.l{n}}}\"")));
    assert_eq!(found, ["limit: this makes a string of more than 16 MiB [local.l21]"]);
    for (first, next) in
        [("[1]", "[L, L]"), ("[1]", "concat(L, L)"), ("service.s.a", "L + L"), ("{ a = 1 }", "{ a = L, b = L }")]
    {
        let found = findings(&double(first, &|n| next.replace('L', &format!("local.l{n}"))));
        assert_eq!(found.len(), 1, "{next}: {found:?}");
        assert!(found[0].starts_with("limit: "), "{}", found[0]);
    }
    finds(
        "locals {\n  l = range(1000)\n  x = [for a in local.l : [for b in local.l : [for c in local.l : 1]]]\n}\np {\n  x = 1 / 0\n}\n",
        &[
            "limit: this makes more than 1000000 elements, or the spec more than 10000000 [local.l]",
            "arithmetic: division by zero [0]this is zero",
        ],
    );
    finds(
        "p {\n  x = range(1e18)\n}\n",
        &["limit: `range` would make a list of more than 1000000 elements [range(1e18)]"],
    );
    finds(
        "p {\n  x = \"%{ for a in range(2000) }%{ for b in range(2000) }x%{ endfor }%{ endfor }\"\n}\n",
        &["limit: this makes more than 1000000 elements, or the spec more than 10000000 [range(2000)]"],
    );
}

#[test]
fn many_blocks_and_references_are_linear() {
    let spec = |count: usize| {
        let mut text = String::from("locals {\n  image = \"registry/app\"\n}\n");
        for at in 0..count {
            let _ = writeln!(
                text,
                "bucket \"b{at}\" {{\n  name = \"${{local.image}}-{at}\"\n  next = bucket.b{}.uri\n}}",
                (at + 1) % count
            );
        }
        text
    };
    let time = |count: usize| {
        let text = spec(count);
        #[allow(clippy::disallowed_methods, reason = "a smoke test of speed needs the clock")]
        let start = std::time::Instant::now();
        let (evaluated, found, _) = compile(&[&text], None);
        assert!(found.is_empty() && evaluated.blocks.len() == count);
        start.elapsed().as_secs_f64()
    };
    time(200);
    let (small, large) = (time(500), time(5000));
    assert!(large < small * 40.0 + 0.5, "ten times as many blocks took {small} s, then {large} s");
}

#[test]
fn any_cut_and_any_soup() {
    let spec = "variable \"v\" {\n  type    = object({ a = list(string) })\n  default = { a = [\"é\"] }\n}\nlocals {\n  a = [for k, v in { x = 1 } : \"${k}-${v + 1}\" if v > 0]\n  t = <<-EOT\n    %{ for x in local.a ~}\n    ${x}\n    %{ endfor }\n  EOT\n}\nbucket \"data\" {\n  name = var.v.a[0]\n}\nworkflow \"w\" {\n  stage \"s\" {\n    x = stage.t.y > 0.8 ? upper(input.a) : bucket.data.uri\n  }\n}\n";
    for end in (0..spec.len()).filter(|end| spec.is_char_boundary(*end)) {
        let found = findings(&spec[..end]);
        assert!(found.len() < 3, "{end}: {found:?}");
    }
    let pieces = [
        "local.a",
        "var.v",
        "input",
        "stage.s",
        "[",
        "]",
        "(",
        ")",
        "{",
        "}",
        "+",
        "/",
        "%",
        "0",
        "1",
        "null",
        "\"a\"",
        "\"${",
        "}\"",
        "?",
        ":",
        "for x in ",
        "x",
        "upper(",
        ",",
        ".",
        "[*]",
        ".*",
        "==",
        "&&",
        "!",
        "-",
        "=>",
        "...",
        "bucket.data",
        "range(9)",
        "=",
        " ",
        "1e300",
        "service.s.m",
    ];
    let mut state = 99u64;
    for _ in 0..2000 {
        let mut text = String::from(
            "service \"s\" {}\nbucket \"data\" {}\nlocals {\n  a = [1, { b = 2 }]\n}\nworkflow \"w\" {\n  x = ",
        );
        for _ in 0..8 {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            text += pieces[(state >> 33) as usize % pieces.len()];
        }
        findings(&(text + "\n}\n"));
    }
}

#[test]
fn deepest_nesting_fits_the_stack() {
    for (open, close) in [
        ("[", "]"),
        ("(", ")"),
        ("{ a = ", " }"),
        ("max(", ")"),
        ("\"x${", "}\""),
        ("-", ""),
        ("true ? ", " : 2"),
        ("[for a in [1] : ", "]"),
        ("[1, 2][", "]"),
    ] {
        // Values of 16 blocks, each found through a list; where a block has many attributes, inside each other.
        let many: String = (0..40).fold(String::new(), |text, at| text + &format!("  a{at} = {at}\n"));
        let mut text = String::new();
        for at in 0..15 {
            let inner = format!("[for b in [bucket.b{}] : b.name][0]", at + 1);
            let _ = writeln!(
                text,
                "bucket \"b{at}\" {{\n{many}  name = {}{inner}{}\n}}",
                open.repeat(50),
                close.repeat(50)
            );
        }
        text += "bucket \"b15\" {\n  name = 1\n}\n";
        findings(&text);
        let few = text.replace(&many, "");
        let found = findings(&few);
        assert!(found.is_empty() || !open.starts_with('('), "{open}: {found:?}");
    }
}
