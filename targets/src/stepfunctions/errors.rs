//! Kinds of errors -> the names that Step Functions gives them, verb by verb, and the retriers that look for these names.
//!
//! An error of a service is called `Service.Exception`, in the words of its API: what an operation may throw, or, where the API does not
//! model an error (a busy S3 says `SlowDown`), the service's base exception; `SdkClientException` is a call that got no answer. An HTTP task has
//! the status, a Job the status of the cluster's answer. `TimeoutSeconds` is `States.Timeout` for all.
//! <https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html>

use windlass_schemas::plan::{ErrorKind, Retry};

use super::asl::Retrier;

/// The names of errors that may go away. A bad request, a missing object or a missing permission comes back the same.
#[derive(Debug, PartialEq)]
pub struct Transient {
    /// Too many requests.
    pub throttled: &'static [&'static str],
    /// No answer, or an answer that says to come back.
    pub unavailable: &'static [&'static str],
}

const TIMEOUT: &str = "States.Timeout";
const ALL: &str = "States.ALL";

/// `aws-sdk:s3`. The API models neither throttling nor trouble of its own.
pub static S3: Transient =
    Transient { throttled: &["S3.S3Exception"], unavailable: &["S3.S3Exception", "S3.SdkClientException"] };

/// `http:invoke`.
pub static HTTP: Transient = Transient {
    throttled: &["States.Http.StatusCode.429"],
    unavailable: &[
        "States.Http.StatusCode.502",
        "States.Http.StatusCode.503",
        "States.Http.StatusCode.504",
        "States.Http.Socket",
    ],
};

/// `sns:publish`.
pub static SNS: Transient = Transient {
    throttled: &["SNS.ThrottledException", "SNS.KMSThrottlingException"],
    unavailable: &["SNS.InternalErrorException", "SNS.SdkClientException"],
};

/// `lambda:invoke`.
pub static LAMBDA: Transient = Transient {
    throttled: &["Lambda.TooManyRequestsException", "Lambda.EC2ThrottledException"],
    unavailable: &[
        "Lambda.ServiceException",
        "Lambda.AWSLambdaException",
        "Lambda.SdkClientException",
        "Lambda.ClientExecutionTimeoutException",
    ],
};

/// `eks:runJob`: the status of the cluster's API server.
pub static JOB: Transient = Transient {
    throttled: &["EKS.429"],
    unavailable: &["EKS.500", "EKS.502", "EKS.503", "EKS.504", "EKS.SdkClientException"],
};

/// `aws-sdk:eks`.
pub static EKS: Transient = Transient {
    throttled: &["Eks.EksException"],
    unavailable: &["Eks.ServerException", "Eks.ServiceUnavailableException", "Eks.SdkClientException"],
};

/// `states:startExecution`. An execution that failed is no trouble of the service.
pub static STATES: Transient = Transient {
    throttled: &["StepFunctions.ExecutionLimitExceeded"],
    unavailable: &["StepFunctions.AWSStepFunctionsException", "StepFunctions.SdkClientException"],
};

/// `aws-sdk:sfn`.
pub static SFN: Transient =
    Transient { throttled: &["Sfn.SfnException"], unavailable: &["Sfn.SfnException", "Sfn.SdkClientException"] };

impl Transient {
    /// The names of `kinds` in their order, none twice; of none: all that may go away.
    fn names(&self, kinds: &[ErrorKind]) -> Vec<String> {
        if kinds.contains(&ErrorKind::Any) {
            // It must stand alone.
            return vec![ALL.to_owned()];
        }
        let usual = [ErrorKind::Throttled, ErrorKind::Unavailable, ErrorKind::Timeout];
        let mut names: Vec<String> = Vec::new();
        for kind in if kinds.is_empty() { &usual } else { kinds } {
            let of_kind: Vec<&str> = match kind {
                ErrorKind::Timeout => vec![TIMEOUT],
                ErrorKind::Throttled => self.throttled.to_vec(),
                ErrorKind::Unavailable => self.unavailable.to_vec(),
                ErrorKind::Any => vec![ALL],
                ErrorKind::Named(name) => vec![name],
            };
            for name in of_kind {
                if !names.iter().any(|known| known == name) {
                    names.push(name.to_owned());
                }
            }
        }
        names
    }

    /// The retriers of a stage. Nothing comes behind one that is for any error: the first that names an error counts.
    pub fn retriers(&self, retries: &[Retry]) -> Vec<Retrier> {
        let last =
            retries.iter().position(|retry| retry.on.contains(&ErrorKind::Any)).map_or(retries.len(), |at| at + 1);
        let mut retriers: Vec<Retrier> =
            retries[..last].iter().map(|retry| retrier(retry, self.names(&retry.on))).collect();
        // One that repeats nothing keeps its errors from those behind it, and the last from none.
        while retriers.last().is_some_and(|retrier| retrier.max_attempts == 0) {
            retriers.pop();
        }
        retriers
    }
}

fn retrier(retry: &Retry, error_equals: Vec<String>) -> Retrier {
    let interval = retry.backoff.seconds_up().max(1);
    let most = retry.max_backoff.seconds_up();
    // `MaxDelaySeconds` must be greater than `IntervalSeconds`: waits that may not grow have a rate of 1.
    let grows = most > interval && retry.factor > 1.0;
    Retrier {
        error_equals,
        interval_seconds: interval,
        max_attempts: retry.attempts,
        backoff_rate: if grows { retry.factor } else { 1.0 },
        max_delay_seconds: grows.then_some(most),
        jitter_strategy: if retry.jitter { "FULL" } else { "NONE" },
    }
}
