//! What stands before a national number: nothing, a trunk digit, a country code in its ways of being written.

/// Fewest digits of a national number that is taken without its country code.
///
/// Shorter ones are too common among other digits.
const BARE_DIGITS_MIN: usize = 8;

/// Counts the digits of the country code a number begins with (ITU-T E.164, list of assigned codes).
pub fn country_digits(digits: &[u8]) -> usize {
    match digits {
        [b'1' | b'7', ..] => 1,
        [b'2', b'0' | b'7', ..]
        | [b'3', b'0'..=b'4' | b'6' | b'9', ..]
        | [b'4', b'0' | b'1' | b'3'..=b'9', ..]
        | [b'5', b'1'..=b'8', ..]
        | [b'6', b'0'..=b'6', ..]
        | [b'8', b'1' | b'2' | b'4' | b'6', ..]
        | [b'9', b'0'..=b'5' | b'8', ..] => 2,
        _ => 3,
    }
}

/// The digits that are dialled for a cheaper carrier, and kept by phone books: China Mobile's and China Unicom's.
pub fn carriers(country: u64) -> &'static [&'static [u8]] {
    match country {
        86 => &[&[1, 7, 9, 5, 1], &[1, 2, 5, 9, 3]],
        _ => &[],
    }
}

/// The digits dialled before a national number from far away in its own country.
fn trunk(country: u64) -> &'static [u8] {
    match country {
        7 => &[8],
        36 => &[0, 6],
        _ => &[0],
    }
}

/// Lists all that may stand before a national number, in digits.
pub fn prefixes(country: u64) -> Vec<Vec<u8>> {
    let code: Vec<u8> = country.to_string().bytes().map(|digit| digit - b'0').collect();
    let abroad = [&[][..], &[0, 0], &[0, 1, 1]];
    let mut all = vec![Vec::new(), trunk(country).to_vec()];
    for before in abroad {
        all.push([before, &code].concat());
        all.push([before, &code, &[0]].concat());
    }
    all.extend(carriers(country).iter().map(|carrier| carrier.to_vec()));
    all
}

/// Tells whether some digits may stand before a national number of so many digits.
pub fn is_prefix(before: &[u8], country: u64, length: u8) -> bool {
    if before.is_empty() {
        return usize::from(length) >= BARE_DIGITS_MIN;
    }
    if usize::from(length) < BARE_DIGITS_MIN && before == trunk(country) {
        return false;
    }
    prefixes(country).iter().any(|prefix| prefix == before)
}
