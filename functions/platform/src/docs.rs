//! `GET /docs`: a page that shows the description. Its script is Redoc, which comes with the `aide`
//! crate and is served from here: no other host is asked for anything.

use std::sync::LazyLock;

use aide::redoc::Redoc;
use web::Asset;
use web::asset::{Html, Script};

const PAGE: &str = include_str!("docs.html");

/// Redoc styles its elements by `<style>` and searches in a worker made from a blob. It runs no text as
/// code that was not in its script.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src 'self' data:; \
                      connect-src 'self'; worker-src blob:; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

/// The one thing that Redoc would fetch from elsewhere; it hides a picture that does not load.
const FOREIGN_LOGO: &str = "https://cdn.redoc.ly/redoc/logo-mini.svg";

/// Without a download button and web fonts, both of which would need more than the policy allows.
const START: &str = r#"
Redoc.init("/api/v1/openapi.json", {
  hideDownloadButton: true,
  nativeScrollbars: true,
  theme: { typography: {
    fontFamily: "system-ui, sans-serif",
    headings: { fontFamily: "system-ui, sans-serif" },
    code: { fontFamily: "ui-monospace, monospace" }
  } }
}, document.getElementById("description"));
"#;

static SHOWN: LazyLock<Asset<Html>> = LazyLock::new(|| Asset::new(PAGE).policy(POLICY));

static VIEWER: LazyLock<Asset<Script>> = LazyLock::new(|| Asset::new(script()));

pub(crate) async fn page() -> Asset<Html> {
    SHOWN.clone()
}

pub(crate) async fn viewer() -> Asset<Script> {
    VIEWER.clone()
}

/// The crate gives a whole page with the script inside; the script is taken out of it, so that the page
/// needs no policy that would allow scripts within pages.
fn script() -> String {
    let page = Redoc::new("").html();
    let redoc = page
        .split_once("<script>")
        .and_then(|(_, rest)| rest.rsplit_once("Redoc.init("))
        .map_or("", |(redoc, _)| redoc);
    format!("{}{START}", redoc.trim().replace(FOREIGN_LOGO, "data:,"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_is_all_of_redoc_and_fetches_nothing_from_elsewhere() {
        let script = script();
        assert!(script.len() > 500_000, "{} bytes", script.len());
        assert!(!script.contains(FOREIGN_LOGO));
        assert!(!script.contains("fonts.googleapis"));
        assert_eq!(script.matches("Redoc.init(").count(), 1);
    }
}
