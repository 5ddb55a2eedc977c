"""The page beside a sample, in both languages: what each column means and how it was drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final

from anping.core.columns import Role
from anping.core.text import LANGUAGES, Language, Text
from anping.recipes.sample.files import TableFile
from anping.recipes.sample.mess import Mess

_ROLES: Final = {
    Role.DIRECT_IDENTIFIER: Text("直接識別碼", "direct identifier"),
    Role.QUASI_IDENTIFIER: Text("準識別碼", "quasi-identifier"),
    Role.SENSITIVE: Text("敏感屬性", "sensitive attribute"),
    Role.SPECIAL_CATEGORY: Text("特種個資", "special category"),
    Role.FREE_TEXT: Text("自由文字", "free text"),
    Role.NONE: Text("無", "none"),
}

_MESS: Final = {
    "duplicated_people": Text("同一人重複建檔", "people entered twice"),
    "missing_values": Text("缺漏值倍率（1 為各欄所載）", "scale of missing values (1: as stated)"),
    "mixed_dates": Text("日期寫法混雜", "mixed date forms"),
    "full_width_digits": Text("全形數字地址", "addresses in full-width digits"),
    "phone_forms": Text("電話寫法混雜", "mixed phone forms"),
    "trailing_blanks": Text("字尾空白", "trailing blanks"),
    "variant_tai": Text("台／臺混用", "台 for 臺"),
    "invalid_identifiers": Text("打錯的身分證號", "mistyped identity numbers"),
    "outliers": Text("離群值", "outliers"),
    "line_breaks": Text("備註內換行", "line breaks inside notes"),
    "broken_files": Text("附壞檔", "broken files beside"),
}

_INVENTED: Final = Text(
    "本資料全部由亂數產生，沒有任何真人的資料。姓名、號碼、地址、公司皆為隨機組合；身分證字號、統一編號、"
    "信用卡號只是檢查碼正確，可能碰巧與真實號碼相同，請勿拿來比對任何真實名冊或撥打其中的電話。"
    "姓名只用 Big5（cp950）寫得出的字，避開地名與常用詞。",
    "Everything here was drawn at random; none of it is about a real person. Names, numbers, "
    "addresses and companies are random combinations. Identity, business and card numbers merely "
    "pass their checksums and may by chance equal a real one: never match them against a real "
    "register, and never dial the phone numbers. Names use only characters that Big5 (cp950) can "
    "write, and avoid place names and common words.",
)
_TRUTH: Final = Text(
    "`truth/` 是標準答案：每一個埋入的識別碼（檔名.spans.jsonl：列、欄、起訖碼位、型別、值、人）、每欄型別與"
    "角色（檔名.columns.json）、每列是誰（檔名.people.json）。"
    "`valid: false` 是故意打錯檢查碼者；`partial: true` 是只有姓氏加稱謂者。",
    "`truth/` holds the answers: every planted identifier (FILE.spans.jsonl: row, column, start and "
    "end in code points, type, value, person), the type and role of every column "
    "(FILE.columns.json), and who each row is about (FILE.people.json). `valid: false` marks a "
    "checksum broken on purpose, `partial: true` a surname with only a title.",
)
_BROKEN: Final = Text(
    "`broken/` 供試驗：一個檔只用 CR 換行，一個檔有幾列欄數不對（列號在 truth/broken.json，第 1 列是第一筆資料）。",
    "`broken/` is for trying things out: one file ends its lines with CR alone, one has a few rows "
    "with too many or too few fields (their numbers are in truth/broken.json; 1 is the first record).",
)
_HEADINGS: Final = {
    "column": Text("欄位", "Column"),
    "type": Text("型別", "Type"),
    "role": Text("角色", "Role"),
    "drawn": Text("意義與產生方式", "Meaning and how it was drawn"),
    "table": Text("檔案", "File"),
    "rows": Text("列數", "Rows"),
    "encoding": Text("編碼", "Encoding"),
    "line_end": Text("換行", "Line end"),
    "mess": Text("雜訊", "Mess"),
    "rate": Text("比例", "Rate"),
}


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What a page states: a title, the story of the target, and how it was made."""

    title: Text
    story: Text
    people: int
    seed: int
    mess: Mess


def sample_page(facts: PageFacts, tables: tuple[TableFile, ...]) -> str:
    """Return the page in Markdown, Chinese first."""
    return "\n".join(line for language in LANGUAGES for line in _half(facts, tables, language))


def _half(facts: PageFacts, tables: tuple[TableFile, ...], language: Language) -> list[str]:
    made = Text("{n} 人，亂數種子 {seed}。", "{n} people, seed {seed}.")
    lines = [f"# {facts.title.to(language)}", ""]
    lines += [made.fill(n=f"{facts.people:,}", seed=facts.seed).to(language), ""]
    for text in (_INVENTED, facts.story, _TRUTH, *([_BROKEN] if facts.mess.broken_files else [])):
        lines += [text.to(language), ""]
    lines += _table(
        ("table", "rows", "encoding", "line_end"),
        [(t.name, f"{len(t.sheet.rows):,}", t.encoding, _LINE_ENDS[t.line_end]) for t in tables],
        language,
    )
    told: set[int] = set()
    for table in tables:
        if id(table.sheet) not in told:
            told.add(id(table.sheet))
            lines += [f"## {table.name}", "", *_columns(table, language)]
    rates = [(_MESS[f.name].to(language), f"{getattr(facts.mess, f.name):g}") for f in fields(Mess)]
    return lines + _table(("mess", "rate"), rates, language)


_LINE_ENDS: Final = {"\n": "LF", "\r\n": "CRLF"}


def _columns(table: TableFile, language: Language) -> list[str]:
    rows = [
        (c.name, c.type, _ROLES[c.role].to(language), c.meaning.to(language))
        for c in table.sheet.columns
    ]
    return _table(("column", "type", "role", "drawn"), rows, language)


def _table(
    headings: tuple[str, ...], rows: Sequence[tuple[str, ...]], language: Language
) -> list[str]:
    header = [_HEADINGS[heading].to(language) for heading in headings]
    ruled = [header, ["---"] * len(header), *rows]
    return [*(f"| {' | '.join(row)} |" for row in ruled), ""]
