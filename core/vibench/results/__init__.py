"""What is in a store, as tables: runs, cells, outcomes, transcripts and verdicts.

found.py      the runs and cells, from their records and manifests
tables.py     the runs and cells as tables
views.py      the views, as SQL over the store's own Parquet files
database.py   DuckDB with these views, which reads the store and nothing else
tidy.py       one row for each sample, turn and metric, in batches, into a file
answers.py    rows written as Parquet, CSV, JSON or Markdown
notebook.py   `vibench.load_results`
"""

from __future__ import annotations

from vibench.results.notebook import Results, load_results

__all__ = ["Results", "load_results"]
