//! Printing: data to standard output, notes and complaints to standard error.

use std::io::{BufWriter, Write};

use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;

use super::complaint::Complaint;
use super::{Global, World};
use crate::lang::{Lang, Pair};

/// Bytes of a JSON document that are written at a time.
const BUFFER_BYTES: usize = 1 << 17;

/// Where a command prints, and how.
pub struct Out<'a> {
    world: &'a mut World,
    pub lang: Lang,
    pub json: bool,
    quiet: bool,
    verbose: bool,
}

impl<'a> Out<'a> {
    pub(super) fn new(world: &'a mut World, lang: Lang, global: &Global) -> Out<'a> {
        Out { world, lang, json: global.json, quiet: global.quiet, verbose: global.verbose }
    }

    /// Gives the world, to run another command in it.
    pub(super) fn world(&mut self) -> &mut World {
        self.world
    }

    /// Chooses between two wordings.
    pub fn say<'t>(&self, en: &'t str, zh: &'t str) -> &'t str {
        match self.lang {
            Lang::En => en,
            Lang::Zh => zh,
        }
    }

    /// Prints one line of data.
    pub fn line(&mut self, text: impl AsRef<str>) -> Result<(), Complaint> {
        writeln!(self.world.stdout, "{}", text.as_ref()).map_err(Complaint::Output)
    }

    /// Prints bytes as they are.
    pub fn bytes(&mut self, bytes: &[u8]) -> Result<(), Complaint> {
        self.world.stdout.write_all(bytes).map_err(Complaint::Output)
    }

    /// Prints a file as it is.
    pub fn copy(&mut self, file: &mut std::fs::File) -> Result<(), Complaint> {
        std::io::copy(file, &mut self.world.stdout).map(|_| ()).map_err(Complaint::Output)
    }

    /// Prints one line of data in the language in use; nothing when JSON was asked for.
    pub fn tell(&mut self, text: Pair) -> Result<(), Complaint> {
        if self.json {
            return Ok(());
        }
        let line = text.in_lang(self.lang).to_string();
        self.line(line)
    }

    /// Prints one JSON document.
    pub fn document(&mut self, value: &impl Serialize) -> Result<(), Complaint> {
        let mut buffered = BufWriter::with_capacity(BUFFER_BYTES, &mut self.world.stdout);
        serde_json::to_writer_pretty(&mut buffered, value).map_err(|error| Complaint::Output(error.into()))?;
        buffered.flush().map_err(Complaint::Output)?;
        drop(buffered);
        self.line("")
    }

    /// Prints a table whose columns align, wide characters counted as two.
    pub fn table(&mut self, head: &[&str], rows: Vec<Vec<String>>) -> Result<(), Complaint> {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
        table.set_header(head);
        table.add_rows(rows);
        for column in table.column_iter_mut() {
            column.set_padding((0, 2));
        }
        let text = table.lines().map(|line| format!("{}\n", line.trim_end())).collect::<String>();
        self.bytes(text.as_bytes())
    }

    /// Says something beside the data, unless asked to be quiet.
    pub fn note(&mut self, text: Pair) -> Result<(), Complaint> {
        if self.quiet {
            return Ok(());
        }
        // In one piece, as standard error has no buffer: no half line stays if it cannot be written.
        let line = format!("{}\n", text.in_lang(self.lang));
        self.world.stderr.write_all(line.as_bytes()).map_err(Complaint::Output)
    }

    /// Says something only to those who asked to be told more.
    pub fn detail(&mut self, text: Pair) -> Result<(), Complaint> {
        if self.verbose { self.note(text) } else { Ok(()) }
    }

    /// Tells the one error of a command; gives its exit code.
    pub(super) fn complain(&mut self, complaint: &Complaint) -> u8 {
        let what = complaint.what(self.lang);
        let hint_word = self.say("hint: ", "提示：");
        let hint = complaint.hint(self.lang).map(|hint| format!("{hint_word}{hint}\n")).unwrap_or_default();
        // Nobody is left to be told if standard error is gone as well.
        match self.world.stderr.write_all(format!("canaries: {what}\n{hint}").as_bytes()) {
            Ok(()) | Err(_) => 2,
        }
    }

    /// Flushes the output; a full disk behind it is an error, a closed pipe is not.
    pub(super) fn finish(&mut self, code: u8) -> u8 {
        match self.world.stdout.flush() {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => self.complain(&Complaint::Output(error)),
            Ok(()) | Err(_) => code,
        }
    }
}

/// Writes a time as JSON shows it: RFC 3339, UTC, whole seconds.
pub fn time(at: chrono::DateTime<chrono::Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}
