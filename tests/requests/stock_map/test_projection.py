"""North is up, distances are true, near marks are one, and nothing leaves the drawing."""

import math
import random

import pytest

from requests.stock_map.projection import HEIGHT, WIDTH, Box, Spot, draw


def spot(pk: int, latitude: float, longitude: float, **numbers) -> Spot:
    return Spot(pk, f"R{pk}", "Valmer", latitude, longitude, **numbers)


def around(spots) -> Box:
    return Box.around([(s.latitude, s.longitude) for s in spots])


def test_north_is_up_and_east_is_right():
    spots = [spot(1, 47.0, 2.0), spot(2, 47.1, 2.1)]
    marks = {m.spots[0].pk: m for m in draw(spots, around(spots)).marks}
    assert marks[2].y < marks[1].y
    assert marks[2].x > marks[1].x


def test_a_kilometre_is_as_long_across_as_up():
    metre = 1 / 111_320.0
    east = 2000 * metre / math.cos(math.radians(47))
    spots = [spot(1, 47.0, 2.0), spot(2, 47.0 + 2000 * metre, 2.0), spot(3, 47.0, 2.0 + east)]
    marks = {m.spots[0].pk: m for m in draw(spots, around(spots)).marks}
    up, across = marks[1].y - marks[2].y, marks[3].x - marks[1].x
    assert up == pytest.approx(across, rel=0.002)
    view = draw(spots, around(spots))
    assert view.bar / view.bar_metres == pytest.approx(up / 2000, rel=0.01)


def test_every_residence_is_in_one_mark_inside_the_drawing():
    chance = random.Random(5)
    spots = [
        spot(n, 47 + chance.gauss(0, 0.02), 2 + chance.gauss(0, 0.03), open=n % 4)
        for n in range(300)
    ]
    view = draw(spots, around(spots))
    assert sorted(s.pk for m in view.marks for s in m.spots) == list(range(300))
    assert all(0 <= m.x <= WIDTH and 0 <= m.y <= HEIGHT for m in view.marks)
    assert sum(m.open for m in view.marks) == sum(s.open for s in spots)
    assert len(view.marks) < 200


def test_looking_closer_tells_them_apart():
    spots = [spot(n, 47 + n * 0.0004, 2.0) for n in range(6)] + [spot(9, 47.5, 2.5)]
    [cluster] = [m for m in draw(spots, around(spots)).marks if len(m.spots) > 1]
    closer = draw(spots, cluster.box)
    assert len(closer.marks) > 1
    assert {s.pk for m in closer.marks for s in m.spots} == set(range(6))


@pytest.mark.parametrize(
    "text", ["", "1,2,3", "a,b,c,d", "nan,1,2,3", "3,1,2,4", "-200,0,10,10", "0,0,inf,1"]
)
def test_a_box_that_is_none(text):
    assert Box.parse(text) is None


def test_a_box_survives_its_address():
    box = Box(1.5, 46.9, 1.6, 47.0)
    assert Box.parse(str(box)) == box


def test_one_residence_fills_no_void():
    view = draw([spot(1, 47.0, 2.0)], Box(2.0, 47.0, 2.0, 47.0))
    assert (view.marks[0].x, view.marks[0].y) == (WIDTH / 2, HEIGHT / 2)
