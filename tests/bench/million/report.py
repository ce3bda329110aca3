"""Tables of what was measured: medians over the rounds."""

import statistics

from load import WHAT, deep_page


def median(rounds, name):
    values = [one[name] for one in rounds if one.get(name) is not None]
    return statistics.median(values) if values else None


def ratio(ours, others, name="rate"):
    """The median of the ratios of the rounds: what ran one after the other is compared."""
    pairs = [(a.get(name), b.get(name)) for a, b in zip(ours, others)]
    values = [a / b for a, b in pairs if a is not None and b]
    return statistics.median(values) if values else None


def shown(value, form="{:.2f}"):
    return "" if value is None else form.format(value)


def count(value):
    return "" if value is None else f"{value:,.0f}".replace(",", " ")


def rows_of(entry):
    """Cells of the table, a row for each workload and number of connections."""
    found = {}
    for figure in entry["figures"]:
        found.setdefault((figure["workload"], figure["connections"]), {})[figure["who"]] = figure["rounds"]
    for (workload, connections), by in found.items():
        ours = by.get("service", [])
        floor, peer = by.get("limit", []), by.get("peer", [])
        # There, what writes waits for the disk and its log: README.md.
        fair = entry["engine"] != "sqlite" or workload not in ("W5", "W6")
        if ours:
            yield [
                f"{workload} {WHAT[workload].format(page=count(deep_page(entry['rows'])))}", str(connections), count(median(ours, "rate")), shown(median(ours, "p50")),
                shown(median(ours, "p99")), shown(median(ours, "cpu"), "{:.1f}"), shown(median(ours, "database"), "{:.1f}"),
                count(median(floor, "rate")), shown(ratio(ours, floor) if fair else None), count(median(peer, "rate")),
                shown(ratio(ours, peer), "{:.1f}"), shown(ratio(peer, ours, "cpu"), "{:.1f}"),
                str(sum(one["refused"] + one["lost"] for one in ours)),
            ]
        if "nginx" in by:
            rounds = by["nginx"]
            yield [
                "nginx, a file as long as a profile", str(connections), count(median(rounds, "rate")),
                shown(median(rounds, "p50")), shown(median(rounds, "p99")), shown(median(rounds, "cpu"), "{:.1f}"),
                "", "", "", "", "", "", "0",
            ]


def heads(entry):
    return [
        "workload", "conns", "req/s", "p50 ms", "p99 ms", "CPU ms/1 000", "DB CPU ms/1 000",
        f"limit 1/s ({entry['tool'] or 'none'})", "ratio", "peer req/s", "x req/s", "x less CPU", "errors",
    ]


def trimmed(entry):
    """Head and rows without the columns that nothing is in."""
    every = [heads(entry), *rows_of(entry)]
    kept = [n for n in range(len(every[0])) if any(row[n] for row in every[1:])]
    return [[row[n] for n in kept] for row in every]


def footer(entry):
    parts = [
        f"cold start {shown(entry['cold_start_ms'], '{:.0f}')} ms", f"memory (PSS) idle {entry['pss_idle_mib']:.1f} MiB",
    ]
    if entry["pss_mixed_mib"]:
        parts.append(f"under W6 {entry['pss_mixed_mib']:.1f} MiB")
    if entry.get("peer"):
        peer = entry["peer"]
        parts.append(f"peer: cold start {peer['cold_start_ms']:.0f} ms, memory {peer['pss_idle_mib']:.0f} MiB")
        if peer["pss_mixed_mib"]:
            parts[-1] += f", under W6 {peer['pss_mixed_mib']:.0f} MiB"
    return "; ".join(parts)


def table(entry):
    """For a terminal."""
    every = trimmed(entry)
    widths = [max(len(row[n]) for row in every) for n in range(len(every[0]))]
    lines = [
        "  ".join(cell.ljust(width) if n == 0 else cell.rjust(width) for n, (cell, width) in enumerate(zip(row, widths)))
        for row in every
    ]
    return "\n".join([f"{entry['engine']}, {entry['rows']} rows", *lines, footer(entry), ""])


def markdown(entry):
    """For docs/PERFORMANCE.md."""
    every = trimmed(entry)
    lines = ["| " + " | ".join(row) + " |" for row in every]
    lines.insert(1, "| --- |" + " ---: |" * (len(every[0]) - 1))
    return "\n".join([f"### {entry['engine']}, {count(entry['rows'])} rows", "", *lines, "", footer(entry) + "."])
