"""Conformance harness for the TGV certification of health information systems in Quebec."""

__version__ = "0.1.0"
