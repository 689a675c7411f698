"""HTML as lines: what a reader sees, and what the containers of the clients tell."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from channels.email.html_text import html_lines
from channels.email.lines import Mark

tags = st.sampled_from(
    [
        "<div>",
        "</div>",
        "<p>",
        "</p>",
        "<br>",
        "<blockquote type=cite>",
        "</blockquote>",
        "<ol>",
        "</ol>",
        "<li>",
        "<b",
        "<",
        ">",
        "<!--",
        "-->",
        "<style>",
        "</style>",
        "<div class=gmail_quote>",
        "<div id=Signature>",
        "&amp;",
        "&#0;",
        "&#xD800;",
        "&",
        "a",
        '"',
        "'",
        "<td style='",
        "\x00",
        "<ol start=99999999999999999999>",
        "<ol start='²'>",
        "<p style='font-size:99999999999999999px'>",
        "<p style='font-size:0.0.0px'>",
    ]
)


def seen(html: str, mark: Mark = Mark.NEW) -> list[str]:
    return [line.text for line in html_lines(html) if line.mark is mark and not line.blank]


@given(st.lists(tags, max_size=60).map("".join) | st.text(max_size=200))
@example("<ol start='²'><li>a")
@example("<p style='font-size:٣px'>a")
def test_nothing_breaks_it(html: str) -> None:
    for line in html_lines(html):
        assert "\n" not in line.text


@pytest.mark.parametrize(
    "html",
    [
        "<p style='display:none'>STOP</p>",
        "<p style='DISPLAY : NONE !important'>STOP</p>",
        "<p style='font-size:0'>STOP</p>",
        "<p style='font-size:0px;line-height:0'>STOP</p>",
        "<p style='font-size:1px'>STOP</p>",
        "<p style='visibility:hidden'>STOP</p>",
        "<p style='opacity:0'>STOP</p>",
        "<p style='max-height:0;overflow:hidden'>STOP</p>",
        "<p style='height:0px;overflow:hidden'>STOP</p>",
        "<p style='mso-hide:all'>STOP</p>",
        "<p style='position:absolute;left:-9999px'>STOP</p>",
        "<p hidden>STOP</p>",
        "<p style='color:#FFF'>STOP</p>",
        "<p><font color='#ffffff'>STOP</font></p>",
        "<!-- STOP -->",
        "<!-- STOP",
        "<script>STOP</script>",
        "<style>STOP</style>",
        "<head><title>STOP</title></head>",
        "<template>STOP</template>",
        "<style>.x{display:none}</style><p class='a x'>STOP</p>",
        "<style>#x , .y {font-size:0}</style><p id=x>STOP</p>",
        "<img alt='STOP' src='x.png'>",
        "<div style='display:none'><div style='display:block'>STOP</div></div>",
    ],
)
def test_hidden_text_is_no_text(html: str) -> None:
    assert seen(f"<div>oui</div>{html}") == ["oui"]


@pytest.mark.parametrize(
    "html",
    [
        "<style>@media print{.x{display:none}}</style><p class=x>oui</p>",
        "<p style='font-size:0.9em'>oui</p>",
        "<p style='font-size:10.5pt'>oui</p>",
        "<p style='font:bold 14px Arial'>oui</p>",
        "<p style='opacity:0.9;max-height:100px'>oui</p>",
        "<p style='color:#fff;background-color:#000'>oui</p>",
        "<p style='color:white'>oui</p>",
        "<div style='font-size:0'><span style='font-size:12px'>oui</span></div>",
        "<p title='a > b'>oui</p>",
        "oui",
        "<P>oui",
        "<img alt='🙂'>oui</p>".replace("<img alt='🙂'>", ""),
    ],
)
def test_visible_text_stays(html: str) -> None:
    assert seen(html) == ["oui"]


def test_lines_are_those_of_the_page() -> None:
    assert seen("a <b>b</b>\n c<br>d<p>e</p>f<div>g</div><div>h</div>") == ["a b c", "d", "e", "f", "g", "h"]
    assert seen("<pre>a\n  b</pre>") == ["a", "  b"]
    assert seen("<ol start=3><li>a<li>b</ol><ul><li>c</ul>") == ["3. a", "4. b", "- c"]
    assert seen("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>") == ["a b", "c"]
    assert seen("3 < 5 &amp; 7 &gt; 6&nbsp;m²") == ["3 < 5 & 7 > 6 m²"]
    assert seen("ok <img alt='🙂' src='cid:1'>") == ["ok 🙂"]


@pytest.mark.parametrize(
    "opening",
    [
        "<blockquote>",
        "<blockquote type=cite>",
        "<blockquote class='gmail_quote' style='margin:0'>",
        "<div class='yahoo_quoted' id='ydp1'>",
        "<div id='mail-editor-reference-message-container'>",
        "<div name='quote' style='margin:1px'>",
        "<div class='moz-forward-container'>",
        "<div class='zmail_extra'>",
        "<div data-marker='__QUOTED_TEXT__'>",
        "<div style='border:none;border-left:solid blue 1.5pt;padding:0cm 0cm 0cm 4.0pt'>",
    ],
)
def test_containers_of_quotes(opening: str) -> None:
    html = f"<div>oui</div>{opening}STOP<div>STOP</div></{opening[1:].split()[0].rstrip('>')}><div>merci</div>"
    assert seen(html) == ["oui", "merci"]
    assert seen(html, Mark.QUOTED) == ["STOP", "STOP"]


@pytest.mark.parametrize(
    "opening",
    [
        "<div class='gmail_signature'>",
        "<div id=Signature>",
        "<div id='ms-outlook-mobile-signature'>",
        "<pre class='moz-signature'>",
        "<div class='protonmail_signature_block'>",
        "<div id='composer_signature'>",
        "<div fairemail='signature'>",
        "<div id='_rc_sig'>",
        "<div class='editorUserSignature'>",
        "<div id='AppleMailSignature'>",
        "<div name='messageSignatureSection'>",
    ],
)
def test_containers_of_signatures(opening: str) -> None:
    html = f"<div>oui</div>{opening}Nadia</{opening[1:].split()[0]}><div>merci</div>"
    assert seen(html) == ["oui", "merci"]
    assert seen(html, Mark.SIGNATURE) == ["Nadia"]


@pytest.mark.parametrize(
    "html",
    [
        "<div id=appendonsend></div><hr>",
        "<div id='divRplyFwdMsg'>x</div>",
        "<hr id=stopSpelling>",
        "<!-- originalMessage -->",
        "<div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'>x</div>",
    ],
)
def test_what_says_that_an_earlier_mail_begins(html: str) -> None:
    marks = [line.mark for line in html_lines(f"<p>oui</p>{html}<p>STOP</p>")]
    assert Mark.EARLIER in marks


def test_in_a_wrapper_the_introduction_ends_with_the_first_quote() -> None:
    html = "<div class=gmail_quote><div class=gmail_attr>X schrieb:</div><blockquote class=gmail_quote>a</blockquote><div>b</div></div>"
    assert seen(html, Mark.INTRODUCTION) == ["X schrieb:"]
    assert seen(html, Mark.QUOTED) == ["a"]
    assert seen(html) == ["b"]


def test_an_indented_paragraph_is_no_quote() -> None:
    assert seen("<blockquote style='margin:0 0 0 40px;border:none;padding:0px'>oui</blockquote>") == ["oui"]
