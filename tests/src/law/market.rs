//! A space can be booked when its venue is on the market and its vendor uses it, and at no other time.

use app::venues::{self, SpaceSettings, Verdict};
use domain::text::Reason;
use domain::venue::VenueState;
use testkit::{VenueBuilder, World, space_settings};

#[tokio::test]
async fn spaces_follow_their_venue_to_the_market_and_off_it() {
    let world = World::new();
    let vera = world.vendor("vera").await;
    let draft = world.draft(&vera, VenueBuilder::default()).await;
    let (app, vendor, id) = (&world.app, vera.member(), draft.id);
    let settings = |in_use| SpaceSettings {
        in_use,
        ..space_settings("Room", Vec::new())
    };
    for in_use in [true, false] {
        venues::add_space(app, vendor, None, id, &settings(in_use))
            .await
            .unwrap();
    }
    // Others are given up for good, from a draft as well.
    let steps = [
        ("set up", VenueState::Draft),
        ("submit", VenueState::Submitted),
        ("request changes", VenueState::Draft),
        ("submit", VenueState::Submitted),
        ("approve", VenueState::Live),
        ("pause", VenueState::Paused),
        ("resume", VenueState::Live),
        ("pause", VenueState::Paused),
        ("archive", VenueState::Archived),
    ];
    for (step, state) in steps {
        let moved = match step {
            "submit" => venues::submit(app, vendor, None, id).await,
            "request changes" => {
                let reason = Reason::parse("Another photo.").unwrap();
                venues::decide(app, None, id, Verdict::RequestChanges(reason)).await
            }
            "approve" => venues::decide(app, None, id, Verdict::Approve).await,
            "pause" => venues::pause(app, vendor, None, id).await,
            "resume" => venues::resume(app, vendor, None, id).await,
            "archive" => venues::archive(app, vendor, None, id).await,
            _ => Ok(app::once::Outcome {
                value: draft.clone(),
                replayed: false,
            }),
        };
        assert_eq!(moved.unwrap().value.state, state, "{step}");
        let spaces = app.store().spaces(id).await.unwrap();
        assert_eq!(spaces.len(), 3);
        for space in spaces {
            let live = state == VenueState::Live && space.in_use;
            assert_eq!(space.live, live, "{step}: {space:?}");
        }
    }
}

#[tokio::test]
async fn a_space_that_is_taken_into_use_is_live_only_where_its_venue_is() {
    let world = World::new();
    let vera = world.vendor("vera").await;
    let venue = world.live_venue(&vera, VenueBuilder::default()).await;
    let (app, vendor, id) = (&world.app, vera.member(), venue.id);
    let settings = |in_use| SpaceSettings {
        in_use,
        ..space_settings("Room", Vec::new())
    };
    let added = venues::add_space(app, vendor, None, id, &settings(false)).await;
    let room = added.unwrap().value;
    assert!(!room.live);
    let used = async |in_use| {
        let set = venues::set_space(app, vendor, None, id, room.id, &settings(in_use), None).await;
        set.unwrap();
        let spaces = app.store().spaces(id).await.unwrap();
        spaces.iter().find(|space| space.id == room.id).unwrap().live
    };
    assert!(used(true).await);
    assert!(!used(false).await);
    venues::pause(app, vendor, None, id).await.unwrap();
    assert!(!used(true).await);
}
