"""DL502: a dict a row, and a frame made of the dicts."""

from __future__ import annotations

from collections.abc import Sequence

from ..loops.context import SiteContext
from ..loops.ir import HeaderForm, Loop
from ..loops.remarks import Reason, Refusal
from .base import Example, Rewrite, Rule, Severity, Tier, Transform
from .lookups.body import appended_record, lift_records
from .lookups.frame import records_to_frame
from .lookups.ir import as_position
from .lookups.sink import looks_up, makes_frame

ROWS = (HeaderForm.ITERROWS, HeaderForm.ITERTUPLES, HeaderForm.POSITIONS, HeaderForm.LABELS, HeaderForm.RECORDS)


class RecordFrame(Transform):
    """A list of dicts that only becomes a frame is a frame built column by column.

    The loop takes a frame apart into rows, makes a dict of each, and `pd.DataFrame` sorts the dicts into
    columns again. The new code computes each column at once: arithmetic on `.values`, branches as `np.where`,
    fields that are only copied as the column's own `.array`, or as `.tolist()` where a test leaves some rows
    out: that hands over the very scalars that the rows held, so that pandas finds the same types for them.

    A loop of zero rounds makes a frame without columns, and so does the new code. Rows of numbers only are
    floats if any of them is; that the frame holds something else beside its numbers is an assumption that the
    proposal names.
    """

    rule = Rule("DL502", "records-to-columns", Severity.HIGH)
    needs_body = False
    examples = (
        Example(
            before=(
                "import pandas as pd\n"
                "\n"
                "\n"
                "def lines(orders):\n"
                "    rows = []\n"
                "    for _, row in orders.iterrows():\n"
                "        net = row['qty'] * row['price']\n"
                "        rows.append({'item': row['item'], 'net': net, 'bulk': row['qty'] > 100})\n"
                "    return pd.DataFrame(rows)\n"
            ),
            after=(
                "import pandas as pd\n"
                "\n"
                "\n"
                "def lines(orders):\n"
                "    rows = pd.DataFrame()\n"
                "    if len(orders):\n"
                "        qty = orders['qty'].values\n"
                "        net = qty * orders['price'].values\n"
                "        rows = pd.DataFrame(\n"
                "            {'item': orders['item'].array, 'net': net, 'bulk': qty > 100}\n"
                "        )\n"
                "    return rows\n"
            ),
        ),
        Example(
            before=(
                "import pandas as pd\n"
                "\n"
                "\n"
                "def paid(invoices):\n"
                "    rows = []\n"
                "    for i in range(len(invoices)):\n"
                "        if invoices['due'].iloc[i] > 0:\n"
                "            continue\n"
                "        record = {'number': invoices['number'].iloc[i]}\n"
                "        record['open'] = False\n"
                "        rows.append(record)\n"
                "    if not rows:\n"
                "        return None\n"
                "    result = pd.DataFrame(rows)\n"
                "    return result\n"
            ),
            after=(
                "import pandas as pd\n"
                "\n"
                "\n"
                "def paid(invoices):\n"
                "    rows = pd.DataFrame()\n"
                "    if len(invoices):\n"
                "        kept = invoices[~(invoices['due'].values > 0)]\n"
                "        if len(kept):\n"
                "            rows = pd.DataFrame({'number': kept['number'].tolist(), 'open': False})\n"
                "    if not len(rows):\n"
                "        return None\n"
                "    result = rows\n"
                "    return result\n"
            ),
            note="rows that the loop skips are left out before anything is computed",
        ),
    )
    refused = (
        Example(
            before=(
                "import pandas as pd\n"
                "\n"
                "\n"
                "def balance(moves):\n"
                "    rows = []\n"
                "    total = 0.0\n"
                "    for _, row in moves.iterrows():\n"
                "        total += row['amount']\n"
                "        rows.append({'day': row['day'], 'total': total})\n"
                "    return pd.DataFrame(rows)\n"
            ),
            reason=Reason.CARRIED_STATE,
        ),
        Example(
            before=(
                "def lines(orders):\n"
                "    rows = []\n"
                "    for _, row in orders.iterrows():\n"
                "        rows.append({'item': row['item'], 'qty': row['qty']})\n"
                "    return rows\n"
            ),
            reason=Reason.NO_GAIN,
            note="the list of dicts is what is wanted",
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        if loop.header.form not in ROWS:
            return None
        lifted = lift_records(site, loop.header)
        if isinstance(lifted, Refusal):
            return lifted if makes_frame(site) and not looks_up(site) else None
        found = appended_record(lifted)
        if found is None or any(as_position(x) is not None for x in found[1].walk()):
            return None
        made = records_to_frame(self.rule, Tier.VECTOR, site, lifted, *found)
        return made if isinstance(made, Refusal) else [made]
