"""Accounts that products are delivered with, as their own documentation tells everybody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tgv_suite.model.target import Product
from tgv_suite.noun import noun


@noun
class DefaultAccount:
    """A name and a password that anybody can look up."""

    username: str
    password: str


def _accounts(*pairs: tuple[str, str]) -> tuple[DefaultAccount, ...]:
    return tuple(DefaultAccount(username=name, password=password) for name, password in pairs)


DEFAULT_ACCOUNTS: Final[Mapping[Product, tuple[DefaultAccount, ...]]] = {
    Product.ACTIVEMQ: _accounts(("admin", "admin")),
    Product.DHIS2: _accounts(("admin", "district")),
    Product.GRAFANA: _accounts(("admin", "admin")),
    Product.HAPI_FHIR: (),
    Product.INTERSYSTEMS_IRIS: _accounts(("_SYSTEM", "SYS"), ("SuperUser", "SYS")),
    Product.MIRTH_CONNECT: _accounts(("admin", "admin")),
    Product.OPENMRS: _accounts(("admin", "Admin123")),
    Product.ORTHANC: _accounts(("orthanc", "orthanc")),
    Product.RABBITMQ: _accounts(("guest", "guest")),
    Product.TOMCAT: _accounts(("tomcat", "tomcat"), ("admin", "admin")),
}
"""Each product's, no name twice: a second try could lock an account. Empty where there is none."""
