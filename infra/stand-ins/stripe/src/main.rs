//! The stand-in as a program of its own.

#[tokio::main]
async fn main() -> Result<(), stripe_stand_in::command_line::CommandLineError> {
    stripe_stand_in::command_line::run(std::env::args().skip(1)).await
}
