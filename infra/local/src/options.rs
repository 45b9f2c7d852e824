//! What the command line says.

use std::path::PathBuf;

/// Where the API listens unless something else is said.
pub const PORT_DEFAULT: u16 = 3000;
/// Where everything is kept unless something else is said.
pub const DATA_DEFAULT: &str = ".local";

pub const USAGE: &str = "\
Usage: local [--port PORT] [--data DIR] [--fresh] [--no-functions] [--no-demo-data] [--no-limits]

  --port PORT      where the API listens on 127.0.0.1 (default 3000; 0 takes any free port)
  --data DIR       where everything is kept (default .local)
  --fresh          empties that folder first
  --no-functions   starts the stand-ins alone, for functions under `cargo lambda watch`
  --no-demo-data   starts without the demo people and venue
  --no-limits      lets one caller ask as often as they like, for load tests
";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    pub port: u16,
    pub data: PathBuf,
    pub fresh: bool,
    pub functions: bool,
    pub demo_data: bool,
    /// Whether one caller may ask only so often.
    pub limits: bool,
    /// Batches of one queue that its function works on at a time.
    pub batches_at_once: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: PORT_DEFAULT,
            data: DATA_DEFAULT.into(),
            fresh: false,
            functions: true,
            demo_data: true,
            limits: true,
            batches_at_once: 2,
        }
    }
}

impl Options {
    /// # Errors
    /// What is wrong with the arguments, in a sentence.
    pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let mut options = Self::default();
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            let mut value = || {
                arguments
                    .next()
                    .ok_or_else(|| format!("{argument} needs a value"))
            };
            match argument.as_str() {
                "--port" => {
                    options.port = value()?
                        .parse()
                        .map_err(|_| "--port takes 0 to 65535".to_owned())?
                }
                "--data" => options.data = value()?.into(),
                "--fresh" => options.fresh = true,
                "--no-functions" => options.functions = false,
                "--no-demo-data" => options.demo_data = false,
                "--no-limits" => options.limits = false,
                other => return Err(format!("{other} is not known")),
            }
        }
        Ok(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options, String> {
        Options::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn without_arguments_everything_is_as_documented() {
        assert_eq!(parse(""), Ok(Options::default()));
        assert_eq!(
            (Options::default().port, Options::default().functions),
            (3000, true)
        );
    }

    #[test]
    fn every_argument_is_taken() {
        let options =
            parse("--port 0 --data /tmp/x --fresh --no-functions --no-demo-data --no-limits").unwrap();
        let expected = Options {
            port: 0,
            data: "/tmp/x".into(),
            fresh: true,
            functions: false,
            demo_data: false,
            limits: false,
            batches_at_once: 2,
        };
        assert_eq!(options, expected);
        let all = "--port --data --fresh --no-functions --no-demo-data --no-limits";
        for argument in all.split(' ') {
            assert!(USAGE.contains(argument));
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        assert_eq!(parse("--prot 1"), Err("--prot is not known".to_owned()));
        assert_eq!(parse("--port"), Err("--port needs a value".to_owned()));
        assert_eq!(parse("--port 70000"), Err("--port takes 0 to 65535".to_owned()));
    }
}
