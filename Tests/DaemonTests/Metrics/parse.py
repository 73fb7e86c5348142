"""Reads metrics as Prometheus' own client library does: usage: parse.py openmetrics|prometheus <TEXT

Prints {"series": {SERIES: VALUE}, "kinds": {FAMILY: KIND}, "units": {FAMILY: UNIT}}; fails where the text is none.
"""

import json, sys
from prometheus_client import parser
from prometheus_client.openmetrics import parser as openmetrics

read = {"openmetrics": openmetrics, "prometheus": parser}[sys.argv[1]].text_string_to_metric_families
families = list(read(sys.stdin.read()))
assert all(family.documentation for family in families), "a family without help"
series = {}
for sample in (sample for family in families for sample in family.samples):
    labels = ",".join(f'{name}="{value}"' for name, value in sorted(sample.labels.items()))
    name = sample.name + ("{" + labels + "}" if labels else "")
    assert name not in series, f"twice: {name}"
    series[name] = sample.value
json.dump({
    "series": series, "kinds": {family.name: family.type for family in families},
    "units": {family.name: family.unit for family in families if family.unit}}, sys.stdout)
