//! The stand-in behind a socket, driven by the official SDK.

#[cfg(test)]
mod batches;
#[cfg(test)]
mod bed;
#[cfg(test)]
mod dead_letters;
#[cfg(test)]
mod durability;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod long_polls;
#[cfg(test)]
mod messages;
#[cfg(test)]
mod queues;
#[cfg(test)]
mod wire;
