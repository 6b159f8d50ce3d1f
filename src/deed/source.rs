//! A list that is read: what it is, its rows, its hash, and whether it stayed the same meanwhile.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::ControlFlow;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::files::{CHUNK_BYTES, is_standard, open_input, open_seekable, sha256_of};
use super::read_ahead::{Length, each_row};
use super::stream_hash::{LONG_BYTES, StreamHash};
use super::{DeedError, ListFault, Stage, Watcher};
use crate::list::book::{Book, BookError};
use crate::list::text::{Dialect, Records, TextError};
use crate::list::{ColumnMap, HeadRow, Layout, Row, SNIFF_BYTES, Shape, recognise, sniff};

/// Records that are looked at to find out what the columns mean.
const HEAD_ROWS: usize = 1000;

/// An open list.
pub(super) struct Source {
    pub(super) path: PathBuf,
    pub(super) shape: Shape,
    /// The sheet that is the list; empty for a text list.
    pub(super) sheet: String,
    pub(super) layout: Layout,
    file: File,
    stamp: Stamp,
}

/// What changes when somebody else writes the file.
///
/// The list is read several times, and only the first reading is hashed: hashing each would cost as much as the copy.
/// That all read the same bytes rests on `changed`, the time of the last change of the file or of what is known of it.
/// The system sets it at every write and at every setting of times, and no program can set it back. (It is blind to a
/// program that keeps the file mapped into its memory and goes on writing there.)
#[derive(Debug, PartialEq, Eq)]
struct Stamp {
    bytes: u64,
    inode: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    fn of(file: &File) -> std::io::Result<Stamp> {
        let known = file.metadata()?;
        let modified = (known.mtime(), known.mtime_nsec());
        let changed = (known.ctime(), known.ctime_nsec());
        Ok(Stamp { bytes: known.len(), inode: known.ino(), modified, changed })
    }
}

/// Hands bytes on and hashes them on the way.
struct Hashing<'a> {
    file: &'a File,
    hash: StreamHash,
}

impl Read for Hashing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = self.file.read(buffer)?;
        self.hash.update(&buffer[..n]);
        Ok(n)
    }
}

impl Source {
    /// Opens the list at `path`, finds its sheet and what its columns mean.
    pub(super) fn open(path: &Path, sheet: Option<&str>, map: &ColumnMap) -> Result<Source, DeedError> {
        let read = |source| DeedError::Read { path: path.to_path_buf(), source };
        let mut file = open_seekable(path)?;
        let stamp = Stamp::of(&file).map_err(read)?;
        let mut head = vec![0; SNIFF_BYTES.min(stamp.bytes as usize)];
        file.read_exact(&mut head).map_err(read)?;
        let shape = sniff(&head, &path.display().to_string())?;
        let fault = |source: ListFault| DeedError::List { path: path.to_path_buf(), source };
        let (sheet, layout) = match &shape {
            Shape::Text(dialect) => {
                if let Some(sheet) = sheet {
                    return Err(fault(ListFault::NoSheets { sheet: sheet.to_string() }));
                }
                rewind(&mut file).map_err(read)?;
                let rows = text_head(&file, dialect).map_err(|error| fault(error.into()))?;
                (String::new(), recognise(&rows, map).map_err(|error| fault(error.into()))?)
            }
            Shape::Book => book_layout(path, &file, sheet, map)?,
        };
        Ok(Source { path: path.to_path_buf(), shape, sheet, layout, file, stamp })
    }

    /// Gives the file from its beginning.
    pub(super) fn reopen(&mut self) -> Result<&mut File, DeedError> {
        rewind(&mut self.file).map_err(|source| DeedError::Read { path: self.path.clone(), source })?;
        Ok(&mut self.file)
    }

    /// Lends the file to those who read it at places of their own.
    pub(super) fn file(&self) -> &File {
        &self.file
    }

    /// Counts the bytes of the file.
    pub(super) fn bytes(&self) -> u64 {
        self.stamp.bytes
    }

    /// Visits every record once; gives the file's SHA-256 in hex.
    pub(super) fn each_row(
        &mut self,
        watcher: &mut Watcher,
        visit: &mut dyn FnMut(&Row<'_>),
    ) -> Result<String, DeedError> {
        let total = self.bytes();
        let path = self.path.clone();
        match self.shape {
            Shape::Text(dialect) => {
                let file = &*self.reopen()?;
                let mut input = Hashing { file, hash: StreamHash::new() };
                let length = if total < LONG_BYTES { Length::Short } else { Length::Long };
                let mut told = 0;
                let settled = each_row(Records::new(&mut input, &dialect), length, &mut |row| {
                    if row.offset - told >= CHUNK_BYTES as u64 {
                        told = row.offset;
                        watcher(Stage::Reading, told, Some(total));
                    }
                    visit(row);
                });
                // A list that began in plain ASCII shows its encoding only further down.
                let settled =
                    settled.map_err(|error: TextError| DeedError::List { path: path.clone(), source: error.into() })?;
                watcher(Stage::Reading, total, Some(total));
                let sha256 = input.hash.finish();
                self.shape = Shape::Text(settled);
                Ok(sha256)
            }
            Shape::Book => {
                let sheet = self.sheet.clone();
                let book = |error: BookError| DeedError::List { path: path.clone(), source: error.into() };
                let mut opened = Book::open(self.reopen()?).map_err(book)?;
                let visited = opened.rows(&sheet, &mut |row| {
                    visit(row);
                    ControlFlow::Continue(())
                });
                visited.map_err(book)?;
                sha256_of(self.reopen()?, &path)
            }
        }
    }

    /// Makes sure that nobody wrote the file since it was opened.
    pub(super) fn check_unchanged(&self) -> Result<(), DeedError> {
        let read = |source| DeedError::Read { path: self.path.clone(), source };
        let now = match is_standard(&self.path) {
            true => Stamp::of(&self.file).map_err(read)?,
            false => open_input(&self.path).and_then(|file| Stamp::of(&file).map_err(read))?,
        };
        match now == self.stamp {
            true => Ok(()),
            false => Err(DeedError::List { path: self.path.clone(), source: ListFault::Changed }),
        }
    }
}

fn rewind(file: &mut File) -> std::io::Result<()> {
    file.seek(SeekFrom::Start(0)).map(|_| ())
}

fn head_row(row: &Row<'_>) -> HeadRow {
    HeadRow { ordinal: row.ordinal, cells: row.texts() }
}

fn text_head(file: &File, dialect: &Dialect) -> Result<Vec<HeadRow>, TextError> {
    let mut records = Records::new(std::io::BufReader::with_capacity(CHUNK_BYTES, file), dialect);
    let mut rows = Vec::new();
    while let Some(row) = records.next_row()? {
        rows.push(head_row(&row));
        if rows.len() == HEAD_ROWS {
            break;
        }
    }
    Ok(rows)
}

/// Finds the sheet that was named, or else the first one that looks like a list.
fn book_layout(path: &Path, file: &File, named: Option<&str>, map: &ColumnMap) -> Result<(String, Layout), DeedError> {
    let fault = |source: ListFault| DeedError::List { path: path.to_path_buf(), source };
    let failed = |error: BookError| fault(error.into());
    let mut book = Book::open(file).map_err(failed)?;
    let sheets = match named {
        Some(sheet) => vec![sheet.to_string()],
        None => book.sheets(),
    };
    let mut first_doubt = None;
    for sheet in sheets {
        let mut rows = Vec::new();
        let visited = book.rows(&sheet, &mut |row| {
            rows.push(head_row(row));
            if rows.len() == HEAD_ROWS { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        visited.map_err(failed)?;
        match recognise(&rows, map) {
            Ok(layout) => return Ok((sheet, layout)),
            Err(source) => {
                first_doubt.get_or_insert(fault(ListFault::Sheet { sheet, source }));
            }
        }
    }
    Err(first_doubt.unwrap_or_else(|| fault(ListFault::NoVisibleSheet)))
}
