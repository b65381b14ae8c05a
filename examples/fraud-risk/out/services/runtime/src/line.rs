//! A small model as a straight line of loops: a graph of ONNX -> [`Line`], one row of floats in, a row of each output out.
//!
//! The engine takes the better part of a microsecond for each node of a plan, whatever is in it, and in those of a small model there is
//! next to nothing. So a few dense layers, with what usually stands around them, are run here instead, one row at a time. A graph that
//! holds anything which is not known here to the last attribute is left to the engine, and so is one whose line computes something else
//! than the engine does.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use tract_onnx::pb::{GraphProto, NodeProto, TensorProto, tensor_proto};
use tract_onnx::prelude::*;
use tract_onnx::tract_core::internal::{bail, ensure};

use crate::operators::scores::{Transform, logistic};
use crate::service::{self, DataType};

/// Multiplications of a run at most. Where there are more, the engine's kernels for this very processor win.
const MOST_PRODUCTS: usize = 16_384;
/// Numbers in all rows at most.
const MOST_NUMBERS: usize = 16_384;
/// Sums that are made side by side, which suits every processor.
const LANES: usize = 8;

thread_local! {
    /// Of the last run on this thread, whichever line's it was.
    static LAST: RefCell<Last> = RefCell::default();
}

/// What the next run may have again.
#[derive(Default)]
struct Last {
    numbers: Vec<f32>,
    /// Filled again once nobody else has them.
    outputs: Vec<Arc<Tensor>>,
}

#[derive(Debug)]
pub struct Line {
    width: usize,
    /// Numbers of all rows together. The input comes first, and each step's row after those it is made from.
    size: usize,
    steps: Vec<Step>,
    outputs: Vec<Output>,
}

/// Where a row stands among all numbers.
#[derive(Clone, Copy, Debug)]
struct Row {
    at: usize,
    width: usize,
}

#[derive(Debug)]
struct Step {
    work: Work,
    to: Row,
}

#[derive(Debug)]
enum Work {
    Dense(Row, Dense),
    Each(Function, Row),
    Pairs(Operation, Operand, Operand),
    Softmax(Row),
}

#[derive(Debug)]
enum Operand {
    Row(Row),
    /// As wide as the row it meets.
    Constant(Vec<f32>),
}

#[derive(Clone, Copy, Debug)]
enum Function {
    Relu,
    Sigmoid,
    Tanh,
}

#[derive(Clone, Copy, Debug)]
enum Operation {
    Add,
    Subtract,
    Multiply,
    Divide,
}

#[derive(Debug)]
enum Output {
    Numbers(Row),
    /// The place of the largest number, the first of several, in a tensor of that rank.
    Largest(Row, usize),
}

/// A matrix and what is added to its products, `LANES` columns side by side; the last ones are filled up with zeros.
#[derive(Debug)]
struct Dense {
    blocks: Vec<([f32; LANES], Vec<[f32; LANES]>)>,
}

impl Dense {
    /// `weight` by row and column.
    fn new(rows: usize, columns: usize, weight: impl Fn(usize, usize) -> f32, bias: impl Fn(usize) -> f32) -> Dense {
        let block = |first: usize| {
            let lanes = |number: &dyn Fn(usize) -> f32| {
                std::array::from_fn(|lane| if first + lane < columns { number(first + lane) } else { 0.0 })
            };
            (lanes(&bias), (0..rows).map(|row| lanes(&|column| weight(row, column))).collect())
        };
        Dense { blocks: (0..columns).step_by(LANES).map(block).collect() }
    }

    fn run(&self, input: &[f32], output: &mut [f32]) {
        for (output, (bias, weights)) in output.chunks_mut(LANES).zip(&self.blocks) {
            let mut sums = *bias;
            for (number, weights) in input.iter().zip(weights) {
                sums.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += number * weight);
            }
            output.copy_from_slice(&sums[..output.len()]);
        }
    }
}

impl Operand {
    fn of<'a>(&'a self, known: &'a [f32]) -> &'a [f32] {
        match self {
            Operand::Row(row) => row.of(known),
            Operand::Constant(numbers) => numbers,
        }
    }
}

impl Row {
    fn of(self, numbers: &[f32]) -> &[f32] {
        &numbers[self.at..self.at + self.width]
    }
}

impl Line {
    /// `None` where the graph is none of those.
    pub fn of(graph: &GraphProto, declared: &service::Model) -> Option<Line> {
        let [input] = declared.inputs else { return None };
        let (DataType::Fp32, [-1 | 1, width]) = (input.datatype, input.shape) else { return None };
        let mut drawing = Drawing::default();
        for tensor in &graph.initializer {
            // Of other types are those that no node here takes.
            if let Some(constant) = Constant::of(tensor) {
                drawing.constants.insert(&tensor.name, constant);
            }
        }
        let width = usize::try_from(*width).ok()?;
        let row = drawing.row(width)?;
        drawing.rows.insert(input.name, row);
        for node in &graph.node {
            drawing.add(node)?;
        }
        let outputs = declared.outputs.iter().map(|output| drawing.output(output.name));
        Some(Line {
            width,
            outputs: outputs.collect::<Option<Vec<Output>>>()?,
            size: drawing.size,
            steps: drawing.steps,
        })
    }

    pub fn run(&self, inputs: &[TValue]) -> TractResult<TVec<TValue>> {
        let [input] = inputs else { bail!("it takes one input, not {}", inputs.len()) };
        let input = input.try_as_plain_ram()?;
        let input = input.as_slice::<f32>()?;
        ensure!(input.len() == self.width, "it takes {} numbers, not {}", self.width, input.len());
        LAST.with_borrow_mut(|Last { numbers, outputs }| {
            numbers.resize(self.size, 0.0);
            numbers[..self.width].copy_from_slice(input);
            for Step { work, to } in &self.steps {
                let (known, rest) = numbers.split_at_mut(to.at);
                work.run(known, &mut rest[..to.width]);
            }
            outputs.resize_with(self.outputs.len(), Arc::default);
            self.outputs.iter().zip(outputs).map(|(output, tensor)| output.of(numbers, tensor)).collect()
        })
    }

    /// Bytes of all rows.
    pub fn bytes(&self) -> u64 {
        (self.size * size_of::<f32>()) as u64
    }
}

impl Work {
    fn run(&self, known: &[f32], output: &mut [f32]) {
        match self {
            Work::Dense(from, dense) => dense.run(from.of(known), output),
            Work::Each(function, from) => {
                let from = from.of(known);
                match function {
                    // What is no number stays none.
                    Function::Relu => each(from, output, |number| if number < 0.0 { 0.0 } else { number }),
                    Function::Sigmoid => each(from, output, logistic),
                    Function::Tanh => each(from, output, f32::tanh),
                }
            }
            Work::Pairs(operation, left, right) => {
                let (left, right) = (left.of(known), right.of(known));
                match operation {
                    Operation::Add => pairs(left, right, output, |left, right| left + right),
                    Operation::Subtract => pairs(left, right, output, |left, right| left - right),
                    Operation::Multiply => pairs(left, right, output, |left, right| left * right),
                    Operation::Divide => pairs(left, right, output, |left, right| left / right),
                }
            }
            Work::Softmax(from) => {
                output.copy_from_slice(from.of(known));
                Transform::Softmax.apply(output);
            }
        }
    }
}

fn each(from: &[f32], output: &mut [f32], function: impl Fn(f32) -> f32) {
    output.iter_mut().zip(from).for_each(|(output, number)| *output = function(*number));
}

fn pairs(left: &[f32], right: &[f32], output: &mut [f32], operation: impl Fn(f32, f32) -> f32) {
    output
        .iter_mut()
        .zip(left.iter().zip(right))
        .for_each(|(output, (left, right))| *output = operation(*left, *right));
}

impl Output {
    fn of(&self, numbers: &[f32], last: &mut Arc<Tensor>) -> TractResult<TValue> {
        match self {
            Output::Numbers(row) => filled(last, &[1, row.width], row.of(numbers)),
            Output::Largest(row, rank) => {
                // As the engine does, also where some are no numbers.
                let larger = |best: (usize, f32), (at, number): (usize, &f32)| {
                    if *number > best.1 { (at, *number) } else { best }
                };
                let (place, _) = row.of(numbers).iter().enumerate().fold((0, f32::MIN), larger);
                filled(last, &[1, 1][..*rank], &[place as i64])
            }
        }
    }
}

/// The last tensor, if it is one of these, with other elements.
fn filled<T: Datum + Copy>(last: &mut Arc<Tensor>, shape: &[usize], elements: &[T]) -> TractResult<TValue> {
    if last.datum_type() == T::datum_type() && last.shape() == shape {
        Arc::make_mut(last).try_as_plain_ram_mut()?.as_slice_mut()?.copy_from_slice(elements);
    } else {
        *last = Arc::new(Tensor::from_shape(shape, elements)?);
    }
    Ok(TValue::from_const(Arc::clone(last)))
}

struct Constant {
    dims: Vec<usize>,
    numbers: Vec<f32>,
}

impl Constant {
    fn of(tensor: &TensorProto) -> Option<Constant> {
        if tensor.data_type != tensor_proto::DataType::Float as i32 {
            return None;
        }
        let dims = tensor.dims.iter().map(|dim| usize::try_from(*dim).ok()).collect::<Option<Vec<usize>>>()?;
        let numbers: Vec<f32> = match tensor.raw_data.as_chunks() {
            ([], []) => tensor.float_data.clone(),
            (numbers, _) => numbers.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect(),
        };
        let count = dims.iter().try_fold(1_usize, |count, dim| count.checked_mul(*dim))?;
        (count == numbers.len()).then_some(Constant { dims, numbers })
    }

    /// The numbers as wide as a row, if the row keeps its shape when it meets them.
    fn wide(&self, width: usize) -> Option<Vec<f32>> {
        let is_row = matches!(self.dims[..], [] | [_] | [1, _]);
        match self.numbers[..] {
            _ if !is_row => None,
            [one] => Some(vec![one; width]),
            _ => (self.numbers.len() == width).then(|| self.numbers.clone()),
        }
    }
}

/// A line while it is drawn.
#[derive(Default)]
struct Drawing<'a> {
    constants: BTreeMap<&'a str, Constant>,
    rows: BTreeMap<&'a str, Row>,
    /// Outputs of ArgMax, which no node here takes.
    largest: BTreeMap<&'a str, (Row, usize)>,
    steps: Vec<Step>,
    size: usize,
    products: usize,
}

impl<'a> Drawing<'a> {
    /// The place for one more row.
    fn row(&mut self, width: usize) -> Option<Row> {
        let row = Row { at: self.size, width };
        self.size = self.size.checked_add(width).filter(|size| *size <= MOST_NUMBERS)?;
        Some(row)
    }

    fn add(&mut self, node: &'a NodeProto) -> Option<()> {
        let [output] = &node.output[..] else { return None };
        if !matches!(node.domain.as_str(), "" | "ai.onnx") {
            return None;
        }
        let inputs: Vec<&str> = node.input.iter().map(String::as_str).collect();
        let (work, width) = match (node.op_type.as_str(), &inputs[..]) {
            ("Identity", [from]) => {
                only(node, &[])?;
                let row = self.known(from)?;
                return self.rows.insert(output, row).is_none().then_some(());
            }
            ("ArgMax", [from]) => {
                only(node, &["axis", "keepdims", "select_last_index"])?;
                let is_last = matches!(whole(node, "axis")?, Some(1 | -1));
                let is_first = matches!(whole(node, "select_last_index")?, None | Some(0));
                let rank = if whole(node, "keepdims")? == Some(0) { 1 } else { 2 };
                let largest = (self.known(from)?, rank);
                return (is_last && is_first && self.largest.insert(output, largest).is_none()).then_some(());
            }
            ("Gemm", [from, weights, bias @ ..]) => {
                only(node, &["alpha", "beta", "transA", "transB"])?;
                let is_plain = |name| node.get_attr_opt::<f32>(name).ok().map(|factor| factor.is_none_or(|f| f == 1.0));
                if !is_plain("alpha")? || !is_plain("beta")? || whole(node, "transA")?.unwrap_or(0) != 0 {
                    return None;
                }
                self.dense(from, weights, whole(node, "transB")?.unwrap_or(0) != 0, bias)?
            }
            ("MatMul", [from, weights]) => {
                only(node, &[])?;
                self.dense(from, weights, false, &[])?
            }
            (name, [from]) => {
                let from = self.known(from)?;
                let work = match name {
                    "Relu" => Work::Each(Function::Relu, from),
                    "Sigmoid" => Work::Each(Function::Sigmoid, from),
                    "Tanh" => Work::Each(Function::Tanh, from),
                    // Of two dimensions, the last one is what every version of the operator means without an axis.
                    "Softmax" if matches!(whole(node, "axis")?, None | Some(1 | -1)) => Work::Softmax(from),
                    _ => return None,
                };
                only(node, if name == "Softmax" { &["axis"] } else { &[] })?;
                (work, from.width)
            }
            (name, [left, right]) => {
                only(node, &[])?;
                let operation = match name {
                    "Add" => Operation::Add,
                    "Sub" => Operation::Subtract,
                    "Mul" => Operation::Multiply,
                    "Div" => Operation::Divide,
                    _ => return None,
                };
                self.pairs(operation, left, right)?
            }
            _ => return None,
        };
        let to = self.row(width)?;
        self.steps.push(Step { work, to });
        self.rows.insert(output, to).is_none().then_some(())
    }

    fn known(&self, name: &str) -> Option<Row> {
        self.rows.get(name).copied()
    }

    fn dense(&mut self, from: &str, weights: &str, transposed: bool, bias: &[&str]) -> Option<(Work, usize)> {
        let (from, weights) = (self.known(from)?, self.constants.get(weights)?);
        let (rows, columns, numbers) = match (&weights.dims[..], transposed) {
            ([rows, columns], false) => (*rows, *columns, &weights.numbers),
            ([columns, rows], true) => (*rows, *columns, &weights.numbers),
            _ => return None,
        };
        let bias = match bias {
            [] => vec![0.0; columns],
            [bias] => self.constants.get(bias)?.wide(columns)?,
            _ => return None,
        };
        self.products = self.products.checked_add(numbers.len())?;
        if rows != from.width || columns == 0 || self.products > MOST_PRODUCTS {
            return None;
        }
        let weight = |row: usize, column: usize| match transposed {
            false => numbers[row * columns + column],
            true => numbers[column * rows + row],
        };
        Some((Work::Dense(from, Dense::new(rows, columns, weight, |column| bias[column])), columns))
    }

    fn pairs(&self, operation: Operation, left: &str, right: &str) -> Option<(Work, usize)> {
        let constant = |name: &str, row: Row| Some(Operand::Constant(self.constants.get(name)?.wide(row.width)?));
        let (left, right, width) = match (self.known(left), self.known(right)) {
            (Some(left), Some(right)) if left.width == right.width => {
                (Operand::Row(left), Operand::Row(right), left.width)
            }
            (Some(left), None) => (Operand::Row(left), constant(right, left)?, left.width),
            (None, Some(right)) => (constant(left, right)?, Operand::Row(right), right.width),
            _ => return None,
        };
        Some((Work::Pairs(operation, left, right), width))
    }

    fn output(&self, name: &str) -> Option<Output> {
        let largest = || self.largest.get(name).map(|(row, rank)| Output::Largest(*row, *rank));
        self.known(name).map(Output::Numbers).or_else(largest)
    }
}

/// Whether the node has no other attributes.
fn only(node: &NodeProto, names: &[&str]) -> Option<()> {
    node.attribute.iter().all(|attribute| names.contains(&attribute.name.as_str())).then_some(())
}

/// An attribute that is a whole number; `Some(None)` where it is absent.
fn whole(node: &NodeProto, name: &str) -> Option<Option<i64>> {
    node.get_attr_opt::<i64>(name).ok()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use tract_onnx::pb::{AttributeProto, ModelProto, OperatorSetIdProto, TypeProto, ValueInfoProto};
    use tract_onnx::pb::{attribute_proto::AttributeType, tensor_shape_proto, type_proto};

    use tract_onnx::tract_core::model::TypedRunnableModel;
    use tract_onnx::tract_hir::infer::InferenceFact;

    use super::*;
    use crate::model::close;
    use crate::operators;
    use crate::service::Tensor as Declared;

    const WIDTH: usize = 11;

    struct Numbers(u64);

    impl Numbers {
        fn next(&mut self) -> f32 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((self.0 >> 40) as f32 / (1_u64 << 24) as f32 - 0.5) * 6.0
        }

        fn tensor(&mut self, name: &str, dims: &[i64]) -> TensorProto {
            let count = dims.iter().product::<i64>();
            let float_data = (0..count).map(|_| self.next()).collect();
            let data_type = tensor_proto::DataType::Float as i32;
            TensorProto { name: name.to_owned(), dims: dims.to_vec(), data_type, float_data, ..Default::default() }
        }
    }

    fn node(op: &str, inputs: &[&str], output: &str, attributes: &[(&str, i64)]) -> NodeProto {
        let attribute = |(name, i): &(&str, i64)| AttributeProto {
            name: (*name).to_owned(),
            r#type: AttributeType::Int as i32,
            i: *i,
            ..Default::default()
        };
        NodeProto {
            name: output.to_owned(),
            op_type: op.to_owned(),
            input: inputs.iter().map(|name| (*name).to_owned()).collect(),
            output: vec![output.to_owned()],
            attribute: attributes.iter().map(attribute).collect(),
            ..Default::default()
        }
    }

    fn value(name: &str, kind: tensor_proto::DataType, dims: &[i64]) -> ValueInfoProto {
        let dim = |size: &i64| tensor_shape_proto::Dimension {
            value: Some(tensor_shape_proto::dimension::Value::DimValue(*size)),
            ..Default::default()
        };
        let shape = Some(tract_onnx::pb::TensorShapeProto { dim: dims.iter().map(dim).collect() });
        let tensor = type_proto::Tensor { elem_type: kind as i32, shape };
        let r#type = Some(TypeProto { value: Some(type_proto::Value::TensorType(tensor)), ..Default::default() });
        ValueInfoProto { name: name.to_owned(), r#type, ..Default::default() }
    }

    fn graph(nodes: Vec<NodeProto>, constants: Vec<TensorProto>) -> GraphProto {
        GraphProto {
            name: "g".to_owned(),
            node: nodes,
            initializer: constants,
            input: vec![value("x", tensor_proto::DataType::Float, &[1, WIDTH as i64])],
            output: vec![
                value("y", tensor_proto::DataType::Float, &[]),
                value("z", tensor_proto::DataType::Int64, &[]),
            ]
            .into_iter()
            .map(|output| ValueInfoProto { r#type: None, ..output })
            .collect(),
            ..Default::default()
        }
    }

    const MODEL: service::Model = service::Model {
        name: "m",
        versions: &[],
        shadow_sample: 0,
        inputs: &[Declared { name: "x", datatype: DataType::Fp32, shape: &[-1, WIDTH as i64] }],
        outputs: &[
            Declared { name: "y", datatype: DataType::Fp32, shape: &[-1, -1] },
            Declared { name: "z", datatype: DataType::Int64, shape: &[-1] },
        ],
    };

    /// Layers of all kinds, from `x` to the row `y` and the place `z` of its largest number.
    fn all_kinds(numbers: &mut Numbers, keepdims: i64) -> GraphProto {
        let width = WIDTH as i64;
        let nodes = vec![
            node("Sub", &["x", "mean"], "a", &[]),
            node("Div", &["a", "scale"], "b", &[]),
            node("Gemm", &["b", "w1", "b1"], "c", &[("transB", 1)]),
            node("Relu", &["c"], "d", &[]),
            node("MatMul", &["d", "w2"], "e", &[]),
            node("Add", &["b2", "e"], "f", &[]),
            node("Tanh", &["f"], "g", &[]),
            node("Gemm", &["g", "w3"], "h", &[]),
            node("Sigmoid", &["h"], "i", &[]),
            node("Add", &["i", "x"], "j", &[]),
            node("Mul", &["j", "two"], "k", &[]),
            node("Sub", &["one", "k"], "l", &[]),
            node("Identity", &["l"], "m", &[]),
            node("Softmax", &["m"], "y", &[("axis", 1)]),
            node("ArgMax", &["y"], "z", &[("axis", -1), ("keepdims", keepdims)]),
        ];
        let constants = vec![
            numbers.tensor("mean", &[width]),
            numbers.tensor("scale", &[1, width]),
            numbers.tensor("w1", &[19, width]),
            numbers.tensor("b1", &[19]),
            numbers.tensor("w2", &[19, 8]),
            numbers.tensor("b2", &[1, 8]),
            numbers.tensor("w3", &[8, width]),
            numbers.tensor("two", &[]),
            numbers.tensor("one", &[1]),
        ];
        graph(nodes, constants)
    }

    fn engine(graph: &GraphProto) -> Arc<TypedRunnableModel> {
        let opset_import = vec![OperatorSetIdProto { domain: String::new(), version: 13 }];
        let proto = ModelProto { ir_version: 8, opset_import, graph: Some(graph.clone()), ..Default::default() };
        let mut model = operators::engine().model_for_proto_model(&proto).unwrap();
        model.set_input_fact(0, InferenceFact::dt_shape(DatumType::F32, [1, WIDTH])).unwrap();
        model.into_optimized().unwrap().into_runnable().unwrap()
    }

    #[test]
    fn a_line_computes_what_the_engine_does() {
        let mut numbers = Numbers(1);
        for round in 0..20 {
            let graph = all_kinds(&mut numbers, round % 2);
            let (line, plan) = (Line::of(&graph, &MODEL).unwrap(), engine(&graph));
            for _ in 0..20 {
                let row: Vec<f32> = (0..WIDTH).map(|_| numbers.next()).collect();
                let inputs: TVec<TValue> = tvec!(Tensor::from_shape(&[1, WIDTH], &row).unwrap().into_tvalue());
                let (found, expected) = (line.run(&inputs).unwrap(), plan.run(inputs).unwrap());
                assert_eq!(found.len(), expected.len());
                for (found, expected) in found.iter().zip(&expected) {
                    let expected = match expected.datum_type() {
                        DatumType::TDim => expected.cast_to::<i64>().unwrap().into_owned(),
                        _ => Tensor::clone(expected),
                    };
                    assert_eq!(found.shape(), expected.shape());
                    assert!(close(&expected, found), "{found:?} {expected:?}");
                }
            }
        }
    }

    #[test]
    fn what_is_not_known_is_left_to_the_engine() {
        let change = |change: &dyn Fn(&mut GraphProto)| {
            let mut graph = all_kinds(&mut Numbers(2), 0);
            change(&mut graph);
            Line::of(&graph, &MODEL).is_none()
        };
        assert!(!change(&|_| {}));
        assert!(change(&|graph| graph.node[3].op_type = "Celu".to_owned()));
        assert!(change(&|graph| graph.node[3].domain = "com.example".to_owned()));
        assert!(change(&|graph| graph.node[3].input[0] = "nothing".to_owned()));
        assert!(change(&|graph| graph.node[3].output[0] = "a".to_owned()));
        assert!(change(&|graph| graph.node[2].attribute[0].name = "transA".to_owned()));
        assert!(change(&|graph| graph.node[2].attribute.clear()));
        assert!(change(&|graph| graph.node[0].attribute = node("Sub", &[], "", &[("axis", 1)]).attribute));
        assert!(change(&|graph| graph.node[13].attribute[0].i = 0));
        assert!(change(&|graph| drop(graph.node[14].attribute.remove(0))));
        assert!(change(&|graph| graph.initializer[0].dims = vec![1, 1, WIDTH as i64]));
        assert!(change(&|graph| graph.initializer[0].dims = vec![WIDTH as i64, 1]));
        assert!(change(&|graph| graph.initializer[0].data_type = tensor_proto::DataType::Double as i32));
        assert!(change(&|graph| graph.initializer[0].float_data.truncate(1)));
        assert!(change(&|graph| drop(graph.node.pop())));
        const TWO: service::Model = service::Model { inputs: &[MODEL.inputs[0], MODEL.inputs[0]], ..MODEL };
        assert!(Line::of(&all_kinds(&mut Numbers(2), 0), &TWO).is_none());
    }

    #[test]
    fn a_large_model_is_left_to_the_engine() {
        let wide = (MOST_PRODUCTS / WIDTH) as i64;
        let of = |columns: i64| {
            let nodes = vec![node("MatMul", &["x", "w"], "y", &[]), node("ArgMax", &["y"], "z", &[("axis", 1)])];
            Line::of(&graph(nodes, vec![Numbers(3).tensor("w", &[WIDTH as i64, columns])]), &MODEL)
        };
        assert!(of(wide).is_some());
        assert!(of(wide + 1).is_none());
    }

    #[test]
    fn what_is_no_number_stays_none() {
        let nodes = vec![node("Relu", &["x"], "y", &[]), node("ArgMax", &["y"], "z", &[("axis", 1), ("keepdims", 0)])];
        let line = Line::of(&graph(nodes, vec![]), &MODEL).unwrap();
        let mut row = [-1.0; WIDTH];
        (row[1], row[2], row[3]) = (f32::NAN, f32::INFINITY, f32::NEG_INFINITY);
        let outputs = line.run(&[Tensor::from_shape(&[1, WIDTH], &row).unwrap().into_tvalue()]).unwrap();
        let found = outputs[0].try_as_plain_ram().unwrap();
        let found = found.as_slice::<f32>().unwrap();
        assert!(found[1].is_nan());
        assert_eq!((found[0], found[2], found[3]), (0.0, f32::INFINITY, 0.0));
        assert_eq!(outputs[1].try_as_plain_ram().unwrap().as_slice::<i64>().unwrap(), [2]);
    }
}
