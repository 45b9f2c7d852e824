//! Every route of every router is where gateway, watch table and template send its path.

use std::collections::BTreeMap;

use super::read;

fn routes() -> Vec<(&'static str, String)> {
    let functions = [
        ("admin", admin::routes()),
        ("auth", auth::routes()),
        ("bookings", bookings::routes()),
        ("payments", payments::routes()),
        ("platform", platform::routes()),
        ("realtime", realtime::routes()),
        ("users", users::routes()),
        ("vendor", vendor::routes()),
        ("venues", venues::routes()),
    ];
    functions
        .into_iter()
        .flat_map(|(name, api)| {
            api.inventory()
                .map(|(_, path)| (name, path.to_owned()))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// The watch router of the root manifest: path to function.
fn watch_table() -> BTreeMap<String, String> {
    let manifest = read("Cargo.toml");
    let table = manifest
        .split("[workspace.metadata.lambda.watch.router]")
        .nth(1)
        .unwrap();
    let lines = table.lines().skip(1).take_while(|line| !line.starts_with('['));
    lines
        .filter_map(|line| line.split_once(" = "))
        .map(|(path, function)| {
            (
                path.trim_matches('"').to_owned(),
                function.trim_matches('"').to_owned(),
            )
        })
        .collect()
}

fn watched(table: &BTreeMap<String, String>, path: &str) -> Option<String> {
    let exact = table.get(path).cloned();
    exact.or_else(|| {
        let prefix = |key: &str| key.strip_suffix("{*rest}").map(str::to_owned);
        table
            .iter()
            .find(|(key, _)| prefix(key).is_some_and(|p| path.starts_with(&p)))
            .map(|(_, f)| f.clone())
    })
}

#[test]
fn the_local_gateway_sends_each_path_to_the_function_that_has_it() {
    for (function, path) in routes() {
        assert_eq!(local::gateway::function_for(&path), function, "{path}");
    }
}

#[test]
fn the_watch_table_sends_each_path_to_the_function_that_has_it() {
    let table = watch_table();
    for (function, path) in routes() {
        assert_eq!(watched(&table, &path).as_deref(), Some(function), "{path}");
    }
}

#[test]
fn the_template_has_a_route_for_each_prefix() {
    let template = read("template.yaml");
    for (prefix, function) in local::gateway::ROUTES {
        if prefix == "/" {
            continue;
        }
        let key = format!("ANY {prefix}");
        assert!(
            template.contains(&key),
            "{key} ({function}) is not in template.yaml"
        );
    }
}
