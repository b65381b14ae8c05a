//! The output folder, and beside its files the one where new content waits.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use windlass::lock::{Entry, LOCK_FILE, Lock};
use windlass_schemas::artifact::is_inside;
use windlass_schemas::codes;
use windlass_schemas::diagnostic::Diagnostic;

/// Where new content waits until all of it is there.
const STAGING: &str = ".windlass-staging";

/// Held by the one that writes, in the staging.
const HELD: &str = "lock";

/// How a file stands in the output folder.
pub enum Present {
    No,
    Same,
    Other,
    /// Something that is not a file stands in its place, or something that is not a folder above it.
    Blocked,
}

/// How the folder of a file stands.
#[derive(Clone, Copy, PartialEq)]
enum Parent {
    Missing,
    There,
    Blocked,
}

/// An output folder, held for one writer until it is dropped.
pub struct Folder {
    out: PathBuf,
    staging: PathBuf,
    /// Where files wait in the staging.
    files: PathBuf,
    /// The folders of all files so far, relative to the output folder: most files share theirs with others.
    parents: BTreeMap<String, Parent>,
    /// Those of them that were made in the staging.
    made: BTreeSet<String>,
    _lock: fs::File,
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Mostly nothing is in it any more. What is left behind is taken away by the next compilation.
        let _ = fs::remove_dir(&self.files);
        let _ = fs::remove_file(self.staging.join(HELD));
        if fs::remove_dir(&self.staging).is_err() {
            let _ = fs::remove_dir_all(&self.staging);
        }
    }
}

fn failed(what: &str, path: &Path, error: &io::Error) -> Diagnostic {
    Diagnostic::nowhere(&codes::OUTPUT, format!("`{}` {what}", path.display())).help(error.to_string())
}

impl Folder {
    /// Makes the folder and its staging, or takes over a staging that an interrupted compilation left.
    pub fn claim(out: &Path) -> Result<Self, Diagnostic> {
        fs::create_dir_all(out).map_err(|error| failed("can't be made", out, &error))?;
        let staging = out.join(STAGING);
        let unwritten = |path: &Path, error: &io::Error| failed("can't be written", path, error);
        fs::create_dir_all(&staging).map_err(|error| unwritten(out, &error))?;
        let path = staging.join(HELD);
        let lock = fs::File::create(&path).map_err(|error| unwritten(&path, &error))?;
        if lock.try_lock().is_err() {
            let message = format!("another windlass is writing to `{}`", out.display());
            return Err(Diagnostic::nowhere(&codes::OUTPUT, message).help("wait for it to end"));
        }
        let folder = Folder {
            out: out.to_owned(),
            files: staging.join("files"),
            staging,
            parents: BTreeMap::new(),
            made: BTreeSet::new(),
            _lock: lock,
        };
        match fs::remove_dir_all(&folder.files) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(unwritten(&folder.staging, &error)),
            _ => Ok(folder),
        }
    }

    /// Says what failed at a path.
    pub fn failed(&self, what: &str, path: &Path, error: &io::Error) -> Diagnostic {
        failed(what, path, error)
    }

    /// Says that a file of somebody else is in the way.
    pub fn foreign(&self, path: &str) -> Diagnostic {
        let full = self.out.join(path);
        let above = self.above(&full).find(|above| !is_folder(above) && fs::symlink_metadata(above).is_ok());
        let message = format!("`{}` is in the way: windlass did not write it", above.unwrap_or(&full).display());
        Diagnostic::nowhere(&codes::OUTPUT, message).help("move it away, or choose another folder with `--out`")
    }

    /// The folders above a file, up to the output folder and without it.
    fn above<'p>(&'p self, full: &'p Path) -> impl Iterator<Item = &'p Path> {
        full.ancestors().skip(1).take_while(|parent| *parent != self.out)
    }

    /// The files that an earlier compilation wrote here, besides the manifest; `None` when there was none.
    pub fn manifest(&self) -> Result<Option<BTreeMap<String, Entry>>, Diagnostic> {
        let path = self.out.join(LOCK_FILE);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed("can't be read", &path, &error)),
        };
        let lock: Lock = serde_json::from_str(&text).map_err(|error| {
            Diagnostic::nowhere(&codes::OUTPUT, format!("`{}` is not a manifest of windlass", path.display()))
                .help(format!("{error}; move it away, or choose another folder"))
        })?;
        // A manifest is a file like any other: what it names outside of the folder is not ours.
        Ok(Some(lock.artifacts.into_iter().filter(|(path, _)| is_inside(path)).collect()))
    }

    /// How the file at `path` stands.
    pub fn compare(&mut self, path: &str, bytes: &[u8]) -> Result<Present, Diagnostic> {
        match self.stands(parent(path)) {
            Parent::Missing => return Ok(Present::No),
            Parent::Blocked => return Ok(Present::Blocked),
            Parent::There => {}
        }
        let full = self.out.join(path);
        match fs::symlink_metadata(&full) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Present::No),
            Err(error) => Err(failed("can't be read", &full, &error)),
            Ok(meta) if !meta.is_file() => Ok(Present::Blocked),
            Ok(meta) if meta.len() != bytes.len() as u64 => Ok(Present::Other),
            Ok(_) => match fs::read(&full) {
                Ok(present) if present == bytes => Ok(Present::Same),
                Ok(_) => Ok(Present::Other),
                Err(error) => Err(failed("can't be read", &full, &error)),
            },
        }
    }

    /// How a folder stands, relative to the output folder. In what is missing or blocked, nothing has to be looked for.
    fn stands(&mut self, folder: &str) -> Parent {
        if folder.is_empty() {
            return Parent::There;
        }
        if let Some(known) = self.parents.get(folder) {
            return *known;
        }
        let found = match self.stands(parent(folder)) {
            Parent::There => match fs::symlink_metadata(self.out.join(folder)) {
                Ok(meta) if meta.is_dir() => Parent::There,
                Ok(_) => Parent::Blocked,
                Err(_) => Parent::Missing,
            },
            above => above,
        };
        self.parents.insert(folder.to_owned(), found);
        found
    }

    /// Whether nothing is in the way of a file any more once the `stale` ones are removed.
    pub fn clears(&self, path: &str, stale: &BTreeSet<&str>) -> bool {
        let full = self.out.join(path);
        let above = self.above(&full).find(|above| !is_folder(above) && fs::symlink_metadata(above).is_ok());
        match above {
            Some(above) => self.is_stale(above, stale),
            None => is_folder(&full) && self.is_stale(&full, stale),
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
            Ok(_) => path.strip_prefix(&self.out).ok().and_then(Path::to_str).is_some_and(|path| stale.contains(path)),
            Err(_) => false,
        }
    }

    /// Keeps new content until all is there.
    pub fn stage(&mut self, path: &str, bytes: &[u8]) -> Result<(), Diagnostic> {
        let folder = parent(path);
        if !self.made.contains(folder) {
            let folder = self.files.join(folder);
            fs::create_dir_all(&folder).map_err(|error| failed("can't be written", &folder, &error))?;
            self.made.insert(parent(path).to_owned());
        }
        let staged = self.files.join(path);
        fs::write(&staged, bytes).map_err(|error| failed("can't be written", &staged, &error))
    }

    /// Replaces the manifest.
    pub fn put_manifest(&self, bytes: &[u8]) -> Result<(), Diagnostic> {
        let (staged, place) = (self.staging.join("manifest"), self.out.join(LOCK_FILE));
        let put = fs::write(&staged, bytes).and_then(|()| fs::rename(&staged, &place));
        put.map_err(|error| failed("can't be written", &place, &error))
    }

    /// Renames everything that was kept into its place: a folder as a whole where there is none yet.
    pub fn put_in_place(&self) -> Result<(), Diagnostic> {
        self.put(&self.files, &self.out)
    }

    fn put(&self, from: &Path, to: &Path) -> Result<(), Diagnostic> {
        if self.made.is_empty() {
            return Ok(());
        }
        let unread = |error: &io::Error| failed("can't be read", from, error);
        for entry in fs::read_dir(from).map_err(|error| unread(&error))? {
            let entry = entry.map_err(|error| unread(&error))?;
            let (from, to) = (entry.path(), to.join(entry.file_name()));
            if is_folder(&from) && is_folder(&to) {
                self.put(&from, &to)?;
            } else {
                fs::rename(&from, &to).map_err(|error| failed("can't be written", &to, &error))?;
            }
        }
        Ok(())
    }

    /// Removes a file that is not needed any more, and the folders that this empties. False when it was gone.
    pub fn remove(&self, path: &str) -> Result<bool, Diagnostic> {
        let full = self.out.join(path);
        // Behind a link, or in the place of a file that became a folder, is nothing that windlass wrote.
        if !self.above(&full).all(is_folder) || is_folder(&full) {
            return Ok(false);
        }
        match fs::remove_file(&full) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(failed("can't be removed", &full, &error)),
        }
        for parent in self.above(&full) {
            if fs::remove_dir(parent).is_err() {
                break;
            }
        }
        Ok(true)
    }
}

/// The folder of a file, both relative to the output folder.
fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Whether a folder stands here, and not a link to one.
fn is_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|meta| meta.is_dir())
}
