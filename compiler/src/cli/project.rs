//! A project's folder: reads its specs and the files that they name.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use windlass::files::{Entry, Files};
use windlass::modules::{LARGEST_SPEC, is_spec};
use windlass_schemas::codes;
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::source::Sources;
use windlass_schemas::span::Span;

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
            self.read_spec(&name, sources, diags);
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

    fn read_spec(&self, name: &str, sources: &Sources, diags: &mut Diagnostics) {
        let path = self.dir.join(name);
        let too_large = |length: u64| {
            let message = format!("`{name}` is too large for a spec: {length} bytes");
            Diagnostic::nowhere(&codes::SPEC_UNREADABLE, message).help(format!("at most {LARGEST_SPEC} bytes are read"))
        };
        let bytes = match open(&path).and_then(|file| read_at_most(file, LARGEST_SPEC + 1)) {
            Ok(bytes) if bytes.len() as u64 > LARGEST_SPEC => {
                return diags.push(too_large(bytes.len() as u64));
            }
            Ok(bytes) => bytes,
            Err(error) => {
                let message = format!("`{name}` can't be read");
                return diags.push(Diagnostic::nowhere(&codes::SPEC_UNREADABLE, message).help(error.to_string()));
            }
        };
        let bytes = match bytes.strip_prefix(b"\xef\xbb\xbf") {
            Some(rest) => rest.to_vec(),
            None => bytes,
        };
        match String::from_utf8(bytes) {
            Ok(text) => {
                sources.add(name, text);
            }
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                let file = sources.add(name, String::from_utf8_lossy(error.as_bytes()));
                // The lossy text has a replacement character of three bytes at this place.
                let diagnostic = Diagnostic::at(&codes::NOT_UTF8, Span::new(file, at..at + 3), "the spec is not UTF-8")
                    .saying("this byte belongs to no character")
                    .help("save the file as UTF-8");
                diags.push(diagnostic);
            }
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

fn read_at_most(file: fs::File, most: u64) -> io::Result<Vec<u8>> {
    // With room to see the end: growing would take twice as much.
    let length = file.metadata()?.len().min(most);
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0) + 1);
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
