//! Writes artifacts to the output folder: all of them or none, and never over a file that windlass did not write.
//!
//! New content is first written whole to a folder beside the files; only when all of it is there is each file renamed
//! into its place, the manifest last. Files that are the same already are not touched.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use windlass::lock::{LOCK_FILE, Lock};
use windlass::models::Files;
use windlass_schemas::artifact::{Artifacts, Content, hex};
use windlass_schemas::codes;
use windlass_schemas::diagnostic::Diagnostic;

use super::project::Project;

/// Where new content waits until all of it is there.
const STAGING: &str = ".windlass-staging";

/// What was done, in files.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// New, or with new content.
    pub written: usize,
    /// The same as before.
    pub unchanged: usize,
    /// Written by an earlier compilation, and not needed any more.
    pub removed: usize,
}

/// Writes `artifacts` and their manifest to `out`. On an error, the folder is as it was.
pub fn write(artifacts: &Artifacts, lock: &Lock, project: &Project, out: &Path) -> Result<Written, Diagnostic> {
    let folder = Folder { out };
    fs::create_dir_all(out).map_err(|error| folder.failed("can't be made", out, &error))?;
    let _guard = folder.claim()?;
    let before = folder.owned()?;
    let lock_text = lock.to_text();
    let mut contents: Vec<(&str, Vec<u8>)> = Vec::new();
    for (path, artifact) in artifacts.iter() {
        let bytes = match &artifact.content {
            Content::Text(text) => text.as_bytes().to_vec(),
            Content::Copy { from, sha256 } => {
                let bytes =
                    project.read(from).map_err(|error| folder.failed("can't be read", Path::new(from), &error))?;
                if hex(&Sha256::digest(&bytes)) != *sha256 {
                    let message = format!("`{from}` changed while it was compiled");
                    return Err(Diagnostic::nowhere(&codes::OUTPUT, message).help("compile again"));
                }
                bytes
            }
        };
        contents.push((path, bytes));
    }
    contents.push((LOCK_FILE, lock_text.into_bytes()));

    let mut done = Written::default();
    let mut changed = Vec::new();
    for (path, bytes) in &contents {
        match folder.compare(path, bytes, before.contains(*path))? {
            Present::Same => done.unchanged += 1,
            Present::No | Present::Other => changed.push((*path, bytes)),
        }
    }
    // Everything that can fail for want of room or rights is done before the first file changes.
    for (path, bytes) in &changed {
        folder.stage(path, bytes)?;
    }
    for (path, _) in &changed {
        folder.put_in_place(path)?;
        done.written += 1;
    }
    let now: BTreeSet<&str> = contents.iter().map(|(path, _)| *path).collect();
    for stale in before.iter().filter(|path| !now.contains(path.as_str())) {
        done.removed += usize::from(folder.remove(stale)?);
    }
    Ok(done)
}

/// How a file stands in the output folder.
enum Present {
    No,
    Same,
    Other,
}

struct Folder<'a> {
    out: &'a Path,
}

/// Holds the folder for one writer, and takes the staging away at the end.
struct Guard {
    staging: PathBuf,
    _lock: fs::File,
}

impl Drop for Guard {
    fn drop(&mut self) {
        // What is left behind is taken away by the next compilation.
        let _ = fs::remove_dir_all(&self.staging);
    }
}

impl Folder<'_> {
    fn failed(&self, what: &str, path: &Path, error: &io::Error) -> Diagnostic {
        Diagnostic::nowhere(&codes::OUTPUT, format!("`{}` {what}", path.display())).help(error.to_string())
    }

    /// Makes the staging folder, or takes over one that an interrupted compilation left.
    fn claim(&self) -> Result<Guard, Diagnostic> {
        let staging = self.out.join(STAGING);
        fs::create_dir_all(&staging).map_err(|error| self.failed("can't be written", self.out, &error))?;
        let path = staging.join("lock");
        let lock = fs::File::create(&path).map_err(|error| self.failed("can't be written", &path, &error))?;
        if lock.try_lock().is_err() {
            let message = format!("another windlass is writing to `{}`", self.out.display());
            return Err(Diagnostic::nowhere(&codes::OUTPUT, message).help("wait for it to end"));
        }
        Ok(Guard { staging, _lock: lock })
    }

    /// The files that an earlier compilation wrote here.
    fn owned(&self) -> Result<BTreeSet<String>, Diagnostic> {
        let path = self.out.join(LOCK_FILE);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
            Err(error) => return Err(self.failed("can't be read", &path, &error)),
        };
        let lock: Lock = serde_json::from_str(&text).map_err(|error| {
            Diagnostic::nowhere(&codes::OUTPUT, format!("`{}` is not a manifest of windlass", path.display()))
                .help(format!("{error}; move it away, or choose another folder"))
        })?;
        // A manifest is a file like any other: what it names outside of the folder is not ours.
        let inside =
            |path: &String| !path.starts_with('/') && path.split('/').all(|part| !matches!(part, "" | "." | ".."));
        let mut owned: BTreeSet<String> = lock.artifacts.into_keys().filter(inside).collect();
        owned.insert(LOCK_FILE.to_owned());
        Ok(owned)
    }

    fn compare(&self, path: &str, bytes: &[u8], owned: bool) -> Result<Present, Diagnostic> {
        let full = self.out.join(path);
        let foreign = |path: &Path| {
            let message = format!("`{}` is in the way: windlass did not write it", path.display());
            Diagnostic::nowhere(&codes::OUTPUT, message).help("move it away, or choose another folder with `--out`")
        };
        for parent in full.ancestors().skip(1).take_while(|parent| *parent != self.out) {
            if fs::symlink_metadata(parent).is_ok_and(|meta| !meta.is_dir()) {
                return Err(foreign(parent));
            }
        }
        match fs::symlink_metadata(&full) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Present::No),
            Err(error) => Err(self.failed("can't be read", &full, &error)),
            Ok(meta) if !meta.is_file() => Err(foreign(&full)),
            Ok(meta) => {
                let same = meta.len() == bytes.len() as u64
                    && fs::read(&full).map_err(|error| self.failed("can't be read", &full, &error))? == bytes;
                match (same, owned) {
                    (true, _) => Ok(Present::Same),
                    (false, true) => Ok(Present::Other),
                    (false, false) => Err(foreign(&full)),
                }
            }
        }
    }

    fn stage(&self, path: &str, bytes: &[u8]) -> Result<(), Diagnostic> {
        let staged = self.out.join(STAGING).join("files").join(path);
        let place = self.out.join(path);
        let made = [&staged, &place].into_iter().filter_map(|path| path.parent()).try_for_each(fs::create_dir_all);
        made.and_then(|()| fs::write(&staged, bytes)).map_err(|error| self.failed("can't be written", &place, &error))
    }

    fn put_in_place(&self, path: &str) -> Result<(), Diagnostic> {
        let place = self.out.join(path);
        fs::rename(self.out.join(STAGING).join("files").join(path), &place)
            .map_err(|error| self.failed("can't be written", &place, &error))
    }

    /// Removes a file that is not needed any more, and the folders that this empties. False when it was gone.
    fn remove(&self, path: &str) -> Result<bool, Diagnostic> {
        let full = self.out.join(path);
        match fs::remove_file(&full) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(self.failed("can't be removed", &full, &error)),
        }
        for parent in full.ancestors().skip(1).take_while(|parent| *parent != self.out) {
            if fs::remove_dir(parent).is_err() {
                break;
            }
        }
        Ok(true)
    }
}
