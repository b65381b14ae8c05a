//! Writes artifacts to the output folder, and never over a file that windlass did not write.
//!
//! New content is first written whole to a folder beside the files; only when all of it is there is each file renamed
//! into its place, the manifest last. Files that are the same already are not touched. An interruption between two
//! renames leaves whole files, some new and some old, all of which the manifest names: compiling again mends it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use windlass::files::Files;
use windlass::lock::{Entry, LOCK_FILE, Lock};
use windlass_schemas::artifact::{Artifacts, Content, hex};
use windlass_schemas::codes;
use windlass_schemas::diagnostic::Diagnostic;

use super::project::Project;

/// Where new content waits until all of it is there.
const STAGING: &str = ".windlass-staging";

/// Where the manifest of an unfinished compilation waits: no artifact has this path.
const JOURNAL: &str = ".windlass-journal";

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

/// Writes `artifacts` and their manifest to `out`.
pub fn write(artifacts: &Artifacts, lock: &Lock, project: &Project, out: &Path) -> Result<Written, Diagnostic> {
    let folder = Folder { out };
    fs::create_dir_all(out).map_err(|error| folder.failed("can't be made", out, &error))?;
    let _guard = folder.claim()?;
    let earlier = folder.earlier()?;
    let has_lock = earlier.is_some();
    let before = earlier.unwrap_or_default();
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
    contents.push((LOCK_FILE, lock.to_text().into_bytes()));

    let now: BTreeSet<&str> = contents.iter().map(|(path, _)| *path).collect();
    let stale: BTreeSet<&str> = before.keys().map(String::as_str).filter(|path| !now.contains(path)).collect();
    let mut done = Written::default();
    let mut changed = Vec::new();
    for (path, bytes) in &contents {
        let owned = before.contains_key(*path) || (*path == LOCK_FILE && has_lock);
        match folder.compare(path, bytes, owned, &stale)? {
            Present::Same => done.unchanged += 1,
            Present::No | Present::Other => changed.push((*path, bytes)),
        }
    }
    // What can fail for want of room is done before the first file changes.
    for (path, bytes) in &changed {
        folder.stage(path, bytes)?;
    }
    if changed.is_empty() && stale.is_empty() {
        return Ok(done);
    }
    // From here on, until the end, the manifest names the files of both compilations: after an interruption, the next
    // one knows all of them for windlass's own.
    let mut both = lock.clone();
    both.artifacts
        .extend(before.iter().filter(|(path, _)| stale.contains(path.as_str())).map(|(p, e)| (p.clone(), e.clone())));
    folder.stage(JOURNAL, both.to_text().as_bytes())?;
    folder.put_in_place(JOURNAL, LOCK_FILE)?;
    // Stale files go first: one may be where a folder is to be, and the other way round.
    for path in &stale {
        done.removed += usize::from(folder.remove(path)?);
    }
    for (path, _) in &changed {
        if *path != LOCK_FILE {
            folder.put_in_place(path, path)?;
            done.written += 1;
        }
    }
    if changed.iter().any(|(path, _)| *path == LOCK_FILE) {
        done.written += 1;
    } else {
        folder.stage(LOCK_FILE, lock.to_text().as_bytes())?;
    }
    folder.put_in_place(LOCK_FILE, LOCK_FILE)?;
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

    /// The files that an earlier compilation wrote here, besides the manifest; `None` when there was none.
    fn earlier(&self) -> Result<Option<BTreeMap<String, Entry>>, Diagnostic> {
        let path = self.out.join(LOCK_FILE);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.failed("can't be read", &path, &error)),
        };
        let lock: Lock = serde_json::from_str(&text).map_err(|error| {
            Diagnostic::nowhere(&codes::OUTPUT, format!("`{}` is not a manifest of windlass", path.display()))
                .help(format!("{error}; move it away, or choose another folder"))
        })?;
        // A manifest is a file like any other: what it names outside of the folder is not ours.
        let inside =
            |path: &String| !path.starts_with('/') && path.split('/').all(|part| !matches!(part, "" | "." | ".."));
        Ok(Some(lock.artifacts.into_iter().filter(|(path, _)| inside(path)).collect()))
    }

    /// How the file at `path` stands, where nothing is in the way but what will be removed as `stale`.
    fn compare(&self, path: &str, bytes: &[u8], owned: bool, stale: &BTreeSet<&str>) -> Result<Present, Diagnostic> {
        let full = self.out.join(path);
        let foreign = |path: &Path| {
            let message = format!("`{}` is in the way: windlass did not write it", path.display());
            Diagnostic::nowhere(&codes::OUTPUT, message).help("move it away, or choose another folder with `--out`")
        };
        for parent in full.ancestors().skip(1).take_while(|parent| *parent != self.out) {
            if fs::symlink_metadata(parent).is_ok_and(|meta| !meta.is_dir()) {
                return if self.is_stale(parent, stale) { Ok(Present::No) } else { Err(foreign(parent)) };
            }
        }
        match fs::symlink_metadata(&full) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Present::No),
            Err(error) => Err(self.failed("can't be read", &full, &error)),
            Ok(meta) if meta.is_dir() && self.is_stale(&full, stale) => Ok(Present::No),
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

    /// Whether a file, or everything in a folder, will be removed as stale.
    fn is_stale(&self, path: &Path, stale: &BTreeSet<&str>) -> bool {
        match fs::symlink_metadata(path) {
            Ok(meta) if meta.is_dir() => {
                let Ok(entries) = fs::read_dir(path) else { return false };
                let inside: Vec<bool> =
                    entries.map(|entry| entry.is_ok_and(|entry| self.is_stale(&entry.path(), stale))).collect();
                !inside.is_empty() && inside.iter().all(|stale| *stale)
            }
            Ok(_) => path.strip_prefix(self.out).ok().and_then(Path::to_str).is_some_and(|path| stale.contains(path)),
            Err(_) => false,
        }
    }

    fn staged(&self, name: &str) -> PathBuf {
        self.out.join(STAGING).join("files").join(name)
    }

    fn stage(&self, name: &str, bytes: &[u8]) -> Result<(), Diagnostic> {
        let staged = self.staged(name);
        let made = staged.parent().map_or(Ok(()), fs::create_dir_all);
        made.and_then(|()| fs::write(&staged, bytes)).map_err(|error| self.failed("can't be written", &staged, &error))
    }

    fn put_in_place(&self, name: &str, path: &str) -> Result<(), Diagnostic> {
        let place = self.out.join(path);
        let made = place.parent().map_or(Ok(()), fs::create_dir_all);
        made.and_then(|()| fs::rename(self.staged(name), &place))
            .map_err(|error| self.failed("can't be written", &place, &error))
    }

    /// Removes a file that is not needed any more, and the folders that this empties. False when it was gone.
    fn remove(&self, path: &str) -> Result<bool, Diagnostic> {
        let full = self.out.join(path);
        // Behind a link, or in the place of a file that became a folder, is nothing that windlass wrote.
        let parents = full.ancestors().skip(1).take_while(|parent| *parent != self.out);
        let real = |path: &Path| fs::symlink_metadata(path).is_ok_and(|meta| meta.is_dir());
        if !parents.into_iter().all(real) || real(&full) {
            return Ok(false);
        }
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
