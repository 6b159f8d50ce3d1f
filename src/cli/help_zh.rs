//! The Chinese twins of the help texts, by the first line of the English one.
//!
//! A test in `help.rs` fails on a text without a twin and on a twin without a text.

/// English help texts without their full stop, and their Chinese wording.
pub(super) const TWINS: &[(&str, &str)] = &[
    (
        "Plants made-up mother/newborn records with phone numbers you own in data holders' lists, and names the copy that leaked",
        "在数据持有方的名单中投放虚构的母婴记录（每条配一个由您掌握的专用号码），并指出是哪一份副本泄露",
    ),
    // What every command takes.
    ("The ledger", "台账文件"),
    ("Language of messages (default: from LANG)", "消息语言（默认取自 LANG）"),
    ("Print JSON for programs", "输出 JSON，供程序读取"),
    ("Say less: no progress and no notes", "少输出：不显示进度和说明"),
    ("Say more: also what each column was taken to mean", "多说一些：并列出各列的含义"),
    ("Print help", "显示帮助"),
    ("Print version", "显示版本"),
    ("Print this message or the help of the given subcommand(s)", "显示本帮助，或指定子命令的帮助"),
    // Ledger.
    ("Make the ledger and its signing key", "建立台账及其签名密钥"),
    ("Check the whole ledger: every entry, the tree, and the tables", "校验整个台账：逐条核对条目、树和数据表"),
    ("Exit code 1 means that a fault was found", "退出码 1 表示发现错误"),
    ("Copy the ledger to a new file while it stays in use", "在使用中把台账复制到新文件"),
    ("The new file; the signing key is not in it", "新文件；其中不含签名密钥"),
    ("Print shell completions", "输出 shell 自动补全脚本"),
    ("Print the manual page", "输出手册页"),
    // Holders and flows.
    ("Who receives lists", "接收名单的数据持有方"),
    (
        "Add a holder; a person is a holder whose parent is the organisation",
        "添加持有方；个人也是持有方，其上级为所在机构",
    ),
    ("Short name: letters, digits, `-`, `_`, `.`", "简短编号：字母、数字、`-`、`_`、`.`"),
    ("Full name", "全称"),
    (
        "hospital, agency, registry, company or person",
        "类型：hospital（医院）、agency（机关）、registry（登记机构）、company（公司）或 person（个人）",
    ),
    ("Region code, such as 440300", "地区代码，如 440300"),
    ("The organisation it belongs to; data flows from parent to child by itself", "所属机构；数据自动由上级流向下级"),
    (
        "Add the holders of a CSV file: id, name, kind, region, parent",
        "从 CSV 文件添加持有方：id、name、kind、region、parent",
    ),
    (
        "Declare lines from which a holder calls its own people: contacts from them never count",
        "申报持有方自己的外呼线路：来自这些线路的联系不计入",
    ),
    ("Numbers as the called ones see them", "被叫方看到的号码"),
    ("List all holders", "列出全部持有方"),
    ("Show one holder: who feeds it, whom it feeds, what it was given", "查看一个持有方：数据来源、下游、收到过的投放"),
    ("Who passes rows on to whom", "数据由谁流向谁"),
    ("Declare that FROM passes a share of its rows on to TO", "声明 FROM 把其数据（或其中一部分）传给 TO"),
    ("Share of the rows, between 0 and 1", "传出的行所占比例，0 到 1 之间"),
    ("First day", "起始日"),
    ("Last day", "截止日"),
    (
        "Declare the flows of a CSV file: from, to, share, since, until",
        "从 CSV 文件声明流向：from、to、share、since、until",
    ),
    ("List the declared flows", "列出已声明的流向"),
    // The pool.
    ("The pool of numbers that you own", "由您掌握的号码池"),
    (
        "Add the numbers of a CSV file: number, provider, kind, since, until, address, note",
        "从 CSV 文件添加号码：number、provider、kind、since、until、address、note",
    ),
    ("Add one number", "添加一个号码"),
    ("Who rents it out", "号码提供方"),
    ("mobile, landline or voip", "类型：mobile（手机）、landline（固话）或 voip（网络电话）"),
    ("Anything worth keeping", "备注"),
    ("Region whose habits the spelling follows", "号码写法所属地区"),
    ("Days until it may be planted", "多少天之后方可投放（静置期）"),
    ("List the pool", "列出号码池"),
    (
        "Only numbers in this state: quarantined, free, planted, control or retired",
        "只列此状态的号码：quarantined（静置）、free（空闲）、planted（已投放）、control（对照）或 retired（停用）",
    ),
    (
        "Make free numbers controls: never planted, they measure background calls",
        "把空闲号码设为对照号码：永不投放，用于测量背景来电",
    ),
    ("How many, chosen by chance", "数量，随机选取"),
    ("Take a number out of use for good; hits on it still resolve", "永久停用一个号码；对它的命中仍可查询"),
    ("Region whose habits its spelling follows", "号码写法所属地区"),
    // Lists.
    ("Write a copy of a list with canaries in it for a recipient", "为接收人写出一份带有蜜标的名单副本"),
    ("The list: CSV, TSV or other delimited text, or an .xlsx workbook", "名单：CSV、TSV 等分隔文本，或 .xlsx 工作簿"),
    ("Who gets the copy; repeat it for one differently seeded copy each", "接收人；可重复，各得一份蜜标不同的副本"),
    ("How many canaries", "蜜标数量"),
    ("Canaries for each row of the list, such as 0.01", "名单每行对应的蜜标数，如 0.01"),
    ("The file to write; `{holder}` in it stands for the holder's id", "要写出的文件；其中 `{holder}` 代表持有方编号"),
    ("The sheet that is the list (default: the first that looks like one)", "名单所在工作表（默认取第一个像名单的）"),
    ("What the columns mean, in TOML: `phone = \"联系方式\"`", "列映射文件（TOML），如：`phone = \"联系方式\"`"),
    (
        "Write a copy of a list without canaries, for statistics and follow-up care",
        "写出去除蜜标的名单，用于统计和随访",
    ),
    (
        "Say how well canaries would hide in a list, before anything is written",
        "投放之前，判断蜜标在名单中是否显眼；不写出任何内容",
    ),
    ("Exit code 1 means that they would stand out", "退出码 1 表示蜜标会显眼"),
    ("Who would get the copy", "拟接收人"),
    ("The list", "名单"),
    ("The file to write; `-` for standard output", "要写出的文件；`-` 为标准输出"),
    ("Make canaries to key into, or load into, a live system", "制备蜜标，用于录入或载入在用系统"),
    ("Who gets them", "接收人"),
    ("How many", "数量"),
    ("A list whose columns, formats and places they follow", "参照的名单：列、格式和地点与之一致"),
    ("The sheet of LIST (default: the first that looks like a list)", "参照名单所在工作表（默认取第一个像名单的）"),
    ("What the columns of LIST mean, in TOML", "参照名单的列映射文件（TOML）"),
    ("csv, xlsx, sql or fhir", "格式：csv、xlsx、sql 或 fhir"),
    ("The file to write (default: standard output)", "要写出的文件（默认写到标准输出）"),
    (
        "The order that allows loading them into a clinical or statutory system; kept in the ledger",
        "准许载入临床或法定系统的授权编号；记入台账",
    ),
    // Tracing.
    (
        "Say whose copy the data behind calls came from, and how sure that is",
        "判断来电所用数据出自谁的副本，以及把握有多大",
    ),
    ("Numbers that were called (default: all hits)", "被拨打的号码（默认为全部命中）"),
    ("Only contacts from this time on", "只看此时间之后的来电"),
    ("Only contacts up to this time", "只看此时间之前的来电"),
    ("Only contacts of this caller", "只看此来电方"),
    ("Only contacts of this campaign", "只看此批次"),
    ("Exit code 1 means that none of the numbers is in the pool", "退出码 1 表示这些号码都不在号码池中"),
    // Scanning.
    ("Find canaries in seized files, and say whose copy they come from", "在缴获的文件中查找蜜标，并判断出自谁的副本"),
    (
        "Files of any kind, and folders with all that is in them; `-` for standard input",
        "任何类型的文件，或文件夹（含其中全部内容）；`-` 为标准输入",
    ),
    ("Threads that look for canaries (default: one for each core)", "查找蜜标的线程数（默认每核一个）"),
    ("Read the text in pictures and scanned pages, with tesseract", "用 tesseract 识别图片和扫描页中的文字"),
    (
        "Put what is found on record: each list becomes hits; the same list again changes nothing",
        "记入台账：每份名单记为命中；同一名单再次扫描不会重复记录",
    ),
    (
        "Exit code 1 means that no canary was found. Ctrl-C ends a scan early, with what was found so far",
        "退出码 1 表示没有找到蜜标。按 Ctrl-C 可提前结束扫描，并给出目前已找到的内容",
    ),
    ("Play the whole story on made-up lists, in a new folder", "在新文件夹中用虚构名单演示全过程"),
    ("The folder; must be new or empty", "文件夹；须为新建或空的"),
    // Contacts.
    ("Calls, messages and visits that reached a number of the pool", "打到池中号码的来电、短信和来访"),
    ("Put one contact on record", "记录一次来电、短信或来访"),
    ("The number that was reached", "被联系的号码"),
    ("Who called; leave it out when withheld", "来电方；号码隐藏时省略"),
    (
        "When: RFC 3339, or `YYYY-MM-DD HH:MM[:SS]` in local time (default: now)",
        "时间：RFC 3339，或本地时间 `YYYY-MM-DD HH:MM[:SS]`（默认为现在）",
    ),
    ("call, sms or visit", "方式：call（来电）、sms（短信）或 visit（来访）"),
    ("What was said or written, in Chinese or English", "对方所说或所写的话，中文或英文"),
    ("Region whose habits the numbers' spelling follows", "号码写法所属地区"),
    (
        "Put the contacts of a call-record file on record; what is there already stays as it is",
        "导入通话记录文件；此前已记录的保持不变",
    ),
    (
        "csv, asterisk, freeswitch, kamailio, twilio or carrier",
        "格式：csv、asterisk、freeswitch、kamailio、twilio 或 carrier（运营商详单）",
    ),
    ("Column map of a carrier's bill, in TOML", "运营商详单的列映射文件（TOML）"),
    ("Year of a bill that does not print it", "详单未印年份时所属年份"),
    ("The number that a carrier's bill belongs to", "详单所属的号码"),
    ("List all contacts as hits: level, facts, canary, holder", "把全部来电列为命中：级别、说中的事实、蜜标、持有方"),
];
