"""Each way in which a folder can be wrong: what is changed in the tiny building, and the faults that this makes."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tests.core.interchange.tiny import TINY, Change, Place

T, L, K, P, C, W = "building.toml", "lots.csv", "keys.csv", "people.csv", "consents.csv", "ownership.csv"
N, B, E, A, S = "tenancies.csv", "budget.csv", "expenses.csv", "calls.csv", "settlements.csv"
G, Y, D, BILL = "opening.csv", "payments.csv", "documents.csv", "documents/bill.txt"
LEA = "lea,Léa Dubois,lea@mail.example,,fr,owner;council,email,2025-01-06"
OWNERS = "lot,person,right,numerator,denominator,from,to,representative\n"
BURDENED = "B,maria,usufruct,1,1,2021-06-01,,yes\nB,tom,bare,1,1,2021-06-01,,no\n"
E1 = "E1,2025-01-20,Net Exemple,Cleaning,100.00,21,121.00,61050,general,ordinary,tenant,bill.txt,,"

Case = tuple[Mapping[str, Change], list[Place]]


def toml(old: str, new: str, line: int, key: str) -> Case:
    return {T: (old, new)}, [(T, line, key)]


def one(file: str, old: str, new: str, line: int, key: str) -> Case:
    return {file: (old, new)}, [(file, line, key)]


def owners(rows: str, line: int, key: str, *more: Place) -> Case:
    """A new `ownership.csv`; lot B stays burdened unless the rows name it."""
    return {W: OWNERS + rows + ("" if re.search("^B,", rows, re.M) else BURDENED)}, [(W, line, key), *more]


FILES: dict[str, Case] = {
    "no building.toml": ({T: None}, [(T, 1, "file_missing")]),
    "no lots.csv": ({L: None}, [(L, 1, "file_missing")]),
    "neither": ({T: None, L: None}, [(T, 1, "file_missing"), (L, 1, "file_missing")]),
    "misspelt table": ({"payment.csv": "a\n"}, [("payment.csv", 1, "unknown_file")]),
    "other case": ({"LOTS.CSV": "a\n"}, [("LOTS.CSV", 1, "unknown_file")]),
    "other settings": ({"settings.toml": ""}, [("settings.toml", 1, "unknown_file")]),
    "empty table": ({N: ""}, [(N, 1, "no_header")]),
    "blank table": ({N: "\n  \n"}, [(N, 1, "no_header")]),
    "no header": ({N: "A,sam,2024-01-01,\n"}, [(N, 1, "no_header")]),
    "semicolons": ({N: TINY[N].replace(",", ";")}, [(N, 1, "separator")]),
    "tabs": ({L: TINY[L].replace(",", "\t")}, [(L, 1, "separator")]),
    "latin 1": ({P: TINY[P].encode("latin-1")}, [(P, 2, "not_utf8")]),
    "utf-16": ({N: TINY[N].encode("utf-16")}, [(N, 1, "not_utf8")]),
    "bad byte later": ({Y: TINY[Y].encode() + b"2025-03-01,lea,1.00,\xff,cash\n"}, [(Y, 4, "not_utf8")]),
    "unknown column": (
        {N: ("from,to", "from,too")},
        [(N, 1, "unknown_column"), (N, 1, "missing_column")],
    ),
    "extra column": ({N: "lot,person,from,to,why\nA,sam,2024-01-01,,x\n"}, [(N, 1, "unknown_column")]),
    "nameless column": ({N: "lot,person,from,to,\nA,sam,2024-01-01,,\n"}, [(N, 1, "nameless_column")]),
    "column twice": ({N: "lot,person,from,to,lot\nA,sam,2024-01-01,,A\n"}, [(N, 1, "column_twice")]),
    "missing column": ({N: "lot,person,from\nA,sam,2024-01-01\n"}, [(N, 1, "missing_column")]),
    "too few cells": one(N, "2024-01-01,", "2024-01-01", 2, "cell_count"),
    "too many cells": one(N, "2024-01-01,", "2024-01-01,,", 2, "cell_count"),
    "only commas": ({N: TINY[N] + ",,,\n"}, [(N, 3, "empty_row")]),
    "quote not closed": one(E, '"Lift, yearly"', '"Lift, yearly', 3, "quotes"),
    "sign after a quote": one(E, '"Lift, yearly"', '"Lift, yearly"s', 3, "quotes"),
    "quote at the end not closed": ({N: TINY[N] + '"A,sam,2024-01-01,'}, [(N, 3, "quotes")]),
    "quoted header not closed": ({N: TINY[N].replace("lot", '"lot', 1)}, [(N, 1, "quotes")]),
    "carriage returns only": ({N: TINY[N].replace("\n", "\r")}, [(N, 1, "line_ending")]),
    "line after quoted lines": (
        {E: [("Net Exemple", '"Net\n\nExemple"'), ("2025-02-20", "2025-02-30")]},
        [(E, 5, "no_such_day")],
    ),
    "row of quoted lines": ({E: [('"Lift, yearly"', '"Lift,\nyearly"'), ("53.00", "53.01")]}, [(E, 3, "total")]),
    "line after blank ones": ({N: "\n\nlot,person,from,to\n\nA,sam,2024-01-01,x\n"}, [(N, 5, "day")]),
}

CELLS: dict[str, Case] = {
    "lot empty": ({L: TINY[L] + ",other,,0\n"}, [(L, 4, "empty")]),
    "name of spaces": one(P, "Sam Jones", "  ", 5, "empty"),
    "number empty": one(A, "C2", "", 3, "empty"),
    "title empty": one(D, "Cleaning of January", "", 2, "empty"),
    "space around a lot": one(N, "A,", " A,", 2, "spaces"),
    "lot too long": ({L: TINY[L] + "x" * 101 + ",other,,0\n"}, [(L, 4, "too_long")]),
    "text too long": one(E, "Net Exemple", "x" * 2001, 2, "too_long"),
    "NUL": one(E, "Net Exemple", "Net\0", 2, "hidden_sign"),
    "bell": one(E, "Net Exemple", "Net\a", 2, "hidden_sign"),
    "carriage return": one(E, '"Lift, yearly"', '"Lift\ryearly"', 3, "hidden_sign"),
    "line break in a name": one(P, "Sam Jones", '"Sam\nJones"', 5, "line_break"),
    "date in words": one(A, "C1,2025-01-05", "C1,5 January", 2, "day"),
    "date of the country": one(A, "C1,2025-01-05", "C1,05/01/2025", 2, "day"),
    "date without zeros": one(A, "C1,2025-01-05", "C1,2025-1-5", 2, "day"),
    "date in other digits": one(A, "C1,2025-01-05", "C1,２０２５-01-05", 2, "day"),
    "date with time": one(A, "C1,2025-01-05", "C1,2025-01-05T00:00", 2, "day"),
    "date empty": one(A, "C1,2025-01-05", "C1,", 2, "empty"),
    "30 February": one(N, "2024-01-01", "2024-02-30", 2, "no_such_day"),
    "year 1899": one(N, "2024-01-01", "1899-12-31", 2, "day_out_of_range"),
    "year 2201": one(N, "2024-01-01", "2201-01-01", 2, "day_out_of_range"),
    "money with a comma": one(G, "120.00", '"120,00"', 2, "money"),
    "money with one decimal": one(G, "120.00", "120.0", 2, "money"),
    "money with three decimals": one(G, "120.00", "120.000", 2, "money"),
    "money without decimals": one(G, "120.00", "120", 2, "money"),
    "money with thousands": one(G, "120.00", "1 120.00", 2, "money"),
    "money with a plus": one(G, "120.00", "+120.00", 2, "money"),
    "money with a currency": one(G, "120.00", "€120.00", 2, "money"),
    "money in other digits": one(G, "120.00", "١٢٠.00", 2, "money"),
    "money as a power": one(G, "120.00", "1e2", 2, "money"),
    "money empty": one(G, "120.00", "", 2, "empty"),
    "money of 13 digits": one(G, "120.00", "1000000000000.00", 2, "money_too_large"),
    "weight below zero": one(K, "B,3", "B,-3", 3, "whole"),
    "weight with decimals": one(K, "B,3", "B,3.0", 3, "whole"),
    "weight in other digits": one(K, "B,3", "B,３", 3, "whole"),
    "weight too large": one(K, "B,3", "B,1000000000000", 3, "whole_out_of_range"),
    "numerator zero": one(W, "lea,full,1,1", "lea,full,0,1", 2, "whole_out_of_range"),
    "year of the budget": one(B, "2025,16000", "25,16000", 3, "whole_out_of_range"),
    "kind of lot": one(L, "A,apartment", "A,flat", 2, "code"),
    "right": one(W, "lea,full", "lea,owner", 2, "code"),
    "representative": one(W, "2020-01-01,,no", "2020-01-01,,non", 2, "code"),
    "language": one(P, "en,tenant", "es,tenant", 5, "code"),
    "language empty": one(P, "en,tenant", ",tenant", 5, "empty"),
    "role": one(P, "en,tenant", "en,lodger", 5, "code"),
    "roles with a space": one(P, "owner;council", "owner; council", 2, "code"),
    "roles with a gap": one(P, "owner;council", "owner;", 2, "list_gap"),
    "roles twice": one(P, "owner;council", "owner;owner", 2, "listed_twice"),
    "accepted channel": one(P, "council,email", "council,fax", 2, "code"),
    "consented channel": one(C, "maria,email", "maria,phone", 2, "code"),
    "fund of the budget": one(B, "general,working", "general,reserves", 2, "code"),
    "fund of a call": one(A, "First quarter,working", "First quarter,", 2, "empty"),
    "fund of an expense": one(E, ",working", ",works", 3, "code"),
    "nature": one(E, "lift,ordinary", "lift,usual", 3, "code"),
    "bearer": one(E, "lift,ordinary,tenant", "lift,ordinary,lodger", 3, "code"),
    "VAT rate": one(E, "100.00,21,121.00", "100.00,20,121.00", 2, "code"),
    "VAT rate in percent": one(E, "100.00,21,121.00", "100.00,21%,121.00", 2, "code"),
    "source": ({Y: TINY[Y] + "2025-03-01,lea,1.00,,card\n"}, [(Y, 4, "code")]),
    "kind of document": one(D, "invoice", "bill", 2, "code"),
    "reader of a document": one(D, "owners", "all", 2, "code"),
    "language of a document": one(D, ",en,", ",EN,", 2, "code"),
    "e-mail without @": one(P, "maria@mail.example", "maria.mail.example", 3, "email"),
    "e-mail with two @": one(P, "maria@mail.example", "maria@b@mail.example", 3, "email"),
    "e-mail with a space": one(P, "maria@mail.example", "maria peeters@mail.example", 3, "email"),
    "e-mail without a domain": one(P, "maria@mail.example", "maria@mail", 3, "email"),
    "e-mail with dots": one(P, "maria@mail.example", "maria@mail..example", 3, "email"),
    "e-mail too long": one(P, "maria@mail.example", "m" * 250 + "@mail.example", 3, "email"),
    "account in letters": one(B, "16000", "16000A", 3, "account"),
    "account of class 4": one(E, "61000", "41000", 3, "account_of_class"),
    "account of 11 digits": one(E, "61000", "61000000000", 3, "account_of_class"),
}
PATHS = ("../bill.txt", "/bill.txt", "a//bill.txt", "a/./bill.txt", "C:/bill.txt", "a\\bill.txt", "a/../bill.txt")
CELLS |= {
    f"path {path}": ({D: TINY[D] + f"{path},Bill,invoice,2025-01-20,,owners\n"}, [(D, 3, "path")]) for path in PATHS
}

SETTINGS: dict[str, Case] = {
    "not TOML": toml('city = "Schaerbeek"', "city = Schaerbeek", 4, "toml_syntax"),
    "text not closed": toml('city = "Schaerbeek"', 'city = "Schaerbeek', 4, "toml_syntax"),
    "list not closed": ({T: TINY[T] + "more = [1,\n2\n"}, [(T, 30, "toml_syntax")]),
    "key twice": toml('slug = "charmes"', 'slug = "charmes"\nname = "B"', 6, "toml_twice"),
    "table twice": ({T: TINY[T] + "[arrears]\n"}, [(T, 29, "toml_twice")]),
    "key of an inline table twice": toml('"legal"', '{ rate = "8", rate = "9" }', 22, "toml_twice"),
    "deep": ({T: TINY[T] + "more = " + "[" * 9999}, [(T, 1, "toml_syntax")]),
    "no UTF-8": ({T: TINY[T].replace("Rue", "Allée").encode("latin-1")}, [(T, 2, "not_utf8")]),
    "unknown key": toml('city = "', 'town = "', 4, "toml_unknown"),
    "unknown table": ({T: TINY[T] + "\n[council]\nsize = 3\n"}, [(T, 30, "toml_unknown")]),
    "unknown key of a table": toml("emergency =", "urgent =", 28, "toml_unknown"),
    "unknown quoted key": toml("emergency =", '"emer\\u0067encies" =', 28, "toml_unknown"),
    "unknown dotted key": toml(
        '[accounts]\nworking = "BE68 5390 0754 7034"\n', "[accounts]\nsav.ing = 1\n", 17, "toml_unknown"
    ),
    "name missing": toml('name = "Villa des Charmes"\n', "", 1, "toml_missing"),
    "slug missing": toml('slug = "charmes"\n', "", 1, "toml_missing"),
    "languages missing": toml('languages = ["fr", "nl"]\n', "", 1, "toml_missing"),
    "shares missing": toml("shares_total = 1000\n", "", 1, "toml_missing"),
    "name empty": toml('"Villa des Charmes"', '" "', 1, "empty"),
    "name a number": toml('"Villa des Charmes"', "3", 1, "toml_text"),
    "name with a bell": toml('"Villa des Charmes"', '"Villa\\u0007"', 1, "hidden_sign"),
    "name of lines": toml('"Villa des Charmes"', '"Villa\\ndes Charmes"', 1, "line_break"),
    "postal code a number": toml('"1030"', "1030", 3, "toml_text"),
    "slug in capitals": toml('slug = "charmes"', 'slug = "Charmes"', 5, "slug"),
    "slug too long": toml('slug = "charmes"', f'slug = "{"c" * 41}"', 5, "slug"),
    "region": toml('"brussels"', '"paris"', 6, "code"),
    "no language": toml('["fr", "nl"]', "[]", 7, "empty"),
    "unknown language": toml('["fr", "nl"]', '["fr", "es"]', 7, "code"),
    "language twice": toml('["fr", "nl"]', '["fr", "fr"]', 7, "listed_twice"),
    "language a text": toml('["fr", "nl"]', '"fr"', 7, "toml_list"),
    "language a number": toml('["fr", "nl"]', "[1]", 7, "toml_text"),
    "enterprise number": toml("0123.456.749", "0123.456.748", 8, "enterprise_number"),
    "enterprise number too short": toml("0123.456.749", "0123.456", 8, "enterprise_number"),
    "enterprise number in words": toml("0123.456.749", "none yet", 8, "enterprise_number"),
    "shares a text": toml("= 1000", '= "1000"', 9, "toml_whole"),
    "shares true": toml("= 1000", "= true", 9, "toml_whole"),
    "shares with decimals": toml("= 1000", "= 1000.0", 9, "toml_whole"),
    "shares zero": toml("= 1000", "= 0", 9, "whole_out_of_range"),
    "shares endless": toml("= 1000", "= 1" + "0" * 40, 9, "whole_out_of_range"),
    "start in words": toml('"01-01"', '"1 January"', 10, "month_day"),
    "start in month 13": toml('"01-01"', '"13-01"', 10, "month_day"),
    "start on day 29": toml('"01-01"', '"01-29"', 10, "start_day"),
    "start a date": toml('"01-01"', "2025-01-01", 10, "toml_text"),
    "window on 29 February": toml('"05-01"', '"02-29"', 11, "month_day"),
    "acceptance a text": toml("2015-04-30", '"2015-04-30"', 12, "toml_date"),
    "acceptance a moment": toml("2015-04-30", "2015-04-30T12:00:00", 12, "toml_date"),
    "acceptance long ago": toml("2015-04-30", "1815-06-18", 12, "day_out_of_range"),
    "settlement": toml('"quarterly"', '"monthly"', 13, "code"),
    "module": toml('"loans", "notices"', '"loans", "pool"', 14, "code"),
    "accounts a text": (
        {T: re.sub(r"\[accounts\]\n.*\n.*\n", "", "accounts = 'BE'\n" + TINY[T])},
        [(T, 1, "toml_table")],
    ),
    "IBAN": toml("BE68 5390 0754 7034", "BE68 5390 0754 7035", 17, "iban"),
    "IBAN with national check wrong": toml("BE68 5390 0754 7034", "BE41 5390 0754 7035", 17, "iban"),
    "reserve IBAN too short": toml("BE91 0010 0000 0076", "BE91 0010 0000", 18, "iban"),
    "IBAN a number": toml('"BE91 0010 0000 0076"', "91", 18, "toml_text"),
    "reminders not increasing": toml("[15, 30, 60]", "[15, 15, 60]", 21, "reminder_days"),
    "reminder after a year": toml("[15, 30, 60]", "[15, 366]", 21, "whole_out_of_range"),
    "reminders a number": toml("[15, 30, 60]", "15", 21, "toml_list"),
    "reminder a text": toml("[15, 30, 60]", '[15, "30"]', 21, "toml_whole"),
    "reminder nested": toml("[15, 30, 60]", "[[[15]], {a = {b = 1}}]", 21, "toml_whole"),
    "interest": toml('"legal"', '"8.00"', 22, "interest"),
    "interest without article": toml('"legal"', '{ rate = "8.00" }', 22, "interest"),
    "interest with more": toml('"legal"', '{ rate = "8.00", article = "23", from = true }', 22, "interest"),
    "interest deep": toml('"legal"', "{ rate = [[[1]]], article = { a = { b = 1 } } }", 22, "interest"),
    "rate in words": toml('"legal"', '{ rate = "eight", article = "23" }', 22, "interest"),
    "rate a number": toml('"legal"', '{ rate = 8.0, article = "23" }', 22, "interest"),
    "syndic's e-mail": toml("bureau@syndic.example", "bureau", 26, "email"),
}

BETWEEN: dict[str, Case] = {
    "lot twice": ({L: TINY[L] + "A,apartment,0,0\n"}, [(L, 4, "repeated")]),
    "lot repeated with its shares": ({L: TINY[L] + "A,apartment,0,400\n"}, [(L, 4, "repeated")]),
    "shares do not add up": one(L, "600", "601", 3, "shares"),
    "no lots": ({L: "lot,kind,floor,shares\n"} | {file: None for file in (K, W, N, E, A)}, [(L, 1, "shares")]),
    "lot of a key unknown": ({K: TINY[K] + "lift,C,3\n"}, [(K, 4, "unknown_lot")]),
    "lot of a key twice": ({K: TINY[K] + "lift,B,4\n"}, [(K, 4, "row_repeated")]),
    "general key": ({K: TINY[K] + "general,A,1\ngeneral,B,1\n"}, [(K, 4, "key_reserved")]),
    "key of no weight": ({K: TINY[K] + "door,A,0\ndoor,B,0\n"}, [(K, 4, "key_weightless")]),
    "person twice": ({P: TINY[P] + "sam,Sam Smith,,,en,,,\n"}, [(P, 6, "repeated")]),
    "e-mail twice": ({P: TINY[P] + "eve,Eve,LEA@Mail.example,,en,,,\n"}, [(P, 6, "repeated")]),
    "acceptance undated": one(P, "email,2025-01-06", "email,", 2, "acceptance_undated"),
    "consent of nobody": ({C: TINY[C] + "eve,email,,2025-01-06,,\n"}, [(C, 3, "unknown_person")]),
    "consent withdrawn first": one(C, "2025-03-01", "2025-01-05", 2, "days_in_disorder"),
    "consent twice": ({C: TINY[C] + "maria,email,maria@mail.example,2025-01-06,,\n"}, [(C, 3, "row_repeated")]),
    "lot of a tenancy unknown": one(N, "A,sam", "C,sam", 2, "unknown_lot"),
    "tenant unknown": one(N, "A,sam", "A,eve", 2, "unknown_person"),
    "tenancy ends early": one(N, "2024-01-01,", "2024-01-01,2023-12-31", 2, "days_in_disorder"),
    "key of the budget unknown": one(B, "3600.00,general", "3600.00,door", 2, "unknown_key"),
    "key of the budget empty": one(B, "3600.00,general", "3600.00,", 2, "empty"),
    "expense twice": ({E: TINY[E] + E1 + "\n"}, [(E, 5, "repeated")]),
    "key of an expense unknown": one(E, "61000,lift", "61000,door", 3, "unknown_key"),
    "total without VAT": one(E, "121.00", "100.00", 2, "total"),
    "total rounded down": one(E, "50.00,6,53.00", "50.25,6,53.26", 3, "total"),
    "credit of the wrong sign": one(E, "-10.00,0,-10.00", "-10.00,0,10.00", 4, "total"),
    "key and private lot": one(E, "61010,,", "61010,general,", 4, "key_and_lot"),
    "neither key nor private lot": one(E, "61000,lift", "61000,", 3, "neither_key_nor_lot"),
    "private lot unknown": one(E, ",A,reserve", ",C,reserve", 4, "unknown_lot"),
    "document unknown": one(E, "bill.txt", "invoice.txt", 2, "unknown_document"),
    "expense before the owners": one(E, "E2,2025-02-20", "E2,2021-05-31", 3, "unowned"),
    "private expense before the owner": one(E, "E3,2025-05-05", "E3,2019-12-31", 4, "unowned"),
    "call twice": one(A, "C2", "C1", 3, "repeated"),
    "call due before its date": one(A, "C1,2025-01-05", "C1,2025-02-01", 2, "days_in_disorder"),
    "key of a call unknown": one(A, "200.00,lift", "200.00,door", 3, "unknown_key"),
    "call before the owners": (
        {A: TINY[A] + "C0,2021-05-01,2021-05-31,Roof,reserve,1.00,lift\n"},
        [(A, 4, "unowned")],
    ),
    "settlement twice": one(S, "S2", "S1", 3, "repeated"),
    "settlement repeated": ({S: TINY[S] + TINY[S].split("\n")[1] + "\n"}, [(S, 4, "repeated")]),
    "period ends early": one(S, "S1,2025-01-01", "S1,2025-04-01", 2, "days_in_disorder"),
    "settled before its end": one(S, "2025-04-15", "2025-03-30", 2, "days_in_disorder"),
    "settlement due before its date": one(S, "2025-05-15", "2025-04-14", 2, "days_in_disorder"),
    "periods overlap by a day": one(S, "S2,2025-04-01", "S2,2025-03-31", 3, "periods_overlap"),
    "period within another": (
        {S: TINY[S] + "S0,2025-02-01,2025-02-02,2025-04-01,2025-04-01\n"},
        [(S, 4, "periods_overlap")],
    ),
    "earlier period told later": (
        {S: TINY[S] + "S0,2024-12-01,2025-01-01,2025-04-01,2025-04-01\n"},
        [(S, 4, "periods_overlap")],
    ),
    "opening of nobody": one(G, "lea,", "eve,", 2, "unknown_person"),
    "opening twice": ({G: TINY[G] + "lea,2025-01-01,1.00\n"}, [(G, 4, "row_repeated")]),
    "payment of nobody": one(
        Y, "2025-02-01,lea,120.00,2025/14,bank\n2025", "2025-02-01,eve,1.00,,cash\n2025", 2, "unknown_person"
    ),
    "payment of nothing": ({Y: TINY[Y] + "2025-02-02,lea,0.00,,cash\n"}, [(Y, 4, "payment_of_nothing")]),
    "payment in the opening balance": ({Y: TINY[Y] + "2024-12-31,lea,1.00,,cash\n"}, [(Y, 4, "payment_contained")]),
    "call in the opening balance": (
        {A: TINY[A] + "C0,2024-12-01,2024-12-31,Old,reserve,1.00,general\n"},
        [(A, 4, "call_contained")],
    ),
    "call of the usufructuary in his opening balance": (
        {A: TINY[A] + "C0,2024-12-01,2024-12-31,Old,working,1.00,lift\n"},
        [(A, 4, "call_contained")],
    ),
    "document absent": ({BILL: None}, [(D, 2, "document_absent")]),
    "document undescribed": ({"documents/old/plan.pdf": "x"}, [(D, 1, "document_undescribed")]),
    "documents undescribed": ({D: None, E: ("bill.txt", "")}, [(D, 1, "document_undescribed")]),
    "document twice": ({D: TINY[D] + "bill.txt,Bill,invoice,2025-01-20,,owners\n"}, [(D, 3, "repeated")]),
}

OWNERSHIP: dict[str, Case] = {
    "lot unknown": owners("A,lea,full,1,1,2020-01-01,,no\nC,lea,full,1,1,2020-01-01,,no\n", 3, "unknown_lot"),
    "owner unknown": owners("A,eve,full,1,1,2020-01-01,,no\n", 2, "unknown_person"),
    "more than the whole": owners("A,lea,full,3,2,2020-01-01,,no\n", 2, "fraction"),
    "ends before it begins": owners("A,lea,full,1,1,2020-01-01,2019-12-31,no\n", 2, "days_in_disorder"),
    "two halves and more": owners("A,lea,full,2,3,2020-01-01,,no\nA,sam,full,1,2,2020-01-01,,no\n", 3, "lot_overlap"),
    "too little": owners("A,lea,full,1,3,2020-01-01,,no\nA,sam,full,1,3,2020-01-01,,no\n", 3, "lot_gap"),
    "a day missing": owners("A,sam,full,1,1,2020-01-01,2022-05-05,no\nA,lea,full,1,1,2022-05-07,,no\n", 2, "lot_gap"),
    "a day twice": owners("A,sam,full,1,1,2020-01-01,2022-05-05,no\nA,lea,full,1,1,2022-05-05,,no\n", 3, "lot_overlap"),
    "nobody any more": owners("A,lea,full,1,1,2020-01-01,2025-12-31,no\n", 2, "lot_gap"),
    "no bare owner": owners("A,lea,usufruct,1,1,2020-01-01,,no\n", 2, "bare_gap"),
    "no usufructuary": owners("A,lea,bare,1,1,2020-01-01,,no\n", 2, "usufruct_gap"),
    "usufruct begins later": owners(
        "A,lea,bare,1,1,2020-01-01,,no\nA,sam,usufruct,1,1,2020-01-02,,no\n", 2, "usufruct_gap"
    ),
    "usufruct on top": owners(
        "A,lea,full,1,1,2020-01-01,,no\nA,sam,usufruct,1,2,2023-01-01,,no\n", 3, "usufruct_overlap"
    ),
    "bare on top": owners("A,lea,full,1,1,2020-01-01,,no\nA,sam,bare,1,2,2023-01-01,,no\n", 3, "bare_overlap"),
    "each side wrong": owners(
        "A,lea,full,1,2,2020-01-01,,no\nA,sam,bare,1,2,2020-01-01,2022-12-31,no\nA,tom,usufruct,1,1,2020-01-01,,no\n",
        3,
        "bare_gap",
        (W, 4, "usufruct_overlap"),
    ),
    "two representatives": owners(
        "A,lea,full,1,2,2020-01-01,,yes\nA,sam,full,1,2,2020-01-01,,yes\n", 3, "two_representatives"
    ),
    "representatives a day together": owners(
        "A,lea,full,1,1,2020-01-01,2022-01-01,yes\nA,sam,full,1,1,2022-01-02,,yes\n"
        "B,maria,usufruct,1,1,2021-06-01,,yes\nB,tom,bare,1,1,2021-06-01,2024-06-01,no\nB,lea,bare,1,1,2024-06-02,,yes\n",
        6,
        "two_representatives",
    ),
    "row twice": owners("A,lea,full,1,1,2020-01-01,,no\nA,lea,full,1,1,2020-01-01,,no\n", 3, "owner_repeated"),
    "two halves of one": owners("A,lea,full,1,2,2020-01-01,,no\nA,lea,full,1,2,2020-01-01,,no\n", 3, "owner_repeated"),
    "twice within": owners(
        "A,lea,full,1,2,2020-01-01,,no\nA,lea,full,1,2,2020-01-01,2020-02-01,no\nA,sam,full,1,2,2020-02-02,,no\n",
        3,
        "owner_repeated",
    ),
    "never owned": (
        {W: OWNERS + "A,lea,full,1,1,2020-01-01,,no\n"},
        [(E, 2, "unowned"), (E, 3, "unowned"), (A, 2, "unowned"), (A, 3, "unowned"), (S, 2, "settled_unowned")],
    ),
    "nobody in a settled period": owners(
        "A,lea,full,1,1,2020-01-01,2024-12-31,no\nA,sam,full,1,1,2025-04-01,,no\n",
        2,
        "lot_gap",
        (S, 2, "settled_unowned"),
    ),
}

CASES = {
    f"{group}: {name}": case
    for group, cases in {
        "files": FILES,
        "cells": CELLS,
        "settings": SETTINGS,
        "between": BETWEEN,
        "ownership": OWNERSHIP,
    }.items()
    for name, case in cases.items()
}
