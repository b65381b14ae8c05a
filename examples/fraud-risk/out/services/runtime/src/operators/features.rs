//! What comes before a model: Scaler, Normalizer, Imputer, Binarizer, OneHotEncoder, FeatureVectorizer and ArrayFeatureExtractor.

use std::collections::HashMap;

use tract_onnx::pb::NodeProto;
use tract_onnx::prelude::*;
use tract_onnx::tract_core::internal::*;

use super::{Build, Built, Context, Form, Kernel, built, elements, floats, integers, shaped, texts};

pub const PACK: &[(&str, Build)] = &[
    ("Scaler", scaler),
    ("Normalizer", normalizer),
    ("Imputer", imputer),
    ("Binarizer", binarizer),
    ("OneHotEncoder", one_hot_encoder),
    ("FeatureVectorizer", feature_vectorizer),
    ("ArrayFeatureExtractor", array_feature_extractor),
];

/// The only input, which holds numbers in at least one dimension.
fn only(inputs: &[Form]) -> TractResult<&Form> {
    let [form] = inputs else { bail!("it takes one input, not {}", inputs.len()) };
    ensure!(form.0.is_number(), "it takes numbers, not {:?}", form.0);
    ensure!(!form.1.is_empty(), "it takes at least one dimension");
    Ok(form)
}

/// Fails unless there is one parameter for all columns or one for each.
fn check_columns(shape: &[TDim], parameters: usize) -> TractResult<()> {
    let columns = shape.last().and_then(|dim| dim.to_usize().ok());
    let fits = parameters == 1 || columns.is_none_or(|columns| columns == parameters);
    ensure!(fits, "there are {parameters} parameters for {} columns", columns.unwrap_or_default());
    Ok(())
}

/// Each number with its column's parameter.
fn by_column<'a, T: Copy, P>(numbers: &'a [T], parameters: &'a [P]) -> impl Iterator<Item = (T, &'a P)> {
    numbers.iter().copied().zip(parameters.iter().cycle())
}

/// `(x - offset) * scale`
#[derive(Debug)]
struct Scaler {
    parameters: Vec<(f32, f32)>,
}

fn scaler(_: &Context, node: &NodeProto) -> Built {
    let (offset, scale) = (floats(node, "offset")?, floats(node, "scale")?);
    ensure!(!offset.is_empty() && offset.len() == scale.len(), "offset and scale are of different lengths");
    built(Scaler { parameters: offset.into_iter().zip(scale).collect() })
}

impl Kernel for Scaler {
    fn name(&self) -> &'static str {
        "Scaler"
    }

    fn forms(&self, inputs: &[Form]) -> TractResult<TVec<Form>> {
        let (_, shape) = only(inputs)?;
        check_columns(shape, self.parameters.len())?;
        Ok(tvec!((DatumType::F32, shape.clone())))
    }

    fn run(&self, inputs: &[&Tensor]) -> TractResult<TVec<Tensor>> {
        let numbers = elements::<f32>(inputs[0])?;
        let scaled = by_column(&numbers, &self.parameters).map(|(x, (offset, scale))| (x - offset) * scale);
        Ok(tvec!(shaped(inputs[0].shape(), scaled.collect())?))
    }
}

/// Rows divided by their largest number, by the sum of their magnitudes or by their length.
#[derive(Clone, Copy, Debug)]
enum Normalizer {
    Max,
    L1,
    L2,
}

fn normalizer(_: &Context, node: &NodeProto) -> Built {
    built(match node.get_attr_opt::<&str>("norm")? {
        None | Some("MAX") => Normalizer::Max,
        Some("L1") => Normalizer::L1,
        Some("L2") => Normalizer::L2,
        Some(other) => bail!("norm is `{other}`, which is none of the specification's"),
    })
}

impl Kernel for Normalizer {
    fn name(&self) -> &'static str {
        "Normalizer"
    }

    fn forms(&self, inputs: &[Form]) -> TractResult<TVec<Form>> {
        let (_, shape) = only(inputs)?;
        ensure!(shape.len() <= 2, "it takes a table, not {} dimensions", shape.len());
        Ok(tvec!((DatumType::F32, shape.clone())))
    }

    fn run(&self, inputs: &[&Tensor]) -> TractResult<TVec<Tensor>> {
        let mut numbers = elements::<f32>(inputs[0])?.into_owned();
        let columns = inputs[0].shape().last().copied().unwrap_or(1).max(1);
        for row in numbers.chunks_exact_mut(columns) {
            let norm = match self {
                Normalizer::Max => row.iter().copied().fold(f32::MIN, f32::max),
                Normalizer::L1 => row.iter().map(|x| x.abs()).sum(),
                Normalizer::L2 => row.iter().map(|x| x * x).sum::<f32>().sqrt(),
            };
            // A row of zeros stays as it is.
            if norm != 0.0 {
                row.iter_mut().for_each(|x| *x /= norm);
            }
        }
        Ok(tvec!(shaped(inputs[0].shape(), numbers)?))
    }
}

/// One value in place of another; for whole numbers, too.
#[derive(Debug)]
enum Imputer {
    Floats { instead: Vec<f32>, of: f32 },
    Integers { instead: Vec<i64>, of: i64 },
}

fn imputer(_: &Context, node: &NodeProto) -> Built {
    let (instead, whole) = (floats(node, "imputed_value_floats")?, integers(node, "imputed_value_int64s")?);
    built(match (instead.is_empty(), whole.is_empty()) {
        (false, true) => {
            let of = node.get_attr_opt::<f32>("replaced_value_float")?.unwrap_or(0.0);
            Imputer::Floats { instead, of }
        }
        (true, false) => {
            let of = node.get_attr_opt::<i64>("replaced_value_int64")?.unwrap_or(0);
            Imputer::Integers { instead: whole, of }
        }
        _ => bail!("exactly one of imputed_value_floats and imputed_value_int64s must be there"),
    })
}

impl Kernel for Imputer {
    fn name(&self) -> &'static str {
        "Imputer"
    }

    fn forms(&self, inputs: &[Form]) -> TractResult<TVec<Form>> {
        let (datum_type, shape) = only(inputs)?;
        let (expected, parameters) = match self {
            Imputer::Floats { instead, .. } => (DatumType::F32, instead.len()),
            Imputer::Integers { instead, .. } => (DatumType::I64, instead.len()),
        };
        ensure!(*datum_type == expected, "it takes {expected:?}, not {datum_type:?}");
        check_columns(shape, parameters)?;
        Ok(tvec!((expected, shape.clone())))
    }

    fn run(&self, inputs: &[&Tensor]) -> TractResult<TVec<Tensor>> {
        let shape = inputs[0].shape();
        Ok(tvec!(match self {
            Imputer::Floats { instead, of } => {
                let missing = |x: f32| if of.is_nan() { x.is_nan() } else { x == *of };
                let numbers = elements::<f32>(inputs[0])?;
                let imputed = by_column(&numbers, instead).map(|(x, other)| if missing(x) { *other } else { x });
                shaped(shape, imputed.collect())?
            }
            Imputer::Integers { instead, of } => {
                let numbers = elements::<i64>(inputs[0])?;
                let imputed = by_column(&numbers, instead).map(|(x, other)| if x == *of { *other } else { x });
                shaped(shape, imputed.collect())?
            }
        }))
    }
}

/// 1 above a threshold, 0 elsewhere.
#[derive(Debug)]
struct Binarizer {
    threshold: f32,
}

fn binarizer(_: &Context, node: &NodeProto) -> Built {
    built(Binarizer { threshold: node.get_attr_opt("threshold")?.unwrap_or(0.0) })
}

impl Kernel for Binarizer {
    fn name(&self) -> &'static str {
        "Binarizer"
    }

    fn forms(&self, inputs: &[Form]) -> TractResult<TVec<Form>> {
        let (datum_type, shape) = only(inputs)?;
        ensure!(*datum_type == DatumType::F32, "it takes F32, not {datum_type:?}");
        Ok(tvec!((DatumType::F32, shape.clone())))
    }

    fn run(&self, inputs: &[&Tensor]) -> TractResult<TVec<Tensor>> {
        let numbers = elements::<f32>(inputs[0])?;
        let above = numbers.iter().map(|x| if *x > self.threshold { 1.0_f32 } else { 0.0 });
        Ok(tvec!(shaped(inputs[0].shape(), above.collect())?))
    }
}

/// A last dimension with one place a category.
#[derive(Debug)]
struct OneHotEncoder {
    numbers: HashMap<i64, usize>,
    texts: HashMap<String, usize>,
    categories: usize,
    /// An unknown category is all zeros; otherwise it is an error.
    zeros: bool,
}

fn one_hot_encoder(_: &Context, node: &NodeProto) -> Built {
    let (numbers, texts) = (integers(node, "cats_int64s")?, texts(node, "cats_strings")?);
    ensure!(numbers.is_empty() != texts.is_empty(), "exactly one of cats_int64s and cats_strings must be there");
    built(OneHotEncoder {
        categories: numbers.len() + texts.len(),
        numbers: numbers.into_iter().enumerate().map(|(place, category)| (category, place)).collect(),
        texts: texts.into_iter().enumerate().map(|(place, category)| (category, place)).collect(),
        zeros: node.get_attr_opt::<i64>("zeros")?.unwrap_or(1) != 0,
    })
}

impl Kernel for OneHotEncoder {
    fn name(&self) -> &'static str {
        "OneHotEncoder"
    }

    fn forms(&self, inputs: &[Form]) -> TractResult<TVec<Form>> {
        let [(datum_type, shape)] = inputs else { bail!("it takes one input, not {}", inputs.len()) };
        let is_text = *datum_type == DatumType::String;
        ensure!(is_text == self.numbers.is_empty(), "its categories are of another type than {datum_type:?}");
        let mut shape = shape.clone();
        shape.push(self.categories.to_dim());
        Ok(tvec!((DatumType::F32, shape)))
    }

    fn run(&self, inputs: &[&Tensor]) -> TractResult<TVec<Tensor>> {
        let input = inputs[0];
        let places: Vec<Option<usize>> = if input.datum_type() == DatumType::String {
            let view = input.try_as_plain_ram()?;
            view.as_slice::<String>()?.iter().map(|text| self.texts.get(text).copied()).collect()
        } else {
            // Numbers with a fraction are cut off, as in onnxruntime.
            elements::<i64>(input)?.iter().map(|number| self.numbers.get(number).copied()).collect()
        };
        let length = places.len().checked_mul(self.categories).context("too many categories")?;
        let mut hot = vec![0.0_f32; length];
        for (row, place) in hot.chunks_exact_mut(self.categories).zip(&places) {
            match place {
                Some(place) => row[*place] = 1.0,
                None => ensure!(self.zeros, "a category is not among those of the model"),
            }
        }
        let shape: TVec<usize> = input.shape().iter().copied().chain([self.categories]).collect();
        Ok(tvec!(shaped(&shape, hot)?))
    }
}

/// Tables side by side.
#[derive(Debug)]
struct FeatureVectorizer {
    widths: Vec<usize>,
}

fn feature_vectorizer(_: &Context, node: &NodeProto) -> Built {
    let widths = integers(node, "inputdimensions")?.into_iter().map(usize::try_from);
    let widths = widths.collect::<Result<Vec<usize>, _>>()?;
    ensure!(widths.iter().all(|width| *width < 1 << 24), "inputdimensions are too large");
    built(FeatureVectorizer { widths })
}

impl Kernel for FeatureVectorizer {
    fn name(&self) -> &'static str {
        "FeatureVectorizer"
    }

    fn forms(&self, inputs: &[Form]) -> TractResult<TVec<Form>> {
        ensure!(inputs.len() == self.widths.len() && !inputs.is_empty(), "inputdimensions are {:?}", self.widths);
        let mut rows = 1.to_dim();
        for ((datum_type, shape), width) in inputs.iter().zip(&self.widths) {
            ensure!(datum_type.is_number(), "it takes numbers, not {datum_type:?}");
            let columns = match &**shape {
                [columns] => columns,
                [count, columns] => {
                    rows = count.clone();
                    columns
                }
                _ => bail!("it takes tables, not {} dimensions", shape.len()),
            };
            let columns = columns.to_usize().ok();
            ensure!(columns.is_none_or(|columns| columns == *width), "inputdimensions are {:?}", self.widths);
        }
        Ok(tvec!((DatumType::F32, tvec!(rows, self.widths.iter().sum::<usize>().to_dim()))))
    }

    fn run(&self, inputs: &[&Tensor]) -> TractResult<TVec<Tensor>> {
        let tables: Vec<_> = inputs.iter().map(|input| super::numbers::<f32>(input)).collect::<TractResult<_>>()?;
        let rows = match inputs[0].shape() {
            [rows, _] => *rows,
            _ => 1,
        };
        let mut side_by_side = Vec::new();
        for row in 0..rows {
            for ((numbers, columns), width) in tables.iter().zip(&self.widths) {
                let cells = numbers.chunks_exact((*columns).max(1)).nth(row).filter(|cells| cells.len() == *width);
                side_by_side.extend_from_slice(cells.context("the tables are of different heights or widths")?);
            }
        }
        Ok(tvec!(shaped(&[rows, self.widths.iter().sum()], side_by_side)?))
    }
}

/// Chosen columns; of a vector, as one row.
#[derive(Debug)]
struct ArrayFeatureExtractor;

fn array_feature_extractor(_: &Context, _: &NodeProto) -> Built {
    built(ArrayFeatureExtractor)
}

impl Kernel for ArrayFeatureExtractor {
    fn name(&self) -> &'static str {
        "ArrayFeatureExtractor"
    }

    fn forms(&self, inputs: &[Form]) -> TractResult<TVec<Form>> {
        let [(datum_type, shape), (_, places)] = inputs else { bail!("it takes two inputs, not {}", inputs.len()) };
        let count = places.iter().product::<TDim>();
        let mut shape = shape.clone();
        ensure!(shape.pop().is_some(), "it takes at least one dimension");
        if shape.is_empty() {
            shape.push(1.to_dim());
        }
        shape.push(count);
        Ok(tvec!((*datum_type, shape)))
    }

    fn run(&self, inputs: &[&Tensor]) -> TractResult<TVec<Tensor>> {
        fn chosen<T: Datum>(input: &Tensor, places: &[i64], shape: &[usize]) -> TractResult<Tensor> {
            let view = input.try_as_plain_ram()?;
            let columns = input.shape().last().copied().unwrap_or(1).max(1);
            let mut out = Vec::new();
            for row in view.as_slice::<T>()?.chunks_exact(columns) {
                for place in places {
                    let element = usize::try_from(*place).ok().and_then(|place| row.get(place));
                    out.push(element.with_context(|| format!("there is no column {place} of {columns}"))?.clone());
                }
            }
            shaped(shape, out)
        }
        let places = elements::<i64>(inputs[1])?;
        let mut shape: TVec<usize> = inputs[0].shape().into();
        shape.pop();
        if shape.is_empty() {
            shape.push(1);
        }
        shape.push(places.len());
        Ok(tvec!(dispatch_datum!(chosen(inputs[0].datum_type())(inputs[0], &places, &shape))?))
    }
}
