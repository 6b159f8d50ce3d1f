//! SHA-256 of a long stream, worked out on a thread of its own.
//!
//! Only the arithmetic moves to the thread: files are read and written by the caller, in the caller's order.
//! Little is hashed at once on the spot, so that a short list starts no thread.

use std::io::{self, BufRead, Read, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use sha2::{Digest, Sha256};

/// Bytes handed over at once.
const PIECE_BYTES: usize = 256 * 1024;

/// Pieces on their way at once.
const PIECES: usize = 4;

/// Bytes from which on a thread is worth its start.
pub(super) const LONG_BYTES: u64 = 8 * 1024 * 1024;

/// The hash of what was written to it so far.
pub(super) struct StreamHash {
    piece: Vec<u8>,
    hashed: u64,
    place: Place,
}

/// Where pieces are hashed.
enum Place {
    Here(Sha256),
    Away(Away),
}

struct Away {
    full: SyncSender<Vec<u8>>,
    empty: Receiver<Vec<u8>>,
    thread: JoinHandle<Sha256>,
}

impl StreamHash {
    pub(super) fn new() -> StreamHash {
        StreamHash { piece: Vec::with_capacity(PIECE_BYTES), hashed: 0, place: Place::Here(Sha256::new()) }
    }

    /// Adds bytes.
    pub(super) fn update(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(PIECE_BYTES - self.piece.len()));
            self.piece.extend_from_slice(now);
            rest = later;
            if self.piece.len() == PIECE_BYTES {
                self.hash_piece();
            }
        }
    }

    /// Gives the SHA-256 in hex.
    pub(super) fn finish(mut self) -> String {
        self.hash_piece();
        let hasher = match self.place {
            Place::Here(hasher) => hasher,
            Place::Away(Away { full, empty, thread }) => {
                drop((full, empty));
                thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            }
        };
        hex::encode(hasher.finalize())
    }

    fn hash_piece(&mut self) {
        self.hashed += self.piece.len() as u64;
        match &mut self.place {
            Place::Here(hasher) => {
                hasher.update(&self.piece);
                self.piece.clear();
                if self.hashed >= LONG_BYTES
                    && let Some(away) = Away::start(hasher)
                {
                    self.place = Place::Away(away);
                }
            }
            Place::Away(away) => self.piece = away.swap(std::mem::take(&mut self.piece)),
        }
    }
}

/// Hashes a stream as it is read: what is read lies in the pieces that are hashed, and is copied nowhere else.
pub(super) struct HashedRead<R> {
    inner: R,
    hash: StreamHash,
    /// Bytes of the piece that were consumed.
    consumed: usize,
}

impl<R: Read> HashedRead<R> {
    pub(super) fn new(inner: R) -> HashedRead<R> {
        HashedRead { inner, hash: StreamHash::new(), consumed: 0 }
    }

    /// Gives the SHA-256, in hex, of all that was read.
    pub(super) fn finish(self) -> String {
        self.hash.finish()
    }
}

impl<R: Read> BufRead for HashedRead<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.consumed == self.hash.piece.len() {
            if self.consumed == PIECE_BYTES {
                self.hash.hash_piece();
                self.consumed = 0;
            }
            let room = PIECE_BYTES - self.consumed;
            self.inner.by_ref().take(room as u64).read_to_end(&mut self.hash.piece)?;
        }
        Ok(&self.hash.piece[self.consumed..])
    }

    fn consume(&mut self, len: usize) {
        self.consumed += len;
    }
}

impl<R: Read> Read for HashedRead<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let ready = self.fill_buf()?;
        let len = ready.len().min(buffer.len());
        buffer[..len].copy_from_slice(&ready[..len]);
        self.consume(len);
        Ok(len)
    }
}

impl Away {
    /// Goes on with a hash on a thread of its own; nothing if the system gives none.
    fn start(hasher: &Sha256) -> Option<Away> {
        let (full, pieces) = sync_channel::<Vec<u8>>(PIECES);
        let (done, empty) = sync_channel::<Vec<u8>>(PIECES);
        for _ in 1..PIECES {
            done.try_send(Vec::with_capacity(PIECE_BYTES)).expect("the channel has room for all pieces");
        }
        let mut hasher = hasher.clone();
        let work = move || {
            for mut piece in pieces {
                hasher.update(&piece);
                piece.clear();
                if done.send(piece).is_err() {
                    // The other side has all it wants and only waits for the rest of the pieces.
                    continue;
                }
            }
            hasher
        };
        let thread = std::thread::Builder::new().name("sha256".to_string()).spawn(work).ok()?;
        Some(Away { full, empty, thread })
    }

    /// Hands a piece over and gives an empty one; waits until there is one.
    fn swap(&self, piece: Vec<u8>) -> Vec<u8> {
        self.full.send(piece).expect("the thread ends only when the channel is closed");
        self.empty.recv().expect("the thread gives every piece back")
    }
}

impl Write for StreamHash {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash_of(bytes: &[u8], step: usize) -> String {
        let mut hash = StreamHash::new();
        bytes.chunks(step).for_each(|chunk| hash.update(chunk));
        hash.finish()
    }

    #[test]
    fn a_stream_hashes_alike_on_the_spot_and_on_a_thread() {
        let long = LONG_BYTES as usize;
        let bytes: Vec<u8> = (0..long + 3 * PIECE_BYTES + 7).map(|at| (at % 251) as u8).collect();
        for len in [0, 1, PIECE_BYTES, long - 1, long, long + 1, long + PIECE_BYTES, bytes.len()] {
            let whole = hex::encode(Sha256::digest(&bytes[..len]));
            assert_eq!(hash_of(&bytes[..len], 100_003), whole, "{len} bytes");
            assert_eq!(hash_of(&bytes[..len], usize::MAX), whole, "{len} bytes at once");
        }
    }

    #[test]
    fn what_is_read_is_what_is_hashed() {
        let bytes: Vec<u8> = (0..LONG_BYTES as usize + 3 * PIECE_BYTES + 7).map(|at| (at % 251) as u8).collect();
        for len in [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, bytes.len()] {
            let mut reader = HashedRead::new(&bytes[..len]);
            let mut read = Vec::new();
            // Some by the piece, some by the handful.
            let ready = reader.fill_buf().unwrap().len().min(100);
            read.extend_from_slice(&reader.fill_buf().unwrap()[..ready]);
            reader.consume(ready);
            reader.read_to_end(&mut read).unwrap();
            assert!(read == bytes[..len], "{len} bytes");
            assert_eq!(reader.finish(), hex::encode(Sha256::digest(&bytes[..len])), "{len} bytes");
        }
    }

    #[test]
    fn a_hash_that_is_not_wanted_any_more_leaves_no_thread_waiting() {
        let mut hash = StreamHash::new();
        hash.update(&vec![7; LONG_BYTES as usize + 9 * PIECE_BYTES]);
        let Place::Away(away) = hash.place else { panic!("a long stream is hashed on a thread") };
        let Away { full, empty, thread } = away;
        drop((full, empty));
        assert!(thread.join().is_ok());
    }
}
