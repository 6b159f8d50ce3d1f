//! Whose name it is that was said: the called person's, the caller's own, or somebody else's.
//!
//! A name said is no name known: `联系人:王女士` and `客服王芳为您服务` name people of the caller's side. So what stands
//! left and right of a name decides; a surname with a title, which a seventh of all callers may bear, needs words in
//! front of it with which one turns to somebody, a whole name only none that give it to another.

use std::ops::Range;

use super::names::TITLES;
use super::speech::{Speech, is_han};

/// What one says right before the name of the person one turns to.
const TURNED_TO: &str = "您好 你好 大家好 早上好 上午好 中午好 下午好 晚上好 您 你 请问 问下 一下 找 是 叫 尊敬的 亲爱的 恭喜 祝贺 喂 哎 嗨 诶 那个 这个 麻烦 \
    打扰 机主 业主 户主 产妇 孕妇 客户 用户 会员 家长 宝妈 收件人 收货人 姓名 母亲 妈妈 给 跟 向 转 关于 联系到 看到 查到 显示 登记的 早上 晚上 今天 现在 谢谢";
/// The same in one character: particles that end what was said before, without a pause written down.
const PARTICLES: &str = "吧吗呢啊呀哦噢嗯喂哈嘛啦欸唉哎了";
/// What stands before `的` where a person is named by house, place or birth (`3栋的王女士`).
const BEFORE_OF: &str = "栋幢号室楼座弄院苑园区县镇城庭府湾村路街里居邸墅轩阁寓厦生0123456789\u{1}";
/// Words right before a name that is another person's than the called one's.
const OTHERS: &str = "客服 前台 顾问 经理 主管 专员 助理 老师 医生 护士 律师 主任 店长 代表 管家 教练 老板 房东 中介 同事 朋友 邻居 亲戚 闺蜜 同学 一位 有位 有个 \
    那位 楼上 楼下 隔壁 联系 联系人 联络人 详询 咨询 致电 加 叫我 喊我 认准 关注 推荐人 介绍人 报名找 有事找 详情找 咨询找 可找 负责人 经办人 主讲 主播 师傅 总监 \
    创始人 院长 阿姨 大姐 校长 园长 设计师 摄影师";
/// Characters before `找` with which a caller says that he seeks somebody himself.
const SEEKERS: &str = "我想请要好下来您你是再们帮能就啊呀";
/// Words right behind a name that make it another person's.
const DOES_FOR_YOU: &str = "为您 为你 为大家 竭诚 祝您 工作室 私房 家政 推荐 介绍 把您 把你 把号码 微信 来电 热线 说您 说你 让我 托我 给的 给我 老师为 团队 诊所 门诊 \
    给您来 给您打 给您致 的店 告诉 转告";
/// First characters behind a title that shops bear as well (`王姐`, `王妈妈`), where a person is spoken to.
const SPOKEN_TO: &str = "您你我好吗吧啊呀是在对这宝孩方最现有恭打不要该请,.;:!?。、…~\"”)]】\u{1}";
/// Titles in the names of shops.
const OF_SHOPS: [&str; 7] = ["妈妈", "姐", "妈", "美女", "宝妈", "妈咪", "阿姨"];
/// Names of callers' firms, then their own: `这边链家王芳`.
const OF_CALLER: [&str; 5] = ["这边", "这里", "我们", "我", "本店"];
/// Words behind `我` with which the caller turns to another.
const TURNS: &str = "您 你 请问 找 想 给 跟 向 问 看到 查到 收到 显示 登记 关于 帮 为 告诉 联系 请 是不是 转";

/// Words right before the name of a person one turns to in English.
const TURNED_TO_EN: &str = "is this that hello hi hey dear morning afternoon evening day congratulations congrats to with for you you're and of \
    madam mother mum mom ok okay sorry yes so um uh er well isn't aren't be about reach there oh good";
/// Words before a name in English that give it to another.
const OTHERS_EN: [&str; 11] = [
    "contact ",
    "call ",
    "ask for ",
    "friend ",
    "colleague ",
    "teacher ",
    "regards, ",
    "sincerely, ",
    "thanks, ",
    "cheers, ",
    "manager ",
];
/// Words right behind a name in English that make it the caller's own or a third person's.
const BEHIND_EN: [&str; 13] = [
    " here",
    " speaking",
    " calling",
    " from ",
    ", from ",
    " family meal",
    " family deal",
    " gave ",
    " recommended",
    " told ",
    " referred",
    " said",
    " will call",
];

/// Tells whether a surname with a title at `place` (title included) is the called person's.
pub fn is_called(speech: &Speech, place: &Range<usize>) -> bool {
    let text = speech.text();
    if text[place.clone()].chars().any(is_han) {
        if speech.has("免贵") {
            return false;
        }
        let title = TITLES.iter().filter(|title| text[..place.end].ends_with(*title)).max_by_key(|title| title.len());
        let shop = title.is_some_and(|title| OF_SHOPS.contains(title));
        let open = text[place.end..].chars().next().is_none_or(|next| !shop || SPOKEN_TO.contains(next));
        return open && turned_to(speech, place.start) && !of_another(speech, place);
    }
    let front = speech.clause_before(place.start).trim_end();
    let last = front.rsplit([' ', ';']).next().unwrap_or_default();
    let article = text[place.start..].starts_with("the ");
    let turned = front.is_empty() && !article
        || last.chars().any(is_han)
        || TURNED_TO_EN.split_whitespace().any(|word| word == last);
    turned && !of_another(speech, place)
}

/// Tells whether one turns to somebody in the words right before `at`, so that a name can begin there.
pub fn turned_to(speech: &Speech, at: usize) -> bool {
    let front = speech.clause_before(at);
    let Some(last) = front.chars().next_back() else { return true };
    if let Some(place) = front.strip_suffix('的') {
        let named_by_place = place.chars().next_back().is_some_and(|c| BEFORE_OF.contains(c));
        let own = OF_CALLER.iter().any(|word| place.contains(word));
        return named_by_place && !own || front.ends_with("敬的") || front.ends_with("爱的") || front.ends_with("记的");
    }
    let housed = "栋幢号室楼座".contains(last) && front.chars().any(|c| c.is_ascii_digit());
    housed
        || !is_han(last)
        || PARTICLES.contains(last)
        || TURNED_TO.split_whitespace().any(|word| front.ends_with(word))
}

/// Tells whether the words around a name give it to the caller or to a third person.
pub fn of_another(speech: &Speech, place: &Range<usize>) -> bool {
    let text = speech.text();
    let (front, back) = (&text[..place.start], &text[place.end..]);
    if !text[place.clone()].chars().any(is_han) {
        let asked = front.ends_with("is this ") || front.ends_with("are you ") || front.ends_with("that ");
        let signed = OTHERS_EN.iter().any(|word| front.ends_with(word) || front.ends_with(word.trim_end()));
        return signed || !asked && BEHIND_EN.iter().any(|word| back.starts_with(word));
    }
    let label = front.trim_end_matches([':', ' ']);
    // `装修找王女士` tells everybody whom to ask.
    let advertised = speech.clause_before(place.start).strip_suffix('找').and_then(|who| who.chars().next_back());
    if advertised.is_some_and(|c| is_han(c) && !SEEKERS.contains(c)) {
        return true;
    }
    let behind = TITLES.iter().fold(back, |back, title| back.strip_prefix(title).unwrap_or(back));
    let mobile = |text: &str| text.starts_with('1') && text.bytes().take_while(u8::is_ascii_digit).count() == 11;
    OTHERS.split_whitespace().any(|word| label.ends_with(word))
        || DOES_FOR_YOU.split_whitespace().any(|word| behind.trim_start_matches([',', '。']).starts_with(word))
        || mobile(behind)
        || introduced(speech, place)
}

/// Tells whether the caller introduces himself without a verb (`这边链家王芳`, `我链家的王芳`).
fn introduced(speech: &Speech, place: &Range<usize>) -> bool {
    let front = speech.clause_before(place.start);
    let last = |word: &&str| front.rfind(word).map(|at| at + word.len());
    let own = OF_CALLER.iter().filter_map(|word| last(word)).max();
    let turned = TURNS.split_whitespace().filter_map(|word| last(&word)).max();
    own.is_some() && own > turned
}

#[cfg(test)]
mod tests {
    use super::*;

    fn called(said: &str, name: &str) -> bool {
        let speech = Speech::of(said);
        let place = speech.places_of(name).remove(0);
        is_called(&speech, &place)
    }

    #[test]
    fn a_surname_is_the_called_persons_where_one_turns_to_her() {
        for said in [
            "喂,蒋女士吗",
            "打扰了蒋女士",
            "尊敬的蒋女士:感谢您",
            "3栋的蒋女士在家吗",
            "我想找蒋女士",
            "跟您确认一下蒋女士对吧",
            "6号楼301室蒋女士家吗",
        ] {
            assert!(called(said, "蒋女士"), "{said}");
        }
        assert!(called("蒋妈妈您好", "蒋妈妈"));
        assert!(called("good evening Mrs Novak", "mrs novak"));
        assert!(called("may I speak to Mrs Novak", "mrs novak"));
    }

    #[test]
    fn a_surname_of_the_callers_side_or_of_a_third_person_is_not() {
        for said in [
            "房屋出租,联系人:蒋女士",
            "您楼下的邻居蒋女士",
            "咨询蒋女士",
            "搬家找蒋女士",
            "您朋友蒋女士推荐的",
            "我们公司的蒋女士",
            "有位蒋女士把您的电话给我",
            "蒋女士13800138000",
            "蒋女士为您服务",
            "免贵姓蒋 哦蒋女士您好",
        ] {
            assert!(!called(said, "蒋女士"), "{said}");
        }
        assert!(!called("蒋妈妈水饺开业了", "蒋妈妈"));
        assert!(!called("松江宝妈群", "江宝妈"));
        assert!(!called("rooms to let, contact Mrs Novak", "mrs novak"));
        assert!(!called("Mrs Novak here", "mrs novak"));
        assert!(!called("the Novak family meal deal", "the novak family"));
    }

    #[test]
    fn a_whole_name_is_the_callers_behind_his_firm_and_in_his_signature() {
        let another = |said: &str, name: &str| {
            let speech = Speech::of(said);
            let place = speech.places_of(name).remove(0);
            of_another(&speech, &place)
        };
        for said in ["这边安居蒋晓月,您要卖房吗", "您的管家蒋晓月", "我安居的蒋晓月", "蒋晓月竭诚为您"]
        {
            assert!(another(said, "蒋晓月"), "{said}");
        }
        assert!(!another("我想找蒋晓月", "蒋晓月"));
        assert!(another("your invoice is late. Regards, Anna Novak", "anna novak"));
        assert!(!another("is this Anna Novak from Oak Street", "anna novak"));
    }
}
