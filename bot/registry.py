"""Every dialogue there is, by name. No scanning."""

from __future__ import annotations

from collections.abc import Mapping

from bot.dialogues.bazaar import Bazaar
from bot.dialogues.charges import Charges
from bot.dialogues.help import Help
from bot.dialogues.human import Human
from bot.dialogues.later import Later
from bot.dialogues.linking import Linking
from bot.dialogues.loans import Loans
from bot.dialogues.notices import Notices
from bot.dialogues.notify import Notify
from bot.dialogues.sel import Sel
from bot.dialogues.settings import Settings
from bot.dialogues.skills import Skills
from bot.dialogues.tickets import Tickets
from bot.dialogues.undo import Undo
from bot.turn import Dialogue

_BUILT: tuple[Dialogue, ...] = (
    Charges(),
    Settings(),
    Linking(),
    Notify(),
    Human(),
    Loans(),
    Notices(),
    Tickets(),
    Sel(),
    Bazaar(),
    Skills(),
    Undo(),
    Help(),
)
BUILT: tuple[str, ...] = tuple(intent for dialogue in _BUILT for intent in dialogue.intents)
"""The intents whose capability exists."""
OFFERED: tuple[str, ...] = (*(intent for dialogue in _BUILT for intent, _ in dialogue.offers), "help")
"""Those of them that a person can be offered: not the small words of a talk, such as thank you."""

DIALOGUES: tuple[Dialogue, ...] = (*_BUILT, Later(BUILT))
BY_NAME: Mapping[str, Dialogue] = {dialogue.name: dialogue for dialogue in DIALOGUES}
BY_INTENT: Mapping[str, Dialogue] = {intent: dialogue for dialogue in DIALOGUES for intent in dialogue.intents}
