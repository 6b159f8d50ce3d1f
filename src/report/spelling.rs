//! How the files of an evidence package are spelt, byte for byte: the same patterns that `verify.sh` has.
//!
//! A file that is spelt otherwise is refused before anything is read out of it, so that the script and the program cannot read it
//! differently. In the patterns, `~` is the end of a line; they hold for a whole file, or a whole line of a list.

use std::sync::LazyLock;

use regex::bytes::Regex;

/// A pattern that a text has as a whole.
pub(super) struct Spelling(Regex);

impl Spelling {
    fn of(pattern: &str) -> Spelling {
        let bytes = pattern.replace('~', r"\x01").replace('\u{2014}', r"\xE2\x80\x94");
        Spelling(Regex::new(&format!("^(?s-u:{bytes})$")).expect("a test compiles each of the patterns"))
    }

    /// Tells whether a whole file is spelt so.
    pub(super) fn is_file(&self, bytes: &[u8]) -> bool {
        let one_line: Vec<u8> = bytes.iter().map(|byte| if *byte == b'\n' { 1 } else { *byte }).collect();
        !bytes.contains(&1) && self.0.is_match(&one_line)
    }

    /// Tells whether a line, without its end, is spelt so.
    pub(super) fn is_line(&self, line: &[u8]) -> bool {
        self.0.is_match(line)
    }
}

macro_rules! spellings {
    ($($(#[$doc:meta])* $name:ident = $pattern:literal;)*) => {
        $($(#[$doc])* pub(super) static $name: LazyLock<Spelling> = LazyLock::new(|| Spelling::of($pattern));)*
        #[cfg(test)]
        static ALL: &[(&str, &LazyLock<Spelling>)] = &[$(($pattern, &$name)),*];
    };
}

spellings! {
    /// A public Ed25519 key.
    KEY = "-----BEGIN PUBLIC KEY-----~MCowBQYDK2VwAyEA[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=~-----END PUBLIC KEY-----~";
    PROOF = "(0|[1-9][0-9]{0,14}) (0|[1-9][0-9]{0,14})~([0-9a-f]{64}~)*";
    /// A signed checkpoint.
    NOTED = "canaries/[0-9a-f]{16}~(0|[1-9][0-9]{0,14})~[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=~~(\u{2014} [!-*,-}]{1,100} [A-Za-z0-9+/]{7,300}={0,2}~){1,16}";
    ENTRY = "canaries/entry/1~([a-z0-9-]+ [^~]*~)+";
    /// Kind, planting, hash and canary of an entry.
    ABOUT = "sealed,P-[0-9]{6,15},[0-9a-f]{64},.*|(mint|received),P-[0-9]{6,15},[^,]*,C-[0-9]{6,15}|(planted|reserved|receipt),P-[0-9]{6,15},.*|met,P-[0-9]{6,15},[^,]*,|(number|contact|flow|holder),,.*";
    /// What is opened of an entry.
    TOLD = r#"(number [0-9a-f]{64} \+[0-9]{7,15}~|(holder|parent|to) [0-9a-f]{64} [^[:cntrl:] "\\]+~|(from|said|row|record|raw-sha256) [0-9a-f]{64} [^~]*~)+"#;
    /// What is opened of an entry by which data goes from one holder to another.
    WAY = r#"(from|holder) [0-9a-f]{64} [^[:cntrl:] "\\]+~(to|parent) [0-9a-f]{64} [^[:cntrl:] "\\]+~"#;
    CANARY = r"canaries/canary/1~salt [0-9a-f]{64}~canary C-[0-9]{6,15}~planting P-[0-9]{6,15}~number \+[0-9]{7,15}~row [0-9]{1,15}~record [^~]*~";
    /// A canary in the file of another planting.
    CAME = r"canaries/came/1~salt [0-9a-f]{64}~planting P-[0-9]{6,15}~number \+[0-9]{7,15}~row [0-9]{1,15}~";
    /// The first three lines of a row.
    ROW = "canaries/row/1~salt [0-9a-f]{64}~record [0-9]{1,15}~";
    /// Seconds since 1970.
    TIME = "(0|[1-9][0-9]{0,11})~";
    /// A line of the list of files.
    LISTED = r"[0-9a-f]{64}  (verify\.sh|REPORT\.html|report\.json|SM3SUMS|(checkpoint|planting)\.(note|pub)|consistency\.proof|entries/[0-9]{7,15}\.(entry|proof|open)|canaries/C-[0-9]{6,15}\.(open|proof)|copies/C-[0-9]{6,15}\.P-[0-9]{6,15}\.(open|proof)|rows/C-[0-9]{6,15}(\.P-[0-9]{6,15})?\.(row|proof)|receipts/P-[0-9]{6,15}\.[0-9]{1,4}\.(json|sig|allowed|pem|paper)|(stamps|witnesses)/(checkpoint|planting)\.[0-9]{1,4}\.(tsr|sig|pem|time))";
    /// A value of a JSON document that has one a line.
    VALUE = r#"("([^"\\]|\\.)*"|[-+.0-9A-Za-z]+|\[\]|[{][}]),?"#;
    /// The name before a value.
    FIELD = r#""[a-z0-9_]+": .*"#;
    /// A number or an id that a finding owns not to have proven.
    UNPROVEN = "([PC]-|[+])[0-9]+";
}

/// What looks like the id of a planting or a canary in any text.
pub(super) static IDS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("(?-u)[PC]-[0-9]{6,}").expect("a test finds ids with it"));

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::package::VERIFY_SH;

    #[test]
    fn the_script_has_the_same_patterns() {
        for (pattern, spelling) in ALL {
            let part = pattern.trim_start_matches("[0-9a-f]{64}  ").trim_end_matches(".*");
            assert!(VERIFY_SH.contains(part), "{pattern}");
            assert!(!spelling.is_line(b""), "{pattern}");
        }
    }

    #[test]
    fn a_file_is_spelt_so_as_a_whole_or_not_at_all() {
        assert!(TIME.is_file(b"1795288002\n") && PROOF.is_file(b"3 5\n"));
        for bad in
            [&b"1795288002"[..], b"01\n", b"1\n\n", b" 1\n", b"1\r\n", b"1\0\n", b"\x01", b"", b"+1\n", b"1\n1\n"]
        {
            assert!(!TIME.is_file(bad), "{bad:?}");
        }
        assert!(!PROOF.is_file(b"3  5\n") && !PROOF.is_file(b"3 5\nab\n") && !PROOF.is_file(b"3 5 \n"));
        assert!(LISTED.is_line(format!("{}  entries/0000001.entry", "0".repeat(64)).as_bytes()));
        assert!(!LISTED.is_line(format!("{}  entries/0000001.entry.entry", "0".repeat(64)).as_bytes()));
        assert_eq!(IDS.find(b"xP-0000012 C-12").map(|found| found.as_bytes()), Some(&b"P-0000012"[..]));
    }
}
