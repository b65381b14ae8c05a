//! The reference: its generated parts are what the declarations say, and its examples do what it says.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use windlass::evaluate::{Inputs, evaluate};
use windlass::modules::load;
use windlass_schemas::diagnostic::Diagnostics;
use windlass_schemas::source::Sources;
use windlass_schemas::spec::values::to_json;

use crate::pages::fences;
use crate::support::{Folder, compile, root};

fn pages() -> Vec<(String, PathBuf, String)> {
    let entries = fs::read_dir(root().join("schemas/reference")).expect("a folder");
    let mut pages: Vec<_> = entries
        .map(|entry| {
            let path = entry.expect("an entry").path();
            let name = path.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
            let text = fs::read_to_string(&path).expect("a page");
            (name, path, text)
        })
        .collect();
    pages.sort();
    pages
}

/// The help of every command.
fn commands() -> String {
    let help = |command: &[&str]| {
        let run = Command::new(env!("CARGO_BIN_EXE_windlass"))
            .args(command)
            .arg("--help")
            .env("COLUMNS", "100")
            .output()
            .expect("the command starts");
        let text = String::from_utf8(run.stdout).expect("UTF-8");
        text.lines().map(|line| line.trim_end().to_owned() + "\n").collect::<String>()
    };
    let all = help(&[]);
    let mut text = format!("\n```text\n{all}```\n");
    let list = all.split("Commands:\n").nth(1).expect("commands").split("\n\n").next().expect("a list");
    for line in list.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   ")) {
        let command = line.split_whitespace().next().expect("a name");
        text += &format!("\n## `windlass {command}`\n\n```text\n{}```\n", help(&[command]));
    }
    text
}

/// The page with its generated parts written anew.
fn fresh(page: &str) -> String {
    let mut fresh = String::new();
    let mut rest = page;
    while let Some((before, after)) = rest.split_once("<!-- generated: ") {
        let (name, after) = after.split_once(" -->").expect("a mark ends");
        let (_, after) = after.split_once("<!-- end -->").expect("a part ends");
        let part = match name {
            "commands" => commands(),
            _ => windlass::reference::part(name).unwrap_or_else(|| panic!("no part `{name}`")),
        };
        fresh += &format!("{before}<!-- generated: {name} -->\n\n{}\n\n<!-- end -->", part.trim());
        rest = after;
    }
    fresh + rest
}

#[test]
fn its_tables_are_fresh() {
    let mut stale = Vec::new();
    for (name, path, page) in pages() {
        let fresh = fresh(&page);
        if fresh != page {
            stale.push(name);
            if std::env::var_os("BLESS").is_some() {
                fs::write(path, fresh).expect("written");
                stale.pop();
            }
        }
    }
    assert!(stale.is_empty(), "{stale:?}: run `BLESS=1 cargo test` and read the difference");
}

#[test]
fn its_links_lead_somewhere() {
    for (name, path, page) in pages() {
        for (at, _) in page.match_indices("](") {
            let link = page[at + 2..].split(')').next().expect("a link");
            if link.starts_with("http") {
                continue;
            }
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = path.parent().expect("a folder").join(file);
            assert!(target.is_file(), "{name}: {link}");
            let text = fs::read_to_string(target).expect("a page");
            let anchors = text.lines().filter(|line| line.starts_with('#')).map(|line| {
                line.trim_start_matches(['#', ' ']).to_lowercase().replace(' ', "-").replace(['`', '"', '\''], "")
            });
            assert!(anchor.is_empty() || anchors.into_iter().any(|a| a == anchor), "{name}: {link}");
        }
    }
}

/// What an example with a workflow leaves out.
const PLATFORM: &str = r#"
platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}
"#;

#[test]
fn its_examples_compile() {
    let mut compiled = 0;
    for (name, _, page) in pages() {
        for example in fences(&page, "```hcl") {
            let platform = if example.contains("workflow \"") { PLATFORM } else { "" };
            let spec = format!("project \"p\" {{}}\n{platform}\n{example}");
            let outcome = compile(&[("main.hcl", &spec)], None, &root().join("tests/ui"));
            assert!(outcome.found.is_empty(), "{name}:\n{example}\n{}", outcome.drawn());
            compiled += 1;
        }
    }
    assert!(compiled >= 8, "{compiled} examples");
}

/// The value of `x` in a block, as JSON; the findings when there is none.
fn value_of(given: &str, expression: &str) -> Result<serde_json::Value, String> {
    let sources = Sources::default();
    sources.add("main.hcl", format!("{given}\nexample {{\n  x = {expression}\n}}\n"));
    let mut diags = Diagnostics::default();
    let files = Folder(root().join("tests/ui"));
    let folders = load(&sources, &files, &mut diags);
    let evaluated = evaluate(&sources, &folders, &Inputs { environment: None, variables: &[] }, &files, &mut diags);
    let found: Vec<String> = diags.into_sorted().into_iter().map(|found| found.message).collect();
    if !found.is_empty() {
        return Err(found.join("\n"));
    }
    let block = evaluated.blocks.iter().find(|block| block.kind.value == "example").expect("a block");
    to_json(block.get("x").expect("a value")).map_err(|refusal| format!("{refusal:?}"))
}

/// `EXPRESSION  # VALUE`, or `# WORDS: VALUE`.
#[test]
fn its_expressions_have_the_values_that_it_says() {
    let mut looked_at = 0;
    for (name, _, page) in pages() {
        let given: String = fences(&page, "```hcl,given").concat();
        for line in fences(&page, "```hcl,values").iter().flat_map(|fence| fence.lines()) {
            let (expression, says) = line.rsplit_once("  # ").unwrap_or_else(|| panic!("{name}: {line}"));
            let words = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c == ' ');
            let expected = says.split_once(": ").filter(|(before, _)| words(before)).map_or(says, |(_, value)| value);
            let (got, expected) = (value_of(&given, expression.trim()), value_of("", expected));
            assert!(got.is_ok() && got == expected, "{name}: `{line}` gives {got:?}, not {expected:?}");
            looked_at += 1;
        }
    }
    assert!(looked_at > 25, "{looked_at} expressions");
}
