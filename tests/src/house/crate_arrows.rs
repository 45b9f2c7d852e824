//! Who may depend on whom, as `docs/architecture.md` draws it.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

use super::root;

struct Package {
    path: String,
    depends_on: BTreeSet<String>,
}

fn packages() -> BTreeMap<String, Package> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(root())
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let package = |p: &Value| {
        let normal = p["dependencies"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|d| d["kind"].is_null());
        let path = text(&p["manifest_path"]).replace(root().to_str().unwrap(), "");
        let depends_on = normal.map(|d| text(&d["name"])).collect();
        (text(&p["name"]), Package { path, depends_on })
    };
    metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(package)
        .collect()
}

fn is_function(package: &Package) -> bool {
    package.path.starts_with("/functions/")
}

#[test]
fn crate_arrows_the_rules_know_neither_io_nor_time_nor_the_web() {
    let domain = &packages()["domain"];
    let allowed = [
        "jiff",
        "secrecy",
        "serde",
        "slug",
        "thiserror",
        "unicode-normalization",
        "unicode-properties",
        "uuid",
    ];
    assert_eq!(domain.depends_on, allowed.map(str::to_owned).into());
}

#[test]
fn crate_arrows_only_the_store_and_the_cloud_name_aws() {
    for (name, package) in packages() {
        let names_aws = package
            .depends_on
            .iter()
            .any(|d| d.starts_with("aws-sdk-") || d == "aws-config");
        let may = ["store", "cloud", "local", "dynamodb-stand-in"].contains(&name.as_str());
        assert!(!names_aws || may, "{name} names an AWS SDK");
    }
}

#[test]
fn crate_arrows_only_the_gateway_names_stripes_library() {
    for (name, package) in packages() {
        let names = package.depends_on.iter().any(|d| d.starts_with("async-stripe"));
        assert!(
            !names || name == "stripe-gateway",
            "{name} names Stripe's library"
        );
    }
}

#[test]
fn crate_arrows_only_the_zone_map_names_the_map() {
    for (name, package) in packages() {
        let names = package.depends_on.contains("tzf-rs");
        assert!(!names || name == "zone-map", "{name} names the map of zones");
    }
}

#[test]
fn crate_arrows_no_function_depends_on_another() {
    let packages = packages();
    for (name, package) in packages.iter().filter(|(_, p)| is_function(p)) {
        for other in &package.depends_on {
            assert!(
                !packages.get(other).is_some_and(is_function),
                "{name} depends on {other}"
            );
        }
    }
}

#[test]
fn crate_arrows_the_inner_crates_do_not_know_the_outer_ones() {
    let packages = packages();
    let layers = ["domain", "store", "app", "web"];
    for (at, layer) in layers.iter().enumerate() {
        for outer in &layers[at + 1..] {
            assert!(
                !packages[*layer].depends_on.contains(*outer),
                "{layer} depends on {outer}"
            );
        }
    }
    for (name, package) in &packages {
        let inner = layers.contains(&name.as_str());
        for outer in ["cloud", "stripe-gateway", "zone-map", "local", "testkit"] {
            assert!(
                !(inner && package.depends_on.contains(outer)),
                "{name} depends on {outer}"
            );
        }
    }
}

#[test]
fn crate_arrows_adapters_are_built_in_main_alone() {
    let root = root();
    for (name, package) in packages().iter().filter(|(_, p)| is_function(p)) {
        let folder = root
            .join(package.path.trim_start_matches('/'))
            .parent()
            .unwrap()
            .join("src");
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() || path.ends_with("main.rs") {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            for built in [
                "cloud::Boot",
                "stripe_gateway::",
                "zone_map::",
                "S3Blobs::",
                "SqsQueue::",
                "SesMailer::",
                "ApiGatewaySockets::",
            ] {
                assert!(!text.contains(built), "{name}: {} builds {built}", path.display());
            }
        }
    }
}
