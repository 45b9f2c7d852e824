//! Ports that stay in the test: they keep what they were given.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;

use app::message::Message;
use app::ports::{Blobs, Ids, Mail, Mailer, PortError, Queue, Sockets, Stat, Upload, UploadForm};
use async_trait::async_trait;
use uuid::Uuid;

/// Ids and secrets that are the same for the same seed.
pub struct SeededIds(Mutex<fastrand::Rng>);

impl SeededIds {
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(fastrand::Rng::with_seed(seed)))
    }
}

impl Ids for SeededIds {
    fn uuid(&self) -> Uuid {
        let mut random = self.0.lock().unwrap();
        uuid::Builder::from_unix_timestamp_millis(
            random.u64(0..1 << 40),
            &random.u128(..).to_be_bytes()[..10].try_into().unwrap(),
        )
        .into_uuid()
    }

    fn secret(&self) -> [u8; 32] {
        let mut secret = [0; 32];
        self.0.lock().unwrap().fill(&mut secret);
        secret
    }
}

/// A queue that is worked on when the test says so.
#[derive(Default)]
pub struct StepQueue(Mutex<VecDeque<Message>>);

impl StepQueue {
    pub fn next(&self) -> Option<Message> {
        self.0.lock().unwrap().pop_front()
    }

    #[must_use]
    pub fn waiting(&self) -> Vec<Message> {
        self.0.lock().unwrap().iter().cloned().collect()
    }
}

#[async_trait]
impl Queue for StepQueue {
    async fn send(&self, message: &Message) -> Result<(), PortError> {
        self.0.lock().unwrap().push_back(message.clone());
        Ok(())
    }
}

/// Every mail that was sent.
#[derive(Default)]
pub struct MailBox(Mutex<Vec<Mail>>);

impl MailBox {
    #[must_use]
    pub fn to(&self, address: &str) -> Vec<Mail> {
        self.0
            .lock()
            .unwrap()
            .iter()
            .filter(|m| m.to == address)
            .cloned()
            .collect()
    }

    #[must_use]
    pub fn all(&self) -> Vec<Mail> {
        self.0.lock().unwrap().clone()
    }
}

#[async_trait]
impl Mailer for MailBox {
    async fn send(&self, mail: &Mail) -> Result<(), PortError> {
        self.0.lock().unwrap().push(mail.clone());
        Ok(())
    }
}

/// Sockets that remember what was posted to them.
#[derive(Default)]
pub struct TestSockets {
    frames: Mutex<Vec<(String, String)>>,
    gone: Mutex<Vec<String>>,
    broken: Mutex<Vec<String>>,
    closed: Mutex<Vec<String>>,
}

impl TestSockets {
    /// What a connection was sent, in order.
    #[must_use]
    pub fn sent_to(&self, connection: &str) -> Vec<String> {
        let frames = self.frames.lock().unwrap();
        frames
            .iter()
            .filter(|(to, _)| to == connection)
            .map(|(_, frame)| frame.clone())
            .collect()
    }

    /// From now on this connection is closed.
    pub fn lose(&self, connection: &str) {
        self.gone.lock().unwrap().push(connection.to_owned());
    }

    /// From now on posts to this connection fail, though it is there.
    pub fn break_off(&self, connection: &str) {
        self.broken.lock().unwrap().push(connection.to_owned());
    }

    #[must_use]
    pub fn closed(&self) -> Vec<String> {
        self.closed.lock().unwrap().clone()
    }
}

#[async_trait]
impl Sockets for TestSockets {
    async fn post(&self, connection: &str, frame: &[u8]) -> Result<(), PortError> {
        if self.gone.lock().unwrap().iter().any(|c| c == connection) {
            return Err(PortError::Gone);
        }
        if self.broken.lock().unwrap().iter().any(|c| c == connection) {
            return Err(PortError::Unavailable("broken by the test".to_owned()));
        }
        let frame = String::from_utf8(frame.to_vec()).unwrap();
        self.frames.lock().unwrap().push((connection.to_owned(), frame));
        Ok(())
    }

    async fn close(&self, connection: &str) -> Result<(), PortError> {
        self.closed.lock().unwrap().push(connection.to_owned());
        self.lose(connection);
        Ok(())
    }
}

/// A bucket in memory. Whoever holds an upload's key may [`MemoryBlobs::put`].
#[derive(Default)]
pub struct MemoryBlobs(Mutex<BTreeMap<String, (String, Vec<u8>)>>);

impl MemoryBlobs {
    pub fn put(&self, key: &str, content_type: &str, bytes: &[u8]) {
        self.0
            .lock()
            .unwrap()
            .insert(key.to_owned(), (content_type.to_owned(), bytes.to_vec()));
    }
}

#[async_trait]
impl Blobs for MemoryBlobs {
    async fn upload_form(&self, upload: &Upload) -> Result<UploadForm, PortError> {
        let fields = vec![
            ("key".to_owned(), upload.key.clone()),
            ("Content-Type".to_owned(), upload.content_type.clone()),
        ];
        Ok(UploadForm {
            url: "memory://media".to_owned(),
            fields,
            expires_at: upload.expires_at,
        })
    }

    async fn stat(&self, key: &str) -> Result<Stat, PortError> {
        let blobs = self.0.lock().unwrap();
        let (content_type, bytes) = blobs.get(key).ok_or(PortError::Gone)?;
        Ok(Stat {
            bytes: bytes.len() as u64,
            content_type: content_type.clone(),
        })
    }

    async fn head(&self, key: &str, bytes: u32) -> Result<Vec<u8>, PortError> {
        let blobs = self.0.lock().unwrap();
        let (_, content) = blobs.get(key).ok_or(PortError::Gone)?;
        Ok(content.iter().take(bytes as usize).copied().collect())
    }

    async fn copy(&self, from: &str, to: &str) -> Result<(), PortError> {
        let mut blobs = self.0.lock().unwrap();
        let blob = blobs.get(from).cloned().ok_or(PortError::Gone)?;
        blobs.insert(to.to_owned(), blob);
        Ok(())
    }

    async fn read_url(&self, key: &str) -> Result<String, PortError> {
        Ok(format!("memory://media/{key}"))
    }
}
