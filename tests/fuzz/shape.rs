//! A syntax tree as one line of text: the same for texts that say the same, whatever their layout.

use windlass::parse::tree::{
    Body, Expression, ExpressionKind, Extent, Key, Loop, Name, Part, StepKind, Template, Trim,
};
use windlass_schemas::expr::UnaryOp;

/// Writes trees; with `places`, also where each part stands.
pub struct Shape {
    pub text: String,
    pub places: bool,
}

/// A tree without its places.
pub fn shape(body: &Body) -> String {
    let mut shape = Shape { text: String::new(), places: false };
    shape.body(body);
    shape.text
}

impl Shape {
    /// `(kind@1..2 "said" …)`
    pub fn open(&mut self, kind: &str, place: (usize, usize)) {
        self.text += &format!(" ({kind}");
        if self.places {
            self.text += &format!("@{}..{}", place.0, place.1);
        }
    }

    pub fn said(&mut self, text: impl std::fmt::Debug) {
        self.text += &format!(" {text:?}");
    }

    pub fn close(&mut self) {
        self.text.push(')');
    }

    pub fn leaf(&mut self, kind: &str, text: &str, place: (usize, usize)) {
        self.open(kind, place);
        self.said(text);
        self.close();
    }

    fn name(&mut self, kind: &str, name: &Name) {
        self.leaf(kind, name.as_str(), place(name.span));
    }

    pub fn body(&mut self, body: &Body) {
        for attribute in &body.attributes {
            self.open("attribute", place(attribute.name.span.to(attribute.value.span)));
            self.name("name", &attribute.name);
            self.expression(&attribute.value);
            self.close();
        }
        for block in &body.blocks {
            self.open("block", place(block.span));
            self.name("kind", &block.kind);
            block.labels.iter().for_each(|label| self.name("label", label));
            self.body(&block.body);
            self.close();
        }
    }

    pub fn expression(&mut self, expr: &Expression) {
        let at = place(expr.span);
        match &expr.kind {
            ExpressionKind::Null => self.leaf("word", "null", at),
            ExpressionKind::Bool(value) => self.leaf("word", &value.to_string(), at),
            ExpressionKind::Number(number) => self.leaf("number", &format!("{number:?}"), at),
            ExpressionKind::String(text) => self.leaf("string", text, at),
            ExpressionKind::Variable(name) => self.leaf("variable", name, at),
            ExpressionKind::Template(template) => {
                self.open("template", at);
                self.template(template);
                self.close();
            }
            ExpressionKind::List(items) => {
                self.open("list", at);
                items.iter().for_each(|item| self.expression(item));
                self.close();
            }
            ExpressionKind::Object(entries) => {
                self.open("object", at);
                for entry in entries {
                    match &entry.key {
                        Key::Plain(name) => self.name("key", name),
                        Key::Computed(key) => self.expression(key),
                    }
                    self.expression(&entry.value);
                }
                self.close();
            }
            ExpressionKind::For(made) => {
                self.open("for", at);
                self.over(&made.over);
                self.said((made.key.is_some(), made.groups, made.condition.is_some()));
                made.key.iter().chain([&made.value]).chain(&made.condition).for_each(|part| self.expression(part));
                self.close();
            }
            ExpressionKind::Parentheses(inner) => {
                self.open("parentheses", at);
                self.expression(inner);
                self.close();
            }
            ExpressionKind::Traversal(traversal) => {
                self.open("traversal", at);
                self.expression(&traversal.base);
                for step in &traversal.steps {
                    let whole = place(step.span);
                    let inner = place(step.place());
                    match &step.kind {
                        StepKind::Attribute(name) => self.leaf("attribute", name.as_str(), inner),
                        StepKind::LegacyIndex(index, _) => self.leaf("legacy", &index.to_string(), inner),
                        StepKind::AttributeSplat => self.leaf("splat", ".", whole),
                        StepKind::Splat => self.leaf("splat", "[", whole),
                        StepKind::Index(index) => {
                            self.open("index", whole);
                            self.expression(index);
                            self.close();
                        }
                    }
                }
                self.close();
            }
            ExpressionKind::Call(call) => {
                self.open("call", at);
                self.name("name", &call.name);
                self.said((call.namespaced, call.expands));
                call.arguments.iter().for_each(|argument| self.expression(argument));
                self.close();
            }
            ExpressionKind::Unary(unary) => {
                self.open(if unary.op == UnaryOp::Not { "!" } else { "-" }, at);
                self.expression(&unary.operand);
                self.close();
            }
            ExpressionKind::Binary(binary) => {
                self.open(binary.op.symbol(), at);
                self.expression(&binary.left);
                self.expression(&binary.right);
                self.close();
            }
            ExpressionKind::Conditional(node) => {
                self.open("?", at);
                [&node.condition, &node.then, &node.other].into_iter().for_each(|part| self.expression(part));
                self.close();
            }
        }
    }

    fn over(&mut self, over: &Loop) {
        over.key.iter().chain([&over.value]).for_each(|name| self.name("each", name));
        self.expression(&over.collection);
    }

    pub fn template(&mut self, template: &Template) {
        self.said(template.form);
        self.parts(&template.parts);
    }

    fn trim(&mut self, Trim { before, behind }: Trim) {
        self.said((before, behind));
    }

    fn parts(&mut self, parts: &[Part]) {
        for part in parts {
            match part {
                Part::Literal(text, span) => self.leaf("text", text, place(*span)),
                Part::Interpolation(value, trim) => {
                    self.text += " ($";
                    self.trim(*trim);
                    self.expression(value);
                    self.close();
                }
                Part::If(node) => {
                    self.text += " (if";
                    self.trim(node.begin);
                    self.expression(&node.condition);
                    self.parts(&node.then);
                    if let Some(trim) = node.middle {
                        self.text += " else";
                        self.trim(trim);
                        self.parts(&node.other);
                    }
                    self.trim(node.end);
                    self.close();
                }
                Part::For(node) => {
                    self.text += " (each";
                    self.trim(node.begin);
                    self.over(&node.over);
                    self.parts(&node.body);
                    self.trim(node.end);
                    self.close();
                }
            }
        }
    }
}

fn place(span: Extent) -> (usize, usize) {
    (span.start as usize, span.end as usize)
}
