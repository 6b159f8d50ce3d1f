//! What a command complains of: the one error it shows.

use std::error::Error;
use std::io;

use crate::deed::DeedError;
use crate::lang::{Lang, Pair, Speak};

/// Why a command ends with exit code 2.
#[derive(Debug)]
pub enum Complaint {
    Deed(Box<DeedError>),
    /// Standard output could not be written.
    Output(io::Error),
    /// The arguments do not go together.
    Usage {
        what: Pair,
        hint: Pair,
    },
}

impl<E: Into<DeedError>> From<E> for Complaint {
    fn from(error: E) -> Complaint {
        Complaint::Deed(Box::new(error.into()))
    }
}

impl Complaint {
    /// Says what happened, with the causes behind it, on one line.
    pub fn what(&self, lang: Lang) -> String {
        match self {
            Complaint::Deed(error) => {
                let first = match lang {
                    Lang::En => error.to_string(),
                    Lang::Zh => error.zh(),
                };
                let mut told = first;
                let mut cause = error.source();
                while let Some(error) = cause {
                    let text = error.to_string();
                    if (lang == Lang::En || is_foreign(error)) && !told.contains(&text) {
                        told = format!("{told}: {text}");
                    }
                    cause = error.source();
                }
                told
            }
            Complaint::Output(error) => match lang {
                Lang::En => format!("cannot write the output: {error}"),
                Lang::Zh => format!("无法写出结果：{error}"),
            },
            Complaint::Usage { what, .. } => what.in_lang(lang).to_string(),
        }
    }

    /// Says what to do about it.
    pub fn hint(&self, lang: Lang) -> Option<String> {
        match self {
            Complaint::Deed(error) => error.hint().map(|hint| hint.in_lang(lang).to_string()),
            Complaint::Output(_) => None,
            Complaint::Usage { hint, .. } => Some(hint.in_lang(lang).to_string()),
        }
    }
}

/// Tells whether an error comes from outside this program: our own have said it in Chinese already.
fn is_foreign(error: &(dyn Error + 'static)) -> bool {
    error.is::<io::Error>()
        || error.is::<rusqlite::Error>()
        || error.is::<csv::Error>()
        || error.is::<toml::de::Error>()
        || error.is::<Box<toml::de::Error>>()
        || error.is::<serde_json::Error>()
}
