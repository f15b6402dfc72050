from pathlib import Path

import numpy as np
import pytest

from nlp.learned import Learned
from nlp.network import Spellings
from nlp.pipeline import Reader
from nlp.reading import DamageType, Status
from nlp.training import Course
from service.commands.corpus import CorpusError, gold_of, lines_of, messages_of, phrases_of
from service.commands.train import CORPUS, train
from tests.nlp.networks import inputs_of

GOLD = '{"text": "停電です", "urgent": false, "incidents": [{"type": "power_outage", "status": "present"}]}\n'


def corpus(folder: Path) -> Path:
    (folder / "phrases").mkdir()
    (folder / "messages").mkdir()
    (folder / "phrases" / "some.tsv").write_text("電気きえた\tpower_outage:present\nお茶です\t-\n", "utf-8")
    (folder / "messages" / "some.tsv").write_text("助けて⏎2階です\trescue_request:present urgent\n", "utf-8")
    (folder / "messages" / "gold.jsonl").write_text(GOLD, "utf-8")
    return folder


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader(("松永町",), {})


def test_a_corpus_is_trained_to_weights_that_read(reader: Reader, tmp_path: Path) -> None:
    output = tmp_path / "weights.npz"
    seen: list[float] = []
    counts = train(reader, corpus(tmp_path), output, Course(steps=3), lambda _, loss: seen.append(loss))
    assert counts == (2, 2)
    assert len(seen) == 3
    spellings = Spellings()
    [said] = Learned(output.read_bytes()).read([inputs_of(spellings, ["停電"])], spellings)
    assert np.isfinite(said.both).all()


def test_a_whole_message_says_whether_life_is_in_danger(tmp_path: Path) -> None:
    folder = corpus(tmp_path)
    [message] = lines_of(folder / "messages" / "some.tsv", whole=True)
    assert message.text == "助けて\n2階です"
    assert message.says == ((DamageType.RESCUE_REQUEST, Status.PRESENT),)
    assert message.urgent is True
    assert [each.urgent for each in lines_of(folder / "phrases" / "some.tsv", whole=False)] == [None, None]


@pytest.mark.parametrize(
    "line", ["タブがない", "種別\tflood:present", "状況\tfire:burning", "組\tfire", "a\tb\tc"]
)
def test_a_bad_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "bad.tsv"
    path.write_text(f"よい\t-\n{line}\n", "utf-8")
    with pytest.raises(CorpusError, match=r"bad\.tsvの2行目"):
        list(lines_of(path, whole=False))


def test_bad_gold_is_named(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text(GOLD + '{"text": "x"}\n', "utf-8")
    with pytest.raises(CorpusError, match=r"gold\.jsonlの2行目"):
        list(gold_of(path))


def test_nothing_to_train_on_is_said(reader: Reader, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="必要です"):
        train(reader, tmp_path, tmp_path / "weights.npz", Course(steps=1))


def test_the_packaged_corpus_is_whole_and_says_nothing_twice() -> None:
    texts = [each.text for each in (*phrases_of(CORPUS), *messages_of(CORPUS))]
    assert len(texts) > 10_000
    assert len(texts) - len(set(texts)) < len(texts) / 200
