//! Two hundred people who want the same hour, over real HTTP.

use std::collections::BTreeSet;

use domain::time::plus_minutes;
use futures_util::StreamExt;
use futures_util::future::join_all;
use futures_util::stream::{FuturesUnordered, select};
use jiff::Timestamp;
use local::journey::{Ask, Person, Scene, newcomer, quote, scene};
use serde_json::{Value, json};

use crate::journey::{Running, running, text};

const RACERS: usize = 200;
/// So many sign up at a time: hashing passwords keeps both cores busy.
const AT_A_TIME: usize = 20;

async fn racers(running: &Running) -> Vec<Person> {
    let mut people = Vec::new();
    for group in 0..RACERS / AT_A_TIME {
        let joining = (0..AT_A_TIME).map(|n| {
            let email = format!("racer{}@example.com", group * AT_A_TIME + n);
            async move { newcomer(&running.client, &email, "Racer").await.unwrap() }
        });
        people.extend(join_all(joining).await);
    }
    people
}

/// New access tokens for all: after ten minutes more they will have to be good for a while still.
async fn refreshed(running: &Running, people: Vec<Person>) -> Vec<Person> {
    let refreshing = people.into_iter().map(|person| async move {
        let body = json!({ "refresh_token": person.refresh_token });
        let answer = running
            .client
            .expect(200, Ask::post("/api/v1/auth/refresh-token", body))
            .await
            .unwrap();
        Person {
            token: text(&answer, "/access_token").to_owned(),
            refresh_token: text(&answer, "/refresh_token").to_owned(),
            ..person
        }
    });
    join_all(refreshing).await
}

async fn quotes(
    running: &Running,
    scene: &Scene,
    people: &[Person],
    times: &[(Timestamp, Timestamp)],
) -> Vec<String> {
    let mut quotes = Vec::new();
    for (person, (start, end)) in people.iter().zip(times.iter().cycle()) {
        quotes.push(
            quote(&running.client, &person.token, &scene.venue_id, *start, *end)
                .await
                .unwrap(),
        );
    }
    quotes
}

/// All of them at once; their answers as they come.
fn attempts<'a>(
    running: &'a Running,
    people: &'a [Person],
    quotes: &'a [String],
) -> FuturesUnordered<impl Future<Output = (u16, Value)> + 'a> {
    let attempts = people.iter().zip(quotes).map(|(person, quote)| async move {
        let ask = Ask::post("/api/v1/bookings/create", json!({ "quote_id": quote })).as_person(&person.token);
        running.client.send(ask.once(quote)).await.unwrap()
    });
    attempts.collect()
}

async fn race(running: &Running, people: &[Person], quotes: &[String]) -> Vec<(u16, Value)> {
    attempts(running, people, quotes).collect().await
}

/// Exactly one has it; the rest were told by which rule, and of another time that is really free.
async fn judge(
    running: &Running,
    scene: &Scene,
    people: &[Person],
    answers: &[(u16, Value)],
    codes: &[&str],
) {
    let statuses: Vec<u16> = answers.iter().map(|(status, _)| *status).collect();
    assert_eq!(statuses.iter().filter(|s| **s == 201).count(), 1, "{statuses:?}");
    let mut offered = BTreeSet::new();
    for (status, answer) in answers.iter().filter(|(status, _)| *status != 201) {
        assert_eq!(*status, 409, "{answer}");
        assert!(codes.contains(&text(answer, "/code")), "{answer}");
        let first = answer
            .pointer("/alternatives/0")
            .unwrap_or_else(|| panic!("no alternative in {answer}"));
        offered.insert((text(first, "/start").to_owned(), text(first, "/end").to_owned()));
    }
    for (start, end) in offered {
        let (start, end) = (start.parse().unwrap(), end.parse().unwrap());
        quote(&running.client, &people[0].token, &scene.venue_id, start, end)
            .await
            .unwrap();
    }
}

/// B-T1.
#[tokio::test(flavor = "multi_thread")]
async fn of_two_hundred_racers_for_one_hour_exactly_one_wins() {
    let running = running().await;
    let scene = scene(&running.client, 20).await.unwrap();
    let people = racers(&running).await;
    let day = |days: i64, from: i64, to: i64| {
        let midnight = plus_minutes(scene.start, days * 1_440 - 12 * 60);
        (plus_minutes(midnight, from), plus_minutes(midnight, to))
    };

    // The same hour.
    let hour = [day(1, 600, 660)];
    let wanted = quotes(&running, &scene, &people, &hour).await;
    let answers = race(&running, &people, &wanted).await;
    judge(&running, &scene, &people, &answers, &["slot_taken"]).await;

    // Neighbours that only stand in each other's way by the half hour it takes to clear the room.
    let neighbours = [day(2, 600, 660), day(2, 660, 720)];
    let wanted = quotes(&running, &scene, &people, &neighbours).await;
    let answers = race(&running, &people, &wanted).await;
    judge(&running, &scene, &people, &answers, &["slot_taken", "buffer"]).await;

    // An hour with a hold on it that lapses while they race: half of them ask before it does, or at that
    // moment, and the other half from then on.
    let people = refreshed(&running, people).await;
    let (start, end) = day(3, 600, 660);
    let first = quote(&running.client, &people[0].token, &scene.venue_id, start, end)
        .await
        .unwrap();
    let wanted = quotes(&running, &scene, &people[1..], &[(start, end)]).await;
    let ask = Ask::post("/api/v1/bookings/create", json!({ "quote_id": first })).as_person(&people[0].token);
    running.client.expect(201, ask.once("early")).await.unwrap();
    let (half, rest) = (RACERS / 2, &people[1..]);
    let mut early = attempts(&running, &rest[..half], &wanted[..half]);
    let mut answers = Vec::new();
    for _ in 0..half / 5 {
        answers.push(early.next().await.unwrap());
    }
    running.system.advance_seconds(domain::booking::HOLD_MINUTES * 60);
    let late = attempts(&running, &rest[half..], &wanted[half..]);
    answers.extend(select(early, late).collect::<Vec<_>>().await);
    judge(&running, &scene, &people, &answers, &["slot_taken"]).await;
    running.system.shutdown().await;
}
