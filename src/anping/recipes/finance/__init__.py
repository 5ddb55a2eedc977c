"""Banking: loan customers whose default depends on their income, debts and late payments."""
