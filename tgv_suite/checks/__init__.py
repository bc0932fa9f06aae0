"""The checks: ordinary pytest modules, one a family; each reads control, probe, claim."""

from tgv_suite.claims import compile_package

compile_package(__name__)
