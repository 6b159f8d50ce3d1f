//! What reached each canary, and how much likelier it is that a buyer of its row was among the callers.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::background::{Background, GAIN_MAX, days_between};
use super::callers::Coherent;
use super::evidence::Evidence;
use super::presence::{Listed, Presence};
use crate::hit::{Caller, Hit};
use crate::phone::Number;

/// Mean of the Poisson distribution of a buyer's calls to a canary, before its zero is left out: a canary that is called
/// at all is called 1.6 times.
pub const CALLS_MEAN: f64 = 1.0;
/// Chance that a buyer's calls are not on record: nobody answered and nothing was logged.
pub const MISSED: f64 = 0.02;
/// Days over which a buyer's calls are spread at least: the first misuse of a stolen account came after 9 to 640 days
/// (DeBlasio et al., *Tripwire*, IMC 2017), so a call in the first week is no sure sign.
pub const SPREAD_DAYS_MIN: f64 = 60.0;
/// The most that words add to a contact that counts because of its caller: they are weighed by themselves too.
const WORDS_MAX: f64 = 1.0;
/// Gain a day below which contacts are added up instead of multiplied; each is off by 1.3e-5 at most.
const SMALL_GAIN: f64 = 0.005 * SPREAD_DAYS_MIN;
/// Ratio above which a canary's contacts speak for a buyer by themselves, so that undeclared ways of it are sought.
const SPEAKS: f64 = 5.0;
/// The largest logarithm of a likelihood ratio that is kept.
const LN_RATIO_MAX: f64 = 300.0;

/// What reached one canary: times in seconds, and how much each contact speaks for a buyer per day of the time seen.
#[derive(Debug, Clone, Default)]
pub struct Calls {
    strong: Vec<(i64, f64)>,
    /// Sums of the small gains of this contact and all later ones.
    weak: Vec<(i64, f64)>,
}

/// What reached the canaries in question, by place in [`Presence::listed`].
pub type Called = BTreeMap<usize, Calls>;

/// Tells whether a leak can have to do with a hit: it came after its canary was handed over and before its number was
/// retired, and not from a line that a holder declared as its own.
pub fn counts(presence: &Presence<'_>, hit: &Hit) -> Option<usize> {
    let listed = presence.find(hit.planted.as_ref()?.canary)?;
    let canary = &presence.listed[listed];
    canary.class.filter(|_| canary.planted_at <= hit.contact.at && hit.expected.is_none())?;
    let is_retired = presence.retired.get(&hit.contact.to).is_some_and(|retired| *retired <= hit.contact.at);
    if is_retired && !hit.is_listed() {
        return None;
    }
    Some(listed)
}

/// A hit that a leak can have to do with, and the place of its canary in [`Presence::listed`].
pub type Counted<'h> = (usize, &'h Hit);

/// Picks the hits that a leak can have to do with.
pub fn counted<'h>(presence: &Presence<'_>, hits: impl IntoIterator<Item = &'h Hit>) -> Vec<Counted<'h>> {
    hits.into_iter().filter_map(|hit| Some((counts(presence, hit)?, hit))).collect()
}

/// Gives the chance rate of each listed canary's number, in calls a day, after all that reached it; of a row with two
/// numbers that of the busier one, of those that were called.
pub fn chance_rates(
    presence: &Presence<'_>,
    background: &Background<'_>,
    counted: &[Counted<'_>],
    until: DateTime<Utc>,
) -> Vec<f64> {
    let mut contacts = vec![0.0_f64; presence.listed.len()];
    let mut seconds: BTreeMap<usize, &Number> = BTreeMap::new();
    for (listed, hit) in counted.iter().filter(|(_, hit)| !hit.is_listed()) {
        contacts[*listed] += 1.0;
        if hit.contact.to != *presence.listed[*listed].number {
            seconds.insert(*listed, &hit.contact.to);
        }
    }
    let of = |(place, (canary, contacts)): (usize, (&Listed<'_>, f64))| {
        // The call that is judged is not its own background.
        let others = (contacts - 1.0).max(0.0);
        let rate = |number| background.calls_per_day(number, others, days_between(canary.planted_at, until));
        seconds.get(&place).map_or(0.0, |second| rate(second)).max(rate(canary.number))
    };
    presence.listed.iter().zip(contacts).enumerate().map(of).collect()
}

/// What is known of chance: rates of all numbers, those of the listed canaries, and callers that leave nothing to it.
pub struct Chance<'e> {
    pub background: Background<'e>,
    pub rates: Vec<f64>,
    pub coherent: Coherent<'e>,
}

/// Gathers what these hits say of each canary.
pub fn called(presence: &Presence<'_>, chance: &Chance<'_>, evidence: &Evidence, counted: &[Counted<'_>]) -> Called {
    // What one caller, or one script, says of a canary again is no second witness: the strongest contact counts.
    let contact = |(at, (listed, hit)): (usize, &Counted<'_>)| {
        let (words, rate) = (chance.background.gain_per_rate(hit, evidence), chance.rates[*listed]);
        let days = days_between(presence.listed[*listed].planted_at, evidence.until).max(SPREAD_DAYS_MIN);
        if hit.is_listed() {
            // What a list says does not come with time: the ratio is that of the list alone, whenever the copy was made.
            return (*listed, at, (hit.contact.at.timestamp(), (1.0 / hit.heard.chance).min(GAIN_MAX) * days));
        }
        let drawn = chance.coherent.ratio(hit, rate * days).map_or(0.0, |ratio| words.min(WORDS_MAX) * ratio * days);
        (*listed, at, (hit.contact.at.timestamp(), drawn.max(words / rate)))
    };
    let contacts = counted.iter().enumerate().map(contact);
    let mut contacts: Vec<_> =
        contacts.map(|(listed, at, gain)| (listed, Voice::of(counted[at].1, at), at, gain)).collect();
    contacts.sort_unstable_by(|a, b| (a.0, &a.1, a.2).cmp(&(b.0, &b.1, b.2)));
    let strongest = contacts.chunk_by(|a, b| (a.0, &a.1) == (b.0, &b.1)).filter_map(|of_voice| {
        let (listed, _, _, first) = of_voice.first()?;
        let strongest = of_voice.iter().fold(*first, |best, next| if best.1 < next.3.1 { next.3 } else { best });
        Some((*listed, strongest))
    });
    let strongest: Vec<(usize, (i64, f64))> = strongest.collect();
    let of_canary = |gains: &[(usize, (i64, f64))]| {
        let listed = gains.first()?.0;
        Some((listed, Calls::of(gains.iter().map(|(_, gain)| *gain).collect())))
    };
    strongest.chunk_by(|a, b| a.0 == b.0).filter_map(of_canary).collect()
}

/// By what contacts to one canary are told apart.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Voice<'h> {
    Caller(&'h Caller),
    Words(&'h str),
    /// A withheld and silent contact, by its place.
    Silent(usize),
}

impl<'h> Voice<'h> {
    fn of(hit: &'h Hit, at: usize) -> Voice<'h> {
        match (&hit.contact.from, hit.contact.said.as_deref()) {
            (Some(caller), _) => Voice::Caller(caller),
            (None, Some(said)) => Voice::Words(said),
            (None, None) => Voice::Silent(at),
        }
    }
}

impl Calls {
    fn of(mut gains: Vec<(i64, f64)>) -> Calls {
        gains.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let (mut weak, strong): (Vec<_>, Vec<_>) = gains.into_iter().partition(|(_, gain)| *gain < SMALL_GAIN);
        let mut sum = 0.0;
        for (_, gain) in weak.iter_mut().rev() {
            sum += *gain;
            *gain = sum;
        }
        Calls { strong, weak }
    }

    /// Gives how many times likelier these contacts are if a buyer called, from a copy made at `copied`, than by chance
    /// alone.
    pub fn ratio(&self, copied: i64, until: i64) -> f64 {
        let days = ((until - copied) as f64 / 86_400.0).max(SPREAD_DAYS_MIN);
        let weak = self.weak.get(self.weak.partition_point(|(at, _)| *at < copied)).map_or(0.0, |(_, sum)| *sum);
        let strong = self.strong.iter().filter(|(at, _)| *at >= copied);
        let ln: f64 = strong.map(|(_, gain)| (CALLS_MEAN * gain / days).ln_1p()).sum();
        let ln = (ln + CALLS_MEAN * weak / days).min(LN_RATIO_MAX);
        MISSED + (1.0 - MISSED) * ln.exp_m1() / CALLS_MEAN.exp_m1()
    }

    /// Tells whether a contact at this time, of those up to `until`, is by itself likelier a buyer's than by chance, all in seconds.
    pub fn speak_at(&self, (at, until): (i64, i64), planted: i64) -> bool {
        let days = ((until - planted) as f64 / 86_400.0).max(SPREAD_DAYS_MIN);
        self.strong.iter().any(|(time, gain)| *time == at && CALLS_MEAN * gain / days > 1.0)
    }

    /// Gives the ratio of a canary that nothing reached.
    pub fn silent_ratio() -> f64 {
        MISSED
    }

    /// Tells whether these contacts can speak for a buyer by themselves.
    pub fn speak(&self, until: i64) -> bool {
        self.strong.first().is_some_and(|(at, _)| self.ratio(*at, until) > SPEAKS)
    }
}
