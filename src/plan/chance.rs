//! Chances of a sample: how likely it is that somebody who calls some rows of a list calls a canary.
//!
//! The rows are drawn without putting back (hypergeometric). Nothing here knows binomial coefficients: they leave the
//! range of an `f64` at a list of a thousand rows, their ratio never does.

use super::PlanError;

/// Most rows of a list; up to here a chance is worked out in a moment.
pub const ROWS_MAX: u64 = 1_000_000_000_000;
/// A logarithm below which a chance to miss all canaries is nothing beside 1 in an `f64`.
const LN_NOTHING: f64 = -50.0;

/// Gives the chance that at least one of `canaries` in a list of `rows` is among `calls` rows called.
///
/// `1 − C(R−K, C) / C(R, C)`, as a sum of logarithms over the smaller of K and C; the relative error stays near 1e-15.
pub fn chance_called(rows: u64, canaries: u64, calls: u64) -> Result<f64, PlanError> {
    if rows == 0 || rows > ROWS_MAX {
        return Err(PlanError::Rows { rows });
    }
    if canaries > rows {
        return Err(PlanError::CanariesBeyondRows { canaries, rows });
    }
    if calls > rows {
        return Err(PlanError::CallsBeyondRows { calls, rows });
    }
    let (few, many) = (canaries.min(calls), canaries.max(calls));
    if few > rows - many {
        return Ok(1.0);
    }
    let mut ln_none = 0.0;
    for drawn in 0..few {
        ln_none += (-(many as f64) / (rows - drawn) as f64).ln_1p();
        if ln_none < LN_NOTHING {
            return Ok(1.0);
        }
    }
    Ok(0.0 - f64::exp_m1(ln_none))
}

/// Canaries of a copy: so many, each of which is in it with this chance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Part {
    pub canaries: usize,
    pub share: f64,
}

/// Gives the chance that at least one canary of a copy is among the rows called.
///
/// Where every canary is in the copy for sure this is [`chance_called`].
pub fn chance_of_parts(parts: &[Part], rows: u64, calls: u64) -> f64 {
    let mut ln_none = 0.0;
    let mut before = 0_u64;
    for part in parts {
        for _ in 0..part.canaries {
            let left = rows.saturating_sub(before);
            let called = if left <= calls { 1.0 } else { calls as f64 / left as f64 };
            ln_none += (-(part.share * called)).ln_1p();
            before += 1;
            if ln_none < LN_NOTHING {
                return 1.0;
            }
        }
    }
    0.0 - f64::exp_m1(ln_none)
}

/// When the first caller who tells of a row is to be expected.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FirstTold {
    /// Chance that one comes at all, if the whole list is called.
    pub chance: f64,
    /// Mean days until it comes, if one comes.
    pub days: f64,
}

/// Gives the time to the first call that tells of its row, of somebody who calls a whole list in any order.
///
/// Each of `canaries` (expected number) tells with chance `told`. With M that tell, the first stands on average at row
/// (R + 1) / (M + 1); the mean over the binomial M ≥ 1 has a closed form. None if no call can tell.
pub fn first_told(rows: u64, canaries: f64, told: f64, calls_a_day: f64) -> Option<FirstTold> {
    if canaries <= 0.0 || told <= 0.0 {
        return None;
    }
    let ln_silent = (-told).ln_1p();
    let (silent, silent_next) = ((canaries * ln_silent).exp(), ((canaries + 1.0) * ln_silent).exp());
    let mean = (1.0 - silent_next) / ((canaries + 1.0) * told);
    let chance = 1.0 - silent;
    Some(FirstTold { chance, days: (rows as f64 + 1.0) * (mean - silent) / chance / calls_a_day })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::rngs::ChaCha20Rng;
    use rand::seq::index::sample;
    use rand::{RngExt, SeedableRng};

    /// Draws that a simulated chance is the mean of.
    const DRAWS: usize = 200_000;

    /// Fails unless a chance lies within four standard errors of what was drawn.
    fn agrees(formula: f64, seen: usize) {
        let drawn = seen as f64 / DRAWS as f64;
        let error = (formula * (1.0 - formula) / DRAWS as f64).sqrt();
        assert!((formula - drawn).abs() < 4.0 * error, "{formula} by formula, {drawn} drawn, error {error}");
    }

    #[test]
    fn the_published_figures_come_out() {
        for (canaries, told) in [(3, 0.064), (10, 0.20)] {
            let chance = chance_called(230, canaries, 5).expect("good figures");
            assert!((chance - told).abs() < 0.0025, "{canaries}: {chance}");
        }
        let exact = 1.0 - 225.0 * 224.0 * 223.0 / (230.0 * 229.0 * 228.0);
        assert!((chance_called(230, 3, 5).expect("good figures") - exact).abs() < 1e-14);
    }

    #[test]
    fn the_formula_agrees_with_draws() {
        let mut rng = ChaCha20Rng::seed_from_u64(7);
        for canaries in [1, 3, 10, 60] {
            let seen = (0..DRAWS).filter(|_| sample(&mut rng, 230, 5).iter().any(|row| row < canaries)).count();
            agrees(chance_called(230, canaries as u64, 5).expect("good figures"), seen);
        }
    }

    #[test]
    fn a_sample_of_a_sample_is_a_sample() {
        // 230 rows of 2,000 are given away, and 5 of these are called.
        let mut rng = ChaCha20Rng::seed_from_u64(8);
        let seen = (0..DRAWS)
            .filter(|_| {
                let given = sample(&mut rng, 2_000, 230).into_vec();
                sample(&mut rng, 230, 5).iter().any(|row| given[row] < 20)
            })
            .count();
        agrees(chance_called(2_000, 20, 5).expect("good figures"), seen);
    }

    #[test]
    fn large_figures_neither_overflow_nor_take_long() {
        assert_eq!(chance_called(ROWS_MAX, ROWS_MAX / 2, ROWS_MAX / 2).ok(), Some(1.0));
        let tiny = chance_called(ROWS_MAX, 1, 1).expect("good figures");
        assert!((tiny * ROWS_MAX as f64 - 1.0).abs() < 1e-9, "{tiny}");
        let many = chance_called(ROWS_MAX, 1_000_000, 1_000_000).expect("good figures");
        assert!((many - (1.0 - (-1.0_f64).exp())).abs() < 1e-5, "{many}");
        assert_eq!(chance_called(10, 0, 10).ok(), Some(0.0));
        assert_eq!(chance_called(10, 5, 6).ok(), Some(1.0));
    }

    #[test]
    fn what_cannot_be_is_refused() {
        assert_eq!(chance_called(0, 0, 0), Err(PlanError::Rows { rows: 0 }));
        assert_eq!(chance_called(5, 6, 1), Err(PlanError::CanariesBeyondRows { canaries: 6, rows: 5 }));
        assert_eq!(chance_called(5, 1, 6), Err(PlanError::CallsBeyondRows { calls: 6, rows: 5 }));
    }

    #[test]
    fn parts_that_are_there_for_sure_are_the_plain_formula() {
        let parts = [Part { canaries: 2, share: 1.0 }, Part { canaries: 1, share: 1.0 }];
        let plain = chance_called(230, 3, 5).expect("good figures");
        assert!((chance_of_parts(&parts, 230, 5) - plain).abs() < 1e-12);
        let mut rng = ChaCha20Rng::seed_from_u64(9);
        let seen = (0..DRAWS)
            .filter(|_| sample(&mut rng, 300, 60).iter().any(|row| row < 10 && (row < 4 || rng.random_bool(0.5))))
            .count();
        let half = [Part { canaries: 4, share: 1.0 }, Part { canaries: 6, share: 0.5 }];
        let formula = chance_of_parts(&half, 300, 60);
        assert!((formula - seen as f64 / DRAWS as f64).abs() < 0.005, "{formula}");
    }

    #[test]
    fn the_first_that_tells_comes_when_draws_say() {
        let mut rng = ChaCha20Rng::seed_from_u64(10);
        let (mut came, mut sum) = (0, 0.0);
        for _ in 0..20_000 {
            let rows = sample(&mut rng, 2_000, 8).into_vec();
            if let Some(row) = rows.into_iter().filter(|_| rng.random_bool(0.38)).min() {
                came += 1;
                sum += (row as f64 + 1.0) / 135.0;
            }
        }
        let first = first_told(2_000, 8.0, 0.38, 135.0).expect("some tell");
        assert!((first.chance - f64::from(came) / 20_000.0).abs() < 0.005, "{first:?}");
        assert!((first.days - sum / f64::from(came)).abs() < 0.1, "{first:?} {}", sum / f64::from(came));
        assert_eq!(first_told(2_000, 0.0, 0.38, 135.0), None);
    }
}
