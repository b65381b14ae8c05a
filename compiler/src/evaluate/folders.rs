//! `module`: the blocks of another folder, evaluated with the arguments that the block gives.
//!
//! A folder sees its own names only. What passes is values: in through variables, out through outputs. A reference to
//! a block may be among them; its properties are published when it passes.

use std::collections::BTreeMap;

use windlass_schemas::block::Block;
use windlass_schemas::codes::UNKNOWN_ATTRIBUTE;
use windlass_schemas::diagnostic::{Diagnostic, Label};
use windlass_schemas::moved::Step;
use windlass_schemas::span::{Span, Spanned};
use windlass_schemas::spec::language::{MODULE, OUTPUT};
use windlass_schemas::suggest::did_you_mean;
use windlass_schemas::value::{Object, Reference, Value, ValueKind};

use super::declare::{FOR_EACH, Output, header};
use super::expression::{Evaluator, Place, Scope};
use super::names::{COMPUTED, MEASURED};
use super::operate::listed;
use super::variables::Arguments;

/// The `module` blocks on the way from the project's folder to another: each with its place and its address.
pub(super) type Chain = Vec<(Span, String)>;

impl<'a> Evaluator<'a> {
    /// The outputs of a module, or of each of its instances by key.
    pub(super) fn use_module(&self, item: usize) -> Value {
        let span = self.declared.header(item);
        let unknown = Value::new(ValueKind::Unknown, span);
        let Some((_, name)) = self.declared.named(item) else { return unknown };
        if self.declared.for_each(item).is_none() {
            return self.use_folder(item, None, name.to_owned());
        }
        let Some(instances) = self.instances(item) else { return unknown };
        let outputs = instances.each.iter().enumerate().map(|(at, (key, each))| {
            let before = self.found.borrow().len();
            let outputs = self.use_folder(item, Some(at), format!("{name}-{key}"));
            self.note(before, each.get("key").map(|key| ("each.key".to_owned(), key)).into_iter());
            (Spanned::new(key.clone(), span), outputs)
        });
        Value::new(ValueKind::Object(outputs.collect()), span)
    }

    /// Evaluates the folder of a module once, keeps its blocks, and gives its outputs.
    fn use_folder(&self, item: usize, instance: Option<usize>, name: String) -> Value {
        let span = self.declared.header(item);
        let unknown = Value::new(ValueKind::Unknown, span);
        let Some(used) = self.declared.items.get(item) else { return unknown };
        for inner in &used.block.body.blocks {
            self.unknown_block(&MODULE, inner, used.file);
        }
        let Some(folder) = self.shared.folders.named(used.block, used.file) else { return unknown };
        let Some((folder, declared)) = self.shared.declared.get_key_value(folder) else { return unknown };
        if !self.spend(declared.nodes.len() as u64 + 1, span) {
            return unknown;
        }
        let mut values = BTreeMap::new();
        for attribute in &used.block.body.attributes {
            let key = attribute.name.as_str();
            if key == "source" || key == FOR_EACH {
                continue;
            }
            let value = self.declared.attribute(item, key).and_then(|node| self.known(node, instance));
            let value = value.cloned().unwrap_or_else(|| unknown.clone());
            self.publish(&value);
            let place = attribute.name.span.of(used.file);
            values.insert(key.to_owned(), (place, value));
        }
        let environment = self.settled.get().map_or(ValueKind::Unknown, |settled| settled.environment.clone());
        let mut child = Evaluator::new(self.shared, folder, declared);
        child.prefix = format!("{}{name}-", self.prefix);
        child.chain = self.chain.clone();
        let key = instance.and_then(|at| Some(self.instances(item)?.each.get(at)?.0.clone()));
        let keyed = key.as_ref().map(|key| format!("[{key:?}]")).unwrap_or_default();
        let called = format!("{}{keyed}", self.declared.item_name(item));
        child.chain.push((span, called.clone()));
        let told = child.settle_arguments(Arguments { environment, values }, &name, span);
        let understood = told.is_empty();
        told.into_iter().for_each(|told| self.report(told));
        child.evaluate_all();
        let outputs = child.outputs(span);
        child.explain_self();
        let step = self.declared.named(item).map(|(_, label)| Step { name: label.to_owned(), key });
        for mut moved in child.moved() {
            moved.from.value.modules.splice(0..0, step.clone());
            moved.to.value.modules.splice(0..0, step.clone());
            self.moves.borrow_mut().push(moved);
        }
        let (blocks, found) = child.into_blocks();
        let here = [(span, called)];
        for mut finding in found {
            call_chain(&mut finding, &here);
            self.report(finding);
        }
        self.used.borrow_mut().entry(item).or_default().extend(blocks);
        // What was wrong may have been meant as `for_each`, which gives outputs another form.
        if understood { outputs } else { unknown }
    }

    /// Keeps on which way the files of this folder were reached, for what later passes find in them.
    fn explain_self(&self) {
        let Some(bodies) = self.shared.folders.bodies.get(self.folder) else { return };
        let mut chains = self.shared.chains.borrow_mut();
        for (file, _) in bodies {
            chains.entry(*file).or_insert_with(|| self.chain.clone());
        }
    }

    /// The outputs of this folder, as an object at the place of the module that asks for them.
    fn outputs(&self, span: Span) -> Value {
        let mut entries: Object = Vec::new();
        for (name, output) in &self.declared.outputs {
            let sensitive = self.output(output);
            let value = output.node.and_then(|node| self.known(node, None)).cloned();
            let value = value.unwrap_or_else(|| Value::new(ValueKind::Unknown, span)).marked(sensitive);
            self.shared.marks.set(self.shared.marks.get() || sensitive);
            self.publish(&value);
            entries.push((Spanned::new((*name).to_owned(), header(output.block, output.file)), value));
        }
        Value::new(ValueKind::Object(entries), span)
    }

    /// Reads what an `output` says besides its value: whether it is sensitive.
    fn output(&self, output: &Output<'a>) -> bool {
        let scope = Scope::new(output.file, Place::Constant);
        let mut sensitive = false;
        for attribute in &output.block.body.attributes {
            match attribute.name.as_str() {
                "value" => {}
                "description" => drop(self.plain_text("description", &attribute.value, &scope)),
                "sensitive" => sensitive = self.plain_bool("sensitive", &attribute.value, &scope, true),
                name => self.unknown_attribute(&OUTPUT, name, output.file, attribute.name.span),
            }
        }
        for inner in &output.block.body.blocks {
            self.unknown_block(&OUTPUT, inner, output.file);
        }
        sensitive
    }

    /// Keeps the properties of every block that the value names, for the folders that it goes to.
    fn publish(&self, value: &Value) {
        match &value.kind {
            ValueKind::List(items) => items.iter().for_each(|item| self.publish(item)),
            ValueKind::Object(entries) => entries.iter().for_each(|(_, item)| self.publish(item)),
            ValueKind::Reference(reference) if !MEASURED.contains(&reference.block) => {
                if let Some((item, instance)) = self.locate(reference)
                    && !self.shared.published.borrow().contains_key(reference)
                {
                    let properties = self.properties(reference, item, instance);
                    if let (None, Some((kind, name))) = (instance, self.declared.named(item)) {
                        let address = format!("{}{kind}.{name}", self.around());
                        self.shared.addresses.borrow_mut().insert(reference.clone(), address);
                    }
                    self.shared.published.borrow_mut().insert(reference.clone(), properties);
                }
            }
            _ => {}
        }
    }

    fn properties(&self, of: &Reference, item: usize, instance: Option<usize>) -> BTreeMap<String, Value> {
        let names = self.declared.attribute_names(item);
        let values = names.filter_map(|name| {
            let value = self.known(self.declared.attribute(item, name)?, instance)?;
            Some((name.to_owned(), value.clone()))
        });
        let mut properties: BTreeMap<String, Value> = values.collect();
        for (kind, property, attribute, prefix) in COMPUTED {
            if *kind == of.block {
                let (computed, sensitive, span) = match properties.get(*attribute) {
                    Some(Value { kind: ValueKind::String(text), sensitive, span, .. }) => {
                        (ValueKind::String(format!("{prefix}{text}")), *sensitive, *span)
                    }
                    // What is wrong with the attribute, or that it is missing, is reported.
                    _ => (ValueKind::Unknown, false, self.declared.header(item)),
                };
                properties.insert((*property).to_owned(), Value::new(computed, span).marked(sensitive));
            }
        }
        properties
    }

    /// The blocks that a module gave.
    pub(super) fn used_blocks(&self, item: usize) -> Vec<Block> {
        self.used.borrow_mut().remove(&item).unwrap_or_default()
    }
}

/// Says of a finding in a module's folder which blocks use that folder.
pub(super) fn call_chain(finding: &mut Diagnostic, chain: &[(Span, String)]) {
    let Some(primary) = finding.labels.first().map(|label| label.span.file) else { return };
    for (span, name) in chain.iter().rev() {
        if span.file != primary && !finding.labels.iter().any(|label| label.span == *span) {
            finding.labels.push(Label { span: *span, text: format!("in `{name}`, used here") });
        }
    }
}

/// A module that was asked for an output that it does not have.
pub(super) fn no_output(name: &str, wanted: &str, place: Span, outputs: &[&str]) -> Diagnostic {
    let help = did_you_mean(wanted, outputs.iter().copied()).unwrap_or_else(|| match outputs.is_empty() {
        true => format!("it has no outputs; add `output \"{wanted}\" {{ value = … }}` to its folder"),
        false => format!("its outputs are {}", listed(outputs.iter().copied())),
    });
    Diagnostic::at(&UNKNOWN_ATTRIBUTE, place, format!("`{name}` has no output `{wanted}`")).help(help)
}
