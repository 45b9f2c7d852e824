//! Yes, or no and why not.

use domain::text::Reason;
use schemars::JsonSchema;
use serde::Deserialize;
use web::{Parse, Problems};

/// What an admin decides.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "Decision")]
#[serde(deny_unknown_fields)]
pub struct RawDecision {
    approve: bool,
    /// Why not, told to those it concerns; only, and always, when it is not approved.
    reason: Option<String>,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Decision {
    Yes,
    No(Reason),
}

impl RawDecision {
    pub const fn new(approve: bool, reason: Option<String>) -> Self {
        Self { approve, reason }
    }
}

impl Parse for RawDecision {
    type Into = Decision;

    fn parse(self, problems: &mut Problems) -> Option<Decision> {
        match (self.approve, self.reason) {
            (true, None) => Some(Decision::Yes),
            (true, Some(_)) => {
                problems.add("reason", "is only told when it is not approved");
                None
            }
            (false, Some(reason)) => problems.field("reason", Reason::parse(&reason)).map(Decision::No),
            (false, None) => {
                problems.add("reason", "is missing; those it concerns have to know why");
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_no_has_a_reason_and_a_yes_has_none() {
        let parse = |approve, reason: Option<&str>| {
            let mut problems = Problems::new();
            let decision = RawDecision {
                approve,
                reason: reason.map(str::to_owned),
            }
            .parse(&mut problems);
            decision.ok_or_else(|| problems.into_errors().remove(0).pointer)
        };
        assert_eq!(parse(true, None), Ok(Decision::Yes));
        assert_eq!(
            parse(false, Some("too dark")),
            Ok(Decision::No(Reason::parse("too dark").unwrap()))
        );
        for (approve, reason) in [(true, Some("x")), (false, None), (false, Some(" "))] {
            assert_eq!(parse(approve, reason), Err("/reason".to_owned()));
        }
    }
}
