//! Syntax trees to blocks with values: names resolved, expressions folded as far as they are known when compiling.
//!
//! | file | does |
//! |---|---|
//! | [declare] | gathers locals, variables, environments and blocks by name |
//! | [variables] | chooses the environment, gives variables their values |
//! | [order] | puts expressions in the order of their references, finds cycles |
//! | [expression], [names], [template], [loops] | evaluate one expression over the tree |
//! | [special] | functions that decide what of their arguments is evaluated |
//! | [operate], [decimal], [convert], [functions] | what operators and functions mean, over known values |
//! | [run](mod@run) | evaluates a deferred expression, on the same operators and functions |
//! | [limits] | bounds what an expression may make |

mod convert;
mod decimal;
mod declare;
mod expression;
pub mod functions;
mod limits;
mod loops;
mod names;
mod operate;
mod order;
pub mod run;
mod special;
mod template;
#[cfg(test)]
mod tests;
mod variables;

use hcl::edit::Span as _;
use hcl::edit::structure::{Block as BlockNode, Body, Structure};
use windlass_schemas::block::{Attribute, Block};
use windlass_schemas::declare::BlockDecl;
use windlass_schemas::diagnostic::Diagnostics;
use windlass_schemas::source::Sources;
use windlass_schemas::span::{FileId, Span, Spanned};
use windlass_schemas::spec::BLOCKS;
use windlass_schemas::suggest::nearest;
use windlass_schemas::value::{Value, ValueKind};

use crate::files::Files;
use declare::{header, label_span};
use expression::{Evaluator, Place, Scope};

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
    /// Every block other than `variable`, `locals` and `environment`, in the order of files and lines. A block that
    /// parsing had to leave a part out of is not among them: what it lacks is not the user's mistake.
    pub blocks: Vec<Block>,
}

/// Evaluates parsed files. What [`parse`](crate::parse::parse) has reported in `diags` tells which blocks are not
/// whole, so that their absence is not reported a second time.
pub fn evaluate(
    sources: &Sources,
    bodies: &[(FileId, Body)],
    inputs: &Inputs,
    files: &dyn Files,
    diags: &mut Diagnostics,
) -> Evaluated {
    let faults: Vec<Span> = diags.iter().filter_map(|d| Some(d.labels.first()?.span)).collect();
    let placeless = diags.len() > faults.len();
    let declared = declare::declare(bodies, placeless, &faults, diags);
    let evaluator = Evaluator::new(sources, files, &declared);
    let environment = evaluator.settle_variables(inputs);
    evaluator.evaluate_all();
    let blocks = evaluator.blocks();
    for finding in evaluator.found.take() {
        diags.push(finding);
    }
    let environments = declared
        .environments
        .iter()
        .filter_map(|(file, block)| {
            let label = block.labels.first()?;
            Some(Spanned::new(label.as_str().to_owned(), label_span(label, *file)))
        })
        .collect();
    Evaluated { environments, environment, blocks }
}

impl Evaluator<'_> {
    fn blocks(&self) -> Vec<Block> {
        let items = self.declared.items.iter().enumerate();
        let whole = items.filter(|(at, _)| !self.declared.damaged(*at));
        whole
            .map(|(at, item)| match self.declared.misspelt(at) {
                true => self.hollow(item.block, item.file),
                false => {
                    let decl = BLOCKS.iter().copied().find(|decl| decl.kind == item.block.ident.as_str());
                    self.block(item.block, item.file, Some(at), Place::of(item.block), decl)
                }
            })
            .collect()
    }

    /// A block whose type is misspelt, which decoding reports. What is in it can't be judged.
    fn hollow(&self, node: &BlockNode, file: FileId) -> Block {
        let kind = Spanned::new(node.ident.as_str().to_owned(), Span::new(file, node.ident.span().unwrap_or(0..0)));
        Block { kind, labels: Vec::new(), attributes: Vec::new(), blocks: Vec::new(), span: header(node, file) }
    }

    /// A block with its values; those of a block at the top have been evaluated already. `decl` says what may stand in
    /// it: the value of a misspelt attribute, which decoding reports, is not looked at.
    fn block(
        &self,
        node: &BlockNode,
        file: FileId,
        item: Option<usize>,
        place: Place,
        decl: Option<&BlockDecl>,
    ) -> Block {
        let kind = Spanned::new(node.ident.as_str().to_owned(), Span::new(file, node.ident.span().unwrap_or(0..0)));
        let labels =
            node.labels.iter().map(|label| Spanned::new(label.as_str().to_owned(), label_span(label, file))).collect();
        let mut attributes = Vec::new();
        let mut blocks = Vec::new();
        for structure in &node.body {
            match structure {
                Structure::Block(block) => {
                    let name = block.ident.as_str();
                    let mut children = decl.into_iter().flat_map(|decl| decl.blocks).map(|child| child.block);
                    blocks.push(match children.find(|child| child.kind == name) {
                        None if decl.is_some_and(|decl| misspelt(name, decl)) => self.hollow(block, file),
                        decl => self.block(block, file, None, place, decl),
                    });
                }
                Structure::Attribute(attribute) => {
                    let span = Span::new(file, attribute.key.span().unwrap_or(0..0));
                    let name = Spanned::new(attribute.key.as_str().to_owned(), span);
                    let scope = Scope::new(file, place);
                    let known = item
                        .and_then(|item| self.declared.attribute(item, &name.value))
                        .and_then(|node| self.values.get(node)?.get());
                    let value = match known {
                        Some(value) => value.clone(),
                        None if decl.is_some_and(|decl| misspelt(&name.value, decl)) => {
                            Value::new(ValueKind::Unknown, self.span(&attribute.value, &scope))
                        }
                        None if declares_type(node, place) && name.value == "type" => {
                            let ty = self.type_of(&attribute.value, &scope);
                            Value::new(ValueKind::Type(ty), self.span(&attribute.value, &scope))
                        }
                        None => {
                            self.begin();
                            self.owned(&attribute.value, &scope)
                        }
                    };
                    attributes.push(Attribute { name, value });
                }
            }
        }
        Block { kind, labels, attributes, blocks, span: header(node, file) }
    }
}

/// Whether nothing of this name may stand in the block, and something of nearly this name may.
fn misspelt(name: &str, decl: &BlockDecl) -> bool {
    let known = || decl.attributes.iter().map(|a| a.name).chain(decl.blocks.iter().map(|child| child.block.kind));
    !known().any(|known| known == name) && nearest(name, known()).is_some()
}

/// Whether the `type` of this block is a type: the inputs of a workflow.
fn declares_type(node: &BlockNode, place: Place) -> bool {
    place == Place::Workflow && node.ident.as_str() == "input"
}
