"""The site, as `make docs` builds it: every link leads somewhere, nothing is fetched, what is public stands in it."""

import importlib.util
import inspect
import json
import os
import re
import runpy
import shutil
import subprocess
import sys
from functools import cache
from html.parser import HTMLParser
from types import SimpleNamespace
from urllib.parse import unquote, urlsplit

import pytest

from aeaug import LatentAugmenter
from tests.conftest import REPOSITORY

LEFT = r"\$|``|:(?:attr|class|data|func|math|meth|mod):|={4}|\.\. \w+::|\n```|\]\(|\\[a-z]"


class Page(HTMLParser):
    """What a page asks for, links to, and can be linked to; its text outside of code and formulas, and theirs."""

    def __init__(self, text):
        super().__init__()
        self.fetched, self.links, self.ids, self.text, self._quoted = [], [], set(), "", []
        self.formulas = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.ids |= {given[key] for key in ("id", "name") if given.get(key)}
        if tag in ("img", "script", "iframe", "source") and given.get("src"):
            self.fetched.append(given["src"])
        if tag == "link" and given.get("rel") in ("stylesheet", "icon", "preconnect", "preload"):
            self.fetched.append(given["href"])
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        if tag in ("code", "pre", "script", "style", "math"):
            self._quoted.append(tag)

    def handle_endtag(self, tag):
        if self._quoted and self._quoted[-1] == tag:
            self._quoted.pop()

    def handle_data(self, data):
        if not self._quoted:
            self.text += data
        elif "math" in self._quoted:
            self.formulas += data


@cache
def parsed(path):
    return Page(path.read_text())


def built(project, place, *flags):
    """``make docs`` without its installation: the ended process."""
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(place), *flags]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "http_proxy": "http://127.0.0.1:9"}
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, timeout=120)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder of the site, built without a warning."""
    place = tmp_path_factory.mktemp("site") / "site"
    ended = built(REPOSITORY, place)
    assert ended.returncode == 0, ended.stderr
    return place


def test_it_is_built_by_the_command_of_make_and_not_quietly():
    """A quiet build counts no warnings, so that it is never strict."""
    (line,) = [line for line in (REPOSITORY / "Makefile").read_text().splitlines() if "mkdocs build" in line]
    assert line.endswith("-m mkdocs build --strict")


@pytest.mark.cases(1)
@pytest.mark.parametrize("link", ["nowhere.md", "tuning.md#nowhere", "../src/aeaug/nowhere.py", "../README.md#nowhere"])
def test_a_link_that_leads_nowhere_fails_the_build(tmp_path, hooks, link):
    """Of a site without docstrings, which take most of the time."""
    shutil.copytree(REPOSITORY / "docs", tmp_path / "docs", ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("mkdocs.yml", "LICENSE", *hooks.PAGES):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        shutil.copy(REPOSITORY / file, tmp_path / file)
    (tmp_path / "bare.yml").write_text("INHERIT: mkdocs.yml\ntheme: {name: mkdocs}\nplugins: []\n")
    with (tmp_path / "docs" / "gpu.md").open("a") as page:
        page.write(f"\n[there]({link})\n")
    ended = built(tmp_path, tmp_path / "site", "--config-file", "bare.yml")
    assert ended.returncode == 1
    (warning,) = [line for line in ended.stderr.splitlines() if "WARNING" in line]
    assert "gpu.md" in warning
    assert "nowhere" in warning


@pytest.fixture(scope="module")
def hooks():
    spec = importlib.util.spec_from_file_location("hooks", REPOSITORY / "docs" / "hooks.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_link_leads_to_a_file_and_a_place_in_it(site):
    lost, pages = [], sorted(site.rglob("*.html"))
    for page in pages:
        for link in parsed(page).links + parsed(page).fetched:
            parts = urlsplit(link)
            if parts.scheme or page.name == "404.html":  # the latter is shown anywhere, so its links begin at the top
                continue
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            target = target / "index.html" if target.is_dir() else target
            anchor = unquote(parts.fragment)
            known = {"", *parsed(target).ids} if target.suffix == ".html" and target.is_file() else {""}
            if not target.is_file() or (anchor not in known and not anchor.startswith("__")):
                lost.append(f"{page.relative_to(site)}: {link}")
    assert len(pages) > 20
    assert not lost


def test_reading_it_fetches_nothing_from_elsewhere(site):
    fetched = [link for page in site.rglob("*.html") for link in parsed(page).fetched]
    assert fetched
    assert not [link for link in fetched if urlsplit(link).scheme or link.startswith("//")]
    elsewhere = re.compile(r"@import|url\([\"']?(?!data:|#|[\"'])")
    assert not [file for file in site.rglob("*.css") if elsewhere.search(file.read_text())]


def test_every_page_of_the_repository_is_in_it(site, hooks):
    docs = [file.relative_to(REPOSITORY / "docs") for file in (REPOSITORY / "docs").rglob("*.md")]
    places = [file.with_name("index.md") if file.name == "README.md" else file for file in docs]
    for place in [*map(str, places), *hooks.PAGES.values()]:
        assert len(parsed((site / place).with_suffix(".html")).text.split()) > 100, place
    notebook = json.loads((REPOSITORY / "examples" / "latent_augmenter.ipynb").read_text())
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    blocks = (site / "latent_augmenter.html").read_text().count('class="language-python highlight"')
    assert blocks == len(code) > 5


def test_what_is_public_is_documented(site):
    ids = parsed(site / "api" / "augmenter.html").ids
    own = [name for name, one in vars(LatentAugmenter).items() if inspect.isroutine(one) and not name.startswith("_")]
    documented = [name for name in own if name != "extra_repr"]
    assert {"fit", "sample", "transform"} < set(documented)
    assert {f"aeaug.library.augmenter.LatentAugmenter.{name}" for name in documented} <= ids
    for room, page in (
        ("perturbation", "perturbations"),
        ("evaluation/metrics", "metrics"),
        ("evaluation/spaces", "metrics"),
        ("export", "files"),
        ("gan/losses", "networks"),
        ("gan/views", "networks"),
        ("gan/penalties", "networks"),
        ("schedules", "networks"),
    ):
        modules = {
            f"aeaug.{room.replace('/', '.')}.{file.stem}"
            for file in (REPOSITORY / "src/aeaug" / room).glob("[a-z]*.py")
        }
        assert modules <= parsed(site / "api" / f"{page}.html").ids


def test_formulas_are_formulas_and_nothing_is_left_of_another_markup(site):
    pages = list(site.rglob("*.html"))
    assert sum(page.read_text().count("<math") for page in pages) > 30
    for page in pages:
        left = re.findall(rf".{{0,40}}(?:{LEFT}).{{0,40}}", parsed(page).text)
        assert not left, page
        assert not re.search(r"[&\\]", parsed(page).formulas), page


def test_rows_of_a_formula_and_of_a_docstring_s_table_stand_under_each_other(site):
    networks, metrics = ((site / "api" / f"{page}.html").read_text() for page in ("networks", "metrics"))
    assert re.search(r"<math[^>]*><mrow><mtable.*?<mtr>.*?<mtr>.*?</math>", metrics)
    assert "<li>x-flip: mirrored with probability 1/2</li>" in networks


@pytest.mark.parametrize(
    ("page", "name"),
    [
        ("metrics", "metrics.html#aeaug.evaluation.final.FinalEvaluator"),
        ("networks", "augmenter.html#aeaug.training.divergence.Diverged"),
        ("metrics", "#aeaug.evaluation.evaluator.Evaluator.sample"),  # within its class "sample" alone
    ],
)
def test_what_a_docstring_sends_to_is_a_link(site, page, name):
    assert name.removeprefix(f"{page}.html") in parsed(site / "api" / f"{page}.html").links


def test_formulas_and_tables_of_docstrings_are_those_of_markdown():
    made = runpy.run_path(str(REPOSITORY / "docs" / "docstrings.py"))["as_markdown"]
    assert made(".. math:: a\n    = b\n\nso") == "$$ a = b $$\n\nso"
    assert made(".. math::\n    a &= b \\\\\n    c &= d") == r"$$ \begin{align*} a &= b \\ c &= d \end{align*} $$"
    assert made("of :math:`x_i` and :mod:`a.b`") == "of $x_i$ and :mod:`a.b`"
    table = "=== ====\na   b c\n    d\ne f g h\n=== ====\n\nand"
    assert made(table) == "- a: b c d\n- e f: g h\n\nand"


@pytest.mark.parametrize(
    ("page", "link", "expected"),
    [
        ("results/README.md", "../evaluation.md#claims", "../evaluation.md#claims"),
        ("tuning.md", "../README.md#search", "index.md#search"),
        ("api/data.md", "../../CONTRIBUTING.md", "../contributing.md"),
        ("index.md", "docs/results/demo.md", "results/demo.md"),
        ("outputs.md", "../docs/gpu.md", "gpu.md"),
        ("latent_augmenter.md", "../README.md", "index.md"),
        ("gpu.md", "../src/aeaug/cli.py", "repository/src/aeaug/cli.py"),
        ("api/data.md", "../../conf/data/mnist.yaml", "../repository/conf/data/mnist.yaml"),
        ("gpu.md", "../src/aeaug/missing.py", "../src/aeaug/missing.py"),  # left to the build, which fails
        ("gpu.md", "../../beyond.md", "../../beyond.md"),
        ("gpu.md", "https://example.org/a.md", "https://example.org/a.md"),
        ("gpu.md", "#here", "#here"),
    ],
)
def test_a_link_of_the_repository_holds_on_the_site(hooks, monkeypatch, page, link, expected):
    copied, files = [], SimpleNamespace(get_file_from_path=lambda path: None)
    files.append = copied.append
    made = lambda config, target, *, abs_src_path: (target, abs_src_path)  # noqa: E731
    monkeypatch.setattr(hooks.File, "generated", made)
    shown = SimpleNamespace(file=SimpleNamespace(src_uri=page))
    assert hooks.on_page_markdown(f"a [b]({link}) c", shown, None, files) == f"a [b]({expected}) c"
    for target, source in copied:
        assert source == str(REPOSITORY / target.removeprefix("repository/"))
    assert bool(copied) == ("repository/" in expected)
