//! Keys for tests and for the local system's demo data. Public, and therefore worth nothing.

/// Ed25519, PKCS#8.
pub const SIGNING_KEY_PEM: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEII8NbmeCftm5m2N80vuoyUvP2bJMHJxqMnr5deLf7XmC\n-----END PRIVATE KEY-----\n";
/// Its public half, SPKI.
pub const PUBLIC_KEY_PEM: &str = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAaQRLr4LJEVLEynqsz1Jt6weDMwIdzzAN1VNz27LOH/E=\n-----END PUBLIC KEY-----\n";
pub const TOKEN_KEY: &str = "a-token-key-that-everybody-can-read-in-the-source";
