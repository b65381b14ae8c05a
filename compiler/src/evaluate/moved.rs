//! `moved`: the old and the new address of a block, for the plan.

use std::collections::BTreeSet;

use hcl::edit::Span as _;
use hcl::edit::expr::{Expression, Traversal};
use hcl::edit::structure::Block as BlockNode;
use windlass_schemas::block::Block;
use windlass_schemas::codes::{DUPLICATE_NAME, INVALID_VALUE, MISSING_ATTRIBUTE, UNDEFINED_REFERENCE};
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::moved::{Address, Moved, Step};
use windlass_schemas::span::{FileId, Span, Spanned};
use windlass_schemas::spec::language::MOVED;
use windlass_schemas::suggest::did_you_mean;

use super::declare::header;
use super::expression::{Evaluator, Place, Scope};
use super::names::{KINDS, taken};
use super::operate::listed;

const FORM: &str =
    "an address is `KIND.NAME`, `KIND.NAME[\"KEY\"]` or `module.NAME`, and within a module `module.NAME.KIND.NAME`";

impl Evaluator<'_> {
    /// Every `moved` of this folder, and of the modules that it uses.
    pub(super) fn moved(&self) -> Vec<Moved> {
        let own = self.declared.moved.iter().filter_map(|(file, block)| self.read_moved(*file, block));
        own.chain(self.moves.take()).collect()
    }

    fn read_moved(&self, file: FileId, block: &BlockNode) -> Option<Moved> {
        let scope = Scope::new(file, Place::Constant);
        let (mut from, mut to) = (None, None);
        let mut unknown = false;
        for attribute in block.body.attributes() {
            let address = match attribute.key.as_str() {
                "from" => &mut from,
                "to" => &mut to,
                name => {
                    unknown = true;
                    self.unknown_attribute(&MOVED, name, file, attribute.key.span());
                    continue;
                }
            };
            *address = Some(self.read(&attribute.value, &scope));
        }
        for inner in block.body.blocks() {
            self.unknown_block(&MOVED, inner, file);
        }
        for (name, _) in [("from", from.is_none()), ("to", to.is_none())].into_iter().filter(|(_, no)| *no && !unknown)
        {
            let message = format!("this `moved` has no `{name}`");
            let help = format!("add `{name} = KIND.NAME`");
            self.report(Diagnostic::at(&MISSING_ATTRIBUTE, header(block, file), message).help(help));
        }
        let (from, to) = (from??, to??);
        let kind = |address: &Address| address.block.as_ref().map(|(kind, _)| *kind);
        if kind(&from.value) != kind(&to.value) {
            let message = format!("`{}` can't become `{}`", from.value, to.value);
            let help = "a block keeps its type when it moves, and a module moves as a whole";
            self.report(
                Diagnostic::at(&INVALID_VALUE, to.span, message).label(from.span, "the old address").help(help),
            );
            return None;
        }
        Some(Moved { span: header(block, file), from, to })
    }

    fn read(&self, expr: &Expression, scope: &Scope) -> Option<Spanned<Address>> {
        let span = self.span(expr, scope);
        let address = match expr {
            Expression::Traversal(traversal) => read_address(traversal),
            _ => None,
        };
        if address.is_none() {
            let message = format!("`{}` is not the address of a block", self.sources.slice(span));
            self.report(Diagnostic::at(&INVALID_VALUE, span, message).help(FORM));
        }
        address.map(|address| Spanned::new(address, span))
    }
}

fn read_address(traversal: &Traversal) -> Option<Address> {
    let Expression::Variable(root) = &traversal.expr else { return None };
    let mut address = Address::default();
    let mut words = traversal.operators.iter().map(|op| op.value()).peekable();
    let mut kind = root.as_str();
    loop {
        let name = words.next().filter(|op| !matches!(op, hcl::edit::expr::TraversalOperator::Index(_)))?;
        let name = taken(name)?.to_owned();
        // A key is written in brackets.
        let key = words.next_if(|op| matches!(op, hcl::edit::expr::TraversalOperator::Index(_)));
        let key = match key {
            Some(op) => Some(taken(op)?.to_owned()),
            None => None,
        };
        let step = Step { name, key };
        if kind != "module" {
            address.block = Some((KINDS.iter().copied().find(|known| *known == kind)?, step));
            return words.next().is_none().then_some(address);
        }
        address.modules.push(step);
        match words.next() {
            None => return Some(address),
            Some(next) => kind = taken(next)?,
        }
    }
}

/// What has moved must have gone from the old address, and be at the new one. `incomplete`: something could not be read.
pub(super) fn check(moved: &[Moved], blocks: &[Block], incomplete: bool, diags: &mut Diagnostics) {
    if moved.is_empty() || incomplete {
        return;
    }
    let names: BTreeSet<(&str, &str)> =
        blocks.iter().filter_map(|block| Some((block.kind.as_str(), block.labels.first()?.as_str()))).collect();
    let exists = |address: &Address| {
        let name = address.name();
        match &address.block {
            Some((kind, _)) => names.contains(&(*kind, name.as_str())),
            None => names.iter().any(|(_, label)| label.starts_with(&format!("{name}-"))),
        }
    };
    let mut from: std::collections::BTreeMap<&Address, Span> = std::collections::BTreeMap::new();
    for moved in moved {
        if let Some(first) = from.insert(&moved.from.value, moved.from.span) {
            let message = format!("`{}` is moved twice", moved.from.value);
            diags.push(
                Diagnostic::at(&DUPLICATE_NAME, moved.from.span, message)
                    .label(first, "moved here first")
                    .help("keep one of them"),
            );
        }
    }
    for Moved { from: old, to: new, .. } in moved {
        if exists(&old.value) {
            let message = format!("`{}` is still there", old.value);
            let help = "a block that has moved is not declared under its old name: remove this `moved`, or that block";
            diags.push(Diagnostic::at(&INVALID_VALUE, old.span, message).help(help));
        }
        // A chain of moves ends at a block.
        if !exists(&new.value) && !from.contains_key(&new.value) {
            let kind = new.value.block.as_ref().map(|(kind, _)| *kind);
            let known = || names.iter().filter(|(of, _)| Some(*of) == kind).map(|(_, label)| *label);
            let name = new.value.name();
            let help = did_you_mean(&name, known()).unwrap_or_else(|| match known().next() {
                Some(_) => format!("there are {}", listed(known())),
                None => "the new address names a block that is declared".to_owned(),
            });
            let message = format!("there is no `{}`", new.value);
            diags.push(Diagnostic::at(&UNDEFINED_REFERENCE, new.span, message).help(help));
        }
    }
}
