"""What the programs and servers of the world write is read: words, quotes, notices, robots."""

from collections import Counter
from email.message import EmailMessage

from requests.channels.mail import parser
from tests.requests.channels import foreign_shapes


def test_quotes_of_each_program_are_folded_and_nothing_else_is():
    for name, body, words in foreign_shapes.quoted():
        mail = EmailMessage()
        mail["From"], mail["To"] = "Awa Traoré <awa@x.example>", "contact@rives.example"
        mail["Subject"] = "Re: Votre demande n° 7"
        mail.set_content(body)
        for raw in (bytes(mail), bytes(mail).replace(b"\n", b"\r\n")):
            found = parser.parse(raw)
            assert (found.sender, found.subject) == ("awa@x.example", "Re: Votre demande n° 7")
            assert found.text == words, name
            assert "pouvons-nous passer" in found.folded, name
            assert found.problems == []


def test_notices_of_each_server_mean_what_they_say():
    count: Counter[str] = Counter()
    for name, raw, right in foreign_shapes.notices():
        found = parser.parse(raw).bounce
        count["all"] += 1
        count["recognised"] += found is not None
        said = found.kind if found else ""
        assert not (right != "dead" and said == "dead"), name  # an address wrongly given up
        count["dead missed"] += right == "dead" != said
    print(dict(count))
    assert count["recognised"] >= 0.97 * count["all"]
    assert count["dead missed"] <= 0.03 * count["all"]


def test_answers_of_machines_are_known_by_their_subject_alone():
    unknown = [s for s, raw in foreign_shapes.away() if not parser.parse(raw).automatic]
    assert unknown == []
