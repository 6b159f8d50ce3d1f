//! What a column's heading claims, in Chinese or English.
//!
//! A heading says whose thing (mother, father, baby, owner, staff) and what thing (name, phone, date …).
//! The claim may be wrong: contents confirm or overrule it (see `layout`). 出生日期 alone is the baby's
//! here; `layout` gives it to the mother where a delivery date stands beside it.

use unicode_normalization::UnicodeNormalization;

use super::meaning::Meaning;

/// How sure a heading is of its meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// A word that often means something else (编号, 姓名).
    Weak,
    /// The usual word.
    Usual,
    /// A word that means only this.
    Sure,
}

/// A meaning that a heading claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    pub meaning: Meaning,
    pub strength: Strength,
}

/// A column that holds half of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NamePart {
    Given(Whose),
    Family(Whose),
}

/// Whose thing a heading names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    Mother,
    Father,
    Baby,
    Owner,
    Staff,
    Nobody,
}

const UNITS: &str = "g kg 克 千克 公斤 斤 cm mm 厘米 周 w 天 岁 ㎡ m2 m² 平方米 平米 sqm weeks years grams";

/// Folds a heading: width and case made one, spaces, marks and units in brackets dropped.
pub fn folded(heading: &str) -> String {
    let wide: String = heading.nfkc().flat_map(char::to_lowercase).collect();
    let mut plain = String::with_capacity(wide.len());
    let mut rest = wide.as_str();
    while let Some(open) = rest.find(['(', '[', '【']) {
        plain.push_str(&rest[..open]);
        let inside = &rest[open..];
        let Some(close) = inside.find([')', ']', '】']) else {
            rest = inside.trim_start_matches(['(', '[', '【']);
            continue;
        };
        let word = inside[..close].trim_start_matches(['(', '[', '【']).trim();
        if !UNITS.split(' ').any(|unit| unit == word) {
            plain.push_str(word);
        }
        rest = inside[close..].trim_start_matches([')', ']', '】']);
    }
    plain.push_str(rest);
    plain.chars().filter(|c| c.is_alphanumeric() || *c == '#').collect()
}

/// Reads a heading; nothing when it has no known word.
pub fn claim(heading: &str) -> Option<Claim> {
    let folded = folded(heading);
    if folded.is_empty() || folded.chars().count() > 40 {
        return None;
    }
    exact(&folded).or_else(|| thing(&folded, whose(&folded)))
}

/// Reads the heading of a given-name or surname column.
pub fn name_part(heading: &str) -> Option<NamePart> {
    let folded = folded(heading);
    let whose = whose(&folded);
    if has(&folded, "firstname forename givenname") || folded == "first" || folded == "given" {
        Some(NamePart::Given(whose))
    } else if has(&folded, "lastname surname familyname") || folded == "last" || folded == "family" {
        Some(NamePart::Family(whose))
    } else {
        None
    }
}

/// Tells whether a text holds one of the words, which are parted by spaces.
fn has(text: &str, words: &str) -> bool {
    words.split(' ').any(|word| text.contains(word))
}

fn sure(meaning: Meaning) -> Option<Claim> {
    Some(Claim { meaning, strength: Strength::Sure })
}

fn usual(meaning: Meaning) -> Option<Claim> {
    Some(Claim { meaning, strength: Strength::Usual })
}

fn weak(meaning: Meaning) -> Option<Claim> {
    Some(Claim { meaning, strength: Strength::Weak })
}

/// Headings that are one word, or that a part of would mislead.
fn exact(folded: &str) -> Option<Claim> {
    match folded {
        "序号" | "序" | "行号" | "#" | "serial" | "serialno" | "rowno" | "row" | "rownumber" | "seq" | "sno"
        | "lineno" => sure(Meaning::Serial),
        "no" | "nr" | "num" => weak(Meaning::Serial),
        "产妇" | "宝妈" | "妈妈" | "母亲" | "孕妇" | "孕产妇" | "mother" | "mum" | "mom" => {
            usual(Meaning::MotherName)
        }
        "丈夫" | "父亲" | "爸爸" | "宝爸" | "爱人" | "配偶" | "father" | "husband" => {
            usual(Meaning::FatherName)
        }
        "宝宝" | "新生儿" | "婴儿" | "孩子" | "儿童" | "小孩" | "baby" | "infant" | "newborn" | "child" => {
            weak(Meaning::BabyName)
        }
        "收件人" | "收货人" | "收件" | "业主" | "户主" | "客户" | "顾客" | "会员" | "住户" | "recipient"
        | "consignee" | "owner" | "customer" | "client" | "receiver" => sure(Meaning::Name),
        "区" | "区域" | "区县" | "县区" | "辖区" | "district" | "borough" | "county" | "所在区" | "区划" | "行政区"
        | "行政区划" => sure(Meaning::District),
        "area" | "面积" | "建筑面积" | "房屋面积" | "套内面积" | "floorarea" | "sqft" => {
            usual(Meaning::Area)
        }
        "town" | "city" | "region" | "街道" | "乡镇" => weak(Meaning::District),
        "编号" | "号码" | "id" | "ref" | "reference" | "code" => weak(Meaning::RecordId),
        "dob" => usual(Meaning::BirthDate),
        "age" | "年龄" => usual(Meaning::MotherAge),
        "sex" | "gender" | "性别" => usual(Meaning::BabySex),
        "gest" | "ga" | "gaweeks" => usual(Meaning::GestationWeeks),
        "weight" | "wt" | "体重" => usual(Meaning::BirthWeight),
        "height" | "length" | "身长" | "身高" => usual(Meaning::BirthLength),
        "预产期" | "末次月经" | "edd" | "lmp" | "duedate" => sure(Meaning::Other),
        "date" | "日期" => weak(Meaning::BirthDate),
        "time" | "时间" => weak(Meaning::BirthTime),
        _ => None,
    }
}

fn whose(folded: &str) -> Whose {
    const STAFF: &str = "医生 医师 护士 接生 助产士 助产人员 录入 填表 审核 登记人 经办 签证 寄件 发件 快递员 派件 业务员 跟进 doctor midwife nurse staff clerk sender shipper operator registrar consultant gp attending 产检 单位 责任 采集";
    if has(folded, STAFF) {
        return Whose::Staff;
    }
    if has(folded, "丈夫 父亲 爸爸 宝爸 爱人 配偶 老公 father husband spouse partner") {
        return Whose::Father;
    }
    if has(folded, "新生儿 婴儿 宝宝 孩子 儿童 小孩 baby newborn infant child neonat") {
        return Whose::Baby;
    }
    if has(folded, "产妇 母亲 宝妈 妈妈 孕妇 孕产妇 本人 mother maternal mum mom") {
        return Whose::Mother;
    }
    if has(folded, "业主 收件 收货 户主 客户 顾客 住户 owner recipient customer consignee receiver") {
        return Whose::Owner;
    }
    Whose::Nobody
}

/// Finds the thing that is named, most telling words first.
fn thing(folded: &str, whose: Whose) -> Option<Claim> {
    if has(folded, "运单 快递单 物流单 waybill tracking consignmentno") {
        return sure(Meaning::WaybillNumber);
    }
    if has(folded, "车牌 plate vehiclereg registrationmark") {
        return sure(Meaning::PlateNumber);
    }
    let is_social = folded.starts_with("ssn") || folded.ends_with("ssn");
    if is_social || has(folded, "身份证 证件号 idcard idnumber idno nationalid nhsnumber nhsno socialsecurity") {
        return match whose {
            Whose::Mother | Whose::Owner | Whose::Nobody => sure(Meaning::IdNumber),
            Whose::Father | Whose::Baby | Whose::Staff => sure(Meaning::Other),
        };
    }
    phone(folded, whose)
        .or_else(|| date(folded, whose))
        .or_else(|| clinic(folded, whose))
        .or_else(|| place(folded, whose))
        .or_else(|| name(folded, whose))
        .or_else(|| number(folded))
}

/// Tells whether a heading names phones, whosever.
pub fn says_phone(heading: &str) -> bool {
    names_phone(&folded(heading))
}

fn names_phone(folded: &str) -> bool {
    const WORDS: &str =
        "电话 手机 联系方式 联系号码 联系号 座机 phone mobile telephone cellno cellular contactnumber contactno telno";
    has(folded, WORDS) || matches!(folded, "tel" | "cell" | "contact" | "mob") || folded.ends_with("tel")
}

fn phone(folded: &str, whose: Whose) -> Option<Claim> {
    if !names_phone(folded) {
        return None;
    }
    // No number can be put where part of it is hidden.
    if has(folded, "脱敏 掩码 masked") {
        return sure(Meaning::Other);
    }
    let second = has(folded, "备用 第二 紧急 emergency second alternat nextofkin other 其他 其它")
        || folded.ends_with(['2', '二']);
    match whose {
        Whose::Father => sure(Meaning::Phone2),
        Whose::Staff => sure(Meaning::Other),
        Whose::Mother | Whose::Baby | Whose::Owner | Whose::Nobody if second => sure(Meaning::Phone2),
        Whose::Mother | Whose::Owner => sure(Meaning::Phone),
        Whose::Baby | Whose::Nobody => usual(Meaning::Phone),
    }
}

fn date(folded: &str, whose: Whose) -> Option<Claim> {
    // A lunar day is no day that others can be compared with.
    if has(folded, "农历 阴历 lunar") {
        return sure(Meaning::Other);
    }
    let day = has(folded, "日期 时间 日 date time day datetime");
    if day && has(folded, "出院 discharge 离院") {
        return sure(Meaning::DischargeDate);
    }
    if has(folded, "分娩 生产 delivery delivered birthevent") && day {
        let is_time = has(folded, "时间点 时刻 timeof deliverytime");
        return if is_time { usual(Meaning::BirthTime) } else { sure(Meaning::BirthDate) };
    }
    let born = has(folded, "出生 生日 birth dob born");
    if !born || has(folded, "出生证 出生地 出生医院 体重 身长 weight length place order certificate") {
        return None;
    }
    if folded.contains("出生时刻") || has(folded, "timeofbirth birthtime") {
        return usual(Meaning::BirthTime);
    }
    if !day && !has(folded, "生日 birth dob born") && !folded.ends_with("出生") {
        return None;
    }
    match whose {
        Whose::Mother => sure(Meaning::MotherBirthDate),
        Whose::Baby => sure(Meaning::BirthDate),
        Whose::Father | Whose::Staff => sure(Meaning::Other),
        Whose::Owner | Whose::Nobody => usual(Meaning::BirthDate),
    }
}

fn clinic(folded: &str, whose: Whose) -> Option<Claim> {
    let of_parent = matches!(whose, Whose::Father | Whose::Mother | Whose::Staff);
    if has(folded, "性别 sex gender") {
        return if of_parent { sure(Meaning::Other) } else { sure(Meaning::BabySex) };
    }
    if has(folded, "体重 weight") {
        let before = has(folded, "孕前 产前 prepreg booking 出院");
        return if of_parent || before { sure(Meaning::Other) } else { sure(Meaning::BirthWeight) };
    }
    if has(folded, "身长 出生身高 birthlength babylength") {
        return sure(Meaning::BirthLength);
    }
    if has(folded, "孕周 gestation 胎龄") {
        return sure(Meaning::GestationWeeks);
    }
    if has(folded, "产次 胎次 胎产次 parity 第几胎 第几产") {
        return sure(Meaning::Parity);
    }
    if has(
        folded,
        "分娩方式 生产方式 接生方式 deliverymode modeofdelivery deliverytype typeofdelivery birthmode deliverymethod",
    ) {
        return sure(Meaning::DeliveryMode);
    }
    if has(folded, "年龄 岁数") || folded.ends_with("age") && matches!(whose, Whose::Mother) {
        return match whose {
            Whose::Mother | Whose::Owner | Whose::Nobody => sure(Meaning::MotherAge),
            Whose::Father | Whose::Baby | Whose::Staff => sure(Meaning::Other),
        };
    }
    if has(folded, "户籍类型 户口类型 户口性质 户籍性质 户籍情况 hukou") {
        return sure(Meaning::HukouType);
    }
    if has(folded, "病区 病房 科室 床号 床位 ward bedno bednumber") || folded == "bed" {
        return sure(Meaning::Ward);
    }
    None
}

fn place(folded: &str, whose: Whose) -> Option<Claim> {
    if matches!(whose, Whose::Staff) {
        return None;
    }
    if has(folded, "医院 助产机构 医疗机构 分娩机构 接生机构 产院 hospital facility birthplace maternityunit")
    {
        let about = has(folded, "编码 代码 电话 地址 等级 code");
        return if about { None } else { sure(Meaning::Hospital) };
    }
    if has(folded, "户籍地 户口所在 籍贯 出生地 origin") {
        return weak(Meaning::Address);
    }
    let is_compound = has(folded, "小区 社区 园区");
    if folded.ends_with(['区', '县']) && !is_compound && has(folded, "地址 住址 现住 居住 家庭") {
        return usual(Meaning::District);
    }
    if has(folded, "地址 住址 住所 现住 居住地 家庭地 address residence street") {
        return match whose {
            Whose::Father => sure(Meaning::Other),
            Whose::Mother | Whose::Baby | Whose::Owner | Whose::Staff | Whose::Nobody => usual(Meaning::Address),
        };
    }
    if has(folded, "区县 辖区 所属区 行政区 所在区 district") {
        return usual(Meaning::District);
    }
    None
}

fn name(folded: &str, whose: Whose) -> Option<Claim> {
    let part = has(folded, "firstname lastname surname forename givenname familyname");
    if part || !(has(folded, "姓名 名字 名称 name") || folded == "名" || folded.ends_with("人")) {
        return None;
    }
    if has(folded, "物品 商品 药 项目 楼盘 小区 单位 company product") {
        return None;
    }
    match whose {
        Whose::Mother => sure(Meaning::MotherName),
        Whose::Father => sure(Meaning::FatherName),
        Whose::Baby => sure(Meaning::BabyName),
        Whose::Owner => sure(Meaning::Name),
        Whose::Staff => sure(Meaning::Other),
        Whose::Nobody if folded.ends_with("人") || folded.contains("名称") => None,
        Whose::Nobody => weak(Meaning::MotherName),
    }
}

fn number(folded: &str) -> Option<Claim> {
    const WORDS: &str = "住院号 病案号 病历号 登记号 登记编号 就诊号 门诊号 孕册号 档案号 条码 条形码 病人id 患者id 流水号 建档号 recordid recordno mrn patientid patientno hospitalno hospitalnumber admissionno caseno chartno recordnumber";
    if has(folded, WORDS) {
        return usual(Meaning::RecordId);
    }
    if has(folded, "出生证 出生医学证明 certificate") {
        return weak(Meaning::RecordId);
    }
    if folded.ends_with("编号") || folded.ends_with("id") { weak(Meaning::RecordId) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn means(heading: &str) -> Option<Meaning> {
        claim(heading).map(|claim| claim.meaning)
    }

    #[test]
    fn units_width_case_and_spaces_do_not_matter() {
        assert_eq!(folded(" 体重(g) "), "体重");
        assert_eq!(folded("体 重（克）"), "体重");
        assert_eq!(folded("联系电话（母亲）"), "联系电话母亲");
        assert_eq!(folded("Mother's  Name"), "mothersname");
        assert_eq!(folded("ＩＤ Ｎｏ．"), "idno");
        assert_eq!(folded("电话("), "电话");
    }

    #[test]
    fn headings_of_real_lists_are_understood() {
        for (heading, meaning) in [
            ("产妇姓名", Meaning::MotherName),
            ("宝妈姓名", Meaning::MotherName),
            ("姓名", Meaning::MotherName),
            ("业主姓名", Meaning::Name),
            ("收件人", Meaning::Name),
            ("丈夫联系电话", Meaning::Phone2),
            ("配偶电话", Meaning::Phone2),
            ("备用电话", Meaning::Phone2),
            ("脱敏电话", Meaning::Other),
            ("收件电话", Meaning::Phone),
            ("联系方式", Meaning::Phone),
            ("Mobile No.", Meaning::Phone),
            ("生产日期", Meaning::BirthDate),
            ("分娩时间", Meaning::BirthDate),
            ("宝宝生日", Meaning::BirthDate),
            ("母亲出生日期", Meaning::MotherBirthDate),
            ("Mother's date of birth", Meaning::MotherBirthDate),
            ("Date of birth", Meaning::BirthDate),
            ("Time of birth", Meaning::BirthTime),
            ("出院日期", Meaning::DischargeDate),
            ("出生体重(g)", Meaning::BirthWeight),
            ("出生身长（厘米）", Meaning::BirthLength),
            ("出生孕周(周)", Meaning::GestationWeeks),
            ("母亲身份证号码", Meaning::IdNumber),
            ("父亲身份证号码", Meaning::Other),
            ("现住址", Meaning::Address),
            ("现住址区", Meaning::District),
            ("现居住区县", Meaning::District),
            ("现住址小区", Meaning::Address),
            ("农历生日", Meaning::Other),
            ("阳历生日", Meaning::BirthDate),
            ("出生医院", Meaning::Hospital),
            ("助产机构", Meaning::Hospital),
            ("助产机构名称", Meaning::Hospital),
            ("接生医生", Meaning::Other),
            ("NHS No.", Meaning::IdNumber),
            ("住院号", Meaning::RecordId),
            ("登记编号", Meaning::RecordId),
            ("床号", Meaning::Ward),
            ("序号", Meaning::Serial),
            ("面积", Meaning::Area),
            ("车牌号", Meaning::PlateNumber),
            ("运单号", Meaning::WaybillNumber),
            ("分娩方式", Meaning::DeliveryMode),
            ("Delivery mode", Meaning::DeliveryMode),
        ] {
            let found = means(heading);
            assert!(found == Some(meaning) || meaning == Meaning::Other && found.is_none(), "{heading}: {found:?}");
        }
        for heading in ["意向", "备注", "Apgar评分", "交房日期", "物品", "楼栋", ""] {
            assert_eq!(means(heading), None, "{heading}");
        }
    }
}
