//! Dates in RFC 3339, without a clock: what depends on the present would make the output differ each time.

use windlass_schemas::value::{Number, ValueKind};

use super::super::operate::Outcome;
use super::{Call, Function, function};

pub(super) const FUNCTIONS: &[Function] = &[
    function(
        "formatdate",
        &["format", "date"],
        "The date in a format of `YYYY`, `MM`, `DD`, `hh`, `mm`, `ss`, `ZZZ` and the like; text stands in single quotes.",
        format_date,
    ),
    function("timeadd", &["date", "duration"], "The date later by a duration such as `\"1h30m\"` or `\"-10s\"`.", add),
    function("timecmp", &["date", "other"], "-1, 0 or 1, as the first date is earlier, the same or later.", |c| {
        let (a, b) = (Date::read(c, 0)?.instant(), Date::read(c, 1)?.instant());
        Ok(ValueKind::Number(Number::Int(a.cmp(&b) as i64)))
    }),
];

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const NANOS: i128 = 1_000_000_000;

/// A date with the time of the day, as it is read off a clock at its place.
struct Date {
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
    nanos: i64,
    /// Minutes ahead of UTC.
    offset: i64,
}

impl Date {
    /// `2006-01-02T15:04:05Z`, with a fraction or an offset or without.
    fn read(call: &Call, at: usize) -> Outcome<Date> {
        let text = call.text(at)?;
        Date::parse(&text).ok_or_else(|| {
            let message = format!("the string {text:?} is no date");
            Box::new(call.wrong(at, message).help("a date is written as in `\"2026-11-24T15:04:05Z\"` (RFC 3339)"))
        })
    }

    fn parse(text: &str) -> Option<Date> {
        let number = |range: std::ops::Range<usize>| {
            let digits = text.get(range)?;
            digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse::<i64>().ok())?
        };
        let sign = |at: usize, wanted: &str| (text.get(at..at + 1)? == wanted).then_some(());
        let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
        let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
        sign(4, "-")?;
        sign(7, "-")?;
        sign(10, "T")?;
        sign(13, ":")?;
        sign(16, ":")?;
        let mut rest = text.get(19..)?;
        let mut nanos = 0;
        if let Some(fraction) = rest.strip_prefix('.') {
            let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
            let kept = fraction.get(..digits.min(9))?;
            nanos = format!("{kept:0<9}").parse().ok().filter(|_| digits > 0)?;
            rest = fraction.get(digits..)?;
        }
        let offset = match rest {
            "Z" => 0,
            _ => {
                let at = text.len() - rest.len();
                let minutes = number(at + 1..at + 3)? * 60 + number(at + 4..at + 6)?;
                sign(at + 3, ":")?;
                let ahead = match rest.get(..1)? {
                    "+" => minutes,
                    "-" => -minutes,
                    _ => return None,
                };
                (rest.len() == 6).then_some(ahead)?
            }
        };
        let valid = (1..=12).contains(&month)
            && (1..=days_in(year, month)).contains(&day)
            && hour < 24
            && minute < 60
            && second < 60
            && offset.abs() < 24 * 60;
        valid.then_some(Date { year, month, day, hour, minute, second, nanos, offset })
    }

    /// Nanoseconds since the start of 1970 in UTC.
    fn instant(&self) -> i128 {
        let minutes = (days_before(self.year, self.month, self.day) * 24 + self.hour) * 60 + self.minute - self.offset;
        i128::from(minutes * 60 + self.second) * NANOS + i128::from(self.nanos)
    }

    /// The date at an instant, at this one's place.
    fn at(&self, instant: i128) -> Option<Date> {
        let local = instant + i128::from(self.offset) * 60 * NANOS;
        let seconds = i64::try_from(local.div_euclid(NANOS)).ok()?;
        let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let (year, month, day) = day_of(days);
        (0..=9999).contains(&year).then_some(Date {
            year,
            month,
            day,
            hour: second / 3600,
            minute: second / 60 % 60,
            second: second % 60,
            nanos: 0,
            offset: self.offset,
        })
    }

    fn weekday(&self) -> &'static str {
        // The first day of 1970 was a Thursday.
        let day = (days_before(self.year, self.month, self.day) + 4).rem_euclid(7);
        DAYS.get(day as usize).copied().unwrap_or_default()
    }

    fn month_name(&self) -> &'static str {
        MONTHS.get(self.month as usize - 1).copied().unwrap_or_default()
    }

    fn zone(&self, colon: &str) -> String {
        let sign = if self.offset < 0 { '-' } else { '+' };
        format!("{sign}{:02}{colon}{:02}", self.offset.abs() / 60, self.offset.abs() % 60)
    }

    fn rfc3339(&self) -> String {
        let Date { year, month, day, hour, minute, second, .. } = self;
        let zone = if self.offset == 0 { "Z".to_owned() } else { self.zone(":") };
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{zone}")
    }
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days from the first of 1970 to a day of the Gregorian calendar, which goes around in 400 years of 146,097 days.
fn days_before(year: i64, month: i64, day: i64) -> i64 {
    // With the year beginning in March, the leap day is its last.
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The year, month and day that is `days` after the first of 1970.
fn day_of(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let march = (5 * of_year + 2) / 153;
    let month = if march < 10 { march + 3 } else { march - 9 };
    (era * 400 + year + i64::from(month <= 2), month, of_year - (153 * march + 2) / 5 + 1)
}

fn add(call: &Call) -> Outcome<ValueKind> {
    let date = Date::read(call, 0)?;
    let text = call.text(1)?;
    let duration = duration(&text).ok_or_else(|| {
        Box::new(
            call.wrong(1, format!("the string {text:?} is no duration"))
                .help("a duration is numbers with a unit `h`, `m`, `s`, `ms`, `us` or `ns`, as in `\"1h30m\"`"),
        )
    })?;
    match date.at(date.instant() + duration) {
        Some(later) => call.string(later.rfc3339()),
        None => Err(call.wrong(1, "the year of the result is not between 0 and 9999")),
    }
}

/// Nanoseconds.
fn duration(text: &str) -> Option<i128> {
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(0);
    }
    let mut total: i128 = 0;
    loop {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, behind) = rest.split_at_checked(end)?;
        let end = behind.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(behind.len());
        let (unit, behind) = behind.split_at_checked(end)?;
        let unit: i128 = match unit {
            "h" => 3600 * NANOS,
            "m" => 60 * NANOS,
            "s" => NANOS,
            "ms" => 1_000_000,
            "us" | "µs" | "μs" => 1000,
            "ns" => 1,
            _ => return None,
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let whole: i64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
        let kept: i128 = format!("{:0<12}", fraction.get(..fraction.len().min(12))?).parse().ok()?;
        total += i128::from(whole) * unit + kept * unit / 1_000_000_000_000;
        if behind.is_empty() {
            // What a 64-bit count of nanoseconds can hold: 292 years.
            return i64::try_from(total).ok().map(|total| i128::from(if negative { -total } else { total }));
        }
        rest = behind;
    }
}

fn format_date(call: &Call) -> Outcome<ValueKind> {
    let (format, date) = (call.text(0)?, Date::read(call, 1)?);
    let mut out = String::new();
    let mut rest = format.as_str();
    while let Some(c) = rest.chars().next() {
        // Two quotes stand for one, outside of quotes as inside.
        if let Some(behind) = rest.strip_prefix("''") {
            out.push('\'');
            rest = behind;
            continue;
        }
        if c == '\'' {
            rest = quoted(rest, &mut out).ok_or_else(|| call.wrong(0, "a single quote is not closed"))?;
            continue;
        }
        let same = rest.chars().take_while(|other| *other == c).count();
        let (run, behind) = rest.split_at_checked(same * c.len_utf8()).unwrap_or((rest, ""));
        match c.is_ascii_alphabetic() {
            false => out.push_str(run),
            true => match field(&date, run) {
                Some(text) => out.push_str(&text),
                None => {
                    let message = format!("`{run}` means nothing in a date");
                    return Err(Box::new(call.wrong(0, message).help(
                        "known are YYYY YY MMMM MMM MM M DD D EEEE EEE hh h HH H mm m ss s AA aa ZZZZZ ZZZZ ZZZ Z; text \
                         stands in single quotes",
                    )));
                }
            },
        }
        rest = behind;
    }
    call.string(out)
}

/// The text between single quotes, in which two of them stand for one; what is behind it.
fn quoted<'t>(text: &'t str, out: &mut String) -> Option<&'t str> {
    let mut rest = text.strip_prefix('\'')?;
    loop {
        let (part, behind) = rest.split_once('\'')?;
        out.push_str(part);
        match behind.strip_prefix('\'') {
            Some(behind) => {
                out.push('\'');
                rest = behind;
            }
            None => return Some(behind),
        }
    }
}

fn field(date: &Date, run: &str) -> Option<String> {
    let twelve = (date.hour + 11) % 12 + 1;
    Some(match run {
        "YYYY" => format!("{:04}", date.year),
        "YY" => format!("{:02}", date.year % 100),
        "MMMM" => date.month_name().to_owned(),
        "MMM" => date.month_name().get(..3)?.to_owned(),
        "MM" => format!("{:02}", date.month),
        "M" => date.month.to_string(),
        "DD" => format!("{:02}", date.day),
        "D" => date.day.to_string(),
        "EEEE" => date.weekday().to_owned(),
        "EEE" => date.weekday().get(..3)?.to_owned(),
        "hh" => format!("{:02}", date.hour),
        "h" => date.hour.to_string(),
        "HH" => format!("{twelve:02}"),
        "H" => twelve.to_string(),
        "mm" => format!("{:02}", date.minute),
        "m" => date.minute.to_string(),
        "ss" => format!("{:02}", date.second),
        "s" => date.second.to_string(),
        "AA" => if date.hour < 12 { "AM" } else { "PM" }.to_owned(),
        "aa" => if date.hour < 12 { "am" } else { "pm" }.to_owned(),
        "ZZZZZ" => date.zone(":"),
        "ZZZZ" => date.zone(""),
        "ZZZ" if date.offset == 0 => "UTC".to_owned(),
        "ZZZ" => date.zone(""),
        "Z" if date.offset == 0 => "Z".to_owned(),
        "Z" => date.zone(":"),
        _ => return None,
    })
}
