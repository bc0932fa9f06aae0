"""The report's own words, in both languages; what a requirement says comes from the catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tgv_suite.model.catalogue import Level, SafetyClass, Severity
from tgv_suite.model.credential import KEYED_WITH_PUBLIC_KEY, UNSIGNED, Credential
from tgv_suite.model.results import Cause, Conclusion, Fate, Mode, RequirementResult, Verdict
from tgv_suite.model.target import Category, Environment
from tgv_suite.noun import noun
from tgv_suite.text import Text

NO_BREAK = "\u00a0"


@noun
class VerdictWords:
    """How a verdict is told: by a word and a sign, never by colour alone."""

    word: Text
    sign: str
    heading: Text
    meaning: Text


@noun
class CauseWords:
    """Why nothing could be told, and what to do about it."""

    meaning: Text
    remedy: Text


@noun
class Counted:
    """A noun that is counted; French takes the singular below two, English for one only."""

    one: Text
    many: Text

    def of(self, count: int) -> Text:
        """``count`` and the noun, agreed."""
        fr = self.one if count < 2 else self.many
        en = self.one if count == 1 else self.many
        return numbered(count, Text(fr=fr.fr, en=en.en))


def numbered(count: int, word: Text) -> Text:
    """``count`` and ``word`` on one line, the thousands apart."""
    grouped = f"{count:,}"
    return Text(
        fr=f"{grouped.replace(',', NO_BREAK)}{NO_BREAK}{word.fr}",
        en=f"{grouped}{NO_BREAK}{word.en}",
    )


REQUIREMENTS = Counted(
    one=Text(fr="exigence", en="requirement"), many=Text(fr="exigences", en="requirements")
)
CHECKS = Counted(
    one=Text(fr="vérification", en="check"), many=Text(fr="vérifications", en="checks")
)
OBSERVATIONS = Counted(
    one=Text(fr="échange conservé comme preuve", en="exchange kept as evidence"),
    many=Text(fr="échanges conservés comme preuve", en="exchanges kept as evidence"),
)
OMITTED = Counted(
    one=Text(
        fr="caractère n'est pas montré ici ; le paquet de preuves contient le texte entier.",
        en="character is not shown here; the evidence bundle holds the whole text.",
    ),
    many=Text(
        fr="caractères ne sont pas montrés ici ; le paquet de preuves contient le texte entier.",
        en="characters are not shown here; the evidence bundle holds the whole text.",
    ),
)
FURTHER = Counted(
    one=Text(
        fr="autre échange se trouve dans le paquet de preuves.",
        en="other exchange is in the evidence bundle.",
    ),
    many=Text(
        fr="autres échanges se trouvent dans le paquet de preuves.",
        en="other exchanges are in the evidence bundle.",
    ),
)

SUBJECTS = Counted(
    one=Text(fr="autre cas, dans results.json.", en="other case, in results.json."),
    many=Text(fr="autres cas, dans results.json.", en="other cases, in results.json."),
)
CASES = Counted(one=Text(fr="cas", en="case"), many=Text(fr="cas", en="cases"))
CELLS_COUNTED = Counted(one=Text(fr="case", en="cell"), many=Text(fr="cases", en="cells"))

FATES: Mapping[Fate, Text] = {
    Fate.REMOVED: Text(fr="effacé, et vu absent", en="removed, and seen to be gone"),
    Fate.LEFT: Text(fr="laissé dans le système", en="left in the system"),
    Fate.UNKNOWN: Text(
        fr="inconnu : rien ne dit si la requête l'a créé, ni sous quel identifiant",
        en="unknown: nothing says whether the request created it, or under which identifier",
    ),
}

VERDICTS: Mapping[Verdict, VerdictWords] = {
    Verdict.FAIL: VerdictWords(
        word=Text(fr="non conforme", en="fail"),
        sign="✕",
        heading=Text(fr="Ce qui n'est pas conforme", en="What failed"),
        meaning=Text(
            fr="On a vu le système manquer à l'exigence, et un tiers peut le revoir.",
            en="The system was seen to break the requirement, and a third party can see it again.",
        ),
    ),
    Verdict.INCONCLUSIVE: VerdictWords(
        word=Text(fr="non concluant", en="inconclusive"),
        sign="?",
        heading=Text(fr="Ce qu'on n'a pas pu dire", en="What could not be told"),
        meaning=Text(
            fr="Rien ne permet de trancher. Ce n'est ni une conformité ni un manquement.",
            en="Nothing allows a decision. This is neither conformity nor a breach.",
        ),
    ),
    Verdict.ATTESTATION: VerdictWords(
        word=Text(fr="à attester", en="attestation"),
        sign="✎",
        heading=Text(fr="Ce que seule une personne atteste", en="What only a person can attest"),
        meaning=Text(
            fr="Seule une personne peut le dire, document à l'appui. Une exigence attestée reste "
            "présentée comme telle : jamais comme une observation de l'outil.",
            en="Only a person can tell, with a document in hand. An attested requirement stays "
            "shown as attested: never as something that the tool observed.",
        ),
    ),
    Verdict.PASS: VerdictWords(
        word=Text(fr="conforme", en="pass"),
        sign="✓",
        heading=Text(fr="Ce qui est conforme, et sur quelles preuves", en="What passed, and why"),
        meaning=Text(
            fr="Le contrôle positif a tenu, au moins un échange a été observé, et toutes les "
            "affirmations se sont vérifiées.",
            en="The positive control held, at least one exchange was observed, and every claim "
            "was true.",
        ),
    ),
    Verdict.NOT_APPLICABLE: VerdictWords(
        word=Text(fr="sans objet", en="not applicable"),
        sign="–",
        heading=Text(fr="Ce qui est sans objet", en="What does not apply"),
        meaning=Text(
            fr="L'exigence ne vise pas ce système, pour la raison indiquée.",
            en="The requirement does not bind this system, for the reason given.",
        ),
    ),
}

ATTESTED = Text(fr="attestée", en="attested")
SEVERAL: Mapping[Text, Text] = {
    VERDICTS[Verdict.FAIL].word: Text(fr="non conformes", en="fail"),
    VERDICTS[Verdict.INCONCLUSIVE].word: Text(fr="non concluantes", en="inconclusive"),
    VERDICTS[Verdict.PASS].word: Text(fr="conformes", en="pass"),
    ATTESTED: Text(fr="attestées", en="attested"),
}
"""What a verdict is called of several requirements, where French has it agree with them."""


def verdict_of(result: RequirementResult) -> Text:
    """The word for a requirement's verdict: an attested one is shown as attested."""
    return VERDICTS[result.verdict].word if result.attestation is None else ATTESTED


CONCLUSIONS: Mapping[Conclusion, Text] = {
    Conclusion.CONFORMANT: Text(fr="Conforme", en="Conformant"),
    Conclusion.CONFORMANT_WITH_WAIVERS: Text(
        fr="Conforme avec dérogations", en="Conformant with waivers"
    ),
    Conclusion.NON_CONFORMANT: Text(fr="Non conforme", en="Non-conformant"),
    Conclusion.UNDETERMINED: Text(fr="Indéterminé", en="Undetermined"),
}

CONCLUSION_SIGNS: Mapping[Conclusion, str] = {
    Conclusion.CONFORMANT: "✓",
    Conclusion.CONFORMANT_WITH_WAIVERS: "✓",
    Conclusion.NON_CONFORMANT: "✕",
    Conclusion.UNDETERMINED: "?",
}

MEANINGS: Mapping[Conclusion, Text] = {
    Conclusion.CONFORMANT: Text(
        fr="Aucune exigence obligatoire de ce profil n'est en défaut : chacune a été observée "
        "conforme, est attestée ou est sans objet.",
        en="No mandatory requirement of this profile is at fault: each was observed to hold, is "
        "attested, or does not apply.",
    ),
    Conclusion.CONFORMANT_WITH_WAIVERS: Text(
        fr="Des exigences obligatoires ne sont pas respectées, et des dérogations en vigueur les "
        "couvrent toutes. Les manquements demeurent et sont décrits plus bas ; les dérogations, "
        "leurs auteurs et leurs échéances sont dans le fichier waivers.yaml du paquet.",
        en="Some mandatory requirements are broken, and waivers in force cover them all. The "
        "breaches remain and are described below; the waivers, their authors and their expiry "
        "dates are in the file waivers.yaml of the bundle.",
    ),
    Conclusion.NON_CONFORMANT: Text(
        fr="Au moins une exigence obligatoire de ce profil n'est pas respectée.",
        en="At least one mandatory requirement of this profile is broken.",
    ),
    Conclusion.UNDETERMINED: Text(
        fr="On ne peut pas conclure : au moins une exigence obligatoire n'a pas pu être jugée ou "
        "reste à attester. Ce n'est ni une conformité ni un manquement.",
        en="No conclusion is possible: at least one mandatory requirement could not be judged or "
        "is still to be attested. This is neither conformity nor a breach.",
    ),
}

SEVERITIES: Mapping[Severity, Text] = {
    Severity.CRITICAL: Text(fr="critique", en="critical"),
    Severity.HIGH: Text(fr="élevée", en="high"),
    Severity.MEDIUM: Text(fr="moyenne", en="medium"),
    Severity.LOW: Text(fr="faible", en="low"),
}

LEVELS: Mapping[Level, Text] = {
    Level.MUST: Text(fr="obligatoire", en="mandatory"),
    Level.SHOULD: Text(fr="recommandée", en="recommended"),
}

CAUSES: Mapping[Cause, CauseWords] = {
    Cause.UNREACHABLE: CauseWords(
        meaning=Text(fr="Le système n'a pas pu être joint.", en="The system could not be reached."),
        remedy=Text(
            fr="Vérifiez que le système répond à l'adresse déclarée, puis reprenez.",
            en="See that the system answers at the declared address, then run again.",
        ),
    ),
    Cause.PRECONDITION: CauseWords(
        meaning=Text(
            fr="Il manquait une déclaration, un acteur ou une donnée d'essai.",
            en="A declaration, an actor or a piece of test data was missing.",
        ),
        remedy=Text(
            fr="Complétez le manifeste de la cible avec ce que la raison nomme, puis reprenez.",
            en="Add to the target manifest what the reason names, then run again.",
        ),
    ),
    Cause.CONTROL_FAILED: CauseWords(
        meaning=Text(
            fr="La requête légitime, qui devait réussir, a échoué : un refus ne prouverait rien.",
            en="The legitimate request, which had to succeed, failed: a refusal would prove "
            "nothing.",
        ),
        remedy=Text(
            fr="Rétablissez l'accès légitime (compte, droits, données d'essai), puis reprenez.",
            en="Restore the legitimate access (account, rights, test data), then run again.",
        ),
    ),
    Cause.NO_OBSERVATION: CauseWords(
        meaning=Text(
            fr="Aucun échange n'a pu être observé ; sans observation, rien n'est conforme.",
            en="No exchange could be observed; without an observation, nothing passes.",
        ),
        remedy=Text(
            fr="Faites en sorte que le système produise l'échange attendu, puis reprenez.",
            en="Have the system make the exchange that is expected, then run again.",
        ),
    ),
    Cause.TIMEOUT: CauseWords(
        meaning=Text(
            fr="Le système n'a pas répondu dans le délai imparti.",
            en="The system did not answer in the time allowed.",
        ),
        remedy=Text(
            fr="Cherchez la cause de la lenteur, ou déclarez un débit plus faible, puis reprenez.",
            en="Find what makes it slow, or declare a lower rate, then run again.",
        ),
    ),
    Cause.NOT_RUN: CauseWords(
        meaning=Text(
            fr="La vérification n'a pas été exécutée.", en="The check was not carried out."
        ),
        remedy=Text(
            fr="Reprenez l'exécution en entier, dans un périmètre qui permet cette vérification.",
            en="Run again in full, within a scope that allows this check.",
        ),
    ),
    Cause.HARNESS_ERROR: CauseWords(
        meaning=Text(
            fr="L'outil a fait défaut. Ce n'est pas un constat sur le système.",
            en="The tool was at fault. This says nothing against the system.",
        ),
        remedy=Text(
            fr="Signalez-le aux responsables de l'outil, avec la raison ci-dessous.",
            en="Report it to those who maintain the tool, with the reason below.",
        ),
    ),
    Cause.UNPROVEN: CauseWords(
        meaning=Text(
            fr="Il n'est pas démontré que cette vérification détecte le défaut qu'elle cherche.",
            en="This check has not been shown to detect the defect that it looks for.",
        ),
        remedy=Text(
            fr="Attendez une version de l'outil qui en fait la preuve, ou faites constater le "
            "point par une personne.",
            en="Wait for a version of the tool that proves it, or have a person look.",
        ),
    ),
}

MODES: Mapping[Mode, CauseWords] = {
    Mode.VENDOR: CauseWords(
        meaning=Text(fr="Fournisseur (auto-déclaration)", en="Vendor (self-declared)"),
        remedy=Text(
            fr="Le fournisseur du système a mené et scellé cette exécution : c'est une "
            "auto-déclaration, qu'aucun tiers n'a vérifiée.",
            en="The vendor of the system ran and sealed this: it is self-declared, and no third "
            "party has verified it.",
        ),
    ),
    Mode.CERTIFIER: CauseWords(
        meaning=Text(fr="Vérificateur mandaté", en="Certifier"),
        remedy=Text(
            fr="Un vérificateur mandaté a mené et scellé cette exécution. C'est un constat "
            "technique versé au dossier, et non la décision elle-même.",
            en="A mandated certifier ran and sealed this. It is a technical finding for the file, "
            "and not the decision itself.",
        ),
    ),
    Mode.SURVEILLANCE: CauseWords(
        meaning=Text(fr="Surveillance", en="Surveillance"),
        remedy=Text(
            fr="Cette exécution de surveillance cherche des régressions, avec les seules "
            "vérifications permises en continu. Elle ne remplace pas une vérification complète.",
            en="This surveillance run looks for regressions, with only the checks that are allowed "
            "day after day. It does not replace a full verification.",
        ),
    ),
}

CATEGORIES: Mapping[str, Text] = {
    Category.GOVERNMENT: Text(fr="Système gouvernemental", en="Government system"),
    Category.RAMQ_PARTNER: Text(
        fr="Système privé en relation avec la RAMQ", en="Private system working with the RAMQ"
    ),
    Category.APPOINTMENT_BOOKING: Text(
        fr="Système privé de prise de rendez-vous", en="Private appointment booking system"
    ),
    Category.OTHER_PRIVATE: Text(fr="Autre système privé", en="Other private system"),
    Category.INSURANCE: Text(fr="Système d'assurance privée", en="Private insurance system"),
    Category.DATA_VAULT: Text(fr="Banque de données (voûte)", en="Data vault"),
}

ENVIRONMENTS: Mapping[str, Text] = {
    Environment.TEST: Text(fr="Essai", en="Test"),
    Environment.PREPRODUCTION: Text(fr="Préproduction", en="Pre-production"),
    Environment.PRODUCTION: Text(fr="Production", en="Production"),
}

SAFETY: Mapping[SafetyClass, Text] = {
    SafetyClass.PASSIVE: Text(fr="passives", en="passive"),
    SafetyClass.ACTIVE: Text(fr="actives", en="active"),
    SafetyClass.INTRUSIVE: Text(fr="intrusives", en="intrusive"),
}

BASES: Mapping[str, Text] = {
    "ramq-recognition": Text(fr="reconnaissance par la RAMQ", en="recognition by the RAMQ"),
    "msss-approval": Text(fr="approbation du MSSS", en="approval by the MSSS"),
}

CREDENTIALS: Mapping[Credential, Text] = {
    Credential.OWN: Text(fr="son propre accès", en="their own credential"),
    Credential.NONE: Text(fr="aucun authentifiant", en="no credential"),
    Credential.NO_TOKEN: Text(fr="aucun jeton", en="no token"),
    Credential.OTHER_ACCOUNT: Text(
        fr="le nom et le mot de passe d'un compte qui n'est pas de l'essai",
        en="the name and password of an account that isn't the run's",
    ),
    Credential.ALTERED_SIGNATURE: Text(
        fr="son jeton, un bit de la signature changé", en="their token, one signature bit changed"
    ),
    Credential.ALTERED_CLAIMS: Text(
        fr="son jeton, le contenu changé", en="their token, its claims changed"
    ),
    Credential.FOREIGN_KEY: Text(
        fr="un jeton signé d'une clé étrangère", en="a token signed by a foreign key"
    ),
    Credential.EMBEDDED_KEY: Text(
        fr="un jeton qui porte sa propre clé (jwk)", en="a token that carries its own key (jwk)"
    ),
    Credential.KEY_ADDRESS: Text(
        fr="un jeton qui désigne sa clé par une adresse (jku)",
        en="a token that points to its key (jku)",
    ),
    Credential.CERTIFICATE_ADDRESS: Text(
        fr="un jeton qui désigne son certificat par une adresse (x5u)",
        en="a token that points to its certificate (x5u)",
    ),
    Credential.ALTERED_CHARACTER: Text(
        fr="son jeton, un caractère changé", en="their token, one character changed"
    ),
    Credential.OTHER_CLIENT: Text(
        fr="le certificat d'un autre client", en="another client's certificate"
    ),
    Credential.NO_CERTIFICATE: Text(fr="aucun certificat client", en="no client certificate"),
    Credential.OTHER_AUTHORITY: Text(
        fr="un certificat client d'une autre autorité",
        en="a client certificate of another authority",
    ),
    Credential.OTHER_CLIENT: Text(
        fr="le certificat d'un autre client", en="another client's certificate"
    ),
    Credential.REVOKED_CERTIFICATE: Text(
        fr="un certificat client révoqué", en="a revoked client certificate"
    ),
    Credential.EXPIRED_CERTIFICATE: Text(
        fr="un certificat client expiré", en="an expired client certificate"
    ),
    Credential.SIGNATURE_BY_ANOTHER_KEY: Text(
        fr="une signature faite d'une autre clé", en="a signature made with another key"
    ),
    Credential.SIGNATURE_OF_ANOTHER_BODY: Text(
        fr="la signature d'un autre corps", en="another body's signature"
    ),
    Credential.REPLAYED: Text(
        fr="un envoi déjà fait, tel quel", en="something sent before, as it was"
    ),
    Credential.ALTERED_COOKIE: Text(
        fr="le témoin de sa session, altéré", en="their session's cookie, altered"
    ),
    Credential.COOKIE_FROM_BEFORE_LOGIN: Text(
        fr="le témoin d'avant la connexion", en="the cookie from before the login"
    ),
    Credential.ID_TOKEN: Text(
        fr="un jeton d'identité pour jeton d'accès", en="an ID token as an access token"
    ),
    Credential.MADE_UP_AUTHORITY: Text(
        fr="un certificat client d'une autorité inventée",
        en="a client certificate of a made-up authority",
    ),
    **{
        each: Text(
            fr=f"son jeton sans signature ({each})", en=f"their token without a signature ({each})"
        )
        for each in UNSIGNED
    },
    **{
        each: Text(
            fr=f"son jeton, signé avec la clé publique pour secret ({each})",
            en=f"their token, signed with the public key as the secret ({each})",
        )
        for each in KEYED_WITH_PUBLIC_KEY
    },
}

FACTS: Mapping[str, Text] = {
    "AuditFact": Text(fr="Traces trouvées au journal d'accès", en="Traces in the audit trail"),
    "AuthorizationFact": Text(
        fr="Code demandé au nom d'une personne", en="Code asked for in a person's name"
    ),
    "BurstFact": Text(fr="Rafale de requêtes", en="Burst of requests"),
    "CallbackFact": Text(fr="Appel reçu, ou non", en="Call received, or not"),
    "ChainFact": Text(fr="Certificats présentés", en="Certificates presented"),
    "ChainStatus": Text(fr="Révocation des certificats", en="Revocation of the certificates"),
    "EntityFact": Text(fr="Document qui renvoie à un autre", en="Document that refers to another"),
    "ExposureFact": Text(
        fr="Fichiers de l'intérieur cherchés", en="Files of the inside, looked for"
    ),
    "FuzzFact": Text(
        fr="Requêtes générées de la description", en="Requests generated from the description"
    ),
    "GrantFact": Text(fr="Jeton demandé par un client", en="Token asked for by a client"),
    "HelloAnswer": Text(fr="Négociation TLS", en="TLS negotiation"),
    "LeftoverFact": Text(
        fr="Réponses après une requête à deux longueurs",
        en="Answers after a request of two lengths",
    ),
    "LoginBurst": Text(fr="Connexions ratées en rafale", en="Burst of failed logins"),
    "OutboundFact": Text(
        fr="Adresse donnée au SI, appelée ou non", en="Address given to the system, called or not"
    ),
    "PasswordFact": Text(fr="Mot de passe à poser", en="Password to be set"),
    "PublishedKey": Text(fr="Clé publiée par l'émetteur", en="Key published by the issuer"),
    "Renegotiation": Text(fr="Renégociation TLS", en="TLS renegotiation"),
    "RemovalFact": Text(
        fr="Retrait de ce que l'essai a créé", en="Removal of what the run created"
    ),
    "RenewalFact": Text(fr="Renouvellement d'un jeton", en="Renewal of a token"),
    "ResetFact": Text(
        fr="Mot de passe oublié, réinitialisation demandée",
        en="Forgotten password, reset asked for",
    ),
    "RevocationFact": Text(fr="Révocation d'un jeton", en="Revocation of a token"),
    "SecretsFact": Text(fr="Marques des secrets de l'essai", en="Marks of the run's secrets"),
    "SessionFact": Text(fr="Témoins d'une session", en="Cookies of a session"),
    "SignInFact": Text(fr="Connexion par mot de passe", en="Sign-in with a password"),
    "SigningKeyFact": Text(fr="Clé qui signe un jeton", en="Key that signs a token"),
    "Staple": Text(fr="État agrafé au certificat", en="Status stapled to the certificate"),
    "TokenFact": Text(fr="Jeton obtenu", en="Token obtained"),
    "TraversalFact": Text(
        fr="Fichiers de la machine cherchés", en="Files of the machine, looked for"
    ),
    "WeakSuites": Text(fr="Suites faibles acceptées", en="Weak suites accepted"),
}

CELLS: Mapping[str, tuple[str, Text]] = {
    "violated": ("✕", Text(fr="violation vue", en="violation seen")),
    "denied": ("■", Text(fr="refus vérifié", en="refusal verified")),
    "allowed": ("●", Text(fr="accès permis vérifié", en="permitted access verified")),
    "untested_denial": ("□", Text(fr="à refuser, non vérifié", en="to refuse, not tested")),
    "untested_allowance": ("○", Text(fr="à permettre, non vérifié", en="to permit, not tested")),
}

OLD_OPENSSL = Text(
    fr="Une négociation qui aboutit montre le défaut. Certaines versions d'OpenSSL ne savent plus "
    "offrir les vieux protocoles : un échec local ne prouve rien.",
    en="A handshake that completes shows the defect. Some builds of OpenSSL can no longer offer "
    "the old protocols: a local failure proves nothing.",
)

WRITES = Text(
    fr="Cette commande écrit dans le système : à ne lancer que dans l'environnement d'essai.",
    en="This command writes into the system: to be run in the test environment only.",
)

PLACEHOLDERS: Mapping[str, Text] = {
    "TGV_AUTHORITIES": Text(
        fr="TGV_AUTHORITIES : le fichier PEM des autorités de confiance (trust_anchors).",
        en="TGV_AUTHORITIES: the PEM file of the trusted authorities (trust_anchors).",
    ),
    "TGV_CERTIFICATE": Text(
        fr="TGV_CERTIFICATE et TGV_KEY : le certificat client de l'acteur et sa clé.",
        en="TGV_CERTIFICATE and TGV_KEY: the actor's client certificate and its key.",
    ),
    "@tgv-request-body": Text(
        fr="tgv-request-body : le corps de la requête, à copier de l'échange conservé.",
        en="tgv-request-body: the body of the request, to copy from the recorded exchange.",
    ),
}


def credential(presented: Credential) -> Text:
    """What a request presented, in words when there are some."""
    return CREDENTIALS.get(presented, Text(fr=presented, en=presented))


def placeholder(variable: str, *, actor: str, presented: Text | None) -> Text:
    """What to put in a variable that stands for a secret."""
    fr = f"{variable} : l'authentifiant de « {actor} »"
    en = f"{variable}: the credential of “{actor}”"
    if presented is None:
        return Text(fr=f"{fr}.", en=f"{en}.")
    return Text(fr=f"{fr} ; ici, {presented.fr}.", en=f"{en}; here, {presented.en}.")


def exchange(*, actor: str, operation: str, object: str, presented: Text, outcome: Text) -> Text:
    """One exchange in one line: who asked what of whom, with what, and the status or the failure."""
    return Text(
        fr=f"« {actor} » appelle « {operation} » sur « {object} », avec {presented.fr} : {outcome.fr}",
        en=f"“{actor}” calls “{operation}” on “{object}”, with {presented.en}: {outcome.en}",
    )


def request(*, actor: str, label: str, outcome: Text) -> Text:
    """A request that isn't an operation's own, by its label on record."""
    return Text(
        fr=f"« {actor} » envoie « {label} » : {outcome.fr}",
        en=f"“{actor}” sends “{label}”: {outcome.en}",
    )


def fetched(request: str, outcome: Text) -> Text:
    """An address that was asked for without credentials."""
    return Text(
        fr=f"{request}, sans authentifiant : {outcome.fr}",
        en=f"{request}, without credentials: {outcome.en}",
    )


def varied(presented: Text, variant: str) -> Text:
    """What was presented, and what else was changed in the request."""
    if not variant:
        return presented
    return Text(
        fr=f"{presented.fr}, et ce changement : {variant}",
        en=f"{presented.en}, and this change: {variant}",
    )


def status(code: int | None) -> Text:
    """The status of an answer."""
    return Text(fr=f"statut {code}", en=f"status {code}")


def belongs(object: str, owners: Sequence[str]) -> Text:
    """What a passage is that stands in one object only."""
    named = ", ".join(owners)
    return Text(
        fr=f"Le passage surligné ne figure que dans « {object} », que seuls peuvent voir : {named}.",
        en=f"The highlighted passage stands only in “{object}”, which only these may see: {named}.",
    )


def written(actor: str) -> Text:
    """What a passage is that a forbidden write left."""
    return Text(
        fr=f"Le passage surligné est ce que « {actor} » a écrit, et n'avait pas le droit d'écrire.",
        en=f"The highlighted passage is what “{actor}” wrote, and had no right to write.",
    )


def joined(kind: Text, name: Text) -> Text:
    """A kind and a name, in one line."""
    return Text(fr=f"{kind.fr} – {name.fr}", en=f"{kind.en} – {name.en}")


CLAIMS: tuple[Text, ...] = (
    Text(
        fr="Il dit ce qui a été observé, de l'extérieur, en échangeant avec le système désigné en "
        "tête, aux dates indiquées. Il ne vaut que pour cette version et cet environnement : toute "
        "autre version est à vérifier de nouveau.",
        en="It tells what was observed, from outside, by exchanging with the system named above, "
        "on the dates given. It holds for this version and this environment only: any other "
        "version is to be verified again.",
    ),
    Text(
        fr="Il porte sur la part vérifiable par essais de la condition 2 de l'orientation (la "
        "vérification TGV). La condition 1, la reconnaissance par la RAMQ ou l'approbation du "
        "MSSS, lui est préalable et n'est pas établie ici.",
        en="It covers the part of condition 2 of the orientation (the TGV verification) that tests "
        "can verify. Condition 1, recognition by the RAMQ or approval by the MSSS, comes first and "
        "is not established here.",
    ),
)

LIMITS: tuple[Text, ...] = (
    Text(
        fr="Il n'est pas une décision : la certification TGV et l'autorisation des échanges "
        "relèvent du MSSS.",
        en="It is not a decision: TGV certification and the authorisation of exchanges belong to "
        "the MSSS.",
    ),
    Text(
        fr="Il n'établit pas les exigences documentaires, qui s'examinent sur pièces : évaluation "
        "des facteurs relatifs à la vie privée, test d'intrusion indépendant, architecture, "
        "contrats, formation, reprise après sinistre. Une attestation y est rapportée comme la "
        "parole de la personne qui la signe, jamais comme un constat.",
        en="It does not establish the documentary requirements, which are examined on paper: "
        "privacy impact assessment, independent penetration test, architecture, contracts, "
        "training, disaster recovery. An attestation is reported as the word of the person who "
        "signs it, never as a finding.",
    ),
    Text(
        fr="Il ne voit pas l'intérieur du système : le code, le chiffrement au repos, les copies "
        "de sauvegarde, l'usage qui est fait des données une fois reçues. Ne pas avoir vu de "
        "défaut ne démontre pas qu'il n'y en a pas.",
        en="It does not see inside the system: the code, encryption at rest, backup copies, what "
        "is done with the data once received. Having seen no defect does not show that there is "
        "none.",
    ),
    Text(
        fr="Ses exigences sont celles du catalogue de l'outil, reliées aux critères publics de la "
        "TGV ; elles ne sont pas le texte du MSSS.",
        en="Its requirements are those of the tool's catalogue, mapped to the public TGV criteria; "
        "they are not the MSSS's text.",
    ),
)

WORDS: Mapping[str, Text] = {
    "report": Text(fr="Rapport de vérification", en="Verification report"),
    "skip": Text(fr="Aller à la conclusion", en="Skip to the conclusion"),
    "identity": Text(fr="Système vérifié", en="System verified"),
    "vendor": Text(fr="Fournisseur", en="Vendor"),
    "version": Text(fr="Version", en="Version"),
    "category": Text(fr="Catégorie", en="Category"),
    "environment": Text(fr="Environnement", en="Environment"),
    "profile": Text(fr="Profil", en="Profile"),
    "mode": Text(fr="Qui a mené l'exécution", en="Who ran it"),
    "started": Text(fr="Début", en="Start"),
    "ended": Text(fr="Fin", en="End"),
    "run": Text(fr="Exécution", en="Run"),
    "utc": Text(fr="UTC", en="UTC"),
    "local": Text(fr="heure de Montréal", en="Montréal time"),
    "conclusion": Text(fr="Conclusion", en="Conclusion"),
    "interrupted": Text(fr="Exécution interrompue.", en="Run interrupted."),
    "interrupted_meaning": Text(
        fr="Elle n'est pas allée à son terme : ce qui n'a pas été exécuté est non concluant.",
        en="It did not reach its end: what was not carried out is inconclusive.",
    ),
    "halted": Text(fr="Exécution arrêtée par l'outil.", en="Run halted by the tool."),
    "violations": Text(fr="Sorties de périmètre bloquées.", en="Scope violations stopped."),
    "violations_meaning": Text(
        fr="Une tentative de joindre ce que le périmètre ne nomme pas a été bloquée :",
        en="An attempt to reach what the scope does not name was stopped:",
    ),
    "left": Text(
        fr="Tout ce que l'essai a créé n'a pas été effacé.",
        en="Not all that the run created was removed.",
    ),
    "left_meaning": Text(
        fr="Une personne doit l'effacer dans le système :", en="A person has to remove it there:"
    ),
    "created": Text(fr="Ce qui a été créé", en="What was created"),
    "created_meaning": Text(
        fr="Ce que les vérifications ont créé dans le système, et ce qu'il en est advenu.",
        en="What the checks created in the system, and what became of it.",
    ),
    "created_none": Text(
        fr="Aucune vérification n'a rien créé dans le système.",
        en="No check created anything in the system.",
    ),
    "created_operation": Text(fr="Opération", en="Operation"),
    "created_actor": Text(fr="Au nom de", en="In the name of"),
    "created_identifier": Text(fr="Identifiant", en="Identifier"),
    "created_fate": Text(fr="Sort", en="Fate"),
    "claims": Text(fr="Ce que ce rapport affirme", en="What this report claims"),
    "disclaims": Text(fr="Ce que ce rapport n'affirme pas", en="What this report does not claim"),
    "condition_1": Text(fr="Condition 1 déclarée :", en="Condition 1 as declared:"),
    "condition_1_missing": Text(
        fr="aucune dans le manifeste ; sans elle, l'échange ne peut pas être autorisé, quel que "
        "soit le résultat ci-dessus.",
        en="none in the manifest; without it the exchange cannot be authorised, whatever the "
        "result above.",
    ),
    "condition_1_unchecked": Text(
        fr="déclaration du fournisseur, à vérifier par le MSSS.",
        en="stated by the vendor, for the MSSS to verify.",
    ),
    "contents": Text(fr="Sommaire", en="Contents"),
    "totals": Text(fr="Le compte des exigences", en="The count of requirements"),
    "totals_caption": Text(
        fr="Nombre d'exigences du profil, par verdict et par niveau",
        en="Number of requirements of the profile, by verdict and level",
    ),
    "totals_levels": Text(
        fr="Seules les exigences obligatoires déterminent la conclusion. Il n'y a pas de note : "
        "rien n'est moyenné.",
        en="Only the mandatory requirements decide the conclusion. There is no score: nothing is "
        "averaged.",
    ),
    "verdict": Text(fr="Verdict", en="Verdict"),
    "must": Text(fr="Obligatoires", en="Mandatory"),
    "should": Text(fr="Recommandées", en="Recommended"),
    "total": Text(fr="Total", en="Total"),
    "severity": Text(fr="gravité", en="severity"),
    "none": Text(fr="Aucune exigence.", en="No requirement."),
    "list": Text(fr="En bref, ce qui n'est pas conforme", en="In brief, what failed"),
    "reproduce": Text(fr="Comment le revoir", en="How to see it again"),
    "curl": Text(
        fr="L'échange en cause, seul, dans un terminal :",
        en="The exchange at fault, by itself, in a terminal:",
    ),
    "replay": Text(
        fr="La vérification entière, avec les accès du manifeste :",
        en="The whole check, with the manifest's credentials:",
    ),
    "at_fault": Text(fr="en cause", en="at fault"),
    "asked": Text(fr="Demandé", en="Asked"),
    "answered": Text(fr="Répondu", en="Answered"),
    "observed": Text(fr="Observé", en="Observed"),
    "rest": Text(fr="la suite", en="the rest"),
    "mark_opens": Text(fr="[passage en cause :", en="[at fault:"),
    "mark_closes": Text(fr="fin]", en="end]"),
    "in_cases": Text(fr="Vu dans", en="Seen in"),
    "this_case": Text(fr="par exemple", en="for example"),
    "each_case": Text(fr="un à un", en="one by one"),
    "rest_of_evidence": Text(
        fr="Le reste des preuves : témoins, préparatifs, cas un à un, et ce qui a tenu",
        en="The rest of the evidence: controls, preparation, each case, and what held",
    ),
    "signatory": Text(fr="Attesté par", en="Attested by"),
    "valid": Text(fr="En vigueur", en="In force"),
    "documents": Text(fr="Sur la foi de", en="On the strength of"),
    "remark": Text(fr="Remarque", en="Remark"),
    "attested_of": Text(fr="dont attestées :", en="of which attested:"),
    "waiver": Text(fr="Dérogation :", en="Waiver:"),
    "waiver_author": Text(fr="demandée par", en="asked by"),
    "waiver_approver": Text(fr="approuvée par", en="approved by"),
    "rehearsal": Text(fr="Répétition.", en="Rehearsal."),
    "rehearsal_meaning": Text(
        fr="Cette exécution a été demandée comme répétition : elle n'établit rien au dossier.",
        en="This run was asked for as a rehearsal: it establishes nothing for the file.",
    ),
    "filters": Text(fr="Montrer", en="Show"),
    "filters_note": Text(
        fr="À l'écran seulement : imprimé, le rapport est entier.",
        en="On screen only: on paper, the report is whole.",
    ),
    "family": Text(fr="Famille", en="Family"),
    "severity_title": Text(fr="Gravité", en="Severity"),
    "level": Text(fr="Niveau", en="Level"),
    "matrix": Text(fr="La matrice d'autorisation", en="The authorisation matrix"),
    "matrix_meaning": Text(
        fr="Qui peut faire quoi, sur l'objet de qui : la politique d'accès déclarée au manifeste, "
        "et ce que l'essai en a vu. Plein : vérifié ; vide : non vérifié ; rond : à permettre ; "
        "carré : à refuser. Dire que cette politique est la bonne revient à une personne.",
        en="Who may do what, on whose object: the access policy that the manifest declares, and "
        "what the run saw of it. Filled: verified; hollow: not tested; round: to permit; square: "
        "to refuse. Whether that policy is the right one is for a person to say.",
    ),
    "matrix_legend": Text(fr="Légende et compte des cases", en="Legend and count of the cells"),
    "matrix_sign": Text(fr="Signe", en="Sign"),
    "matrix_state": Text(fr="Sens", en="Meaning"),
    "matrix_count": Text(fr="Cases", en="Cells"),
    "matrix_untested": Text(fr="Non vérifiées, en tout :", en="Not tested, in all:"),
    "matrix_of": Text(fr="sur", en="of"),
    "matrix_undrawn": Text(
        fr="Cases comptées et non dessinées, faute de place :",
        en="Cells counted and not drawn, for lack of room:",
    ),
    "matrix_none": Text(
        fr="Le manifeste ne déclare aucune opération protégée sur un objet : rien à dessiner.",
        en="The manifest declares no protected operation on an object: nothing to draw.",
    ),
    "matrix_kind": Text(fr="Objets de la sorte", en="Objects of the kind"),
    "matrix_idle": Text(
        fr="Acteurs à qui tout est à refuser ici, et pour qui rien n'a été vérifié :",
        en="Actors to whom everything here is to be refused, and for whom nothing was tested:",
    ),
    "actor": Text(fr="Acteur", en="Actor"),
    "seen": Text(fr="Ce qui a été vu", en="What was seen"),
    "expected": Text(fr="Ce qui était attendu", en="What was expected"),
    "why": Text(fr="Pourquoi c'est important", en="Why it matters"),
    "mend": Text(fr="Comment corriger", en="How to mend it"),
    "sources": Text(fr="Sources", en="Sources"),
    "read_on": Text(fr="texte lu le", en="text read on"),
    "criteria": Text(fr="Critères de la TGV, édition", en="TGV criteria, edition"),
    "limits": Text(fr="Ce que la vérification ne dit pas", en="What the check does not tell"),
    "cause": Text(fr="Cause", en="Cause"),
    "do": Text(fr="Que faire", en="What to do"),
    "cause_missing": Text(fr="La cause n'est pas consignée.", en="The cause is not recorded."),
    "justification": Text(fr="Justification", en="Justification"),
    "attest_do": Text(
        fr="Une personne autorisée examine le point et dépose une attestation : qui, quand, quel "
        "document, jusqu'à quand.",
        en="An authorised person looks into it and files an attestation: who, when, which "
        "document, until when.",
    ),
    "evidence": Text(fr="Preuves et limites", en="Evidence and limits"),
    "file": Text(fr="Fichier du paquet :", en="File of the bundle:"),
    "missing": Text(
        fr="Échange absent du paquet, ou retenu au scellement :",
        en="Exchange not in the bundle, or withheld at sealing:",
    ),
    "no_check": Text(
        fr="Aucune vérification n'a été exécutée pour cette exigence.",
        en="No check was carried out for this requirement.",
    ),
    "marks": Text(
        fr="Les réponses du système sont reproduites comme un texte inerte. Les caractères "
        "invisibles ou de commande y sont remplacés par leur nom (⟦ESC⟧) ou par leur code "
        "(⟦U+202E⟧) entre crochets doubles ; ⟦+12⟧ signale 12 caractères non montrés.",
        en="The system's answers are shown as inert text. Invisible and control characters are "
        "replaced by their name (⟦ESC⟧) or their code (⟦U+202E⟧) between double brackets; ⟦+12⟧ "
        "stands for 12 characters that are not shown.",
    ),
    "old_browser": Text(
        fr="Ce navigateur n'imprime que les échanges qui sont ouverts à l'écran.",
        en="This browser prints only the exchanges that are open on screen.",
    ),
    "untested": Text(fr="Ce qui n'a pas été vérifié ici", en="What was not tested here"),
    "untested_meaning": Text(
        fr="Le catalogue contient ces autres exigences. Rien n'en est dit dans ce rapport.",
        en="The catalogue holds these other requirements. This report says nothing about them.",
    ),
    "documentary": Text(
        fr="Exigences documentaires : aucun essai ne les établit, elles s'examinent sur pièces",
        en="Documentary requirements: no test can establish them, they are examined on paper",
    ),
    "outside": Text(
        fr="Exigences que ce profil ne retient pas pour cette catégorie de systèmes",
        en="Requirements that this profile does not select for this category of systems",
    ),
    "provenance": Text(fr="Provenance et vérification", en="Provenance and verification"),
    "conditions": Text(fr="Conditions de l'exécution", en="Conditions of the run"),
    "harness": Text(fr="Outil", en="Tool"),
    "python": Text(fr="Python", en="Python"),
    "manifest": Text(fr="Manifeste de la cible (SHA-256)", en="Target manifest (SHA-256)"),
    "key": Text(fr="Clé de signature", en="Signing key"),
    "no_key": Text(
        fr="aucune : le paquet n'est pas signé, rien n'établit qui l'a produit.",
        en="none: the bundle is not signed, nothing establishes who made it.",
    ),
    "seed": Text(fr="Graine", en="Seed"),
    "jobs": Text(fr="Échanges simultanés au plus", en="Exchanges at once, at most"),
    "sent": Text(fr="Échanges de l'exécution", en="Exchanges of the run"),
    "authorised": Text(fr="Essai autorisé par", en="Test authorised by"),
    "until": Text(fr="jusqu'au", en="until"),
    "scope": Text(fr="Périmètre", en="Scope"),
    "safety": Text(fr="Vérifications permises", en="Checks allowed"),
    "digests_caption": Text(
        fr="Empreintes (SHA-256) des modules de vérification", en="SHA-256 digests of check modules"
    ),
    "module": Text(fr="Module", en="Module"),
    "digest": Text(fr="Empreinte", en="Digest"),
    "verify": Text(fr="Vérifier ce rapport", en="Verify this report"),
    "verify_meaning": Text(
        fr="Cette page ne prouve rien par elle-même : la preuve est le paquet dont elle fait "
        "partie. Hors ligne, la commande suivante dit si quelque chose y a été ajouté, retiré ou "
        "modifié, et qui l'a signé :",
        en="This page proves nothing by itself: the proof is the bundle that it belongs to. "
        "Offline, this command tells whether anything in it was added, removed or altered, and "
        "who signed it:",
    ),
    "rejudge_meaning": Text(
        fr="Et celle-ci dérive de nouveau chaque verdict à partir des échanges conservés :",
        en="And this one derives every verdict again from the recorded exchanges:",
    ),
    "bundle": Text(fr="PAQUET.tgv.zip", en="BUNDLE.tgv.zip"),
    "target": Text(fr="CIBLE.yaml", en="TARGET.yaml"),
    "other": Text(
        fr="English: the same report is in report.en.html.",
        en="Français : le même rapport se trouve dans report.fr.html.",
    ),
    "footer": Text(
        fr="Rapport produit par tgv à partir des résultats scellés de l'exécution.",
        en="Report made by tgv from the sealed results of the run.",
    ),
}


def reconciled(*, planned: int, sums: Mapping[Verdict, int]) -> Text:
    """The sentence that accounts for every planned requirement."""
    parts = [numbered(sums[verdict], VERDICTS[verdict].word) for verdict in Verdict]
    plan = REQUIREMENTS.of(planned)
    fr = " + ".join(part.fr for part in parts)
    en = " + ".join(part.en for part in parts)
    return Text(fr=f"{plan.fr} au plan = {fr}.", en=f"{plan.en} planned = {en}.")
