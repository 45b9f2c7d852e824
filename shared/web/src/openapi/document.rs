//! One OpenAPI 3.1 document of all routes, the same bytes each time.

use std::collections::{BTreeMap, BTreeSet};

use aide::generate::{GenContext, in_context, reset_context};
use aide::openapi::{Operation, Parameter, ReferenceOr, Response, Responses, StatusCode};
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::describe::{self, BEARER, CODES};
use super::{Api, Route};
use crate::codes::{self, CATALOGUE};

const TITLE: &str = "TOFIMOTIA";
const ABOUT: &str = "\
Find venues and book them by the hour, run venues, run the platform.

Times are RFC 3339 instants. Money is an integer in minor units with its currency and exponent. \
Every error is `application/problem+json` (RFC 9457) with a stable `code`. Lists come in pages with \
an opaque `next_cursor`. What can be changed has an `ETag`, which a change names in `If-Match`. \
A request with an `Idempotency-Key` can be sent again safely. \
How often one caller may ask is told with each answer in `RateLimit` and `RateLimit-Policy`, and for each route in \
`x-rate-limit`; a 429 says in `Retry-After` when to ask again. \
Unknown fields are refused, and a body has at most 256 KB.";

/// An OpenAPI document.
#[derive(Debug, Clone, PartialEq)]
pub struct Document(Value);

impl Document {
    /// As it is written into `docs/openapi.json`.
    #[must_use]
    pub fn to_json(&self) -> String {
        format!("{:#}\n", self.0)
    }

    #[must_use]
    pub const fn value(&self) -> &Value {
        &self.0
    }
}

/// Describes the routes of several functions in one document.
///
/// # Errors
/// Everything that keeps the description from being right: a path whose placeholders are not extracted,
/// an input that lets unknown fields pass, two types under one name.
pub fn document(apis: impl IntoIterator<Item = Api>) -> Result<Document, Vec<String>> {
    reset_context();
    let mut writer = Writer::new();
    for api in apis {
        writer.tags.insert(api.tag, api.about);
        for route in &api.routes {
            in_context(|ctx| writer.route(ctx, api.tag, route));
        }
    }
    reset_context();
    writer.finish()
}

struct Writer {
    /// What is sent to us: optional fields may be left out.
    inputs: SchemaGenerator,
    /// What we send: every field is there.
    outputs: SchemaGenerator,
    tags: BTreeMap<&'static str, &'static str>,
    paths: BTreeMap<&'static str, BTreeMap<String, Value>>,
    faults: Vec<String>,
}

impl Writer {
    fn new() -> Self {
        let settings = || {
            SchemaSettings::draft2020_12().with(|settings| {
                settings.definitions_path = "/components/schemas".into();
                settings.meta_schema = None;
            })
        };
        Self {
            inputs: settings().for_deserialize().into_generator(),
            outputs: settings().for_serialize().into_generator(),
            tags: BTreeMap::new(),
            paths: BTreeMap::new(),
            faults: Vec::new(),
        }
    }

    fn route(&mut self, ctx: &mut GenContext, tag: &str, route: &Route) {
        let name = format!("{} {}", route.method, route.path);
        let mut operation = Operation::default();
        std::mem::swap(&mut ctx.schema, &mut self.inputs);
        (route.describe.input)(ctx, &mut operation);
        std::mem::swap(&mut ctx.schema, &mut self.inputs);

        std::mem::swap(&mut ctx.schema, &mut self.outputs);
        let mut answers = (route.describe.output)(ctx, &mut operation);
        answers.extend((route.describe.early)(ctx, &mut operation));
        answers.extend(describe::problems(ctx, route.doc.of_time));
        answers.extend(describe::problems(ctx, route.doc.problems));
        answers.extend(describe::problems(ctx, &[codes::TOO_MANY_REQUESTS]));
        std::mem::swap(&mut ctx.schema, &mut self.outputs);

        operation.responses = Some(merged(answers));
        if !name_path_parts(&mut operation, route.path) {
            self.faults.push(format!(
                "{name}: the path's placeholders are not what the handler extracts"
            ));
        }
        if let Some(query) = operation.extensions.shift_remove("x-query") {
            open_objects(&query, &format!("the query of {name}"), &mut self.faults);
        }
        describe::rate(&mut operation, route.doc.class);
        operation.tags = vec![tag.to_owned()];
        operation.summary = Some(route.doc.summary.to_owned());
        operation.description = route.doc.details.map(str::to_owned);
        operation.operation_id = Some(operation_id(route));
        let described = serde_json::to_value(&operation).unwrap_or_default();
        let methods = self.paths.entry(route.path).or_default();
        if methods
            .insert(route.method.as_str().to_ascii_lowercase(), described)
            .is_some()
        {
            self.faults.push(format!("{name} is there twice"));
        }
    }

    fn finish(mut self) -> Result<Document, Vec<String>> {
        let mut schemas = self.inputs.take_definitions(true);
        for (name, schema) in &schemas {
            open_objects(schema, name, &mut self.faults);
        }
        for (name, schema) in self.outputs.take_definitions(true) {
            match schemas.get(&name) {
                Some(other) if *other != schema => self.faults.push(format!(
                    "{name} is both sent and received and not the same both ways; give one another name"
                )),
                _ => _ = schemas.insert(name, schema),
            }
        }
        self.faults.extend(namesakes(&schemas));
        if !self.faults.is_empty() {
            return Err(self.faults);
        }
        let tags: Vec<_> = self
            .tags
            .into_iter()
            .map(|(name, about)| json!({"name": name, "description": about}))
            .collect();
        Ok(Document(sorted(json!({
            "openapi": "3.1.0",
            "info": {"title": TITLE, "version": env!("CARGO_PKG_VERSION"), "description": ABOUT},
            "servers": [{"url": "/"}],
            "tags": tags,
            "paths": self.paths,
            "components": {
                "schemas": schemas,
                "securitySchemes": {BEARER: {
                    "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
                    "description": "The access token of a sign-in.",
                }},
            },
        }))))
    }
}

/// One answer for each status; the codes of problems with the same status come together.
fn merged(answers: Vec<(Option<u16>, Response)>) -> Responses {
    let mut responses = Responses::default();
    for (status, answer) in answers {
        let Some(status) = status else {
            responses.default = Some(ReferenceOr::Item(answer));
            continue;
        };
        let entry = responses
            .responses
            .entry(StatusCode::Code(status))
            .or_insert(ReferenceOr::Item(answer.clone()));
        if let ReferenceOr::Item(known) = entry {
            tell_codes(known, &answer);
        }
    }
    responses.responses.sort_unstable_keys();
    responses
}

fn tell_codes(known: &mut Response, other: &Response) {
    let codes = |answer: &Response| -> BTreeSet<String> {
        let listed = answer
            .extensions
            .get(CODES)
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        listed.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let all: BTreeSet<_> = codes(known).union(&codes(other)).cloned().collect();
    if all.is_empty() {
        return;
    }
    let line = |name: &String| {
        let title = CATALOGUE
            .iter()
            .find(|code| code.name == name)
            .map_or("", |code| code.title);
        format!("- `{name}`: {title}")
    };
    known.description = all.iter().map(line).collect::<Vec<_>>().join("\n");
    known.extensions.insert(CODES.to_owned(), json!(all));
}

/// Gives the path's placeholders, in order, to the parts that the handler extracts.
fn name_path_parts(operation: &mut Operation, path: &str) -> bool {
    let mut names = path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    for parameter in &mut operation.parameters {
        if let ReferenceOr::Item(Parameter::Path { parameter_data, .. }) = parameter {
            match names.next() {
                Some(name) => name.clone_into(&mut parameter_data.name),
                None => return false,
            }
        }
    }
    names.next().is_none()
}

/// `get_venues_details_by_venue_id`: from method and path, so that it is one of a kind.
fn operation_id(route: &Route) -> String {
    let path = route.path.strip_prefix("/api/v1").unwrap_or(route.path);
    let parts = path
        .split('/')
        .filter(|part| !part.is_empty())
        .map(|part| match part.strip_prefix('{') {
            Some(name) => format!("by_{}", name.trim_end_matches('}')),
            None => part.replace(|c: char| !c.is_ascii_alphanumeric(), "_"),
        });
    let words: Vec<_> = std::iter::once(route.method.as_str().to_ascii_lowercase())
        .chain(parts)
        .collect();
    words.join("_")
}

/// Every object that would let an unknown field pass.
fn open_objects(schema: &Value, name: &str, faults: &mut Vec<String>) {
    if schema.get("properties").is_some() && schema.get("additionalProperties").is_none() {
        faults.push(format!(
            "{name} lets unknown fields pass; give it #[serde(deny_unknown_fields)]"
        ));
    }
    match schema {
        Value::Object(keywords) => keywords
            .values()
            .for_each(|inner| open_objects(inner, name, faults)),
        Value::Array(several) => several.iter().for_each(|inner| open_objects(inner, name, faults)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Two types of one name: the second one was given a number.
fn namesakes(schemas: &Map<String, Value>) -> impl Iterator<Item = String> {
    schemas.keys().filter_map(|name| {
        let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
        let numbered = stem.len() < name.len() && schemas.contains_key(stem);
        numbered.then(|| format!("two types are called {stem}; give one #[schemars(rename = ...)]"))
    })
}

/// By name, whatever order the map of `serde_json` keeps.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let by_name: BTreeMap<_, _> = map
                .into_iter()
                .map(|(name, inner)| (name, sorted(inner)))
                .collect();
            Value::Object(by_name.into_iter().collect())
        }
        Value::Array(several) => Value::Array(several.into_iter().map(sorted).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes;
    use crate::testing::NewGuest;
    use crate::{
        Body, Customer, Idempotent, IfMatch, Listed, Paged, Parse, PathId, Problem, Problems, Reply, doc,
    };
    use domain::id::{SpaceId, VenueId};
    use schemars::JsonSchema;
    use serde::{Deserialize, Serialize};

    /// A guest of a venue.
    #[derive(Serialize, JsonSchema)]
    struct GuestView {
        name: String,
        nickname: Option<String>,
    }

    #[derive(Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    struct Search {
        #[serde(rename = "text")]
        _text: Option<String>,
    }

    impl Parse for Search {
        type Into = ();

        fn parse(self, _: &mut Problems) -> Option<()> {
            Some(())
        }
    }

    async fn invite(
        _: Customer,
        _: Idempotent,
        _: PathId<(VenueId, SpaceId)>,
        Body(guest): Body<NewGuest>,
    ) -> Result<Reply<GuestView, 201>, Problem> {
        Ok(crate::created(GuestView {
            name: guest.name,
            nickname: None,
        }))
    }

    async fn list(_: Paged<Search>) -> Result<Reply<Listed<GuestView>>, Problem> {
        Err(Problem::new(codes::NOT_FOUND))
    }

    async fn rename(_: IfMatch) -> crate::NoContent {
        crate::no_content()
    }

    fn api() -> Api {
        let refusals = &[codes::SLOT_TAKEN, codes::BUFFER];
        Api::new("guests", "Who comes.")
            .post(
                "/api/v1/venues/{venue_id}/spaces/{space_id}/guests",
                invite,
                doc("Invite").problems(refusals),
            )
            .get("/api/v1/guests", list, "List")
            .put("/api/v1/guests/name", rename, "Rename")
    }

    #[test]
    fn a_route_is_described_by_its_extractors_and_answers() {
        let document = document([api()]).unwrap();
        let post = &document.value()["paths"]["/api/v1/venues/{venue_id}/spaces/{space_id}/guests"]["post"];
        assert_eq!(
            post["operationId"],
            "post_venues_by_venue_id_spaces_by_space_id_guests"
        );
        assert_eq!(post["security"], json!([{"bearer": []}]));
        let parameters: Vec<_> = post["parameters"]
            .as_array()
            .unwrap()
            .iter()
            .map(|p| &p["name"])
            .collect();
        assert_eq!(parameters, ["Idempotency-Key", "venue_id", "space_id"]);
        let body = &post["requestBody"]["content"]["application/json"]["schema"]["$ref"];
        assert_eq!(body, "#/components/schemas/NewGuest");
        let codes = |status: &str| post["responses"][status]["x-codes"].clone();
        assert_eq!(codes("409"), json!(["buffer", "in_progress", "slot_taken"]));
        assert_eq!(codes("422"), json!(["idempotency_key_reused", "invalid"]));
        assert_eq!(codes("404"), json!(["not_found"]));
        let created = &post["responses"]["201"];
        assert_eq!(created["description"], "A guest of a venue.");
        assert_eq!(
            created["content"]["application/json"]["schema"]["$ref"],
            "#/components/schemas/GuestView"
        );
    }

    #[test]
    fn a_list_is_described_with_its_paging() {
        let document = document([api()]).unwrap();
        let get = &document.value()["paths"]["/api/v1/guests"]["get"];
        let parameters: Vec<_> = get["parameters"]
            .as_array()
            .unwrap()
            .iter()
            .map(|p| &p["name"])
            .collect();
        assert_eq!(parameters, ["text", "limit", "cursor"]);
        assert!(document.value()["components"]["schemas"].get("Search").is_none());
        assert!(
            document.value()["components"]["schemas"]
                .get("ListOfGuestView")
                .is_some()
        );
    }

    #[test]
    fn what_we_send_always_has_every_field() {
        let document = document([api()]).unwrap();
        let schemas = &document.value()["components"]["schemas"];
        assert_eq!(schemas["GuestView"]["required"], json!(["name", "nickname"]));
        let listed = schemas["Problem"]["properties"]["code"]["enum"]
            .as_array()
            .unwrap();
        assert_eq!(listed.len(), CATALOGUE.len());
    }

    #[test]
    fn the_document_is_the_same_each_time() {
        assert_eq!(
            document([api()]).unwrap().to_json(),
            document([api()]).unwrap().to_json()
        );
    }

    #[test]
    fn an_input_that_lets_unknown_fields_pass_is_found() {
        #[derive(Deserialize, JsonSchema)]
        struct Loose {
            #[serde(rename = "name")]
            _name: String,
        }
        impl Parse for Loose {
            type Into = ();

            fn parse(self, _: &mut Problems) -> Option<()> {
                Some(())
            }
        }
        let body = Api::new("loose", "").post("/loose", async |_: Body<Loose>| crate::no_content(), "");
        let query = Api::new("loose", "").get(
            "/loose",
            async |_: crate::QueryParams<Loose>| crate::no_content(),
            "",
        );
        for api in [body, query] {
            assert!(document([api]).unwrap_err()[0].contains("deny_unknown_fields"));
        }
    }

    #[test]
    fn placeholders_that_nobody_extracts_are_found() {
        let missing = Api::new("x", "").get("/x/{id}", async || crate::no_content(), "");
        let extra = Api::new("x", "").get("/x", async |_: PathId<VenueId>| crate::no_content(), "");
        for api in [missing, extra] {
            assert!(document([api]).unwrap_err()[0].contains("placeholders"));
        }
    }

    #[test]
    fn two_types_of_one_name_are_found() {
        mod other {
            #[derive(serde::Serialize, schemars::JsonSchema)]
            pub(super) struct GuestView {
                pub age: u8,
            }
        }
        let two = Api::new("x", "").get("/x", async || crate::ok(other::GuestView { age: 1 }), "");
        assert!(document([api(), two]).unwrap_err()[0].contains("GuestView"));
    }
}
