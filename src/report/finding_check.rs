//! The step of the check of an evidence package that compares what its finding names with what its proofs prove.
//!
//! A holder that `report.json` names must have a copy that is proven, or have got one by flows that are in the log. A planting, a
//! canary or a number is proven, or owned not to be (`unproven`). Other words of the report remain the operator's.

use std::collections::{BTreeMap, BTreeSet};

use super::canary_check::ShownByPlace;
use super::copy_check::{ProvenCopy, holder_of, shown};
use super::entry_check::Proven;
use super::json_lines::flat;
use super::package::Files;
use super::proof_check::{PackageFault, PackageStep, fault};
use super::spelling::{IDS, UNPROVEN};

/// The documents that name somebody.
pub(super) const DOCUMENT: &str = "report.json";
pub(super) const PAGE: &str = "REPORT.html";
/// How a line of the page begins that says from whose copy the data derive, and how that goes on in either language.
const CLAIM: &str = "<p class=\"claim\">";
const COPY_OF: [(&str, &str, &str); 2] =
    [("en", "the data used derive from the copy given to ", " ("), ("zh", "所用数据来自交给 ", "（")];

/// What a finding names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// The holders.
    pub named: Vec<String>,
    /// Numbers, canaries and plantings that it speaks of on the operator's word alone.
    pub unproven: Vec<String>,
}

/// What the proofs of a package come to.
pub(super) struct Proofs<'f> {
    /// Canary and number.
    canaries: BTreeSet<(&'f [u8], &'f [u8])>,
    /// Holder and file of each planting.
    plantings: BTreeMap<&'f [u8], (&'f [u8], &'f [u8])>,
    /// From whom data goes to whom.
    ways: Vec<(&'f [u8], &'f [u8])>,
    copies: BTreeSet<Vec<u8>>,
    holders: BTreeSet<Vec<u8>>,
}

/// The values of a document by their paths; strings without quotes, others empty.
type Values<'d> = BTreeMap<&'d str, &'d [u8]>;

impl<'f> Proofs<'f> {
    /// Gathers what is proven.
    pub(super) fn of(entries: &[Proven<'f>], canaries: &[ShownByPlace<'f>], copies: &[ProvenCopy]) -> Proofs<'f> {
        let sealed = entries.iter().filter(|entry| entry.kind == b"sealed").rev();
        let planting = |entry: &Proven<'f>| (entry.line("planting"), (holder_of(entries, entry), entry.line("sha256")));
        let way = |entry: &Proven<'f>| match entry.kind {
            b"flow" => Some((entry.opened("from"), entry.opened("to"))),
            b"holder" => Some((entry.opened("parent"), entry.opened("holder"))),
            _ => None,
        };
        Proofs {
            canaries: shown(entries, canaries).iter().map(|one| (one.canary, one.number)).collect(),
            plantings: sealed.map(planting).filter(|(_, (holder, _))| !holder.is_empty()).collect(),
            ways: entries.iter().filter_map(way).collect(),
            copies: copies.iter().map(|copy| copy.line().into_bytes()).collect(),
            holders: copies.iter().map(|copy| copy.holder.clone().into_bytes()).collect(),
        }
    }

    /// Writes into a finding what is proven of it, and what of that which it and its page speak of is not.
    pub(super) fn write(&self, files: &Files, finding: &mut serde_json::Value) {
        let text = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).into_owned();
        finding["proven"] = self.copies.iter().map(text).collect();
        let document = format!("{finding:#}\n").into_bytes();
        let page = files.get(PAGE).map_or(&[][..], Vec::as_slice);
        let numbers = flat(&document).map(|values| numbers_in(&values)).unwrap_or_default();
        let ids = [page, &document].into_iter().flat_map(|text| IDS.find_iter(text).map(|id| id.as_bytes().to_vec()));
        let unproven: BTreeSet<Vec<u8>> = ids.chain(numbers).filter(|word| !self.has(word)).collect();
        finding["unproven"] = unproven.iter().map(text).collect();
    }

    /// Tells whether a planting, a canary or a number is proven.
    fn has(&self, word: &[u8]) -> bool {
        self.plantings.contains_key(word)
            || self.canaries.iter().any(|(canary, number)| *canary == word || *number == word)
    }

    /// Checks the finding, and what its page claims.
    pub(super) fn check(&self, files: &Files) -> Result<Told, PackageFault> {
        let bad = || fault(PackageStep::Finding, DOCUMENT);
        let (document, page) = (files.get(DOCUMENT).ok_or_else(bad)?, files.get(PAGE).ok_or_else(bad)?);
        let values = flat(document).ok_or_else(bad)?;
        let told = Told { named: texts(&values, "finding.named."), unproven: texts(&values, "unproven.") };
        let owned: BTreeSet<&[u8]> = told.unproven.iter().map(String::as_bytes).collect();
        let is_known = |word: &[u8]| self.has(word) || owned.contains(word);
        let ids = [page, document].into_iter().flat_map(|text| IDS.find_iter(text).map(|id| id.as_bytes().to_vec()));
        let by_path: Values<'_> = values.iter().map(|(path, value)| (path.as_str(), bare(value))).collect();
        let proven: Vec<&[u8]> = of(&values, "proven.").collect();
        let is_good = owned.iter().all(|word| UNPROVEN.is_line(word))
            && ids.chain(numbers_in(&values)).all(|word| is_known(&word))
            && proven.len() == self.copies.len()
            && proven.iter().map(|line| line.to_vec()).collect::<BTreeSet<_>>() == self.copies
            && self.names_rightly(&of(&values, "finding.named.").collect::<Vec<_>>(), &by_path, page)
            && objects(&values).into_iter().all(|object| self.is_right(object, &by_path, &is_known));
        if is_good { Ok(told) } else { Err(bad()) }
    }

    /// Tells whether all holders that are named have a copy, and headline and page name them and nobody else.
    fn names_rightly(&self, named: &[&[u8]], by_path: &Values<'_>, page: &[u8]) -> bool {
        let claims: Vec<&[u8]> = lines(page).filter(|line| line.starts_with(CLAIM.as_bytes())).collect();
        let headline = |at: usize, lang: &str| by_path.get(format!("headline.{at}.{lang}").as_str()).copied();
        let reached = self.reached();
        let is_named = |(at, holder): (usize, &&[u8])| {
            let starts =
                COPY_OF.map(|(lang, before, behind)| (lang, [before.as_bytes(), holder, behind.as_bytes()].concat()));
            let claims_so = |start: &Vec<u8>| {
                claims
                    .get(at)
                    .is_some_and(|line| line.strip_prefix(CLAIM.as_bytes()).is_some_and(|l| l.starts_with(start)))
            };
            reached.contains(*holder)
                && starts.iter().all(|(lang, start)| headline(at + 1, lang).is_some_and(|line| line.starts_with(start)))
                && starts.iter().any(|(_, start)| claims_so(start))
        };
        claims.len() == named.len()
            && headline(named.len(), "en").is_some()
            && headline(named.len() + 1, "en").is_none()
            && named.iter().enumerate().all(is_named)
    }

    /// Lists the holders who have a proven copy, and those whom data reaches from them.
    fn reached(&self) -> BTreeSet<&[u8]> {
        let mut reached: BTreeSet<&[u8]> = self.holders.iter().map(Vec::as_slice).collect();
        while let Some((_, to)) = self.ways.iter().find(|(from, to)| reached.contains(from) && !reached.contains(to)) {
            reached.insert(to);
        }
        reached
    }

    /// Tells whether an object of the finding says of a planting or a canary what is proven of it.
    fn is_right(&self, object: &str, by_path: &Values<'_>, is_known: &dyn Fn(&[u8]) -> bool) -> bool {
        let get = |name: &str| by_path.get(format!("{object}.{name}").as_str()).copied();
        let [planting, number, canary] = ["planting", "number", "canary"].map(|name| get(name).unwrap_or_default());
        let canary = if canary.is_empty() { get("id").unwrap_or_default() } else { canary };
        let of_planting = match self.plantings.get(planting) {
            Some((holder, sha256)) => {
                get("holder").is_none_or(|one| one == *holder) && get("file_sha256").is_none_or(|one| one == *sha256)
            }
            None => planting.is_empty() || is_known(planting),
        };
        let is_ours = self.canaries.iter().any(|(_, ours)| *ours == number);
        of_planting
            && (number.is_empty() || is_known(number))
            && (!is_ours || canary.is_empty() || self.canaries.contains(&(canary, number)))
    }
}

impl ProvenCopy {
    /// Says it as `report.json` has it: canary, number, planting, holder, SHA-256 of the file.
    fn line(&self) -> String {
        let ProvenCopy { canary, planting, holder, number, file_sha256 } = self;
        format!("{canary} {number} {planting} {holder} {file_sha256}")
    }
}

/// Takes the quotes from a string; what is none has no text.
fn bare(value: &[u8]) -> &[u8] {
    value.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")).unwrap_or_default()
}

/// Gives the texts of a list.
fn of<'v>(values: &'v [(String, &'v [u8])], list: &'static str) -> impl Iterator<Item = &'v [u8]> {
    let is_of = move |path: &str| path.strip_prefix(list).is_some_and(|rest| !rest.contains('.'));
    values.iter().filter(move |(path, _)| is_of(path)).map(|(_, value)| bare(value))
}

fn texts(values: &[(String, &[u8])], list: &'static str) -> Vec<String> {
    of(values, list).map(|text| String::from_utf8_lossy(text).into_owned()).collect()
}

/// Lists all values that are called a number and are texts.
fn numbers_in(values: &[(String, &[u8])]) -> Vec<Vec<u8>> {
    let numbers = values.iter().filter(|(path, value)| path.ends_with(".number") && value.starts_with(b"\""));
    numbers.map(|(_, value)| bare(value).to_vec()).collect()
}

/// Lists the objects that have a value.
fn objects<'v>(values: &'v [(String, &[u8])]) -> BTreeSet<&'v str> {
    values.iter().filter_map(|(path, _)| path.rsplit_once('.').map(|(object, _)| object)).collect()
}

fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| *byte == b'\n')
}
