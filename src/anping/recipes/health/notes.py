"""What wards write about patients: Chinese with English. Slots as in ``sample.mentions``."""

from __future__ import annotations

from typing import Final

#: Notes that mention people and their identifiers.
ABOUT_PEOPLE: Final = (
    "Admission note: {name}，{age} y/o {gender_en}, chart no. {mrn}, c/o {complaint} for {count} days，由{relation}{relative}陪同入院。",
    "病人{name}今日主訴{complaint}，BP {bp}，{doctor_titled}查房後囑續用{drug}。",
    "已電聯家屬{relative}（{relation}）{relative_mobile}，說明病情，家屬表示理解並同意檢查。",
    "{date} {clock} 會診{doctor_titled}，建議加做 echo，病人{titled}同意，家屬簽署同意書。",
    "家屬{relative_titled}詢問出院時間，告知預計{next_date}出院，交通由{relation}接送。",
    "Discharge plan: 返家照護，地址{address}，居家護理師{staff}將於{next_date}訪視。",
    "健保卡號{nhi}讀卡異常，改以身分證{id}登錄，已通知批價櫃檯。",
    "病人{name}，民國出生年月日{dob}，核對手圈無誤後給予{drug}。",
    "病歷號{mrn}與舊病歷重複，病歷室{staff}確認為同一人，待合併。",
    "緊急聯絡人變更為{relation}{relative}，電話{relative_mobile}，原電話停用。",
    "Pt {name} complained of dizziness at {clock}, BP {bp}, informed Dr. {doctor}, keep observation.",
    "轉院摘要：{name}（{id}），診斷{dx}，{date}由他院轉入，原主治{doctor_titled}。",
    "出院後追蹤電話{mobile}，{clock}接聽者為{relation}，表示病人服藥規則。",
    "病人表示住家電話{landline}白天無人，請改撥手機{mobile}。",
    "社工{staff}訪談：與{relation}{relative}同住於{relative_address}，經濟狀況勉持。",
    "病人要求將檢查報告寄至{email}，已說明僅能由本人至病歷室申請。",
    "{relation}{relative}持身分證{relative_id}及委託書代領診斷書，核對後交付。",
    "手術同意書由{name}本人簽署，見證人{staff}，手術日期{next_date}，主刀{doctor_titled}。",
    "車禍到院，事故車號{plate}，警員到院製作筆錄，病人{titled}意識清楚 GCS E4V5M6。",
    "衛教完成：{name}及{relation}能正確複述{drug}用法與副作用，護理師{staff}。",
    "病人{name}拒絕 NG 置入，{doctor_titled}已向{relation}{relative_titled}解釋風險並記錄。",
    "個管師{staff}以 LINE 提醒回診，病人 LINE ID：{line}，已讀。",
    "外籍病人護照號碼{passport}已補登，聯絡電話{mobile}，翻譯由{staff}協助。",
    "{date}門診 {doctor_titled}：{dx} under control，continue {drug}，{next_date} OPD f/u。",
    "夜間 {clock} 跌倒事件：病人{titled}如廁時滑倒，無外傷，已通知{relation}{relative_mobile}。",
    "感控通報：{name}，{dob}生，居住{address}，{date}採檢。",
    "批價處請協助：{name}信用卡{card}刷卡重複，請退刷一筆。",
    "家庭會議：出席{relation}{relative}、{doctor_titled}、社工{staff}，決議 DNR，簽署文件存病歷。",
    "病人搬家，新地址{new_address}，請更新掛號系統，新電話{new_mobile}。",
    "F/U by phone: {name} {mobile}, denied fever or dyspnea, advised to visit ER if SOB.",
    "病人{name}之母語非國語，由{relation}{relative}協助溝通，{doctor_titled}以圖卡說明。",
    "同意參與研究收案，簽署人{name}，研究護士{staff}，檢體編號{serial}。",
)

#: Notes that name nobody; their numbers only look like identifiers.
ABOUT_NOBODY: Final = (
    "Vital signs stable，BP {bp}，SpO2 97% under room air，continue current treatment。",
    "今日 {complaint} 較前改善，續觀察，plan: recheck CBC/DC, CRP tomorrow。",
    "CXR：no active lung lesion。EKG：NSR，rate 78 bpm。",
    "傷口乾淨無滲液，換藥一次，預計{days}天後拆線。",
    "Keep {drug}，monitor I/O，body weight QD。",
    "檢體編號{batch}，培養結果：no growth for {count} days。",
    "診斷：{dx}。處置：藥物治療與衛教，{days}天後門診追蹤。",
    "腹部超音波：mild fatty liver，無腹水，報告單號{serial}。",
    "血糖值偏高，飲食衛教，sliding scale 使用 RI {count} unit。",
    "病況穩定，無發燒，食慾可，可下床活動。",
    "Lab: WBC 8.{count}, Hb 12.{count}, Plt 210, CRP 1.{count}。",
    "轉床至 7A-{days}，交班完成。",
    "輸液幫浦序號{serial}警報，更換後正常。",
    "MRI 排程單號{case}，需空腹四小時。",
    "疼痛指數 {count} 分，給予止痛藥後降至 2 分。",
    "No specific complaint today, afebrile, appetite fair.",
    "復健治療每日一次，可持助行器行走{days}公尺。",
    "藥師提醒：{drug}與葡萄柚汁有交互作用，已衛教。",
    "預計住院{days}天，健保申報代碼已確認。",
    "照護品質滿意度 {count} 分。",
    "批號{batch}疫苗已施打，觀察三十分鐘無不適。",
    "出院準備服務評估完成，無轉介需求。",
)

#: What brings patients in.
COMPLAINTS: Final = (
    "胸悶", "呼吸喘", "發燒", "腹痛", "頭暈", "咳嗽有痰", "下肢水腫", "右側無力", "解黑便", "噁心嘔吐",
    "chest pain", "dyspnea on exertion", "fever with chills", "epigastric pain", "low back pain",
)  # fmt: skip
