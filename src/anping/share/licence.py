"""A licence is data: what a recipient may do, must do and may not do, in words machines read.

Its purposes are terms of the GA4GH Data Use Ontology. DUO has no word for training a model, so
Anping adds TRAIN, FINETUNE, EVAL_ONLY and RETRIEVE.
"""

from __future__ import annotations

from datetime import date, timedelta
from difflib import get_close_matches
from importlib import resources
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from anping.core.errors import ParameterError, Where
from anping.core.text import Text
from anping.engine.plain_yaml import load_plain

#: Anping's own purposes, beside DUO's.
PURPOSES = {
    "TRAIN": Text("訓練模型", "train a model"),
    "FINETUNE": Text("微調模型", "fine-tune a model"),
    "EVAL_ONLY": Text("只作評測", "evaluate only"),
    "RETRIEVE": Text("檢索引用", "retrieve and quote"),
}

#: The Data Use Ontology terms that Anping speaks (EBISPOT/DUO, CC BY 4.0).
DUO_TERMS = {
    "DUO:0000004": Text("無限制", "no restriction"),
    "DUO:0000006": Text("健康、醫學或生醫研究", "health, medical or biomedical research"),
    "DUO:0000007": Text("特定疾病研究", "disease specific research"),
    "DUO:0000011": Text("族群起源或祖源研究", "population origins or ancestry research only"),
    "DUO:0000012": Text("特定研究限制", "research specific restrictions"),
    "DUO:0000015": Text("不得用於一般方法開發", "no general methods research"),
    "DUO:0000016": Text("僅限遺傳研究", "genetic studies only"),
    "DUO:0000018": Text("僅限非營利機構且非商業使用", "not for profit, non commercial use only"),
    "DUO:0000019": Text("須發表成果", "publication required"),
    "DUO:0000020": Text("須與提供者合作", "collaboration required"),
    "DUO:0000021": Text("須經倫理審查", "ethics approval required"),
    "DUO:0000022": Text("限定地區", "geographical restriction"),
    "DUO:0000024": Text("限期後才能發表", "publication moratorium"),
    "DUO:0000025": Text("使用有期限", "time limit on use"),
    "DUO:0000026": Text("限特定使用者", "user specific restriction"),
    "DUO:0000027": Text("限特定計畫", "project specific restriction"),
    "DUO:0000028": Text("限特定機構", "institution specific restriction"),
    "DUO:0000029": Text("須回交衍生資料", "return to database or resource"),
    "DUO:0000042": Text("一般研究使用", "general research use"),
    "DUO:0000043": Text("臨床照護使用", "clinical care use"),
    "DUO:0000044": Text("不得用於族群起源研究", "population origins research prohibited"),
    "DUO:0000045": Text("僅限非營利機構", "not for profit organisation use only"),
    "DUO:0000046": Text("非商業使用", "non-commercial use only"),
}


class Licence(BaseModel):
    """What may be done with a release.

    ``purposes`` None means any purpose. ``duo`` are Data Use Ontology terms. ``adaptable``: what is
    made from the data may be offered under other terms, as long as its source is credited.
    ``expires_after_days`` None means no end.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]*$")
    title: Text
    summary: Text
    url: str | None = None
    purposes: tuple[str, ...] | None = None
    duo: tuple[str, ...] = ()
    commercial: bool = False
    redistribution: bool = False
    derivatives: bool = True
    adaptable: bool = False
    attribution: bool = True
    forbids_reidentification: bool = True
    expires_after_days: int | None = Field(default=None, gt=0, le=36_525)
    duties: tuple[Text, ...] = ()

    def expires(self, released: date) -> date | None:
        """Return the last day of use for data released on ``released``, or None."""
        if self.expires_after_days is None:
            return None
        return released + timedelta(days=self.expires_after_days)


def purpose_title(purpose: str) -> Text:
    """Return a purpose in words; an unknown one names itself."""
    return PURPOSES.get(purpose) or DUO_TERMS.get(purpose) or Text(purpose, purpose)


def licence_names() -> tuple[str, ...]:
    """Return the ids of the licences that come with Anping."""
    folder = resources.files("anping.share").joinpath("licences")
    return tuple(sorted(item.name.removesuffix(".yaml") for item in folder.iterdir()))


def read_licence(licence: str | Path) -> Licence:
    """Return a licence from a YAML file, or a shipped licence by its id.

    Raises ParameterError: ``licence.unknown``, ``licence.malformed``.
    """
    name = str(licence)
    if name in licence_names():
        shipped = resources.files("anping.share").joinpath("licences", f"{name}.yaml")
        return _parse(shipped.read_bytes(), name)
    path = Path(licence)
    if path.is_file():
        return _parse(path.read_bytes(), name)
    near = get_close_matches(name, licence_names(), n=1, cutoff=0.4) or list(licence_names())
    raise ParameterError(
        "licence.unknown",
        Text(f"沒有名為「{name}」的授權條款或檔案。", f"There is no licence or file “{name}”."),
        hint=Text(f"內建授權條款：{'、'.join(near)}", f"Shipped licences: {', '.join(near)}"),
    )


def _parse(content: bytes, name: str) -> Licence:
    try:
        found = Licence.model_validate(load_plain(content.decode("utf-8-sig")))
        unknown = [t for t in (*found.duo, *(found.purposes or ())) if purpose_title(t).en == t]
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise _malformed(name, Text("不是合法的 YAML", "not well-formed YAML")) from error
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        why = Text(f"「{place}」不合規定（{first['msg']}）", f"“{place}” is wrong ({first['msg']})")
        raise _malformed(name, why) from error
    if unknown:
        why = Text(f"不認識的目的「{unknown[0]}」", f"unknown purpose “{unknown[0]}”")
        raise _malformed(name, why)
    return found


def _malformed(name: str, why: Text) -> ParameterError:
    return ParameterError(
        "licence.malformed",
        Text(f"授權條款檔無法使用：{why.zh}。", f"The licence cannot be used: {why.en}."),
        where=Where(file=name),
        hint=Text(
            "請對照內建授權條款的寫法修正。",
            "Correct it; the shipped licences show the form.",
        ),
    )
