"""The page of semantic types: what each is called, the role proposed for it, its data categories."""

from __future__ import annotations

from anping.know.discover.taxonomy import taxonomy
from docs.pages.markdown import cell, code, page, table

_INTRO = """
The semantic types that a scan proposes, and that `anping confirm --change COLUMN=ROLE:TYPE` takes.
The role is a proposal; a person decides. `pdpa:art2` and `pdpa:art6` are the categories of Taiwan's
Personal Data Protection Act, articles 2 and 6; `gdpr:art9` those of Regulation (EU) 2016/679.

掃描會提出的語意類型，也是 `anping confirm --change 欄位=角色:類型` 可用的類型。角色只是提案，由人
決定。`pdpa:art2`、`pdpa:art6` 是個人資料保護法第 2 條與第 6 條的類別，`gdpr:art9` 是歐盟
2016/679 號規則的類別。
"""


def render() -> str:
    """Return ``columns.md``."""
    rows = [
        (code(name), cell(each.title.en), cell(each.title.zh), code(each.role.value),
         " ".join(map(code, each.categories)))
        for name, each in taxonomy().items()
    ]  # fmt: skip
    return page(
        "Semantic types · 語意類型",
        _INTRO,
        table(("type", "what it is", "名稱", "proposed role", "data categories"), rows),
    )
