"""What the site has beside docs/: pages from elsewhere in the repository, links that hold in both, and mathematics.

A link is written as it holds in the repository. To a page of the site it becomes a link to that, to any other file of
the repository one to a copy of it; to what is not there it stays as it is, and the build, which is strict, fails.

Formulas become MathML, which browsers show without a script: `$$ … $$` and `$ … $`, and those of docstrings. A name
that a docstring sends to becomes a link where it stands on the site.
"""

import json
import os
import posixpath
import re
from pathlib import Path
from runpy import run_path
from xml.etree.ElementTree import Element

from latex2mathml.converter import convert
from markdown import Extension, Markdown
from markdown.inlinepatterns import InlineProcessor
from markdown.preprocessors import Preprocessor
from markdown.util import AtomicString
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
ROLE = r":(?:attr|class|data|func|meth|mod):`(~?)([^`]+)`"
DISPLAY = re.compile(r"^\$\$ (?P<tex>.+?) \$\$$", re.MULTILINE | re.DOTALL)
INLINE = r"\$(?![\s{])([^$]*[^$\s])\$"
FENCE = re.compile(r"(^```.*?^```$)", re.MULTILINE | re.DOTALL)
NESTED = re.compile(r"^ {2,3}(?=(?:[-*]|\d+\.) )", re.MULTILINE)
REFERENCES = "mkdocs-autorefs"  # the pattern of the plugin that makes links of names

docstring_as_markdown = run_path(str(Path(__file__).with_name("docstrings.py")))["as_markdown"]


@event_priority(100)  # before the plugin of docstrings, which takes the extensions that there are
def on_config(config: MkDocsConfig) -> None:
    """Add what Markdown does not have."""
    config.markdown_extensions.append(Docstrings())


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


class Docstrings(Extension):
    """Formulas as MathML, and Sphinx's roles as links, or as code where what they name is not on the site."""

    def extendMarkdown(self, md: Markdown) -> None:
        """After fences of code, and before all that reads backslashes, or quotes of code."""
        md.preprocessors.register(_Displayed(md), "displayed", 22)
        md.inlinePatterns.register(_Named(ROLE, md), "named", 195)
        md.inlinePatterns.register(_Inline(INLINE, md), "inline mathematics", 185)


class _Displayed(Preprocessor):
    def run(self, lines: list[str]) -> list[str]:
        return DISPLAY.sub(self._stashed, docstring_as_markdown("\n".join(lines))).split("\n")

    def _stashed(self, formula: re.Match[str]) -> str:
        made = convert(" ".join(formula["tex"].split()), display="block")
        return f"\n\n{self.md.htmlStash.store(made)}\n\n"


class _Named(InlineProcessor):
    def handleMatch(self, m: re.Match[str], data: str) -> tuple[Element | str, int, int]:
        name = " ".join(m[2].split())
        code = Element("code")
        code.text = AtomicString(name.rpartition(".")[2] if m[1] else name)
        if REFERENCES not in self.md.inlinePatterns:
            return code, m.start(0), m.end(0)
        hook = self.md.inlinePatterns[REFERENCES].hook  # knows whose docstring it is, and so what a short name means
        whole = name if hook is None or name.startswith("aeaug.") else hook.expand_identifier(name)
        link = Element("autoref", identifier=whole, optional="")
        link.append(code)
        return link, m.start(0), m.end(0)


class _Inline(InlineProcessor):
    def handleMatch(self, m: re.Match[str], data: str) -> tuple[Element | str, int, int]:
        return self.md.htmlStash.store(convert(" ".join(m[1].split()))), m.start(0), m.end(0)
