//! Values of variables from the command line and the environment, as a shell gives them.

use std::fs;
use std::path::Path;
use std::process::Command;

const SPEC: &str = r#"
project "p" {}

environment "e" {
  variables = { v = "environment" }
}

variable "v" {
  type    = string
  default = "default"

  validation {
    condition     = var.v == "expected"
    error_message = "it is <${var.v}>"
  }
}
"#;

/// What `check` says of the spec in `folder`, and its exit code.
fn check(folder: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> (String, Option<i32>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_windlass"));
    command.arg("check").arg(folder).args(arguments).env("NO_COLOR", "1");
    command.envs(environment.iter().copied());
    let run = command.output().expect("the command starts");
    (String::from_utf8(run.stderr).expect("text"), run.status.code())
}

#[test]
fn what_stands_last_wins_and_all_stand_above_the_spec() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("main.hcl"), SPEC).expect("written");
    let values = folder.path().join("values");
    fs::write(&values, "v = \"file\"\n").expect("written");
    let file = values.to_str().expect("text");
    let env = [("WINDLASS_VAR_v", "variable")];
    let is = |arguments: &[&str], environment: &[(&str, &str)], expected: &str| {
        let (said, code) = check(folder.path(), arguments, environment);
        assert!(said.contains(&format!("it is <{expected}>")), "{arguments:?} {environment:?}\n{said}");
        assert_eq!(code, Some(1));
    };
    is(&[], &[], "environment");
    is(&[], &env, "variable");
    is(&["--var", "v=flag"], &env, "flag");
    is(&["--var-file", file], &env, "file");
    is(&["--var-file", file, "--var", "v=a=b"], &env, "a=b");
    is(&["--var=v=flag", "--var-file", file], &env, "file");
    is(&["--var", "v="], &env, "");
    assert_eq!(check(folder.path(), &["--var", "v=expected"], &env), (String::new(), Some(0)));
}

#[test]
fn what_is_given_wrongly_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("main.hcl"), SPEC).expect("written");
    let says = |arguments: &[&str], environment: &[(&str, &str)], expected: &str| {
        let (said, code) = check(folder.path(), arguments, environment);
        assert!(said.contains(expected), "{arguments:?} {environment:?}\n{said}");
        assert_eq!(code, Some(1));
    };
    says(&["--var", "v"], &[], "write `NAME=VALUE`");
    says(&["--var", "=1"], &[], "there is no name before `=`");
    says(&["--var", "w=1"], &[], "there is no variable `w`");
    says(&[], &[("WINDLASS_VAR_vv", "1")], "there is no variable `vv`");
    says(&["--var-file", "nowhere.hcl"], &[], "the file of values `nowhere.hcl` can't be read");
    let broken = folder.path().join("broken");
    fs::write(&broken, "v = [\n").expect("written");
    says(&["--var-file", broken.to_str().expect("text")], &[], "this `[` is never closed");
    fs::write(&broken, [0xff, b'\n']).expect("written");
    says(&["--var-file", broken.to_str().expect("text")], &[], "it is not UTF-8");
}

#[test]
fn what_is_sensitive_is_nowhere_in_the_report() {
    let folder = tempfile::tempdir().expect("a folder");
    let spec = "project \"p\" {}\nvariable \"t\" {\n  type = list(number)\n  sensitive = true\n}\nlocals {\n  x = var.t[0] + [1]\n  y = \"${var.t[0]}\" + \"a${var.t[0]}\"\n}\n";
    fs::write(folder.path().join("main.hcl"), spec).expect("written");
    for (value, findings) in [("[90210]", 2), ("[90210, \"x\"]", 1), ("[90210", 1), ("90210", 1)] {
        for format in ["human", "json", "sarif", "github"] {
            let run = Command::new(env!("CARGO_BIN_EXE_windlass"))
                .args(["check", "--format", format, "--var", &format!("t={value}")])
                .arg(folder.path())
                .output()
                .expect("the command starts");
            let said = String::from_utf8([run.stdout, run.stderr].concat()).expect("text");
            assert_eq!(run.status.code(), Some(1), "{said}");
            assert!(!said.contains("90210"), "{value} {format}\n{said}");
            if format == "json" {
                let report: serde_json::Value = serde_json::from_str(&said).expect("JSON");
                assert_eq!(report["error_count"], findings, "{said}");
            }
        }
    }
}

#[test]
fn a_warning_counts_as_an_error_when_asked() {
    let folder = tempfile::tempdir().expect("a folder");
    let spec =
        "project \"p\" {\n  owner = var.team\n}\nvariable \"team\" {\n  default = \"risk\"\n  sensitive = true\n}\n";
    fs::write(folder.path().join("main.hcl"), spec).expect("written");
    let (said, code) = check(folder.path(), &[], &[]);
    assert!(said.contains("sensitive-output") && said.ends_with("1 warning\n"), "{said}");
    assert_eq!(code, Some(0));
    let (said, code) = check(folder.path(), &["--warnings-as-errors"], &[]);
    assert!(said.contains("1 error (1 warning counted as such"), "{said}");
    assert_eq!(code, Some(1));
    // Nothing is written then.
    let out = folder.path().join("out");
    let compile = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_windlass"));
        command.arg("compile").arg(folder.path()).arg("--out").arg(&out).args(arguments);
        command.output().expect("the command starts").status.code()
    };
    assert_eq!(compile(&["--warnings-as-errors"]), Some(1));
    assert!(!out.exists());
    assert_eq!(compile(&[]), Some(0));
    assert!(out.join("windlass.lock.json").exists());
}
