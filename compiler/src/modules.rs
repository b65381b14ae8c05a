//! The folders of modules: parsed files of the project in, the parsed files of every module that it uses out.
//!
//! A folder is read and parsed once, however many `module` blocks name it.

use std::collections::BTreeMap;

use windlass_schemas::codes::{CYCLE, INVALID_VALUE, LIMIT, MISSING_ATTRIBUTE, MODULE_UNREADABLE, UNKNOWN_ATTRIBUTE};
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::source::Sources;
use windlass_schemas::span::{FileId, Span};
use windlass_schemas::spec::language::MODULE;
use windlass_schemas::suggest::nearest;

use crate::files::Files;
use crate::parse::tree::{Attribute, Block, Body, ExpressionKind};
use crate::parse::{parse, parse_all};

/// Modules in modules.
const MAX_DEPTH: usize = 16;
/// Bytes of one spec file: places are counted in 32 bits, and a person wrote it.
pub const LARGEST_SPEC: u64 = 64 << 20;

/// The project's own folder.
pub const ROOT: &str = ".";

/// Every folder of a project that holds blocks, by its path.
#[derive(Debug, Default)]
pub struct Folders {
    /// Parsed files, by path relative to the project's folder; [`ROOT`] is that folder itself.
    pub bodies: BTreeMap<String, Vec<(FileId, Body)>>,
    /// The folder that a `module` block names, by the place of the block's type. Missing where it was refused.
    named: BTreeMap<Span, String>,
}

impl Folders {
    /// A project without modules.
    pub fn root(bodies: Vec<(FileId, Body)>) -> Self {
        Folders { bodies: BTreeMap::from([(ROOT.to_owned(), bodies)]), named: BTreeMap::new() }
    }

    /// The folder of a `module` block in `file`; `None` when it was refused, which has been reported.
    pub fn named(&self, block: &Block, file: FileId) -> Option<&str> {
        self.named.get(&keyword(block, file)).map(String::as_str)
    }
}

fn keyword(block: &Block, file: FileId) -> Span {
    block.kind.span.of(file)
}

/// Parses the spec, and every folder that its modules name.
pub fn load(sources: &Sources, files: &dyn Files, diags: &mut Diagnostics) -> Folders {
    let mut loader = Loader { sources, files, folders: Folders::root(parse_all(sources, diags)), diags };
    loader.follow(&mut vec![ROOT.to_owned()]);
    loader.folders
}

struct Loader<'a> {
    sources: &'a Sources,
    files: &'a dyn Files,
    folders: Folders,
    diags: &'a mut Diagnostics,
}

/// A `module` block as far as its folder is concerned.
struct Call {
    keyword: Span,
    source: Result<(String, Span), Diagnostic>,
}

impl Loader<'_> {
    /// Loads what the last folder of the path uses, and what that uses.
    fn follow(&mut self, path: &mut Vec<String>) {
        let Some(folder) = path.last().cloned() else { return };
        let calls: Vec<Call> = match self.folders.bodies.get(&folder) {
            Some(bodies) => bodies.iter().flat_map(|(file, body)| calls(body, *file)).collect(),
            None => return,
        };
        for Call { keyword, source } in calls {
            let (source, place) = match source {
                Ok(source) => source,
                Err(finding) => {
                    self.diags.push(finding);
                    continue;
                }
            };
            match self.resolve(&folder, &source, place, path) {
                Ok(target) => {
                    let new = !self.folders.bodies.contains_key(&target);
                    if new && !self.read(&target, &source, place) {
                        continue;
                    }
                    self.folders.named.insert(keyword, target.clone());
                    if new {
                        path.push(target);
                        self.follow(path);
                        path.pop();
                    }
                }
                Err(finding) => self.diags.push(*finding),
            }
        }
    }

    /// The path of a folder that a module in `folder` names.
    fn resolve(&self, folder: &str, source: &str, place: Span, path: &[String]) -> Result<String, Box<Diagnostic>> {
        let refuse = |code, message: String, help: &str| Err(Box::new(Diagnostic::at(code, place, message).help(help)));
        if !(source.starts_with("./") || source.starts_with("../")) || source.contains(['\\', '\0']) {
            let message = format!("`{source}` is not the path of a folder");
            return refuse(&INVALID_VALUE, message, "a module is a local folder: write `./` or `../` before its path");
        }
        let mut parts: Vec<&str> = folder.split('/').filter(|part| *part != ".").collect();
        for part in source.split('/') {
            match (part, parts.last()) {
                ("" | ".", _) => {}
                ("..", Some(last)) if *last != ".." => drop(parts.pop()),
                (part, _) => parts.push(part),
            }
        }
        let target = if parts.is_empty() { ROOT.to_owned() } else { parts.join("/") };
        if let Some(start) = path.iter().position(|step| *step == target) {
            let round = path.iter().skip(start).chain([&target]);
            let round: Vec<String> = round.map(|step| format!("`{step}`")).collect();
            let message = format!("the module in `{target}` uses itself: {}", round.join(" -> "));
            return refuse(&CYCLE, message, "a folder can't be a part of itself");
        }
        if path.len() > MAX_DEPTH {
            let message = format!("modules are nested more than {MAX_DEPTH} levels deep");
            return refuse(&LIMIT, message, "use the inner modules directly");
        }
        Ok(target)
    }

    /// Reads and parses a folder; false when that is not possible, which is reported.
    fn read(&mut self, target: &str, source: &str, place: Span) -> bool {
        let entries = match self.files.list(target) {
            Ok(entries) => entries,
            Err(error) => {
                let message = format!("the folder `{source}` can't be read");
                self.diags.push(Diagnostic::at(&MODULE_UNREADABLE, place, message).help(error.to_string()));
                return false;
            }
        };
        let specs = entries.into_iter().filter(|entry| !entry.folder && is_spec(&entry.name));
        let mut bodies = Vec::new();
        for entry in specs {
            let path = if target == ROOT { entry.name } else { format!("{target}/{}", entry.name) };
            match self.files.read(&path).map_err(|error| error.to_string()).and_then(|bytes| text(&bytes)) {
                Ok(text) => {
                    let file = self.sources.add(path, text);
                    bodies.push((file, parse(self.sources, file, self.diags)));
                }
                Err(reason) => {
                    let message = format!("`{path}` can't be read");
                    self.diags.push(Diagnostic::at(&MODULE_UNREADABLE, place, message).help(reason));
                    return false;
                }
            }
        }
        if bodies.is_empty() {
            let message = format!("the folder `{source}` has no spec");
            let help = "name a folder with a file that ends in `.hcl`";
            self.diags.push(Diagnostic::at(&MODULE_UNREADABLE, place, message).help(help));
            return false;
        }
        self.folders.bodies.insert(target.to_owned(), bodies);
        true
    }
}

/// Whether a file of this name belongs to the spec of its folder. Editors keep hidden copies beside a file.
pub fn is_spec(name: &str) -> bool {
    name.ends_with(".hcl") && !name.starts_with('.')
}

fn text(bytes: &[u8]) -> Result<String, String> {
    if bytes.len() as u64 > LARGEST_SPEC {
        return Err(format!("it has {} bytes; at most {LARGEST_SPEC} are read", bytes.len()));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(error) => {
            let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
            Err(format!("line {line} is not UTF-8; save the file as UTF-8"))
        }
    }
}

fn calls(body: &Body, file: FileId) -> Vec<Call> {
    let modules = body.blocks.iter().filter(|block| block.kind.as_str() == MODULE.kind);
    modules.map(|block| Call { keyword: keyword(block, file), source: source(block, file) }).collect()
}

/// The `source` of a module: known before anything is evaluated, so a literal.
fn source(block: &Block, file: FileId) -> Result<(String, Span), Diagnostic> {
    let Some(attribute) = block.body.attribute("source") else {
        let keyword = keyword(block, file);
        let place = block.labels.last().map_or(keyword, |label| keyword.to(label.span.of(file)));
        let meant = |attribute: &&Attribute| nearest(attribute.name.as_str(), ["source"]).is_some();
        if let Some(misspelt) = block.body.attributes.iter().find(meant) {
            let place = misspelt.name.span.of(file);
            let message = format!("`module` has no attribute `{}`", misspelt.name.as_str());
            return Err(Diagnostic::at(&UNKNOWN_ATTRIBUTE, place, message).help("did you mean `source`?"));
        }
        let message = "this `module` has no `source`";
        return Err(Diagnostic::at(&MISSING_ATTRIBUTE, place, message)
            .help("add `source = \"./FOLDER\"`: the folder with the module's blocks"));
    };
    let place = attribute.value.span.of(file);
    match &attribute.value.kind {
        ExpressionKind::String(text) => Ok((text.to_string(), place)),
        _ => Err(Diagnostic::at(&INVALID_VALUE, place, "the `source` of a module must be written out")
            .help("it is read before anything is evaluated: write a path in quotes, as in `\"./modules/serving\"`")),
    }
}
