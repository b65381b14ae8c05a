//! `moved`: the old and the new address of a block, for the plan.

use std::collections::{BTreeMap, BTreeSet};

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
use crate::parse::tree::{Block as BlockNode, Expression, ExpressionKind, Extent, Step as Taken, StepKind, Traversal};

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
        for attribute in &block.body.attributes {
            let address = match attribute.name.as_str() {
                "from" => &mut from,
                "to" => &mut to,
                name => {
                    unknown = true;
                    self.unknown_attribute(&MOVED, name, file, attribute.name.span);
                    continue;
                }
            };
            *address = Some(self.read(&attribute.value, &scope));
        }
        for inner in &block.body.blocks {
            self.unknown_block(&MOVED, inner, file);
        }
        for (name, _) in [("from", from.is_none()), ("to", to.is_none())].into_iter().filter(|(_, no)| *no && !unknown)
        {
            let message = format!("this `moved` has no `{name}`");
            let help = format!("add `{name} = KIND.NAME`");
            self.report(Diagnostic::at(&MISSING_ATTRIBUTE, header(block, file), message).help(help));
        }
        let ((from, _), (to, name)) = (from??, to??);
        let kind = |address: &Address| address.block.as_ref().map(|(kind, _)| *kind);
        if kind(&from.value) != kind(&to.value) {
            let message = format!("`{}` can't become `{}`", from.value, to.value);
            let help = "a block keeps its type when it moves, and a module moves as a whole";
            self.report(
                Diagnostic::at(&INVALID_VALUE, to.span, message).label(from.span, "the old address").help(help),
            );
            return None;
        }
        Some(Moved { span: header(block, file), from, to, name })
    }

    /// An address, and the place of the last name in it.
    fn read(&self, expr: &Expression, scope: &Scope) -> Option<(Spanned<Address>, Span)> {
        let span = self.span(expr, scope);
        let (address, kind, name) = match &expr.kind {
            ExpressionKind::Traversal(traversal) => parts(traversal),
            _ => (None, None, None),
        };
        let place = |place: Option<Extent>| place.map_or(span, |place| place.of(scope.file));
        let kinds = || KINDS.iter().copied().chain(["module"]);
        if let (None, Some(kind)) = (&address, kind)
            && !kinds().any(|known| known == kind.0)
            && let Some(help) = did_you_mean(kind.0, kinds())
        {
            let message = format!("`{}` is no type of block", kind.0);
            self.report(Diagnostic::at(&INVALID_VALUE, place(Some(kind.1)), message).help(help));
            return None;
        }
        if address.is_none() {
            let message = format!("`{}` is not the address of a block", self.sources.slice(span));
            self.report(Diagnostic::at(&INVALID_VALUE, span, message).help(FORM));
        }
        address.map(|address| (Spanned::new(address, span), place(name)))
    }
}

/// The address that a traversal is, the word in it that should be a kind of block, and the place of its last name.
#[allow(clippy::type_complexity, reason = "three parts of one thing, for one caller")]
fn parts(traversal: &Traversal) -> (Option<Address>, Option<(&str, Extent)>, Option<Extent>) {
    let ExpressionKind::Variable(root) = &traversal.base.kind else { return (None, None, None) };
    let names = traversal.steps.iter().filter_map(|step| match &step.kind {
        StepKind::Attribute(name) => Some((name.as_str(), name.span)),
        _ => None,
    });
    let words: Vec<(&str, Extent)> = std::iter::once((&**root, traversal.base.span)).chain(names).collect();
    // `module.NAME` may stand before it, several times.
    let modules = words.chunks(2).take_while(|pair| pair.first().is_some_and(|(word, _)| *word == "module")).count();
    (read_address(root, &traversal.steps), words.get(2 * modules).copied(), words.last().map(|(_, place)| *place))
}

fn read_address(root: &str, steps: &[Taken]) -> Option<Address> {
    let mut address = Address::default();
    let index = |step: &Taken| matches!(step.kind, StepKind::Index(_));
    let mut words = steps.iter().peekable();
    let mut kind = root;
    loop {
        let name = taken(words.next().filter(|step| !index(step))?)?.to_owned();
        // A key is written in brackets.
        let key = match words.next_if(|step| index(step)) {
            Some(step) => Some(taken(step)?.to_owned()),
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
    // What is missing may be so for another error's sake.
    if moved.is_empty() || incomplete || diags.failed() {
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
    let mut from: BTreeMap<&Address, Span> = BTreeMap::new();
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
    for Moved { from: old, to: new, name, .. } in moved {
        if exists(&old.value) {
            let message = format!("`{}` is still there", old.value);
            let help = "a block that has moved is not declared under its old name: remove this `moved`, or that block";
            diags.push(Diagnostic::at(&INVALID_VALUE, old.span, message).help(help));
        }
        // A chain of moves ends at a block.
        if !exists(&new.value) && !from.contains_key(&new.value) {
            let kind = new.value.block.as_ref().map(|(kind, _)| *kind);
            let known = || names.iter().filter(|(of, _)| Some(*of) == kind).map(|(_, label)| *label);
            // What is emitted is called by all names of its address: only the last one is wrong.
            let last = new.value.block.as_ref().map(|(_, step)| step).or(new.value.modules.last());
            let last_name = last.map_or("", |step| step.name.as_str());
            let around = new.value.name();
            let (before, after) = around.rsplit_once(last_name).unwrap_or_default();
            let names = known().filter_map(|label| label.strip_prefix(before)?.strip_suffix(after));
            let help = did_you_mean(last_name, names).unwrap_or_else(|| match known().next() {
                Some(_) => format!("there are {}", listed(known())),
                None => "the new address names a block that is declared".to_owned(),
            });
            let message = format!("there is no `{}`", new.value);
            diags.push(Diagnostic::at(&UNDEFINED_REFERENCE, *name, message).help(help));
        }
    }
}
