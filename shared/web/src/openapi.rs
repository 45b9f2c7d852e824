//! The description of the API, made from the routers themselves.
//!
//! [`Api`] is a router that remembers how to describe its handlers. Describing is put off until
//! [`document`] is called, which only the check of `docs/openapi.json` does: a function that starts
//! makes no schemas. The extractors and answers of this crate say themselves which parameters, which
//! sign-in and which problems they bring; a route adds its summary and what the rules may refuse.

pub mod describe;
mod document;

use aide::generate::GenContext;
use aide::openapi::{Operation, Response};
use aide::operation::OperationHandler;
use aide::{OperationInput, OperationOutput};
use app::App;
use app::limits::{self, Class};
use axum::Router;
use axum::handler::Handler;
use axum::middleware;
use axum::routing::{self, MethodRouter};
use http::Method;

use crate::codes::{self, Code};
use crate::limit;
pub use document::{Document, document};

/// The routes of one function.
#[must_use]
pub struct Api {
    tag: &'static str,
    about: &'static str,
    routes: Vec<Route>,
}

struct Route {
    method: Method,
    path: &'static str,
    handler: MethodRouter<App>,
    doc: Doc,
    describe: Describe,
}

type Answers = Vec<(Option<u16>, Response)>;

/// How a handler's types describe themselves. Functions, not descriptions: nothing is made yet.
#[derive(Clone, Copy)]
struct Describe {
    input: fn(&mut GenContext, &mut Operation),
    early: fn(&mut GenContext, &mut Operation) -> Answers,
    output: fn(&mut GenContext, &mut Operation) -> Answers,
}

/// What a route's types do not say. See [`doc`].
#[derive(Debug, Clone, Copy)]
pub struct Doc {
    summary: &'static str,
    details: Option<&'static str>,
    problems: &'static [Code],
    of_time: &'static [Code],
    class: &'static Class,
}

/// The summary of a route, in a few words.
#[must_use]
pub const fn doc(summary: &'static str) -> Doc {
    Doc {
        summary,
        details: None,
        problems: &[],
        of_time: &[],
        class: &limits::GENERAL,
    }
}

impl Doc {
    /// More about it, in CommonMark.
    #[must_use]
    pub const fn details(self, details: &'static str) -> Self {
        Self {
            details: Some(details),
            ..self
        }
    }

    /// The problems that the use case may answer with, besides those of the extractors.
    #[must_use]
    pub const fn problems(self, problems: &'static [Code]) -> Self {
        Self { problems, ..self }
    }

    /// How often one caller may ask; [`limits::GENERAL`] unless it says so.
    #[must_use]
    pub const fn limited(self, class: &'static Class) -> Self {
        Self { class, ..self }
    }

    /// The use case may also answer that a time cannot be had ([`codes::OF_TIME`]).
    #[must_use]
    pub const fn refuses_times(self) -> Self {
        Self {
            of_time: codes::OF_TIME,
            ..self
        }
    }
}

impl From<&'static str> for Doc {
    fn from(summary: &'static str) -> Self {
        doc(summary)
    }
}

macro_rules! methods {
    ($($name:ident $method:ident)*) => {$(
        /// Adds a route, `{placeholders}` in its path.
        pub fn $name<H, I, O, T>(self, path: &'static str, handler: H, doc: impl Into<Doc>) -> Self
        where
            H: Handler<T, App> + OperationHandler<I, O>,
            I: OperationInput,
            O: OperationOutput,
            T: 'static,
        {
            let describe = Describe {
                input: I::operation_input,
                early: I::inferred_early_responses,
                output: O::inferred_responses,
            };
            self.with(Route {
                method: Method::$method,
                path,
                handler: routing::$name(handler),
                doc: doc.into(),
                describe,
            })
        }
    )*};
}

impl Api {
    /// A group of routes with its name and what it is about.
    pub const fn new(tag: &'static str, about: &'static str) -> Self {
        Self {
            tag,
            about,
            routes: Vec::new(),
        }
    }

    methods! { get GET post POST put PUT patch PATCH delete DELETE }

    fn with(mut self, route: Route) -> Self {
        self.routes.push(route);
        self
    }

    /// Method and path of every route.
    pub fn inventory(&self) -> impl Iterator<Item = (&Method, &'static str)> {
        self.routes.iter().map(|route| (&route.method, route.path))
    }

    /// The router that serves them, finished ([`crate::finish`]).
    pub fn into_router(self, app: App) -> Router {
        let add = |router: Router<App>, route: Route| {
            let limit = middleware::from_fn_with_state((app.clone(), route.doc.class), limit::enforce);
            router.route(route.path, route.handler.route_layer(limit))
        };
        let router = self.routes.into_iter().fold(Router::new(), add);
        crate::finish(router.with_state(app.clone()), &app)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{app, get, post_json, request};

    fn routes() -> Api {
        Api::new("things", "Things.")
            .get("/things", async || crate::ok(1), "List things")
            .post("/things", async || crate::created(1), doc("Make a thing"))
            .delete(
                "/things/{id}",
                async || crate::no_content(),
                doc("Drop a thing").details("For good."),
            )
    }

    #[tokio::test]
    async fn the_routes_are_served() {
        let router = routes().into_router(app());
        assert_eq!(request(router.clone(), get("/things")).await.status(), 200);
        assert_eq!(
            request(router.clone(), post_json("/things", "")).await.status(),
            201
        );
        assert_eq!(request(router, get("/things/1")).await.status(), 405);
    }

    #[test]
    fn the_inventory_has_every_route() {
        let api = routes();
        let inventory: Vec<_> = api
            .inventory()
            .map(|(method, path)| format!("{method} {path}"))
            .collect();
        assert_eq!(inventory, ["GET /things", "POST /things", "DELETE /things/{id}"]);
    }
}
