//! `bench`: how fast the whole system answers over loopback, with the functions, what stands in for AWS and
//! the clients all on this machine. Starts a system of its own with empty data, plants venues, and has clients
//! ask side by side. Figures of different machines or runs do not compare.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is a program that people start"
)]

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::time::plus_minutes;
use jiff::Timestamp;
use local::journey::{Ask, Business, Client, Person, Silent, StepError, live_venue, newcomer, quote, scene};
use local::{Options, System};
use serde_json::json;

/// Clients that ask side by side, each the next as soon as it has the answer to the last.
const CLIENTS: usize = 16;
/// Venues within the searched circle, each client's own among them.
const VENUES: u32 = 40;
const SEARCHES_EACH: u32 = 200;
const BOOKINGS_EACH: u32 = 100;
/// Bookings of a client on one day, three hours from each other.
const BOOKINGS_A_DAY: u32 = 8;

/// What one kind of request took.
struct Figures {
    what: &'static str,
    elapsed: Duration,
    latencies: Vec<Duration>,
}

impl Figures {
    /// The least time within which this many of a hundred were answered.
    fn percentile(&self, percent: usize) -> Duration {
        let place = (self.latencies.len() * percent).div_ceil(100).saturating_sub(1);
        self.latencies.get(place).copied().unwrap_or_default()
    }

    fn print(&self) {
        let count = self.latencies.len();
        let micros = self.elapsed.as_micros().max(1);
        let per_second = count as u128 * 1_000_000 / micros;
        println!(
            "{:<28} {count:>6} requests {per_second:>6}/s   p50 {:>8.1?}   p99 {:>8.1?}",
            self.what,
            self.percentile(50),
            self.percentile(99),
        );
    }
}

/// Somebody who asks, with a venue that nobody else books.
#[derive(Clone)]
struct Visitor {
    client: Client,
    person: Person,
    venue: String,
    /// Midnight of the first day that is booked.
    from: Timestamp,
    /// The path of a search by place.
    search: String,
    /// What there are quotes for.
    quotes: Vec<String>,
}

impl Visitor {
    fn time(&self, n: u32) -> (Timestamp, Timestamp) {
        let minutes = i64::from(n / BOOKINGS_A_DAY) * 1_440 + i64::from(n % BOOKINGS_A_DAY) * 180;
        let start = plus_minutes(self.from, minutes);
        (start, plus_minutes(start, 120))
    }

    async fn searches_by_place(self, _: u32) -> Result<(), StepError> {
        self.client.expect(200, Ask::get(&self.search)).await.map(drop)
    }

    async fn searches_by_time(self, n: u32) -> Result<(), StepError> {
        let (start, end) = self.time(n % BOOKINGS_EACH);
        let path = format!("{}&start={start}&end={end}&guests=10", self.search);
        self.client.expect(200, Ask::get(&path)).await.map(drop)
    }

    async fn asks_for_a_quote(self, n: u32) -> Result<String, StepError> {
        let (start, end) = self.time(n);
        quote(&self.client, &self.person.token, &self.venue, start, end).await
    }

    async fn books(self, n: u32) -> Result<(), StepError> {
        let quote = self.quotes.get(n as usize).map_or("", String::as_str);
        let ask = Ask::post("/api/v1/bookings/create", json!({ "quote_id": quote }));
        let ask = ask.as_person(&self.person.token).once(quote);
        self.client.expect(201, ask).await.map(drop)
    }
}

/// Has everybody do the same so many times side by side, and prints what it took. Gives what each of them
/// got. A request that fails ends it all.
async fn measure<T, F>(
    what: &'static str,
    everybody: &[Visitor],
    each: u32,
    request: fn(Visitor, u32) -> F,
) -> Result<Vec<Vec<T>>, StepError>
where
    T: Send + 'static,
    F: Future<Output = Result<T, StepError>> + Send + 'static,
{
    let started = Instant::now();
    let mut clients = Vec::new();
    for visitor in everybody {
        let visitor = visitor.clone();
        clients.push(tokio::spawn(async move {
            let (mut answers, mut latencies) = (Vec::new(), Vec::new());
            for n in 0..each {
                let asked = Instant::now();
                answers.push(request(visitor.clone(), n).await?);
                latencies.push(asked.elapsed());
            }
            Ok::<_, StepError>((answers, latencies))
        }));
    }
    let (mut answers, mut latencies) = (Vec::new(), Vec::new());
    for client in clients {
        let (got, took) = client.await.map_err(|e| StepError(e.to_string()))??;
        answers.push(got);
        latencies.extend(took);
    }
    let elapsed = started.elapsed();
    latencies.sort_unstable();
    let figures = Figures {
        what,
        elapsed,
        latencies,
    };
    figures.print();
    Ok(answers)
}

async fn run(system: &System) -> Result<(), StepError> {
    let client = Client::new(&system.api_url, Arc::new(Silent));
    let scene = scene(&client, 0).await?;
    let business = Business {
        owner: scene.vendor,
        vendor_id: scene.vendor_id,
        admin: scene.admin,
    };
    let mut venues = vec![scene.venue_id];
    for tag in 1..VENUES {
        venues.push(live_venue(&client, &business, tag).await?);
    }
    let mut everybody = Vec::new();
    for (n, venue) in venues.into_iter().enumerate().take(CLIENTS) {
        everybody.push(Visitor {
            client: client.clone(),
            person: newcomer(&client, &format!("visitor-{n}@example.com"), "Vic").await?,
            venue,
            from: plus_minutes(scene.start, -12 * 60),
            search: format!(
                "/api/v1/venues/search?lat={}&lng={}&radius_m=10000",
                scene.lat, scene.lng
            ),
            quotes: Vec::new(),
        });
    }
    println!("{CLIENTS} clients, {VENUES} venues");
    measure(
        "search by place",
        &everybody,
        SEARCHES_EACH,
        Visitor::searches_by_place,
    )
    .await?;
    measure(
        "search by place and time",
        &everybody,
        SEARCHES_EACH,
        Visitor::searches_by_time,
    )
    .await?;
    let quotes = measure("quote", &everybody, BOOKINGS_EACH, Visitor::asks_for_a_quote).await?;
    for (visitor, quotes) in everybody.iter_mut().zip(quotes) {
        visitor.quotes = quotes;
    }
    measure("create a booking", &everybody, BOOKINGS_EACH, Visitor::books).await?;
    Ok(())
}

#[tokio::main]
async fn main() -> ExitCode {
    let data = std::env::temp_dir().join(format!("tofimotia-bench-{}", std::process::id()));
    let options = Options {
        port: 0,
        data: data.clone(),
        limits: false,
        ..Options::default()
    };
    let system = match System::start(&options).await {
        Ok(system) => system,
        Err(why) => {
            eprintln!("cannot start {why}");
            return ExitCode::FAILURE;
        }
    };
    let ran = run(&system).await;
    system.shutdown().await;
    let removed = std::fs::remove_dir_all(&data);
    if let Err(why) = ran {
        eprintln!("{why}");
        return ExitCode::FAILURE;
    }
    if let Err(why) = removed {
        eprintln!("{}: {why}", data.display());
    }
    ExitCode::SUCCESS
}
