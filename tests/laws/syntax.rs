//! Three independent syntax errors in a file are three findings, each in the block that is broken, and nothing besides.

use std::collections::BTreeMap;
use std::ops::Range;

use super::random::Random;
use crate::support::{Outcome, compile, root};

/// A top-level block as lines; what can be broken in it are the lines of statements.
struct Generated {
    blocks: Vec<Vec<String>>,
}

/// What is broken, and how.
struct Break {
    name: &'static str,
    /// What the line must have.
    needs: fn(&str) -> bool,
    run: fn(&str, &mut Random) -> String,
    /// Whether all that follows in the file may belong to it.
    last: bool,
}

fn any(_: &str) -> bool {
    true
}

/// The line's part before and from the first occurrence of `at`.
fn cut<'a>(line: &'a str, at: &str) -> (&'a str, &'a str) {
    line.split_at(line.find(at).expect("the line has it"))
}

fn without(line: &str, what: &str) -> String {
    line.replacen(what, "", 1)
}

fn without_last(line: &str, what: &str) -> String {
    let at = line.rfind(what).expect("the line has it");
    [&line[..at], &line[at + what.len()..]].concat()
}

fn value(line: &str) -> &str {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let (name, value) = line.split_once(" = ").unwrap_or_default();
    if name.trim().chars().all(is_name) { value } else { "" }
}

/// `name = "…"` on one line.
fn is_string(line: &str) -> bool {
    value(line).starts_with('"') && line.ends_with('"')
}

fn is_assignment(line: &str) -> bool {
    !value(line).is_empty() && !value(line).starts_with("<<")
}

/// An assignment that is whole on its line.
fn is_whole(line: &str) -> bool {
    is_assignment(line) && !line.ends_with(['{', '[', '(']) && !line.contains("\" # ")
}

/// A text without anything special, in quotes.
fn is_plain(line: &str) -> bool {
    is_string(line) && !line.contains(['$', '%', '\\']) && line.matches('"').count() == 2
}

fn is_template(line: &str) -> bool {
    is_string(line) && line.contains("${") && line.matches('"').count() == 2
}

fn is_list(line: &str) -> bool {
    value(line).starts_with('[') && line.ends_with(']') && !line.contains(" for ") && line.matches('[').count() == 1
}

fn is_object(line: &str) -> bool {
    value(line).starts_with("{ ") && line.ends_with(" }") && !line.contains(" for ") && !line.contains("signs")
}

fn is_call(line: &str) -> bool {
    value(line).starts_with("length(") && line.ends_with(')')
}

fn is_for(line: &str) -> bool {
    value(line).starts_with("[for ") && line.ends_with(']')
}

fn is_choice(line: &str) -> bool {
    is_whole(line) && line.contains(" ? ") && line.contains(" : ")
}

fn is_sum(line: &str) -> bool {
    is_whole(line) && line.contains(" + ") && !line.contains('"')
}

fn is_header(line: &str) -> bool {
    line.ends_with(" {") && !line.contains('=')
}

fn is_labeled(line: &str) -> bool {
    is_header(line) && line.contains('"')
}

fn opens_object(line: &str) -> bool {
    line.ends_with(" = {")
}

fn closes(line: &str) -> bool {
    line.trim() == "}"
}

const BREAKS: &[Break] = &[
    Break { name: "no closing quote", needs: is_string, run: |l, _| l[..l.len() - 1].to_owned(), last: false },
    Break { name: "no opening quote", needs: is_plain, run: |l, _| without(l, "\""), last: false },
    Break { name: "no opening quote before `${`", needs: is_template, run: |l, _| without(l, "\""), last: false },
    Break { name: "no closing quote after `${`", needs: is_template, run: |l, _| without_last(l, "\""), last: false },
    Break { name: "no `=`", needs: is_whole, run: |l, _| l.replacen(" = ", " ", 1), last: false },
    Break { name: "no value", needs: is_whole, run: |l, _| cut(l, " = ").0.to_owned() + " =", last: false },
    Break { name: "no name", needs: is_whole, run: |l, _| format!("  {}", cut(l, "= ").1), last: false },
    Break { name: "`==` for `=`", needs: is_whole, run: |l, _| l.replacen(" = ", " == ", 1), last: false },
    Break { name: "`:=` for `=`", needs: is_whole, run: |l, _| l.replacen(" = ", " := ", 1), last: false },
    Break {
        name: "stray character",
        needs: is_whole,
        run: |l, random| format!("{l} {}", random.pick(&["$", "@", ";", "§", "~", "^", "?", "\\", "&"])),
        last: false,
    },
    Break {
        name: "stray character before the value",
        needs: is_whole,
        run: |l, random| l.replacen("= ", &format!("= {}", random.pick(&["@", "$", "§", ")", "]", "*", ","])), 1),
        last: false,
    },
    Break { name: "two values", needs: is_plain, run: |l, _| format!("{l} \"more\""), last: false },
    Break { name: "bad escape", needs: is_plain, run: |l, _| without_last(l, "\"") + "\\q\"", last: false },
    Break { name: "bad unicode escape", needs: is_plain, run: |l, _| without_last(l, "\"") + "\\u12\"", last: false },
    Break { name: "unclosed `${`", needs: is_plain, run: |l, _| without_last(l, "\"") + " ${local.a\"", last: false },
    Break { name: "no `}` of `${`", needs: is_template, run: |l, _| without(l, "}"), last: false },
    Break { name: "empty `${}`", needs: is_plain, run: |l, _| without_last(l, "\"") + "${}\"", last: false },
    Break {
        name: "unclosed `%{ if }`",
        needs: is_plain,
        run: |l, _| without_last(l, "\"") + "%{ if true }x\"",
        last: false,
    },
    Break {
        name: "lone `%{ endif }`",
        needs: is_plain,
        run: |l, _| without_last(l, "\"") + "%{ endif }\"",
        last: false,
    },
    Break {
        name: "unknown directive",
        needs: is_plain,
        run: |l, _| without_last(l, "\"") + "%{ when x }\"",
        last: false,
    },
    Break { name: "no `]`", needs: is_list, run: |l, _| without_last(l, "]"), last: false },
    Break { name: "no `[`", needs: is_list, run: |l, _| without(l, "["), last: false },
    Break {
        name: "no comma",
        needs: |l| is_list(l) && l.contains(", "),
        run: |l, _| l.replacen(", ", " ", 1),
        last: false,
    },
    Break {
        name: "two commas",
        needs: |l| is_list(l) && l.contains(", "),
        run: |l, _| l.replacen(", ", ",, ", 1),
        last: false,
    },
    Break { name: "`}` for `]`", needs: is_list, run: |l, _| without_last(l, "]") + "}", last: false },
    Break { name: "`]` too many", needs: is_list, run: |l, _| format!("{l}]"), last: false },
    Break { name: "no `}` of an object", needs: is_object, run: |l, _| without_last(l, " }"), last: false },
    Break {
        name: "no `=` in an object",
        needs: is_object,
        run: |l, _| {
            let (before, object) = cut(l, "{ ");
            before.to_owned() + &object.replacen(" = ", " ", 1)
        },
        last: false,
    },
    Break {
        name: "no comma in an object",
        needs: |l| is_object(l) && l.contains(", "),
        run: |l, _| l.replacen(", ", " ", 1),
        last: false,
    },
    Break { name: "`]` for `}`", needs: is_object, run: |l, _| without_last(l, "}") + "]", last: false },
    Break { name: "`)` too many", needs: is_call, run: |l, _| format!("{l})"), last: false },
    Break { name: "no `)`", needs: is_call, run: |l, _| without_last(l, ")"), last: false },
    Break { name: "no `in`", needs: is_for, run: |l, _| without(l, " in"), last: false },
    Break { name: "no `:` of a `for`", needs: is_for, run: |l, _| without(l, " :"), last: false },
    Break { name: "no loop variable", needs: is_for, run: |l, _| l.replacen("for x in", "for in", 1), last: false },
    Break { name: "no `:` of a conditional", needs: is_choice, run: |l, _| cut(l, " : ").0.to_owned(), last: false },
    Break { name: "no operand", needs: is_sum, run: |l, _| cut(l, " + ").0.to_owned() + " +", last: false },
    Break { name: "two operators", needs: is_sum, run: |l, _| l.replacen(" + ", " + * ", 1), last: false },
    Break { name: "`=` in an expression", needs: is_sum, run: |l, _| l.replacen(" + ", " = ", 1), last: false },
    Break {
        name: "no name after `.`",
        needs: |l| is_whole(l) && l.ends_with(".a"),
        run: |l, _| l[..l.len() - 1].to_owned(),
        last: false,
    },
    Break { name: "no `{` of a block", needs: is_header, run: |l, _| without_last(l, " {"), last: false },
    Break { name: "`[` for `{` of a block", needs: is_header, run: |l, _| without_last(l, "{") + "[", last: false },
    Break { name: "`=` before a block", needs: is_labeled, run: |l, _| l.replacen(" \"", " = \"", 1), last: false },
    Break { name: "no closing quote of a label", needs: is_labeled, run: |l, _| without_last(l, "\""), last: false },
    Break { name: "no opening quote of a label", needs: is_labeled, run: |l, _| without(l, "\""), last: false },
    Break { name: "no `{` of an object", needs: opens_object, run: |l, _| without_last(l, "{"), last: false },
    Break { name: "no `}` of a block", needs: |l| closes(l) && l.len() > 1, run: |_, _| String::new(), last: false },
    Break { name: "no `}` at the margin", needs: |l| l == "}", run: |_, _| String::new(), last: false },
    Break { name: "`}` too many", needs: closes, run: |l, _| format!("{l}\n{l}"), last: false },
    Break { name: "`)` for `}`", needs: closes, run: |l, _| l.replace('}', ")"), last: false },
    Break { name: "stray word", needs: is_whole, run: |l, _| format!("{l}\n  stray"), last: false },
    Break {
        name: "stray sign on a line",
        needs: any,
        run: |l, random| format!("{l}\n  {}", random.pick(&["=", "]", ")", "*", "."])),
        last: false,
    },
    Break {
        name: "unclosed heredoc",
        needs: is_plain,
        run: |l, _| cut(l, "\"").0.to_owned() + "<<END\n  text",
        last: true,
    },
    Break { name: "unclosed comment", needs: any, run: |l, _| format!("{l}\n  /* never closed"), last: true },
];

/// An expression that is a string, on one line.
fn text(random: &mut Random) -> String {
    match random.below(7) {
        0 => "\"plain\"".to_owned(),
        1 => "\"with spaces, signs = { } [ ] # and // more\"".to_owned(),
        2 => "\"a ${local.a} b\"".to_owned(),
        3 => "\"${local.a}-${local.a}\"".to_owned(),
        4 => "\"ünïcödé \\\"quoted\\\" \\n $${kept} 100%\"".to_owned(),
        5 => "\"%{ if local.yes }x%{ else }${local.a}%{ endif }\"".to_owned(),
        _ => "\"deep ${upper(\"in ${local.a}\")}\"".to_owned(),
    }
}

/// The lines of `name = …`, with a value of any kind.
fn assignment(name: &str, indent: &str, random: &mut Random) -> Vec<String> {
    let one = |value: String| vec![format!("{indent}{name} = {value}")];
    match random.below(15) {
        0..4 => one(text(random)),
        4 => one("1 + 2 * (3 + local.one)".to_owned()),
        5 => one("[1, 2, local.one]".to_owned()),
        6 => one("{ x = 1, \"y z\" = local.a, (local.a) = [2] }".to_owned()),
        7 => one("length([1, 2])".to_owned()),
        8 => one("[for x in [1, 2] : x + 1 if x > 1]".to_owned()),
        9 => one("{ for k, v in { p = 1 } : k => v }".to_owned()),
        10 => one("local.yes ? \"on\" : \"off\"".to_owned()),
        11 => one("local.a".to_owned()),
        12 => vec![
            format!("{indent}{name} = {{"),
            format!("{indent}  # a comment with a brace {{ and a quote \""),
            format!("{indent}  first  = {}", text(random)),
            format!("{indent}  second = [1, 2]"),
            format!("{indent}  third  = {{ inner = {} }}", text(random)),
            format!("{indent}}}"),
        ],
        13 => vec![
            format!("{indent}{name} = ["),
            format!("{indent}  {}, // a comment", text(random)),
            format!("{indent}  2 /* inside */ + 3,"),
            format!("{indent}]"),
        ],
        _ => vec![
            format!("{indent}{name} = <<-EOT"),
            format!("{indent}  it's text with \" and {{ and ]"),
            format!("{indent}  %{{ if local.yes ~}}"),
            format!("{indent}  ${{local.a}} $${{kept}}"),
            format!("{indent}  %{{ endif ~}}"),
            format!("{indent}EOT"),
        ],
    }
}

fn locals(at: usize, random: &mut Random) -> Vec<String> {
    let mut lines = vec!["locals {".to_owned()];
    for n in 0..2 + random.below(5) {
        if random.chance(20) {
            lines.push(
                random.pick(&["  # a comment", "  // { another \"", "  /* and one\n     more } */", ""]).to_owned(),
            );
        }
        lines.extend(assignment(&format!("v{at}_{n}"), "  ", random));
    }
    lines.push("}".to_owned());
    lines
}

fn variable(at: usize, random: &mut Random) -> Vec<String> {
    let default = random.pick(&["\"text\"", "\"some = text\""]);
    vec![
        format!("variable \"var{at}\" {{"),
        "  type = string".to_owned(),
        format!("  default = {default}"),
        "  description = \"what it is for\" # told to people".to_owned(),
        "}".to_owned(),
    ]
}

fn workflow(at: usize, random: &mut Random) -> Vec<String> {
    let mut lines = vec![
        format!("workflow \"flow{at}\" {{"),
        "  input \"id\" {".to_owned(),
        "    type = string".to_owned(),
        "  }".to_owned(),
        "  timeout = \"15m\"".to_owned(),
    ];
    for n in 0..1 + random.below(3) {
        lines.extend([
            String::new(),
            format!("  stage \"step{n}\" {{"),
            "    write = bucket.data".to_owned(),
            format!("    key = \"{at}/${{input.id}}/{n}.json\""),
            "    body = { id = input.id, more = [1, 2] }".to_owned(),
            "    retry {".to_owned(),
            "      attempts = 3".to_owned(),
            "    }".to_owned(),
            "  }".to_owned(),
        ]);
    }
    lines.push("}".to_owned());
    lines
}

impl Generated {
    fn new(random: &mut Random) -> Self {
        let blocks = (0..6 + random.below(5)).map(|at| match random.below(5) {
            0 => variable(at, random),
            1 => workflow(at, random),
            _ => locals(at, random),
        });
        Generated { blocks: blocks.collect() }
    }

    /// The text, and the lines of each block.
    fn text(&self) -> (String, Vec<Range<usize>>) {
        let mut text = FRAME.to_owned();
        let mut places = Vec::new();
        for block in &self.blocks {
            let from = text.lines().count();
            text += &(block.join("\n") + "\n\n");
            places.push(from..text.lines().count());
        }
        (text, places)
    }
}

/// What the blocks refer to.
const FRAME: &str = "\
project \"p\" {}

platform \"aws\" {
  account = \"123456789012\"
  region  = \"us-east-1\"
  cluster = \"main\"
}

bucket \"data\" {
  name = \"my-data\"
}

locals {
  a   = \"word\"
  one = 1
  yes = true
}

";

fn check(text: &str) -> Outcome {
    compile(&[("main.hcl", text)], None, &root().join("tests/ui"))
}

#[derive(Default)]
struct Figures {
    made: usize,
    reported: usize,
    near: usize,
}

#[test]
fn every_syntax_error_is_reported_and_none_invented() {
    let mut random = Random(std::env::var("SEED").map_or(11, |seed| seed.parse().expect("a number")));
    let mut figures: BTreeMap<&str, Figures> = BTreeMap::new();
    let (mut files, mut exact, mut invented) = (0, 0, 0);
    let mut unlike = String::new();
    while files < 600 {
        let mut generated = Generated::new(&mut random);
        let (sound, _) = generated.text();
        if files < 60 {
            let outcome = check(&sound);
            assert!(outcome.found.is_empty(), "{sound}\n{}", outcome.drawn());
        }
        // Three blocks; what may swallow the rest of the file is in its last one.
        let mut chosen: Vec<usize> = Vec::new();
        while chosen.len() < 3 {
            let block = random.below(generated.blocks.len());
            if !chosen.contains(&block) {
                chosen.push(block);
            }
        }
        chosen.sort_unstable();
        let mut breaks = Vec::new();
        let count = generated.blocks.len();
        for block in &chosen {
            let lines = &mut generated.blocks[*block];
            let (line, change) = loop {
                let change = &BREAKS[random.below(BREAKS.len())];
                let mut heredoc = false;
                let fits = |line: &String| {
                    let inside = heredoc;
                    heredoc = line.ends_with("<<-EOT") || heredoc && line.trim() != "EOT";
                    let comment = line.trim_start().starts_with(['#', '/']);
                    !inside && !heredoc && !comment && (change.needs)(line)
                };
                let fits: Vec<bool> = lines.iter().map(fits).collect();
                let fitting: Vec<usize> = (0..lines.len()).filter(|at| fits[*at]).collect();
                if fitting.is_empty() || change.last && *block + 1 != count {
                    continue;
                }
                let line = fitting[random.below(fitting.len())];
                // A comment that ends later is closed.
                if !change.last || !lines[line..].iter().any(|line| line.contains("*/")) {
                    break (line, change);
                }
            };
            lines[line] = (change.run)(&lines[line], &mut random);
            breaks.push((*block, line, change.name));
        }
        let (text, places) = generated.text();
        let outcome = check(&text);
        files += 1;
        let line_of = |found: &windlass_schemas::diagnostic::Diagnostic| {
            found.labels.first().map(|label| outcome.sources.position(label.span.file, label.span.start).0 - 1)
        };
        let mut told = outcome.found.len();
        let mut all = true;
        for (block, line, name) in &breaks {
            let figures = figures.entry(name).or_default();
            figures.made += 1;
            let here: Vec<usize> =
                outcome.found.iter().filter_map(line_of).filter(|line| places[*block].contains(line)).collect();
            let before: usize = generated.blocks[*block][..*line].iter().map(|l| l.matches('\n').count() + 1).sum();
            let broken = places[*block].start + before;
            figures.near += usize::from(here.iter().any(|line| line.abs_diff(broken) <= 1));
            if here.len() == 1 {
                figures.reported += 1;
                told -= 1;
            } else {
                all = false;
                told -= here.len().min(told).min(1);
            }
        }
        invented += told;
        if all && told == 0 {
            exact += 1;
        } else {
            unlike += &format!("{breaks:?}\n{text}\n{}\n=====\n", outcome.drawn());
        }
    }
    for (name, f) in &figures {
        println!("{name}: {} made, {} reported once, {} at the line or next to it", f.made, f.reported, f.near);
    }
    println!("{files} files: {exact} with exactly three findings, {invented} findings invented");
    if std::env::var_os("SHOW").is_some() {
        println!("{unlike}");
    }
    assert!(exact == files && invented == 0, "{}", unlike.split("=====").next().unwrap_or_default());
}
