//! Support vector machines: SVMClassifier and SVMRegressor, with kernels or linear.

use tract_onnx::pb::NodeProto;
use tract_onnx::prelude::*;
use tract_onnx::tract_core::internal::*;

use super::linear::dot;
use super::scores::{Labels, Pair, Transform, largest, logistic, probit};
use super::{Build, Built, Context, Form, Kernel, built, floats, integers, numbers, shaped, table};

pub const PACK: &[(&str, Build)] = &[("SVMClassifier", classifier), ("SVMRegressor", regressor)];

/// How alike two vectors are: `kernel_type` with `kernel_params` (gamma, coef0, degree).
#[derive(Clone, Copy, Debug)]
enum Likeness {
    Linear,
    Poly { gamma: f32, coef0: f32, degree: f32 },
    Rbf { gamma: f32 },
    Sigmoid { gamma: f32, coef0: f32 },
}

impl Likeness {
    fn of(node: &NodeProto) -> TractResult<Likeness> {
        let (gamma, coef0, degree) = match *floats(node, "kernel_params")? {
            [] => (0.0, 0.0, 0.0),
            [gamma, coef0, degree] => (gamma, coef0, degree),
            _ => bail!("kernel_params holds gamma, coef0 and degree"),
        };
        Ok(match node.get_attr_opt::<&str>("kernel_type")? {
            None | Some("LINEAR") => Likeness::Linear,
            Some("POLY") => Likeness::Poly { gamma, coef0, degree },
            Some("RBF") => Likeness::Rbf { gamma },
            Some("SIGMOID") => Likeness::Sigmoid { gamma, coef0 },
            Some(other) => bail!("kernel_type is `{other}`, which is none of the specification's"),
        })
    }

    fn between(self, one: &[f32], other: &[f32]) -> f32 {
        match self {
            Likeness::Linear => dot(one, other),
            Likeness::Poly { gamma, coef0, degree } => (gamma * dot(one, other) + coef0).powf(degree),
            Likeness::Rbf { gamma } => {
                let distance: f32 = one.iter().zip(other).map(|(a, b)| (a - b) * (a - b)).sum();
                (-gamma * distance).exp()
            }
            Likeness::Sigmoid { gamma, coef0 } => (gamma * dot(one, other) + coef0).tanh(),
        }
    }
}

/// Vectors of equal length, and how each row is compared with them.
#[derive(Debug)]
struct Supports {
    likeness: Likeness,
    vectors: Vec<f32>,
    features: usize,
}

impl Supports {
    fn new(likeness: Likeness, vectors: Vec<f32>, count: usize) -> TractResult<Supports> {
        let divides = count > 0 && !vectors.is_empty() && vectors.len().is_multiple_of(count);
        ensure!(divides, "{} numbers are not {count} vectors", vectors.len());
        let features = vectors.len() / count;
        Ok(Supports { likeness, vectors, features })
    }

    fn check(&self, inputs: &[Form]) -> TractResult<TDim> {
        let (rows, columns) = table(inputs)?;
        ensure!(columns.is_none_or(|columns| columns == self.features), "it takes {} columns", self.features);
        Ok(rows)
    }

    /// Calls with each row's likeness to every vector.
    fn each_row(&self, input: &Tensor, mut visit: impl FnMut(&[f32])) -> TractResult<usize> {
        let (numbers, columns) = numbers::<f32>(input)?;
        ensure!(columns == self.features, "it takes {} columns, not {columns}", self.features);
        let mut alike = Vec::new();
        for row in numbers.chunks_exact(columns) {
            alike.clear();
            alike.extend(self.vectors.chunks_exact(columns).map(|vector| self.likeness.between(row, vector)));
            visit(&alike);
        }
        Ok(numbers.len() / columns)
    }
}

#[derive(Debug)]
struct Classifier {
    supports: Supports,
    labels: Labels,
    transform: Transform,
    rho: Vec<f32>,
    votes: Option<Votes>,
}

/// One classifier for each pair of classes; without it, there is one linear score a class.
#[derive(Debug)]
struct Votes {
    /// `classes - 1` rows of one coefficient a vector.
    coefficients: Vec<f32>,
    /// Where each class's vectors begin, and where the last one's end.
    starts: Vec<usize>,
    /// Platt's parameters, if the model has probabilities.
    sigmoids: Option<Vec<(f32, f32)>>,
}

fn classifier(_: &Context, node: &NodeProto) -> Built {
    let labels = Labels::of(node, "classlabels_ints")?;
    let classes = labels.len();
    let (coefficients, rho) = (floats(node, "coefficients")?, floats(node, "rho")?);
    let transform = Transform::of(node)?;
    let per_class = integers(node, "vectors_per_class")?;
    if per_class.iter().sum::<i64>() == 0 {
        ensure!(rho.len() == 1 || rho.len() == classes, "{} values of rho for {classes} classes", rho.len());
        let supports = Supports::new(Likeness::Linear, coefficients, classes)?;
        return built(Classifier { supports, labels, transform, rho, votes: None });
    }
    ensure!(classes >= 2 && per_class.len() == classes, "vectors_per_class does not fit {classes} classes");
    let mut starts = vec![0_usize];
    for count in per_class {
        let next = usize::try_from(count).ok().and_then(|count| count.checked_add(starts[starts.len() - 1]));
        starts.push(next.context("vectors_per_class is no list of counts")?);
    }
    let vectors = starts[classes];
    let pairs = classes * (classes - 1) / 2;
    let supports = Supports::new(Likeness::of(node)?, floats(node, "support_vectors")?, vectors)?;
    let expected = vectors.checked_mul(classes - 1);
    ensure!(expected == Some(coefficients.len()), "{} coefficients for {vectors} vectors", coefficients.len());
    ensure!(rho.len() >= pairs, "{} values of rho for {pairs} pairs of classes", rho.len());
    let (a, b) = (floats(node, "prob_a")?, floats(node, "prob_b")?);
    ensure!(a.len() == b.len() && (a.is_empty() || a.len() >= pairs), "prob_a and prob_b do not fit {pairs} pairs");
    let sigmoids = (!a.is_empty()).then(|| a.into_iter().zip(b).collect());
    let votes = Some(Votes { coefficients, starts, sigmoids });
    built(Classifier { supports, labels, transform, rho, votes })
}

impl Votes {
    /// The score of each pair of classes: (0, 1), (0, 2), …, (1, 2), ….
    fn scores(&self, alike: &[f32], rho: &[f32], scores: &mut Vec<f32>) {
        let (classes, vectors) = (self.starts.len() - 1, alike.len());
        scores.clear();
        for one in 0..classes {
            for other in one + 1..classes {
                let part = |row: usize, class: usize| -> f64 {
                    let range = self.starts[class]..self.starts[class + 1];
                    let weights = &self.coefficients[row * vectors..][range.clone()];
                    weights.iter().zip(&alike[range]).map(|(a, b)| f64::from(a * b)).sum()
                };
                let sum = part(other - 1, one) + part(one, other) + f64::from(rho[scores.len()]);
                scores.push(sum as f32);
            }
        }
    }
}

impl Classifier {
    fn width(&self) -> usize {
        let classes = self.labels.len();
        match &self.votes {
            Some(Votes { sigmoids: None, .. }) if classes > 2 => classes * (classes - 1) / 2,
            _ => classes,
        }
    }

    /// Scores of one row in its final form, and the winner.
    fn finish(&self, alike: &[f32], pairs: &mut Vec<f32>, out: &mut Vec<f32>) -> usize {
        let classes = self.labels.len();
        let start = out.len();
        let Some(votes) = &self.votes else {
            let rho = |class: usize| if self.rho.len() == 1 { self.rho[0] } else { self.rho[class] };
            out.extend(alike.iter().enumerate().map(|(class, score)| score + rho(class)));
            let winner = largest(&out[start..]);
            self.transform.apply(&mut out[start..]);
            return winner;
        };
        votes.scores(alike, &self.rho, pairs);
        let mut count = vec![0_u32; classes];
        let mut index = 0;
        for one in 0..classes {
            for other in one + 1..classes {
                count[if pairs[index] > 0.0 { one } else { other }] += 1;
                index += 1;
            }
        }
        let mut winner = 0;
        for class in 1..classes {
            if count[class] > count[winner] {
                winner = class;
            }
        }
        match &votes.sigmoids {
            Some(sigmoids) => {
                let likely = |(score, (a, b)): (&f32, &(f32, f32))| 1.0 - logistic(score * a + b);
                let pairwise: Vec<f32> = pairs.iter().zip(sigmoids).map(likely).collect();
                coupled(classes, &pairwise, out);
                // With probabilities, the class is still the voters'.
                self.transform.apply(&mut out[start..]);
            }
            None if classes == 2 => out.extend(match self.transform {
                Transform::None => Pair::Opposite.of(pairs[0], Transform::None),
                Transform::Logistic => Pair::Opposite.of(pairs[0], Transform::Logistic),
                Transform::Probit => Pair::Complement.of(probit(pairs[0]), Transform::None),
                Transform::Softmax | Transform::SoftmaxZero => Pair::Complement.of(pairs[0], Transform::None),
            }),
            None => {
                out.extend_from_slice(pairs);
                self.transform.apply(&mut out[start..]);
            }
        }
        winner
    }
}

/// Probabilities of the classes from those of each pair, by the second method of Wu, Lin and Weng (2004), "Probability estimates for
/// multi-class classification by pairwise coupling", with libsvm's bounds.
fn coupled(classes: usize, pairwise: &[f32], out: &mut Vec<f32>) {
    let mut r = vec![0.0_f32; classes * classes];
    let mut pairs = pairwise.iter();
    for one in 0..classes {
        for other in one + 1..classes {
            let likely = pairs.next().copied().unwrap_or(0.5).clamp(1e-7, 1.0 - 1e-7);
            r[one * classes + other] = likely;
            r[other * classes + one] = 1.0 - likely;
        }
    }
    let mut q = vec![0.0_f32; classes * classes];
    for i in 0..classes {
        for j in (0..classes).filter(|j| *j != i) {
            q[i * classes + i] += r[j * classes + i] * r[j * classes + i];
            q[i * classes + j] = -r[j * classes + i] * r[i * classes + j];
        }
    }
    let mut p = vec![1.0 / classes as f32; classes];
    let mut qp = vec![0.0_f32; classes];
    for _ in 0..100 {
        for i in 0..classes {
            qp[i] = (0..classes).map(|j| q[i * classes + j] * p[j]).sum();
        }
        let mut pqp: f32 = p.iter().zip(&qp).map(|(p, qp)| p * qp).sum();
        if qp.iter().all(|qp| (qp - pqp).abs() < 0.005 / classes as f32) {
            break;
        }
        for i in 0..classes {
            let diff = (pqp - qp[i]) / q[i * classes + i];
            p[i] += diff;
            pqp = (pqp + diff * (diff * q[i * classes + i] + 2.0 * qp[i])) / (1.0 + diff) / (1.0 + diff);
            for j in 0..classes {
                qp[j] = (qp[j] + diff * q[i * classes + j]) / (1.0 + diff);
                p[j] /= 1.0 + diff;
            }
        }
    }
    out.append(&mut p);
}

impl Kernel for Classifier {
    fn name(&self) -> &'static str {
        "SVMClassifier"
    }

    fn count(&self) -> usize {
        2
    }

    fn forms(&self, inputs: &[Form]) -> TractResult<TVec<Form>> {
        let rows = self.supports.check(inputs)?;
        let labels = (self.labels.datum_type(), tvec!(rows.clone()));
        Ok(tvec!(labels, (DatumType::F32, tvec!(rows, self.width().to_dim()))))
    }

    fn run(&self, inputs: &[&Tensor]) -> TractResult<TVec<Tensor>> {
        let (mut winners, mut scores, mut pairs) = (Vec::new(), Vec::new(), Vec::new());
        self.supports.each_row(inputs[0], |alike| winners.push(self.finish(alike, &mut pairs, &mut scores)))?;
        Ok(tvec!(self.labels.chosen(&winners)?, shaped(&[winners.len(), self.width()], scores)?))
    }
}

#[derive(Debug)]
struct Regressor {
    supports: Supports,
    /// One a support vector; empty for a linear model, whose only vector is the coefficients.
    coefficients: Vec<f32>,
    rho: f32,
    one_class: bool,
}

fn regressor(_: &Context, node: &NodeProto) -> Built {
    let coefficients = floats(node, "coefficients")?;
    let rho = floats(node, "rho")?.first().copied().context("rho is missing")?;
    let one_class = node.get_attr_opt::<i64>("one_class")?.unwrap_or(0) != 0;
    let count = node.get_attr_opt::<usize>("n_supports")?.unwrap_or(0);
    if count == 0 {
        let supports = Supports::new(Likeness::Linear, coefficients, 1)?;
        return built(Regressor { supports, coefficients: Vec::new(), rho, one_class });
    }
    ensure!(coefficients.len() == count, "{} coefficients for {count} vectors", coefficients.len());
    let supports = Supports::new(Likeness::of(node)?, floats(node, "support_vectors")?, count)?;
    built(Regressor { supports, coefficients, rho, one_class })
}

impl Kernel for Regressor {
    fn name(&self) -> &'static str {
        "SVMRegressor"
    }

    fn forms(&self, inputs: &[Form]) -> TractResult<TVec<Form>> {
        Ok(tvec!((DatumType::F32, tvec!(self.supports.check(inputs)?, 1.to_dim()))))
    }

    fn run(&self, inputs: &[&Tensor]) -> TractResult<TVec<Tensor>> {
        let mut scores = Vec::new();
        let rows = self.supports.each_row(inputs[0], |alike| {
            let sum = if self.coefficients.is_empty() { alike[0] } else { dot(alike, &self.coefficients) };
            let score = sum + self.rho;
            scores.push(match self.one_class {
                true if score > 0.0 => 1.0,
                true => -1.0,
                false => score,
            });
        })?;
        Ok(tvec!(shaped(&[rows, 1], scores)?))
    }
}
