//! What a list would say about a canary's person.

use chrono::NaiveDate;

use super::Fact;

/// What a list would say about a canary's person; what is not known is not looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    pub mother_name: Option<String>,
    pub baby_name: Option<String>,
    pub father_name: Option<String>,
    pub birth_date: Option<NaiveDate>,
    pub mother_birth_date: Option<NaiveDate>,
    pub hospital: Option<String>,
    pub address: Option<String>,
}

/// By what a person may be told from others: the days of birth, whether there is an address, and how many names.
#[derive(Debug, Clone, Copy, Default)]
pub struct ToldOf {
    pub birth: Option<NaiveDate>,
    pub mother_birth: Option<NaiveDate>,
    pub has_address: bool,
    pub names: u32,
}

impl Person {
    /// Lists the names; a baby that is called after its mother (`张伟丽之女`) has none of its own.
    pub(super) fn names(&self) -> impl Iterator<Item = (Fact, &str)> {
        let mother = self.mother_name.as_deref();
        let own = |baby: &&str| !mother.is_some_and(|mother| !mother.is_empty() && baby.starts_with(mother));
        let all = [
            (Fact::MotherName, mother),
            (Fact::BabyName, self.baby_name.as_deref().filter(own)),
            (Fact::FatherName, self.father_name.as_deref()),
        ];
        all.into_iter().filter_map(|(fact, name)| Some((fact, name?)))
    }
}
