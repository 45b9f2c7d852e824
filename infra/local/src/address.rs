//! Listeners on the loopback interface, each with its server.

use std::net::{Ipv4Addr, SocketAddr};

use axum::Router;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::event_sources::Stop;

/// A listener on a port of 127.0.0.1; 0 takes any that is free.
pub async fn listen(port: u16) -> std::io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// Serves the router until the stop.
pub fn serve(listener: TcpListener, router: Router, mut stop: Stop) -> JoinHandle<()> {
    tokio::spawn(async move {
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let server =
            axum::serve(listener, service).with_graceful_shutdown(async move { stop.requested().await });
        if let Err(error) = server.await {
            tracing::error!(error = %error, "a server ended");
        }
    })
}
