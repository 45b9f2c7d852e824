//! The stand-in through its router and over TCP, as clients see it.

#[cfg(test)]
mod api;
#[cfg(test)]
mod cards;
#[cfg(test)]
mod challenges;
#[cfg(test)]
mod client;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod idempotency;
#[cfg(test)]
mod payments;
#[cfg(test)]
mod process;
#[cfg(test)]
mod refunds;
#[cfg(test)]
mod webhooks;
#[cfg(test)]
mod world;
