//! Holds a graph against what the engine really does: nodes in, findings out, each naming node, operator and attribute.
//!
//! The engine fails on an operator that it does not know, but *reads past* an attribute that it does not know, and then computes
//! something else. `operators.txt` says which attributes it honours; the rules below are for what depends on more than one value.
//! `tests/conformance/audit.py` runs ONNX's own cases through both and holds that what passes here is computed rightly.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::graph::{Constant, Graph, Node};
use super::shapes::Values;

const TABLE: &str = include_str!("operators.txt");

/// Findings reported of one file.
pub const MOST: usize = 20;

/// Something that the engine cannot run, or would compute wrongly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What is wrong, beginning with the node.
    pub message: String,
    /// A way out.
    pub help: String,
}

/// A line of the table.
struct Entry {
    domain: &'static str,
    operator: &'static str,
    attributes: &'static str,
}

/// What the table says of an attribute.
enum Rule {
    Honoured,
    /// Values at which it changes nothing; none where it may not be there.
    Only(Vec<&'static str>),
}

impl Entry {
    /// A line, with the name that it begins with.
    fn of(line: &'static str) -> (&'static str, Entry) {
        let (name, attributes) = line.split_once(' ').unwrap_or((line, ""));
        let (domain, operator) = name.split_once(':').unwrap_or(("", name));
        (name, Entry { domain, operator, attributes })
    }

    /// The operator's line. Lines are sorted by their names: few are read.
    fn find(domain: &str, operator: &str) -> Option<Entry> {
        let name = if domain.is_empty() { operator.to_owned() } else { [domain, ":", operator].concat() };
        let mut lines = lines();
        loop {
            let middle = lines.as_bytes().iter().take(lines.len() / 2).rposition(|byte| *byte == b'\n');
            let (before, from) = lines.split_at(middle.map_or(0, |at| at + 1));
            let (line, after) = from.split_once('\n')?;
            let (found, entry) = Entry::of(line);
            lines = match found.cmp(&name) {
                Ordering::Less => after,
                Ordering::Greater => before,
                // A colon may also be in the name of a node's operator.
                Ordering::Equal => return (entry.domain == domain).then_some(entry),
            };
        }
    }

    /// `None` for an attribute that ONNX does not define.
    fn rule(&self, attribute: &str) -> Option<Rule> {
        self.attributes.split_whitespace().find_map(|word| match word.split_once('=') {
            Some((name, values)) if name == attribute => Some(Rule::Only(values.split('|').collect())),
            None if word == attribute => Some(Rule::Honoured),
            None if word.strip_prefix('!') == Some(attribute) => Some(Rule::Only(Vec::new())),
            _ => None,
        })
    }
}

/// The table's lines, below what it says of itself.
fn lines() -> &'static str {
    let mut lines = TABLE;
    while let Some((_, rest)) = lines.strip_prefix('#').and_then(|comment| comment.split_once('\n')) {
        lines = rest;
    }
    lines
}

/// Operators that the engine computes over texts as onnxruntime does (`tests/conformance/tabular.py`); the others take numbers.
const OVER_TEXTS: [&str; 15] = [
    "ArrayFeatureExtractor",
    "Cast",
    "Concat",
    "Constant",
    "Expand",
    "Flatten",
    "Gather",
    "Identity",
    "LabelEncoder",
    "OneHotEncoder",
    "Reshape",
    "Split",
    "Squeeze",
    "Transpose",
    "Unsqueeze",
];
/// TensorProto.DataType of texts.
const TEXT: u64 = 8;

/// Audits a graph with all its subgraphs.
pub fn audit(graph: &Graph, values: &Values) -> Vec<Finding> {
    let mut auditor = Auditor { values, constants: BTreeMap::new(), infinite: false, findings: Vec::new() };
    auditor.collect(graph);
    auditor.visit(graph, true);
    auditor.findings
}

struct Auditor<'a> {
    values: &'a Values,
    constants: BTreeMap<&'a str, Constant<'a>>,
    /// Whether a constant of the graph holds an infinite number, as masks do.
    infinite: bool,
    findings: Vec<Finding>,
}

impl<'a> Auditor<'a> {
    fn collect(&mut self, graph: &Graph<'a>) {
        for constant in &graph.initializers {
            self.infinite |= constant.is_infinite();
            self.constants.insert(constant.name, constant.clone());
        }
        for node in &graph.nodes {
            let made = node.attribute("value").and_then(|value| value.tensor());
            if let (Some(constant), Some(output)) = (made, node.outputs.first()) {
                self.infinite |= constant.is_infinite();
                if node.operator == "Constant" {
                    self.constants.insert(output, constant);
                }
            }
            for attribute in node.attributes.iter().filter(|attribute| attribute.name == "value_float") {
                self.infinite |= matches!(attribute.shown().as_str(), "inf" | "-inf");
            }
            node.graphs.iter().for_each(|graph| self.collect(graph));
        }
    }

    fn visit(&mut self, graph: &Graph, is_main: bool) {
        for constant in &graph.initializers {
            if !has_type(constant.element) {
                let message =
                    format!("the constant `{}` has elements of {}", constant.name, type_name(constant.element));
                self.report(
                    message,
                    "the engine has no such type: export the model in FLOAT, FLOAT16 or whole numbers",
                );
            }
        }
        for node in &graph.nodes {
            self.check(node, graph, is_main);
            node.graphs.iter().for_each(|graph| self.visit(graph, false));
        }
    }

    fn report(&mut self, message: String, help: &str) {
        let finding = Finding { message, help: help.to_owned() };
        if !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
    }

    /// `node `softmax_3` (LSTM)`
    fn refuse(&mut self, node: &Node, what: &str, help: &str) {
        self.report(format!("the node `{}` ({}) {what}", node.shown(), node.operator), help);
    }

    fn check(&mut self, node: &Node, graph: &Graph, is_main: bool) {
        let operator = node.operator.as_str();
        if (node.domain.as_str(), operator) == ("ai.onnx.ml", "ZipMap") {
            return self.zip_map(node, graph, is_main);
        }
        let Some(entry) = Entry::find(&node.domain, operator) else {
            let known = lines().lines().any(|line| Entry::of(line).1.operator == operator);
            return match (node.domain.as_str(), known) {
                ("", _) | ("ai.onnx.ml", false) => {
                    self.refuse(node, "is an operator that the engine does not have", way_out(operator));
                }
                (domain, _) => {
                    let what = format!("is an operator of the domain `{domain}` that the engine does not have");
                    self.refuse(node, &what, "export the model with ONNX's own operators only");
                }
            };
        };
        let mut wrong = Vec::new();
        for attribute in &node.attributes {
            let name = attribute.name;
            match entry.rule(name) {
                Some(Rule::Honoured) => {}
                Some(Rule::Only(values)) if values.is_empty() => {
                    wrong.push((format!("has the attribute `{name}`, which the engine does not read"), false));
                }
                Some(Rule::Only(values)) => {
                    let shown = attribute.shown();
                    if !same(&values, &shown) {
                        let values = values.join("` and `");
                        wrong.push((format!("has `{name} = {shown}`, but the engine honours only `{values}`"), false));
                    }
                }
                None => wrong.push((format!("has the attribute `{name}`, which ONNX does not define"), true)),
            }
        }
        for (what, unknown) in wrong {
            let help = if unknown { "export the model with ONNX's own operators only" } else { way_out(operator) };
            self.refuse(node, &what, help);
        }
        if !OVER_TEXTS.contains(&operator)
            && (0..node.inputs.len()).any(|place| self.element(node, place) == Some(TEXT))
        {
            let what = "takes texts (STRING), over which the engine does not compute it";
            self.refuse(
                node,
                what,
                "turn texts into numbers first: with LabelEncoder or OneHotEncoder, or before the request",
            );
        }
        self.special(node);
    }

    /// What depends on more than the value of one attribute.
    fn special(&mut self, node: &Node) {
        match node.operator.as_str() {
            "LSTM" | "GRU" | "RNN" => {
                let Some(activations) = node.attribute("activations").map(|activations| activations.texts()) else {
                    return;
                };
                let usual: &[&str] = match node.operator.as_str() {
                    "LSTM" => &["Sigmoid", "Tanh", "Tanh"],
                    "GRU" => &["Sigmoid", "Tanh"],
                    _ => &["Tanh"],
                };
                if !activations.chunks(usual.len()).all(|chunk| chunk == usual) {
                    let shown = activations.join(", ");
                    let what = format!("has `activations = {shown}`, but the engine honours only {}", usual.join(", "));
                    self.refuse(node, &what, "use the usual activations, or write the recurrence with Scan");
                }
            }
            "Celu" if self.element(node, 0) == Some(10) => {
                self.refuse(
                    node,
                    "takes FLOAT16, at which the engine computes it wrongly",
                    "cast its input to FLOAT and the output back",
                );
            }
            "BitShift" => {
                let bits = self.element(node, 0).and_then(bits);
                let amounts = node.inputs.get(1).and_then(|name| self.constants.get(name)?.integers());
                let fit = |amounts: &Vec<i64>| {
                    bits.is_some_and(|bits| amounts.iter().all(|amount| (0..bits).contains(amount)))
                };
                if !amounts.as_ref().is_some_and(fit) {
                    let what =
                        "shifts by what may be negative or as wide as the type, which the engine computes wrongly";
                    self.refuse(
                        node,
                        what,
                        "shift by a constant within the type's width, or multiply and divide by powers of two",
                    );
                }
            }
            "Attention" if node.integer("is_causal", 0) != 0 && node.has_input(4) => {
                let what = "has `is_causal = 1` with a `past_key`, which the engine masks as if there were none";
                self.refuse(
                    node,
                    what,
                    "give the mask as an input (`attn_mask`), or export the model without past keys and values",
                );
            }
            operator @ ("ReduceMax" | "ReduceMin") if self.infinite && self.may_be_float(node) => {
                let what =
                    "reduces numbers that may all be infinite, which the engine takes for the largest finite number";
                let help = match operator {
                    "ReduceMax" => "mask with a large finite number, such as -1e30, in place of -inf",
                    _ => "mask with a large finite number, such as 1e30, in place of inf",
                };
                self.refuse(node, what, help);
            }
            "TreeEnsembleClassifier" | "LinearClassifier" => self.classifier(node),
            "Cast" => {
                let to = u64::try_from(node.integer("to", 0)).unwrap_or(0);
                if !has_type(to) {
                    let what = format!("casts to {}, a type that the engine does not have", type_name(to));
                    self.refuse(node, &what, "export the model in FLOAT, FLOAT16 or whole numbers");
                }
                let from = self.element(node, 0);
                if (to == TEXT) != (from == Some(TEXT)) && (from == Some(TEXT) || self.may_be_float(node)) {
                    let what = "casts between texts and numbers, which every engine writes in its own way";
                    self.refuse(node, what, "map texts to numbers, and back, with LabelEncoder");
                }
            }
            "LabelEncoder" => {
                for name in ["values_tensor", "keys_tensor"] {
                    let element =
                        node.attribute(name).and_then(|attribute| attribute.tensor()).map(|tensor| tensor.element);
                    if let Some(element) = element.filter(|element| !matches!(element, 1 | 7 | 8)) {
                        let what =
                            format!("has `{name}` of {}, which the engine does not have here", type_name(element));
                        self.refuse(node, &what, "use labels of INT64, FLOAT or STRING");
                    }
                }
            }
            _ => {}
        }
    }

    /// Where onnxruntime and the specification differ, the engine's operator pack takes no side.
    fn classifier(&mut self, node: &Node) {
        let count = |name: &str| {
            node.attribute(name).map_or(0, |attribute| attribute.integers().len().max(attribute.texts().len()))
        };
        let floats = |name: &str| node.attribute(name).map_or(0, |attribute| attribute.float_count());
        let is_tree = node.operator == "TreeEnsembleClassifier";
        let classes =
            count("classlabels_strings").max(count(if is_tree { "classlabels_int64s" } else { "classlabels_ints" }));
        let mut ids = node.integers("class_ids");
        ids.sort_unstable();
        ids.dedup();
        let single = classes == 2 && if is_tree { ids.len() == 1 } else { floats("intercepts") == 1 };
        let probit = node.attribute("post_transform").is_some_and(|transform| transform.shown() == "PROBIT");
        if single && probit {
            let what = "has `post_transform = PROBIT` with a single score for two classes, which means nothing certain";
            self.refuse(node, what, "export the model with a score for each class, or with LOGISTIC");
        }
        let base = floats("base_values");
        let means_something =
            base == 0 || (classes > 2 && base == classes) || (classes == 2 && ids == [0] && base == 1);
        if is_tree && !means_something {
            let what =
                format!("has {base} `base_values` for {classes} classes, of which its leaves name {}", ids.len());
            self.refuse(node, &what, "add the base values to the leaves of the first tree");
        }
    }

    fn zip_map(&mut self, node: &Node, graph: &Graph, is_main: bool) {
        let taken = graph.nodes.iter().flat_map(|node| &node.inputs).any(|input| node.outputs.contains(input));
        if taken || !is_main {
            let help = "export the model with `options={\"zipmap\": False}`";
            self.refuse(node, "makes maps for other nodes, and the engine has no maps", help);
        }
    }

    /// TensorProto.DataType of an input, if it is known.
    fn element(&self, node: &Node, place: usize) -> Option<u64> {
        let name = node.inputs.get(place)?;
        self.constants.get(name).map(|constant| constant.element).or_else(|| self.values.element(name))
    }

    fn may_be_float(&self, node: &Node) -> bool {
        self.element(node, 0).is_none_or(|element| matches!(element, 1 | 10 | 11 | 16))
    }
}

/// Whether a value is among those of the table: texts as they are, numbers by their size.
fn same(values: &[&str], shown: &str) -> bool {
    let number = |text: &str| text.parse::<f64>().ok();
    values.iter().any(|value| *value == shown || (number(value).is_some() && number(value) == number(shown)))
}

fn way_out(operator: &str) -> &'static str {
    match operator {
        "LSTM" | "GRU" | "RNN" => {
            "for `direction = reverse`, reverse the sequence before and after (Slice with a step of -1); otherwise, use the defaults"
        }
        "SpaceToDepth" => "write it with Reshape and Transpose",
        "Attention" => "export the model with attention decomposed: MatMul, Add of a mask, Softmax, MatMul",
        "Swish" => "write it as x * Sigmoid(alpha * x)",
        "Loop" => "export the model without loops, such as with a fixed number of steps",
        "BatchNormalization" => "export the model for inference (in PyTorch: `model.eval()`)",
        "TfIdfVectorizer" | "StringNormalizer" | "Tokenizer" | "StringConcat" | "StringSplit" | "RegexFullMatch"
        | "TextVectorizer" => "turn texts into numbers before the request",
        "TreeEnsemble" => "export the model for `ai.onnx.ml` 3: TreeEnsembleClassifier or TreeEnsembleRegressor",
        "Upsample" => "export the model for opset 11 or later, where it is Resize",
        "SequenceAt" | "SequenceConstruct" | "SequenceEmpty" | "SequenceInsert" | "SequenceErase"
        | "SequenceLength" | "SequenceMap" | "SplitToSequence" | "ConcatFromSequence" => {
            "export the model with tensors only"
        }
        _ => "export the model for another opset, or write it with operators that the engine has",
    }
}

/// TensorProto.DataType, as far as the engine has it.
fn has_type(element: u64) -> bool {
    matches!(element, 1..=13)
}

fn bits(element: u64) -> Option<i64> {
    Some(match element {
        2 | 3 => 8,
        4 | 5 => 16,
        6 | 12 => 32,
        7 | 13 => 64,
        _ => return None,
    })
}

/// TensorProto.DataType as ONNX names it.
pub fn type_name(element: u64) -> String {
    let name = match element {
        0 => "UNDEFINED",
        1 => "FLOAT",
        2 => "UINT8",
        3 => "INT8",
        4 => "UINT16",
        5 => "INT16",
        6 => "INT32",
        7 => "INT64",
        8 => "STRING",
        9 => "BOOL",
        10 => "FLOAT16",
        11 => "DOUBLE",
        12 => "UINT32",
        13 => "UINT64",
        14 => "COMPLEX64",
        15 => "COMPLEX128",
        16 => "BFLOAT16",
        17 => "FLOAT8E4M3FN",
        18 => "FLOAT8E4M3FNUZ",
        19 => "FLOAT8E5M2",
        20 => "FLOAT8E5M2FNUZ",
        21 => "UINT4",
        22 => "INT4",
        23 => "FLOAT4E2M1",
        other => return format!("type number {other}"),
    };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operator_of_the_table_is_found_and_no_other() {
        let names: Vec<&str> = lines().lines().map(|line| Entry::of(line).0).collect();
        assert!(names.is_sorted() && names.len() > 150);
        for line in lines().lines() {
            let (name, Entry { domain, operator, attributes }) = Entry::of(line);
            assert_eq!(Entry::find(domain, operator).map(|found| found.attributes), Some(attributes), "{name}");
            assert!(Entry::find("other", operator).is_none() && Entry::find(domain, &format!("{operator}x")).is_none());
            assert!(domain.is_empty() || Entry::find("", name).is_none(), "{name}");
        }
        for operator in ["", "#", "A", "Zz", "ä"] {
            assert!(Entry::find("", operator).is_none(), "{operator}");
        }
    }
}
