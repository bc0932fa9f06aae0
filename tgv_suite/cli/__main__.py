"""``python -m tgv_suite.cli``: the same as ``tgv``."""

from tgv_suite.cli.main import main

main()
