//! Text of PDF files, page by page, and of what stands beside the pages; pages that are pictures go to text recognition.
//!
//! The file is held in memory, as its table of contents stands at its end and leads anywhere. A damaged one can bring the
//! library to a panic, which ends the reading of this file and nothing else.

use std::collections::BTreeSet;
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};

use lopdf::xobject::PdfImage;
use lopdf::{Document, LoadOptions, ObjectId};

use super::desk::{Desk, within};
use super::error::{Unreadable, damaged};
use super::pdf_text::PageText;
use super::raw::Mark;
use super::{pdf_rest, pdf_stream};

/// Bytes of a file that is read.
const FILE_BYTES_MAX: u64 = 128 << 20;
/// Bytes a picture, or a stream that other objects are in, may unpack to.
const PICTURE_BYTES_MAX: usize = 32 << 20;
/// Characters on a page below which its pictures are taken for the page.
const TEXT_CHARS_MIN: usize = 16;

/// Goes through the pages.
pub(super) fn read(desk: &mut Desk<'_>, input: &mut dyn Read, place: &str) -> Result<(), Unreadable> {
    let mut bytes = Vec::new();
    input.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(|error| Unreadable::of(error, "PDF"))?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(Unreadable::TooLarge { what: "PDF" });
    }
    let document = guarded(|| {
        Document::load_mem_with_options(&bytes, options()).map_err(|error| {
            match pdf_stream::of(error, PICTURE_BYTES_MAX) {
                Unreadable::Damaged { .. } => Unreadable::Damaged { what: "PDF" },
                why => why,
            }
        })
    })?;
    if document.is_encrypted() {
        return Err(Unreadable::Encrypted);
    }
    drop(bytes);
    let mark = Mark::of(desk);
    let pages = guarded(|| Ok(document.get_pages()))?;
    let has_pages = !pages.is_empty();
    let mut shown: BTreeSet<ObjectId> = pages.values().flat_map(|page| document.get_page_contents(*page)).collect();
    for (number, id) in pages {
        let inside = within(place, &format!("page {number}"));
        let done = page(desk, &document, id, &inside).map(|forms| shown.extend(forms));
        desk.note(done, &inside);
        desk.count(0)?;
    }
    pdf_rest::read(desk, &document, &shown, place, mark)?;
    match has_pages {
        true => Ok(()),
        false => Err(Unreadable::Damaged { what: "PDF without pages" }),
    }
}

/// Goes through one page; gives the forms that it draws.
fn page(desk: &mut Desk<'_>, document: &Document, id: ObjectId, place: &str) -> Result<BTreeSet<ObjectId>, Unreadable> {
    let PageText { text, done, forms, .. } = guarded(|| Ok(PageText::of(document, id)))?;
    desk.text(&mut text.as_bytes(), place)?;
    let pictures = guarded(|| document.get_page_images(id).map_err(damaged("PDF"))).unwrap_or_default();
    if text.trim().chars().count() < TEXT_CHARS_MIN && !pictures.is_empty() {
        for picture in pictures {
            let bytes = guarded(|| as_file(&picture))?;
            desk.picture(&mut &bytes[..], place)?;
        }
    }
    done.map(|()| forms)
}

fn options() -> LoadOptions {
    LoadOptions { max_decompressed_size: Some(PICTURE_BYTES_MAX), ..LoadOptions::default() }
}

/// Makes a file of a picture that text recognition reads.
fn as_file(picture: &PdfImage<'_>) -> Result<Vec<u8>, Unreadable> {
    let filters = picture.filters.as_deref().unwrap_or_default();
    match filters.last().map(String::as_str) {
        Some("DCTDecode" | "JPXDecode") if filters.len() == 1 => Ok(picture.content.to_vec()),
        Some("FlateDecode" | "LZWDecode") | None => bitmap(picture),
        Some(_) => Err(Unreadable::NotUnpacked { what: "a scanned page in a fax's packing" }),
    }
}

/// Writes an unpacked picture as a portable bitmap.
fn bitmap(picture: &PdfImage<'_>) -> Result<Vec<u8>, Unreadable> {
    let stream = lopdf::Stream::new(picture.origin_dict.clone(), picture.content.to_vec());
    let pixels = match picture.filters.as_deref() {
        None | Some([]) => picture.content.to_vec(),
        Some(_) => stream.decompressed_content_with_limit(PICTURE_BYTES_MAX).map_err(damaged("PDF: picture"))?,
    };
    let (width, height) = (picture.width, picture.height);
    let head = match (picture.color_space.as_deref(), picture.bits_per_component) {
        (Some("DeviceRGB" | "CalRGB"), Some(8)) => format!("P6\n{width} {height}\n255\n"),
        (Some("DeviceGray" | "CalGray"), Some(8)) => format!("P5\n{width} {height}\n255\n"),
        (Some("ICCBased"), Some(8)) => match pixels.len() as i64 >= 3 * width.saturating_mul(height) {
            true => format!("P6\n{width} {height}\n255\n"),
            false => format!("P5\n{width} {height}\n255\n"),
        },
        (_, Some(1)) => {
            // Ones are white in a PDF and black in a bitmap.
            let mut file = format!("P4\n{width} {height}\n").into_bytes();
            file.extend(pixels.iter().map(|byte| !byte));
            return Ok(file);
        }
        _ => return Err(Unreadable::NotUnpacked { what: "a scanned page in an unknown colour space" }),
    };
    Ok([head.into_bytes(), pixels].concat())
}

/// Makes damage of a panic.
fn guarded<T>(work: impl FnOnce() -> Result<T, Unreadable>) -> Result<T, Unreadable> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(Unreadable::Damaged { what: "PDF" }))
}
