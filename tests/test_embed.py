"""The examples of the page on embedding run as they stand: Python, the FastAPI app, and Node."""

from __future__ import annotations

import asyncio
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/how-to/embed.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^(?:In `(\S+)`:\n\n)?```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILES = {name: body for name, _, body in BLOCK.findall(PAGE) if name}
CALL = {
    "incident_id": "CAD-1",
    "occurred_from": "2026-07-01T22:15",
    "suspect_id": "P-1001",
    "victim_id": "P-2001",
    "behaviours": "contact",
}


def test_the_python_of_the_page_runs(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    code = [body for name, language, body in BLOCK.findall(PAGE) if language == "python" and not name]
    assert len(code) == 2
    exec(compile("\n".join(code), "embed.md", "exec"), {})
    said = capsys.readouterr().out
    assert f"first line that it prints is `{said.splitlines()[0]}`" in PAGE
    assert said.count(" changed P-0137") == 3
    assert "occurred_from - 'last night' is not a date that can be read." in said


def test_the_fastapi_app_of_the_page_answers(monkeypatch, tmp_path):
    pytest.importorskip("fastapi", reason="fastapi is not installed; it is in the group `test`")
    httpx = pytest.importorskip("httpx", reason="httpx is not installed; it is in the group `test`")
    monkeypatch.chdir(ROOT)
    (tmp_path / "service.py").write_text(FILES["service.py"], encoding="utf-8")
    app = runpy.run_path(str(tmp_path / "service.py"))["app"]

    async def talk() -> None:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://here") as client:
            assert (await client.post("/assess", json=CALL)).json()["prior"]["records"] == 0
            assert (await client.post("/incidents", json=CALL)).status_code == 201
            later = CALL | {"incident_id": "CAD-2", "occurred_from": "2026-07-02T09:00"}
            answer = (await client.post("/assess", params={"findings": "full"}, json=later)).json()
            assert (answer["prior"]["records"], answer["patterns_not_assessed"]) == (1, [])
            wrong = await client.post("/assess", json=CALL | {"occurred_from": "last night"})
            assert (wrong.status_code, wrong.json()["detail"]["where"]) == (422, "occurred_from")
            again = await client.post("/incidents", json=CALL)
            assert (again.status_code, again.json()["prior"]["records"]) == (201, 0)
            other = await client.post("/incidents", json=CALL | {"behaviours": "threat"})
            assert other.json()["detail"]["message"].startswith("The incident 'CAD-1' is on file already")

    asyncio.run(talk())


@pytest.mark.further
def test_node_drives_the_child_process(tmp_path):
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    for name in ("cases.mjs", "control_room.mjs"):
        (tmp_path / name).write_text(FILES[name], encoding="utf-8")
    command = tmp_path / "breachpattern"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m breachpattern "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    done = subprocess.run(
        [node, "control_room.mjs", str(tmp_path / "state"), str(command)],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == ["O1 unrecorded offence", "ended with 0"]
    assert (tmp_path / "state" / "state.json").is_file()
