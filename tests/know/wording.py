"""Sentences of a third hand, by which wording is tested that neither labelled corpus holds.

True values stand between ``«TYPE:`` and ``»``; everything else names nobody. Values are invented.
"""

from __future__ import annotations

#: What identifies a person, labelled as people in Taiwan write it.
TELLING = """\
本院病歷號碼 «MEDICAL_RECORD_NO:00418273»，回診請攜帶健保卡
病例號：«MEDICAL_RECORD_NO:3390127»（重大傷病）
病歷No.«MEDICAL_RECORD_NO:5512-883»　主治：內科
急診病人，院內病歷碼「«MEDICAL_RECORD_NO:H0092817»」，已轉ICU
請幫我調閱 «MEDICAL_RECORD_NO:20331877» 這本病歷
«MEDICAL_RECORD_NO:6620918» 為其病歷號，上週已辦出院
病人編號=«MEDICAL_RECORD_NO:P-4410293»，過敏：無
病患代號 «MEDICAL_RECORD_NO:10029384» 今日拔管
病歷首頁號碼是«MEDICAL_RECORD_NO:0877123»，麻煩影印
Pt chart# «MEDICAL_RECORD_NO:991827», f/u in two weeks
Seen in clinic today, hospital no. «MEDICAL_RECORD_NO:H4471902», stable
Medical Record Number (MRN): «MEDICAL_RECORD_NO:00918273»
UHID «MEDICAL_RECORD_NO:20019283» admitted via ER
patient identifier is «MEDICAL_RECORD_NO:77120934»; consent on file
掛號時報病歷號就可以，我的是 «MEDICAL_RECORD_NO:1902837»
初診病歷號→«MEDICAL_RECORD_NO:4419-2031»
病歷號碼⏎«MEDICAL_RECORD_NO:30918274»
牙科病歷卡號 «MEDICAL_RECORD_NO:D10293»，洗牙
床號 12A，病號 «MEDICAL_RECORD_NO:8812039»，血型 O
住院病歷號碼為 «MEDICAL_RECORD_NO:55019283»，請備血
院內碼：«MEDICAL_RECORD_NO:0029183»（勿外流）
病歷序號 «MEDICAL_RECORD_NO:A192837» 之檢驗單遺失
檢體管標籤：病歷號 «MEDICAL_RECORD_NO:０４４１９２８３»
她生於«DATE_OF_BIRTH:1988年3月12日»，屬龍
生辰：«DATE_OF_BIRTH:民國61年11月2日»
出生年月日(西元)：«DATE_OF_BIRTH:1970/05/28»
出生(民國)：«DATE_OF_BIRTH:059.12.01»
«DATE_OF_BIRTH:69年4月15日»出生，現住花蓮
«DATE_OF_BIRTH:1992-08-17» 為其生日，系統比對相符
我是«DATE_OF_BIRTH:民國七十四年九月三十日»出生的
他«DATE_OF_BIRTH:55年7月2日»生，退休教師
被繼承人（«DATE_OF_BIRTH:23/06/09»生，«DATE:113/02/03»歿）
我兒子的出生日期是 «DATE_OF_BIRTH:2019-10-04»
寶寶於 «DATE_OF_BIRTH:112年12月25日» 凌晨誕生
D.O.B.: «DATE_OF_BIRTH:14 Mar 1979»
Birthdate – «DATE_OF_BIRTH:02/11/1985»
Year/month/day of birth «DATE_OF_BIRTH:1968.07.19»
She was born in Tainan on «DATE_OF_BIRTH:July 4, 1990».
He gives his birthday as «DATE_OF_BIRTH:1983-01-30».
bday «DATE_OF_BIRTH:1999/9/9» lol
壽星«DATE_OF_BIRTH:1954/2/11»，今年七十
我生日 «DATE_OF_BIRTH:1987.06.05»，幫我查一下
農曆生日換算國曆是«DATE_OF_BIRTH:1961年3月8日»
聲請人為«DATE_OF_BIRTH:民國48年5月20日»生之男性
生年月日：«DATE_OF_BIRTH:1938/10/02»
核對：«DATE_OF_BIRTH:0741203»（生日）正確
老人家 «DATE_OF_BIRTH:32年次»，行動不便
出生：«DATE_OF_BIRTH:1977-02-14»；到職：«DATE:2005-07-01»
生日«DATE_OF_BIRTH:810623»，投保日«DATE:1130401»
born «DATE_OF_BIRTH:5 May 1972», admitted «DATE:3 June 2024»
date_of_birth=«DATE_OF_BIRTH:1966-11-23» gender=F
"birthDate": "«DATE_OF_BIRTH:1959-04-06»"
DOB (yyyy-mm-dd) «DATE_OF_BIRTH:2001-12-31»
生日是«DATE_OF_BIRTH:１９９５／０３／１４»沒錯
我的賴是 «LINE_ID:kiki.0213»，再聯絡
賴ID→«LINE_ID:wen_0817»
LINE 的 ID 是 «LINE_ID:tommy-lee77»
line: «LINE_ID:a0923chen» 密我
加我賴：«LINE_ID:sunny_day88»
可以加賴 «LINE_ID:mei2mei2» 聊
官方LINE請勿加，私人的是 line id «LINE_ID:jj.huang»
Line ID = «LINE_ID:coffee_bear»
my line is «LINE_ID:hsu_1123», text me there
add me on LINE «LINE_ID:peggy.w»
LINE帳號「«LINE_ID:blue_whale09»」已加入好友
請用LINE搜尋ID «LINE_ID:yoyo5566»
我Line：«LINE_ID:erin-0909»
聯絡方式 LINE / «LINE_ID:mtb_kevin»
賴帳號«LINE_ID:rita1020» 電話不方便接
LINE I.D.：«LINE_ID:panda_1984»
他的 Line 帳號為 «LINE_ID:z_zhang01»。
（賴：«LINE_ID:ivy.kuo»）
my LINE: «LINE_ID:lulu_0401»
reach her on line at «LINE_ID:gogo.ming»
用賴找我 «LINE_ID:a_wei_168»
來源位址 «IP_ADDRESS:203.66.14.9» 連續失敗五次
client=«IP_ADDRESS:10.3.77.201» status=401
Failed login from «IP_ADDRESS:198.51.100.23» port 22
使用者由«IP_ADDRESS:61.220.3.145»登入
[«IP_ADDRESS:172.19.4.6»] GET /index.html
IP：«IP_ADDRESS:１４０．１１２．８．１１６»（學術網路）
x-forwarded-for: «IP_ADDRESS:114.35.201.7»
發文者 ip: «IP_ADDRESS:36.227.10.88» 推 12 樓
遠端主機«IP_ADDRESS:192.0.2.44»，埠號 3389
src «IP_ADDRESS:2001:db8:4::17» dst blocked
VPN 配發 «IP_ADDRESS:10.8.0.12» 給該員
from «IP_ADDRESS:8.33.9.120» by mail gateway
"""

#: What looks like it, and names nobody.
LOOKALIKE = """\
請升級至 4.2.18.1 以上版本
版本：10.0.19045.4412，組建已更新
Chrome 126.0.6478.127 is the latest release
韌體 v1.14.3.22 修正藍牙斷線
App 版號 7.12.0.3 上架
driver ver. 31.0.15.3623 installed
詳見第 3.2.1.4 節之規定
依作業程序 5.1.2.3 辦理
see section 2.10.4.1 of the manual
build 22.6.1.105 failed
OpenSSL 1.1.1.20 已停止支援
nginx/1.25.3.1 started
目次 1.2.3.4 風險評估
SAP GUI 8.0.2.1 安裝檔
升級 iOS 17.5.1.2 後耗電
Firmware: 6.10.2.88
jdk-17.0.11.9 已部署
從 2.4.0.11 升到 2.5.0.3
複診日期«DATE:113年6月20日»上午
預約 «DATE:2024/09/12» 門診
出生通報應於«DATE:2024年5月1日»前完成
生效日 «DATE:113/01/01»
本契約自«DATE:民國112年8月1日»生效
生產日期：«DATE:2024.03.15»
於«DATE:2023年4月9日»發生車禍
«DATE:113年3月4日»生效之辦法
«DATE:2024-06-18» 生產線停機保養
學生«DATE:112年9月1日»入學
born digital archive, updated «DATE:2024-02-11»
hospital opened on «DATE:May 3, 1998»
到期日«DATE:2026/12/31»，請提早續約
工廠自«DATE:2019-05-06»投產
公司成立於«DATE:民國78年3月2日»
生日禮金將於«DATE:113年5月10日»發放
生日當月（«DATE:2024/05/01»起）可領購物金
出生率統計截至«DATE:2023/12/31»
預產期 «DATE:2025年2月14日»
病歷保存期限至«DATE:2031/05/01»
病歷共 12345 本待掃描
全院病歷量 2103345 份
chart 3 shows 12500 visits
住院人次 102934 人
the patient paid 35000 dollars
病房收入 8812039 元
門診人數 2201837 人次
掛號費收據 金額 150000
檢驗試劑批號 L2203918
patient satisfaction score 98.5 in 2023
醫材料號 M2203918
病歷室分機請參閱內網
hospital beds: 1200, staff: 34500
第 12345 號診斷書格式
上線人數 online 2400
pipeline stage2 finished
deadline tomorrow, headline news
生產線 line A02 停機
Line 3 of the form is blank
依賴 numpy 版本
無賴 troll 請檢舉
賴先生 hello 您好
line chart below
產線 LINE2 異常
LINE Pay 付款成功
加 LINE 官方帳號領券
LINE 群組請勿洗版
command line tool
LINE Bot webhook 測試
"""
