//! `windlass fmt`: its promises over random specs and all specs of the repository, and the command itself.

pub mod specs;

use std::fs;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use windlass::format::{diff, format};
use windlass_schemas::diagnostic::Diagnostics;
use windlass_schemas::source::Sources;

use crate::examples::EXAMPLES;
use crate::found::checks;
use crate::support::{root, windlass};
use specs::{Taste, spec};

fn formatted(text: &str) -> Result<String, Diagnostics> {
    let (sources, mut diags) = (Sources::default(), Diagnostics::default());
    let file = sources.add("spec.hcl", text);
    format(&sources, file, &mut diags).ok_or(diags)
}

#[test]
fn random_specs_keep_their_meaning() {
    for number in 0..1000 {
        let text = spec(number, Taste::Any);
        if let Err(diags) = formatted(&text) {
            panic!("spec {number} does not parse: {:?}\n{text}", diags.into_sorted());
        }
        checks::format(text.as_bytes());
    }
}

#[test]
fn the_repository_s_specs_keep_their_meaning() {
    let mut seen = 0;
    let mut folders = vec![root().join("tests/ui"), root().join("examples")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "hcl") {
                let text = fs::read(&path).expect("a spec");
                checks::format(&text);
                seen += usize::from(std::str::from_utf8(&text).is_ok_and(|text| formatted(text).is_ok()));
            }
        }
    }
    assert!(seen > 80, "only {seen} specs parse");
}

#[test]
fn examples_are_formatted() {
    for (example, _) in EXAMPLES {
        let folder = root().join("examples").join(example);
        let done = windlass(&["fmt", "--check", "--diff", "--recursive", folder.to_str().expect("text")]);
        assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stdout));
    }
}

/// Where the two are meant to agree, they do to the byte, whatever the spec.
#[test]
fn agrees_with_terraform() {
    if Command::new("terraform").arg("version").output().is_err() {
        println!("SKIPPED: no terraform here");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = |number: u64| folder.path().join(format!("{number}.tf"));
    let count = 400;
    for number in 0..count {
        fs::write(path(number), spec(number, Taste::Terraform)).expect("written");
    }
    let done = Command::new("terraform").args(["fmt", "-list=false"]).arg(folder.path()).output().expect("run");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    for number in 0..count {
        let before = spec(number, Taste::Terraform);
        let theirs = fs::read_to_string(path(number)).expect("a spec");
        let ours = formatted(&before).expect("it parses");
        // The end of the text is ours.
        let (theirs, ours) = (theirs.trim_end(), ours.trim_end());
        assert_eq!(theirs, ours, "{number}\n{}\n{before}", diff::unified("spec", theirs, ours));
    }
}

/// A folder with an unformatted spec, a formatted one, and one that does not parse.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("one.hcl"), "\u{feff}a=1\n").expect("written");
    fs::write(folder.path().join("two.hcl"), "a = 1\n").expect("written");
    fs::create_dir(folder.path().join("inner")).expect("made");
    fs::create_dir(folder.path().join(".hidden")).expect("made");
    for file in [".three.hcl", "four.txt", "inner/five.hcl", ".hidden/six.hcl"] {
        fs::write(folder.path().join(file), "a=1\n").expect("written");
    }
    folder
}

fn fmt(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    told(command(folder, arguments).output().expect("run"))
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_windlass"));
    command.arg("fmt").args(arguments).current_dir(folder).env("NO_COLOR", "1");
    command
}

fn told(done: Output) -> (Option<i32>, String, String) {
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (done.status.code(), text(done.stdout), text(done.stderr))
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).expect("a file")
}

const ALL_WELL: (Option<i32>, String, String) = (Some(0), String::new(), String::new());

#[test]
fn a_folder_is_formatted_in_place() {
    let folder = folder();
    let folder = folder.path();
    assert_eq!(fmt(folder, &[]), (Some(0), "one.hcl\n".to_owned(), String::new()));
    assert_eq!(read(folder, "one.hcl"), "a = 1\n");
    for untouched in [".three.hcl", "four.txt", "inner/five.hcl"] {
        assert_eq!(read(folder, untouched), "a=1\n");
    }
    assert_eq!(fmt(folder, &[]), ALL_WELL);
    assert_eq!(fmt(folder, &["--recursive"]), (Some(0), "inner/five.hcl\n".to_owned(), String::new()));
    assert_eq!(read(folder, ".hidden/six.hcl"), "a=1\n");
    assert_eq!(fmt(folder, &["four.txt", ".three.hcl"]).1, "four.txt\n.three.hcl\n");
    let names: Vec<_> = fs::read_dir(folder).expect("a folder").map(|e| e.expect("an entry").file_name()).collect();
    assert_eq!(names.len(), 6, "{names:?}");
}

#[test]
fn check_and_diff_change_nothing_by_themselves() {
    let folder = folder();
    let folder = folder.path();
    assert_eq!(fmt(folder, &["--check"]), (Some(3), "one.hcl\n".to_owned(), String::new()));
    let (code, said, _) = fmt(folder, &["--check", "--diff", "inner", "two.hcl"]);
    let diff = "--- old/inner/five.hcl\n+++ new/inner/five.hcl\n@@ -1,1 +1,1 @@\n-a=1\n+a = 1\n";
    assert_eq!((code, said), (Some(3), format!("inner/five.hcl\n{diff}")));
    assert_eq!(read(folder, "inner/five.hcl"), "a=1\n");
    assert_eq!(fmt(folder, &["--diff", "inner"]).1, format!("inner/five.hcl\n{diff}"));
    assert_eq!(read(folder, "inner/five.hcl"), "a = 1\n");
}

#[test]
fn what_cannot_be_formatted_is_told_and_left() {
    let folder = folder();
    let folder = folder.path();
    fs::write(folder.join("broken.hcl"), "a=[1\n").expect("written");
    let (code, said, told) = fmt(folder, &[]);
    assert_eq!((code, said.as_str()), (Some(1), "one.hcl\n"));
    assert!(told.contains("broken.hcl:1:3") && told.contains("this `[` is never closed"), "{told}");
    assert_eq!(read(folder, "broken.hcl"), "a=[1\n");
    assert_eq!(fmt(folder, &["--check", "broken.hcl", "inner"]).0, Some(1));
    let (code, _, told) = fmt(folder, &["nowhere"]);
    assert!(code == Some(1) && told.contains("`nowhere` can't be read"), "{told}");

    let locked = folder.join("inner/five.hcl");
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o400)).expect("set");
    let (code, said, told) = fmt(folder, &["inner"]);
    assert_eq!((code, said.as_str()), (Some(1), ""));
    assert!(told.contains("`inner/five.hcl` can't be written"), "{told}");
    assert_eq!(read(folder, "inner/five.hcl"), "a=1\n");
}

#[test]
fn links_and_permissions_stay() {
    let folder = folder();
    let folder = folder.path();
    let target = folder.join("inner/five.hcl");
    fs::set_permissions(&target, fs::Permissions::from_mode(0o640)).expect("set");
    symlink("inner/five.hcl", folder.join("link.hcl")).expect("made");
    assert_eq!(fmt(folder, &["link.hcl"]).0, Some(0));
    assert_eq!(fs::read_link(folder.join("link.hcl")).expect("a link"), Path::new("inner/five.hcl"));
    assert_eq!(fs::metadata(&target).expect("a file").permissions().mode() & 0o777, 0o640);
    assert_eq!(read(folder, "inner/five.hcl"), "a = 1\n");
}

fn piped(arguments: &[&str], text: &str) -> (Option<i32>, String, String) {
    let mut command = command(&root(), arguments);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("started");
    child.stdin.take().expect("a pipe").write_all(text.as_bytes()).expect("written");
    told(child.wait_with_output().expect("run"))
}

#[test]
fn standard_input_goes_to_standard_output() {
    let said = |code, text: &str| (Some(code), text.to_owned(), String::new());
    assert_eq!(piped(&["-"], "a=1"), said(0, "a = 1\n"));
    assert_eq!(piped(&["-"], "a = 1\n"), said(0, "a = 1\n"));
    assert_eq!(piped(&["--check", "-"], "a=1"), said(3, ""));
    assert_eq!(piped(&["--check", "-"], "a = 1\n"), ALL_WELL);
    let diff = "--- old/<stdin>\n+++ new/<stdin>\n@@ -1,1 +1,1 @@\n-a=1\n\\ No newline at end of file\n+a = 1\n";
    assert_eq!(piped(&["--diff", "-"], "a=1"), said(0, diff));
    let (code, said, told) = piped(&["-"], "a=");
    assert!(code == Some(1) && said.is_empty() && told.contains("<stdin>:1:2"), "{told}");
}

#[test]
fn a_diff_can_be_applied() {
    let before = "a=1\n\n\n\n\n\n\nb = 1\n\n\n\n\n\n\n\nc=1\nd = 1\n\n\n";
    let after = formatted(before).expect("it parses");
    let expected = "\
--- old/s
+++ new/s
@@ -1,4 +1,4 @@
-a=1
+a = 1
 \n \n \n@@ -13,7 +13,5 @@
 \n \n \n-c=1
+c = 1
 d = 1
-
-
";
    assert_eq!(diff::unified("s", before, &after), expected);
    assert_eq!(diff::unified("s", &after, &after), "");
    assert_eq!(diff::unified("s", "\n", ""), "--- old/s\n+++ new/s\n@@ -1,1 +0,0 @@\n-\n");
}
