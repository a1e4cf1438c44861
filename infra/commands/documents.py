"""Write the generated files: docs/ of API, parameters and commands, page types, README's costs."""

import argparse

from tools.project import PROJECT


def configure(parser: argparse.ArgumentParser) -> None:
    """Add no option."""


def run(_: argparse.Namespace) -> None:
    # The commands' reference imports every package, which no other command needs.
    import infra.commands.reference
    from infra.documents import costs, openapi, page, parameters

    for module in (openapi, page, parameters, infra.commands.reference, costs):
        module.FILE.write_text(module.text())
        print(f"wrote {module.FILE.relative_to(PROJECT)}")
