//! Evaluated blocks in, the typed [`Spec`] out: unknown names, missing parts and wrong types are reported here.

use windlass_schemas::block::{Attribute, Block};
use windlass_schemas::codes;
use windlass_schemas::declare::{BlockDecl, FromBlock, FromText, FromValue, Reader, Refusal, Shape};
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::span::{Span, Spanned};
use windlass_schemas::spec::language::LANGUAGE;
use windlass_schemas::spec::{BLOCKS, Spec};
use windlass_schemas::suggest::{did_you_mean, nearest};
use windlass_schemas::value::{Value, ValueKind};

/// Decodes every top-level block. Blocks that were refused are left out of the result, and reported.
pub fn decode(environment: Option<String>, blocks: &[Block], diags: &mut Diagnostics) -> Spec {
    let mut spec = Spec { environment, ..Spec::default() };
    // A service is large: growing step by step would move, and touch, several times the memory.
    spec.services.reserve_exact(blocks.iter().filter(|block| block.kind.value == "service").count());
    for block in blocks {
        match block.kind.value.as_str() {
            "project" => spec.projects.extend(read(block, diags)),
            "platform" => spec.platforms.extend(read(block, diags)),
            "bucket" => spec.buckets.extend(read(block, diags)),
            "model" => spec.models.extend(read(block, diags)),
            "service" => spec.services.extend(read(block, diags)),
            "function" => spec.functions.extend(read(block, diags)),
            "job" => spec.jobs.extend(read(block, diags)),
            "channel" => spec.channels.extend(read(block, diags)),
            "workflow" => spec.workflows.extend(read(block, diags)),
            "alert" => spec.alerts.extend(read(block, diags)),
            _ => unknown_block(block, None, &top_level_names(), diags),
        }
    }
    spec
}

/// The names of all top-level blocks, those that evaluation reads included.
fn top_level_names() -> Vec<&'static str> {
    let mut names: Vec<&str> = BLOCKS.iter().map(|decl| decl.kind).collect();
    names.extend(LANGUAGE.iter().map(|decl| decl.kind));
    names
}

/// Decodes one block as `T`.
fn read<T: FromBlock>(block: &Block, diags: &mut Diagnostics) -> Option<T> {
    let mut reader = BlockReader { decl: T::DECL, block, meant: Vec::new(), diags };
    let shape = reader.check_shape();
    let value = T::from_block(&mut reader);
    if shape { value } else { None }
}

/// A block, what may stand in it, and where to report.
struct BlockReader<'a> {
    decl: &'static BlockDecl,
    block: &'a Block,
    /// Attributes and blocks that something misspelt in the block was meant to be: that they are missing needs no telling.
    meant: Vec<&'static str>,
    diags: &'a mut Diagnostics,
}

impl<'a> BlockReader<'a> {
    /// Reports wrong labels and everything in the block that has no business there. False when something was reported.
    fn check_shape(&mut self) -> bool {
        let before = self.diags.len();
        self.check_labels();
        for attribute in &self.block.attributes {
            if !self.decl.attributes.iter().any(|decl| decl.name == attribute.name.value) {
                self.unknown_attribute(attribute);
            }
        }
        for child in &self.block.blocks {
            if !self.decl.blocks.iter().any(|decl| decl.block.kind == child.kind.value) {
                self.unknown_child(child);
            }
        }
        self.diags.len() == before
    }

    fn check_labels(&mut self) {
        let (kind, wanted, got) = (self.decl.kind, self.decl.labels, &self.block.labels);
        if wanted.len() == got.len() {
            return;
        }
        let form: String = wanted.iter().map(|label| format!(" \"{}\"", label.to_uppercase())).collect();
        let span = got.get(wanted.len()).map_or(self.block.span, |surplus| surplus.span);
        let message = match wanted.len() {
            0 => format!("`{kind}` takes no label"),
            _ if got.is_empty() => format!("this `{kind}` has no label"),
            1 => format!("`{kind}` takes one label"),
            n => format!("`{kind}` takes {n} labels"),
        };
        self.diags
            .push(Diagnostic::at(&codes::WRONG_LABELS, span, message).help(format!("write `{kind}{form} {{ … }}`")));
    }

    fn unknown_attribute(&mut self, attribute: &Attribute) {
        let (kind, name) = (self.decl.kind, &attribute.name);
        let attributes = || self.decl.attribute_names();
        let blocks = || self.decl.blocks.iter().map(|child| child.block.kind);
        let meant = nearest(name, attributes());
        let block = nearest(name, blocks());
        self.meant.extend(meant.or(block));
        let help = match (meant, block) {
            (_, Some(block)) if block == name.value => {
                Some(format!("`{block}` is a block: write `{block} {{ … }}`, without `=`"))
            }
            (Some(meant), _) => Some(format!("did you mean `{meant}`?")),
            (None, Some(block)) => Some(format!("did you mean the block `{block} {{ … }}`?")),
            (None, None) if elsewhere(name).is_some() => elsewhere(name),
            (None, None) => list(&format!("the attributes of `{kind}` are"), attributes()),
        };
        let message = format!("`{kind}` has no attribute `{}`", name.value);
        self.diags.push(Diagnostic::at(&codes::UNKNOWN_ATTRIBUTE, name.span, message).maybe_help(help));
    }

    fn unknown_child(&mut self, child: &Block) {
        let (kind, name) = (self.decl.kind, &child.kind);
        let attribute = self.decl.attributes.iter().find(|decl| decl.name == name.value);
        if let Some(attribute) = attribute {
            self.meant.push(attribute.name);
            let message = format!("`{}` is an attribute of `{kind}`, not a block", name.value);
            let help = format!("write `{} = …`", name.value);
            self.diags.push(Diagnostic::at(&codes::UNKNOWN_BLOCK, name.span, message).help(help));
        } else {
            let blocks: Vec<&str> = self.decl.blocks.iter().map(|child| child.block.kind).collect();
            self.meant.extend(nearest(name, blocks.iter().copied()));
            unknown_block(child, Some(kind), &blocks, self.diags);
        }
    }

    fn attribute(&self, name: &str) -> Option<&'a Attribute> {
        self.block.attributes.iter().find(|attribute| attribute.name.value == name)
    }

    fn convert<T: FromValue>(&mut self, attribute: &str, value: &Value) -> Option<Spanned<T>> {
        match T::from_value(value) {
            Ok(converted) => {
                if value.is_sensitive() {
                    let message = format!("`{attribute}` is sensitive, and stands in clear text in what is emitted");
                    let help = "keep secrets in a secret store; of a value that is none, say so: `nonsensitive(…)`";
                    self.diags.push(Diagnostic::at(&codes::SENSITIVE_OUTPUT, value.span, message).help(help));
                }
                Some(Spanned::new(converted, value.span))
            }
            Err(refusal) => {
                self.refuse(attribute, value, value.span, refusal, T::TAKES, T::SHAPE);
                None
            }
        }
    }

    fn refuse(&mut self, attribute: &str, value: &Value, span: Span, refusal: Refusal, takes: &str, shape: Shape) {
        let diagnostic = match refusal {
            Refusal::Known => return,
            Refusal::Within(span, refusal, takes) => {
                let part = part_at(value, span).unwrap_or(value);
                let shape = if let Shape::List(item) = shape { *item } else { Shape::Any };
                return self.refuse(attribute, part, span, *refusal, takes, shape);
            }
            Refusal::Value(message) => {
                // A message without a subject is about the attribute.
                let subject = if message.starts_with("must ") { format!("`{attribute}` ") } else { String::new() };
                Diagnostic::at(&codes::INVALID_VALUE, span, value.masked(&(subject + &message)))
            }
            Refusal::Type if matches!(value.kind, ValueKind::Null) => {
                Diagnostic::at(&codes::WRONG_TYPE, span, format!("`{attribute}` is null"))
                    .help(format!("`{attribute}` takes {takes}"))
            }
            Refusal::Type => {
                let message = format!("`{attribute}` takes {takes}, and this is {}", value.describe());
                Diagnostic::at(&codes::WRONG_TYPE, span, message).maybe_help(cure(value, takes, shape))
            }
            Refusal::Later => {
                let message = format!("`{attribute}` must be known when compiling");
                Diagnostic::at(&codes::KNOWN_LATER, span, message)
                    .saying("known only when the workflow runs, or in the monitoring system")
                    .help(format!("`{attribute}` takes {takes}"))
            }
        };
        self.diags.push(diagnostic);
    }

    fn missing_attribute(&mut self, name: &'static str) {
        if self.meant.contains(&name) {
            return;
        }
        let decl = self.decl.attributes.iter().find(|decl| decl.name == name);
        let takes = decl.map_or("a value", |decl| decl.takes);
        let message = format!("this `{}` has no `{name}`", self.decl.kind);
        let help = format!("add `{name} = …`; it takes {takes}");
        self.diags.push(Diagnostic::at(&codes::MISSING_ATTRIBUTE, self.block.span, message).help(help));
    }

    fn children<T: FromBlock>(&self) -> Vec<&'a Block> {
        self.block.blocks.iter().filter(|child| child.kind.value == T::DECL.kind).collect()
    }

    /// Decodes the first of the blocks that may stand here once, and reports the others.
    fn single<T: FromBlock>(&mut self, children: &[&Block]) -> Option<T> {
        let (first, others) = children.split_first()?;
        for other in others {
            let message = format!("a second `{}` in this `{}`", T::DECL.kind, self.decl.kind);
            let diagnostic = Diagnostic::at(&codes::DUPLICATE_NAME, other.span, message)
                .label(first.span, "the first one")
                .help("keep one of them");
            self.diags.push(diagnostic);
        }
        let decoded = read(first, self.diags);
        if others.is_empty() { decoded } else { None }
    }
}

impl Reader for BlockReader<'_> {
    fn span(&self) -> Span {
        self.block.span
    }

    fn label<T: FromText>(&mut self) -> Option<Spanned<T>> {
        let label = self.block.labels.first()?;
        match T::from_text(label) {
            Ok(value) => Some(Spanned::new(value, label.span)),
            Err(message) => {
                self.diags.push(Diagnostic::at(&codes::INVALID_VALUE, label.span, message));
                None
            }
        }
    }

    fn required<T: FromValue>(&mut self, name: &'static str) -> Option<Spanned<T>> {
        match self.attribute(name) {
            Some(attribute) => self.convert(name, &attribute.value),
            None => {
                self.missing_attribute(name);
                None
            }
        }
    }

    fn optional<T: FromValue>(&mut self, name: &'static str) -> Option<Option<Spanned<T>>> {
        match self.attribute(name).map(|attribute| &attribute.value) {
            None => Some(None),
            Some(Value { kind: ValueKind::Null, .. }) if !T::NULL => Some(None),
            Some(value) => self.convert(name, value).map(Some),
        }
    }

    fn default<T: FromValue>(&mut self, name: &'static str, default: &'static str) -> Option<Spanned<T>> {
        match self.optional(name)? {
            Some(value) => Some(value),
            None => self.convert(name, &Value::new(ValueKind::String(default.to_owned()), self.block.span)),
        }
    }

    fn once<T: FromBlock>(&mut self) -> Option<T> {
        let children = self.children::<T>();
        if children.is_empty() {
            let (kind, parent) = (T::DECL.kind, self.decl.kind);
            if self.meant.contains(&kind) {
                return None;
            }
            let message = format!("this `{parent}` has no `{kind}` block");
            let help = format!("add `{kind} {{ … }}`");
            self.diags.push(Diagnostic::at(&codes::MISSING_BLOCK, self.block.span, message).help(help));
            return None;
        }
        self.single(&children)
    }

    fn at_most_once<T: FromBlock>(&mut self) -> Option<Option<T>> {
        let children = self.children::<T>();
        match children.is_empty() {
            true => Some(None),
            false => self.single(&children).map(Some),
        }
    }

    fn many<T: FromBlock>(&mut self) -> Option<Vec<T>> {
        let block = self.block;
        let children = block.blocks.iter().filter(|child| child.kind.value == T::DECL.kind);
        // Every one is decoded, so that all errors are found.
        let decoded: Vec<Option<T>> = children.map(|child| read(child, self.diags)).collect();
        decoded.into_iter().collect()
    }
}

/// What to write instead of a value of the wrong type.
fn cure(value: &Value, takes: &str, shape: Shape) -> Option<String> {
    match (shape, &value.kind) {
        (Shape::Reference, ValueKind::String(name)) => {
            let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
            let form = takes.split('`').nth(1).filter(|_| !name.is_empty() && name.chars().all(is_name))?;
            Some(format!("write `{}`, without quotes", form.replace("NAME", name)))
        }
        (Shape::List(_), ValueKind::Reference(_) | ValueKind::String(_)) => {
            Some("put it in brackets: `[…]`".to_owned())
        }
        // A quantity is shown with its unit and quotes already.
        (Shape::Text | Shape::Pattern(_) | Shape::Choice(_), ValueKind::Number(_)) if !takes.contains('"') => {
            Some("it is a string: write it in quotes".to_owned())
        }
        _ => None,
    }
}

/// What users of Terraform look for, and what there is instead.
const ELSEWHERE: &[(&str, &str)] = &[
    ("count", "for several blocks of a kind there is `for_each`"),
    ("data", "what exists already is named by a block of its own, such as `bucket`"),
    ("depends_on", "the order follows from what refers to what"),
    ("lifecycle", "what is written is applied by other tools, which have their own settings"),
    ("provider", "where everything runs is said by `platform`"),
    ("resource", "what is built is said by blocks such as `service`, `workflow` and `alert`"),
    ("terraform", "windlass needs no settings of its own"),
];

fn elsewhere(name: &str) -> Option<String> {
    ELSEWHERE.iter().find(|(known, _)| *known == name).map(|(_, instead)| (*instead).to_owned())
}

/// The part of `value` that stands at `span`.
fn part_at(value: &Value, span: Span) -> Option<&Value> {
    if value.span == span {
        return Some(value);
    }
    match &value.kind {
        ValueKind::List(items) => items.iter().find_map(|item| part_at(item, span)),
        ValueKind::Object(entries) => entries.iter().find_map(|(_, item)| part_at(item, span)),
        _ => None,
    }
}

fn unknown_block(block: &Block, parent: Option<&str>, known: &[&'static str], diags: &mut Diagnostics) {
    let kind = &block.kind;
    let message = match parent {
        Some(parent) => format!("`{parent}` has no block `{}`", kind.value),
        None => format!("there is no block `{}`", kind.value),
    };
    let help = did_you_mean(kind, known.iter().copied()).or_else(|| elsewhere(kind)).or_else(|| match parent {
        Some(parent) => list(&format!("the blocks of `{parent}` are"), known.iter().copied()),
        None => list("at the top level there are", known.iter().copied()),
    });
    diags.push(Diagnostic::at(&codes::UNKNOWN_BLOCK, kind.span, message).maybe_help(help));
}

/// "the attributes of `service` are `a`, `b`, `c`"; `None` when there are none.
fn list<'a>(before: &str, names: impl Iterator<Item = &'a str>) -> Option<String> {
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    (!names.is_empty()).then(|| format!("{before} {}", names.join(", ")))
}
