//! What admins decide.

use app::message::About;
use app::{vendors, venues};
use domain::pricing::Rates;
use domain::text::Reason;
use domain::vendor::Verdict;
use testkit::{VenueBuilder, World};

use super::{kinds, tell};

#[tokio::test]
async fn a_rejected_applicant_reads_why() {
    let world = World::new();
    let applicant = world.applicant("vera").await;
    let verdict = Verdict::Reject(Reason::parse("No licence.").unwrap());
    let rejected = vendors::decide(&world.app, None, applicant.vendor(), verdict)
        .await
        .unwrap()
        .value;
    for _ in 0..2 {
        let about = About::VendorDecided {
            vendor: rejected.id,
            at: rejected.updated_at,
        };
        tell(&world.app, about).await.unwrap();
    }
    let [mail] = world.mails.to(&applicant.email).try_into().unwrap();
    assert_eq!(mail.subject, "vera Ltd was not approved");
    assert!(mail.text.contains("> No licence."), "{}", mail.text);
    assert_eq!(kinds(&world, &applicant).await, ["VendorRejected"]);
}

#[tokio::test]
async fn every_decision_about_a_venue_is_told() {
    let world = World::new();
    let vendor = world.vendor("vera").await;
    let draft = world.draft(&vendor, VenueBuilder::default()).await;
    for verdict in [
        venues::Verdict::RequestChanges(Reason::parse("More light.").unwrap()),
        venues::Verdict::Approve,
    ] {
        world.clock.advance_minutes(1);
        venues::submit(&world.app, vendor.vendor(), None, draft.id)
            .await
            .unwrap();
        let venue = venues::decide(&world.app, None, draft.id, verdict)
            .await
            .unwrap()
            .value;
        let about = || About::VenueDecided {
            venue: venue.id,
            version: venue.version,
            at: venue.updated_at,
        };
        tell(&world.app, about()).await.unwrap();
        // Delivered again, after the vendor has gone on.
        world.clock.advance_minutes(1);
        let rates = Rates::flat(domain::money::Money::new(7_000, "EUR".parse().unwrap()));
        venues::set_rates(&world.app, vendor.vendor(), None, venue.id, None, &rates, None)
            .await
            .unwrap();
        tell(&world.app, about()).await.unwrap();
    }
    let subjects: Vec<String> = world
        .mails
        .to(&vendor.email)
        .into_iter()
        .map(|m| m.subject)
        .collect();
    assert_eq!(subjects, ["The Loft needs changes", "The Loft is approved"]);
    assert_eq!(
        kinds(&world, &vendor).await,
        ["VenueApproved", "VenueChangesRequested"]
    );
}
