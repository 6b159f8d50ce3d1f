//! Messages (`.eml`) and mailboxes (`.mbox`): headers, bodies and attachments, each decoded.

use std::io::{BufRead, BufReader, Read};

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use mail_parser::{Encoding, Message, MessageParser, MessagePart, MimeHeaders, PartType};

use super::desk::{Desk, within};
use super::error::Unreadable;
use super::limits::{PIECE_BYTES, SMALL_BYTES_MAX, small};
use super::uuencode;

/// Messages within messages.
const NESTED_MAX: usize = 8;

/// Goes through one message.
pub(super) fn message(desk: &mut Desk<'_>, input: &mut dyn Read, place: &str) -> Result<(), Unreadable> {
    let bytes = small(input, "message")?;
    one(desk, &bytes, place)
}

/// Goes through the messages of a mailbox; they are told apart by their `From ` lines.
pub(super) fn mailbox(desk: &mut Desk<'_>, input: &mut dyn Read, place: &str) -> Result<(), Unreadable> {
    let mut input = BufReader::with_capacity(PIECE_BYTES, input);
    let (mut bytes, mut line, mut number) = (Vec::new(), Vec::new(), 0_u64);
    loop {
        line.clear();
        let of = |error| Unreadable::of(error, "mailbox");
        let read = (&mut input).take(SMALL_BYTES_MAX).read_until(b'\n', &mut line).map_err(of)?;
        let is_next = line.starts_with(b"From ")
            && (bytes.is_empty() || bytes.ends_with(b"\n\n") || bytes.ends_with(b"\r\n\r\n"));
        if read == 0 || is_next {
            if number > 0 {
                let inside = within(place, &format!("message {number}"));
                let done = one(desk, &bytes, &inside);
                desk.note(done, &inside);
            }
            if read == 0 {
                return Ok(());
            }
            bytes.clear();
            number += 1;
            continue;
        }
        if bytes.len() + line.len() > SMALL_BYTES_MAX as usize {
            return Err(Unreadable::TooLarge { what: "message" });
        }
        bytes.extend_from_slice(&line);
    }
}

fn one(desk: &mut Desk<'_>, bytes: &[u8], place: &str) -> Result<(), Unreadable> {
    let Some(message) = MessageParser::default().parse(bytes) else {
        return Err(Unreadable::Damaged { what: "message" });
    };
    parts(desk, &message, place, 0)
}

/// Gives the bytes of a text that was sent in base64.
fn packed(message: &Message<'_>, part: &MessagePart<'_>) -> Option<Vec<u8>> {
    if part.encoding != Encoding::Base64 {
        return None;
    }
    let raw = message.raw_message.get(part.raw_body_offset() as usize..part.raw_end_offset() as usize)?;
    let text: Vec<u8> = raw.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let config = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    GeneralPurpose::new(&STANDARD, config).decode(text).ok()
}

fn parts(desk: &mut Desk<'_>, message: &Message<'_>, place: &str, depth: usize) -> Result<(), Unreadable> {
    if depth > NESTED_MAX {
        return Err(Unreadable::TooDeep);
    }
    let mut headers = String::new();
    for (name, value) in message.headers_raw() {
        headers.push_str(&format!("{name}: {value}\n"));
    }
    headers.extend(message.subject());
    desk.text(&mut headers.as_bytes(), place)?;
    for part in &message.parts {
        let inside = match part.attachment_name() {
            Some(name) => within(place, name),
            None => place.to_string(),
        };
        match &part.body {
            PartType::Text(text) | PartType::Html(text) => match packed(message, part) {
                // Whatever its header calls the encoding, the bytes themselves are searched.
                Some(bytes) => desk.text(&mut &bytes[..], &inside)?,
                None => {
                    desk.text(&mut text.as_bytes(), &inside)?;
                    for (name, bytes) in uuencode::attachments(text.as_bytes()) {
                        desk.part(&mut &bytes[..], &within(&inside, &name));
                    }
                }
            },
            PartType::Binary(bytes) | PartType::InlineBinary(bytes) => desk.part(&mut &bytes[..], &inside),
            PartType::Message(message) => parts(desk, message, &within(&inside, "message"), depth + 1)?,
            PartType::Multipart(_) => {}
        }
    }
    Ok(())
}
