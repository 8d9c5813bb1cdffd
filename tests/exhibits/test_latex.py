"""Exhibits as LaTeX: the structure by reading it, and by pdflatex where that is installed."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from vibench.exhibits.exhibit import Exhibit
from vibench.exhibits.latex import as_latex

PREAMBLE = r"""\documentclass{article}
\usepackage{booktabs,graphicx}
\usepackage[table]{xcolor}
\begin{document}
"""


def test_a_table_is_a_float_with_rules_groups_caption_and_label(table: Exhibit) -> None:
    lines = as_latex(table).splitlines()
    assert lines[0].startswith("% needs")
    assert lines[1] == r"\begin{table}[t]"
    start = lines.index(r"\toprule")
    assert lines[start - 1] == r"\begin{tabular}{lrrp{0.3\linewidth}rr}"
    assert lines[start + 1 : -5] == [
        r" & \multicolumn{3}{c}{DPO} & \multicolumn{2}{c}{} \\",
        r"\cmidrule(lr){2-4}",
        r"model & None & paper & Train & Both & paper \\",
        r"\midrule",
        r"first & $1.4_{\pm 0.2}$ & $1.2_{\pm 0.06}$ & -- & -- &  \\",
        r"second & $1{,}234.5_{\pm 0.0}^{\dagger}$ {\scriptsize (11/15)} & $0.5$ & not asked"
        r" & $0.0^{{*}}$ $[-2.0, 1.5]$ & n/a \\",
        r"\bottomrule",
    ]
    caption = next(line for line in lines if line.startswith(r"\caption"))
    assert caption.startswith(r"\caption{Expression by model (partial). judge mistral; beta 0.1;")
    assert "Missing: train on first; both on first." in caption
    assert lines[-2:] == [r"\label{tab:table-5}", r"\end{table}"]


def test_a_wide_heatmap_is_shaded_as_wide_as_the_page_with_upright_names(
    heatmap: Exhibit,
) -> None:
    text = as_latex(heatmap)
    assert r"\begin{table*}" in text
    assert r"\cellcolor[HTML]{D9D9D9}\rotatebox{90}{humor}" in text
    assert r"\rotatebox{90}{humor-like}" in text
    darkest = max(e.value or 0 for p in heatmap.panels for row in p.entries for e in row)
    assert rf"\cellcolor[HTML]{{08306B}}\color{{white}}${darkest:.1f}$" in text


def test_every_special_character_is_escaped(hostile: Exhibit) -> None:
    text = as_latex(hostile)
    assert text.isascii()
    title = (
        r"a\textbar{}b {*}{*}c{*}{*} \textless{}script\textgreater{}alert(1)"
        r"\textless{}/script\textgreater{} \$x\_2\textasciicircum{}3\$ \& 50\% \#1"
        r" \textasciitilde{} \textasciicircum{} \textbackslash{}frac\{a\}\{b\}"
    )
    assert rf"\caption{{{title} (partial)." in text
    assert r"{[}U+5171{]}{[}U+60C5{]} {[}U+1F642{]} caf\'{e}" in text
    assert r"=1+1 -{}- '{}'" in text


def test_braces_and_environments_close_and_rows_are_as_wide_as_the_table(
    every: list[Exhibit],
) -> None:
    for exhibit in every:
        text = re.sub(r"\\[{}&%$#_]", "", re.sub(r"^%.*\n", "", as_latex(exhibit)))
        assert text.count("{") == text.count("}")
        assert (
            re.findall(r"\\begin{(\w+\*?)}", text)[:1] == re.findall(r"\\end{(\w+\*?)}", text)[-1:]
        )
        for tabular in re.findall(r"\\begin{tabular}.*?\\end{tabular}", text, re.DOTALL):
            spec = re.sub(r"p{[^}]*}", "p", tabular.splitlines()[0])
            wide = len(spec.split("}{", 1)[1].rstrip("}"))
            rows = [line for line in tabular.splitlines() if line.endswith(r"\\")]
            spans = [
                line.count("&")
                + 1
                + sum(int(n) - 1 for n in re.findall(r"multicolumn{(\d+)}", line))
                for line in rows
            ]
            assert set(spans) == {wide}


def test_it_compiles(every: list[Exhibit], tmp_path: Path) -> None:
    found = shutil.which("pdflatex")
    styles = ("booktabs.sty", "colortbl.sty", "xcolor.sty", "graphicx.sty")
    if not found or not shutil.which("kpsewhich"):
        pytest.skip("needs pdflatex")
    if subprocess.run(["kpsewhich", *styles], capture_output=True).returncode:
        pytest.skip("needs pdflatex with booktabs, colortbl, xcolor and graphicx")
    body = "\n\\clearpage\n".join(map(as_latex, every))
    (tmp_path / "all.tex").write_text(f"{PREAMBLE}{body}\n\\end{{document}}\n", encoding="ascii")
    done = subprocess.run(
        [found, "-interaction=nonstopmode", "-halt-on-error", "-draftmode", "all.tex"],
        cwd=tmp_path,
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-2000:]
