//! What cannot be shown lower down: one binary with the contract of every endpoint, the journeys
//! through the whole system, its races and faults, and the rules of the house.
#![cfg(test)]

mod asyncapi;
mod contract;
mod house;
mod journey;
mod law;
mod notifications;
mod race;
mod realtime;
mod timers;
