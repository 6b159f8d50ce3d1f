//! RAR archives, through a program that makes tar archives of them; where that is not installed, the reason says so.

use super::desk::Desk;
use super::error::Unreadable;
use super::{Held, Source, tar};

/// Goes through the files of an archive; one in which the program sees none is damaged.
pub(super) fn read(desk: &mut Desk<'_>, source: &mut dyn Source, place: &str) -> Result<(), Unreadable> {
    let (outside, before) = (desk.outside, desk.parts);
    let held = if desk.depth.get() == 0 { Held::TheFile } else { Held::Part(source) };
    outside.as_tar(held, &mut |archive| tar::read(desk, archive, place))?;
    if desk.parts == before { Err(Unreadable::Damaged { what: "RAR" }) } else { Ok(()) }
}
