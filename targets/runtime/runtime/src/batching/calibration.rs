//! A loaded model -> how requests share a run of it, or why they do not: measured before the model is served.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tract_onnx::prelude::{TValue, TVec};

use super::{Mode, Wish};
use crate::model::{Engine, Shapes, close, sample};
use crate::plan::{Plan, guarded};

/// A shorter run is over before another thread has it.
pub const SHORTEST: Duration = Duration::from_micros(100);
/// What it costs a request to share a run: two threads tell each other, and tensors are joined and split.
const HAND_OVER: Duration = Duration::from_micros(20);
/// So many times more requests must be done in the same time.
const PAYS: f64 = 1.15;
/// Of two sizes that gain the same, but for so much, the smaller one keeps requests waiting less.
const SAME: f64 = 1.03;
/// A plan for just so many rows is a copy of the weights more; it must gain so much over one for any number.
const WORTH_A_PLAN: f64 = 1.1;
/// For all of the measurements, and for one.
const BUDGET: Duration = Duration::from_secs(1);
const EACH: Duration = Duration::from_millis(60);
/// Size of free dimensions other than the batch, where a model has some.
const OTHER_FREE: usize = 64;

/// How several requests run at once.
pub struct Together {
    pub plan: Arc<Plan>,
    /// Of one run, at most.
    pub rows: usize,
    /// The plan is for just so many rows of these shapes: fewer are filled up.
    pub only: Option<Shapes>,
    /// What a run of one row takes without all this.
    pub one: Duration,
    /// Rows of a run, growing, and what it takes.
    pub times: Vec<(usize, Duration)>,
}

impl Together {
    /// About how long a run of so many rows takes.
    pub fn time(&self, rows: usize) -> Duration {
        if self.only.is_some() {
            return self.times.last().map_or(self.one, |(_, time)| *time);
        }
        let mut before = (1, self.one);
        for (size, time) in &self.times {
            if rows <= *size {
                let part = (rows.saturating_sub(before.0)) as f64 / (size - before.0).max(1) as f64;
                return before.1 + time.saturating_sub(before.1).mul_f64(part);
            }
            before = (*size, *time);
        }
        before.1.mul_f64(rows as f64 / before.0 as f64)
    }

    /// How many times more rows are done than one by one.
    pub fn gain(&self) -> f64 {
        self.one.as_secs_f64() * self.rows as f64 / self.time(self.rows).as_secs_f64().max(1e-9)
    }

    /// What a run costs beside its rows, and so what is lost when one more is made.
    pub fn cost_of_a_run(&self) -> Duration {
        let (rows, all) = (self.rows as u32, self.time(self.rows));
        (self.one * rows).saturating_sub(all) / (rows - 1).max(1)
    }
}

/// Measures. The error says why requests of this model do not share runs.
pub fn calibrate(engine: &Engine, wish: &Wish) -> Result<Together, String> {
    if wish.mode == Mode::Off || wish.rows < 2 {
        return Err("off".to_owned());
    }
    let declared = engine.declared();
    if let Some(tensor) = declared.inputs.iter().chain(declared.outputs).find(|t| t.shape.first() != Some(&-1)) {
        return Err(format!("off: the first dimension of `{}` is not variable", tensor.name));
    }
    let begun = Instant::now();
    let shapes = |rows: usize, other: usize| -> Shapes {
        let dim = |(axis, dim): (usize, &i64)| match usize::try_from(*dim) {
            Ok(fixed) => fixed,
            Err(_) if axis == 0 => rows,
            Err(_) => other,
        };
        declared.inputs.iter().map(|input| input.shape.iter().enumerate().map(dim).collect()).collect()
    };
    let runs = |other: &usize| {
        let plan = engine.plan(&shapes(1, *other)).ok()?;
        let one = fastest(&plan, &rows(engine, &shapes(1, *other))).ok()?;
        Some((plan, one, *other))
    };
    let Some((alone, mut one, other)) = [OTHER_FREE, 1].iter().find_map(runs) else {
        return Err("off: the model does not run on the shapes that were tried".to_owned());
    };
    if one < SHORTEST && wish.mode == Mode::Auto {
        return Err(format!("off: a run takes only {one:.0?}"));
    }
    let sizes: Vec<usize> =
        (1..usize::BITS).map(|power| 1 << power).take_while(|size| *size < wish.rows).chain([wish.rows]).collect();
    let fits = |plan: &Plan, shapes: &Shapes| plan.working_set(shapes).is_none_or(|bytes| bytes <= engine.run_limit());
    let in_time = |size: usize, one: Duration| begun.elapsed() + one * (size as u32) < BUDGET;

    let mut any = Vec::new();
    let symbolic = engine.symbolic(&shapes(2, other));
    for size in sizes.iter().copied() {
        let shapes = shapes(size, other);
        let Some(plan) = symbolic.filter(|plan| fits(plan, &shapes)) else { break };
        // At least one size, however long it takes.
        if !any.is_empty() && !in_time(size, one) {
            break;
        }
        let Ok(time) = fastest(plan, &rows(engine, &shapes)) else { break };
        any.push((size, time));
    }
    let mut just = Vec::new();
    // Who always shares runs has no reason for small ones.
    let best = |times: &[(usize, Duration)]| match wish.mode {
        Mode::Always => times.last().copied(),
        _ => best(times),
    };
    let tried: Vec<usize> = best(&any).map_or(sizes, |(size, _)| vec![size]);
    for size in tried {
        let shapes = shapes(size, other);
        let is_first = just.is_empty() && any.is_empty();
        if !is_first && !in_time(size, one) {
            break;
        }
        let Ok(plan) = engine.build(&shapes) else { break };
        let Some(time) =
            Some(&plan).filter(|plan| fits(plan, &shapes)).and_then(|plan| fastest(plan, &rows(engine, &shapes)).ok())
        else {
            break;
        };
        just.push((size, time));
        // What gains nothing so far does not gain by more of the same.
        if size >= 4 && per_row((size, time)) > per_row((1, one)) && wish.mode == Mode::Auto {
            break;
        }
    }
    // The machine may have been busier at first.
    one = one.min(fastest(&alone, &rows(engine, &shapes(1, other))).unwrap_or(one));
    let pick = match (best(&any), best(&just)) {
        (Some(any), Some(just)) if per_row(any) > per_row(just) * WORTH_A_PLAN => Some((just, true)),
        (Some(any), _) => Some((any, false)),
        (None, Some(just)) => Some((just, true)),
        (None, None) => None,
    };
    let Some(((size, time), only)) = pick else {
        return Err("off: no plan for several rows runs in the memory that there is".to_owned());
    };
    let gain = one.as_secs_f64() / (per_row((size, time)) + HAND_OVER.as_secs_f64());
    if wish.mode == Mode::Auto && gain < PAYS {
        return Err(format!("off: {size} rows at once are {gain:.2} times as fast as one by one"));
    }
    let together = if only {
        let shapes = shapes(size, other);
        let plan = Arc::new(engine.build(&shapes)?);
        Together { plan, rows: size, only: Some(shapes), one, times: vec![(size, time)] }
    } else {
        let plan = symbolic.cloned().ok_or("off")?;
        Together { plan, rows: size, only: None, one, times: any.into_iter().filter(|(of, _)| *of <= size).collect() }
    };
    if !keeps_rows_apart(engine, &alone, &together, &shapes(size, other)) {
        return Err("off: rows do not come out of a run together as they do alone".to_owned());
    }
    Ok(together)
}

fn per_row((rows, time): (usize, Duration)) -> f64 {
    time.as_secs_f64() / rows as f64
}

/// The smallest of the sizes that gain most.
fn best(times: &[(usize, Duration)]) -> Option<(usize, Duration)> {
    let least = times.iter().copied().map(per_row).min_by(f64::total_cmp)?;
    times.iter().copied().find(|time| per_row(*time) <= least * SAME)
}

/// The shortest of some runs: what else the machine does only makes them longer.
fn fastest(plan: &Plan, inputs: &TVec<TValue>) -> Result<Duration, String> {
    let (begun, mut shortest) = (Instant::now(), Duration::MAX);
    for _ in 0..8 {
        let start = Instant::now();
        plan.run(inputs.clone())?;
        shortest = shortest.min(start.elapsed());
        if begun.elapsed() > EACH {
            break;
        }
    }
    Ok(shortest)
}

/// Inputs whose rows differ.
fn rows(engine: &Engine, shapes: &Shapes) -> TVec<TValue> {
    sample(engine.declared(), shapes, 2)
}

/// Whether each row comes out of a run with others as it does alone, up to rounding. Rows are of different size, too, so that one which
/// is scaled by another, as in dynamic quantization, is seen.
fn keeps_rows_apart(engine: &Engine, alone: &Plan, together: &Together, shapes: &Shapes) -> bool {
    let verify = |below| {
        let inputs = guarded(|| super::tensors::graded(&sample(engine.declared(), shapes, below))).ok()?;
        let found = together.plan.run(inputs.clone()).ok()?;
        let begun = Instant::now();
        for row in 0..together.rows {
            let expected = alone.run(super::tensors::part(&inputs, row, 1).ok()?).ok()?;
            let found = super::tensors::part(&found, row, 1).ok()?;
            let same = expected.len() == found.len() && expected.iter().zip(&found).all(|(a, b)| close(a, b));
            // Three rows tell of all, where more would take long.
            if !same || (row >= 2 && begun.elapsed() > BUDGET / 4) {
                return Some(same);
            }
        }
        Some(true)
    };
    // An integer may be an index into a table of one.
    verify(2).or_else(|| verify(1)).unwrap_or(false)
}
