//! What somebody with a spreadsheet looks at: signs that canaries carry too often, or never.

use super::LIFT_MAX;
use super::sight::{Kind, Sight};
use crate::list::Meaning;
use crate::list::profile::Profile;

/// Standard errors by which a lift must differ from 1, with some two hundred signs looked at.
const SURE: f64 = 3.7;

/// A sign that canaries never carry matters only if it clears this share of the rows.
const CLEARS_MIN: f64 = 0.1;

/// What a rule looks for in a cell or a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    Blank,
    /// A value, a place, words or first digits that no other row has.
    ValueAlone,
    PlaceAlone,
    WordsAlone,
    ShapeAlone,
    SegmentAlone,
    /// Blank cells together as in hardly any other row.
    LacksAlone,
    NothingBlank,
    /// A number or a time below the one in the row above.
    StepsBack,
    /// Not the number that follows on the row above, or not followed by the next.
    NotNextAfter,
    NotNextBefore,
    LastDigitNotRound,
    Night,
}

/// A sign that tells canaries from rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Tell {
    pub sign: Sign,
    /// The heading of its column; empty for a sign of the whole row.
    pub column: String,
    pub meaning: Option<Meaning>,
    /// Shares of the canaries and of the rows that carry it.
    pub canaries: f64,
    pub rows: f64,
    pub lift: f64,
}

impl Tell {
    /// Tells whether it points at canaries, or clears so many rows that it helps to find them.
    pub fn is_loud(&self) -> bool {
        self.lift > LIFT_MAX || self.lift < 1.0 / LIFT_MAX && self.rows >= CLEARS_MIN
    }
}

/// Lists the signs that are surely no chance, the most telling first.
pub(super) fn tells(profile: &Profile, sight: &Sight) -> Vec<Tell> {
    let mut tells = Vec::new();
    for ((kind, at), feature) in sight.kinds.iter().zip(&sight.features) {
        for (sign, carries) in signs(*kind) {
            let of_row = matches!(kind, Kind::Blanks | Kind::Lacks);
            let column = profile.layout.columns.get(*at).filter(|_| !of_row);
            let told = tell(sign, feature, &sight.is_canary, carries);
            tells.extend(told.map(|tell| match column {
                Some(column) => Tell { column: column.name.clone(), meaning: Some(column.meaning), ..tell },
                None => tell,
            }));
        }
    }
    tells.sort_by(|a: &Tell, b: &Tell| b.lift.ln().abs().total_cmp(&a.lift.ln().abs()));
    tells
}

type Carries = fn(f32) -> bool;

fn signs(kind: Kind) -> Vec<(Sign, Carries)> {
    let alone: Carries = |others| others == 0.0;
    match kind {
        Kind::Blank => vec![(Sign::Blank, |blank| blank == 1.0)],
        Kind::Value => vec![(Sign::ValueAlone, alone)],
        Kind::Start => vec![(Sign::PlaceAlone, alone)],
        Kind::Words => vec![(Sign::WordsAlone, alone)],
        Kind::Shape => vec![(Sign::ShapeAlone, alone)],
        Kind::Segment => vec![(Sign::SegmentAlone, alone)],
        Kind::Lacks => vec![(Sign::LacksAlone, |others| others <= 1.0)],
        Kind::Blanks => vec![(Sign::NothingBlank, |blanks| blanks == 0.0)],
        Kind::StepBefore => {
            vec![(Sign::StepsBack, |step| step < 0.0), (Sign::NotNextAfter, |step| (step - 2.0_f32.ln()).abs() > 1e-6)]
        }
        Kind::StepAfter => vec![(Sign::NotNextBefore, |step| (step - 2.0_f32.ln()).abs() > 1e-6)],
        Kind::LastDigit => vec![(Sign::LastDigitNotRound, |digit| digit % 5.0 != 0.0)],
        Kind::Hour => vec![(Sign::Night, |hour| hour < 6.0)],
        Kind::Length | Kind::Number | Kind::Weekday | Kind::Minute => Vec::new(),
    }
}

/// Compares the shares of those that have the feature at all; half a count is added to each (Katz 1978).
fn tell(sign: Sign, feature: &[f32], is_canary: &[bool], carries: Carries) -> Option<Tell> {
    let (mut all, mut with) = ([0.0_f64; 2], [0.0_f64; 2]);
    for (value, is) in feature.iter().zip(is_canary).filter(|(value, _)| !value.is_nan()) {
        all[usize::from(*is)] += 1.0;
        with[usize::from(*is)] += f64::from(u8::from(carries(*value)));
    }
    if with[0] + with[1] == 0.0 || all[0] < 10.0 || all[1] < 2.0 {
        return None;
    }
    let half = |with: f64, all: f64| (with + 0.5) / (all + 1.0);
    let lift = half(with[1], all[1]) / half(with[0], all[0]);
    let part = |with: f64, all: f64| 1.0 / (with + 0.5) - 1.0 / (all + 1.0);
    let error = (part(with[0], all[0]) + part(with[1], all[1])).max(0.0).sqrt();
    let is_sure = lift.ln().abs() > SURE * error && !(0.67..=1.5).contains(&lift);
    let (canaries, rows) = (with[1] / all[1], with[0] / all[0]);
    is_sure.then(|| Tell { sign, column: String::new(), meaning: None, canaries, rows, lift })
}
