//! Compiling in a test: a spec and files in memory in, artifacts or drawn diagnostics out.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use windlass::engine::{Engine, Question, Silence};
use windlass::evaluate::Inputs;
use windlass::files::{Entry, Files};
use windlass::proofs::{Proofs, Recalling, Told};
use windlass::render::{Findings, Style, human};
use windlass_schemas::artifact::Artifacts;
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::source::Sources;
use windlass_targets::TARGETS;

/// The repository's folder.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The files of a folder, besides its specs.
pub struct Folder(pub PathBuf);

impl Files for Folder {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        std::fs::read(self.0.join(path))
    }

    fn list(&self, folder: &str) -> io::Result<Vec<Entry>> {
        let mut entries = Vec::new();
        for entry in std::fs::read_dir(self.0.join(folder))? {
            let entry = entry?;
            let name = entry.file_name().into_string().expect("a name in UTF-8");
            entries.push(Entry { name, folder: entry.path().is_dir() });
        }
        entries.sort();
        Ok(entries)
    }
}

/// What `windlass-server` said about files of a folder: `FILE.answer` beside golden pairs or rows. `conformance::server` asks it again.
pub struct Recorded(pub PathBuf);

impl Engine for Recorded {
    fn ask(&self, question: &Question<'_>) -> Result<serde_json::Value, Silence> {
        let file = match question {
            Question::Golden(_, golden) => &golden.file,
            Question::Score(_, rows) => &rows.dataset.path,
        };
        let answer = std::fs::read_to_string(self.0.join(format!("{file}.answer")));
        let answer = answer.map_err(|_| Silence::Absent("no answer is recorded".to_owned()))?;
        Ok(serde_json::from_str(&answer).expect("an answer in JSON"))
    }
}

/// The outcome of a compilation.
pub struct Outcome {
    pub artifacts: Option<Artifacts>,
    pub found: Vec<Diagnostic>,
    pub sources: Sources,
}

impl Outcome {
    /// The findings as a terminal without colours shows them.
    pub fn drawn(&self) -> String {
        let drawn = human(&self.findings(), Style::Ascii, 100);
        drawn.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
    }

    /// The findings, to be told in any format.
    pub fn findings(&self) -> Findings<'_> {
        Findings { found: &self.found, sources: &self.sources, strict: false, folder: "", here: "" }
    }

    /// The codes found, in order.
    pub fn codes(&self) -> Vec<&'static str> {
        self.found.iter().map(|diagnostic| diagnostic.code.name).collect()
    }

    /// Every text artifact by path.
    pub fn texts(&self) -> BTreeMap<String, String> {
        use windlass_schemas::artifact::Content;
        let artifacts = self.artifacts.as_ref().expect("the spec compiles");
        let texts = artifacts.iter().map(|(path, artifact)| match &artifact.content {
            Content::Text(text) => (path.to_owned(), text.clone()),
            Content::Copy { sha256, .. } => (path.to_owned(), format!("copy of {sha256}")),
        });
        texts.collect()
    }

    /// Writes what is below `prefix` into a folder; copies are taken from the project.
    pub fn write(&self, prefix: &str, project: &Path, folder: &Path) {
        use windlass_schemas::artifact::Content;
        for (path, artifact) in self.artifacts.as_ref().expect("the spec compiles").iter() {
            if path.starts_with(prefix) {
                let to = folder.join(path);
                std::fs::create_dir_all(to.parent().expect("a folder")).expect("made");
                match &artifact.content {
                    Content::Text(text) => std::fs::write(to, text).expect("written"),
                    Content::Copy { from, .. } => drop(std::fs::copy(project.join(from), to).expect("copied")),
                }
            }
        }
    }
}

/// Compiles specs, named and in memory, with the files of a folder beside them.
pub fn compile(specs: &[(&str, &str)], environment: Option<&str>, files: &Path) -> Outcome {
    let sources = Sources::default();
    for (name, text) in specs {
        sources.add(*name, *text);
    }
    let mut diags = Diagnostics::default();
    let inputs = Inputs { environment, variables: &[] };
    let (folder, recorded, told) = (Folder(files.to_owned()), Recorded(files.to_owned()), Told::default());
    let engine = Recalling { proofs: &Proofs::read(&folder), engine: &recorded, told: &told };
    let compiled = windlass::compile(&sources, &inputs, &folder, &engine, TARGETS, &mut diags);
    let artifacts = compiled.map(|compiled| compiled.artifacts());
    Outcome { artifacts, found: diags.into_sorted(), sources }
}

/// The command, run with these arguments.
pub fn windlass(arguments: &[&str]) -> std::process::Output {
    std::process::Command::new(env!("CARGO_BIN_EXE_windlass"))
        .args(arguments)
        .env("NO_COLOR", "1")
        .output()
        .expect("the command starts")
}
