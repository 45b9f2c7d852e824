//! Ids by the time, secrets by the operating system's generator (through AWS-LC).

use app::ports::Ids;
use uuid::Uuid;

#[derive(Debug, Clone, Copy, Default)]
pub struct RandomIds;

impl Ids for RandomIds {
    fn uuid(&self) -> Uuid {
        Uuid::now_v7()
    }

    fn secret(&self) -> [u8; 32] {
        let mut secret = [0; 32];
        if aws_lc_rs::rand::fill(&mut secret).is_err() {
            // Without randomness every token could be guessed; no answer at all is better than that one,
            // and a panic would be answered and survived.
            std::process::abort();
        }
        secret
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn ids_sort_as_they_were_made() {
        let made: Vec<Uuid> = (0..1_000).map(|_| RandomIds.uuid()).collect();
        assert!(made.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(made.iter().all(|id| id.get_version_num() == 7));
    }

    #[test]
    fn no_two_secrets_are_alike() {
        let made: BTreeSet<[u8; 32]> = (0..1_000).map(|_| RandomIds.secret()).collect();
        assert_eq!(made.len(), 1_000);
    }

    #[test]
    fn about_half_of_a_secrets_bits_are_set() {
        let ones: u32 = (0..100)
            .flat_map(|_| RandomIds.secret())
            .map(u8::count_ones)
            .sum();
        // 25,600 fair bits: the bounds are 12 standard deviations away.
        assert!((11_840..=13_760).contains(&ones), "{ones}");
    }
}
