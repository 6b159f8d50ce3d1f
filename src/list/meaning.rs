//! What a column means, and which meanings stand in one list at most once.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The meaning of a column, as it is written in JSON and in map files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Meaning {
    RecordId,
    Serial,
    MotherName,
    FatherName,
    BabyName,
    BabySex,
    BirthDate,
    BirthTime,
    MotherBirthDate,
    MotherAge,
    IdNumber,
    Phone,
    Phone2,
    Address,
    District,
    Hospital,
    Ward,
    BirthWeight,
    BirthLength,
    GestationWeeks,
    Parity,
    DeliveryMode,
    DischargeDate,
    HukouType,
    Name,
    PlateNumber,
    Area,
    WaybillNumber,
    Other,
}

/// A word that is no meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoSuchMeaning(pub String);

impl Meaning {
    /// All meanings, in the order documents show them.
    pub const ALL: [Meaning; 29] = [
        Meaning::RecordId,
        Meaning::Serial,
        Meaning::MotherName,
        Meaning::FatherName,
        Meaning::BabyName,
        Meaning::BabySex,
        Meaning::BirthDate,
        Meaning::BirthTime,
        Meaning::MotherBirthDate,
        Meaning::MotherAge,
        Meaning::IdNumber,
        Meaning::Phone,
        Meaning::Phone2,
        Meaning::Address,
        Meaning::District,
        Meaning::Hospital,
        Meaning::Ward,
        Meaning::BirthWeight,
        Meaning::BirthLength,
        Meaning::GestationWeeks,
        Meaning::Parity,
        Meaning::DeliveryMode,
        Meaning::DischargeDate,
        Meaning::HukouType,
        Meaning::Name,
        Meaning::PlateNumber,
        Meaning::Area,
        Meaning::WaybillNumber,
        Meaning::Other,
    ];

    /// Gives the word used in JSON and in map files.
    pub fn word(self) -> &'static str {
        match self {
            Meaning::RecordId => "record_id",
            Meaning::Serial => "serial",
            Meaning::MotherName => "mother_name",
            Meaning::FatherName => "father_name",
            Meaning::BabyName => "baby_name",
            Meaning::BabySex => "baby_sex",
            Meaning::BirthDate => "birth_date",
            Meaning::BirthTime => "birth_time",
            Meaning::MotherBirthDate => "mother_birth_date",
            Meaning::MotherAge => "mother_age",
            Meaning::IdNumber => "id_number",
            Meaning::Phone => "phone",
            Meaning::Phone2 => "phone2",
            Meaning::Address => "address",
            Meaning::District => "district",
            Meaning::Hospital => "hospital",
            Meaning::Ward => "ward",
            Meaning::BirthWeight => "birth_weight",
            Meaning::BirthLength => "birth_length",
            Meaning::GestationWeeks => "gestation_weeks",
            Meaning::Parity => "parity",
            Meaning::DeliveryMode => "delivery_mode",
            Meaning::DischargeDate => "discharge_date",
            Meaning::HukouType => "hukou_type",
            Meaning::Name => "name",
            Meaning::PlateNumber => "plate_number",
            Meaning::Area => "area",
            Meaning::WaybillNumber => "waybill_number",
            Meaning::Other => "other",
        }
    }

    /// Tells whether a list that has this meaning is about births.
    pub fn is_of_birth(self) -> bool {
        match self {
            Meaning::MotherName
            | Meaning::BabyName
            | Meaning::BabySex
            | Meaning::BirthDate
            | Meaning::BirthTime
            | Meaning::BirthWeight
            | Meaning::BirthLength
            | Meaning::GestationWeeks
            | Meaning::Parity
            | Meaning::DeliveryMode => true,
            Meaning::RecordId
            | Meaning::Serial
            | Meaning::FatherName
            | Meaning::MotherBirthDate
            | Meaning::MotherAge
            | Meaning::IdNumber
            | Meaning::Phone
            | Meaning::Phone2
            | Meaning::Address
            | Meaning::District
            | Meaning::Hospital
            | Meaning::Ward
            | Meaning::DischargeDate
            | Meaning::HukouType
            | Meaning::Name
            | Meaning::PlateNumber
            | Meaning::Area
            | Meaning::WaybillNumber
            | Meaning::Other => false,
        }
    }
}

impl fmt::Display for Meaning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Meaning {
    type Err = NoSuchMeaning;

    fn from_str(word: &str) -> Result<Meaning, NoSuchMeaning> {
        let found = Meaning::ALL.into_iter().find(|meaning| meaning.word() == word);
        found.ok_or_else(|| NoSuchMeaning(word.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_back_and_is_the_one_in_json() {
        for meaning in Meaning::ALL {
            assert_eq!(meaning.word().parse(), Ok(meaning));
            assert_eq!(serde_json::to_string(&meaning).ok(), Some(format!("\"{meaning}\"")));
        }
        assert_eq!("telephone".parse::<Meaning>(), Err(NoSuchMeaning("telephone".to_string())));
    }
}
