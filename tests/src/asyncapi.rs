//! Frames of sockets against their schemas in `events/asyncapi.yaml`.

use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::{Value, json};

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    const TEXT: &str = include_str!("../../events/asyncapi.yaml");
    serde_saphyr::from_str(TEXT).unwrap()
});
static COMMAND: LazyLock<Validator> = LazyLock::new(|| schema("Command"));
static REPLY: LazyLock<Validator> = LazyLock::new(|| schema("Reply"));
static PUSH: LazyLock<Validator> = LazyLock::new(|| schema("Push"));

/// One of the document's schemas, with the others at hand for what it refers to.
fn schema(name: &str) -> Validator {
    let root = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$ref": format!("#/components/schemas/{name}"),
        "components": DOCUMENT["components"],
    });
    jsonschema::options()
        .should_validate_formats(true)
        .build(&root)
        .unwrap()
}

fn fits(validator: &Validator, line: &Value) {
    let wrong: Vec<String> = validator.iter_errors(line).map(|e| e.to_string()).collect();
    assert!(wrong.is_empty(), "not as the document has it: {wrong:?}\n{line}");
}

/// A line that the server sent.
pub fn is_from_the_server(line: &Value) {
    fits(if line.get("push").is_some() { &PUSH } else { &REPLY }, line);
}

/// A command that the server has done.
pub fn is_a_command(line: &Value) {
    fits(&COMMAND, line);
}

#[test]
fn the_examples_of_the_document_fit_its_schemas() {
    let mut seen = 0;
    for (name, validator) in [("command", &COMMAND), ("reply", &REPLY), ("push", &PUSH)] {
        let examples = DOCUMENT["components"]["messages"][name]["examples"]
            .as_array()
            .unwrap();
        for example in examples {
            fits(validator, &example["payload"]);
            seen += 1;
        }
    }
    assert!(seen > 10, "{seen}");
}

#[test]
fn what_is_not_in_the_document_does_not_fit() {
    let booking = "booking:bkg_019a4f3b8f2a7c31a4d5e6f708192a3b";
    let data = json!({"type": "BookingHeld", "id": "1", "at": "2026-11-22T10:00:04Z", "v": 1});
    let push = |data: &Value| json!({"push": {"channel": booking, "pub": {"offset": 1, "data": data}}});
    fits(&PUSH, &push(&data));
    let mut undated = data.clone();
    undated["at"] = json!("yesterday");
    let mut unknown = data;
    unknown["type"] = json!("BookingSold");
    for line in [
        push(&undated),
        push(&unknown),
        json!({"push": {}}),
        json!({"push": {"join": {}}}),
    ] {
        assert!(!PUSH.is_valid(&line), "{line}");
    }
    for line in [
        json!({"id": 1}),
        json!({"id": 1, "error": {"code": 999, "message": "", "temporary": false}}),
        json!({"id": 1, "ping": {"pong": true}}),
        json!({"id": 1, "ping": {}, "rpc": {"data": {}}}),
    ] {
        assert!(!REPLY.is_valid(&line), "{line}");
    }
}
