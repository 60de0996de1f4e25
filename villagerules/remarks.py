"""What the reader of a paper found odd, in words."""

from __future__ import annotations

from django.utils.translation import gettext as _

from .reading import Remark


def words_of(remark: Remark) -> str:
    """One plain sentence, without its line."""
    return _words()[remark.code] % remark.values


def in_words(remark: Remark) -> str:
    """The same with the line, for lists that have no column for it."""
    words = words_of(remark)
    return _("第 %(line)s 行：%(words)s") % {"line": remark.line, "words": words} if remark.line else words


def _words() -> dict[str, str]:
    return {
        # what must be mended
        "no_text": _("没有认出条文。每条请另起一行，用“第一条”“第二条”开头；顺口溜每句一行。"),
        "too_many": _("认出的条（段）太多，最多 %(most)s。请看看编号是不是认错了。"),
        "long_title": _("标题太长，最多 %(most)s 个字。长的话请写进条文里。"),
        "chapter_twice": _("第 %(number)s 章有两个，请改好章号。"),
        "empty_article": _("%(label)s没有内容。请补上，或者删掉这一行。"),
        "empty_stanza": _("第 %(number)s 段只有标题，没有句子。请补上，或者删掉标题。"),
        "before_articles": _("这一行在章标题下面，不在任何一条里。请编上条号，或者移到前面。"),
        # what may be meant so
        "no_title": _("没有认出标题，请在第一行写上名称。"),
        "contents": _("从这里到第 %(to)s 行是目录，没有收进正文。"),
        "left_out": _("“%(words)s”没有收进正文。"),
        "ending": _("这一行说的是谁通过、哪天通过，不算正文。请核对下面填的机关和日期。"),
        "section": _("这里只分章和条，没有节，这个标题没有收进正文。需要的话请改成章。"),
        "renumbered": _("按顺序编成了第 %(number)s 段。"),
        "heads_as_chapters": _("“一、”“二、”当作了章，“1.”“2.”当作了条，从头到尾连着编号。"),
        "heads_as_articles": _("没有“第几条”，把“一、”“二、”当作了条。"),
        "digits_as_articles": _("没有“第几条”，把“1.”“2.”当作了条。"),
        "items_as_articles": _("没有“第几条”，把“（一）”“（二）”当作了条。"),
        "unnumbered": _("没有编号，从这里起每段当作一条，按顺序编了号。"),
        "heading_as_chapter": _("这个标题当作了第 %(number)s 章。"),
        "kept_as_text": _("这一行不是条也不是章，当作正文留在上一条里。"),
        "chapter_gap": _("章号不连：这里是第 %(number)s 章，按顺序应该是第 %(expected)s 章。"),
        "empty_chapter": _("“%(heading)s”下面没有条文。"),
        "restarts": _("条号在每一章重新从第一条编起。引用的时候要连章一起说。"),
        "article_twice": _("%(label)s出现了两次。"),
        "article_order": _("%(label)s排在了后面的条前面，保存时按条号排。"),
        "article_gap": _("%(label)s前面少了%(missing)s。"),
        "item_twice": _("%(label)s里有两个%(item)s。"),
        "item_gap": _("%(label)s里%(item)s前面少了一项。"),
        # what Word had
        "pictures": _("文件里有 %(count)s 张图片，图片里的字读不出来。有条文在图片里的，请照着打进来。"),
        "text_boxes": _("文件里有文本框，框里的字没有读。有条文在里面的，请打进来。"),
        "tracked": _("文件里有没有接受的修订，按修改以后的样子读。请核对。"),
        "notes": _("文件里有脚注或者尾注，没有读。"),
        "table": _("这里原来是表格，按行读成了文字。请核对。"),
        "headings": _("文件里的标题样式当作了章。"),
    }
