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
