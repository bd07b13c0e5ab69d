"""The commands, one a file: they parse words, call a room and print; what they do is in the rooms."""

from . import (
    apply,
    bench,
    check,
    compare,
    explain,
    fix,
    hook,
    modernize,
    record,
    report,
    run,
    scaffold,
    server,
    undo,
    verify,
)

#: In the order in which `--help` lists them.
COMMANDS = tuple(
    module.__name__.rpartition(".")[2]
    for module in (
        check,
        fix,
        modernize,
        run,
        apply,
        undo,
        verify,
        scaffold,
        compare,
        record,
        bench,
        report,
        hook,
        server,
        explain,
    )
)
