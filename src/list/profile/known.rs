//! Which rows a list had, kept so that its next export can be told apart into old rows and new ones.
//!
//! A row has two keys, of cells that are seldom corrected together: the first two that it has of its phone, its person with
//! the day of birth, its record id with either. A key is a keyed hash, and of it only so many bits are kept that one stranger
//! in 64 looks known by it, one in 4,096 by both: who has the ledger and its key gets a hint of somebody whose phone, name
//! and day they know already, and no proof. More keys would be surer of the rows, and of the people. Of a long list only part
//! of the keys are kept.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::list::digits;
use crate::list::hash;
use crate::list::layout::Layout;
use crate::list::meaning::Meaning;
use crate::list::moment::{self, Reading};
use crate::list::row::Row;

/// Most keys that are kept of one list: some 100 KB of text.
const KEYS_MAX: usize = 1 << 16;

/// Bits kept of a hash above those that number the keys.
const BITS_ABOVE: u32 = 6;

/// Keys of one row that are kept and looked for.
const KEYS_OF_ROW: usize = 2;

/// Rows of a list from which on only the first key of each row is looked at from the beginning.
const LONG_ROWS: u64 = 1 << 17;

/// A year for days that name none: the same in every export.
const ANY_YEAR: i32 = 2000;

/// One key of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowKey {
    /// Its rank among the row's keys, from 0.
    pub rank: usize,
    /// Decides whether a list of which only part is kept keeps it; tells nothing secret apart.
    thin: u64,
    full: u64,
}

/// Finds the keys of a list's rows.
#[derive(Debug, Clone)]
pub struct RowKeys {
    key: [u8; 32],
    layout: Layout,
    phones: Vec<usize>,
    names: Vec<usize>,
    day: Option<usize>,
    id: Option<usize>,
}

/// What a key is made of; the numbers are part of what is hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    Phone = 1,
    PersonDay = 2,
    IdPerson = 3,
    IdDay = 4,
    /// All cells but the serial number, of a row that has none of the others.
    Cells = 5,
}

impl RowKeys {
    /// Prepares for the rows of a list; `key` is secret.
    pub fn new(layout: &Layout, key: [u8; 32]) -> RowKeys {
        let names = [Meaning::MotherName, Meaning::Name, Meaning::BabyName];
        let ids = [Meaning::RecordId, Meaning::WaybillNumber, Meaning::PlateNumber];
        RowKeys {
            key,
            layout: layout.clone(),
            phones: layout.positions(Meaning::Phone),
            names: names.into_iter().filter_map(|meaning| layout.position(meaning)).collect(),
            day: layout.position(Meaning::BirthDate),
            id: ids.into_iter().find_map(|meaning| layout.position(meaning)),
        }
    }

    /// Gives the keys of a row, at least one.
    pub fn all(&self, row: &Row<'_>) -> Vec<RowKey> {
        let texts = self.texts(row).into_iter().take(KEYS_OF_ROW).enumerate();
        texts.map(|(rank, (of, text))| RowKey { rank, thin: thin(of, &text), full: self.full(of, &text) }).collect()
    }

    /// Gives the first `most` keys of a row that `wants` them by what thins them out.
    fn some(&self, row: &Row<'_>, most: usize, wants: impl Fn(u64) -> bool) -> Vec<RowKey> {
        let phone = if most == 1 { self.phone(row).map(|phone| (Of::Phone, phone.to_le_bytes())) } else { None };
        if let Some((of, text)) = phone {
            let thin = thin(of, &text);
            return Vec::from_iter(wants(thin).then(|| RowKey { rank: 0, thin, full: self.full(of, &text) }));
        }
        let texts = self.texts(row).into_iter().take(most).enumerate();
        let thinned = texts.map(|(rank, (of, text))| (rank, of, thin(of, &text), text));
        let wanted = thinned.filter(|(_, _, thin, _)| wants(*thin));
        wanted.map(|(rank, of, thin, text)| RowKey { rank, thin, full: self.full(of, &text) }).collect()
    }

    fn phone(&self, row: &Row<'_>) -> Option<u64> {
        self.phones.iter().find_map(|at| {
            let group = match digits::plain(row.bytes(*at)) {
                Some(group) => Some(group),
                None => digits::groups(&row.text(*at)).first().copied(),
            };
            group.filter(|group| group.digits >= 7).and_then(|group| digits::national_forms(group).next())
        })
    }

    fn texts(&self, row: &Row<'_>) -> Vec<(Of, Vec<u8>)> {
        let filled = |at: usize| Some(row.text(at).trim().to_string()).filter(|text| !text.is_empty());
        let person = self.names.iter().find_map(|at| filled(*at));
        let day = self.day.and_then(|at| Some(self.day_of(&filled(at)?, at)));
        let id = self.id.and_then(filled);
        let joined = |one: &Option<String>, other: &Option<String>| {
            Some([one.as_ref()?.as_bytes(), b"\0", other.as_ref()?.as_bytes()].concat())
        };
        let phone = self.phone(row).map(|phone| phone.to_le_bytes().to_vec());
        let keys = [
            (Of::Phone, phone),
            (Of::PersonDay, joined(&person, &day)),
            (Of::IdPerson, joined(&id, &person)),
            (Of::IdDay, joined(&id, &day)),
        ];
        let mut keys: Vec<(Of, Vec<u8>)> = keys.into_iter().filter_map(|(of, text)| Some((of, text?))).collect();
        if keys.is_empty() {
            keys.push((Of::Cells, self.cells(row)));
        }
        keys
    }

    /// Writes a day in one way, however the list has it.
    fn day_of(&self, text: &str, column: usize) -> String {
        let reading = Reading { order: self.layout.columns[column].order, year: ANY_YEAR };
        let day = moment::parse(text, reading).and_then(|(moment, _)| moment.day());
        day.map_or_else(|| text.to_string(), |day| day.to_string())
    }

    fn cells(&self, row: &Row<'_>) -> Vec<u8> {
        let is_serial = |at: usize| self.layout.columns.get(at).is_some_and(|column| column.meaning == Meaning::Serial);
        let mut all = Vec::new();
        for at in (0..row.len()).filter(|at| !is_serial(*at)) {
            all.extend_from_slice(row.text(at).trim().as_bytes());
            all.push(0);
        }
        all
    }

    fn full(&self, of: Of, text: &[u8]) -> u64 {
        let digest = Sha256::new().chain_update(self.key).chain_update([of as u8]).chain_update(text).finalize();
        let mut first = [0_u8; 8];
        first.copy_from_slice(&digest[..8]);
        u64::from_be_bytes(first)
    }
}

/// Ledgers rest on it: what it gives for a text must stay the same.
fn thin(of: Of, text: &[u8]) -> u64 {
    hash::of(text, of as u64)
}

/// Gathers the keys of a list while its rows go by, in little memory.
#[derive(Debug)]
pub struct RowsSeen {
    keys: RowKeys,
    /// How many keys of a row are kept.
    most: usize,
    /// Of 2 to the power of this many keys one is kept.
    every: u8,
    found: Vec<RowKey>,
}

impl RowsSeen {
    /// Starts before the first row; `rows` is about how many there will be, where that is known.
    pub fn new(keys: RowKeys, rows: Option<u64>) -> RowsSeen {
        let most = if rows.is_some_and(|rows| rows > LONG_ROWS) { 1 } else { KEYS_OF_ROW };
        RowsSeen { keys, most, every: 0, found: Vec::new() }
    }

    /// Remembers a data row.
    pub fn see(&mut self, row: &Row<'_>) {
        let every = self.every;
        self.found.extend(self.keys.some(row, self.most, |thin| is_kept(thin, every)));
        while self.found.len() > KEYS_MAX {
            match self.most {
                1 => self.every += 1,
                _ => self.most /= 2,
            }
            let (most, every) = (self.most, self.every);
            self.found.retain(|key| key.rank < most && is_kept(key.thin, every));
        }
    }

    /// Ends with what is to be kept.
    pub fn finish(self) -> KnownRows {
        let mut hashes: Vec<u64> = self.found.iter().map(|key| key.full).collect();
        hashes.sort_unstable();
        hashes.dedup();
        let bits = hashes.len().max(1).next_power_of_two().ilog2() + BITS_ABOVE;
        hashes.iter_mut().for_each(|hash| *hash >>= 64 - bits);
        hashes.dedup();
        KnownRows { most: self.most, every: self.every, bits, hashes }
    }
}

fn is_kept(thin: u64, every: u8) -> bool {
    thin & ((1 << every) - 1) == 0
}

/// What is kept of a list's rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownRows {
    most: usize,
    every: u8,
    bits: u32,
    /// Rising, each of so many bits.
    hashes: Vec<u64>,
}

impl KnownRows {
    /// Writes it in base64: how many keys of a row and of how many (as a power of 2) one is kept, bits of a hash, then the
    /// steps from one hash to the next, seven bits a byte, the lowest first.
    pub fn encoded(&self) -> String {
        let mut bytes = vec![self.most as u8, self.every, self.bits as u8];
        let mut last = 0;
        for hash in &self.hashes {
            let mut step = hash - last;
            last = *hash;
            while step > 0x7f {
                bytes.push(step as u8 | 0x80);
                step >>= 7;
            }
            bytes.push(step as u8);
        }
        STANDARD.encode(bytes)
    }

    /// Reads what [`KnownRows::encoded`] wrote; nothing if it is no such text.
    pub fn parse(text: &str) -> Option<KnownRows> {
        let bytes = STANDARD.decode(text).ok()?;
        let ([most, every, bits], steps) = bytes.split_first_chunk()?;
        let is_sound = (1..=KEYS_OF_ROW).contains(&usize::from(*most))
            && *every < 64
            && (BITS_ABOVE..64).contains(&u32::from(*bits));
        let (mut hashes, mut last, mut step, mut shift) = (Vec::new(), 0_u64, 0_u64, 0);
        for byte in steps {
            step |= u64::from(byte & 0x7f).checked_shl(shift)?;
            shift += 7;
            if byte & 0x80 == 0 {
                last = last.checked_add(step)?;
                hashes.push(last);
                (step, shift) = (0, 0);
            }
        }
        (is_sound && shift == 0).then_some(KnownRows {
            most: usize::from(*most),
            every: *every,
            bits: u32::from(*bits),
            hashes,
        })
    }

    /// Tells whether the list had, perhaps, a row with one of these keys; nothing if not enough is kept to tell.
    pub fn had(&self, keys: &[RowKey]) -> Option<bool> {
        let mut kept = keys.iter().filter(|key| is_kept(key.thin, self.every));
        if kept.any(|key| self.hashes.binary_search(&(key.full >> (64 - self.bits))).is_ok()) {
            return Some(true);
        }
        keys.first().filter(|key| is_kept(key.thin, self.every)).map(|_| false)
    }

    /// Tells how many rows of the list one that is known stands for.
    pub fn rows_of_one(&self) -> f64 {
        2_f64.powi(i32::from(self.every))
    }

    /// Tells whether every row of the list is known, by more than one key.
    pub fn is_sure(&self) -> bool {
        self.every == 0 && self.most > 1
    }

    /// Tells whether only part of the list's rows are known.
    pub fn is_thinned(&self) -> bool {
        self.every > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list::ColumnMap;
    use crate::list::layout::recognise;
    use crate::list::rows::{Rows, head};

    fn keys(text: &str) -> RowKeys {
        RowKeys::new(&recognise(&head(text), &ColumnMap::default()).expect("a layout"), [7; 32])
    }

    fn list(rows: impl Iterator<Item = u64>) -> String {
        let row = |n: u64| format!("ZY{n},王芳{n},2026-09-{:02},1380013{n:04},福田区{n}号\n", n % 28 + 1);
        "住院号,产妇姓名,分娩日期,联系电话,家庭住址\n".to_string() + &rows.map(row).collect::<String>()
    }

    fn kept(text: &str, about: Option<u64>) -> KnownRows {
        let mut seen = RowsSeen::new(keys(text), about);
        Rows::new(text).iter().skip(1).for_each(|row| seen.see(&row));
        seen.finish()
    }

    fn told(known: &KnownRows, text: &str) -> Vec<Option<bool>> {
        let keys = keys(text);
        Rows::new(text).iter().skip(1).map(|row| known.had(&keys.all(&row))).collect()
    }

    #[test]
    fn old_rows_are_known_again_and_most_new_ones_are_not() {
        let text = list(1_000..3_000);
        let known = kept(&text, None);
        let known = KnownRows::parse(&known.encoded()).expect("what was written");
        assert!(told(&known, &text).iter().all(|had| *had == Some(true)));
        let new = told(&known, &list(3_000..9_000));
        let wrong = new.iter().filter(|had| **had != Some(false)).count();
        assert!((1..400).contains(&wrong), "{wrong} of 6,000 new rows look old");
        assert!(known.encoded().len() < 16_000, "{} bytes for 2,000 rows", known.encoded().len());
    }

    #[test]
    fn a_row_is_known_again_by_what_was_not_corrected_in_whatever_columns() {
        let known = kept(&list(1_000..1_500), None);
        let head = "序号,产妇姓名,电话,出生日期,孕周,住院号\n";
        for row in [
            "1,王芳1007,13800131007,2025-01-01,39,无",
            "1,王方,+86 138-0013-1007,2026/10/7,39,ZY1",
            "1,王芳1007,,2026年9月28日,39,",
        ] {
            let text = format!("{head}{row}\n2,李静,13700137000,2026-11-02,40,ZY77\n");
            assert_eq!(told(&known, &text)[0], Some(true), "{row}");
        }
    }

    #[test]
    fn of_a_long_list_part_is_kept_and_what_is_not_kept_is_not_told() {
        for about in [None, Some(1_000_000)] {
            let text = list(1_000..71_000);
            let known = kept(&text, about);
            assert!(known.is_thinned() && known.encoded().len() < 130_000, "{}", known.encoded().len());
            let told = told(&known, &text);
            let old = told.iter().filter(|had| **had == Some(true)).count();
            assert!(old > 20_000 && told.iter().all(|had| *had != Some(false)), "{old}");
        }
    }

    #[test]
    fn a_stranger_is_seldom_known_by_all_keys_and_one_in_some_thousands_is() {
        let known = kept(&list(1_000..9_000), None);
        let strangers = list(100_000..160_000);
        let keys = keys(&strangers);
        let is_in = |key: &RowKey| known.had(std::slice::from_ref(key)) == Some(true);
        let rows = Rows::new(&strangers);
        let both = rows.iter().skip(1).filter(|row| keys.all(row).iter().all(is_in)).count();
        assert!((4..60).contains(&both), "{both} of 60,000 strangers are known by both keys");
    }

    #[test]
    fn what_is_no_such_text_is_not_read() {
        for text in ["", "AAAA", "AgAIgA==", "AkAIAA==", "BAAIAA==", "no base64"] {
            assert_eq!(KnownRows::parse(text), None, "{text}");
        }
    }
}
