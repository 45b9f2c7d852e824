//! Credentials of the local system. Everybody can read them here, so they are worth nothing elsewhere.

pub const ACCESS_KEY: &str = "local-access-key";
pub const SECRET_KEY: &str = "local-secret-key";
pub const REGION: &str = sqs_stand_in::REGION;
pub const ACCOUNT_ID: &str = sqs_stand_in::ACCOUNT_ID;
pub const STRIPE_SECRET_KEY: &str = stripe_stand_in::DEFAULT_SECRET_KEY;
pub const STRIPE_WEBHOOK_SECRET: &str = "whsec_local_stand_in";
pub const TOKEN_KEY: &str = "a-token-key-that-everybody-can-read-in-the-source";
/// Ed25519, PKCS#8.
pub const JWT_SIGNING_KEY_PEM: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEII8NbmeCftm5m2N80vuoyUvP2bJMHJxqMnr5deLf7XmC\n-----END PRIVATE KEY-----\n";
/// Its public half, SPKI.
pub const JWT_PUBLIC_KEY_PEM: &str = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAaQRLr4LJEVLEynqsz1Jt6weDMwIdzzAN1VNz27LOH/E=\n-----END PUBLIC KEY-----\n";

pub const TABLE_PREFIX: &str = "tofimotia-local";
pub const MEDIA_BUCKET: &str = "tofimotia-local-media";
pub const MAIL_FROM: &str = "hello@tofimotia.example";
pub const JWT_ISSUER: &str = "tofimotia-local";

/// Where web pages under development commonly are (create-react-app and the like, Vite).
const DEVELOPMENT_ORIGINS: [&str; 2] = ["http://localhost:3000", "http://localhost:5173"];

/// Origins of the web pages that may call this system: its own, by both names, and those under
/// development.
pub fn allowed_origins(api: &str) -> Vec<String> {
    let own = [api.to_owned(), api.replace("127.0.0.1", "localhost")];
    let mut origins: Vec<String> = own
        .into_iter()
        .chain(DEVELOPMENT_ORIGINS.map(str::to_owned))
        .collect();
    origins.sort();
    origins.dedup();
    origins
}
