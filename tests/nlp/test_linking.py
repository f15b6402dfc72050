"""When a damage hesitates between places, so that its sentence is worth a parse."""

import pytest

from nlp.atoms import Atom
from nlp.clauses import scopes
from nlp.damage import find_triggers
from nlp.linking import weigh
from nlp.places import FoundPlace


@pytest.mark.parametrize(
    ("text", "is_open"),
    [
        ("松永に本郷で停電しています。", True),
        ("松永と本郷で停電しています。", False),  # a list: it is in both
        ("松永の川が越水して本郷のほうへ流れています。", False),  # the parse could make them equal, no more
    ],
)
def test_only_a_damage_between_rivals_is_open(text: str, is_open: bool) -> None:
    bounds = scopes(text)
    starts = [text.index(name) for name in ("松永", "本郷")]
    atoms = [Atom(start, start + 2, "area", "gazetteer") for start in starts]
    places = [FoundPlace(atom.start, atom.end, (atom,), None, ()) for atom in atoms]
    choices = weigh(text, bounds, find_triggers(text, bounds), places)
    assert any(choice.is_open for choice in choices) == is_open
    assert choices
