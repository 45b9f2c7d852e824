//! How the extractors and answers describe themselves in OpenAPI's terms.

use aide::generate::GenContext;
use aide::openapi::{
    Header, HeaderStyle, MediaType, Operation, Parameter, ParameterData, ParameterSchemaOrContent, PathStyle,
    QueryStyle, ReferenceOr, RequestBody, Response, SchemaObject,
};
use app::limits::{Class, Per};
use domain::permission::{Permission, Scope};
use schemars::{JsonSchema, Schema, json_schema};
use serde_json::{Value, json};

use crate::codes::Code;
use crate::idempotency::KEY_LENGTH_MAX;
use crate::page::{CURSOR_LENGTH_MAX, LIMIT_DEFAULT, LIMIT_MAX};
use crate::problem;

/// The name of the way to sign in.
pub const BEARER: &str = "bearer";
/// Where an answer keeps the codes that it can have, until they are merged into its description.
pub(super) const CODES: &str = "x-codes";

/// Where an operation tells which permission it needs, and whose that is.
pub const PERMISSION: &str = "x-permission";

/// Where it tells how often one caller may ask.
pub const RATE: &str = "x-rate-limit";

/// Whether one has to sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    Optional,
    Required,
}

pub fn access(operation: &mut Operation, access: Access) {
    let required = [(BEARER.to_owned(), Vec::new())].into_iter().collect();
    operation.security = match access {
        Access::Optional if operation.security.is_empty() => vec![std::iter::empty().collect(), required],
        // Of two extractors the stricter one counts.
        Access::Optional => return,
        Access::Required => vec![required],
    };
}

/// Who may, by the table of permissions.
pub fn permission(operation: &mut Operation, permission: Permission) {
    let policy = permission.policy();
    let scope = match policy.scope {
        Scope::Venue => "venue",
        Scope::Business => "business",
        Scope::Platform => "platform",
    };
    let row = json!({
        "name": permission.as_str(),
        "scope": scope,
        "members": policy.members,
        "admins": policy.admins,
    });
    operation.extensions.insert(PERMISSION.to_owned(), row);
}

/// How often one caller may ask.
pub fn rate(operation: &mut Operation, class: &Class) {
    let row = json!({
        "class": class.name,
        "per": match class.per {
            Per::Caller => "caller",
            Per::Network => "network",
        },
        "burst": class.rate.burst,
        "interval_ms": class.rate.interval_ms,
    });
    operation.extensions.insert(RATE.to_owned(), row);
}

/// The problems an extractor answers with, by status.
pub fn problems(ctx: &mut GenContext, codes: &[Code]) -> Vec<(Option<u16>, Response)> {
    codes
        .iter()
        .map(|code| {
            let mut response = problem(ctx);
            response.extensions.insert(CODES.to_owned(), json!([code.name]));
            (Some(code.status), response)
        })
        .collect()
}

/// Any problem.
pub fn problem(ctx: &mut GenContext) -> Response {
    let schema = problem::schema(&mut ctx.schema);
    Response {
        description: "Any other problem.".to_owned(),
        ..with_content(problem::MEDIA_TYPE, schema)
    }
}

/// With the address to go on to.
pub fn redirect() -> Response {
    let schema = json_schema!({"type": "string", "format": "uri-reference"});
    let location = Header {
        description: Some("Relative to the address that was asked for.".to_owned()),
        style: HeaderStyle::Simple,
        required: true,
        deprecated: None,
        format: ParameterSchemaOrContent::Schema(object(schema)),
        example: None,
        examples: std::iter::empty().collect(),
        extensions: std::iter::empty().collect(),
    };
    Response {
        description: "It has another address.".to_owned(),
        headers: [("Location".to_owned(), ReferenceOr::Item(location))]
            .into_iter()
            .collect(),
        ..Response::default()
    }
}

pub fn json_answer<T: JsonSchema>(ctx: &mut GenContext) -> Response {
    let schema = ctx.schema.subschema_for::<T>();
    let description = ctx
        .resolve_schema(&schema)
        .get("description")
        .and_then(Value::as_str)
        .map(str::to_owned);
    Response {
        description: description.unwrap_or_else(|| "Done.".to_owned()),
        ..with_content("application/json", schema)
    }
}

/// A file of a media type.
pub fn file(media_type: &str) -> Response {
    let schema = match media_type {
        "application/json" => json_schema!({"type": "object"}),
        _ => json_schema!({"type": "string"}),
    };
    Response {
        description: "The file.".to_owned(),
        ..with_content(media_type, schema)
    }
}

fn with_content(media_type: &str, schema: Schema) -> Response {
    let media = MediaType {
        schema: Some(object(schema)),
        ..MediaType::default()
    };
    Response {
        content: [(media_type.to_owned(), media)].into_iter().collect(),
        ..Response::default()
    }
}

pub fn json_body<R: JsonSchema>(ctx: &mut GenContext, operation: &mut Operation) {
    let media = MediaType {
        schema: Some(object(ctx.schema.subschema_for::<R>())),
        ..MediaType::default()
    };
    operation.request_body = Some(ReferenceOr::Item(RequestBody {
        content: [("application/json".to_owned(), media)].into_iter().collect(),
        required: true,
        ..RequestBody::default()
    }));
}

/// One parameter for each property. The type itself is not listed among the schemas.
pub fn query<R: JsonSchema>(ctx: &mut GenContext, operation: &mut Operation) {
    let schema = R::json_schema(&mut ctx.schema);
    let required: Vec<&str> = schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    for (name, property) in schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        let Ok(property) = Schema::try_from(property.clone()) else {
            continue;
        };
        let description = property
            .get("description")
            .and_then(Value::as_str)
            .map(str::to_owned);
        let required = required.contains(&name.as_str());
        push_query(
            operation,
            ParameterData {
                description,
                required,
                ..parameter(name, property)
            },
        );
    }
    // Looked at and taken out by `document`: a query type has to refuse what it does not know.
    operation
        .extensions
        .insert("x-query".to_owned(), schema.to_value());
}

pub fn paging(operation: &mut Operation) {
    let limit =
        json_schema!({"type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT_DEFAULT});
    let cursor = json_schema!({"type": "string", "maxLength": CURSOR_LENGTH_MAX});
    push_query(
        operation,
        described(parameter("limit", limit), "How many items a page has at most."),
    );
    push_query(
        operation,
        described(
            parameter("cursor", cursor),
            "`page.next_cursor` of the page before.",
        ),
    );
}

fn push_query(operation: &mut Operation, parameter_data: ParameterData) {
    operation.parameters.push(ReferenceOr::Item(Parameter::Query {
        parameter_data,
        allow_reserved: false,
        style: QueryStyle::Form,
        allow_empty_value: None,
    }));
}

/// The names are in the route's path; `document` fills them in.
pub fn path_parts(operation: &mut Operation, schemas: Vec<Schema>) {
    for schema in schemas {
        let parameter_data = ParameterData {
            required: true,
            ..parameter("", schema)
        };
        operation.parameters.push(ReferenceOr::Item(Parameter::Path {
            parameter_data,
            style: PathStyle::Simple,
        }));
    }
}

pub fn idempotency_key(operation: &mut Operation, required: bool) {
    let schema = json_schema!({
        "type": "string", "minLength": 1, "maxLength": KEY_LENGTH_MAX, "pattern": "^[!-~]+$",
    });
    let about =
        "New for each thing you want done. Sent again with the same request it gives the same answer.";
    push_header(
        operation,
        ParameterData {
            required,
            ..described(parameter("Idempotency-Key", schema), about)
        },
    );
}

pub fn if_match(operation: &mut Operation, required: bool) {
    let schema = json_schema!({"type": "string", "pattern": "^\"v[0-9]+\"$"});
    let about = "The `ETag` of what you want to change, as you have seen it.";
    push_header(
        operation,
        ParameterData {
            required,
            ..described(parameter("If-Match", schema), about)
        },
    );
}

fn push_header(operation: &mut Operation, parameter_data: ParameterData) {
    let header = Parameter::Header {
        parameter_data,
        style: HeaderStyle::Simple,
    };
    operation.parameters.push(ReferenceOr::Item(header));
}

fn described(parameter: ParameterData, description: &str) -> ParameterData {
    ParameterData {
        description: Some(description.to_owned()),
        ..parameter
    }
}

fn parameter(name: &str, schema: Schema) -> ParameterData {
    ParameterData {
        name: name.to_owned(),
        description: None,
        required: false,
        deprecated: None,
        format: ParameterSchemaOrContent::Schema(object(schema)),
        example: None,
        examples: std::iter::empty().collect(),
        explode: None,
        extensions: std::iter::empty().collect(),
    }
}

fn object(json_schema: Schema) -> SchemaObject {
    SchemaObject {
        json_schema,
        example: None,
        external_docs: None,
    }
}
