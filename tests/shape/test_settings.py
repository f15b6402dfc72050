"""Settings, .env.example, docker-compose.yml and Dockerfile say the same."""

import re
import shlex
from pathlib import Path
from typing import Any

import yaml

from service.settings import Settings
from tests.shape.tree import ROOT, text

UVICORN = {"FORWARDED_ALLOW_IPS"}  # read by the web server itself
COMPOSE_ONLY = {"POSTGRES_PASSWORD", "BIND", "HANSHO_VERSION"} | UVICORN
SET_BY_COMPOSE = {"DATABASE_URL", "HOST", "STATE"}
ENTRY = re.compile(r"^(?P<off># )?(?P<name>[A-Z][A-Z0-9_]*)=(?P<value>.*)$")


def example() -> dict[str, tuple[bool, str, str]]:
    """Name → (active, value, the comment above) of every entry of .env.example."""
    entries: dict[str, tuple[bool, str, str]] = {}
    comment: list[str] = []
    for line in text(Path(".env.example")).splitlines():
        if found := ENTRY.match(line):
            assert found["name"] not in entries, f"{found['name']} stands twice"
            entries[found["name"]] = (found["off"] is None, found["value"], " ".join(comment))
            comment = []
        elif line.startswith("# "):
            comment.append(line.removeprefix("# "))
        else:
            comment = []
    return entries


def compose() -> dict[str, Any]:
    return dict(yaml.safe_load(text(Path("docker-compose.yml"))))


def test_every_setting_is_in_the_example_and_nothing_else() -> None:
    assert set(example()) == {name.upper() for name in Settings.model_fields} | COMPOSE_ONLY


def test_the_example_shows_true_defaults_and_the_settings_own_words() -> None:
    for name, field in Settings.model_fields.items():
        _, value, comment = example()[name.upper()]
        default = "" if field.default is None else str(field.default)
        assert value == default, name
        assert field.description, name
        assert field.description in comment, name


def test_what_compose_requires_is_active_and_empty_in_the_example() -> None:
    required = set(re.findall(r"\$\{([A-Z_]+):\?", text(Path("docker-compose.yml"))))
    assert required == {"POSTGRES_PASSWORD", "SECRET_KEY"}
    for name, (active, value, comment) in example().items():
        assert active == (name in required), name
        assert "Required by docker compose" in comment or name not in required
        assert not (active and value), f"{name}: nobody starts with a known secret"


def test_compose_passes_only_variables_that_exist() -> None:
    used = set(re.findall(r"\$\{([A-Z_]+)", text(Path("docker-compose.yml"))))
    assert used <= set(example())
    known = {name.upper() for name in Settings.model_fields}
    services = compose()["services"]
    for name in ("migrate", "api", "worker"):
        assert set(services[name]["environment"]) <= known | UVICORN
        assert set(services[name]["environment"]) >= SET_BY_COMPOSE
        assert services[name]["env_file"] == ".env"


def test_services_of_ours_are_confined_and_a_worker_can_be_multiplied() -> None:
    services = compose()["services"]
    for name, service in services.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["deploy"]["resources"]["limits"]["memory"], name
        assert "container_name" not in service, name
    assert "ports" not in services["worker"]
    for name in ("api", "worker"):
        waits = services[name]["depends_on"]
        assert waits == {"migrate": {"condition": "service_completed_successfully"}}
    image = services["database"]["image"]
    assert re.fullmatch(r"postgis/postgis:\d+-\d+\.\d+", image), "a pinned tag"


def dockerfile() -> list[str]:
    joined = text(Path("Dockerfile")).replace("\\\n", " ")
    return [line.strip() for line in joined.splitlines() if line.strip() and not line.startswith("#")]


def test_what_the_image_copies_exists_and_reaches_the_engine() -> None:
    ignored = text(Path(".dockerignore")).splitlines()
    let_through = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    copied = []
    for line in dockerfile():
        words = shlex.split(line)
        if words[0] == "COPY" and not words[1].startswith("--from="):
            copied += words[1:-1]
    assert {"service", "nlp", "geo", "web"} <= set(copied)
    for source in copied:
        assert (ROOT / source).exists(), source
        assert any(Path(source).is_relative_to(allowed) for allowed in let_through), source


def test_the_image_sets_only_settings_and_does_not_run_as_root() -> None:
    environment = " ".join(line.removeprefix("ENV ") for line in dockerfile() if line.startswith("ENV "))
    names = {pair.partition("=")[0] for pair in shlex.split(environment)}
    assert names - {name.upper() for name in Settings.model_fields} == {
        "PATH",  "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"
    }  # fmt: skip
    users = [line.split()[1] for line in dockerfile() if line.startswith("USER ")]
    assert users[-1:] not in ([], ["root"], ["0"])
    assert any(line.startswith("HEALTHCHECK ") for line in dockerfile())
