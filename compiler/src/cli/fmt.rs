//! `windlass fmt`: formats spec files in place, or tells what it would change.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use windlass::format::{diff, format};
use windlass::modules::is_spec;
use windlass_schemas::codes;
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::source::Sources;

use super::project;
use super::report::{Color, Reporting, print, report};

/// What standard input is called.
const STDIN: &str = "<stdin>";

#[derive(clap::Args)]
pub struct Fmt {
    /// Files, and folders whose `*.hcl` files are meant; `-` formats standard input to standard output.
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<PathBuf>,
    /// Changes nothing; names the files that are not formatted and exits with 3 if there are any.
    #[arg(long)]
    check: bool,
    /// Shows what changes.
    #[arg(long)]
    diff: bool,
    /// Also takes the folders in the folders, except hidden ones.
    #[arg(long)]
    recursive: bool,
}

impl Fmt {
    /// Formats every file that is meant. A file that can't be read, parsed or written is reported, and left alone.
    pub fn run(&self, color: Color) -> ExitCode {
        let (sources, mut diags) = (Sources::default(), Diagnostics::default());
        let mut unformatted = false;
        for path in &self.paths {
            if path.as_os_str() == "-" {
                let bytes = project::read_whole(Ok(io::stdin().lock()), STDIN, &mut diags);
                unformatted |= bytes.is_some_and(|bytes| self.stdin(&bytes, &sources, &mut diags));
                continue;
            }
            let mut files = Vec::new();
            if let Err(error) = self.files(path, &mut files) {
                diags.push(unreadable(path, &error));
            }
            for file in files {
                unformatted |= self.file(&file, &sources, &mut diags);
            }
        }
        let sound = report(diags, &sources, Path::new("."), &Reporting::default(), color).is_some();
        match (!sound, self.check && unformatted) {
            (true, _) => ExitCode::FAILURE,
            (false, true) => ExitCode::from(3),
            (false, false) => ExitCode::SUCCESS,
        }
    }

    /// The files that a path means: itself, or those in its folder, sorted by name.
    fn files(&self, path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
        if !fs::metadata(path)?.is_dir() {
            files.push(path.to_owned());
            return Ok(());
        }
        let mut entries = fs::read_dir(path)?.collect::<io::Result<Vec<_>>>()?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            // The current folder needs no name; a link to a folder may lead around in a circle.
            let path = if path == Path::new(".") { PathBuf::from(entry.file_name()) } else { entry.path() };
            if entry.file_type()?.is_dir() {
                if self.recursive && !name.starts_with('.') {
                    self.files(&path, files)?;
                }
            } else if is_spec(&name) && !path.is_dir() {
                files.push(path);
            }
        }
        Ok(())
    }

    /// Formats a file; true when it was not formatted.
    fn file(&self, path: &Path, sources: &Sources, diags: &mut Diagnostics) -> bool {
        let name = path.display().to_string();
        let Some(bytes) = project::read_bytes(path, &name, diags) else { return false };
        let Some((before, after)) = formatted(&bytes, &name, sources, diags) else { return false };
        if bytes == after.as_bytes() {
            return false;
        }
        if !self.check
            && let Err(error) = replace(path, after.as_bytes())
        {
            diags.push(
                Diagnostic::nowhere(&codes::OUTPUT, format!("`{name}` can't be written")).help(error.to_string()),
            );
            return false;
        }
        print(&format!("{name}\n"));
        if self.diff {
            print(&diff::unified(&name, before, &after));
        }
        true
    }

    /// Formats standard input to standard output; true when it was not formatted.
    fn stdin(&self, bytes: &[u8], sources: &Sources, diags: &mut Diagnostics) -> bool {
        let Some((before, after)) = formatted(bytes, STDIN, sources, diags) else { return false };
        match (self.diff, self.check) {
            (true, _) => print(&diff::unified(STDIN, before, &after)),
            (false, true) => {}
            (false, false) => print(&after),
        }
        bytes != after.as_bytes()
    }
}

/// The text in the bytes, and the same formatted.
fn formatted<'a>(bytes: &[u8], name: &str, sources: &'a Sources, diags: &mut Diagnostics) -> Option<(&'a str, String)> {
    let file = project::keep_text(bytes, name, sources, diags)?;
    Some((sources.get(file).text.as_str(), format(sources, file, diags)?))
}

/// Puts new content in the place of a file, whole, with the permissions of the old.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // A link stays, and its file is replaced.
    let path = fs::canonicalize(path)?;
    let permissions = fs::metadata(&path)?.permissions();
    if permissions.readonly() {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let new = path.with_file_name(format!(".{name}.windlass-{}", std::process::id()));
    let written = OpenOptions::new().write(true).create_new(true).open(&new).and_then(|mut file| {
        file.write_all(bytes)?;
        file.set_permissions(permissions)?;
        file.sync_all()
    });
    let done = written.and_then(|()| fs::rename(&new, &path));
    if done.is_err() {
        let _ = fs::remove_file(&new);
    }
    done
}

fn unreadable(path: &Path, error: &io::Error) -> Diagnostic {
    let message = format!("`{}` can't be read", path.display());
    Diagnostic::nowhere(&codes::SPEC_UNREADABLE, message).help(error.to_string())
}
