//! What cannot be shown lower down: one binary with the contract of every endpoint, the journeys
//! through the whole system, its races and faults, and the rules of the house.
#![cfg(test)]
// People do things by way of things that people do: futures within futures, deeper than 128.
#![recursion_limit = "256"]

mod asyncapi;
mod contract;
mod house;
mod journey;
mod law;
mod moving;
mod notifications;
mod race;
mod realtime;
mod timers;
