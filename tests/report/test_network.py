from xml.etree import ElementTree

from breachpattern.report.network import network_of
from breachpattern.report.run import read

SVG = "{http://www.w3.org/2000/svg}"


def drawn(run, choose):
    held = read(run, 500)
    finding = next(f for f in held.findings if choose(f))
    picture = ElementTree.fromstring(str(network_of(finding, held.people(finding), held, "n")))
    texts = [text.text for text in picture.iter(f"{SVG}text")]
    return picture, texts, [title.text for title in picture.iter(f"{SVG}title")]


def test_people_orders_and_the_records_between_them_are_drawn(run):
    _, texts, titles = drawn(run, lambda f: f["pattern"] == "breach_in_course" and f["victim_ids"] == ["V1"])
    assert {"P1", "V1", "V2", "O1", "O2", "suspect", "victim", "victim of another candidate course"} <= set(texts)
    assert "P1, V1: 5 records, 4 breaches" in titles
    assert "P1, O1: binds" in titles
    assert "O1, V1: protects" in titles
    assert any(title.startswith("P1, V2: ") and "candidate course" in title for title in titles)


def test_no_two_things_lie_on_top_of_each_other(run):
    picture, _, _ = drawn(run, lambda f: len(f["order_ids"]) == 2)
    places = [(c.get("cx"), c.get("cy")) for c in picture.iter(f"{SVG}circle")]
    places += [path.get("transform") for path in picture.iter(f"{SVG}path") if path.get("transform")]
    assert len(places) == len(set(places)) >= 5
