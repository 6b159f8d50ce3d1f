//! The file a book is written to, shut for good by the first failure.
//!
//! A zip writer that is dropped unfinished writes the package's directory all the same, and tells standard error about
//! it if that fails too. What it writes to a shut outlet goes nowhere and succeeds.

use std::cell::Cell;
use std::io::{Error, ErrorKind, Result, Seek, SeekFrom, Write};

/// Whether an outlet still lets anything through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Valve {
    Open,
    /// Shut because the book cannot be finished.
    Shut,
    /// Shut because the file could not be written.
    Burst,
}

/// Passes on what is written while its valve is open.
pub(super) struct Outlet<'v, W> {
    inner: W,
    valve: &'v Cell<Valve>,
    at: u64,
    end: u64,
}

impl<'v, W> Outlet<'v, W> {
    pub(super) fn new(inner: W, valve: &'v Cell<Valve>) -> Outlet<'v, W> {
        Outlet { inner, valve, at: 0, end: 0 }
    }

    fn pass<T>(&mut self, act: impl FnOnce(&mut W) -> Result<T>) -> Option<Result<T>> {
        match self.valve.get() {
            Valve::Shut | Valve::Burst => None,
            Valve::Open => {
                let done = act(&mut self.inner);
                if done.as_ref().is_err_and(|error| error.kind() != ErrorKind::Interrupted) {
                    self.valve.set(Valve::Burst);
                }
                Some(done)
            }
        }
    }
}

impl<W: Write> Write for Outlet<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        let written = self.pass(|inner| inner.write(bytes)).unwrap_or(Ok(bytes.len()))?;
        self.at += written as u64;
        self.end = self.end.max(self.at);
        Ok(written)
    }

    fn flush(&mut self) -> Result<()> {
        self.pass(|inner| inner.flush()).unwrap_or(Ok(()))
    }
}

impl<W: Seek> Seek for Outlet<'_, W> {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        let before_start = || Error::from(ErrorKind::InvalidInput);
        let pretended = match to {
            SeekFrom::Start(at) => Ok(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by).ok_or_else(before_start),
            SeekFrom::End(by) => self.end.checked_add_signed(by).ok_or_else(before_start),
        };
        self.at = self.pass(|inner| inner.seek(to)).unwrap_or(pretended)?;
        Ok(self.at)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn what_is_written_after_a_failure_goes_nowhere_and_succeeds() {
        let mut room = [0; 4];
        let valve = Cell::new(Valve::Open);
        let mut outlet = Outlet::new(Cursor::new(&mut room[..]), &valve);
        outlet.write_all(b"four").unwrap();
        assert_eq!(outlet.write_all(b"more").unwrap_err().kind(), ErrorKind::WriteZero);
        valve.set(Valve::Shut);
        outlet.seek(SeekFrom::Start(0)).unwrap();
        outlet.write_all(b"others").unwrap();
        assert_eq!(outlet.seek(SeekFrom::End(0)).unwrap(), 6);
        assert_eq!(&room, b"four");
    }

    #[test]
    fn a_failed_seek_shuts_it() {
        let valve = Cell::new(Valve::Open);
        let mut outlet = Outlet::new(Cursor::new(Vec::new()), &valve);
        outlet.write_all(b"four").unwrap();
        assert!(outlet.seek(SeekFrom::Current(-5)).is_err());
        assert_eq!(valve.get(), Valve::Burst);
        outlet.write_all(b"more").unwrap();
        assert_eq!(outlet.inner.into_inner(), b"four");
    }
}
