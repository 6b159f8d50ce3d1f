//! What the weighing takes for granted, for those who plan with it: a plan that had figures of its own would drift away.

pub use super::explain::{CHANCE_PRIOR, SOURCES_MAX, set_prior, single_prior};
pub use super::grid::RATES;
use super::numbers::digamma;
pub use super::numbers::ln_sum;
pub use super::same_rows::SILENT_BY_CHANCE;
pub use super::verdict::SUPPORTED;
pub use super::weigh::{FLOW_ABSENT, OWN_ABSENT, UNDECLARED_FLOWS};

use super::calls::{CALLS_MEAN, MISSED, SPREAD_DAYS_MIN};
use crate::hit::Fact;

/// Likelihood ratio of a canary that nothing reached.
pub const SILENT_RATIO: f64 = MISSED;

/// Gives the likelihood ratio, buyer to chance, of a canary whose caller knew the whole name of its persona, on a typical
/// number: rates of chance calls are Gamma distributed with this mean a day and this shape, and ratios multiply, so the
/// typical rate is their geometric mean.
pub fn told_ratio(mean_per_day: f64, shape: f64) -> f64 {
    let typical = mean_per_day / shape * digamma(shape).exp();
    let gain = 1.0 / Fact::MotherName.commonness() / typical;
    SILENT_RATIO + (1.0 - SILENT_RATIO) * (CALLS_MEAN * gain / SPREAD_DAYS_MIN) / CALLS_MEAN.exp_m1()
}
