//! The second stage, the model: verified bytes and the service's constants -> an [`Engine`] whose facts agree with those constants.
//!
//! Plans are made for concrete shapes, because the engine runs convolutions many times slower when a dimension is a symbol. The first
//! plan is for one row. Other shapes take a second plan with symbols in place of the free dimensions, provided that the model has no
//! convolution and that this plan agrees with the first one on the same row; otherwise the last few shapes keep concrete plans of
//! their own. Each plan holds a copy of the weights, which is why there are few. In the place of the first plan a small model has a [`Line`].

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use prost::Message;
use tract_onnx::pb;
use tract_onnx::prelude::*;
use tract_onnx::tract_core::internal::Approximation;
use tract_onnx::tract_hir::infer::{Factoid, InferenceFact};

use crate::batching::Wish;
use crate::batching::calibration::{Together, calibrate};
use crate::line::Line;
use crate::operators;
use crate::plan::{Plan, guarded};
use crate::result::texts;
use crate::service::{self, DataType, shape_text};

/// Concrete sizes of every input, in the model's order.
pub type Shapes = Vec<Vec<usize>>;

/// Concrete plans kept beside the first one.
const MOST_KEPT: usize = 4;
/// Runs of a plan that its time is the shortest of.
const MOST_TRIALS: usize = 20;
/// Sizes tried for free dimensions other than the batch when warming up; a window may be wider than one element.
const TRIAL_SIZES: [usize; 4] = [1, 16, 64, 224];
/// Operators that lose by a symbolic batch.
const WINDOWED: [&str; 10] = [
    "Conv",
    "ConvInteger",
    "ConvTranspose",
    "QLinearConv",
    "DeformConv",
    "MaxPool",
    "AveragePool",
    "LpPool",
    "MaxUnpool",
    "Resize",
];

pub struct Engine {
    declared: &'static service::Model,
    /// What further plans are made from; gone when none will be made.
    source: Option<InferenceModel>,
    first: Arc<Plan>,
    first_shapes: Shapes,
    symbolic: Option<Arc<Plan>>,
    /// Inputs whose first dimension the model gives no name; the symbolic plan takes these to be equal.
    batched: Vec<usize>,
    kept: Mutex<VecDeque<(Shapes, Arc<Slot>)>>,
    /// Groups of dimensions, as (input, axis), that the model says are equal.
    equal: Vec<Vec<(usize, usize)>>,
    /// Time in the engine for one element of the inputs, measured when warm.
    per_element: Duration,
    first_elements: usize,
    /// Bytes that the tensors of one run may take.
    run_limit: u64,
}

/// A plan, or the place where one is being made while others wait for it.
type Slot = Mutex<Option<Arc<Plan>>>;

/// Why there is no plan for some shapes.
#[derive(Debug)]
pub enum NoPlan {
    /// The tensors would not fit into the process's memory; how many bytes at least.
    TooLarge(u64),
    /// The model cannot take these shapes.
    Impossible(String),
}

pub fn datum_type(datatype: DataType) -> DatumType {
    match datatype {
        DataType::Bool => DatumType::Bool,
        DataType::Uint8 => DatumType::U8,
        DataType::Uint16 => DatumType::U16,
        DataType::Uint32 => DatumType::U32,
        DataType::Uint64 => DatumType::U64,
        DataType::Int8 => DatumType::I8,
        DataType::Int16 => DatumType::I16,
        DataType::Int32 => DatumType::I32,
        DataType::Int64 => DatumType::I64,
        DataType::Fp16 => DatumType::F16,
        DataType::Fp32 => DatumType::F32,
        DataType::Fp64 => DatumType::F64,
        DataType::Bytes => DatumType::String,
    }
}

impl Engine {
    /// Parses, checks, plans and warms up. The error says what does not fit.
    pub fn load(bytes: Vec<u8>, declared: &'static service::Model, threads: usize) -> Result<Engine, String> {
        let (engine, _) = Engine::load_to_batch(bytes, declared, threads, &Wish::OFF)?;
        Ok(engine)
    }

    /// As [`Engine::load`], and measures whether several requests had better share runs; if not, the second error says why.
    pub fn load_to_batch(
        bytes: Vec<u8>,
        declared: &'static service::Model,
        threads: usize,
        wish: &Wish,
    ) -> Result<(Engine, Result<Together, String>), String> {
        let mut proto = pb::ModelProto::decode(Bytes::from(bytes))
            .map_err(|error| format!("the model file is not ONNX: {error}"))?;
        operators::prepare(&mut proto);
        let graph = proto.graph.as_ref().ok_or("the model file is not ONNX, or it was cut short: it holds no graph")?;
        check_names(graph, declared)?;
        let line = Line::of(graph, declared);
        let windowed = graph.node.iter().any(|node| WINDOWED.contains(&node.op_type.as_str()));

        let mut problem = String::new();
        // Exporters leave stale shapes between nodes, and declare as INT64 what the engine computes as a dimension.
        for (ignore_shapes, ignore_types) in [(false, false), (true, false), (true, true)] {
            let framework =
                operators::engine().with_ignore_value_info(ignore_shapes).with_ignore_output_types(ignore_types);
            let source = match guarded(|| framework.model_for_proto_model(&proto)) {
                Ok(source) => source,
                Err(error) => {
                    problem = error;
                    continue;
                }
            };
            let free = check_inputs(&source, declared)?;
            for size in TRIAL_SIZES {
                let shapes = trial_shapes(declared, size);
                match build(&source, declared, &shapes)
                    .and_then(|plan| warm_up(&plan, declared, &shapes).map(|t| (plan, t)))
                {
                    Ok((plan, took)) => {
                        drop(proto);
                        let needed = free.any;
                        let mut engine = Engine::new(declared, source, plan, shapes, took, free, windowed);
                        engine.run_limit = run_limit(memory_limit(), threads);
                        engine.straighten(line);
                        let together = calibrate(&engine, wish);
                        if !needed || (engine.symbolic.is_some() && engine.batched.len() < 2) {
                            engine.source = None;
                        }
                        return Ok((engine, together));
                    }
                    Err(error) => problem = error,
                }
                if !free.beyond_batch {
                    break;
                }
            }
        }
        Err(format!("the engine cannot run the model: {problem}"))
    }

    fn new(
        declared: &'static service::Model,
        source: InferenceModel,
        first: Plan,
        first_shapes: Shapes,
        took: Duration,
        free: Free,
        windowed: bool,
    ) -> Engine {
        let first_elements = elements(&first_shapes).max(1);
        let mut engine = Engine {
            declared,
            source: Some(source),
            first: Arc::new(first),
            first_shapes,
            symbolic: None,
            batched: free.batched,
            kept: Mutex::default(),
            equal: free.equal,
            per_element: took.div_f64(first_elements as f64),
            first_elements,
            run_limit: u64::MAX,
        };
        if free.any && !windowed {
            engine.symbolic = engine.agreeing_symbolic().map(Arc::new);
        }
        engine
    }

    /// Puts a line in the place of the first plan, if it computes the same.
    fn straighten(&mut self, line: Option<Line>) {
        let Some(line) = line.map(Plan::Line) else { return };
        if agree(&self.first, &line, self.declared, &self.first_shapes)
            && let Ok(took) = warm_up(&line, self.declared, &self.first_shapes)
        {
            self.first = Arc::new(line);
            self.per_element = took.div_f64(self.first_elements as f64);
        }
    }

    pub fn declared(&self) -> &'static service::Model {
        self.declared
    }

    /// A plan for just these shapes, which is kept nowhere.
    pub fn build(&self, shapes: &Shapes) -> Result<Plan, String> {
        build(self.source.as_ref().ok_or("its shapes are fixed")?, self.declared, shapes)
    }

    /// The symbolic plan, if these shapes are among those it is for.
    pub fn symbolic(&self, shapes: &Shapes) -> Option<&Arc<Plan>> {
        let first = |input: &usize| shapes[*input].first();
        let equal = self.batched.windows(2).all(|pair| first(&pair[0]) == first(&pair[1]));
        self.symbolic.as_ref().filter(|_| equal)
    }

    /// A plan with symbols, if it can be made and computes what plans for concrete shapes compute: for one row, and for shapes in
    /// which no free dimension is 1, since much that is wrong goes unseen there.
    fn agreeing_symbolic(&self) -> Option<Plan> {
        let source = self.source.as_ref()?;
        let plan = build_symbolic(source, self.declared).ok()?;
        agree(&self.first, &plan, self.declared, &self.first_shapes).then_some(())?;
        let mut wider = self.first_shapes.clone();
        for (shape, input) in wider.iter_mut().zip(self.declared.inputs) {
            for (size, _) in shape.iter_mut().zip(input.shape).filter(|(_, dim)| **dim == -1) {
                *size = if *size == 1 { 2 } else { *size + 1 };
            }
        }
        let concrete = self.build(&wider).ok()?;
        agree(&concrete, &plan, self.declared, &wider).then_some(plan)
    }

    /// The plan for these shapes, made now if need be.
    pub fn plan(&self, shapes: &Shapes) -> Result<Arc<Plan>, NoPlan> {
        if *shapes == self.first_shapes {
            return Ok(Arc::clone(&self.first));
        }
        let plan = match self.symbolic(shapes) {
            Some(plan) => Arc::clone(plan),
            None => self.kept_plan(shapes)?,
        };
        // Measuring takes longer than a small run, and a small run cannot be the one that exhausts the process.
        if elements(shapes) / 64 > self.first_elements
            && let Some(bytes) = plan.working_set(shapes)
            && bytes > self.run_limit
        {
            return Err(NoPlan::TooLarge(bytes));
        }
        Ok(plan)
    }

    fn kept_plan(&self, shapes: &Shapes) -> Result<Arc<Plan>, NoPlan> {
        let slot = {
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            let entry = match kept.iter().position(|(known, _)| known == shapes) {
                Some(position) => kept.remove(position),
                None => None,
            };
            let entry = entry.unwrap_or_else(|| (shapes.clone(), Arc::default()));
            let slot = Arc::clone(&entry.1);
            kept.push_front(entry);
            kept.truncate(MOST_KEPT);
            slot
        };
        let mut plan = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(plan) = &*plan {
            return Ok(Arc::clone(plan));
        }
        let made = self.build(shapes).map(Arc::new).map_err(NoPlan::Impossible)?;
        *plan = Some(Arc::clone(&made));
        Ok(made)
    }

    /// About how long a run will take. Shapes that may first need a plan of their own count as long.
    pub fn estimate(&self, shapes: &Shapes) -> Duration {
        if self.symbolic(shapes).is_none() && *shapes != self.first_shapes {
            return Duration::MAX;
        }
        self.per_element.saturating_mul(u32::try_from(elements(shapes)).unwrap_or(u32::MAX))
    }

    /// How long one run of the first plan takes.
    pub fn time_one(&self) -> Result<Duration, String> {
        let inputs = sample(self.declared, &self.first_shapes, 1);
        let start = Instant::now();
        self.first.run(inputs)?;
        Ok(start.elapsed())
    }

    /// Which plans there are, for the log.
    pub fn describe(&self) -> &'static str {
        match (&*self.first, self.symbolic.is_some()) {
            (Plan::Line(_), true) => "one row as a line, any rows",
            (Plan::Line(_), false) => "one row as a line, others on demand",
            (Plan::Engine(_), true) => "one row, any rows",
            (Plan::Engine(_), false) => "one row, others on demand",
        }
    }

    /// Bytes that a run, or the text of its answer, may take.
    pub fn run_limit(&self) -> u64 {
        self.run_limit
    }

    pub fn equal_dimensions(&self) -> &[Vec<(usize, usize)>] {
        &self.equal
    }
}

/// Whether two plans return the same, up to rounding. Where all integers are 0 every row is the same, and rows in each other's place
/// would go unseen; so 1 is tried first, and given up only if the model does not take it.
fn agree(one: &Plan, other: &Plan, declared: &service::Model, shapes: &Shapes) -> bool {
    let run = |below| one.run(sample(declared, shapes, below)).map(|outputs| (below, outputs));
    let Ok((below, expected)) = run(2).or_else(|_| run(1)) else { return false };
    let Ok(found) = other.run(sample(declared, shapes, below)) else { return false };
    expected.len() == found.len() && expected.iter().zip(&found).all(|(a, b)| close(a, b))
}

/// Equal up to rounding, which is relative to the largest number: the probabilities of many classes are all small. Integers are not
/// rounded.
pub fn close(expected: &tract_onnx::prelude::Tensor, found: &tract_onnx::prelude::Tensor) -> bool {
    let outcome = guarded(|| {
        if expected.datum_type() == DatumType::String {
            let same = expected.shape() == found.shape() && texts(expected) == texts(found);
            tract_onnx::tract_core::internal::ensure!(same, "other texts");
            return Ok(());
        }
        if !expected.datum_type().is_float() {
            return expected.close_enough(found, Approximation::Exact);
        }
        let floats = expected.cast_to::<f32>()?;
        let floats = floats.try_as_plain_ram()?;
        let finite = floats.as_slice::<f32>()?.iter().map(|number| number.abs()).filter(|number| number.is_finite());
        let largest = finite.fold(f32::MIN_POSITIVE, f32::max);
        let rounding = if expected.datum_type() == DatumType::F16 { 1e-3 } else { 1e-4 };
        expected.close_enough(found, Approximation::Custom(largest * rounding, 5.0 * rounding, 0.0))
    });
    outcome.is_ok() && expected.datum_type() == found.datum_type()
}

fn elements(shapes: &Shapes) -> usize {
    shapes.iter().map(|shape| shape.iter().product::<usize>()).sum()
}

/// What the model leaves open.
struct Free {
    any: bool,
    beyond_batch: bool,
    batched: Vec<usize>,
    equal: Vec<Vec<(usize, usize)>>,
}

fn check_names(graph: &pb::GraphProto, declared: &service::Model) -> Result<(), String> {
    let constants: Vec<&str> = graph.initializer.iter().map(|tensor| tensor.name.as_str()).collect();
    let inputs: Vec<&str> =
        graph.input.iter().map(|input| input.name.as_str()).filter(|name| !constants.contains(name)).collect();
    let outputs: Vec<&str> = graph.output.iter().map(|output| output.name.as_str()).collect();
    for (what, found, expected) in [("inputs", inputs, declared.inputs), ("outputs", outputs, declared.outputs)] {
        let expected: Vec<&str> = expected.iter().map(|tensor| tensor.name).collect();
        if found != expected {
            return Err(format!(
                "the model's {what} are `{}`, but the service was generated for `{}`",
                found.join("`, `"),
                expected.join("`, `")
            ));
        }
    }
    Ok(())
}

/// Compares types and shapes. A dimension that the model leaves open may be fixed by the service, not the other way round.
fn check_inputs(source: &InferenceModel, declared: &service::Model) -> Result<Free, String> {
    let mut free = Free { any: false, beyond_batch: false, batched: Vec::new(), equal: Vec::new() };
    let mut symbols: BTreeMap<String, Vec<(usize, usize)>> = BTreeMap::new();
    for (index, input) in declared.inputs.iter().enumerate() {
        let fact = source.input_fact(index).map_err(|error| error.to_string())?;
        let complain =
            |what: String| format!("input `{}`: the model {what}; the service was generated for another", input.name);
        let found = fact.datum_type.concretize();
        if found.is_some_and(|found| found != datum_type(input.datatype)) {
            return Err(complain(format!("takes {found:?}, not {}", input.datatype.name())));
        }
        let known = if fact.shape.is_open() { None } else { Some(fact.shape.dims().collect::<Vec<_>>()) };
        if known.as_ref().is_some_and(|dims| dims.len() != input.shape.len()) {
            return Err(complain(format!("takes shape {:?}, not {}", fact.shape, shape_text(input.shape))));
        }
        for (axis, size) in input.shape.iter().enumerate() {
            let dim = known.as_ref().and_then(|dims| dims[axis].concretize());
            if let Some(number) = dim.as_ref().and_then(|dim| dim.to_i64().ok())
                && number != *size
            {
                return Err(complain(format!("takes shape {:?}, not {}", fact.shape, shape_text(input.shape))));
            }
            if *size == -1 {
                free.any = true;
                free.beyond_batch |= axis > 0;
                match dim {
                    Some(TDim::Sym(symbol)) => symbols.entry(symbol.to_string()).or_default().push((index, axis)),
                    None if axis == 0 => free.batched.push(index),
                    _ => {}
                }
            }
        }
    }
    free.equal = symbols.into_values().filter(|places| places.len() > 1).collect();
    Ok(free)
}

fn trial_shapes(declared: &service::Model, size: usize) -> Shapes {
    let dim = |(axis, dim): (usize, &i64)| match usize::try_from(*dim) {
        Ok(fixed) => fixed,
        Err(_) if axis == 0 => 1,
        Err(_) => size,
    };
    declared.inputs.iter().map(|input| input.shape.iter().enumerate().map(dim).collect()).collect()
}

fn build(source: &InferenceModel, declared: &service::Model, shapes: &Shapes) -> Result<Plan, String> {
    let model = guarded(|| {
        let mut model = source.clone();
        let mut known = HashMap::new();
        for (index, shape) in shapes.iter().enumerate() {
            for (dim, size) in source.input_fact(index)?.shape.dims().zip(shape) {
                if let Some(TDim::Sym(symbol)) = dim.concretize() {
                    known.insert(symbol, size.to_dim());
                }
            }
        }
        model.set_symbols(&known)?;
        for (index, (input, shape)) in declared.inputs.iter().zip(shapes).enumerate() {
            model.set_input_fact(index, InferenceFact::dt_shape(datum_type(input.datatype), shape))?;
        }
        model.into_optimized()
    })?;
    Plan::new(model)
}

fn build_symbolic(source: &InferenceModel, declared: &service::Model) -> Result<Plan, String> {
    let model = guarded(|| {
        let mut model = source.clone();
        let batch = model.symbols.sym("windlass_batch");
        for (index, input) in declared.inputs.iter().enumerate() {
            let known: Vec<Option<TDim>> = source.input_fact(index)?.shape.dims().map(|dim| dim.concretize()).collect();
            let dims: TVec<TDim> = (input.shape.iter().enumerate())
                .map(|(axis, size)| match known.get(axis) {
                    _ if *size >= 0 => size.to_dim(),
                    Some(Some(dim)) => dim.clone(),
                    _ if axis == 0 => batch.to_dim(),
                    _ => model.symbols.new_with_prefix("windlass_free").to_dim(),
                })
                .collect();
            model.set_input_fact(index, InferenceFact::dt_shape(datum_type(input.datatype), dims))?;
        }
        model.into_optimized()
    })?;
    Plan::new(model)
}

/// Runs until the timing settles and returns the shortest run; checks the outputs against the constants on the way.
fn warm_up(plan: &Plan, declared: &service::Model, shapes: &Shapes) -> Result<Duration, String> {
    let mut shortest = Duration::MAX;
    let begun = Instant::now();
    // On a busy machine most runs of a short one are interrupted, and what looks long is handed to other threads.
    for round in 0..MOST_TRIALS {
        let inputs = sample(declared, shapes, 1);
        let start = Instant::now();
        let outputs = plan.run(inputs)?;
        shortest = shortest.min(start.elapsed());
        if outputs.len() != declared.outputs.len() {
            return Err(format!("it returns {} outputs, not {}", outputs.len(), declared.outputs.len()));
        }
        for (output, found) in declared.outputs.iter().zip(&outputs) {
            check_output(output, found)?;
        }
        let enough = if round < 2 { Duration::from_millis(200) } else { Duration::from_millis(2) };
        if begun.elapsed() > enough {
            break;
        }
    }
    Ok(shortest)
}

/// The engine's result against the declaration, type first. A dimension type stands for INT64.
pub fn check_output(declared: &service::Tensor, found: &tract_onnx::prelude::Tensor) -> Result<(), String> {
    let expected = datum_type(declared.datatype);
    let is_dimension = found.datum_type() == DatumType::TDim && expected == DatumType::I64;
    if found.datum_type() != expected && !is_dimension {
        let (name, found) = (declared.name, found.datum_type());
        return Err(format!(
            "output `{name}` is {found:?}, the service was generated for {}",
            declared.datatype.name()
        ));
    }
    let fits = |(size, dim): (&usize, &i64)| *dim == -1 || usize::try_from(*dim).is_ok_and(|dim| dim == *size);
    if found.rank() != declared.shape.len() || !found.shape().iter().zip(declared.shape).all(fits) {
        let (name, found, expected) = (declared.name, shape_text(found.shape()), shape_text(declared.shape));
        return Err(format!("output `{name}` has shape {found}, the service was generated for {expected}"));
    }
    Ok(())
}

/// Inputs for a trial: small varied floats, and integers below a bound, since an integer may be an index into a small table.
pub fn sample(declared: &service::Model, shapes: &Shapes, below: u8) -> TVec<TValue> {
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 40) as f32 / (1_u64 << 24) as f32 - 0.5
    };
    let mut tensor = |input: &service::Tensor, shape: &Vec<usize>| {
        let to = datum_type(input.datatype);
        if input.datatype == DataType::Bytes {
            let text = |_| if next() < 0.0 { "a".to_owned() } else { "b".to_owned() };
            return tract_onnx::prelude::Tensor::from(tract_ndarray::ArrayD::from_shape_fn(shape.as_slice(), text))
                .into_tvalue();
        }
        let is_float = matches!(input.datatype, DataType::Fp32 | DataType::Fp16 | DataType::Fp64);
        let number = |_| if is_float { next() } else { ((next() + 0.5) * f32::from(below)).floor() };
        let floats = tract_ndarray::ArrayD::from_shape_fn(shape.as_slice(), number);
        let made = tract_onnx::prelude::Tensor::from(floats).cast_to_dt(to).map(|tensor| tensor.into_owned());
        made.unwrap_or_default().into_tvalue()
    };
    declared.inputs.iter().zip(shapes).map(|(input, shape)| tensor(input, shape)).collect()
}

/// What one run may take: the long runs of all threads together at most half of the memory, and one no more than a quarter.
fn run_limit(memory: u64, threads: usize) -> u64 {
    memory / 2 / (threads as u64).max(2)
}

/// Bytes that the process may use: its control group's limit, or the machine's memory.
pub fn memory_limit() -> u64 {
    let read = |path| std::fs::read_to_string(path).ok();
    let group = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"];
    let group = group.into_iter().find_map(|path| read(path)?.trim().parse::<u64>().ok());
    let machine = read("/proc/meminfo").and_then(|text| {
        let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?.trim().strip_suffix("kB")?;
        line.trim().parse::<u64>().ok()?.checked_mul(1024)
    });
    group.unwrap_or(u64::MAX).min(machine.unwrap_or(1 << 32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_numbers_are_not_all_alike() {
        let of = |numbers: &[f32]| tract_onnx::prelude::Tensor::from(tract_ndarray::arr1(numbers));
        assert!(close(&of(&[1e-5, 2e-5]), &of(&[1.000_01e-5, 2e-5])));
        assert!(!close(&of(&[1e-5, 2e-5]), &of(&[2e-5, 1e-5])));
        assert!(close(&of(&[0.0, f32::NAN, f32::INFINITY, 3.0]), &of(&[1e-7, f32::NAN, f32::INFINITY, 3.0])));
        assert!(!close(&of(&[1.0, f32::NAN]), &of(&[1.0, 1.0])));
        let integers = |numbers: &[i64]| tract_onnx::prelude::Tensor::from(tract_ndarray::arr1(numbers));
        assert!(close(&integers(&[50_000, 7]), &integers(&[50_000, 7])));
        assert!(!close(&integers(&[50_000, 7]), &integers(&[50_001, 7])));
    }

    #[test]
    fn trial_rows_differ() {
        const INPUTS: &[service::Tensor] = &[
            service::Tensor { name: "a", datatype: DataType::Int64, shape: &[-1, 32] },
            service::Tensor { name: "b", datatype: DataType::Bool, shape: &[-1, 32] },
            service::Tensor { name: "c", datatype: DataType::Fp16, shape: &[-1, 32] },
        ];
        let model = service::Model { name: "m", versions: &[], shadow_sample: 0, inputs: INPUTS, outputs: &[] };
        for tensor in sample(&model, &vec![vec![2, 32]; 3], 2) {
            let rows = tensor.cast_to::<f32>().unwrap();
            let rows = rows.try_as_plain_ram().unwrap().as_slice::<f32>().unwrap().to_vec();
            assert_ne!(rows[..32], rows[32..], "{:?}", tensor.datum_type());
        }
    }

    #[test]
    fn the_runs_of_all_threads_fit_into_the_memory() {
        for threads in [1, 2, 4, 64] {
            assert!(run_limit(1 << 30, threads) * threads as u64 <= 1 << 29);
        }
    }
}
