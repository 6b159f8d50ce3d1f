//! Copies that nothing on record says were handed over: a crash left the planting open, or it came to nothing, and
//! somebody may have taken the file all the same.
//!
//! A holder stays named only if the evidence names it without them too: as if nobody had got an open copy, and without the
//! calls to canaries of a copy that calls speak for. Older canaries alone speak for no such copy: the file of any export that
//! failed has them as well, and would clear its holder for ever.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use foldhash::fast::RandomState;

use super::DeedError;
use crate::hit::{CampaignId, Hit, Level};
use crate::holder::Came;
use crate::id::{CanaryId, PlantingId};
use crate::phone::Number;
use crate::store::{PlantingRow, PlantingState, Reader, ReceivedRow};
use crate::trace::{Evidence, Finding, Standing};

/// Canaries of such a copy that callers of one campaign, who spoke of the trade, reach by more than chance.
const SPOKEN_BY_CAMPAIGN_MIN: usize = 2;
/// As many, where callers have nothing to do with each other.
const SPOKEN_MIN: usize = 3;
/// Called canaries from which the lists they were seen in are read in one go.
const RECEIVED_ONE_BY_ONE_MAX: usize = 1_000;

/// Weighs anew without the hits that are left out, and with the evidence changed; all hits are there again afterwards.
pub(super) type Reweigh<'g> =
    dyn FnMut(&mut Vec<Hit>, &dyn Fn(&Hit) -> bool, &dyn Fn(&mut Evidence)) -> Result<Finding, DeedError> + 'g;

/// The copies in question, and where the canaries that were called stand.
struct Unconfirmed {
    plantings: BTreeMap<PlantingId, PlantingRow>,
    places: HashMap<Number, Place, RandomState>,
    /// Copies that calls speak for.
    suspect: BTreeSet<PlantingId>,
}

/// Where a canary stands.
struct Place {
    canary: CanaryId,
    /// Copies in question that have it, and whether it was made for them, alone or at once with others.
    copies: BTreeMap<PlantingId, Came>,
    /// Whether another copy has it, that was handed over.
    is_given: bool,
}

/// What the callers of one campaign did with canaries of a copy.
#[derive(Default)]
struct Signs {
    told: BTreeSet<CanaryId>,
    /// Of those that were made for the copy.
    told_new: BTreeSet<CanaryId>,
    spoken_new: BTreeSet<CanaryId>,
    rung_new: BTreeSet<CanaryId>,
}

/// Takes back the names in a finding that copies in question may have given rise to; `all` are all hits there are, where
/// the finding is on some.
pub(super) fn borne_out(
    reader: &Reader<'_>,
    mut finding: Finding,
    evidence: &mut Evidence,
    all: Option<&[Hit]>,
    reweigh: &mut Reweigh<'_>,
) -> Result<Finding, DeedError> {
    let hits = all.unwrap_or(&finding.hits);
    let Some(unconfirmed) = Unconfirmed::of(reader, evidence, hits)? else { return Ok(finding) };
    evidence.open = unconfirmed.open();
    if finding.named.is_empty() || unconfirmed.places.values().all(|place| place.copies.is_empty()) {
        return Ok(finding);
    }
    let leaves_out = |hit: &Hit| unconfirmed.leaves_out(&hit.contact.to);
    let without = reweigh(&mut finding.hits, &leaves_out, &|evidence| unconfirmed.withdraw(evidence))?;
    if finding.named.iter().all(|holder| without.named.contains(holder)) {
        return Ok(finding.no_surer_than(&without));
    }
    Ok(unconfirmed.withhold(finding))
}

impl Unconfirmed {
    /// Looks up where the canaries that were called stand; nothing where all copies were handed over.
    fn of(reader: &Reader<'_>, evidence: &Evidence, hits: &[Hit]) -> Result<Option<Unconfirmed>, DeedError> {
        let plantings = reader.plantings()?.into_iter().filter(|row| match row.state {
            PlantingState::Planted { .. } => false,
            PlantingState::Reserved | PlantingState::Sealed | PlantingState::Void => true,
        });
        let plantings: BTreeMap<PlantingId, PlantingRow> = plantings.map(|row| (row.id, row)).collect();
        if plantings.is_empty() {
            return Ok(None);
        }
        let mut called: HashSet<&Number, RandomState> =
            hits.iter().filter(|hit| hit.planted.is_some()).map(|hit| &hit.contact.to).collect();
        let mut received: HashMap<CanaryId, Vec<ReceivedRow>, RandomState> = HashMap::default();
        let is_read = called.len() >= RECEIVED_ONE_BY_ONE_MAX;
        if is_read {
            reader.received()?.into_iter().for_each(|row| received.entry(row.canary).or_default().push(row));
            // Of so many, only those are looked up that stand in a copy in question.
            let seen = received.iter().filter(|(_, rows)| rows.iter().any(|row| plantings.contains_key(&row.planting)));
            let mut in_question: HashSet<CanaryId, RandomState> = seen.map(|(canary, _)| *canary).collect();
            for planting in plantings.keys() {
                in_question.extend(reader.canaries_in(*planting)?.into_iter().map(|row| row.id));
            }
            let of_these = |hit: &&Hit| hit.planted.as_ref().is_some_and(|one| in_question.contains(&one.canary));
            called = hits.iter().filter(of_these).map(|hit| &hit.contact.to).collect();
        }
        let mut places = HashMap::default();
        for number in called {
            let Some((canary, made_in)) = reader.canary_at(number)? else { continue };
            let seen = if is_read { received.get(&canary).cloned() } else { Some(reader.received_of(canary)?) };
            let seen = seen.into_iter().flatten().map(|row| (row.planting, row.came));
            let mut place = Place { canary, copies: BTreeMap::new(), is_given: false };
            for (planting, came) in std::iter::once((made_in, Came::AtOnce)).chain(seen) {
                match plantings.contains_key(&planting) {
                    true => {
                        place.copies.entry(planting).or_insert(came);
                    }
                    false => place.is_given = true,
                }
            }
            places.insert(number.clone(), place);
        }
        let mut all = Unconfirmed { plantings, places, suspect: BTreeSet::new() };
        all.suspect = all.suspects(evidence, hits);
        Ok(Some(all))
    }

    /// Finds the copies that calls speak for: somebody told of a canary made for it, or reached more of these than by chance.
    fn suspects(&self, evidence: &Evidence, hits: &[Hit]) -> BTreeSet<PlantingId> {
        let mut signs: BTreeMap<PlantingId, BTreeMap<CampaignId, Signs>> = BTreeMap::new();
        for hit in hits.iter().filter(|hit| hit.expected.is_none()) {
            let Some(Place { canary, copies, .. }) = self.places.get(&hit.contact.to) else { continue };
            let tells = hit.heard.level == Level::Content;
            if !tells && evidence.is_dialled(hit) {
                continue;
            }
            for (planting, came) in copies {
                let signs = signs.entry(*planting).or_default().entry(hit.campaign).or_default();
                if tells {
                    signs.told.insert(*canary);
                }
                if *came == Came::AtOnce {
                    signs.rung_new.insert(*canary);
                    if hit.heard.level >= Level::Topic {
                        signs.spoken_new.insert(*canary);
                    }
                    if tells {
                        signs.told_new.insert(*canary);
                    }
                }
            }
        }
        let is_suspect = |by_campaign: &BTreeMap<CampaignId, Signs>| {
            let all = |of: fn(&Signs) -> &BTreeSet<CanaryId>| {
                by_campaign.values().flat_map(of).collect::<BTreeSet<&CanaryId>>().len()
            };
            let (told, spoken) = (all(|signs| &signs.told), all(|signs| &signs.spoken_new));
            by_campaign.values().any(Signs::speak_for_it) || spoken >= SPOKEN_MIN && 2 * spoken >= told
        };
        signs.into_iter().filter(|(_, signs)| is_suspect(signs)).map(|(planting, _)| planting).collect()
    }

    /// Lists the plantings that are open.
    fn open(&self) -> BTreeSet<PlantingId> {
        let open = self.plantings.values().filter(|row| row.state != PlantingState::Void);
        open.map(|row| row.id).collect()
    }

    /// Tells whether contacts to a number are not to count: no copy that was handed over has it, or a suspect one has it too.
    fn leaves_out(&self, number: &Number) -> bool {
        let is_suspect = |place: &Place| place.copies.keys().any(|planting| self.suspect.contains(planting));
        self.places.get(number).is_some_and(|place| !place.is_given || is_suspect(place))
    }

    /// Makes the evidence as it were if nobody had got an open copy.
    fn withdraw(&self, evidence: &mut Evidence) {
        let (canaries, received) = (&mut evidence.canaries, &mut evidence.received);
        received.retain(|got| !self.plantings.contains_key(&got.planting));
        for fact in canaries.iter_mut().filter(|fact| self.plantings.contains_key(&fact.planting)) {
            match received.iter().find(|got| got.canary == fact.id) {
                Some(got) => {
                    (fact.holder, fact.planting, fact.planted_at) =
                        (got.seen.holder.clone(), got.planting, got.seen.at);
                    fact.standing = Standing::Planted;
                }
                None => fact.standing = Standing::Void,
            }
        }
    }

    /// Names nobody, and says because of which copy: a suspect one, or else one of a named holder.
    fn withhold(&self, finding: Finding) -> Finding {
        let called = || self.places.values().flat_map(|place| place.copies.keys()).collect::<BTreeSet<_>>();
        let row = |planting: &PlantingId| self.plantings.get(planting);
        let rows: Vec<&PlantingRow> = match self.suspect.is_empty() {
            true => called().into_iter().filter_map(row).collect(),
            false => self.suspect.iter().filter_map(row).collect(),
        };
        let of_named = rows.iter().find(|row| finding.named.contains(&row.holder));
        match of_named.or(rows.first()) {
            Some(PlantingRow { id, holder, state: PlantingState::Void, .. }) => {
                finding.after_void_copy(holder.clone(), *id)
            }
            Some(PlantingRow { id, holder, .. }) => finding.after_open_copy(holder.clone(), *id),
            None => finding,
        }
    }
}

impl Signs {
    fn speak_for_it(&self) -> bool {
        !self.told_new.is_empty()
            || self.spoken_new.len() >= SPOKEN_BY_CAMPAIGN_MIN
            || !self.told.is_empty() && !self.rung_new.is_empty()
    }
}
