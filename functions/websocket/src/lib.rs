//! The routes of the WebSocket API.
//!
//! - `$connect`: whether a page of this origin and somebody at this address may open a socket
//!   ([`app::realtime::may_open`]). Nothing is stored of the connection and nothing is sent: it cannot be posted
//!   to before this has answered. Who is there says the first command.
//! - `$default`: a frame with commands ([`app::realtime::on_frame`]).
//! - `$disconnect`: the connection is forgotten. It may also never be told of.
//!
//! No cookie is looked at.

use app::App;
use app::realtime::Unopened;
use aws_lambda_events::apigw::{
    ApiGatewayProxyResponse, ApiGatewayWebsocketProxyRequest, ApiGatewayWebsocketProxyRequestContext,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// # Errors
/// [`app::Error::Unavailable`]; [`app::Error::Internal`] for an event without a connection or of a route
/// that the API does not have.
pub async fn handle(
    app: &App,
    event: ApiGatewayWebsocketProxyRequest,
) -> app::Result<ApiGatewayProxyResponse> {
    let ApiGatewayWebsocketProxyRequestContext {
        route_key,
        connection_id,
        identity,
        ..
    } = event.request_context;
    let id = connection_id.ok_or_else(|| app::Error::Internal("an event without a connection".to_owned()))?;
    match route_key.as_deref() {
        Some("$connect") => {
            let origin = event.headers.get("origin").map(|origin| origin.as_bytes());
            let address = identity.source_ip.unwrap_or_default();
            return Ok(answer(
                match app::realtime::may_open(app, origin, &address).await? {
                    Ok(()) => 200,
                    Err(Unopened::Origin) => 403,
                    Err(Unopened::Rate) => 429,
                },
            ));
        }
        Some("$default") => {
            let frame = text(event.body.unwrap_or_default(), event.is_base64_encoded);
            // Boxed: a future of this depth in one piece is more than the compiler lays out.
            Box::pin(app::realtime::on_frame(app, &id, &frame)).await?;
        }
        Some("$disconnect") => app::realtime::on_disconnect(app, &id).await?,
        other => return Err(app::Error::Internal(format!("no route {other:?}"))),
    }
    Ok(answer(200))
}

/// A binary frame comes in base 64. One that is no text is no frame of the protocol, and stays unreadable.
fn text(body: String, is_base64: bool) -> String {
    if !is_base64 {
        return body;
    }
    let bytes = STANDARD.decode(&body).ok();
    bytes
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .unwrap_or(body)
}

fn answer(status: i64) -> ApiGatewayProxyResponse {
    let mut response = ApiGatewayProxyResponse::default();
    response.status_code = status;
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use testkit::World;

    const CONNECT: &str = include_str!("../../../events/websocket-connect.json");
    const MESSAGE: &str = include_str!("../../../events/websocket-message.json");
    const DISCONNECT: &str = include_str!("../../../events/websocket-disconnect.json");
    /// The connection of the events.
    const ID: &str = "UZ8eMdj7oAMCIxA=";

    fn event(text: &str) -> ApiGatewayWebsocketProxyRequest {
        serde_json::from_str(text).unwrap()
    }

    async fn connecting_from(origin: Option<&str>) -> i64 {
        let mut event = event(CONNECT);
        event.headers.remove("origin");
        if let Some(origin) = origin {
            event.headers.insert("origin", origin.parse().unwrap());
        }
        handle(&World::new().app, event).await.unwrap().status_code
    }

    #[tokio::test]
    async fn only_pages_of_known_origins_open_a_socket() {
        assert_eq!(connecting_from(Some("http://localhost:3000")).await, 200);
        for strange in [
            "https://evil.example",
            "null",
            "http://localhost:3000.evil.example",
            "http://localhost",
            "",
        ] {
            assert_eq!(connecting_from(Some(strange)).await, 403, "{strange}");
        }
    }

    #[tokio::test]
    async fn what_is_no_browser_opens_a_socket() {
        assert_eq!(connecting_from(None).await, 200);
    }

    #[tokio::test]
    async fn an_address_that_opens_too_many_is_refused() {
        let world = World::new();
        for n in 0..app::realtime::CONNECTS_BURST {
            let opened = handle(&world.app, event(CONNECT)).await.unwrap();
            assert_eq!(opened.status_code, 200, "{n}");
        }
        assert_eq!(handle(&world.app, event(CONNECT)).await.unwrap().status_code, 429);
    }

    #[tokio::test]
    async fn opening_a_socket_stores_and_sends_nothing() {
        let world = World::new();
        handle(&world.app, event(CONNECT)).await.unwrap();
        assert_eq!(world.app.store().connection(ID).await, Ok(None));
        assert_eq!(world.sockets.sent_to(ID), Vec::<String>::new());
    }

    #[tokio::test]
    async fn a_frame_is_answered_over_the_socket_and_the_end_is_noticed() {
        let world = World::new();
        assert_eq!(handle(&world.app, event(MESSAGE)).await.unwrap().status_code, 200);
        assert!(
            world
                .sockets
                .sent_to(ID)
                .concat()
                .starts_with(r#"{"connect":{"client":"#)
        );
        assert!(world.app.store().connection(ID).await.unwrap().is_some());
        assert_eq!(
            handle(&world.app, event(DISCONNECT)).await.unwrap().status_code,
            200
        );
        assert_eq!(world.app.store().connection(ID).await, Ok(None));
    }

    #[tokio::test]
    async fn a_binary_frame_is_read_like_a_text() {
        let world = World::new();
        let mut message = event(MESSAGE);
        message.body = message.body.map(|body| STANDARD.encode(body));
        message.is_base64_encoded = true;
        handle(&world.app, message).await.unwrap();
        assert!(world.app.store().connection(ID).await.unwrap().is_some());
    }

    #[tokio::test]
    async fn an_event_of_no_route_is_a_fault() {
        let mut event = event(MESSAGE);
        event.request_context.route_key = Some("chat".to_owned());
        assert!(handle(&World::new().app, event).await.is_err());
    }
}
