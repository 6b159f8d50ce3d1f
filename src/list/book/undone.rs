//! Checks that a seeded book can be undone, against the very book it was made from.
//!
//! Nothing is written for it: what stripping would write of each part is compared, as it comes, with the original's.

use std::io::{BufRead, BufReader, Read, Seek};

use super::edit::{Edit, Task};
use super::error::BookError;
use super::package::Package;
use super::seed::{Seeded, Target};
use super::value::Values;
use super::workbook::Workbook;
use super::{Book, READ_BYTES};
use crate::list::row::Row;

impl<R: Read + Seek> Book<R> {
    /// Counts the rows that `is_canary` picks, if taking them out gives `original` back part by part.
    ///
    /// The parts are to be the same byte for byte, whatever way each is packed.
    pub fn is_undone<O: Read + Seek>(
        &mut self,
        target: &Target<'_>,
        is_canary: &mut dyn FnMut(&Row<'_>) -> bool,
        seeded: &Seeded,
        original: O,
    ) -> Result<Option<u64>, BookError> {
        self.refuse_pivots(target.sheet)?;
        let mut original = Package::open(BufReader::with_capacity(READ_BYTES, original))?;
        let values = self.read_values()?;
        let edit = self.stripping(target, is_canary, Some(seeded), &values);
        let undone = edit.and_then(|(edit, count)| {
            let same = edit.gives(&mut self.package, (&self.workbook, &values), &mut original)?;
            Ok(same.then_some(count))
        });
        self.values = Some(values);
        undone
    }
}

impl Edit {
    /// Tells whether writing the book would give `original`.
    fn gives<R: Read + Seek, O: Read + Seek>(
        &self,
        package: &mut Package<R>,
        (workbook, values): (&Workbook, &Values),
        original: &mut Package<O>,
    ) -> Result<bool, BookError> {
        if package.names() != original.names() {
            return Ok(false);
        }
        for place in 0..package.names().len() {
            let task = self.task(package, workbook, place);
            if !self.changes(package, (workbook, values), (place, &task))? && package.same_packed(place, original)? {
                continue;
            }
            let part = package.names()[place].clone();
            let mut expected = Expected { input: original.reader(place)?, part: &part, same: true };
            let mut compare = |text: &mut String| {
                expected.compare(text.as_bytes())?;
                text.clear();
                Ok(())
            };
            match task {
                Task::Copy => expected.compare_all(package.reader(place)?)?,
                task => {
                    let kept = &mut Vec::new();
                    self.run(package, (workbook, values), (place, &task), &mut compare, kept)?;
                }
            }
            if !expected.ends()? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Takes the bytes of a part and compares them with what is expected.
struct Expected<'a, B> {
    input: B,
    part: &'a str,
    same: bool,
}

impl<B: BufRead> Expected<'_, B> {
    fn compare(&mut self, bytes: &[u8]) -> Result<(), BookError> {
        let mut rest = bytes;
        while self.same && !rest.is_empty() {
            let expected = self.input.fill_buf().map_err(|error| BookError::reading(self.part, error.into()))?;
            let len = rest.len().min(expected.len());
            self.same = len > 0 && rest[..len] == expected[..len];
            self.input.consume(len);
            rest = &rest[len..];
        }
        Ok(())
    }

    fn compare_all(&mut self, mut found: impl BufRead) -> Result<(), BookError> {
        while self.same {
            let ready = found.fill_buf().map_err(|error| BookError::reading(self.part, error.into()))?;
            if ready.is_empty() {
                break;
            }
            let len = ready.len();
            self.compare(ready)?;
            found.consume(len);
        }
        Ok(())
    }

    /// Tells whether all that was taken is all that was expected.
    fn ends(&mut self) -> Result<bool, BookError> {
        let more = self.input.fill_buf().map_err(|error| BookError::reading(self.part, error.into()))?;
        Ok(self.same && more.is_empty())
    }
}
