//! Who had which canary: whom it was planted for, everybody downstream, and where it was seen.
//!
//! A flow carries what its giver gets on the days it runs, not what was planted before or after. Canaries of one origin
//! and one span of days went the same ways, so they are kept as one class: the graph is walked once per class, however
//! many canaries there are.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Datelike, Utc};
use foldhash::fast::RandomState;

use super::evidence::{Evidence, Receipt, Rows, Seen, Standing};
use super::ways::Ways;
use crate::holder::{Came, HolderId};
use crate::id::CanaryId;
use crate::phone::Number;

/// Canaries of one planting and one date, to be told from each other by their calls alone.
#[derive(Debug, Clone, Copy)]
pub struct Silent {
    pub planted: i64,
    pub day: i32,
    pub canaries: usize,
}

/// Canaries that are in the same copies; `reach` gives each holder's share of them.
pub struct Class {
    pub origin: usize,
    pub rows: Rows,
    /// Holders for whom they were made at once with the origin: to each of them they are its own.
    pub together: BTreeSet<usize>,
    pub reach: BTreeMap<usize, f64>,
    /// Holders in whose own lists they were seen.
    pub seen: BTreeSet<usize>,
    /// Holders that have them only since a list in which they were seen, with the time of that list in seconds.
    pub late: BTreeMap<usize, i64>,
    pub silent: Vec<Silent>,
    /// The listed canaries, by place in [`Presence::listed`].
    pub listed: Vec<usize>,
    /// The same, counted by planting and day, in order.
    pub listed_on: Vec<Silent>,
    /// The days of its canaries, in order.
    pub days: Vec<i32>,
    /// Canaries by the time they were planted, in order: listed and silent ones up to then.
    planted: Vec<(i64, usize, usize)>,
}

impl Class {
    fn count(&mut self, listed: &[Listed<'_>]) {
        let of_listed = self.listed.iter().map(|place| (listed[*place].planted, 1, 0));
        let of_silent = self.silent.iter().map(|silent| (silent.planted, 0, silent.canaries));
        let mut planted: Vec<(i64, usize, usize)> = of_listed.chain(of_silent).collect();
        planted.sort_unstable();
        let (mut of_listed, mut of_silent) = (0, 0);
        for count in &mut planted {
            (of_listed, of_silent) = (of_listed + count.1, of_silent + count.2);
            (count.1, count.2) = (of_listed, of_silent);
        }
        planted.dedup_by(|later, kept| {
            let same = later.0 == kept.0;
            if same {
                *kept = *later;
            }
            same
        });
        self.planted = planted;
        let mut on: Vec<(i64, i32)> = self.listed.iter().map(|at| (listed[*at].planted, listed[*at].day)).collect();
        on.sort_unstable();
        let alike = on.chunk_by(|a, b| a == b);
        self.listed_on = alike.map(|on| Silent { planted: on[0].0, day: on[0].1, canaries: on.len() }).collect();
        let of_silent = self.silent.iter().map(|silent| silent.day);
        self.days = self.listed.iter().map(|place| listed[*place].day).chain(of_silent).collect();
        self.days.sort_unstable();
        self.days.dedup();
    }

    /// Gives whose rows they are in the copy of a holder: its own if they were made for it too.
    pub fn home(&self, place: usize) -> usize {
        if self.together.contains(&place) { place } else { self.origin }
    }

    /// Tells whether they were made for a holder, perhaps for others at once.
    pub fn is_made_for(&self, place: usize) -> bool {
        self.home(place) == place
    }

    /// Gives the time in seconds before which a holder cannot have them, whenever they were planted.
    pub fn since(&self, place: usize) -> i64 {
        self.late.get(&place).copied().unwrap_or(i64::MIN)
    }

    /// Gives the times at which its canaries were planted, in order.
    pub fn times(&self) -> impl Iterator<Item = i64> {
        self.planted.iter().map(|count| count.0)
    }

    /// Gives the time at which the first of its canaries was planted.
    pub fn first_planted(&self) -> i64 {
        self.planted.first().map_or(i64::MAX, |count| count.0)
    }

    /// Counts all its canaries.
    pub fn canaries(&self) -> usize {
        self.planted.last().map_or(0, |(_, listed, silent)| listed + silent)
    }

    /// Counts its listed and its silent canaries planted up to a time.
    pub fn planted_by(&self, newest: i64) -> (usize, usize) {
        let end = self.planted.partition_point(|count| count.0 <= newest);
        end.checked_sub(1).map_or((0, 0), |last| (self.planted[last].1, self.planted[last].2))
    }
}

/// A canary that is told apart; `planted` in seconds, `day` of the common era.
pub struct Listed<'e> {
    pub id: CanaryId,
    pub number: &'e Number,
    pub planted_at: DateTime<Utc>,
    pub planted: i64,
    pub day: i32,
    /// The class it is in; none if its list was never handed over.
    pub class: Option<usize>,
}

/// Holders by place, classes of canaries, and the canaries that are told apart.
pub struct Presence<'e> {
    pub holders: Vec<&'e HolderId>,
    pub classes: Vec<Class>,
    pub listed: Vec<Listed<'e>>,
    /// Numbers that are out of use, each since when.
    pub retired: &'e BTreeMap<Number, DateTime<Utc>>,
    /// Places in `listed` by id, counted from the lowest id.
    by_id: Vec<Option<u32>>,
    lowest: u64,
    /// The classes of which each holder has a share, by origin, each with that share.
    at: Vec<Vec<(usize, f64)>>,
    places: HashMap<&'e HolderId, usize, RandomState>,
}

/// A list in which a canary was seen: the holder, the span of days, the time in seconds.
type SeenIn = (usize, usize, i64);

/// What makes a class: the origin with its span of days and whose rows they are among, the lists in which canaries were seen, and for
/// whom they were made.
type Starts = ((usize, usize, Rows), Vec<SeenIn>, BTreeSet<usize>);

#[derive(Default)]
struct Classes {
    by_starts: HashMap<Starts, usize, RandomState>,
    all: Vec<Class>,
}

impl<'e> Presence<'e> {
    /// Sorts the canaries of the evidence into classes.
    pub fn of(evidence: &'e Evidence) -> Presence<'e> {
        let mut ways = Ways::of(evidence);
        let mut seen_in: HashMap<CanaryId, Vec<(usize, &Seen)>, RandomState> = HashMap::default();
        for Receipt { canary, seen, .. } in &evidence.received {
            seen_in.entry(*canary).or_default().push((ways.place_of(&seen.holder), seen));
        }
        let mut classes = Classes::default();
        let mut listed = Vec::with_capacity(evidence.canaries.len());
        for fact in evidence.canaries.iter().filter(|fact| !evidence.called_otherwise.contains(&fact.id)) {
            let seen = seen_in.get(&fact.id).map_or(&[][..], Vec::as_slice);
            let origin = (ways.place_of(&fact.holder), fact.planted_at, fact.rows);
            let class = (fact.standing == Standing::Planted).then(|| classes.of(&ways, origin, seen));
            if let Some(class) = class {
                classes.all[class].listed.push(listed.len());
            }
            let day = fact.dated.unwrap_or_else(|| fact.planted_at.date_naive()).num_days_from_ce();
            let (id, number, planted_at) = (fact.id, &fact.number, fact.planted_at);
            listed.push(Listed { id, number, planted_at, planted: planted_at.timestamp(), day, class });
        }
        for cohort in &evidence.silent {
            let origin = (ways.place_of(&cohort.holder), cohort.planted_at, cohort.rows);
            let seen: Vec<_> = cohort.received.iter().map(|seen| (ways.place_of(&seen.holder), seen)).collect();
            let class = classes.of(&ways, origin, &seen);
            let day = cohort.dated.unwrap_or_else(|| cohort.planted_at.date_naive()).num_days_from_ce();
            let (planted, canaries) = (cohort.planted_at.timestamp(), cohort.canaries);
            classes.all[class].silent.push(Silent { planted, day, canaries });
        }
        let lowest = listed.iter().map(|canary| canary.id.0).min().unwrap_or(0);
        let highest = listed.iter().map(|canary| canary.id.0 + 1).max().unwrap_or(0);
        let mut by_id = vec![None; (highest - lowest) as usize];
        for (place, canary) in (0..).zip(&listed) {
            by_id[(canary.id.0 - lowest) as usize] = Some(place);
        }
        let mut at: Vec<Vec<(usize, f64)>> = vec![Vec::new(); ways.holders.len()];
        for (class, found) in classes.all.iter_mut().enumerate() {
            found.count(&listed);
            found.reach.iter().for_each(|(place, share)| at[*place].push((class, *share)));
        }
        for (place, here) in at.iter_mut().enumerate() {
            here.sort_by_key(|(class, _)| classes.all[*class].home(place));
        }
        let places = ways.holders.iter().enumerate().map(|(place, holder)| (*holder, place)).collect();
        Presence {
            holders: ways.holders,
            classes: classes.all,
            listed,
            retired: &evidence.retired,
            by_id,
            lowest,
            at,
            places,
        }
    }

    /// Gives the holder at a place.
    pub fn holder(&self, place: usize) -> &'e HolderId {
        self.holders[place]
    }

    /// Finds a listed canary.
    pub fn find(&self, canary: CanaryId) -> Option<usize> {
        let place = canary.0.checked_sub(self.lowest)? as usize;
        self.by_id.get(place).copied().flatten().map(|place| place as usize)
    }

    /// Finds the place of a holder.
    pub fn place(&self, holder: &HolderId) -> Option<usize> {
        self.places.get(holder).copied()
    }

    /// Gives the classes of which the holder at a place has a share, by origin.
    pub fn at(&self, place: usize) -> impl Iterator<Item = usize> {
        self.at[place].iter().map(|(class, _)| *class)
    }

    /// Gives the classes at a place with their shares, those of one origin together.
    pub fn by_origin(&self, place: usize) -> impl Iterator<Item = &[(usize, f64)]> {
        self.at[place].chunk_by(move |a, b| self.classes[a.0].home(place) == self.classes[b.0].home(place))
    }

    /// Gives the class of a listed canary that was handed over.
    pub fn class_of(&self, listed: usize) -> Option<&Class> {
        self.listed[listed].class.map(|class| &self.classes[class])
    }

    /// Gives the share of a listed canary's chance to be in the copy of the holder at `place`.
    pub fn share(&self, listed: usize, place: usize) -> Option<f64> {
        self.class_of(listed)?.reach.get(&place).copied()
    }
}

impl Classes {
    /// Finds the class of canaries that these holders got at these times, or makes it.
    fn of(&mut self, ways: &Ways<'_>, origin: (usize, DateTime<Utc>, Rows), seen: &[(usize, &Seen)]) -> usize {
        let at_once = seen.iter().filter(|(place, seen)| seen.came == Came::AtOnce && *place != origin.0);
        let together: BTreeSet<usize> = at_once.map(|(place, _)| *place).collect();
        let (origin, span, rows) = (origin.0, ways.span_of(origin.1.date_naive()), origin.2);
        let list = |(place, seen): &(usize, &Seen)| (*place, ways.span_of(seen.at.date_naive()), seen.at.timestamp());
        // What its own holder has again on days of the same flows is nothing new.
        let mut lists: Vec<SeenIn> = seen.iter().map(list).filter(|list| (list.0, list.1) != (origin, span)).collect();
        lists.sort_unstable();
        lists.dedup_by_key(|list| (list.0, list.1));
        *self.by_starts.entry(((origin, span, rows), lists, together)).or_insert_with_key(|(_, lists, together)| {
            let by_flows = ways.reach(&[(origin, span)]);
            let (mut reach, mut late) = (by_flows.clone(), BTreeMap::new());
            for (place, span, at) in lists {
                for (to, share) in ways.reach(&[(*place, *span)]) {
                    reach.entry(to).and_modify(|known| *known = share.max(*known)).or_insert(share);
                    if !by_flows.contains_key(&to) && !together.contains(place) {
                        late.entry(to).and_modify(|known| *known = *at.min(known)).or_insert(*at);
                    }
                }
            }
            self.all.push(Class {
                origin,
                rows,
                together: together.clone(),
                reach,
                seen: lists.iter().map(|list| list.0).collect(),
                late,
                silent: Vec::new(),
                listed: Vec::new(),
                listed_on: Vec::new(),
                days: Vec::new(),
                planted: Vec::new(),
            });
            self.all.len() - 1
        })
    }
}
