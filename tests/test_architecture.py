"""The house as it was drawn: who may import whom, what stands where, and that every word exists in four languages."""

from __future__ import annotations

import ast
import configparser
import importlib.metadata
import locale
import os
import re
import shutil
import string
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from bot.registry import BUILT, BY_INTENT, BY_NAME, DIALOGUES
from core.kernel.i18n import LANGUAGES, Catalogues
from core.kernel.text import say
from core.messaging.intent import INTENTS

ROOT = Path(__file__).parents[1]
PACKAGES = ("koprogo", "core", "bot", "channels", "web_admin", "scheduler")
CONTRACTS = ROOT / "importlinter.ini"
LONGEST_FILE = 500


@cache
def sources() -> dict[Path, ast.Module]:
    """Every module of the packages, by its path below the checkout."""
    found = (path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")))
    return {path.relative_to(ROOT): ast.parse(path.read_text(encoding="utf-8")) for path in found}


# -------------------------------------------------------------------------------------------------- who may import whom


def lint(root: Path, *contracts: str) -> tuple[bool, str]:
    """Whether the contracts are kept in that tree, and what is said of them."""
    program = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
    command = [sys.executable, "-c", program, "--config", str(CONTRACTS), "--no-cache", "--no-logo"]
    for contract in contracts:
        command += ["--contract", contract]
    # The tree comes first: an installation, or the path of these tests, would lead back to the checkout.
    path = [str(root), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, path)), "COLUMNS": "200"}
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    assert "Contracts:" in said, said
    return done.returncode == 0, said


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the packages, nothing but their modules."""
    for path in sources():
        target = tmp_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, target)
    return tmp_path


def test_all_contracts_are_kept() -> None:
    kept, said = lint(ROOT)
    assert kept, said
    assert f"Contracts: {len(named_contracts())} kept, 0 broken." in said


def named_contracts() -> list[str]:
    config = configparser.ConfigParser()
    config.read(CONTRACTS, encoding="utf-8")
    return [name.split(":")[2] for name in config.sections() if name.startswith("importlinter:contract:")]


def test_the_copy_keeps_them_too(tree: Path) -> None:
    kept, said = lint(tree)
    assert kept, said


FAULTS = {
    "house": [
        ("core/kernel/clock.py", "import bot.trace"),
        ("bot/turn.py", "import channels.shaping"),
        ("channels/console.py", "import koprogo.version"),
        ("scheduler/ticks.py", "import bot.turn"),
    ],
    "core": [
        ("core/kernel/clock.py", "import core.messaging.intent"),
        ("core/buildings/model.py", "import core.people.model"),
        ("core/inbox/model.py", "import core.outbox.model"),
        ("core/documents/model.py", "import core.charges.model"),
        ("core/gossip/__init__.py", '"""A folder that stands on no floor."""'),
    ],
    "channels": [
        ("channels/console.py", "import core.people.model"),
        ("channels/telegram/parse.py", "import core.database"),
    ],
    "adapters": [
        ("channels/console.py", "import channels.telegram.parse"),
        ("channels/shaping.py", "import channels.console"),
        ("channels/pigeon.py", '"""An adapter that nobody announced."""'),
    ],
    "pure": [
        ("core/people/model.py", "import sqlalchemy"),
        ("core/charges/parts/model.py", "import core.database"),
        ("core/charges/cards.py", "import jinja2"),
        ("core/kernel/money.py", "import asyncpg"),
        ("core/messaging/card.py", "import telegram"),
    ],
    "rooms": [
        ("core/people/model.py", "import core.people.store"),
        ("core/documents/store.py", "import core.documents.service"),
        ("core/charges/ledger/model.py", "import core.charges.ledger.store"),
    ],
    "doors": [
        ("bot/turn.py", "import core.people.store"),
        ("koprogo/demo.py", "import core.charges.ledger.store"),
        ("web_admin/routes.py", "import core.inbox.store"),
    ],
    "wires": [
        ("bot/courier.py", "import telegram"),
        ("core/outbox/service.py", "import aiosmtplib"),
        ("web_admin/routes.py", "import nio"),
    ],
    "sql": [
        ("bot/turn.py", "import sqlalchemy"),
        ("channels/telegram/channel.py", "import asyncpg"),
        ("web_admin/routes.py", "import alembic"),
    ],
    "cycles": [
        ("core/kernel/money.py", "import core.kernel.text"),
        ("bot/turn.py", "import bot.concierge"),
        ("channels/telegram/pace.py", "import channels.telegram.channel"),
    ],
}


def test_every_contract_is_broken_by_a_test() -> None:
    assert list(FAULTS) == named_contracts()


@pytest.mark.parametrize(
    ("contract", "file", "line"),
    [(contract, *fault) for contract, faults in FAULTS.items() for fault in faults],
    ids=[f"{contract}-{file}" for contract, faults in FAULTS.items() for file, _ in faults],
)
def test_a_contract_that_is_broken_is_seen(tree: Path, contract: str, file: str, line: str) -> None:
    path = tree / file
    path.parent.mkdir(exist_ok=True)
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    path.write_text(f"{before}\n{line}\n", encoding="utf-8")
    kept, said = lint(tree, contract)
    assert not kept, said
    assert "BROKEN" in said


WIRES = {
    "telegram": "channels/telegram",
    "nio": "channels/matrix",
    "aiosmtplib": "channels/email",
    "aiosmtpd": "channels/email",
    "aioimaplib": "channels/email",
    "dkim": "channels/email",
}


def imports(module: ast.Module) -> Iterator[str]:
    """The top names of all that a module imports, wherever in it."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def test_each_wire_library_lives_in_its_own_adapter() -> None:
    found = {(name, path) for path, module in sources().items() for name in imports(module) if name in WIRES}
    assert [str(path) for name, path in found if not path.as_posix().startswith(WIRES[name] + "/")] == []
    assert any(name == "telegram" for name, _ in found)


def test_what_is_not_configured_is_not_imported() -> None:
    """The composition root names the Telegram adapter only inside a function."""
    for path, module in sources().items():
        if path.parts[0] == "koprogo":
            for node in module.body:
                name = node.module if isinstance(node, ast.ImportFrom) else ""
                assert not (name or "").startswith("channels.telegram"), path


# ----------------------------------------------------------------------------------------------------- what stands where


def test_nobody_else_provides_a_package_of_our_names() -> None:
    provided = importlib.metadata.packages_distributions()
    for name in (*PACKAGES, "locale"):
        assert set(provided.get(name, ())) <= {"koprogo"}, name
    assert not set(PACKAGES) & sys.stdlib_module_names


def test_the_catalogues_do_not_hide_the_standard_library() -> None:
    assert not list((ROOT / "locale").rglob("*.py"))
    assert callable(locale.setlocale)
    assert ROOT not in Path(str(locale.__file__)).parents


def test_every_file_can_be_read_in_one_go() -> None:
    long = {
        str(path): count
        for path in sources()
        if (count := len((ROOT / path).read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    }
    assert long == {}


def test_every_folder_says_what_it_is() -> None:
    folders = [module for path, module in sources().items() if path.name == "__init__.py"]
    assert all(ast.get_docstring(module) for module in folders)
    assert len(folders) > 20


@pytest.mark.parametrize("word", ["utils", "helpers", "manager", "misc", "common", "data"])
def test_no_file_is_called_anything(word: str) -> None:
    assert [str(path) for path in sources() if path.stem.casefold() in (word, word.rstrip("s"))] == []


def test_no_float_comes_near_money() -> None:
    near = [path for path in sources() if path.as_posix().startswith("core/charges/")]
    near += [Path("core/kernel/money.py"), Path("core/kernel/periods.py"), Path("core/people/model.py")]
    assert len(near) > 15
    for path in near:
        for node in ast.walk(sources()[path]):
            place = f"{path}:{getattr(node, 'lineno', 0)}"
            assert not (isinstance(node, ast.Constant) and isinstance(node.value, float)), place
            assert not (isinstance(node, ast.Name) and node.id in ("float", "round")), place
            assert not (isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div)), place


# ------------------------------------------------------------------------------------------------------- what people read


@cache
def catalogue(language: str) -> Catalog:
    with (ROOT / "locale" / language / "LC_MESSAGES" / "messages.po").open("rb") as lines:
        return read_po(lines, locale=language)


def forms(language: str) -> dict[str, tuple[str, ...]]:
    """The messages of a language by key: one form, or one for each of its plurals."""
    found = {}
    for message in catalogue(language):
        if message.id:
            key = message.id if isinstance(message.id, str) else message.id[0]
            found[key] = (message.string,) if isinstance(message.string, str) else tuple(message.string)
    return found


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_the_four_languages_say_the_same_things() -> None:
    mine = {language: set(forms(language)) for language in LANGUAGES}
    assert {path.name for path in (ROOT / "locale").iterdir() if path.is_dir()} == set(LANGUAGES)
    for language in LANGUAGES:
        assert mine[language] == mine["en"], mine[language] ^ mine["en"]
    assert len(mine["en"]) > 200


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_whole(language: str) -> None:
    english = forms("en")
    for key, texts in forms(language).items():
        assert len(texts) == len(english[key]), f"{key}: a plural in one language is one in all"
        assert all(text.strip() and text.rstrip() == text for text in texts), key
        assert placeholders(texts[-1]) == placeholders(english[key][-1]), key
        for text in texts:
            assert placeholders(text) <= placeholders(texts[-1]), key
            assert all(name.isidentifier() for name in placeholders(text)), key
        if len(texts) > 1:
            assert "count" in placeholders(texts[-1]), key
    for message in catalogue(language):
        assert not message.fuzzy or not message.id, message.id


def test_the_languages_count_as_they_do() -> None:
    """In French nothing is one, in the others it is many."""
    for language in LANGUAGES:
        assert str(catalogue(language).plural_expr) == ("(n > 1)" if language == "fr" else "(n != 1)")
        assert catalogue(language).num_plurals == 2


SPEAKERS = ("say", "Text", "DomainError", "Wrong")
"""What takes the key of a message first; `Wrong` that of a fault."""


@cache
def refusals() -> set[str]:
    """The speakers, and every class that is made from one."""
    found = set(SPEAKERS)
    classes = [node for module in sources().values() for node in ast.walk(module) if isinstance(node, ast.ClassDef)]
    for _ in range(3):
        found |= {
            each.name for each in classes if any(isinstance(base, ast.Name) and base.id in found for base in each.bases)
        }
    return found


OUTPUT = "line"
"""What the command's output says it with."""


def written(node: ast.expr) -> Iterator[str]:
    """The texts that an expression may give, as far as they stand there; a hole is `\\0`."""
    match node:
        case ast.Constant(value=str(value)):
            yield value
        case ast.JoinedStr(values=parts):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "\0" for part in parts)
        case ast.IfExp(body=one, orelse=other):
            yield from written(one)
            yield from written(other)


def spoken_by(function: ast.expr) -> str:
    """The speaker that is called: a name, or the command's output."""
    match function:
        case ast.Name(id=name) if name in refusals():
            return name
        case ast.Attribute(attr=name, value=ast.Name(id="out")) if name == OUTPUT:
            return name
    return ""


@cache
def said() -> tuple[set[str], set[str]]:
    """The keys that the code and the templates say, and the families of keys that they fill in; each as it stands there."""
    whole: set[str] = set()
    for module in sources().values():
        for node in ast.walk(module):
            if isinstance(node, ast.Call) and node.args and (speaker := spoken_by(node.func)):
                prefix = "interchange.fault." if speaker == "Wrong" else ""
                whole |= {prefix + key for key in written(node.args[0]) if key}
    for template in (ROOT / "web_admin" / "templates").rglob("*.html"):
        page = template.read_text(encoding="utf-8")
        whole |= set(re.findall(r'\bt\("([a-z0-9_.]+)"[,)]', page))
        whole |= {f"{beginning}\0" for beginning in re.findall(r'\bt\("([a-z0-9_.]+)" ~', page)}
    return {key for key in whole if "\0" not in key}, {key for key in whole if "\0" in key}


@cache
def words_in_code() -> set[str]:
    """Every text that stands in the code by itself, and every part of a joined one."""
    return {
        node.value
        for module in sources().values()
        for node in ast.walk(module)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def family(pattern: str) -> re.Pattern[str]:
    return re.compile("(.*)".join(re.escape(part) for part in pattern.split("\0")))


def test_every_message_that_is_said_exists() -> None:
    keys, families = said()
    known = set(forms("en"))
    assert len(keys) > 80
    assert keys - known == set()
    nameless = {pattern for pattern in families if not any(family(pattern).fullmatch(key) for key in known)}
    assert nameless == set()


def test_no_message_is_left_over() -> None:
    """Each is said by its key, stands in the code as a text, or belongs to a family whose holes are words of the code."""
    keys, families = said()
    words = {word.lower().replace("-", "_") for word in words_in_code()} | {
        intent.partition(".")[0] for intent in INTENTS
    }
    patterns = [family(pattern) for pattern in families if not pattern.startswith("\0")]

    def fills(hole: str) -> bool:
        """Whether it is a word of the code, or two of them."""
        return hole in words or any(hole[:place] in words and hole[place:] in words for place in range(len(hole)))

    def is_said(key: str) -> bool:
        if key in keys or fills(key):
            return True
        found = (pattern.fullmatch(key) for pattern in patterns)
        return any(match and all(not hole or fills(hole) for hole in match.groups()) for match in found)

    assert [key for key in forms("en") if not is_said(key)] == []


def test_a_message_that_is_missing_or_left_over_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[__name__], "forms", lambda language: {"charges.nobody.says.this": ("x",)})
    with pytest.raises(AssertionError, match="nobody"):
        test_no_message_is_left_over()
    with pytest.raises(AssertionError):
        test_every_message_that_is_said_exists()


# ------------------------------------------------------------------------------------------------------- who is asked what


def test_every_intent_has_exactly_one_dialogue() -> None:
    claimed = [intent for dialogue in DIALOGUES for intent in dialogue.intents]
    assert sorted(claimed) == sorted(set(INTENTS) - {"none"})
    assert set(BY_INTENT) == set(claimed)
    assert all(intent in BY_INTENT[intent].intents for intent in claimed)
    assert list(BY_NAME) == [dialogue.name for dialogue in DIALOGUES]
    assert set(BUILT) <= set(INTENTS)


def test_what_is_offered_can_be_done_and_is_named_in_four_languages(catalogues: Catalogues) -> None:
    offered = [(intent, label) for dialogue in DIALOGUES for intent, label in dialogue.offers]
    assert {intent for intent, _ in offered} <= set(BUILT)
    assert len(offered) == len({intent for intent, _ in offered}) >= 8
    for _, label in offered:
        assert len({words(label) for words in catalogues.values()}) > 1


@pytest.mark.parametrize("intent", [intent for intent in INTENTS if intent not in BUILT and intent != "none"])
async def test_what_is_not_built_yet_is_said_honestly(catalogues: Catalogues, intent: str) -> None:
    from bot.turn import Turn
    from core.messaging.intent import Intent

    turn = Turn(None, None, (), None, "en", DIALOGUES)  # type: ignore[arg-type]
    (card,) = (await BY_INTENT[intent].start(turn, Intent(intent))).say
    assert {choice.intent.name for choice in card.choices} >= {"human"}
    for words in catalogues.values():
        said_card = card.map(words)
        assert said_card.title
        assert said_card.body
    assert card.title != say("")
