//! Writes artifacts to the output folder, and never over a file that windlass did not write.
//!
//! New content is first written whole to a folder beside the files, each as soon as it is made; only when all of it is
//! there is it renamed into its place. Files that are the same already are not touched. An interruption between two
//! renames leaves whole files, some new and some old, all of which the manifest names: compiling again mends it.

mod folder;

use std::collections::{BTreeMap, BTreeSet};
use std::mem::ManuallyDrop;
use std::path::Path;

use sha2::{Digest, Sha256};
use windlass::Compiled;
use windlass::files::Files;
use windlass::lock::{Entry, LOCK_FILE, Lock};
use windlass_schemas::artifact::{Output, hex};
use windlass_schemas::codes;
use windlass_schemas::diagnostic::Diagnostic;
use windlass_schemas::source::Sources;
use windlass_schemas::span::Span;

use super::project::Project;
use folder::{Folder, Present};

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

/// Writes what a spec needs to the folder `out`, with a manifest of it.
pub fn write(compiled: &Compiled, project: &Project, sources: &Sources, out: &Path) -> Result<Written, Diagnostic> {
    let folder = Folder::claim(out)?;
    let before = folder.manifest()?;
    let mut writer = Writer {
        lock: ManuallyDrop::new(Lock::new(&compiled.moved)),
        blocked: Vec::new(),
        done: Written::default(),
        failed: None,
        folder,
        before,
        project,
        sources,
    };
    compiled.emit(&mut writer);
    writer.finish()
}

/// Puts every file aside that is not in the output folder already.
struct Writer<'a> {
    folder: Folder,
    project: &'a Project,
    sources: &'a Sources,
    /// The files that an earlier compilation wrote here, besides the manifest; `None` when there was none.
    before: Option<BTreeMap<String, Entry>>,
    /// Not dropped: the process ends when all is written, and its memory with it.
    lock: ManuallyDrop<Lock>,
    /// Files in whose place, or above it, something else stands. That it is no longer needed is known in the end.
    blocked: Vec<String>,
    done: Written,
    failed: Option<Diagnostic>,
}

impl Output for Writer<'_> {
    fn text(&mut self, target: &'static str, path: &str, text: &str, origins: &[Span]) {
        self.known(target, path, text, &hex(&Sha256::digest(text)), origins);
    }

    fn known(&mut self, target: &'static str, path: &str, text: &str, sha256: &str, origins: &[Span]) {
        self.lock.add(path, target, sha256.to_owned(), origins, self.sources);
        self.add(path, |_| Ok(text.as_bytes()));
    }

    fn copy(&mut self, target: &'static str, path: &str, from: &str, sha256: &str, origins: &[Span]) {
        self.lock.add(path, target, sha256.to_owned(), origins, self.sources);
        self.add(path, |writer| writer.copied(from, sha256));
    }
}

impl Writer<'_> {
    fn add<B: AsRef<[u8]>>(&mut self, path: &str, content: impl Fn(&Self) -> Result<B, Diagnostic>) {
        if self.failed.is_none() {
            let added = content(self).and_then(|bytes| self.put_aside(path, bytes.as_ref()));
            self.failed = added.err();
        }
    }

    /// Keeps a file for its place, unless it is there already.
    fn put_aside(&mut self, path: &str, bytes: &[u8]) -> Result<(), Diagnostic> {
        match self.folder.compare(path, bytes)? {
            Present::Same => {
                self.done.unchanged += 1;
                return Ok(());
            }
            Present::Other if self.before.as_ref().is_none_or(|before| !before.contains_key(path)) => {
                return Err(self.folder.foreign(path));
            }
            Present::No | Present::Other => {}
            Present::Blocked => self.blocked.push(path.to_owned()),
        }
        self.done.written += 1;
        self.folder.stage(path, bytes)
    }

    /// A file of the project, if it is still the one that was compiled.
    fn copied(&self, from: &str, sha256: &str) -> Result<Vec<u8>, Diagnostic> {
        let read = self.project.read(from);
        let bytes = read.map_err(|error| self.folder.failed("can't be read", Path::new(from), &error))?;
        if hex(&Sha256::digest(&bytes)) == sha256 {
            return Ok(bytes);
        }
        let message = format!("`{from}` changed while it was compiled");
        Err(Diagnostic::nowhere(&codes::OUTPUT, message).help("compile again"))
    }

    /// Puts everything in its place.
    fn finish(self) -> Result<Written, Diagnostic> {
        let Writer { mut folder, before, lock, blocked, mut done, failed, .. } = self;
        if let Some(failed) = failed {
            return Err(failed);
        }
        let has_lock = before.is_some();
        let mut stale = before.unwrap_or_default();
        stale.retain(|path, _| !lock.artifacts.contains_key(path));
        let stale_paths: BTreeSet<&str> = stale.keys().map(String::as_str).collect();
        if let Some(path) = blocked.iter().find(|path| !folder.clears(path, &stale_paths)) {
            return Err(folder.foreign(path));
        }
        let manifest = lock.to_bytes();
        match folder.compare(LOCK_FILE, &manifest)? {
            Present::Same => done.unchanged += 1,
            Present::No => done.written += 1,
            Present::Other if has_lock => done.written += 1,
            Present::Other | Present::Blocked => return Err(folder.foreign(LOCK_FILE)),
        }
        if done.written == 0 && stale.is_empty() {
            return Ok(done);
        }
        // From here on, until the end, the manifest names the files of both compilations: after an interruption, the
        // next one knows all of them for windlass's own.
        if stale.is_empty() {
            folder.put_manifest(&manifest)?;
        } else {
            let mut both = lock;
            both.artifacts.extend(stale.iter().map(|(path, entry)| (path.clone(), entry.clone())));
            folder.put_manifest(&both.to_bytes())?;
        }
        // Stale files go first: one may be where a folder is to be, and the other way round.
        for path in &stale_paths {
            done.removed += usize::from(folder.remove(path)?);
        }
        folder.put_in_place()?;
        if !stale.is_empty() {
            folder.put_manifest(&manifest)?;
        }
        Ok(done)
    }
}
