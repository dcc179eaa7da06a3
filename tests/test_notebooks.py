"""The notebooks run from top to bottom and are kept without outputs."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).parent.parent / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_outputs(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert not cell.outputs
            assert cell.execution_count is None


def test_the_index_names_every_notebook() -> None:
    index = (FOLDER.parent / "docs" / "index.md").read_text(encoding="utf-8")
    assert not [path.name for path in NOTEBOOKS if f"../notebooks/{path.name}" not in index]


def test_the_page_that_opens_them_asks_a_question_of_every_notebook_and_says_what_it_needs() -> None:
    page = (FOLDER.parent / "docs" / "how-to" / "notebooks.md").read_text(encoding="utf-8")
    rows = {cells[1]: cells for line in page.splitlines() if len(cells := line.strip("| ").split(" | ")) == 3}
    for path in NOTEBOOKS:
        (question, _, needs), *more = (cells for cells in rows.values() if f"(../../notebooks/{path.name})" in cells[1])
        assert question.endswith("?")
        assert not more
        said = nbformat.read(path, as_version=4).cells[0].source
        named = {extra for extra in ("report", "ml", "excel", "link") if f"`{extra}`" in said or f"[{extra}]" in said}
        assert named == {extra for extra in ("report", "ml", "excel", "link") if f"`{extra}`" in needs}, path.name
    makefile = (FOLDER.parent / "Makefile").read_text(encoding="utf-8")
    assert "jupyter lab notebooks/" in makefile
    assert "jupyter lab notebooks/" in page


# The kernel's own machinery warns about itself; the notebook's code is what is under test.
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": FOLDER}})
    client.execute()
    written = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert not [output for output in written if output.output_type == "error" or output.get("name") == "stderr"]
    shown = [output for output in written if output.output_type in {"execute_result", "stream", "display_data"}]
    assert len(shown) >= len(notebook.cells) // 3
