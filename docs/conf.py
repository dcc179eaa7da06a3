"""How the documentation site is built: ``make docs``. Every warning is an error; nothing is fetched."""

from __future__ import annotations

from importlib import metadata

project = "breachpattern"
author = copyright = "The breachpattern developers"
release = version = metadata.version("breachpattern")
language = "en-GB"
# The folder of the repository is the source, so that README, CONTRIBUTING and the sample data are pages too.
root_doc = "docs/site"
include_patterns = ["docs/**", "*.md", "sample_data/README.md"]
exclude_patterns = ["docs/conf.py"]
extensions = ["myst_parser", "numpydoc", "sphinx.ext.autodoc", "sphinx.ext.autosummary"]
source_suffix = {".md": "markdown"}
autosummary_generate = False
html_theme = "alabaster"
html_title = "breachpattern"
html_theme_options = {
    "description": "Puts every breach of a protective order back into its pattern",
    "fixed_sidebar": True,
    "page_width": "1100px",
    "sidebar_width": "260px",
    "font_family": "system-ui, sans-serif",
    "head_font_family": "system-ui, sans-serif",
}
html_sidebars = {"**": ["about.html", "searchfield.html", "navigation.html"]}
html_show_sphinx = False
html_copy_source = False
myst_heading_anchors = 4
myst_enable_extensions = ["deflist"]
autodoc_typehints = "none"  # numpydoc says them, with their meaning
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
numpydoc_xref_param_type = False
