//! What a folder declares, before anything is evaluated: locals, blocks by kind and name, and each of their attributes
//! as a node of the graph of references.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use windlass_schemas::codes::{
    DUPLICATE_NAME, INVALID_VALUE, MISSING_ATTRIBUTE, UNKNOWN_ATTRIBUTE, UNKNOWN_BLOCK, WRONG_LABELS,
};
use windlass_schemas::declare::{BlockDecl, FromText};
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::span::{FileId, Span};
use windlass_schemas::spec::BLOCKS;
use windlass_schemas::spec::language::{LANGUAGE, MODULE};
use windlass_schemas::spec::texts::{Label, Name};
use windlass_schemas::suggest::nearest;

use super::declares_type;
use super::expression::Place;
use super::names::{COMPUTED, KINDS, MEASURED};
use crate::parse::tree::{Attribute, Block, Body, Expression, Name as Word};

/// Something with a value that others can refer to.
pub(super) struct Node<'a> {
    pub(super) file: FileId,
    pub(super) what: What<'a>,
    pub(super) place: Place,
    name: NodeName<'a>,
}

/// What gives a node its value.
#[derive(Clone, Copy)]
pub(super) enum What<'a> {
    Expression(&'a Expression),
    /// The outputs of the module that this item uses.
    Module(usize),
}

enum NodeName<'a> {
    Local(&'a str),
    Output(&'a str),
    Attribute(usize, &'a str),
    Module(usize),
}

impl Node<'_> {
    /// The block that the node belongs to, where that has a `for_each` to be evaluated before.
    pub(super) fn repeated(&self, declared: &Declared) -> Option<usize> {
        match self.name {
            NodeName::Attribute(item, name) if name != FOR_EACH => declared.for_each(item).map(|_| item),
            _ => None,
        }
    }
}

/// The attribute that makes an instance of its block for every element.
pub(super) const FOR_EACH: &str = "for_each";

/// An entry of `locals`.
pub(super) struct Local {
    pub(super) node: usize,
    place: Span,
}

/// A block at the top of a file that is emitted, or a module.
pub(super) struct Item<'a> {
    pub(super) file: FileId,
    pub(super) block: &'a Block,
    damaged: bool,
    /// The node of its `for_each`.
    for_each: Option<usize>,
    /// The nodes of its attributes, by name.
    attributes: Vec<(&'a str, usize)>,
}

/// An `output` of a module.
pub(super) struct Output<'a> {
    pub(super) file: FileId,
    pub(super) block: &'a Block,
    /// The node of its value; `None` when it has none, which has been reported.
    pub(super) node: Option<usize>,
}

/// The names of a folder.
pub(super) struct Declared<'a> {
    pub(super) nodes: Vec<Node<'a>>,
    pub(super) locals: BTreeMap<&'a str, Local>,
    pub(super) items: Vec<Item<'a>>,
    pub(super) variables: Vec<(FileId, &'a Block)>,
    pub(super) environments: Vec<(FileId, &'a Block)>,
    pub(super) outputs: BTreeMap<&'a str, Output<'a>>,
    pub(super) moved: Vec<(FileId, &'a Block)>,
    /// The nodes of modules' outputs, by item.
    modules: BTreeMap<usize, usize>,
    /// A part of the spec could not be read: a name may be missing for that reason.
    pub(super) incomplete: bool,
    /// Names in blocks whose type is misspelt: what refers to them is right, and the block's type is reported.
    misplaced: BTreeSet<&'a str>,
    blocks: BTreeMap<&'a str, BTreeMap<&'a str, usize>>,
}

pub(super) fn label_span(label: &Word, file: FileId) -> Span {
    label.span.of(file)
}

/// From the type of a block to its last label.
pub(super) fn header(block: &Block, file: FileId) -> Span {
    let kind = block.kind.span.of(file);
    block.labels.last().map_or(kind, |label| kind.to(label_span(label, file)))
}

/// Gathers what `bodies` declare. `faults` are the places of what parsing reported in them, `placeless` whether there
/// was more. `root` tells the project's own folder from that of a module.
pub(super) fn declare<'a>(
    bodies: &'a [(FileId, Body)],
    root: bool,
    placeless: bool,
    faults: &[Span],
    diags: &mut Diagnostics,
) -> Declared<'a> {
    let blocks = || bodies.iter().flat_map(|(_, body)| &body.blocks);
    let mut declared = Declared {
        nodes: Vec::with_capacity(blocks().map(|block| block.body.attributes.len()).sum()),
        locals: BTreeMap::new(),
        items: Vec::with_capacity(blocks().count()),
        variables: Vec::new(),
        environments: Vec::new(),
        outputs: BTreeMap::new(),
        moved: Vec::new(),
        modules: BTreeMap::new(),
        incomplete: placeless,
        misplaced: BTreeSet::new(),
        blocks: BTreeMap::new(),
    };
    let mut explained = 0;
    for (file, body) in bodies {
        unique(body, *file, true, diags);
        body.attributes.iter().for_each(|attribute| stray(attribute, *file, diags));
        for block in &body.blocks {
            let range = block.span.start..block.span.end;
            let inside = faults.iter().filter(|f| f.file == *file && range.contains(&f.start)).count();
            explained += inside;
            if belongs(block, *file, root, diags) {
                declared.block(*file, block, inside > 0, diags);
            }
        }
    }
    declared.incomplete |= explained < faults.len();
    differ(bodies.iter().flat_map(|(file, body)| body.blocks.iter().map(|block| (*file, block))), diags);
    declared
}

/// Whether the block may stand in this folder; reports it when not.
fn belongs(block: &Block, file: FileId, root: bool, diags: &mut Diagnostics) -> bool {
    let kind = block.kind.as_str();
    let (message, help) = match (kind, root) {
        ("project" | "platform" | "environment", false) => (
            format!("a module has no `{kind}`"),
            format!(
                "write the `{kind}` in the project's own folder; a module is told what it needs through its variables"
            ),
        ),
        ("output", true) => (
            "an `output` belongs in a module".to_owned(),
            "name a value with `locals { … }`; an output passes one from a module to the block that uses it".to_owned(),
        ),
        _ => return true,
    };
    let span = block.kind.span.of(file);
    diags.push(Diagnostic::at(&UNKNOWN_BLOCK, span, message).help(help));
    false
}

fn stray(attribute: &Attribute, file: FileId, diags: &mut Diagnostics) {
    let span = attribute.name.span.of(file);
    let name = attribute.name.as_str();
    let message = format!("the attribute `{name}` stands outside of every block");
    let help = format!("name a value with `locals {{ {name} = … }}`, or move it into a block");
    diags.push(Diagnostic::at(&UNKNOWN_BLOCK, span, message).help(help));
}

impl<'a> Declared<'a> {
    fn block(&mut self, file: FileId, block: &'a Block, damaged: bool, diags: &mut Diagnostics) {
        // Any name may have been meant by an empty one, which is refused.
        self.incomplete |= block.labels.iter().any(|label| label.as_str().is_empty());
        match block.kind.as_str() {
            "locals" => {
                self.incomplete |= damaged;
                labels(block, file, 0, diags);
                for inner in &block.body.blocks {
                    let span = inner.kind.span.of(file);
                    diags.push(
                        Diagnostic::at(&UNKNOWN_BLOCK, span, "`locals` holds attributes only")
                            .help(format!("an object is written with `=`: `{} = {{ … }}`", inner.kind.as_str())),
                    );
                }
                for attribute in &block.body.attributes {
                    self.local(file, attribute, diags);
                }
            }
            "variable" => {
                self.incomplete |= damaged;
                if labels(block, file, 1, diags) {
                    check_name::<Name>(block, file, diags);
                    self.variables.push((file, block));
                }
            }
            "environment" => {
                if labels(block, file, 1, diags) {
                    // It becomes a part of every other name, and of a path.
                    check_name::<Label>(block, file, diags);
                    self.environments.push((file, block));
                }
            }
            "output" => {
                self.incomplete |= damaged;
                if labels(block, file, 1, diags) {
                    check_name::<Name>(block, file, diags);
                    self.output(file, block, diags);
                }
            }
            "moved" => {
                if labels(block, file, 0, diags) {
                    self.moved.push((file, block));
                }
            }
            kind if is_misspelt(kind) => {
                self.misplaced.extend(block.labels.iter().map(Word::as_str));
                self.misplaced.extend(block.body.attributes.iter().map(|attribute| attribute.name.as_str()));
                self.items.push(Item { file, block, damaged, for_each: None, attributes: Vec::new() });
            }
            kind => {
                let module = kind == MODULE.kind;
                if module {
                    self.incomplete |= damaged;
                    if !labels(block, file, 1, diags) {
                        return;
                    }
                    check_name::<Name>(block, file, diags);
                }
                self.item(file, block, damaged, module, diags);
            }
        }
    }

    fn item(&mut self, file: FileId, block: &'a Block, damaged: bool, module: bool, diags: &mut Diagnostics) {
        let item = self.items.len();
        let kind = block.kind.as_str();
        if let ([label], true) = (&*block.labels, module || KINDS.contains(&kind)) {
            self.blocks.entry(kind).or_default().entry(label.as_str()).or_insert(item);
        }
        let decl = BLOCKS.iter().find(|decl| decl.kind == kind && decl.repeatable);
        let repeatable = module || decl.is_some();
        if decl.is_some_and(|decl| misspelt_for_each(decl, block, file, diags)) {
            self.items.push(Item { file, block, damaged: true, for_each: None, attributes: Vec::new() });
            return;
        }
        let mut for_each = None;
        let mut attributes = Vec::with_capacity(block.body.attributes.len());
        let place = Place::of(block);
        for attribute in &block.body.attributes {
            let name = attribute.name.as_str();
            if declares_type(kind, place, name).is_some() {
                continue;
            }
            let node = self.nodes.len();
            if repeatable && name == FOR_EACH {
                for_each = Some(node);
            }
            attributes.push((name, node));
            let what = What::Expression(&attribute.value);
            let place = if for_each == Some(node) { Place::Elements } else { place };
            self.nodes.push(Node { file, what, place, name: NodeName::Attribute(item, name) });
        }
        if module {
            self.modules.insert(item, self.nodes.len());
            self.nodes.push(Node { file, what: What::Module(item), place, name: NodeName::Module(item) });
        }
        attributes.sort_unstable();
        self.items.push(Item { file, block, damaged, for_each, attributes });
    }

    fn output(&mut self, file: FileId, block: &'a Block, diags: &mut Diagnostics) {
        let Some(name) = block.labels.first().map(Word::as_str) else { return };
        if self.outputs.contains_key(name) {
            // Reported with all names that are given twice.
            return;
        }
        let value = block.body.attribute("value");
        let node = value.map(|attribute| {
            let what = What::Expression(&attribute.value);
            self.nodes.push(Node { file, what, place: Place::Block, name: NodeName::Output(name) });
            self.nodes.len() - 1
        });
        if node.is_none() {
            let message = "this `output` has no `value`";
            diags.push(Diagnostic::at(&MISSING_ATTRIBUTE, header(block, file), message).help("add `value = …`"));
        }
        self.outputs.insert(name, Output { file, block, node });
    }

    fn local(&mut self, file: FileId, attribute: &'a Attribute, diags: &mut Diagnostics) {
        let name = attribute.name.as_str();
        let place = attribute.name.span.of(file);
        if let Some(first) = self.locals.get(name) {
            let message = format!("the local value `{name}` is given twice");
            diags.push(
                Diagnostic::at(&DUPLICATE_NAME, place, message)
                    .label(first.place, "given here first")
                    .help("rename one of them"),
            );
            return;
        }
        let node = self.nodes.len();
        self.locals.insert(name, Local { node, place });
        let name = NodeName::Local(name);
        self.nodes.push(Node { file, what: What::Expression(&attribute.value), place: Place::Block, name });
    }

    /// Whether the type of a block is misspelt.
    pub(super) fn misspelt(&self, item: usize) -> bool {
        self.items.get(item).is_some_and(|item| is_misspelt(item.block.kind.as_str()))
    }

    /// Whether a block may be missing because of something that was, or will be, reported.
    pub(super) fn unsure(&self) -> bool {
        self.incomplete || !self.misplaced.is_empty()
    }

    /// Whether a name may be missing because of something that was reported.
    pub(super) fn excused(&self, name: &str) -> bool {
        self.incomplete || self.misplaced.contains(name)
    }

    /// The names of the blocks of a kind.
    pub(super) fn names(&self, kind: &str) -> impl Iterator<Item = &'a str> + '_ {
        self.blocks.get(kind).into_iter().flat_map(|names| names.keys().copied())
    }

    /// The block `KIND.NAME`.
    pub(super) fn find(&self, kind: &str, name: &str) -> Option<usize> {
        self.blocks.get(kind).and_then(|names| names.get(name)).copied()
    }

    fn attributes(&self, item: usize) -> &[(&'a str, usize)] {
        self.items.get(item).map_or(&[], |item| &item.attributes)
    }

    /// The node of an attribute of a block.
    pub(super) fn attribute(&self, item: usize, name: &str) -> Option<usize> {
        let attributes = self.attributes(item);
        attributes.binary_search_by_key(&name, |(name, _)| name).ok().map(|at| attributes[at].1)
    }

    /// The node behind a property, written or computed.
    pub(super) fn property_node(&self, item: usize, kind: &str, name: &str) -> Option<usize> {
        if MEASURED.contains(&kind) {
            return None;
        }
        self.attribute(item, name).or_else(|| {
            let (.., attribute, _) = COMPUTED.iter().find(|(of, property, ..)| *of == kind && *property == name)?;
            self.attribute(item, attribute)
        })
    }

    /// The node of a block's `for_each`.
    pub(super) fn for_each(&self, item: usize) -> Option<usize> {
        self.items.get(item)?.for_each
    }

    /// The node of a module's outputs.
    pub(super) fn module(&self, item: usize) -> Option<usize> {
        self.modules.get(&item).copied()
    }

    /// The nodes of all attributes of a block.
    pub(super) fn attribute_nodes(&self, item: usize) -> impl Iterator<Item = usize> + '_ {
        self.attributes(item).iter().map(|(_, node)| *node)
    }

    pub(super) fn attribute_names(&self, item: usize) -> impl Iterator<Item = &'a str> + '_ {
        self.attributes(item).iter().map(|(name, _)| *name)
    }

    /// Whether parsing left out a part of the block.
    pub(super) fn damaged(&self, item: usize) -> bool {
        self.items.get(item).is_some_and(|item| item.damaged)
    }

    pub(super) fn header(&self, item: usize) -> Span {
        self.items.get(item).map(|item| header(item.block, item.file)).unwrap_or_default()
    }

    /// What a user calls a node: `local.x` or `bucket.data.name`.
    pub(super) fn node_name(&self, node: usize) -> String {
        match self.nodes.get(node).map(|node| &node.name) {
            Some(NodeName::Local(name)) => format!("local.{name}"),
            Some(NodeName::Output(name)) => format!("output.{name}"),
            Some(NodeName::Attribute(item, name)) => format!("{}.{name}", self.item_name(*item)),
            Some(NodeName::Module(item)) => self.item_name(*item),
            None => String::new(),
        }
    }

    /// The type and the name of a block with one label.
    pub(super) fn named(&self, item: usize) -> Option<(&'a str, &'a str)> {
        let block = self.items.get(item)?.block;
        Some((block.kind.as_str(), block.labels.first()?.as_str()))
    }

    /// What a user calls a block: `bucket.data`.
    pub(super) fn item_name(&self, item: usize) -> String {
        let Some(item) = self.items.get(item) else { return String::new() };
        let labels: String = item.block.labels.iter().map(|label| format!(".{}", label.as_str())).collect();
        format!("{}{labels}", item.block.kind.as_str())
    }
}

/// Reports the label of a block that evaluation reads, unless it is a `T`.
fn check_name<T: FromText>(block: &Block, file: FileId, diags: &mut Diagnostics) {
    let Some(label) = block.labels.first() else { return };
    if let Err(message) = T::from_text(label.as_str()) {
        diags.push(Diagnostic::at(&INVALID_VALUE, label_span(label, file), message));
    }
}

/// Whether there are no blocks of this type, and some of nearly this type.
fn is_misspelt(kind: &str) -> bool {
    let known = || BLOCKS.iter().chain(LANGUAGE).map(|decl| decl.kind);
    !KINDS.contains(&kind) && !known().any(|known| known == kind) && nearest(kind, known()).is_some()
}

/// Whether a block has as many labels as its kind asks for.
fn labels(block: &Block, file: FileId, wanted: usize, diags: &mut Diagnostics) -> bool {
    if block.labels.len() == wanted {
        return true;
    }
    let kind = block.kind.as_str();
    let shape = if wanted == 0 { format!("`{kind} {{ … }}`") } else { format!("`{kind} \"name\" {{ … }}`") };
    let count = ["takes no label", "takes one label"].get(wanted).copied().unwrap_or("takes other labels");
    diags.push(
        Diagnostic::at(&WRONG_LABELS, header(block, file), format!("`{kind}` {count}"))
            .help(format!("write it as {shape}")),
    );
    false
}

/// The type of a block and its labels.
fn key(block: &Block) -> (&str, impl Iterator<Item = &str>) {
    (block.kind.as_str(), block.labels.iter().map(Word::as_str))
}

fn by_key(one: &Block, other: &Block) -> Ordering {
    let ((kind, labels), (other_kind, other_labels)) = (key(one), key(other));
    kind.cmp(other_kind).then_with(|| labels.cmp(other_labels))
}

fn twice(block: &Block, file: FileId, first: Span) -> Diagnostic {
    let (kind, labels) = key(block);
    let labels: String = labels.map(|label| format!(" \"{label}\"")).collect();
    Diagnostic::at(&DUPLICATE_NAME, header(block, file), format!("`{kind}{labels}` is declared twice"))
        .label(first, "declared here first")
        .help("rename one of them, or merge the two")
}

/// Whether a block has something that was meant to be its `for_each`, which is reported: then nobody knows which
/// instances it has.
fn misspelt_for_each(decl: &BlockDecl, block: &Block, file: FileId, diags: &mut Diagnostics) -> bool {
    let known = || decl.attribute_names().chain(decl.blocks.iter().map(|child| child.block.kind));
    let mut names = block.body.attributes.iter().map(|attribute| &attribute.name);
    let meant = |name: &str| !known().any(|known| known == name) && nearest(name, known()) == Some(FOR_EACH);
    let misspelt = names.find(|name| meant(name.as_str()) && block.body.attribute(FOR_EACH).is_none());
    let Some(name) = misspelt else { return false };
    let place = name.span.of(file);
    let message = format!("`{}` has no attribute `{}`", decl.kind, name.as_str());
    diags.push(Diagnostic::at(&UNKNOWN_ATTRIBUTE, place, message).help(format!("did you mean `{FOR_EACH}`?")));
    true
}

/// Blocks with labels must differ from their neighbours; in bodies within, blocks without labels are for the decoder.
fn unique(body: &Body, file: FileId, top: bool, diags: &mut Diagnostics) {
    if !top {
        differ(body.blocks.iter().map(|block| (file, block)), diags);
    }
    body.blocks.iter().for_each(|block| unique(&block.body, file, false, diags));
}

/// Reports the blocks with labels that are not the first with theirs.
fn differ<'a>(blocks: impl Iterator<Item = (FileId, &'a Block)>, diags: &mut Diagnostics) {
    let mut blocks: Vec<(FileId, &Block)> = blocks.filter(|(_, block)| !block.labels.is_empty()).collect();
    // Of those with the same labels, the first stays the first.
    blocks.sort_by(|(_, one), (_, other)| by_key(one, other));
    for same in blocks.chunk_by(|(_, one), (_, other)| by_key(one, other).is_eq()) {
        if let [(first_file, first), others @ ..] = same {
            let first = header(first, *first_file);
            others.iter().for_each(|(file, block)| diags.push(twice(block, *file, first)));
        }
    }
}
