"""The rows of the queue's page in parts: a row that changed sends its part, not the whole page."""

import reflex as rx

from backoffice.viewmodels.review_tasks import QueueRow

ROWS_OF_A_PART = 5
"""Fifty rows are about 28 kB, five about 3."""
Rows = list[QueueRow]


class QueueRowsState(rx.State):
    """Fifty rows in ten parts; the last one takes what is beyond."""

    part_0: rx.Field[Rows] = rx.field(default_factory=list)
    part_1: rx.Field[Rows] = rx.field(default_factory=list)
    part_2: rx.Field[Rows] = rx.field(default_factory=list)
    part_3: rx.Field[Rows] = rx.field(default_factory=list)
    part_4: rx.Field[Rows] = rx.field(default_factory=list)
    part_5: rx.Field[Rows] = rx.field(default_factory=list)
    part_6: rx.Field[Rows] = rx.field(default_factory=list)
    part_7: rx.Field[Rows] = rx.field(default_factory=list)
    part_8: rx.Field[Rows] = rx.field(default_factory=list)
    part_9: rx.Field[Rows] = rx.field(default_factory=list)

    @property
    def rows(self) -> Rows:
        """Read all of them, in their order."""
        return [row for name in PARTS for row in getattr(self, name)]

    def _put_rows(self, rows: Rows) -> None:
        """Send the parts in which something changed."""
        for place, name in enumerate(PARTS):
            first = place * ROWS_OF_A_PART
            part = rows[first:] if name == PARTS[-1] else rows[first : first + ROWS_OF_A_PART]
            if getattr(self, name) != part:
                setattr(self, name, part)


PARTS = tuple(f"part_{number}" for number in range(10))
