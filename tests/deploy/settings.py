"""Fails where a manifest names a setting that the service does not know.

    settings.py EXAMPLE FILE...

EXAMPLE is `.env.example`, which names them all. A FILE is what `kubectl kustomize` prints, a compose file, or TOML.
In the environment an unknown name would be passed over in silence.
"""

import re
import sys
import tomllib
from pathlib import Path

import yaml


def known(example: str) -> set[str]:
    names = set(re.findall(r"^# ([A-Z0-9_]+)=", Path(example).read_text(), re.M))
    return names | {f"{name}_FILE" for name in names}


def of_kubernetes(documents: list[dict]) -> set[str]:
    names = set()
    for document in documents:
        if document["kind"] == "ConfigMap":
            names |= set(document["data"])
        template = document.get("spec", {}).get("template", {})
        for container in template.get("spec", {}).get("containers", []):
            names |= {variable["name"] for variable in container.get("env", [])}
    return names


def of_compose(document: dict) -> set[str]:
    services = document["services"].values()
    ours = [it for it in services if "user-service" in it["image"]]
    for service in ours:
        missing = set(service.get("secrets", [])) - set(document["secrets"])
        assert not missing, f"secrets that are declared nowhere: {missing}"
        for name, value in service["environment"].items():
            secret = value.removeprefix("/run/secrets/")
            assert secret == value or secret in service["secrets"], f"{name}: {value} is not mounted"
    return {name for it in ours for name in it["environment"]}


def of(file: str) -> set[str]:
    if file.endswith(".toml"):
        return set(tomllib.loads(Path(file).read_text()))
    documents = list(yaml.safe_load_all(Path(file).read_text()))
    if "services" in documents[0]:
        return of_compose(documents[0])
    return of_kubernetes(documents)


def main(example: str, files: list[str]) -> int:
    names, faults = known(example), 0
    assert len(names) > 50, f"{example} names no settings"
    for file in files:
        used = of(file)
        assert used, f"{file} names no settings"
        for name in sorted(used - names):
            print(f"{file}: {name} is no setting")
            faults += 1
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
