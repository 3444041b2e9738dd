"""Numbers that the checks, the reviewer's screen and the documentation share, each with its own words."""

from dataclasses import dataclass

from backoffice.screening.types import Status


@dataclass(frozen=True, slots=True)
class Threshold:
    """A score from 0 to 1: at or above `passes` is good, below `fails` is bad, between them a person looks."""

    name: str
    passes: float
    fails: float
    meaning: str

    def evaluate(self, score: float) -> Status:
        """Turn a score into a status; the higher score is always the better one."""
        if score >= self.passes:
            return "passed"
        return "failed" if score < self.fails else "warning"

    def describe(self) -> str:
        """Say the rule in one sentence for people."""
        return f"{self.meaning}: passes from {self.passes:.2f}, fails below {self.fails:.2f}, a person looks between."


@dataclass(frozen=True, slots=True)
class Limit:
    """A largest or smallest allowed number with its unit."""

    name: str
    least: int
    most: int
    unit: str

    def evaluate(self, value: int) -> bool:
        """Say whether the value is allowed."""
        return self.least <= value <= self.most

    def describe(self) -> str:
        """Say the rule in one sentence for people."""
        return f"{self.name}: from {self.least:,} to {self.most:,} {self.unit}."


FILE_BYTES = Limit("File size", 1, 15 * 1024 * 1024, "bytes")
PDF_PAGES = Limit("Pages of a file", 1, 10, "pages")
IMAGE_PIXELS = Limit("Picture size", 1, 80_000_000, "pixels")
LONG_SIDE = Limit("Longer side of a picture", 300, 20_000, "pixels")
SHORT_SIDE = Limit("Shorter side of a picture", 180, 20_000, "pixels")
ADULT_AGE = Limit("Age of the applicant", 18, 125, "years")

IMAGE_QUALITY = Threshold("image_quality", 0.5, 0.2, "Sharp, bright and complete enough to read")
CLASSIFICATION = Threshold("classification", 0.6, 0.0, "The kind of document was recognised")
TEXT_CONFIDENCE = Threshold("text", 0.8, 0.5, "The text was read with confidence")
MRZ_DIGITS = Threshold("mrz", 1.0, 0.99, "Every check digit of the machine readable zone fits")
BARCODE = Threshold("barcode", 1.0, 0.0, "The barcode gives every value that its standard demands")
DATA_CONSISTENCY = Threshold("data_consistency", 1.0, 0.99, "Printed data, machine readable zone and barcode agree")
NAME_MATCH = Threshold("applicant_match", 0.86, 0.7, "The name on the document is the applicant's name")
FACE_DISTANCE = Threshold("face_match", 0.4, 0.0, "The portrait and the selfie are less than 0.6 apart")
FACE_LIKENESS = Threshold("face_match", 0.9, 0.0, "The provider finds the portrait like the selfie")
