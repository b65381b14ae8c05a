//! The syntax tree is the one that hcl-rs makes of the same text: names, values, operators, templates and places.
//!
//! Where that differs from HCL's specification, ours follows the specification:
//!
//! - the words `null`, `true` and `false` and plain strings are keys of an object like any other word;
//! - `-1[0]` and `-1.a` negate what is taken, as every sign does; theirs takes from the negative number;
//! - a whole number that no float holds is none; theirs rounds it;
//! - `<<-` takes the indentation off in the whole template when it is evaluated; theirs does in part when parsing;
//! - in a quoted string, escapes mean the same within `%{if}` and `%{for}`; theirs takes them as they are written;
//! - a line end in brackets means nothing, also behind a sign or in a directive; theirs refuses some. What it
//!   refuses is not compared;
//! - a heredoc may have no lines; theirs goes on to the next one of its name. Such texts are not compared.

use std::fs;
use std::ops::Range;

use hcl::edit::expr::{Expression, ForExpr, FuncCall, ObjectKey, Traversal, TraversalOperator, UnaryOperator};
use hcl::edit::structure::{Attribute, Block, BlockLabel, Body, Structure};
use hcl::edit::template::{Directive, Element, HeredocTemplate, Strip, Template};
use hcl::edit::{Decorated, Ident, Span};
use windlass::parse::parse;
use windlass::parse::tree::Form;
use windlass_schemas::diagnostic::Diagnostics;
use windlass_schemas::source::Sources;
use windlass_schemas::value::Number;

use crate::examples::EXAMPLES;
use crate::format::specs::{Taste, spec};
use crate::found::checks::shape::Shape;
use crate::support::root;

/// Our tree of a text; `None` when the text has errors.
fn ours(text: &str) -> Option<String> {
    let (sources, mut diags) = (Sources::default(), Diagnostics::default());
    let file = sources.add("a.hcl", text);
    let body = parse(&sources, file, &mut diags);
    let mut shape = Shape { text: String::new(), places: true };
    shape.body(&body);
    diags.is_empty().then_some(shape.text)
}

/// Theirs.
fn theirs(text: &str) -> Option<String> {
    let body: Body = hcl::edit::parser::parse_body(text).ok()?;
    let mut oracle = Oracle { source: text, shape: Shape { text: String::new(), places: true } };
    oracle.body(&body);
    Some(oracle.shape.text)
}

/// Whether a heredoc has no lines: theirs ends it at the next one of its name.
fn has_empty_heredoc(text: &str) -> bool {
    text.lines().zip(text.lines().skip(1)).any(|(line, next)| {
        let mark = line.rsplit_once("<<").map_or("", |(_, mark)| mark.trim_start_matches('-'));
        !mark.is_empty() && next.trim_start().starts_with(mark)
    })
}

/// Whether both have read a text, and have read the same.
fn compare(text: &str) -> bool {
    if has_empty_heredoc(text) {
        return false;
    }
    let (Some(ours), Some(theirs)) = (ours(text), theirs(text)) else { return false };
    if ours != theirs {
        let at = ours.bytes().zip(theirs.bytes()).take_while(|(a, b)| a == b).count();
        let part =
            |tree: &str| tree.get(at.saturating_sub(120)..).unwrap_or(tree).chars().take(400).collect::<String>();
        panic!("{text}\n--- ours\n…{}\n--- theirs\n…{}", part(&ours), part(&theirs));
    }
    true
}

#[test]
fn every_spec_of_the_repository_has_one_tree() {
    let mut count = 0;
    for (name, _) in EXAMPLES {
        let path = root().join("examples").join(name).join("windlass.hcl");
        assert!(compare(&fs::read_to_string(path).expect("a spec")), "{name}");
    }
    let mut folders = vec![root().join("tests/ui"), root().join("tests/laws"), root().join("examples")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "hcl") {
                count += usize::from(fs::read_to_string(path).is_ok_and(|text| compare(&text)));
            }
        }
    }
    assert!(count > 80, "only {count} specs are compared");
}

#[test]
fn every_case_of_agreement_has_one_tree() {
    let (mut count, mut all) = (0, 0);
    for entry in fs::read_dir(root().join("tests/agreement")).expect("a folder") {
        let path = entry.expect("an entry").path();
        let Some(text) = path.extension().filter(|e| *e == "txt").and_then(|_| fs::read_to_string(&path).ok()) else {
            continue;
        };
        for case in text.split("\n--- ").skip(1) {
            let expression = case.split_once('\n').and_then(|(_, rest)| rest.split_once("\n=> ")).map(|(text, _)| text);
            all += 1;
            count += usize::from(expression.is_some_and(|text| compare(&format!("block {{\n  x = {text}\n}}\n"))));
        }
    }
    assert!(count * 100 > all * 90 && all > 500, "{count} of {all} cases are compared");
}

#[test]
fn random_specs_have_one_tree() {
    let count = (0..1000).filter(|number| compare(&spec(*number, Taste::Any))).count();
    let plain = (0..1000).filter(|number| compare(&spec(*number, Taste::Terraform))).count();
    assert!(count > 400 && plain > 700, "{count} and {plain} of 1000 specs are compared");
}

/// What random specs have seldom.
#[test]
fn forms_have_one_tree() {
    for expression in [
        "1 + 2 * 3 - 4 / 5 % 6",
        "a || b && c == d != e < f <= g + h * i",
        "a - b - c",
        "a ? b : c ? d : e",
        "(a ? b : c) ? d : e",
        "!a && -b.c[0].d",
        "- 1 + -2.5e-3",
        "-9223372036854775808 + 9223372036854775807",
        "18446744073709551616",
        "a.0.1.b[*].c.*.d",
        "a . b [ 0 ] [\"c\"]",
        "f()",
        "f(a, b...)",
        "f(a, b,)",
        "p::q::f(1)",
        "[for k, v in a : k if v]",
        "{for k, v in a : k => v... if v}",
        "{ a = 1, \"b c\" : 2, (d) = 3, 4 = 5, e.f = 6, null = 7, true = 8 }",
        "{}",
        "[]",
        "\"\"",
        "\"\\n\\r\\t\\\"\\\\\\u00e9\\U0001f600 $${a} %%{b} $a % $$\"",
        "\"${a}\"",
        "\"a ${~ b ~} c ${~d} e\"",
        "\"%{ if a ~}x%{~ else }y%{ endif ~}z%{ for k, v in w }${k}%{ endfor }\"",
        "\"a\tb\"",
        "<<E\na\n  ${b}\nE",
        "<<-E\n    a $${b} \\n\n      ${c}d\n  %{ if e ~}\n    f\n  %{ endif }\n    E",
    ] {
        let text = format!("a = {expression}\nb \"c\" d {{\n  e = {expression}\n}}\n");
        assert!(compare(&text), "{text}: ours {:?}, theirs {:?}", ours(&text), theirs(&text));
    }
}

struct Oracle<'a> {
    source: &'a str,
    shape: Shape,
}

fn place(range: Option<Range<usize>>) -> (usize, usize) {
    range.map_or((0, 0), |range| (range.start, range.end))
}

/// A chain of operators may have a place as a whole only.
fn range(expr: &Expression) -> Option<Range<usize>> {
    expr.span().or_else(|| match expr {
        Expression::BinaryOp(node) => Some(range(&node.lhs_expr)?.start..range(&node.rhs_expr)?.end),
        _ => None,
    })
}

impl Oracle<'_> {
    fn name(&mut self, kind: &str, name: &Decorated<Ident>) {
        self.shape.leaf(kind, name.as_str(), place(name.span()));
    }

    fn body(&mut self, body: &Body) {
        let attributes = body.iter().filter_map(Structure::as_attribute);
        attributes.for_each(|attribute| self.attribute(attribute));
        body.iter().filter_map(Structure::as_block).for_each(|block| self.block(block));
    }

    fn attribute(&mut self, attribute: &Attribute) {
        let start = attribute.key.span().map_or(0, |key| key.start);
        self.shape.open("attribute", (start, range(&attribute.value).map_or(0, |value| value.end)));
        self.name("name", &attribute.key);
        self.expression(&attribute.value);
        self.shape.close();
    }

    fn block(&mut self, block: &Block) {
        self.shape.open("block", place(block.span()));
        self.name("kind", &block.ident);
        for label in &block.labels {
            let span = match label {
                BlockLabel::Ident(name) => name.span(),
                BlockLabel::String(text) => text.span(),
            };
            self.shape.leaf("label", label.as_str(), place(span));
        }
        self.body(&block.body);
        self.shape.close();
    }

    fn expression(&mut self, expr: &Expression) {
        let at = place(range(expr));
        match expr {
            Expression::Null(_) => self.shape.leaf("word", "null", at),
            Expression::Bool(value) => self.shape.leaf("word", &value.value().to_string(), at),
            Expression::Number(number) => self.number(number.value(), at),
            Expression::String(text) => self.shape.leaf("string", text.as_str(), at),
            Expression::Variable(name) => self.shape.leaf("variable", name.as_str(), at),
            Expression::StringTemplate(template) => {
                self.shape.open("template", at);
                self.shape.said(Form::Quoted);
                self.template(template, Form::Quoted, false);
                self.shape.close();
            }
            Expression::HeredocTemplate(heredoc) => self.heredoc(heredoc, at),
            Expression::Array(items) => {
                self.shape.open("list", at);
                items.iter().for_each(|item| self.expression(item));
                self.shape.close();
            }
            Expression::Object(entries) => {
                self.shape.open("object", at);
                for (key, value) in entries {
                    self.key(key);
                    self.expression(value.expr());
                }
                self.shape.close();
            }
            Expression::Parenthesis(inner) => {
                self.shape.open("parentheses", at);
                self.expression(inner.inner());
                self.shape.close();
            }
            Expression::Conditional(node) => {
                self.shape.open("?", at);
                [&node.cond_expr, &node.true_expr, &node.false_expr].into_iter().for_each(|part| self.expression(part));
                self.shape.close();
            }
            Expression::UnaryOp(node) => {
                self.shape.open(if *node.operator.value() == UnaryOperator::Not { "!" } else { "-" }, at);
                self.expression(&node.expr);
                self.shape.close();
            }
            Expression::BinaryOp(node) => {
                self.shape.open(node.operator.value().as_str(), at);
                self.expression(&node.lhs_expr);
                self.expression(&node.rhs_expr);
                self.shape.close();
            }
            Expression::FuncCall(call) => self.call(call, at),
            Expression::ForExpr(made) => self.made(made, at),
            Expression::Traversal(traversal) => self.traversal(traversal, at),
        }
    }

    fn number(&mut self, number: &hcl::Number, at: (usize, usize)) {
        let whole = number.as_i64().map(Number::Int);
        let number = whole.or_else(|| Number::from_f64(number.as_f64()?));
        self.shape.leaf("number", &format!("{number:?}"), at);
    }

    fn key(&mut self, key: &ObjectKey) {
        match key {
            ObjectKey::Ident(name) => self.name("key", name),
            ObjectKey::Expression(expr) => {
                let word = match expr {
                    Expression::String(text) => text.as_str().to_owned(),
                    Expression::Null(_) => "null".to_owned(),
                    Expression::Bool(value) => value.value().to_string(),
                    _ => return self.expression(expr),
                };
                self.shape.leaf("key", &word, place(range(expr)));
            }
        }
    }

    fn call(&mut self, call: &FuncCall, at: (usize, usize)) {
        self.shape.open("call", at);
        self.name("name", &call.name.name);
        self.shape.said((call.name.is_namespaced(), call.args.expand_final()));
        call.args.iter().for_each(|argument| self.expression(argument));
        self.shape.close();
    }

    fn made(&mut self, made: &ForExpr, at: (usize, usize)) {
        self.shape.open("for", at);
        made.intro.key_var.iter().chain([&made.intro.value_var]).for_each(|name| self.name("each", name));
        self.expression(&made.intro.collection_expr);
        self.shape.said((made.key_expr.is_some(), made.grouping, made.cond.is_some()));
        let parts = made.key_expr.iter().chain([&made.value_expr]).chain(made.cond.as_ref().map(|cond| &cond.expr));
        parts.for_each(|part| self.expression(part));
        self.shape.close();
    }

    fn traversal(&mut self, traversal: &Traversal, at: (usize, usize)) {
        let base = place(range(&traversal.expr));
        // The sign belongs to what is taken.
        let signed = matches!(traversal.expr, Expression::Number(_)) && self.source[base.0..].starts_with('-');
        if signed {
            self.shape.open("-", at);
            let digits = self.source[base.0..base.1].find(|c: char| c.is_ascii_digit()).unwrap_or(0);
            let number = Number::parse(&self.source[base.0 + digits..base.1]);
            self.shape.open("traversal", (base.0 + digits, at.1));
            self.shape.leaf("number", &format!("{number:?}"), (base.0 + digits, base.1));
        } else {
            self.shape.open("traversal", at);
            self.expression(&traversal.expr);
        }
        for step in &traversal.operators {
            let whole = place(step.span());
            match step.value() {
                TraversalOperator::GetAttr(name) => self.name("attribute", name),
                TraversalOperator::LegacyIndex(index) => {
                    self.shape.leaf("legacy", &index.value().to_string(), place(index.span().or(step.span())));
                }
                TraversalOperator::AttrSplat(_) => self.shape.leaf("splat", ".", whole),
                TraversalOperator::FullSplat(_) => self.shape.leaf("splat", "[", whole),
                TraversalOperator::Index(index) => {
                    self.shape.open("index", whole);
                    self.expression(index);
                    self.shape.close();
                }
            }
        }
        self.shape.close();
        if signed {
            self.shape.close();
        }
    }

    fn heredoc(&mut self, heredoc: &HeredocTemplate, at: (usize, usize)) {
        let form = if self.source[at.0..].starts_with("<<-") { Form::Indented } else { Form::Heredoc };
        self.shape.open("template", at);
        self.shape.said(form);
        self.template(&heredoc.template, form, false);
        self.shape.close();
    }

    fn trim(&mut self, strip: Strip) {
        self.shape.said((strip.strip_start(), strip.strip_end()));
    }

    /// `within`: in a directive.
    fn template(&mut self, template: &Template, form: Form, within: bool) {
        for element in template {
            match element {
                Element::Literal(text) => {
                    let at = place(element.span().or_else(|| text.span()));
                    let written = &self.source[at.0..at.1];
                    let text = match form {
                        Form::Indented => written.replace("$${", "${").replace("%%{", "%{"),
                        Form::Quoted if within => {
                            let whole = hcl::edit::parser::parse_expr(&format!("\"{written}\"")).expect("a string");
                            whole.as_str().expect("a string").to_owned()
                        }
                        _ => text.to_string(),
                    };
                    self.shape.leaf("text", &text, at);
                }
                Element::Interpolation(value) => {
                    self.shape.text += " ($";
                    self.trim(value.strip);
                    self.expression(&value.expr);
                    self.shape.close();
                }
                Element::Directive(directive) => match &**directive {
                    Directive::If(node) => {
                        self.shape.text += " (if";
                        self.trim(node.if_expr.strip);
                        self.expression(&node.if_expr.cond_expr);
                        self.template(&node.if_expr.template, form, true);
                        if let Some(other) = &node.else_expr {
                            self.shape.text += " else";
                            self.trim(other.strip);
                            self.template(&other.template, form, true);
                        }
                        self.trim(node.endif_expr.strip);
                        self.shape.close();
                    }
                    Directive::For(node) => {
                        self.shape.text += " (each";
                        self.trim(node.for_expr.strip);
                        let names = node.for_expr.key_var.iter().chain([&node.for_expr.value_var]);
                        names.for_each(|name| self.name("each", name));
                        self.expression(&node.for_expr.collection_expr);
                        self.template(&node.for_expr.template, form, true);
                        self.trim(node.endfor_expr.strip);
                        self.shape.close();
                    }
                },
            }
        }
    }
}
