//! Form encoding with nesting, as Stripe's API reads it: `a[b][c]=v`, `list[]=v` and `list[0]=v`.
//!
//! Absent: arrays of hashes written with empty brackets (`a[][b]=1&a[][c]=2`); the client libraries number them.

use std::collections::BTreeMap;

use url::form_urlencoded;

/// The most pairs one request may carry.
pub const PAIRS_MAX: usize = 1_000;
/// The deepest nesting of one name: `a[b][c]` is three deep.
pub const DEPTH_MAX: usize = 8;

/// A value of the tree that a form spells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    Text(String),
    /// A hash, or a list whose names are its indexes.
    Map(BTreeMap<String, Node>),
}

/// What makes a form unreadable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    #[error("too many parameters: at most {PAIRS_MAX} are accepted")]
    TooManyPairs,
    #[error("the parameter '{0}' is nested too deeply")]
    TooDeep(String),
    #[error("the parameter name '{0}' is malformed")]
    Malformed(String),
    #[error("the parameter '{0}' is both a value and a hash")]
    Conflicting(String),
}

/// Reads a query string or a form body.
pub fn parse(encoded: &[u8]) -> Result<BTreeMap<String, Node>, FormError> {
    let mut root = BTreeMap::new();
    for (count, (name, value)) in form_urlencoded::parse(encoded).enumerate() {
        if count >= PAIRS_MAX {
            return Err(FormError::TooManyPairs);
        }
        insert(&mut root, &name, &segments(&name)?, value.into_owned())?;
    }
    Ok(root)
}

/// `a[b][c]` as `["a", "b", "c"]`.
fn segments(name: &str) -> Result<Vec<&str>, FormError> {
    let malformed = || FormError::Malformed(name.to_owned());
    let Some((head, mut rest)) = name.split_once('[') else {
        return Ok(vec![name]);
    };
    let mut segments = vec![head];
    loop {
        let (segment, after) = rest.split_once(']').ok_or_else(malformed)?;
        segments.push(segment);
        if segments.len() > DEPTH_MAX {
            return Err(FormError::TooDeep(name.to_owned()));
        }
        if after.is_empty() {
            return Ok(segments);
        }
        rest = after.strip_prefix('[').ok_or_else(malformed)?;
    }
}

fn insert(
    map: &mut BTreeMap<String, Node>,
    name: &str,
    path: &[&str],
    value: String,
) -> Result<(), FormError> {
    let Some((head, rest)) = path.split_first() else {
        return Err(FormError::Malformed(name.to_owned()));
    };
    // `list[]` takes the next index.
    let key = if head.is_empty() {
        map.len().to_string()
    } else {
        (*head).to_owned()
    };
    if rest.is_empty() {
        // A repeated name: the last one counts, as at Stripe.
        map.insert(key, Node::Text(value));
        return Ok(());
    }
    match map.entry(key).or_insert_with(|| Node::Map(BTreeMap::new())) {
        Node::Map(inner) => insert(inner, name, rest, value),
        Node::Text(_) => Err(FormError::Conflicting(name.to_owned())),
    }
}

/// The tree as JSON text with sorted names: equal trees give equal text, whatever the order in the request.
pub fn canonical(map: &BTreeMap<String, Node>) -> String {
    let mut out = String::from("{");
    for (index, (name, node)) in map.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        out.push_str(&serde_json::Value::from(name.as_str()).to_string());
        out.push(':');
        match node {
            Node::Text(text) => out.push_str(&serde_json::Value::from(text.as_str()).to_string()),
            Node::Map(inner) => out.push_str(&canonical(inner)),
        }
    }
    out.push('}');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_names_and_lists_become_a_tree() {
        let tree = parse(b"a=1&b[c][d]=two+words&e[]=x&e[]=y&f[1]=q&f[0]=p").unwrap();
        assert_eq!(
            canonical(&tree),
            r#"{"a":"1","b":{"c":{"d":"two words"}},"e":{"0":"x","1":"y"},"f":{"0":"p","1":"q"}}"#
        );
    }

    #[test]
    fn the_order_of_parameters_does_not_change_the_canonical_text() {
        let one = parse(b"amount=5&metadata[b]=2&metadata[a]=1").unwrap();
        let other = parse(b"metadata[a]=1&metadata[b]=2&amount=5").unwrap();
        assert_eq!(canonical(&one), canonical(&other));
    }

    #[test]
    fn broken_names_are_refused() {
        assert_eq!(parse(b"a[b=1"), Err(FormError::Malformed("a[b".into())));
        assert_eq!(parse(b"a[b]c=1"), Err(FormError::Malformed("a[b]c".into())));
        assert_eq!(parse(b"a=1&a[b]=2"), Err(FormError::Conflicting("a[b]".into())));
    }

    #[test]
    fn depth_and_number_of_parameters_are_limited() {
        let deep = format!("a{}=1", "[b]".repeat(DEPTH_MAX));
        assert!(matches!(parse(deep.as_bytes()), Err(FormError::TooDeep(_))));
        let just = format!("a{}=1", "[b]".repeat(DEPTH_MAX - 1));
        assert!(parse(just.as_bytes()).is_ok());
        let many = (0..=PAIRS_MAX)
            .map(|n| format!("p{n}=1"))
            .collect::<Vec<_>>()
            .join("&");
        assert_eq!(parse(many.as_bytes()), Err(FormError::TooManyPairs));
    }
}
