"""Blocks any page may use in its body."""

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.images.blocks import ImageChooserBlock


class CaptionedImageBlock(blocks.StructBlock):
    image = ImageChooserBlock(label=_("图片"))
    caption = blocks.CharBlock(label=_("说明"), required=False, max_length=120)

    class Meta:
        icon = "image"
        label = _("图片")
        template = "ui/blocks/captioned_image.html"


class TableRowBlock(blocks.StructBlock):
    cells = blocks.ListBlock(blocks.CharBlock(required=False, label=_("格")), label=_("一行"))


class SimpleTableBlock(blocks.StructBlock):
    caption = blocks.CharBlock(label=_("表名"), required=False, max_length=120)
    headings = blocks.ListBlock(blocks.CharBlock(label=_("表头")), label=_("表头"))
    rows = blocks.ListBlock(TableRowBlock(), label=_("各行"))

    class Meta:
        icon = "table"
        label = _("表格")
        template = "ui/blocks/simple_table.html"


class StoryBlock(blocks.StreamBlock):
    """The body of an ordinary page: words first."""

    heading = blocks.CharBlock(
        label=_("小标题"),
        icon="title",
        max_length=120,
        template="ui/blocks/heading.html",
    )
    paragraph = blocks.RichTextBlock(
        label=_("正文"),
        features=["h3", "bold", "ol", "ul", "link", "document-link", "hr"],
    )
    quote = blocks.BlockQuoteBlock(label=_("引文"))
    image = CaptionedImageBlock()
    table = SimpleTableBlock()
    document = DocumentChooserBlock(label=_("文件"), template="ui/blocks/document.html")
