"""What customer service writes about bank customers. Slots are named in ``sample.mentions``."""

from __future__ import annotations

from typing import Final

#: Notes that mention people and their identifiers.
ABOUT_PEOPLE: Final = (
    "{date} {clock} 客戶{name}來電，要求將聯絡手機改為{new_mobile}，已核對身分證字號{id}與出生日期{dob}後完成變更。",
    "本人{name}（{id}）親臨辦理增貸{amount}元，備妥薪資單與在職證明，承辦{staff}。",
    "致電客戶手機{mobile}未接，改撥公司電話{landline}，由同事代接，留言請其回電，案件編號{case}。",
    "客戶表示已搬家，新地址為{new_address}，帳單請改寄新址，{next_date}起生效。",
    "{titled}來電抱怨利率過高，希望由{rate}調降，已轉{staff}評估，三個工作天內回覆。",
    "聯絡人為{relation}{relative}，電話{relative_mobile}，平日晚間較好聯絡。",
    "客戶{relation}{relative_titled}代為詢問還款進度，因非本人未提供資料，請客戶本人{name}致電。",
    "徵信照會：公司名稱{company}（統編{ubn}）確有此人，到職日{date}，人事{staff}回覆。",
    "撥款帳號{account}戶名{name}，經查與申請人相符，准予撥款{amount}元。",
    "客戶以電子郵件{email}寄送財力證明，密碼為身分證後四碼，已請其改用安全信箱上傳。",
    "客戶不方便接聽電話，請改用 LINE 聯絡，ID：{line}。",
    "保證人{relative}，身分證{relative_id}，為申請人之{relation}，住{relative_address}。",
    "信用卡{card}疑遭盜刷{amount}元，客戶{name}已來電掛失，補發新卡寄至{address}。",
    "車貸擔保品車號{plate}，車主{name}，行照正本已核對，動保設定費{amount}元。",
    "客戶{name}，民國出生年月日{dob}，申請提前清償，結清金額{amount}元，違約金免收。",
    "{date}簡訊通知{mobile}繳款，當日入帳，催收案{case}結案。",
    "逾期{days}天，電聯{mobile}客戶稱{relation}住院需用錢，承諾{next_date}前繳清。",
    "催收員{staff}於{date}外訪戶籍地{address}，無人應門，已留置通知單。",
    "客戶來函更正姓名，原登錄有誤，正確為{name}，附戶籍謄本，身分證字號{id}不變。",
    "KYC 更新：客戶任職{company}，職稱主任，公司電話{landline}，年薪約{amount}元。",
    "開戶時由{relation}{relative}陪同，兩人皆簽署同意書，{relative}手機{relative_mobile}。",
    "護照號碼{passport}已更新至系統，客戶{name}預計{next_date}出國，海外提款功能開啟。",
    "客戶要求刪除行銷名單中的電話{mobile}與信箱{email}，已於{date}處理完畢。",
    "線上進件資料與聯徵不符，電洽{name}確認住址應為{address}，重新送件。",
    "理專{staff}轉介，客戶{titled}有意承作房貸，擔保品位於{new_address}，請估價。",
    "客戶遺失存摺，帳號{account}，已掛失並約{next_date}臨櫃補發，聯絡電話{mobile}。",
    "申請人{name}表示{relation}{relative_titled}為公司負責人，公司統編{ubn}，請一併徵提財報。",
    "電訪摘要：{name}先前於{date}申請被拒，本次改由{relation}{relative}擔任連帶保證人。",
    "請協助致電{titled}，手機{mobile}，告知補件期限到{next_date}為止。",
    "客戶 email 更新為 {email} ，原信箱退信{count}次。 Contact: {name}, {mobile}.",
    "代理人{relative}持委託書辦理，身分證字號{relative_id}，與客戶關係：{relation}，電話{relative_mobile}。",
    "客戶名下機車{plate}遭查封，來電詢問與本行車貸是否有關，經查無關，客戶{name}已瞭解。",
)

#: Notes that name nobody; their numbers only look like identifiers.
ABOUT_NOBODY: Final = (
    "客戶詢問轉貸手續費與違約金計算方式，已說明完畢，無其他需求。",
    "系統自動通知：本期帳單金額{amount}元，繳款期限前{days}日提醒。",
    "核准額度{amount}元，利率{rate}，期數{months}期，手續費另計。",
    "補件完成，案件編號{case}，轉審查科。",
    "發票號碼{invoice}金額{amount}元，客戶要求補寄收據。",
    "App 版本{version}登入異常，重新安裝後正常，工單{case}。",
    "客戶來電時情緒激動，安撫後願意分{months}期償還。",
    "批次代號{batch}扣款失敗{count}筆，次日重新扣款成功。",
    "抵押品鑑價{amount}元，鑑價報告編號{serial}，貸放成數七成。",
    "資料不齊，缺近三個月薪轉明細，已發補件通知。",
    "聯徵分數偏低，近一年查詢次數{count}次，建議降額承作。",
    "客戶希望延後繳款{days}天，依規定免收違約金一次。",
    "內部稽核抽查第{serial}號檔案，內容無誤。",
    "寬限期{months}個月，屆期後本息平均攤還。",
    "本件屬專案利率{rate}，有效期間三十天，逾期依牌告計息。",
    "申請書第{count}頁漏簽名，退回補正。",
    "無。",
    "已結案。",
    "交易序號{batch}查無入帳紀錄，請財務組協查。",
    "客戶滿意度{count}分，無特殊意見。",
    "免付費專線轉接等候{days}分鐘，客戶建議增派人手。",
    "依授信規範，負債比過高者不得增貸，已婉拒並說明原因。",
)
