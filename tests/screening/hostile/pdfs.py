"""Hostile PDFs: programs, attachments, passwords, loops, and streams that unpack to much more than they are."""

import zlib
from collections.abc import Callable
from io import BytesIO

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, String

from tests.screening.hostile import Hostile
from tests.screening.hostile.pictures import repeated, zeros

JUMP = "app.alert(1)"


def made(change: Callable[[Pdf], object] = lambda _: None, *, pages: int = 1, **options: object) -> bytes:
    document = pikepdf.new()
    for _ in range(pages):
        document.add_blank_page()
    change(document)
    buffer = BytesIO()
    document.save(buffer, **options)
    return buffer.getvalue()


def raw(*objects: bytes, trailer: bytes = b"") -> bytes:
    """Write objects as they are, numbered from 1, the first of them the root."""
    body, offsets = b"%PDF-1.7\n", []
    for number, item in enumerate(objects, 1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, item)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    return b"%sxref\n0 %d\n0000000000 65535 f \n%strailer\n<</Root 1 0 R /Size %d %s>>\nstartxref\n%d\n%%%%EOF\n" % (
        body, size, table, size, trailer, len(body),
    )  # fmt: skip


def stream(dictionary: bytes, data: bytes) -> bytes:
    return b"<<%s /Length %d>>\nstream\n%s\nendstream" % (dictionary, len(data), data)


CATALOG = b"<</Type /Catalog /Pages 2 0 R>>"
PAGES = b"<</Type /Pages /Kids [3 0 R] /Count 1>>"


def page(extra: bytes) -> bytes:
    return b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] %s>>" % extra


def with_stream(dictionary: bytes, data: bytes, *, use: bytes = b"/Contents 4 0 R") -> bytes:
    return raw(CATALOG, PAGES, page(use), stream(dictionary, data))


def content_bomb() -> bytes:
    return with_stream(b"/Filter /FlateDecode", repeated(b"0 0 m 600 800 l S\n" * 60_000, 100))


def nested_bomb() -> bytes:
    return with_stream(b"/Filter [/FlateDecode /FlateDecode]", zlib.compress(zeros(1 << 30), 9))


def font_bomb() -> bytes:
    font = b"<</Type /Font /Subtype /TrueType /BaseFont /F /FontDescriptor 5 0 R>>"
    descriptor = b"<</Type /FontDescriptor /FontName /F /Flags 4 /FontFile2 6 0 R>>"
    use = b"/Resources <</Font <</F 4 0 R>>>> /Contents 7 0 R"
    return raw(CATALOG, PAGES, page(use), font, descriptor, stream(b"/Filter /FlateDecode", zeros(600 << 20)),
               stream(b"", b"BT /F 12 Tf 50 50 Td (text) Tj ET"))  # fmt: skip


def object_stream_bomb() -> bytes:
    return raw(CATALOG, PAGES, page(b"/Extra 5 0 R"),
               stream(b"/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode", zeros(800 << 20)))  # fmt: skip


def cross_reference_bomb() -> bytes:
    packed = zeros(800 << 20)
    dictionary = b"/Type /XRef /W [1 4 2] /Index [0 100000000] /Size 100000000 /Root 1 0 R /Filter /FlateDecode"
    return b"%PDF-1.7\n1 0 obj\n" + stream(dictionary, packed) + b"\nendobj\nstartxref\n9\n%%EOF\n"


def laughing_forms() -> bytes:
    """Let thirty forms each draw the next one many times."""
    levels = 12
    forms = [
        stream(b"/Type /XObject /Subtype /Form /BBox [0 0 600 800] /Resources <</XObject <</F %d 0 R>>>>"
               % (number + 5 if number + 1 < levels else 4 + levels), b"/F Do " * 20)
        for number in range(levels)
    ]  # fmt: skip
    last = stream(b"/Type /XObject /Subtype /Form /BBox [0 0 600 800]", b"0 0 m 600 800 l S")
    start = stream(b"", b"/F Do")
    use = b"/Resources <</XObject <</F 4 0 R>>>> /Contents %d 0 R" % (5 + levels)
    return raw(CATALOG, PAGES, page(use), *forms, last, start)


def picture(width: int, height: int) -> bytes:
    body = b"/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray /BitsPerComponent 8" % (
        width, height,
    )  # fmt: skip
    use = b"/Resources <</XObject <</I 4 0 R>>>> /Contents 5 0 R"
    return raw(CATALOG, PAGES, page(use), stream(body + b" /Filter /FlateDecode", zeros(1 << 20)),
               stream(b"", b"600 0 0 800 0 0 cm /I Do"))  # fmt: skip


def action(**keys: object) -> Callable[[Pdf], None]:
    def change(document: Pdf) -> None:
        document.Root.OpenAction = Dictionary(**keys)

    return change


def annotated(**keys: object) -> Callable[[Pdf], None]:
    def change(document: Pdf) -> None:
        link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]), A=Dictionary(**keys))
        document.pages[0].Annots = Array([document.make_indirect(link)])

    return change


def named_script(document: Pdf) -> None:
    script = Dictionary(S=Name.JavaScript, JS=String(JUMP))
    document.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([String("x"), script])))


def attached(document: Pdf) -> None:
    document.attachments["run.exe"] = pikepdf.AttachedFileSpec(document, b"MZ")


def form(document: Pdf) -> None:
    document.Root.AcroForm = Dictionary(Fields=Array(), XFA=document.make_stream(b"<xdp/>"))


def awakened(document: Pdf) -> None:
    document.pages[0].AA = Dictionary(O=Dictionary(S=Name.JavaScript, JS=String(JUMP)))


def hidden(document: Pdf) -> None:
    """Bury a program eight arrays deep, where nobody looks."""
    deep: object = Dictionary(S=Name.JavaScript, JS=String(JUMP))
    for _ in range(8):
        deep = Array([deep])
    document.Root.OpenAction = Dictionary(S=Name.GoTo, D=Array([0]), Next=deep)


def incremental() -> bytes:
    data = made()
    start = int(data[data.rindex(b"startxref") :].split()[1])
    size = 2_000
    added = b"%d 0 obj\n(a later version)\nendobj\n" % size
    table = b"xref\n%d 1\n%010d 00000 n \n" % (size, len(data))
    tail = b"trailer\n<</Root 1 0 R /Size %d /Prev %d>>\nstartxref\n%d\n%%%%EOF\n" % (
        size + 1, start, len(data) + len(added),
    )  # fmt: skip
    return data + added + table + tail


def many_objects() -> bytes:
    return made(lambda document: [document.make_indirect(Dictionary()) for _ in range(51_000)]
                and document.Root.__setattr__("All", Array([document.make_indirect(Dictionary())
                                                            for _ in range(51_000)])))  # fmt: skip


LOCKED = {"encryption": pikepdf.Encryption(owner="owner", user="secret")}
OWNED = {"encryption": pikepdf.Encryption(owner="owner", user="")}
ACTIVE = (
    Hostile("script on opening", lambda: made(action(S=Name.JavaScript, JS=String(JUMP))), "active_content"),
    Hostile("script by name", lambda: made(named_script), "active_content"),
    Hostile("script of a page", lambda: made(awakened), "active_content"),
    Hostile("script in deep arrays", lambda: made(hidden), "active_content"),
    Hostile("program to launch", lambda: made(action(S=Name.Launch, F=String("cmd.exe"))), "active_content"),
    Hostile("form that is sent", lambda: made(annotated(S=Name.SubmitForm, F=String("http://x"))), "active_content"),
    Hostile("attached program", lambda: made(attached), "active_content"),
    Hostile("xfa form", lambda: made(form), "active_content"),
    Hostile("pdf and zip", lambda: made() + b"PK\x03\x04" + bytes(60) + b"PK\x05\x06" + bytes(18), "active_content"),
    Hostile("link to a page", lambda: made(annotated(S=Name.URI, URI=String("https://example.com")))),
    Hostile("later version", incremental),
)
LOCKS = (
    Hostile("password", lambda: made(**LOCKED), "file_encrypted"),
    Hostile("owner's password", lambda: made(**OWNED), "file_encrypted"),
)
LOOPS = (
    Hostile("tree whose child is its parent",
            lambda: raw(CATALOG, b"<</Type /Pages /Kids [2 0 R] /Count 1>>"), "file_corrupt"),
    Hostile("tree of two that hold each other",
            lambda: raw(CATALOG, PAGES, b"<</Type /Pages /Kids [2 0 R] /Count 1 /Parent 2 0 R>>"), "file_corrupt"),
    Hostile("tree that claims a million pages",
            lambda: raw(CATALOG, b"<</Type /Pages /Kids [] /Count 1000000>>"), "file_corrupt"),
    Hostile("table whose earlier one is itself",
            lambda: raw(CATALOG, PAGES, page(b""), trailer=b"/Prev 188")),
    Hostile("form that draws itself", lambda: raw(
        CATALOG, PAGES, page(b"/Resources <</XObject <</F 4 0 R>>>> /Contents 5 0 R"),
        stream(b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources <</XObject <</F 4 0 R>>>>", b"/F Do"),
        stream(b"", b"/F Do"))),
    Hostile("a hundred thousand open brackets",
            lambda: raw(CATALOG, PAGES, page(b"/X " + b"[" * 100_000)), "file_corrupt"),
)  # fmt: skip
BOMBS = (
    Hostile("content of 100 MB", content_bomb, "file_too_large"),
    Hostile("content packed twice", nested_bomb, "file_too_large"),
    Hostile("font of 600 MB", font_bomb, "file_too_large"),
    Hostile("object stream of 800 MB", object_stream_bomb, "file_too_large"),
    Hostile("cross-reference stream of 800 MB", cross_reference_bomb, "file_too_large"),
    Hostile("picture of 900 megapixels", lambda: picture(30_000, 30_000), "file_too_large"),
    Hostile("fifty thousand objects", many_objects, "file_too_large"),
)
BROKEN = (
    Hostile("nothing but a header", lambda: b"%PDF-1.7\nnothing at all", "file_corrupt"),
    Hostile("cut in half", lambda: made()[: len(made()) // 2], "file_corrupt"),
    Hostile("no page", lambda: made(pages=0), "file_corrupt"),
    Hostile("eleven pages", lambda: made(pages=11), "too_many_pages"),
    Hostile("page of a kilometre", lambda: raw(CATALOG, PAGES, page(b"").replace(b"600 800", b"3000000 3000000")),
            "file_corrupt"),
    Hostile("page of nothing", lambda: raw(CATALOG, PAGES, page(b"").replace(b"600 800", b"0 0"))),
)  # fmt: skip
