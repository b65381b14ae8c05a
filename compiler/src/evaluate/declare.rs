//! What the spec declares, before anything is evaluated: locals, blocks by kind and name, and each of their attributes
//! as a node of the graph of references.

use std::collections::{BTreeMap, BTreeSet};

use hcl::edit::Span as _;
use hcl::edit::expr::Expression;
use hcl::edit::structure::{Attribute, Block, BlockLabel, Body, Structure};
use windlass_schemas::codes::{DUPLICATE_NAME, INVALID_VALUE, UNKNOWN_BLOCK, WRONG_LABELS};
use windlass_schemas::declare::FromText;
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::span::{FileId, Span};
use windlass_schemas::spec::BLOCKS;
use windlass_schemas::spec::texts::{Label, Name};
use windlass_schemas::suggest::nearest;

use super::expression::Place;
use super::names::{COMPUTED, KINDS, MEASURED};

/// A named expression.
pub(super) struct Node<'a> {
    pub(super) file: FileId,
    pub(super) expr: &'a Expression,
    pub(super) place: Place,
    name: NodeName<'a>,
}

enum NodeName<'a> {
    Local(&'a str),
    Attribute(usize, &'a str),
}

/// An entry of `locals`.
pub(super) struct Local {
    pub(super) node: usize,
    place: Span,
}

/// A block at the top of a file, other than `locals`, `variable` and `environment`.
pub(super) struct Item<'a> {
    pub(super) file: FileId,
    pub(super) block: &'a Block,
    damaged: bool,
}

/// The names of a spec.
pub(super) struct Declared<'a> {
    pub(super) nodes: Vec<Node<'a>>,
    pub(super) locals: BTreeMap<&'a str, Local>,
    pub(super) items: Vec<Item<'a>>,
    pub(super) variables: Vec<(FileId, &'a Block)>,
    pub(super) environments: Vec<(FileId, &'a Block)>,
    /// A part of the spec could not be read: a name may be missing for that reason.
    pub(super) incomplete: bool,
    /// Names in blocks whose type is misspelt: what refers to them is right, and the block's type is reported.
    misplaced: BTreeSet<&'a str>,
    blocks: BTreeMap<&'a str, BTreeMap<&'a str, usize>>,
    attributes: BTreeMap<(usize, &'a str), usize>,
}

pub(super) fn label_span(label: &BlockLabel, file: FileId) -> Span {
    Span::new(file, label.span().unwrap_or(0..0))
}

/// From the type of a block to its last label.
pub(super) fn header(block: &Block, file: FileId) -> Span {
    let kind = Span::new(file, block.ident.span().unwrap_or(0..0));
    block.labels.last().map_or(kind, |label| kind.to(label_span(label, file)))
}

/// Gathers what `bodies` declare. `faults` are the places of what parsing reported, `placeless` whether there was more.
pub(super) fn declare<'a>(
    bodies: &'a [(FileId, Body)],
    placeless: bool,
    faults: &[Span],
    diags: &mut Diagnostics,
) -> Declared<'a> {
    let mut declared = Declared {
        nodes: Vec::new(),
        locals: BTreeMap::new(),
        items: Vec::new(),
        variables: Vec::new(),
        environments: Vec::new(),
        incomplete: placeless,
        misplaced: BTreeSet::new(),
        blocks: BTreeMap::new(),
        attributes: BTreeMap::new(),
    };
    let mut explained = 0;
    for (file, body) in bodies {
        unique(body, *file, true, diags);
        for structure in body {
            let block = match structure {
                Structure::Block(block) => block,
                Structure::Attribute(attribute) => {
                    stray(attribute, *file, diags);
                    continue;
                }
            };
            let range = block.span().unwrap_or(0..0);
            let inside = faults.iter().filter(|f| f.file == *file && range.contains(&(f.start as usize))).count();
            explained += inside;
            declared.block(*file, block, inside > 0, diags);
        }
    }
    declared.incomplete |= explained < faults.len();
    across_files(bodies, diags);
    declared
}

fn stray(attribute: &Attribute, file: FileId, diags: &mut Diagnostics) {
    let span = Span::new(file, attribute.key.span().unwrap_or(0..0));
    let name = attribute.key.as_str();
    let message = format!("the attribute `{name}` stands outside of every block");
    let help = format!("name a value with `locals {{ {name} = … }}`, or move it into a block");
    diags.push(Diagnostic::at(&UNKNOWN_BLOCK, span, message).help(help));
}

impl<'a> Declared<'a> {
    fn block(&mut self, file: FileId, block: &'a Block, damaged: bool, diags: &mut Diagnostics) {
        // Any name may have been meant by an empty one, which is refused.
        self.incomplete |= block.labels.iter().any(|label| label.as_str().is_empty());
        match block.ident.as_str() {
            "locals" => {
                self.incomplete |= damaged;
                labels(block, file, 0, diags);
                for inner in block.body.blocks() {
                    let span = Span::new(file, inner.ident.span().unwrap_or(0..0));
                    diags.push(
                        Diagnostic::at(&UNKNOWN_BLOCK, span, "`locals` holds attributes only")
                            .help(format!("an object is written with `=`: `{} = {{ … }}`", inner.ident.as_str())),
                    );
                }
                for attribute in block.body.attributes() {
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
            kind if is_misspelt(kind) => {
                self.misplaced.extend(block.labels.iter().map(BlockLabel::as_str));
                self.misplaced.extend(block.body.attributes().map(|attribute| attribute.key.as_str()));
                self.items.push(Item { file, block, damaged });
            }
            kind => {
                let item = self.items.len();
                if let ([label], true) = (block.labels.as_slice(), KINDS.contains(&kind)) {
                    self.blocks.entry(kind).or_default().entry(label.as_str()).or_insert(item);
                }
                let place = Place::of(block);
                for attribute in block.body.attributes() {
                    let name = attribute.key.as_str();
                    self.attributes.insert((item, name), self.nodes.len());
                    self.nodes.push(Node {
                        file,
                        expr: &attribute.value,
                        place,
                        name: NodeName::Attribute(item, name),
                    });
                }
                self.items.push(Item { file, block, damaged });
            }
        }
    }

    fn local(&mut self, file: FileId, attribute: &'a Attribute, diags: &mut Diagnostics) {
        let name = attribute.key.as_str();
        let place = Span::new(file, attribute.key.span().unwrap_or(0..0));
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
        self.nodes.push(Node { file, expr: &attribute.value, place: Place::Block, name });
    }

    /// Whether the type of a block is misspelt.
    pub(super) fn misspelt(&self, item: usize) -> bool {
        self.items.get(item).is_some_and(|item| is_misspelt(item.block.ident.as_str()))
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

    /// The node of an attribute of a block.
    pub(super) fn attribute(&self, item: usize, name: &str) -> Option<usize> {
        self.attributes.get(&(item, name)).copied()
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

    /// The nodes of all attributes of a block.
    pub(super) fn attribute_nodes(&self, item: usize) -> impl Iterator<Item = usize> + '_ {
        self.attributes.range((item, "")..).take_while(move |((of, _), _)| *of == item).map(|(_, node)| *node)
    }

    pub(super) fn attribute_names(&self, item: usize) -> impl Iterator<Item = &'a str> + '_ {
        self.attributes.range((item, "")..).take_while(move |((of, _), _)| *of == item).map(|((_, name), _)| *name)
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
            Some(NodeName::Attribute(item, name)) => match self.items.get(*item) {
                Some(item) => {
                    let labels: String = item.block.labels.iter().map(|l| format!(".{}", l.as_str())).collect();
                    format!("{}{labels}.{name}", item.block.ident.as_str())
                }
                None => (*name).to_owned(),
            },
            None => String::new(),
        }
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
    let known = || BLOCKS.iter().map(|decl| decl.kind).chain(["locals", "variable", "environment"]);
    !KINDS.contains(&kind) && !known().any(|known| known == kind) && nearest(kind, known()).is_some()
}

/// Whether a block has as many labels as its kind asks for.
fn labels(block: &Block, file: FileId, wanted: usize, diags: &mut Diagnostics) -> bool {
    if block.labels.len() == wanted {
        return true;
    }
    let kind = block.ident.as_str();
    let shape = if wanted == 0 { format!("`{kind} {{ … }}`") } else { format!("`{kind} \"name\" {{ … }}`") };
    let count = ["no label", "one label"].get(wanted).copied().unwrap_or("other labels");
    diags.push(
        Diagnostic::at(&WRONG_LABELS, header(block, file), format!("`{kind}` has {count}"))
            .help(format!("write it as {shape}")),
    );
    false
}

type Key<'a> = (&'a str, Vec<&'a str>);

fn key(block: &Block) -> Key<'_> {
    (block.ident.as_str(), block.labels.iter().map(BlockLabel::as_str).collect())
}

fn twice(block: &Block, file: FileId, first: Span) -> Diagnostic {
    let (kind, labels) = key(block);
    let labels: String = labels.iter().map(|label| format!(" \"{label}\"")).collect();
    Diagnostic::at(&DUPLICATE_NAME, header(block, file), format!("`{kind}{labels}` is declared twice"))
        .label(first, "declared here first")
        .help("rename one of them, or merge the two")
}

/// Blocks with labels must differ from their neighbours; in bodies within, blocks without labels are for the decoder.
fn unique(body: &Body, file: FileId, top: bool, diags: &mut Diagnostics) {
    let mut seen: BTreeMap<Key, Span> = BTreeMap::new();
    for block in body.blocks() {
        if !top && !block.labels.is_empty() {
            match seen.get(&key(block)) {
                Some(first) => diags.push(twice(block, file, *first)),
                None => {
                    seen.insert(key(block), header(block, file));
                }
            }
        }
        unique(&block.body, file, false, diags);
    }
}

/// The same for the top of all files together.
fn across_files(bodies: &[(FileId, Body)], diags: &mut Diagnostics) {
    let mut seen: BTreeMap<Key, Span> = BTreeMap::new();
    for (file, body) in bodies {
        for block in body.blocks().filter(|block| !block.labels.is_empty()) {
            match seen.get(&key(block)) {
                Some(first) => diags.push(twice(block, *file, *first)),
                None => {
                    seen.insert(key(block), header(block, *file));
                }
            }
        }
    }
}
