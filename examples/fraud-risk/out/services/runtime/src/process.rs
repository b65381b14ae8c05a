//! What the kernel says about this process, from `/proc/self`; `None` where there is no such folder or it says otherwise.

use std::fs::read_to_string;

/// Kernel ticks in a second, as user programs see them: 100 on every architecture that Rust has threads on.
const TICKS: f64 = 100.0;

/// Bytes of memory that the process holds.
pub fn resident_memory() -> Option<u64> {
    kibibytes(&read_to_string("/proc/self/status").ok()?, "VmRSS:")
}

/// One reading, for metrics.
#[derive(Debug, Default, PartialEq)]
pub struct Process {
    pub resident_bytes: Option<u64>,
    pub virtual_bytes: Option<u64>,
    pub threads: Option<u64>,
    /// Spent in the process and, for it, in the kernel.
    pub cpu_seconds: Option<f64>,
    pub open_files: Option<u64>,
    pub most_files: Option<u64>,
}

impl Process {
    pub fn read() -> Process {
        let text = |file: &str| read_to_string(format!("/proc/self/{file}")).unwrap_or_default();
        let (status, stat, limits) = (text("status"), text("stat"), text("limits"));
        Process {
            resident_bytes: kibibytes(&status, "VmRSS:"),
            virtual_bytes: kibibytes(&status, "VmSize:"),
            threads: field(&status, "Threads:").and_then(|text| text.parse().ok()),
            cpu_seconds: cpu_seconds(&stat),
            // The listing itself holds one open.
            open_files: std::fs::read_dir("/proc/self/fd").ok().map(|files| files.count().saturating_sub(1) as u64),
            most_files: field(&limits, "Max open files").and_then(|text| text.split_whitespace().next()?.parse().ok()),
        }
    }
}

fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim)
}

fn kibibytes(status: &str, name: &str) -> Option<u64> {
    let kibibytes: u64 = field(status, name)?.strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

/// Fields 14 and 15 of proc_pid_stat(5). The second field is the program's name in parentheses and may hold anything, so counting begins
/// behind its end.
fn cpu_seconds(stat: &str) -> Option<f64> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let (user, system): (f64, f64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some((user + system) / TICKS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_the_program_does_not_shift_the_fields() {
        let stat = "1 (a b) c 1 2) S 0 1 1 0 -1 4194560 1 2 3 4 250 50 0 0 20 0 9 0 100";
        assert_eq!(cpu_seconds(stat), Some(3.0));
        assert_eq!(cpu_seconds("1 (x"), None);
        assert_eq!(cpu_seconds(""), None);
    }

    #[test]
    fn this_process_can_be_read() {
        let process = Process::read();
        assert!(process.resident_bytes > Some(1 << 20) && process.virtual_bytes >= process.resident_bytes);
        assert!(process.threads >= Some(1) && process.open_files >= Some(3) && process.most_files > process.open_files);
        assert!(process.cpu_seconds.is_some());
    }
}
