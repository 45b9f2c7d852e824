//! The stand-in behind a socket, driven by the official SDK, and the mail box beside it.

#[cfg(test)]
mod bed;
#[cfg(test)]
mod durability;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod mailbox;
#[cfg(test)]
mod sending;
#[cfg(test)]
mod waiting;
