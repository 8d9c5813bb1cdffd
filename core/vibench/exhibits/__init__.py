"""All that is printed or drawn: reports, exhibits, the gate and lists, one module for each form.

A subject becomes a `Document` of paragraphs and tables once (`report_document`, `gate_document`,
`exhibit_document`, `lists`), and a form draws every document: `terminal`, `markdown`. `latex` and
`picture` draw exhibits, and `csv` and `json` write records (`report_records` and so on). Each form
escapes all text that it is given.
"""
