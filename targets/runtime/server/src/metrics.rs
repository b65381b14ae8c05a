//! What was predicted and what is true -> one number that says how good the predictions are.

use std::collections::BTreeMap;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    Accuracy,
    Auc,
    F1,
    Rmse,
    Mae,
}

impl Metric {
    pub const ALL: [Metric; 5] = [Metric::Accuracy, Metric::Auc, Metric::F1, Metric::Rmse, Metric::Mae];

    pub fn name(self) -> &'static str {
        match self {
            Metric::Accuracy => "accuracy",
            Metric::Auc => "auc",
            Metric::F1 => "f1",
            Metric::Rmse => "rmse",
            Metric::Mae => "mae",
        }
    }

    /// The number for equally many predictions and labels, of which there is one at least.
    pub fn of(self, predicted: &[f64], labels: &[f64]) -> Result<f64, String> {
        let pairs = || predicted.iter().zip(labels);
        let mean = |sum: f64| sum / labels.len() as f64;
        match self {
            Metric::Accuracy => Ok(mean(pairs().filter(|(p, l)| p == l).count() as f64)),
            Metric::F1 => Ok(f1(predicted, labels)),
            Metric::Auc => auc(predicted, labels),
            Metric::Rmse => Ok(mean(pairs().map(|(p, l)| (p - l) * (p - l)).sum()).sqrt()),
            Metric::Mae => Ok(mean(pairs().map(|(p, l)| (p - l).abs()).sum())),
        }
    }
}

/// Of two classes 0 and 1, that of class 1; else the unweighted mean over the classes that were predicted or are true.
fn f1(predicted: &[f64], labels: &[f64]) -> f64 {
    /// How often a class was predicted and true, predicted, true.
    #[derive(Default)]
    struct Count(f64, f64, f64);
    let mut counts: BTreeMap<u64, Count> = BTreeMap::new();
    // Labels are finite, and adding 0 makes one of the two zeros.
    let class = |number: &f64| (number + 0.0).to_bits();
    for (p, l) in predicted.iter().zip(labels) {
        counts.entry(class(p)).or_default().1 += 1.0;
        counts.entry(class(l)).or_default().2 += 1.0;
        if p == l {
            counts.entry(class(p)).or_default().0 += 1.0;
        }
    }
    let score = |count: &Count| 2.0 * count.0 / (count.1 + count.2);
    let (zero, one) = (0.0_f64.to_bits(), 1.0_f64.to_bits());
    if counts.keys().all(|class| [zero, one].contains(class)) {
        return counts.get(&one).map_or(0.0, score);
    }
    counts.values().map(score).sum::<f64>() / counts.len() as f64
}

/// The chance that a row of class 1 scores higher than one of class 0; ties count half (Mann and Whitney's U).
fn auc(scores: &[f64], labels: &[f64]) -> Result<f64, String> {
    if let Some(other) = labels.iter().find(|label| **label != 0.0 && **label != 1.0) {
        return Err(format!("`auc` takes the labels 0 and 1, and one is {other}"));
    }
    let mut rows: Vec<(f64, bool)> = scores.iter().zip(labels).map(|(score, label)| (*score, *label == 1.0)).collect();
    let positives = rows.iter().filter(|(_, positive)| *positive).count() as f64;
    let negatives = rows.len() as f64 - positives;
    if positives == 0.0 || negatives == 0.0 {
        return Err("`auc` needs rows of both classes, and all labels are the same".to_owned());
    }
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut wins, mut below) = (0.0, 0.0);
    for tied in rows.chunk_by(|a, b| a.0 == b.0) {
        let ones = tied.iter().filter(|(_, positive)| *positive).count() as f64;
        let zeros = tied.len() as f64 - ones;
        wins += ones * (below + zeros / 2.0);
        below += zeros;
    }
    Ok(wins / (positives * negatives))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(metric: Metric, predicted: &[f64], labels: &[f64], expected: f64) {
        let got = metric.of(predicted, labels).unwrap();
        assert!((got - expected).abs() < 1e-12, "{metric:?} is {got}, not {expected}");
    }

    /// The values are those of scikit-learn.
    #[test]
    fn numbers_are_those_of_others() {
        near(Metric::Accuracy, &[1.0, 0.0, 1.0, 1.0], &[1.0, 0.0, 0.0, 1.0], 0.75);
        near(Metric::F1, &[1.0, 0.0, 1.0, 1.0], &[1.0, 0.0, 0.0, 1.0], 0.8);
        near(Metric::F1, &[0.0, 0.0], &[0.0, 0.0], 0.0);
        near(Metric::F1, &[0.0, 2.0, 1.0, 0.0, 0.0, 1.0], &[0.0, 1.0, 2.0, 0.0, 1.0, 2.0], 0.266_666_666_666_666_66);
        near(Metric::Auc, &[0.1, 0.4, 0.35, 0.8], &[0.0, 0.0, 1.0, 1.0], 0.75);
        near(Metric::Auc, &[0.5, 0.5, 0.5, 0.9], &[0.0, 1.0, 0.0, 1.0], 0.75);
        near(Metric::Auc, &[0.5; 4], &[0.0, 1.0, 0.0, 1.0], 0.5);
        near(Metric::Rmse, &[2.5, 0.0, 2.0, 8.0], &[3.0, -0.5, 2.0, 7.0], 0.612_372_435_695_794_5);
        near(Metric::Mae, &[2.5, 0.0, 2.0, 8.0], &[3.0, -0.5, 2.0, 7.0], 0.5);
    }

    #[test]
    fn auc_needs_two_classes() {
        assert!(Metric::Auc.of(&[0.5, 0.6], &[1.0, 1.0]).unwrap_err().contains("both classes"));
        assert!(Metric::Auc.of(&[0.5, 0.6], &[1.0, 2.0]).unwrap_err().contains("one is 2"));
    }
}
