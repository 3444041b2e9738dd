"""What of a SAML response is signed, byte for byte: nothing else of it is ever read.

The form of a signature is ours to name (SAML core §5.4): beside its parent's own text, one reference to the parent, the
two transforms that SAML has, SHA-256 or longer. So a wrapped, moved or doubled element (XSW) has no place to be in. The
digest is made here once more, from the same bytes that are read afterwards; `xmlsec` checks the whole besides.
"""

import base64
import binascii
import copy
import hashlib
from collections.abc import Sequence
from functools import cache
from hmac import compare_digest
from importlib import import_module
from typing import Any

from backoffice.adapters.id_tokens import untrusted
from backoffice.adapters.saml_documents import DS, SAML, SAMLP, Element, children, etree, ids_of, only

DIGESTS = {
    "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384": "sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
}
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
ALGORITHMS = frozenset(f"{MORE}{kind}-sha{bits}" for kind in ("rsa", "ecdsa") for bits in (256, 384, 512))
ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
INCLUSIVE_NAMESPACES = f"{{{EXCLUSIVE}}}InclusiveNamespaces"
TRANSFORMS = [f"{DS}Transform"] * 2
"""What is signed is the parent without its signature, in canonical form (SAML core §5.4.4)."""
PARENTS = (f"{SAMLP}Response", f"{SAML}Assertion")


@cache
def is_installed() -> bool:
    """Answer whether the extra `saml` is there, and its libraries fit each other."""
    try:
        import_module("xmlsec")
        import_module("onelogin.saml2.response")
    except Exception:  # noqa: BLE001 a library that does not load says so in many ways; none of them is ours
        return False
    return True


def signed_bytes(root: Element, pems: Sequence[str]) -> bytes:
    """Check every signature and answer the canonical bytes of the outermost element that is signed.

    Raises NotAllowed for a response that is not signed as it has to be, Unreadable for one of another form.
    """
    ids = ids_of(root)
    if len(set(ids)) != len(ids):
        raise untrusted("saml_wrapped")
    signatures = list(root.iter(f"{DS}Signature"))
    if not signatures:
        raise untrusted("saml_unsigned")
    parents = [_parent(one, root) for one in signatures]
    if len(set(parents)) != len(parents):
        raise untrusted("saml_wrapped")
    told = [_checked(one, parent, pems) for one, parent in zip(signatures, parents, strict=True)]
    return told[parents.index(root)] if root in parents else told[0]


def _parent(signature: Element, root: Element) -> Element:
    """Answer what a signature is of: the response, or the assertion right in it."""
    parent = signature.getparent()
    is_place = parent is not None and parent.tag in PARENTS and (parent is root or parent.getparent() is root)
    if parent is None or not is_place or (parent.tag == PARENTS[0]) != (parent is root):
        raise untrusted("saml_wrapped")
    return parent


def _checked(signature: Element, parent: Element, pems: Sequence[str]) -> bytes:
    told = only(signature, f"{DS}SignedInfo")
    names = [node.tag for node in signature]
    allowed = [f"{DS}SignedInfo", f"{DS}SignatureValue", f"{DS}KeyInfo"]
    if names not in (allowed, allowed[:2]):
        raise untrusted("saml_wrapped")
    if [node.tag for node in told] != [
        f"{DS}{name}" for name in ("CanonicalizationMethod", "SignatureMethod", "Reference")
    ]:
        raise untrusted("saml_wrapped")
    _check_algorithm(told[1], ALGORITHMS)
    _prefixes(told[0], EXCLUSIVE)
    data = _digested(told[2], signature, parent)
    _verify(signature, parent, pems)
    return data


def _check_algorithm(node: Element, allowed: frozenset[str]) -> str:
    name = node.get("Algorithm", "")
    if name not in allowed or len(node):
        raise untrusted("saml_wrong_algorithm")
    return name


def _prefixes(node: Element, algorithm: str) -> list[str]:
    """Read a method that canonicalizes, which is the exclusive one without comments, and the prefixes that it keeps."""
    if node.get("Algorithm") != algorithm:
        raise untrusted("saml_wrong_algorithm")
    if not len(node):
        return []
    kept = only(node, INCLUSIVE_NAMESPACES)
    if len(node) != 1 or len(kept):
        raise untrusted("saml_wrong_algorithm")
    return kept.get("PrefixList", "").split()


def _digested(reference: Element, signature: Element, parent: Element) -> bytes:
    """Answer the bytes that a reference stands for, once their digest is the one that it names."""
    if [node.tag for node in reference] != [f"{DS}{name}" for name in ("Transforms", "DigestMethod", "DigestValue")]:
        raise untrusted("saml_wrapped")
    if not parent.get("ID") or reference.get("URI") != f"#{parent.get('ID')}":
        raise untrusted("saml_wrapped")
    transforms = children(reference[0], f"{DS}Transform")
    if [node.tag for node in reference[0]] != TRANSFORMS:
        raise untrusted("saml_wrong_algorithm")
    if transforms[0].get("Algorithm") != ENVELOPED or len(transforms[0]):
        raise untrusted("saml_wrong_algorithm")
    prefixes = _prefixes(transforms[1], EXCLUSIVE)
    digest = DIGESTS[_check_algorithm(reference[1], frozenset(DIGESTS))]
    data = _canonical(signature, parent, prefixes)
    try:
        told = base64.b64decode("".join((reference[2].text or "").split()), validate=True)
    except (binascii.Error, ValueError):
        raise untrusted("saml_wrong_signature") from None
    if not compare_digest(told, hashlib.new(digest, data).digest()):
        raise untrusted("saml_wrong_signature")
    return data


def _canonical(signature: Element, parent: Element, prefixes: list[str]) -> bytes:
    """Write an element as it was signed: without its own signature, in exclusive canonical form."""
    tree = signature.getroottree()
    paths = tree.getelementpath(parent), tree.getelementpath(signature)
    twin = copy.deepcopy(tree)
    found, own = (twin.getroot().find(path) for path in paths)
    before, after = own.getprevious(), own.tail or ""
    if before is not None:
        before.tail = (before.tail or "") + after
    else:
        found.text = (found.text or "") + after
    found.remove(own)
    data: bytes = etree.tostring(
        found,
        method="c14n",
        exclusive=True,
        with_comments=False,
        inclusive_ns_prefixes=prefixes or None,
        with_tail=False,
    )
    return data


def _verify(signature: Element, parent: Element, pems: Sequence[str]) -> None:
    """Check with one of our certificates; a key that comes with the signature is never looked at."""
    xmlsec: Any = import_module("xmlsec")
    for pem in pems:
        context = xmlsec.SignatureContext()
        context.key = xmlsec.Key.from_memory(pem.encode(), xmlsec.constants.KeyDataFormatCertPem)
        context.register_id(parent, "ID")
        try:
            context.verify(signature)
        except xmlsec.Error:
            continue
        return
    raise untrusted("saml_wrong_signature")
