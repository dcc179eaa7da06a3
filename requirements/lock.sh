#!/bin/sh
# Writes the five locks from pyproject.toml. dev.txt: the newest of everything, with markers for every supported
# Python. oldest.txt: the documented minimum of every direct dependency, for Python 3.11. linking.txt: breachpattern[link]
# with linking.in, for `make bench-linking`; what it pins stays while it fits, because docs/linking.md was measured with
# it (delete the file to begin anew). spark.txt: breachpattern[spark] with spark.in, for `make test-spark`. proof.txt: what
# tests and `make fuzz` and `make mutation` need, in the versions of dev.txt where it has them.
set -eu
cd "$(dirname "$0")/.."
command -v uv >/dev/null || { echo "uv is needed to write the locks: pip install uv" >&2; exit 1; }
common="--no-header --no-annotate --no-emit-index-url --no-emit-find-links --quiet --python-version 3.11"
# shellcheck disable=SC2086 # the options are words
uv pip compile pyproject.toml --group dev --universal $common --upgrade --output-file requirements/dev.txt
# shellcheck disable=SC2086
uv pip compile pyproject.toml --group test --resolution lowest-direct $common --upgrade \
  --output-file requirements/oldest.txt
# shellcheck disable=SC2086
uv pip compile pyproject.toml requirements/linking.in --extra link $common --output-file requirements/linking.txt
# shellcheck disable=SC2086
uv pip compile pyproject.toml requirements/spark.in --extra spark $common --upgrade --output-file requirements/spark.txt
# shellcheck disable=SC2086
uv pip compile pyproject.toml --group test --group proof --constraint requirements/dev.txt --universal $common --upgrade \
  --output-file requirements/proof.txt
