//! What a model takes to run: a graph in, bytes of parameters and activations and floating-point operations out, for one row.
//! What can't be derived makes a figure unknown, never wrong.

use std::collections::{BTreeMap, BTreeSet};

use windlass_schemas::tensor::Cost;

use super::graph::{Graph, Node};
use super::shapes::{self, Value, Values, declared, width};

/// Floating-point operations of one node: a multiplication and an addition are two.
fn operations(node: &Node, values: &Values) -> Option<u64> {
    let output = || values.named(node.outputs.first()?)?.count();
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
        | "FeatureVectorizer"
        | "ConstantOfShape"
        | "GatherElements" => Some(0),
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
        "GlobalAveragePool" | "GlobalMaxPool" | "ArgMax" | "ArgMin" | "TopK" => values.get(node, 0)?.count(),
        name if name.starts_with("Reduce") => values.get(node, 0)?.count(),
        _ if shapes::dims(node, values).is_some() => output(),
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
    let bytes = |name: &str| values.named(name).and_then(Value::bytes);
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
