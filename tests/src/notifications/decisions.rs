//! What admins decide.

use app::message::About;
use app::venues::{self, TransferOrder, VenueEdit};
use app::{notifications, vendors};
use domain::pricing::Rates;
use domain::text::{Reason, VenueName};
use domain::vendor::Verdict;
use domain::venue::Revision;
use testkit::{Person, VenueBuilder, World, venue_edit};

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
        venues::submit(&world.app, vendor.member(), None, draft.id)
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
        venues::set_rates(&world.app, vendor.member(), None, venue.id, None, &rates, None)
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

#[tokio::test]
async fn every_decision_about_a_revision_is_told_once_also_to_a_vendor_who_has_gone_on() {
    let world = World::new();
    let vera = world.vendor("vera").await;
    let venue = world.live_venue(&vera, VenueBuilder::default()).await;
    world.settle().await;
    let asks = async |name: &str| {
        world.clock.advance_minutes(1);
        let edit = VenueEdit {
            name: VenueName::parse(name).unwrap(),
            ..venue_edit(&venue)
        };
        let asked = venues::edit(&world.app, vera.member(), None, venue.id, &edit, None).await;
        asked.unwrap().value.revision.unwrap()
    };
    // As the table's stream has it, which may have it twice.
    let tells = async |before: &Revision, after: &Revision| {
        for _ in 0..2 {
            notifications::revision_changed(&world.app, before, after)
                .await
                .unwrap();
        }
    };
    let decides = async |pending: &Revision, verdict| {
        world.clock.advance_minutes(1);
        let decided = venues::decide_revision(&world.app, None, venue.id, pending.version, verdict).await;
        let decided = decided.unwrap().value.revision.unwrap();
        tells(pending, &decided).await;
        decided
    };
    let no = || venues::Verdict::RequestChanges(Reason::parse("No shouting.").unwrap());
    let shouted = asks("THE ATTIC").await;
    let refused = decides(&shouted, no()).await;
    world.settle().await;
    let mails = world.mails.to(&vera.email);
    let mail = mails.last().unwrap();
    assert_eq!(mail.subject, "The changes of THE ATTIC were not approved");
    assert!(mail.text.contains("> No shouting."), "{}", mail.text);
    let attic = asks("The Attic").await;
    tells(&refused, &attic).await;
    decides(&attic, venues::Verdict::Approve).await;
    world.settle().await;
    let cellar = asks("The Cellar").await;
    decides(&cellar, no()).await;
    asks("The Cellar, again").await;
    world.settle().await;
    let mut told = kinds(&world, &vera).await;
    told.retain(|kind| kind.starts_with("VenueRevision"));
    // The newest first.
    let expected = [
        "VenueRevisionRefused",
        "VenueRevisionApproved",
        "VenueRevisionRefused",
    ];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn both_businesses_are_told_once_that_a_venue_was_handed_over_and_not_why() {
    let world = World::new();
    let (admin, vera, otto) = (
        world.admin().await,
        world.vendor("vera").await,
        world.vendor("otto").await,
    );
    let before = world.draft(&vera, VenueBuilder::default()).await;
    world.settle().await;
    let gives = async |to: &Person| {
        world.clock.advance_minutes(1);
        let before = world.app.store().venue(before.id).await.unwrap().unwrap();
        let order = TransferOrder {
            to: to.vendor(),
            reason: Reason::parse("Insolvent.").unwrap(),
        };
        let by = admin.caller.user;
        let gone = venues::transfer(&world.app, by, None, before.id, &order).await;
        (before, gone.unwrap().value.venue)
    };
    // As the table's stream has it, which may have it twice, and late.
    let (first, second) = (gives(&otto).await, gives(&vera).await);
    for (before, after) in [&first, &first, &second] {
        notifications::venue_changed(&world.app, before, after)
            .await
            .unwrap();
    }
    world.settle().await;
    let told = async |who: &Person| {
        let mut told = kinds(&world, who).await;
        told.retain(|kind| kind != "VendorApproved");
        told
    };
    // The newest first.
    assert_eq!(told(&vera).await, ["VenueTakenOver", "VenueHandedOver"]);
    assert_eq!(told(&otto).await, ["VenueHandedOver", "VenueTakenOver"]);
    let (given, taken) = ("The Loft was handed over to", "The Loft was handed over to you");
    for (who, other, expected) in [
        (&vera, "otto Ltd", [format!("{given} otto Ltd"), taken.to_owned()]),
        (&otto, "vera Ltd", [taken.to_owned(), format!("{given} vera Ltd")]),
    ] {
        let mut mails = world.mails.to(&who.email);
        mails.retain(|mail| mail.subject.starts_with("The Loft"));
        let subjects: Vec<_> = mails.iter().map(|mail| mail.subject.clone()).collect();
        assert_eq!(subjects, expected);
        for mail in mails {
            assert!(
                mail.text.contains(other) && !mail.text.contains("Insolvent"),
                "{}",
                mail.text
            );
        }
    }
}
