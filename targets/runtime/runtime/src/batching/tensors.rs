//! Tensors of several requests -> those of one run, and its outputs -> those of each request. The first dimension counts rows.

use tract_onnx::prelude::{DatumType, IntoTValue, TValue, TVec, Tensor, TractResult};

use crate::plan::guarded;

/// All rows one below the other, and the last one repeated until there are `fill` of them.
pub fn joined(requests: &[&TVec<TValue>], fill: Option<usize>) -> Result<TVec<TValue>, String> {
    let inputs = requests.first().map_or(0, |first| first.len());
    let join = |input: usize| -> TractResult<TValue> {
        let mut parts: Vec<&Tensor> =
            requests.iter().filter_map(|request| request.get(input)).map(|part| &**part).collect();
        let rows: usize = parts.iter().map(|part| part.shape()[0]).sum();
        let missing = fill.map_or(0, |fill| fill.saturating_sub(rows));
        let last = match parts.last() {
            Some(last) if missing > 0 => Some(last.slice(0, last.shape()[0] - 1, last.shape()[0])?),
            _ => None,
        };
        parts.extend(std::iter::repeat_n(last.as_ref(), missing).flatten());
        Ok(Tensor::stack_tensors(0, &parts)?.into_tvalue())
    };
    guarded(|| (0..inputs).map(join).collect())
}

/// Some rows of all tensors.
pub fn part(tensors: &TVec<TValue>, from: usize, rows: usize) -> Result<TVec<TValue>, String> {
    let part = |tensor: &TValue| -> TractResult<TValue> { Ok(tensor.slice(0, from, from + rows)?.into_tvalue()) };
    guarded(|| tensors.iter().map(part).collect())
}

/// Floats that are larger from row to row, up to eight times.
pub fn graded(tensors: &TVec<TValue>) -> TractResult<TVec<TValue>> {
    let grade = |tensor: &TValue| -> TractResult<TValue> {
        let kind = tensor.datum_type();
        if !matches!(kind, DatumType::F16 | DatumType::F32 | DatumType::F64) {
            return Ok(tensor.clone());
        }
        let rows = tensor.shape()[0];
        let row = |at: usize| -> TractResult<Tensor> {
            let mut row = tensor.slice(0, at, at + 1)?.cast_to::<f32>()?.into_owned();
            let factor = 1.0 + (at % 8) as f32;
            row.try_as_plain_ram_mut()?.as_slice_mut::<f32>()?.iter_mut().for_each(|number| *number *= factor);
            Ok(row)
        };
        let rows = (0..rows).map(row).collect::<TractResult<Vec<Tensor>>>()?;
        Ok(Tensor::stack_tensors(0, &rows)?.cast_to_dt(kind)?.into_owned().into_tvalue())
    };
    tensors.iter().map(grade).collect()
}

#[cfg(test)]
mod tests {
    use tract_onnx::prelude::tract_ndarray::{Array2, arr2};

    use super::*;

    fn request(numbers: Array2<f32>) -> TVec<TValue> {
        let labels = Tensor::from(tract_onnx::prelude::tract_ndarray::Array1::from_iter(0..numbers.nrows() as i64));
        [Tensor::from(numbers).into_tvalue(), labels.into_tvalue()].into_iter().collect()
    }

    #[test]
    fn what_is_joined_comes_apart_again() {
        let requests = [request(arr2(&[[1.0, 2.0]])), request(arr2(&[[3.0, 4.0], [5.0, 6.0]]))];
        let joined = joined(&requests.iter().collect::<Vec<_>>(), None).unwrap();
        assert_eq!(*joined[0], Tensor::from(arr2(&[[1.0_f32, 2.0], [3.0, 4.0], [5.0, 6.0]])));
        assert_eq!(part(&joined, 0, 1).unwrap(), requests[0]);
        assert_eq!(part(&joined, 1, 2).unwrap(), requests[1]);
        assert!(part(&joined, 2, 2).is_err());
    }

    #[test]
    fn what_is_missing_is_the_last_row() {
        let requests = [request(arr2(&[[1.0, 2.0], [3.0, 4.0]]))];
        let joined = joined(&[&requests[0]], Some(4)).unwrap();
        assert_eq!(*joined[0], Tensor::from(arr2(&[[1.0_f32, 2.0], [3.0, 4.0], [3.0, 4.0], [3.0, 4.0]])));
        assert_eq!(joined[1].shape(), [4]);
    }

    #[test]
    fn graded_rows_grow() {
        let graded = graded(&request(arr2(&[[1.0, -1.0], [1.0, -1.0]]))).unwrap();
        assert_eq!(*graded[0], Tensor::from(arr2(&[[1.0_f32, -1.0], [2.0, -2.0]])));
        assert_eq!(graded[1].shape(), [2]);
    }
}
