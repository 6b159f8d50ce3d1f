//! What a column means.

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
