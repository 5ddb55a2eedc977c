"""What a protected table does not show: stated with every result, so that nobody has to guess."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from anping.core.measure import Measure, find
from anping.core.text import Text
from anping.protect.entries_criteria import Map, Uniqueness, columns_of, needs_population
from anping.protect.entries_perturbing import JOINT
from anping.protect.limits_perturbing import limits_of_perturbing
from anping.protect.plan import Plan
from anping.protect.plan_entries import (
    DateShift,
    Keep,
    Mask,
    ModelSpec,
    Pseudonym,
    Redact,
    Round,
    SetAnonymity,
    TopBottom,
)

_BACKGROUND = Text(
    "k-匿名只防止用準識別項連結到個人；知道其他欄位內容的人（背景知識）仍可能認出某人，也不限制從整群人推論出的事。",
    "k-anonymity limits linking by the quasi-identifiers only: whoever knows other columns of a"
    " person (background knowledge) may still recognise them, and what is true of a whole class is"
    " true of its members.",
)
_DOWNCODING = Text(
    "區域重編碼在階層上盡量少概化，理論上可被「降碼攻擊」（Cohen 2022）部分還原；隨機提早停止使其較難，但不是證明。",
    "Local recoding generalises as little as it can along a hierarchy, which downcoding (Cohen 2022,"
    " USENIX Security) can partly undo; a random early stop makes that harder but proves nothing.",
)
_CUT_ANYWHERE = Text(
    "年齡、數值與日期的區間依資料切分，各列不同且可能重疊；界限是階層的界限或整數，但切在哪裡仍透露資料的疏密。",
    "Intervals of ages, numbers and dates are cut by the data, differ between rows and may overlap;"
    " their ends are borders of the hierarchy or round numbers, yet where cuts lie tells where the"
    " data are dense.",
)
_MISSING = Text(
    "準識別項的遺漏值自成一類，不與其他值相混；遺漏本身也可能是線索。",
    "A missing value of a quasi-identifier is a category of its own; that it is missing can be a"
    " clue too.",
)
# A loss from here on is 1: it is a sum of quotients.
_EVERYTHING = 1 - 1e-9
_ALL_HIDDEN = Text(
    "要符合 k，所有準識別項的值都得隱藏或概化到底，它們不再告訴人任何事。",
    "To meet k, all values of the quasi-identifiers had to be hidden or generalised to the top: they"
    " tell nothing any more.",
)
_DIVERSITY = Text(
    "l-多樣性只看相異值的個數或熵，不看值的意義相近或整體偏斜；每個敏感欄位分開計算。",
    "l-diversity counts different values (or their entropy), not how alike they are in meaning nor"
    " how skewed the whole is; each sensitive column is judged by itself.",
)
_WHOLE_TABLE = Text(
    "t-接近性、β-相似性等準則拿每個類別與整張表比較；整張表的分布本身就透露的事，它們不管。被抑制的類別不再受檢查。",
    "Criteria such as t-closeness and beta-likeness compare a class with the whole table: they say"
    " nothing about what the whole table's distribution tells by itself. Suppressed classes are not"
    " judged.",
)
_ESTIMATED = Text(
    "k-map 與母體唯一性是估計：假設這張表是母體的隨機樣本，換一個模型答案可能不同。",
    "k-map and population uniqueness are estimates: they take the table for a random sample of the"
    " population, and another model may answer otherwise.",
)
_POPULATION = Text(
    "k-map 與 delta-presence 以交付的母體表為準：母體表不完整或過時，數字就不成立；區域重編碼時，母體成員依同一份編碼簿分組：k-map 只計同一組的人；delta-presence 對知道整份編碼簿的人也成立，但不計從「為何沒有分得更細」推得的事。",
    "k-map and delta-presence hold against the population's table that was handed over: where it is"
    " incomplete or old they do not. With local recoding the population goes by the same code book:"
    " k-map counts only its people of the same group, and delta-presence holds even against whoever"
    " knows that code book, but not for what may follow from why a group was not split further.",
)
_WILDCARD = Text(
    "準識別項的遺漏值視為可能是任何值：k 也計入其他準識別項相同、這一欄遺漏的人。知道誰的資料有遺漏的人可以把他們排除，因此這比「自成一值」寬鬆。",
    "A missing value of a quasi-identifier may stand for any other: k also counts people who have the"
    " same other values and lack this one. Whoever knows whose values are missing can leave them out,"
    " so this is weaker than taking missing as a value of its own.",
)
_ROWS = Text(
    "計畫沒有指明「人」的欄位，因此 k 計的是列數；同一人若有多列，保護會比 k 弱。",
    "The plan names no column for people, so k counts rows; if one person has several rows, the"
    " protection is weaker than k.",
)
_NO_PERSON = Text(
    "缺少「人」的識別值的各列視為同一人，因此 k 只會低估、不會高估人數。",
    "All rows without a value in the person column count as one person, so k can only understate the"
    " number of people.",
)
_PSEUDONYM = Text(
    "只要金鑰存在，假名仍是個人資料；持有金鑰的人可以重新連結（個資法施行細則第 17 條）。",
    "As long as the key exists, pseudonyms are personal data: whoever holds it can link them again"
    " (PDPA Enforcement Rules, Article 17).",
)
_FORMAT = Text(
    "FF1 假名保留長度與各字元的種類，看起來像真的號碼，也可能碰巧是別人的；金鑰用錯時不會報錯，只會還原出錯的值。",
    "FF1 pseudonyms show the length and the kind of each character, look like real numbers and may by"
    " chance be somebody's; a wrong key is not noticed but gives wrong values back.",
)
_SAME_PERSON = Text(
    "同一人的各列可由假名相連；知道他多列內容組合的人，可能在各列都符合 k 的情況下認出他。",
    "A person's rows stay linked by the pseudonym: who knows a combination of several rows may"
    " recognise the person although each row by itself meets k.",
)
_SHIFT = Text(
    "日期平移保留同一人的間隔與大致季節；知道兩次事件間隔的人仍可能認出他。",
    "Shifted dates keep a person's intervals and roughly the season: who knows the time between two"
    " events may still recognise the person.",
)
_SETS = Text(
    "k^m-匿名以知道至多 m 個項目的人為準；知道更多項目，或知道哪些項目在同一列（同一次就診）的人，仍可能認出某人。",
    "k^m-anonymity holds against those who know up to m items: whoever knows more, or which items"
    " stand in one row (one visit), may still recognise a person.",
)
_REDACTION = Text(
    "文字遮蔽會漏掉偵測器與本表都不認識的人、暱稱，以及不指名卻能認出人的敘述。",
    "Redaction misses people whom neither the detector nor this table knows, nicknames, and stories"
    " that tell who someone is without naming them.",
)


def limits_of(plan: Plan, measures: Iterable[Measure] = ()) -> tuple[Text, ...]:
    """Return what a table protected by ``plan`` does not show, and what was seen to be left in it."""
    told = tuple(measures)
    return (*_limits(plan), *_stopped(told), *_left(told))


def _stopped(measures: tuple[Measure, ...]) -> Iterator[Text]:
    loss = find(measures, "deid.information_loss")
    minimal = find(measures, "deid.information_loss.minimal")
    coarser = find(measures, "deid.rows.left_coarser")
    if loss is not None and minimal is not None and coarser is not None and coarser.value > 0:
        cost = max(0.0, loss.value - minimal.value)
        yield Text(
            f"隨機提早停止讓 {coarser.value:,.0f} 列留得較粗，資訊損失多 {cost:.4f}。",
            f"Random early stops left {coarser.value:,.0f} rows coarser, at {cost:.4f} more"
            " information loss.",
        )


def _left(measures: Iterable[Measure]) -> Iterator[Text]:
    for measure in measures:
        if measure.name == "deid.information_loss" and measure.value >= _EVERYTHING:
            yield _ALL_HIDDEN
        if measure.name == "deid.identifiers_left" and measure.value > 0:
            yield Text(
                f"欄位「{measure.subject}」仍有 {measure.value:,.0f} 個儲存格含本表已知的直接識別項。",
                f"Column “{measure.subject}” still holds a known direct identifier in"
                f" {measure.value:,.0f} cells.",
            )


def _of_criteria(model: ModelSpec) -> Iterator[Text]:
    if model.l is not None:
        yield _DIVERSITY
    if columns_of(model.criteria):
        yield _WHOLE_TABLE
    if any(
        isinstance(each, Uniqueness) or (isinstance(each, Map) and each.population is not None)
        for each in model.criteria
    ):
        yield _ESTIMATED
    if needs_population(model.criteria):
        yield _POPULATION


def _limits(plan: Plan) -> Iterator[Text]:
    if plan.quasi_identifiers:
        yield _BACKGROUND
        wild = plan.model is not None and plan.model.missing == "wildcard"
        yield _WILDCARD if wild else _MISSING
        yield _ROWS if plan.privacy_unit is None else _NO_PERSON
    if plan.model is not None and plan.model.local_recoding and plan.quasi_identifiers:
        yield _DOWNCODING
        if plan.model.recoding == "numeric":
            yield _CUT_ANYWHERE
    if plan.model is not None:
        yield from _of_criteria(plan.model)
    shown = plan.named(Keep, TopBottom, Round)
    told = (*plan.sensitive, *plan.quasi_identifiers, *plan.named(*JOINT))
    kept = [name for name in shown if name not in told]
    if kept:
        listed = ", ".join(kept)
        yield Text(
            f"值（幾乎）原樣釋出、不在 k-匿名與 l-多樣性之內的欄位：{listed}。若外界也知道其值，就能用來連結。",
            f"Released (nearly) as they are, outside k-anonymity and l-diversity: {listed}. Where others know"
            " these values too, they can be used to link.",
        )
    masked = plan.named(Mask)
    if masked:
        listed = ", ".join(masked)
        yield Text(
            f"遮罩後留下的字元不在 k-匿名之內：{listed}。",
            f"The characters that masking leaves are outside k-anonymity: {listed}.",
        )
    yield from _of_pseudonyms(plan)
    for kind, text in ((SetAnonymity, _SETS), (DateShift, _SHIFT), (Redact, _REDACTION)):
        if plan.named(kind):
            yield text
    yield from limits_of_perturbing(plan)


def _of_pseudonyms(plan: Plan) -> Iterator[Text]:
    if plan.named(Pseudonym):
        yield _PSEUDONYM
    if any(
        isinstance(each, Pseudonym) and each.method == "ff1"
        for transforms in plan.columns.values()
        for each in transforms
    ):
        yield _FORMAT
    if plan.privacy_unit in plan.named(Pseudonym):
        yield _SAME_PERSON
