"""The nominal records of people: one each as a rule, for some a second or third, misspelt, moved, renumbered."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.simulation import texts
from breachpattern.simulation.census import Humans
from breachpattern.simulation.draws import Bools, Draws, Ints
from breachpattern.simulation.parameters import parameters


@dataclass(frozen=True)
class Nominals:
    """Nominal records, in the order of the people whom they are about.

    Attributes
    ----------
    who : int64
        The person behind each record.
    version : int64
        0 for the first record of a person.
    first, count : int64
        By person: the first record and how many there are; 0 records for people whom nobody wrote down.
    reference : int64
        The number of each record.
    """

    who: Ints
    version: Ints
    first: Ints
    count: Ints
    reference: Ints


def nominals(seen: Ints, size: int, draws: Draws) -> Nominals:
    """Return the records of people.

    Parameters
    ----------
    seen : (k,) int64
        Everybody whom a record, an order or a tie names.
    size : int
        How many people there are.
    draws : Draws
    """
    numbers = parameters()["people"]
    count = np.zeros(size, np.int64)
    count[seen] = 1
    second = (count > 0) & draws.chance(numbers["second_record"], size)
    count += second
    count += second & draws.chance(numbers["third_record"], size)
    first = np.cumsum(count) - count
    who = np.repeat(np.arange(size), count)
    version = np.arange(len(who)) - first[who]
    return Nominals(who, version, first, count, draws.order(len(who)))


def references(held: Nominals, people: Ints, draws: Draws) -> Ints:
    """Return by which record each row names somebody, -1 where it names nobody."""
    known = np.maximum(people, 0)
    other = draws.chance(parameters()["people"]["second_record_used"], len(people))
    extra = 1 + draws.whole(0, np.maximum(held.count[known] - 1, 1), len(people))
    place = np.where(other & (held.count[known] > 1), extra, 0)
    found = np.minimum(held.first[known] + place, max(len(held.who) - 1, 0))
    return np.where(people >= 0, held.reference[found] if len(held.who) else -1, -1)


def persons_table(held: Nominals, humans: Humans, force: str, draws: Draws) -> pa.Table:
    """Return the table of persons."""
    numbers, who, size = parameters()["people"], held.who, len(held.who)
    later = held.version > 0
    wrong = np.where(later & draws.chance(numbers["name_slip"], size), draws.whole(1, texts.SPELLINGS, size), 0)
    in_given = draws.chance(0.5, size)
    surname = humans.surname[who]
    married = later & ~humans.male[who] & draws.chance(numbers["surname_changed"], size)
    surname = np.where(married, surname + 7_919_000, surname)
    moved = later & draws.chance(numbers["moved"], size)
    there = draws.whole(0, len(humans), size)
    home = np.where(moved, humans.home[there], humans.home[who])
    street = np.where(moved, humans.street[there], humans.street[who])
    changed = np.where(later & draws.chance(numbers["phone_changed"], size), 3, 0)
    shop = humans.shop[who]

    def kept(column: pa.Array, share: float) -> pa.Array:
        return texts.masked(column, ~draws.chance(share, size) & ~shop)

    given = texts.given_names(humans.given[who], humans.male[who], np.where(in_given, wrong, 0))
    family = texts.surnames(surname, np.where(in_given, 0, wrong))
    trade = texts.joined("Northmarch Stores ", texts.padded(who, 1))
    number = humans.number[who]
    columns = {
        "person_id": texts.numbered("P-", held.reference, 8),
        "given_name": kept(given, numbers["name_blank"]),
        "surname": pc.if_else(pa.array(shop), trade, kept(family, numbers["name_blank"])),
        "date_of_birth": kept(_births(humans.born[who], later, draws), numbers["birth_blank"]),
        "sex": kept(texts.taken(["F", "M"], humans.male[who].astype(np.int64)), 0.0),
        "pnc_id": kept(texts.pnc_ids(number), numbers["pnc_blank"]),
        "phone": kept(texts.phones(number, changed), numbers["phone_blank"]),
        "email": kept(texts.joined("mail", texts.padded(number * 4, 1), "@mail.example"), numbers["email_blank"]),
        "address": kept(texts.addresses(home, street), numbers["address_blank"]),
        "postcode": kept(texts.postcodes(street), numbers["address_blank"]),
        "vehicle": kept(texts.vehicles(number), numbers["vehicle_blank"]),
        "force": pa.array([force]).take(pa.array(np.zeros(size, np.int64))),
    }
    return pa.table(columns).take(pa.array(np.argsort(held.reference)))


def _births(born: Ints, later: Bools, draws: Draws) -> pa.Array:
    """Return days of birth; some of the later records are a day, a month or ten years off."""
    off = np.array([1, 31, 3653, -1])[draws.whole(0, 4, len(born))]
    wrong = later & draws.chance(parameters()["people"]["birth_slip"], len(born))
    day = (born + np.where(wrong, off, 0)).astype("M8[D]")
    return pa.array(np.datetime_as_string(day, unit="D"), pa.string())
