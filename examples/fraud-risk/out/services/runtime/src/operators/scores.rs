//! From raw scores to what a classifier returns: the second class of a binary model, and the transforms of `post_transform`.

use tract_onnx::pb::NodeProto;
use tract_onnx::tract_core::internal::*;

use super::{integers, shaped, texts};

/// The attribute `post_transform`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transform {
    #[default]
    None,
    Logistic,
    Softmax,
    SoftmaxZero,
    Probit,
}

impl Transform {
    pub fn of(node: &NodeProto) -> TractResult<Transform> {
        Ok(match node.get_attr_opt::<&str>("post_transform")? {
            None | Some("NONE") => Transform::None,
            Some("LOGISTIC") => Transform::Logistic,
            Some("SOFTMAX") => Transform::Softmax,
            Some("SOFTMAX_ZERO") => Transform::SoftmaxZero,
            Some("PROBIT") => Transform::Probit,
            Some(other) => bail!("post_transform is `{other}`, which is none of the specification's"),
        })
    }

    /// Transforms the scores of one row with two classes or more.
    pub fn apply(self, scores: &mut [f32]) {
        match self {
            Transform::None => {}
            Transform::Logistic => scores.iter_mut().for_each(|score| *score = logistic(*score)),
            Transform::Probit => scores.iter_mut().for_each(|score| *score = probit(*score)),
            Transform::Softmax => softmax(scores, |_| true),
            // Scores of nothing stay nothing.
            Transform::SoftmaxZero => softmax(scores, |score| score.abs() > 1e-7),
        }
    }
}

/// What a binary classifier with a single score returns for both classes, negative first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pair {
    /// The score is the probability of the positive class.
    Complement,
    /// The score's sign is the class.
    Opposite,
}

impl Pair {
    pub fn of(self, score: f32, transform: Transform) -> [f32; 2] {
        match (self, transform) {
            (Pair::Complement, _) => [1.0 - score, score],
            (Pair::Opposite, Transform::Logistic) => [logistic(-score), logistic(score)],
            (Pair::Opposite, _) => [-score, score],
        }
    }
}

pub fn logistic(score: f32) -> f32 {
    let positive = 1.0 / (1.0 + (-score.abs()).exp());
    if score < 0.0 { 1.0 - positive } else { positive }
}

fn softmax(scores: &mut [f32], counts: impl Fn(f32) -> bool) {
    let most = scores.iter().copied().fold(f32::MIN, f32::max);
    let mut sum = 0.0;
    for score in scores.iter_mut() {
        if counts(*score) {
            *score = (*score - most).exp();
            sum += *score;
        } else {
            *score *= (-most).exp();
        }
    }
    scores.iter_mut().for_each(|score| *score /= sum);
}

/// The normal distribution's quantile, by Winitzki's approximation of the inverse error function, as onnxruntime has it.
pub fn probit(probability: f32) -> f32 {
    let x = 2.0 * probability - 1.0;
    let log = ((1.0 - x) * (1.0 + x)).ln();
    let half = 2.0 / (std::f32::consts::PI * 0.147) + 0.5 * log;
    let root = ((half * half - log / 0.147).sqrt() - half).sqrt();
    std::f32::consts::SQRT_2 * root.copysign(x)
}

/// The classes' names: all numbers or all texts.
#[derive(Clone, Debug)]
pub enum Labels {
    Numbers(Vec<i64>),
    Texts(Vec<String>),
}

impl Labels {
    /// Reads the two attributes, of which one must be there.
    pub fn of(node: &NodeProto, whole_numbers: &str) -> TractResult<Labels> {
        let (numbers, texts) = (integers(node, whole_numbers)?, texts(node, "classlabels_strings")?);
        match (numbers.is_empty(), texts.is_empty()) {
            (false, true) => Ok(Labels::Numbers(numbers)),
            (true, false) => Ok(Labels::Texts(texts)),
            _ => bail!("exactly one of `{whole_numbers}` and `classlabels_strings` must name the classes"),
        }
    }

    pub fn len(&self) -> usize {
        match self {
            Labels::Numbers(numbers) => numbers.len(),
            Labels::Texts(texts) => texts.len(),
        }
    }

    pub fn datum_type(&self) -> DatumType {
        match self {
            Labels::Numbers(_) => DatumType::I64,
            Labels::Texts(_) => DatumType::String,
        }
    }

    /// The labels of the winners, one a row.
    pub fn chosen(&self, winners: &[usize]) -> TractResult<Tensor> {
        fn pick<T: Datum>(labels: &[T], winners: &[usize]) -> TractResult<Tensor> {
            let label = |winner: &usize| labels.get(*winner).cloned().context("there is no label for a class");
            shaped(&[winners.len()], winners.iter().map(label).collect::<TractResult<Vec<T>>>()?)
        }
        match self {
            Labels::Numbers(numbers) => pick(numbers, winners),
            Labels::Texts(texts) => pick(texts, winners),
        }
    }
}

/// The first of the largest.
pub fn largest(scores: &[f32]) -> usize {
    let mut best = 0;
    for (class, score) in scores.iter().enumerate() {
        if *score > scores[best] {
            best = class;
        }
    }
    best
}
