//! Two browser tabs of one vendor: neither overwrites what the other has set meanwhile.

use domain::venue::Venue;
use http::Method;
use http::header::IF_NONE_MATCH;
use serde_json::{Value, json};
use testkit::{Person, VenueBuilder, World};

use super::{MANAGE, router, step};
use crate::contract::ask::{Answer, Ask, all, ask, get, post, put, text};
use crate::contract::hour;

const HOURS: &str = "/api/v1/vendor/venues/availability";

struct Scene {
    world: World,
    vera: Person,
    venue: Venue,
}

/// What two tabs show.
#[derive(Debug, Clone, Copy)]
enum Form {
    Hours,
    Venue,
    Space,
}

impl Scene {
    async fn new() -> Self {
        let world = World::new();
        let vera = world.vendor("vera").await;
        let venue = world.live_venue(&vera, VenueBuilder::default()).await;
        Self { world, vera, venue }
    }

    async fn does(&self, asked: Ask) -> Answer {
        asked.by(&self.vera).of(router(&self.world)).await
    }

    fn hours(&self) -> String {
        format!("{HOURS}/{}", self.venue.id)
    }

    fn path(&self, form: Form) -> String {
        let (venue, space) = (self.venue.id, self.venue.main_space);
        match form {
            Form::Hours => self.hours(),
            Form::Venue => format!("{MANAGE}/{venue}"),
            Form::Space => format!("{MANAGE}/{venue}/spaces/{space}"),
        }
    }

    /// What a tab that is opened now will send back.
    async fn tag(&self, form: Form) -> String {
        let tag_of = |answer: Answer| answer.header("etag").unwrap().to_owned();
        match form {
            Form::Hours | Form::Venue => tag_of(self.does(get(self.path(form))).await),
            Form::Space => {
                let list = self.does(get(format!("{MANAGE}/{}/spaces", self.venue.id))).await;
                text(&list.is(200), "/data/0/etag").to_owned()
            }
        }
    }

    async fn tags(&self) -> [String; 3] {
        [
            self.tag(Form::Hours).await,
            self.tag(Form::Venue).await,
            self.tag(Form::Space).await,
        ]
    }

    /// A change that each number makes another one.
    fn change(&self, form: Form, n: u32) -> Ask {
        let week = (1..=7).map(|day| json!({"weekday": day, "open": "00:00", "close": "24:00"}));
        let body = match form {
            Form::Hours => json!({"weekly": week.collect::<Vec<_>>(), "lead_minutes": n}),
            Form::Venue => json!({"name": format!("The Loft {n}")}),
            Form::Space => json!({"name": format!("Hall {n}"), "capacity": 40}),
        };
        put(self.path(form), body)
    }

    /// The number of the change that holds.
    async fn holds(&self, form: Form) -> u32 {
        let last_word = |text: &str| text.rsplit(' ').next().unwrap().parse().unwrap();
        match form {
            Form::Hours => {
                let shown = self.does(get(self.hours())).await.is(200);
                u32::try_from(shown["lead_minutes"].as_u64().unwrap()).unwrap()
            }
            Form::Venue => last_word(text(
                &self.does(get(self.path(form))).await.is(200),
                "/revision/name",
            )),
            Form::Space => {
                let list = self.does(get(format!("{MANAGE}/{}/spaces", self.venue.id))).await;
                last_word(text(&list.is(200), "/data/0/name"))
            }
        }
    }
}

async fn the_second_of_two_tabs_is_told_and_nothing_is_lost(form: Form) {
    let scene = Scene::new().await;
    let seen = scene.tag(form).await;
    let sends = |n: u32| {
        let change = scene.change(form, n).key(&format!("key-{n}")).if_match(&seen);
        scene.does(change)
    };
    let (one, other) = futures_util::join!(sends(1), sends(2));
    let (won, first, second) = match one.status {
        200 => (1, one, other),
        _ => (2, other, one),
    };
    let next = first.header("etag").unwrap().to_owned();
    let first = first.is(200);
    second.refuses(412, "precondition_failed");
    assert_eq!(scene.holds(form).await, won);
    assert_eq!(
        scene.tag(form).await,
        next,
        "the answer has the tag that holds now"
    );

    // The same request again is answered as it was, though its tag is stale by now.
    let again = sends(won).await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.header("etag"), Some(next.as_str()));
    let again = again.is(200);
    let same = |name: &str| assert_eq!(again[name], first[name], "{name}");
    ["name", "weekly", "lead_minutes", "etag"]
        .into_iter()
        .for_each(same);

    scene.does(scene.change(form, 3).if_match(&next)).await.is(200);
    for no_tag in ["*", "3", "\"3\"", "W/\"v3\"", ""] {
        let refused = scene.does(scene.change(form, 4).if_match(no_tag)).await;
        refused.refuses(412, "precondition_failed");
    }
    assert_eq!(scene.holds(form).await, 3);
    // Without a tag the last one holds.
    scene.does(scene.change(form, 5)).await.is(200);
    assert_eq!(scene.holds(form).await, 5);
}

#[tokio::test]
async fn hours_that_were_changed_meanwhile_are_not_overwritten() {
    the_second_of_two_tabs_is_told_and_nothing_is_lost(Form::Hours).await;
}

#[tokio::test]
async fn what_is_said_of_a_venue_and_was_changed_meanwhile_is_not_overwritten() {
    the_second_of_two_tabs_is_told_and_nothing_is_lost(Form::Venue).await;
}

#[tokio::test]
async fn terms_that_were_changed_meanwhile_are_not_overwritten() {
    let scene = Scene::new().await;
    let says = |rules: &str| {
        let body = json!({"name": "The Loft", "house_rules": rules});
        put(scene.path(Form::Venue), body)
    };
    let seen = scene.tag(Form::Venue).await;
    scene.does(says("No music after ten.")).await.is(200);
    let second = says("No music.").if_match(&seen);
    scene.does(second).await.refuses(412, "precondition_failed");
    let shown = scene.does(get(scene.path(Form::Venue))).await.is(200);
    assert_eq!(shown["house_rules"], "No music after ten.");
}

#[tokio::test]
async fn a_space_that_was_changed_meanwhile_is_not_overwritten() {
    the_second_of_two_tabs_is_told_and_nothing_is_lost(Form::Space).await;
}

#[tokio::test]
async fn special_days_are_set_and_taken_away_only_by_whoever_saw_the_rules() {
    let scene = Scene::new().await;
    let stale = scene.tag(Form::Hours).await;
    let closed = json!({"dates": ["2027-03-01"], "hours": []});
    let sets = || put(format!("{}/special-days", scene.hours()), closed.clone());
    let set = scene.does(sets().if_match(&stale)).await;
    let tag = set.header("etag").unwrap().to_owned();
    let set = set.is(200);
    assert_eq!(tag, scene.tag(Form::Hours).await);
    let clears = || {
        ask(
            Method::DELETE,
            format!("{}/special-days/2027-03-01", scene.hours()),
        )
    };
    for late in [sets(), clears(), scene.change(Form::Hours, 1)] {
        let late = scene.does(late.if_match(&stale)).await;
        late.refuses(412, "precondition_failed");
    }
    let shown = scene.does(get(scene.hours())).await.is(200);
    assert_eq!(shown["special_days"], set["special_days"]);
    let cleared = scene.does(clears().if_match(&tag)).await;
    assert_eq!(cleared.header("etag"), Some(stale.as_str()), "it is as it was");
    assert_eq!(cleared.is(200)["special_days"], json!([]));
}

#[tokio::test]
async fn what_replaces_nothing_moves_no_tag() {
    let scene = Scene::new().await;
    let carl = scene.world.customer("carl").await;
    let before = scene.tags().await;

    step(&scene.world, &scene.vera, &scene.venue, "pause")
        .await
        .is(200);
    assert_eq!(scene.tags().await, before);
    step(&scene.world, &scene.vera, &scene.venue, "resume")
        .await
        .is(200);
    let price = json!({"price_per_hour": {"amount": 9_000, "currency": "EUR"}});
    let prices = format!("/api/v1/vendor/venues/pricing/{}", scene.venue.id);
    scene.does(put(prices, price)).await.is(200);
    assert_eq!(scene.tags().await, before);

    let venue = scene.venue.id;
    scene.world.books(&carl, venue, hour(48)).await.unwrap();
    let closed = put(scene.hours(), json!({"weekly": []})).if_match(&before[0]);
    scene.does(closed).await.refuses(409, "bookings_in_the_way");
    assert_eq!(scene.tags().await, before);

    let times = json!({"start": hour(50).start(), "end": hour(50).end()});
    let block = post(format!("{}/blocks", scene.hours()), json!({"once": times}));
    scene.does(block).await.is(201);
    assert_eq!(scene.tags().await, before);
    // It is still told to whoever has the tag: that says nothing of blocks.
    let asked = get(scene.hours()).header(IF_NONE_MATCH.as_str(), before[0].as_str());
    let shown = scene.does(asked).await.is(200);
    assert_eq!(shown["blocks"].as_array().unwrap().len(), 1);
    scene
        .does(scene.change(Form::Hours, 1).if_match(&before[0]))
        .await
        .is(200);
}

#[tokio::test]
async fn a_yes_of_an_admin_moves_no_tag_and_a_new_photo_does() {
    let scene = Scene::new().await;
    let edited = scene.does(scene.change(Form::Venue, 1)).await;
    let tag = edited.header("etag").unwrap().to_owned();
    let revision = edited.is(200)["revision"]["revision"].as_u64().unwrap();
    let admin = scene.world.admin().await;
    let path = format!("/api/v1/admin/management/venues/{}/decision", scene.venue.id);
    let yes = json!({"approve": true, "revision": revision});
    let app = scene.world.app.clone();
    post(path, yes).by(&admin).of(admin::router(app)).await.is(200);
    assert_eq!(scene.tag(Form::Venue).await, tag);
    scene.world.photo(&scene.vera, scene.venue.id).await;
    assert_ne!(scene.tag(Form::Venue).await, tag);
    let late = scene.does(scene.change(Form::Venue, 2).if_match(&tag)).await;
    late.refuses(412, "precondition_failed");
}

#[tokio::test]
async fn a_special_day_that_is_over_does_not_lock_its_vendor_out() {
    let scene = Scene::new().await;
    let over = json!({"dates": ["2027-01-04"], "hours": []});
    let set = scene
        .does(put(format!("{}/special-days", scene.hours()), over))
        .await;
    let tag = set.header("etag").unwrap().to_owned();
    assert_eq!(tag, scene.tag(Form::Hours).await);
    scene
        .does(scene.change(Form::Hours, 1).if_match(&tag))
        .await
        .is(200);
}

#[tokio::test]
async fn each_space_has_a_tag_of_its_own() {
    let scene = Scene::new().await;
    let spaces = format!("{MANAGE}/{}/spaces", scene.venue.id);
    let same = || json!({"name": "Room", "capacity": 9});
    let added = scene.does(post(&spaces, same())).await;
    let tag = added.header("etag").unwrap().to_owned();
    assert_eq!(text(&added.is(201), "/etag"), tag);
    scene.does(post(&spaces, same())).await.is(201);
    let list: Value = scene.does(get(&spaces)).await.is(200);
    let mut tags = all(&list, "etag");
    assert!(
        tags.contains(&tag.as_str()),
        "{tags:?}: the list has what the answer said"
    );
    tags.sort_unstable();
    tags.dedup();
    assert_eq!(tags.len(), 3);
}
