//! Log lines: one JSON object each, with the keys of AWS Powertools, so that its queries work on them.
//!
//! Fields of the spans around an event stand in its line; `requestId` and `xrayTraceId`, which
//! `lambda_runtime` puts on its span, under their Powertools names. A span with `correlation_id` (best
//! made with `error_span!`, which no `RUST_LOG` drops) also passes it on into messages. Absent: colours,
//! sampling, and any knowledge of what may not be logged; that is up to whoever logs.

use std::io::Write;
use std::sync::OnceLock;

use jiff::Timestamp;
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Span, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Registry};

/// Longer texts are cut, so that a line stays below what CloudWatch takes (256 KB).
pub const FIELD_LENGTH_MAX: usize = 8_192;
/// The name of the span field that goes along with every message.
pub const CORRELATION_ID: &str = "correlation_id";

const REQUEST_ID: &str = "function_request_id";

/// Logs to standard output from here on, filtered by `RUST_LOG` (else `info`). The first call counts.
pub fn init(service: &str) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    // async-stripe warns of every declined card and lost answer, which the caller is told anyway.
    let filter = match "stripe::hyper=error".parse() {
        Ok(directive) => filter.add_directive(directive),
        Err(_) => filter,
    };
    let lines = Lines::new(service, std::io::stdout);
    let _already = tracing::subscriber::set_global_default(Registry::default().with(filter).with(lines));
}

/// A subscriber that writes elsewhere, with nothing filtered out.
#[cfg(test)]
pub fn to<W: for<'a> MakeWriter<'a> + Send + Sync + 'static>(output: W) -> impl Subscriber + Send + Sync {
    Registry::default().with(Lines::new("bookings", output))
}

/// Somebody listens from here on, in every thread of the tests. A listener of one thread alone does not do: another
/// thread, which has none, may meet a span first, and tracing remembers for all of them that nobody listens.
#[cfg(test)]
pub fn listen() {
    let _already = tracing::subscriber::set_global_default(to(std::io::sink));
}

/// The correlation id of the work being done, if a span around it has one.
#[must_use]
pub fn correlation_id() -> Option<String> {
    let found = Span::current().with_subscriber(|(id, dispatch)| {
        let span = dispatch.downcast_ref::<Registry>()?.span(id)?;
        span.scope().find_map(|span| {
            let extensions = span.extensions();
            extensions
                .get::<Fields>()?
                .0
                .get(CORRELATION_ID)?
                .as_str()
                .map(ToOwned::to_owned)
        })
    });
    found.flatten()
}

/// Turns events into lines.
struct Lines<W> {
    service: String,
    function: Option<String>,
    /// The request that this sandbox was started for.
    first_request: OnceLock<String>,
    output: W,
}

impl<W> Lines<W> {
    fn new(service: &str, output: W) -> Self {
        let function = std::env::var("AWS_LAMBDA_FUNCTION_NAME").ok();
        Self {
            service: service.to_owned(),
            function,
            first_request: OnceLock::new(),
            output,
        }
    }

    /// `fields` of the spans, the outermost first, and last of the event.
    fn line(&self, at: Timestamp, level: &str, target: &str, fields: Map<String, Value>) -> String {
        let mut line = Map::new();
        for (name, value) in fields {
            let name = match name.as_str() {
                "requestId" => REQUEST_ID.to_owned(),
                "xrayTraceId" => "xray_trace_id".to_owned(),
                _ => name,
            };
            line.insert(name, value);
        }
        let cold = self.is_cold(line.get(REQUEST_ID).and_then(Value::as_str));
        line.entry("message").or_insert_with(|| "".into());
        line.insert("timestamp".to_owned(), format!("{at:.3}").into());
        line.insert("level".to_owned(), level.into());
        line.insert("location".to_owned(), target.into());
        line.insert("service".to_owned(), self.service.as_str().into());
        line.insert("cold_start".to_owned(), cold.into());
        if let Some(function) = &self.function {
            line.insert("function_name".to_owned(), function.as_str().into());
        }
        Value::Object(line).to_string()
    }

    /// Whether this is still the first request, or before it.
    fn is_cold(&self, request: Option<&str>) -> bool {
        match request {
            Some(id) => self.first_request.get_or_init(|| id.to_owned()) == id,
            None => self.first_request.get().is_none(),
        }
    }
}

impl<S, W> Layer<S> for Lines<W>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            let mut fields = Fields::default();
            attributes.record(&mut fields);
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        for span in context
            .event_scope(event)
            .into_iter()
            .flat_map(|scope| scope.from_root())
        {
            if let Some(of_span) = span.extensions().get::<Fields>() {
                fields.0.extend(of_span.0.clone());
            }
        }
        event.record(&mut fields);
        let metadata = event.metadata();
        let mut line = self.line(
            Timestamp::now(),
            metadata.level().as_str(),
            metadata.target(),
            fields.0,
        );
        line.push('\n');
        // In one call, so that lines of different threads do not mix. A line that cannot be written is lost.
        let _lost = self.output.make_writer().write_all(line.as_bytes());
    }
}

#[derive(Default)]
struct Fields(Map<String, Value>);

impl Fields {
    fn put(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value.chars().take(FIELD_LENGTH_MAX).collect::<String>());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};
    use tracing::{error_span, info, info_span, warn};

    #[derive(Clone, Default)]
    struct Output(Arc<Mutex<Vec<u8>>>);

    impl Write for Output {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// What is logged meanwhile.
    fn lines(work: impl FnOnce()) -> Vec<Value> {
        let output = Output::default();
        let sink = output.clone();
        tracing::subscriber::with_default(to(move || sink.clone()), work);
        let text = String::from_utf8(output.0.lock().unwrap().clone()).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    #[test]
    fn a_line_has_the_keys_of_powertools() {
        let lines = lines(|| warn!(booking.id = "bkg_1", tries = 3, "gave up on {}", 7));
        let [line] = lines.as_slice() else {
            panic!("{lines:?}")
        };
        assert_eq!(line["level"], "WARN");
        assert_eq!(line["message"], "gave up on 7");
        assert_eq!(line["service"], "bookings");
        assert_eq!(line["location"], module_path!());
        assert_eq!(line["booking.id"], "bkg_1");
        assert_eq!(line["tries"], 3);
        let at = line["timestamp"].as_str().unwrap();
        assert!(
            at.parse::<Timestamp>().is_ok() && at.len() == "2027-03-01T09:08:07.500Z".len(),
            "{at}"
        );
    }

    #[test]
    fn a_line_tells_which_request_it_belongs_to_and_whether_that_was_a_cold_start() {
        let lines = lines(|| {
            info!("starting");
            for request in ["r-1", "r-1", "r-2"] {
                let span = info_span!(
                    "Lambda runtime invoke",
                    requestId = request,
                    xrayTraceId = "Root=1"
                );
                span.in_scope(|| info!("working"));
            }
            info!("between requests");
        });
        let of = |key: &str| lines.iter().map(|line| line[key].clone()).collect::<Vec<_>>();
        assert_eq!(of("cold_start"), [true, true, true, false, false]);
        assert_eq!(
            of("function_request_id"),
            [Value::Null, "r-1".into(), "r-1".into(), "r-2".into(), Value::Null]
        );
        assert_eq!(lines[1]["xray_trace_id"], "Root=1");
        assert_eq!(lines[1]["requestId"], Value::Null);
    }

    #[test]
    fn the_inner_span_and_then_the_event_have_the_last_word_but_not_on_the_lines_own_keys() {
        let lines = lines(|| {
            let _outer = info_span!("outer", a = 1, b = 1, c = 1).entered();
            let _inner = info_span!("inner", b = 2, c = 2).entered();
            info!(c = 3, level = "none", service = "none", "x");
        });
        assert_eq!(
            (&lines[0]["a"], &lines[0]["b"], &lines[0]["c"]),
            (&1.into(), &2.into(), &3.into())
        );
        assert_eq!(
            (&lines[0]["level"], &lines[0]["service"]),
            (&"INFO".into(), &"bookings".into())
        );
    }

    #[test]
    fn a_correlation_id_recorded_late_is_in_the_line_and_can_be_passed_on() {
        let mut passed_on = None;
        let lines = lines(|| {
            assert_eq!(correlation_id(), None);
            let outer = error_span!("request", correlation_id = tracing::field::Empty);
            outer.record(CORRELATION_ID, "c-1");
            outer.in_scope(|| {
                info_span!("inner").in_scope(|| {
                    passed_on = correlation_id();
                    info!("x");
                });
            });
        });
        assert_eq!(passed_on.as_deref(), Some("c-1"));
        assert_eq!(lines[0]["correlation_id"], "c-1");
    }

    #[test]
    fn a_text_too_long_is_cut() {
        let long = "x".repeat(FIELD_LENGTH_MAX + 1);
        let lines = lines(|| info!(long, "x"));
        assert_eq!(lines[0]["long"].as_str().unwrap().len(), FIELD_LENGTH_MAX);
    }

    #[test]
    fn a_line_break_does_not_make_a_second_line() {
        assert_eq!(lines(|| info!("one\ntwo")).len(), 1);
    }
}
