"""Challengers look at the same evidence, and whatever they do harms nobody."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from backoffice.screening import challengers
from backoffice.screening.challengers import CHALLENGERS
from backoffice.screening.comparing import Evidence
from backoffice.screening.fields import Readout
from backoffice.screening.ocr import Page
from backoffice.screening.page_texts import PageText
from backoffice.screening.types import CHALLENGER_NAMES, CHECK_NAMES, Declared, Extracted


def evidence(pixels=None, surname="OKONKWO", given="Amara") -> Evidence:
    rough = np.random.default_rng(7).integers(0, 255, (400, 600, 3), np.uint8)
    page = PageText(0, 0, Page((), rough if pixels is None else pixels, 0), None, None)
    values = (Extracted("surname", surname, 0.99, "text"), Extracted("given_names", given, 0.99, "text"))
    declared = Declared(surname="Okonkwo", given_names="Amara")
    return Evidence([page], Readout(values, (), (), None), declared, date(2026, 11, 26), "passport")


def test_the_names_that_a_setting_can_give_are_those_that_exist():
    assert set(CHALLENGER_NAMES) == set(CHALLENGERS)
    assert all(name.partition("=")[0] in CHECK_NAMES for name in CHALLENGERS)


@pytest.mark.parametrize(("surname", "status"), [("OKONKWO", "passed"), ("Lindqvist", "failed")])
def test_another_matcher_compares_the_same_names(surname, status):
    (finding,) = challengers.run(["applicant_match=wratio@1"], evidence(surname=surname))
    assert (finding.name, finding.model, finding.status) == ("applicant_match", "wratio@1", status)


@pytest.mark.parametrize(("pixels", "status"), [(None, "passed"), (np.full((400, 600, 3), 128, np.uint8), "failed")])
def test_another_measure_of_sharpness(pixels, status):
    (finding,) = challengers.run(["image_quality=laplace-variance@1"], evidence(pixels))
    assert (finding.model, finding.status) == ("laplace-variance@1", status)


def test_one_that_breaks_says_so_and_one_that_does_not_exist_is_left_out():
    broken = replace(evidence(), pages=[None])
    found = challengers.run(["image_quality=laplace-variance@1", "text=nothing@9"], broken)
    assert [(one.status, one.reasons) for one in found] == [("error", ("check_unavailable",))]
