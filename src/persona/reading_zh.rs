//! Reading a Chinese address into its pieces.
//!
//! Put together again the pieces are the text, byte for byte. What a number is shows only from its
//! neighbours: `12号` is a house after a road and a building after a compound or a lane.

use super::country::{Named, ends_as_compound, name_at_start};

/// A piece of an address as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Separators, signs and words that say nothing about where it is.
    Kept(&'a str),
    /// A province, city or district, with what it may stand for.
    Region(&'a str, &'static [Named]),
    /// A street office, town or township: `三墩镇`.
    Town(&'a str),
    Road(&'a str),
    Compound(&'a str),
    /// The name of a village without `村`.
    Village(&'a str),
    Number(&'a str, Role),
    /// A single letter that names a building or block.
    Letter(&'a str),
}

impl<'a> Piece<'a> {
    /// Gives the name of a region.
    pub fn region(&self) -> Option<&'a str> {
        if let Piece::Region(name, _) = self { Some(name) } else { None }
    }
}

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    House,
    Building,
    Unit,
    Floor,
    Room,
    Group,
    Postcode,
}

/// Signs that follow a number, longest first where one begins another, and what they make of it.
const SIGNS: [(&str, Option<Role>); 22] = [
    ("号楼", Some(Role::Building)),
    ("号院", Some(Role::House)),
    ("号", None),
    ("弄", Some(Role::House)),
    ("支弄", Some(Role::Unit)),
    ("栋", Some(Role::Building)),
    ("幢", Some(Role::Building)),
    ("座", Some(Role::Building)),
    ("#楼", Some(Role::Building)),
    ("#", Some(Role::Building)),
    ("＃", Some(Role::Building)),
    ("单元", Some(Role::Unit)),
    ("门", Some(Role::Unit)),
    ("期", Some(Role::Unit)),
    ("区", Some(Role::Unit)),
    ("楼", Some(Role::Floor)),
    ("层", Some(Role::Floor)),
    ("组", Some(Role::Group)),
    ("队", Some(Role::Group)),
    ("社", Some(Role::Group)),
    ("室", Some(Role::Room)),
    ("房", Some(Role::Room)),
];

const ROAD_ENDINGS: [&str; 10] = ["大道", "大街", "胡同", "国道", "省道", "公路", "路", "街", "巷", "弄"];

const TOWN_ENDINGS: [&str; 7] = ["街道", "镇", "乡", "开发区", "高新区", "新区", "社区"];

/// Words of a place that is not a compound's name: such a piece is kept as it is.
const NOTES: [&str; 13] =
    ["自建房", "驿站", "丰巢", "快递", "门口", "楼下", "附近", "对面", "隔壁", "旁", "转交", "委会", "交叉"];

/// Reads the address; none if it holds a number long enough for a phone.
pub(super) fn read(text: &str) -> Option<Vec<Piece<'_>>> {
    let runs = runs(text);
    if runs.iter().any(|(kind, run)| *kind == Kind::Digits && run.chars().count() >= 7) {
        return None;
    }
    let mut reader = Reader { pieces: Vec::new(), names: Names::Region, has_house: false };
    for (index, (kind, run)) in runs.iter().enumerate() {
        let before = index.checked_sub(1).map(|index| runs[index]);
        let after = runs.get(index + 1).copied();
        match kind {
            Kind::Digits => reader.number(run, before, after),
            Kind::Letters if run.chars().count() == 1 => reader.pieces.push(Piece::Letter(run)),
            Kind::Letters => reader.pieces.push(Piece::Kept(run)),
            Kind::Words => {
                let rest = if before.is_some() { reader.sign(run) } else { run };
                reader.words(rest, after.is_some());
            }
        }
    }
    Some(reader.pieces)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Digits,
    Letters,
    Words,
}

fn runs(text: &str) -> Vec<(Kind, &str)> {
    let kind_of = |letter: char| match letter {
        '0'..='9' | '０'..='９' => Kind::Digits,
        'a'..='z' | 'A'..='Z' | 'ａ'..='ｚ' | 'Ａ'..='Ｚ' => Kind::Letters,
        _ => Kind::Words,
    };
    let mut runs: Vec<(Kind, &str)> = Vec::new();
    let mut start = 0;
    for (at, letter) in text.char_indices() {
        let next = at + letter.len_utf8();
        let ends = text[next..].chars().next().is_none_or(|following| kind_of(following) != kind_of(letter));
        if ends {
            runs.push((kind_of(letter), &text[start..next]));
            start = next;
        }
    }
    runs
}

/// The last name that was read: what comes next depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Names {
    Region,
    Road,
    Compound,
    Village,
}

struct Reader<'a> {
    pieces: Vec<Piece<'a>>,
    names: Names,
    has_house: bool,
}

impl<'a> Reader<'a> {
    fn number(&mut self, digits: &'a str, before: Option<(Kind, &str)>, after: Option<(Kind, &str)>) {
        let count = digits.chars().count();
        let dashed = |run: Option<(Kind, &str)>| {
            run.is_some_and(|(_, run)| matches!(run.trim(), "-" | "－" | "—" | "–" | "~" | "/"))
        };
        let following = after.map_or("", |(_, run)| run.trim_start());
        let sign = SIGNS.iter().find(|(sign, _)| following.starts_with(sign));
        let is_house = self.names == Names::Road && !self.has_house;
        let role = match sign {
            Some((_, Some(role))) => *role,
            Some((_, None)) if is_house || self.names == Names::Village => Role::House,
            Some((_, None)) => Role::Building,
            None if dashed(before) && dashed(after) => Role::Unit,
            None if count == 6 => Role::Postcode,
            None if is_house => Role::House,
            None if count >= 3 => Role::Room,
            None if dashed(before) => Role::Room,
            None => Role::Building,
        };
        self.has_house |= role == Role::House;
        self.pieces.push(Piece::Number(digits, role));
    }

    /// Takes the sign that belongs to the number before and gives the rest.
    fn sign(&mut self, words: &'a str) -> &'a str {
        let start = words.len() - words.trim_start().len();
        let Some((sign, _)) = SIGNS.iter().find(|(sign, _)| words[start..].starts_with(sign)) else { return words };
        let (taken, rest) = words.split_at(start + sign.len());
        self.pieces.push(Piece::Kept(taken));
        rest
    }

    fn words(&mut self, words: &'a str, number_follows: bool) {
        let mut rest = words;
        while !rest.is_empty() {
            let separators = rest.find(|letter: char| !is_separator(letter)).unwrap_or(rest.len());
            if separators > 0 {
                self.pieces.push(Piece::Kept(&rest[..separators]));
                rest = &rest[separators..];
                continue;
            }
            let end = rest.find(is_separator).unwrap_or(rest.len());
            self.chunk(&rest[..end], number_follows && end == rest.len());
            rest = &rest[end..];
        }
    }

    fn chunk(&mut self, chunk: &'a str, number_follows: bool) {
        let mut rest = chunk;
        while self.names == Names::Region && !rest.is_empty() {
            if let Some((length, named)) = name_at_start(rest)
                && !is_bare_ending(&rest[length..])
            {
                self.pieces.push(Piece::Region(&rest[..length], named));
                rest = &rest[length..];
            } else if let Some(length) = town_end(rest) {
                self.pieces.push(Piece::Town(&rest[..length]));
                rest = &rest[length..];
            } else {
                break;
            }
        }
        let may_be_village = self.names == Names::Region;
        if let Some(end) = road_end(rest).filter(|_| self.names == Names::Region) {
            self.pieces.push(Piece::Road(&rest[..end]));
            self.names = Names::Road;
            rest = &rest[end..];
        }
        let village = rest.find('村').filter(|end| may_be_village && *end > 0 && !rest[..*end].ends_with('新'));
        if let Some(end) = village {
            self.pieces.push(Piece::Village(&rest[..end]));
            self.pieces.push(Piece::Kept(&rest[end..]));
            self.names = Names::Village;
        } else {
            self.compound(rest, number_follows);
        }
    }

    fn compound(&mut self, name: &'a str, number_follows: bool) {
        let is_note = NOTES.iter().any(|note| name.contains(note));
        let is_compound = !is_note && name.chars().count() >= 2 && (number_follows || ends_as_compound(name));
        if is_compound {
            self.pieces.push(Piece::Compound(name));
            self.names = Names::Compound;
        } else if !name.is_empty() {
            self.pieces.push(Piece::Kept(name));
        }
    }
}

fn is_separator(letter: char) -> bool {
    letter.is_whitespace() || letter.is_ascii_punctuation() || "，、。·（）－—–～：；＃“”【】".contains(letter)
}

fn is_bare_ending(text: &str) -> bool {
    (1..=2).contains(&text.chars().count()) && ends_as_compound(text)
}

/// Finds where a street office or town at the start ends; a road named after a town is none.
fn town_end(text: &str) -> Option<usize> {
    let ends = TOWN_ENDINGS.iter().filter_map(|ending| Some(text.find(ending)? + ending.len()));
    let end = ends.min()?;
    let rest = &text[end..];
    let is_road = road_end(text).is_some_and(|road| road > end && road <= end + "大街".len());
    let fits = (2..=8).contains(&text[..end].chars().count()) && !is_road && !is_bare_ending(rest);
    fits.then_some(end)
}

/// Finds where a road at the start ends; a compound named after a road (`南京路小区`) is none.
fn road_end(text: &str) -> Option<usize> {
    let starts = text.char_indices().map(|(at, _)| at).skip(1);
    let ends = starts.flat_map(|at| {
        let ending = ROAD_ENDINGS.iter().find(|ending| text[at..].starts_with(*ending));
        ending.map(|ending| at + ending.len())
    });
    ends.into_iter().find(|end| !text[..*end].ends_with("道路")).filter(|end| !is_bare_ending(&text[*end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(pieces: &[Piece]) -> String {
        let text = |piece: &Piece<'_>| match *piece {
            Piece::Kept(text) | Piece::Region(text, _) | Piece::Town(text) | Piece::Road(text) => text.to_string(),
            Piece::Compound(text) | Piece::Village(text) | Piece::Number(text, _) | Piece::Letter(text) => {
                text.to_string()
            }
        };
        pieces.iter().map(text).collect()
    }

    fn roles(text: &str) -> Vec<Role> {
        let role = |piece: &Piece| if let Piece::Number(_, role) = piece { Some(*role) } else { None };
        read(text).unwrap().iter().filter_map(role).collect()
    }

    #[test]
    fn the_pieces_are_the_text() {
        for text in
            ["西湖区东山弄569号文鼎苑12栋1101室", " 上海市 杨浦区，军工路(近三号门) A座３０１", "", "不详", "村路弄1"]
        {
            assert_eq!(written(&read(text).unwrap()), text);
        }
    }

    #[test]
    fn a_number_is_read_by_its_neighbours() {
        use Role::{Building, Group, House, Room, Unit};
        assert_eq!(roles("东山弄569号文鼎苑12栋1101室"), [House, Building, Room]);
        assert_eq!(roles("军工路1810弄九龙仓玺园12号303室"), [House, Building, Room]);
        assert_eq!(roles("军工路1810弄7号1004室"), [House, Building, Room]);
        assert_eq!(roles("灯芯巷261号28#1308"), [House, Building, Room]);
        assert_eq!(roles("江通苑5号302"), [Building, Room]);
        assert_eq!(roles("文鼎苑12-3-501"), [Building, Unit, Room]);
        assert_eq!(roles("人民路8号院3号楼2单元501"), [House, Building, Unit, Room]);
        assert_eq!(roles("横村镇方埠村3组12号"), [Group, House]);
    }

    #[test]
    fn towns_and_roads_are_told_apart() {
        let pieces = read("西湖区三墩镇景德镇路7号").unwrap();
        assert!(pieces.contains(&Piece::Town("三墩镇")) && pieces.contains(&Piece::Road("景德镇路")), "{pieces:?}");
        let pieces = read("方松街道黑鱼弄3812弄").unwrap();
        assert_eq!(pieces[..2], [Piece::Town("方松街道"), Piece::Road("黑鱼弄")]);
        assert!(read("南京路小区3栋").unwrap().contains(&Piece::Compound("南京路小区")));
    }

    #[test]
    fn an_address_with_a_phone_number_is_not_read() {
        assert_eq!(read("人民路1号 13800138000"), None);
    }
}
