//! What is known of the tensors of a graph: element types, dimensions, and the numbers of those that are shapes themselves.
//!
//! Shapes are derived for one row: a variable first dimension is 1. Where the exporter wrote down the shape of a tensor between
//! nodes, that counts; elsewhere it is derived from the inputs, for the usual operators. What can't be derived stays unknown, and is
//! never wrong.

use std::collections::{BTreeMap, BTreeSet};

use super::graph::{Constant, Graph, Node};
use super::protobuf::fields;

/// An element type (TensorProto.DataType) and dimensions for one row, as far as they are known.
#[derive(Clone, Debug, Default)]
pub struct Value {
    element: Option<u64>,
    dims: Option<Vec<u64>>,
    /// The elements themselves, where they are a shape or the like.
    numbers: Option<Vec<i64>>,
}

impl Value {
    /// How many elements it has.
    pub fn count(&self) -> Option<u64> {
        self.dims.as_ref()?.iter().try_fold(1_u64, |count, dim| count.checked_mul(*dim))
    }

    /// What it takes in memory.
    pub fn bytes(&self) -> Option<u64> {
        self.count()?.checked_mul(width(self.element.unwrap_or(1)))
    }
}

/// Bytes of one element; of a text, at least.
pub fn width(element: u64) -> u64 {
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

    /// A tensor by its name.
    pub fn named(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// An input of a node.
    pub fn get(&self, node: &Node, place: usize) -> Option<&Value> {
        self.0.get(*node.inputs.get(place)?)
    }

    /// The dimensions of an input of a node.
    pub fn dims(&self, node: &Node, place: usize) -> Option<&Vec<u64>> {
        self.get(node, place)?.dims.as_ref()
    }

    fn numbers(&self, node: &Node, place: usize) -> Option<&Vec<i64>> {
        self.get(node, place)?.numbers.as_ref()
    }
}

/// ValueInfoProto: name 1, type 2. Its tensor type: elem_type 1, shape 2, whose dim 1 has dim_value 1 and dim_param 2.
pub fn declared(message: &[u8]) -> (String, Value) {
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
        for (place, output) in node.outputs.iter().enumerate().filter(|(_, output)| !output.is_empty()) {
            let told = told.get(*output).cloned().unwrap_or_default();
            let derived = if place == 0 { made(node, &values) } else { also_made(node, place, &values) };
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
        "Equal" | "Greater" | "Less" | "Not" | "And" | "Or" | "Xor" | "GreaterOrEqual" | "LessOrEqual" | "IsNaN"
        | "IsInf" => Some(9),
        "CastLike" | "DequantizeLinear" => values.get(node, 1).and_then(|value| value.element),
        "QuantizeLinear" => values.get(node, 2).map_or(Some(2), |value| value.element),
        "TreeEnsembleClassifier" | "LinearClassifier" | "SVMClassifier" => Some(labels(node, "classlabels_strings")),
        "LabelEncoder" if node.attribute("values_floats").is_some() => Some(1),
        "LabelEncoder" => match node.attribute("values_tensor").and_then(|values| values.tensor()) {
            Some(tensor) => Some(tensor.element),
            None => Some(labels(node, "values_strings")),
        },
        "Scaler"
        | "Normalizer"
        | "OneHotEncoder"
        | "TreeEnsembleRegressor"
        | "SVMRegressor"
        | "LinearRegressor"
        | "FeatureVectorizer" => Some(1),
        // Of its attribute `value`, which is a float unless it says otherwise.
        "ConstantOfShape" => {
            node.attribute("value").map_or(Some(1), |value| value.tensor().map(|tensor| tensor.element))
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
    Value { element, dims: dims(node, values), numbers: numbers(node, values) }
}

/// An output after the first one.
fn also_made(node: &Node, place: usize, values: &Values) -> Value {
    let element = values.get(node, 0).and_then(|first| first.element);
    match (node.operator.as_str(), place) {
        ("Split", _) => Value { element, dims: part(node, values, place), numbers: None },
        ("TopK", 1) => Value { element: Some(7), dims: dims(node, values), numbers: None },
        // The scores of each row.
        ("TreeEnsembleClassifier" | "LinearClassifier" | "SVMClassifier", 1) => {
            Value { element: Some(1), dims: scores(node, values), numbers: None }
        }
        _ => Value::default(),
    }
}

/// The element type of labels: texts where the attribute has some, or else whole numbers.
fn labels(node: &Node, texts: &str) -> u64 {
    if node.attribute(texts).is_some_and(|texts| !texts.texts().is_empty()) { 8 } else { 7 }
}

/// As many columns as the classifier has labels.
fn scores(node: &Node, values: &Values) -> Option<Vec<u64>> {
    let labels = ["classlabels_int64s", "classlabels_ints"].map(|name| node.integers(name).len());
    let texts = node.attribute("classlabels_strings").map_or(0, |labels| labels.texts().len());
    let classes = labels.into_iter().max().unwrap_or_default().max(texts) as u64;
    Some(vec![*values.dims(node, 0)?.first()?, (classes > 0).then_some(classes)?])
}

/// One of the outputs of a Split.
fn part(node: &Node, values: &Values, place: usize) -> Option<Vec<u64>> {
    let mut dims = values.dims(node, 0)?.clone();
    let axis = usize::try_from(at(node.integer("axis", 0), dims.len())?).ok()?;
    let dim = dims.get_mut(axis)?;
    let sizes = if node.has_input(1) { values.numbers(node, 1)?.clone() } else { node.integers("split") };
    *dim = if sizes.is_empty() {
        // The last one gets what is left.
        let each = dim.div_ceil(node.outputs.len() as u64);
        each.min(dim.checked_sub(each.checked_mul(place as u64)?)?)
    } else {
        u64::try_from(*sizes.get(place)?).ok()?
    };
    Some(dims)
}

/// The elements of the first output of a node, where they are whole numbers, few, and made of others that are known.
fn numbers(node: &Node, values: &Values) -> Option<Vec<i64>> {
    let first = || values.numbers(node, 0);
    match node.operator.as_str() {
        "Shape" => {
            let dims = values.dims(node, 0)?;
            let (from, to) = shape_range(node, dims.len());
            Some(dims.get(from..to)?.iter().map(|dim| dim.cast_signed()).collect())
        }
        "Identity" | "Cast" | "Unsqueeze" | "Squeeze" => first().cloned(),
        "Gather" => {
            let from = first()?;
            let pick = |index: &i64| from.get(usize::try_from(at(*index, from.len())?).ok()?).copied();
            values.numbers(node, 1)?.iter().map(pick).collect()
        }
        "Concat" => {
            let parts = (0..node.inputs.len()).map(|place| values.numbers(node, place).map(Vec::as_slice));
            Some(parts.collect::<Option<Vec<_>>>()?.concat())
        }
        "Slice" => {
            let from = first()?;
            let [(start, step, count)] = slices(node, values, &[from.len() as u64])?[..] else { return None };
            let place = |number: u64| usize::try_from(start + step * number.cast_signed()).ok();
            (0..count).map(|number| from.get(place(number)?).copied()).collect()
        }
        "Add" | "Sub" | "Mul" | "Div" => {
            let (a, b) = (first()?, values.numbers(node, 1)?);
            let length = a.len().max(b.len());
            let of = |numbers: &Vec<i64>, place: usize| match numbers.as_slice() {
                [only] => Some(*only),
                numbers => (numbers.len() == length).then(|| numbers.get(place).copied())?,
            };
            let calculate = |a: i64, b: i64| match node.operator.as_str() {
                "Add" => a.checked_add(b),
                "Sub" => a.checked_sub(b),
                "Mul" => a.checked_mul(b),
                _ => a.checked_div(b),
            };
            (0..length).map(|place| calculate(of(a, place)?, of(b, place)?)).collect()
        }
        _ => None,
    }
}

/// The dimensions that a Shape gives, of so many.
fn shape_range(node: &Node, rank: usize) -> (usize, usize) {
    let clamped = |name: &str, default: i64| {
        let given = node.integer(name, default);
        let given = if given < 0 { given.saturating_add_unsigned(rank as u64) } else { given };
        usize::try_from(given.max(0)).unwrap_or(rank).min(rank)
    };
    let (from, to) = (clamped("start", 0), clamped("end", rank as i64));
    (from, to.max(from))
}

/// Start, step and count along each axis of what a Slice takes.
fn slices(node: &Node, values: &Values, dims: &[u64]) -> Option<Vec<(i64, i64, u64)>> {
    // They were attributes once.
    let list = |name: &str, place: usize| match node.inputs.len() {
        1 => Some(node.integers(name)),
        _ if node.has_input(place) => values.numbers(node, place).cloned(),
        _ => Some(Vec::new()),
    };
    let (starts, ends, axes, steps) = (list("starts", 1)?, list("ends", 2)?, list("axes", 3)?, list("steps", 4)?);
    let mut made: Vec<(i64, i64, u64)> = dims.iter().map(|dim| (0, 1, *dim)).collect();
    for (place, (start, end)) in starts.iter().zip(&ends).enumerate() {
        let axis = usize::try_from(at(axes.get(place).copied().unwrap_or(place as i64), dims.len())?).ok()?;
        let size = i64::try_from(*dims.get(axis)?).ok()?;
        let step = steps.get(place).copied().unwrap_or(1);
        let from_front = |index: i64| if index < 0 { index.saturating_add(size) } else { index };
        let (least, most) = if step < 0 { (-1, size - 1) } else { (0, size) };
        let start = from_front(*start).clamp(least.max(0), most.max(0));
        let end = from_front(*end).clamp(least, most);
        let span = if step < 0 { start.checked_sub(end)? } else { end.checked_sub(start)? };
        let count = u64::try_from(span.max(0)).ok()?.div_ceil(step.unsigned_abs().max(1));
        *made.get_mut(axis)? = (start, (step != 0).then_some(step)?, count);
    }
    Some(made)
}

/// The dimensions of the first output of a node; `None` of operators that are not known here.
pub fn dims(node: &Node, values: &Values) -> Option<Vec<u64>> {
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
        | "IsInf"
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
        "Shape" => {
            let (from, to) = shape_range(node, first?.len());
            Some(vec![(to - from) as u64])
        }
        "Slice" => Some(slices(node, values, first?)?.into_iter().map(|(_, _, count)| count).collect()),
        "Split" => part(node, values, 0),
        "Expand" => {
            let shape =
                values.numbers(node, 1)?.iter().map(|dim| u64::try_from(*dim).ok()).collect::<Option<Vec<_>>>()?;
            broadcast(first?, &shape)
        }
        "ConstantOfShape" => values.numbers(node, 0)?.iter().map(|dim| u64::try_from(*dim).ok()).collect(),
        "ArgMax" | "ArgMin" => reduced(first?, &[node.integer("axis", 0)], node.integer("keepdims", 1) != 0),
        name if name.starts_with("Reduce") => {
            let dims = first?;
            let axes = if node.has_input(1) { values.numbers(node, 1)?.clone() } else { node.integers("axes") };
            if axes.is_empty() && node.integer("noop_with_empty_axes", 0) != 0 {
                return Some(dims.clone());
            }
            let axes = if axes.is_empty() { (0..dims.len() as i64).collect() } else { axes };
            reduced(dims, &axes, node.integer("keepdims", 1) != 0)
        }
        "TopK" => {
            let mut dims = first?.clone();
            let axis = axis(-1, dims.len())?;
            *dims.get_mut(axis)? = u64::try_from(*values.numbers(node, 1)?.first()?).ok()?;
            Some(dims)
        }
        "GatherElements" => values.dims(node, 1).cloned(),
        "OneHotEncoder" => {
            let texts = node.attribute("cats_strings").map_or(0, |cats| cats.texts().len());
            let columns = node.integers("cats_int64s").len().max(texts) as u64;
            Some([first?.as_slice(), &[columns]].concat())
        }
        "ArrayFeatureExtractor" => {
            let (last, others) = first?.split_last()?;
            (*last > 0).then(|| values.get(node, 1)?.count()).flatten().map(|count| [others, &[count]].concat())
        }
        "FeatureVectorizer" => {
            let columns =
                node.integers("inputdimensions").iter().try_fold(0_u64, |sum, more| sum.checked_add_signed(*more))?;
            Some(vec![*first?.first()?, columns])
        }
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

/// Without these axes, or with 1 for each.
fn reduced(dims: &[u64], axes: &[i64], keeps: bool) -> Option<Vec<u64>> {
    let axes: BTreeSet<usize> =
        axes.iter().map(|axis| usize::try_from(at(*axis, dims.len())?).ok()).collect::<Option<_>>()?;
    let dims = dims.iter().enumerate();
    Some(if keeps {
        dims.map(|(axis, dim)| if axes.contains(&axis) { 1 } else { *dim }).collect()
    } else {
        dims.filter(|(axis, _)| !axes.contains(axis)).map(|(_, dim)| *dim).collect()
    })
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
        let mut steps = if node.integer("ceil_mode", 0) != 0 { steps.div_ceil(stride) } else { steps / stride };
        // The last window begins in the picture or in what is put before it.
        if steps.checked_mul(stride)? >= size.checked_add(pads(axis)?)? {
            steps = steps.saturating_sub(1);
        }
        made.push(steps.checked_add(1)?);
    }
    Some(made)
}
