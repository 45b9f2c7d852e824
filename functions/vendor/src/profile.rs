//! The business itself.

use app::App;
use app::vendors::{self, Application};
use axum::extract::State;
use domain::text::{BusinessName, Country, Email};
use schemars::JsonSchema;
use serde::Deserialize;
use web::views::VendorView;
use web::{Answer, Body, Customer, MaybeIdempotent, Parse, Problems, Reply, SignedIn, ok};

/// An application to run venues.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "VendorApplication")]
#[serde(deny_unknown_fields)]
pub struct RawApplication {
    /// What the business is called towards customers; 2 to 120 characters.
    business_name: String,
    contact_email: String,
    /// ISO 3166-1 alpha-2.
    country: String,
}

impl Parse for RawApplication {
    type Into = Application;

    fn parse(self, problems: &mut Problems) -> Option<Application> {
        let business_name = problems.field("business_name", BusinessName::parse(&self.business_name));
        let contact_email = problems.field("contact_email", Email::parse(&self.contact_email));
        let country = problems.field("country", Country::parse(&self.country));
        Some(Application {
            business_name: business_name?,
            contact_email: contact_email?,
            country: country?,
        })
    }
}

pub async fn apply(
    State(app): State<App>,
    Customer(me): Customer,
    MaybeIdempotent(once): MaybeIdempotent,
    Body(ask): Body<RawApplication>,
) -> Answer<Reply<VendorView, 201>> {
    let vendor = vendors::apply(&app, &me, once.as_ref(), ask).await?;
    Ok(Reply::of(vendor, VendorView::from))
}

pub async fn show(State(app): State<App>, SignedIn(me): SignedIn) -> Answer<Reply<VendorView>> {
    Ok(ok(vendors::application(&app, &me).await?.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_wrong_with_an_application_is_told_at_once() {
        let raw = RawApplication {
            business_name: "x".into(),
            contact_email: "x".into(),
            country: "Germany".into(),
        };
        let mut problems = Problems::new();
        assert!(raw.parse(&mut problems).is_none());
        let pointers: Vec<_> = problems.into_errors().into_iter().map(|e| e.pointer).collect();
        assert_eq!(pointers, ["/business_name", "/contact_email", "/country"]);
    }
}
