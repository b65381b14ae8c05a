//! Linear models: coefficients -> LinearClassifier and LinearRegressor.

use tract_onnx::pb::NodeProto;
use tract_onnx::prelude::*;
use tract_onnx::tract_core::internal::*;

use super::scores::{Labels, Transform, largest, logistic};
use super::{Build, Built, Context, Form, Kernel, built, floats, numbers, shaped, table};

pub const PACK: &[(&str, Build)] = &[("LinearClassifier", classifier), ("LinearRegressor", regressor)];

/// One row of coefficients and one intercept a target.
#[derive(Debug)]
struct Planes {
    coefficients: Vec<f32>,
    intercepts: Vec<f32>,
    features: usize,
}

impl Planes {
    fn new(coefficients: Vec<f32>, mut intercepts: Vec<f32>, targets: usize) -> TractResult<Planes> {
        ensure!(
            targets > 0 && !coefficients.is_empty() && coefficients.len().is_multiple_of(targets),
            "{} coefficients do not fall to {targets} targets",
            coefficients.len()
        );
        if intercepts.is_empty() {
            intercepts = vec![0.0; targets];
        }
        ensure!(intercepts.len() == targets, "there are {} intercepts for {targets} targets", intercepts.len());
        let features = coefficients.len() / targets;
        Ok(Planes { coefficients, intercepts, features })
    }

    fn check(&self, inputs: &[Form]) -> TractResult<TDim> {
        let (rows, columns) = table(inputs)?;
        ensure!(columns.is_none_or(|columns| columns == self.features), "it takes {} columns", self.features);
        Ok(rows)
    }

    /// The scores of every row, one a target, row after row.
    fn scores(&self, input: &Tensor) -> TractResult<Vec<f32>> {
        let (numbers, columns) = numbers::<f32>(input)?;
        ensure!(columns == self.features, "it takes {} columns, not {columns}", self.features);
        let mut scores = Vec::with_capacity(numbers.len() / columns * self.intercepts.len());
        for row in numbers.chunks_exact(columns) {
            for (weights, intercept) in self.coefficients.chunks_exact(columns).zip(&self.intercepts) {
                scores.push(dot(row, weights) + intercept);
            }
        }
        Ok(scores)
    }
}

/// The scalar product. Eight sums at a time, which a processor adds side by side.
pub fn dot(one: &[f32], other: &[f32]) -> f32 {
    let mut sums = [0.0_f32; 8];
    let (ones, others) = (one.chunks_exact(8), other.chunks_exact(8));
    let rest: f32 = ones.remainder().iter().zip(others.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in ones.zip(others) {
        for lane in 0..8 {
            sums[lane] += a[lane] * b[lane];
        }
    }
    sums.iter().sum::<f32>() + rest
}

#[derive(Debug)]
struct Classifier {
    planes: Planes,
    labels: Labels,
    transform: Transform,
}

fn classifier(_: &Context, node: &NodeProto) -> Built {
    let labels = Labels::of(node, "classlabels_ints")?;
    let (coefficients, intercepts) = (floats(node, "coefficients")?, floats(node, "intercepts")?);
    let targets = match intercepts.len() {
        0 => labels.len(),
        targets => targets,
    };
    ensure!(
        targets == labels.len() || (targets == 1 && labels.len() == 2),
        "{targets} scores, {} classes",
        labels.len()
    );
    let transform = Transform::of(node)?;
    ensure!(targets > 1 || transform != Transform::Probit, "PROBIT of a single score is not supported");
    built(Classifier { planes: Planes::new(coefficients, intercepts, targets)?, labels, transform })
}

impl Kernel for Classifier {
    fn name(&self) -> &'static str {
        "LinearClassifier"
    }

    fn count(&self) -> usize {
        2
    }

    fn forms(&self, inputs: &[Form]) -> TractResult<TVec<Form>> {
        let rows = self.planes.check(inputs)?;
        let labels = (self.labels.datum_type(), tvec!(rows.clone()));
        Ok(tvec!(labels, (DatumType::F32, tvec!(rows, self.labels.len().to_dim()))))
    }

    fn run(&self, inputs: &[&Tensor]) -> TractResult<TVec<Tensor>> {
        let mut scores = self.planes.scores(inputs[0])?;
        let classes = self.labels.len();
        let winners: Vec<usize>;
        if self.planes.intercepts.len() < classes {
            winners = scores.iter().map(|score| usize::from(*score > 0.0)).collect();
            let both = |score: &f32| match self.transform {
                Transform::Logistic => [logistic(-score), logistic(*score)],
                _ => [1.0 - score, *score],
            };
            scores = scores.iter().flat_map(both).collect();
        } else {
            winners = scores.chunks_exact(classes).map(largest).collect();
            scores.chunks_exact_mut(classes).for_each(|row| self.transform.apply(row));
        }
        Ok(tvec!(self.labels.chosen(&winners)?, shaped(&[winners.len(), classes], scores)?))
    }
}

#[derive(Debug)]
struct Regressor {
    planes: Planes,
    transform: Transform,
}

fn regressor(_: &Context, node: &NodeProto) -> Built {
    let targets = node.get_attr_opt::<usize>("targets")?.unwrap_or(1);
    let planes = Planes::new(floats(node, "coefficients")?, floats(node, "intercepts")?, targets)?;
    built(Regressor { planes, transform: Transform::of(node)? })
}

impl Kernel for Regressor {
    fn name(&self) -> &'static str {
        "LinearRegressor"
    }

    fn forms(&self, inputs: &[Form]) -> TractResult<TVec<Form>> {
        let rows = self.planes.check(inputs)?;
        Ok(tvec!((DatumType::F32, tvec!(rows, self.planes.intercepts.len().to_dim()))))
    }

    fn run(&self, inputs: &[&Tensor]) -> TractResult<TVec<Tensor>> {
        let mut scores = self.planes.scores(inputs[0])?;
        let targets = self.planes.intercepts.len();
        match self.transform {
            // onnxruntime transforms a single target by PROBIT alone.
            Transform::Logistic | Transform::Softmax | Transform::SoftmaxZero if targets == 1 => {}
            transform => scores.chunks_exact_mut(targets).for_each(|row| transform.apply(row)),
        }
        Ok(tvec!(shaped(&[scores.len() / targets, targets], scores)?))
    }
}
