//! What a model takes to run: a graph in, bytes of parameters and activations and floating-point operations out.
//!
//! Shapes are derived for one row: a variable first dimension is 1. Where the exporter wrote down the shape of a tensor between
//! nodes, that counts; elsewhere it is derived from the inputs, for the usual operators. What can't be derived makes the
//! figure unknown, never wrong.

use std::collections::{BTreeMap, BTreeSet};

use windlass_schemas::tensor::Cost;

use super::graph::{Constant, Graph, Node};
use super::protobuf::fields;

/// An element type (TensorProto.DataType) and dimensions for one row, as far as they are known.
#[derive(Clone, Debug, Default)]
struct Value {
    element: Option<u64>,
    dims: Option<Vec<u64>>,
    /// The elements themselves, where they are a shape or the like.
    numbers: Option<Vec<i64>>,
}

impl Value {
    fn count(&self) -> Option<u64> {
        self.dims.as_ref()?.iter().try_fold(1_u64, |count, dim| count.checked_mul(*dim))
    }

    fn bytes(&self) -> Option<u64> {
        self.count()?.checked_mul(width(self.element.unwrap_or(1)))
    }
}

/// Bytes of one element; of a text, at least.
fn width(element: u64) -> u64 {
    match element {
        2 | 3 | 9 => 1,
        4 | 5 | 10 | 16 => 2,
        7 | 11 | 13 | 14 => 8,
        8 | 15 => 16,
        _ => 4,
    }
}

/// What is known of each tensor of a graph, by name.
#[derive(Default)]
pub struct Values(BTreeMap<String, Value>);

impl Values {
    /// TensorProto.DataType of a tensor, if it is known.
    pub fn element(&self, name: &str) -> Option<u64> {
        self.0.get(name)?.element
    }

    fn get(&self, node: &Node, place: usize) -> Option<&Value> {
        self.0.get(*node.inputs.get(place)?)
    }

    fn dims(&self, node: &Node, place: usize) -> Option<&Vec<u64>> {
        self.get(node, place)?.dims.as_ref()
    }

    fn numbers(&self, node: &Node, place: usize) -> Option<&Vec<i64>> {
        self.get(node, place)?.numbers.as_ref()
    }
}

/// ValueInfoProto: name 1, type 2. Its tensor type: elem_type 1, shape 2, whose dim 1 has dim_value 1 and dim_param 2.
fn declared(message: &[u8]) -> (String, Value) {
    let (mut name, mut value) = (String::new(), Value::default());
    for field in fields(message).flatten() {
        match field.number {
            1 => name = field.value.text(),
            2 => {
                let tensor = fields(field.value.bytes()).flatten().find(|field| field.number == 1);
                for field in tensor.iter().flat_map(|tensor| fields(tensor.value.bytes()).flatten()) {
                    match field.number {
                        1 => value.element = Some(field.value.number()),
                        2 => value.dims = one_row(field.value.bytes()),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    (name, value)
}

fn one_row(shape: &[u8]) -> Option<Vec<u64>> {
    let mut dims = Vec::new();
    for dim in fields(shape).flatten().filter(|field| field.number == 1) {
        let size =
            fields(dim.value.bytes()).flatten().find(|field| field.number == 1).map(|field| field.value.number());
        let size = size.filter(|size| (1..1 << 40).contains(size));
        dims.push(size.or(dims.is_empty().then_some(1))?);
    }
    Some(dims)
}

fn of_constant(constant: &Constant) -> Value {
    Value { element: Some(constant.element), dims: Some(constant.dims.clone()), numbers: constant.integers() }
}

/// Derives what can be known of every tensor.
pub fn derive(graph: &Graph) -> Values {
    let mut values = Values::default();
    let told: BTreeMap<String, Value> =
        graph.values.iter().chain(&graph.outputs).map(|value| declared(value)).collect();
    values.0.extend(graph.inputs.iter().map(|input| declared(input)));
    values.0.extend(graph.initializers.iter().map(|constant| (constant.name.to_owned(), of_constant(constant))));
    for node in &graph.nodes {
        let made = made(node, &values);
        for (place, output) in node.outputs.iter().enumerate().filter(|(_, output)| !output.is_empty()) {
            let told = told.get(*output).cloned().unwrap_or_default();
            let derived = if place == 0 { made.clone() } else { Value::default() };
            let value = Value {
                element: told.element.or(derived.element),
                dims: derived.dims.or(told.dims),
                numbers: derived.numbers,
            };
            values.0.insert((*output).to_owned(), value);
        }
    }
    values
}

/// The first output of a node.
fn made(node: &Node, values: &Values) -> Value {
    let first = values.get(node, 0).cloned().unwrap_or_default();
    let element = match node.operator.as_str() {
        "Cast" => u64::try_from(node.integer("to", 0)).ok(),
        "Shape" | "Size" | "NonZero" | "ArgMax" | "ArgMin" => Some(7),
        "Equal" | "Greater" | "Less" | "Not" | "And" | "Or" | "GreaterOrEqual" | "LessOrEqual" | "IsNaN" => Some(9),
        "Scaler" | "Normalizer" | "OneHotEncoder" | "TreeEnsembleRegressor" | "SVMRegressor" | "LinearRegressor" => {
            Some(1)
        }
        "Where" => values.get(node, 1).and_then(|value| value.element),
        _ => first.element,
    };
    if node.operator == "Constant" {
        return node
            .attribute("value")
            .and_then(|value| value.tensor())
            .map(|tensor| of_constant(&tensor))
            .unwrap_or_default();
    }
    let numbers = match node.operator.as_str() {
        "Shape" => first.dims.as_ref().map(|dims| dims.iter().map(|dim| dim.cast_signed()).collect()),
        "Identity" | "Cast" | "Unsqueeze" | "Squeeze" => first.numbers.clone(),
        _ => None,
    };
    Value { element, dims: dims(node, values), numbers }
}

fn dims(node: &Node, values: &Values) -> Option<Vec<u64>> {
    let first = values.dims(node, 0);
    let axis = |default: i64, rank: usize| usize::try_from(at(node.integer("axis", default), rank)?).ok();
    match node.operator.as_str() {
        "Add" | "Sub" | "Mul" | "Div" | "Pow" | "Mod" | "Max" | "Min" | "Sum" | "Mean" | "And" | "Or" | "Xor"
        | "Equal" | "Greater" | "Less" | "GreaterOrEqual" | "LessOrEqual" | "Where" | "PRelu" => {
            (0..node.inputs.len()).try_fold(Vec::new(), |dims, place| broadcast(&dims, values.dims(node, place)?))
        }
        "Abs"
        | "Neg"
        | "Exp"
        | "Log"
        | "Sqrt"
        | "Erf"
        | "Tanh"
        | "Sigmoid"
        | "Relu"
        | "LeakyRelu"
        | "Elu"
        | "Selu"
        | "Gelu"
        | "Celu"
        | "HardSigmoid"
        | "HardSwish"
        | "Softplus"
        | "Softsign"
        | "Clip"
        | "Cast"
        | "Identity"
        | "Dropout"
        | "Not"
        | "Sign"
        | "Reciprocal"
        | "Floor"
        | "Ceil"
        | "Round"
        | "Softmax"
        | "LogSoftmax"
        | "Hardmax"
        | "BatchNormalization"
        | "LayerNormalization"
        | "InstanceNormalization"
        | "GroupNormalization"
        | "RMSNormalization"
        | "LRN"
        | "Scaler"
        | "Normalizer"
        | "Imputer"
        | "Binarizer"
        | "CumSum"
        | "Mish"
        | "Swish"
        | "ZipMap"
        | "LpNormalization"
        | "Trilu"
        | "MeanVarianceNormalization"
        | "IsNaN"
        | "Sin"
        | "Cos"
        | "LabelEncoder" => first.cloned(),
        "MatMul" => matmul(first?, values.dims(node, 1)?),
        "Gemm" => {
            let (a, b) = (first?, values.dims(node, 1)?);
            let (rows, columns) = (node.integer("transA", 0) != 0, node.integer("transB", 0) != 0);
            Some(vec![*a.get(usize::from(rows))?, *b.get(usize::from(!columns))?])
        }
        "Conv" => windows(node, first?, values.dims(node, 1)?.get(2..)?, *values.dims(node, 1)?.first()?),
        "MaxPool" | "AveragePool" => {
            let kernel: Vec<u64> = node.integers("kernel_shape").into_iter().map(|size| size.unsigned_abs()).collect();
            windows(node, first?, &kernel, *first?.get(1)?)
        }
        "GlobalAveragePool" | "GlobalMaxPool" | "GlobalLpPool" => {
            Some(first?.iter().enumerate().map(|(axis, dim)| if axis < 2 { *dim } else { 1 }).collect())
        }
        "Flatten" => {
            let dims = first?;
            let axis = usize::try_from(at(node.integer("axis", 1), dims.len())?).ok()?;
            let product = |dims: &[u64]| dims.iter().try_fold(1_u64, |count, dim| count.checked_mul(*dim));
            Some(vec![product(dims.get(..axis)?)?, product(dims.get(axis..)?)?])
        }
        "Reshape" => reshape(first?, values.numbers(node, 1)?),
        "Transpose" => {
            let dims = first?;
            let order = node.integers("perm");
            if order.is_empty() {
                return Some(dims.iter().rev().copied().collect());
            }
            order.iter().map(|axis| dims.get(usize::try_from(*axis).ok()?).copied()).collect()
        }
        "Concat" => {
            let mut dims = first?.clone();
            let axis = axis(0, dims.len())?;
            for place in 1..node.inputs.len() {
                let other = values.dims(node, place)?.get(axis)?;
                let dim = dims.get_mut(axis)?;
                *dim = dim.checked_add(*other)?;
            }
            Some(dims)
        }
        "Gather" => {
            let dims = first?;
            let axis = axis(0, dims.len())?;
            Some([dims.get(..axis)?, values.dims(node, 1)?, dims.get(axis + 1..)?].concat())
        }
        "Shape" => Some(vec![first?.len() as u64]),
        "Unsqueeze" | "Squeeze" => {
            let mut dims = first?.clone();
            let mut axes = node.integers("axes");
            if axes.is_empty() {
                axes = values.numbers(node, 1)?.clone();
            }
            let adds = node.operator == "Unsqueeze";
            let rank = if adds { dims.len() + axes.len() } else { dims.len() };
            let axes: BTreeSet<usize> =
                axes.iter().map(|axis| usize::try_from(at(*axis, rank)?).ok()).collect::<Option<_>>()?;
            if adds {
                for axis in axes {
                    (axis <= dims.len()).then(|| dims.insert(axis, 1))?;
                }
                return Some(dims);
            }
            Some(dims.iter().enumerate().filter(|(axis, _)| !axes.contains(axis)).map(|(_, dim)| *dim).collect())
        }
        "TreeEnsembleRegressor" => Some(vec![*first?.first()?, node.integer("n_targets", 1).unsigned_abs()]),
        "LinearRegressor" => Some(vec![*first?.first()?, node.integer("targets", 1).unsigned_abs()]),
        "SVMRegressor" => Some(vec![*first?.first()?, 1]),
        // The label of each row.
        "TreeEnsembleClassifier" | "LinearClassifier" | "SVMClassifier" => Some(vec![*first?.first()?]),
        _ => None,
    }
}

/// An axis counted from the front.
fn at(axis: i64, rank: usize) -> Option<i64> {
    let rank = i64::try_from(rank).ok()?;
    let axis = if axis < 0 { axis.checked_add(rank)? } else { axis };
    (0..=rank).contains(&axis).then_some(axis)
}

fn broadcast(one: &[u64], other: &[u64]) -> Option<Vec<u64>> {
    let rank = one.len().max(other.len());
    let dim = |dims: &[u64], axis: usize| (axis + dims.len()).checked_sub(rank).map_or(1, |axis| dims[axis]);
    (0..rank)
        .map(|axis| match (dim(one, axis), dim(other, axis)) {
            (a, b) if a == b || b == 1 => Some(a),
            (1, b) => Some(b),
            _ => None,
        })
        .collect()
}

fn matmul(a: &[u64], b: &[u64]) -> Option<Vec<u64>> {
    let (&[.., rows, _], &[.., _, columns]) = (a, b) else { return None };
    let mut dims = broadcast(&a[..a.len() - 2], &b[..b.len() - 2])?;
    dims.extend([rows, columns]);
    Some(dims)
}

fn reshape(dims: &[u64], shape: &[i64]) -> Option<Vec<u64>> {
    let count = dims.iter().try_fold(1_u64, |count, dim| count.checked_mul(*dim))?;
    let known = |(axis, size): (usize, &i64)| match size {
        0 => dims.get(axis).copied(),
        -1 => Some(1),
        size => u64::try_from(*size).ok(),
    };
    let mut made: Vec<u64> = shape.iter().enumerate().map(known).collect::<Option<_>>()?;
    let rest = made.iter().try_fold(1_u64, |count, dim| count.checked_mul(*dim))?;
    if let Some(open) = shape.iter().position(|size| *size == -1) {
        made[open] = count.checked_div(rest)?;
    }
    Some(made)
}

/// What windows that slide over a picture make; `channels` of it.
fn windows(node: &Node, dims: &[u64], kernel: &[u64], channels: u64) -> Option<Vec<u64>> {
    let spatial = dims.get(2..)?;
    let list = |name: &str, default: i64| {
        let given = node.integers(name);
        move |axis: usize| u64::try_from(given.get(axis).copied().unwrap_or(default)).ok()
    };
    let (strides, dilations, pads) = (list("strides", 1), list("dilations", 1), list("pads", 0));
    let same = node.attribute("auto_pad").is_some_and(|value| value.shown().starts_with("SAME"));
    let mut made = vec![*dims.first()?, channels];
    for (axis, size) in spatial.iter().enumerate() {
        let stride = strides(axis)?.max(1);
        if same {
            made.push(size.div_ceil(stride));
            continue;
        }
        let reach = kernel.get(axis)?.checked_sub(1)?.checked_mul(dilations(axis)?)?.checked_add(1)?;
        let padded = size.checked_add(pads(axis)?)?.checked_add(pads(axis + spatial.len())?)?;
        let steps = padded.checked_sub(reach)?;
        let steps = if node.integer("ceil_mode", 0) != 0 { steps.div_ceil(stride) } else { steps / stride };
        made.push(steps.checked_add(1)?);
    }
    Some(made)
}

/// Floating-point operations of one node: a multiplication and an addition are two.
fn operations(node: &Node, values: &Values) -> Option<u64> {
    let output = || values.0.get(*node.outputs.first()?)?.count();
    match node.operator.as_str() {
        "Constant"
        | "Identity"
        | "Shape"
        | "Reshape"
        | "Flatten"
        | "Transpose"
        | "Concat"
        | "Gather"
        | "Unsqueeze"
        | "Squeeze"
        | "Dropout"
        | "Cast"
        | "ZipMap"
        | "ArrayFeatureExtractor"
        | "LabelEncoder"
        | "Slice"
        | "Split"
        | "Expand"
        | "Imputer"
        | "OneHotEncoder"
        | "FeatureVectorizer" => Some(0),
        "MatMul" => values.dims(node, 0)?.last()?.checked_mul(2)?.checked_mul(output()?),
        "Gemm" => {
            let deep = *values.dims(node, 0)?.get(usize::from(node.integer("transA", 0) == 0))?;
            deep.checked_mul(2)?.checked_mul(output()?)
        }
        "Conv" => {
            let kernel = values.dims(node, 1)?.get(1..)?;
            let each = kernel.iter().try_fold(2_u64, |count, dim| count.checked_mul(*dim))?;
            each.checked_mul(output()?)
        }
        "MaxPool" | "AveragePool" => {
            let kernel = node
                .integers("kernel_shape")
                .iter()
                .try_fold(1_u64, |count, size| count.checked_mul(size.unsigned_abs()))?;
            kernel.checked_mul(output()?)
        }
        "Softmax"
        | "LogSoftmax"
        | "LayerNormalization"
        | "BatchNormalization"
        | "RMSNormalization"
        | "InstanceNormalization" => output()?.checked_mul(5),
        "TreeEnsembleClassifier" | "TreeEnsembleRegressor" => {
            let trees: BTreeSet<i64> = node.integers("nodes_treeids").into_iter().collect();
            let nodes = node.integers("nodes_nodeids").len() as u64;
            let trees = (trees.len() as u64).max(1);
            // A comparison a level, of trees that are about balanced.
            trees.checked_mul(u64::from((nodes / trees).max(1).ilog2()) + 1)
        }
        "LinearClassifier" | "LinearRegressor" => attribute_floats(node, "coefficients")?.checked_mul(2),
        "SVMClassifier" | "SVMRegressor" => {
            attribute_floats(node, "support_vectors")?.max(attribute_floats(node, "coefficients")?).checked_mul(3)
        }
        "GlobalAveragePool" | "GlobalMaxPool" => values.get(node, 0)?.count(),
        name if name.starts_with("Reduce") => values.get(node, 0)?.count(),
        _ if dims(node, values).is_some() => output(),
        _ => None,
    }
}

/// About how many numbers of four bytes an attribute holds; each takes a byte more in the file unless they are packed.
fn attribute_floats(node: &Node, name: &str) -> Option<u64> {
    Some(node.attribute(name).map_or(0, |attribute| attribute.size() / 5))
}

/// Sums up a graph.
pub fn cost(graph: &Graph, values: &Values) -> Cost {
    let mut parameters = 0_u64;
    let mut flops = Some(0_u64);
    for constant in &graph.initializers {
        parameters = parameters.saturating_add(constant.count().saturating_mul(width(constant.element)));
    }
    for node in &graph.nodes {
        flops = flops.zip(operations(node, values)).and_then(|(sum, more)| sum.checked_add(more));
        let constant = node.attribute("value").and_then(|value| value.tensor());
        parameters = parameters
            .saturating_add(constant.map_or(0, |constant| constant.count().saturating_mul(width(constant.element))));
        if node.domain == "ai.onnx.ml" {
            let numbers = node.attributes.iter().map(|attribute| attribute.size());
            parameters = parameters.saturating_add(numbers.sum());
        }
    }
    // Branches and bodies may run any number of times, or not at all.
    if graph.nodes.iter().any(|node| !node.graphs.is_empty()) {
        flops = None;
    }
    Cost { parameters, activations: activations(graph, values), flops }
}

/// The most bytes that are live at once when every tensor lives from the node that makes it to the last that takes it.
fn activations(graph: &Graph, values: &Values) -> Option<u64> {
    let constants: BTreeSet<&str> = graph.initializers.iter().map(|constant| constant.name).collect();
    let mut last: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, node) in graph.nodes.iter().enumerate() {
        for name in
            node.inputs.iter().chain(&node.outputs).filter(|name| !name.is_empty() && !constants.contains(*name))
        {
            last.insert(name, index);
        }
    }
    let outputs: Vec<(String, Value)> = graph.outputs.iter().map(|output| declared(output)).collect();
    let is_output = |name: &str| outputs.iter().any(|(output, _)| output == name);
    let bytes = |name: &str| values.0.get(name).and_then(Value::bytes);
    let mut live = 0_u64;
    for input in &graph.inputs {
        let (name, value) = declared(input);
        if !constants.contains(name.as_str()) {
            live = live.checked_add(value.bytes()?)?;
        }
    }
    let mut most = live;
    let mut ends: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    last.iter().for_each(|(name, index)| ends.entry(*index).or_default().push(name));
    for (index, node) in graph.nodes.iter().enumerate() {
        if node.operator == "Constant" {
            continue;
        }
        for output in node.outputs.iter().filter(|name| !name.is_empty()) {
            live = live.checked_add(bytes(output)?)?;
        }
        most = most.max(live);
        for name in ends.get(&index).into_iter().flatten().filter(|name| !is_output(name)) {
            live = live.saturating_sub(bytes(name).unwrap_or(0));
        }
    }
    Some(most)
}

#[cfg(test)]
mod tests {
    use super::super::onnx::{Header, read};

    fn header(bytes: &[u8]) -> Header {
        read(bytes).unwrap_or_default()
    }

    #[test]
    fn figures_are_those_of_one_row() {
        // y = x · weight + bias, from [N, 4] to [N, 1]: five weights; four products and as many sums; five numbers live.
        let linear = header(include_bytes!("../../../tests/ui/models/linear.onnx")).cost;
        assert_eq!((linear.parameters, linear.flops, linear.activations), (20, Some(8), Some(20)));
        let picture = header(include_bytes!("../../../tests/ui/models/picture.onnx")).cost;
        let numbers = 3 * 4096 * 4096;
        assert_eq!((picture.parameters, picture.flops, picture.activations), (0, Some(numbers), Some(2 * 4 * numbers)));
        // What the engine lacks has no shape that is known here.
        let foreign = header(include_bytes!("../../../tests/ui/models/reverse-lstm.onnx")).cost;
        assert_eq!((foreign.parameters, foreign.flops), (4 * (32 + 16), None));
    }

    #[test]
    fn a_zip_map_is_declared_as_a_matrix() {
        let header = header(include_bytes!("../../../tests/ui/models/zip-map.onnx"));
        assert_eq!(header.signature.outputs[1].to_string(), "probabilities: FP32[N, 2]");
        assert_eq!(header.classes, ["3", "7"]);
        assert!(header.findings.is_empty(), "{:?}", header.findings);
    }

    #[test]
    fn no_damage_makes_it_panic() {
        let files: [&[u8]; 4] = [
            include_bytes!("../../../tests/ui/models/shifted.onnx"),
            include_bytes!("../../../tests/ui/models/reverse-lstm.onnx"),
            include_bytes!("../../../tests/ui/models/zip-map.onnx"),
            include_bytes!("../../../tests/ui/models/picture.onnx"),
        ];
        let mut read_well = 0;
        for file in files {
            for place in 0..file.len() {
                for change in [1, 0x10, 0x7f, 0x80, 0xff] {
                    let mut damaged = file.to_vec();
                    damaged[place] ^= change;
                    read_well += usize::from(read(&damaged).is_ok());
                }
                read_well += usize::from(read(&file[..place]).is_ok());
            }
        }
        assert!(read_well > 100, "{read_well} damaged files were read to the end");
    }
}
