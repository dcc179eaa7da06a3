"""An invented population with known truth: records as a force would hold them, and who each of them is about.

Assumptions, each documented so that it can be argued with (none is fitted to real people):

* Given names and surnames follow a Zipf-like law over the lists below and over composed surnames; a fifth of the
  people go by a nickname in some records.
* People live in households of one to five who share surname (children, spouses), address, postcode and a landline.
  One birth in seventy is a twin. One boy in fifteen has his father's name.
* Each person has one to five records (mean about 1.8), made at different times: a third of those with several have
  moved in between, a tenth of the women have changed surname.
* A cell is left blank in 2 % (names), 6 % (birth date), 35 % (phone), 55 % (e-mail), 20 % (address), 70 % (vehicle),
  75 % (PNC id), 85 % (CRO number) of records; of those filled, one in twenty-five carries a slip of the keyboard.
* One birth date in fifty has day and month exchanged, one in a hundred is the first of January of the year, one in
  two hundred 1 January 1900. One name in two hundred is a placeholder, one in a hundred has its halves exchanged; one
  sex in a hundred is wrong.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from breachpattern.linking.people.identifiers import LETTERS
from breachpattern.linking.people.names import nicknames

Ints = npt.NDArray[np.int64]
Texts = npt.NDArray[np.object_]

MALE = ["oliver", "jack", "harry", "george", "noah", "charlie", "jacob", "thomas", "oscar", "william", "james", "leo",
        "alfie", "henry", "joshua", "freddie", "archie", "ethan", "isaac", "alexander", "joseph", "edward", "samuel",
        "max", "logan", "lucas", "daniel", "mohammed", "adam", "arthur", "benjamin", "matthew", "david", "michael",
        "john", "paul", "andrew", "mark", "stephen", "peter", "robert", "christopher", "anthony", "kevin", "gary",
        "simon", "martin", "ian", "neil", "graham", "alan", "philip", "stuart", "nicholas", "jonathan", "gareth",
        "rhys", "dylan", "luke", "ryan", "liam", "connor", "kieran", "lewis", "callum", "jamie", "aaron", "nathan",
        "kyle", "jordan", "ali", "ahmed", "tomasz", "piotr", "imran", "yusuf", "kwame", "tariq", "declan", "sean",
        "patrick", "brian", "keith", "raymond", "derek", "trevor", "kenneth", "ronald"]  # fmt: skip
FEMALE = ["amelia", "olivia", "isla", "emily", "poppy", "ava", "isabella", "jessica", "lily", "sophie", "grace",
          "evie", "sophia", "ella", "mia", "charlotte", "freya", "phoebe", "daisy", "alice", "florence", "megan",
          "chloe", "lucy", "hannah", "holly", "bethany", "lauren", "rebecca", "rachel", "laura", "emma", "sarah",
          "claire", "nicola", "joanne", "karen", "susan", "julie", "deborah", "jacqueline", "margaret", "elizabeth",
          "catherine", "victoria", "samantha", "michelle", "lisa", "tracey", "sharon", "angela", "helen", "amanda",
          "donna", "louise", "natalie", "gemma", "kelly", "stacey", "leanne", "kirsty", "jade", "shannon", "paige",
          "aisha", "fatima", "priya", "anna", "zofia", "magdalena", "chantelle", "danielle", "stephanie", "jennifer",
          "amy", "katie", "molly", "eleanor", "abigail", "dorothy", "patricia", "barbara", "jean"]  # fmt: skip
SURNAMES = ["smith", "jones", "taylor", "brown", "williams", "wilson", "johnson", "davies", "robinson", "wright",
            "thompson", "evans", "walker", "white", "roberts", "green", "hall", "wood", "jackson", "clarke", "patel",
            "khan", "lewis", "james", "phillips", "mason", "mitchell", "rose", "davis", "rodgers", "cox", "hughes",
            "edwards", "turner", "hill", "moore", "cooper", "ward", "morris", "harrison", "king", "baker", "lee",
            "allen", "parker", "young", "scott", "adams", "ali", "begum", "singh", "shah", "ahmed", "murphy", "kelly",
            "morgan", "bell", "watson", "bennett", "gray", "cook", "shaw", "price", "webb", "stevens", "hunt",
            "palmer", "mills", "holmes", "ellis", "fisher", "barnes", "knight", "lloyd", "butler", "russell", "dixon",
            "hussain", "kaur", "kowalski", "nowak", "okafor", "mensah", "osei", "obrien", "oneill",
            "macdonald"]  # fmt: skip
BEGINNINGS = ["ash", "black", "brad", "brook", "burn", "carl", "chad", "cold", "craw", "dal", "den", "el", "fair",
              "farn", "gold", "graf", "hal", "har", "hol", "kirk", "lang"]  # fmt: skip
MIDDLES = ["a", "e", "i", "o", "er", "ing", "ling", "en"]
ENDINGS = ["bank", "beck", "bourne", "bury", "by", "combe", "dale", "den", "field", "ford", "ham", "hurst", "ley",
           "man", "mere", "more", "ridge", "son", "stead", "ton", "well", "worth"]  # fmt: skip
STREETS = ["high", "church", "station", "mill", "park", "victoria", "albert", "queen", "king", "manor", "green",
           "grove", "chapel", "spring", "north"]  # fmt: skip
KINDS = ["street", "road", "avenue", "lane", "close", "drive", "court", "place", "crescent", "gardens", "terrace"]
PROVIDERS = ["mail.example", "post.example", "inbox.example"]
PLACEHOLDERS = [("Unknown", "Male"), ("A N", "Other"), ("Not", "Known"), ("Unknown", "Unknown"), ("N/K", "N/K")]
BLANK = {"given_name": 0.02, "surname": 0.02, "date_of_birth": 0.06, "sex": 0.01, "phone": 0.35, "email": 0.55,
         "address": 0.2, "postcode": 0.15, "vehicle": 0.7, "pnc_id": 0.75, "cro_number": 0.85}  # fmt: skip
SLIP = 0.04
TRAINING_SEED = 20260301
KEYS = "abcdefghijklmnopqrstuvwxyz"


def simulate(people: int, seed: int) -> tuple[pa.Table, pa.Array]:
    """Return a persons table, and for each of its rows the number of the person whom it is about.

    Examples
    --------
    >>> table, truth = simulate(200, 1)
    >>> table.num_rows == len(truth), len(set(truth.to_pylist())) <= 200
    (True, True)
    """
    rng = np.random.default_rng(seed)
    person = _people(people, rng)
    count = 1 + np.minimum(rng.poisson(0.8, people), 4)
    who = np.repeat(np.arange(people), count)
    rng.shuffle(who)
    columns = {name: values[who] for name, values in person.items()}
    _over_time(columns, who, people, rng)
    _as_written(columns, rng)
    for name, share in BLANK.items():
        values = columns[name].copy()
        _slips(values, rng)
        values[rng.random(len(values)) < share] = None
        columns[name] = values
    _placeholders(columns, rng)
    table = {name: pa.array(columns[name], pa.string()) for name in BLANK}
    reference = pa.array([f"N{i:08d}" for i in range(len(who))])
    row = pa.array(np.arange(len(who)) + 2)
    return pa.table({"row": row, "person_id": reference} | table), pa.array(who)


def _people(size: int, rng: np.random.Generator) -> dict[str, Texts]:
    home = np.sort(rng.integers(0, max(size * 10 // 23, 1), size))
    homes = int(home.max()) + 1
    sex = np.where(rng.random(size) < 0.55, "M", "F").astype(object)
    given = np.where(sex == "M", _zipf(MALE, size, rng), _zipf(FEMALE, size, rng)).astype(object)
    family = _surnames(homes, rng)
    surname = np.where(rng.random(size) < 0.8, family[home], _surnames(size, rng)).astype(object)
    born = np.datetime64("1945-01-01") + rng.integers(0, 62 * 365, size)
    _told_apart(given, home, sex, rng)
    same_home = np.flatnonzero(home[1:] == home[:-1]) + 1
    twin = same_home[rng.random(len(same_home)) < 1 / 35]
    born[twin], surname[twin] = born[twin - 1], surname[twin - 1]
    old_enough = born[same_home - 1] < np.datetime64("1980-01-01")
    namesake = same_home[old_enough & (rng.random(len(same_home)) < 1 / 15)]
    given[namesake], surname[namesake], sex[namesake] = given[namesake - 1], surname[namesake - 1], sex[namesake - 1]
    born[namesake] = born[namesake - 1] + rng.integers(20 * 365, 35 * 365, len(namesake))
    street, postcode = _places(homes, rng)
    landline = _numbers("01632 9", 5, homes, rng)
    mobile = _numbers("07700 9", 5, size, rng)
    phone = np.where(rng.random(size) < 0.2, landline[home], mobile).astype(object)
    first = np.array([text[0] for text in given], object)
    email = first + "." + surname + _digits(3, size, rng) + "@" + rng.choice(PROVIDERS, size).astype(object)
    return {
        "given_name": given,
        "surname": surname,
        "date_of_birth": born.astype(str).astype(object),
        "sex": sex,
        "phone": phone,
        "email": email.astype(object),
        "address": street[home],
        "postcode": postcode[home],
        "vehicle": _vehicles(size, rng),
        "pnc_id": _pncs(size, rng),
        "cro_number": _cros(size, rng),
    }


def _told_apart(given: Texts, home: Ints, sex: Texts, rng: np.random.Generator) -> None:
    """Give members of one household different names, as families do."""
    for _ in range(5):
        pairs = np.char.add(home.astype(str), given.astype(str))
        _, first = np.unique(pairs, return_index=True)
        again = np.setdiff1d(np.arange(len(given)), first)
        for options, which in ((MALE, again[sex[again] == "M"]), (FEMALE, again[sex[again] == "F"])):
            given[which] = _zipf(options, len(which), rng)


def _over_time(columns: dict[str, Texts], who: Ints, people: int, rng: np.random.Generator) -> None:
    late = rng.random(len(who)) < 0.5
    moved = late & (rng.random(people) < 0.33)[who]
    street, postcode = _places(people, rng)
    columns["address"] = np.where(moved, street[who], columns["address"])
    columns["postcode"] = np.where(moved, postcode[who], columns["postcode"])
    another = late & (rng.random(people) < 0.35)[who]
    columns["phone"] = np.where(another, _numbers("07700 8", 5, people, rng)[who], columns["phone"])
    columns["vehicle"] = np.where(another, _vehicles(people, rng)[who], columns["vehicle"])
    married = late & (columns["sex"] == "F") & (rng.random(people) < 0.1)[who]
    columns["surname"] = np.where(married, _surnames(people, rng)[who], columns["surname"])
    short = _short_names()
    informal = np.flatnonzero((rng.random(people) < 0.2)[who] & (rng.random(len(who)) < 0.5))
    for i in informal:
        options = short.get(columns["given_name"][i])
        if options:
            columns["given_name"][i] = options[int(rng.integers(len(options)))]


def _as_written(columns: dict[str, Texts], rng: np.random.Generator) -> None:
    size = len(columns["surname"])
    born = columns["date_of_birth"]
    year, month, day = (np.array([text[part] for text in born], object) for part in
                        (slice(0, 4), slice(5, 7), slice(8, 10)))  # fmt: skip
    swap = (rng.random(size) < 0.02) & (day.astype(int) <= 12)
    born = np.where(swap, year + "-" + day + "-" + month, born)
    born = np.where(rng.random(size) < 0.01, year + "-01-01", born)
    columns["date_of_birth"] = np.where(rng.random(size) < 0.005, "1900-01-01", born).astype(object)
    halves = rng.random(size) < 0.01
    given, surname = columns["given_name"], columns["surname"]
    columns["given_name"] = np.where(halves, surname, given)
    columns["surname"] = np.where(halves, given, surname)
    wrong = rng.random(size) < 0.01
    columns["sex"] = np.where(wrong, np.where(columns["sex"] == "M", "F", "M"), columns["sex"]).astype(object)
    capital = rng.random(size) < 0.3
    for name in ("given_name", "surname"):
        texts = columns[name]
        columns[name] = np.array([text.upper() if upper else text.title() for text, upper in
                                  zip(texts, capital, strict=True)], object)  # fmt: skip


def _placeholders(columns: dict[str, Texts], rng: np.random.Generator) -> None:
    for i in np.flatnonzero(rng.random(len(columns["surname"])) < 0.005):
        columns["given_name"][i], columns["surname"][i] = PLACEHOLDERS[int(rng.integers(len(PLACEHOLDERS)))]


def _slips(values: Texts, rng: np.random.Generator) -> None:
    for i in np.flatnonzero(rng.random(len(values)) < SLIP):
        text = values[i]
        if not text or len(text) < 3:
            continue
        at = int(rng.integers(1, len(text)))
        other = str(rng.integers(10)) if text[at].isdigit() else KEYS[int(rng.integers(26))]
        kind = rng.integers(4)
        if kind == 0 or text[at] == "-":
            values[i] = text if text[at] == "-" else text[:at] + other + text[at + 1 :]
        elif kind == 1:
            values[i] = text[:at] + text[at + 1 :]
        elif kind == 2:
            values[i] = text[: at - 1] + text[at] + text[at - 1] + text[at + 1 :]
        else:
            values[i] = text[:at] + other + text[at:]


def _zipf(options: list[str], size: int, rng: np.random.Generator) -> Texts:
    weight = 1 / (np.arange(len(options)) + 5.0)
    return rng.choice(np.array(options, object), size, p=weight / weight.sum())


def _surnames(size: int, rng: np.random.Generator) -> Texts:
    common = _zipf(SURNAMES, size, rng)
    parts = [rng.choice(np.array(part, object), size) for part in (BEGINNINGS, MIDDLES, ENDINGS)]
    return np.where(rng.random(size) < 0.5, common, parts[0] + parts[1] + parts[2]).astype(object)


def _places(size: int, rng: np.random.Generator) -> tuple[Texts, Texts]:
    unit = rng.integers(0, max(size // 15, 1) + 1, size)
    units = int(unit.max()) + 1
    names = _zipf(STREETS, units, rng) + " " + _zipf(KINDS, units, rng)
    letters = np.array(list("ABDEFGHJLNPQRSTUWXYZ"), object)
    code = "ZZ" + _digits(1, units, rng, 1) + _digits(1, units, rng) + " " + _digits(1, units, rng)
    code = code + rng.choice(letters, units) + rng.choice(letters, units)
    house = np.array([str(n) for n in rng.integers(1, 120, size)], object)
    return (house + " " + names[unit]).astype(object), code[unit].astype(object)


def _numbers(start: str, length: int, size: int, rng: np.random.Generator) -> Texts:
    """Return numbers in ranges set aside for drama, with more digits than those, so that they stay apart."""
    return (start + _digits(length + 2, size, rng)).astype(object)


def _digits(length: int, size: int, rng: np.random.Generator, least: int = 0) -> Texts:
    return np.array([str(n).zfill(length) for n in rng.integers(least, 10**length, size)], object)


def _vehicles(size: int, rng: np.random.Generator) -> Texts:
    letters = rng.choice(np.array(list("ABCDEFGHJKLMNOPRSTUVWXY"), object), (5, size))
    marks = letters[0] + letters[1] + _digits(2, size, rng) + letters[2] + letters[3] + letters[4]
    return marks.astype(object)


def _pncs(size: int, rng: np.random.Generator) -> Texts:
    years, serials = rng.integers(1985, 2025, size), rng.integers(1, 9_999_999, size)
    letter = np.array(list(LETTERS), object)[(years % 100 * 10_000_000 + serials) % 23]
    return np.array([f"{y}/{s:07d}{c}" for y, s, c in zip(years, serials, letter, strict=True)], object)


def _cros(size: int, rng: np.random.Generator) -> Texts:
    years, serials = rng.integers(70, 100, size), rng.integers(1, 999_999, size)
    letter = np.array(list(LETTERS), object)[(years * 1_000_000 + serials) % 23]
    return np.array([f"{s:06d}/{y}{c}" for y, s, c in zip(years, serials, letter, strict=True)], object)


def _short_names() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for short, names in nicknames().items():
        for name in names:
            if short != name:
                found.setdefault(name, []).append(short)
    return {name: sorted(options) for name, options in found.items()}


def train() -> None:
    """Write the model that comes with the package: the population of one seed, levels estimated without its truth."""
    from pathlib import Path

    import breachpattern.linking.people as package
    from breachpattern.linking.people import train_model
    from breachpattern.linking.people.model import write_model

    persons, _ = simulate(40_000, TRAINING_SEED)
    model = train_model(persons, seed=TRAINING_SEED)
    model["about"] = "trained on an invented population (benchmarks/people.py), without its truth"
    write_model(model, Path(package.__file__).parent / "model.json")


if __name__ == "__main__":
    train()
