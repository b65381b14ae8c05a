//! The files beside a spec: models, templates, whatever an expression reads. The command line gives the real ones.

use std::collections::BTreeMap;
use std::io;

/// The files of a project, by path relative to its folder with `/` between the parts.
pub trait Files {
    /// All bytes of a file.
    fn read(&self, path: &str) -> io::Result<Vec<u8>>;
    /// What a folder holds, sorted by name; `.` is the project's own folder.
    fn list(&self, folder: &str) -> io::Result<Vec<Entry>>;
}

/// Something in a folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Its name, without a path.
    pub name: String,
    /// Whether it is a folder; else it is a regular file.
    pub folder: bool,
}

/// Files in memory, by path.
impl Files for BTreeMap<String, Vec<u8>> {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        self.get(path).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn list(&self, folder: &str) -> io::Result<Vec<Entry>> {
        let prefix = if folder == "." { String::new() } else { format!("{folder}/") };
        let inside = self.keys().filter_map(|path| path.strip_prefix(&prefix));
        let mut entries: Vec<Entry> = inside
            .map(|path| match path.split_once('/') {
                Some((name, _)) => Entry { name: name.to_owned(), folder: true },
                None => Entry { name: path.to_owned(), folder: false },
            })
            .collect();
        entries.dedup();
        if entries.is_empty() { Err(io::ErrorKind::NotFound.into()) } else { Ok(entries) }
    }
}
