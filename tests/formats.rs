//! What programs read: reports in their formats, and scripts for shells.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::support::root;

const BROKEN: &str = "project \"p\" {\n  ownr = \"ä\"\n}\n\nlocals {\n  ä = \"ü\" + vra.x\n}\n";

/// The command, run in a folder.
fn windlass_in(folder: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_windlass"))
        .args(arguments)
        .current_dir(folder)
        .env_remove("GITHUB_WORKSPACE")
        .env_remove("NO_COLOR")
        .env_remove("CLICOLOR_FORCE")
        .envs(environment.iter().copied())
        .output()
        .expect("the command starts")
}

/// A folder that holds a spec in `infra/`.
fn project(spec: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("infra")).expect("a folder");
    fs::write(folder.path().join("infra/main.hcl"), spec).expect("written");
    folder
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("UTF-8")
}

fn parsed(output: &Output) -> Value {
    assert!(output.stderr.is_empty(), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("one JSON document")
}

/// Every spec of the `ui` tree, as a report in a format.
fn reports(format: impl Fn(&windlass::render::Findings) -> String) -> Vec<(String, Value)> {
    let specs = crate::ui::specs().into_iter().map(|path| {
        let spec = fs::read_to_string(&path).expect("a spec");
        let outcome = crate::support::compile(&[("main.hcl", &spec)], None, &root().join("tests/ui"));
        let report = serde_json::from_str(&format(&outcome.findings())).expect("JSON");
        (path.display().to_string(), report)
    });
    specs.collect()
}

fn hold(schema: &Value, reports: &[(String, Value)]) {
    let validator = jsonschema::validator_for(schema).expect("a schema");
    for (path, report) in reports {
        let wrong: Vec<String> =
            validator.iter_errors(report).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(wrong.is_empty(), "{path}: {wrong:#?}");
    }
    assert!(reports.len() > 100, "{} reports", reports.len());
    let empty = serde_json::json!({});
    assert!(!validator.is_valid(&empty));
}

#[test]
fn json_is_what_its_schema_says() {
    let schema = fs::read_to_string(root().join("schemas/diagnostics.schema.json")).expect("a schema");
    let schema: Value = serde_json::from_str(&schema).expect("JSON");
    assert!(jsonschema::meta::is_valid(&schema));
    hold(&schema, &reports(windlass::render::json));
}

/// The schema comes with a package that `tests/tools/install` installs.
#[test]
fn sarif_is_what_its_schema_says() {
    let path = root().join(".tools/node/node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json");
    let Ok(schema) = fs::read_to_string(&path) else {
        assert!(!crate::conformance::required(), "{} is missing; run tests/tools/install", path.display());
        return println!("SKIPPED: SARIF's schema is missing; run tests/tools/install");
    };
    // A bracket too many makes these two no regular expressions.
    let mended = schema.replace("[a-zA-Z]{2}]?$", "[a-zA-Z]{2}$");
    let schema: Value = serde_json::from_str(&mended).expect("JSON");
    hold(&schema, &reports(windlass::render::sarif));
}

#[test]
fn json_tells_places_and_counts() {
    let folder = project(BROKEN);
    let done = windlass_in(folder.path(), &["check", "infra", "--format", "json"], &[]);
    assert_eq!(done.status.code(), Some(1));
    let report = parsed(&done);
    assert_eq!((&report["valid"], &report["error_count"]), (&false.into(), &2.into()));
    let first = &report["diagnostics"][0];
    assert_eq!(first["code"], "unknown-attribute");
    assert_eq!(first["summary"], "`project` has no attribute `ownr`");
    assert_eq!(first["detail"], "did you mean `owner`?");
    assert_eq!(first["range"]["filename"], "infra/main.hcl");
    assert_eq!(first["range"]["start"], serde_json::json!({ "line": 2, "column": 3, "byte": 16 }));
    assert_eq!(first["range"]["end"], serde_json::json!({ "line": 2, "column": 7, "byte": 20 }));
    assert_eq!(first["snippet"]["code"], "  ownr = \"ä\"");
    let second = &report["diagnostics"][1];
    assert_eq!(second["range"]["start"], serde_json::json!({ "line": 6, "column": 13, "byte": 54 }));
}

#[test]
fn all_is_well_in_every_format() {
    let folder = root().join("examples/fraud-risk");
    let run = |format| windlass_in(&folder, &["check", "--env", "prod", "--format", format], &[]);
    let report = parsed(&run("json"));
    assert_eq!(
        (&report["valid"], &report["error_count"], &report["warning_count"]),
        (&true.into(), &0.into(), &0.into())
    );
    assert_eq!(report["diagnostics"], serde_json::json!([]));
    assert_eq!(parsed(&run("sarif"))["runs"][0]["results"], serde_json::json!([]));
    for format in ["github", "human"] {
        let done = run(format);
        assert!(done.status.success() && done.stdout.is_empty() && done.stderr.is_empty());
    }
}

#[test]
fn compile_keeps_standard_output_for_the_report() {
    let out = tempfile::tempdir().expect("a folder");
    let out = out.path().join("out");
    let folder = root().join("examples/fraud-risk");
    let arguments = ["compile", "--env", "prod", "--format", "json", "--out", out.to_str().expect("text")];
    assert_eq!(parsed(&windlass_in(&folder, &arguments, &[]))["valid"], true);
    assert!(out.join("windlass.lock.json").is_file());
    // What can't be written is part of the one report.
    fs::remove_dir_all(&out).expect("removed");
    fs::write(&out, "in the way").expect("written");
    let report = parsed(&windlass_in(&folder, &arguments, &[]));
    assert_eq!((&report["valid"], &report["diagnostics"][0]["code"]), (&false.into(), &"output".into()));
    assert_eq!(report["diagnostics"][0]["range"], Value::Null);
}

/// The perceptron by hand: 458 numbers of four bytes; 16 and 16 to scale, 512 and 16, 256 and 8, 32 in its layers, 2 and 10 for its outputs.
#[test]
fn what_models_take_is_told() {
    let folder = root().join("examples/fraud-risk");
    let run = |format| windlass_in(&folder, &["check", "--env", "prod", "--report", "--format", format], &[]);
    let done = run("human");
    let said = text(&done.stdout);
    assert!(said.starts_with("model risk\n  version 2    2Ki of weights; "), "{said}");
    assert!(said.contains(" and 868 FLOP for a row\n  version 3    "), "{said}");
    assert!(said.contains("\nservice risk\n  memory       at least 33Mi, of "), "{said}");
    assert!(said.contains("\nworkflow assess (standard)\n"), "{said}");
    // Behind the findings.
    let done = run("json");
    let mut documents = serde_json::Deserializer::from_slice(&done.stdout).into_iter::<Value>().map(Result::unwrap);
    assert_eq!(documents.next().expect("findings")["valid"], true);
    let report = documents.next().expect("a report");
    let model = &report["models"][0];
    assert_eq!((&model["name"], &model["version"]), (&"risk".into(), &"2".into()));
    assert_eq!((&model["weights"], &model["flop"]), (&1832.into(), &868.into()), "{model}");
    assert_eq!(report["services"][0]["name"], "risk");
    assert_eq!(report["workflows"][0]["name"], "assess");
}

/// By hand. `assess` of the first example: 30 s to load, four attempts of 10 s with 1, 2 and 4 s between them, 30 s for what comes side by side.
/// `report` of the tenants: two events for the execution, two for each state, and three more for its task.
#[test]
fn what_executions_come_to_is_told() {
    let told = |example: &str| {
        let folder = root().join("examples").join(example);
        text(&windlass_in(&folder, &["check", "--env", "prod", "--report"], &[]).stdout).to_owned()
    };
    let assess = told("fraud-risk");
    for line in [
        "longest      1 min 47 s; it may take 15 min",
        "calls        bucket.data: at most 2",
        "calls        channel.oncall: at most 1",
        "calls        service.risk: at most 4",
    ] {
        assert!(assess.contains(line), "{line}: {assess}");
    }
    let report = told("tenants");
    let (_, report) = report.split_once("\nworkflow report (standard)\n").expect("the workflow");
    assert!(report.contains("longest      30 s; it may take 1 h\n"), "{report}");
    assert!(report.contains("events       at most 11 of 25000\n"), "{report}");
}

#[test]
fn paths_are_relative_to_who_reads_them() {
    let folder = project(BROKEN);
    let folder = folder.path().canonicalize().expect("a folder");
    let whole = folder.to_str().expect("text");
    let file = |at: &Path, dir: &str, format: &str, workspace: Option<&str>| {
        let set: Vec<(&str, &str)> = workspace.map(|workspace| ("GITHUB_WORKSPACE", workspace)).into_iter().collect();
        let done = windlass_in(at, &["check", dir, "--format", format], &set);
        match format {
            "json" => parsed(&done)["diagnostics"][0]["range"]["filename"].as_str().expect("a path").to_owned(),
            "sarif" => {
                let place = parsed(&done)["runs"][0]["results"][0]["locations"][0]["physicalLocation"].take();
                place["artifactLocation"]["uri"].as_str().expect("a path").to_owned()
            }
            _ => {
                let line = text(&done.stdout).lines().next().expect("a line");
                line.split(['=', ',']).nth(1).expect("a path").to_owned()
            }
        }
    };
    let infra = folder.join("infra");
    for format in ["json", "sarif", "github"] {
        assert_eq!(file(&folder, "infra", format, None), "infra/main.hcl");
        assert_eq!(file(&folder, "./infra/", format, None), "infra/main.hcl");
        assert_eq!(file(&folder, &format!("{whole}/infra"), format, None), "infra/main.hcl");
        assert_eq!(file(&infra, ".", format, None), "main.hcl");
        assert_eq!(file(&infra, "../infra", format, None), "main.hcl");
    }
    // GitHub wants them relative to the checkout, wherever the command runs.
    for format in ["sarif", "github"] {
        assert_eq!(file(&infra, ".", format, Some(whole)), "infra/main.hcl");
        assert_eq!(file(&infra, ".", format, Some("/elsewhere")), "main.hcl");
    }
    assert_eq!(file(&infra, ".", "json", Some(whole)), "main.hcl");
    let elsewhere = tempfile::tempdir().expect("a folder");
    assert_eq!(file(elsewhere.path(), &format!("{whole}/infra"), "json", None), format!("{whole}/infra/main.hcl"));
    assert_eq!(
        file(elsewhere.path(), &format!("{whole}/infra"), "sarif", None),
        format!("file://{whole}/infra/main.hcl")
    );
}

#[test]
fn colours_are_asked_for() {
    let folder = project(BROKEN);
    let colored = |arguments: &[&str], environment: &[(&str, &str)]| {
        let done = windlass_in(folder.path(), &[&["check", "infra"], arguments].concat(), environment);
        text(&done.stderr).contains('\u{1b}')
    };
    assert!(!colored(&[], &[]), "standard error is no terminal");
    assert!(!colored(&["--color", "auto"], &[]));
    assert!(colored(&["--color", "always"], &[]));
    assert!(colored(&["--color", "always"], &[("NO_COLOR", "1")]), "what is asked for expressly counts");
    assert!(colored(&[], &[("CLICOLOR_FORCE", "1")]));
    assert!(!colored(&[], &[("CLICOLOR_FORCE", "0")]));
    assert!(!colored(&[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
    assert!(colored(&[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "")]));
    assert!(!colored(&["--color", "never"], &[("CLICOLOR_FORCE", "1")]));
}

#[test]
fn a_reader_may_stop_early() {
    let folder = project(&format!(
        "project \"p\" {{}}\nlocals {{\n{}}}\n",
        (0..2000).map(|n| format!("  a{n} = x{n}\n")).collect::<String>()
    ));
    let mut running = Command::new(env!("CARGO_BIN_EXE_windlass"))
        .args(["check", "infra", "--format", "json"])
        .current_dir(folder.path())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the command starts");
    drop(running.stdout.take());
    let done = running.wait_with_output().expect("it ends");
    assert_eq!((done.status.code(), text(&done.stderr)), (Some(1), ""));
}

#[test]
fn shells_take_their_completions() {
    for (shell, check) in [("bash", "-n"), ("zsh", "-n"), ("fish", "--no-execute")] {
        let script = windlass_in(&root(), &["completions", shell], &[]);
        assert!(script.status.success() && text(&script.stdout).contains("warnings-as-errors"), "{shell}");
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("script");
        fs::write(&path, &script.stdout).expect("written");
        match Command::new(shell).arg(check).arg(&path).output() {
            Ok(done) => assert!(done.status.success() && done.stderr.is_empty(), "{shell}: {}", text(&done.stderr)),
            Err(error) => println!("SKIPPED {shell}: {error}"),
        }
    }
    let script = windlass_in(&root(), &["completions", "powershell"], &[]);
    assert!(text(&script.stdout).contains("Register-ArgumentCompleter"));
    assert!(!windlass_in(&root(), &["completions", "tcsh"], &[]).status.success());
}

/// Bash offers the commands and the values of a flag.
#[test]
fn bash_completes() {
    let script = windlass_in(&root(), &["completions", "bash"], &[]);
    let complete = |words: &str, last: usize| {
        let ask = format!(
            "{}\nCOMP_WORDS=(windlass {words})\nCOMP_CWORD={last}\n_windlass windlass \"${{COMP_WORDS[{last}]}}\" \"${{COMP_WORDS[{}]}}\"\necho \"${{COMPREPLY[@]}}\"",
            text(&script.stdout),
            last - 1,
        );
        let done = Command::new("bash").arg("-c").arg(ask).output().expect("bash");
        text(&done.stdout).trim().to_owned()
    };
    assert_eq!(complete("comp", 1), "compile completions");
    assert_eq!(complete("check --format s", 3), "sarif");
    assert_eq!(complete("check --warn", 2), "--warnings-as-errors");
}
