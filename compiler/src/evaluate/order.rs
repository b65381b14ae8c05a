//! The order of evaluation: what is referred to comes first, so that no chain of references recurses.
//!
//! A cycle is one that the text shows, as in Terraform: also through the branch of a conditional that would not be
//! taken.

use std::collections::BTreeMap;

use windlass_schemas::codes::CYCLE;
use windlass_schemas::diagnostic::Diagnostic;
use windlass_schemas::span::Span;
use windlass_schemas::value::{Value, ValueKind};

use super::declare::{Declared, Node, What};
use super::expression::{Evaluator, Scope};
use super::instances::Known;
use super::names::{MEASURED, taken};
use crate::parse::tree::{Expression, ExpressionKind, Extent, Key, Loop, Part, StepKind, Traversal};

/// Names of a cycle that are shown.
const SHOWN: usize = 8;

/// Collects the references of one expression to other nodes.
struct References<'a> {
    declared: &'a Declared<'a>,
    node: &'a Node<'a>,
    /// Loop variables, which hide roots of the same name.
    hidden: Vec<String>,
    found: BTreeMap<usize, Edge>,
}

/// A reference to another node.
#[derive(Clone, Copy)]
struct Edge {
    span: Span,
    /// The text names a block only: an attribute of it may be wanted by who gets the name. That puts the attribute
    /// first where possible, and makes no cycle.
    perhaps: bool,
}

/// A block with more attributes than this gives no `perhaps`.
const FEW: usize = 32;

impl References<'_> {
    fn edge(&mut self, node: usize, span: Span, perhaps: bool) {
        let edge = self.found.entry(node).or_insert(Edge { span, perhaps });
        if edge.perhaps && !perhaps {
            *edge = Edge { span, perhaps };
        }
    }
}

impl References<'_> {
    fn expression(&mut self, expr: &Expression) {
        match &expr.kind {
            ExpressionKind::Null
            | ExpressionKind::Bool(_)
            | ExpressionKind::Number(_)
            | ExpressionKind::String(_)
            | ExpressionKind::Variable(_) => {}
            ExpressionKind::Template(template) => self.parts(&template.parts),
            ExpressionKind::List(items) => items.iter().for_each(|item| self.expression(item)),
            ExpressionKind::Object(entries) => {
                for entry in entries {
                    if let Key::Computed(key) = &entry.key {
                        self.expression(key);
                    }
                    self.expression(&entry.value);
                }
            }
            ExpressionKind::For(made) => self.around(&made.over, |inner| {
                made.key.iter().for_each(|key| inner.expression(key));
                inner.expression(&made.value);
                made.condition.iter().for_each(|condition| inner.expression(condition));
            }),
            ExpressionKind::Parentheses(inner) => self.expression(inner),
            ExpressionKind::Traversal(traversal) => self.traversal(traversal, expr.span),
            ExpressionKind::Call(call) => call.arguments.iter().for_each(|argument| self.expression(argument)),
            ExpressionKind::Unary(unary) => self.expression(&unary.operand),
            ExpressionKind::Binary(binary) => {
                self.expression(&binary.left);
                self.expression(&binary.right);
            }
            ExpressionKind::Conditional(node) => {
                [&node.condition, &node.then, &node.other].into_iter().for_each(|part| self.expression(part));
            }
        }
    }

    fn parts(&mut self, parts: &[Part]) {
        for part in parts {
            match part {
                Part::Literal(..) => {}
                Part::Interpolation(value, _) => self.expression(value),
                Part::If(node) => {
                    self.expression(&node.condition);
                    self.parts(&node.then);
                    self.parts(&node.other);
                }
                Part::For(node) => self.around(&node.over, |inner| inner.parts(&node.body)),
            }
        }
    }

    /// What a loop goes over, and then what it does, where its names hide others.
    fn around(&mut self, over: &Loop, visit: impl FnOnce(&mut Self)) {
        self.expression(&over.collection);
        let before = self.hidden.len();
        self.hidden.extend(over.key.iter().chain([&over.value]).map(|name| name.as_str().to_owned()));
        visit(self);
        self.hidden.truncate(before);
    }

    fn traversal(&mut self, traversal: &Traversal, place: Extent) {
        if let ExpressionKind::Variable(root) = &traversal.base.kind
            && !self.hidden.iter().any(|name| **name == **root)
        {
            let name = |at: usize| traversal.steps.get(at).and_then(taken);
            let span = place.of(self.node.file);
            let item = name(0).and_then(|name| self.declared.find(root, name));
            let for_each = item.and_then(|item| self.declared.for_each(item));
            if let Some(node) = for_each {
                self.edge(node, span, false);
            }
            // Behind the name of a block with instances stands the key of one.
            let property = if for_each.is_some() { 2 } else { 1 };
            match (&**root, name(0), name(property), item) {
                ("module", _, _, Some(item)) => {
                    if let Some(node) = self.declared.module(item) {
                        self.edge(node, span, false);
                    }
                }
                ("local", Some(name), ..) => {
                    if let Some(local) = self.declared.locals.get(name) {
                        self.edge(local.node, span, false);
                    }
                }
                (kind, _, Some(attribute), Some(item)) => {
                    if let Some(node) = self.declared.property_node(item, kind, attribute) {
                        self.edge(node, span, false);
                    }
                }
                (kind, _, None, Some(item)) if !MEASURED.contains(&kind) => {
                    for node in self.declared.attribute_nodes(item).take(FEW) {
                        self.edge(node, span, true);
                    }
                }
                _ => {}
            }
        }
        self.expression(&traversal.base);
        for step in &traversal.steps {
            if let StepKind::Index(index) = &step.kind {
                self.expression(index);
            }
        }
    }
}

fn references(declared: &Declared, node: &Node) -> Vec<(usize, Edge)> {
    let mut references = References { declared, node, hidden: Vec::new(), found: BTreeMap::new() };
    match node.what {
        What::Expression(expr) => {
            if let Some(item) = node.repeated(declared) {
                // `each` is of the block itself.
                if let Some(for_each) = declared.for_each(item) {
                    references.edge(for_each, declared.header(item), false);
                }
                references.hidden.push("each".to_owned());
            }
            references.expression(expr);
        }
        What::Module(item) => {
            for node in declared.attribute_nodes(item) {
                references.edge(node, declared.header(item), false);
            }
        }
    }
    references.found.into_iter().collect()
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    New,
    /// On the path from the node that the walk began at.
    Open,
    Done,
}

/// A node on the path: its references, and how many have been followed.
struct Visited {
    node: usize,
    references: Vec<(usize, Edge)>,
    next: usize,
}

impl Evaluator<'_> {
    /// Evaluates every node, each after those that it refers to.
    pub(super) fn evaluate_all(&self) {
        let declared = self.declared;
        let visited = |node: usize| Visited {
            node,
            references: declared.nodes.get(node).map(|n| references(declared, n)).unwrap_or_default(),
            next: 0,
        };
        let mut states = vec![State::New; declared.nodes.len()];
        for start in 0..declared.nodes.len() {
            if states.get(start) != Some(&State::New) {
                continue;
            }
            let mut path = vec![visited(start)];
            while let Some(top) = path.last_mut() {
                if let Some(state) = states.get_mut(top.node) {
                    *state = State::Open;
                }
                match top.references.get(top.next) {
                    Some((target, _)) => {
                        let target = *target;
                        top.next += 1;
                        match states.get(target) {
                            Some(State::New) => path.push(visited(target)),
                            Some(State::Open) => self.cycle(&path, target),
                            _ => {}
                        }
                    }
                    None => {
                        let node = top.node;
                        let limited = top.references.iter().any(|(of, _)| self.limited.borrow().contains(of));
                        path.pop();
                        if let Some(state) = states.get_mut(node) {
                            *state = State::Done;
                        }
                        if limited {
                            self.limited.borrow_mut().insert(node);
                            self.give_up(node);
                        } else {
                            self.begin();
                            self.evaluate_node(node);
                        }
                    }
                }
            }
        }
    }

    /// What has been reported is unknown from here on.
    fn give_up(&self, node: usize) {
        if let (Some(cell), Some(declared)) = (self.values.get(node), self.declared.nodes.get(node)) {
            let span = match declared.what {
                What::Expression(expr) => self.span(expr, &Scope::new(declared.file, declared.place)),
                What::Module(item) => self.declared.header(item),
            };
            let _ = cell.set(Known::One(Value::new(ValueKind::Unknown, span)));
        }
    }

    /// The path leads back to `target`, which is on it.
    fn cycle(&self, path: &[Visited], target: usize) {
        let Some(start) = path.iter().position(|visited| visited.node == target) else { return };
        let round = path.get(start..).unwrap_or_default();
        // Each node, and where it refers to the next.
        let followed = |v: &Visited| Some((v.node, v.references.get(v.next.checked_sub(1)?)?.1));
        let edges: Vec<(usize, Edge)> = round.iter().filter_map(followed).collect();
        if edges.iter().any(|(_, edge)| edge.perhaps) {
            return;
        }
        let mut steps: Vec<(usize, Span)> = edges.into_iter().map(|(node, edge)| (node, edge.span)).collect();
        let told = steps.iter().any(|(node, _)| self.values.get(*node).is_some_and(|cell| cell.get().is_some()));
        for (node, _) in &steps {
            self.give_up(*node);
        }
        if told {
            return;
        }
        // Told from the node that is declared first.
        if let Some(first) = (0..steps.len()).min_by_key(|at| steps.get(*at).map(|(node, _)| *node)) {
            steps.rotate_left(first);
        }
        let name =
            |at: usize| steps.get(at % steps.len()).map(|(node, _)| self.declared.node_name(*node)).unwrap_or_default();
        let Some((_, span)) = steps.first() else { return };
        let mut shown: Vec<String> = (0..steps.len().min(SHOWN)).map(|at| format!("`{}`", name(at))).collect();
        if steps.len() > SHOWN {
            shown.push(format!("… {} more", steps.len() - SHOWN));
        }
        shown.push(format!("`{}`", name(0)));
        let message = format!("the value of `{}` depends on itself: {}", name(0), shown.join(" -> "));
        let mut finding = Diagnostic::at(&CYCLE, *span, message)
            .saying(format!("`{}` refers to `{}`", name(0), name(1)))
            .help("give one of them a value of its own");
        for (at, (_, span)) in steps.iter().enumerate().take(SHOWN).skip(1) {
            finding = finding.label(*span, format!("`{}` refers to `{}`", name(at), name(at + 1)));
        }
        self.report(finding);
    }
}
