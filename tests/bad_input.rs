//! Whatever is thrown at the command: a clear error at the place, exit code 1, no panic, no partial output.

use std::fs;
use std::path::Path;
use std::process::Output;

use windlass::proofs::FILE;

use crate::examples::tree;
use crate::support::{root, windlass};

/// A folder with the first example's spec, and what it names.
fn example() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let source = root().join("examples/fraud-risk");
    fs::create_dir(folder.path().join("models")).expect("made");
    let models = ["risk-2.onnx", "risk-2.golden.json", "risk-3.onnx", "risk-3.golden.json", "holdout.csv"];
    for file in models.map(|name| format!("models/{name}")).into_iter().chain(["windlass.hcl", FILE].map(str::to_owned))
    {
        fs::copy(source.join(&file), folder.path().join(&file)).expect(&file);
    }
    folder
}

fn compile_to(folder: &Path, out: &Path) -> Output {
    let (folder, out) = (folder.to_str().expect("text"), out.to_str().expect("text"));
    windlass(&["compile", folder, "--env", "prod", "--out", out])
}

/// Compiles a folder that is wrong, and returns what is said.
fn refused(folder: &Path) -> String {
    let out = folder.join("out");
    let done = compile_to(folder, &out);
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert_eq!(done.status.code(), Some(1), "{said}");
    assert!(!said.contains("panicked"), "{said}");
    assert!(!out.exists(), "something was written");
    said
}

fn refused_spec(bytes: &[u8]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("main.hcl"), bytes).expect("written");
    refused(folder.path())
}

fn refused_model(change: impl Fn(&Path)) -> String {
    let folder = example();
    change(&folder.path().join("models/risk-3.onnx"));
    let said = refused(folder.path());
    assert!(said.contains("models/risk-3.onnx") && said.contains("windlass.hcl:41"), "{said}");
    said
}

#[test]
fn specs_that_are_no_text() {
    let said = refused_spec(b"project \"a\" {\n  owner = \"\xff\"\n}\n");
    assert!(said.contains("not-utf8") && said.contains("main.hcl:2:12"), "{said}");
    let said = refused_spec(b"\xff\xfep\0r\0");
    assert!(said.contains("not-utf8") && said.contains("main.hcl:1:1"), "{said}");
}

#[test]
fn folders_without_a_spec() {
    let folder = tempfile::tempdir().expect("a folder");
    assert!(refused(folder.path()).contains("empty-spec"));
    assert!(refused(&folder.path().join("missing")).contains("spec-unreadable"));
}

#[test]
fn pipes_are_not_waited_for() {
    let pipe = |path: &Path| {
        let made = std::process::Command::new("mkfifo").arg(path).status().expect("mkfifo");
        assert!(made.success());
    };
    let folder = tempfile::tempdir().expect("a folder");
    pipe(&folder.path().join("main.hcl"));
    assert!(refused(folder.path()).contains("not a regular file"));
    let said = refused_model(|path| {
        fs::remove_file(path).expect("removed");
        pipe(path);
    });
    assert!(said.contains("not a regular file"), "{said}");
}

#[test]
fn empty_specs() {
    for text in ["", "\n", "# nothing\n", "\u{feff}"] {
        let said = refused_spec(text.as_bytes());
        assert!(said.contains("empty-spec"), "{said}");
    }
}

#[test]
fn a_byte_order_mark_is_no_error() {
    let folder = example();
    let spec = folder.path().join("windlass.hcl");
    let text = fs::read_to_string(&spec).expect("read");
    fs::write(&spec, format!("\u{feff}{text}")).expect("written");
    let done = compile_to(folder.path(), &folder.path().join("out"));
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

#[test]
fn a_spec_cut_anywhere() {
    let spec = fs::read(root().join("examples/fraud-risk/windlass.hcl")).expect("read");
    let folder = example();
    for end in (0..spec.len()).step_by(97) {
        fs::write(folder.path().join("windlass.hcl"), &spec[..end]).expect("written");
        let done = windlass(&["check", folder.path().to_str().expect("text"), "--env", "prod"]);
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(matches!(done.status.code(), Some(0 | 1)), "cut at {end}: {said}");
        assert!(!said.contains("panicked"), "cut at {end}: {said}");
    }
}

#[test]
fn nesting_of_100_000_levels() {
    for (open, close) in [("[", "]"), ("(", ")"), ("{a=", "}"), ("-", ""), ("!", ""), ("\"${", "}\""), ("f(", ")")] {
        let value = open.repeat(100_000) + "1" + &close.repeat(100_000);
        let said = refused_spec(format!("project \"p\" {{}}\nlocals {{\n  a = {value}\n}}\n").as_bytes());
        assert!(said.contains("limit") && said.contains("main.hcl:3"), "`{open}`: {}", &said[..said.len().min(2000)]);
    }
    let blocks = "a {\n".repeat(100_000) + &"}\n".repeat(100_000);
    assert!(refused_spec(blocks.as_bytes()).contains("limit"));
    let unclosed = format!("project \"p\" {{}}\nlocals {{\n  a = {}\n", "[".repeat(100_000));
    let said = refused_spec(unclosed.as_bytes());
    assert!(said.contains("limit") || said.contains("syntax"), "{}", &said[..said.len().min(2000)]);
}

#[test]
fn arithmetic_that_has_no_result() {
    for (expression, says) in [
        ("9223372036854775807 * 9223372036854775807 * 1e300", "arithmetic"),
        ("1 / 0", "arithmetic"),
        ("5 % 0", "arithmetic"),
        ("local.a", "cycle"),
    ] {
        let said = refused_spec(format!("project \"p\" {{}}\nlocals {{\n  a = {expression}\n}}\n").as_bytes());
        assert!(said.contains(says) && said.contains("main.hcl:3"), "{expression}: {said}");
    }
}

#[test]
fn models_that_are_none() {
    assert!(refused_model(|path| fs::remove_file(path).expect("removed")).contains("model-unreadable"));
    assert!(refused_model(|path| fs::write(path, b"").expect("written")).contains("is empty"));
    assert!(
        refused_model(|path| fs::write(path, b"\x89PNG\r\n\x1a\n").expect("written")).contains("not an ONNX model")
    );
    let whole = fs::read(root().join("examples/fraud-risk/models/risk-3.onnx")).expect("read");
    for part in 1..8 {
        let said = refused_model(|path| fs::write(path, &whole[..whole.len() * part / 8]).expect("written"));
        assert!(said.contains("truncated"), "{said}");
    }
    let said = refused_model(|path| {
        fs::remove_file(path).expect("removed");
        fs::create_dir(path).expect("made");
    });
    assert!(said.contains("model-unreadable"), "{said}");
}

#[test]
fn output_folders_that_cant_be_written() {
    let folder = example();
    let file = folder.path().join("file");
    fs::write(&file, "mine").expect("written");
    for out in [file.clone(), file.join("below"), Path::new("/proc/windlass").to_owned()] {
        let done = compile_to(folder.path(), &out);
        let said = String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(1), "{said}");
        assert!(said.contains("output") && !said.contains("panicked"), "{said}");
    }
    assert_eq!(fs::read_to_string(&file).expect("read"), "mine");
}

#[test]
fn foreign_files_are_never_touched() {
    let folder = example();
    let out = folder.path().join("out");
    fs::create_dir_all(out.join("kubernetes")).expect("made");
    fs::write(out.join("kubernetes/mine.yaml"), "mine").expect("written");
    assert!(compile_to(folder.path(), &out).status.success());
    assert_eq!(fs::read_to_string(out.join("kubernetes/mine.yaml")).expect("read"), "mine");

    // A file of the same name that windlass did not write stops everything.
    let other = folder.path().join("other");
    fs::create_dir_all(other.join("kubernetes")).expect("made");
    fs::write(other.join("kubernetes/namespace.yaml"), "mine").expect("written");
    let done = compile_to(folder.path(), &other);
    let said = String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.status.code(), Some(1));
    assert!(said.contains("is in the way"), "{said}");
    assert_eq!(tree(&other).len(), 1, "nothing else was written");
    for folder in [out, other] {
        assert!(!folder.join(".windlass-staging").exists(), "what was not finished waits in {}", folder.display());
    }
}

#[test]
fn what_is_no_longer_needed_is_removed() {
    let folder = example();
    let out = folder.path().join("out");
    assert!(compile_to(folder.path(), &out).status.success());
    let first = tree(&out);
    let done = compile_to(folder.path(), &out);
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(said.contains("(0 written,"), "{said}");
    assert_eq!(first, tree(&out));

    let spec = folder.path().join("windlass.hcl");
    let text = fs::read_to_string(&spec).expect("read");
    fs::write(&spec, text.replace("\"assess\"", "\"judge\"").replace("workflow.assess", "workflow.judge"))
        .expect("written");
    fs::write(out.join("stepfunctions/mine.json"), "{}").expect("written");
    assert!(compile_to(folder.path(), &out).status.success());
    let second = tree(&out);
    assert!(second.contains_key(Path::new("stepfunctions/judge.asl.json")));
    assert!(!second.contains_key(Path::new("stepfunctions/assess.asl.json")));
    assert!(second.contains_key(Path::new("stepfunctions/mine.json")));
}

#[test]
fn only_the_targets_asked_for_are_written() {
    let folder = example();
    let out = folder.path().join("out");
    let compile = |targets: &[&str]| {
        let (spec, out) = (folder.path().to_str().expect("text"), out.to_str().expect("text"));
        let named = targets.iter().flat_map(|target| ["--target", target]);
        let rest = ["compile", spec, "--env", "prod", "--out", out];
        windlass(&rest.into_iter().chain(named).collect::<Vec<_>>())
    };
    let folders = || -> Vec<String> {
        let top = tree(&out).into_keys().filter_map(|path| Some(path.iter().next()?.to_str()?.to_owned()));
        top.collect::<std::collections::BTreeSet<_>>().into_iter().collect()
    };
    assert!(compile(&["kubernetes", "stepfunctions"]).status.success());
    assert_eq!(folders(), ["kubernetes", "stepfunctions", "windlass.lock.json"]);
    // What is not asked for any more is not needed any more.
    let done = compile(&["kubernetes"]);
    assert!(String::from_utf8_lossy(&done.stdout).contains("1 removed"), "{done:?}");
    assert_eq!(folders(), ["kubernetes", "windlass.lock.json"]);

    let done = compile(&["kubernets"]);
    assert_eq!(done.status.code(), Some(1));
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(said.contains("invalid value 'kubernets'") && said.contains("'kubernetes'"), "{said}");
    assert_eq!(folders(), ["kubernetes", "windlass.lock.json"]);
}

#[test]
fn folders_that_exist_already_keep_what_is_in_them() {
    let folder = example();
    let out = folder.path().join("out");
    // One folder of the output is there, another one is not; below the first, one of the files is.
    fs::create_dir_all(out.join("services/runtime/src/mine")).expect("made");
    fs::write(out.join("services/runtime/src/mine/a.rs"), "mine").expect("written");
    assert!(compile_to(folder.path(), &out).status.success());
    let other = folder.path().join("other");
    assert!(compile_to(folder.path(), &other).status.success());
    let mut expected = tree(&other);
    expected.insert("services/runtime/src/mine/a.rs".into(), b"mine".to_vec());
    assert_eq!(tree(&out), expected);
}

#[test]
fn a_failed_compilation_leaves_the_last_good_output() {
    let folder = example();
    let out = folder.path().join("out");
    assert!(compile_to(folder.path(), &out).status.success());
    let good = tree(&out);
    let spec = folder.path().join("windlass.hcl");
    let text = fs::read_to_string(&spec).expect("read");
    fs::write(&spec, text.replace("memory = ", "memroy = ")).expect("written");
    assert_eq!(compile_to(folder.path(), &out).status.code(), Some(1));
    assert_eq!(good, tree(&out));
}

#[test]
fn a_manifest_that_names_files_outside_of_the_folder_removes_nothing() {
    let folder = example();
    let out = folder.path().join("out");
    fs::create_dir(&out).expect("made");
    let victim = folder.path().join("victim");
    fs::write(&victim, "mine").expect("written");
    let entry = r#"{"sha256":"","target":"","origins":[]}"#;
    let lock =
        format!(r#"{{"version":1,"windlass":"0","artifacts":{{"../victim":{entry},"{}":{entry}}}}}"#, victim.display());
    fs::write(out.join("windlass.lock.json"), lock).expect("written");
    assert!(compile_to(folder.path(), &out).status.success());
    assert!(victim.exists());

    fs::write(out.join("windlass.lock.json"), "{").expect("written");
    let done = compile_to(folder.path(), &out);
    assert_eq!(done.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&done.stderr).contains("not a manifest of windlass"));
}

/// A manifest that names these files for windlass's own, and the files.
fn owned(out: &Path, files: &[&str]) {
    let entry = r#"{"sha256":"","target":"","origins":[]}"#;
    let entries: Vec<String> = files.iter().map(|file| format!("\"{file}\":{entry}")).collect();
    for file in files {
        fs::create_dir_all(out.join(file).parent().expect("a folder")).expect("made");
        fs::write(out.join(file), "from before").expect("written");
    }
    let lock = format!(r#"{{"version":1,"windlass":"0","artifacts":{{{}}}}}"#, entries.join(","));
    fs::write(out.join("windlass.lock.json"), lock).expect("written");
}

#[test]
fn a_file_becomes_a_folder_and_a_folder_a_file() {
    let folder = example();
    let out = folder.path().join("out");
    owned(&out, &["kubernetes", "stepfunctions/assess.asl.json/old/a", "stepfunctions/assess.asl.json/b"]);
    let done = compile_to(folder.path(), &out);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert!(out.join("kubernetes/namespace.yaml").is_file());
    assert!(out.join("stepfunctions/assess.asl.json").is_file());

    // A foreign file in such a folder stops everything.
    let other = folder.path().join("other");
    owned(&other, &["kubernetes", "stepfunctions/assess.asl.json/b"]);
    fs::write(other.join("stepfunctions/assess.asl.json/mine"), "mine").expect("written");
    let before = tree(&other);
    let done = compile_to(folder.path(), &other);
    assert_eq!(done.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&done.stderr).contains("is in the way"));
    assert_eq!(before, tree(&other), "nothing else was touched");
}

#[cfg(unix)]
#[test]
fn what_stands_behind_a_link_is_never_removed() {
    let folder = example();
    let (out, mine) = (folder.path().join("out"), folder.path().join("mine"));
    owned(&out, &["old/a"]);
    fs::rename(out.join("old"), &mine).expect("moved");
    std::os::unix::fs::symlink(&mine, out.join("old")).expect("linked");
    assert!(compile_to(folder.path(), &out).status.success());
    assert!(mine.join("a").exists());
}

#[cfg(unix)]
#[test]
fn an_interrupted_compilation_is_mended_by_the_next() {
    let folder = example();
    let out = folder.path().join("out");
    // The last file cannot be put in its place: its folder takes no files.
    let locked = out.join("stepfunctions");
    fs::create_dir_all(&locked).expect("made");
    let rights = |mode| {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(&locked, fs::Permissions::from_mode(mode)).expect("set");
    };
    rights(0o555);
    if fs::write(locked.join("probe"), "").is_ok() {
        return; // root writes everywhere
    }
    assert_eq!(compile_to(folder.path(), &out).status.code(), Some(1));
    rights(0o755);
    // The spec changes before it is compiled again: files from the first time are windlass's own all the same.
    let spec = folder.path().join("windlass.hcl");
    let text = fs::read_to_string(&spec).expect("read");
    fs::write(&spec, text.replace("\"512Mi\"", "\"640Mi\"")).expect("written");
    let done = compile_to(folder.path(), &out);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

#[test]
fn wrong_arguments_exit_with_1() {
    for arguments in [&["compile", "--nope"][..], &["fly"], &[]] {
        assert_eq!(windlass(arguments).status.code(), Some(1), "{arguments:?}");
    }
    assert_eq!(windlass(&["--version"]).status.code(), Some(0));
    assert_eq!(windlass(&["compile", "--help"]).status.code(), Some(0));
}
