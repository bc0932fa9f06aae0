"""Transport: what is exchanged can be neither read nor altered on the way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from tgv_suite.check import (
    Answer,
    AskPerson,
    CannotTell,
    Cause,
    ClearText,
    Endpoint,
    NotApplicable,
    System,
    Text,
    TlsVersion,
    every_clear_text_address,
    every_tls_endpoint,
    requirement,
    unanswered,
)
from tgv_suite.model.revocation import CertificateStatus, StatusOutcome, StatusSource
from tgv_suite.model.tls import (
    ChainFact,
    ChainOutcome,
    HelloAnswer,
    HelloOutcome,
    RenegotiationOutcome,
)

_MODERN = (TlsVersion.TLS_1_2, TlsVersion.TLS_1_3)
_OLD = (TlsVersion.SSL_3, TlsVersion.TLS_1_0, TlsVersion.TLS_1_1)
_SHOWN = 4
_SHARE = 4
"""A certificate too short-lived for the margin in days must have one part in so many left: those
who renew automatically do so at a third, and may be late."""
_STATUS = {
    StatusOutcome.GOOD: Text(fr="ne le révoque pas", en="doesn't revoke it"),
    StatusOutcome.REVOKED: Text(fr="le révoque", en="revokes it"),
    StatusOutcome.STALE: Text(fr="n'est pas à jour", en="isn't up to date"),
    StatusOutcome.WRONGLY_SIGNED: Text(
        fr="n'est pas signé par son autorité", en="isn't signed by its authority"
    ),
    StatusOutcome.SILENT: Text(fr="n'en parle pas", en="doesn't speak of it"),
    StatusOutcome.UNREADABLE: Text(fr="est illisible", en="can't be read"),
    StatusOutcome.UNREACHABLE: Text(fr="ne répond pas", en="doesn't answer"),
    StatusOutcome.OUT_OF_SCOPE: Text(
        fr="est hors de la portée : son hôte peut y être ajouté",
        en="is outside the scope: its host may be added to it",
    ),
    StatusOutcome.UNSUPPORTED: Text(fr="n'est pas en http", en="isn't on http"),
}
_NO_STATUS = {
    StatusOutcome.OUT_OF_SCOPE: Cause.PRECONDITION,
    StatusOutcome.UNREACHABLE: Cause.UNREACHABLE,
}
_NOT_RENEGOTIATED = {
    RenegotiationOutcome.SILENT: Cause.TIMEOUT,
    RenegotiationOutcome.NO_HANDSHAKE: Cause.NO_OBSERVATION,
    RenegotiationOutcome.UNREACHABLE: Cause.UNREACHABLE,
}
_OK, _UNAUTHORIZED, _CHALLENGE = 200, 401, "www-authenticate"
_NOT_HERE = (400, 403, 404, 405, 410, 421, 426)
"""What a server that isn't the API says of it; 421 and 426 even ask for TLS (RFC 9110 §15.5)."""


@requirement("TLS-01", endpoint=every_tls_endpoint)
def test_nothing_older_than_tls_1_2_is_spoken(si: System, endpoint: Endpoint) -> None:
    """A ClientHello for each version, the old ones with every suite of their time."""
    modern = _modern(si, endpoint)

    old = [si.hello(endpoint, version) for version in _OLD]

    answers = [*modern, *old]
    accepted = {a.version for a in answers if a.outcome is HelloOutcome.ACCEPTED}
    spoken = ", ".join(version for version in _OLD if version in accepted)
    assert not spoken, Text(
        fr=f"{endpoint.host}:{endpoint.port} parle {spoken} ; attendu : TLS 1.2 ou plus récent seulement",
        en=f"{endpoint.host}:{endpoint.port} speaks {spoken}; expected TLS 1.2 or later only",
    )
    untold = ", ".join(a.offered for a in old if a.outcome is not HelloOutcome.REFUSED)
    if untold:
        raise _neither_accepted_nor_refused(untold)


@requirement("TLS-02", endpoint=every_tls_endpoint)
def test_tls_1_3_is_spoken(si: System, endpoint: Endpoint) -> None:
    """A ClientHello of TLS 1.3 alone, at a port that speaks one of the permitted versions."""
    _, newest = _modern(si, endpoint)
    _answered(newest, "TLS 1.3")

    assert newest.accepted, Text(
        fr=f"{endpoint.host}:{endpoint.port} ne parle pas TLS 1.3 "
        f"({newest.alert or newest.version or 'connexion fermée'}) ; attendu : TLS 1.3 négocié",
        en=f"{endpoint.host}:{endpoint.port} doesn't speak TLS 1.3 "
        f"({newest.alert or newest.version or 'connection closed'}); expected TLS 1.3 negotiated",
    )


@requirement("TLS-03", endpoint=every_tls_endpoint)
def test_no_weak_suite_is_accepted(si: System, endpoint: Endpoint) -> None:
    """Weak suites alone, version by version; each one chosen is left out of the next ClientHello."""
    _modern(si, endpoint)

    told = [si.weak_suites(endpoint, version) for version in (*_MODERN, *_OLD)]

    names = sorted({name for answer in told for name in answer.accepted})
    assert not names, Text(
        fr=f"{endpoint.host}:{endpoint.port} accepte {_listed(names)} ; attendu : aucune suite sans "
        "chiffrement, anonyme, d'exportation, DES, 3DES, RC4 ou à échange de clés RSA statique",
        en=f"{endpoint.host}:{endpoint.port} accepts {_listed(names)}; expected no suite that is "
        "NULL, anonymous, EXPORT, DES, 3DES, RC4 or of static RSA key exchange",
    )
    untold = [answer.offered for answer in told if answer.ended is not HelloOutcome.REFUSED]
    modern = [version for version in _MODERN if version in untold]
    if modern:
        raise _neither_accepted_nor_refused(", ".join(modern))


@requirement("TLS-04", endpoint=every_tls_endpoint)
def test_the_chain_leads_to_a_trusted_authority(si: System, endpoint: Endpoint) -> None:
    """The chain as sent, nothing fetched, dates left aside, for a server's purpose."""
    chain = _observed(si, endpoint)
    assert chain.chain_error is None, Text(
        fr=f"la chaîne de certificats n'est pas vérifiée : « {chain.chain_error} » ; "
        "attendu : une chaîne complète, pour un serveur, jusqu'à une autorité reconnue",
        en=f"the certificate chain doesn't verify: “{chain.chain_error}”; "
        "expected a complete chain, for a server, up to a trusted authority",
    )


@requirement("TLS-04", endpoint=every_tls_endpoint)
def test_the_certificate_names_the_host(si: System, endpoint: Endpoint) -> None:
    """The host must stand in the certificate's subject alternative names."""
    chain = _observed(si, endpoint)
    if chain.host_matches is None:
        raise CannotTell(
            Cause.NO_OBSERVATION,
            Text(fr="le nom d'hôte n'a pu être comparé", en="the host name couldn't be compared"),
        )
    names = ", ".join(chain.certificates[0].names) or "—"
    assert chain.host_matches, Text(
        fr=f"le certificat nomme {names} ; attendu : {endpoint.host}",
        en=f"the certificate names {names}; expected {endpoint.host}",
    )


@requirement("TLS-04", endpoint=every_tls_endpoint)
def test_the_certificate_is_in_its_dates(si: System, endpoint: Endpoint) -> None:
    """Every certificate that was sent is valid at the moment of the observation."""
    chain = _observed(si, endpoint)
    early = [c for c in chain.certificates if c.not_before > chain.verified_at]
    assert not early, Text(
        fr=f"un certificat n'est valide qu'à partir du {early[0].not_before}",
        en=f"a certificate is only valid from {early[0].not_before}",
    )
    late = [c for c in chain.certificates if c.not_after < chain.verified_at]
    assert not late, Text(
        fr=f"un certificat est expiré depuis le {late[0].not_after}",
        en=f"a certificate expired on {late[0].not_after}",
    )


@requirement("TLS-05", endpoint=every_tls_endpoint)
def test_the_keys_are_long_enough(si: System, endpoint: Endpoint) -> None:
    """RSA and elliptic-curve keys of the certificates sent, roots left aside."""
    chain = _observed(si, endpoint)
    minima = {"RSA": si.parameters.rsa_bits, "EC": si.parameters.ec_bits}
    keys = [(c.key_type, c.key_bits or 0) for c in chain.certificates if not c.self_signed]
    short = [f"{kind} {bits}" for kind, bits in keys if bits < minima.get(kind, 0)]
    assert not short, Text(
        fr=f"clé trop courte : {', '.join(short)} bits ; "
        f"attendu : RSA {minima['RSA']} ou EC {minima['EC']} au moins",
        en=f"key too short: {', '.join(short)} bits; "
        f"expected at least RSA {minima['RSA']} or EC {minima['EC']}",
    )


@requirement("TLS-05", endpoint=every_tls_endpoint)
def test_no_signature_uses_a_broken_hash(si: System, endpoint: Endpoint) -> None:
    """The signatures of the certificates sent; a root's own signature proves nothing anyway."""
    chain = _observed(si, endpoint)
    hashes = [c.signature_hash for c in chain.certificates if not c.self_signed]
    broken = [name for name in hashes if name in ("md5", "sha1")]
    assert not broken, Text(
        fr=f"un certificat est signé avec {broken[0]} ; attendu : SHA-256 ou mieux",
        en=f"a certificate is signed with {broken[0]}; expected SHA-256 or better",
    )


@requirement("TLS-05", endpoint=every_tls_endpoint)
def test_the_certificate_does_not_outlive_the_cap(si: System, endpoint: Endpoint) -> None:
    """The leaf's lifetime, held against the profile's cap for its kind of authority."""
    chain = _observed(si, endpoint)
    limits = si.parameters
    private = chain.private_anchor
    cap = limits.certificate_lifetime_private_days if private else limits.certificate_lifetime_days
    lifetime = chain.certificates[0].lifetime_days
    assert lifetime <= cap, Text(
        fr=f"le certificat dure {lifetime} jours ; le profil en admet {cap}",
        en=f"the certificate lasts {lifetime} days; the profile allows {cap}",
    )


@requirement("TLS-06", endpoint=every_tls_endpoint)
def test_the_certificate_is_renewed_in_good_time(si: System, endpoint: Endpoint) -> None:
    """What is left of the leaf's lifetime, held against the profile's margin or a share of it."""
    chain = _observed(si, endpoint)
    leaf = chain.certificates[0]
    left = leaf.left(chain.verified_at)
    margin = min(timedelta(days=si.parameters.expiry_margin_days), leaf.lifetime / _SHARE)

    assert left >= margin, Text(
        fr=f"le certificat expire le {leaf.not_after}, dans {_days(left)} jours ; "
        f"attendu : {_days(margin)} jours au moins",
        en=f"the certificate expires on {leaf.not_after}, in {_days(left)} days; "
        f"expected at least {_days(margin)} days",
    )


@requirement("TLS-07", place=every_clear_text_address)
def test_the_api_is_not_served_in_clear(si: System, place: ClearText) -> None:
    """One reading by nobody, over TLS and then without, where nothing of the kind may answer."""
    secure = si.fetch(place.secure)
    _recognised(si, secure)

    clear = si.fetch(place.clear)

    assert not _alike(clear, secure), Text(
        fr=f"l'API répond en clair comme par TLS (statut {clear.status}) ; "
        "attendu : un port fermé, ou une redirection vers https",
        en=f"the API answers in clear as it does over TLS (status {clear.status}); "
        "expected a closed port, or a redirect to https",
    )
    _turned_away(si, clear)
    _recognised(si, si.fetch(place.secure))


@requirement("TLS-13", endpoint=every_tls_endpoint)
def test_the_certificate_is_not_revoked(si: System, endpoint: Endpoint) -> None:
    """What the leaf and its intermediates name is asked, each within the scope."""
    _chain_holds(si, _observed(si, endpoint))

    certificates = si.chain_status(endpoint).certificates

    revoked = [(one.subject, one.revoked) for one in certificates if one.revoked is not None]
    assert not revoked, _revoked_since(*revoked[0])
    if not any(certificate.sources for certificate in certificates[:1]):
        raise NotApplicable(
            Text(
                fr="le certificat du serveur ne dit pas où sa révocation serait publiée",
                en="the server's certificate doesn't say where its revocation would be published",
            )
        )
    unknown = next((one for one in certificates if one.sources and not one.good), None)
    if unknown is not None:
        raise _status_unknown(unknown)


@requirement("TLS-14", endpoint=every_tls_endpoint)
def test_the_promised_status_is_stapled(si: System, endpoint: Endpoint) -> None:
    """A handshake that asks for the status of the leaf, where the leaf promises that it is sent."""
    chain = _observed(si, endpoint)
    if not chain.certificates[0].must_staple:
        raise NotApplicable(
            Text(
                fr="le certificat ne promet pas d'état agrafé",
                en="the certificate promises no stapled status",
            )
        )

    _chain_holds(si, chain)

    staple = si.staple(endpoint)

    if not staple.handshake:
        raise CannotTell(
            Cause.NO_OBSERVATION,
            Text(
                fr=f"la négociation n'est pas allée au bout ({staple.cause})",
                en=f"the handshake didn't come to its end ({staple.cause})",
            ),
        )
    assert staple.status is not None, Text(
        fr=f"{endpoint.host}:{endpoint.port} n'agrafe aucun état, que son certificat promet ; "
        "attendu : une réponse OCSP valide",
        en=f"{endpoint.host}:{endpoint.port} staples no status, which its certificate promises; "
        "expected a valid OCSP response",
    )
    said = _STATUS[staple.status.outcome]
    assert staple.status.outcome is StatusOutcome.GOOD, Text(
        fr=f"l'état que {endpoint.host}:{endpoint.port} agrafe à son certificat {said.fr} ; "
        "attendu : une réponse OCSP signée et à jour, qui ne le révoque pas",
        en=f"the status that {endpoint.host}:{endpoint.port} staples to its certificate {said.en}; "
        "expected an OCSP response, signed and up to date, that doesn't revoke it",
    )


@requirement("TLS-15", endpoint=every_tls_endpoint)
def test_diffie_hellman_parameters_are_long_enough(si: System, endpoint: Endpoint) -> None:
    """Suites of ephemeral Diffie-Hellman alone: the prime that the server sends, if it has any."""
    _modern(si, endpoint)

    answer = si.diffie_hellman(endpoint)

    bits, least = answer.dh_bits if answer.accepted else None, si.parameters.dh_bits
    assert bits is None or bits >= least, Text(
        fr=f"{endpoint.host}:{endpoint.port} échange des clés Diffie-Hellman de {bits} bits "
        f"({answer.suite}) ; attendu : {least} bits au moins, ou des suites ECDHE seulement",
        en=f"{endpoint.host}:{endpoint.port} exchanges {bits}-bit Diffie-Hellman keys "
        f"({answer.suite}); expected at least {least} bits, or ECDHE suites only",
    )
    if answer.accepted and bits is None:
        raise _neither_accepted_nor_refused("Diffie-Hellman")
    _answered(answer, "Diffie-Hellman")


@requirement("TLS-15", endpoint=every_tls_endpoint)
def test_no_client_renegotiates(si: System, endpoint: Endpoint) -> None:
    """A second ClientHello within a connection of TLS 1.2; TLS 1.3 knows no renegotiation."""
    older, _ = _modern(si, endpoint)
    _answered(older, "TLS 1.2")
    if not older.accepted:
        return

    seen = si.renegotiation(endpoint)

    assert seen.outcome is not RenegotiationOutcome.ACCEPTED, Text(
        fr=f"{endpoint.host}:{endpoint.port} laisse un client renégocier"
        f"{'' if older.secure_renegotiation else ', sans la protection de la RFC 5746'} ; "
        "attendu : un refus",
        en=f"{endpoint.host}:{endpoint.port} lets a client renegotiate"
        f"{'' if older.secure_renegotiation else ', without the protection of RFC 5746'}; "
        "expected a refusal",
    )
    if seen.outcome is not RenegotiationOutcome.REFUSED:
        raise CannotTell(
            _NOT_RENEGOTIATED[seen.outcome],
            Text(
                fr=f"aucune renégociation n'a pu être jugée ({seen.cause})",
                en=f"no renegotiation could be judged ({seen.cause})",
            ),
        )
    if not older.secure_renegotiation:
        si.note(
            Text(
                fr="le serveur refuse de renégocier, sans annoncer la protection de la RFC 5746 : "
                "des clients récents ne s'y connecteront pas",
                en="the server refuses to renegotiate, without announcing the protection of "
                "RFC 5746: recent clients won't connect to it",
            )
        )


@requirement("TLS-15", endpoint=every_tls_endpoint)
def test_nothing_is_compressed(si: System, endpoint: Endpoint) -> None:
    """A ClientHello that offers compression, which TLS 1.3 has no more."""
    _modern(si, endpoint)

    answer = si.compression(endpoint)

    compressed = answer.outcome is HelloOutcome.ACCEPTED and bool(answer.compression)
    assert not compressed, Text(
        fr=f"{endpoint.host}:{endpoint.port} comprime ce qu'il chiffre (méthode "
        f"{answer.compression}) ; attendu : aucune compression",
        en=f"{endpoint.host}:{endpoint.port} compresses what it encrypts (method "
        f"{answer.compression}); expected no compression",
    )
    _answered(answer, Text(fr="une compression", en="compression"))


def _chain_holds(si: System, chain: ChainFact) -> None:
    """Hold that the chain verifies: only then does the authority's word count."""
    si.hold(
        chain.chain_error is None,
        Text(
            fr=f"la chaîne n'est pas vérifiée (« {chain.chain_error} ») : rien de ce que publie "
            "l'autorité n'en dirait rien",
            en=f"the chain doesn't verify (“{chain.chain_error}”): nothing that the authority "
            "publishes would say anything of it",
        ),
        Cause.PRECONDITION,
    )


def _revoked_since(subject: str, source: StatusSource) -> Text:
    """Since when a certificate is revoked, why, and who says so."""
    return Text(
        fr=f"le certificat « {subject} » est révoqué depuis le {source.revoked_at} "
        f"({source.reason or 'sans motif'}), selon {source.url} ; "
        "attendu : aucun certificat révoqué",
        en=f"the certificate “{subject}” was revoked on {source.revoked_at} "
        f"({source.reason or 'no reason given'}), according to {source.url}; "
        "expected no revoked certificate",
    )


def _status_unknown(certificate: CertificateStatus) -> CannotTell:
    """Why no source of a certificate says that it is good."""
    sources = certificate.sources
    said = [(source, _STATUS[source.outcome]) for source in sources]
    causes = {source.outcome: _NO_STATUS.get(source.outcome) for source in sources}
    known = [cause for cause in causes.values() if cause is not None]
    return CannotTell(
        known[0] if known else Cause.NO_OBSERVATION,
        Text(
            fr=f"la révocation de « {certificate.subject} » n'a pu être sue : "
            + ", ".join(f"{source.url} {words.fr}" for source, words in said),
            en=f"whether “{certificate.subject}” is revoked couldn't be known: "
            + ", ".join(f"{source.url} {words.en}" for source, words in said),
        ),
    )


def _answered(answer: HelloAnswer, what: str | Text) -> None:
    """Hold that an offer was accepted or refused."""
    if answer.outcome not in (HelloOutcome.ACCEPTED, HelloOutcome.REFUSED):
        raise _neither_accepted_nor_refused(what)


def _recognised(si: System, secure: Answer) -> None:
    """Hold that the API answers over TLS in a way by which it would be known elsewhere."""
    if secure.failure is not None:
        raise unanswered(secure, Text(fr="la même lecture par TLS", en="the same reading over TLS"))
    challenged = secure.status == _UNAUTHORIZED and secure.header(_CHALLENGE) is not None
    si.hold(
        challenged or (secure.status in (_OK, _UNAUTHORIZED) and bool(secure.body.strip())),
        Text(
            fr=f"par TLS, l'API ne répond rien qui la fasse reconnaître (statut {secure.status})",
            en=f"over TLS, the API answers nothing by which it could be known "
            f"(status {secure.status})",
        ),
    )


def _alike(clear: Answer, secure: Answer) -> bool:
    """Whether it is the API itself: the same challenge, the same text, or JSON of the same form."""
    if clear.status != secure.status:
        return False
    one, other = clear.json(), secure.json()
    if isinstance(one, dict) and isinstance(other, dict) and one:
        return one.keys() == other.keys()
    challenge = clear.header(_CHALLENGE)
    same_challenge = challenge is not None and challenge == secure.header(_CHALLENGE)
    return same_challenge or (bool(clear.body.strip()) and clear.body == secure.body)


def _turned_away(si: System, clear: Answer) -> None:
    """Go on only when what was asked in clear is not served there, whoever answers."""
    if clear.shut_out:
        return
    if (clear.header("location") or "").lower().startswith("https://") and clear.redirected_to:
        si.note(
            Text(
                fr="l'adresse en clair redirige vers https : qui s'y trompe y a déjà envoyé son jeton",
                en="the clear address redirects to https: whoever errs has already sent their token",
            )
        )
        return
    if clear.served or clear.status == _UNAUTHORIZED:
        raise AskPerson(
            Text(
                fr=f"autre chose que l'API répond en clair à son adresse (statut {clear.status}) ; "
                "une personne doit dire ce que c'est",
                en=f"something else than the API answers in clear at its address "
                f"(status {clear.status}); a person must say what it is",
            )
        )
    if clear.status not in _NOT_HERE:
        raise unanswered(clear, Text(fr="la lecture en clair", en="the reading in clear"))


def _modern(si: System, endpoint: Endpoint) -> tuple[HelloAnswer, HelloAnswer]:
    """What is answered to TLS 1.2 and to 1.3; one of them accepted is the positive control."""
    older, newest = (si.hello(endpoint, version) for version in _MODERN)
    if older.outcome is newest.outcome is HelloOutcome.UNREACHABLE:
        raise CannotTell(
            Cause.UNREACHABLE,
            Text(fr="le port n'est pas joignable", en="the port can't be reached"),
        )
    si.hold(
        older.accepted or newest.accepted,
        Text(
            fr="ni TLS 1.2 ni TLS 1.3 n'a été accepté ; aucun refus ne dirait rien",
            en="neither TLS 1.2 nor TLS 1.3 was accepted; no refusal would say anything",
        ),
    )
    return older, newest


def _neither_accepted_nor_refused(what: str | Text) -> CannotTell:
    """Why silence allows no conclusion."""
    said = Text(fr=what, en=what) if isinstance(what, str) else what
    return CannotTell(
        Cause.NO_OBSERVATION,
        Text(
            fr=f"le serveur n'a ni accepté ni refusé {said.fr}",
            en=f"the server neither accepted nor refused {said.en}",
        ),
    )


def _days(length: timedelta) -> str:
    """A length of time in days, to the tenth."""
    return f"{length / timedelta(days=1):.1f}"


def _listed(names: Sequence[str]) -> str:
    """The first few names, and how many more there are."""
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" (+ {more})" if more > 0 else "")


def _observed(si: System, endpoint: Endpoint) -> ChainFact:
    """The certificates, when they could be seen; the handshake is the positive control."""
    chain = si.chain(endpoint)
    if chain.outcome is ChainOutcome.UNREACHABLE:
        raise CannotTell(
            Cause.UNREACHABLE,
            Text(fr="le port n'est pas joignable", en="the port can't be reached"),
        )
    si.hold(
        chain.outcome is ChainOutcome.OBSERVED and bool(chain.certificates),
        Text(
            fr=f"aucun certificat n'a pu être observé ({chain.outcome})",
            en=f"no certificate could be observed ({chain.outcome})",
        ),
        Cause.TIMEOUT if chain.outcome is ChainOutcome.SILENT else Cause.NO_OBSERVATION,
    )
    return chain
