//! A project's folder: reads its specs and the files that they name.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use windlass::files::{Entry, Files};
use windlass::modules::{LARGEST_SPEC, is_spec};
use windlass_schemas::codes;
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::source::Sources;
use windlass_schemas::span::{FileId, Span};

/// The folder of a spec.
pub struct Project {
    dir: PathBuf,
}

impl Project {
    /// The project in this folder.
    pub fn new(dir: &Path) -> Self {
        Project { dir: dir.to_owned() }
    }

    /// Reads every `*.hcl` file of the folder, sorted by name. `None` when a file can't be read, which is reported.
    pub fn read_specs(&self, sources: &Sources, diags: &mut Diagnostics) -> Option<()> {
        let mut names = match self.names() {
            Ok(names) => names,
            Err(error) => {
                let message = format!("the folder `{}` can't be read", self.dir.display());
                diags.push(Diagnostic::nowhere(&codes::SPEC_UNREADABLE, message).help(error.to_string()));
                return None;
            }
        };
        if names.is_empty() {
            let message = format!("the folder `{}` has no spec", self.dir.display());
            let help = "name a folder with a file that ends in `.hcl`";
            diags.push(Diagnostic::nowhere(&codes::EMPTY_SPEC, message).help(help));
            return None;
        }
        names.sort();
        let before = diags.len();
        for name in names {
            read_spec(&self.dir.join(&name), &name, sources, diags);
        }
        (diags.len() == before).then_some(())
    }

    fn names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.dir)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if is_spec(&name) && !is_folder(&entry.path()) {
                names.push(name);
            }
        }
        Ok(names)
    }
}

/// Reads a spec file and keeps its text under `name`.
fn read_spec(path: &Path, name: &str, sources: &Sources, diags: &mut Diagnostics) {
    if let Some(bytes) = read_bytes(path, name, diags) {
        keep_text(&bytes, name, sources, diags);
    }
}

/// The bytes of a spec file; `None` when it can't be read, which is reported.
pub fn read_bytes(path: &Path, name: &str, diags: &mut Diagnostics) -> Option<Vec<u8>> {
    read_whole(open(path), name, diags)
}

/// All bytes of a spec from something that was opened; `None` when they can't be read, or are too many.
pub fn read_whole(from: io::Result<impl Read>, name: &str, diags: &mut Diagnostics) -> Option<Vec<u8>> {
    let (message, help) = match from.and_then(|from| read_at_most(from, LARGEST_SPEC + 1)) {
        Ok(bytes) if bytes.len() as u64 <= LARGEST_SPEC => return Some(bytes),
        Ok(bytes) => (
            format!("`{name}` is too large for a spec: {} bytes", bytes.len()),
            format!("at most {LARGEST_SPEC} bytes are read"),
        ),
        Err(error) => (format!("`{name}` can't be read"), error.to_string()),
    };
    diags.push(Diagnostic::nowhere(&codes::SPEC_UNREADABLE, message).help(help));
    None
}

/// Keeps the text of a spec under `name`. What is no UTF-8 is reported, and kept for the report alone.
pub fn keep_text(bytes: &[u8], name: &str, sources: &Sources, diags: &mut Diagnostics) -> Option<FileId> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(sources.add(name, text)),
        Err(error) => {
            let at = error.valid_up_to();
            let file = sources.add(name, String::from_utf8_lossy(bytes));
            // The lossy text has a replacement character of three bytes at this place.
            let diagnostic = Diagnostic::at(&codes::NOT_UTF8, Span::new(file, at..at + 3), "the spec is not UTF-8")
                .saying("this byte belongs to no character")
                .help("save the file as UTF-8");
            diags.push(diagnostic);
            None
        }
    }
}

fn is_folder(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|meta| meta.is_dir())
}

/// Opens a regular file; others may never end, or never begin.
fn open(path: &Path) -> io::Result<fs::File> {
    if fs::metadata(path)?.is_file() { fs::File::open(path) } else { Err(io::Error::other("it is not a regular file")) }
}

fn read_at_most(file: impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

impl Files for Project {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        read_at_most(open(&self.dir.join(path))?, u64::MAX)
    }

    fn list(&self, folder: &str) -> io::Result<Vec<Entry>> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(self.dir.join(folder))? {
            let entry = entry?;
            let Ok(meta) = fs::metadata(entry.path()) else { continue };
            // A name that is not UTF-8 can't be written in a spec.
            let Ok(name) = entry.file_name().into_string() else { continue };
            if meta.is_dir() || meta.is_file() {
                entries.push(Entry { name, folder: meta.is_dir() });
            }
        }
        entries.sort();
        Ok(entries)
    }
}
