//! Syntax trees to blocks with values: names resolved, expressions folded as far as they are known when compiling.
//!
//! | file | does |
//! |---|---|
//! | [declare] | gathers a folder's locals, variables, environments and blocks by name |
//! | [variables], [given] | chooses the environment, gives variables their values |
//! | [constraint] | types, and values that fit them |
//! | [order] | puts expressions in the order of their references, finds cycles |
//! | [instances], [folders] | `for_each` and `module`: a block many times, a folder many times |
//! | [moved] | renames |
//! | [expression], [names], [template], [loops] | evaluate one expression over the tree |
//! | [special] | functions that decide what of their arguments is evaluated |
//! | [operate], [decimal], [convert], [functions] | what operators and functions mean, over known values |
//! | [run](mod@run) | evaluates a deferred expression, on the same operators and functions |
//! | [marks] | what is sensitive, and is not shown |
//! | [limits] | bounds what an expression may make |

mod constraint;
mod convert;
mod decimal;
mod declare;
mod expression;
mod folders;
pub mod functions;
mod given;
mod instances;
mod limits;
mod loops;
mod marks;
mod moved;
mod names;
mod operate;
mod order;
pub mod run;
mod special;
mod template;
#[cfg(test)]
mod tests;
mod variables;

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use windlass_schemas::block::{Attribute, Block};
use windlass_schemas::codes::{DUPLICATE_NAME, INVALID_VALUE, LIMIT};
use windlass_schemas::declare::BlockDecl;
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::moved::Moved;
use windlass_schemas::source::Sources;
use windlass_schemas::span::{FileId, Span, Spanned};
use windlass_schemas::spec::BLOCKS;
use windlass_schemas::spec::language::MODULE;
use windlass_schemas::suggest::nearest;
use windlass_schemas::value::{Value, ValueKind};

use crate::files::Files;
use crate::modules::{Folders, ROOT};
use crate::parse::tree::Block as BlockNode;
use declare::{FOR_EACH, Item, header, label_span};
use expression::{Evaluator, Place, Scope, Shared};
use folders::{Chain, call_chain};
use instances::Known;
use limits::Budget;
pub use loops::SPLAT;
use names::KINDS;
use special::Templates;

/// What comes from outside the spec.
#[derive(Clone, Copy, Debug, Default)]
pub struct Inputs<'a> {
    /// The environment asked for. A spec with one environment or none needs no asking.
    pub environment: Option<&'a str>,
    /// Values of variables; a later one replaces an earlier one, and all replace those of the spec.
    pub variables: &'a [Given],
}

/// Values of variables that come from outside the spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    /// One value, as text.
    Text {
        /// The variable.
        name: String,
        /// Its value: the text itself for a string, number or bool, else an expression.
        value: String,
        /// Where it was given, as in `--var`.
        origin: String,
    },
    /// A file of values, `name = value`.
    File {
        /// The file's name, for diagnostics.
        name: String,
        /// Its content.
        text: String,
    },
}

/// A spec with every expression evaluated as far as it can be when compiling.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evaluated {
    /// The declared environments, in the order written.
    pub environments: Vec<Spanned<String>>,
    /// The chosen one; `None` where the spec declares none, or the choice is an error. `env.name` is `default` then.
    pub environment: Option<String>,
    /// Every block that is emitted, in the order of files and lines, instances in the order of their keys. A block that
    /// parsing had to leave a part out of is not among them: what it lacks is not the user's mistake.
    pub blocks: Vec<Block>,
    /// Every `moved`.
    pub moved: Vec<Moved>,
    /// By which modules each file of a module was first reached.
    chains: BTreeMap<FileId, Chain>,
    /// Of blocks that are emitted under another name than their label: by that name, the label and the address.
    renamed: BTreeMap<String, (String, String)>,
}

impl Evaluated {
    /// Says of the findings from the number `before` on which modules use the files that they are in, and calls blocks
    /// as the file does: instances of a block and uses of a module then have one finding in common.
    pub fn explain(&self, before: usize, diags: &mut Diagnostics) {
        for finding in diags.iter_mut().skip(before) {
            // About a name itself, the name counts.
            if ![&INVALID_VALUE, &LIMIT, &DUPLICATE_NAME].contains(&finding.code) {
                self.rename(finding);
            }
            let file = finding.labels.first().map(|label| label.span.file);
            if let Some(chain) = file.and_then(|file| self.chains.get(&file)) {
                call_chain(finding, chain);
            }
        }
    }

    fn rename(&self, finding: &mut Diagnostic) {
        if self.renamed.is_empty() {
            return;
        }
        let mut values: Vec<(String, String)> = Vec::new();
        let mut reword = |text: &str| -> String {
            let mut word = |word: &str| {
                let (before, name) = word.rsplit_once('.').map_or(("", word), |(kind, name)| (kind, name));
                let (label, address) = self.renamed.get(name)?;
                let called = if before.is_empty() { label.clone() } else { format!("{before}.{label}") };
                values.push((called.clone(), address.clone()));
                Some(called)
            };
            // Names stand in backticks: every other part.
            let parts = text.split('`').zip([false, true].into_iter().cycle());
            let parts = parts
                .map(|(part, quoted)| quoted.then_some(part).and_then(&mut word).unwrap_or_else(|| part.to_owned()));
            parts.collect::<Vec<_>>().join("`")
        };
        finding.message = reword(&finding.message);
        for label in &mut finding.labels {
            label.text = reword(&label.text);
        }
        finding.help = finding.help.as_deref().map(reword);
        values.dedup();
        for value in values {
            if !finding.values.contains(&value) {
                finding.values.push(value);
            }
        }
    }
}

/// Evaluates parsed files. What [`parse`](crate::parse::parse) has reported in `diags` tells which blocks are not
/// whole, so that their absence is not reported a second time.
pub fn evaluate(
    sources: &Sources,
    folders: &Folders,
    inputs: &Inputs,
    files: &dyn Files,
    diags: &mut Diagnostics,
) -> Evaluated {
    let faults: Vec<Span> = diags.iter().filter_map(|d| Some(d.labels.first()?.span)).collect();
    let placeless = diags.len() > faults.len();
    let mut declared = BTreeMap::new();
    for (path, bodies) in &folders.bodies {
        let here: BTreeSet<FileId> = bodies.iter().map(|(file, _)| *file).collect();
        let faults: Vec<Span> = faults.iter().filter(|span| here.contains(&span.file)).copied().collect();
        declared.insert(path.as_str(), declare::declare(bodies, path == ROOT, placeless, &faults, diags));
    }
    let Some(root) = declared.get(ROOT) else { return Evaluated::default() };
    let shared = Shared {
        sources,
        files,
        folders,
        declared: &declared,
        budget: Budget::default(),
        published: RefCell::default(),
        chains: RefCell::default(),
        addresses: RefCell::default(),
        renamed: RefCell::default(),
        marks: Cell::new(false),
        templates: Templates::default(),
    };
    let evaluator = Evaluator::new(&shared, ROOT, root);
    let environment = evaluator.settle_variables(inputs);
    evaluator.evaluate_all();
    let moved = evaluator.moved();
    let (blocks, found) = evaluator.into_blocks();
    found.into_iter().for_each(|finding| diags.push(finding));
    check_names(&blocks, sources, diags);
    moved::check(&moved, &blocks, root.unsure(), diags);
    let environments = root.environments.iter().filter_map(|(file, block)| {
        let label = block.labels.first()?;
        Some(Spanned::new(label.as_str().to_owned(), label_span(label, *file)))
    });
    let (chains, renamed) = (shared.chains.take(), shared.renamed.take());
    Evaluated { environments: environments.collect(), environment, blocks, moved, chains, renamed }
}

/// Two blocks of one type may come to be emitted under one name: an instance `a-b`, and a block that is called so.
fn check_names(blocks: &[Block], sources: &Sources, diags: &mut Diagnostics) {
    let mut named: Vec<(&str, &str, &Block)> = Vec::with_capacity(blocks.len());
    for block in blocks {
        if let ([label], true) = (block.labels.as_slice(), KINDS.contains(&block.kind.value.as_str())) {
            named.push((&block.kind.value, &label.value, block));
        }
    }
    named.sort_by_key(|(kind, label, _)| (*kind, *label));
    for pair in named.windows(2) {
        let [(kind, label, first), (other_kind, other_label, block)] = pair else { continue };
        if (kind, label) != (other_kind, other_label) {
            continue;
        }
        // Where both are written like this, it has been said that one name is declared twice.
        let written = |block: &Block| {
            let label = block.labels.first();
            label.is_some_and(|label| sources.slice(label.span).trim_matches('"') == label.value)
        };
        if !(written(first) && written(block)) {
            let message = format!("two blocks come to the name `{kind} \"{label}\"`");
            diags.push(
                Diagnostic::at(&DUPLICATE_NAME, block.span, message)
                    .label(first.span, "the other one")
                    .help("the name of a module, of a block and the key of `for_each` are joined by `-`: rename one"),
            );
        }
    }
}

/// A value of a block that is taken from its node when all are known: block, attribute, node, instance.
type Pending = (usize, usize, usize, Option<usize>);

/// A block at the top, of which attributes have been evaluated: which, in which instance, and the attributes (by
/// position) whose values are taken from their nodes later.
struct AtTop<'l> {
    item: usize,
    instance: Option<usize>,
    later: &'l mut Vec<(usize, usize)>,
}

impl Evaluator<'_> {
    /// The blocks of this folder and of the modules that it uses, and everything that was found.
    fn into_blocks(self) -> (Vec<Block>, Vec<Diagnostic>) {
        let mut blocks = Vec::with_capacity(self.declared.items.len());
        let mut pending = Vec::new();
        for (at, item) in self.declared.items.iter().enumerate() {
            if item.block.kind.as_str() == MODULE.kind {
                blocks.extend(self.used_blocks(at));
            } else if self.declared.damaged(at) {
                continue;
            } else if self.declared.misspelt(at) {
                blocks.push(self.hollow(item.block, item.file));
            } else {
                self.item(at, item, &mut blocks, &mut pending);
            }
        }
        let found = self.found.take();
        let mut values: Vec<Option<Known>> = self.values.into_iter().map(OnceCell::into_inner).collect();
        for (block, attribute, node, instance) in pending {
            let known = values.get_mut(node).and_then(Option::as_mut);
            let value = match (known, instance) {
                (Some(Known::One(value)), _) if instance.is_none() => {
                    std::mem::replace(&mut value.kind, ValueKind::Null)
                }
                (Some(Known::One(value)), _) => value.kind.clone(),
                (Some(Known::Each(values)), Some(at)) => match values.get_mut(at) {
                    Some(value) => std::mem::replace(&mut value.kind, ValueKind::Null),
                    None => continue,
                },
                _ => continue,
            };
            if let Some(attribute) =
                blocks.get_mut(block).and_then(|block: &mut Block| block.attributes.get_mut(attribute))
            {
                attribute.value.kind = value;
            }
        }
        (blocks, found)
    }

    /// A block at the top, or all its instances.
    fn item(&self, at: usize, item: &Item, blocks: &mut Vec<Block>, pending: &mut Vec<Pending>) {
        let decl = BLOCKS.iter().copied().find(|decl| decl.kind == item.block.kind.as_str());
        let scope = Scope::new(item.file, Place::of(item.block));
        let mut one = |instance: Option<usize>, key: Option<&str>, scope: &Scope| {
            let mut later = Vec::new();
            let mut block = self.block(item.block, Some(AtTop { item: at, instance, later: &mut later }), scope, decl);
            if let (Some(label), true) = (block.labels.first_mut(), KINDS.contains(&item.block.kind.as_str())) {
                label.value.insert_str(0, &self.prefix);
                key.into_iter().for_each(|key| label.value += &format!("-{key}"));
                let written = item.block.labels.first().map(|label| label.as_str()).unwrap_or_default();
                if written != label.value {
                    let keyed = key.map(|key| format!("[{key:?}]")).unwrap_or_default();
                    let address = format!("{}{}.{written}{keyed}", self.around(), item.block.kind.as_str());
                    self.shared.renamed.borrow_mut().insert(label.value.clone(), (written.to_owned(), address));
                }
            }
            pending.extend(later.into_iter().map(|(attribute, node)| (blocks.len(), attribute, node, instance)));
            blocks.push(block);
        };
        if self.declared.for_each(at).is_none() {
            return one(None, None, &scope);
        }
        let Some(instances) = self.instances(at) else { return };
        for (number, (key, each)) in instances.each.iter().enumerate() {
            self.with_each(each, &scope, |scope| one(Some(number), Some(key), scope));
        }
    }

    /// A block whose type is misspelt, which decoding reports. What is in it can't be judged.
    fn hollow(&self, node: &BlockNode, file: FileId) -> Block {
        let kind = Spanned::new(node.kind.as_str().to_owned(), node.kind.span.of(file));
        Block { kind, labels: Vec::new(), attributes: Vec::new(), blocks: Vec::new(), span: header(node, file) }
    }

    /// A block with its values. `decl` says what may stand in it: the value of a misspelt attribute, which decoding
    /// reports, is not looked at.
    fn block(&self, node: &BlockNode, mut top: Option<AtTop>, scope: &Scope, decl: Option<&BlockDecl>) -> Block {
        let file = scope.file;
        let kind = Spanned::new(node.kind.as_str().to_owned(), node.kind.span.of(file));
        let labels =
            node.labels.iter().map(|label| Spanned::new(label.as_str().to_owned(), label_span(label, file))).collect();
        // Not more room than it takes: a large spec has many small blocks.
        let mut attributes = Vec::with_capacity(node.body.attributes.len());
        let mut blocks = Vec::with_capacity(node.body.blocks.len());
        for attribute in &node.body.attributes {
            let name = attribute.name.as_str();
            if name == FOR_EACH && decl.is_some_and(|decl| decl.repeatable) {
                continue;
            }
            let span = attribute.name.span.of(file);
            let place = self.span(&attribute.value, scope);
            let known = top.as_mut().and_then(|top| {
                let node = self.declared.attribute(top.item, name)?;
                let value = self.known(node, top.instance)?;
                top.later.push((attributes.len(), node));
                Some(Value::new(ValueKind::Unknown, value.span).marked(value.sensitive))
            });
            let value = match known {
                Some(value) => value,
                None if decl.is_some_and(|decl| misspelt(name, decl)) => Value::new(ValueKind::Unknown, place),
                None => match declares_type(node.kind.as_str(), scope.place, name) {
                    Some(of) => Value::new(ValueKind::Type(self.type_of(&attribute.value, of, scope)), place),
                    None => {
                        self.begin();
                        self.owned(&attribute.value, scope)
                    }
                },
            };
            attributes.push(Attribute { name: Spanned::new(name.to_owned(), span), value });
        }
        for block in &node.body.blocks {
            let name = block.kind.as_str();
            let mut children = decl.into_iter().flat_map(|decl| decl.blocks).map(|child| child.block);
            match children.find(|child| child.kind == name) {
                None if decl.is_some_and(|decl| misspelt(name, decl)) => blocks.push(self.hollow(block, file)),
                Some(decl) if decl.repeatable => self.repeated(block, scope, decl, &mut blocks),
                decl => blocks.push(self.block(block, None, scope, decl)),
            }
        }
        Block { kind, labels, attributes, blocks, span: header(node, file) }
    }

    /// A block within a block, as often as its `for_each` says.
    fn repeated(&self, node: &BlockNode, scope: &Scope, decl: &BlockDecl, blocks: &mut Vec<Block>) {
        let for_each = node.body.attribute(FOR_EACH);
        let Some(for_each) = for_each else {
            blocks.push(self.block(node, None, scope, Some(decl)));
            return;
        };
        self.begin();
        let value = self.owned(&for_each.value, scope);
        let Some(elements) = self.elements(&value, true) else {
            // The block is there; what it holds is not known.
            let each = Value::new(ValueKind::Unknown, value.span);
            let block = self.block(node, None, &scope.with("each", &each), Some(decl));
            blocks.push(block);
            return;
        };
        for (key, each) in elements {
            self.with_each(&each, scope, |scope| {
                let mut block = self.block(node, None, scope, Some(decl));
                block.labels.first_mut().into_iter().for_each(|label| label.value += &format!("-{key}"));
                blocks.push(block);
            });
        }
    }
}

/// Whether nothing of this name may stand in the block, and something of nearly this name may.
fn misspelt(name: &str, decl: &BlockDecl) -> bool {
    let known = || decl.attribute_names().chain(decl.blocks.iter().map(|child| child.block.kind));
    !known().any(|known| known == name) && nearest(name, known()).is_some()
}

/// What an attribute is the type of; `None` when it is no type.
fn declares_type(kind: &str, place: Place, attribute: &str) -> Option<&'static str> {
    match (kind, place, attribute) {
        ("input", Place::Workflow, "type") => Some("the input of a workflow"),
        ("stage", Place::Workflow, "returns") => Some("what a stage gets back"),
        ("function", Place::Block, "returns") => Some("what a function returns"),
        _ => None,
    }
}
