"""Why a plan proposes what it proposes, one short sentence in each language."""

from __future__ import annotations

from anping.core.text import Text

TARGET = Text("模型要預測的目標，保留", "the target of the model, kept")
PERSON = Text(
    "代表「人」的識別碼：換成穩定的假名，k 以人計數",
    "stands for a person: a stable pseudonym, and k counts people",
)
DIRECT = Text("直接識別項，分析用不到", "a direct identifier, of no use to analysis")
EMPTY = Text("整欄沒有值", "the column is empty")
QUASI = Text(
    "準識別項：概化到 k 人無法區分", "a quasi-identifier: coarsened until k people look alike"
)
ADDRESS = Text("完整地址：只釋出行政區", "a full address: only its district leaves")
BIRTH_TWICE = Text(
    "已有年齡欄位，出生日期只會增加可辨識性",
    "an age column already tells this; a date of birth only makes people easier to find",
)
CODE_TWICE = Text("完整地址已涵蓋郵遞區號", "the full address already tells the postal code")
TOO_VARIED = Text(
    "不同的值太多又太少見，概化後只剩「全部」；先刪除，需要時自訂類別",
    "too many rare values: coarsened, nothing would be left; dropped first, or give it groups",
)
TOO_MANY = Text(
    "準識別項太多會使概化過度；先刪除這一欄，需要時改為 generalise",
    "too many quasi-identifiers coarsen everything; dropped first, generalise it if it is needed",
)
DIVERSE = Text("敏感類別：每群至少要有 l 種值", "a sensitive category: each class holds l values")
TAILS = Text(
    "敏感數值：極端值會認出人，做上下限編碼",
    "a sensitive number: extremes single people out, so both tails are coded",
)
SKEWED = Text(
    "敏感，但值太集中或太少，不納入 l-多樣性，請人確認",
    "sensitive, but too one-sided for l-diversity; a person should confirm",
)
MANY_SENSITIVE = Text(
    "敏感，但 l-多樣性的欄位已達上限，請人確認",
    "sensitive, but the l-diversity set is full; a person should confirm",
)
FREE_TEXT = Text("自由文字：遮蔽其中的個人資料", "free text: what names a person is replaced")
UNIQUE_TEXT = Text(
    "敏感且幾乎每列不同的文字：遮蔽其中的個人資料",
    "sensitive text, different in nearly every row: what names a person is replaced",
)
DATE_SHIFTED = Text("日期：每人平移，保留間隔", "a date: shifted per person, intervals stay")
DATE_MONTH = Text(
    "日期：沒有代表「人」的欄位，改以月份概化",
    "a date: there is no person column to shift by, so it is coarsened to the month",
)
RARE_VALUES = Text(
    "許多值只有極少數人有：別處若也知道這些值就能連結，請人確認",
    "many values are held by very few people: whoever knows them elsewhere can link; a person"
    " should confirm",
)
PLAIN = Text(
    "掃描沒有發現可識別個人之處，保留", "the scan found nothing here that identifies anyone, kept"
)


def same_as(column: str) -> Text:
    """Return the reason to drop a column that says the same as another."""
    return Text(
        f"與「{column}」一一對應，留一欄即可",
        f"corresponds one to one to “{column}”; one is enough",
    )
