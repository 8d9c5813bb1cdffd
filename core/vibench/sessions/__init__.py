"""Open sessions, conversations, questions to judges, ledgers of answers, and the budget."""
