//! The operator pack: what tabular exports use and the engine lacks or computes otherwise -> the engine's own kind of operator.
//!
//! Nearly every operator is a [`Kernel`] of the domain `ai.onnx.ml`: types and shapes of the inputs -> those of the outputs, and tensors ->
//! tensors. Where the specification leaves something open, such as which class wins when only one has a score, these do
//! what onnxruntime does, since that is what people compare with.

mod features;
mod labels;
mod linear;
mod one_hot;
pub(crate) mod scores;
mod svm;
mod trees;
mod zipmap;

use std::borrow::Cow;
use std::fmt::Debug;
use std::sync::Arc;

use tract_onnx::pb;
use tract_onnx::prelude::*;
use tract_onnx::tract_core::internal::*;
use tract_onnx::tract_core::{as_op, op_as_typed_op, op_out_of_plan};
use tract_onnx::tract_hir::infer::InferenceOp;
use tract_onnx::tract_hir::internal::{Expansion, InferenceResult, Solver, TensorProxy, expand};

/// An element type with a shape.
pub(crate) type Form = (DatumType, TVec<TDim>);

/// What an operator of the pack computes. It is made once, from the attributes of its node, and checks them then.
pub(crate) trait Kernel: Debug + Send + Sync + 'static {
    fn name(&self) -> &'static str;
    /// How many outputs it has.
    fn count(&self) -> usize {
        1
    }
    /// The outputs' types and shapes, or why it cannot take such inputs.
    fn forms(&self, inputs: &[Form]) -> TractResult<TVec<Form>>;
    fn run(&self, inputs: &[&Tensor]) -> TractResult<TVec<Tensor>>;
}

/// The engine with the pack. An operator of the pack takes the place of the engine's own.
pub fn engine() -> tract_onnx::Onnx {
    let mut onnx = tract_onnx::onnx();
    for family in [features::PACK, labels::PACK, linear::PACK, one_hot::PACK, svm::PACK, trees::PACK] {
        for (name, build) in family {
            onnx.op_register.insert(name, *build);
        }
    }
    onnx
}

/// Brings a model into the form that the engine takes: terminal ZipMaps are stripped.
pub fn prepare(model: &mut pb::ModelProto) {
    if let Some(graph) = &mut model.graph {
        zipmap::strip(graph);
    }
}

pub(crate) type Context<'a> = tract_onnx::model::ParsingContext<'a>;
pub(crate) type Built = TractResult<(Box<dyn InferenceOp>, Vec<String>)>;
pub(crate) type Build = fn(&Context, &pb::NodeProto) -> Built;

pub(crate) fn built(kernel: impl Kernel) -> Built {
    Ok((expand(Tabular(Arc::new(kernel))), Vec::new()))
}

/// A kernel as the engine sees it: before and after types and shapes are known.
#[derive(Clone, Debug)]
struct Tabular(Arc<dyn Kernel>);

impl PartialEq for Tabular {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}
impl Eq for Tabular {}

impl Expansion for Tabular {
    fn name(&self) -> StaticName {
        self.0.name().into()
    }

    fn nboutputs(&self) -> TractResult<usize> {
        Ok(self.0.count())
    }

    fn rules<'r, 'p: 'r, 's: 'r>(
        &'s self,
        solver: &mut Solver<'r>,
        inputs: &'p [TensorProxy],
        outputs: &'p [TensorProxy],
    ) -> InferenceResult {
        solver.given_all(inputs.iter().map(|input| &input.datum_type), move |solver, types| {
            solver.given_all(inputs.iter().map(|input| &input.shape), move |solver, shapes| {
                let forms: Vec<Form> = types.iter().copied().zip(shapes).collect();
                for (output, (datum_type, shape)) in outputs.iter().zip(self.0.forms(&forms)?) {
                    solver.equals(&output.datum_type, datum_type)?;
                    solver.equals(&output.shape, shape)?;
                }
                Ok(())
            })
        })
    }

    fn wire(&self, prefix: &str, model: &mut TypedModel, inputs: &[OutletId]) -> TractResult<TVec<OutletId>> {
        model.wire_node(prefix, self.clone(), inputs)
    }
}

impl Op for Tabular {
    fn name(&self) -> StaticName {
        self.0.name().into()
    }

    op_as_typed_op!();
}

impl EvalOp for Tabular {
    op_out_of_plan!();

    fn eval(&self, _context: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let inputs: TVec<&Tensor> = inputs.iter().map(|input| &**input).collect();
        Ok(self.0.run(&inputs)?.into_iter().map(IntoTValue::into_tvalue).collect())
    }
}

impl TypedOp for Tabular {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        let forms: Vec<Form> = inputs.iter().map(|fact| (fact.datum_type, fact.shape.to_tvec())).collect();
        Ok(self.0.forms(&forms)?.into_iter().map(|(datum_type, shape)| datum_type.fact(&*shape)).collect())
    }

    as_op!();
}

/// The only input of an operator that takes a table: rows (a vector counts as one row) and how many columns, if that is known.
pub(crate) fn table(inputs: &[Form]) -> TractResult<(TDim, Option<usize>)> {
    let [(datum_type, shape)] = inputs else { bail!("it takes one input, not {}", inputs.len()) };
    ensure!(datum_type.is_number(), "it takes numbers, not {datum_type:?}");
    let columns = |dim: &TDim| dim.to_usize().ok();
    match &**shape {
        [only] => Ok((1.to_dim(), columns(only))),
        [rows, width] => Ok((rows.clone(), columns(width))),
        _ => bail!("it takes a table, not {} dimensions", shape.len()),
    }
}

/// The numbers of a table as one type, row after row, and how many columns there are. A vector counts as one row.
pub(crate) fn numbers<'a, T: Datum + Copy>(input: &'a Tensor) -> TractResult<(Cow<'a, [T]>, usize)> {
    ensure!(matches!(input.rank(), 1 | 2), "it takes a table, not {} dimensions", input.rank());
    let columns = input.shape().last().copied().unwrap_or_default();
    Ok((elements(input)?, columns))
}

/// All elements as one type.
pub(crate) fn elements<T: Datum + Copy>(input: &Tensor) -> TractResult<Cow<'_, [T]>> {
    if input.datum_type() == T::datum_type() {
        return Ok(Cow::Borrowed(input.try_as_plain_ram()?.as_slice::<T>()?));
    }
    let cast = input.cast_to::<T>()?.into_owned();
    Ok(Cow::Owned(cast.try_as_plain_ram()?.as_slice::<T>()?.to_vec()))
}

/// A tensor of this shape.
pub(crate) fn shaped<T: Datum>(shape: &[usize], elements: Vec<T>) -> TractResult<Tensor> {
    Ok(tract_ndarray::ArrayD::from_shape_vec(shape, elements)?.into_tensor())
}

/// The attribute's numbers; none when it is absent.
pub(crate) fn floats(node: &pb::NodeProto, name: &str) -> TractResult<Vec<f32>> {
    Ok(node.get_attr_opt_vec(name)?.unwrap_or_default())
}

/// The attribute's whole numbers; none when it is absent.
pub(crate) fn integers(node: &pb::NodeProto, name: &str) -> TractResult<Vec<i64>> {
    Ok(node.get_attr_opt_vec(name)?.unwrap_or_default())
}

/// The attribute's texts; none when it is absent.
pub(crate) fn texts(node: &pb::NodeProto, name: &str) -> TractResult<Vec<String>> {
    Ok(node.get_attr_opt_vec(name)?.unwrap_or_default())
}
