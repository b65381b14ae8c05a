//! `windlass explain`: the page of a code.

use windlass_schemas::codes::CODES;
use windlass_schemas::suggest::did_you_mean;

use super::report::print;

/// Prints the page of a code, or all codes. `None` when there is no such code.
pub fn run(code: Option<&str>) -> Option<()> {
    let Some(wanted) = code else {
        print(&CODES.iter().map(|code| format!("{}\n", code.name)).collect::<String>());
        return Some(());
    };
    match CODES.iter().find(|code| code.name == wanted) {
        Some(code) => {
            print(code.page);
            Some(())
        }
        None => {
            let help = did_you_mean(wanted, CODES.iter().map(|code| code.name))
                .unwrap_or_else(|| "`windlass explain` lists all codes".to_owned());
            eprintln!("there is no code `{wanted}`; {help}");
            None
        }
    }
}
