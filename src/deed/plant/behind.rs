//! Reads a file behind the one who still writes it.
//!
//! What is read was given to the file system before, so it is what the file holds and not what the writer has in
//! mind. A writer that gives up, even by a panic, ends the file where it stands: nobody waits behind it for ever.

use std::fs::File;
use std::io::{Read, Result, Write};
use std::os::unix::fs::FileExt;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// How far a file has been written.
pub(super) struct Written {
    state: Mutex<State>,
    moved: Condvar,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// So many bytes are there, and more may come.
    Open(u64),
    Ended,
}

impl Written {
    /// Starts with an empty file.
    pub(super) fn new() -> Written {
        Written { state: Mutex::new(State::Open(0)), moved: Condvar::new() }
    }

    /// Tells all readers that nothing more comes.
    fn end(&self) {
        *self.lock() = State::Ended;
        self.moved.notify_all();
    }

    /// Waits until there are more than `bytes` bytes; gives how many, or nothing once the file has ended.
    pub(super) fn beyond(&self, bytes: u64) -> Option<u64> {
        let waits = |state: &mut State| matches!(state, State::Open(written) if *written <= bytes);
        match *self.moved.wait_while(self.lock(), waits).unwrap_or_else(PoisonError::into_inner) {
            State::Open(written) => Some(written),
            State::Ended => None,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // The state is one value, whole at any time.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes a file and tells how far it has come; ends it when dropped.
pub(super) struct Ahead<'a> {
    pub(super) file: &'a File,
    pub(super) written: &'a Written,
    pub(super) bytes: u64,
}

impl Write for Ahead<'_> {
    fn write(&mut self, buffer: &[u8]) -> Result<usize> {
        let len = self.file.write(buffer)?;
        self.bytes += len as u64;
        *self.written.lock() = State::Open(self.bytes);
        self.written.moved.notify_all();
        Ok(len)
    }

    fn flush(&mut self) -> Result<()> {
        self.file.flush()
    }
}

impl Drop for Ahead<'_> {
    fn drop(&mut self) {
        self.written.end();
    }
}

/// Reads what has been written so far, and waits for more.
pub(super) struct Behind<'a> {
    pub(super) file: &'a File,
    pub(super) written: &'a Written,
    pub(super) at: u64,
}

impl Read for Behind<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let ready = match self.written.beyond(self.at) {
            Some(written) => usize::try_from(written - self.at).map_or(buffer.len(), |ready| ready.min(buffer.len())),
            None => buffer.len(),
        };
        let len = self.file.read_at(&mut buffer[..ready], self.at)?;
        self.at += len as u64;
        Ok(len)
    }
}

/// Reads a file from its beginning, wherever others stand who read it.
pub(super) struct FromStart<'a> {
    pub(super) file: &'a File,
    pub(super) at: u64,
}

impl Read for FromStart<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let len = self.file.read_at(buffer, self.at)?;
        self.at += len as u64;
        Ok(len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_behind_the_writer_reads_the_whole_file_and_its_end() {
        let file = tempfile::tempfile().unwrap();
        let written = Written::new();
        let bytes: Vec<u8> = (0..300_000_u32).map(|at| (at % 251) as u8).collect();
        std::thread::scope(|scope| {
            let reader = scope.spawn(|| {
                let mut read = Vec::new();
                Behind { file: &file, written: &written, at: 0 }.read_to_end(&mut read).map(|_| read)
            });
            let mut ahead = Ahead { file: &file, written: &written, bytes: 0 };
            bytes.chunks(7_001).for_each(|chunk| ahead.write_all(chunk).unwrap());
            // What nobody told of is in the file all the same.
            (&file).write_all(b"more").unwrap();
            drop(ahead);
            assert_eq!(reader.join().unwrap().unwrap(), [&bytes[..], b"more"].concat());
        });
    }

    #[test]
    fn a_writer_that_panics_leaves_no_reader_waiting() {
        let (done, read) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let (file, written) = (tempfile::tempfile().unwrap(), Written::new());
            std::thread::scope(|scope| {
                let reader = scope.spawn(|| {
                    let mut read = Vec::new();
                    Behind { file: &file, written: &written, at: 0 }.read_to_end(&mut read).map(|_| read)
                });
                let writer = scope.spawn(|| {
                    let mut ahead = Ahead { file: &file, written: &written, bytes: 0 };
                    ahead.write_all(b"half").unwrap();
                    std::panic::resume_unwind(Box::new("a writer that panics"));
                });
                assert!(writer.join().is_err());
                done.send(reader.join().unwrap().unwrap()).unwrap();
            });
        });
        let wait = std::time::Duration::from_secs(20);
        assert_eq!(read.recv_timeout(wait).expect("the reader still waits"), b"half");
    }
}
