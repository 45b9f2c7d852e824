//! Open sockets of an API Gateway WebSocket API, through its management API (`@connections`).

use app::ports::{PortError, Sockets};
use async_trait::async_trait;
use aws_sdk_apigatewaymanagement::Client;
use aws_sdk_apigatewaymanagement::error::SdkError;
use aws_sdk_apigatewaymanagement::primitives::Blob;

use crate::failure::port_error;

#[derive(Debug, Clone)]
pub struct ApiGatewaySockets {
    client: Client,
}

impl ApiGatewaySockets {
    /// The client has to know the management endpoint of the stage ([`crate::sdk::sockets`]).
    #[must_use]
    pub const fn new(client: Client) -> Self {
        Self { client }
    }
}

#[async_trait]
impl Sockets for ApiGatewaySockets {
    async fn post(&self, connection: &str, frame: &[u8]) -> Result<(), PortError> {
        let sent = self
            .client
            .post_to_connection()
            .connection_id(connection)
            .data(Blob::new(frame))
            .send()
            .await;
        sent.map(drop).map_err(|e| {
            if is_gone(&e) {
                PortError::Gone
            } else {
                port_error("PostToConnection", &e)
            }
        })
    }

    async fn close(&self, connection: &str) -> Result<(), PortError> {
        match self
            .client
            .delete_connection()
            .connection_id(connection)
            .send()
            .await
        {
            Ok(_) => Ok(()),
            Err(e) if is_gone(&e) => Ok(()),
            Err(e) => Err(port_error("DeleteConnection", &e)),
        }
    }
}

/// By the status, which every gateway sends; the name of the exception comes in a header that not every
/// stand-in has.
fn is_gone<E>(error: &SdkError<E>) -> bool {
    error
        .raw_response()
        .is_some_and(|answer| answer.status().as_u16() == 410)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sdk;
    use crate::wire::{Answer, Wire};

    fn sockets(answer: Answer) -> (ApiGatewaySockets, Wire) {
        let wire = Wire::new([answer]);
        (
            ApiGatewaySockets::new(sdk::sockets(&wire.sdk(), "https://ws.example.com/dev")),
            wire,
        )
    }

    #[tokio::test]
    async fn a_frame_goes_to_its_connection_below_the_stage() {
        let (sockets, wire) = sockets(Some((200, "")));
        sockets
            .post("L0SM9cOFvHcCIhw=", b"{\"type\":\"event\"}")
            .await
            .unwrap();
        let [request] = wire.requests().try_into().unwrap();
        assert_eq!(request.method, "POST");
        assert_eq!(
            request.uri,
            "https://ws.example.com/dev/@connections/L0SM9cOFvHcCIhw%3D"
        );
        assert_eq!(request.body, "{\"type\":\"event\"}");
    }

    #[tokio::test]
    async fn a_closed_connection_is_gone_for_a_frame_and_fine_for_closing() {
        assert_eq!(
            sockets(Some((410, ""))).0.post("c", b"x").await,
            Err(PortError::Gone)
        );
        assert_eq!(sockets(Some((410, ""))).0.close("c").await, Ok(()));
        assert_eq!(sockets(Some((204, ""))).0.close("c").await, Ok(()));
    }

    #[tokio::test]
    async fn a_frame_too_large_is_refused_and_one_too_many_may_go_later() {
        assert!(matches!(
            sockets(Some((413, ""))).0.post("c", b"x").await,
            Err(PortError::Refused(_))
        ));
        for answer in [Some((429, "")), Some((403, "")), Some((500, "")), None] {
            let sent = sockets(answer).0.post("c", b"x").await;
            assert!(
                matches!(sent, Err(PortError::Unavailable(_))),
                "{answer:?}: {sent:?}"
            );
        }
    }
}
