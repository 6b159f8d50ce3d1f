//! Marks the places where a number may begin, 64 bytes at a time.
//!
//! Two ways give the same marks: plain look-ups, and AVX2 (32 bytes an instruction) where the processor has it. A mark too many costs time; a
//! mark too few loses a number. The method is that of Hyperscan's Teddy: a byte's two halves look up the classes it may belong to, and
//! neighbours must agree on one (Wang et al., Hyperscan, NSDI 2019).

use std::ops::Range;

/// Bytes that one word of marks covers.
pub const WORD_BYTES: usize = 64;

/// Most words gone over at a time.
pub const WORDS_MAX: usize = 64;

/// Room for a place at every byte, and four more.
pub type Places = [u32; WORDS_MAX * WORD_BYTES + 4];

/// Classes of a byte by its lower and its upper half: one bit for each kind of beginning.
#[derive(Debug, Clone, Copy)]
struct Halves {
    lower: [u8; 16],
    upper: [u8; 16],
}

/// What a number may begin with, laid out for [`Classifier::places`].
#[derive(Debug, Clone)]
pub struct Classifier {
    /// First digits that any spelling begins with, by digit: the digit's own bit.
    first_digit: [u8; 16],
    /// Second digits, by digit: the bits of the first digits they may follow.
    second_digit: [u8; 16],
    /// What special beginnings consist of, byte by byte.
    special: [Halves; 3],
    avx2: bool,
}

/// Adds a class of bytes: any of these lower halves with any of these upper ones.
const fn class(mut halves: Halves, bit: u8, lower: &[u8], upper: &[u8]) -> Halves {
    let mut k = 0;
    while k < lower.len() {
        halves.lower[lower[k] as usize] |= 1 << bit;
        k += 1;
    }
    k = 0;
    while k < upper.len() {
        halves.upper[upper[k] as usize] |= 1 << bit;
        k += 1;
    }
    halves
}

/// Special beginnings: full-width digits in UTF-8 (0), Arabic ones (1), full-width in GBK (2), `%31` and `&#49;` (3), `\u0031` (4), the halves of
/// full-width and Arabic digits in UTF-16 LE (5) and BE (7), and `=31` (6). Escapes may have a zero behind them, in UTF-16.
const SPECIAL: [Halves; 3] = {
    const NONE: Halves = Halves { lower: [0; 16], upper: [0; 16] };
    const DECIMAL: &[u8] = &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
    let mut first = class(NONE, 0, &[0xF], &[0xE]);
    first = class(first, 1, &[0x9, 0xB], &[0xD]);
    first = class(first, 2, &[0x3], &[0xA]);
    first = class(first, 3, &[0x5, 0x6], &[0x2]);
    first = class(first, 4, &[0xC], &[0x5]);
    first = class(first, 5, DECIMAL, &[0x1, 0x6, 0xF]);
    first = class(first, 6, &[0xD], &[0x3]);
    first = class(first, 7, &[0xF, 0x6], &[0xF, 0x0]);
    let mut second = class(NONE, 0, &[0xC], &[0xB]);
    second = class(second, 1, DECIMAL, &[0xA, 0xB]);
    second = class(second, 2, DECIMAL, &[0xB]);
    second = class(second, 3, DECIMAL, &[0x0, 0x2, 0x3, 0x4, 0x6]);
    second = class(second, 4, &[0x0, 0x5, 0x8], &[0x0, 0x7]);
    second = class(second, 5, &[0xF, 0x6], &[0xF, 0x0]);
    second = class(second, 6, DECIMAL, &[0x0, 0x3, 0x4]);
    second = class(second, 7, DECIMAL, &[0x1, 0x6, 0xF]);
    let mut third = Halves { lower: [0xFE; 16], upper: [0xFE; 16] };
    third = class(third, 0, DECIMAL, &[0x9]);
    [first, second, third]
};

impl Classifier {
    /// Lays out the beginnings of which `may_begin` says that some spelling has these two first digits.
    pub fn of(may_begin: impl Fn(u8, u8) -> bool) -> Classifier {
        let mut made = Classifier { first_digit: [0; 16], second_digit: [0; 16], special: SPECIAL, avx2: has_avx2() };
        for first in 0..10 {
            for second in (0..10).filter(|second| may_begin(first, *second)) {
                made.first_digit[usize::from(first)] = 1 << (first & 7);
                made.second_digit[usize::from(second)] |= 1 << (first & 7);
            }
        }
        made
    }

    /// Lists the places of `bytes` in some words from `from` on where a number may begin, in order, counted from `from`; says how many.
    pub fn places(&self, bytes: &[u8], from: usize, words: usize, places: &mut Places) -> usize {
        #[cfg(target_arch = "x86_64")]
        if self.avx2 {
            let (done, count) = avx2::places(self, bytes, from, words, places);
            return self.places_plainly(bytes, from, done..words, (places, count));
        }
        self.places_plainly(bytes, from, 0..words, (places, 0))
    }

    /// The same with plain look-ups, behind places that are listed already.
    pub fn places_plainly(
        &self,
        bytes: &[u8],
        from: usize,
        words: Range<usize>,
        (places, mut count): (&mut Places, usize),
    ) -> usize {
        for word in words {
            let begin = from + word * WORD_BYTES;
            let end = (begin + WORD_BYTES).min(bytes.len());
            let marks = (begin..end).fold(0, |mark, at| mark | u64::from(self.may_start(bytes, at)) << (at - begin));
            count = list(marks, word, places, count);
        }
        count
    }

    fn may_start(&self, bytes: &[u8], at: usize) -> bool {
        let behind = |by: usize| bytes.get(at + by).copied().unwrap_or(0);
        let before = |by: usize| at.checked_sub(by).map_or(0, |at| bytes[at]);
        let byte = bytes[at];
        if byte.is_ascii_digit() {
            let second = behind(1);
            let pair = !second.is_ascii_digit()
                || self.first_digit[usize::from(byte & 15)] & self.second_digit[usize::from(second & 15)] != 0;
            let known = self.first_digit[usize::from(byte & 15)] != 0 && pair;
            let fourth_of_gb18030 = before(1) >= 0x80 && before(2).is_ascii_digit();
            // In UTF-16 the byte before a digit belongs to another character.
            return (!before(1).is_ascii_digit() || second == 0) && (known || fourth_of_gb18030);
        }
        let classes =
            |byte: u8, halves: &Halves| halves.lower[usize::from(byte & 15)] & halves.upper[usize::from(byte >> 4)];
        let [first, second, third] = &self.special;
        classes(byte, first) & classes(behind(1), second) & classes(behind(2), third) != 0
    }
}

/// Lists the marks of a word behind `count` others; says how many there are now.
///
/// Four are written whether they are there or not: a branch for each would be guessed wrong too often.
#[inline(always)]
fn list(mut marks: u64, word: usize, places: &mut Places, count: usize) -> usize {
    let base = (word * WORD_BYTES) as u32;
    let total = count + marks.count_ones() as usize;
    for place in &mut places[count..count + 4] {
        *place = base + marks.trailing_zeros();
        marks &= marks.wrapping_sub(1);
    }
    for place in &mut places[count + 4..total.max(count + 4)] {
        *place = base + marks.trailing_zeros();
        marks &= marks.wrapping_sub(1);
    }
    total
}

#[cfg(target_arch = "x86_64")]
fn has_avx2() -> bool {
    is_x86_feature_detected!("avx2") && is_x86_feature_detected!("bmi1") && is_x86_feature_detected!("popcnt")
}

#[cfg(not(target_arch = "x86_64"))]
fn has_avx2() -> bool {
    false
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::*;

    use super::{Classifier, Halves, Places, WORD_BYTES, list};

    /// Bytes behind a word that deciding about it looks at.
    const LOOK_AHEAD_BYTES: usize = 2;

    /// Lists the places of as many words as lie wholly within `bytes` with what is looked at behind them; says how many words and how many places.
    pub fn places(by: &Classifier, bytes: &[u8], from: usize, words: usize, places: &mut Places) -> (usize, usize) {
        let whole = bytes.len().saturating_sub(from + LOOK_AHEAD_BYTES) / WORD_BYTES;
        let words = words.min(whole);
        assert!(words == 0 || from + words * WORD_BYTES + LOOK_AHEAD_BYTES <= bytes.len());
        // SAFETY: the processor has what the function needs, or `by.avx2` would not have led here; the assertion above bounds every load.
        (words, unsafe { places_of_words(by, bytes, from, words, places) })
    }

    struct Tables {
        lower: __m256i,
        upper: __m256i,
    }

    #[target_feature(enable = "avx2")]
    fn twice(table: &[u8; 16]) -> __m256i {
        // SAFETY: the table has the sixteen bytes that are loaded.
        _mm256_broadcastsi128_si256(unsafe { _mm_loadu_si128(table.as_ptr().cast()) })
    }

    #[target_feature(enable = "avx2")]
    fn tables(halves: &Halves) -> Tables {
        Tables { lower: twice(&halves.lower), upper: twice(&halves.upper) }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn classes(bytes: __m256i, tables: &Tables) -> __m256i {
        let half = _mm256_set1_epi8(15);
        let lower = _mm256_shuffle_epi8(tables.lower, _mm256_and_si256(bytes, half));
        let upper = _mm256_shuffle_epi8(tables.upper, _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), half));
        _mm256_and_si256(lower, upper)
    }

    /// 255 where a byte is an ASCII digit, 0 elsewhere.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn digits(bytes: __m256i) -> __m256i {
        let value = _mm256_add_epi8(bytes, _mm256_set1_epi8((0x80_u8 - b'0') as i8));
        _mm256_cmpgt_epi8(_mm256_set1_epi8(-128 + 10), value)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn bits(bytes: __m256i) -> u64 {
        u64::from(_mm256_movemask_epi8(bytes) as u32)
    }

    /// # Safety
    /// `bytes` holds all the words from `from` on and [`LOOK_AHEAD_BYTES`] more.
    #[target_feature(enable = "avx2,bmi1,popcnt")]
    unsafe fn places_of_words(by: &Classifier, bytes: &[u8], from: usize, words: usize, places: &mut Places) -> usize {
        let special = [tables(&by.special[0]), tables(&by.special[1]), tables(&by.special[2])];
        let first_digit = twice(&by.first_digit);
        let second_digit = twice(&by.second_digit);
        // Added with saturation, it leaves the highest bit set in all bytes but zeros.
        let almost = _mm256_set1_epi8(0x7F);
        let is_digit = |back: usize| u64::from(from >= back && bytes[from - back].is_ascii_digit());
        let is_high = |back: usize| u64::from(from >= back && bytes[from - back] >= 0x80);
        let mut digits_before = is_digit(1) << 63 | is_digit(2) << 62;
        let mut high_before = is_high(1) << 63;
        let mut count = 0;
        for word in 0..words {
            let mut digit_bits = 0;
            let mut high_bits = 0;
            let mut known_bits = 0;
            let mut special_bits = 0;
            let mut zero_behind = 0;
            for half in 0..2 {
                // SAFETY: the caller's bound covers 32 bytes from each of these three places.
                let (first, second, third) = unsafe {
                    let place = bytes.as_ptr().add(from + word * WORD_BYTES + half * 32);
                    (
                        _mm256_loadu_si256(place.cast()),
                        _mm256_loadu_si256(place.add(1).cast()),
                        _mm256_loadu_si256(place.add(2).cast()),
                    )
                };
                let (is_first, is_second) = (digits(first), digits(second));
                let wanted = _mm256_and_si256(_mm256_shuffle_epi8(first_digit, first), is_first);
                let offered = _mm256_or_si256(
                    _mm256_shuffle_epi8(second_digit, second),
                    _mm256_xor_si256(is_second, _mm256_set1_epi8(-1)),
                );
                let known = _mm256_and_si256(wanted, offered);
                let agreed = _mm256_and_si256(
                    _mm256_and_si256(classes(first, &special[0]), classes(second, &special[1])),
                    classes(third, &special[2]),
                );
                let shift = half * 32;
                zero_behind |= bits(_mm256_cmpeq_epi8(second, _mm256_setzero_si256())) << shift;
                digit_bits |= bits(is_first) << shift;
                high_bits |= bits(first) << shift;
                known_bits |= bits(_mm256_adds_epu8(known, almost)) << shift;
                special_bits |= bits(_mm256_adds_epu8(agreed, almost)) << shift;
            }
            let after_digit = digit_bits << 1 | digits_before >> 63;
            let after_two = digit_bits << 2 | digits_before >> 62;
            let after_high = high_bits << 1 | high_before >> 63;
            let starts = digit_bits & (!after_digit | zero_behind);
            count = list(starts & (known_bits | after_two & after_high) | special_bits, word, places, count);
            (digits_before, high_before) = (digit_bits, high_bits);
        }
        count
    }
}
