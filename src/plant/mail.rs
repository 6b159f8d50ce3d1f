//! E-mail addresses of nobody: made of the canary's own name where the donor's is made of the donor's, else of parts of others.

use std::collections::{BTreeMap, BTreeSet};

use rand::Rng;
use rand::seq::IndexedRandom;

use super::pattern;
use super::wording::Wording;
use crate::persona::PersonName;

/// Share of filled cells that must be addresses.
const ADDRESSES_MIN: f64 = 0.8;

/// Letters of the shortest part that is made anew where it is nobody's name.
const WORD_MIN: usize = 3;

/// Times an address is made again that the list holds.
const TRIES: usize = 40;

/// The addresses of a column.
#[derive(Debug)]
pub struct Mails {
    known: BTreeSet<String>,
    /// How often each host stands there.
    hosts: BTreeMap<String, usize>,
    words: Option<Wording>,
}

impl Mails {
    /// Learns a column; nothing if it is not one of addresses.
    pub fn of<'c>(cells: impl Iterator<Item = &'c str>) -> Option<Mails> {
        let (mut known, mut hosts, mut words, mut filled, mut total) =
            (BTreeSet::new(), BTreeMap::new(), Vec::new(), 0, 0);
        for cell in cells.filter(|cell| !cell.is_empty()) {
            filled += 1;
            let Some((local, host)) = parts(cell) else { continue };
            total += 1;
            known.insert(cell.to_lowercase());
            *hosts.entry(host.to_string()).or_insert(0_usize) += 1;
            words.extend(runs(local).into_iter().filter(|run| is_word(run)));
        }
        let is_one = total > 0 && f64::from(total) >= ADDRESSES_MIN * f64::from(filled);
        is_one.then(|| Mails { known, hosts, words: Wording::of(words.iter().copied()) })
    }

    /// Makes an address like the donor's for somebody of another name; nothing if none is new.
    pub fn like(&self, donor: &str, names: (Option<&PersonName>, &PersonName), rng: &mut impl Rng) -> Option<String> {
        let (local, host) = parts(donor)?;
        let mut made = (0..TRIES).filter_map(|_| {
            let host = self.host(host, rng);
            Some(format!("{}@{host}", self.local(local, names, rng)?))
        });
        made.find(|address| !self.known.contains(&address.to_lowercase()))
    }

    /// Keeps a host that several have; one that is somebody's own becomes one of the others.
    fn host<'a>(&'a self, own: &'a str, rng: &mut impl Rng) -> &'a str {
        if self.hosts.get(own).is_some_and(|rows| *rows > 1) {
            return own;
        }
        let shared: Vec<(&String, &usize)> = self.hosts.iter().filter(|(_, rows)| **rows > 1).collect();
        shared.choose_weighted(rng, |(_, rows)| **rows).map_or(own, |(host, _)| host.as_str())
    }

    fn local(
        &self,
        local: &str,
        (donor, new): (Option<&PersonName>, &PersonName),
        rng: &mut impl Rng,
    ) -> Option<String> {
        let pairs: Vec<(String, String)> =
            donor.map_or_else(Vec::new, |donor| forms(donor).into_iter().zip(forms(new)).collect());
        let named = |run: &str| pairs.iter().find(|(old, _)| !old.is_empty() && *old == run.to_lowercase());
        let runs = runs(local);
        let is_named = runs.iter().any(|run| run.len() >= WORD_MIN && named(run).is_some());
        let mut text = String::new();
        for run in runs {
            match named(run) {
                Some((_, of_new)) => text.push_str(of_new),
                None if is_word(run) && !is_named => text.push_str(&self.words.as_ref()?.make(rng)?),
                None => text.push_str(&pattern::varied(run, rng)),
            }
        }
        Some(text)
    }
}

/// Cuts an address at its `@`; nothing for other text.
fn parts(cell: &str) -> Option<(&str, &str)> {
    let (local, host) = cell.split_once('@')?;
    (!local.is_empty() && host.contains('.') && !cell.contains(char::is_whitespace)).then_some((local, host))
}

/// Cuts a text into runs of letters, of digits and of marks.
fn runs(text: &str) -> Vec<&str> {
    let kind = |c: char| (c.is_ascii_digit(), c.is_alphabetic());
    let mut runs = Vec::new();
    let mut start = 0;
    for (at, c) in text.char_indices().skip(1) {
        if text[start..at].chars().next().is_some_and(|first| kind(first) != kind(c)) {
            runs.push(&text[start..at]);
            start = at;
        }
    }
    runs.push(&text[start..]);
    runs
}

fn is_word(run: &str) -> bool {
    run.len() >= WORD_MIN && run.chars().all(char::is_alphabetic)
}

/// Lists how a name is put into an address, the longest first: the same places in every list are the same way.
fn forms(name: &PersonName) -> [String; 8] {
    let letters = |text: &str| text.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_lowercase();
    let (family, given) = (letters(&name.family), letters(&name.given));
    let first = |text: &str| text.chars().take(1).collect::<String>();
    let (f, g) = (first(&family), first(&given));
    [
        format!("{given}{family}"),
        format!("{family}{given}"),
        format!("{g}{family}"),
        format!("{family}{g}"),
        format!("{given}{f}"),
        format!("{f}{given}"),
        given,
        family,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::ChaCha20Rng;

    fn name(given: &str, family: &str) -> PersonName {
        PersonName { family: family.to_string(), given: given.to_string() }
    }

    #[test]
    fn an_address_made_of_a_name_is_made_of_the_new_one() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let cells = ["JSmith7@one.example", "mary.jones@one.example", "lee@two.example", "lee@two.example"];
        let mails = Mails::of(cells.into_iter()).expect("addresses");
        let (new, jane, mary) = (name("Anna", "O'Neil"), name("Jane", "Smith"), name("Mary", "Jones"));
        let made = mails.like(cells[0], (Some(&jane), &new), &mut rng).expect("an address");
        assert!(made.starts_with("aoneil") && made.ends_with("@one.example"), "{made}");
        assert_eq!(mails.like(cells[1], (Some(&mary), &new), &mut rng).as_deref(), Some("anna.oneil@one.example"));
        assert_eq!(mails.like("无", (None, &new), &mut rng), None);
    }

    #[test]
    fn an_address_of_no_name_is_made_of_parts_of_others_and_is_none_of_them() {
        let mut rng = ChaCha20Rng::seed_from_u64(2);
        let syllables = ["zhang", "wei", "liu", "yang", "chen", "jing", "wang", "lian", "hua"];
        let cells: Vec<String> = (0..60_usize)
            .map(|n| {
                format!("{}{}{}@{}.example", syllables[n % 9], syllables[n / 9 % 9], 80 + n, ["mail", "post"][n % 2])
            })
            .collect();
        let mails = Mails::of(cells.iter().map(String::as_str)).expect("addresses");
        for donor in &cells {
            let made = mails.like(donor, (None, &name("芳", "王")), &mut rng).expect("an address");
            assert!(
                !cells.contains(&made) && (made.ends_with("@mail.example") || made.ends_with("@post.example")),
                "{made}"
            );
        }
    }
}
