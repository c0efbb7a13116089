"""What the site has beside docs/: pages from elsewhere in the repository, links that hold in both, and mathematics.

A link is written as it holds in the repository. To a page of the site it becomes a link to that, to any other file of
the repository one to a copy of it; to what is not there it stays as it is, and the build, which is strict, fails.

Formulas become MathML, which browsers show without a script: `$$ … $$` and `$ … $`, and the `.. math::` of docstrings.
"""

import json
import os
import posixpath
import re
from pathlib import Path
from xml.etree.ElementTree import Element

from latex2mathml.converter import convert
from markdown import Extension, Markdown
from markdown.inlinepatterns import InlineProcessor
from markdown.preprocessors import Preprocessor
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import event_priority
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

REPOSITORY = Path(__file__).parents[1]
PAGES = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "outputs/README.md": "outputs.md",
    "examples/latent_augmenter.ipynb": "latent_augmenter.md",
}
SOURCES = {place: source for source, place in PAGES.items()}
COPIES = "repository"  # the site's folder of other files

LINK = re.compile(r"\]\((?P<path>[^)\s:#]+)(?P<anchor>#[^)\s]*)?\)")
ROLE = re.compile(r":(?:attr|class|data|func|meth|mod):`~?([^`]+)`")
DIRECTIVE = re.compile(r"^\.\. math::(?P<tex>.*(?:\n(?: +\S.*|[ \t]*(?=\n +\S)))*)", re.MULTILINE)
DISPLAY = re.compile(r"^\$\$ (?P<tex>.+?) \$\$$", re.MULTILINE | re.DOTALL)
INLINE = r"\$(?![\s{])([^$]*[^$\s])\$"
FENCE = re.compile(r"(^```.*?^```$)", re.MULTILINE | re.DOTALL)
NESTED = re.compile(r"^ {2,3}(?=(?:[-*]|\d+\.) )", re.MULTILINE)


@event_priority(100)  # before the plugin of docstrings, which takes the extensions that there are
def on_config(config: MkDocsConfig) -> None:
    """Add what Markdown does not have."""
    config.markdown_extensions.append(Mathematics())


def on_files(files: Files, config: MkDocsConfig) -> None:
    """Add the pages that do not lie in docs/."""
    for source, place in PAGES.items():
        text = (REPOSITORY / source).read_text()
        content = as_markdown(text) if source.endswith(".ipynb") else text
        files.append(File.generated(config, place, content=content))


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Have the links of a page hold on the site, and its lists within lists be such: they take four spaces here."""
    own = page.file.src_uri
    source = SOURCES.get(own, f"docs/{own}")

    def held(link: re.Match[str]) -> str:
        found = posixpath.normpath(posixpath.join(posixpath.dirname(source), link["path"]))
        if found in PAGES:
            target = PAGES[found]
        elif found.startswith("docs/"):
            target = found.removeprefix("docs/")
        elif not found.startswith("..") and (REPOSITORY / found).is_file():
            target = f"{COPIES}/{found}"
            if files.get_file_from_path(target) is None:
                files.append(File.generated(config, target, abs_src_path=os.fspath(REPOSITORY / found)))
        else:
            return link[0]
        return f"]({posixpath.relpath(target, posixpath.dirname(own) or '.')}{link['anchor'] or ''})"

    parts = FENCE.split(markdown)
    return "".join(part if place % 2 else NESTED.sub("    ", LINK.sub(held, part)) for place, part in enumerate(parts))


def as_markdown(notebook: str) -> str:
    """The cells of a notebook under each other."""
    cells = [(cell["cell_type"], "".join(cell["source"])) for cell in json.loads(notebook)["cells"]]
    return "\n\n".join(f"```python\n{text}\n```" if kind == "code" else text for kind, text in cells)


class Mathematics(Extension):
    """Formulas as MathML, and Sphinx's roles as code."""

    def extendMarkdown(self, md: Markdown) -> None:
        """After fences of code, and before all that reads backslashes."""
        md.preprocessors.register(_Displayed(md), "displayed", 22)
        md.inlinePatterns.register(_Inline(INLINE, md), "inline mathematics", 185)


class _Displayed(Preprocessor):
    def run(self, lines: list[str]) -> list[str]:
        text = ROLE.sub(r"`\1`", "\n".join(lines))
        for pattern in (DIRECTIVE, DISPLAY):
            text = pattern.sub(self._stashed, text)
        return text.split("\n")

    def _stashed(self, formula: re.Match[str]) -> str:
        made = convert(" ".join(formula["tex"].split()), display="block")
        return f"\n\n{self.md.htmlStash.store(made)}\n\n"


class _Inline(InlineProcessor):
    def handleMatch(self, m: re.Match[str], data: str) -> tuple[Element | str, int, int]:
        return self.md.htmlStash.store(convert(" ".join(m[1].split()))), m.start(0), m.end(0)
