"""Tables and figures drawn: terminal, Markdown, LaTeX, CSV, JSON, PNG, SVG and PDF.

Each takes an `Exhibit` (`vibench.exhibits.exhibit`) and shows the same numbers. `numbers` says
how an entry is written, `shades` which colour it has in a heatmap, and `captions` what stands
above and below; they need nothing but the standard library, for pages that draw by themselves.
"""
