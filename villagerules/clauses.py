"""Sharing one's rules with other villages, choosing model clauses among what is shared, taking one into a draft.

A village agrees for each of its documents, and may take that back at any time: then its clauses are shown no longer.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.log import record
from residents.models import Appointment, Role, User, Village
from residents.offices import held_by, roles_over
from residents.rights import Act, may, roles_granted

from .canonical import written_out
from .clause_library import Clause, clauses_shown, count_uses, shared_articles, with_articles
from .drafting import revise_text
from .errors import Incomplete, NotAllowed, WrongState
from .life_cycle import STEPS, begin, today_in
from .models import Article, ClauseOrigin, ClauseTheme, ModelClause, RuleVersion, VillageRules
from .reading import read_rules
from .structure import RHYME, ArticleText, RulesText, clean_line, clean_lines

MOST_THEMES = 3  # of a clause


@transaction.atomic
def share_rules(rules: VillageRules, *, shared: bool, by: User | None) -> VillageRules:
    """Let other villages take this document's articles as examples, or no longer. Raises NotAllowed; WrongState where
    nothing of it is in force."""
    line = VillageRules.objects.select_for_update(of=("self",)).select_related("village").get(pk=rules.pk)
    if by is not None and not may(by, Act.SHARE_RULES, line.village):
        raise NotAllowed(_("给不给别的村参考，由村（居）民委员会和党组织决定。"))
    if shared and line.version_in_force(today_in(line.village)) is None:
        raise WrongState(_("还没有施行的版本，施行以后再给别的村参考。"))
    if line.shared != shared:
        line.shared = shared
        line.save(update_fields=["shared"])
        action = "share_rules" if shared else "unshare_rules"
        record(action=action, subject=line, village_id=line.village_id, actor=by)
    return line


def may_pick(user: User, village: Village) -> bool:
    """Who chooses model clauses of a village: its own committee, its township's reviewers, its county's editors."""
    if may(user, Act.PICK_CLAUSES, village):
        return True
    return Role.COUNTY_EDITOR in roles_over(user, village.region, on=timezone.localdate())


def _shared_article(version: RuleVersion, anchor: str) -> Article:
    on = today_in(version.village)
    found = shared_articles(on).filter(chapter__version=version)
    article = next((one for one in found if one.anchor == anchor), None)
    if article is None:
        raise WrongState(_("只有正在施行、村里同意给别人参考的条文，才能列入范文条款。"))
    return article


@transaction.atomic
def pick_clause(version: RuleVersion, anchor: str, *, themes: Collection[ClauseTheme], by: User | None) -> ModelClause:
    """Put an article in force, named by its anchor, into the library under these themes, or change them.

    Raises NotAllowed; WrongState where it is not in force or not shared; Incomplete without a theme.
    """
    if by is not None and not may_pick(by, version.village):
        raise NotAllowed(_("范文条款由本村（社区）委员会、乡镇（街道）或者县里选。"))
    article = _shared_article(version, anchor)
    if not 1 <= len(themes) <= MOST_THEMES:
        raise Incomplete(_("请选 1 到 %(most)s 个主题。") % {"most": MOST_THEMES})
    facts = {"village": version.village, "rules": version.rules}
    clause, _made = ModelClause.objects.get_or_create(lineage=article.lineage, defaults=facts)
    clause.themes.set(themes)
    count_uses(today_in(version.village), only=clause)
    record(
        action="pick_clause", subject=version.rules, village_id=version.village_id, actor=by, version=version.number,
        place=article.label, themes=sorted(theme.slug for theme in themes),
    )  # fmt: skip
    return clause


@transaction.atomic
def drop_clause(version: RuleVersion, lineage: uuid.UUID, *, by: User) -> None:
    """Take it out of the library again. Raises NotAllowed; WrongState when it is not in it."""
    if not may_pick(by, version.village):
        raise NotAllowed(_("范文条款由本村（社区）委员会、乡镇（街道）或者县里选。"))
    gone, _each = ModelClause.objects.of(version.village).filter(rules=version.rules, lineage=lineage).delete()
    if not gone:
        raise WrongState(_("这一条不在范文条款里。"))
    record(action="drop_clause", subject=version.rules, village_id=version.village_id, actor=by)


# --- taking one into a draft ----------------------------------------------------------------------------------------


def drafts_open_to(user: User) -> QuerySet[RuleVersion]:
    """Drafts whose text the account may change now, in all villages where it drafts."""
    offices, _above = roles_granted(Act.DRAFT_RULES)
    held = Appointment.objects.current(timezone.localdate()).filter(held_by(user), role__in=offices)
    drafts = RuleVersion.objects.filter(
        village__in=held.values("village"), state__in=STEPS["revise_text"].states, imported=False,
        style=RuleVersion.Style.ARTICLES,
    )  # fmt: skip
    return drafts.select_related("village", "rules").order_by("village__code", "-pk")


def clause_shown(lineage: uuid.UUID) -> Clause | None:
    """A model clause that can be read today."""
    found = clauses_shown(timezone.localdate()).filter(lineage=lineage).select_related("village", "rules")
    return next(iter(with_articles(found)), None)


def with_article(text: RulesText, *, behind: int, title: str, words: str) -> tuple[RulesText, int]:
    """The text with one more article behind article number `behind` (0: at the end), and the new one's number.

    What follows is renumbered; an article put in later (第十二条之一) moves with its number. Raises Incomplete for a
    rhyme, for no words, and for words that would be read as another article or chapter.
    """
    if text.style == RHYME:
        raise Incomplete(_("顺口溜没有条，放不进去。"))
    said = "\n".join(clean_lines(words))
    if not said:
        raise Incomplete(_("请写上条文。"))
    numbers = [one.number for one in text.articles]
    if behind and behind not in numbers:
        raise Incomplete(_("没有这一条，请重新选放在哪里。"))
    behind = behind or max(numbers, default=0)
    new = ArticleText(behind + 1, said, clean_line(title))
    homes = [one for one in text.chapters if any(article.number == behind for article in one.articles)]
    if not homes:
        raise Incomplete(_("草案还没有条文，请先把全文导入进来。"))
    for article in text.articles:
        article.number += article.number > behind
    home = homes[-1].articles
    home.insert(max(place for place, article in enumerate(home) if article.number == behind) + 1, new)
    again = read_rules(written_out(text), style=text.style)
    if again.stops or [(one.number, one.text) for one in again.rules.articles] != [
        (one.number, "\n".join(clean_lines(one.text))) for one in text.articles
    ]:
        raise Incomplete(_("这段话里有一行会被看成另外一条或者一章，请去掉行首的“第几条”“第几章”。"))
    return text, new.number


@transaction.atomic
def insert_clause(
    version: RuleVersion, lineage: uuid.UUID, *, behind: int, title: str, words: str, by: User
) -> RuleVersion:
    """Take a model clause into a draft, adapted as `title` and `words`, as `revise_text` would; where it came from is
    kept. Raises what `revise_text` and `with_article` raise; WrongState when the clause is no longer shared."""
    line = begin(version, "revise_text", by=by)  # locked: nobody writes into it meanwhile
    found = clause_shown(lineage)
    if found is None:
        raise WrongState(_("这条范文已经撤下了。"))
    text, number = with_article(line.whole_text(), behind=behind, title=title, words=words)
    line = revise_text(line, text, by=by)
    article = Article.objects.of(line.village).get(chapter__version=line, number=number, inserted=0)
    source = found.version
    ClauseOrigin.objects.create(
        village=line.village, version=line, lineage=article.lineage, clause=found.clause,
        from_village=source.village.name, from_title=source.shown_title, from_place=found.article.label,
    )  # fmt: skip
    record(
        action="insert_clause", subject=line.rules, village_id=line.village_id, actor=by, version=line.number,
        place=article.label, of_village=source.village_id,
    )  # fmt: skip
    return line


def origins_of(version: RuleVersion) -> list[tuple[Article, ClauseOrigin]]:
    """Articles of this version that were taken from elsewhere, in this version or in one it goes on from."""
    told = ClauseOrigin.objects.of(version.village).filter(version__rules=version.rules_id)
    by_lineage = {one.lineage: one for one in told}
    if not by_lineage:
        return []
    articles = Article.objects.of(version.village).filter(chapter__version=version, lineage__in=list(by_lineage))
    return [(one, by_lineage[one.lineage]) for one in articles]
