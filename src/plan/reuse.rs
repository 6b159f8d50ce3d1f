//! When a number may be given to another persona, and what that costs in certainty.
//!
//! The program itself never gives a number out twice. A pool is dear, though, and years after a copy was made its buyers
//! have mostly called: what is left of that chance is what a second persona would be taken for.

/// Days after planting by which half of the stolen accounts had been touched (DeBlasio et al., *Tripwire*, IMC 2017: 352;
/// the last after 640).
pub const MEDIAN_DAYS: f64 = 352.0;
/// Chance of a late call for the old persona at which a number counts as quiet.
pub const QUIET: f64 = 0.01;
const DAYS_A_YEAR: f64 = 365.25;

/// Gives the chance that the first call of a leaked copy is still to come, so many days after its canaries were planted.
///
/// Waiting times are taken as exponential with Tripwire's median: a tail heavier than any that was seen there.
pub fn still_to_come(days: f64) -> f64 {
    (-(days.max(0.0) / MEDIAN_DAYS) * std::f64::consts::LN_2).exp()
}

/// Gives the days after which [`still_to_come`] has fallen to [`QUIET`].
pub fn quiet_after_days() -> f64 {
    -MEDIAN_DAYS * QUIET.log2()
}

/// What reuse after so many years costs.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Reuse {
    pub years: u32,
    /// Chance that a leaked copy of the old list brings its first call only now.
    pub old_call: f64,
    /// The most that a call without words then weighs for the new list, against 1 for a fresh number.
    pub ring_weight: f64,
}

/// Gives the cost of reuse after each of some years.
pub fn after_years() -> [Reuse; 6] {
    [1, 2, 3, 5, 7, 10].map(|years| {
        let old_call = still_to_come(f64::from(years) * DAYS_A_YEAR);
        Reuse { years, old_call, ring_weight: 1.0 / (1.0 + old_call) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_have_called_by_the_median_and_nearly_all_when_it_is_quiet() {
        assert!((still_to_come(MEDIAN_DAYS) - 0.5).abs() < 1e-12);
        assert!((still_to_come(quiet_after_days()) - QUIET).abs() < 1e-12);
        assert!((quiet_after_days() / DAYS_A_YEAR - 6.4).abs() < 0.05);
        assert!(after_years().windows(2).all(|pair| pair[0].old_call > pair[1].old_call));
    }
}
