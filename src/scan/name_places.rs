//! Marks the places where a name may begin, 64 bytes at a time.
//!
//! Two ways give the same marks: plain comparisons, and AVX2 (32 bytes an instruction) where the processor has it. A mark too many costs time; a
//! mark too few loses a name.

use super::name_bytes::GBK_RUN_BYTES_MAX;

/// Bytes that one word of marks covers.
pub const WORD_BYTES: usize = 64;

/// Bytes that are gone over together.
pub const CHUNK_BYTES: usize = 512;

/// How far a run of high bytes is followed behind a word: no other encoding looks like UTF-8 for so long.
const RUN_REACH_BYTES: usize = 64;

/// Words of a chunk.
const WORDS: usize = CHUNK_BYTES / WORD_BYTES;

/// What the bytes of a word are: one bit for each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Marks {
    /// Not ASCII.
    pub high: u64,
    /// The first of three that are a character of UTF-8.
    pub three: u64,
    /// The first of three that may be one with which a name begins.
    pub first: u64,
    pub letter: u64,
    pub zero: u64,
    /// One half of a Chinese character in UTF-16: 4E to 9F.
    pub ideograph: u64,
}

/// Places of a chunk where a name may begin, one bit a byte.
#[derive(Debug, Clone, Copy, Default)]
pub struct Places {
    /// With two characters of three bytes in UTF-8.
    pub three: [u64; WORDS],
    /// With a character of two bytes in GBK.
    pub gbk: [u64; WORDS],
    /// With a word in Latin letters, one byte each.
    pub word: [u64; WORDS],
    /// With a character in UTF-16, of either byte order.
    pub wide: [u64; WORDS],
    /// With a word in UTF-16, the lower byte of each letter first, or the upper one.
    pub little: [u64; WORDS],
    pub big: [u64; WORDS],
}

/// First characters of names in UTF-8, by their bytes: one bit of each table for the characters that begin with the same byte.
#[derive(Debug, Clone, Copy)]
struct Firsts {
    lead: [u8; 16],
    second: [u8; 64],
    third: [u8; 64],
}

/// Tells what bytes are, in words from a place on; what lies behind the end counts as zero and as nothing else.
#[derive(Debug, Clone, Copy)]
pub struct Marker {
    firsts: Firsts,
    avx2: bool,
}

impl Default for Marker {
    fn default() -> Marker {
        Marker { firsts: Firsts { lead: [0; 16], second: [0; 64], third: [0; 64] }, avx2: has_avx2() }
    }
}

impl Marker {
    /// Adds a character with which a name begins, if it has three bytes in UTF-8.
    pub fn enter(&mut self, first: char) {
        let mut bytes = [0; 4];
        if let [lead, second, third] = first.encode_utf8(&mut bytes).as_bytes() {
            let bit = 1 << (lead & 7);
            self.firsts.lead[usize::from(lead & 15)] |= bit;
            self.firsts.second[usize::from(second & 63)] |= bit;
            self.firsts.third[usize::from(third & 63)] |= bit;
        }
    }

    /// Marks the words from a place on.
    pub fn mark(&self, bytes: &[u8], from: usize, words: &mut [Marks]) {
        #[cfg(target_arch = "x86_64")]
        let done = if self.avx2 { avx2::mark(&self.firsts, bytes, from, words) } else { 0 };
        #[cfg(not(target_arch = "x86_64"))]
        let done = 0;
        for (k, word) in words.iter_mut().enumerate().skip(done) {
            *word = self.mark_plainly(bytes, from + k * WORD_BYTES);
        }
    }

    /// Marks one word with plain comparisons.
    pub fn mark_plainly(&self, bytes: &[u8], from: usize) -> Marks {
        let mut marks = Marks::default();
        if from >= bytes.len() {
            return marks;
        }
        let byte = |at: usize| bytes.get(at).copied().unwrap_or(0);
        for k in 0..WORD_BYTES {
            let mark = |is: bool| u64::from(is) << k;
            let [first, second, third] = [0, 1, 2].map(|behind| byte(from + k + behind));
            marks.high |= mark(first >= 0x80);
            marks.three |= mark(first & 0xF0 == 0xE0 && second & 0xC0 == 0x80 && third & 0xC0 == 0x80);
            let Firsts { lead, second: seconds, third: thirds } = &self.firsts;
            let of = seconds[usize::from(second & 63)] & thirds[usize::from(third & 63)];
            marks.first |= mark(lead[usize::from(first & 15)] & of != 0) & marks.three;
            marks.letter |= mark(first.is_ascii_alphabetic());
            marks.zero |= mark(first == 0);
            marks.ideograph |= mark((0x4E..=0x9F).contains(&first));
        }
        marks
    }
}

/// The marks of a chunk and of the words before and behind it.
pub struct Chunk {
    from: usize,
    words: [Marks; WORDS + 2],
}

impl Chunk {
    /// Marks the chunk that begins at a place.
    pub fn of(marker: &Marker, bytes: &[u8], from: usize) -> Chunk {
        let mut chunk = Chunk { from, words: [Marks::default(); WORDS + 2] };
        match from.checked_sub(WORD_BYTES) {
            Some(before) => marker.mark(bytes, before, &mut chunk.words),
            None => {
                let known = &bytes[..bytes.len().min(from + 2)];
                chunk.words[0] = marker.mark_plainly(&[&[b' '; WORD_BYTES][from..], known].concat(), 0);
                marker.mark(bytes, from, &mut chunk.words[1..]);
            }
        }
        chunk
    }

    /// Goes on to the next chunk.
    pub fn advance(&mut self, marker: &Marker, bytes: &[u8]) {
        self.from += CHUNK_BYTES;
        self.words.copy_within(WORDS.., 0);
        marker.mark(bytes, self.from + WORD_BYTES, &mut self.words[2..]);
    }

    /// Where the chunk begins.
    pub fn from(&self) -> usize {
        self.from
    }

    /// Gives the places before `end`.
    pub fn places(&self, bytes: &[u8], end: usize) -> Places {
        let mut places = Places::default();
        // A run of high bytes that reaches into the chunk is not looked back along: it may be of any encoding.
        let mut carried = Carried { impure: self.words[0].high >> 63 == 1, short: 0 };
        for k in 0..WORDS.min(end.saturating_sub(self.from).div_ceil(WORD_BYTES)) {
            let [before, word, behind] = [&self.words[k], &self.words[k + 1], &self.words[k + 2]];
            let begin = self.from + k * WORD_BYTES;
            let there = if end - begin < WORD_BYTES { !(u64::MAX << (end - begin)) } else { u64::MAX };
            places.three[k] = word.first & (word.three >> 3 | behind.three << 61) & there;
            if word.high != 0 {
                let gbk =
                    gbk_places([before, word, behind], &mut carried, || runs_on_impure(bytes, begin + WORD_BYTES));
                places.gbk[k] = gbk & there;
            }
            let is_inner = word.letter << 1 | before.letter >> 63;
            let goes_on = word.letter >> 1 | behind.letter << 63;
            places.word[k] = word.letter & !is_inner & goes_on & there;
            if before.zero | word.zero | behind.zero != 0 {
                let [wide, little, big] = utf16_places([before, word, behind]);
                (places.wide[k], places.little[k], places.big[k]) = (wide & there, little & there, big & there);
            }
        }
        places
    }
}

/// What a run of high bytes that reaches into a word is.
struct Carried {
    /// It has bytes that are no characters of UTF-8.
    impure: bool,
    /// The bytes of it that are in the word, where it is short enough to be of either encoding.
    short: u64,
}

/// The bytes of a word that GBK may have: all runs of high bytes but those made of characters of UTF-8 whose length GBK could not have.
fn gbk_places(
    [before, word, behind]: [&Marks; 3],
    carried: &mut Carried,
    runs_on_impure: impl FnOnce() -> bool,
) -> u64 {
    const { assert!(GBK_RUN_BYTES_MAX == 12, "the even multiples of three up to it are 6 and 12") };
    let high = u128::from(word.high) | u128::from(behind.high) << 64;
    let starts = u128::from(word.high & !(word.high << 1 | before.high >> 63));
    let ends = high & !(high >> 1);
    let mut short = u128::from(carried.short);
    if starts & (ends >> 5 | ends >> 11) != 0 {
        let two = high & high >> 1;
        let six = two & two >> 2 & two >> 4;
        for (length, starts) in [(6, starts & six & ends >> 5), (12, starts & six & six >> 6 & ends >> 11)] {
            (0..length).for_each(|behind| short |= starts << behind);
        }
    }
    let inside = word.three | word.three << 1 | word.three << 2 | before.three >> 63 | before.three >> 62;
    let mut impure = word.high & !inside | word.high & u64::from(carried.impure);
    if word.high >> 63 == 1 && behind.high & 1 == 1 && runs_on_impure() {
        impure |= 1 << 63;
    }
    if impure != 0 {
        impure = flooded(impure, word.high);
    }
    *carried = Carried { impure: impure >> 63 == 1, short: (short >> 64) as u64 };
    impure | short as u64
}

/// Tells whether a run of high bytes, of which one more stands before a place, has bytes that are no characters of UTF-8.
fn runs_on_impure(bytes: &[u8], from: usize) -> bool {
    let is_high = |at: usize| bytes.get(at).is_some_and(|byte| *byte >= 0x80);
    let is_three = |at: usize| matches!(bytes.get(at..at + 3), Some([0xE0..=0xEF, 0x80..=0xBF, 0x80..=0xBF]));
    // A character that began up to two bytes before may reach over the place.
    let mut at = match (1..=2).find(|back| is_three(from - back)) {
        Some(back) => from + 3 - back,
        None => from,
    };
    let until = from + RUN_REACH_BYTES;
    while at < until && is_high(at) {
        if !is_three(at) {
            return true;
        }
        at += 3;
    }
    false
}

/// Spreads marks over the runs that they stand in.
fn flooded(marks: u64, runs: u64) -> u64 {
    let (mut up, mut down) = (marks & runs, marks & runs);
    let (mut open_up, mut open_down) = (runs, runs);
    for step in [1, 2, 4, 8, 16, 32] {
        up |= open_up & up << step;
        open_up &= open_up << step;
        down |= open_down & down >> step;
        open_down &= open_down >> step;
    }
    up | down
}

/// The places of a word where a name in UTF-16 may begin: with a Chinese character, or with a letter in either byte order.
fn utf16_places([before, word, behind]: [&Marks; 3]) -> [u64; 3] {
    let next = |word: u64, behind: u64, by: u32| word >> by | behind << (64 - by);
    let last = |word: u64, before: u64, by: u32| word << by | before >> (64 - by);
    let ideograph = |by: u32| next(word.ideograph, behind.ideograph, by);
    let zero = |by: u32| next(word.zero, behind.zero, by);
    let little = word.letter & zero(1);
    let big = word.zero & next(word.letter, behind.letter, 1) & zero(2);
    let little_before = last(word.letter, before.letter, 2) & last(word.zero, before.zero, 1);
    let big_before = last(word.letter, before.letter, 1) & last(word.zero, before.zero, 2);
    [ideograph(1) & ideograph(3) | word.ideograph & ideograph(2), little & !little_before, big & !big_before]
}

fn has_avx2() -> bool {
    #[cfg(target_arch = "x86_64")]
    {
        std::arch::is_x86_feature_detected!("avx2")
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        false
    }
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::*;

    use super::{Firsts, Marks, WORD_BYTES};

    /// Bytes behind a word that deciding about it looks at.
    const LOOK_AHEAD_BYTES: usize = 2;

    /// Marks as many words as lie wholly within `bytes` with what is looked at behind them; says how many.
    pub fn mark(firsts: &Firsts, bytes: &[u8], from: usize, words: &mut [Marks]) -> usize {
        let whole = bytes.len().saturating_sub(from + LOOK_AHEAD_BYTES) / WORD_BYTES;
        let count = words.len().min(whole);
        // SAFETY: the processor has what the function needs, or the marker would not have led here.
        unsafe { mark_words(firsts, &bytes[bytes.len().min(from)..], &mut words[..count]) };
        count
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn bits(bytes: __m256i) -> u64 {
        u64::from(_mm256_movemask_epi8(bytes) as u32)
    }

    /// 255 where a byte is one of so many from `first` on, 0 elsewhere.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn among(bytes: __m256i, first: u8, count: u8) -> __m256i {
        let value = _mm256_add_epi8(bytes, _mm256_set1_epi8(0x80_u8.wrapping_sub(first) as i8));
        _mm256_cmpgt_epi8(_mm256_set1_epi8(count.wrapping_add(0x80) as i8), value)
    }

    /// Looks each byte's lower six bits up in a table.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn looked_up(table: &[u8; 64], bytes: __m256i) -> __m256i {
        let quarter = |at: usize| {
            // SAFETY: the table has sixteen bytes from each of the four places on.
            _mm256_broadcastsi128_si256(unsafe { _mm_loadu_si128(table.as_ptr().add(16 * at).cast()) })
        };
        let index = _mm256_and_si256(bytes, _mm256_set1_epi8(15));
        let found = |at: usize| _mm256_shuffle_epi8(quarter(at), index);
        // Only the highest bit of a byte chooses: bit 4 of the index, then bit 5.
        let (fourth, fifth) = (_mm256_slli_epi16::<3>(bytes), _mm256_slli_epi16::<2>(bytes));
        let lower = _mm256_blendv_epi8(found(0), found(1), fourth);
        let upper = _mm256_blendv_epi8(found(2), found(3), fourth);
        _mm256_blendv_epi8(lower, upper, fifth)
    }

    #[target_feature(enable = "avx2")]
    fn mark_words(firsts: &Firsts, bytes: &[u8], words: &mut [Marks]) {
        assert!(words.is_empty() || words.len() * WORD_BYTES + LOOK_AHEAD_BYTES <= bytes.len());
        // SAFETY: the table has the sixteen bytes that are loaded.
        let leads = _mm256_broadcastsi128_si256(unsafe { _mm_loadu_si128(firsts.lead.as_ptr().cast()) });
        for (k, word) in words.iter_mut().enumerate() {
            let mut marks = Marks::default();
            for half in 0..2 {
                // SAFETY: the assertion above bounds 32 bytes from each of these three places.
                let (first, second, third) = unsafe {
                    let place = bytes.as_ptr().add(k * WORD_BYTES + half * 32);
                    (
                        _mm256_loadu_si256(place.cast()),
                        _mm256_loadu_si256(place.add(1).cast()),
                        _mm256_loadu_si256(place.add(2).cast()),
                    )
                };
                let continued = _mm256_and_si256(among(second, 0x80, 0x40), among(third, 0x80, 0x40));
                let three = _mm256_and_si256(among(first, 0xE0, 0x10), continued);
                let lead = _mm256_shuffle_epi8(leads, _mm256_and_si256(first, _mm256_set1_epi8(15)));
                let behind = _mm256_and_si256(looked_up(&firsts.second, second), looked_up(&firsts.third, third));
                let is_none = _mm256_cmpeq_epi8(_mm256_and_si256(lead, behind), _mm256_setzero_si256());
                let small = _mm256_or_si256(first, _mm256_set1_epi8(0x20));
                let shift = half * 32;
                marks.high |= bits(first) << shift;
                marks.three |= bits(three) << shift;
                marks.first |= bits(_mm256_andnot_si256(is_none, three)) << shift;
                marks.letter |= bits(among(small, b'a', 26)) << shift;
                marks.zero |= bits(_mm256_cmpeq_epi8(first, _mm256_setzero_si256())) << shift;
                marks.ideograph |= bits(among(first, 0x4E, 0x52)) << shift;
            }
            *word = marks;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn interesting() -> impl Strategy<Value = Vec<u8>> {
        let byte = prop_oneof![
            any::<u8>(),
            Just(0),
            Just(b'\n'),
            prop::sample::select(vec![
                0x41, 0x5A, 0x5B, 0x40, 0x61, 0x7A, 0x7B, 0x60, 0x7F, 0x80, 0xBF, 0xC0, 0xDF, 0xE0, 0xEF, 0xF0, 0x4D,
                0x4E, 0x9F, 0xA0
            ]),
        ];
        let han = prop::sample::select(vec!["张", "韩芳", "梅芳丽", "王", "a", "Li", ","])
            .prop_map(|text| text.as_bytes().to_vec());
        let gbk = prop::sample::select(vec![
            vec![0xBA, 0xAB, 0xB7, 0xBC],
            vec![0xE6, 0xA2, 0xB0],
            vec![0xE8, 0xA2, 0xB0, 0xE5, 0xB0, 0xA2],
        ]);
        prop::collection::vec(prop_oneof![prop::collection::vec(byte, 1..4), han, gbk], 0..400)
            .prop_map(|pieces| pieces.concat())
    }

    /// The bytes at which GBK is read, told run by run.
    fn gbk_plainly(bytes: &[u8]) -> Vec<usize> {
        let is_three = |at: usize| matches!(bytes.get(at..at + 3), Some([0xE0..=0xEF, 0x80..=0xBF, 0x80..=0xBF]));
        let mut all = Vec::new();
        let mut at = 0;
        while at < bytes.len() {
            let run = at..bytes[at..].iter().position(|byte| *byte < 0x80).map_or(bytes.len(), |end| at + end);
            let mut inner = run.start;
            while inner < run.end && is_three(inner) {
                inner += 3;
            }
            if inner < run.end || [6, 12].contains(&run.len()) {
                all.extend(run.clone());
            }
            at = run.end + 1;
        }
        all
    }

    proptest! {
        #[test]
        fn the_fast_way_marks_the_same_bytes_as_the_plain_one(bytes in interesting(), from in 0_usize..200) {
            let mut marker = Marker::default();
            "张韩方梅王\u{9fff}".chars().for_each(|first| marker.enter(first));
            let mut words = [Marks::default(); WORDS];
            marker.mark(&bytes, from, &mut words);
            for (k, word) in words.iter().enumerate() {
                prop_assert_eq!(*word, marker.mark_plainly(&bytes, from + k * WORD_BYTES));
            }
        }

        #[test]
        fn every_place_of_gbk_is_marked(bytes in interesting()) {
            let marker = &Marker::default();
            let mut chunk = Chunk::of(marker, &bytes, 0);
            let mut marked = Vec::new();
            while chunk.from() < bytes.len() {
                let places = chunk.places(&bytes, bytes.len());
                marked.extend((0..CHUNK_BYTES).filter(|k| places.gbk[k / 64] >> (k % 64) & 1 == 1).map(|k| chunk.from() + k));
                chunk.advance(marker, &bytes);
            }
            for place in gbk_plainly(&bytes) {
                prop_assert!(marked.binary_search(&place).is_ok(), "{} of {:?}", place, bytes);
            }
        }
    }
}
