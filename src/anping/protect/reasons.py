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


def tells(column: str, share: float) -> Text:
    """Return that a column nearly tells a quasi-identifier; ``share`` is lambda."""
    return Text(
        f"幾乎說出準識別項「{column}」（Goodman–Kruskal λ = {share:.2f}：知道這一欄，猜錯它的次數少"
        f"這麼多比例）；單獨概化「{column}」等於沒做",
        f"nearly tells the quasi-identifier “{column}” (Goodman–Kruskal lambda = {share:.2f}: the"
        f" share of wrong guesses at it that knowing this column removes); generalising “{column}”"
        " alone would be in vain",
    )


def both(first: Text, second: Text) -> Text:
    """Return two reasons as one."""
    return Text(f"{first.zh}；{second.zh}", f"{first.en}; {second.en}")


def target_tells(column: str, share: float) -> Text:
    """Return why the target stays though it nearly tells a quasi-identifier, and what that costs."""
    told = tells(column, share)
    return Text(
        f"{TARGET.zh}；但它{told.zh}：這是本計畫的限制",
        f"{TARGET.en}; but it {told.en}: a limit of this plan",
    )


def alone(before: float, after: float, *, allowed: float) -> Text:
    """Return why a number is coarsened: how many rows held a value of their own, and still do."""
    was, still = percent(before), percent(after)
    zh = f"有 {was.zh} 的列，其值別人都沒有，可連到別處的資料；粗化後為 {still.zh}"
    en = (
        f"{was.en} of the rows held a value that nobody else holds, a key into other files;"
        f" {still.en} once coarsened"
    )
    if after <= allowed:
        return Text(zh, en)
    limit = percent(allowed)
    return Text(
        f"{zh}，仍高於 {limit.zh}：再粗就失去用處（已達常見範圍的二十分之一），請人確認",
        f"{en}, still above {limit.en}: coarser would leave little of use (the step is bounded at a"
        " twentieth of the usual range); a person should confirm",
    )


def percent(share: float) -> Text:
    """Return a share in whole per cent, so that it does not point at single rows."""
    if 0 < share < 0.01:
        return Text("不到 1%", "under 1 %")
    return Text(f"{share:.0%}", f"{share * 100:.0f} %")
