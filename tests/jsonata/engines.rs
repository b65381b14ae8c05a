//! The engines, asked for many expressions at once.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Value as Json, json};

use crate::support::root;

/// An expression `{% … %}`, and its variables.
pub type Question<'c> = (&'c str, Json);

#[derive(Debug)]
pub enum Answer {
    Value(Json),
    Failure(String),
}

impl Answer {
    pub fn is(&self, other: &Answer) -> bool {
        match (self, other) {
            (Answer::Value(a), Answer::Value(b)) => same(a, b),
            (Answer::Failure(_), Answer::Failure(_)) => true,
            _ => false,
        }
    }
}

pub struct Engine {
    pub name: &'static str,
    program: String,
    argument: String,
    /// What it does otherwise than npm's.
    differences: &'static [Difference],
}

/// Something that an engine does in a way of its own.
pub struct Difference {
    pub reason: &'static str,
    /// What shows it.
    pub example: &'static str,
    /// Whether it can be what made an answer differ, by the text of the expression, what is right and what came.
    explains: fn(&str, &Result<Json, String>, &Answer) -> bool,
}

/// Of jsonata-python 0.7.1.
pub const PORT: &[Difference] = &[
    Difference {
        reason: "`$string` escapes all but ASCII in lists and objects",
        example: "{% $string(['é']) %}",
        explains: |text, _, _| text.contains("$quoted"),
    },
    Difference {
        reason: "the remainder of a fraction is 0",
        example: "{% 0.5 % 3 %}",
        explains: |text, _, _| text.contains(" % "),
    },
    Difference {
        reason: "in `$replace`, a group that matched the empty string is another text",
        example: "{% $replace('ab', /(a)(x*)(b)/, function($m) { $m.groups[1] & $m.groups[0] }) %}",
        explains: |text, _, _| text.contains("$replace") && text.contains(".groups["),
    },
    Difference {
        reason: "capital sigma at the end of a word",
        example: "{% $lowercase('ΑΣ') %}",
        explains: |text, _, _| text.contains("$lowercase") && text.contains('Σ'),
    },
];

/// The engines that are installed. One that is not is named loudly, and is a failure where conformance is required.
pub fn found() -> Vec<Engine> {
    let tools = root().join(".tools");
    let scripts = root().join("targets/src/stepfunctions/jsonata");
    let script = |name: &str| scripts.join(name).display().to_string();
    let python = tools.join("python/run/bin/python");
    let mut engines = Vec::new();
    if tools.join("node/node_modules/jsonata").is_dir() {
        engines.push(Engine {
            name: "jsonata (npm)",
            program: "node".into(),
            argument: script("evaluate.cjs"),
            differences: &[],
        });
    }
    if python.is_file() {
        let program = python.display().to_string();
        engines.push(Engine { name: "jsonata-python", program, argument: script("evaluate.py"), differences: PORT });
    }
    if engines.len() < 2 {
        let required = std::env::var("WINDLASS_CONFORMANCE").is_ok_and(|value| value == "require");
        assert!(!required, "npm's jsonata and jsonata-python must be in .tools");
        // Not `eprintln!`, which the test harness keeps to itself.
        let told = writeln!(std::io::stderr(), "SKIPPED: npm's jsonata or jsonata-python is not in .tools");
        told.expect("the standard error is open");
    }
    engines
}

impl Engine {
    pub fn answers(&self, questions: &[Question]) -> Vec<Answer> {
        let request: Vec<Json> = questions
            .iter()
            .map(|(template, variables)| json!({ "template": template, "variables": variables }))
            .collect();
        let mut command = Command::new(&self.program);
        command.arg(&self.argument).env("NODE_PATH", root().join(".tools/node/node_modules"));
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
        child.stdin.take().expect("piped").write_all(json!(request).to_string().as_bytes()).expect("it reads");
        let output = child.wait_with_output().expect("it ends");
        let results: Vec<BTreeMap<String, Json>> = serde_json::from_slice(&output.stdout).expect("a list of answers");
        assert_eq!(results.len(), questions.len());
        let answer = |mut result: BTreeMap<String, Json>| match result.remove("value") {
            Some(value) => Answer::Value(value),
            None => Answer::Failure(result.remove("error").unwrap_or_default().to_string()),
        };
        results.into_iter().map(answer).collect()
    }

    /// Why the answer differs, when that is known.
    pub fn explained(&self, text: &str, expected: &Result<Json, String>, answer: &Answer) -> Option<&'static str> {
        let difference = self.differences.iter().find(|difference| (difference.explains)(text, expected, answer));
        difference.map(|difference| difference.reason)
    }
}

/// 1 and 1.0 are one number; the order of keys does not count.
pub fn same(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Number(a), Json::Number(b)) => a.as_f64() == b.as_f64(),
        (Json::Array(a), Json::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(k, v)| b.get(k).is_some_and(|w| same(v, w)))
        }
        _ => a == b,
    }
}
