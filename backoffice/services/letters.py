"""Letters to people, in plain text and in HTML: no pictures, nothing loaded from anywhere, every text escaped."""

from dataclasses import dataclass, field
from html import escape
from textwrap import fill

from backoffice import i18n
from backoffice.i18n import gettext, speaking

WIDTH = 76
PAGE = """\
<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light">
<title>{title}</title>
</head>
<body style="margin:0;padding:24px 12px;background:#f4f5f7;color:#1c2024;\
font:15px/1.55 -apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr><td align="center">
<table role="presentation" width="560" cellpadding="0" cellspacing="0" style="max-width:560px;width:100%;\
background:#ffffff;border:1px solid #e0e3e8;border-radius:8px">
<tr><td style="padding:28px 32px 8px;color:#60646c;font-size:13px">Partner Backoffice</td></tr>
<tr><td style="padding:0 32px"><h1 style="margin:0 0 12px;font-size:20px;line-height:1.3;color:#1c2024">{title}</h1>
{paragraphs}
</td></tr>
<tr><td style="padding:4px 32px 8px"><table role="presentation" width="100%" cellpadding="0" cellspacing="0" \
style="border-top:1px solid #e0e3e8">
{facts}
</table></td></tr>
<tr><td style="padding:12px 32px 28px"><a href="{link}" style="display:inline-block;padding:10px 18px;\
background:#3e63dd;color:#ffffff;border-radius:6px;text-decoration:none;font-weight:600">{link_words}</a></td></tr>
</table>
<p style="max-width:560px;margin:16px auto 0;color:#60646c;font-size:12px">{reason}</p>
</td></tr></table>
</body>
</html>
"""
PARAGRAPH = '<p style="margin:0 0 12px">{}</p>'
FACT = """\
<tr><td style="padding:8px 16px 8px 0;border-bottom:1px solid #e0e3e8;color:#60646c;font-size:13px;\
vertical-align:top;white-space:nowrap">{}</td><td style="padding:8px 0;border-bottom:1px solid #e0e3e8;\
font-size:13px;word-break:break-all">{}</td></tr>"""


@dataclass(frozen=True, slots=True)
class Letter:
    """What one letter says."""

    subject: str
    title: str
    paragraphs: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    link: str
    link_words: str
    reason: str
    unsubscribe: str = ""
    """Where one press stops letters of this kind; empty for those that are not optional."""
    language: str = field(default_factory=i18n.language)
    """In which it was written."""

    def as_html(self) -> str:
        """Write it for readers that show HTML."""
        return PAGE.format(
            language=escape(self.language),
            title=escape(self.title),
            paragraphs="\n".join(PARAGRAPH.format(escape(each)) for each in self.paragraphs),
            facts="\n".join(FACT.format(escape(name), escape(value)) for name, value in self.facts),
            link=escape(self.link),
            link_words=escape(self.link_words),
            reason=escape(self.reason) + self._stop_html(),
        )

    def as_text(self) -> str:
        """Write it for readers that do not."""
        heads = [self._head(name) for name, _ in self.facts]
        width = max(map(len, heads), default=0)
        stop = f"\n{self._head(self._stop())}\n{self.unsubscribe}" if self.unsubscribe else ""
        parts = [
            self.title,
            *(fill(each, WIDTH) for each in self.paragraphs),
            "\n".join(f"{head:<{width}} {value}" for head, (_, value) in zip(heads, self.facts, strict=True)),
            f"{self._head(self.link_words)}\n{self.link}",
            f"-- \n{fill(self.reason, WIDTH)}{stop}",
        ]
        return "\n\n".join(parts) + "\n"

    def _stop_html(self) -> str:
        stop = escape(self.unsubscribe)
        return f' <a href="{stop}" style="color:#60646c">{escape(self._stop())}</a>' if stop else ""

    def _stop(self) -> str:
        with speaking(self.language):
            return gettext("Stop these letters")

    def _head(self, label: str) -> str:
        with speaking(self.language):
            return gettext("{label}:", label=label)


@dataclass(frozen=True, slots=True)
class Addressed:
    """A letter and who gets it."""

    address: str
    letter: Letter
    message_id: str
    """The same on every try, so that a mail server can tell a repeat."""


def subject(title: str, about: str, *, livemode: bool = True) -> str:
    """Say in one line what a letter is about."""
    said = gettext("{title}: {about}", title=title, about=about)
    return said if livemode else gettext("[Test] {subject}", subject=said)
