//! Lists in pages: `limit`, and a `cursor` that is opaque to the client and good only for the same
//! caller asking the same thing.

use aide::generate::GenContext;
use aide::openapi::{Operation, Response};
use app::{App, FieldError};
use aws_lc_rs::digest;
use axum::extract::FromRequestParts;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::request::Parts;
use schemars::JsonSchema;
use serde::Serialize;

use crate::body::Parse;
use crate::caller::caller;
use crate::codes;
use crate::openapi::describe;
use crate::problem::Problem;
use crate::query;

/// So many items are given when the caller does not say.
pub const LIMIT_DEFAULT: u8 = 20;
/// So many items at most.
pub const LIMIT_MAX: u8 = 100;
/// A cursor of ours is far shorter; a longer one is not even looked at.
pub const CURSOR_LENGTH_MAX: usize = 1_024;

/// Keeps the digests of cursors apart from all others that are made with the same key.
const PURPOSE: &str = "cursor";
const TAG_BYTES: usize = 16;

/// Extracts `limit` and `cursor`, and all other parameters as `R`.
#[derive(Debug)]
pub struct Paged<R: Parse> {
    pub ask: R::Into,
    pub page: Page,
}

/// Which page is asked for.
#[derive(Debug, Clone)]
pub struct Page {
    limit: u8,
    after: Option<String>,
    /// Who asks for what.
    binding: [u8; 32],
}

/// A page of a list.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "ListOf{T}")]
pub struct Listed<T> {
    pub data: Vec<T>,
    pub page: PageView,
}

/// Where the next page is.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "Page")]
pub struct PageView {
    /// Send it as `cursor`, with all other parameters as they were; null on the last page.
    pub next_cursor: Option<String>,
}

impl Page {
    /// 1 to [`LIMIT_MAX`].
    #[must_use]
    pub fn limit(&self) -> i32 {
        i32::from(self.limit)
    }

    /// The position after which the page begins, as the store gave it.
    #[must_use]
    pub fn after(&self) -> Option<&str> {
        self.after.as_deref()
    }

    /// The answer. `next` is the position after which the next page begins.
    ///
    /// # Errors
    /// A fault of ours in a function that has no token key.
    pub fn of<T>(&self, app: &App, data: Vec<T>, next: Option<&str>) -> Result<Listed<T>, Problem> {
        let next_cursor = next.map(|position| self.cursor(app, position)).transpose()?;
        Ok(Listed {
            data,
            page: PageView { next_cursor },
        })
    }

    fn cursor(&self, app: &App, position: &str) -> Result<String, Problem> {
        let signed = [&self.binding, position.as_bytes()].concat();
        let digest = app.keys().keyed_digest(PURPOSE, &signed)?;
        let tag = digest.get(..TAG_BYTES).unwrap_or_default();
        Ok(URL_SAFE_NO_PAD.encode([tag, position.as_bytes()].concat()))
    }

    fn position(&self, app: &App, cursor: &str) -> Result<String, Problem> {
        let bad = || Problem::invalid(vec![FieldError::new("/cursor", "is not a cursor of this list")]);
        if cursor.len() > CURSOR_LENGTH_MAX {
            return Err(bad());
        }
        let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| bad())?;
        let (tag, position) = bytes.split_at_checked(TAG_BYTES).ok_or_else(bad)?;
        let position = std::str::from_utf8(position).map_err(|_| bad())?;
        let signed = [&self.binding, position.as_bytes()].concat();
        let digest = app.keys().keyed_digest(PURPOSE, &signed)?;
        let expected = digest.get(..TAG_BYTES).unwrap_or_default();
        match aws_lc_rs::constant_time::verify_slices_are_equal(expected, tag) {
            Ok(()) => Ok(position.to_owned()),
            Err(_) => Err(bad()),
        }
    }
}

impl<R: Parse> FromRequestParts<App> for Paged<R> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let who = caller(parts, app)
            .await?
            .map_or_else(String::new, |caller| caller.user.to_string());
        let pairs = query::pairs(parts).map_err(Problem::invalid)?;
        let (paging, rest): (Vec<_>, Vec<_>) = pairs
            .into_iter()
            .partition(|(name, _)| name == "limit" || name == "cursor");
        let binding = binding(&who, parts.uri.path(), &rest);
        let single = |name| single(&paging, name);
        let limit = single("limit")?.map_or(Ok(LIMIT_DEFAULT), limit)?;
        let mut page = Page {
            limit,
            after: None,
            binding,
        };
        if let Some(cursor) = single("cursor")? {
            page.after = Some(page.position(app, cursor)?);
        }
        Ok(Self {
            ask: query::read::<R>(rest)?,
            page,
        })
    }
}

fn single<'p>(pairs: &'p [(String, String)], name: &str) -> Result<Option<&'p str>, Problem> {
    let mut given = pairs
        .iter()
        .filter(|(given, _)| given == name)
        .map(|(_, value)| value.as_str());
    let first = given.next();
    match given.next() {
        None => Ok(first),
        Some(_) => Err(Problem::invalid(vec![FieldError::new(
            format!("/{name}"),
            "is given more than once",
        )])),
    }
}

fn limit(text: &str) -> Result<u8, Problem> {
    let limit = text.parse().ok().filter(|limit| (1..=LIMIT_MAX).contains(limit));
    limit.ok_or_else(|| {
        Problem::invalid(vec![FieldError::new(
            "/limit",
            format!("has to be from 1 to {LIMIT_MAX}"),
        )])
    })
}

/// Each part with its length before it, so that no two requests give the same bytes.
fn binding(who: &str, path: &str, pairs: &[(String, String)]) -> [u8; 32] {
    let mut sorted: Vec<_> = pairs.iter().collect();
    sorted.sort();
    let mut context = digest::Context::new(&digest::SHA256);
    for part in [who, path]
        .into_iter()
        .chain(sorted.into_iter().flat_map(|(name, value)| [&**name, &**value]))
    {
        context.update(&part.len().to_be_bytes());
        context.update(part.as_bytes());
    }
    context.finish().as_ref().try_into().unwrap_or_default()
}

impl<R: Parse> aide::OperationInput for Paged<R> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        describe::query::<R>(ctx, operation);
        describe::paging(operation);
    }

    fn inferred_early_responses(ctx: &mut GenContext, _: &mut Operation) -> Vec<(Option<u16>, Response)> {
        describe::problems(ctx, &[codes::INVALID])
    }
}

/// No parameters besides `limit` and `cursor`.
#[derive(Debug, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoParameters {}

impl Parse for NoParameters {
    type Into = ();

    fn parse(self, _: &mut crate::Problems) -> Option<()> {
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{app, customer, get, json_of, request};
    use axum::Router;
    use axum::extract::State;
    use axum::routing;
    use serde_json::{Value, json};

    /// A list of the numbers below 250, and the same under another path.
    fn router() -> Router {
        async fn numbers(
            State(app): State<App>,
            Paged { page, .. }: Paged<Colour>,
        ) -> crate::Answer<crate::Reply<Listed<i32>>> {
            let first = page.after().map_or(0, |after| after.parse::<i32>().unwrap() + 1);
            let data: Vec<_> = (first..250).take(page.limit().try_into().unwrap()).collect();
            let next = data.last().filter(|last| **last < 249).map(ToString::to_string);
            Ok(crate::ok(page.of(&app, data, next.as_deref())?))
        }
        let app = app();
        let routes = Router::new()
            .route("/numbers", routing::get(numbers))
            .route("/others", routing::get(numbers))
            .with_state(app.clone());
        crate::finish(routes, &app)
    }

    #[derive(Debug, serde::Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    struct Colour {
        #[serde(rename = "colour")]
        _colour: Option<String>,
    }

    impl Parse for Colour {
        type Into = ();

        fn parse(self, _: &mut crate::Problems) -> Option<()> {
            Some(())
        }
    }

    async fn page(path: &str) -> (u16, Value) {
        let response = request(router(), get(path)).await;
        (response.status().as_u16(), json_of(response).await)
    }

    async fn cursor(path: &str) -> String {
        page(path).await.1["page"]["next_cursor"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    #[tokio::test]
    async fn pages_give_everything_once_and_end() {
        let mut seen = Vec::new();
        let mut path = "/numbers?limit=100".to_owned();
        loop {
            let (status, body) = page(&path).await;
            assert_eq!(status, 200);
            seen.extend(
                body["data"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|n| n.as_i64().unwrap()),
            );
            let Some(next) = body["page"]["next_cursor"].as_str() else {
                break;
            };
            path = format!("/numbers?limit=100&cursor={next}");
        }
        assert_eq!(seen, (0..250).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn a_page_has_at_most_a_hundred_items() {
        let (_, body) = page("/numbers").await;
        assert_eq!(body["data"].as_array().unwrap().len(), usize::from(LIMIT_DEFAULT));
        assert_eq!(page("/numbers?limit=1").await.1["data"], json!([0]));
        for wrong in ["0", "101", "-1", "x", "", "1.5", "256", "%2B5x", "5&limit=6"] {
            let (status, body) = page(&format!("/numbers?limit={wrong}")).await;
            assert_eq!(
                (status, &body["errors"][0]["pointer"]),
                (422, &json!("/limit")),
                "{wrong}"
            );
        }
    }

    #[tokio::test]
    async fn a_cursor_is_good_for_the_same_question_only() {
        let red = cursor("/numbers?colour=red").await;
        assert_eq!(
            page(&format!("/numbers?cursor={red}&limit=3&colour=red")).await.0,
            200
        );
        for other in ["/numbers?", "/numbers?colour=blue", "/others?colour=red"] {
            let (status, body) = page(&format!("{other}&cursor={red}")).await;
            assert_eq!(
                (status, &body["errors"][0]["pointer"]),
                (422, &json!("/cursor")),
                "{other}"
            );
        }
    }

    #[tokio::test]
    async fn a_cursor_is_good_for_the_same_caller_only() {
        let mut asked = get("/numbers");
        asked.extensions_mut().insert(customer());
        let body = json_of(request(router(), asked).await).await;
        let mine = body["page"]["next_cursor"].as_str().unwrap();
        let again = || get(&format!("/numbers?cursor={mine}"));
        assert_eq!(request(router(), again()).await.status(), 422);
        let mut by_me = again();
        by_me.extensions_mut().insert(customer());
        assert_eq!(request(router(), by_me).await.status(), 200);
    }

    #[tokio::test]
    async fn a_cursor_that_was_changed_or_made_up_is_refused() {
        let good = cursor("/numbers").await;
        let mut bytes = URL_SAFE_NO_PAD.decode(&good).unwrap();
        *bytes.last_mut().unwrap() += 1;
        let long = "A".repeat(CURSOR_LENGTH_MAX + 1);
        for bad in [
            URL_SAFE_NO_PAD.encode(bytes),
            format!("{good}A"),
            "x".into(),
            String::new(),
            "!!".into(),
            long,
        ] {
            let (status, body) = page(&format!("/numbers?cursor={bad}")).await;
            assert_eq!(
                (status, &body["errors"][0]["pointer"]),
                (422, &json!("/cursor")),
                "{bad}"
            );
        }
    }
}
