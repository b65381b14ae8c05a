//! Samples -> text that Prometheus reads: its format 0.0.4, or OpenMetrics 1.0 for those who prefer it.
//!
//! The two differ in the names of counters' families, in units and exemplars, which only OpenMetrics has, and in its last line.

use std::fmt::Write as _;

use crate::compression::weight;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Text,
    OpenMetrics,
}

impl Format {
    /// OpenMetrics where the header `Accept` names it and likes it no less than plain text.
    pub fn accepted(header: Option<&str>) -> Format {
        let best = |name: &str| {
            let items = header.unwrap_or_default().split(',').filter_map(|item| {
                let (kind, parameters) = item.split_once(';').unwrap_or((item, ""));
                kind.trim().eq_ignore_ascii_case(name).then(|| weight(parameters))
            });
            items.fold(0.0_f32, f32::max)
        };
        let open = best("application/openmetrics-text");
        if open > 0.0 && open >= best("text/plain") { Format::OpenMetrics } else { Format::Text }
    }

    pub fn content_type(self) -> &'static str {
        match self {
            Format::Text => "text/plain; version=0.0.4; charset=utf-8",
            Format::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Its name ends in `_total`.
    Counter,
    Gauge,
    Histogram,
}

/// What one request of a histogram's bucket was, so that a reader gets from the graph to a trace.
#[derive(Clone, Debug)]
pub struct Exemplar {
    pub trace_id: String,
    pub value: f64,
    /// Seconds since the Unix epoch.
    pub at: f64,
}

/// Counts by bucket, not cumulated; the last one has no upper bound.
pub struct Buckets<'a> {
    pub bounds: &'a [f64],
    pub counts: Vec<u64>,
    pub exemplars: Vec<Option<Exemplar>>,
    pub sum: f64,
}

pub struct Exposition {
    out: String,
    format: Format,
}

impl Exposition {
    pub fn new(format: Format) -> Exposition {
        Exposition { out: String::with_capacity(16 * 1024), format }
    }

    /// Says what the samples that follow are. All samples of a family come together.
    pub fn family(&mut self, name: &str, kind: Kind, help: &str) {
        let family = match (self.format, kind) {
            (Format::OpenMetrics, Kind::Counter) => name.strip_suffix("_total").unwrap_or(name),
            _ => name,
        };
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        let _ = writeln!(self.out, "# HELP {family} {help}\n# TYPE {family} {kind}");
        if let (Format::OpenMetrics, Some(unit)) = (self.format, unit(family)) {
            let _ = writeln!(self.out, "# UNIT {family} {unit}");
        }
    }

    pub fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: f64) {
        self.head(name, labels, None);
        let value = if value.is_infinite() { "+Inf".to_owned() } else { value.to_string() };
        let _ = writeln!(self.out, " {value}");
    }

    pub fn histogram(&mut self, name: &str, labels: &[(&str, &str)], buckets: &Buckets) {
        let bucket = format!("{name}_bucket");
        let mut total = 0;
        for (number, count) in buckets.counts.iter().enumerate() {
            total += count;
            // `{:?}` writes whole numbers as OpenMetrics wants them, `1.0`.
            let bound = buckets.bounds.get(number).map_or("+Inf".to_owned(), |bound| format!("{bound:?}"));
            self.head(&bucket, labels, Some(&bound));
            let _ = write!(self.out, " {total}");
            if self.format == Format::OpenMetrics
                && let Some(Some(exemplar)) = buckets.exemplars.get(number)
            {
                let Exemplar { trace_id, value, at } = exemplar;
                let _ = write!(self.out, " # {{trace_id=\"{trace_id}\"}} {value} {at:.3}");
            }
            self.out.push('\n');
        }
        self.sample(&format!("{name}_sum"), labels, buckets.sum);
        self.sample(&format!("{name}_count"), labels, total as f64);
    }

    fn head(&mut self, name: &str, labels: &[(&str, &str)], bound: Option<&str>) {
        self.out.push_str(name);
        let labels = labels.iter().copied().chain(bound.map(|bound| ("le", bound)));
        for (number, (label, value)) in labels.enumerate() {
            let separator = if number == 0 { '{' } else { ',' };
            let _ = write!(self.out, "{separator}{label}=\"{}\"", escaped(value));
        }
        if !self.out.ends_with(name) {
            self.out.push('}');
        }
    }

    pub fn finish(mut self) -> String {
        if self.format == Format::OpenMetrics {
            self.out.push_str("# EOF\n");
        }
        self.out
    }
}

/// In OpenMetrics a family that has a unit ends in it.
fn unit(family: &str) -> Option<&'static str> {
    ["seconds", "bytes"].into_iter().find(|unit| family.strip_suffix(unit).is_some_and(|rest| rest.ends_with('_')))
}

/// A label's value: backslash, quote and newline are what the formats escape.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_is_what_the_caller_prefers() {
        let prometheus = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";
        for (accept, format) in [
            (None, Format::Text),
            (Some("*/*"), Format::Text),
            (Some(prometheus), Format::OpenMetrics),
            (Some("application/openmetrics-text"), Format::OpenMetrics),
            (Some("text/plain, application/openmetrics-text;q=0.5"), Format::Text),
            (Some("application/openmetrics-text; q=0"), Format::Text),
        ] {
            assert_eq!(Format::accepted(accept), format, "{accept:?}");
        }
    }

    #[test]
    fn the_formats_differ_where_they_must() {
        let written = |format| {
            let mut out = Exposition::new(format);
            out.family("a_seconds_total", Kind::Counter, "A.");
            out.sample("a_seconds_total", &[("name", "x\"\\\ny")], 1.0);
            out.family("b_seconds", Kind::Histogram, "B.");
            let exemplar = Exemplar { trace_id: "00ff".into(), value: 0.7, at: 2.0 };
            let buckets = Buckets { bounds: &[1.0], counts: vec![2, 1], exemplars: vec![Some(exemplar)], sum: 3.5 };
            out.histogram("b_seconds", &[], &buckets);
            out.finish()
        };
        assert_eq!(
            written(Format::Text),
            "# HELP a_seconds_total A.\n# TYPE a_seconds_total counter\na_seconds_total{name=\"x\\\"\\\\\\ny\"} 1\n\
             # HELP b_seconds B.\n# TYPE b_seconds histogram\nb_seconds_bucket{le=\"1.0\"} 2\nb_seconds_bucket{le=\"+Inf\"} 3\n\
             b_seconds_sum 3.5\nb_seconds_count 3\n"
        );
        assert_eq!(
            written(Format::OpenMetrics),
            "# HELP a_seconds A.\n# TYPE a_seconds counter\n# UNIT a_seconds seconds\na_seconds_total{name=\"x\\\"\\\\\\ny\"} 1\n\
             # HELP b_seconds B.\n# TYPE b_seconds histogram\n# UNIT b_seconds seconds\n\
             b_seconds_bucket{le=\"1.0\"} 2 # {trace_id=\"00ff\"} 0.7 2.000\nb_seconds_bucket{le=\"+Inf\"} 3\n\
             b_seconds_sum 3.5\nb_seconds_count 3\n# EOF\n"
        );
    }
}
