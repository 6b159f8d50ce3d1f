//! Canaries that several of the copies get, each a random part of them.
//!
//! Two holders who compare their copies and delete every row that differs delete all that only one of them has. Of what
//! they hold in common a canary stays, and whom it was given tells who can have had it: an anti-collusion code. Each
//! holder's coin is fair and its own: for two who compare, a coin of 0.61 would tell 6 % more a number spent, but every
//! canary that then rings would tell less of the others.

use rand::seq::IndexedRandom;
use rand::{Rng, RngExt};

use super::draft::CanaryDraft;

/// Chance that a holder gets a shared canary.
const SHARE: f64 = 0.5;

/// Which copies a new canary goes into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Given {
    Alone,
    /// Those of the holders at these places, in order; the planting of the one at `by` enters it in the ledger.
    Shared {
        to: Vec<usize>,
        by: usize,
    },
}

impl Given {
    /// Deals one canary out among so many holders: a coin for each, and never nobody.
    pub(super) fn dealt(holders: usize, rng: &mut impl Rng) -> Given {
        loop {
            let to: Vec<usize> = (0..holders).filter(|_| rng.random_bool(SHARE)).collect();
            // Any of them, so that no holder looks like the one from whom the others have it.
            if let Some(by) = to.choose(rng).copied() {
                return Given::Shared { to, by };
            }
        }
    }

    /// Tells whether the holder at a place gets it.
    pub(super) fn is_for(&self, place: usize) -> bool {
        match self {
            Given::Alone => true,
            Given::Shared { to, .. } => to.contains(&place),
        }
    }

    /// Tells whether the planting of the holder at a place enters it.
    pub(super) fn is_entered_by(&self, place: usize) -> bool {
        match self {
            Given::Alone => true,
            Given::Shared { by, .. } => *by == place,
        }
    }
}

/// Picks the shared canaries that go into the copy of the holder at a place.
pub(super) fn part_of(shared: &[CanaryDraft], place: usize) -> impl Iterator<Item = CanaryDraft> {
    shared.iter().filter(move |canary| canary.given.is_for(place)).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::ChaCha20Rng;

    #[test]
    fn every_holder_gets_half_by_a_coin_of_its_own_and_nobody_enters_more_than_others() {
        let mut rng = ChaCha20Rng::seed_from_u64(7);
        let dealt: Vec<Given> = (0..4_000).map(|_| Given::dealt(5, &mut rng)).collect();
        let share =
            |wanted: &dyn Fn(&Given) -> bool| dealt.iter().filter(|given| wanted(given)).count() as f64 / 4_000.0;
        for place in 0..5 {
            let (has, enters) = (share(&|given| given.is_for(place)), share(&|given| given.is_entered_by(place)));
            assert!((0.48..0.56).contains(&has), "{place} has {has}");
            assert!((0.17..0.23).contains(&enters), "{place} enters {enters}");
            for other in 0..place {
                let both = share(&|given| given.is_for(place) && given.is_for(other));
                assert!((0.23..0.29).contains(&both), "{place} and {other}: {both}");
            }
        }
        assert!(dealt.iter().all(|given| matches!(given, Given::Shared { to, by } if to.contains(by))));
    }
}
