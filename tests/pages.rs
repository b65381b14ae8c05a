//! The page of every code tells the truth: its first example fails with exactly that code, its second is sound.

use windlass_schemas::codes::CODES;

use crate::support::{compile, root, windlass};

/// The contents of the fences with this opening line.
pub fn fences(page: &str, opening: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut inside: Option<String> = None;
    for line in page.lines() {
        match &mut inside {
            Some(text) if line == "```" => found.push(std::mem::take(text)),
            Some(text) => {
                *text += line;
                text.push('\n');
                continue;
            }
            None if line == opening => {
                inside = Some(String::new());
                continue;
            }
            None => continue,
        }
        inside = None;
    }
    found
}

#[test]
fn examples_fail_and_are_mended() {
    // What no spec's text can show, `bad_input` does.
    let without_example = ["execution-failed", "not-proven", "not-run", "not-utf8", "output", "spec-unreadable"];
    let mut wrong = String::new();
    for code in CODES {
        let failing = fences(code.page, "```hcl,fails");
        let mended = fences(code.page, "```hcl");
        if without_example.contains(&code.name) {
            assert!(failing.is_empty(), "{}", code.name);
            continue;
        }
        if failing.len() != 1 || mended.len() != 1 {
            wrong += &format!("{}: {} failing and {} mended examples\n", code.name, failing.len(), mended.len());
            continue;
        }
        let check = |spec: &str| compile(&[("main.hcl", spec)], None, &root().join("tests/ui"));
        let outcome = check(&failing[0]);
        if outcome.codes() != [code.name] {
            wrong += &format!("{}: the failing example gives\n{}\n", code.name, outcome.drawn());
        }
        let outcome = check(&mended[0]);
        if !outcome.found.is_empty() {
            wrong += &format!("{}: the mended example gives\n{}\n", code.name, outcome.drawn());
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn codes_are_sorted_and_titled() {
    assert!(CODES.is_sorted_by_key(|code| code.name));
    for code in CODES {
        let title = code.page.lines().next().unwrap_or_default();
        assert_eq!(title, format!("# {}", code.name));
        assert!(code.page.ends_with('\n') && code.page.lines().count() > 3, "{} has no story", code.name);
    }
}

#[test]
fn explain_prints_the_page() {
    for code in CODES {
        let printed = windlass(&["explain", code.name]);
        assert!(printed.status.success());
        assert_eq!(String::from_utf8_lossy(&printed.stdout), code.page);
    }
    let unknown = windlass(&["explain", "unknown-atribute"]);
    assert_eq!(unknown.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("did you mean `unknown-attribute`?"));
}
