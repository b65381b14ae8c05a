//! What no spec's text reaches: warnings, places in long texts and odd names.

use windlass_schemas::codes::{Code, MODEL_MISMATCH, SYNTAX};
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics, Severity};
use windlass_schemas::source::{Origin, Sources};
use windlass_schemas::span::Span;

use super::places::{Places, Point};
use super::{Findings, Style, github, human, join, json, sarif};

static HINT: Code = Code { name: "hint", severity: Severity::Warning, page: "# hint\n\nFor tests.\n" };

fn point(text: &str, byte: usize) -> Point {
    let sources = Sources::default();
    let file = sources.add("a.hcl", text);
    Places::new(&sources).range(Span::new(file, byte..byte)).0
}

#[test]
fn columns_are_characters() {
    assert_eq!(point("ä = 1\nb😀c", 7), Point { line: 2, column: 1, byte: 7 });
    assert_eq!(point("ä = 1\nb😀c", 12), Point { line: 2, column: 3, byte: 12 });
    assert_eq!(point("ä", 1), Point { line: 1, column: 1, byte: 0 }, "inside of a character is at its start");
    assert_eq!(point("", 9), Point { line: 1, column: 1, byte: 0 });
    let long = "ä".repeat(5000);
    assert_eq!(point(&format!("x\n{long}"), 2 + 2 * 4999), Point { line: 2, column: 5000, byte: 10000 });
}

#[test]
fn an_excerpt_of_a_long_line_is_short() {
    let sources = Sources::default();
    let text = format!("a = \"{}\"\r\nb = 2\r\n", "ä".repeat(100_000));
    let file = sources.add("a.hcl", text.as_str());
    let places = Places::new(&sources);
    let middle = places.excerpt(Span::new(file, 50_001..50_003));
    assert!(middle.text.len() <= 602 && &middle.text[middle.range] == "ä", "{}", middle.text);
    let whole = places.excerpt(Span::new(file, 4..text.len() - 9));
    assert!(whole.text.len() <= 602 && whole.range.end == whole.text.len());
    let second = text.find('b').expect("there");
    let second = places.excerpt(Span::new(file, second..second + 1));
    assert_eq!((second.text, second.line, second.range), ("b = 2", 2, 0..1));
}

fn found() -> (Sources, Vec<Diagnostic>) {
    let sources = Sources::default();
    let file = sources.add("100%,a:b.hcl", "a = ä[0]\nb = 2\n");
    let model = sources.add_from(Origin::Rendered, "models/risk.onnx", "input  features  f32[n, 4]\n");
    let mut first = Diagnostic::at(&HINT, Span::new(file, 4..9), "this is 100%\r\nodd").saying("here");
    first.values.push(("each.key".to_owned(), "\"eu\"".to_owned()));
    let second = Diagnostic::at(&MODEL_MISMATCH, Span::new(file, 10..11), "no such tensor")
        .label(Span::new(model, 7..15), "declared here")
        .help("write another");
    (sources, vec![first, second, Diagnostic::nowhere(&SYNTAX, "and more")])
}

#[test]
fn github_escapes_what_separates() {
    let (sources, found) = found();
    let findings = Findings { found: &found, sources: &sources, strict: false, folder: "infra/", here: "" };
    let expected = "\
::warning file=infra/100%25%2Ca%3Ab.hcl,line=1,endLine=1,col=5,endColumn=9,title=hint::this is 100%25%0D%0Aodd%0Ahere%0Aeach.key is \"eu\"
::error file=infra/100%25%2Ca%3Ab.hcl,line=2,endLine=2,col=1,endColumn=2,title=model-mismatch::no such tensor%0Adeclared here: input  features  f32[n, 4], in infra/models/risk.onnx%0Ahelp: write another
::error title=syntax::and more
";
    assert_eq!(github(&findings), expected);
}

#[test]
fn warnings_can_count_as_errors() {
    let (sources, mut found) = found();
    found.truncate(1);
    let lax = Findings { found: &found, sources: &sources, strict: false, folder: "", here: "" };
    let strict = Findings { strict: true, ..lax };
    assert!(!lax.failed() && strict.failed());
    assert!(human(&lax, Style::Ascii, 100).ends_with("\n1 warning\n"));
    assert!(
        human(&strict, Style::Ascii, 100)
            .ends_with("\n1 error (1 warning counted as such by `--warnings-as-errors`)\n")
    );
    assert!(json(&lax).contains("\"valid\": true") && json(&lax).contains("\"severity\": \"warning\""));
    assert!(json(&strict).contains("\"valid\": false") && json(&strict).contains("\"severity\": \"error\""));
    assert!(sarif(&lax).contains("\"level\": \"warning\""));
    assert!(
        !sarif(&strict)
            .replace("\"defaultConfiguration\": {\n                \"level\": \"warning\"", "")
            .contains("warning\"")
    );
    assert!(github(&lax).starts_with("::warning ") && github(&strict).starts_with("::error "));
}

#[test]
fn values_stand_below_the_words() {
    let (sources, found) = found();
    let findings = Findings { found: &found, sources: &sources, strict: false, folder: "", here: "" };
    let drawn = human(&findings, Style::Ascii, 100);
    assert!(drawn.contains("here") && drawn.contains("`each.key` is \"eu\""), "{drawn}");
}

#[test]
fn many_places_of_one_finding_are_counted() {
    let sources = Sources::default();
    let file = sources.add("a.hcl", "x\n".repeat(20_000));
    let place = |at: usize| Span::new(file, at * 2..at * 2 + 1);
    let first = Diagnostic::at(&SYNTAX, place(0), "odd").help("do so");
    let found = [(1..20_000).fold(first, |found, at| found.label(place(at), "and here"))];
    let findings = Findings { found: &found, sources: &sources, strict: false, folder: "", here: "" };
    let drawn = human(&findings, Style::Ascii, 100);
    assert_eq!(drawn.matches("and here").count(), 7);
    assert!(drawn.contains("help: do so\n        19992 more places are not shown\n"), "{drawn}");
    assert_eq!(json(&findings).matches("and here").count(), 19_999);
}

#[test]
fn what_lies_between_two_places_is_not_drawn() {
    let sources = Sources::default();
    let text: String = (0..3000).map(|n| format!("ä line {n}\n")).collect();
    let file = sources.add("a.hcl", text.as_str());
    let place = |line: &str| {
        let at = text.find(line).expect("a line");
        Span::new(file, at..at + line.len())
    };
    let found = [Diagnostic::at(&SYNTAX, place("line 2900"), "odd").label(place("line 1000\n"), "because")];
    let findings = Findings { found: &found, sources: &sources, strict: false, folder: "", here: "" };
    let drawn = human(&findings, Style::Ascii, 100);
    assert!(drawn.contains("[a.hcl:2901:3]") && drawn.contains("because"), "{drawn}");
    assert!(drawn.lines().count() < 20, "{drawn}");
}

#[test]
fn a_line_of_megabytes_is_drawn_in_part() {
    let sources = Sources::default();
    let file = sources.add("a.hcl", format!("a = \"{0}\" + b + \"{0}\"\n", "ä".repeat(1 << 20)));
    let at = 4 + 1 + (2 << 20) + 1 + 3;
    let found = [Diagnostic::at(&SYNTAX, Span::new(file, at..at + 1), "odd")];
    let findings = Findings { found: &found, sources: &sources, strict: false, folder: "", here: "" };
    let drawn = human(&findings, Style::Ascii, 100);
    assert!(drawn.len() < 20_000 && drawn.contains(" + b + ") && drawn.contains("[a.hcl:1:1048586]"), "{drawn}");
}

#[test]
fn paths_are_plain() {
    assert_eq!(join("", "a.hcl"), "a.hcl");
    assert_eq!(join(".", "a.hcl"), "a.hcl");
    assert_eq!(join("infra", "../shared/a.hcl"), "shared/a.hcl");
    assert_eq!(join("..", "../a.hcl"), "../../a.hcl");
    assert_eq!(join("/srv/x", "a.hcl"), "/srv/x/a.hcl");
    assert_eq!(join("/", "../a.hcl"), "/a.hcl");
}

#[test]
fn what_came_on_the_command_line_is_no_file() {
    let sources = Sources::default();
    let argument = sources.add_from(Origin::Argument, "--var x", "x = 1\n");
    let values = sources.add_from(Origin::Outside, "values/prod.hcl", "y = 1\n");
    let found = [
        Diagnostic::at(&SYNTAX, Span::new(argument, 4..5), "odd"),
        Diagnostic::at(&SYNTAX, Span::new(values, 4..5), "odd"),
    ];
    let findings = Findings { found: &found, sources: &sources, strict: false, folder: "infra", here: "ci" };
    let expected = "\
::error title=syntax::odd, in `--var x`
::error file=ci/values/prod.hcl,line=1,endLine=1,col=5,endColumn=6,title=syntax::odd
";
    assert_eq!(github(&findings), expected);
    assert!(sarif(&findings).contains("\"odd, in `--var x`\"") && !sarif(&findings).contains("--var%20x"));
    assert!(
        json(&findings).contains("\"filename\": \"--var x\"") && json(&findings).contains("\"ci/values/prod.hcl\"")
    );
}

#[test]
fn many_findings_take_no_longer_each() {
    // 20,000 findings on one line of 4 MB: where each place is counted from the start, this takes minutes.
    let sources = Sources::default();
    let file = sources.add("a.hcl", "ä".repeat(2 << 20));
    let mut diags = Diagnostics::default();
    (0..20_000).for_each(|at| diags.push(Diagnostic::at(&SYNTAX, Span::new(file, at * 200..at * 200 + 2), "odd")));
    let found = diags.into_sorted();
    let findings = Findings { found: &found, sources: &sources, strict: false, folder: "", here: "" };
    assert_eq!(json(&findings).matches("\"code\": \"syntax\"").count(), 20_000);
    assert_eq!(sarif(&findings).matches("\"ruleId\": \"syntax\"").count(), 20_000);
    assert_eq!(github(&findings).lines().count(), 20_000);
    assert!(human(&findings, Style::Plain, 100).contains("20000 errors; the first 20 are shown"));
}
