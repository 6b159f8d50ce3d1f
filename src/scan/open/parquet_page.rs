//! What a Parquet file says of its columns and of the size of a page (Thrift's compact protocol), looked at before the library
//! believes it: it makes room for a page as large as that says to be, and goes down into columns within columns without end.
//!
//! A field that is told twice could say two things, so whatever numbers its fields otherwise than in ascending order is refused.

/// Lists, maps and structures within others, and columns within columns.
const DEPTH_MAX: usize = 32;
/// Columns of a file.
const COLUMNS_MAX: u64 = 10_000;

const BYTE: u8 = 3;
const DOUBLE: u8 = 7;
const BINARY: u8 = 8;
const LIST: u8 = 9;
const SET: u8 = 10;
const MAP: u8 = 11;
const STRUCT: u8 = 12;

/// Gives the bytes that a page has unpacked and packed; nothing if its header cannot be understood.
pub(super) fn sizes(header: &[u8]) -> Option<(u64, u64)> {
    let mut at_hand = Fields { rest: header };
    let (mut unpacked, mut packed, mut id) = (None, None, 0_u32);
    loop {
        let field = at_hand.byte()?;
        if field == 0 {
            return Some((unpacked?, packed?));
        }
        // A number that is written out is not one behind the last.
        let ahead = u32::from(field >> 4);
        if ahead == 0 {
            return None;
        }
        id += ahead;
        match (id, field & 0x0F) {
            (2, 5) => unpacked = Some(at_hand.size()?),
            (3, 5) => packed = Some(at_hand.size()?),
            (2 | 3, _) => return None,
            (_, kind) => at_hand.skip(kind, DEPTH_MAX)?,
        }
    }
}

/// Tells whether the columns of a file are few enough and not too deep within each other; its directory says what they are.
pub(super) fn are_columns_sane(directory: &[u8]) -> bool {
    columns(directory).unwrap_or(false)
}

fn columns(directory: &[u8]) -> Option<bool> {
    let mut at_hand = Fields { rest: directory };
    let id = at_hand.byte()?;
    // The version, and then the columns: a list of structures.
    if id != 0x15 {
        return None;
    }
    at_hand.number()?;
    if at_hand.byte()? != 0x19 {
        return None;
    }
    let head = at_hand.byte()?;
    let count = if head >> 4 == 15 { at_hand.number()? } else { u64::from(head >> 4) };
    if head & 0x0F != STRUCT || count > COLUMNS_MAX {
        return None;
    }
    // How many columns are still to come within each of those at hand.
    let mut open: Vec<u64> = Vec::new();
    for _ in 0..count {
        let inner = at_hand.inner_columns()?;
        if let Some(left) = open.last_mut() {
            *left -= 1;
        }
        open.push(inner);
        if open.len() > DEPTH_MAX {
            return Some(false);
        }
        while open.last() == Some(&0) {
            open.pop();
        }
    }
    // Nothing but the structure's end or the next field may follow: what is told twice could say two things.
    at_hand.ends_in_order().map(|()| true)
}

struct Fields<'b> {
    rest: &'b [u8],
}

impl Fields<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn pass(&mut self, bytes: u64) -> Option<()> {
        self.rest = self.rest.get(usize::try_from(bytes).ok()?..)?;
        Some(())
    }

    fn number(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7F).checked_shl(shift)?;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    /// Reads a number that has a sign, and is not below nothing.
    fn size(&mut self) -> Option<u64> {
        let folded = self.number()?;
        (folded & 1 == 0).then_some(folded >> 1)
    }

    /// Reads one column's structure; gives how many columns it says to hold.
    fn inner_columns(&mut self) -> Option<u64> {
        let (mut inner, mut id) = (0, 0_u32);
        loop {
            let field = self.byte()?;
            if field == 0 {
                return Some(inner);
            }
            if field >> 4 == 0 {
                return None;
            }
            id += u32::from(field >> 4);
            match (id, field & 0x0F) {
                (5, 5) => inner = self.size().filter(|inner| *inner <= COLUMNS_MAX)?,
                (5, _) => return None,
                (_, kind) => self.skip(kind, DEPTH_MAX)?,
            }
        }
    }

    /// Passes over the rest of a structure whose fields are in ascending order.
    fn ends_in_order(&mut self) -> Option<()> {
        loop {
            let field = self.byte()?;
            if field == 0 {
                return Some(());
            }
            if field >> 4 == 0 {
                return None;
            }
            self.skip(field & 0x0F, DEPTH_MAX)?;
        }
    }

    fn skip(&mut self, kind: u8, depth: usize) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        match kind {
            // True and false take no room as fields.
            1 | 2 => Some(()),
            BYTE => self.pass(1),
            4..=6 => self.number().map(|_| ()),
            DOUBLE => self.pass(8),
            BINARY => {
                let bytes = self.number()?;
                self.pass(bytes)
            }
            LIST | SET => {
                let head = self.byte()?;
                let count = if head >> 4 == 15 { self.number()? } else { u64::from(head >> 4) };
                self.skip_all(&[head & 0x0F], count, depth)
            }
            MAP => match self.number()? {
                0 => Some(()),
                count => {
                    let kinds = self.byte()?;
                    self.skip_all(&[kinds >> 4, kinds & 0x0F], count, depth)
                }
            },
            STRUCT => loop {
                let field = self.byte()?;
                if field == 0 {
                    return Some(());
                }
                if field >> 4 == 0 {
                    self.number()?;
                }
                self.skip(field & 0x0F, depth)?;
            },
            _ => None,
        }
    }

    fn skip_all(&mut self, kinds: &[u8], count: u64, depth: usize) -> Option<()> {
        for _ in 0..count {
            for kind in kinds {
                match kind {
                    // As elements these take a byte.
                    1 | 2 => self.pass(1)?,
                    kind => self.skip(*kind, depth)?,
                }
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A data page of 300 bytes in 70, with statistics.
    const HEADER: &[u8] =
        b"\x15\x00\x15\xD8\x04\x15\x8C\x01\x2C\x15\x14\x15\x00\x15\x06\x15\x06\x1C\x18\x02ab\x16\x00\x00\x00\x00rest";

    #[test]
    fn the_sizes_of_a_page_are_read() {
        assert_eq!(sizes(HEADER), Some((300, 70)));
        for cut in 0..HEADER.len() - 4 {
            assert_eq!(sizes(&HEADER[..cut]), None, "{cut}");
        }
    }

    /// A directory with columns that each say to hold so many, and nothing else.
    fn directory(columns: &[u8]) -> Vec<u8> {
        let mut all = vec![0x15, 2, 0x19, 0xFC, columns.len() as u8 | 0x80, (columns.len() >> 7) as u8];
        for inner in columns {
            // Its name is field 4, how many columns it holds field 5.
            all.extend([0x48, 1, b'a', 0x15, inner * 2, 0]);
        }
        [&all[..], &[0x16, 0, 0x19, 0x0C, 0]].concat()
    }

    #[test]
    fn columns_within_columns_without_end_are_refused() {
        assert!(are_columns_sane(&directory(&[3, 0, 1, 0, 0])));
        assert!(are_columns_sane(&directory(&[&[1; 20][..], &[0]].concat())));
        assert!(!are_columns_sane(&directory(&[&[1; 200][..], &[0]].concat())));
        let sound = directory(&[2, 0, 0]);
        for cut in 0..sound.len() {
            assert!(!are_columns_sane(&sound[..cut]), "{cut}");
        }
        // The columns once more, their number written out.
        let end = sound.len() - 1;
        assert!(!are_columns_sane(&[&sound[..end], &[0x09, 4, 0x0C, 0]].concat()));
    }

    #[test]
    fn a_size_that_is_told_twice_or_below_nothing_is_refused() {
        // Field 2 once more, its number written out.
        let twice = [&HEADER[..8], b"\x05\x04\x15\x02", &HEADER[8..]].concat();
        assert_eq!(sizes(&twice), None);
        assert_eq!(sizes(b"\x15\x00\x15\x01\x15\x02\x00"), None);
        assert_eq!(sizes(b"\x15\x00\x16\x02\x15\x02\x00"), None);
        assert_eq!(sizes(b"\x15\x00\x00"), None);
        // Structures within each other without end.
        assert_eq!(sizes(&[&b"\x15\x00\x15\x02\x15\x02"[..], &[0x1C; 200]].concat()), None);
    }
}
