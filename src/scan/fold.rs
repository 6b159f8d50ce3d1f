//! One way of writing: simplified characters, half-width forms, small letters.

use std::sync::LazyLock;

/// First and last character that the table of simplified forms covers: the unified ideographs.
const HAN: std::ops::RangeInclusive<char> = '\u{4e00}'..='\u{9fff}';

static TRADITIONAL: &str = include_str!("tables/traditional.tsv");

/// The simplified form of each ideograph, by its distance from the first.
///
/// The table is looked into at every character and stays in a near cache: the few simplified forms of more than sixteen bits, which no name has, are left out.
static SIMPLIFIED: LazyLock<Vec<u16>> = LazyLock::new(|| {
    let mut table: Vec<u16> = HAN.map(|han| han as u16).collect();
    for (traditional, simplified) in pairs() {
        if let Ok(simplified) = u16::try_from(u32::from(simplified)) {
            table[place(traditional)] = simplified;
        }
    }
    table
});

fn pairs() -> impl Iterator<Item = (char, char)> {
    let pair = |line: &str| {
        let (traditional, simplified) = line.split_once('\t')?;
        Some((traditional.chars().next()?, simplified.chars().next()?))
    };
    TRADITIONAL.lines().filter_map(pair).filter(|(traditional, _)| HAN.contains(traditional))
}

fn place(han: char) -> usize {
    han as usize - *HAN.start() as usize
}

/// Folds one character.
#[inline]
pub fn fold(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xff01 + 0x21).unwrap_or(c).to_ascii_lowercase(),
        '\u{3000}' | '\u{a0}' => ' ',
        c if HAN.contains(&c) => char::from_u32(u32::from(SIMPLIFIED[place(c)])).unwrap_or(c),
        c => c.to_ascii_lowercase(),
    }
}

/// Gives the ways to write a simplified character: itself, and the traditional ones it is folded from.
pub fn variants(simplified: char) -> Vec<char> {
    static BACK: LazyLock<std::collections::HashMap<char, Vec<char>>> = LazyLock::new(|| {
        let mut back: std::collections::HashMap<char, Vec<char>> = std::collections::HashMap::new();
        for (traditional, simplified) in pairs().filter(|(traditional, simplified)| traditional != simplified) {
            back.entry(simplified).or_default().push(traditional);
        }
        back
    });
    let others = BACK.get(&simplified).map(Vec::as_slice).unwrap_or_default();
    std::iter::once(simplified).chain(others.iter().copied()).collect()
}

/// Tells whether a character is Chinese.
pub fn is_han(c: char) -> bool {
    HAN.contains(&c)
}
