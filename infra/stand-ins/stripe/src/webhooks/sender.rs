//! The seam through which webhooks leave: over HTTP, or into whatever a test puts there.

use std::time::Duration;

use async_trait::async_trait;

/// How long a receiver may take; Stripe's own limit is of this order.
pub const TIMEOUT: Duration = Duration::from_secs(10);

#[async_trait]
pub trait WebhookSender: Send + Sync {
    /// Posts the body and gives the answer's status, or says why there was none.
    async fn send(&self, url: &str, signature: Option<&str>, body: &str) -> Result<u16, String>;
}

/// Sends over HTTP, past any proxy.
#[derive(Debug)]
pub struct HttpSender {
    timeout: Duration,
    client: tokio::sync::OnceCell<reqwest::Client>,
}

impl Default for HttpSender {
    fn default() -> Self {
        Self::with_timeout(TIMEOUT)
    }
}

impl HttpSender {
    pub fn with_timeout(timeout: Duration) -> Self {
        Self {
            timeout,
            client: tokio::sync::OnceCell::new(),
        }
    }

    async fn client(&self) -> Result<&reqwest::Client, reqwest::Error> {
        self.client
            .get_or_try_init(|| async {
                reqwest::Client::builder()
                    .no_proxy()
                    .timeout(self.timeout)
                    .redirect(reqwest::redirect::Policy::none())
                    .build()
            })
            .await
    }
}

#[async_trait]
impl WebhookSender for HttpSender {
    async fn send(&self, url: &str, signature: Option<&str>, body: &str) -> Result<u16, String> {
        let client = self.client().await.map_err(|error| error.to_string())?;
        let mut request = client
            .post(url)
            .header("content-type", "application/json; charset=utf-8")
            .header("user-agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)")
            .body(body.to_owned());
        if let Some(signature) = signature {
            request = request.header("stripe-signature", signature);
        }
        let response = request.send().await.map_err(|error| error.to_string())?;
        Ok(response.status().as_u16())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_receiver_that_does_not_answer_is_given_up_after_the_timeout() {
        let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", silent.local_addr().unwrap());
        let sender = HttpSender::with_timeout(Duration::from_millis(20));
        assert!(sender.send(&url, None, "{}").await.is_err());
    }
}
