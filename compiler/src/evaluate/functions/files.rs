//! What the project's folder holds. Paths are relative to it and stay in it.

use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use windlass_schemas::diagnostic::Diagnostic;
use windlass_schemas::value::ValueKind;

use super::super::operate::Outcome;
use super::{Call, Function, Special, function, set_function, special};
use crate::files::Files;

pub(super) const FUNCTIONS: &[Function] = &[
    function("basename", &["path"], "The last part of the path.", |c| c.string(base(&c.text(0)?))),
    function("dirname", &["path"], "The path without its last part.", |c| c.string(folder(&c.text(0)?))),
    function("file", &["path"], "The UTF-8 text of a file.", |c| c.string(text(c, 0)?)),
    function("filebase64", &["path"], "The bytes of a file in base 64.", |c| c.string(STANDARD.encode(read(c, 0)?))),
    function("fileexists", &["path"], "Whether there is a file.", exists),
    set_function(
        "fileset",
        &["folder", "pattern"],
        "The paths in the folder that match a pattern: `*` any name, `**` any folders, `?` a character, `{a,b}` one of them.",
        set,
    ),
    special(
        "templatefile",
        &["path", "variables"],
        "The template in a file, filled in with the entries of an object as variables.",
        Special::TemplateFile,
    ),
    special(
        "templatestring",
        &["template", "variables"],
        "A template in a string, filled in with the entries of an object as variables.",
        Special::TemplateString,
    ),
];

/// The path without `.`, `..` and doubled slashes.
fn clean(path: &str) -> String {
    let absolute = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => _ = parts.pop(),
            ".." if absolute => {}
            _ => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (absolute, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

fn base(path: &str) -> &str {
    let trimmed = path.trim_end_matches('/');
    match (path.is_empty(), trimmed.is_empty()) {
        (true, _) => ".",
        (_, true) => "/",
        _ => trimmed.rsplit('/').next().unwrap_or(trimmed),
    }
}

fn folder(path: &str) -> String {
    clean(path.rsplit_once('/').map_or("", |(folder, _)| if folder.is_empty() { "/" } else { folder }))
}

/// The path that an argument names, inside the project's folder.
fn path(call: &Call, at: usize) -> Outcome<String> {
    let given = call.text(at)?;
    inside(&given).map_err(|why| {
        let help = "paths are relative to the project's folder and stay in it, as in `\"config/app.json\"`";
        Box::new(call.wrong(at, format!("the path `{given}` {why}")).help(help))
    })
}

fn inside(given: &str) -> Result<String, &'static str> {
    if given.contains('\0') {
        return Err("holds a zero byte");
    }
    if given.starts_with(['/', '\\', '~']) || given.as_bytes().get(1) == Some(&b':') {
        return Err("is not relative");
    }
    let path = clean(given);
    if path == ".." || path.starts_with("../") { Err("leads out of the project's folder") } else { Ok(path) }
}

fn files<'c>(call: &Call<'c>) -> Outcome<&'c dyn Files> {
    call.files.ok_or_else(|| call.error(call.span, "files are read when compiling only"))
}

fn unreadable(call: &Call, at: usize, path: &str, error: &io::Error) -> Box<Diagnostic> {
    let why = match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
        _ => error.to_string(),
    };
    call.wrong(at, format!("cannot read `{path}`: {why}"))
}

/// The bytes of the file that an argument names.
pub(super) fn read(call: &Call, at: usize) -> Outcome<Vec<u8>> {
    let path = path(call, at)?;
    let bytes = files(call)?.read(&path).map_err(|error| unreadable(call, at, &path, &error))?;
    call.room(bytes.len())?;
    Ok(bytes)
}

fn text(call: &Call, at: usize) -> Outcome<String> {
    String::from_utf8(read(call, at)?).map_err(|_| {
        let message = format!("the file `{}` is not UTF-8 text", call.text(at).unwrap_or_default());
        Box::new(call.wrong(at, message).help("`filebase64` reads any file"))
    })
}

fn exists(call: &Call) -> Outcome<ValueKind> {
    let path = path(call, 0)?;
    let entries = match files(call)?.list(&folder(&path)) {
        Ok(entries) => entries,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Vec::new(),
        Err(error) => return Err(unreadable(call, 0, &path, &error)),
    };
    match entries.iter().find(|entry| entry.name == base(&path)) {
        Some(entry) if entry.folder => Err(call.wrong(0, format!("`{path}` is a folder, not a file"))),
        entry => Ok(ValueKind::Bool(entry.is_some())),
    }
}

fn set(call: &Call) -> Outcome<ValueKind> {
    let (root, pattern) = (path(call, 0)?, call.text(1)?);
    let open = |open: char, close: char| pattern.matches(open).count() != pattern.matches(close).count();
    if open('{', '}') || open('[', ']') {
        return Err(call.wrong(1, "a bracket is not closed"));
    }
    let pattern = clean(&pattern);
    if inside(&pattern).is_err() {
        return Err(call.wrong(1, "a pattern stays in its folder"));
    }
    let deepest = if pattern.contains("**") { usize::MAX } else { pattern.matches('/').count() };
    let files = files(call)?;
    let mut found = Vec::new();
    let mut folders = vec![(String::new(), 0)];
    let mut seen = 0;
    while let Some((folder, depth)) = folders.pop() {
        let at = clean(&format!("{root}/{folder}"));
        let entries = match files.list(&at) {
            Ok(entries) => entries,
            // A folder that is not there holds nothing, as in Terraform.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(unreadable(call, 0, &at, &error)),
        };
        seen += entries.len();
        call.elements(seen)?;
        for entry in entries {
            let path = if folder.is_empty() { entry.name } else { format!("{folder}/{}", entry.name) };
            if entry.folder && depth < deepest {
                folders.push((path, depth + 1));
            } else if !entry.folder && fast_glob::glob_match(&pattern, &path) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(ValueKind::List(found.into_iter().map(|path| call.piece(path)).collect()))
}

/// The path that an argument of `templatefile` names.
pub(in super::super) fn template_path(of: super::Operand) -> Outcome<String> {
    path(&Call { name: "templatefile", args: &[of], span: of.span, files: None }, 0)
}

/// The text of the template in a file.
pub(in super::super) fn template_text(of: super::Operand, files: &dyn Files) -> Outcome<String> {
    text(&Call { name: "templatefile", args: &[of], span: of.span, files: Some(files) }, 0)
}
