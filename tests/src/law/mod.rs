//! Laws of the store and the use cases, on the real SDK and a database in this process.

mod once;
mod placing;
mod rate;
mod roundtrip;
