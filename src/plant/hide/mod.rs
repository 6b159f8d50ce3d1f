//! How well canaries would hide: a thief's classifier and a clerk's rules, played before anything is written.
//!
//! The classifier is told which rows are canaries and must find others like them (it knows this program); the rules are
//! what somebody with a spreadsheet looks at. Both see only rows that were sampled, so a long list is judged by a part.

mod boost;
mod rules;
mod sight;

use rand::Rng;

use super::Planned;
use super::model::Model;
use crate::list::profile::Profile;

pub use rules::{Sign, Tell};

/// Rows that the canaries are hidden among, at most.
const CROWD_MAX: usize = 6_000;

/// The AUC above which canaries do not hide, if all of its interval is above; the aim is 0.55 (see `docs/HIDING.md`).
pub const AUC_MAX: f64 = 0.65;

/// The lift that a rule may have.
pub const LIFT_MAX: f64 = 2.0;

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Hiding {
    /// Chance that the classifier rates a canary as more suspicious than a row; 0.5 for blind guesses.
    pub auc: f64,
    /// 95 % interval of it (Hanley and McNeil 1982).
    pub auc_between: (f64, f64),
    /// Share of the canaries that a thief removes who gives up 1 % of the rows.
    pub removed: f64,
    /// Rules that canaries fulfil too often or too seldom, the most telling first.
    pub tells: Vec<Tell>,
}

impl Hiding {
    /// Tells whether the canaries hide, as far as so many can show.
    pub fn is_good(&self) -> bool {
        self.auc_between.0 <= AUC_MAX && !self.tells.iter().any(Tell::is_loud)
    }
}

/// Judges planned canaries among the rows of their list.
pub fn judge(profile: &Profile, planned: &[Planned], rng: &mut impl Rng) -> Hiding {
    let model = Model::of(profile);
    let sight = sight::Sight::of(&model, planned, CROWD_MAX.max(planned.len() * 4), rng);
    let scores = boost::out_of_fold(&sight.features, &sight.is_canary, rng);
    let auc = auc(&sight.is_canary, &scores);
    Hiding {
        auc,
        auc_between: interval(auc, &sight.is_canary),
        removed: removed(&sight.is_canary, &scores),
        tells: rules::tells(profile, &sight),
    }
}

/// Counts pairs in the right order, ties half.
fn auc(is_canary: &[bool], scores: &[f64]) -> f64 {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|a, b| scores[*a].total_cmp(&scores[*b]));
    let (mut below, mut pairs) = (0.0, 0.0);
    for tied in order.chunk_by(|a, b| scores[*a] == scores[*b]) {
        let canaries = tied.iter().filter(|at| is_canary[**at]).count() as f64;
        let rows = tied.len() as f64 - canaries;
        pairs += canaries * (below + rows / 2.0);
        below += rows;
    }
    let canaries = is_canary.iter().filter(|is| **is).count() as f64;
    pairs / (canaries * below).max(1.0)
}

/// Gives the 95 % interval of an AUC (Hanley and McNeil 1982).
fn interval(auc: f64, is_canary: &[bool]) -> (f64, f64) {
    let m = is_canary.iter().filter(|is| **is).count() as f64;
    let n = is_canary.len() as f64 - m;
    let (q1, q2) = (auc / (2.0 - auc), 2.0 * auc * auc / (1.0 + auc));
    let spread = auc * (1.0 - auc) + (m - 1.0) * (q1 - auc * auc) + (n - 1.0) * (q2 - auc * auc);
    let error = 1.96 * (spread / (m * n).max(1.0)).max(0.0).sqrt();
    ((auc - error).max(0.0), (auc + error).min(1.0))
}

/// Gives the share of canaries above the score that 1 % of the rows reach.
fn removed(is_canary: &[bool], scores: &[f64]) -> f64 {
    let mut rows: Vec<f64> = scores.iter().zip(is_canary).filter(|(_, is)| !**is).map(|(score, _)| *score).collect();
    rows.sort_by(|a, b| b.total_cmp(a));
    let Some(limit) = rows.get(rows.len() / 100) else { return 0.0 };
    let all = is_canary.iter().filter(|is| **is).count();
    let above = scores.iter().zip(is_canary).filter(|(score, is)| **is && **score > *limit).count();
    above as f64 / all.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_perfect_score_removes_all_and_a_constant_one_tells_nothing() {
        let is_canary: Vec<bool> = (0..400).map(|row| row % 4 == 0).collect();
        let told: Vec<f64> = is_canary.iter().map(|is| f64::from(u8::from(*is))).collect();
        assert_eq!((auc(&is_canary, &told), removed(&is_canary, &told)), (1.0, 1.0));
        let same = vec![0.3; 400];
        assert_eq!((auc(&is_canary, &same), removed(&is_canary, &same)), (0.5, 0.0));
        let (low, high) = interval(0.5, &is_canary);
        assert!(low > 0.4 && low < 0.5 && high < 0.6, "{low} {high}");
    }
}
