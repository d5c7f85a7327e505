"""What a page is made of, read by the standard library's parser: elements and attributes, words apart."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlsplit

FOLLOWED_BY_A_CLICK = ("a", "href")
LINKS = frozenset(
    {"href", "src", "action", "formaction", "data", "poster", "srcset", "xlink:href", "hx-get", "hx-post"}
)
OWN_SCRIPTS = "/static/"
SAFE_SCHEMES = frozenset({"", "mailto", "tel"})
Element = tuple[str, tuple[tuple[str, str], ...]]


@dataclass
class Page(HTMLParser):
    """The elements of a page in order, the words of its text, and what stands between the tags of a script or style."""

    text: str
    elements: list[Element] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._inside = ""
        self.feed(self.text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, tuple((name, value or "") for name, value in attrs)))
        self._inside = tag

    def handle_endtag(self, tag: str) -> None:
        self.elements.append((f"/{tag}", ()))
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside in {"script", "style"} and data.strip():
            self.odd.append(f"<{self._inside}> with content")
        self.words.append(data)

    def handle_comment(self, data: str) -> None:
        self.odd.append("a comment")

    def handle_pi(self, data: str) -> None:
        self.odd.append("a processing instruction")

    @property
    def skeleton(self) -> list[tuple[str, tuple[str, ...]]]:
        """The elements with the names of their attributes: what a value cannot change unless it breaks out."""
        return [(tag, tuple(name for name, _ in attrs)) for tag, attrs in self.elements]

    @property
    def faults(self) -> list[str]:
        """What this program's pages never hold, since the policy of their headers would not run it, or must not."""
        found = list(self.odd)
        for tag, attrs in self.elements:
            told = dict(attrs)
            found += [f"<{tag} {name}>" for name in told if name.startswith(("on", "hx-on")) or name == "style"]
            found += [
                f"<{tag} {name}={value[:40]!r}>"
                for name, value in attrs
                if name in LINKS and not _is_safe(tag, name, value)
            ]
            if tag == "style" or (tag == "script" and not told.get("src", "").startswith(OWN_SCRIPTS)):
                found.append(f"<{tag}> of its own")
            if tag in {"iframe", "object", "embed", "base", "applet", "frame", "portal"}:
                found.append(f"<{tag}>")
        return found


def _is_safe(tag: str, name: str, link: str) -> bool:
    """Whether following a link runs no script, and nothing but a click leads to another site."""
    parts = urlsplit(link.strip())
    if parts.netloc:
        return (tag, name) == FOLLOWED_BY_A_CLICK and parts.scheme == "https"
    return parts.scheme.lower() in SAFE_SCHEMES
