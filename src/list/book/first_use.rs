//! Tables of shared texts that are in the order in which the rows use them, as most exporting programs write them.
//!
//! A new text at the end of such a table would tell that its row came later, so the table is kept in that order: new texts go where
//! their rows use them first, and stripping puts the table in order again. A table in any other order is added to at its end, as
//! Excel does. Texts that other sheets use keep their indexes, or the table is taken to be in no order.

use std::collections::{HashMap, HashSet};

use super::sheet::RawRow;

/// The index of a text that goes.
const GONE: u32 = u32::MAX;

/// What one walk over a sheet tells of the order of its texts.
#[derive(Debug, Default)]
pub(super) struct FirstUse {
    /// One more than the highest index so far.
    end: usize,
    /// The highest index that was more than one above all before it.
    jumped: usize,
}

impl FirstUse {
    /// Passes a row.
    pub(super) fn row(&mut self, row: &RawRow) {
        for index in row.cells.iter().filter_map(|cell| row.shared(cell)) {
            if index > self.end {
                self.jumped = index;
            }
            self.end = self.end.max(index + 1);
        }
    }

    /// Counts the texts at the start of the table that the rows passed so far, or those of other sheets, have used.
    pub(super) fn used(&self, elsewhere: usize) -> usize {
        self.end.max(elsewhere)
    }

    /// Tells, after all rows, whether a table of `len` texts is in the order in which rows use them; other sheets use none from
    /// `elsewhere` on.
    pub(super) fn orders(&self, len: usize, elsewhere: usize) -> bool {
        len > elsewhere && self.end == len && self.jumped <= elsewhere
    }
}

/// The new order of a table. Indexes from the old length on are those of added texts.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TableOrder {
    /// Old indexes in their new order.
    pub(super) texts: Vec<u32>,
    /// Texts that come before some that stood before them.
    pub(super) early: HashSet<u32>,
    /// New indexes by old ones.
    places: Vec<u32>,
}

impl TableOrder {
    /// Puts texts into a table of `len`: each `(before, index)` says which goes in front of which old index, in order.
    pub(super) fn putting_in(len: usize, put: &[(usize, usize)]) -> TableOrder {
        let early: HashSet<u32> =
            put.iter().filter(|(_, index)| *index < len).map(|(_, index)| *index as u32).collect();
        let mut texts = Vec::with_capacity(len + put.len() - early.len());
        let mut waiting = put.iter().peekable();
        for old in 0..=len {
            while let Some((_, index)) = waiting.next_if(|(before, _)| *before <= old) {
                texts.push(*index as u32);
            }
            if old < len && !early.contains(&(old as u32)) {
                texts.push(old as u32);
            }
        }
        let all = texts.len();
        TableOrder::new(texts, early, all)
    }

    /// Takes texts out of a table of `len`: `stays` are those that are still used, in the order of their first use.
    pub(super) fn taking_out(len: usize, elsewhere: usize, stays: &[u32]) -> TableOrder {
        let own = stays.iter().copied().filter(|index| *index as usize >= elsewhere);
        TableOrder::new((0..elsewhere as u32).chain(own).collect(), HashSet::new(), len)
    }

    fn new(texts: Vec<u32>, early: HashSet<u32>, all: usize) -> TableOrder {
        let mut places = vec![GONE; all];
        for (new, old) in (0..).zip(&texts) {
            places[*old as usize] = new;
        }
        TableOrder { texts, early, places }
    }

    /// Gives the new index of a text; none if it goes.
    pub(super) fn place(&self, old: usize) -> Option<usize> {
        self.places.get(old).filter(|new| **new != GONE).map(|new| *new as usize)
    }
}

/// Passes a table's texts on in their new order, each as soon as those before it have come.
pub(super) struct Reordered<'t> {
    order: &'t TableOrder,
    /// Raw texts that are not yet passed on, by old index.
    held: HashMap<u32, String>,
    /// How many were passed on.
    at: usize,
}

impl<'t> Reordered<'t> {
    /// Begins with the raw texts that do not come in order: those that are added, and those that come early.
    pub(super) fn new(order: &'t TableOrder, held: HashMap<u32, String>) -> Reordered<'t> {
        Reordered { order, held, at: 0 }
    }

    /// Takes the next raw text of the old table, and appends what can be passed on.
    pub(super) fn take(&mut self, old: u32, raw: String, out: &mut String) {
        if self.order.place(old as usize).is_some() && !self.order.early.contains(&old) {
            self.held.insert(old, raw);
        }
        self.pass(out);
    }

    /// Appends what can be passed on.
    pub(super) fn pass(&mut self, out: &mut String) {
        while let Some(raw) = self.order.texts.get(self.at).and_then(|next| self.held.remove(next)) {
            out.push_str(&raw);
            self.at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sheet::tests::rows_of;
    use super::*;

    fn walked(rows: &[&[usize]]) -> FirstUse {
        let mut first = FirstUse::default();
        for (number, row) in (1..).zip(rows) {
            let cells: String = row.iter().map(|index| format!("<c t=\"s\"><v>{index}</v></c>")).collect();
            let text = format!("<worksheet><sheetData><row r=\"{number}\">{cells}</row></sheetData></worksheet>");
            rows_of(&text).expect("sound").iter().for_each(|row| first.row(row));
        }
        first
    }

    #[test]
    fn a_table_is_in_order_if_each_text_follows_the_last_new_one() {
        assert!(walked(&[&[0, 1], &[1, 2], &[0, 3]]).orders(4, 0));
        assert!(!walked(&[&[0, 1], &[1, 2]]).orders(4, 0), "a text that no row uses");
        assert!(!walked(&[&[0, 2], &[1, 3]]).orders(4, 0));
        assert!(walked(&[&[2, 4], &[1, 5]]).orders(6, 4), "other sheets use the first four");
        assert!(!walked(&[&[2, 5], &[4]]).orders(6, 4));
        assert!(!walked(&[&[0, 1]]).orders(2, 2), "another sheet uses the last one");
    }

    #[test]
    fn texts_go_in_where_they_are_used_first_and_come_out_again() {
        let put = TableOrder::putting_in(4, &[(1, 4), (1, 3), (4, 5)]);
        assert_eq!(put.texts, [0, 4, 3, 1, 2, 5]);
        assert_eq!((put.place(3), put.place(1), put.place(5)), (Some(2), Some(3), Some(5)));
        let back = TableOrder::taking_out(6, 0, &[0, 3, 4, 2]);
        assert_eq!((back.place(2), back.place(1), back.place(5)), (Some(3), None, None));
        let mut out = String::new();
        let mut reordered = Reordered::new(&back, HashMap::new());
        for (old, raw) in (0..).zip(["a", "x", "d", "b", "c", "y"]) {
            reordered.take(old, raw.to_string(), &mut out);
        }
        assert_eq!(out, "abcd");
    }
}
