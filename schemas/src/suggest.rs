//! The nearest name: what the user may have meant.

/// The candidate nearest to `name`, if one is near enough to be meant.
///
/// Distance is optimal string alignment (insert, delete, replace, swap neighbours); at most a third of the longer
/// name may differ, one edit always may. Case and `-`/`_` don't count. Of equally near ones, the one that is as long as
/// `name` is nearer, then the one named first.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = fold(name);
    candidates
        .into_iter()
        .map(|candidate| (distance(&wanted, &fold(candidate)), candidate))
        .filter(|(d, candidate)| {
            let length = candidate.chars().count().max(wanted.len());
            *d < length && *d <= (length / 3).max(1)
        })
        .min_by_key(|(d, candidate)| (*d, candidate.chars().count().abs_diff(wanted.len())))
        .map(|(_, candidate)| candidate)
}

/// The words "did you mean …?" for the nearest candidate.
pub fn did_you_mean<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(name, candidates).map(|candidate| format!("did you mean `{candidate}`?"))
}

fn fold(name: &str) -> Vec<char> {
    name.chars().map(|c| if c == '-' { '_' } else { c.to_ascii_lowercase() }).collect()
}

fn distance(a: &[char], b: &[char]) -> usize {
    // Three rows of the alignment table suffice.
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let replace = above[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = replace.min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    use super::{did_you_mean, nearest};

    #[test]
    fn finds_the_nearest_name() {
        let names = ["memory", "max_size", "max_delay", "model"];
        assert_eq!(nearest("memroy", names), Some("memory"));
        assert_eq!(nearest("max-size", names), Some("max_size"));
        assert_eq!(nearest("mdoel", names), Some("model"));
        assert_eq!(nearest("replicas", names), None);
        assert_eq!(nearest("", names), None);
        assert_eq!(nearest("2", ["1"]), None, "nothing of it is left");
        assert_eq!(nearest("teasm", ["team", "teams"]), Some("teams"));
        assert_eq!(did_you_mean("modle", names).as_deref(), Some("did you mean `model`?"));
    }
}
