//! Ids as Stripe's look: a prefix, the time, then chance.

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const TIME_DIGITS: usize = 8;
const RANDOM_CHARACTERS: usize = 16;

/// A new id such as `pi_0TkbZ3aQ…`. The time in it keeps a seeded generator from repeating, after a restart,
/// an id that is already stored.
pub fn new(prefix: &str, now_ms: i64) -> String {
    format!(
        "{prefix}_{}{}",
        base62(now_ms.unsigned_abs()),
        random(RANDOM_CHARACTERS)
    )
}

/// Letters and digits by chance.
pub fn random(characters: usize) -> String {
    std::iter::repeat_with(fastrand::alphanumeric)
        .take(characters)
        .collect()
}

fn base62(mut number: u64) -> String {
    let mut digits = ['0'; TIME_DIGITS];
    for digit in digits.iter_mut().rev() {
        let index = usize::try_from(number % 62).unwrap_or(0);
        *digit = ALPHABET.get(index).copied().map_or('0', char::from);
        number /= 62;
    }
    digits.iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_its_prefix_and_differs_from_the_next() {
        let (one, other) = (new("pi", 1_700_000_000_000), new("pi", 1_700_000_000_000));
        assert!(one.starts_with("pi_"));
        assert_eq!(one.len(), 3 + TIME_DIGITS + RANDOM_CHARACTERS);
        assert_ne!(one, other);
    }

    #[test]
    fn the_same_seed_at_another_time_gives_another_id() {
        fastrand::seed(7);
        let one = new("pi", 1_700_000_000_000);
        fastrand::seed(7);
        assert_ne!(one, new("pi", 1_700_000_000_001));
    }
}
