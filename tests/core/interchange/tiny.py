"""The smallest building that has one of everything, and ways to spoil it."""

from __future__ import annotations

from collections.abc import Mapping

from core.interchange.folder import Folder
from core.interchange.model import Faults
from core.interchange.reading import read_building

TINY: Mapping[str, str] = {
    "building.toml": """\
name = "Villa des Charmes"
address = "Rue du Charme 3"
postal_code = "1030"
city = "Schaerbeek"
slug = "charmes"
region = "brussels"
languages = ["fr", "nl"]
enterprise_number = "0123.456.749"
shares_total = 1000
financial_year_start = "01-01"
assembly_window_start = "05-01"
provisional_acceptance = 2015-04-30
settlement = "quarterly"
modules = ["loans", "notices"]

[accounts]
working = "BE68 5390 0754 7034"
reserve = "BE91 0010 0000 0076"

[arrears]
reminder_days = [15, 30, 60]
interest = "legal"

[syndic]
name = "Syndic Exemple"
email = "bureau@syndic.example"
phone = "+32 2 000 00 00"
emergency = "+32 2 000 00 01"
""",
    "lots.csv": """\
lot,kind,floor,shares
A,apartment,0,400
B,apartment,1,600
""",
    "keys.csv": """\
key,lot,weight
lift,A,0
lift,B,3
""",
    "people.csv": """\
person,name,email,phone,language,roles,channels_accepted,accepted_on
lea,Léa Dubois,lea@mail.example,,fr,owner;council,email,2025-01-06
maria,Maria Peeters,maria@mail.example,,nl,owner,,
tom,Tom Peeters,,+32 2 000 00 02,nl,owner,,
sam,Sam Jones,,,en,tenant,,
""",
    "consents.csv": """\
person,channel,address,accepted_on,withdrawn_on,evidence
maria,email,maria@mail.example,2025-01-06,2025-03-01,signed form
""",
    "ownership.csv": """\
lot,person,right,numerator,denominator,from,to,representative
A,lea,full,1,1,2020-01-01,,no
B,maria,usufruct,1,1,2021-06-01,,yes
B,tom,bare,1,1,2021-06-01,,no
""",
    "tenancies.csv": """\
lot,person,from,to
A,sam,2024-01-01,
""",
    "budget.csv": """\
year,account,description,amount,key,fund
2025,61050,Cleaning,3600.00,general,working
2025,16000,Roof,500.00,general,reserve
""",
    "expenses.csv": """\
number,date,supplier,description,net,vat_rate,total,account,key,nature,borne_by,document,private_lot,fund
E1,2025-01-20,Net Exemple,Cleaning,100.00,21,121.00,61050,general,ordinary,tenant,bill.txt,,
E2,2025-02-20,Lift Exemple,"Lift, yearly",50.00,6,53.00,61000,lift,ordinary,tenant,,,working
E3,2025-05-05,Key Exemple,Lost key,-10.00,0,-10.00,61010,,extraordinary,owner,,A,reserve
""",
    "calls.csv": """\
number,date,due,title,fund,total,key
C1,2025-01-05,2025-01-31,First quarter,working,300.00,general
C2,2025-01-05,2025-01-31,Roof,reserve,200.00,lift
""",
    "settlements.csv": """\
number,period_from,period_to,date,due
S1,2025-01-01,2025-03-31,2025-04-15,2025-05-15
S2,2025-04-01,2025-06-30,2025-07-15,2025-08-15
""",
    "opening.csv": """\
person,date,amount
lea,2025-01-01,120.00
maria,2025-01-01,-5.00
""",
    "payments.csv": """\
date,person,amount,reference,source
2025-02-01,lea,120.00,2025/14,bank
2025-02-01,lea,120.00,2025/14,bank
""",
    "documents.csv": """\
file,title,kind,date,language,visible_to
bill.txt,Cleaning of January,invoice,2025-01-20,en,owners
""",
    "documents/bill.txt": "Cleaning: 121.00\n",
}

Change = str | bytes | None | tuple[str, str] | list[tuple[str, str]]
"""A file replaced, left out, or with one text exchanged for another in it."""
Place = tuple[str, int, str]
"""File, line and message of a fault, the message without what all have in common."""


def spoiled(changes: Mapping[str, Change]) -> dict[str, bytes]:
    """The tiny building, with changes. A text that is to be exchanged stands exactly once."""
    files = {name: text.encode() for name, text in TINY.items()}
    for name, change in changes.items():
        if change is None:
            del files[name]
        elif isinstance(change, bytes):
            files[name] = change
        elif isinstance(change, str):
            files[name] = change.encode()
        else:
            text = files[name].decode()
            for old, new in [change] if isinstance(change, tuple) else change:
                assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
                text = text.replace(old, new)
            files[name] = text.encode()
    return files


def places(folder: Folder) -> list[Place]:
    """Where the faults of a folder are, in the order in which they are told; none where it is right."""
    try:
        read_building(folder)
    except Faults as found:
        return [(fault.file, fault.line, fault.wrong.key.removeprefix("interchange.fault.")) for fault in found.faults]
    return []
