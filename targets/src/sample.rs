//! What a plan with every construct becomes, kept in `tests/conformance/samples/everything` for the programs that others wrote.

use std::path::Path;

use windlass_schemas::artifact::{Artifacts, Content};

use crate::Target;
use crate::cloudformation::CloudFormation;
use crate::cloudwatch::CloudWatch;
use crate::fixture as f;
use crate::kubernetes::Kubernetes;
use crate::stepfunctions::StepFunctions;

#[test]
#[allow(clippy::disallowed_methods, reason = "a test reads, and with BLESS writes, what it expects")]
fn the_sample_is_what_is_emitted() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/conformance/samples/everything");
    let bless = std::env::var("BLESS").is_ok();
    let targets: [&dyn Target; 4] = [&Kubernetes, &StepFunctions, &CloudWatch, &CloudFormation];
    let mut out = Artifacts::default();
    for target in targets {
        target.emit(&f::everything(), &mut out);
    }
    for (path, artifact) in out.iter() {
        let Content::Text(text) = &artifact.content else { continue };
        let file = folder.join(path);
        if bless {
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(&file, text).unwrap();
        }
        let kept = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(kept == *text, "{path} differs; BLESS=1 writes it anew");
    }
}
