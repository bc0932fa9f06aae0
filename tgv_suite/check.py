"""All that a check's author imports."""

from __future__ import annotations

from tgv_suite.binding import requirement
from tgv_suite.claims import AskPerson, CannotTell, NotApplicable
from tgv_suite.model.comparison import differs, stripped
from tgv_suite.model.credential import KEYED_WITH_PUBLIC_KEY, UNSIGNED, Credential
from tgv_suite.model.facts import Answer, AuditFact, AuditRecord, Refusal, TokenFact, TokenFormat
from tgv_suite.model.json_tree import texts, undeclared, values_at
from tgv_suite.model.results import Cause
from tgv_suite.model.target import Environment, PrivilegedField
from tgv_suite.model.tls import TlsVersion
from tgv_suite.model.variant import Variant
from tgv_suite.subjects.audit import (
    alterations,
    every_audited_denial,
    every_audited_event,
    every_audited_reading,
    every_trail_intruder,
)
from tgv_suite.subjects.authentication import (
    every_certificate_access,
    every_foreign_audience,
    every_issuer,
    every_protected_writing,
    every_revocable_access,
    every_short_lived_access,
    every_token_access,
)
from tgv_suite.subjects.authorization import (
    every_cross_clinic_record,
    every_cross_clinic_search,
    every_cross_clinic_search_by_person,
    every_foreign_fhir_record,
    every_foreign_record,
    every_foreign_search,
    every_foreign_writing,
    every_tenant_spoof,
)
from tgv_suite.subjects.default_accounts import every_default_account
from tgv_suite.subjects.existence import every_lookup, number_of
from tgv_suite.subjects.exposure import every_description, every_host, every_site
from tgv_suite.subjects.input import every_json_writing, every_malformed_writing
from tgv_suite.subjects.limits import every_declared_quota, every_paged_search
from tgv_suite.subjects.privileges import (
    every_closed_reading,
    every_privileged_writing,
    every_reserved_reading,
    every_reserved_writing,
    every_scoped_reader,
    every_undescribed_method,
    every_withheld_field,
)
from tgv_suite.subjects.readings import (
    every_protected_reading,
    every_reading_by_each_actor,
    every_service_reading,
)
from tgv_suite.subjects.subject import (
    Access,
    AuditedCrossing,
    AuditedEvent,
    AuditedReading,
    ClearText,
    Crossing,
    Defaults,
    Described,
    Endpoint,
    ForeignAudience,
    ForeignWriting,
    Issuer,
    Limit,
    Lookup,
    Malformed,
    OnlyReading,
    Paging,
    Reserved,
    Site,
    Spoof,
    Undescribed,
    Withheld,
    Writing,
)
from tgv_suite.subjects.transport import every_clear_text_address, every_tls_endpoint
from tgv_suite.system import System, cause_of, settled, took_effect, unanswered
from tgv_suite.text import Text

__all__ = [
    "KEYED_WITH_PUBLIC_KEY",
    "UNSIGNED",
    "Access",
    "Answer",
    "AskPerson",
    "AuditFact",
    "AuditRecord",
    "AuditedCrossing",
    "AuditedEvent",
    "AuditedReading",
    "CannotTell",
    "Cause",
    "ClearText",
    "Credential",
    "Crossing",
    "Defaults",
    "Described",
    "Endpoint",
    "Environment",
    "ForeignAudience",
    "ForeignWriting",
    "Issuer",
    "Limit",
    "Lookup",
    "Malformed",
    "NotApplicable",
    "OnlyReading",
    "Paging",
    "PrivilegedField",
    "Refusal",
    "Reserved",
    "Site",
    "Spoof",
    "System",
    "Text",
    "TlsVersion",
    "TokenFact",
    "TokenFormat",
    "Undescribed",
    "Variant",
    "Withheld",
    "Writing",
    "alterations",
    "cause_of",
    "differs",
    "every_audited_denial",
    "every_audited_event",
    "every_audited_reading",
    "every_certificate_access",
    "every_clear_text_address",
    "every_closed_reading",
    "every_cross_clinic_record",
    "every_cross_clinic_search",
    "every_cross_clinic_search_by_person",
    "every_declared_quota",
    "every_default_account",
    "every_description",
    "every_foreign_audience",
    "every_foreign_fhir_record",
    "every_foreign_record",
    "every_foreign_search",
    "every_foreign_writing",
    "every_host",
    "every_issuer",
    "every_json_writing",
    "every_lookup",
    "every_malformed_writing",
    "every_paged_search",
    "every_privileged_writing",
    "every_protected_reading",
    "every_protected_writing",
    "every_reading_by_each_actor",
    "every_reserved_reading",
    "every_reserved_writing",
    "every_revocable_access",
    "every_scoped_reader",
    "every_service_reading",
    "every_short_lived_access",
    "every_site",
    "every_tenant_spoof",
    "every_tls_endpoint",
    "every_token_access",
    "every_trail_intruder",
    "every_undescribed_method",
    "every_withheld_field",
    "number_of",
    "requirement",
    "settled",
    "stripped",
    "texts",
    "took_effect",
    "unanswered",
    "undeclared",
    "values_at",
]
