"""What is said when a note is reported and decided on. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from core.community.notices.cards import BROWSE, POST, deciding, kind, to_board
from core.community.notices.model import Notice
from core.community.notices.moderation.model import REASONS, Case, Report
from core.kernel.text import Text, literal, say
from core.messaging.card import Card, Choice, Fact
from core.messaging.intent import Intent


def which_reason(notice: Notice, language: str) -> Card[Text]:
    """Why it should not stand there: by a button, or in one's own words."""
    choices = tuple(
        Choice(
            Intent(BROWSE, {"do": "report", "notice": str(notice.notice_id), "because": each}),
            say(f"notices.because.{each}"),
        )
        for each in REASONS
    )
    return Card(
        say("notices.why_report", title=notice.title_in(language)), (say("notices.why_report_body"),), choices=choices
    )


def which_removal(notice: Notice) -> Card[Text]:
    """Why the council takes it down: the author reads it."""
    return Card(say("notices.why_remove", title=notice.title), (say("notices.why_remove_body"),))


def why(report: Report) -> Text:
    """The reason, in the words of whoever reads it, or in those of whoever wrote it."""
    return literal(report.words) if report.words else say(f"notices.because.{report.because}")


def thanked(notice: Notice, hidden: bool, language: str) -> Card[Text]:
    """To whoever reported it."""
    title = say("notices.reported", title=notice.title_in(language))
    return Card(title, (say("notices.reported_hidden" if hidden else "notices.reported_body"),), choices=(to_board(),))


def case(found: Case, reports: Sequence[Report]) -> Card[Text]:
    """To the council: what was reported, why, and what it can decide."""
    notice = found.notice
    title = say("notices.case_hidden" if notice.state.value == "hidden" else "notices.case", title=notice.title)
    reasons = tuple(Fact(say("notices.fact.reason"), why(each), "reason") for each in reports if not each.settled)
    facts = (
        Fact(say("notices.fact.kind"), kind(notice.kind), "kind"),
        Fact(say("notices.fact.author"), literal(found.name), "author"),
        *reasons,
    )
    body = (literal(notice.text),) if notice.text else ()
    return Card(title, (*body, say("notices.case_body")), facts, tuple(deciding(notice, found.reports)))


def objection(found: Case) -> Card[Text]:
    """To the council: what the author says to its decision."""
    notice = found.notice
    body = (say("notices.objects_body", name=found.name), literal(notice.appeal))
    facts = (Fact(say("notices.fact.reason"), literal(notice.reason), "reason"),) if notice.reason else ()
    return Card(say("notices.objects", title=notice.title), body, facts, tuple(deciding(notice, found.reports)))


def cases(found: Sequence[Case]) -> Card[Text]:
    """What waits for the council."""
    if not found:
        return Card(say("notices.no_cases"), choices=(to_board(),))
    choices = tuple(
        Choice(Intent(BROWSE, {"do": "show", "notice": str(each.notice.notice_id)}), literal(each.notice.title))
        for each in found
    )
    return Card(say("notices.cases", count=len(found)), choices=choices)


# ------------------------------------------------------------------------------------------------------------ to the author


def hidden(notice: Notice) -> Card[Text]:
    """Three neighbours reported it."""
    return Card(say("notices.hidden", title=notice.title), (say("notices.hidden_body"),), choices=_appeal(notice))


def removed(notice: Notice) -> Card[Text]:
    facts = (Fact(say("notices.fact.reason"), literal(notice.reason), "reason"),)
    body = (say("notices.removed_body"),) if not notice.appeal else ()
    return Card(say("notices.removed", title=notice.title), body, facts, _appeal(notice))


def back(notice: Notice) -> Card[Text]:
    """It was hidden or taken down, and hangs again."""
    open_ = Intent(BROWSE, {"do": "show", "notice": str(notice.notice_id)})
    return Card(say("notices.back", title=notice.title), choices=(Choice(open_, say("notices.choice.open")),))


def upheld(notice: Notice) -> Card[Text]:
    return Card(say("notices.upheld", title=notice.title), (say("notices.upheld_body"),))


def which_objection(notice: Notice) -> Card[Text]:
    return Card(say("notices.why_object", title=notice.title), (say("notices.why_object_body"),))


def objected() -> Card[Text]:
    return Card(say("notices.objected"), (say("notices.objected_body"),), choices=(to_board(),))


def decided(done: str, notice: Notice) -> Card[Text]:
    """To the member of the council who decided. `done`: what."""
    return Card(say(f"notices.done.{done}", title=notice.title), choices=(to_board(),))


def _appeal(notice: Notice) -> tuple[Choice[Text], ...]:
    if notice.appeal:
        return ()
    return (Choice(Intent(POST, {"do": "appeal", "notice": str(notice.notice_id)}), say("notices.choice.appeal")),)
