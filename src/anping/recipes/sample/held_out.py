"""Notes in wording that neither sample uses: to measure a detector on texts it has never met.

Never tune a detector on these templates; write new ones for that. They come from other trades
(schools, landlords, couriers, clinics), put identifiers without a label before them, and mention
people in running prose.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from anping.recipes.sample.cells import Cell
from anping.recipes.sample.draw import chance, pick, streams
from anping.recipes.sample.mentions import Bystanders, Mentions, draw_subject
from anping.recipes.sample.notes import compose
from anping.recipes.sample.people import draw_people

_TODAY: Final = date(2025, 12, 31)
_PEOPLE: Final = 200
_STAFF: Final = 20
_ABOUT_PEOPLE: Final = 0.7

#: Notes that mention people.
TEMPLATES: Final = (
    "昨天{name}又打來，說東西壞了沒人修，留的是{mobile}這支。",
    "包裹退回三次，{address}根本沒人住，鄰居說{relative}早就搬走了。",
    "班導{staff}反映，學生{name}已連續缺課，家裡{landline}都沒人接。",
    "房客{name}押金未退，匯到他給的那個帳戶，證號{id}，合約到{next_date}。",
    "跟{relative}約好{next_date}看屋，地點{new_address}，遲到請打{relative_mobile}。",
    "{name}的車（{plate}）擋到出口，廣播三次才來移。",
    "里長轉知，{name}阿嬤獨居，{dob}出生的，要排老人健檢。",
    "社團報名：{name}／{mobile}／{email}，餐點選素食。",
    "警衛室紀錄：訪客{name}換證{id}，找{staff}，{clock}離開。",
    "團購主揪{name}，加賴 {line} 對帳，匯款後五碼自己報。",
    "林林總總花了{amount}，{name}說要平分，{relative}不同意。",
    "會員{name}刷{card}付清年費，收據寄{email}即可。",
    "出席者：{name}、{relative}、{staff}，會議 {clock} 開始。",
    "旅行社代辦簽證，旅客{name}，護照 {passport}，生日 {dob}。",
    "證人{relative}證稱，{date}當晚曾見{name}於{address}附近徘徊。",
    "家訪：{name}與{relation}同住{address}，聯絡以{mobile}為主。",
    "獎助學金清冊第{count}筆 {name} {id} 撥付{amount}元。",
    "感謝{name}熱心，若非你{date}幫忙，{relative}恐怕來不及送醫。",
    "Please ship to {name}, {address}. Call {mobile} on arrival.",
    "{staff}問{name}要不要一起去，他回「再看看」。",
)

#: Notes that name nobody.
NEUTRAL: Final = (
    "本週庫存盤點完成，料號{serial}短少{count}件。",
    "第{count}梯次報名截止，剩餘名額{days}位，費用{amount}元。",
    "冷氣濾網已清洗，下次保養在{months}個月後。",
    "紙箱尺寸改為 40-30-25，單號{case}重新列印。",
    "停車場月租調整為{amount}元，{version}版公告已張貼。",
    "營養午餐本日菜色：紅燒肉、高麗菜、玉米湯。",
    "大安森林公園路跑活動因雨順延，完賽證書編號{batch}補寄。",
    "統計至{clock}止，投票率約{rate}。",
)


def held_out_notes(count: int, *, seed: int = 20260202) -> tuple[Cell, ...]:
    """Return ``count`` notes with their marks; seven in ten mention people.

    The same ``count`` and ``seed`` give the same notes. Persons are indexed within the notes only.
    """
    drawn, told = streams(seed, 2)
    subjects = [draw_subject(p, drawn) for p in draw_people(_PEOPLE, drawn, today=_TODAY)]
    bystanders = Bystanders(_PEOPLE, told, _TODAY)
    staff = bystanders.staff(_STAFF)
    notes = []
    for _ in range(count):
        slots = Mentions(pick(subjects, drawn), bystanders, staff, day=_TODAY, extra={})
        templates = TEMPLATES if chance(_ABOUT_PEOPLE, drawn) else NEUTRAL
        notes.append(compose(pick(templates, drawn), slots))
    return tuple(notes)
