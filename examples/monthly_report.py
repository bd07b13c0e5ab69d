"""The monthly report: lines of text, a table of fees, the clients to call."""

from __future__ import annotations

import pandas as pd

RATES = {"standard": 0.02, "premium": 0.01}


def fees(accounts: pd.DataFrame) -> pd.DataFrame:
    """The fee of each account, with a minimum for accounts that were used."""
    charged = []
    for _, account in accounts.iterrows():
        fee = account["turnover"] * account["rate"]
        if account["orders"] > 0 and fee < 5.0:
            fee = 5.0
        charged.append(fee)
    accounts["fee"] = charged
    return accounts


def headings(clients: list[dict[str, str]]) -> str:
    """The table of contents."""
    text = ""
    for client in clients:
        text += f"{client['number']}  {client['name'].strip().title()}\n"
    return text


def rate_of(plans: list[tuple[str, str]]) -> dict[str, float]:
    """The rate of each client with a known plan."""
    rates = {}
    for client, plan in plans:
        # clients that have left keep their number but have no plan
        if plan in RATES:
            rates[client] = RATES[plan]
    return rates
