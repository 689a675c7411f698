"""What is said about notes: on the board, by themselves, to their authors and to whoever wants to know of new ones. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.community.notices.model import MOST_PHOTOS, STANDING, STANDS, Kind, Notice, State, When
from core.kernel.i18n import LANGUAGES
from core.kernel.text import Text, literal, say
from core.messaging.card import Attachment, Card, Choice, Fact
from core.messaging.event import Event, uid_of
from core.messaging.intent import Intent

POST, BROWSE = "notices.post", "notices.browse"
WEEK = 7
QUARTER = 90


@dataclass(frozen=True, slots=True)
class Seen:
    """A note as one person sees it. `name`: what its author is called; `comers`: the names of those who come, which the author sees.

    `moderates`: he sits on the council, and it is not his own; `reports`: how many wait for it.
    """

    notice: Notice
    name: str
    own: bool = False
    comes: bool = False
    comers: tuple[str, ...] = ()
    moderates: bool = False
    reports: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """Some of a board. `after`: how many stand before these; `total`: of the whole board. `follows`: he is told of new ones at once.

    `gathers`: he has what can wait gathered for him, and need not ask. `waiting`: notes on which he, of the council, may decide.
    """

    building: str
    notes: tuple[tuple[Notice, str], ...]
    after: int = 0
    total: int = 0
    follows: bool = False
    gathers: bool = False
    waiting: int = 0


# ------------------------------------------------------------------------------------------------------------- the board


def board(page: Page, language: str) -> Card[Text]:
    """What is on the board, a line and a choice for each."""
    title = say("notices.board", building=page.building)
    posts = Choice(Intent(POST), say("help.offer.notices.post"))
    if not page.total:
        return Card(
            title, (say("notices.nothing"), *_waiting(page)), choices=(posts, *_to_decide(page), *_follow(page))
        )
    choices = [_open(notice, language) for notice, _ in page.notes]
    rest = page.total - page.after - len(page.notes)
    if rest > 0:
        more = Intent(BROWSE, {"do": "more", "after": page.after + len(page.notes)})
        choices.append(Choice(more, say("notices.choice.more", count=rest)))
    return Card(
        title,
        (say("notices.count", count=page.total), *_waiting(page)),
        tuple(line(notice, name, language) for notice, name in page.notes),
        (*choices, *_to_decide(page), posts, *_follow(page)),
    )


def line(notice: Notice, name: str, language: str) -> Fact[Text]:
    """A note in one line."""
    label = titled(notice, language)
    if notice.pinned_at is not None:
        label = say("notices.pinned", title=label)
    if notice.when is not None:
        return Fact(label, say("notices.line_event", when=when(notice.when), name=name), day=notice.when.day)
    return Fact(label, say("notices.line", kind=kind(notice.kind), name=name))


def titled(notice: Notice, language: str) -> Text:
    """The title for a reader of that language, with its own language where he gets it as it was written."""
    title = notice.title_in(language)
    if language == notice.language or language in notice.titles:
        return literal(title)
    return say("notices.foreign", title=title, language=notice.language.upper())


def kind(kind: Kind) -> Text:
    return say(f"notices.kind.{kind.value}")


def when(at: When) -> Text:
    return say("notices.when_at", day=at.day, clock=at.clock.isoformat("minutes")) if at.clock else literal(at.day)


# ------------------------------------------------------------------------------------------------------------ by itself


def shown(seen: Seen, language: str) -> Card[Text]:
    """A note with all that stands in it, and what its reader can do."""
    return Card(
        titled(seen.notice, language) if not seen.own else literal(seen.notice.title),
        _body(seen, language),
        _facts(seen),
        _own(seen.notice) if seen.own else _others(seen),
        _attachments(seen.notice, seen.notice.language if seen.own else language),
    )


def put_up(seen: Seen, told: int) -> Card[Text]:
    """It hangs: what it says, and what can be changed."""
    notice = seen.notice
    title = say("notices.put_up", title=notice.title)
    tells = (say("notices.told", count=told),) if told else ()
    return Card(title, (*_text(notice), *tells), _facts(seen), _own(notice), _attachments(notice, notice.language))


def changed(seen: Seen) -> Card[Text]:
    notice = seen.notice
    title = say("notices.changed", title=notice.title)
    return Card(title, _text(notice), _facts(seen), _own(notice), _attachments(notice, notice.language))


def news(notice: Notice, name: str, language: str) -> Card[Text]:
    """What is told of a new note to whoever wants to know: all that it says."""
    title = say("notices.new", title=titled(notice, language))
    answer = Choice(
        Intent(BROWSE, {"do": "answer", "notice": str(notice.notice_id)}), say("notices.choice.answer", name=name)
    )
    return Card(
        title,
        (*_foreign(notice, language), *_text(notice)),
        _facts(Seen(notice, name)),
        (Choice(_show(notice), say("notices.choice.open")), answer),
    )


def coming(seen: Seen, language: str) -> Card[Text]:
    """He comes, or does not after all."""
    notice = seen.notice
    title = notice.title_in(language)
    board = (Choice(_show(notice), say("notices.choice.open")), to_board())
    if not seen.comes:
        return Card(say("notices.stays", title=title), choices=board)
    return Card(
        say("notices.comes", title=title),
        (say("notices.comes_body", name=seen.name),),
        _event_facts(notice),
        (Choice(_about(notice, "stay"), say("notices.choice.stay")), *board),
        (event(notice, language).attachment(),),
    )


def mine(notices: Sequence[Notice]) -> Card[Text]:
    """His own notes, each to be changed or taken down."""
    if not notices:
        return Card(
            say("notices.none_of_yours"), choices=(Choice(Intent(POST), say("help.offer.notices.post")), to_board())
        )
    choices = tuple(Choice(_show(notice), literal(notice.title)) for notice in notices)
    return Card(say("notices.yours"), (say("notices.which"),), choices=choices)


def withdrawn(notice: Notice) -> Card[Text]:
    return Card(say("notices.withdrawn", title=notice.title), choices=(to_board(),))


def ended(notice: Notice) -> Card[Text]:
    """To the author: its last day is over."""
    again = Choice(_own_intent(notice, "until", days=STANDS), say("notices.choice.again", count=STANDS))
    return Card(say("notices.ended", title=notice.title), (say("notices.ended_body"),), choices=(again,))


def called_off(notice: Notice, name: str, language: str) -> Card[Text]:
    """To those who wanted to come: it does not take place, or nobody says so any more."""
    return Card(
        say("notices.called_off", title=notice.title_in(language)),
        (say("notices.called_off_body", name=name),),
        attachments=(event(notice, language).called_off(notice.changed_at).attachment(),),
    )


def moved(notice: Notice, name: str, language: str) -> Card[Text]:
    """To those who want to come: it is at another time or place."""
    return Card(
        say("notices.moved", title=notice.title_in(language)),
        (say("notices.moved_body", name=name),),
        _event_facts(notice),
        (Choice(_show(notice), say("notices.choice.open")),),
        (event(notice, language).attachment(),),
    )


# ------------------------------------------------------------------------------------------------ questions to the author


def kinds(notice: Notice) -> Card[Text]:
    choices = tuple(
        Choice(_own_intent(notice, "kind", value=each.value), kind(each)) for each in Kind if each is not notice.kind
    )
    return Card(say("notices.which_kind"), choices=choices)


def days(notice: Notice) -> Card[Text]:
    choices = tuple(
        Choice(_own_intent(notice, "until", days=count), say("notices.choice.days", count=count))
        for count in (WEEK, STANDS, QUARTER)
    )
    return Card(say("notices.until_when"), (say("notices.until_example"),), choices=choices)


def languages(notice: Notice) -> Card[Text]:
    """In which language there is to be a title."""
    own = Choice(_own_intent(notice, "title", value=notice.language), say("notices.choice.retitle"))
    others = [each for each in LANGUAGES if each != notice.language]
    choices = (
        own,
        *(Choice(_own_intent(notice, "title", value=each), say(f"notices.choice.title_{each}")) for each in others),
    )
    return Card(say("notices.which_language"), (say("notices.titles_body"),), tuple(_titles(notice)), choices)


# ----------------------------------------------------------------------------------------------------------------- parts


def to_board() -> Choice[Text]:
    return Choice(Intent(BROWSE), say("help.offer.notices.browse"))


def event(notice: Notice, language: str) -> Event:
    """An event as the calendar of a reader keeps it."""
    assert notice.when is not None, "only an event has a day"
    about = literal(notice.text) if notice.text else None
    return Event(
        uid_of(notice.notice_id),
        literal(notice.title_in(language)),
        notice.when.begins,
        None,
        notice.changed_at,
        notice.when.place,
        about,
        notice.sequence,
    )


def _show(notice: Notice) -> Intent:
    return Intent(BROWSE, {"do": "show", "notice": str(notice.notice_id)})


def _open(notice: Notice, language: str) -> Choice[Text]:
    return Choice(_show(notice), literal(notice.title_in(language)))


def _own_intent(notice: Notice, do: str, **slots: str | int) -> Intent:
    return Intent(POST, {"do": do, "notice": str(notice.notice_id), **slots})


def _body(seen: Seen, language: str) -> tuple[Text, ...]:
    return (*_state(seen), *(() if seen.own else _foreign(seen.notice, language)), *_text(seen.notice))


def _state(seen: Seen) -> tuple[Text, ...]:
    """What its author, or the council, has to know of it first."""
    notice = seen.notice
    if notice.state is State.REMOVED:
        objected = (say("notices.objection", words=notice.appeal),) if notice.appeal else ()
        return (say("notices.removed_because", reason=notice.reason), *objected)
    if notice.state is State.HIDDEN:
        return (say("notices.is_hidden"),)
    if notice.state in (State.WITHDRAWN, State.ENDED):
        return (say("notices.is_down"),)
    return (say("notices.reports", count=seen.reports),) if seen.moderates and seen.reports else ()


def _foreign(notice: Notice, language: str) -> tuple[Text, ...]:
    return (say(f"notices.written_in.{notice.language}"),) if notice.is_foreign(language) else ()


def _text(notice: Notice) -> tuple[Text, ...]:
    return (literal(notice.text),) if notice.text else ()


def _facts(seen: Seen) -> tuple[Fact[Text], ...]:
    notice = seen.notice
    facts = [Fact(say("notices.fact.kind"), kind(notice.kind), "kind")]
    if not seen.own:
        facts.append(Fact(say("notices.fact.author"), literal(seen.name), "author"))
    facts += _event_facts(notice)
    if notice.when is not None and seen.comers:
        come = say("notices.comers", names=", ".join(seen.comers), count=len(seen.comers)) if seen.own else _count(seen)
        facts.append(Fact(say("notices.fact.comers"), come, "comers"))
    if notice.when is None and notice.state in STANDING:
        facts.append(Fact(say("notices.fact.until"), literal(notice.expires_on), "until", day=notice.expires_on))
    if seen.own:
        facts += _titles(notice)
    return tuple(facts)


def _titles(notice: Notice) -> list[Fact[Text]]:
    """The titles that the author gave in other languages."""
    return [Fact(say(f"language.{each}"), literal(title)) for each, title in sorted(notice.titles.items())]


def _count(seen: Seen) -> Text:
    others = len(seen.comers) - 1
    return say("notices.you_come", count=others) if seen.comes and others else literal(len(seen.comers))


def _event_facts(notice: Notice) -> tuple[Fact[Text], ...]:
    if notice.when is None:
        return ()
    facts = [Fact(say("notices.fact.when"), when(notice.when), "when", day=notice.when.day)]
    if notice.when.place:
        facts.append(Fact(say("notices.fact.place"), literal(notice.when.place), "place"))
    return tuple(facts)


def _attachments(notice: Notice, language: str) -> tuple[Attachment, ...]:
    photos = tuple(
        Attachment("photo", {"sha256": each, "name": f"photo-{place}"}) for place, each in enumerate(notice.photos, 1)
    )
    return photos if notice.when is None else (*photos, event(notice, language).attachment())


def _own(notice: Notice) -> tuple[Choice[Text], ...]:
    """What an author can do with his note."""
    if notice.state is State.REMOVED or (notice.state is State.HIDDEN and not notice.appeal):
        appeal = (Choice(_own_intent(notice, "appeal"), say("notices.choice.appeal")),) if not notice.appeal else ()
        down = (_down(notice),) if notice.state is State.HIDDEN else ()
        return (*appeal, *down, to_board())
    if notice.state is State.ENDED and notice.when is None:
        return (
            Choice(_own_intent(notice, "until", days=STANDS), say("notices.choice.again", count=STANDS)),
            to_board(),
        )
    if notice.state not in STANDING:
        return (to_board(),)
    choices = [Choice(_own_intent(notice, "kinds"), say("notices.choice.kind"))]
    if len(notice.photos) < MOST_PHOTOS:
        choices.append(Choice(_own_intent(notice, "photo"), say("notices.choice.photo")))
    if notice.when is not None:
        choices.append(Choice(_own_intent(notice, "when"), say("notices.choice.when")))
        choices.append(Choice(_own_intent(notice, "place"), say("notices.choice.place")))
    else:
        choices.append(Choice(_own_intent(notice, "days"), say("notices.choice.until")))
    choices.append(Choice(_own_intent(notice, "titles"), say("notices.choice.titles")))
    return (*choices, _down(notice))


def _down(notice: Notice) -> Choice[Text]:
    return Choice(_own_intent(notice, "withdraw"), say("notices.choice.withdraw"))


def _others(seen: Seen) -> tuple[Choice[Text], ...]:
    notice = seen.notice
    choices: list[Choice[Text]] = []
    if notice.state is State.SHOWN:
        if notice.when is not None:
            do = "stay" if seen.comes else "come"
            choices.append(Choice(_about(notice, do), say(f"notices.choice.{do}")))
        choices.append(Choice(_about(notice, "answer"), say("notices.choice.answer", name=seen.name)))
        if not seen.moderates:
            choices.append(Choice(_about(notice, "report"), say("notices.choice.report")))
    if seen.moderates:
        choices += deciding(notice, seen.reports)
    return (*choices, to_board())


def deciding(notice: Notice, reports: int) -> list[Choice[Text]]:
    """What the council can do with a note."""
    remove = Choice(_about(notice, "remove"), say("notices.choice.remove"))
    if notice.state is State.REMOVED:
        choices = [Choice(_about(notice, "restore"), say("notices.choice.restore"))]
        return [*choices, Choice(_about(notice, "uphold"), say("notices.choice.uphold"))] if notice.objects else choices
    if reports or notice.state is State.HIDDEN or notice.objects:
        return [Choice(_about(notice, "keep"), say("notices.choice.keep")), remove]
    if notice.pinned_at is not None:
        return [Choice(_about(notice, "unpin"), say("notices.choice.unpin")), remove]
    return [Choice(_about(notice, "pin"), say("notices.choice.pin")), remove]


def _about(notice: Notice, do: str) -> Intent:
    return Intent(BROWSE, {"do": do, "notice": str(notice.notice_id)})


def _waiting(page: Page) -> tuple[Text, ...]:
    return (say("notices.waiting", count=page.waiting),) if page.waiting else ()


def _to_decide(page: Page) -> tuple[Choice[Text], ...]:
    return (Choice(Intent(BROWSE, {"do": "cases"}), say("notices.choice.cases")),) if page.waiting else ()


def _follow(page: Page) -> tuple[Choice[Text], ...]:
    if page.gathers:
        return ()
    do, label = ("unfollow", "notices.choice.unfollow") if page.follows else ("follow", "notices.choice.follow")
    return (Choice(Intent(BROWSE, {"do": do}), say(label)),)
