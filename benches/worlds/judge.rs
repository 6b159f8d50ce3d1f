//! Figures: how often the program was right, how well its probabilities fit, whom it accused wrongly.
//!
//! A verdict is wrong if the first source is nobody's true source; without a leak every verdict but `inconclusive`
//! accuses somebody wrongly. A run in which nothing rang because of the leak counts for accusations only.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// Bins of the calibration error.
const BINS: usize = 10;
/// Least probability that a log score is taken of.
const PROBABILITY_MIN: f64 = 1e-6;

/// What the program says, as far as it is judged; a part of the JSON of `trace`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Told {
    pub verdict: String,
    pub sources: Vec<Named>,
    pub background: f64,
    pub campaigns: Vec<Campaign>,
}

/// A source with its probability.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Named {
    pub holder: String,
    pub probability: f64,
    /// The days between which the copy is said to have been made.
    #[serde(default)]
    pub copied_between: Option<(NaiveDate, NaiveDate)>,
}

/// One campaign's own finding.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Campaign {
    pub verdict: String,
    pub sources: Vec<Named>,
}

/// One run: the truth, and what was said of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Run {
    pub group: String,
    /// True sources; none without a leak.
    pub truth: Vec<String>,
    /// The day of the copy, if there is one leak.
    pub copied: Option<NaiveDate>,
    /// Canaries that truly rang because of the leak.
    pub called: usize,
    pub told: Told,
    /// The oracle's first place and its probability.
    pub oracle: Option<(String, f64)>,
    /// The same, not told which calls the leak caused.
    pub blind: Option<(String, f64)>,
    /// Whom the baselines name: told the leak's calls, and from the calls that look suspicious.
    pub by_told: [Option<String>; 3],
    pub by_desk: [Option<String>; 3],
    /// Seconds that the trace took.
    pub seconds: f64,
}

/// The figures of one row of the report; shares of nothing are not numbers.
#[derive(Debug, Clone, Serialize)]
pub struct Figures {
    pub worlds: usize,
    /// Runs in which a canary rang because of the leak.
    pub called: usize,
    pub right: f64,
    pub oracle: f64,
    pub oracle_sure: f64,
    pub blind: f64,
    pub blind_sure: f64,
    pub by_told: [f64; 3],
    pub by_desk: [f64; 3],
    /// Of the right first sources that come with days, the share whose days hold the true one.
    pub dated: f64,
    pub inconclusive: usize,
    pub supported: usize,
    pub strong: usize,
    pub wrong_supported: usize,
    pub wrong_strong: usize,
    /// Runs with a wrong verdict overall, or for a campaign.
    pub accused: usize,
    pub accused_by_campaign: usize,
    /// Of the runs in which a canary rang because of the leak, and of all.
    pub ece: f64,
    pub ece_of_all: f64,
    /// Mean of minus the logarithm of the probability given to what is true.
    pub log_score: f64,
    pub seconds: f64,
}

impl Run {
    fn is_true(&self, holder: &str) -> bool {
        self.truth.iter().any(|source| source == holder)
    }

    fn names_truth(&self, named: &Option<(String, f64)>) -> bool {
        named.as_ref().is_some_and(|(holder, _)| self.is_true(holder))
    }

    fn first(&self) -> Option<&Named> {
        self.told.sources.first()
    }

    fn is_right(&self) -> bool {
        self.first().is_some_and(|first| self.is_true(&first.holder))
    }

    /// Gives the probability that was given to the truth: the background if nothing rang because of a leak.
    fn given_to_truth(&self) -> f64 {
        if self.called == 0 {
            return self.told.background;
        }
        self.told.sources.iter().filter(|named| self.is_true(&named.holder)).map(|named| named.probability).sum()
    }

    /// Tells whether the days given for a right first source hold the day of the copy; nothing if there are none.
    fn dates_rightly(&self) -> Option<bool> {
        let first = self.first().filter(|first| self.called > 0 && self.is_true(&first.holder))?;
        let (copied, (from, until)) = (self.copied?, first.copied_between?);
        Some(from <= copied && copied <= until)
    }

    fn accuses_wrongly(&self) -> bool {
        self.told.verdict != "inconclusive" && !self.is_right()
    }

    fn accuses_by_campaign(&self) -> bool {
        let wrong = |campaign: &Campaign| {
            let right = campaign.sources.first().is_some_and(|first| self.is_true(&first.holder));
            campaign.verdict != "inconclusive" && !right
        };
        self.told.campaigns.iter().any(wrong)
    }
}

impl Figures {
    /// Judges some runs together.
    pub fn of(runs: &[&Run]) -> Figures {
        let called: Vec<&Run> = runs.iter().copied().filter(|run| run.called > 0).collect();
        let share = |is: &dyn Fn(&Run) -> bool| mean(called.iter().map(|run| f64::from(u8::from(is(run)))));
        let verdicts = |word: &str| runs.iter().filter(|run| run.told.verdict == word).count();
        let wrong = |word: &str| runs.iter().filter(|run| run.told.verdict == word && run.accuses_wrongly()).count();
        let by = |named: &dyn Fn(&Run) -> &[Option<String>; 3]| {
            [0, 1, 2].map(|place| share(&|run| named(run)[place].as_ref().is_some_and(|named| run.is_true(named))))
        };
        Figures {
            worlds: runs.len(),
            called: called.len(),
            right: share(&Run::is_right),
            oracle: share(&|run| run.names_truth(&run.oracle)),
            oracle_sure: mean(called.iter().filter_map(|run| run.oracle.as_ref().map(|(_, sure)| *sure))),
            blind: share(&|run| run.names_truth(&run.blind)),
            blind_sure: mean(called.iter().filter_map(|run| run.blind.as_ref().map(|(_, sure)| *sure))),
            by_told: by(&|run| &run.by_told),
            by_desk: by(&|run| &run.by_desk),
            dated: mean(called.iter().filter_map(|run| run.dates_rightly()).map(|right| f64::from(u8::from(right)))),
            inconclusive: verdicts("inconclusive"),
            supported: verdicts("supported"),
            strong: verdicts("strongly-supported"),
            wrong_supported: wrong("supported"),
            wrong_strong: wrong("strongly-supported"),
            accused: runs.iter().filter(|run| run.accuses_wrongly()).count(),
            accused_by_campaign: runs.iter().filter(|run| run.accuses_by_campaign()).count(),
            ece: calibration_error(&stated(&called)),
            ece_of_all: calibration_error(&stated(runs)),
            log_score: mean(runs.iter().map(|run| -run.given_to_truth().clamp(PROBABILITY_MIN, 1.0).ln())),
            seconds: mean(runs.iter().map(|run| run.seconds)),
        }
    }
}

/// A bin of stated probabilities: how many, their sum, and how many were right.
#[derive(Debug, Clone, Copy, Default)]
pub struct Bin {
    pub count: usize,
    pub stated: f64,
    pub right: f64,
}

/// Sorts stated probabilities into bins of equal width.
pub fn bins(stated: &[(f64, bool)]) -> [Bin; BINS] {
    let mut bins = [Bin::default(); BINS];
    for (probability, right) in stated {
        let bin = &mut bins[((probability * BINS as f64) as usize).min(BINS - 1)];
        bin.count += 1;
        bin.stated += probability;
        bin.right += f64::from(u8::from(*right));
    }
    bins
}

/// Gives the expected calibration error: over bins of stated probability, how far the share that was right is from
/// what was stated on average, weighed by how many are in the bin.
pub fn calibration_error(stated: &[(f64, bool)]) -> f64 {
    let bins = bins(stated);
    let all: usize = bins.iter().map(|bin| bin.count).sum();
    bins.iter().map(|bin| (bin.stated - bin.right).abs()).sum::<f64>() / all as f64
}

/// Gives the probability of each run's first source, and whether it is right; where nothing rang because of a leak, whoever stands
/// first is the wrong one.
pub fn stated(runs: &[&Run]) -> Vec<(f64, bool)> {
    let of = |run: &&Run| Some((run.first()?.probability, run.called > 0 && run.is_right()));
    runs.iter().filter_map(of).collect()
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    sum / count
}
