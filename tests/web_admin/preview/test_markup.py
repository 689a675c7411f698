"""The HTML of messages as elements of our own page: whatever it is, nothing of it acts."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from web_admin.preview.markup import SHOWN, shown

PIECES = st.sampled_from(
    [
        *(
            "<p>",
            "</p>",
            "<b onclick=x>",
            "</b>",
            "<br/>",
            "<script>",
            "</script>",
            "<!--",
            "-->",
            "<a href='javascript:x'>",
            "</a>",
        ),
        *(
            "<ol>",
            "<li>",
            "</ol>",
            "<style>",
            "</style>",
            "<svg/onload=x>",
            "</svg>",
            "&lt;",
            "&",
            "<",
            ">",
            '"',
            "'",
            "<img src=x onerror=x>",
        ),
        *("<![CDATA[", "]]>", "</", "<p", "text", "<code>", "</title>", "<title>"),
    ]
)


class Read(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in SHOWN or (tag == "span" and attrs == [("class", "link")]), (tag, attrs)
        assert tag == "span" or not attrs
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@given(st.lists(PIECES, max_size=12).map("".join) | st.text())
def test_whatever_it_is_only_known_elements_without_attributes_remain(html: str) -> None:
    read = Read(str(shown(html)))
    assert read.open == []


def test_what_messages_are_made_of_stays() -> None:
    html = "<b>À payer</b>\n<code>+++1/2+++</code> &amp; &lt;b&gt;<ol><li>Oui</li></ol>"
    assert shown(html) == html


def test_a_page_is_shown_without_its_head_and_a_link_leads_nowhere() -> None:
    page = '<!doctype html><html><head><title>T</title></head><body><p style="color:#555">A <a href="https://x/">b</a></p></body></html>'
    assert shown(page) == '<p>A <span class="link">b</span></p>'
    assert shown("<script>x</script>y") == "y"
    assert shown("<p><b>x</p>y") == "<p><b>x</b></p>y"
