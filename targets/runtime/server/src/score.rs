//! A model, rows with labels, and metrics -> how good the model is on them.

use windlass_runtime::offline::{Array, Offline};
use windlass_runtime::{DataType, Model};

use crate::dataset::{Input, Table, assign};
use crate::metrics::Metric;

/// Rows of one inference, where the model leaves that open.
const BATCH: usize = 256;

/// A metric, its value, and the output that it was taken from.
pub struct Score {
    pub metric: Metric,
    pub value: f64,
    pub output: &'static str,
}

/// How predictions are read from an output.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Reading {
    /// The number itself.
    Number,
    /// 1 from one half up.
    Half,
    /// The number of the largest among so many columns.
    Largest(usize),
    /// The second of two columns.
    Second,
}

/// `label` is the name of a column, unless `labels` are given apart.
pub fn score(
    offline: &Offline,
    model: &'static Model,
    table: &Table,
    label: Option<&str>,
    labels: Option<Vec<f64>>,
    output: Option<&str>,
    metrics: &[Metric],
) -> Result<Vec<Score>, String> {
    let truth = match (labels, label) {
        (Some(labels), _) if labels.len() == table.rows() => labels,
        (Some(labels), _) => return Err(format!("there are {} labels for {} rows", labels.len(), table.rows())),
        (None, Some(label)) => {
            let at = table.columns.iter().position(|column| column == label);
            table.select(&[at.ok_or_else(|| format!("the data set has no column `{label}`"))?])
        }
        (None, None) => return Err("no labels are named".to_owned()),
    };
    let choices: Vec<(Metric, usize, Reading)> = metrics
        .iter()
        .map(|metric| choose(model, output, *metric).map(|(at, reading)| (*metric, at, reading)))
        .collect::<Result<_, String>>()?;
    let outputs = run(offline, model, table, label)?;
    let value = |(metric, at, reading): (Metric, usize, Reading)| {
        let name = model.outputs[at].name;
        let predicted = read(&outputs[at], reading);
        if predicted.len() != truth.len() {
            return Err(format!("output `{name}` has {} values for {} rows", predicted.len(), truth.len()));
        }
        if let Some(row) = predicted.iter().position(|number| !number.is_finite()) {
            return Err(format!("output `{name}` is {} in row {}", predicted[row], row + 1));
        }
        Ok(Score { metric, value: metric.of(&predicted, &truth)?, output: name })
    };
    choices.into_iter().map(value).collect()
}

/// The output that a metric is taken from, and how: the one that is asked for, or the first whose kind suits best.
fn choose(model: &Model, asked: Option<&str>, metric: Metric) -> Result<(usize, Reading), String> {
    let readings: Vec<Option<(u8, Reading)>> = model.outputs.iter().map(|output| reading(output, metric)).collect();
    if let Some(asked) = asked {
        let at = model.outputs.iter().position(|output| output.name == asked);
        let at = at.ok_or_else(|| format!("the model has no output `{asked}`"))?;
        let unfit = || {
            format!("`{}` can't be taken from output `{asked}` of shape {:?}", metric.name(), model.outputs[at].shape)
        };
        return readings[at].map(|(_, reading)| (at, reading)).ok_or_else(unfit);
    }
    let best =
        readings.iter().enumerate().filter_map(|(at, reading)| reading.map(|(rank, reading)| (rank, at, reading)));
    let best = best.min_by_key(|(rank, at, _)| (*rank, *at)).map(|(_, at, reading)| (at, reading));
    best.ok_or_else(|| format!("the model has no output that `{}` can be taken from", metric.name()))
}

/// How a metric reads an output, with how well it suits; the least is best.
fn reading(output: &windlass_runtime::Tensor, metric: Metric) -> Option<(u8, Reading)> {
    if output.datatype == DataType::Bytes {
        return None;
    }
    let float = matches!(output.datatype, DataType::Fp16 | DataType::Fp32 | DataType::Fp64);
    let width = match output.shape {
        [_] | [_, 1] => 1,
        [_, width] => usize::try_from(*width).ok()?,
        _ => return None,
    };
    match (metric, float, width) {
        (Metric::Accuracy | Metric::F1, false, 1) => Some((0, Reading::Number)),
        (Metric::Accuracy | Metric::F1, true, 2..) => Some((1, Reading::Largest(width))),
        (Metric::Accuracy | Metric::F1, true, 1) => Some((2, Reading::Half)),
        (Metric::Auc, true, 2) => Some((0, Reading::Second)),
        (Metric::Auc | Metric::Rmse | Metric::Mae, true, 1) => Some((1, Reading::Number)),
        (Metric::Rmse | Metric::Mae, false, 1) => Some((2, Reading::Number)),
        _ => None,
    }
}

fn read(numbers: &[f64], reading: Reading) -> Vec<f64> {
    match reading {
        Reading::Number => numbers.to_vec(),
        Reading::Half => {
            numbers.iter().map(|number| if number.is_nan() { *number } else { f64::from(*number >= 0.5) }).collect()
        }
        Reading::Second => numbers.chunks_exact(2).map(|row| row[1]).collect(),
        Reading::Largest(width) => numbers.chunks_exact(width).map(largest).collect(),
    }
}

fn largest(row: &[f64]) -> f64 {
    if row.iter().any(|number| number.is_nan()) {
        return f64::NAN;
    }
    // The first of equals, as numpy takes it.
    let best = row.iter().enumerate().fold(
        (0, f64::NEG_INFINITY),
        |best, (at, number)| {
            if *number > best.1 { (at, *number) } else { best }
        },
    );
    best.0 as f64
}

/// The numbers of every output over all rows.
fn run(offline: &Offline, model: &Model, table: &Table, label: Option<&str>) -> Result<Vec<Vec<f64>>, String> {
    let inputs: Vec<Input> = model.inputs.iter().map(|input| Input { name: input.name, shape: input.shape }).collect();
    let columns = assign(&table.columns, label, &inputs)?;
    let parts: Vec<(Vec<f64>, usize)> = columns.iter().map(|columns| (table.select(columns), columns.len())).collect();
    // A model may take a fixed number of rows; the last part is then filled up with its last row.
    let fixed = model.inputs.iter().filter_map(|input| usize::try_from(*input.shape.first()?).ok()).next();
    let (batch, rows) = (fixed.unwrap_or(BATCH).max(1), table.rows());
    let mut gathered: Vec<Vec<f64>> = vec![Vec::new(); model.outputs.len()];
    let mut begin = 0;
    while begin < rows {
        let real = batch.min(rows - begin);
        let size = fixed.unwrap_or(real);
        let arrays = model.inputs.iter().zip(&parts).map(|(input, (numbers, width))| {
            let mut taken = numbers[begin * width..(begin + real) * width].to_vec();
            for _ in real..size {
                taken.extend_from_within((real - 1) * width..real * width);
            }
            let shape = if input.shape.len() == 1 { vec![size] } else { vec![size, *width] };
            Array { shape, numbers: taken }
        });
        let outputs = offline.run(arrays.collect()).map_err(|why| format!("rows from {}: {why}", begin + 1))?;
        for (all, output) in gathered.iter_mut().zip(outputs) {
            let per_row = output.numbers.len() / size;
            all.extend(output.numbers.into_iter().take(per_row * real));
        }
        begin += real;
    }
    Ok(gathered)
}

#[cfg(test)]
mod tests {
    use super::*;
    use windlass_runtime::Tensor;

    const OUTPUTS: &[Tensor] = &[
        Tensor { name: "odd", datatype: DataType::Fp32, shape: &[-1, 3, 3] },
        Tensor { name: "probabilities", datatype: DataType::Fp32, shape: &[-1, 2] },
        Tensor { name: "label", datatype: DataType::Int64, shape: &[-1] },
        Tensor { name: "risk", datatype: DataType::Fp32, shape: &[-1, 1] },
    ];
    const MODEL: Model = Model { name: "m", versions: &[], shadow_sample: 0, inputs: &[], outputs: OUTPUTS };

    #[test]
    fn each_metric_has_its_output() {
        assert_eq!(choose(&MODEL, None, Metric::Accuracy), Ok((2, Reading::Number)));
        assert_eq!(choose(&MODEL, None, Metric::Auc), Ok((1, Reading::Second)));
        assert_eq!(choose(&MODEL, None, Metric::Rmse), Ok((3, Reading::Number)));
        assert_eq!(choose(&MODEL, Some("probabilities"), Metric::F1), Ok((1, Reading::Largest(2))));
        assert_eq!(choose(&MODEL, Some("risk"), Metric::Accuracy), Ok((3, Reading::Half)));
        assert!(choose(&MODEL, Some("label"), Metric::Auc).unwrap_err().contains("can't be taken from output `label`"));
        assert!(choose(&MODEL, Some("lable"), Metric::Auc).unwrap_err().contains("no output `lable`"));
    }

    #[test]
    fn predictions_are_read() {
        assert_eq!(read(&[0.1, 0.9, 0.5, 0.5], Reading::Largest(2)), [1.0, 0.0]);
        assert_eq!(read(&[0.1, 0.9, 0.6, 0.4], Reading::Second), [0.9, 0.4]);
        assert_eq!(read(&[0.49, 0.5], Reading::Half), [0.0, 1.0]);
        assert!(read(&[f64::NAN, 0.5], Reading::Largest(2))[0].is_nan());
    }
}
