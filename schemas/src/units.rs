//! Quantities with units, written as strings: durations, sizes, shares of a CPU, percentages.
//!
//! Each parses from the user's text with a message that says what would have been right; the caller adds the place.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

/// A length of time, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Duration(pub u64);

/// An amount of memory or data, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Bytes(pub u64);

/// A share of CPU time, in thousandths of a core.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Cpu(pub u64);

/// A percentage, in hundredths of a percent (7,000 is 70 %).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Percent(pub u64);

impl Duration {
    /// From seconds.
    pub const fn from_seconds(seconds: u64) -> Self {
        Duration(seconds * 1000)
    }

    /// Whole seconds, rounded up.
    pub const fn seconds_up(self) -> u64 {
        self.0.div_ceil(1000)
    }
}

impl Percent {
    /// Whole percents, rounded to the nearest.
    pub const fn whole(self) -> u64 {
        (self.0 + 50) / 100
    }
}

/// Splits `12.5Mi` into the digits, scaled by 10^`places`, and the unit; refuses anything that would lose digits, and a space
/// without which it would be a `T`.
fn quantity<T: FromStr>(text: &str, places: u32) -> Result<(u64, &str), String> {
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (digits, unit) = text.split_at(split);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() || digits.ends_with('.') || fraction.contains('.') {
        return Err(format!("`{text}` does not begin with a number"));
    }
    if fraction.len() > places as usize {
        return Err(format!("`{text}` has more than {places} digits after the point"));
    }
    let zeros = std::iter::repeat_n(b'0', places as usize - fraction.len());
    let scaled = whole.bytes().chain(fraction.bytes()).chain(zeros);
    let number = scaled.map(|digit| u64::from(digit - b'0')).try_fold(0, |number: u64, digit| {
        let shifted = number.checked_mul(10).and_then(|shifted| shifted.checked_add(digit));
        shifted.ok_or_else(|| format!("`{text}` is too large"))
    })?;
    if unit.contains(char::is_whitespace) {
        let together: String = text.split_whitespace().collect();
        if together.parse::<T>().is_ok() {
            return Err(format!("`{text}` has a space in it; write it together, as `{together}`"));
        }
    }
    Ok((number, unit.trim()))
}

/// Multiplies a quantity that was scaled by 1000 with its unit's factor.
fn scale(text: &str, thousandths: u64, factor: u64) -> Result<u64, String> {
    let product = u128::from(thousandths) * u128::from(factor);
    if product % 1000 != 0 {
        return Err(format!("`{text}` is not a whole number of the smallest unit"));
    }
    u64::try_from(product / 1000).map_err(|_| format!("`{text}` is too large"))
}

impl FromStr for Duration {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let (number, unit) = quantity::<Self>(text, 3)?;
        let factor = match unit {
            "ms" => 1,
            "s" => 1000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            "" => {
                let text = text.trim_end();
                return Err(format!("`{text}` has no unit; write `{text}s` for seconds, or use ms, m, h or d"));
            }
            _ => return Err(format!("`{unit}` is not a unit of time; use ms, s, m, h or d")),
        };
        scale(text, number, factor).map(Duration)
    }
}

/// The largest unit that divides it: `250ms`, `5m`, `1d`.
impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (factor, unit) in [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1000, "s")] {
            if self.0 > 0 && self.0.is_multiple_of(factor) {
                return write!(f, "{}{unit}", self.0 / factor);
            }
        }
        write!(f, "{}ms", self.0)
    }
}

const SIZES: [(&str, u64); 8] = [
    ("Ti", 1 << 40),
    ("Gi", 1 << 30),
    ("Mi", 1 << 20),
    ("Ki", 1 << 10),
    ("T", 1_000_000_000_000),
    ("G", 1_000_000_000),
    ("M", 1_000_000),
    ("k", 1000),
];

impl FromStr for Bytes {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let (number, unit) = quantity::<Self>(text, 3)?;
        match SIZES.iter().find(|(name, _)| *name == unit) {
            Some((_, factor)) => scale(text, number, *factor).map(Bytes),
            None if unit.is_empty() => {
                let text = text.trim_end();
                Err(format!("`{text}` has no unit; write `{text}Mi` for mebibytes, or use Ki, Gi, Ti, k, M, G or T"))
            }
            None => Err(format!("`{unit}` is not a unit of size; use Ki, Mi, Gi, Ti, k, M, G or T")),
        }
    }
}

/// As Kubernetes writes a quantity, in the largest unit that divides it: `512Mi`.
impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match SIZES.iter().find(|(_, factor)| self.0 > 0 && self.0.is_multiple_of(*factor)) {
            Some((unit, factor)) => write!(f, "{}{unit}", self.0 / factor),
            None => write!(f, "{}", self.0),
        }
    }
}

impl FromStr for Cpu {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let (number, unit) = quantity::<Self>(text, 3)?;
        match unit {
            "" => Ok(Cpu(number)),
            "m" => scale(text, number, 1).map(Cpu),
            _ => Err(format!("`{unit}` is not a unit of CPU; write `0.5` or `500m` for half a core")),
        }
    }
}

/// As Kubernetes writes it: `2` or `1500m`.
impl fmt::Display for Cpu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_multiple_of(1000) { write!(f, "{}", self.0 / 1000) } else { write!(f, "{}m", self.0) }
    }
}

impl FromStr for Percent {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let (number, unit) = quantity::<Self>(text, 2)?;
        match unit {
            "%" => Ok(Percent(number)),
            _ => Err(format!("`{text}` is not a percentage; write it with a percent sign, as in `70%`")),
        }
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 % 100 {
            0 => write!(f, "{}%", self.0 / 100),
            rest => write!(f, "{}.{}%", self.0 / 100, format!("{rest:02}").trim_end_matches('0')),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (text, ms, shown) in
            [("250ms", 250, "250ms"), ("1.5s", 1500, "1500ms"), ("5m", 300_000, "5m"), ("48h", 172_800_000, "2d")]
        {
            let duration: Duration = text.parse().expect(text);
            assert_eq!((duration, duration.to_string().as_str()), (Duration(ms), shown));
        }
        for text in ["", "5", "s", "5 s", "-5s", "1.0005s", "0.5ms", "1e3s", "5.s", "99999999999999999999d", "5min"] {
            assert!(text.parse::<Duration>().is_err(), "{text}");
        }
        let said = |text: &str| text.parse::<Duration>().expect_err(text);
        assert!(said("5 min").contains("`min` is not a unit of time"), "{}", said("5 min"));
        assert!(said("5 s").ends_with("write it together, as `5s`"), "{}", said("5 s"));
        assert!(said("5 ").contains("write `5s` for seconds"), "{}", said("5 "));
        assert_eq!(Duration(1).seconds_up(), 1);
        assert_eq!(Duration(0).to_string(), "0ms");
    }

    #[test]
    fn sizes_cpus_and_percents() {
        assert_eq!("512Mi".parse(), Ok(Bytes(512 << 20)));
        assert_eq!("1.5Gi".parse::<Bytes>().map(|b| b.to_string()).as_deref(), Ok("1536Mi"));
        assert!("512".parse::<Bytes>().is_err_and(|e| e.contains("`512Mi`")));
        assert!("512mb".parse::<Bytes>().is_err());
        assert_eq!("0.5".parse(), Ok(Cpu(500)));
        assert_eq!("1500m".parse::<Cpu>().map(|c| c.to_string()).as_deref(), Ok("1500m"));
        assert!("0.5m".parse::<Cpu>().is_err());
        assert_eq!("99.95%".parse::<Percent>().map(|p| p.to_string()).as_deref(), Ok("99.95%"));
        assert!("70".parse::<Percent>().is_err());
    }
}
