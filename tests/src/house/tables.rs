//! The tables of the store and those of the template are the same.

use store::keys::TABLES;

use super::read;

/// The part of the template that describes one table.
fn resource<'t>(template: &'t str, table: &str) -> &'t str {
    let name = format!("TableName: !Sub ${{Prefix}}-{table}\n");
    let at = template
        .find(&name)
        .unwrap_or_else(|| panic!("{table} is not in infra/data.yaml"));
    let start = template[..at].rfind("Type: AWS::DynamoDB::Table").unwrap();
    let end = template[at..]
        .find("Type: AWS::")
        .map_or(template.len(), |next| at + next);
    &template[start..end]
}

#[test]
fn every_table_of_the_store_is_deployed_with_its_indexes_stream_and_expiry() {
    let template = read("infra/data.yaml");
    for spec in TABLES {
        let resource = resource(&template, spec.name);
        let indexes: Vec<&str> = resource
            .lines()
            .filter_map(|l| l.trim().split_once("IndexName: ").map(|(_, name)| name.trim()))
            .collect();
        assert_eq!(indexes, spec.indexes, "indexes of {}", spec.name);
        for index in spec.indexes {
            assert!(resource.contains(&format!("{index}_pk")) && resource.contains(&format!("{index}_sk")));
        }
        assert_eq!(
            resource.contains("StreamViewType: NEW_AND_OLD_IMAGES"),
            spec.stream,
            "stream of {}",
            spec.name
        );
        assert_eq!(
            resource.contains("AttributeName: ttl"),
            spec.expires,
            "expiry of {}",
            spec.name
        );
    }
    assert_eq!(
        template.matches("Type: AWS::DynamoDB::Table").count(),
        TABLES.len()
    );
}
